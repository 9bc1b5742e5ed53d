/* The MN of MIS through its procedures: full establishment by EAP and by ERP, optimised handovers,
 * what follows when they cannot be, and the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_device_rig.h"

enum { HOME, A, B, B2, C, STRANGER };

static const struct lk_refusal *why(enum lk_mis_device_fact what)
{
    return &rig.fact[what].fact.why;
}

/* spec: IEEE 802.21 9.2 - EAP between MN and home, through the PoS, gives both an SA. */
static void the_first_attach_is_by_eap(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        md_open(udp);
        md_serve(A);
        assert_int_equal(rig.eap_runs, 1);
        assert_false(rig.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp);
        assert_int_equal(lk_mis_device_serving(&rig.d)->sa.type, LK_MIS_SA_EAP);
        assert_int_equal(rig.stored, 0);
        assert_true(rig.has_psk);
        assert_memory_equal(&rig.psk, &rig.home_psk, sizeof rig.psk);
        md_talk();
    }
}

/* spec: RFC 6696 5.3 - one round trip with the home, under keys that EAP left; what ERP cannot, EAP
 * does in the same run. */
static void the_next_one_is_by_erp(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        md_open(udp);
        md_serve(A);
        md_serve(B);
        assert_int_equal(rig.erp_runs, 1);
        assert_true(rig.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp);
        md_restart(); /* what ERP starts from does not outlive the process */
        md_serve(B);
        assert_int_equal(rig.erp_runs, 1);
        assert_int_equal(rig.eap_runs, 2);
        rig.refuses_erp = true;
        md_serve(C);
        assert_int_equal(rig.erp_runs, 1);
        assert_int_equal(rig.eap_runs, 3);
        md_talk();
    }
}

/* spec: TS 33.102 6.3.3 - a card of another K refuses the network: that is told, not only that the
 * PoS says no. */
static void what_the_card_refuses_is_told(void **state)
{
    md_open(false);
    rig.usim.card.k[3] ^= 1;
    assert_int_equal(md_attach(A), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_STAYS], 1);
    assert_int_equal(why(LK_MIS_DEVICE_STAYS)->reason, LK_REASON_AUTN_MAC_WRONG);
    rig.usim.card.k[3] ^= 1;
    md_serve(A);
}

/* Again and again in one moment with one PoS: what is kept of the runs before stops no run. */
static void many_in_a_row(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        md_open(udp);
        for (unsigned i = 0; i < 8; i++)
            md_serve(A);
        assert_int_equal(rig.eap_runs + rig.erp_runs, 8);
        md_talk();
    }
}

/* What the MN says until it has nothing to say. */
static unsigned sayings(void)
{
    unsigned count = 0;

    for (; rig.to_pos.count > 0; count++) {
        struct md_pdu pdu = md_take(&rig.to_pos);

        md_pos_hear(&pdu);
        while (rig.to_mn.count > 0) {
            pdu = md_take(&rig.to_mn);
            (void)!md_hear(&pdu);
        }
    }
    return count;
}

/* spec: RFC 6696 5.1 - EAP's identity answers a Re-auth-Start that the MN has nothing for: full
 * establishment takes four messages of the MN, by ERP three, optimised two; and the way to a target
 * that the MN named is opened while its SPoS asks there. */
static void no_round_is_lost(void **state)
{
    unsigned target;

    md_open(false);
    assert_int_equal(md_attach(A), LK_OK);
    assert_int_equal(sayings(), 4);
    assert_int_equal(md_attach(B), LK_OK);
    assert_int_equal(sayings(), 3);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 2);
    assert_int_equal(md_switched(), LK_OK);
    target = 1u - rig.d.serving;
    assert_int_equal(md_hand_over(C, NULL), LK_OK);
    assert_int_equal(rig.way[target], C);
    assert_int_equal(sayings(), 2);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 1);
}

/* spec: IEEE 802.21.1 5.14.1 - the target becomes the serving PoS, and hands on.
 * spec: IEEE 802.21.1 5.14.2 - at the end of the chain the MN authenticates in full. */
static void three_handovers_and_then_in_full(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        md_open(udp);
        md_serve(A);
        md_hop(B);
        assert_int_equal(rig.stored, 1);
        assert_int_equal(lk_mis_device_serving(&rig.d)->sa.type, LK_MIS_SA_SPOS);
        md_talk();
        md_hop(B2);
        assert_int_equal(rig.eap_runs + rig.erp_runs, 1);
        md_hop(C);
        /* At the end of the chain it authenticates in the background. */
        assert_int_equal(rig.erp_runs, 1);
        assert_int_equal(rig.facts[LK_MIS_DEVICE_FALLBACK], 1);
        assert_int_equal(why(LK_MIS_DEVICE_FALLBACK)->reason, LK_REASON_MIS_CHAIN_END);
        assert_true(rig.fact[LK_MIS_DEVICE_ATTACHED].fact.background);
        assert_int_equal(rig.stored, 0);
        assert_int_equal(md_serving(), C);
        assert_int_equal(lk_mis_device_serving(&rig.d)->sa.type, LK_MIS_SA_EAP);
        md_talk();
        md_hop(A);
        assert_int_equal(rig.stored, 1);
    }
}

/* spec: IEEE 802.21.1 5.14.3 - the MN tells what it knows, and the SPoS finds the target. */
static void the_spos_picks_the_target(void **state)
{
    static const uint8_t likes[] = { LK_MIS_LINK_UMTS, LK_MIS_LINK_GSM };
    static const uint8_t nothing[] = { LK_MIS_LINK_CDMA2000 };
    struct lk_mis_message known = md_known(likes, sizeof likes);

    md_open(false);
    md_serve(A);
    assert_int_equal(md_hand_over(MD_PLACES, &known), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 1);
    assert_int_equal(md_switched(), LK_OK);
    assert_int_equal(md_serving(), B);
    known = md_known(nothing, sizeof nothing);
    assert_int_equal(md_hand_over(MD_PLACES, &known), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_STAYS], 1);
    assert_int_equal(rig.fact[LK_MIS_DEVICE_STAYS].fact.told, LK_MIS_REASON_NO_TARGET);
    assert_int_equal(md_serving(), B);
    md_talk();
}

/* spec: IEEE 802.21.1 5.14.2 - where it cannot be optimised, full establishment with the target. */
static void it_falls_back_and_gets_there(void **state)
{
    static const struct {
        unsigned target;
        bool cut_off, silent_spos, silent_target;
        enum lk_reason reason;
        enum lk_mis_reason told;
    } rows[] = {
        { STRANGER, false, false, false, LK_REASON_MIS_TARGET, LK_MIS_REASON_NONE },
        { B, true, false, false, LK_REASON_MIS_REFUSED, LK_MIS_REASON_UNREACHABLE },
        { B, false, true, false, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
        { B, false, false, true, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        md_open(false);
        md_serve(A);
        rig.place[A].cut_off = rows[i].cut_off;
        assert_int_equal(md_hand_over(rows[i].target, NULL), LK_OK);
        if (rows[i].silent_spos)
            rig.to_pos.count = 0;
        while (rows[i].silent_target && rig.facts[LK_MIS_DEVICE_FALLBACK] == 0) {
            while (rig.to_pos.count > 0 || rig.to_mn.count > 0) {
                struct md_pdu pdu = md_take(rig.to_pos.count > 0 ? &rig.to_pos : &rig.to_mn);

                if (rig.d.mn.state != LK_MIS_MN_HALF_OPEN && rig.place[B].coming.has)
                    (void)!md_hear(&pdu);
                else if (rig.d.mn.state != LK_MIS_MN_HALF_OPEN)
                    md_pos_hear(&pdu);
            }
            (void)!md_expire();
        }
        while (rig.facts[LK_MIS_DEVICE_FALLBACK] == 0 && rows[i].silent_spos)
            (void)!md_expire();
        md_run();
        assert_int_equal(rig.facts[LK_MIS_DEVICE_FALLBACK], 1);
        assert_int_equal(why(LK_MIS_DEVICE_FALLBACK)->reason, rows[i].reason);
        assert_int_equal(rig.fact[LK_MIS_DEVICE_FALLBACK].fact.told, rows[i].told);
        assert_int_equal(rig.erp_runs, 1);
        assert_int_equal(md_serving(), A);
        assert_int_equal(md_switched(), LK_OK);
        assert_int_equal(md_serving(), (int)rows[i].target);
        assert_int_equal(rig.stored, 0);
        md_talk();
    }
}

/* spec: RFC 5677 6.3 - over UDP any message may be lost, once, and comes again. */
static void any_one_of_them_may_be_lost(void **state)
{
    for (unsigned lost = 0, sent = 1; lost < sent; lost++) {
        md_open(true);
        sent = 0;
        assert_int_equal(md_attach(A), LK_OK);
        for (unsigned patience = 0; patience < 40 && rig.facts[LK_MIS_DEVICE_SERVED] == 0;
             patience++) {
            while (rig.to_pos.count > 0 || rig.to_mn.count > 0) {
                bool up = rig.to_pos.count > 0;
                struct md_pdu pdu = md_take(up ? &rig.to_pos : &rig.to_mn);

                if (sent++ == lost)
                    continue;
                if (up)
                    md_pos_hear(&pdu);
                else
                    (void)!md_hear(&pdu);
            }
            if (rig.place[A].sa.has && rig.d.mn.state == LK_MIS_MN_IDLE)
                assert_int_equal(md_hand_over(B, NULL), LK_OK);
            else if (rig.facts[LK_MIS_DEVICE_READY] > 0)
                assert_int_equal(md_switched(), LK_OK);
            else
                (void)!md_expire();
        }
        assert_int_equal(rig.facts[LK_MIS_DEVICE_SERVED], 1);
        assert_int_equal(md_serving(), B);
        assert_int_equal(rig.place[A].handed, 1);
        assert_int_equal(rig.place[A].arrivals, 1);
        md_talk();
    }
}

/* spec: IEEE 802.21 8.6 - either end terminates the SA, under it. */
static void either_end_terminates(void **state)
{
    struct lk_mis_message bye = { .reason = LK_MIS_REASON_NONE };

    lk_mis_mark(&bye, LK_MIS_TLV_REASON);
    for (int theirs = 0; theirs < 2; theirs++) {
        md_open(false);
        md_serve(A);
        md_hop(B);
        if (theirs)
            md_pos_ask(B, LK_MIS_TERMINATION_AUTH, &bye);
        else
            assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_DETACH)), LK_OK);
        md_run();
        assert_int_equal(rig.place[B].lefts, 1);
        assert_int_equal(rig.facts[LK_MIS_DEVICE_LOST], 1);
        assert_int_equal(md_serving(), MD_NOBODY);
        assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_E_NOT_FOUND);
        assert_int_equal(rig.refusal, LK_REASON_MIS_NOT_NOW);
        md_serve(B);
    }
}

/* spec: IEEE 802.21 9.2 - an SA has a lifetime; before its end there is another one. */
static void it_renews_in_the_background(void **state)
{
    uint64_t end_ms;

    md_open(false);
    md_serve(A);
    end_ms = lk_mis_device_serving(&rig.d)->sa.expires_ms;
    while (rig.erp_runs == 0) {
        assert_int_equal(md_expire(), LK_OK);
        md_run();
    }
    assert_true(rig.now_ms + rig.config.renew_ms >= end_ms && rig.now_ms < end_ms);
    assert_true(rig.fact[LK_MIS_DEVICE_ATTACHED].fact.background);
    assert_int_equal(md_serving(), A);
    assert_true(lk_mis_device_serving(&rig.d)->sa.expires_ms > end_ms);
    /* Where nobody answers it ends. */
    while (rig.facts[LK_MIS_DEVICE_LOST] == 0) {
        assert_int_equal(md_expire(), LK_OK);
        rig.to_pos.count = 0;
    }
    assert_int_equal(md_serving(), MD_NOBODY);
}

/* One that lasts no longer than it would be renewed before its end is renewed at half of it, and
 * not again and again. */
static void a_short_one_is_renewed_at_half_of_it(void **state)
{
    uint64_t begun_ms;

    md_open(false);
    rig.config.mn.lifetime_s = 60;
    md_serve(A);
    begun_ms = rig.now_ms;
    for (unsigned runs = 1; runs <= 3; runs++) {
        while (rig.erp_runs < runs) {
            assert_int_equal(md_expire(), LK_OK);
            md_run();
        }
        assert_true(rig.now_ms == begun_ms + UINT64_C(30000) * runs);
    }
}

/* A handover does not wait for what goes on in the background, and is not ended by it. */
static void a_handover_goes_before_a_renewal(void **state)
{
    md_open(false);
    md_serve(A);
    while (!rig.d.authenticating)
        assert_int_equal(md_expire(), LK_OK);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 1);
    assert_int_equal(md_switched(), LK_OK);
    assert_int_equal(md_serving(), B);
}

/* spec: RFC 5677 5 - a stream that ends is opened again; the SA is not the stream's. */
static void a_way_that_is_gone_is_opened_again(void **state)
{
    struct lk_mis_device_event down = md_event(LK_MIS_DEVICE_EV_DOWN);

    md_open(false);
    md_serve(A);
    down.way.link = rig.d.serving;
    rig.way[rig.d.serving] = MD_NOBODY;
    assert_int_equal(md_step(down), LK_OK);
    md_talk();
    /* One that ends under an establishment ends that. */
    assert_int_equal(md_attach(B), LK_OK);
    down.way.link = 1 - rig.d.serving;
    assert_int_equal(md_step(down), LK_OK);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_STAYS], 1);
    assert_int_equal(md_serving(), A);
}

/* A PoS that began anew knows nothing of the SA, and cannot say so: the question ends, and there is
 * another SA without being asked for. */
static void a_pos_that_forgot_is_attached_to_again(void **state)
{
    uint64_t asked_ms;

    md_open(false);
    md_serve(A);
    asked_ms = rig.now_ms;
    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_OK);
    rig.to_pos.count = 0;
    rig.place[A].sa.has = false;
    while (rig.facts[LK_MIS_DEVICE_SILENT] == 0)
        assert_int_equal(md_expire(), LK_OK);
    assert_true(rig.now_ms - asked_ms <= LK_MIS_TRANSACTION_MS);
    assert_int_equal(why(LK_MIS_DEVICE_SILENT)->reason, LK_REASON_MIS_NO_ANSWER);
    assert_string_equal(why(LK_MIS_DEVICE_SILENT)->expected, "an answer of pos1@a.example");
    assert_non_null(lk_mis_device_serving(&rig.d)); /* nothing proves that it is over */
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 2);
    assert_true(rig.fact[LK_MIS_DEVICE_ATTACHED].fact.background);
    md_talk();
}

/* In the middle of a run, wherever that is: the answer may come when the SA that it is under is
 * gone, or the PoS may have replaced it; it is asked again under the next one, and told once. */
static void what_is_asked_while_the_sa_is_replaced_is_answered(void **state)
{
    unsigned again = 0;
    uint64_t end_ms;

    for (unsigned i = 0; i < 2 * 12; i++) {
        md_open(i % 2);
        md_serve(A);
        assert_int_equal(md_attach(A), LK_OK);
        for (unsigned left = i / 2; left > 0 && rig.to_pos.count + rig.to_mn.count > 0; left--) {
            bool up = rig.to_pos.count > 0;
            struct md_pdu pdu = md_take(up ? &rig.to_pos : &rig.to_mn);

            if (up)
                md_pos_hear(&pdu);
            else
                (void)!md_hear(&pdu);
        }
        assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_OK);
        md_run();
        assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 2);
        assert_int_equal(rig.facts[LK_MIS_DEVICE_PONG], 1);
        again += rig.place[A].pings > 1;
        for (end_ms = rig.now_ms + LK_MIS_TRANSACTION_MS; rig.now_ms <= end_ms; md_run())
            assert_int_equal(md_expire(), LK_OK);
        assert_int_equal(rig.facts[LK_MIS_DEVICE_SILENT], 0);
        md_talk();
    }
    assert_true(again > 0); /* else no answer was ever late */
}

static void go_down(void)
{
    struct lk_mis_device_event down = md_event(LK_MIS_DEVICE_EV_DOWN);

    down.way.link = rig.d.serving;
    rig.way[rig.d.serving] = MD_NOBODY;
    rig.to_pos.count = 0;
    assert_int_equal(md_step(down), LK_OK);
}

/* What was asked over a way that is gone is not waited for: a question, or an end. */
static void a_way_that_is_gone_brings_no_answer(void **state)
{
    md_open(false);
    md_serve(A);
    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_OK);
    go_down();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_SILENT], 1);
    assert_true(rig.d.authenticating);
    go_down(); /* nobody is there for that, either */
    assert_int_equal(rig.facts[LK_MIS_DEVICE_SILENT], 1);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_STAYS], 1);
    assert_true(rig.fact[LK_MIS_DEVICE_STAYS].fact.background);
    assert_false(rig.d.authenticating);
    assert_int_equal(md_serving(), A);
    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_DETACH)), LK_OK);
    go_down();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_LOST], 1);
    assert_int_equal(md_serving(), MD_NOBODY);
}

/* A handover neither: of the SPoS, or of the target once there is an SA with it. The MN
 * authenticates with the target at once; over a way that is up it would wait for nine seconds
 * (control). */
static void a_handover_does_not_wait_for_a_way_that_is_gone(void **state)
{
    struct lk_mis_device_event down = md_event(LK_MIS_DEVICE_EV_DOWN);
    uint64_t asked_ms;

    for (int of_target = 0; of_target < 2; of_target++)
        for (int gone = 0; gone < 2; gone++) {
            md_open(false);
            md_serve(A);
            asked_ms = rig.now_ms;
            assert_int_equal(md_hand_over(B, NULL), LK_OK);
            for (struct md_pdu pdu; of_target && rig.d.mn.state != LK_MIS_MN_HALF_OPEN;) {
                pdu = md_take(rig.to_pos.count > 0 ? &rig.to_pos : &rig.to_mn);
                if (rig.place[B].coming.has)
                    (void)!md_hear(&pdu);
                else
                    md_pos_hear(&pdu);
            }
            rig.to_pos.count = 0;
            down.way.link = of_target ? 1 - rig.d.serving : rig.d.serving;
            if (gone) {
                rig.way[down.way.link] = MD_NOBODY;
                assert_int_equal(md_step(down), LK_OK);
            }
            while (rig.facts[LK_MIS_DEVICE_FALLBACK] == 0)
                assert_int_equal(md_expire(), LK_OK);
            assert_true(rig.now_ms - asked_ms == (gone ? 0 : 9000));
            assert_int_equal(why(LK_MIS_DEVICE_FALLBACK)->reason, LK_REASON_MIS_NO_ANSWER);
            md_run();
            assert_int_equal(md_switched(), LK_OK);
            assert_int_equal(md_serving(), B);
        }
}

/* Of a channel nothing is left then. */
static void a_channel_that_is_silent_is_over(void **state)
{
    struct lk_mis_device_event up = md_event(LK_MIS_DEVICE_EV_CHANNEL);

    for (int down = 0; down < 2; down++) {
        md_open(false);
        md_serve(A);
        up.channel.pos = rig.place[A].pos;
        up.channel.self = lk_mis_name_of(&rig.psk_self);
        assert_int_equal(md_step(up), LK_OK);
        rig.way[rig.d.serving] = A;
        assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_OK);
        if (down)
            go_down();
        while (rig.facts[LK_MIS_DEVICE_SILENT] == 0)
            assert_int_equal(md_expire(), LK_OK);
        assert_int_equal(rig.facts[LK_MIS_DEVICE_LOST], 1);
        assert_false(rig.fact[LK_MIS_DEVICE_LOST].fact.ended); /* the PoS may know the key */
        assert_null(lk_mis_device_serving(&rig.d));
        assert_int_equal(rig.way[rig.d.serving], MD_NOBODY);
    }
}

static void what_has_no_place_now_is_refused(void **state)
{
    md_open(false);
    assert_int_equal(md_hand_over(B, NULL), LK_E_UNEXPECTED);
    assert_int_equal(md_switched(), LK_E_UNEXPECTED);
    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_CARD)), LK_E_UNEXPECTED);
    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_SHARED)), LK_E_UNEXPECTED);
    md_serve(A);
    assert_int_equal(md_hand_over(A, NULL), LK_E_UNEXPECTED);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    assert_int_equal(md_hand_over(C, NULL), LK_E_UNEXPECTED);
    assert_int_equal(md_switched(), LK_E_UNEXPECTED);
    assert_int_equal(rig.refusals, 5);
    md_run();
    assert_int_equal(md_switched(), LK_OK);
    assert_int_equal(md_serving(), B);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_attach_is_by_eap),
        cmocka_unit_test(the_next_one_is_by_erp),
        cmocka_unit_test(what_the_card_refuses_is_told),
        cmocka_unit_test(many_in_a_row),
        cmocka_unit_test(no_round_is_lost),
        cmocka_unit_test(three_handovers_and_then_in_full),
        cmocka_unit_test(the_spos_picks_the_target),
        cmocka_unit_test(it_falls_back_and_gets_there),
        cmocka_unit_test(any_one_of_them_may_be_lost),
        cmocka_unit_test(either_end_terminates),
        cmocka_unit_test(it_renews_in_the_background),
        cmocka_unit_test(a_short_one_is_renewed_at_half_of_it),
        cmocka_unit_test(a_handover_goes_before_a_renewal),
        cmocka_unit_test(a_way_that_is_gone_is_opened_again),
        cmocka_unit_test(a_pos_that_forgot_is_attached_to_again),
        cmocka_unit_test(what_is_asked_while_the_sa_is_replaced_is_answered),
        cmocka_unit_test(a_way_that_is_gone_brings_no_answer),
        cmocka_unit_test(a_handover_does_not_wait_for_a_way_that_is_gone),
        cmocka_unit_test(a_channel_that_is_silent_is_over),
        cmocka_unit_test(what_has_no_place_now_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
