/* Between the files of the EAP server only: server.c (rules and step), server_identity.c,
 * server_challenge.c, server_reauth.c, server_mode.c, server_end.c, snapshot.c. */
#ifndef LK_PROTO_EAP_SERVER_PARTS_H
#define LK_PROTO_EAP_SERVER_PARTS_H

#include "proto/eap/method.h"
#include "proto/eap/server.h"

/* One step under way: server is the draft, packet is set when the event is RECEIVED. */
struct lk_eap_serving {
    struct lk_eap_server *server;
    const struct lk_eap_server_config *config;
    const struct lk_event *event;
    const struct lk_eap_packet *packet;
    struct lk_outbox *out;
    bool derived;            /* keys are there: lk_eap_server_run_keys */
    struct lk_eap_keys keys; /* wiped when the step ends */
    bool has_mode_result;    /* for the notification of success */
    struct lk_mode_value mode_result;
};

/* The longest identities that the snapshots have room for: checked in snapshot.c. */
enum { LK_EAP_SERVER_IDENTITY_MAX = 101, LK_EAP_SERVER_REAUTH_IDENTITY_MAX = 68 };

/* ---- handlers, by file; all of type enum lk_status (struct lk_eap_serving *) ---- */

/* server_identity.c */
enum lk_status lk_eap_server_begin(struct lk_eap_serving *s);
enum lk_status lk_eap_server_take_identity(struct lk_eap_serving *s);
enum lk_status lk_eap_server_no_context(struct lk_eap_serving *s);
enum lk_status lk_eap_server_switch_method(struct lk_eap_serving *s);
/* server_challenge.c */
enum lk_status lk_eap_server_challenge(struct lk_eap_serving *s);
enum lk_status lk_eap_server_no_vector(struct lk_eap_serving *s);
enum lk_status lk_eap_server_check_response(struct lk_eap_serving *s);
enum lk_status lk_eap_server_choose_kdf(struct lk_eap_serving *s);
enum lk_status lk_eap_server_resynchronise(struct lk_eap_serving *s);
/* server_reauth.c */
enum lk_status lk_eap_server_reauthenticate(struct lk_eap_serving *s);
enum lk_status lk_eap_server_check_reauth(struct lk_eap_serving *s);
/* server_end.c */
enum lk_status lk_eap_server_notified(struct lk_eap_serving *s);
enum lk_status lk_eap_server_rejected(struct lk_eap_serving *s);
enum lk_status lk_eap_server_client_error(struct lk_eap_serving *s);
enum lk_status lk_eap_server_broken(struct lk_eap_serving *s);

/* ---- what several of them use ---- */

struct lk_span lk_eap_server_identity(const struct lk_eap_server *server);
/* Asks for the next stronger identity, at least that one; gives up behind PERMANENT. */
enum lk_status lk_eap_server_escalate(struct lk_eap_serving *s, enum lk_identity_ask at_least);
/* ASK_VECTOR for server->imsi. */
enum lk_status lk_eap_server_want_vector(struct lk_eap_serving *s, struct lk_span auts);
/* The key block of the run, from what the draft carries. The caller wipes it. */
void lk_eap_server_keys(const struct lk_eap_server *server, struct lk_eap_keys *keys);
/* The same, derived once a step. */
const struct lk_eap_keys *lk_eap_server_run_keys(struct lk_eap_serving *s);
/* The name of the next re-authentication context. One half is bound to K_aut and to what is fresh
 * in the run, so that it need not be carried; the other binds it to the realm it goes out with. */
void lk_eap_server_next_name(uint8_t name[LK_REAUTH_NAME_LEN], const struct lk_eap_server *server,
                             const struct lk_k_aut *k_aut);
/* AT_NEXT_REAUTH_ID, if it fits the snapshot of the next run; says whether it did. */
bool lk_eap_server_put_next_reauth_id(struct lk_writer *w, const struct lk_eap_server *server,
                                      const struct lk_k_aut *k_aut);
/* The identity in use is, octet by octet, the one that went out with this context. K_aut does not
 * depend on the identity and EAP-Response/Identity is not covered by AT_CHECKCODE, but the keys
 * depend on both: without this check a realm changed on the way would leave two ends with different
 * keys, each sure of success. */
bool lk_eap_server_issued(const struct lk_eap_server *server,
                          const struct lk_reauth_context *context);
/* The identity rounds are over: their hash becomes the checkcode. */
void lk_eap_server_close_rounds(struct lk_eap_server *server);
void lk_eap_server_put_checkcode(struct lk_writer *w, const struct lk_eap_server *server);
/* Announces the modes, when there is a choice. What it needs to be agreed is offered with it:
 * AT_RESULT_IND. */
void lk_eap_server_put_modes(struct lk_eap_serving *s, struct lk_writer *w);
/* The peer has proven itself: what becomes of the mode it asks for. notifies: success will be
 * notified under AT_MAC, which is the only way to give a result. */
void lk_eap_server_settle_mode(struct lk_eap_serving *s, bool notifies);
/* A request of the running method with the next identifier, up to its header. */
struct lk_writer lk_eap_server_request(struct lk_eap_serving *s, uint8_t subtype);

/* Notifies a failure, and fails with this refusal once the peer has answered. */
enum lk_status lk_eap_server_refuse(struct lk_eap_serving *s, enum lk_reason reason,
                                    const char *expected, const char *came);
/* EAP-Failure at once. */
enum lk_status lk_eap_server_fail(struct lk_eap_serving *s, enum lk_reason reason,
                                  const char *expected, const char *came);
/* The peer has proven itself: notify success first if that was agreed, else grant. */
enum lk_status lk_eap_server_succeed(struct lk_eap_serving *s, const struct lk_k_aut *k_aut,
                                     const struct lk_k_encr *k_encr);

#endif
