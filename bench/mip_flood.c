/* Strangers at a home agent: Mobile IPv4 from everywhere, as fast as is asked for.
 *
 *     mip_flood PORT NAI [--rate N] [--seconds S]
 *
 * Datagrams come from four million addresses of 127/8 by turns, and are what a home agent could
 * take for honest: a request of a mobile node that it does not have; one of NAI, whose
 * authenticator nobody has made; one of NAI without any; a packet in the tunnel, of an address that
 * it may give out; and a deregistration of NAI. One line of JSON says what was sent, and what came
 * back. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ntp.h"
#include "fleet.h"
#include "wire/ip.h"
#include "wire/mip.h"

enum {
    KINDS = 5,
    DATAGRAM = 512,
    SOME = 64, /* datagrams at a time */
    US = 1000000,
    CARE_OF_AT = 12,
    IDENTIFICATION_AT = 16,
    DIGITS_AT = 24 + 2 + 1,
    DIGITS = 15,
    SPI = 256,
};

/* A message as it is, but for what is drawn. */
struct model {
    size_t len, mac_len;
    bool stranger; /* its NAI is drawn too */
    bool packet;
    uint8_t octets[DATAGRAM];
};

static struct {
    struct bench_fleet fleet;
    struct model model[KINDS];
    uint64_t state, sent, answers, rate, seconds;
    uint64_t since_1970_us; /* at the zero of our clock */
    const char *nai;
} flood = { .state = 0x9e3779b97f4a7c15, .seconds = 5 };

/* xorshift: quick is enough. */
static uint64_t draw(void)
{
    flood.state ^= flood.state << 13;
    flood.state ^= flood.state >> 7;
    flood.state ^= flood.state << 17;
    return flood.state;
}

/* ---- what is said ---- */

static void make_request(struct model *model, uint16_t lifetime_s, size_t mac_len)
{
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = lifetime_s,
        .agent = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 }),
    };
    struct lk_writer w = lk_writer_of(model->octets, sizeof model->octets - mac_len);

    lk_mip_request_put(&w, &request);
    lk_put_u8(&w, 131);
    lk_put_u8(&w, (uint8_t)strlen(flood.nai));
    lk_put_octets(&w, flood.nai, strlen(flood.nai));
    if (mac_len > 0) {
        lk_put_u8(&w, 32);
        lk_put_u8(&w, (uint8_t)(4 + mac_len));
        lk_put_be32(&w, SPI);
    }
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    model->len = w.len + mac_len;
    model->mac_len = mac_len;
}

static void make_packet(struct model *model)
{
    const struct lk_address source = lk_address_v4((const uint8_t[]){ 10, 100, 0, 1 });
    const struct lk_address destination = lk_address_v4((const uint8_t[]){ 10, 64, 0, 1 });
    static const uint8_t data[8] = { 0 };
    struct lk_writer w = lk_writer_of(model->octets, sizeof model->octets);
    enum lk_status status;

    lk_put_be32(&w, (uint32_t)LK_MIP_TUNNEL << 24 | LK_MIP_IN_IP << 16);
    status = lk_ip_ping(&w, &source, &destination, 1, 1, LK_SPAN(data));
    LK_ASSERT(status == LK_OK);
    model->len = w.len;
    model->packet = true;
}

static void make_models(void)
{
    make_request(&flood.model[0], 600, 32);
    flood.model[0].stranger = true;
    make_request(&flood.model[1], 600, 32);
    make_request(&flood.model[2], 600, 0);
    make_request(&flood.model[3], 0, 32);
    make_packet(&flood.model[4]);
}

static void put_be64(uint8_t *at, uint64_t value)
{
    for (size_t i = 0; i < sizeof value; i++)
        at[i] = (uint8_t)(value >> (56 - 8 * i));
}

static void become_another(struct model *model, uint32_t number)
{
    uint64_t us = bench_now_us() + flood.since_1970_us, digits = draw();

    if (model->packet)
        return;
    bench_fleet_address(model->octets + CARE_OF_AT, number);
    put_be64(model->octets + IDENTIFICATION_AT, lk_ntp_of(us / 1000, (uint32_t)draw() & 0x3fffff));
    for (size_t i = 0; model->stranger && i < DIGITS; i++, digits /= 10)
        model->octets[DIGITS_AT + i] = (uint8_t)('0' + digits % 10);
    for (size_t i = model->len - model->mac_len; i + 8 <= model->len; i += 8)
        put_be64(model->octets + i, draw());
}

static void say_one(void)
{
    struct model *model = &flood.model[flood.sent % KINDS];
    uint32_t number = (uint32_t)(draw() % BENCH_ADDRESSES);

    become_another(model, number);
    bench_fleet_send(&flood.fleet, number, lk_span_of(model->octets, model->len));
    flood.sent++;
}

static void run(void)
{
    uint64_t begun = bench_now_us(), end = begun + flood.seconds * US, now;

    while ((now = bench_now_us()) < end) {
        uint64_t due = (now - begun) * flood.rate / US;
        size_t some = 0;

        for (; flood.sent < due && some < SOME; some++)
            say_one();
        bench_fleet_flush(&flood.fleet);
        flood.answers += lk_datagrams_receive(flood.fleet.in, flood.fleet.fd);
        if (some == 0)
            (void)poll(NULL, 0, 1);
    }
    printf("{\"sent\": %llu, \"rate\": %.0f, \"answers\": %llu}\n", (unsigned long long)flood.sent,
           (double)flood.sent * US / (double)(bench_now_us() - begun),
           (unsigned long long)flood.answers);
}

int main(int count, char **word)
{
    struct timespec wall;

    if (count < 3)
        return 2;
    flood.nai = word[2];
    flood.rate = 10000;
    for (int i = 3; i + 1 < count; i += 2) {
        uint64_t value = strtoull(word[i + 1], NULL, 10);

        if (strcmp(word[i], "--rate") == 0)
            flood.rate = value;
        else if (strcmp(word[i], "--seconds") == 0)
            flood.seconds = value;
        else
            return 2;
    }
    if (strlen(flood.nai) > 200 || strlen(flood.nai) < 1 + DIGITS ||
        !bench_fleet_open(&flood.fleet, (uint16_t)strtoul(word[1], NULL, 10)))
        return 3;
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    flood.since_1970_us =
        (uint64_t)wall.tv_sec * US + (uint64_t)wall.tv_nsec / 1000 - bench_now_us();
    make_models();
    run();
    return 0;
}
