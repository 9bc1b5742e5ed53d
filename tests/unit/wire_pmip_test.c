/* wire/pmip: mobility messages to structs and back, every truncation, every bad option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/pmip.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

/* spec: RFC 6275 6.1.7 - Binding Update.
 * spec: RFC 6275 6.1.8 - Binding Acknowledgement.
 * spec: RFC 5213 8.1 - alignment and padding are those of another hand: every sample decodes and
 * encodes to the same octets. */
static void samples_come_back_octet_by_octet(void **state)
{
    json_t *file = vectors_load("mip6-pmip6");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "mh_checksum_zero");
        struct lk_mobility_message message;
        uint8_t room[512];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_mobility_decode(&message, vector_span(&octets)), LK_OK);
        assert_int_equal(lk_mobility_encode(&w, &message), LK_OK);
        assert_vector(v, "mh_checksum_zero", room, w.len);
    }
    json_decref(file);
}

/* spec: RFC 5213 8.3 - prefix.
 * spec: RFC 5213 8.4 - handoff.
 * spec: RFC 5213 8.5 - access.
 * spec: RFC 5213 8.6 - link-layer identifier.
 * spec: RFC 5213 8.8 - timestamp, not NTP.
 * spec: RFC 4283 3 - subtype and NAI. */
static void a_sample_says_what_its_text_says(void **state)
{
    json_t *file = vectors_load("mip6-pmip6");
    const json_t *v = vectors_find(file, "vectors", "pbu-handover-valid-timestamp");
    struct vector_octets octets = vector_hex(v, "mh_checksum_zero");
    struct lk_mobility_message m;
    static const uint8_t link[] = { 2, 0, 0, 0xff, 0xfe, 0 };
    struct lk_address prefix = address_of("2001:db8:45:7::");

    assert_int_equal(lk_mobility_decode(&m, vector_span(&octets)), LK_OK);
    assert_int_equal(m.type, LK_MOBILITY_BU);
    assert_int_equal(m.flags, LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY);
    assert_int_equal(m.sequence, 8);
    assert_int_equal(m.lifetime, 900);
    assert_int_equal(m.options.mn_id.subtype, LK_MN_ID_NAI);
    assert_true(lk_span_equal(
        m.options.mn_id.id,
        lk_span_text("0001010123456789@nai.epc.mnc001.mcc001.3gppnetwork.org")));
    assert_int_equal(m.options.prefix_count, 1);
    assert_int_equal(m.options.prefix[0].bits, 64);
    assert_true(lk_address_equal(&m.options.prefix[0].address, &prefix));
    assert_int_equal(m.options.handoff, LK_HANDOFF_GATEWAYS);
    assert_int_equal(m.options.access, LK_ACCESS_80211);
    assert_true(lk_span_equal(m.options.link_layer_id, LK_SPAN(link)));
    assert_int_equal(m.options.timestamp >> 16, vector_int(v, "timestamp_seconds"));
    assert_int_equal(m.options.timestamp & 0xffff, 0x8000);
    assert_int_equal(lk_mobility_timestamp_ms(m.options.timestamp), UINT64_C(1767225600500));
    assert_false(lk_mobility_has(&m.options, LK_MO_LINK_LOCAL));
    json_decref(file);
}

static void a_timestamp_keeps_its_milliseconds(void **state)
{
    for (uint64_t ms = UINT64_C(1767225600000); ms < UINT64_C(1767225602000); ms++)
        assert_int_equal(lk_mobility_timestamp_ms(lk_mobility_timestamp_of(ms)), ms);
}

/* One of each option. */
static struct lk_mobility_message full_message(void)
{
    static const uint8_t link[] = { 2, 0, 0, 0, 0, 1 };
    struct lk_mobility_message m = { .type = LK_MOBILITY_BA, .status = 154, .sequence = 0xfffe,
                                     .flags = LK_BA_PROXY, .lifetime = 7 };
    struct lk_mobility_options *o = &m.options;

    for (unsigned type = 0; type < 64; type++)
        if (strcmp(lk_mobility_option_name((uint8_t)type), "?") != 0 && type > LK_MO_PADN)
            lk_mobility_mark(o, (enum lk_mobility_option_type)type);
    o->care_of = address_of("192.0.2.7");
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_text("0001010123456789@x");
    o->service = lk_span_text("internet");
    o->prefix_count = 2;
    o->prefix[0] = (struct lk_address_prefix){ address_of("2001:db8:1::"), 64 };
    o->prefix[1] = (struct lk_address_prefix){ address_of("2001:db8:2::"), 56 };
    o->handoff = LK_HANDOFF_UNKNOWN;
    o->access = LK_ACCESS_80211;
    o->link_layer_id = LK_SPAN(link);
    o->link_local = address_of("fe80::1");
    o->timestamp = UINT64_C(0x6955b9008000);
    o->ipv4_request.bits = 24;
    o->ipv4_request.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 7 } };
    o->ipv4_reply.bits = 32;
    o->ipv4_reply.status = LK_IPV4_HOME_INCORRECT;
    o->ipv4_reply.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 9 } };
    o->ipv4_router = (struct lk_mobility_ipv4){ { 10, 45, 0, 1 } };
    o->refresh = 225;
    o->ipv4_home.bits = 32;
    o->ipv4_home.prefix = true;
    o->ipv4_home.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 11 } };
    o->ipv4_home_ack.status = LK_IPV4_HOME_PROHIBITED;
    o->ipv4_home_ack.bits = 31;
    o->ipv4_home_ack.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 12 } };
    o->nat.udp = true;
    o->nat.refresh_s = 110;
    o->ipv4_care_of = (struct lk_mobility_ipv4){ { 198, 51, 100, 23 } };
    o->mesg_id = UINT64_C(0xe0c58d3a9b7f1c42);
    o->auth_count = 2;
    o->auth[0] = (struct lk_mobility_auth){ LK_AUTH_MN_HA, 4097, lk_span_text("abcdefghijkl"),
                                            lk_span_of(NULL, 0) };
    o->auth[1] = (struct lk_mobility_auth){ LK_AUTH_MN_AAA, 3, lk_span_text("mnopq"),
                                            lk_span_of(NULL, 0) };
    o->vendor_count = 2;
    o->vendor[0] = (struct lk_mobility_vendor){ 32473, 1, lk_span_text("token") };
    o->vendor[1] = (struct lk_mobility_vendor){ 10415, 3, lk_span_of(NULL, 0) };
    return m;
}

/* spec: RFC 6275 6.2.5 - alternate care-of address.
 * spec: RFC 5149 3 - service selection.
 * spec: RFC 5213 8.7 - link-local address.
 * spec: RFC 5844 3.1.1 - request.
 * spec: RFC 5844 3.2.1 - reply.
 * spec: RFC 5844 3.2.2 - router.
 * spec: RFC 6275 6.2.4 - refresh advice.
 * spec: RFC 5555 3.1.1 - IPv4 home address.
 * spec: RFC 5555 3.1.2 - IPv4 care-of address.
 * spec: RFC 5555 3.2.1 - IPv4 address acknowledgement.
 * spec: RFC 5555 3.2.2 - NAT detection.
 * spec: RFC 4285 5 - authentication.
 * spec: RFC 4285 6 - MESG-ID.
 * spec: RFC 5094 3 - vendor-specific. */
static void every_option_comes_back(void **state)
{
    struct lk_mobility_message m = full_message(), back;
    uint8_t room[512], again[512];
    struct lk_writer w = lk_writer_of(room, sizeof room), w2 = lk_writer_of(again, sizeof again);
    const struct lk_mobility_options *o = &back.options;

    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    assert_int_equal(w.len % 8, 0);
    assert_int_equal(lk_mobility_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.status, 154);
    assert_int_equal(back.sequence, 0xfffe);
    assert_int_equal(back.flags, LK_BA_PROXY);
    assert_true(o->present == m.options.present);
    assert_true(lk_address_equal(&o->care_of, &m.options.care_of));
    assert_true(lk_span_equal(o->service, m.options.service));
    assert_int_equal(o->prefix_count, 2);
    assert_true(lk_address_prefix_equal(&o->prefix[1], &m.options.prefix[1]));
    assert_true(lk_address_equal(&o->link_local, &m.options.link_local));
    assert_int_equal(o->ipv4_request.bits, 24);
    assert_int_equal(o->ipv4_request.address.octets[3], 7);
    assert_int_equal(o->ipv4_reply.status, LK_IPV4_HOME_INCORRECT);
    assert_int_equal(o->ipv4_reply.bits, 32);
    assert_int_equal(o->ipv4_reply.address.octets[3], 9);
    assert_int_equal(o->ipv4_router.octets[3], 1);
    assert_true(lk_span_equal(lk_mobility_vendor_data(o, 32473, 1), lk_span_text("token")));
    assert_int_equal(lk_mobility_vendor_data(o, 32473, 2).len, 0);
    assert_int_equal(o->refresh, 225);
    assert_int_equal(o->ipv4_home.bits, 32);
    assert_true(o->ipv4_home.prefix);
    assert_int_equal(o->ipv4_home.address.octets[3], 11);
    assert_int_equal(o->ipv4_home_ack.status, LK_IPV4_HOME_PROHIBITED);
    assert_int_equal(o->ipv4_home_ack.bits, 31);
    assert_int_equal(o->ipv4_home_ack.address.octets[3], 12);
    assert_true(o->nat.udp);
    assert_int_equal(o->nat.refresh_s, 110);
    assert_int_equal(o->ipv4_care_of.octets[3], 23);
    assert_true(o->mesg_id == m.options.mesg_id);
    assert_int_equal(o->auth_count, 2);
    assert_int_equal(lk_mobility_auth(o, LK_AUTH_MN_HA)->spi, 4097);
    assert_true(lk_span_equal(lk_mobility_auth(o, LK_AUTH_MN_AAA)->authenticator,
                              lk_span_text("mnopq")));
    assert_null(lk_mobility_auth(o, 3));
    assert_false(o->behind_auth);
    assert_int_equal(lk_mobility_encode(&w2, &back), LK_OK);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
}

/* spec: RFC 4285 5 - samples of another hand: what is covered is what they say, and what is written
 * is aligned as they have it.
 * spec: RFC 4285 6 - MESG-ID. */
static void what_an_authenticator_covers(void **state)
{
    json_t *file = vectors_load("mip6-rfc4285");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "mh_with_checksum_zero");
        struct vector_octets data = vector_hex(v, "mobility_data");
        struct lk_mobility_message m;
        uint8_t room[512];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_mobility_decode(&m, vector_span(&octets)), LK_OK);
        assert_int_equal(m.type, vector_int(v, "mh_type"));
        assert_int_equal(m.options.auth_count, 1);
        assert_int_equal(m.options.auth[0].spi, vector_int(v, "spi"));
        assert_vector(v, "authenticator", m.options.auth[0].authenticator.at,
                      m.options.auth[0].authenticator.len);
        assert_true(lk_span_equal(m.options.auth[0].covered,
                                  lk_span_of(data.at + 32, data.len - 32)));
        assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
        assert_vector(v, "mh_with_checksum_zero", room, w.len);
    }
    json_decref(file);
}

/* T10, spec: RFC 4285 5 - what stands behind an authenticator is told. */
static void what_is_behind_an_authenticator_is_told(void **state)
{
    static const struct {
        const char *options; /* twenty octets behind the fixed part */
        enum lk_status status;
        bool behind;
    } rows[] = {
        { "\x09\x06\1\0\0\1\0\xaa\x01\x0a\0\0\0\0\0\0\0\0\0\0", LK_OK, false },
        { "\x09\x06\1\0\0\1\0\xaa\x09\x06\2\0\0\0\3\xbb\0\0\0\0", LK_OK, false },
        { "\x09\x06\1\0\0\1\0\xaa\x02\x02\0\1\x01\x06\0\0\0\0\0\0", LK_OK, true },
        { "\x09\x06\1\0\0\1\0\xaa\x3f\x0a\0\0\0\0\0\0\0\0\0\0", LK_OK, true },
        { "\x02\x02\0\1\x09\x06\1\0\0\1\0\xaa\x01\x06\0\0\0\0\0\0", LK_OK, false },
        { "\x09\x06\1\0\0\1\0\xaa\x09\x06\1\0\0\1\0\xaa\0\0\0\0", LK_E_TWICE, false },
        { "\x09\x05\1\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", LK_E_LENGTH, false },
    };
    struct lk_mobility_message m;
    uint8_t octets[32] = { 59, 3, LK_MOBILITY_BU };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        memcpy(octets + 12, rows[i].options, 20);
        if (lk_mobility_decode(&m, LK_SPAN(octets)) != rows[i].status ||
            (rows[i].status == LK_OK && m.options.behind_auth != rows[i].behind))
            fail_msg("row %zu", i);
    }
}

/* spec: RFC 6275 6.1.2 - Binding Refresh Request.
 * spec: RFC 6275 6.1.9 - Binding Error. */
static void a_refresh_request_and_an_error_come_back(void **state)
{
    struct lk_mobility_message brr = { .type = LK_MOBILITY_BRR }, back;
    struct lk_mobility_message be = { .type = LK_MOBILITY_BE, .status = LK_BE_NO_BINDING,
                                      .home = address_of("2001:db8:45::7") };
    uint8_t room[64];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_mobility_encode(&w, &brr), LK_OK);
    assert_int_equal(w.len, 8);
    assert_int_equal(lk_mobility_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.type, LK_MOBILITY_BRR);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_mobility_encode(&w, &be), LK_OK);
    assert_int_equal(w.len, 24);
    for (size_t len = 0; len < w.len; len++)
        assert_int_equal(lk_mobility_decode(&back, lk_span_of(room, len)), LK_E_SHORT);
    assert_int_equal(lk_mobility_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.status, LK_BE_NO_BINDING);
    assert_true(lk_address_equal(&back.home, &be.home));
}

static void every_truncation_is_refused(void **state)
{
    struct lk_mobility_message m = full_message(), back;
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    for (size_t len = 0; len < w.len; len++) {
        uint8_t *copy = test_malloc(len + 1); /* so that a sanitizer sees a read behind it */

        memcpy(copy, room, len);
        assert_int_equal(lk_mobility_decode(&back, lk_span_of(copy, len)), LK_E_SHORT);
        /* With a length field that agrees, nothing is read that is not there either. */
        if (len >= 8 && len % 8 == 0) {
            copy[1] = (uint8_t)(len / 8 - 1);
            (void)!lk_mobility_decode(&back, lk_span_of(copy, len));
        }
        test_free(copy);
    }
    assert_int_equal(lk_mobility_decode(&back, lk_span_of(room, w.len + 1)), LK_E_TRAILING);
    for (size_t cap = 0; cap < w.len; cap++) {
        struct lk_writer small = lk_writer_of(room, cap);

        assert_int_equal(lk_mobility_encode(&small, &m), LK_E_FULL);
    }
}

/* spec: RFC 6275 9.2 - another payload protocol.
 * spec: RFC 6275 6.2.1 - the unknown is skipped; what does not end inside is refused.
 * spec: RFC 6275 6.2.2 - padding. */
static void bad_options_are_told_apart(void **state)
{
    static const struct {
        const char *options; /* twelve octets behind the fixed part, or twenty-eight */
        enum lk_status status;
    } rows[] = {
        { "\x01\x0a\0\0\0\0\0\0\0\0\0\0", LK_OK },
        { "\0\0\0\0\0\0\0\0\0\0\0\0", LK_OK },
        { "\x3f\x0a\1\2\3\4\5\6\7\x8\x9\xa", LK_OK },           /* unknown */
        { "\xff\x0a\1\2\3\4\5\6\7\x8\x9\xa", LK_OK },           /* unknown, beyond 63 */
        { "\x01\x0b\0\0\0\0\0\0\0\0\0\0", LK_E_SHORT },         /* ends outside */
        { "\0\0\0\0\0\0\0\0\0\0\0\x17", LK_E_SHORT },           /* no length */
        { "\x17\x02\0\x01\x17\x02\0\x01\x01\x02\0\0", LK_E_TWICE },
        { "\x17\x03\0\x01\0\x01\x05\0\0\0\0\0", LK_E_LENGTH },
        { "\x17\x01\0\x01\x07\0\0\0\0\0\0\0", LK_E_LENGTH },
        { "\x08\x01\x01\x01\x07\0\0\0\0\0\0\0", LK_E_LENGTH },  /* an identifier of nothing */
        { "\x1b\x0a\0\0\0\0\0\0\0\0\0\0", LK_E_LENGTH },
        { "\x24\x06\x84\0\x0a\0\0\1\x01\x02\0\0", LK_E_VALUE }, /* 33 bits */
        { "\x25\x06\0\xff\x0a\0\0\1\x01\x02\0\0", LK_E_VALUE },
        { "\x13\x04\0\0\x7e\xd9\x01\x04\0\0\0\0", LK_E_LENGTH },
    };
    struct lk_mobility_message m;
    uint8_t octets[24] = { 59, 2, LK_MOBILITY_BU };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        memcpy(octets + 12, rows[i].options, 12);
        if (lk_mobility_decode(&m, LK_SPAN(octets)) != rows[i].status)
            fail_msg("row %zu", i);
    }
    octets[0] = 58;
    assert_int_equal(lk_mobility_decode(&m, LK_SPAN(octets)), LK_E_VALUE);
    octets[0] = 59;
    octets[2] = 14;
    assert_int_equal(lk_mobility_decode(&m, LK_SPAN(octets)), LK_E_UNKNOWN);
}

static void more_prefixes_than_we_take_are_refused(void **state)
{
    uint8_t octets[16 + 5 * 20 + 4] = { 59, sizeof octets / 8 - 1, LK_MOBILITY_BU };
    struct lk_mobility_message m;

    octets[12] = 1;
    octets[13] = 2;
    for (size_t i = 0; i < 5; i++) {
        octets[16 + 20 * i] = LK_MO_PREFIX;
        octets[17 + 20 * i] = 18;
    }
    octets[116] = 1;
    octets[117] = 2;
    assert_int_equal(lk_mobility_decode(&m, LK_SPAN(octets)), LK_E_FULL);
    octets[96] = 0x3f; /* the fifth becomes something unknown */
    assert_int_equal(lk_mobility_decode(&m, LK_SPAN(octets)), LK_OK);
    assert_int_equal(m.options.prefix_count, 4);
    octets[19] = 129;
    assert_int_equal(lk_mobility_decode(&m, LK_SPAN(octets)), LK_E_VALUE);
}

/* spec: RFC 6275 6.1.1 - the sum over pseudo header and message with the checksum in it is 0xffff.
 */
static void the_checksum_covers_addresses_and_message(void **state)
{
    struct lk_mobility_message m = full_message(), back;
    struct lk_address a = address_of("2001:db8::1"), b = address_of("2001:db8::2");
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint16_t sum;

    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    lk_mobility_seal(room, w.len, &a, &b);
    assert_int_equal(lk_mobility_decode(&back, lk_writer_span(&w)), LK_OK);
    sum = lk_mobility_sum(&a, &b, lk_writer_span(&w));
    assert_int_equal(back.checksum, sum);
    assert_int_not_equal(sum, 0);
    for (size_t i = 6; i < w.len; i++) {
        room[i] ^= 1;
        assert_int_not_equal(lk_mobility_sum(&a, &b, lk_writer_span(&w)), sum);
        room[i] ^= 1;
    }
    b = address_of("2001:db8::3");
    assert_int_not_equal(lk_mobility_sum(&a, &b, lk_writer_span(&w)), sum);
}

/* The sum of a message worked out by hand: 59.. of zeroes between :: and ::. */
static void the_checksum_is_the_internet_checksum(void **state)
{
    struct lk_address none = { { 0 } };
    uint8_t octets[16] = { 59, 1, 5, 0, 0xaa, 0xbb };

    /* 0x3b01 + 0x0500 + length 16 + next header 135 */
    assert_int_equal(lk_mobility_sum(&none, &none, LK_SPAN(octets)),
                     (uint16_t)~(0x3b01 + 0x0500 + 16 + 135));
}

static void statuses_have_names(void **state)
{
    assert_string_equal(lk_mobility_status_name(154), "MAG_NOT_AUTHORIZED_FOR_PROXY_REG");
    assert_string_equal(lk_mobility_status_name(99), "?");
    assert_string_equal(lk_mobility_option_name(22), "Home-Network-Prefix");
    assert_string_equal(lk_mobility_option_name(1), "Padding");
    assert_string_equal(lk_mobility_option_name(200), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_back_octet_by_octet),
        cmocka_unit_test(a_sample_says_what_its_text_says),
        cmocka_unit_test(a_timestamp_keeps_its_milliseconds),
        cmocka_unit_test(every_option_comes_back),
        cmocka_unit_test(what_an_authenticator_covers),
        cmocka_unit_test(what_is_behind_an_authenticator_is_told),
        cmocka_unit_test(a_refresh_request_and_an_error_come_back),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(bad_options_are_told_apart),
        cmocka_unit_test(more_prefixes_than_we_take_are_refused),
        cmocka_unit_test(the_checksum_covers_addresses_and_message),
        cmocka_unit_test(the_checksum_is_the_internet_checksum),
        cmocka_unit_test(statuses_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
