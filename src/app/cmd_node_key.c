/* latchkey node-key: hands out the key that the nodes of one service share, or takes one over. */
#include <stdio.h>
#include <string.h>

#include "app/args.h"
#include "app/commands.h"
#include "app/daemon_call.h"
#include "base/hex.h"
#include "base/secret.h"
#include "role/node_key.h"

static const char help[] =
    "usage: latchkey node-key show [-c FILE] [--set KEY=VALUE]\n"
    "       latchkey node-key set @FILE|- [-c FILE] [--set KEY=VALUE]\n\n"
    "Nodes of one service share the node key: then any of them continues what another began. show\n"
    "prints the key of this node; set writes another node's in its place (64 hexadecimal digits,\n"
    "from a file or standard input). A running daemon takes it over with latchkey reload.\n\n"
    "    ssh node1 latchkey node-key show | latchkey node-key set -\n";

static int show(const struct lk_config *config)
{
    char error[LK_NODE_KEY_ERROR_TEXT];
    char text[2 * sizeof(struct lk_node_key) + 1];
    struct lk_node_key key;

    if (lk_node_key_read(&key, config->node_key, error) != LK_OK) {
        fprintf(stderr, "latchkey node-key: %s\n", error);
        return LK_EXIT_SYSTEM;
    }
    if (lk_hex_encode(text, sizeof text, LK_SPAN(key.octets)) == LK_OK)
        printf("%s\n", text);
    lk_wipe(text, sizeof text);
    lk_wipe(&key, sizeof key);
    return LK_EXIT_OK;
}

static int set(const struct lk_config *config, const char *argument)
{
    char error[LK_NODE_KEY_ERROR_TEXT];
    struct lk_node_key key;
    size_t len;
    enum lk_status status;

    if (argument[0] != '@' && strcmp(argument, "-") != 0) {
        fprintf(stderr, "latchkey node-key: give the key as @FILE or - (arguments are visible)\n");
        return LK_EXIT_USAGE;
    }
    status = lk_arg_hex(key.octets, sizeof key.octets, &len, "node-key set", argument);
    if (status != LK_OK)
        return lk_arg_exit(status);
    if (len != sizeof key.octets) {
        fprintf(stderr, "latchkey node-key: expected 64 hexadecimal digits, found %zu\n", 2 * len);
        return LK_EXIT_USAGE;
    }
    status = lk_node_key_write(&key, config->node_key, true, error);
    lk_wipe(&key, sizeof key);
    if (status == LK_OK)
        return LK_EXIT_OK;
    fprintf(stderr, "latchkey node-key: %s\n", error);
    return LK_EXIT_SYSTEM;
}

int lk_cmd_node_key(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "node-key", .help = help, .takes_words = true };
    int exit_code;

    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    if (argc - call.words_at == 1 && strcmp(argv[call.words_at], "show") == 0) {
        exit_code = show(&call.config);
    } else if (argc - call.words_at == 2 && strcmp(argv[call.words_at], "set") == 0) {
        exit_code = set(&call.config, argv[call.words_at + 1]);
    } else {
        fputs(help, stderr);
        exit_code = LK_EXIT_USAGE;
    }
    lk_config_wipe(&call.config);
    return exit_code;
}
