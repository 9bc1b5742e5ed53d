/* The mobile node of MIPv6, inside the process of role ue: the second machine of section ue.mip, in
 * the words of the first.
 *
 * What the owner asks, the ways to keys and the tunnel are the same. So events go in, and outputs
 * come out, as those of Mobile IPv4; state, place and times stand in mip->mn, whichever machine
 * it is. Only the keys each has for itself (lk_ue_mip_pair). */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/ue_manager.h"

#define SAME(state) \
    _Static_assert((int)LK_MIP_MN6_##state == (int)LK_MIP_MN_##state, "their states are the same")
SAME(IDLE);
SAME(AWAIT_BOUND);
SAME(BOUND);
SAME(AWAIT_RENEWED);
SAME(AWAIT_MOVED);
SAME(AWAIT_RELEASED);
SAME(RELEASED);
SAME(FAILED);

enum { LIFETIME_MAX_S = 65532 };

/* Its row has seen to it that it is one. */
static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    LK_ASSERT(lk_address_parse(&address, text[0] == '\0' ? "::" : text) == LK_OK);
    return address;
}

const struct lk_mip_mn_pair *lk_ue_mip_pair(const struct lk_ue_mip *mip)
{
    return mip->version == LK_UE_MIP_V6 ? &mip->mn6.keys : &mip->mn.keys;
}

/* What nobody has, for want of a home agent at such an address; else NULL. */
const char *lk_ue_mip6_lacks(const struct lk_ue_manager *ue, size_t place)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    const struct lk_address own = address_of(c->places[place].address);

    if (c->places[place].agent[0] != '\0')
        return "a foreign agent is one of Mobile IPv4: another place";
    return !lk_address_is_v4(&own) && c->home_agent6[0] == '\0'
               ? "from an IPv6 address there is no way: ue.mip.home_agent6"
               : NULL;
}

void lk_ue_mip6_begin(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    struct lk_mip_mn6_config *to = &ue->mip.config6;
    unsigned lifetime_s = c->lifetime_s < LIFETIME_MAX_S ? c->lifetime_s : LIFETIME_MAX_S;

    lk_mip_mn6_init(&ue->mip.mn6);
    lk_mip_mn6_defaults(to);
    to->nai = lk_span_text(ue->mip.nai);
    to->lifetime = (uint16_t)((lifetime_s + LK_MOBILITY_LIFETIME_UNIT_S - 1) /
                              LK_MOBILITY_LIFETIME_UNIT_S);
    to->udp_forced = c->udp_forced;
    to->enterprise = ue->process.config->radius.enterprise;
}

/* ---- events ---- */

static struct lk_mip_mn6_place place_of(const struct lk_ue_manager *ue,
                                        const struct lk_mip_mn_place *place)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;

    return (struct lk_mip_mn6_place){ .care_of = place->care_of,
                                      .from = address_of(c->places[ue->mip.going].address) };
}

static void translate(struct lk_mip_mn6_event *to, const struct lk_ue_manager *ue,
                      const struct lk_mip_mn_event *event)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;

    memset(to, 0, sizeof *to);
    to->now_ms = event->now_ms;
    to->entropy = event->entropy;
    switch (event->kind) {
    case LK_MIP_MN_EV_KEYS:
        to->kind = LK_MIP_MN6_EV_KEYS;
        to->keys.aaa = event->keys.aaa;
        to->keys.msa = event->keys.msa;
        to->keys.b_tid = event->keys.b_tid;
        break;
    case LK_MIP_MN_EV_START:
        to->kind = LK_MIP_MN6_EV_START;
        to->start.place = place_of(ue, &event->start.place);
        to->start.agent.address = address_of(c->gateway6);
        to->start.agent.ipv4 = event->start.agent;
        break;
    case LK_MIP_MN_EV_MOVE:
        to->kind = LK_MIP_MN6_EV_MOVE;
        to->move = place_of(ue, &event->move);
        break;
    case LK_MIP_MN_EV_RECEIVED:
        to->kind = LK_MIP_MN6_EV_RECEIVED;
        to->received = event->received;
        break;
    case LK_MIP_MN_EV_EXPIRED: to->kind = LK_MIP_MN6_EV_EXPIRED; break;
    case LK_MIP_MN_EV_STOP: to->kind = LK_MIP_MN6_EV_STOP; break;
    }
}

/* ---- outputs ---- */

/* Datagrams go to the socket of the home agent, of the family of the place. */
static void send_of(struct lk_mip_mn_output *to, const struct lk_ue_manager *ue,
                    const struct lk_mip_mn6_output *said)
{
    to->kind = LK_MIP_MN_OUT_SEND;
    to->send.octets = said->send.octets;
    to->send.to = lk_address_is_v4(&said->send.to)
                      ? said->send.to
                      : address_of(ue->process.config->ue.mip.home_agent6);
}

static void bound_of(struct lk_mip_mn_output *to, struct lk_ue_manager *ue,
                     const struct lk_mip_mn6_bound *bound)
{
    ue->mip.home4 = bound->ipv4;
    to->kind = LK_MIP_MN_OUT_BOUND;
    to->bound.home = bound->home;
    to->bound.agent = ue->mip.mn6.agent.address;
    to->bound.lifetime_s =
        bound->lifetime_s < UINT16_MAX ? (uint16_t)bound->lifetime_s : UINT16_MAX;
    to->bound.udp = bound->udp;
    to->bound.keepalive_s = bound->keepalive_s;
}

static void carry_over(struct lk_mip_mn_output *to, struct lk_ue_manager *ue,
                       const struct lk_mip_mn6_output *said)
{
    memset(to, 0, sizeof *to);
    switch (said->kind) {
    case LK_MIP_MN6_OUT_SEND: send_of(to, ue, said); return;
    case LK_MIP_MN6_OUT_TIMER:
        to->kind = LK_MIP_MN_OUT_TIMER;
        to->timer_ms = said->timer_ms;
        return;
    case LK_MIP_MN6_OUT_BOUND: bound_of(to, ue, &said->bound); return;
    case LK_MIP_MN6_OUT_KEPT:
        to->kind = LK_MIP_MN_OUT_KEPT;
        to->kept = said->kept;
        return;
    case LK_MIP_MN6_OUT_RELEASED:
    case LK_MIP_MN6_OUT_DROPPED:
    case LK_MIP_MN6_OUT_FAILED:
        to->kind = said->kind == LK_MIP_MN6_OUT_FAILED    ? LK_MIP_MN_OUT_FAILED
                   : said->kind == LK_MIP_MN6_OUT_RELEASED ? LK_MIP_MN_OUT_RELEASED
                                                           : LK_MIP_MN_OUT_DROPPED;
        to->why.code = said->why.status;
        to->why.refusal = said->why.refusal;
    }
}

enum lk_status lk_ue_mip6_step(struct lk_ue_manager *ue, const struct lk_mip_mn_event *event)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_mip_mn6_event given;
    enum lk_status status;

    translate(&given, ue, event);
    status = lk_mip_mn6_step(&mip->mn6, &mip->config6, &given, &mip->out6);
    mip->out.count = status == LK_OK ? mip->out6.count : 0;
    for (size_t i = 0; i < mip->out.count; i++)
        carry_over(&mip->out.item[i], ue, &mip->out6.item[i]);
    mip->mn.state = (enum lk_mip_mn_state)mip->mn6.state;
    mip->mn.place.care_of = mip->mn6.place.care_of;
    mip->mn.due_ms = mip->mn6.due_ms;
    mip->mn.bound_until_ms = mip->mn6.bound_until_ms;
    lk_wipe(&given, sizeof given);
    return status;
}
