/* The floor under the anchor: the same datagrams under the same keys, and no protocol.
 *
 *     pmip_floor PORT [FILE]
 *
 * Each record is opened by the engine, and as many octets as an acknowledgement has are sealed by
 * it; one socket, batches of datagrams, nothing else: no token, no hash. FILE: before its answer
 * leaves, as many octets as a binding has in the store are appended to the file and are on the disk
 * (fdatasync); what gathers within GATHER_MS is written together, on a thread of its own. */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "io/datagrams.h"

enum {
    SESSIONS = 32, /* by the last octet of the gateway's address */
    ANSWER_LEN = 120,
    ROW_LEN = 128, /* keys, epoch and row of a binding */
    GATHER_MS = 2,
    BATCH = 4096,
    MTU = 1400,
};

struct session {
    gnutls_session_t engine; /* NULL: none */
    bool up;
    struct lk_datagram_peer peer;
    struct lk_span datagram; /* under way into the engine */
};

struct waiting {
    struct session *session;
    uint8_t answer[ANSWER_LEN];
};

struct batch {
    size_t count;
    struct waiting item[BATCH];
};

static struct {
    gnutls_psk_server_credentials_t credentials;
    gnutls_priority_t priority;
    struct session session[SESSIONS];
    struct lk_datagrams *in, *out;
    int file, begin, end; /* file: -1 when there is none */
    bool writing;
    uint64_t since_ms; /* the first that waits came */
    struct batch *filling, *working;
} served;

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

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

static void on_request(struct session *session, struct lk_span request)
{
    struct batch *b = served.filling;

    if (served.file < 0) {
        uint8_t answer[ANSWER_LEN];

        answer_of(answer, request);
        (void)gnutls_record_send(session->engine, answer, sizeof answer);
        return;
    }
    LK_ASSERT(b->count < BATCH);
    if (b->count == 0)
        served.since_ms = now_ms();
    b->item[b->count].session = session;
    answer_of(b->item[b->count++].answer, request);
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

/* ---- the file ---- */

static void *writer(void *context)
{
    static uint8_t rows[BATCH * ROW_LEN];
    uint64_t one;

    (void)context;
    for (;;) {
        size_t len;

        LK_ASSERT(read(served.begin, &one, sizeof one) == sizeof one);
        len = served.working->count * ROW_LEN;
        LK_ASSERT(write(served.file, rows, len) == (ssize_t)len && fdatasync(served.file) == 0);
        LK_ASSERT(write(served.end, &one, sizeof one) == sizeof one);
    }
    return NULL;
}

static void write_begins(void)
{
    struct batch *swap = served.filling;
    uint64_t one = 1;

    if (served.writing || swap->count == 0 || now_ms() - served.since_ms < GATHER_MS)
        return;
    served.filling = served.working;
    served.working = swap;
    served.writing = true;
    LK_ASSERT(write(served.begin, &one, sizeof one) == sizeof one);
}

static void write_ended(void)
{
    struct batch *b = served.working;
    uint64_t one;

    LK_ASSERT(read(served.end, &one, sizeof one) == sizeof one);
    for (size_t i = 0; i < b->count; i++)
        (void)gnutls_record_send(b->item[i].session->engine, b->item[i].answer, ANSWER_LEN);
    b->count = 0;
    served.writing = false;
}

static void file_set_up(const char *path)
{
    pthread_t thread;

    served.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    served.begin = eventfd(0, 0);
    served.end = eventfd(0, EFD_NONBLOCK);
    served.filling = calloc(1, sizeof *served.filling);
    served.working = calloc(1, sizeof *served.working);
    LK_ASSERT(served.file >= 0 && served.begin >= 0 && served.end >= 0 && served.filling != NULL &&
              served.working != NULL && pthread_create(&thread, NULL, writer, NULL) == 0);
}

/* ---- the loop ---- */

static void serve(int fd)
{
    struct pollfd ready[2] = { { .fd = fd, .events = POLLIN },
                               { .fd = served.file < 0 ? -1 : served.end, .events = POLLIN } };

    for (;;) {
        int wait_ms = served.file >= 0 && served.filling->count > 0 && !served.writing ? 1 : -1;
        size_t count = LK_DATAGRAM_BATCH;

        (void)poll(ready, 2, wait_ms);
        while (count == LK_DATAGRAM_BATCH) {
            count = lk_datagrams_receive(served.in, fd);
            for (size_t i = 0; i < count; i++) {
                struct lk_datagram_peer peer;
                struct lk_span octets = lk_datagrams_at(served.in, i, &peer);

                on_datagram(&peer, octets);
            }
            (void)lk_datagrams_send(served.out);
        }
        if (served.file < 0)
            continue;
        if ((ready[1].revents & POLLIN) != 0)
            write_ended();
        write_begins();
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
    served.file = -1;
    engine_set_up();
    if (count > 2)
        file_set_up(word[2]);
    printf("ready\n");
    (void)fflush(stdout);
    serve(fd);
}
