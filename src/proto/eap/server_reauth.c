/* The EAP server's fast re-authentication (RFC 4187 5, RFC 9048 3.3). */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/server_parts.h"

/* spec: RFC 4187 9.7 - counter, NONCE_S and the next identity, encrypted under the old K_encr. */
static enum lk_status send_reauthentication(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    uint16_t max = s->config->reauth_max > 0 ? s->config->reauth_max : 1000;
    struct lk_writer w = lk_eap_server_request(s, LK_AKA_REAUTHENTICATION);
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_writer inner = lk_writer_of(room, sizeof room);

    lk_aka_put_u16(&inner, LK_AT_COUNTER, server->counter);
    lk_aka_put_block(&inner, LK_AT_NONCE_S, LK_SPAN(server->nonce_s));
    server->offered_reauth =
        server->counter < max &&
        lk_eap_server_put_next_reauth_id(&inner, server, &server->k_aut);
    lk_aka_put_padding(&inner);
    LK_ASSERT(lk_writer_end(&inner) == LK_OK);
    lk_aka_put_encrypted(&w, &server->k_encr, s->event->entropy + LK_ENTROPY_IV,
                         lk_writer_span(&inner));
    lk_wipe(room, inner.len);
    lk_eap_server_put_checkcode(&w, server);
    lk_eap_server_put_modes(s, &w);
    lk_aka_finish_signed(&w, server->type, &server->k_aut, lk_span_of(NULL, 0), server->mac);
    server->state = LK_EAP_SERVER_AWAIT_REAUTH;
    return lk_outbox_send(s->out, &w);
}

static bool context_fits(const struct lk_eap_serving *s, const struct lk_reauth_context *context)
{
    uint16_t max = s->config->reauth_max > 0 ? s->config->reauth_max : 1000;

    return context->eap_type == s->server->type && context->counter < max &&
           lk_eap_server_issued(s->server, context);
}

enum lk_status lk_eap_server_reauthenticate(struct lk_eap_serving *s)
{
    const struct lk_reauth_context *context = &s->event->reauth;
    struct lk_eap_server *server = s->server;

    if (!context_fits(s, context))
        return lk_eap_server_escalate(s, LK_ASK_FULLAUTH);
    lk_eap_server_close_rounds(server);
    server->fast = true;
    server->imsi = context->imsi;
    server->mk = context->mk;
    server->k_encr = context->k_encr;
    server->k_aut = context->k_aut;
    server->k_re = context->k_re;
    /* spec: RFC 4187 5.1 - one more than the last: 1 in the first re-authentication. */
    server->counter = (uint16_t)(context->counter + 1);
    memcpy(server->nonce_s, s->event->entropy + LK_ENTROPY_NONCE_S, sizeof server->nonce_s);
    return send_reauthentication(s);
}

/* spec: RFC 4187 5.5 - a peer that finds the counter too small gets a full authentication. */
static enum lk_status fall_back(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;

    server->fast = false;
    lk_wipe(&server->k_encr, sizeof server->k_encr);
    lk_wipe(&server->k_aut, sizeof server->k_aut);
    lk_wipe(&server->k_re, sizeof server->k_re);
    lk_wipe(&server->mk, sizeof server->mk);
    return lk_eap_server_want_vector(s, lk_span_of(NULL, 0));
}

enum lk_status lk_eap_server_check_reauth(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_aka_attributes inner;
    enum lk_status status;

    server->settled = true;
    /* spec: RFC 4187 9.8 - the MAC of this answer covers NONCE_S, which never went in the clear. */
    if (!lk_aka_mac_is_right(s->packet, &server->k_aut, LK_SPAN(server->nonce_s)))
        return lk_eap_server_refuse(s, LK_REASON_MAC_WRONG, NULL, NULL);
    if (!lk_aka_checkcode_is_right(&s->packet->at, server->checkcode, server->checkcode_len))
        return lk_eap_server_refuse(s, LK_REASON_CHECKCODE_WRONG, NULL, NULL);
    status = lk_aka_open_encrypted(&inner, room, s->packet, &server->k_encr);
    if (status != LK_OK)
        return lk_eap_server_refuse(s, LK_REASON_EAP_MALFORMED, "AT_COUNTER", NULL);
    if (inner.counter != server->counter)
        return lk_eap_server_refuse(s, LK_REASON_COUNTER_TOO_SMALL, "the counter of the request",
                                    "another");
    if (lk_aka_has(&inner, LK_AT_COUNTER_TOO_SMALL))
        return fall_back(s);
    return lk_eap_server_succeed(s, &server->k_aut, &server->k_encr);
}
