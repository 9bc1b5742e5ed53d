/* MIPv6, both ends back to back: mobile node and home agent, over a link that loses, repeats,
 * delays and alters, with a translator in the IPv4 places. No network, no clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/ha6.h"
#include "proto/mip/mn6.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { SPI = 4097, PORT = 40000, DATAGRAMS = 256, OCTETS = 1024, KEYS = 2 };

struct datagram {
    bool there, to_mn, v4;
    uint64_t at_ms;
    size_t len;
    uint8_t octets[OCTETS];
};

static struct world {
    uint64_t now_ms, seed, mn_clock_ms;
    struct lk_mip_mn6 mn;
    struct lk_mip_mn6_config mn_config;
    struct lk_mip_ha6 ha;
    struct lk_mip_ha6_config ha_config;
    struct lk_mip_msa agents[KEYS]; /* the associations that the home agent has */
    unsigned lost, repeated, altered; /* of 100 */
    bool no_acks;
    struct datagram on_the_way[DATAGRAMS];
    size_t changes, bounds, failures, kept, updates;
    struct lk_address place, home; /* where it is; what it was told that it is */
    bool udp;
} w;

static uint64_t any_bits(void)
{
    w.seed = w.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return w.seed ^ w.seed >> 29;
}

static bool chance(unsigned percent)
{
    return any_bits() % 100 < percent;
}

static struct lk_address at(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

/* ---- the link ---- */

static void put_on(struct lk_span octets, bool to_mn, bool v4)
{
    for (size_t i = 0; i < DATAGRAMS; i++) {
        struct datagram *d = &w.on_the_way[i];

        if (d->there)
            continue;
        d->there = true;
        d->to_mn = to_mn;
        d->v4 = v4;
        d->at_ms = w.now_ms + 1 + any_bits() % 700;
        d->len = octets.len;
        memcpy(d->octets, octets.at, octets.len);
        if (chance(w.altered))
            d->octets[any_bits() % d->len] ^= (uint8_t)(1u << any_bits() % 8);
        return;
    }
    fail_msg("the link is full");
}

static void transmit(struct lk_span octets, bool to_mn, bool v4)
{
    if (chance(w.lost) || (to_mn && w.no_acks))
        return;
    put_on(octets, to_mn, v4);
    if (chance(w.repeated))
        put_on(octets, to_mn, v4);
}

/* ---- the home agent ---- */

static uint64_t digest_of(struct lk_span octets)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < octets.len; i++)
        digest = (digest ^ octets.at[i]) * UINT64_C(1099511628211);
    return digest | 1;
}

static const struct lk_mip_msa *association_of(const struct lk_mobility_message *update)
{
    const struct lk_mobility_auth *auth = lk_mobility_auth(&update->options, LK_AUTH_MN_HA);

    for (size_t i = 0; i < KEYS; i++)
        if (auth != NULL && w.agents[i].there.spi == auth->spi)
            return &w.agents[i];
    return NULL;
}

/* Back the way it came: in UDP to the translator, or with a routing header. */
static void acknowledge(const struct lk_mip_ha6_output *send, const struct lk_mip6_packet *came,
                        bool v4)
{
    uint8_t octets[OCTETS];
    struct lk_writer writer = lk_writer_of(octets, sizeof octets);
    struct lk_mip6_packet p = { .source = came->destination, .destination = send->send.home,
                                .message = send->send.octets };

    if (!v4) {
        p.destination = came->source;
        p.way = LK_MIP6_HOME_ROUTE;
        p.home = send->send.home;
    }
    assert_int_equal(lk_mip6_write(&writer, &p), LK_OK);
    transmit(lk_writer_span(&writer), true, v4);
}

static void at_agent(struct lk_span octets, bool v4)
{
    struct lk_mip6_packet p;
    struct lk_mobility_message update;
    struct lk_mip_ha6_outbox out;
    struct lk_mip_ha6_event event = { .kind = LK_MIP_HA6_EV_REQUEST, .now_ms = w.now_ms,
                                      .update = &update, .digest = digest_of(octets),
                                      .prefix = { at("2001:db8:45::"), 64 },
                                      .ipv4 = { { 10, 45, 0, 7 } },
                                      .agent = at("2001:db8:1::1") };
    const struct lk_mip_ha6_output *send;

    if (lk_mip6_read(&p, octets) != LK_OK || lk_mobility_decode(&update, p.message) != LK_OK ||
        update.type != LK_MOBILITY_BU)
        return;
    w.updates++;
    event.with = association_of(&update);
    event.home = p.way == LK_MIP6_HOME_OPTION ? p.home : p.source;
    if (v4) {
        event.from = at("203.0.113.9"); /* the translator's */
        event.port = PORT;
    } else {
        event.source = p.source;
    }
    if (lk_mip_ha6_step(&w.ha, &w.ha_config, &event, &out) != LK_OK)
        return;
    w.changes += lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_CHANGED) != NULL;
    send = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND);
    if (send != NULL)
        acknowledge(send, &p, v4);
}

/* ---- the mobile node ---- */

static enum lk_status to_mn(struct lk_mip_mn6_event event)
{
    struct lk_mip_mn6_outbox out;
    const struct lk_mip_mn6_output *item;
    enum lk_status status;

    event.now_ms = w.now_ms + w.mn_clock_ms;
    event.entropy = any_bits() ^ any_bits() << 32;
    status = lk_mip_mn6_step(&w.mn, &w.mn_config, &event, &out);
    item = lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_SEND);
    if (item != NULL)
        transmit(item->send.octets, false, lk_address_is_v4(&item->send.to));
    item = lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND);
    if (item != NULL) {
        w.bounds++;
        w.home = item->bound.home;
        w.udp = item->bound.udp;
    }
    w.failures += lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_FAILED) != NULL;
    w.kept += lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_KEPT) != NULL;
    return status;
}

static struct lk_mip_mn6_place place(const char *care_of)
{
    w.place = at(care_of);
    return (struct lk_mip_mn6_place){ .care_of = w.place };
}

static struct lk_mip_msa msa(uint32_t spi, uint64_t ends_ms)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA1,
                                       .secret = { .len = 16 } },
                            .spi_back = spi, .ends_ms = ends_ms };

    memset(m.there.secret.octets, (int)spi & 0xff, 16);
    return m;
}

static void give_key(const struct lk_mip_msa *m)
{
    assert_int_equal(to_mn((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_KEYS,
                                                      .keys = { .msa = *m } }),
                     LK_OK);
}

static void begin(uint64_t seed)
{
    memset(&w, 0, sizeof w);
    w.now_ms = NOW;
    w.seed = seed;
    lk_mip_mn6_init(&w.mn);
    lk_mip_mn6_defaults(&w.mn_config);
    w.mn_config.nai = lk_span_text("0001010123456789@realm");
    lk_mip_ha6_init(&w.ha);
    lk_mip_ha6_defaults(&w.ha_config);
    w.agents[0] = msa(SPI, UINT64_MAX);
    give_key(&w.agents[0]);
}

static void start(const char *care_of)
{
    assert_int_equal(to_mn((struct lk_mip_mn6_event){
                         .kind = LK_MIP_MN6_EV_START,
                         .start = { .place = place(care_of),
                                    .agent = { at("2001:db8:1::1"), at("192.0.2.1") } } }),
                     LK_OK);
}

static void move(const char *care_of)
{
    assert_int_equal(to_mn((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_MOVE,
                                                      .move = place(care_of) }),
                     LK_OK);
}

/* ---- time ---- */

static struct datagram *next_datagram(uint64_t until_ms)
{
    struct datagram *first = NULL;

    for (size_t i = 0; i < DATAGRAMS; i++)
        if (w.on_the_way[i].there && w.on_the_way[i].at_ms <= until_ms &&
            (first == NULL || w.on_the_way[i].at_ms < first->at_ms))
            first = &w.on_the_way[i];
    return first;
}

static void deliver(struct datagram *d)
{
    struct datagram copy = *d;

    d->there = false;
    w.now_ms = copy.at_ms;
    if (copy.to_mn)
        (void)to_mn((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_RECEIVED,
                                               .received = lk_span_of(copy.octets, copy.len) });
    else
        at_agent(lk_span_of(copy.octets, copy.len), copy.v4);
}

static void run(uint64_t for_ms)
{
    uint64_t end_ms = w.now_ms + for_ms;

    for (;;) {
        uint64_t due_ms = w.mn.due_ms != 0 ? w.mn.due_ms - w.mn_clock_ms : UINT64_MAX;
        struct datagram *d = next_datagram(due_ms < end_ms ? due_ms : end_ms);

        if (d != NULL) {
            deliver(d);
        } else if (due_ms <= end_ms) {
            w.now_ms = due_ms > w.now_ms ? due_ms : w.now_ms;
            assert_int_equal(to_mn((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_EXPIRED }),
                             LK_OK);
        } else {
            w.now_ms = end_ms;
            return;
        }
    }
}

/* Both ends have the same address and place, and the home agent keeps it for as long as the node
 * thinks. */
static void agreed(void)
{
    const struct lk_address home = at("2001:db8:45::1");

    assert_int_equal(w.mn.state, LK_MIP_MN6_BOUND);
    assert_int_equal(w.ha.state, LK_MIP_HA6_ACTIVE);
    assert_true(lk_address_equal(&w.mn.home, &home) && lk_address_equal(&w.home, &home));
    assert_true(lk_address_equal(&w.ha.care_of, &w.place));
    assert_true(w.ha.udp == lk_address_is_v4(&w.place) && w.udp == w.ha.udp);
    assert_true(w.ha.expires_ms + w.mn_clock_ms >= w.mn.bound_until_ms);
}

/* ---- tests ---- */

/* T26: the acknowledgement is lost five times; no lock-out. */
static void test_t26_five_lost_acknowledgements(void **state)
{
    static const char *const places[] = { "2001:db8:99::23", "198.51.100.23" };

    for (size_t i = 0; i < LK_COUNT_OF(places); i++) {
        begin(1 + i);
        w.no_acks = true;
        start(places[i]);
        run(46000);
        assert_int_equal(w.mn.state, LK_MIP_MN6_AWAIT_BOUND);
        assert_true(w.updates >= 5 && w.changes == w.updates);
        w.no_acks = false;
        run(40000);
        agreed();
        assert_int_equal(w.failures, 0);
    }
}

/* T10, T12: each octet of the update and of the acknowledgement altered once, and each cut at every
 * length: what either end takes then is what was said. */
static void test_an_altered_octet_is_believed_nowhere(void **state)
{
    struct datagram sent, back;
    struct lk_mip_mn6 before;

    begin(2);
    start("2001:db8:99::23");
    sent = *next_datagram(UINT64_MAX);
    for (size_t i = 4; i < sent.len; i++) {
        sent.octets[i] ^= 1;
        if (i != 7 && (i < 42 || i > 45)) /* hops, and what pads the option */
            at_agent(lk_span_of(sent.octets, sent.len), false);
        sent.octets[i] ^= 1;
        at_agent(lk_span_of(sent.octets, i), false);
    }
    assert_int_equal(w.changes, 0);
    assert_int_equal(w.ha.state, LK_MIP_HA6_NONE);
    memset(w.on_the_way, 0, sizeof w.on_the_way); /* what it refused */
    at_agent(lk_span_of(sent.octets, sent.len), false);
    assert_int_equal(w.changes, 1);
    back = *next_datagram(UINT64_MAX);
    assert_true(back.to_mn);
    before = w.mn;
    for (size_t i = 48; i < back.len; i++) /* from the home address on */
        for (int cut = 0; cut < 2; cut++) {
            struct datagram bad = back;

            bad.octets[i] ^= 1;
            assert_int_equal(to_mn((struct lk_mip_mn6_event){
                                 .kind = LK_MIP_MN6_EV_RECEIVED,
                                 .received = lk_span_of(cut ? back.octets : bad.octets,
                                                        cut ? i : bad.len) }),
                             LK_OK);
            assert_memory_equal(&before, &w.mn, sizeof before);
        }
    run(1000);
    agreed();
}

/* A link that does all that links do, and a node that moves: when it is better again, both ends
 * are of one mind. */
static void test_bad_links(void **state)
{
    static const char *const places[] = { "2001:db8:99::31", "198.51.100.32", "2001:db8:99::33",
                                          "198.51.100.34", "198.51.100.35", "2001:db8:99::36" };

    for (uint64_t seed = 1; seed <= 300; seed++) {
        begin(seed);
        w.lost = (unsigned)(seed % 5) * 12;
        w.repeated = (unsigned)(seed % 3) * 30;
        w.altered = (unsigned)(seed % 4) * 8;
        if (seed % 7 == 0)
            w.mn_clock_ms = (uint64_t)(seed % 2 == 0 ? 3600000 : -3600000);
        start(seed % 2 == 0 ? "2001:db8:99::23" : "198.51.100.23");
        for (size_t i = 0; i < LK_COUNT_OF(places); i++) {
            run(any_bits() % 20000);
            if (w.mn.state != LK_MIP_MN6_FAILED)
                move(places[i]);
        }
        w.lost = w.repeated = w.altered = 0;
        if (w.mn.state == LK_MIP_MN6_FAILED)
            start("2001:db8:99::23");
        run(120000);
        agreed();
    }
}

/* Keys that live for ten minutes, for a day: a new one is there before each end, and there never is
 * no binding. T26: the home agent hears of each a while after the node does. */
static void test_t30_keys_are_renewed(void **state)
{
    begin(3);
    w.lost = 20;
    w.agents[0].ends_ms = w.now_ms + 600000;
    give_key(&w.agents[0]);
    start("2001:db8:99::23");
    run(60000);
    for (unsigned minute = 1; minute < 24 * 60; minute++) {
        if (minute % 8 == 0) {
            struct lk_mip_msa next = msa(SPI + minute, w.now_ms + 600000);

            give_key(&next);
            run(2000);
            w.agents[minute / 8 % KEYS] = next;
        }
        run(60000);
        assert_true(lk_mip_mn6_is_bound(&w.mn));
        assert_int_equal(w.ha.state, LK_MIP_HA6_ACTIVE);
        assert_true(w.ha.expires_ms > w.now_ms);
    }
    assert_int_equal(w.failures, 0);
    assert_true(w.kept > 100);
}

/* spec: RFC 4285 6 - a clock that is an hour off is set by the first acknowledgement. */
static void test_a_wrong_clock(void **state)
{
    for (int ahead = 0; ahead < 2; ahead++) {
        begin(4);
        w.mn_clock_ms = (uint64_t)(ahead ? 3600000 : -3600000);
        start("2001:db8:99::23");
        run(5000);
        agreed();
        assert_int_equal(w.updates, 2);
        run(900000);
        agreed();
        assert_int_equal(w.failures, 0);
    }
}

static void test_a_release(void **state)
{
    begin(5);
    start("198.51.100.23");
    run(5000);
    agreed();
    assert_int_equal(to_mn((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_STOP }), LK_OK);
    run(5000);
    assert_int_equal(w.mn.state, LK_MIP_MN6_RELEASED);
    assert_int_equal(w.ha.state, LK_MIP_HA6_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t26_five_lost_acknowledgements),
        cmocka_unit_test(test_an_altered_octet_is_believed_nowhere),
        cmocka_unit_test(test_bad_links),
        cmocka_unit_test(test_t30_keys_are_renewed),
        cmocka_unit_test(test_a_wrong_clock),
        cmocka_unit_test(test_a_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
