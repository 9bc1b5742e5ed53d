#include "sqn_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vault/sqn.h"

uint64_t sqn_number(const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t value = 0;

    for (int i = 0; i < LK_SQN_LEN; i++)
        value = value << 8 | sqn[i];
    return value;
}

void sqn_octets(uint8_t sqn[LK_SQN_LEN], uint64_t value)
{
    for (int i = LK_SQN_LEN - 1; i >= 0; i--, value >>= 8)
        sqn[i] = (uint8_t)value;
}

/* spec: TS 33.102 C.2.1 - above the place's last, and at most DELTA above the highest. */
bool card_takes(struct card *card, const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t value = sqn_number(sqn), seq = value >> 5;

    if (seq > card->sqn_ms >> 5 && seq - (card->sqn_ms >> 5) > LK_SQN_DELTA)
        return false;
    if (seq <= card->seq[value & 31])
        return false;
    card->seq[value & 31] = seq;
    card->sqn_ms = value > card->sqn_ms ? value : card->sqn_ms;
    return true;
}

void card_at(struct card *card, uint64_t seq)
{
    for (size_t i = 0; i < 32; i++)
        card->seq[i] = seq;
    card->sqn_ms = seq << 5;
}

void once_add(struct once *once, const uint8_t sqn[LK_SQN_LEN])
{
    if (once->count == once->cap) {
        once->cap = once->cap == 0 ? 1024 : once->cap * 2;
        once->seen = realloc(once->seen, once->cap * sizeof *once->seen);
        assert_non_null(once->seen);
    }
    once->seen[once->count++] = sqn_number(sqn);
}

static int order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

void once_check(struct once *once)
{
    qsort(once->seen, once->count, sizeof *once->seen, order);
    for (size_t i = 1; i < once->count; i++)
        assert_true(once->seen[i] != once->seen[i - 1]);
    free(once->seen);
}
