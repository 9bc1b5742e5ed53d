/* node/anchor, user plane: whose packets pass, and what they are counted to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { MAG_1 = 1, MAG_2 = 2 };

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

static void attach(unsigned n, uint32_t mag)
{
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = mag, .lifetime = 900 }),
                     LK_BA_ACCEPTED);
    rig->now_ms += 10;
}

/* An echo request of len octets of data. */
static struct lk_span packet(const struct lk_address *from, const struct lk_address *to, size_t len)
{
    static uint8_t room[LK_IP_PACKET_MAX], data[1400];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_ip_ping(&w, from, to, 1, 2, lk_span_of(data, len)), LK_OK);
    return lk_writer_span(&w);
}

static void give(enum lk_anchor_event_kind kind, uint32_t mag, struct lk_span octets)
{
    struct lk_anchor_event event = { .kind = kind, .now_ms = rig->now_ms, .mag = mag,
                                     .octets = octets };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
}

static const struct lk_anchor_output *up(uint32_t mag, const struct lk_address *from,
                                         const struct lk_address *to)
{
    give(LK_ANCHOR_EV_TUNNEL, mag, packet(from, to, 100));
    return rig->out.count == 0 ? NULL : &rig->out.item[0];
}

static void packets_pass_both_ways(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), home;
    const struct lk_anchor_output *item;

    attach(1, MAG_1);
    home = anchor_home(rig, 1);
    item = up(MAG_1, &home, &outside);
    assert_int_equal(item->kind, LK_ANCHOR_OUT_NETWORK);
    assert_int_equal(item->octets.len, 128);
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &home, 100));
    assert_int_equal(rig->out.item[0].kind, LK_ANCHOR_OUT_TUNNEL);
    assert_int_equal(rig->out.item[0].mag, MAG_1);
    /* After a move the tunnel is the new owner's. */
    attach(1, MAG_2);
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &home, 100));
    assert_int_equal(rig->out.item[0].mag, MAG_2);
}

static void ipv6_passes_by_prefix(void **state)
{
    struct lk_address outside = anchor_address("2001:db8:ff::9"), home;

    attach(1, MAG_1);
    home = anchor_binding(rig, 1)->prefix.address;
    home.octets[15] = 0x77; /* the device chooses */
    assert_int_equal(up(MAG_1, &home, &outside)->kind, LK_ANCHOR_OUT_NETWORK);
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &home, 100));
    assert_int_equal(rig->out.item[0].kind, LK_ANCHOR_OUT_TUNNEL);
    home.octets[7] ^= 1;
    assert_null(up(MAG_1, &home, &outside));
}

/* T33: a device sends with the address of a neighbour, bound at the same gateway, at another, or
 * not at all: dropped and counted. */
static void a_foreign_source_is_dropped(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), neighbour, none;

    attach(1, MAG_1);
    attach(2, MAG_2);
    neighbour = anchor_home(rig, 2);
    assert_null(up(MAG_1, &neighbour, &outside));
    assert_int_equal(rig->anchor.counters.up_foreign, 1);
    none = anchor_address("10.45.200.200");
    assert_null(up(MAG_1, &none, &outside));
    none = anchor_address("192.0.2.55");
    assert_null(up(MAG_1, &none, &outside));
    none = anchor_address("10.45.0.1"); /* the gateway itself */
    assert_null(up(MAG_1, &none, &outside));
    assert_int_equal(rig->anchor.counters.up_unbound, 3);
    assert_null(up(0, &neighbour, &outside));
    assert_int_equal(anchor_binding(rig, 2)->volume.up_octets, 0);
}

/* T16: what goes to an address that nobody has is dropped in silence. */
static void unbound_traffic_ends_here(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), to;

    attach(1, MAG_1);
    to = anchor_home(rig, 1);
    to.octets[14] ^= 0x40;
    for (unsigned i = 0; i < 1000; i++) {
        to.octets[15] = (uint8_t)i;
        give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &to, 100));
        assert_int_equal(rig->out.count, 0);
    }
    assert_int_equal(rig->anchor.counters.down_unbound, 1000);
    /* Nor does a device reach what is not there. */
    outside = anchor_home(rig, 1);
    assert_null(up(MAG_1, &outside, &to));
    assert_int_equal(rig->anchor.counters.down_unbound, 1001);
}

/* T16: the gateway's address answers echo, as long as it was asked, so many a second, and only who
 * is bound. */
static void the_gateway_answers_echo(void **state)
{
    struct lk_address gateway = anchor_address("10.45.0.1"), home;
    const struct lk_anchor_output *item;
    struct lk_ip_packet reply;
    unsigned answered = 0;

    attach(1, MAG_1);
    home = anchor_home(rig, 1);
    item = up(MAG_1, &home, &gateway);
    assert_int_equal(item->kind, LK_ANCHOR_OUT_TUNNEL);
    assert_int_equal(lk_ip_read(&reply, item->octets), LK_OK);
    assert_true(lk_ip_is_pong(&reply, 1, 2));
    assert_int_equal(item->octets.len, 128);
    rig->config.icmp_rate = 10;
    rig->now_ms += 5000;
    for (unsigned i = 0; i < 1000; i++)
        answered += up(MAG_1, &home, &gateway) != NULL;
    assert_int_equal(answered, 10);
    assert_int_equal(rig->anchor.counters.echo_limited, 990);
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&home, &gateway, 10));
    assert_int_equal(rig->out.count, 0);
    home = anchor_binding(rig, 1)->prefix.address;
    home.octets[15] = 5;
    gateway = anchor_address("2001:db8:4500::1");
    rig->now_ms += 5000;
    assert_int_equal(up(MAG_1, &home, &gateway)->kind, LK_ANCHOR_OUT_TUNNEL);
}

static void devices_reach_each_other(void **state)
{
    const struct lk_anchor_output *item;
    struct lk_address a, b;
    struct lk_ip_packet read;

    attach(1, MAG_1);
    attach(2, MAG_2);
    a = anchor_home(rig, 1);
    b = anchor_home(rig, 2);
    item = up(MAG_1, &a, &b);
    assert_int_equal(item->kind, LK_ANCHOR_OUT_TUNNEL);
    assert_int_equal(item->mag, MAG_2);
    assert_int_equal(lk_ip_read(&read, item->octets), LK_OK);
    assert_int_equal(read.hops, 63);
    assert_int_equal(anchor_binding(rig, 1)->volume.up_octets, 128);
    assert_int_equal(anchor_binding(rig, 2)->volume.down_octets, 128);
}

/* spec: RFC 5213 5.3.5 - nothing passes while a release waits. */
static void who_has_released_gets_nothing(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), home;

    attach(1, MAG_1);
    home = anchor_home(rig, 1);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){
                                         .n = 1, .mag = MAG_1,
                                         .attach_ms = anchor_binding(rig, 1)->pmip.attach_ms }),
                     LK_BA_ACCEPTED);
    assert_null(up(MAG_1, &home, &outside));
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &home, 100));
    assert_int_equal(rig->out.count, 0);
}

/* spec: RFC 5213 5.3.5 - nor from a neighbour: what goes across passes no tunnel that has released.
 * spec: RFC 5213 5.4.1.2 - and while another gateway waits, all passes as before. */
static void who_is_held_has_traffic_and_who_has_released_has_none(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), a, b;

    attach(1, MAG_1);
    attach(2, MAG_1);
    a = anchor_home(rig, 1);
    b = anchor_home(rig, 2);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_2, .lifetime = 900,
                                                           .handoff = LK_HANDOFF_UNKNOWN }), -1);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_HELD);
    assert_int_equal(up(MAG_1, &a, &outside)->kind, LK_ANCHOR_OUT_NETWORK);
    assert_int_equal(up(MAG_1, &b, &a)->mag, MAG_1);
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &a, 100));
    assert_int_equal(rig->out.item[0].mag, MAG_1);
    rig->now_ms += 10;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){
                                         .n = 2, .mag = MAG_1,
                                         .attach_ms = anchor_binding(rig, 2)->pmip.attach_ms }),
                     LK_BA_ACCEPTED);
    assert_null(up(MAG_1, &a, &b));
    assert_int_equal(rig->anchor.counters.down_unbound, 1);
}

/* T14: A moves ten times in the middle of a download of 100 MB, and B takes the place that A left
 * at once: the sums of marks and of what goes on are what was carried, to the octet where 0.1 %
 * would do, and B has none of A's. */
enum { DOWNLOAD = 100 * 1000 * 1000, MOVE_EVERY = 9000 };

static void octets_are_the_bindings(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), a, b;
    uint64_t carried = 0, counted = 0, of_b = 0, sent_by_b = 0;
    uint32_t at = MAG_1;

    attach(1, MAG_1);
    attach(2, MAG_2);
    a = anchor_home(rig, 1);
    b = anchor_home(rig, 2);
    for (unsigned i = 0; carried < DOWNLOAD; i++) {
        struct lk_span octets;

        if (i % MOVE_EVERY == MOVE_EVERY / 2) {
            at = at == MAG_1 ? MAG_2 : MAG_1;
            attach(1, at);
            counted += anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.down_octets;
            attach(2, at == MAG_1 ? MAG_2 : MAG_1);
            of_b += anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.up_octets;
        }
        octets = packet(&outside, &a, 1000 + i % 200);
        give(LK_ANCHOR_EV_NETWORK, 0, octets);
        assert_int_equal(rig->out.item[0].mag, at);
        carried += octets.len;
        if (i % 10 == 0) {
            assert_non_null(up(at == MAG_1 ? MAG_2 : MAG_1, &b, &outside));
            sent_by_b += 128;
        }
    }
    counted += anchor_binding(rig, 1)->volume.down_octets;
    of_b += anchor_binding(rig, 2)->volume.up_octets;
    assert_true(carried == counted);
    assert_true(of_b == sent_by_b);
    assert_int_equal(anchor_binding(rig, 2)->volume.down_octets, 0);
}

/* T16: a second's worth at once, and then so many octets a second, of one binding and in each
 * direction: from the network, where the flood comes from, and to it. The neighbour has all of
 * his. */
static void a_policer_bounds_one_binding(void **state)
{
    struct lk_address outside = anchor_address("192.0.2.9"), a, b;
    unsigned down = 0, up_passed = 0;

    rig->config.policed_octets = 128000;
    attach(1, MAG_1);
    attach(2, MAG_1);
    a = anchor_home(rig, 1);
    b = anchor_home(rig, 2);
    for (unsigned i = 0; i < 6000; i++) {
        rig->now_ms += i % 2;
        give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &a, 100));
        down += rig->out.count > 0;
        up_passed += up(MAG_1, &a, &outside) != NULL;
    }
    assert_in_range(down, 3960, 4010); /* a second's worth at once, and three seconds */
    assert_in_range(up_passed, 3960, 4010);
    assert_true(rig->anchor.counters.policed > 3800);
    assert_int_equal(anchor_binding(rig, 1)->volume.down_octets, down * 128);
    assert_non_null(up(MAG_1, &b, &outside));
    give(LK_ANCHOR_EV_NETWORK, 0, packet(&outside, &b, 100));
    assert_int_equal(rig->out.count, 1);
    /* Who sends little saves nothing up beyond that second's worth. */
    for (unsigned i = 0; i < 3; i++) {
        rig->now_ms += 900;
        assert_non_null(up(MAG_1, &a, &outside));
    }
    down = 0;
    for (unsigned i = 0; i < 2000; i++)
        down += up(MAG_1, &a, &outside) != NULL;
    assert_int_equal(down, 999);
}

static void what_is_no_packet_is_counted(void **state)
{
    static uint8_t large[LK_IP_PACKET_MAX + 1], data[LK_IP_PACKET_MAX + 1 - 28];
    struct lk_address outside = anchor_address("192.0.2.9"), home;
    struct lk_writer w = lk_writer_of(large, sizeof large);
    struct lk_span octets;

    attach(1, MAG_1);
    home = anchor_home(rig, 1);
    octets = packet(&home, &outside, 100);
    for (size_t len = 0; len < octets.len; len++) {
        give(LK_ANCHOR_EV_TUNNEL, MAG_1, lk_span_of(octets.at, len));
        assert_int_equal(rig->out.count, 0);
        give(LK_ANCHOR_EV_NETWORK, 0, lk_span_of(octets.at, len));
        assert_int_equal(rig->out.count, 0);
    }
    /* One that is right, and an octet longer than any. */
    assert_int_equal(lk_ip_ping(&w, &home, &outside, 1, 2, LK_SPAN(data)), LK_OK);
    assert_int_equal(w.len, sizeof large);
    give(LK_ANCHOR_EV_TUNNEL, MAG_1, LK_SPAN(large));
    assert_int_equal(rig->out.count, 0);
    w = lk_writer_of(large, sizeof large);
    assert_int_equal(lk_ip_ping(&w, &outside, &home, 1, 2, LK_SPAN(data)), LK_OK);
    give(LK_ANCHOR_EV_NETWORK, 0, LK_SPAN(large));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_malformed, octets.len + 1);
    assert_int_equal(rig->anchor.counters.down_malformed, octets.len + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(packets_pass_both_ways),
        TEST(ipv6_passes_by_prefix),
        TEST(a_foreign_source_is_dropped),
        TEST(unbound_traffic_ends_here),
        TEST(the_gateway_answers_echo),
        TEST(devices_reach_each_other),
        TEST(who_has_released_gets_nothing),
        TEST(who_is_held_has_traffic_and_who_has_released_has_none),
        TEST(octets_are_the_bindings),
        TEST(a_policer_bounds_one_binding),
        TEST(what_is_no_packet_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
