/* An AAA node, wired as role/aaa wires it: reply cache, jobs, the vault, the store, contexts. */

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/invariants.h"
#include "sim/seam.h"
#include "sim/wlan.h"

enum { DOWN_MS = 3000, STORE_MS = 4, VAULT_TIMEOUT_MS = 1000, SWAP_TRIES = 8 };
enum { REAUTH_LIFE_MS = 24 * 60 * 60 * 1000 };

static size_t cache_size(const struct sim_world *world)
{
    return LK_REPLY_CACHE_MIN + (size_t)world->options->ues * 64 * 1024;
}

static void begin_life(struct sim_world *world, struct sim_node *node)
{
    node->life++;
    node->pending = 0;
    for (unsigned i = 0; i < SIM_JOBS; i++)
        node->job[i].used = false;
    memset(node->reauth_memory, 0, lk_reauth_table_size(SIM_REAUTH));
    node->reauth = lk_reauth_table_in(node->reauth_memory, SIM_REAUTH);
    node->cache = lk_reply_cache_in(node->cache_memory, cache_size(world), SIM_REPLY_LIFE_MS,
                                    sim_random_next(&world->random));
}

static void configure(struct lk_eap_server_config *eap, uint64_t choices)
{
    eap->protect_success = (choices & 1) != 0;
    eap->ask_identity = (choices & 6) == 6;
    eap->send_bidding = (choices & 8) != 0;
    eap->use_pseudonyms = (choices & 0x30) != 0;
    eap->use_reauth = (choices & 0xc0) != 0;
    eap->reauth_max = (uint16_t)(2 + (choices >> 8) % 8);
}

static void make(struct sim_world *world, unsigned index)
{
    struct sim_node *node = &world->aaa->node[index];

    node->index = index;
    lk_aaa_config_defaults(&node->config);
    node->config.state_lifetime_s = SIM_STATE_LIFE_S;
    node->cache_memory = aligned_alloc(64, (cache_size(world) + 63) / 64 * 64);
    node->reauth_memory = aligned_alloc(64, (lk_reauth_table_size(SIM_REAUTH) + 63) / 64 * 64);
    LK_ASSERT(node->cache_memory != NULL && node->reauth_memory != NULL);
    begin_life(world, node);
    sim_vault_start(world, node);
    configure(&node->config.eap, world->aaa->choices);
}

static void unmake(struct sim_world *world, unsigned index)
{
    struct sim_node *node = &world->aaa->node[index];

    free(node->cache_memory);
    free(node->reauth_memory);
    free(node->vault.recent);
}

/* Jobs, replies and contexts are gone; what the store has begun may or may not be done. */
static void restart(struct sim_world *world, struct sim_node *node)
{
    begin_life(world, node);
    node->down_until_ms = world->now_ms + sim_random_below(&world->random, DOWN_MS);
    node->skew_ms = (int64_t)sim_random_below(&world->random, 2000) - 1000;
    world->report->restarts++;
}

/* ---- jobs ---- */

static struct sim_job *job_take(struct sim_node *node)
{
    for (unsigned i = 0; i < SIM_JOBS; i++)
        if (!node->job[i].used) {
            struct sim_job *job = &node->job[i];

            job->used = true;
            job->marked = false;
            job->tries = 0;
            job->id = ++node->next_job;
            return job;
        }
    return NULL;
}

static struct sim_job *job_by_id(struct sim_node *node, uint64_t id)
{
    for (unsigned i = 0; i < SIM_JOBS; i++)
        if (node->job[i].used && node->job[i].id == id)
            return &node->job[i];
    return NULL;
}

/* A question goes out; its answer comes as an event for this life of the node. */
static void wait_for(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                     enum sim_aaa_kind kind, uint64_t delay_ms, const void *octets, size_t len)
{
    struct sim_event event = { .kind = kind, .who = node->index, .from = (unsigned)job->id,
                               .life = node->life };

    if (!job->marked)
        lk_reply_cache_wait(node->cache, &job->key, sim_wall_ms(world, node));
    job->marked = true;
    node->pending++;
    sim_later(world, event, delay_ms, octets, len);
}

static void read_row(struct sim_world *world, struct sim_node *node, struct sim_job *job)
{
    wait_for(world, node, job, SIM_ROW_READ, sim_random_below(&world->random, STORE_MS), NULL, 0);
}

/* ---- what a step puts out ---- */

static void on_failed(struct sim_world *world, const struct sim_job *job,
                      const struct lk_refusal *refusal)
{
    char line[256];
    const struct sim_ue *ue = job->from < world->options->ues
                                  ? &world->aaa->ue[job->from]
                                  : sim_ue_of(world, &job->job.eap.imsi);

    if (ue == NULL)
        return;
    sim_seam_log(line, sizeof line, ue, refusal);
    sim_say(world, "node: %s", line);
    sim_check_log(world, ue, line);
}

static void carry_out(struct sim_world *world, struct sim_node *node, const struct sim_job *job)
{
    const struct lk_outbox *out = &world->aaa->out.eap;

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_output *item = &out->item[i];

        if (item->kind == LK_OUT_KEEP_REAUTH) {
            world->aaa->durable++;
            lk_reauth_keep(node->reauth, &item->keep_reauth, sim_wall_ms(world, node),
                           REAUTH_LIFE_MS);
        } else if (item->kind == LK_OUT_GRANT) {
            sim_check_server_grant(world, node, &item->grant);
            if (item->grant.mode == LK_TWAN_MULTI)
                sim_check_wlan_grant(world, job, &item->grant);
            if (item->grant.fast)
                world->report->count[SIM_FAST]++;
            else
                world->report->count[SIM_FULL]++;
        } else if (item->kind == LK_OUT_FAILED) {
            on_failed(world, job, &item->failed);
        }
    }
}

static void reply_to(struct sim_world *world, const struct sim_node *node, unsigned from,
                     struct lk_span octets)
{
    if (from < world->options->ues)
        sim_leg_to_point(world, node->index, from, octets);
    else
        sim_leg_node_to_twap(world, node->index, from - world->options->ues, octets);
}

static void answer(struct sim_world *world, struct sim_node *node, struct sim_job *job)
{
    struct lk_span octets = lk_span_of(world->aaa->out.answer, world->aaa->out.answer_len);

    carry_out(world, node, job);
    sim_check_reply(world, node, &job->key, octets);
    reply_to(world, node, job->from, octets);
    lk_reply_cache_keep(node->cache, &job->key, sim_wall_ms(world, node), octets);
    sim_seam_job_end(job, false);
}

static void ask_vector(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                       const struct lk_output *question)
{
    struct lk_vault_request *q = &job->request;
    const struct lk_eap_server_config *eap = &node->config.eap;

    memset(q, 0, sizeof *q);
    q->kind = question->ask_vector.resync ? LK_VAULT_RESYNC : LK_VAULT_VECTOR;
    q->imsi = question->ask_vector.imsi;
    q->keys = question->ask_vector.prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    if (q->keys == LK_VECTOR_PRIME) {
        q->network_name_len = eap->network_name_len;
        memcpy(q->network_name, eap->network_name, eap->network_name_len);
    }
    if (question->ask_vector.resync) {
        memcpy(q->rand, question->ask_vector.rand, LK_RAND_LEN);
        memcpy(q->auts, question->ask_vector.auts, LK_AUTS_LEN);
        sim_check_resync(world, q);
    }
    read_row(world, node, job);
}

static void conclude(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                     enum lk_aaa_verdict verdict);

static void ask_reauth(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                       const struct lk_output *question)
{
    uint8_t name[LK_REAUTH_NAME_LEN];
    struct lk_event event;

    memcpy(name, question->ask_reauth, sizeof name);
    sim_event_of(world, &event, LK_EV_REAUTH, sim_wall_ms(world, node));
    if (sim_seam_take(node, &event.reauth, name, event.now_ms) == LK_OK)
        sim_check_reauth_taken(world, node, name);
    else
        event.kind = LK_EV_NO_REAUTH;
    conclude(world, node, job, sim_seam_told(world, node, &job->job, &event));
    lk_wipe(&event, sizeof event);
}

static void conclude(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                     enum lk_aaa_verdict verdict)
{
    const struct lk_output *question;

    sim_check_step(world, verdict);
    switch (verdict) {
    case LK_AAA_ANSWER:
        answer(world, node, job);
        break;
    case LK_AAA_ASK:
        question = lk_outbox_find(&world->aaa->out.eap, LK_OUT_ASK_REAUTH);
        if (question != NULL)
            ask_reauth(world, node, job, question);
        else
            ask_vector(world, node, job, lk_outbox_find(&world->aaa->out.eap, LK_OUT_ASK_VECTOR));
        break;
    case LK_AAA_STORE: /* the world sends no accounting, */
    case LK_AAA_SIGN:  /* and has no point of service of MIS, */
    case LK_AAA_ASK_MIP: /* nor an agent of Mobile IP that asks */
    case LK_AAA_ASK_ERP:
    case LK_AAA_DROP:
        if (job->marked)
            lk_reply_cache_forget(node->cache, &job->key);
        sim_seam_job_end(job, true);
        break;
    }
    lk_aaa_out_wipe(&world->aaa->out);
}

/* ---- events ---- */

/* Fills in source and client, and returns the port. */
static uint16_t who_asks(const struct sim_world *world, struct lk_aaa_datagram *came,
                         unsigned from)
{
    const struct lk_radius_clients *clients = &world->aaa->clients;
    unsigned ues = world->options->ues;

    if (from < ues) {
        came->source = world->aaa->ue[from].nas_config.address;
    } else {
        came->source = sim_twap_address(from - ues);
        clients = &world->aaa->wlan->clients;
    }
    came->client = lk_radius_clients_find(clients, &came->source);
    return (uint16_t)(from < ues ? SIM_POINT_PORT + from : SIM_TWAP_PORT);
}

static void receive(struct sim_world *world, struct sim_node *node, unsigned from,
                      struct lk_span datagram)
{
    uint64_t wall_ms = sim_wall_ms(world, node);
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram came = {
        .octets = datagram, .port = LK_RADIUS_AUTH_PORT, .now_ms = wall_ms, .entropy = entropy,
    };
    struct lk_reply_key key;
    struct lk_span reply;
    struct sim_job *job;
    uint16_t port = who_asks(world, &came, from);

    if (world->now_ms < node->down_until_ms ||
        lk_reply_key_of(&key, &came.source, port, false, datagram) != LK_OK)
        return;
    switch (sim_seam_reply(node, &reply, &key, wall_ms)) {
    case LK_REPLY_WAITS:
        return;
    case LK_REPLY_ANSWER:
        sim_check_reply(world, node, &key, reply);
        reply_to(world, node, from, reply);
        return;
    case LK_REPLY_NONE:
        break;
    }
    job = job_take(node);
    if (job == NULL)
        return; /* full: the client comes again */
    job->from = from;
    job->key = key;
    lk_aaa_config_roll(&node->config, &world->aaa->node_key, wall_ms);
    sim_random_fill(&world->random, entropy, sizeof entropy);
    conclude(world, node, job, sim_seam_receive(world, node, &job->job, &came));
}

static void tell_vector(struct sim_world *world, struct sim_node *node, struct sim_job *job,
                        enum lk_reason refused)
{
    struct lk_event event;

    sim_event_of(world, &event, LK_EV_NO_VECTOR, sim_wall_ms(world, node));
    if (refused == LK_REASON_NONE) {
        event.kind = LK_EV_VECTOR;
        event.vector = job->answer.vector;
        sim_check_vector(world, node, job, &event.vector);
    } else {
        event.no_vector = refused;
    }
    conclude(world, node, job, sim_seam_told(world, node, &job->job, &event));
    lk_wipe(&event, sizeof event);
}

static void row_read(struct sim_world *world, struct sim_node *node, uint64_t id)
{
    struct sim_job *job = job_by_id(node, id);
    const struct sim_ue *ue;

    node->pending--;
    if (job == NULL)
        return;
    ue = sim_ue_of(world, &job->request.imsi);
    if (ue == NULL || !ue->known) {
        tell_vector(world, node, job, LK_REASON_SUBSCRIBER_UNKNOWN);
        return;
    }
    job->request.row = world->aaa->row[ue->index];
    /* The vault may be gone, or go while the question is on its way. */
    if (world->now_ms < node->vault.down_until_ms)
        wait_for(world, node, job, SIM_VAULT_SAID, VAULT_TIMEOUT_MS, NULL, 0);
    else
        wait_for(world, node, job, SIM_AT_VAULT, sim_random_below(&world->random, 2),
                 &job->request, sizeof job->request);
}

static void vault_said(struct sim_world *world, struct sim_node *node, uint64_t id,
                         const struct lk_vault_answer *answer)
{
    struct sim_job *job = job_by_id(node, id);

    node->pending--;
    if (job == NULL)
        return;
    if (answer == NULL) {
        tell_vector(world, node, job, LK_REASON_VAULT_UNAVAILABLE);
        return;
    }
    job->answer = *answer;
    if (answer->refused == LK_REASON_NONE && answer->row.len > 0) {
        struct sim_swap swap = { job->request, answer->row };

        wait_for(world, node, job, SIM_ROW_SWAPPED, sim_random_below(&world->random, STORE_MS),
                 &swap, sizeof swap);
    } else
        tell_vector(world, node, job, answer->refused);
}

static void row_swapped(struct sim_world *world, struct sim_node *node, uint64_t id,
                          const struct sim_swap *swap)
{
    struct sim_job *job = job_by_id(node, id);

    node->pending--;
    if (job == NULL)
        return;
    if (sim_row_swap(world, swap))
        tell_vector(world, node, job, LK_REASON_NONE);
    else if (++job->tries < SWAP_TRIES)
        read_row(world, node, job); /* somebody else was first: the vector is thrown away */
    else
        tell_vector(world, node, job, LK_REASON_STORE_UNAVAILABLE);
}

/* A question of a node that has died since: what the store had in hand may still be done. */
static void on_former_life(struct sim_world *world, const struct sim_event *event)
{
    if (event->kind == SIM_ROW_SWAPPED && sim_random_chance(&world->random, 500))
        (void)sim_row_swap(world, event->octets);
}

static void take_answer(struct sim_world *world, struct sim_node *node,
                        const struct sim_event *event)
{
    if (event->life != node->life)
        on_former_life(world, event);
    else if (event->kind == SIM_ROW_READ)
        row_read(world, node, event->from);
    else if (event->kind == SIM_AT_VAULT)
        sim_vault_receive(world, node, event->from, event->octets);
    else if (event->kind == SIM_VAULT_SAID)
        vault_said(world, node, event->from, event->len == 0 ? NULL : event->octets);
    else
        row_swapped(world, node, event->from, event->octets);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_node *node = &world->aaa->node[event->who];

    if (event->kind == SIM_AT_NODE)
        receive(world, node, event->from, lk_span_of(event->octets, event->len));
    else if (event->kind == SIM_NODE_RESTART)
        restart(world, node);
    else if (event->kind == SIM_VAULT_RESTART)
        sim_vault_restart(world, node);
    else
        take_answer(world, node, event);
}

/* To the other node, or as somebody else. */
static void elsewhere(struct sim_world *world, struct sim_event *event)
{
    if (sim_random_chance(&world->random, 300))
        event->who = (unsigned)sim_random_below(&world->random, SIM_NODES);
    if (sim_random_chance(&world->random, 200))
        event->from = world->aaa->access->asker(world);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_AT_NODE, .name = "at node", .link = SIM_LINK_DATAGRAM,
      .elsewhere = elsewhere },
    { .number = SIM_ROW_READ, .name = "row read" },
    { .number = SIM_AT_VAULT, .name = "at vault" },
    { .number = SIM_VAULT_SAID, .name = "vault said" },
    { .number = SIM_ROW_SWAPPED, .name = "row swapped" },
    { .number = SIM_NODE_RESTART, .name = "node restarts" },
    { .number = SIM_VAULT_RESTART, .name = "vault restarts" },
};

const struct sim_actor sim_node_actor = {
    .name = "node", .count = SIM_NODES, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .restarts = { SIM_NODE_RESTART, SIM_VAULT_RESTART },
    .make = make, .unmake = unmake, .take = take,
};
