/* The other end of the socketpair: for workers, the supervisor and commands. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/secret.h"
#include "vault/vault.h"

enum lk_status lk_vault_client_send(struct lk_vault_client *client,
                                    const struct lk_vault_request *requests, size_t count)
{
    uint8_t message[LK_VAULT_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(message, sizeof message);
    enum lk_status status = lk_vault_requests_encode(&w, requests, count);
    ssize_t sent;

    if (status == LK_OK) {
        do
            sent = send(client->fd, message, w.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        if (sent < 0)
            status = errno == EAGAIN || errno == ENOBUFS ? LK_E_BUSY : LK_E_SYSTEM;
    }
    lk_wipe(message, w.len);
    return status;
}

enum lk_status lk_vault_client_receive(struct lk_vault_client *client,
                                       struct lk_vault_answer *answers, size_t *count)
{
    uint8_t message[LK_VAULT_MESSAGE_MAX];
    enum lk_status status;
    ssize_t got;

    do
        got = recv(client->fd, message, sizeof message, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? LK_E_BUSY : LK_E_SYSTEM;
    if (got == 0)
        return LK_E_SYSTEM;
    status = lk_vault_answers_decode(answers, count, lk_span_of(message, (size_t)got));
    lk_wipe(message, (size_t)got);
    return status;
}

static int64_t mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for events until deadline. */
static enum lk_status wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd one = { .fd = fd, .events = events };
        int64_t left = deadline - mono_ms();
        int ready = left <= 0 ? 0 : poll(&one, 1, (int)left);

        if (ready > 0)
            return LK_OK;
        if (ready == 0)
            return LK_E_EXPIRED;
        if (errno != EINTR)
            return LK_E_SYSTEM;
    }
}

enum lk_status lk_vault_client_call(struct lk_vault_client *client,
                                    const struct lk_vault_request *request,
                                    struct lk_vault_answer *answer, int timeout_ms)
{
    struct lk_vault_answer answers[LK_VAULT_BATCH];
    int64_t deadline = mono_ms() + timeout_ms;
    enum lk_status status;
    size_t count = 0;

    while ((status = lk_vault_client_send(client, request, 1)) == LK_E_BUSY) {
        status = wait_for(client->fd, POLLOUT, deadline);
        if (status != LK_OK)
            return status;
    }
    while (status == LK_OK) {
        status = wait_for(client->fd, POLLIN, deadline);
        if (status == LK_OK)
            status = lk_vault_client_receive(client, answers, &count);
        if (status == LK_E_BUSY)
            status = LK_OK;
        else if (status == LK_OK && count == 1 && answers[0].id == request->id &&
                 answers[0].kind == request->kind)
            break; /* an answer to a call that had expired is passed over */
    }
    if (status == LK_OK)
        *answer = answers[0];
    for (size_t i = 0; i < count && i < LK_VAULT_BATCH; i++)
        lk_wipe(&answers[i].vector, sizeof answers[i].vector);
    return status;
}
