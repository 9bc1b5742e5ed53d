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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_shaded),
        cmocka_unit_test(little_is_drawn_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
