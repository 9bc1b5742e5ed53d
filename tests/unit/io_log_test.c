/* The log: escaping, masking, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "io/log.h"

static int ends[2];

static int open_pipe(void **state)
{
    return pipe(ends);
}

static void set_up(bool json, bool mask)
{
    const struct lk_log_setup setup = {
        .json = json, .level = LK_LOG_INFO, .mask_imsi = mask, .process = "test", .fd = ends[1]
    };

    lk_log_setup(&setup);
}

static const char *written(void)
{
    static char text[2 * LK_LOG_LINE];
    ssize_t got = read(ends[0], text, sizeof text - 1);

    assert_true(got > 0);
    text[got] = '\0';
    return text;
}

static void test_text_is_one_line_whatever_comes(void **state)
{
    const char *line;

    set_up(false, true);
    LK_LOG(LK_LOG_INFO, "hello", { "user", "a\nb\"c\033[31m" }, { "none", NULL },
           { "plain", "x/1" });
    line = written();
    assert_non_null(
        strstr(line, " info test hello user=\"a\\u000ab\\\"c\\u001b[31m\" plain=x/1\n"));
    assert_null(strstr(line, "none"));
}

static void test_json_parses(void **state)
{
    char big[2000];
    json_t *object;

    memset(big, '"', sizeof big);
    big[sizeof big - 1] = '\0';
    set_up(true, true);
    LK_LOG(LK_LOG_ERROR, "odd", { "text", "tab\there \xff" }, { "more", "\\" });
    object = json_loads(written(), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "event")), "odd");
    assert_string_equal(json_string_value(json_object_get(object, "more")), "\\");
    json_decref(object);

    LK_LOG(LK_LOG_ERROR, "odd", { "text", big }, { "a", big }, { "b", big }, { "c", big });
    object = json_loads(written(), 0, NULL);
    assert_non_null(object); /* cut, and still an object */
    json_decref(object);
}

/* Y08: design rule 9, no full IMSI in a log unless asked for, whichever field it hides in. */
static void test_imsi_is_masked(void **state)
{
    struct lk_imsi imsi;
    char text[LK_IMSI_MAX_DIGITS + 1];
    const char *line;

    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010123456789")), LK_OK);
    set_up(false, true);
    lk_log_imsi(text, &imsi);
    LK_LOG(LK_LOG_INFO, "x", { "imsi", text }, { "user", "0001010123456789@realm" },
           { "port", "11812" });
    line = written();
    assert_null(strstr(line, "0123456"));
    assert_non_null(strstr(line, "11812"));
    set_up(false, false);
    lk_log_imsi(text, &imsi);
    LK_LOG(LK_LOG_INFO, "x", { "imsi", text });
    assert_non_null(strstr(written(), "001010123456789"));
}

/* What this side made and somebody compares stays whole, whatever digits it has by chance. */
static void test_own_hexadecimal_is_not_masked(void **state)
{
    set_up(false, true);
    LK_LOG(LK_LOG_INFO, "x", { "fingerprint", "7597083935557a49" });
    assert_non_null(strstr(written(), "7597083935557a49"));
    LK_LOG(LK_LOG_INFO, "x", { "other", "7597083935557a49" });
    assert_null(strstr(written(), "7083935"));
}

static void test_levels(void **state)
{
    set_up(false, true);
    LK_LOG(LK_LOG_DEBUG, "quiet", { "a", "b" });
    LK_LOG(LK_LOG_INFO, "loud", { "a", "b" });
    assert_null(strstr(written(), "quiet"));
}

static void test_limit(void **state)
{
    struct lk_log_limit limit = { 0 };
    uint32_t left_out = 99;
    unsigned written_lines = 0;

    for (unsigned i = 0; i < 1000; i++)
        written_lines += lk_log_allowed(&limit, 1000, &left_out);
    assert_int_equal(written_lines, LK_LOG_BURST);
    assert_int_equal(left_out, 0);
    assert_true(lk_log_allowed(&limit, 2000, &left_out));
    assert_int_equal(left_out, 1000 - LK_LOG_BURST);
    for (written_lines = 1; lk_log_allowed(&limit, 2000, &left_out);)
        written_lines++;
    assert_int_equal(written_lines, LK_LOG_PER_SECOND);
}

static void test_refusal_tells_all(void **state)
{
    struct lk_refusal refusal = lk_refusal_of(LK_REASON_SUBSCRIBER_UNKNOWN, "a row", "none");
    const struct lk_log_field field = { "client", "127.0.0.1" };
    const char *line;

    set_up(false, true);
    lk_log_refusal(&refusal, 1, &field, 1);
    line = written();
    assert_non_null(strstr(line, "reason=aaa.subscriber-unknown"));
    assert_non_null(strstr(line, "expected=\"a row\""));
    assert_non_null(strstr(line, "came=none"));
    assert_non_null(strstr(line, "fix="));
    assert_non_null(strstr(line, "client=127.0.0.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_one_line_whatever_comes),
        cmocka_unit_test(test_json_parses),
        cmocka_unit_test(test_imsi_is_masked),
        cmocka_unit_test(test_own_hexadecimal_is_not_masked),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_refusal_tells_all),
    };

    return cmocka_run_group_tests(tests, open_pipe, NULL);
}
