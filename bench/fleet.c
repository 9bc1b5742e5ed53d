#include "fleet.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { WAIT_MS = 100 };

bool bench_fleet_open(struct bench_fleet *fleet, uint16_t port)
{
    return bench_fleet_open_from(fleet, 0, port);
}

bool bench_fleet_open_from(struct bench_fleet *fleet, uint16_t local, uint16_t port)
{
    struct lk_address any = lk_address_v4((const uint8_t[4]){ 0 });
    struct lk_address server = lk_address_v4((const uint8_t[4]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];

    if (lk_datagram_socket(&fleet->fd, &any, local, error) != LK_OK)
        return false;
    fleet->in = lk_datagrams_new();
    fleet->out = lk_datagrams_new();
    fleet->server = lk_datagram_to(fleet->fd, &server, port);
    fleet->server.has_local = true;
    return fleet->in != NULL && fleet->out != NULL;
}

void bench_fleet_address(uint8_t address[4], uint32_t number)
{
    address[0] = 127;
    address[1] = (uint8_t)(2 + (number >> 16));
    address[2] = (uint8_t)(number >> 8);
    address[3] = (uint8_t)number;
}

void bench_fleet_send(struct bench_fleet *fleet, uint32_t number, struct lk_span octets)
{
    struct lk_datagram_peer to = fleet->server;
    uint8_t *local = to.local.ipi6_addr.s6_addr;

    local[10] = local[11] = 0xff;
    bench_fleet_address(local + 12, number);
    lk_datagrams_put(fleet->out, &to, octets);
}

bool bench_fleet_turn(struct bench_fleet *fleet,
                      void (*on_datagram)(uint32_t number, struct lk_span octets))
{
    struct pollfd ready = { .fd = fleet->fd, .events = POLLIN };
    size_t count;

    bench_fleet_flush(fleet);
    if (poll(&ready, 1, WAIT_MS) == 0)
        return false;
    count = lk_datagrams_receive(fleet->in, fleet->fd);
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer from;
        struct lk_span octets = lk_datagrams_at(fleet->in, i, &from);
        const uint8_t *local = from.local.ipi6_addr.s6_addr;

        on_datagram((uint32_t)(local[13] - 2) << 16 | (uint32_t)local[14] << 8 | local[15],
                    octets);
    }
    return true;
}

void bench_fleet_flush(struct bench_fleet *fleet)
{
    (void)lk_datagrams_send(fleet->out);
}

/* ---- what is counted ---- */

/* Seconds that this process had a core. */
static double busy_s(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

uint64_t bench_now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void bench_meter_begin(struct bench_meter *meter)
{
    meter->done = meter->errors = 0;
    meter->since_us = bench_now_us();
    meter->busy_since = busy_s();
}

void bench_meter_add(struct bench_meter *meter, uint64_t begun_us)
{
    meter->latency[meter->done++ % BENCH_LATENCIES] = (uint32_t)(bench_now_us() - begun_us);
}

static int by_size(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

void bench_meter_report(struct bench_meter *meter)
{
    double seconds = (double)(bench_now_us() - meter->since_us) / 1e6;
    double busy = busy_s() - meter->busy_since;
    size_t kept = meter->done < BENCH_LATENCIES ? (size_t)meter->done : BENCH_LATENCIES;

    qsort(meter->latency, kept, sizeof meter->latency[0], by_size);
    printf("{\"done\": %llu, \"rate\": %.0f, \"errors\": %llu, \"p50_us\": %u, \"p99_us\": %u, "
           "\"busy\": %.3f}\n",
           (unsigned long long)meter->done, (double)meter->done / seconds,
           (unsigned long long)meter->errors, kept > 0 ? meter->latency[kept / 2] : 0,
           kept > 0 ? meter->latency[kept * 99 / 100] : 0, busy / seconds);
    (void)fflush(stdout);
}
