/* node/fa: who visits a foreign agent, what leaves something behind, and whose packets pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fa_rig.h"
#include "wire/mip_agent.h"

static struct fa_node visiting(uint8_t who, uint8_t place)
{
    struct fa_node n = fa_node_at(who, place);

    fa_ask_well(&n);
    assert_true(fa_is_relayed(&n));
    fa_answer(&n, 0);
    assert_int_equal(fa_heard(&n).code, 0);
    assert_int_equal(rig.out.item[rig.out.count - 1].kind, LK_FA_OUT_CHANGED);
    assert_int_equal(rig.out.item[rig.out.count - 1].changed.change, LK_FA_ARRIVED);
    return n;
}

/* A packet in the tunnel, that says from whom it is and to whom. True: it was passed on. */
static bool packet(const struct lk_fa_place *from, struct lk_address source,
                   struct lk_address destination, struct lk_fa_place *to)
{
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_fa_output *item;
    struct lk_mip_tunnel tunnel;
    struct lk_ip_packet passed;

    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    assert_int_equal(lk_ip_ping(&w, &source, &destination, 1, 1, lk_span_text("data")), LK_OK);
    fa_give(from, lk_writer_span(&w));
    item = fa_find(&rig.out, LK_FA_OUT_SEND);
    if (item == NULL)
        return false;
    *to = item->send.to;
    assert_int_equal(lk_mip_tunnel_decode(&tunnel, item->send.octets), LK_OK);
    assert_int_equal(lk_ip_read(&passed, tunnel.packet), LK_OK);
    assert_true(lk_address_equal(&passed.source, &source));
    assert_int_equal(passed.hops, 63);
    return true;
}

static bool is_place(const struct lk_fa_place *a, const struct lk_fa_place *b)
{
    return a->port == b->port && lk_address_equal(&a->address, &b->address);
}

static void tick(uint64_t at_ms)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_TICK, .now_ms = at_ms };

    rig.now_ms = at_ms;
    lk_fa_step(rig.fa, &event, &rig.out);
}

/* ---- tests ---- */

/* T16, T33, spec: RFC 3024 4.2 - packets pass both ways for who is served, from where it is, with
 * its address, from and to its home agent; and no others. */
static void test_t33_whose_packets_pass(void **state)
{
    struct fa_node one = visiting(7, 77), two = fa_node_at(8, 78);
    const struct lk_address far = fa_ipv4(198, 51, 100, 1);
    const struct lk_fa_place *agent = &rig.config.home_agent[0].at;
    struct lk_fa_place to;
    struct lk_fa_told told;

    assert_true(packet(&one.at, fa_ipv4(10, 45, 0, 7), far, &to) && is_place(&to, agent));
    assert_true(packet(agent, far, fa_ipv4(10, 45, 0, 7), &to) && is_place(&to, &one.at));
    assert_false(packet(&one.at, fa_ipv4(10, 45, 0, 8), far, &to));
    assert_false(packet(&two.at, fa_ipv4(10, 45, 0, 7), far, &to));
    assert_int_equal(lk_fa_counted(rig.fa)->up_unbound, 2);
    assert_false(packet(agent, far, fa_ipv4(10, 45, 0, 8), &to));
    assert_false(packet(&rig.config.home_agent[1].at, far, fa_ipv4(10, 45, 0, 7), &to));
    assert_int_equal(lk_fa_counted(rig.fa)->down_unbound, 2);
    fa_ask_well(&two); /* who waits has nothing yet */
    assert_false(packet(&two.at, fa_ipv4(10, 45, 0, 8), far, &to));
    for (uint32_t i = 0; i < FA_RIG_VISITORS; i++)
        if (lk_fa_told_at(&told, rig.fa, i) && told.state == LK_MIP_FA_SERVED)
            break;
    assert_true(told.up_packets == 1 && told.down_packets == 1);
    assert_true(told.up_octets == 32 && told.down_octets == 32);
    one.lifetime_s = 0;
    fa_ask_well(&one);
    fa_answer(&one, 0);
    assert_int_equal(fa_find(&rig.out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_RELEASED);
    assert_true(fa_find(&rig.out, LK_FA_OUT_CHANGED)->changed.who.up_octets == 32); /* T14 */
    assert_false(packet(&one.at, fa_ipv4(10, 45, 0, 7), far, &to));
    assert_false(packet(agent, far, fa_ipv4(10, 45, 0, 7), &to));
}

/* T15, spec: RFC 4721 3.2 - a challenge is of the place that it went to, and of these minutes; a
 * request without one leaves nothing behind. */
static void test_t15_a_challenge_is_of_its_place(void **state)
{
    struct fa_node one = fa_node_at(7, 77), two = fa_node_at(8, 78), port;

    rig.config.source_rate = 1000;
    fa_ask(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    memcpy(two.challenge, one.challenge, sizeof two.challenge);
    two.challenge_len = one.challenge_len;
    port = one;
    port.at.port++;
    for (size_t i = 0; i < one.challenge_len; i++) {
        struct fa_node altered = one;

        altered.challenge[i] ^= 1;
        fa_ask(&altered);
        assert_int_equal(fa_heard(&altered).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    }
    fa_ask(&two);
    assert_int_equal(fa_heard(&two).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    fa_ask(&port);
    assert_int_equal(fa_heard(&port).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    assert_int_equal(lk_fa_waiting(rig.fa), 0);
    rig.now_ms = FA_RIG_START + rig.config.challenge_ms;
    fa_ask(&one); /* the control */
    assert_true(fa_is_relayed(&one));
    assert_int_equal(lk_fa_waiting(rig.fa), 1);
    rig.now_ms = FA_RIG_START + 2 * rig.config.challenge_ms;
    fa_ask(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
}

/* T15: who waits is in a table of so many, and the oldest gives way; who is served never does. */
static void test_t15_the_oldest_gives_way(void **state)
{
    struct fa_node n[6];

    visiting(100, 200);
    for (uint8_t i = 0; i < 6; i++) {
        n[i] = fa_node_at((uint8_t)(10 + i), (uint8_t)(10 + i));
        rig.now_ms++;
        fa_ask_well(&n[i]);
        assert_true(fa_is_relayed(&n[i]));
        assert_int_equal(lk_fa_waiting(rig.fa), i < FA_RIG_PENDING ? i + 1 : FA_RIG_PENDING);
    }
    assert_int_equal(lk_fa_counted(rig.fa)->made_room, 3);
    fa_answer(&n[0], 0);
    assert_int_equal(fa_refused(), LK_REASON_MIP_NOT_PENDING);
    fa_answer(&n[3], 0);
    assert_int_equal(fa_heard(&n[3]).code, 0);
    assert_int_equal(lk_fa_served(rig.fa), 2);
}

static void test_a_full_table(void **state)
{
    struct fa_node late = fa_node_at(99, 99);

    for (uint8_t i = 0; i < FA_RIG_VISITORS; i++)
        visiting((uint8_t)(10 + i), (uint8_t)(10 + i));
    fa_ask_well(&late);
    assert_int_equal(fa_heard(&late).code, LK_MIP_CODE_FA_RESOURCES);
    assert_int_equal(fa_refused(), LK_REASON_MIP_TABLE_FULL);
    assert_int_equal(lk_fa_served(rig.fa), FA_RIG_VISITORS);
}

static void test_t15_budgets(void **state)
{
    struct fa_node one = fa_node_at(7, 77), two = fa_node_at(8, 78);

    rig.config.source_rate = 2;
    for (int i = 0; i < 3; i++)
        fa_ask(&one);
    assert_int_equal(fa_refused(), LK_REASON_MIP_TOO_FAST);
    assert_null(fa_find(&rig.out, LK_FA_OUT_SEND));
    fa_ask(&two); /* another has his own */
    assert_int_equal(fa_heard(&two).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    rig.now_ms += 5000;
    rig.config.source_rate = 100;
    rig.config.rate = 1;
    fa_ask_well(&two);
    assert_true(fa_is_relayed(&two));
    fa_ask_well(&one);
    fa_ask_well(&one);
    assert_int_equal(fa_refused(), LK_REASON_MIP_TOO_FAST);
    assert_null(fa_find(&rig.out, LK_FA_OUT_SEND));
    assert_int_equal(lk_fa_waiting(rig.fa), 1);
}

/* T12: a reply is that of the agent that was asked, from where it listens, to one visitor. */
static void test_t12_whose_a_reply_is(void **state)
{
    struct fa_node one = fa_node_at(7, 77), two = fa_node_at(8, 78), other;

    fa_ask_well(&one);
    fa_ask(&two);
    (void)fa_heard(&two);
    two.identification = one.identification ^ UINT64_C(1) << 40; /* its low half is another's */
    fa_ask(&two);
    assert_int_equal(fa_heard(&two).code, LK_MIP_CODE_FA_UNSPECIFIED);
    assert_int_equal(fa_refused(), LK_REASON_MIP_REPLAY);
    other = one;
    other.agent = 1; /* the other home agent, with its own key */
    fa_answer(&other, 0);
    assert_int_equal(fa_refused(), LK_REASON_MIP_NOT_PENDING);
    assert_int_equal(lk_fa_served(rig.fa), 0);
    other = one;
    other.who = 8; /* another home address than was asked for */
    fa_answer(&other, 0);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_POOR_REPLY);
    assert_int_equal(lk_fa_served(rig.fa), 0);
    fa_ask_well(&one);
    fa_answer(&one, 0);
    assert_int_equal(lk_fa_served(rig.fa), 1);
}

static void test_an_unknown_home_agent(void **state)
{
    struct fa_node one = fa_node_at(7, 77);

    one.agent = 5;
    fa_ask_well(&one);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_PROHIBITED);
    assert_int_equal(fa_refused(), LK_REASON_MIP_AGENT);
    assert_int_equal(lk_fa_waiting(rig.fa), 0);
}

/* Within the agent a node is at one place; another home address there ends the one before. */
static void test_another_place(void **state)
{
    struct fa_node one = visiting(7, 77), there;
    struct lk_fa_place to;

    there = fa_node_at(7, 78);
    there.named = true; /* who has two addresses has one name */
    fa_ask_well(&there);
    fa_answer(&there, 0);
    assert_int_equal(fa_heard(&there).code, 0);
    assert_false(packet(&one.at, fa_ipv4(10, 45, 0, 7), fa_ipv4(1, 1, 1, 1), &to));
    assert_true(packet(&there.at, fa_ipv4(10, 45, 0, 7), fa_ipv4(1, 1, 1, 1), &to));
    assert_int_equal(lk_fa_served(rig.fa), 1);
    there.who = 9;
    fa_ask_well(&there);
    fa_answer(&there, 0);
    assert_false(packet(&there.at, fa_ipv4(10, 45, 0, 7), fa_ipv4(1, 1, 1, 1), &to));
    assert_true(packet(&there.at, fa_ipv4(10, 45, 0, 9), fa_ipv4(1, 1, 1, 1), &to));
    assert_int_equal(lk_fa_served(rig.fa), 1);
    assert_int_equal(lk_fa_counted(rig.fa)->left, 2);
}

static void test_time_and_the_path(void **state)
{
    struct fa_node one = visiting(7, 77), two = fa_node_at(8, 78);
    struct lk_fa_event event = { .kind = LK_FA_EV_UNREACHABLE, .now_ms = rig.now_ms,
                                 .from = rig.config.home_agent[0].at };

    fa_ask_well(&two);
    fa_ask_well(&one);
    lk_fa_step(rig.fa, &event, &rig.out);
    assert_int_equal(fa_heard(&two).code, LK_MIP_CODE_FA_HA_PORT);
    assert_non_null(fa_find(&rig.out, LK_FA_OUT_MORE));
    lk_fa_step(rig.fa, &event, &rig.out); /* a renewal has its time */
    assert_int_equal(rig.out.count, 0);
    tick(rig.now_ms + rig.config.mip.wait_ms - 1);
    assert_int_equal(rig.out.count, 0);
    tick(rig.now_ms + 1);
    assert_int_equal(fa_heard(&one).code, LK_MIP_CODE_FA_TIMEOUT);
    assert_int_equal(lk_fa_served(rig.fa), 1);
    tick(FA_RIG_START + 600000);
    assert_int_equal(fa_find(&rig.out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_ENDED);
    assert_int_equal(lk_fa_served(rig.fa) + lk_fa_waiting(rig.fa), 0);
    tick(FA_RIG_START + 700000);
    assert_int_equal(rig.out.count, 0);
}

/* spec: RFC 5944 2.1.1 - who asks is told of the agent, with a challenge for its place. */
static void test_an_advertisement(void **state)
{
    const struct lk_address none = fa_ipv4(0, 0, 0, 0), all = fa_ipv4(255, 255, 255, 255);
    struct fa_node one = fa_node_at(7, 77);
    uint8_t icmp[16], octets[64];
    struct lk_writer i = lk_writer_of(icmp, sizeof icmp), w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_advertisement a;
    struct lk_mip_tunnel tunnel;
    struct lk_ip_packet told;

    lk_mip_solicitation_put(&i);
    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    assert_int_equal(lk_ip_icmp(&w, &none, &all, 1, lk_writer_span(&i)), LK_OK);
    for (uint16_t sequence = 0; sequence < 2; sequence++) {
        fa_give(&one.at, lk_writer_span(&w));
        assert_int_equal(rig.out.count, 1);
        assert_int_equal(lk_mip_tunnel_decode(&tunnel, rig.out.item[0].send.octets), LK_OK);
        assert_int_equal(lk_ip_read(&told, tunnel.packet), LK_OK);
        assert_true(told.hops == 1 && lk_address_equal(&told.source, &rig.config.mip.care_of));
        assert_int_equal(lk_mip_advertisement_decode(&a, told.payload), LK_OK);
        assert_int_equal(a.sequence, sequence);
        assert_int_equal(a.registration_s, 1800);
        assert_int_equal(a.flags,
                         LK_MIP_AGENT_FOREIGN | LK_MIP_AGENT_REVERSE | LK_MIP_AGENT_UDP |
                             LK_MIP_AGENT_REVOKES);
        assert_true(lk_address_equal(&a.care_of[0], &rig.config.mip.care_of));
    }
    one.challenge_len = a.challenge.len;
    memcpy(one.challenge, a.challenge.at, a.challenge.len);
    fa_ask(&one);
    assert_true(fa_is_relayed(&one));
    octets[4 + 20 + 2] ^= 1; /* a wrong checksum */
    fa_give(&one.at, lk_writer_span(&w));
    assert_int_equal(rig.out.count, 0);
    for (uint8_t n = 0; n < FA_RIG_VISITORS; n++)
        visiting((uint8_t)(10 + n), n == 0 ? 77 : (uint8_t)(10 + n));
    octets[4 + 20 + 2] ^= 1;
    one.at.port++;
    fa_give(&one.at, lk_writer_span(&w));
    assert_int_equal(lk_mip_tunnel_decode(&tunnel, rig.out.item[0].send.octets), LK_OK);
    assert_int_equal(lk_ip_read(&told, tunnel.packet), LK_OK);
    assert_int_equal(lk_mip_advertisement_decode(&a, told.payload), LK_OK);
    assert_true((a.flags & LK_MIP_AGENT_BUSY) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_t33_whose_packets_pass, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_t15_a_challenge_is_of_its_place,
                                        fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_t15_the_oldest_gives_way,
                                        fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_a_full_table, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_t15_budgets, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_t12_whose_a_reply_is, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_home_agent, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_another_place, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_time_and_the_path, fa_rig_setup, fa_rig_teardown),
        cmocka_unit_test_setup_teardown(test_an_advertisement, fa_rig_setup, fa_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
