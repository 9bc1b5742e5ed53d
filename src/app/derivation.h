/* One run of `latchkey keys NAME`: values in, keys out, and how they came about.
 *
 * A name is a row: its options, and a function that reads them, gives keys and records steps. A
 * step is one call of a primitive with every octet that enters it, in labelled pieces; its result
 * is computed here from those very pieces, and lk_give() insists that what the key layer derived is
 * found in it. So an explanation cannot drift from the code that it explains. */
#ifndef LK_APP_DERIVATION_H
#define LK_APP_DERIVATION_H

#include "base/octets.h"
#include "wire/mis_codes.h"

enum {
    LK_INPUTS_MAX = 16,
    LK_VALUE_MAX = 1024,
    LK_STEPS_MAX = 16,
    LK_PIECES_MAX = 20,
    LK_OUTPUTS_MAX = 12,
    LK_RESULT_MAX = 256,
};

/* A WORD is one of those of `what`, which stand between bars; its number is its place. */
enum lk_input_kind { LK_INPUT_HEX, LK_INPUT_TEXT, LK_INPUT_NUMBER, LK_INPUT_WORD };

/* One option of a name: a list ends with option NULL. */
struct lk_input {
    const char *option; /* without its dashes */
    enum lk_input_kind kind;
    bool needed;
    unsigned least, most; /* octets; of a number, its values */
    const char *what;
};

struct lk_value {
    bool given;
    uint8_t octets[LK_VALUE_MAX];
    size_t len;
    uint64_t number;
};

/* What a step computes. KEY pieces are concatenated, INPUT pieces are concatenated; MASK pieces are
 * xored onto the result; FROM pieces only say what the input was made of. */
enum lk_function {
    LK_FN_AES128,      /* AES-128(KEY, INPUT) */
    LK_FN_KECCAK,      /* Keccak-f[1600](INPUT), as often as repeat says */
    LK_FN_HMAC_SHA1,   /* HMAC-SHA-1(KEY, INPUT) */
    LK_FN_HMAC_SHA256, /* HMAC-SHA-256(KEY, INPUT) */
    LK_FN_PRF_PRIME,   /* PRF'(KEY, INPUT) */
    LK_FN_CMAC_AES128, /* AES-CMAC(KEY[0..15], INPUT) */
    LK_FN_HMAC_MD5,    /* HMAC-MD5(KEY, INPUT) */
    LK_FN_MD5,         /* MD5(INPUT) */
    LK_FN_SHA1,        /* SHA-1(INPUT) */
    LK_FN_SHA256,      /* SHA-256(INPUT) */
    LK_FN_FIPS186,     /* the generator of FIPS 186-2, from INPUT */
    LK_FN_CONCAT,      /* INPUT pieces side by side, MASK pieces xored onto the front */
};
enum lk_piece_role { LK_PIECE_KEY, LK_PIECE_FROM, LK_PIECE_INPUT, LK_PIECE_MASK };

struct lk_piece {
    enum lk_piece_role role;
    char label[64];
    uint8_t octets[LK_VALUE_MAX];
    size_t len;
    bool text; /* show it as text too */
};

struct lk_step {
    enum lk_function function;
    unsigned repeat;
    const char *clause;
    const char *note; /* or NULL */
    struct lk_piece pieces[LK_PIECES_MAX];
    size_t count;
    const char *gives;
    uint8_t result[LK_RESULT_MAX];
    size_t result_len;
};

struct lk_output {
    const char *name;
    const char *clause;
    const char *part; /* "MK[0..15]" */
    uint8_t octets[LK_RESULT_MAX];
    size_t len;
};

/* Secret as a whole: the caller wipes it. */
struct lk_derivation {
    const struct lk_input *inputs;
    struct lk_mis_codes codes; /* of MIS; --codes FILE gives others */
    struct lk_value values[LK_INPUTS_MAX];
    struct lk_step steps[LK_STEPS_MAX];
    size_t step_count;
    struct lk_output outputs[LK_OUTPUTS_MAX];
    size_t output_count;
};

struct lk_key_name {
    const char *name;
    const char *summary;
    const char *clause;
    const char *prints; /* the names of its lines */
    const struct lk_input *inputs;
    int (*run)(struct lk_derivation *d); /* an exit code; what is wrong was said */
};
extern const struct lk_key_name lk_key_milenage, lk_key_tuak, lk_key_ck_ik_prime,
    lk_key_eap_aka_prime, lk_key_eap_aka, lk_key_wlcp, lk_key_kasme, lk_key_kenb, lk_key_nh,
    lk_key_kenb_star, lk_key_nas_keys, lk_key_as_keys, lk_key_s_kwt, lk_key_ptk,
    lk_key_usrk, lk_key_dsrk, lk_key_erp, lk_key_aak, lk_key_mis_k, lk_key_misk, lk_key_mis_auth,
    lk_key_mis_mix, lk_key_mis_link, lk_key_ks_naf, lk_key_tmpi, lk_key_akma, lk_key_kausf,
    lk_key_k_hse, lk_key_digest_aka, lk_key_mn_ha, lk_key_mn_fa, lk_key_e2e;

/* ---- what a run function uses ---- */

const struct lk_value *lk_in(const struct lk_derivation *d, const char *option);
struct lk_span lk_in_span(const struct lk_derivation *d, const char *option);
uint64_t lk_in_number(const struct lk_derivation *d, const char *option, uint64_t otherwise);
/* Says what is wrong with the options and returns LK_EXIT_USAGE. */
int lk_in_refuse(const char *what);
/* Which of two options was given; NULL, and otherwise said, when not exactly one was. */
const char *lk_in_one_of(const struct lk_derivation *d, const char *a, const char *b,
                         const char *otherwise);

struct lk_step *lk_step(struct lk_derivation *d, enum lk_function function, const char *clause);
void lk_piece(struct lk_step *step, enum lk_piece_role role, const char *label,
              struct lk_span octets);
void lk_piece_text(struct lk_step *step, enum lk_piece_role role, const char *label,
                   struct lk_span text);
/* A parameter of the KDF of TS 33.220 B.2, and its length: two pieces, "P0 what" and "L0". */
void lk_piece_param(struct lk_step *step, unsigned number, const char *what, struct lk_span octets);
/* A step of that KDF: its parent key and function code; parameters follow. */
struct lk_step *lk_step_kdf(struct lk_derivation *d, const char *clause, const char *parent,
                            struct lk_span key, uint8_t fc);
/* Computes the step: len octets called gives. The span lives as long as the derivation. */
struct lk_span lk_step_result(struct lk_step *step, const char *gives, size_t len);

/* One line "name hex". It must be the octets that a step gave at from, described by part. */
void lk_give(struct lk_derivation *d, const char *name, struct lk_span octets, struct lk_span from,
             const char *part, const char *clause);

/* ---- showing it ---- */

const char *lk_function_name(enum lk_function function);
const char *lk_role_name(enum lk_piece_role role);
void lk_derivation_print(const struct lk_derivation *d, bool explain);
/* 0, or -1 when there is no memory. */
int lk_derivation_print_json(const struct lk_derivation *d, const char *name, bool explain);

#endif
