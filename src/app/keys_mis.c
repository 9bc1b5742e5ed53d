/* `latchkey keys misk`, `mis-auth`, `mis-mix` and `mis-link`: the keys of an MIS SA. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/mis.h"
#include "wire/mis_codes.h"

static const char clause_kdf[] = "IEEE 802.21 9.2.1",
                  clause_auth[] = "IEEE 802.21.1 5.14.2";

#define K { "k", LK_INPUT_HEX, true, LK_MIS_K_MIN, LK_MIS_K_MAX, "K: of mis-k, or handed out" }
#define NONCES                                                                               \
    { "nonce-t", LK_INPUT_HEX, true, LK_MIS_NONCE_LEN, LK_MIS_NONCE_LEN, "Nonce-T, the MN's" }, \
    { "nonce-n", LK_INPUT_HEX, true, LK_MIS_NONCE_LEN, LK_MIS_NONCE_LEN, "Nonce-N, the PoS's" }
#define PRF { "prf", LK_INPUT_WORD, true, 0, 0, "cmac-aes|hmac-sha1|hmac-sha256" }
#define END { NULL, LK_INPUT_HEX, false, 0, 0, NULL }

static enum lk_mis_prf prf_in(const struct lk_derivation *d)
{
    _Static_assert(LK_MIS_PRF_CMAC_AES == 0 && LK_MIS_PRF_HMAC_SHA1 == 1 &&
                       LK_MIS_PRF_HMAC_SHA256 == 2,
                   "in the order of the words");
    return (enum lk_mis_prf)lk_in_number(d, "prf", 0);
}

static void k_in(struct lk_mis_k *k, const struct lk_derivation *d)
{
    enum lk_status status = lk_mis_k_set(k, lk_in_span(d, "k"));

    LK_ASSERT(status == LK_OK); /* the length was looked at with the option */
}

/* One call of a PRF: which function it is, and how much it gives. */
static struct lk_step *prf_step(struct lk_derivation *d, enum lk_mis_prf prf, const char *clause,
                                const char *key_name, struct lk_span key)
{
    static const enum lk_function functions[] = {
        [LK_MIS_PRF_CMAC_AES] = LK_FN_CMAC_AES128,
        [LK_MIS_PRF_HMAC_SHA1] = LK_FN_HMAC_SHA1,
        [LK_MIS_PRF_HMAC_SHA256] = LK_FN_HMAC_SHA256,
    };
    struct lk_step *step = lk_step(d, functions[prf], clause);

    lk_piece(step, LK_PIECE_KEY, key_name,
             lk_span_of(key.at, prf == LK_MIS_PRF_CMAC_AES ? 16 : key.len));
    return step;
}

/* What stands between the counter and the length. */
struct context {
    const char *label;
    struct {
        const char *name;
        struct lk_span octets;
    } piece[4];
    size_t count;
};

/* The blocks of the KDF and what they are together, len octets of which are the key. */
static struct lk_span expand(struct lk_derivation *d, enum lk_mis_prf prf, const char *key_name,
                             struct lk_span key, const struct context *context, const char *gives,
                             size_t len)
{
    static const char *const names[] = { "K(1)", "K(2)", "K(3)", "K(4)" };
    uint8_t bits[4] = { 0, 0, (uint8_t)(8 * len >> 8), (uint8_t)(8 * len) }, i[4] = { 0 };
    struct lk_span blocks[LK_COUNT_OF(names)];
    size_t block_len = lk_miak_len(prf), count = (len + block_len - 1) / block_len;
    struct lk_step *step;

    LK_ASSERT(count <= LK_COUNT_OF(names));
    for (size_t n = 0; n < count; n++) {
        i[3]++;
        step = prf_step(d, prf, clause_kdf, key_name, key);
        lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text(context->label));
        lk_piece(step, LK_PIECE_INPUT, "i", LK_SPAN(i));
        for (size_t j = 0; j < context->count; j++)
            lk_piece(step, LK_PIECE_INPUT, context->piece[j].name, context->piece[j].octets);
        lk_piece(step, LK_PIECE_INPUT, "length in bits", LK_SPAN(bits));
        blocks[n] = lk_step_result(step, names[n], block_len);
    }
    step = lk_step(d, LK_FN_CONCAT, clause_kdf);
    step->note = "the leftmost octets are the key";
    for (size_t n = 0; n < count; n++)
        lk_piece(step, LK_PIECE_INPUT, names[n], blocks[n]);
    return lk_span_of(lk_step_result(step, gives, count * block_len).at, len);
}

/* ---- MISK ---- */

static const struct lk_input mis_inputs[] = {
    K,
    NONCES,
    PRF,
    { "suite", LK_INPUT_NUMBER, true, 1, 255,
      "1 CCM, 2 CBC and SHA-1, 3 SHA-1 alone, 4 CMAC alone" },
    { "c", LK_INPUT_HEX, false, 1, 1, "code of the suite, if it is not that number" },
    END,
};

static void give_slice(struct lk_derivation *d, const char *name, const char *part,
                       struct lk_reader *misk, const uint8_t *octets, size_t len)
{
    struct lk_span from = lk_get_span(misk, len);

    if (len > 0)
        lk_give(d, name, lk_span_of(octets, len), from, part, clause_kdf);
}

static int run_mis(struct lk_derivation *d)
{
    uint8_t code = (uint8_t)lk_in_number(d, "suite", 1);
    struct lk_mis_agreed agreed = { .suite = lk_mis_suite_of(&d->codes, code),
                                    .prf = prf_in(d),
                                    .c = code };
    struct lk_span nonce_t = lk_in_span(d, "nonce-t"), nonce_n = lk_in_span(d, "nonce-n"), misk;
    struct context context = { "MIK", { { "Nonce-T", nonce_t }, { "Nonce-N", nonce_n } }, 3 };
    struct lk_mis_keys keys;
    struct lk_mis_k k;
    struct lk_reader r;

    if (agreed.suite == LK_MIS_SUITE_COUNT)
        return lk_in_refuse("--suite is the number of none: 1 to 4, or as --codes FILE says");
    if (lk_in(d, "c")->given)
        agreed.c = lk_in_span(d, "c").at[0];
    context.piece[2].name = "c";
    context.piece[2].octets = lk_span_of(&agreed.c, 1);
    k_in(&k, d);
    lk_mis_keys_derive(&keys, &agreed, &k, nonce_t.at, nonce_n.at);
    misk = expand(d, agreed.prf, "K", lk_in_span(d, "k"), &context, "MISK",
                  keys.miak.len + keys.miik.len + keys.miek.len);
    r = lk_reader_of(misk);
    give_slice(d, "miak", "first of MISK", &r, keys.miak.octets, keys.miak.len);
    give_slice(d, "miik", "of MISK, behind MIAK", &r, keys.miik.octets, keys.miik.len);
    give_slice(d, "miek", "last of MISK", &r, keys.miek.octets, keys.miek.len);
    lk_wipe(&keys, sizeof keys);
    lk_wipe(&k, sizeof k);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_misk = {
    .name = "misk",
    .summary = "the keys of an MIS SA: the slices of its MISK",
    .clause = "IEEE 802.21 9.2.1",
    .prints = "miak [miik] [miek]",
    .inputs = mis_inputs,
    .run = run_mis,
};

/* ---- AUTH ---- */

static const struct lk_input mis_auth_inputs[] = {
    { "miak", LK_INPUT_HEX, true, 16, 32, "MIAK" },
    PRF,
    { "said", LK_INPUT_HEX, true, 3, 64, "value of the SAID" },
    NONCES,
    { "c", LK_INPUT_HEX, true, 1, 1, "code of the suite" },
    { "mn", LK_INPUT_TEXT, true, 1, LK_MIS_ID_MAX, "MISF ID of the MN" },
    { "pos", LK_INPUT_TEXT, true, 1, LK_MIS_ID_MAX, "MISF ID of the PoS, or target PoS" },
    { "spos", LK_INPUT_TEXT, false, 1, LK_MIS_ID_MAX, "MISF ID of the serving PoS, if any" },
    { "used", LK_INPUT_NUMBER, false, 0, UINT8_MAX, "optimised runs, this one too; default 0" },
    { "lifetime", LK_INPUT_NUMBER, true, 0, UINT32_MAX, "of the SA, in seconds" },
    { "dh-mn", LK_INPUT_HEX, false, LK_MIS_DH_LEN, LK_MIS_DH_LEN, "X25519 key of the MN" },
    { "dh-pos", LK_INPUT_HEX, false, LK_MIS_DH_LEN, LK_MIS_DH_LEN, "X25519 key of the PoS" },
    { "offered", LK_INPUT_HEX, false, 1, 16, "offers of the MN: suites, then PRFs" },
    END,
};

static void piece_named(struct lk_step *step, const char *name, struct lk_span octets)
{
    const uint8_t len[2] = { (uint8_t)(octets.len >> 8), (uint8_t)octets.len };

    lk_piece(step, LK_PIECE_INPUT, "length", LK_SPAN(len));
    lk_piece(step, LK_PIECE_INPUT, name, octets);
}

static struct lk_span give_hash(struct lk_derivation *d, const struct lk_mis_transcript *t)
{
    struct lk_step *step = lk_step(d, LK_FN_SHA256, clause_auth);
    const uint8_t codes[2] = { t->agreed.c, t->agreed.prf_code };
    uint8_t lifetime[4], th[LK_MIS_TH_LEN];
    struct lk_writer w = lk_writer_of(lifetime, sizeof lifetime);
    struct lk_span result;

    lk_put_be32(&w, t->lifetime_s);
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_of("MIS-TH-1", 9));
    piece_named(step, "SAID", t->said);
    lk_piece(step, LK_PIECE_INPUT, "Nonce-T", LK_SPAN(t->nonce_t));
    lk_piece(step, LK_PIECE_INPUT, "Nonce-N", LK_SPAN(t->nonce_n));
    lk_piece(step, LK_PIECE_INPUT, "c, PRF", LK_SPAN(codes));
    piece_named(step, "MN", t->mn_id);
    piece_named(step, "PoS", t->tpos_id);
    piece_named(step, "serving PoS", t->spos_id);
    lk_piece(step, LK_PIECE_INPUT, "used", lk_span_of(&t->chain_used, 1));
    lk_piece(step, LK_PIECE_INPUT, "lifetime", LK_SPAN(lifetime));
    lk_piece(step, LK_PIECE_INPUT, "X25519 of MN", t->dh_mn);
    lk_piece(step, LK_PIECE_INPUT, "X25519 of PoS", t->dh_pos);
    if (t->offered.len > 0)
        piece_named(step, "offers", t->offered);
    result = lk_step_result(step, "TH", LK_SHA256_LEN);
    lk_mis_transcript_hash(th, t);
    lk_give(d, "th", LK_SPAN(th), result, "octets 0..31", clause_auth);
    return result;
}

static void give_auth(struct lk_derivation *d, enum lk_mis_side side, enum lk_mis_prf prf,
                      const struct lk_miak *miak, struct lk_span th)
{
    const char *name = side == LK_MIS_NETWORK ? "auth_n" : "auth_t";
    struct lk_step *step = prf_step(d, prf, clause_auth, "MIAK", lk_in_span(d, "miak"));
    struct lk_mis_auth auth;
    struct lk_span result;

    lk_piece_text(step, LK_PIECE_INPUT, "label",
                  lk_span_of(side == LK_MIS_NETWORK ? "MIS-AUTH-N" : "MIS-AUTH-T", 11));
    lk_piece(step, LK_PIECE_INPUT, "TH", th);
    result = lk_step_result(step, name, lk_miak_len(prf));
    lk_mis_auth_make(&auth, side, prf, miak, th.at);
    lk_give(d, name, LK_SPAN(auth.octets), lk_span_of(result.at, sizeof auth.octets),
            "octets 0..15", clause_auth);
    lk_wipe(&auth, sizeof auth);
}

static int run_mis_auth(struct lk_derivation *d)
{
    struct lk_mis_transcript t = {
        .said = lk_in_span(d, "said"),
        .agreed = { .prf = prf_in(d),
                    .c = lk_in_span(d, "c").at[0],
                    .prf_code = d->codes.prf[prf_in(d)] },
        .mn_id = lk_in_span(d, "mn"),
        .tpos_id = lk_in_span(d, "pos"),
        .spos_id = lk_in_span(d, "spos"),
        .chain_used = (uint8_t)lk_in_number(d, "used", 0),
        .lifetime_s = (uint32_t)lk_in_number(d, "lifetime", 0),
        .dh_mn = lk_in_span(d, "dh-mn"),
        .dh_pos = lk_in_span(d, "dh-pos"),
        .offered = lk_in_span(d, "offered"),
    };
    struct lk_span octets = lk_in_span(d, "miak"), th;
    struct lk_miak miak = { .len = octets.len };

    if (octets.len != lk_miak_len(t.agreed.prf))
        return lk_in_refuse("--miak has 16, 20 or 32 octets, as --prf gives them");
    memcpy(miak.octets, octets.at, octets.len);
    memcpy(t.nonce_t, lk_in_span(d, "nonce-t").at, sizeof t.nonce_t);
    memcpy(t.nonce_n, lk_in_span(d, "nonce-n").at, sizeof t.nonce_n);
    th = give_hash(d, &t);
    give_auth(d, LK_MIS_NETWORK, t.agreed.prf, &miak, th);
    give_auth(d, LK_MIS_TERMINAL, t.agreed.prf, &miak, th);
    lk_wipe(&miak, sizeof miak);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_mis_auth = {
    .name = "mis-auth",
    .summary = "AUTH-N and AUTH-T of an establishment",
    .clause = "IEEE 802.21.1 5.14.2",
    .prints = "th auth_n auth_t",
    .inputs = mis_auth_inputs,
    .run = run_mis_auth,
};

/* ---- the mixed K ---- */

static const struct lk_input mis_mix_inputs[] = {
    K,
    { "z", LK_INPUT_HEX, true, LK_MIS_DH_LEN, LK_MIS_DH_LEN, "X25519 of both" },
    NONCES,
    END,
};

static int run_mis_mix(struct lk_derivation *d)
{
    struct lk_span nonce_t = lk_in_span(d, "nonce-t"), nonce_n = lk_in_span(d, "nonce-n"), result;
    struct lk_step *step = lk_step(d, LK_FN_PRF_PRIME, clause_auth);
    struct lk_mis_k k;

    step->note = "prf+";
    lk_piece(step, LK_PIECE_KEY, "K", lk_in_span(d, "k"));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_of("MIS-DH-MIX", 11));
    lk_piece(step, LK_PIECE_INPUT, "Z", lk_in_span(d, "z"));
    lk_piece(step, LK_PIECE_INPUT, "Nonce-T", nonce_t);
    lk_piece(step, LK_PIECE_INPUT, "Nonce-N", nonce_n);
    lk_piece(step, LK_PIECE_INPUT, "length", lk_span_of("\0\x40", 2));
    result = lk_step_result(step, "K'", LK_MIS_K_MAX);
    k_in(&k, d);
    lk_mis_k_mix(&k, lk_in_span(d, "z").at, nonce_t.at, nonce_n.at);
    lk_give(d, "k", LK_SPAN(k.octets), result, "octets 0..63", clause_auth);
    lk_wipe(&k, sizeof k);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_mis_mix = {
    .name = "mis-mix",
    .summary = "K mixed with the secret of an X25519 agreement",
    .clause = "IEEE 802.21.1 5.14.2",
    .prints = "k",
    .inputs = mis_mix_inputs,
    .run = run_mis_mix,
};

/* ---- link keys ---- */

static const struct lk_input mis_link_inputs[] = {
    K,
    PRF,
    { "mn", LK_INPUT_TEXT, true, 1, LK_MIS_ID_MAX, "MISF ID of the MN" },
    { "pos", LK_INPUT_TEXT, true, 1, LK_MIS_ID_MAX, "MISF ID of the PoS" },
    { "mn-link", LK_INPUT_HEX, true, 1, 64, "link address of the MN" },
    { "poa-link", LK_INPUT_HEX, true, 1, 64, "link address of the point of attachment" },
    END,
};

static struct lk_span expand_names(struct lk_derivation *d, const char *key_name,
                                   struct lk_span key, const char *label, const char *a,
                                   const char *b, const char *gives, size_t len)
{
    struct lk_span first = lk_in_span(d, a), second = lk_in_span(d, b);
    const uint8_t first_len[2] = { 0, (uint8_t)first.len };
    const uint8_t second_len[2] = { 0, (uint8_t)second.len };
    const struct context context = { label,
                                     { { "length", LK_SPAN(first_len) },
                                       { a, first },
                                       { "length", LK_SPAN(second_len) },
                                       { b, second } },
                                     4 };

    return expand(d, prf_in(d), key_name, key, &context, gives, len);
}

static int run_mis_link(struct lk_derivation *d)
{
    enum lk_mis_prf prf = prf_in(d);
    struct lk_span from;
    struct lk_mis_k k;
    struct lk_msrk msrk;
    struct lk_mspmk mspmk;

    k_in(&k, d);
    lk_msrk_derive(&msrk, prf, &k, lk_in_span(d, "mn"), lk_in_span(d, "pos"));
    lk_mspmk_derive(&mspmk, prf, &msrk, lk_in_span(d, "mn-link"), lk_in_span(d, "poa-link"));
    from = expand_names(d, "K", lk_in_span(d, "k"), "MSRK", "mn", "pos", "msrk", 64);
    lk_give(d, "msrk", LK_SPAN(msrk.octets), from, "octets 0..63", clause_kdf);
    from = expand_names(d, "MSRK", from, "MSPMK", "mn-link", "poa-link", "mspmk", 32);
    lk_give(d, "mspmk", LK_SPAN(mspmk.octets), from, "octets 0..31", clause_kdf);
    lk_wipe(&k, sizeof k);
    lk_wipe(&msrk, sizeof msrk);
    lk_wipe(&mspmk, sizeof mspmk);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_mis_link = {
    .name = "mis-link",
    .summary = "link keys of an MN at a point of attachment",
    .clause = "IEEE 802.21 9.2.1",
    .prints = "msrk mspmk",
    .inputs = mis_link_inputs,
    .run = run_mis_link,
};
