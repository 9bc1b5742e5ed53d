/* The EAP server machine: which event is welcome in which state, and the one step.
 *
 *     START --identity--> [AWAIT_IDENTITY] --> AWAIT_VECTOR --> AWAIT_CHALLENGE --> DONE
 *                     \-> AWAIT_CONTEXT --> AWAIT_REAUTH --------------------------/
 *     and from each of them AWAIT_NOTIFIED (success under MAC, or a failure) --> DONE, FAILED
 *
 * It implements RFC 4187 and RFC 9048 for the server, called by node/aaa with what RADIUS
 * carries, by the simulator, and by the tests. It holds CK', IK' (or MK) of the run between
 * challenge and answer, hands MSK and EMSK out in one GRANT and wipes what it held. */
#include "proto/eap/server.h"

#include <string.h>

#include "base/secret.h"
#include "proto/eap/server_parts.h"

enum server_on {
    ON_EAP_IDENTITY,
    ON_NAK,
    ON_IDENTITY,
    ON_CHALLENGE,
    ON_KDF_CHOICE,
    ON_REJECT,
    ON_SYNC_FAILURE,
    ON_REAUTHENTICATION,
    ON_NOTIFICATION,
    ON_CLIENT_ERROR,
    ON_BROKEN, /* of the running method, answers our request, and breaks RFC 4187 8.1 or 10.1 */
    ON_VECTOR,
    ON_NO_VECTOR,
    ON_CONTEXT,
    ON_NO_CONTEXT,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_EAP_IDENTITY] = "Response/Identity",
    [ON_NAK] = "Response/Nak",
    [ON_IDENTITY] = "Identity",
    [ON_CHALLENGE] = "Challenge",
    [ON_KDF_CHOICE] = "Challenge with AT_KDF",
    [ON_REJECT] = "Authentication-Reject",
    [ON_SYNC_FAILURE] = "Synchronization-Failure",
    [ON_REAUTHENTICATION] = "Reauthentication",
    [ON_NOTIFICATION] = "Notification",
    [ON_CLIENT_ERROR] = "Client-Error",
    [ON_BROKEN] = "malformed",
    [ON_VECTOR] = "VECTOR",
    [ON_NO_VECTOR] = "NO_VECTOR",
    [ON_CONTEXT] = "REAUTH",
    [ON_NO_CONTEXT] = "NO_REAUTH",
};

#define TO(state) (1u << (state))
#define START TO(LK_EAP_SERVER_START)
#define IDENTITY TO(LK_EAP_SERVER_AWAIT_IDENTITY)
#define CONTEXT TO(LK_EAP_SERVER_AWAIT_CONTEXT)
#define VECTOR TO(LK_EAP_SERVER_AWAIT_VECTOR)
#define CHALLENGE TO(LK_EAP_SERVER_AWAIT_CHALLENGE)
#define REAUTH TO(LK_EAP_SERVER_AWAIT_REAUTH)
#define NOTIFIED TO(LK_EAP_SERVER_AWAIT_NOTIFIED)
#define DONE TO(LK_EAP_SERVER_DONE)
#define FAILED TO(LK_EAP_SERVER_FAILED)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_eap_server_##act }

static const struct server_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_eap_serving *s);
} rows[] = {
    ROW(START, ON_EAP_IDENTITY, begin, IDENTITY | CONTEXT | VECTOR | NOTIFIED | FAILED,
        "RFC 4187 4.1"),

    ROW(IDENTITY, ON_IDENTITY, take_identity, IDENTITY | CONTEXT | VECTOR | NOTIFIED,
        "RFC 4187 4.1.7"),
    ROW(IDENTITY, ON_NAK, switch_method, IDENTITY | FAILED, "RFC 3748 5.3.1"),
    ROW(IDENTITY, ON_CLIENT_ERROR, client_error, FAILED, "RFC 4187 6.3.2"),
    ROW(IDENTITY, ON_BROKEN, broken, NOTIFIED, "RFC 4187 6.3.2"),

    ROW(CONTEXT, ON_CONTEXT, reauthenticate, REAUTH | IDENTITY | NOTIFIED, "RFC 4187 5.4"),
    ROW(CONTEXT, ON_NO_CONTEXT, no_context, IDENTITY | NOTIFIED, "RFC 4187 4.1.4"),

    ROW(VECTOR, ON_VECTOR, challenge, CHALLENGE, "RFC 4187 3"),
    ROW(VECTOR, ON_NO_VECTOR, no_vector, CHALLENGE | NOTIFIED, "RFC 4187 6.3.2"),

    ROW(CHALLENGE, ON_CHALLENGE, check_response, DONE | NOTIFIED, "RFC 4187 9.4"),
    ROW(CHALLENGE, ON_KDF_CHOICE, choose_kdf, CHALLENGE | NOTIFIED, "RFC 9048 3.2"),
    ROW(CHALLENGE, ON_SYNC_FAILURE, resynchronise, VECTOR | NOTIFIED, "RFC 4187 9.6"),
    ROW(CHALLENGE, ON_REJECT, rejected, FAILED, "RFC 4187 9.5"),
    ROW(CHALLENGE, ON_NAK, switch_method, VECTOR | FAILED, "RFC 3748 5.3.1"),
    ROW(CHALLENGE, ON_CLIENT_ERROR, client_error, FAILED, "RFC 4187 6.3.2"),
    ROW(CHALLENGE, ON_BROKEN, broken, NOTIFIED, "RFC 4187 6.3.2"),

    ROW(REAUTH, ON_REAUTHENTICATION, check_reauth, DONE | NOTIFIED | VECTOR, "RFC 4187 9.8"),
    ROW(REAUTH, ON_NAK, switch_method, IDENTITY | FAILED, "RFC 3748 5.3.1"),
    ROW(REAUTH, ON_CLIENT_ERROR, client_error, FAILED, "RFC 4187 6.3.2"),
    ROW(REAUTH, ON_BROKEN, broken, NOTIFIED, "RFC 4187 6.3.2"),

    ROW(NOTIFIED, ON_NOTIFICATION, notified, DONE | FAILED, "RFC 4187 6.1"),
    ROW(NOTIFIED, ON_CLIENT_ERROR, client_error, FAILED, "RFC 4187 6.3.2"),
    ROW(NOTIFIED, ON_BROKEN, broken, FAILED, "RFC 4187 6.3.2"),
};

static const char *const state_names[LK_EAP_SERVER_STATE_COUNT] = {
    [LK_EAP_SERVER_START] = "START",
    [LK_EAP_SERVER_AWAIT_IDENTITY] = "AWAIT_IDENTITY",
    [LK_EAP_SERVER_AWAIT_CONTEXT] = "AWAIT_CONTEXT",
    [LK_EAP_SERVER_AWAIT_VECTOR] = "AWAIT_VECTOR",
    [LK_EAP_SERVER_AWAIT_CHALLENGE] = "AWAIT_CHALLENGE",
    [LK_EAP_SERVER_AWAIT_REAUTH] = "AWAIT_REAUTH",
    [LK_EAP_SERVER_AWAIT_NOTIFIED] = "AWAIT_NOTIFIED",
    [LK_EAP_SERVER_DONE] = "DONE",
    [LK_EAP_SERVER_FAILED] = "FAILED",
};

const char *lk_eap_server_state_name(enum lk_eap_server_state state)
{
    return lk_rule_state_name(&lk_eap_server_rules, state);
}

const struct lk_rule_table lk_eap_server_rules = {
    .name = "eap-server",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_EAP_SERVER_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = START,
    .last = DONE | FAILED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

static enum server_on on_aka(const struct lk_eap_packet *packet)
{
    switch (packet->subtype) {
    case LK_AKA_CHALLENGE:
        return lk_aka_has(&packet->at, LK_AT_KDF) ? ON_KDF_CHOICE : ON_CHALLENGE;
    case LK_AKA_AUTHENTICATION_REJECT: return ON_REJECT;
    case LK_AKA_SYNCHRONIZATION_FAILURE: return ON_SYNC_FAILURE;
    case LK_AKA_IDENTITY: return ON_IDENTITY;
    case LK_AKA_NOTIFICATION: return ON_NOTIFICATION;
    case LK_AKA_REAUTHENTICATION: return ON_REAUTHENTICATION;
    case LK_AKA_CLIENT_ERROR: return ON_CLIENT_ERROR;
    default: return ON_NOTHING;
    }
}

/* A packet counts when it answers the request that is out: same identifier, same method, or Nak.
 * spec: RFC 3748 4.1 - a response whose identifier is not that of the request is dropped. */
static enum lk_status judge_packet(enum server_on *on, struct lk_eap_packet *packet,
                                   const struct lk_eap_server *server, struct lk_span datagram)
{
    enum lk_status status = lk_eap_decode(packet, datagram);
    bool first = server->state == LK_EAP_SERVER_START;

    *on = ON_NOTHING;
    if (packet->code != LK_EAP_RESPONSE)
        return status != LK_OK ? status : LK_E_UNEXPECTED;
    if (first && status == LK_OK && packet->type == LK_EAP_IDENTITY)
        *on = ON_EAP_IDENTITY;
    if (!first && packet->id == server->id && packet->type == LK_EAP_NAK && status == LK_OK)
        *on = ON_NAK;
    if (!first && packet->id == server->id && packet->type != 0 && packet->type == server->type)
        *on = status == LK_OK ? on_aka(packet) : ON_BROKEN;
    if (*on != ON_NOTHING)
        return LK_OK;
    return status != LK_OK ? status : LK_E_UNEXPECTED;
}

static enum lk_status judge(enum server_on *on, struct lk_eap_packet *packet,
                            const struct lk_eap_server *server, const struct lk_event *event)
{
    *on = ON_NOTHING;
    memset(packet, 0, sizeof *packet);
    switch (event->kind) {
    case LK_EV_RECEIVED: return judge_packet(on, packet, server, event->received);
    case LK_EV_VECTOR: *on = ON_VECTOR; return LK_OK;
    case LK_EV_NO_VECTOR: *on = ON_NO_VECTOR; return LK_OK;
    case LK_EV_REAUTH: *on = ON_CONTEXT; return LK_OK;
    case LK_EV_NO_REAUTH: *on = ON_NO_CONTEXT; return LK_OK;
    case LK_EV_START:
    case LK_EV_EXPIRED:
    case LK_EV_CARD:
    case LK_EVENT_KIND_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_eap_server_step(struct lk_eap_server *server,
                                  const struct lk_eap_server_config *config,
                                  const struct lk_event *event, struct lk_outbox *out)
{
    struct lk_outbox_mark mark = lk_outbox_mark(out);
    struct lk_eap_packet packet;
    struct lk_eap_server draft;
    struct lk_eap_serving serving = { .server = &draft, .config = config, .event = event,
                                      .out = out };
    enum server_on on;
    enum lk_status status = judge(&on, &packet, server, event);
    size_t row;

    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_eap_server_rules, server->state, on);
    if (status != LK_OK)
        return status;
    draft = *server;
    serving.packet = &packet;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, server->state, draft.state);
        *server = draft;
    } else {
        lk_outbox_undo(out, mark);
    }
    if (serving.derived)
        lk_wipe(&serving.keys, sizeof serving.keys);
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_eap_server_init(struct lk_eap_server *server)
{
    memset(server, 0, sizeof *server);
}

void lk_eap_server_wipe(struct lk_eap_server *server)
{
    lk_wipe(server, sizeof *server);
}

bool lk_eap_server_awaits_peer(const struct lk_eap_server *server)
{
    return (TO(server->state) & (IDENTITY | CHALLENGE | REAUTH | NOTIFIED)) != 0;
}

void lk_eap_server_defaults(struct lk_eap_server_config *config)
{
    memset(config, 0, sizeof *config);
    memcpy(config->network_name, "WLAN", 4);
    config->network_name_len = 4;
    config->offer_aka_prime = true;
    config->offer_aka = true;
    config->use_pseudonyms = true;
    config->use_reauth = true;
    config->send_bidding = true;
    config->hide_unknown = true;
    config->reauth_max = 1000;
    config->modes = LK_TWAN_TRANSPARENT | LK_TWAN_MULTI;
    lk_mode_layout_defaults(&config->mode_layout);
}
