/* A PoS among those who mean ill: links that break, partners that lie, who alters messages or plays
 * them back, who asks for a K where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pos_case.h"

#define CODES (&lk_mis_codes_default)

/* ---- links ---- */

static unsigned n2n_count;

static bool count_n2n(struct mis_rig *r, struct rig_packet *packet)
{
    n2n_count += packet->leg == RIG_N2N;
    return true;
}

/* T46: no link, nothing is sent; the MN hears why, and authenticates in full. */
static void a_link_that_is_down(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig_link(&rig, 0, 1, false);
    n2n_count = 0;
    rig.meddle = count_n2n;
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(n2n_count, 0);
    assert_int_equal(rig.mn.told, LK_MIS_REASON_UNREACHABLE);
    nobody_is_there(1);
    rig_link(&rig, 0, 1, true);
    assert_true(rig_hop(&rig, 1));
    assert_true(n2n_count > 0);
}

static bool lose_n2n(struct mis_rig *r, struct rig_packet *packet)
{
    return packet->leg != RIG_N2N;
}

/* T46: a link that breaks while its answer is awaited: the MN hears so at once. */
static void a_link_that_breaks(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_n2n;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    assert_int_equal(rig.mn.mn.state, LK_MIS_MN_WAIT_SPOS);
    rig_link(&rig, 0, 1, false);
    rig_wait(&rig, 1);
    assert_int_equal(rig.mn.told, LK_MIS_REASON_UNREACHABLE);
    assert_int_equal(rig.pos[0].facts[LK_POS_NOT_HANDED], 1);
}

/* T46: what comes over a link that is down came from nobody. */
static void over_a_link_that_is_down(void **state)
{
    struct rig_packet request;

    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_n2n;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    request = rig.last[RIG_N2N];
    rig.meddle = NULL;
    rig_link(&rig, 0, 1, false);
    assert_int_equal(rig_n2n(&rig, 1, 0, lk_span_of(request.octets, request.len)), LK_E_DENIED);
    nobody_is_there(1);
    assert_int_equal(rig.flying, 0);
}

/* T44: on a link, only the PoS that it proved to be there speaks. */
static void in_the_name_of_another_pos(void **state)
{
    struct rig_packet request;

    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_n2n;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    request = rig.last[RIG_N2N];
    rig.meddle = NULL;
    assert_int_equal(rig_n2n(&rig, 1, 2, lk_span_of(request.octets, request.len)), LK_E_DENIED);
    assert_int_equal(rig_counted(&rig, 1)->foreign, 1);
    nobody_is_there(1);
}

/* T44: nothing of it is taken, and it is told at once, not after six seconds of silence. */
static void a_partner_with_another_id_than_its_row(void **state)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_LINK_UP, .link.link = 0,
                                  .link.name = lk_span_text("pos@hone.example") };

    assert_int_equal(rig_step(&rig, 1, event), LK_OK);
    assert_true(rig_attach(&rig, 0));
    rig_want(&rig, 1, NULL);
    rig_run(&rig); /* no time passes */
    assert_int_equal(rig.mn.told, LK_MIS_REASON_NO_TRUST);
    nobody_is_there(1);
}

/* T44: a PoS that is no partner is told so, before its K is looked at; T41: and the MN goes on in
 * full. */
static void a_pos_that_is_no_partner(void **state)
{
    struct lk_pos_config config = rig.pos[1].config;

    config.tpos.partners.realm = &rig.realm[1];
    config.tpos.partners.count = 1;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_NO_TRUST);
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_STRANGER);
    assert_int_equal(rig.pos[1].asks, 0);
    nobody_is_there(1);
    /* The SPoS asks no stranger. */
    config = rig.pos[0].config;
    config.tpos.partners.realm = &rig.realm[0];
    config.tpos.partners.count = 1;
    lk_pos_configure(rig.pos[0].pos, &config);
    n2n_count = 0;
    rig.meddle = count_n2n;
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 2));
    assert_int_equal(n2n_count, 0);
    assert_int_equal(rig.mn.told, LK_MIS_REASON_NO_TRUST);
}

/* ---- marks and chains ---- */

/* T40: no K without the home's word: no key of that home, or a mark that it did not sign. */
static void marks_that_do_not_do(void **state)
{
    struct lk_pos_config config = rig.pos[1].config;

    assert_true(rig_attach(&rig, 0));
    config.homes = 0;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_NO_TRUST);
    assert_int_equal(rig.pos[1].asks, 0);
    rig.home.key.octets[3] ^= 1;
    config.homes = 1;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_NO_TRUST);
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_MARK);
    rig.home.key = rig.home_key;
    rig.pos[1].mark_lies = true;
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    nobody_is_there(1);
    rig.pos[1].mark_lies = false;
    assert_true(rig_attach(&rig, 0));
    assert_true(rig_hop(&rig, 1));
}

/* T40: an MN whose home signs nothing gets no K; a laboratory may say otherwise. */
static void an_mn_without_a_mark(void **state)
{
    struct lk_pos_config config = rig.pos[1].config;

    rig.a.node[0].mis.signs = false;
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    nobody_is_there(1);
    config.tpos.unmarked = true;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1)); /* the SPoS knows no limit of the home: it is 0 */
    assert_int_equal(rig.mn.told, LK_MIS_REASON_CHAIN_LIMIT);
}

/* T40: the target's own limit may be lower than the others'. */
static void the_targets_limit(void **state)
{
    struct lk_pos_config config = rig.pos[2].config;

    config.tpos.max = 1;
    lk_pos_configure(rig.pos[2].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_true(rig_hop(&rig, 1));
    assert_false(rig_hop(&rig, 2));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_CHAIN_LIMIT);
    assert_int_equal(rig.pos[2].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_CHAIN_END);
    nobody_is_there(2);
}

/* T40: what the MN says of its count does not take the SPoS below what that knows itself. */
static void an_mn_that_counts_too_little(void **state)
{
    assert_true(rig_attach(&rig, 0));
    for (unsigned hop = 1; hop <= 3; hop++)
        assert_true(rig_hop(&rig, hop));
    rig.mn.mn.chain.used = rig.mn.with[3].sa.chain_used = 0;
    assert_false(rig_hop(&rig, 4));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_CHAIN_LIMIT);
    nobody_is_there(4);
}

static struct lk_mis_key_envelope envelope_of(const struct rig_packet *packet)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), CODES), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, CODES), LK_OK);
    return m.envelope;
}

static struct rig_packet first_n2n;

static bool keep_first_n2n(struct mis_rig *r, struct rig_packet *packet)
{
    if (packet->leg == RIG_N2N && first_n2n.len == 0)
        first_n2n = *packet;
    return true;
}

/* T40: who captures a PoS later finds no K that it handed out, nor one that it was given. */
static void no_k_is_left(void **state)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct lk_mis_key_envelope envelope;

        first_n2n.len = 0;
        rig.meddle = keep_first_n2n;
        rig.mn.udp = udp != 0; /* where K waits for an acknowledgement */
        assert_true(rig_attach(&rig, 0));
        assert_true(rig_hop(&rig, 1));
        envelope = envelope_of(&first_n2n);
        assert_int_equal(envelope.key.len, LK_MIS_K_MAX);
        for (unsigned i = 0; i < 5; i++)
            for (size_t at = 0; at + 16 <= envelope.key.len; at += 16)
                assert_false(rig_remembers(&rig, i, envelope.key.at + at, 16));
    }
}

/* ---- TLS ---- */

static void say_over_channel(const struct lk_pos_peer *peer, enum lk_mis_action action,
                             const struct lk_mis_message *m, enum lk_status want)
{
    uint8_t room[512];

    assert_int_equal(rig_heard(&rig, 0, peer, rig_say(&rig, room, 0, rig.mn.name, action,
                                                      LK_MIS_REQUEST, m)), want);
}

static struct lk_mis_message answer_to(void)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(rig.last[RIG_DOWN].octets,
                                                    rig.last[RIG_DOWN].len), CODES), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, CODES), LK_OK);
    return m;
}

/* T41: an SA by TLS is for messages, and never leads to a K. */
static void no_k_over_a_channel(void **state)
{
    struct lk_pos_event up = { .kind = LK_POS_EV_CHANNEL_UP };
    struct lk_pos_peer peer = rig_udp_peer(77, 5000);
    struct lk_mis_message m = { .present = 0 }, answer;
    uint8_t nonce[LK_MIS_NONCE_LEN] = { 1 };
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_mis_offers offers;
    struct lk_mis_psk psk, ours;

    peer.way = LK_POS_CHANNEL;
    peer.handle = 5;
    assert_true(rig_attach(&rig, 0));
    lk_mis_psk_derive(&ours, &rig.a.w.peer_grant.emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(rig.pos[0].name));
    lk_mis_psk_identity(identity, &ours);
    assert_int_equal(lk_pos_psk(&psk, rig.pos[0].pos, lk_span_text("somebody")), LK_E_NOT_FOUND);
    assert_int_equal(lk_pos_psk(&psk, rig.pos[0].pos, lk_span_text(identity)), LK_OK);
    assert_memory_equal(&psk, &ours, sizeof psk);
    up.channel.peer = peer;
    up.channel.identity = lk_span_text("somebody");
    assert_int_equal(rig_step(&rig, 0, up), LK_E_NOT_FOUND);
    say_over_channel(&peer, LK_MIS_CAPABILITY_DISCOVER, &m, LK_E_DENIED);
    up.channel.identity = lk_span_text(identity);
    assert_int_equal(rig_step(&rig, 0, up), LK_OK);
    say_over_channel(&peer, LK_MIS_CAPABILITY_DISCOVER, &m, LK_OK);
    assert_int_equal(answer_to().status, LK_MIS_SUCCESS);

    lk_mis_offers_default(&offers, CODES);
    m = rig_indication(nonce, &offers);
    m.mn = lk_span_text(rig.mn.name);
    m.pos = rig.neighbour[1].pos;
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_POS);
    n2n_count = 0;
    rig.meddle = count_n2n;
    say_over_channel(&peer, LK_MIS_PREREG_XFER, &m, LK_OK);
    answer = answer_to();
    assert_int_equal(answer.status, LK_MIS_REJECTED);
    assert_int_equal(answer.reason, LK_MIS_REASON_FULL_AUTH_WANTED);
    assert_false(lk_mis_has(&answer, LK_MIS_TLV_KEY_ENVELOPE));
    assert_int_equal(n2n_count, 0);
    rig.flying = 0;

    assert_int_equal(rig_step(&rig, 0, (struct lk_pos_event){ .kind = LK_POS_EV_GONE,
                                                              .gone = peer }), LK_OK);
    m.present = 0;
    say_over_channel(&peer, LK_MIS_CAPABILITY_DISCOVER, &m, LK_E_DENIED);
}

/* spec: IEEE 802.21 8.6 - Termination_Auth over a channel is of who proved its key: it is answered,
 * and all that the MN has here ends. */
static void an_end_over_a_channel(void **state)
{
    struct lk_pos_event up = { .kind = LK_POS_EV_CHANNEL_UP };
    struct lk_pos_peer peer = rig_udp_peer(77, 5000);
    struct lk_mis_message bye = { .reason = LK_MIS_REASON_NONE };
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_mis_psk psk;

    lk_mis_mark(&bye, LK_MIS_TLV_REASON);
    peer.way = LK_POS_CHANNEL;
    peer.handle = 5;
    assert_true(rig_attach(&rig, 0));
    lk_mis_psk_derive(&psk, &rig.a.w.peer_grant.emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(rig.pos[0].name));
    lk_mis_psk_identity(identity, &psk);
    up.channel.peer = peer;
    up.channel.identity = lk_span_text(identity);
    assert_int_equal(rig_step(&rig, 0, up), LK_OK);
    say_over_channel(&peer, LK_MIS_TERMINATION_AUTH, &bye, LK_OK);
    assert_int_equal(answer_to().status, LK_MIS_SUCCESS);
    assert_int_equal(rig.pos[0].closes, 1);
    assert_int_equal(rig.pos[0].facts[LK_POS_LEFT], 1);
    assert_int_equal(lk_pos_psk(&psk, rig.pos[0].pos, lk_span_text(identity)), LK_E_NOT_FOUND);
    nobody_is_there(0);
}

/* T41: a policy that demands an SA by EAP is not satisfied by one that an SPoS made. */
static void a_target_that_demands_eap(void **state)
{
    struct lk_pos_config config = rig.pos[1].config;

    config.tpos.demanded = 1u << LK_MIS_SA_EAP;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.mn.told, LK_MIS_REASON_FULL_AUTH_WANTED);
    nobody_is_there(1);
}

/* ---- altered, and played back ---- */

static enum lk_mis_tlv altered;

/* What a PoS on the way, or who is in one, makes of the target's answer or of the question. */
static bool alter_n2n(struct mis_rig *r, struct rig_packet *packet)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;
    uint8_t list[4096], octet[LK_MIS_NONCE_LEN] = { 2 }, room[RIG_FRAME];
    struct lk_writer l = lk_writer_of(list, sizeof list), w = lk_writer_of(room, sizeof room);

    if (packet->leg != RIG_N2N)
        return true;
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), CODES), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, CODES), LK_OK);
    if (!lk_mis_has(&m, altered) || (altered == LK_MIS_TLV_SUITES &&
                                     lk_mis_opcode_of(pdu.header.id) == LK_MIS_RESPONSE))
        return true;
    if (altered == LK_MIS_TLV_SUITES)
        m.suites = lk_span_of(octet, 1); /* CBC alone is offered */
    else if (altered == LK_MIS_TLV_NONCE_N)
        m.nonce_n = LK_SPAN(octet);
    else
        m.nonce_t = LK_SPAN(octet);
    assert_int_equal(lk_mis_message_put(&l, &m, CODES), LK_OK);
    pdu.body = lk_writer_span(&l);
    assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    memcpy(packet->octets, room, w.len);
    packet->len = w.len;
    return true;
}

/* T42: a nonce or the offers changed on the way: AUTH fails, and no SA is left anywhere. */
static void altered_on_the_way(void **state)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_NONCE_N, LK_MIS_TLV_NONCE_T,
                                            LK_MIS_TLV_SUITES };

    assert_true(rig_attach(&rig, 0));
    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++) {
        altered = tlvs[i];
        rig.meddle = alter_n2n;
        assert_false(rig_hop(&rig, 1));
        assert_int_equal(rig.mn.full_auth.reason, LK_REASON_MIS_NOT_CONFIRMED);
        rig_wait(&rig, 31000);
        nobody_is_there(1);
        rig.meddle = NULL;
    }
    assert_true(rig_hop(&rig, 1));
}

static struct rig_packet recorded[32];
static size_t recorded_count;

static bool record(struct mis_rig *r, struct rig_packet *packet)
{
    if (packet->leg != RIG_RADIUS && recorded_count < LK_COUNT_OF(recorded))
        recorded[recorded_count++] = *packet;
    return true;
}

static void play_back(unsigned target)
{
    for (size_t i = 0; i < recorded_count; i++) {
        const struct rig_packet *p = &recorded[i];
        struct lk_span octets = lk_span_of(p->octets, p->len);

        if (p->leg == RIG_UP)
            (void)!rig_heard(&rig, p->to, &p->peer, octets);
        else if (p->leg == RIG_N2N)
            (void)!rig_n2n(&rig, p->to, p->from, octets);
        rig.flying = 0;
    }
    (void)target;
}

/* T43: a whole exchange that is played back makes no SA, and leaves no row. */
static void a_whole_exchange_played_back(void **state)
{
    uint64_t prepared;

    assert_true(rig_attach(&rig, 0));
    recorded_count = 0;
    rig.meddle = record;
    assert_true(rig_hop(&rig, 1));
    rig.meddle = NULL;
    assert_true(recorded_count >= 6);
    prepared = rig_counted(&rig, 1)->prepared;
    play_back(1);
    assert_int_equal(rig_counted(&rig, 1)->prepared, prepared);
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_REPLAY);
    assert_true(rig_counted(&rig, 0)->replayed > 0);
    assert_true(rig_counted(&rig, 1)->replayed > 0);
    assert_true(rig_ping(&rig, 1));
    /* And once the MN has left. */
    rig_terminate(&rig, 1);
    play_back(1);
    assert_int_equal(rig_counted(&rig, 1)->prepared, prepared);
    nobody_is_there(1);
}

static struct rig_packet held;

static bool hold_answer(struct mis_rig *r, struct rig_packet *packet)
{
    if (packet->leg != RIG_N2N || packet->from != 1)
        return true;
    held = *packet;
    return false;
}

/* T43: a target's answer that comes when its question is long over is no answer to the next one,
 * though row, TID and number of the run are the same. */
static void an_answer_to_a_question_of_before(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig.meddle = hold_answer;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    assert_true(held.len > 0);
    rig.meddle = NULL;
    rig_terminate(&rig, 0);
    rig_mn_begin(&rig);
    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_n2n;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    rig.meddle = NULL;
    assert_int_equal(rig_n2n(&rig, 0, 1, lk_span_of(held.octets, held.len)), LK_E_NOT_FOUND);
    assert_int_equal(rig_counted(&rig, 0)->handed_over, 0);
}

/* T43: what is played back from elsewhere does not move the MN there. */
static void an_mn_is_not_moved_by_a_replay(void **state)
{
    struct lk_pos_peer elsewhere = rig_udp_peer(66, 1000);
    struct lk_pos_mn_told told;
    struct rig_packet ping;

    assert_true(rig_attach(&rig, 0));
    assert_true(rig_ping(&rig, 0));
    ping = rig.last[RIG_UP];
    (void)!rig_heard(&rig, 0, &elsewhere, lk_span_of(ping.octets, ping.len));
    rig.flying = 0;
    assert_true(rig_told(&rig, 0, &told));
    assert_int_equal(told.peer.way, LK_POS_STREAM);
    assert_true(rig_ping(&rig, 0));
}

/* T13: a datagram may be longer than anything that is passed on: it is not. */
static void too_long_to_be_passed_on(void **state)
{
    static uint8_t blob[40000], room[45000];
    struct lk_mis_pdu pdu = { .destination = lk_span_text(rig.pos[1].name),
                              .said = { LK_MIS_SA_SPOS, lk_span_of(blob, 16) } };
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_true(rig_attach(&rig, 0));
    pdu.source = lk_span_text(rig.mn.name);
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    pdu.header = (struct lk_mis_header){ .secured = true, .tid = 1,
                                         .id = rig_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST) };
    pdu.security.encr = lk_span_of(blob, 100);
    assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    assert_int_equal(rig_heard(&rig, 0, &rig.mn.peer, lk_writer_span(&w)), LK_OK);
    assert_int_equal(rig_counted(&rig, 0)->relayed, 1);
    pdu.security.encr = LK_SPAN(blob);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    assert_int_equal(rig_heard(&rig, 0, &rig.mn.peer, lk_writer_span(&w)), LK_E_LENGTH);
    rig.flying = 0;
}

/* T43: of an MN that does not come, nothing is left; its K is not even waited for. */
static void an_mn_that_does_not_come(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), 1);
    rig_wait(&rig, 31000);
    assert_int_equal(rig.pos[1].facts[LK_POS_NOT_COME], 1);
    nobody_is_there(1);
}

/* A protected message that is altered, of another, cut or repeated does nothing. */
static void altered_under_the_sa(void **state)
{
    struct rig_packet packet;

    assert_true(rig_attach(&rig, 0));
    assert_true(rig_ping(&rig, 0));
    packet = rig.last[RIG_UP];
    for (size_t i = 0; i < packet.len; i++) {
        uint64_t pings = rig_counted(&rig, 0)->pings;

        packet.octets[i] ^= 0x10;
        (void)!rig_heard(&rig, 0, &packet.peer, lk_span_of(packet.octets, packet.len));
        packet.octets[i] ^= 0x10;
        assert_int_equal(rig_counted(&rig, 0)->pings, pings);
        rig.flying = 0;
    }
    assert_true(rig_counted(&rig, 0)->unverified > 0);
    assert_true(rig_ping(&rig, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_link_that_is_down),
        CASE(a_link_that_breaks),
        CASE(over_a_link_that_is_down),
        CASE(in_the_name_of_another_pos),
        CASE(a_partner_with_another_id_than_its_row),
        CASE(a_pos_that_is_no_partner),
        CASE(marks_that_do_not_do),
        CASE(an_mn_without_a_mark),
        CASE(the_targets_limit),
        CASE(an_mn_that_counts_too_little),
        CASE(no_k_is_left),
        CASE(no_k_over_a_channel),
        CASE(an_end_over_a_channel),
        CASE(a_target_that_demands_eap),
        CASE(altered_on_the_way),
        CASE(a_whole_exchange_played_back),
        CASE(an_answer_to_a_question_of_before),
        CASE(an_mn_is_not_moved_by_a_replay),
        CASE(too_long_to_be_passed_on),
        CASE(an_mn_that_does_not_come),
        CASE(altered_under_the_sa),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
