/* Whose a place, a row and a proof are: an MN over UDP that answers later, or from elsewhere; and
 * a PoS that is full. */
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

/* ---- places ---- */

/* T44: over UDP an end is an address and a port, over all else its handle, of that way. */
static void an_end_is_of_its_way(void **state)
{
    struct lk_pos_peer udp = rig_udp_peer(1, 1), port = rig_udp_peer(1, 2),
                       host = rig_udp_peer(2, 1), stream = udp, channel, moved, next;

    stream.way = LK_POS_STREAM;
    stream.handle = 7;
    channel = moved = next = stream;
    channel.way = LK_POS_CHANNEL;
    moved.port = 9;
    next.handle = 8;
    assert_true(lk_pos_same_peer(&udp, &udp));
    assert_false(lk_pos_same_peer(&udp, &port));
    assert_false(lk_pos_same_peer(&udp, &host));
    udp.handle = stream.handle;
    assert_false(lk_pos_same_peer(&udp, &stream));
    assert_true(lk_pos_same_peer(&stream, &moved));
    assert_false(lk_pos_same_peer(&stream, &channel));
    assert_false(lk_pos_same_peer(&stream, &next));
}

/* T44: a place is of that name, though another one has the same hash. */
static void a_place_is_of_its_name(void **state)
{
    const struct lk_pos_words words = { { 0 } };
    const struct lk_pos_peer peer = rig_udp_peer(1, 1);
    const struct lk_span a = lk_span_text("a@h.example"), b = lk_span_text("b@h.example");
    struct lk_pos *pos = rig.pos[0].pos;
    struct lk_pos_auth *auth = lk_pos_auth_add(pos, &peer, a, &words);

    assert_non_null(auth);
    assert_ptr_equal(lk_pos_auth_of(pos, &peer, a), auth);
    lk_index_take(&pos->by_peer, (uint32_t)(auth - pos->auth));
    lk_index_put(&pos->by_peer, (uint32_t)(auth - pos->auth), lk_pos_hash(pos, b));
    assert_null(lk_pos_auth_of(pos, &peer, b));
}

static struct rig_packet answer; /* the MN's first, which is held */

static bool hold_answers(struct mis_rig *r, struct rig_packet *packet)
{
    if (packet->leg != RIG_UP || ++r->met < 2)
        return true;
    if (r->met == 2)
        answer = *packet;
    return false;
}

/* An MN over UDP has our first words, and its answer is held; its place is somebody else's by then,
 * and it is as much later. */
static void lose_the_place(uint64_t later_ms)
{
    struct lk_pos *pos;

    rig_begin(&rig, 0);
    pos = rig.pos[0].pos;
    rig_mn_begin(&rig);
    rig.mn.udp = true;
    rig.met = 0;
    rig.meddle = hold_answers;
    rig_attach_begin(&rig, 0);
    rig_run(&rig);
    assert_true(rig.met >= 2);
    rig.meddle = NULL;
    for (uint32_t i = 0; i < rig.pos[0].config.auths; i++)
        if (pos->auth[i].used)
            lk_pos_auth_drop(pos, &pos->auth[i]);
    rig.flying = 0;
    rig.now_ms += later_ms;
}

static enum lk_status heard_from(const struct lk_pos_peer *peer)
{
    return rig_heard(&rig, 0, peer, lk_span_of(answer.octets, answer.len));
}

static unsigned on_its_way(enum rig_leg leg)
{
    unsigned count = 0;

    for (size_t i = 0; i < rig.flying; i++) {
        struct lk_span octets = lk_span_of(rig.air[i].octets, rig.air[i].len);
        struct lk_mis_pdu pdu;
        bool ack = lk_mis_decode(&pdu, octets, CODES) == LK_OK &&
                   lk_mis_is_bare_ack(&pdu.header, pdu.body);

        count += rig.air[i].leg == leg && !ack;
    }
    return count;
}

/* T44: our first words are good for the epoch that they are of, and the next one. Y26: who knows
 * them gets a place, proven, and nothing is said to it anew: the home is asked. */
static void words_are_good_for_two_epochs(void **state)
{
    for (uint64_t epochs = 0; epochs < 4; epochs++) {
        const struct lk_pos *pos;
        uint64_t full;

        lose_the_place(epochs * LK_POS_EPOCH_MS);
        pos = rig.pos[0].pos;
        full = rig_counted(&rig, 0)->full;
        assert_int_equal(heard_from(&answer.peer), epochs < 2 ? LK_OK : LK_E_NOT_FOUND);
        assert_int_equal(lk_pos_auth_count(pos), epochs < 2);
        assert_int_equal(on_its_way(RIG_RADIUS), epochs < 2);
        assert_int_equal(on_its_way(RIG_DOWN), 0); /* but for an ACK */
        assert_int_equal(rig_counted(&rig, 0)->full, full);
        assert_int_equal(pos->unproven, 0);
        rig.flying = 0;
    }
}

/* T44: they are no proof at another address or port, nor over a stream, which needs none. */
static void words_are_good_where_they_were_said(void **state)
{
    enum { PORT, ADDRESS, STREAM, HERE, PLACES };

    for (unsigned place = 0; place < PLACES; place++) {
        struct lk_pos_peer peer;

        lose_the_place(0);
        peer = answer.peer;
        if (place == PORT)
            peer.port++;
        if (place == ADDRESS)
            peer.address.octets[15]++;
        if (place == STREAM)
            peer.way = LK_POS_STREAM;
        assert_int_equal(heard_from(&peer), place == HERE ? LK_OK : LK_E_NOT_FOUND);
        assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), place == HERE);
        rig.flying = 0;
    }
}

/* ---- rows ---- */

/* T44: a PoS that is full takes an MN that has a row: by its name, */
static void a_full_pos_takes_an_mn_of_that_name(void **state)
{
    char own[sizeof rig.mn.name];

    rig.pos[0].config.mns = 1;
    rig_begin(&rig, 0);
    assert_true(rig_attach(&rig, 0));
    memcpy(own, rig.mn.name, sizeof own);
    for (unsigned known = 0; known < 2; known++) {
        struct lk_radius_outcome outcome = { .code = LK_RADIUS_ACCESS_ACCEPT, .has_eap = true,
                                             .has_msk = true, .has_mis = true,
                                             .eap = lk_span_of("\3\1\0\4", 4) };
        struct lk_span name = lk_span_text(known != 0 ? own : "somebody@home.example");
        struct lk_pos_auth *auth;
        uint64_t refused;

        rig.aaa_down = true;
        rig_attach_begin(&rig, 0);
        rig_run(&rig);
        assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 1);
        for (auth = rig.pos[0].pos->auth; !auth->used;)
            auth++;
        outcome.mis.lifetime_s = 3600;
        outcome.mis.mn_len = name.len;
        memcpy(outcome.mis.mn, name.at, name.len);
        refused = rig_counted(&rig, 0)->rejected;
        out.count = out.used = 0;
        lk_pos_auth_answered(rig.pos[0].pos, auth, &outcome, &out);
        assert_int_equal(rig_counted(&rig, 0)->rejected, refused + (known == 0));
        rig_wait(&rig, 90000);
        assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 0);
        rig_mn_begin(&rig);
    }
}

/* or by whose it is: the home has another name for it, each time that it authenticates. */
static void a_full_pos_takes_an_mn_by_another_name(void **state)
{
    char before[sizeof rig.mn.name];

    rig.pos[0].config.mns = 1;
    rig_begin(&rig, 0);
    assert_true(rig_attach(&rig, 0));
    memcpy(before, rig.mn.name, sizeof before);
    rig_wait(&rig, 60000);
    assert_true(rig_attach(&rig, 0));
    assert_string_not_equal(before, rig.mn.name);
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 1);
}

/* T02: an Accept without its EAP packet is none, whatever else is in it. */
static void an_accept_without_eap_is_none(void **state)
{
    struct lk_radius_outcome outcome = { .code = LK_RADIUS_ACCESS_ACCEPT, .has_msk = true,
                                         .has_mis = true, .eap = lk_span_of("\3\1\0\4", 4) };
    const struct lk_span name = lk_span_text("somebody@home.example");
    struct lk_pos_auth *auth;

    rig.aaa_down = true;
    rig_attach_begin(&rig, 0);
    rig_run(&rig);
    assert_int_equal(lk_pos_auth_count(rig.pos[0].pos), 1);
    for (auth = rig.pos[0].pos->auth; !auth->used;)
        auth++;
    outcome.mis.lifetime_s = 3600;
    outcome.mis.mn_len = name.len;
    memcpy(outcome.mis.mn, name.at, name.len);
    lk_pos_auth_answered(rig.pos[0].pos, auth, &outcome, &out);
    assert_int_equal(rig_counted(&rig, 0)->rejected, 1);
}

/* A row with an SA of that type to that time. */
static struct lk_pos_mn *row_of(const char *name, enum lk_mis_id_type type, uint64_t expires_ms)
{
    const struct lk_mis_sa sa = { .type = type, .id = { (uint8_t)name[0] }, .id_len = 4,
                                  .expires_ms = expires_ms };
    struct lk_pos_mn *mn = lk_pos_mn_add(rig.pos[0].pos, lk_span_text(name));

    assert_non_null(mn);
    lk_pos_sa_set(rig.pos[0].pos, mn, &sa);
    return mn;
}

/* T44: of those who were handed over, the one whose time is over first gives way, half-open or not;
 * never whom the home has authenticated. */
static void who_is_over_first_gives_way(void **state)
{
    const struct lk_mis_psk psk = { { 1 } };
    const struct lk_mis_sa half = { .type = LK_MIS_SA_SPOS, .id = { 'h' }, .id_len = 4 };
    struct lk_pos *pos = rig.pos[0].pos;
    struct lk_pos_mn *late = row_of("l@h.example", LK_MIS_SA_SPOS, 3000),
                     *early = row_of("e@h.example", LK_MIS_SA_SPOS, 2000), *waits;

    (void)row_of("a@h.example", LK_MIS_SA_EAP, 500);
    lk_pos_psk_set(pos, row_of("p@h.example", LK_MIS_SA_SPOS, 600), &psk);
    waits = lk_pos_mn_add(pos, lk_span_text("w@h.example"));
    lk_pos_next_set(pos, waits, &half, 1);
    waits->tpos.due_ms = 2500;
    assert_ptr_equal(lk_pos_mn_first_over(pos), early);
    lk_pos_mn_drop(pos, early);
    assert_ptr_equal(lk_pos_mn_first_over(pos), waits);
    lk_pos_mn_drop(pos, waits);
    assert_ptr_equal(lk_pos_mn_first_over(pos), late);
    lk_pos_mn_drop(pos, late);
    assert_null(lk_pos_mn_first_over(pos));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF_THREE(an_end_is_of_its_way),
        CASE_OF_THREE(a_place_is_of_its_name),
        CASE_OF_THREE(words_are_good_for_two_epochs),
        CASE_OF_THREE(words_are_good_where_they_were_said),
        CASE_OF_THREE(a_full_pos_takes_an_mn_of_that_name),
        CASE_OF_THREE(a_full_pos_takes_an_mn_by_another_name),
        CASE_OF_THREE(an_accept_without_eap_is_none),
        CASE_OF_THREE(who_is_over_first_gives_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
