#include "keys/mis_psk.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/erp.h"

/* spec: RFC 5295 3.1 - a usage-specific root key, with who uses it as usage data. */
void lk_mis_psk_derive(struct lk_mis_psk *psk, const struct lk_emsk *emsk, struct lk_span usage,
                       struct lk_span pos_id)
{
    struct lk_usrk usrk;

    _Static_assert(sizeof usrk == sizeof *psk, "it is the PSK as it is");
    lk_usrk_derive(&usrk, emsk, usage, pos_id);
    memcpy(psk->octets, usrk.octets, sizeof psk->octets);
    lk_wipe(&usrk, sizeof usrk);
}

void lk_mis_psk_identity(char identity[LK_MIS_PSK_IDENTITY_LEN + 1], const struct lk_mis_psk *psk)
{
    struct lk_span label = lk_span_text("mis psk id");
    uint8_t mac[LK_SHA256_LEN];
    enum lk_status status;

    lk_hmac_sha256(mac, LK_SPAN(psk->octets), &label, 1);
    status = lk_hex_encode(identity, LK_MIS_PSK_IDENTITY_LEN + 1,
                           lk_span_of(mac, LK_MIS_PSK_IDENTITY_LEN / 2));
    LK_ASSERT(status == LK_OK);
    lk_wipe(mac, sizeof mac);
}
