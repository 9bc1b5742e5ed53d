/* What the MN does to establish an SA. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/mn_auth_parts.h"
#include "wire/eap.h"
#include "wire/erp.h"

enum { MS = 1000 };

/* ---- what it says ---- */

static enum lk_status send(struct lk_mis_mn_auth_work *w, enum lk_mis_action action,
                           enum lk_mis_opcode opcode, const struct lk_mis_message *message)
{
    struct lk_mis_header header = lk_mis_auth_header(w->config, action, opcode);

    if (opcode == LK_MIS_RESPONSE)
        header.tid = w->s->tid;
    return lk_mis_auth_send(w->out, w->config, &header, message);
}

/* Y26: a PoS says no more over UDP to who has not answered yet than it has heard: this is for its
 * first words, and for their repeats. A vendor's TLV, of no vendor; who does not know it passes it
 * over. */
static void pad(struct lk_mis_message *message)
{
    static const uint8_t nothing[LK_MIS_PAD_LEN];

    lk_mis_mark(message, LK_MIS_TLV_VENDOR);
    message->vendor = LK_SPAN(nothing);
}

static void tell_offers(const struct lk_mis_mn_auth_work *w, struct lk_mis_message *message)
{
    lk_mis_mark(message, LK_MIS_TLV_NONCE_T);
    message->nonce_t = LK_SPAN(w->s->terms.nonce_t);
    lk_mis_offers_say(message, &w->s->terms.offers);
}

/* T44: Nonce-N comes back with the first answer, so that a PoS among strangers need keep nothing
 * until it does. */
static void tell_nonce_n(const struct lk_mis_mn_auth_work *w, struct lk_mis_message *message)
{
    lk_mis_mark(message, LK_MIS_TLV_NONCE_N);
    message->nonce_n = LK_SPAN(w->s->terms.nonce_n);
}

static enum lk_status answer(struct lk_mis_mn_auth_work *w, enum lk_mis_status status,
                             struct lk_span eap)
{
    struct lk_mis_message message = { .status = (uint8_t)status, .auth_info = eap };

    lk_mis_mark(&message, LK_MIS_TLV_STATUS);
    if (eap.len > 0)
        lk_mis_mark(&message, LK_MIS_TLV_AUTH_INFO);
    /* The PoS may not have heard the indication, or may have begun itself. */
    if (!w->s->told)
        tell_offers(w, &message);
    if (!w->s->told && w->s->has_nonce_n)
        tell_nonce_n(w, &message);
    w->s->told = true;
    return send(w, LK_MIS_AUTH, LK_MIS_RESPONSE, &message);
}

static enum lk_status fail(struct lk_mis_mn_auth_work *w, enum lk_reason reason,
                           const char *expected, const char *came, enum lk_mis_reason told)
{
    struct lk_refusal why = lk_refusal_of(reason, expected, came);

    w->s->state = LK_MIS_MN_AUTH_OVER;
    lk_mis_auth_fail(w->out, &why, told);
    return LK_OK;
}

/* By what the PoS says. */
static enum lk_status refused(struct lk_mis_mn_auth_work *w, const char *expected,
                              enum lk_mis_reason told)
{
    struct lk_refusal why = lk_mis_refused_by(w->event->message.message, expected);

    w->s->state = LK_MIS_MN_AUTH_OVER;
    lk_mis_auth_fail(w->out, &why, told);
    return LK_OK;
}

/* The PoS awaits an answer: it is told. */
static enum lk_status answer_no(struct lk_mis_mn_auth_work *w, enum lk_reason reason,
                                const char *expected, const char *came)
{
    enum lk_status status = answer(w, LK_MIS_AUTH_FAILURE, lk_span_of(NULL, 0));

    return status != LK_OK ? status
                           : fail(w, reason, expected, came, LK_MIS_REASON_AUTH_FAILED);
}

/* ---- the beginning ---- */

/* spec: IEEE 802.21 9.2 - a Nonce-T of our own for each run, and the same for all keys of it. */
static void open_run(struct lk_mis_mn_auth_work *w)
{
    memcpy(w->s->terms.nonce_t, w->event->entropy, sizeof w->s->terms.nonce_t);
    w->s->terms.offers = w->config->offers;
    w->s->deadline_ms = w->event->now_ms + w->config->deadline_ms;
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_TIMER)->timer_ms = w->s->deadline_ms;
}

enum lk_status lk_mis_mn_auth_begin(struct lk_mis_mn_auth_work *w)
{
    struct lk_mis_message message = { .present = 0 };

    open_run(w);
    tell_offers(w, &message);
    pad(&message);
    w->s->state = LK_MIS_MN_AUTH_AWAIT_REQUEST;
    return send(w, LK_MIS_AUTH, LK_MIS_INDICATION, &message);
}

/* ---- requests ---- */

static bool begins_or_goes_on(struct lk_span packet)
{
    uint8_t code = lk_mis_auth_code(packet);

    return code == LK_EAP_REQUEST || code == LK_ERP_INITIATE;
}

/* spec: IEEE 802.21 9.2 - the first request has Nonce-N, and it stays the same for the run. */
static enum lk_status take_nonce_n(struct lk_mis_mn_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    struct lk_mis_auth_terms *terms = &w->s->terms;

    if (!lk_mis_has(message, LK_MIS_TLV_NONCE_N))
        return w->s->has_nonce_n ? LK_OK : LK_E_MISSING;
    if (!w->s->has_nonce_n)
        memcpy(terms->nonce_n, message->nonce_n.at, sizeof terms->nonce_n);
    w->s->has_nonce_n = true;
    return lk_span_equal(message->nonce_n, LK_SPAN(terms->nonce_n)) ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_mis_mn_auth_hear(struct lk_mis_mn_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    enum lk_status status = take_nonce_n(w);

    if (status != LK_OK)
        return status;
    /* A11: what ends EAP comes with the proof of it, in the last request, and not before. */
    if (!begins_or_goes_on(message->auth_info))
        return LK_E_VALUE;
    if (w->s->state == LK_MIS_MN_AUTH_IDLE)
        open_run(w);
    w->s->tid = w->event->message.header->tid;
    w->s->state = LK_MIS_MN_AUTH_AWAIT_EAP;
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_EAP)->eap = message->auth_info;
    return LK_OK;
}

/* Nothing to say: we do not do what was asked, ERP without its key, say. The PoS may ask for
 * something else. */
enum lk_status lk_mis_mn_auth_say(struct lk_mis_mn_auth_work *w)
{
    w->s->state = LK_MIS_MN_AUTH_AWAIT_REQUEST;
    return answer(w, w->event->eap.len > 0 ? LK_MIS_SUCCESS : LK_MIS_REJECTED, w->event->eap);
}

/* ---- the last request ---- */

static bool is_complete(const struct lk_mis_message *message)
{
    static const enum lk_mis_tlv must[] = { LK_MIS_TLV_STATUS, LK_MIS_TLV_AUTH_INFO,
                                            LK_MIS_TLV_SAID, LK_MIS_TLV_SUITES, LK_MIS_TLV_PRFS,
                                            LK_MIS_TLV_LIFETIME, LK_MIS_TLV_AUTH_VALUE };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++)
        if (!lk_mis_has(message, must[i]))
            return false;
    return true;
}

static void take_terms(struct lk_mis_mn_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    struct lk_mis_auth_terms *terms = &w->s->terms;

    terms->id_len = message->said.id.len;
    memcpy(terms->id, message->said.id.at, terms->id_len);
    terms->lifetime_s = message->lifetime_s;
    memcpy(w->s->auth_n, message->auth.at, sizeof w->s->auth_n);
    terms->mark_len = 0;
    if (lk_mis_has(message, LK_MIS_TLV_START_MARK) &&
        message->start_mark.len <= sizeof terms->mark) {
        terms->mark_len = message->start_mark.len;
        memcpy(terms->mark, message->start_mark.at, terms->mark_len);
    }
}

enum lk_status lk_mis_mn_auth_hear_last(struct lk_mis_mn_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    uint8_t code = lk_mis_auth_code(message->auth_info);
    enum lk_status status = take_nonce_n(w);

    if (status != LK_OK)
        return status;
    if (!is_complete(message))
        return LK_E_MISSING;
    if (code != LK_EAP_SUCCESS && code != LK_ERP_FINISH)
        return LK_E_VALUE;
    w->s->tid = w->event->message.header->tid;
    /* T41: the SA is of the kind that EAP makes, whatever else is written. */
    if (message->said.type != LK_MIS_SA_EAP)
        return answer_no(w, LK_REASON_MIS_SA_TYPE, "a SAID of type 1", "another type");
    /* T42: one suite and one PRF, and both were offered. */
    if (!lk_mis_chosen(&w->s->terms.agreed, message, &w->s->terms.offers, &w->config->codes))
        return answer_no(w, LK_REASON_MIS_SUITE, "a choice of what was offered", "another");
    take_terms(w);
    w->s->state = LK_MIS_MN_AUTH_AWAIT_KEYS;
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_EAP)->eap = message->auth_info;
    return LK_OK;
}

/* A06: the SA is with the name that home and MN have made of the run. */
static struct lk_span name_of(const struct lk_mis_mn_auth_work *w)
{
    struct lk_span mn = w->event->keys.mn;

    return mn.len > 0 ? mn : lk_mis_name_of(&w->config->self);
}

static enum lk_status put_sa(struct lk_mis_mn_auth_work *w, const struct lk_mis_made *made,
                             uint32_t lifetime_s)
{
    const struct lk_mis_auth_terms *terms = &w->s->terms;
    struct lk_span self = name_of(w), pos = lk_mis_name_of(&w->s->pos);
    const struct lk_mis_sa_start start = {
        .self = self,
        .peer = pos,
        .said = lk_mis_auth_said(terms),
        .role = LK_MIS_BEGAN,
        .agreed = terms->agreed,
        .keys = &made->keys,
        .msrk = &made->msrk,
        .expires_ms = w->event->now_ms + (uint64_t)lifetime_s * MS,
    };

    return lk_mis_auth_put_sa(w->out, terms, &start, w->event->keys.run);
}

static enum lk_status say_auth_t(struct lk_mis_mn_auth_work *w, const struct lk_mis_made *made)
{
    struct lk_mis_message message = { .status = LK_MIS_SUCCESS,
                                      .auth = LK_SPAN(made->auth_t.octets) };

    lk_mis_mark(&message, LK_MIS_TLV_STATUS);
    lk_mis_mark(&message, LK_MIS_TLV_AUTH_VALUE);
    return send(w, LK_MIS_AUTH, LK_MIS_RESPONSE, &message);
}

enum lk_status lk_mis_mn_auth_confirm(struct lk_mis_mn_auth_work *w)
{
    struct lk_mis_auth_terms *terms = &w->s->terms;
    uint32_t lifetime_s = lk_mis_lifetime_s(terms->lifetime_s, w->config->lifetime_s,
                                            w->event->keys.lifetime_s);
    struct lk_mis_made made;
    enum lk_status status;

    /* A mark of somebody else is none: nobody would take it from us. */
    if (!lk_mis_auth_mark_is_of(lk_span_of(terms->mark, terms->mark_len), name_of(w)))
        terms->mark_len = 0;
    lk_mis_auth_make_all(&made, terms, w->event->keys.k, &w->config->codes, name_of(w),
                         lk_mis_name_of(&w->s->pos));
    if (!lk_mis_auth_same(&made.auth_n, LK_SPAN(w->s->auth_n))) {
        /* T42: something was altered on the way, or the PoS has another K: no SA. */
        status = answer_no(w, LK_REASON_MIS_NOT_CONFIRMED, "AUTH-N of what we heard", "another");
    } else {
        status = say_auth_t(w, &made);
        if (status == LK_OK)
            status = put_sa(w, &made, lifetime_s);
        w->s->state = LK_MIS_MN_AUTH_UP;
    }
    lk_wipe(&made, sizeof made);
    return status;
}

/* ---- it fails ---- */

/* The PoS has said no; our EAP is told what the home says, where there is a word of it. */
enum lk_status lk_mis_mn_auth_hear_no(struct lk_mis_mn_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    enum lk_mis_reason told =
        lk_mis_has(message, LK_MIS_TLV_REASON) ? message->reason : LK_MIS_REASON_NONE;
    uint8_t code = lk_mis_auth_code(message->auth_info);
    enum lk_status status;

    w->s->tid = w->event->message.header->tid;
    w->s->told = true; /* to who said no, no offers */
    if (code == LK_EAP_FAILURE || code == LK_ERP_FINISH)
        lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_EAP)->eap = message->auth_info;
    status = answer(w, LK_MIS_SUCCESS, lk_span_of(NULL, 0));
    return status != LK_OK ? status
                           : refused(w, "an SA", told);
}

/* Our own EAP has given up, or did not take what was said to be its end (A11). */
enum lk_status lk_mis_mn_auth_say_no(struct lk_mis_mn_auth_work *w)
{
    struct lk_refusal why = w->event->refused.why;
    enum lk_status status = answer(w, LK_MIS_AUTH_FAILURE, lk_span_of(NULL, 0));

    if (why.reason == LK_REASON_NONE)
        why = lk_refusal_of(LK_REASON_MIS_EAP, "keys", "none");
    w->s->state = LK_MIS_MN_AUTH_OVER;
    lk_mis_auth_fail(w->out, &why, LK_MIS_REASON_AUTH_FAILED);
    return status;
}

enum lk_status lk_mis_mn_auth_silent(struct lk_mis_mn_auth_work *w)
{
    return fail(w, LK_REASON_MIS_NO_ANSWER, "an answer", "nothing", LK_MIS_REASON_NONE);
}

enum lk_status lk_mis_mn_auth_expired(struct lk_mis_mn_auth_work *w)
{
    if (w->event->now_ms >= w->s->deadline_ms)
        return lk_mis_mn_auth_silent(w);
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_TIMER)->timer_ms = w->s->deadline_ms;
    return LK_OK;
}
