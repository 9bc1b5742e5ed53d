/* K -> MISK = MIAK || MIIK || MIEK; K -> MSRK -> MSPMK; AUTH over a transcript.
 *                                                          IEEE 802.21 9.2, IEEE 802.21.1 5.14.2
 *
 * Called by both ends of an establishment (proto/mis) and by `latchkey keys mis`, `mis-auth`,
 * `mis-mix` and `mis-link`. */
#include "keys/mis.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/erp.h"
#include "keys/kdf.h"

enum {
    CMAC_KEY_LEN = 16,
    PRF_MAX = LK_SHA256_LEN,
    CONTEXT_PARTS_MAX = 6,
};

/* ---- K ---- */

enum lk_status lk_mis_k_set(struct lk_mis_k *k, struct lk_span octets)
{
    if (octets.len < LK_MIS_K_MIN || octets.len > LK_MIS_K_MAX)
        return LK_E_LENGTH;
    memcpy(k->octets, octets.at, octets.len);
    k->len = octets.len;
    return LK_OK;
}

static void set_whole(struct lk_mis_k *k, const uint8_t octets[LK_MIS_K_MAX])
{
    enum lk_status status = lk_mis_k_set(k, lk_span_of(octets, LK_MIS_K_MAX));

    LK_ASSERT(status == LK_OK);
}

void lk_mis_k_of_msk(struct lk_mis_k *k, const struct lk_msk *msk)
{
    set_whole(k, msk->octets);
}

/* spec-not: IEEE 802.21 9.2.1 - K is an MSK or rMSK as it is. T40, T45: that is of no PoS, and who
 * has one as PoS A could be B with it; so ours has the name of the PoS in it.
 * spec: RFC 5295 3.1 - a usage-specific root key, with who uses it as usage data. */
void lk_mis_k_of_emsk(struct lk_mis_k *k, const struct lk_emsk *emsk, struct lk_span usage,
                      struct lk_span pos_id)
{
    lk_erp_kdf(k->octets, LK_MIS_K_MAX, LK_SPAN(emsk->octets), usage, pos_id);
    k->len = LK_MIS_K_MAX;
}

void lk_mis_k_of_rmsk(struct lk_mis_k *k, const struct lk_rmsk *rmsk, struct lk_span usage,
                      struct lk_span pos_id)
{
    lk_erp_kdf(k->octets, LK_MIS_K_MAX, LK_SPAN(rmsk->octets), usage, pos_id);
    k->len = LK_MIS_K_MAX;
}

void lk_mis_k_of_pmsk(struct lk_mis_k *k, const struct lk_pmsk *pmsk)
{
    set_whole(k, pmsk->octets);
}

/* ---- the KDF ---- */

/* PRF of a list of parts; returns how many octets. CMAC takes the first 128 bits of its key. */
static size_t prf_of(uint8_t out[PRF_MAX], enum lk_mis_prf prf, struct lk_span key,
                     const struct lk_span *parts, size_t count)
{
    switch (prf) {
    case LK_MIS_PRF_CMAC_AES:
        LK_ASSERT(key.len >= CMAC_KEY_LEN);
        lk_cmac_aes128(out, key.at, parts, count);
        return LK_AES_BLOCK;
    case LK_MIS_PRF_HMAC_SHA1:
        lk_hmac_sha1(out, key, parts, count);
        return LK_SHA1_LEN;
    case LK_MIS_PRF_HMAC_SHA256:
        lk_hmac_sha256(out, key, parts, count);
        return LK_SHA256_LEN;
    case LK_MIS_PRF_COUNT:
        break;
    }
    LK_ASSERT(!"a PRF of the list");
    return 0;
}

static void put_32(uint8_t to[4], size_t value)
{
    struct lk_writer w = lk_writer_of(to, 4);

    lk_put_be32(&w, (uint32_t)value);
}

/* spec: IEEE 802.21 9.2.1 - K(i) = PRF(K, label || [i] || context || [L]), i from 1, behind the
 * label; i and L have 32 bits, L counts bits; the leftmost L bits of K(1) || K(2) || ... */
static void expand(uint8_t *out, size_t len, enum lk_mis_prf prf, struct lk_span key,
                   const char *label, const struct lk_span *context, size_t count)
{
    uint8_t block[PRF_MAX], i[4], bits[4];
    struct lk_span s[CONTEXT_PARTS_MAX + 3];

    LK_ASSERT(count <= CONTEXT_PARTS_MAX);
    put_32(bits, 8 * len);
    s[0] = lk_span_text(label);
    s[1] = LK_SPAN(i);
    memcpy(s + 2, context, count * sizeof *context);
    s[count + 2] = LK_SPAN(bits);
    for (size_t n = 1; len > 0; n++) {
        size_t take;

        put_32(i, n);
        take = prf_of(block, prf, key, s, count + 3);
        take = len < take ? len : take;
        memcpy(out, block, take);
        out += take;
        len -= take;
    }
    lk_wipe(block, sizeof block);
}

/* ---- MISK ---- */

size_t lk_miak_len(enum lk_mis_prf prf)
{
    switch (prf) {
    case LK_MIS_PRF_CMAC_AES:
        return LK_AES_BLOCK;
    case LK_MIS_PRF_HMAC_SHA1:
        return LK_SHA1_LEN;
    case LK_MIS_PRF_HMAC_SHA256:
        return LK_SHA256_LEN;
    case LK_MIS_PRF_COUNT:
        break;
    }
    LK_ASSERT(!"a PRF of the list");
    return 0;
}

static size_t slice_len(enum lk_mis_suite suite, bool miik)
{
    switch (suite) {
    case LK_MIS_SUITE_CCM: /* one key proves and hides */
        return miik ? 0 : 16;
    case LK_MIS_SUITE_CBC_SHA1:
        return miik ? 20 : 16;
    case LK_MIS_SUITE_NULL_SHA1:
        return miik ? 20 : 0;
    case LK_MIS_SUITE_NULL_CMAC:
        return miik ? 16 : 0;
    case LK_MIS_SUITE_COUNT:
        break;
    }
    LK_ASSERT(!"a suite of the list");
    return 0;
}

size_t lk_miik_len(enum lk_mis_suite suite)
{
    return slice_len(suite, true);
}

size_t lk_miek_len(enum lk_mis_suite suite)
{
    return slice_len(suite, false);
}

void lk_mis_keys_derive(struct lk_mis_keys *keys, const struct lk_mis_agreed *agreed,
                        const struct lk_mis_k *k, const uint8_t nonce_t[LK_MIS_NONCE_LEN],
                        const uint8_t nonce_n[LK_MIS_NONCE_LEN])
{
    struct lk_span context[] = { lk_span_of(nonce_t, LK_MIS_NONCE_LEN),
                                 lk_span_of(nonce_n, LK_MIS_NONCE_LEN),
                                 lk_span_of(&agreed->c, 1) };
    uint8_t misk[LK_MISK_MAX];
    struct lk_reader r;
    size_t len;

    LK_ASSERT(k->len >= LK_MIS_K_MIN && k->len <= LK_MIS_K_MAX);
    *keys = (struct lk_mis_keys){ .miak.len = lk_miak_len(agreed->prf),
                                  .miik.len = lk_miik_len(agreed->suite),
                                  .miek.len = lk_miek_len(agreed->suite) };
    len = keys->miak.len + keys->miik.len + keys->miek.len;
    expand(misk, len, agreed->prf, lk_span_of(k->octets, k->len), "MIK", context,
           LK_COUNT_OF(context));
    /* spec: IEEE 802.21 9.2.1 - MISK is cut into MIAK, MIIK and MIEK, in this order; what a suite
     * does not have takes no octets. */
    r = lk_reader_of(lk_span_of(misk, len));
    lk_get_copy(&r, keys->miak.octets, keys->miak.len);
    lk_get_copy(&r, keys->miik.octets, keys->miik.len);
    lk_get_copy(&r, keys->miek.octets, keys->miek.len);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
    lk_wipe(misk, sizeof misk);
}

void lk_mis_k_mix(struct lk_mis_k *k, const uint8_t z[LK_MIS_DH_LEN],
                  const uint8_t nonce_t[LK_MIS_NONCE_LEN], const uint8_t nonce_n[LK_MIS_NONCE_LEN])
{
    static const char label[] = "MIS-DH-MIX"; /* with its end mark */
    const uint8_t len[2] = { 0, LK_MIS_K_MAX };
    struct lk_span s[] = { LK_SPAN(label), lk_span_of(z, LK_MIS_DH_LEN),
                           lk_span_of(nonce_t, LK_MIS_NONCE_LEN),
                           lk_span_of(nonce_n, LK_MIS_NONCE_LEN), LK_SPAN(len) };
    uint8_t mixed[LK_MIS_K_MAX];

    /* K' = prf+(K, "MIS-DH-MIX" 00 || Z || Nonce-T || Nonce-N || 0040) */
    lk_prf_prime(mixed, sizeof mixed, lk_span_of(k->octets, k->len), s, LK_COUNT_OF(s));
    set_whole(k, mixed);
    lk_wipe(mixed, sizeof mixed);
}

/* ---- AUTH ---- */

/* spec: IEEE 802.21.1 5.14.2 - both ends prove that they have the MISK and agree about all that
 * led to it. Ours, in the standard's words nowhere: TH = SHA-256("MIS-TH-1" 00 || SAID || Nonce-T
 * || Nonce-N || c || PRF || MN || TPoS || SPoS || used || lifetime || keys of DH || offers); names
 * and offers behind two octets of their length. */
void lk_mis_transcript_hash(uint8_t th[LK_MIS_TH_LEN], const struct lk_mis_transcript *t)
{
    static const char label[] = "MIS-TH-1"; /* with its end mark */
    const uint8_t codes[2] = { t->agreed.c, t->agreed.prf_code };
    const struct lk_span named[] = { t->said, t->mn_id, t->tpos_id, t->spos_id, t->offered };
    uint8_t len[LK_COUNT_OF(named)][2], lifetime[4];
    struct lk_span s[LK_MAX_PARTS];
    size_t count = 0;

    for (size_t i = 0; i < LK_COUNT_OF(named); i++) {
        LK_ASSERT(named[i].len <= UINT16_MAX);
        len[i][0] = (uint8_t)(named[i].len >> 8);
        len[i][1] = (uint8_t)named[i].len;
    }
    put_32(lifetime, t->lifetime_s);
    s[count++] = LK_SPAN(label);
    s[count++] = LK_SPAN(len[0]);
    s[count++] = t->said;
    s[count++] = LK_SPAN(t->nonce_t);
    s[count++] = LK_SPAN(t->nonce_n);
    s[count++] = LK_SPAN(codes);
    for (size_t i = 1; i <= 3; i++) {
        s[count++] = LK_SPAN(len[i]);
        s[count++] = named[i];
    }
    s[count++] = lk_span_of(&t->chain_used, 1);
    s[count++] = LK_SPAN(lifetime);
    s[count++] = t->dh_mn;
    s[count++] = t->dh_pos;
    /* T42: what was offered, and not only what was chosen: an offer that was cut is seen. */
    if (t->offered.len > 0) {
        s[count++] = LK_SPAN(len[4]);
        s[count++] = t->offered;
    }
    lk_sha256(th, s, count);
}

void lk_mis_auth_make(struct lk_mis_auth *auth, enum lk_mis_side side, enum lk_mis_prf prf,
                      const struct lk_miak *miak, const uint8_t th[LK_MIS_TH_LEN])
{
    static const char of_network[] = "MIS-AUTH-N", of_terminal[] = "MIS-AUTH-T"; /* and 00 */
    struct lk_span s[] = { side == LK_MIS_NETWORK ? LK_SPAN(of_network) : LK_SPAN(of_terminal),
                           lk_span_of(th, LK_MIS_TH_LEN) };
    uint8_t mac[PRF_MAX];

    /* AUTH-N = PRF(MIAK, "MIS-AUTH-N" 00 || TH), the first 16 octets; AUTH-T with its own label. */
    (void)prf_of(mac, prf, lk_span_of(miak->octets, miak->len), s, LK_COUNT_OF(s));
    memcpy(auth->octets, mac, sizeof auth->octets);
    lk_wipe(mac, sizeof mac);
}

bool lk_mis_auth_same(const struct lk_mis_auth *right, struct lk_span auth)
{
    return auth.len == sizeof right->octets &&
           lk_same_secret(right->octets, auth.at, sizeof right->octets);
}

/* ---- link keys ---- */

/* KDF(key, label, a, b): the context is each name behind two octets of its length. */
static void expand_names(uint8_t *out, size_t len, enum lk_mis_prf prf, struct lk_span key,
                         const char *label, struct lk_span a, struct lk_span b)
{
    const uint8_t a_len[2] = { (uint8_t)(a.len >> 8), (uint8_t)a.len };
    const uint8_t b_len[2] = { (uint8_t)(b.len >> 8), (uint8_t)b.len };
    struct lk_span context[] = { LK_SPAN(a_len), a, LK_SPAN(b_len), b };

    LK_ASSERT(a.len <= UINT16_MAX && b.len <= UINT16_MAX);
    expand(out, len, prf, key, label, context, LK_COUNT_OF(context));
}

void lk_msrk_derive(struct lk_msrk *msrk, enum lk_mis_prf prf, const struct lk_mis_k *k,
                    struct lk_span mn_id, struct lk_span pos_id)
{
    expand_names(msrk->octets, sizeof msrk->octets, prf, lk_span_of(k->octets, k->len), "MSRK",
                 mn_id, pos_id);
}

void lk_mspmk_derive(struct lk_mspmk *mspmk, enum lk_mis_prf prf, const struct lk_msrk *msrk,
                     struct lk_span mn_link, struct lk_span poa_link)
{
    expand_names(mspmk->octets, sizeof mspmk->octets, prf, LK_SPAN(msrk->octets), "MSPMK", mn_link,
                 poa_link);
}
