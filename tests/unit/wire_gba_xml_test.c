/* wire/gba_xml: dates, escapes, and what cannot be written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/gba_xml.h"

/* spec: TS 24.109 C.1 - lifetime is an absolute time in UTC; by another hand. */
static void times(void **state)
{
    static const struct {
        uint64_t seconds;
        const char *text;
    } rows[] = {
        { 0, "1970-01-01T00:00:00Z" },          { 951782400, "2000-02-29T00:00:00Z" },
        { 951868799, "2000-02-29T23:59:59Z" },  { 951868800, "2000-03-01T00:00:00Z" },
        { 1795296600, "2026-11-21T21:30:00Z" }, { 4107542399, "2100-02-28T23:59:59Z" },
        { 4107542400, "2100-03-01T00:00:00Z" }, { 253402300799, "9999-12-31T23:59:59Z" },
    };
    char text[LK_XML_TIME_LEN];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_int_equal(lk_xml_time(text, rows[i].seconds), LK_OK);
        assert_memory_equal(text, rows[i].text, sizeof text);
    }
    assert_int_equal(lk_xml_time(text, UINT64_C(253402300800)), LK_E_VALUE);
    assert_int_equal(lk_xml_time(text, UINT64_MAX), LK_E_VALUE);
}

static void documents(void **state)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<BootstrappingInfo xmlns=\"uri:3gpp-gba\">";
    static const char plain[] = "<btid>QUI=@bsf.example</btid>"
                                "<lifetime>2026-11-21T21:30:00Z</lifetime></BootstrappingInfo>\n";
    static const char extended[] =
        "<btid>&lt;&amp;&gt;@bsf</btid><lifetime>2026-11-21T21:30:00Z</lifetime><Extension>"
        "<currenttime>1970-01-01T00:00:01Z</currenttime>"
        "<homeagent xmlns=\"uri:latchkey-gba\">ha.example</homeagent></Extension>"
        "</BootstrappingInfo>\n";
    struct lk_bootstrapping_info info = { .b_tid = lk_span_text("QUI=@bsf.example"),
                                          .expires_s = 1795296600 };
    char room[LK_GBA_XML_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_OK);
    assert_int_equal(w.len, strlen(head) + strlen(plain));
    assert_memory_equal(room, head, strlen(head));
    assert_memory_equal(room + strlen(head), plain, strlen(plain));
    for (size_t cap = 0; cap < strlen(head) + strlen(plain); cap++) {
        w = lk_writer_of(room, cap);
        assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_E_FULL);
    }
    info.b_tid = lk_span_text("<&>@bsf");
    info.current_s = 1;
    info.home_agent = lk_span_text("ha.example");
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_OK);
    assert_memory_equal(room + strlen(head), extended, strlen(extended));
    info.home_agent_address = lk_span_text("192.0.2.1");
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_OK);
    lk_put_u8(&w, 0);
    assert_non_null(strstr((const char *)room,
                           "</homeagent><homeagentaddress xmlns=\"uri:latchkey-gba\">192.0.2.1"
                           "</homeagentaddress></Extension>"));
}

static void what_cannot_be_written(void **state)
{
    static const char *const bad[] = { "a\nb", "\x01", "\xc3\xa4", "\x7f" };
    struct lk_bootstrapping_info info = { .b_tid = lk_span_text("a"), .expires_s = UINT64_MAX };
    char room[LK_GBA_XML_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_E_VALUE);
    info.expires_s = 0;
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        info.b_tid = lk_span_text(bad[i]);
        w = lk_writer_of(room, sizeof room);
        assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_E_VALUE);
        info.b_tid = lk_span_text("a");
        info.home_agent = lk_span_text(bad[i]);
        w = lk_writer_of(room, sizeof room);
        assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_E_VALUE);
        info.home_agent = lk_span_text("");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(documents),
        cmocka_unit_test(what_cannot_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
