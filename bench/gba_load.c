/* Devices at Ub: bootstraps a second, two requests of HTTP each, over connections that stay.
 *
 *     gba_load PORT K OPC FIRST_IMSI SUBSCRIBERS WINDOW SECONDS [floor]
 *
 * WINDOW connections, one bootstrapping at a time on each, each of the next subscriber. A device is
 * the machine of the UE with Milenage as its card. floor: the pages are the same for all, so the
 * second answer proves nothing, and counts by its status. Half a second warms up. One line of
 * JSON. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/aka.h"
#include "fleet.h"
#include "proto/gba/ue.h"

enum { WINDOW_MAX = 64, ROOM = 4096, WARM_UP_US = 500000, DIGITS = 15 };
#define BSF "bsf.mnc001.mcc001.pub.3gppnetwork.org"
#define REALM "ims.mnc001.mcc001.3gppnetwork.org"

struct device {
    int fd;
    struct lk_gba_ue ue;
    uint64_t begun_us;
    size_t len;
    char octets[ROOM];
};

static struct {
    struct device device[WINDOW_MAX];
    struct lk_gba_ue_config config;
    struct lk_aka_card card;
    uint64_t first, next, subscribers, drawn;
    struct bench_meter meter;
    bool floor;
} load;

static void must(bool right, const char *what)
{
    if (right)
        return;
    perror(what);
    exit(1);
}

/* ---- a device ---- */

static void say(struct device *d, struct lk_span authorization)
{
    char text[ROOM];
    int len = snprintf(text, sizeof text,
                       "GET / HTTP/1.1\r\nHost: " BSF "\r\nUser-Agent: bench 3gpp-gba-tmpi\r\n"
                       "Authorization: %.*s\r\n\r\n",
                       (int)authorization.len, (const char *)authorization.at);

    must(len > 0 && (size_t)len < sizeof text && write(d->fd, text, (size_t)len) == len, "write");
}

static void begin(struct device *d);

static void done(struct device *d, bool right)
{
    if (!right)
        load.meter.errors++;
    bench_meter_add(&load.meter, d->begun_us);
    begin(d);
}

static void card_answers(struct device *d, const uint8_t rand[LK_RAND_LEN]);

static void step(struct device *d, struct lk_gba_ue_event *event)
{
    struct lk_gba_ue_outbox out;
    const struct lk_gba_ue_output *is;

    memcpy(event->entropy, &load.drawn, sizeof load.drawn);
    load.drawn++;
    if (lk_gba_ue_step(&d->ue, &load.config, event, &out) != LK_OK) {
        done(d, false);
        return;
    }
    if ((is = lk_gba_ue_outbox_find(&out, LK_GBA_UE_OUT_SEND)) != NULL)
        say(d, is->send);
    else if ((is = lk_gba_ue_outbox_find(&out, LK_GBA_UE_OUT_ASK_CARD)) != NULL)
        card_answers(d, is->ask_card.rand);
    else
        done(d, lk_gba_ue_outbox_find(&out, LK_GBA_UE_OUT_READ) != NULL);
}

static void card_answers(struct device *d, const uint8_t rand[LK_RAND_LEN])
{
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_CARD, .card = { LK_CARD_OK } };

    lk_aka_f2345(&event.card.output, &load.card, rand);
    step(d, &event);
}

static void begin(struct device *d)
{
    char impi[LK_IMPI_MAX];
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_START };

    (void)snprintf(impi, sizeof impi, "%0*llu@" REALM, DIGITS,
                   (unsigned long long)(load.first + load.next++ % load.subscribers));
    event.start.impi = lk_span_text(impi);
    d->begun_us = bench_now_us();
    lk_gba_ue_init(&d->ue);
    step(d, &event);
}

/* ---- HTTP ---- */

static struct lk_span field(const char *head, const char *name)
{
    const char *at = strstr(head, name), *end = at == NULL ? NULL : strstr(at, "\r\n");

    return end == NULL ? lk_span_of(NULL, 0)
                       : lk_span_of((const uint8_t *)at + strlen(name),
                                    (size_t)(end - at) - strlen(name));
}

/* The whole answer, or not yet: then 0. */
static size_t answer_len(const struct device *d, size_t *head_len)
{
    const char *end = strstr(d->octets, "\r\n\r\n");
    struct lk_span len;

    if (end == NULL)
        return 0;
    *head_len = (size_t)(end - d->octets) + 4;
    len = field(d->octets, "Content-Length: ");
    must(len.len > 0, "an answer without Content-Length");
    return *head_len + strtoul((const char *)len.at, NULL, 10);
}

static void hear(struct device *d)
{
    ssize_t more = read(d->fd, d->octets + d->len, sizeof d->octets - 1 - d->len);
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_ANSWER };
    size_t head_len = 0, len;

    must(more > 0, "read");
    d->len += (size_t)more;
    d->octets[d->len] = '\0';
    len = answer_len(d, &head_len);
    if (len == 0 || d->len < len)
        return;
    d->len = 0;
    event.answer.status = (unsigned)strtoul(d->octets + sizeof "HTTP/1.1", NULL, 10);
    event.answer.challenge = field(d->octets, "WWW-Authenticate: ");
    event.answer.info = field(d->octets, "Authentication-Info: ");
    event.answer.body = lk_span_of((const uint8_t *)d->octets + head_len, len - head_len);
    if (load.floor && d->ue.state == LK_GBA_UE_AWAIT_RESULT)
        done(d, event.answer.status == 200);
    else
        step(d, &event);
}

static void connect_all(uint16_t port, unsigned window)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    for (unsigned i = 0; i < window; i++) {
        load.device[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        must(connect(load.device[i].fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
        begin(&load.device[i]);
    }
}

static void run_until(uint64_t end_us, unsigned window)
{
    struct pollfd ready[WINDOW_MAX];

    for (unsigned i = 0; i < window; i++)
        ready[i] = (struct pollfd){ .fd = load.device[i].fd, .events = POLLIN };
    while (bench_now_us() < end_us) {
        must(poll(ready, window, 1000) > 0, "no answer for a second");
        for (unsigned i = 0; i < window; i++)
            if (ready[i].revents != 0)
                hear(&load.device[i]);
    }
}

static void take_card(const char *k, const char *opc)
{
    load.card = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    for (int i = 0; i < 16; i++) {
        unsigned a = 0, b = 0;

        must(sscanf(k + 2 * i, "%2x", &a) == 1 && sscanf(opc + 2 * i, "%2x", &b) == 1, "K or OPC");
        load.card.k[i] = (uint8_t)a;
        load.card.topc[i] = (uint8_t)b;
    }
}

int main(int count, char **word)
{
    unsigned long window, seconds;

    if (count < 8 || strlen(word[2]) != 32 || strlen(word[3]) != 32)
        return 2;
    take_card(word[2], word[3]);
    load.first = strtoull(word[4], NULL, 10);
    load.subscribers = strtoull(word[5], NULL, 10);
    window = strtoul(word[6], NULL, 10);
    seconds = strtoul(word[7], NULL, 10);
    load.floor = count > 8;
    must(load.subscribers > 0 && window > 0 && window <= WINDOW_MAX, "SUBSCRIBERS or WINDOW");
    load.config = (struct lk_gba_ue_config){ lk_span_text(BSF), 1U << LK_GBA_AKAV1_MD5 };
    connect_all((uint16_t)strtoul(word[1], NULL, 10), (unsigned)window);
    run_until(bench_now_us() + WARM_UP_US, (unsigned)window);
    bench_meter_begin(&load.meter);
    run_until(bench_now_us() + seconds * 1000000, (unsigned)window);
    bench_meter_report(&load.meter);
    return 0;
}
