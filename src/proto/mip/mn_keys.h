/* A mobile node's keys with its home agent, of either Mobile IP: the one in use, and one beside it
 * that the agent may not know yet.
 *
 * The new one is tried first, and takes the old one's place when a reply under it was proven (T26).
 * Where nobody answers to it, the agent may not have it: then the old one is tried. */
#ifndef LK_PROTO_MIP_MN_KEYS_H
#define LK_PROTO_MIP_MN_KEYS_H

#include "proto/mip/msa.h"

enum { LK_MIP_MN_B_TID = 200 }; /* octets of a B-TID that an extension has room for */

/* Secret. */
struct lk_mip_mn_keys {
    bool there;
    struct lk_mip_msa msa;
    uint8_t b_tid_len; /* 0: its key is not of GBA */
    uint8_t b_tid[LK_MIP_MN_B_TID];
};

/* Secret. */
struct lk_mip_mn_pair {
    struct lk_mip_mn_keys with, next; /* in use; beside it */
    bool by_next;                     /* the request that is out is signed by next */
};

/* There is one, and it has not ended. */
bool lk_mip_mn_keys_usable(const struct lk_mip_mn_keys *keys, uint64_t now_ms);
/* LK_E_LENGTH for a longer B-TID, LK_E_VALUE for a secret that is too short or too long; what the
 * SPI and the algorithm may be the caller has looked at. Nothing has changed then. */
LK_MUST_CHECK enum lk_status lk_mip_mn_keys_set(struct lk_mip_mn_keys *keys,
                                                const struct lk_mip_msa *msa,
                                                struct lk_span b_tid);
void lk_mip_mn_keys_forget(struct lk_mip_mn_keys *keys);

/* One that came: beside the one in use, or in its place where that has ended. As above. */
LK_MUST_CHECK enum lk_status lk_mip_mn_pair_add(struct lk_mip_mn_pair *pair,
                                                const struct lk_mip_msa *msa,
                                                struct lk_span b_tid, uint64_t now_ms);
bool lk_mip_mn_pair_usable(const struct lk_mip_mn_pair *pair, uint64_t now_ms);
/* Decides which one signs a request that was sent so many times before. LK_E_EXPIRED: neither. */
LK_MUST_CHECK enum lk_status lk_mip_mn_pair_choose(struct lk_mip_mn_pair *pair, unsigned tries,
                                                   uint64_t now_ms);
/* The one that signs the request that is out. */
const struct lk_mip_mn_keys *lk_mip_mn_pair_signer(const struct lk_mip_mn_pair *pair);
/* What the request that is out was signed by has proven the reply. True: another one is in use
 * now. */
bool lk_mip_mn_pair_proven(struct lk_mip_mn_pair *pair);

#endif
