/* How a run of the EAP server ends: notifications, EAP-Success with the grant, EAP-Failure. */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/server_parts.h"

static void forget_secrets(struct lk_eap_server *server)
{
    lk_wipe(server->xres, sizeof server->xres);
    lk_wipe(&server->ck_prime, sizeof server->ck_prime);
    lk_wipe(&server->ik_prime, sizeof server->ik_prime);
    lk_wipe(&server->mk, sizeof server->mk);
    lk_wipe(&server->k_encr, sizeof server->k_encr);
    lk_wipe(&server->k_aut, sizeof server->k_aut);
    lk_wipe(&server->k_re, sizeof server->k_re);
}

static enum lk_status send_result(struct lk_eap_serving *s, enum lk_eap_code code)
{
    struct lk_writer w = lk_outbox_writer(s->out);

    /* spec: RFC 3748 4.2 - Success and Failure carry the identifier of the response before. */
    lk_eap_put_result(&w, code, s->server->id);
    return lk_outbox_send(s->out, &w);
}

/* spec: RFC 4187 6.1 - with the P bit clear a notification is signed, and after a re-authentication
 * it carries the counter, encrypted. */
static enum lk_status notify(struct lk_eap_serving *s, uint16_t code,
                             const struct lk_k_aut *k_aut, const struct lk_k_encr *k_encr)
{
    struct lk_eap_server *server = s->server;
    struct lk_writer w = lk_eap_server_request(s, LK_AKA_NOTIFICATION);

    lk_aka_put_u16(&w, LK_AT_NOTIFICATION, code);
    if (s->has_mode_result && code == LK_NOTIFY_SUCCESS)
        lk_aka_put_mode(&w, &s->config->mode_layout, &s->mode_result);
    if ((code & LK_NOTIFICATION_P) != 0) {
        lk_eap_finish(&w);
    } else {
        if (server->fast) {
            uint8_t room[LK_AES_BLOCK];
            struct lk_writer inner = lk_writer_of(room, sizeof room);

            lk_aka_put_u16(&inner, LK_AT_COUNTER, server->counter);
            lk_aka_put_padding(&inner);
            lk_aka_put_encrypted(&w, k_encr, s->event->entropy + LK_ENTROPY_IV,
                                 lk_writer_span(&inner));
        }
        lk_aka_finish_signed(&w, server->type, k_aut, lk_span_of(NULL, 0), NULL);
    }
    server->state = LK_EAP_SERVER_AWAIT_NOTIFIED;
    return lk_outbox_send(s->out, &w);
}

/* A18: to the operator it is always the unknown subscriber that was refused. */
static void set_refusal(struct lk_eap_serving *s, enum lk_reason reason, const char *expected,
                        const char *came)
{
    if (s->server->unknown)
        s->server->refusal = lk_refusal_of(LK_REASON_SUBSCRIBER_UNKNOWN, NULL, NULL);
    else
        s->server->refusal = lk_refusal_of(reason, expected, came);
    forget_secrets(s->server);
}

static enum lk_status fail_now(struct lk_eap_serving *s)
{
    struct lk_output *failed;
    enum lk_status status = send_result(s, LK_EAP_FAILURE);

    if (status != LK_OK)
        return status;
    failed = lk_outbox_add(s->out, LK_OUT_FAILED);
    if (failed == NULL)
        return LK_E_FULL;
    failed->failed = s->server->refusal;
    s->server->state = LK_EAP_SERVER_FAILED;
    return LK_OK;
}

/* spec: RFC 4187 6.3.2 - a failure that the server finds is notified before EAP-Failure. A18: with
 * the same code whatever it was. */
enum lk_status lk_eap_server_refuse(struct lk_eap_serving *s, enum lk_reason reason,
                                    const char *expected, const char *came)
{
    set_refusal(s, reason, expected, came);
    return notify(s, LK_NOTIFY_FAILURE_BEFORE, NULL, NULL);
}

enum lk_status lk_eap_server_fail(struct lk_eap_serving *s, enum lk_reason reason,
                                  const char *expected, const char *came)
{
    set_refusal(s, reason, expected, came);
    return fail_now(s);
}

static void fill_grant(const struct lk_eap_server *server, const struct lk_eap_keys *keys,
                       struct lk_grant *grant)
{
    grant->imsi = server->imsi;
    grant->eap_type = server->type;
    grant->fast = server->fast;
    grant->mode = server->multi ? LK_TWAN_MULTI : LK_TWAN_TRANSPARENT;
    grant->counter = server->counter;
    if (!server->fast) {
        grant->msk = keys->msk;
        grant->emsk = keys->emsk;
        lk_session_id_full(&grant->session_id, server->type, server->rand, server->autn);
        return;
    }
    if (server->type == LK_EAP_AKA_PRIME)
        lk_eap_aka_prime_reauth_derive(&grant->msk, &grant->emsk, &server->k_re,
                                       lk_eap_server_identity(server), server->counter,
                                       server->nonce_s);
    else
        lk_eap_aka_reauth_derive(&grant->msk, &grant->emsk, &server->mk,
                                 lk_eap_server_identity(server), server->counter,
                                 server->nonce_s);
    lk_session_id_reauth(&grant->session_id, server->type, server->nonce_s, server->mac);
}

static void fill_context(const struct lk_eap_server *server, const struct lk_eap_keys *keys,
                         struct lk_reauth_context *context)
{
    context->eap_type = server->type;
    context->imsi = server->imsi;
    context->counter = server->fast ? server->counter : 0;
    context->mk = keys->mk;
    context->k_encr = keys->k_encr;
    context->k_aut = keys->k_aut;
    context->k_re = keys->k_re;
    lk_eap_server_next_name(context->name, server, &context->k_aut);
}

/* EAP-Success, the keys, and the context for next time, in one step. */
static enum lk_status grant(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    struct lk_eap_keys keys = { .mk = server->mk, .k_encr = server->k_encr,
                                .k_aut = server->k_aut, .k_re = server->k_re };
    enum lk_status status = send_result(s, LK_EAP_SUCCESS);
    struct lk_output *granted = lk_outbox_add(s->out, LK_OUT_GRANT);
    struct lk_output *keep =
        server->offered_reauth ? lk_outbox_add(s->out, LK_OUT_KEEP_REAUTH) : NULL;

    if (status == LK_OK && (granted == NULL || (keep == NULL && server->offered_reauth)))
        status = LK_E_FULL;
    if (status == LK_OK) {
        if (!server->fast)
            keys = *lk_eap_server_run_keys(s);
        fill_grant(server, &keys, &granted->grant);
        if (keep != NULL)
            fill_context(server, &keys, &keep->keep_reauth);
        server->state = LK_EAP_SERVER_DONE;
        forget_secrets(server);
    }
    lk_wipe(&keys, sizeof keys);
    return status;
}

/* spec: RFC 4187 6.2 - success is notified under MAC when both have said AT_RESULT_IND. */
enum lk_status lk_eap_server_succeed(struct lk_eap_serving *s, const struct lk_k_aut *k_aut,
                                     const struct lk_k_encr *k_encr)
{
    bool notifies = s->server->result_ind && lk_aka_has(&s->packet->at, LK_AT_RESULT_IND);

    lk_eap_server_settle_mode(s, notifies);
    if (notifies)
        return notify(s, LK_NOTIFY_SUCCESS, k_aut, k_encr);
    return grant(s);
}

/* The counter in the answer to a notification after re-authentication. */
static bool counter_is_right(const struct lk_eap_serving *s, const struct lk_k_encr *k_encr)
{
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_aka_attributes inner;

    return !s->server->fast ||
           (lk_aka_open_encrypted(&inner, room, s->packet, k_encr) == LK_OK &&
            inner.counter == s->server->counter);
}

/* The failure was notified a round ago, and whoever logs refusals has it from then. */
static enum lk_status fail_as_notified(struct lk_eap_serving *s)
{
    s->server->refusal_told = true;
    return fail_now(s);
}

enum lk_status lk_eap_server_notified(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    struct lk_eap_keys keys;
    bool right;

    if (server->refusal.reason != LK_REASON_NONE)
        return fail_as_notified(s);
    if (server->fast) {
        lk_wipe(&keys, sizeof keys);
        keys.k_aut = server->k_aut;
        keys.k_encr = server->k_encr;
    } else {
        keys = *lk_eap_server_run_keys(s);
    }
    /* spec: RFC 4187 9.11 - the answer to a signed notification is signed. */
    right = lk_aka_mac_is_right(s->packet, &keys.k_aut, lk_span_of(NULL, 0)) &&
            counter_is_right(s, &keys.k_encr);
    lk_wipe(&keys, sizeof keys);
    if (!right)
        return lk_eap_server_fail(s, LK_REASON_MAC_WRONG, "a signed answer to the notification",
                                  "another");
    return grant(s);
}

/* spec: RFC 4187 6.3.3 - Authentication-Reject and Client-Error are answered with EAP-Failure. */
enum lk_status lk_eap_server_rejected(struct lk_eap_serving *s)
{
    return lk_eap_server_fail(s, LK_REASON_PEER_REJECTED_AUTN, "a challenge response",
                              "Authentication-Reject");
}

enum lk_status lk_eap_server_client_error(struct lk_eap_serving *s)
{
    if (s->server->refusal.reason != LK_REASON_NONE)
        return fail_as_notified(s);
    return lk_eap_server_fail(s, LK_REASON_CLIENT_ERROR, NULL, "Client-Error");
}

enum lk_status lk_eap_server_broken(struct lk_eap_serving *s)
{
    if (s->server->state != LK_EAP_SERVER_AWAIT_NOTIFIED)
        return lk_eap_server_refuse(s, LK_REASON_EAP_MALFORMED, NULL, NULL);
    if (s->server->refusal.reason != LK_REASON_NONE)
        return fail_as_notified(s);
    return lk_eap_server_fail(s, LK_REASON_EAP_MALFORMED, NULL, NULL);
}
