/* proto/mip/ha6: what the home agent's machine of MIPv6 does with each update in each state. */
#include "mip_ha6_rig.h"

/* spec: RFC 6275 10.3.1 - a registration is granted.
 * spec: RFC 4283 3 - and the acknowledgement says whose it is.
 * spec: RFC 4285 5 - proven like the update. */
static void test_a_registration_is_granted(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event = asks(&n, NOW);
    struct lk_mobility_message ba;

    lk_mip_ha6_init(&ha);
    ba = step(&ha, &event);
    assert_int_equal(ba.status, LK_BA_ACCEPTED);
    assert_int_equal(ba.lifetime, 150);
    assert_int_equal(ba.flags, 0);
    assert_true(ba.options.mesg_id == n.says.options.mesg_id);
    assert_true(lk_span_equal(ba.options.mn_id.id, n.says.options.mn_id.id));
    assert_false(lk_mobility_has(&ba.options, LK_MO_NAT));
    assert_int_equal(changed(), LK_MIP_CREATED);
    assert_int_equal(ha.state, LK_MIP_HA6_ACTIVE);
    assert_true(lk_address_equal(&ha.care_of, &n.source));
    assert_true(ha.expires_ms == NOW + 600000 && ha.epoch == 1);
    assert_true(lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_TIMER)->timer_ms == ha.expires_ms);
}

static void test_the_lifetime_has_an_end(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event;
    struct lk_mip_ha6_event late = { .kind = LK_MIP_HA6_EV_EXPIRED, .now_ms = NOW + 1799999 };

    n.says.lifetime = UINT16_MAX;
    event = asks(&n, NOW);
    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).lifetime, 450);
    assert_int_equal(lk_mip_ha6_step(&ha, &config, &late, &out), LK_E_UNEXPECTED);
    late.now_ms++;
    assert_int_equal(lk_mip_ha6_step(&ha, &config, &late, &out), LK_OK);
    assert_int_equal(changed(), LK_MIP_ENDED);
    assert_int_equal(ha.state, LK_MIP_HA6_NONE);
    assert_int_equal(lk_mip_ha6_step(&ha, &config, &late, &out), LK_E_UNEXPECTED);
    /* Invariant 10: what ordered updates is still there. */
    assert_int_equal(step(&ha, &event).status, LK_BA_ID_MISMATCH);
}

/* T10, spec: RFC 4285 5.1 - no association, no NAI, one bit of anything, another device's key, and
 * what stands behind the authenticator. */
static void test_t10_only_the_device_moves_its_binding(void **state)
{
    struct lk_mip_ha6 ha = bound(), before = ha;
    struct lk_mip_msa other = msa(0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha6_event event;

    n.source = at("2001:db8:66::66");
    n.signs = NULL;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    nothing_changed(&before, &ha);
    event.with = NULL;
    silent(&ha, &event, LK_REASON_MIP_SPI);
    nothing_changed(&before, &ha);

    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with;
    event = asks(&n, NOW + 1000);
    event.home.octets[15] ^= 1; /* of the packet, not the message: it is covered as well */
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    event = asks(&n, NOW + 1000);
    event.source.octets[15] ^= 1;
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    n.octets[n.len - 1] ^= 1;
    event = received(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    n.octets[n.len - 1] ^= 1;
    n.octets[11] ^= 1; /* the lifetime */
    event = received(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    nothing_changed(&before, &ha);

    event = asks(&n, NOW + 1000); /* a care-of address behind the authenticator */
    n.update.options.behind_auth = true;
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);

    event = asks(&n, NOW + 1000);
    n.update.options.present &= ~(UINT64_C(1) << LK_MO_MN_ID);
    silent(&ha, &event, LK_REASON_MIP_NAI);
    nothing_changed(&before, &ha);

    event = asks(&n, NOW + 1000); /* a name that is no NAI */
    n.update.options.mn_id.subtype = LK_MN_ID_NAI + 1;
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    nothing_changed(&before, &ha);

    event = asks(&n, NOW + 1000); /* the right key, of another SPI */
    other = with;
    other.there.spi++;
    event.with = &other;
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    nothing_changed(&before, &ha);

    event = asks(&n, NOW + 1000); /* the control */
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    assert_true(ha.epoch == before.epoch + 1);
}

/* T11, spec: RFC 6275 10.3.2 - a deregistration is proven like a registration, and ends it whatever
 * care-of address it has. */
static void test_t11_nobody_else_releases(void **state)
{
    struct lk_mip_ha6 ha = bound(), before = ha;
    struct lk_mip_msa other = msa(0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha6_event event;

    n.says.lifetime = 0;
    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_AUTH_FAIL);
    nothing_changed(&before, &ha);

    n.signs = &with;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RELEASED);
    assert_int_equal(ha.state, LK_MIP_HA6_NONE);
    assert_true(ha.epoch == before.epoch + 1);
    before = ha; /* Invariant 11: again, and the same is said. */
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    nothing_changed(&before, &ha);

    ha = bound(); /* and at home there is no binding */
    n.says.lifetime = 150;
    n.source = n.home;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).lifetime, 0);
    assert_int_equal(ha.state, LK_MIP_HA6_NONE);
}

/* T11, spec: RFC 6275 10.3.2 - nor by a home address of another's prefix. */
static void test_t11_nobody_releases_by_the_name_of_another(void **state)
{
    struct lk_mip_ha6 ha = bound(), before = ha;
    struct node n = node(NOW + 1000);
    struct lk_mip_ha6_event event;

    n.says.lifetime = 0;
    n.home = at("2001:db8:46::7");
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_NOT_HOME_SUBNET);
    assert_int_equal(refused(), LK_REASON_MIP_HOME_ADDRESS);
    nothing_changed(&before, &ha);
    n.home = at("2001:db8:45::7"); /* the control */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RELEASED);
}

/* Invariant 10: a deregistration counts although there was nothing to end. */
static void test_what_a_deregistration_overtook_brings_nothing_back(void **state)
{
    struct lk_mip_ha6 ha;
    struct node first = node(NOW), second = node(NOW + 10);
    struct lk_mip_ha6_event event;

    lk_mip_ha6_init(&ha);
    second.says.lifetime = 0;
    event = asks(&second, NOW + 20);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RENEWED);
    event = asks(&first, NOW + 30);
    assert_int_equal(step(&ha, &event).status, LK_BA_ID_MISMATCH);
    assert_int_equal(ha.state, LK_MIP_HA6_NONE);
}

/* A22, invariant 10, spec: RFC 4285 6 - MESG-ID. */
static void test_a22_old_and_far_mesg_ids_are_refused(void **state)
{
    static const int64_t far_ms[] = { -7001, 7001, -3600000, 3600000 };
    struct lk_mip_ha6 ha = bound(), before = ha;
    struct lk_mobility_message ba;
    struct lk_mip_ha6_event event;
    struct node n;

    for (size_t i = 0; i < LK_COUNT_OF(far_ms); i++) {
        n = node(NOW + 60000 + (uint64_t)far_ms[i]);
        event = asks(&n, NOW + 60000);
        ba = step(&ha, &event);
        assert_int_equal(ba.status, LK_BA_ID_MISMATCH);
        assert_int_equal(refused(), LK_REASON_MIP_TIME);
        /* Our clock in the high half, its own low half. */
        assert_true(ba.options.mesg_id >> 32 == lk_ntp_of(NOW + 60000, 0) >> 32);
        assert_true((uint32_t)ba.options.mesg_id == (uint32_t)n.says.options.mesg_id);
        nothing_changed(&before, &ha);
    }
    n = node(NOW - 1);
    n.says.sequence = 8; /* a newer sequence number makes it no newer */
    event = asks(&n, NOW + 1);
    assert_int_equal(step(&ha, &event).status, LK_BA_ID_MISMATCH);
    assert_int_equal(refused(), LK_REASON_MIP_REPLAY);
    n = node(NOW + 60000);
    n.says.options.present &= ~(UINT64_C(1) << LK_MO_MESG_ID);
    event = asks(&n, NOW + 60000);
    assert_int_equal(step(&ha, &event).status, LK_BA_MESG_ID_REQUIRED);
    assert_int_equal(refused(), LK_REASON_MIP_MESG_ID);
    nothing_changed(&before, &ha);
    n = node(NOW + 53000); /* the control: at the window's edge, and a lower sequence number */
    n.says.sequence = 3;
    event = asks(&n, NOW + 60000);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
}

/* A home agent without a store: nothing up to its floor. */
static void test_a22_quarantine(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event = asks(&n, NOW);

    lk_mip_ha6_init(&ha);
    config.floor = lk_ntp_of(NOW + 1, 0);
    assert_int_equal(step(&ha, &event).status, LK_BA_ID_MISMATCH);
    assert_int_equal(refused(), LK_REASON_MIP_QUARANTINE);
    n = node(NOW + 2);
    event = asks(&n, NOW + 2);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
}

/* Invariant 11, spec: RFC 6275 9.5.1 - the last update again. */
static void test_a_repeat_has_the_same_answer(void **state)
{
    struct lk_mip_ha6 ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event = asks(&n, NOW);
    uint8_t first[LK_MIP_HA6_OCTETS];
    struct lk_span said;

    lk_mip_ha6_init(&ha);
    (void)step(&ha, &event);
    said = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND)->send.octets;
    memcpy(first, said.at, said.len);
    before = ha;
    event.now_ms += 60000;
    (void)step(&ha, &event);
    nothing_changed(&before, &ha);
    assert_int_equal(lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND)->send.octets.len, said.len);
    assert_memory_equal(lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND)->send.octets.at, first,
                        said.len);
}

/* T22: an SPI has one algorithm, and none but HMAC-SHA-1 proves anything here. */
static void test_t22_an_spi_has_one_algorithm(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event = asks(&n, NOW);
    struct lk_writer w = lk_writer_of(n.octets, sizeof n.octets);

    lk_mip_ha6_init(&ha);
    with.there.algorithm = LK_MIP_HMAC_MD5;
    silent(&ha, &event, LK_REASON_MIP_SPI);
    assert_int_equal(lk_mip6_msa_sign(&w, &n.says, &with, SPI, &n.source, &n.home), LK_E_AUTH);
    with.there.algorithm = LK_MIP_HMAC_SHA1;
    with.ends_ms = NOW; /* and past its end it proves nothing */
    assert_int_equal(lk_mip_ha6_step(&ha, &config, &event, &out), LK_OK);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
    with.ends_ms++; /* the control */
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
}

/* A32, spec: RFC 6275 6.2.5 - an alternate care-of address is where the device says that it is:
 * what is told of it is that it is another place, for the node to ask. */
static void test_a32_an_alternate_care_of_address_is_another_place(void **state)
{
    struct lk_mip_ha6 ha = bound(), before = ha;
    struct node n = node(NOW + 1000);
    struct lk_mip_ha6_event event;

    n.says.options.care_of = at("2001:db8:77::77");
    lk_mobility_mark(&n.says.options, LK_MO_CARE_OF);
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    assert_true(lk_address_equal(&ha.care_of, &n.says.options.care_of));
    assert_true(ha.epoch == before.epoch + 1);
}

/* What is wanted, one at a time.
 * spec: RFC 6275 9.5.1 - H.
 * spec: RFC 5213 5.3.1 - P.
 * spec: RFC 6275 10.3.1 - home address and care-of address. */
static void test_what_is_not_granted(void **state)
{
    static const struct {
        uint16_t flags;
        const char *home, *source, *alternate;
        uint8_t status;
        enum lk_reason reason;
    } rows[] = {
        { LK_BU_ACKNOWLEDGE, NULL, NULL, NULL, LK_BA_PROHIBITED, LK_REASON_MIP_NOT_HOME },
        { LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY, NULL, NULL, NULL, LK_BA_PROXY_NOT_ENABLED,
          LK_REASON_MIP_NOT_HOME },
        { 0, "2001:db8:46::7", NULL, NULL, LK_BA_NOT_HOME_SUBNET, LK_REASON_MIP_HOME_ADDRESS },
        { 0, NULL, "2001:db8:45::9", NULL, LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, "2001:db8:1::1", NULL, LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, NULL, "ff02::1", LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, NULL, "fe80::1", LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, NULL, "::", LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, NULL, "::1", LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
        { 0, NULL, NULL, "198.51.100.23", LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha6 ha, before;
        struct node n = node(NOW);
        struct lk_mip_ha6_event event;

        if (rows[i].flags != 0)
            n.says.flags = rows[i].flags;
        if (rows[i].home != NULL)
            n.home = at(rows[i].home);
        if (rows[i].source != NULL)
            n.source = at(rows[i].source);
        if (rows[i].alternate != NULL) {
            n.says.options.care_of = at(rows[i].alternate);
            lk_mobility_mark(&n.says.options, LK_MO_CARE_OF);
        }
        lk_mip_ha6_init(&ha);
        before = ha;
        event = asks(&n, NOW);
        if (step(&ha, &event).status != rows[i].status || refused() != rows[i].reason)
            fail_msg("row %zu", i);
        nothing_changed(&before, &ha);
    }
}

/* A device without a home address gets one of its prefix, and is told the prefix if it asks. */
static void test_a_home_address_is_assigned(void **state)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_address first = at("2001:db8:45::1");
    struct lk_mip_ha6_event event;
    struct lk_mobility_message ba;

    n.home = at("::");
    n.says.options.prefix_count = 1;
    lk_mobility_mark(&n.says.options, LK_MO_PREFIX);
    event = asks(&n, NOW);
    lk_mip_ha6_init(&ha);
    ba = step(&ha, &event);
    assert_int_equal(ba.status, LK_BA_ACCEPTED);
    assert_true(lk_address_equal(&lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND)->send.home, &first));
    assert_int_equal(ba.options.prefix_count, 1);
    assert_true(lk_address_prefix_equal(&ba.options.prefix[0], &event.prefix));
    event.prefix.bits = 0; /* there is none left */
    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).status, LK_BA_NOT_HOME_SUBNET);
}

/* spec: RFC 5555 3.2.1 - the IPv4 home address is the device's own, or none. */
static void test_an_ipv4_home_address(void **state)
{
    static const struct {
        struct lk_mobility_ipv4 asked, own;
        uint8_t status;
    } rows[] = {
        { { { 0 } }, { { 10, 45, 0, 7 } }, LK_IPV4_HOME_OK },
        { { { 10, 45, 0, 7 } }, { { 10, 45, 0, 7 } }, LK_IPV4_HOME_OK },
        { { { 10, 45, 0, 8 } }, { { 10, 45, 0, 7 } }, LK_IPV4_HOME_INCORRECT },
        { { { 0 } }, { { 0 } }, LK_IPV4_HOME_NO_DYNAMIC },
    };

    struct lk_mobility_message ba;
    struct lk_mip_ha6_event event;
    struct lk_mip_ha6 ha;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct node n = node(NOW);

        n.says.options.ipv4_home.bits = 32;
        n.says.options.ipv4_home.address = rows[i].asked;
        lk_mobility_mark(&n.says.options, LK_MO_IPV4_HOME);
        event = asks(&n, NOW);
        event.ipv4 = rows[i].own;
        lk_mip_ha6_init(&ha);
        ba = step(&ha, &event);
        assert_int_equal(ba.status, LK_BA_ACCEPTED); /* the IPv6 one is its own in any case */
        assert_int_equal(ba.options.ipv4_home_ack.status, rows[i].status);
        if (rows[i].status == LK_IPV4_HOME_OK)
            assert_memory_equal(&ba.options.ipv4_home_ack.address, &rows[i].own, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_registration_is_granted, setup),
        cmocka_unit_test_setup(test_the_lifetime_has_an_end, setup),
        cmocka_unit_test_setup(test_t10_only_the_device_moves_its_binding, setup),
        cmocka_unit_test_setup(test_t11_nobody_else_releases, setup),
        cmocka_unit_test_setup(test_t11_nobody_releases_by_the_name_of_another, setup),
        cmocka_unit_test_setup(test_what_a_deregistration_overtook_brings_nothing_back, setup),
        cmocka_unit_test_setup(test_a22_old_and_far_mesg_ids_are_refused, setup),
        cmocka_unit_test_setup(test_a22_quarantine, setup),
        cmocka_unit_test_setup(test_a_repeat_has_the_same_answer, setup),
        cmocka_unit_test_setup(test_t22_an_spi_has_one_algorithm, setup),
        cmocka_unit_test_setup(test_a32_an_alternate_care_of_address_is_another_place, setup),
        cmocka_unit_test_setup(test_what_is_not_granted, setup),
        cmocka_unit_test_setup(test_a_home_address_is_assigned, setup),
        cmocka_unit_test_setup(test_an_ipv4_home_address, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
