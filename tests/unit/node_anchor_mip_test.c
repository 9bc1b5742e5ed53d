/* node/anchor as home agent: from a datagram to the row, the same address on every access, and who
 * is sent packets (T10, T11, T13, T14, T33; invariants 8 to 11). */
#include "anchor_mip_rig.h"

/* T13: a foreign agent that proves itself is where its packets come from, and has asked its
 * visitors: theirs pass at once. An address of nobody's is asked as any other. */
static void test_t13_a_foreign_agent_is_where_it_is(void **state)
{
    struct lk_mip_msa agents = msa;
    struct asks through = there;

    agents.there.spi = agents.spi_back = 4097;
    rig->config.mip.fa_count = 1;
    memcpy(rig->config.mip.fa[0].name, "fa-1", 5);
    rig->config.mip.fa[0].msa = agents;
    rig->config.mip.fa[0].address_count = 1;
    rig->config.mip.fa[0].address[0] = anchor_address("198.51.100.23");
    associate(N);
    through.agent = &agents;
    assert_int_equal(asks(&through), LK_MIP_CODE_ACCEPTED);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_TUNNEL)); /* no probe */
    for (int i = 0; i < 10; i++)
        assert_non_null(from_network());
    assert_int_equal(rig->anchor.counters.probes + rig->anchor.counters.unreached, 0);
    rig->now_ms += 1000;
    through.care_of = "198.51.100.24"; /* the control */
    through.agent = NULL;
    assert_int_equal(asks(&through), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(rig->anchor.counters.probes, 1);
}

/* spec: RFC 2794 4 - by the NAI.
 * spec: RFC 3519 4.10 - the echo request in the tunnel. */
static void test_a_device_registers_and_is_reached(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    struct lk_binding *b;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    b = anchor_binding(rig, N);
    assert_non_null(b);
    assert_false(b->reached);
    answer_probe("198.51.100.23", PORT);
    assert_true(b->reached);
    for (unsigned i = 0; i < 10; i++) {
        const struct lk_anchor_output *out = from_network();

        assert_non_null(out);
        assert_int_equal(out->mag, 0);
        assert_int_equal(out->to.port, PORT);
    }
    home = anchor_home(rig, N);
    packet_in_tunnel("198.51.100.23", PORT,
                     lk_span_of(octets, ping(octets, sizeof octets, &home, "203.0.113.200")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
    assert_int_equal(rig->anchor.counters.up_packets, 1);
}

/* T13: a valid device names a victim. Three packets, and nothing more however often it tries. */
static void test_t13_a_victim_gets_three_packets(void **state)
{
    struct asks a = there;
    unsigned got = 0;

    associate(N);
    a.care_of = "203.0.113.66";
    for (unsigned i = 0; i < 20; i++) {
        rig->now_ms += 10;
        (void)asks(&a);
        for (size_t j = 0; j < rig->out.count; j++)
            got += rig->out.item[j].to.port != 0;
        for (unsigned j = 0; j < 5; j++)
            got += from_network() != NULL;
    }
    assert_true(got > 0);
    assert_true(got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
    assert_true(rig->anchor.counters.unreached > 0);
    /* A guess of the token is no proof. */
    {
        uint8_t octets[128], reply[128];
        const struct lk_address home = anchor_home(rig, N);
        struct lk_writer w = lk_writer_of(reply, sizeof reply);
        struct lk_ip_packet packet;
        size_t len = ping(octets, sizeof octets, &home, "10.45.0.1");

        assert_int_equal(lk_ip_read(&packet, lk_span_of(octets, len)), LK_OK);
        assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
        packet_in_tunnel("203.0.113.66", PORT, lk_writer_span(&w));
        assert_false(anchor_binding(rig, N)->reached);
    }
    /* The control: where the device really is. */
    rig->now_ms += 1000;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe("198.51.100.23", PORT);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(from_network());
}

/* T13: who is there, and renews before it was proven, is proven in the end: the question goes
 * before the reply where there is but one packet left. */
static void test_t13_replies_do_not_starve_the_proof(void **state)
{
    struct asks a = there;

    associate(N);
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    a.knows = true;
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), -1); /* the last of three */
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_TUNNEL));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
    answer_probe("198.51.100.23", PORT);
    assert_true(anchor_binding(rig, N)->reached);
    for (unsigned i = 0; i < 10; i++) {
        rig->now_ms += 1000;
        assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    }
}

static struct lk_mip_msa agent_msa;

static void add_agent(const char *address)
{
    struct lk_anchor_fa *fa = &rig->config.mip.fa[rig->config.mip.fa_count++];

    agent_msa = msa;
    agent_msa.there.spi = agent_msa.spi_back = SPI + 1;
    agent_msa.there.secret.octets[0] ^= 1;
    memcpy(fa->name, "fa1", sizeof "fa1");
    fa->msa = agent_msa;
    fa->address_count = 1;
    fa->address[0] = anchor_address(address);
    rig->config.mip.ha.udp_mandatory = false;
}

/* S4 7.3.5: from one address few are asked for, but not of those whom a foreign agent has there. */
static void test_many_bootstrap_behind_a_foreign_agent(void **state)
{
    struct asks a = there;

    rig->config.mip.asks = true;
    a.b_tid = "b-tid@bsf.example";
    a.care_of = "192.0.2.77";
    for (a.n = N; a.n < N + 70; a.n++) {
        (void)asks(&a);
        assert_true((anchor_find(rig, LK_ANCHOR_OUT_ASK) != NULL) == (a.n < N + 64));
    }
    add_agent(a.care_of);
    for (a.agent = &agent_msa, a.n = N; a.n < N + 10; a.n++) {
        (void)asks(&a);
        assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    }
}

/* T12: nor does a tunnel lead back into the home network, or to the home agent itself: not to what
 * the request names, and not to where it came from. The control: a place outside. */
static void test_t12_a_care_of_address_does_not_lead_back(void **state)
{
    static const char *const ours[] = { "10.45.0.99", "192.0.2.1" };
    struct asks a = there;

    associate(N);
    a.care_of = "10.45.0.99";
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_PROHIBITED);
    a.from = "198.51.100.23";
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_PROHIBITED);
    a.care_of = a.from;
    for (size_t i = 0; i < LK_COUNT_OF(ours); i++) {
        a.from = ours[i];
        rig->now_ms += 1000;
        assert_int_equal(asks(&a), LK_MIP_CODE_HA_PROHIBITED);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                         LK_REASON_MIP_CARE_OF);
        assert_null(anchor_binding(rig, N));
    }
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

/* T12: a foreign agent registers visitors at its own addresses, and at no others. */
static void test_t12_a_care_of_address_is_the_agents(void **state)
{
    struct asks through = there;

    add_agent("192.0.2.77");
    associate(N);
    through.agent = &agent_msa;
    through.from = "192.0.2.77";
    assert_int_equal(asks(&through), LK_MIP_CODE_HA_PROHIBITED);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_CARE_OF);
    assert_null(anchor_binding(rig, N));
    rig->config.mip.fa[0].address_count = 2; /* the control: it has that one, too */
    rig->config.mip.fa[0].address[1] = anchor_address(through.care_of);
    rig->now_ms += 1000;
    assert_int_equal(asks(&through), LK_MIP_CODE_ACCEPTED);
}

/* T10: who has an association, and is a subscriber of another network. */
static void test_t10_subscribers_of_other_networks_are_not_served(void **state)
{
    associate(N);
    rig->config.plmn_count = 1;
    memcpy(rig->config.plmn[0], "00102", 6);
    assert_int_equal(asks(&there), -1);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_NODE);
    assert_null(anchor_binding(rig, N));
    memcpy(rig->config.plmn[0], "00101", 6); /* the control */
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

/* T33: a packet of the device from elsewhere than where it registered is nobody's. */
static void test_t33_packets_come_from_where_it_is(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    size_t len;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    home = anchor_home(rig, N);
    len = ping(octets, sizeof octets, &home, "203.0.113.200");
    packet_in_tunnel("203.0.113.66", PORT, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    packet_in_tunnel("198.51.100.23", PORT + 1, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_foreign, 2);
}

/* One anchor, one address: from a gateway to Mobile IP and back, and what is late moves nothing
 * (invariants 8, 9, 10). T14: each stay is an epoch with a mark. */
static void test_the_address_stays_from_one_protocol_to_another(void **state)
{
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    struct lk_address at_wlan, at_mip;
    uint64_t attached_ms = rig->now_ms, epoch;
    struct anchor_ask old = wlan;

    associate(N);
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    at_wlan = anchor_home(rig, N);
    epoch = lk_binding_stands(anchor_binding(rig, N)).epoch;
    rig->now_ms += 5000;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    at_mip = anchor_home(rig, N);
    assert_true(lk_address_equal(&at_wlan, &at_mip));
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_MIP);
    assert_true(lk_binding_stands(anchor_binding(rig, N)).epoch > epoch);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_MARK));
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "mag-1");
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record.mag,
                        "198.51.100.23");
    answer_probe(there.care_of, PORT);

    /* The gateway's session of before is older than where the device is. */
    rig->now_ms += 1000;
    old.attach_ms = attached_ms;
    assert_int_equal(anchor_ask(rig, &old), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_MIP);

    rig->now_ms += 1000; /* a new attachment */
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    at_wlan = anchor_home(rig, N);
    assert_true(lk_address_equal(&at_wlan, &at_mip));
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "198.51.100.23");

    { /* And a registration of Mobile IP from before it. */
        struct asks late = there;

        late.at_ms = rig->now_ms - 500;
        assert_int_equal(asks(&late), LK_MIP_CODE_HA_IDENTIFICATION);
        assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    }
}

/* spec: RFC 5944 3.8.2.2 - the place that a deregistration names is not where the device is by now,
 * at a gateway: it is answered, and ends nothing. What is older than it comes to nothing, too, and
 * the gateway goes on. */
static void test_a_device_leaves_mobile_ip_behind(void **state)
{
    struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    struct asks leaves = there, late = there;
    uint64_t epoch, attached_ms;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe("198.51.100.23", PORT);
    attached_ms = rig->now_ms += 1000;
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    epoch = lk_binding_stands(anchor_binding(rig, N)).epoch;

    rig->now_ms += 2000;
    leaves.lifetime_s = 0;
    assert_int_equal(asks(&leaves), LK_MIP_CODE_ACCEPTED);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_MARK));
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    assert_true(lk_binding_stands(anchor_binding(rig, N)).passes);
    assert_int_equal(lk_binding_stands(anchor_binding(rig, N)).epoch, epoch);

    late.at_ms = rig->now_ms - 500; /* newer than the attachment, older than what ended nothing */
    assert_int_not_equal(asks(&late), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    rig->now_ms += 1000;
    wlan.attach_ms = attached_ms;
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED); /* its session goes on */
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);

    rig->now_ms += 1000; /* the control: where it is the newest, it ends */
    late = there;
    late.care_of = leaves.care_of = "198.51.100.24";
    assert_int_equal(asks(&late), LK_MIP_CODE_ACCEPTED);
    rig->now_ms += 1000;
    assert_int_equal(asks(&leaves), LK_MIP_CODE_ACCEPTED);
    assert_false(lk_binding_stands(anchor_binding(rig, N)).passes);
}

/* T14, charging: A moves from place to place in the middle of a download of a megabyte, by way of a
 * gateway too, and B takes the place that A has left at once. The marks and what goes on are what
 * was sent to each, to the octet, and B has none of A's. */
static void test_t14_octets_are_the_devices(void **state)
{
    static const char *const places[] = { "198.51.100.23", "198.51.100.24", "198.51.100.25" };
    enum { OCTETS = 1000000 };
    uint64_t sent = 0, marked = 0, of_b = 0, moves = 0;
    struct asks a = there, b = there;

    associate(N);
    associate(N + 1);
    b.n = N + 1;
    for (unsigned i = 0; sent < OCTETS; i++) {
        const struct lk_anchor_output *out;

        if (i % 1000 == 0) {
            const struct lk_anchor_output *mark;

            b.care_of = a.care_of;
            a.care_of = places[moves++ % LK_COUNT_OF(places)];
            rig->now_ms += 60000; /* what a place gets that has not answered */
            if (moves % 4 == 0)
                assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = N, .mag = 1,
                                                                       .lifetime = 900 }),
                                 LK_BA_ACCEPTED);
            else
                assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
            mark = anchor_find(rig, LK_ANCHOR_OUT_MARK);
            assert_true((mark != NULL) == (moves > 1));
            marked += mark == NULL ? 0 : mark->mark.down_octets;
            if (moves % 4 != 0)
                answer_probe(a.care_of, PORT);
            if (moves > 1)
                assert_int_equal(asks(&b), LK_MIP_CODE_ACCEPTED);
        }
        out = from_network();
        assert_non_null(out);
        sent += out->octets.len;
    }
    marked += anchor_binding(rig, N)->volume.down_octets;
    of_b = anchor_binding(rig, N + 1)->volume.down_octets;
    assert_true(moves > 10);
    assert_int_equal(marked, sent);
    assert_int_equal(of_b, 0);
}

/* After a restart it is as it was, and a repeat brings nothing back. */
static void test_a22_a_restart_forgets_nothing(void **state)
{
    struct lk_binding_record record;
    struct asks late = there;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    late.at_ms = rig->now_ms - 1;
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    anchor_rig_restart(rig, ROWS);
    memset(unproven_memory, 0, lk_budgets_size());
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_int_equal(asks(&late), LK_MIP_CODE_HA_IDENTIFICATION);
    assert_true(lk_binding_stands(anchor_binding(rig, N)).passes);
    rig->now_ms += 10;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

static const struct lk_mip_msa *has(uint32_t spi)
{
    const struct lk_imsi imsi = imsi_of(N);

    return lk_mip_msas_find(rig->anchor.msas, lk_imsi_number(&imsi), spi, rig->now_ms);
}

/* T26: two associations live side by side until the new one has been used. */
static void test_t26_old_and_new_key(void **state)
{
    const struct lk_imsi imsi = imsi_of(N);
    struct lk_mip_msa newer;
    struct asks a = there;

    msa.ends_ms = rig->now_ms + 3600000; /* of a USIM */
    newer = msa;
    associate(N);
    newer.there.spi = SPI + 1;
    newer.there.secret.octets[0] ^= 1;
    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &newer, rig->now_ms);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED); /* it has not heard of the new one */
    assert_true(has(SPI) != NULL && has(SPI + 1) != NULL);
    a.signs = &newer;
    rig->now_ms += 10;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    assert_true(has(SPI) == NULL && has(SPI + 1) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_t13_a_foreign_agent_is_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_device_registers_and_is_reached, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t13_a_victim_gets_three_packets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t13_replies_do_not_starve_the_proof, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_bootstrap_behind_a_foreign_agent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t12_a_care_of_address_does_not_lead_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t12_a_care_of_address_is_the_agents, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t10_subscribers_of_other_networks_are_not_served,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_t33_packets_come_from_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_address_stays_from_one_protocol_to_another, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_device_leaves_mobile_ip_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t14_octets_are_the_devices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a22_a_restart_forgets_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t26_old_and_new_key, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
