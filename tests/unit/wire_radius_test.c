/* wire/radius: octets to views and back, every truncation, every bad length, and the names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/radius.h"

/* A packet with one of each way of putting an attribute. */
static struct lk_span build(uint8_t *octets, size_t cap)
{
    static const uint8_t state_value[LK_RADIUS_VALUE_MAX] = { 1 };
    static uint8_t eap[300];
    struct lk_writer w = lk_writer_of(octets, cap);
    size_t hole;

    for (size_t i = 0; i < sizeof eap; i++)
        eap[i] = (uint8_t)i;
    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 7);
    hole = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_patch_u8(&w, hole, 0xaa);
    lk_radius_put(&w, LK_RADIUS_USER_NAME, lk_span_text("bob"));
    lk_radius_put_u32(&w, LK_RADIUS_FRAMED_MTU, 1400);
    lk_radius_put_eap(&w, LK_SPAN(eap));
    lk_radius_put(&w, LK_RADIUS_STATE, LK_SPAN(state_value));
    lk_radius_put_vendor(&w, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY, lk_span_text("k"));
    assert_int_equal(lk_radius_end(&w), LK_OK);
    return lk_writer_span(&w);
}

/* spec: RFC 2865 3 - code, identifier, length, authenticator, attributes. */
static void what_was_written_is_read(void **state)
{
    uint8_t octets[1024], room[512];
    struct lk_span whole = build(octets, sizeof octets), value, eap;
    struct lk_radius_packet packet;
    uint32_t number;

    assert_int_equal(lk_radius_decode(&packet, whole), LK_OK);
    assert_int_equal(packet.code, LK_RADIUS_ACCESS_REQUEST);
    assert_int_equal(packet.identifier, 7);
    assert_int_equal(packet.authenticator.len, 16);
    assert_true(lk_span_equal(packet.whole, whole));
    assert_true(lk_radius_find(&packet, LK_RADIUS_USER_NAME, &value));
    assert_true(lk_span_equal(value, lk_span_text("bob")));
    assert_true(lk_radius_find(&packet, LK_RADIUS_FRAMED_MTU, &value));
    assert_int_equal(lk_radius_u32(&number, value), LK_OK);
    assert_int_equal(number, 1400);
    assert_true(lk_radius_find(&packet, LK_RADIUS_STATE, &value));
    assert_int_equal(lk_radius_u32(&number, value), LK_E_LENGTH);
    assert_int_equal(value.len, LK_RADIUS_VALUE_MAX);
    assert_false(lk_radius_find(&packet, LK_RADIUS_CLASS, &value));
    assert_int_equal(value.len, 0);
    assert_true(lk_radius_find_vendor(&packet, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY,
                                      &value));
    assert_true(lk_span_equal(value, lk_span_text("k")));
    assert_false(lk_radius_find_vendor(&packet, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_SEND_KEY,
                                       &value));
    assert_false(lk_radius_find_vendor(&packet, 9, LK_RADIUS_MS_MPPE_RECV_KEY, &value));
    assert_int_equal(lk_radius_join_eap(&eap, &packet, room, sizeof room), LK_OK);
    assert_int_equal(eap.len, 300);
    for (size_t i = 0; i < eap.len; i++)
        assert_int_equal(eap.at[i], (uint8_t)i);
    assert_int_equal(lk_radius_join_eap(&eap, &packet, room, 299), LK_E_FULL);
    assert_int_equal(eap.len, 0);
}

static void every_truncation_is_refused_and_padding_ignored(void **state)
{
    uint8_t octets[1100];
    struct lk_span whole = build(octets, sizeof octets);
    struct lk_radius_packet packet;

    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *copy = test_malloc(len + 1); /* so that a sanitizer sees a read behind it */

        memcpy(copy, octets, len);
        assert_int_equal(lk_radius_decode(&packet, lk_span_of(copy, len)), LK_E_SHORT);
        test_free(copy);
    }
    /* spec: RFC 2865 3 - octets outside the range of the length field are padding. */
    octets[whole.len] = 0xff;
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(octets, whole.len + 1)), LK_OK);
    assert_int_equal(packet.whole.len, whole.len);
}

/* The same packet with its length field shortened: attributes that no longer end where it does. */
static void every_length_field_is_judged(void **state)
{
    uint8_t octets[1024];
    struct lk_span whole = build(octets, sizeof octets);
    struct lk_radius_packet packet;
    struct lk_radius_attribute attribute;

    for (uint32_t length = 0; length <= 0xffff; length++) {
        enum lk_status status;
        size_t sum = LK_RADIUS_HEADER_LEN;

        octets[2] = (uint8_t)(length >> 8);
        octets[3] = (uint8_t)length;
        status = lk_radius_decode(&packet, whole);
        if (length < LK_RADIUS_HEADER_LEN || length > LK_RADIUS_PACKET_MAX)
            assert_int_equal(status, LK_E_LENGTH);
        else if (length > whole.len)
            assert_int_equal(status, LK_E_SHORT);
        else if (status == LK_OK) {
            struct lk_reader r = lk_reader_of(packet.attributes);

            while (lk_radius_next(&r, &attribute))
                sum += attribute.value.len + 2;
            assert_int_equal(lk_reader_end(&r), LK_OK);
            assert_int_equal(sum, length);
        } else {
            assert_int_equal(status, LK_E_LENGTH);
        }
    }
}

/* spec: RFC 2865 5 - an attribute of length 0 or 1, or one that ends behind the packet. */
static void every_attribute_length_is_judged(void **state)
{
    uint8_t octets[LK_RADIUS_HEADER_LEN + 10] = { 1, 1, 0, sizeof octets };
    struct lk_radius_packet packet;

    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            bool good;

            memset(octets + LK_RADIUS_HEADER_LEN, 0, 10);
            octets[LK_RADIUS_HEADER_LEN] = 1;
            octets[LK_RADIUS_HEADER_LEN + 1] = (uint8_t)first;
            if (first >= 2 && first <= 8)
                octets[LK_RADIUS_HEADER_LEN + first + 1] = (uint8_t)second;
            good = first == 10 || (first >= 2 && first <= 8 && first + second == 10);
            assert_int_equal(lk_radius_decode(&packet, LK_SPAN(octets)),
                             good ? LK_OK : LK_E_LENGTH);
        }
}

struct joining {
    const char *attributes; /* hex */
    enum lk_status status;
    size_t len;
};

/* spec: RFC 3579 3.1 - EAP-Message attributes stand together, in order. */
static void eap_message_is_joined_or_refused(void **state)
{
    static const struct joining table[] = {
        { "", LK_E_MISSING, 0 },
        { "0103 61", LK_E_MISSING, 0 },
        { "4f02", LK_OK, 0 },
        { "4f03 61", LK_OK, 1 },
        { "4f03 61 4f03 62", LK_OK, 2 },
        { "0102 4f03 61 4f03 62 4f02 0102", LK_OK, 2 },
        { "4f03 61 0102 4f03 62", LK_E_VALUE, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        uint8_t octets[64] = { 1, 1, 0, 0 }, room[8];
        size_t len = LK_RADIUS_HEADER_LEN;
        struct lk_radius_packet packet;
        struct lk_span eap;

        for (const char *at = table[i].attributes; *at != '\0'; at++) {
            unsigned value;

            if (*at == ' ')
                continue;
            assert_int_equal(sscanf(at, "%2x", &value), 1);
            octets[len++] = (uint8_t)value;
            at++;
        }
        octets[3] = (uint8_t)len;
        assert_int_equal(lk_radius_decode(&packet, lk_span_of(octets, len)), LK_OK);
        assert_int_equal(lk_radius_join_eap(&eap, &packet, room, sizeof room), table[i].status);
        assert_int_equal(eap.len, table[i].len);
    }
}

/* spec: RFC 3579 3.1 - a packet longer than 253 octets is split, in order; none is left out. */
static void eap_message_of_any_length_comes_back(void **state)
{
    static uint8_t eap[2000], octets[3000], room[2000];

    for (size_t i = 0; i < sizeof eap; i++)
        eap[i] = (uint8_t)(i * 31 + i / 251);
    for (size_t len = 0; len <= sizeof eap; len++) {
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_packet packet;
        struct lk_span joined;

        lk_radius_begin(&w, LK_RADIUS_ACCESS_CHALLENGE, 1);
        lk_radius_put_eap(&w, lk_span_of(eap, len));
        assert_int_equal(lk_radius_end(&w), LK_OK);
        assert_int_equal(lk_radius_decode(&packet, lk_writer_span(&w)), LK_OK);
        assert_int_equal(lk_radius_join_eap(&joined, &packet, room, sizeof room), LK_OK);
        assert_true(lk_span_equal(joined, lk_span_of(eap, len)));
    }
}

/* spec: RFC 2865 5.26 - vendor number, then attributes of type, length and value. */
static void vendor_attributes_are_judged(void **state)
{
    static const uint8_t good[] = { 0, 0, 1, 55, 17, 3, 'k', 16, 2 };
    struct lk_radius_vendor vendor;

    for (size_t len = 0; len <= sizeof good; len++) {
        enum lk_status status = lk_radius_decode_vendor(&vendor, lk_span_of(good, len));

        if (len < 4)
            assert_int_equal(status, LK_E_SHORT);
        else if (len == 4 || len == 7 || len == 9)
            assert_int_equal(status, LK_OK);
        else
            assert_int_equal(status, LK_E_LENGTH);
    }
    assert_int_equal(vendor.id, LK_RADIUS_MICROSOFT);
}

static void what_does_not_fit_is_refused_by_the_writer(void **state)
{
    static const uint8_t long_value[254];
    static uint8_t octets[5000];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    lk_radius_put(&w, LK_RADIUS_CLASS, LK_SPAN(long_value));
    assert_int_equal(lk_radius_end(&w), LK_E_LENGTH);
    w = lk_writer_of(octets, sizeof octets);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    lk_radius_put_vendor(&w, 311, 17, lk_span_of(long_value, 248));
    assert_int_equal(lk_radius_end(&w), LK_E_LENGTH);
    w = lk_writer_of(octets, sizeof octets);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    for (size_t i = 0; i < 17; i++)
        lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_of(long_value, 253));
    assert_int_equal(lk_radius_end(&w), LK_E_FULL); /* 4,355 octets: more than a packet holds */
    w = lk_writer_of(octets, 100);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_of(long_value, 253));
    assert_int_equal(lk_radius_end(&w), LK_E_FULL);
}

static void names_are_never_null(void **state)
{
    for (unsigned i = 0; i < 256; i++) {
        assert_non_null(lk_radius_code_name((uint8_t)i));
        assert_non_null(lk_radius_attribute_name((uint8_t)i));
        assert_true(lk_radius_attribute_form((uint8_t)i) <= LK_RADIUS_SECRET);
        assert_non_null(lk_radius_vendor_attribute_name(311, (uint8_t)i));
    }
    assert_string_equal(lk_radius_code_name(11), "Access-Challenge");
    assert_string_equal(lk_radius_attribute_name(80), "Message-Authenticator");
    assert_string_equal(lk_radius_vendor_attribute_name(311, 17), "MS-MPPE-Recv-Key");
    assert_string_equal(lk_radius_vendor_attribute_name(9, 17), "?");
    assert_int_equal(lk_radius_attribute_form(79), LK_RADIUS_EAP);
}

/* spec: RFC 3580 3.21 - what we say of a station is in capitals, with dashes. */
static void a_station_is_told_with_dashes(void **state)
{
    static const uint8_t mac[] = { 0x02, 0xab, 0xcd, 0xef, 0x00, 0x9f };
    static const char wanted[] = "\x1f\x13" "02-AB-CD-EF-00-9F";
    uint8_t octets[32];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_radius_put_station(&w, mac);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_int_equal(lk_writer_span(&w).len, sizeof wanted - 1);
    assert_memory_equal(octets, wanted, sizeof wanted - 1);
}

/* Packets made by another program (Python), Message-Authenticator where it says. */
static void packets_of_another_hand_decode(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *list = vectors_list(file, "packets");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "packet");
        struct lk_radius_packet packet;
        struct lk_span value;

        assert_int_equal(lk_radius_decode(&packet, vector_span(&octets)), LK_OK);
        assert_int_equal(packet.code, vector_int(v, "code"));
        if (lk_radius_find(&packet, LK_RADIUS_MESSAGE_AUTHENTICATOR, &value))
            assert_int_equal(value.at - octets.at, vector_int(v, "mac_offset"));
        else
            assert_int_equal(vector_int(v, "mac_offset"), 0);
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(every_truncation_is_refused_and_padding_ignored),
        cmocka_unit_test(every_length_field_is_judged),
        cmocka_unit_test(every_attribute_length_is_judged),
        cmocka_unit_test(eap_message_is_joined_or_refused),
        cmocka_unit_test(eap_message_of_any_length_comes_back),
        cmocka_unit_test(vendor_attributes_are_judged),
        cmocka_unit_test(what_does_not_fit_is_refused_by_the_writer),
        cmocka_unit_test(names_are_never_null),
        cmocka_unit_test(a_station_is_told_with_dashes),
        cmocka_unit_test(packets_of_another_hand_decode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
