#include "base/checksum.h"

uint32_t lk_checksum_add(uint32_t sum, struct lk_span octets)
{
    for (size_t i = 0; i < octets.len; i++)
        sum += (uint32_t)octets.at[i] << (i % 2 == 0 ? 8 : 0);
    return sum;
}

uint16_t lk_checksum_of(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
