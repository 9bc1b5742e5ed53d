/* `latchkey keys` ck-ik-prime, eap-aka-prime and eap-aka. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "keys/eap.h"

enum { IDENTITY_MAX = 1000, MASTER_MAX = 208 };

static struct lk_span slice(struct lk_span of, size_t from, size_t len)
{
    LK_ASSERT(from + len <= of.len);
    return lk_span_of(of.at + from, len);
}

/* ---- CK', IK' ---- */

static const struct lk_input ck_ik_prime_inputs[] = {
    { "ck", LK_INPUT_HEX, true, 16, 16, "CK (f3)" },
    { "ik", LK_INPUT_HEX, true, 16, 16, "IK (f4)" },
    { "autn", LK_INPUT_HEX, true, 16, 16, "AUTN; its first six octets, SQN xor AK, enter" },
    { "network-name", LK_INPUT_TEXT, true, 1, 255, "access network identity, as AT_KDF_INPUT" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_ck_ik_prime(struct lk_derivation *d)
{
    static const char clause[] = "TS 33.402 A.2";
    struct lk_span name = lk_in_span(d, "network-name"), autn = lk_in_span(d, "autn"), result;
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, clause);
    uint8_t l0[2] = { (uint8_t)(name.len >> 8), (uint8_t)name.len };
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;

    lk_piece(step, LK_PIECE_KEY, "CK", lk_in_span(d, "ck"));
    lk_piece(step, LK_PIECE_KEY, "IK", lk_in_span(d, "ik"));
    lk_piece(step, LK_PIECE_INPUT, "FC", lk_span_of("\x20", 1));
    lk_piece_text(step, LK_PIECE_INPUT, "P0 access network identity", name);
    lk_piece(step, LK_PIECE_INPUT, "L0", LK_SPAN(l0));
    lk_piece_param(step, 1, "SQN xor AK = AUTN[0..5]", slice(autn, 0, 6));
    result = lk_step_result(step, "CK' || IK'", 32);

    memcpy(ck.octets, lk_in_span(d, "ck").at, sizeof ck.octets);
    memcpy(ik.octets, lk_in_span(d, "ik").at, sizeof ik.octets);
    lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, name, autn.at);
    lk_give(d, "ck_prime", LK_SPAN(ck_prime.octets), slice(result, 0, 16), "octets 0..15", clause);
    lk_give(d, "ik_prime", LK_SPAN(ik_prime.octets), slice(result, 16, 16), "octets 16..31",
            clause);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&ck_prime, sizeof ck_prime);
    lk_wipe(&ik_prime, sizeof ik_prime);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_ck_ik_prime = {
    .name = "ck-ik-prime",
    .summary = "CK' and IK', bound to the access network's name",
    .clause = "TS 33.402 A.2",
    .prints = "ck_prime ik_prime",
    .inputs = ck_ik_prime_inputs,
    .run = run_ck_ik_prime,
};

/* ---- EAP-AKA' ---- */

static const struct lk_input aka_prime_inputs[] = {
    { "ck-prime", LK_INPUT_HEX, false, 16, 16, "CK' (full authentication)" },
    { "ik-prime", LK_INPUT_HEX, false, 16, 16, "IK' (full authentication)" },
    { "identity", LK_INPUT_TEXT, true, 1, IDENTITY_MAX,
      "the last identity the peer sent, realm included" },
    { "k-re", LK_INPUT_HEX, false, 32, 32, "K_re (re-authentication, instead of CK', IK')" },
    { "counter", LK_INPUT_NUMBER, false, 0, 65535, "AT_COUNTER (re-authentication)" },
    { "nonce-s", LK_INPUT_HEX, false, 16, 16, "AT_NONCE_S (re-authentication)" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

/* True for the options of a re-authentication, false for those of a full one; an exit code in *code
 * when they are mixed or incomplete. parents are the options of a full authentication, from the
 * option that a re-authentication starts from. */
static bool reauth_asked(int *code, const struct lk_derivation *d, const char *parent_1,
                         const char *parent_2, const char *from)
{
    unsigned full = (unsigned)lk_in(d, parent_1)->given + lk_in(d, parent_2)->given;
    unsigned reauth =
        (unsigned)lk_in(d, from)->given + lk_in(d, "counter")->given + lk_in(d, "nonce-s")->given;
    char what[160];

    *code = LK_EXIT_OK;
    if ((full != 2 || reauth != 0) && (full != 0 || reauth != 3)) {
        snprintf(what, sizeof what,
                 "give --%s and --%s, or for a re-authentication --%s, --counter and --nonce-s",
                 parent_1, parent_2, from);
        *code = lk_in_refuse(what);
    }
    return reauth > 0;
}

static const char mk_note[] = "T1 = HMAC-SHA-256(key, input | 01), "
                              "Tn = HMAC-SHA-256(key, Tn-1 | input | n), side by side";

static int run_aka_prime_reauth(struct lk_derivation *d)
{
    static const char clause[] = "RFC 9048 3.3";
    struct lk_step *step = lk_step(d, LK_FN_PRF_PRIME, clause);
    uint16_t counter = (uint16_t)lk_in_number(d, "counter", 0);
    uint8_t counter_octets[2] = { (uint8_t)(counter >> 8), (uint8_t)counter };
    struct lk_span result, nonce_s = lk_in_span(d, "nonce-s");
    struct lk_k_re k_re;
    struct lk_msk msk;
    struct lk_emsk emsk;

    step->note = mk_note;
    lk_piece(step, LK_PIECE_KEY, "K_re", lk_in_span(d, "k-re"));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text("EAP-AKA' re-auth"));
    lk_piece_text(step, LK_PIECE_INPUT, "Identity", lk_in_span(d, "identity"));
    lk_piece(step, LK_PIECE_INPUT, "counter", LK_SPAN(counter_octets));
    lk_piece(step, LK_PIECE_INPUT, "NONCE_S", nonce_s);
    result = lk_step_result(step, "MK", 128);

    memcpy(k_re.octets, lk_in_span(d, "k-re").at, sizeof k_re.octets);
    lk_eap_aka_prime_reauth_derive(&msk, &emsk, &k_re, lk_in_span(d, "identity"), counter,
                                   nonce_s.at);
    lk_give(d, "msk", LK_SPAN(msk.octets), slice(result, 0, 64), "MK[0..63]", clause);
    lk_give(d, "emsk", LK_SPAN(emsk.octets), slice(result, 64, 64), "MK[64..127]", clause);
    lk_wipe(&k_re, sizeof k_re);
    lk_wipe(&msk, sizeof msk);
    lk_wipe(&emsk, sizeof emsk);
    return LK_EXIT_OK;
}

static void give_aka_prime(struct lk_derivation *d, const struct lk_eap_keys *keys,
                           struct lk_span mk)
{
    static const char clause[] = "RFC 9048 3.3";

    lk_give(d, "k_encr", LK_SPAN(keys->k_encr.octets), slice(mk, 0, 16), "MK[0..15]", clause);
    lk_give(d, "k_aut", lk_span_of(keys->k_aut.octets, keys->k_aut.len), slice(mk, 16, 32),
            "MK[16..47]", clause);
    lk_give(d, "k_re", LK_SPAN(keys->k_re.octets), slice(mk, 48, 32), "MK[48..79]", clause);
    lk_give(d, "msk", LK_SPAN(keys->msk.octets), slice(mk, 80, 64), "MK[80..143]", clause);
    lk_give(d, "emsk", LK_SPAN(keys->emsk.octets), slice(mk, 144, 64), "MK[144..207]", clause);
}

static int run_aka_prime(struct lk_derivation *d)
{
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_eap_keys keys;
    struct lk_step *step;
    struct lk_span mk;
    int code;

    if (reauth_asked(&code, d, "ck-prime", "ik-prime", "k-re") && code == LK_EXIT_OK)
        return run_aka_prime_reauth(d);
    if (code != LK_EXIT_OK)
        return code;
    step = lk_step(d, LK_FN_PRF_PRIME, "RFC 9048 3.3");
    step->note = mk_note;
    lk_piece(step, LK_PIECE_KEY, "IK'", lk_in_span(d, "ik-prime"));
    lk_piece(step, LK_PIECE_KEY, "CK'", lk_in_span(d, "ck-prime"));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text("EAP-AKA'"));
    lk_piece_text(step, LK_PIECE_INPUT, "Identity", lk_in_span(d, "identity"));
    mk = lk_step_result(step, "MK", MASTER_MAX);

    memcpy(ck_prime.octets, lk_in_span(d, "ck-prime").at, sizeof ck_prime.octets);
    memcpy(ik_prime.octets, lk_in_span(d, "ik-prime").at, sizeof ik_prime.octets);
    lk_eap_aka_prime_keys_derive(&keys, &ck_prime, &ik_prime, lk_in_span(d, "identity"));
    give_aka_prime(d, &keys, mk);
    lk_wipe(&ck_prime, sizeof ck_prime);
    lk_wipe(&ik_prime, sizeof ik_prime);
    lk_wipe(&keys, sizeof keys);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_eap_aka_prime = {
    .name = "eap-aka-prime",
    .summary = "the EAP-AKA' key block, or MSK and EMSK of a re-authentication",
    .clause = "RFC 9048 3.3",
    .prints = "k_encr k_aut k_re msk emsk; of a re-authentication msk emsk",
    .inputs = aka_prime_inputs,
    .run = run_aka_prime,
};

/* ---- EAP-AKA ---- */

static const struct lk_input aka_inputs[] = {
    { "ck", LK_INPUT_HEX, false, 16, 16, "CK (full authentication)" },
    { "ik", LK_INPUT_HEX, false, 16, 16, "IK (full authentication)" },
    { "identity", LK_INPUT_TEXT, true, 1, IDENTITY_MAX,
      "the last identity the peer sent, realm included" },
    { "mk", LK_INPUT_HEX, false, 20, 20, "MK (re-authentication, instead of CK, IK)" },
    { "counter", LK_INPUT_NUMBER, false, 0, 65535, "AT_COUNTER (re-authentication)" },
    { "nonce-s", LK_INPUT_HEX, false, 16, 16, "AT_NONCE_S (re-authentication)" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static const char generator_note[] = "w = SHA-1 compression of XKEY and 44 zero octets, unpadded; "
                                     "XKEY = 1 + XKEY + w; the w side by side";

static struct lk_span generate(struct lk_derivation *d, const char *seed_name, struct lk_span seed,
                               size_t len)
{
    struct lk_step *step = lk_step(d, LK_FN_FIPS186, "RFC 4187 A");

    step->note = generator_note;
    lk_piece(step, LK_PIECE_INPUT, seed_name, seed);
    return lk_step_result(step, "X", len);
}

static int run_aka_reauth(struct lk_derivation *d)
{
    static const char clause[] = "RFC 4187 7";
    struct lk_step *step = lk_step(d, LK_FN_SHA1, clause);
    uint16_t counter = (uint16_t)lk_in_number(d, "counter", 0);
    uint8_t counter_octets[2] = { (uint8_t)(counter >> 8), (uint8_t)counter };
    struct lk_span x, nonce_s = lk_in_span(d, "nonce-s");
    struct lk_mk mk;
    struct lk_msk msk;
    struct lk_emsk emsk;

    lk_piece_text(step, LK_PIECE_INPUT, "Identity", lk_in_span(d, "identity"));
    lk_piece(step, LK_PIECE_INPUT, "counter", LK_SPAN(counter_octets));
    lk_piece(step, LK_PIECE_INPUT, "NONCE_S", nonce_s);
    lk_piece(step, LK_PIECE_INPUT, "MK", lk_in_span(d, "mk"));
    x = generate(d, "XKEY'", lk_step_result(step, "XKEY'", 20), 140);

    memcpy(mk.octets, lk_in_span(d, "mk").at, sizeof mk.octets);
    lk_eap_aka_reauth_derive(&msk, &emsk, &mk, lk_in_span(d, "identity"), counter, nonce_s.at);
    lk_give(d, "msk", LK_SPAN(msk.octets), slice(x, 0, 64), "X[0..63]", clause);
    lk_give(d, "emsk", LK_SPAN(emsk.octets), slice(x, 64, 64), "X[64..127]", clause);
    lk_wipe(&mk, sizeof mk);
    lk_wipe(&msk, sizeof msk);
    lk_wipe(&emsk, sizeof emsk);
    return LK_EXIT_OK;
}

static void give_aka(struct lk_derivation *d, const struct lk_eap_keys *keys, struct lk_span x,
                     struct lk_span mk)
{
    static const char clause[] = "RFC 4187 7";

    lk_give(d, "k_encr", LK_SPAN(keys->k_encr.octets), slice(x, 0, 16), "X[0..15]", clause);
    lk_give(d, "k_aut", lk_span_of(keys->k_aut.octets, keys->k_aut.len), slice(x, 16, 16),
            "X[16..31]", clause);
    lk_give(d, "msk", LK_SPAN(keys->msk.octets), slice(x, 32, 64), "X[32..95]", clause);
    lk_give(d, "emsk", LK_SPAN(keys->emsk.octets), slice(x, 96, 64), "X[96..159]", clause);
    lk_give(d, "mk", LK_SPAN(keys->mk.octets), mk, "MK", clause);
}

static int run_aka(struct lk_derivation *d)
{
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_mk mk_key;
    struct lk_eap_keys keys;
    struct lk_step *step;
    struct lk_span mk;
    int code;

    if (reauth_asked(&code, d, "ck", "ik", "mk") && code == LK_EXIT_OK)
        return run_aka_reauth(d);
    if (code != LK_EXIT_OK)
        return code;
    step = lk_step(d, LK_FN_SHA1, "RFC 4187 7");
    lk_piece_text(step, LK_PIECE_INPUT, "Identity", lk_in_span(d, "identity"));
    lk_piece(step, LK_PIECE_INPUT, "IK", lk_in_span(d, "ik"));
    lk_piece(step, LK_PIECE_INPUT, "CK", lk_in_span(d, "ck"));
    mk = lk_step_result(step, "MK", 20);

    memcpy(ck.octets, lk_in_span(d, "ck").at, sizeof ck.octets);
    memcpy(ik.octets, lk_in_span(d, "ik").at, sizeof ik.octets);
    lk_eap_aka_mk_derive(&mk_key, &ck, &ik, lk_in_span(d, "identity"));
    lk_eap_aka_keys_derive(&keys, &mk_key);
    give_aka(d, &keys, generate(d, "XKEY = MK", mk, 160), mk);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&mk_key, sizeof mk_key);
    lk_wipe(&keys, sizeof keys);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_eap_aka = {
    .name = "eap-aka",
    .summary = "the EAP-AKA key block, or MSK and EMSK of a re-authentication",
    .clause = "RFC 4187 7",
    .prints = "k_encr k_aut msk emsk mk; of a re-authentication msk emsk",
    .inputs = aka_inputs,
    .run = run_aka,
};
