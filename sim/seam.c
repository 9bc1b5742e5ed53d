/* Plain calls from the world into the machines: see seam.h. */
#include "sim/seam.h"

#include <stdio.h>
#include <string.h>

#ifdef LK_SIM_PLANTS
#include "sim/plants.h"
#define PLANT(call) call
#else
#define PLANT(call) (void)0
#endif

void sim_seam_start(void)
{
    PLANT(sim_plant_start());
}

void sim_seam_vault(struct sim_world *world, struct sim_node *node,
                    struct lk_vault_answer *answer, const struct lk_vault_request *request,
                    uint64_t tick, const struct lk_auc_entropy *entropy)
{
    struct lk_auc_entropy used = *entropy;

    PLANT(sim_plant_entropy(&used));
    lk_auc_answer(answer, &node->vault.auc, request, false, tick, &used);
    PLANT(sim_plant_vault(world, answer, request));
}

void sim_seam_sync(struct sim_vault *vault, size_t slot, const uint8_t octets[LK_CEILING_SLOT_LEN])
{
    PLANT(if (sim_planted("ceiling-not-synced")) return);
    memcpy(vault->disk[slot], octets, LK_CEILING_SLOT_LEN);
}

enum lk_aaa_verdict sim_seam_receive(struct sim_world *world, struct sim_node *node,
                                     struct lk_aaa_job *job,
                                     const struct lk_aaa_datagram *datagram)
{
    struct lk_aaa_datagram came = *datagram;
    enum lk_aaa_verdict verdict;

    world->aaa->durable_before = world->aaa->durable;
    PLANT(sim_plant_datagram(&came));
    verdict = lk_aaa_job_receive(job, &world->aaa->out, &node->config, &came);
    PLANT(sim_plant_step(world, job));
    return verdict;
}

enum lk_aaa_verdict sim_seam_told(struct sim_world *world, struct sim_node *node,
                                  struct lk_aaa_job *job, const struct lk_event *event)
{
    enum lk_aaa_verdict verdict;

    world->aaa->durable_before = world->aaa->durable;
    lk_aaa_out_wipe(&world->aaa->out);
    verdict = lk_aaa_job_told(job, &world->aaa->out, &node->config, event);
    PLANT(sim_plant_step(world, job));
    return verdict;
}

enum lk_reply_found sim_seam_reply(const struct sim_node *node, struct lk_span *answer,
                                   const struct lk_reply_key *key, uint64_t now_ms)
{
    enum lk_reply_found found = lk_reply_cache_find(node->cache, answer, key, now_ms);

    PLANT(sim_plant_reply(node, &found));
    return found;
}

enum lk_status sim_seam_take(struct sim_node *node, struct lk_reauth_context *context,
                             const uint8_t name[LK_REAUTH_NAME_LEN], uint64_t now_ms)
{
    enum lk_status status = lk_reauth_take(node->reauth, context, name, now_ms);

    PLANT(sim_plant_taken(context, &status, name));
    return status;
}

void sim_seam_job_end(struct sim_job *job, bool silence)
{
    PLANT(if (silence && sim_planted("job-left-behind")) return);
    (void)silence;
    lk_aaa_job_wipe(&job->job);
    job->used = false;
}

enum lk_status sim_seam_peer(struct sim_world *world, struct sim_ue *ue,
                             const struct lk_event *event, struct lk_outbox *out)
{
    enum lk_status status = lk_eap_peer_step(&ue->peer, &ue->config, event, out);

    (void)world;
    PLANT(sim_plant_peer(world, ue, out));
    return status;
}

void sim_seam_card(struct sim_ue *ue, struct lk_card_answer *answer,
                   const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN])
{
    lk_usim_answer(&ue->usim, answer, rand, autn);
    PLANT(sim_plant_card(ue, answer));
}

void sim_seam_log(char *line, size_t cap, const struct sim_ue *ue,
                  const struct lk_refusal *refusal)
{
    char masked[LK_IMSI_MAX_DIGITS + 1];
    const char *imsi = masked;

    lk_imsi_mask(masked, &ue->imsi);
    PLANT(if (sim_planted("imsi-in-log")) imsi = ue->imsi.digits);
    (void)snprintf(line, cap, "refused imsi=%s reason=%s expected=%s came=%s", imsi,
                   lk_reason_row(refusal->reason)->code, refusal->expected, refusal->came);
}

void sim_seam_twap(struct sim_world *world, struct sim_twap *twap,
                   const struct lk_twap_event *event)
{
    PLANT(if (event->kind == LK_TWAP_EV_TICK && sim_planted("request-never-ends")) return);
    lk_twap_step(&twap->twap, &twap->config, event, &world->aaa->wlan->out);
    PLANT(sim_plant_twap(world, twap));
}

void sim_seam_wlcp(struct lk_wlcp_key *key, const struct lk_grant *grant,
                   const struct lk_wlcp_kdf *kdf)
{
    struct lk_wlcp_kdf used = *kdf;

    PLANT(if (sim_planted("ue-kdf-differs")) used.fc++);
    lk_wlcp_key_derive(key, &grant->emsk, &used);
    PLANT(if (sim_planted("wlcp-key-is-msk")) memcpy(key, grant->msk.octets, sizeof *key));
}

enum lk_status sim_seam_twag(struct sim_world *world, struct sim_gateway *gateway,
                             const struct lk_twag_event *event)
{
    struct lk_twag_event used = *event;
    enum lk_status status;

    PLANT(sim_plant_twag_event(world, &used));
    status = lk_twag_step(gateway->twag, &used, &gateway->out);
    PLANT(sim_plant_twag(world, gateway, status));
    (void)world;
    return status;
}

void sim_seam_anchor(struct sim_world *world, const struct lk_anchor_event *event)
{
    struct sim_anchor *anchor = &world->aaa->mobility->anchor;
    struct lk_anchor_event used = *event;

    anchor->out.count = 0;
    PLANT(if (sim_planted("anchor-deaf-after-restart") && anchor->life > 1) return);
    PLANT(if (sim_planted("captured-gateway-believed") && anchor->captured)
              used.mag = 3 - used.mag);
    lk_anchor_step(&anchor->anchor, &used, &anchor->out);
    PLANT(sim_plant_anchor(world, event));
}
