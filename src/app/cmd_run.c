/* latchkey ue run -- PROGRAM, latchkey anchor run -- PROGRAM: a program in the network namespace of
 * a daemon's TUN device. The daemon says where it is; going there is up to the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "io/tun_apart.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey ue run [-c FILE | --socket PATH] -- PROGRAM [WORDS]\n"
    "       latchkey anchor run [-c FILE] -- PROGRAM [WORDS]\n\n"
    "Runs a program with no network but the device's (ue), or that behind the anchor: in the\n"
    "network namespace of the running daemon's TUN device (ue.tun, anchor.tun, and *.tun_in).\n"
    "What it sends goes by the access that the device has at the moment; its connections live on\n"
    "while the device moves and keeps its address.\n\n"
    "  latchkey anchor run -- nc -l -p 8000 &\n"
    "  latchkey ue run -- ping -c 3 192.0.2.80\n\n"
    "For the user who started the daemon, and for root. In the namespace that user is root.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --socket PATH    of ue.socket (var/ue.sock, or in $LATCHKEY_STATE_DIR)\n\n"
    "Exit: that of the program; 1 refused, or no namespace on this machine, 2 the call is wrong,\n"
    "3 no daemon answers, or there is no such program.\n";

static int become(char **words)
{
    (void)execvp(words[0], words);
    fprintf(stderr, "latchkey: %s: %s\n", words[0], strerror(errno));
    return LK_EXIT_SYSTEM;
}

static int go(const json_t *answer, char **words)
{
    const struct lk_tun_apart_place place = {
        .pid = (int32_t)json_integer_value(json_object_get(answer, "pid")),
        .user = (uint64_t)json_integer_value(json_object_get(answer, "user")),
        .net = (uint64_t)json_integer_value(json_object_get(answer, "net")),
    };
    char error[LK_TUN_APART_ERROR];

    if (lk_tun_apart_enter(&place, error) == LK_OK)
        return become(words);
    fprintf(stderr, "latchkey: %s\n", error);
    return LK_EXIT_REFUSED;
}

int lk_cmd_run(int argc, char **argv, bool of_device)
{
    static struct lk_daemon_call call = { .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };
    json_t *request, *answer;
    int exit_code;

    call.name = of_device ? "ue run" : "anchor run";
    call.of_device = of_device;
    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    if (call.words_at >= argc) {
        fprintf(stderr, "latchkey %s: -- and a program are missing; latchkey %s --help\n",
                call.name, call.name);
        return LK_EXIT_USAGE;
    }
    request = json_pack("{s:s}", "op", of_device ? "namespace" : "anchor-namespace");
    answer = lk_daemon_call_ask(&call, request, &exit_code);
    json_decref(request);
    lk_config_wipe(&call.config);
    if (answer != NULL)
        exit_code = go(answer, argv + call.words_at);
    json_decref(answer);
    return exit_code;
}
