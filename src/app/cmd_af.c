/* latchkey af VERB: the applications and sessions of a running server with end-to-end keys, and the
 * keys that it needs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/args.h"
#include "app/commands.h"
#include "app/daemon_call.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "io/entropy.h"
#include "role/key_file.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey af apps [OPTIONS]\n"
    "       latchkey af sessions [OPTIONS]\n"
    "       latchkey af hand-over APP IDENTITY FILE [OPTIONS]\n"
    "       latchkey af make-key FILE\n"
    "       latchkey af show-key @FILE\n\n"
    "Asks the running daemon with role af: its public key, which applications pin, and what their\n"
    "sessions must have; who has a session. hand-over makes a key for a user who has a key pair,\n"
    "and writes it into FILE sealed to him: it may go by the operator or anybody, and from then\n"
    "on is his P. make-key makes a key pair (X25519), of a server or of an application, into\n"
    "FILE, and prints the public half; it never replaces one.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 a file or the daemon is not to be had.\n";

/* ---- key pairs ---- */

static int show(const uint8_t secret[LK_KEY_FILE_OCTETS])
{
    uint8_t key[LK_X25519_LEN];
    char text[2 * sizeof key + 1];

    lk_x25519_public(key, secret);
    if (lk_hex_encode(text, sizeof text, LK_SPAN(key)) != LK_OK)
        return LK_EXIT_SYSTEM;
    puts(text);
    return LK_EXIT_OK;
}

static int make_key(const char *path)
{
    char error[LK_KEY_FILE_ERROR_TEXT];
    struct lk_entropy entropy = { .left = 0 };
    uint8_t secret[LK_KEY_FILE_OCTETS];
    int exit_code = LK_EXIT_SYSTEM;

    lk_entropy_take(&entropy, secret, sizeof secret);
    lk_entropy_forget(&entropy);
    if (lk_key_file_write(secret, "key", path, false, error) == LK_OK)
        exit_code = show(secret);
    else
        fprintf(stderr, "latchkey af: %s\n", error);
    lk_wipe(secret, sizeof secret);
    return exit_code;
}

static int show_key(const char *argument)
{
    uint8_t secret[LK_KEY_FILE_OCTETS];
    enum lk_status status;
    int exit_code;

    if (argument[0] != '@' && strcmp(argument, "-") != 0) {
        fprintf(stderr, "latchkey af: give the key as @FILE or - (arguments are visible)\n");
        return LK_EXIT_USAGE;
    }
    status = lk_arg_hex_exact(secret, sizeof secret, "af show-key", argument);
    exit_code = status == LK_OK ? show(secret) : lk_arg_exit(status);
    lk_wipe(secret, sizeof secret);
    return exit_code;
}

/* ---- the running daemon ---- */

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text == NULL ? "" : text;
}

static void print_session(const json_t *row)
{
    printf("%s  %s  with %s%s  %s  from %s\n", text_of(row, "app"),
           text_of(row, "identity")[0] == '\0' ? "-" : text_of(row, "identity"),
           text_of(row, "with"), json_is_true(json_object_get(row, "resumed")) ? ", resumed" : "",
           text_of(row, "fingerprint"), text_of(row, "address"));
}

static int apps(const struct lk_daemon_call *call, const json_t *request)
{
    int exit_code;
    json_t *answer = lk_daemon_call_ask(call, request, &exit_code), *row, *word;
    size_t i, j;

    if (answer != NULL && !call->json) {
        printf("server  %s\nkey     %s\n", text_of(answer, "server"), text_of(answer, "key"));
        json_array_foreach(json_object_get(answer, "apps"), i, row)
        {
            printf("%s  requires", text_of(row, "app"));
            json_array_foreach(json_object_get(row, "require"), j, word)
                printf(" %s", json_string_value(word));
            printf("  users %lld%s\n",
                   (long long)json_integer_value(json_object_get(row, "users")),
                   json_is_true(json_object_get(row, "operator_plays_users"))
                       ? "  the operator can play its users" : "");
        }
    }
    json_decref(answer);
    return exit_code;
}

static int keep(const json_t *answer, const char *path)
{
    const char *parcel = text_of(answer, "parcel");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write(fd, parcel, strlen(parcel)) == (ssize_t)strlen(parcel) &&
                write(fd, "\n", 1) == 1;

    if (fd >= 0)
        (void)close(fd);
    if (good)
        printf("a key for %s of %s is in %s, sealed to it: take it there by any way\n",
               text_of(answer, "identity"), text_of(answer, "app"), path);
    else
        fprintf(stderr, "latchkey af: %s cannot be written\n", path);
    return good ? LK_EXIT_OK : LK_EXIT_SYSTEM;
}

static int hand_over(const struct lk_daemon_call *call, char **words)
{
    int exit_code;
    json_t *request = json_pack("{s:s, s:s, s:s}", "op", "af-hand-over", "app", words[0],
                                "identity", words[1]);
    json_t *answer = lk_daemon_call_ask(call, request, &exit_code);

    if (answer != NULL)
        exit_code = keep(answer, words[2]);
    json_decref(answer);
    json_decref(request);
    return exit_code;
}

static int ask(const struct lk_daemon_call *call, const char *verb)
{
    const bool lists = strcmp(verb, "sessions") == 0;
    json_t *request = json_pack("{s:s}", "op", lists ? "af-sessions" : "af-apps");
    int exit_code = lists ? lk_daemon_call_list(call, request, "sessions", print_session, NULL)
                          : apps(call, request);

    json_decref(request);
    return exit_code;
}

int lk_cmd_af(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "af", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };
    const char *verb;
    int exit_code, words;

    if (argc == 3 && strcmp(argv[1], "make-key") == 0 && argv[2][0] != '-')
        return make_key(argv[2]);
    if (argc == 3 && strcmp(argv[1], "show-key") == 0 && strcmp(argv[2], "--help") != 0)
        return show_key(argv[2]);
    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    verb = call.words_at < argc ? argv[call.words_at] : "";
    words = argc - call.words_at - 1;
    if (words == 0 && (strcmp(verb, "apps") == 0 || strcmp(verb, "sessions") == 0)) {
        exit_code = ask(&call, verb);
    } else if (words == 3 && strcmp(verb, "hand-over") == 0) {
        exit_code = hand_over(&call, argv + call.words_at + 1);
    } else {
        fprintf(stderr, "latchkey af: expected apps, sessions, hand-over APP IDENTITY FILE, "
                        "make-key FILE or show-key @FILE, found '%s'; latchkey af --help\n", verb);
        exit_code = LK_EXIT_USAGE;
    }
    lk_config_wipe(&call.config);
    return exit_code;
}
