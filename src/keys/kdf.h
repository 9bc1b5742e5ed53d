/* The shared constructions: the 3GPP KDF, PRF', and the two of IEEE 802.11. */
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

/* IEEE 802.11 12.7.1.2: PRF(K, A, B) = R0 | R1 | ..., Ri = HMAC-SHA-1(K, A | 00 | B | i), i one
 * octet counting from 0. len at most 256 * 20. */
void lk_prf_80211(uint8_t *out, size_t len, struct lk_span key, const char *a, struct lk_span b);

/* IEEE 802.11 12.7.1.7.2: KDF(K, label, context) = R1 | R2 | ..., Ri = HMAC-SHA-256(K, i | label |
 * context | bits), i counting from 1; i and bits, the length asked for, are two octets each, the
 * lower one first. len at most 8191. */
void lk_kdf_80211(uint8_t *out, size_t len, struct lk_span key, const char *label,
                  struct lk_span context);

#endif
