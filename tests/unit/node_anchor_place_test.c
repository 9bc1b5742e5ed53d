/* node/anchor: what a gateway says on its channel of where its tunnel is (T13). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"
#include "proto/pmip/heart.h"

enum { MAG_1 = 1, PORT = 40001 };

static struct anchor_rig *rig;

static int setup(void **state)
{
    rig = anchor_rig_open(64);
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    return 0;
}

/* A heartbeat with that option; a subtype of -1: without. Whether it is answered. */
static bool beat(int subtype, uint32_t enterprise, struct lk_span data)
{
    struct lk_mobility_message m = { .type = LK_MOBILITY_HEARTBEAT, .beat = 7 };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (subtype >= 0) {
        lk_mobility_mark(&m.options, LK_MO_VENDOR);
        m.options.vendor_count = 1;
        m.options.vendor[0] = (struct lk_mobility_vendor){ enterprise, (uint8_t)subtype, data };
    }
    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    (void)anchor_give(rig, MAG_1, lk_writer_span(&w));
    return anchor_find(rig, LK_ANCHOR_OUT_SEND) != NULL;
}

static bool tell(const struct lk_address *address, uint16_t port)
{
    const struct lk_mobility_place place = { .address = *address, .port = port,
                                             .beats_ms = 1000, .word = { 1, 2 } };
    uint8_t octets[LK_MOBILITY_PLACE_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mobility_place_put(&w, &place);
    return beat(LK_MOBILITY_PLACE_SUBTYPE, rig->config.enterprise, lk_writer_span(&w));
}

/* The port that came out, or -1. */
static int port(void)
{
    const struct lk_anchor_output *item = anchor_find(rig, LK_ANCHOR_OUT_PLACE);

    if (item != NULL)
        assert_int_equal(item->mag, MAG_1);
    return item == NULL ? -1 : item->place.port;
}

/* T13: the place counts when the gateway knows the address that its channel comes from. */
static void at_its_channels_address_the_port_counts(void **state)
{
    struct lk_address own = anchor_mag_address(MAG_1), private = anchor_address("10.0.0.5");

    assert_true(tell(&own, PORT));
    assert_int_equal(port(), PORT);
    assert_true(tell(&private, PORT)); /* translated on the way: its port is as well */
    assert_int_equal(port(), 0);
    /* How it answers there holds wherever it is found. */
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_PLACE)->place.beats_ms, 1000);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_PLACE)->place.word[1], 2);
    assert_int_equal(rig->anchor.counters.malformed, 0);
}

static void who_says_nothing_is_told_nothing_of(void **state)
{
    static const uint8_t place[] = { 0x9c, 0x41, 192, 0, 2, 1 };

    assert_true(beat(-1, 0, lk_span_of(NULL, 0)));
    assert_int_equal(port(), -1);
    assert_true(beat(LK_MOBILITY_PLACE_SUBTYPE, 1, LK_SPAN(place))); /* another vendor's */
    assert_int_equal(port(), -1);
    assert_true(beat(1, rig->config.enterprise, LK_SPAN(place))); /* a token, here for nothing */
    assert_int_equal(port(), -1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_REFUSED));
}

/* T13: what is no place is refused with a reason, and changes nothing; the beat is answered. */
static void what_is_no_place_changes_nothing(void **state)
{
    uint8_t octets[LK_MOBILITY_PLACE_MAX + 6] = { [22] = 192, [25] = 1 };
    uint64_t refused = 0;

    for (size_t len = 0; len <= sizeof octets; len++) {
        /* Port 0 where the length is right. */
        octets[0] = octets[1] = len == 26 || len == 38 ? 0 : 1;
        assert_true(beat(LK_MOBILITY_PLACE_SUBTYPE, rig->config.enterprise,
                         lk_span_of(octets, len)));
        assert_int_equal(port(), -1);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                         LK_REASON_PMIP_MALFORMED);
        assert_int_equal(rig->anchor.counters.malformed, ++refused);
    }
}

/* An answer, and what is no heartbeat, tell nothing. */
static void only_a_question_tells(void **state)
{
    struct lk_address own = anchor_mag_address(MAG_1);
    struct lk_mobility_message m = { .type = LK_MOBILITY_HEARTBEAT,
                                     .flags = LK_HEARTBEAT_RESPONSE };
    const struct lk_mobility_place place = { .address = own, .port = PORT };
    uint8_t data[LK_MOBILITY_PLACE_MAX], octets[128];
    struct lk_writer w = lk_writer_of(data, sizeof data);

    lk_mobility_place_put(&w, &place);
    lk_mobility_mark(&m.options, LK_MO_VENDOR);
    m.options.vendor_count = 1;
    m.options.vendor[0] = (struct lk_mobility_vendor){ rig->config.enterprise,
                                                       LK_MOBILITY_PLACE_SUBTYPE,
                                                       lk_writer_span(&w) };
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    (void)anchor_give(rig, MAG_1, lk_writer_span(&w));
    assert_int_equal(port(), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(at_its_channels_address_the_port_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(who_says_nothing_is_told_nothing_of, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_place_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_question_tells, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
