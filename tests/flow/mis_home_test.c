/* K of the home on demand: the MN's own early key (RFC 6630), which the home's PoS gets from the
 * AAA and gives to the target; and ERP through a PoS, beside K of an SPoS, which counts. PoS 0 is
 * the home's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/pos_parts.h"
#include "mis_whole.h"

enum { HOME = 0 };

static void begin(bool udp, bool mixes)
{
    whole_open(udp, mixes);
    rig_at_home(&whole.rig, HOME);
}

static unsigned facts(unsigned pos, enum lk_pos_fact fact)
{
    return whole.rig.pos[pos].facts[fact];
}

static unsigned radius(unsigned pos)
{
    return whole.rig.pos[pos].radius;
}

/* A handover to that PoS with a K of the home: it counts as none, at all three. */
static void hop_of_home(unsigned pos)
{
    unsigned given = facts(HOME, LK_POS_GIVEN), attached = whole.facts[LK_MIS_DEVICE_ATTACHED];
    struct lk_pos_mn_told told;

    whole.of_home = true;
    whole_hop(pos);
    whole.of_home = false;
    assert_int_equal(whole.stored, 0);
    assert_int_equal(whole.d.mn.chain.used, 0);
    assert_int_equal(lk_mis_device_serving(&whole.d)->sa.type, LK_MIS_SA_EAP);
    assert_true(lk_pos_told_of(&told, whole.rig.pos[pos].pos, lk_mis_device_named(&whole.d)));
    assert_int_equal(told.chain.used, 0);
    assert_true(lk_span_equal(told.spos, lk_span_text(whole.rig.pos[HOME].name)));
    assert_int_equal(facts(HOME, LK_POS_GIVEN), given + 1);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_ATTACHED], attached);
}

/* spec: IEEE 802.21.1 5.14.2 - a K of a higher entity, the home's PoS: without EAP, from an SPoS of
 * the chain, also at its end, and the chain begins anew. The control: K of an SPoS counts. */
static void a_k_of_the_home_counts_as_none(void **state)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        begin((kind & 1) != 0, (kind & 2) != 0);
        whole_attach(1);
        whole_hop(2);
        assert_int_equal(whole.stored, 1);
        whole.rig.aaa_down = true; /* so nothing of the background comes in between */
        whole_hop(3);
        whole_hop(4);
        assert_int_equal(whole.stored, LK_MIS_CHAIN_DEFAULT);
        rig_wait(&whole.rig, 60000);
        whole.rig.aaa_down = false;
        hop_of_home(1);
        whole_hop(2);
        assert_int_equal(whole.stored, 1);
        assert_int_equal(lk_mis_device_serving(&whole.d)->sa.type, LK_MIS_SA_SPOS);
        hop_of_home(3);
        hop_of_home(4);
        whole_close();
    }
}

/* The MN is served by the home's PoS itself, by EAP, or at the end of a chain: the same, and what
 * that PoS hands out as an SPoS counts. */
static void served_by_the_home(void **state)
{
    begin(false, true);
    whole_attach(HOME);
    hop_of_home(2);
    whole_hop(HOME);
    assert_int_equal(whole.stored, 1);
    hop_of_home(3);
    whole_hop(HOME);
    whole_hop(1);
    assert_int_equal(whole.stored, 2);
    whole_close();
}

/* T40: who took what the SPoS knows, and hears the air, reads a K that goes through it, and not the
 * one of the home: the reach ends there, mixed or not. The control is a K of that SPoS. */
static void t40_an_spos_does_not_read_what_the_home_gives(void **state)
{
    for (unsigned of_home = 0; of_home < 2; of_home++) {
        struct lk_mis_sa captured;

        begin(false, false);
        whole_attach(1);
        captured = whole.rig.pos[1].last_keys;
        if (of_home != 0)
            hop_of_home(2);
        else
            whole_hop(2);
        assert_int_equal(thief_reads(&whole.thief, &captured), of_home != 0 ? 1 : 2);
        whole_close();
    }
}

/* ---- K goes home's PoS to target, and nowhere else ---- */

static uint8_t k[LK_MIS_K_MAX];
static unsigned envelopes;

static bool watch(struct mis_rig *rig, struct rig_packet *packet)
{
    struct lk_mis_pdu pdu;
    struct lk_mis_message m;

    if (packet->leg != RIG_N2N ||
        lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), &lk_mis_codes_default) !=
            LK_OK ||
        pdu.header.secured ||
        lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default) != LK_OK ||
        !lk_mis_has(&m, LK_MIS_TLV_KEY_ENVELOPE))
        return true;
    assert_int_equal(packet->from, HOME);
    assert_int_equal(packet->to, 2);
    assert_int_equal(m.envelope.origin, LK_MIS_ORIGIN_ERP);
    assert_int_equal(m.envelope.used, 0);
    assert_int_equal(m.envelope.key.len, sizeof k);
    memcpy(k, m.envelope.key.at, sizeof k);
    envelopes++;
    return true;
}

static void the_k_is_with_both_ends_and_then_with_nobody(void **state)
{
    begin(true, true);
    whole_attach(1);
    envelopes = 0;
    whole.rig.meddle = watch;
    hop_of_home(2);
    assert_int_equal(envelopes, 1);
    for (unsigned pos = 0; pos < 3; pos++)
        assert_false(rig_remembers(&whole.rig, pos, k, sizeof k));
    for (size_t at = 0; at + sizeof k <= sizeof whole.d; at++)
        assert_memory_not_equal((const uint8_t *)&whole.d + at, k, sizeof k);
    whole_close();
}

/* ---- where there is none ---- */

/* A handover that wants a K of the home, gets none, and goes on with one of the chain. */
static void falls_back_to_the_chain(enum lk_reason at_mn)
{
    unsigned given = facts(HOME, LK_POS_GIVEN);

    whole.refused = LK_REASON_NONE;
    whole.of_home = true;
    assert_int_equal(whole_hand_over(2, NULL), LK_OK);
    rig_wait(&whole.rig, 30000);
    whole.of_home = false;
    assert_int_equal(whole.refused, at_mn);
    assert_int_equal(facts(HOME, LK_POS_GIVEN), given);
    assert_int_equal(whole.d.mn.chain.used, 1);
}

/* Of the home's PoS. */
static void only_partner(const char *realm)
{
    struct lk_pos_config *config = &whole.rig.pos[HOME].config;
    static struct lk_span realms[1];

    realms[0] = lk_span_text(realm);
    config->tpos.partners = (struct lk_mis_partners){ realms, 1 };
    lk_pos_configure(whole.rig.pos[HOME].pos, config);
}

/* Each way to be refused, and its reason where it was refused. The MN is told no more than no. */
static void where_the_home_gives_none(void **state)
{
    enum { UNLINKED, TARGET_UNLINKED, AAA_SILENT, AAA_REFUSES, NO_PARTNER, NO_TARGET, NO_HOME,
           KINDS };
    static const enum lk_reason at_home[KINDS] = {
        [TARGET_UNLINKED] = LK_REASON_MIS_UNREACHABLE,
        [AAA_SILENT] = LK_REASON_MIS_AAA_SILENT,
        [AAA_REFUSES] = LK_REASON_MIS_HOME_REFUSES,
        [NO_PARTNER] = LK_REASON_MIS_STRANGER,
        [NO_TARGET] = LK_REASON_MIS_NO_TARGET,
    };

    for (unsigned kind = UNLINKED; kind < KINDS; kind++) {
        if (kind == NO_HOME)
            whole_open(false, true);
        else
            begin(false, true);
        whole_attach(1);
        if (kind == UNLINKED)
            rig_link(&whole.rig, HOME, 1, false);
        if (kind == TARGET_UNLINKED)
            rig_link(&whole.rig, HOME, 2, false);
        whole.rig.aaa_down = kind == AAA_SILENT;
        whole.rig.a.node[0].mis.erp = kind != AAA_REFUSES;
        if (kind == NO_PARTNER || kind == NO_TARGET)
            only_partner(kind == NO_PARTNER ? "d2.example" : "d1.example");
        falls_back_to_the_chain(LK_REASON_MIS_REFUSED);
        if (at_home[kind] != LK_REASON_NONE) {
            assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 1);
            assert_int_equal(whole.rig.pos[HOME].reason[LK_POS_NOT_GIVEN], at_home[kind]);
        } else {
            assert_int_equal(whole.rig.pos[1].reason[LK_POS_NOT_HANDED], LK_REASON_MIS_NO_HOME);
            assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 0);
        }
        /* What cannot be given is not asked for: no SEQ is used up. */
        assert_int_equal(radius(HOME) > 0, kind == AAA_SILENT || kind == AAA_REFUSES);
        assert_int_equal(lk_pos_auth_count(whole.rig.pos[HOME].pos), 0);
        whole_close();
    }
}

/* At the end of the chain there is nothing below it: full establishment. So it is for an MN that
 * has nothing for ERP, or names no target, and where there is a chain it goes on that. */
static void behind_the_chain_in_full(void **state)
{
    struct lk_mis_message known = { .target.network = lk_span_text("d2.example") };

    begin(false, true);
    whole_attach(1);
    whole.d.mn.chain.used = whole.d.mn.durable = LK_MIS_CHAIN_DEFAULT;
    rig_link(&whole.rig, HOME, 1, false);
    whole.of_home = true;
    assert_int_equal(whole_hand_over(2, NULL), LK_OK);
    assert_int_equal(whole.fact[LK_MIS_DEVICE_FALLBACK].fact.why.reason,
                     LK_REASON_MIS_CHAIN_END);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 2);
    whole_close();
    begin(false, true);
    whole_attach(1);
    lk_mis_mark(&known, LK_MIS_TLV_TARGET);
    whole.of_home = true;
    assert_int_equal(whole_hand_over(RIG_NOBODY, &known), LK_OK);
    assert_int_equal(whole.refused, LK_REASON_ERP_EXPIRED);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole.stored, 1);
    lk_erp_peer_init(&whole.d.erp);
    whole.refused = LK_REASON_NONE;
    assert_int_equal(whole_hand_over(3, NULL), LK_OK);
    assert_int_equal(whole.refused, LK_REASON_ERP_EXPIRED);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole.stored, 2);
    whole_close();
}

static bool first_is_dead(struct mis_rig *rig, struct rig_packet *packet)
{
    return packet->leg != RIG_UP || packet->to != 1;
}

/* An SPoS that is silent is asked once, for whichever K: then the MN authenticates in full. */
static void a_silent_spos_is_asked_once(void **state)
{
    begin(true, true);
    whole_attach(1);
    whole.rig.meddle = first_is_dead;
    whole.of_home = true;
    assert_int_equal(whole_hand_over(2, NULL), LK_OK);
    rig_wait(&whole.rig, 12000);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_FALLBACK], 1);
    assert_int_equal(whole.fact[LK_MIS_DEVICE_FALLBACK].fact.why.reason, LK_REASON_MIS_NO_ANSWER);
    assert_int_equal(whole.refusals, 0);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_ATTACHED], 2);
    whole_close();
}

/* ---- PoS that lie ---- */

enum lie { OTHER_TARGET, OTHER_MN, OTHER_HOME, OTHER_NONCE, NO_INITIATE_OF_ERP, RELABELLED };
enum { LIES = RELABELLED + 1 };
static enum lie lie;

/* The SPoS, which is captured, says something else to the home, or of what the home says. */
static bool lying(struct mis_rig *rig, struct rig_packet *packet)
{
    static uint8_t nonce[LK_MIS_NONCE_LEN] = { 0x77 }, finish[RIG_FRAME];
    uint8_t octets[RIG_FRAME];
    struct lk_writer list = lk_writer_of(octets, sizeof octets), w;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    if (packet->leg != RIG_N2N || (lie == RELABELLED ? packet->from : packet->to) != HOME ||
        lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), &lk_mis_codes_default) !=
            LK_OK ||
        lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default) != LK_OK ||
        (lie == RELABELLED ? packet->to != 1 : !lk_mis_has(&m, LK_MIS_TLV_AUTH_INFO)))
        return true;
    switch (lie) {
    case OTHER_TARGET: m.pos.id = lk_span_text(whole.rig.pos[3].name); break;
    case OTHER_MN: m.mn = lk_span_text("001010000000002@home.example"); break;
    case OTHER_HOME: m.mn = lk_span_text("001010000000001@d3.example"); break;
    case OTHER_NONCE: m.nonce_t = LK_SPAN(nonce); break;
    case NO_INITIATE_OF_ERP:
        memcpy(finish, m.auth_info.at, m.auth_info.len); /* the MN's, but for what it is */
        finish[0] = LK_ERP_FINISH;
        m.auth_info.at = finish;
        break;
    case RELABELLED:
        if (!lk_mis_has(&m, LK_MIS_TLV_CHAIN))
            return true;
        m.chain.used = 1;
        break;
    }
    assert_int_equal(lk_mis_message_put(&list, &m, &lk_mis_codes_default), LK_OK);
    pdu.body = lk_writer_span(&list);
    w = lk_writer_of(packet->octets, sizeof packet->octets);
    {
        uint8_t source[64], destination[64];

        memcpy(source, pdu.source.at, pdu.source.len);
        memcpy(destination, pdu.destination.at, pdu.destination.len);
        pdu.source.at = source;
        pdu.destination.at = destination;
        assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    }
    packet->len = w.len;
    return true;
}

/* T40, T42: another target, another MN or another nonce than the MN's lead to no SA that it takes
 * for one of the home; nor does a count that is altered. It goes on with what counts. */
static void lies(enum lie which)
{
    static const enum lk_reason at_home[LIES] = {
        [OTHER_TARGET] = LK_REASON_MIS_NOT_OF_HOME, [OTHER_MN] = LK_REASON_MIS_OTHER_MN,
        [OTHER_HOME] = LK_REASON_MIS_NOT_OF_HOME,
        [NO_INITIATE_OF_ERP] = LK_REASON_MIS_NOT_OF_HOME,
    };

    lie = which;
    begin(false, true);
    whole_attach(1);
    whole.rig.meddle = lying;
    whole.of_home = true;
    assert_int_equal(whole_hand_over(2, NULL), LK_OK);
    rig_wait(&whole.rig, 30000);
    if (at_home[lie] != LK_REASON_NONE)
        assert_int_equal(whole.rig.pos[HOME].reason[LK_POS_NOT_GIVEN], at_home[lie]);
    else
        assert_int_equal(facts(HOME, LK_POS_GIVEN), 1);
    assert_int_equal(whole.d.mn.chain.used, 1);
    assert_int_equal(whole.d.link[1 - whole.d.serving].sa.type, LK_MIS_SA_SPOS);
    whole_close();
}

static void t42_for_another_target_than_the_mns(void **state) { lies(OTHER_TARGET); }
static void t02_for_another_mn_than_the_keys(void **state) { lies(OTHER_MN); }
static void t45_for_an_mn_of_another_home(void **state) { lies(OTHER_HOME); }
static void t42_with_another_nonce_than_the_mns(void **state) { lies(OTHER_NONCE); }
static void t42_without_an_initiate_of_the_mn(void **state) { lies(NO_INITIATE_OF_ERP); }
static void t40_with_another_count_than_none(void **state) { lies(RELABELLED); }

static bool cut_wish(struct mis_rig *rig, struct rig_packet *packet)
{
    if (packet->leg == RIG_N2N && packet->to == HOME && packet->from == 1)
        for (size_t len = 0; len < packet->len; len++)
            (void)!rig_n2n(rig, HOME, 1, lk_span_of(packet->octets, len));
    if (packet->leg == RIG_N2N && packet->to == 1 && packet->from == HOME)
        for (size_t len = 0; len < packet->len; len++)
            (void)!rig_n2n(rig, 1, HOME, lk_span_of(packet->octets, len));
    return true;
}

/* What is cut off does nothing, and the whole one then does what it did. */
static void what_is_cut_is_nothing(void **state)
{
    begin(false, true);
    whole_attach(1);
    whole.rig.meddle = cut_wish;
    hop_of_home(2);
    assert_int_equal(facts(HOME, LK_POS_GIVEN), 1);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 0);
    assert_int_equal(radius(HOME), 1);
    whole_close();
}

static struct rig_packet wish;

static bool keep_wish(struct mis_rig *rig, struct rig_packet *packet)
{
    if (packet->leg == RIG_N2N && packet->to == HOME && packet->from == 1)
        wish = *packet;
    return true;
}

/* T44: one partner's wishes take a quarter of the places, and those that its link held go with it.
 * T43: an Initiate that was there gives nothing. */
static void wishes_have_a_bound(void **state)
{
    begin(false, true);
    whole.rig.pos[HOME].config.errands = 8;
    rig_begin(&whole.rig, HOME);
    for (unsigned i = 1; i < WHOLE_POS; i++)
        rig_link(&whole.rig, HOME, i, true);
    whole_attach(1);
    whole.rig.meddle = keep_wish;
    hop_of_home(2);
    whole.rig.meddle = NULL;
    rig_wait(&whole.rig, 1000);
    assert_int_equal(rig_n2n(&whole.rig, HOME, 1, lk_span_of(wish.octets, wish.len)), LK_OK);
    rig_run(&whole.rig);
    rig_wait(&whole.rig, 20000);
    assert_int_equal(facts(HOME, LK_POS_GIVEN), 1);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 1);
    assert_int_equal(whole.rig.pos[HOME].reason[LK_POS_NOT_GIVEN], LK_REASON_MIS_HOME_REFUSES);
    whole.rig.aaa_down = true;
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(rig_n2n(&whole.rig, HOME, 1, lk_span_of(wish.octets, wish.len)), LK_OK);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 3);
    assert_int_equal(whole.rig.pos[HOME].reason[LK_POS_NOT_GIVEN], LK_REASON_MIS_FULL);
    rig_link(&whole.rig, HOME, 1, false);
    rig_link(&whole.rig, HOME, 1, true);
    rig_wait(&whole.rig, 20000);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 3); /* nobody is told who did not ask */
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(rig_n2n(&whole.rig, HOME, 1, lk_span_of(wish.octets, wish.len)), LK_OK);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 5);
    rig_wait(&whole.rig, 20000);
    assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 7);
    whole_close();
}

/* The link to the target breaks while the home's PoS waits for it: the SPoS is told. */
static bool drop_offer(struct mis_rig *rig, struct rig_packet *packet)
{
    return !(packet->leg == RIG_N2N && packet->to == 2 && packet->from == HOME);
}

static void a_target_that_is_lost(void **state)
{
    for (unsigned breaks = 0; breaks < 2; breaks++) {
        begin(false, true);
        whole_attach(1);
        whole.rig.meddle = drop_offer;
        whole.of_home = true;
        assert_int_equal(whole_hand_over(2, NULL), LK_OK);
        if (breaks != 0)
            rig_link(&whole.rig, HOME, 2, false);
        rig_wait(&whole.rig, breaks != 0 ? 100 : 10000);
        assert_int_equal(facts(HOME, LK_POS_NOT_GIVEN), 1);
        assert_int_equal(whole.rig.pos[HOME].reason[LK_POS_NOT_GIVEN],
                         LK_REASON_MIS_UNREACHABLE);
        assert_int_equal(whole.d.mn.chain.used, 1);
        whole_close();
    }
}

/* ---- ERP ---- */

/* spec: RFC 6696 5.1 - attached in full with one PoS, ERP with the next: one question to the home,
 * no vector, and it counts as none. The control: to the same PoS with a K of the SPoS, which
 * does. */
static void erp_through_a_pos_counts_as_none(void **state)
{
    for (unsigned by_erp = 0; by_erp < 2; by_erp++) {
        unsigned before;

        begin(false, true);
        whole_attach(1);
        assert_int_equal(whole.rig.a.w.vectors, 1);
        whole_hop(2);
        before = radius(3);
        if (by_erp != 0) {
            rig_wait(&whole.rig, 20000);
            whole_attach(3);
            assert_true(whole.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp);
            assert_int_equal(whole_switched(), LK_OK);
            assert_int_equal(whole_serving(), 3);
        } else {
            whole_hop(3);
        }
        assert_int_equal(radius(3) - before, by_erp);
        assert_int_equal(whole.stored, by_erp != 0 ? 0 : 2);
        assert_int_equal(lk_mis_device_serving(&whole.d)->sa.type,
                         by_erp != 0 ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS);
        assert_int_equal(whole.rig.a.w.vectors, 1);
        whole_close();
    }
}

/* T02: after ERP the MN is called as before, and its row at that PoS is the same: the channel that
 * it had there, which is of the PSK before, is over with the SA before. */
static void t02_a_channel_of_before_erp_is_over(void **state)
{
    struct lk_pos_event up = { .kind = LK_POS_EV_CHANNEL_UP };
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_pos_mn_told told;
    struct lk_mis_psk psk;
    struct lk_pos *pos;

    begin(false, true);
    whole_attach(1);
    pos = whole.rig.pos[1].pos;
    memcpy(identity, pos->mn[0].identity, sizeof identity);
    up.channel.peer = rig_udp_peer(77, 5000);
    up.channel.peer.way = LK_POS_CHANNEL;
    up.channel.identity = lk_span_text(identity);
    assert_int_equal(rig_step(&whole.rig, 1, up), LK_OK);
    assert_true(lk_pos_told_at(&told, pos, 0) && told.channel);
    whole_hop(2);
    rig_wait(&whole.rig, 20000);
    whole_attach(1);
    assert_true(whole.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp);
    assert_int_equal(lk_pos_mn_count(pos), 1);
    assert_true(lk_pos_told_at(&told, pos, 0) && !told.channel);
    assert_int_equal(whole.rig.pos[1].closes, 1);
    assert_int_equal(lk_pos_psk(&psk, pos, lk_span_text(identity)), LK_E_NOT_FOUND);
    whole_close();
}

static const enum lk_mis_tlv *left_out;

static bool leave_out(struct mis_rig *rig, struct rig_packet *packet)
{
    uint8_t octets[RIG_FRAME], whole_one[RIG_FRAME];
    struct lk_writer list = lk_writer_of(octets, sizeof octets);
    struct lk_writer w = lk_writer_of(packet->octets, sizeof packet->octets);
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    if (packet->leg != RIG_N2N || packet->to != HOME || packet->from != 1)
        return true;
    memcpy(whole_one, packet->octets, packet->len);
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(whole_one, packet->len),
                                   &lk_mis_codes_default), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default), LK_OK);
    if (left_out != NULL)
        m.present &= ~(UINT64_C(1) << *left_out);
    assert_int_equal(lk_mis_message_put(&list, &m, &lk_mis_codes_default), LK_OK);
    pdu.body = lk_writer_span(&list);
    assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    packet->len = w.len;
    return true;
}

/* T44: of what no target could make an SA, the home is asked nothing; of all of it (the control) it
 * is. */
static void a_wish_without_its_terms_asks_nobody(void **state)
{
    static const enum lk_mis_tlv terms[] = { LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES,
                                             LK_MIS_TLV_PRFS };

    for (size_t i = 0; i <= LK_COUNT_OF(terms); i++) {
        begin(false, true);
        whole_attach(1);
        left_out = i < LK_COUNT_OF(terms) ? &terms[i] : NULL;
        whole.rig.meddle = leave_out;
        whole.of_home = true;
        assert_int_equal(whole_hand_over(2, NULL), LK_OK);
        rig_wait(&whole.rig, 30000);
        assert_int_equal(radius(HOME), left_out == NULL);
        assert_int_equal(rig_counted(&whole.rig, HOME)->n2n_malformed, left_out != NULL);
        assert_int_equal(facts(HOME, LK_POS_GIVEN), left_out == NULL);
        whole_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_k_of_the_home_counts_as_none),
        cmocka_unit_test(served_by_the_home),
        cmocka_unit_test(t40_an_spos_does_not_read_what_the_home_gives),
        cmocka_unit_test(the_k_is_with_both_ends_and_then_with_nobody),
        cmocka_unit_test(where_the_home_gives_none),
        cmocka_unit_test(a_silent_spos_is_asked_once),
        cmocka_unit_test(behind_the_chain_in_full),
        cmocka_unit_test(t42_for_another_target_than_the_mns),
        cmocka_unit_test(t02_for_another_mn_than_the_keys),
        cmocka_unit_test(t45_for_an_mn_of_another_home),
        cmocka_unit_test(t42_with_another_nonce_than_the_mns),
        cmocka_unit_test(t42_without_an_initiate_of_the_mn),
        cmocka_unit_test(t40_with_another_count_than_none),
        cmocka_unit_test(what_is_cut_is_nothing),
        cmocka_unit_test(wishes_have_a_bound),
        cmocka_unit_test(a_wish_without_its_terms_asks_nobody),
        cmocka_unit_test(a_target_that_is_lost),
        cmocka_unit_test(erp_through_a_pos_counts_as_none),
        cmocka_unit_test(t02_a_channel_of_before_erp_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
