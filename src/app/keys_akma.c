/* `latchkey keys akma`, `kausf` and `k-hse`: keys of 5G for applications, and of BEST. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "keys/best.h"

#define END { NULL, LK_INPUT_HEX, false, 0, 0, NULL }
#define CK_IK(needed)                                \
    { "ck", LK_INPUT_HEX, needed, 16, 16, "CK" }, \
    { "ik", LK_INPUT_HEX, needed, 16, 16, "IK" }
#define NETWORK(needed)                                                                   \
    { "serving-network", LK_INPUT_TEXT, needed, 1, 255, "name of the serving network" }, \
    { "sqn-xor-ak", LK_INPUT_HEX, needed, LK_SQN_XOR_AK_LEN, LK_SQN_XOR_AK_LEN,          \
      "SQN xor AK: AUTN[0..5]" }

/* ---- K_AKMA ---- */

static const struct lk_input akma_inputs[] = {
    { "kausf", LK_INPUT_HEX, true, 32, 32, "K_AUSF" },
    { "supi", LK_INPUT_TEXT, true, 1, 255, "SUPI: of an IMSI its digits alone, or a NAI" },
    { "af-fqdn", LK_INPUT_TEXT, true, 1, LK_FQDN_MAX, "FQDN of the AF" },
    { "ua-id", LK_INPUT_HEX, true, LK_UA_ID_LEN, LK_UA_ID_LEN, "Ua* security protocol identifier" },
    END,
};

static struct lk_span of_k_ausf(struct lk_derivation *d, const char *clause, uint8_t fc,
                                const char *label, const char *gives)
{
    struct lk_step *step = lk_step_kdf(d, clause, "K_AUSF", lk_in_span(d, "kausf"), fc);

    lk_piece_param(step, 0, label, lk_span_text(label));
    lk_piece_param(step, 1, "SUPI", lk_in_span(d, "supi"));
    return lk_step_result(step, gives, 32);
}

static int run_akma(struct lk_derivation *d)
{
    struct lk_span supi = lk_in_span(d, "supi"), from;
    struct lk_k_ausf k_ausf;
    struct lk_k_akma k_akma;
    struct lk_naf_id af_id;
    struct lk_a_tid a_tid;
    struct lk_step *step;
    struct lk_k_af k_af;
    struct lk_ua_id ua;

    memcpy(k_ausf.octets, lk_in_span(d, "kausf").at, sizeof k_ausf.octets);
    memcpy(ua.octets, lk_in_span(d, "ua-id").at, sizeof ua.octets);
    lk_naf_id_of(&af_id, lk_in_span(d, "af-fqdn"), &ua);
    lk_k_akma_derive(&k_akma, &k_ausf, supi);
    lk_a_tid_derive(&a_tid, &k_ausf, supi);
    lk_k_af_derive(&k_af, &k_akma, &af_id);
    from = of_k_ausf(d, "TS 33.535 A.2", 0x80, "AKMA", "K_AKMA");
    lk_give(d, "k_akma", LK_SPAN(k_akma.octets), from, "all of it", "TS 33.535 A.2");
    step = lk_step_kdf(d, "TS 33.535 A.4", "K_AKMA", from, 0x82);
    lk_give(d, "a_tid", LK_SPAN(a_tid.octets),
            of_k_ausf(d, "TS 33.535 A.3", 0x81, "A-TID", "A-TID"), "all of it", "TS 33.535 A.3");
    lk_piece_param(step, 0, "AF_ID", lk_span_of(af_id.octets, af_id.len));
    lk_give(d, "k_af", LK_SPAN(k_af.octets), lk_step_result(step, "K_AF", 32), "all of it",
            "TS 33.535 A.4");
    lk_wipe(&k_ausf, sizeof k_ausf);
    lk_wipe(&k_akma, sizeof k_akma);
    lk_wipe(&k_af, sizeof k_af);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_akma = {
    .name = "akma",
    .summary = "K_AKMA, A-TID, and the key of one AF and one protocol",
    .clause = "TS 33.535 A",
    .prints = "k_akma a_tid k_af",
    .inputs = akma_inputs,
    .run = run_akma,
};

/* ---- keys of CK and IK, bound to the serving network ---- */

static void ck_ik_in(struct lk_ck *ck, struct lk_ik *ik, const struct lk_derivation *d)
{
    memcpy(ck->octets, lk_in_span(d, "ck").at, sizeof ck->octets);
    memcpy(ik->octets, lk_in_span(d, "ik").at, sizeof ik->octets);
}

static void give_bound(struct lk_derivation *d, const char *name, const char *clause, uint8_t fc,
                       struct lk_span key)
{
    uint8_t parent[32];
    struct lk_step *step;

    memcpy(parent, lk_in_span(d, "ck").at, 16);
    memcpy(parent + 16, lk_in_span(d, "ik").at, 16);
    step = lk_step_kdf(d, clause, "CK || IK", LK_SPAN(parent), fc);
    lk_piece_param(step, 0, "network", lk_in_span(d, "serving-network"));
    lk_piece_param(step, 1, "SQN xor AK", lk_in_span(d, "sqn-xor-ak"));
    lk_give(d, name, key, lk_step_result(step, name, 32), "all of it", clause);
    lk_wipe(parent, sizeof parent);
}

static const struct lk_input kausf_inputs[] = {
    { "emsk", LK_INPUT_HEX, false, 64, 64, "EMSK of EAP-AKA'; or, of 5G AKA:" },
    CK_IK(false),
    NETWORK(false),
    END,
};

static int kausf_of_emsk(struct lk_derivation *d)
{
    struct lk_step *step = lk_step(d, LK_FN_CONCAT, "TS 33.501 6.1.3.1");
    struct lk_k_ausf k_ausf;
    struct lk_emsk emsk;

    memcpy(emsk.octets, lk_in_span(d, "emsk").at, sizeof emsk.octets);
    lk_k_ausf_of_emsk(&k_ausf, &emsk);
    lk_piece(step, LK_PIECE_INPUT, "EMSK[0..31]", lk_span_of(emsk.octets, 32));
    lk_give(d, "k_ausf", LK_SPAN(k_ausf.octets), lk_step_result(step, "K_AUSF", 32), "all of it",
            "TS 33.501 6.1.3.1");
    lk_wipe(&k_ausf, sizeof k_ausf);
    lk_wipe(&emsk, sizeof emsk);
    return LK_EXIT_OK;
}

static int run_kausf(struct lk_derivation *d)
{
    static const char *const of_aka[] = { "ck", "ik", "serving-network", "sqn-xor-ak" };
    struct lk_k_ausf k_ausf;
    size_t given = 0;
    struct lk_ck ck;
    struct lk_ik ik;

    for (size_t i = 0; i < LK_COUNT_OF(of_aka); i++)
        given += lk_in(d, of_aka[i])->given;
    if (lk_in(d, "emsk")->given ? given > 0 : given < LK_COUNT_OF(of_aka))
        return lk_in_refuse("--emsk alone, or --ck, --ik, --serving-network and --sqn-xor-ak");
    if (given == 0)
        return kausf_of_emsk(d);
    ck_ik_in(&ck, &ik, d);
    lk_k_ausf_of_5g_aka(&k_ausf, &ck, &ik, lk_in_span(d, "serving-network"),
                        lk_in_span(d, "sqn-xor-ak").at);
    give_bound(d, "k_ausf", "TS 33.501 A.2", 0x6a, LK_SPAN(k_ausf.octets));
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&k_ausf, sizeof k_ausf);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_kausf = {
    .name = "kausf",
    .summary = "K_AUSF, of EAP-AKA' or of 5G AKA",
    .clause = "TS 33.501 A.2",
    .prints = "k_ausf",
    .inputs = kausf_inputs,
    .run = run_kausf,
};

static const struct lk_input k_hse_inputs[] = {
    CK_IK(true),
    NETWORK(true),
    { "after", LK_INPUT_WORD, false, 0, 0, "5g-aka|eap-aka-prime" },
    END,
};

static int run_k_hse(struct lk_derivation *d)
{
    bool prime = lk_in_number(d, "after", 0) == 1;
    struct lk_span network = lk_in_span(d, "serving-network"), sqn = lk_in_span(d, "sqn-xor-ak");
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_k_hse k_hse;
    struct lk_ck ck;
    struct lk_ik ik;

    ck_ik_in(&ck, &ik, d);
    memcpy(ck_prime.octets, ck.octets, sizeof ck.octets); /* --ck is CK' then */
    memcpy(ik_prime.octets, ik.octets, sizeof ik.octets);
    if (prime)
        lk_k_hse_of_eap_aka_prime(&k_hse, &ck_prime, &ik_prime, network, sqn.at);
    else
        lk_k_hse_of_5g_aka(&k_hse, &ck, &ik, network, sqn.at);
    give_bound(d, "k_hse", "TS 33.163 5.1.0a", prime ? 0x64 : 0x63, LK_SPAN(k_hse.octets));
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&ck_prime, sizeof ck_prime);
    lk_wipe(&ik_prime, sizeof ik_prime);
    lk_wipe(&k_hse, sizeof k_hse);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_k_hse = {
    .name = "k-hse",
    .summary = "K_HSE of BEST; after EAP-AKA' of CK' and IK'",
    .clause = "TS 33.163 5.1.0a",
    .prints = "k_hse",
    .inputs = k_hse_inputs,
    .run = run_k_hse,
};
