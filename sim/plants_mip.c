/* Planted bugs of Mobile IP: see plants.h. */
#include "sim/plants_mip.h"

#include <string.h>

#include "sim/mip_invariants.h"
#include "sim/plants.h"

enum { PILE = 64, PILE_MS = 300000, HEAD = 6 /* octets of an authentication extension */ };

const struct sim_plant sim_plants_mip[] = {
    { "refusal-changes-a-binding", "failure-changes-nothing" },
    { "stranger-is-believed", "one-binding" },
    { "address-of-two", "one-binding" },
    { "epoch-goes-back", "epochs-grow" },
    { "late-is-as-good", "order-rises" },
    { "late-update-is-as-good", "order-rises" },
    { "answer-before-the-store", "order-rises" },
    { "replies-differ", "same-reply" },
    { "floor-is-forgotten", "order-rises" },
    { "events-pile-up", "memory-bounded" },
    { "one-key-for-two", "keys-distinct" },
    { "aaa-key-for-agent", "keys-distinct" },
    { "nonce-for-another", "nonces-fresh" },
    { "nonce-in-two-roles", "nonces-fresh" },
    { "question-is-forgotten", "same-nonce" },
    { "octets-count-twice", "volume-right" },
    { "mark-is-of-another", "volume-right" },
    { "stay-counts-twice", "visit-right" },
    { "any-reply-serves", "visitor-is-proven" },
    { "node-asks-once", "ends-in-time" },
    { "anchor-is-deaf-after-restart", "live" },
    { "every-place-is-proven", "proven-place" },
    { "key-takes-binding-along", "outlives-its-key" },
    { "address-changes", "same-address" },
    { NULL, NULL },
};

static struct lk_binding *row_of(struct sim_world *world, unsigned node)
{
    return lk_binding_of(world->mip->agent.table,
                         lk_imsi_number(&world->mip->node[node].imsi), 0);
}

void sim_plant_agent_begin(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;

    if (sim_planted("address-changes"))
        a->durable = true;
    if (sim_planted("floor-is-forgotten")) {
        a->durable = false;
        a->config.mip.ha.floor = 0;
    }
}

/* A thief's key is everybody's. */
static void believe(struct sim_world *world)
{
    struct sim_agent *a = &world->mip->agent;

    for (unsigned i = 0; i + 1 < world->options->ues; i++) {
        const struct sim_mobile *own = &world->mip->node[i + 1];
        struct lk_mip_msa msa;

        if (own->way != SIM_WAY_CONFIGURED)
            continue;
        sim_mip_configured(&msa, own->index);
        lk_mip_msas_put(a->msas, lk_imsi_number(&world->mip->node[i].imsi), &msa,
                        sim_mip_clock(world));
    }
}

/* A row whose key is over ends. */
static void end_with_key(struct sim_world *world, uint64_t now_ms)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_mobile *node = &world->mip->node[i];
        struct lk_binding *row = row_of(world, i);

        if (node->way == SIM_WAY_NAF && now_ms >= node->gba[0].ends_ms && row != NULL &&
            row->protocol == LK_BINDING_MIP && row->mip.state == LK_MIP_HA_ACTIVE) {
            row->mip.due_ms = now_ms;
            lk_binding_set_due(world->mip->agent.table, row, now_ms);
        }
    }
}

static void pile_up(struct sim_world *world)
{
    for (unsigned i = 0; i < PILE; i++)
        sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_TIMER }, PILE_MS, NULL, 0);
}

/* What orders the requests of whom this one names is gone, until it is done. */
static struct lk_binding *late;
static uint64_t newest;

static uint64_t *order_of(struct lk_binding *row)
{
    return row->protocol == LK_BINDING_MIP6 ? &row->mip6.identification : &row->mip.identification;
}

static void forget_order(struct sim_world *world, const struct lk_anchor_event *event)
{
    const struct sim_mobile *node = NULL;
    struct sim_mip_words words;

    late = NULL;
    if (sim_request_read(&words, event->kind == LK_ANCHOR_EV_MIP6, event->octets))
        node = sim_mobile_named(world, words.nai);
    if (node == NULL)
        return;
    late = row_of(world, node->index);
    if (late == NULL || late->protocol != words.by || !late->durable) {
        late = NULL;
        return;
    }
    newest = *order_of(late);
    *order_of(late) = 0;
}

static void remember_order(void)
{
    if (late != NULL && late->protocol != LK_BINDING_PMIP && *order_of(late) == 0)
        *order_of(late) = newest;
    late = NULL;
}

bool sim_plant_agent_before(struct sim_world *world, const struct lk_anchor_event *event)
{
    if (sim_planted("stranger-is-believed"))
        believe(world);
    if (sim_planted("events-pile-up"))
        pile_up(world);
    if ((sim_planted("late-is-as-good") && event->kind == LK_ANCHOR_EV_MIP) ||
        (sim_planted("late-update-is-as-good") && event->kind == LK_ANCHOR_EV_MIP6))
        forget_order(world, event);
    if (sim_planted("key-takes-binding-along") && event->kind == LK_ANCHOR_EV_TICK)
        end_with_key(world, event->now_ms);
    return sim_planted("anchor-is-deaf-after-restart") && world->mip->agent.life > 1 &&
           event->kind == LK_ANCHOR_EV_MIP;
}

static struct lk_anchor_output *find(struct lk_anchor_outbox *out,
                                     enum lk_anchor_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

/* The one of node 0 and the one of node 1 have one. */
static void share_address(struct lk_anchor_outbox *out)
{
    static uint8_t first[4];
    struct lk_anchor_output *item = find(out, LK_ANCHOR_OUT_STORE);

    if (item == NULL || !item->store.record.has_ipv4)
        return;
    if (item->store.record.imsi.digits[14] == '0')
        memcpy(first, item->store.record.ipv4, sizeof first);
    else if (first[0] != 0)
        memcpy(item->store.record.ipv4, first, sizeof first);
}

static void alter_store(struct sim_world *world, struct lk_anchor_outbox *out)
{
    struct lk_anchor_output *item = find(out, LK_ANCHOR_OUT_STORE);

    if (item == NULL)
        return;
    if (sim_planted("epoch-goes-back") && item->store.record.epoch > 3)
        item->store.record.epoch -= 2;
    if (sim_planted("address-of-two"))
        share_address(out);
    (void)world;
}

static void prove_all(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        struct lk_binding *row = row_of(world, i);

        if (row != NULL)
            row->reached = true;
    }
}

void sim_plant_agent(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct lk_anchor_outbox *out = &world->mip->agent.out;
    struct lk_anchor_output *item;
    struct lk_binding *row = row_of(world, 0);

    alter_store(world, out);
    remember_order();
    item = find(out, LK_ANCHOR_OUT_REFUSED);
    if (sim_planted("refusal-changes-a-binding") && item != NULL && row != NULL &&
        row->protocol == LK_BINDING_MIP &&
        strcmp(item->refused.imsi.digits, world->mip->node[0].imsi.digits) == 0)
        row->mip.port++;
    item = find(out, LK_ANCHOR_OUT_SEND);
    if (sim_planted("replies-differ") && item != NULL && item->mag == 0)
        out->octets[item->octets.at - out->octets + 3] ^= (uint8_t)(event->now_ms & 1);
    item = find(out, LK_ANCHOR_OUT_TUNNEL);
    if (sim_planted("octets-count-twice") && item != NULL && row != NULL &&
        row->volume.down_octets > 0)
        row->volume.down_octets += item->octets.len;
    item = find(out, LK_ANCHOR_OUT_MARK);
    if (sim_planted("mark-is-of-another") && item != NULL)
        item->mark.imsi = world->mip->node[0].imsi;
    if (sim_planted("every-place-is-proven"))
        prove_all(world);
}

bool sim_plant_answers_first(void)
{
    return sim_planted("answer-before-the-store");
}

bool sim_plant_mobile_before(const struct sim_mobile *node, const struct lk_mip_mn_event *event)
{
    return sim_planted("node-asks-once") && event->kind == LK_MIP_MN_EV_EXPIRED &&
           node->since_ms != 0;
}

void sim_plant_mobile(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_mip_mn_outbox *out = &world->mip->out;
    static const struct lk_mip_msa same = { .there = { .secret = { .len = 16 } } };

    for (size_t i = 0; i < out->count; i++)
        if (sim_planted("address-changes") && out->item[i].kind == LK_MIP_MN_OUT_BOUND)
            out->item[i].bound.home.octets[LK_ADDRESS_LEN - 1] ^=
                (uint8_t)(world->now_ms & 1);
    if (sim_planted("one-key-for-two"))
        sim_check_key(world, node->index, SIM_ROLE_HA, &same);
}

/* Five nonces in turn: none is that before it. */
static void repeat_nonce(struct lk_aaa_mip_told *told, bool roles)
{
    static uint8_t turn;
    size_t half = sizeof told->entropy / 2;
    size_t at = roles && turn % 2 != 0 ? half : 0;

    turn = (uint8_t)((turn + 1) % 10);
    memset(told->entropy + at, roles ? turn / 2 + 1 : turn % 5 + 1, half);
}

void sim_plant_home(struct sim_world *world, struct lk_aaa_mip_told *told)
{
    if (sim_planted("nonce-for-another"))
        repeat_nonce(told, false);
    if (sim_planted("nonce-in-two-roles"))
        repeat_nonce(told, true);
    if (sim_planted("question-is-forgotten") && told->keygen != NULL)
        lk_mip_keygen_init(told->keygen);
    (void)world;
}

/* The home agent has what the node shares with the AAA. */
void sim_plant_granted(unsigned who, struct lk_mip_aaa_answer *answer)
{
    struct lk_mip_secret *secret = &answer->mip.secret;

    for (size_t i = 0; sim_planted("aaa-key-for-agent") && who == 0 && i < secret->len; i++)
        secret->octets[i] = i < sizeof(unsigned) ? 0 : 0xaa;
}

/* The home address of a reply is another, and it is taken all the same: by the key of the agent. */
static const struct lk_fa_event *other_home(const struct sim_fa *fa,
                                            const struct lk_fa_event *event)
{
    static struct lk_fa_event other;
    static uint8_t octets[LK_MIP_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_reply reply;
    size_t len;

    if (lk_mip_reply_decode(&reply, event->octets) != LK_OK ||
        !lk_mip_has(&reply.extensions, LK_MIP_FA_HA_AUTH))
        return event;
    len = reply.extensions.auth[LK_MIP_FA_HA_AUTH].covered.len - HEAD;
    lk_put_octets(&w, event->octets.at, len);
    octets[7] ^= 1;
    lk_mip_msa_sign(&w, &fa->msa, fa->msa.spi_back, LK_MIP_FA_HA_AUTH);
    other = *event;
    other.octets = lk_writer_span(&w);
    return &other;
}

const struct lk_fa_event *sim_plant_fa_before(const struct sim_fa *fa,
                                              const struct lk_fa_event *event)
{
    return sim_planted("any-reply-serves") && event->kind == LK_FA_EV_DATAGRAM
               ? other_home(fa, event)
               : event;
}

void sim_plant_fa(struct sim_fa *fa)
{
    for (size_t i = 0; i < fa->out.count; i++)
        if (sim_planted("stay-counts-twice") && fa->out.item[i].kind == LK_FA_OUT_CHANGED)
            fa->out.item[i].changed.who.down_octets *= 2;
}
