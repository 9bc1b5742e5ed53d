/* proto/radius/hiding: authenticators and hidden attributes against values computed elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/hiding.h"
#include "vectors.h"

static void set_secret(struct lk_radius_secret *secret, const json_t *v)
{
    struct vector_octets octets = vector_hex(v, "secret");

    assert_int_equal(lk_radius_secret_set(secret, vector_span(&octets)), LK_OK);
}

/* spec: RFC 3579 3.2 - Message-Authenticator of requests, accounting and answers.
 * spec: RFC 2865 3 - Response Authenticator.
 * spec: RFC 2866 3 - Request Authenticator of accounting. */
static void authenticators_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *list = vectors_list(file, "packets");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "packet");
        struct vector_octets before = vector_hex(v, "request_authenticator");
        struct lk_radius_packet packet;
        struct lk_radius_secret secret;
        bool has_mac = vector_int(v, "mac_offset") != 0;
        bool access = strcmp(vector_text(v, "kind"), "access") == 0;

        set_secret(&secret, v);
        assert_int_equal(lk_radius_decode(&packet, vector_span(&octets)), LK_OK);
        assert_int_equal(lk_radius_mac_verify(&packet, &secret, before.at),
                         has_mac ? LK_OK : LK_E_MISSING);
        if (!access)
            assert_int_equal(lk_radius_authenticator_verify(&packet, &secret, before.at), LK_OK);
        /* Each octet counts: change one, and neither verifies. */
        for (size_t at = 0; at < octets.len; at++) {
            bool header = at >= 4 && at < 20; /* replaced by before when verifying */

            octets.at[at] ^= 0x40;
            if (lk_radius_decode(&packet, vector_span(&octets)) == LK_OK) {
                if (has_mac && !header)
                    assert_int_not_equal(lk_radius_mac_verify(&packet, &secret, before.at), LK_OK);
                if (!access)
                    assert_int_equal(lk_radius_authenticator_verify(&packet, &secret, before.at),
                                     LK_E_MAC);
            }
            octets.at[at] ^= 0x40;
        }
    }
    json_decref(file);
}

static void put_mac(struct lk_writer *w, size_t len)
{
    (void)lk_radius_put_hole(w, LK_RADIUS_MESSAGE_AUTHENTICATOR, len);
}

/* spec: RFC 3579 3.2 - one Message-Authenticator, of sixteen octets. */
static void message_authenticator_twice_or_misshapen_is_refused(void **state)
{
    static const struct {
        size_t first, second; /* lengths; 99: left out */
        enum lk_status status;
    } table[] = {
        { 99, 99, LK_E_MISSING }, { 0, 99, LK_E_LENGTH }, { 15, 99, LK_E_LENGTH },
        { 17, 99, LK_E_LENGTH },  { 16, 16, LK_E_TWICE }, { 16, 0, LK_E_TWICE },
        { 16, 99, LK_OK },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        uint8_t octets[100];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_packet packet;
        size_t offset;

        lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
        if (table[i].first != 99)
            put_mac(&w, table[i].first);
        if (table[i].second != 99)
            put_mac(&w, table[i].second);
        assert_int_equal(lk_radius_end(&w), LK_OK);
        assert_int_equal(lk_radius_decode(&packet, lk_writer_span(&w)), LK_OK);
        assert_int_equal(lk_radius_mac_offset(&offset, &packet), table[i].status);
    }
}

/* spec: RFC 2548 2.4.2 - salt, then length, key and padding under a chain of MD5. */
static void hidden_octets_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *list = vectors_list(file, "hidden");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets authenticator = vector_hex(v, "authenticator");
        struct vector_octets salt = vector_hex(v, "salt"), plain = vector_hex(v, "plain");
        uint8_t octets[512], opened[LK_RADIUS_HIDDEN_MAX + 1];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_secret secret;
        struct lk_radius_packet packet;
        struct lk_span value;
        size_t len;

        set_secret(&secret, v);
        lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
        lk_radius_put_hidden(&w, 32473, 1, &secret, authenticator.at, salt.at,
                             vector_span(&plain));
        assert_int_equal(lk_radius_end(&w), LK_OK);
        assert_int_equal(lk_radius_decode(&packet, lk_writer_span(&w)), LK_OK);
        assert_true(lk_radius_find_vendor(&packet, 32473, 1, &value));
        assert_vector(v, "hidden", value.at, value.len);
        assert_int_equal(lk_radius_open_hidden(opened, &len, value, &secret, authenticator.at),
                         LK_OK);
        assert_vector(v, "plain", opened, len);
        for (size_t cut = 0; cut < value.len; cut++)
            assert_int_not_equal(lk_radius_open_hidden(opened, &len, lk_span_of(value.at, cut),
                                                       &secret, authenticator.at),
                                 LK_OK);
    }
    json_decref(file);
}

/* spec: RFC 2548 2.4.2 - both salts with the top bit set and unlike, whatever the entropy.
 * spec: RFC 2548 2.4.3 - Recv-Key the first half, Send-Key the second. */
static void msk_travels_as_two_keys(void **state)
{
    static const uint8_t authenticator[16] = { 3, 1, 4 };
    struct lk_radius_secret secret;
    struct lk_msk msk, back;

    assert_int_equal(lk_radius_secret_set(&secret, lk_span_text("testing123")), LK_OK);
    for (size_t i = 0; i < sizeof msk.octets; i++)
        msk.octets[i] = (uint8_t)(0x80 + i);
    for (unsigned round = 0; round < 4; round++) {
        uint8_t entropy[4] = { round & 1 ? 0xff : 0, 0, round & 1 ? 0x7f : 0, round & 2 ? 9 : 0 };
        uint8_t octets[256];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_radius_packet packet;
        struct lk_span recv, send;

        lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
        lk_radius_put_mppe(&w, &msk, &secret, authenticator, entropy);
        assert_int_equal(lk_radius_end(&w), LK_OK);
        assert_int_equal(lk_radius_decode(&packet, lk_writer_span(&w)), LK_OK);
        assert_true(lk_radius_find_vendor(&packet, 311, LK_RADIUS_MS_MPPE_RECV_KEY, &recv));
        assert_true(lk_radius_find_vendor(&packet, 311, LK_RADIUS_MS_MPPE_SEND_KEY, &send));
        assert_int_equal(recv.len, 50);
        assert_true(recv.at[0] & send.at[0] & 0x80);
        assert_true(recv.at[0] != send.at[0] || recv.at[1] != send.at[1]);
        memset(&back, 0, sizeof back);
        assert_int_equal(lk_radius_open_mppe(&back, &packet, &secret, authenticator), LK_OK);
        assert_memory_equal(&back, &msk, sizeof msk);
        assert_int_equal(lk_radius_secret_set(&secret, lk_span_text("another")), LK_OK);
        (void)!lk_radius_open_mppe(&back, &packet, &secret, authenticator);
        assert_memory_not_equal(&back, &msk, sizeof msk);
        assert_int_equal(lk_radius_secret_set(&secret, lk_span_text("testing123")), LK_OK);
    }
}

static void secrets_have_limits(void **state)
{
    static const uint8_t octets[LK_RADIUS_SECRET_MAX + 1] = { 1 };
    struct lk_radius_secret secret;

    assert_int_equal(lk_radius_secret_set(&secret, lk_span_of(octets, 0)), LK_E_LENGTH);
    assert_int_equal(lk_radius_secret_set(&secret, lk_span_of(octets, 1)), LK_OK);
    assert_int_equal(lk_radius_secret_set(&secret, lk_span_of(octets, 128)), LK_OK);
    assert_int_equal(lk_radius_secret_set(&secret, lk_span_of(octets, 129)), LK_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authenticators_are_those_of_another_hand),
        cmocka_unit_test(message_authenticator_twice_or_misshapen_is_refused),
        cmocka_unit_test(hidden_octets_are_those_of_another_hand),
        cmocka_unit_test(msk_travels_as_two_keys),
        cmocka_unit_test(secrets_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
