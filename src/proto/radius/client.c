#include "proto/radius/client.h"

#include <string.h>

#include "base/secret.h"

enum {
    DEFAULT_RETRY_MS = 2000,
    DEFAULT_TRIES = 5,
    MOST_WAIT_MS = 16000,
    MAC_AT = LK_RADIUS_HEADER_LEN + 2,
    JITTER_AT = 16, /* of the entropy: before it the authenticator */
    NAS_PORT_TYPE_WIRELESS = 19,
    FRAMED_MTU = 1400,
};

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

void lk_radius_nas_init(struct lk_radius_nas *nas)
{
    memset(nas, 0, sizeof *nas);
}

void lk_radius_nas_reset(struct lk_radius_nas *nas)
{
    nas->state = LK_RADIUS_NAS_IDLE;
    nas->state_len = 0;
    nas->dropped = LK_REASON_NONE;
}

/* ---- sending ---- */

static enum lk_status put_out(struct lk_radius_nas *nas, uint64_t now_ms, struct lk_outbox *out)
{
    struct lk_outbox_mark mark = lk_outbox_mark(out);
    struct lk_writer w = lk_outbox_writer(out);
    struct lk_output *timer;
    enum lk_status status;

    lk_put_octets(&w, nas->request, nas->len);
    status = lk_outbox_send(out, &w);
    timer = status == LK_OK ? lk_outbox_add(out, LK_OUT_TIMER) : NULL;
    if (timer == NULL) {
        lk_outbox_undo(out, mark);
        return LK_E_FULL;
    }
    timer->timer.id = nas->identifier;
    timer->timer.at_ms = now_ms + nas->wait_ms;
    nas->sent++;
    return LK_OK;
}

/* Message-Authenticator comes first in our requests too. */
static void begin(struct lk_radius_nas *nas, struct lk_writer *w, enum lk_radius_code code,
                  const uint8_t *authenticator)
{
    *w = lk_writer_of(nas->request, sizeof nas->request);
    nas->identifier++;
    lk_radius_begin(w, code, nas->identifier);
    if (authenticator != NULL)
        lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, LK_RADIUS_AUTHENTICATOR_LEN);
    (void)lk_radius_put_hole(w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
}

static void put_text(struct lk_writer *w, uint8_t type, const char *text)
{
    if (text[0] != '\0')
        lk_radius_put(w, type, lk_span_text(text));
}

static void put_who(struct lk_writer *w, const struct lk_radius_nas *nas,
                    const struct lk_radius_nas_config *config)
{
    put_text(w, LK_RADIUS_USER_NAME, nas->user);
    if (lk_address_is_v4(&config->address))
        lk_radius_put(w, LK_RADIUS_NAS_IP_ADDRESS, lk_span_of(config->address.octets + 12, 4));
    put_text(w, LK_RADIUS_NAS_IDENTIFIER, config->identifier);
    put_text(w, LK_RADIUS_CALLED_STATION_ID, config->called);
    put_text(w, LK_RADIUS_CALLING_STATION_ID, nas->calling);
}

/* Ends the packet, authenticates it and hands it out. authenticator NULL: accounting. */
static enum lk_status end(struct lk_radius_nas *nas, const struct lk_radius_nas_config *config,
                          struct lk_writer *w, const uint8_t *authenticator, uint64_t now_ms,
                          struct lk_outbox *out)
{
    uint8_t mac[LK_RADIUS_MAC_LEN];
    enum lk_status status = lk_radius_end(w);

    if (status != LK_OK)
        return status;
    lk_radius_mac(mac, lk_writer_span(w), MAC_AT, &config->secret,
                  authenticator != NULL ? authenticator : zeroes);
    lk_patch_octets(w, MAC_AT, mac, sizeof mac);
    if (authenticator == NULL) {
        uint8_t own[LK_RADIUS_AUTHENTICATOR_LEN];

        lk_radius_authenticator(own, lk_writer_span(w), &config->secret, zeroes);
        lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, own, sizeof own);
    }
    nas->len = w->len;
    nas->sent = 0;
    nas->dropped = LK_REASON_NONE;
    nas->wait_ms = config->retry_ms != 0 ? config->retry_ms : DEFAULT_RETRY_MS;
    status = put_out(nas, now_ms, out);
    if (status == LK_OK)
        nas->state = LK_RADIUS_NAS_AWAIT_ANSWER;
    return status;
}

enum lk_status lk_radius_nas_send_eap(struct lk_radius_nas *nas,
                                      const struct lk_radius_nas_config *config,
                                      struct lk_span eap, uint64_t now_ms,
                                      const uint8_t entropy[LK_ENTROPY_LEN], struct lk_outbox *out)
{
    static const uint8_t asking[1] = { 0 };
    struct lk_writer w;

    if (nas->state != LK_RADIUS_NAS_IDLE)
        return LK_E_UNEXPECTED;
    begin(nas, &w, LK_RADIUS_ACCESS_REQUEST, entropy);
    put_who(&w, nas, config);
    lk_radius_put_u32(&w, LK_RADIUS_NAS_PORT_TYPE, NAS_PORT_TYPE_WIRELESS);
    lk_radius_put_u32(&w, LK_RADIUS_FRAMED_MTU, FRAMED_MTU);
    if (config->ask_key_name)
        lk_radius_put(&w, LK_RADIUS_EAP_KEY_NAME, LK_SPAN(asking));
    if (config->enterprise != 0 && config->access.modes != 0)
        lk_radius_put_access(&w, config->enterprise, &config->access);
    if (config->enterprise != 0 && config->pos[0] != '\0')
        lk_radius_put_pos(&w, config->enterprise, lk_span_text(config->pos));
    lk_radius_put_eap(&w, eap);
    if (nas->state_len > 0)
        lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(nas->state_value, nas->state_len));
    return end(nas, config, &w, entropy, now_ms, out);
}

enum lk_status lk_radius_nas_send_status(struct lk_radius_nas *nas,
                                         const struct lk_radius_nas_config *config,
                                         uint64_t now_ms, const uint8_t entropy[LK_ENTROPY_LEN],
                                         struct lk_outbox *out)
{
    struct lk_writer w;

    if (nas->state != LK_RADIUS_NAS_IDLE)
        return LK_E_UNEXPECTED;
    begin(nas, &w, LK_RADIUS_STATUS_SERVER, entropy);
    put_text(&w, LK_RADIUS_NAS_IDENTIFIER, config->identifier);
    return end(nas, config, &w, entropy, now_ms, out);
}

static void put_u64(struct lk_writer *w, uint8_t low, uint8_t high, uint64_t octets)
{
    lk_radius_put_u32(w, low, (uint32_t)octets);
    /* spec: RFC 2869 5.1 - gigawords count how often the lower 32 bits have wrapped. */
    if (octets >> 32 != 0)
        lk_radius_put_u32(w, high, (uint32_t)(octets >> 32));
}

enum lk_status lk_radius_nas_send_usage(struct lk_radius_nas *nas,
                                        const struct lk_radius_nas_config *config,
                                        const struct lk_radius_usage *usage, uint64_t now_ms,
                                        struct lk_outbox *out)
{
    struct lk_writer w;

    if (nas->state != LK_RADIUS_NAS_IDLE)
        return LK_E_UNEXPECTED;
    begin(nas, &w, LK_RADIUS_ACCOUNTING_REQUEST, NULL);
    put_who(&w, nas, config);
    lk_radius_put_u32(&w, LK_RADIUS_ACCT_STATUS_TYPE, usage->kind);
    put_text(&w, LK_RADIUS_ACCT_SESSION_ID, usage->session);
    lk_radius_put_u32(&w, LK_RADIUS_EVENT_TIMESTAMP, (uint32_t)(now_ms / 1000));
    put_u64(&w, LK_RADIUS_ACCT_INPUT_OCTETS, LK_RADIUS_ACCT_INPUT_GIGAWORDS, usage->input_octets);
    put_u64(&w, LK_RADIUS_ACCT_OUTPUT_OCTETS, LK_RADIUS_ACCT_OUTPUT_GIGAWORDS,
            usage->output_octets);
    lk_radius_put_u32(&w, LK_RADIUS_ACCT_SESSION_TIME, usage->session_s);
    if (usage->terminate_cause != 0)
        lk_radius_put_u32(&w, LK_RADIUS_ACCT_TERMINATE_CAUSE, usage->terminate_cause);
    if (nas->class_len > 0)
        lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_of(nas->class_value, nas->class_len));
    return end(nas, config, &w, NULL, now_ms, out);
}

/* ---- receiving ---- */

/* spec: RFC 2865 4 - which answers a request may have. */
static bool answers(uint8_t request, uint8_t code)
{
    switch (request) {
    case LK_RADIUS_ACCESS_REQUEST:
        return code == LK_RADIUS_ACCESS_ACCEPT || code == LK_RADIUS_ACCESS_REJECT ||
               code == LK_RADIUS_ACCESS_CHALLENGE;
    case LK_RADIUS_STATUS_SERVER:
        return code == LK_RADIUS_ACCESS_ACCEPT || code == LK_RADIUS_ACCOUNTING_RESPONSE;
    case LK_RADIUS_ACCOUNTING_REQUEST:
        return code == LK_RADIUS_ACCOUNTING_RESPONSE;
    default:
        return false;
    }
}

/* A01: an answer without Message-Authenticator is dropped, whatever its Response Authenticator
 * says; an Accounting-Response may do without, as RFC 2866 knows none. */
static enum lk_status verify(const struct lk_radius_packet *packet,
                             const struct lk_radius_secret *secret, const uint8_t *request,
                             enum lk_reason *reason)
{
    const uint8_t *authenticator = request + LK_RADIUS_AUTHENTICATOR_AT;
    enum lk_status status = lk_radius_authenticator_verify(packet, secret, authenticator);

    *reason = LK_REASON_RADIUS_RESPONSE_WRONG;
    if (status != LK_OK)
        return status;
    status = lk_radius_mac_verify(packet, secret, lk_radius_mac_header(request[0], authenticator));
    if (status == LK_E_MISSING) {
        *reason = LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR;
        return packet->code == LK_RADIUS_ACCOUNTING_RESPONSE ? LK_OK : status;
    }
    *reason = LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG;
    return status;
}

/* Copies an attribute that has to come back later; *len is 0 when there is none. */
static void keep(uint8_t *len, uint8_t value[LK_RADIUS_VALUE_MAX],
                 const struct lk_radius_packet *packet, uint8_t type)
{
    struct lk_span found;

    *len = 0;
    if (lk_radius_find(packet, type, &found) && found.len > 0) {
        memcpy(value, found.at, found.len);
        *len = (uint8_t)found.len;
    }
}

/* What an Accept has for a TWAP. */
static void take_wlcp(struct lk_radius_outcome *outcome, const struct lk_radius_nas_config *config,
                      const struct lk_radius_packet *packet, const uint8_t *authenticator)
{
    struct lk_twan_access authorised;

    if (config->enterprise == 0)
        return;
    outcome->has_wlcp = lk_radius_open_wlcp(&outcome->wlcp_key, &outcome->imsi, packet,
                                            config->enterprise, &config->secret,
                                            authenticator) == LK_OK;
    if (lk_radius_take_access(&authorised, packet, config->enterprise) == LK_OK)
        outcome->modes = authorised.modes;
}

/* What an Accept has for a PoS. */
static void take_mis(struct lk_radius_outcome *outcome, const struct lk_radius_nas_config *config,
                     const struct lk_radius_packet *packet, const uint8_t *authenticator)
{
    outcome->has_mis = config->enterprise != 0 && config->pos[0] != '\0' &&
                       lk_radius_open_mis(&outcome->mis, packet, config->enterprise,
                                          &config->secret, authenticator) == LK_OK;
}

static enum lk_status take_apart(struct lk_radius_nas *nas,
                                 const struct lk_radius_nas_config *config,
                                 const struct lk_radius_packet *packet,
                                 struct lk_radius_outcome *outcome)
{
    const uint8_t *authenticator = nas->request + LK_RADIUS_AUTHENTICATOR_AT;
    struct lk_span value;
    enum lk_status status = lk_radius_join_eap(&outcome->eap, packet, outcome->joined,
                                               sizeof outcome->joined);

    if (status != LK_OK && status != LK_E_MISSING)
        return status;
    outcome->code = (enum lk_radius_code)packet->code;
    outcome->has_eap = status == LK_OK;
    outcome->has_msk = outcome->has_wlcp = outcome->has_mis = false;
    outcome->modes = 0;
    outcome->has_session_timeout =
        lk_radius_find(packet, LK_RADIUS_SESSION_TIMEOUT, &value) &&
        lk_radius_u32(&outcome->session_timeout_s, value) == LK_OK;
    (void)lk_radius_find(packet, LK_RADIUS_EAP_KEY_NAME, &outcome->key_name);
    if (packet->code == LK_RADIUS_ACCESS_ACCEPT) {
        outcome->has_msk = lk_radius_open_mppe(&outcome->msk, packet, &config->secret,
                                               authenticator) == LK_OK;
        keep(&nas->class_len, nas->class_value, packet, LK_RADIUS_CLASS);
        take_wlcp(outcome, config, packet, authenticator);
        take_mis(outcome, config, packet, authenticator);
    }
    /* spec: RFC 2865 5.24 - State goes back unmodified in the next request of the exchange. */
    keep(&nas->state_len, nas->state_value, packet, LK_RADIUS_STATE);
    if (packet->code != LK_RADIUS_ACCESS_CHALLENGE)
        nas->state_len = 0;
    return LK_OK;
}

enum lk_status lk_radius_nas_received(struct lk_radius_nas *nas,
                                      const struct lk_radius_nas_config *config,
                                      struct lk_span datagram, struct lk_radius_outcome *outcome)
{
    struct lk_radius_packet packet;
    enum lk_reason reason;
    enum lk_status status = lk_radius_decode(&packet, datagram);

    if (status != LK_OK)
        return status;
    if (nas->state != LK_RADIUS_NAS_AWAIT_ANSWER || packet.identifier != nas->identifier ||
        !answers(nas->request[0], packet.code))
        return LK_E_UNEXPECTED;
    status = verify(&packet, &config->secret, nas->request, &reason);
    if (status == LK_OK) {
        status = take_apart(nas, config, &packet, outcome);
        reason = LK_REASON_RADIUS_MALFORMED;
    }
    if (status != LK_OK) {
        nas->dropped = reason;
        return status;
    }
    nas->state = LK_RADIUS_NAS_IDLE;
    return LK_OK;
}

/* spec: RFC 5080 2.2.1 - the wait doubles up to a limit, give or take a tenth, so that clients that
 * lost the same packet do not come back together. */
static uint32_t next_wait(uint32_t wait_ms, const uint8_t *entropy)
{
    uint32_t doubled = wait_ms < MOST_WAIT_MS / 2 ? 2 * wait_ms : MOST_WAIT_MS;
    uint32_t tenth = doubled / 10;
    uint32_t random = (uint32_t)entropy[0] << 8 | entropy[1];

    return doubled - tenth + random % (2 * tenth + 1);
}

enum lk_status lk_radius_nas_expired(struct lk_radius_nas *nas,
                                     const struct lk_radius_nas_config *config, uint8_t timer,
                                     uint64_t now_ms, const uint8_t entropy[LK_ENTROPY_LEN],
                                     struct lk_outbox *out)
{
    uint8_t tries = config->tries != 0 ? config->tries : DEFAULT_TRIES;
    struct lk_output *failed;

    if (nas->state != LK_RADIUS_NAS_AWAIT_ANSWER || timer != nas->identifier)
        return LK_E_UNEXPECTED;
    if (nas->sent < tries) {
        nas->wait_ms = next_wait(nas->wait_ms, entropy + JITTER_AT);
        return put_out(nas, now_ms, out);
    }
    failed = lk_outbox_add(out, LK_OUT_FAILED);
    if (failed == NULL)
        return LK_E_FULL;
    failed->failed = nas->dropped != LK_REASON_NONE
                         ? lk_refusal_of(nas->dropped, "an answer that verifies",
                                         "only answers that do not")
                         : lk_refusal_of(LK_REASON_RADIUS_NO_ANSWER, "an answer", "none");
    lk_radius_nas_reset(nas);
    return LK_OK;
}
