#include "role/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/confine.h"

enum { EXIT_LEFT = 0, EXIT_NOT_TOLD = 1, LINE_FDS = 1 + LK_LINE_FILES };

void lk_process_end(struct lk_process *process, int exit_code)
{
    process->exit_code = exit_code;
    uv_stop(&process->loop);
}

static void leave(struct lk_process *process)
{
    if (process->leaving)
        return;
    process->leaving = true;
    process->leave_by_ms = lk_mono_ms() + LK_PROCESS_LEAVE_WITHIN_MS;
    process->slot->state = LK_WORKER_LEAVING;
    if (process->handlers->leave == NULL)
        lk_process_end(process, EXIT_LEFT);
    else
        process->handlers->leave(process->context);
}

/* ---- what the supervisor says ---- */

static bool read_all(int fd, void *to, size_t len)
{
    uint8_t *at = to;

    while (len > 0) {
        ssize_t got = read(fd, at, len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

static void take_files(struct lk_process *process, const char *words, size_t count, const int *fds)
{
    for (size_t i = 0; i < LK_LINE_FILES; i++) {
        const char word = i < count ? words[i] : LK_LINE_UNREAD;

        process->files[i] = word == LK_LINE_FILE      ? *fds++
                            : word == LK_LINE_NO_FILE ? LK_PROCESS_NO_FILE
                                                      : LK_PROCESS_UNREAD;
    }
}

/* A process that cannot take it would run on under another configuration than the others. */
static void take_config(struct lk_process *process, int fd)
{
    struct lk_line_config *taken = fd < 0 ? NULL : calloc(1, sizeof *taken);
    struct lk_line_config *before = process->taken;
    const struct lk_config *old = process->config;

    if (taken == NULL || !read_all(fd, taken, sizeof *taken)) {
        LK_LOG(LK_LOG_ERROR, "config-not-taken", { "what", "a reload did not reach this process" });
        free(taken);
        lk_process_end(process, EXIT_NOT_TOLD);
        return;
    }
    (void)madvise(taken, sizeof *taken, MADV_DONTDUMP);
    process->taken = taken;
    process->config = &taken->config;
    if (process->node_key != NULL)
        process->node_key = &taken->node_key;
    if (process->class_key != NULL)
        process->class_key = &taken->class_key;
    if (process->handlers->configure != NULL)
        process->handlers->configure(process->context, old);
    if (before != NULL)
        lk_wipe(before, sizeof *before);
    free(before);
}

static void take_question(struct lk_process *process, const char *text, size_t len)
{
    uint32_t number = 0;
    const struct lk_ask *ask;
    json_t *request;
    const char *op;

    if (len < sizeof number)
        return;
    memcpy(&number, text, sizeof number);
    request = json_loadb(text + sizeof number, len - sizeof number, 0, NULL);
    op = json_string_value(json_object_get(request, "op"));
    ask = op == NULL ? NULL : lk_ask_find(process->setup->kind->asks, op);
    if (ask == NULL)
        lk_process_answer(process, number,
                          lk_ask_refusal("no such op", "ask what status says is served"));
    else if (ask->answer != NULL)
        lk_process_answer(process, number, ask->answer(process->context, request));
    else
        ask->later(process->context, number, request);
    json_decref(request);
}

/* One message, and the descriptors that came with it, the rest -1. The length, 0 at the end. */
static ssize_t receive(int line, char *text, size_t cap, int fds[LINE_FDS])
{
    union {
        struct cmsghdr align;
        uint8_t octets[CMSG_SPACE(LINE_FDS * sizeof(int))];
    } control;
    struct iovec part = { text, cap };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.octets,
                              .msg_controllen = sizeof control.octets };
    ssize_t got = recvmsg(line, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *head = got < 0 ? NULL : CMSG_FIRSTHDR(&message);

    for (size_t i = 0; i < LINE_FDS; i++)
        fds[i] = -1;
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
    return got;
}

/* The supervisor says something, or is gone itself. */
static void on_line(uv_poll_t *poll, int status, int events)
{
    static char text[LK_LINE_MESSAGE];
    struct lk_process *process = poll->data;
    int fds[LINE_FDS];
    ssize_t got = receive(process->setup->line, text, sizeof text, fds);

    (void)status;
    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        (void)uv_poll_stop(poll);
        leave(process);
        return;
    }
    if (text[0] == LK_LINE_LEAVE)
        leave(process);
    else if (text[0] == LK_LINE_CONFIG) {
        take_files(process, text + 1, (size_t)got - 1, fds + 1);
        take_config(process, fds[0]);
    } else if (text[0] == LK_LINE_ASK)
        take_question(process, text + 1, (size_t)got - 1);
    for (size_t i = 0; i < LINE_FDS; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    lk_wipe(text, (size_t)got);
}

void lk_process_answer(struct lk_process *process, uint32_t number, json_t *answer)
{
    static char text[LK_LINE_MESSAGE];
    const size_t head = 1 + sizeof number;
    size_t len = json_dumpb(answer, text + head, sizeof text - head, JSON_COMPACT);

    json_decref(answer);
    if (len > sizeof text - head) /* it cannot be handed on: an empty one is told as such */
        len = 0;
    text[0] = LK_LINE_ANSWER;
    memcpy(text + 1, &number, sizeof number);
    if (send(process->setup->line, text, head + len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        LK_LOG(LK_LOG_WARNING, "answer-lost", { "what", "the supervisor takes no answer" });
    lk_wipe(text, head + len);
}

void *lk_process_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

void *lk_process_memory_dense(size_t size)
{
    void *memory = lk_process_memory(size);

    if (memory != NULL)
        (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

/* ---- the loop ---- */

static void on_tick(uv_timer_t *timer)
{
    struct lk_process *process = timer->data;

    process->slot->beat_ms = lk_mono_ms();
    if (process->handlers->tick != NULL)
        process->handlers->tick(process->context);
    if (process->leaving && lk_mono_ms() >= process->leave_by_ms)
        lk_process_end(process, EXIT_LEFT);
}

static void on_turn(uv_prepare_t *turn)
{
    const struct lk_process *process = turn->data;

    process->handlers->turn(process->context);
}

static void make(struct lk_process *process, const struct lk_worker_setup *setup,
                 const struct lk_process_handlers *handlers, void *context)
{
    int status;

    memset(process, 0, sizeof *process);
    process->setup = setup;
    process->config = setup->config;
    process->node_key = setup->node_key;
    process->class_key = setup->class_key;
    process->slot = setup->shared->slot[setup->slot];
    process->slot->beat_ms = lk_mono_ms();
    process->handlers = handlers;
    process->context = context;
    status = uv_loop_init(&process->loop);
    LK_ASSERT(status == 0);
    status = uv_poll_init(&process->loop, &process->line, setup->line);
    LK_ASSERT(status == 0);
    process->line.data = process;
    (void)uv_poll_start(&process->line, UV_READABLE, on_line);
    (void)uv_timer_init(&process->loop, &process->tick);
    process->tick.data = process;
    (void)uv_timer_start(&process->tick, on_tick, 0, LK_PROCESS_TICK_MS);
    (void)uv_prepare_init(&process->loop, &process->turn);
    process->turn.data = process;
    if (handlers->turn != NULL)
        (void)uv_prepare_start(&process->turn, on_turn);
}

static int cannot_begin(const struct lk_process *process, const char *error)
{
    char event[64];

    (void)snprintf(event, sizeof event, "%s-cannot-begin", process->setup->kind->name);
    LK_LOG(LK_LOG_ERROR, event, { "why", error });
    return process->exit_code != 0 ? process->exit_code : LK_PROCESS_NO_START;
}

static int serve(struct lk_process *process)
{
    static const char ready = LK_LINE_READY;
    struct lk_confinement got;
    char error[LK_CONFINE_ERROR_TEXT], why[LK_KIND_ERROR_TEXT] = "no memory";

    if (lk_confine_process(&got, process->setup->kind, process->config, error) != LK_OK) {
        LK_LOG(LK_LOG_ERROR, "worker-not-confined", { "why", error });
        return LK_PROCESS_NO_START;
    }
    if (process->handlers->confined != NULL && !process->handlers->confined(process->context, why))
        return cannot_begin(process, why);
    process->slot->landlock = got.landlock;
    process->slot->key_within_reach = got.key_within_reach;
    process->slot->state = LK_WORKER_SERVING;
    if (write(process->setup->line, &ready, 1) != 1)
        return EXIT_LEFT; /* the supervisor is gone already */
    (void)uv_run(&process->loop, UV_RUN_DEFAULT);
    return process->exit_code;
}

int lk_process_run(struct lk_process *process, const struct lk_worker_setup *setup,
                   const struct lk_process_handlers *handlers, void *context)
{
    char why[LK_KIND_ERROR_TEXT] = "no memory";
    int exit_code;

    make(process, setup, handlers, context);
    if (!handlers->begin(context, why))
        return cannot_begin(process, why);
    exit_code = serve(process);
    if (handlers->end != NULL)
        handlers->end(context);
    return exit_code;
}

int lk_process_socket(const struct lk_process *process, unsigned serves)
{
    for (size_t i = 0; i < process->setup->socket_count; i++)
        if (process->setup->sockets[i].serves == serves)
            return process->setup->sockets[i].fd;
    return -1;
}
