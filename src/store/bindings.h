/* Mobility bindings in the store: what an anchor must know again after it was restarted, and the
 * marks of epochs for charging. Plain values; the engines keep a row for each subscriber and
 * service. */
#ifndef LK_STORE_BINDINGS_H
#define LK_STORE_BINDINGS_H

#include "base/address.h"
#include "store/store.h"

enum { LK_BINDING_NAME_MAX = 63, LK_BINDING_SERVICE_MAX = 100, LK_STORE_BINDINGS_BATCH = 4096 };

/* A device's addresses, whose the binding is, and what orders its requests. */
struct lk_binding_record {
    struct lk_imsi imsi;
    char service[LK_BINDING_SERVICE_MAX + 1];
    uint64_t epoch; /* of two records of one row, the one of the lesser epoch has no effect */
    uint8_t protocol, state, handoff, access;
    bool released, has_prefix, has_ipv4;
    struct lk_address_prefix prefix;
    uint8_t ipv4[4];
    char mag[LK_BINDING_NAME_MAX + 1];      /* the owner; "": nobody */
    char answered[LK_BINDING_NAME_MAX + 1]; /* whom the last accepted request came from */
    uint16_t sequence, lifetime;
    uint64_t timestamp, attach_ms, digest, expires_ms, due_ms, since_ms;
    uint64_t up_octets, down_octets; /* of the epoch, so far */
};

/* An epoch that is over: who carried how much, and when (T14). */
struct lk_binding_mark {
    struct lk_imsi imsi;
    char service[LK_BINDING_SERVICE_MAX + 1];
    char mag[LK_BINDING_NAME_MAX + 1];
    uint64_t epoch, since_ms, until_ms;
    uint64_t up_octets, down_octets;
};

/* All of them, or none, in one transaction: durable when it returns LK_OK. At most
 * LK_STORE_BINDINGS_BATCH of each. Of several records of a row the last counts. A mark that is
 * there already stays as it is. */
LK_MUST_CHECK enum lk_status lk_store_bindings_write(struct lk_store *store,
                                                     const struct lk_binding_record *records,
                                                     size_t count,
                                                     const struct lk_binding_mark *marks,
                                                     size_t mark_count);
/* Calls visit for each record, until it returns false. visit may not write to the store. */
LK_MUST_CHECK enum lk_status
lk_store_bindings_load(struct lk_store *store,
                       bool (*visit)(void *context, const struct lk_binding_record *record),
                       void *context);
LK_MUST_CHECK enum lk_status
lk_store_marks_load(struct lk_store *store,
                    bool (*visit)(void *context, const struct lk_binding_mark *mark),
                    void *context);

#endif
