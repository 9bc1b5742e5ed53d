/* proto/mip/mn6: what the mobile node of MIPv6 believes of an acknowledgement, and what it does
 * then. */
#include "mip_mn6_rig.h"

/* T10, spec: RFC 4285 5.2 - what is not believed changes nothing, and nothing is said. */
static void test_t10_what_is_not_believed(void **state)
{
    struct lk_mip_msa other = old;

    other.there.secret.octets[3] ^= 1;
    registering();
    is_dropped((struct answer){ 0 }, LK_REASON_MIP_AUTH_MISSING);
    is_dropped((struct answer){ .status = LK_BA_ID_MISMATCH, .mesg_id = 1 },
               LK_REASON_MIP_AUTH_MISSING);
    is_dropped((struct answer){ .by = &other }, LK_REASON_MIP_MN_AUTH);
    is_dropped((struct answer){ .by = &old, .spi = old.there.spi }, LK_REASON_MIP_SPI);
    is_dropped((struct answer){ .by = &fresh }, LK_REASON_MIP_SPI);
    is_dropped((struct answer){ .by = &old, .no_mesg_id = true }, LK_REASON_MIP_MESG_ID);
    is_dropped((struct answer){ .by = &old, .mesg_id = mn.mesg_id ^ 1 },
               LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .mesg_id = mn.mesg_id ^ UINT64_C(1) << 32 },
               LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .status = LK_BA_ID_MISMATCH,
                                .mesg_id = mn.mesg_id ^ 1 }, LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .sequence = -1 }, LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .sequence = -1, .status = LK_BA_SEQUENCE,
                                .mesg_id = mn.mesg_id ^ 1 }, LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .home = "2001:db8:45::8" },
               LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .care_of = "2001:db8:99::24" },
               LK_REASON_MIP_MN_AUTH);
    is_dropped((struct answer){ .by = &old, .from = "2001:db8:1::2" },
               LK_REASON_MIP_NOT_PENDING);
    /* Nothing proves these, whatever they say. */
    is_dropped((struct answer){ .by = &old, .type = LK_MOBILITY_BE }, LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .by = &old, .type = LK_MOBILITY_BU }, LK_REASON_MIP_NOT_PENDING);
    mn.keys.with.msa.ends_ms = now_ms;
    is_dropped((struct answer){ .by = &old }, LK_REASON_MIP_SPI);
    mn.keys.with.msa.ends_ms++;
    answer((struct answer){ .by = &old }); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
}

/* An answer to the update before the last is late, and no more than that. */
static void test_a_late_acknowledgement_is_none(void **state)
{
    struct lk_span late;
    uint8_t octets[sizeof datagram];

    registering();
    late = ack((struct answer){ .by = &old });
    memcpy(octets, late.at, late.len);
    assert_int_equal(plain(LK_MIP_MN6_EV_MOVE), LK_OK);
    assert_int_equal(receive(lk_span_of(octets, late.len)), LK_OK);
    assert_int_equal(why(LK_MIP_MN6_OUT_DROPPED), LK_REASON_MIP_NOT_PENDING);
    assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_BOUND);
}

/* Seals a packet again whose octets were altered. */
static void seal(uint8_t *octets, size_t len, size_t message)
{
    struct lk_address source, home;

    memcpy(source.octets, octets + 8, sizeof source.octets);
    memcpy(home.octets, octets + (message == 40 ? 24 : 48), sizeof home.octets);
    lk_mobility_seal(octets + message, len - message, &source, &home);
}

/* T10, T12: an acknowledgement cut at every length, and with every octet altered; once as it is
 * then, once with a checksum that fits. */
static void test_an_altered_acknowledgement_is_none(void **state)
{
    static const char *const places[] = { "2001:db8:99::23", "198.51.100.23" };

    for (size_t p = 0; p < LK_COUNT_OF(places); p++) {
        struct lk_mip_mn6 before;
        uint8_t whole[513], bad[513];
        size_t message = p == 0 ? 64 : 40, covered;
        struct lk_mobility_message m;
        struct lk_span whole_ack;

        (void)setup(state);
        assert_int_equal(keys(&old, false), LK_OK);
        assert_int_equal(start(here(places[p]), "2001:db8:45::7"), LK_OK);
        before = mn;
        whole_ack = ack((struct answer){ .by = &old });
        memcpy(whole, whole_ack.at, whole_ack.len);
        whole[whole_ack.len] = 0;
        assert_int_equal(lk_mobility_decode(&m, lk_span_of(whole + message,
                                                           whole_ack.len - message)), LK_OK);
        covered = message + m.options.auth[0].covered.len + LK_MIP6_MN_HA_LEN;
        for (size_t i = 0; i < whole_ack.len; i++) {
            /* What no checksum and no proof is about: traffic class and flow, hops, where the
             * packet went on its way, and what is reserved in the routing header. */
            bool free = i < 4 || i == 7 ||
                        (p == 0 && ((i >= 24 && i < 40) || (i >= 44 && i < 48)));

            assert_int_equal(receive(lk_span_of(whole, i)), LK_OK);
            assert_memory_equal(&before, &mn, sizeof mn);
            memcpy(bad, whole, whole_ack.len);
            bad[i] ^= 1;
            for (int sealed = 0; sealed < 2 && !free; sealed++) {
                if (sealed == 1 && (i >= covered || i == message + 4 || i == message + 5))
                    break;
                if (sealed == 1)
                    seal(bad, whole_ack.len, message);
                assert_int_equal(receive(lk_span_of(bad, whole_ack.len)), LK_OK);
                if (!said(LK_MIP_MN6_OUT_DROPPED))
                    fail_msg("place %zu, octet %zu, sealed %d", p, i, sealed);
                assert_memory_equal(&before, &mn, sizeof mn);
            }
        }
        /* The control: what stands behind a packet is none of it. */
        assert_int_equal(receive(lk_span_of(whole, whole_ack.len + p)), LK_OK);
        assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    }
}

/* spec: RFC 6275 11.7.3 - what each status does to a first registration, to a renewal, to a
 * deregistration. */
static void test_statuses(void **state)
{
    enum { SENT, TOLD, ENDED };
    static const struct {
        uint8_t status;
        int does;
    } rows[] = {
        { LK_BA_UNSPECIFIED, ENDED },      { LK_BA_PROHIBITED, ENDED },
        { LK_BA_RESOURCES, TOLD },         { LK_BA_NO_HOME_REGISTRATION, ENDED },
        { LK_BA_NOT_HOME_SUBNET, ENDED },  { LK_BA_NOT_HOME_AGENT, ENDED },
        { LK_BA_DUPLICATE_ADDRESS, ENDED }, { LK_BA_SEQUENCE, SENT },
        { LK_BA_NONCE_HOME, ENDED },       { LK_BA_NONCES, ENDED },
        { LK_BA_TYPE_CHANGE, ENDED },      { LK_BA_ID_MISMATCH, SENT },
        { LK_BA_MESG_ID_REQUIRED, ENDED }, { LK_BA_AUTH_FAIL, TOLD },
        { LK_BA_SERVICE_NOT_AUTHORIZED, ENDED }, { LK_BA_PROXY_NOT_ENABLED, ENDED },
        { LK_BA_CARE_OF_INVALID, ENDED },  { 255, ENDED },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows) * 3; i++) {
        size_t row = i / 3;
        enum lk_mip_mn6_state before;
        bool ends = i % 3 == 2;

        (void)setup(state);
        if (i % 3 == 0)
            registering();
        else
            bound();
        if (i % 3 == 1)
            assert_int_equal(expired(300000), LK_OK);
        else if (ends)
            assert_int_equal(plain(LK_MIP_MN6_EV_STOP), LK_OK);
        before = mn.state;
        answer((struct answer){ .by = &old, .status = rows[row].status });
        if (rows[row].does == ENDED &&
            (mn.state != (ends ? LK_MIP_MN6_RELEASED : LK_MIP_MN6_FAILED) ||
             (!ends && (why(LK_MIP_MN6_OUT_FAILED) != LK_REASON_MIP_REFUSED ||
                        lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_FAILED)->why.status !=
                            rows[row].status))))
            fail_msg("%u ends it, %zu", rows[row].status, i % 3);
        if (rows[row].does != ENDED && mn.state != before)
            fail_msg("%u ends nothing, %zu", rows[row].status, i % 3);
        if (said(LK_MIP_MN6_OUT_SEND) != (rows[row].does == SENT) ||
            said(LK_MIP_MN6_OUT_DROPPED) != (rows[row].does == TOLD))
            fail_msg("%u, %zu", rows[row].status, i % 3);
    }
}

/* What passed is told when nothing better has come. */
static void test_a_status_that_passes_is_told_at_the_end(void **state)
{
    registering();
    for (size_t i = 0; i < 7; i++) {
        answer((struct answer){ .by = &old, .status = LK_BA_RESOURCES });
        assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_BOUND);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_int_equal(mn.state, LK_MIP_MN6_FAILED);
    assert_int_equal(lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_FAILED)->why.status, LK_BA_RESOURCES);
}

/* spec: RFC 4285 6 - 144, when it is proven, sets the clock; once for each that we send. */
static void test_the_clock_is_set_by_144(void **state)
{
    uint64_t theirs_ms = NOW - 3600000, theirs = lk_ntp_of(theirs_ms, 0) >> 32 << 32;
    struct answer late = { .status = LK_BA_ID_MISMATCH };

    registering();
    late.mesg_id = theirs | (uint32_t)mn.mesg_id;
    is_dropped(late, LK_REASON_MIP_AUTH_MISSING);
    late.by = &old;
    answer(late);
    assert_true(said(LK_MIP_MN6_OUT_SEND));
    assert_true(lk_ntp_ms(asked.options.mesg_id) >= theirs_ms &&
                lk_ntp_ms(asked.options.mesg_id) <= theirs_ms + 1000);
    late.mesg_id = theirs | (uint32_t)mn.mesg_id;
    answer(late);
    assert_int_equal(why(LK_MIP_MN6_OUT_DROPPED), LK_REASON_MIP_REFUSED);
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    late.mesg_id = theirs | (uint32_t)mn.mesg_id;
    answer(late);
    assert_true(said(LK_MIP_MN6_OUT_SEND)); /* and again */
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    assert_int_equal(expired(300000), LK_OK);
    assert_true(lk_ntp_ms(asked.options.mesg_id) < now_ms - 3590000);
}

/* spec: RFC 6275 11.7.3 - 135 says which number the agent took last: the next is behind it. */
static void test_the_sequence_number_is_set_by_135(void **state)
{
    registering();
    answer((struct answer){ .by = &old, .status = LK_BA_SEQUENCE, .sequence = 65535 });
    assert_true(said(LK_MIP_MN6_OUT_SEND) && asked.sequence == 0);
    answer((struct answer){ .by = &old, .status = LK_BA_SEQUENCE, .sequence = 9 });
    assert_int_equal(why(LK_MIP_MN6_OUT_DROPPED), LK_REASON_MIP_REFUSED); /* once */
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
}

/* 132, 134: a home address that the agent gave, and gives no longer: any will do. One that the node
 * insists on is refused. */
static void test_another_home_address(void **state)
{
    static const uint8_t statuses[] = { LK_BA_NOT_HOME_SUBNET, LK_BA_DUPLICATE_ADDRESS };

    for (size_t i = 0; i < LK_COUNT_OF(statuses); i++) {
        (void)setup(state);
        assert_int_equal(keys(&old, false), LK_OK);
        assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
        answer((struct answer){ .by = &old, .home = "2001:db8:45::5" });
        assert_int_equal(expired(300000), LK_OK);
        answer((struct answer){ .by = &old, .status = statuses[i] });
        assert_true(said(LK_MIP_MN6_OUT_SEND) && lk_address_is_any(&packet.home));
        answer((struct answer){ .by = &old, .home = "2001:db8:46::5" });
        assert_true(is(&lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND)->bound.home,
                       "2001:db8:46::5"));
        assert_int_equal(expired(300000), LK_OK);
        answer((struct answer){ .by = &old, .status = statuses[i] });
        answer((struct answer){ .by = &old, .status = statuses[i], .home = "::" }); /* nor any */
        assert_int_equal(mn.state, LK_MIP_MN6_FAILED);
    }
    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
    answer((struct answer){ .by = &old, .home = "2001:db8:45::5" });
    assert_int_equal(plain(LK_MIP_MN6_EV_STOP), LK_OK); /* who goes wants none */
    answer((struct answer){ .by = &old, .status = LK_BA_NOT_HOME_SUBNET });
    assert_int_equal(mn.state, LK_MIP_MN6_RELEASED);
}

/* Accepted, and nothing given. */
static void test_an_empty_grant_is_a_refusal(void **state)
{
    static const struct answer rows[] = {
        { .by = &old, .no_lifetime = true },
        { .by = &old, .home = "::" },
        { .by = &old, .home = "10.45.0.7" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        (void)setup(state);
        assert_int_equal(keys(&old, false), LK_OK);
        assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
        answer(rows[i]);
        assert_int_equal(mn.state, LK_MIP_MN6_FAILED);
        assert_int_equal(why(LK_MIP_MN6_OUT_FAILED), LK_REASON_MIP_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t10_what_is_not_believed, setup),
        cmocka_unit_test_setup(test_a_late_acknowledgement_is_none, setup),
        cmocka_unit_test_setup(test_an_altered_acknowledgement_is_none, setup),
        cmocka_unit_test_setup(test_statuses, setup),
        cmocka_unit_test_setup(test_a_status_that_passes_is_told_at_the_end, setup),
        cmocka_unit_test_setup(test_the_clock_is_set_by_144, setup),
        cmocka_unit_test_setup(test_the_sequence_number_is_set_by_135, setup),
        cmocka_unit_test_setup(test_another_home_address, setup),
        cmocka_unit_test_setup(test_an_empty_grant_is_a_refusal, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
