#include "proto/radius/server.h"

#include <string.h>

enum { MAC_AT = LK_RADIUS_HEADER_LEN + 2 };

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

/* spec: RFC 5997 3 - Status-Server is served on both ports. */
static bool serves(enum lk_radius_port port, uint8_t code)
{
    switch (code) {
    case LK_RADIUS_STATUS_SERVER:
        return true;
    case LK_RADIUS_ACCESS_REQUEST:
        return port == LK_RADIUS_AUTH_PORT;
    case LK_RADIUS_ACCOUNTING_REQUEST:
        return port == LK_RADIUS_ACCT_PORT;
    default:
        return false;
    }
}

static enum lk_status take(struct lk_radius_request *request,
                           const struct lk_radius_attribute *attribute)
{
    switch (attribute->type) {
    case LK_RADIUS_USER_NAME:
        request->user_name = attribute->value;
        break;
    case LK_RADIUS_CALLING_STATION_ID:
        request->calling_station = attribute->value;
        break;
    case LK_RADIUS_EAP_MESSAGE:
        request->has_eap = true;
        break;
    case LK_RADIUS_STATE:
        /* spec: RFC 2865 5.44 - State at most once in an Access-Request. */
        if (request->has_state)
            return LK_E_TWICE;
        request->has_state = true;
        request->state = attribute->value;
        break;
    case LK_RADIUS_CLASS:
        if (request->class_value.len == 0)
            request->class_value = attribute->value;
        break;
    case LK_RADIUS_VENDOR_SPECIFIC:
        request->has_vendor = true;
        break;
    case LK_RADIUS_EAP_KEY_NAME:
        /* spec: RFC 7268 2.2 - one zero octet asks for it; anything else is ignored. */
        request->wants_key_name = attribute->value.len == 1 && attribute->value.at[0] == 0;
        break;
    case LK_RADIUS_PROXY_STATE:
        request->proxy_states_len += attribute->value.len + 2;
        break;
    default:
        break;
    }
    return LK_OK;
}

static enum lk_status take_apart(struct lk_radius_request *request, enum lk_reason *reason)
{
    struct lk_reader r = lk_reader_of(request->packet.attributes);
    struct lk_radius_attribute attribute;

    *reason = LK_REASON_RADIUS_MALFORMED;
    while (lk_radius_next(&r, &attribute)) {
        enum lk_status status = take(request, &attribute);

        if (status != LK_OK)
            return status;
    }
    if (request->proxy_states_len > LK_RADIUS_PROXY_STATES_MAX) {
        *reason = LK_REASON_RADIUS_PROXY_STATES;
        return LK_E_FULL;
    }
    return LK_OK;
}

/* spec: RFC 3579 3.2 - a request whose Message-Authenticator does not verify is silently discarded.
 * spec: RFC 5997 3 - Status-Server carries Message-Authenticator.
 * We ask it of every Access-Request, which is what stops BlastRADIUS (CVE-2024-3596). */
static enum lk_status verify_access(const struct lk_radius_packet *packet,
                                    const struct lk_radius_secret *secret, enum lk_reason *reason)
{
    enum lk_status status = lk_radius_mac_verify(packet, secret, packet->authenticator.at);

    if (status == LK_E_MISSING)
        *reason = LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR;
    else if (status == LK_E_MAC)
        *reason = LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG;
    else
        *reason = LK_REASON_RADIUS_MALFORMED;
    return status;
}

/* spec: RFC 2866 3 - the Request Authenticator of accounting is an MD5 with the secret behind a
 * packet whose authenticator is taken as zeroes. */
static enum lk_status verify_accounting(const struct lk_radius_packet *packet,
                                        const struct lk_radius_secret *secret,
                                        enum lk_reason *reason)
{
    enum lk_status status = lk_radius_authenticator_verify(packet, secret, zeroes);

    *reason = LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG;
    if (status != LK_OK)
        return status;
    status = lk_radius_mac_verify(packet, secret, zeroes);
    *reason = status == LK_E_MAC ? LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG
                                 : LK_REASON_RADIUS_MALFORMED;
    return status == LK_E_MISSING ? LK_OK : status;
}

enum lk_status lk_radius_request_open(struct lk_radius_request *request, enum lk_reason *reason,
                                      const struct lk_radius_client *client,
                                      enum lk_radius_port port, struct lk_span datagram)
{
    enum lk_status status;

    memset(request, 0, sizeof *request);
    status = lk_radius_decode(&request->packet, datagram);
    *reason = LK_REASON_RADIUS_MALFORMED;
    if (status != LK_OK)
        return status;
    if (!serves(port, request->packet.code)) {
        *reason = LK_REASON_RADIUS_CODE;
        return LK_E_UNKNOWN;
    }
    if (request->packet.code == LK_RADIUS_ACCOUNTING_REQUEST)
        status = verify_accounting(&request->packet, &client->secret, reason);
    else
        status = verify_access(&request->packet, &client->secret, reason);
    if (status == LK_OK)
        status = take_apart(request, reason);
    if (status == LK_OK)
        *reason = LK_REASON_NONE;
    return status;
}

void lk_radius_proxy_states(uint8_t *to, const struct lk_radius_request *request)
{
    struct lk_reader r = lk_reader_of(request->packet.attributes);
    struct lk_radius_attribute attribute;
    const uint8_t *from = r.at;

    if (request->proxy_states_len == 0)
        return;
    for (; lk_radius_next(&r, &attribute); from = r.at)
        if (attribute.type == LK_RADIUS_PROXY_STATE) {
            memcpy(to, from, (size_t)(r.at - from));
            to += r.at - from;
        }
}

void lk_radius_answer_begin(struct lk_writer *w, const struct lk_radius_answer *answer)
{
    lk_radius_begin(w, answer->code, answer->identifier);
    if (answer->without_mac)
        return;
    /* A01: first, so that no chosen prefix fits in front of it. */
    (void)lk_radius_put_hole(w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
}

enum lk_status lk_radius_answer_end(struct lk_writer *w, const struct lk_radius_answer *answer)
{
    uint8_t mac[LK_RADIUS_MAC_LEN];
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    enum lk_status status;

    /* spec: RFC 2865 5.33 - Proxy-State comes back unmodified and in order. */
    lk_put_span(w, answer->proxy_states);
    status = lk_radius_end(w);
    if (status != LK_OK)
        return status;
    if (!answer->without_mac) {
        lk_radius_mac(mac, lk_writer_span(w), MAC_AT, answer->secret,
                      lk_radius_mac_header(answer->request_code, answer->authenticator));
        lk_patch_octets(w, MAC_AT, mac, sizeof mac);
    }
    /* spec: RFC 2865 3 - Response Authenticator, over the finished Message-Authenticator. */
    lk_radius_authenticator(authenticator, lk_writer_span(w), answer->secret,
                            answer->authenticator);
    lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, sizeof authenticator);
    return LK_OK;
}
