/* keys/mis and keys/mis_start: every PRF with every suite, AUTH over transcripts, the mixed K, link
 * keys, and start marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/erp.h"
#include "keys/mis.h"
#include "keys/mis_start.h"
#include "vectors.h"

static json_t *kdf, *handover;

static int load(void **state)
{
    kdf = vectors_load("mis-kdf");
    handover = vectors_load("mis-handover");
    return 0;
}

static int unload(void **state)
{
    json_decref(kdf);
    json_decref(handover);
    return 0;
}

/* ---- of a vector ---- */

static enum lk_mis_prf prf_named(const char *name)
{
    if (strcmp(name, "CMAC-AES-128") == 0)
        return LK_MIS_PRF_CMAC_AES;
    return strcmp(name, "HMAC-SHA-1") == 0 ? LK_MIS_PRF_HMAC_SHA1 : LK_MIS_PRF_HMAC_SHA256;
}

/* The codes of the sheet. */
static struct lk_mis_agreed agreed_of(const json_t *v, uint8_t c)
{
    enum lk_mis_prf prf = prf_named(vector_text(v, "prf"));

    assert_in_range(c, 1, LK_MIS_SUITE_COUNT);
    return (struct lk_mis_agreed){ (enum lk_mis_suite)(c - 1), prf, c, (uint8_t)prf };
}

static struct lk_mis_k k_of(const json_t *v)
{
    struct vector_octets octets = vector_hex(v, "K");
    struct lk_mis_k k;

    assert_int_equal(lk_mis_k_set(&k, vector_span(&octets)), LK_OK);
    return k;
}

static void nonces_of(uint8_t t[LK_MIS_NONCE_LEN], uint8_t n[LK_MIS_NONCE_LEN], const json_t *v)
{
    memcpy(t, vector_hex(v, "nonce_t").at, LK_MIS_NONCE_LEN);
    memcpy(n, vector_hex(v, "nonce_n").at, LK_MIS_NONCE_LEN);
}

/* The slices side by side. */
static struct vector_octets misk_of(const struct lk_mis_keys *keys)
{
    struct vector_octets misk = { .len = 0 };
    struct lk_writer w = lk_writer_of(misk.at, sizeof misk.at);

    lk_put_octets(&w, keys->miak.octets, keys->miak.len);
    lk_put_octets(&w, keys->miik.octets, keys->miik.len);
    lk_put_octets(&w, keys->miek.octets, keys->miek.len);
    misk.len = w.len;
    return misk;
}

/* ---- MISK ---- */

/* spec: IEEE 802.21 9.2.1 - MISK of every PRF and suite, under a K of 64 and of 32 octets, of which
 * CMAC takes 16. */
/* spec: IEEE 802.21 9.2.1 - its slices: MIAK, MIIK, MIEK. */
static void misk_vectors(void **state)
{
    const json_t *list = vectors_list(kdf, "vectors");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        uint8_t t[LK_MIS_NONCE_LEN], n[LK_MIS_NONCE_LEN];
        struct lk_mis_agreed agreed;
        struct lk_mis_keys keys;
        struct lk_mis_k k;
        struct vector_octets misk;

        if (!vector_has(v, "prf"))
            continue; /* must-differ, below */
        agreed = agreed_of(v, vector_hex(v, "c").at[0]);
        k = k_of(v);
        nonces_of(t, n, v);
        lk_mis_keys_derive(&keys, &agreed, &k, t, n);
        misk = misk_of(&keys);
        assert_int_equal(8 * misk.len, vector_int(v, "L_bits"));
        assert_vector(v, "MISK", misk.at, misk.len);
        assert_vector(v, "MIAK", keys.miak.octets, keys.miak.len);
        assert_vector(v, "MIIK", keys.miik.octets, keys.miik.len);
        assert_vector(v, "MIEK", keys.miek.octets, keys.miek.len);
        count++;
    }
    assert_int_equal(count, 2 * 3 * 4);
}

/* The two traps of the order, as the sheet sets them: they lead elsewhere. */
static void the_wrong_orders_lead_elsewhere(void **state)
{
    const json_t *v = vectors_find(kdf, "vectors", "K64.HMAC-SHA-256.c1");
    const json_t *swapped = vectors_find(kdf, "vectors", "must-differ.nonces-swapped");
    const json_t *counter = vectors_find(kdf, "vectors", "must-differ.counter-before-label");
    struct lk_mis_agreed agreed = agreed_of(v, 1);
    struct lk_mis_k k = k_of(v);
    uint8_t t[LK_MIS_NONCE_LEN], n[LK_MIS_NONCE_LEN], first[LK_SHA256_LEN];
    struct vector_octets input = vector_hex(v, "first_prf_input"), misk;
    struct lk_span parts[] = { lk_span_of(input.at + 3, 4), lk_span_of(input.at, 3),
                               lk_span_of(input.at + 7, input.len - 7) };
    struct lk_mis_keys keys;

    nonces_of(t, n, v);
    lk_mis_keys_derive(&keys, &agreed, &k, t, n);
    misk = misk_of(&keys);
    assert_vector(swapped, "correct", misk.at, misk.len);
    assert_vector(counter, "correct_first_block", misk.at, sizeof first);
    lk_mis_keys_derive(&keys, &agreed, &k, n, t);
    misk = misk_of(&keys);
    assert_vector(swapped, "wrong", misk.at, misk.len);
    lk_hmac_sha256(first, lk_span_of(k.octets, k.len), parts, LK_COUNT_OF(parts));
    assert_vector(counter, "wrong_first_block", first, sizeof first);
}

/* T42: another c, another nonce, another K: another MISK, in each of its slices. */
static void all_of_it_enters(void **state)
{
    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++) {
        struct lk_mis_agreed agreed = { LK_MIS_SUITE_CBC_SHA1, (enum lk_mis_prf)prf, 2, 0 };
        uint8_t t[LK_MIS_NONCE_LEN] = { 1 }, n[LK_MIS_NONCE_LEN] = { 2 };
        struct lk_mis_k k = { { 3 }, LK_MIS_K_MAX };
        struct lk_mis_keys right, other;
        uint8_t *const inputs[] = { &agreed.c, &t[0], &t[15], &n[0], &n[15], &k.octets[15] };

        lk_mis_keys_derive(&right, &agreed, &k, t, n);
        for (size_t i = 0; i < LK_COUNT_OF(inputs); i++) {
            *inputs[i] ^= 1;
            lk_mis_keys_derive(&other, &agreed, &k, t, n);
            assert_memory_not_equal(other.miak.octets, right.miak.octets, right.miak.len);
            assert_memory_not_equal(other.miik.octets, right.miik.octets, right.miik.len);
            assert_memory_not_equal(other.miek.octets, right.miek.octets, right.miek.len);
            *inputs[i] ^= 1;
        }
    }
}

/* K of full establishment is a usage-specific root key of EMSK or rMSK, and of one PoS.
 * spec: RFC 5295 3.1 - USRK = KDF(EMSK, usage label, usage data, length).
 * T40, T45: another PoS has another, of the same authentication. */
static void k_is_of_one_pos(void **state)
{
    struct lk_span usage = lk_span_text("mis-k@latchkey.example"),
                   a = lk_span_text("pos@a.example"), b = lk_span_text("pos@b.example");
    struct lk_mis_k k, other;
    struct lk_emsk emsk;
    struct lk_rmsk rmsk;
    struct lk_usrk usrk;

    memset(&emsk, 7, sizeof emsk);
    memset(&rmsk, 7, sizeof rmsk);
    lk_mis_k_of_emsk(&k, &emsk, usage, a);
    lk_usrk_derive(&usrk, &emsk, usage, a);
    assert_int_equal(k.len, sizeof usrk);
    assert_memory_equal(k.octets, &usrk, sizeof usrk);
    lk_mis_k_of_rmsk(&other, &rmsk, usage, a);
    assert_int_equal(other.len, sizeof usrk);
    assert_memory_equal(other.octets, &usrk, sizeof usrk);
    lk_mis_k_of_emsk(&other, &emsk, usage, b);
    assert_memory_not_equal(other.octets, k.octets, sizeof usrk);
    lk_mis_k_of_rmsk(&other, &rmsk, usage, b);
    assert_memory_not_equal(other.octets, k.octets, sizeof usrk);
    lk_mis_k_of_emsk(&other, &emsk, lk_span_text("x@y"), a);
    assert_memory_not_equal(other.octets, k.octets, sizeof usrk);
    emsk.octets[0] ^= 1;
    lk_mis_k_of_emsk(&other, &emsk, usage, a);
    assert_memory_not_equal(other.octets, k.octets, sizeof usrk);
}

/* K has 16 to 64 octets; a pMSK is K as it is, and so is what a home gives in an MSK's place. */
static void what_k_may_be(void **state)
{
    struct lk_mis_k k = { { 0 }, 0 };
    struct lk_msk msk;
    struct lk_pmsk pmsk;
    uint8_t octets[LK_MIS_K_MAX + 1];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)i;
    for (size_t len = 0; len <= sizeof octets; len++) {
        k.len = 0;
        assert_int_equal(lk_mis_k_set(&k, lk_span_of(octets, len)),
                         len >= 16 && len <= 64 ? LK_OK : LK_E_LENGTH);
        assert_int_equal(k.len, len >= 16 && len <= 64 ? len : 0);
    }
    memcpy(msk.octets, octets, 64);
    memset(pmsk.octets, 7, 64);
    lk_mis_k_of_msk(&k, &msk);
    assert_int_equal(k.len, 64);
    assert_memory_equal(k.octets, msk.octets, 64);
    lk_mis_k_of_pmsk(&k, &pmsk);
    assert_memory_equal(k.octets, pmsk.octets, 64);
}

static void the_mixed_k(void **state)
{
    const json_t *v = vectors_find(handover, "vectors", "dh-mix");
    struct lk_mis_k k = k_of(v), passive = k_of(v);
    uint8_t t[LK_MIS_NONCE_LEN], n[LK_MIS_NONCE_LEN], z[LK_MIS_DH_LEN];

    nonces_of(t, n, v);
    memcpy(z, vector_hex(v, "Z").at, sizeof z);
    lk_mis_k_mix(&k, z, t, n);
    assert_int_equal(k.len, LK_MIS_K_MAX);
    assert_vector(v, "K_mixed", k.octets, k.len);
    z[31] ^= 1; /* who has K and not Z */
    lk_mis_k_mix(&passive, z, t, n);
    assert_memory_not_equal(passive.octets, k.octets, k.len);
}

/* ---- AUTH ---- */

static struct lk_mis_transcript transcript_of(const json_t *v)
{
    static const uint8_t said[] = { 3, 4, 0x5a, 1, 2, 3 };
    struct lk_mis_transcript t = { .said = LK_SPAN(said),
                                   .agreed = agreed_of(v, (uint8_t)vector_int(v, "c")),
                                   .mn_id = lk_span_text("mn1@home.example"),
                                   .tpos_id = lk_span_text("tpos@b.example"),
                                   .spos_id = lk_span_text("spos@a.example"),
                                   .chain_used = 1,
                                   .lifetime_s = 3600 };

    nonces_of(t.nonce_t, t.nonce_n, v);
    return t;
}

/* The handover vectors with an AUTH. */
static const json_t *auth_vector(size_t *at)
{
    const json_t *list = vectors_list(handover, "vectors");

    while (*at < json_array_size(list)) {
        const json_t *v = json_array_get(list, (*at)++);

        if (vector_has(v, "AUTH_N"))
            return v;
    }
    return NULL;
}

/* spec: IEEE 802.21.1 5.14.2 - the transcript, and both AUTH values of each PRF. */
static bool proves(struct lk_span auth, enum lk_mis_side side, enum lk_mis_prf prf,
                   const struct lk_miak *miak, const uint8_t th[LK_MIS_TH_LEN])
{
    struct lk_mis_auth right;

    lk_mis_auth_make(&right, side, prf, miak, th);
    return lk_mis_auth_same(&right, auth);
}

static void auth_vectors(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = auth_vector(&at)) != NULL) {
        struct vector_octets transcript = vector_hex(v, "transcript");
        struct lk_mis_transcript t = transcript_of(v);
        struct lk_span all = vector_span(&transcript);
        struct lk_mis_k k = k_of(v);
        struct lk_mis_keys keys;
        struct lk_mis_auth auth;
        uint8_t th[LK_MIS_TH_LEN], want[LK_MIS_TH_LEN];

        lk_mis_keys_derive(&keys, &t.agreed, &k, t.nonce_t, t.nonce_n);
        assert_vector(v, "MIAK", keys.miak.octets, keys.miak.len);
        lk_mis_transcript_hash(th, &t);
        lk_sha256(want, &all, 1);
        assert_memory_equal(th, want, sizeof th);
        assert_vector(v, "transcript_hash", th, sizeof th);
        lk_mis_auth_make(&auth, LK_MIS_NETWORK, t.agreed.prf, &keys.miak, th);
        assert_vector(v, "AUTH_N", auth.octets, sizeof auth.octets);
        assert_true(proves(LK_SPAN(auth.octets), LK_MIS_NETWORK, t.agreed.prf, &keys.miak, th));
        /* what the one end sent does not prove the other */
        assert_false(proves(LK_SPAN(auth.octets), LK_MIS_TERMINAL, t.agreed.prf, &keys.miak, th));
        lk_mis_auth_make(&auth, LK_MIS_TERMINAL, t.agreed.prf, &keys.miak, th);
        assert_vector(v, "AUTH_T", auth.octets, sizeof auth.octets);
        for (size_t bit = 0; bit < 8 * sizeof auth.octets; bit++) {
            auth.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(proves(LK_SPAN(auth.octets), LK_MIS_TERMINAL,
                                t.agreed.prf, &keys.miak, th));
            auth.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < sizeof auth.octets; len++)
            assert_false(proves(lk_span_of(auth.octets, len), LK_MIS_TERMINAL,
                                t.agreed.prf, &keys.miak, th));
        count++;
    }
    assert_int_equal(count, 6);
}

/* One field of a transcript is another. */
enum { FIELDS = 16 };
static void change(struct lk_mis_transcript *t, unsigned field)
{
    static const uint8_t key[LK_MIS_DH_LEN] = { 9 }, offers[] = { 1, 2, 0x60 };

    switch (field) {
    case 0: t->said = lk_span_text("other"); break;
    case 1: t->nonce_t[15] ^= 1; break;
    case 2: t->nonce_n[0] ^= 1; break;
    case 3: t->agreed.c = 3; break;
    case 4: t->agreed.prf_code ^= 1; break;
    case 5: t->mn_id = lk_span_text("mn2@home.example"); break;
    case 6: t->tpos_id = lk_span_text("tpos@c.example"); break;
    case 7: t->spos_id = lk_span_text("spos@c.example"); break;
    case 8: t->spos_id.len = 0; break;
    case 9: t->chain_used = 0; break;
    case 10: t->lifetime_s = 3601; break;
    case 11: t->dh_mn = LK_SPAN(key); break;
    case 12: t->dh_pos = LK_SPAN(key); t->dh_mn = LK_SPAN(t->nonce_t); break;
    case 13: t->offered = LK_SPAN(offers); break;
    case 14: t->offered = lk_span_of(offers, 2); break;
    default: /* an octet moves from one name to the next */
        t->mn_id.len--;
        t->tpos_id = lk_span_text("etpos@b.example");
    }
}

/* T42: whatever of the exchange an attacker alters, both nonces, the identities, the suite that was
 * chosen, the offers it was chosen from, the PRF, the count: the confirmation fails. */
static void a_confirmation_binds_the_whole_exchange(void **state)
{
    const json_t *v = vectors_find(handover, "vectors", "auth.HMAC-SHA-256.c1");
    uint8_t hashes[FIELDS + 1][LK_MIS_TH_LEN];
    struct lk_mis_transcript t = transcript_of(v);
    struct lk_mis_k k = k_of(v);
    struct lk_mis_keys keys;
    struct lk_mis_auth auth;

    lk_mis_keys_derive(&keys, &t.agreed, &k, t.nonce_t, t.nonce_n);
    lk_mis_transcript_hash(hashes[FIELDS], &t);
    lk_mis_auth_make(&auth, LK_MIS_NETWORK, t.agreed.prf, &keys.miak, hashes[FIELDS]);
    for (unsigned field = 0; field < FIELDS; field++) {
        t = transcript_of(v);
        change(&t, field);
        lk_mis_transcript_hash(hashes[field], &t);
        assert_false(proves(LK_SPAN(auth.octets), LK_MIS_NETWORK,
                            t.agreed.prf, &keys.miak, hashes[field]));
    }
    for (unsigned a = 0; a <= FIELDS; a++)
        for (unsigned b = 0; b < a; b++)
            assert_memory_not_equal(hashes[a], hashes[b], LK_MIS_TH_LEN);
}

/* The keys of DH stand behind the lifetime, the MN's first; then the offers, with their length. */
static void what_is_behind_the_transcript(void **state)
{
    const json_t *v = vectors_find(handover, "vectors", "auth.HMAC-SHA-256.c1");
    struct vector_octets transcript = vector_hex(v, "transcript");
    struct lk_mis_transcript t = transcript_of(v);
    static const uint8_t mn[LK_MIS_DH_LEN] = { 1 }, pos[LK_MIS_DH_LEN] = { 2 };
    static const uint8_t offered[] = { 0, 3, 1, 2, 0x60 };
    struct lk_span parts[] = { vector_span(&transcript), LK_SPAN(mn), LK_SPAN(pos),
                               LK_SPAN(offered) };
    uint8_t th[LK_MIS_TH_LEN], want[LK_MIS_TH_LEN];

    t.dh_mn = LK_SPAN(mn);
    t.dh_pos = LK_SPAN(pos);
    t.offered = lk_span_of(offered + 2, 3);
    lk_mis_transcript_hash(th, &t);
    lk_sha256(want, parts, LK_COUNT_OF(parts));
    assert_memory_equal(th, want, sizeof th);
}

/* ---- link keys ---- */

/* By their definition, in one block of each PRF after another. */
static void link_keys(void **state)
{
    static const size_t blocks[] = { 16, 20, 32 };
    struct lk_mis_k k = { { 5 }, LK_MIS_K_MAX };

    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++) {
        uint8_t input[] = "MSRK\0\0\0\1\0\3mn1\0\4pos1\0\0\2";
        struct lk_span part = lk_span_of(input, sizeof input);
        uint8_t want[64 + 32];
        struct lk_msrk msrk;
        struct lk_mspmk mspmk, other;

        input[sizeof input - 1] = 0; /* the string's own end: [512]_32 is 00 00 02 00 */
        for (size_t at = 0; at < 64; at += blocks[prf], input[7]++) {
            if (prf == LK_MIS_PRF_CMAC_AES)
                lk_cmac_aes128(want + at, k.octets, &part, 1);
            else if (prf == LK_MIS_PRF_HMAC_SHA1)
                lk_hmac_sha1(want + at, LK_SPAN(k.octets), &part, 1);
            else
                lk_hmac_sha256(want + at, LK_SPAN(k.octets), &part, 1);
        }
        lk_msrk_derive(&msrk, (enum lk_mis_prf)prf, &k, lk_span_text("mn1"), lk_span_text("pos1"));
        assert_memory_equal(msrk.octets, want, sizeof msrk.octets);
        lk_mspmk_derive(&mspmk, (enum lk_mis_prf)prf, &msrk, lk_span_text("abcdef"),
                        lk_span_text("ghijkl"));
        lk_mspmk_derive(&other, (enum lk_mis_prf)prf, &msrk, lk_span_text("abcdefg"),
                        lk_span_text("hijkl"));
        assert_memory_not_equal(mspmk.octets, other.octets, sizeof mspmk.octets);
        assert_memory_not_equal(mspmk.octets, msrk.octets, sizeof mspmk.octets);
    }
}

/* ---- start marks ---- */

static const struct lk_home_secret home = { { 1, 2, 3 } }, stranger = { { 1, 2, 4 } };

static struct lk_start_mark a_mark(void)
{
    return (struct lk_start_mark){ lk_span_text("mn1@home.example"), 1780000000, 7200, 5,
                                   lk_span_text("home.example") };
}

/* What is signed is the label and the fields, in this order; and comes back. */
static void a_mark_signed_and_read(void **state)
{
    static const char fields[] = "latchkey-mis-start-1\0\0\20mn1@home.example"
                                 "\0\0\0\0\x6a\x18\xa5\0\0\0\x1c\x20\5\0\14home.example";
    struct lk_start_mark mark = a_mark(), back;
    uint8_t octets[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_home_key key;

    lk_home_key_derive(&key, &home);
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_OK);
    assert_int_equal(w.len, sizeof fields - 1 - 21 + 64);
    assert_memory_equal(octets, fields + 21, w.len - 64);
    assert_int_equal(lk_ed25519_verify(key.octets, octets + w.len - 64,
                                       lk_span_of(fields, sizeof fields - 1)),
                     LK_OK);
    assert_int_equal(lk_start_mark_read(&back, lk_writer_span(&w)), LK_OK);
    assert_true(lk_span_equal(back.mn_id, mark.mn_id));
    assert_true(lk_span_equal(back.realm, mark.realm));
    assert_int_equal(back.start_s, mark.start_s);
    assert_int_equal(back.lifetime_s, 7200);
    assert_int_equal(back.max, 5);
}

/* T40: a mark that no home signed, that another home signed, or that was altered anywhere. */
static void a_mark_of_nobody(void **state)
{
    struct lk_start_mark mark = a_mark();
    uint8_t octets[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_home_key key, other;
    struct lk_span whole;

    lk_home_key_derive(&key, &home);
    lk_home_key_derive(&other, &stranger);
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_OK);
    whole = lk_writer_span(&w);
    assert_int_equal(lk_start_mark_verify(whole, &key), LK_OK);
    assert_int_equal(lk_start_mark_verify(whole, &other), LK_E_AUTH);
    for (size_t i = 0; i < whole.len; i++) {
        octets[i] ^= 1;
        assert_int_not_equal(lk_start_mark_verify(whole, &key), LK_OK);
        octets[i] ^= 1;
        assert_int_equal(lk_start_mark_verify(lk_span_of(octets, i), &key), LK_E_SHORT);
    }
    octets[whole.len] = 0;
    assert_int_equal(lk_start_mark_verify(lk_span_of(octets, whole.len + 1), &key), LK_E_TRAILING);
    assert_int_equal(lk_start_mark_verify(whole, &key), LK_OK);
}

static void names_of_a_mark(void **state)
{
    static char name[LK_MIS_ID_MAX + 1];
    uint8_t octets[LK_MIS_START_MARK_MAX];
    struct lk_start_mark mark = a_mark(), back;
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    memset(name, 'x', sizeof name);
    mark.mn_id = lk_span_of(name, LK_MIS_ID_MAX);
    mark.realm = lk_span_of(name, LK_MIS_REALM_MAX);
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_OK);
    assert_int_equal(w.len, LK_MIS_START_MARK_MAX);
    assert_int_equal(lk_start_mark_read(&back, lk_writer_span(&w)), LK_OK);
    w = lk_writer_of(octets, sizeof octets - 1);
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_E_FULL);
    w = lk_writer_of(octets, sizeof octets);
    mark.realm = lk_span_of(name, LK_MIS_REALM_MAX + 1);
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_E_LENGTH);
    mark = a_mark();
    mark.mn_id.len = 0;
    assert_int_equal(lk_start_mark_sign(&w, &mark, &home), LK_E_LENGTH);
    assert_int_equal(w.len, 0);
    memset(octets, 0, sizeof octets);
    assert_int_equal(lk_start_mark_read(&back, lk_span_of(octets, 2 + 13 + 2 + 64)), LK_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misk_vectors),
        cmocka_unit_test(the_wrong_orders_lead_elsewhere),
        cmocka_unit_test(all_of_it_enters),
        cmocka_unit_test(k_is_of_one_pos),
        cmocka_unit_test(what_k_may_be),
        cmocka_unit_test(the_mixed_k),
        cmocka_unit_test(auth_vectors),
        cmocka_unit_test(a_confirmation_binds_the_whole_exchange),
        cmocka_unit_test(what_is_behind_the_transcript),
        cmocka_unit_test(link_keys),
        cmocka_unit_test(a_mark_signed_and_read),
        cmocka_unit_test(a_mark_of_nobody),
        cmocka_unit_test(names_of_a_mark),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
