/* PMIPv6, both ends: gateways' machines and the anchor over a link that loses, doubles, delays and
 * reorders, on a clock of the test's own. Devices attach, move, renew and leave; after every event
 * the invariants hold, and once the faults stop all agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { DEVICES = 6, MAGS = 2, FLIGHTS = 64, SEEDS = 25, STEPS = 400 };

struct flight {
    uint64_t at_ms; /* 0: free */
    bool up;        /* to the anchor */
    uint32_t mag;
    size_t len;
    uint8_t octets[LK_PMIP_MAG_OCTETS];
};

struct session {
    struct lk_pmip_mag machine;
    uint64_t timer_ms; /* 0: none */
};

static struct {
    struct anchor_rig *rig;
    struct lk_pmip_mag_config mag;
    struct session session[MAGS][DEVICES];
    struct flight flight[FLIGHTS];
    uint16_t sequence;
    uint64_t random;
    unsigned loss; /* percent */
    struct lk_address home[DEVICES]; /* once given, it stays */
    uint64_t epoch[DEVICES], timestamp[DEVICES], attach_ms[DEVICES];
} w;

static unsigned chance(unsigned below)
{
    w.random = w.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w.random >> 33) % below;
}

static void fly(bool up, uint32_t mag, struct lk_span octets)
{
    unsigned copies = chance(100) < w.loss ? 0 : chance(100) < w.loss ? 2 : 1;

    for (size_t i = 0; i < FLIGHTS && copies > 0; i++) {
        struct flight *f = &w.flight[i];

        if (f->at_ms != 0)
            continue;
        f->at_ms = w.rig->now_ms + 1 + chance(w.loss > 0 ? 120 : 3);
        f->up = up;
        f->mag = mag;
        f->len = octets.len;
        memcpy(f->octets, octets.at, octets.len);
        copies--;
    }
}

static void step_mag(uint32_t mag, unsigned device, struct lk_pmip_mag_event *event)
{
    struct session *s = &w.session[mag - 1][device];
    struct lk_pmip_mag_outbox out;

    event->now_ms = w.rig->now_ms;
    event->sequence = ++w.sequence;
    if (lk_pmip_mag_step(&s->machine, &w.mag, event, &out) != LK_OK)
        return;
    s->timer_ms = 0;
    for (size_t i = 0; i < out.count; i++)
        switch (out.item[i].kind) {
        case LK_PMIP_MAG_OUT_SEND: fly(true, mag, out.item[i].send); break;
        case LK_PMIP_MAG_OUT_TIMER: s->timer_ms = out.item[i].timer_ms; break;
        case LK_PMIP_MAG_OUT_BOUND: {
            struct lk_address home = lk_address_v4(out.item[i].bound.ipv4.octets);

            assert_true(lk_address_is_any(&w.home[device]) ||
                        lk_address_equal(&home, &w.home[device]));
            w.home[device] = home;
            break;
        }
        case LK_PMIP_MAG_OUT_FAILED:
        case LK_PMIP_MAG_OUT_RELEASED: break;
        }
}

/* Invariants 8 to 10. */
static void look(void)
{
    for (unsigned d = 0; d < DEVICES; d++) {
        const struct lk_binding *b = anchor_binding(w.rig, d + 1);

        if (b == NULL)
            continue;
        assert_true(b->pmip.epoch >= w.epoch[d] && b->pmip.timestamp >= w.timestamp[d]);
        assert_true(b->pmip.attach_ms >= w.attach_ms[d]);
        w.epoch[d] = b->pmip.epoch;
        w.timestamp[d] = b->pmip.timestamp;
        w.attach_ms[d] = b->pmip.attach_ms;
        for (unsigned other = 0; other < d; other++) {
            const struct lk_binding *o = anchor_binding(w.rig, other + 1);

            assert_true(o == NULL || !lk_span_equal(LK_SPAN(o->ipv4.octets),
                                                    LK_SPAN(b->ipv4.octets)));
        }
    }
}

static void answers(void)
{
    for (size_t i = 0; i < w.rig->out.count; i++)
        if (w.rig->out.item[i].kind == LK_ANCHOR_OUT_SEND)
            fly(false, w.rig->out.item[i].mag, w.rig->out.item[i].octets);
    look();
}

static void land(struct flight *f)
{
    if (f->up) {
        (void)anchor_give(w.rig, f->mag, lk_span_of(f->octets, f->len));
        answers();
    } else {
        for (unsigned d = 0; d < DEVICES; d++)
            step_mag(f->mag, d, &(struct lk_pmip_mag_event){
                                    .kind = LK_PMIP_MAG_EV_RECEIVED,
                                    .received = lk_span_of(f->octets, f->len) });
    }
    f->at_ms = 0;
}

static bool flies(void)
{
    for (size_t i = 0; i < FLIGHTS; i++)
        if (w.flight[i].at_ms != 0)
            return true;
    return false;
}

static void pass(uint64_t ms)
{
    for (uint64_t end = w.rig->now_ms + ms; w.rig->now_ms < end;) {
        uint64_t left = end - w.rig->now_ms;

        anchor_tick(w.rig, w.rig->now_ms + (flies() || left < 16 ? 1 : 16));
        answers();
        for (size_t i = 0; i < FLIGHTS; i++)
            if (w.flight[i].at_ms != 0 && w.flight[i].at_ms <= w.rig->now_ms)
                land(&w.flight[i]);
        for (uint32_t mag = 1; mag <= MAGS; mag++)
            for (unsigned d = 0; d < DEVICES; d++)
                if (w.session[mag - 1][d].timer_ms != 0 &&
                    w.session[mag - 1][d].timer_ms <= w.rig->now_ms)
                    step_mag(mag, d,
                             &(struct lk_pmip_mag_event){ .kind = LK_PMIP_MAG_EV_EXPIRED });
    }
}

/* The AAA has let the device in at that gateway. */
static void attach(uint32_t mag, unsigned d, uint8_t handoff)
{
    struct anchor_token token =
        anchor_token_of(w.rig, d + 1, w.rig->config.mag[mag - 1].name, w.rig->now_ms);
    char nai[64];

    (void)snprintf(nai, sizeof nai, "000101%010u@nai.epc", d + 1);
    lk_pmip_mag_init(&w.session[mag - 1][d].machine);
    step_mag(mag, d, &(struct lk_pmip_mag_event){
                         .kind = LK_PMIP_MAG_EV_ATTACH,
                         .attach = { .nai = lk_span_text(nai),
                                     .service = lk_span_text("internet"),
                                     .token = lk_span_of(token.octets, token.len),
                                     .handoff = handoff,
                                     .access = LK_ACCESS_80211,
                                     .want_ipv4 = true,
                                     .want_ipv6 = true } });
}

static void detach(uint32_t mag, unsigned d)
{
    step_mag(mag, d, &(struct lk_pmip_mag_event){ .kind = LK_PMIP_MAG_EV_DETACH });
}

static void begin(uint64_t seed, unsigned loss)
{
    memset(&w, 0, sizeof w);
    w.random = seed * 2 + 1;
    w.loss = loss;
    w.rig = anchor_rig_open(DEVICES);
    w.rig->config.lma.window_ms = 200;
    w.rig->config.lma.lifetime_max = 30;
    lk_pmip_mag_defaults(&w.mag);
    w.mag.tries = 20;
}

static void without_faults_all_is_told_once(void **state)
{
    begin(1, 0);
    attach(1, 0, LK_HANDOFF_NEW);
    pass(20);
    assert_true(lk_pmip_mag_is_bound(&w.session[0][0].machine));
    pass(200000); /* renewed, and renewed */
    assert_true(lk_pmip_mag_is_bound(&w.session[0][0].machine));
    assert_int_equal(w.rig->anchor.counters.refused, 0);
    attach(2, 0, LK_HANDOFF_UNKNOWN);
    pass(100);
    assert_int_equal(anchor_binding(w.rig, 1)->pmip.state, LK_PMIP_LMA_HELD);
    detach(1, 0); /* late by a little */
    pass(20);
    assert_int_equal(anchor_binding(w.rig, 1)->pmip.mag, 2);
    assert_true(lk_pmip_mag_is_bound(&w.session[1][0].machine));
    assert_int_equal(w.session[0][0].machine.state, LK_PMIP_MAG_RELEASED);
    detach(2, 0);
    pass(11000);
    assert_int_equal(anchor_binding(w.rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
    anchor_rig_close(w.rig);
}

/* Where each device is at the end, in the eyes of the AAA, and of the anchor. */
static void with_faults_all_agree_in_the_end(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint32_t at[DEVICES] = { 0 };

        begin(seed, 25);
        for (unsigned i = 0; i < STEPS / DEVICES; i++) {
            unsigned d = chance(DEVICES);
            uint32_t to = 1 + chance(MAGS);

            if (at[d] != 0 && chance(3) == 0) {
                detach(at[d], d);
                at[d] = 0;
            } else if (to != at[d]) {
                attach(to, d, (uint8_t)(1 + chance(4)));
                if (at[d] != 0 && chance(2) == 0)
                    detach(at[d], d);
                at[d] = to;
            }
            pass(1 + chance(700));
        }
        /* The faults stop; each device attaches once more. */
        w.loss = 0;
        pass(100000);
        for (unsigned d = 0; d < DEVICES; d++)
            attach(at[d] = 1 + d % MAGS, d, LK_HANDOFF_NEW);
        pass(40000);
        for (unsigned d = 0; d < DEVICES; d++) {
            const struct lk_binding *b = anchor_binding(w.rig, d + 1);
            struct lk_address home = anchor_home(w.rig, d + 1);

            assert_int_equal(b->pmip.mag, at[d]);
            assert_int_equal(b->pmip.state, LK_PMIP_LMA_ACTIVE);
            assert_true(lk_pmip_mag_is_bound(&w.session[at[d] - 1][d].machine));
            assert_true(lk_address_equal(&home, &w.home[d]));
        }
        anchor_rig_close(w.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_all_is_told_once),
        cmocka_unit_test(with_faults_all_agree_in_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
