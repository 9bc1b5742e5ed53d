/* Planted bugs: see plants.h. */
#include "sim/plants.h"

#include <string.h>

const struct sim_plant sim_plants_aaa[] = {
    { "sqn-handed-out-twice", "sqn-once" },
    { "ceiling-not-synced", "sqn-rises" },
    { "sqn-falls", "sqn-rises" },
    { "auts-obeyed-twice", "auts-once" },
    { "auts-for-any-rand", "auts-once" },
    { "rand-repeats", "keys-distinct" },
    { "any-res-accepted", "proven-first" },
    { "peer-trusts-anybody", "proven-first" },
    { "state-never-expires", "nothing-retired" },
    { "context-serves-twice", "nothing-retired" },
    { "failure-writes-a-row", "failure-changes-nothing" },
    { "refusing-card-changes", "failure-changes-nothing" },
    { "no-reply-cache", "same-reply" },
    { "job-left-behind", "nothing-left-behind" },
    { "memory-grows", "memory-bounded" },
    { "imsi-in-log", "nothing-clear" },
    { "key-in-reply", "nothing-clear" },
    { "deaf-after-restart", "live" },
    { "peer-key-differs", "keys-equal" },
    { NULL, NULL },
};

enum { REMEMBERED = 256 };
static struct lk_vault_answer last[REMEMBERED]; /* the last vector of a UE */
static struct lk_reauth_context taken[REMEMBERED]; /* by the first octet of their names */

void sim_plant_start(void)
{
    memset(last, 0, sizeof last);
    memset(taken, 0, sizeof taken);
    sim_plant_wlan_start();
}

void sim_plant_entropy(struct lk_auc_entropy *entropy)
{
    if (sim_planted("rand-repeats"))
        memset(entropy->rand, 0x5a, sizeof entropy->rand);
}

/* SEQ lower by forty, under an IND that nobody uses. */
static void lower_sqn(const struct sim_ue *ue, struct lk_vector *vector)
{
    struct lk_aka_output output;
    uint8_t sqn[LK_SQN_LEN], mac_a[LK_MAC_A_LEN];
    uint64_t value = 0;

    lk_aka_f2345(&output, &ue->card, vector->rand);
    for (int i = 0; i < LK_SQN_LEN; i++)
        value = value << 8 | (uint8_t)(vector->autn[i] ^ output.ak[i]);
    value = (value - (UINT64_C(40) << LK_SQN_IND_BITS)) | 3 << 3;
    for (int i = LK_SQN_LEN - 1; i >= 0; i--, value >>= 8)
        sqn[i] = (uint8_t)value;
    lk_aka_f1(mac_a, &ue->card, vector->rand, sqn, vector->autn + LK_SQN_LEN);
    lk_aka_autn(vector->autn, sqn, output.ak, vector->autn + LK_SQN_LEN, mac_a);
}

/* Where the vault has let an AUTS be, moves the row all the same. */
static void obey_again(struct sim_world *world, struct lk_vault_answer *answer,
                       const struct lk_vault_request *request)
{
    static const uint8_t nonce[LK_GCM_NONCE_LEN];
    uint8_t sqn_ms[LK_SQN_LEN];
    struct lk_auc_row row;

    if (answer->row.len > 0 ||
        lk_auc_open(&row, &world->aaa->row_key, &request->imsi, &request->row) != LK_OK ||
        lk_aka_auts_open(sqn_ms, &row.card, request->rand, request->auts) != LK_OK)
        return;
    row.sqn.seq_ms = lk_sqn_seq(sqn_ms);
    row.sqn.epoch++;
    lk_auc_seal(&answer->row, &world->aaa->row_key, &request->imsi, &row, nonce);
}

void sim_plant_vault(struct sim_world *world, struct lk_vault_answer *answer,
                     const struct lk_vault_request *request)
{
    struct sim_ue *ue = sim_ue_of(world, &request->imsi);
    struct lk_vault_answer *before = &last[ue->index % REMEMBERED];

    if (answer->refused != LK_REASON_NONE)
        return;
    if (sim_planted("sqn-falls") && sim_random_chance(&world->random, 200))
        lower_sqn(ue, &answer->vector);
    if (sim_planted("auts-obeyed-twice") && request->kind == LK_VAULT_RESYNC)
        obey_again(world, answer, request);
    if (sim_planted("sqn-handed-out-twice") && before->vector.xres_len > 0 &&
        sim_random_chance(&world->random, 200))
        answer->vector = before->vector;
    *before = *answer;
}

void sim_plant_datagram(struct lk_aaa_datagram *datagram)
{
    if (sim_planted("state-never-expires"))
        datagram->now_ms = SIM_EPOCH_MS;
}

static void accept_anyway(struct lk_output *item, const struct lk_aaa_job *job)
{
    enum lk_reason reason = item->failed.reason;

    if (item->kind != LK_OUT_FAILED ||
        (reason != LK_REASON_RES_WRONG && reason != LK_REASON_MAC_WRONG))
        return;
    memset(&item->grant, 0, sizeof item->grant);
    item->kind = LK_OUT_GRANT;
    item->grant.imsi = job->eap.imsi;
}

void sim_plant_step(struct sim_world *world, const struct lk_aaa_job *job)
{
    struct lk_outbox *out = &world->aaa->out.eap;
    const struct lk_output *grant = lk_outbox_find(out, LK_OUT_GRANT);

    if (sim_planted("any-res-accepted"))
        for (size_t i = 0; i < out->count; i++)
            accept_anyway(&out->item[i], job);
    if (sim_planted("failure-writes-a-row") && lk_outbox_find(out, LK_OUT_FAILED) != NULL)
        world->aaa->row[sim_random_below(&world->random, world->options->ues)].octets[20] ^= 1;
    if (sim_planted("key-in-reply") && grant != NULL)
        memcpy(world->aaa->out.answer + 40, grant->grant.msk.octets, 32);
    if (sim_planted("auts-for-any-rand"))
        for (size_t i = 0; i < out->count; i++)
            if (out->item[i].kind == LK_OUT_ASK_VECTOR && out->item[i].ask_vector.resync)
                out->item[i].ask_vector.rand[0] ^= 1;
}

void sim_plant_reply(const struct sim_node *node, enum lk_reply_found *found)
{
    if (sim_planted("no-reply-cache"))
        *found = LK_REPLY_NONE;
    if (sim_planted("deaf-after-restart") && node->life > 1)
        *found = LK_REPLY_WAITS;
}

void sim_plant_taken(struct lk_reauth_context *context, enum lk_status *status,
                     const uint8_t name[LK_REAUTH_NAME_LEN])
{
    struct lk_reauth_context *slot = &taken[name[0]];

    if (!sim_planted("context-serves-twice"))
        return;
    if (*status == LK_OK)
        *slot = *context;
    else if (lk_span_equal(LK_SPAN(slot->name), lk_span_of(name, LK_REAUTH_NAME_LEN))) {
        *context = *slot;
        *status = LK_OK;
    }
}

void sim_plant_peer(struct sim_world *world, struct sim_ue *ue, struct lk_outbox *out)
{
    static const uint8_t leak[4096];
    struct lk_output *item;

    for (size_t i = 0; i < out->count; i++)
        if (sim_planted("peer-key-differs") && out->item[i].kind == LK_OUT_GRANT)
            out->item[i].grant.msk.octets[63] ^= 1;
    if (sim_planted("peer-trusts-anybody") && ue->peer.state == LK_EAP_PEER_AWAIT_RESULT) {
        item = lk_outbox_add(out, LK_OUT_GRANT);
        item->grant.msk = ue->peer.keys.msk;
        item->grant.emsk = ue->peer.keys.emsk;
        item->grant.session_id = ue->peer.session_id;
    }
    if (sim_planted("memory-grows"))
        sim_later(world, (struct sim_event){ .kind = SIM_UE_TIMER, .who = ue->index }, 3600000,
                  leak, sizeof leak);
}

void sim_plant_card(struct sim_ue *ue, const struct lk_card_answer *answer)
{
    if (sim_planted("refusing-card-changes") && answer->verdict == LK_CARD_SQN_RANGE)
        ue->usim.seq[0]++;
}
