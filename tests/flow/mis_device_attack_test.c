/* The MN of MIS against PoS that lie, against who is between it and them, and against what its own
 * memory would tell: T40, T41, T42, T45, replays, cuts, keys that are no longer used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "mis_device_rig.h"

enum { HOME, A, B, B2, C, STRANGER };

static enum lk_reason fell_back(void)
{
    return rig.fact[LK_MIS_DEVICE_FALLBACK].fact.why.reason;
}

/* ---- T40 ---- */

/* A captured PoS hands on and on, and so do those that it hands to; each says a lie of the count.
 * Whatever it says, of one authentication by the home no more K than the limit are taken. */
static void hop_among_liars(uint8_t lie, bool what_would_do)
{
    static const unsigned way[] = { B, C, A, B2 };
    unsigned since_home = 0;

    md_open(false);
    md_serve(A);
    for (unsigned hop = 0; hop < 10; hop++) {
        unsigned home_before = rig.eap_runs + rig.erp_runs;
        struct md_place *p = &rig.place[md_serving()];

        p->lies = true;
        p->lie = what_would_do ? rig.d.mn.chain.used : lie;
        p->spos_config.max = LK_MIS_CHAIN_MOST;
        for (unsigned i = 0; i < MD_PLACES; i++)
            rig.place[i].tpos_config.max = LK_MIS_CHAIN_MOST;
        assert_int_equal(md_hand_over(way[hop % 4], NULL), LK_OK);
        md_run();
        since_home += rig.eap_runs + rig.erp_runs == home_before;
        assert_int_equal(md_switched(), LK_OK);
        assert_int_equal(md_serving(), (int)way[hop % 4]);
        assert_true(since_home <= LK_MIS_CHAIN_DEFAULT);
        md_run();
        if (rig.eap_runs + rig.erp_runs != home_before)
            since_home = 0;
    }
    assert_true(rig.erp_runs >= 3);
}

static void t40_a_lie_about_the_count_leads_nowhere(void **state)
{
    hop_among_liars(0, false); /* as one that a backup brought back: always at the beginning */
    assert_int_equal(fell_back(), LK_REASON_MIS_COUNT_LIE);
    hop_among_liars(0, true); /* it knows the MN's count, and its own limit is far away */
    assert_int_equal(fell_back(), LK_REASON_MIS_CHAIN_END);
    hop_among_liars(9, false); /* more than there were: no reason to go on */
}

/* ---- T40: the MN's memory ---- */

/* The count is durable before the target hears of it; where it cannot be, there is no K. */
static void t40_a_count_that_is_not_kept_counts_for_no_k(void **state)
{
    md_open(false);
    md_serve(A);
    rig.store_fails = true;
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 0);
    assert_int_equal(fell_back(), LK_REASON_MIS_COUNT_NOT_KEPT);
    assert_int_equal(rig.place[B].tpos.state, LK_MIS_TPOS_HALF_OPEN); /* it heard no AUTH-T */
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 2);           /* but the home's word */
}

/* Who restores the MN's SA, and not its count, gains nothing: the count stands apart. */
static void t40_a_restart_forgets_no_count(void **state)
{
    md_open(false);
    md_serve(A);
    md_hop(B);
    md_hop(C);
    assert_int_equal(rig.stored, 2);
    md_restart();
    assert_int_equal(rig.d.mn.chain.used, 2);
    assert_int_equal(md_serving(), MD_NOBODY);
    md_serve(A); /* by the home: and the count begins anew */
    assert_int_equal(rig.stored, 0);
}

/* ---- T40, T41: labels ---- */

static void says_eap(struct md_place *place, enum lk_mis_action action, struct lk_mis_message *m)
{
    if (action == LK_MIS_PREREG_XFER && lk_mis_has(m, LK_MIS_TLV_SAID))
        m->said.type = LK_MIS_SA_EAP;
}

static void says_home(struct md_place *place, enum lk_mis_action action, struct lk_mis_message *m)
{
    if (action != LK_MIS_PREREG_XFER || !lk_mis_has(m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    m->envelope.origin = LK_MIS_ORIGIN_HOME;
    m->envelope.used = m->chain.used = 0;
    m->said.type = LK_MIS_SA_EAP;
}

/* T40, T41: a K of an SPoS that it passes off as one of EAP, or of the home. */
static void t41_relabelled_types_are_refused(void **state)
{
    static const struct {
        void (*alter)(struct md_place *, enum lk_mis_action, struct lk_mis_message *);
        enum lk_reason reason;
    } rows[] = { { says_eap, LK_REASON_MIS_SA_TYPE }, { says_home, LK_REASON_MIS_COUNT_LIE } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        md_open(false);
        md_serve(A);
        rig.alter = rows[i].alter;
        assert_int_equal(md_hand_over(B, NULL), LK_OK);
        md_run();
        assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 0);
        assert_int_equal(fell_back(), rows[i].reason);
        assert_int_equal(rig.stored, 0);
        assert_int_equal(md_serving(), A);
    }
}

/* T41: over a channel of TLS no K is asked for, and none is taken: not under it, nor in clear. */
static void t41_an_sa_by_tls_takes_no_k(void **state)
{
    struct lk_mis_device_event up = md_event(LK_MIS_DEVICE_EV_CHANNEL);
    struct md_pdu answer;

    md_open(false);
    md_serve(A);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    while (rig.to_pos.count > 0) {
        answer = md_take(&rig.to_pos);
        md_pos_hear(&answer);
    }
    answer = md_take(&rig.to_mn); /* with a K */
    md_restart();
    up.channel.pos = rig.place[A].pos;
    up.channel.self = lk_mis_name_of(&rig.psk_self);
    assert_int_equal(md_step(up), LK_OK);
    rig.way[rig.d.serving] = A;
    assert_int_equal(md_hear(&answer), LK_E_NOT_FOUND);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    assert_int_equal(fell_back(), LK_REASON_MIS_SA_TYPE);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 0);
    md_run(); /* the fallback goes its way */
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 2);
}

/* ---- T42 ---- */

static unsigned altered_at; /* which alteration */

static void alter_answer(struct md_place *place, enum lk_mis_action action,
                         struct lk_mis_message *m)
{
    static const uint8_t cbc[] = { 2 }, nonce[LK_MIS_NONCE_LEN] = { 7 };

    if (!lk_mis_has(m, LK_MIS_TLV_SAID))
        return;
    switch (altered_at) {
    case 0: m->suites = LK_SPAN(cbc); break;
    case 1: m->prfs = 1u << LK_MIS_PRF_CMAC_AES; break;
    case 2: m->lifetime_s--; break;
    case 3: m->said.id = LK_SPAN(nonce); break;
    default:
        lk_mis_mark(m, LK_MIS_TLV_NONCE_N);
        m->nonce_n = LK_SPAN(nonce);
        break;
    }
}

/* What was chosen, and all that enters the keys, is proven: altered, it makes no SA. */
static void t42_an_altered_choice_makes_no_sa(void **state)
{
    for (int full = 0; full < 2; full++) {
        for (altered_at = 0; altered_at < 5; altered_at++) {
            unsigned attached;

            md_open(false);
            md_serve(A);
            attached = rig.facts[LK_MIS_DEVICE_ATTACHED];
            rig.alter = alter_answer;
            assert_int_equal(full ? md_attach(B) : md_hand_over(B, NULL), LK_OK);
            md_run();
            while (rig.d.authenticating) {
                assert_int_equal(md_expire(), LK_OK);
                md_run();
            }
            assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 0);
            assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], attached);
            assert_int_equal(md_serving(), A);
            if (!full)
                assert_int_equal(fell_back(), LK_REASON_MIS_NOT_CONFIRMED);
        }
    }
}

/* In clear, offers can be cut on their way: then the PoS proves that it heard others. */
static void t42_offers_that_were_cut_make_no_sa(void **state)
{
    static const uint8_t cbc[] = { 2 };
    struct md_pdu pdu;

    md_open(false);
    assert_int_equal(md_attach(A), LK_OK);
    while (rig.to_pos.count > 0 || rig.to_mn.count > 0) {
        struct lk_mis_message m;
        struct lk_mis_pdu read;
        uint8_t list[1024], whole[2048];
        struct lk_writer l = lk_writer_of(list, sizeof list), w = lk_writer_of(whole, sizeof whole);

        if (rig.to_pos.count == 0) {
            pdu = md_take(&rig.to_mn);
            (void)!md_hear(&pdu);
            continue;
        }
        pdu = md_take(&rig.to_pos);
        assert_int_equal(lk_mis_decode(&read, lk_span_of(pdu.octets, pdu.len),
                                       &lk_mis_codes_default), LK_OK);
        assert_int_equal(lk_mis_message_get(&m, &read.header, read.body, &lk_mis_codes_default),
                         LK_OK);
        if (lk_mis_has(&m, LK_MIS_TLV_SUITES))
            m.suites = LK_SPAN(cbc);
        assert_int_equal(lk_mis_message_put(&l, &m, &lk_mis_codes_default), LK_OK);
        read.body = lk_writer_span(&l);
        assert_int_equal(lk_mis_encode(&w, &read, &lk_mis_codes_default), LK_OK);
        memcpy(pdu.octets, whole, w.len);
        pdu.len = w.len;
        md_pos_hear(&pdu);
    }
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], 0);
    assert_int_equal(rig.fact[LK_MIS_DEVICE_STAYS].fact.why.reason, LK_REASON_MIS_NOT_CONFIRMED);
    assert_false(rig.place[A].sa.has);
}

/* ---- T45 ---- */

static void names_a_stranger(struct md_place *place, enum lk_mis_action action,
                             struct lk_mis_message *m)
{
    if (action == LK_MIS_PREREG_XFER && lk_mis_has(m, LK_MIS_TLV_POS))
        m->pos = rig.place[STRANGER].pos;
}

/* An SPoS steers the MN to a PoS that its home has no agreement with: it stays, and says nothing
 * there. Where the MN itself had named a target, it authenticates in full with that one. */
static void t45_a_rogue_target_hears_nothing(void **state)
{
    static const uint8_t likes[] = { LK_MIS_LINK_UMTS };
    struct lk_mis_message known = md_known(likes, sizeof likes);

    md_open(false);
    md_serve(A);
    rig.alter = names_a_stranger;
    assert_int_equal(md_hand_over(MD_PLACES, &known), LK_OK);
    md_run();
    assert_int_equal(rig.fact[LK_MIS_DEVICE_STAYS].fact.why.reason, LK_REASON_MIS_TARGET);
    assert_int_equal(md_serving(), A);
    assert_int_equal(rig.way[1 - rig.d.serving], MD_NOBODY);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    assert_int_equal(rig.facts[LK_MIS_DEVICE_FALLBACK], 0);
    md_run();
    assert_int_equal(fell_back(), LK_REASON_MIS_TARGET);
    assert_int_equal(rig.place[B].arrivals, 1);
    assert_int_equal(rig.place[STRANGER].arrivals, 0);
}

/* ---- replays, cuts, noise ---- */

/* All that PoS say to the MN in an attach and a handover, each seen before it is heard. */
static void walk(void (*before)(const struct md_pdu *pdu))
{
    md_open(false);
    assert_int_equal(md_attach(A), LK_OK);
    for (int hop = 0; hop < 2; hop++) {
        while (rig.to_pos.count > 0 || rig.to_mn.count > 0) {
            bool up = rig.to_pos.count > 0;
            struct md_pdu pdu = md_take(up ? &rig.to_pos : &rig.to_mn);

            if (up) {
                md_pos_hear(&pdu);
                continue;
            }
            before(&pdu);
            assert_int_equal(md_hear(&pdu), LK_OK);
        }
        if (hop == 0)
            assert_int_equal(md_hand_over(B, NULL), LK_OK);
    }
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 1);
}

/* Heard, and nothing of it but that it was counted. */
static void changes_nothing(const struct md_pdu *pdu)
{
    static struct lk_mis_device before;

    before = rig.d;
    assert_int_not_equal(md_hear(pdu), LK_OK);
    for (size_t i = 0; i < rig.out.count; i++)
        assert_int_equal(rig.out.item[i].kind, LK_MIS_DEVICE_OUT_WAKE);
    before.counters = rig.d.counters;
    before.told_ms = rig.d.told_ms;
    assert_memory_equal(&before, &rig.d, sizeof before);
}

static void cut_everywhere(const struct md_pdu *pdu)
{
    struct md_pdu cut = *pdu;

    for (cut.len = 0; cut.len < pdu->len; cut.len++)
        changes_nothing(&cut);
    cut.octets[cut.len++] = 0;
    changes_nothing(&cut);
}

static void every_cut_is_refused(void **state)
{
    walk(cut_everywhere);
}

/* In clear as well, a link is of one PoS and one MN. */
static void from_and_to_others(const struct md_pdu *pdu)
{
    struct md_pdu other = *pdu;
    struct lk_mis_pdu read;

    assert_int_equal(lk_mis_decode(&read, lk_span_of(pdu->octets, pdu->len),
                                   &lk_mis_codes_default), LK_OK);
    other.octets[read.source.at - pdu->octets] ^= 1;
    changes_nothing(&other);
    other.octets[read.source.at - pdu->octets] ^= 1;
    other.octets[read.destination.at - pdu->octets] ^= 1;
    changes_nothing(&other);
}

static void what_is_of_others_or_to_others_is_passed_over(void **state)
{
    walk(from_and_to_others);
    assert_true(rig.d.counters.foreign > 0);
}

/* T43: under an SA each message counts once; A03, T42: and no other. */
static void alter_everywhere(const struct md_pdu *pdu)
{
    struct md_pdu altered = *pdu;
    struct lk_mis_pdu read;

    assert_int_equal(lk_mis_decode(&read, lk_span_of(pdu->octets, pdu->len),
                                   &lk_mis_codes_default), LK_OK);
    if (!read.header.secured)
        return;
    for (size_t i = 0; i < pdu->len; i++) {
        if (i == 4 && ((pdu->octets[i] ^ 0x80) & 0x80) == 0)
            continue;
        altered.octets[i] ^= 0x20;
        changes_nothing(&altered);
        altered.octets[i] ^= 0x20;
    }
}

static void t42_what_is_altered_under_an_sa_is_refused(void **state)
{
    walk(alter_everywhere);
}

static struct md_queue said; /* all that PoS said under SAs */

static void keep_secured(const struct md_pdu *pdu)
{
    if ((pdu->octets[4] & 0x40) != 0)
        said.item[said.count++] = *pdu;
}

static void t43_what_was_heard_is_not_heard_again(void **state)
{
    said.count = 0;
    walk(keep_secured);
    assert_int_equal(said.count, 2);
    for (unsigned i = 0; i < said.count; i++)
        changes_nothing(&said.item[i]);
    assert_int_equal(rig.d.counters.replayed, 2);
    assert_int_equal(md_switched(), LK_OK);
    for (unsigned i = 0; i < said.count; i++)
        assert_int_not_equal(md_hear(&said.item[i]), LK_OK);
}

static struct md_pdu in_clear(enum lk_mis_action action, enum lk_mis_opcode opcode, uint16_t tid)
{
    uint8_t list[64];
    struct lk_writer l = lk_writer_of(list, sizeof list), w;
    struct lk_mis_message m = { .status = LK_MIS_REJECTED, .reason = LK_MIS_REASON_NO_TRUST };
    struct md_pdu heard = { .place = A };
    const struct lk_mis_device_link *link = &rig.d.link[rig.d.serving];
    struct lk_mis_pdu pdu = {
        .source = rig.place[A].pos.id,
        .destination = lk_mis_name_of(link->holds == LK_MIS_DEVICE_CHANNEL ? &link->self
                                                                           : &link->once),
    };

    pdu.header.id = lk_mis_message_id(action, opcode, &lk_mis_codes_default);
    pdu.header.tid = tid;
    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    lk_mis_mark(&m, LK_MIS_TLV_REASON);
    assert_int_equal(lk_mis_message_put(&l, &m, &lk_mis_codes_default), LK_OK);
    pdu.body = lk_writer_span(&l);
    w = lk_writer_of(heard.octets, sizeof heard.octets);
    assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    heard.len = w.len;
    return heard;
}

/* spec: IEEE 802.21 9 - where there is an SA, what comes in clear is nobody's: no answer, and no
 * end. */
static void what_comes_in_clear_is_nobodys(void **state)
{
    const uint8_t *sent;
    struct md_pdu heard;

    md_open(false);
    md_serve(A);
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    sent = rig.to_pos.item[0].octets;
    heard = in_clear(LK_MIS_PREREG_XFER, LK_MIS_RESPONSE,
                     (uint16_t)((sent[4] & 0x0f) << 8 | sent[5]));
    changes_nothing(&heard);
    heard = in_clear(LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, 7);
    changes_nothing(&heard);
    assert_int_equal(rig.d.counters.in_clear, 2);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], 1);
}

/* T41: the channel protects what comes over it, and still what has a K is not looked at; an answer
 * to a ping, the control, is. */
static void t41_a_channel_brings_no_prereg(void **state)
{
    struct lk_mis_device_event up = md_event(LK_MIS_DEVICE_EV_CHANNEL);
    struct md_pdu heard;

    md_open(false);
    md_serve(A);
    up.channel.pos = rig.place[A].pos;
    up.channel.self = lk_mis_name_of(&rig.psk_self);
    assert_int_equal(md_step(up), LK_OK);
    rig.way[rig.d.serving] = A;
    heard = in_clear(LK_MIS_PREREG_XFER, LK_MIS_RESPONSE, 7);
    assert_int_equal(md_hear(&heard), LK_E_DENIED);
    assert_int_equal(rig.d.counters.in_clear, 1);
    heard = in_clear(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, 7);
    assert_int_not_equal(md_hear(&heard), LK_E_DENIED);
    assert_int_equal(rig.d.counters.in_clear, 1);
}

/* spec: IEEE 802.21 8.6 - over a channel either end terminates the SA by TLS, too; the channel is
 * closed with it. */
static void either_end_terminates_a_channel(void **state)
{
    struct lk_mis_device_event up = md_event(LK_MIS_DEVICE_EV_CHANNEL);
    struct md_pdu heard, sent;

    for (int theirs = 0; theirs < 2; theirs++) {
        uint16_t tid = 7;

        md_open(false);
        md_serve(A);
        up.channel.pos = rig.place[A].pos;
        up.channel.self = lk_mis_name_of(&rig.psk_self);
        assert_int_equal(md_step(up), LK_OK);
        rig.way[rig.d.serving] = A;
        if (!theirs) {
            assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_DETACH)), LK_OK);
            sent = md_take(&rig.to_pos);
            tid = (uint16_t)((sent.octets[4] & 0x0f) << 8 | sent.octets[5]);
        }
        heard = in_clear(LK_MIS_TERMINATION_AUTH, theirs ? LK_MIS_REQUEST : LK_MIS_RESPONSE, tid);
        assert_int_equal(md_hear(&heard), LK_OK);
        assert_int_equal(rig.to_pos.count, theirs); /* its answer */
        assert_int_equal(rig.facts[LK_MIS_DEVICE_LOST], 1);
        assert_true(rig.fact[LK_MIS_DEVICE_LOST].fact.ended);
        assert_int_equal(rig.way[rig.d.serving], MD_NOBODY);
        assert_null(lk_mis_device_serving(&rig.d));
    }
}

/* ---- keys ---- */

static bool holds(const void *octets, size_t len)
{
    return memmem(&rig.d, sizeof rig.d, octets, len) != NULL;
}

/* Who takes the MN's memory finds the SA that it has, and nothing that was before it: no K, none of
 * the SA before, no MSK. */
static void retired_keys_are_nowhere(void **state)
{
    struct lk_mis_sa first, second;

    md_open(false);
    md_serve(A);
    first = lk_mis_device_serving(&rig.d)->sa;
    assert_true(holds(&first.keys.miek, lk_miek_len(first.agreed.suite)));
    assert_int_equal(md_hand_over(B, NULL), LK_OK);
    md_run();
    assert_int_equal(rig.place[A].handed, 1);
    assert_false(holds(rig.place[A].last_k.octets, rig.place[A].last_k.len));
    assert_int_equal(md_switched(), LK_OK);
    assert_false(holds(&first.keys.miek, lk_miek_len(first.agreed.suite)));
    assert_int_equal(first.keys.miak.len, 0); /* gone with its establishment */
    second = lk_mis_device_serving(&rig.d)->sa;
    md_serve(C);
    assert_false(holds(&second.keys.miek, lk_miek_len(second.agreed.suite)));
    lk_mis_device_wipe(&rig.d);
    for (size_t i = 0; i < sizeof rig.d; i++)
        assert_int_equal(((const uint8_t *)&rig.d)[i], 0);
}

/* A run of EAP that came to nothing leaves nothing: its keys are gone when the way is. */
static void what_came_to_nothing_leaves_nothing(void **state)
{
    struct lk_mis_device_event down = md_event(LK_MIS_DEVICE_EV_DOWN);
    struct lk_eap_keys keys;

    md_open(false);
    assert_int_equal(md_attach(A), LK_OK);
    while (rig.d.eap.state != LK_EAP_PEER_AWAIT_RESULT) {
        bool up = rig.to_pos.count > 0;
        struct md_pdu pdu = md_take(up ? &rig.to_pos : &rig.to_mn);

        if (up)
            md_pos_hear(&pdu);
        else
            assert_int_equal(md_hear(&pdu), LK_OK);
    }
    keys = rig.d.eap.keys;
    assert_true(holds(&keys.msk, sizeof keys.msk));
    assert_int_equal(md_step(down), LK_OK);
    assert_false(holds(&keys.msk, sizeof keys.msk));
    assert_false(holds(&keys.emsk, sizeof keys.emsk));
    assert_int_equal(md_serving(), MD_NOBODY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t40_a_lie_about_the_count_leads_nowhere),
        cmocka_unit_test(t40_a_count_that_is_not_kept_counts_for_no_k),
        cmocka_unit_test(t40_a_restart_forgets_no_count),
        cmocka_unit_test(t41_relabelled_types_are_refused),
        cmocka_unit_test(t41_an_sa_by_tls_takes_no_k),
        cmocka_unit_test(t42_an_altered_choice_makes_no_sa),
        cmocka_unit_test(t42_offers_that_were_cut_make_no_sa),
        cmocka_unit_test(t45_a_rogue_target_hears_nothing),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(what_is_of_others_or_to_others_is_passed_over),
        cmocka_unit_test(t42_what_is_altered_under_an_sa_is_refused),
        cmocka_unit_test(t43_what_was_heard_is_not_heard_again),
        cmocka_unit_test(what_comes_in_clear_is_nobodys),
        cmocka_unit_test(t41_a_channel_brings_no_prereg),
        cmocka_unit_test(either_end_terminates_a_channel),
        cmocka_unit_test(retired_keys_are_nowhere),
        cmocka_unit_test(what_came_to_nothing_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
