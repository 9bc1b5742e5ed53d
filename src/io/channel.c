#include "io/channel.h"

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

enum lk_status lk_channel_serve(struct lk_channel **channel, uv_loop_t *loop,
                                const struct lk_channel_setup *setup)
{
    *channel = NULL;
    return LK_E_UNSUPPORTED;
}

enum lk_status lk_channel_dialler(struct lk_channel **channel, uv_loop_t *loop,
                                  const struct lk_channel_setup *setup)
{
    *channel = NULL;
    return LK_E_UNSUPPORTED;
}

void lk_channel_free(struct lk_channel *channel)
{
}

void lk_channel_key_came(struct lk_channel *channel, struct lk_span identity)
{
}

enum lk_status lk_channel_dial(uint64_t *id, struct lk_channel *channel, size_t socket,
                               const struct lk_channel_peer *peer, struct lk_span identity,
                               const struct lk_channel_key *key)
{
    return LK_E_UNSUPPORTED;
}

enum lk_status lk_channel_send(struct lk_channel *channel, uint64_t id, struct lk_span octets)
{
    return LK_E_NOT_FOUND;
}

void lk_channel_close(struct lk_channel *channel, uint64_t id)
{
}
