/* Ua over TLS-PSK: a connection whose first record is there (naf_hello.c) is served by a thread of
 * the pool, and what came of it is counted and told on the loop.
 *
 * T15: where all threads are taken, and somebody waits for one, the oldest handshake gives way that
 * waits for its client. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/peer.h"
#include "io/tls_psk.h"
#include "role/naf_process.h"

enum {
    HANDSHAKE_MS = 5000,
    WRITE_MS = 2000,
    DRAIN_MS = 1000,
    AT_ONCE = 8,
    GRACE_MS = 500, /* in which no handshake gives way */
};

/* ---- on a thread ---- */

static bool find(void *context, uint8_t key[LK_TLS_PSK_KEY], struct lk_span identity,
                 uint16_t suite)
{
    struct lk_naf_handshake *h = context;
    struct lk_naf *naf = h->naf->naf;
    struct lk_naf_question question;
    const char *text = (const char *)identity.at;
    enum lk_naf_verdict verdict = lk_naf_psk(naf, key, &h->user, &h->why, text, identity.len,
                                             suite);

    if (verdict == LK_NAF_LATER && !lk_naf_role_may_ask(h->naf, &h->from)) {
        h->why = lk_reason_row(LK_REASON_UA_TOO_FAST)->code;
        return false;
    }
    if (verdict == LK_NAF_LATER && lk_naf_psk_question(&question, text, identity.len, suite)) {
        __atomic_store_n(&h->waits_ms, UINT64_MAX, __ATOMIC_RELAXED);
        if (lk_naf_fetch(naf, &h->why, h->error, &question) == LK_NAF_GRANTED)
            verdict = lk_naf_psk(naf, key, &h->user, &h->why, text, identity.len, suite);
        __atomic_store_n(&h->waits_ms, lk_mono_ms(), __ATOMIC_RELAXED);
    }
    return verdict == LK_NAF_GRANTED;
}

static size_t answer(void *context, char *text, struct lk_span identity, uint16_t suite)
{
    struct lk_naf_handshake *h = context;

    (void)identity; /* that which find was asked about: the handshake proves it */
    h->is_proven = true;
    return lk_naf_role_greeting(text, h->naf, suite == 0 ? "TLS 1.3" : "TLS 1.2", &h->user);
}

static void on_thread(uv_work_t *work)
{
    struct lk_naf_handshake *h = work->data;
    char error[LK_TLS_PSK_ERROR];
    const struct lk_tls_psk_setup setup = {
        .fd = h->fd, .hint = LK_NAF_PSK_HINT, .handshake_ms = HANDSHAKE_MS,
        .write_ms = WRITE_MS, .drain_ms = DRAIN_MS, .context = h, .find = find, .answer = answer,
    };

    if (lk_tls_psk_serve(&setup, error) != LK_OK && h->error[0] == '\0')
        (void)snprintf(h->error, sizeof h->error, "%s", error);
}

/* ---- on the loop ---- */

static void on_served(uv_work_t *work, int status)
{
    struct lk_naf_handshake *h = work->data;
    struct lk_naf_process *naf = h->naf;

    (void)status;
    if (h->is_proven) {
        lk_process_count(&naf->process, LK_NAF_OWN_TLS_GRANTED);
        lk_naf_role_log_user(naf, "tls", &h->from, &h->user);
    } else {
        lk_process_count(&naf->process, LK_NAF_OWN_TLS_REFUSED);
        /* With a key found, and no handshake all the same, the client has another. */
        lk_naf_role_refused(naf, "tls", &h->from,
                            strcmp(h->why, "none") == 0 && h->user.b_tid[0] != '\0'
                                ? lk_reason_row(LK_REASON_UA_RESPONSE)->code : h->why, h->error);
    }
    (void)close(h->fd);
    lk_wipe(h, sizeof *h);
    h->fd = -1;
    lk_naf_tls_go_on(naf);
    if (naf->process.leaving && lk_naf_role_is_idle(naf))
        lk_process_end(&naf->process, 0);
}

static struct lk_naf_handshake *free_place(struct lk_naf_process *naf)
{
    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++)
        if (naf->handshake[i].fd < 0)
            return &naf->handshake[i];
    return NULL;
}

void lk_naf_tls_go_on(struct lk_naf_process *naf)
{
    struct lk_naf_handshake *h;
    struct lk_naf_hello hello;

    while (!naf->process.leaving && (h = free_place(naf)) != NULL &&
           lk_naf_hello_next(naf, &hello)) {
        *h = (struct lk_naf_handshake){ .naf = naf, .fd = hello.fd, .from = hello.from,
                                         .source = hello.source, .why = "none",
                                         .waits_ms = lk_mono_ms() };
        h->work.data = h;
        if (uv_queue_work(&naf->process.loop, &h->work, on_thread, on_served) != 0) {
            (void)close(h->fd);
            h->fd = -1;
        }
    }
}

/* The thread reads an end. */
static void cut_oldest(struct lk_naf_process *naf)
{
    uint64_t oldest_ms = lk_mono_ms() - GRACE_MS;
    struct lk_naf_handshake *oldest = NULL;

    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++) {
        struct lk_naf_handshake *h = &naf->handshake[i];
        uint64_t waits_ms = __atomic_load_n(&h->waits_ms, __ATOMIC_RELAXED);

        if (h->fd >= 0 && !h->is_cut && waits_ms <= oldest_ms) {
            oldest_ms = waits_ms;
            oldest = h;
        }
    }
    if (oldest == NULL)
        return;
    lk_process_count(&naf->process, LK_NAF_OWN_FULL);
    oldest->is_cut = true;
    (void)shutdown(oldest->fd, SHUT_RDWR);
}

void lk_naf_tls_tick(struct lk_naf_process *naf)
{
    lk_naf_hello_expire(naf);
    for (size_t i = lk_naf_hello_waiting(naf); i > 0; i--)
        cut_oldest(naf);
}

static bool has_room(const struct lk_naf_process *naf, const struct lk_peer *peer)
{
    const struct lk_address_prefix source = lk_address_source(&peer->address);
    unsigned same = lk_naf_hello_count(naf, &source);

    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++)
        if (naf->handshake[i].fd >= 0 &&
            lk_address_prefix_equal(&source, &naf->handshake[i].source))
            same++;
    return same < LK_NAF_TLS_A_SOURCE;
}

static void take(struct lk_naf_process *naf, int fd, const struct sockaddr_storage *at)
{
    const struct lk_peer peer = lk_peer_of(at);
    enum lk_naf_own why = LK_NAF_OWN_FULL;

    lk_process_count(&naf->process, LK_NAF_OWN_TLS);
    if (has_room(naf, &peer)) {
        if (!lk_naf_role_may_come(naf, &peer.address))
            why = LK_NAF_OWN_OVER_BUDGET;
        else if (lk_naf_hello_take(naf, fd, &peer))
            return;
    }
    lk_process_count(&naf->process, why);
    (void)close(fd);
}

void lk_naf_tls_on_poll(uv_poll_t *poll, int status, int events)
{
    struct lk_naf_process *naf = poll->data;

    (void)status;
    (void)events;
    for (unsigned i = 0; i < AT_ONCE; i++) {
        struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
        socklen_t len = sizeof at;
        int fd = accept4(lk_process_socket(&naf->process, LK_NAF_TLS_PORT),
                         (struct sockaddr *)&at, &len, SOCK_CLOEXEC);

        if (fd < 0)
            return;
        take(naf, fd, &at);
    }
}
