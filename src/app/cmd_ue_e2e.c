/* latchkey ue e2e: an application of the device, and one end-to-end session with its server. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/args.h"
#include "app/commands.h"
#include "app/ue_e2e.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "role/config.h"

enum { DEFAULT_TIMEOUT_S = 10, SECOND_MS = 1000, MS_NS = 1000000 };

/* Secret. */
struct call {
    struct lk_ue_e2e e2e;
    char address[256];
    uint8_t server_key[LK_E2E_KEY_LEN], client_secret[LK_E2E_KEY_LEN];
    uint8_t app_key[LK_E2E_APP_KEY_MAX];
    struct lk_arg_text parcel;
    const char *out, *file;
    bool has_server_key, opens, json;
};

enum {
    OPTION_SERVER = 256, OPTION_NAME, OPTION_APP, OPTION_SERVER_KEY, OPTION_IDENTITY,
    OPTION_APP_KEY, OPTION_CLIENT_KEY, OPTION_N, OPTION_SOCKET, OPTION_AS, OPTION_NOT,
    OPTION_UA,
    OPTION_KEY_ID, OPTION_KS_NAF, OPTION_K_AF, OPTION_REQUIRE, OPTION_TICKET, OPTION_SAY,
    OPTION_HOLD, OPTION_TIMEOUT, OPTION_PARCEL, OPTION_OUT, OPTION_SHOW, OPTION_JSON, OPTION_HELP,
};
static const struct option long_options[] = {
    { "server", required_argument, NULL, OPTION_SERVER },
    { "name", required_argument, NULL, OPTION_NAME },
    { "app", required_argument, NULL, OPTION_APP },
    { "server-key", required_argument, NULL, OPTION_SERVER_KEY },
    { "identity", required_argument, NULL, OPTION_IDENTITY },
    { "app-key", required_argument, NULL, OPTION_APP_KEY },
    { "client-key", required_argument, NULL, OPTION_CLIENT_KEY },
    { "n", required_argument, NULL, OPTION_N },
    { "config", required_argument, NULL, 'c' },
    { "socket", required_argument, NULL, OPTION_SOCKET },
    { "as", required_argument, NULL, OPTION_AS },
    { "not", required_argument, NULL, OPTION_NOT },
    { "ua", required_argument, NULL, OPTION_UA },
    { "key-id", required_argument, NULL, OPTION_KEY_ID },
    { "ks-naf", required_argument, NULL, OPTION_KS_NAF },
    { "k-af", required_argument, NULL, OPTION_K_AF },
    { "require", required_argument, NULL, OPTION_REQUIRE },
    { "ticket", required_argument, NULL, OPTION_TICKET },
    { "say", required_argument, NULL, OPTION_SAY },
    { "hold", required_argument, NULL, OPTION_HOLD },
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },
    { "parcel", required_argument, NULL, OPTION_PARCEL },
    { "out", required_argument, NULL, OPTION_OUT },
    { "show-keys", no_argument, NULL, OPTION_SHOW },
    { "json", no_argument, NULL, OPTION_JSON },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static void usage(FILE *to)
{
    fputs("usage: latchkey ue e2e --app NAME --server-key HEX [OPTIONS]\n"
          "       latchkey ue e2e --app NAME --server-key HEX --client-key @FILE --parcel @FILE"
          " --out FILE\n\n"
          "An application and its server have a session that the network operator cannot read,\n"
          "also where the operator's key N goes into it. Nothing falls back: what is named here\n"
          "goes into the session, or there is none.\n\n"
          "  --server HOST[:PORT]  where the server is (127.0.0.1:8420)\n"
          "  --name FQDN           its name (app.example)\n"
          "  --app NAME            which of its applications\n"
          "  --server-key HEX      its public key, from the application's maker: latchkey af apps\n"
          "  --identity NAME       who we are to it\n"
          "  --app-key @FILE       P, the application's pre-shared key (32 to 64 octets)\n"
          "  --client-key @FILE    private key of the application: latchkey af make-key\n"
          "  --n gba|akma          N: asked of the running device\n"
          "  -c FILE               of that device's daemon; or --socket PATH (var/ue.sock)\n"
          "  --as NAME             as which of its ue.applications\n"
          "  --not B-TID           with --n gba: another key than that, which is over at the BSF\n"
          "  --ua HEX              the protocol that N is asked for (ff00e2e001)\n"
          "  --key-id ID           N from elsewhere: B-TID or A-KID, with\n"
          "  --ks-naf|--k-af @FILE its key\n"
          "  --require WORDS       of n, p, client-key, with commas: refuse a session without\n"
          "  --ticket FILE         begin with the ticket in it, when it is there; keep the next\n"
          "  --say TEXT            a line to the server, once or more (who)\n"
          "  --hold SECONDS        tell at once, and stay so long\n"
          "  --timeout SECONDS     (10)\n"
          "  --parcel @FILE        open a key that the server handed over, into the file --out\n"
          "  --show-keys           print the session's application key\n"
          "  --json\n\n"
          "Exit: 0 done, 1 refused (with the reason and its likely causes), 2 usage,\n"
          "3 a file, the device or the server was not to be had.\n",
          to);
}

static bool take_words(unsigned *needs, const char *words)
{
    static const struct {
        const char *word;
        unsigned need;
    } known[] = { { "n", LK_E2E_NEEDS_N }, { "p", LK_E2E_NEEDS_P },
                  { "client-key", LK_E2E_NEEDS_CLIENT_KEY } };

    while (*words != '\0') {
        size_t len = strcspn(words, ","), i = 0;

        while (i < LK_COUNT_OF(known) &&
               (strlen(known[i].word) != len || strncmp(known[i].word, words, len) != 0))
            i++;
        if (i == LK_COUNT_OF(known)) {
            fprintf(stderr, "latchkey ue e2e: --require takes n, p, client-key, found '%s'\n",
                    words);
            return false;
        }
        *needs |= known[i].need;
        words += len + (words[len] == ',' ? 1 : 0);
    }
    return true;
}

static bool take_n(struct lk_ue_e2e *e2e, const char *word)
{
    e2e->n = strcmp(word, "gba") == 0 ? LK_UE_E2E_GBA
             : strcmp(word, "akma") == 0 ? LK_UE_E2E_AKMA
                                         : LK_UE_E2E_NO_N;
    if (e2e->n == LK_UE_E2E_NO_N)
        fprintf(stderr, "latchkey ue e2e: --n takes gba or akma, found '%s'\n", word);
    return e2e->n != LK_UE_E2E_NO_N;
}

static bool take_operator_key(struct call *call, enum lk_e2e_source source, const char *option,
                              char *argument)
{
    call->e2e.setup.secrets.source = source;
    call->e2e.setup.secrets.operator_key = call->e2e.operator_key;
    return lk_arg_hex_exact(call->e2e.operator_key, LK_E2E_KEY_LEN, option, argument) == LK_OK;
}

static bool take_key(struct call *call, int option, char *argument)
{
    struct lk_e2e_client_setup *setup = &call->e2e.setup;

    switch (option) {
    case OPTION_SERVER_KEY:
        call->has_server_key = true;
        return lk_arg_hex_exact(call->server_key, LK_E2E_KEY_LEN, "--server-key", argument) ==
               LK_OK;
    case OPTION_APP_KEY:
        setup->secrets.app_key = call->app_key;
        return lk_arg_hex(call->app_key, sizeof call->app_key, &setup->secrets.app_key_len,
                          "--app-key", argument) == LK_OK;
    case OPTION_CLIENT_KEY:
        setup->client_secret = call->client_secret;
        return lk_arg_hex_exact(call->client_secret, LK_E2E_KEY_LEN, "--client-key", argument) ==
               LK_OK;
    case OPTION_UA:
        return lk_arg_hex_exact(call->e2e.ua, sizeof call->e2e.ua, "--ua", argument) == LK_OK;
    case OPTION_KS_NAF: return take_operator_key(call, LK_E2E_KS_NAF, "--ks-naf", argument);
    case OPTION_K_AF: return take_operator_key(call, LK_E2E_K_AF, "--k-af", argument);
    case OPTION_PARCEL:
        call->opens = true;
        return lk_arg_text(&call->parcel, "--parcel", argument) == LK_OK;
    default: return false;
    }
}

static bool take(struct call *call, int option, char *argument)
{
    struct lk_ue_e2e *e2e = &call->e2e;

    switch (option) {
    case OPTION_SERVER: (void)snprintf(call->address, sizeof call->address, "%s", argument); break;
    case OPTION_NAME: e2e->setup.server = argument; break;
    case OPTION_APP: e2e->setup.app = argument; break;
    case OPTION_IDENTITY: e2e->setup.identity = argument; break;
    case OPTION_N: return take_n(e2e, argument);
    case OPTION_SOCKET: e2e->socket = argument; break;
    case 'c': call->file = argument; break;
    case OPTION_AS: e2e->as = argument; break;
    case OPTION_NOT: e2e->dead = argument; break;
    case OPTION_KEY_ID:
        e2e->n = LK_UE_E2E_GIVEN;
        e2e->setup.key_id = argument;
        break;
    case OPTION_REQUIRE: return take_words(&e2e->setup.needs, argument);
    case OPTION_TICKET: e2e->ticket = argument; break;
    case OPTION_SAY:
        if (e2e->say_count == LK_UE_E2E_SAYS || strchr(argument, '\n') != NULL)
            return false;
        e2e->say[e2e->say_count++] = argument;
        break;
    case OPTION_HOLD: return lk_arg_unsigned(&e2e->hold_s, 0, 3600, "--hold", argument) == LK_OK;
    case OPTION_TIMEOUT:
        return lk_arg_unsigned(&e2e->timeout_s, 1, 600, "--timeout", argument) == LK_OK;
    case OPTION_OUT: call->out = argument; break;
    case OPTION_SHOW: e2e->show_keys = true; break;
    case OPTION_JSON: call->json = true; break;
    default: return take_key(call, option, argument);
    }
    return true;
}

/* "[::1]:8420", "app.example:8420", "app.example". */
static void split(struct call *call)
{
    char *host = call->address, *port;

    if (host[0] == '[' && strchr(host, ']') != NULL) {
        char *end = strchr(++host, ']');

        port = end[1] == ':' ? end + 2 : NULL;
        *end = '\0';
    } else if ((port = strchr(host, ':')) != NULL && strchr(port + 1, ':') == NULL) {
        *port++ = '\0';
    } else {
        port = NULL; /* none, or an IPv6 address as it is */
    }
    call->e2e.host = host;
    call->e2e.port = port != NULL && *port != '\0' ? port : "8420";
}

/* Of the device's daemon. */
static bool socket_of(char socket[LK_CONFIG_PATH], const char *file)
{
    static struct lk_config_report report;
    static struct lk_config config;
    const bool loaded = lk_config_load(&config, &report, file, NULL, 0) == LK_OK;

    if (loaded)
        (void)snprintf(socket, LK_CONFIG_PATH, "%s", config.ue.socket);
    for (size_t i = 0; i < report.count && i < LK_CONFIG_PROBLEMS; i++)
        fprintf(stderr, "%s\n", report.problem[i]);
    lk_config_wipe(&config);
    return loaded;
}

static int complete(struct call *call)
{
    struct lk_ue_e2e *e2e = &call->e2e;
    static char socket[LK_CONFIG_PATH];
    const char *state_dir = getenv("LATCHKEY_STATE_DIR");

    if (e2e->setup.app == NULL || !call->has_server_key) {
        fprintf(stderr, "latchkey ue e2e: --app and --server-key are needed: there is no session "
                        "without the server's pinned key; latchkey ue e2e --help\n");
        return LK_EXIT_USAGE;
    }
    if ((e2e->n == LK_UE_E2E_GIVEN) != (e2e->setup.secrets.operator_key != NULL)) {
        fprintf(stderr, "latchkey ue e2e: --key-id goes with --ks-naf or --k-af, and not with "
                        "--n\n");
        return LK_EXIT_USAGE;
    }
    if (e2e->n != LK_UE_E2E_GIVEN && e2e->n != LK_UE_E2E_NO_N && e2e->as == NULL) {
        fprintf(stderr, "latchkey ue e2e: --n goes with --as NAME: as which of the device's "
                        "ue.applications\n");
        return LK_EXIT_USAGE;
    }
    if (e2e->dead != NULL && e2e->n != LK_UE_E2E_GBA) {
        fprintf(stderr, "latchkey ue e2e: --not goes with --n gba\n");
        return LK_EXIT_USAGE;
    }
    if (call->opens && (call->out == NULL || e2e->setup.client_secret == NULL)) {
        fprintf(stderr, "latchkey ue e2e: --parcel goes with --client-key and --out\n");
        return LK_EXIT_USAGE;
    }
    e2e->setup.server_key = call->server_key;
    (void)snprintf(socket, sizeof socket, "%.400s/ue.sock", state_dir != NULL ? state_dir : "var");
    if (e2e->socket == NULL && call->file != NULL && !socket_of(socket, call->file))
        return LK_EXIT_USAGE;
    if (e2e->socket == NULL)
        e2e->socket = socket;
    if (e2e->say_count == 0)
        e2e->say[e2e->say_count++] = "who";
    split(call);
    return LK_EXIT_OK;
}

/* ---- telling ---- */

static void print_told(const json_t *told)
{
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)told, key, value)
    {
        if (json_is_string(value) && json_string_value(value)[0] != '\0')
            printf("%-15s  %s\n", key, json_string_value(value));
        else if (json_is_true(value) && strcmp(key, "ok") != 0)
            printf("%-15s  yes\n", key);
    }
    json_array_foreach(json_object_get(told, "answers"), i, value)
        printf("%-15s  %s\n", "answer", json_string_value(value));
}

static void print_refusal(const struct call *call, const struct lk_reason_row *row)
{
    if (call->e2e.reason == LK_REASON_NONE)
        fprintf(stderr, "latchkey ue e2e: %s\n", call->e2e.error);
    else
        fprintf(stderr, "latchkey ue e2e: refused: %s (%s)\n  %s\n  fix: %s\n", row->code,
                row->clause, row->what, row->fix);
    if (call->e2e.reason == LK_REASON_E2E_UNPROVEN && call->e2e.n == LK_UE_E2E_GBA &&
        call->e2e.setup.saved == NULL)
        fprintf(stderr, "  or the operator's key is over at the BSF: --not %s asks for another\n",
                call->e2e.key_id);
    if (call->e2e.setup.saved != NULL)
        fprintf(stderr, "  it began with a ticket; without %s it begins with the keys\n",
                call->e2e.ticket);
}

static void tell_failure(const struct call *call)
{
    const struct lk_reason_row *row = lk_reason_row(call->e2e.reason);
    json_t *answer;

    if (!call->json) {
        print_refusal(call, row);
        return;
    }
    answer = call->e2e.reason == LK_REASON_NONE
                 ? json_pack("{s:b, s:s}", "ok", 0, "error", call->e2e.error)
                 : json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code, "error",
                             row->what, "fix", row->fix);
    (void)json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(answer);
}

static int run(struct call *call)
{
    json_t *told;
    int exit_code = lk_ue_e2e_run(&call->e2e, &told);

    if (exit_code != LK_EXIT_OK) {
        tell_failure(call);
    } else if (call->e2e.hold_s == 0 && call->json) {
        (void)json_dumpf(told, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        (void)putchar('\n');
    } else if (call->e2e.hold_s == 0) {
        print_told(told);
    }
    json_decref(told);
    return exit_code;
}

/* ---- a key that the server hands over ---- */

/* The file's time is when the key was made: who replays an older parcel, or the same, is told by
 * it. */
static bool is_newer(const char *path, uint64_t created_ms)
{
    struct stat about;

    return stat(path, &about) != 0 ||
           (uint64_t)about.st_mtim.tv_sec * SECOND_MS + (uint64_t)about.st_mtim.tv_nsec / MS_NS <
               created_ms;
}

static bool keep(const char *path, const uint8_t *key, size_t len, uint64_t created_ms)
{
    const struct timespec at = { .tv_sec = (time_t)(created_ms / SECOND_MS),
                                 .tv_nsec = (long)(created_ms % SECOND_MS) * MS_NS };
    const struct timespec times[] = { at, at };
    char text[2 * 64 + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && lk_hex_encode(text, sizeof text, lk_span_of(key, len)) == LK_OK;

    if (good) {
        text[2 * len] = '\n';
        good = write(fd, text, 2 * len + 1) == (ssize_t)(2 * len + 1) && futimens(fd, times) == 0;
    }
    if (fd >= 0)
        (void)close(fd);
    lk_wipe(text, sizeof text);
    return good;
}

static int open_parcel(struct call *call)
{
    const struct lk_e2e_client_setup *setup = &call->e2e.setup;
    uint8_t parcel[LK_E2E_PARCEL_MAX], key[64];
    uint64_t created_ms = 0;
    size_t len = 0, key_len = 0;
    int exit_code = LK_EXIT_REFUSED;

    if (lk_hex_decode(parcel, sizeof parcel, &len,
                      lk_span_of(call->parcel.text, call->parcel.len)) == LK_OK)
        key_len = lk_e2e_unwrap_key(key, &created_ms, setup->server, setup->app,
                                    setup->client_secret, setup->server_key, &setup->secrets,
                                    parcel, len);
    if (key_len == 0) {
        call->e2e.reason = LK_REASON_E2E_UNPROVEN;
    } else if (!is_newer(call->out, created_ms)) {
        (void)snprintf(call->e2e.error, sizeof call->e2e.error,
                       "%.200s: a newer key is there, or this one", call->out);
    } else if (!keep(call->out, key, key_len, created_ms)) {
        (void)snprintf(call->e2e.error, sizeof call->e2e.error, "%.120s: %.100s", call->out,
                       strerror(errno));
        exit_code = LK_EXIT_SYSTEM;
    } else {
        printf("a key of %zu octets, of the server alone, is in %s\n", key_len, call->out);
        exit_code = LK_EXIT_OK;
    }
    if (exit_code != LK_EXIT_OK)
        tell_failure(call);
    lk_wipe(key, sizeof key);
    return exit_code;
}

int lk_cmd_ue_e2e(int argc, char **argv)
{
    static struct call call = {
        .address = "127.0.0.1",
        .e2e = { .setup = { .server = "app.example" }, .timeout_s = DEFAULT_TIMEOUT_S,
                 .ua = { 0xff, 0x00, 0xe2, 0xe0, 0x01 } },
    };
    int option, exit_code = LK_EXIT_OK;

    while (exit_code == LK_EXIT_OK &&
           (option = lk_arg_option(argc, argv, long_options, "ue e2e")) != -1) {
        if (option == OPTION_HELP) {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (!take(&call, option, optarg))
            exit_code = LK_EXIT_USAGE;
    }
    if (exit_code == LK_EXIT_OK)
        exit_code = complete(&call);
    if (exit_code == LK_EXIT_OK)
        exit_code = call.opens ? open_parcel(&call) : run(&call);
    lk_wipe(&call, sizeof call);
    return exit_code;
}
