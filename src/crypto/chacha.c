/* ChaCha20-Poly1305 of crypto.h over nettle. */
#include "crypto/crypto.h"

#include <assert.h>

#include <nettle/chacha-poly1305.h>

#include "base/secret.h"

static_assert(CHACHA_POLY1305_NONCE_SIZE == LK_CHACHA_NONCE_LEN, "RFC 8439");
static_assert(CHACHA_POLY1305_DIGEST_SIZE == LK_CHACHA_TAG_LEN, "RFC 8439");

/* spec: RFC 8439 2.8 - the key of Poly1305 is of block 0, the text begins with block 1. */
static void start(struct chacha_poly1305_ctx *context, const uint8_t key[32],
                  const uint8_t nonce[LK_CHACHA_NONCE_LEN], struct lk_span additional)
{
    chacha_poly1305_set_key(context, key);
    chacha_poly1305_set_nonce(context, nonce);
    if (additional.len > 0)
        chacha_poly1305_update(context, additional.len, additional.at);
}

void lk_chacha_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[LK_CHACHA_NONCE_LEN],
                    struct lk_span additional, struct lk_span in)
{
    struct chacha_poly1305_ctx context;

    start(&context, key, nonce, additional);
    if (in.len > 0)
        chacha_poly1305_encrypt(&context, in.len, out, in.at);
    chacha_poly1305_digest(&context, LK_CHACHA_TAG_LEN, out + in.len);
    lk_wipe(&context, sizeof context);
}

enum lk_status lk_chacha_open(uint8_t *out, const uint8_t key[32],
                              const uint8_t nonce[LK_CHACHA_NONCE_LEN], struct lk_span additional,
                              struct lk_span in)
{
    struct chacha_poly1305_ctx context;
    uint8_t tag[LK_CHACHA_TAG_LEN];
    enum lk_status status = LK_OK;
    size_t len;

    if (in.len < LK_CHACHA_TAG_LEN)
        return LK_E_SHORT;
    len = in.len - LK_CHACHA_TAG_LEN;
    start(&context, key, nonce, additional);
    if (len > 0)
        chacha_poly1305_decrypt(&context, len, out, in.at);
    chacha_poly1305_digest(&context, sizeof tag, tag);
    if (!lk_same_secret(tag, in.at + len, sizeof tag)) {
        lk_wipe(out, len);
        status = LK_E_MAC;
    }
    lk_wipe(&context, sizeof context);
    lk_wipe(tag, sizeof tag);
    return status;
}
