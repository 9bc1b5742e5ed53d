#include "proto/mip/mn_time.h"

#include "base/ntp.h"

uint64_t lk_mip_mn_wait_ms(uint32_t first_ms, uint32_t last_ms, unsigned tries)
{
    uint64_t wait = first_ms;

    for (unsigned i = 1; i < tries && wait < last_ms; i++)
        wait *= 2;
    return wait < last_ms ? wait : last_ms;
}

uint64_t lk_mip_mn_renewal_ms(uint64_t now_ms, uint64_t bound_until_ms, uint64_t key_ends_ms)
{
    uint64_t end_ms = bound_until_ms < key_ends_ms ? bound_until_ms : key_ends_ms;
    uint64_t half_ms = end_ms > now_ms ? (end_ms - now_ms) / 2 : 0;

    return now_ms + (half_ms > LK_MIP_MN_SECOND_MS ? half_ms : LK_MIP_MN_SECOND_MS);
}

int64_t lk_mip_mn_clock_ms(uint64_t theirs, uint64_t now_ms)
{
    uint64_t second_ms = lk_ntp_ms(theirs >> 32 << 32);

    return (int64_t)(second_ms + LK_MIP_MN_SECOND_MS - 1 - now_ms);
}

uint64_t lk_mip_mn_identification(uint64_t now_ms, int64_t clock_ms, uint32_t spare,
                                  uint64_t last, bool corrected)
{
    uint64_t next = lk_ntp_of(now_ms + (uint64_t)clock_ms, spare);

    return next <= last && !corrected ? last + 1 : next;
}
