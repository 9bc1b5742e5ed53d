#include "base/ntp.h"

enum { SECOND_MS = 1000 };
static const uint64_t unix_epoch_s = UINT64_C(2208988800); /* of 1970, since 1900 */
static const uint64_t era_s = UINT64_C(1) << 32;

/* spec: RFC 5905 6 - seconds since 1900 and a binary fraction, upwards, so that the way back finds
 * the millisecond. */
uint64_t lk_ntp_of(uint64_t ms, uint32_t spare)
{
    uint64_t seconds = ms / SECOND_MS + unix_epoch_s;
    uint64_t fraction = ((ms % SECOND_MS << 32) + SECOND_MS - 1) / SECOND_MS;

    return seconds << 32 | (fraction + (spare & LK_NTP_SPARE));
}

uint64_t lk_ntp_ms(uint64_t ntp)
{
    uint64_t seconds = ntp >> 32;

    /* spec: RFC 5905 6 - with the first bit clear it is the era that begins in 2036. */
    if (seconds < era_s / 2)
        seconds += era_s;
    return (seconds - unix_epoch_s) * SECOND_MS + ((ntp & 0xffffffff) * SECOND_MS >> 32);
}
