/* A hash for tables in memory. Where strangers choose what goes in, start is random and secret, and
 * so is factor where they may try for long; else LK_HASH_FACTOR. Any of its bits will do. */
#ifndef LK_BASE_HASH_H
#define LK_BASE_HASH_H

#include "base/octets.h"

#define LK_HASH_FACTOR UINT64_C(0x100000001b3)

/* The hash of what came before is a start for what comes behind it. An even factor counts as the
 * odd one next to it. */
uint64_t lk_hash(uint64_t start, uint64_t factor, struct lk_span octets);

/* The same of one number: several are looked up for each message, and for each record of a start.
 * Each of its bits comes into each of the hash (the finaliser of MurmurHash3). */
static inline uint64_t lk_hash_number(uint64_t start, uint64_t number)
{
    uint64_t hash = start ^ number;

    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

#endif
