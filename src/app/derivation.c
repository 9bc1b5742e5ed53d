#include "app/derivation.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"

/* ---- inputs ---- */

const struct lk_value *lk_in(const struct lk_derivation *d, const char *option)
{
    for (size_t i = 0; d->inputs[i].option != NULL; i++)
        if (strcmp(d->inputs[i].option, option) == 0)
            return &d->values[i];
    LK_ASSERT(!"an option of this name");
    return NULL;
}

struct lk_span lk_in_span(const struct lk_derivation *d, const char *option)
{
    const struct lk_value *value = lk_in(d, option);

    return lk_span_of(value->octets, value->len);
}

uint64_t lk_in_number(const struct lk_derivation *d, const char *option, uint64_t otherwise)
{
    const struct lk_value *value = lk_in(d, option);

    return value->given ? value->number : otherwise;
}

int lk_in_refuse(const char *what)
{
    fprintf(stderr, "latchkey keys: %s\n", what);
    return LK_EXIT_USAGE;
}

const char *lk_in_one_of(const struct lk_derivation *d, const char *a, const char *b,
                         const char *otherwise)
{
    bool has_a = lk_in(d, a)->given, has_b = lk_in(d, b)->given;

    if (has_a != has_b)
        return has_a ? a : b;
    (void)lk_in_refuse(otherwise);
    return NULL;
}

/* ---- steps ---- */

struct lk_step *lk_step(struct lk_derivation *d, enum lk_function function, const char *clause)
{
    struct lk_step *step;

    LK_ASSERT(d->step_count < LK_STEPS_MAX);
    step = &d->steps[d->step_count++];
    step->function = function;
    step->repeat = 1;
    step->clause = clause;
    return step;
}

void lk_piece(struct lk_step *step, enum lk_piece_role role, const char *label,
              struct lk_span octets)
{
    struct lk_piece *piece;

    LK_ASSERT(step->count < LK_PIECES_MAX && octets.len <= LK_VALUE_MAX);
    piece = &step->pieces[step->count++];
    piece->role = role;
    snprintf(piece->label, sizeof piece->label, "%s", label);
    if (octets.len > 0)
        memcpy(piece->octets, octets.at, octets.len);
    piece->len = octets.len;
}

void lk_piece_text(struct lk_step *step, enum lk_piece_role role, const char *label,
                   struct lk_span text)
{
    lk_piece(step, role, label, text);
    step->pieces[step->count - 1].text = true;
}

void lk_piece_param(struct lk_step *step, unsigned number, const char *what, struct lk_span octets)
{
    uint8_t len[2] = { (uint8_t)(octets.len >> 8), (uint8_t)octets.len };
    char label[sizeof step->pieces[0].label];

    snprintf(label, sizeof label, "P%u%s%s", number, what[0] != '\0' ? " " : "", what);
    lk_piece(step, LK_PIECE_INPUT, label, octets);
    snprintf(label, sizeof label, "L%u", number);
    lk_piece(step, LK_PIECE_INPUT, label, LK_SPAN(len));
}

struct lk_step *lk_step_kdf(struct lk_derivation *d, const char *clause, const char *parent,
                            struct lk_span key, uint8_t fc)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, clause);

    step->note = "TS 33.220 B.2";
    lk_piece(step, LK_PIECE_KEY, parent, key);
    lk_piece(step, LK_PIECE_INPUT, "FC", lk_span_of(&fc, 1));
    return step;
}

/* The pieces of a role, as the list of spans that the primitives take. */
static size_t spans_of(struct lk_span *spans, const struct lk_step *step, enum lk_piece_role role)
{
    size_t count = 0;

    for (size_t i = 0; i < step->count; i++)
        if (step->pieces[i].role == role)
            spans[count++] = lk_span_of(step->pieces[i].octets, step->pieces[i].len);
    return count;
}

/* ... and side by side; their length must be len, unless that is 0. */
static size_t join(uint8_t *to, size_t cap, const struct lk_step *step, enum lk_piece_role role,
                   size_t len)
{
    struct lk_span spans[LK_PIECES_MAX];
    size_t count = spans_of(spans, step, role);
    struct lk_writer w = lk_writer_of(to, cap);

    for (size_t i = 0; i < count; i++)
        lk_put_span(&w, spans[i]);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && (len == 0 || w.len == len));
    return w.len;
}

static void hmac_md5(uint8_t out[LK_MD5_LEN], struct lk_span key, const struct lk_span *parts,
                     size_t count)
{
    struct lk_hmac_md5_key k;

    lk_hmac_md5_set_key(&k, key);
    lk_hmac_md5(out, &k, parts, count);
    lk_wipe(&k, sizeof k);
}

static void apply(struct lk_step *step, size_t len)
{
    struct lk_span in[LK_PIECES_MAX];
    size_t count = spans_of(in, step, LK_PIECE_INPUT), key_len;
    uint8_t key[LK_VALUE_MAX];
    struct lk_aes128 aes;

    switch (step->function) {
    case LK_FN_AES128:
        (void)join(key, sizeof key, step, LK_PIECE_KEY, 16);
        (void)join(step->result, sizeof step->result, step, LK_PIECE_INPUT, 16);
        lk_aes128_set_key(&aes, key);
        lk_aes128_block(&aes, step->result, step->result);
        lk_wipe(&aes, sizeof aes);
        break;
    case LK_FN_KECCAK:
        (void)join(step->result, sizeof step->result, step, LK_PIECE_INPUT, LK_KECCAK_STATE_LEN);
        for (unsigned i = 0; i < step->repeat; i++)
            lk_keccak_f1600(step->result);
        break;
    case LK_FN_HMAC_SHA1:
        key_len = join(key, sizeof key, step, LK_PIECE_KEY, 0);
        lk_hmac_sha1(step->result, lk_span_of(key, key_len), in, count);
        break;
    case LK_FN_HMAC_SHA256:
        key_len = join(key, sizeof key, step, LK_PIECE_KEY, 0);
        lk_hmac_sha256(step->result, lk_span_of(key, key_len), in, count);
        break;
    case LK_FN_PRF_PRIME:
        key_len = join(key, sizeof key, step, LK_PIECE_KEY, 0);
        lk_prf_prime(step->result, len, lk_span_of(key, key_len), in, count);
        break;
    case LK_FN_CMAC_AES128:
        key_len = join(key, sizeof key, step, LK_PIECE_KEY, 0);
        LK_ASSERT(key_len >= 16); /* of a longer key the first 16 octets */
        lk_cmac_aes128(step->result, key, in, count);
        break;
    case LK_FN_HMAC_MD5:
        key_len = join(key, sizeof key, step, LK_PIECE_KEY, 0);
        hmac_md5(step->result, lk_span_of(key, key_len), in, count);
        break;
    case LK_FN_MD5:
        lk_md5(step->result, in, count);
        break;
    case LK_FN_SHA1:
        lk_sha1(step->result, in, count);
        break;
    case LK_FN_SHA256:
        lk_sha256(step->result, in, count);
        break;
    case LK_FN_FIPS186:
        (void)join(key, sizeof key, step, LK_PIECE_INPUT, 20);
        lk_prf_fips186(step->result, len, key);
        break;
    case LK_FN_CONCAT:
        (void)join(step->result, sizeof step->result, step, LK_PIECE_INPUT, len);
        break;
    }
    lk_wipe(key, sizeof key);
}

struct lk_span lk_step_result(struct lk_step *step, const char *gives, size_t len)
{
    LK_ASSERT(len <= sizeof step->result);
    apply(step, len);
    for (size_t i = 0; i < step->count; i++)
        for (size_t j = 0; step->pieces[i].role == LK_PIECE_MASK && j < step->pieces[i].len; j++)
            step->result[j] ^= step->pieces[i].octets[j];
    step->gives = gives;
    step->result_len = len;
    return lk_span_of(step->result, len);
}

void lk_give(struct lk_derivation *d, const char *name, struct lk_span octets, struct lk_span from,
             const char *part, const char *clause)
{
    struct lk_output *output;

    LK_ASSERT(d->output_count < LK_OUTPUTS_MAX && octets.len <= LK_RESULT_MAX);
    LK_ASSERT(from.len == octets.len && lk_same_secret(octets.at, from.at, octets.len));
    output = &d->outputs[d->output_count++];
    *output = (struct lk_output){ .name = name, .part = part, .clause = clause };
    memcpy(output->octets, octets.at, octets.len);
    output->len = octets.len;
}

/* ---- showing it ---- */

const char *lk_function_name(enum lk_function function)
{
    switch (function) {
    case LK_FN_AES128:
        return "AES-128";
    case LK_FN_KECCAK:
        return "Keccak-f[1600]";
    case LK_FN_HMAC_SHA1:
        return "HMAC-SHA-1";
    case LK_FN_HMAC_SHA256:
        return "HMAC-SHA-256";
    case LK_FN_PRF_PRIME:
        return "PRF'";
    case LK_FN_CMAC_AES128:
        return "AES-CMAC";
    case LK_FN_HMAC_MD5:
        return "HMAC-MD5";
    case LK_FN_MD5:
        return "MD5";
    case LK_FN_SHA1:
        return "SHA-1";
    case LK_FN_SHA256:
        return "SHA-256";
    case LK_FN_FIPS186:
        return "FIPS 186-2 generator";
    case LK_FN_CONCAT:
        return "concatenation";
    }
    return "?";
}

const char *lk_role_name(enum lk_piece_role role)
{
    switch (role) {
    case LK_PIECE_KEY:
        return "key";
    case LK_PIECE_FROM:
        return "from";
    case LK_PIECE_INPUT:
        return "input";
    case LK_PIECE_MASK:
        return "xor";
    }
    return "?";
}

static void to_hex(char text[2 * LK_VALUE_MAX + 1], const uint8_t *octets, size_t len)
{
    enum lk_status status = lk_hex_encode(text, 2 * LK_VALUE_MAX + 1, lk_span_of(octets, len));

    LK_ASSERT(status == LK_OK);
}

static void print_step(const struct lk_step *step)
{
    char hex[2 * LK_VALUE_MAX + 1];

    printf("# %s", lk_function_name(step->function));
    if (step->repeat > 1)
        printf(" x %u", step->repeat);
    printf("  (%s)%s%s\n", step->clause, step->note != NULL ? " " : "",
           step->note != NULL ? step->note : "");
    for (size_t i = 0; i < step->count; i++) {
        const struct lk_piece *piece = &step->pieces[i];

        to_hex(hex, piece->octets, piece->len);
        printf("#   %-5s  %-34s %s", lk_role_name(piece->role), piece->label,
               piece->len > 0 ? hex : "(empty)");
        if (piece->text)
            printf("  \"%.*s\"", (int)piece->len, (const char *)piece->octets);
        printf("\n");
    }
    to_hex(hex, step->result, step->result_len);
    printf("#   gives  %-34s %s\n#\n", step->gives, hex);
    lk_wipe(hex, sizeof hex);
}

void lk_derivation_print(const struct lk_derivation *d, bool explain)
{
    char hex[2 * LK_VALUE_MAX + 1];

    for (size_t i = 0; explain && i < d->step_count; i++)
        print_step(&d->steps[i]);
    for (size_t i = 0; i < d->output_count; i++) {
        const struct lk_output *output = &d->outputs[i];

        to_hex(hex, output->octets, output->len);
        printf("%s %s", output->name, hex);
        if (explain)
            printf("  # %s, %s", output->part, output->clause);
        printf("\n");
    }
    lk_wipe(hex, sizeof hex);
}

static json_t *hex_json(const uint8_t *octets, size_t len)
{
    char hex[2 * LK_VALUE_MAX + 1];
    json_t *json;

    to_hex(hex, octets, len);
    json = json_string(hex);
    lk_wipe(hex, sizeof hex);
    return json;
}

static json_t *step_json(const struct lk_step *step)
{
    json_t *pieces = json_array(), *json;

    for (size_t i = 0; i < step->count; i++) {
        const struct lk_piece *piece = &step->pieces[i];

        json_array_append_new(pieces, json_pack("{s:s, s:s, s:o}", "role",
                                                lk_role_name(piece->role), "label", piece->label,
                                                "octets", hex_json(piece->octets, piece->len)));
    }
    json = json_pack("{s:s, s:i, s:s, s:o, s:s, s:o}", "function", lk_function_name(step->function),
                     "repeat", (int)step->repeat, "clause", step->clause, "pieces", pieces, "gives",
                     step->gives, "result", hex_json(step->result, step->result_len));
    if (json != NULL && step->note != NULL)
        json_object_set_new(json, "note", json_string(step->note));
    return json;
}

int lk_derivation_print_json(const struct lk_derivation *d, const char *name, bool explain)
{
    json_t *keys = json_object(), *steps = json_array(), *origins = json_object();
    json_t *json = json_pack("{s:s, s:o}", "name", name, "keys", keys);
    int failed;

    for (size_t i = 0; i < d->output_count; i++) {
        const struct lk_output *output = &d->outputs[i];

        json_object_set_new(keys, output->name, hex_json(output->octets, output->len));
        json_object_set_new(
            origins, output->name,
            json_pack("{s:s, s:s}", "part", output->part, "clause", output->clause));
    }
    for (size_t i = 0; i < d->step_count; i++)
        json_array_append_new(steps, step_json(&d->steps[i]));
    if (explain) {
        json_object_set(json, "from", origins);
        json_object_set(json, "steps", steps);
    }
    failed = json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0;
    printf("\n");
    json_decref(json);
    json_decref(steps);
    json_decref(origins);
    return failed ? -1 : 0;
}
