/* HKDF with SHA-256, RFC 5869. */
#ifndef LK_KEYS_HKDF_H
#define LK_KEYS_HKDF_H

#include "base/octets.h"

enum { LK_HKDF_PRK_LEN = 32, LK_HKDF_MAX = 255 * 32 };

/* Of parts as if concatenated. An empty salt is one of zeroes. */
void lk_hkdf_extract(uint8_t prk[LK_HKDF_PRK_LEN], struct lk_span salt, const struct lk_span *parts,
                     size_t count);
/* len at most LK_HKDF_MAX; at most 8 parts of info. */
void lk_hkdf_expand(uint8_t *out, size_t len, const uint8_t prk[LK_HKDF_PRK_LEN],
                    const struct lk_span *info, size_t count);

#endif
