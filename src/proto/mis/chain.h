/* The counting rule that ends a chain: how many optimised establishments stand on one
 * authentication by the home (IEEE 802.21.1 5.14.2, note 4).
 *
 * Each K that an SPoS makes is known to that SPoS, and what stands on it to all before it. So after
 * max of them the MN and its PoS authenticate in full. Three parties count, by this one rule:
 *
 *     SPoS   before it asks a target          lk_mis_chain_may
 *     TPoS   from what the SPoS says, and     lk_mis_chain_judge
 *            from the home's start mark
 *     MN     by its own count, durable        lk_mis_chain_may, lk_mis_chain_count
 *
 * Only the MN's count stands against a PoS that lies: it counts what it did itself, never what it
 * was told that a K is. Plain functions over plain values: time and marks come from the caller. */
#ifndef LK_PROTO_MIS_CHAIN_H
#define LK_PROTO_MIS_CHAIN_H

#include "keys/mis_start.h"
#include "wire/mis.h"

enum {
    LK_MIS_CHAIN_DEFAULT = 3,
    LK_MIS_CHAIN_MOST = 15,
    LK_MIS_SA_LIFETIME_S = 3600, /* policy, unless configured otherwise */
    LK_MIS_START_AHEAD_S = 300,  /* a mark may be of a clock that is so much ahead of ours */
};

/* used of struct lk_mis_chain (wire/mis.h) is since the last authentication that depended on no PoS
 * of the chain; max 0: no optimised establishment at all. */

/* How an end came to its K. */
enum lk_mis_run {
    LK_MIS_RUN_FULL,      /* EAP, with the home */
    LK_MIS_RUN_ERP_HOME,  /* the MN's own ERP or ERP/AAK, below its EMSK */
    LK_MIS_RUN_ERP_CHAIN, /* ERP below a DSRK, which a PoS of the chain may have */
    LK_MIS_RUN_OPTIMISED, /* K came from a PoS, whatever origin that PoS names */
};

/* Whether an optimised establishment may be begun from an SA of that type. REASON_NONE: yes.
 * FULL_AUTH_WANTED: an SA of that type never takes a K. CHAIN_LIMIT. */
enum lk_mis_reason lk_mis_chain_may(const struct lk_mis_chain *chain, uint8_t sa_type);
/* used is max: authenticate in full in the background, before the next handover. */
bool lk_mis_chain_at_end(const struct lk_mis_chain *chain);

/* The MN counts a run before it takes its K; announced: the used that the PoS told, with OPTIMISED.
 * REASON_NONE: counted. CHAIN_LIMIT; AUTH_FAILED: announced is less than our own count and this
 * run. Then nothing is counted, and K is not for use. A PoS that counts higher is believed. */
enum lk_mis_reason lk_mis_chain_count(struct lk_mis_chain *chain, enum lk_mis_run run,
                                      uint8_t announced);

/* What came to a TPoS from an SPoS with K, and what it knows itself. */
struct lk_mis_offer {
    struct lk_span mn_id;
    uint8_t used, max;                /* of the envelope: this run is counted in used */
    uint32_t lifetime_s;              /* of the envelope */
    const struct lk_start_mark *mark; /* NULL: there was none, or no home of ours signed it */
};
/* REASON_NONE: take K, for *lifetime_s at most. NO_TRUST: no mark, or one of the future.
 * UNKNOWN_MN: the mark is of another MN. KEY_EXPIRED. CHAIN_LIMIT: more runs than the least of the
 * three limits, or none: K of an SPoS is at least the first. own_max is ours; now_s since 1970. */
enum lk_mis_reason lk_mis_chain_judge(uint32_t *lifetime_s, const struct lk_mis_offer *offer,
                                      uint8_t own_max, uint64_t now_s);

/* The lifetime of an SA: what was asked for, by our policy, and never longer than what it stands on
 * still has. */
uint32_t lk_mis_lifetime_s(uint32_t asked_s, uint32_t policy_s, uint32_t left_s);

#endif
