/* Between the files of the EAP peer only: peer.c (rules and step), peer_identity.c,
 * peer_challenge.c, peer_reauth.c, peer_mode.c, peer_end.c. */
#ifndef LK_PROTO_EAP_PEER_PARTS_H
#define LK_PROTO_EAP_PEER_PARTS_H

#include "proto/eap/method.h"
#include "proto/eap/peer.h"

/* One step under way: peer is the draft, packet is set when the event is RECEIVED. */
struct lk_eap_peering {
    struct lk_eap_peer *peer;
    const struct lk_eap_peer_config *config;
    const struct lk_event *event;
    const struct lk_eap_packet *packet;
    struct lk_outbox *out;
};

/* ---- handlers, by file; all of type enum lk_status (struct lk_eap_peering *) ---- */

/* peer_identity.c */
enum lk_status lk_eap_peer_start(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_say_identity(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_give_identity(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_refuse_method(struct lk_eap_peering *p);
/* peer_challenge.c */
enum lk_status lk_eap_peer_ask_card(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_answer_challenge(struct lk_eap_peering *p);
/* peer_reauth.c */
enum lk_status lk_eap_peer_answer_reauth(struct lk_eap_peering *p);
/* peer_end.c */
enum lk_status lk_eap_peer_answer_again(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_read_notice(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_notified(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_broken(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_succeed(struct lk_eap_peering *p);
enum lk_status lk_eap_peer_fail(struct lk_eap_peering *p);

/* ---- what several of them use ---- */

struct lk_span lk_eap_peer_identity(const struct lk_eap_peer *peer);
/* A response of the running method to the request in work, up to its header. */
struct lk_writer lk_eap_peer_response(struct lk_eap_peering *p, uint8_t subtype);
/* Sends what was written and keeps it for the case that the request comes again. */
enum lk_status lk_eap_peer_answer(struct lk_eap_peering *p, const struct lk_writer *w);
/* Client-Error (RFC 4187 6.3.1), Authentication-Reject: what follows is EAP-Failure. */
enum lk_status lk_eap_peer_client_error(struct lk_eap_peering *p, enum lk_reason reason,
                                        const char *expected, const char *came);
enum lk_status lk_eap_peer_reject(struct lk_eap_peering *p, enum lk_reason reason,
                                  const char *expected, const char *came);
/* AT_CHECKCODE as we have counted, if the request has one; then AT_RESULT_IND if agreed, the
 * mode asked for, AT_MAC. */
void lk_eap_peer_finish_signed(struct lk_eap_peering *p, struct lk_writer *w,
                               const struct lk_eap_packet *request, struct lk_span extra);
/* Looks at what request, whose AT_MAC is right, offers: AT_RESULT_IND and connection modes. */
void lk_eap_peer_choose_mode(struct lk_eap_peering *p, const struct lk_eap_packet *request);
/* The request for the mode that was chosen, if one was. */
void lk_eap_peer_put_mode(const struct lk_eap_peering *p, struct lk_writer *w);
/* The result in the notification of success, whose AT_MAC is right. */
void lk_eap_peer_take_mode(struct lk_eap_peering *p);
bool lk_eap_peer_checkcode_is_right(const struct lk_eap_peer *peer,
                                    const struct lk_aka_attributes *at);
/* Takes AT_NEXT_REAUTH_ID over into next, with the keys of this run. */
void lk_eap_peer_keep_reauth(struct lk_eap_peering *p, const struct lk_aka_attributes *inner,
                             const struct lk_reauth_context *context);

#endif
