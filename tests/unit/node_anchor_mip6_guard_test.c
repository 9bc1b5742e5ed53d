/* node/anchor as home agent of MIPv6: what is asked for, how much is looked at, and which tunnel a
 * packet came by (T15, T27, T33). */
#include "anchor_mip6_rig.h"
#include "wire/mip6_discovery.h"

/* T15: so many updates a second are looked at, and questions for a home agent among them. */
static void test_t15_updates_have_one_budget(void **state)
{
    const struct lk_address_prefix network = rig->config.pool6[0].network;
    const struct lk_mip6_discovery asked = { .source = anchor_address(over6.from),
                                             .destination = lk_mip6_home_agents(&network),
                                             .identifier = 7 };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_mip6_discovery_write(&w, &asked), LK_OK);
    associate(N);
    rig->config.rate = 2;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    comes(over6.from, PORT, lk_writer_span(&w));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
    assert_int_equal(rig->anchor.counters.over_budget, 0);
    assert_int_equal(asks(&over4), -1);
    assert_int_equal(rig->out.count, 0);
    comes(over6.from, PORT, lk_writer_span(&w));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.over_budget, 2);
    rig->now_ms += 1000; /* the control */
    comes(over6.from, PORT, lk_writer_span(&w));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
}

/* T27: the BSF is asked for a B-TID that the authenticator covers: one that stands behind it
 * anybody may have put there. */
static void test_t27_a_b_tid_is_before_its_proof(void **state)
{
    /* Two octets of padding, and the option of the vendor: 32473, 3, "b-tid@b". */
    static const uint8_t behind[] = { 0, 0, 19, 12, 0, 0, 0x7e, 0xd9, LK_MOBILITY_B_TID_SUBTYPE,
                                      'b', '-', 't', 'i', 'd', '@', 'b' };
    uint8_t octets[1024], message[768], whole[1024];
    struct lk_writer m = lk_writer_of(message, sizeof message);
    struct lk_writer w = lk_writer_of(whole, sizeof whole);
    struct lk_mobility_message decoded;
    struct lk_mip6_packet packet;
    struct asks a = over4;

    rig->config.mip.asks = true;
    assert_int_equal(rig->config.enterprise, 32473);
    assert_int_equal(lk_mip6_read(&packet, update_of(octets, &a)), LK_OK);
    lk_put_span(&m, packet.message);
    lk_put_octets(&m, behind, sizeof behind);
    message[1] = (uint8_t)(m.len / 8 - 1);
    packet.message = lk_writer_span(&m);
    assert_int_equal(lk_mobility_decode(&decoded, packet.message), LK_OK);
    assert_int_equal(decoded.options.vendor_count, 1);
    assert_int_equal(lk_mip6_write(&w, &packet), LK_OK);
    comes(a.from, PORT, lk_writer_span(&w));
    assert_int_equal(rig->anchor.counters.malformed, 0);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    a.b_tid = "b-tid@b"; /* the control */
    assert_int_equal(asks(&a), -1);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
}

/* T33: a tunnel of MIPv6 leads to its own device alone: what comes from the same place and port as
 * one of Mobile IPv4 is nobody's. */
static void test_t33_one_protocols_tunnel_is_not_the_others(void **state)
{
    uint8_t octets[128], tunnelled[256];
    struct lk_writer w = lk_writer_of(tunnelled, sizeof tunnelled);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .port = PORT };
    struct lk_span packet;
    struct lk_address home;

    associate(N);
    rig->config.mip.serves = true;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    packet = lk_span_of(octets, ping(octets, &home, "2001:db8:ffff::1"));
    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP,
                                                         .packet = packet });
    event.octets = lk_writer_span(&w);
    event.now_ms = rig->now_ms;
    event.from = anchor_address(over4.from);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_foreign, 1);
    comes(over4.from, PORT, packet); /* the control */
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
}

/* T12, A32: packets go to no group and to nobody's address, of either family. */
static void test_a32_a_care_of_address_is_of_one_place(void **state)
{
    static const char *const nowhere[] = { "224.0.0.1", "239.1.2.3", "255.255.255.255", "ff02::1",
                                           "ff0e::1", "fe80::1", "febf::1", "0.0.0.0" };
    struct asks a = over4;

    associate(N);
    for (size_t i = 0; i < LK_COUNT_OF(nowhere); i++) {
        a.alternate = nowhere[i];
        rig->now_ms += LK_PATH_RENEW_MS;
        assert_int_equal(asks(&a), LK_BA_CARE_OF_INVALID);
        assert_null(anchor_binding(rig, N));
    }
    a.alternate = "198.51.100.99"; /* the control */
    rig->now_ms += LK_PATH_RENEW_MS;
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_t15_updates_have_one_budget),
        TEST(test_t27_a_b_tid_is_before_its_proof),
        TEST(test_t33_one_protocols_tunnel_is_not_the_others),
        TEST(test_a32_a_care_of_address_is_of_one_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
