/* `latchkey keys ks-naf` and `tmpi`: what is derived of a Ks. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/base64.h"
#include "base/secret.h"
#include "keys/gba.h"

static const char clause_key[] = "TS 33.220 B.3", clause_tmpi[] = "TS 33.220 B.4";

#define KS { "ks", LK_INPUT_HEX, true, 32, 32, "Ks, which is CK and behind it IK" }
#define RAND { "rand", LK_INPUT_HEX, true, LK_RAND_LEN, LK_RAND_LEN, "RAND of the bootstrapping" }
#define IMPI { "impi", LK_INPUT_TEXT, true, 1, LK_VALUE_MAX, "IMPI" }
#define END { NULL, LK_INPUT_HEX, false, 0, 0, NULL }

static void ks_in(struct lk_ks *ks, const struct lk_derivation *d)
{
    memcpy(ks->octets, lk_in_span(d, "ks").at, sizeof ks->octets);
}

/* The one derivation of annex B. */
static struct lk_span kdf(struct lk_derivation *d, const char *clause, const char *label,
                          const struct lk_naf_id *naf, const char *gives)
{
    struct lk_step *step = lk_step_kdf(d, clause, "Ks", lk_in_span(d, "ks"), 0x01);

    lk_piece_param(step, 0, label, lk_span_text(label));
    lk_piece_param(step, 1, "RAND", lk_in_span(d, "rand"));
    lk_piece_param(step, 2, "IMPI", lk_in_span(d, "impi"));
    lk_piece_param(step, 3, "NAF_Id", lk_span_of(naf->octets, naf->len));
    return lk_step_result(step, gives, 32);
}

/* ---- Ks_NAF ---- */

static const struct lk_input ks_naf_inputs[] = {
    KS,
    RAND,
    IMPI,
    { "naf-fqdn", LK_INPUT_TEXT, true, 1, LK_FQDN_MAX, "FQDN of the NAF" },
    { "ua-id", LK_INPUT_HEX, true, LK_UA_ID_LEN, LK_UA_ID_LEN, "Ua security protocol identifier" },
    END,
};

static int run_ks_naf(struct lk_derivation *d)
{
    const uint8_t *rand = lk_in_span(d, "rand").at;
    struct lk_ks_int_naf ks_int_naf;
    struct lk_ks_naf ks_naf;
    struct lk_naf_id naf;
    struct lk_ua_id ua;
    struct lk_ks ks;

    ks_in(&ks, d);
    memcpy(ua.octets, lk_in_span(d, "ua-id").at, sizeof ua.octets);
    lk_naf_id_of(&naf, lk_in_span(d, "naf-fqdn"), &ua);
    lk_ks_naf_derive(&ks_naf, &ks, rand, lk_in_span(d, "impi"), &naf);
    lk_ks_int_naf_derive(&ks_int_naf, &ks, rand, lk_in_span(d, "impi"), &naf);
    lk_give(d, "ks_naf", LK_SPAN(ks_naf.octets), kdf(d, clause_key, "gba-me", &naf, "Ks_NAF"),
            "all of it; Ks_ext_NAF is the same", clause_key);
    lk_give(d, "ks_int_naf", LK_SPAN(ks_int_naf.octets),
            kdf(d, clause_key, "gba-u", &naf, "Ks_int_NAF"), "all of it; with GBA_U", clause_key);
    lk_wipe(&ks, sizeof ks);
    lk_wipe(&ks_naf, sizeof ks_naf);
    lk_wipe(&ks_int_naf, sizeof ks_int_naf);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_ks_naf = {
    .name = "ks-naf",
    .summary = "the key of one NAF and one protocol, of ME and of UICC",
    .clause = clause_key,
    .prints = "ks_naf ks_int_naf",
    .inputs = ks_naf_inputs,
    .run = run_ks_naf,
};

/* ---- TMPI ---- */

static const struct lk_input tmpi_inputs[] = {
    KS,
    RAND,
    IMPI,
    { "bsf", LK_INPUT_TEXT, true, 1, LK_FQDN_MAX, "FQDN of the BSF" },
    END,
};

/* The text of octets, which stands before @. */
static struct lk_span base64_of(uint8_t room[LK_B_TID_MAX], struct lk_span octets)
{
    struct lk_writer w = lk_writer_of(room, LK_B_TID_MAX);

    lk_base64_put(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

static void give_name(struct lk_derivation *d, const char *name, const char *clause,
                      const char *text, const char *of, struct lk_span octets,
                      struct lk_span realm)
{
    struct lk_step *step = lk_step(d, LK_FN_CONCAT, clause);
    uint8_t room[LK_B_TID_MAX];

    step->note = "text: base64, @, and a realm";
    lk_piece(step, LK_PIECE_FROM, of, octets);
    lk_piece_text(step, LK_PIECE_INPUT, "base64 of it", base64_of(room, octets));
    lk_piece_text(step, LK_PIECE_INPUT, "@", lk_span_text("@"));
    lk_piece_text(step, LK_PIECE_INPUT, "realm", realm);
    lk_give(d, name, lk_span_text(text), lk_step_result(step, name, strlen(text)),
            "its characters", clause);
}

static int run_tmpi(struct lk_derivation *d)
{
    struct lk_span bsf = lk_in_span(d, "bsf"), rand = lk_in_span(d, "rand"), whole;
    char tmpi[LK_TMPI_MAX + 1], b_tid[LK_B_TID_MAX + 1];
    struct lk_naf_id bsf_id;
    struct lk_ks ks;

    if (bsf.len + LK_BASE64_LEN(LK_RAND_LEN) + 1 > LK_RESULT_MAX)
        return lk_in_refuse("--bsf is too long to be shown");
    ks_in(&ks, d);
    lk_tmpi_derive(tmpi, &ks, rand.at, lk_in_span(d, "impi"), bsf);
    lk_b_tid_say(b_tid, rand.at, bsf);
    lk_naf_id_of(&bsf_id, bsf, &lk_ua_id_tmpi);
    whole = kdf(d, clause_tmpi, "gba-me", &bsf_id, "TMPI's octets");
    give_name(d, "tmpi", clause_tmpi, tmpi, "octets 0..23",
              lk_span_of(whole.at, LK_TMPI_OCTETS), lk_span_text(LK_TMPI_REALM));
    give_name(d, "b_tid", "TS 33.220 4.5.2", b_tid, "RAND", rand, bsf);
    lk_wipe(&ks, sizeof ks);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_tmpi = {
    .name = "tmpi",
    .summary = "TMPI and B-TID, as text",
    .clause = clause_tmpi,
    .prints = "tmpi b_tid",
    .inputs = tmpi_inputs,
    .run = run_tmpi,
};
