/* What the DTLS engine itself takes for a handshake, in memory: no socket, no loop, nothing of
 * ours.
 *
 *     dtls_engine psk|ecdhe SECONDS [IN OUT]
 *
 * Client and server in one process, cookie and close_notify included; the clock runs while the
 * server is at work. IN, OUT: instead of handshakes, a record of so many octets opened and one of
 * so many sealed. Of all the median counts: others use this machine too. */
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

/* Both ends of a session, up. */
struct pair {
    struct queue to_server, to_client;
    struct end server_end, client_end;
    gnutls_session_t client, server;
};

/* One handshake; the seconds that the server was at work. */
static double open_pair(struct pair *p, const struct bench *b)
{
    gnutls_datum_t cookie_key = { key_octets, 16 };
    gnutls_dtls_prestate_st before = { 0 };
    int client_done = 1, server_done = 1;
    double spent = 0, since;

    p->to_server.count = p->to_client.count = 0;
    p->server_end = (struct end){ &p->to_server, &p->to_client };
    p->client_end = (struct end){ &p->to_client, &p->to_server };
    p->client = session_new(GNUTLS_CLIENT, &p->client_end, b->priority, b->client);
    step(p->client, &client_done);
    since = now();
    if (gnutls_dtls_cookie_verify(&cookie_key, peer, 4, p->to_server.octets[p->to_server.first],
                                  p->to_server.len[p->to_server.first], &before) == 0)
        abort();
    p->to_server.count = 0;
    (void)gnutls_dtls_cookie_send(&cookie_key, peer, 4, &before, &p->server_end, push);
    spent += now() - since;
    step(p->client, &client_done);
    since = now();
    if (gnutls_dtls_cookie_verify(&cookie_key, peer, 4, p->to_server.octets[p->to_server.first],
                                  p->to_server.len[p->to_server.first], &before) != 0)
        abort();
    p->server = session_new(GNUTLS_SERVER, &p->server_end, b->priority, b->server);
    gnutls_dtls_prestate_set(p->server, &before);
    spent += now() - since;
    for (unsigned i = 0; i < ROUNDS && (client_done != 0 || server_done != 0); i++) {
        since = now();
        step(p->server, &server_done);
        spent += now() - since;
        step(p->client, &client_done);
    }
    if (client_done != 0 || server_done != 0)
        abort();
    return spent;
}

/* The same of its end. */
static double close_pair(struct pair *p)
{
    unsigned char data[64];
    double since;

    (void)gnutls_bye(p->client, GNUTLS_SHUT_WR);
    gnutls_deinit(p->client);
    since = now();
    if (gnutls_record_recv(p->server, data, sizeof data) != 0)
        abort();
    gnutls_deinit(p->server);
    return now() - since;
}

static int by_size(const void *a, const void *b)
{
    float one = *(const float *)a, other = *(const float *)b;

    return one < other ? -1 : one > other;
}

static float median(float *of, unsigned count)
{
    qsort(of, count, sizeof of[0], by_size);
    return of[count / 2];
}

static void handshakes(const struct bench *b, double end)
{
    static struct pair p;
    static float spent[KEPT];
    unsigned done = 0;
    double us;

    for (; now() < end && done < KEPT; done++) {
        us = open_pair(&p, b) * 1e6;
        spent[done] = (float)(us + close_pair(&p) * 1e6);
    }
    us = (double)median(spent, done);
    printf("{\"done\": %u, \"server_us\": %.3f, \"rate\": %.0f}\n", done, us, 1e6 / us);
}

static void records(const struct bench *b, double end, size_t in, size_t out)
{
    static struct pair p;
    static float opened[KEPT], sealed[KEPT];
    unsigned char data[DATAGRAM] = { 1 };
    unsigned done = 0;

    (void)open_pair(&p, b);
    for (; now() < end && done < KEPT; done++) {
        double begin, between;

        if (gnutls_record_send(p.client, data, in) != (ssize_t)in)
            abort();
        begin = now();
        if (gnutls_record_recv(p.server, data, sizeof data) != (ssize_t)in)
            abort();
        between = now();
        if (gnutls_record_send(p.server, data, out) != (ssize_t)out)
            abort();
        opened[done] = (float)((between - begin) * 1e6);
        sealed[done] = (float)((now() - between) * 1e6);
        if (gnutls_record_recv(p.client, data, sizeof data) != (ssize_t)out)
            abort();
    }
    printf("{\"done\": %u, \"open_us\": %.3f, \"seal_us\": %.3f}\n", done,
           (double)median(opened, done), (double)median(sealed, done));
    (void)close_pair(&p);
}

int main(int count, char **word)
{
    bool ecdhe = count >= 3 && strcmp(word[1], "ecdhe") == 0;
    gnutls_datum_t key = { key_octets, KEY_LEN };
    struct bench b;
    double end;

    if ((count != 3 && count != 5) ||
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
    if (count == 5)
        records(&b, end, strtoul(word[3], NULL, 10), strtoul(word[4], NULL, 10));
    else
        handshakes(&b, end);
    return 0;
}
