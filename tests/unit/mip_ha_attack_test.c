/* proto/mip/ha: requests of who is not the device, or not honest (T10, T11, T12, T22). */
#include "mip_ha_rig.h"

/* T10 (i) to (iv): no extension, another SPI, one bit, another device's key. */
static void test_t10_only_the_device_moves_its_binding(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_msa other = msa(SPI, SPI_BACK, 0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.care_of = ipv4(203, 0, 113, 66);
    n.signs = NULL;
    event = asks(&n, NOW + 1000);
    event.with = NULL;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    assert_null(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND));
    assert_int_equal(refused(), LK_REASON_MIP_SPI);
    nothing_changed(&before, &ha);

    n.signs = &agents;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with;
    event = asks(&n, NOW + 1000);
    n.octets[n.len - 1] ^= 1;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with; /* the control */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    assert_true(ha.epoch == before.epoch + 1);
}

/* T11, spec: RFC 5944 3.8.2.2 - a deregistration is proven like a registration. */
static void test_t11_nobody_else_releases(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_msa other = msa(SPI, SPI_BACK, 0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.lifetime_s = 0;
    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with;
    n.care_of = ipv4(203, 0, 113, 66); /* where the binding is not */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    assert_true(ha.epoch == before.epoch);

    n.care_of = ipv4(198, 51, 100, 23);
    n.identification = lk_ntp_of(NOW + 1001, 0);
    event = asks(&n, NOW + 1001);
    assert_int_equal(step(&ha, &event).lifetime_s, 0);
    assert_int_equal(changed(), LK_MIP_RELEASED);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    /* Invariant 11: again, and the same is said. */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), 0);
}

/* T11, spec: RFC 5944 3.8.3.2 - who names another's home address ends neither that one's binding
 * nor his own, whatever care-of address he says. */
static void test_t11_nobody_releases_by_the_name_of_another(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.lifetime_s = 0;
    n.home = ipv4(10, 45, 0, 8);
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_PROHIBITED);
    assert_int_equal(refused(), LK_REASON_MIP_HOME_ADDRESS);
    nothing_changed(&before, &ha);
    n.care_of = n.home;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_PROHIBITED);
    nothing_changed(&before, &ha);

    n = node(NOW + 1000); /* the control: his own, by name or without */
    n.lifetime_s = 0;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RELEASED);
    ha = before;
    n.home = ipv4(0, 0, 0, 0);
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_RELEASED);

    lk_mip_ha_init(&ha); /* nor is there an answer that says it was done, where there was nothing */
    before = ha;
    n.home = ipv4(10, 45, 0, 8);
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_PROHIBITED);
    nothing_changed(&before, &ha);
}

/* T12, spec: RFC 5944 3.5.4 - a foreign agent alters nothing that the node signed, and proves
 * itself. */
static void test_t12_a_foreign_agent_alters_nothing(void **state)
{
    static const size_t altered[] = { 1, 3, 7, 11, 15, 23 };
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;

    lk_mip_ha_init(&ha);
    before = ha;
    n.udp = false;
    n.flags = LK_MIP_REVERSE;
    n.agent_signs = &agents;
    for (size_t i = 0; i < LK_COUNT_OF(altered); i++) {
        event = asks(&n, NOW);
        n.octets[altered[i]] ^= 0x02;
        assert_int_equal(
            lk_mip_request_decode(&n.request, lk_span_of(n.octets, n.len)), LK_OK);
        event.fa = FA;
        event.fa_with = &agents;
        event.care_of_is_fas = true;
        assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
        nothing_changed(&before, &ha);
    }
    event = asks(&n, NOW);
    event.fa = FA;
    event.fa_with = &fresh; /* another key than the agent's */
    fresh.there.spi = agents.there.spi;
    event.care_of_is_fas = true;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_FA_AUTH);
    nothing_changed(&before, &ha);

    event.fa_with = &agents;
    event.care_of_is_fas = false; /* an address that the agent is not known by */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_PROHIBITED);
    assert_int_equal(refused(), LK_REASON_MIP_CARE_OF);
    nothing_changed(&before, &ha);

    config.udp_mandatory = false; /* the control */
    event.care_of_is_fas = true;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(ha.fa, FA);
}

/* T12, spec: RFC 3519 4.6 - what is behind the node's proof counts where Foreign-Home covers it. */
static void test_t12_a_foreign_agent_asks_for_a_tunnel(void **state)
{
    struct lk_mip_ha ha = { .state = LK_MIP_HA_NONE };
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    n.udp = false;
    n.agent_signs = &agents;
    for (int way = 0; way < 3; way++) { /* behind the proof; no agent of ours; as it must be */
        n.behind = way == 0;
        n.agent_udp = way > 0;
        event = asks(&n, NOW);
        event.fa_with = way == 1 ? NULL : &agents;
        event.fa = FA;
        event.care_of_is_fas = true;
        reply = step(&ha, &event);
        assert_int_equal(reply.code, way < 2 ? LK_MIP_CODE_HA_ENCAPSULATION : 0);
    }
    assert_true(ha.udp && lk_mip_before(&reply.extensions, LK_MIP_MN_HA_AUTH, LK_MIP_UDP_REPLY));
}

/* T12: of a foreign agent that no row knows the log says so, and not what its request lacks. The
 * control: a node that asks for no tunnel, by itself. */
static void test_t12_a_foreign_agent_that_is_none_of_ours(void **state)
{
    for (int way = 0; way < 2; way++) {
        struct lk_mip_ha ha = { .state = LK_MIP_HA_NONE };
        struct node n = node(NOW);
        struct lk_mip_ha_event event;

        n.udp = false;
        n.agent_udp = way == 0;
        n.agent_signs = way == 0 ? &agents : NULL;
        event = asks(&n, NOW);
        assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_ENCAPSULATION);
        assert_int_equal(refused(), way == 0 ? LK_REASON_MIP_FA_UNKNOWN : LK_REASON_MIP_UDP);
    }
}

/* T12, T13: an address where nobody can be, or which leads the tunnel back. The controls: a
 * loopback one of who is there, and one behind a translator. */
static void test_t12_a_care_of_address_is_somewhere(void **state)
{
    const struct {
        struct lk_address care_of, from;
        bool leads_back;
        uint8_t code;
    } rows[] = {
        { ipv4(0, 0, 0, 0), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(0, 1, 2, 3), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(127, 0, 0, 1), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(169, 254, 1, 1), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(224, 0, 0, 1), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(240, 0, 0, 1), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(255, 255, 255, 255), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(10, 45, 0, 9), ipv4(198, 51, 100, 23), true, LK_MIP_CODE_HA_PROHIBITED },
        { ipv4(127, 0, 0, 9), ipv4(127, 0, 0, 9), false, LK_MIP_CODE_ACCEPTED },
        { ipv4(192, 168, 1, 9), ipv4(198, 51, 100, 23), false, LK_MIP_CODE_ACCEPTED },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha ha;
        struct node n = node(NOW);
        struct lk_mip_ha_event event;

        n.care_of = rows[i].care_of;
        event = asks(&n, NOW);
        event.from = rows[i].from;
        event.leads_back = rows[i].leads_back;
        lk_mip_ha_init(&ha);
        if (step(&ha, &event).code != rows[i].code ||
            refused() != (rows[i].code == 0 ? LK_REASON_NONE : LK_REASON_MIP_CARE_OF))
            fail_msg("row %zu", i);
    }
}

/* T12, A22: somebody hears a request, and his copy of it is faster, from his own place. What the
 * device itself has sent is no repeat of that, which would be told 0 with the tunnel elsewhere; it
 * asks anew, and has its binding. The control: a repeat from where the accepted one came from. */
static void copied_and_asked_anew(enum lk_mip_replay replay)
{
    const struct lk_address elsewhere = ipv4(203, 0, 113, 66), here = ipv4(198, 51, 100, 23);
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    lk_mip_ha_init(&ha);
    with.replay = replay;
    event = asks(&n, NOW);
    if (replay == LK_MIP_NONCES) { /* which it is told first */
        n.identification = step(&ha, &event).identification;
        event = asks(&n, NOW);
    }
    event.from = elsewhere;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    before = ha;
    event.now_ms++;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(refused(), LK_REASON_NONE);
    event.from = here;
    reply = step(&ha, &event);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(refused(), LK_REASON_MIP_COPY);
    nothing_changed(&before, &ha);
    event.from = elsewhere; /* from another port it is another place, too */
    event.port++;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    nothing_changed(&before, &ha);
    n.identification = replay == LK_MIP_NONCES ? reply.identification >> 32 << 32 | 6
                                               : lk_ntp_of(NOW + 10, 0);
    event = asks(&n, NOW + 10);
    event.from = here;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    assert_memory_equal(ha.from.octets, here.octets + LK_ADDRESS_LEN - 4, 4);
}

static void test_t12_a_copy_from_elsewhere_is_no_repeat(void **state)
{
    copied_and_asked_anew(LK_MIP_TIMESTAMPS);
    copied_and_asked_anew(LK_MIP_NONCES);
}

/* Nothing is told of a place when a registration ends: that is so wherever it is said again. */
static void test_t12_a_deregistration_is_a_repeat_from_everywhere(void **state)
{
    struct lk_mip_ha ha = bound(), before;
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.lifetime_s = 0;
    event = asks(&n, NOW + 1000);
    event.from = ipv4(203, 0, 113, 66);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    before = ha;
    event.from = n.care_of;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    nothing_changed(&before, &ha);
}

/* T22: an SPI has one algorithm. */
static void test_t22_an_spi_has_one_algorithm(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    with.there.algorithm = LK_MIP_HMAC_SHA256;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    event = asks(&n, NOW); /* the control */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t10_only_the_device_moves_its_binding, setup),
        cmocka_unit_test_setup(test_t11_nobody_else_releases, setup),
        cmocka_unit_test_setup(test_t11_nobody_releases_by_the_name_of_another, setup),
        cmocka_unit_test_setup(test_t12_a_foreign_agent_alters_nothing, setup),
        cmocka_unit_test_setup(test_t12_a_foreign_agent_asks_for_a_tunnel, setup),
        cmocka_unit_test_setup(test_t12_a_foreign_agent_that_is_none_of_ours, setup),
        cmocka_unit_test_setup(test_t12_a_care_of_address_is_somewhere, setup),
        cmocka_unit_test_setup(test_t12_a_copy_from_elsewhere_is_no_repeat, setup),
        cmocka_unit_test_setup(test_t12_a_deregistration_is_a_repeat_from_everywhere, setup),
        cmocka_unit_test_setup(test_t22_an_spi_has_one_algorithm, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
