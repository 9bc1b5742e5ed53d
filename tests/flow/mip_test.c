/* Mobile IPv4, three ends back to back: mobile node, home agent, home AAA, over a link that loses,
 * repeats, delays and alters. No network, no clock. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "node/mip_msas.h"
#include "proto/mip/keygen.h"
#include "proto/mip/mn.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { AAA_SPI = 1000, SUBJECT = 7, DATAGRAMS = 256, OCTETS = 1024, MSAS = 8 };

struct datagram {
    bool there, to_mn;
    uint64_t at_ms;
    size_t len;
    uint8_t octets[OCTETS];
};

static struct world {
    uint64_t now_ms, seed, mn_clock_ms;
    struct lk_mip_mn mn;
    struct lk_mip_mn_config mn_config;
    struct lk_mip_ha ha;
    struct lk_mip_ha_config ha_config;
    struct lk_mip_keygen keygen;
    struct lk_mip_keygen_config keygen_config;
    struct lk_mip_msa aaa;
    alignas(16) uint8_t memory[65536];
    struct lk_mip_msas *msas;
    unsigned lost, repeated, altered; /* of 100 */
    bool no_replies;
    unsigned copied; /* so many requests somebody copies, and is faster with it, from elsewhere */
    struct datagram on_the_way[DATAGRAMS];
    size_t nonces, changes, bounds, failures;
    uint8_t last_nonce[LK_MIP_NONCE_LEAST];
    uint8_t place; /* last octet of the care-of address */
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

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

/* ---- the link ---- */

static void put_on(struct lk_span octets, bool to_mn)
{
    for (size_t i = 0; i < DATAGRAMS; i++) {
        struct datagram *d = &w.on_the_way[i];

        if (d->there)
            continue;
        d->there = true;
        d->to_mn = to_mn;
        d->at_ms = w.now_ms + 1 + any_bits() % 700;
        d->len = octets.len;
        memcpy(d->octets, octets.at, octets.len);
        if (chance(w.altered))
            d->octets[any_bits() % d->len] ^= (uint8_t)(1u << any_bits() % 8);
        return;
    }
    fail_msg("the link is full");
}

static void transmit(struct lk_span octets, bool to_mn)
{
    if (chance(w.lost) || (to_mn && w.no_replies))
        return;
    put_on(octets, to_mn);
    if (chance(w.repeated))
        put_on(octets, to_mn);
}

/* ---- home agent and home AAA ---- */

static const struct lk_mip_grant *ask_aaa(struct lk_mip_keygen_outbox *out,
                                          const struct lk_mip_request *request)
{
    struct lk_mip_keygen_event event = { .kind = LK_MIP_KEYGEN_EV_REQUEST, .now_ms = w.now_ms,
                                         .request = request };
    const struct lk_mip_keygen_output *item;

    if (request->extensions.auth[LK_MIP_MN_AAA_AUTH].spi == AAA_SPI)
        event.with = &w.aaa;
    for (size_t i = 0; i < sizeof event.entropy; i++)
        event.entropy[i] = (uint8_t)(any_bits() >> 16);
    if (lk_mip_keygen_step(&w.keygen, &w.keygen_config, &event, out) != LK_OK)
        return NULL;
    item = lk_mip_keygen_find(out, LK_MIP_KEYGEN_OUT_GRANT);
    if (w.keygen.state == LK_MIP_KEYGEN_GIVEN &&
        !lk_span_equal(LK_SPAN(w.keygen.home.octets), LK_SPAN(w.last_nonce))) {
        memcpy(w.last_nonce, w.keygen.home.octets, sizeof w.last_nonce);
        w.nonces++;
    }
    return item == NULL ? NULL : &item->given.grant;
}

static uint64_t digest_of(struct lk_span octets)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < octets.len; i++)
        digest = (digest ^ octets.at[i]) * UINT64_C(1099511628211);
    return digest | 1;
}

/* from: of the datagram; NULL: the care-of address. */
static void at_agent(struct lk_span octets, const struct lk_address *from)
{
    struct lk_mip_request request;
    struct lk_mip_keygen_outbox given = { .count = 0 };
    struct lk_mip_ha_outbox out;
    const struct lk_mip_ha_output *send;
    struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = w.now_ms,
                                     .request = &request, .port = LK_MIP_PORT,
                                     .digest = digest_of(octets), .home = ipv4(10, 45, 0, 7),
                                     .agent = ipv4(192, 0, 2, 1) };

    if (lk_mip_request_decode(&request, octets) != LK_OK)
        return;
    event.from = from == NULL ? request.care_of : *from;
    if (lk_mip_has(&request.extensions, LK_MIP_MN_HA_AUTH))
        event.with = lk_mip_msas_find(w.msas, SUBJECT,
                                      request.extensions.auth[LK_MIP_MN_HA_AUTH].spi, w.now_ms);
    if (lk_mip_has(&request.extensions, LK_MIP_MN_AAA_AUTH))
        event.grant = ask_aaa(&given, &request);
    if (lk_mip_ha_step(&w.ha, &w.ha_config, &event, &out) != LK_OK)
        return;
    if (lk_mip_ha_find(&out, LK_MIP_HA_OUT_CHANGED) != NULL) {
        w.changes++;
        if (event.with != NULL)
            lk_mip_msas_used(w.msas, SUBJECT, event.with->there.spi);
        if (event.grant != NULL && event.grant->mn_ha)
            lk_mip_msas_put(w.msas, SUBJECT, &event.grant->msa, w.now_ms);
    }
    send = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND);
    if (send != NULL && from == NULL)
        transmit(send->send, true);
}

/* ---- mobile node ---- */

static enum lk_status to_mn(struct lk_mip_mn_event event)
{
    struct lk_mip_mn_outbox out;
    const struct lk_mip_mn_output *send;
    enum lk_status status;

    event.now_ms = w.now_ms + w.mn_clock_ms;
    event.entropy = any_bits() ^ any_bits() << 32;
    status = lk_mip_mn_step(&w.mn, &w.mn_config, &event, &out);
    send = lk_mip_mn_find(&out, LK_MIP_MN_OUT_SEND);
    if (send != NULL)
        transmit(send->send.octets, false);
    w.bounds += lk_mip_mn_find(&out, LK_MIP_MN_OUT_BOUND) != NULL;
    w.failures += lk_mip_mn_find(&out, LK_MIP_MN_OUT_FAILED) != NULL;
    return status;
}

static struct lk_mip_mn_place place(uint8_t last)
{
    w.place = last;
    return (struct lk_mip_mn_place){ .care_of = ipv4(198, 51, 100, last) };
}

static void begin(uint64_t seed)
{
    memset(&w, 0, sizeof w);
    w.now_ms = NOW;
    w.seed = seed;
    lk_mip_mn_init(&w.mn);
    lk_mip_mn_defaults(&w.mn_config);
    w.mn_config.nai = lk_span_text("0001010123456789@realm");
    lk_mip_ha_init(&w.ha);
    lk_mip_ha_defaults(&w.ha_config);
    lk_mip_keygen_init(&w.keygen);
    lk_mip_keygen_defaults(&w.keygen_config);
    assert_true(lk_mip_msas_size(MSAS) <= sizeof w.memory);
    w.msas = lk_mip_msas_in(w.memory, MSAS, seed);
    w.aaa = (struct lk_mip_msa){ .there = { .spi = AAA_SPI, .algorithm = LK_MIP_HMAC_SHA256,
                                            .secret = { .len = 32 } },
                                 .ends_ms = UINT64_MAX };
    memset(w.aaa.there.secret.octets, 0x40, 32);
    assert_int_equal(to_mn((struct lk_mip_mn_event){
                         .kind = LK_MIP_MN_EV_KEYS, .keys = { .aaa = true, .msa = w.aaa } }),
                     LK_OK);
}

static void start(void)
{
    assert_int_equal(to_mn((struct lk_mip_mn_event){
                         .kind = LK_MIP_MN_EV_START,
                         .start = { .place = place(23), .agent = ipv4(192, 0, 2, 1) } }),
                     LK_OK);
}

static void move(uint8_t last)
{
    assert_int_equal(to_mn((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_MOVE,
                                                     .move = place(last) }),
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
    const struct lk_address elsewhere = ipv4(203, 0, 113, 66);
    struct datagram copy = *d;

    d->there = false;
    w.now_ms = copy.at_ms;
    if (copy.to_mn) {
        (void)to_mn((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_RECEIVED,
                                              .received = lk_span_of(copy.octets, copy.len) });
        return;
    }
    if (w.copied > 0) {
        w.copied--;
        at_agent(lk_span_of(copy.octets, copy.len), &elsewhere);
    }
    at_agent(lk_span_of(copy.octets, copy.len), NULL);
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
            assert_int_equal(
                to_mn((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_EXPIRED }), LK_OK);
        } else {
            w.now_ms = end_ms;
            return;
        }
    }
}

/* Both ends have the same key, address and place. */
static void agreed(void)
{
    const struct lk_mip_msa *theirs =
        lk_mip_msas_find(w.msas, SUBJECT, w.mn.keys.with.msa.there.spi, w.now_ms);
    const struct lk_address home = ipv4(10, 45, 0, 7);

    assert_int_equal(w.mn.state, LK_MIP_MN_BOUND);
    assert_int_equal(w.ha.state, LK_MIP_HA_ACTIVE);
    assert_non_null(theirs);
    assert_memory_equal(&theirs->there.secret, &w.mn.keys.with.msa.there.secret,
                        sizeof theirs->there.secret);
    assert_int_equal(theirs->spi_back, w.mn.keys.with.msa.spi_back);
    assert_true(lk_address_equal(&w.mn.home, &home));
    assert_int_equal(w.ha.care_of.octets[3], w.place);
}

/* ---- tests ---- */

/* T26: the reply is lost five times; one nonce, no lock-out. */
static void test_t26_five_lost_replies(void **state)
{
    begin(1);
    w.no_replies = true;
    start();
    run(31000);
    assert_int_equal(w.mn.state, LK_MIP_MN_AWAIT_BOUND);
    assert_true(w.changes >= 5);
    w.no_replies = false;
    run(40000);
    agreed();
    assert_int_equal(w.nonces, 1);
    assert_int_equal(w.failures, 0);
}

/* T10, T12, T25: each octet of the request and of the reply altered once, and each cut at every
 * length: neither end changes. */
static void test_an_altered_octet_is_believed_nowhere(void **state)
{
    struct datagram sent, back;
    struct lk_mip_mn before;

    begin(2);
    start();
    sent = *next_datagram(UINT64_MAX);
    for (size_t i = 0; i < sent.len; i++) {
        sent.octets[i] ^= 1;
        at_agent(lk_span_of(sent.octets, sent.len), NULL);
        sent.octets[i] ^= 1;
        at_agent(lk_span_of(sent.octets, i), NULL);
    }
    assert_int_equal(w.changes + w.nonces, 0);
    assert_int_equal(w.ha.state, LK_MIP_HA_NONE);
    deliver(next_datagram(UINT64_MAX));
    assert_int_equal(w.changes, 1);
    back = *next_datagram(UINT64_MAX);
    assert_true(back.to_mn);
    before = w.mn;
    for (size_t i = 0; i < back.len; i++)
        for (int cut = 0; cut < 2; cut++) {
            struct datagram bad = back;

            bad.octets[i] ^= 1;
            assert_int_equal(to_mn((struct lk_mip_mn_event){
                                 .kind = LK_MIP_MN_EV_RECEIVED,
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
    for (uint64_t seed = 1; seed <= 300; seed++) {
        begin(seed);
        w.lost = (unsigned)(seed % 5) * 12;
        w.repeated = (unsigned)(seed % 3) * 30;
        w.altered = (unsigned)(seed % 4) * 8;
        if (seed % 2 == 0)
            w.keygen_config.replay = LK_MIP_NONCES;
        if (seed % 7 == 0)
            w.mn_clock_ms = (uint64_t)(seed % 2 == 0 ? 3600000 : -3600000);
        start();
        for (uint8_t i = 0; i < 6; i++) {
            run(any_bits() % 20000);
            if (w.mn.state != LK_MIP_MN_FAILED)
                move((uint8_t)(100 + i));
        }
        w.lost = w.repeated = w.altered = 0;
        if (w.mn.state == LK_MIP_MN_FAILED)
            start();
        run(120000);
        agreed();
    }
}

/* Keys that live for ten minutes, for a day: renewed in time, and never without a binding. T24: no
 * nonce twice. */
static void test_t30_keys_are_renewed(void **state)
{
    begin(3);
    w.keygen_config.lifetime_s = 600;
    w.lost = 20;
    start();
    run(60000);
    for (unsigned minute = 0; minute < 24 * 60; minute++) {
        run(60000);
        assert_true(lk_mip_mn_is_bound(&w.mn));
        assert_int_equal(w.ha.state, LK_MIP_HA_ACTIVE);
        assert_true(w.ha.expires_ms > w.now_ms);
    }
    assert_int_equal(w.failures, 0);
    assert_true(w.nonces > 100);
    w.lost = 0;
    run(600000);
    agreed();
}

/* spec: RFC 5944 5.7.1 - a clock that is an hour off is set by the first reply, one nonce of which
 * is used. */
static void test_a_wrong_clock(void **state)
{
    for (int ahead = 0; ahead < 2; ahead++) {
        begin(4);
        w.mn_clock_ms = (uint64_t)(ahead ? 3600000 : -3600000);
        start();
        run(900000);
        agreed();
        assert_int_equal(w.failures, 0);
        assert_int_equal(w.nonces, 1);
    }
}

/* T12: somebody copies what the node asks, and is faster with it, from his own place: with its
 * first request, a move and a renewal. What the node then believes to have it has. */
static void test_t12_a_copy_that_is_faster_keeps_nothing(void **state)
{
    begin(6);
    w.copied = 2; /* that it asks anew, too */
    start();
    run(10000);
    agreed();
    assert_int_equal(w.ha.from.octets[3], 23);
    w.copied = 1;
    move(24);
    run(10000);
    agreed();
    assert_int_equal(w.ha.from.octets[3], 24);
    w.copied = 1;
    run(1800000);
    assert_int_equal(w.copied, 0);
    agreed();
    assert_int_equal(w.ha.from.octets[3], 24);
    assert_int_equal(w.failures, 0);
}

static void test_a_release(void **state)
{
    begin(5);
    start();
    run(5000);
    agreed();
    assert_int_equal(to_mn((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_STOP }), LK_OK);
    run(5000);
    assert_int_equal(w.mn.state, LK_MIP_MN_RELEASED);
    assert_int_equal(w.ha.state, LK_MIP_HA_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t26_five_lost_replies),
        cmocka_unit_test(test_an_altered_octet_is_believed_nowhere),
        cmocka_unit_test(test_bad_links),
        cmocka_unit_test(test_t30_keys_are_renewed),
        cmocka_unit_test(test_a_wrong_clock),
        cmocka_unit_test(test_t12_a_copy_that_is_faster_keeps_nothing),
        cmocka_unit_test(test_a_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
