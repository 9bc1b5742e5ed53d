/* latchkey mis-key: the key that a home signs the start marks of MIS with, and its public half. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/args.h"
#include "app/commands.h"
#include "base/hex.h"
#include "base/secret.h"
#include "io/entropy.h"
#include "role/home_key.h"

static const char help[] =
    "usage: latchkey mis-key new FILE\n"
    "       latchkey mis-key show FILE|@FILE|-\n\n"
    "The AAA server signs a start mark for each mobile node that it authenticates through a point\n"
    "of service of MIS (IEEE 802.21); points of service of partners verify it. new makes a key\n"
    "into FILE, which aaa.mis_mark_key names as \"@FILE\", and never replaces one; both print its\n"
    "public half, 64 hexadecimal digits, which partners are to have.\n\n"
    "    latchkey mis-key new /etc/latchkey/mis-mark.key\n\n"
    "Exit: 0, 2 usage, 3 a file cannot be read or written, or is there already.\n";

static int show(const struct lk_home_secret *secret)
{
    char text[2 * sizeof(struct lk_home_key) + 1];
    struct lk_home_key key;

    lk_home_key_derive(&key, secret);
    if (lk_hex_encode(text, sizeof text, LK_SPAN(key.octets)) != LK_OK)
        return LK_EXIT_SYSTEM;
    printf("%s\n", text);
    return LK_EXIT_OK;
}

static int make(const char *path)
{
    char error[LK_KEY_FILE_ERROR_TEXT];
    struct lk_entropy entropy = { .left = 0 };
    struct lk_home_secret secret;
    int exit_code = LK_EXIT_SYSTEM;

    lk_entropy_take(&entropy, secret.octets, sizeof secret.octets);
    lk_entropy_forget(&entropy);
    if (lk_home_secret_write(&secret, path, error) == LK_OK)
        exit_code = show(&secret);
    else
        fprintf(stderr, "latchkey mis-key: %s\n", error);
    lk_wipe(&secret, sizeof secret);
    return exit_code;
}

/* A key itself has no place among the arguments. */
static bool is_key(const char *argument)
{
    return strlen(argument) >= sizeof(struct lk_home_secret) &&
           strspn(argument, "0123456789abcdefABCDEF") == strlen(argument);
}

static int show_file(const char *argument)
{
    struct lk_home_secret secret;
    char at[PATH_MAX + 1];
    enum lk_status status;
    int exit_code;

    if (is_key(argument) || strlen(argument) >= PATH_MAX) {
        fprintf(stderr, "latchkey mis-key: give the key as FILE or - (arguments are visible)\n");
        return LK_EXIT_USAGE;
    }
    (void)snprintf(at, sizeof at, "@%s", argument + (argument[0] == '@'));
    status = lk_arg_hex_exact(secret.octets, sizeof secret.octets, "mis-key show",
                              strcmp(argument, "-") == 0 ? argument : at);
    exit_code = status == LK_OK ? show(&secret) : lk_arg_exit(status);
    lk_wipe(&secret, sizeof secret);
    return exit_code;
}

int lk_cmd_mis_key(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return LK_EXIT_OK;
        }
    if (argc == 3 && strcmp(argv[1], "new") == 0 && argv[2][0] != '-')
        return make(argv[2]);
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show_file(argv[2]);
    fprintf(stderr, "latchkey mis-key: expected new FILE, or show FILE\n");
    return LK_EXIT_USAGE;
}
