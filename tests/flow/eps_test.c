/* An attach over LTE, both ends back to back: the one that the judges know; synchronisation; every
 * PDU lost, said twice, cut, changed, played again; who is between the ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "eps_rig.h"
#include "vectors.h"

enum { PDUS = 7, ROUNDS_MAX = 40 };
/* Where in ATTACH REQUEST's PDU the device's capability is: bits of the headers, octets of NAS. */
enum { PDCP_BITS = 8, RRC_BITS = 19, CAPABILITY_AT = 13 };

/* ---- one PDU after the other ---- */

/* What somebody between the ends does to PDU number at. */
enum harm { LOST, TWICE, CHANGED, CUT };
struct somebody {
    unsigned at;
    enum harm harm;
    size_t how; /* CHANGED: which bit; CUT: what is left */
};

static void hears(struct eps_rig *rig, bool network, const struct lk_eps_pdu *pdu)
{
    if (network)
        (void)!eps_network_hears(rig, pdu);
    else
        (void)!eps_device_hears(rig, pdu);
}

static void pass(struct eps_rig *rig, bool network, unsigned number, const struct somebody *who)
{
    struct eps_end *from = network ? &rig->at_device : &rig->at_network;
    struct lk_eps_pdu pdu = from->pdu;

    from->pdu.len = 0;
    if (who == NULL || who->at != number) {
        hears(rig, network, &pdu);
        return;
    }
    switch (who->harm) {
    case LOST: return;
    case TWICE: hears(rig, network, &pdu); break;
    case CHANGED: pdu.octets[who->how / 8] ^= (uint8_t)(0x80 >> who->how % 8); break;
    case CUT: pdu.len = who->how; break;
    }
    hears(rig, network, &pdu);
}

static void answer_questions(struct eps_rig *rig)
{
    struct lk_eps_event event;

    if (rig->at_network.asks) {
        rig->at_network.asks = false;
        eps_vector(rig, &event);
        (void)!eps_network(rig, &event);
    }
    if (rig->at_device.asks) {
        rig->at_device.asks = false;
        eps_card(rig, &event);
        (void)!eps_device(rig, &event);
    }
}

/* Whose timer is the next. */
static void wait(struct eps_rig *rig)
{
    bool network = rig->network.state != LK_EPS_NETWORK_IDLE &&
                   rig->network.state != LK_EPS_NETWORK_ATTACHED &&
                   (rig->network.due_ms <= rig->device.due_ms ||
                    rig->device.state == LK_EPS_DEVICE_ATTACHED ||
                    rig->device.state == LK_EPS_DEVICE_IDLE);

    rig->now_ms = network ? rig->network.due_ms : rig->device.due_ms;
    if (network)
        (void)!eps_network_on(rig, LK_EPS_EV_EXPIRED);
    else
        (void)!eps_device_on(rig, LK_EPS_EV_EXPIRED);
}

static bool is_over(const struct eps_rig *rig)
{
    bool network = rig->network.state == LK_EPS_NETWORK_IDLE ||
                   rig->network.state == LK_EPS_NETWORK_ATTACHED;
    bool device = rig->device.state == LK_EPS_DEVICE_IDLE ||
                  rig->device.state == LK_EPS_DEVICE_ATTACHED;

    return network && device && rig->at_network.pdu.len == 0 && rig->at_device.pdu.len == 0;
}

/* Carries on what has begun until both ends have done with it. T53: they do, whatever happens. */
static void go_on(struct eps_rig *rig, const struct somebody *who)
{
    unsigned number = 0;

    for (unsigned round = 0; round < ROUNDS_MAX && !is_over(rig); round++) {
        answer_questions(rig);
        if (rig->at_device.pdu.len > 0)
            pass(rig, true, number++, who);
        else if (rig->at_network.pdu.len > 0)
            pass(rig, false, number++, who);
        else if (!rig->at_network.asks && !rig->at_device.asks)
            wait(rig);
    }
    assert_true(is_over(rig));
}

static void attach(struct eps_rig *rig, const struct somebody *who)
{
    assert_int_equal(eps_device_on(rig, LK_EPS_EV_ATTACH), LK_OK);
    go_on(rig, who);
}

static void assert_attached(const struct eps_rig *rig, unsigned times)
{
    assert_int_equal(rig->network.state, LK_EPS_NETWORK_ATTACHED);
    assert_int_equal(rig->device.state, LK_EPS_DEVICE_ATTACHED);
    assert_int_equal(rig->at_network.contexts, times);
    assert_int_equal(rig->at_device.contexts, times);
    assert_true(eps_same(&rig->at_network.context, &rig->at_device.context));
}

/* ---- an attach ---- */

/* spec: TS 24.301 5.5.1.2.2 - ATTACH REQUEST begins it.
 * spec: TS 24.301 5.4.2.2 - AUTHENTICATION REQUEST follows.
 * spec: TS 24.301 5.4.3.2 - SECURITY MODE COMMAND is the first protected message, of COUNT 0.
 * spec: TS 33.401 A.2 - KASME, of Milenage's test set 19.
 * spec: TS 33.401 A.3 - KeNB, of uplink NAS COUNT 0.
 * spec: TS 33.401 A.4 - the first NH.
 * spec: TS 33.401 7.2.6.1 - KeNB of the COUNT of SECURITY MODE COMPLETE. */
static void the_attach_is_the_one_that_the_judges_know(void **state)
{
    json_t *file = vectors_load("nas");
    const json_t *run = json_object_get(file, "attach"), *pdus = json_object_get(run, "pdus");
    struct lk_k_rrc_int key;
    struct eps_rig rig;

    eps_begin(&rig);
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    for (size_t i = 0; i < PDUS; i++) {
        bool uplink = i % 2 == 0;
        const struct lk_eps_pdu *pdu = uplink ? &rig.at_device.pdu : &rig.at_network.pdu;

        assert_vector(json_array_get(pdus, i), "pdu", pdu->octets, pdu->len);
        pass(&rig, uplink, 0, NULL);
        answer_questions(&rig);
    }
    assert_attached(&rig, 1);
    assert_vector(run, "kasme", rig.at_device.context.kasme.octets, 32);
    assert_vector(run, "kenb", rig.at_device.context.kenb.octets, 32);
    assert_vector(run, "nh", rig.at_device.context.nh.octets, 32);
    assert_string_equal(rig.at_network.context.imsi.digits, vector_text(run, "imsi"));
    lk_k_rrc_int_derive(&key, &rig.at_network.context.kenb, LK_EPS_EIA2);
    assert_vector(run, "k_rrc_int", key.octets, sizeof key.octets);
    assert_int_equal(rig.at_device.context.nas_uplink, 1);
    assert_int_equal(rig.at_device.context.nas_downlink, 1);
    json_decref(file);
}

/* The bearer of the context goes on where the attach left it: no COUNT twice under K_RRCint. */
static void srb1_goes_on_in_its_context(void **state)
{
    struct lk_k_rrc_int key;
    struct lk_srb *enb, *ue;
    uint8_t room[64];
    struct lk_span message;
    struct eps_rig rig;

    eps_begin(&rig);
    attach(&rig, NULL);
    assert_attached(&rig, 1);
    lk_k_rrc_int_derive(&key, &rig.at_network.context.kenb, LK_EPS_EIA2);
    enb = &rig.at_network.context.srb;
    ue = &rig.at_device.context.srb;
    assert_int_equal(enb->send_next, 3);
    assert_int_equal(ue->send_next, 4);
    for (unsigned i = 0; i < 80; i++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_srb *from = i % 2 == 0 ? enb : ue, *to = i % 2 == 0 ? ue : enb;

        assert_int_equal(lk_srb_send(from, &w, &key, lk_span_text("on")), LK_OK);
        assert_int_equal(lk_srb_receive(to, &message, &key, lk_writer_span(&w)), LK_OK);
    }
}

/* spec: TS 33.401 6.3 - a device that attaches again has a new context, under another key set, of a
 * fresh challenge. */
static void another_attach_is_another_context(void **state)
{
    struct lk_eps_context first;
    struct eps_rig rig;

    eps_begin(&rig);
    attach(&rig, NULL);
    first = rig.at_network.context;
    for (unsigned i = 2; i < 12; i++) {
        attach(&rig, NULL);
        assert_attached(&rig, i);
        assert_int_not_equal(rig.at_network.context.ksi, first.ksi);
        assert_true(rig.at_network.context.ksi <= LK_NAS_KSI_MAX);
        assert_memory_not_equal(&rig.at_network.context.kasme, &first.kasme, sizeof first.kasme);
        first = rig.at_network.context;
    }
}

/* ---- synchronisation ---- */

/* spec: TS 24.301 5.4.2.7 - a card that is ahead is heard once, and then attached.
 * A08: AUTS goes with the RAND that it answers. */
static void a_card_that_is_ahead_is_heard_once(void **state)
{
    struct eps_rig rig;
    uint8_t rand[LK_RAND_LEN], ahead[LK_SQN_LEN];

    eps_begin(&rig);
    memcpy(rand, rig.rand, sizeof rand);
    memcpy(ahead, rig.sqn, sizeof ahead);
    ahead[4]++;
    lk_usim_set_sqn(&rig.usim, ahead);
    attach(&rig, NULL);
    assert_attached(&rig, 1);
    assert_int_equal(rig.at_network.questions, 2);
    assert_true(rig.ask_vector.resync);
    assert_memory_equal(rig.ask_vector.rand, rand, sizeof rand);
    /* One that stays ahead is not heard a second time: the device itself gives up first. */
    eps_begin(&rig);
    lk_usim_set_sqn(&rig.usim, ahead);
    rig.deaf = true;
    attach(&rig, NULL);
    assert_int_equal(rig.at_network.questions, 2);
    assert_int_equal(rig.at_device.contexts + rig.at_network.contexts, 0);
    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_AUTS_TWICE);
}

/* ---- a bad link ---- */

static void every_loss_is_made_good(void **state)
{
    for (unsigned at = 0; at < PDUS; at++)
        for (enum harm harm = LOST; harm <= TWICE; harm++) {
            struct somebody who = { at, harm, 0 };
            struct eps_rig rig;

            eps_begin(&rig);
            attach(&rig, &who);
            assert_attached(&rig, 1);
            /* The context is the one that it would have been. */
            assert_int_equal(rig.at_device.context.nas_uplink, 1);
            assert_int_equal(rig.at_network.questions, 1);
            assert_int_equal(rig.at_device.questions, 1);
        }
}

/* Either there is one context at both ends, or somebody has none: no bit is worth two contexts, or
 * an attach that does not end. */
static void nothing_that_is_changed_gives_another_context(void **state)
{
    static struct eps_rig rig;

    for (unsigned at = 0; at < PDUS; at++)
        for (enum harm harm = CHANGED; harm <= CUT; harm++)
            for (size_t how = 0; how < LK_EPS_PDU_MAX * (harm == CHANGED ? 8u : 1u); how++) {
                struct somebody who = { at, harm, how };

                eps_begin(&rig);
                attach(&rig, &who);
                if (rig.at_network.contexts > 0 && rig.at_device.contexts > 0)
                    assert_true(eps_same(&rig.at_network.context, &rig.at_device.context));
                if (rig.at_network.contexts > 0)
                    assert_int_equal(rig.at_device.contexts, 1);
            }
}

/* ---- who is between ---- */

/* What the device can do, each bit of it, is changed on the way: the device sees it in the replay.
 * spec: TS 33.401 7.2.4.4 - bidding down is found out. */
static void a_device_is_not_made_less_than_it_is(void **state)
{
    unsigned seen = 0;

    for (size_t octet = 0; octet < 2; octet++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct eps_rig rig;
            size_t at = PDCP_BITS + RRC_BITS + (CAPABILITY_AT + octet) * 8 + bit;
            struct lk_eps_pdu pdu;

            eps_begin(&rig);
            assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
            pdu = rig.at_device.pdu;
            rig.at_device.pdu.len = 0;
            pdu.octets[at / 8] ^= (uint8_t)(0x80 >> at % 8);
            (void)!eps_network_hears(&rig, &pdu);
            if (rig.network.state == LK_EPS_NETWORK_IDLE) {
                /* The one that it needs was taken away. */
                assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_CAPABILITY);
                continue;
            }
            assert_true(rig.network.capability[0] != 0x80 || rig.network.capability[1] != 0x20);
            go_on(&rig, NULL);
            assert_int_equal(rig.at_device.contexts + rig.at_network.contexts, 0);
            assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_BIDDING_DOWN);
            assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_SECURITY_REJECTED);
            seen++;
        }
    assert_int_equal(seen, 14);
}

/* spec: TS 33.401 6.1.1 - KASME is bound to the serving network; a card's network to its K. */
static void another_network_is_not_believed(void **state)
{
    struct eps_rig rig;

    eps_begin(&rig);
    rig.device_config.sn_id[2] = 0x20;
    attach(&rig, NULL);
    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_COMMAND_MAC);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_SECURITY_REJECTED);
    eps_begin(&rig);
    rig.home.k[0] ^= 1;
    attach(&rig, NULL);
    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_AUTN_MAC);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_AUTN_REFUSED);
    /* A vector that was made for another access. */
    eps_begin(&rig);
    rig.amf[0] &= 0x7f;
    attach(&rig, NULL);
    assert_int_equal(rig.at_device.questions, 0);
    assert_int_equal(rig.at_device.why.reason, LK_REASON_EPS_SEPARATION);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_AUTN_REFUSED);
    assert_int_equal(rig.at_device.contexts + rig.at_network.contexts, 0);
}

/* spec: TS 24.301 4.4.3.1 - everything that a device said is said again by somebody without its
 * card: no context. */
static void a_run_that_is_played_again_ends_nowhere(void **state)
{
    struct lk_eps_pdu said[PDUS];
    struct eps_rig rig;

    eps_begin(&rig);
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    for (unsigned i = 0; i < PDUS; i++) {
        said[i] = i % 2 == 0 ? rig.at_device.pdu : rig.at_network.pdu;
        pass(&rig, i % 2 == 0, 0, NULL);
        answer_questions(&rig);
    }
    assert_attached(&rig, 1);
    for (unsigned i = 0; i < PDUS; i += 2) {
        (void)!eps_network_hears(&rig, &said[i]);
        answer_questions(&rig);
    }
    assert_int_equal(rig.at_network.contexts, 1);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_RES_WRONG);
    /* And what the network said, to a device that begins again. */
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    for (unsigned i = 1; i < PDUS; i += 2) {
        (void)!eps_device_hears(&rig, &said[i]);
        answer_questions(&rig);
    }
    assert_int_equal(rig.at_device.contexts, 1);
}

/* Whoever sends an ATTACH REQUEST in a device's name makes the network ask, and nothing more: the
 * context of before is not touched, and its device hears nothing that it takes. */
static void a_forged_request_ends_no_context(void **state)
{
    struct lk_eps_pdu request;
    struct lk_eps_context before;
    struct eps_rig rig;

    eps_begin(&rig);
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    request = rig.at_device.pdu;
    go_on(&rig, NULL);
    before = rig.at_network.context;
    assert_int_equal(eps_network_hears(&rig, &request), LK_OK);
    answer_questions(&rig);
    assert_int_equal(eps_device_hears(&rig, &rig.at_network.pdu), LK_E_UNEXPECTED);
    rig.at_network.pdu.len = 0;
    go_on(&rig, NULL);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_EPS_NO_ANSWER);
    assert_memory_equal(&before, &rig.at_network.context, sizeof before);
    /* The device itself can attach again. */
    attach(&rig, NULL);
    assert_attached(&rig, 2);
}

/* ---- what is left ---- */

static bool has(const void *memory, size_t size, const void *octets, size_t len)
{
    for (size_t i = 0; i + len <= size; i++)
        if (memcmp((const uint8_t *)memory + i, octets, len) == 0)
            return true;
    return false;
}

/* A machine that is done has no key any more, however it ended. */
static void no_key_is_left_behind(void **state)
{
    struct lk_k_nas_int nas;
    struct eps_rig rig;

    for (unsigned stop = 0; stop < 2; stop++) {
        const struct lk_eps_context *context = &rig.at_network.context;

        eps_begin(&rig);
        attach(&rig, NULL);
        lk_k_nas_int_derive(&nas, &context->kasme, LK_EPS_EIA2);
        if (stop) {
            assert_int_equal(eps_network_on(&rig, LK_EPS_EV_STOP), LK_OK);
            assert_int_equal(eps_device_on(&rig, LK_EPS_EV_STOP), LK_OK);
        }
        assert_false(has(&rig.network, sizeof rig.network, &context->kasme, 32));
        assert_false(has(&rig.network, sizeof rig.network, &context->kenb, 32));
        assert_false(has(&rig.device, sizeof rig.device, &context->kasme, 32));
        assert_false(has(&rig.device, sizeof rig.device, &context->kenb, 32));
        assert_false(has(&rig.network, sizeof rig.network, &nas, sizeof nas));
        assert_false(has(&rig.device, sizeof rig.device, &nas, sizeof nas));
    }
    lk_eps_network_wipe(&rig.network);
    lk_eps_device_wipe(&rig.device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_attach_is_the_one_that_the_judges_know),
        cmocka_unit_test(srb1_goes_on_in_its_context),
        cmocka_unit_test(another_attach_is_another_context),
        cmocka_unit_test(a_card_that_is_ahead_is_heard_once),
        cmocka_unit_test(every_loss_is_made_good),
        cmocka_unit_test(nothing_that_is_changed_gives_another_context),
        cmocka_unit_test(a_device_is_not_made_less_than_it_is),
        cmocka_unit_test(another_network_is_not_believed),
        cmocka_unit_test(a_run_that_is_played_again_ends_nowhere),
        cmocka_unit_test(a_forged_request_ends_no_context),
        cmocka_unit_test(no_key_is_left_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
