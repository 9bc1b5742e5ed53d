/* The processes: forked, watched, replaced. */
#include "role/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/notify.h"

/* ---- the child's side of a fork ---- */

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Of the supervisor's descriptors a worker keeps its own and standard error. */
static void close_others(const struct lk_worker_setup *setup)
{
    int keep[LK_KIND_SOCKETS + 8];
    size_t count = 0;
    int next = 0;

    keep[count++] = STDIN_FILENO;
    keep[count++] = STDOUT_FILENO;
    keep[count++] = STDERR_FILENO;
    keep[count++] = setup->line;
    if (setup->vault.fd >= 0)
        keep[count++] = setup->vault.fd;
    if (setup->capture >= 0)
        keep[count++] = setup->capture;
    for (size_t i = 0; i < setup->socket_count; i++)
        keep[count++] = setup->sockets[i].fd;
    qsort(keep, count, sizeof *keep, by_number);
    for (size_t i = 0; i < count; i++) {
        if (keep[i] > next)
            (void)close_range((unsigned)next, (unsigned)keep[i] - 1, 0);
        next = keep[i] + 1;
    }
    (void)close_range((unsigned)next, ~0U, 0);
}

static void child_signals(void)
{
    static const int defaults[] = { SIGTERM, SIGCHLD, SIGQUIT };
    static const int ignored[] = { SIGINT, SIGHUP, SIGPIPE };
    sigset_t none;

    for (size_t i = 0; i < LK_COUNT_OF(defaults); i++)
        (void)signal(defaults[i], SIG_DFL);
    for (size_t i = 0; i < LK_COUNT_OF(ignored); i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* "aaa/0"; one that is alone of its kind has no number. */
void lk_worker_name(char name[LK_WORKER_NAME], const struct lk_process_kind *kind, unsigned index)
{
    if (kind->keeps_state)
        (void)snprintf(name, LK_WORKER_NAME, "%s", kind->name);
    else
        (void)snprintf(name, LK_WORKER_NAME, "%s/%u", kind->name, index);
}

static _Noreturn void child(struct lk_supervisor *s, const struct lk_worker_setup *setup)
{
    char name[LK_WORKER_NAME];
    char title[LK_WORKER_NAME + 10];
    char *slash;

    lk_supervisor_forget(s, setup);
    child_signals();
    lk_worker_name(name, setup->kind, setup->index);
    lk_supervisor_log_setup(setup->config, name);
    (void)snprintf(title, sizeof title, "latchkey-%s", name);
    slash = strchr(title, '/');
    if (slash != NULL)
        *slash = '-';
    (void)prctl(PR_SET_NAME, title);
    /* The pool writes, in turns: one thread is all it can use. */
    (void)setenv("UV_THREADPOOL_SIZE", "1", 1);
    close_others(setup);
    if (lk_privileges_drop_rest() != LK_OK)
        _exit(1);
    _exit(setup->kind->run(setup));
}

/* ---- the supervisor's side ---- */

static void on_line(uv_poll_t *poll, int status, int events)
{
    static char message[LK_LINE_MESSAGE];
    struct lk_supervisor *s = poll->data;
    struct lk_worker *w = &s->workers[0];
    ssize_t got;

    (void)status;
    (void)events;
    while (&w->poll != poll)
        w++;
    got = recv(w->line, message, sizeof message, MSG_DONTWAIT);
    if (got > 0 && message[0] == LK_LINE_READY)
        w->ready = true;
    else if (got > 0 && message[0] == LK_LINE_ANSWER)
        lk_calls_answer(s, (size_t)(w - s->workers), message + 1, (size_t)got - 1);
    else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        (void)uv_poll_stop(poll);
    lk_supervisor_tick(s);
}

/* One that is no capture any more, or is locked, is said and left alone: a process serves without
 * it. */
static int capture_for_worker(struct lk_supervisor *s)
{
    enum lk_status status;
    int fd = -1;

    if (s->capture == NULL)
        return -1;
    status = lk_capture_lend(s->capture, &fd, s->config->capture.file);
    if (status == LK_OK)
        lk_seen_mended(s->capture, s->config->capture.file);
    else
        lk_seen_lost(s->config->capture.file, status);
    return fd;
}

/* What the process is given, and the supervisor's end of its line. */
static bool set_up(struct lk_supervisor *s, struct lk_worker_setup *setup, unsigned generation,
                   int *line)
{
    int pair[2];

    if ((setup->kind->vault_keys != 0 && !s->vault_up) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return false;
    if (setup->kind->vault_keys != 0)
        setup->vault = lk_vault_client_of(
            &s->vault, lk_supervisor_vault_seat(s, setup->kind, generation, setup->index));
    if (!setup->kind->needs_node_key)
        setup->node_key = NULL;
    setup->line = pair[1];
    *line = pair[0];
    lk_endpoints_give(s, setup);
    return true;
}

static void worker_start(struct lk_supervisor *s, const struct lk_process_kind *kind,
                         unsigned generation, unsigned index, const struct lk_config *config,
                         const struct lk_node_key *node_key)
{
    unsigned slot = lk_kind_slot(kind, generation, index);
    struct lk_worker *w = &s->workers[slot];
    struct lk_radius_class_key class_key;
    struct lk_worker_setup setup = { .kind = kind,
                                     .config = config,
                                     .node_key = node_key,
                                     .shared = s->shared,
                                     .slot = slot,
                                     .index = index,
                                     .vault = { -1 },
                                     .capture = -1 };

    w->kind = kind;
    w->index = index;
    w->retry_ms = 0;
    w->ready = w->leaving = false;
    w->since_ms = lk_mono_ms();
    if (w->polled) { /* the end of its forerunner is seen to first, in this turn of the loop */
        w->retry_ms = lk_mono_ms();
        return;
    }
    if (!set_up(s, &setup, generation, &w->line)) {
        w->retry_ms = lk_mono_ms() + LK_SUPERVISOR_TICK_MS;
        return;
    }
    setup.capture = capture_for_worker(s);
    s->shared->slot[slot]->state = LK_WORKER_STARTING;
    s->shared->slot[slot]->beat_ms = lk_mono_ms();
    (void)fflush(NULL);
    if (kind->needs_class_key) {
        lk_radius_class_key_derive(&class_key, node_key);
        setup.class_key = &class_key;
    }
    w->pid = fork();
    if (w->pid == 0)
        child(s, &setup);
    lk_wipe(&class_key, sizeof class_key);
    (void)close(setup.line);
    if (setup.capture >= 0)
        (void)close(setup.capture);
    if (w->pid < 0) {
        (void)close(w->line);
        w->pid = 0;
        w->retry_ms = lk_mono_ms() + LK_SUPERVISOR_TICK_MS;
        return;
    }
    s->shared->slot[slot]->pid = w->pid;
    w->polled = true;
    (void)uv_poll_init(&s->loop, &w->poll, w->line);
    w->poll.data = s;
    (void)uv_poll_start(&w->poll, UV_READABLE, on_line);
}

void lk_workers_start(struct lk_supervisor *s, unsigned generation, const struct lk_config *config,
                      const struct lk_node_key *node_key, bool keepers)
{
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        for (unsigned j = 0; j < lk_kind_workers(kind, config); j++)
            if (keepers || !kind->keeps_state)
                worker_start(s, kind, generation, j, config, node_key);
    }
}

static void tell_to_leave(struct lk_worker *w)
{
    static const char word = LK_LINE_LEAVE;

    w->retry_ms = 0;
    if (w->pid == 0 || w->leaving)
        return;
    w->leaving = true;
    w->since_ms = lk_mono_ms();
    if (write(w->line, &word, 1) != 1)
        (void)kill(w->pid, SIGKILL);
}

void lk_workers_leave(struct lk_supervisor *s, unsigned generation)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (lk_slot_is_of(s, i, generation) && !s->workers[i].kind->keeps_state)
            tell_to_leave(&s->workers[i]);
}

void lk_workers_leave_all(struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        tell_to_leave(&s->workers[i]);
}

bool lk_workers_any(const struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].pid != 0)
            return true;
    return false;
}

bool lk_slot_is_of(const struct lk_supervisor *s, size_t slot, unsigned generation)
{
    const struct lk_worker *w = &s->workers[slot];

    return w->kind != NULL && slot == lk_kind_slot(w->kind, generation, w->index);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct lk_supervisor *s = handle->data;

    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if ((uv_handle_t *)&s->workers[i].poll == handle) {
            (void)close(s->workers[i].line);
            s->workers[i].polled = false;
        }
    lk_supervisor_tick(s);
}

static void log_death(const struct lk_supervisor *s, size_t slot, int status)
{
    char name[LK_WORKER_NAME];
    char pid[16];
    char how[32];

    (void)snprintf(pid, sizeof pid, "%d", (int)s->workers[slot].pid);
    if (WIFSIGNALED(status))
        (void)snprintf(how, sizeof how, "signal %d", WTERMSIG(status));
    else
        (void)snprintf(how, sizeof how, "exit code %d", WEXITSTATUS(status));
    lk_worker_name(name, s->workers[slot].kind, s->workers[slot].index);
    LK_LOG(LK_LOG_ERROR, "worker-died", { "worker", name }, { "pid", pid }, { "how", how },
           { "what", "another takes its place and its sockets" });
}

/* At once the first time; one that keeps dying is tried less and less often. */
static uint64_t retry_after_ms(unsigned short_lives)
{
    unsigned doubled = short_lives < 2 ? 0 : short_lives < 8 ? short_lives - 2 : 6;
    uint64_t wait_ms = short_lives < 2 ? 0 : UINT64_C(100) << doubled;

    return wait_ms < LK_WORKER_RETRY_MAX_MS ? wait_ms : LK_WORKER_RETRY_MAX_MS;
}

/* It could not begin, and none of the processes has served yet: the next one could not either. */
static bool ends_the_start(const struct lk_supervisor *s, int status)
{
    return !s->said_ready && !s->stopping && WIFEXITED(status) &&
           WEXITSTATUS(status) == LK_PROCESS_NO_START;
}

static void give_up_the_start(struct lk_supervisor *s, size_t slot)
{
    char name[LK_WORKER_NAME];

    lk_worker_name(name, s->workers[slot].kind, s->workers[slot].index);
    (void)lk_supervisor_failed(name, "it cannot begin; its own last line says why");
    lk_supervisor_stop(s, LK_SUPERVISOR_NO_START);
}

static void worker_died(struct lk_supervisor *s, size_t slot, int status)
{
    struct lk_worker *w = &s->workers[slot];
    uint64_t now_ms = lk_mono_ms();
    bool in_force = lk_slot_is_of(s, slot, s->generation);
    bool no_start = ends_the_start(s, status);

    s->shared->slot[slot]->state = LK_WORKER_ABSENT;
    s->shared->slot[slot]->jobs = 0;
    if (!no_start && !w->leaving && (s->vault_up || w->kind->vault_keys == 0))
        log_death(s, slot, status);
    lk_calls_give_up(s, slot);
    uv_close((uv_handle_t *)&w->poll, on_poll_closed);
    w->pid = 0;
    w->ready = false;
    if (s->next != NULL && !in_force) {
        lk_reload_abort(s, "a worker of the new configuration did not start",
                        "look into the log for its last words");
        return;
    }
    if (no_start)
        give_up_the_start(s, slot);
    if (s->stopping || w->leaving || !in_force)
        return;
    s->worker_restarts++;
    w->restarts++;
    w->short_lives = now_ms - w->since_ms < LK_WORKER_SHORT_LIFE_MS ? w->short_lives + 1 : 0;
    w->retry_ms = now_ms + retry_after_ms(w->short_lives);
}

void lk_supervisor_reap(struct lk_supervisor *s)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == s->vault.pid)
            lk_supervisor_vault_died(s);
        for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
            if (s->workers[i].pid == pid)
                worker_died(s, i, status);
    }
    lk_supervisor_tick(s);
}

/* ---- the tick ---- */

/* keepers: those, too, that a reload leaves alone. */
static bool all_ready(const struct lk_supervisor *s, unsigned generation,
                      const struct lk_config *config, bool keepers)
{
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        for (unsigned j = 0; j < lk_kind_workers(kind, config); j++)
            if ((keepers || !kind->keeps_state) &&
                !s->workers[lk_kind_slot(kind, generation, j)].ready)
                return false;
    }
    return true;
}

static void say_ready(struct lk_supervisor *s)
{
    if (s->said_ready || !all_ready(s, s->generation, s->config, true))
        return;
    s->said_ready = true;
    (void)printf("ready\n");
    (void)fflush(stdout);
    lk_notify("READY=1");
}

static void watch_worker(struct lk_supervisor *s, size_t slot, uint64_t now_ms)
{
    struct lk_worker *w = &s->workers[slot];
    char name[LK_WORKER_NAME];
    bool late = w->leaving && w->since_ms + LK_WORKER_LEAVES_WITHIN_MS < now_ms;
    bool hangs = !w->leaving && s->shared->slot[slot]->beat_ms + LK_WORKER_HANGS_AFTER_MS < now_ms;

    if (w->pid == 0 || (!late && !hangs))
        return;
    lk_worker_name(name, w->kind, w->index);
    LK_LOG(LK_LOG_ERROR, "worker-hangs", { "worker", name },
           { "what", late ? "told to leave and does not" : "no sign of life" });
    s->shared->slot[slot]->beat_ms = now_ms;
    w->since_ms = now_ms;
    (void)kill(w->pid, SIGKILL);
}

static void watch_reload(struct lk_supervisor *s, uint64_t now_ms)
{
    if (s->next == NULL)
        return;
    if (all_ready(s, s->generation + 1, s->next, false))
        lk_reload_finish(s);
    else if (now_ms - s->next_since_ms > LK_WORKER_READY_WITHIN_MS)
        lk_reload_abort(s, "the workers of the new configuration were not ready in time",
                        "look into the log; the old configuration goes on");
}

static void restart_the_dead(struct lk_supervisor *s, uint64_t now_ms)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++) {
        struct lk_worker *w = &s->workers[i];

        if (w->retry_ms != 0 && now_ms >= w->retry_ms && w->pid == 0 &&
            lk_slot_is_of(s, i, s->generation) && (s->vault_up || w->kind->vault_keys == 0))
            worker_start(s, w->kind, s->generation, w->index, s->config, &s->node_key);
    }
}

void lk_supervisor_tick(struct lk_supervisor *s)
{
    uint64_t now_ms = lk_mono_ms();

    lk_supervisor_vault_tick(s);
    if (!s->stopping)
        restart_the_dead(s, now_ms);
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        watch_worker(s, i, now_ms);
    lk_calls_expire(s, now_ms);
    watch_reload(s, now_ms);
    say_ready(s);
    if (s->reload_wanted)
        lk_supervisor_reload(s, NULL);
    if (s->watchdog_ms != 0 && now_ms - s->watchdog_last_ms >= s->watchdog_ms) {
        s->watchdog_last_ms = now_ms;
        lk_notify("WATCHDOG=1");
    }
    if (s->stopping && (!lk_workers_any(s) || now_ms >= s->stop_by_ms))
        uv_stop(&s->loop);
}
