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
        cmocka_unit_test_setup(test_a_refusal_tells_no_address, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
