/* role/budgets, role/proofs and role/vector_sources: what who comes may take, when it is back,
 * tables that are full, whose proofs stay; and that strangers who name a subscriber leave it
 * vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* A07: who has a /64 of IPv6 has all its addresses, and one budget. */
static void a_source_has_one_budget(void **state)
{
    static const char *const from[] = { "2001:db8::1", "2001:db8::2:1", "2001:db8::ffff" };
    struct lk_address address;

    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(lk_address_parse(&address, from[i % LK_COUNT_OF(from)]), LK_OK);
        assert_int_equal(lk_budgets_take_from(sources.budgets, &address, 3, now_us), i < 3);
    }
    assert_int_equal(lk_address_parse(&address, "2001:db8:0:1::1"), LK_OK);
    assert_true(lk_budgets_take_from(sources.budgets, &address, 3, now_us));
    for (unsigned i = 1; i < 9; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "192.0.2.%u", i);
        assert_int_equal(lk_address_parse(&address, text), LK_OK);
        assert_true(lk_budgets_take_from(sources.budgets, &address, 1, now_us));
        assert_false(lk_budgets_take_from(sources.budgets, &address, 1, now_us));
    }
    assert_true(lk_budgets_take_from(sources.budgets, &address, 1, now_us + SECOND));
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

static unsigned forgotten_of(struct lk_budgets *budgets)
{
    const struct lk_budget_rate once = { 1, 60 * SECOND };
    unsigned forgotten = 0;

    for (uint32_t i = 0; i < 100000; i++)
        assert_true(lk_budgets_take(budgets, number(&i), &once, now_us));
    for (uint32_t i = 0; i < 100000; i++)
        forgotten += lk_budgets_take(budgets, number(&i), &once, now_us);
    return forgotten;
}

/* T13: where a hundred thousand are remembered they have no second allowance. The control: a table
 * of the usual size forgets many. */
static void a_table_may_have_more_room(void **state)
{
    void *memory = calloc(1, lk_budgets_size_for(400000));

    assert_non_null(memory);
    assert_true(lk_budgets_size_for(1) == lk_budgets_size());
    assert_true(forgotten_of(lk_budgets_in_for(memory, 7, 400000)) < 10);
    assert_true(forgotten_of(sources.budgets) > 10000);
    free(memory);
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

static struct lk_vector_source source(const uint8_t *octets, size_t len, unsigned address)
{
    struct lk_vector_source from = { .station = { octets, len } };

    from.address.octets[15] = (uint8_t)address;
    return from;
}

/* The last eight, of which the one proven longest ago makes room. */
static void the_last_stations_are_known(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LK_PROOFS_EACH; i++, now_us++)
        prove(2, i);
    prove(2, 0);
    now_us++;
    prove(2, 100);
    for (unsigned i = 0; i < LK_PROOFS_EACH; i++) {
        uint8_t octets[2] = { 0, (uint8_t)i };
        struct lk_vector_source from = source(octets, sizeof octets, 2);

        assert_int_equal(lk_vector_sources_known(&sources, &victim, &from, now_us), i != 1);
    }
}

/* A07: a subscriber pushes out his own stations however many he proves, and a crowd of others loses
 * none by it. */
static void one_subscriber_pushes_out_nobody(void **state)
{
    struct lk_imsi others[200];
    uint8_t octets[3] = { 0 };
    struct lk_vector_source from = source(octets, sizeof octets, 1);
    unsigned lost = 0;

    (void)state;
    for (unsigned i = 0; i < LK_COUNT_OF(others); i++) {
        assert_int_equal(lk_imsi_from_number(&others[i], UINT64_C(1001010000100000) + i), LK_OK);
        lk_vector_sources_proven(&sources, &others[i], &from, now_us);
    }
    for (unsigned i = 1; i < 200000; i++) {
        octets[0] = (uint8_t)(i >> 16);
        octets[1] = (uint8_t)(i >> 8);
        octets[2] = (uint8_t)i;
        lk_vector_sources_proven(&sources, &victim, &from, now_us + i);
    }
    memset(octets, 0, sizeof octets);
    for (unsigned i = 0; i < LK_COUNT_OF(others); i++)
        lost += !lk_vector_sources_known(&sources, &others[i], &from, now_us + SECOND);
    assert_int_equal(lost, 0);
    assert_false(lk_vector_sources_known(&sources, &victim, &from, now_us + SECOND));
}

/* Where more have proven it than there is room for, who did so last is known. */
static void a_crowd_forgets_the_oldest(void **state)
{
    static const uint8_t octets[] = { 1 };
    struct lk_vector_source from = source(octets, sizeof octets, 1);
    struct lk_imsi imsi;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        assert_int_equal(lk_imsi_from_number(&imsi, UINT64_C(1001010000100000) + i), LK_OK);
        lk_vector_sources_proven(&sources, &imsi, &from, now_us + i);
        assert_true(lk_vector_sources_known(&sources, &imsi, &from, now_us + i));
    }
    for (unsigned i = 190000; i < 200000; i++) {
        assert_int_equal(lk_imsi_from_number(&imsi, UINT64_C(1001010000100000) + i), LK_OK);
        assert_true(lk_vector_sources_known(&sources, &imsi, &from, now_us + i));
    }
}

/* A07: what costs no vector makes no station known, and keeps one known that is. */
static void a_proof_without_a_vector_renews_alone(void **state)
{
    static const uint8_t octets[] = { 1 };
    struct lk_vector_source from = source(octets, sizeof octets, 1);

    (void)state;
    lk_vector_sources_renewed(&sources, &victim, &from, now_us);
    assert_false(lk_vector_sources_known(&sources, &victim, &from, now_us));
    lk_vector_sources_proven(&sources, &victim, &from, now_us);
    lk_vector_sources_renewed(&sources, &victim, &from, now_us + DAY / 2);
    assert_true(lk_vector_sources_known(&sources, &victim, &from, now_us + DAY + DAY / 4));
    lk_vector_sources_renewed(&sources, &victim, &from, now_us + DAY * 2);
    assert_false(lk_vector_sources_known(&sources, &victim, &from, now_us + DAY * 2));
}

/* A08: a run has one AUTS for as long as any State is open; one that came to no vector counts not,
 * and a table that is full of others forgets none too soon. */
static void a_run_has_one_auts(void **state)
{
    static const uint8_t rand[LK_RAND_LEN] = { 1 };
    const struct lk_imsi other = { "001010000000002" };
    uint8_t more[LK_RAND_LEN] = { 2 };

    (void)state;
    assert_true(lk_vector_sources_may_resync(&sources, &victim, rand, now_us));
    lk_vector_sources_no_resync(&sources, &victim, rand);
    assert_true(lk_vector_sources_may_resync(&sources, &victim, rand, now_us));
    assert_false(lk_vector_sources_may_resync(&sources, &victim, rand, now_us));
    assert_true(lk_vector_sources_may_resync(&sources, &victim, more, now_us));
    assert_true(lk_vector_sources_may_resync(&sources, &other, rand, now_us));
    for (uint32_t i = 1; i < 30000; i++) {
        memcpy(more + 1, &i, sizeof i);
        assert_true(lk_vector_sources_may_resync(&sources, &victim, more, now_us));
    }
    assert_false(lk_vector_sources_may_resync(&sources, &victim, rand, now_us + 120 * SECOND - 1));
    assert_true(lk_vector_sources_may_resync(&sources, &victim, rand, now_us + 120 * SECOND));
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
        TEST(a_source_has_one_budget),
        TEST(a_full_table_forgets_who_has_spent_least),
        TEST(a_table_may_have_more_room),
        TEST(one_place_takes_no_more_than_its_part),
        TEST(all_places_leave_the_proven_one_his),
        TEST(a_station_that_has_proven_it_has_its_own),
        TEST(a_proof_is_worth_a_day),
        TEST(the_last_stations_are_known),
        TEST(one_subscriber_pushes_out_nobody),
        TEST(a_crowd_forgets_the_oldest),
        TEST(a_proof_without_a_vector_renews_alone),
        TEST(a_run_has_one_auts),
        TEST(another_subscriber_has_another_budget),
        TEST(a_station_is_as_long_as_it_is),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
