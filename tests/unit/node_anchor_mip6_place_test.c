/* node/anchor as home agent of MIPv6: who moves a binding, where packets go and where they come
 * from (T10, T11, T12, T13, T33, A32). */
#include "anchor_mip6_rig.h"

/* T10, T11: the digest of the table says that nothing moved, and packets go on to the device. */
static void test_t10_strangers_move_nothing(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    const struct lk_address there = anchor_address("198.51.100.23");
    struct lk_mip_msa other = msa;
    struct asks a = over4;
    struct lk_address home;

    associate(N);
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    answer_probe("198.51.100.23", PORT);
    lk_anchor_digest(before, &rig->anchor);
    other.there.secret.octets[3] ^= 1;
    a.from = "203.0.113.66";
    a.n = N + 1; /* who has no association */
    assert_int_equal(asks(&a), -1);
    a.n = N;
    a.flip = 2;
    assert_int_equal(asks(&a), LK_BA_AUTH_FAIL);
    {
        const struct lk_address told = own(), none = anchor_address("::");

        assert_true(lk_address_equal(&told, &none)); /* who is refused learns no address */
    }
    a.flip = 0;
    a.signs = &other;
    a.lifetime = 0; /* T11 */
    a.from = "203.0.113.67";
    assert_int_equal(asks(&a), LK_BA_AUTH_FAIL);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&a), -1);
    lk_anchor_digest(after, &rig->anchor);
    assert_memory_equal(before, after, sizeof before);
    assert_true(lk_address_equal(&from_network(&home)->to.address, &there));
}

/* What goes to the victim when the device asks and packets come, a few times. */
static unsigned drowns(struct asks a, const char *victim)
{
    const struct lk_address there = anchor_address(victim);
    unsigned got = 0;

    for (unsigned i = 0; i < 20; i++) {
        const struct lk_address home = anchor_home(rig, N);

        rig->now_ms += 10;
        (void)asks(&a);
        for (size_t j = 0; j < rig->out.count; j++)
            got += rig->out.item[j].to.port != 0 &&
                   lk_address_equal(&rig->out.item[j].to.address, &there);
        for (unsigned j = 0; j < 5; j++)
            got += from_network(&home) != NULL;
    }
    return got;
}

/* A32, T13: a valid device names a victim as its alternate care-of address. Three packets, and the
 * acknowledgement goes to where the update came from. */
static void test_a32_an_alternate_care_of_address_is_asked_first(void **state)
{
    struct asks a = over6;
    struct lk_address home;
    unsigned got;

    associate(N);
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED); /* the control: it is there itself */
    home = own();
    answer_probe(over6.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    a.alternate = "2001:db8:66::66";
    rig->now_ms += 1000;
    got = drowns(a, a.alternate);
    assert_true(got > 0 && got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
    assert_true(rig->anchor.counters.unreached > 0);
    rig->now_ms += LK_PATH_RENEW_MS; /* its acknowledgements came to where it is */
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED);
    answer_probe(over6.from, PORT);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(from_network(&home));
    /* One that does answer from there. */
    rig->now_ms += 1000;
    a.alternate = "2001:db8:77::77";
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    answer_probe(a.alternate, PORT);
    assert_true(anchor_binding(rig, N)->reached);
}

/* A32, spec: RFC 6275 6.1.7 - one of the home network, in either protocol's part of it, or the home
 * agent's own, would lead the tunnel back to the agent. */
static void test_a32_a_care_of_address_does_not_lead_back(void **state)
{
    static const char *const ours[] = { "2001:db8:4577::1", "10.45.0.99", "192.0.2.1" };
    static const char *const from_ours[] = { "10.45.0.99", "192.0.2.1" };

    associate(N);
    rig->config.mip.agent = anchor_address("192.0.2.1");
    for (size_t i = 0; i < LK_COUNT_OF(ours); i++) {
        struct asks a = i % 2 == 0 ? over4 : over6;

        rig->now_ms += 1000;
        a.alternate = ours[i];
        (void)asks(&a);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.status,
                         LK_BA_CARE_OF_INVALID);
        assert_null(anchor_binding(rig, N));
    }
    for (size_t i = 0; i < LK_COUNT_OF(from_ours); i++) { /* where a translator would be */
        uint8_t octets[1024];

        rig->now_ms += LK_PATH_RENEW_MS;
        comes(from_ours[i], PORT, update_of(octets, &over4));
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.status,
                         LK_BA_CARE_OF_INVALID);
        assert_null(anchor_binding(rig, N));
    }
    {
        struct asks a = over6;

        rig->now_ms += LK_PATH_RENEW_MS;
        a.alternate = "2001:db8:66::66";
        a.from = "2001:db8:4500::1";
        assert_int_equal(asks(&a), LK_BA_CARE_OF_INVALID);
        assert_null(anchor_binding(rig, N));
    }
    rig->now_ms += LK_PATH_RENEW_MS;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED); /* the control */
}

/* A32: over IPv4 an alternate care-of address is an IPv4 one, mapped, or an IPv6 one. */
static void test_a32_over_ipv4_as_well(void **state)
{
    struct asks a = over4;
    unsigned got;

    associate(N);
    a.alternate = "203.0.113.66";
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    got = drowns(a, a.alternate);
    assert_true(got > 0 && got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
}

/* T12: what a packet over IPv6 has as source is where its datagram comes from. */
static void test_t12_a_source_that_is_not_its_own(void **state)
{
    uint8_t octets[1024];
    struct lk_span update;

    associate(N);
    update = update_of(octets, &over6);
    comes("2001:db8:66::66", PORT, update);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.status,
                     LK_BA_CARE_OF_INVALID);
    assert_null(anchor_binding(rig, N));
    comes(over6.from, PORT, update); /* the control */
    assert_non_null(anchor_binding(rig, N));
}

/* T33: a packet of the device from elsewhere than where it registered is nobody's; nor does one
 * protocol's tunnel lead into the other's. */
static void test_t33_packets_come_from_where_it_is(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    size_t len;

    associate(N);
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    len = ping(octets, &home, "2001:db8:ffff::1");
    comes("203.0.113.66", PORT, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    comes("198.51.100.23", PORT + 1, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_foreign, 2);
    comes("198.51.100.23", PORT, lk_span_of(octets, len)); /* the control */
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_t10_strangers_move_nothing),
        TEST(test_a32_an_alternate_care_of_address_is_asked_first),
        TEST(test_a32_a_care_of_address_does_not_lead_back),
        TEST(test_a32_over_ipv4_as_well),
        TEST(test_t12_a_source_that_is_not_its_own),
        TEST(test_t33_packets_come_from_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
