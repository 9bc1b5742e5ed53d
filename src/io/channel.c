#include "io/channel.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/channel_parts.h"

enum {
    READ_ROUNDS = 16, /* batches of one socket before the others have their turn */
    SESSIONS_MAX = 1 << 24,
    RETRY_MIN_MS = 50,
    HOLD_MAX_MS = 60000,
    HEAP_KEPT = 32 * 1024 * 1024, /* of what the engine gave back */
    HEAP_STEP = 1024 * 1024,
};

/* ---- setup ---- */

void lk_channel_setup_defaults(struct lk_channel_setup *setup)
{
    *setup = (struct lk_channel_setup){
        .sessions = 1024,
        .half_open = 256,
        .half_open_a_source = 16,
        .hold_ms = LK_CHANNEL_HOLD_MS,
        .handshake_ms = LK_CHANNEL_HANDSHAKE_MS,
        .retry_ms = LK_CHANNEL_RETRY_MS,
        .suites = 3,
        .suite = { LK_CHANNEL_ECDHE_PSK_CHACHA20, LK_CHANNEL_ECDHE_PSK_AES128_CBC,
                   LK_CHANNEL_PSK_AES128_GCM },
    };
}

static bool setup_can_be(const struct lk_channel_setup *setup, bool dials)
{
    const struct lk_channel_calls *calls = &setup->calls;

    return setup->sockets > 0 && setup->sockets <= LK_CHANNEL_SOCKETS && setup->sessions > 0 &&
           setup->sessions <= SESSIONS_MAX && setup->half_open > 0 &&
           setup->half_open <= setup->sessions && setup->half_open_a_source > 0 &&
           setup->hold_ms <= HOLD_MAX_MS && setup->handshake_ms > 0 &&
           setup->handshake_ms <= CHANNEL_TIME_MAX_MS && setup->retry_ms >= RETRY_MIN_MS &&
           setup->retry_ms <= CHANNEL_TIME_MAX_MS / 4 && setup->suites > 0 &&
           setup->suites <= LK_CHANNEL_SUITES && (dials || calls->psk != NULL) &&
           calls->on_up != NULL && calls->on_data != NULL && calls->on_down != NULL;
}

/* ---- datagrams in ---- */

uint64_t lk_channel_now(const struct lk_channel *channel)
{
    return uv_now(channel->loop);
}

/* For a session that is up. A17: nothing in the clear, nothing of another epoch; handshake octets
 * only while the last flight may have been lost. */
static void up_record(struct channel_session *session, const struct lk_dtls_record *record)
{
    if (record->epoch == 1 && (record->type == LK_DTLS_APPLICATION_DATA ||
                               record->type == LK_DTLS_ALERT ||
                               (record->type == LK_DTLS_HANDSHAKE && !session->confirmed)))
        lk_channel_engine_receive(session, record->whole);
    else
        session->channel->count.dropped++;
}

/* One peer may have two sessions, the one that is up and one that is to replace it.
 * spec: RFC 6347 4.2.8 - the old one lives until the new one has been proven. */
static void deliver(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                    const struct lk_dtls_record *record)
{
    struct channel_session *session = NULL;

    if (record->epoch == 0 || record->type == LK_DTLS_HANDSHAKE)
        session = lk_channel_find(channel, peer, false);
    if (session != NULL && channel->dials) {
        lk_channel_dialled_record(session, record);
        return;
    }
    if (session != NULL) {
        lk_channel_half_record(session, record);
        return;
    }
    session = lk_channel_find(channel, peer, true);
    if (session != NULL)
        up_record(session, record);
    else
        channel->count.dropped++;
}

/* A ClientHello in the clear, alone in its record. */
static bool is_hello(struct lk_dtls_message *message, const struct lk_dtls_record *record)
{
    struct lk_reader r = lk_reader_of(record->body);

    return record->epoch == 0 && record->type == LK_DTLS_HANDSHAKE &&
           lk_dtls_message_get(message, &r) == LK_OK && message->type == LK_DTLS_CLIENT_HELLO &&
           lk_reader_end(&r) == LK_OK;
}

static void receive(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                    struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    /* spec: TS 24.244 4.2.2 - both ends speak from the port of the protocol. */
    if (channel->setup.peer_port != 0 && lk_datagram_port(peer) != channel->setup.peer_port) {
        channel->count.ports_wrong++;
        lk_channel_tell_refused(channel, LK_CHANNEL_REFUSED_PORT, lk_span_of(NULL, 0), peer);
        return;
    }
    if (octets.len == 0)
        channel->count.dropped++;
    while (r.left > 0) {
        struct lk_dtls_record record;
        struct lk_dtls_message message;

        if (lk_dtls_record_get(&record, &r) != LK_OK ||
            (record.epoch > 0 && record.version != LK_DTLS_1_2))
            channel->count.dropped++;
        else if (!channel->dials && is_hello(&message, &record))
            lk_channel_hello(channel, peer, &record, &message);
        else
            deliver(channel, peer, &record);
    }
}

static void send_all(struct lk_channel *channel)
{
    channel->count.send_lost += lk_datagrams_send(channel->out);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct lk_channel *channel = poll->data;
    int fd = channel->setup.socket[poll - channel->poll];

    (void)status;
    (void)events;
    for (unsigned round = 0; round < READ_ROUNDS && !channel->freed; round++) {
        size_t count = lk_datagrams_receive(channel->in, fd);

        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer peer;
            struct lk_span octets = lk_datagrams_at(channel->in, i, &peer);

            receive(channel, &peer, octets);
        }
        send_all(channel);
        if (count < LK_DATAGRAM_BATCH)
            break;
    }
}

/* Whatever was said since leaves before the loop sleeps. */
static void on_prepare(uv_prepare_t *prepare)
{
    send_all(prepare->data);
}

/* ---- ups and downs ---- */

void lk_channel_woken(struct channel_session *session)
{
    switch ((enum channel_stage)session->stage) {
    case CHANNEL_UP:
        /* The engine looks at its clock, and forgets its last flight. */
        lk_channel_engine_receive(session, lk_span_of(NULL, 0));
        return;
    case CHANNEL_AWAIT_SERVER:
        lk_channel_dialled_woken(session);
        return;
    case CHANNEL_AWAIT_IDENTITY:
    case CHANNEL_AWAIT_KEY:
    case CHANNEL_AWAIT_FINISHED:
    case CHANNEL_AWAIT_END:
        lk_channel_half_woken(session);
        return;
    case CHANNEL_FREE:
        LK_ASSERT(session->stage != CHANNEL_FREE);
    }
}

static struct lk_channel_peer peer_of(const struct lk_datagram_peer *from)
{
    struct lk_channel_peer peer = { .address = lk_datagram_address(from),
                                    .port = lk_datagram_port(from), .fd = from->fd };

    if (from->from.any.sa_family == AF_INET6)
        peer.interface = from->from.v6.sin6_scope_id;
    if (from->has_local)
        memcpy(peer.local.octets, &from->local.ipi6_addr, sizeof peer.local.octets);
    return peer;
}

void lk_channel_tell_refused(struct lk_channel *channel, enum lk_channel_refusal why,
                             struct lk_span identity, const struct lk_datagram_peer *from)
{
    const struct lk_channel_calls *calls = &channel->setup.calls;
    struct lk_channel_peer peer;

    if (calls->on_refused == NULL)
        return;
    peer = peer_of(from);
    calls->on_refused(calls->context, why, identity, &peer);
}

void lk_channel_is_up(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    const struct lk_channel_calls *calls = &channel->setup.calls;
    struct channel_session *old = lk_channel_find(channel, &session->peer, true);
    struct lk_channel_peer peer = peer_of(&session->peer);
    uint8_t identity[LK_CHANNEL_IDENTITY_MAX];
    size_t identity_len = session->half->identity_len;

    memcpy(identity, session->half->identity, identity_len);
    lk_channel_engine_forget_key(session);
    lk_channel_half_drop(session);
    session->stage = CHANNEL_UP;
    session->confirmed = channel->dials;
    channel->up++;
    channel->count.up++;
    lk_channel_sleep(session);
    if (!channel->dials)
        lk_channel_wake_after(session, CHANNEL_LAST_FLIGHT_MS);
    if (old != NULL)
        lk_channel_is_down(old, LK_CHANNEL_DOWN_REPLACED);
    calls->on_up(calls->context, lk_channel_id(channel, session),
                 lk_span_of(identity, identity_len), &peer);
}

void lk_channel_is_down(struct channel_session *session, enum lk_channel_down why)
{
    struct lk_channel *channel = session->channel;
    const struct lk_channel_calls *calls = &channel->setup.calls;
    uint64_t id = lk_channel_id(channel, session);

    lk_channel_drop(session);
    channel->count.down++;
    calls->on_down(calls->context, id, why);
}

enum lk_status lk_channel_send(struct lk_channel *channel, uint64_t id, struct lk_span octets)
{
    struct channel_session *session = lk_channel_by_id(channel, id);

    if (session == NULL)
        return LK_E_NOT_FOUND;
    if (session->stage != CHANNEL_UP)
        return LK_E_UNEXPECTED;
    if (octets.len == 0 || octets.len > LK_CHANNEL_DATA_MAX)
        return LK_E_LENGTH;
    return lk_channel_engine_send(session, octets);
}

void lk_channel_close(struct lk_channel *channel, uint64_t id)
{
    struct channel_session *session = lk_channel_by_id(channel, id);

    if (session == NULL)
        return;
    if (session->stage == CHANNEL_UP)
        lk_channel_engine_bye(session);
    lk_channel_drop(session);
}

void lk_channel_forget(struct lk_channel *channel, uint64_t id)
{
    struct channel_session *session = lk_channel_by_id(channel, id);

    if (session != NULL)
        lk_channel_drop(session);
}

uint32_t lk_channel_up_count(const struct lk_channel *channel)
{
    return channel->up;
}

uint32_t lk_channel_half_open_count(const struct lk_channel *channel)
{
    return channel->half_open;
}

const struct lk_channel_counters *lk_channel_counted(const struct lk_channel *channel)
{
    return &channel->count;
}

const char *lk_channel_down_name(enum lk_channel_down why)
{
    static const char *const names[LK_CHANNEL_DOWN_REASONS] = {
        [LK_CHANNEL_DOWN_CLOSED] = "closed",
        [LK_CHANNEL_DOWN_REPLACED] = "replaced",
        [LK_CHANNEL_DOWN_ALERT] = "alert",
        [LK_CHANNEL_DOWN_NO_ANSWER] = "no-answer",
        [LK_CHANNEL_DOWN_ENGINE] = "engine",
    };

    LK_ASSERT(why < LK_CHANNEL_DOWN_REASONS);
    return names[why];
}

/* ---- beginning and end ---- */

static void memory_free(struct lk_channel *channel)
{
    lk_channel_engine_free(channel);
    lk_channel_table_free(channel);
    lk_datagrams_free(channel->in);
    lk_datagrams_free(channel->out);
    lk_wipe(channel, sizeof *channel);
    free(channel);
}

static void on_closed(uv_handle_t *handle)
{
    struct lk_channel *channel = handle->data;

    if (--channel->handles == 0)
        memory_free(channel);
}

static void watch_begin(struct lk_channel *channel)
{
    const struct lk_datagram_watch watch = { channel->setup.watch.context,
                                             channel->setup.watch.on_datagram };

    lk_datagrams_watch(channel->in, &watch);
    lk_datagrams_watch(channel->out, &watch);
}

static bool sockets_look(struct lk_channel *channel)
{
    for (size_t i = 0; i < channel->setup.sockets; i++) {
        struct lk_address address;
        uint16_t port;

        if (lk_datagram_bound(&address, &port, channel->setup.socket[i]) != LK_OK)
            return false;
        channel->family[i] = lk_address_is_v4(&address) ? AF_INET : AF_INET6;
        channel->wild[i] = lk_address_is_any(&address);
    }
    return true;
}

static bool handles_open(struct lk_channel *channel)
{
    if (uv_timer_init(channel->loop, &channel->timer) != 0 ||
        uv_prepare_init(channel->loop, &channel->prepare) != 0)
        return false;
    channel->timer.data = channel->prepare.data = channel;
    channel->handles = 2;
    (void)uv_prepare_start(&channel->prepare, on_prepare);
    uv_unref((uv_handle_t *)&channel->prepare);
    for (size_t i = 0; i < channel->setup.sockets; i++) {
        if (uv_poll_init(channel->loop, &channel->poll[i], channel->setup.socket[i]) != 0)
            return false;
        channel->poll[i].data = channel;
        channel->handles++;
        (void)uv_poll_start(&channel->poll[i], UV_READABLE, on_socket);
    }
    return true;
}

static enum lk_status make(struct lk_channel **to, uv_loop_t *loop,
                           const struct lk_channel_setup *setup, bool dials)
{
    struct lk_channel *channel;
    enum lk_status status;

    *to = NULL;
    if (!setup_can_be(setup, dials))
        return LK_E_VALUE;
    channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return LK_E_SYSTEM;
    channel->setup = *setup;
    channel->loop = loop;
    channel->dials = dials;
    channel->in = lk_datagrams_new();
    channel->out = lk_datagrams_new();
    lk_channel_cookies_begin(channel);
    status = lk_channel_engine_make(channel);
    if (status == LK_OK)
        status = lk_channel_table_make(channel);
    if (status == LK_OK &&
        (channel->in == NULL || channel->out == NULL || !sockets_look(channel)))
        status = LK_E_SYSTEM;
    if (status != LK_OK) {
        memory_free(channel);
        return status;
    }
    watch_begin(channel);
    if (!handles_open(channel)) {
        lk_channel_free(channel);
        return LK_E_SYSTEM;
    }
    *to = channel;
    return LK_OK;
}

enum lk_status lk_channel_serve(struct lk_channel **channel, uv_loop_t *loop,
                                const struct lk_channel_setup *setup)
{
    /* The engine takes and gives back a dozen pieces a handshake. Without this the heap's end moves
     * each time, and the kernel clears the same pages over and over: an eighth of the rate. */
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    (void)mallopt(M_TOP_PAD, HEAP_STEP);
    return make(channel, loop, setup, false);
}

enum lk_status lk_channel_dialler(struct lk_channel **channel, uv_loop_t *loop,
                                  const struct lk_channel_setup *setup)
{
    return make(channel, loop, setup, true);
}

void lk_channel_free(struct lk_channel *channel)
{
    size_t polls = channel->handles - 2;

    channel->freed = true;
    for (uint32_t i = 0; i < channel->used; i++) {
        struct channel_session *session = &channel->sessions[i];

        if (session->stage == CHANNEL_UP)
            lk_channel_engine_bye(session);
        if (session->stage != CHANNEL_FREE)
            lk_channel_drop(session);
    }
    send_all(channel);
    uv_close((uv_handle_t *)&channel->timer, on_closed);
    uv_close((uv_handle_t *)&channel->prepare, on_closed);
    for (size_t i = 0; i < polls; i++)
        uv_close((uv_handle_t *)&channel->poll[i], on_closed);
}
