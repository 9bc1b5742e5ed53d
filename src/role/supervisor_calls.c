/* What the supervisor says to a process on its line, besides "leave": a question from the control
 * socket, a new configuration. */
#include "role/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/file_text.h"
#include "role/config_rows.h"

/* ---- questions ---- */

/* The one running kind that has the op, of that name unless it is NULL. How many there are. */
static size_t find_kind(const struct lk_supervisor *s, const struct lk_process_kind **found,
                        const char *op, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        if (!lk_kind_runs(kind, s->config) || lk_ask_find(kind->asks, op) == NULL ||
            (name != NULL && strcmp(name, kind->name) != 0))
            continue;
        *found = kind;
        count++;
    }
    return count;
}

/* Puts the question on the line of the process; false when it cannot take it. */
static bool send_question(const struct lk_worker *w, uint32_t number, const json_t *request)
{
    static char text[LK_LINE_MESSAGE];
    const size_t head = 1 + sizeof number;
    size_t len = json_dumpb(request, text + head, sizeof text - head, JSON_COMPACT);
    bool sent = false;

    text[0] = LK_LINE_ASK;
    memcpy(text + 1, &number, sizeof number);
    if (len <= sizeof text - head) {
        sent = send(w->line, text, head + len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
        lk_wipe(text, head + len);
    }
    return sent;
}

/* Asks the process at call->slot, or, where that does not serve, the next of its kind. */
static bool ask(struct lk_supervisor *s, struct lk_call *call)
{
    for (;; call->slot++, call->left--) {
        const struct lk_worker *w = &s->workers[call->slot];

        if (w->pid != 0 && w->ready) {
            call->number = ++s->call_number;
            return send_question(w, call->number, call->request);
        }
        if (call->left == 0)
            return false;
    }
}

static void begin_call(struct lk_supervisor *s, const struct lk_call *wanted)
{
    struct lk_call *place = NULL;

    for (size_t i = 0; i < LK_CALLS && place == NULL; i++)
        if (s->calls[i].call == NULL)
            place = &s->calls[i];
    if (place == NULL) {
        lk_control_refuse(wanted->call, "the daemon has too much to answer",
                          "try again in a second");
        return;
    }
    *place = *wanted;
    if (ask(s, place))
        return;
    place->call = NULL;
    lk_control_refuse(wanted->call, "its process is being started, or has too much to answer",
                      "try again in a second");
}

bool lk_calls_ask(struct lk_supervisor *s, struct lk_control_call *call, const char *op,
                  const json_t *request)
{
    const char *role = json_string_value(json_object_get(request, "role"));
    const struct lk_process_kind *kind = NULL;
    size_t count = find_kind(s, &kind, op, role);

    if (count > 1)
        lk_control_refuse(call, "several roles have this op", "name one: \"role\": \"anchor\"");
    else if (count == 1)
        begin_call(s, &(struct lk_call){ .call = call, .request = request,
                                         .slot = lk_kind_slot(kind, s->generation, 0),
                                         .left = lk_kind_workers(kind, s->config) - 1,
                                         .by_ms = lk_mono_ms() + LK_CALL_WITHIN_MS });
    return count > 0;
}

/* One of several workers that has not what the question is about says so: the next one may. */
static bool asks_elsewhere(struct lk_supervisor *s, struct lk_call *place, const json_t *body)
{
    if (!json_is_true(json_object_get(body, "elsewhere")) || place->left == 0)
        return false;
    place->slot++;
    place->left--;
    return ask(s, place);
}

static void pass_answer(struct lk_supervisor *s, struct lk_call *place, const char *text,
                        size_t len)
{
    json_t *body = json_loadb(text, len, 0, NULL);
    struct lk_control_call *call = place->call;

    if (asks_elsewhere(s, place, body)) {
        json_decref(body);
        return;
    }
    place->call = NULL;
    if (json_is_object(body)) {
        lk_control_answer(call, body);
        return;
    }
    json_decref(body);
    lk_control_refuse(call, "its process gave no answer that can be read", "look into the log");
}

void lk_calls_answer(struct lk_supervisor *s, size_t slot, const char *answer, size_t len)
{
    uint32_t number = 0;

    if (len < sizeof number)
        return;
    memcpy(&number, answer, sizeof number);
    for (size_t i = 0; i < LK_CALLS; i++)
        if (s->calls[i].call != NULL && s->calls[i].number == number &&
            s->calls[i].slot == slot) {
            pass_answer(s, &s->calls[i], answer + sizeof number, len - sizeof number);
            return;
        }
}

void lk_calls_give_up(struct lk_supervisor *s, size_t slot)
{
    for (size_t i = 0; i < LK_CALLS; i++) {
        struct lk_control_call *call = s->calls[i].call;

        if (call == NULL || s->calls[i].slot != slot)
            continue;
        s->calls[i].call = NULL;
        lk_control_refuse(call, "its process ended before it answered", "look into the log");
    }
}

void lk_calls_expire(struct lk_supervisor *s, uint64_t now_ms)
{
    for (size_t i = 0; i < LK_CALLS; i++) {
        struct lk_control_call *call = s->calls[i].call;

        if (call == NULL || now_ms < s->calls[i].by_ms)
            continue;
        s->calls[i].call = NULL;
        lk_control_refuse(call, "its process does not answer", "look at latchkey status");
    }
}

/* ---- a new configuration ---- */

static bool write_all(int fd, const void *octets, size_t len)
{
    const uint8_t *at = octets;

    while (len > 0) {
        ssize_t put = write(fd, at, len);

        if (put <= 0)
            return false;
        at += put;
        len -= (size_t)put;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

/* What a process of that kind may hold of it, in memory alone, to be read by whoever has the
 * descriptor. -1. */
static int config_file(const struct lk_supervisor *s, const struct lk_process_kind *kind)
{
    struct lk_line_config *told = calloc(1, sizeof *told);
    int fd = memfd_create("latchkey-config", MFD_CLOEXEC);
    bool written;

    if (told != NULL) {
        told->config = *s->config;
        lk_config_keep(&told->config, lk_kind_roles(kind, s->config));
        if (kind->needs_node_key)
            told->node_key = s->node_key;
        if (kind->needs_class_key)
            lk_radius_class_key_derive(&told->class_key, &s->node_key);
    }
    written = told != NULL && fd >= 0 && write_all(fd, told, sizeof *told);
    if (told != NULL)
        lk_wipe(told, sizeof *told);
    free(told);
    if (written || fd < 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* What goes with it. */
struct files {
    char words[LK_LINE_FILES];
    size_t word_count;
    int fds[1 + LK_LINE_FILES];
    size_t fd_count;
};

static void open_files(struct files *files, const struct lk_process_kind *kind,
                       const struct lk_config *config)
{
    const char *path;

    if (kind->reads_again == NULL)
        return;
    while ((path = kind->reads_again(config, files->word_count)) != NULL) {
        int fd = lk_file_private_open(path);

        LK_ASSERT(files->word_count < LK_LINE_FILES);
        files->words[files->word_count++] = fd >= 0            ? LK_LINE_FILE
                                            : errno == ENOENT ? LK_LINE_NO_FILE
                                                              : LK_LINE_UNREAD;
        if (fd >= 0)
            files->fds[files->fd_count++] = fd;
    }
}

static bool send_config(const struct lk_worker *w, const struct files *files)
{
    union {
        struct cmsghdr align;
        uint8_t octets[CMSG_SPACE(sizeof files->fds)];
    } control = { .octets = { 0 } };
    const size_t fds_len = files->fd_count * sizeof *files->fds;
    char words[1 + LK_LINE_FILES] = { LK_LINE_CONFIG };
    struct iovec part = { words, 1 + files->word_count };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.octets,
                              .msg_controllen = CMSG_SPACE(fds_len) };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    memcpy(words + 1, files->words, files->word_count);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(fds_len);
    memcpy(CMSG_DATA(head), files->fds, fds_len);
    return sendmsg(w->line, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)part.iov_len;
}

static bool tell_config(const struct lk_supervisor *s, const struct lk_worker *w)
{
    struct files files = { .fds = { config_file(s, w->kind) }, .fd_count = 1 };
    bool told;

    if (files.fds[0] < 0)
        return false;
    open_files(&files, w->kind, s->config);
    told = send_config(w, &files);
    for (size_t i = 0; i < files.fd_count; i++)
        (void)close(files.fds[i]);
    return told;
}

/* One that cannot be told is ended: another comes up under the configuration in force. */
void lk_calls_configure(struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++) {
        const struct lk_worker *w = &s->workers[i];

        if (w->pid == 0 || w->leaving || !w->kind->keeps_state)
            continue;
        if (!tell_config(s, w)) {
            LK_LOG(LK_LOG_ERROR, "config-not-told", { "worker", w->kind->name },
                   { "what", "it is ended, and started again under the new configuration" });
            (void)kill(w->pid, SIGKILL);
        }
    }
}
