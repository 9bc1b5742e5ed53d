/* The primitives of crypto.h over nettle: with chacha.c and curve25519.c what includes it.
 *
 * Opaque contexts of crypto.h hold nettle's structs (checked below to fit); a kept HMAC key is its
 * two pads already compressed, a kept SIV key its two schedules and everything of S2V that depends
 * on the key alone, so that sealing does no key work. Whatever held a key or a state under a key is
 * wiped before return. AES-SIV is composed here: nettle's own takes a nonce as one more S2V string,
 * and ours has exactly one string before the plaintext. */
#include "crypto/crypto.h"

#include <assert.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/ccm.h>
#include <nettle/cmac.h>
#include <nettle/ctr.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/nist-keywrap.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>

#include "base/secret.h"

struct siv_context {
    struct aes128_ctx mac;
    struct aes128_ctx ctr;
    struct cmac128_key subkeys;
    uint8_t start[16]; /* dbl(CMAC(K1, <zero>)): S2V before its first string */
};

static_assert(sizeof(struct sha256_ctx) <= sizeof((struct lk_running_hash *)0)->context, "fits");
static_assert(sizeof(struct sha1_ctx) <= sizeof((struct lk_running_hash *)0)->context, "fits");
static_assert(sizeof(struct hmac_md5_ctx) <= sizeof(struct lk_hmac_md5_key), "fits");
static_assert(sizeof(struct hmac_sha256_ctx) <= sizeof(struct lk_hmac_sha256_key), "fits");
static_assert(sizeof(struct aes128_ctx) <= sizeof(struct lk_aes128), "fits");
static_assert(sizeof(struct siv_context) <= sizeof(struct lk_siv_key), "fits");
static_assert(sizeof(struct sha3_state) == LK_KECCAK_STATE_LEN, "fits");

/* ---- hashes ---- */

static void absorb(const struct nettle_hash *hash, void *context, const struct lk_span *parts,
                   size_t count)
{
    LK_ASSERT(count <= LK_MAX_PARTS);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            hash->update(context, parts[i].len, parts[i].at);
}

void lk_md5(uint8_t out[LK_MD5_LEN], const struct lk_span *parts, size_t count)
{
    struct md5_ctx md5;

    md5_init(&md5);
    absorb(&nettle_md5, &md5, parts, count);
    md5_digest(&md5, LK_MD5_LEN, out);
    lk_wipe(&md5, sizeof md5);
}

void lk_sha1(uint8_t out[LK_SHA1_LEN], const struct lk_span *parts, size_t count)
{
    struct sha1_ctx sha1;

    sha1_init(&sha1);
    absorb(&nettle_sha1, &sha1, parts, count);
    sha1_digest(&sha1, LK_SHA1_LEN, out);
    lk_wipe(&sha1, sizeof sha1);
}

void lk_sha256(uint8_t out[LK_SHA256_LEN], const struct lk_span *parts, size_t count)
{
    struct sha256_ctx sha256;

    sha256_init(&sha256);
    absorb(&nettle_sha256, &sha256, parts, count);
    sha256_digest(&sha256, LK_SHA256_LEN, out);
    lk_wipe(&sha256, sizeof sha256);
}

void lk_sha1_compress(uint32_t state[5], const uint8_t block[64])
{
    nettle_sha1_compress(state, block);
}

/* ---- running hash ---- */

static const struct nettle_hash *running(const struct lk_running_hash *h)
{
    LK_ASSERT(h->kind == LK_HASH_SHA1 || h->kind == LK_HASH_SHA256);
    return h->kind == LK_HASH_SHA1 ? &nettle_sha1 : &nettle_sha256;
}

/* The chaining value, the open block and the count of octets, whichever hash it is. */
struct running_view {
    uint32_t *chain;
    size_t words;
    uint8_t *block;
    unsigned *index;
    uint64_t *blocks;
};

static struct running_view running_view(struct lk_running_hash *h)
{
    if (h->kind == LK_HASH_SHA1) {
        struct sha1_ctx *sha1 = (void *)h->context;

        return (struct running_view){ sha1->state, 5, sha1->block, &sha1->index, &sha1->count };
    }
    struct sha256_ctx *sha256 = (void *)h->context;

    return (struct running_view){ sha256->state, 8, sha256->block, &sha256->index, &sha256->count };
}

void lk_hash_start(struct lk_running_hash *h, enum lk_hash_kind kind)
{
    *h = (struct lk_running_hash){ .kind = kind };
    running(h)->init(h->context);
}

void lk_hash_add(struct lk_running_hash *h, struct lk_span part)
{
    struct running_view v = running_view(h);
    uint64_t before = *v.blocks * 64 + *v.index;

    LK_ASSERT(part.len <= UINT32_MAX - before); /* the saved count has 32 bits */
    absorb(running(h), h->context, &part, 1);
}

size_t lk_hash_value(const struct lk_running_hash *h, uint8_t out[LK_SHA256_LEN])
{
    struct lk_running_hash copy = *h;
    const struct nettle_hash *hash = running(h);

    hash->digest(copy.context, hash->digest_size, out);
    return hash->digest_size;
}

/* kind (1) || chaining value (20 or 32) || octets so far (4) || octets of the open block. */
void lk_hash_save(const struct lk_running_hash *h, struct lk_writer *w)
{
    struct lk_running_hash copy = *h;
    struct running_view v = running_view(&copy);

    lk_put_u8(w, (uint8_t)running(h)->digest_size);
    for (size_t i = 0; i < v.words; i++)
        lk_put_be32(w, v.chain[i]);
    lk_put_be32(w, (uint32_t)(*v.blocks * 64 + *v.index));
    lk_put_octets(w, v.block, *v.index);
}

enum lk_status lk_hash_load(struct lk_running_hash *h, struct lk_reader *r)
{
    uint8_t len = lk_get_u8(r);
    struct lk_running_hash loaded, fresh;
    struct running_view v, start;
    uint32_t octets;

    if (r->status == LK_OK && len != LK_SHA1_LEN && len != LK_SHA256_LEN)
        lk_reader_fail(r, LK_E_VALUE);
    lk_hash_start(&loaded, len == LK_SHA1_LEN ? LK_HASH_SHA1 : LK_HASH_SHA256);
    fresh = loaded;
    v = running_view(&loaded);
    start = running_view(&fresh);
    for (size_t i = 0; i < v.words; i++)
        v.chain[i] = lk_get_be32(r);
    octets = lk_get_be32(r);
    *v.blocks = octets / 64;
    *v.index = octets % 64;
    lk_get_copy(r, v.block, *v.index);
    if (r->status == LK_OK && octets > LK_RUNNING_HASH_OCTETS)
        lk_reader_fail(r, LK_E_VALUE);
    /* Before the first whole block the chaining value is the one that every hash starts from. */
    if (r->status == LK_OK && *v.blocks == 0 &&
        !lk_same_secret(v.chain, start.chain, v.words * sizeof *v.chain))
        lk_reader_fail(r, LK_E_VALUE);
    if (r->status == LK_OK)
        *h = loaded;
    return r->status;
}

/* ---- HMAC ---- */

/* outer and inner are the hash after K xor opad and K xor ipad; context is room for a third. */
static void hmac(uint8_t *out, const struct nettle_hash *hash, const void *outer, const void *inner,
                 void *context, const struct lk_span *parts, size_t count)
{
    memcpy(context, inner, hash->context_size);
    absorb(hash, context, parts, count);
    hash->digest(context, hash->digest_size, out);
    memcpy(context, outer, hash->context_size);
    hash->update(context, hash->digest_size, out);
    hash->digest(context, hash->digest_size, out);
    lk_wipe(context, hash->context_size);
}

void lk_hmac_sha1(uint8_t out[LK_SHA1_LEN], struct lk_span key, const struct lk_span *parts,
                  size_t count)
{
    struct hmac_sha1_ctx c;

    hmac_sha1_set_key(&c, key.len, key.at);
    hmac(out, &nettle_sha1, &c.outer, &c.inner, &c.state, parts, count);
    lk_wipe(&c, sizeof c);
}

void lk_hmac_sha256(uint8_t out[LK_SHA256_LEN], struct lk_span key, const struct lk_span *parts,
                    size_t count)
{
    struct hmac_sha256_ctx c;

    hmac_sha256_set_key(&c, key.len, key.at);
    hmac(out, &nettle_sha256, &c.outer, &c.inner, &c.state, parts, count);
    lk_wipe(&c, sizeof c);
}

void lk_hmac_md5_set_key(struct lk_hmac_md5_key *key, struct lk_span octets)
{
    hmac_md5_set_key((void *)key->context, octets.len, octets.at);
}

void lk_hmac_md5(uint8_t out[LK_MD5_LEN], const struct lk_hmac_md5_key *key,
                 const struct lk_span *parts, size_t count)
{
    const struct hmac_md5_ctx *c = (const void *)key->context;
    struct md5_ctx state;

    hmac(out, &nettle_md5, &c->outer, &c->inner, &state, parts, count);
}

void lk_hmac_sha256_set_key(struct lk_hmac_sha256_key *key, struct lk_span octets)
{
    hmac_sha256_set_key((void *)key->context, octets.len, octets.at);
}

void lk_hmac_sha256_keyed(uint8_t out[LK_SHA256_LEN], const struct lk_hmac_sha256_key *key,
                          const struct lk_span *parts, size_t count)
{
    const struct hmac_sha256_ctx *c = (const void *)key->context;
    struct sha256_ctx state;

    hmac(out, &nettle_sha256, &c->outer, &c->inner, &state, parts, count);
}

/* ---- AES-128 ---- */

void lk_aes128_set_key(struct lk_aes128 *aes, const uint8_t key[16])
{
    aes128_set_encrypt_key((void *)aes->schedule, key);
}

void lk_aes128_block(const struct lk_aes128 *aes, uint8_t out[16], const uint8_t in[16])
{
    aes128_encrypt((const void *)aes->schedule, 16, out, in);
}

void lk_aes128_cbc_encrypt(uint8_t *out, const uint8_t key[16], const uint8_t iv[16],
                           struct lk_span in)
{
    struct aes128_ctx aes;
    uint8_t chain[16];

    LK_ASSERT(in.len % 16 == 0);
    memcpy(chain, iv, sizeof chain);
    aes128_set_encrypt_key(&aes, key);
    cbc_encrypt(&aes, nettle_aes128.encrypt, 16, chain, in.len, out, in.at);
    lk_wipe(&aes, sizeof aes);
}

void lk_aes128_cbc_decrypt(uint8_t *out, const uint8_t key[16], const uint8_t iv[16],
                           struct lk_span in)
{
    struct aes128_ctx aes;
    uint8_t chain[16];

    LK_ASSERT(in.len % 16 == 0);
    memcpy(chain, iv, sizeof chain);
    aes128_set_decrypt_key(&aes, key);
    cbc_decrypt(&aes, nettle_aes128.decrypt, 16, chain, in.len, out, in.at);
    lk_wipe(&aes, sizeof aes);
}

/* RFC 4493 of the parts, with the key work done. */
static void cmac(uint8_t out[16], const struct aes128_ctx *aes, const struct cmac128_key *subkeys,
                 const struct lk_span *parts, size_t count)
{
    struct cmac128_ctx c;

    LK_ASSERT(count <= LK_MAX_PARTS);
    cmac128_init(&c);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            cmac128_update(&c, aes, nettle_aes128.encrypt, parts[i].len, parts[i].at);
    cmac128_digest(&c, subkeys, aes, nettle_aes128.encrypt, 16, out);
    lk_wipe(&c, sizeof c);
}

void lk_cmac_aes128(uint8_t out[16], const uint8_t key[16], const struct lk_span *parts,
                    size_t count)
{
    struct aes128_ctx aes;
    struct cmac128_key subkeys;

    aes128_set_encrypt_key(&aes, key);
    cmac128_set_key(&subkeys, &aes, nettle_aes128.encrypt);
    cmac(out, &aes, &subkeys, parts, count);
    lk_wipe(&aes, sizeof aes);
    lk_wipe(&subkeys, sizeof subkeys);
}

/* spec: RFC 3394 2.2.3.1 - A starts as eight octets of a6, and unwrapping must come back to them.
 */
static const uint8_t wrap_start[8] = { 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6 };

enum lk_status lk_aes128_wrap(uint8_t *out, const uint8_t kek[16], struct lk_span in)
{
    struct aes128_ctx aes;

    if (in.len < 16 || in.len % 8 != 0)
        return LK_E_LENGTH;
    aes128_set_encrypt_key(&aes, kek);
    aes128_keywrap(&aes, wrap_start, in.len + 8, out, in.at);
    lk_wipe(&aes, sizeof aes);
    return LK_OK;
}

enum lk_status lk_aes128_unwrap(uint8_t *out, const uint8_t kek[16], struct lk_span in)
{
    struct aes128_ctx aes;
    enum lk_status status = LK_OK;

    if (in.len < 24 || in.len % 8 != 0)
        return LK_E_LENGTH;
    aes128_set_decrypt_key(&aes, kek);
    if (!aes128_keyunwrap(&aes, wrap_start, in.len - 8, out, in.at)) {
        lk_wipe(out, in.len - 8);
        status = LK_E_MAC;
    }
    lk_wipe(&aes, sizeof aes);
    return status;
}

/* ---- AES-256-GCM ---- */

static void gcm_start(struct gcm_aes256_ctx *gcm, const uint8_t key[32],
                      const uint8_t nonce[LK_GCM_NONCE_LEN], struct lk_span additional)
{
    gcm_aes256_set_key(gcm, key);
    gcm_aes256_set_iv(gcm, LK_GCM_NONCE_LEN, nonce);
    if (additional.len > 0)
        gcm_aes256_update(gcm, additional.len, additional.at);
}

void lk_gcm256_seal(uint8_t *out, const uint8_t key[32], const uint8_t nonce[LK_GCM_NONCE_LEN],
                    struct lk_span additional, struct lk_span in)
{
    struct gcm_aes256_ctx gcm;

    gcm_start(&gcm, key, nonce, additional);
    if (in.len > 0)
        gcm_aes256_encrypt(&gcm, in.len, out, in.at);
    gcm_aes256_digest(&gcm, LK_GCM_TAG_LEN, out + in.len);
    lk_wipe(&gcm, sizeof gcm);
}

enum lk_status lk_gcm256_open(uint8_t *out, const uint8_t key[32],
                              const uint8_t nonce[LK_GCM_NONCE_LEN], struct lk_span additional,
                              struct lk_span in)
{
    struct gcm_aes256_ctx gcm;
    uint8_t tag[LK_GCM_TAG_LEN];
    size_t len;
    enum lk_status status = LK_OK;

    if (in.len < LK_GCM_TAG_LEN)
        return LK_E_SHORT;
    len = in.len - LK_GCM_TAG_LEN;
    gcm_start(&gcm, key, nonce, additional);
    if (len > 0)
        gcm_aes256_decrypt(&gcm, len, out, in.at);
    gcm_aes256_digest(&gcm, sizeof tag, tag);
    if (!lk_same_secret(tag, in.at + len, sizeof tag)) {
        lk_wipe(out, len);
        status = LK_E_MAC;
    }
    lk_wipe(&gcm, sizeof gcm);
    lk_wipe(tag, sizeof tag);
    return status;
}

/* ---- AES-128-CCM ---- */

static const void *ccm_start(struct ccm_ctx *ccm, const struct lk_aes128 *key,
                             const uint8_t nonce[LK_CCM_NONCE_LEN], size_t tag_len,
                             struct lk_span additional, size_t len)
{
    const void *aes = key->schedule;

    LK_ASSERT(tag_len >= 4 && tag_len <= LK_CCM_TAG_MAX && tag_len % 2 == 0);
    /* spec: RFC 3610 2.2 - the first block: flags of M and of L = 2, nonce, length of the message.
     */
    ccm_set_nonce(ccm, aes, nettle_aes128.encrypt, LK_CCM_NONCE_LEN, nonce, additional.len, len,
                  tag_len);
    if (additional.len > 0)
        ccm_update(ccm, aes, nettle_aes128.encrypt, additional.len, additional.at);
    return aes;
}

void lk_ccm128_seal(uint8_t *out, const struct lk_aes128 *key,
                    const uint8_t nonce[LK_CCM_NONCE_LEN], size_t tag_len,
                    struct lk_span additional, struct lk_span in)
{
    struct ccm_ctx ccm;
    const void *aes;

    LK_ASSERT(in.len <= LK_CCM_PLAIN_MAX);
    aes = ccm_start(&ccm, key, nonce, tag_len, additional, in.len);
    if (in.len > 0)
        ccm_encrypt(&ccm, aes, nettle_aes128.encrypt, in.len, out, in.at);
    ccm_digest(&ccm, aes, nettle_aes128.encrypt, tag_len, out + in.len);
    lk_wipe(&ccm, sizeof ccm);
}

enum lk_status lk_ccm128_open(uint8_t *out, const struct lk_aes128 *key,
                              const uint8_t nonce[LK_CCM_NONCE_LEN], size_t tag_len,
                              struct lk_span additional, struct lk_span in)
{
    struct ccm_ctx ccm;
    uint8_t tag[LK_CCM_TAG_MAX];
    const void *aes;
    size_t len;
    enum lk_status status = LK_OK;

    if (in.len < tag_len)
        return LK_E_SHORT;
    len = in.len - tag_len;
    if (len > LK_CCM_PLAIN_MAX)
        return LK_E_LENGTH;
    aes = ccm_start(&ccm, key, nonce, tag_len, additional, len);
    if (len > 0)
        ccm_decrypt(&ccm, aes, nettle_aes128.encrypt, len, out, in.at);
    ccm_digest(&ccm, aes, nettle_aes128.encrypt, tag_len, tag);
    /* spec: RFC 3610 2.5 - what does not verify is not given out. */
    if (!lk_same_secret(tag, in.at + len, tag_len)) {
        lk_wipe(out, len);
        status = LK_E_MAC;
    }
    lk_wipe(&ccm, sizeof ccm);
    lk_wipe(tag, sizeof tag);
    return status;
}

/* ---- AES-SIV ---- */

/* spec: RFC 5297 2.3 - dbl: shift left by one bit, and xor 87 when a bit fell out. */
static void siv_double(uint8_t block[16])
{
    uint8_t carry = (uint8_t) - (block[0] >> 7) & 0x87;

    for (size_t i = 0; i < 15; i++)
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    block[15] = (uint8_t)(block[15] << 1) ^ carry;
}

static void xor_into(uint8_t block[16], const uint8_t *other, size_t len)
{
    for (size_t i = 0; i < len; i++)
        block[i] ^= other[i];
}

void lk_siv_set_key(struct lk_siv_key *key, const uint8_t octets[LK_SIV_KEY_LEN])
{
    struct siv_context *siv = (void *)key->context;
    static const uint8_t zero[16];
    struct lk_span zero_span = LK_SPAN(zero);

    aes128_set_encrypt_key(&siv->mac, octets);      /* K1 = leftmost(K, len(K)/2) */
    aes128_set_encrypt_key(&siv->ctr, octets + 16); /* K2 = rightmost(K, len(K)/2) */
    cmac128_set_key(&siv->subkeys, &siv->mac, nettle_aes128.encrypt);
    cmac(siv->start, &siv->mac, &siv->subkeys, &zero_span, 1); /* D = AES-CMAC(K, <zero>) */
    siv_double(siv->start);
}

/* spec: RFC 5297 2.4 - S2V of the strings additional and in, in this order. */
static void siv_s2v(uint8_t v[16], const struct siv_context *siv, struct lk_span additional,
                    struct lk_span in)
{
    uint8_t d[16], block[16] = { 0 };
    size_t head = in.len >= 16 ? in.len - 16 : 0;
    struct lk_span t[2] = { lk_span_of(in.at, head), LK_SPAN(block) };

    cmac(d, &siv->mac, &siv->subkeys, &additional, 1);
    xor_into(d, siv->start, 16); /* D = dbl(D) xor AES-CMAC(K, S1) */
    if (in.len >= 16) {
        memcpy(block, in.at + head, 16); /* T = Sn xorend D */
    } else {
        if (in.len > 0)
            memcpy(block, in.at, in.len);
        block[in.len] = 0x80; /* T = dbl(D) xor pad(Sn) */
        siv_double(d);
    }
    xor_into(block, d, 16);
    cmac(v, &siv->mac, &siv->subkeys, t, 2); /* V = AES-CMAC(K, T) */
    lk_wipe(d, sizeof d);
    lk_wipe(block, sizeof block);
}

/* spec: RFC 5297 2.6 - the counter starts at V with bits 31 and 63 from the right cleared. */
static void siv_ctr(uint8_t *out, const struct siv_context *siv, const uint8_t v[16],
                    struct lk_span in)
{
    uint8_t q[16];

    if (in.len == 0)
        return;
    memcpy(q, v, sizeof q);
    q[8] &= 0x7f;
    q[12] &= 0x7f;
    ctr_crypt(&siv->ctr, nettle_aes128.encrypt, 16, q, in.len, out, in.at);
}

void lk_siv_seal(uint8_t *out, const struct lk_siv_key *key, struct lk_span additional,
                 struct lk_span in)
{
    const struct siv_context *siv = (const void *)key->context;

    siv_s2v(out, siv, additional, in);
    siv_ctr(out + LK_SIV_TAG_LEN, siv, out, in);
}

enum lk_status lk_siv_open(uint8_t *out, const struct lk_siv_key *key, struct lk_span additional,
                           struct lk_span in)
{
    const struct siv_context *siv = (const void *)key->context;
    uint8_t v[16];
    size_t len;
    enum lk_status status = LK_OK;

    if (in.len < LK_SIV_TAG_LEN)
        return LK_E_SHORT;
    len = in.len - LK_SIV_TAG_LEN;
    siv_ctr(out, siv, in.at, lk_span_of(in.at + LK_SIV_TAG_LEN, len));
    siv_s2v(v, siv, additional, lk_span_of(out, len));
    if (!lk_same_secret(v, in.at, sizeof v)) {
        lk_wipe(out, len);
        status = LK_E_MAC;
    }
    lk_wipe(v, sizeof v);
    return status;
}

/* ---- Keccak ---- */

void lk_keccak_f1600(uint8_t state[LK_KECCAK_STATE_LEN])
{
    struct sha3_state lanes = { { 0 } };

    for (size_t i = 0; i < LK_KECCAK_STATE_LEN; i++) /* a lane's least octet comes first */
        lanes.a[i / 8] |= (uint64_t)state[i] << (8 * (i % 8));
    sha3_permute(&lanes);
    for (size_t i = 0; i < LK_KECCAK_STATE_LEN; i++)
        state[i] = (uint8_t)(lanes.a[i / 8] >> (8 * (i % 8)));
    lk_wipe(&lanes, sizeof lanes);
}
