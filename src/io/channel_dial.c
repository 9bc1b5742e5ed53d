/* The end that dials: the UE's connection manager, a MAG. Its sockets answer no hello, and what is
 * meant for a server does not reach its engine. */
#include <string.h>

#include "io/channel_parts.h"

/* ---- records ---- */

/* A19: what a server says and nothing else; our own hello, sent back to us, is none of it. */
static bool is_of_a_server(const struct lk_dtls_record *record)
{
    struct lk_reader r = lk_reader_of(record->body);

    while (r.left > 0) {
        struct lk_dtls_message message;

        if (lk_dtls_message_get(&message, &r) != LK_OK)
            return false;
        if (message.type != LK_DTLS_SERVER_HELLO && message.type != LK_DTLS_HELLO_VERIFY_REQUEST &&
            message.type != LK_DTLS_SERVER_KEY_EXCHANGE &&
            message.type != LK_DTLS_SERVER_HELLO_DONE)
            return false;
    }
    return true;
}

static bool is_welcome(const struct lk_dtls_record *record)
{
    switch (record->type) {
    case LK_DTLS_HANDSHAKE:
        return record->epoch == 1 || (record->epoch == 0 && is_of_a_server(record));
    case LK_DTLS_CHANGE_CIPHER_SPEC:
        return record->epoch == 0 && record->body.len == 1;
    case LK_DTLS_ALERT:
        return record->epoch == 0 && record->body.len == 2;
    default:
        return false;
    }
}

static void step(struct channel_session *session, struct lk_span record)
{
    const struct lk_channel *channel = session->channel;
    uint64_t spent, left, retry;

    switch (lk_channel_engine_step(session, record)) {
    case CHANNEL_GOES_ON:
        spent = lk_channel_now(channel) - session->half->begun_ms;
        left = channel->setup.handshake_ms > spent ? channel->setup.handshake_ms - spent : 0;
        retry = lk_channel_engine_retry_ms(session);
        lk_channel_wake_after(session, retry < left ? retry : left);
        return;
    case CHANNEL_DONE:
        lk_channel_is_up(session);
        return;
    case CHANNEL_ALERTED:
        lk_channel_is_down(session, LK_CHANNEL_DOWN_ALERT);
        return;
    case CHANNEL_FAILED:
        lk_channel_is_down(session, LK_CHANNEL_DOWN_ENGINE);
        return;
    }
}

void lk_channel_dialled_record(struct channel_session *session, const struct lk_dtls_record *record)
{
    if (is_welcome(record))
        step(session, record->whole);
    else
        session->channel->count.dropped++;
}

void lk_channel_dialled_woken(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;

    if (lk_channel_now(channel) - session->half->begun_ms < channel->setup.handshake_ms) {
        step(session, lk_span_of(NULL, 0));
        return;
    }
    channel->count.unfinished++;
    lk_channel_is_down(session, LK_CHANNEL_DOWN_NO_ANSWER);
}

/* ---- to dial ---- */

struct lk_datagram_peer lk_channel_way(int fd, const struct lk_channel_peer *peer, uint16_t port)
{
    struct lk_datagram_peer to = lk_datagram_to(fd, &peer->address, port);

    if (!lk_address_is_v4(&peer->address))
        to.from.v6.sin6_scope_id = peer->interface;
    to.has_local = !lk_address_is_any(&peer->local);
    memcpy(&to.local.ipi6_addr, peer->local.octets, sizeof to.local.ipi6_addr);
    return to;
}

static bool peer_set(struct lk_datagram_peer *to, const struct lk_channel *channel, size_t socket,
                     const struct lk_channel_peer *peer)
{
    bool v4 = lk_address_is_v4(&peer->address);
    bool any = lk_address_is_any(&peer->local);

    if (socket >= channel->setup.sockets || v4 != (channel->family[socket] == AF_INET) ||
        any == channel->wild[socket] || (!any && lk_address_is_v4(&peer->local) != v4))
        return false;
    *to = lk_channel_way(channel->setup.socket[socket], peer, peer->port);
    return true;
}

enum lk_status lk_channel_dial(uint64_t *id, struct lk_channel *channel, size_t socket,
                               const struct lk_channel_peer *peer, struct lk_span identity,
                               const struct lk_channel_key *key)
{
    struct lk_datagram_peer to;
    struct channel_session *session;

    LK_ASSERT(channel->dials);
    if (!peer_set(&to, channel, socket, peer) || identity.len == 0 ||
        identity.len > LK_CHANNEL_IDENTITY_MAX || key->len == 0 || key->len > LK_CHANNEL_KEY_MAX)
        return LK_E_VALUE;
    if (lk_channel_find(channel, &to, false) != NULL)
        return LK_E_EXISTS;
    if (channel->free_half == NULL)
        return LK_E_FULL;
    session = lk_channel_take(channel, &to, CHANNEL_AWAIT_SERVER);
    if (session == NULL)
        return LK_E_FULL;
    if (lk_channel_engine_dial(session, identity, key) != LK_OK ||
        lk_channel_engine_step(session, lk_span_of(NULL, 0)) != CHANNEL_GOES_ON) {
        lk_channel_drop(session);
        return LK_E_SYSTEM;
    }
    channel->count.handshakes++;
    lk_channel_wake_after(session, lk_channel_engine_retry_ms(session));
    *id = lk_channel_id(channel, session);
    return LK_OK;
}
