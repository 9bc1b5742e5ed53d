/* A hash for tables in memory. Where strangers choose what goes in, start is random and secret, and
 * so is factor where they may try for long; else LK_HASH_FACTOR. Any of its bits will do. */
#ifndef LK_BASE_HASH_H
#define LK_BASE_HASH_H

#include "base/octets.h"

#define LK_HASH_FACTOR UINT64_C(0x100000001b3)

/* The hash of what came before is a start for what comes behind it. An even factor counts as the
 * odd one next to it. */
uint64_t lk_hash(uint64_t start, uint64_t factor, struct lk_span octets);

#endif
