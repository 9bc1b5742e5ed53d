/* node/anchor: what it has said is durable first, what it reads back after a restart, and which
 * tokens of the AAA still count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { MAG_1 = 1, MAG_2 = 2, ROWS = 16, MINUTE_MS = 60 * 1000 };

static struct anchor_rig *rig;

static int setup(void **state)
{
    rig = anchor_rig_open(ROWS);
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    return 0;
}

static enum lk_reason reason(void)
{
    const struct lk_anchor_output *item = anchor_find(rig, LK_ANCHOR_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

static void attach(unsigned n, uint32_t mag)
{
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = mag, .lifetime = 900 }),
                     LK_BA_ACCEPTED);
    rig->now_ms += 10;
}

/* The device's own gateway, by the token that it has the binding by. */
static struct anchor_ask of_owner(unsigned n, uint16_t lifetime)
{
    const struct lk_pmip_lma *p = &anchor_binding(rig, n)->pmip;

    return (struct anchor_ask){ .n = n, .mag = p->mag, .attach_ms = p->attach_ms,
                                .lifetime = lifetime };
}

static void stored(const struct lk_binding_record *record)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED, .now_ms = rig->now_ms,
                                     .stored = record };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
}

static struct lk_binding_record written(void)
{
    const struct lk_anchor_output *item = anchor_find(rig, LK_ANCHOR_OUT_STORE);

    assert_non_null(item);
    return item->store.record;
}

/* Whether the repeat of a request is stored once more before it is answered. */
static bool stores_again(uint32_t mag, struct lk_span request)
{
    assert_int_equal(anchor_give(rig, mag, request), LK_BA_ACCEPTED);
    return anchor_find(rig, LK_ANCHOR_OUT_STORE) != NULL;
}

/* Invariant 9: each change waits for the store, also that of a row which was durable before; and
 * only the record of this very change ends the waiting. */
static void each_change_waits_for_the_store(void **state)
{
    struct lk_binding_record first, wrong;
    struct anchor_ask ask;
    struct lk_span request;
    uint8_t copy[1024];

    attach(1, MAG_1);
    first = written();
    stored(&first);
    ask = of_owner(1, 900);
    request = anchor_request(rig, &ask);
    memcpy(copy, request.at, request.len);
    request.at = copy;
    assert_int_equal(anchor_give(rig, MAG_1, request), LK_BA_ACCEPTED);
    wrong = written();
    assert_true(stores_again(MAG_1, request));
    stored(&first); /* the record of before is written late: it has another digest */
    assert_true(stores_again(MAG_1, request));
    wrong.pmip.state = LK_PMIP_LMA_LEAVING;
    stored(&wrong);
    assert_true(stores_again(MAG_1, request));
    wrong = written();
    wrong.epoch++;
    stored(&wrong);
    assert_true(stores_again(MAG_1, request));
    wrong.epoch--;
    stored(&wrong);
    assert_false(stores_again(MAG_1, request));
}

static void restart(const struct lk_binding_record *record)
{
    anchor_rig_restart(rig, ROWS);
    assert_int_equal(lk_anchor_load(&rig->anchor, record, rig->now_ms), LK_OK);
}

/* The request that was held is not stored, so nobody waits behind a restart: the owner has the
 * binding for its lifetime, and who asks next is held for as long as anyone. */
static void nothing_is_held_behind_a_restart(void **state)
{
    struct anchor_ask claim = { .n = 1, .mag = MAG_2, .lifetime = 900,
                                .handoff = LK_HANDOFF_UNKNOWN };
    struct lk_binding_record record;
    struct anchor_ask ask;

    attach(1, MAG_1);
    assert_int_equal(anchor_ask(rig, &claim), -1);
    rig->now_ms += 1000;
    ask = of_owner(1, 900);
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_ACCEPTED);
    record = written();
    assert_int_equal(record.pmip.state, LK_PMIP_LMA_HELD);
    rig->now_ms += 10;
    restart(&record);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_ACTIVE);
    assert_true(anchor_binding(rig, 1)->pmip.due_ms == record.expires_ms);
    assert_int_equal(anchor_ask(rig, &claim), -1);
    anchor_tick(rig, rig->now_ms + 1400);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_1);
    anchor_tick(rig, rig->now_ms + 300);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_2);
}

/* T31: a gateway that the configuration does not name any more has no device. The device keeps its
 * addresses, and what orders requests; nothing goes to where it was. */
static void a_gateway_that_is_gone_has_nothing(void **state)
{
    struct lk_anchor_event down = { .kind = LK_ANCHOR_EV_NETWORK };
    uint8_t packet[64];
    struct lk_writer w = lk_writer_of(packet, sizeof packet);
    struct lk_address outside = anchor_address("192.0.2.9"), home, again;
    struct lk_binding_record record;

    attach(1, MAG_2);
    record = written();
    home = anchor_home(rig, 1);
    assert_int_equal(lk_ip_ping(&w, &outside, &home, 1, 2, lk_span_of(NULL, 0)), LK_OK);
    rig->config.mag_count = 1;
    restart(&record);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
    assert_int_equal(anchor_binding(rig, 1)->pmip.epoch, record.epoch + 1);
    assert_int_equal(anchor_binding(rig, 1)->due_ms, 0); /* nor does it end once more */
    down.now_ms = rig->now_ms;
    down.octets = lk_writer_span(&w);
    lk_anchor_step(&rig->anchor, &down, &rig->out);
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.down_unbound, 1);
    attach(1, MAG_1);
    again = anchor_home(rig, 1);
    assert_true(lk_address_equal(&home, &again));
}

/* A row in a state that this version does not know is nobody's, and keeps its addresses; one of
 * another protocol is left to who speaks it. A prefix of no pool of ours is left out as an address
 * is. */
static void what_it_does_not_know_it_does_not_take(void **state)
{
    struct lk_binding_record record, read;
    struct lk_address home, again;

    attach(1, MAG_1);
    record = read = written();
    home = anchor_home(rig, 1);
    read.pmip.state = LK_PMIP_LMA_STATE_COUNT;
    restart(&read);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, 0);
    assert_int_equal(anchor_binding(rig, 1)->due_ms, 0);
    attach(1, MAG_2);
    again = anchor_home(rig, 1);
    assert_true(lk_address_equal(&home, &again));
    read = record;
    read.prefix.address.octets[0] ^= 0x10;
    restart(&read);
    assert_false(anchor_binding(rig, 1)->has_prefix);
    assert_true(anchor_binding(rig, 1)->has_ipv4);
    anchor_rig_restart(rig, ROWS);
    read = record;
    read.protocol = UINT8_MAX;
    assert_int_equal(lk_anchor_load(&rig->anchor, &read, rig->now_ms), LK_E_VALUE);
    assert_int_equal(lk_binding_count(rig->table), 0);
}

/* A binding that nobody renews behind a restart ends when its lifetime does. */
static void a_lifetime_goes_on_behind_a_restart(void **state)
{
    struct lk_binding_record record;

    attach(1, MAG_1);
    record = written();
    restart(&record);
    anchor_tick(rig, record.expires_ms - 200);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_ACTIVE);
    anchor_tick(rig, record.expires_ms + 200);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.change, LK_BINDING_ENDED);
}

/* T31: a token has an end for all but who has the binding by this very token: not for its gateway
 * with another one, and not for the token once nobody has the binding. */
static void an_old_token_renews_and_does_nothing_else(void **state)
{
    struct anchor_ask ask, other;

    rig->config.token_lifetime_ms = 1000;
    attach(1, MAG_1);
    ask = other = of_owner(1, 900);
    other.attach_ms += 10; /* of an attachment that nobody told of while it counted */
    rig->now_ms += 5000;
    assert_int_equal(anchor_ask(rig, &other), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_ATTACH_OLD);
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_ACCEPTED);
    rig->now_ms += 10;
    ask.lifetime = 0;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_ACCEPTED);
    anchor_tick(rig, rig->now_ms + rig->config.lma.min_delete_ms + 200);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
    ask.lifetime = 900;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_ATTACH_OLD);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
}

/* T31: a token of a time that has not come would keep the device's later ones out, and one without
 * a gateway would be everybody's: neither opens. A minute is left to clocks. */
static void a_token_of_no_time_or_place_does_not_open(void **state)
{
    struct anchor_ask ask = { .n = 1, .mag = MAG_1, .lifetime = 900,
                              .attach_ms = rig->now_ms + MINUTE_MS + 1 };

    assert_int_equal(anchor_ask(rig, &ask), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_WRONG);
    ask.attach_ms = 0;
    rig->config.mag[MAG_2 - 1].name[0] = '\0';
    ask.token_mag = MAG_2;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_WRONG);
    assert_int_equal(lk_binding_count(rig->table), 0);
    ask.token_mag = MAG_1;
    ask.attach_ms = rig->now_ms + MINUTE_MS;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_ACCEPTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_change_waits_for_the_store),
        TEST(nothing_is_held_behind_a_restart),
        TEST(a_gateway_that_is_gone_has_nothing),
        TEST(what_it_does_not_know_it_does_not_take),
        TEST(a_lifetime_goes_on_behind_a_restart),
        TEST(an_old_token_renews_and_does_nothing_else),
        TEST(a_token_of_no_time_or_place_does_not_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
