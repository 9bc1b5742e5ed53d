/* The TWAG with devices around it: connections, whose they are, and that nobody reaches another's.
 * Sessions and keys are in node_twag_key_test.c, what the anchor says in node_twag_binding_test.c,
 * the user plane in node_twag_user_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/twag_parts.h"
#include "twag_rig.h"
#include "wlcp_rig.h"

enum { A, B, C };

#define REQUEST "810131280908696e7465726e6574"
#define REQUEST_IMS "8102312804 03696d73"

static void a_device_attaches_connects_and_leaves(void **state)
{
    struct twag_rig *rig = *state;
    struct twag_digest empty = twag_rig_digest(rig);
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    const struct lk_wlcp_ue_connection *c = twag_rig_connection(rig, A, "internet");

    assert_int_equal(c->address.pdn_type, LK_WLCP_IPV4V6);
    assert_memory_equal(c->address.ipv4, ((uint8_t[]){ 10, 0, 0, 7 }), 4);
    assert_int_equal(lk_wlcp_twag_row_of(c->user_plane, &rig->twag->pool), ref.row);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->closes, 1);
    assert_int_equal(lk_twag_session_count(rig->twag), 0);
    assert_int_equal(lk_twag_connection_count(rig->twag), 0);
    twag_rig_same(rig, empty);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_E_NOT_FOUND);
    assert_false(twag_rig_has_key(rig, rig->device[A].identity));
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_E_NOT_FOUND);
}

/* T02: B, properly authenticated, names A's connection: it is told that there is none, A's is as
 * it was, and the attempt is counted. */
static void nobody_reaches_anothers_connection(void **state)
{
    struct twag_rig *rig = *state;
    char hex[64];
    uint8_t of_a;
    struct twag_digest before;

    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, B, "ims", 8);
    of_a = twag_rig_connection(rig, A, "internet")->pdn_id;
    assert_int_not_equal(of_a, twag_rig_connection(rig, B, "ims")->pdn_id);
    before = twag_rig_digest(rig);
    (void)snprintf(hex, sizeof hex, "8540%02x", of_a);
    assert_int_equal(twag_rig_say(rig, B, hex), LK_OK);
    twag_rig_sent(rig, "874036");
    assert_int_equal(lk_twag_counted(rig->twag)->alarms, 1);
    (void)snprintf(hex, sizeof hex, "8c41%02x", of_a);
    assert_int_equal(twag_rig_say(rig, B, hex), LK_OK);
    twag_rig_sent(rig, "8b4136");
    assert_int_equal(lk_twag_counted(rig->twag)->alarms, 2);
    assert_int_equal(rig->refusal, LK_REASON_WLCP_NO_SUCH_CONNECTION);
    twag_rig_same(rig, before);
    assert_int_equal(rig->deregisters, 0);
}

/* T02: with A's access point name beside its own identity, B ends its own connection. */
static void a_foreign_name_beside_an_own_identity_means_nothing(void **state)
{
    struct twag_rig *rig = *state;
    char hex[64];
    struct lk_twag_ref of_b;

    (void)twag_rig_attach(rig, A, "internet", 7);
    of_b = twag_rig_attach(rig, B, "ims", 8);
    (void)snprintf(hex, sizeof hex, "8540%02x280908696e7465726e6574",
                   twag_rig_connection(rig, B, "ims")->pdn_id);
    assert_int_equal(twag_rig_say(rig, B, hex), LK_OK);
    twag_rig_sent(rig, "8640");
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(lk_twag_outbox_find(&rig->out, LK_TWAG_OUT_MAG_DEREGISTER)->pdn.ref.row,
                     of_b.row);
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
    assert_int_equal(twag_rig_frame(rig, A, 0, 7), LK_OK);
}

/* T02: a channel is a session, and there is no other way to one. */
static void a_handle_of_nobody_is_nobody(void **state)
{
    struct twag_rig *rig = *state;
    struct twag_digest before;
    struct lk_twag_event up = { .kind = LK_TWAG_EV_CHANNEL_UP };

    (void)twag_rig_attach(rig, A, "internet", 7);
    before = twag_rig_digest(rig);
    assert_int_equal(twag_rig_data(rig, 0, wlcp_octets(REQUEST_IMS)), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_data(rig, 99, wlcp_octets(REQUEST_IMS)), LK_E_NOT_FOUND);
    up.channel.identity = lk_span_text(rig->device[A].identity);
    assert_int_equal(twag_rig_step(rig, &up), LK_E_EXISTS);
    up.channel.handle = rig->device[A].handle;
    assert_int_equal(twag_rig_step(rig, &up), LK_E_EXISTS);
    twag_rig_same(rig, before);
}

/* T02: the end of a session that was is no end of the one that is: on a device that its subscriber
 * used before, or of a key that he has no more. */
static void the_end_of_what_was_ends_nothing(void **state)
{
    static const enum lk_twag_event_kind kinds[] = { LK_TWAG_EV_SESSION_END,
                                                     LK_TWAG_EV_REAUTH_FAILED };
    struct twag_rig *rig = *state;
    struct lk_wlan_session *now = &rig->device[A].session;
    struct twag_digest before;

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    now->ue_mac[5] = 77;
    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    (void)twag_rig_attach(rig, B, "internet", 8);
    before = twag_rig_digest(rig);
    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        now->ue_mac[5] = 1; /* and be it of a later one */
        assert_int_equal(twag_rig_end(rig, A, kinds[i]), LK_E_NOT_FOUND);
        now->ue_mac[5] = 77;
        now->generation--;
        assert_int_equal(twag_rig_end(rig, A, kinds[i]), LK_E_NOT_FOUND);
        now->generation++;
    }
    twag_rig_same(rig, before);
    now->generation++; /* one whose key was lost on the way here */
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
}

/* T03: what goes to the anchor carries the AAA's IMSI and token, whoever asks and however it ends.
 * The rig checks each; here it is seen that there is each, and that a new token follows. */
static void the_anchor_hears_what_the_aaa_said(void **state)
{
    struct twag_rig *rig = *state;
    const struct lk_twag_output *item;

    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, B, "internet", 8);
    assert_int_equal(twag_rig_roll(rig, B), LK_OK);
    item = lk_twag_outbox_find(&rig->out, LK_TWAG_OUT_MAG_REGISTER);
    assert_non_null(item);
    assert_true(lk_imsi_equal(item->imsi, &rig->device[B].session.imsi));
    assert_int_equal(item->pdn.token.at[0], rig->device[B].session.class_value[0]);
    assert_int_equal(twag_rig_end(rig, B, LK_TWAG_EV_SESSION_END), LK_OK);
    item = lk_twag_outbox_find(&rig->out, LK_TWAG_OUT_MAG_DEREGISTER);
    assert_non_null(item);
    assert_true(lk_imsi_equal(item->imsi, &rig->device[B].session.imsi));
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
}

/* T01: a device may have so many connections, and no more. */
static void the_quota_of_a_device_holds(void **state)
{
    struct twag_rig *rig = *state;
    struct twag_digest before;

    rig->config.wlcp.connections = 1;
    lk_twag_configure(rig->twag, &rig->config);
    (void)twag_rig_attach(rig, A, "internet", 7);
    before = twag_rig_digest(rig);
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_OK);
    twag_rig_sent(rig, "83021a");
    assert_int_equal(rig->refusal, LK_REASON_WLCP_QUOTA);
    twag_rig_same(rig, before);
}

/* T01: who sends faster than he may is not heard, and changes nothing; others are. */
static void the_rate_of_a_device_holds(void **state)
{
    struct twag_rig *rig = *state;
    struct twag_digest before;

    rig->config.rate_burst = 4;
    rig->config.rate_per_s = 2;
    lk_twag_configure(rig->twag, &rig->config);
    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, B, "internet", 8);
    before = twag_rig_digest(rig);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(twag_rig_say(rig, A, "85404d"), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_E_DENIED);
    assert_int_equal(rig->refusal, LK_REASON_WLCP_TOO_FAST);
    assert_int_equal(lk_twag_counted(rig->twag)->too_fast, 1);
    twag_rig_same(rig, before);
    assert_int_equal(twag_rig_say(rig, B, "85404d"), LK_OK);
    rig->now_ms += 499;
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_E_DENIED);
    rig->now_ms += 1;
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_OK);
    twag_rig_other(rig, before);
    /* Who was silent for long has saved no more than the burst. */
    rig->now_ms += UINT64_C(1000) * 3600;
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(twag_rig_say(rig, B, "85404d"), LK_OK);
    assert_int_equal(twag_rig_say(rig, B, "85404d"), LK_E_DENIED);
}

/* Invariant 7: what fails leaves everything as it was, the others' and one's own. */
static void what_fails_changes_nothing(void **state)
{
    static const char *const bad[] = { "", "81", "8101", "ff01", "810131280908696e74", "8401",
                                       "8501", "85ff01", "8c01", "8801", "000000", "8a05", };
    struct twag_rig *rig = *state;
    struct twag_digest before;

    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, B, "internet", 8);
    before = twag_rig_digest(rig);
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        (void)twag_rig_say(rig, B, bad[i]);
    assert_int_equal(twag_rig_up(rig, C, rig->device[C].identity), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_up(rig, C, "00000000000000000000000000000000"), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_end(rig, C, LK_TWAG_EV_REAUTH_FAILED), LK_E_NOT_FOUND);
    twag_rig_same(rig, before);
    assert_int_equal(rig->downs, 0);
}

/* A24: every truncation of a request that would be served. */
static void no_truncation_is_served(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_span whole = wlcp_octets(REQUEST);
    struct twag_digest before;

    rig->config.rate_burst = 1000;
    lk_twag_configure(rig->twag, &rig->config);
    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    before = twag_rig_digest(rig);
    for (size_t len = 0; len < 3; len++) {
        (void)twag_rig_data(rig, rig->device[A].handle, lk_span_of(whole.at, len));
        twag_rig_same(rig, before);
    }
    assert_int_equal(rig->registers, 0);
}

/* Invariant 11: a request that comes again gets the same octets, and nothing happens twice. */
static void a_repeated_request_gets_the_same_answer(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event bound = { .kind = LK_TWAG_EV_BOUND };
    uint8_t first[TWAG_MESSAGE_MAX];
    size_t first_len;

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, REQUEST), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, REQUEST), LK_OK);
    assert_int_equal(rig->registers, 1);
    assert_int_equal(rig->sent_len, 0);
    bound.binding.ref = rig->ref;
    bound.binding.has_ipv4 = true;
    bound.binding.ipv4[0] = 10;
    assert_int_equal(twag_rig_step(rig, &bound), LK_OK);
    memcpy(first, rig->sent, sizeof first);
    first_len = rig->sent_len;
    assert_int_equal(first[0], 0x82);
    rig->sent_len = 0;
    assert_int_equal(twag_rig_say(rig, A, REQUEST), LK_OK);
    assert_int_equal(rig->sent_len, first_len);
    assert_memory_equal(rig->sent, first, first_len);
    assert_int_equal(rig->registers, 1);
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
}

/* What is lost is sent again, when WAKE says so. */
static void an_unanswered_accept_comes_again(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event bound = { .kind = LK_TWAG_EV_BOUND };

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    (void)twag_rig_want(rig, A, "internet");
    bound.binding.ref = rig->ref;
    bound.binding.has_ipv4 = true;
    bound.binding.ipv4[0] = 10;
    assert_int_equal(twag_rig_step(rig, &bound), LK_OK);
    twag_rig_lose(rig);
    twag_rig_wait(rig, rig->config.wlcp.t_complete_ms);
    assert_int_equal(rig->queued, 1);
    twag_rig_settle(rig);
    assert_int_equal(rig->ups, 1);
    assert_int_equal(twag_rig_connection(rig, A, "internet")->cause, LK_WLCP_CAUSE_IPV4_ONLY);
    assert_int_equal(rig->wake_ms, UINT64_C(1000000) + 1000 * TWAG_LIFETIME_S);
}

/* A driver's timer may be early, and is used up then. */
static void a_wake_that_is_early_is_told_again(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event expired = { .kind = LK_TWAG_EV_EXPIRED };
    uint64_t wake_ms;

    (void)twag_rig_attach(rig, A, "internet", 7);
    wake_ms = rig->wake_ms;
    rig->now_ms = wake_ms - 1;
    rig->wake_ms = UINT64_MAX;
    assert_int_equal(twag_rig_step(rig, &expired), LK_OK);
    assert_int_equal(rig->wake_ms, wake_ms);
    assert_int_equal(lk_twag_session_count(rig->twag), 1);
    rig->now_ms = wake_ms;
    assert_int_equal(twag_rig_step(rig, &expired), LK_OK);
    assert_int_equal(lk_twag_session_count(rig->twag), 0);
}

/* A device that has forgotten what it had asks over a new channel: it is asked in turn, what was
 * there is over, and the next request is served. */
static void a_device_that_forgot_begins_anew(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref old = twag_rig_attach(rig, A, "internet", 7);

    lk_wlcp_ue_init(&rig->device[A].ue);
    rig->device[A].ue.last_pti = 50;
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    (void)twag_rig_want(rig, A, "internet");
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(rig->registers, 1);
    (void)twag_rig_want(rig, A, "internet");
    assert_int_equal(rig->registers, 2);
    assert_int_equal(twag_rig_bound(rig, old, 7), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_bound(rig, rig->ref, 7), LK_OK);
    assert_int_equal(rig->ups, 2);
    assert_int_equal(lk_twag_connection_count(rig->twag), 1);
}

/* The question goes with the channel that it was asked over: a device that comes back once more is
 * asked there, at once. */
static void a_device_that_comes_back_twice_begins_anew(void **state)
{
    struct twag_rig *rig = *state;

    (void)twag_rig_attach(rig, A, "internet", 7);
    lk_wlcp_ue_init(&rig->device[A].ue);
    rig->device[A].ue.last_pti = 50;
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, "8140" "31280908696e7465726e6574"), LK_OK);
    assert_int_equal(rig->sent[0], 0x89);
    twag_rig_lose(rig);
    assert_int_equal(twag_rig_down(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    (void)twag_rig_want(rig, A, "internet");
    assert_int_equal(rig->downs, 1);
    (void)twag_rig_want(rig, A, "internet");
    assert_int_equal(twag_rig_bound(rig, rig->ref, 7), LK_OK);
    assert_int_equal(rig->ups, 2);
}

/* After a re-authentication the channel is a newer one and the device has what it had. A second
 * request for its APN gets neither the connection of the first nor an alarm (T02): two applications
 * never have one address. */
static void a_device_with_a_new_key_has_not_forgotten(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);

    assert_int_equal(twag_rig_roll(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    for (unsigned times = 0; times < 2; times++) {
        (void)twag_rig_want(rig, A, "internet");
        assert_int_equal(rig->refusal, LK_REASON_WLCP_ONE_PER_APN);
        assert_int_equal(rig->downs, 0);
        assert_int_equal(rig->ups, 1);
        assert_int_equal(lk_twag_connection_count(rig->twag), 1);
        assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_OK);
    }
    assert_int_equal(lk_twag_counted(rig->twag)->alarms, 0);
}

static void the_operator_may_modify_and_release(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_event event = { .kind = LK_TWAG_EV_MODIFY, .connection = { .ref = ref } };

    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_int_equal(rig->sent[0], 0x89);
    assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_OK);
    twag_rig_settle(rig);
    event.kind = LK_TWAG_EV_RELEASE;
    event.connection.cause = LK_WLCP_CAUSE_REACTIVATE;
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_int_equal(rig->deregisters, 1);
    twag_rig_settle(rig);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(twag_rig_step(rig, &event), LK_E_NOT_FOUND);
}

/* A29: tables are full, and what is there goes on. */
static void full_tables_refuse(void **state)
{
    struct twag_rig *rig = twag_rig_new(2, 3);
    struct twag_digest before;

    (void)state;
    (void)twag_rig_attach(rig, A, "internet", 7);
    (void)twag_rig_attach(rig, A, "ims", 8);
    (void)twag_rig_attach(rig, B, "internet", 9);
    before = twag_rig_digest(rig);
    assert_int_equal(twag_rig_say(rig, B, REQUEST_IMS), LK_OK);
    assert_int_equal(rig->sent[2], LK_WLCP_CAUSE_RESOURCES);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(twag_rig_session(rig, C), LK_E_FULL);
    assert_int_equal(rig->refusal, LK_REASON_WLCP_SESSIONS_FULL);
    twag_rig_same(rig, before);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(twag_rig_end(rig, B, LK_TWAG_EV_SESSION_END), LK_OK);
        assert_int_equal(twag_rig_session(rig, C), LK_OK);
        assert_int_equal(twag_rig_end(rig, C, LK_TWAG_EV_SESSION_END), LK_OK);
        assert_int_equal(twag_rig_session(rig, B), LK_OK);
    }
    twag_rig_free(rig);
}

/* Tables of equal content have equal digests, however they came to it. */
static void the_digest_is_of_the_content(void **state)
{
    struct twag_rig *one = *state, *two = twag_rig_new(3, 5);

    (void)twag_rig_attach(one, A, "internet", 7);
    (void)twag_rig_attach(one, B, "internet", 8);
    (void)twag_rig_attach(two, C, "ims", 1);
    (void)twag_rig_attach(two, B, "internet", 8);
    assert_int_equal(twag_rig_end(two, C, LK_TWAG_EV_SESSION_END), LK_OK);
    twag_rig_other(one, twag_rig_digest(two));
    (void)twag_rig_attach(two, A, "internet", 7);
    /* Identities of connections go round over all devices, and are part of it. */
    twag_rig_other(one, twag_rig_digest(two));
    twag_rig_free(two);
    two = twag_rig_new(3, 5);
    assert_int_equal(twag_rig_session(two, C), LK_OK);
    assert_int_equal(twag_rig_session(two, B), LK_OK);
    assert_int_equal(twag_rig_end(two, C, LK_TWAG_EV_SESSION_END), LK_OK);
    (void)twag_rig_attach(two, A, "internet", 7);
    (void)twag_rig_attach(two, B, "internet", 8);
    twag_rig_same(one, twag_rig_digest(two));
    twag_rig_free(two);
}

/* Invariant 13: what an idle device with one connection costs here; DTLS comes on top of it. */
static void an_idle_device_costs_little(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_config config = rig->config;
    size_t size;

    config.sessions = config.connections = 100000;
    size = lk_twag_size(&config);
    assert_true(size / config.sessions <= 1536);
    config.connections = 200000; /* and each connection more */
    assert_true((lk_twag_size(&config) - size) / 100000 <= 320);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twag_rig_set_up, twag_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_device_attaches_connects_and_leaves),
        TEST(nobody_reaches_anothers_connection),
        TEST(a_foreign_name_beside_an_own_identity_means_nothing),
        TEST(a_handle_of_nobody_is_nobody),
        TEST(the_end_of_what_was_ends_nothing),
        TEST(the_anchor_hears_what_the_aaa_said),
        TEST(the_quota_of_a_device_holds),
        TEST(the_rate_of_a_device_holds),
        TEST(what_fails_changes_nothing),
        TEST(no_truncation_is_served),
        TEST(a_repeated_request_gets_the_same_answer),
        TEST(an_unanswered_accept_comes_again),
        TEST(a_wake_that_is_early_is_told_again),
        TEST(a_device_that_forgot_begins_anew),
        TEST(a_device_that_comes_back_twice_begins_anew),
        TEST(a_device_with_a_new_key_has_not_forgotten),
        TEST(the_operator_may_modify_and_release),
        TEST(full_tables_refuse),
        TEST(the_digest_is_of_the_content),
        TEST(an_idle_device_costs_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
