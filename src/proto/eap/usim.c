#include "proto/eap/usim.h"

#include <string.h>

#include "base/secret.h"

static uint64_t number_of(const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t number = 0;

    for (size_t i = 0; i < LK_SQN_LEN; i++)
        number = number << 8 | sqn[i];
    return number;
}

static unsigned ind_of(uint64_t sqn)
{
    return (unsigned)(sqn & (LK_USIM_ARRAY - 1));
}

static unsigned highest(const struct lk_usim *usim)
{
    unsigned best = 0;

    for (unsigned i = 1; i < LK_USIM_ARRAY; i++)
        if (usim->seq[i] > usim->seq[best])
            best = i;
    return best;
}

void lk_usim_init(struct lk_usim *usim, const struct lk_aka_card *card)
{
    memset(usim, 0, sizeof *usim);
    usim->card = *card;
}

void lk_usim_set_sqn(struct lk_usim *usim, const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t number = number_of(sqn);

    usim->seq[ind_of(number)] = number >> LK_USIM_IND_BITS;
}

void lk_usim_sqn(const struct lk_usim *usim, uint8_t sqn[LK_SQN_LEN])
{
    unsigned ind = highest(usim);
    uint64_t number = usim->seq[ind] << LK_USIM_IND_BITS | ind;

    for (size_t i = LK_SQN_LEN; i > 0; i--) {
        sqn[i - 1] = (uint8_t)number;
        number >>= 8;
    }
}

/* spec: TS 33.102 C.2.2 - SEQ may not jump further than DELTA, may not be older than L where
 * that is used, and must be above the one accepted last with the same IND. */
static bool in_range(const struct lk_usim *usim, uint64_t sqn)
{
    uint64_t seq = sqn >> LK_USIM_IND_BITS;
    uint64_t top = usim->seq[highest(usim)];

    if (seq > top && seq - top > LK_USIM_DELTA)
        return false;
    if (usim->age_limit != 0 && seq < top && top - seq > usim->age_limit)
        return false;
    return seq > usim->seq[ind_of(sqn)];
}

/* spec: TS 33.102 6.3.3 - MAC-A first, then SQN: who cannot make a MAC learns nothing of SQN. */
void lk_usim_answer(struct lk_usim *usim, struct lk_card_answer *answer,
                    const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN])
{
    uint8_t sqn[LK_SQN_LEN], mac_a[LK_MAC_A_LEN];
    const uint8_t *amf = autn + LK_SQN_LEN;
    uint64_t number;

    memset(answer, 0, sizeof *answer);
    lk_aka_f2345(&answer->output, &usim->card, rand);
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = autn[i] ^ answer->output.ak[i];
    lk_aka_f1(mac_a, &usim->card, rand, sqn, amf);
    number = number_of(sqn);
    if (!lk_same_secret(mac_a, amf + LK_AMF_LEN, LK_MAC_A_LEN)) {
        answer->verdict = LK_CARD_MAC_WRONG;
    } else if (!in_range(usim, number)) {
        answer->verdict = LK_CARD_SQN_RANGE;
        lk_usim_sqn(usim, sqn);
        lk_aka_auts(answer->auts, &usim->card, rand, sqn);
    } else {
        answer->verdict = LK_CARD_OK;
        usim->seq[ind_of(number)] = number >> LK_USIM_IND_BITS;
    }
    if (answer->verdict != LK_CARD_OK)
        lk_wipe(&answer->output, sizeof answer->output);
    lk_wipe(sqn, sizeof sqn);
    lk_wipe(mac_a, sizeof mac_a);
}

void lk_usim_wipe(struct lk_usim *usim)
{
    lk_wipe(usim, sizeof *usim);
}
