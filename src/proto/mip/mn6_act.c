/* The mobile node's machine of MIPv6: what each rule does. */
#include <string.h>

#include "proto/mip/mn6_parts.h"
#include "proto/mip/msa6.h"

enum { UNIT_MS = LK_MOBILITY_LIFETIME_UNIT_S * LK_MIP_MN_SECOND_MS };

/* ---- the ends ---- */

static void say_why(struct lk_mip_mn6_serving *s, enum lk_mip_mn6_output_kind kind,
                    enum lk_reason reason, uint8_t status)
{
    struct lk_mip_mn6_output *item = lk_mip_mn6_add(s->out, kind);

    item->why.status = status;
    item->why.refusal =
        lk_refusal_of(reason, NULL, status == 0 ? NULL : lk_mobility_status_name(status));
}

static enum lk_status end(struct lk_mip_mn6_serving *s, enum lk_mip_mn6_state state)
{
    struct lk_mip_mn6 *mn = s->mn;

    mn->state = state;
    mn->due_ms = mn->bound_until_ms = 0;
    return LK_OK;
}

/* A deregistration that nobody answers, or that is refused, ends all the same: by the lifetime. */
static enum lk_status fail(struct lk_mip_mn6_serving *s, enum lk_reason reason, uint8_t status)
{
    if (s->mn->state == LK_MIP_MN6_AWAIT_RELEASED) {
        say_why(s, LK_MIP_MN6_OUT_RELEASED, reason, status);
        return end(s, LK_MIP_MN6_RELEASED);
    }
    say_why(s, LK_MIP_MN6_OUT_FAILED, reason, status);
    return end(s, LK_MIP_MN6_FAILED);
}

/* T30: no key, but a binding that still lives: nothing is torn. */
static enum lk_status send_or_wait(struct lk_mip_mn6_serving *s, enum lk_mip_mn6_state state)
{
    struct lk_mip_mn6 *mn = s->mn;

    mn->state = state;
    if (lk_mip_mn_pair_usable(&mn->keys, s->event->now_ms))
        return lk_mip_mn6_send(s);
    if (state != LK_MIP_MN6_AWAIT_RENEWED || s->event->now_ms >= mn->bound_until_ms)
        return fail(s, LK_REASON_MIP_KEY_EXPIRED, 0);
    mn->state = LK_MIP_MN6_BOUND;
    mn->due_ms = mn->bound_until_ms;
    lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_TIMER)->timer_ms = mn->due_ms;
    return LK_OK;
}

/* ---- keys ---- */

/* T26: an acknowledgement under the new one has proven that the agent has it. */
static void promote(struct lk_mip_mn6_serving *s)
{
    if (lk_mip_mn_pair_proven(&s->mn->keys))
        lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_KEPT)->kept = s->mn->keys.with.msa;
}

/* T22, spec: RFC 4285 5 - all of its proofs are made by HMAC-SHA-1. */
static bool is_sound(const struct lk_mip_msa *msa, bool aaa)
{
    return msa->there.algorithm == LK_MIP_HMAC_SHA1 &&
           (aaa ? msa->there.spi == LK_MIP6_SPI_AAA : msa->there.spi >= LK_MIP_SPI_LEAST);
}

enum lk_status lk_mip_mn6_take_keys(struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6_event *event = s->event;

    if (!is_sound(&event->keys.msa, event->keys.aaa))
        return LK_E_VALUE;
    if (event->keys.aaa)
        return lk_mip_mn_keys_set(&s->mn->aaa, &event->keys.msa, event->keys.b_tid);
    return lk_mip_mn_pair_add(&s->mn->keys, &event->keys.msa, event->keys.b_tid, event->now_ms);
}

/* T30: between two moves is the time to use a new key. */
enum lk_status lk_mip_mn6_use_keys(struct lk_mip_mn6_serving *s)
{
    enum lk_status status = lk_mip_mn6_take_keys(s);

    if (status != LK_OK || s->event->keys.aaa)
        return status;
    lk_mip_mn6_prepare(s->mn);
    return send_or_wait(s, LK_MIP_MN6_AWAIT_RENEWED);
}

/* ---- places ---- */

/* spec: RFC 5555 4.1 - over IPv4 the home agent must have an IPv4 address, too. */
static bool is_place(const struct lk_mip_mn6_place *place, const struct lk_mip_mn6_agent *agent)
{
    bool v4 = lk_address_is_v4(&place->care_of);

    return !lk_address_is_any(&place->care_of) &&
           (lk_address_is_any(&place->from) || lk_address_is_v4(&place->from) == v4) &&
           (!v4 || (lk_address_is_v4(&agent->ipv4) && !lk_address_is_any(&agent->ipv4)));
}

static bool is_start(const struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6_agent *agent = &s->event->start.agent;

    return s->config->nai.len > 0 && is_place(&s->event->start.place, agent) &&
           !lk_address_is_any(&agent->address) && !lk_address_is_v4(&agent->address) &&
           !lk_address_is_v4(&s->event->start.home);
}

enum lk_status lk_mip_mn6_start(struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6_event *event = s->event;
    struct lk_mip_mn6 *mn = s->mn;

    if (!is_start(s))
        return LK_E_VALUE;
    mn->place = event->start.place;
    mn->agent = event->start.agent;
    mn->home = event->start.home;
    mn->any_home = lk_address_is_any(&mn->home);
    memset(&mn->ipv4, 0, sizeof mn->ipv4);
    /* Who has never sent one does not know what the agent has had of it. */
    if (mn->mesg_id == 0)
        mn->sequence = (uint16_t)(event->entropy >> 32);
    mn->bound_until_ms = 0;
    lk_mip_mn6_prepare(mn);
    return send_or_wait(s, LK_MIP_MN6_AWAIT_BOUND);
}

enum lk_status lk_mip_mn6_move(struct lk_mip_mn6_serving *s)
{
    struct lk_mip_mn6 *mn = s->mn;

    if (!is_place(&s->event->move, &mn->agent))
        return LK_E_VALUE;
    mn->place = s->event->move;
    lk_mip_mn6_prepare(mn);
    return send_or_wait(s, mn->state == LK_MIP_MN6_AWAIT_BOUND ? LK_MIP_MN6_AWAIT_BOUND
                                                               : LK_MIP_MN6_AWAIT_MOVED);
}

/* ---- acknowledgements ---- */

/* spec: RFC 5555 3.2.1 - what became of the IPv4 home address. One that is refused is not asked for
 * again: the next time any will do. */
static void take_ipv4(struct lk_mip_mn6_serving *s, struct lk_mip_mn6_bound *bound)
{
    const struct lk_mobility_options *o = &s->heard->ack.options;
    struct lk_address *ipv4 = &s->mn->ipv4;

    memset(ipv4, 0, sizeof *ipv4);
    bound->ipv4_status = LK_IPV4_HOME_UNSPECIFIED; /* an agent that knows nothing of it is silent */
    if (s->config->ipv4 && lk_mobility_has(o, LK_MO_IPV4_HOME_ACK)) {
        bound->ipv4_status = o->ipv4_home_ack.status;
        if (bound->ipv4_status < LK_IPV4_HOME_UNSPECIFIED)
            *ipv4 = lk_address_v4(o->ipv4_home_ack.address.octets);
    }
    bound->ipv4 = *ipv4;
}

/* spec: RFC 5555 3.2.2 - the option says that the tunnel is in UDP; all ones, that no translator
 * has to be kept from forgetting. */
static void take_tunnel(const struct lk_mip_mn6_serving *s, struct lk_mip_mn6_bound *bound)
{
    const struct lk_mobility_options *o = &s->heard->ack.options;
    uint32_t refresh_s = o->nat.refresh_s;

    bound->udp = lk_mobility_has(o, LK_MO_NAT);
    bound->keepalive_s = 0;
    if (!bound->udp || refresh_s == UINT32_MAX)
        return;
    if (refresh_s == 0)
        refresh_s = s->config->keepalive_s;
    bound->keepalive_s = refresh_s < UINT16_MAX ? (uint16_t)refresh_s : UINT16_MAX;
}

/* spec: RFC 6275 6.2.4 - the home agent may wish for it earlier. */
static uint64_t renewal_ms(const struct lk_mip_mn6_serving *s)
{
    const struct lk_mobility_message *ack = &s->heard->ack;
    uint64_t at_ms = lk_mip_mn_renewal_ms(s->event->now_ms, s->mn->bound_until_ms,
                                          s->mn->keys.with.msa.ends_ms);
    uint64_t wish_ms = s->event->now_ms + (uint64_t)ack->options.refresh * UNIT_MS;

    return ack->options.refresh > 0 && wish_ms < at_ms ? wish_ms : at_ms;
}

/* spec: RFC 6275 11.7.3 - registered, for no longer than was asked for, since it was asked. */
enum lk_status lk_mip_mn6_bound(struct lk_mip_mn6_serving *s)
{
    struct lk_mip_mn6 *mn = s->mn;
    const struct lk_mobility_message *ack = &s->heard->ack;
    uint16_t lifetime = ack->lifetime < s->config->lifetime ? ack->lifetime
                                                            : s->config->lifetime;
    struct lk_mip_mn6_bound *bound;

    promote(s);
    mn->home = s->heard->home;
    bound = &lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_BOUND)->bound;
    bound->home = mn->home;
    bound->lifetime_s = (uint32_t)lifetime * LK_MOBILITY_LIFETIME_UNIT_S;
    take_ipv4(s, bound);
    take_tunnel(s, bound);
    mn->state = LK_MIP_MN6_BOUND;
    mn->bound_until_ms = mn->sent_ms + (uint64_t)lifetime * UNIT_MS;
    mn->due_ms = renewal_ms(s);
    lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_TIMER)->timer_ms = mn->due_ms;
    return LK_OK;
}

enum lk_status lk_mip_mn6_released(struct lk_mip_mn6_serving *s)
{
    promote(s);
    lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_RELEASED)->why.refusal.reason = LK_REASON_NONE;
    return end(s, LK_MIP_MN6_RELEASED);
}

/* What an acknowledgement wants otherwise, once for each time that we send of our own. */
enum lk_status lk_mip_mn6_again(struct lk_mip_mn6_serving *s)
{
    struct lk_mip_mn6 *mn = s->mn;
    const struct lk_mobility_message *ack = &s->heard->ack;

    promote(s);
    mn->corrected = true;
    switch (ack->status) {
    case LK_BA_ID_MISMATCH: /* spec: RFC 4285 6 - by its clock. */
        mn->clock_ms = lk_mip_mn_clock_ms(ack->options.mesg_id, s->event->now_ms);
        break;
    case LK_BA_SEQUENCE: /* spec: RFC 6275 11.7.3 - behind the last that it took. */
        mn->sequence = ack->sequence;
        break;
    default: /* The address that it gave us is ours no longer: another one, then. */
        memset(&mn->home, 0, sizeof mn->home);
    }
    return lk_mip_mn6_send(s);
}

enum lk_status lk_mip_mn6_refused(struct lk_mip_mn6_serving *s)
{
    promote(s);
    return fail(s, LK_REASON_MIP_REFUSED, s->heard->ack.status);
}

/* It passes: the timer goes on, and if nothing better comes, this is why. */
enum lk_status lk_mip_mn6_hint(struct lk_mip_mn6_serving *s)
{
    s->mn->hint = s->heard->ack.status;
    say_why(s, LK_MIP_MN6_OUT_DROPPED, LK_REASON_MIP_REFUSED, s->mn->hint);
    return LK_OK;
}

/* T10, spec: RFC 4285 5.2 - what is not believed changes nothing. */
enum lk_status lk_mip_mn6_drop(struct lk_mip_mn6_serving *s)
{
    say_why(s, LK_MIP_MN6_OUT_DROPPED, s->heard->doubt, s->heard->ack.status);
    return LK_OK;
}

/* ---- time ---- */

/* While there is a binding it is tried on: the network may come back before it ends. */
enum lk_status lk_mip_mn6_retry(struct lk_mip_mn6_serving *s)
{
    struct lk_mip_mn6 *mn = s->mn;
    bool releases = mn->state == LK_MIP_MN6_AWAIT_RELEASED;
    bool over = releases || s->event->now_ms >= mn->bound_until_ms;

    if (mn->tries >= (releases ? s->config->release_tries : s->config->tries) && over)
        return fail(s, mn->hint != 0 ? LK_REASON_MIP_REFUSED : LK_REASON_MIP_NO_ANSWER, mn->hint);
    mn->corrected = false;
    return send_or_wait(s, mn->state);
}

enum lk_status lk_mip_mn6_renew(struct lk_mip_mn6_serving *s)
{
    lk_mip_mn6_prepare(s->mn);
    return send_or_wait(s, LK_MIP_MN6_AWAIT_RENEWED);
}

/* spec: RFC 6275 11.7.1 - lifetime 0. */
enum lk_status lk_mip_mn6_stop(struct lk_mip_mn6_serving *s)
{
    lk_mip_mn6_prepare(s->mn);
    return send_or_wait(s, LK_MIP_MN6_AWAIT_RELEASED);
}
