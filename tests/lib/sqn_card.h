/* What a USIM says to an SQN, and a set that may hold each SQN once. Ours, and apart from src/. */
#ifndef LK_TESTS_SQN_CARD_H
#define LK_TESTS_SQN_CARD_H

#include "crypto/aka.h"

/* A USIM as TS 33.102 C.2 has it: 32 places, DELTA, no age limit. */
struct card {
    uint64_t seq[32];
    uint64_t sqn_ms;
};

uint64_t sqn_number(const uint8_t sqn[LK_SQN_LEN]);
void sqn_octets(uint8_t sqn[LK_SQN_LEN], uint64_t value);
/* Takes sqn, or says no. */
bool card_takes(struct card *card, const uint8_t sqn[LK_SQN_LEN]);
/* A card all of whose places have come as far as seq. */
void card_at(struct card *card, uint64_t seq);

struct once {
    uint64_t *seen;
    size_t count, cap;
};

void once_add(struct once *once, const uint8_t sqn[LK_SQN_LEN]);
/* Fails the test when one came twice; frees. */
void once_check(struct once *once);

#endif
