/* NAFs at Zn: keys a second, each asked for by one POST over connections of TLS with certificates
 * of both ends, that stay.
 *
 *     zn_load PORT CERTIFICATE KEY CA NAF B_TIDS WINDOW SECONDS
 *
 * WINDOW connections, one question at a time on each, for the next of the B-TIDs, a line each in
 * the file B_TIDS. An answer counts with status 200 and a key in it. Half a second warms up. One
 * line of JSON. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fleet.h"

enum { WINDOW_MAX = 64, ROOM = 4096, WARM_UP_US = 500000, B_TIDS_MAX = 1 << 16 };
#define NAME "bsf.mnc001.mcc001.pub.3gppnetwork.org"

struct naf {
    int fd;
    gnutls_session_t session;
    uint64_t begun_us;
    size_t len;
    char octets[ROOM];
};

static struct {
    struct naf naf[WINDOW_MAX];
    char *b_tid[B_TIDS_MAX];
    size_t count, next;
    const char *name;
    gnutls_certificate_credentials_t credentials;
    struct bench_meter meter;
} load;

static void must(bool right, const char *what)
{
    if (right)
        return;
    perror(what);
    exit(1);
}

static void ask(struct naf *n)
{
    char body[ROOM / 2], text[ROOM];
    int body_len =
        snprintf(body, sizeof body,
                 "{\"transactionIdentifier\":\"%.256s\",\"nafId\":{\"nafFqdn\":\"%.128s\","
                 "\"uaSecProtId\":\"0100000002\"}}",
                 load.b_tid[load.next++ % load.count], load.name);
    int len = snprintf(text, sizeof text,
                       "POST /zn/bir HTTP/1.1\r\nHost: " NAME "\r\nContent-Type: application/json"
                       "\r\nContent-Length: %d\r\n\r\n%s",
                       body_len, body);

    must(len > 0 && (size_t)len < sizeof text, "a question");
    n->len = 0;
    n->begun_us = bench_now_us();
    must(gnutls_record_send(n->session, text, (size_t)len) == len, "send");
}

/* Whether the answer is there as a whole. */
static bool is_whole(const struct naf *n)
{
    const char *end = strstr(n->octets, "\r\n\r\n"), *len = strstr(n->octets, "Content-Length: ");

    if (end == NULL)
        return false;
    must(len != NULL && len < end, "an answer without Content-Length");
    return n->len >=
           (size_t)(end - n->octets) + 4 + strtoul(len + strlen("Content-Length: "), NULL, 10);
}

static void hear(struct naf *n)
{
    ssize_t more;

    while ((more = gnutls_record_recv(n->session, n->octets + n->len,
                                      sizeof n->octets - 1 - n->len)) > 0) {
        n->len += (size_t)more;
        n->octets[n->len] = '\0';
        if (!is_whole(n))
            continue;
        if (strncmp(n->octets, "HTTP/1.1 200 ", 13) != 0 ||
            strstr(n->octets, "\"keyMaterial\":\"") == NULL)
            load.meter.errors++;
        bench_meter_add(&load.meter, n->begun_us);
        ask(n);
    }
    must(more == GNUTLS_E_AGAIN || more == GNUTLS_E_INTERRUPTED, "recv");
}

static void dial(struct naf *n, uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    n->fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(n->fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    must(gnutls_init(&n->session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL) == 0 &&
             gnutls_set_default_priority(n->session) == 0 &&
             gnutls_credentials_set(n->session, GNUTLS_CRD_CERTIFICATE, load.credentials) == 0,
         "a session");
    gnutls_session_set_verify_cert(n->session, NAME, 0);
    gnutls_transport_set_int(n->session, n->fd);
    must(gnutls_handshake(n->session) == 0, "handshake");
    must(fcntl(n->fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    ask(n);
}

static void run_until(uint64_t end_us, unsigned window)
{
    struct pollfd ready[WINDOW_MAX];

    for (unsigned i = 0; i < window; i++)
        ready[i] = (struct pollfd){ .fd = load.naf[i].fd, .events = POLLIN };
    while (bench_now_us() < end_us) {
        must(poll(ready, window, 1000) > 0, "no answer for a second");
        for (unsigned i = 0; i < window; i++)
            if (ready[i].revents != 0)
                hear(&load.naf[i]);
    }
}

static void read_b_tids(const char *path)
{
    FILE *from = fopen(path, "r");
    char line[512];

    must(from != NULL, path);
    while (load.count < B_TIDS_MAX && fgets(line, sizeof line, from) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        load.b_tid[load.count++] = strdup(line);
    }
    (void)fclose(from);
    must(load.count > 0, "B_TIDS");
}

int main(int count, char **word)
{
    unsigned long window, seconds;

    if (count != 9)
        return 2;
    window = strtoul(word[7], NULL, 10);
    seconds = strtoul(word[8], NULL, 10);
    must(window > 0 && window <= WINDOW_MAX, "WINDOW");
    load.name = word[5];
    read_b_tids(word[6]);
    must(gnutls_certificate_allocate_credentials(&load.credentials) == 0 &&
             gnutls_certificate_set_x509_key_file(load.credentials, word[2], word[3],
                                                  GNUTLS_X509_FMT_PEM) == 0 &&
             gnutls_certificate_set_x509_trust_file(load.credentials, word[4],
                                                    GNUTLS_X509_FMT_PEM) > 0,
         "certificates");
    for (unsigned i = 0; i < window; i++)
        dial(&load.naf[i], (uint16_t)strtoul(word[1], NULL, 10));
    run_until(bench_now_us() + WARM_UP_US, (unsigned)window);
    bench_meter_begin(&load.meter);
    run_until(bench_now_us() + seconds * 1000000, (unsigned)window);
    bench_meter_report(&load.meter);
    return 0;
}
