#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_ue_bench.h"

struct lk_wlcp_ue ue;
struct lk_wlcp_ue_config config;
struct lk_wlcp_outbox out;
uint64_t now;
char text[WLCP_TEXT];

int start(void **state)
{
    lk_wlcp_ue_init(&ue);
    lk_wlcp_ue_defaults(&config);
    now = 0;
    return 0;
}

enum lk_status step(struct lk_wlcp_event *event)
{
    enum lk_status status;

    event->now_ms = now;
    lk_wlcp_outbox_empty(&out);
    status = lk_wlcp_ue_step(&ue, &config, event, &out);
    wlcp_render(text, &out);
    if (status != LK_OK)
        assert_string_equal(text, "");
    return status;
}

void want(const char *apn, const char *expected)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };

    event.want.ref = 7;
    event.want.apn = wlcp_apn(apn);
    event.want.request_type = LK_WLCP_INITIAL;
    event.want.pdn_type = LK_WLCP_IPV4;
    assert_int_equal(step(&event), LK_OK);
    assert_string_equal(text, expected);
}

enum lk_status give(enum lk_wlcp_event_kind kind, uint32_t which)
{
    struct lk_wlcp_event event = { .kind = kind, .which = which };

    return step(&event);
}

void does(enum lk_wlcp_event_kind kind, const char *expected)
{
    assert_int_equal(give(kind, 0), LK_OK);
    assert_string_equal(text, expected);
}

enum lk_status receive_octets(struct lk_span octets)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED, .octets = octets };

    return step(&event);
}

enum lk_status receive(const char *hex)
{
    return receive_octets(wlcp_octets(hex));
}

void answers(const char *hex, const char *expected)
{
    assert_int_equal(receive(hex), LK_OK);
    assert_string_equal(text, expected);
}

void ignores_octets(struct lk_span octets)
{
    struct lk_wlcp_ue before = ue;

    assert_int_equal(receive_octets(octets), LK_E_UNEXPECTED);
    assert_memory_equal(&before, &ue, sizeof ue);
}

void ignores(const char *hex)
{
    ignores_octets(wlcp_octets(hex));
}

void is(enum lk_wlcp_ue_state state)
{
    assert_string_equal(lk_wlcp_ue_state_name(ue.connection[0].state),
                        lk_wlcp_ue_state_name(state));
}

void connect_a(void)
{
    want("a", "send 81011128020161, timer@8000");
    answers(ACCEPT_1, "send 8401, up 7");
    is(LK_WLCP_UE_ACTIVE);
}
