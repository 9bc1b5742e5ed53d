#include "io/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/heap.h"

enum { UNREAD_MAX = 256 * 1024 }; /* octets of answers that a caller may leave unread */

struct connection {
    uv_pipe_t pipe;
    struct lk_control *control;
    struct connection *next;
    struct lk_control_call *call; /* under way, or NULL */
    struct ucred who;
    bool closing;
    bool taking; /* inside take_lines */
    bool stranger;
    unsigned strikes;
    size_t len;
    char line[LK_CONTROL_LINE];
};

struct lk_control {
    uv_pipe_t listener;
    char path[108];
    lk_control_handler *handler;
    lk_control_guard *guard;
    void *context;
    bool open_to_all;
    lk_control_knows *knows;
    struct connection *connections;
    unsigned count;
};

struct lk_control_call {
    struct connection *connection; /* NULL: it went away */
    json_t *request;
};

struct answer {
    uv_write_t write;
    char *text;
};

/* ---- connections ---- */

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;

    lk_wipe(c->line, sizeof c->line);
    free(c);
}

static void hang_up(struct connection *c)
{
    if (c->closing)
        return;
    c->closing = true;
    if (c->call != NULL)
        c->call->connection = NULL;
    if (c->control != NULL) {
        for (struct connection **p = &c->control->connections; *p != NULL; p = &(*p)->next)
            if (*p == c) {
                *p = c->next;
                break;
            }
        c->control->count--;
    }
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* Hands on the first line of the buffer, which ends at end. */
static void take_line(struct connection *c, const char *end)
{
    struct lk_control_call *call = calloc(1, sizeof *call);
    size_t used;

    if (call == NULL) {
        hang_up(c);
        return;
    }
    call->connection = c;
    c->call = call;
    call->request = json_loadb(c->line, (size_t)(end - c->line), JSON_REJECT_DUPLICATES, NULL);
    used = (size_t)(end - c->line) + 1;
    memmove(c->line, c->line + used, c->len - used);
    lk_wipe(c->line + c->len - used, used);
    c->len -= used;
    if (!json_is_object(call->request))
        lk_control_refuse(call, "the request is not a JSON object on one line",
                          "send {\"op\": \"status\"}");
    else
        c->control->handler(c->control->context, call, call->request);
}

/* One line after the other, as long as each is answered at once. Who asks and does not read the
 * answers is hung up on, before they fill the memory. */
static void take_lines(struct connection *c)
{
    if (c->taking)
        return;
    c->taking = true;
    while (!c->closing && c->call == NULL) {
        const char *end = memchr(c->line, '\n', c->len);

        if (uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe) > UNREAD_MAX ||
            c->strikes >= LK_CONTROL_STRIKES || (end == NULL && c->len == sizeof c->line))
            hang_up(c);
        else if (end == NULL)
            break;
        else
            take_line(c, end);
    }
    c->taking = false;
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *c = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(c->line + c->len, (unsigned)(sizeof c->line - c->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct connection *c = stream->data;

    (void)buffer;
    if (got < 0) {
        hang_up(c);
        return;
    }
    c->len += (size_t)got;
    take_lines(c);
}

/* One user of many is not to keep all the others out, nor are those together that nobody knows, and
 * nobody the owner. */
static bool has_place(const struct lk_control *control, struct connection *new)
{
    unsigned own = 0, strangers = 0, others = 0;

    new->stranger = !control->knows(control->context, new->who.uid);
    for (const struct connection *c = control->connections; c != NULL; c = c->next) {
        own += c->who.uid == new->who.uid;
        strangers += c->stranger;
        others += c->who.uid != 0 && c->who.uid != geteuid();
    }
    return others < LK_CONTROL_OTHERS && own < LK_CONTROL_CONNECTIONS / 2 &&
           (!new->stranger || strangers < LK_CONTROL_STRANGERS);
}

/* A28: only the daemon's own user and root are listened to, whatever the file's mode, unless the
 * socket is open to all. */
static bool may_talk(const struct lk_control *control, struct connection *c)
{
    socklen_t len = sizeof c->who;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)&c->pipe, &fd) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->who, &len) != 0)
        return false;
    if (c->who.uid != 0 && c->who.uid != geteuid() &&
        (!control->open_to_all || !has_place(control, c)))
        return false;
    return control->guard == NULL || control->guard(control->context, c->who.pid);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct lk_control *control = listener->data;
    struct connection *c;

    if (status < 0)
        return;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return;
    (void)uv_pipe_init(listener->loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 ||
        control->count == LK_CONTROL_CONNECTIONS || !may_talk(control, c)) {
        hang_up(c);
        return;
    }
    c->control = control;
    c->next = control->connections;
    control->connections = c;
    control->count++;
    (void)uv_read_start((uv_stream_t *)&c->pipe, give_buffer, on_read);
}

void lk_control_open_to_all(struct lk_control *control, lk_control_knows *knows)
{
    control->open_to_all = true;
    control->knows = knows;
    (void)chmod(control->path, 0666);
}

bool lk_control_caller(const struct lk_control_call *call, struct ucred *who)
{
    if (call->connection == NULL)
        return false;
    *who = call->connection->who;
    return true;
}

void lk_control_strike(struct lk_control_call *call)
{
    if (call->connection != NULL)
        call->connection->strikes++;
}

/* ---- answers ---- */

static void on_written(uv_write_t *write, int status)
{
    struct answer *answer = write->data;

    (void)status;
    free(answer->text);
    free(answer);
}

void lk_control_answer(struct lk_control_call *call, json_t *body)
{
    struct connection *c = call->connection;
    struct answer *answer = calloc(1, sizeof *answer);
    char *text = json_dumps(body, JSON_COMPACT);

    json_decref(body);
    json_decref(call->request);
    free(call);
    if (c != NULL)
        c->call = NULL;
    if (c == NULL || answer == NULL || text == NULL ||
        (answer->text = malloc(strlen(text) + 2)) == NULL) {
        free(answer);
        free(text);
        return;
    }
    (void)snprintf(answer->text, strlen(text) + 2, "%s\n", text);
    free(text);
    answer->write.data = answer;
    {
        uv_buf_t buffer = uv_buf_init(answer->text, (unsigned)strlen(answer->text));

        if (uv_write(&answer->write, (uv_stream_t *)&c->pipe, &buffer, 1, on_written) != 0) {
            on_written(&answer->write, -1);
            hang_up(c);
            return;
        }
    }
    take_lines(c);
}

void lk_control_refuse(struct lk_control_call *call, const char *error, const char *fix)
{
    lk_control_answer(call,
                      json_pack("{s:b, s:s, s:s}", "ok", 0, "error", error, "fix", fix));
}

/* ---- listening ---- */

/* True when a daemon answers at path. */
static bool is_alive(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive;

    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    alive = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        (void)close(fd);
    return alive;
}

enum lk_status lk_control_start(struct lk_control **out, uv_loop_t *loop, const char *path,
                                lk_control_handler *handler, lk_control_guard *guard, void *context,
                                char error[LK_CONTROL_ERROR_TEXT])
{
    struct lk_control *control = calloc(1, sizeof *control);
    struct stat there;
    mode_t mask;
    int status;

    *out = NULL;
    if (control == NULL)
        return LK_E_SYSTEM;
    /* What jansson copies is wiped when it is freed: requests here, and keys in what other servers
     * are asked and say (role/http_json.h), for the daemon's processes are forked from who has the
     * socket. */
    json_set_alloc_funcs(malloc, lk_free_wiped);
    (void)snprintf(control->path, sizeof control->path, "%s", path);
    control->handler = handler;
    control->guard = guard;
    control->context = context;
    if (is_alive(path)) {
        (void)snprintf(error, LK_CONTROL_ERROR_TEXT,
                       "another latchkeyd answers at %.120s; stop it, or use another state_dir "
                       "(LATCHKEY_STATE_DIR)",
                       path);
        free(control);
        return LK_E_EXISTS;
    }
    if (lstat(path, &there) == 0) {
        if (!S_ISSOCK(there.st_mode)) {
            (void)snprintf(error, LK_CONTROL_ERROR_TEXT,
                           "%.120s is there and is no socket; give control another name", path);
            free(control);
            return LK_E_EXISTS;
        }
        (void)unlink(path);
    }
    (void)uv_pipe_init(loop, &control->listener, 0);
    control->listener.data = control;
    mask = umask(0177);
    status = uv_pipe_bind(&control->listener, control->path);
    (void)umask(mask);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&control->listener, LK_CONTROL_CONNECTIONS,
                           on_connection);
    if (status != 0) {
        (void)snprintf(error, LK_CONTROL_ERROR_TEXT, "cannot listen at %.120s: %s", path,
                       uv_strerror(status));
        lk_control_stop(control);
        return LK_E_SYSTEM;
    }
    *out = control;
    return LK_OK;
}

static void on_stopped(uv_handle_t *handle)
{
    free(handle->data);
}

void lk_control_stop(struct lk_control *control)
{
    if (control == NULL)
        return;
    while (control->connections != NULL)
        hang_up(control->connections);
    (void)unlink(control->path);
    uv_close((uv_handle_t *)&control->listener, on_stopped);
}

/* ---- the command's side ---- */

json_t *lk_control_word(const char *text)
{
    size_t len = strspn(text, "0123456789");

    if (len > 0 && len < 10 && text[len] == '\0')
        return json_integer(strtol(text, NULL, 10));
    return json_string(text);
}

static enum lk_status no_daemon(const char *path, char error[LK_CONTROL_ERROR_TEXT])
{
    if (errno == EACCES || errno == EPERM) {
        (void)snprintf(error, LK_CONTROL_ERROR_TEXT,
                       "not allowed to talk to the daemon at %.120s; be root or the daemon's user",
                       path);
        return LK_E_DENIED;
    }
    (void)snprintf(error, LK_CONTROL_ERROR_TEXT,
                   "no daemon answers at %.120s; start latchkeyd, or give its file with -c", path);
    return LK_E_NOT_FOUND;
}

static bool send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        if (sent <= 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            text += sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

/* One line from fd; its length without the newline, or -1. */
static ssize_t read_line(int fd, char *line, size_t cap)
{
    size_t len = 0;

    while (len < cap) {
        ssize_t got = recv(fd, line + len, cap - len, 0);
        char *end;

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        end = memchr(line + len, '\n', (size_t)got);
        len += (size_t)got;
        if (end != NULL)
            return end - line;
    }
    return -1;
}

enum lk_status lk_control_ask(json_t **answer, const char *path, const json_t *request,
                              int timeout_ms, char error[LK_CONTROL_ERROR_TEXT])
{
    struct timeval patience = { timeout_ms / 1000, (timeout_ms % 1000) * 1000 };
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char *text = json_dumps(request, JSON_COMPACT);
    char *line = malloc(LK_CONTROL_LINE);
    enum lk_status status = LK_E_SYSTEM;
    ssize_t len;

    *answer = NULL;
    error[0] = '\0';
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (fd < 0 || text == NULL || line == NULL) {
        (void)snprintf(error, LK_CONTROL_ERROR_TEXT, "no memory or no socket to be had");
    } else if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        status = no_daemon(path, error);
    } else {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (send_all(fd, text, strlen(text)) && send_all(fd, "\n", 1)) {
            len = read_line(fd, line, LK_CONTROL_LINE);
            if (len >= 0)
                *answer = json_loadb(line, (size_t)len, 0, NULL);
        }
        status = *answer != NULL ? LK_OK : LK_E_EXPIRED;
        if (status != LK_OK)
            (void)snprintf(error, LK_CONTROL_ERROR_TEXT,
                           "the daemon at %.120s hung up or did not answer; look at its log", path);
    }
    if (text != NULL)
        lk_wipe(text, strlen(text));
    if (line != NULL)
        lk_wipe(line, LK_CONTROL_LINE);
    free(text);
    free(line);
    if (fd >= 0)
        (void)close(fd);
    return status;
}
