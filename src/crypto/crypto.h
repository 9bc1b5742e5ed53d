/* The whole menu of primitives on one screen.
 *
 * Everything here is pure: contexts are plain structs that may be copied, nothing allocates,
 * nothing fails but a check of what came from outside (open, unwrap). Inputs are spans or lists of
 * spans that are taken as if concatenated. Only provider.c, chacha.c and curve25519.c know the
 * library behind it. */
#ifndef LK_CRYPTO_CRYPTO_H
#define LK_CRYPTO_CRYPTO_H

#include <stdalign.h>

#include "base/octets.h"

enum {
    LK_MD5_LEN = 16,
    LK_SHA1_LEN = 20,
    LK_SHA256_LEN = 32,
    LK_AES_BLOCK = 16,
    LK_GCM_NONCE_LEN = 12,
    LK_GCM_TAG_LEN = 16,
    LK_CHACHA_NONCE_LEN = 12,
    LK_CHACHA_TAG_LEN = 16,
    LK_CCM_NONCE_LEN = 13,
    LK_CCM_TAG_MAX = 16,
    LK_CCM_PLAIN_MAX = 65535, /* two octets of length */
    LK_SIV_KEY_LEN = 32, /* AES-SIV-CMAC-256: 16 for the MAC, 16 for the cipher */
    LK_SIV_TAG_LEN = 16,
    LK_X25519_LEN = 32,
    LK_ED25519_KEY_LEN = 32, /* public or secret */
    LK_ED25519_SIGNATURE_LEN = 64,
    LK_KECCAK_STATE_LEN = 200,
    LK_MAX_PARTS = 20, /* of a list of spans */
};

/* Hashes of concatenated parts. RFC 1321, FIPS 180-4. */
void lk_md5(uint8_t out[LK_MD5_LEN], const struct lk_span *parts, size_t count);
void lk_sha1(uint8_t out[LK_SHA1_LEN], const struct lk_span *parts, size_t count);
void lk_sha256(uint8_t out[LK_SHA256_LEN], const struct lk_span *parts, size_t count);

/* A running hash that can be put into octets and taken up again elsewhere (AT_CHECKCODE across
 * nodes). save writes the chaining value, the octets of the open block and the count: at most
 * LK_RUNNING_HASH_MAX octets. load refuses what save cannot have written, and a
 * count above LK_RUNNING_HASH_OCTETS, so that what is added behind it never reaches the count's
 * end. */
enum lk_hash_kind { LK_HASH_SHA1 = 1, LK_HASH_SHA256 = 2 };
enum { LK_RUNNING_HASH_MAX = 1 + 32 + 4 + 63, LK_RUNNING_HASH_OCTETS = 1 << 30 };
struct lk_running_hash {
    alignas(16) uint8_t context[128];
    enum lk_hash_kind kind;
};
void lk_hash_start(struct lk_running_hash *h, enum lk_hash_kind kind);
void lk_hash_add(struct lk_running_hash *h, struct lk_span part);
/* Writes 20 or 32 octets and returns how many; h may go on being added to. */
size_t lk_hash_value(const struct lk_running_hash *h, uint8_t out[LK_SHA256_LEN]);
void lk_hash_save(const struct lk_running_hash *h, struct lk_writer *w);
LK_MUST_CHECK enum lk_status lk_hash_load(struct lk_running_hash *h, struct lk_reader *r);

/* One SHA-1 compression of a 64-octet block into state, without padding: the G function of the
 * FIPS 186-2 generator needs it (RFC 4187 annex A). */
void lk_sha1_compress(uint32_t state[5], const uint8_t block[64]);

/* HMAC, RFC 2104, for a key used once, and with the key kept for one used often. */
void lk_hmac_sha1(uint8_t out[LK_SHA1_LEN], struct lk_span key, const struct lk_span *parts,
                  size_t count);
void lk_hmac_sha256(uint8_t out[LK_SHA256_LEN], struct lk_span key, const struct lk_span *parts,
                    size_t count);
struct lk_hmac_md5_key {
    alignas(16) uint8_t context[384];
};
void lk_hmac_md5_set_key(struct lk_hmac_md5_key *key, struct lk_span octets);
void lk_hmac_md5(uint8_t out[LK_MD5_LEN], const struct lk_hmac_md5_key *key,
                 const struct lk_span *parts, size_t count);
struct lk_hmac_sha256_key {
    alignas(16) uint8_t context[512];
};
void lk_hmac_sha256_set_key(struct lk_hmac_sha256_key *key, struct lk_span octets);
void lk_hmac_sha256_keyed(uint8_t out[LK_SHA256_LEN], const struct lk_hmac_sha256_key *key,
                          const struct lk_span *parts, size_t count);

/* AES-128, FIPS 197: the bare block, CBC without padding (len a multiple of 16; out may be in),
 * CMAC (RFC 4493), key wrap (RFC 3394: out_len = in_len + 8; unwrap LK_E_MAC). */
struct lk_aes128 {
    alignas(16) uint8_t schedule[192];
};
void lk_aes128_set_key(struct lk_aes128 *aes, const uint8_t key[16]);
void lk_aes128_block(const struct lk_aes128 *aes, uint8_t out[16], const uint8_t in[16]);
void lk_aes128_cbc_encrypt(uint8_t *out, const uint8_t key[16], const uint8_t iv[16],
                           struct lk_span in);
void lk_aes128_cbc_decrypt(uint8_t *out, const uint8_t key[16], const uint8_t iv[16],
                           struct lk_span in);
void lk_cmac_aes128(uint8_t out[16], const uint8_t key[16], const struct lk_span *parts,
                    size_t count);
LK_MUST_CHECK enum lk_status lk_aes128_wrap(uint8_t *out, const uint8_t kek[16], struct lk_span in);
LK_MUST_CHECK enum lk_status lk_aes128_unwrap(uint8_t *out, const uint8_t kek[16],
                                              struct lk_span in);

/* AES-256-GCM, SP 800-38D. seal writes in.len + 16 octets, the tag last. open wants at least the
 * tag, writes in.len - 16, and answers LK_E_MAC, with out wiped, when the tag does not verify. */
void lk_gcm256_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[LK_GCM_NONCE_LEN],
                    struct lk_span additional, struct lk_span in);
LK_MUST_CHECK enum lk_status lk_gcm256_open(uint8_t *out, const uint8_t key[32],
                                            const uint8_t nonce[LK_GCM_NONCE_LEN],
                                            struct lk_span additional, struct lk_span in);

/* ChaCha20-Poly1305, RFC 8439; as GCM above. */
void lk_chacha_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[LK_CHACHA_NONCE_LEN],
                    struct lk_span additional, struct lk_span in);
LK_MUST_CHECK enum lk_status lk_chacha_open(uint8_t *out, const uint8_t key[32],
                                            const uint8_t nonce[LK_CHACHA_NONCE_LEN],
                                            struct lk_span additional, struct lk_span in);

/* AES-128-CCM, RFC 3610, with a length of 2 octets and a tag of as many as the protocol says: 4 to
 * 16, an even number. The key is an AES-128 key that is kept; out may be in. seal writes in.len
 * octets and the tag; at most LK_CCM_PLAIN_MAX octets. open as above, LK_E_LENGTH when there are
 * too many. */
void lk_ccm128_seal(uint8_t *out, const struct lk_aes128 *key,
                    const uint8_t nonce[LK_CCM_NONCE_LEN], size_t tag_len,
                    struct lk_span additional, struct lk_span in);
LK_MUST_CHECK enum lk_status lk_ccm128_open(uint8_t *out, const struct lk_aes128 *key,
                                            const uint8_t nonce[LK_CCM_NONCE_LEN], size_t tag_len,
                                            struct lk_span additional, struct lk_span in);

/* AES-SIV-CMAC-256, RFC 5297, deterministic, with one associated-data string. seal writes the
 * 16-octet tag first, then in.len octets; open as above. */
struct lk_siv_key {
    alignas(16) uint8_t context[512];
};
void lk_siv_set_key(struct lk_siv_key *key, const uint8_t octets[LK_SIV_KEY_LEN]);
void lk_siv_seal(uint8_t *out, const struct lk_siv_key *key, struct lk_span additional,
                 struct lk_span in);
LK_MUST_CHECK enum lk_status lk_siv_open(uint8_t *out, const struct lk_siv_key *key,
                                         struct lk_span additional, struct lk_span in);

/* Keccak-f[1600], 24 rounds, on the 200-octet state in the octet order of FIPS 202. */
void lk_keccak_f1600(uint8_t state[LK_KECCAK_STATE_LEN]);

/* X25519, RFC 7748. The library takes scratch from the heap: call it from roles, never from a
 * machine. LK_E_VALUE when the result is all zero. */
void lk_x25519_public(uint8_t out[LK_X25519_LEN], const uint8_t secret[LK_X25519_LEN]);
LK_MUST_CHECK enum lk_status lk_x25519_shared(uint8_t out[LK_X25519_LEN],
                                              const uint8_t secret[LK_X25519_LEN],
                                              const uint8_t peer[LK_X25519_LEN]);

/* Ed25519, RFC 8032, of a whole message. From roles only, as X25519. verify: LK_E_MAC. */
void lk_ed25519_public(uint8_t out[LK_ED25519_KEY_LEN], const uint8_t secret[LK_ED25519_KEY_LEN]);
void lk_ed25519_sign(uint8_t signature[LK_ED25519_SIGNATURE_LEN],
                     const uint8_t secret[LK_ED25519_KEY_LEN], struct lk_span message);
LK_MUST_CHECK enum lk_status lk_ed25519_verify(const uint8_t key[LK_ED25519_KEY_LEN],
                                               const uint8_t signature[LK_ED25519_SIGNATURE_LEN],
                                               struct lk_span message);

#endif
