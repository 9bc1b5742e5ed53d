/* Guards of a PoS that stand one behind the other, each by itself: where one is gone, the next one
 * would keep a whole run from noticing. */
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

static struct lk_pos_outbox out;

static bool lose_n2n(struct mis_rig *r, struct rig_packet *packet)
{
    return packet->leg != RIG_N2N;
}

/* What PoS 0 asks PoS 1 with, and which does not arrive. */
static struct rig_packet asked_of_one(void)
{
    struct rig_packet request;

    assert_true(rig_attach(&rig, 0));
    rig.meddle = lose_n2n;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    request = rig.last[RIG_N2N];
    rig.meddle = NULL;
    rig_mn_begin(&rig);
    return request;
}

static void read_n2n(struct lk_mis_pdu *pdu, struct lk_mis_message *m, struct lk_span octets)
{
    assert_int_equal(lk_mis_decode(pdu, octets, CODES), LK_OK);
    assert_int_equal(lk_mis_message_get(m, &pdu->header, pdu->body, CODES), LK_OK);
}

/* ---- T46: the link, layer by layer; T40: marks ---- */

/* T46: out: a list for a partner leaves over a link that is up alone, and so does what is passed
 * on. The control: once it is up, both leave. */
static void nothing_leaves_over_a_link_that_is_down(void **state)
{
    struct lk_mis_header header = { .id = rig_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST),
                                    .tid = 1 };
    struct lk_pos_peer through = { .way = LK_POS_LINK, .handle = 1 };
    struct lk_span list = { NULL, 0 };

    rig_link(&rig, 0, 1, false);
    out.count = out.used = 0;
    assert_int_equal(lk_pos_say_n2n(rig.pos[0].pos, 1, &header, list, &out), LK_E_NOT_FOUND);
    lk_pos_pass(rig.pos[0].pos, &through, lk_span_text("on its way"), &out);
    assert_int_equal(out.count, 0);
    assert_int_equal(lk_pos_link_of(rig.pos[0].pos, lk_span_text(rig.pos[1].name)), LK_POS_NONE);
    rig_link(&rig, 0, 1, true);
    assert_int_equal(lk_pos_say_n2n(rig.pos[0].pos, 1, &header, list, &out), LK_OK);
    lk_pos_pass(rig.pos[0].pos, &through, lk_span_text("on its way"), &out);
    assert_int_equal(out.count, 2);
    assert_int_equal(lk_pos_link_of(rig.pos[0].pos, lk_span_text(rig.pos[1].name)), 1);
}

/* T46: in: what comes over a link that is down is not even read; and if it were, the machine of the
 * target would not take it. The control is the same message once the link is up. */
static void nothing_comes_over_a_link_that_is_down(void **state)
{
    struct rig_packet request = asked_of_one();
    struct lk_pos_event event = { .kind = LK_POS_EV_N2N, .now_ms = rig.now_ms };
    uint64_t read = rig_counted(&rig, 1)->n2n_messages;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    rig_link(&rig, 0, 1, false);
    event.link.octets = lk_span_of(request.octets, request.len);
    assert_int_equal(rig_n2n(&rig, 1, 0, event.link.octets), LK_E_DENIED);
    assert_int_equal(rig_counted(&rig, 1)->n2n_messages, read);
    read_n2n(&pdu, &m, event.link.octets);
    out.count = out.used = 0;
    assert_int_equal(lk_pos_on_offer(rig.pos[1].pos, &event, &pdu.header, &m, &out), LK_E_DENIED);
    assert_int_equal(out.count, 0);
    rig_link(&rig, 0, 1, true);
    assert_int_equal(rig_n2n(&rig, 1, 0, event.link.octets), LK_OK);
    assert_int_equal(rig_counted(&rig, 1)->n2n_messages, read + 1);
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], 1);
}

/* T46: the table of neighbours says that a link is up, and none is: the SPoS finds out as it would
 * send K, sends it nowhere, and says so. */
static void a_neighbour_that_is_up_by_mistake(void **state)
{
    assert_true(rig_attach(&rig, 0));
    rig_link(&rig, 0, 1, false);
    rig.pos[0].pos->neighbour[1].up = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig); /* at once */
    assert_int_equal(rig.mn.told, LK_MIS_REASON_UNREACHABLE);
    assert_int_equal(rig_counted(&rig, 0)->no_link, 1);
    rig_link(&rig, 0, 1, true);
    assert_true(rig_hop(&rig, 1));
    assert_int_equal(rig_counted(&rig, 0)->no_link, 1);
}

/* T46: nobody is at the other end of a link to oneself. */
static void a_link_to_oneself(void **state)
{
    struct lk_pos_event up = { .kind = LK_POS_EV_LINK_UP };

    up.link.link = 1;
    up.link.name = lk_span_text(rig.pos[0].name);
    assert_int_equal(rig_step(&rig, 0, up), LK_E_VALUE);
    assert_int_equal(lk_pos_link_name(rig.pos[0].pos, 1).len, 0);
    up.link.name = lk_span_text(rig.pos[1].name);
    assert_int_equal(rig_step(&rig, 0, up), LK_OK);
    assert_true(lk_pos_link_name(rig.pos[0].pos, 1).len > 0);
}

/* T40: of the homes that it knows, a PoS goes by the key of the one that the mark names. */
static void each_home_has_its_key(void **state)
{
    struct lk_pos_home homes[2] = { { lk_span_text("other.example"), { { 7 } } }, rig.home };
    struct lk_pos_config config = rig.pos[1].config;

    config.home = homes;
    config.homes = 2;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_true(rig_hop(&rig, 1));
    homes[0].key = rig.home_key; /* the key is right, the name is not */
    config.homes = 1;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_false(rig_hop(&rig, 1));
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_MARK);
}

/* T40: the limit that a target took an MN with is the one that it hands it on with. */
static void the_limit_goes_on(void **state)
{
    struct lk_pos_config config = rig.pos[1].config;
    struct lk_pos_mn_told told;

    config.tpos.max = 2;
    lk_pos_configure(rig.pos[1].pos, &config);
    assert_true(rig_attach(&rig, 0));
    assert_true(rig_told(&rig, 0, &told));
    assert_int_equal(told.chain.max, 3);
    assert_true(rig_hop(&rig, 1));
    assert_true(rig_told(&rig, 1, &told));
    assert_int_equal(told.chain.max, 2);
}

/* ---- T43 ---- */

/* T43: what a partner says without the home's mark takes no place among the nonces: what was there
 * before is still known. The control is that two nonces with marks push it out. */
static void false_marks_push_no_nonce_out(void **state)
{
    struct rig_packet request = asked_of_one();
    struct lk_span octets = lk_span_of(request.octets, request.len);
    struct rig_packet other = request;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    rig.pos[1].config.nonces = 2;
    rig_begin(&rig, 1);
    rig_link(&rig, 0, 1, false);
    rig_link(&rig, 0, 1, true);
    assert_int_equal(rig_n2n(&rig, 1, 0, octets), LK_OK);
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], 1);
    read_n2n(&pdu, &m, lk_span_of(other.octets, other.len));
    for (unsigned marked = 0; marked < 2; marked++) {
        rig.pos[1].mark_lies = marked == 0;
        for (unsigned i = 0; i < 4; i++) {
            other.octets[m.nonce_t.at - other.octets]++;
            (void)!rig_n2n(&rig, 1, 0, lk_span_of(other.octets, other.len));
        }
        rig.pos[1].mark_lies = false;
        rig.pos[1].reason[LK_POS_NOT_TAKEN] = LK_REASON_NONE;
        (void)!rig_n2n(&rig, 1, 0, octets);
        assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN],
                         marked == 0 ? LK_REASON_MIS_REPLAY : LK_REASON_NONE);
    }
    rig.flying = 0;
}

static bool hold_what_goes_up(struct mis_rig *r, struct rig_packet *packet)
{
    return packet->leg != RIG_UP;
}

/* T43: what is altered, and comes from elsewhere, does not move the MN there; the same octets as
 * they were, and new, do. */
static void an_mn_is_moved_by_what_verifies_alone(void **state)
{
    struct lk_pos_peer elsewhere = rig_udp_peer(66, 1000);
    struct lk_pos_mn_told told;
    struct rig_packet ping;

    assert_true(rig_attach(&rig, 0));
    rig.meddle = hold_what_goes_up;
    (void)rig_ping(&rig, 0);
    ping = rig.last[RIG_UP];
    for (size_t i = 0; i <= ping.len; i++) {
        bool whole = i == ping.len;

        ping.octets[whole ? 0 : i] ^= whole ? 0 : 0x10;
        (void)!rig_heard(&rig, 0, &elsewhere, lk_span_of(ping.octets, ping.len));
        ping.octets[whole ? 0 : i] ^= whole ? 0 : 0x10;
        rig.flying = 0;
        assert_true(rig_told(&rig, 0, &told));
        assert_int_equal(told.peer.way, whole ? LK_POS_UDP : LK_POS_STREAM);
    }
    assert_true(lk_address_equal(&told.peer.address, &elsewhere.address));
    rig.meddle = NULL;
    assert_true(rig_ping(&rig, 0));
    assert_true(rig_told(&rig, 0, &told));
    assert_int_equal(told.peer.way, LK_POS_STREAM);
}

/* T43: a nonce is of its MN: another one may have drawn the same. */
static void a_nonce_is_of_its_mn(void **state)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 5 };
    struct lk_pos *pos = rig.pos[0].pos;

    assert_false(lk_pos_nonce_seen(pos, lk_span_text("a@home.example"), nonce, 10));
    assert_false(lk_pos_nonce_seen(pos, lk_span_text("b@home.example"), nonce, 10));
    assert_true(lk_pos_nonce_seen(pos, lk_span_text("a@home.example"), nonce, 10));
}

/* T43: and it is remembered for as long as it is told, to the second, and then no more. */
static void a_nonce_is_remembered_for_its_time(void **state)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 5 };
    struct lk_span mn = lk_span_text("a@home.example");
    struct lk_pos *pos = rig.pos[0].pos;

    assert_false(lk_pos_nonce_seen(pos, mn, nonce, 10));
    pos->now_ms += 9999;
    assert_true(lk_pos_nonce_seen(pos, mn, nonce, 10));
    pos->now_ms++;
    assert_false(lk_pos_nonce_seen(pos, mn, nonce, 10));
}

/* T43: an offer that is played again whole is known for as long as its mark is good; then the mark
 * is not. */
static void an_offer_is_remembered_while_its_mark_is_good(void **state)
{
    enum { MARK_S = 3600, STEP_MS = 1000 };
    struct rig_packet request = asked_of_one();
    struct lk_span octets = lk_span_of(request.octets, request.len);

    assert_int_equal(rig_n2n(&rig, 1, 0, octets), LK_OK);
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], 1);
    for (unsigned over = 0; over < 2; over++) {
        rig_wait(&rig, over == 0 ? (MARK_S - 1) * STEP_MS : STEP_MS);
        (void)!rig_n2n(&rig, 1, 0, octets);
        assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], 1);
        assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN],
                         over == 0 ? LK_REASON_MIS_REPLAY : LK_REASON_MIS_MARK);
    }
    rig.flying = 0;
}

/* ---- T44, T02 ---- */

/* T44: who has an IPv6 prefix has all addresses of its /64, and they are one source; the next /64
 * is another one. */
static void all_of_a_64_is_one_source(void **state)
{
    const struct lk_pos_words words = { { 0 } };
    struct lk_pos *pos = rig.pos[0].pos;
    struct lk_pos_config config = rig.pos[0].config;
    struct lk_pos_peer peer = { .way = LK_POS_STREAM,
                                .address.octets = { 0x20, 0x01, 0x0d, 0xb8 } };

    config.per_source = 3;
    lk_pos_configure(pos, &config);
    for (unsigned i = 0; i < 5; i++) {
        peer.handle = 100 + i;
        peer.address.octets[8 + i] = 1;
        assert_int_equal(lk_pos_auth_add(pos, &peer, lk_span_text("a@h.example"), &words) != NULL,
                         i < 3);
    }
    peer.address.octets[7] = 1;
    assert_non_null(lk_pos_auth_add(pos, &peer, lk_span_text("a@h.example"), &words));
    assert_int_equal(rig_counted(&rig, 0)->source_full, 2);
}

/* T44: the words are of one address, port, name, nonce and time: heard at one, they are no proof at
 * another, nor later. */
static void words_are_of_one_place_and_time(void **state)
{
    static const uint8_t nonce[2][LK_MIS_NONCE_LEN] = { { 1 }, { 2 } };
    struct lk_pos_words words[6];

    for (unsigned i = 0; i < LK_COUNT_OF(words); i++) {
        struct lk_pos_peer peer = rig_udp_peer(i == 1 ? 2 : 1, i == 2 ? 2 : 1);

        lk_pos_words_make(&words[i], rig.pos[0].pos, &peer,
                          lk_span_text(i == 3 ? "b@h.example" : "a@h.example"),
                          LK_SPAN(nonce[i == 4]), i == 5 ? 8 : 7);
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(&words[i], &words[j], sizeof words[i]);
    }
}

/* T44: all rows are taken: whom a partner announces is refused, and an MN is told no before it
 * believes that it has an SA. The control: a row is free again. */
static void all_rows_are_taken(void **state)
{
    struct rig_packet request = asked_of_one();
    struct lk_span octets = lk_span_of(request.octets, request.len);

    rig.pos[1].config.mns = 1;
    rig_begin(&rig, 1);
    rig_link(&rig, 0, 1, false);
    rig_link(&rig, 0, 1, true);
    assert_non_null(lk_pos_mn_add(rig.pos[1].pos, lk_span_text("somebody@home.example")));
    assert_int_equal(rig_n2n(&rig, 1, 0, octets), LK_OK);
    rig.flying = 0;
    assert_int_equal(rig.pos[1].reason[LK_POS_NOT_TAKEN], LK_REASON_MIS_FULL);
    assert_false(rig_attach(&rig, 1));
    assert_int_equal(rig.pos[1].reason[LK_POS_REJECTED], LK_REASON_MIS_FULL);
    assert_int_equal(rig.mn.attached, 0);
    lk_pos_mn_drop(rig.pos[1].pos,
                   lk_pos_mn_of(rig.pos[1].pos, lk_span_text("somebody@home.example")));
    assert_int_equal(rig_n2n(&rig, 1, 0, octets), LK_OK);
    assert_int_equal(rig.pos[1].facts[LK_POS_PREPARED], 1);
}

/* T02: a channel is of the MN whose key opened it: what it says under another name is nobody's. The
 * control is what it says under its own. */
static void another_name_over_a_channel(void **state)
{
    struct lk_pos_event up = { .kind = LK_POS_EV_CHANNEL_UP };
    struct lk_mis_message nothing = { .present = 0 };
    struct lk_pos_mn *mn;
    uint8_t room[512];

    assert_true(rig_attach(&rig, 0));
    mn = lk_pos_mn_of(rig.pos[0].pos, lk_span_text(rig.mn.name));
    up.channel.peer = rig_udp_peer(77, 5000);
    up.channel.peer.way = LK_POS_CHANNEL;
    up.channel.identity = lk_span_text(mn->identity);
    assert_int_equal(rig_step(&rig, 0, up), LK_OK);
    for (unsigned own = 0; own < 2; own++) {
        struct lk_span said = rig_say(&rig, room, 0, own ? rig.mn.name : "b@home.example",
                                      LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, &nothing);

        assert_int_equal(rig_heard(&rig, 0, &up.channel.peer, said), own ? LK_OK : LK_E_DENIED);
    }
    assert_int_equal(rig_counted(&rig, 0)->strangers, 1);
    rig.flying = 0;
}

/* ---- what a PoS passes on ---- */

/* T46: it passes on what is protected, from its MN and from nowhere else, to the target that it
 * handed the MN to and to nobody else. */
static void it_passes_on_little(void **state)
{
    static const uint8_t encr[64];
    struct lk_pos_peer elsewhere = rig_udp_peer(9, 9);
    uint8_t room[512];

    assert_true(rig_attach(&rig, 0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    for (unsigned to = 1; to <= 2; to++)
        for (unsigned secured = 0; secured < 2; secured++)
            for (unsigned own = 0; own < 2; own++) {
                struct lk_mis_pdu pdu = { .source = lk_span_text(rig.mn.name),
                                          .destination = lk_span_text(rig.pos[to].name) };
                struct lk_writer w = lk_writer_of(room, sizeof room);
                bool right = to == 1 && secured && own;

                pdu.header = (struct lk_mis_header){
                    .secured = secured != 0, .tid = 1,
                    .id = rig_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST) };
                if (secured)
                    pdu.said = (struct lk_mis_said){ LK_MIS_SA_SPOS, lk_span_of(encr, 16) };
                pdu.security.encr = LK_SPAN(encr);
                assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
                assert_int_equal(rig_heard(&rig, 0, own ? &rig.mn.peer : &elsewhere,
                                           lk_writer_span(&w)),
                                 right ? LK_OK : LK_E_DENIED);
                rig.flying = 0;
            }
    assert_int_equal(rig_counted(&rig, 0)->relayed, 1);
    assert_int_equal(rig_counted(&rig, 0)->foreign, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_leaves_over_a_link_that_is_down),
        CASE(nothing_comes_over_a_link_that_is_down),
        CASE(a_neighbour_that_is_up_by_mistake),
        CASE(a_link_to_oneself),
        CASE(each_home_has_its_key),
        CASE(the_limit_goes_on),
        CASE(false_marks_push_no_nonce_out),
        CASE(an_mn_is_moved_by_what_verifies_alone),
        CASE_OF_THREE(a_nonce_is_of_its_mn),
        CASE_OF_THREE(a_nonce_is_remembered_for_its_time),
        CASE_OF_THREE(an_offer_is_remembered_while_its_mark_is_good),
        CASE(all_of_a_64_is_one_source),
        CASE(words_are_of_one_place_and_time),
        CASE(all_rows_are_taken),
        CASE(another_name_over_a_channel),
        CASE(it_passes_on_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
