/* The logical clock of a node and its ceiling on disk (vault/sqn.h). */
#include <string.h>

#include "crypto/crypto.h"
#include "vault/sqn.h"

void lk_sqn_clock_start(struct lk_sqn_clock *clock, uint64_t wall_ms, uint64_t mono_ms,
                        uint64_t ceiling)
{
    uint64_t wall_tick = wall_ms / LK_SQN_TICK_MS;

    clock->start_tick = wall_tick > ceiling ? wall_tick : ceiling;
    clock->start_mono_ms = mono_ms;
}

uint64_t lk_sqn_clock_tick(const struct lk_sqn_clock *clock, uint64_t mono_ms)
{
    if (mono_ms < clock->start_mono_ms)
        return clock->start_tick;
    return clock->start_tick + (mono_ms - clock->start_mono_ms) / LK_SQN_TICK_MS;
}

bool lk_sqn_ceiling_wanted(const struct lk_sqn *sqn, uint64_t tick, uint64_t *ceiling)
{
    uint64_t least = tick + LK_SQN_AHEAD_MAX + 1;

    if (sqn->mode != LK_SQN_TIME || sqn->ceiling >= least)
        return false;
    *ceiling = least + LK_SQN_CEILING_STEP;
    return true;
}

/* slot = magic (8) node (1) generation (8) tick (8) zeroes, then 8 octets of SHA-256 over these. */
static const char slot_magic[8] = { 'L', 'K', 'C', 'E', 'I', 'L', '0', '1' };
enum { SLOT_SUM_LEN = 8, SLOT_BODY_LEN = LK_CEILING_SLOT_LEN - SLOT_SUM_LEN };

static void slot_sum(uint8_t sum[LK_SHA256_LEN], const uint8_t *slot)
{
    struct lk_span body = lk_span_of(slot, SLOT_BODY_LEN);

    lk_sha256(sum, &body, 1);
}

void lk_ceiling_encode(uint8_t slot[LK_CEILING_SLOT_LEN], const struct lk_ceiling *ceiling)
{
    struct lk_writer w = lk_writer_of(slot, LK_CEILING_SLOT_LEN);
    uint8_t sum[LK_SHA256_LEN];

    lk_put_octets(&w, slot_magic, sizeof slot_magic);
    lk_put_u8(&w, ceiling->node);
    lk_put_be64(&w, ceiling->generation);
    lk_put_be64(&w, ceiling->tick);
    lk_put_zeroes(&w, SLOT_BODY_LEN - w.len);
    slot_sum(sum, slot);
    lk_put_octets(&w, sum, SLOT_SUM_LEN);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == LK_CEILING_SLOT_LEN);
}

static bool slot_decode(struct lk_ceiling *ceiling, const uint8_t slot[LK_CEILING_SLOT_LEN])
{
    struct lk_reader r = lk_reader_of(lk_span_of(slot, LK_CEILING_SLOT_LEN));
    uint8_t sum[LK_SHA256_LEN];

    if (!lk_span_equal(lk_get_span(&r, sizeof slot_magic),
                       lk_span_of(slot_magic, sizeof slot_magic)))
        return false;
    slot_sum(sum, slot);
    if (!lk_span_equal(lk_span_of(sum, SLOT_SUM_LEN),
                       lk_span_of(slot + SLOT_BODY_LEN, SLOT_SUM_LEN)))
        return false;
    ceiling->node = lk_get_u8(&r);
    ceiling->generation = lk_get_be64(&r);
    ceiling->tick = lk_get_be64(&r);
    return true;
}

enum lk_status lk_ceiling_decode(struct lk_ceiling *ceiling,
                                 const uint8_t slots[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN])
{
    struct lk_ceiling one;
    bool found = false;

    for (size_t i = 0; i < LK_CEILING_SLOTS; i++)
        if (slot_decode(&one, slots[i]) && (!found || one.generation > ceiling->generation)) {
            *ceiling = one;
            found = true;
        }
    return found ? LK_OK : LK_E_NOT_FOUND;
}
