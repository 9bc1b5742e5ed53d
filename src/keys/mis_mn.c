#include "keys/mis_mn.h"

#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/erp.h"

/* spec: RFC 5295 3.1 - a usage-specific root key. A06: who knows a part of one knows nothing of the
 * EMSK, nor of another one. */
void lk_mis_pseudonym_derive(struct lk_mis_pseudonym *name, const struct lk_emsk *emsk,
                             struct lk_span usage)
{
    struct lk_usrk usrk;

    lk_usrk_derive(&usrk, emsk, usage, lk_span_of(NULL, 0));
    memcpy(name->octets, usrk.octets, sizeof name->octets);
    lk_wipe(&usrk, sizeof usrk);
}

void lk_mis_pseudonym_put(struct lk_writer *w, const struct lk_mis_pseudonym *name,
                          struct lk_span realm)
{
    lk_base64url_put(w, LK_SPAN(name->octets));
    lk_put_u8(w, '@');
    lk_put_span(w, realm);
}

void lk_mis_subscriber_derive(struct lk_mis_subscriber *subscriber,
                              const struct lk_node_day_key *key, struct lk_span pos_id,
                              const struct lk_imsi *imsi)
{
    static const uint8_t end = 0;
    const struct lk_span parts[] = { lk_span_text(imsi->digits), { &end, 1 }, pos_id };
    uint8_t mac[LK_SHA256_LEN];

    lk_hmac_sha256(mac, LK_SPAN(key->octets), parts, LK_COUNT_OF(parts));
    memcpy(subscriber->octets, mac, sizeof subscriber->octets);
}
