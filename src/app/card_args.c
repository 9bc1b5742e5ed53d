#include "app/card_args.h"

#include <stdio.h>
#include <string.h>

static enum lk_status take_k(struct lk_card_args *args, char *argument)
{
    enum lk_status status = lk_arg_hex(args->card.card.k, sizeof args->card.card.k,
                                       &args->card.card.k_len, "--k", argument);

    lk_arg_hide(argument);
    args->has_k = true;
    return status;
}

static enum lk_status take_opc(struct lk_card_args *args, char *argument)
{
    enum lk_status status = lk_arg_hex(args->card.card.topc, sizeof args->card.card.topc,
                                       &args->topc_len, "--opc", argument);

    lk_arg_hide(argument);
    args->has_topc = true;
    return status;
}

static enum lk_status take_op(struct lk_card_args *args, char *argument)
{
    enum lk_status status = lk_arg_hex(args->card.op, sizeof args->card.op, &args->op_len, "--op",
                                       argument);

    lk_arg_hide(argument);
    args->has_op = true;
    return status;
}

static enum lk_status take_algorithm(struct lk_card_args *args, const char *argument)
{
    args->tuak = strcmp(argument, "tuak") == 0;
    if (args->tuak || strcmp(argument, "milenage") == 0)
        return LK_OK;
    fprintf(stderr, "latchkey: --algorithm is milenage or tuak, not '%s'\n", argument);
    return LK_E_VALUE;
}

enum lk_status lk_card_arg(struct lk_card_args *args, int option, char *argument)
{
    switch (option) {
    case LK_CARD_OPTION_K:
        return take_k(args, argument);
    case LK_CARD_OPTION_OPC:
        return take_opc(args, argument);
    case LK_CARD_OPTION_OP:
        return take_op(args, argument);
    case LK_CARD_OPTION_ALGORITHM:
        return take_algorithm(args, argument);
    default:
        return LK_E_NOT_FOUND;
    }
}

static enum lk_status refuse(const char *command, const char *what)
{
    fprintf(stderr, "latchkey %s: %s\n", command, what);
    return LK_E_MISSING;
}

enum lk_status lk_card_args_end(struct lk_card_args *args, const char *command)
{
    struct lk_aka_card *card = &args->card.card;
    size_t wanted = args->tuak ? 32 : 16;

    card->algorithm = args->tuak ? LK_AKA_TUAK : LK_AKA_MILENAGE;
    card->res_len = 8;
    card->keccak_iterations = 1;
    if (!args->has_k)
        return refuse(command, "--k is missing (32 hex digits, @FILE, or -)");
    if (!args->has_topc && !args->has_op)
        return refuse(command, "--opc is missing (or --op, from which OPc is derived)");
    if ((args->has_topc && args->topc_len != wanted) || (args->has_op && args->op_len != wanted))
        return refuse(command, args->tuak ? "TOPc and TOP have 32 octets" :
                                            "OPc and OP have 16 octets");
    if (lk_aka_card_check(card) != LK_OK)
        return refuse(command, args->tuak ? "K has 16 or 32 octets" : "K has 16 octets");
    args->card.has_op = args->has_op;
    if (!args->has_topc)
        lk_aka_topc_derive(card, args->card.op);
    return LK_OK;
}
