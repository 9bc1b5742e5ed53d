#include "keys/hkdf.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

enum { INFO_PARTS = 8 };

/* spec: RFC 5869 2.2 - PRK = HMAC-SHA-256(salt, IKM). */
void lk_hkdf_extract(uint8_t prk[LK_HKDF_PRK_LEN], struct lk_span salt, const struct lk_span *parts,
                     size_t count)
{
    lk_hmac_sha256(prk, salt, parts, count);
}

/* spec: RFC 5869 2.3 - T(n) = HMAC-SHA-256(PRK, T(n-1) | info | n), n one octet from 1 on; the
 * result is the first len octets of T(1) | T(2) | ... */
void lk_hkdf_expand(uint8_t *out, size_t len, const uint8_t prk[LK_HKDF_PRK_LEN],
                    const struct lk_span *info, size_t count)
{
    uint8_t block[LK_SHA256_LEN];
    size_t done = 0;

    LK_ASSERT(len <= LK_HKDF_MAX && count <= INFO_PARTS);
    for (uint8_t n = 1; done < len; n++) {
        struct lk_span parts[INFO_PARTS + 2];
        size_t take = len - done < sizeof block ? len - done : sizeof block;

        parts[0] = lk_span_of(block, n == 1 ? 0 : sizeof block);
        for (size_t i = 0; i < count; i++)
            parts[1 + i] = info[i];
        parts[1 + count] = lk_span_of(&n, 1);
        lk_hmac_sha256(block, lk_span_of(prk, LK_HKDF_PRK_LEN), parts, count + 2);
        memcpy(out + done, block, take);
        done += take;
    }
    lk_wipe(block, sizeof block);
}
