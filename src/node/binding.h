/* The table of bindings: which device has which home address, and where it is now.
 *
 * One table for all mobility protocols. A row is what they have in common, and the machine of the
 * protocol by which the device registered last; what the core asks of that machine it asks through
 * a row of functions (node/binding_protocol.h). A row is found by (subscriber, service) and by home
 * address or prefix, in constant time, in memory that the caller gives. A subscriber keeps the row
 * when the device is away, so that it has the same address the next time, until another has none
 * and the row may be given up (node/anchor). Nobody has an address twice: a second row with it is
 * refused (invariant 8). Ends of lifetimes are found by a wheel of time slots. */
#ifndef LK_NODE_BINDING_H
#define LK_NODE_BINDING_H

#include "base/imsi.h"
#include "proto/mip/ha6.h"
#include "proto/pmip/lma.h"

/* Traffic of an epoch: it is the binding's, whatever its address (T14). */
struct lk_binding_volume {
    uint64_t up_octets, down_octets;
    uint32_t up_packets, down_packets;
};

/* A policer: octets that may pass now. */
struct lk_binding_bucket {
    uint32_t octets;
    uint32_t at_ms; /* modulo 2^32 */
};

union lk_binding_machine {
    struct lk_pmip_lma pmip;
    struct lk_mip_ha mip;
    struct lk_mip_ha6 mip6;
};

/* What finds a row, and what of it the table's chains go by, is in its first 64 octets, which lie
 * in one line of the core's cache: to pass by a row costs one of them. */
struct lk_binding {
    uint64_t subject;  /* lk_imsi_number; 0: the row is free */
    /* the table's own */
    uint64_t due_ms;
    uint32_t next_identity, next_ipv4, next_prefix; /* chains; free rows: next_identity */
    uint32_t wheel_next, wheel_previous;
    uint16_t service;  /* the binding's id: a number of the configuration */
    uint8_t protocol;  /* enum lk_binding_protocol_number */
    struct lk_address_prefix prefix; /* of a home address: 128 bits */
    struct lk_mobility_ipv4 ipv4;
    bool has_prefix, has_ipv4;
    bool durable;      /* the store has what we answered last */
    bool reached;      /* what we sent to where it is came back (T13); a gateway's end is proven
                        * elsewhere (node/path) */
    union {
        struct lk_pmip_lma pmip;
        struct lk_mip_ha mip;
        struct lk_mip_ha6 mip6;
        union lk_binding_machine machine; /* whichever it is */
    };
    uint64_t since_ms; /* the epoch's begin */
    struct lk_binding_volume volume;
    struct lk_binding_bucket up, down;
    uint64_t spare; /* to three lines */
};
_Static_assert(sizeof(struct lk_binding) == 192, "half a million of them are 92 MiB");
_Static_assert(offsetof(struct lk_binding, has_prefix) <= 64, "what is looked up is in a line");

struct lk_binding_table;

/* Octets for so many rows; memory of that size, aligned to 16, becomes a table. seed:
 * unpredictable, so that nobody can aim at one chain. */
size_t lk_binding_table_size(uint32_t capacity);
struct lk_binding_table *lk_binding_table_in(void *memory, uint32_t capacity, uint64_t seed,
                                             uint64_t now_ms);
uint32_t lk_binding_count(const struct lk_binding_table *table);
uint32_t lk_binding_room(const struct lk_binding_table *table);

/* NULL when there is none. */
struct lk_binding *lk_binding_of(const struct lk_binding_table *table, uint64_t subject,
                                 uint16_t service);
/* Fetch, while something else is being done, where its chain begins, and then that row: half a
 * million lie far from the core. */
void lk_binding_fetch_chain(const struct lk_binding_table *table, uint64_t subject,
                            uint16_t service);
void lk_binding_fetch(const struct lk_binding_table *table, uint64_t subject, uint16_t service);
/* Before a row with these is added (prefix of no bits, no ipv4: without): fetches where its chains
 * begin, and, when those are there, what is in them. */
struct lk_binding_coming {
    uint64_t subject;
    uint16_t service;
    struct lk_mobility_ipv4 ipv4;
    struct lk_address_prefix prefix;
    const uint32_t *chain[3]; /* the table's own; NULL: nothing is fetched */
};
void lk_binding_fetch_chains(const struct lk_binding_table *table,
                             struct lk_binding_coming *coming);
void lk_binding_fetch_chained(const struct lk_binding_table *table,
                              const struct lk_binding_coming *coming);
/* The row whose home address this is, or in whose prefix it lies. */
struct lk_binding *lk_binding_at(const struct lk_binding_table *table,
                                 const struct lk_address *address);
/* Row index of the memory, or NULL when it is free: to look at all. */
struct lk_binding *lk_binding_row(const struct lk_binding_table *table, uint32_t index);
/* From this index on no row was ever in use. */
uint32_t lk_binding_used(const struct lk_binding_table *table);

/* A new row without addresses. LK_E_FULL; LK_E_EXISTS. */
LK_MUST_CHECK enum lk_status lk_binding_add(struct lk_binding **binding,
                                            struct lk_binding_table *table, uint64_t subject,
                                            uint16_t service);
/* LK_E_EXISTS when another row has it, or a prefix that it lies in, or one that lies in it
 * (invariant 8; this looks at all rows where longer prefixes are in use); LK_E_VALUE when
 * this row has one already. */
LK_MUST_CHECK enum lk_status lk_binding_set_ipv4(struct lk_binding_table *table,
                                                 struct lk_binding *binding,
                                                 struct lk_mobility_ipv4 ipv4);
LK_MUST_CHECK enum lk_status lk_binding_set_prefix(struct lk_binding_table *table,
                                                   struct lk_binding *binding,
                                                   const struct lk_address_prefix *prefix);
void lk_binding_remove(struct lk_binding_table *table, struct lk_binding *binding);

/* When lk_binding_next_due shall give it; 0: never. */
void lk_binding_set_due(struct lk_binding_table *table, struct lk_binding *binding,
                        uint64_t due_ms);
/* One whose time has come (two ticks late at most), or NULL. It has no time any more. */
struct lk_binding *lk_binding_next_due(struct lk_binding_table *table, uint64_t now_ms);
enum { LK_BINDING_TICK_MS = 64 };

/* What a protocol's machine did to a binding. */
enum lk_binding_change {
    LK_BINDING_CREATED = 1,
    LK_BINDING_RENEWED,
    LK_BINDING_MOVED,    /* another owner */
    LK_BINDING_RELEASED, /* leaving */
    LK_BINDING_RETURNED, /* while it was leaving */
    LK_BINDING_ENDED,    /* nobody's now */
    LK_BINDING_REVOKED,  /* the same, before its time */
};

/* A digest of all rows, whatever their order: who has what, where it is, and what orders requests.
 * Not volumes. It looks at every row: for tests and simulations. */
enum { LK_BINDING_DIGEST_LEN = 32 };
void lk_binding_digest(uint8_t digest[LK_BINDING_DIGEST_LEN],
                       const struct lk_binding_table *table);

#endif
