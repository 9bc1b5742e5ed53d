/* The TWAG with devices around it: how sessions, keys and channels begin, follow each other and
 * end, and what becomes of connections then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "twag_rig.h"
#include "wlcp_rig.h"

enum { A, B };

#define REQUEST_IMS "8102312804 03696d73"

/* T06: spec: TS 33.402 7.2.3.2.2 - after a re-authentication the key before opens a channel for the
 * overlap only; connections live on. */
static void a_retired_key_ends_after_the_overlap(void **state)
{
    struct twag_rig *rig = *state;
    char before[LK_WLCP_IDENTITY_LEN + 1];

    (void)twag_rig_attach(rig, A, "internet", 7);
    memcpy(before, rig->device[A].identity, sizeof before);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_int_equal(twag_rig_count(rig, LK_TWAG_OUT_KEY), 1);
    assert_true(twag_rig_has_key(rig, before));
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
    rig->now_ms += rig->config.overlap_ms - 1;
    assert_true(twag_rig_has_key(rig, before));
    rig->now_ms += 1;
    assert_false(twag_rig_has_key(rig, before));
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
    /* Also when nobody has woken it. */
    assert_int_equal(twag_rig_up(rig, A, before), LK_E_EXPIRED);
    assert_int_equal(rig->refusal, LK_REASON_WLCP_KEY_RETIRED);
    assert_int_equal(twag_rig_count(rig, LK_TWAG_OUT_CHANNEL_CLOSE), 1);
    twag_rig_wait(rig, 0);
    assert_int_equal(twag_rig_up(rig, A, before), LK_E_NOT_FOUND);
    assert_int_equal(rig->downs, 0);
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
    assert_int_equal(twag_rig_frame(rig, A, 0, 7), LK_OK);
}

/* T06: once a channel has the new key, the old channel is closed and the old key is gone. */
static void the_new_channel_takes_the_place_of_the_old(void **state)
{
    struct twag_rig *rig = *state;
    char before[LK_WLCP_IDENTITY_LEN + 1];
    uint64_t old;

    (void)twag_rig_attach(rig, A, "internet", 7);
    memcpy(before, rig->device[A].identity, sizeof before);
    old = rig->device[A].handle;
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    /* The old one serves until then. */
    assert_int_equal(twag_rig_data(rig, old, wlcp_octets("85404d")), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    assert_int_equal(lk_twag_outbox_find(&rig->out, LK_TWAG_OUT_CHANNEL_CLOSE)->channel.handle,
                     old);
    assert_false(twag_rig_has_key(rig, before));
    assert_int_equal(twag_rig_up(rig, A, before), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_data(rig, old, wlcp_octets("85404d")), LK_E_NOT_FOUND);
    twag_rig_wait(rig, 10 * rig->config.old_channel_ms);
    assert_int_equal(rig->downs, 0);
    assert_non_null(twag_rig_connection(rig, A, "internet"));
    (void)twag_rig_attach(rig, A, "ims", 9);
    assert_int_equal(rig->closes, 2); /* the old one, and the one that was refused */
}

/* T06: a channel of the old key does not live on when no new one comes. */
static void an_old_channel_ends_of_itself(void **state)
{
    struct twag_rig *rig = *state;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    twag_rig_wait(rig, rig->config.old_channel_ms - 1);
    assert_int_equal(rig->closes, 0);
    rig->now_ms += 1;
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_E_EXPIRED);
    twag_rig_wait(rig, 0);
    assert_int_equal(rig->closes, 1);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
}

/* T06: of two re-authentications within the overlap the first key is gone at once: no more than two
 * open a channel. */
static void two_keys_at_most_are_alive(void **state)
{
    struct twag_rig *rig = *state;
    char first[LK_WLCP_IDENTITY_LEN + 1], second[LK_WLCP_IDENTITY_LEN + 1];

    (void)twag_rig_attach(rig, A, "internet", 7);
    memcpy(first, rig->device[A].identity, sizeof first);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    memcpy(second, rig->device[A].identity, sizeof second);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_false(twag_rig_has_key(rig, first));
    assert_int_equal(twag_rig_up(rig, A, first), LK_E_NOT_FOUND);
    assert_true(twag_rig_has_key(rig, second));
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
    assert_int_equal(rig->downs, 0);
}

/* T06: a channel that the key before opens within the overlap is one of that key: it is no channel
 * of the new one, and ends of itself as the one before it would have. */
static void a_channel_of_the_old_key_is_an_old_channel(void **state)
{
    struct twag_rig *rig = *state, *other = twag_rig_new(3, 5);
    char before[LK_WLCP_IDENTITY_LEN + 1];

    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(other, A, "internet", 7);
    memcpy(before, rig->device[A].identity, sizeof before);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_int_equal(twag_rig_roll(other, A), LK_OK);
    rig->now_ms += rig->config.overlap_ms - 1;
    assert_int_equal(twag_rig_up(rig, A, before), LK_OK);
    assert_int_equal(rig->closes, 1);
    twag_rig_same(rig, twag_rig_digest(other)); /* as the channel that was there already */
    twag_rig_wait(rig, rig->config.old_channel_ms - 1);
    assert_int_equal(rig->closes, 1);
    twag_rig_wait(rig, 1);
    assert_int_equal(rig->closes, 2);
    assert_int_equal(rig->downs, 1);
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
    twag_rig_free(other);
}

/* T06: spec: RFC 2865 5.27 - whoever was not authenticated anew until Session-Timeout, and a grace,
 * has no session and no key, though the TWAP never says so. */
static void a_key_does_not_outlive_its_lifetime(void **state)
{
    struct twag_rig *rig = *state;
    const uint64_t lifetime_ms = UINT64_C(1000) * TWAG_LIFETIME_S;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    twag_rig_wait(rig, lifetime_ms / 2);
    assert_int_equal(twag_rig_roll(rig, B), LK_OK); /* B is authenticated anew */
    rig->now_ms += lifetime_ms - lifetime_ms / 2 - 1;
    assert_true(twag_rig_has_key(rig, rig->device[A].identity));
    rig->now_ms += 1;
    /* Also when nobody has woken it. */
    assert_false(twag_rig_has_key(rig, rig->device[A].identity));
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_E_NOT_FOUND);
    twag_rig_wait(rig, 0);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_true(twag_rig_has_key(rig, rig->device[B].identity));
    twag_rig_wait(rig, lifetime_ms);
    assert_int_equal(lk_twag_session_count(rig->twag), 0);
    assert_int_equal(rig->wake_ms, UINT64_MAX);
    rig->device[A].session.lifetime_s = 0; /* there is none without an end */
    assert_int_equal(twag_rig_session(rig, A), LK_E_VALUE);
}

/* T06: a TWAP that has restarted does not know what it said before, and will not end it. What
 * another one said, and what it said since, stays. */
static void a_restarted_twap_has_no_older_sessions(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_TWAP_RESTARTED,
                                   .restart = { .teller = 1, .generation = 101 } };

    for (size_t i = 0; i < TWAG_DEVICES; i++)
        rig->device[i].session.teller = i == B ? 2 : 1;
    rig->device[2].session.generation = 101;
    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    assert_int_equal(twag_rig_session(rig, 2), LK_OK);
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_false(twag_rig_has_key(rig, rig->device[A].identity));
    twag_rig_wait(rig, 0);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->closes, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 2);
    assert_true(twag_rig_has_key(rig, rig->device[B].identity));
    assert_true(twag_rig_has_key(rig, rig->device[2].identity));
}

/* A key that comes late does not take the place of a newer one. */
static void generations_only_grow(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_wlan_session late = rig->device[A].session;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = &late };
    struct twag_digest before;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    before = twag_rig_digest(rig);
    assert_int_equal(twag_rig_step(rig, &event), LK_E_CONFLICT);
    late.generation = rig->device[A].session.generation;
    assert_int_equal(twag_rig_step(rig, &event), LK_E_CONFLICT);
    twag_rig_same(rig, before);
    assert_int_equal(lk_twag_counted(rig->twag)->sessions_refused, 2);
    assert_int_equal(twag_rig_session(rig, A), LK_OK); /* the same once more */
    twag_rig_same(rig, before);
}

/* T07: a key is found by a handle made of it, never by who has it; each key has another. */
static void the_identity_says_nothing_of_the_subscriber(void **state)
{
    struct twag_rig *rig = *state;
    char before[LK_WLCP_IDENTITY_LEN + 1];

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    memcpy(before, rig->device[A].identity, sizeof before);
    assert_true(lk_span_equal(lk_twag_outbox_find(&rig->out, LK_TWAG_OUT_KEY)->identity,
                              lk_span_text(before)));
    assert_null(strstr(before, rig->device[A].session.imsi.digits));
    assert_false(twag_rig_has_key(rig, rig->device[A].session.imsi.digits));
    assert_false(twag_rig_has_key(rig, ""));
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].session.imsi.digits), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_string_not_equal(before, rig->device[A].identity);
}

/* Invariant 16: an identity is one subscriber and one device. */
static void a_key_of_two_subscribers_is_refused(void **state)
{
    struct twag_rig *rig = *state;
    struct twag_digest before;

    (void)twag_rig_attach(rig, A, "internet", 7);
    before = twag_rig_digest(rig);
    rig->device[B].session.key = rig->device[A].session.key;
    assert_int_equal(twag_rig_session(rig, B), LK_E_CONFLICT);
    twag_rig_same(rig, before);
}

/* Invariant 16: another device of the same subscriber, and another subscriber on the same device,
 * take the place of the one before, with all that it had. */
static void the_later_device_or_subscriber_is_right(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_wlan_session other;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = &other };

    (void)twag_rig_attach(rig, A, "internet", 7);
    other = rig->device[A].session;
    other.ue_mac[0] = 0x06;
    other.generation++;
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(rig->closes, 1);
    memcpy(rig->device[B].session.ue_mac, other.ue_mac, sizeof other.ue_mac);
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_false(twag_rig_has_key(rig, rig->device[A].identity));
    assert_true(twag_rig_has_key(rig, rig->device[B].identity));
}

/* spec: TS 24.244 5.1.5 - the AAA rejects a device: its connections are taken down with cause 29,
 * nothing new is served, and then the session is over. */
static void a_failed_reauthentication_ends_all(void **state)
{
    struct twag_rig *rig = *state;

    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, B, "internet", 8);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_REAUTH_FAILED), LK_OK);
    assert_int_equal(rig->sent[0], 0x85);
    assert_int_equal(rig->sent[rig->sent_len - 1], LK_WLCP_CAUSE_AUTHENTICATION);
    assert_int_equal(rig->deregisters, 1);
    assert_false(twag_rig_has_key(rig, rig->device[A].identity));
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_OK);
    assert_int_equal(rig->sent[2], LK_WLCP_CAUSE_AUTHENTICATION);
    assert_int_equal(rig->registers, 2);
    twag_rig_settle(rig);
    assert_null(twag_rig_connection(rig, A, "internet"));
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_int_equal(rig->closes, 1);
    assert_non_null(twag_rig_connection(rig, B, "internet"));
}

/* T06: a key that the AAA gave before it rejected the device does not bring it back; one that it
 * gives afterwards does, also while the farewell is under way. */
static void only_a_newer_key_brings_a_rejected_device_back(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_wlan_session late = rig->device[A].session;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = &late };
    struct twag_digest before;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_REAUTH_FAILED), LK_OK);
    before = twag_rig_digest(rig);
    assert_int_equal(twag_rig_step(rig, &event), LK_E_CONFLICT);
    late = rig->device[A].session;
    assert_int_equal(twag_rig_step(rig, &event), LK_E_CONFLICT);
    twag_rig_same(rig, before);
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    twag_rig_settle(rig);
    assert_null(twag_rig_connection(rig, A, "internet"));
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    (void)twag_rig_attach(rig, A, "ims", 9);
}

/* A device that does not answer the farewell is gone after the tries. */
static void a_silent_device_is_dismissed(void **state)
{
    struct twag_rig *rig = *state;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_REAUTH_FAILED), LK_OK);
    twag_rig_wait(rig, UINT64_C(5) * rig->config.wlcp.t_disconnect_ms - 1);
    assert_int_equal(rig->queued, 5);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    twag_rig_wait(rig, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 0);
    assert_int_equal(rig->wake_ms, UINT64_MAX);
    /* Without a channel there is nobody to say farewell to. */
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    assert_int_equal(twag_rig_end(rig, B, LK_TWAG_EV_REAUTH_FAILED), LK_OK);
    assert_int_equal(lk_twag_session_count(rig->twag), 0);
}

/* spec: TS 24.244 4.1 - connections end with their channel, unless another one comes soon. */
static void connections_wait_for_a_channel(void **state)
{
    struct twag_rig *rig = *state;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_down(rig, A), LK_OK);
    twag_rig_wait(rig, rig->config.old_channel_ms - 1);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    twag_rig_wait(rig, 10 * rig->config.old_channel_ms);
    assert_int_equal(rig->downs, 0);
    assert_int_equal(twag_rig_down(rig, A), LK_OK);
    assert_int_equal(twag_rig_down(rig, A), LK_E_NOT_FOUND);
    twag_rig_wait(rig, rig->config.old_channel_ms);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twag_rig_set_up, twag_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_retired_key_ends_after_the_overlap),
        TEST(the_new_channel_takes_the_place_of_the_old),
        TEST(an_old_channel_ends_of_itself),
        TEST(two_keys_at_most_are_alive),
        TEST(a_channel_of_the_old_key_is_an_old_channel),
        TEST(a_key_does_not_outlive_its_lifetime),
        TEST(a_restarted_twap_has_no_older_sessions),
        TEST(generations_only_grow),
        TEST(the_identity_says_nothing_of_the_subscriber),
        TEST(a_key_of_two_subscribers_is_refused),
        TEST(the_later_device_or_subscriber_is_right),
        TEST(a_failed_reauthentication_ends_all),
        TEST(only_a_newer_key_brings_a_rejected_device_back),
        TEST(a_silent_device_is_dismissed),
        TEST(connections_wait_for_a_channel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
