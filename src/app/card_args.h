/* The options that describe a card: --k, --opc or --op, --algorithm. */
#ifndef LK_APP_CARD_ARGS_H
#define LK_APP_CARD_ARGS_H

#include "app/args.h"
#include "trace/recompute.h"

/* Secret. Zeroed at first. */
struct lk_card_args {
    struct lk_recompute_card card;
    bool has_k, has_topc, has_op, tuak;
    size_t topc_len, op_len;
};

/* What a command's table of long options says for them. */
enum {
    LK_CARD_OPTION_K = 512,
    LK_CARD_OPTION_OPC,
    LK_CARD_OPTION_OP,
    LK_CARD_OPTION_ALGORITHM,
};

/* Reads one option's argument and hides what is secret. LK_E_NOT_FOUND: the option is none of
 * those, and nothing was said. */
LK_MUST_CHECK enum lk_status lk_card_arg(struct lk_card_args *args, int option, char *argument);
/* Judges them together and derives OPc from OP where that was given. LK_E_MISSING without K, or
 * without both OPc and OP: said on standard error. */
LK_MUST_CHECK enum lk_status lk_card_args_end(struct lk_card_args *args, const char *command);

#endif
