/* node/anchor as home agent: what proves that a device is there, whom a foreign agent may speak
 * for, and who is asked for (T10, T12, T13, T15, T27). */
#include "anchor_mip_rig.h"

enum { PROBE = 0x4c4b, TOKEN_AT = 8, TOKEN = 16 };

/* ---- the proof of a place ---- */

struct token { uint8_t octets[TOKEN]; };

/* That of the probe in rig->out. */
static struct token asked_for(void)
{
    const struct lk_anchor_output *probe = anchor_find(rig, LK_ANCHOR_OUT_TUNNEL);
    struct lk_ip_packet packet;
    struct token token;

    assert_non_null(probe);
    assert_int_equal(lk_ip_read(&packet, probe->octets), LK_OK);
    assert_int_equal(packet.payload.len, TOKEN_AT + TOKEN);
    memcpy(token.octets, packet.payload.at + TOKEN_AT, TOKEN);
    return token;
}

/* The stack of a device there answers with that. Whether it is believed. */
static bool proves(const char *from, const struct token *token, size_t len)
{
    const struct lk_address home = anchor_home(rig, N), gateway = anchor_address("10.45.0.1");
    uint8_t asked[128], octets[128];
    struct lk_writer a = lk_writer_of(asked, sizeof asked), w = lk_writer_of(octets, sizeof octets);
    struct lk_ip_packet packet;

    assert_int_equal(lk_ip_ping(&a, &gateway, &home, PROBE, 1, lk_span_of(token->octets, len)),
                     LK_OK);
    assert_int_equal(lk_ip_read(&packet, lk_writer_span(&a)), LK_OK);
    assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
    packet_in_tunnel(from, PORT, lk_writer_span(&w));
    return anchor_binding(rig, N)->reached;
}

/* T13: the token of the echo request is the proof: with one bit altered, cut, or of elsewhere, a
 * device that names a victim proves nothing by an answer that it makes up. */
static void test_t13_a_token_is_not_made_up(void **state)
{
    struct token token;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    token = asked_for();
    for (size_t i = 0; i < 8 * TOKEN; i++) {
        struct token wrong = token;

        wrong.octets[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_false(proves(there.care_of, &wrong, TOKEN));
    }
    assert_false(proves(there.care_of, &token, TOKEN - 1));
    assert_false(proves("203.0.113.66", &token, TOKEN));
    assert_int_equal(rig->anchor.counters.reached, 0);
    assert_true(proves(there.care_of, &token, TOKEN)); /* the control */
}

/* T13: nor by the token of another stay, be it at the same place, nor by another device's there. */
static void test_t13_a_token_is_of_one_stay(void **state)
{
    static const char *const places[] = { "198.51.100.23", "198.51.100.24", "198.51.100.23" };
    struct token tokens[LK_COUNT_OF(places)], neighbours;
    struct asks a = there, b = there;

    associate(N);
    associate(N + 1);
    b.n = N + 1;
    assert_int_equal(asks(&b), LK_MIP_CODE_ACCEPTED);
    neighbours = asked_for();
    for (size_t i = 0; i < LK_COUNT_OF(places); i++) {
        rig->now_ms += LK_PATH_RENEW_MS;
        a.care_of = places[i];
        assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
        tokens[i] = asked_for();
        assert_false(proves(a.care_of, &neighbours, TOKEN));
        for (size_t j = 0; j < i; j++)
            assert_false(proves(a.care_of, &tokens[j], TOKEN));
    }
    assert_true(proves(a.care_of, &tokens[LK_COUNT_OF(places) - 1], TOKEN)); /* the control */
}

/* T13: what was sent to a place that has proven to be one is nobody's loss: who goes to and fro is
 * answered, and asked, each time. */
static void test_t13_who_goes_to_and_fro_is_asked_each_time(void **state)
{
    static const char *const places[] = { "198.51.100.23", "198.51.100.24" };
    struct asks a = there;

    associate(N);
    for (size_t i = 0; i < 12; i++) {
        rig->now_ms += 1000;
        a.care_of = places[i % 2];
        assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
        assert_false(anchor_binding(rig, N)->reached);
        answer_probe(a.care_of, PORT);
        assert_true(anchor_binding(rig, N)->reached);
    }
}

/* T13: as many devices as like may name one place: of all of them together it gets 256 packets at
 * once, while each for itself had more to spend. The control: another place has its own. */
static void test_t13_a_place_gets_so_much_of_all(void **state)
{
    enum { MANY = 120 };
    struct asks a = there;
    unsigned got = 0;

    anchor_rig_restart(rig, MANY);
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    a.care_of = "203.0.113.66";
    for (a.n = N; a.n < N + MANY; a.n++) {
        associate(a.n);
        for (int i = 0; i < 2; i++) { /* the same again: it has one packet more */
            (void)asks(&a);
            for (size_t j = 0; j < rig->out.count; j++)
                got += rig->out.item[j].to.port != 0;
        }
    }
    assert_in_range(got, 200, 256);
    assert_true(got < 3 * MANY);
    associate(N + MANY);
    a.n = N;
    a.care_of = "203.0.113.67";
    rig->now_ms += 1;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
}

/* ---- foreign agents ---- */

static struct lk_mip_msa agents_key;

static void add_agent(const char *address)
{
    struct lk_anchor_fa *fa = &rig->config.mip.fa[0];

    agents_key = msa;
    agents_key.there.spi = agents_key.spi_back = SPI + 1;
    agents_key.there.secret.octets[0] ^= 1;
    rig->config.mip.fa_count = 1;
    memcpy(fa->name, "fa1", sizeof "fa1");
    fa->msa = agents_key;
    fa->address_count = 1;
    fa->address[0] = anchor_address(address);
}

/* T12: a foreign agent of ours speaks for its own care-of addresses, and is one while its row is in
 * the configuration. The control is the last. */
static void test_t12_a_foreign_agents_addresses_are_its_own(void **state)
{
    struct asks a = there;

    associate(N);
    add_agent("192.0.2.77");
    a.agent = &agents_key;
    a.from = "192.0.2.77";
    a.care_of = "198.51.100.66"; /* whose it is not */
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_PROHIBITED);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_CARE_OF);
    assert_null(anchor_binding(rig, N));
    a.care_of = a.from;
    rig->config.mip.fa[0].closed = true; /* a stranger now: its visitor is asked */
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    assert_false(anchor_binding(rig, N)->reached);
    assert_int_equal(anchor_binding(rig, N)->mip.fa, 0);
    rig->config.mip.fa[0].closed = false;
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    assert_true(anchor_binding(rig, N)->reached);
    assert_int_equal(anchor_binding(rig, N)->mip.fa, 1);
}

/* How many of so many first registrations are asked for. */
static unsigned asked_for_by(struct asks a, unsigned count)
{
    unsigned asked = 0;

    for (unsigned i = 0; i < count; i++, a.n++) {
        (void)asks(&a);
        asked += anchor_find(rig, LK_ANCHOR_OUT_ASK) != NULL;
    }
    return asked;
}

/* T15, S4 7.3.5: for as many as there are a foreign agent asks, by its key, from its address: who
 * has the key of one whose row is gone, or is elsewhere, or has no key, has what any place has. */
static void test_t15_who_speaks_for_many_is_a_foreign_agent(void **state)
{
    struct lk_mip_msa wrong;
    struct asks a = there;

    rig->config.mip.asks = true;
    a.b_tid = "b-tid@bsf.example";
    a.care_of = "192.0.2.77";
    add_agent(a.care_of);
    wrong = agents_key;
    wrong.there.secret.octets[1] ^= 1;
    a.agent = &wrong;
    assert_int_equal(asked_for_by(a, 100), 64);
    a.agent = &agents_key;
    a.from = "192.0.2.78"; /* the agent's octets, from elsewhere */
    assert_int_equal(asked_for_by(a, 100), 64);
    a.from = NULL;
    rig->config.mip.fa[0].closed = true;
    assert_int_equal(asked_for_by(a, 100), 0); /* the place has had its own */
    rig->config.mip.fa[0].closed = false;
    assert_int_equal(asked_for_by(a, 100), 100); /* the control */
}

/* T10, A22: a foreign agent hears of each 131, for it is where it says; of what is late it hears no
 * more than others do. */
static void test_t10_a_foreign_agent_hears_of_each_131(void **state)
{
    struct lk_mip_msa other = msa;
    struct asks a = there;
    unsigned answers = 0;

    associate(N);
    add_agent("192.0.2.77");
    other.there.secret.octets[3] ^= 1;
    a.care_of = "192.0.2.77";
    a.agent = &agents_key;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    a.signs = &other;
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
    a.signs = NULL;
    a.at_ms = rig->now_ms - 3600000;
    for (unsigned i = 0; i < 100; i++)
        answers += asks(&a) >= 0;
    assert_in_range(answers, 1, 16);
}

/* ---- who is asked for ---- */

/* A first registration with a B-TID before its proof, or behind it. */
static bool is_asked_for(bool behind)
{
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = 600,
        .agent = anchor_address("192.0.2.1"), .care_of = anchor_address(there.care_of),
        .identification = lk_ntp_of(rig->now_ms, 0) };
    const struct lk_mip_extensions has = {
        .nai = lk_span_text("0001010000000007@realm"), .vendor_count = 1,
        .vendor = { { .id = rig->config.enterprise, .type = LK_MIP_VENDOR_B_TID,
                      .value = lk_span_text("b-tid@bsf.example") } } };
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                     .from = anchor_address(there.care_of), .port = PORT };

    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (!behind)
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &has);
    lk_mip_msa_sign(&w, &msa, SPI, LK_MIP_MN_HA_AUTH);
    if (behind)
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &has);
    assert_int_equal(w.status, LK_OK);
    event.octets = lk_writer_span(&w);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    return anchor_find(rig, LK_ANCHOR_OUT_ASK) != NULL;
}

/* T27: the BSF is asked for a B-TID that the proof covers, under an SPI that a node may choose. */
static void test_t27_a_b_tid_is_before_its_proof(void **state)
{
    struct lk_mip_msa reserved = msa;
    struct asks a = there;

    rig->config.mip.asks = true;
    assert_false(is_asked_for(true));
    a.b_tid = "b-tid@bsf.example";
    a.signs = &reserved;
    reserved.there.spi = LK_MIP_SPI_LEAST - 1;
    assert_int_equal(asks(&a), -1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    rig->config.mip.asks_pushed = true; /* nor is the AAA for the key of a reserved one */
    a.b_tid = NULL;
    assert_int_equal(asks(&a), -1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    rig->config.mip.asks_pushed = false;
    a.b_tid = "b-tid@bsf.example";
    assert_true(is_asked_for(false)); /* the control */
    reserved.there.spi = LK_MIP_SPI_LEAST;
    assert_int_equal(asks(&a), -1);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
}

/* T10: a node of another home is nobody here, whatever key it has. */
static void test_t10_a_node_of_another_home(void **state)
{
    associate(N);
    rig->config.plmn_count = 1;
    memcpy(rig->config.plmn[0], "99970", sizeof "99970");
    assert_int_equal(asks(&there), -1);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_NODE);
    memcpy(rig->config.plmn[0], "00101", sizeof "00101"); /* the control */
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

/* T15: so many requests a second are looked at, registrations and revocations together. */
static void test_t15_requests_have_one_budget(void **state)
{
    static const uint8_t revocation[] = { LK_MIP_REVOCATION, 0, 0, 0 };
    const struct lk_anchor_event revokes = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                             .from = anchor_address("203.0.113.1"), .port = PORT,
                                             .octets = LK_SPAN(revocation) };

    associate(N);
    rig->config.rate = 4;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
        answer_probe_if_asked(there.care_of);
        lk_anchor_step(&rig->anchor, &revokes, &rig->out);
        assert_int_equal(rig->out.count, 1);
    }
    assert_int_equal(rig->anchor.counters.over_budget, 0);
    assert_int_equal(asks(&there), -1);
    assert_int_equal(rig->out.count, 0);
    lk_anchor_step(&rig->anchor, &revokes, &rig->out);
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.over_budget, 2);
    rig->now_ms += 1000; /* the control */
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

/* Invariant 9: who is new begins behind every epoch that was given up. */
static void test_an_epoch_is_above_those_given_up(void **state)
{
    associate(N);
    rig->anchor.epoch_floor = 100;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(lk_binding_stands(anchor_binding(rig, N)).epoch, 101);
}

/* T12: after a restart, who was at a foreign agent that no row has any more is nowhere: its
 * addresses are no agent's. The control: at one that there is he stays. */
static void test_t12_a_foreign_agent_that_is_gone_has_nobody(void **state)
{
    struct lk_binding_record record;
    struct asks a = there;

    associate(N);
    add_agent("192.0.2.77");
    a.care_of = "192.0.2.77";
    a.agent = &agents_key;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    for (int known = 1; known >= 0; known--) {
        if (!known)
            memcpy(rig->config.mip.fa[0].name, "fa2", sizeof "fa2");
        anchor_rig_restart(rig, ROWS);
        assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
        assert_int_equal(lk_binding_stands(anchor_binding(rig, N)).passes, known);
        assert_int_equal(lk_binding_stands(anchor_binding(rig, N)).epoch,
                         record.epoch + !known);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_t13_a_token_is_not_made_up),
        TEST(test_t13_a_token_is_of_one_stay),
        TEST(test_t13_who_goes_to_and_fro_is_asked_each_time),
        TEST(test_t13_a_place_gets_so_much_of_all),
        TEST(test_t12_a_foreign_agents_addresses_are_its_own),
        TEST(test_t15_who_speaks_for_many_is_a_foreign_agent),
        TEST(test_t10_a_foreign_agent_hears_of_each_131),
        TEST(test_t27_a_b_tid_is_before_its_proof),
        TEST(test_t10_a_node_of_another_home),
        TEST(test_t15_requests_have_one_budget),
        TEST(test_an_epoch_is_above_those_given_up),
        TEST(test_t12_a_foreign_agent_that_is_gone_has_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
