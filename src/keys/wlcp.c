/* EMSK -> WLCP key -> the identity that names it in DTLS.                TS 33.402 7.2.3.2, A.3
 *
 * Called by the EAP machines' callers on both ends and by `latchkey keys wlcp`. */
#include "keys/wlcp.h"

#include <string.h>

#include "keys/kdf.h"

enum { FC_WLCP = 0x21 };

void lk_wlcp_kdf_defaults(struct lk_wlcp_kdf *kdf)
{
    *kdf = (struct lk_wlcp_kdf){ .fc = FC_WLCP };
}

void lk_wlcp_key_derive(struct lk_wlcp_key *key, const struct lk_emsk *emsk,
                        const struct lk_wlcp_kdf *kdf)
{
    struct lk_span params[LK_WLCP_KDF_PARAMS];

    LK_ASSERT(kdf->count <= LK_WLCP_KDF_PARAMS);
    for (size_t i = 0; i < kdf->count; i++) {
        LK_ASSERT(kdf->param[i].len <= LK_WLCP_PARAM_MAX);
        params[i] = lk_span_of(kdf->param[i].octets, kdf->param[i].len);
    }
    /* spec: TS 33.402 A.3 - the WLCP key is 256 bits of the 3GPP KDF keyed with the EMSK; FC and
     * parameters as configured. */
    lk_kdf_3gpp(key->octets, LK_SPAN(emsk->octets), kdf->fc, params, kdf->count);
}

void lk_wlcp_psk_identity(char identity[LK_WLCP_IDENTITY_LEN + 1], const struct lk_wlcp_key *key)
{
    lk_psk_identity(identity, LK_SPAN(key->octets), "wlcp psk id");
}

void lk_wlcp_premaster(uint8_t premaster[LK_WLCP_PREMASTER_LEN], const struct lk_wlcp_key *key)
{
    /* spec: RFC 4279 2 - the length of the key, as many zeroes, the length again, the key. */
    memset(premaster, 0, LK_WLCP_PREMASTER_LEN);
    premaster[1] = sizeof key->octets;
    premaster[2 + 32 + 1] = sizeof key->octets;
    memcpy(premaster + 2 + 32 + 2, key->octets, sizeof key->octets);
}
