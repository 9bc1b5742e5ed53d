/* The EAP server's part in the connection mode of a trusted WLAN: announced in the request, asked
 * for in the answer, settled in the notification of success, each under AT_MAC. */
#include "proto/eap/server_parts.h"

/* What both this server and the access network of this packet can do. */
static uint8_t modes_now(const struct lk_eap_serving *s)
{
    return s->config->modes & s->server->access.modes & LK_TWAN_MULTI;
}

/* spec: TS 23.402 16.1.4A - the network announces the modes it supports; transparent
 * single-connection mode needs no word.
 * spec: RFC 4187 6.2 - AT_RESULT_IND offers the notification that the result will travel in. */
void lk_eap_server_put_modes(struct lk_eap_serving *s, struct lk_writer *w)
{
    struct lk_eap_server *server = s->server;
    struct lk_mode_value value = { .message = LK_MODE_CAPABILITY };

    server->multi = false;
    server->mode_offered = server->type == LK_EAP_AKA_PRIME && modes_now(s) != 0;
    server->result_ind = s->config->protect_success || server->mode_offered;
    if (server->result_ind)
        lk_aka_put_empty(w, LK_AT_RESULT_IND);
    if (!server->mode_offered)
        return;
    value.modes = LK_TWAN_TRANSPARENT | modes_now(s);
    lk_aka_put_mode(w, &s->config->mode_layout, &value);
}

/* Why a request does not get multi-connection mode; NONE: it does, or did not ask. */
static enum lk_mode_cause judge_request(const struct lk_eap_serving *s, bool has_form,
                                        uint8_t modes)
{
    /* A request names one mode. */
    if (!has_form || modes == 0 || (modes & (modes - 1)) != 0)
        return LK_MODE_CAUSE_INCORRECT;
    if (modes == LK_TWAN_SINGLE)
        return LK_MODE_CAUSE_NOT_SUPPORTED;
    if (modes == LK_TWAN_MULTI && modes_now(s) == 0) /* its network thinks otherwise by now */
        return LK_MODE_CAUSE_NOT_AUTHORISED;
    return LK_MODE_CAUSE_NONE;
}

/* spec: TS 23.402 16.1.4A - the device asks for a mode and the network returns a result; without a
 * common one it is transparent single-connection mode, and the device is served all the same. */
void lk_eap_server_settle_mode(struct lk_eap_serving *s, bool notifies)
{
    struct lk_eap_server *server = s->server;
    struct lk_mode_value asked;
    enum lk_mode_cause cause;
    bool has_form;

    if (!server->mode_offered || !notifies ||
        !lk_aka_has(&s->packet->at, LK_AT_TWAN_CONN_MODE))
        return;
    has_form = lk_aka_open_mode(&asked, s->packet, &s->config->mode_layout, LK_MODE_REQUEST);
    cause = judge_request(s, has_form, asked.modes);
    server->multi = cause == LK_MODE_CAUSE_NONE && asked.modes == LK_TWAN_MULTI;
    s->has_mode_result = true;
    s->mode_result = (struct lk_mode_value){
        .message = LK_MODE_RESULT,
        .modes = server->multi ? LK_TWAN_MULTI : LK_TWAN_TRANSPARENT,
        .has_cause = cause != LK_MODE_CAUSE_NONE,
        .cause = (uint8_t)cause,
    };
    /* spec: TS 29.273 5.2.3.29 - the device learns the TWAG's address from the AAA server. */
    if (server->multi)
        s->mode_result.twag = server->access.twag;
}
