/* proto/mip/keygen: whom the home AAA gives keys, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/keygen.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { AAA_SPI = 1000, HOME_SPI = 300, FOREIGN_SPI = 301 };

static struct lk_mip_keygen_config config;
static struct lk_mip_msa aaa;
static struct lk_mip_keygen_outbox out;

static int setup(void **state)
{
    lk_mip_keygen_defaults(&config);
    aaa = (struct lk_mip_msa){ .there = { .spi = AAA_SPI, .algorithm = LK_MIP_HMAC_SHA256,
                                          .secret = { .len = 32 } },
                               .ends_ms = NOW + 3600000 };
    for (uint8_t i = 0; i < 32; i++)
        aaa.there.secret.octets[i] = (uint8_t)(0x40 + i);
    return 0;
}

/* A device's question. */
struct question {
    uint64_t at_ms;
    uint32_t home_spi, foreign_spi; /* 0: none asked for */
    bool no_nai, no_home, no_proof, key_behind, nai_behind, challenge;
    uint8_t octets[512];
    size_t len;
    struct lk_mip_request request;
};

static void put_keys(struct lk_writer *w, const struct question *q)
{
    const struct lk_mip_extensions has = { .mn_ha_spi = q->home_spi,
                                           .mn_fa_spi = q->foreign_spi };

    if (q->home_spi != 0)
        lk_mip_extension_put(w, LK_MIP_MN_HA_KEY_REQUEST, &has);
    if (q->foreign_spi != 0)
        lk_mip_extension_put(w, LK_MIP_MN_FA_KEY_REQUEST, &has);
}

static struct lk_mip_keygen_event asks(struct question *q, uint64_t now_ms, uint8_t random)
{
    static const uint8_t home[4] = { 10, 45, 0, 7 };
    struct lk_mip_keygen_event event = { .kind = LK_MIP_KEYGEN_EV_REQUEST, .now_ms = now_ms,
                                         .request = &q->request, .with = &aaa };
    struct lk_writer w = lk_writer_of(q->octets, sizeof q->octets);
    const struct lk_mip_request request = {
        .lifetime_s = 600, .identification = lk_ntp_of(q->at_ms != 0 ? q->at_ms : now_ms, 0),
        .home = q->no_home ? (struct lk_address){ { 0 } } : lk_address_v4(home) };
    const struct lk_mip_extensions has = {
        .nai = lk_span_text("0001010123456789@nai.epc.mnc001.mcc001.3gppnetwork.org"),
        .challenge = lk_span_text("challenge") };

    lk_mip_request_put(&w, &request);
    if (!q->no_nai && !q->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (!q->key_behind)
        put_keys(&w, q);
    if (q->challenge)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &has);
    if (!q->no_proof)
        lk_mip_msa_sign_aaa(&w, &aaa, has.challenge);
    if (q->key_behind)
        put_keys(&w, q);
    if (q->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    assert_int_equal(w.status, LK_OK);
    q->len = w.len;
    assert_int_equal(lk_mip_request_decode(&q->request, lk_span_of(q->octets, q->len)), LK_OK);
    for (size_t i = 0; i < sizeof event.entropy; i++)
        event.entropy[i] = (uint8_t)(random + i);
    return event;
}

static struct question for_both(void)
{
    return (struct question){ .home_spi = HOME_SPI, .foreign_spi = FOREIGN_SPI };
}

static const struct lk_mip_grant *granted(struct lk_mip_keygen *k,
                                          const struct lk_mip_keygen_event *event)
{
    const struct lk_mip_keygen_output *item;

    assert_int_equal(lk_mip_keygen_step(k, &config, event, &out), LK_OK);
    item = lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_GRANT);
    assert_non_null(item);
    return &item->given.grant;
}

static void is_refused(struct lk_mip_keygen *k, const struct lk_mip_keygen_event *event,
                       enum lk_reason reason)
{
    const struct lk_mip_keygen before = *k;
    const struct lk_mip_keygen_output *item;

    assert_int_equal(lk_mip_keygen_step(k, &config, event, &out), LK_OK);
    item = lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_REFUSED);
    assert_non_null(item);
    assert_int_equal(item->refused.reason, reason);
    assert_memory_equal(&before, k, sizeof before);
}

/* One that has given for both, with the octets 0, 1, ... as its random ones. */
static struct lk_mip_keygen given(struct question *q)
{
    struct lk_mip_keygen_event event;
    struct lk_mip_keygen k;

    *q = for_both();
    event = asks(q, NOW, 0);
    lk_mip_keygen_init(&k);
    (void)granted(&k, &event);
    return k;
}

/* T30: a question under another key with the AAA is no repeat, though SPIs are the same: what was
 * given ends with the key that it is made of. */
static void test_t30_another_parent_is_another_question(void **state)
{
    enum { LEFT_S = 60, LATER_MS = 1000 };
    struct question q;
    struct lk_mip_keygen k = given(&q);
    const uint32_t spi = k.home.agent_spi;
    struct lk_mip_keygen_event event = asks(&q, NOW + LATER_MS, 99);

    assert_int_equal(granted(&k, &event)->mn_ha_key.agent_spi, spi); /* the control */
    assert_int_equal(out.item[0].given.grant.mn_ha_key.lifetime_s, 3600);
    aaa.ends_ms = NOW + LATER_MS + LEFT_S * 1000; /* the same SPI, and it ends earlier */
    event = asks(&q, NOW + LATER_MS, 150);
    assert_int_equal(granted(&k, &event)->mn_ha_key.lifetime_s, LEFT_S);
    assert_true(out.item[0].given.grant.msa.ends_ms == aaa.ends_ms);
    assert_int_equal(out.nonces[0][0], 150);
    aaa.there.spi++; /* another SPI, and the same end */
    event = asks(&q, NOW + 2 * LATER_MS, 200);
    assert_int_equal(granted(&k, &event)->mn_ha_key.aaa_spi, AAA_SPI + 1);
    assert_int_equal(out.nonces[0][0], 200);
}

/* Invariant 20, T24: the key of a nonce is the first agent's that asks, of each kind; T26: and it
 * has it again. Behind a newer question with other SPIs it is whose that is. */
static void test_t24_a_key_is_the_first_agents(void **state)
{
    static const char *const names[] = { "fa.example", "ha.example" };
    struct question q = for_both(), other = for_both();
    struct lk_mip_keygen k;
    uint8_t nonce[LK_MIP_NONCE_LEAST];
    struct lk_mip_keygen_event event = asks(&q, NOW, 0);

    lk_mip_keygen_init(&k);
    for (size_t i = 0; i < 2; i++) {
        event.foreign = i == 0;
        event.agent = lk_span_text(names[i]);
        assert_true(granted(&k, &event)->mn_fa);
        memcpy(nonce, out.nonces[1], sizeof nonce);
        assert_int_equal(nonce[0], k.foreign.octets[0]);
        event.agent = lk_span_text("fb.example");
        is_refused(&k, &event, LK_REASON_MIP_CLIENT);
        event.agent = lk_span_text(names[i]);
        assert_true(granted(&k, &event)->mn_fa);
        assert_memory_equal(nonce, out.nonces[1], sizeof nonce);
    }
    other.home_spi += 10;
    other.foreign_spi += 10;
    event = asks(&other, NOW + 1000, 99);
    event.foreign = true;
    event.agent = lk_span_text("fb.example");
    assert_true(granted(&k, &event)->mn_fa);
    assert_memory_not_equal(nonce, out.nonces[1], sizeof nonce);
    event.agent = lk_span_text(names[0]);
    is_refused(&k, &event, LK_REASON_MIP_CLIENT);
}

/* spec: RFC 3957 5 - the key of the vector in spec/mobile-ip.md 2.4, whole and cut. */
static void test_the_key_is_that_of_the_vector(void **state)
{
    static const uint8_t key[20] = { 0x14, 0x20, 0x36, 0x0a, 0xd9, 0x1a, 0x40, 0x94, 0xa5, 0x5f,
                                     0xdc, 0xda, 0xd8, 0xa2, 0xcd, 0xfb, 0xf5, 0x8a, 0xb1, 0xce };
    static const uint8_t lens[] = { LK_MIP_KEY_SHORT, sizeof key };
    struct question q = for_both();

    for (size_t i = 0; i < LK_COUNT_OF(lens); i++) {
        struct lk_mip_keygen_event event = asks(&q, NOW, 0);
        const struct lk_mip_grant *grant;
        struct lk_mip_keygen k;

        config.key_len = lens[i];
        lk_mip_keygen_init(&k);
        grant = granted(&k, &event);
        assert_true(grant->mn_ha && grant->mn_fa);
        assert_int_equal(grant->msa.there.secret.len, lens[i]);
        assert_memory_equal(grant->msa.there.secret.octets, key, lens[i]);
        assert_int_equal(grant->msa.spi_back, HOME_SPI);
        assert_int_equal(grant->msa.there.spi, grant->mn_ha_key.agent_spi);
        assert_int_equal(grant->mn_ha_key.aaa_spi, AAA_SPI);
        assert_int_equal(grant->mn_ha_key.algorithm, LK_MIP_HMAC_MD5);
        assert_int_equal(grant->mn_ha_key.replay, LK_MIP_TIMESTAMPS);
        /* No longer than the key that it is made of. */
        assert_int_equal(grant->mn_ha_key.lifetime_s, 3600);
        assert_true(grant->msa.ends_ms == aaa.ends_ms);
        assert_int_equal(out.item[0].given.foreign.spi_back, FOREIGN_SPI);
        assert_int_equal(k.state, LK_MIP_KEYGEN_GIVEN);
    }
}

static void test_a_key_lives_as_long_as_it_is_to(void **state)
{
    struct question q = for_both();
    struct lk_mip_keygen_event event = asks(&q, NOW, 0);
    struct lk_mip_keygen k;

    config.lifetime_s = 60;
    lk_mip_keygen_init(&k);
    assert_int_equal(granted(&k, &event)->mn_ha_key.lifetime_s, 60);
    event = asks(&q, NOW + 10000, 99); /* again: the same key, the same words, and the same end */
    assert_int_equal(granted(&k, &event)->mn_ha_key.lifetime_s, 60);
    assert_true(out.item[0].given.grant.msa.ends_ms == NOW + 60000);
    event = asks(&q, NOW + 60000, 99); /* over: another one */
    assert_int_equal(granted(&k, &event)->mn_ha_key.lifetime_s, 60);
    assert_int_equal(out.nonces[0][0], 99);
}

/* T24: a nonce is in one role, and comes once. */
static void test_t24_no_nonce_is_in_two_roles(void **state)
{
    struct question q, other = for_both();
    struct lk_mip_keygen k = given(&q);
    struct lk_mip_keygen_event event;

    assert_false(lk_span_equal(LK_SPAN(out.nonces[0]), LK_SPAN(out.nonces[1])));
    assert_memory_not_equal(out.item[0].given.grant.msa.there.secret.octets,
                            out.item[0].given.foreign.there.secret.octets, LK_MIP_KEY_SHORT);
    other.home_spi++;
    event = asks(&other, NOW + 1000, 0); /* the random octets of before */
    is_refused(&k, &event, LK_REASON_MIP_NONCE_AGAIN);
    event = asks(&other, NOW + 1000, 20); /* of before, in the other role */
    is_refused(&k, &event, LK_REASON_MIP_NONCE_AGAIN);
    event = asks(&other, NOW + 1000, 236); /* and the other way round */
    is_refused(&k, &event, LK_REASON_MIP_NONCE_AGAIN);
    for (uint8_t role = 0; role < 2; role++) { /* one of before, in its own role, and a fresh one */
        event = asks(&other, NOW + 1000, 100);
        for (uint8_t i = 0; i < LK_MIP_NONCE_LEAST; i++)
            event.entropy[20 * role + i] = (uint8_t)(20 * role + i);
        is_refused(&k, &event, LK_REASON_MIP_NONCE_AGAIN);
    }
    lk_mip_keygen_init(&k);
    memset(event.entropy, 7, sizeof event.entropy);
    is_refused(&k, &event, LK_REASON_MIP_NONCE_AGAIN);
    event = asks(&other, NOW + 1000, 50); /* the control */
    assert_true(granted(&k, &event)->mn_ha);
}

enum { GRANTS = 500000, NONCE = LK_MIP_NONCE_LEAST };

static int by_octets(const void *a, const void *b)
{
    return memcmp(a, b, NONCE);
}

/* So many registrations with a key in either role, each with random octets of its own that come
 * again behind so many: how often a nonce is one that there was. */
static unsigned duplicates(uint8_t (*seen)[NONCE], unsigned count, unsigned period)
{
    static uint8_t random[1000][LK_MIP_KEYGEN_ENTROPY];
    struct question q = for_both();
    struct lk_mip_keygen k;
    unsigned same = 0;

    lk_mip_keygen_init(&k);
    for (unsigned i = 0; i < count; i++) {
        struct lk_mip_keygen_event event;
        uint8_t *octets = random[i % LK_COUNT_OF(random)];

        q.home_spi += 2;
        q.foreign_spi += 2;
        event = asks(&q, NOW + i, 0);
        if (i < period)
            assert_int_equal(getrandom(octets, sizeof event.entropy, 0), sizeof event.entropy);
        memcpy(event.entropy, octets, sizeof event.entropy);
        assert_true(granted(&k, &event)->mn_ha);
        memcpy(seen[2 * i], out.nonces[0], NONCE);
        memcpy(seen[2 * i + 1], out.nonces[1], NONCE);
    }
    qsort(seen, 2 * count, NONCE, by_octets);
    for (unsigned i = 1; i < 2 * count; i++)
        same += by_octets(seen[i - 1], seen[i]) == 0;
    return same;
}

/* T24: of a million grants, of random octets of the kernel as the daemon takes them, no nonce comes
 * twice, in one role or two. The control: a source that begins again is found. */
static void test_t24_a_million_nonces(void **state)
{
    uint8_t (*seen)[NONCE] = test_malloc(2 * (size_t)GRANTS * NONCE);

    assert_int_equal(duplicates(seen, GRANTS, GRANTS), 0);
    assert_int_equal(duplicates(seen, 2000, 1000), 2000);
    test_free(seen);
}

/* T26: the same question has the same nonces; another, or one much later, has others. */
static void test_t26_a_retransmission_has_the_same_nonce(void **state)
{
    struct question q;
    struct lk_mip_keygen k = given(&q), before = k;
    const struct lk_mip_msa first = out.item[0].given.grant.msa;
    struct lk_mip_keygen_event event;

    for (unsigned i = 1; i < 120; i += 20) {
        event = asks(&q, NOW + i * 1000, (uint8_t)(100 + i));
        assert_true(granted(&k, &event)->mn_ha);
        assert_memory_equal(&out.item[0].given.grant.msa, &first, sizeof first);
        assert_memory_equal(&k, &before, sizeof k);
    }
    event = asks(&q, NOW + 120000, 100);
    assert_memory_not_equal(granted(&k, &event)->msa.there.secret.octets,
                            first.there.secret.octets, LK_MIP_KEY_SHORT);
    for (int role = 0; role < 2; role++) { /* of either key another SPI */
        k = before;
        q = for_both();
        *(role == 0 ? &q.home_spi : &q.foreign_spi) += 2;
        event = asks(&q, NOW + 1000, 100);
        assert_memory_not_equal(granted(&k, &event)->msa.there.secret.octets,
                                first.there.secret.octets, LK_MIP_KEY_SHORT);
        assert_int_equal(out.item[0].given.foreign.spi_back, q.foreign_spi);
    }
}

/* T26, A22: what is older than the newest, or far from our time, takes the place of nothing. */
static void test_t26_an_old_question_leaves_nothing_behind(void **state)
{
    static const int64_t far_ms[] = { -7001, 7001, -3600000, 3600000 };
    struct question q;
    struct lk_mip_keygen k = given(&q), before = k;
    struct lk_mip_keygen_event event;

    q.home_spi++;
    q.at_ms = NOW - 1;
    event = asks(&q, NOW + 1, 100);
    is_refused(&k, &event, LK_REASON_MIP_REPLAY);
    q.at_ms = NOW; /* nor what is as old */
    event = asks(&q, NOW + 1, 100);
    is_refused(&k, &event, LK_REASON_MIP_REPLAY);
    for (size_t i = 0; i < LK_COUNT_OF(far_ms); i++) {
        q.at_ms = NOW + 60000 + (uint64_t)far_ms[i];
        event = asks(&q, NOW + 60000, 100);
        /* A key to prove 133 by, and no more. */
        assert_true(granted(&k, &event)->mn_ha);
        assert_memory_equal(&before, &k, sizeof k);
    }
    q.at_ms = NOW + 53000; /* the control: at the window's edge */
    event = asks(&q, NOW + 60000, 100);
    assert_true(granted(&k, &event)->mn_ha);
    assert_memory_not_equal(&before, &k, sizeof k);
}

/* spec: RFC 3957 6.1 - MN-AAA covers what MN-FA is made of. spec: RFC 3957 6.3 - and MN-HA. Every
 * row in either state. */
static void test_what_is_refused(void **state)
{
    const struct {
        struct question q;
        bool no_key, ended;
        enum lk_reason reason;
    } rows[] = {
        { { .home_spi = HOME_SPI, .no_proof = true }, .reason = LK_REASON_MIP_AUTH_MISSING },
        { { .home_spi = HOME_SPI }, .no_key = true, .reason = LK_REASON_MIP_SPI },
        { { .home_spi = HOME_SPI }, .ended = true, .reason = LK_REASON_MIP_KEY_EXPIRED },
        { { .home_spi = HOME_SPI, .key_behind = true }, .reason = LK_REASON_MIP_ORDER },
        { { .foreign_spi = FOREIGN_SPI, .key_behind = true }, .reason = LK_REASON_MIP_ORDER },
        { { .home_spi = HOME_SPI, .nai_behind = true }, .reason = LK_REASON_MIP_ORDER },
        { { .home_spi = HOME_SPI, .no_nai = true, .no_home = true },
          .reason = LK_REASON_MIP_NAI },
        { { .home_spi = 255 }, .reason = LK_REASON_MIP_SPI },
        { { .home_spi = HOME_SPI, .foreign_spi = 1 }, .reason = LK_REASON_MIP_SPI },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows) * 2; i++) {
        struct question q, first;
        struct lk_mip_keygen k = given(&first);
        struct lk_mip_keygen_event event;

        if (i % 2 == 0)
            lk_mip_keygen_init(&k);
        q = rows[i / 2].q;
        event = asks(&q, NOW + 1000, 100);
        if (rows[i / 2].no_key)
            event.with = NULL;
        if (rows[i / 2].ended)
            event.now_ms = aaa.ends_ms;
        is_refused(&k, &event, rows[i / 2].reason);
    }
}

/* T12: each octet of what is covered, and of the proof, altered: no key. */
static void test_an_altered_octet_is_no_question(void **state)
{
    struct lk_mip_keygen k;
    struct question q = for_both();
    struct lk_mip_keygen_event event = asks(&q, NOW, 0);
    size_t refused = 0;

    lk_mip_keygen_init(&k);
    for (size_t i = 1; i < q.len; i++) {
        q.octets[i] ^= 1;
        if (lk_mip_request_decode(&q.request, lk_span_of(q.octets, q.len)) == LK_OK) {
            assert_int_equal(lk_mip_keygen_step(&k, &config, &event, &out), LK_OK);
            assert_non_null(lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_REFUSED));
            refused++;
        }
        q.octets[i] ^= 1;
    }
    assert_true(refused > 80 && k.state == LK_MIP_KEYGEN_NONE);
    assert_int_equal(lk_mip_request_decode(&q.request, lk_span_of(q.octets, q.len)), LK_OK);
    assert_true(granted(&k, &event)->mn_ha); /* the control */
}

/* spec: RFC 4721 8 - under SPI 2 the challenge is part of the proof. T22: and nothing else proves
 * under it. */
static void test_chap(void **state)
{
    struct lk_mip_keygen k;
    struct question q = for_both();
    struct lk_mip_keygen_event event;

    lk_mip_keygen_init(&k);
    aaa.there.spi = LK_MIP_SPI_CHAP;
    event = asks(&q, NOW, 0);
    is_refused(&k, &event, LK_REASON_MIP_AAA_AUTH); /* no challenge in the message */
    q.challenge = true;
    event = asks(&q, NOW, 0);
    assert_true(granted(&k, &event)->mn_ha);
    q.octets[q.len - 1] ^= 1;
    is_refused(&k, &event, LK_REASON_MIP_AAA_AUTH);
    q.octets[q.len - 1] ^= 1;
    aaa.there.spi = AAA_SPI;
    is_refused(&k, &event, LK_REASON_MIP_AAA_AUTH);
}

/* T22, spec: RFC 4721 8 - what is made in the way of CHAP proves under SPI 2 alone, and while its
 * key lives. */
static void test_t22_chap_is_of_spi_2(void **state)
{
    static const uint32_t spis[] = { AAA_SPI, LK_MIP_SPI_CHAP };
    struct question q = for_both();

    aaa.there.spi = LK_MIP_SPI_CHAP;
    for (size_t i = 0; i < LK_COUNT_OF(spis); i++) {
        struct lk_mip_extensions has = { .challenge = lk_span_text("challenge") };
        struct lk_writer w = lk_writer_of(q.octets, sizeof q.octets);
        const struct lk_mip_request fixed = { .lifetime_s = 600 };
        uint8_t made[LK_MIP_CHAP_LEN];
        struct lk_mip_chap chap;
        bool good = spis[i] == LK_MIP_SPI_CHAP;

        lk_mip_request_put(&w, &fixed);
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &has);
        lk_mip_chap_of(&chap, lk_mip_auth_put(&w, LK_MIP_MN_AAA_AUTH, spis[i], sizeof made),
                       has.challenge);
        lk_mip_chap_authenticate(made, &chap, &aaa.there.secret);
        lk_put_octets(&w, made, sizeof made);
        assert_int_equal(lk_mip_request_decode(&q.request, lk_writer_span(&w)), LK_OK);
        assert_int_equal(lk_mip_msa_proves_aaa(&aaa, &q.request.extensions, NOW), good);
        assert_int_equal(lk_mip_msa_proves_aaa(&aaa, &q.request.extensions, aaa.ends_ms - 1),
                         good);
        assert_false(lk_mip_msa_proves_aaa(&aaa, &q.request.extensions, aaa.ends_ms));
    }
}

/* spec: RFC 4721 8 - who asks for no key is proven all the same. */
static void test_a_proof_without_keys(void **state)
{
    struct lk_mip_keygen k;
    struct question q = { .no_proof = false };
    struct lk_mip_keygen_event event = asks(&q, NOW, 0);
    const struct lk_mip_grant *grant;

    lk_mip_keygen_init(&k);
    grant = granted(&k, &event);
    assert_false(grant->mn_ha || grant->mn_fa);
    assert_int_equal(k.state, LK_MIP_KEYGEN_NONE);
    event.kind = 0;
    assert_int_equal(lk_mip_keygen_step(&k, &config, &event, &out), LK_E_UNEXPECTED);
    assert_null(lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_GRANT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_key_is_that_of_the_vector, setup),
        cmocka_unit_test_setup(test_a_key_lives_as_long_as_it_is_to, setup),
        cmocka_unit_test_setup(test_t24_no_nonce_is_in_two_roles, setup),
        cmocka_unit_test_setup(test_t24_a_million_nonces, setup),
        cmocka_unit_test_setup(test_t30_another_parent_is_another_question, setup),
        cmocka_unit_test_setup(test_t24_a_key_is_the_first_agents, setup),
        cmocka_unit_test_setup(test_t26_a_retransmission_has_the_same_nonce, setup),
        cmocka_unit_test_setup(test_t26_an_old_question_leaves_nothing_behind, setup),
        cmocka_unit_test_setup(test_what_is_refused, setup),
        cmocka_unit_test_setup(test_an_altered_octet_is_no_question, setup),
        cmocka_unit_test_setup(test_chap, setup),
        cmocka_unit_test_setup(test_t22_chap_is_of_spi_2, setup),
        cmocka_unit_test_setup(test_a_proof_without_keys, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
