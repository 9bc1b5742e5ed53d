/* proto/mip/ha: what of a request is proven, and what a proof is good for (T10, T11, T12, A22). */
#include "mip_ha_rig.h"

/* T10: the key of an association proves nothing under another SPI than its own. */
static void test_t10_a_key_is_of_one_spi(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_msa elsewhere = with;
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    elsewhere.there.spi = SPI + 1;
    n.signs = &elsewhere;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);
    n.signs = &with; /* the control */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* T10, spec: RFC 3957 4 - who has proven himself to the home AAA and asked for no key has none by
 * which he could be answered: nothing is said, and nothing is kept. */
static void test_t10_without_a_key_there_is_no_binding(void **state)
{
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;

    n.signs = NULL;
    event = asks(&n, NOW);
    event.with = NULL;
    event.grant = &granted; /* proven, and no more */
    lk_mip_ha_init(&ha);
    before = ha;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_E_AUTH);
    assert_int_equal(out.count, 0);
    nothing_changed(&before, &ha);
    granted.mn_ha = true; /* the control */
    granted.msa = fresh;
    granted.mn_ha_key = (struct lk_mip_key_reply){ .nonce = lk_span_text("sixteen octets!!") };
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    assert_int_equal(heard(&fresh, NOW).code, LK_MIP_CODE_ACCEPTED);
}

/* What the home agent answers to that nonce, with the next one in the high half. */
static struct lk_mip_reply renews(struct lk_mip_ha *ha, uint64_t nonce, uint64_t at_ms)
{
    static uint32_t own;
    struct node n = node(at_ms);
    struct lk_mip_ha_event event;

    n.identification = nonce << 32 | ++own;
    event = asks(&n, at_ms);
    return step(ha, &event);
}

/* A22, spec: RFC 5944 5.7.2 - each nonce is good once, also of one that renews where it is. */
static void test_a22_a_nonce_is_good_once(void **state)
{
    uint64_t nonces[5];
    struct lk_mip_ha ha;

    with.replay = LK_MIP_NONCES;
    lk_mip_ha_init(&ha);
    nonces[0] = renews(&ha, 0, NOW).identification >> 32;
    for (size_t i = 1; i < LK_COUNT_OF(nonces); i++) {
        struct lk_mip_reply reply = renews(&ha, nonces[i - 1], NOW + i);

        assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED); /* the control */
        nonces[i] = reply.identification >> 32;
        for (size_t j = 0; j < i; j++) {
            assert_true(nonces[i] != nonces[j]);
            assert_int_equal(renews(&ha, nonces[j], NOW + i).code,
                             LK_MIP_CODE_HA_IDENTIFICATION);
        }
    }
}

/* A22: nor is one the nonce of another device that has asked as often. */
static void test_a22_a_nonce_is_of_one_device(void **state)
{
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    uint64_t nonces[2];

    with.replay = LK_MIP_NONCES;
    for (uint8_t i = 0; i < 2; i++) {
        struct lk_mip_ha ha;

        lk_mip_ha_init(&ha);
        n.home = ipv4(0, 0, 0, 0);
        n.identification = 5;
        event = asks(&n, NOW);
        event.home = ipv4(10, 45, 0, (uint8_t)(7 + i));
        nonces[i] = step(&ha, &event).identification >> 32;
    }
    assert_true(nonces[0] != nonces[1]);
}

/* spec: RFC 5944 3.8.2.2 - with the home address as care-of address a deregistration ends all that
 * there is, wherever it is. T11: with another one nothing. */
static void test_a_device_at_home_ends_all(void **state)
{
    struct lk_mip_ha ha = bound();
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.lifetime_s = 0;
    n.care_of = ipv4(203, 0, 113, 66);
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    n.care_of = n.home;
    n.identification = lk_ntp_of(NOW + 1001, 0);
    event = asks(&n, NOW + 1001);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RELEASED);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
}

/* T12: packets go to an address, which is neither the home agent's nor the home; and what comes
 * from elsewhere than it says came by a translator, for which a tunnel in UDP is asked. */
static void test_t12_a_care_of_address_is_somewhere_else(void **state)
{
    const struct {
        struct lk_address care_of, from;
        bool udp;
        uint8_t code;
    } rows[] = {
        { ipv4(0, 0, 0, 0), ipv4(198, 51, 100, 23), true, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(0, 0, 0, 0), ipv4(0, 0, 0, 0), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(192, 0, 2, 1), ipv4(198, 51, 100, 23), true, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(10, 45, 0, 7), ipv4(198, 51, 100, 23), true, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(203, 0, 113, 66), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(203, 0, 113, 66), ipv4(198, 51, 100, 23), true, LK_MIP_CODE_ACCEPTED },
        { ipv4(203, 0, 113, 66), ipv4(203, 0, 113, 66), false, LK_MIP_CODE_ACCEPTED },
    };

    config.udp_mandatory = false;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha ha, before;
        struct node n = node(NOW);
        struct lk_mip_ha_event event;

        lk_mip_ha_init(&ha);
        before = ha;
        n.care_of = rows[i].care_of;
        n.udp = rows[i].udp;
        event = asks(&n, NOW);
        event.from = rows[i].from;
        assert_int_equal(step(&ha, &event).code, rows[i].code);
        if (rows[i].code == LK_MIP_CODE_ACCEPTED)
            continue;
        assert_int_equal(refused(), LK_REASON_MIP_CARE_OF);
        nothing_changed(&before, &ha);
    }
}

/* T12, spec: RFC 3543 3.2 - that it can revoke, a foreign agent says under Foreign-Home: neither
 * the node says it for the agent, nor anybody behind the proof. The last is the control. */
static void test_t12_who_may_revoke_says_the_agent(void **state)
{
    const struct lk_mip_extensions has = { .revocable = { .timestamp = 7 } };

    config.udp_mandatory = false;
    for (int way = 0; way < 3; way++) {
        struct lk_mip_ha ha;
        struct node n = node(NOW);
        struct lk_writer w = lk_writer_of(n.octets, sizeof n.octets);
        struct lk_mip_ha_event event;
        const struct lk_mip_request request = { .flags = LK_MIP_REVERSE, .lifetime_s = 600,
                                                .home = n.home, .agent = n.agent,
                                                .care_of = n.care_of,
                                                .identification = n.identification };

        event = asks(&n, NOW);
        lk_mip_request_put(&w, &request);
        if (way == 0)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &has);
        lk_mip_msa_sign(&w, &with, SPI, LK_MIP_MN_HA_AUTH);
        if (way == 2)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &has);
        lk_mip_msa_sign(&w, &agents, agents.there.spi, LK_MIP_FA_HA_AUTH);
        if (way == 1)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &has);
        assert_int_equal(lk_mip_request_decode(&n.request, lk_writer_span(&w)), LK_OK);
        event.fa = FA;
        event.fa_with = &agents;
        event.care_of_is_fas = true;
        lk_mip_ha_init(&ha);
        assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
        assert_int_equal(ha.revocation, way == 2 ? LK_MIP_MAY_REVOKE : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t10_a_key_is_of_one_spi, setup),
        cmocka_unit_test_setup(test_t10_without_a_key_there_is_no_binding, setup),
        cmocka_unit_test_setup(test_a22_a_nonce_is_good_once, setup),
        cmocka_unit_test_setup(test_a22_a_nonce_is_of_one_device, setup),
        cmocka_unit_test_setup(test_a_device_at_home_ends_all, setup),
        cmocka_unit_test_setup(test_t12_a_care_of_address_is_somewhere_else, setup),
        cmocka_unit_test_setup(test_t12_who_may_revoke_says_the_agent, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
