/* A device of LTE-WLAN aggregation (node/lwa_device) on the air of a WT, 802.11 frames in UDP, with
 * an eNB's RRC made by hand within: what system tests of the WT drive by lines.
 *
 *   lwa_phone WT-PORT PORT MAC AKM       both ports on 127.0.0.1
 *
 * Words come on standard input, one a line:
 *   context OCTET        a new context, of a KASME of that octet
 *   key COUNTER          "pmk HEX", that it would have with that counter
 *   setup COUNTER        LWA is set up: it associates
 *   counter COUNTER      a new counter
 *   release              LWA is released
 *   up DRB HEX           data for the WLAN
 *   move PORT            from now on it is there
 *   quit
 * Events: fact NAME CODE; down DRB HEX; frame HEX, sent by it; refusal REASON; report STATUS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/hex.h"
#include "base/station.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "lwa_enb_double.h"
#include "node/lwa_device.h"

enum { LINE_MAX_LEN = 8192, WORDS_MAX = 3 };

static struct {
    uv_loop_t loop;
    uv_poll_t input, air;
    uv_timer_t wake;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
    struct lk_lwa_device device;
    struct lk_lwa_device_config config;
    struct lk_lwa_device_outbox outbox;
    struct lwa_enb enb;
    int fd;
    uint16_t wt_port;
    char line[LINE_MAX_LEN];
    size_t line_len;
} all;

static void give(struct lk_lwa_device_event *event);

static void fail(const char *what)
{
    (void)printf("cannot %s\n", what);
    exit(1);
}

static struct lk_address loopback(void)
{
    static const uint8_t octets[] = { 127, 0, 0, 1 };

    return lk_address_v4(octets);
}

static void say_octets(const char *word, struct lk_span octets)
{
    (void)printf("%s ", word);
    for (size_t i = 0; i < octets.len; i++)
        (void)printf("%02x", octets.at[i]);
    (void)printf("\n");
}

/* ---- what the device says ---- */

static void on_wake(uv_timer_t *timer)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_EXPIRED };

    (void)timer;
    give(&event);
}

static void set_wake(uint64_t at_ms)
{
    uint64_t now_ms = uv_hrtime() / 1000000;

    uv_update_time(&all.loop);
    if (at_ms == LK_LWA_DEVICE_NEVER)
        (void)uv_timer_stop(&all.wake);
    else
        (void)uv_timer_start(&all.wake, on_wake, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

static void hear_rrc(struct lk_span pdu)
{
    struct lk_rrc_uplink said = lwa_hear(&all.enb, pdu);

    if (said.type == LK_RRC_COMPLETE)
        (void)printf("complete\n");
    else
        (void)printf("report %d\n", (int)said.status);
}

static void carry_out(const struct lk_lwa_device_output *item)
{
    static const char *const facts[] = {
        [LK_LWA_DEVICE_ASSOCIATED] = "associated", [LK_LWA_DEVICE_KEYED] = "keyed",
        [LK_LWA_DEVICE_REKEYED] = "rekeyed", [LK_LWA_DEVICE_DEAUTHENTICATED] = "deauthenticated",
        [LK_LWA_DEVICE_LEFT] = "left", [LK_LWA_DEVICE_USABLE] = "usable",
        [LK_LWA_DEVICE_UNUSABLE] = "unusable",
    };
    struct lk_address wt = loopback();
    struct lk_datagram_peer peer;
    char word[16];

    switch (item->kind) {
    case LK_LWA_DEVICE_OUT_RRC: hear_rrc(item->send); break;
    case LK_LWA_DEVICE_OUT_FRAME:
        peer = lk_datagram_to(all.fd, &wt, all.wt_port);
        lk_datagrams_put(all.out, &peer, item->send);
        say_octets("frame", item->send);
        break;
    case LK_LWA_DEVICE_OUT_DATA_DOWN:
        (void)snprintf(word, sizeof word, "down %u", item->down.drb);
        say_octets(word, item->down.pdu);
        break;
    case LK_LWA_DEVICE_OUT_FACT:
        (void)printf("fact %s %u\n", facts[item->fact.what], item->fact.code);
        break;
    case LK_LWA_DEVICE_OUT_WAKE: set_wake(item->wake_ms); break;
    case LK_LWA_DEVICE_OUT_REFUSAL:
    case LK_LWA_DEVICE_OUT_NOTICE:
        (void)printf("refusal %s\n", lk_reason_row(item->why.reason)->code);
        break;
    }
}

static void give(struct lk_lwa_device_event *event)
{
    event->now_ms = uv_hrtime() / 1000000;
    lk_entropy_take(&all.entropy, event->entropy, sizeof event->entropy);
    (void)(lk_lwa_device_step(&all.device, &all.config, event, &all.outbox) == LK_OK);
    for (size_t i = 0; i < all.outbox.count; i++)
        carry_out(&all.outbox.item[i]);
    (void)lk_datagrams_send(all.out);
}

static void on_air(uv_poll_t *poll, int status, int events)
{
    size_t count = lk_datagrams_receive(all.in, all.fd);
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_FRAME };
    struct lk_datagram_peer peer;

    (void)poll;
    (void)status;
    (void)events;
    for (size_t i = 0; i < count; i++) {
        event.octets = lk_datagrams_at(all.in, i, &peer);
        give(&event);
    }
}

/* ---- words ---- */

static void listen_at(uint16_t port)
{
    struct lk_address own = loopback();
    char error[LK_SOCKET_ERROR_TEXT];

    if (lk_datagram_socket(&all.fd, &own, port, error) != LK_OK)
        fail(error);
    (void)uv_poll_init(&all.loop, &all.air, all.fd);
    (void)uv_poll_start(&all.air, UV_READABLE, on_air);
}

static void on_moved(uv_handle_t *handle)
{
    int *port = handle->data;

    (void)close(all.fd);
    listen_at((uint16_t)*port);
    (void)printf("moved\n");
}

static void move_to(int to)
{
    static int port;

    port = to;
    all.air.data = &port;
    uv_close((uv_handle_t *)&all.air, on_moved);
}

static void ask(struct lk_rrc_reconfiguration question)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_RRC };

    event.octets = lwa_ask(&all.enb, &question);
    give(&event);
}

static void tell_key(unsigned long counter)
{
    struct lk_pmk pmk = lwa_pmk(&all.enb, (uint16_t)counter);

    say_octets("pmk", LK_SPAN(pmk.octets));
}

static void begin_context(unsigned long octet)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_CONTEXT };

    lwa_enb_begin(&all.enb, (uint8_t)octet);
    event.context = lwa_enb_context(&all.enb);
    give(&event);
}

static void send_up(const char *drb, const char *hex)
{
    static uint8_t octets[LK_LWA_DEVICE_PDU_MAX];
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_DATA_UP };
    size_t len = 0;

    if (lk_hex_decode(octets, sizeof octets, &len, lk_span_text(hex)) != LK_OK)
        fail("read the data");
    event.up.drb = (uint8_t)strtoul(drb, NULL, 10);
    event.up.pdu = lk_span_of(octets, len);
    give(&event);
}

static void obey(char *line)
{
    char *word[WORDS_MAX] = { NULL }, *rest = NULL;
    size_t count = 0;
    unsigned long number;

    for (char *w = strtok_r(line, " ", &rest); w != NULL && count < WORDS_MAX;
         w = strtok_r(NULL, " ", &rest))
        word[count++] = w;
    number = count > 1 ? strtoul(word[1], NULL, 10) : 0;
    if (count == 0)
        return;
    if (strcmp(word[0], "context") == 0)
        begin_context(number);
    else if (strcmp(word[0], "key") == 0)
        tell_key(number);
    else if (strcmp(word[0], "setup") == 0)
        ask(lwa_set_up((uint16_t)number));
    else if (strcmp(word[0], "counter") == 0)
        ask(lwa_rekey((uint16_t)number));
    else if (strcmp(word[0], "release") == 0)
        ask(lwa_release());
    else if (strcmp(word[0], "up") == 0 && count == 3)
        send_up(word[1], word[2]);
    else if (strcmp(word[0], "move") == 0)
        move_to((int)number);
    else if (strcmp(word[0], "quit") == 0)
        uv_stop(&all.loop);
}

static void on_input(uv_poll_t *poll, int status, int events)
{
    ssize_t got = read(STDIN_FILENO, all.line + all.line_len, sizeof all.line - all.line_len - 1);
    char *end;

    (void)poll;
    (void)status;
    (void)events;
    if (got <= 0) {
        uv_stop(&all.loop);
        return;
    }
    all.line_len += (size_t)got;
    all.line[all.line_len] = '\0';
    while ((end = strchr(all.line, '\n')) != NULL) {
        *end = '\0';
        obey(all.line);
        all.line_len -= (size_t)(end + 1 - all.line);
        memmove(all.line, end + 1, all.line_len + 1);
    }
}

int main(int argc, char **argv)
{
    uint8_t mac[LK_STATION_LEN];

    if (argc != 5 || lk_station_parse(mac, lk_span_text(argv[3])) != LK_OK)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    all.wt_port = (uint16_t)strtoul(argv[1], NULL, 10);
    all.in = lk_datagrams_new();
    all.out = lk_datagrams_new();
    if (all.in == NULL || all.out == NULL)
        fail("have memory");
    lk_lwa_device_defaults(&all.config);
    all.config.rsn.akm = (enum lk_akm)strtoul(argv[4], NULL, 10);
    lk_lwa_device_init(&all.device, mac);
    (void)uv_loop_init(&all.loop);
    (void)uv_timer_init(&all.loop, &all.wake);
    (void)uv_poll_init(&all.loop, &all.input, STDIN_FILENO);
    (void)uv_poll_start(&all.input, UV_READABLE, on_input);
    listen_at((uint16_t)strtoul(argv[2], NULL, 10));
    (void)printf("ready\n");
    (void)uv_run(&all.loop, UV_RUN_DEFAULT);
    lk_lwa_device_wipe(&all.device);
    return 0;
}
