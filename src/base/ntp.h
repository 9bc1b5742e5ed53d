/* Time as NTP has it in 64 bits: seconds since 1900 in the high half, fractions in the low. For
 * the identification of Mobile IPv4 and MESG-ID of MIPv6. */
#ifndef LK_BASE_NTP_H
#define LK_BASE_NTP_H

#include <stdint.h>

enum { LK_NTP_SPARE = (1 << 22) - 1 }; /* low bits that a millisecond leaves over */

/* Milliseconds since 1970; in the low bits what is in those of spare, which may be anything. */
uint64_t lk_ntp_of(uint64_t ms, uint32_t spare);
/* And back to the same. The half of the era that begins in 1968, then the next, to 2104. */
uint64_t lk_ntp_ms(uint64_t ntp);

#endif
