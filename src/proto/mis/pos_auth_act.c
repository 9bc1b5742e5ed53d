/* What the PoS does until there is an SA: packets between MN and home, terms, proofs. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/pos_auth_parts.h"
#include "wire/eap.h"
#include "wire/erp.h"

enum { MS = 1000, OWN_PACKET_MAX = 8 };

/* ---- what it says ---- */

static enum lk_status request(struct lk_mis_pos_auth_work *w, struct lk_mis_message *message,
                              struct lk_span eap)
{
    struct lk_mis_header header = lk_mis_auth_header(w->config, LK_MIS_AUTH, LK_MIS_REQUEST);

    message->auth_info = eap;
    if (eap.len > 0)
        lk_mis_mark(message, LK_MIS_TLV_AUTH_INFO);
    return lk_mis_auth_send(w->out, w->config, &header, message);
}

/* Half-open no more. */
static enum lk_status fail(struct lk_mis_pos_auth_work *w, enum lk_reason reason,
                           const char *expected, const char *came, enum lk_mis_reason told)
{
    struct lk_refusal why = lk_refusal_of(reason, expected, came);

    lk_wipe(&w->s->made, sizeof w->s->made);
    w->s->state = LK_MIS_POS_AUTH_OVER;
    lk_mis_auth_fail(w->out, &why, told);
    return LK_OK;
}

/* spec: IEEE 802.21 9.2 - a failure is told by status 5, and there is no SA. */
static enum lk_status tell_no(struct lk_mis_pos_auth_work *w, struct lk_span eap,
                              enum lk_mis_reason reason)
{
    struct lk_mis_message message = { .present = 0 };

    lk_mis_status_put(&message, LK_MIS_AUTH_FAILURE, reason);
    return request(w, &message, eap);
}

static enum lk_status give_up(struct lk_mis_pos_auth_work *w, enum lk_reason reason,
                              const char *expected, const char *came, enum lk_mis_reason told)
{
    enum lk_status status = tell_no(w, lk_span_of(NULL, 0), told);

    return status != LK_OK ? status
                           : fail(w, reason, expected, came, told);
}

/* ---- the beginning ---- */

/* EAP-Request/Identity, or EAP-Initiate/Re-auth-Start. */
static enum lk_status ask_who(struct lk_mis_pos_auth_work *w)
{
    uint8_t octets[OWN_PACKET_MAX];
    struct lk_writer packet = lk_writer_of(octets, sizeof octets);
    struct lk_erp start = { .code = LK_ERP_INITIATE, .id = w->s->eap_id, .type = LK_ERP_START };
    struct lk_mis_message message = { .present = 0 };
    enum lk_status status = LK_OK;

    if (w->s->erp)
        status = lk_erp_encode(&packet, &start);
    else
        lk_eap_put_identity(&packet, LK_EAP_REQUEST, w->s->eap_id, lk_span_of(NULL, 0));
    if (status == LK_OK)
        status = lk_writer_end(&packet);
    if (status != LK_OK)
        return status;
    message.nonce_n = LK_SPAN(w->s->terms.nonce_n);
    lk_mis_mark(&message, LK_MIS_TLV_NONCE_N);
    w->s->state = LK_MIS_POS_AUTH_AWAIT_RESPONSE;
    return request(w, &message, lk_writer_span(&packet));
}

/* spec: IEEE 802.21 9.2 - a Nonce-N of our own for each run. */
enum lk_status lk_mis_pos_auth_begin(struct lk_mis_pos_auth_work *w)
{
    memcpy(w->s->terms.nonce_n, w->event->entropy, sizeof w->s->terms.nonce_n);
    w->s->eap_id = w->event->entropy[sizeof w->s->terms.nonce_n];
    w->s->erp = w->config->erp;
    w->s->deadline_ms = w->event->now_ms + w->config->deadline_ms;
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_TIMER)->timer_ms = w->s->deadline_ms;
    return ask_who(w);
}

/* What the MN offers and its Nonce-T, and what we choose of it. False: nothing, and why. */
static bool take_offers(struct lk_mis_pos_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;
    struct lk_mis_auth_terms *terms = &w->s->terms;

    memcpy(terms->nonce_t, message->nonce_t.at, sizeof terms->nonce_t);
    w->s->has_offers = lk_mis_offers_of(&terms->offers, message) &&
                       lk_mis_choose(&terms->agreed, &terms->offers, &w->config->offers,
                                     &w->config->codes);
    return w->s->has_offers;
}

static enum lk_status no_suite(struct lk_mis_pos_auth_work *w)
{
    return give_up(w, LK_REASON_MIS_SUITE, "a suite and a PRF of ours", "none",
                   LK_MIS_REASON_NO_COMMON_SUITE);
}

enum lk_status lk_mis_pos_auth_begin_for(struct lk_mis_pos_auth_work *w)
{
    return take_offers(w) ? lk_mis_pos_auth_begin(w) : no_suite(w);
}

/* spec: IEEE 802.21 9.2 - both have begun: the request that is open goes on. */
enum lk_status lk_mis_pos_auth_pass_over(struct lk_mis_pos_auth_work *w)
{
    return LK_OK;
}

/* ---- between MN and home ---- */

/* The first response settles Nonce-T and offers: what an indication said before it could be of
 * anybody, and its own are proven by AUTH-T. */
static enum lk_status settle(struct lk_mis_pos_auth_work *w)
{
    const struct lk_mis_message *message = w->event->message.message;

    if (w->s->settled || !lk_mis_has(message, LK_MIS_TLV_NONCE_T))
        return w->s->has_offers ? LK_OK : LK_E_MISSING;
    w->s->settled = true;
    return take_offers(w) ? LK_OK : LK_E_DENIED;
}

enum lk_status lk_mis_pos_auth_hand_on(struct lk_mis_pos_auth_work *w)
{
    struct lk_span packet = w->event->message.message->auth_info;
    uint8_t code = lk_mis_auth_code(packet);
    enum lk_status status;

    /* A peer responds, or begins ERP; everything else is for the home to say. */
    if (code != LK_EAP_RESPONSE && code != LK_ERP_INITIATE)
        return LK_E_VALUE;
    status = settle(w);
    if (status == LK_E_DENIED)
        return no_suite(w);
    if (status != LK_OK)
        return status;
    w->s->erp = code == LK_ERP_INITIATE;
    w->s->state = LK_MIS_POS_AUTH_AWAIT_HOME;
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_EAP)->eap = packet;
    return LK_OK;
}

enum lk_status lk_mis_pos_auth_say(struct lk_mis_pos_auth_work *w)
{
    struct lk_mis_message message = { .present = 0 };

    if (lk_mis_auth_code(w->event->eap) != LK_EAP_REQUEST)
        return LK_E_VALUE;
    w->s->state = LK_MIS_POS_AUTH_AWAIT_RESPONSE;
    return request(w, &message, w->event->eap);
}

/* ERP does not do, at the MN or at the home: EAP does, and once is enough to ask for it. */
static bool fall_back(struct lk_mis_pos_auth_work *w)
{
    if (!w->s->erp || w->s->fell_back)
        return false;
    w->s->erp = false;
    w->s->fell_back = true;
    w->s->eap_id++;
    return true;
}

enum lk_status lk_mis_pos_auth_ask_otherwise(struct lk_mis_pos_auth_work *w)
{
    struct lk_refusal why = lk_mis_refused_by(w->event->message.message, "an answer");
    enum lk_status status = LK_OK;

    if (w->event->message.message->status != LK_MIS_REJECTED || !fall_back(w))
        return fail(w, why.reason, why.expected, why.came,
                                    LK_MIS_REASON_AUTH_FAILED);
    if (lk_mis_has(w->event->message.message, LK_MIS_TLV_NONCE_T))
        status = settle(w);
    if (status == LK_E_DENIED)
        return no_suite(w);
    return status != LK_OK ? status : ask_who(w);
}

enum lk_status lk_mis_pos_auth_refuse(struct lk_mis_pos_auth_work *w)
{
    struct lk_refusal why = w->event->refused.why;
    enum lk_mis_reason told = LK_MIS_REASON_AUTH_FAILED;
    enum lk_status status;

    /* A home that is silent is so for EAP, too. */
    if (why.reason == LK_REASON_MIS_AAA_SILENT)
        told = LK_MIS_REASON_UNREACHABLE;
    else if (fall_back(w))
        return ask_who(w);
    status = tell_no(w, w->event->refused.eap, told);
    if (why.reason == LK_REASON_NONE)
        why = lk_refusal_of(LK_REASON_MIS_EAP, "keys of the home", "a refusal");
    w->s->state = LK_MIS_POS_AUTH_OVER;
    lk_mis_auth_fail(w->out, &why, told);
    return status;
}

/* ---- the SA ---- */

static enum lk_status say_terms(struct lk_mis_pos_auth_work *w)
{
    const struct lk_mis_auth_terms *terms = &w->s->terms;
    struct lk_mis_message message = {
        .status = LK_MIS_SUCCESS,
        .said = lk_mis_auth_said(terms),
        .lifetime_s = terms->lifetime_s,
        .auth = LK_SPAN(w->s->made.auth_n.octets),
        .start_mark = lk_span_of(terms->mark, terms->mark_len),
    };

    lk_mis_mark(&message, LK_MIS_TLV_STATUS);
    lk_mis_mark(&message, LK_MIS_TLV_SAID);
    lk_mis_mark(&message, LK_MIS_TLV_LIFETIME);
    lk_mis_mark(&message, LK_MIS_TLV_AUTH_VALUE);
    if (terms->mark_len > 0)
        lk_mis_mark(&message, LK_MIS_TLV_START_MARK);
    lk_mis_chosen_say(&message, &terms->agreed);
    return request(w, &message, w->event->keys.eap);
}

static void take_terms(struct lk_mis_pos_auth_work *w)
{
    struct lk_mis_auth_terms *terms = &w->s->terms;
    struct lk_span mark = w->event->keys.start_mark;

    terms->lifetime_s = lk_mis_lifetime_s(w->config->lifetime_s, UINT32_MAX,
                                          w->event->keys.lifetime_s);
    /* spec: IEEE 802.21 9.2 - the PoS names the SA: by octets that nobody can guess. */
    terms->id_len = w->config->id_len;
    LK_ASSERT(terms->id_len >= LK_MIS_SA_ID_MIN && terms->id_len <= sizeof terms->id);
    memcpy(terms->id, w->event->entropy + LK_MIS_NONCE_LEN, terms->id_len);
    terms->mark_len = mark.len;
    if (mark.len > 0)
        memcpy(terms->mark, mark.at, mark.len);
    w->s->run = w->event->keys.run;
    w->s->expires_ms = w->event->now_ms + (uint64_t)terms->lifetime_s * MS;
}

/* The home has accepted: it sent keys and, perhaps, a start mark. */
enum lk_status lk_mis_pos_auth_accept(struct lk_mis_pos_auth_work *w)
{
    struct lk_span mark = w->event->keys.start_mark, self = lk_mis_name_of(&w->config->self);
    struct lk_span mn = w->event->keys.mn.len > 0 ? w->event->keys.mn
                                                  : lk_mis_name_of(&w->s->mn);
    uint8_t code = lk_mis_auth_code(w->event->keys.eap);

    if ((code != LK_EAP_SUCCESS && code != LK_ERP_FINISH) || w->event->keys.lifetime_s == 0 ||
        mark.len > sizeof w->s->terms.mark || mn.len > LK_MIS_ID_MAX)
        return LK_E_VALUE;
    /* T40: the home names whom it has authenticated; the SA is of nobody else. */
    if (mark.len > 0 && !lk_mis_auth_mark_is_of(mark, mn))
        return give_up(w, LK_REASON_MIS_OTHER_MN, "a start mark of this MN", "of another",
                       LK_MIS_REASON_AUTH_FAILED);
    take_terms(w);
    if (w->event->keys.mn.len > 0)
        (void)lk_mis_name_set(&w->s->mn, mn); /* it fits */
    lk_mis_auth_make_all(&w->s->made, &w->s->terms, w->event->keys.k, &w->config->codes, mn, self);
    w->s->state = LK_MIS_POS_AUTH_AWAIT_CONFIRMATION;
    return say_terms(w);
}

enum lk_status lk_mis_pos_auth_not_confirmed(struct lk_mis_pos_auth_work *w)
{
    return fail(w, LK_REASON_MIS_NOT_CONFIRMED, "AUTH-T", "another",
                                LK_MIS_REASON_AUTH_FAILED);
}

enum lk_status lk_mis_pos_auth_confirm(struct lk_mis_pos_auth_work *w)
{
    struct lk_span auth = w->event->message.message->auth;
    const struct lk_mis_sa_start start = {
        .self = lk_mis_name_of(&w->config->self),
        .peer = lk_mis_name_of(&w->s->mn),
        .said = lk_mis_auth_said(&w->s->terms),
        .role = LK_MIS_ANSWERED,
        .agreed = w->s->terms.agreed,
        .keys = &w->s->made.keys,
        .msrk = &w->s->made.msrk,
        .expires_ms = w->s->expires_ms,
    };
    enum lk_status status;

    if (!lk_mis_auth_same(&w->s->made.auth_t, auth))
        return lk_mis_pos_auth_not_confirmed(w);
    status = lk_mis_auth_put_sa(w->out, &w->s->terms, &start, w->s->run);
    lk_wipe(&w->s->made, sizeof w->s->made);
    w->s->state = LK_MIS_POS_AUTH_UP;
    return status;
}

/* ---- it fails ---- */

enum lk_status lk_mis_pos_auth_silent(struct lk_mis_pos_auth_work *w)
{
    return fail(w, LK_REASON_MIS_NO_ANSWER, "an answer", "nothing", LK_MIS_REASON_NONE);
}

enum lk_status lk_mis_pos_auth_expired(struct lk_mis_pos_auth_work *w)
{
    if (w->event->now_ms >= w->s->deadline_ms)
        return lk_mis_pos_auth_silent(w);
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_TIMER)->timer_ms = w->s->deadline_ms;
    return LK_OK;
}
