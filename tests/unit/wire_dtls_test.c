/* wire/dtls: records, messages, hello, identity, one message out of fragments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/dtls.h"

enum { HELLO_MAX = 512 };

/* ---- records ---- */

/* spec: RFC 6347 4.1 - the fields of a record, and several in a datagram. */
static void records_follow_each_other(void **state)
{
    static const uint8_t two[] = {
        22, 0xfe, 0xfd, 0, 1, 0, 1, 0, 0, 0, 2, 0, 3, 'a', 'b', 'c',
        23, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 'x',
    };
    struct lk_reader r = lk_reader_of(LK_SPAN(two));
    struct lk_dtls_record record;

    assert_int_equal(lk_dtls_record_get(&record, &r), LK_OK);
    assert_int_equal(record.type, LK_DTLS_HANDSHAKE);
    assert_int_equal(record.version, LK_DTLS_1_2);
    assert_int_equal(record.epoch, 1);
    assert_int_equal(record.sequence, 0x000100000002);
    assert_true(lk_span_equal(record.body, lk_span_text("abc")));
    assert_true(lk_span_equal(record.whole, lk_span_of(two, 16)));
    assert_int_equal(lk_dtls_record_get(&record, &r), LK_OK);
    assert_int_equal(record.version, LK_DTLS_1_0);
    assert_int_equal(record.sequence, 9);
    assert_int_equal(r.left, 0);
    for (size_t len = 0; len < 16; len++) {
        r = lk_reader_of(lk_span_of(two, len));
        assert_int_equal(lk_dtls_record_get(&record, &r), LK_E_SHORT);
        assert_int_equal(r.left, 0);
    }
}

static void bad_records_are_told_and_passed(void **state)
{
    static const struct {
        uint8_t octets[14];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 13, LK_E_LENGTH },
        { { 19, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 14, LK_E_VALUE },
        { { 24, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 14, LK_E_VALUE },
        { { 22, 0xfe, 0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 14, LK_E_VALUE },
        { { 22, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 14, LK_E_VALUE },
        { { 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0 }, 14, LK_E_SHORT },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_reader r = lk_reader_of(lk_span_of(rows[i].octets, rows[i].len));
        struct lk_dtls_record record;

        assert_int_equal(lk_dtls_record_get(&record, &r), rows[i].want);
        assert_int_equal(r.left, 0);
    }
}

/* ---- messages ---- */

/* spec: RFC 6347 4.2.2 - the header of a message says where its fragment lies.
 * A30: a claim beyond our limit, and a fragment outside its message, are refused by the header. */
static void message_headers_are_judged(void **state)
{
    static const struct {
        uint8_t octets[14];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 16, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 2, 'a', 'b' }, 14, LK_OK },
        { { 16, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 2, 'a' }, 13, LK_E_SHORT },
        { { 16, 0, 0, 9, 0, 2, 0, 0, 7, 0, 0, 2, 'a', 'b' }, 14, LK_OK },
        { { 16, 0, 0, 9, 0, 2, 0, 0, 8, 0, 0, 2, 'a', 'b' }, 14, LK_E_LENGTH },
        { { 16, 0, 0, 9, 0, 2, 0, 0, 10, 0, 0, 0 }, 12, LK_E_LENGTH },
        { { 16, 0, 0, 9, 0, 2, 0, 0, 3, 0, 0, 0 }, 12, LK_E_LENGTH },
        { { 16, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0 }, 12, LK_OK },
        { { 16, 0, 8, 0, 0, 2, 0, 0, 0, 0, 0, 1, 'a' }, 13, LK_OK },
        { { 16, 0, 8, 1, 0, 2, 0, 0, 0, 0, 0, 1, 'a' }, 13, LK_E_LENGTH },
        { { 16, 0xff, 0xff, 0xff, 0, 2, 0, 0, 0, 0, 0, 1, 'a' }, 13, LK_E_LENGTH },
        { { 16, 0, 0, 9, 0, 2, 0xff, 0xff, 0xff, 0, 0, 1, 'a' }, 13, LK_E_LENGTH },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_reader r = lk_reader_of(lk_span_of(rows[i].octets, rows[i].len));
        struct lk_dtls_message message;

        assert_int_equal(lk_dtls_message_get(&message, &r), rows[i].want);
        assert_int_equal(r.left, 0);
        if (rows[i].want == LK_OK)
            assert_int_equal(lk_dtls_message_is_whole(&message),
                             message.length == message.fragment.len);
    }
}

/* ---- ClientHello ---- */

static size_t hello_make(uint8_t *to, struct lk_span extensions)
{
    struct lk_writer w = lk_writer_of(to, HELLO_MAX);

    lk_put_be16(&w, LK_DTLS_1_2);
    lk_put_zeroes(&w, LK_DTLS_RANDOM_LEN);
    lk_put_lv8(&w, lk_span_text("id"));
    lk_put_lv8(&w, lk_span_text("cookie"));
    lk_put_lv16(&w, lk_span_of("\x00\xa8\xcc\xac", 4));
    lk_put_lv8(&w, lk_span_of("\x01\x00", 2));
    if (extensions.at != NULL)
        lk_put_lv16(&w, extensions);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

/* spec: RFC 6347 4.2.1 - where the cookie stands.
 * spec: RFC 7627 5.1 - the extension of the extended master secret. */
static void hello_is_read(void **state)
{
    static const uint8_t extensions[] = { 0xff, 1, 0, 1, 0, 0, 23, 0, 0 };
    uint8_t octets[HELLO_MAX];
    size_t len = hello_make(octets, LK_SPAN(extensions));
    struct lk_dtls_client_hello hello;

    assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(hello.version, LK_DTLS_1_2);
    assert_int_equal(hello.random.len, LK_DTLS_RANDOM_LEN);
    assert_true(lk_span_equal(hello.session_id, lk_span_text("id")));
    assert_true(lk_span_equal(hello.cookie, lk_span_text("cookie")));
    assert_true(hello.extended_master_secret);
    assert_true(lk_dtls_client_hello_offers(&hello, 0x00a8));
    assert_true(lk_dtls_client_hello_offers(&hello, 0xccac));
    assert_false(lk_dtls_client_hello_offers(&hello, 0xa8cc));
    for (size_t cut = 0; cut < len; cut++) {
        enum lk_status status = lk_dtls_client_hello_decode(&hello, lk_span_of(octets, cut));

        if (cut == len - 2 - sizeof extensions) {
            assert_int_equal(status, LK_OK); /* a hello may have no extensions at all */
            assert_false(hello.extended_master_secret);
        } else {
            assert_int_equal(status, LK_E_SHORT);
        }
    }
    octets[len] = 0;
    assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, len + 1)),
                     LK_E_TRAILING);
}

static void bad_extensions_are_refused(void **state)
{
    static const struct {
        uint8_t octets[12];
        size_t len;
        enum lk_status want;
        bool secret;
    } rows[] = {
        { { 0 }, 0, LK_OK, false },
        { { 0, 23, 0, 0 }, 4, LK_OK, true },
        { { 0, 23, 0, 1, 7 }, 5, LK_OK, false },
        { { 0, 23, 0, 0, 0, 23, 0, 0 }, 8, LK_E_TWICE, false },
        { { 0, 5, 0, 1, 7, 0, 5, 0, 0 }, 9, LK_E_TWICE, false },
        { { 0, 23, 0 }, 3, LK_E_SHORT, false },
        { { 0, 23, 0, 2, 1 }, 5, LK_E_SHORT, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t octets[HELLO_MAX];
        size_t len = hello_make(octets, lk_span_of(rows[i].octets, rows[i].len));
        struct lk_dtls_client_hello hello;

        assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, len)),
                         rows[i].want);
        if (rows[i].want == LK_OK)
            assert_int_equal(hello.extended_master_secret, rows[i].secret);
    }
}

static void many_extensions_are_refused(void **state)
{
    uint8_t extensions[65 * 4] = { 0 };
    uint8_t octets[HELLO_MAX];
    struct lk_dtls_client_hello hello;

    for (size_t i = 0; i < 65; i++)
        extensions[4 * i + 1] = (uint8_t)(100 + i);
    assert_int_equal(
        lk_dtls_client_hello_decode(
            &hello, lk_span_of(octets, hello_make(octets, lk_span_of(extensions, 64 * 4)))),
        LK_OK);
    assert_int_equal(lk_dtls_client_hello_decode(
                         &hello, lk_span_of(octets, hello_make(octets, LK_SPAN(extensions)))),
                     LK_E_LENGTH);
}

static void hello_lists_are_judged(void **state)
{
    /* Offsets into the hello of hello_make: session identifier 34, cookie 37, suites 44. */
    enum { SUITES = 44, COMPRESSIONS = SUITES + 6 };
    uint8_t octets[HELLO_MAX];
    size_t len = hello_make(octets, lk_span_of(NULL, 0));
    struct lk_dtls_client_hello hello;

    octets[COMPRESSIONS + 2] = 1; /* none of them is no compression */
    assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, len)), LK_E_VALUE);
    octets[COMPRESSIONS] = 0; /* no list, and the rest is no extensions */
    assert_int_not_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, COMPRESSIONS + 1)),
                     LK_E_VALUE);
    len = hello_make(octets, lk_span_of(NULL, 0));
    octets[SUITES + 1] = 3; /* an odd list; its last octet becomes the next list's length */
    octets[SUITES + 5] = 2;
    octets[SUITES + 7] = 0;
    assert_int_equal(lk_dtls_client_hello_decode(&hello, lk_span_of(octets, SUITES + 8)),
                     LK_E_LENGTH);
}

/* ---- identity ---- */

/* spec: RFC 4279 2 - an identity with its length.
 * spec: RFC 5489 2 - and the point behind it. */
static void identity_is_read(void **state)
{
    static const uint8_t octets[] = { 0, 2, 'm', 'e', 1, 4 };
    struct lk_span identity;

    assert_int_equal(lk_dtls_psk_identity(&identity, lk_span_of(octets, 4), false), LK_OK);
    assert_true(lk_span_equal(identity, lk_span_text("me")));
    assert_int_equal(lk_dtls_psk_identity(&identity, lk_span_of(octets, 6), true), LK_OK);
    assert_int_equal(lk_dtls_psk_identity(&identity, lk_span_of(octets, 6), false),
                     LK_E_TRAILING);
    for (size_t len = 0; len < 4; len++)
        assert_int_equal(lk_dtls_psk_identity(&identity, lk_span_of(octets, len), false),
                         LK_E_SHORT);
    for (size_t len = 4; len < 6; len++)
        assert_int_not_equal(lk_dtls_psk_identity(&identity, lk_span_of(octets, len), true),
                             LK_OK);
}

/* ---- fragments ---- */

static struct lk_dtls_message fragment(const char *text, uint32_t offset, uint32_t length)
{
    return (struct lk_dtls_message){ .type = 16, .length = length, .offset = offset,
                                     .fragment = lk_span_text(text) };
}

/* spec: RFC 6347 4.2.3 - fragments come in any order and may overlap.
 * A30: where they overlap and differ, the later one is dropped whole. */
static void fragments_are_put_together(void **state)
{
    struct lk_dtls_join join = { 0 };
    struct lk_dtls_message m = fragment("def", 3, 6);

    assert_int_equal(lk_dtls_join_add(&join, &m), LK_E_BUSY);
    m = fragment("bXd", 1, 6);
    assert_int_equal(lk_dtls_join_add(&join, &m), LK_E_BUSY);
    m = fragment("abc", 0, 6); /* overlaps the one before, and says otherwise in its last octet */
    assert_int_equal(lk_dtls_join_add(&join, &m), LK_E_CONFLICT);
    m = fragment("abc", 0, 7);
    assert_int_equal(lk_dtls_join_add(&join, &m), LK_E_CONFLICT);
    m = fragment("ab", 0, 6);
    assert_int_equal(lk_dtls_join_add(&join, &m), LK_OK);
    assert_memory_equal(join.octets, "abXdef", 6);
    m = fragment("a", 0, LK_DTLS_JOIN_MAX + 1);
    assert_int_equal(lk_dtls_join_add(&join, &m), LK_E_LENGTH);
}

static void a_message_of_single_octets(void **state)
{
    struct lk_dtls_join join = { 0 };
    char text[2] = "";

    for (uint32_t i = LK_DTLS_JOIN_MAX; i-- > 0;) {
        struct lk_dtls_message m;

        text[0] = (char)('a' + i % 26);
        m = fragment(text, i, LK_DTLS_JOIN_MAX);
        assert_int_equal(lk_dtls_join_add(&join, &m), i == 0 ? LK_OK : LK_E_BUSY);
    }
    assert_int_equal(join.octets[LK_DTLS_JOIN_MAX - 1], 'a' + (LK_DTLS_JOIN_MAX - 1) % 26);
}

/* ---- ours ---- */

static void own_records_are_read_back(void **state)
{
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_dtls_record record;
    struct lk_dtls_message message;
    struct lk_reader r, body;

    lk_dtls_put_hello_verify(&w, 7, lk_span_text("biscuit"));
    lk_dtls_put_message(&w, 0x123456789abc, LK_DTLS_CLIENT_KEY_EXCHANGE, 2, lk_span_text("key"));
    lk_dtls_put_alert(&w, 8, LK_DTLS_ALERT_DECRYPT_ERROR);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    assert_int_equal(lk_dtls_record_get(&record, &r), LK_OK);
    assert_int_equal(record.sequence, 7);
    body = lk_reader_of(record.body);
    assert_int_equal(lk_dtls_message_get(&message, &body), LK_OK);
    assert_int_equal(message.type, LK_DTLS_HELLO_VERIFY_REQUEST);
    assert_memory_equal(message.fragment.at, "\xfe\xff\x07" "biscuit", 10);
    assert_int_equal(lk_dtls_record_get(&record, &r), LK_OK);
    assert_int_equal(record.sequence, 0x123456789abc);
    body = lk_reader_of(record.body);
    assert_int_equal(lk_dtls_message_get(&message, &body), LK_OK);
    assert_int_equal(message.sequence, 2);
    assert_true(lk_span_equal(message.fragment, lk_span_text("key")));
    assert_int_equal(lk_dtls_record_get(&record, &r), LK_OK);
    assert_int_equal(record.type, LK_DTLS_ALERT);
    assert_memory_equal(record.body.at, "\x02\x33", 2);
    assert_int_equal(r.left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_follow_each_other),
        cmocka_unit_test(bad_records_are_told_and_passed),
        cmocka_unit_test(message_headers_are_judged),
        cmocka_unit_test(hello_is_read),
        cmocka_unit_test(bad_extensions_are_refused),
        cmocka_unit_test(many_extensions_are_refused),
        cmocka_unit_test(hello_lists_are_judged),
        cmocka_unit_test(identity_is_read),
        cmocka_unit_test(fragments_are_put_together),
        cmocka_unit_test(a_message_of_single_octets),
        cmocka_unit_test(own_records_are_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
