/* node/access: what the device does when the network refuses it, hangs up, or says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/access.h"

static struct lk_access access;
static struct lk_access_config config;
static struct lk_access_outbox out;
static uint64_t now_ms;

static int start(void **state)
{
    lk_access_init(&access);
    lk_access_defaults(&config);
    memset(&out, 0, sizeof out);
    now_ms = 1000;
    return 0;
}

static enum lk_status step(enum lk_access_event_kind kind, bool fresh)
{
    struct lk_access_event event = { .kind = kind, .now_ms = now_ms, .fresh = fresh,
                                     .entropy = 32000, /* the longest wait */
                                     .refusal = lk_refusal_of(LK_REASON_UE_CHANNEL_LOST, NULL,
                                                              NULL) };

    return lk_access_step(&access, &config, &event, &out);
}

/* What comes out, a letter for each: Attach, Fresh attach, Dial, Close, Open, Lost, Settled well,
 * Refused, Timer. */
static void does(enum lk_access_event_kind kind, const char *expected, enum lk_access_state state)
{
    char said[LK_ACCESS_OUTBOX_MAX + 1] = "";

    assert_int_equal(step(kind, false), LK_OK);
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_access_output *item = &out.item[i];

        said[i] = "?ADCOLST"[item->kind];
        if (item->kind == LK_ACCESS_OUT_ATTACH && item->fresh)
            said[i] = 'F';
        if (item->kind == LK_ACCESS_OUT_SETTLED && item->refusal.reason != LK_REASON_NONE)
            said[i] = 'R';
    }
    assert_string_equal(said, expected);
    assert_string_equal(lk_access_state_name(access.state), lk_access_state_name(state));
}

static void attach(void)
{
    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_ACCEPTED, "D", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_UP, "OS", LK_ACCESS_UP);
}

/* The wait before the next attempt; it is over then. */
static uint64_t waited(void)
{
    uint64_t ms = access.due_ms - now_ms;

    now_ms = access.due_ms - 1;
    assert_int_equal(step(LK_ACCESS_EV_EXPIRED, false), LK_E_UNEXPECTED);
    now_ms++;
    return ms;
}

static void a_device_comes_back_when_the_gateway_hangs_up(void **state)
{
    attach();
    does(LK_ACCESS_EV_CHANNEL_DOWN, "LT", LK_ACCESS_WAITING);
    assert_int_equal(access.last.reason, LK_REASON_UE_CHANNEL_LOST);
    assert_in_range(waited(), 500, 1000);
    does(LK_ACCESS_EV_EXPIRED, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_ACCEPTED, "D", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_UP, "OS", LK_ACCESS_UP);
}

/* Each refusal doubles the wait, up to the most that there is; half of it is chance. A channel that
 * stood for long makes the device begin with the shortest wait again, one that did not does not. */
static void the_wait_grows_and_is_bounded(void **state)
{
    uint64_t most = 1000;

    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_REFUSED, "RT", LK_ACCESS_WAITING);
    for (unsigned times = 0; times < 300; times++) {
        assert_in_range(waited(), most / 2, most);
        does(LK_ACCESS_EV_EXPIRED, times == 0 ? "A" : "F", LK_ACCESS_ATTACHING);
        does(LK_ACCESS_EV_REFUSED, "RT", LK_ACCESS_WAITING);
        most = most * 2 < config.retry_max_ms ? most * 2 : config.retry_max_ms;
    }
    waited();
    does(LK_ACCESS_EV_EXPIRED, "F", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_ACCEPTED, "LD", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_UP, "OS", LK_ACCESS_UP);
    does(LK_ACCESS_EV_CHANNEL_DOWN, "LT", LK_ACCESS_WAITING);
    assert_in_range(waited(), config.retry_max_ms / 2, config.retry_max_ms);
    does(LK_ACCESS_EV_EXPIRED, "F", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_ACCEPTED, "LD", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_UP, "OS", LK_ACCESS_UP);
    now_ms += config.retry_max_ms;
    does(LK_ACCESS_EV_CHANNEL_DOWN, "LT", LK_ACCESS_WAITING);
    assert_in_range(waited(), 500, 1000);
}

static void a_channel_that_does_not_open_is_dialled_after_another_attach(void **state)
{
    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_ACCEPTED, "D", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_DOWN, "LRT", LK_ACCESS_WAITING);
    waited();
    does(LK_ACCESS_EV_EXPIRED, "A", LK_ACCESS_ATTACHING);
}

static void a_silent_gateway_is_left(void **state)
{
    attach();
    does(LK_ACCESS_EV_SILENT, "LCA", LK_ACCESS_ATTACHING);
    assert_int_equal(access.last.reason, LK_REASON_UE_GATEWAY_SILENT);
    does(LK_ACCESS_EV_SILENT, "", LK_ACCESS_ATTACHING);
}

/* What one knows of connections, a re-authentication leaves as it is, and a full attach does not.
 * spec: TS 33.402 7.2.3.2.3 - after each authentication, a channel under the new key. */
static void the_owner_may_begin_anew(void **state)
{
    attach();
    attach();
    assert_int_equal(step(LK_ACCESS_EV_ATTACH, true), LK_OK);
    assert_true(out.item[0].fresh);
    does(LK_ACCESS_EV_ATTACH, "", LK_ACCESS_ATTACHING); /* joins */
    does(LK_ACCESS_EV_ACCEPTED, "LD", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_ATTACH, "", LK_ACCESS_DIALLING);
    does(LK_ACCESS_EV_CHANNEL_UP, "OS", LK_ACCESS_UP);
}

/* A re-authentication that is refused leaves the channel to the network. */
static void a_channel_outlives_a_refused_attach(void **state)
{
    attach();
    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_REFUSED, "R", LK_ACCESS_UP);
    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_CHANNEL_DOWN, "L", LK_ACCESS_ATTACHING);
    does(LK_ACCESS_EV_REFUSED, "RT", LK_ACCESS_WAITING);
}

static void who_leaves_is_left_alone(void **state)
{
    attach();
    does(LK_ACCESS_EV_DETACH, "LC", LK_ACCESS_OFF);
    assert_int_equal(step(LK_ACCESS_EV_CHANNEL_DOWN, false), LK_E_UNEXPECTED);
    assert_int_equal(step(LK_ACCESS_EV_EXPIRED, false), LK_E_UNEXPECTED);
    attach();
    does(LK_ACCESS_EV_CHANNEL_DOWN, "LT", LK_ACCESS_WAITING);
    does(LK_ACCESS_EV_DETACH, "LC", LK_ACCESS_OFF);
    now_ms += 100000;
    assert_int_equal(step(LK_ACCESS_EV_EXPIRED, false), LK_E_UNEXPECTED);
    attach();
}

static void without_multi_connection_mode_there_is_no_channel(void **state)
{
    struct lk_access_event event = { .kind = LK_ACCESS_EV_ACCEPTED, .plain = true };

    does(LK_ACCESS_EV_ATTACH, "A", LK_ACCESS_ATTACHING);
    assert_int_equal(lk_access_step(&access, &config, &event, &out), LK_OK);
    assert_int_equal(access.state, LK_ACCESS_PLAIN);
    attach();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
    const struct CMUnitTest tests[] = {
        TEST(a_device_comes_back_when_the_gateway_hangs_up),
        TEST(the_wait_grows_and_is_bounded),
        TEST(a_channel_that_does_not_open_is_dialled_after_another_attach),
        TEST(a_silent_gateway_is_left),
        TEST(the_owner_may_begin_anew),
        TEST(a_channel_outlives_a_refused_attach),
        TEST(who_leaves_is_left_alone),
        TEST(without_multi_connection_mode_there_is_no_channel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
