/* What the DTLS engine itself takes for a handshake, in memory: no socket, no loop, nothing of
 * ours.
 *
 *     dtls_engine psk|ecdhe SECONDS
 *
 * Client and server in one process, cookie and close_notify included; the clock runs while the
 * server is at work. Of all handshakes the median counts: others use this machine too. */
#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUEUE = 16, DATAGRAM = 512, KEY_LEN = 32, ROUNDS = 32, KEPT = 1 << 20 };

struct queue {
    unsigned first, count;
    size_t len[QUEUE];
    unsigned char octets[QUEUE][DATAGRAM];
};

struct end {
    struct queue *in, *out;
};

static char peer[] = "peer";
static unsigned char key_octets[] = "0123456789abcdef0123456789abcdef";

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static ssize_t push(gnutls_transport_ptr_t context, const void *at, size_t len)
{
    struct queue *out = ((struct end *)context)->out;
    unsigned i = (out->first + out->count) % QUEUE;

    if (out->count == QUEUE || len > DATAGRAM)
        abort();
    memcpy(out->octets[i], at, len);
    out->len[i] = len;
    out->count++;
    return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *to, size_t room)
{
    struct queue *in = ((struct end *)context)->in;
    unsigned i = in->first;

    if (in->count == 0) {
        errno = EAGAIN;
        return -1;
    }
    if (in->len[i] > room)
        abort();
    memcpy(to, in->octets[i], in->len[i]);
    in->first = (i + 1) % QUEUE;
    in->count--;
    return (ssize_t)in->len[i];
}

static int pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
    (void)ms;
    return ((struct end *)context)->in->count > 0;
}

static int on_psk(gnutls_session_t session, const char *name, gnutls_datum_t *key)
{
    (void)session;
    (void)name;
    key->data = gnutls_malloc(KEY_LEN);
    key->size = KEY_LEN;
    memcpy(key->data, key_octets, KEY_LEN);
    return 0;
}

static gnutls_session_t session_new(unsigned role, struct end *end, gnutls_priority_t priority,
                                    void *credentials)
{
    gnutls_session_t session;

    if (gnutls_init(&session, role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) != 0 ||
        gnutls_priority_set(session, priority) != 0 ||
        gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials) != 0)
        abort();
    gnutls_transport_set_ptr(session, end);
    gnutls_transport_set_push_function(session, push);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, pull_timeout);
    gnutls_dtls_set_mtu(session, 1232);
    return session;
}

struct bench {
    gnutls_priority_t priority;
    gnutls_psk_server_credentials_t server;
    gnutls_psk_client_credentials_t client;
};

static void step(gnutls_session_t session, int *done)
{
    if (*done != 0)
        *done = gnutls_handshake(session);
    if (*done != 0 && gnutls_error_is_fatal(*done))
        abort();
}

/* One handshake; the seconds that the server was at work. */
static double handshake(const struct bench *b)
{
    static struct queue to_server, to_client;
    struct end server_end = { &to_server, &to_client }, client_end = { &to_client, &to_server };
    gnutls_datum_t cookie_key = { key_octets, 16 };
    gnutls_session_t client = session_new(GNUTLS_CLIENT, &client_end, b->priority, b->client);
    gnutls_session_t server;
    gnutls_dtls_prestate_st before = { 0 };
    unsigned char data[64];
    int client_done = 1, server_done = 1;
    double spent = 0, since;

    step(client, &client_done);
    since = now();
    if (gnutls_dtls_cookie_verify(&cookie_key, peer, 4, to_server.octets[to_server.first],
                                  to_server.len[to_server.first], &before) == 0)
        abort();
    to_server.count = 0;
    (void)gnutls_dtls_cookie_send(&cookie_key, peer, 4, &before, &server_end, push);
    spent += now() - since;
    step(client, &client_done);
    since = now();
    if (gnutls_dtls_cookie_verify(&cookie_key, peer, 4, to_server.octets[to_server.first],
                                  to_server.len[to_server.first], &before) != 0)
        abort();
    server = session_new(GNUTLS_SERVER, &server_end, b->priority, b->server);
    gnutls_dtls_prestate_set(server, &before);
    spent += now() - since;
    for (unsigned i = 0; i < ROUNDS && (client_done != 0 || server_done != 0); i++) {
        since = now();
        step(server, &server_done);
        spent += now() - since;
        step(client, &client_done);
    }
    if (client_done != 0 || server_done != 0)
        abort();
    (void)gnutls_bye(client, GNUTLS_SHUT_WR);
    gnutls_deinit(client);
    since = now();
    if (gnutls_record_recv(server, data, sizeof data) != 0)
        abort();
    gnutls_deinit(server);
    return spent + now() - since;
}

static int by_size(const void *a, const void *b)
{
    float one = *(const float *)a, other = *(const float *)b;

    return one < other ? -1 : one > other;
}

int main(int count, char **word)
{
    static float spent[KEPT];
    bool ecdhe = count == 3 && strcmp(word[1], "ecdhe") == 0;
    gnutls_datum_t key = { key_octets, KEY_LEN };
    struct bench b;
    double end;
    unsigned done = 0;

    if (count != 3 ||
        gnutls_priority_init(&b.priority,
                             ecdhe ? "NONE:+VERS-DTLS1.2:+ECDHE-PSK:+CHACHA20-POLY1305:+AEAD"
                                     ":+COMP-NULL:+SIGN-ECDSA-SHA256:+GROUP-X25519"
                                   : "NONE:+VERS-DTLS1.2:+PSK:+AES-128-GCM:+AEAD:+COMP-NULL"
                                     ":+SIGN-ECDSA-SHA256:+GROUP-X25519",
                             NULL) != 0 ||
        gnutls_psk_allocate_server_credentials(&b.server) != 0 ||
        gnutls_psk_allocate_client_credentials(&b.client) != 0 ||
        gnutls_psk_set_client_credentials(b.client, "00112233445566778899aabbccddeeff", &key,
                                          GNUTLS_PSK_KEY_RAW) != 0)
        return 2;
    gnutls_psk_set_server_credentials_function(b.server, on_psk);
    end = now() + strtod(word[2], NULL);
    while (now() < end && done < KEPT)
        spent[done++] = (float)(handshake(&b) * 1e6);
    qsort(spent, done, sizeof spent[0], by_size);
    printf("{\"done\": %u, \"server_us\": %.3f, \"rate\": %.0f}\n", done,
           (double)spent[done / 2], 1e6 / (double)spent[done / 2]);
    return 0;
}
