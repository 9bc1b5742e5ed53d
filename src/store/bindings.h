/* Mobility bindings in the store: what an anchor must know again after it was restarted, and the
 * marks of epochs for charging. Plain values.
 *
 * Bindings are a log. A batch of records is one row behind all others, so that what a batch costs
 * does not grow with the bindings that there are; of several records of a binding the newest
 * counts. Who writes adds to each batch some of the bindings as they are, in turn, and when all
 * have had their turn, batches from before it are not needed any more.
 *
 * One writes at a time: who begins takes the log over, and whoever began before fails from then on
 * (LK_E_CONFLICT), so that of two anchors on one store the older one falls silent. */
#ifndef LK_STORE_BINDINGS_H
#define LK_STORE_BINDINGS_H

#include "base/address.h"
#include "store/store.h"

enum {
    LK_BINDING_NAME_MAX = 63,
    LK_BINDING_SERVICE_MAX = 100,
    LK_STORE_BINDINGS_BATCH = 8192,
    LK_STORE_MARKS_BATCH = 4096,
};

/* As they are stored: a number stays. */
enum lk_binding_protocol_number { LK_BINDING_PMIP = 1, LK_BINDING_MIP, LK_BINDING_MIP6 };

/* PMIPv6's part of a record: its machine, and what orders its requests. */
struct lk_binding_record_pmip {
    uint8_t state, handoff, access;
    bool released;
    char answered[LK_BINDING_NAME_MAX + 1]; /* whom the last accepted request came from */
    uint16_t sequence, lifetime;
    uint64_t timestamp, attach_ms, digest, due_ms;
};

/* Mobile IPv4's. */
struct lk_binding_record_mip {
    uint8_t state, flags;
    bool udp, released;
    uint16_t port, lifetime_s;
    uint8_t care_of[4], from[4];
    char fa[LK_BINDING_NAME_MAX + 1]; /* the foreign agent; "": none */
    uint64_t identification, digest, due_ms;
    uint8_t revocation;        /* what was agreed on with it (RFC 3543), and the newest times */
    uint32_t ours_s, theirs_s;
};

/* MIPv6's. */
struct lk_binding_record_mip6 {
    uint8_t state;
    bool udp, released;
    uint16_t port, lifetime;
    uint8_t from[4];
    struct lk_address care_of, home;
    uint64_t identification, digest;
};

/* A device's addresses, whose the binding is, and what its protocol has beside. */
struct lk_binding_record {
    struct lk_imsi imsi;
    char service[LK_BINDING_SERVICE_MAX + 1];
    uint64_t epoch;
    uint8_t protocol; /* enum lk_binding_protocol_number */
    bool has_prefix, has_ipv4;
    struct lk_address_prefix prefix;
    uint8_t ipv4[4];
    char mag[LK_BINDING_NAME_MAX + 1]; /* the owner; "": nobody */
    uint64_t expires_ms, since_ms;
    uint64_t up_octets, down_octets; /* of the epoch, so far */
    union {
        struct lk_binding_record_pmip pmip;
        struct lk_binding_record_mip mip;
        struct lk_binding_record_mip6 mip6;
    };
};

/* An epoch that is over: who carried how much, and when (T14). */
struct lk_binding_mark {
    struct lk_imsi imsi;
    char service[LK_BINDING_SERVICE_MAX + 1];
    char mag[LK_BINDING_NAME_MAX + 1];
    uint64_t epoch, since_ms, until_ms;
    uint64_t up_octets, down_octets;
};

/* A writer's place in the log. */
struct lk_bindings_log {
    uint64_t writer; /* the caller's: no two of them have the same */
    int64_t newest;  /* the batch that was written last */
    int64_t from;    /* the caller's: batches before it are not needed; they go a few at a time */
};

/* Takes the log over: writer is set, the rest is filled in. Load after it, not before. */
LK_MUST_CHECK enum lk_status lk_store_bindings_begin(struct lk_store *store,
                                                     struct lk_bindings_log *log);
/* All of them, or none, in one transaction: durable when it returns LK_OK. At most
 * LK_STORE_BINDINGS_BATCH records and LK_STORE_MARKS_BATCH marks. LK_E_CONFLICT: another has taken
 * over. What failed otherwise is to be tried again as it was, before anything else: when it had
 * been written after all, and only the word of it was lost, it is not written twice. */
LK_MUST_CHECK enum lk_status lk_store_bindings_write(struct lk_store *store,
                                                     struct lk_bindings_log *log,
                                                     const struct lk_binding_record *records,
                                                     size_t count,
                                                     const struct lk_binding_mark *marks,
                                                     size_t mark_count);
/* Calls visit for each record, the newest first, until it returns false: what comes again of a
 * binding that was seen is older, and of no effect. visit may not write to the store. */
LK_MUST_CHECK enum lk_status
lk_store_bindings_load(struct lk_store *store,
                       bool (*visit)(void *context, const struct lk_binding_record *record),
                       void *context);

/* The same for who has a million of them, each far from the core. key: lk_imsi_number. */
struct lk_bindings_loading {
    bool (*visit)(void *context, const struct lk_binding_record *record);
    /* That one is asked for soon: 2, and some records later 1. It, and known, may be NULL, and of
     * records of an earlier version neither is called. */
    void (*soon)(void *context, uint64_t key, struct lk_span service, unsigned how_soon);
    /* Whether a record of it was taken: then older ones are passed over, unread. */
    bool (*known)(void *context, uint64_t key, struct lk_span service);
    void *context;
};
LK_MUST_CHECK enum lk_status lk_store_bindings_load_far(struct lk_store *store,
                                                        const struct lk_bindings_loading *loading);
LK_MUST_CHECK enum lk_status
lk_store_marks_load(struct lk_store *store,
                    bool (*visit)(void *context, const struct lk_binding_mark *mark),
                    void *context);

#endif
