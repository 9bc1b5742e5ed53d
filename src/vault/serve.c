/* The vault's loop: one batch in, one batch out. */
#include "vault/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "base/secret.h"

static uint64_t mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Fresh octets out of the pool, which is filled in bulk and wiped as it is used. */
static void take_random(struct lk_vault_state *state, void *to, size_t len)
{
    if (LK_VAULT_POOL - state->pool_used < len) {
        size_t have = 0;

        while (have < LK_VAULT_POOL) {
            ssize_t got = getrandom(state->pool + have, LK_VAULT_POOL - have, 0);

            LK_ASSERT(got > 0 || errno == EINTR);
            have += got > 0 ? (size_t)got : 0;
        }
        state->pool_used = 0;
    }
    memcpy(to, state->pool + state->pool_used, len);
    lk_wipe(state->pool + state->pool_used, len);
    state->pool_used += len;
}

/* Raises the ceiling where tick needs it. When the disk refuses, the vectors are refused (sqn.c).
 */
static void keep_ceiling(struct lk_vault_state *state, uint64_t tick)
{
    uint64_t wanted;

    if (lk_sqn_ceiling_wanted(&state->auc.sqn, tick, &wanted) &&
        lk_ceiling_write(state->ceiling_fd, &state->ceiling, wanted) == LK_OK)
        state->auc.sqn.ceiling = wanted;
}

static void answer_batch(struct lk_vault_state *state, size_t count, bool may_seal)
{
    uint64_t tick = lk_sqn_clock_tick(&state->clock, mono_ms());

    keep_ceiling(state, tick);
    for (size_t i = 0; i < count; i++) {
        struct lk_auc_entropy entropy;

        take_random(state, &entropy, sizeof entropy);
        lk_auc_answer(&state->answers[i], &state->auc, &state->requests[i], may_seal, tick,
                      &entropy);
    }
}

static void client_close(struct lk_vault_state *state, size_t client)
{
    shutdown(state->fds[client], SHUT_RDWR);
    state->fds[client] = -1;
}

static bool client_writable(int fd)
{
    struct pollfd one = { .fd = fd, .events = POLLOUT };

    return poll(&one, 1, 0) == 1 && (one.revents & POLLOUT) != 0;
}

/* Y10: nobody gets another room's keys, or another network's. */
static bool may_ask(const struct lk_vault_right *right, const struct lk_vault_request *request)
{
    if (request->kind == LK_VAULT_PING || request->kind == LK_VAULT_SEAL)
        return true;
    if ((right->keys & 1u << request->keys) == 0)
        return false;
    return request->keys != LK_VECTOR_KASME || right->keys == LK_VAULT_MAY_ALL ||
           lk_span_equal(LK_SPAN(request->sn_id), LK_SPAN(right->sn_id));
}

static bool may_ask_all(const struct lk_vault_state *state, size_t client, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!may_ask(&state->right[client], &state->requests[i]))
            return false;
    return true;
}

/* A message that does not parse, or that asks for what its sender never asks for, comes from a
 * worker that is not ours any more: it is cut off. */
static void serve_client(struct lk_vault_state *state, size_t client)
{
    int fd = state->fds[client];
    struct lk_writer w = lk_writer_of(state->out, sizeof state->out);
    size_t count = 0;
    ssize_t got;
    bool fine;

    if (!client_writable(fd)) {
        state->stalled[client] = true;
        return;
    }
    got = recv(fd, state->in, sizeof state->in, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || (size_t)got > sizeof state->in) {
        client_close(state, client);
        return;
    }
    fine = lk_vault_requests_decode(state->requests, state->credentials, &count,
                                    lk_span_of(state->in, (size_t)got)) == LK_OK &&
           may_ask_all(state, client, count);
    if (fine) {
        answer_batch(state, count, client == 0);
        fine = lk_vault_answers_encode(&w, state->answers, count) == LK_OK &&
               (send(fd, state->out, w.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno == EAGAIN ||
                errno == EINTR);
    }
    if (client == 0)
        lk_wipe(state->credentials, sizeof state->credentials[0] * LK_VAULT_BATCH);
    for (size_t i = 0; i < count && i < LK_VAULT_BATCH; i++)
        lk_wipe(&state->answers[i].vector, sizeof state->answers[i].vector);
    lk_wipe(state->in, (size_t)got);
    lk_wipe(state->out, w.len);
    if (!fine)
        client_close(state, client);
}

void lk_vault_serve(struct lk_vault_state *state)
{
    for (;;) {
        struct pollfd polled[LK_VAULT_CLIENTS];
        size_t open_ones = 0;

        for (size_t i = 0; i < state->count; i++) {
            polled[i] = (struct pollfd){ .fd = state->fds[i],
                                         .events = state->stalled[i] ? POLLOUT : POLLIN };
            open_ones += state->fds[i] >= 0;
        }
        if (open_ones == 0)
            return;
        if (poll(polled, state->count, -1) < 0)
            continue;
        for (size_t i = 0; i < state->count; i++) {
            if (state->fds[i] < 0 || polled[i].revents == 0)
                continue;
            if (polled[i].revents & POLLIN)
                serve_client(state, i);
            else if (polled[i].revents & POLLOUT)
                state->stalled[i] = false;
            else
                client_close(state, i);
        }
    }
}
