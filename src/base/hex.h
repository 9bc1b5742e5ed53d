/* Hexadecimal text, both ways. */
#ifndef LK_BASE_HEX_H
#define LK_BASE_HEX_H

#include "base/octets.h"

/* Writes 2 * octets.len lower-case digits and a terminator to text, which holds cap characters.
 * LK_E_FULL when they do not fit. */
LK_MUST_CHECK enum lk_status lk_hex_encode(char *text, size_t cap, struct lk_span octets);

/* Reads text, an even number of hexadecimal digits of either case and nothing else, into octets of
 * cap octets, and sets *len. LK_E_LENGTH on an odd count, LK_E_VALUE on another character,
 * LK_E_FULL when there are more than cap octets. */
LK_MUST_CHECK enum lk_status lk_hex_decode(uint8_t *octets, size_t cap, size_t *len,
                                           struct lk_span text);
/* The value of one digit, of either case; -1: it is none. */
int lk_hex_digit(uint8_t c);

#endif
