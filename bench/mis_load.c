/* N2N_Prereg_Xfer requests a second: a serving PoS that hands over mobile nodes, one after another,
 * over a link of TLS with certificates of both ends.
 *
 *     mis_load PORT FOLDER [--window N] [--seconds S] [--warm-up S]
 *     mis_load --home-key            the public key of the bench's home, for a PoS's configuration
 *
 * FOLDER: certificates of `a`, who this is, and the CA of both; at PORT is `b`. As many mobile
 * nodes as the window is wide, each announced again as soon as it was answered, with a Nonce-T of
 * its own; none of them ever comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "mis_offer.h"
#include "wire/mis.h"

enum { WINDOW_MAX = 1024, INPUT = 2 * LK_STREAM_READ, MS = 1000 };

static struct {
    struct bench_offer offer[WINDOW_MAX];
    uint64_t begun_us[WINDOW_MAX];
    uint32_t window;
    struct lk_streams *streams;
    uint64_t link;
    struct lk_entropy entropy;
    struct bench_meter meter;
    uv_loop_t loop;
    uv_timer_t warm, end;
    uint64_t warm_ms, run_ms;
    bool over;
    size_t len;
    uint8_t input[INPUT];
} load = { .window = 64, .warm_ms = 500, .run_ms = 5000 };

static void announce(uint32_t slot)
{
    struct bench_offer *offer = &load.offer[slot];
    uint16_t tid = (uint16_t)(slot + 1);

    offer->octets[BENCH_TID_AT] = (uint8_t)(tid >> 8);
    offer->octets[BENCH_TID_AT + 1] = (uint8_t)tid;
    lk_entropy_take(&load.entropy, offer->octets + offer->nonce_at, LK_MIS_NONCE_LEN);
    load.begun_us[slot] = bench_now_us();
    if (lk_stream_send(load.streams, load.link, lk_span_of(offer->octets, offer->len)) != LK_OK)
        load.meter.errors++;
}

static void answered(struct lk_span octets)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;
    enum lk_status status = lk_mis_decode(&pdu, octets, &lk_mis_codes_default);
    uint32_t slot;

    if (status == LK_OK)
        status = lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default);
    if (status != LK_OK || pdu.header.tid == 0 || pdu.header.tid > load.window) {
        load.meter.errors++;
        return;
    }
    slot = pdu.header.tid - 1u;
    if (m.status != LK_MIS_SUCCESS || !lk_mis_has(&m, LK_MIS_TLV_AUTH_VALUE))
        load.meter.errors++;
    else
        bench_meter_add(&load.meter, load.begun_us[slot]);
    if (!load.over)
        announce(slot);
}

/* ---- the link ---- */

static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    (void)context;
    (void)peer;
    (void)tag;
    load.link = id;
    for (uint32_t slot = 0; slot < load.window; slot++)
        announce(slot);
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    size_t at = 0, len;

    (void)context;
    (void)id;
    LK_ASSERT(load.len + octets.len <= sizeof load.input);
    memcpy(load.input + load.len, octets.at, octets.len);
    load.len += octets.len;
    while ((len = bench_message_len(lk_span_of(load.input + at, load.len - at))) > 0) {
        answered(lk_span_of(load.input + at, len));
        at += len;
    }
    memmove(load.input, load.input + at, load.len - at);
    load.len -= at;
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    (void)context;
    (void)id;
    (void)peer;
    (void)fprintf(stderr, "the link: %s (%s)\n", lk_stream_down_name(why), detail);
    exit(3);
}

static void on_warm(uv_timer_t *timer)
{
    (void)timer;
    bench_meter_begin(&load.meter);
}

static void on_end(uv_timer_t *timer)
{
    (void)timer;
    load.over = true;
    bench_meter_report(&load.meter);
    exit(0);
}

static void begin(const char *port, const char *folder)
{
    struct lk_peer peer = { lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 }),
                                   (uint16_t)strtoul(port, NULL, 10) };
    struct lk_streams_setup setup;
    uint64_t id;

    LK_ASSERT(uv_loop_init(&load.loop) == 0);
    lk_streams_setup_defaults(&setup);
    setup.calls = (struct lk_stream_calls){ NULL, NULL, on_up, on_octets, on_down };
    setup.trust = bench_trust(folder, "a");
    load.streams = lk_streams_new(&load.loop, &setup);
    LK_ASSERT(load.streams != NULL);
    if (lk_stream_dial(&id, load.streams, &peer, "b", 0) != LK_OK)
        exit(3);
    bench_meter_begin(&load.meter);
    (void)uv_timer_init(&load.loop, &load.warm);
    (void)uv_timer_init(&load.loop, &load.end);
    (void)uv_timer_start(&load.warm, on_warm, load.warm_ms, 0);
    (void)uv_timer_start(&load.end, on_end, load.warm_ms + load.run_ms, 0);
}

static int say_home_key(void)
{
    struct lk_home_key key;

    bench_home_key(&key);
    for (size_t i = 0; i < sizeof key.octets; i++)
        printf("%02x", key.octets[i]);
    printf("\n");
    return 0;
}

int main(int count, char **word)
{
    if (count == 2 && strcmp(word[1], "--home-key") == 0)
        return say_home_key();
    if (count < 3)
        return 2;
    for (int i = 3; i + 1 < count; i += 2) {
        if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[i + 1], NULL, 10);
        else if (strcmp(word[i], "--seconds") == 0)
            load.run_ms = (uint64_t)(strtod(word[i + 1], NULL) * MS);
        else if (strcmp(word[i], "--warm-up") == 0)
            load.warm_ms = (uint64_t)(strtod(word[i + 1], NULL) * MS);
        else
            return 2;
    }
    if (load.window == 0 || load.window > WINDOW_MAX)
        return 2;
    for (uint32_t slot = 0; slot < load.window; slot++)
        bench_offer_make(&load.offer[slot], slot);
    begin(word[1], word[2]);
    return uv_run(&load.loop, UV_RUN_DEFAULT);
}
