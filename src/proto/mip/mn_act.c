/* The mobile node's machine: what each rule does. */
#include <string.h>

#include "proto/mip/mn_parts.h"

/* ---- the ends ---- */

static void say_why(struct lk_mip_mn_serving *s, enum lk_mip_mn_output_kind kind,
                    enum lk_reason reason, uint8_t code)
{
    struct lk_mip_mn_output *item = lk_mip_mn_add(s->out, kind);

    item->why.code = code;
    item->why.refusal =
        lk_refusal_of(reason, NULL, code == 0 ? NULL : lk_mip_code_name(code));
}

static enum lk_status end(struct lk_mip_mn_serving *s, enum lk_mip_mn_state state)
{
    struct lk_mip_mn *mn = s->mn;

    mn->state = state;
    mn->due_ms = mn->bound_until_ms = 0;
    mn->identification = 0;
    return LK_OK;
}

/* A deregistration that nobody answers, or that is refused, ends all the same: by the lifetime. */
static enum lk_status fail(struct lk_mip_mn_serving *s, enum lk_reason reason, uint8_t code)
{
    if (s->mn->state == LK_MIP_MN_AWAIT_RELEASED) {
        say_why(s, LK_MIP_MN_OUT_RELEASED, reason, code);
        return end(s, LK_MIP_MN_RELEASED);
    }
    say_why(s, LK_MIP_MN_OUT_FAILED, reason, code);
    return end(s, LK_MIP_MN_FAILED);
}

/* T30: no key, but a binding that still lives: nothing is torn. */
static enum lk_status send_or_wait(struct lk_mip_mn_serving *s, enum lk_mip_mn_state state,
                                   bool ready)
{
    struct lk_mip_mn *mn = s->mn;

    if (ready) {
        mn->state = state;
        return lk_mip_mn_send(s);
    }
    if (state != LK_MIP_MN_AWAIT_RENEWED || s->event->now_ms >= mn->bound_until_ms)
        return fail(s, LK_REASON_MIP_KEY_EXPIRED, 0);
    mn->state = LK_MIP_MN_BOUND;
    mn->due_ms = mn->bound_until_ms;
    lk_mip_mn_add(s->out, LK_MIP_MN_OUT_TIMER)->timer_ms = mn->due_ms;
    return LK_OK;
}

/* ---- keys ---- */

static void keep(struct lk_mip_mn_serving *s)
{
    lk_mip_mn_add(s->out, LK_MIP_MN_OUT_KEPT)->kept = s->mn->keys.with.msa;
}

/* T26: a reply under the new one has proven that the agent has it; the old one is over. */
static void promote(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;

    if (s->heard->has_home || lk_mip_mn_is_fas(s->heard->reply.code))
        return;
    if (lk_mip_mn_pair_proven(&mn->keys))
        keep(s);
}

/* spec: RFC 3957 4 - only now: the reply was proven by it. */
static void install(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_mn_heard *heard = s->heard;

    promote(s);
    if (heard->has_home) {
        lk_mip_mn_remember(mn, heard->reply.extensions.mn_ha_key.nonce);
        mn->keys.with = mn->aaa; /* for its B-TID */
        mn->keys.with.msa = heard->home;
        lk_mip_mn_keys_forget(&mn->keys.next);
        keep(s);
    }
    mn->foreign_lost = false;
    if (heard->has_foreign) {
        lk_mip_mn_remember(mn, heard->reply.extensions.mn_fa_key.nonce);
        mn->foreign = heard->foreign;
        mn->has_foreign = true;
    }
    mn->home_spi = mn->foreign_spi = mn->lost_spi = 0;
}

static bool is_sound(const struct lk_mip_msa *msa, bool aaa)
{
    if (aaa && msa->there.spi == LK_MIP_SPI_CHAP)
        return true;
    return msa->there.spi >= LK_MIP_SPI_LEAST &&
           lk_mip_authenticator_len(msa->there.algorithm) > 0;
}

enum lk_status lk_mip_mn_take_keys(struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn_event *event = s->event;
    struct lk_mip_mn *mn = s->mn;

    if (!is_sound(&event->keys.msa, event->keys.aaa))
        return LK_E_VALUE;
    if (event->keys.aaa)
        return lk_mip_mn_keys_set(&mn->aaa, &event->keys.msa, event->keys.b_tid);
    return lk_mip_mn_pair_add(&mn->keys, &event->keys.msa, event->keys.b_tid, event->now_ms);
}

/* T30: between two moves is the time to use a new key. */
enum lk_status lk_mip_mn_use_keys(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    bool needed = !s->event->keys.aaa || !lk_mip_mn_keys_usable(&mn->keys.with, s->event->now_ms);
    enum lk_status status = lk_mip_mn_take_keys(s);

    if (status != LK_OK || !needed)
        return status;
    return send_or_wait(s, LK_MIP_MN_AWAIT_RENEWED, lk_mip_mn_prepare(s, true));
}

/* ---- places ---- */

static bool is_place(const struct lk_mip_mn_place *place)
{
    return lk_address_is_v4(&place->care_of) && !lk_address_is_any(&place->care_of) &&
           place->challenge_len <= sizeof place->challenge;
}

enum lk_status lk_mip_mn_start(struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn_event *event = s->event;
    struct lk_mip_mn *mn = s->mn;

    if (!is_place(&event->start.place) ||
        (lk_address_is_any(&event->start.agent) && lk_address_is_any(&event->start.place.fa)))
        return LK_E_VALUE;
    mn->place = event->start.place;
    mn->home = event->start.home;
    mn->agent = event->start.agent;
    lk_mip_mn_leave_fa(mn);
    mn->redirects = 0;
    mn->bound_until_ms = 0;
    return send_or_wait(s, LK_MIP_MN_AWAIT_BOUND, lk_mip_mn_prepare(s, false));
}

enum lk_status lk_mip_mn_move(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;

    if (!is_place(&s->event->move) ||
        (lk_address_is_any(&mn->agent) && lk_address_is_any(&s->event->move.fa)))
        return LK_E_VALUE;
    if (!lk_address_equal(&mn->place.fa, &s->event->move.fa))
        lk_mip_mn_leave_fa(mn);
    mn->place = s->event->move;
    mn->redirects = 0;
    return send_or_wait(s,
                        mn->state == LK_MIP_MN_AWAIT_BOUND ? LK_MIP_MN_AWAIT_BOUND
                                                           : LK_MIP_MN_AWAIT_MOVED,
                        lk_mip_mn_prepare(s, false));
}

/* ---- replies ---- */

static void take_challenge(struct lk_mip_mn_serving *s)
{
    struct lk_span challenge = s->heard->reply.extensions.challenge;

    if (challenge.len == 0 || challenge.len > LK_MIP_MN_CHALLENGE)
        return;
    memcpy(s->mn->place.challenge, challenge.at, challenge.len);
    s->mn->place.challenge_len = (uint8_t)challenge.len;
}

/* spec: RFC 5944 3.6.2.2 - registered, for no longer than was asked for, and since the request was
 * sent: the agent's time began behind that, so the binding does not end there before it ends
 * here. */
enum lk_status lk_mip_mn_bound(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_reply *reply = &s->heard->reply;
    struct lk_mip_mn_bound *bound;

    install(s);
    take_challenge(s);
    mn->nonce = (uint32_t)(reply->identification >> 32);
    mn->home = reply->home;
    if (!lk_address_is_any(&reply->agent))
        mn->agent = reply->agent;
    bound = &lk_mip_mn_add(s->out, LK_MIP_MN_OUT_BOUND)->bound;
    bound->home = mn->home;
    bound->agent = mn->agent;
    bound->lifetime_s = reply->lifetime_s < mn->asked_s ? reply->lifetime_s : mn->asked_s;
    bound->udp = lk_mip_has(&reply->extensions, LK_MIP_UDP_REPLY) &&
                 reply->extensions.udp_reply.code == LK_MIP_UDP_ACCEPTED;
    bound->keepalive_s = bound->udp ? reply->extensions.udp_reply.keepalive_s : 0;
    mn->state = LK_MIP_MN_BOUND;
    mn->bound_until_ms = mn->sent_ms + (uint64_t)bound->lifetime_s * LK_MIP_MN_SECOND_MS;
    mn->due_ms = lk_mip_mn_renewal_ms(s->event->now_ms, mn->bound_until_ms,
                                      mn->keys.with.msa.ends_ms);
    lk_mip_mn_add(s->out, LK_MIP_MN_OUT_TIMER)->timer_ms = mn->due_ms;
    return LK_OK;
}

enum lk_status lk_mip_mn_released(struct lk_mip_mn_serving *s)
{
    install(s);
    s->mn->nonce = (uint32_t)(s->heard->reply.identification >> 32);
    lk_mip_mn_add(s->out, LK_MIP_MN_OUT_RELEASED)->why.refusal.reason = LK_REASON_NONE;
    return end(s, LK_MIP_MN_RELEASED);
}

/* What a reply wants otherwise, once of either agent for each time that we send of our own. A new
 * key that proved it is not kept: the agent does not keep it either, and the next has the same
 * nonce. */
enum lk_status lk_mip_mn_again(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_reply *reply = &s->heard->reply;

    promote(s);
    *(lk_mip_mn_is_fas(reply->code) ? &mn->advised : &mn->corrected) = true;
    take_challenge(s); /* the one before is used */
    switch (reply->code) {
    case LK_MIP_CODE_HA_IDENTIFICATION:
        /* spec: RFC 5944 5.7.1 - its time is in the high half. */
        if (mn->home_spi != 0 || mn->keys.with.msa.replay != LK_MIP_NONCES)
            mn->clock_ms = lk_mip_mn_clock_ms(reply->identification, s->event->now_ms);
        /* spec: RFC 5944 5.7.2 - or it is the nonce that it wants. */
        mn->nonce = (uint32_t)(reply->identification >> 32);
        break;
    case LK_MIP_CODE_FA_LIFETIME: mn->asked_s = reply->lifetime_s; break;
    case LK_MIP_CODE_FA_MISSING_MN_FA:
        lk_mip_mn_leave_fa(mn);
        mn->foreign_spi = (uint32_t)(s->event->entropy >> 32) | LK_MIP_SPI_LEAST;
        break;
    default: break;
    }
    return lk_mip_mn_send(s);
}

/* spec: RFC 5944 3.6.2.3 - 136 has the agent's own address.
 * spec: RFC 4433 5 - 143 names another agent, which does not know our key: it is asked for anew
 * where there is a home AAA to ask. */
enum lk_status lk_mip_mn_redirect(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    const struct lk_mip_reply *reply = &s->heard->reply;

    promote(s);
    mn->redirects++;
    mn->agent = reply->agent;
    if (reply->code == LK_MIP_CODE_HA_REDIRECTED) {
        mn->agent = reply->extensions.dynamic_ha.agent;
        mn->nonce = 0;
        mn->home_spi = mn->lost_spi = 0; /* answered: for the other agent it is another question */
        if (lk_mip_mn_keys_usable(&mn->aaa, s->event->now_ms)) {
            lk_mip_mn_keys_forget(&mn->keys.with);
            lk_mip_mn_keys_forget(&mn->keys.next);
        }
    }
    return send_or_wait(s, mn->state, lk_mip_mn_prepare(s, false));
}

enum lk_status lk_mip_mn_refused(struct lk_mip_mn_serving *s)
{
    promote(s);
    return fail(s, LK_REASON_MIP_REFUSED, s->heard->reply.code);
}

/* Nothing proves it, or it passes: the timer goes on, and if nothing better comes, this is why. */
enum lk_status lk_mip_mn_hint(struct lk_mip_mn_serving *s)
{
    s->mn->hint = s->heard->reply.code;
    say_why(s, LK_MIP_MN_OUT_DROPPED, LK_REASON_MIP_REFUSED, s->mn->hint);
    return LK_OK;
}

/* T25, spec: RFC 5944 3.6.2.1 - what is not believed changes nothing. */
enum lk_status lk_mip_mn_drop(struct lk_mip_mn_serving *s)
{
    say_why(s, LK_MIP_MN_OUT_DROPPED, s->heard->doubt, s->heard->reply.code);
    return LK_OK;
}

/* ---- time ---- */

static bool has_key(const struct lk_mip_mn_serving *s)
{
    const struct lk_mip_mn *mn = s->mn;

    return lk_mip_mn_pair_usable(&mn->keys, s->event->now_ms) ||
           (mn->home_spi != 0 && lk_mip_mn_keys_usable(&mn->aaa, s->event->now_ms));
}

/* While there is a binding it is tried on: the network may come back before it ends. */
enum lk_status lk_mip_mn_retry(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;
    bool releases = mn->state == LK_MIP_MN_AWAIT_RELEASED;
    bool over = releases || s->event->now_ms >= mn->bound_until_ms;
    uint8_t tries = mn->tries;
    bool ready;

    if (mn->tries >= (releases ? s->config->release_tries : s->config->tries) && over)
        return fail(s, mn->hint != 0 ? LK_REASON_MIP_REFUSED : LK_REASON_MIP_NO_ANSWER, mn->hint);
    mn->corrected = mn->advised = false;
    lk_mip_mn_doubt_keys(s);
    ready = has_key(s) || lk_mip_mn_prepare(s, true);
    mn->tries = tries; /* another key begins nothing anew: all of it has an end */
    return send_or_wait(s, mn->state, ready);
}

enum lk_status lk_mip_mn_renew(struct lk_mip_mn_serving *s)
{
    s->mn->redirects = 0;
    return send_or_wait(s, LK_MIP_MN_AWAIT_RENEWED, lk_mip_mn_prepare(s, true));
}

/* spec: RFC 5944 3.6.1.2 - lifetime 0. What was never proven to the agent has nothing to end. */
enum lk_status lk_mip_mn_stop(struct lk_mip_mn_serving *s)
{
    struct lk_mip_mn *mn = s->mn;

    mn->state = LK_MIP_MN_AWAIT_RELEASED;
    mn->home_spi = 0;
    if (!has_key(s))
        return fail(s, LK_REASON_MIP_KEY_EXPIRED, 0);
    return send_or_wait(s, LK_MIP_MN_AWAIT_RELEASED, lk_mip_mn_prepare(s, false));
}
