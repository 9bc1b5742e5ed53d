/* When a mobile node asks, of either Mobile IP, and what it takes for the time. */
#ifndef LK_PROTO_MIP_MN_TIME_H
#define LK_PROTO_MIP_MN_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { LK_MIP_MN_SECOND_MS = 1000 };

/* How long it waits for an answer to what it has sent so many times: doubled from the first to the
 * last. */
uint64_t lk_mip_mn_wait_ms(uint32_t first_ms, uint32_t last_ms, unsigned tries);
/* When it renews: at half of what is left, of the binding or of its key; in a second at the
 * earliest. */
uint64_t lk_mip_mn_renewal_ms(uint64_t now_ms, uint64_t bound_until_ms, uint64_t key_ends_ms);

/* The home agent's clock, less ours, by an Identification or a MESG-ID with its time in the high
 * half: the second only, so we go by its end, not to be behind it. */
int64_t lk_mip_mn_clock_ms(uint64_t theirs, uint64_t now_ms);
/* The next Identification or MESG-ID by that clock: later than the last that was sent, except
 * where the agent has said what time it is since. spare: random bits for its end. */
uint64_t lk_mip_mn_identification(uint64_t now_ms, int64_t clock_ms, uint32_t spare,
                                  uint64_t last, bool corrected);

#endif
