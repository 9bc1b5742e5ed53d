/* `latchkey keys NAME`: derives any key of the project from stated inputs, and shows how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/args.h"
#include "app/codes_arg.h"
#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"

/* One row a name; a room adds its own. */
static const struct lk_key_name *const names[] = {
    &lk_key_milenage, &lk_key_tuak,      &lk_key_ck_ik_prime, &lk_key_eap_aka_prime,
    &lk_key_eap_aka,  &lk_key_wlcp,      &lk_key_kasme,       &lk_key_kenb,
    &lk_key_nh,       &lk_key_kenb_star, &lk_key_nas_keys,    &lk_key_as_keys,
    &lk_key_s_kwt,    &lk_key_ptk,       &lk_key_usrk,        &lk_key_dsrk,
    &lk_key_erp,      &lk_key_aak,       &lk_key_mis_k,       &lk_key_misk,
    &lk_key_mis_auth, &lk_key_mis_mix,   &lk_key_mis_link,    &lk_key_ks_naf,   &lk_key_tmpi,
    &lk_key_akma,     &lk_key_kausf,     &lk_key_k_hse,       &lk_key_digest_aka,
    &lk_key_mn_ha,    &lk_key_mn_fa,     &lk_key_e2e,
};

static void usage(FILE *to)
{
    fprintf(to, "usage: latchkey keys NAME --INPUT VALUE ... [--explain] [--json]\n"
                "       latchkey keys NAME --help\n"
                "       latchkey keys --list [--json]\n\n"
                "Prints lines of a key's name and its octets in hex. --explain prints before them\n"
                "the exact octets that enter each function, and the clause of each line. A VALUE\n"
                "may be @FILE, or - for standard input.\n\nNames:\n");
    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        fprintf(to, "  %-14s %s (%s)\n", names[i]->name, names[i]->summary, names[i]->clause);
}

static int list(bool json)
{
    json_t *all = json_array();
    int failed;

    for (size_t i = 0; !json && i < LK_COUNT_OF(names); i++)
        printf("%s\n", names[i]->name);
    for (size_t i = 0; i < LK_COUNT_OF(names); i++) {
        json_t *inputs = json_array();

        for (const struct lk_input *in = names[i]->inputs; in->option != NULL; in++)
            json_array_append_new(inputs, json_pack("{s:s, s:b, s:s}", "option", in->option,
                                                    "needed", (int)in->needed, "what", in->what));
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", names[i]->name,
                                        "summary", names[i]->summary, "clause", names[i]->clause,
                                        "prints", names[i]->prints, "inputs", inputs));
    }
    failed = json && json_dumpf(all, stdout, JSON_INDENT(2)) != 0;
    if (json)
        printf("\n");
    json_decref(all);
    return failed ? LK_EXIT_SYSTEM : LK_EXIT_OK;
}

static void help(const struct lk_key_name *name)
{
    static const char *const kinds[] = { "HEX", "TEXT", "NUMBER", "WORD" };

    printf("usage: latchkey keys %s --INPUT VALUE ... [--explain] [--json]\n\n%s, %s.\n\nInputs:\n",
           name->name, name->summary, name->clause);
    for (const struct lk_input *in = name->inputs; in->option != NULL; in++) {
        printf("  --%-13s %-6s %s%s", in->option, kinds[in->kind], in->what,
               in->needed ? "" : " [optional]");
        if (in->kind == LK_INPUT_HEX && in->least == in->most)
            printf(" (%u octets)", in->least);
        printf("\n");
    }
    if (strncmp(name->name, "mis", 3) == 0)
        printf("  --codes         FILE   numbers of MIS: section mis.codes of that file\n");
    printf("\nPrints: %s\n", name->prints);
}

/* The place of a word among those between the bars; LK_E_VALUE, and said, when it is none. */
static enum lk_status read_word(uint64_t *number, const char *words, const char *option,
                                const char *argument)
{
    size_t len = strlen(argument);
    uint64_t place = 0;

    for (const char *at = words; at != NULL; place++) {
        const char *bar = strchr(at, '|');
        size_t word_len = bar != NULL ? (size_t)(bar - at) : strlen(at);

        if (word_len == len && strncmp(at, argument, len) == 0) {
            *number = place;
            return LK_OK;
        }
        at = bar != NULL ? bar + 1 : NULL;
    }
    fprintf(stderr, "latchkey keys: %s is one of %s\n", option, words);
    return LK_E_VALUE;
}

/* Reads one value by its row, and takes it off the process list. */
static enum lk_status read_value(struct lk_value *value, const struct lk_input *in, char *argument)
{
    char option[32], what[96];
    struct lk_arg_text text;
    enum lk_status status = LK_OK;

    snprintf(option, sizeof option, "--%s", in->option);
    if (value->given) {
        fprintf(stderr, "latchkey keys: %s is given twice\n", option);
        return LK_E_TWICE;
    }
    switch (in->kind) {
    case LK_INPUT_HEX:
        status = in->least == in->most
                     ? lk_arg_hex_exact(value->octets, in->least, option, argument)
                     : lk_arg_hex(value->octets, in->most, &value->len, option, argument);
        if (in->least == in->most)
            value->len = in->least;
        break;
    case LK_INPUT_TEXT:
        status = lk_arg_text(&text, option, argument);
        value->len = status == LK_OK && text.len <= in->most ? text.len : 0;
        memcpy(value->octets, text.text, value->len);
        lk_wipe(&text, sizeof text);
        break;
    case LK_INPUT_NUMBER:
        status = lk_arg_number(&value->number, in->least, in->most, option, argument);
        break;
    case LK_INPUT_WORD:
        status = read_word(&value->number, in->what, option, argument);
        break;
    }
    if (status == LK_OK && value->len < in->least &&
        (in->kind == LK_INPUT_HEX || in->kind == LK_INPUT_TEXT)) {
        snprintf(what, sizeof what, "latchkey keys: %s wants %u to %u octets", option, in->least,
                 in->most);
        fprintf(stderr, "%s\n", what);
        status = LK_E_LENGTH;
    }
    value->given = status == LK_OK;
    lk_arg_hide(argument);
    return status;
}

/* Of every name: keys of MIS depend on them. */
static const struct lk_input codes_input = { "codes", LK_INPUT_TEXT, false, 1, LK_VALUE_MAX,
                                             "file with section mis.codes" };

struct flags {
    bool help, json, explain;
};

/* One argument that is no value: a flag, or the input that it names (and its value, if it stands in
 * the same argument); NULL when it is neither. Names are taken whole: an abbreviated --ck would
 * mean
 * --ck-prime to getopt_long. */
static const struct lk_input *input_of(struct flags *flags, bool *is_flag, char **value,
                                       const struct lk_input *inputs, char *argument)
{
    char *equals = strchr(argument, '=');
    size_t len = equals != NULL ? (size_t)(equals - argument) : strlen(argument);

    *value = equals != NULL ? equals + 1 : NULL;
    *is_flag = true;
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        flags->help = true;
    else if (strcmp(argument, "--json") == 0)
        flags->json = true;
    else if (strcmp(argument, "--explain") == 0)
        flags->explain = true;
    else
        *is_flag = false;
    if (len == 7 && strncmp(argument, "--codes", len) == 0)
        return &codes_input;
    for (const struct lk_input *in = inputs; !*is_flag && in->option != NULL; in++)
        if (len == 2 + strlen(in->option) && strncmp(argument, "--", 2) == 0 &&
            strncmp(argument + 2, in->option, len - 2) == 0)
            return in;
    return NULL;
}

/* The options after the name. An exit code. */
static int read_options(struct lk_derivation *d, struct flags *flags, int argc, char **argv)
{
    enum lk_status status = LK_OK;

    for (int i = 1; i < argc && status == LK_OK; i++) {
        const struct lk_input *in;
        char *value;
        bool is_flag;

        in = input_of(flags, &is_flag, &value, d->inputs, argv[i]);
        if (is_flag)
            continue;
        if (in == NULL || (value == NULL && i + 1 == argc)) {
            fprintf(stderr, "latchkey keys: %s: %s; latchkey keys %s --help lists the inputs\n",
                    argv[i], in == NULL ? "no such input" : "a value is missing", argv[0]);
            return LK_EXIT_USAGE;
        }
        if (value == NULL)
            value = argv[++i];
        if (in == &codes_input) {
            if (!lk_codes_arg(&d->codes, "keys", value))
                return LK_EXIT_USAGE;
            continue;
        }
        status = read_value(&d->values[in - d->inputs], in, value);
    }
    return lk_arg_exit(status);
}

static int derive(struct lk_derivation *d, const struct lk_key_name *name, int argc, char **argv)
{
    struct flags flags = { .help = false };
    int code;

    d->inputs = name->inputs;
    d->codes = lk_mis_codes_default;
    code = read_options(d, &flags, argc, argv);
    if (code == LK_EXIT_OK && flags.help) {
        help(name);
        return LK_EXIT_OK;
    }
    for (size_t i = 0; code == LK_EXIT_OK && d->inputs[i].option != NULL; i++)
        if (d->inputs[i].needed && !d->values[i].given) {
            fprintf(stderr, "latchkey keys %s: --%s is missing: %s\n", name->name,
                    d->inputs[i].option, d->inputs[i].what);
            code = LK_EXIT_USAGE;
        }
    if (code == LK_EXIT_OK)
        code = name->run(d);
    if (code == LK_EXIT_OK && flags.json)
        code = lk_derivation_print_json(d, name->name, flags.explain) == 0 ? LK_EXIT_OK
                                                                           : LK_EXIT_SYSTEM;
    else if (code == LK_EXIT_OK)
        lk_derivation_print(d, flags.explain);
    return code;
}

int lk_cmd_keys(int argc, char **argv)
{
    const struct lk_key_name *name = NULL;
    struct lk_derivation *d;
    int code;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? LK_EXIT_USAGE : LK_EXIT_OK;
    }
    if (strcmp(argv[1], "--list") == 0)
        return list(argc > 2 && strcmp(argv[2], "--json") == 0);
    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if (strcmp(names[i]->name, argv[1]) == 0)
            name = names[i];
    if (name == NULL) {
        fprintf(stderr, "latchkey keys: no name '%s'; latchkey keys --list lists them\n", argv[1]);
        return LK_EXIT_USAGE;
    }
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return LK_EXIT_SYSTEM;
    code = derive(d, name, argc - 1, argv + 1);
    lk_wipe(d, sizeof *d);
    free(d);
    return code;
}
