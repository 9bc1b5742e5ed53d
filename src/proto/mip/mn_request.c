/* The mobile node's machine: the Registration Request. */
#include <string.h>

#include "proto/mip/mn_parts.h"

enum { TRIES_BY_KEY = 3 }; /* before it is asked for anew */

bool lk_mip_mn_has_fa(const struct lk_mip_mn *mn)
{
    return !lk_address_is_any(&mn->place.fa);
}

/* ---- what a request asks for ---- */

/* T30: not in the middle of a move, while there is one that still proves. */
static bool wants_key(const struct lk_mip_mn_serving *s, bool renewal)
{
    const struct lk_mip_mn *mn = s->mn;
    uint64_t now_ms = s->event->now_ms;
    uint64_t soon_ms = now_ms + (uint64_t)s->config->lifetime_s * LK_MIP_MN_SECOND_MS;

    if (!lk_mip_mn_keys_usable(&mn->aaa, now_ms) || lk_mip_mn_keys_usable(&mn->keys.next, now_ms))
        return false;
    return !lk_mip_mn_keys_usable(&mn->keys.with, now_ms) ||
           (renewal && mn->keys.with.msa.ends_ms < soon_ms);
}

/* Another one than any that is in use: an old nonce is of an old SPI (T26). */
static uint32_t new_spi(const struct lk_mip_mn *mn, uint64_t entropy)
{
    uint32_t spi = (uint32_t)(entropy >> 32);

    while (spi < LK_MIP_SPI_LEAST || spi == mn->keys.with.msa.spi_back ||
           spi == mn->keys.next.msa.spi_back || spi == mn->foreign.spi_back)
        spi += LK_MIP_SPI_LEAST;
    return spi;
}

void lk_mip_mn_leave_fa(struct lk_mip_mn *mn)
{
    mn->has_foreign = mn->foreign_lost = false;
}

/* spec: RFC 3957 3 - where there is none that lives another one is asked for. */
static bool wants_foreign(const struct lk_mip_mn_serving *s)
{
    return s->config->foreign_key && lk_mip_mn_has_fa(s->mn) &&
           lk_mip_mn_keys_usable(&s->mn->aaa, s->event->now_ms);
}

bool lk_mip_mn_prepare(struct lk_mip_mn_serving *s, bool renewal)
{
    struct lk_mip_mn *mn = s->mn;
    uint64_t now_ms = s->event->now_ms;
    uint32_t spi = new_spi(mn, s->event->entropy);

    mn->has_foreign = (mn->has_foreign || mn->foreign_lost) && now_ms < mn->foreign.ends_ms;
    mn->foreign_lost = false;
    mn->tries = 0;
    mn->hint = 0;
    mn->corrected = mn->advised = false;
    mn->asked_s = s->config->lifetime_s;
    /* The same question until it is answered: the home AAA knows it by its SPI (T26). */
    if (!wants_key(s, renewal))
        mn->home_spi = 0;
    else if (mn->home_spi == 0)
        mn->home_spi = spi;
    mn->foreign_spi = 0;
    if (!mn->has_foreign && wants_foreign(s))
        mn->foreign_spi = spi ^ 1;
    return mn->home_spi != 0 || lk_mip_mn_pair_usable(&mn->keys, now_ms);
}

/* T26: the same with the foreign agent. A key that has ended is over at once. */
static void doubt_foreign(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    bool lives = s->event->now_ms < mn->foreign.ends_ms;

    if (mn->foreign_lost && lives) {
        mn->foreign_lost = false;
        mn->has_foreign = true;
        mn->foreign_spi = 0;
        return;
    }
    if (!mn->has_foreign || (lives && (mn->tries < TRIES_BY_KEY || !wants_foreign(s))))
        return;
    mn->has_foreign = false;
    mn->foreign_lost = lives;
    if (mn->lost_spi == 0)
        mn->lost_spi = new_spi(mn, s->event->entropy);
    mn->foreign_spi = wants_foreign(s) ? mn->lost_spi ^ 1 : 0;
}

/* Between those the key that there is proves still, for it may be the way that is at fault, or the
 * home AAA that is away. Without an AAA the key is of GBA, whose B-TID goes with each request. */
static void doubt_home(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    uint64_t now_ms = s->event->now_ms;
    bool registers = mn->state == LK_MIP_MN_AWAIT_RENEWED || mn->state == LK_MIP_MN_AWAIT_MOVED ||
                     mn->state == LK_MIP_MN_AWAIT_BOUND;

    if (mn->lost_spi != 0 && mn->home_spi == mn->lost_spi &&
        lk_mip_mn_pair_usable(&mn->keys, now_ms)) {
        mn->home_spi = 0;
        return;
    }
    if (!registers || mn->home_spi != 0 || mn->tries < TRIES_BY_KEY ||
        !lk_mip_mn_keys_usable(&mn->aaa, now_ms))
        return;
    if (mn->lost_spi == 0)
        mn->lost_spi = new_spi(mn, s->event->entropy);
    mn->home_spi = mn->lost_spi;
}

void lk_mip_mn_doubt_keys(struct lk_mip_mn_serving *s)
{
    doubt_home(s);
    doubt_foreign(s);
}

/* ---- the message ---- */

/* What proves the request to the home agent; NULL: only MN-AAA does. */
static const struct lk_mip_mn_keys *signer_of(const struct lk_mip_mn *mn)
{
    return mn->home_spi != 0 ? NULL : lk_mip_mn_pair_signer(&mn->keys);
}

/* The home AAA is asked for a key, or by a foreign agent that gave a challenge. */
static bool has_proof(const struct lk_mip_mn *mn, uint64_t now_ms)
{
    return mn->home_spi != 0 || mn->foreign_spi != 0 ||
           (mn->place.challenge_len > 0 && !mn->has_foreign &&
            lk_mip_mn_keys_usable(&mn->aaa, now_ms));
}

/* spec: RFC 5944 5.7.2 - nonces: the home agent's in the high half, our own in the low.
 * spec: RFC 5944 5.7.1 - else its time, and never one that was sent before; its clock may have
 * been found to be behind ours. */
static uint64_t next_identification(const struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_mn_keys *signer = signer_of(mn);
    uint32_t spare = (uint32_t)s->event->entropy;

    if (signer != NULL && signer->msa.replay == LK_MIP_NONCES)
        return (uint64_t)mn->nonce << 32 |
               (spare == (uint32_t)mn->identification ? spare ^ 1 : spare);
    return lk_mip_mn_identification(s->event->now_ms, mn->clock_ms, spare, mn->identification,
                                    mn->corrected);
}

static void put_b_tid(struct lk_writer *w, const struct lk_mip_mn_serving *s,
                      const struct lk_mip_mn_keys *of)
{
    struct lk_mip_extensions to;

    if (of == NULL || of->b_tid_len == 0)
        return;
    memset(&to, 0, sizeof to);
    to.vendor_count = 1;
    to.vendor[0].id = s->config->enterprise;
    to.vendor[0].type = s->config->b_tid_type;
    to.vendor[0].value = lk_span_of(of->b_tid, of->b_tid_len);
    lk_mip_extension_put(w, LK_MIP_VENDOR, &to);
}

/* spec: RFC 5944 3.6.1.3 - all that the home network reads is before what proves it.
 * spec: RFC 3957 6.1 - the request for MN-FA is before MN-AAA.
 * spec: RFC 3957 6.3 - as is the one for MN-HA. */
static void put_extensions(struct lk_writer *w, const struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn *mn = s->mn;
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.nai = s->config->nai;
    to.mn_ha_spi = mn->home_spi;
    to.mn_fa_spi = mn->foreign_spi;
    to.challenge = lk_span_of(mn->place.challenge, mn->place.challenge_len);
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    to.udp_request.flags = s->config->udp_forced ? LK_MIP_UDP_FORCED : 0;
    if (to.nai.len > 0)
        lk_mip_extension_put(w, LK_MIP_NAI, &to);
    if (s->config->udp && !lk_mip_mn_has_fa(mn) && mn->state != LK_MIP_MN_AWAIT_RELEASED)
        lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
    put_b_tid(w, s, has_proof(mn, s->event->now_ms) ? &mn->aaa : signer_of(mn));
    if (mn->home_spi != 0)
        lk_mip_extension_put(w, LK_MIP_MN_HA_KEY_REQUEST, &to);
    if (mn->foreign_spi != 0)
        lk_mip_extension_put(w, LK_MIP_MN_FA_KEY_REQUEST, &to);
    if (to.challenge.len > 0)
        lk_mip_extension_put(w, LK_MIP_CHALLENGE, &to);
}

/* spec: RFC 5944 3.6.1.3 - Mobile-Home, MN-AAA, and Mobile-Foreign as the last. */
static void put_proofs(struct lk_writer *w, const struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_mn_keys *signer = signer_of(mn);
    const struct lk_span challenge = lk_span_of(mn->place.challenge, mn->place.challenge_len);

    if (signer != NULL)
        lk_mip_msa_sign(w, &signer->msa, signer->msa.there.spi, LK_MIP_MN_HA_AUTH);
    if (has_proof(mn, s->event->now_ms))
        lk_mip_msa_sign_aaa(w, &mn->aaa.msa, challenge);
    if (mn->has_foreign)
        lk_mip_msa_sign(w, &mn->foreign, mn->foreign.there.spi, LK_MIP_MN_FA_AUTH);
}

static enum lk_status put_request(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    const struct lk_mip_request request = {
        .flags = (uint8_t)((lk_mip_mn_has_fa(mn) ? 0 : LK_MIP_DECAPSULATES) |
                           (s->config->reverse ? LK_MIP_REVERSE : 0)),
        .lifetime_s = mn->state == LK_MIP_MN_AWAIT_RELEASED ? 0 : mn->asked_s,
        .home = mn->home,
        .agent = mn->agent,
        .care_of = mn->place.care_of,
        .identification = mn->identification,
    };
    struct lk_mip_mn_output *item;

    lk_mip_request_put(&w, &request);
    put_extensions(&w, s);
    put_proofs(&w, s);
    if (w.status != LK_OK)
        return w.status;
    item = lk_mip_mn_add(s->out, LK_MIP_MN_OUT_SEND);
    item->send.octets = lk_writer_span(&w);
    item->send.to = lk_mip_mn_has_fa(mn) ? mn->place.fa : mn->agent;
    return LK_OK;
}

/* spec: RFC 5944 3.6.3 - each is another one, and the time between them doubles. */
enum lk_status lk_mip_mn_send(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    uint64_t now_ms = s->event->now_ms;
    enum lk_status status = LK_OK;

    mn->keys.by_next = false;
    if (mn->home_spi == 0)
        status = lk_mip_mn_pair_choose(&mn->keys, mn->tries, now_ms);
    if (status != LK_OK)
        return status;
    mn->sent_ms = now_ms;
    mn->identification = next_identification(s);
    if (mn->tries < UINT8_MAX)
        mn->tries++;
    mn->due_ms = now_ms + lk_mip_mn_wait_ms(s->config->first_retry_ms, s->config->last_retry_ms,
                                            mn->tries);
    lk_mip_mn_add(s->out, LK_MIP_MN_OUT_TIMER)->timer_ms = mn->due_ms;
    return put_request(s);
}
