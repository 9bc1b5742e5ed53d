/* proto/mip/ha: what the home agent's machine does with each request in each state. */
#include "mip_ha_rig.h"

/* spec: RFC 5944 3.8.3.1 - a registration is granted. */
static void test_a_registration_is_granted(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);
    struct lk_mip_reply reply;

    lk_mip_ha_init(&ha);
    reply = step(&ha, &event);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(reply.lifetime_s, 600);
    assert_true(reply.identification == n.identification);
    assert_true(lk_address_equal(&reply.home, &event.home));
    assert_true(lk_mip_has(&reply.extensions, LK_MIP_UDP_REPLY));
    assert_int_equal(changed(), LK_MIP_CREATED);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    assert_true(ha.expires_ms == NOW + 600000 && ha.due_ms == ha.expires_ms);
    assert_true(ha.epoch == 1);
}

static void test_the_lifetime_has_an_end(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    const struct lk_mip_ha_event late = { .kind = LK_MIP_HA_EV_EXPIRED, .now_ms = NOW + 1800000 };

    n.lifetime_s = LK_MIP_INFINITE;
    event = asks(&n, NOW);
    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).lifetime_s, 1800);
    assert_int_equal(lk_mip_ha_step(&ha, &config, &late, &out), LK_OK);
    assert_int_equal(changed(), LK_MIP_ENDED);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    /* Invariant 10: what ordered requests is still there. */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
}

/* A22, invariant 10, spec: RFC 5944 5.7 - by time. */
static void test_a22_old_and_far_identifications_are_refused(void **state)
{
    static const int64_t far_ms[] = { -7001, 7001, -3600000, 3600000 };
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_reply reply;
    struct lk_mip_ha_event event;
    struct node n;

    for (size_t i = 0; i < LK_COUNT_OF(far_ms); i++) {
        n = node(NOW + 60000 + (uint64_t)far_ms[i]);
        event = asks(&n, NOW + 60000);
        reply = step(&ha, &event);
        assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
        assert_int_equal(refused(), LK_REASON_MIP_TIME);
        /* Our clock in the high half, its own low half. */
        assert_true(reply.identification >> 32 == lk_ntp_of(NOW + 60000, 0) >> 32);
        assert_true((uint32_t)reply.identification == (uint32_t)n.identification);
        nothing_changed(&before, &ha);
    }
    n = node(NOW - 1);
    event = asks(&n, NOW + 1);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(refused(), LK_REASON_MIP_REPLAY);
    n = node(NOW + 53000); /* the control: at the window's edge */
    event = asks(&n, NOW + 60000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* A home agent without a store: nothing up to its floor. */
static void test_a22_quarantine(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    config.floor = lk_ntp_of(NOW + 1, 0);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(refused(), LK_REASON_MIP_QUARANTINE);
    n = node(NOW + 2);
    event = asks(&n, NOW + 2);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* spec: RFC 5944 5.7.2 - nonces. */
static void test_nonces(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    uint32_t nonce;

    with.replay = LK_MIP_NONCES;
    lk_mip_ha_init(&ha);
    n.identification = 5;
    event = asks(&n, NOW);
    reply = step(&ha, &event);
    nonce = (uint32_t)(reply.identification >> 32);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal((uint32_t)reply.identification, 5);
    /* An old one again takes the nonce from nobody. */
    assert_true(step(&ha, &event).identification >> 32 == nonce);
    n.identification = (uint64_t)nonce << 32 | 6;
    event = asks(&n, NOW);
    reply = step(&ha, &event);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_true(reply.identification >> 32 != nonce);
    assert_int_equal((uint32_t)reply.identification, 6);
    n.lifetime_s = 300; /* used once */
    event = asks(&n, NOW);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    n.identification = (reply.identification >> 32) << 32 | 7; /* the control */
    event = asks(&n, NOW);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* A22, spec: RFC 5944 5.7.2 - none is good twice, though the clock goes back or stands. */
static void test_a22_no_nonce_is_good_twice(void **state)
{
    static const int64_t then_ms[] = { 0, 0, -3600000, -3599000, -60000, 5000 };
    uint32_t used[LK_COUNT_OF(then_ms)];
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    with.replay = LK_MIP_NONCES;
    lk_mip_ha_init(&ha);
    n.identification = step(&ha, &event).identification;
    for (size_t i = 0; i < LK_COUNT_OF(then_ms); i++) {
        used[i] = (uint32_t)(n.identification >> 32);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(used[i], used[j]);
        event = asks(&n, NOW + (uint64_t)then_ms[i]);
        n.identification = step(&ha, &event).identification + 1;
        assert_int_equal(refused(), LK_REASON_NONE);
    }
    n.lifetime_s = 300;
    for (size_t i = 0; i < LK_COUNT_OF(used); i++) {
        n.identification = (uint64_t)used[i] << 32 | 77;
        event = asks(&n, NOW);
        assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    }
}

/* Invariant 11. */
static void test_a_repeat_has_the_same_answer(void **state)
{
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);
    uint8_t first[LK_MIP_HA_OCTETS];
    struct lk_span said;

    lk_mip_ha_init(&ha);
    (void)step(&ha, &event);
    said = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send;
    memcpy(first, said.at, said.len);
    before = ha;
    event.now_ms += 60000;
    (void)step(&ha, &event);
    nothing_changed(&before, &ha);
    assert_int_equal(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send.len, said.len);
    assert_memory_equal(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send.at, first, said.len);
}

static void test_an_association_that_ended_proves_nothing(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    with.ends_ms = NOW;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
}

/* What is wanted, one at a time. */
static void test_what_is_not_granted(void **state)
{
    const struct {
        uint8_t flags;
        struct lk_address home, agent, care_of;
        bool udp, reverse_mandatory;
        uint8_t code;
        enum lk_reason reason;
    } rows[] = {
        { LK_MIP_GRE, .udp = true, .code = LK_MIP_CODE_HA_ENCAPSULATION,
          .reason = LK_REASON_MIP_ENCAPSULATION },
        { LK_MIP_MINIMAL, .udp = true, .code = LK_MIP_CODE_HA_ENCAPSULATION,
          .reason = LK_REASON_MIP_ENCAPSULATION },
        { 0, .udp = false, .code = LK_MIP_CODE_HA_ENCAPSULATION, .reason = LK_REASON_MIP_UDP },
        { 0, .udp = true, .reverse_mandatory = true, .code = LK_MIP_CODE_HA_REVERSE_MANDATORY,
          .reason = LK_REASON_MIP_REVERSE },
        { 0, .home = ipv4(10, 45, 0, 8), .udp = true, .code = LK_MIP_CODE_HA_PROHIBITED,
          .reason = LK_REASON_MIP_HOME_ADDRESS },
        { 0, .agent = ipv4(192, 0, 2, 9), .udp = true, .code = LK_MIP_CODE_HA_UNKNOWN,
          .reason = LK_REASON_MIP_AGENT },
        { 0, .care_of = ipv4(10, 45, 0, 7), .udp = true, .code = LK_MIP_CODE_HA_PROHIBITED,
          .reason = LK_REASON_MIP_CARE_OF },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha ha, before;
        struct node n = node(NOW);
        struct lk_mip_ha_event event;
        struct lk_mip_reply reply;

        n.flags = (uint8_t)(LK_MIP_DECAPSULATES | rows[i].flags);
        n.udp = rows[i].udp;
        if (!lk_address_is_any(&rows[i].home))
            n.home = rows[i].home;
        if (!lk_address_is_any(&rows[i].agent))
            n.agent = rows[i].agent;
        if (!lk_address_is_any(&rows[i].care_of))
            n.care_of = rows[i].care_of;
        config.reverse_mandatory = rows[i].reverse_mandatory;
        lk_mip_ha_init(&ha);
        before = ha;
        event = asks(&n, NOW);
        reply = step(&ha, &event);
        assert_int_equal(reply.code, rows[i].code);
        assert_int_equal(refused(), rows[i].reason);
        assert_true(lk_address_equal(&reply.agent, &event.agent));
        nothing_changed(&before, &ha);
    }
}

/* A22: nor where a row was given up, and is made anew: what ordered requests is gone with it, and
 * the epoch is not. */
static void test_a22_no_nonce_of_a_row_before_is_good(void **state)
{
    struct lk_mip_ha ha, anew;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    with.replay = LK_MIP_NONCES;
    lk_mip_ha_init(&ha);
    n.identification = step(&ha, &event).identification;
    event = asks(&n, NOW);
    lk_mip_ha_init(&anew);
    assert_int_equal(step(&anew, &event).code, LK_MIP_CODE_ACCEPTED); /* the control */
    lk_mip_ha_init(&anew);
    anew.epoch = ha.epoch + 1;
    assert_int_equal(step(&anew, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(anew.state, LK_MIP_HA_NONE);
}

/* T25, spec: RFC 2794 3 - the nonce comes before the authenticator, which is by the key that comes
 * of it. */
static void test_t25_a_key_of_the_home_aaa(void **state)
{
    static const uint8_t nonce[16] = { 1, 2, 3 }, nonce_fa[16] = { 4, 5, 6 };
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    n.signs = NULL;
    n.asks_key = n.nai = true;
    event = asks(&n, NOW);
    event.with = NULL;
    event.grant = &granted;
    granted.mn_ha = granted.mn_fa = true;
    granted.msa = fresh;
    granted.mn_fa_key = (struct lk_mip_key_reply){ .lifetime_s = 3600, .aaa_spi = 1000,
                                                   .agent_spi = SPI + 1,
                                                   .algorithm = LK_MIP_HMAC_MD5,
                                                   .nonce = LK_SPAN(nonce_fa) };
    granted.mn_ha_key = (struct lk_mip_key_reply){ .lifetime_s = 3600, .aaa_spi = 1000,
                                                   .agent_spi = SPI,
                                                   .algorithm = LK_MIP_HMAC_MD5,
                                                   .replay = LK_MIP_TIMESTAMPS,
                                                   .nonce = LK_SPAN(nonce) };
    lk_mip_ha_init(&ha);
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    reply = heard(&fresh, NOW);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    assert_memory_equal(reply.extensions.mn_ha_key.nonce.at, nonce, sizeof nonce);
    assert_true(lk_mip_has(&reply.extensions, LK_MIP_NAI));
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_FA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    assert_int_equal(changed(), LK_MIP_CREATED);

    n.identification = lk_ntp_of(NOW - 60000, 0); /* a refusal is by that key too */
    event = asks(&n, NOW);
    event.with = NULL;
    event.grant = &granted;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    reply = heard(&fresh, NOW);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    /* With the foreign agent there is no registration, and so nothing to have a key for. */
    assert_false(lk_mip_has(&reply.extensions, LK_MIP_MN_FA_KEY_REPLY));
}

/* spec: RFC 5944 3.5 - S is not granted. */
static void test_simultaneous_bindings_are_not_granted(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;

    n.flags |= LK_MIP_SIMULTANEOUS;
    event = asks(&n, NOW);
    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED_SINGLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_registration_is_granted, setup),
        cmocka_unit_test_setup(test_the_lifetime_has_an_end, setup),
        cmocka_unit_test_setup(test_a22_old_and_far_identifications_are_refused, setup),
        cmocka_unit_test_setup(test_a22_quarantine, setup),
        cmocka_unit_test_setup(test_nonces, setup),
        cmocka_unit_test_setup(test_a22_no_nonce_is_good_twice, setup),
        cmocka_unit_test_setup(test_a22_no_nonce_of_a_row_before_is_good, setup),
        cmocka_unit_test_setup(test_a_repeat_has_the_same_answer, setup),
        cmocka_unit_test_setup(test_an_association_that_ended_proves_nothing, setup),
        cmocka_unit_test_setup(test_what_is_not_granted, setup),
        cmocka_unit_test_setup(test_t25_a_key_of_the_home_aaa, setup),
        cmocka_unit_test_setup(test_simultaneous_bindings_are_not_granted, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
