/* AAA key -> MN-HA or MN-FA key.                                              RFC 3957 5 */
#include "keys/mip.h"

#include "crypto/crypto.h"

void lk_mip_key_derive(struct lk_mip_key *key, struct lk_span aaa_key, struct lk_span nonce,
                       struct lk_span identifier)
{
    const struct lk_span parts[] = { nonce, identifier };

    /* spec: RFC 3957 5 - HMAC-SHA1(AAA-key, nonce || MN-identifier), all 20 octets of it. */
    lk_hmac_sha1(key->octets, aaa_key, parts, LK_COUNT_OF(parts));
}
