/* A mobile node of MIPv6, in the words of that of Mobile IPv4, as role/ue_mip6.c has it: the same
 * events and outputs, with state and times in mn. Its places are of IPv4. */
#include <string.h>

#include "base/secret.h"
#include "sim/mip_invariants.h"

enum { BY_SIX = 500 };

void sim_mobile_speaks(struct sim_world *world, struct sim_mobile *node, bool six)
{
    (void)world;
    node->six = six;
    lk_mip_mn_init(&node->mn);
    lk_mip_mn6_init(&node->mn6);
    node->timer++;
    node->since_ms = 0;
    node->idle = true;
}

/* It has both, and there is no foreign agent of MIPv6. */
void sim_mobile_any(struct sim_world *world, struct sim_mobile *node)
{
    bool six = node->both && node->access != SIM_AT_AN_FA &&
               sim_random_chance(&world->random, BY_SIX);

    if (six != node->six)
        sim_mobile_speaks(world, node, six);
}

/* ---- events ---- */

static void translate(struct lk_mip_mn6_event *to, const struct sim_world *world,
                      const struct lk_mip_mn_event *event)
{
    memset(to, 0, sizeof *to);
    to->now_ms = event->now_ms;
    to->entropy = event->entropy;
    switch (event->kind) {
    case LK_MIP_MN_EV_KEYS:
        to->kind = LK_MIP_MN6_EV_KEYS;
        to->keys.msa = event->keys.msa;
        to->keys.b_tid = event->keys.b_tid;
        break;
    case LK_MIP_MN_EV_START:
        to->kind = LK_MIP_MN6_EV_START;
        to->start.place.care_of = event->start.place.care_of;
        to->start.agent.address = world->mip->agent.config.mip.agent6;
        to->start.agent.ipv4 = event->start.agent;
        break;
    case LK_MIP_MN_EV_MOVE:
        to->kind = LK_MIP_MN6_EV_MOVE;
        to->move.care_of = event->move.care_of;
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

static void carry_over(struct sim_world *world, struct sim_mobile *node,
                       struct lk_mip_mn_output *to, const struct lk_mip_mn6_output *said)
{
    memset(to, 0, sizeof *to);
    switch (said->kind) {
    case LK_MIP_MN6_OUT_SEND:
        to->kind = LK_MIP_MN_OUT_SEND;
        LK_ASSERT(said->send.octets.len <= sizeof world->mip->out.octets);
        memcpy(world->mip->out.octets, said->send.octets.at, said->send.octets.len);
        to->send.octets = lk_span_of(world->mip->out.octets, said->send.octets.len);
        to->send.to = said->send.to;
        break;
    case LK_MIP_MN6_OUT_TIMER:
        to->kind = LK_MIP_MN_OUT_TIMER;
        to->timer_ms = said->timer_ms;
        break;
    case LK_MIP_MN6_OUT_BOUND:
        world->report->count[SIM_MIP_BOUND6]++;
        node->home6 = said->bound.home;
        to->kind = LK_MIP_MN_OUT_BOUND;
        to->bound.home = said->bound.ipv4;
        to->bound.lifetime_s = (uint16_t)said->bound.lifetime_s;
        break;
    case LK_MIP_MN6_OUT_KEPT:
        to->kind = LK_MIP_MN_OUT_KEPT;
        to->kept = said->kept;
        break;
    case LK_MIP_MN6_OUT_RELEASED: to->kind = LK_MIP_MN_OUT_RELEASED; break;
    case LK_MIP_MN6_OUT_DROPPED:
    case LK_MIP_MN6_OUT_FAILED:
        to->kind = said->kind == LK_MIP_MN6_OUT_FAILED ? LK_MIP_MN_OUT_FAILED
                                                       : LK_MIP_MN_OUT_DROPPED;
        to->why.refusal = said->why.refusal;
        break;
    }
}

enum lk_status sim_mobile6_step(struct sim_world *world, struct sim_mobile *node,
                                const struct lk_mip_mn_event *event)
{
    struct sim_mip *mip = world->mip;
    struct lk_mip_mn6_config config = mip->mn6_config;
    struct lk_mip_mn6_event given;
    enum lk_status status;

    config.nai = lk_span_text(node->nai);
    translate(&given, world, event);
    status = lk_mip_mn6_step(&node->mn6, &config, &given, &mip->out6);
    mip->out.count = status == LK_OK ? mip->out6.count : 0;
    for (size_t i = 0; i < mip->out.count; i++)
        carry_over(world, node, &mip->out.item[i], &mip->out6.item[i]);
    node->mn.state = (enum lk_mip_mn_state)node->mn6.state;
    node->mn.due_ms = node->mn6.due_ms;
    node->mn.bound_until_ms = node->mn6.bound_until_ms;
    lk_wipe(&given, sizeof given);
    return status;
}
