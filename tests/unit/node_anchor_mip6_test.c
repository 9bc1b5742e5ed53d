/* node/anchor as home agent of MIPv6: from a packet in a datagram to the row, and one address on
 * every access (A22; invariants 8 to 11). */
#include "anchor_mip6_rig.h"
#include "wire/mip6_discovery.h"

/* spec: RFC 5555 4 - a datagram is a packet, of either family.
 * spec: RFC 6275 6.4 - the acknowledgement's routing header. */
static void registers(const struct asks *a)
{
    uint8_t octets[128];
    struct lk_address home, ipv4;
    struct lk_binding *b;

    associate(N);
    assert_int_equal(asks(a), LK_BA_ACCEPTED);
    home = own();
    assert_int_equal(ack.lifetime, 150);
    b = anchor_binding(rig, N);
    assert_non_null(b);
    assert_int_equal(b->protocol, LK_BINDING_MIP6);
    ipv4 = anchor_home(rig, N);
    assert_memory_equal(ack.options.ipv4_home_ack.address.octets, ipv4.octets + 12, 4);
    assert_false(b->reached);
    answer_probe(a->from, PORT);
    assert_true(b->reached);
    for (unsigned i = 0; i < 10; i++) {
        const struct lk_anchor_output *out = from_network(i % 2 == 0 ? &home : &ipv4);

        assert_non_null(out);
        assert_int_equal(out->to.by, LK_BINDING_MIP6);
        assert_int_equal(out->to.port, PORT);
    }
    comes(a->from, PORT, lk_span_of(octets, ping(octets, &home, "2001:db8:ffff::1")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
    comes(a->from, PORT, lk_span_of(octets, ping(octets, &ipv4, "203.0.113.200")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
}

static void test_a_device_registers_over_ipv4_and_is_reached(void **state)
{
    registers(&over4);
}

static void test_a_device_registers_over_ipv6_and_is_reached(void **state)
{
    registers(&over6);
}

/* Another address of its own prefix is one that the proof is asked at. */
static void test_a_home_address_of_the_devices_choice(void **state)
{
    struct asks a = over6;
    struct lk_address home;
    char text[LK_ADDRESS_TEXT];

    associate(N);
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    home = own();
    memset(home.octets + 8, 0xab, 8);
    lk_address_text(text, &home);
    a.home = text;
    rig->now_ms += LK_PATH_RENEW_MS;
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    {
        struct lk_ip_packet packet;

        assert_int_equal(lk_ip_read(&packet, anchor_find(rig, LK_ANCHOR_OUT_TUNNEL)->octets),
                         LK_OK);
        assert_true(lk_address_equal(&packet.destination, &home));
    }
    answer_probe(a.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    a.home = "2001:db8:4600::1"; /* the control: one that is not its own */
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), LK_BA_NOT_HOME_SUBNET);
    assert_int_equal(rig->anchor.counters.alarms, 1);
}

/* Another home agent's; another message; what is no packet. */
static void test_what_finds_no_answer(void **state)
{
    uint8_t octets[1024];
    struct asks a = over6;
    struct lk_span update;

    associate(N);
    a.agent = "2001:db8:1::1";
    assert_int_equal(asks(&a), -1);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_AGENT);
    update = update_of(octets, &over6);
    for (size_t cut = 0; cut < update.len; cut++) {
        comes(over6.from, PORT, lk_span_of(octets, cut));
        assert_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
    }
    assert_null(anchor_binding(rig, N));
    comes(over6.from, PORT, update); /* the control */
    assert_non_null(anchor_binding(rig, N));
}

/* A22: MESG-ID, and invariant 11. */
static void test_a22_old_updates_and_repeats(void **state)
{
    struct asks late = over4;
    uint8_t octets[1024];
    struct lk_span update;
    uint64_t epoch;

    associate(N);
    late.at_ms = rig->now_ms;
    rig->now_ms += 500;
    update = update_of(octets, &over4);
    comes(over4.from, PORT, update);
    epoch = lk_binding_stands(anchor_binding(rig, N)).epoch;
    rig->anchor.unproven = lk_budgets_in(memset(unproven_memory, 0, lk_budgets_size()), 2);
    comes(over4.from, PORT, update);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE)); /* the first is not durable yet */
    assert_true(lk_binding_stands(anchor_binding(rig, N)).epoch == epoch);
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    late.at_ms = rig->now_ms + 60000;
    assert_int_equal(asks(&late), -1); /* T10: one such answer a minute, where nobody has proven */
    rig->anchor.unproven = lk_budgets_in(memset(unproven_memory, 0, lk_budgets_size()), 2);
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    assert_true(ack.options.mesg_id >> 32 == lk_ntp_of(rig->now_ms, 0) >> 32);
}

/* One anchor, one address and one prefix: from a gateway to MIPv6 and back (invariants 8 to 10). */
static void test_the_addresses_stay_from_one_protocol_to_another(void **state)
{
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    struct anchor_ask old = wlan;
    struct asks late = over6;
    struct lk_address_prefix prefix, has;
    struct lk_address ipv4, now, home;

    associate(N);
    old.attach_ms = rig->now_ms;
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    prefix = anchor_binding(rig, N)->prefix;
    ipv4 = anchor_home(rig, N);
    rig->now_ms += 5000;
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED);
    home = own();
    has = lk_address_prefix_of(&home, prefix.bits);
    assert_true(lk_address_prefix_equal(&has, &prefix));
    now = anchor_home(rig, N);
    assert_true(lk_address_equal(&now, &ipv4));
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "mag-1");
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record.mag,
                        "2001:db8:99::23");
    answer_probe(over6.from, PORT);
    rig->now_ms += 1000;
    assert_int_equal(anchor_ask(rig, &old), LK_BA_MAG_NOT_AUTHORIZED);
    rig->now_ms += 1000; /* a new attachment, and an update from before it */
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    late.at_ms = rig->now_ms - 500;
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    rig->now_ms += 1000;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    has = lk_address_prefix_of(&home, prefix.bits);
    assert_true(lk_address_prefix_equal(&has, &prefix));
}

/* Over a restart: the binding, what orders updates, and where the device is asked. */
static void test_a22_what_is_stored_is_there_again(void **state)
{
    struct lk_binding_record record;
    struct asks old = over4;
    struct lk_address home;

    associate(N);
    old.at_ms = rig->now_ms - 10;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    anchor_rig_restart(rig, ROWS);
    lk_anchor_serve_mip(&rig->anchor,
                        lk_mip_msas_in(memset(msas_memory, 0, lk_mip_msas_size(ROWS)), ROWS, 1),
                        lk_budgets_in(memset(unproven_memory, 0, lk_budgets_size()), 2));
    associate(N);
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_int_equal(asks(&old), LK_BA_ID_MISMATCH);
    assert_non_null(from_network(&home)); /* a probe, to begin with */
    answer_probe(over4.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    rig->now_ms += 601000;
    anchor_tick(rig, rig->now_ms);
    assert_int_equal(anchor_binding(rig, N)->mip6.state, LK_MIP_HA6_NONE);
    assert_null(from_network(&home));
}

/* spec: RFC 6275 10.5.1 - who knows the home network finds the home agent; T13: three times a
 * place, and nobody has to be known for it. */
static void test_the_home_agent_is_discovered(void **state)
{
    const struct lk_address_prefix networks[] = {
        rig->config.pool6[0].network, { rig->config.pool6[0].gateway, 64 },
    };
    struct lk_mip6_discovery asked = { .source = anchor_address(over6.from), .identifier = 7 };
    uint8_t octets[LK_MIP6_DISCOVERY_MAX];
    struct lk_mip6_discovery said;
    struct lk_writer w;

    for (unsigned i = 0; i < 5; i++) {
        const struct lk_address_prefix network =
            lk_address_prefix_of(&networks[i % 2].address, networks[i % 2].bits);

        asked.destination = lk_mip6_home_agents(&network);
        w = lk_writer_of(octets, sizeof octets);
        assert_int_equal(lk_mip6_discovery_write(&w, &asked), LK_OK);
        comes(over6.from, PORT, lk_writer_span(&w));
        if (i >= 3) {
            assert_int_equal(rig->out.count, 0);
            continue;
        }
        assert_int_equal(
            lk_mip6_discovery_read(&said, anchor_find(rig, LK_ANCHOR_OUT_SEND)->octets), LK_OK);
        assert_true(said.reply && said.identifier == 7 && said.agent_count == 1);
        assert_true(lk_address_equal(&said.agent[0], &rig->config.mip.agent6));
        assert_true(lk_address_equal(&said.destination, &asked.source));
    }
    assert_int_equal(rig->anchor.counters.mip_discovered, 3);
    rig->now_ms += LK_PATH_RENEW_MS;
    asked.destination = anchor_address("2001:db8:1::fdff:ffff:ffff:fffe"); /* another network's */
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_mip6_discovery_write(&w, &asked), LK_OK);
    comes(over6.from, PORT, lk_writer_span(&w));
    assert_int_equal(rig->out.count, 0);
}

/* S4 7.3.5: who names a B-TID under its authenticator is asked for; what is made of it is not
 * Mobile IPv4's. */
static void test_a_b_tid_is_asked_for(void **state)
{
    const struct lk_imsi imsi = imsi_of(N);
    struct asks a = over4;
    const struct lk_anchor_output *item;

    rig->config.mip.asks = true;
    assert_int_equal(asks(&a), -1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    a.b_tid = "cmFuZA==@bsf.example";
    assert_int_equal(asks(&a), -1);
    item = anchor_find(rig, LK_ANCHOR_OUT_ASK);
    assert_non_null(item);
    assert_int_equal(item->ask.spi, SPI);
    assert_true(lk_span_equal(item->ask.b_tid, lk_span_text(a.b_tid)));
    msa.ends_ms = rig->now_ms + 3600000;
    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &msa, rig->now_ms);
    assert_int_equal(asks(&a), -1); /* of Mobile IPv4 */
    a.key = &msa;
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    a.key = NULL; /* from now on it is known */
    a.b_tid = NULL;
    rig->now_ms += 10;
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    assert_int_equal(rig->anchor.counters.mip_asked, 2);
}

/* T10, T26: who has heard a B-TID sends junk under it: it is refused by the key of the BSF, which
 * is not kept, however often. Nor is it where the request is proven, and too late. */
static void test_t10_junk_under_a_b_tid(void **state)
{
    const struct lk_imsi imsi = imsi_of(N);
    const uint64_t holder = lk_anchor_msa_holder(&imsi, LK_BINDING_MIP6);
    struct lk_mip_msa of_bsf = msa, junk = msa;
    struct asks thief = over4, own = over4;

    msa.ends_ms = of_bsf.ends_ms = rig->now_ms + 3600000;
    own.b_tid = thief.b_tid = "cmFuZA==@bsf.example";
    own.key = &msa;
    assert_int_equal(asks(&own), LK_BA_ACCEPTED);
    of_bsf.there.secret.octets[0] ^= 1;
    thief.from = "198.51.100.66";
    thief.signs = &junk;
    thief.key = &of_bsf;
    for (uint32_t i = 1; i <= 3; i++) {
        of_bsf.there.spi = of_bsf.spi_back = junk.there.spi = SPI + i;
        (void)asks(&thief);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                         LK_REASON_MIP_MN_AUTH);
        assert_null(lk_mip_msas_find(rig->anchor.msas, holder, SPI + i, rig->now_ms));
    }
    thief.signs = &of_bsf;
    thief.at_ms = rig->now_ms - 60000;
    (void)asks(&thief);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_TIME);
    assert_null(lk_mip_msas_find(rig->anchor.msas, holder, SPI + 3, rig->now_ms));
    rig->now_ms += 10;
    own.key = NULL;
    own.b_tid = NULL;
    assert_int_equal(asks(&own), LK_BA_ACCEPTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_device_registers_over_ipv4_and_is_reached),
        TEST(test_a_device_registers_over_ipv6_and_is_reached),
        TEST(test_a_home_address_of_the_devices_choice),
        TEST(test_what_finds_no_answer),
        TEST(test_a22_old_updates_and_repeats),
        TEST(test_the_addresses_stay_from_one_protocol_to_another),
        TEST(test_a22_what_is_stored_is_there_again),
        TEST(test_the_home_agent_is_discovered),
        TEST(test_a_b_tid_is_asked_for),
        TEST(test_t10_junk_under_a_b_tid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
