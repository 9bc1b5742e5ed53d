/* Values on a command line: text, hex and numbers, given as they are, as @FILE, or as - for
 * standard input. Arguments are visible to everybody on the machine, so a secret is best given as
 * @FILE or -.
 *
 * Every function prints what is wrong to standard error, naming the option and never the value, and
 * returns LK_OK, LK_E_VALUE or LK_E_LENGTH (the words are off) or LK_E_SYSTEM (a file was not to be
 * had); lk_arg_exit turns that into an exit code. Callers wipe what held a secret. */
#ifndef LK_APP_ARGS_H
#define LK_APP_ARGS_H

#include <getopt.h>

#include "base/octets.h"

enum { LK_ARG_MAX = 4096 }; /* octets of a value's text */

struct lk_arg_text {
    char text[LK_ARG_MAX + 1]; /* terminated */
    size_t len;
};

/* The value's text; of a file or standard input without its last line end. option is the name to
 * use in errors ("--k"). Standard input can be taken once. */
LK_MUST_CHECK enum lk_status lk_arg_text(struct lk_arg_text *value, const char *option,
                                         const char *argument);
/* Hex of at most cap octets, spaces, colons and line ends between them allowed. */
LK_MUST_CHECK enum lk_status lk_arg_hex(uint8_t *octets, size_t cap, size_t *len,
                                        const char *option, const char *argument);
/* Hex of exactly len octets. */
LK_MUST_CHECK enum lk_status lk_arg_hex_exact(uint8_t *octets, size_t len, const char *option,
                                              const char *argument);
/* A decimal number from least to most. */
LK_MUST_CHECK enum lk_status lk_arg_number(uint64_t *number, uint64_t least, uint64_t most,
                                           const char *option, const char *argument);
LK_MUST_CHECK enum lk_status lk_arg_unsigned(unsigned *number, unsigned least, unsigned most,
                                             const char *option, const char *argument);

/* The next option, as getopt_long, of a command ("ue e2e") that takes no word besides; -1: there is
 * none. '?': it is none of these, and was told so. */
int lk_arg_option(int argc, char **argv, const struct option *options, const char *command);
/* Overwrites an argument that was read, so that a process list shows it no longer. @FILE and - stay
 * as they are. */
void lk_arg_hide(char *argument);
/* LK_EXIT_OK, LK_EXIT_USAGE or LK_EXIT_SYSTEM. */
int lk_arg_exit(enum lk_status status);

#endif
