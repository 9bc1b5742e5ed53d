#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_twag_bench.h"

struct lk_wlcp_twag ue;
struct lk_wlcp_twag_pool pool;
struct lk_wlcp_twag_pdn rows[ROWS];
struct lk_wlcp_twag_config config;
struct lk_wlcp_outbox out;
uint64_t now;
uint32_t channel;
char text[WLCP_TEXT];

int start(void **state)
{
    static const char *const names[] = { "a", "b", "six", "four", "full" };

    lk_wlcp_twag_defaults(&config);
    for (size_t i = 0; i < LK_COUNT_OF(names); i++) {
        config.apn[i].name = wlcp_apn(names[i]);
        config.apn[i].pdn_types = LK_WLCP_IPV4V6;
    }
    config.apns = LK_COUNT_OF(names);
    config.apn[2].pdn_types = LK_WLCP_IPV6;
    config.apn[3].pdn_types = LK_WLCP_IPV4;
    config.apn[4].congested = true;
    config.connections = 3;
    memset(rows, 0, sizeof rows); /* is() looks at the first one before it is taken */
    lk_wlcp_twag_pool_init(&pool, rows, ROWS, (const uint8_t[16]){ 1 });
    lk_wlcp_twag_init(&ue, 42);
    now = 0;
    channel = 1;
    return 0;
}

/* Identities of the user plane are nobody's guess; in what is written here they are 02 and the
 * number of their row. */
static void name_rows(void)
{
    for (uint32_t row = 0; row < ROWS; row++) {
        char plain[2 * LK_WLCP_MAC_LEN + 1], named[2 * LK_WLCP_MAC_LEN + 1], *at;
        uint8_t mac[LK_WLCP_MAC_LEN];

        lk_wlcp_twag_user_plane(mac, &pool, row, rows[row].epoch);
        for (size_t i = 0; i < sizeof mac; i++)
            snprintf(plain + 2 * i, 3, "%02x", mac[i]);
        snprintf(named, sizeof named, "02%010x", row);
        at = strstr(text, plain);
        if (at != NULL)
            memcpy(at, named, strlen(named));
    }
}

enum lk_status step(struct lk_wlcp_event *event)
{
    enum lk_status status;

    event->now_ms = now;
    event->channel = channel;
    lk_wlcp_outbox_empty(&out);
    status = lk_wlcp_twag_step(&ue, &pool, &config, event, &out);
    wlcp_render(text, &out);
    name_rows();
    if (status != LK_OK)
        assert_string_equal(text, "");
    return status;
}

enum lk_status receive_octets(struct lk_span octets)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED, .octets = octets };

    return step(&event);
}

void answers(const char *hex, const char *expected)
{
    assert_int_equal(receive_octets(wlcp_octets(hex)), LK_OK);
    assert_string_equal(text, expected);
}

void ignores(const char *hex, enum lk_status status)
{
    struct lk_wlcp_twag before = ue;
    struct lk_wlcp_twag_pdn rows_before[ROWS];

    memcpy(rows_before, rows, sizeof rows);
    assert_int_equal(receive_octets(wlcp_octets(hex)), status);
    assert_memory_equal(&before, &ue, sizeof ue);
    assert_memory_equal(rows_before, rows, sizeof rows);
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

void bound(uint32_t which, uint8_t pdn_type, const char *expected)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_BOUND, .which = which };

    event.address = (struct lk_wlcp_address){ .pdn_type = pdn_type, .ipv4 = { 10, 0, 0, 7 },
                                              .interface_id = { 0, 0, 0, 0, 0, 0, 0, 1 } };
    assert_int_equal(step(&event), LK_OK);
    assert_string_equal(text, expected);
}

void is(enum lk_wlcp_twag_state state)
{
    assert_string_equal(lk_wlcp_twag_state_name((enum lk_wlcp_twag_state)rows[0].state),
                        lk_wlcp_twag_state_name(state));
    if (state == LK_WLCP_TWAG_INACTIVE) {
        assert_int_equal(ue.count, 0);
        assert_int_equal(pool.in_use, 0);
    }
}

void connect_a(void)
{
    answers("81 01 11 28020161", "bind, timer@10000");
    bound(0, LK_WLCP_IPV4, "send " ACCEPT_1 ", timer@8000");
    answers("8401", "timer off, up 0");
    is(LK_WLCP_TWAG_ACTIVE);
}
