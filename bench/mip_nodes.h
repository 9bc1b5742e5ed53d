/* The mobile nodes of the bench: who they are, and their keys; generator, floor and the file of the
 * home agent's associations agree on it. Nothing here is formatted by libc: a floor that did so
 * would be no floor. */
#ifndef LK_BENCH_MIP_NODES_H
#define LK_BENCH_MIP_NODES_H

#include <string.h>

#include "proto/mip/msa.h"

enum {
    BENCH_NODE_DIGITS = 15,
    BENCH_NODE_SPI = 256,
};

static const char bench_node_realm[] = "@nai.epc.mnc001.mcc001.3gppnetwork.org";

static inline void bench_node_digits(char digits[BENCH_NODE_DIGITS + 1], uint32_t number)
{
    memcpy(digits, "001010000000000", BENCH_NODE_DIGITS + 1);
    for (size_t i = BENCH_NODE_DIGITS; number != 0; number /= 10)
        digits[--i] = (char)('0' + number % 10);
}

/* Its NAI is a 0, the digits and the realm. */
static inline size_t bench_node_nai(char nai[2 + BENCH_NODE_DIGITS + sizeof bench_node_realm],
                                    uint32_t number)
{
    nai[0] = '0';
    bench_node_digits(nai + 1, number);
    memcpy(nai + 1 + BENCH_NODE_DIGITS, bench_node_realm, sizeof bench_node_realm);
    return 1 + BENCH_NODE_DIGITS + sizeof bench_node_realm - 1;
}

static inline void bench_node_key(struct lk_mip_association *with, const void *digits,
                                  uint16_t algorithm)
{
    char key[] = "key-of-001010000000000";
    enum lk_status status;

    memcpy(key + 7, digits, BENCH_NODE_DIGITS);
    with->spi = BENCH_NODE_SPI;
    with->algorithm = algorithm;
    status = lk_mip_secret_set(&with->secret, lk_span_text(key));
    LK_ASSERT(status == LK_OK);
}

#endif
