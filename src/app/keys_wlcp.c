/* `latchkey keys wlcp`: the WLCP key, the identity that names it in DTLS, and its premaster. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/hex.h"
#include "base/secret.h"
#include "keys/wlcp.h"

static const char clause[] = "TS 33.402 A.3";

static const struct lk_input wlcp_inputs[] = {
    { "emsk", LK_INPUT_HEX, true, 64, 64, "EMSK of the authentication or re-authentication" },
    { "fc", LK_INPUT_HEX, false, 1, 1, "function code, 21 if not given" },
    { "param", LK_INPUT_HEX, false, 1, LK_WLCP_PARAM_MAX, "P0" },
    { "param-1", LK_INPUT_HEX, false, 1, LK_WLCP_PARAM_MAX, "P1, behind P0" },
    { "param-2", LK_INPUT_HEX, false, 1, LK_WLCP_PARAM_MAX, "P2, behind P1" },
    { "param-3", LK_INPUT_HEX, false, 1, LK_WLCP_PARAM_MAX, "P3, behind P2" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int read_kdf(struct lk_wlcp_kdf *kdf, const struct lk_derivation *d)
{
    static const char *const names[LK_WLCP_KDF_PARAMS] = { "param", "param-1", "param-2",
                                                           "param-3" };

    lk_wlcp_kdf_defaults(kdf);
    if (lk_in(d, "fc")->given)
        kdf->fc = lk_in_span(d, "fc").at[0];
    for (size_t i = 0; i < LK_WLCP_KDF_PARAMS; i++) {
        struct lk_span param = lk_in_span(d, names[i]);

        if (!lk_in(d, names[i])->given)
            continue;
        if (kdf->count != i)
            return lk_in_refuse("parameters are given in order: --param, --param-1, ...");
        memcpy(kdf->param[i].octets, param.at, param.len);
        kdf->param[i].len = param.len;
        kdf->count++;
    }
    return LK_EXIT_OK;
}

static void give_key(struct lk_derivation *d, const struct lk_wlcp_kdf *kdf,
                     const struct lk_wlcp_key *key)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, clause);

    step->note = "TS 33.220 B.2; FC and parameters are not confirmed and therefore configuration";
    lk_piece(step, LK_PIECE_KEY, "EMSK", lk_in_span(d, "emsk"));
    lk_piece(step, LK_PIECE_INPUT, "FC", lk_span_of(&kdf->fc, 1));
    for (unsigned i = 0; i < kdf->count; i++)
        lk_piece_param(step, i, "", lk_span_of(kdf->param[i].octets, kdf->param[i].len));
    lk_give(d, "wlcp_key", LK_SPAN(key->octets), lk_step_result(step, "WLCP key", 32), "all of it",
            clause);
}

static void give_identity(struct lk_derivation *d, const struct lk_wlcp_key *key)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, "TS 33.402 7.2.3.2");
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    uint8_t octets[LK_WLCP_IDENTITY_LEN / 2];
    size_t len;
    enum lk_status status;

    lk_wlcp_psk_identity(identity, key);
    status = lk_hex_decode(octets, sizeof octets, &len, lk_span_text(identity));
    LK_ASSERT(status == LK_OK);
    step->note = "of this project; the identity is the text of these hex digits";
    lk_piece(step, LK_PIECE_KEY, "WLCP key", LK_SPAN(key->octets));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text("wlcp psk id"));
    lk_give(d, "psk_identity", LK_SPAN(octets),
            lk_span_of(lk_step_result(step, "identity", 32).at, sizeof octets), "octets 0..15",
            "TS 33.402 7.2.3.2");
}

static void give_premaster(struct lk_derivation *d, const struct lk_wlcp_key *key)
{
    struct lk_step *step = lk_step(d, LK_FN_CONCAT, "RFC 4279 2");
    uint8_t premaster[LK_WLCP_PREMASTER_LEN], zeroes[32] = { 0 };

    lk_wlcp_premaster(premaster, key);
    step->note = "plain PSK; with ECDHE_PSK the shared secret takes the place of the zeroes";
    lk_piece(step, LK_PIECE_INPUT, "length", lk_span_of("\x00\x20", 2));
    lk_piece(step, LK_PIECE_INPUT, "zeroes", LK_SPAN(zeroes));
    lk_piece(step, LK_PIECE_INPUT, "length", lk_span_of("\x00\x20", 2));
    lk_piece(step, LK_PIECE_INPUT, "WLCP key", LK_SPAN(key->octets));
    lk_give(d, "premaster", LK_SPAN(premaster),
            lk_step_result(step, "premaster secret", sizeof premaster), "all of it", "RFC 4279 2");
    lk_wipe(premaster, sizeof premaster);
}

static int run_wlcp(struct lk_derivation *d)
{
    struct lk_wlcp_kdf kdf;
    struct lk_wlcp_key key;
    struct lk_emsk emsk;
    int code = read_kdf(&kdf, d);

    if (code != LK_EXIT_OK)
        return code;
    memcpy(emsk.octets, lk_in_span(d, "emsk").at, sizeof emsk.octets);
    lk_wlcp_key_derive(&key, &emsk, &kdf);
    give_key(d, &kdf, &key);
    give_identity(d, &key);
    give_premaster(d, &key);
    lk_wipe(&emsk, sizeof emsk);
    lk_wipe(&key, sizeof key);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_wlcp = {
    .name = "wlcp",
    .summary = "the WLCP key, its DTLS identity and its premaster secret",
    .clause = clause,
    .prints = "wlcp_key psk_identity premaster",
    .inputs = wlcp_inputs,
    .run = run_wlcp,
};
