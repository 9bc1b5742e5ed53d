/* The invariants: see invariants.h. */
#include "sim/invariants.h"

#include <string.h>

#include "base/hex.h"

/* What a name in the ledger is of. */
enum kind {
    OF_SQN = 1, OF_RAND, OF_AUTS, OF_KEY, OF_PEER_SESSION, OF_SERVER_SESSION, OF_TAKEN, OF_REPLY,
    OF_REPLY_TIME, OF_VECTOR_FOR, OF_PEER_MSK,
};
enum {
    CORRECTION_MS = 5000, /* a vector of the row before it may still be under way */
    /* a State lives so long; clocks differ; its answer may be repeated in the notification round */
    GRANT_MS = SIM_STATE_LIFE_S * 1000 + 3000 + 16000,
    OCTETS_BASE = 64 * 1024, OCTETS_PER_UE = 32 * 1024, EVENTS_BASE = 128, EVENTS_PER_UE = 48,
    REST_MS = 600 * 1000,
};

/* ---- sequence numbers ---- */

static uint64_t sqn_of(const struct sim_ue *ue, const uint8_t *rand, const uint8_t *autn)
{
    struct lk_aka_output output;
    uint64_t sqn = 0;

    lk_aka_f2345(&output, &ue->card, rand);
    for (int i = 0; i < LK_SQN_LEN; i++)
        sqn = sqn << 8 | (uint8_t)(autn[i] ^ output.ak[i]);
    return sqn;
}

static struct sim_name name_in_ue(enum kind kind, unsigned ue, const void *octets, size_t len)
{
    return sim_name_of((uint64_t)kind << 32 | ue, octets, len);
}

static struct sim_name name_at_node(enum kind kind, const struct sim_node *node,
                                    const struct lk_reply_key *key)
{
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_put_be64(&w, node->life);
    lk_put_octets(&w, key->client.octets, sizeof key->client.octets);
    lk_put_be16(&w, key->port);
    lk_put_u8(&w, key->identifier);
    lk_put_octets(&w, key->authenticator, sizeof key->authenticator);
    return sim_name_of((uint64_t)kind << 32 | node->index, octets, w.len);
}

void sim_check_vector(struct sim_world *world, const struct sim_node *node,
                      const struct sim_job *job, const struct lk_vector *vector)
{
    const struct sim_ue *ue = sim_ue_of(world, &job->request.imsi);
    uint64_t sqn = sqn_of(ue, vector->rand, vector->autn);
    uint64_t seq = sqn >> LK_SQN_IND_BITS;
    struct sim_sequence *last = &world->aaa->sequence[ue->index * SIM_NODES + node->index];
    bool may_fall = last->corrections != world->aaa->corrections[ue->index] ||
                    world->now_ms - world->aaa->corrected_ms[ue->index] < CORRECTION_MS;
    uint64_t *at;
    bool fresh;

    (void)sim_ledger_at(&world->ledger, name_in_ue(OF_SQN, ue->index, &sqn, sizeof sqn), &fresh);
    if (!fresh)
        sim_break(world, "sqn-once", "ue %u got SQN %012llx twice", ue->index,
                  (unsigned long long)sqn);
    if (seq <= last->seq && !may_fall)
        sim_break(world, "sqn-rises", "ue %u at node %u: SEQ %llu after %llu, and no AUTS",
                  ue->index, node->index, (unsigned long long)seq, (unsigned long long)last->seq);
    *last = (struct sim_sequence){ seq, world->aaa->corrections[ue->index] };
    at = sim_ledger_at(&world->ledger,
                       name_in_ue(OF_RAND, ue->index, vector->rand, LK_RAND_LEN), &fresh);
    *at = world->now_ms;
    at = sim_ledger_at(&world->ledger, name_at_node(OF_VECTOR_FOR, node, &job->key), &fresh);
    if (!fresh && world->now_ms - *at < SIM_REPLY_LIFE_MS)
        sim_break(world, "same-reply", "ue %u: a repeated request took a second vector",
                  ue->index);
    *at = world->now_ms;
}

void sim_check_resync(struct sim_world *world, const struct lk_vault_request *request)
{
    const struct sim_ue *ue = sim_ue_of(world, &request->imsi);

    if (ue == NULL || sim_ledger_find(&world->ledger, name_in_ue(OF_RAND, ue->index, request->rand,
                                                                LK_RAND_LEN)) == NULL)
        sim_break(world, "auts-once", "an AUTS for a RAND that was not given out");
}

void sim_check_correction(struct sim_world *world, unsigned ue, const struct lk_auc_row *old,
                          const struct lk_auc_row *row, const struct lk_vault_request *why)
{
    uint8_t octets[LK_RAND_LEN + LK_AUTS_LEN], sqn_ms[LK_SQN_LEN];
    bool moved = row->sqn.seq_ms != old->sqn.seq_ms || row->sqn.epoch != old->sqn.epoch;
    bool fresh;

    if (!moved) {
        if (row->sqn.floor < old->sqn.floor)
            sim_break(world, "sqn-rises", "ue %u: its row fell without an AUTS", ue);
        return;
    }
    world->aaa->corrected_ms[ue] = world->now_ms;
    world->aaa->corrections[ue]++;
    if (why->kind != LK_VAULT_RESYNC ||
        lk_aka_auts_open(sqn_ms, &world->aaa->ue[ue].card, why->rand, why->auts) != LK_OK ||
        lk_sqn_seq(sqn_ms) != row->sqn.seq_ms) {
        sim_break(world, "auts-once", "ue %u: its row was corrected, and no AUTS says so", ue);
        return;
    }
    memcpy(octets, why->rand, LK_RAND_LEN);
    memcpy(octets + LK_RAND_LEN, why->auts, LK_AUTS_LEN);
    (void)sim_ledger_at(&world->ledger, name_in_ue(OF_AUTS, ue, octets, sizeof octets), &fresh);
    if (!fresh)
        sim_break(world, "auts-once", "ue %u: one AUTS corrected its row twice", ue);
}

/* ---- keys ---- */

static uint64_t keys_digest(const struct lk_msk *msk, const struct lk_emsk *emsk)
{
    return sim_name_of(1, msk, sizeof *msk).high ^ sim_name_of(2, emsk, sizeof *emsk).high;
}

/* What both ends can compare: in multi-connection mode the node has no EMSK any more. */
static uint64_t grant_digest(const struct lk_grant *grant)
{
    if (grant->mode == LK_TWAN_MULTI)
        return sim_name_of(3, &grant->msk, sizeof grant->msk).high;
    return keys_digest(&grant->msk, &grant->emsk);
}

static struct sim_name session_name(enum kind kind, const struct lk_session_id *id)
{
    return sim_name_of(kind, id->octets, sizeof id->octets);
}

void sim_check_peer(struct sim_world *world, const struct sim_ue *ue)
{
    const struct lk_eap_peer *peer = &ue->peer;
    bool fresh;

    if (peer->state != LK_EAP_PEER_AWAIT_RESULT && peer->state != LK_EAP_PEER_AWAIT_SUCCESS)
        return;
    *sim_ledger_at(&world->ledger, session_name(OF_PEER_SESSION, &peer->session_id), &fresh) =
        keys_digest(&peer->keys.msk, &peer->keys.emsk);
    *sim_ledger_at(&world->ledger, session_name(OF_PEER_MSK, &peer->session_id), &fresh) =
        sim_name_of(3, &peer->keys.msk, sizeof peer->keys.msk).high;
}

static void check_distinct(struct sim_world *world, const void *key, size_t len, bool is_msk,
                           const struct lk_session_id *id)
{
    uint64_t of = session_name(OF_KEY, id).high ^ is_msk;
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger, sim_name_of(OF_KEY, key, len), &fresh);

    if (!fresh && *at != of)
        sim_break(world, "keys-distinct", "a key came again in another session, or as another");
    *at = of;
}

static void check_lifetime(struct sim_world *world, const struct sim_ue *ue,
                           const struct lk_grant *grant)
{
    const uint64_t *issued = sim_ledger_find(
        &world->ledger,
        name_in_ue(OF_RAND, ue->index, grant->session_id.octets + 1, LK_RAND_LEN));

    if (issued == NULL)
        sim_break(world, "proven-first", "ue %u was let in for a RAND nobody gave out",
                  ue->index);
    else if (world->now_ms - *issued > GRANT_MS)
        sim_break(world, "nothing-retired", "ue %u answered %llu ms after its challenge",
                  ue->index, (unsigned long long)(world->now_ms - *issued));
}

void sim_check_server_grant(struct sim_world *world, const struct sim_node *node,
                            const struct lk_grant *grant)
{
    const struct sim_ue *ue = sim_ue_of(world, &grant->imsi);
    bool multi = grant->mode == LK_TWAN_MULTI;
    const uint64_t *peer = sim_ledger_find(
        &world->ledger,
        session_name(multi ? OF_PEER_MSK : OF_PEER_SESSION, &grant->session_id));
    uint64_t digest = grant_digest(grant);
    bool fresh;

    if (ue == NULL || ue->hopeless || peer == NULL) {
        sim_break(world, "proven-first", "node %u let ue %u in, which has proven nothing",
                  node->index, ue == NULL ? 0 : ue->index);
        return;
    }
    if (*peer != digest)
        sim_break(world, "keys-equal", "node %u has other keys than ue %u", node->index,
                  ue->index);
    if (!grant->fast)
        check_lifetime(world, ue, grant);
    check_distinct(world, &grant->msk, sizeof grant->msk, true, &grant->session_id);
    if (!multi)
        check_distinct(world, &grant->emsk, sizeof grant->emsk, false, &grant->session_id);
    *sim_ledger_at(&world->ledger, session_name(OF_SERVER_SESSION, &grant->session_id), &fresh) =
        digest;
}

void sim_check_accept(struct sim_world *world, const struct sim_ue *ue)
{
    if (sim_ledger_find(&world->ledger, sim_name_of(OF_KEY, &ue->msk, sizeof ue->msk)) == NULL)
        sim_break(world, "proven-first", "the access point of ue %u has a key nobody granted",
                  ue->index);
}

void sim_check_peer_grant(struct sim_world *world, const struct sim_ue *ue,
                          const struct lk_grant *grant)
{
    const uint64_t *server = sim_ledger_find(
        &world->ledger, session_name(OF_SERVER_SESSION, &grant->session_id));

    if (server == NULL || ue->hopeless || !ue->has_msk) {
        sim_break(world, "proven-first", "ue %u finished, and no server had let it in",
                  ue->index);
        return;
    }
    if (*server != grant_digest(grant) ||
        sim_name_of(1, &grant->msk, sizeof grant->msk).high !=
            sim_name_of(1, &ue->msk, sizeof ue->msk).high)
        sim_break(world, "keys-equal", "ue %u and its access point finished with two keys",
                  ue->index);
}

/* ---- failures ---- */

void sim_check_step(struct sim_world *world, enum lk_aaa_verdict verdict)
{
    const struct lk_outbox *out = &world->aaa->out.eap;
    bool failed = lk_outbox_find(out, LK_OUT_FAILED) != NULL;
    bool gives = lk_outbox_find(out, LK_OUT_GRANT) != NULL ||
                 lk_outbox_find(out, LK_OUT_KEEP_REAUTH) != NULL;

    if ((failed || verdict == LK_AAA_DROP) &&
        (gives || world->aaa->durable != world->aaa->durable_before))
        sim_break(world, "failure-changes-nothing", "a refused request changed what lasts");
}

void sim_check_card(struct sim_world *world, const struct sim_ue *ue, struct sim_name before,
                    const struct lk_card_answer *answer)
{
    struct sim_name after = sim_name_of(0, ue->usim.seq, sizeof ue->usim.seq);

    if (answer->verdict != LK_CARD_OK && (after.high != before.high || after.low != before.low))
        sim_break(world, "failure-changes-nothing", "the card of ue %u refused and changed",
                  ue->index);
}

/* Each node has contexts of its own, for as long as it lives: where a request reached both, or one
 * and then the one after it, each may serve its own once. The peer's counter bounds what that is
 * worth. */
void sim_check_reauth_taken(struct sim_world *world, const struct sim_node *node,
                            const uint8_t name[LK_REAUTH_NAME_LEN])
{
    uint64_t where = (uint64_t)OF_TAKEN << 32 | node->life << 1 | node->index;
    bool fresh;

    (void)sim_ledger_at(&world->ledger, sim_name_of(where, name, LK_REAUTH_NAME_LEN), &fresh);
    if (!fresh)
        sim_break(world, "nothing-retired", "node %u: a re-authentication context served twice",
                  node->index);
}

/* ---- replies ---- */

void sim_check_reply(struct sim_world *world, const struct sim_node *node,
                     const struct lk_reply_key *key, struct lk_span answer)
{
    uint64_t digest = sim_name_of(OF_REPLY, answer.at, answer.len).high;
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger, name_at_node(OF_REPLY, node, key), &fresh);
    bool other = !fresh && *at != digest;

    *at = digest;
    at = sim_ledger_at(&world->ledger, name_at_node(OF_REPLY_TIME, node, key), &fresh);
    if (other && world->now_ms - *at < SIM_REPLY_LIFE_MS - 2000)
        sim_break(world, "same-reply", "node %u: another reply to the same request, %llu ms "
                  "later", node->index, (unsigned long long)(world->now_ms - *at));
    if (fresh || other)
        *at = world->now_ms;
}

/* ---- what others can read ---- */

static bool shows(struct lk_span where, const void *what, size_t len)
{
    return memmem(where.at, where.len, what, len) != NULL;
}

void sim_check_datagram(struct sim_world *world, unsigned index, bool reply, struct lk_span octets)
{
    const struct sim_ue *ue = &world->aaa->ue[index];
    const struct lk_eap_keys *keys = &ue->peer.keys;
    bool has_keys = ue->peer.state == LK_EAP_PEER_AWAIT_RESULT;

    if (shows(octets, ue->card.k, ue->card.k_len) || shows(octets, ue->card.topc, 16))
        sim_break(world, "nothing-clear", "K or OPc of ue %u is in a datagram", index);
    if (has_keys && (shows(octets, keys->msk.octets, 32) ||
                     shows(octets, keys->msk.octets + 32, 32) ||
                     shows(octets, keys->emsk.octets, 32)))
        sim_break(world, "nothing-clear", "a session key of ue %u is in a datagram", index);
    if (reply && shows(octets, ue->imsi.digits, strlen(ue->imsi.digits)))
        sim_break(world, "nothing-clear", "the IMSI of ue %u is in a reply", index);
}

void sim_check_log(struct sim_world *world, const struct sim_ue *ue, const char *line)
{
    char k[2 * LK_K_MAX + 1];

    if (strstr(line, ue->imsi.digits) != NULL)
        sim_break(world, "nothing-clear", "the IMSI of ue %u is in the log", ue->index);
    if (lk_hex_encode(k, sizeof k, lk_span_of(ue->card.k, ue->card.k_len)) != LK_OK ||
        strstr(line, k) != NULL)
        sim_break(world, "nothing-clear", "K of ue %u is in the log", ue->index);
}

/* ---- after every event, and at the end ---- */

static unsigned used_jobs(const struct sim_node *node)
{
    unsigned used = 0;

    for (unsigned i = 0; i < SIM_JOBS; i++)
        used += node->job[i].used;
    return used;
}

void sim_check_event(struct sim_world *world)
{
    unsigned ues = world->options->ues;
    uint64_t digest = 0;

    for (unsigned n = 0; n < SIM_NODES; n++) {
        const struct sim_node *node = &world->aaa->node[n];

        if (used_jobs(node) != node->pending)
            sim_break(world, "nothing-left-behind", "node %u: %u jobs for %u questions", n,
                      used_jobs(node), node->pending);
        if (lk_reauth_count(node->reauth) > SIM_REAUTH)
            sim_break(world, "memory-bounded", "node %u: too many contexts", n);
    }
    if (world->queue.octets > OCTETS_BASE + (size_t)ues * OCTETS_PER_UE ||
        world->queue.count > EVENTS_BASE + (size_t)ues * EVENTS_PER_UE)
        sim_break(world, "memory-bounded", "%zu events with %zu octets", world->queue.count,
                  world->queue.octets);
    for (unsigned i = 0; i < ues; i++)
        if (world->aaa->ue[i].known)
            digest ^= sim_name_of(i, &world->aaa->row[i], sizeof world->aaa->row[i]).high;
    if (digest != world->aaa->rows_digest)
        sim_break(world, "failure-changes-nothing", "a row changed by itself");
    if (!world->faults && world->now_ms > world->heal_ms + REST_MS)
        sim_break(world, "live", "no rest after the faults");
}

void sim_check_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_ue *ue = &world->aaa->ue[i];

        if (ue->running || !ue->last_try)
            sim_break(world, "live", "ue %u never came to an end", i);
        else if (!ue->hopeless && !ue->last_won)
            sim_break(world, "live", "ue %u did not get in after the faults", i);
    }
}
