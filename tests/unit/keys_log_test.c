/* keys/log: each line there and back, cut at every length, and wrong in each way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static struct lk_app_key_log app_entry(enum lk_app_key_log_kind kind)
{
    static const uint8_t use[] = { 'n', 'a', 'f', 1, 0, 0, 0, 2 }, key[LK_KEY_LOG_KEY_LEN] = { 7 };
    const struct lk_span parts[] = { lk_span_text("b@bsf"), lk_span_text("notes"),
                                     lk_span_text(""), LK_SPAN(use) };
    const struct lk_span two[] = { parts[0], parts[3] };
    bool e2e = kind == LK_APP_KEY_LOG_E2E;
    bool one = kind == LK_APP_KEY_LOG_KS || kind == LK_APP_KEY_LOG_K_AKMA ||
               kind == LK_APP_KEY_LOG_RES;
    struct lk_app_key_log entry = { .kind = kind };

    assert_int_equal(lk_app_key_log_of(&entry, kind, e2e ? parts : two, e2e ? 4 : one ? 1 : 2,
                                       lk_span_of(key, e2e ? LK_APP_KEY_LOG_FINGERPRINT :
                                                       kind == LK_APP_KEY_LOG_RES ? LK_RES_MAX :
                                                       LK_KEY_LOG_KEY_LEN)), LK_OK);
    return entry;
}

/* A Ua protocol has octets of zero, and stands last: it stays whole. */
static void a_line_of_applications_goes_there_and_back(void **state)
{
    char line[LK_APP_KEY_LOG_LINE];
    struct lk_app_key_log came;
    struct lk_span text;

    for (enum lk_app_key_log_kind kind = 0; kind < LK_APP_KEY_LOG_KINDS; kind++) {
        struct lk_app_key_log entry = app_entry(kind);
        size_t last = kind == LK_APP_KEY_LOG_E2E ? 3 : 1;

        lk_app_key_log_write(line, &entry);
        text = lk_span_text(line);
        assert_int_equal(lk_app_key_log_next(&came, &text), LK_OK);
        assert_int_equal(came.kind, kind);
        assert_true(lk_span_equal(lk_span_of(came.key, came.key_len),
                                  lk_span_of(entry.key, entry.key_len)));
        assert_true(lk_span_equal(lk_app_key_log_part(&came, 0), lk_span_text("b@bsf")));
        if (kind != LK_APP_KEY_LOG_KS && kind != LK_APP_KEY_LOG_K_AKMA &&
            kind != LK_APP_KEY_LOG_RES)
            assert_int_equal(lk_app_key_log_part(&came, last).len, 8);
        assert_int_equal(lk_app_key_log_part(&came, last + 1).len, 0);
        assert_int_equal(lk_app_key_log_next(&came, &text), LK_E_NOT_FOUND);
        for (size_t cut = 1; kind < LK_APP_KEY_LOG_RES && cut + 1 < strlen(line); cut++) {
            text = lk_span_of(line, cut); /* the others may be as short as what is left of them */
            assert_int_equal(lk_app_key_log_next(&came, &text), LK_E_VALUE);
        }
        text = lk_span_text(line);
        text.len--;
        assert_int_equal(lk_app_key_log_next(&came, &text), LK_OK); /* the newline alone */
    }
}

/* A session's line has room for a fingerprint, and none for a key. */
static void a_session_has_no_key_in_its_line(void **state)
{
    struct lk_span text = lk_span_text(
        "E2E_SESSION 00 0 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
    struct lk_app_key_log came;

    assert_int_equal(lk_app_key_log_next(&came, &text), LK_E_VALUE);
    text = lk_span_text("E2E_SESSION 00 0 0011223344556677\n");
    assert_int_equal(lk_app_key_log_next(&came, &text), LK_OK);
}

/* What a trace has room for. */
static void a_res_has_its_length(void **state)
{
    static const char digits[] = "000102030405060708090a0b0c0d0e0f10";
    char line[64];
    struct lk_app_key_log came;

    for (size_t len = 1; len <= 17; len++) {
        struct lk_span text;

        (void)snprintf(line, sizeof line, "GBA_RES 00 0 %.*s\n", (int)(2 * len), digits);
        text = lk_span_text(line);
        assert_int_equal(lk_app_key_log_next(&came, &text),
                         len >= 4 && len <= LK_RES_MAX ? LK_OK : LK_E_VALUE);
    }
}

/* A secret of Mobile IP is as long as its association has it. */
static void a_secret_of_mobile_ip_has_its_length(void **state)
{
    static const uint8_t spis[8] = { 0, 0, 1, 0, 0, 0, 1, 1 }, key[65] = { 7 };
    const struct lk_span parts[] = { lk_span_text("001010123456789"), LK_SPAN(spis) };
    char line[LK_APP_KEY_LOG_LINE];
    struct lk_app_key_log entry, came;

    for (size_t len = 16; len <= 64; len += 4) {
        struct lk_span text;

        assert_int_equal(lk_app_key_log_of(&entry, LK_APP_KEY_LOG_MN_HA, parts, 2,
                                           lk_span_of(key, len)), LK_OK);
        entry.number = LK_MIP_HMAC_SHA256;
        lk_app_key_log_write(line, &entry);
        text = lk_span_text(line);
        assert_int_equal(lk_app_key_log_next(&came, &text), LK_OK);
        assert_int_equal(came.key_len, len);
        assert_int_equal(came.number, LK_MIP_HMAC_SHA256);
        assert_true(lk_span_equal(lk_app_key_log_part(&came, 1), LK_SPAN(spis)));
        line[strlen(line) - 1 - 2 * (len - 15)] = '\0';
        text = lk_span_text(line);
        assert_int_equal(lk_app_key_log_next(&came, &text), LK_E_VALUE); /* 15 octets */
    }
}

static void a_name_that_is_too_long_is_told(void **state)
{
    static const uint8_t name[LK_APP_KEY_LOG_WHOSE_MAX + 1], key[LK_KEY_LOG_KEY_LEN];
    struct lk_span parts[1] = { LK_SPAN(name) };
    struct lk_app_key_log entry;

    assert_int_equal(lk_app_key_log_of(&entry, LK_APP_KEY_LOG_KS, parts, 1, LK_SPAN(key)),
                     LK_E_FULL);
    parts[0].len--;
    assert_int_equal(lk_app_key_log_of(&entry, LK_APP_KEY_LOG_KS, parts, 1, LK_SPAN(key)), LK_OK);
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
        cmocka_unit_test(a_line_of_applications_goes_there_and_back),
        cmocka_unit_test(a_session_has_no_key_in_its_line),
        cmocka_unit_test(a_res_has_its_length),
        cmocka_unit_test(a_secret_of_mobile_ip_has_its_length),
        cmocka_unit_test(a_name_that_is_too_long_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
