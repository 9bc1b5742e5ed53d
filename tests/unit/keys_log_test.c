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

/* ---- MIS ---- */

static void a_line_of_mis_goes_there_and_back(void **state)
{
    struct lk_mis_key_log entry, came;
    char line[LK_MIS_KEY_LOG_LINE];
    struct lk_span text;

    for (enum lk_mis_key_log_origin origin = 0; origin <= LK_MIS_KEY_LOG_MSK; origin++) {
        entry = (struct lk_mis_key_log){ .kind = LK_MIS_KEY_LOG_K, .number = (uint16_t)origin,
                                         .said = { 3, 0x5a, 1, 2, 3 }, .said_len = 5,
                                         .key = { 9 }, .key_len = LK_MIS_K_MAX };
        lk_mis_key_log_write(line, &entry);
        text = lk_span_text(line);
        assert_int_equal(lk_mis_key_log_next(&came, &text), LK_OK);
        assert_memory_equal(&came, &entry, sizeof came);
        assert_int_equal(lk_mis_key_log_next(&came, &text), LK_E_NOT_FOUND);
        for (size_t cut = 1; cut < 1 + strlen("MIS_K 035a010203 0 ") + 30; cut++) {
            text = lk_span_of(line, cut);
            assert_int_equal(lk_mis_key_log_next(&came, &text), LK_E_VALUE);
        }
    }
}

/* Cut by suite and PRF, and refused when it is not as long as they say. */
static void a_misk_is_cut_again_as_it_was(void **state)
{
    static const uint8_t id[LK_MIS_SA_ID_MAX] = { 0x5a };
    char line[LK_MIS_KEY_LOG_LINE];

    for (enum lk_mis_suite suite = 0; suite < LK_MIS_SUITE_COUNT; suite++)
        for (enum lk_mis_prf prf = 0; prf < LK_MIS_PRF_COUNT; prf++) {
            struct lk_mis_agreed agreed = { suite, prf, (uint8_t)(suite + 1), (uint8_t)prf };
            uint8_t nonce[LK_MIS_NONCE_LEN] = { 1 };
            struct lk_mis_k k = { { 9 }, LK_MIS_K_MAX };
            struct lk_mis_keys keys, again = { .miak.len = 0 };
            struct lk_mis_key_log entry, came;
            struct lk_span text;

            lk_mis_keys_derive(&keys, &agreed, &k, nonce, nonce);
            lk_mis_key_log_misk(&entry, 1, LK_SPAN(id), &agreed, &keys);
            lk_mis_key_log_write(line, &entry);
            text = lk_span_text(line);
            assert_int_equal(lk_mis_key_log_next(&came, &text), LK_OK);
            assert_int_equal(came.number, (suite + 1) << 8 | prf);
            assert_true(lk_mis_key_log_keys(&again, &came, &agreed));
            assert_int_equal(again.miak.len, keys.miak.len);
            assert_memory_equal(again.miak.octets, keys.miak.octets, keys.miak.len);
            assert_int_equal(again.miek.len, keys.miek.len);
            assert_memory_equal(again.miek.octets, keys.miek.octets, keys.miek.len);
            assert_memory_equal(again.miik.octets, keys.miik.octets, keys.miik.len);
            came.key_len--;
            assert_false(lk_mis_key_log_keys(&again, &came, &agreed));
        }
}

static void a_link_key_is_of_an_sa_and_a_link(void **state)
{
    static const uint8_t id[] = { 0x5a, 1, 2, 3 };
    static const char begins[] = "MIS_MSPMK 035a010203 19 020000000001020000003662a5";
    const struct lk_mis_link_pair link = { 19, { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0x36, 0x62 } };
    const struct lk_mspmk key = { { 0xa5, 1 } };
    struct lk_mis_link_pair link_again;
    struct lk_mis_key_log entry, came;
    char line[LK_MIS_KEY_LOG_LINE];
    struct lk_mspmk again;
    struct lk_span text;

    lk_mis_key_log_mspmk(&entry, 3, LK_SPAN(id), &link, &key);
    lk_mis_key_log_write(line, &entry);
    assert_memory_equal(line, begins, sizeof begins - 1);
    text = lk_span_text(line);
    assert_int_equal(lk_mis_key_log_next(&came, &text), LK_OK);
    assert_true(lk_mis_key_log_link(&link_again, &again, &came));
    assert_memory_equal(&link_again, &link, sizeof link);
    assert_memory_equal(&again, &key, sizeof key);
    came.key_len--;
    assert_false(lk_mis_key_log_link(&link_again, &again, &came));
}

static void lines_of_two_kinds_do_not_mix(void **state)
{
    struct lk_span text = lk_span_text("MIS_K 035a010203 0 00112233445566778899aabbccddeeff\n");
    struct lk_key_log lwa;
    struct lk_mis_key_log mis;

    assert_int_equal(lk_key_log_next(&lwa, &text), LK_E_VALUE);
    text = lk_span_text("KENB 020000000002 2 "
                        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
    assert_int_equal(lk_mis_key_log_next(&mis, &text), LK_E_VALUE);
    text = lk_span_text("MIS_K 035a0102 0 00112233445566778899aabbccddeeff\n");
    assert_int_equal(lk_mis_key_log_next(&mis, &text), LK_E_VALUE); /* no SAID is so short */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_goes_there_and_back),
        cmocka_unit_test(what_is_behind_a_wrong_line_is_read),
        cmocka_unit_test(a_line_of_mis_goes_there_and_back),
        cmocka_unit_test(a_misk_is_cut_again_as_it_was),
        cmocka_unit_test(a_link_key_is_of_an_sa_and_a_link),
        cmocka_unit_test(lines_of_two_kinds_do_not_mix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
