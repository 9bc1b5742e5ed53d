/* A PoS among strangers that want places, rows and names, and a partner that wants all rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/pos_parts.h"
#include "pos_case.h"

#define CODES (&lk_mis_codes_default)

static enum lk_status knock(const struct lk_pos_peer *peer, unsigned who)
{
    uint8_t nonce[LK_MIS_NONCE_LEN] = { (uint8_t)who, (uint8_t)(who >> 8) }, room[512];
    struct lk_mis_offers offers;
    struct lk_mis_message m;
    char name[32];

    lk_mis_offers_default(&offers, CODES);
    m = rig_indication(nonce, &offers);
    snprintf(name, sizeof name, "mn%u@nowhere.example", who);
    return rig_heard(&rig, 0, peer, rig_say(&rig, room, 0, name, LK_MIS_AUTH, LK_MIS_INDICATION,
                                            &m));
}

/* T44: whoever knocks over UDP from addresses that need not be his has a quarter of the places, and
 * no row; an MN that comes over a stream meanwhile is served. */
static void strangers_cost_no_row(void **state)
{
    for (unsigned i = 0; i < 5000; i++) {
        struct lk_pos_peer peer = rig_udp_peer((uint8_t)(i % 250), (uint16_t)(1 + i));

        assert_int_equal(knock(&peer, i), LK_OK);
        rig.flying = 0;
        assert_true(lk_pos_auth_count(rig.pos[0].pos) <= rig.pos[0].config.auths / 4);
    }
    nobody_is_there(0);
    assert_true(rig_counted(&rig, 0)->displaced > 4900);
    assert_int_equal(rig.pos[0].radius, 0);
    assert_true(rig_attach(&rig, 0));
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 1);
    rig_wait(&rig, 60000);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
}

static size_t down;

/* All that goes down, and none of it arrives. */
static bool count_down(struct mis_rig *r, struct rig_packet *packet)
{
    down += packet->leg == RIG_DOWN ? packet->len : 0;
    return packet->leg != RIG_DOWN;
}

/* What PoS 0 says over UDP, repeats and all, to who says this in an address's name. */
static size_t said_to(struct lk_span octets)
{
    struct lk_pos_peer peer = rig_udp_peer(66, 1000);

    down = 0;
    rig.meddle = count_down;
    assert_int_equal(rig_heard(&rig, 0, &peer, octets), LK_OK);
    rig_wait(&rig, 60000);
    rig.meddle = NULL;
    return down;
}

/* Y26: before an address has answered, it gets no more octets than came in its name, whatever is
 * asked and however long the padding; the controls are those that are long enough. */
static void no_more_goes_out_than_came(void **state)
{
    static const enum lk_mis_action actions[] = { LK_MIS_CAPABILITY_DISCOVER, LK_MIS_AUTH };
    static const uint8_t nothing[255], nonce[LK_MIS_NONCE_LEN] = { 1 };
    struct lk_mis_offers offers;
    struct lk_mis_message m;
    uint8_t room[512];

    lk_mis_offers_default(&offers, CODES);
    for (size_t i = 0; i < LK_COUNT_OF(actions); i++)
        for (size_t len = 0; len <= sizeof nothing; len++) {
            struct lk_span said;
            size_t answered;

            m = rig_indication(nonce, &offers);
            if (actions[i] == LK_MIS_CAPABILITY_DISCOVER)
                m.present = 0;
            m.vendor = lk_span_of(nothing, len);
            if (len > 0)
                lk_mis_mark(&m, LK_MIS_TLV_VENDOR);
            said = rig_say(&rig, room, 0, "a@h.example", actions[i],
                           i == 0 ? LK_MIS_REQUEST : LK_MIS_INDICATION, &m);
            answered = said_to(said);
            assert_true(answered <= said.len);
            if (len == 0)
                assert_int_equal(answered, 0);
            if (len == sizeof nothing)
                assert_true(answered > 0);
        }
}

/* Strangers take all places of those who have not answered, between a question and its answer. */
static bool strangers_come_between(struct mis_rig *r, struct rig_packet *packet)
{
    size_t flying = r->flying;

    if (packet->leg != RIG_UP || ++r->met != 2)
        return true;
    for (unsigned i = 0; i < 200; i++) {
        struct lk_pos_peer peer = rig_udp_peer((uint8_t)(i % 250), (uint16_t)(2000 + i));

        assert_int_equal(knock(&peer, i), LK_OK);
        r->flying = flying;
    }
    return true;
}

/* The same, and the answer's Nonce-N is not ours. */
static bool a_stranger_answers(struct mis_rig *r, struct rig_packet *packet)
{
    static const uint8_t head[] = { 203, LK_MIS_NONCE_LEN };

    (void)strangers_come_between(r, packet);
    for (size_t at = 8; packet->leg == RIG_UP && at + sizeof head < packet->len; at++)
        if (lk_span_equal(lk_span_of(packet->octets + at, sizeof head), LK_SPAN(head)))
            packet->octets[at + sizeof head] ^= 1;
    return true;
}

/* T44: an MN over UDP whose place strangers took meanwhile gets one with its answer, for Nonce-N
 * comes back with it; who does not know what we said gets none. */
static void who_answers_gets_a_place_anew(void **state)
{
    rig.mn.udp = true;
    rig.meddle = strangers_come_between;
    assert_true(rig_attach(&rig, 0));
    assert_true(rig.met > 2);
    assert_true(rig_counted(&rig, 0)->displaced >= 198);
    rig_wait(&rig, 60000);
    rig_mn_begin(&rig);
    rig.mn.udp = true;
    rig.met = 0;
    rig.meddle = a_stranger_answers;
    assert_false(rig_attach(&rig, 0));
    assert_true(rig.met >= 2);
}

/* T44: an address has its share of the places, over streams, too. */
static void a_source_has_its_share(void **state)
{
    struct lk_pos_config config = rig.pos[0].config;
    struct lk_pos_peer peer = rig_udp_peer(66, 1000), other = rig_udp_peer(67, 1000);

    config.per_source = 3;
    lk_pos_configure(rig.pos[0].pos, &config);
    peer.way = other.way = LK_POS_STREAM;
    for (unsigned i = 0; i < 10; i++) {
        peer.handle = 100 + i;
        assert_int_equal(knock(&peer, i), i < 3 ? LK_OK : LK_E_FULL);
    }
    assert_int_equal(rig_counted(&rig, 0)->source_full, 7);
    other.handle = 200;
    assert_int_equal(knock(&other, 50), LK_OK);
    rig.flying = 0;
    assert_int_equal(rig_step(&rig, 0, (struct lk_pos_event){ .kind = LK_POS_EV_GONE,
                                                              .gone = other }), LK_OK);
    peer.handle = 100;
    assert_int_equal(rig_step(&rig, 0, (struct lk_pos_event){ .kind = LK_POS_EV_GONE,
                                                              .gone = peer }), LK_OK);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 2);
    nobody_is_there(0);
}

/* T44: all places are taken by streams: the next one waits outside, and nothing breaks. */
static void all_places_are_taken(void **state)
{
    for (unsigned i = 0; i < 20; i++) {
        struct lk_pos_peer peer = rig_udp_peer((uint8_t)i, 1000);

        peer.way = LK_POS_STREAM;
        peer.handle = 100 + i;
        assert_int_equal(knock(&peer, i), i < rig.pos[0].config.auths ? LK_OK : LK_E_FULL);
        rig.flying = 0;
    }
    assert_int_equal(rig_counted(&rig, 0)->full, 12);
    rig_wait(&rig, 60000);
    assert_true(rig_attach(&rig, 0));
}

/* T44: who comes over a stream is where it says, and those who only knocked give way to it. */
static void who_only_knocked_gives_way(void **state)
{
    for (unsigned i = 0; i < rig.pos[0].config.auths; i++) {
        struct lk_pos_peer peer = rig_udp_peer((uint8_t)i, 1000);

        peer.way = i < 2 ? LK_POS_UDP : LK_POS_STREAM;
        peer.handle = 100 + i;
        assert_int_equal(knock(&peer, i), LK_OK);
    }
    rig.flying = 0;
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), rig.pos[0].config.auths);
    assert_true(rig_attach(&rig, 0));
    assert_int_equal(rig_counted(&rig, 0)->displaced, 1);
}

/* Each question to the home has an identifier of its own, and gives it back. */
static void identifiers_of_radius_come_back(void **state)
{
    for (unsigned i = 0; i < 140; i++)
        assert_true(rig_attach(&rig, 0));
    assert_true(rig.pos[0].radius > 256);
}

/* Of the ways of link keys, those that it goes: pushed, and pulled ahead
 * of a handover. */
static void what_it_can_is_told(const struct rig_packet *packet)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), CODES), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, CODES), LK_OK);
    assert_true(lk_mis_has(&m, LK_MIS_TLV_CAPABILITY) && m.capability.eap && m.capability.tls);
    assert_int_equal(m.capability.key_distribution, LK_MIS_KEYS_PUSH | LK_MIS_KEYS_PROACTIVE_PULL);
}

/* spec: IEEE 802.21 9 - only questions about capabilities and authentications come in clear. */
static void in_clear_nothing_else_is_heard(void **state)
{
    static const enum lk_mis_action actions[] = { LK_MIS_PREREG_XFER, LK_MIS_N2N_PREREG_XFER,
                                                  LK_MIS_DEREGISTER, LK_MIS_EVENT_SUBSCRIBE };
    struct lk_pos_peer peer = rig_udp_peer(66, 1000);
    static const uint8_t nothing[64];
    struct lk_mis_message m = { .present = 0 };
    uint8_t room[512];

    for (size_t i = 0; i < LK_COUNT_OF(actions); i++)
        assert_int_equal(rig_heard(&rig, 0, &peer,
                                   rig_say(&rig, room, 0, "mn@nowhere.example", actions[i],
                                           LK_MIS_REQUEST, &m)), LK_E_DENIED);
    assert_int_equal(rig_counted(&rig, 0)->strangers, LK_COUNT_OF(actions));
    assert_int_equal(rig.flying, 0);
    m.vendor = LK_SPAN(nothing);
    lk_mis_mark(&m, LK_MIS_TLV_VENDOR);
    assert_int_equal(rig_heard(&rig, 0, &peer,
                               rig_say(&rig, room, 0, "mn@nowhere.example",
                                       LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, &m)),
                     LK_OK);
    assert_int_equal(rig.flying, 1);
    what_it_can_is_told(&rig.air[0]);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
    nobody_is_there(0);
    rig.flying = 0;
}

/* Who knows the MN's name and speaks in it in clear does not get at its SA, nor at its row. */
static void in_the_name_of_an_mn(void **state)
{
    struct lk_pos_peer peer = rig_udp_peer(66, 1000);
    struct lk_mis_message m = { .present = 0 };
    struct lk_pos_mn_told told;
    uint8_t room[512], nonce[LK_MIS_NONCE_LEN] = { 1 };
    struct lk_mis_offers offers;

    assert_true(rig_attach(&rig, 0));
    lk_mis_mark(&m, LK_MIS_TLV_REASON);
    assert_int_equal(rig_heard(&rig, 0, &peer,
                               rig_say(&rig, room, 0, rig.mn.name, LK_MIS_TERMINATION_AUTH,
                                       LK_MIS_REQUEST, &m)), LK_E_DENIED);
    lk_mis_offers_default(&offers, CODES);
    m = rig_indication(nonce, &offers);
    assert_int_equal(rig_heard(&rig, 0, &peer,
                               rig_say(&rig, room, 0, rig.mn.name, LK_MIS_AUTH,
                                       LK_MIS_INDICATION, &m)), LK_OK);
    rig.flying = 0;
    assert_true(rig_told(&rig, 0, &told));
    assert_int_equal(told.peer.way, LK_POS_STREAM);
    assert_true(rig_ping(&rig, 0));
    rig_wait(&rig, 60000);
    assert_true(rig_ping(&rig, 0));
}

/* T02: the home says whom it has authenticated; the name that the MN begins under leads to no
 * row. */
static void a_name_that_is_not_the_mns(void **state)
{
    static const char victim[] = "victim@home.example";
    struct lk_pos_mn_told told;

    strcpy(rig.mn.once, victim);
    for (unsigned marks = 0; marks < 2; marks++) {
        rig.a.node[0].mis.signs = marks > 0;
        assert_true(rig_attach(&rig, 0));
        assert_false(lk_pos_told_of(&told, rig.pos[0].pos, lk_span_text(victim)));
        assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 1);
    }
}

/* T04: an AAA that does not know this PoS gives no name: no SA is made of its key. */
static void a_home_that_gives_no_name(void **state)
{
    strcpy(rig.pos[0].config.radius.pos, "another@d0.example");
    lk_pos_configure(rig.pos[0].pos, &rig.pos[0].config);
    assert_false(rig_attach(&rig, 0));
    assert_int_equal(rig.pos[0].reason[LK_POS_REJECTED], LK_REASON_MIS_HOME_SILENT);
    nobody_is_there(0);
}

/* ---- a partner that is captured ---- */

/* What a PoS says at PoS 1 of an MN whom the home authenticated then; the mark is good. */
static struct lk_mis_key_envelope told = { .lifetime_s = 3600, .used = 1, .max = 3,
                                           .origin = LK_MIS_ORIGIN_SPOS };

static void announce(unsigned from, const char *name, unsigned which, uint64_t start_s)
{
    uint8_t k[LK_MIS_K_MAX] = { 1 }, nonce[LK_MIS_NONCE_LEN] = { (uint8_t)which };
    uint8_t mark[LK_MIS_START_MARK_MAX], room[512];
    struct lk_writer w = lk_writer_of(mark, sizeof mark);
    struct lk_start_mark start = { .start_s = start_s, .lifetime_s = 3600, .max = 3,
                                   .mn_id = lk_span_text(name),
                                   .realm = lk_span_text("home.example") };
    struct lk_mis_offers offers;
    struct lk_mis_message m;

    assert_int_equal(lk_start_mark_sign(&w, &start, &rig.a.mark_key), LK_OK);
    lk_mis_offers_default(&offers, CODES);
    m = rig_indication(nonce, &offers);
    m.mn = lk_span_text(name);
    m.start_mark = lk_writer_span(&w);
    m.envelope = told;
    m.envelope.key = LK_SPAN(k);
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_START_MARK);
    lk_mis_mark(&m, LK_MIS_TLV_KEY_ENVELOPE);
    assert_int_equal(rig_n2n(&rig, 1, from, rig_say(&rig, room, 1, rig.pos[from].name,
                                                    LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m)),
                     LK_OK);
    rig.flying = 0;
}

static void announce_one_of_many(unsigned from, unsigned which)
{
    char name[40];

    snprintf(name, sizeof name, "0010100000001%02u@home.example", which);
    announce(from, name, which, rig.now_ms / 1000);
}

/* T44: a link has its share of rows for those who have not come yet; the others' remain. */
static void a_partner_that_announces_and_announces(void **state)
{
    for (unsigned i = 0; i < 20; i++)
        announce_one_of_many(0, i);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), rig.pos[1].config.half_opens);
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_FULL);
    assert_true(rig_attach(&rig, 2));
    assert_true(rig_hop(&rig, 1));
    rig_wait(&rig, 31000);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), 1);
}

/* Whom that link announced is there, as if it had spoken under its SA. */
static void all_come(void)
{
    static struct lk_pos_outbox out;

    for (uint32_t row = 0; row < rig.pos[1].pos->mn_touched; row++) {
        out.count = out.used = 0;
        if (rig.pos[1].pos->mn[row].has_next)
            lk_pos_proven(rig.pos[1].pos, &rig.pos[1].pos->mn[row], &out);
    }
}

/* T44: a link that announces and speaks for them, too, has half of the rows, and no more; another
 * link has its own. */
static void a_partner_that_speaks_for_whom_it_announces(void **state)
{
    for (unsigned i = 0; i < 20; i++) {
        announce_one_of_many(0, i);
        all_come();
    }
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), rig.pos[1].config.mns / 2);
    assert_int_equal(lk_pos_count_from(rig.pos[1].pos, lk_span_text(rig.pos[0].name)),
                     rig.pos[1].config.mns / 2);
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_FULL);
    announce(0, "001010000000100@home.example", 77, rig.now_ms / 1000); /* in its own place */
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], rig.pos[1].config.mns / 2 + 1);
    announce_one_of_many(2, 30);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), rig.pos[1].config.mns / 2 + 1);
}

/* T44: who has not come yet counts among the half, too; whom that link announced already has its
 * own place, though the share is full. */
static void who_has_not_come_counts_among_the_half(void **state)
{
    uint32_t half = rig.pos[1].config.mns / 2;
    unsigned prepared;

    rig.pos[1].config.half_opens = rig.pos[1].config.mns;
    lk_pos_configure(rig.pos[1].pos, &rig.pos[1].config);
    for (unsigned i = 0; i < 20; i++)
        announce_one_of_many(0, i);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), half);
    prepared = rig.pos[1].facts[LK_POS_PREPARED];
    assert_int_equal(prepared, half);
    announce(0, "001010000000100@home.example", 77, rig.now_ms / 1000);
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], prepared + 1);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), half);
}

/* T44: two partners have all rows: whom the home authenticates gets that of one of theirs, and is
 * itself in nobody's way any more. */
static void whom_the_home_vouches_for_goes_first(void **state)
{
    for (unsigned i = 0; i < 20; i++) {
        announce_one_of_many(i % 2 * 2, i);
        all_come();
    }
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), rig.pos[1].config.mns);
    assert_true(rig_attach(&rig, 1));
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), rig.pos[1].config.mns);
    assert_int_equal(rig.pos[1].facts[LK_POS_LEFT], 1);
    lk_pos_psk_drop(rig.pos[1].pos, lk_pos_mn_of(rig.pos[1].pos, lk_span_text(rig.mn.name)));
    for (const struct lk_pos_mn *over; (over = lk_pos_mn_first_over(rig.pos[1].pos)) != NULL;)
        lk_pos_mn_drop(rig.pos[1].pos, lk_pos_mn_of(rig.pos[1].pos, lk_mis_name_of(&over->name)));
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), 1); /* nothing but what the home said */
    for (unsigned i = 0; i < 20; i++) {
        announce_one_of_many(i % 2 * 2, 40 + i);
        all_come();
    }
    assert_true(rig_ping(&rig, 1));
}

/* Whether that offer was taken; if not, why. */
static bool is_taken(unsigned from, unsigned which, uint64_t start_s, enum lk_reason *why)
{
    unsigned prepared = rig.pos[1].facts[LK_POS_PREPARED];

    rig.pos[1].reason[LK_POS_NOT_TAKEN] = LK_REASON_NONE;
    announce(from, rig.mn.name, which, start_s);
    *why = rig.pos[1].reason[LK_POS_NOT_TAKEN];
    return rig.pos[1].facts[LK_POS_PREPARED] > prepared;
}

/* T40: a PoS of an earlier chain still holds a good mark, and nothing that stands on it takes the
 * place of an SA of a later authentication; the control is one that is as late. */
static void an_older_mark_takes_no_place(void **state)
{
    uint64_t start_s = rig.now_ms / 1000;
    enum lk_reason why;

    assert_true(rig_attach(&rig, 1));
    assert_false(is_taken(0, 1, start_s - 1, &why));
    assert_int_equal(why, LK_REASON_MIS_MARK);
    assert_true(rig_ping(&rig, 1));
    assert_true(is_taken(0, 2, start_s, &why));
}

/* T40: who is awaited through one link is not taken from it through another, unless the home has
 * authenticated it since; and then not by the one before. */
static void who_is_awaited_through_another_link(void **state)
{
    uint64_t start_s = rig.now_ms / 1000;
    enum lk_reason why;

    assert_true(is_taken(0, 1, start_s, &why));
    assert_false(is_taken(2, 2, start_s, &why));
    assert_int_equal(why, LK_REASON_MIS_FULL);
    assert_true(is_taken(0, 3, start_s, &why));
    assert_true(is_taken(2, 4, start_s + 1, &why));
    assert_false(is_taken(0, 5, start_s, &why));
    assert_int_equal(why, LK_REASON_MIS_MARK);
    rig_wait(&rig, 31000);
    assert_true(is_taken(0, 6, start_s, &why));
}

/* T40: what the home's PoS hands over is the home's only if it counts as none: that PoS serves,
 * too, and what it says of a chain is of the chain. */
static void the_homes_k_counts_as_none(void **state)
{
    rig_at_home(&rig, 0);
    told.origin = LK_MIS_ORIGIN_HOME;
    for (uint8_t used = 0; used < 2; used++) {
        told.used = used;
        announce_one_of_many(0, used);
        assert_int_equal(rig.pos[1].pos->mn[used].next.type,
                         used == 0 ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS);
    }
    told.used = 1;
    told.origin = LK_MIS_ORIGIN_SPOS;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(strangers_cost_no_row),
        CASE(who_answers_gets_a_place_anew),
        CASE(no_more_goes_out_than_came),
        CASE(a_source_has_its_share),
        CASE(all_places_are_taken),
        CASE(who_only_knocked_gives_way),
        CASE(identifiers_of_radius_come_back),
        CASE(in_clear_nothing_else_is_heard),
        CASE(in_the_name_of_an_mn),
        CASE(a_name_that_is_not_the_mns),
        CASE(a_home_that_gives_no_name),
        CASE(a_partner_that_announces_and_announces),
        CASE(a_partner_that_speaks_for_whom_it_announces),
        CASE(who_has_not_come_counts_among_the_half),
        CASE(whom_the_home_vouches_for_goes_first),
        CASE(the_homes_k_counts_as_none),
        CASE(an_older_mark_takes_no_place),
        CASE(who_is_awaited_through_another_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
