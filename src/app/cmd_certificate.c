/* latchkey certificate: a CA for a laboratory, and certificates for all that speaks TLS. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/args.h"
#include "app/commands.h"
#include "base/address.h"
#include "base/host.h"
#include "io/certificate.h"

enum { DAYS = 365, DAYS_MAX = 36500 };

static const char help[] =
    "usage: latchkey certificate make --name NAME [--also NAME]... --out DIR [--days N]\n\n"
    "Makes what RADIUS, Xw, MIS, GBA (Zn) and AKMA over TLS need in a laboratory: DIR/NAME.crt\n"
    "and DIR/NAME.key, signed by the CA in DIR (ca.crt, ca.key). DIR and CA are made when there\n"
    "are none: give all who are to trust each other one DIR. NAME is a DNS name or an address:\n"
    "what the other end says in its row of radsec.peers as certificate, and in wt.enbs, enb.wt,\n"
    "pos.points[].partners, bsf.nafs or aanf.afs as name. Nothing is ever replaced.\n\n"
    "  --also NAME  one more name in it, up to eight times: an AAA that pushes keys of Mobile IP\n"
    "               has those of the agents that it asks for (aaa.mip.push)\n"
    "  --days N     how long it is valid (365)\n\n"
    "The daemon reads ca.crt, NAME.crt and NAME.key (.ca, .certificate, .key of radsec, wt, enb,\n"
    "pos.points, bsf, naf, aanf), and never ca.key: keep that elsewhere.\n\n"
    "Exit: 0, 2 usage, 3 a file cannot be written, or is there already.\n";

struct wish {
    const char *name, *out;
    uint64_t days;
    const char *also[LK_CERTIFICATE_ALSO];
    size_t also_count;
};

/* A name that is also a file's. */
static bool is_name(const char *text)
{
    struct lk_address address;

    return strlen(text) < 128 &&
           (lk_host_is_name(text) || lk_address_parse(&address, text) == LK_OK);
}

static bool add_name(struct wish *wish, const char *name)
{
    if (wish->also_count == LK_CERTIFICATE_ALSO || !is_name(name)) {
        fprintf(stderr, "latchkey certificate: expected --also NAME, that of a host, or an "
                        "address, at most %d times\n", LK_CERTIFICATE_ALSO);
        return false;
    }
    wish->also[wish->also_count++] = name;
    return true;
}

static bool take(struct wish *wish, int option)
{
    switch (option) {
    case 'n': wish->name = optarg; return true;
    case 'o': wish->out = optarg; return true;
    case 'a': return add_name(wish, optarg);
    case 'd': return lk_arg_number(&wish->days, 1, DAYS_MAX, "--days", optarg) == LK_OK;
    default: return false;
    }
}

static bool read_words(struct wish *wish, int argc, char **argv)
{
    static const struct option options[] = {
        { "name", required_argument, NULL, 'n' },
        { "also", required_argument, NULL, 'a' },
        { "out", required_argument, NULL, 'o' },
        { "days", required_argument, NULL, 'd' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take(wish, option))
            return false;
    if (argc - optind == 1 && strcmp(argv[optind], "make") == 0 && wish->name != NULL &&
        wish->out != NULL && is_name(wish->name))
        return true;
    fprintf(stderr, "latchkey certificate: expected make --name NAME --out DIR, NAME that of a "
                    "host, or an address\n");
    return false;
}

static int make(const struct wish *wish)
{
    struct lk_certificate_place place = {
        .dir = wish->out,
        .name = wish->name,
        .now_s = (int64_t)time(NULL), /* tidy: a certificate is dated by the wall clock */
        .days = wish->days,
    };
    char error[LK_CERTIFICATE_ERROR_TEXT];

    memcpy(place.also, wish->also, sizeof place.also);
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
