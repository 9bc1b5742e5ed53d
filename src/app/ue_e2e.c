#include "app/ue_e2e.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/secret.h"
#include "io/control.h"
#include "io/file_text.h"

enum { ASK_MS = 30000, ANSWER = 4096, SERVER_TEXT = 112 };

static int fail(struct lk_ue_e2e *e2e, int exit_code, const char *what, const char *why)
{
    (void)snprintf(e2e->error, sizeof e2e->error, "%.120s: %.120s", what, why);
    return exit_code;
}

/* ---- N, of the running device ---- */

static int take_n(struct lk_ue_e2e *e2e, const json_t *answer)
{
    const bool gba = e2e->n == LK_UE_E2E_GBA;
    const char *id = json_string_value(json_object_get(answer, gba ? "b_tid" : "a_kid"));
    const char *key = json_string_value(json_object_get(answer, gba ? "ks_naf" : "k_af"));
    size_t len = 0;

    if (id == NULL || key == NULL || strlen(id) >= sizeof e2e->key_id ||
        lk_hex_decode(e2e->operator_key, sizeof e2e->operator_key, &len, lk_span_text(key)) !=
            LK_OK ||
        len != sizeof e2e->operator_key)
        return fail(e2e, LK_EXIT_SYSTEM, "the device", "answers with no key");
    (void)snprintf(e2e->key_id, sizeof e2e->key_id, "%s", id);
    e2e->setup.secrets.source = gba ? LK_E2E_KS_NAF : LK_E2E_K_AF;
    e2e->setup.secrets.operator_key = e2e->operator_key;
    e2e->setup.key_id = e2e->key_id;
    return LK_EXIT_OK;
}

static int refused_n(struct lk_ue_e2e *e2e, const json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    const char *fix = json_string_value(json_object_get(answer, "fix"));

    return fail(e2e, LK_EXIT_REFUSED, error == NULL ? "the device gives no key" : error,
                fix == NULL ? "ask its owner" : fix);
}

static int ask_n(struct lk_ue_e2e *e2e)
{
    char ua[2 * LK_E2E_UA_LEN + 1], error[LK_CONTROL_ERROR_TEXT];
    json_t *request, *answer = NULL;
    int exit_code;

    if (lk_hex_encode(ua, sizeof ua, LK_SPAN(e2e->ua)) != LK_OK)
        return LK_EXIT_SYSTEM;
    request = json_pack("{s:s, s:s, s:s}", "op",
                        e2e->n == LK_UE_E2E_GBA ? "naf-key" : "akma-key",
                        e2e->n == LK_UE_E2E_GBA ? "naf" : "af", e2e->setup.server, "ua", ua);
    if (e2e->as != NULL)
        (void)json_object_set_new(request, "as", json_string(e2e->as));
    if (e2e->dead != NULL)
        (void)json_object_set_new(request, "not", json_string(e2e->dead));
    if (lk_control_ask(&answer, e2e->socket, request, ASK_MS, error) != LK_OK)
        exit_code = fail(e2e, LK_EXIT_SYSTEM, "the device", error);
    else if (!json_is_true(json_object_get(answer, "ok")))
        exit_code = refused_n(e2e, answer);
    else
        exit_code = take_n(e2e, answer);
    json_decref(answer);
    json_decref(request);
    return exit_code;
}

int lk_ue_e2e_take_n(struct lk_ue_e2e *e2e)
{
    e2e->setup.secrets.ua = e2e->ua;
    return e2e->n == LK_UE_E2E_GBA || e2e->n == LK_UE_E2E_AKMA ? ask_n(e2e) : LK_EXIT_OK;
}

/* ---- tickets ---- */

/* One that is there is used, and nothing else: it says what its session had. */
static int read_ticket(struct lk_ue_e2e *e2e)
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    enum lk_status status =
        e2e->ticket == NULL
            ? LK_E_NOT_FOUND
            : lk_file_private_read(&text, e2e->ticket, sizeof e2e->saved, why);

    if (status == LK_E_NOT_FOUND)
        return LK_EXIT_OK;
    if (status != LK_OK)
        return fail(e2e, LK_EXIT_SYSTEM, e2e->ticket, why);
    memcpy(e2e->saved, text.octets, text.len);
    e2e->setup.saved = e2e->saved;
    e2e->setup.saved_len = text.len;
    lk_file_text_close(&text);
    return LK_EXIT_OK;
}

static int write_ticket(struct lk_ue_e2e *e2e, const struct lk_e2e_end *end)
{
    size_t len = e2e->ticket == NULL ? 0 : lk_e2e_save(end, e2e->saved);
    int fd = len == 0 ? -1 : open(e2e->ticket,
                                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = len == 0 || (fd >= 0 && write(fd, e2e->saved, len) == (ssize_t)len);

    if (fd >= 0)
        (void)close(fd);
    return good ? LK_EXIT_OK : fail(e2e, LK_EXIT_SYSTEM, e2e->ticket, "it cannot be written");
}

/* ---- TCP ---- */

/* "127.0.0.1 port 8420" */
static const char *server_text(char text[SERVER_TEXT], const struct lk_ue_e2e *e2e)
{
    (void)snprintf(text, SERVER_TEXT, "%.90s port %.10s", e2e->host, e2e->port);
    return text;
}

static int dial(struct lk_ue_e2e *e2e, int *fd)
{
    char text[SERVER_TEXT];
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    const struct timeval limit = { .tv_sec = (time_t)e2e->timeout_s };
    struct addrinfo *found = NULL;
    int on = 1, why = getaddrinfo(e2e->host, e2e->port, &wanted, &found);

    *fd = -1;
    if (why != 0)
        return fail(e2e, LK_EXIT_SYSTEM, e2e->host, gai_strerror(why));
    for (const struct addrinfo *at = found; at != NULL && *fd < 0; at = at->ai_next) {
        *fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (*fd < 0)
            continue;
        (void)setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        (void)setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        (void)setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(*fd, at->ai_addr, at->ai_addrlen) != 0) {
            why = errno;
            (void)close(*fd);
            *fd = -1;
        }
    }
    freeaddrinfo(found);
    return *fd >= 0 ? LK_EXIT_OK : fail(e2e, LK_EXIT_SYSTEM, server_text(text, e2e), strerror(why));
}

static bool push(int fd, struct lk_e2e_end *end)
{
    uint8_t octets[LK_E2E_OUTPUT_MAX];
    size_t len;

    while ((len = lk_e2e_output(end, octets, sizeof octets)) > 0)
        for (size_t at = 0; at < len;) {
            ssize_t sent = send(fd, octets + at, len - at, MSG_NOSIGNAL);

            if (sent <= 0)
                return false;
            at += (size_t)sent;
        }
    return true;
}

/* Some octets of the other end; false: there are none any more. */
static bool pull(int fd, struct lk_e2e_end *end)
{
    uint8_t octets[LK_E2E_OUTPUT_MAX];
    ssize_t len = recv(fd, octets, sizeof octets, 0);

    return len > 0 && lk_e2e_input(end, octets, (size_t)len) && push(fd, end);
}

/* ---- the session ---- */

/* Its last words go out: the other end learns why. */
static int failed(struct lk_ue_e2e *e2e, struct lk_e2e_end *end, int fd)
{
    char text[SERVER_TEXT];

    (void)push(fd, end);
    e2e->reason = lk_reason_named(lk_e2e_why(end));
    if (e2e->reason != LK_REASON_NONE)
        return LK_EXIT_REFUSED;
    return fail(e2e, LK_EXIT_REFUSED, server_text(text, e2e),
                "hung up or is silent; somebody may be in the path, or it is busy");
}

/* Until the server has shown that it has the session, too: before, what is said may be in vain, and
 * its refusal be lost with a connection that it ends while we are still talking. */
static bool shake(int fd, struct lk_e2e_end *end)
{
    bool good = push(fd, end);

    while (good && !lk_e2e_confirmed(end))
        good = pull(fd, end);
    return good;
}

/* One line there and one back. */
static bool converse(json_t *answers, int fd, struct lk_e2e_end *end, const char *text)
{
    char line[ANSWER];
    size_t len = 0;
    bool good = lk_e2e_write(end, text, strlen(text)) && lk_e2e_write(end, "\n", 1) &&
                push(fd, end);

    while (good && (len == 0 || line[len - 1] != '\n')) {
        size_t got = lk_e2e_read(end, line + len, sizeof line - len);

        len += got;
        good = len < sizeof line && (got > 0 || pull(fd, end));
    }
    if (good)
        (void)json_array_append_new(answers, json_stringn(line, len - 1));
    lk_wipe(line, sizeof line);
    return good;
}

static void put_hex(json_t *told, const char *name, const uint8_t *octets, size_t len)
{
    char text[2 * LK_E2E_KEY_LEN + 1];

    if (lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK)
        (void)json_object_set_new(told, name, json_string(text));
    lk_wipe(text, sizeof text);
}

static json_t *tell(struct lk_ue_e2e *e2e, const struct lk_e2e_end *end)
{
    const unsigned with = lk_e2e_with(end);
    uint8_t fingerprint[8];
    json_t *told = json_pack("{s:b, s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "ok", 1, "server",
                             e2e->setup.server, "app", e2e->setup.app, "identity",
                             e2e->setup.identity == NULL ? "" : e2e->setup.identity, "n",
                             (with & LK_E2E_NEEDS_N) != 0, "p", (with & LK_E2E_NEEDS_P) != 0,
                             "client_key", (with & LK_E2E_NEEDS_CLIENT_KEY) != 0, "resumed",
                             e2e->setup.saved != NULL);

    if (lk_e2e_export_key(end, "latchkey fingerprint", fingerprint, sizeof fingerprint))
        put_hex(told, "fingerprint", fingerprint, sizeof fingerprint);
    if (lk_e2e_export_key(end, "application", e2e->application_key, LK_E2E_KEY_LEN) &&
        e2e->show_keys)
        put_hex(told, "application_key", e2e->application_key, LK_E2E_KEY_LEN);
    return told;
}

static int talk(struct lk_ue_e2e *e2e, json_t **told, struct lk_e2e_end *end, int fd)
{
    json_t *answers = json_array();
    int exit_code;

    *told = tell(e2e, end);
    (void)json_object_set_new(*told, "answers", answers);
    for (size_t i = 0; i < e2e->say_count; i++)
        if (!converse(answers, fd, end, e2e->say[i]))
            return failed(e2e, end, fd);
    exit_code = write_ticket(e2e, end);
    if (e2e->hold_s > 0) {
        (void)json_dumpf(*told, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        (void)putchar('\n');
        (void)fflush(stdout);
        (void)sleep(e2e->hold_s);
    }
    lk_e2e_close(end);
    (void)push(fd, end);
    return exit_code;
}

static int session(struct lk_ue_e2e *e2e, json_t **told)
{
    struct lk_e2e_end *end = lk_e2e_client(&e2e->setup);
    int fd = -1, exit_code;

    if (end == NULL)
        return fail(e2e, LK_EXIT_USAGE, "no such session can be",
                    "a name is too long, a key too short, or the ticket is of something else");
    /* What is required and not there ends it before anything is said. */
    exit_code = lk_e2e_state(end) == LK_E2E_FAILED ? LK_EXIT_OK : dial(e2e, &fd);
    if (exit_code == LK_EXIT_OK)
        exit_code = fd >= 0 && shake(fd, end) ? talk(e2e, told, end, fd) : failed(e2e, end, fd);
    if (fd >= 0)
        (void)close(fd);
    lk_e2e_free(end);
    return exit_code;
}

int lk_ue_e2e_run(struct lk_ue_e2e *e2e, json_t **told)
{
    int exit_code = read_ticket(e2e);

    *told = NULL;
    if (exit_code == LK_EXIT_OK && e2e->setup.saved == NULL)
        exit_code = lk_ue_e2e_take_n(e2e);
    if (exit_code == LK_EXIT_OK)
        exit_code = session(e2e, told);
    if (exit_code != LK_EXIT_OK) {
        json_decref(*told);
        *told = NULL;
    }
    lk_wipe(e2e->operator_key, sizeof e2e->operator_key);
    lk_wipe(e2e->saved, sizeof e2e->saved);
    lk_wipe(e2e->application_key, sizeof e2e->application_key);
    return exit_code;
}
