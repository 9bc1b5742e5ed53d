/* Planted bugs of MIS: see plants.h. */
#include "sim/plants_mis.h"

#include <string.h>

#include "node/pos_parts.h"
#include "sim/plants.h"

enum { PILE = 64, PILE_MS = 300000 };

const struct sim_plant sim_plants_mis[] = {
    { "told-count-believed", "reach" },
    { "nonces-forgotten", "replay-makes-nothing" },
    { "stranger-gets-row", "strangers-cost-no-row" },
    { "half-open-for-ever", "nothing-left-behind" },
    { "k-in-clear", "nothing-clear" },
    { "misk-comes-again", "keys-distinct" },
    { "mn-derives-otherwise", "keys-equal" },
    { "tls-is-like-any", "no-k-by-tls" },
    { "nonce-comes-again", "nonces-fresh" },
    { "no-mark-taken", "marked-only" },
    { "any-mark-is-signed", "forged-in-vain" },
    { "mark-has-no-end", "within-its-mark" },
    { "anybody-is-partner", "partners-only" },
    { "mn-goes-anywhere", "partners-only" },
    { "cut-not-noticed", "link-is-up" },
    { "wakes-pile-up", "memory-bounded" },
    { "pos-deaf-after-restart", "live" },
    { "mn-has-no-clock", "answered-in-time" },
    { NULL, NULL },
};

/* It has no count of its own: what a PoS says is what counts. */
static void forget_count(struct lk_mis_device *device)
{
    if (device->mn.state != LK_MIS_MN_SAVING)
        device->mn.chain.used = 0;
    for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        device->link[i].sa.chain_used = 0;
}

bool sim_plant_mn_before(struct sim_mn *mn, struct lk_mis_device_event *event)
{
    if (sim_planted("told-count-believed"))
        forget_count(&mn->device);
    if (sim_planted("nonce-comes-again"))
        memset(event->seed, 0x5a, sizeof event->seed);
    if (sim_planted("anybody-is-partner") || sim_planted("mn-goes-anywhere"))
        mn->config.mn.partners.count = SIM_REALMS;
    return sim_planted("mn-has-no-clock") && event->kind == LK_MIS_DEVICE_EV_EXPIRED;
}

static void pile_up(struct sim_world *world, const struct sim_pos *pos)
{
    for (unsigned i = 0; i < PILE; i++)
        sim_later(world, (struct sim_event){ .kind = SIM_POS_WAKE, .who = pos->index }, PILE_MS,
                  NULL, 0);
}

static void sign(struct lk_pos_event *event)
{
    static struct lk_pos_told told;

    if (event->kind != LK_POS_EV_N2N || event->link.told == NULL)
        return;
    told = *event->link.told;
    told.mark_is_signed = true;
    event->link.told = &told;
}

bool sim_plant_pos_before(struct sim_world *world, struct sim_pos *pos, struct lk_pos_event *event)
{
    if (sim_planted("any-mark-is-signed"))
        sign(event);
    for (uint32_t i = 0; sim_planted("nonces-forgotten") && event->kind == LK_POS_EV_N2N &&
                         i < pos->config.nonces; i++)
        pos->pos->nonce[i].until_ms = 0;
    if (sim_planted("anybody-is-partner"))
        pos->pos->config.tpos.partners.count = SIM_REALMS;
    if (sim_planted("no-mark-taken"))
        pos->pos->config.tpos.unmarked = true;
    if (sim_planted("wakes-pile-up") && event->kind == LK_POS_EV_HEARD)
        pile_up(world, pos);
    if (sim_planted("pos-deaf-after-restart") && event->kind == LK_POS_EV_HEARD)
        return pos->life > 1;
    return sim_planted("cut-not-noticed") && event->kind == LK_POS_EV_LINK_DOWN;
}

static void say_clear(struct lk_pos_outbox *out, const struct sim_mn *mn)
{
    const struct lk_pos_output *n2n = lk_pos_outbox_find(out, LK_POS_OUT_N2N);
    struct lk_pos_output *item;

    if (n2n == NULL || out->count == LK_POS_OUTBOX_MAX)
        return;
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = LK_POS_OUT_SEND;
    item->send.peer = sim_mn_peer(mn->index);
    item->send.octets = n2n->n2n.octets;
}

/* A question to a target for an MN that has a channel. */
static void ask_target(struct lk_pos_outbox *out)
{
    struct lk_pos_output *item;

    if (out->count == LK_POS_OUTBOX_MAX)
        return;
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = LK_POS_OUT_N2N;
    item->n2n.octets = lk_span_of(out->octets, 1);
}

void sim_plant_pos(struct sim_world *world, struct sim_pos *pos, const struct lk_pos_event *event)
{
    static struct lk_mis_sa sa;

    if (sim_planted("stranger-gets-row") && event->kind == LK_POS_EV_HEARD &&
        event->heard.peer.address.octets[12] == 198)
        (void)lk_pos_mn_add(pos->pos, lk_span_text("009990000000000@home.example"));
    for (uint32_t i = 0; sim_planted("half-open-for-ever") && i < pos->pos->mn_touched; i++)
        if (pos->pos->mn[i].has_next)
            lk_due_set(&pos->pos->due, i, LK_DUE_NEVER);
    for (uint32_t i = 0; sim_planted("mark-has-no-end") && i < pos->pos->mn_touched; i++)
        if (pos->pos->mn[i].has_next)
            pos->pos->mn[i].next.expires_ms = UINT64_MAX;
    if (sim_planted("tls-is-like-any") && event->kind == LK_POS_EV_HEARD &&
        event->heard.peer.way == LK_POS_CHANNEL)
        ask_target(&pos->out);
    if (sim_planted("k-in-clear"))
        say_clear(&pos->out, &world->mis->mn[0]);
    for (size_t i = 0; sim_planted("misk-comes-again") && i < pos->out.count; i++)
        if (pos->out.item[i].kind == LK_POS_OUT_KEYS) {
            if (sa.id_len > 0 && pos->pos->now_ms % 2 == 0)
                pos->out.item[i].keys.keys = sa.keys;
            sa = pos->out.item[i].keys;
        }
    for (size_t i = 0; sim_planted("mn-derives-otherwise") && i < pos->out.count; i++)
        if (pos->out.item[i].kind == LK_POS_OUT_KEYS)
            pos->out.item[i].keys.keys.miik.octets[0] ^= 1;
}
