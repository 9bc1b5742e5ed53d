/* The USIM: f1..f5*, and the array of sequence numbers of TS 33.102 annex C.
 *
 * A plain struct, so that a simulator can hold thousands. It checks MAC-A before it looks at
 * SQN, and changes only when it accepts. */
#ifndef LK_PROTO_EAP_USIM_H
#define LK_PROTO_EAP_USIM_H

#include "crypto/aka.h"
#include "proto/machine.h"

enum {
    LK_USIM_IND_BITS = 5,
    LK_USIM_ARRAY = 1 << LK_USIM_IND_BITS,
    LK_USIM_DELTA = 1 << 28,
};

struct lk_usim {
    struct lk_aka_card card;
    uint64_t seq[LK_USIM_ARRAY]; /* the highest SEQ accepted for each IND */
    uint64_t age_limit;          /* L of annex C.2.2; 0: none */
};

/* Zeroes the array; card is copied. */
void lk_usim_init(struct lk_usim *usim, const struct lk_aka_card *card);
/* As if the card had accepted that SQN last. */
void lk_usim_set_sqn(struct lk_usim *usim, const uint8_t sqn[LK_SQN_LEN]);
/* The highest SQN accepted, as AUTS carries it. */
void lk_usim_sqn(const struct lk_usim *usim, uint8_t sqn[LK_SQN_LEN]);
/* Answers a challenge. The caller wipes answer. */
void lk_usim_answer(struct lk_usim *usim, struct lk_card_answer *answer,
                    const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN]);
void lk_usim_wipe(struct lk_usim *usim);

#endif
