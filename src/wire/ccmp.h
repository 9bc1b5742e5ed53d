/* What CCMP (IEEE 802.11 12.5.3) needs of a frame besides the key: its own header, and the nonce
 * and the additional data of CCM, made of the MAC header and the packet number. */
#ifndef LK_WIRE_CCMP_H
#define LK_WIRE_CCMP_H

#include "wire/ieee80211.h"

enum {
    LK_CCMP_HEADER_LEN = 8,
    LK_CCMP_MIC_LEN = 8,
    LK_CCMP_NONCE_LEN = 13,
    LK_CCMP_AAD_MAX = 30,
};
#define LK_CCMP_PN_MAX UINT64_C(0xffffffffffff)

struct lk_ccmp_header {
    uint64_t pn; /* packet number, 48 bits: from 1 under each key, and only up */
    uint8_t key_id;
};

/* Reads the header from the body of a protected frame; what is left in r is ciphertext and MIC.
 * LK_E_VALUE: no extended IV, so not CCMP's. */
LK_MUST_CHECK enum lk_status lk_ccmp_header_get(struct lk_ccmp_header *ccmp, struct lk_reader *r);
/* LK_E_EXPIRED: the key has no packet number left (0 is none); LK_E_VALUE: no key id. */
LK_MUST_CHECK enum lk_status lk_ccmp_header_encode(struct lk_writer *w,
                                                   const struct lk_ccmp_header *ccmp);

struct lk_ccmp_input {
    uint8_t nonce[LK_CCMP_NONCE_LEN];
    uint8_t aad[LK_CCMP_AAD_MAX];
    uint8_t aad_len;
};

/* pn is at most LK_CCMP_PN_MAX. */
struct lk_ccmp_input lk_ccmp_input_of(const struct lk_80211_header *header, uint64_t pn);

#endif
