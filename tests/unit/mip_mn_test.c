/* proto/mip/mn: what the mobile node asks, when, and which key it has. */
#include "mip_mn_rig.h"

/* spec: RFC 5944 3.6.1.3 - what is asked, and in which order.
 * spec: RFC 5944 3.6.2.2 - and bound. */
static void test_a_registration_with_a_key_of_its_own(void **state)
{
    const struct lk_mip_mn_output *item;

    bound();
    assert_true(lk_mip_before(&asked.extensions, LK_MIP_NAI, LK_MIP_MN_HA_AUTH));
    assert_true(lk_mip_before(&asked.extensions, LK_MIP_UDP_REQUEST, LK_MIP_MN_HA_AUTH));
    assert_true(lk_mip_is_last(&asked.extensions, LK_MIP_MN_HA_AUTH));
    assert_int_equal(asked.flags, LK_MIP_DECAPSULATES | LK_MIP_REVERSE);
    assert_true(lk_mip_msa_proves(&old, old.there.spi, &asked.extensions, LK_MIP_MN_HA_AUTH,
                                  now_ms));
    item = lk_mip_mn_find(&out, LK_MIP_MN_OUT_BOUND);
    assert_non_null(item);
    assert_int_equal(item->bound.lifetime_s, 600);
    assert_true(item->bound.udp && item->bound.keepalive_s == 110);
    assert_true(mn.due_ms == now_ms + 300000 && lk_mip_mn_is_bound(&mn));
    assert_false(said(LK_MIP_MN_OUT_KEPT));
}

/* spec: RFC 3957 6.1 - who has no key asks for one, with MN-AAA behind it.
 * spec: RFC 3957 4 - the key proves the reply, and is the one in use then. */
static void test_a_key_of_the_home_aaa(void **state)
{
    const uint8_t lens[] = { LK_MIP_KEY_SHORT, 20 };

    for (size_t i = 0; i < 4; i++) {
        struct lk_span b_tid;

        (void)setup(state);
        config.key_len = lens[i % 2];
        asking();
        assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_AUTH));
        assert_true(lk_mip_before(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST,
                                  LK_MIP_MN_AAA_AUTH));
        assert_true(lk_mip_before(&asked.extensions, LK_MIP_VENDOR, LK_MIP_MN_AAA_AUTH));
        assert_true(lk_mip_msa_proves_aaa(&aaa, &asked.extensions, now_ms));
        b_tid = lk_mip_vendor_value(&asked.extensions, config.enterprise, config.b_tid_type,
                                    LK_MIP_MN_AAA_AUTH);
        assert_true(lk_span_equal(b_tid, lk_span_text("b-tid@bsf")));
        /* Either SPI in the first reply. */
        answer((struct answer){ .nonce = 1, .spi = i < 2 ? 0 : AGENT_SPI });
        assert_int_equal(mn.state, LK_MIP_MN_BOUND);
        assert_true(said(LK_MIP_MN_OUT_KEPT));
        assert_int_equal(mn.keys.with.msa.there.spi, AGENT_SPI);
        assert_int_equal(mn.keys.with.msa.there.secret.len, lens[i % 2]);
        /* The next is proven by it. */
        assert_int_equal(expired(300000), LK_OK);
        assert_true(lk_mip_msa_proves(&mn.keys.with.msa, AGENT_SPI, &asked.extensions,
                                      LK_MIP_MN_HA_AUTH, now_ms));
    }
}

/* T26: a new association takes the old one's place when it has proven a reply; where the agent has
 * not heard of it, the old one still registers. */
static void test_t26_the_old_key_stays_until_the_new_one_was_used(void **state)
{
    bound();
    assert_int_equal(keys(&fresh, false), LK_OK);
    assert_int_equal(mn.state, LK_MIP_MN_AWAIT_RENEWED);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, fresh.there.spi);
    is_dropped((struct answer){ .by = &old }, LK_REASON_MIP_SPI); /* not who was asked */
    assert_int_equal(expired(1000), LK_OK);
    assert_int_equal(expired(2000), LK_OK);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, old.there.spi);
    answer((struct answer){ .by = &old });
    assert_true(mn.state == LK_MIP_MN_BOUND && mn.keys.next.there && !said(LK_MIP_MN_OUT_KEPT));
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, fresh.there.spi);
    answer((struct answer){ .by = &fresh });
    assert_true(said(LK_MIP_MN_OUT_KEPT) && !mn.keys.next.there);
    assert_int_equal(mn.keys.with.msa.there.spi, fresh.there.spi);
}

/* T26, T30: a third key comes while a request by the second is out, and the first is over: neither
 * is lost. */
static void test_t30_a_third_key_does_not_wait_for_the_second(void **state)
{
    struct lk_mip_msa third = fresh;

    third.there.spi = third.spi_back = fresh.there.spi + 1;
    third.there.secret.octets[0] ^= 1;
    bound();
    assert_int_equal(keys(&fresh, false), LK_OK);
    mn.keys.with.msa.ends_ms = now_ms;
    assert_int_equal(keys(&third, false), LK_OK);
    answer((struct answer){ .by = &fresh });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
    assert_true(mn.keys.next.there && mn.keys.next.msa.there.spi == third.there.spi);
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, third.there.spi);
    answer((struct answer){ .by = &third });
    assert_int_equal(mn.keys.with.msa.there.spi, third.there.spi);
}

/* T26: five replies are lost; the question stays the same, so its nonce does. */
static void test_t26_five_lost_replies(void **state)
{
    static const uint64_t waits_ms[] = { 1000, 2000, 4000, 8000, 16000 };
    uint32_t spi;
    uint64_t before;

    asking();
    spi = asked.extensions.mn_ha_spi;
    for (size_t i = 0; i < LK_COUNT_OF(waits_ms); i++) {
        before = asked.identification;
        assert_true(mn.due_ms == now_ms + waits_ms[i]);
        now_ms += waits_ms[i] - 1;
        assert_int_equal(plain(LK_MIP_MN_EV_EXPIRED), LK_E_UNEXPECTED);
        assert_int_equal(expired(1), LK_OK);
        assert_int_equal(asked.extensions.mn_ha_spi, spi);
        assert_true(asked.identification > before);
    }
    assert_int_equal(plain(LK_MIP_MN_EV_MOVE), LK_OK); /* nor does another place change it */
    assert_int_equal(asked.extensions.mn_ha_spi, spi);
    answer((struct answer){ .nonce = 1 });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* spec: RFC 5944 3.6.3 - doubled, bounded, and given up; not while there is a binding. */
static void test_nobody_answers(void **state)
{
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(mn.state, LK_MIP_MN_AWAIT_BOUND);
        assert_true(mn.due_ms - now_ms <= 32000);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_int_equal(mn.state, LK_MIP_MN_FAILED);
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_NO_ANSWER);
    (void)setup(state);
    bound();
    for (size_t i = 0; mn.state != LK_MIP_MN_FAILED; i++) {
        assert_true(i < 40);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_true(now_ms >= NOW + 600000);
}

/* A key that ends meanwhile begins nothing anew: seven, under whatever keys. */
static void test_a_key_ends_and_nobody_answers(void **state)
{
    unsigned sendings = 1;

    old.ends_ms = NOW + 5000;
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    while (mn.state == LK_MIP_MN_AWAIT_BOUND) {
        assert_true(sendings <= config.tries);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
        sendings += said(LK_MIP_MN_OUT_SEND);
    }
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
    assert_int_equal(sendings, config.tries);
    assert_int_equal(mn.state, LK_MIP_MN_FAILED);
}

/* T30: no key is changed in a move, and none that ends tears a binding. */
static void test_t30_a_key_ends_in_a_move(void **state)
{
    bound();
    assert_int_equal(keys(&aaa, true), LK_OK);
    mn.keys.with.msa.ends_ms = now_ms + 5000;
    assert_int_equal(plain(LK_MIP_MN_EV_MOVE), LK_OK);
    assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
    assert_int_equal(keys(&fresh, false), LK_OK); /* not now */
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, old.there.spi);
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK); /* in time for it */
    assert_true(now_ms < NOW + 5000);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, fresh.there.spi);

    (void)setup(state);
    bound();
    mn.keys.with.msa.ends_ms = now_ms; /* and nobody has another */
    assert_int_equal(expired(300000), LK_OK);
    assert_true(lk_mip_mn_is_bound(&mn) && mn.due_ms == NOW + 600000);
    assert_int_equal(keys(&fresh, false), LK_OK);
    assert_int_equal(mn.state, LK_MIP_MN_AWAIT_RENEWED);
    answer((struct answer){ .by = &fresh });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
    mn.keys.with.msa.ends_ms = now_ms;
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
}

/* spec: RFC 5944 3.6.1.2 - the end. */
static void test_a_release(void **state)
{
    bound();
    assert_int_equal(plain(LK_MIP_MN_EV_STOP), LK_OK);
    assert_int_equal(asked.lifetime_s, 0);
    assert_false(lk_mip_has(&asked.extensions, LK_MIP_UDP_REQUEST));
    is_dropped((struct answer){ .by = &fresh }, LK_REASON_MIP_SPI);
    answer((struct answer){ .by = &old });
    assert_true(said(LK_MIP_MN_OUT_RELEASED) && mn.state == LK_MIP_MN_RELEASED);
    assert_int_equal(why(LK_MIP_MN_OUT_RELEASED), LK_REASON_NONE);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .by = &old });
    assert_int_equal(plain(LK_MIP_MN_EV_STOP), LK_OK);
    for (size_t i = 0; i < 3; i++) { /* nobody answers: it ends in seconds, and says so */
        assert_int_equal(mn.state, LK_MIP_MN_AWAIT_RELEASED);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_int_equal(mn.state, LK_MIP_MN_RELEASED);
    assert_int_equal(why(LK_MIP_MN_OUT_RELEASED), LK_REASON_MIP_NO_ANSWER);

    (void)setup(state);
    asking(); /* nothing was proven: there is nothing to end */
    assert_int_equal(plain(LK_MIP_MN_EV_STOP), LK_OK);
    assert_int_equal(mn.state, LK_MIP_MN_RELEASED);
    assert_false(said(LK_MIP_MN_OUT_SEND));
}

static void test_what_cannot_be(void **state)
{
    struct lk_mip_msa bad = old;

    assert_int_equal(start(here(23)), LK_OK);
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
    assert_int_equal(start((struct lk_mip_mn_place){ .challenge_len = 0 }), LK_E_VALUE);
    bad.there.spi = 255;
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    bad = old;
    bad.there.secret.len = 15;
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    bad = old;
    bad.there.algorithm = 9;
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .by = &old, .no_home = true });
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_REFUSED);
}

/* Every state meets every event: it is taken, or nothing has changed. */
static void test_every_state_meets_every_event(void **state)
{
    for (unsigned in = 0; in < LK_MIP_MN_STATE_COUNT; in++)
        for (unsigned kind = LK_MIP_MN_EV_KEYS; kind <= LK_MIP_MN_EV_STOP; kind++) {
            struct lk_mip_mn_event event = { .kind = (enum lk_mip_mn_event_kind)kind };
            bool outside = in == LK_MIP_MN_IDLE || in == LK_MIP_MN_RELEASED ||
                           in == LK_MIP_MN_FAILED;
            bool waits = !outside && in != LK_MIP_MN_BOUND;
            bool fits[] = { [LK_MIP_MN_EV_KEYS] = true, [LK_MIP_MN_EV_START] = outside,
                            [LK_MIP_MN_EV_MOVE] = !outside && in != LK_MIP_MN_AWAIT_RELEASED,
                            [LK_MIP_MN_EV_RECEIVED] = waits, [LK_MIP_MN_EV_EXPIRED] = !outside,
                            [LK_MIP_MN_EV_STOP] = !outside && in != LK_MIP_MN_AWAIT_RELEASED };
            struct lk_mip_mn before;

            (void)setup(state);
            bound();
            now_ms += 400000;
            mn.state = (enum lk_mip_mn_state)in;
            mn.due_ms = outside ? 0 : now_ms;
            before = mn;
            if (kind == LK_MIP_MN_EV_KEYS)
                event.keys.msa = fresh;
            else if (kind == LK_MIP_MN_EV_START)
                event.start.place = here(23), event.start.agent = ipv4(192, 0, 2, 1);
            else if (kind == LK_MIP_MN_EV_MOVE)
                event.move = here(24);
            assert_int_equal(give(event), fits[kind] ? LK_OK : LK_E_UNEXPECTED);
            if (!fits[kind])
                assert_memory_equal(&before, &mn, sizeof mn);
        }
}

/* A home agent that has lost the key that it had of its AAA, as by a restart, cannot say so: nobody
 * answers, and then another is asked for, by turns with the one that there is. T26: by one
 * question, however often. The control: who has no home AAA goes on with what it has. */
static void test_a_key_that_the_agent_has_lost_is_asked_for_again(void **state)
{
    uint32_t spi;

    asking();
    answer((struct answer){ .nonce = 1 });
    assert_int_equal(expired(300000), LK_OK);
    for (unsigned i = 0; i < 2; i++) {
        assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
        assert_int_equal(expired(1000 << i), LK_OK);
    }
    assert_int_equal(expired(4000), LK_OK); /* three by the key that there is */
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
    assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_AUTH));
    spi = asked.extensions.mn_ha_spi;
    assert_int_equal(expired(8000), LK_OK);
    assert_true(lk_mip_msa_proves(&mn.keys.with.msa, AGENT_SPI, &asked.extensions,
                                  LK_MIP_MN_HA_AUTH, now_ms));
    assert_int_equal(expired(16000), LK_OK);
    assert_int_equal(asked.extensions.mn_ha_spi, spi);
    answer((struct answer){ .nonce = 2 });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
    assert_true(said(LK_MIP_MN_OUT_KEPT) && mn.lost_spi == 0);
    assert_int_equal(expired(300000), LK_OK); /* and that one proves from then on */
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_AUTH));

    (void)setup(state);
    bound();
    assert_int_equal(expired(300000), LK_OK);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(expired(32000), LK_OK);
        assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
    }
}

/* spec: RFC 5944 3.6.2.2 - a lifetime counts from when the request was sent: the reply may have
 * been long on its way. */
static void test_a_lifetime_counts_from_the_request(void **state)
{
    uint64_t sent_ms;

    bound();
    assert_int_equal(expired(300000), LK_OK);
    sent_ms = now_ms;
    now_ms += 900;
    answer((struct answer){ .by = &old });
    assert_true(mn.bound_until_ms == sent_ms + 600000);
    assert_int_equal(expired(300000), LK_OK); /* by the second one of two that were sent */
    assert_int_equal(expired(1000), LK_OK);
    sent_ms = now_ms;
    now_ms += 500;
    answer((struct answer){ .by = &old });
    assert_true(mn.bound_until_ms == sent_ms + 600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_registration_with_a_key_of_its_own, setup),
        cmocka_unit_test_setup(test_a_key_of_the_home_aaa, setup),
        cmocka_unit_test_setup(test_t26_the_old_key_stays_until_the_new_one_was_used, setup),
        cmocka_unit_test_setup(test_t26_five_lost_replies, setup),
        cmocka_unit_test_setup(test_t30_a_third_key_does_not_wait_for_the_second, setup),
        cmocka_unit_test_setup(test_nobody_answers, setup),
        cmocka_unit_test_setup(test_a_key_ends_and_nobody_answers, setup),
        cmocka_unit_test_setup(test_t30_a_key_ends_in_a_move, setup),
        cmocka_unit_test_setup(test_a_release, setup),
        cmocka_unit_test_setup(test_what_cannot_be, setup),
        cmocka_unit_test_setup(test_every_state_meets_every_event, setup),
        cmocka_unit_test_setup(test_a_key_that_the_agent_has_lost_is_asked_for_again, setup),
        cmocka_unit_test_setup(test_a_lifetime_counts_from_the_request, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
