/* The invariants of security.md section 3 that apply to this room, checked as things happen.
 *
 *  1 sqn-once               no SQN is used twice for one subscriber
 *  2 sqn-rises              a subscriber's SQN never falls at one node, but by a verified AUTS
 *  3 auts-once              an AUTS corrects a row at most once, and only for a RAND given out
 *  4 keys-distinct          MSK and EMSK of all sessions differ pairwise
 *  5 proven-first           no end uses keys before the other has proven itself
 *  6 nothing-retired        no State after its time, no re-authentication context twice
 *  7 failure-changes-nothing what failed has changed nothing that lasts, and no card
 *  8 one-binding           an address has one binding at most, of somebody authenticated
 *  9 epochs-grow           the epoch of a binding never falls
 * 10 order-rises           what orders the requests for a binding never falls
 * 11 same-reply             a repeated request has the same reply and no second effect
 * 12 nothing-left-behind    each job in use waits for one thing; silence leaves nothing
 * 13 memory-bounded         the world fits into base plus users times budget
 * 15 one-identity          TWAP, AAA and device mean the same subscriber
 * 16 channel-of-one        what goes through a channel is of the subscriber whose key opened it
 * 24 nothing-clear          no log and no datagram shows a secret, no log and no reply an IMSI
 * 25 live                   once faults stop, every UE that may get in does, and all comes to rest
 *  - same-address          a device has the same address wherever it is
 *  - keys-equal             both ends finish with the same keys, or there is no success
 *
 * The first that breaks is put into the report and ends the run. */
#ifndef LK_SIM_INVARIANTS_H
#define LK_SIM_INVARIANTS_H

#include "sim/wlan.h"

void sim_break(struct sim_world *world, unsigned number, const char *name, const char *format, ...)
    LK_PRINTF(4, 5);

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
