/* The WLCP key (TS 33.402 7.2.3.2 and A.3) and what DTLS is told of it.
 *
 * The UE and the AAA server derive it from the EMSK when multi-connection mode was agreed under
 * AT_MAC, and after each re-authentication anew; it is the pre-shared key of DTLS between UE and
 * TWAG. What enters the function is not confirmed, so it is configuration: a function code and up
 * to four parameters, the same at both ends. */
#ifndef LK_KEYS_WLCP_H
#define LK_KEYS_WLCP_H

#include "keys/psk_identity.h"
#include "keys/types.h"

enum {
    LK_WLCP_KDF_PARAMS = 4,
    LK_WLCP_PARAM_MAX = 32,    /* octets */
    LK_WLCP_IDENTITY_LEN = LK_PSK_IDENTITY_LEN,
    LK_WLCP_PREMASTER_LEN = 2 + 32 + 2 + 32,
};

struct lk_wlcp_kdf {
    uint8_t fc;
    size_t count; /* of param */
    struct {
        uint8_t octets[LK_WLCP_PARAM_MAX];
        size_t len;
    } param[LK_WLCP_KDF_PARAMS];
};

/* FC 21 (hex), no parameter. */
void lk_wlcp_kdf_defaults(struct lk_wlcp_kdf *kdf);

/* The caller wipes key, and emsk when the key was its last child. */
void lk_wlcp_key_derive(struct lk_wlcp_key *key, const struct lk_emsk *emsk,
                        const struct lk_wlcp_kdf *kdf);

/* T07: what names the key in a DTLS handshake. */
void lk_wlcp_psk_identity(char identity[LK_WLCP_IDENTITY_LEN + 1], const struct lk_wlcp_key *key);

/* The premaster secret that TLS makes of it where the key exchange is plain PSK. Secret. */
void lk_wlcp_premaster(uint8_t premaster[LK_WLCP_PREMASTER_LEN], const struct lk_wlcp_key *key);

#endif
