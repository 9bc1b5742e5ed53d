/* proto/mip/mn: which keys of the home AAA the mobile node keeps, and for how long. */
#include "mip_mn_rig.h"

enum { HOUR_MS = 3600000 }; /* what the answers of the rig give a key */

static const struct lk_mip_mn_keys no_keys;

/* Whether a request at that time is proven by the key, and no other. */
static bool proves_at(uint64_t at_ms)
{
    const struct lk_mip_mn before = mn;
    bool proves;

    now_ms = at_ms;
    assert_int_equal(plain(LK_MIP_MN_EV_MOVE), LK_OK);
    proves = said(LK_MIP_MN_OUT_SEND) && lk_mip_has(&asked.extensions, LK_MIP_MN_HA_AUTH);
    if (proves)
        assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, AGENT_SPI);
    mn = before;
    return proves;
}

/* T30, spec: RFC 3957 6.4 - a key with the home agent lives as long as the home AAA says: neither
 * for ever nor as long as the key that it is made of. */
static void test_t30_a_key_lives_as_the_aaa_says(void **state)
{
    asking();
    answer((struct answer){ .nonce = 1 });
    assert_true(lk_mip_mn_find(&out, LK_MIP_MN_OUT_KEPT)->kept.ends_ms == NOW + HOUR_MS);
    assert_true(mn.aaa.msa.ends_ms > NOW + 2 * (uint64_t)HOUR_MS);
    assert_true(proves_at(NOW + HOUR_MS - 1));
    assert_false(proves_at(NOW + HOUR_MS));
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST)); /* another is asked for */
    mn.aaa.there = false; /* and where there is nobody to ask, it is over */
    assert_false(proves_at(NOW + HOUR_MS));
    assert_int_equal(why(LK_MIP_MN_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
}

/* Has asked the home AAA for a key with the one agent or the other. */
static void asking_for(bool home)
{
    config.foreign_key = !home;
    if (!home)
        assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(home ? here(23) : at_fa()), LK_OK);
}

/* T30, spec: RFC 3957 6.2 - and one with a foreign agent. */
static void test_t30_a_foreign_key_lives_as_the_aaa_says(void **state)
{
    const uint64_t ends_ms = NOW + HOUR_MS;

    asking_for(false);
    answer((struct answer){ .by = &old, .foreign_nonce = 7 });
    assert_true(mn.has_foreign && mn.foreign.ends_ms == ends_ms);
    for (int over = 0; over < 2; over++) {
        now_ms = ends_ms - 1 + (unsigned)over;
        assert_int_equal(give((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_MOVE,
                                                        .move = at_fa() }),
                         LK_OK);
        assert_int_equal(lk_mip_has(&asked.extensions, LK_MIP_MN_FA_AUTH), !over);
    }
}

/* A reply with a nonce for a key that is of that SPI and lives so long, proven by it. */
static void is_offered(bool home, uint32_t spi, uint32_t lifetime_s)
{
    const struct lk_mip_extensions *asks = &asked.extensions;
    const struct lk_mip_msa by = made_by(3, spi, home ? asks->mn_ha_spi : asks->mn_fa_spi);
    const struct lk_mip_reply reply = { .lifetime_s = asked.lifetime_s,
                                        .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                                        .identification = asked.identification };
    struct lk_writer w = lk_writer_of(datagram, sizeof datagram);
    struct lk_mip_extensions to;
    uint8_t nonce[16];

    memset(nonce, 3, sizeof nonce);
    memset(&to, 0, sizeof to);
    to.mn_ha_key = (struct lk_mip_key_reply){ .lifetime_s = lifetime_s, .aaa_spi = AAA_SPI,
                                              .agent_spi = spi, .algorithm = LK_MIP_HMAC_MD5,
                                              .replay = LK_MIP_TIMESTAMPS,
                                              .nonce = LK_SPAN(nonce) };
    to.mn_fa_key = to.mn_ha_key;
    lk_mip_reply_put(&w, &reply);
    lk_mip_extension_put(&w, home ? LK_MIP_MN_HA_KEY_REPLY : LK_MIP_MN_FA_KEY_REPLY, &to);
    lk_mip_msa_sign(&w, home ? &by : &old, home ? by.spi_back : old.spi_back, LK_MIP_MN_HA_AUTH);
    if (!home)
        lk_mip_msa_sign(&w, &by, by.spi_back, LK_MIP_MN_FA_AUTH);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(receive(lk_writer_span(&w)), LK_OK);
}

/* spec: RFC 3957 6.4 - a key without a lifetime is none, nor is one whose SPI is a reserved one.
 * The last two are the control. */
static void test_a_key_that_never_lived(void **state)
{
    static const struct { uint32_t spi, lifetime_s; } rows[] = { { AGENT_SPI, 0 }, { 255, 60 },
                                                                 { 256, 60 } };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(rows); i++) {
        bool good = i / 2 == LK_COUNT_OF(rows) - 1;

        (void)setup(state);
        asking_for(i % 2 == 0);
        is_offered(i % 2 == 0, rows[i / 2].spi, rows[i / 2].lifetime_s);
        assert_int_equal(why(LK_MIP_MN_OUT_DROPPED),
                         good ? LK_REASON_NONE : LK_REASON_MIP_KEY_UNUSABLE);
        assert_int_equal(mn.state == LK_MIP_MN_BOUND, good);
    }
}

static bool has_seen_a_nonce(void)
{
    for (size_t i = 0; i < LK_MIP_MN_SEEN; i++)
        if (mn.seen[i] != 0)
            return true;
    return false;
}

static const uint8_t denials[] = {
    LK_MIP_CODE_HA_UNSPECIFIED, LK_MIP_CODE_HA_PROHIBITED,   LK_MIP_CODE_HA_MN_AUTH,
    LK_MIP_CODE_HA_FA_AUTH,     LK_MIP_CODE_HA_IDENTIFICATION, LK_MIP_CODE_HA_UNKNOWN,
    LK_MIP_CODE_HA_REVERSE_MANDATORY, LK_MIP_CODE_HA_ENCAPSULATION, LK_MIP_CODE_HA_REDIRECTED,
};

/* T24, T26, spec: RFC 3957 4 - a denial that a new key proves gives no key: the home agent keeps
 * none of it, and its nonce is not used. The last, accepted, is the control. */
static void test_t26_a_denial_keeps_no_key(void **state)
{
    for (size_t i = 0; i <= LK_COUNT_OF(denials); i++) {
        bool accepted = i == LK_COUNT_OF(denials);

        (void)setup(state);
        asking();
        answer((struct answer){ .code = accepted ? 0 : denials[i], .nonce = 1, .redirect = 9 });
        assert_int_equal(said(LK_MIP_MN_OUT_KEPT), accepted);
        assert_int_equal(has_seen_a_nonce(), accepted);
        assert_int_equal(mn.keys.with.there, accepted);
        assert_memory_equal(&mn.keys.next, &no_keys, sizeof no_keys);
    }
}

/* The same in a renewal: the key that there was is the one that there is. */
static void test_t26_a_denied_renewal_leaves_the_key_there_was(void **state)
{
    for (size_t i = 0; i <= LK_COUNT_OF(denials); i++) {
        bool accepted = i == LK_COUNT_OF(denials);
        struct lk_mip_mn_keys before;

        (void)setup(state);
        old.ends_ms = NOW + 700000;
        bound();
        assert_int_equal(keys(&aaa, true), LK_OK);
        before = mn.keys.with;
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
        assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
        answer((struct answer){ .code = accepted ? 0 : denials[i], .nonce = 1 });
        assert_int_equal(memcmp(&before, &mn.keys.with, sizeof before) != 0, accepted);
    }
}

/* T26: a foreign agent's word, which no key of the home agent proves, does not end the key that the
 * home agent has for sure. The control: the home agent's own. */
static void test_t26_a_foreign_agent_proves_no_new_key(void **state)
{
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(at_fa()), LK_OK);
    answer((struct answer){ .by = &old });
    assert_int_equal(keys(&fresh, false), LK_OK);
    assert_int_equal(asked.extensions.auth[LK_MIP_MN_HA_AUTH].spi, fresh.there.spi);
    answer((struct answer){ .code = LK_MIP_CODE_FA_CHALLENGE_STALE, .challenge = "next" });
    assert_true(said(LK_MIP_MN_OUT_SEND) && !said(LK_MIP_MN_OUT_KEPT));
    assert_int_equal(mn.keys.with.msa.there.spi, old.there.spi);
    assert_true(mn.keys.next.there);
    answer((struct answer){ .by = &fresh });
    assert_true(said(LK_MIP_MN_OUT_KEPT) && !mn.keys.next.there);
    assert_int_equal(mn.keys.with.msa.there.spi, fresh.there.spi);
}

/* Neither does a foreign agent's denial, nor a home agent's leave a key with the foreign agent. */
static void test_t26_a_denial_keeps_no_foreign_key(void **state)
{
    static const struct { uint8_t code; bool kept; } rows[] = {
        { LK_MIP_CODE_FA_PROHIBITED, false }, { LK_MIP_CODE_FA_TIMEOUT, false },
        { LK_MIP_CODE_HA_PROHIBITED, false }, { LK_MIP_CODE_ACCEPTED, true },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        (void)setup(state);
        asking_for(false);
        answer((struct answer){ .code = rows[i].code, .by = &old, .foreign_nonce = 7 });
        assert_int_equal(mn.has_foreign, rows[i].kept);
        assert_int_equal(has_seen_a_nonce(), rows[i].kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t30_a_key_lives_as_the_aaa_says, setup),
        cmocka_unit_test_setup(test_t30_a_foreign_key_lives_as_the_aaa_says, setup),
        cmocka_unit_test_setup(test_a_key_that_never_lived, setup),
        cmocka_unit_test_setup(test_t26_a_denial_keeps_no_key, setup),
        cmocka_unit_test_setup(test_t26_a_denied_renewal_leaves_the_key_there_was, setup),
        cmocka_unit_test_setup(test_t26_a_foreign_agent_proves_no_new_key, setup),
        cmocka_unit_test_setup(test_t26_a_denial_keeps_no_foreign_key, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
