#include "keys/psk_identity.h"

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"

void lk_psk_identity(char identity[LK_PSK_IDENTITY_LEN + 1], struct lk_span key, const char *label)
{
    struct lk_span text = lk_span_text(label);
    uint8_t mac[LK_SHA256_LEN];
    enum lk_status status;

    lk_hmac_sha256(mac, key, &text, 1);
    status = lk_hex_encode(identity, LK_PSK_IDENTITY_LEN + 1,
                           lk_span_of(mac, LK_PSK_IDENTITY_LEN / 2));
    LK_ASSERT(status == LK_OK);
    lk_wipe(mac, sizeof mac);
}
