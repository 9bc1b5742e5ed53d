/* node/anchor: who stands in the middle, or is a gateway and names what is another's (T12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { MAG_1 = 1, MAG_2 = 2, OWN = 1, NEIGHBOUR = 2, NEWCOMER = 3 };

static struct anchor_rig *rig;

static int setup(void **state)
{
    rig = anchor_rig_open(64);
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    return 0;
}

/* And its record is durable, so that nothing is stored again for a reason of its own. */
static void attach(unsigned n, uint32_t mag)
{
    struct lk_binding_record record;
    struct lk_anchor_event stored = { .kind = LK_ANCHOR_EV_STORED, .stored = &record };

    rig->now_ms += 10;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = mag, .lifetime = 900 }),
                     LK_BA_ACCEPTED);
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    stored.now_ms = rig->now_ms;
    lk_anchor_step(&rig->anchor, &stored, &rig->out);
}

/* What a captured gateway changes in a request that is right otherwise. */
typedef void rewrite(struct lk_mobility_message *m);

static void victim_as_care_of(struct lk_mobility_message *m)
{
    lk_mobility_mark(&m->options, LK_MO_CARE_OF);
    m->options.care_of = anchor_address("203.0.113.9");
}

static void other_gateway_as_care_of(struct lk_mobility_message *m)
{
    lk_mobility_mark(&m->options, LK_MO_CARE_OF);
    m->options.care_of = anchor_mag_address(MAG_2);
}

static void own_care_of(struct lk_mobility_message *m)
{
    lk_mobility_mark(&m->options, LK_MO_CARE_OF);
    m->options.care_of = anchor_mag_address(MAG_1);
}

static void prefix_of_neighbour(struct lk_mobility_message *m)
{
    m->options.prefix[0] = anchor_binding(rig, NEIGHBOUR)->prefix;
}

static void ipv4_of_neighbour(struct lk_mobility_message *m)
{
    memcpy(m->options.ipv4_request.address.octets, anchor_binding(rig, NEIGHBOUR)->ipv4.octets, 4);
    m->options.ipv4_request.bits = 32;
}

static void both_of_neighbour(struct lk_mobility_message *m)
{
    prefix_of_neighbour(m);
    ipv4_of_neighbour(m);
}

static void another_time(struct lk_mobility_message *m)
{
    m->options.timestamp = lk_mobility_timestamp_of(rig->now_ms - 5000);
}

static void longest_life(struct lk_mobility_message *m)
{
    m->lifetime = UINT16_MAX;
}

static void a_link_local_of_its_own(struct lk_mobility_message *m)
{
    lk_mobility_mark(&m->options, LK_MO_LINK_LOCAL);
    m->options.link_local = anchor_address("fe80::bad");
}

static void link_local_wanted(struct lk_mobility_message *m)
{
    lk_mobility_mark(&m->options, LK_MO_LINK_LOCAL);
}

static int ask_rewritten(unsigned n, uint32_t mag, rewrite *change)
{
    struct lk_mobility_message m;
    uint8_t room[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_span request;

    rig->now_ms += 10;
    request = anchor_request(rig, &(struct anchor_ask){ .n = n, .mag = mag, .lifetime = 900 });
    assert_int_equal(lk_mobility_decode(&m, request), LK_OK);
    change(&m);
    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    return anchor_give(rig, mag, lk_writer_span(&w));
}

/* T12: care-of address, addresses of the home and time, one by one, inside a request that the
 * gateway's own channel protects: refused, and no part of it is taken over, whether the device is
 * bound already or is not.
 * spec: RFC 6275 6.2.5 - nobody's care-of address but the sender's own. */
static void what_is_not_the_gateways_own_is_refused_whole(void **state)
{
    static const struct {
        rewrite *change;
        uint8_t status;
        enum lk_reason reason;
        bool alarm;
    } rows[] = {
        { victim_as_care_of, LK_BA_CARE_OF_INVALID, LK_REASON_PMIP_CARE_OF, true },
        { other_gateway_as_care_of, LK_BA_CARE_OF_INVALID, LK_REASON_PMIP_CARE_OF, true },
        { prefix_of_neighbour, LK_BA_PREFIX_NOT_AUTHORIZED, LK_REASON_PMIP_PREFIX, false },
        { ipv4_of_neighbour, LK_BA_IPV4_HOME_NOT_AUTHORIZED, LK_REASON_PMIP_PREFIX, false },
        { both_of_neighbour, LK_BA_PREFIX_NOT_AUTHORIZED, LK_REASON_PMIP_PREFIX, false },
        { another_time, LK_BA_TIMESTAMP_MISMATCH, LK_REASON_PMIP_TIME, false },
    };
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];

    attach(OWN, MAG_1);
    attach(NEIGHBOUR, MAG_2);
    lk_anchor_digest(before, &rig->anchor);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        for (unsigned n = OWN; n <= NEWCOMER; n += NEWCOMER - OWN) {
            const struct lk_anchor_output *said;

            assert_int_equal(ask_rewritten(n, MAG_1, rows[i].change), rows[i].status);
            said = anchor_find(rig, LK_ANCHOR_OUT_REFUSED);
            assert_non_null(said);
            assert_int_equal(said->refused.refusal.reason, rows[i].reason);
            assert_int_equal(said->refused.alarm, rows[i].alarm);
            assert_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
            lk_anchor_digest(after, &rig->anchor);
            assert_memory_equal(before, after, sizeof after);
        }
    assert_null(anchor_binding(rig, NEWCOMER));
    assert_int_equal(rig->anchor.counters.alarms, 4);
    /* What is its own it may name. */
    assert_int_equal(ask_rewritten(OWN, MAG_1, own_care_of), LK_BA_ACCEPTED);
    assert_int_equal(ask_rewritten(NEWCOMER, MAG_1, own_care_of), LK_BA_ACCEPTED);
}

/* T12: a gateway gets no more than there is, and what it calls itself is nobody else's business. */
static void lifetime_and_link_local_address_reach_nobody_else(void **state)
{
    struct lk_mobility_message pba;

    assert_int_equal(ask_rewritten(OWN, MAG_1, longest_life), LK_BA_ACCEPTED);
    pba = anchor_answer(rig);
    assert_int_equal(pba.lifetime, rig->config.lma.lifetime_max);
    assert_int_equal(anchor_binding(rig, OWN)->pmip.expires_ms,
                     rig->now_ms + rig->config.lma.lifetime_max * UINT64_C(4000));
    assert_int_equal(ask_rewritten(OWN, MAG_1, a_link_local_of_its_own), LK_BA_ACCEPTED);
    assert_int_equal(ask_rewritten(OWN, MAG_2, link_local_wanted), LK_BA_ACCEPTED);
    pba = anchor_answer(rig);
    assert_true(lk_address_equal(&pba.options.link_local, &rig->config.lma.link_local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_the_gateways_own_is_refused_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lifetime_and_link_local_address_reach_nobody_else, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
