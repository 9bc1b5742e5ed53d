/* node/fa: who visits a foreign agent, what leaves something behind, and whose packets pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/fa.h"
#include "wire/mip_agent.h"

static const uint64_t START = UINT64_C(1767225600500);
enum { VISITORS = 8, PENDING = 3, SPI = 256, MN_FA = 300, PORT = 5000 };

static struct lk_fa_config config;
static struct lk_fa *fa;
static struct lk_fa_outbox out;
static struct lk_mip_msa home, foreign;
static void *memory, *budgets;
static uint64_t now_ms;

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 32 } },
                            .spi_back = spi, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 32);
    return m;
}

static int setup(void **state)
{
    now_ms = START;
    lk_fa_defaults(&config);
    config.visitors = VISITORS;
    config.pending = PENDING;
    config.mip.care_of = ipv4(203, 0, 113, 1);
    config.home_agent_count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        config.home_agent[i].at.address = ipv4(192, 0, 2, (uint8_t)(1 + i));
        config.home_agent[i].at.port = (uint16_t)(434 + i);
        config.home_agent[i].msa = msa(400, (uint8_t)(3 + i));
    }
    home = msa(SPI, 1);
    foreign = msa(MN_FA, 2);
    memory = calloc(1, lk_fa_size(&config));
    budgets = calloc(1, lk_budgets_size());
    assert_non_null(memory);
    assert_non_null(budgets);
    fa = lk_fa_init(memory, &config, lk_budgets_in(budgets, 5), 7);
    return 0;
}

static int teardown(void **state)
{
    lk_fa_wipe(fa);
    free(memory);
    free(budgets);
    return 0;
}

/* ---- nodes and their home agents ---- */

struct node {
    uint8_t who, agent;     /* last octet of its home address; which home agent */
    struct lk_fa_place at;
    uint16_t lifetime_s;
    uint64_t identification;
    uint8_t challenge[64];
    size_t challenge_len;
    const struct lk_mip_msa *foreign;
};

static struct node node_at(uint8_t who, uint8_t place)
{
    return (struct node){ .who = who, .at = { ipv4(203, 0, 113, place), PORT },
                          .lifetime_s = 600, .identification = START * 1000 + who };
}

static void give(const struct lk_fa_place *from, struct lk_span octets)
{
    const struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .now_ms = now_ms, .from = *from,
                                       .octets = octets };

    lk_fa_step(fa, &event, &out);
}

static void ask(const struct node *n)
{
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request request = {
        .flags = LK_MIP_REVERSE, .lifetime_s = n->lifetime_s, .home = ipv4(10, 45, 0, n->who),
        .agent = ipv4(192, 0, 2, (uint8_t)(1 + n->agent)), .care_of = config.mip.care_of,
        .identification = n->identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.challenge = lk_span_of(n->challenge, n->challenge_len);
    to.nai = lk_span_text("node@realm");
    lk_mip_request_put(&w, &request);
    if (n->foreign != NULL)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (n->challenge_len > 0)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    lk_mip_msa_sign(&w, &home, SPI, LK_MIP_MN_HA_AUTH);
    if (n->foreign != NULL)
        lk_mip_msa_sign(&w, n->foreign, n->foreign->there.spi, LK_MIP_MN_FA_AUTH);
    assert_int_equal(w.status, LK_OK);
    give(&n->at, lk_writer_span(&w));
}

/* The home agent's word to that request. */
static void answer(const struct node *n, uint8_t code)
{
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_fa_home_agent *agent = &config.home_agent[n->agent];
    const struct lk_mip_reply reply = { .code = code, .lifetime_s = n->lifetime_s,
                                        .home = ipv4(10, 45, 0, n->who),
                                        .agent = agent->at.address,
                                        .identification = n->identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    lk_mip_reply_put(&w, &reply);
    lk_mip_msa_sign(&w, &home, SPI, LK_MIP_MN_HA_AUTH);
    if (n->lifetime_s > 0) {
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
        lk_mip_msa_sign(&w, &agent->msa, 400, LK_MIP_FA_HA_AUTH);
    }
    assert_int_equal(w.status, LK_OK);
    give(&agent->at, lk_writer_span(&w));
}

/* The reply that the node at that place is sent. */
static struct lk_mip_reply heard(struct node *n)
{
    const struct lk_fa_output *item = lk_fa_find(&out, LK_FA_OUT_SEND);
    struct lk_mip_reply reply;

    assert_non_null(item);
    assert_int_equal(item->send.to.port, n->at.port);
    assert_true(lk_address_equal(&item->send.to.address, &n->at.address));
    assert_int_equal(lk_mip_reply_decode(&reply, item->send.octets), LK_OK);
    n->challenge_len = reply.extensions.challenge.len;
    memcpy(n->challenge, reply.extensions.challenge.at, n->challenge_len);
    return reply;
}

static bool is_relayed(const struct node *n)
{
    const struct lk_fa_output *item = lk_fa_find(&out, LK_FA_OUT_SEND);
    const struct lk_fa_place *to = &config.home_agent[n->agent].at;

    return item != NULL && item->send.to.port == to->port &&
           lk_address_equal(&item->send.to.address, &to->address);
}

static enum lk_reason refused(void)
{
    const struct lk_fa_output *item = lk_fa_find(&out, LK_FA_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

/* Asks for a challenge, and then with it. */
static void ask_well(struct node *n)
{
    if (n->challenge_len == 0) {
        ask(n);
        assert_int_equal(heard(n).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    }
    n->identification += UINT64_C(1) << 20;
    ask(n);
}

static struct node visiting(uint8_t who, uint8_t place)
{
    struct node n = node_at(who, place);

    ask_well(&n);
    assert_true(is_relayed(&n));
    answer(&n, 0);
    assert_int_equal(heard(&n).code, 0);
    assert_int_equal(out.item[out.count - 1].kind, LK_FA_OUT_CHANGED);
    assert_int_equal(out.item[out.count - 1].changed.change, LK_FA_ARRIVED);
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
    give(from, lk_writer_span(&w));
    item = lk_fa_find(&out, LK_FA_OUT_SEND);
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

    now_ms = at_ms;
    lk_fa_step(fa, &event, &out);
}

/* ---- tests ---- */

/* T16, T33, spec: RFC 3024 4.2 - packets pass both ways for who is served, from where it is, with
 * its address, from and to its home agent; and no others. */
static void test_t33_whose_packets_pass(void **state)
{
    struct node one = visiting(7, 77), two = node_at(8, 78);
    const struct lk_address far = ipv4(198, 51, 100, 1);
    const struct lk_fa_place *agent = &config.home_agent[0].at;
    struct lk_fa_place to;
    struct lk_fa_told told;

    assert_true(packet(&one.at, ipv4(10, 45, 0, 7), far, &to) && is_place(&to, agent));
    assert_true(packet(agent, far, ipv4(10, 45, 0, 7), &to) && is_place(&to, &one.at));
    assert_false(packet(&one.at, ipv4(10, 45, 0, 8), far, &to));
    assert_false(packet(&two.at, ipv4(10, 45, 0, 7), far, &to));
    assert_int_equal(lk_fa_counted(fa)->up_unbound, 2);
    assert_false(packet(agent, far, ipv4(10, 45, 0, 8), &to));
    assert_false(packet(&config.home_agent[1].at, far, ipv4(10, 45, 0, 7), &to));
    assert_int_equal(lk_fa_counted(fa)->down_unbound, 2);
    ask_well(&two); /* who waits has nothing yet */
    assert_false(packet(&two.at, ipv4(10, 45, 0, 8), far, &to));
    for (uint32_t i = 0; i < VISITORS; i++)
        if (lk_fa_told_at(&told, fa, i) && told.state == LK_MIP_FA_SERVED)
            break;
    assert_true(told.up_packets == 1 && told.down_packets == 1);
    assert_true(told.up_octets == 32 && told.down_octets == 32);
    one.lifetime_s = 0;
    ask_well(&one);
    answer(&one, 0);
    assert_int_equal(lk_fa_find(&out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_RELEASED);
    assert_true(lk_fa_find(&out, LK_FA_OUT_CHANGED)->changed.who.up_octets == 32); /* T14 */
    assert_false(packet(&one.at, ipv4(10, 45, 0, 7), far, &to));
    assert_false(packet(agent, far, ipv4(10, 45, 0, 7), &to));
}

/* T15, spec: RFC 4721 3.2 - a challenge is of the place that it went to, and of these minutes; a
 * request without one leaves nothing behind. */
static void test_t15_a_challenge_is_of_its_place(void **state)
{
    struct node one = node_at(7, 77), two = node_at(8, 78), port;

    config.source_rate = 1000;
    ask(&one);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    memcpy(two.challenge, one.challenge, sizeof two.challenge);
    two.challenge_len = one.challenge_len;
    port = one;
    port.at.port++;
    for (size_t i = 0; i < one.challenge_len; i++) {
        struct node altered = one;

        altered.challenge[i] ^= 1;
        ask(&altered);
        assert_int_equal(heard(&altered).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    }
    ask(&two);
    assert_int_equal(heard(&two).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    ask(&port);
    assert_int_equal(heard(&port).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
    assert_int_equal(lk_fa_waiting(fa), 0);
    now_ms = START + config.challenge_ms;
    ask(&one); /* the control */
    assert_true(is_relayed(&one));
    assert_int_equal(lk_fa_waiting(fa), 1);
    now_ms = START + 2 * config.challenge_ms;
    ask(&one);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN);
}

/* T15: who waits is in a table of so many, and the oldest gives way; who is served never does. */
static void test_t15_the_oldest_gives_way(void **state)
{
    struct node n[6];

    visiting(100, 200);
    for (uint8_t i = 0; i < 6; i++) {
        n[i] = node_at((uint8_t)(10 + i), (uint8_t)(10 + i));
        now_ms++;
        ask_well(&n[i]);
        assert_true(is_relayed(&n[i]));
        assert_int_equal(lk_fa_waiting(fa), i < PENDING ? i + 1 : PENDING);
    }
    assert_int_equal(lk_fa_counted(fa)->made_room, 3);
    answer(&n[0], 0);
    assert_int_equal(refused(), LK_REASON_MIP_NOT_PENDING);
    answer(&n[3], 0);
    assert_int_equal(heard(&n[3]).code, 0);
    assert_int_equal(lk_fa_served(fa), 2);
}

static void test_a_full_table(void **state)
{
    struct node late = node_at(99, 99);

    for (uint8_t i = 0; i < VISITORS; i++)
        visiting((uint8_t)(10 + i), (uint8_t)(10 + i));
    ask_well(&late);
    assert_int_equal(heard(&late).code, LK_MIP_CODE_FA_RESOURCES);
    assert_int_equal(refused(), LK_REASON_MIP_TABLE_FULL);
    assert_int_equal(lk_fa_served(fa), VISITORS);
}

static void test_t15_budgets(void **state)
{
    struct node one = node_at(7, 77), two = node_at(8, 78);

    config.source_rate = 2;
    for (int i = 0; i < 3; i++)
        ask(&one);
    assert_int_equal(refused(), LK_REASON_MIP_TOO_FAST);
    assert_null(lk_fa_find(&out, LK_FA_OUT_SEND));
    ask(&two); /* another has his own */
    assert_int_equal(heard(&two).code, LK_MIP_CODE_FA_CHALLENGE_MISSING);
    now_ms += 5000;
    config.source_rate = 100;
    config.rate = 1;
    ask_well(&two);
    assert_true(is_relayed(&two));
    ask_well(&one);
    ask_well(&one);
    assert_int_equal(refused(), LK_REASON_MIP_TOO_FAST);
    assert_null(lk_fa_find(&out, LK_FA_OUT_SEND));
    assert_int_equal(lk_fa_waiting(fa), 1);
}

/* T12: a reply is that of the agent that was asked, from where it listens, to one visitor. */
static void test_t12_whose_a_reply_is(void **state)
{
    struct node one = node_at(7, 77), two = node_at(8, 78), other;

    ask_well(&one);
    ask(&two);
    (void)heard(&two);
    two.identification = one.identification ^ UINT64_C(1) << 40; /* its low half is another's */
    ask(&two);
    assert_int_equal(heard(&two).code, LK_MIP_CODE_FA_UNSPECIFIED);
    assert_int_equal(refused(), LK_REASON_MIP_REPLAY);
    other = one;
    other.agent = 1; /* the other home agent, with its own key */
    answer(&other, 0);
    assert_int_equal(refused(), LK_REASON_MIP_NOT_PENDING);
    assert_int_equal(lk_fa_served(fa), 0);
    other = one;
    other.who = 8; /* another home address than was asked for */
    answer(&other, 0);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_POOR_REPLY);
    assert_int_equal(lk_fa_served(fa), 0);
    ask_well(&one);
    answer(&one, 0);
    assert_int_equal(lk_fa_served(fa), 1);
}

static void test_an_unknown_home_agent(void **state)
{
    struct node one = node_at(7, 77);

    one.agent = 5;
    ask_well(&one);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_PROHIBITED);
    assert_int_equal(refused(), LK_REASON_MIP_AGENT);
    assert_int_equal(lk_fa_waiting(fa), 0);
}

/* Within the agent a node is at one place; another home address there ends the one before. */
static void test_another_place(void **state)
{
    struct node one = visiting(7, 77), there;
    struct lk_fa_place to;

    there = visiting(7, 78);
    assert_false(packet(&one.at, ipv4(10, 45, 0, 7), ipv4(1, 1, 1, 1), &to));
    assert_true(packet(&there.at, ipv4(10, 45, 0, 7), ipv4(1, 1, 1, 1), &to));
    assert_int_equal(lk_fa_served(fa), 1);
    there.who = 9;
    ask_well(&there);
    answer(&there, 0);
    assert_false(packet(&there.at, ipv4(10, 45, 0, 7), ipv4(1, 1, 1, 1), &to));
    assert_true(packet(&there.at, ipv4(10, 45, 0, 9), ipv4(1, 1, 1, 1), &to));
    assert_int_equal(lk_fa_served(fa), 1);
    assert_int_equal(lk_fa_counted(fa)->left, 2);
}

static void test_time_and_the_path(void **state)
{
    struct node one = visiting(7, 77), two = node_at(8, 78);
    struct lk_fa_event event = { .kind = LK_FA_EV_UNREACHABLE, .now_ms = now_ms,
                                 .from = config.home_agent[0].at };

    ask_well(&two);
    ask_well(&one);
    lk_fa_step(fa, &event, &out);
    assert_int_equal(heard(&two).code, LK_MIP_CODE_FA_HA_PORT);
    assert_non_null(lk_fa_find(&out, LK_FA_OUT_MORE));
    lk_fa_step(fa, &event, &out); /* a renewal has its time */
    assert_int_equal(out.count, 0);
    tick(now_ms + config.mip.wait_ms - 1);
    assert_int_equal(out.count, 0);
    tick(now_ms + 1);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_TIMEOUT);
    assert_int_equal(lk_fa_served(fa), 1);
    tick(START + 600000);
    assert_int_equal(lk_fa_find(&out, LK_FA_OUT_CHANGED)->changed.change, LK_FA_ENDED);
    assert_int_equal(lk_fa_served(fa) + lk_fa_waiting(fa), 0);
    tick(START + 700000);
    assert_int_equal(out.count, 0);
}

/* spec: RFC 5944 3.7.2.1 - a key between node and agent is a must where there is one. */
static void test_a_key_with_the_node(void **state)
{
    const struct lk_mip_msa other = msa(MN_FA + 1, 9);
    struct node one = node_at(7, 77);
    struct lk_mip_reply reply;

    lk_fa_associate(fa, lk_span_text("node@realm"), &foreign, now_ms);
    one.foreign = &foreign;
    ask_well(&one);
    assert_true(is_relayed(&one));
    answer(&one, 0);
    reply = heard(&one);
    assert_true(lk_mip_msa_proves(&foreign, MN_FA, &reply.extensions, LK_MIP_MN_FA_AUTH, now_ms));
    one.foreign = &other;
    ask_well(&one);
    assert_int_equal(heard(&one).code, LK_MIP_CODE_FA_MN_AUTH);
    assert_int_equal(lk_fa_served(fa), 1);
}

/* spec: RFC 5944 2.1.1 - who asks is told of the agent, with a challenge for its place. */
static void test_an_advertisement(void **state)
{
    const struct lk_address none = ipv4(0, 0, 0, 0), all = ipv4(255, 255, 255, 255);
    struct node one = node_at(7, 77);
    uint8_t icmp[16], octets[64];
    struct lk_writer i = lk_writer_of(icmp, sizeof icmp), w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_advertisement a;
    struct lk_mip_tunnel tunnel;
    struct lk_ip_packet told;

    lk_mip_solicitation_put(&i);
    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    assert_int_equal(lk_ip_icmp(&w, &none, &all, 1, lk_writer_span(&i)), LK_OK);
    for (uint16_t sequence = 0; sequence < 2; sequence++) {
        give(&one.at, lk_writer_span(&w));
        assert_int_equal(out.count, 1);
        assert_int_equal(lk_mip_tunnel_decode(&tunnel, out.item[0].send.octets), LK_OK);
        assert_int_equal(lk_ip_read(&told, tunnel.packet), LK_OK);
        assert_true(told.hops == 1 && lk_address_equal(&told.source, &config.mip.care_of));
        assert_int_equal(lk_mip_advertisement_decode(&a, told.payload), LK_OK);
        assert_int_equal(a.sequence, sequence);
        assert_int_equal(a.registration_s, 1800);
        assert_int_equal(a.flags,
                         LK_MIP_AGENT_FOREIGN | LK_MIP_AGENT_REVERSE | LK_MIP_AGENT_UDP);
        assert_true(lk_address_equal(&a.care_of[0], &config.mip.care_of));
    }
    one.challenge_len = a.challenge.len;
    memcpy(one.challenge, a.challenge.at, a.challenge.len);
    ask(&one);
    assert_true(is_relayed(&one));
    octets[4 + 20 + 2] ^= 1; /* a wrong checksum */
    give(&one.at, lk_writer_span(&w));
    assert_int_equal(out.count, 0);
    for (uint8_t n = 0; n < VISITORS; n++)
        visiting((uint8_t)(10 + n), n == 0 ? 77 : (uint8_t)(10 + n));
    octets[4 + 20 + 2] ^= 1;
    one.at.port++;
    give(&one.at, lk_writer_span(&w));
    assert_int_equal(lk_mip_tunnel_decode(&tunnel, out.item[0].send.octets), LK_OK);
    assert_int_equal(lk_ip_read(&told, tunnel.packet), LK_OK);
    assert_int_equal(lk_mip_advertisement_decode(&a, told.payload), LK_OK);
    assert_true((a.flags & LK_MIP_AGENT_BUSY) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_t33_whose_packets_pass, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t15_a_challenge_is_of_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t15_the_oldest_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t15_budgets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t12_whose_a_reply_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_home_agent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_time_and_the_path, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_key_with_the_node, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_advertisement, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
