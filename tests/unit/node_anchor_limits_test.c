/* node/anchor: what there is so much of and no more: requests a second, octets of one of them, and
 * places for those that are held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { MAG_1 = 1, MAG_2 = 2, INTERNET = 0, IMS = 1, ROWS = 2 * LK_ANCHOR_HELD };

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

static struct lk_binding *binding(unsigned n, uint16_t service)
{
    return lk_binding_of(rig->table, anchor_binding(rig, n)->subject, service);
}

static void attach(unsigned n, const char *service)
{
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = MAG_1, .lifetime = 900,
                                                           .service = service }),
                     LK_BA_ACCEPTED);
}

/* By the second gateway, which does not know where the device was: -1 when it is held. */
static int claim(unsigned n, const char *service)
{
    rig->now_ms++;
    return anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = MAG_2, .lifetime = 900,
                                                 .service = service,
                                                 .handoff = LK_HANDOFF_UNKNOWN });
}

static void release(unsigned n, uint16_t service)
{
    struct anchor_ask ask = { .n = n, .mag = MAG_1,
                              .attach_ms = binding(n, service)->pmip.attach_ms,
                              .service = service == IMS ? "ims" : NULL };

    assert_int_equal(anchor_ask(rig, &ask), LK_BA_ACCEPTED);
}

/* T15: a gateway's budget is its own, and that of all together is one: two that keep within theirs
 * do not get more than all may have. */
static void all_together_have_one_budget(void **state)
{
    struct anchor_ask ask = { .n = 1, .mag = MAG_1, .lifetime = 900, .token_n = 2 };
    struct lk_span bogus;
    uint8_t copy[1024];

    rig->config.mag_rate = 1000;
    rig->config.rate = 1500;
    bogus = anchor_request(rig, &ask);
    memcpy(copy, bogus.at, bogus.len);
    for (unsigned i = 0; i < 1000; i++)
        for (uint32_t mag = MAG_1; mag <= MAG_2; mag++)
            (void)anchor_give(rig, mag, lk_span_of(copy, bogus.len));
    assert_int_equal(rig->anchor.counters.refused, 1500);
    assert_int_equal(rig->anchor.counters.over_budget, 500);
    /* Each has used up what is its own: what comes on top is not taken from the common one. */
    rig->config.rate = 1000000;
    rig->now_ms += 2000;
    for (unsigned i = 0; i < 1500; i++)
        (void)anchor_give(rig, MAG_1, lk_span_of(copy, bogus.len));
    assert_int_equal(rig->anchor.counters.refused, 1500 + 1000);
}

/* How many of so many requests at once are within the first gateway's budget. */
static uint64_t within_budget(unsigned count)
{
    uint64_t before = rig->anchor.counters.over_budget;
    const uint8_t octet = 0;

    for (unsigned i = 0; i < count; i++)
        (void)anchor_give(rig, MAG_1, lk_span_of(&octet, 1));
    return count - (rig->anchor.counters.over_budget - before);
}

/* T15: what was used up comes back with the time that passes, and who was silent has no more than
 * a second's worth; a clock that goes back gives nothing. */
static void a_budget_comes_back_with_time(void **state)
{
    rig->config.mag_rate = 100;
    assert_int_equal(within_budget(150), 100);
    rig->now_ms += 500;
    assert_int_equal(within_budget(100), 50);
    rig->now_ms += 900;
    assert_int_equal(within_budget(10), 10);
    rig->now_ms += 900;
    assert_int_equal(within_budget(200), 100);
    rig->now_ms -= 500;
    assert_int_equal(within_budget(100), 0);
    rig->now_ms += 3600000;
    assert_int_equal(within_budget(200), 100);
}

/* A request that decodes and is longer than what is held: data of another vendor makes it so. */
static struct lk_span long_request(uint8_t *room, size_t cap, size_t more, unsigned n)
{
    static const uint8_t zeroes[240];
    struct lk_writer w = lk_writer_of(room, cap);
    struct lk_span octets = anchor_request(rig, &(struct anchor_ask){
                                                    .n = n, .mag = MAG_2, .lifetime = 900,
                                                    .handoff = LK_HANDOFF_UNKNOWN });
    struct lk_mobility_message m;

    lk_put_span(&w, octets);
    for (size_t i = 0; i < more; i++) { /* an option that nobody knows, of 248 octets in all */
        lk_put_be16(&w, 0xf7f6);
        lk_put_octets(&w, zeroes, sizeof zeroes);
        lk_put_be32(&w, 0x01040000);
        lk_put_be16(&w, 0);
    }
    assert_int_equal(lk_writer_end(&w), LK_OK);
    room[1] = (uint8_t)(w.len / 8 - 1);
    assert_int_equal(lk_mobility_decode(&m, lk_writer_span(&w)), LK_OK);
    return lk_writer_span(&w);
}

/* T15: a gateway may say two thousand octets in one message, and what is held has room for fewer:
 * the longest that has room is held, the next one gets no answer and changes nothing. */
static void a_request_that_has_no_room_is_none(void **state)
{
    uint8_t room[2048 + 8], before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct lk_anchor_held neighbour;
    struct lk_span octets;

    attach(1, NULL);
    attach(2, NULL);
    rig->now_ms++;
    octets = long_request(room, sizeof room, 2, 1);
    assert_in_range(octets.len, 600, LK_PMIP_LMA_OCTETS);
    assert_int_equal(anchor_give(rig, MAG_2, octets), -1);
    assert_int_equal(rig->anchor.counters.held, 1);
    neighbour = rig->anchor.held[1];
    lk_anchor_digest(before, &rig->anchor);
    for (size_t more = 3; more <= 7; more++) {
        octets = long_request(room, sizeof room, more, 2);
        assert_true(octets.len > LK_PMIP_LMA_OCTETS);
        assert_int_equal(anchor_give(rig, MAG_2, octets), -1);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                         LK_REASON_PMIP_MALFORMED);
        lk_anchor_digest(after, &rig->anchor);
        assert_memory_equal(before, after, sizeof after);
        assert_memory_equal(&neighbour, &rig->anchor.held[1], sizeof neighbour);
    }
    assert_int_equal(rig->anchor.counters.held, 1);
}

/* A place is free again when its request has had its turn: one more than there are, one behind the
 * other, all within the time of the first. */
static void a_place_is_free_after_its_turn(void **state)
{
    for (unsigned n = 1; n <= LK_ANCHOR_HELD + 1; n++) {
        attach(n, NULL);
        assert_int_equal(claim(n, NULL), -1);
        rig->now_ms++;
        release(n, INTERNET);
        assert_int_equal(binding(n, INTERNET)->pmip.mag, MAG_2);
    }
}

/* Nor does one whose request nobody asks for any more stay taken: here each device came by a way
 * that need not be held. */
static void a_place_is_free_when_its_time_is_over(void **state)
{
    for (unsigned n = 1; n <= LK_ANCHOR_HELD + 2; n++)
        attach(n, NULL);
    for (unsigned n = 1; n <= LK_ANCHOR_HELD; n++) {
        assert_int_equal(claim(n, NULL), -1);
        rig->now_ms++;
        assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = MAG_2,
                                                               .lifetime = 900 }),
                         LK_BA_ACCEPTED);
    }
    assert_int_equal(claim(LK_ANCHOR_HELD + 1, NULL), LK_BA_ACCEPTED); /* none is free */
    rig->now_ms += 2 * rig->config.lma.max_assign_ms + 1;
    assert_int_equal(claim(LK_ANCHOR_HELD + 2, NULL), -1);
}

/* Two services of one device are held and moved each for itself. */
static void each_service_has_its_own_place(void **state)
{
    attach(1, NULL);
    attach(1, "ims");
    assert_int_equal(claim(1, NULL), -1);
    assert_int_equal(claim(1, "ims"), -1);
    rig->now_ms++;
    release(1, IMS);
    assert_int_equal(binding(1, IMS)->pmip.mag, MAG_2);
    assert_int_equal(binding(1, INTERNET)->pmip.mag, MAG_1);
    assert_int_equal(binding(1, INTERNET)->pmip.state, LK_PMIP_LMA_HELD);
    release(1, INTERNET);
    assert_int_equal(binding(1, INTERNET)->pmip.mag, MAG_2);
}

/* Nor is the request of another device of the same service resumed. */
static void each_device_has_its_own_place(void **state)
{
    uint64_t second_ms;

    attach(1, NULL);
    attach(2, NULL);
    assert_int_equal(claim(1, NULL), -1);
    assert_int_equal(claim(2, NULL), -1);
    second_ms = rig->now_ms++;
    release(2, INTERNET);
    assert_int_equal(binding(2, INTERNET)->pmip.mag, MAG_2);
    assert_true(binding(2, INTERNET)->pmip.attach_ms == second_ms);
    assert_int_equal(binding(1, INTERNET)->pmip.state, LK_PMIP_LMA_HELD);
    release(1, INTERNET);
    assert_int_equal(binding(1, INTERNET)->pmip.mag, MAG_2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_together_have_one_budget),
        TEST(a_budget_comes_back_with_time),
        TEST(a_request_that_has_no_room_is_none),
        TEST(a_place_is_free_after_its_turn),
        TEST(a_place_is_free_when_its_time_is_over),
        TEST(each_service_has_its_own_place),
        TEST(each_device_has_its_own_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
