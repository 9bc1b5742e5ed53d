/* Handshakes a second: a closed loop of DTLS 1.2 clients with TLS_PSK_WITH_AES_128_GCM_SHA256.
 *
 *     dtls_load PORT [--window N] [--seconds S] [--warm-up S] [--count N] [--keep] [--echo]
 *
 * Each session speaks from an address of its own in 127/8, all of them from one socket. --keep:
 * sessions stay, each has sent one record. --echo: the same datagrams without any meaning, for a
 * server that only answers with as many octets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtls_client.h"
#include "fleet.h"

enum {
    WINDOW_MAX = 4096,
    PATIENCE_US = 1000000,
    CHECK_EVERY = 64, /* of so many servers' Finished one is opened and compared */
    ECHO_STEPS = 3,
    DATAGRAM = 512,
};
/* Octets of our datagrams, in their order; --echo sends as many. */
static const size_t echo_len[ECHO_STEPS + 1] = { 83, 100, 125, 39 };

struct client {
    struct dtls_client dtls; /* with --echo, awaits alone is used */
    uint32_t number; /* which address: the client's place in the window, and its turns */
    uint32_t turn;
    uint64_t begun_us;
};

static struct {
    struct client clients[WINDOW_MAX];
    uint32_t window;
    uint64_t count_wanted, begun;
    bool keep, echo;
    double seconds, warm_up;
    struct bench_fleet fleet;
    struct bench_meter meter;
} load = { .window = 64, .seconds = 2, .warm_up = 0.5 };

static const char psk[] = "0123456789abcdef0123456789abcdef";
static const char identity[] = "00112233445566778899aabbccddeeff";

/* ---- one client ---- */

static void send_datagram(const struct client *c, struct lk_span octets)
{
    bench_fleet_send(&load.fleet, c->number, octets);
}

/* The end of a session, or, of one that stays, a record of what it might say. */
static void send_end(struct client *c)
{
    uint8_t octets[DATAGRAM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (load.keep)
        dtls_client_seal(&c->dtls, &w, LK_DTLS_APPLICATION_DATA,
                         lk_span_text("a request of some thirty octets"));
    else
        dtls_client_seal(&c->dtls, &w, LK_DTLS_ALERT, lk_span_of("\1\0", 2));
    send_datagram(c, lk_writer_span(&w));
}

static void send_echo(const struct client *c, unsigned step)
{
    static uint8_t octets[256];

    octets[0] = (uint8_t)step;
    send_datagram(c, lk_span_of(octets, echo_len[step]));
}

static void begin(struct client *c)
{
    uint8_t octets[DATAGRAM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (load.count_wanted > 0 && load.begun == load.count_wanted) {
        c->dtls.awaits = DTLS_IDLE;
        return;
    }
    load.begun++;
    c->number = (uint32_t)(c - load.clients) + load.window * c->turn;
    c->turn = (c->turn + 1) % (BENCH_ADDRESSES / load.window);
    c->begun_us = bench_now_us();
    c->dtls.awaits = DTLS_COOKIE;
    if (load.echo) {
        send_echo(c, 0);
        return;
    }
    c->dtls.check = c->number % CHECK_EVERY == 0;
    c->dtls.psk = lk_span_text(psk);
    c->dtls.identity = lk_span_text(identity);
    dtls_client_begin(&c->dtls, &w, &load.fleet.entropy);
    send_datagram(c, lk_writer_span(&w));
}

static void finish(struct client *c)
{
    bench_meter_add(&load.meter, c->begun_us);
    if (load.echo)
        send_echo(c, ECHO_STEPS);
    else
        send_end(c);
    begin(c);
}

static void give_up(struct client *c)
{
    load.meter.errors++;
    begin(c);
}

static void on_datagram(uint32_t number, struct lk_span octets)
{
    struct client *c = &load.clients[number % load.window];
    uint8_t answer[DATAGRAM];
    struct lk_writer w = lk_writer_of(answer, sizeof answer);
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;
    bool genuine = true;

    if (c->number != number || c->dtls.awaits == DTLS_IDLE)
        return;
    if (load.echo) {
        if (c->dtls.awaits == DTLS_PROOF)
            finish(c);
        else
            send_echo(c, (unsigned)c->dtls.awaits++);
        return;
    }
    while (r.left > 0 && genuine && lk_dtls_record_get(&record, &r) == LK_OK)
        genuine = dtls_client_record(&c->dtls, &w, &record);
    if (w.len > 0)
        send_datagram(c, lk_writer_span(&w));
    if (!genuine)
        give_up(c);
    else if (c->dtls.awaits == DTLS_UP)
        finish(c);
}

/* ---- the loop ---- */

static bool is_over(uint64_t end)
{
    if (load.count_wanted == 0)
        return bench_now_us() >= end;
    for (uint32_t i = 0; i < load.window; i++)
        if (load.clients[i].dtls.awaits != DTLS_IDLE)
            return false;
    return true;
}

static void run_for(double seconds)
{
    uint64_t end = bench_now_us() + (uint64_t)(seconds * 1e6);

    bench_meter_begin(&load.meter);
    while (!is_over(end)) {
        if (bench_fleet_turn(&load.fleet, on_datagram))
            continue;
        for (uint32_t i = 0; i < load.window; i++)
            if (load.clients[i].dtls.awaits != DTLS_IDLE &&
                bench_now_us() - load.clients[i].begun_us > PATIENCE_US)
                give_up(&load.clients[i]);
    }
    bench_fleet_flush(&load.fleet);
}

static bool read_words(int count, char **word)
{
    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--keep") == 0)
            load.keep = true;
        else if (strcmp(word[i], "--echo") == 0)
            load.echo = true;
        else if (i + 1 == count)
            return false;
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--seconds") == 0)
            load.seconds = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--warm-up") == 0)
            load.warm_up = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--count") == 0)
            load.count_wanted = strtoull(word[++i], NULL, 10);
        else
            return false;
    }
    return count > 1 && load.window > 0 && load.window <= WINDOW_MAX;
}

int main(int count, char **word)
{
    if (!read_words(count, word))
        return 2;
    if (!bench_fleet_open(&load.fleet, (uint16_t)strtoul(word[1], NULL, 10)))
        return 3;
    for (uint32_t i = 0; i < load.window; i++)
        begin(&load.clients[i]);
    if (load.count_wanted == 0)
        run_for(load.warm_up);
    run_for(load.seconds);
    bench_meter_report(&load.meter);
    return 0;
}
