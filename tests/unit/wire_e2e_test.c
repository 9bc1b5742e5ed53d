/* wire/e2e: there and back, every truncation, one octet more, and the list of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/e2e.h"

static uint8_t room[LK_E2E_FRAME_MAX + 16];

static struct lk_span hello_octets(void)
{
    const struct lk_e2e_hello hello = { LK_E2E_WITH_N | LK_E2E_RESUMED,
                                        lk_span_text("app.example"), lk_span_text("notes"),
                                        { NULL, 0 }, { NULL, 0 } };
    uint8_t offer[LK_E2E_OFFER_MAX];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), w = lk_writer_of(room, sizeof room);

    lk_e2e_offer_encode(&o, &hello);
    lk_e2e_frame_encode(&w, LK_E2E_HELLO, lk_writer_span(&o), lk_span_text("message 1"));
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return lk_writer_span(&w);
}

static void hello_there_and_back(void **state)
{
    struct lk_span octets = hello_octets();
    struct lk_e2e_frame frame;
    struct lk_e2e_hello hello;
    size_t size;

    assert_int_equal(octets.len, LK_E2E_HEADER + 2 + 1 + 11 + 1 + 5 + 9);
    assert_int_equal(lk_e2e_frame_decode(&frame, octets), LK_OK);
    assert_int_equal(frame.type, LK_E2E_HELLO);
    assert_int_equal(lk_e2e_hello_decode(&hello, frame.body), LK_OK);
    assert_int_equal(hello.flags, LK_E2E_WITH_N | LK_E2E_RESUMED);
    assert_true(lk_span_equal(hello.fqdn, lk_span_text("app.example")));
    assert_true(lk_span_equal(hello.app, lk_span_text("notes")));
    assert_true(lk_span_equal(hello.message, lk_span_text("message 1")));
    assert_int_equal(hello.offer.len, 2 + 1 + 11 + 1 + 5);
    for (size_t len = 0; len <= octets.len + 1; len++) {
        assert_int_equal(lk_e2e_frame_size(&size, lk_span_of(octets.at, len)), LK_OK);
        assert_int_equal(size, len < LK_E2E_HEADER ? 0 : octets.len);
        assert_int_equal(lk_e2e_frame_decode(&frame, lk_span_of(octets.at, len)),
                         len < octets.len    ? LK_E_SHORT
                         : len == octets.len ? LK_OK
                                             : LK_E_TRAILING);
    }
    for (size_t len = 0; len < hello.offer.len; len++)
        assert_int_equal(lk_e2e_hello_decode(&hello, lk_span_of(octets.at + LK_E2E_HEADER, len)),
                         LK_E_SHORT);
}

static void what_is_no_hello(void **state)
{
    static const struct {
        const char *body;
        size_t len;
        enum lk_status want;
    } bad[] = {
        { "\2\0\1a\1b", 6, LK_E_UNKNOWN },        /* another version */
        { "\0\0\1a\1b", 6, LK_E_UNKNOWN },
        { "\1\20\1a\1b", 6, LK_E_VALUE },         /* a flag that is none */
        { "\1\200\1a\1b", 6, LK_E_VALUE },
        { "\1\0\0\1b", 5, LK_E_LENGTH },          /* names that are none */
        { "\1\0\1a\0", 5, LK_E_LENGTH },
    };
    struct lk_e2e_hello hello;
    uint8_t names[2 + 1 + 254 + 1 + 129];

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        assert_int_equal(lk_e2e_hello_decode(&hello, lk_span_of(bad[i].body, bad[i].len)),
                         bad[i].want);
    assert_int_equal(lk_e2e_hello_decode(&hello, lk_span_of("\1\17\1a\1b", 6)), LK_OK);
    memset(names, 'x', sizeof names);
    for (unsigned i = 0; i < 3; i++) { /* the longest, and one more */
        const size_t fqdn = i == 1 ? 254 : 253, app = i == 2 ? 129 : 128;

        names[0] = LK_E2E_VERSION;
        names[1] = 0;
        names[2] = (uint8_t)fqdn;
        names[3 + fqdn] = (uint8_t)app;
        assert_int_equal(lk_e2e_hello_decode(&hello, lk_span_of(names, 4 + fqdn + app)),
                         i == 0 ? LK_OK : LK_E_LENGTH);
        memset(names, 'x', sizeof names);
    }
}

static void what_is_no_frame(void **state)
{
    static const struct {
        const char *octets;
        size_t len;
        enum lk_status size, frame;
    } bad[] = {
        { "\0", 1, LK_E_UNKNOWN, LK_E_SHORT },
        { "\11\0\0", 3, LK_E_UNKNOWN, LK_E_UNKNOWN },
        { "\7\0\2ab", 5, LK_E_LENGTH, LK_E_LENGTH },  /* an ALERT is of one octet */
        { "\7\0\0", 3, LK_E_LENGTH, LK_E_LENGTH },
        { "\1\20\0", 3, LK_E_LENGTH, LK_E_SHORT },    /* longer than any HELLO */
        { "\4\377\377", 3, LK_E_LENGTH, LK_E_SHORT }, /* longer than any record */
    };
    struct lk_e2e_frame frame;
    size_t size;

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        assert_int_equal(lk_e2e_frame_size(&size, lk_span_of(bad[i].octets, bad[i].len)),
                         bad[i].size);
        assert_int_equal(size, 0);
        assert_int_equal(lk_e2e_frame_decode(&frame, lk_span_of(bad[i].octets, bad[i].len)),
                         bad[i].frame);
    }
}

static void who_there_and_back(void **state)
{
    const struct lk_e2e_who who = { LK_E2E_B_TID, lk_span_text("x@bsf"), lk_span_text("ann") };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_e2e_who back;

    lk_e2e_who_encode(&w, &who);
    for (size_t len = 0; len <= w.len + 1; len++)
        assert_int_equal(lk_e2e_who_decode(&back, lk_span_of(room, len)),
                         len < w.len ? LK_E_SHORT : len == w.len ? LK_OK : LK_E_TRAILING);
    assert_int_equal(lk_e2e_who_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.kind, LK_E2E_B_TID);
    assert_true(lk_span_equal(back.key_id, who.key_id));
    assert_true(lk_span_equal(back.identity, who.identity));
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of("\4\0\1a\0", 5)), LK_E_UNKNOWN);
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of("\0\0\1a\0", 5)), LK_E_VALUE);
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of("\1\0\0\0", 4)), LK_E_VALUE);
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of("\0\0\0\0", 4)), LK_OK);
    memset(room, 'x', sizeof room);
    memcpy(room, "\2\1\101", 3); /* a key id of 321 octets */
    room[3 + 321] = 0;
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of(room, 3 + 321 + 1)), LK_E_LENGTH);
    memcpy(room, "\2\0\1", 3); /* an identity of 129 */
    room[4] = 129;
    assert_int_equal(lk_e2e_who_decode(&back, lk_span_of(room, 4 + 1 + 129)), LK_E_LENGTH);
}

static void records(void **state)
{
    uint8_t octets[LK_E2E_RECORD_HEADER + 20] = { 0 };
    struct lk_e2e_frame frame;
    struct lk_e2e_sealed sealed;

    lk_e2e_sealed_header(octets, LK_E2E_TICKET, 0x0102, 0x030405060708090aull, 20);
    assert_memory_equal(octets, "\5\0\36\1\2\3\4\5\6\7\10\11\12", LK_E2E_RECORD_HEADER);
    assert_int_equal(lk_e2e_frame_decode(&frame, LK_SPAN(octets)), LK_OK);
    assert_int_equal(lk_e2e_sealed_decode(&sealed, frame.body), LK_OK);
    assert_int_equal(sealed.epoch, 0x0102);
    assert_true(sealed.number == 0x030405060708090aull);
    assert_int_equal(sealed.sealed.len, 20);
    for (size_t len = 0; len < frame.body.len; len++)
        assert_int_equal(lk_e2e_sealed_decode(&sealed, lk_span_of(frame.body.at, len)),
                         len < 10 + LK_E2E_TAG ? LK_E_SHORT : LK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_there_and_back), cmocka_unit_test(what_is_no_hello),
        cmocka_unit_test(what_is_no_frame),     cmocka_unit_test(who_there_and_back),
        cmocka_unit_test(records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
