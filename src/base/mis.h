/* What frames and keys of IEEE 802.21 security both name: pseudo-random functions, suites, lengths.
 * Which number stands for which on the wire is said in wire/mis_codes.h. */
#ifndef LK_BASE_MIS_H
#define LK_BASE_MIS_H

enum lk_mis_prf {
    LK_MIS_PRF_CMAC_AES,
    LK_MIS_PRF_HMAC_SHA1,
    LK_MIS_PRF_HMAC_SHA256,
    LK_MIS_PRF_COUNT,
};

enum lk_mis_suite {
    LK_MIS_SUITE_CCM,       /* AES-CCM: encrypts and proves */
    LK_MIS_SUITE_CBC_SHA1,  /* AES-CBC, then HMAC-SHA1-96 */
    LK_MIS_SUITE_NULL_SHA1, /* integrity only, HMAC-SHA1-96 */
    LK_MIS_SUITE_NULL_CMAC, /* integrity only, CMAC-AES in 96 bits */
    LK_MIS_SUITE_COUNT,
};

enum {
    LK_MIS_NONCE_LEN = 16,
    LK_MIS_AUTH_LEN = 16,  /* AUTH-N, AUTH-T */
    LK_MIS_ID_MAX = 253,   /* octets of a MISF ID */
    LK_MIS_REALM_MAX = 63, /* octets of a home's realm: its mark fits one attribute of RADIUS */
    LK_MIS_START_MARK_MAX = 2 + LK_MIS_ID_MAX + 8 + 4 + 1 + 2 + LK_MIS_REALM_MAX + 64,
    LK_MIS_SA_ID_MIN = 4,  /* octets of the ID_VALUE of a SAID */
    LK_MIS_SA_ID_MAX = 32,
    LK_MIS_K_MIN = 16,
    LK_MIS_K_MAX = 64,
    LK_MIS_DH_LEN = 32,    /* an X25519 public key */
};

#endif
