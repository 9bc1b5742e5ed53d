/* The ways to keys of Mobile IP: a word and a bit for each, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mip_way.h"

static void test_words_and_bits(void **state)
{
    unsigned all = 0;

    for (enum lk_mip_way way = 0; way < LK_MIP_WAYS; way++) {
        assert_int_equal(lk_mip_way_of(lk_span_text(lk_mip_way_words[way])), way);
        assert_int_equal(all & lk_mip_way_bit(way), 0);
        all |= lk_mip_way_bit(way);
    }
    assert_int_equal(all, LK_MIP_WAYS_ALL);
    assert_null(lk_mip_way_words[LK_MIP_WAYS]);
    /* What rows of subscribers have: it may not change. */
    assert_int_equal(lk_mip_way_bit(LK_MIP_WAY_HA_NAF), 1);
    assert_int_equal(lk_mip_way_bit(LK_MIP_WAY_AAA), 2);
    assert_int_equal(lk_mip_way_bit(LK_MIP_WAY_PUSHED), 4);
    assert_int_equal(lk_mip_way_bit(LK_MIP_WAY_BSF), 8);
}

static void test_words_that_are_none(void **state)
{
    static const char *const none[] = { "", "ha", "ha-naff", "AAA", "any" };

    for (size_t i = 0; i < LK_COUNT_OF(none); i++)
        assert_int_equal(lk_mip_way_of(lk_span_text(none[i])), LK_MIP_WAYS);
}

static void test_all_of_them(void **state)
{
    char text[LK_MIP_WAYS_TEXT];

    assert_string_equal(lk_mip_ways_text(text), "ha-naf, aaa, pushed or bsf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_bits),
        cmocka_unit_test(test_words_that_are_none),
        cmocka_unit_test(test_all_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
