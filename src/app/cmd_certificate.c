/* latchkey certificate: a CA for a laboratory, and certificates for RADIUS, Xw and MIS over
 * TLS. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/args.h"
#include "app/commands.h"
#include "io/certificate.h"

enum { DAYS = 365, DAYS_MAX = 36500 };

static const char help[] =
    "usage: latchkey certificate make --name NAME --out DIR [--days N]\n\n"
    "Makes what RADIUS, Xw and MIS over TLS need in a laboratory: DIR/NAME.crt and DIR/NAME.key,\n"
    "signed by the CA in DIR (ca.crt, ca.key). DIR and CA are made when there are none. NAME is a\n"
    "DNS name or an address: what the other end says in its row of radsec.peers as certificate,\n"
    "and in wt.enbs, enb.wt or pos.points[].partners as name. Nothing is ever replaced.\n\n"
    "  --days N     how long it is valid (365)\n\n"
    "The daemon reads ca.crt, NAME.crt and NAME.key (.ca, .certificate, .key of radsec, wt, enb,\n"
    "pos.points), and never ca.key: keep that elsewhere.\n\n"
    "Exit: 0, 2 usage, 3 a file cannot be written, or is there already.\n";

struct wish {
    const char *name, *out;
    uint64_t days;
};

/* A name that is also a file's. */
static bool is_name(const char *text)
{
    return text[0] != '\0' && text[0] != '.' && strlen(text) < 128 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") ==
               strlen(text);
}

static bool read_words(struct wish *wish, int argc, char **argv)
{
    static const struct option options[] = {
        { "name", required_argument, NULL, 'n' },
        { "out", required_argument, NULL, 'o' },
        { "days", required_argument, NULL, 'd' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'n')
            wish->name = optarg;
        else if (option == 'o')
            wish->out = optarg;
        else if (option != 'd' ||
                 lk_arg_number(&wish->days, 1, DAYS_MAX, "--days", optarg) != LK_OK)
            return false;
    }
    if (argc - optind == 1 && strcmp(argv[optind], "make") == 0 && wish->name != NULL &&
        wish->out != NULL && is_name(wish->name))
        return true;
    fprintf(stderr, "latchkey certificate: expected make --name NAME --out DIR, NAME of letters, "
                    "digits, dots, dashes and colons\n");
    return false;
}

static int make(const struct wish *wish)
{
    const struct lk_certificate_place place = {
        .dir = wish->out,
        .name = wish->name,
        .now_s = (int64_t)time(NULL), /* tidy: a certificate is dated by the wall clock */
        .days = wish->days,
    };
    char error[LK_CERTIFICATE_ERROR_TEXT];

    if (lk_certificate_make_at(&place, error) == LK_OK) {
        printf("%s/%s.crt\n%s/%s.key\n", wish->out, wish->name, wish->out, wish->name);
        return LK_EXIT_OK;
    }
    fprintf(stderr, "latchkey certificate: %s\n", error);
    return LK_EXIT_SYSTEM;
}

int lk_cmd_certificate(int argc, char **argv)
{
    struct wish wish = { .days = DAYS };

    for (int i = 1; i < argc && i <= 2; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return LK_EXIT_OK;
        }
    if (!read_words(&wish, argc, argv))
        return LK_EXIT_USAGE;
    if (strlen(wish.out) + strlen(wish.name) + 8 > LK_CERTIFICATE_PATH) {
        fprintf(stderr, "latchkey certificate: --out is longer than a path may be\n");
        return LK_EXIT_USAGE;
    }
    return make(&wish);
}
