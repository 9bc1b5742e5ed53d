/* role/budgets and role/vector_sources: what who comes may take, when it is back, tables that are
 * full; and that strangers who name a subscriber leave it vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/vector_sources.h"

#define SECOND UINT64_C(1000000)
#define DAY (24 * 3600 * SECOND)
#define START (1000 * SECOND)

enum { VAULT_AT_ONCE = 16, VAULT_A_SECOND = 10, PROCESSES = 2 /* of eNBs, of the AAA */ };

static struct lk_vector_sources sources;
static const struct lk_imsi victim = { "001010000000001" };
static uint64_t now_us;

static int set_up(void **state)
{
    *state = calloc(1, lk_vector_sources_size());
    lk_vector_sources_in(&sources, *state, 7);
    now_us = START;
    return *state == NULL;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* ---- budgets ---- */

static struct lk_span number(uint32_t *who)
{
    return lk_span_of((const uint8_t *)who, sizeof *who);
}

static void a_budget_is_spent_and_comes_back(void **state)
{
    const struct lk_budget_rate five = { 5, SECOND / 5 };
    uint32_t one = 1, other = 2;

    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(lk_budgets_take(sources.budgets, number(&one), &five, now_us), i < 5);
    assert_true(lk_budgets_take(sources.budgets, number(&other), &five, now_us));
    assert_false(lk_budgets_take(sources.budgets, number(&one), &five, now_us + SECOND / 5 - 1));
    assert_true(lk_budgets_take(sources.budgets, number(&one), &five, now_us + SECOND / 5));
    assert_false(lk_budgets_take(sources.budgets, number(&one), &five, now_us + SECOND / 5));
    lk_budgets_give_back(sources.budgets, number(&one));
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(lk_budgets_take(sources.budgets, number(&one), &five, now_us), i < 5);
    now_us += 1000 * SECOND; /* and never more than all of it */
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(lk_budgets_take(sources.budgets, number(&one), &five, now_us), i < 5);
}

/* A29: a full table refuses nobody, and who is over his budget does not get rid of that by others
 * whom he names. */
static void a_full_table_forgets_who_has_spent_least(void **state)
{
    const struct lk_budget_rate few = { 4, 10 * SECOND };
    uint32_t one = UINT32_MAX;

    for (unsigned i = 0; i < 4; i++)
        assert_true(lk_budgets_take(sources.budgets, number(&one), &few, now_us));
    for (uint32_t i = 0; i < 400000; i++)
        assert_true(lk_budgets_take(sources.budgets, number(&i), &few, now_us));
    assert_false(lk_budgets_take(sources.budgets, number(&one), &few, now_us));
}

/* ---- sources ---- */

static bool ask(unsigned address, unsigned station)
{
    const uint8_t octets[2] = { (uint8_t)(station >> 8), (uint8_t)station };
    struct lk_vector_source from = { .station = LK_SPAN(octets) };

    from.address.octets[14] = (uint8_t)(address >> 8);
    from.address.octets[15] = (uint8_t)address;
    return lk_vector_sources_may_ask(&sources, &victim, &from, now_us);
}

static void prove(unsigned address, unsigned station)
{
    const uint8_t octets[2] = { (uint8_t)(station >> 8), (uint8_t)station };
    struct lk_vector_source from = { .station = LK_SPAN(octets) };

    from.address.octets[14] = (uint8_t)(address >> 8);
    from.address.octets[15] = (uint8_t)address;
    lk_vector_sources_proven(&sources, &victim, &from, now_us);
}

/* A minute's flood, 1,000 a second: how many vectors it gets, and how often a device that asks each
 * two seconds does not get one. */
static unsigned flood(unsigned addresses, unsigned stations, unsigned address, unsigned station,
                      unsigned *refused)
{
    unsigned got = 0;

    *refused = 0;
    for (unsigned ms = 0; ms < 60000; ms++, now_us += 1000) {
        got += ask(1000 + ms % addresses, ms / addresses % stations);
        if (ms % 2000 == 1777)
            *refused += !ask(address, station);
    }
    return got;
}

/* A07: who names a subscriber from one place leaves most of its vectors, by however many stations:
 * a device elsewhere is served that has never been seen. */
static void one_place_takes_no_more_than_its_part(void **state)
{
    static const unsigned stations[] = { 1, 60000 };

    for (size_t i = 0; i < LK_COUNT_OF(stations); i++) {
        unsigned refused, got = flood(1, stations[i], 2, 2, &refused);

        assert_int_equal(refused, 0);
        assert_in_range(got, i == 0 ? 60 : 120, i == 0 ? 66 : 126);
        now_us += 60 * SECOND;
    }
}

/* A07: many places together leave who has proven to be the subscriber his own, with what the eNBs
 * and the AAA give each; and who has not shares with them. */
static void all_places_leave_the_proven_one_his(void **state)
{
    unsigned refused, got;

    prove(2, 2);
    got = flood(5000, 1, 2, 2, &refused);
    assert_int_equal(refused, 0);
    assert_in_range(PROCESSES * got, 0, 60 * (VAULT_A_SECOND - 1) + VAULT_AT_ONCE);
    (void)flood(5000, 1, 3, 2, &refused);
    assert_in_range(refused, 15, 30);
}

/* Also at the place of the flood; but who can send as that very station shares with it. */
static void a_station_that_has_proven_it_has_its_own(void **state)
{
    unsigned refused;

    prove(1000, 61000);
    (void)flood(1, 60000, 1000, 61000, &refused);
    assert_int_equal(refused, 0);
    (void)flood(1, 1, 1000, 0, &refused);
    assert_true(refused > 15);
}

/* What is proven is given back, and is good for a day. */
static void a_proof_is_worth_a_day(void **state)
{
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(ask(2, 2));
        prove(2, 2);
    }
    for (unsigned i = 0; i < 100; i++)
        (void)ask(1000 + i, 2);
    assert_false(ask(3, 2));
    assert_true(ask(2, 2));
    now_us += DAY - SECOND;
    for (unsigned i = 0; i < 100; i++)
        (void)ask(1000 + i, 2);
    assert_true(ask(2, 2));
    now_us += 2 * SECOND;
    for (unsigned i = 0; i < 100; i++)
        (void)ask(1000 + i, 2);
    assert_false(ask(2, 2));
}

/* A budget is of one subscriber, and a run that takes three vectors has them. */
static void another_subscriber_has_another_budget(void **state)
{
    struct lk_imsi other = { "001010000000002" };
    struct lk_vector_source from = { .station = { NULL, 0 } };

    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(lk_vector_sources_may_ask(&sources, &victim, &from, now_us), i < 4);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(lk_vector_sources_may_ask(&sources, &other, &from, now_us), i < 4);
}

/* The longest station there may be, and a longer one. */
static void a_station_is_as_long_as_it_is(void **state)
{
    static const uint8_t octets[LK_STATION_MAX + 8] = { 1 };

    for (size_t len = 0; len <= sizeof octets; len++) {
        struct lk_vector_source from = { .station = { octets, len } };

        from.address.octets[15] = (uint8_t)len;
        now_us += SECOND;
        assert_true(lk_vector_sources_may_ask(&sources, &victim, &from, now_us));
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_budget_is_spent_and_comes_back),
        TEST(a_full_table_forgets_who_has_spent_least),
        TEST(one_place_takes_no_more_than_its_part),
        TEST(all_places_leave_the_proven_one_his),
        TEST(a_station_that_has_proven_it_has_its_own),
        TEST(a_proof_is_worth_a_day),
        TEST(another_subscriber_has_another_budget),
        TEST(a_station_is_as_long_as_it_is),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
