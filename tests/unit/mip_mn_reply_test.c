/* proto/mip/mn: what the mobile node believes of a reply, and what it does then. */
#include "mip_mn_rig.h"

/* T25, T24, T10, spec: RFC 5944 3.6.2.1 - what is not believed changes nothing. */
static void test_t25_what_is_not_believed(void **state)
{
    asking();
    is_dropped((struct answer){ .nonce = 1, .behind = true }, LK_REASON_MIP_ORDER);
    is_dropped((struct answer){ .nonce = 1, .spoilt = true }, LK_REASON_MIP_MN_AUTH);
    is_dropped((struct answer){ .nonce = 1, .spi = 999 }, LK_REASON_MIP_SPI);
    is_dropped((struct answer){ .nonce = 1, .algorithm = 9 }, LK_REASON_MIP_KEY_UNUSABLE);
    is_dropped((struct answer){ .nonce = 1, .replay = 1 }, LK_REASON_MIP_KEY_UNUSABLE);
    is_dropped((struct answer){ .nonce = 1, .aaa_spi = 999 }, LK_REASON_MIP_KEY_UNUSABLE);
    is_dropped((struct answer){ .by = &old }, LK_REASON_MIP_KEY_MISSING);
    is_dropped((struct answer){ .code = 0 }, LK_REASON_MIP_AUTH_MISSING);
    is_dropped((struct answer){ .code = LK_MIP_CODE_HA_IDENTIFICATION },
               LK_REASON_MIP_AUTH_MISSING);
    is_dropped((struct answer){ .code = LK_MIP_CODE_HA_UNSPECIFIED, .by = &old },
               LK_REASON_MIP_SPI);
    is_dropped((struct answer){ .code = LK_MIP_CODE_FA_PROHIBITED }, LK_REASON_MIP_NOT_PENDING);
    is_dropped((struct answer){ .nonce = 1, .identification = asked.identification ^ 1 },
               LK_REASON_MIP_NOT_PENDING);
    answer((struct answer){ .nonce = 1 }); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* T10: the SPI that the agent has is of requests; but in the first reply of a new key, a reply has
 * the node's. spec: RFC 3115 2 - who does not know a critical vendor extension drops it all. */
static void test_t10_whose_spi_a_reply_has(void **state)
{
    struct lk_mip_extensions has = { .vendor_count = 1 };
    struct lk_writer w = lk_writer_of(datagram, sizeof datagram);
    struct lk_mip_reply reply;

    bound();
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    is_dropped((struct answer){ .by = &old, .spi = old.there.spi }, LK_REASON_MIP_SPI);
    for (int critical = 1; critical >= 0; critical--) {
        reply = (struct lk_mip_reply){ .lifetime_s = 600, .home = ipv4(10, 45, 0, 7),
                                       .agent = ipv4(192, 0, 2, 1),
                                       .identification = asked.identification };
        w = lk_writer_of(datagram, sizeof datagram);
        has.vendor[0] = (struct lk_mip_vendor){ .critical = critical != 0, .id = 9, .type = 1 };
        lk_mip_reply_put(&w, &reply);
        lk_mip_extension_put(&w, critical ? LK_MIP_VENDOR_CRITICAL : LK_MIP_VENDOR, &has);
        lk_mip_msa_sign(&w, &old, old.spi_back, LK_MIP_MN_HA_AUTH);
        assert_int_equal(receive(lk_writer_span(&w)), LK_OK);
        assert_int_equal(why(LK_MIP_MN_OUT_DROPPED),
                         critical ? LK_REASON_MIP_VENDOR : LK_REASON_NONE);
    }
    assert_int_equal(mn.state, LK_MIP_MN_BOUND); /* the control */
}

/* T30: of a key with the home AAA that has ended meanwhile there comes no other. */
static void test_t30_no_key_is_made_of_one_that_has_ended(void **state)
{
    asking();
    mn.aaa.msa.ends_ms = now_ms;
    is_dropped((struct answer){ .nonce = 1 }, LK_REASON_MIP_KEY_EXPIRED);
    mn.aaa.msa.ends_ms = now_ms + 1; /* the control */
    answer((struct answer){ .nonce = 1 });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* T10, T12: a reply cut at every length, with one octet more, and with every octet altered. */
static void test_an_altered_reply_is_no_reply(void **state)
{
    struct lk_mip_mn before;
    uint8_t whole[1025];
    struct lk_span reply;

    asking();
    before = mn;
    reply = reply_of((struct answer){ .nonce = 1 });
    memcpy(whole, reply.at, reply.len);
    whole[reply.len] = 0;
    for (size_t i = 0; i < reply.len; i++) {
        assert_int_equal(receive(lk_span_of(whole, i)), LK_OK);
        assert_memory_equal(&before, &mn, sizeof mn);
        whole[i] ^= 1;
        assert_int_equal(receive(lk_span_of(whole, reply.len)), LK_OK);
        assert_true(said(LK_MIP_MN_OUT_DROPPED));
        assert_memory_equal(&before, &mn, sizeof mn);
        whole[i] ^= 1;
    }
    assert_int_equal(receive(lk_span_of(whole, reply.len + 1)), LK_OK);
    assert_memory_equal(&before, &mn, sizeof mn);
    assert_int_equal(receive(lk_span_of(whole, reply.len)), LK_OK); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* spec: RFC 5944 3.6.2.3 - 131 that is proven by our key says that the request was altered on the
 * way, as does 132: neither ends anything. */
static void test_what_was_altered_on_the_way_is_sent_again(void **state)
{
    static const uint8_t codes[] = { LK_MIP_CODE_HA_MN_AUTH, LK_MIP_CODE_HA_FA_AUTH };

    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        answer((struct answer){ .code = codes[i], .by = &old });
        assert_int_equal(mn.state, LK_MIP_MN_AWAIT_BOUND);
        assert_true(said(LK_MIP_MN_OUT_DROPPED) && out.count == 1);
    }
    answer((struct answer){ .code = LK_MIP_CODE_HA_PROHIBITED, .by = &old }); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN_FAILED);
}

/* T24: a nonce that came before, in whatever role, makes no key. */
static void test_t24_a_nonce_comes_once(void **state)
{
    config.foreign_key = true;
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(at_fa()), LK_OK);
    assert_true(lk_mip_before(&asked.extensions, LK_MIP_MN_FA_KEY_REQUEST, LK_MIP_MN_AAA_AUTH));
    assert_true(lk_mip_before(&asked.extensions, LK_MIP_CHALLENGE, LK_MIP_MN_AAA_AUTH));
    is_dropped((struct answer){ .nonce = 1, .foreign_nonce = 1 }, LK_REASON_MIP_NONCE_AGAIN);
    answer((struct answer){ .nonce = 1, .foreign_nonce = 2 });
    assert_true(mn.state == LK_MIP_MN_BOUND && mn.has_foreign);
    mn.keys.with.msa.ends_ms = now_ms + 400000; /* so a new one is asked for */
    assert_int_equal(expired(300000), LK_OK);
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
    assert_true(lk_mip_is_last(&asked.extensions, LK_MIP_MN_FA_AUTH));
    is_dropped((struct answer){ .nonce = 1, .fa_by = &mn.foreign }, LK_REASON_MIP_NONCE_AGAIN);
    is_dropped((struct answer){ .nonce = 2, .fa_by = &mn.foreign }, LK_REASON_MIP_NONCE_AGAIN);
    is_dropped((struct answer){ .nonce = 3 }, LK_REASON_MIP_AUTH_MISSING); /* the agent's */
    answer((struct answer){ .nonce = 3, .fa_by = &mn.foreign }); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* spec: RFC 5944 5.7.1 - 133, when it is proven, sets the clock; once for each that we send. */
static void test_the_clock_is_set_by_133(void **state)
{
    uint64_t theirs_ms = NOW - 3600000;
    struct answer late = { .code = LK_MIP_CODE_HA_IDENTIFICATION };

    asking();
    late.identification = lk_ntp_of(theirs_ms, 0) >> 32 << 32 | (uint32_t)asked.identification;
    is_dropped(late, LK_REASON_MIP_AUTH_MISSING);
    late.nonce = 1;
    answer(late);
    assert_true(said(LK_MIP_MN_OUT_SEND));
    assert_true(lk_ntp_ms(asked.identification) >= theirs_ms &&
                lk_ntp_ms(asked.identification) <= theirs_ms + 1000);
    assert_false(mn.keys.with.there); /* the key is not kept yet */
    late.identification = lk_ntp_of(theirs_ms, 0) >> 32 << 32 | (uint32_t)asked.identification;
    answer(late);
    assert_int_equal(why(LK_MIP_MN_OUT_DROPPED), LK_REASON_MIP_REFUSED);
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    answer((struct answer){ .nonce = 1 }); /* the nonce of before is none that was used */
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* spec: RFC 5944 5.7.2 - nonces. */
static void test_nonces(void **state)
{
    old.replay = LK_MIP_NONCES;
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_HA_IDENTIFICATION, .by = &old,
                            .identification = UINT64_C(77) << 32 |
                                              (uint32_t)asked.identification });
    assert_true(asked.identification >> 32 == 77 && mn.clock_ms == 0);
    answer((struct answer){ .by = &old, .identification = UINT64_C(78) << 32 |
                                                          (uint32_t)asked.identification });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
    assert_int_equal(expired(300000), LK_OK);
    assert_true(asked.identification >> 32 == 78);
}

/* spec: RFC 5944 3.6.2.3 - 136 names the agent.
 * spec: RFC 4433 5 - 143 another one. */
static void test_another_home_agent(void **state)
{
    const struct lk_address there = ipv4(192, 0, 2, 9);
    uint32_t spi;

    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_HA_UNKNOWN, .by = &old, .redirect = 9 });
    assert_true(said(LK_MIP_MN_OUT_SEND) && lk_address_equal(&asked.agent, &there));
    assert_int_equal(mn.state, LK_MIP_MN_AWAIT_BOUND);
    answer((struct answer){ .code = LK_MIP_CODE_HA_UNKNOWN, .by = &old, .redirect = 9 });
    assert_int_equal(mn.state, LK_MIP_MN_FAILED); /* it says what we have done */

    (void)setup(state);
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_HA_REDIRECTED, .by = &old, .redirect = 9 });
    assert_true(lk_address_equal(&asked.agent, &there));
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST) && !mn.keys.with.there);
    /* T24: what the home AAA has told one agent, it does not tell another. */
    spi = asked.extensions.mn_ha_spi;
    answer((struct answer){ .code = LK_MIP_CODE_HA_REDIRECTED, .nonce = 1, .redirect = 8 });
    assert_true(asked.extensions.mn_ha_spi != 0 && asked.extensions.mn_ha_spi != spi);
    answer((struct answer){ .code = LK_MIP_CODE_HA_REDIRECTED, .nonce = 1, .redirect = 7 });
    assert_int_equal(mn.state, LK_MIP_MN_FAILED); /* in circles */
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_REFUSED);
}

/* spec: RFC 5944 3.6.2.3 - a foreign agent's refusal: what it wants is done once, what passes is
 * waited for, and what nothing proves ends nothing. */
static void test_a_foreign_agents_refusals(void **state)
{
    static const uint8_t passing[] = { LK_MIP_CODE_FA_TIMEOUT, LK_MIP_CODE_FA_HOME_NETWORK,
                                       LK_MIP_CODE_FA_HA_HOST, LK_MIP_CODE_FA_HA_PORT,
                                       LK_MIP_CODE_FA_HA_UNREACHABLE,
                                       LK_MIP_CODE_FA_PROHIBITED, LK_MIP_CODE_FA_HA_ADDRESS };
    const struct lk_mip_msa foreign = msa(FA_SPI, 0x90);

    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(keys(&aaa, true), LK_OK);
    config.foreign_key = false;
    assert_int_equal(start(at_fa()), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(passing); i++) {
        answer((struct answer){ .code = passing[i] });
        assert_true(said(LK_MIP_MN_OUT_DROPPED) && out.count == 1);
        assert_int_equal(mn.state, LK_MIP_MN_AWAIT_BOUND);
    }
    answer((struct answer){ .code = LK_MIP_CODE_FA_LIFETIME, .lifetime_s = 90 });
    assert_int_equal(asked.lifetime_s, 90);
    answer((struct answer){ .code = LK_MIP_CODE_FA_LIFETIME, .lifetime_s = 80 });
    assert_false(said(LK_MIP_MN_OUT_SEND)); /* once */
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_FA_CHALLENGE_STALE, .challenge = "next" });
    assert_true(lk_span_equal(asked.extensions.challenge, lk_span_text("next")));
    config.foreign_key = true;
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_FA_MISSING_MN_FA });
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_KEY_REQUEST));
    mn.foreign = foreign;
    mn.has_foreign = true;
    is_dropped((struct answer){ .code = LK_MIP_CODE_FA_PROHIBITED },
               LK_REASON_MIP_AUTH_MISSING);
    answer((struct answer){ .code = LK_MIP_CODE_FA_PROHIBITED, .fa_by = &foreign });
    assert_int_equal(mn.state, LK_MIP_MN_FAILED);
    assert_int_equal(lk_mip_mn_find(&out, LK_MIP_MN_OUT_FAILED)->why.code,
                     LK_MIP_CODE_FA_PROHIBITED);
}

/* At a foreign agent, with a key of the home AAA for it. */
static void visiting(void)
{
    config.foreign_key = true;
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(at_fa()), LK_OK);
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_KEY_REQUEST));
    answer((struct answer){ .by = &old, .foreign_nonce = 7 });
    assert_true(mn.state == LK_MIP_MN_BOUND && mn.has_foreign);
}

/* T25, spec: RFC 3957 6.2 - the nonce for the key with the foreign agent is in front of what that
 * key proves. Behind it anybody could have put it. */
static void test_t25_a_foreign_nonce_is_before_its_proof(void **state)
{
    const struct answer with = { .foreign_nonce = 7 };

    for (int behind = 1; behind >= 0; behind--) {
        const struct lk_mip_reply reply = { .lifetime_s = 600, .home = ipv4(10, 45, 0, 7),
                                            .agent = ipv4(192, 0, 2, 1) };
        struct lk_writer w = lk_writer_of(datagram, sizeof datagram);
        struct lk_mip_reply its = reply;
        struct lk_mip_msa foreign;

        (void)setup(state);
        config.foreign_key = true;
        assert_int_equal(keys(&old, false), LK_OK);
        assert_int_equal(keys(&aaa, true), LK_OK);
        assert_int_equal(start(at_fa()), LK_OK);
        foreign = made_by(7, FA_SPI, asked.extensions.mn_fa_spi);
        its.identification = asked.identification;
        lk_mip_reply_put(&w, &its);
        lk_mip_msa_sign(&w, &old, old.spi_back, LK_MIP_MN_HA_AUTH);
        if (!behind)
            put_nonce(&w, &with, false);
        lk_mip_msa_sign(&w, &foreign, foreign.spi_back, LK_MIP_MN_FA_AUTH);
        if (behind)
            put_nonce(&w, &with, false);
        assert_int_equal(receive(lk_writer_span(&w)), LK_OK);
        assert_int_equal(why(LK_MIP_MN_OUT_DROPPED),
                         behind ? LK_REASON_MIP_ORDER : LK_REASON_NONE);
        assert_int_equal(mn.has_foreign, !behind);
    }
}

/* spec: RFC 3957 3 - a key with the foreign agent that has ended is none: another is asked for. */
static void test_a_foreign_key_ends(void **state)
{
    visiting();
    mn.foreign.ends_ms = mn.due_ms;
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_KEY_REQUEST));
    answer((struct answer){ .by = &old, .foreign_nonce = 8 });
    assert_true(mn.state == LK_MIP_MN_BOUND && mn.has_foreign);
    /* And while it waits for an answer: at once. */
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
    mn.foreign.ends_ms = mn.due_ms;
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_false(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_KEY_REQUEST));
}

/* T26: a foreign agent that begins anew has no key, and its 67 is proven by nothing: by turns
 * another is asked for, under one SPI, and the one that there is serves still. */
static void test_t26_a_foreign_agent_loses_its_key(void **state)
{
    struct lk_mip_msa foreign;
    uint32_t spi;

    visiting();
    foreign = mn.foreign;
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
        is_dropped((struct answer){ .code = LK_MIP_CODE_FA_MN_AUTH }, LK_REASON_MIP_AUTH_MISSING);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    spi = asked.extensions.mn_fa_spi;
    assert_true(spi != 0 && !lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_true(lk_mip_msa_proves(&foreign, FA_SPI, &asked.extensions, LK_MIP_MN_FA_AUTH, now_ms));
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    assert_int_equal(asked.extensions.mn_fa_spi, spi);
    assert_int_equal(plain(LK_MIP_MN_EV_STOP), LK_OK); /* what it begins next begins with the key */
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH));
}

/* T10: who alters a request on its way to the foreign agent, and writes the device's address, has
 * it sign a refusal. A registration is not over by that; by one of what was proven it is. */
static void test_t10_a_request_that_was_altered_ends_no_visit(void **state)
{
    static const uint8_t codes[] = { LK_MIP_CODE_FA_MN_AUTH, LK_MIP_CODE_FA_POOR_REQUEST,
                                     LK_MIP_CODE_FA_VENDOR_MN };

    visiting();
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        answer((struct answer){ .code = codes[i], .fa_by = &mn.foreign });
        assert_true(said(LK_MIP_MN_OUT_DROPPED) && out.count == 1);
        assert_int_equal(mn.state, LK_MIP_MN_AWAIT_RENEWED);
    }
    answer((struct answer){ .code = LK_MIP_CODE_FA_PROHIBITED, .fa_by = &mn.foreign });
    assert_int_equal(mn.state, LK_MIP_MN_FAILED);
}

/* Both agents want it otherwise, one behind the other: the foreign one another challenge, the home
 * agent another time. What is sent then has the time of the one, and the next challenge of the
 * other. */
static void test_both_agents_correct_it(void **state)
{
    uint64_t theirs_ms = NOW + 3600000;

    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(at_fa()), LK_OK);
    answer((struct answer){ .code = LK_MIP_CODE_FA_CHALLENGE_MISSING, .challenge = "first" });
    assert_true(lk_span_equal(asked.extensions.challenge, lk_span_text("first")));
    answer((struct answer){ .code = LK_MIP_CODE_HA_IDENTIFICATION, .by = &old,
                            .challenge = "second",
                            .identification = lk_ntp_of(theirs_ms, 0) >> 32 << 32 |
                                              (uint32_t)asked.identification });
    assert_true(said(LK_MIP_MN_OUT_SEND));
    assert_true(lk_ntp_ms(asked.identification) + 1000 > theirs_ms);
    assert_true(lk_span_equal(asked.extensions.challenge, lk_span_text("second")));
    answer((struct answer){ .code = LK_MIP_CODE_FA_CHALLENGE_STALE, .challenge = "third" });
    assert_true(said(LK_MIP_MN_OUT_DROPPED) && !said(LK_MIP_MN_OUT_SEND)); /* once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t25_what_is_not_believed, setup),
        cmocka_unit_test_setup(test_t10_whose_spi_a_reply_has, setup),
        cmocka_unit_test_setup(test_t30_no_key_is_made_of_one_that_has_ended, setup),
        cmocka_unit_test_setup(test_an_altered_reply_is_no_reply, setup),
        cmocka_unit_test_setup(test_what_was_altered_on_the_way_is_sent_again, setup),
        cmocka_unit_test_setup(test_t24_a_nonce_comes_once, setup),
        cmocka_unit_test_setup(test_the_clock_is_set_by_133, setup),
        cmocka_unit_test_setup(test_nonces, setup),
        cmocka_unit_test_setup(test_another_home_agent, setup),
        cmocka_unit_test_setup(test_a_foreign_agents_refusals, setup),
        cmocka_unit_test_setup(test_t25_a_foreign_nonce_is_before_its_proof, setup),
        cmocka_unit_test_setup(test_a_foreign_key_ends, setup),
        cmocka_unit_test_setup(test_t10_a_request_that_was_altered_ends_no_visit, setup),
        cmocka_unit_test_setup(test_both_agents_correct_it, setup),
        cmocka_unit_test_setup(test_t26_a_foreign_agent_loses_its_key, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
