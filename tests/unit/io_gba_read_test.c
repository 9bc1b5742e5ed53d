/* BootstrappingInfo, read: what we write, what others may, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/gba_read.h"
#include "wire/gba_xml.h"

#define HEAD "<?xml version=\"1.0\"?><BootstrappingInfo xmlns=\"uri:3gpp-gba\">"
#define B_TID "<btid>AAAA==@bsf.example</btid>"
#define LIFETIME "<lifetime>2026-11-21T21:30:00Z</lifetime>"
#define END "</BootstrappingInfo>"

/* spec: TS 24.109 C.1 - read is what was written, at every time. */
static void test_what_is_written_is_read(void **state)
{
    static const uint64_t times[] = { 0, 951782400, 951868800, 1795296600, 4107542399,
                                      253402300799 };

    for (size_t i = 0; i < LK_COUNT_OF(times); i++) {
        struct lk_bootstrapping_info info = { .b_tid = lk_span_text("A+/=&@bsf.example"),
                                              .expires_s = times[i], .current_s = 1,
                                              .home_agent = lk_span_text("ha.example"),
                                              .home_agent_address = lk_span_text("192.0.2.1") };
        uint8_t room[LK_GBA_XML_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_gba_info read;

        assert_int_equal(lk_bootstrapping_info_encode(&w, &info), LK_OK);
        assert_int_equal(lk_gba_read(&read, lk_span_of(room, w.len)), LK_OK);
        assert_string_equal(read.b_tid, "A+/=&@bsf.example");
        assert_string_equal(read.home_agent, "ha.example");
        assert_string_equal(read.home_agent_address, "192.0.2.1");
        assert_int_equal(read.expires_s, times[i]);
        for (size_t len = 0; len + 1 < w.len; len++)
            assert_int_equal(lk_gba_read(&read, lk_span_of(room, len)), LK_E_VALUE);
    }
}

static enum lk_status reads(const char *text)
{
    struct lk_gba_info read;

    return lk_gba_read(&read, lk_span_text(text));
}

static void test_what_is_not_known_is_passed_over(void **state)
{
    assert_int_equal(reads(HEAD B_TID LIFETIME END), LK_OK);
    assert_int_equal(reads(HEAD B_TID LIFETIME "<x xmlns=\"u\"><btid>no</btid></x>" END), LK_OK);
    assert_int_equal(reads(HEAD B_TID "<lifetime>2026-11-21T21:30:00.125Z</lifetime>" END), LK_OK);
}

static void test_what_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "no XML",
        HEAD LIFETIME END,
        HEAD B_TID END,
        HEAD B_TID B_TID LIFETIME END,
        HEAD B_TID LIFETIME LIFETIME END,
        HEAD "<btid></btid>" LIFETIME END,
        HEAD B_TID LIFETIME "<Extension><homeagentaddress xmlns=\"uri:latchkey-gba\">192.0.2.300"
             "</homeagentaddress></Extension>" END,
        HEAD B_TID LIFETIME "<Extension><homeagentaddress xmlns=\"uri:latchkey-gba\">"
             "</homeagentaddress></Extension>" END,
        HEAD "<btid>a b</btid>" LIFETIME END,
        HEAD "<btid>a<b/>c</btid>" LIFETIME END,
        HEAD "<x>" B_TID "</x>" LIFETIME END,
        HEAD B_TID "<lifetime>2026-11-21T21:30:00</lifetime>" END,
        HEAD B_TID "<lifetime>2026-02-29T21:30:00Z</lifetime>" END,
        HEAD B_TID "<lifetime>2026-13-01T21:30:00Z</lifetime>" END,
        HEAD B_TID "<lifetime>2026-11-21T24:30:00Z</lifetime>" END,
        HEAD B_TID "<lifetime>2026-11-21T21:30:00+01:00</lifetime>" END,
        HEAD B_TID "<lifetime>2026-11-21T21:30:00.Z</lifetime>" END,
        "<BootstrappingInfo>" B_TID LIFETIME END,
        "<!DOCTYPE x [<!ENTITY a \"b\">]>" HEAD B_TID LIFETIME END,
        "<!DOCTYPE BootstrappingInfo><BootstrappingInfo xmlns=\"uri:3gpp-gba\">" B_TID LIFETIME END,
        HEAD "<btid>&a;</btid>" LIFETIME END,
        HEAD B_TID LIFETIME END "x",
    };

    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++)
        if (reads(wrong[i]) != LK_E_VALUE)
            fail_msg("%s", wrong[i]);
}

static void test_depth_and_length_have_an_end(void **state)
{
    static char text[10000];
    size_t len = strlen(HEAD);

    memcpy(text, HEAD, len);
    for (int i = 0; i < 100; i++, len += 3)
        memcpy(text + len, "<a>", 3);
    text[len] = '\0';
    assert_int_equal(reads(text), LK_E_VALUE);
    memset(text, ' ', sizeof text);
    assert_int_equal(lk_span_of(text, sizeof text).len, sizeof text);
    memcpy(text, HEAD B_TID LIFETIME END, strlen(HEAD B_TID LIFETIME END));
    text[sizeof text - 1] = '\0';
    assert_int_equal(reads(text), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_what_is_not_known_is_passed_over),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_depth_and_length_have_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
