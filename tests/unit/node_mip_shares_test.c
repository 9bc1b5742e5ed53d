/* node/mip_shares: whose questions to a BSF are asked while strangers want them all (T15). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/mip_shares.h"

enum { A_SECOND = 50, PLACES = 32, SOURCES = 250, RATE = 1500, ITS_PLACE = 9999, IT = 7 };

static struct lk_mip_shares shares;
static void *memory;

static int setup(void **state)
{
    memory = calloc(1, lk_budgets_size());
    assert_non_null(memory);
    shares = (struct lk_mip_shares){ .spent = lk_budgets_in(memory, 3), .a_second = A_SECOND,
                                     .places = PLACES };
    return 0;
}

static int teardown(void **state)
{
    free(memory);
    return 0;
}

static struct lk_mip_asker asker_of(unsigned source, uint64_t subject)
{
    const uint8_t ipv4[] = { 198, 18, (uint8_t)(source >> 8), (uint8_t)source };

    return (struct lk_mip_asker){ lk_address_v4(ipv4), subject };
}

static bool takes(unsigned source, uint64_t subject, uint64_t now_ms)
{
    const struct lk_mip_asker asker = asker_of(source, subject);

    return lk_mip_shares_take(&shares, &asker, 0, now_ms);
}

/* When, from ms 1000 on, a device is first asked for that asks as devices do, while strangers do at
 * that rate from so many sources; 0: never. In whose name they do says names: 0: of one, 1: of
 * anybody, 2: its own. */
static uint64_t first_ms(unsigned names, unsigned sources)
{
    static const uint64_t tries[] = { 1000, 2000, 4000, 8000, 16000 };
    uint64_t subject = 1000;
    size_t try = 0;

    for (unsigned n = 0; n < 20 * RATE; n++) {
        uint64_t now_ms = 1 + (uint64_t)n * 1000 / RATE;

        subject += names == 1;
        (void)takes(1 + n % sources, names == 2 ? IT : subject, now_ms);
        if (try < LK_COUNT_OF(tries) && now_ms >= tries[try] && ++try > 0 &&
            takes(ITS_PLACE, IT, now_ms))
            return tries[try - 1];
    }
    return 0;
}

/* In one name, from 250 places: the device that comes first does not notice. */
static void test_t15_strangers_in_one_name(void **state)
{
    assert_int_equal(first_ms(0, SOURCES), 1000);
}

/* In everybody's name from 250 places each of which is as good as the device's: until each has had
 * its share. */
static void test_t15_strangers_in_all_names(void **state)
{
    uint64_t at_ms = first_ms(1, SOURCES);

    assert_true(at_ms == 4000 || at_ms == 8000);
}

/* In its own name: its place is its own, and no worse than those of strangers are. */
static void test_t15_strangers_in_its_own_name(void **state)
{
    uint64_t at_ms = first_ms(2, SOURCES);

    assert_true(at_ms > 0 && at_ms <= 8000);
}

static void test_t15_a_stranger_in_its_name(void **state)
{
    assert_int_equal(first_ms(2, 1), 1000);
}

/* Nobody else wants them: one place, as of many behind a translator, has them all but a third, and
 * in one name, too, a third. */
static void test_what_is_left_over_is_for_all(void **state)
{
    unsigned many = 0, one = 0;

    for (uint64_t i = 0; i < 200; i++)
        many += takes(1, 1000 + i, 1);
    assert_int_equal(many, A_SECOND - A_SECOND / 3);
    for (uint64_t i = 0; i < 200; i++)
        one += takes(1, IT, 60000);
    assert_int_equal(one, A_SECOND - A_SECOND * 2 / 3);
    many = 0;
    for (unsigned i = 0; i < 200; i++)
        many += takes(10 + i, 5000 + i, 120000);
    assert_int_equal(many, A_SECOND);
    assert_true(takes(1, 9999, 121000));
}

/* Questions that are out are shared as well: a BSF may be slow. */
static void test_places_are_shared(void **state)
{
    static const struct {
        struct {
            unsigned source;
            uint64_t subject;
        } of;
        uint32_t most;
    } rows[] = { { { 1, 1 }, PLACES / 3 }, { { 1, 2 }, PLACES - PLACES / 3 - 1 },
                 { { 2, 1 }, PLACES - PLACES / 3 - 1 }, { { 3, 3 }, PLACES - 1 } };

    assert_true(takes(1, 1, 1) && takes(1, 1, 1)); /* both have had their share */
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_asker asker = asker_of(rows[i].of.source, rows[i].of.subject);

        assert_false(lk_mip_shares_take(&shares, &asker, rows[i].most + 1, 1));
        assert_true(lk_mip_shares_take(&shares, &asker, rows[i].most, 1));
    }
}

/* The home AAA does not see where a node is: a subscriber has a share there all the same. */
static void test_a_source_that_is_not_known(void **state)
{
    const struct lk_mip_asker one = { .subject = 1 }, other = { .subject = 2 };
    unsigned count = 0;

    for (unsigned i = 0; i < 200; i++)
        count += lk_mip_shares_take(&shares, &one, 0, 1);
    assert_int_equal(count, A_SECOND - A_SECOND / 3);
    assert_true(lk_mip_shares_take(&shares, &other, 0, 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_t15_strangers_in_one_name),
        TEST(test_t15_strangers_in_all_names),
        TEST(test_t15_strangers_in_its_own_name),
        TEST(test_t15_a_stranger_in_its_name),
        TEST(test_what_is_left_over_is_for_all),
        TEST(test_places_are_shared),
        TEST(test_a_source_that_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
