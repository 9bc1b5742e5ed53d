/* The EAP peer machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --START--> AWAIT_REQUEST --challenge--> AWAIT_CARD --answer--> AWAIT_RESULT --> DONE
 *                         |   \--re-authentication------------------------/   |
 *                         |                              notified success: AWAIT_SUCCESS --> DONE
 *                         \--> AWAIT_FAILURE --> FAILED
 *
 * It implements RFC 4187 and RFC 9048 for the peer, called by the UE role, by the simulator and
 * by the tests. It holds the keys of the run until EAP-Success, and those of the next
 * re-authentication in kept. Before the server is authenticated a bad request is answered as RFC
 * 4187 6.3.1 says; afterwards it is dropped: whoever injects octets then changes nothing. */
#include "proto/eap/peer.h"

#include <string.h>

#include "base/secret.h"
#include "proto/eap/peer_parts.h"

enum peer_on {
    ON_START,
    ON_EAP_IDENTITY,
    ON_EAP_NOTIFICATION,
    ON_OTHER_METHOD,
    ON_AGAIN, /* the identifier of the request answered last */
    ON_IDENTITY,
    ON_CHALLENGE,
    ON_REAUTHENTICATION,
    ON_NOTIFICATION,
    ON_BROKEN, /* a request of our method that breaks RFC 4187 8.1 or 10.1 */
    ON_SUCCESS,
    ON_FAILURE,
    ON_CARD,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_START] = "START",
    [ON_EAP_IDENTITY] = "Request/Identity",
    [ON_EAP_NOTIFICATION] = "Request/Notification",
    [ON_OTHER_METHOD] = "another method",
    [ON_AGAIN] = "the same request",
    [ON_IDENTITY] = "Identity",
    [ON_CHALLENGE] = "Challenge",
    [ON_REAUTHENTICATION] = "Reauthentication",
    [ON_NOTIFICATION] = "Notification",
    [ON_BROKEN] = "malformed",
    [ON_SUCCESS] = "EAP-Success",
    [ON_FAILURE] = "EAP-Failure",
    [ON_CARD] = "CARD",
};

#define TO(state) (1u << (state))
#define REQUEST TO(LK_EAP_PEER_AWAIT_REQUEST)
#define CARD TO(LK_EAP_PEER_AWAIT_CARD)
#define RESULT TO(LK_EAP_PEER_AWAIT_RESULT)
#define SUCCESS TO(LK_EAP_PEER_AWAIT_SUCCESS)
#define FAILURE TO(LK_EAP_PEER_AWAIT_FAILURE)
#define DONE TO(LK_EAP_PEER_DONE)
#define FAILED TO(LK_EAP_PEER_FAILED)
#define ANYWHERE (TO(LK_EAP_PEER_STATE_COUNT) - 1)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_eap_peer_##act }

static const struct peer_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_eap_peering *p);
} rows[] = {
    ROW(ANYWHERE, ON_START, start, REQUEST, "RFC 3748 2"),
    ROW(REQUEST | RESULT | SUCCESS | FAILURE, ON_AGAIN, answer_again, 0, "RFC 3748 4.1"),

    ROW(REQUEST, ON_EAP_IDENTITY, say_identity, REQUEST, "RFC 3748 5.1"),
    ROW(REQUEST, ON_EAP_NOTIFICATION, read_notice, REQUEST, "RFC 3748 5.2"),
    ROW(REQUEST, ON_OTHER_METHOD, refuse_method, REQUEST, "RFC 3748 5.3.1"),
    ROW(REQUEST, ON_IDENTITY, give_identity, REQUEST | FAILURE, "RFC 4187 4.1.5"),
    ROW(REQUEST, ON_CHALLENGE, ask_card, CARD | REQUEST | FAILURE, "RFC 4187 9.3"),
    ROW(REQUEST, ON_REAUTHENTICATION, answer_reauth, RESULT | REQUEST | FAILURE, "RFC 4187 9.7"),
    ROW(REQUEST | RESULT | FAILURE, ON_NOTIFICATION, notified, SUCCESS | FAILURE, "RFC 4187 6.1"),
    ROW(REQUEST, ON_BROKEN, broken, FAILURE, "RFC 4187 6.3.1"),

    ROW(CARD, ON_CARD, answer_challenge, RESULT | REQUEST | FAILURE, "RFC 4187 9.4"),

    /* A11: no other state has a row for EAP-Success. */
    ROW(RESULT | SUCCESS, ON_SUCCESS, succeed, DONE, "RFC 3748 4.2"),
    ROW(REQUEST | CARD | RESULT | FAILURE, ON_FAILURE, fail, FAILED, "RFC 3748 4.2"),
};

static const char *const state_names[LK_EAP_PEER_STATE_COUNT] = {
    [LK_EAP_PEER_IDLE] = "IDLE",
    [LK_EAP_PEER_AWAIT_REQUEST] = "AWAIT_REQUEST",
    [LK_EAP_PEER_AWAIT_CARD] = "AWAIT_CARD",
    [LK_EAP_PEER_AWAIT_RESULT] = "AWAIT_RESULT",
    [LK_EAP_PEER_AWAIT_SUCCESS] = "AWAIT_SUCCESS",
    [LK_EAP_PEER_AWAIT_FAILURE] = "AWAIT_FAILURE",
    [LK_EAP_PEER_DONE] = "DONE",
    [LK_EAP_PEER_FAILED] = "FAILED",
};

const char *lk_eap_peer_state_name(enum lk_eap_peer_state state)
{
    return lk_rule_state_name(&lk_eap_peer_rules, state);
}

const struct lk_rule_table lk_eap_peer_rules = {
    .name = "eap-peer",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_EAP_PEER_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = TO(LK_EAP_PEER_IDLE),
    .last = DONE | FAILED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

static bool allowed(const struct lk_eap_peer_config *config, uint8_t type)
{
    return (type == LK_EAP_AKA_PRIME && config->allow_aka_prime) ||
           (type == LK_EAP_AKA && config->allow_aka);
}

static enum peer_on on_aka(const struct lk_eap_packet *packet)
{
    switch (packet->subtype) {
    case LK_AKA_IDENTITY: return ON_IDENTITY;
    case LK_AKA_CHALLENGE: return ON_CHALLENGE;
    case LK_AKA_REAUTHENTICATION: return ON_REAUTHENTICATION;
    case LK_AKA_NOTIFICATION: return ON_NOTIFICATION;
    default: return ON_BROKEN;
    }
}

static enum peer_on on_request(const struct lk_eap_peer *peer,
                               const struct lk_eap_peer_config *config,
                               const struct lk_eap_packet *packet, bool decoded)
{
    /* spec: RFC 3748 4.1 - a request with the identifier of the last one is that one again. */
    if (peer->answer_len > 0 && packet->id == peer->answered_id)
        return ON_AGAIN;
    if (packet->type == LK_EAP_IDENTITY)
        return ON_EAP_IDENTITY;
    if (packet->type == LK_EAP_NOTIFICATION)
        return ON_EAP_NOTIFICATION;
    if (packet->type <= LK_EAP_NAK)
        return ON_NOTHING;
    if (peer->type == LK_EAP_NO_TYPE && !allowed(config, packet->type))
        return ON_OTHER_METHOD;
    if (peer->type != LK_EAP_NO_TYPE && peer->type != packet->type)
        return ON_NOTHING;
    return decoded ? on_aka(packet) : ON_BROKEN;
}

static enum lk_status judge_packet(enum peer_on *on, struct lk_eap_packet *packet,
                                   const struct lk_eap_peer *peer,
                                   const struct lk_eap_peer_config *config,
                                   struct lk_span datagram)
{
    enum lk_status status = lk_eap_decode(packet, datagram);
    bool answered = peer->answer_len > 0 && packet->id == peer->answered_id;

    *on = ON_NOTHING;
    if (packet->code == LK_EAP_REQUEST && (status == LK_OK || packet->type > LK_EAP_NAK))
        *on = on_request(peer, config, packet, status == LK_OK);
    /* spec: RFC 3748 4.2 - a result carries the identifier of the response it follows. */
    if (status == LK_OK && packet->code == LK_EAP_SUCCESS && answered)
        *on = ON_SUCCESS;
    if (status == LK_OK && packet->code == LK_EAP_FAILURE && answered)
        *on = ON_FAILURE;
    if (*on != ON_NOTHING)
        return LK_OK;
    return status != LK_OK ? status : LK_E_UNEXPECTED;
}

static enum lk_status judge(enum peer_on *on, struct lk_eap_packet *packet,
                            const struct lk_eap_peer *peer,
                            const struct lk_eap_peer_config *config, const struct lk_event *event)
{
    *on = ON_NOTHING;
    memset(packet, 0, sizeof *packet);
    switch (event->kind) {
    case LK_EV_START: *on = ON_START; return LK_OK;
    case LK_EV_RECEIVED: return judge_packet(on, packet, peer, config, event->received);
    case LK_EV_CARD: *on = ON_CARD; return LK_OK;
    case LK_EV_EXPIRED:
    case LK_EV_VECTOR:
    case LK_EV_NO_VECTOR:
    case LK_EV_REAUTH:
    case LK_EV_NO_REAUTH:
    case LK_EVENT_KIND_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_eap_peer_step(struct lk_eap_peer *peer, const struct lk_eap_peer_config *config,
                                const struct lk_event *event, struct lk_outbox *out)
{
    struct lk_outbox_mark mark = lk_outbox_mark(out);
    struct lk_eap_packet packet;
    struct lk_eap_peer draft;
    enum peer_on on;
    enum lk_status status = judge(&on, &packet, peer, config, event);
    size_t row;

    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_eap_peer_rules, peer->state, on);
    if (status != LK_OK)
        return status;
    draft = *peer;
    if (event->kind == LK_EV_RECEIVED)
        draft.id = packet.id;
    status = rows[row].act(&(struct lk_eap_peering){
        .peer = &draft, .config = config, .event = event, .packet = &packet, .out = out });
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, peer->state, draft.state);
        *peer = draft;
    } else {
        lk_outbox_undo(out, mark);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_eap_peer_init(struct lk_eap_peer *peer)
{
    memset(peer, 0, sizeof *peer);
}

void lk_eap_peer_defaults(struct lk_eap_peer_config *config)
{
    memset(config, 0, sizeof *config);
    memcpy(config->network_name, "WLAN", 4);
    config->network_name_len = 4;
    config->allow_aka_prime = true;
    config->allow_aka = true;
    config->use_pseudonyms = true;
    config->use_reauth = true;
    config->result_ind = true;
    lk_mode_layout_defaults(&config->mode_layout);
}
