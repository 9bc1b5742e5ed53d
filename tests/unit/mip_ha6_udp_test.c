/* proto/mip/ha6: where the tunnel ends when updates come in UDP (T12, A32); what refusals tell. */
#include "mip_ha6_rig.h"

/* spec: RFC 5555 3.1.2 - over IPv4, behind a translator.
 * spec: RFC 5555 3.2.2 - it is told to keep the tunnel in UDP. T12: the care-of address is covered;
 * where the datagram came from is another place when it changes. */
static void test_over_ipv4_and_a_translator(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event;
    struct lk_mobility_message ba;
    struct lk_address care_of = at("192.168.1.2");

    n.source = at("::");
    n.from = at("198.51.100.23");
    n.says.options.ipv4_care_of = (struct lk_mobility_ipv4){ { 192, 168, 1, 2 } };
    lk_mobility_mark(&n.says.options, LK_MO_IPV4_CARE_OF);
    event = asks(&n, NOW);
    lk_mip_ha6_init(&ha);
    ba = step(&ha, &event);
    assert_int_equal(ba.status, LK_BA_ACCEPTED);
    assert_true(ba.options.nat.udp);
    assert_int_equal(ba.options.nat.refresh_s, 110);
    assert_true(lk_address_equal(&ha.care_of, &care_of));
    assert_true(ha.udp && ha.port == PORT);
    assert_memory_equal(ha.from.octets, ((uint8_t[]){ 198, 51, 100, 23 }), 4);

    n.says.options.mesg_id = lk_ntp_of(NOW + 1, 0);
    event = asks(&n, NOW + 1);
    event.port = 5000; /* the translator has begun anew */
    (void)step(&ha, &event);
    assert_int_equal(changed(), LK_MIP_MOVED);
    n.says.options.mesg_id = lk_ntp_of(NOW + 2, 0);
    event = asks(&n, NOW + 2);
    event.port = 5000; /* the control */
    (void)step(&ha, &event);
    assert_int_equal(changed(), LK_MIP_RENEWED);

    n.says.options.ipv4_care_of.octets[3] = 3; /* altered on the way */
    event = asks(&n, NOW + 3);
    n.update.options.ipv4_care_of.octets[3] = 4;
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
}

/* In UDP over IPv6 nobody translates: the packet's source is where the datagram came from, or an
 * alternate care-of address says where the tunnel ends (T12, A32). */
static void test_over_ipv6_in_udp(void **state)
{
    struct lk_mip_ha6 ha, before;
    struct node n = node(NOW);
    struct lk_address end, home;
    struct lk_mip_ha6_event event;

    n.from = n.source;
    event = asks(&n, NOW);
    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    end = lk_mip_ha6_bound_end(&ha);
    assert_true(ha.udp && lk_address_equal(&end, &n.source));
    home = lk_mip_ha6_bound_home(&ha, &event.prefix);
    assert_true(lk_address_equal(&home, &n.home));

    before = ha;
    n.from = at("2001:db8:66::66");
    n.says.options.mesg_id = lk_ntp_of(NOW + 1, 0);
    event = asks(&n, NOW + 1);
    assert_int_equal(step(&ha, &event).status, LK_BA_CARE_OF_INVALID);
    nothing_changed(&before, &ha);

    n.says.options.care_of = at("2001:db8:77::77");
    lk_mobility_mark(&n.says.options, LK_MO_CARE_OF);
    n.from = n.source;
    event = asks(&n, NOW + 1);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    end = lk_mip_ha6_bound_end(&ha);
    assert_true(lk_address_equal(&end, &n.says.options.care_of));
}

/* A32, T12, spec: RFC 6275 6.1.7 - an alternate care-of address where nobody can be, or which leads
 * the tunnel back. The controls: one that is not so, and a loopback one of who is there. */
static void test_a32_an_alternate_care_of_address_is_somewhere(void **state)
{
    static const struct {
        const char *alternate, *from;
        bool leads_back;
        uint8_t status;
    } rows[] = {
        { "::1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "::1", "127.0.0.9", false, LK_BA_CARE_OF_INVALID },
        { "127.0.0.1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "127.255.255.255", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "169.254.0.1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "0.0.0.0", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "224.0.0.1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "240.0.0.1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "255.255.255.255", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "::", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "fe80::1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "ff02::1", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "2001:db8:45::9", "198.51.100.23", false, LK_BA_CARE_OF_INVALID },
        { "203.0.113.66", "198.51.100.23", true, LK_BA_CARE_OF_INVALID },
        { "203.0.113.66", "198.51.100.23", false, LK_BA_ACCEPTED },
        { "127.0.0.8", "127.0.0.9", false, LK_BA_ACCEPTED },
        { "2001:db8:77::77", "198.51.100.23", false, LK_BA_ACCEPTED },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha6 ha;
        struct node n = node(NOW);
        struct lk_mip_ha6_event event;

        n.source = at("::");
        n.from = at(rows[i].from);
        n.says.options.care_of = at(rows[i].alternate);
        lk_mobility_mark(&n.says.options, LK_MO_CARE_OF);
        event = asks(&n, NOW);
        event.leads_back = rows[i].leads_back;
        lk_mip_ha6_init(&ha);
        if (step(&ha, &event).status != rows[i].status)
            fail_msg("row %zu", i);
    }
}

/* RFC 5555's IPv4 care-of address is looked at in the same way. */
static void test_t12_an_ipv4_care_of_address_is_somewhere(void **state)
{
    static const uint8_t wrong[][4] = { { 0 }, { 127, 0, 0, 1 }, { 169, 254, 0, 1 },
                                        { 224, 0, 0, 1 }, { 255, 255, 255, 255 } };

    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++) {
        struct lk_mip_ha6 ha;
        struct node n = node(NOW);
        struct lk_mip_ha6_event event;

        n.source = at("::");
        n.from = at("198.51.100.23");
        memcpy(n.says.options.ipv4_care_of.octets, wrong[i], 4);
        lk_mobility_mark(&n.says.options, LK_MO_IPV4_CARE_OF);
        event = asks(&n, NOW);
        lk_mip_ha6_init(&ha);
        assert_int_equal(step(&ha, &event).status, LK_BA_CARE_OF_INVALID);
        assert_int_equal(refused(), LK_REASON_MIP_CARE_OF);
    }
}

/* T12, A22: over IPv4 nothing proves where the datagram comes from. What somebody has copied, and
 * sent faster, makes of the device's own no repeat; it asks anew, and has its binding. Over IPv6
 * the care-of address is covered, and a copy from elsewhere is refused. */
static void test_t12_a_copy_from_elsewhere_is_no_repeat(void **state)
{
    struct lk_mip_ha6 ha, before;
    struct node n = node(NOW);
    struct lk_address end;
    struct lk_mip_ha6_event event;

    n.source = at("::");
    n.from = at("198.51.100.23");
    n.says.options.ipv4_care_of = (struct lk_mobility_ipv4){ { 192, 168, 1, 2 } };
    lk_mobility_mark(&n.says.options, LK_MO_IPV4_CARE_OF);
    event = asks(&n, NOW);
    event.from = at("203.0.113.66");
    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    before = ha;
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED); /* the control: a repeat */
    event.from = n.from;
    assert_int_equal(step(&ha, &event).status, LK_BA_ID_MISMATCH);
    assert_int_equal(refused(), LK_REASON_MIP_COPY);
    nothing_changed(&before, &ha);
    n.says.options.mesg_id = lk_ntp_of(NOW + 10, 0);
    event = asks(&n, NOW + 10);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    end = lk_mip_ha6_bound_end(&ha);
    assert_true(lk_address_equal(&end, &n.from));
    n.says.lifetime = 0; /* what has ended has ended wherever it is asked for again */
    n.says.options.mesg_id = lk_ntp_of(NOW + 20, 0);
    event = asks(&n, NOW + 20);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    event.from = at("203.0.113.66");
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
}

/* Who is refused may be anybody who knows a name: he learns no address of the device. */
static void test_a_refusal_tells_no_address(void **state)
{
    struct lk_mip_msa other = msa(0x90);
    struct node n = node(NOW);
    struct lk_address none = at("::");
    struct lk_mip_ha6_event event;
    struct lk_mip_ha6 ha;

    n.home = none;
    n.signs = &other;
    event = asks(&n, NOW);
    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    assert_true(lk_address_equal(&lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND)->send.home, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_over_ipv4_and_a_translator, setup),
        cmocka_unit_test_setup(test_over_ipv6_in_udp, setup),
        cmocka_unit_test_setup(test_a32_an_alternate_care_of_address_is_somewhere, setup),
        cmocka_unit_test_setup(test_t12_an_ipv4_care_of_address_is_somewhere, setup),
        cmocka_unit_test_setup(test_t12_a_copy_from_elsewhere_is_no_repeat, setup),
        cmocka_unit_test_setup(test_a_refusal_tells_no_address, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
