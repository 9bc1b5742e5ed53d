/* The invariants of the worlds of access points and AAA nodes, checked as things happen. What they
 * are called and say: sim_aaa_invariants in aaa.c. */
#ifndef LK_SIM_INVARIANTS_H
#define LK_SIM_INVARIANTS_H

#include "sim/wlan.h"

void sim_check_vector(struct sim_world *world, const struct sim_node *node,
                      const struct sim_job *job, const struct lk_vector *vector);
void sim_check_resync(struct sim_world *world, const struct lk_vault_request *request);
void sim_check_correction(struct sim_world *world, unsigned ue, const struct lk_auc_row *old,
                          const struct lk_auc_row *row, const struct lk_vault_request *why);
/* After each step of a peer. */
void sim_check_peer(struct sim_world *world, const struct sim_ue *ue);
void sim_check_accept(struct sim_world *world, const struct sim_ue *ue);
void sim_check_peer_grant(struct sim_world *world, const struct sim_ue *ue,
                          const struct lk_grant *grant);
void sim_check_server_grant(struct sim_world *world, const struct sim_node *node,
                            const struct lk_grant *grant);
/* A step of a node is done: if it ended in a refusal or in silence, nothing has changed. */
void sim_check_step(struct sim_world *world, enum lk_aaa_verdict verdict);
void sim_check_card(struct sim_world *world, const struct sim_ue *ue, struct sim_name before,
                    const struct lk_card_answer *answer);
void sim_check_reauth_taken(struct sim_world *world, const struct sim_node *node,
                            const uint8_t name[LK_REAUTH_NAME_LEN]);
void sim_check_reply(struct sim_world *world, const struct sim_node *node,
                     const struct lk_reply_key *key, struct lk_span answer);
void sim_check_datagram(struct sim_world *world, unsigned ue, bool reply, struct lk_span octets);
void sim_check_log(struct sim_world *world, const struct sim_ue *ue, const char *line);
/* The trusted WLAN. The peer's own WLCP key; a session that a TWAP hands over, before it is kept;
 * any datagram of a node or TWAP; one that goes to an access point; a step of a TWAP. */
void sim_check_peer_wlcp(struct sim_world *world, const struct sim_ue *ue,
                         const struct lk_grant *grant);
void sim_check_session(struct sim_world *world, const struct sim_twap *twap,
                       const struct lk_wlan_session *session);
void sim_check_wlcp_hidden(struct sim_world *world, struct lk_span octets);
void sim_check_stripped(struct sim_world *world, struct lk_span octets);
void sim_check_twap(struct sim_world *world, struct sim_twap *twap);
/* Multi-connection mode was granted, and the Accept is in world->out; at the end. */
void sim_check_wlan_grant(struct sim_world *world, const struct sim_job *job,
                          const struct lk_grant *grant);
void sim_check_wlan_end(struct sim_world *world);
void sim_check_event(struct sim_world *world);
void sim_check_end(struct sim_world *world);

#endif
