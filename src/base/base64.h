/* base64 with padding (RFC 4648 4): nonces and passwords of HTTP Digest, B-TIDs. */
#ifndef LK_BASE_BASE64_H
#define LK_BASE_BASE64_H

#include "base/octets.h"

/* How many characters len octets take, padding included. */
#define LK_BASE64_LEN(len) (((len) + 2) / 3 * 4)

void lk_base64_put(struct lk_writer *w, struct lk_span octets);
/* Reads all of text, strictly, so that no octets have two texts: LK_E_LENGTH for a length that is
 * no multiple of 4, LK_E_VALUE for a foreign character, a misplaced = or bits left over that are
 * not zero, LK_E_FULL for more than cap octets. */
LK_MUST_CHECK enum lk_status lk_base64_decode(uint8_t *octets, size_t cap, size_t *len,
                                              struct lk_span text);

#endif
