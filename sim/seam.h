/* Between the world and the machines: each call of the one into the other that an invariant watches
 * goes through here.
 *
 * In the simulator that is shipped these are plain calls. The test program sim-planted is built
 * from the same sources with this one file compiled with LK_SIM_PLANTS and with plants.c beside it,
 * which puts a bug into one of the calls, to show that an invariant catches it. No machine is
 * touched. */
#ifndef LK_SIM_SEAM_H
#define LK_SIM_SEAM_H

#include "sim/gateway.h"

/* A run begins. */
void sim_seam_start(void);
void sim_seam_vault(struct sim_world *world, struct sim_node *node,
                    struct lk_vault_answer *answer, const struct lk_vault_request *request,
                    uint64_t tick, const struct lk_auc_entropy *entropy);
/* Makes the slot of the ceiling durable. */
void sim_seam_sync(struct sim_vault *vault, size_t slot,
                   const uint8_t octets[LK_CEILING_SLOT_LEN]);
/* Both leave what the step puts out in world->out. */
enum lk_aaa_verdict sim_seam_receive(struct sim_world *world, struct sim_node *node,
                                     struct lk_aaa_job *job,
                                     const struct lk_aaa_datagram *datagram);
enum lk_aaa_verdict sim_seam_told(struct sim_world *world, struct sim_node *node,
                                  struct lk_aaa_job *job, const struct lk_event *event);
enum lk_reply_found sim_seam_reply(const struct sim_node *node, struct lk_span *answer,
                                   const struct lk_reply_key *key, uint64_t now_ms);
enum lk_status sim_seam_take(struct sim_node *node, struct lk_reauth_context *context,
                             const uint8_t name[LK_REAUTH_NAME_LEN], uint64_t now_ms);
void sim_seam_job_end(struct sim_job *job, bool silence);
enum lk_status sim_seam_peer(struct sim_world *world, struct sim_ue *ue,
                             const struct lk_event *event, struct lk_outbox *out);
void sim_seam_card(struct sim_ue *ue, struct lk_card_answer *answer,
                   const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN]);
/* Leaves what the step puts out in world->wlan->out. */
void sim_seam_twap(struct sim_world *world, struct sim_twap *twap,
                   const struct lk_twap_event *event);
/* Both leave what the step puts out in the gateway's or the anchor's out. */
enum lk_status sim_seam_twag(struct sim_world *world, struct sim_gateway *gateway,
                             const struct lk_twag_event *event);
void sim_seam_anchor(struct sim_world *world, const struct lk_anchor_event *event);
/* As the device's connection manager derives it. */
void sim_seam_wlcp(struct lk_wlcp_key *key, const struct lk_grant *grant,
                   const struct lk_wlcp_kdf *kdf);
/* The line that a role would log for a refusal. */
void sim_seam_log(char *line, size_t cap, const struct sim_ue *ue,
                  const struct lk_refusal *refusal);

#endif
