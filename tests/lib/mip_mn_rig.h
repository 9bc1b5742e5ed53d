/* A mobile node under test, and the agent that answers it: for tests/unit/mip_mn_*_test. */
#ifndef LK_TEST_MIP_MN_RIG_H
#define LK_TEST_MIP_MN_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/mn.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { AAA_SPI = 1000, AGENT_SPI = 5000, FA_SPI = 6000 };

static struct lk_mip_mn_config config;
static struct lk_mip_mn mn;
static struct lk_mip_mn_outbox out;
static struct lk_mip_msa old, fresh, aaa;
static uint64_t now_ms, entropy;
static uint8_t sent[LK_MIP_MN_OCTETS];
static struct lk_mip_request asked; /* the last that was sent */

static inline struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static inline struct lk_mip_msa msa(uint32_t spi, uint8_t first)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5,
                                       .secret = { .len = 32 } },
                            .spi_back = spi + 1, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = NOW + 86400000 };

    for (uint8_t i = 0; i < 32; i++)
        m.there.secret.octets[i] = (uint8_t)(first + i);
    return m;
}

static inline int setup(void **state)
{
    lk_mip_mn_defaults(&config);
    config.nai = lk_span_text("0001010123456789@realm");
    lk_mip_mn_init(&mn);
    old = msa(256, 0x10);
    fresh = msa(400, 0x50);
    aaa = msa(AAA_SPI, 0x40);
    now_ms = NOW;
    entropy = UINT64_C(0x123456789abcdef);
    return 0;
}

/* ---- events ---- */

static inline enum lk_status give(struct lk_mip_mn_event event)
{
    const struct lk_mip_mn_output *item;
    enum lk_status status;

    entropy = entropy * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    event.now_ms = now_ms;
    event.entropy = entropy;
    status = lk_mip_mn_step(&mn, &config, &event, &out);
    item = lk_mip_mn_find(&out, LK_MIP_MN_OUT_SEND);
    if (status != LK_OK)
        assert_int_equal(out.count, 0);
    if (item == NULL)
        return status;
    memcpy(sent, item->send.octets.at, item->send.octets.len);
    assert_int_equal(lk_mip_request_decode(&asked, lk_span_of(sent, item->send.octets.len)),
                     LK_OK);
    return status;
}

static inline enum lk_status keys(const struct lk_mip_msa *m, bool is_aaa)
{
    return give((struct lk_mip_mn_event){
        .kind = LK_MIP_MN_EV_KEYS,
        .keys = { .aaa = is_aaa, .msa = *m,
                  .b_tid = lk_span_text(is_aaa ? "b-tid@bsf" : "") } });
}

static inline struct lk_mip_mn_place here(uint8_t last)
{
    return (struct lk_mip_mn_place){ .care_of = ipv4(198, 51, 100, last) };
}

static inline struct lk_mip_mn_place at_fa(void)
{
    return (struct lk_mip_mn_place){ .care_of = ipv4(203, 0, 113, 1),
                                     .fa = ipv4(203, 0, 113, 1), .challenge_len = 4,
                                     .challenge = "chal" };
}

static inline enum lk_status start(struct lk_mip_mn_place place)
{
    return give((struct lk_mip_mn_event){
        .kind = LK_MIP_MN_EV_START,
        .start = { .place = place, .agent = ipv4(192, 0, 2, 1) } });
}

static inline enum lk_status plain(enum lk_mip_mn_event_kind kind)
{
    return give((struct lk_mip_mn_event){ .kind = kind, .move = here(24) });
}

static inline enum lk_status expired(uint64_t later_ms)
{
    now_ms += later_ms;
    return plain(LK_MIP_MN_EV_EXPIRED);
}

/* ---- an agent's answers ---- */

struct answer {
    uint8_t code;
    uint16_t lifetime_s; /* 0: as asked */
    uint64_t identification; /* 0: as asked */
    const struct lk_mip_msa *by; /* NULL: nothing proves it */
    uint32_t spi;        /* of the proof; 0: spi_back */
    uint8_t nonce;       /* of a new home key: this octet 16 times; 0: none */
    uint8_t foreign_nonce;
    uint16_t algorithm, replay; /* of the nonces; 0: the usual */
    uint32_t aaa_spi;
    bool behind;         /* the nonce is behind its authenticator */
    bool spoilt;         /* the authenticator */
    uint8_t redirect;    /* last octet of another agent's address */
    const char *challenge;
    const struct lk_mip_msa *fa_by;
    bool no_home;
};

static uint8_t datagram[1024];

static inline struct lk_mip_msa made_by(uint8_t nonce, uint32_t spi, uint32_t back)
{
    uint8_t octets[16];
    struct lk_mip_msa m = msa(spi, 0);
    struct lk_mip_key key;

    memset(octets, nonce, sizeof octets);
    lk_mip_key_derive(&key, lk_span_of(aaa.there.secret.octets, 32), LK_SPAN(octets),
                      config.nai);
    memset(&m.there.secret, 0, sizeof m.there.secret);
    memcpy(m.there.secret.octets, key.octets, config.key_len);
    m.there.secret.len = config.key_len;
    m.spi_back = back;
    return m;
}

static inline void put_nonce(struct lk_writer *w, const struct answer *a, bool home)
{
    uint8_t octets[16];
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    memset(octets, home ? a->nonce : a->foreign_nonce, sizeof octets);
    to.mn_ha_key = (struct lk_mip_key_reply){
        .lifetime_s = 3600, .aaa_spi = a->aaa_spi != 0 ? a->aaa_spi : AAA_SPI,
        .agent_spi = home ? AGENT_SPI : FA_SPI,
        .algorithm = a->algorithm != 0 ? a->algorithm : LK_MIP_HMAC_MD5,
        .replay = a->replay != 0 ? a->replay : LK_MIP_TIMESTAMPS, .nonce = LK_SPAN(octets) };
    to.mn_fa_key = to.mn_ha_key;
    lk_mip_extension_put(w, home ? LK_MIP_MN_HA_KEY_REPLY : LK_MIP_MN_FA_KEY_REPLY, &to);
}

static inline void put_proofs(struct lk_writer *w, const struct answer *a)
{
    struct lk_mip_msa home = made_by(a->nonce, AGENT_SPI, asked.extensions.mn_ha_spi);
    struct lk_mip_msa foreign =
        made_by(a->foreign_nonce, FA_SPI, asked.extensions.mn_fa_spi);
    const struct lk_mip_msa *by = a->nonce != 0 ? &home : a->by;
    const struct lk_mip_msa *fa_by = a->foreign_nonce != 0 ? &foreign : a->fa_by;

    if (a->nonce != 0 && !a->behind)
        put_nonce(w, a, true);
    if (a->foreign_nonce != 0)
        put_nonce(w, a, false);
    if (by != NULL)
        lk_mip_msa_sign(w, by, a->spi != 0 ? a->spi : by->spi_back, LK_MIP_MN_HA_AUTH);
    if (a->spoilt)
        w->at[w->len - 1] ^= 1;
    if (a->nonce != 0 && a->behind)
        put_nonce(w, a, true);
    if (fa_by != NULL)
        lk_mip_msa_sign(w, fa_by, fa_by->spi_back, LK_MIP_MN_FA_AUTH);
}

static inline struct lk_span reply_of(struct answer a)
{
    struct lk_writer w = lk_writer_of(datagram, sizeof datagram);
    const struct lk_mip_reply reply = {
        .code = a.code, .lifetime_s = a.lifetime_s != 0 ? a.lifetime_s : asked.lifetime_s,
        .home = a.no_home ? (struct lk_address){ { 0 } } : ipv4(10, 45, 0, 7),
        .agent = ipv4(192, 0, 2, a.code == LK_MIP_CODE_HA_UNKNOWN ? a.redirect : 1),
        .identification = a.identification != 0 ? a.identification : asked.identification };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.udp_reply.keepalive_s = 110;
    to.dynamic_ha.subtype = LK_MIP_HA_REDIRECT;
    to.dynamic_ha.agent = ipv4(192, 0, 2, a.redirect);
    to.challenge = lk_span_text(a.challenge != NULL ? a.challenge : "");
    lk_mip_reply_put(&w, &reply);
    if (a.code <= 1 && lk_mip_has(&asked.extensions, LK_MIP_UDP_REQUEST))
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
    if (a.code == LK_MIP_CODE_HA_REDIRECTED && a.redirect != 0)
        lk_mip_extension_put(&w, LK_MIP_DYNAMIC_HA, &to);
    if (a.challenge != NULL)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    put_proofs(&w, &a);
    assert_int_equal(w.status, LK_OK);
    return lk_writer_span(&w);
}

static inline enum lk_status receive(struct lk_span octets)
{
    return give((struct lk_mip_mn_event){ .kind = LK_MIP_MN_EV_RECEIVED, .received = octets });
}

static inline void answer(struct answer a)
{
    assert_int_equal(receive(reply_of(a)), LK_OK);
}

static inline bool said(enum lk_mip_mn_output_kind kind)
{
    return lk_mip_mn_find(&out, kind) != NULL;
}

static inline enum lk_reason why(enum lk_mip_mn_output_kind kind)
{
    const struct lk_mip_mn_output *item = lk_mip_mn_find(&out, kind);

    return item == NULL ? LK_REASON_NONE : item->why.refusal.reason;
}

static inline void is_dropped(struct answer a, enum lk_reason reason)
{
    const struct lk_mip_mn before = mn;

    answer(a);
    assert_int_equal(why(LK_MIP_MN_OUT_DROPPED), reason);
    assert_int_equal(out.count, 1);
    assert_memory_equal(&before, &mn, sizeof mn);
}

/* Bound with a key of its own, at 198.51.100.23. */
static inline void bound(void)
{
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN_BOUND);
}

/* Has asked the home AAA for a key. */
static inline void asking(void)
{
    assert_int_equal(keys(&aaa, true), LK_OK);
    assert_int_equal(start(here(23)), LK_OK);
    assert_true(lk_mip_has(&asked.extensions, LK_MIP_MN_HA_KEY_REQUEST));
}

#endif
