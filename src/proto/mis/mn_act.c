/* The handlers of the MN's machine: what each event does. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "proto/mis/mn_parts.h"

/* ---- what it says ---- */

struct lk_mis_mn_output *lk_mis_mn_put(struct lk_mis_mn_work *w, enum lk_mis_mn_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_MIS_MN_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_mis_mn_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

void lk_mis_mn_arm(struct lk_mis_mn_work *w, uint64_t at_ms)
{
    w->mn->due_ms = at_ms;
    lk_mis_mn_put(w, LK_MIS_MN_OUT_TIMER)->timer_ms = at_ms;
}

static void full_auth(struct lk_mis_mn_work *w, enum lk_reason reason, enum lk_mis_reason told)
{
    struct lk_mis_mn_output *output = lk_mis_mn_put(w, LK_MIS_MN_OUT_FULL_AUTH);

    output->full_auth.why = lk_refusal_of(reason, NULL, NULL);
    output->full_auth.told = told;
}

static enum lk_status send(struct lk_mis_mn_work *w, enum lk_mis_mn_under under,
                           const struct lk_mis_message *message)
{
    struct lk_span list;
    enum lk_status status =
        lk_mis_lists_put(&list, &w->out->lists, message, &w->config->codes);
    struct lk_mis_mn_output *output;

    if (status != LK_OK)
        return status;
    output = lk_mis_mn_put(w, LK_MIS_MN_OUT_SEND);
    output->send.under = under;
    output->send.opcode = LK_MIS_REQUEST;
    output->send.list = list;
    w->mn->tries = 1;
    return LK_OK;
}

static bool has_sa(const struct lk_mis_mn *mn)
{
    return mn->state == LK_MIS_MN_SAVING || mn->state == LK_MIS_MN_HALF_OPEN ||
           mn->state == LK_MIS_MN_READY;
}

/* Nothing is under way any more, and nothing is left of what was. */
static void end(struct lk_mis_mn_work *w)
{
    struct lk_mis_mn *mn = w->mn;

    if (has_sa(mn))
        (void)lk_mis_mn_put(w, LK_MIS_MN_OUT_DROP);
    lk_wipe(&mn->k, sizeof mn->k);
    lk_wipe(&mn->auth, sizeof mn->auth);
    mn->has_k = false;
    mn->state = LK_MIS_MN_IDLE;
    lk_mis_mn_arm(w, LK_MIS_NEVER);
}

enum lk_status lk_mis_mn_fail(struct lk_mis_mn_work *w, enum lk_reason reason,
                              enum lk_mis_reason told)
{
    end(w);
    full_auth(w, reason, told);
    return LK_OK;
}

enum lk_status lk_mis_mn_not_there(struct lk_mis_mn_work *w, struct lk_span named)
{
    char came[LK_MIS_ID_MAX + 1];
    struct lk_mis_mn_output *output;

    end(w);
    output = lk_mis_mn_put(w, LK_MIS_MN_OUT_FULL_AUTH);
    (void)snprintf(came, sizeof came, "%.*s", (int)named.len, (const char *)named.at);
    output->full_auth.why =
        lk_refusal_of(LK_REASON_MIS_TARGET, "the target asked for, a partner of the home", came);
    return LK_OK;
}

enum lk_status lk_mis_mn_refused(struct lk_mis_mn_work *w, const struct lk_mis_message *answer)
{
    struct lk_mis_mn_output *output;

    end(w);
    output = lk_mis_mn_put(w, LK_MIS_MN_OUT_FULL_AUTH);
    output->full_auth.why = lk_mis_refused_by(answer, "a preregistration");
    output->full_auth.told =
        lk_mis_has(answer, LK_MIS_TLV_REASON) ? answer->reason : LK_MIS_REASON_NONE;
    return LK_OK;
}

/* ---- a handover ---- */

/* spec: IEEE 802.21.1 5.14.2 - only where SPoS and target trust each other, never from an SA by
 * TLS, and no oftener than the limit: else the MN authenticates in full, and asks for nothing.
 * T41: and K comes under nothing that does not hide it. A K of our own stands on no chain: no count
 * is in its way. */
static enum lk_reason may_want(const struct lk_mis_mn_work *w, const struct lk_mis_chain *chain)
{
    const struct lk_mis_mn_event *event = w->event;
    enum lk_mis_reason may = lk_mis_chain_may(chain, event->want.serving.type);
    bool of_home = event->want.own != NULL;

    if (may == LK_MIS_REASON_CHAIN_LIMIT && of_home)
        may = LK_MIS_REASON_NONE;
    if (may == LK_MIS_REASON_CHAIN_LIMIT)
        return LK_REASON_MIS_CHAIN_END;
    if (may != LK_MIS_REASON_NONE || !event->want.serving.hides ||
        (!of_home && !lk_mis_type_satisfies(LK_MIS_SA_SPOS, w->config->demanded)))
        return LK_REASON_MIS_SA_TYPE;
    if (event->want.target != NULL &&
        !lk_mis_is_partner(&w->config->partners, event->want.target->id))
        return LK_REASON_MIS_TARGET;
    return LK_REASON_NONE;
}

static void keep_want(struct lk_mis_mn_work *w)
{
    const struct lk_mis_mn_event *event = w->event;
    struct lk_mis_mn *mn = w->mn;

    memcpy(mn->nonce_t, event->entropy, sizeof mn->nonce_t);
    mn->names_target = event->want.target != NULL;
    mn->mixes = event->want.dh != NULL;
    if (mn->mixes)
        memcpy(mn->dh, event->want.dh, sizeof mn->dh);
    mn->has_k = event->want.own != NULL;
    if (mn->has_k) {
        mn->k = event->want.own->k;
        mn->k_until_ms = event->want.own->until_ms;
    }
    mn->until_ms = event->want.serving.expires_ms;
}

static void say_known(struct lk_mis_message *to, const struct lk_mis_message *known)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_TARGET, LK_MIS_TLV_TARGETS,
                                            LK_MIS_TLV_LINK_TYPES, LK_MIS_TLV_LINK_FRAMES,
                                            LK_MIS_TLV_PLACE };

    to->target = known->target;
    to->targets = known->targets;
    to->link_types = known->link_types;
    to->link_frames = known->link_frames;
    to->place = known->place;
    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++)
        if (lk_mis_has(known, tlvs[i]))
            lk_mis_mark(to, tlvs[i]);
}

/* spec: IEEE 802.21.1 5.14.3 - where the MN knows no target, it sends all that it knows; where
 * it is goes to nobody but the PoS that serves it, and under an SA that encrypts (may_want). */
static enum lk_status ask(struct lk_mis_mn_work *w)
{
    const struct lk_mis_mn_event *event = w->event;
    struct lk_mis_message m = { .present = 0 };

    if (event->want.known != NULL)
        say_known(&m, event->want.known);
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    m.mn = lk_mis_name_of(&w->config->self);
    lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
    m.nonce_t = LK_SPAN(w->mn->nonce_t);
    lk_mis_offers_say(&m, &w->config->offers);
    lk_mis_mark(&m, LK_MIS_TLV_CHAIN);
    m.chain = w->mn->chain;
    if (event->want.target != NULL) {
        lk_mis_mark(&m, LK_MIS_TLV_POS);
        m.pos = *event->want.target;
    }
    if (event->want.own != NULL) {
        lk_mis_mark(&m, LK_MIS_TLV_AUTH_INFO);
        m.auth_info = event->want.own->initiate;
    }
    if (w->mn->mixes) {
        lk_mis_mark(&m, LK_MIS_TLV_DH);
        m.dh = LK_SPAN(w->mn->dh);
    }
    return send(w, LK_MIS_MN_UNDER_SPOS, &m);
}

enum lk_status lk_mis_mn_want(struct lk_mis_mn_work *w)
{
    const struct lk_mis_mn_event *event = w->event;
    struct lk_mis_mn *mn = w->mn;
    struct lk_mis_chain chain = mn->chain;
    enum lk_status status;
    enum lk_reason reason;

    if (event->want.own != NULL && event->want.target == NULL)
        return LK_E_MISSING;
    /* The MN may have authenticated elsewhere since: this SA stands where it stood. */
    if (event->want.serving.chain_used > chain.used)
        chain.used = event->want.serving.chain_used;
    /* T40: a count that a restart would forget leads to no further K. */
    reason = mn->chain.used > mn->durable ? LK_REASON_MIS_COUNT_NOT_KEPT : may_want(w, &chain);
    if (reason != LK_REASON_NONE) {
        full_auth(w, reason, LK_MIS_REASON_NONE);
        return LK_OK;
    }
    if (!lk_mis_name_set(&mn->spos, event->want.serving.peer) ||
        (event->want.target != NULL &&
         !lk_mis_name_set(&mn->target, event->want.target->id)))
        return LK_E_LENGTH;
    mn->chain = chain;
    keep_want(w);
    status = ask(w);
    if (status != LK_OK)
        return status;
    mn->state = LK_MIS_MN_WAIT_SPOS;
    lk_mis_mn_arm(w, event->now_ms + w->config->retry_ms);
    return LK_OK;
}

/* ---- the count is durable ---- */

enum lk_status lk_mis_mn_note(struct lk_mis_mn_work *w)
{
    if (w->event->saved.done)
        w->mn->durable = w->event->saved.used;
    return LK_OK;
}

/* T40: only now, when no restart forgets it, does the MN go on with the K that was counted. */
enum lk_status lk_mis_mn_go_on(struct lk_mis_mn_work *w)
{
    struct lk_mis_message m = { .present = 0 };
    struct lk_mis_mn *mn = w->mn;
    enum lk_status status;

    if (w->event->saved.used != mn->chain.used)
        return lk_mis_mn_note(w);
    if (!w->event->saved.done)
        return lk_mis_mn_fail(w, LK_REASON_MIS_COUNT_NOT_KEPT, LK_MIS_REASON_NONE);
    mn->durable = mn->chain.used;
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    m.auth = LK_SPAN(mn->auth.octets);
    status = send(w, LK_MIS_MN_UNDER_NEW, &m);
    if (status != LK_OK)
        return status;
    lk_wipe(&mn->auth, sizeof mn->auth);
    mn->state = LK_MIS_MN_HALF_OPEN;
    lk_mis_mn_arm(w, w->event->now_ms + w->config->retry_ms);
    return LK_OK;
}

/* ---- the target ---- */

enum lk_status lk_mis_mn_ready(struct lk_mis_mn_work *w)
{
    const struct lk_mis_message *m = w->event->heard.message;

    if (!lk_mis_has(m, LK_MIS_TLV_STATUS) || m->status != LK_MIS_SUCCESS)
        return lk_mis_mn_refused(w, m);
    w->mn->state = LK_MIS_MN_READY;
    (void)lk_mis_mn_put(w, LK_MIS_MN_OUT_READY);
    lk_mis_mn_arm(w, LK_MIS_NEVER);
    return LK_OK;
}

/* spec: IEEE 802.21.1 5.14.2 - the chain is limited: at its end the MN authenticates in full, here
 * in the background, before it needs the next handover; else instead of it. */
enum lk_status lk_mis_mn_serve(struct lk_mis_mn_work *w)
{
    w->mn->state = LK_MIS_MN_SERVED;
    (void)lk_mis_mn_put(w, LK_MIS_MN_OUT_SERVED);
    if (w->config->ahead && lk_mis_chain_at_end(&w->mn->chain)) {
        full_auth(w, LK_REASON_MIS_CHAIN_END, LK_MIS_REASON_NONE);
        w->out->item[w->out->count - 1].full_auth.background = true;
    }
    return LK_OK;
}

enum lk_status lk_mis_mn_authenticated(struct lk_mis_mn_work *w)
{
    struct lk_mis_mn *mn = w->mn;
    enum lk_mis_reason reason;

    if (w->event->run == LK_MIS_RUN_OPTIMISED)
        return LK_E_VALUE;
    end(w);
    reason = lk_mis_chain_count(&mn->chain, w->event->run, 0);
    if (reason == LK_MIS_REASON_NONE)
        lk_mis_mn_put(w, LK_MIS_MN_OUT_SAVE)->save = mn->chain.used;
    else
        full_auth(w, LK_REASON_MIS_CHAIN_END, reason);
    return LK_OK;
}

/* ---- time ---- */

enum lk_status lk_mis_mn_retry(struct lk_mis_mn_work *w)
{
    struct lk_mis_mn *mn = w->mn;
    bool asks = mn->state == LK_MIS_MN_WAIT_SPOS;

    if (mn->tries >= w->config->tries || (!asks && w->event->now_ms >= mn->end_ms))
        return lk_mis_mn_fail(w, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE);
    mn->tries++;
    lk_mis_mn_put(w, LK_MIS_MN_OUT_AGAIN)->again = asks ? LK_MIS_MN_UNDER_SPOS
                                                        : LK_MIS_MN_UNDER_NEW;
    lk_mis_mn_arm(w, w->event->now_ms + w->config->retry_ms);
    return LK_OK;
}

/* Over TCP nothing is repeated: what was under way is not answered any more. */
enum lk_status lk_mis_mn_lost(struct lk_mis_mn_work *w)
{
    return lk_mis_mn_fail(w, LK_REASON_MIS_NO_ANSWER, LK_MIS_REASON_NONE);
}

enum lk_status lk_mis_mn_give_up(struct lk_mis_mn_work *w)
{
    return lk_mis_mn_fail(w, LK_REASON_MIS_COUNT_NOT_KEPT, LK_MIS_REASON_NONE);
}
