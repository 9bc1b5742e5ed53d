#include "app/args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/secret.h"

static enum lk_status complain(enum lk_status status, const char *option, const char *what)
{
    fprintf(stderr, "latchkey: %s: %s\n", option, what);
    return status;
}

static enum lk_status complain_of_file(const char *option, const char *path)
{
    fprintf(stderr, "latchkey: %s: cannot read %s: %s\n", option, path, strerror(errno));
    return LK_E_SYSTEM;
}

/* All of fd, LK_ARG_MAX octets at most, without a last line end. stdio is not used: its buffers
 * would keep a copy. */
static enum lk_status read_all(struct lk_arg_text *value, int fd, const char *option,
                               const char *path)
{
    ssize_t got;

    value->len = 0;
    while ((got = read(fd, value->text + value->len, sizeof value->text - value->len)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return complain_of_file(option, path);
        value->len += (size_t)got;
        if (value->len > LK_ARG_MAX)
            return complain(LK_E_LENGTH, option, "the value is too long");
    }
    if (value->len > 0 && value->text[value->len - 1] == '\n')
        value->len--;
    if (value->len > 0 && value->text[value->len - 1] == '\r')
        value->len--;
    value->text[value->len] = '\0';
    if (strlen(value->text) != value->len)
        return complain(LK_E_VALUE, option, "the value contains a zero octet");
    return LK_OK;
}

static enum lk_status read_file(struct lk_arg_text *value, const char *option, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum lk_status status;

    if (fd < 0)
        return complain_of_file(option, path);
    status = read_all(value, fd, option, path);
    close(fd);
    return status;
}

static enum lk_status read_stdin(struct lk_arg_text *value, const char *option)
{
    static bool taken;

    if (taken)
        return complain(LK_E_VALUE, option, "standard input was taken by another option already");
    taken = true;
    return read_all(value, STDIN_FILENO, option, "standard input");
}

enum lk_status lk_arg_text(struct lk_arg_text *value, const char *option, const char *argument)
{
    if (argument[0] == '@')
        return read_file(value, option, argument + 1);
    if (strcmp(argument, "-") == 0)
        return read_stdin(value, option);
    value->len = strlen(argument);
    if (value->len > LK_ARG_MAX)
        return complain(LK_E_LENGTH, option, "the value is too long");
    memcpy(value->text, argument, value->len + 1);
    return LK_OK;
}

/* Takes out what people and other programs put between octets. */
static void strip_separators(struct lk_arg_text *value)
{
    size_t kept = 0;

    for (size_t i = 0; i < value->len; i++)
        if (strchr(" \t\r\n:", value->text[i]) == NULL)
            value->text[kept++] = value->text[i];
    value->len = kept;
    value->text[kept] = '\0';
}

enum lk_status lk_arg_hex(uint8_t *octets, size_t cap, size_t *len, const char *option,
                          const char *argument)
{
    struct lk_arg_text value;
    enum lk_status status = lk_arg_text(&value, option, argument);
    char what[80];

    if (status == LK_OK) {
        strip_separators(&value);
        status = lk_hex_decode(octets, cap, len, lk_span_of(value.text, value.len));
        if (status == LK_E_LENGTH)
            status = complain(LK_E_LENGTH, option, "an odd number of hexadecimal digits");
        else if (status == LK_E_VALUE)
            status = complain(LK_E_VALUE, option, "not hexadecimal digits");
        else if (status == LK_E_FULL) {
            snprintf(what, sizeof what, "%zu octets, and at most %zu are wanted", value.len / 2,
                     cap);
            status = complain(LK_E_LENGTH, option, what);
        }
    }
    lk_wipe(&value, sizeof value);
    return status;
}

enum lk_status lk_arg_hex_exact(uint8_t *octets, size_t len, const char *option,
                                const char *argument)
{
    size_t came = 0;
    enum lk_status status = lk_arg_hex(octets, len, &came, option, argument);
    char what[80];

    if (status == LK_OK && came != len) {
        snprintf(what, sizeof what, "%zu octets, and %zu are wanted", came, len);
        status = complain(LK_E_LENGTH, option, what);
    }
    return status;
}

enum lk_status lk_arg_number(uint64_t *number, uint64_t least, uint64_t most, const char *option,
                             const char *argument)
{
    struct lk_arg_text value;
    enum lk_status status = lk_arg_text(&value, option, argument);
    uint64_t sum = 0;
    char what[80];

    if (status != LK_OK)
        return status;
    for (size_t i = 0; i < value.len; i++) {
        unsigned digit = (unsigned)(value.text[i] - '0');

        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return complain(LK_E_VALUE, option, "not a decimal number");
        sum = sum * 10 + digit;
    }
    if (value.len == 0)
        return complain(LK_E_VALUE, option, "not a decimal number");
    if (sum < least || sum > most) {
        snprintf(what, sizeof what, "a number from %llu to %llu is wanted",
                 (unsigned long long)least, (unsigned long long)most);
        return complain(LK_E_VALUE, option, what);
    }
    *number = sum;
    return LK_OK;
}

enum lk_status lk_arg_unsigned(unsigned *number, unsigned least, unsigned most, const char *option,
                               const char *argument)
{
    uint64_t wide;
    enum lk_status status = lk_arg_number(&wide, least, most, option, argument);

    if (status == LK_OK)
        *number = (unsigned)wide;
    return status;
}

int lk_arg_option(int argc, char **argv, const struct option *options, const char *command)
{
    static char name[40];
    bool has_file = false;
    int option;

    (void)snprintf(name, sizeof name, "latchkey %s", command);
    argv[0] = name; /* getopt's complaints begin with it */
    for (const struct option *at = options; at->name != NULL; at++)
        has_file = has_file || at->val == 'c';
    option = getopt_long(argc, argv, has_file ? "c:" : "", options, NULL);
    if (option != -1 || optind == argc)
        return option;
    fprintf(stderr, "latchkey %s: '%s' is no option; latchkey %s --help\n", command, argv[optind],
            command);
    return '?';
}

void lk_arg_hide(char *argument)
{
    if (argument[0] != '@' && strcmp(argument, "-") != 0)
        lk_wipe(argument, strlen(argument));
}

int lk_arg_exit(enum lk_status status)
{
    if (status == LK_OK)
        return LK_EXIT_OK;
    return status == LK_E_SYSTEM ? LK_EXIT_SYSTEM : LK_EXIT_USAGE;
}
