/* vault/sqn, vault/clock: no SQN twice, whatever clocks, nodes, cards and disks do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sqn_card.h"
#include "vault/sqn.h"

/* A node with its clock, disk (the ceiling) and the subscriber's row. */
struct node {
    struct lk_sqn sqn;
    struct lk_sqn_clock clock;
    uint64_t mono_ms;
    uint64_t disk; /* ticks: what survives a restart */
    void *memory;
};

static const uint64_t YEAR_MS = UINT64_C(31536000000), NOW_MS = UINT64_C(1760000000000);
static const struct lk_imsi imsi = { .digits = "001010000000001" };
static const uint8_t no_sqn[LK_SQN_LEN];

static void node_boot(struct node *node, enum lk_sqn_mode mode, unsigned number_, uint64_t wall_ms)
{
    free(node->memory);
    node->memory = calloc(1, lk_sqn_recent_size());
    assert_non_null(node->memory);
    assert_int_equal(lk_sqn_init(&node->sqn, mode, number_, 4, node->memory), LK_OK);
    node->sqn.ceiling = node->disk;
    lk_sqn_clock_start(&node->clock, wall_ms, node->mono_ms, node->disk);
}

static uint64_t node_tick(struct node *node)
{
    uint64_t tick = lk_sqn_clock_tick(&node->clock, node->mono_ms), wanted;

    if (lk_sqn_ceiling_wanted(&node->sqn, tick, &wanted))
        node->disk = node->sqn.ceiling = wanted;
    return tick;
}

static enum lk_reason node_next(struct node *node, struct lk_sqn_record *row,
                                uint8_t sqn[LK_SQN_LEN])
{
    static uint64_t reservation;
    bool changed = false;

    return lk_sqn_next(sqn, &node->sqn, &imsi, row, &changed, node_tick(node), reservation += 2);
}

static enum lk_reason node_correct(struct node *node, struct lk_sqn_record *row, uint64_t sqn_ms,
                                   bool *changed)
{
    uint8_t sqn[LK_SQN_LEN];

    sqn_octets(sqn, sqn_ms);
    *changed = false;
    return lk_sqn_correct(&node->sqn, &imsi, row, changed, sqn, node_tick(node));
}

/* One attach: at most one resynchronisation; returns how many there were, or -1. */
static int attach(struct node *node, struct lk_sqn_record *row, struct card *card)
{
    uint8_t sqn[LK_SQN_LEN];
    bool changed;

    assert_int_equal(node_next(node, row, sqn), LK_REASON_NONE);
    if (card_takes(card, sqn))
        return 0;
    assert_int_equal(node_correct(node, row, card->sqn_ms, &changed), LK_REASON_NONE);
    assert_int_equal(node_next(node, row, sqn), LK_REASON_NONE);
    return card_takes(card, sqn) ? 1 : -1;
}

static struct lk_sqn_record row_new(struct node *node, const uint8_t last[LK_SQN_LEN])
{
    struct lk_sqn_record row;

    assert_int_equal(lk_sqn_record_start(&row, node->sqn.mode, last, node_tick(node)), LK_OK);
    return row;
}

static const enum lk_sqn_mode modes[] = { LK_SQN_TIME, LK_SQN_COUNTER };

static void fresh_card_is_accepted_at_once(void **state)
{
    for (size_t m = 0; m < 2; m++) {
        struct node node = { 0 };
        struct card card = { 0 };
        struct lk_sqn_record row;

        node_boot(&node, modes[m], 0, NOW_MS);
        row = row_new(&node, no_sqn);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(attach(&node, &row, &card), 0);
            node.mono_ms += 1000;
        }
        free(node.memory);
    }
}

/* spec: TS 33.102 6.3.5 - one resynchronisation brings any card right. */
static void card_idle_for_years_comes_right_after_one_resynchronisation(void **state)
{
    struct node node = { 0 };
    struct card card = { 0 };
    struct lk_sqn_record row;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    assert_int_equal(attach(&node, &row, &card), 0);
    for (int year = 1; year <= LK_SQN_EPOCH_MAX; year++) {
        node.mono_ms += YEAR_MS;
        assert_int_equal(attach(&node, &row, &card), 1);
        assert_int_equal(row.epoch, year);
        assert_int_equal(attach(&node, &row, &card), 0);
    }
    free(node.memory);
}

static void card_with_another_history_comes_right_after_one_resynchronisation(void **state)
{
    static const uint64_t histories[] = {
        1, 1000, UINT64_C(1) << 27, UINT64_C(1) << 30, UINT64_C(1) << 42, LK_SQN_SEQ_LAST - 100000
    };

    for (size_t m = 0; m < 2; m++)
        for (size_t i = 0; i < LK_COUNT_OF(histories); i++) {
            struct node node = { 0 };
            struct card card;
            struct lk_sqn_record row;

            node_boot(&node, modes[m], 1, NOW_MS);
            row = row_new(&node, no_sqn);
            card_at(&card, histories[i]);
            assert_int_equal(attach(&node, &row, &card), 1);
            for (int k = 0; k < 40; k++) {
                node.mono_ms += 700;
                assert_int_equal(attach(&node, &row, &card), 0);
            }
            free(node.memory);
        }
}

static void given_sqn_is_continued(void **state)
{
    uint8_t last[LK_SQN_LEN], sqn[LK_SQN_LEN];

    sqn_octets(last, UINT64_C(0x123456789abc));
    for (size_t m = 0; m < 2; m++) {
        struct node node = { 0 };
        struct card card;
        struct lk_sqn_record row;

        node_boot(&node, modes[m], 0, NOW_MS);
        row = row_new(&node, last);
        card_at(&card, lk_sqn_seq(last));
        assert_int_equal(attach(&node, &row, &card), 0);
        assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
        assert_true(lk_sqn_seq(sqn) - lk_sqn_seq(last) < 8);
        free(node.memory);
    }
}

/* Y21, invariant 1: the wall clock goes back an hour with each restart, and nothing repeats, nobody
 * is refused. */
static void clock_set_back_repeats_nothing_and_refuses_nobody(void **state)
{
    struct node node = { 0 };
    struct card card = { 0 };
    struct once once = { 0 };
    struct lk_sqn_record row;
    uint64_t wall = NOW_MS;
    uint8_t sqn[LK_SQN_LEN];

    node_boot(&node, LK_SQN_TIME, 0, wall);
    row = row_new(&node, no_sqn);
    for (int restart = 0; restart < 50; restart++) {
        for (int i = 0; i < 40; i++) {
            assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
            once_add(&once, sqn);
            assert_true(card_takes(&card, sqn));
            node.mono_ms += (uint64_t)(i % 7) * 31;
        }
        wall -= 3600 * 1000;
        node_boot(&node, LK_SQN_TIME, 0, wall);
    }
    once_check(&once);
    free(node.memory);
}

/* A restart within the tick, after vectors that ran ahead of the clock: the ceiling parts them. */
static void restart_goes_on_above_the_ceiling(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    uint8_t sqn[LK_SQN_LEN];
    uint64_t last = 0;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (int restart = 0; restart < 20; restart++) {
        for (int i = 0; i <= LK_SQN_AHEAD_MAX; i++) {
            assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
            assert_true(sqn_number(sqn) >> 5 > last >> 5);
            last = sqn_number(sqn);
        }
        node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    }
    free(node.memory);
}

static void nothing_is_handed_out_above_the_ceiling(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    uint8_t sqn[LK_SQN_LEN];
    bool changed = false;
    uint64_t tick;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    tick = node_tick(&node);
    node.sqn.ceiling = tick;
    assert_int_equal(lk_sqn_next(sqn, &node.sqn, &imsi, &row, &changed, tick, 2),
                     LK_REASON_CEILING_NOT_KEPT);
    node.sqn.ceiling = tick + 1;
    assert_int_equal(lk_sqn_next(sqn, &node.sqn, &imsi, &row, &changed, tick, 2), LK_REASON_NONE);
    assert_int_equal(lk_sqn_next(sqn, &node.sqn, &imsi, &row, &changed, tick, 2),
                     LK_REASON_CEILING_NOT_KEPT);
    free(node.memory);
}

/* Two nodes share the row, their clocks an hour apart: no SQN twice, at most one resynchronisation
 * at each change of node, and the card is content. */
static void two_nodes_share_subscribers(void **state)
{
    for (size_t m = 0; m < 2; m++) {
        struct node node[2] = { 0 };
        struct card card = { 0 };
        struct once once = { 0 };
        struct lk_sqn_record row;
        uint8_t sqn[LK_SQN_LEN];

        node_boot(&node[0], modes[m], 0, NOW_MS);
        node_boot(&node[1], modes[m], 3, NOW_MS - 3600 * 1000);
        row = row_new(&node[0], no_sqn);
        for (int i = 0; i < 2000; i++) {
            struct node *at = &node[(i * 7 / 5) % 2];

            node[0].mono_ms += 50;
            node[1].mono_ms += 50;
            assert_int_equal(node_next(at, &row, sqn), LK_REASON_NONE);
            once_add(&once, sqn);
            assert_true(card_takes(&card, sqn));
        }
        once_check(&once);
        free(node[0].memory);
        free(node[1].memory);
    }
}

/* A08, invariant 3: an AUTS that was treated changes nothing when it comes again; nor does one from
 * before it. */
static void auts_that_comes_again_changes_nothing(void **state)
{
    for (size_t m = 0; m < 2; m++) {
        struct node node = { 0 };
        struct lk_sqn_record row, before;
        uint8_t sqn[LK_SQN_LEN];
        bool changed;

        node_boot(&node, modes[m], 0, NOW_MS);
        row = row_new(&node, no_sqn);
        assert_int_equal(node_correct(&node, &row, UINT64_C(5000000) << 5, &changed),
                         LK_REASON_NONE);
        assert_true(changed);
        before = row;
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(node_correct(&node, &row, UINT64_C(5000000) << 5, &changed),
                             LK_REASON_NONE);
            assert_false(changed);
            assert_memory_equal(&row, &before, sizeof row);
            if (i % 100 == 0) {
                assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
                before = row;
            }
        }
        assert_int_equal(node_correct(&node, &row, UINT64_C(4999999) << 5, &changed),
                         LK_REASON_AUTS_STALE);
        assert_memory_equal(&row, &before, sizeof row);
        free(node.memory);
    }
}

/* A worker may still hold the row of before a correction. What that row yields is never what the
 * corrected one has yielded. */
static void row_of_before_a_correction_repeats_nothing(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row, stale;
    struct once once = { 0 };
    uint8_t sqn[LK_SQN_LEN];
    bool changed;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    stale = row = row_new(&node, no_sqn);
    assert_int_equal(node_correct(&node, &row, 6 << 5, &changed), LK_REASON_NONE);
    assert_true(changed);
    for (int i = 0; i < 20; i++) {
        if (i == 0 || i > 3) {
            assert_int_equal(node_next(&node, i == 0 ? &row : &stale, sqn), LK_REASON_NONE);
            once_add(&once, sqn);
        }
        node.mono_ms += LK_SQN_TICK_MS;
    }
    once_check(&once);
    free(node.memory);
}

/* A08: AUTS by the thousand yields no more vectors than a subscriber may have in a moment. */
static void many_vectors_in_a_tick_are_distinct_and_bounded(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    struct once once = { 0 };
    uint8_t sqn[LK_SQN_LEN];
    size_t granted = 0;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (int i = 0; i < 1000; i++) {
        bool changed;

        assert_int_equal(node_correct(&node, &row, 0, &changed), LK_REASON_NONE);
        assert_false(changed);
        if (node_next(&node, &row, sqn) == LK_REASON_NONE) {
            once_add(&once, sqn);
            granted++;
        } else {
            assert_int_equal(node_next(&node, &row, sqn), LK_REASON_VECTORS_TOO_FAST);
        }
    }
    assert_int_equal(granted, LK_SQN_AHEAD_MAX + 1);
    node.mono_ms += 2 * LK_SQN_TICK_MS;
    assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
    once_add(&once, sqn);
    once_check(&once);
    free(node.memory);
}

/* A18: who is not there is refused when a subscriber who asks as often would be, and at no other
 * time; being added meanwhile harms nobody. */
static void nobody_is_refused_when_a_subscriber_is(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    const struct lk_imsi nobody = { .digits = "001019999999999" };
    uint8_t sqn[LK_SQN_LEN];

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < round; i++) {
            enum lk_reason reason = node_next(&node, &row, sqn);

            assert_int_equal(lk_sqn_nobody(&node.sqn, &nobody, node_tick(&node)), reason);
        }
        node.mono_ms += LK_SQN_TICK_MS;
    }
    node.mono_ms += 100 * LK_SQN_TICK_MS;
    assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE); /* raises the ceiling */
    for (int i = 0; i <= LK_SQN_AHEAD_MAX; i++)
        assert_int_equal(lk_sqn_nobody(&node.sqn, &imsi, node_tick(&node)), LK_REASON_NONE);
    node.mono_ms += 2 * LK_SQN_TICK_MS;
    row = row_new(&node, no_sqn);
    assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
    free(node.memory);
}

/* A29: the table of recent ones is full: the next one is refused, and free again a tick later. */
static void full_table_refuses_and_recovers(void **state)
{
    struct node node = { 0 };
    size_t refused = 0;
    uint8_t sqn[LK_SQN_LEN];

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 330000; i++) {
            struct lk_imsi one = { .digits = "001010000000000" };
            struct lk_sqn_record row = row_new(&node, no_sqn);
            bool changed = false;
            enum lk_reason reason;

            for (uint32_t digit = 14, left = i; left > 0; digit--, left /= 10)
                one.digits[digit] = (char)('0' + left % 10);
            reason = lk_sqn_next(sqn, &node.sqn, &one, &row, &changed, node_tick(&node), 2);
            assert_true(reason == LK_REASON_NONE || reason == LK_REASON_VECTORS_TOO_FAST);
            refused += reason != LK_REASON_NONE;
            if (i == 0)
                assert_int_equal(reason, LK_REASON_NONE);
        }
        assert_true(refused > 60000);
        refused = 0;
        node.mono_ms += 2 * LK_SQN_TICK_MS;
    }
    free(node.memory);
}

/* Invariant 2: SEQ falls by a verified AUTS alone, and after seven falls not even by that. */
static void falls_are_counted_and_bounded(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    struct once once = { 0 };
    uint8_t sqn[LK_SQN_LEN];
    bool changed;

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (int fall = 0; fall <= LK_SQN_EPOCH_MAX; fall++) {
        for (int i = 0; i < 200; i++) {
            assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
            once_add(&once, sqn);
            node.mono_ms += LK_SQN_TICK_MS;
        }
        /* The clock leaps; the card still shows the beginning. */
        node.mono_ms += YEAR_MS;
        assert_int_equal(node_correct(&node, &row, 0, &changed),
                         fall < LK_SQN_EPOCH_MAX ? LK_REASON_NONE : LK_REASON_SQN_FELL_TOO_OFTEN);
    }
    once_check(&once);
    free(node.memory);
}

/* spec: TS 33.102 C.3 - SEQ does not wrap. */
static void the_end_of_the_range_is_the_end(void **state)
{
    for (size_t m = 0; m < 2; m++) {
        struct node node = { 0 };
        struct lk_sqn_record row;
        uint8_t last[LK_SQN_LEN], sqn[LK_SQN_LEN];
        enum lk_reason reason = LK_REASON_NONE;
        bool changed;
        int granted = 0;

        sqn_octets(last, (LK_SQN_SEQ_LAST - 5) << 5);
        node_boot(&node, modes[m], 0, NOW_MS);
        row = row_new(&node, last);
        while ((reason = node_next(&node, &row, sqn)) == LK_REASON_NONE)
            granted++;
        assert_int_equal(reason, LK_REASON_SQN_EXHAUSTED);
        assert_int_equal(granted, 5);
        assert_int_equal(node_correct(&node, &row, UINT64_C(0xffffffffffff), &changed),
                         LK_REASON_SQN_EXHAUSTED);
        sqn_octets(last, UINT64_C(0xffffffffffff));
        assert_int_equal(lk_sqn_record_start(&row, modes[m], last, 1), LK_E_VALUE);
        free(node.memory);
    }
}

/* spec: TS 33.102 C.1.1.1 - SEQ above IND; IND is the node's, and rolls. */
static void ind_names_the_node_and_rolls(void **state)
{
    for (unsigned n = 0; n < LK_SQN_NODES; n++) {
        struct node node = { 0 };
        struct lk_sqn_record row;
        uint8_t sqn[LK_SQN_LEN];
        unsigned seen = 0;

        node_boot(&node, LK_SQN_TIME, n, NOW_MS);
        row = row_new(&node, no_sqn);
        for (int i = 0; i < LK_SQN_ROLLING; i++) {
            assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
            assert_int_equal(sqn[5] >> 3 & 3, n);
            seen |= 1U << (sqn[5] & 7);
        }
        assert_int_equal(seen, 0xff);
        free(node.memory);
    }
}

/* Counter mode: a lost swap, a block of another node, a restart: a block counts only while its row
 * is the one in the store. */
static void blocks_count_only_with_their_row(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record stored, seen;
    struct once once = { 0 };
    uint8_t sqn[LK_SQN_LEN];
    unsigned random = 1;

    node_boot(&node, LK_SQN_COUNTER, 0, NOW_MS);
    stored = row_new(&node, no_sqn);
    for (int i = 0; i < 5000; i++) {
        bool changed = false;

        random = random * 1103515245 + 12345;
        seen = stored;
        assert_int_equal(
            lk_sqn_next(sqn, &node.sqn, &imsi, &seen, &changed, 1, (uint64_t)i * 2 + 2),
            LK_REASON_NONE);
        if (changed && random >> 16 & 1) {
            continue; /* the swap failed: neither row nor vector is used */
        }
        stored = changed ? seen : stored;
        once_add(&once, sqn);
        if ((random >> 20 & 31) == 0)
            node_boot(&node, LK_SQN_COUNTER, 0, NOW_MS);
    }
    once_check(&once);
    free(node.memory);
}

static void a_block_is_written_once(void **state)
{
    struct node node = { 0 };
    struct lk_sqn_record row;
    uint8_t sqn[LK_SQN_LEN];
    size_t writes = 0;

    node_boot(&node, LK_SQN_COUNTER, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (uint64_t i = 0; i < 40; i++) {
        bool changed = false;

        assert_int_equal(lk_sqn_next(sqn, &node.sqn, &imsi, &row, &changed, 1, 2 * i + 2),
                         LK_REASON_NONE);
        assert_int_equal(lk_sqn_seq(sqn), i + 1);
        writes += changed;
    }
    assert_int_equal(writes, 40 / node.sqn.block);
    free(node.memory);
}

static void mode_may_be_changed_and_repeats_nothing(void **state)
{
    struct node node = { 0 };
    struct card card = { 0 };
    struct once once = { 0 };
    struct lk_sqn_record row;
    uint8_t sqn[LK_SQN_LEN];

    node_boot(&node, LK_SQN_TIME, 0, NOW_MS);
    row = row_new(&node, no_sqn);
    for (int i = 0; i < 400; i++) {
        if (i % 20 == 0)
            node_boot(&node, modes[i / 20 % 2], 0, NOW_MS + (uint64_t)i * 1000);
        assert_int_equal(node_next(&node, &row, sqn), LK_REASON_NONE);
        once_add(&once, sqn);
        assert_true(card_takes(&card, sqn));
        node.mono_ms += 30;
    }
    once_check(&once);
    free(node.memory);
}

static void node_and_block_have_limits(void **state)
{
    struct lk_sqn sqn;

    assert_int_equal(lk_sqn_init(&sqn, LK_SQN_TIME, LK_SQN_NODES, 0, NULL), LK_E_VALUE);
    assert_int_equal(lk_sqn_init(&sqn, LK_SQN_TIME, 0, LK_SQN_BLOCK_MAX + 1, NULL), LK_E_VALUE);
    assert_int_equal(lk_sqn_init(&sqn, LK_SQN_TIME, 0, 0, NULL), LK_OK);
    assert_int_equal(sqn.block, LK_SQN_BLOCK_DEFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_card_is_accepted_at_once),
        cmocka_unit_test(card_idle_for_years_comes_right_after_one_resynchronisation),
        cmocka_unit_test(card_with_another_history_comes_right_after_one_resynchronisation),
        cmocka_unit_test(given_sqn_is_continued),
        cmocka_unit_test(clock_set_back_repeats_nothing_and_refuses_nobody),
        cmocka_unit_test(restart_goes_on_above_the_ceiling),
        cmocka_unit_test(nothing_is_handed_out_above_the_ceiling),
        cmocka_unit_test(two_nodes_share_subscribers),
        cmocka_unit_test(auts_that_comes_again_changes_nothing),
        cmocka_unit_test(row_of_before_a_correction_repeats_nothing),
        cmocka_unit_test(many_vectors_in_a_tick_are_distinct_and_bounded),
        cmocka_unit_test(nobody_is_refused_when_a_subscriber_is),
        cmocka_unit_test(full_table_refuses_and_recovers),
        cmocka_unit_test(falls_are_counted_and_bounded),
        cmocka_unit_test(the_end_of_the_range_is_the_end),
        cmocka_unit_test(ind_names_the_node_and_rolls),
        cmocka_unit_test(blocks_count_only_with_their_row),
        cmocka_unit_test(a_block_is_written_once),
        cmocka_unit_test(mode_may_be_changed_and_repeats_nothing),
        cmocka_unit_test(node_and_block_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
