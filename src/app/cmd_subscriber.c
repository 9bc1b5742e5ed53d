/* latchkey subscriber VERB: who may come in. Options and verbs; the work is in subscriber_*.c. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/args.h"
#include "app/commands.h"
#include "app/subscriber.h"
#include "base/secret.h"

enum {
    OPTION_STORE = 256,
    OPTION_MASTER_KEY,
    OPTION_SET,
    OPTION_JSON,
    OPTION_IMSI,
    OPTION_K,
    OPTION_OPC,
    OPTION_OP,
    OPTION_AMF,
    OPTION_SQN,
    OPTION_ALGORITHM,
    OPTION_RES_LEN,
    OPTION_ITERATIONS,
    OPTION_AKMA,
    OPTION_REPLACE,
    OPTION_FORMAT,
    OPTION_SKIP_BAD,
    OPTION_DRY_RUN,
    OPTION_SECRETS,
    OPTION_AFTER,
    OPTION_LIMIT,
};

static const struct option long_options[] = {
    { "config", required_argument, NULL, 'c' },
    { "store", required_argument, NULL, OPTION_STORE },
    { "master-key", required_argument, NULL, OPTION_MASTER_KEY },
    { "set", required_argument, NULL, OPTION_SET },
    { "json", no_argument, NULL, OPTION_JSON },
    { "imsi", required_argument, NULL, OPTION_IMSI },
    { "k", required_argument, NULL, OPTION_K },
    { "opc", required_argument, NULL, OPTION_OPC },
    { "topc", required_argument, NULL, OPTION_OPC },
    { "op", required_argument, NULL, OPTION_OP },
    { "top", required_argument, NULL, OPTION_OP },
    { "amf", required_argument, NULL, OPTION_AMF },
    { "sqn", required_argument, NULL, OPTION_SQN },
    { "algorithm", required_argument, NULL, OPTION_ALGORITHM },
    { "res-len", required_argument, NULL, OPTION_RES_LEN },
    { "iterations", required_argument, NULL, OPTION_ITERATIONS },
    { "akma", required_argument, NULL, OPTION_AKMA },
    { "replace", no_argument, NULL, OPTION_REPLACE },
    { "format", required_argument, NULL, OPTION_FORMAT },
    { "skip-bad", no_argument, NULL, OPTION_SKIP_BAD },
    { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
    { "secrets", no_argument, NULL, OPTION_SECRETS },
    { "after", required_argument, NULL, OPTION_AFTER },
    { "limit", required_argument, NULL, OPTION_LIMIT },
    { "help", no_argument, NULL, 'h' },
    { 0 },
};

static void usage(FILE *to)
{
    fputs("usage: latchkey subscriber VERB [-c FILE] [OPTIONS]\n\n"
          "  add IMSI --k KEY --opc OPC | --op OP   one subscriber\n"
          "      --amf HEX          4 digits (8000)\n"
          "      --sqn HEX          12 digits: the last SQN its card has seen (0: a new card)\n"
          "      --algorithm NAME   milenage, or tuak with --topc or --top\n"
          "      --res-len N        TUAK: octets of RES, 4, 8 or 16 (8)\n"
          "      --iterations N     TUAK: of Keccak (1)\n"
          "      --akma on|off      whether it may have keys of AKMA (on; --replace: as it was)\n"
          "      --replace          also where it is there already\n"
          "  list [--after IMSI] [--limit N]        every IMSI, in order\n"
          "  show IMSI [--secrets]                  what is stored; K and OPc with --secrets\n"
          "  delete IMSI...                         and the keys of GBA and AKMA that it has\n"
          "  akma IMSI on|off                       whether it may have keys of AKMA\n"
          "  mip IMSI any|none|WAY...               how it may come to keys of Mobile IP: ha-naf,\n"
          "                                         aaa, pushed, bsf\n"
          "  import --format FORMAT PATH            all of a file, or - for standard input\n"
          "      --replace          also those that are there already\n"
          "      --skip-bad         leave out what is bad or there already, and go on\n"
          "      --dry-run          only look\n"
          "  export --format FORMAT [PATH]          all subscribers, with their keys\n"
          "      --skip-bad         leave out what the format cannot hold\n\n"
          "  FORMAT is hostapd, srsran, open5gs, ueransim or latchkey (JSON lines).\n"
          "  KEY, OPC, OP are hex, @FILE or - (arguments are visible to others).\n\n"
          "  -c FILE              the daemon's configuration, for the store and the master key\n"
          "  --set PATH=VALUE     replaces a value of it\n"
          "  --store URL          sqlite:PATH or postgresql://..., instead of its store\n"
          "  --master-key FILE    instead of its master key\n"
          "  --json               for programs\n",
          to);
}

static const struct {
    const char *name;
    int (*run)(const struct lk_subscriber_call *call);
    size_t least, most; /* words */
    const char *wants;
} verbs[] = {
    { "add", lk_subscriber_add, 1, 1, "one IMSI" },
    { "list", lk_subscriber_list, 0, 0, "no words" },
    { "show", lk_subscriber_show, 1, 1, "one IMSI" },
    { "delete", lk_subscriber_delete, 1, SIZE_MAX, "at least one IMSI" },
    { "akma", lk_subscriber_akma, 2, 2, "one IMSI, and on or off" },
    { "mip", lk_subscriber_mip, 2, 5, "one IMSI, and any, none or words" },
    { "import", lk_subscriber_import, 1, 1, "one PATH, or -" },
    { "export", lk_subscriber_export, 0, 1, "at most one PATH" },
};

int lk_subscriber_fail(const struct lk_subscriber_call *call, int code, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "latchkey: subscriber %s: ", call->verb);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}

/* The options that describe the card. */
static enum lk_status card_option(struct lk_subscriber_call *call, int option, char *argument)
{
    struct lk_credentials *c = &call->credentials;
    enum lk_status status = LK_OK;
    unsigned number = 0;

    switch (option) {
    case OPTION_K:
        call->has_key = true;
        status = lk_arg_hex(c->card.k, sizeof c->card.k, &c->card.k_len, "--k", argument);
        lk_arg_hide(argument);
        return status;
    case OPTION_OPC:
        call->has_topc = true;
        status = lk_arg_hex(c->card.topc, sizeof c->card.topc, &call->topc_len, "--opc", argument);
        lk_arg_hide(argument);
        return status;
    case OPTION_OP:
        call->has_top = true;
        status = lk_arg_hex(call->top, sizeof call->top, &call->top_len, "--op", argument);
        lk_arg_hide(argument);
        return status;
    case OPTION_AMF:
        return lk_arg_hex_exact(c->amf, sizeof c->amf, "--amf", argument);
    case OPTION_SQN:
        return lk_arg_hex_exact(c->sqn, sizeof c->sqn, "--sqn", argument);
    case OPTION_RES_LEN:
        status = lk_arg_unsigned(&number, LK_RES_MIN, LK_RES_MAX, "--res-len", argument);
        c->card.res_len = number;
        return status;
    case OPTION_ITERATIONS:
        status = lk_arg_unsigned(&number, 1, 255, "--iterations", argument);
        c->card.keccak_iterations = number;
        return status;
    default:
        if (strcmp(argument, "milenage") != 0 && strcmp(argument, "tuak") != 0) {
            fprintf(stderr, "latchkey: --algorithm: milenage or tuak\n");
            return LK_E_VALUE;
        }
        c->card.algorithm = argument[0] == 't' ? LK_AKA_TUAK : LK_AKA_MILENAGE;
        return LK_OK;
    }
}

static enum lk_status take_option(struct lk_subscriber_call *call, int option, char *argument)
{
    switch (option) {
    case 'c':
        call->config_file = argument;
        return LK_OK;
    case OPTION_STORE:
        call->store_url = argument;
        return LK_OK;
    case OPTION_MASTER_KEY:
        call->master_key = argument;
        return LK_OK;
    case OPTION_SET:
        if (call->set_count == LK_COUNT_OF(call->sets)) {
            fprintf(stderr, "latchkey: --set: at most %zu\n", LK_COUNT_OF(call->sets));
            return LK_E_FULL;
        }
        call->sets[call->set_count++] = argument;
        return LK_OK;
    case OPTION_JSON:
        call->json = true;
        return LK_OK;
    case OPTION_IMSI:
        call->imsi = argument;
        return LK_OK;
    case OPTION_AKMA:
        return lk_subscriber_akma_of(&call->akma, argument);
    case OPTION_REPLACE:
        call->replace = true;
        return LK_OK;
    case OPTION_FORMAT:
        call->format = argument;
        return LK_OK;
    case OPTION_SKIP_BAD:
        call->skip_bad = true;
        return LK_OK;
    case OPTION_DRY_RUN:
        call->dry_run = true;
        return LK_OK;
    case OPTION_SECRETS:
        call->secrets = true;
        return LK_OK;
    case OPTION_AFTER:
        call->after = argument;
        return LK_OK;
    case OPTION_LIMIT:
        return lk_arg_number(&call->limit, 1, UINT64_MAX / 2, "--limit", argument);
    default:
        return card_option(call, option, argument);
    }
}

static int run_verb(struct lk_subscriber_call *call)
{
    char *imsi_word[1];

    if (call->imsi != NULL && call->word_count == 0) {
        imsi_word[0] = (char *)(uintptr_t)call->imsi;
        call->words = imsi_word;
        call->word_count = 1;
    }
    for (size_t i = 0; i < LK_COUNT_OF(verbs); i++) {
        if (strcmp(call->verb, verbs[i].name) != 0)
            continue;
        if (call->word_count < verbs[i].least || call->word_count > verbs[i].most)
            return lk_subscriber_fail(call, LK_EXIT_USAGE, "wants %s", verbs[i].wants);
        return verbs[i].run(call);
    }
    fprintf(stderr, "latchkey: subscriber: no verb '%s'; latchkey subscriber --help lists them\n",
            call->verb);
    return LK_EXIT_USAGE;
}

/* Secrets pass through this process: it leaves no core and lets nobody of the same user look in. */
static void harden(void)
{
    const struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int lk_cmd_subscriber(int argc, char **argv)
{
    static struct lk_subscriber_call call;
    int option, code = LK_EXIT_OK;

    harden();
    call.credentials.card.algorithm = LK_AKA_MILENAGE;
    call.credentials.card.res_len = 8;
    call.credentials.card.keccak_iterations = 1;
    call.credentials.amf[0] = 0x80;
    while (code == LK_EXIT_OK &&
           (option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return LK_EXIT_OK;
        }
        code = option == '?' ? LK_EXIT_USAGE : lk_arg_exit(take_option(&call, option, optarg));
    }
    if (code == LK_EXIT_OK && optind >= argc) {
        usage(stderr);
        code = LK_EXIT_USAGE;
    }
    if (code == LK_EXIT_OK) {
        call.verb = argv[optind];
        call.words = argv + optind + 1;
        call.word_count = (size_t)(argc - optind - 1);
        code = run_verb(&call);
    }
    lk_wipe(&call.credentials, sizeof call.credentials);
    lk_wipe(call.top, sizeof call.top);
    return code;
}
