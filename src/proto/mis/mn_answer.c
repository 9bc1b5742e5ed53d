/* What the MN takes of its SPoS's answer: a K, and an SA with the target that it names. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/mn_parts.h"

enum { MS_PER_S = 1000 };

/* What an answer comes to. Secret. */
struct taking {
    enum lk_mis_run run;
    struct lk_mis_chain chain; /* after this run */
    struct lk_mis_agreed agreed;
    bool mixed;
    struct lk_mis_k k;
    struct lk_mis_made made;
};

static enum lk_reason is_whole(const struct lk_mis_message *m)
{
    static const enum lk_mis_tlv must[] = {
        LK_MIS_TLV_POS,    LK_MIS_TLV_NONCE_N,  LK_MIS_TLV_SAID,  LK_MIS_TLV_SUITES,
        LK_MIS_TLV_PRFS,   LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN, LK_MIS_TLV_AUTH_VALUE,
    };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++)
        if (!lk_mis_has(m, must[i]))
            return LK_REASON_MIS_MALFORMED;
    return m->lifetime_s > 0 ? LK_REASON_NONE : LK_REASON_MIS_MALFORMED;
}

/* spec: IEEE 802.21.1 5.14.3 - the SPoS tells the target; T45: the MN goes to none that its own
 * home has no agreement with, and to no other than the one it named. */
static enum lk_reason judge_target(const struct lk_mis_mn_work *w, const struct lk_mis_message *m)
{
    const struct lk_mis_mn *mn = w->mn;

    if (!lk_mis_is_partner(&w->config->partners, m->pos.id) ||
        (mn->names_target && !lk_mis_name_is(&mn->target, m->pos.id)) ||
        lk_mis_name_is(&mn->spos, m->pos.id))
        return LK_REASON_MIS_TARGET;
    return LK_REASON_NONE;
}

/* T40: whose K it is. Ours, which only the home has beside us, counts as none, and the PoS says so;
 * whatever a PoS hands out is one more of the chain, were it the home's own PoS, as it calls
 * itself: that it is, it cannot prove. */
static enum lk_reason judge_k(struct taking *t, const struct lk_mis_mn_work *w,
                              const struct lk_mis_message *m)
{
    const struct lk_mis_mn *mn = w->mn;

    t->run = LK_MIS_RUN_OPTIMISED;
    if (m->chain.used == 0 && mn->has_k) {
        t->run = LK_MIS_RUN_ERP_HOME;
        t->k = mn->k;
        return LK_REASON_NONE;
    }
    if (!lk_mis_has(m, LK_MIS_TLV_KEY_ENVELOPE) ||
        lk_mis_k_set(&t->k, m->envelope.key) != LK_OK)
        return LK_REASON_MIS_MALFORMED;
    return LK_REASON_NONE;
}

/* T40: the MN's own count decides, and not what it is told. */
static enum lk_reason judge_count(struct taking *t, const struct lk_mis_mn_work *w,
                                  const struct lk_mis_message *m)
{
    enum lk_mis_reason reason;

    t->chain = w->mn->chain;
    reason = lk_mis_chain_count(&t->chain, t->run, m->chain.used);
    if (reason == LK_MIS_REASON_NONE)
        return LK_REASON_NONE;
    return reason == LK_MIS_REASON_CHAIN_LIMIT ? LK_REASON_MIS_CHAIN_END
                                               : LK_REASON_MIS_COUNT_LIE;
}

/* spec: IEEE 802.21.1 5.14.2 - an SA that an SPoS made is of a type of its own; T41: and cannot be
 * passed off as one that EAP made. */
static enum lk_reason judge_type(const struct taking *t, const struct lk_mis_mn_work *w,
                                 const struct lk_mis_message *m)
{
    uint8_t type = t->run == LK_MIS_RUN_OPTIMISED ? LK_MIS_SA_SPOS : LK_MIS_SA_EAP;

    return m->said.type == type && lk_mis_type_satisfies(type, w->config->demanded)
               ? LK_REASON_NONE
               : LK_REASON_MIS_SA_TYPE;
}

/* Mixed when both ends have a key: then Z is there, or is not one. */
static enum lk_reason judge_mixing(struct taking *t, const struct lk_mis_mn_work *w,
                                   const struct lk_mis_message *m)
{
    t->mixed = w->mn->mixes && lk_mis_has(m, LK_MIS_TLV_DH);
    if (t->mixed && w->event->heard.z == NULL)
        return LK_REASON_MIS_NOT_CONFIRMED;
    return t->mixed || !w->config->must_mix ? LK_REASON_NONE : LK_REASON_MIS_NOT_CONFIRMED;
}

/* T42: AUTH-N is over all that both ends said and heard, and the keys that come of it. */
static enum lk_reason confirm(struct taking *t, const struct lk_mis_mn_work *w,
                              const struct lk_mis_message *m)
{
    const struct lk_mis_mn *mn = w->mn;
    uint8_t said[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX];
    struct lk_mis_transcript transcript = {
        .said = lk_mis_said_value(said, &m->said),
        .agreed = t->agreed,
        .mn_id = lk_mis_name_of(&w->config->self),
        .tpos_id = m->pos.id,
        .spos_id = t->run == LK_MIS_RUN_ERP_HOME ? lk_span_of(NULL, 0)
                                                 : lk_mis_name_of(&mn->spos),
        .chain_used = m->chain.used,
        .lifetime_s = m->lifetime_s,
        .offered = lk_mis_offered(offered, &w->config->offers, &w->config->codes),
    };

    memcpy(transcript.nonce_t, mn->nonce_t, sizeof transcript.nonce_t);
    memcpy(transcript.nonce_n, m->nonce_n.at, sizeof transcript.nonce_n);
    /* Our key stands there also when the target has none: then nobody took it out on the way. */
    if (mn->mixes)
        transcript.dh_mn = LK_SPAN(mn->dh);
    if (t->mixed) {
        transcript.dh_pos = m->dh;
        lk_mis_k_mix(&t->k, w->event->heard.z, transcript.nonce_t, transcript.nonce_n);
    }
    lk_mis_make(&t->made, &t->k, &transcript);
    return lk_mis_auth_same(&t->made.auth_n, m->auth)
               ? LK_REASON_NONE
               : LK_REASON_MIS_NOT_CONFIRMED;
}

static enum lk_reason take(struct taking *t, const struct lk_mis_mn_work *w)
{
    const struct lk_mis_message *m = w->event->heard.message;
    enum lk_reason reason = is_whole(m);

    if (reason == LK_REASON_NONE)
        reason = judge_target(w, m);
    if (reason == LK_REASON_NONE)
        reason = judge_k(t, w, m);
    if (reason == LK_REASON_NONE)
        reason = judge_count(t, w, m);
    if (reason == LK_REASON_NONE)
        reason = judge_type(t, w, m);
    if (reason == LK_REASON_NONE &&
        !lk_mis_chosen(&t->agreed, m, &w->config->offers, &w->config->codes))
        reason = LK_REASON_MIS_NOT_CONFIRMED;
    if (reason == LK_REASON_NONE)
        reason = judge_mixing(t, w, m);
    return reason == LK_REASON_NONE ? confirm(t, w, m) : reason;
}

static uint64_t expiry_of(const struct lk_mis_mn_work *w, const struct taking *t)
{
    const struct lk_mis_mn *mn = w->mn;
    uint64_t now_ms = w->event->now_ms;
    /* A K of our own does not stand on the SA that it was asked for under. */
    uint32_t most_s = lk_mis_left_s(t->run == LK_MIS_RUN_ERP_HOME ? mn->k_until_ms : mn->until_ms,
                                    now_ms);

    return now_ms + (uint64_t)MS_PER_S * lk_mis_lifetime_s(w->event->heard.message->lifetime_s,
                                                           w->config->lifetime_s, most_s);
}

static enum lk_status open_half(struct lk_mis_mn_work *w, const struct taking *t)
{
    const struct lk_mis_message *m = w->event->heard.message;
    struct lk_mis_sa_start start = { .self = lk_mis_name_of(&w->config->self),
                                     .peer = m->pos.id,
                                     .said = m->said,
                                     .role = LK_MIS_BEGAN,
                                     .agreed = t->agreed,
                                     .keys = &t->made.keys,
                                     .msrk = &t->made.msrk,
                                     .chain_used = t->chain.used,
                                     .expires_ms = expiry_of(w, t) };
    struct lk_mis_mn_output *output = lk_mis_mn_put(w, LK_MIS_MN_OUT_SA);
    struct lk_mis_mn *mn = w->mn;
    enum lk_status status = lk_mis_sa_init(&output->sa.sa, &start);

    if (status != LK_OK)
        return status;
    output->sa.address = m->pos.address;
    output->sa.port = m->pos.port;
    mn->chain = t->chain;
    mn->auth = t->made.auth_t;
    lk_wipe(&mn->k, sizeof mn->k);
    mn->has_k = false;
    mn->state = LK_MIS_MN_SAVING;
    mn->end_ms = w->event->now_ms + w->config->half_open_ms;
    lk_mis_mn_put(w, LK_MIS_MN_OUT_SAVE)->save = mn->chain.used;
    lk_mis_mn_arm(w, mn->end_ms);
    return LK_OK;
}

enum lk_status lk_mis_mn_answer(struct lk_mis_mn_work *w)
{
    const struct lk_mis_message *m = w->event->heard.message;
    struct taking t = { .mixed = false };
    enum lk_status status;
    enum lk_reason reason;

    /* spec: IEEE 802.21.1 5.14.2 - the MN falls back to full authentication when it is refused. */
    if (!lk_mis_has(m, LK_MIS_TLV_STATUS) || m->status != LK_MIS_SUCCESS)
        return lk_mis_mn_refused(w, m);
    reason = take(&t, w);
    status = reason == LK_REASON_NONE         ? open_half(w, &t)
             : reason == LK_REASON_MIS_TARGET ? lk_mis_mn_not_there(w, m->pos.id)
                                              : lk_mis_mn_fail(w, reason, LK_MIS_REASON_NONE);
    lk_wipe(&t, sizeof t);
    return status;
}
