#include "proto/mis/agree.h"

#include <string.h>

#include "base/secret.h"

/* ---- offers ---- */

void lk_mis_offers_default(struct lk_mis_offers *offers, const struct lk_mis_codes *codes)
{
    *offers = (struct lk_mis_offers){
        .suite = { codes->suite[LK_MIS_SUITE_CCM], codes->suite[LK_MIS_SUITE_CBC_SHA1] },
        .suites = 2,
        .prfs = 1u << LK_MIS_PRF_HMAC_SHA256 | 1u << LK_MIS_PRF_CMAC_AES,
    };
}

bool lk_mis_offers_of(struct lk_mis_offers *offers, const struct lk_mis_message *message)
{
    *offers = (struct lk_mis_offers){ .suites = 0 };
    if (!lk_mis_has(message, LK_MIS_TLV_SUITES) || !lk_mis_has(message, LK_MIS_TLV_PRFS) ||
        message->suites.len == 0 || message->suites.len > sizeof offers->suite)
        return false;
    memcpy(offers->suite, message->suites.at, message->suites.len);
    offers->suites = (uint8_t)message->suites.len;
    offers->prfs = message->prfs;
    return true;
}

void lk_mis_offers_say(struct lk_mis_message *message, const struct lk_mis_offers *offers)
{
    lk_mis_mark(message, LK_MIS_TLV_SUITES);
    lk_mis_mark(message, LK_MIS_TLV_PRFS);
    message->suites = lk_span_of(offers->suite, offers->suites);
    message->prfs = offers->prfs;
}

struct lk_span lk_mis_offered(uint8_t to[LK_MIS_OFFERED_MAX], const struct lk_mis_offers *offers,
                              const struct lk_mis_codes *codes)
{
    struct lk_writer w = lk_writer_of(to, LK_MIS_OFFERED_MAX);

    lk_put_octets(&w, offers->suite, offers->suites);
    lk_mis_put_prfs(&w, offers->prfs, codes);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

/* ---- the choice ---- */

static bool has_suite(const struct lk_mis_offers *offers, uint8_t c)
{
    for (uint8_t i = 0; i < offers->suites; i++)
        if (offers->suite[i] == c)
            return true;
    return false;
}

/* False: a code that stands for no suite. */
static bool set_suite(struct lk_mis_agreed *agreed, uint8_t c, const struct lk_mis_codes *codes)
{
    agreed->c = c;
    agreed->suite = lk_mis_suite_of(codes, c);
    return agreed->suite != LK_MIS_SUITE_COUNT;
}

static void set_prf(struct lk_mis_agreed *agreed, enum lk_mis_prf prf,
                    const struct lk_mis_codes *codes)
{
    agreed->prf = prf;
    agreed->prf_code = codes->prf[prf];
}

bool lk_mis_choose(struct lk_mis_agreed *agreed, const struct lk_mis_offers *offers,
                   const struct lk_mis_offers *ours, const struct lk_mis_codes *codes)
{
    unsigned prf = LK_MIS_PRF_COUNT;
    bool found = false;

    *agreed = (struct lk_mis_agreed){ .c = 0 };
    for (uint8_t i = 0; !found && i < offers->suites; i++)
        found = has_suite(ours, offers->suite[i]) && set_suite(agreed, offers->suite[i], codes);
    while (prf > 0 && (offers->prfs & ours->prfs & 1u << (prf - 1)) == 0)
        prf--;
    if (!found || prf == 0)
        return false;
    set_prf(agreed, (enum lk_mis_prf)(prf - 1), codes);
    return true;
}

bool lk_mis_chosen(struct lk_mis_agreed *agreed, const struct lk_mis_message *message,
                   const struct lk_mis_offers *offers, const struct lk_mis_codes *codes)
{
    struct lk_mis_offers one;
    unsigned prf = 0;

    *agreed = (struct lk_mis_agreed){ .c = 0 };
    if (!lk_mis_offers_of(&one, message) || one.suites != 1 || one.prfs == 0 ||
        !has_suite(offers, one.suite[0]) || (one.prfs & ~offers->prfs) != 0)
        return false;
    while ((one.prfs & 1u << prf) == 0)
        prf++;
    if (one.prfs != 1u << prf)
        return false;
    set_prf(agreed, (enum lk_mis_prf)prf, codes);
    return set_suite(agreed, one.suite[0], codes);
}

void lk_mis_chosen_say(struct lk_mis_message *message, const struct lk_mis_agreed *agreed)
{
    lk_mis_mark(message, LK_MIS_TLV_SUITES);
    lk_mis_mark(message, LK_MIS_TLV_PRFS);
    message->suites = lk_span_of(&agreed->c, 1);
    message->prfs = (uint8_t)(1u << agreed->prf);
}

/* ---- what comes of it ---- */

struct lk_span lk_mis_said_value(uint8_t to[LK_MIS_SAID_VALUE_MAX], const struct lk_mis_said *said)
{
    struct lk_writer w = lk_writer_of(to, LK_MIS_SAID_VALUE_MAX);

    lk_mis_put_said(&w, said);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

void lk_mis_make(struct lk_mis_made *made, const struct lk_mis_k *k,
                 const struct lk_mis_transcript *transcript)
{
    uint8_t th[LK_MIS_TH_LEN];

    lk_mis_keys_derive(&made->keys, &transcript->agreed, k, transcript->nonce_t,
                       transcript->nonce_n);
    lk_msrk_derive(&made->msrk, transcript->agreed.prf, k, transcript->mn_id, transcript->tpos_id);
    lk_mis_transcript_hash(th, transcript);
    lk_mis_auth_make(&made->auth_n, LK_MIS_NETWORK, transcript->agreed.prf, &made->keys.miak, th);
    lk_mis_auth_make(&made->auth_t, LK_MIS_TERMINAL, transcript->agreed.prf, &made->keys.miak, th);
    lk_wipe(th, sizeof th);
}
