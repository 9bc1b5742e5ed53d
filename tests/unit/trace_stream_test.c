/* trace, the chart of a stream: bars, gaps and marks of what is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/stream_svg.h"

enum { SAMPLES = 400, STEP_MS = 25 };

static unsigned count(const char *text, const char *what)
{
    unsigned found = 0;

    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        found++;
    return found;
}

/* Nothing comes between two samples, the first excluded. */
static char *draw(size_t samples, size_t from, size_t to)
{
    struct lk_stream_sample sample[SAMPLES];
    const struct lk_stream_mark mark[] = { { 0, "one" }, { 100, "two" }, { 99999, "late" } };
    const struct lk_stream_chart chart = { samples, 3, sample, mark };
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);

    assert_non_null(file);
    for (size_t i = 0; i < SAMPLES; i++) {
        sample[i].ms = (uint32_t)(i * STEP_MS);
        sample[i].octets = i == 0 ? 0 : sample[i - 1].octets + (i > from && i <= to ? 0 : 1000);
    }
    lk_stream_svg(file, &chart);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void a_gap_is_shaded(void **state)
{
    char *even = draw(SAMPLES, 0, 0), *gap = draw(SAMPLES, 100, 140);
    char *shortly = draw(SAMPLES, 100, 102);

    assert_int_equal(count(even, "class=\"stream-gap\""), 0);
    assert_int_equal(count(even, "class=\"stream-bar\""), 180);
    assert_int_equal(count(even, "class=\"stream-mark\""), 3);
    assert_non_null(strstr(even, "<title>"));
    assert_int_equal(count(gap, "class=\"stream-gap\""), 1);
    assert_true(count(gap, "class=\"stream-bar\"") < 180);
    assert_int_equal(count(shortly, "class=\"stream-gap\""), 0);
    free(even);
    free(gap);
    free(shortly);
}

static void little_is_drawn_as_it_is(void **state)
{
    for (size_t samples = 0; samples < 20; samples++) {
        char *text = draw(samples, 0, 0);

        assert_int_equal(strlen(text) > 0, samples > 1);
        free(text);
    }
}

/* Every 10 ms octets, but for 500 to 800 ms: of a move within a gap counts what is left of it. */
static void a_gap_is_of_the_move_before_it(void **state)
{
    enum { EVERY_MS = 10, GAP_MS = 500, ON_MS = 800, END_MS = 1000 };
    uint32_t before = 0;
    struct lk_stream_sample sample[END_MS / EVERY_MS + 1];
    struct lk_stream_chart c = { .sample = sample };

    for (uint32_t ms = 0; ms <= END_MS; ms += EVERY_MS)
        if (ms <= GAP_MS || ms >= ON_MS) {
            sample[c.samples] = (struct lk_stream_sample){ ms, 1000 * (c.samples + 1), before,
                                                           ms - before };
            c.samples++;
            before = ms;
        }
    assert_int_equal(lk_stream_longest_gap(&c, 0, 490), EVERY_MS);
    assert_int_equal(lk_stream_longest_gap(&c, 490, 600), ON_MS - GAP_MS);
    assert_int_equal(lk_stream_longest_gap(&c, 600, 900), ON_MS - 600);
    assert_int_equal(lk_stream_longest_gap(&c, 900, UINT32_MAX), EVERY_MS);
    assert_int_equal(lk_stream_longest_gap(&c, END_MS, UINT32_MAX), 0);
    c.samples = 0;
    assert_int_equal(lk_stream_longest_gap(&c, 0, UINT32_MAX), 0);
}

/* Samples are far apart, and no row says more than the longest gap between two arrivals. */
static void the_samples_are_no_gaps(void **state)
{
    const struct lk_stream_sample sample[] = {
        { 0, 1, 0, 0 }, { 40, 3, 20, 20 }, { 101, 5, 60, 41 }, { 142, 7, 101, 21 },
    };
    const struct lk_stream_chart c = { .samples = 4, .sample = sample };

    assert_int_equal(lk_stream_longest_gap(&c, 0, UINT32_MAX), 41);
    assert_int_equal(lk_stream_longest_gap(&c, 0, 50), 20);
    assert_int_equal(lk_stream_longest_gap(&c, 70, 80), 31); /* behind the mark in it */
    assert_int_equal(lk_stream_longest_gap(&c, 102, UINT32_MAX), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_shaded),
        cmocka_unit_test(little_is_drawn_as_it_is),
        cmocka_unit_test(a_gap_is_of_the_move_before_it),
        cmocka_unit_test(the_samples_are_no_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
