/* The mobile nodes of the bench: who they are, and their keys; generator, floor and the file of the
 * home agent's associations agree on it. */
#ifndef LK_BENCH_MIP_NODES_H
#define LK_BENCH_MIP_NODES_H

#include <stdio.h>

#include "keys/mip.h"

enum {
    BENCH_NODE_DIGITS = 15,
    BENCH_NODE_KEY = sizeof "key-of-001010000000000" - 1,
    BENCH_NODE_SPI = 256,
};

static inline void bench_node_digits(char digits[BENCH_NODE_DIGITS + 1], uint32_t number)
{
    (void)snprintf(digits, BENCH_NODE_DIGITS + 1, "00101%010u", number);
}

static inline void bench_node_key(struct lk_mip_association *with, const void *digits)
{
    char key[BENCH_NODE_KEY + 1];
    enum lk_status status;

    (void)snprintf(key, sizeof key, "key-of-%.15s", (const char *)digits);
    *with = (struct lk_mip_association){ .spi = BENCH_NODE_SPI, .algorithm = LK_MIP_HMAC_SHA256 };
    status = lk_mip_secret_set(&with->secret, lk_span_text(key));
    LK_ASSERT(status == LK_OK);
}

#endif
