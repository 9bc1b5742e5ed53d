/* latchkey reload: the running daemon reads its file again. */
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 15000 };

static const char help[] =
    "usage: latchkey reload [-c FILE] [--set KEY=VALUE] [--json]\n\n"
    "Lets the daemon of that configuration read its file again. No request is lost. When the new\n"
    "file is not valid, or cannot be taken over while running, the old configuration goes on and\n"
    "the reason is printed. Exit code 0 when it was taken over, 1 when not, 3 when no daemon\n"
    "answers.\n";

int lk_cmd_reload(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "reload", .help = help,
                                          .timeout_ms = TIMEOUT_MS };
    json_t *request = json_pack("{s:s}", "op", "reload");
    json_t *answer = NULL;
    int exit_code;

    if (lk_daemon_call_read(&call, &exit_code, argc, argv)) {
        answer = lk_daemon_call_ask(&call, request, &exit_code);
        if (answer != NULL && !call.json) {
            const char *note = json_string_value(json_object_get(answer, "note"));

            printf("reloaded %s\n", json_string_value(json_object_get(answer, "file")));
            if (note != NULL && note[0] != '\0')
                printf("%s\n", note);
        }
    }
    json_decref(answer);
    json_decref(request);
    lk_config_wipe(&call.config);
    return exit_code;
}
