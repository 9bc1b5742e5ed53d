/* The opaque of a challenge: all that a BSF keeps between the two requests of a bootstrapping, so
 * that half of one costs it nothing.
 *
 *     sealed: version | flags | algorithm | IMSI (8) | issued, s (8) | XRES length, XRES (16) |
 *             CK (16) | IK (16)
 *
 * The associated data are a label, the username and the nonce: it opens for whom, and with what, it
 * was given. It has one length for everybody. */
#ifndef LK_PROTO_GBA_OPAQUE_H
#define LK_PROTO_GBA_OPAQUE_H

#include "base/imsi.h"
#include "keys/seal.h"
#include "proto/gba/ub.h"

enum {
    LK_GBA_OPAQUE_PLAIN = 3 + LK_IMSI_BCD_LEN + 8 + 1 + LK_RES_MAX + 16 + 16,
    LK_GBA_OPAQUE_OCTETS = LK_GBA_OPAQUE_PLAIN + LK_SEAL_OVERHEAD,
    LK_GBA_OPAQUE_LEN = LK_BASE64_LEN(LK_GBA_OPAQUE_OCTETS),
};
#define LK_GBA_OPAQUE_LABEL "latchkey gba opaque"

/* Secret. */
struct lk_gba_opaque {
    bool decoy;    /* A18: a challenge for nobody; no response is right */
    bool resynced; /* there was an AUTS already */
    bool untold;   /* he hears of no home agent */
    enum lk_gba_algorithm algorithm;
    struct lk_imsi imsi;
    uint64_t issued_s;
    uint8_t xres[LK_RES_MAX];
    size_t xres_len;
    struct lk_ck ck;
    struct lk_ik ik;
};

void lk_gba_opaque_seal(char text[LK_GBA_OPAQUE_LEN], const struct lk_gba_opaque *opaque,
                        const struct lk_seal_keys *keys, struct lk_span username,
                        struct lk_span nonce);
/* LK_E_MAC: not of ours, or not with this name and nonce. The caller wipes opaque. */
LK_MUST_CHECK enum lk_status lk_gba_opaque_open(struct lk_gba_opaque *opaque,
                                                const struct lk_seal_keys *keys,
                                                struct lk_span username, struct lk_span nonce,
                                                struct lk_span text);

#endif
