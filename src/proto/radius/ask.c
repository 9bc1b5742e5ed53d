#include "proto/radius/ask.h"

#include <string.h>

enum {
    DEFAULT_RETRY_MS = 2000,
    DEFAULT_TRIES = 5,
    MOST_WAIT_MS = 16000,
    MAC_AT = LK_RADIUS_HEADER_LEN + 2,
};

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

struct lk_writer lk_radius_ask_begin(struct lk_radius_ask *ask, enum lk_radius_code code,
                                     uint8_t identifier, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(ask->octets, sizeof ask->octets);

    ask->out = false;
    lk_radius_begin(&w, code, identifier);
    /* A01: first in our requests too. */
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    /* spec: RFC 5176 6.3 - so that the other end can tell a replay. */
    lk_radius_put_u32(&w, LK_RADIUS_EVENT_TIMESTAMP, (uint32_t)(now_ms / 1000));
    return w;
}

enum lk_status lk_radius_ask_end(struct lk_radius_ask *ask,
                                 const struct lk_radius_ask_config *config, struct lk_writer *w,
                                 uint64_t now_ms)
{
    uint8_t value[LK_RADIUS_MAC_LEN];
    enum lk_status status = lk_radius_end(w);

    if (status != LK_OK)
        return status;
    lk_radius_mac(value, lk_writer_span(w), MAC_AT, config->secret, zeroes);
    lk_patch_octets(w, MAC_AT, value, sizeof value);
    /* spec: RFC 5176 2.3 - the Request Authenticator, over the finished Message-Authenticator. */
    lk_radius_authenticator(value, lk_writer_span(w), config->secret, zeroes);
    lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    ask->len = w->len;
    ask->out = true;
    ask->sent = 1;
    ask->wait_ms = config->retry_ms != 0 ? config->retry_ms : DEFAULT_RETRY_MS;
    ask->due_ms = now_ms + ask->wait_ms;
    return LK_OK;
}

/* The wait doubles up to a limit, give or take a tenth. */
static uint32_t next_wait(uint32_t wait_ms, const uint8_t entropy[2])
{
    uint32_t doubled = wait_ms < MOST_WAIT_MS / 2 ? 2 * wait_ms : MOST_WAIT_MS;
    uint32_t tenth = doubled / 10;
    uint32_t random = (uint32_t)entropy[0] << 8 | entropy[1];

    return doubled - tenth + random % (2 * tenth + 1);
}

/* spec: RFC 5176 2.3 - who asks is who repeats; the same content keeps its identifier. */
enum lk_radius_ask_next lk_radius_ask_due(struct lk_radius_ask *ask,
                                          const struct lk_radius_ask_config *config,
                                          uint64_t now_ms, const uint8_t entropy[2])
{
    uint8_t tries = config->tries != 0 ? config->tries : DEFAULT_TRIES;

    if (!ask->out || now_ms < ask->due_ms)
        return LK_RADIUS_ASK_NOTHING;
    if (ask->sent >= tries) {
        ask->out = false;
        return LK_RADIUS_ASK_GIVE_UP;
    }
    ask->sent++;
    ask->wait_ms = next_wait(ask->wait_ms, entropy);
    ask->due_ms = now_ms + ask->wait_ms;
    return LK_RADIUS_ASK_AGAIN;
}

enum lk_status lk_radius_ask_received(struct lk_radius_ask *ask,
                                      const struct lk_radius_ask_config *config,
                                      struct lk_span datagram,
                                      struct lk_radius_ask_outcome *outcome)
{
    const uint8_t *authenticator = ask->octets + LK_RADIUS_AUTHENTICATOR_AT;
    struct lk_radius_packet packet;
    struct lk_span value;
    enum lk_status status = lk_radius_decode(&packet, datagram);

    memset(outcome, 0, sizeof *outcome);
    if (status != LK_OK)
        return status;
    /* ACK and NAK follow their request in the list of codes. */
    if (!ask->out || packet.identifier != ask->octets[1] ||
        (packet.code != ask->octets[0] + 1 && packet.code != ask->octets[0] + 2))
        return LK_E_UNEXPECTED;
    /* spec: RFC 5176 2.3 - the Response Authenticator is made with that of the request. */
    status = lk_radius_authenticator_verify(&packet, config->secret, authenticator);
    if (status == LK_OK)
        status = lk_radius_mac_verify(&packet, config->secret, authenticator);
    if (status != LK_OK)
        return status;
    outcome->ack = packet.code == ask->octets[0] + 1;
    outcome->has_cause = lk_radius_find(&packet, LK_RADIUS_ERROR_CAUSE, &value) &&
                         lk_radius_u32(&outcome->cause, value) == LK_OK;
    ask->out = false;
    return LK_OK;
}
