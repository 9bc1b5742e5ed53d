/* The Internet checksum (RFC 1071). */
#ifndef LK_BASE_CHECKSUM_H
#define LK_BASE_CHECKSUM_H

#include "base/octets.h"

/* The sum with these octets in it, which begin at an even place. Starts with 0; folds nothing, so
 * at most 64 KiB in all. */
uint32_t lk_checksum_add(uint32_t sum, struct lk_span octets);
/* What the checksum field must hold. Over octets that have it in place: 0. */
uint16_t lk_checksum_of(uint32_t sum);

#endif
