/* X25519 and Ed25519 of crypto.h over nettle's hogweed, which takes scratch from the heap. */
#include "crypto/crypto.h"

#include <nettle/curve25519.h>
#include <nettle/eddsa.h>

#include "base/secret.h"

void lk_x25519_public(uint8_t out[LK_X25519_LEN], const uint8_t secret[LK_X25519_LEN])
{
    curve25519_mul_g(out, secret);
}

enum lk_status lk_x25519_shared(uint8_t out[LK_X25519_LEN], const uint8_t secret[LK_X25519_LEN],
                                const uint8_t peer[LK_X25519_LEN])
{
    static const uint8_t zero[LK_X25519_LEN];

    curve25519_mul(out, secret, peer);
    /* spec: RFC 7748 6.1 - an all-zero result comes from a point of small order: refuse it. */
    return lk_same_secret(out, zero, sizeof zero) ? LK_E_VALUE : LK_OK;
}

void lk_ed25519_public(uint8_t out[LK_ED25519_KEY_LEN], const uint8_t secret[LK_ED25519_KEY_LEN])
{
    ed25519_sha512_public_key(out, secret);
}

void lk_ed25519_sign(uint8_t signature[LK_ED25519_SIGNATURE_LEN],
                     const uint8_t secret[LK_ED25519_KEY_LEN], struct lk_span message)
{
    uint8_t key[LK_ED25519_KEY_LEN];

    /* spec: RFC 8032 5.1.6 - the public key enters the hash: made here, so that a wrong one cannot
     * betray the secret. */
    ed25519_sha512_public_key(key, secret);
    ed25519_sha512_sign(key, secret, message.len, message.at, signature);
}

enum lk_status lk_ed25519_verify(const uint8_t key[LK_ED25519_KEY_LEN],
                                 const uint8_t signature[LK_ED25519_SIGNATURE_LEN],
                                 struct lk_span message)
{
    /* spec: RFC 8032 5.1.7 - verification; with S below the group's order, so that a signature is
     * the only one of its message. */
    return ed25519_sha512_verify(key, message.len, message.at, signature) ? LK_OK : LK_E_MAC;
}
