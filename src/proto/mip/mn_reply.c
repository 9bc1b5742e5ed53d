/* The mobile node's machine: what of a Registration Reply is believed.
 *
 * Nothing is taken from a reply before its authenticator is verified. One that brings the nonce of
 * a new key is verified by that key, which is made for it and lost again where it does not
 * prove. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "proto/mip/mn_parts.h"

bool lk_mip_mn_is_fas(uint8_t code)
{
    return (code >= LK_MIP_CODE_FA_UNSPECIFIED && code < LK_MIP_CODE_HA_UNSPECIFIED) ||
           code == LK_MIP_CODE_FA_HA_ADDRESS;
}

static bool is_accepted(const struct lk_mip_reply *reply)
{
    return reply->code <= LK_MIP_CODE_ACCEPTED_SINGLE;
}

/* ---- nonces ---- */

static uint64_t hash_of(struct lk_span nonce)
{
    uint8_t hash[LK_SHA256_LEN];
    uint64_t first;

    lk_sha256(hash, &nonce, 1);
    memcpy(&first, hash, sizeof first);
    return first | 1; /* 0 is an empty place */
}

static bool was_seen(const struct lk_mip_mn *mn, struct lk_span nonce)
{
    uint64_t hash = hash_of(nonce);

    for (size_t i = 0; i < LK_MIP_MN_SEEN; i++)
        if (mn->seen[i] == hash)
            return true;
    return false;
}

void lk_mip_mn_remember(struct lk_mip_mn *mn, struct lk_span nonce)
{
    mn->seen[mn->seen_next] = hash_of(nonce);
    mn->seen_next = (uint8_t)((mn->seen_next + 1) % LK_MIP_MN_SEEN);
}

/* ---- new associations ---- */

struct hearing {
    struct lk_mip_mn_heard *heard;
    const struct lk_mip_mn *mn;
    const struct lk_mip_mn_config *config;
    uint64_t now_ms;
};

static bool is_usable(const struct lk_mip_key_reply *key, const struct lk_mip_msa *aaa, bool home)
{
    return key->aaa_spi == aaa->there.spi && key->agent_spi >= LK_MIP_SPI_LEAST &&
           key->lifetime_s > 0 && lk_mip_authenticator_len(key->algorithm) > 0 &&
           (!home || key->replay == LK_MIP_TIMESTAMPS || key->replay == LK_MIP_NONCES);
}

/* spec: RFC 3957 5 - for the NAI of the request, or else its home address. */
static void derive(struct lk_mip_msa *msa, const struct hearing *h,
                   const struct lk_mip_key_reply *key)
{
    const struct lk_mip_secret *parent = &h->mn->aaa.msa.there.secret;
    struct lk_span name = lk_span_of(h->mn->home.octets + LK_ADDRESS_LEN - 4, 4);
    struct lk_mip_key made;

    if (h->config->nai.len > 0)
        name = h->config->nai;
    lk_mip_key_derive(&made, lk_span_of(parent->octets, parent->len), key->nonce, name);
    memcpy(msa->there.secret.octets, made.octets, h->config->key_len);
    msa->there.secret.len = h->config->key_len;
    lk_wipe(&made, sizeof made);
}

/* The association that a nonce makes, yet unproven. asked: the SPI of the request; 0: nobody asked.
 * spec: RFC 3957 4 - then it is for us to take all the same; its SPI is all that there is. */
static enum lk_reason make(struct lk_mip_msa *msa, const struct hearing *h, bool home,
                           uint32_t asked)
{
    const struct lk_mip_extensions *e = &h->heard->reply.extensions;
    const struct lk_mip_key_reply *key = home ? &e->mn_ha_key : &e->mn_fa_key;

    /* T25, spec: RFC 3957 6.4 - the nonce is before the authenticator of its key, which so covers
     * it. spec: RFC 3957 6.2 - and that of the foreign agent. */
    if (!lk_mip_before(e, home ? LK_MIP_MN_HA_KEY_REPLY : LK_MIP_MN_FA_KEY_REPLY,
                       home ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH))
        return LK_REASON_MIP_ORDER;
    if (!lk_mip_mn_keys_usable(&h->mn->aaa, h->now_ms))
        return LK_REASON_MIP_KEY_EXPIRED;
    if (!is_usable(key, &h->mn->aaa.msa, home))
        return LK_REASON_MIP_KEY_UNUSABLE;
    if (was_seen(h->mn, key->nonce))
        return LK_REASON_MIP_NONCE_AGAIN;
    msa->there.spi = key->agent_spi;
    msa->there.algorithm = key->algorithm;
    msa->spi_back = asked != 0 ? asked : key->agent_spi;
    msa->replay = home ? (uint8_t)key->replay : (uint8_t)LK_MIP_TIMESTAMPS;
    msa->ends_ms = h->now_ms + (uint64_t)key->lifetime_s * LK_MIP_MN_SECOND_MS;
    derive(msa, h, key);
    return LK_REASON_NONE;
}

/* ---- proofs ---- */

/* fresh: the first reply of a new key may have either SPI; readings of RFC 3957 differ. */
static enum lk_reason prove(const struct hearing *h, const struct lk_mip_msa *by, bool fresh,
                            enum lk_mip_extension which)
{
    const struct lk_mip_extensions *e = &h->heard->reply.extensions;
    uint32_t spi = e->auth[which].spi;

    if (spi != by->spi_back && !(fresh && spi == by->there.spi))
        return LK_REASON_MIP_SPI;
    return lk_mip_msa_proves(by, spi, e, which, h->now_ms) ? LK_REASON_NONE
                                                           : LK_REASON_MIP_MN_AUTH;
}

/* spec: RFC 3957 4 - a new association, if it proves the reply; else the one of the request. */
static enum lk_reason judge_home(const struct hearing *h)
{
    const struct lk_mip_extensions *e = &h->heard->reply.extensions;
    const struct lk_mip_mn *mn = h->mn;
    const struct lk_mip_mn_keys *by = lk_mip_mn_pair_signer(&mn->keys);
    enum lk_reason reason;

    if (!lk_mip_has(e, LK_MIP_MN_HA_AUTH))
        return LK_REASON_MIP_AUTH_MISSING;
    if (lk_mip_has(e, LK_MIP_MN_HA_KEY_REPLY)) {
        reason = make(&h->heard->home, h, true, mn->home_spi);
        if (reason == LK_REASON_NONE)
            reason = prove(h, &h->heard->home, true, LK_MIP_MN_HA_AUTH);
        h->heard->has_home = reason == LK_REASON_NONE;
        return reason;
    }
    /* spec: RFC 3957 4 - who asked for a nonce drops a reply that has none. */
    if (mn->home_spi != 0 && is_accepted(&h->heard->reply))
        return LK_REASON_MIP_KEY_MISSING;
    if (!lk_mip_mn_keys_usable(by, h->now_ms))
        return LK_REASON_MIP_SPI;
    return prove(h, &by->msa, false, LK_MIP_MN_HA_AUTH);
}

/* spec: RFC 3957 4 - the same for the foreign agent. T24: no nonce is in both roles. */
static enum lk_reason judge_foreign(const struct hearing *h)
{
    const struct lk_mip_extensions *e = &h->heard->reply.extensions;
    enum lk_reason reason;

    if (!lk_mip_mn_has_fa(h->mn))
        return LK_REASON_NONE;
    if (lk_mip_has(e, LK_MIP_MN_FA_KEY_REPLY)) {
        if (lk_mip_has(e, LK_MIP_MN_HA_KEY_REPLY) &&
            lk_span_equal(e->mn_ha_key.nonce, e->mn_fa_key.nonce))
            return LK_REASON_MIP_NONCE_AGAIN;
        reason = make(&h->heard->foreign, h, false, h->mn->foreign_spi);
        if (reason == LK_REASON_NONE)
            reason = prove(h, &h->heard->foreign, true, LK_MIP_MN_FA_AUTH);
        h->heard->has_foreign = reason == LK_REASON_NONE;
        return reason;
    }
    if (!h->mn->has_foreign)
        return LK_REASON_NONE;
    return lk_mip_has(e, LK_MIP_MN_FA_AUTH) ? prove(h, &h->mn->foreign, false, LK_MIP_MN_FA_AUTH)
                                            : LK_REASON_MIP_AUTH_MISSING;
}

/* ---- the reply ---- */

static enum lk_reason reason_of(enum lk_status status)
{
    switch ((int)status) {
    case LK_OK: return LK_REASON_NONE;
    case LK_E_UNKNOWN: return LK_REASON_MIP_EXTENSION;
    case LK_E_AUTH: return LK_REASON_MIP_AUTH_TWICE;
    default: return LK_REASON_MIP_MALFORMED;
    }
}

/* spec: RFC 5944 3.6.2.1 - one that can be read, that answers the request by the low half of its
 * Identification, and that the home agent has proven. A foreign agent's own has no proof but
 * Mobile-Foreign. */
static enum lk_reason judge(const struct hearing *h, struct lk_span datagram)
{
    struct lk_mip_reply *reply = &h->heard->reply;
    enum lk_reason reason = reason_of(lk_mip_reply_decode(reply, datagram));

    if (reason != LK_REASON_NONE)
        return reason;
    if (lk_mip_has(&reply->extensions, LK_MIP_VENDOR_CRITICAL))
        return LK_REASON_MIP_VENDOR;
    if ((uint32_t)reply->identification != (uint32_t)h->mn->identification)
        return LK_REASON_MIP_NOT_PENDING;
    if (lk_mip_mn_is_fas(reply->code))
        return lk_mip_mn_has_fa(h->mn) ? judge_foreign(h) : LK_REASON_MIP_NOT_PENDING;
    reason = judge_home(h);
    return reason == LK_REASON_NONE && is_accepted(reply) ? judge_foreign(h) : reason;
}

void lk_mip_mn_hear(struct lk_mip_mn_heard *heard, const struct lk_mip_mn *mn,
                    const struct lk_mip_mn_config *config, const struct lk_mip_mn_event *event)
{
    const struct hearing h = { .heard = heard, .mn = mn, .config = config,
                               .now_ms = event->now_ms };

    lk_wipe(heard, sizeof *heard);
    heard->doubt = judge(&h, event->received);
}
