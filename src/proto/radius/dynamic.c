#include "proto/radius/dynamic.h"

#include <string.h>

enum { ADDRESS_V4 = 4 };

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

const char *lk_radius_error_cause_name(enum lk_radius_error_cause cause)
{
    switch (cause) {
    case LK_RADIUS_CAUSE_NONE: return "none";
    case LK_RADIUS_CAUSE_RESIDUAL_REMOVED: return "201 Residual-Context-Removed";
    case LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE: return "401 Unsupported-Attribute";
    case LK_RADIUS_CAUSE_MISSING_ATTRIBUTE: return "402 Missing-Attribute";
    case LK_RADIUS_CAUSE_NAS_MISMATCH: return "403 NAS-Identification-Mismatch";
    case LK_RADIUS_CAUSE_INVALID_REQUEST: return "404 Invalid-Request";
    case LK_RADIUS_CAUSE_UNSUPPORTED_SERVICE: return "405 Unsupported-Service";
    case LK_RADIUS_CAUSE_UNSUPPORTED_EXTENSION: return "406 Unsupported-Extension";
    case LK_RADIUS_CAUSE_INVALID_VALUE: return "407 Invalid-Attribute-Value";
    case LK_RADIUS_CAUSE_PROHIBITED: return "501 Administratively-Prohibited";
    case LK_RADIUS_CAUSE_NOT_ROUTABLE: return "502 Request-Not-Routable";
    case LK_RADIUS_CAUSE_NO_SESSION: return "503 Session-Context-Not-Found";
    case LK_RADIUS_CAUSE_NOT_REMOVABLE: return "504 Session-Context-Not-Removable";
    case LK_RADIUS_CAUSE_RESOURCES: return "506 Resources-Unavailable";
    case LK_RADIUS_CAUSE_MANY_SESSIONS: return "508 Multiple-Session-Selection-Unsupported";
    }
    return "?";
}

void lk_radius_dynamic_server_in(struct lk_radius_dynamic_server *server,
                                 struct lk_radius_dynamic_seen *item, size_t cap)
{
    LK_ASSERT(cap > 0);
    *server = (struct lk_radius_dynamic_server){ .item = item, .cap = cap };
}

/* ---- what was answered lately ---- */

static void forget_the_oldest(struct lk_radius_dynamic_server *server)
{
    server->first = (server->first + 1) % server->cap;
    server->count--;
}

static void forget_the_stale(struct lk_radius_dynamic_server *server, uint64_t now_ms)
{
    while (server->count > 0 && server->item[server->first].until_ms <= now_ms)
        forget_the_oldest(server);
}

static const struct lk_radius_dynamic_seen *find(const struct lk_radius_dynamic_server *server,
                                                 const uint8_t *authenticator)
{
    struct lk_span wanted = lk_span_of(authenticator, LK_RADIUS_AUTHENTICATOR_LEN);

    for (size_t i = 0; i < server->count; i++) {
        const struct lk_radius_dynamic_seen *seen =
            &server->item[(server->first + i) % server->cap];

        if (lk_span_equal(LK_SPAN(seen->authenticator), wanted))
            return seen;
    }
    return NULL;
}

/* ---- verification ---- */

/* spec: RFC 5176 2.3 - the Request Authenticator is made as that of accounting, and so is
 * Message-Authenticator, over a header of zeroes.
 * A01: it may be left out by the document, not here. */
static bool verify(const struct lk_radius_packet *packet, const struct lk_radius_secret *secret,
                   enum lk_reason *reason)
{
    enum lk_status status;

    *reason = LK_REASON_RADIUS_DYNAMIC_AUTHENTICATOR_WRONG;
    if (lk_radius_authenticator_verify(packet, secret, zeroes) != LK_OK)
        return false;
    status = lk_radius_mac_verify(packet, secret, zeroes);
    if (status == LK_E_MISSING)
        *reason = LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR;
    else if (status == LK_E_MAC)
        *reason = LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG;
    else
        *reason = LK_REASON_RADIUS_MALFORMED;
    return status == LK_OK;
}

/* spec: RFC 5176 6.3 - a request whose Event-Timestamp is not current is silently discarded. */
static bool is_current(struct lk_radius_dynamic_request *request,
                       const struct lk_radius_dynamic_config *config, uint32_t stamp,
                       uint64_t now_ms)
{
    uint64_t window_s = config->window_s != 0 ? config->window_s : LK_RADIUS_DYNAMIC_WINDOW_S;
    uint64_t now_s = now_ms / 1000;
    uint64_t apart_s = now_s > stamp ? now_s - stamp : stamp - now_s;

    request->until_ms = (stamp + window_s + 1) * 1000;
    return apart_s <= window_s;
}

static void refuse(struct lk_radius_dynamic_request *request, enum lk_radius_error_cause cause)
{
    if (request->cause == LK_RADIUS_CAUSE_NONE)
        request->cause = cause;
}

/* An attribute that says whose session or which NAS it is, once. */
static void take_once(struct lk_radius_dynamic_request *request, bool *has, struct lk_span *span,
                      struct lk_span value)
{
    if (*has)
        refuse(request, LK_RADIUS_CAUSE_INVALID_REQUEST);
    *has = true;
    *span = value;
}

static void take_nas_address(struct lk_radius_dynamic_request *request, struct lk_span value,
                             size_t len)
{
    if (request->has_nas_address)
        refuse(request, LK_RADIUS_CAUSE_INVALID_REQUEST);
    request->has_nas_address = true;
    if (value.len != len)
        refuse(request, LK_RADIUS_CAUSE_INVALID_VALUE);
    else if (len == ADDRESS_V4)
        request->nas_address = lk_address_v4(value.at);
    else
        memcpy(request->nas_address.octets, value.at, len);
}

static void take(struct lk_radius_dynamic_request *request,
                 const struct lk_radius_attribute *attribute)
{
    struct lk_span calling;

    switch (attribute->type) {
    case LK_RADIUS_USER_NAME:
        take_once(request, &request->has_user, &request->user, attribute->value);
        break;
    case LK_RADIUS_ACCT_SESSION_ID:
        take_once(request, &request->has_acct_session, &request->acct_session, attribute->value);
        break;
    case LK_RADIUS_CALLING_STATION_ID:
        take_once(request, &request->has_mac, &calling, attribute->value);
        if (lk_station_parse(request->mac, calling) != LK_OK)
            refuse(request, LK_RADIUS_CAUSE_INVALID_VALUE);
        break;
    case LK_RADIUS_NAS_IDENTIFIER:
        take_once(request, &request->has_nas_identifier, &request->nas_identifier,
                  attribute->value);
        break;
    case LK_RADIUS_NAS_IP_ADDRESS:
        take_nas_address(request, attribute->value, ADDRESS_V4);
        break;
    case LK_RADIUS_NAS_IPV6_ADDRESS:
        take_nas_address(request, attribute->value, LK_ADDRESS_LEN);
        break;
    case LK_RADIUS_PROXY_STATE:
    case LK_RADIUS_MESSAGE_AUTHENTICATOR:
    case LK_RADIUS_EVENT_TIMESTAMP:
    case LK_RADIUS_CLASS:
    case LK_RADIUS_VENDOR_SPECIFIC:
    case LK_RADIUS_ACCT_TERMINATE_CAUSE:
    case LK_RADIUS_REPLY_MESSAGE:
        break;
    case LK_RADIUS_SESSION_TIMEOUT:
        /* spec: RFC 5176 3.6 - a CoA-Request may set it, a Disconnect-Request has none. */
        if (!request->coa)
            refuse(request, LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE);
        break;
    case LK_RADIUS_SERVICE_TYPE:
        /* spec: RFC 5176 3.5 - 405: a service that is not offered, Authorize Only among them. */
        refuse(request, LK_RADIUS_CAUSE_UNSUPPORTED_SERVICE);
        break;
    default:
        /* spec: RFC 5176 2.1 - what neither identifies NAS nor session has no place here: a request
         * is carried out as a whole or not at all. */
        refuse(request, LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE);
        break;
    }
}

static void judge(struct lk_radius_dynamic_request *request,
                  const struct lk_radius_dynamic_config *config, bool has_stamp)
{
    struct lk_reader r = lk_reader_of(request->request.packet.attributes);
    struct lk_radius_attribute attribute;

    /* spec: RFC 5176 3.5 - 406: CoA is not served here. */
    if (request->coa && !config->coa)
        refuse(request, LK_RADIUS_CAUSE_UNSUPPORTED_EXTENSION);
    while (lk_radius_next(&r, &attribute))
        take(request, &attribute);
    if (!has_stamp)
        refuse(request, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE);
    /* spec: RFC 5176 3 - at least one attribute says which session it is. */
    if (!config->any_session && !request->has_user && !request->has_acct_session &&
        !request->has_mac)
        refuse(request, LK_RADIUS_CAUSE_MISSING_ATTRIBUTE);
    /* spec: RFC 5176 3.5 - 403: one attribute that names another NAS is enough. */
    if (!config->many_nas &&
        ((request->has_nas_address &&
          !lk_address_equal(&request->nas_address, &config->address)) ||
         (request->has_nas_identifier &&
          !lk_span_equal(request->nas_identifier, lk_span_text(config->identifier)))))
        refuse(request, LK_RADIUS_CAUSE_NAS_MISMATCH);
}

static size_t proxy_states_len(const struct lk_radius_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    size_t len = 0;

    while (lk_radius_next(&r, &attribute))
        if (attribute.type == LK_RADIUS_PROXY_STATE)
            len += attribute.value.len + 2;
    return len;
}

/* Everything that ends in silence. */
static bool accept(struct lk_radius_dynamic_request *request, enum lk_reason *reason,
                   const struct lk_radius_secret *secret, struct lk_span datagram)
{
    struct lk_radius_packet *packet = &request->request.packet;

    *reason = LK_REASON_RADIUS_MALFORMED;
    if (lk_radius_decode(packet, datagram) != LK_OK)
        return false;
    *reason = LK_REASON_RADIUS_CODE;
    if (packet->code != LK_RADIUS_DISCONNECT_REQUEST && packet->code != LK_RADIUS_COA_REQUEST)
        return false;
    if (!verify(packet, secret, reason))
        return false;
    request->coa = packet->code == LK_RADIUS_COA_REQUEST;
    request->request.proxy_states_len = proxy_states_len(packet);
    *reason = LK_REASON_RADIUS_PROXY_STATES;
    return request->request.proxy_states_len <= LK_RADIUS_PROXY_STATES_MAX;
}

enum lk_radius_dynamic_verdict lk_radius_dynamic_open(
    struct lk_radius_dynamic_request *request, enum lk_reason *reason,
    struct lk_radius_dynamic_server *server, const struct lk_radius_dynamic_config *config,
    const struct lk_radius_secret *secret, struct lk_span datagram, uint64_t now_ms)
{
    const struct lk_radius_dynamic_seen *seen;
    struct lk_span value;
    uint32_t stamp = (uint32_t)(now_ms / 1000);
    bool has_stamp;

    memset(request, 0, sizeof *request);
    if (!accept(request, reason, secret, datagram))
        return LK_RADIUS_DYNAMIC_DROP;
    has_stamp = lk_radius_find(&request->request.packet, LK_RADIUS_EVENT_TIMESTAMP, &value);
    *reason = LK_REASON_RADIUS_TIMESTAMP;
    if (config->fresh_leg)
        has_stamp = true; /* the leg is worth one that is right */
    else if (has_stamp && lk_radius_u32(&stamp, value) != LK_OK)
        return LK_RADIUS_DYNAMIC_DROP;
    if (!is_current(request, config, stamp, now_ms))
        return LK_RADIUS_DYNAMIC_DROP;
    *reason = LK_REASON_NONE;
    forget_the_stale(server, now_ms);
    seen = find(server, request->request.packet.authenticator.at);
    if (seen != NULL) {
        request->cause = (enum lk_radius_error_cause)seen->cause;
        return LK_RADIUS_DYNAMIC_REPEAT;
    }
    judge(request, config, has_stamp);
    if (server->count == server->cap && config->fresh_leg)
        forget_the_oldest(server);
    if (server->count == server->cap)
        refuse(request, LK_RADIUS_CAUSE_RESOURCES);
    return request->cause == LK_RADIUS_CAUSE_NONE ? LK_RADIUS_DYNAMIC_NEW
                                                  : LK_RADIUS_DYNAMIC_REFUSED;
}

/* ---- sessions ---- */

/* spec: RFC 5176 3 - all attributes that identify the session must match it. */
bool lk_radius_dynamic_names(const struct lk_radius_dynamic_request *request,
                             const struct lk_radius_dynamic_config *config,
                             const struct lk_radius_dynamic_session *session)
{
    if (request->has_mac &&
        !lk_span_equal(LK_SPAN(request->mac), lk_span_of(session->mac, sizeof request->mac)))
        return false;
    if (request->has_acct_session && (session->acct_session.len == 0 ||
                                      !lk_span_equal(request->acct_session,
                                                     session->acct_session)))
        return false;
    if (request->has_user && !lk_span_equal(request->user, session->imsi) &&
        (session->user.len == 0 || !lk_span_equal(request->user, session->user)))
        return false;
    if (!config->many_nas)
        return true;
    return (!request->has_nas_address ||
            lk_address_equal(&request->nas_address, &session->nas_address) ||
            lk_address_equal(&request->nas_address, &config->address)) &&
           (!request->has_nas_identifier ||
            lk_span_equal(request->nas_identifier, session->nas_identifier) ||
            lk_span_equal(request->nas_identifier, lk_span_text(config->identifier)));
}

enum lk_radius_error_cause lk_radius_dynamic_found(size_t sessions)
{
    if (sessions == 0)
        return LK_RADIUS_CAUSE_NO_SESSION;
    /* spec: RFC 5176 3.5 - 508: one session at a time. */
    return sessions == 1 ? LK_RADIUS_CAUSE_NONE : LK_RADIUS_CAUSE_MANY_SESSIONS;
}

void lk_radius_dynamic_decide(struct lk_radius_dynamic_server *server,
                              struct lk_radius_dynamic_request *request,
                              enum lk_radius_error_cause cause)
{
    struct lk_radius_dynamic_seen *seen;

    LK_ASSERT(server->count < server->cap);
    request->cause = cause;
    seen = &server->item[(server->first + server->count++) % server->cap];
    memcpy(seen->authenticator, request->request.packet.authenticator.at,
           sizeof seen->authenticator);
    seen->until_ms = request->until_ms;
    seen->cause = (uint16_t)cause;
}

/* spec: RFC 5176 3.5 - a NAK says why in Error-Cause; 201 is the one cause that an ACK may have. */
enum lk_status lk_radius_dynamic_answer(struct lk_writer *w,
                                        const struct lk_radius_dynamic_request *request,
                                        const struct lk_radius_secret *secret)
{
    bool ack = request->cause == LK_RADIUS_CAUSE_NONE ||
               request->cause == LK_RADIUS_CAUSE_RESIDUAL_REMOVED;
    uint8_t proxy_states[LK_RADIUS_PROXY_STATES_MAX] = { 0 };
    struct lk_radius_answer head = {
        .code = request->coa ? (ack ? LK_RADIUS_COA_ACK : LK_RADIUS_COA_NAK)
                             : (ack ? LK_RADIUS_DISCONNECT_ACK : LK_RADIUS_DISCONNECT_NAK),
        .request_code = request->request.packet.code,
        .identifier = request->request.packet.identifier,
        .authenticator = request->request.packet.authenticator.at,
        .secret = secret,
        .proxy_states = lk_span_of(proxy_states, request->request.proxy_states_len),
    };

    lk_radius_proxy_states(proxy_states, &request->request);
    lk_radius_answer_begin(w, &head);
    if (request->cause != LK_RADIUS_CAUSE_NONE)
        lk_radius_put_u32(w, LK_RADIUS_ERROR_CAUSE, (uint32_t)request->cause);
    return lk_radius_answer_end(w, &head);
}
