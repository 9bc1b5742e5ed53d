/* base/base64: both ways, and one text for one string of octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct row {
    const char *octets, *text;
} rows[] = {
    { "", "" },             { "f", "Zg==" },          { "fo", "Zm8=" },
    { "foo", "Zm9v" },      { "foob", "Zm9vYg==" },   { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
};

/* spec: RFC 4648 10 - the RFC's own rows, and the last two digits. */
static void goes_both_ways(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t room[16], back[16];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        size_t len = 99;

        lk_base64_put(&w, lk_span_text(rows[i].octets));
        assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text(rows[i].text)));
        assert_int_equal(w.len, LK_BASE64_LEN(strlen(rows[i].octets)));
        assert_int_equal(lk_base64_decode(back, sizeof back, &len, lk_writer_span(&w)), LK_OK);
        assert_true(lk_span_equal(lk_span_of(back, len), lk_span_text(rows[i].octets)));
    }
}

static void refuses_what_is_none(void **state)
{
    static const struct {
        const char *text;
        enum lk_status status;
    } bad[] = {
        { "Z", LK_E_LENGTH },     { "Zg", LK_E_LENGTH },    { "Zg=", LK_E_LENGTH },
        { "Zg===", LK_E_LENGTH }, { "=", LK_E_LENGTH },     { "====", LK_E_VALUE },
        { "Z===", LK_E_VALUE },   { "Zh==", LK_E_VALUE },   { "Zm9=", LK_E_VALUE },
        { "Zg==Zg==", LK_E_VALUE }, { "Z=g=", LK_E_VALUE }, { "Zm-v", LK_E_VALUE },
        { "Zm_v", LK_E_VALUE },   { "Zm v", LK_E_VALUE },   { "Zm\nv", LK_E_VALUE },
        { "==Zg", LK_E_VALUE },   { "Zm9v====", LK_E_VALUE },
    };
    uint8_t room[8];
    size_t len = 0;

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        assert_int_equal(lk_base64_decode(room, sizeof room, &len, lk_span_text(bad[i].text)),
                         bad[i].status);
}

/* Every truncation of a text is refused, or is a text of its own; no more is written than asked. */
static void every_truncation(void **state)
{
    static const char text[] = "I1U8vpY3qJ0hiuZNrke/NQ==";

    for (size_t cut = 0; cut < sizeof text; cut++) {
        uint8_t room[16 + 1] = { 0 }, again[32];
        struct lk_writer w = lk_writer_of(again, sizeof again);
        size_t len = 0;
        enum lk_status status = lk_base64_decode(room, 16, &len, lk_span_of(text, cut));

        assert_int_equal(room[16], 0);
        assert_int_equal(status == LK_OK, cut % 4 == 0);
        if (status == LK_OK) {
            lk_base64_put(&w, lk_span_of(room, len));
            assert_true(lk_span_equal(lk_writer_span(&w), lk_span_of(text, cut)));
        }
    }
    for (size_t cap = 0; cap <= 16; cap++) {
        uint8_t room[16 + 1];
        size_t len = 0;

        memset(room, 0x5a, sizeof room);
        assert_int_equal(lk_base64_decode(room, cap, &len, lk_span_text(text)),
                         cap < 16 ? LK_E_FULL : LK_OK);
        assert_int_equal(room[cap], 0x5a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_both_ways),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
