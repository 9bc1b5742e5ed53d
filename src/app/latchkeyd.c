/* latchkeyd: the daemon. Its words, and nothing else; role/supervisor.c does the work. */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "io/tun_apart.h"
#include "role/apart.h"
#include "role/config_rows.h"
#include "role/kinds.h"
#include "role/lab_certificates.h"
#include "role/radsec.h"
#include "role/supervisor.h"

enum { SETS_MAX = 64 };

static void usage(FILE *to)
{
    fprintf(to, "usage: latchkeyd -c FILE.yaml [--check] [--set KEY=VALUE ...]\n\n"
                "  -c, --config FILE   the configuration; without it $LATCHKEY_CONFIG,\n"
                "                      conf/lab.yaml or /etc/latchkey/latchkey.yaml\n"
                "      --check         say what is wrong with it, with the line, and end\n"
                "      --keys          every key with its default, and what may stand there\n"
                "      --set KEY=VALUE instead of what the file says: --set radius.port=11812\n"
                "      --version\n"
                "  -h, --help\n\n"
                "Stays in the foreground, logs to standard error, and prints one line \"ready\"\n"
                "when all sockets serve. SIGHUP reads the file again, SIGTERM ends it.\n");
}

/* What may stand at a key, in words. */
static void print_limits(const struct lk_config_row *row)
{
    switch (row->kind) {
    case LK_KEY_NUMBER:
        printf("%ld to %ld", row->min, row->max);
        break;
    case LK_KEY_BOOL:
        printf("true or false");
        break;
    case LK_KEY_CHOICE:
    case LK_KEY_SET:
        for (size_t i = 0; row->words[i] != NULL; i++)
            printf("%s%s", i == 0 ? "" : ", ", row->words[i]);
        break;
    case LK_KEY_ADDRESS:
        printf("address");
        break;
    case LK_KEY_PREFIX:
        printf("address or network");
        break;
    case LK_KEY_HEX:
        printf("hexadecimal digits");
        break;
    case LK_KEY_SECRET:
        printf("text or \"@FILE\"");
        break;
    case LK_KEY_PATH:
        printf("path");
        break;
    case LK_KEY_TEXT:
        printf("text");
        break;
    case LK_KEY_HOST:
        printf("name of a host");
        break;
    }
}

static void print_keys(void)
{
    const struct lk_config_row *row;

    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++) {
        printf("%-34s %-26s ", row->path,
               row->fallback != NULL ? row->fallback
               : row->each != NULL   ? row->each
                                     : "-");
        print_limits(row);
        printf("%s\n", row->restart ? "; restart" : "");
    }
}

struct call {
    const char *file;
    const char *sets[SETS_MAX];
    size_t set_count;
    bool check;
};

/* False: *exit_code says how to end. */
static bool read_call(struct call *call, int *exit_code, int argc, char **argv)
{
    enum { OPT_CHECK = 256, OPT_KEYS, OPT_SET, OPT_VERSION };
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },
        { "check", no_argument, NULL, OPT_CHECK },
        { "set", required_argument, NULL, OPT_SET },
        { "version", no_argument, NULL, OPT_VERSION },
        { "help", no_argument, NULL, 'h' },
        { "keys", no_argument, NULL, OPT_KEYS },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            call->file = optarg;
            break;
        case OPT_CHECK:
            call->check = true;
            break;
        case OPT_SET:
            if (call->set_count == SETS_MAX) {
                fprintf(stderr, "latchkeyd: more than %d --set\n", SETS_MAX);
                *exit_code = LK_EXIT_USAGE;
                return false;
            }
            call->sets[call->set_count++] = optarg;
            break;
        case OPT_KEYS:
            print_keys();
            *exit_code = LK_EXIT_OK;
            return false;
        case OPT_VERSION:
            printf("latchkeyd %s\n", LK_VERSION);
            *exit_code = LK_EXIT_OK;
            return false;
        case 'h':
            usage(stdout);
            *exit_code = LK_EXIT_OK;
            return false;
        default:
            usage(stderr);
            *exit_code = LK_EXIT_USAGE;
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "latchkeyd: '%s' is not expected here\n", argv[optind]);
        *exit_code = LK_EXIT_USAGE;
        return false;
    }
    if (call->file == NULL)
        call->file = lk_config_default_file();
    return true;
}

static void print_problems(const struct lk_config_report *report)
{
    for (size_t i = 0; i < report->count && i < LK_CONFIG_PROBLEMS; i++)
        fprintf(stderr, "%s\n", report->problem[i]);
    if (report->count > LK_CONFIG_PROBLEMS)
        fprintf(stderr, "and %zu more\n", report->count - LK_CONFIG_PROBLEMS);
}

/* No role is taken for served that this build does not have. */
static bool roles_are_served(const struct lk_config *config)
{
    const char *role = lk_kinds_lack(config);

    if (role != NULL)
        fprintf(stderr,
                "roles: expected roles that this build has, found '%s'; fix: remove it, or install "
                "a version that has it\n",
                role);
    return role == NULL;
}

/* Only asked by --check: who starts as root is told at the start, and others become nobody. */
static bool users_are_known(const struct lk_config *config)
{
    const struct {
        const char *key, *name;
    } users[] = { { "user", config->user }, { "vault.user", config->vault.user } };

    for (size_t i = 0; i < LK_COUNT_OF(users); i++)
        if (users[i].name[0] != '\0' && getpwnam(users[i].name) == NULL) {
            fprintf(stderr,
                    "%s: expected a user of this machine, found '%s'; fix: adduser --system %s, or "
                    "leave it empty\n",
                    users[i].key, users[i].name, users[i].name);
            return false;
        }
    return true;
}

/* What the start would find on this machine. */
static bool all_fits(const struct lk_config *config)
{
    const struct lk_stream_files radsec = lk_radsec_files(config);
    char unfit[LK_KIND_UNFIT_TEXT];
    bool fits = users_are_known(config);

    if (!fits)
        return false;
    fits = !lk_radsec_is_on(config) || lk_apart_tls_fits(config, "radsec", &radsec, unfit);
    for (size_t i = 0; i < lk_kind_count() && fits; i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        fits = !lk_kind_runs(kind, config) || (lk_lab_tls_fits(kind, config, unfit) &&
                                               (kind->fits == NULL || kind->fits(config, unfit)));
    }
    if (!fits)
        fprintf(stderr, "%s\n", unfit);
    return fits;
}

int main(int argc, char **argv)
{
    static struct lk_config_report report;
    struct call call = { .file = NULL };
    struct lk_supervisor_setup setup;
    struct lk_config *config;
    int exit_code;

    if (lk_tun_apart_is_holder(argc, argv))
        return lk_tun_apart_hold();
    if (!read_call(&call, &exit_code, argc, argv))
        return exit_code;
    config = calloc(1, sizeof *config);
    if (config == NULL)
        return LK_EXIT_SYSTEM;
    if (lk_apart_config(config, &report, call.file, call.sets, call.set_count) != LK_OK) {
        print_problems(&report);
        free(config);
        return LK_EXIT_REFUSED;
    }
    if (!roles_are_served(config) ||
        (call.check && !all_fits(config))) {
        lk_config_wipe(config);
        free(config);
        return LK_EXIT_REFUSED;
    }
    if (call.check) {
        printf("%s is valid\n", call.file == NULL ? "the built-in configuration" : call.file);
        lk_config_wipe(config);
        free(config);
        return LK_EXIT_OK;
    }
    setup = (struct lk_supervisor_setup){
        .config = config, .file = call.file, .sets = call.sets, .set_count = call.set_count
    };
    return lk_supervisor_run(&setup);
}
