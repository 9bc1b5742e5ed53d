/* Whether two clocks agree well enough. */
#ifndef LK_BASE_WINDOW_H
#define LK_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

static inline bool lk_within(uint64_t a, uint64_t b, uint64_t distance)
{
    return a > b ? a - b <= distance : b - a <= distance;
}

#endif
