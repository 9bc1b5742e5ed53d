/* wire/uu: what is written is read, cut at every length, longer, and wrong in each way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "wire/uu.h"

static const uint8_t pdu[] = { 0x03, 0x20, 1, 2, 3, 4, 5 };

/* Tags as the dissector of PDCP for LTE has them: tests/system/judge_rrc_test.py asks it. */
static void a_pdu_goes_there_and_back(void **state)
{
    static const char want[] = "706463702d6c7465" "000100" "0205" "0301" "0401" "0d0001"
                               "0e0102" "01" "03200102030405";
    struct lk_uu uu = { .downlink = true, .ue_id = 0x0102, .pdu = LK_SPAN(pdu) }, came;
    uint8_t octets[LK_UU_HEAD_LEN + sizeof pdu], wanted[sizeof octets];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    size_t len;

    assert_int_equal(lk_uu_encode(&w, &uu), LK_OK);
    assert_int_equal(lk_hex_decode(wanted, sizeof wanted, &len, lk_span_text(want)), LK_OK);
    assert_int_equal(w.len, len);
    assert_memory_equal(octets, wanted, len);
    assert_int_equal(lk_uu_decode(&came, lk_writer_span(&w)), LK_OK);
    assert_true(came.downlink);
    assert_int_equal(came.ue_id, 0x0102);
    assert_true(lk_span_equal(came.pdu, LK_SPAN(pdu)));
    for (size_t cut = 0; cut < w.len; cut++) {
        enum lk_status status = lk_uu_decode(&came, lk_span_of(octets, cut));

        if (cut <= w.len - sizeof pdu)
            assert_int_equal(status, cut < 8 ? LK_E_UNKNOWN : LK_E_SHORT);
        else
            assert_int_equal(status, LK_OK); /* a shorter PDU: that is for wire/pdcp to say */
    }
    uu.pdu.len = 0;
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_uu_encode(&w, &uu), LK_E_SHORT);
    for (size_t cap = 0; cap < LK_UU_HEAD_LEN + sizeof pdu; cap++) {
        uu.pdu = LK_SPAN(pdu);
        w = lk_writer_of(octets, cap);
        assert_int_equal(lk_uu_encode(&w, &uu), LK_E_FULL);
    }
}

static void each_wrong_frame_has_its_status(void **state)
{
    static const struct {
        const char *hex;
        enum lk_status status;
    } rows[] = {
        { "000100" "0300" "01" "aa", LK_OK },                /* no more than needed */
        { "000100" "0e0007" "0300" "0401" "01" "aa", LK_OK }, /* any order */
        { "010100" "0300" "01" "aa", LK_E_UNSUPPORTED },     /* no header */
        { "000200" "0300" "01" "aa", LK_E_UNSUPPORTED },     /* user plane */
        { "000101" "0300" "01" "aa", LK_E_UNSUPPORTED },     /* header compression */
        { "000100" "0207" "0300" "01" "aa", LK_E_UNSUPPORTED },
        { "000100" "0300" "0402" "01" "aa", LK_E_UNSUPPORTED },
        { "000100" "0300" "0d0002" "01" "aa", LK_E_UNSUPPORTED },
        { "000100" "0302" "01" "aa", LK_E_VALUE },
        { "000100" "01" "aa", LK_E_MISSING },
        { "000100" "0300" "0300" "01" "aa", LK_E_TWICE },
        { "000100" "0300" "0f" "01" "aa", LK_E_UNKNOWN },
        { "000100" "0300" "ff" "01" "aa", LK_E_UNKNOWN },
        { "000100" "0300" "01", LK_E_SHORT },
    };
    uint8_t octets[64] = "pdcp-lte";
    struct lk_uu uu;
    size_t len;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_int_equal(lk_hex_decode(octets + 8, sizeof octets - 8, &len,
                                       lk_span_text(rows[i].hex)), LK_OK);
        assert_int_equal(lk_uu_decode(&uu, lk_span_of(octets, 8 + len)), rows[i].status);
    }
}

static void a_hello_says_who_and_where(void **state)
{
    enum { MAC_AT = 17 };
    struct lk_uu_hello hello = { .mac = { 2, 0, 0, 0, 0, 2 }, .connection = 0x01020304 }, came;
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_uu uu;

    assert_int_equal(lk_imsi_parse(&hello.imsi, lk_span_text("001010000000001")), LK_OK);
    assert_int_equal(lk_uu_hello_encode(&w, &hello), LK_OK);
    assert_int_equal(lk_uu_hello_decode(&came, lk_writer_span(&w)), LK_OK);
    assert_true(lk_imsi_equal(&came.imsi, &hello.imsi));
    assert_memory_equal(came.mac, hello.mac, sizeof hello.mac);
    assert_memory_equal(octets + MAC_AT, hello.mac, sizeof hello.mac);
    assert_int_equal(came.connection, 0x01020304);
    assert_int_equal(lk_uu_decode(&uu, lk_writer_span(&w)), LK_E_UNKNOWN);
    for (size_t cut = 0; cut < w.len; cut++)
        assert_int_equal(lk_uu_hello_decode(&came, lk_span_of(octets, cut)),
                         cut < 9 ? LK_E_UNKNOWN : LK_E_SHORT);
    assert_int_equal(lk_uu_hello_decode(&came, lk_span_of(octets, w.len + 1)), LK_E_TRAILING);
    octets[MAC_AT] |= 1; /* an address of many is no UE's */
    assert_int_equal(lk_uu_hello_decode(&came, lk_writer_span(&w)), LK_E_VALUE);
    octets[MAC_AT] ^= 1;
    octets[8]++;
    assert_int_equal(lk_uu_hello_decode(&came, lk_writer_span(&w)), LK_E_UNKNOWN);
    octets[8]--;
    octets[9] = 0xaa;
    assert_int_equal(lk_uu_hello_decode(&came, lk_writer_span(&w)), LK_E_VALUE);
    hello.mac[0] = 3;
    assert_int_equal(lk_uu_hello_encode(&w, &hello), LK_E_VALUE);
}

static void a_cell_is_asked_whether_it_has_us_still(void **state)
{
    static const char want[] = "6c6b2d616c697665" "01" "01" "01020304";
    struct lk_uu_alive alive = { .gone = true, .connection = 0x01020304 }, came;
    uint8_t octets[LK_UU_ALIVE_LEN + 1] = { 0 }, wanted[LK_UU_ALIVE_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_uu_hello hello;
    struct lk_uu uu;
    size_t len;

    assert_int_equal(lk_uu_alive_encode(&w, &alive), LK_OK);
    assert_int_equal(lk_hex_decode(wanted, sizeof wanted, &len, lk_span_text(want)), LK_OK);
    assert_int_equal(w.len, sizeof wanted);
    assert_memory_equal(octets, wanted, sizeof wanted);
    assert_int_equal(lk_uu_alive_decode(&came, lk_writer_span(&w)), LK_OK);
    assert_true(came.gone && came.connection == 0x01020304);
    assert_int_equal(lk_uu_decode(&uu, lk_writer_span(&w)), LK_E_UNKNOWN);
    assert_int_equal(lk_uu_hello_decode(&hello, lk_writer_span(&w)), LK_E_UNKNOWN);
    for (size_t cut = 0; cut < w.len; cut++)
        assert_int_equal(lk_uu_alive_decode(&came, lk_span_of(octets, cut)),
                         cut < 9 ? LK_E_UNKNOWN : LK_E_SHORT);
    assert_int_equal(lk_uu_alive_decode(&came, lk_span_of(octets, w.len + 1)), LK_E_TRAILING);
    octets[9] = 0;
    assert_int_equal(lk_uu_alive_decode(&came, lk_writer_span(&w)), LK_OK);
    assert_false(came.gone);
    octets[9] = 2;
    assert_int_equal(lk_uu_alive_decode(&came, lk_writer_span(&w)), LK_E_VALUE);
    octets[8]++;
    assert_int_equal(lk_uu_alive_decode(&came, lk_writer_span(&w)), LK_E_UNKNOWN);
    w = lk_writer_of(octets, LK_UU_ALIVE_LEN - 1);
    assert_int_equal(lk_uu_alive_encode(&w, &alive), LK_E_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pdu_goes_there_and_back),
        cmocka_unit_test(each_wrong_frame_has_its_status),
        cmocka_unit_test(a_hello_says_who_and_where),
        cmocka_unit_test(a_cell_is_asked_whether_it_has_us_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
