/* node/manager: applications ask, and see their own connections only (T01). The gateway's side is
 * typed octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/manager.h"

enum { BROWSER, MAILER, GUEST, MUTE, APPLICATIONS };

struct world {
    struct lk_manager manager;
    struct lk_manager_config config;
    struct lk_manager_outbox out;
    uint64_t now_ms, asker;
};

static void begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    lk_manager_init(&w->manager);
    lk_manager_defaults(&w->config);
    w->config.application_count = APPLICATIONS;
    w->config.application[BROWSER] = (struct lk_manager_application){ .name = "browser",
        .rights = LK_MANAGER_MAY_CONNECT | LK_MANAGER_MAY_DISCONNECT | LK_MANAGER_MAY_STATUS };
    w->config.application[MAILER] = w->config.application[BROWSER];
    w->config.application[MAILER].apn_count = 1;
    assert_int_equal(lk_wlcp_apn_parse(&w->config.application[MAILER].apn[0], "mail"), LK_OK);
    w->config.application[GUEST].rights = LK_MANAGER_MAY_STATUS;
    w->config.application[MUTE].rights = LK_MANAGER_MAY_CONNECT | LK_MANAGER_MAY_DISCONNECT;
    w->now_ms = 5000;
}

static enum lk_status step(struct world *w, struct lk_manager_event *event)
{
    event->now_ms = w->now_ms;
    return lk_manager_step(&w->manager, &w->config, event, &w->out);
}

static void access(struct world *w, enum lk_access_event_kind kind)
{
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_ACCESS, .access = { .kind = kind } };

    assert_int_equal(step(w, &event), LK_OK);
}

/* To a channel that is up. */
static void attaches(struct world *w)
{
    access(w, LK_ACCESS_EV_ATTACH);
    access(w, LK_ACCESS_EV_ACCEPTED);
    access(w, LK_ACCESS_EV_CHANNEL_UP);
}

static void expires(struct world *w, uint32_t which)
{
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_EXPIRED, .which = which };

    assert_int_equal(step(w, &event), LK_OK);
}

static void heard(struct world *w, const uint8_t *octets, size_t len)
{
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_RECEIVED,
                                      .octets = lk_span_of(octets, len) };

    assert_int_equal(step(w, &event), LK_OK);
}

static void asks(struct world *w, uint8_t application, enum lk_manager_event_kind kind,
                 uint32_t ref, const char *apn)
{
    struct lk_manager_event event = { .kind = kind, .application = application, .ref = ref,
                                      .asker = ++w->asker, .request_type = LK_WLCP_INITIAL,
                                      .pdn_type = LK_WLCP_IPV4 };

    if (apn != NULL)
        assert_int_equal(lk_wlcp_apn_parse(&event.apn, apn), LK_OK);
    assert_int_equal(step(w, &event), LK_OK);
}

static const struct lk_manager_output *output(const struct world *w,
                                              enum lk_manager_output_kind kind)
{
    for (size_t i = 0; i < w->out.count; i++)
        if (w->out.item[i].kind == kind)
            return &w->out.item[i];
    return NULL;
}

static void told(const struct world *w, enum lk_reason reason)
{
    const struct lk_manager_output *answer = output(w, LK_MANAGER_OUT_ANSWER);

    assert_non_null(answer);
    assert_int_equal(answer->asker, w->asker);
    assert_int_equal(answer->refusal.reason, reason);
}

/* The last line of the audit log. */
static enum lk_reason logged(const struct world *w)
{
    for (size_t i = w->out.count; i-- > 0;)
        if (w->out.item[i].kind == LK_MANAGER_OUT_AUDIT)
            return w->out.item[i].refusal.reason;
    fail_msg("nothing in the audit log");
    return LK_REASON_NONE;
}

static void browser_has_one(struct world *w)
{
    static const uint8_t accept[] = { 0x82, 1, 9, 8, 'i', 'n', 't', 'e', 'r', 'n', 'e', 't', 5, 1,
                                      10, 0, 0, 7, 5, 2, 0, 0, 0, 0, 1 };

    begin(w);
    attaches(w);
    asks(w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "internet");
    assert_non_null(output(w, LK_MANAGER_OUT_SEND));
    assert_null(output(w, LK_MANAGER_OUT_ANSWER));
    heard(w, accept, sizeof accept);
    told(w, LK_REASON_NONE);
    assert_int_equal(output(w, LK_MANAGER_OUT_ANSWER)->ref, 1);
}

static void unchanged(struct world *w, const struct lk_manager *before)
{
    assert_memory_equal(&w->manager, before, sizeof *before);
    assert_null(output(w, LK_MANAGER_OUT_SEND));
}

/* T01: an application that asks about another's connection is told that there is none, nothing goes
 * out, nothing changes, and the log knows better. */
static void another_ones_connection_is_not_there(void **state)
{
    struct lk_manager before;
    struct world w;
    uint32_t ref = 0;

    browser_has_one(&w);
    before = w.manager;
    asks(&w, MAILER, LK_MANAGER_EV_DISCONNECT, 1, NULL);
    told(&w, LK_REASON_MANAGER_NO_SUCH);
    assert_int_equal(logged(&w), LK_REASON_MANAGER_NOT_YOURS);
    unchanged(&w, &before);
    asks(&w, MAILER, LK_MANAGER_EV_STATUS, 1, NULL);
    told(&w, LK_REASON_MANAGER_NO_SUCH);
    unchanged(&w, &before);
    asks(&w, MAILER, LK_MANAGER_EV_DISCONNECT, 2, NULL);
    told(&w, LK_REASON_MANAGER_NO_SUCH);
    assert_int_equal(logged(&w), LK_REASON_MANAGER_NO_SUCH);
    assert_null(lk_manager_next(&w.manager, MAILER, &ref));
    assert_non_null(lk_manager_next(&w.manager, BROWSER, &ref));
    assert_int_equal(ref, 1);
}

/* T01: strangers and those without the right are refused and written down. */
static void rights_are_needed(void **state)
{
    struct lk_manager before;
    struct world w;

    browser_has_one(&w);
    before = w.manager;
    asks(&w, LK_MANAGER_STRANGER, LK_MANAGER_EV_DISCONNECT, 1, NULL);
    told(&w, LK_REASON_MANAGER_STRANGER);
    assert_int_equal(logged(&w), LK_REASON_MANAGER_STRANGER);
    unchanged(&w, &before);
    /* The row behind the last one is nobody's, whatever stands in it. */
    w.config.application[APPLICATIONS] = w.config.application[BROWSER];
    asks(&w, APPLICATIONS, LK_MANAGER_EV_CONNECT, 0, "ims");
    told(&w, LK_REASON_MANAGER_STRANGER);
    for (uint32_t ref = 0; ref <= 1; ref++) {
        asks(&w, MUTE, LK_MANAGER_EV_STATUS, ref, NULL);
        told(&w, LK_REASON_MANAGER_NO_RIGHT);
        assert_int_equal(logged(&w), LK_REASON_MANAGER_NO_RIGHT);
    }
    unchanged(&w, &before);
    asks(&w, GUEST, LK_MANAGER_EV_CONNECT, 0, "internet");
    told(&w, LK_REASON_MANAGER_NO_RIGHT);
    asks(&w, GUEST, LK_MANAGER_EV_DISCONNECT, 1, NULL);
    told(&w, LK_REASON_MANAGER_NO_RIGHT);
    asks(&w, MAILER, LK_MANAGER_EV_CONNECT, 0, "internet");
    told(&w, LK_REASON_MANAGER_APN);
    asks(&w, MAILER, LK_MANAGER_EV_CONNECT, 0, NULL);
    told(&w, LK_REASON_MANAGER_APN);
    unchanged(&w, &before);
    asks(&w, MAILER, LK_MANAGER_EV_CONNECT, 0, "mail");
    assert_non_null(output(&w, LK_MANAGER_OUT_SEND));
}

static void its_owner_may_end_it(void **state)
{
    static const uint8_t accept[] = { 0x86, 2 };
    struct world w;
    uint32_t ref = 0;

    browser_has_one(&w);
    asks(&w, BROWSER, LK_MANAGER_EV_DISCONNECT, 1, NULL);
    assert_null(output(&w, LK_MANAGER_OUT_ANSWER));
    asks(&w, BROWSER, LK_MANAGER_EV_DISCONNECT, 1, NULL);
    told(&w, LK_REASON_MANAGER_BUSY);
    w.asker--;
    heard(&w, accept, sizeof accept);
    told(&w, LK_REASON_NONE);
    assert_null(lk_manager_next(&w.manager, BROWSER, &ref));
}

/* A newer channel keeps connections; the end of the channel ends them. */
static void a_channel_may_be_replaced(void **state)
{
    struct world w;
    uint32_t ref = 0;

    browser_has_one(&w);
    attaches(&w);
    assert_non_null(lk_manager_next(&w.manager, BROWSER, &ref));
    access(&w, LK_ACCESS_EV_CHANNEL_DOWN);
    assert_non_null(output(&w, LK_MANAGER_OUT_LOST));
    ref = 0;
    assert_null(lk_manager_next(&w.manager, BROWSER, &ref));
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "ims");
    told(&w, LK_REASON_MANAGER_NO_CHANNEL);
}

static void no_more_than_there_may_be(void **state)
{
    struct world w;

    begin(&w);
    w.config.connections_max = 2;
    attaches(&w);
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "a");
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "b");
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "c");
    told(&w, LK_REASON_MANAGER_FULL);
}

/* All eight connections end at once: every asker is answered, and nothing overflows. */
static void all_end_with_the_link(void **state)
{
    struct world w;
    size_t answers = 0;

    begin(&w);
    attaches(&w);
    for (char apn[2] = "a"; apn[0] < 'a' + LK_WLCP_UE_CONNECTIONS; apn[0]++)
        asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, apn);
    access(&w, LK_ACCESS_EV_CHANNEL_DOWN);
    for (size_t i = 0; i < w.out.count; i++)
        answers += w.out.item[i].kind == LK_MANAGER_OUT_ANSWER;
    assert_int_equal(answers, LK_WLCP_UE_CONNECTIONS);
}

/* The device asks no network for what it has: two applications have no address in common. */
static void an_apn_that_is_in_use_is_refused(void **state)
{
    struct lk_manager before;
    struct world w;

    browser_has_one(&w);
    w.config.application[MAILER].apn_count = 0;
    before = w.manager;
    asks(&w, MAILER, LK_MANAGER_EV_CONNECT, 0, "internet");
    told(&w, LK_REASON_MANAGER_ONE_PER_APN);
    unchanged(&w, &before);
    asks(&w, MAILER, LK_MANAGER_EV_CONNECT, 0, "mail");
    assert_non_null(output(&w, LK_MANAGER_OUT_SEND));
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "mail"); /* under way */
    told(&w, LK_REASON_MANAGER_ONE_PER_APN);
}

/* The network has a connection of a time before: it is asked again, and the application waits. Not
 * for ever. */
static void a_connection_of_a_time_before_is_asked_for_again(void **state)
{
    uint8_t reject[] = { 0x83, 1, 55 };
    const struct lk_manager_output *timer;
    struct world w;

    begin(&w);
    attaches(&w);
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "internet");
    for (unsigned times = 0; times < LK_MANAGER_ASKS_AGAIN; times++) {
        heard(&w, reject, sizeof reject);
        assert_null(output(&w, LK_MANAGER_OUT_ANSWER));
        timer = output(&w, LK_MANAGER_OUT_TIMER);
        assert_non_null(timer);
        w.now_ms = timer->timer_at_ms;
        expires(&w, timer->which);
        assert_non_null(output(&w, LK_MANAGER_OUT_SEND));
        reject[1]++;
    }
    heard(&w, reject, sizeof reject);
    told(&w, LK_REASON_WLCP_REJECTED);
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "internet");
    reject[1]++;
    heard(&w, reject, sizeof reject);
    access(&w, LK_ACCESS_EV_CHANNEL_DOWN); /* while it waits */
    told(&w, LK_REASON_WLCP_LOST);
}

/* spec: TS 24.301 10.3 - given up on the fifth expiry.
 * A gateway that answers no request has lost the device, which attaches again: its connections are
 * over, and who asked is told. */
static void a_silent_gateway_is_left(void **state)
{
    const struct lk_manager_output *timer, *said;
    struct world w;
    uint32_t ref = 0, which = 0;

    browser_has_one(&w);
    asks(&w, BROWSER, LK_MANAGER_EV_CONNECT, 0, "ims");
    for (uint8_t times = 0; times < w.config.wlcp.tries; times++) {
        timer = output(&w, LK_MANAGER_OUT_TIMER);
        assert_non_null(timer);
        assert_true(w.manager.channel_up);
        w.now_ms = timer->timer_at_ms;
        which = timer->which;
        expires(&w, which);
    }
    told(&w, LK_REASON_WLCP_NO_ANSWER);
    assert_non_null(output(&w, LK_MANAGER_OUT_LOST));
    said = output(&w, LK_MANAGER_OUT_ACCESS);
    assert_non_null(said);
    assert_int_equal(said->access.refusal.reason, LK_REASON_UE_GATEWAY_SILENT);
    assert_int_equal(w.manager.access.state, LK_ACCESS_ATTACHING);
    assert_false(w.manager.channel_up);
    assert_null(lk_manager_next(&w.manager, BROWSER, &ref));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_ones_connection_is_not_there),
        cmocka_unit_test(rights_are_needed),
        cmocka_unit_test(its_owner_may_end_it),
        cmocka_unit_test(a_channel_may_be_replaced),
        cmocka_unit_test(no_more_than_there_may_be),
        cmocka_unit_test(all_end_with_the_link),
        cmocka_unit_test(an_apn_that_is_in_use_is_refused),
        cmocka_unit_test(a_connection_of_a_time_before_is_asked_for_again),
        cmocka_unit_test(a_silent_gateway_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
