#include "base/checksum.h"

static uint64_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Four octets at a time: whichever of the two halves a carry falls into, it counts the same. */
uint32_t lk_checksum_add(uint32_t sum, struct lk_span octets)
{
    uint64_t words = 0;
    size_t i = 0;

    for (; octets.len - i >= 4; i += 4)
        words += word(octets.at + i);
    for (; i < octets.len; i++)
        sum += (uint32_t)octets.at[i] << (i % 2 == 0 ? 8 : 0);
    while (words >> 16 != 0)
        words = (words & 0xffff) + (words >> 16);
    return sum + (uint32_t)words;
}

uint16_t lk_checksum_of(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
