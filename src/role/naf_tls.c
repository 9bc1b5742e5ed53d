/* Ua over TLS-PSK: a connection is served by a thread of the pool, and what came of it is counted
 * and told on the loop. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/peer.h"
#include "io/tls_psk.h"
#include "role/naf_process.h"

enum { HANDSHAKE_MS = 5000, WRITE_MS = 2000, AT_ONCE = 8 };

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

    if (verdict == LK_NAF_LATER && lk_naf_psk_question(&question, text, identity.len, suite) &&
        lk_naf_fetch(naf, &h->why, h->error, &question) == LK_NAF_GRANTED)
        verdict = lk_naf_psk(naf, key, &h->user, &h->why, text, identity.len, suite);
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
        .write_ms = WRITE_MS, .context = h, .find = find, .answer = answer,
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
        lk_naf_role_log_user("tls", &h->from, &h->user);
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
    if (naf->process.leaving && lk_naf_role_is_idle(naf))
        lk_process_end(&naf->process, 0);
}

/* A place, unless there is none, or the address has as many as it may. */
static struct lk_naf_handshake *place_for(struct lk_naf_process *naf, const struct lk_peer *peer)
{
    const struct lk_address_prefix source = lk_peer_source(peer);
    struct lk_naf_handshake *place = NULL;
    unsigned same = 0;

    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++) {
        if (naf->handshake[i].fd < 0)
            place = &naf->handshake[i];
        else if (lk_address_prefix_equal(&source, &naf->handshake[i].source))
            same++;
    }
    return same < LK_NAF_HANDSHAKES_A_SOURCE ? place : NULL;
}

static void take(struct lk_naf_process *naf, int fd, const struct sockaddr_storage *at)
{
    const struct lk_peer peer = lk_peer_of(at);
    const struct lk_address from = peer.address;
    struct lk_naf_handshake *h = place_for(naf, &peer);

    lk_process_count(&naf->process, LK_NAF_OWN_TLS);
    if (h == NULL || !lk_naf_role_may_ask(naf, &from)) {
        lk_process_count(&naf->process, h == NULL ? LK_NAF_OWN_FULL : LK_NAF_OWN_OVER_BUDGET);
        (void)close(fd);
        return;
    }
    *h = (struct lk_naf_handshake){ .naf = naf, .fd = fd, .from = from,
                                     .source = lk_peer_source(&peer), .why = "none" };
    h->work.data = h;
    if (uv_queue_work(&naf->process.loop, &h->work, on_thread, on_served) != 0) {
        (void)close(fd);
        h->fd = -1;
    }
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
