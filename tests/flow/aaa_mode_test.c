/* The AAA node and a trusted WLAN: who gets a WLCP key, over which leg, and what is seen of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aaa_world.h"
#include "base/hex.h"

static struct aaa_world a;

static int fresh(void **state)
{
    static const uint8_t twag[4] = { 127, 0, 0, 1 };

    aaa_init(&a);
    a.w.peer_config.want_multi = true;
    a.nas_config.enterprise = LK_AAA_ENTERPRISE;
    a.nas_config.access.modes = LK_TWAN_TRANSPARENT | LK_TWAN_MULTI;
    a.nas_config.access.twag.has_ipv4 = true;
    memcpy(a.nas_config.access.twag.ipv4, twag, sizeof twag);
    return 0;
}

/* An access network far away. */
static void move_to_the_open_leg(void)
{
    static const uint8_t far[4] = { 192, 0, 2, 5 };

    a.source = lk_address_v4(far);
    a.nas_config.secret = lk_radius_clients_find(&a.clients, &a.source)->secret;
}

static struct lk_wlcp_key key_at_the_device(uint8_t fc)
{
    struct lk_wlcp_kdf kdf;
    struct lk_wlcp_key key;

    lk_wlcp_kdf_defaults(&kdf);
    kdf.fc = fc;
    lk_wlcp_key_derive(&key, &a.w.peer_grant.emsk, &kdf);
    return key;
}

static void expect_multi(void)
{
    struct lk_wlcp_key key = key_at_the_device(0x21);

    aaa_expect_accept(&a);
    assert_int_equal(a.grant.mode, LK_TWAN_MULTI);
    assert_int_equal(a.w.peer_grant.mode, LK_TWAN_MULTI);
    assert_int_equal(a.withheld, LK_REASON_NONE);
    assert_true(a.outcome.has_wlcp);
    assert_memory_equal(&a.outcome.wlcp_key, &key, sizeof key);
    assert_true(lk_imsi_equal(&a.outcome.imsi, &a.w.peer_config.imsi));
    assert_int_equal(a.outcome.modes, LK_TWAN_MULTI);
    assert_memory_equal(&a.w.peer.twag, &a.nas_config.access.twag, sizeof a.w.peer.twag);
}

/* Accepted as ever, and no word of ours in the answer. */
static void expect_transparent(enum lk_reason withheld)
{
    struct lk_radius_packet packet;
    struct lk_span value;

    aaa_expect_accept(&a);
    assert_int_equal(a.grant.mode, LK_TWAN_TRANSPARENT);
    assert_false(a.outcome.has_wlcp);
    assert_int_equal(a.outcome.modes, 0);
    assert_int_equal(a.withheld, withheld);
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[a.rounds - 1],
                                                          a.answer_len[a.rounds - 1])), LK_OK);
    for (uint8_t type = 0; type < 8; type++)
        assert_false(lk_radius_find_vendor(&packet, LK_AAA_ENTERPRISE, type, &value));
}

/* spec: TS 33.402 7.2.3.2.1 - the AAA server derives the key and hands it to the TWAP.
 * spec: TS 33.402 7.2.3.2.2 - after a fast re-authentication another one, in the same way. */
static void the_twap_gets_the_key_that_the_device_has(void **state)
{
    struct lk_wlcp_key last;

    memset(&last, 0, sizeof last);
    for (unsigned run = 0; run < 3; run++) {
        aaa_attach(&a);
        expect_multi();
        assert_int_equal(a.grant.fast, run > 0);
        assert_memory_not_equal(&last, &a.outcome.wlcp_key, sizeof last);
        last = a.outcome.wlcp_key;
    }
}

/* spec: TS 33.402 A.3 - FC and parameters are configuration, and must be the same at both ends. */
static void another_function_code_at_one_end_is_another_key(void **state)
{
    struct lk_wlcp_key key;

    a.node[0].wlcp_kdf.fc = 0x22;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    key = key_at_the_device(0x21);
    assert_memory_not_equal(&key, &a.outcome.wlcp_key, sizeof key);
    key = key_at_the_device(0x22);
    assert_memory_equal(&key, &a.outcome.wlcp_key, sizeof key);
}

/* T04, T23: on a leg that is neither TLS nor loopback there is no multi-connection mode and no key,
 * and the authentication goes on; the operator is told why. */
static void an_open_leg_gets_no_key(void **state)
{
    move_to_the_open_leg();
    for (unsigned run = 0; run < 2; run++) { /* full, then fast */
        aaa_attach(&a);
        expect_transparent(LK_REASON_WLCP_LEG_OPEN);
        assert_int_equal(a.rounds, 2); /* nothing was announced: no notification */
    }
    a.is_protected = true;
    aaa_attach(&a);
    expect_multi();
    a.is_protected = false;
    a.w.peer_config.want_multi = false; /* what a network offers is said even if nobody asks */
    aaa_attach(&a);
    expect_transparent(LK_REASON_WLCP_LEG_OPEN);
}

static bool leave_the_tunnel(struct aaa_world *world, bool to_server, uint8_t *octets, size_t *len)
{
    if (to_server && world->rounds == 3) /* the answer to the notification */
        world->is_protected = false;
    return true;
}

/* T04: a leg that was closed when the mode was agreed, and is not when the key would go out. */
static void a_leg_that_opens_late_gets_no_key(void **state)
{
    move_to_the_open_leg();
    a.is_protected = true;
    a.meddle = leave_the_tunnel;
    aaa_attach(&a);
    assert_int_equal(a.rounds, 3);
    assert_int_equal(a.w.peer_grant.mode, LK_TWAN_MULTI); /* the device knows no better */
    expect_transparent(LK_REASON_WLCP_LEG_OPEN);
}

static void who_asks_for_nothing_gets_nothing(void **state)
{
    a.nas_config.access.modes = LK_TWAN_TRANSPARENT | LK_TWAN_SINGLE;
    aaa_attach(&a);
    expect_transparent(LK_REASON_NONE);
    a.nas_config.access.modes = 0;
    aaa_attach(&a);
    expect_transparent(LK_REASON_NONE);
    a.nas_config.access.modes = LK_TWAN_MULTI;
    for (unsigned i = 0; i < AAA_NODES; i++)
        a.node[i].eap.modes = LK_TWAN_TRANSPARENT; /* the configuration does not allow it */
    aaa_attach(&a);
    expect_transparent(LK_REASON_NONE);
    move_to_the_open_leg();
    aaa_attach(&a);
    expect_transparent(LK_REASON_NONE);
}

static void both_ends_need_the_enterprise_number(void **state)
{
    a.node[0].enterprise++;
    aaa_attach(&a);
    expect_transparent(LK_REASON_NONE);
}

static bool lengthen_the_address(struct aaa_world *world, bool to_server, uint8_t *octets,
                                 size_t *len)
{
    struct lk_writer w;

    if (!to_server)
        return true;
    w = lk_writer_of(octets, LK_RADIUS_PACKET_MAX);
    w.len = *len;
    lk_radius_put_vendor(&w, LK_AAA_ENTERPRISE, LK_RADIUS_TWAG_CP_ADDRESS,
                         lk_span_text("another form"));
    *len = w.len;
    aaa_sign(world, octets, *len);
    /* the client compares the answer with what it had sent: the authenticator is unchanged */
    return true;
}

static void attributes_of_another_form_are_told_and_ignored(void **state)
{
    a.meddle = lengthen_the_address;
    aaa_attach(&a);
    expect_transparent(LK_REASON_TWAN_ATTRIBUTES);
}

/* T02, T31: Class says which gateway the client stands for, and when. */
static void the_token_names_gateway_and_time(void **state)
{
    struct lk_radius_class token;

    for (size_t i = 0; i < LK_COUNT_OF(a.client); i++)
        memcpy(a.client[i].mag, "mag-1", 6);
    a.now_ms = 1791800000123;
    aaa_attach(&a);
    expect_multi();
    assert_int_equal(lk_radius_class_open_token(&token, &a.node[1].class_key, a.now_ms, 1000,
                                                lk_span_of(a.nas.class_value, a.nas.class_len)),
                     LK_OK);
    assert_string_equal(token.mag, "mag-1");
    assert_int_equal(token.attached_ms, 1791800000123);
    assert_true(lk_imsi_equal(&token.imsi, &a.w.peer_config.imsi));
}

static bool holds(unsigned round, const void *what, size_t len)
{
    const uint8_t *octets = a.answer[round];

    for (size_t at = 0; at + len <= a.answer_len[round]; at++)
        if (lk_span_equal(lk_span_of(octets + at, len), lk_span_of(what, len)))
            return true;
    return false;
}

/* T02: whom a Reject is about is for a TWAP, over a leg where nobody else reads, and hidden; and
 * only when it is about him: under his name anybody may fail. */
static void a_twap_hears_who_was_rejected(void **state)
{
    static const struct {
        uint8_t modes;
        bool is_known, is_far, forbidden, named;
    } rows[] = { { LK_TWAN_MULTI, false, false, false, true },
                 { LK_TWAN_MULTI, true, false, false, false },
                 { 0, false, false, false, false },
                 { LK_TWAN_TRANSPARENT, false, false, false, false },
                 { LK_TWAN_MULTI, false, true, false, false },
                 { LK_TWAN_MULTI, false, true, true, false } };

    a.w.peer_config.lab = LK_LAB_WRONG_RES;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_packet packet;
        struct lk_span value;
        struct lk_imsi imsi;
        unsigned last;

        a.nas_config.access.modes = rows[i].modes;
        a.w.no_vector = rows[i].is_known ? LK_REASON_NONE : LK_REASON_SUBSCRIBER_UNKNOWN;
        for (unsigned n = 0; rows[i].forbidden && n < AAA_NODES; n++)
            a.node[n].eap.modes = LK_TWAN_TRANSPARENT;
        if (rows[i].is_far)
            move_to_the_open_leg();
        aaa_attach(&a);
        assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_REJECT);
        last = a.rounds - 1;
        assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[last], a.answer_len[last])),
                         LK_OK);
        assert_int_equal(lk_radius_find(&packet, LK_RADIUS_VENDOR_SPECIFIC, &value),
                         rows[i].named);
        if (!rows[i].named)
            continue;
        assert_int_equal(lk_radius_open_imsi(&imsi, &packet, LK_AAA_ENTERPRISE,
                                             &a.nas_config.secret, a.request[last] + 4), LK_OK);
        assert_true(lk_imsi_equal(&imsi, &a.w.peer_config.imsi));
        assert_false(holds(last, imsi.digits, 15));
    }
}

/* ---- what is seen of it on the wire ---- */

static void expect_salts_unlike(unsigned round)
{
    static const struct { uint32_t vendor; uint8_t type; } hidden[] = {
        { LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY },
        { LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_SEND_KEY },
        { LK_AAA_ENTERPRISE, LK_RADIUS_WLCP_KEY },
        { LK_AAA_ENTERPRISE, LK_RADIUS_WLCP_IMSI },
    };
    struct lk_radius_packet packet;
    struct lk_span value[LK_COUNT_OF(hidden)];

    assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[round], a.answer_len[round])),
                     LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(hidden); i++) {
        assert_true(lk_radius_find_vendor(&packet, hidden[i].vendor, hidden[i].type, &value[i]));
        assert_true((value[i].at[0] & 0x80) != 0);
        for (size_t j = 0; j < i; j++)
            assert_false(lk_span_equal(lk_span_of(value[i].at, LK_RADIUS_SALT_LEN),
                                       lk_span_of(value[j].at, LK_RADIUS_SALT_LEN)));
    }
}

/* T04: over a thousand attaches no piece of the key, as octets or as hex, nor the IMSI is in an
 * answer.
 * spec: RFC 2548 2.4.2 - and no salt is there twice. */
static void the_key_is_never_on_the_wire_in_clear(void **state)
{
    char hex[2 * sizeof(struct lk_wlcp_key) + 1];

    for (unsigned run = 0; run < 1000; run++) {
        a.w.peer_config.use_reauth = run % 3 != 0;
        aaa_attach(&a);
        expect_multi();
        assert_int_equal(lk_hex_encode(hex, sizeof hex, LK_SPAN(a.outcome.wlcp_key.octets)),
                         LK_OK);
        for (unsigned i = 0; i < a.rounds; i++) {
            for (size_t part = 0; part < 32; part += 8) {
                assert_false(holds(i, a.outcome.wlcp_key.octets + part, 8));
                assert_false(holds(i, hex + 2 * part, 8));
            }
            assert_false(holds(i, a.w.peer_config.imsi.digits, 15));
        }
        expect_salts_unlike(a.rounds - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_twap_gets_the_key_that_the_device_has, fresh),
        cmocka_unit_test_setup(another_function_code_at_one_end_is_another_key, fresh),
        cmocka_unit_test_setup(an_open_leg_gets_no_key, fresh),
        cmocka_unit_test_setup(a_leg_that_opens_late_gets_no_key, fresh),
        cmocka_unit_test_setup(who_asks_for_nothing_gets_nothing, fresh),
        cmocka_unit_test_setup(both_ends_need_the_enterprise_number, fresh),
        cmocka_unit_test_setup(attributes_of_another_form_are_told_and_ignored, fresh),
        cmocka_unit_test_setup(the_token_names_gateway_and_time, fresh),
        cmocka_unit_test_setup(a_twap_hears_who_was_rejected, fresh),
        cmocka_unit_test_setup(the_key_is_never_on_the_wire_in_clear, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
