/* proto/radius/private: what the TWAP says in a request, and the WLCP key in an Accept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/private.h"

enum { OURS = 32473, OTHER = 9 };

static const uint8_t authenticator[16] = { 1, 2, 3 };
static const uint8_t salts[2][LK_RADIUS_SALT_LEN] = { { 0x80, 1 }, { 0x80, 2 } };

static struct lk_radius_secret secret_of(const char *text)
{
    struct lk_radius_secret secret;

    assert_int_equal(lk_radius_secret_set(&secret, lk_span_text(text)), LK_OK);
    return secret;
}

static struct lk_radius_packet packet_of(struct lk_writer *w)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_end(w), LK_OK);
    assert_int_equal(lk_radius_decode(&packet, lk_writer_span(w)), LK_OK);
    return packet;
}

static const struct lk_twan_access both = {
    .modes = LK_TWAN_TRANSPARENT | LK_TWAN_MULTI,
    .twag = { .has_ipv4 = true, .has_ipv6 = true, .ipv4 = { 127, 0, 0, 1 },
              .ipv6 = { 0xfe, 0x80, 15 } },
};

/* spec: TS 29.273 5.2.3.25 - the supported modes; undefined bits are clear when sent and ignored
 * when they come.
 * spec: TS 29.273 5.2.3.29 - one address of each kind at most. */
static void access_comes_as_it_went(void **state)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_twan_access access, want;

    for (unsigned i = 0; i < 64; i++) {
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_packet packet;

        want = both;
        want.modes = i & 7;
        want.twag.has_ipv4 = (i & 8) != 0;
        want.twag.has_ipv6 = (i & 16) != 0;
        if (!want.twag.has_ipv4)
            memset(want.twag.ipv4, 0, sizeof want.twag.ipv4);
        if (!want.twag.has_ipv6)
            memset(want.twag.ipv6, 0, sizeof want.twag.ipv6);
        lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
        if ((i & 32) != 0) { /* another vendor's, in a form of its own, and ours in another's */
            lk_radius_put(&w, LK_RADIUS_VENDOR_SPECIFIC, lk_span_of("\0\0\0\x09xx", 6));
            lk_radius_put_vendor(&w, OTHER, LK_RADIUS_TWAN_CONNECTION_MODE, lk_span_of("\7", 1));
            want.modes |= 0xf0;
        }
        lk_radius_put_access(&w, OURS, &want);
        want.modes &= LK_TWAN_MODES;
        packet = packet_of(&w);
        assert_int_equal(lk_radius_take_access(&access, &packet, OURS), LK_OK);
        assert_memory_equal(&access, &want, sizeof want);
        assert_int_equal(lk_radius_take_access(&access, &packet, OURS + 1), LK_OK);
        assert_int_equal(access.modes, 0);
    }
}

static void undefined_mode_bits_are_ignored(void **state)
{
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_packet packet;
    struct lk_twan_access access;

    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
    lk_radius_put_vendor(&w, OURS, LK_RADIUS_TWAN_CONNECTION_MODE,
                         lk_span_of("\xff\xff\xff\xfc", 4));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_take_access(&access, &packet, OURS), LK_OK);
    assert_int_equal(access.modes, LK_TWAN_MULTI);
}

/* Lengths that fit no address and no mode, and what comes twice: refused whole. */
static void access_of_another_form_is_refused(void **state)
{
    static const uint8_t value[32];
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_radius_packet packet;
    struct lk_twan_access access;

    for (size_t len = 0; len <= sizeof value; len++) {
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
        lk_radius_put_vendor(&w, OURS, LK_RADIUS_TWAG_CP_ADDRESS, lk_span_of(value, len));
        packet = packet_of(&w);
        assert_int_equal(lk_radius_take_access(&access, &packet, OURS),
                         len == 4 || len == 16 ? LK_OK : LK_E_LENGTH);
        w = lk_writer_of(octets, sizeof octets);
        lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
        lk_radius_put_vendor(&w, OURS, LK_RADIUS_TWAN_CONNECTION_MODE, lk_span_of(value, len));
        packet = packet_of(&w);
        assert_int_equal(lk_radius_take_access(&access, &packet, OURS),
                         len == 4 ? LK_OK : LK_E_LENGTH);
    }
    for (unsigned i = 0; i < 3; i++) {
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
        lk_radius_put_access(&w, OURS, &both);
        lk_radius_put_vendor(&w, OURS,
                             i == 0 ? LK_RADIUS_TWAN_CONNECTION_MODE : LK_RADIUS_TWAG_CP_ADDRESS,
                             lk_span_of(value, i == 2 ? 16 : 4));
        packet = packet_of(&w);
        assert_int_equal(lk_radius_take_access(&access, &packet, OURS), LK_E_TWICE);
        assert_int_equal(access.modes, 0);
    }
}

static size_t write_wlcp(uint8_t *octets, const struct lk_wlcp_key *key,
                         const struct lk_radius_secret *secret)
{
    struct lk_writer w = lk_writer_of(octets, LK_RADIUS_PACKET_MAX);
    struct lk_imsi imsi;

    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010000000001")), LK_OK);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    lk_radius_put_wlcp(&w, OURS, key, &imsi, secret, authenticator, salts);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    return w.len;
}

static bool holds(const uint8_t *octets, size_t len, const void *what, size_t what_len)
{
    for (size_t i = 0; i + what_len <= len; i++)
        if (memcmp(octets + i, what, what_len) == 0)
            return true;
    return false;
}

/* T04: neither the key nor the IMSI stands in the packet.
 * spec: TS 33.402 7.2.3.2.1 - the key goes to the TWAP beside the MSK, not inside EAP. */
static void key_and_imsi_travel_hidden(void **state)
{
    struct lk_radius_secret secret = secret_of("testing123"), wrong = secret_of("testing124");
    struct lk_wlcp_key key, back;
    struct lk_radius_packet packet;
    struct lk_imsi imsi;
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    size_t len;

    for (size_t i = 0; i < sizeof key.octets; i++)
        key.octets[i] = (uint8_t)(0x50 + i);
    len = write_wlcp(octets, &key, &secret);
    assert_false(holds(octets, len, key.octets, 4));
    assert_false(holds(octets, len, "00101", 5));
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(lk_radius_open_wlcp(&back, &imsi, &packet, OURS, &secret, authenticator),
                     LK_OK);
    assert_memory_equal(&back, &key, sizeof key);
    assert_string_equal(imsi.digits, "001010000000001");
    assert_int_not_equal(lk_radius_open_wlcp(&back, &imsi, &packet, OURS, &wrong, authenticator),
                         LK_OK);
    assert_int_equal(lk_radius_open_wlcp(&back, &imsi, &packet, OTHER, &secret, authenticator),
                     LK_E_MISSING);
    for (size_t i = 0; i < sizeof back; i++)
        assert_int_equal(back.octets[i], 0);
    assert_int_equal(imsi.digits[0], 0);
}

static void half_of_it_is_not_enough(void **state)
{
    struct lk_radius_secret secret = secret_of("testing123");
    static const uint8_t plain[33] = { 1 };
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_radius_packet packet;
    struct lk_wlcp_key back;
    struct lk_imsi imsi;

    for (size_t key_len = 0; key_len <= sizeof plain; key_len++) {
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
        lk_radius_put_hidden(&w, OURS, LK_RADIUS_WLCP_KEY, &secret, authenticator, salts[0],
                             lk_span_of(plain, key_len));
        if (key_len != 32)
            lk_radius_put_hidden(&w, OURS, LK_RADIUS_WLCP_IMSI, &secret, authenticator, salts[1],
                                 lk_span_text("001010000000001"));
        packet = packet_of(&w);
        assert_int_equal(lk_radius_open_wlcp(&back, &imsi, &packet, OURS, &secret, authenticator),
                         key_len == 32 ? LK_E_MISSING : LK_E_LENGTH);
    }
}

/* spec: TS 29.273 5.2.3.25 - a key beside both modes, or beside another mode, is refused; without a
 * word of the mode, as on the session link, it is taken. */
static void a_key_goes_with_multi_connection_mode_only(void **state)
{
    struct lk_radius_secret secret = secret_of("testing123");
    struct lk_wlcp_key key = { { 5 } }, back;
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_radius_packet packet;
    struct lk_imsi imsi;

    for (unsigned modes = 0; modes <= 8; modes++) {
        struct lk_twan_access access = { .modes = (uint8_t)modes };
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        w.len = write_wlcp(octets, &key, &secret);
        if (modes < 8)
            lk_radius_put_access(&w, OURS, &access);
        packet = packet_of(&w);
        assert_int_equal(lk_radius_open_wlcp(&back, &imsi, &packet, OURS, &secret, authenticator),
                         modes == LK_TWAN_MULTI || modes == 8 ? LK_OK : LK_E_VALUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_comes_as_it_went),
        cmocka_unit_test(undefined_mode_bits_are_ignored),
        cmocka_unit_test(access_of_another_form_is_refused),
        cmocka_unit_test(key_and_imsi_travel_hidden),
        cmocka_unit_test(half_of_it_is_not_enough),
        cmocka_unit_test(a_key_goes_with_multi_connection_mode_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
