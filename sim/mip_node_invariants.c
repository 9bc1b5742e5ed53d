/* The invariants of mobile nodes in the world of Mobile IP: see mip_invariants.h. */
#include <string.h>

#include "node/binding_protocol.h"
#include "sim/mip_invariants.h"

void sim_check_mobile_before(struct sim_world *world, const struct sim_mobile *node)
{
    sim_truth_of(world, node)->bound_until_ms = node->mn.bound_until_ms;
    sim_truth_of(world, node)->state = node->mn.state;
}

/* T30: nothing is torn because a key has come to its end. */
static void check_key_end(struct sim_world *world, const struct sim_mobile *node,
                          const struct lk_mip_mn_event *event)
{
    const struct sim_mip_truth *t = sim_truth_of(world, node);
    const struct lk_mip_mn_output *failed = lk_mip_mn_find(&world->mip->out, LK_MIP_MN_OUT_FAILED);

    if (failed != NULL && failed->why.refusal.reason == LK_REASON_MIP_KEY_EXPIRED &&
        event->kind != LK_MIP_MN_EV_MOVE && event->now_ms < t->bound_until_ms &&
        (t->state == LK_MIP_MN_BOUND || t->state == LK_MIP_MN_AWAIT_RENEWED))
        sim_break(world, "outlives-its-key", "node %u gives its binding up for want of a key",
                  node->index);
}

static void check_deadline(struct sim_world *world, const struct sim_mobile *node)
{
    uint64_t end_ms = world->heal_ms + sim_mip_settle_ms(world);
    uint64_t now_ms = world->now_ms < end_ms ? world->now_ms : end_ms;

    if (node->since_ms != 0 && node->access != SIM_AT_A_MAG &&
        now_ms > node->since_ms + SIM_MIP_DEADLINE_MS)
        sim_break(world, "ends-in-time", "node %u: what it began %llu ms ago has no end",
                  node->index, (unsigned long long)(now_ms - node->since_ms));
}

void sim_check_mobile(struct sim_world *world, const struct sim_mobile *node,
                      const struct lk_mip_mn_event *event)
{
    check_key_end(world, node, event);
    check_deadline(world, node);
}

/* T10, T11, T12: what a node has signed, to the octet. */
void sim_check_request(struct sim_world *world, const struct sim_mobile *node,
                       struct lk_span octets)
{
    struct sim_mip_words words;
    bool fresh;

    if (sim_request_read(&words, node->six, octets))
        *sim_ledger_at(&world->ledger, words.covered, &fresh) = node->index;
}

void sim_check_home(struct sim_world *world, const struct sim_mobile *node)
{
    struct sim_mip_truth *t = sim_truth_of(world, node);

    if (t->home != 0 && t->home != node->home && world->mip->agent.durable)
        sim_break(world, "same-address", "node %u has another address than before", node->index);
    t->home = node->home;
}

void sim_check_heard(struct sim_world *world, const struct sim_mobile *node, unsigned of)
{
    if (of != node->index && world->mip->agent.durable)
        sim_break(world, "volume-right", "node %u hears what is for node %u", node->index, of);
}

void sim_check_attach(struct sim_world *world, const struct sim_mobile *node, uint64_t attach_ms)
{
    sim_truth_of(world, node)->attach_ms = attach_ms;
}

/* ---- at rest ---- */

static void check_bound(struct sim_world *world, const struct sim_mobile *node)
{
    const struct lk_binding *row = sim_row_of(world, node);
    struct lk_binding_standing stands = { .owner = 0 };

    if (row != NULL)
        stands = lk_binding_stands(row);
    if (!stands.passes)
        sim_break(world, "live", "node %u has no binding", node->index);
    else if (node->access == SIM_AT_A_MAG ? stands.owner != node->at + 1
                                          : stands.owner != LK_BINDING_DEVICE)
        sim_break(world, "live", "node %u is not where its binding is", node->index);
    else if (node->access != SIM_AT_A_MAG && !lk_mip_mn_is_bound(&node->mn))
        sim_break(world, "live", "node %u is %s", node->index,
                  lk_mip_mn_state_name(node->mn.state));
}

/* The last of what each end said has come to the other. */
static void check_words(struct sim_world *world, const struct sim_mobile *node)
{
    if (node->heard != node->sent_down)
        sim_break(world, "live", "node %u has not heard the last word", node->index);
    if (node->heard_up != node->sent)
        sim_break(world, "live", "node %u was not heard", node->index);
}

void sim_check_mip_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        check_deadline(world, &world->mip->node[i]);
    for (unsigned i = 0; i + 1 < world->mip->fas; i++)
        sim_check_visits(world, &world->mip->fa[i]);
    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_mobile *node = &world->mip->node[i];

        sim_check_account(world, node);
        check_bound(world, node);
        if (sim_mip_own(world, SIM_MIP_SPEAK_MS) > 0)
            check_words(world, node);
    }
}
