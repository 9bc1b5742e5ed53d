/* Many devices at one socket, each with an address of its own in 127/8, and what a generator of
 * load counts of them. */
#ifndef LK_BENCH_FLEET_H
#define LK_BENCH_FLEET_H

#include "io/datagrams.h"
#include "io/entropy.h"

enum { BENCH_ADDRESSES = 1 << 22, BENCH_LATENCIES = 1 << 20 };

struct bench_fleet {
    int fd;
    struct lk_datagram_peer server;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
};

/* Towards that port of 127.0.0.1. */
LK_MUST_CHECK bool bench_fleet_open(struct bench_fleet *fleet, uint16_t port);
/* local: our own; 0: any. */
LK_MUST_CHECK bool bench_fleet_open_from(struct bench_fleet *fleet, uint16_t local, uint16_t port);
/* From the address of that number, at most BENCH_ADDRESSES; it leaves with the next turn. */
void bench_fleet_send(struct bench_fleet *fleet, uint32_t number, struct lk_span octets);
/* That address. */
void bench_fleet_address(uint8_t address[4], uint32_t number);
/* Sends what waits, and hands on what came. False: nothing came for a tenth of a second. */
bool bench_fleet_turn(struct bench_fleet *fleet,
                      void (*on_datagram)(uint32_t number, struct lk_span octets));
void bench_fleet_flush(struct bench_fleet *fleet);

struct bench_meter {
    uint64_t done, errors;
    uint64_t since_us;
    double busy_since;
    uint32_t latency[BENCH_LATENCIES];
};

uint64_t bench_now_us(void);
void bench_meter_begin(struct bench_meter *meter);
void bench_meter_add(struct bench_meter *meter, uint64_t begun_us);
/* One line of JSON: how many, how fast, and what of its core the generator used for it. */
void bench_meter_report(struct bench_meter *meter);

#endif
