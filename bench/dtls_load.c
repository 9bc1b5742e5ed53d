/* Handshakes a second: a closed loop of DTLS 1.2 clients with TLS_PSK_WITH_AES_128_GCM_SHA256.
 *
 *     dtls_load PORT [--window N] [--seconds S] [--warm-up S] [--count N] [--keep] [--echo]
 *
 * Each session speaks from an address of its own in 127/8, all of them from one socket. --keep:
 * sessions stay, each has sent one record. --echo: the same datagrams without any meaning, for a
 * server that only answers with as many octets. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "dtls_client.h"
#include "io/datagrams.h"

enum {
    WINDOW_MAX = 4096,
    ADDRESSES = 1 << 22,
    LATENCIES = 1 << 20,
    PATIENCE_US = 1000000,
    CHECK_EVERY = 64, /* of so many servers' Finished one is opened and compared */
    KEY_LEN = 32,
    ECHO_STEPS = 3,
};
/* Octets of our datagrams, in their order; --echo sends as many. */
static const size_t echo_len[ECHO_STEPS + 1] = { 83, 100, 125, 39 };

struct client {
    uint32_t number; /* which address: the client's place in the window, and its turns */
    uint32_t turn;
    uint64_t begun_us;
    struct dtls_client dtls; /* with --echo, awaits alone is used */
};

static struct {
    struct client clients[WINDOW_MAX];
    uint32_t window;
    uint64_t count_wanted;
    bool keep, echo;
    int fd;
    struct lk_datagram_peer server;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
    uint64_t done, errors, begun;
    bool measuring;
    uint32_t latency[LATENCIES];
} load;

static const uint8_t psk[KEY_LEN] = "0123456789abcdef0123456789abcdef";
static const char identity[] = "00112233445566778899aabbccddeeff";

/* Seconds that this process had a core. */
static double busy_s(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static uint64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- datagrams out ---- */

static void send_datagram(const struct client *c, struct lk_span octets)
{
    struct lk_datagram_peer to = load.server;

    to.local.ipi6_addr.s6_addr[10] = to.local.ipi6_addr.s6_addr[11] = 0xff;
    to.local.ipi6_addr.s6_addr[12] = 127;
    to.local.ipi6_addr.s6_addr[13] = (uint8_t)(2 + (c->number >> 16));
    to.local.ipi6_addr.s6_addr[14] = (uint8_t)(c->number >> 8);
    to.local.ipi6_addr.s6_addr[15] = (uint8_t)c->number;
    lk_datagrams_put(load.out, &to, octets);
}

static void send_what(const struct client *c, const struct lk_writer *w)
{
    LK_ASSERT(lk_writer_end(w) == LK_OK);
    if (w->len > 0)
        send_datagram(c, lk_writer_span(w));
}

/* The end of a session, or, of one that stays, a record of what it might say. */
static void send_end(struct client *c)
{
    uint8_t octets[192];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (load.keep)
        dtls_client_seal(&c->dtls, &w, LK_DTLS_APPLICATION_DATA,
                         lk_span_text("a request of some thirty octets"));
    else
        dtls_client_seal(&c->dtls, &w, LK_DTLS_ALERT, lk_span_of("\1\0", 2));
    send_what(c, &w);
}

static void send_echo(const struct client *c, unsigned step)
{
    static uint8_t octets[256];

    octets[0] = (uint8_t)step;
    send_datagram(c, lk_span_of(octets, echo_len[step]));
}

/* ---- one client ---- */

static void begin(struct client *c)
{
    uint8_t octets[192];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (load.count_wanted > 0 && load.begun == load.count_wanted) {
        c->dtls.awaits = DTLS_IDLE;
        return;
    }
    load.begun++;
    c->number = (uint32_t)(c - load.clients) + load.window * c->turn;
    c->turn = (c->turn + 1) % (ADDRESSES / load.window);
    c->begun_us = now_us();
    if (load.echo) {
        c->dtls.awaits = DTLS_COOKIE;
        send_echo(c, 0);
        return;
    }
    c->dtls.psk = lk_span_of(psk, KEY_LEN);
    c->dtls.identity = lk_span_text(identity);
    c->dtls.check = c->number % CHECK_EVERY == 0;
    dtls_client_begin(&c->dtls, &w, &load.entropy);
    send_what(c, &w);
}

static void finish(struct client *c)
{
    if (load.measuring) {
        load.latency[load.done % LATENCIES] = (uint32_t)(now_us() - c->begun_us);
        load.done++;
    }
    if (load.echo)
        send_echo(c, ECHO_STEPS);
    else
        send_end(c);
    begin(c);
}

static void give_up(struct client *c)
{
    load.errors++;
    begin(c);
}

static void on_record(struct client *c, const struct lk_dtls_record *record)
{
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    bool proven = dtls_client_record(&c->dtls, &w, record);

    send_what(c, &w);
    if (!proven)
        give_up(c);
    else if (c->dtls.awaits == DTLS_UP)
        finish(c);
}

static void on_datagram(const struct lk_datagram_peer *from, struct lk_span octets)
{
    const uint8_t *local = from->local.ipi6_addr.s6_addr;
    uint32_t number = (uint32_t)(local[13] - 2) << 16 | (uint32_t)local[14] << 8 | local[15];
    struct client *c = &load.clients[number % load.window];
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;

    if (c->number != number || c->dtls.awaits == DTLS_IDLE)
        return;
    if (load.echo) {
        if (c->dtls.awaits == DTLS_PROOF)
            finish(c);
        else
            send_echo(c, (unsigned)c->dtls.awaits++);
        return;
    }
    while (r.left > 0 && lk_dtls_record_get(&record, &r) == LK_OK)
        on_record(c, &record);
}

/* ---- the loop ---- */

static bool is_over(uint64_t end)
{
    if (load.count_wanted == 0)
        return now_us() >= end;
    for (uint32_t i = 0; i < load.window; i++)
        if (load.clients[i].dtls.awaits != DTLS_IDLE)
            return false;
    return true;
}

static void run_until(uint64_t end)
{
    struct pollfd ready = { .fd = load.fd, .events = POLLIN };

    while (!is_over(end)) {
        size_t count;

        (void)lk_datagrams_send(load.out);
        if (poll(&ready, 1, 100) == 0)
            for (uint32_t i = 0; i < load.window; i++)
                if (load.clients[i].dtls.awaits != DTLS_IDLE &&
                    now_us() - load.clients[i].begun_us > PATIENCE_US)
                    give_up(&load.clients[i]);
        count = lk_datagrams_receive(load.in, load.fd);
        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer from;
            struct lk_span octets = lk_datagrams_at(load.in, i, &from);

            on_datagram(&from, octets);
        }
    }
    (void)lk_datagrams_send(load.out);
}

static int by_size(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

static void report(double seconds, double busy)
{
    size_t kept = load.done < LATENCIES ? (size_t)load.done : LATENCIES;

    qsort(load.latency, kept, sizeof load.latency[0], by_size);
    printf("{\"done\": %llu, \"rate\": %.0f, \"errors\": %llu, \"p50_us\": %u, \"p99_us\": %u, "
           "\"busy\": %.3f}\n",
           (unsigned long long)load.done, (double)load.done / seconds,
           (unsigned long long)load.errors, kept > 0 ? load.latency[kept / 2] : 0,
           kept > 0 ? load.latency[kept * 99 / 100] : 0, busy / seconds);
}

int main(int count, char **word)
{
    struct lk_address any = lk_address_v4((const uint8_t[4]){ 0 });
    char error[LK_SOCKET_ERROR_TEXT];
    double seconds = 2, warm_up = 0.5, busy;
    uint64_t since;

    load.window = 64;
    if (count < 2)
        return 2;
    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--keep") == 0)
            load.keep = true;
        else if (strcmp(word[i], "--echo") == 0)
            load.echo = true;
        else if (i + 1 == count)
            return 2;
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--seconds") == 0)
            seconds = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--warm-up") == 0)
            warm_up = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--count") == 0)
            load.count_wanted = strtoull(word[++i], NULL, 10);
        else
            return 2;
    }
    if (load.window == 0 || load.window > WINDOW_MAX ||
        lk_datagram_socket(&load.fd, &any, 0, error) != LK_OK)
        return 3;
    load.in = lk_datagrams_new();
    load.out = lk_datagrams_new();
    load.server.fd = load.fd;
    load.server.has_local = true;
    load.server.from.v4.sin_family = AF_INET;
    load.server.from.v4.sin_port = htons((uint16_t)strtoul(word[1], NULL, 10));
    load.server.from.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (uint32_t i = 0; i < load.window; i++)
        begin(&load.clients[i]);
    load.measuring = load.count_wanted > 0;
    since = now_us();
    if (load.count_wanted == 0) {
        run_until(since + (uint64_t)(warm_up * 1e6));
        load.measuring = true;
        since = now_us();
    }
    busy = busy_s();
    run_until(since + (uint64_t)(seconds * 1e6));
    report((double)(now_us() - since) / 1e6, busy_s() - busy);
    return 0;
}
