/* The floor under the anchor: the same datagrams under the same keys, and no protocol.
 *
 *     pmip_floor PORT [FILE]
 *
 * Each record is opened by the engine, and as many octets as an acknowledgement has are sealed by
 * it; one socket, batches of datagrams, nothing else: no token, no hash. FILE: before its answer
 * leaves, as many octets as a binding has in the store are appended to the file (append.h). */
#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "append.h"
#include "io/datagrams.h"

enum {
    SESSIONS = 32, /* by the last octet of the gateway's address */
    ANSWER_LEN = 120,
    MTU = 1400,
};

struct session {
    gnutls_session_t engine; /* NULL: none */
    bool up;
    struct lk_datagram_peer peer;
    struct lk_span datagram; /* under way into the engine */
};

static struct {
    gnutls_psk_server_credentials_t credentials;
    gnutls_priority_t priority;
    struct session session[SESSIONS];
    struct lk_datagrams *in, *out;
    struct bench_append *append; /* NULL: there is no file */
} served;

/* ---- the engine ---- */

static int on_psk(gnutls_session_t engine, const char *name, gnutls_datum_t *key)
{
    static const char psk[] = "a key of the bench's gateways";

    (void)engine;
    (void)name;
    key->size = sizeof psk - 1;
    key->data = gnutls_malloc(key->size);
    LK_ASSERT(key->data != NULL);
    memcpy(key->data, psk, key->size);
    return 0;
}

static ssize_t on_pull(gnutls_transport_ptr_t context, void *to, size_t room)
{
    struct session *session = context;
    size_t len = session->datagram.len;

    if (len == 0 || len > room) {
        gnutls_transport_set_errno(session->engine, EAGAIN);
        return -1;
    }
    memcpy(to, session->datagram.at, len);
    session->datagram.len = 0;
    return (ssize_t)len;
}

static int on_pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
    (void)ms;
    return ((struct session *)context)->datagram.len > 0;
}

static ssize_t on_push(gnutls_transport_ptr_t context, const void *at, size_t len)
{
    struct session *session = context;

    lk_datagrams_put(served.out, &session->peer, lk_span_of(at, len));
    return (ssize_t)len;
}

static void session_begin(struct session *s)
{
    if (s->engine != NULL)
        gnutls_deinit(s->engine);
    s->up = false;
    LK_ASSERT(gnutls_init(&s->engine, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) == 0);
    LK_ASSERT(gnutls_priority_set(s->engine, served.priority) == 0);
    LK_ASSERT(gnutls_credentials_set(s->engine, GNUTLS_CRD_PSK, served.credentials) == 0);
    gnutls_transport_set_ptr(s->engine, s);
    gnutls_transport_set_pull_function(s->engine, on_pull);
    gnutls_transport_set_pull_timeout_function(s->engine, on_pull_timeout);
    gnutls_transport_set_push_function(s->engine, on_push);
    gnutls_dtls_set_mtu(s->engine, MTU);
}

static void engine_set_up(void)
{
    LK_ASSERT(gnutls_psk_allocate_server_credentials(&served.credentials) == 0);
    gnutls_psk_set_server_credentials_function(served.credentials, on_psk);
    LK_ASSERT(gnutls_priority_init(&served.priority,
                                   "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ALL:+GROUP-ALL"
                                   ":+PSK:+AES-128-GCM:+AEAD", NULL) == 0);
}

/* ---- one request ---- */

/* Its number in the place where an acknowledgement has it, so that the generator knows it again. */
static void answer_of(uint8_t answer[ANSWER_LEN], struct lk_span request)
{
    memset(answer, 0, ANSWER_LEN);
    memcpy(answer + 8, request.at + 6, 2);
}

static void leaves(void *to, struct lk_span answer)
{
    (void)gnutls_record_send(((struct session *)to)->engine, answer.at, answer.len);
}

static void on_request(struct session *session, struct lk_span request)
{
    uint8_t answer[ANSWER_LEN];

    answer_of(answer, request);
    if (served.append == NULL)
        leaves(session, LK_SPAN(answer));
    else
        LK_ASSERT(bench_append_put(served.append, session, LK_SPAN(answer)));
}

static void on_datagram(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_address from = lk_datagram_address(peer);
    struct session *s = &served.session[from.octets[LK_ADDRESS_LEN - 1] % SESSIONS];
    uint8_t request[2048];
    ssize_t got;

    /* A ClientHello in the clear begins anew. */
    if (octets.len > 13 && octets.at[0] == 22 && octets.at[4] == 0 && octets.at[13] == 1)
        session_begin(s);
    if (s->engine == NULL)
        return;
    s->peer = *peer;
    s->datagram = octets;
    if (!s->up)
        s->up = gnutls_handshake(s->engine) == GNUTLS_E_SUCCESS;
    if (!s->up || s->datagram.len == 0)
        return;
    got = gnutls_record_recv(s->engine, request, sizeof request);
    if (got > 8)
        on_request(s, lk_span_of(request, (size_t)got));
}

/* ---- the loop ---- */

static void serve(int fd)
{
    bool disk = served.append != NULL;
    struct pollfd ready[2] = { { .fd = fd, .events = POLLIN },
                               { .fd = disk ? bench_append_fd(served.append) : -1,
                                 .events = POLLIN } };

    for (;;) {
        size_t count = LK_DATAGRAM_BATCH;

        (void)poll(ready, 2, disk ? bench_append_wait_ms(served.append) : -1);
        while (count == LK_DATAGRAM_BATCH) {
            count = lk_datagrams_receive(served.in, fd);
            for (size_t i = 0; i < count; i++) {
                struct lk_datagram_peer peer;
                struct lk_span octets = lk_datagrams_at(served.in, i, &peer);

                on_datagram(&peer, octets);
            }
            (void)lk_datagrams_send(served.out);
        }
        if (!disk)
            continue;
        bench_append_turn(served.append);
        (void)lk_datagrams_send(served.out);
    }
}

int main(int count, char **word)
{
    struct lk_address address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    int fd;

    if (count < 2)
        return 2;
    if (lk_datagram_socket(&fd, &address, (uint16_t)strtoul(word[1], NULL, 10), error) != LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
    }
    served.in = lk_datagrams_new();
    served.out = lk_datagrams_new();
    engine_set_up();
    if (count > 2) {
        served.append = bench_append_new(word[2], leaves);
        LK_ASSERT(served.append != NULL);
    }
    printf("ready\n");
    (void)fflush(stdout);
    serve(fd);
}
