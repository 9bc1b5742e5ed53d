/* trace, of MIS: what the machines of an optimised establishment themselves say to each other
 * (tests/lib/mis_world.h) is read as the chain that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mis_world.h"
#include "trace/explain.h"
#include "trace/reach.h"

#define CODES (&lk_mis_codes_default)

static struct lk_trace trace;
static struct lk_reach reach;

static struct lk_capture_end end_of(unsigned at)
{
    return (struct lk_capture_end){ .address = { 127, 0, 1, (uint8_t)at }, .port = LK_MIS_PORT };
}

/* The lines that a PoS would write for what its SAs came from. */
static void keep_key(const struct lk_mis_sa *sa)
{
    struct lk_mis_key_log entry;

    lk_mis_key_log_misk(&entry, (uint8_t)sa->type, lk_span_of(sa->id, sa->id_len), &sa->agreed,
                        &sa->keys);
    assert_int_equal(lk_trace_keep_mis_key(&trace, &entry), LK_OK);
}

/* On a link between PoS the world has lists alone. */
static struct lk_span pdu_of(uint8_t room[MIS_FRAME], const struct mis_packet *packet)
{
    struct lk_mis_pdu pdu = {
        .header.id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER,
                                       packet->stage == 2 ? LK_MIS_REQUEST : LK_MIS_RESPONSE,
                                       CODES),
        .header.tid = (uint16_t)(packet->run + 1),
        .source = lk_span_text(world.pos[packet->from].name),
        .destination = lk_span_text(world.pos[packet->to].name),
        .body = lk_span_of(packet->octets, packet->len),
    };
    struct lk_writer w = lk_writer_of(room, MIS_FRAME);

    assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    return lk_writer_span(&w);
}

static void read_log(void)
{
    uint8_t room[MIS_FRAME];

    for (size_t i = 0; i < world.logged; i++) {
        const struct mis_packet *one = &world.log[i];
        bool link = one->stage == 2 || one->stage == 3;
        struct lk_trace_packet packet = { .at_ns = 1000000 * i };

        packet.datagram.carrier = link ? LK_CARRIER_OPENED : LK_CARRIER_UDP;
        packet.datagram.from = end_of(one->from);
        packet.datagram.to = end_of(one->to);
        packet.datagram.payload = link ? pdu_of(room, one) : lk_span_of(one->octets, one->len);
        assert_int_equal(lk_trace_add(&trace, LK_TRACE_MIS, &packet), LK_OK);
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
}

static void hops(bool mixes)
{
    mis_world_begin();
    world.mixes = mixes;
    lk_trace_init(&trace);
    keep_key(&world.spos.sa);
    for (unsigned hop = 1; hop <= 3; hop++) {
        assert_true(mis_world_hop(hop));
        if (mixes)
            keep_key(&world.spos.sa);
    }
    read_log();
}

/* T40: three hops of real machines are three SAs in one chain, and the first PoS reads them all
 * where nothing was mixed in. Every PDU is opened: of the first SA by its line, of the others by
 * the K that went between the PoS, or by their lines.
 * spec: IEEE 802.21.1 5.14.2 - the remaining chain of a captured SPoS. */
static void a_chain_of_machines_is_read(void **state)
{
    for (unsigned mixes = 0; mixes < 2; mixes++) {
        const struct lk_explain_facts facts = { .card = NULL };
        struct lk_explanation e;

        hops(mixes != 0);
        assert_int_equal(trace.run_count, 3);
        for (size_t r = 0; r < 3; r++) {
            assert_int_equal(trace.runs[r].outcome, LK_TRACE_ACCEPTED);
            assert_int_equal(trace.runs[r].mis.chain.used, r + 1);
            assert_int_equal(trace.runs[r].mis.dh_mn && trace.runs[r].mis.dh_pos, mixes);
            lk_explain(&e, &trace, r, &facts);
            assert_int_equal(e.count, 0);
        }
        for (size_t i = 0; i < trace.count; i++)
            assert_int_equal(trace.messages[i].mis.sealed, trace.messages[i].mis.opened);
        lk_reach_make(&reach, &trace);
        assert_int_equal(reach.sas, 3);
        assert_true(lk_reach_capture(&reach, world.pos[0].name));
        for (size_t sa = 0; sa < 3; sa++)
            assert_string_equal(lk_reach_captured_text(&reach, &trace, sa),
                                mixes != 0 ? "reads if it alters" : "reads");
        assert_true(lk_reach_capture(&reach, world.pos[3].name));
        assert_string_equal(lk_reach_captured_text(&reach, &trace, 1), "nothing");
        lk_trace_free(&trace);
    }
}

/* And the K that the real first PoS has does open what the next PoS and the MN say, hop by hop. */
static void what_it_is_said_to_read_opens(void **state)
{
    hops(false);
    for (size_t i = 0; i < trace.count; i++) {
        const struct lk_trace_mis *mis = &trace.messages[i].mis;
        struct lk_mis_message list;

        assert_true(lk_mis_seen_read(&list, &trace.messages[i]));
        if (mis->sealed)
            assert_non_null(lk_mis_key_of(&trace, LK_MIS_KEY_LOG_MISK, &mis->said));
    }
    assert_int_equal(trace.mis_key_count, 4); /* one line; the others were made */
    lk_trace_free(&trace);
}

/* ---- the same as the simulator says ---- */

enum { RUNS = 20, MOVES = 36, SEVEN = 7 };

/* What who has captured one PoS has of the SA that there is: as sim/mis_thief.c goes on. */
struct thief {
    bool listens, alters;
};
static struct thief thieves[SEVEN], expected[MOVES][SEVEN];
static uint64_t chance;

static unsigned below(unsigned most)
{
    chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(chance >> 33) % most;
}

static void authenticate_with(unsigned pos)
{
    mis_world_eap(pos);
    keep_key(&world.spos.sa);
    for (unsigned i = 0; i < SEVEN; i++)
        thieves[i] = (struct thief){ i == pos, i == pos };
}

/* At the end of the chain, and now and then before it, the MN authenticates in full. */
static unsigned wander(void)
{
    unsigned hops_done = 0, in_row = 0;

    mis_world_begin();
    lk_trace_init(&trace);
    authenticate_with(0);
    for (unsigned i = 0; i < MOVES; i++) {
        unsigned to = (world.serving + 1 + below(SEVEN - 1)) % SEVEN;

        if (in_row == 3 || below(5) == 0) {
            authenticate_with(to);
            in_row = 0;
            continue;
        }
        world.mixes = below(3) == 0;
        assert_true(mis_world_hop(to));
        keep_key(&world.spos.sa);
        for (unsigned who = 0; who < SEVEN; who++) {
            thieves[who].listens = who == to || (thieves[who].listens && !world.mixes);
            thieves[who].alters = who == to || thieves[who].alters;
            expected[hops_done][who] = thieves[who];
        }
        hops_done++;
        in_row++;
    }
    return hops_done;
}

/* T40: whichever PoS is captured, `trace keys --captured` tells of each SA what the rule of the
 * simulator makes of it. */
static void it_tells_what_the_simulator_counts(void **state)
{
    for (chance = 1; chance <= RUNS; chance++) {
        uint64_t seed = chance;
        unsigned count = wander();

        read_log();
        lk_reach_make(&reach, &trace);
        assert_int_equal(reach.sas, count);
        for (unsigned who = 0; who < SEVEN; who++) {
            if (!lk_reach_capture(&reach, world.pos[who].name))
                continue; /* the MN was never there */
            for (unsigned sa = 0; sa < count; sa++) {
                const char *told = lk_reach_captured_text(&reach, &trace, sa);
                const struct thief *thief = &expected[sa][who];

                assert_int_equal(strcmp(told, "reads") == 0, thief->listens);
                assert_int_equal(strncmp(told, "reads", 5) == 0, thief->alters);
            }
        }
        lk_trace_free(&trace);
        chance = seed;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_machines_is_read),
        cmocka_unit_test(what_it_is_said_to_read_opens),
        cmocka_unit_test(it_tells_what_the_simulator_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
