/* The handlers of the target PoS's machine: what each event does. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/tpos_parts.h"

enum { MS_PER_S = 1000 };

/* ---- what it says ---- */

static struct lk_mis_tpos_output *put(struct lk_mis_tpos_work *w,
                                      enum lk_mis_tpos_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_MIS_TPOS_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_mis_tpos_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

static void arm(struct lk_mis_tpos_work *w, uint64_t at_ms)
{
    w->tpos->due_ms = at_ms;
    put(w, LK_MIS_TPOS_OUT_TIMER)->timer_ms = at_ms;
}

static enum lk_status say_status(struct lk_mis_tpos_work *w, enum lk_mis_tpos_output_kind kind,
                                 enum lk_mis_status result, enum lk_mis_reason told)
{
    struct lk_mis_message m = { .present = 0 };
    struct lk_span list;
    enum lk_status status;

    lk_mis_status_put(&m, result, told);
    status = lk_mis_lists_put(&list, &w->out->lists, &m, &w->config->codes);
    if (status == LK_OK)
        put(w, kind)->answer = list;
    return status;
}

/* Nothing is left of what was asked. */
static void forget(struct lk_mis_tpos_work *w)
{
    lk_mis_tpos_wipe(w->tpos);
    lk_mis_tpos_init(w->tpos);
}

static enum lk_status refuse(struct lk_mis_tpos_work *w, enum lk_mis_reason told,
                             enum lk_reason reason)
{
    enum lk_status status = say_status(w, LK_MIS_TPOS_OUT_ANSWER, LK_MIS_REJECTED, told);

    if (status != LK_OK)
        return status;
    put(w, LK_MIS_TPOS_OUT_REFUSED)->refused = lk_refusal_of(reason, NULL, NULL);
    forget(w);
    return LK_OK;
}

/* ---- the SPoS's request ---- */

static enum lk_status is_whole(const struct lk_mis_message *m)
{
    static const enum lk_mis_tlv must[] = { LK_MIS_TLV_MN, LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES,
                                            LK_MIS_TLV_PRFS, LK_MIS_TLV_KEY_ENVELOPE };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++)
        if (!lk_mis_has(m, must[i]))
            return LK_E_MISSING;
    return LK_OK;
}

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* The mark of the request; without one, and where that is allowed, one that says as much as the
 * envelope. False: there is none to go by. */
static bool mark_of(struct lk_start_mark *mark, const struct lk_mis_tpos_work *w)
{
    const struct lk_mis_message *m = w->event->request.message;

    if (lk_mis_has(m, LK_MIS_TLV_START_MARK))
        return lk_start_mark_read(mark, m->start_mark) == LK_OK;
    *mark = (struct lk_start_mark){ .mn_id = m->mn, .realm = lk_mis_realm(m->mn),
                                    .start_s = w->event->now_ms / MS_PER_S,
                                    .lifetime_s = m->envelope.lifetime_s,
                                    .max = m->envelope.max };
    return w->config->unmarked;
}

/* T40: the mark bounds the time, and the count as far as an honest SPoS tells it. What the home's
 * own PoS hands out stands on no chain; no other PoS can say so, and the MN takes it for that only
 * when it has the same K of itself. */
static enum lk_mis_reason judge_chain(struct lk_mis_tpos_work *w)
{
    const struct lk_mis_message *m = w->event->request.message;
    struct lk_mis_tpos *tpos = w->tpos;
    struct lk_start_mark mark;
    struct lk_mis_offer offer = { .mn_id = m->mn, .used = m->envelope.used,
                                  .max = m->envelope.max,
                                  .lifetime_s = m->envelope.lifetime_s };
    enum lk_mis_reason reason;

    offer.mark = mark_of(&mark, w) ? &mark : NULL;
    tpos->of_home = offer.mark != NULL && m->envelope.used == 0 &&
                    lk_mis_same_realm(lk_mis_realm(w->event->request.peer), mark.realm);
    if (tpos->of_home)
        offer.used = 1;
    reason = lk_mis_chain_judge(&tpos->lifetime_s, &offer, w->config->max,
                                w->event->now_ms / MS_PER_S);
    if (reason != LK_MIS_REASON_NONE)
        return reason;
    tpos->lifetime_s = lk_mis_lifetime_s(tpos->lifetime_s, w->config->lifetime_s, UINT32_MAX);
    tpos->chain.used = m->envelope.used;
    tpos->chain.max = least(least(m->envelope.max, w->config->max), mark.max);
    return LK_MIS_REASON_NONE;
}

static enum lk_reason reason_of(enum lk_mis_reason told)
{
    switch (told) {
    case LK_MIS_REASON_CHAIN_LIMIT: return LK_REASON_MIS_CHAIN_END;
    case LK_MIS_REASON_UNKNOWN_MN: return LK_REASON_MIS_MALFORMED;
    case LK_MIS_REASON_NO_TRUST:
    case LK_MIS_REASON_KEY_EXPIRED:
    case LK_MIS_REASON_FULL_AUTH_WANTED: return LK_REASON_MIS_MARK;
    case LK_MIS_REASON_NONE: /* no refusal; what follows is not said of a mark */
    case LK_MIS_REASON_NO_COMMON_SUITE:
    case LK_MIS_REASON_UNREACHABLE:
    case LK_MIS_REASON_AUTH_FAILED:
    case LK_MIS_REASON_REPLAY:
    case LK_MIS_REASON_NO_TARGET:
    case LK_MIS_REASON_COUNT: break;
    }
    return LK_REASON_MIS_REFUSED;
}

static enum lk_status keep_request(struct lk_mis_tpos_work *w)
{
    const struct lk_mis_message *m = w->event->request.message;
    struct lk_mis_tpos *tpos = w->tpos;

    if (!lk_mis_name_set(&tpos->mn, m->mn) ||
        !lk_mis_name_set(&tpos->spos, w->event->request.peer))
        return LK_E_LENGTH;
    memcpy(tpos->nonce_t, m->nonce_t.at, sizeof tpos->nonce_t);
    tpos->has_dh = lk_mis_has(m, LK_MIS_TLV_DH);
    if (tpos->has_dh)
        memcpy(tpos->dh, m->dh.at, sizeof tpos->dh);
    tpos->mark_len = lk_mis_has(m, LK_MIS_TLV_START_MARK) ? m->start_mark.len : 0;
    if (tpos->mark_len > 0)
        memcpy(tpos->mark, m->start_mark.at, tpos->mark_len);
    return lk_mis_k_set(&tpos->k, m->envelope.key);
}

static void ask(struct lk_mis_tpos_work *w)
{
    struct lk_mis_tpos_output *output = put(w, LK_MIS_TPOS_OUT_ASK);
    const struct lk_mis_tpos *tpos = w->tpos;

    output->ask.mark = lk_span_of(w->self->mark, tpos->mark_len);
    output->ask.mn = tpos->mn;
    output->ask.remember_s = tpos->lifetime_s;
    output->ask.wants_dh = w->config->mixes && tpos->has_dh;
    memcpy(output->ask.nonce_t, tpos->nonce_t, sizeof output->ask.nonce_t);
    memcpy(output->ask.dh, tpos->dh, sizeof output->ask.dh);
}

/* spec: IEEE 802.21.1 5.14.1 - a TPoS rejects what comes from a source that is not authorised; T44:
 * by the name that the link proved, and before anything else is looked at. T46: on a link that is
 * not protected there is nobody to answer. */
enum lk_status lk_mis_tpos_request(struct lk_mis_tpos_work *w)
{
    const struct lk_mis_tpos_event *event = w->event;
    struct lk_mis_agreed agreed;
    enum lk_mis_reason told;
    enum lk_status status;

    if (!event->request.protected_link)
        return LK_E_DENIED;
    if (!lk_mis_is_partner(&w->config->partners, event->request.peer))
        return refuse(w, LK_MIS_REASON_NO_TRUST, LK_REASON_MIS_STRANGER);
    status = is_whole(event->request.message);
    if (status != LK_OK)
        return status;
    told = judge_chain(w);
    if (told != LK_MIS_REASON_NONE)
        return refuse(w, told, reason_of(told));
    if (!lk_mis_offers_of(&w->tpos->offers, event->request.message) ||
        !lk_mis_choose(&agreed, &w->tpos->offers, &w->config->offers, &w->config->codes))
        return refuse(w, LK_MIS_REASON_NO_COMMON_SUITE, LK_REASON_MIS_SUITE);
    status = keep_request(w);
    if (status != LK_OK)
        return status;
    ask(w);
    w->tpos->state = LK_MIS_TPOS_ASKING;
    return LK_OK;
}

/* ---- an SA of it ---- */

/* What a request comes to. Secret. */
struct opening {
    struct lk_mis_agreed agreed;
    struct lk_mis_said said;
    bool mixed;
    struct lk_mis_transcript transcript;
    struct lk_mis_made made;
};

/* What the world says against it. */
static enum lk_mis_reason judge_told(enum lk_reason *reason, const struct lk_mis_tpos_work *w)
{
    const struct lk_mis_tpos_event *event = w->event;
    bool mixes = w->tpos->has_dh && event->told.z != NULL && event->told.dh != NULL;
    bool has_key = event->told.mark == LK_MIS_MARK_SIGNED ||
                   (event->told.mark == LK_MIS_MARK_NO_KEY && w->config->unmarked);

    *reason = LK_REASON_MIS_MARK; /* T40: without the home's word there is no K */
    if (!has_key)
        return LK_MIS_REASON_NO_TRUST;
    *reason = LK_REASON_MIS_REPLAY; /* T43 */
    if (event->told.seen)
        return LK_MIS_REASON_REPLAY;
    *reason = LK_REASON_MIS_NOT_CONFIRMED;
    if (!mixes && (w->config->must_mix || (w->tpos->has_dh && w->config->mixes)))
        return LK_MIS_REASON_AUTH_FAILED;
    /* T41: where policy demands an SA by EAP, one that an SPoS made does not do. */
    *reason = LK_REASON_MIS_SA_TYPE;
    return lk_mis_type_satisfies(w->tpos->of_home ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS,
                                 w->config->demanded)
               ? LK_MIS_REASON_NONE
               : LK_MIS_REASON_FULL_AUTH_WANTED;
}

/* spec: IEEE 802.21.1 5.14.2 - K is used as one from EAP or ERP is: with both nonces and the suite
 * it gives the MISK. */
static void derive(struct opening *o, struct lk_mis_tpos_work *w)
{
    uint8_t said[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX];
    const struct lk_mis_tpos_event *event = w->event;
    struct lk_mis_transcript *t = &o->transcript;
    struct lk_mis_tpos *tpos = w->tpos;

    o->said = (struct lk_mis_said){ tpos->of_home ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS,
                                    lk_span_of(event->entropy, LK_MIS_SAID_LEN) };
    *t = (struct lk_mis_transcript){
        .said = lk_mis_said_value(said, &o->said),
        .agreed = o->agreed,
        .mn_id = lk_mis_name_of(&tpos->mn),
        .tpos_id = lk_mis_name_of(&w->config->self),
        .spos_id = tpos->of_home ? lk_span_of(NULL, 0) : lk_mis_name_of(&tpos->spos),
        .chain_used = tpos->chain.used,
        .lifetime_s = tpos->lifetime_s,
        .offered = lk_mis_offered(offered, &tpos->offers, &w->config->codes),
    };
    memcpy(t->nonce_t, tpos->nonce_t, sizeof t->nonce_t);
    memcpy(t->nonce_n, event->entropy + LK_MIS_SAID_LEN, sizeof t->nonce_n);
    o->mixed = tpos->has_dh && event->told.z != NULL;
    if (tpos->has_dh)
        t->dh_mn = LK_SPAN(tpos->dh);
    if (o->mixed) {
        t->dh_pos = lk_span_of(event->told.dh, LK_MIS_DH_LEN);
        lk_mis_k_mix(&tpos->k, event->told.z, t->nonce_t, t->nonce_n);
    }
    lk_mis_make(&o->made, &tpos->k, t);
    lk_wipe(&tpos->k, sizeof tpos->k);
}

static enum lk_status grant(struct lk_mis_tpos_work *w, const struct opening *o)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_STATUS, LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID,
                                            LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN,
                                            LK_MIS_TLV_AUTH_VALUE };
    const struct lk_mis_tpos *tpos = w->tpos;
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS,
                                .nonce_n = LK_SPAN(o->transcript.nonce_n),
                                .said = o->said,
                                .lifetime_s = tpos->lifetime_s,
                                .chain = tpos->chain,
                                .auth = LK_SPAN(o->made.auth_n.octets) };
    struct lk_span list;
    enum lk_status status;

    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++)
        lk_mis_mark(&m, tlvs[i]);
    lk_mis_chosen_say(&m, &o->agreed);
    if (o->mixed) {
        lk_mis_mark(&m, LK_MIS_TLV_DH);
        m.dh = o->transcript.dh_pos;
    }
    status = lk_mis_lists_put(&list, &w->out->lists, &m, &w->config->codes);
    if (status == LK_OK)
        put(w, LK_MIS_TPOS_OUT_ANSWER)->answer = list;
    return status;
}

static enum lk_status open_half(struct lk_mis_tpos_work *w, const struct opening *o)
{
    struct lk_mis_tpos *tpos = w->tpos;
    struct lk_mis_sa_start start = {
        .self = lk_mis_name_of(&w->config->self),
        .peer = lk_mis_name_of(&tpos->mn),
        .said = o->said,
        .role = LK_MIS_ANSWERED,
        .agreed = o->agreed,
        .keys = &o->made.keys,
        .msrk = &o->made.msrk,
        .chain_used = tpos->chain.used,
        .expires_ms = w->event->now_ms + (uint64_t)MS_PER_S * tpos->lifetime_s,
    };
    enum lk_status status = lk_mis_sa_init(&put(w, LK_MIS_TPOS_OUT_SA)->sa, &start);

    if (status == LK_OK)
        status = grant(w, o);
    if (status != LK_OK)
        return status;
    tpos->auth = o->made.auth_t;
    tpos->state = LK_MIS_TPOS_HALF_OPEN;
    arm(w, w->event->now_ms + w->config->half_open_ms);
    return LK_OK;
}

enum lk_status lk_mis_tpos_told(struct lk_mis_tpos_work *w)
{
    struct lk_mis_tpos *tpos = w->tpos;
    struct opening o = { .mixed = false };
    enum lk_mis_reason told;
    enum lk_status status;
    enum lk_reason reason;

    told = judge_told(&reason, w);
    if (told != LK_MIS_REASON_NONE)
        return refuse(w, told, reason);
    if (!lk_mis_choose(&o.agreed, &tpos->offers, &w->config->offers, &w->config->codes))
        return refuse(w, LK_MIS_REASON_NO_COMMON_SUITE, LK_REASON_MIS_SUITE);
    derive(&o, w);
    status = open_half(w, &o);
    lk_wipe(&o, sizeof o);
    return status;
}

/* ---- the MN ---- */

static enum lk_status open_whole(struct lk_mis_tpos_work *w)
{
    w->tpos->state = LK_MIS_TPOS_READY;
    (void)put(w, LK_MIS_TPOS_OUT_READY);
    arm(w, LK_MIS_NEVER);
    return LK_OK;
}

static bool is_right(const struct lk_mis_tpos_work *w)
{
    const struct lk_mis_message *m = w->event->confirm;

    return lk_mis_has(m, LK_MIS_TLV_AUTH_VALUE) && lk_mis_auth_same(&w->tpos->auth, m->auth);
}

static void drop(struct lk_mis_tpos_work *w, enum lk_reason reason)
{
    (void)put(w, LK_MIS_TPOS_OUT_DROP);
    put(w, LK_MIS_TPOS_OUT_REFUSED)->refused = lk_refusal_of(reason, NULL, NULL);
    forget(w);
    arm(w, LK_MIS_NEVER);
}

/* T42: AUTH-T is over all that both ends said and heard. Who has the keys and proves something else
 * was told something else. */
enum lk_status lk_mis_tpos_confirm(struct lk_mis_tpos_work *w)
{
    bool right = is_right(w);
    enum lk_status status = say_status(w, LK_MIS_TPOS_OUT_REPLY,
                                       right ? LK_MIS_SUCCESS : LK_MIS_AUTH_FAILURE,
                                       right ? LK_MIS_REASON_NONE : LK_MIS_REASON_AUTH_FAILED);

    if (status != LK_OK)
        return status;
    if (right)
        return open_whole(w);
    drop(w, LK_REASON_MIS_NOT_CONFIRMED);
    return LK_OK;
}

/* The reply was lost. */
enum lk_status lk_mis_tpos_confirm_again(struct lk_mis_tpos_work *w)
{
    if (!is_right(w))
        return LK_E_AUTH;
    return say_status(w, LK_MIS_TPOS_OUT_REPLY, LK_MIS_SUCCESS, LK_MIS_REASON_NONE);
}

enum lk_status lk_mis_tpos_proven(struct lk_mis_tpos_work *w)
{
    return open_whole(w);
}

/* T43: of an exchange that nobody was behind, nothing is left. */
enum lk_status lk_mis_tpos_expire(struct lk_mis_tpos_work *w)
{
    drop(w, LK_REASON_MIS_HALF_OPEN);
    return LK_OK;
}
