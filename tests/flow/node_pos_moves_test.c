/* What moves a mobile node, and what ends its transactions, at a PoS: not what was there before,
 * and not what comes under an SA that is half-open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/pos_parts.h"
#include "pos_case.h"

#define CODES (&lk_mis_codes_default)

enum { THIEF_STREAM = 33 };
#define STREAM(handle) (UINT64_C(1) << (handle))

static const struct lk_mis_link_pair link = { LK_MIS_LINK_80211, { 2, 0, 0, 0, 0, 1 },
                                              { 2, 0, 0, 0, 0x36, 0x62 } };
static struct rig_packet caught; /* a request under the SA, as who listens has it */
static struct lk_pos_peer thief;
static struct rig_sa old;        /* the MN's, at PoS 0, before another one was half-open */

static struct lk_pos_mn *row(void)
{
    return lk_pos_mn_of(rig.pos[0].pos, lk_span_text(rig.mn.name));
}

static bool under(const struct rig_packet *packet, struct lk_mis_pdu *pdu)
{
    return lk_mis_decode(pdu, lk_span_of(packet->octets, packet->len), CODES) == LK_OK &&
           pdu->header.secured;
}

static bool listen(struct mis_rig *r, struct rig_packet *packet)
{
    struct lk_mis_pdu pdu;

    if (packet->leg == RIG_UP && under(packet, &pdu) &&
        lk_mis_opcode_of(pdu.header.id) == LK_MIS_REQUEST)
        caught = *packet;
    return true;
}

static void attach(bool udp)
{
    rig_mn_begin(&rig);
    rig.mn.udp = udp;
    rig.meddle = listen;
    assert_true(rig_attach(&rig, 0));
    rig.meddle = NULL;
}

static void come_from(bool udp)
{
    thief = rig_udp_peer(66, 6666);
    if (!udp)
        thief.way = LK_POS_STREAM;
    thief.handle = udp ? 0 : THIEF_STREAM;
}

/* ---- under an SA, from anywhere ---- */

/* A message to PoS 0 under that SA. */
static enum lk_status say(struct lk_mis_sa *sa, const struct lk_pos_peer *from,
                          struct lk_mis_header header, struct lk_span list)
{
    static const uint8_t iv[LK_MIS_IV_LEN];
    uint8_t room[RIG_FRAME];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    header.secured = true;
    assert_int_equal(lk_mis_protect(sa, &w, &header, list, iv, rig.now_ms, CODES), LK_OK);
    return rig_heard(&rig, 0, from, lk_writer_span(&w));
}

static enum lk_status answer_push(struct lk_mis_sa *sa, const struct lk_pos_peer *from,
                                  uint16_t tid)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_PUSH_KEY, LK_MIS_RESPONSE), .tid = tid };
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS };
    uint8_t list[16];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    assert_int_equal(lk_mis_message_put(&w, &m, CODES), LK_OK);
    header.ack_response = from->way == LK_POS_UDP;
    header.ack_request = header.ack_response;
    return say(sa, from, header, lk_writer_span(&w));
}

static void push(void)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_PUSH };
    char name[sizeof rig.mn.name];

    memcpy(name, rig.mn.name, sizeof name);
    event.push.mn = lk_span_text(name);
    event.push.link = link;
    assert_int_equal(rig_step(&rig, 0, event), LK_OK);
    assert_true(row()->push.awaited);
    rig.flying = 0;
}

static struct lk_pos_peer own_peer(void)
{
    struct lk_pos_peer peer = rig.mn.peer;

    if (rig.mn.udp)
        peer.way = LK_POS_UDP;
    return peer;
}

/* ---- T43, Y01 ---- */

/* T43, Y01: who overheard one message says it again, over each transport, while a link key is on
 * its way: the MN's answer to that counts as before. */
static void a_replay_ends_no_push(void **state)
{
    for (unsigned how = 0; how < 4; how++) {
        struct lk_pos_peer own;
        uint64_t replayed;

        attach(how & 1);
        come_from(how & 2);
        own = own_peer();
        push();
        replayed = rig_counted(&rig, 0)->replayed;
        (void)!rig_heard(&rig, 0, &thief, lk_span_of(caught.octets, caught.len));
        assert_int_equal(rig_counted(&rig, 0)->replayed, replayed + 1);
        rig.flying = 0;
        assert_true(lk_pos_same_peer(&row()->peer, &own));
        assert_int_equal(answer_push(&rig.mn.with[0].sa, &own, row()->push.tid), LK_OK);
        assert_int_equal(rig_counted(&rig, 0)->pushed, how + 1);
        rig.flying = 0;
    }
}

static bool replay_before_the_answer(struct mis_rig *r, struct rig_packet *packet)
{
    struct rig_packet answer;

    if (packet->leg != RIG_N2N || packet->to != 0)
        return true;
    answer = *packet;
    r->meddle = NULL;
    (void)!rig_heard(r, 0, &thief, lk_span_of(caught.octets, caught.len));
    rig_send(r, &answer);
    return false;
}

/* T43, Y01: the same while the target is asked. */
static void a_replay_ends_no_handover(void **state)
{
    for (unsigned how = 0; how < 4; how++) {
        attach(how & 1);
        come_from(how & 2);
        rig.meddle = replay_before_the_answer;
        rig_want(&rig, 1, NULL);
        rig_run(&rig);
        assert_null(rig.meddle);
        assert_int_equal(rig.mn.mn.state, LK_MIS_MN_READY);
        rig_switched(&rig);
        assert_true(rig_ping(&rig, 1));
    }
}

/* A replay begins no transactions either, where there are none. */
static void a_replay_takes_no_place(void **state)
{
    attach(false);
    rig_wait(&rig, 60000);
    assert_int_equal(row()->talk, LK_POS_NONE);
    assert_int_equal(rig_heard(&rig, 0, &caught.peer, lk_span_of(caught.octets, caught.len)),
                     LK_E_SYNC);
    assert_int_equal(row()->talk, LK_POS_NONE);
    assert_int_equal(rig.flying, 0);
}

/* ---- T40: what is half-open ---- */

/* The MN was with PoS 0 and is with PoS 1, which knows all of an SA that is half-open at PoS 0:
 * that is rig.mn.with[0] now. */
static void half_open(bool udp)
{
    attach(udp);
    assert_true(rig_hop(&rig, 1));
    old = rig.mn.with[0];
    rig.mn.keeps_mum = true;
    rig_want(&rig, 0, NULL);
    rig_run(&rig);
    assert_true(row()->has_sa && row()->has_next);
    come_from(udp);
}

/* T40: whoever made its K says what it likes under it, and not what proves the MN: the MN is where
 * it was, and what it is asked is not answered by it. The control is the same under its own SA. */
static void what_is_half_open_answers_nothing(void **state)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct lk_mis_header ack = { .id = rig_id(LK_MIS_PUSH_KEY, LK_MIS_REQUEST) };
        struct lk_pos_peer own;
        uint16_t tid;

        half_open(udp);
        own = own_peer();
        push();
        tid = ack.tid = row()->push.tid;
        ack.ack_response = true;
        assert_int_equal(answer_push(&rig.mn.with[0].sa, &thief, 77), LK_E_NOT_FOUND);
        assert_int_equal(answer_push(&rig.mn.with[0].sa, &thief, tid), LK_E_NOT_FOUND);
        assert_int_equal(say(&rig.mn.with[0].sa, &thief, ack, lk_span_of(NULL, 0)),
                         udp ? LK_E_NOT_FOUND : LK_E_VALUE);
        assert_true(row()->has_next && lk_pos_same_peer(&row()->peer, &own));
        assert_true(row()->push.awaited);
        assert_int_equal(row()->next_talk, LK_POS_NONE);
        assert_int_equal(answer_push(&old.sa, &own, tid), LK_OK);
        assert_false(row()->push.awaited);
        assert_int_equal(rig_counted(&rig, 0)->pushed, udp + 1);
        rig.flying = 0;
        rig_wait(&rig, 60000);
    }
}

/* Who proves itself moves the MN, and is asked what it says there. */
static void what_counts_moves_it(void **state)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST),
                                    .tid = 5 };
    half_open(false);
    assert_int_equal(say(&rig.mn.with[0].sa, &thief, header, lk_span_of(NULL, 0)), LK_OK);
    assert_false(row()->has_next);
    assert_true(lk_pos_same_peer(&row()->peer, &thief));
    assert_true(lk_pos_same_peer(&rig.last[RIG_DOWN].peer, &thief));
    assert_int_equal(rig_counted(&rig, 0)->arrived, 1);
    rig.flying = 0;
}

/* T40: an event that comes under an SA is acknowledged under that one, though another one is
 * half-open, and where the MN is. */
static void acknowledged_under_its_own(void **state)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_LINK_UP, LK_MIS_INDICATION), .tid = 9,
                                    .ack_request = true };
    struct lk_mis_message m = {
        .link.link = { LK_MIS_LINK_80211,
                       { LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, LK_SPAN(link.mn) } },
    };
    struct lk_pos_peer own;
    struct lk_mis_pdu pdu;
    uint8_t list[64];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    half_open(true);
    own = own_peer();
    lk_mis_mark(&m, LK_MIS_TLV_LINK);
    assert_int_equal(lk_mis_message_put(&w, &m, CODES), LK_OK);
    assert_int_equal(say(&old.sa, &own, header, lk_writer_span(&w)), LK_OK);
    assert_int_equal(rig.flying, 1);
    assert_true(under(&rig.last[RIG_DOWN], &pdu) && lk_mis_sa_is(&old.sa, &pdu.said));
    assert_true(pdu.header.ack_response && pdu.header.tid == 9);
    assert_true(lk_pos_same_peer(&rig.last[RIG_DOWN].peer, &own));
    rig.flying = 0;
}

/* An AUTH-T under the SA that counts is none of the half-open one's; one that is wrong under that
 * ends it, and moves nobody. */
static void no_proof_of_another_sa(void **state)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST), .tid = 9 };
    static const uint8_t auth[16];
    struct lk_mis_message m = { .auth = LK_SPAN(auth) };
    struct lk_pos_peer own;
    uint8_t list[64];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    half_open(true);
    own = own_peer();
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    assert_int_equal(lk_mis_message_put(&w, &m, CODES), LK_OK);
    (void)!say(&old.sa, &own, header, lk_writer_span(&w));
    assert_true(row()->has_sa && row()->has_next);
    rig.flying = 0;
    assert_int_equal(say(&rig.mn.with[0].sa, &thief, header, lk_writer_span(&w)), LK_OK);
    assert_true(row()->has_sa && !row()->has_next);
    assert_true(lk_pos_same_peer(&rig.last[RIG_DOWN].peer, &thief)); /* who is refused hears it */
    assert_int_equal(row()->next_talk, LK_POS_NONE);
    assert_true(lk_pos_same_peer(&row()->peer, &own));
    rig.flying = 0;
}

/* ---- T44: streams ---- */

static void ping_over(struct lk_mis_sa *sa, const struct lk_pos_peer *from)
{
    static uint16_t tid = 100;
    struct lk_mis_header header = { .id = rig_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST),
                                    .ack_request = from->way == LK_POS_UDP, .tid = tid++ };

    assert_int_equal(say(sa, from, header, lk_span_of(NULL, 0)), LK_OK);
    rig.flying = 0;
}

/* T44: an MN keeps the stream where it was heard last, as long as it has an SA: not the one before,
 * and none where it speaks over UDP. */
static void an_mn_has_one_stream(void **state)
{
    const uint64_t *served = &rig.pos[0].served;
    struct lk_pos_peer own, udp;

    attach(false);
    own = own_peer();
    assert_int_equal(*served, STREAM(RIG_MN_STREAM));
    come_from(true);
    udp = thief;
    come_from(false);
    ping_over(&rig.mn.with[0].sa, &thief);
    assert_int_equal(*served, STREAM(THIEF_STREAM));
    ping_over(&rig.mn.with[0].sa, &own);
    assert_int_equal(*served, STREAM(RIG_MN_STREAM));
    ping_over(&rig.mn.with[0].sa, &udp);
    assert_int_equal(*served, 0);
    ping_over(&rig.mn.with[0].sa, &own);
    assert_int_equal(*served, STREAM(RIG_MN_STREAM));
    assert_int_equal(rig_heard(&rig, 0, &thief, lk_span_of(caught.octets, caught.len)), LK_E_SYNC);
    assert_int_equal(*served, STREAM(RIG_MN_STREAM));
}

static void let_go(void)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RELEASE };

    event.release = lk_span_text(rig.mn.name);
    assert_int_equal(rig_step(&rig, 0, event), LK_OK);
    rig.flying = 0;
}

static void get_old(void)
{
    rig_wait(&rig, 1000 + UINT64_C(1000) * LK_MIS_SA_LIFETIME_S);
}

static void begin_anew(void)
{
    rig.mn.peer.handle++; /* over another stream */
    assert_true(rig_attach(&rig, 0));
}

/* T44: with its SA the stream is a stranger's again, however that ends. */
static void it_ends_with_the_sa(void **state)
{
    void (*const end[])(void) = { let_go, get_old, begin_anew };

    for (unsigned i = 0; i < LK_COUNT_OF(end); i++) {
        attach(false);
        assert_int_equal(rig.pos[0].served, STREAM(RIG_MN_STREAM));
        end[i]();
        assert_int_equal(rig.pos[0].served & STREAM(RIG_MN_STREAM), 0);
    }
}

/* T40, T44: who speaks under what is half-open has no stream before it counts. */
static void none_for_what_is_half_open(void **state)
{
    half_open(false);
    assert_int_equal(rig.pos[0].served, STREAM(RIG_MN_STREAM));
    assert_int_equal(answer_push(&rig.mn.with[0].sa, &thief, 77), LK_E_NOT_FOUND);
    assert_int_equal(rig.pos[0].served, STREAM(RIG_MN_STREAM));
    ping_over(&rig.mn.with[0].sa, &thief);
    assert_int_equal(rig.pos[0].served, STREAM(THIEF_STREAM));
}

/* ---- the end of an SA ---- */

static unsigned of_old; /* that left PoS 0 under the SA of before */

static bool watch(struct mis_rig *r, struct rig_packet *packet)
{
    struct lk_mis_pdu pdu;

    of_old += packet->leg == RIG_DOWN && packet->from == 0 && under(packet, &pdu) &&
              lk_mis_sa_is(&old.sa, &pdu.said);
    return true;
}

/* Where an SA takes the place of another one, nothing that was said under that is said again; and
 * what has the TID of a question of then is a question now. */
static void replaced_by_an_spos(void **state)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST),
                                    .ack_request = true };
    struct rig_sa *mn = &rig.mn.with[0];
    struct lk_pos_peer own;

    half_open(true);
    own = own_peer();
    lk_mis_exchange_init(&mn->x, mn->transaction, RIG_TRANSACTIONS, true, 76);
    mn->has_x = true;
    header.tid = mn->x.next_tid;
    assert_int_equal(say(&old.sa, &own, header, lk_span_of(NULL, 0)), LK_OK);
    push();
    of_old = 0;
    rig.meddle = watch;
    rig_mn_say(&rig, 0, header.id, lk_span_of(NULL, 0), false);
    assert_int_equal(mn->x.next_tid, header.tid + 1);
    rig_run(&rig);
    assert_false(row()->has_next);
    assert_true(row()->talk != LK_POS_NONE && row()->next_talk == LK_POS_NONE);
    assert_int_equal(rig.mn.pongs, 3); /* after attachment, and hop, and now */
    rig_wait(&rig, 20000);
    assert_int_equal(of_old, 0);
}

static void replaced_by_an_authentication(void **state)
{
    struct lk_pos_mn *mn;

    attach(true);
    push();
    old = rig.mn.with[0];
    mn = row();
    rig.pos[0].out.count = rig.pos[0].out.used = 0;
    lk_pos_end_old(rig.pos[0].pos, mn, &rig.pos[0].out);
    assert_int_equal(mn->talk, LK_POS_NONE);
    lk_pos_sa_set(rig.pos[0].pos, mn, &old.sa); /* as the one that takes its place */
    lk_pos_settle(rig.pos[0].pos, mn);
    of_old = 0;
    rig.meddle = watch;
    rig_wait(&rig, 20000);
    assert_int_equal(of_old, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF_THREE(a_replay_ends_no_push),
        CASE_OF_THREE(a_replay_ends_no_handover),
        CASE_OF_THREE(a_replay_takes_no_place),
        CASE_OF_THREE(what_is_half_open_answers_nothing),
        CASE_OF_THREE(what_counts_moves_it),
        CASE_OF_THREE(acknowledged_under_its_own),
        CASE_OF_THREE(no_proof_of_another_sa),
        CASE_OF_THREE(an_mn_has_one_stream),
        CASE_OF_THREE(it_ends_with_the_sa),
        CASE_OF_THREE(none_for_what_is_half_open),
        CASE_OF_THREE(replaced_by_an_spos),
        CASE_OF_THREE(replaced_by_an_authentication),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
