/* The connection mode of a trusted WLAN, agreed inside EAP-AKA': what it takes for both ends to
 * hold a WLCP key, and that nobody in between talks them into it or out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_world.h"
#include "keys/wlcp.h"
#include "proto/eap/method.h"

static struct world w;

static const struct lk_twan_access twan = {
    .modes = LK_TWAN_TRANSPARENT | LK_TWAN_MULTI,
    .twag = { .has_ipv4 = true, .has_ipv6 = true, .ipv4 = { 127, 0, 0, 1 },
              .ipv6 = { 0xfe, 0x80, 7 } },
};

static int fresh(void **state)
{
    world_init(&w);
    w.peer_config.want_multi = true;
    w.access = twan;
    return 0;
}

static struct lk_wlcp_key key_of(const struct lk_grant *grant, uint8_t fc)
{
    struct lk_wlcp_kdf kdf;
    struct lk_wlcp_key key;

    lk_wlcp_kdf_defaults(&kdf);
    if (fc != 0)
        kdf.fc = fc;
    lk_wlcp_key_derive(&key, &grant->emsk, &kdf);
    return key;
}

static void expect_multi(bool fast)
{
    struct lk_wlcp_key at_server, at_peer;

    world_expect_success(&w);
    assert_int_equal(w.server_grant.fast, fast);
    assert_int_equal(w.server_grant.mode, LK_TWAN_MULTI);
    assert_int_equal(w.peer_grant.mode, LK_TWAN_MULTI);
    assert_memory_equal(&w.peer.twag, &twan.twag, sizeof twan.twag);
    at_server = key_of(&w.server_grant, 0);
    at_peer = key_of(&w.peer_grant, 0);
    assert_memory_equal(&at_server, &at_peer, sizeof at_peer);
}

static void expect_transparent(void)
{
    static const struct lk_twag_address none;

    world_expect_success(&w);
    assert_int_equal(w.server_grant.mode, LK_TWAN_TRANSPARENT);
    assert_int_equal(w.peer_grant.mode, LK_TWAN_TRANSPARENT);
    assert_memory_equal(&w.peer.twag, &none, sizeof none);
}

/* ---- agreed ---- */

/* spec: TS 23.402 16.1.4A - both can do multi-connection mode, the device asks for it, and gets it.
 * spec: TS 29.273 5.2.3.29 - the device learns the address that the access network named.
 * spec: TS 33.402 7.2.3.2.2 - the same after a fast re-authentication, with another key. */
static void multi_in_full_and_fast_authentication(void **state)
{
    struct lk_wlcp_key keys[3];

    for (unsigned run = 0; run < 3; run++) {
        world_run(&w);
        expect_multi(run > 0);
        assert_int_equal(world_count(&w, "Request/AKA'-Notification"), 1);
        keys[run] = key_of(&w.server_grant, 0);
        for (unsigned i = 0; i < run; i++)
            assert_memory_not_equal(&keys[i], &keys[run], sizeof keys[run]);
    }
    assert_true(w.snapshot_max <= LK_EAP_SNAPSHOT_MAX);
}

/* spec: TS 33.402 A.3 - another function code at one end is another key. */
static void another_function_code_is_another_key(void **state)
{
    struct lk_wlcp_key at_server, at_peer;

    world_run(&w);
    expect_multi(false);
    at_server = key_of(&w.server_grant, 0x21);
    at_peer = key_of(&w.peer_grant, 0x22);
    assert_memory_not_equal(&at_server, &at_peer, sizeof at_peer);
}

static void another_layout_of_both_ends_agrees(void **state)
{
    struct lk_mode_layout *layout = &w.server_config.mode_layout;

    *layout = (struct lk_mode_layout){ .message = { 9, 8, 7 }, .transparent = 0x80, .single = 0x10,
                                       .multi = 0x20, .cause = 0xff, .twag_ipv4 = 0x44,
                                       .twag_ipv6 = 0x66, .back_off = 0x77 };
    assert_true(lk_mode_layout_is_sound(layout));
    w.peer_config.mode_layout = *layout;
    world_run(&w);
    expect_multi(false);
    lk_mode_layout_defaults(&w.peer_config.mode_layout); /* it cannot read that: as if absent */
    world_run(&w);
    expect_transparent();
}

/* ---- not agreed, and authenticated all the same ---- */

/* spec: TS 23.402 16.1.4A - without a common mode it is transparent single-connection mode. */
static void without_a_common_mode_it_is_transparent(void **state)
{
    for (unsigned run = 0; run < 2; run++) { /* full, then fast */
        w.peer_config.want_multi = false; /* a device that ignores the attribute */
        world_run(&w);
        expect_transparent();
        w.peer_config.want_multi = true;

        w.access.modes = 0; /* an access network that says nothing */
        world_run(&w);
        expect_transparent();
        assert_false(world_saw(&w, "Request/AKA'-Notification"));
        w.access.modes = LK_TWAN_TRANSPARENT | LK_TWAN_SINGLE;
        world_run(&w);
        expect_transparent();
        w.access = twan;

        w.server_config.modes = LK_TWAN_TRANSPARENT; /* a server that may not */
        world_run(&w);
        expect_transparent();
        w.server_config.modes |= LK_TWAN_MULTI;
    }
    w.peer_config.allow_aka_prime = false; /* a method that has no such attribute */
    world_run(&w);
    expect_transparent();
}

/* A device as it was before: neither the attribute nor AT_RESULT_IND. */
static void a_peer_without_notification_is_served(void **state)
{
    w.peer_config.want_multi = false;
    w.peer_config.result_ind = false;
    world_run(&w);
    expect_transparent();
    assert_false(world_saw(&w, "Request/AKA'-Notification"));
}

/* spec: RFC 4187 6.2 - who wants a mode says AT_RESULT_IND, whatever it says otherwise. */
static void asking_for_a_mode_asks_for_its_result(void **state)
{
    w.peer_config.result_ind = false;
    world_run(&w);
    expect_multi(false);
}

static bool withdraw(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    if (!to_peer && octets[4] == LK_EAP_AKA_PRIME && octets[5] == LK_AKA_CHALLENGE)
        world->access.modes = LK_TWAN_TRANSPARENT;
    return true;
}

static void a_network_that_withdraws_gets_no_multi(void **state)
{
    w.meddle = withdraw;
    world_run(&w);
    expect_transparent();
    assert_int_equal(w.peer.mode_cause, LK_MODE_CAUSE_NOT_AUTHORISED);
}

/* spec: TS 29.273 5.2.3.25 - a request for single and multi at once names no mode, gets none. */
static void both_modes_at_once_are_refused(void **state)
{
    w.peer_config.lab = LK_LAB_BOTH_MODES;
    w.access.modes |= LK_TWAN_SINGLE;
    w.server_config.modes |= LK_TWAN_SINGLE;
    for (unsigned run = 0; run < 2; run++) {
        world_run(&w);
        expect_transparent();
        assert_int_equal(w.peer.mode_cause, LK_MODE_CAUSE_INCORRECT);
    }
}

/* ---- somebody in between ---- */

/* Where AT_TWAN_CONN_MODE stands in a packet of that message, or 0. */
static size_t mode_offset(const uint8_t *octets, size_t len, uint8_t subtype)
{
    struct lk_eap_packet packet;

    if (lk_eap_decode(&packet, lk_span_of(octets, len)) != LK_OK || packet.subtype != subtype ||
        !lk_aka_has(&packet.at, LK_AT_TWAN_CONN_MODE))
        return 0;
    return (size_t)(packet.at.conn_mode.at - octets) - 2;
}

struct meddling {
    bool to_peer;
    uint8_t subtype;
    enum { STRIP, FLIP, SET_BOTH, SET_SINGLE, GARBAGE, CUT_SHORT, OTHER_MESSAGE } what;
    bool sign; /* as the server, or the peer, itself would have */
    bool done;
};

static void sign_again(const struct world *world, uint8_t *octets, size_t len)
{
    struct lk_eap_packet packet;
    uint8_t mac[LK_AKA_MAC_LEN];

    if (lk_eap_decode(&packet, lk_span_of(octets, len)) != LK_OK)
        fail_msg("what is to be signed does not decode");
    lk_aka_mac(mac, packet.type, &world->peer.keys.k_aut, packet.whole, packet.mac_offset,
               lk_span_of(NULL, 0));
    memcpy(octets + packet.mac_offset, mac, sizeof mac);
}

static bool meddle(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct meddling *m = world->meddle_with;
    size_t at = to_peer == m->to_peer ? mode_offset(octets, *len, m->subtype) : 0, size;

    if (at == 0)
        return true;
    m->done = true;
    size = 4u * octets[at + 1];
    switch (m->what) {
    case STRIP:
        memmove(octets + at, octets + at + size, *len - at - size);
        *len -= size;
        octets[2] = (uint8_t)(*len >> 8);
        octets[3] = (uint8_t)*len;
        break;
    case FLIP: octets[at + 3] ^= LK_TWAN_MULTI; break;
    case SET_BOTH: octets[at + 3] = LK_TWAN_SINGLE | LK_TWAN_MULTI; break;
    case SET_SINGLE: octets[at + 3] = LK_TWAN_SINGLE; break;
    case GARBAGE: memset(octets + at + 4, 0xee, size - 4); break;
    case CUT_SHORT: octets[at + 5] = 0xff; break;
    case OTHER_MESSAGE: octets[at + 2] = 1; break;
    }
    if (m->sign)
        sign_again(world, octets, *len);
    return true;
}

static void run_meddled(struct meddling *m)
{
    w.meddle = meddle;
    w.meddle_with = m;
    world_run(&w);
    assert_true(m->done);
    w.meddle = NULL;
}

/* Bidding down: the announcement, the request or the result taken away or changed on the way.
 * AT_MAC covers each; nobody is granted anything.
 * spec: RFC 4187 10.15 - AT_MAC covers the whole packet. */
static void what_is_changed_on_the_way_grants_nothing(void **state)
{
    static const struct meddling ways[] = {
        { true, LK_AKA_CHALLENGE, STRIP, false, false },
        { true, LK_AKA_CHALLENGE, FLIP, false, false },
        { false, LK_AKA_CHALLENGE, STRIP, false, false },
        { false, LK_AKA_CHALLENGE, FLIP, false, false },
        { true, LK_AKA_NOTIFICATION, STRIP, false, false },
        { true, LK_AKA_NOTIFICATION, FLIP, false, false },
        { true, LK_AKA_REAUTHENTICATION, STRIP, false, false },
        { true, LK_AKA_REAUTHENTICATION, FLIP, false, false },
        { false, LK_AKA_REAUTHENTICATION, STRIP, false, false },
        { false, LK_AKA_REAUTHENTICATION, FLIP, false, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(ways); i++) {
        struct meddling m = ways[i];

        (void)fresh(NULL);
        if (m.subtype == LK_AKA_REAUTHENTICATION)
            world_run(&w);
        run_meddled(&m);
        assert_int_equal(w.peer_grants, 0);
        assert_int_equal(w.server_grants, 0);
        world_run(&w);
        expect_multi(w.server_grant.fast);
    }
}

static bool success_instead(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    uint8_t success[4] = { LK_EAP_SUCCESS, octets[1], 0, 4 };

    if (!to_peer || octets[4] != LK_EAP_AKA_PRIME || octets[5] != LK_AKA_NOTIFICATION)
        return true;
    success[1] = world->peer.answered_id;
    memcpy(octets, success, sizeof success);
    *len = sizeof success;
    return true;
}

/* spec: RFC 4187 6.2 - an EAP-Success in the notification's place is ignored: no result, no key. */
static void success_without_a_result_is_ignored(void **state)
{
    w.meddle = success_instead;
    world_run(&w);
    assert_int_equal(w.peer_grants, 0);
    assert_int_equal(w.peer.state, LK_EAP_PEER_AWAIT_RESULT);
}

/* ---- an end that breaks the rules itself: signed, and still not agreed ---- */

/* A server whose result is missing, says two modes or none that was asked for, or has no form: the
 * device takes it for transparent mode, and derives no WLCP key. */
static void a_result_that_is_none_gives_the_device_no_multi(void **state)
{
    static const int ways[] = { STRIP, FLIP, SET_BOTH, SET_SINGLE, GARBAGE, CUT_SHORT,
                                OTHER_MESSAGE };

    for (size_t i = 0; i < LK_COUNT_OF(ways); i++) {
        struct meddling m = { true, LK_AKA_NOTIFICATION, ways[i], true, false };

        (void)fresh(NULL);
        run_meddled(&m);
        assert_int_equal(w.peer_grants, 1);
        assert_int_equal(w.peer_grant.mode, LK_TWAN_TRANSPARENT);
        assert_false(w.peer.twag.has_ipv4 || w.peer.twag.has_ipv6);
    }
}

/* A device whose request has no form, or names another mode: told so, and served in transparent
 * mode. */
static void a_request_that_is_none_gets_no_multi(void **state)
{
    static const int ways[] = { FLIP, SET_BOTH, SET_SINGLE, OTHER_MESSAGE };
    static const uint8_t causes[] = { LK_MODE_CAUSE_INCORRECT, LK_MODE_CAUSE_INCORRECT,
                                      LK_MODE_CAUSE_NOT_SUPPORTED, LK_MODE_CAUSE_INCORRECT };

    for (size_t i = 0; i < LK_COUNT_OF(ways); i++) {
        struct meddling m = { false, LK_AKA_CHALLENGE, ways[i], true, false };

        (void)fresh(NULL);
        run_meddled(&m);
        expect_transparent();
        assert_true(world_saw(&w, "Request/AKA'-Notification"));
        assert_int_equal(w.peer.mode_cause, causes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(multi_in_full_and_fast_authentication, fresh),
        cmocka_unit_test_setup(another_function_code_is_another_key, fresh),
        cmocka_unit_test_setup(another_layout_of_both_ends_agrees, fresh),
        cmocka_unit_test_setup(without_a_common_mode_it_is_transparent, fresh),
        cmocka_unit_test_setup(a_peer_without_notification_is_served, fresh),
        cmocka_unit_test_setup(asking_for_a_mode_asks_for_its_result, fresh),
        cmocka_unit_test_setup(a_network_that_withdraws_gets_no_multi, fresh),
        cmocka_unit_test_setup(both_modes_at_once_are_refused, fresh),
        cmocka_unit_test_setup(what_is_changed_on_the_way_grants_nothing, fresh),
        cmocka_unit_test_setup(success_without_a_result_is_ignored, fresh),
        cmocka_unit_test_setup(a_result_that_is_none_gives_the_device_no_multi, fresh),
        cmocka_unit_test_setup(a_request_that_is_none_gets_no_multi, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
