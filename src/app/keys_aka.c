/* `latchkey keys` milenage and tuak: f1..f5* of one RAND and SQN, and AUTN. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "crypto/tuak.h"

/* ---- what both print ---- */

struct results {
    uint8_t mac_a[LK_TUAK_OUT_MAX], mac_s[LK_TUAK_OUT_MAX], res[LK_TUAK_OUT_MAX];
    uint8_t ck[LK_TUAK_OUT_MAX], ik[LK_TUAK_OUT_MAX], ak[LK_AK_LEN], ak_star[LK_AK_LEN];
    size_t mac_len, res_len, ck_len, ik_len;
};

/* The octets of the steps that the printed values are found in. */
struct origins {
    struct lk_span mac_a, mac_s, res, ck, ik, ak, ak_star;
};

struct origin_names {
    const char *mac_a, *mac_s, *res, *ck, *ik, *ak, *ak_star, *clause;
};

static void give_autn(struct lk_derivation *d, const struct results *r)
{
    static const char clause[] = "TS 33.102 6.3.2";
    struct lk_step *step = lk_step(d, LK_FN_CONCAT, clause);
    struct lk_span from;
    uint8_t autn[LK_AUTN_LEN];

    lk_piece(step, LK_PIECE_INPUT, "SQN", lk_in_span(d, "sqn"));
    lk_piece(step, LK_PIECE_INPUT, "AMF", lk_in_span(d, "amf"));
    lk_piece(step, LK_PIECE_INPUT, "MAC-A", lk_span_of(r->mac_a, r->mac_len));
    lk_piece(step, LK_PIECE_MASK, "AK", LK_SPAN(r->ak));
    from = lk_step_result(step, "AUTN", LK_AUTN_LEN);
    lk_aka_autn(autn, lk_in_span(d, "sqn").at, r->ak, lk_in_span(d, "amf").at, r->mac_a);
    lk_give(d, "autn", LK_SPAN(autn), from, "(SQN xor AK) || AMF || MAC-A", clause);
}

static void give_all(struct lk_derivation *d, const struct results *r, const struct origins *from,
                     const struct origin_names *names)
{
    const char *clause = names->clause;

    lk_give(d, "mac_a", lk_span_of(r->mac_a, r->mac_len), from->mac_a, names->mac_a, clause);
    lk_give(d, "mac_s", lk_span_of(r->mac_s, r->mac_len), from->mac_s, names->mac_s, clause);
    lk_give(d, "res", lk_span_of(r->res, r->res_len), from->res, names->res, clause);
    lk_give(d, "ck", lk_span_of(r->ck, r->ck_len), from->ck, names->ck, clause);
    lk_give(d, "ik", lk_span_of(r->ik, r->ik_len), from->ik, names->ik, clause);
    lk_give(d, "ak", LK_SPAN(r->ak), from->ak, names->ak, clause);
    lk_give(d, "ak_star", LK_SPAN(r->ak_star), from->ak_star, names->ak_star, clause);
    if (r->mac_len == LK_MAC_A_LEN) /* AUTN has room for a MAC of 64 bits only */
        give_autn(d, r);
}

/* ---- Milenage ---- */

static const char milenage_clause[] = "TS 35.206 4.1";

static const struct lk_input milenage_inputs[] = {
    { "k", LK_INPUT_HEX, true, 16, 16, "K" },
    { "op", LK_INPUT_HEX, false, 16, 16, "OP; OPc is made of it and printed last" },
    { "opc", LK_INPUT_HEX, false, 16, 16, "OPc, instead of OP" },
    { "rand", LK_INPUT_HEX, true, 16, 16, "RAND" },
    { "sqn", LK_INPUT_HEX, true, 6, 6, "SQN" },
    { "amf", LK_INPUT_HEX, true, 2, 2, "AMF; 0000 for the MAC-S of an AUTS" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static void xor_spans(uint8_t out[16], const uint8_t a[16], const uint8_t b[16])
{
    for (size_t i = 0; i < 16; i++)
        out[i] = a[i] ^ b[i];
}

/* One AES call of the framework: what it is made of was put into the step already. */
static struct lk_span kernel(struct lk_derivation *d, struct lk_step *step, const char *input,
                             const uint8_t block[16], const uint8_t *mask, const char *mask_name,
                             const char *gives)
{
    lk_piece(step, LK_PIECE_KEY, "K", lk_in_span(d, "k"));
    lk_piece(step, LK_PIECE_INPUT, input, lk_span_of(block, 16));
    if (mask != NULL)
        lk_piece(step, LK_PIECE_MASK, mask_name, lk_span_of(mask, 16));
    return lk_step_result(step, gives, 16);
}

static struct lk_span explain_opc(struct lk_derivation *d)
{
    const uint8_t *op = lk_in_span(d, "op").at;

    return kernel(d, lk_step(d, LK_FN_AES128, milenage_clause), "OP", op, op, "OP", "OPc");
}

static struct lk_span explain_temp(struct lk_derivation *d, const uint8_t opc[16])
{
    struct lk_step *step = lk_step(d, LK_FN_AES128, milenage_clause);
    uint8_t block[16];

    lk_piece(step, LK_PIECE_FROM, "RAND", lk_in_span(d, "rand"));
    lk_piece(step, LK_PIECE_FROM, "OPc", lk_span_of(opc, 16));
    xor_spans(block, lk_in_span(d, "rand").at, opc);
    return kernel(d, step, "RAND xor OPc", block, NULL, NULL, "TEMP");
}

static struct lk_span explain_out1(struct lk_derivation *d, const uint8_t opc[16],
                                   const uint8_t temp[16])
{
    struct lk_step *step = lk_step(d, LK_FN_AES128, milenage_clause);
    uint8_t in1[16], block[16];

    for (size_t half = 0; half < 16; half += 8) {
        memcpy(in1 + half, lk_in_span(d, "sqn").at, LK_SQN_LEN);
        memcpy(in1 + half + LK_SQN_LEN, lk_in_span(d, "amf").at, LK_AMF_LEN);
    }
    lk_piece(step, LK_PIECE_FROM, "IN1 = SQN || AMF || SQN || AMF", LK_SPAN(in1));
    lk_piece(step, LK_PIECE_FROM, "TEMP", lk_span_of(temp, 16));
    xor_spans(in1, in1, opc);
    for (size_t i = 0; i < 16; i++)
        block[i] = in1[(i + 8) % 16] ^ temp[i];
    return kernel(d, step, "TEMP xor rot(IN1 xor OPc, 64)", block, opc, "OPc", "OUT1");
}

static struct lk_span explain_out(struct lk_derivation *d, const uint8_t opc[16],
                                  const uint8_t temp[16], unsigned n)
{
    static const struct {
        size_t octets;
        uint8_t c;
        const char *input, *gives;
    } rows[] = {
        { 0, 1, "rot(TEMP xor OPc, 0) xor 1", "OUT2" },
        { 4, 2, "rot(TEMP xor OPc, 32) xor 2", "OUT3" },
        { 8, 4, "rot(TEMP xor OPc, 64) xor 4", "OUT4" },
        { 12, 8, "rot(TEMP xor OPc, 96) xor 8", "OUT5" },
    };
    struct lk_step *step = lk_step(d, LK_FN_AES128, milenage_clause);
    uint8_t sum[16], block[16];

    lk_piece(step, LK_PIECE_FROM, "TEMP", lk_span_of(temp, 16));
    xor_spans(sum, temp, opc);
    for (size_t i = 0; i < 16; i++)
        block[i] = sum[(i + rows[n - 2].octets) % 16];
    block[15] ^= rows[n - 2].c;
    return kernel(d, step, rows[n - 2].input, block, opc, "OPc", rows[n - 2].gives);
}

static struct origins explain_milenage(struct lk_derivation *d, const uint8_t opc[16])
{
    struct lk_span temp = explain_temp(d, opc);
    struct lk_span out1 = explain_out1(d, opc, temp.at);
    struct lk_span out2 = explain_out(d, opc, temp.at, 2);
    struct lk_span out3 = explain_out(d, opc, temp.at, 3);
    struct lk_span out4 = explain_out(d, opc, temp.at, 4);
    struct lk_span out5 = explain_out(d, opc, temp.at, 5);

    return (struct origins){
        .mac_a = lk_span_of(out1.at, 8),
        .mac_s = lk_span_of(out1.at + 8, 8),
        .res = lk_span_of(out2.at + 8, 8),
        .ck = out3,
        .ik = out4,
        .ak = lk_span_of(out2.at, LK_AK_LEN),
        .ak_star = lk_span_of(out5.at, LK_AK_LEN),
    };
}

static void compute_milenage(struct results *r, const struct lk_aka_card *card,
                             const struct lk_derivation *d)
{
    const uint8_t *rand = lk_in_span(d, "rand").at, *sqn = lk_in_span(d, "sqn").at;
    const uint8_t *amf = lk_in_span(d, "amf").at;
    struct lk_aka_output out;

    lk_aka_f1(r->mac_a, card, rand, sqn, amf);
    lk_aka_f1_star(r->mac_s, card, rand, sqn, amf);
    lk_aka_f2345(&out, card, rand);
    lk_aka_f5_star(r->ak_star, card, rand);
    memcpy(r->res, out.res, 8);
    memcpy(r->ck, out.ck, 16);
    memcpy(r->ik, out.ik, 16);
    memcpy(r->ak, out.ak, LK_AK_LEN);
    r->mac_len = r->res_len = 8;
    r->ck_len = r->ik_len = 16;
    lk_wipe(&out, sizeof out);
}

static int run_milenage(struct lk_derivation *d)
{
    static const struct origin_names names = {
        "f1: OUT1[0..7]", "f1*: OUT1[8..15]", "f2: OUT2[8..15]", "f3: OUT3",
        "f4: OUT4",       "f5: OUT2[0..5]",   "f5*: OUT5[0..5]", milenage_clause,
    };
    struct lk_aka_card card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    bool from_op = lk_in(d, "op")->given;
    struct lk_span opc;
    struct origins from;
    struct results r;

    if (from_op == lk_in(d, "opc")->given)
        return lk_in_refuse("give --op or --opc, and not both");
    memcpy(card.k, lk_in_span(d, "k").at, 16);
    if (from_op) {
        lk_aka_topc_derive(&card, lk_in_span(d, "op").at);
        opc = explain_opc(d);
    } else {
        memcpy(card.topc, lk_in_span(d, "opc").at, 16);
        opc = lk_in_span(d, "opc");
    }
    from = explain_milenage(d, opc.at);
    compute_milenage(&r, &card, d);
    give_all(d, &r, &from, &names);
    if (from_op)
        lk_give(d, "opc", lk_span_of(card.topc, 16), opc, "OPc", milenage_clause);
    lk_wipe(&r, sizeof r);
    lk_wipe(&card, sizeof card);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_milenage = {
    .name = "milenage",
    .summary = "f1 to f5* by Milenage, and AUTN",
    .clause = "TS 35.206 4.1",
    .prints = "mac_a mac_s res ck ik ak ak_star autn, and opc when --op was given",
    .inputs = milenage_inputs,
    .run = run_milenage,
};

/* ---- TUAK ---- */

static const char tuak_clause[] = "TS 35.231";

static const struct lk_input tuak_inputs[] = {
    { "k", LK_INPUT_HEX, true, 16, 32, "K, 16 or 32 octets" },
    { "top", LK_INPUT_HEX, false, 32, 32, "TOP; TOPc is made of it and printed last" },
    { "topc", LK_INPUT_HEX, false, 32, 32, "TOPc, instead of TOP" },
    { "rand", LK_INPUT_HEX, true, 16, 16, "RAND" },
    { "sqn", LK_INPUT_HEX, true, 6, 6, "SQN" },
    { "amf", LK_INPUT_HEX, true, 2, 2, "AMF; 0000 for the MAC-S of an AUTS" },
    { "iterations", LK_INPUT_NUMBER, false, 1, 1000, "of Keccak (default 1)" },
    { "mac-bits", LK_INPUT_NUMBER, false, 64, 256, "64, 128 or 256 (default 64)" },
    { "res-bits", LK_INPUT_NUMBER, false, 32, 256, "32, 64, 128 or 256 (default 64)" },
    { "ck-bits", LK_INPUT_NUMBER, false, 128, 256, "128 or 256 (default 128)" },
    { "ik-bits", LK_INPUT_NUMBER, false, 128, 256, "128 or 256 (default 128)" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

/* The state before the permutation, cut where its fields end. */
static void put_state(struct lk_step *step, const uint8_t in[LK_KECCAK_STATE_LEN], bool top,
                      size_t k_len)
{
    const struct {
        const char *label;
        size_t len;
    } fields[] = {
        { top ? "TOP, reversed" : "TOPc, reversed", 32 },
        { "INSTANCE", 1 },
        { "ALGONAME \"TUAK1.0\", reversed", 7 },
        { top ? "zero for RAND" : "RAND, reversed", 16 },
        { "AMF, reversed; zero but for f1, f1*", 2 },
        { "SQN, reversed; zero but for f1, f1*", 6 },
        { "K, reversed", k_len },
        { "zero behind K", 32 - k_len },
        { "padding 1f", 1 },
        { "padding zero", 38 },
        { "padding 80", 1 },
        { "zero to the end", 64 },
    };
    size_t at = 0;

    for (size_t i = 0; i < LK_COUNT_OF(fields); i++) {
        if (fields[i].len > 0)
            lk_piece(step, LK_PIECE_INPUT, fields[i].label, lk_span_of(in + at, fields[i].len));
        at += fields[i].len;
    }
    LK_ASSERT(at == LK_KECCAK_STATE_LEN);
}

static struct lk_span explain_tuak(struct lk_derivation *d, const struct lk_tuak *t,
                                   enum lk_tuak_function function, const char *gives)
{
    struct lk_step *step = lk_step(d, LK_FN_KECCAK, tuak_clause);
    bool top = function == LK_TUAK_TOPC;
    bool mac = function == LK_TUAK_F1 || function == LK_TUAK_F1_STAR;
    uint8_t in[LK_KECCAK_STATE_LEN];

    lk_tuak_in(in, t, function, top ? NULL : lk_in_span(d, "rand").at,
               mac ? lk_in_span(d, "sqn").at : NULL, mac ? lk_in_span(d, "amf").at : NULL);
    step->repeat = t->iterations;
    put_state(step, in, top, t->k.len);
    lk_wipe(in, sizeof in);
    return lk_step_result(step, gives, LK_KECCAK_STATE_LEN);
}

/* Outputs are read from the state octet-reversed; what they were read from, in their own order. */
struct reversed {
    uint8_t octets[7][LK_TUAK_OUT_MAX];
    size_t count;
};

static struct lk_span reverse(struct reversed *r, struct lk_span state, size_t at, size_t len)
{
    uint8_t *to = r->octets[r->count++];

    for (size_t i = 0; i < len; i++)
        to[i] = state.at[at + len - 1 - i];
    return lk_span_of(to, len);
}

static void give_tuak(struct lk_derivation *d, const struct lk_tuak *t)
{
    static const struct origin_names names = {
        "front of OUT of f1, reversed",   "front of OUT of f1*, reversed",
        "OUT of f2345 from 0, reversed",  "OUT of f2345 from 32, reversed",
        "OUT of f2345 from 64, reversed", "OUT of f2345 from 96, reversed",
        "OUT of f5* from 96, reversed",   tuak_clause,
    };
    const uint8_t *rand = lk_in_span(d, "rand").at, *sqn = lk_in_span(d, "sqn").at;
    const uint8_t *amf = lk_in_span(d, "amf").at;
    struct results r = {
        .mac_len = t->mac_len, .res_len = t->res_len, .ck_len = t->ck_len, .ik_len = t->ik_len
    };
    struct reversed kept = { .count = 0 };
    struct lk_span f2345, f5_star;
    struct origins from;

    lk_tuak_mac(r.mac_a, t, LK_TUAK_F1, rand, sqn, amf);
    lk_tuak_mac(r.mac_s, t, LK_TUAK_F1_STAR, rand, sqn, amf);
    lk_tuak_f2345(r.res, r.ck, r.ik, r.ak, t, rand);
    lk_tuak_f5_star(r.ak_star, t, rand);
    from.mac_a = reverse(&kept, explain_tuak(d, t, LK_TUAK_F1, "OUT of f1"), 0, t->mac_len);
    from.mac_s = reverse(&kept, explain_tuak(d, t, LK_TUAK_F1_STAR, "OUT of f1*"), 0, t->mac_len);
    f2345 = explain_tuak(d, t, LK_TUAK_F2345, "OUT of f2345");
    from.res = reverse(&kept, f2345, 0, t->res_len);
    from.ck = reverse(&kept, f2345, 32, t->ck_len);
    from.ik = reverse(&kept, f2345, 64, t->ik_len);
    from.ak = reverse(&kept, f2345, 96, LK_AK_LEN);
    f5_star = explain_tuak(d, t, LK_TUAK_F5_STAR, "OUT of f5*");
    from.ak_star = reverse(&kept, f5_star, 96, LK_AK_LEN);
    give_all(d, &r, &from, &names);
    lk_wipe(&r, sizeof r);
    lk_wipe(&kept, sizeof kept);
}

static int run_tuak(struct lk_derivation *d)
{
    bool from_top = lk_in(d, "top")->given;
    struct reversed kept = { .count = 0 };
    uint8_t topc[LK_TUAK_TOPC_LEN];
    struct lk_span derived = { .len = 0 };
    struct lk_tuak t = {
        .k = lk_in_span(d, "k"),
        .topc = from_top ? lk_in_span(d, "top").at : lk_in_span(d, "topc").at,
        .iterations = (unsigned)lk_in_number(d, "iterations", 1),
        .mac_len = lk_in_number(d, "mac-bits", 64) / 8,
        .res_len = lk_in_number(d, "res-bits", 64) / 8,
        .ck_len = lk_in_number(d, "ck-bits", 128) / 8,
        .ik_len = lk_in_number(d, "ik-bits", 128) / 8,
    };

    if (from_top == lk_in(d, "topc")->given)
        return lk_in_refuse("give --top or --topc, and not both");
    if (lk_tuak_check(&t) != LK_OK)
        return lk_in_refuse("no such lengths in TUAK: K 16 or 32 octets, mac-bits 64, 128 or 256, "
                            "res-bits 32, 64, 128 or 256, ck-bits and ik-bits 128 or 256");
    if (from_top) {
        lk_tuak_topc(topc, &t);
        derived = reverse(&kept, explain_tuak(d, &t, LK_TUAK_TOPC, "OUT of TOPc"), 0, sizeof topc);
        t.topc = topc;
    }
    give_tuak(d, &t);
    if (from_top)
        lk_give(d, "topc", LK_SPAN(topc), derived, "front of OUT, reversed", tuak_clause);
    lk_wipe(topc, sizeof topc);
    lk_wipe(&kept, sizeof kept);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_tuak = {
    .name = "tuak",
    .summary = "f1 to f5* by TUAK, and AUTN",
    .clause = "TS 35.231",
    .prints =
        "mac_a mac_s res ck ik ak ak_star, autn when the MAC has 64 bits, and topc when --top "
        "was given",
    .inputs = tuak_inputs,
    .run = run_tuak,
};
