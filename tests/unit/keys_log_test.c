/* keys/log: each line there and back, cut at every length, and wrong in each way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/log.h"

static struct lk_key_log entry_of(enum lk_key_log_kind kind, uint16_t number)
{
    struct lk_key_log entry = { .kind = kind, .station = { 2, 0, 0, 0, 0, 2 }, .number = number };

    memset(entry.key, 0xa5, sizeof entry.key);
    return entry;
}

static void a_line_goes_there_and_back(void **state)
{
    static const uint16_t numbers[] = { 0, 7, 65535 };
    struct lk_key_log came;
    char line[LK_KEY_LOG_LINE];

    for (enum lk_key_log_kind kind = 0; kind < LK_KEY_LOG_KINDS; kind++)
        for (size_t i = 0; i < LK_COUNT_OF(numbers); i++) {
            struct lk_key_log entry = entry_of(kind, numbers[i]);
            struct lk_span text;

            lk_key_log_write(line, &entry);
            text = lk_span_text(line);
            assert_int_equal(lk_key_log_next(&came, &text), LK_OK);
            assert_int_equal(came.kind, kind);
            assert_int_equal(came.number, numbers[i]);
            assert_memory_equal(came.station, entry.station, sizeof came.station);
            assert_memory_equal(came.key, entry.key, sizeof came.key);
            assert_int_equal(lk_key_log_next(&came, &text), LK_E_NOT_FOUND);
            for (size_t cut = 1; cut + 1 < strlen(line); cut++) {
                text = lk_span_of(line, cut);
                assert_int_equal(lk_key_log_next(&came, &text), LK_E_VALUE);
            }
        }
}

static void what_is_behind_a_wrong_line_is_read(void **state)
{
    static const char *const wrong[] = {
        "\n", "NONE 020000000002 0 ", "S-KWT 0200000002 0 ", "S-KWT 020000000002  ",
        "S-KWT 020000000002 65536 ", "S-KWT 020000000002 100000 ", "S-KWT 020000000002 -1 ",
        "KENB 02000000000g 1 ",
    };
    char text[2 * LK_KEY_LOG_LINE], line[LK_KEY_LOG_LINE];
    struct lk_key_log entry = entry_of(LK_KEY_LOG_S_KWT, 7), came;

    lk_key_log_write(line, &entry);
    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++) {
        struct lk_span all;
        size_t len = strlen(wrong[i]);

        memcpy(text, wrong[i], len);
        if (len > 1) /* the key of a right one, and its end */
            memcpy(text + len, line + strlen("S-KWT 020000000002 7 "), 66);
        len = strlen(wrong[i]) + (len > 1 ? 65 : 0);
        memcpy(text + len, line, strlen(line) + 1);
        all = lk_span_text(text);
        assert_int_equal(lk_key_log_next(&came, &all), LK_E_VALUE);
        assert_int_equal(lk_key_log_next(&came, &all), LK_OK);
        assert_int_equal(came.number, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_goes_there_and_back),
        cmocka_unit_test(what_is_behind_a_wrong_line_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
