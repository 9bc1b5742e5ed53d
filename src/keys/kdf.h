/* The shared constructions: the 3GPP KDF and PRF'. */
#ifndef LK_KEYS_KDF_H
#define LK_KEYS_KDF_H

#include "base/octets.h"

/* TS 33.220 B.2: out = HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 || ...), at most 8 parameters
 * of at most 65,535 octets. */
void lk_kdf_3gpp(uint8_t out[32], struct lk_span key, uint8_t fc, const struct lk_span *params,
                 size_t count);

/* RFC 9048 3.4.1: PRF'(K, S) = T1 | T2 | ..., T1 = HMAC-SHA-256(K, S | 0x01),
 * Tn = HMAC-SHA-256(K, Tn-1 | S | n). S is the concatenation of parts. len at most 255 * 32. */
void lk_prf_prime(uint8_t *out, size_t len, struct lk_span key, const struct lk_span *parts,
                  size_t count);

/* The generator of FIPS 186-2 change notice 1 as RFC 4187 annex A uses it: len octets from a
 * 20-octet seed key, b = 160, no XSEED. len is a multiple of 20. */
void lk_prf_fips186(uint8_t *out, size_t len, const uint8_t xkey[20]);

#endif
