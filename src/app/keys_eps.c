/* `latchkey keys` kasme, kenb, nh, kenb-star, nas-keys, as-keys and s-kwt: TS 33.401 annex A. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "keys/eps.h"

static void give_whole(struct lk_derivation *d, struct lk_step *step, const char *name,
                       const char *gives, const uint8_t key[32])
{
    lk_give(d, name, lk_span_of(key, 32), lk_step_result(step, gives, 32), "all of it",
            step->clause);
}

/* ---- KASME ---- */

static const struct lk_input kasme_inputs[] = {
    { "ck", LK_INPUT_HEX, true, 16, 16, "CK (f3)" },
    { "ik", LK_INPUT_HEX, true, 16, 16, "IK (f4)" },
    { "sn-id", LK_INPUT_HEX, false, LK_SN_ID_LEN, LK_SN_ID_LEN, "SN id, as it is coded" },
    { "plmn", LK_INPUT_TEXT, false, 5, 6, "MCC and MNC instead, as 00101" },
    { "sqn-xor-ak", LK_INPUT_HEX, true, LK_SQN_XOR_AK_LEN, LK_SQN_XOR_AK_LEN,
      "SQN xor AK: the first six octets of AUTN" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_kasme(struct lk_derivation *d)
{
    const char *given = lk_in_one_of(d, "sn-id", "plmn", "give --sn-id or --plmn");
    struct lk_span sqn_xor_ak = lk_in_span(d, "sqn-xor-ak");
    uint8_t sn_id[LK_SN_ID_LEN];
    struct lk_step *step;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_kasme kasme;

    if (given == NULL)
        return LK_EXIT_USAGE;
    if (strcmp(given, "sn-id") == 0)
        memcpy(sn_id, lk_in_span(d, "sn-id").at, sizeof sn_id);
    else if (lk_sn_id_of_plmn(sn_id, lk_in_span(d, "plmn")) != LK_OK)
        return lk_in_refuse("--plmn wants five or six digits");
    step = lk_step_kdf(d, "TS 33.401 A.2", "CK", lk_in_span(d, "ck"), 0x10);
    lk_piece(step, LK_PIECE_KEY, "IK", lk_in_span(d, "ik"));
    lk_piece_param(step, 0, "SN id", LK_SPAN(sn_id));
    lk_piece_param(step, 1, "SQN xor AK", sqn_xor_ak);

    memcpy(ck.octets, lk_in_span(d, "ck").at, sizeof ck.octets);
    memcpy(ik.octets, lk_in_span(d, "ik").at, sizeof ik.octets);
    lk_kasme_derive(&kasme, &ck, &ik, sn_id, sqn_xor_ak.at);
    give_whole(d, step, "kasme", "KASME", kasme.octets);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&kasme, sizeof kasme);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_kasme = {
    .name = "kasme",
    .summary = "KASME, bound to the serving network",
    .clause = "TS 33.401 A.2",
    .prints = "kasme",
    .inputs = kasme_inputs,
    .run = run_kasme,
};

/* ---- KeNB ---- */

static const struct lk_input kenb_inputs[] = {
    { "kasme", LK_INPUT_HEX, true, 32, 32, "KASME" },
    { "ul-nas-count", LK_INPUT_HEX, true, 4, 4, "uplink NAS COUNT, its first octet 00" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_kenb(struct lk_derivation *d)
{
    struct lk_reader count = lk_reader_of(lk_in_span(d, "ul-nas-count"));
    uint32_t ul_nas_count = lk_get_be32(&count);
    struct lk_step *step;
    struct lk_kasme kasme;
    struct lk_kenb kenb;

    if (ul_nas_count > LK_NAS_COUNT_MAX)
        return lk_in_refuse("--ul-nas-count has 24 bits: its first octet is 00");
    step = lk_step_kdf(d, "TS 33.401 A.3", "KASME", lk_in_span(d, "kasme"), 0x11);
    lk_piece_param(step, 0, "uplink NAS COUNT", lk_in_span(d, "ul-nas-count"));
    memcpy(kasme.octets, lk_in_span(d, "kasme").at, sizeof kasme.octets);
    lk_kenb_derive(&kenb, &kasme, ul_nas_count);
    give_whole(d, step, "kenb", "KeNB", kenb.octets);
    lk_wipe(&kasme, sizeof kasme);
    lk_wipe(&kenb, sizeof kenb);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_kenb = {
    .name = "kenb",
    .summary = "the initial KeNB",
    .clause = "TS 33.401 A.3",
    .prints = "kenb",
    .inputs = kenb_inputs,
    .run = run_kenb,
};

/* ---- NH ---- */

static const struct lk_input nh_inputs[] = {
    { "kasme", LK_INPUT_HEX, true, 32, 32, "KASME" },
    { "sync-input", LK_INPUT_HEX, true, 32, 32, "the initial KeNB, then the NH before" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_nh(struct lk_derivation *d)
{
    struct lk_step *step = lk_step_kdf(d, "TS 33.401 A.4", "KASME", lk_in_span(d, "kasme"), 0x12);
    struct lk_kasme kasme;
    struct lk_nh nh;

    lk_piece_param(step, 0, "SYNC-input", lk_in_span(d, "sync-input"));
    memcpy(kasme.octets, lk_in_span(d, "kasme").at, sizeof kasme.octets);
    memcpy(nh.octets, lk_in_span(d, "sync-input").at, sizeof nh.octets);
    lk_nh_next(&nh, &kasme, &nh);
    give_whole(d, step, "nh", "NH", nh.octets);
    lk_wipe(&kasme, sizeof kasme);
    lk_wipe(&nh, sizeof nh);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_nh = {
    .name = "nh",
    .summary = "the next NH",
    .clause = "TS 33.401 A.4",
    .prints = "nh",
    .inputs = nh_inputs,
    .run = run_nh,
};

/* ---- KeNB* ---- */

static const struct lk_input kenb_star_inputs[] = {
    { "kenb", LK_INPUT_HEX, false, 32, 32, "KeNB in use (horizontal)" },
    { "nh", LK_INPUT_HEX, false, 32, 32, "a fresh NH instead (vertical)" },
    { "pci", LK_INPUT_NUMBER, true, 0, LK_PCI_MAX, "physical cell identity of the target" },
    { "earfcn-dl", LK_INPUT_NUMBER, true, 0, LK_EARFCN_MAX, "its downlink channel number" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_kenb_star(struct lk_derivation *d)
{
    const char *given = lk_in_one_of(d, "kenb", "nh", "give --kenb or --nh");
    struct lk_eps_cell cell = { (uint16_t)lk_in_number(d, "pci", 0),
                                (uint32_t)lk_in_number(d, "earfcn-dl", 0) };
    uint8_t octets[5];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    bool vertical;
    struct lk_step *step;
    struct lk_kenb kenb;
    struct lk_nh nh;

    if (given == NULL)
        return LK_EXIT_USAGE;
    vertical = strcmp(given, "nh") == 0;
    lk_put_be16(&w, cell.pci);
    if (cell.earfcn_dl > UINT16_MAX)
        lk_put_u8(&w, (uint8_t)(cell.earfcn_dl >> 16));
    lk_put_be16(&w, (uint16_t)cell.earfcn_dl);
    step = lk_step_kdf(d, "TS 33.401 A.5", vertical ? "NH" : "KeNB", lk_in_span(d, given), 0x13);
    lk_piece_param(step, 0, "PCI", lk_span_of(octets, 2));
    lk_piece_param(step, 1, "EARFCN-DL", lk_span_of(octets + 2, w.len - 2));
    if (vertical) {
        memcpy(nh.octets, lk_in_span(d, given).at, sizeof nh.octets);
        lk_kenb_star_vertical(&kenb, &nh, &cell);
        lk_wipe(&nh, sizeof nh);
    } else {
        memcpy(kenb.octets, lk_in_span(d, given).at, sizeof kenb.octets);
        lk_kenb_star_horizontal(&kenb, &kenb, &cell);
    }
    give_whole(d, step, "kenb_star", "KeNB*", kenb.octets);
    lk_wipe(&kenb, sizeof kenb);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_kenb_star = {
    .name = "kenb-star",
    .summary = "KeNB*: the KeNB of the cell of a handover",
    .clause = "TS 33.401 A.5",
    .prints = "kenb_star",
    .inputs = kenb_star_inputs,
    .run = run_kenb_star,
};

/* ---- keys of NAS, RRC and UP ---- */

/* One key of A.7: of a 128-bit algorithm, so the lower half. */
static void give_algorithm_key(struct lk_derivation *d, const char *parent, const char *name,
                               uint8_t type, uint8_t algorithm, const uint8_t key[16])
{
    struct lk_step *step = lk_step_kdf(d, "TS 33.401 A.7",
                                       strcmp(parent, "kenb") ? "KASME" : "KeNB",
                                       lk_in_span(d, parent), 0x15);

    lk_piece_param(step, 0, "algorithm type", lk_span_of(&type, 1));
    lk_piece_param(step, 1, "algorithm identity", lk_span_of(&algorithm, 1));
    lk_give(d, name, lk_span_of(key, 16), lk_span_of(lk_step_result(step, "key", 32).at + 16, 16),
            "octets 16..31", step->clause);
}

static const struct lk_input nas_keys_inputs[] = {
    { "kasme", LK_INPUT_HEX, true, 32, 32, "KASME" },
    { "eea", LK_INPUT_NUMBER, true, 0, LK_EPS_ALGORITHM_MAX, "encryption: the N of EEAN" },
    { "eia", LK_INPUT_NUMBER, true, 0, LK_EPS_ALGORITHM_MAX, "integrity: the N of EIAN" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_nas_keys(struct lk_derivation *d)
{
    uint8_t eea = (uint8_t)lk_in_number(d, "eea", 0), eia = (uint8_t)lk_in_number(d, "eia", 0);
    struct lk_kasme kasme;
    struct lk_k_nas_enc enc;
    struct lk_k_nas_int integrity;

    memcpy(kasme.octets, lk_in_span(d, "kasme").at, sizeof kasme.octets);
    lk_k_nas_enc_derive(&enc, &kasme, eea);
    lk_k_nas_int_derive(&integrity, &kasme, eia);
    give_algorithm_key(d, "kasme", "k_nas_enc", 1, eea, enc.octets);
    give_algorithm_key(d, "kasme", "k_nas_int", 2, eia, integrity.octets);
    lk_wipe(&kasme, sizeof kasme);
    lk_wipe(&enc, sizeof enc);
    lk_wipe(&integrity, sizeof integrity);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_nas_keys = {
    .name = "nas-keys",
    .summary = "the keys of NAS",
    .clause = "TS 33.401 A.7",
    .prints = "k_nas_enc k_nas_int",
    .inputs = nas_keys_inputs,
    .run = run_nas_keys,
};

static const struct lk_input as_keys_inputs[] = {
    { "kenb", LK_INPUT_HEX, true, 32, 32, "KeNB" },
    { "eea", LK_INPUT_NUMBER, true, 0, LK_EPS_ALGORITHM_MAX, "encryption: the N of EEAN" },
    { "eia", LK_INPUT_NUMBER, true, 0, LK_EPS_ALGORITHM_MAX, "integrity: the N of EIAN" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_as_keys(struct lk_derivation *d)
{
    uint8_t eea = (uint8_t)lk_in_number(d, "eea", 0), eia = (uint8_t)lk_in_number(d, "eia", 0);
    struct lk_kenb kenb;
    struct {
        struct lk_k_rrc_enc rrc_enc;
        struct lk_k_rrc_int rrc_int;
        struct lk_k_up_enc up_enc;
        struct lk_k_up_int up_int;
    } k;

    memcpy(kenb.octets, lk_in_span(d, "kenb").at, sizeof kenb.octets);
    lk_k_rrc_enc_derive(&k.rrc_enc, &kenb, eea);
    lk_k_rrc_int_derive(&k.rrc_int, &kenb, eia);
    lk_k_up_enc_derive(&k.up_enc, &kenb, eea);
    lk_k_up_int_derive(&k.up_int, &kenb, eia);
    give_algorithm_key(d, "kenb", "k_rrc_enc", 3, eea, k.rrc_enc.octets);
    give_algorithm_key(d, "kenb", "k_rrc_int", 4, eia, k.rrc_int.octets);
    give_algorithm_key(d, "kenb", "k_up_enc", 5, eea, k.up_enc.octets);
    give_algorithm_key(d, "kenb", "k_up_int", 6, eia, k.up_int.octets);
    lk_wipe(&kenb, sizeof kenb);
    lk_wipe(&k, sizeof k);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_as_keys = {
    .name = "as-keys",
    .summary = "the keys of RRC and user plane",
    .clause = "TS 33.401 A.7",
    .prints = "k_rrc_enc k_rrc_int k_up_enc k_up_int",
    .inputs = as_keys_inputs,
    .run = run_as_keys,
};

/* ---- S-KWT ---- */

static const struct lk_input s_kwt_inputs[] = {
    { "kenb", LK_INPUT_HEX, true, 32, 32, "KeNB" },
    { "wt-counter", LK_INPUT_NUMBER, true, 0, 65535, "WT Counter" },
    { "fc", LK_INPUT_HEX, false, 1, 1, "function code, 1f if not given" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static int run_s_kwt(struct lk_derivation *d)
{
    uint8_t fc = lk_in(d, "fc")->given ? lk_in_span(d, "fc").at[0] : LK_S_KWT_FC;
    uint16_t wt_counter = (uint16_t)lk_in_number(d, "wt-counter", 0);
    uint8_t counter[2] = { (uint8_t)(wt_counter >> 8), (uint8_t)wt_counter };
    struct lk_step *step = lk_step_kdf(d, LK_S_KWT_CLAUSE, "KeNB", lk_in_span(d, "kenb"), fc);
    struct lk_kenb kenb;
    struct lk_s_kwt s_kwt;

    step->note = "TS 33.220 B.2; FC and clause are of one source and therefore configuration";
    lk_piece_param(step, 0, "WT Counter", LK_SPAN(counter));
    memcpy(kenb.octets, lk_in_span(d, "kenb").at, sizeof kenb.octets);
    lk_s_kwt_derive(&s_kwt, &kenb, fc, wt_counter);
    give_whole(d, step, "s_kwt", "S-KWT", s_kwt.octets);
    lk_wipe(&kenb, sizeof kenb);
    lk_wipe(&s_kwt, sizeof s_kwt);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_s_kwt = {
    .name = "s-kwt",
    .summary = "S-KWT, the PMK of LTE-WLAN aggregation",
    .clause = LK_S_KWT_CLAUSE,
    .prints = "s_kwt",
    .inputs = s_kwt_inputs,
    .run = run_s_kwt,
};
