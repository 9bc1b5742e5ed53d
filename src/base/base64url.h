/* base64url without padding (RFC 4648 5): text that is safe in NAIs and URLs. */
#ifndef LK_BASE_BASE64URL_H
#define LK_BASE_BASE64URL_H

#include "base/octets.h"

/* How many characters len octets take. */
#define LK_BASE64URL_LEN(len) (((len) * 4 + 2) / 3)

void lk_base64url_put(struct lk_writer *w, struct lk_span octets);
/* Reads all of text: LK_E_LENGTH for a length that no octets have, LK_E_VALUE for a foreign
 * character or bits left over that are not zero, LK_E_FULL for more than cap octets. */
LK_MUST_CHECK enum lk_status lk_base64url_decode(uint8_t *octets, size_t cap, size_t *len,
                                                 struct lk_span text);

#endif
