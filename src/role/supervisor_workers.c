#include "role/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/datagrams.h"
#include "io/notify.h"

/* ---- sockets ---- */

static struct lk_endpoint *endpoint_find(struct lk_supervisor *s, const char *address,
                                         uint16_t port, enum lk_radius_port kind)
{
    for (size_t i = 0; i < s->endpoint_count; i++) {
        struct lk_endpoint *e = &s->endpoints[i];

        if (e->port == port && e->kind == kind && strcmp(e->address, address) == 0)
            return e;
    }
    return NULL;
}

static enum lk_status endpoint_open(struct lk_supervisor *s, const char *text, unsigned port,
                                    enum lk_radius_port kind, unsigned workers,
                                    char error[LK_SOCKET_ERROR_TEXT])
{
    struct lk_endpoint *e = endpoint_find(s, text, (uint16_t)port, kind);
    struct lk_address address;

    if (port == 0)
        return LK_OK;
    if (e == NULL) {
        if (s->endpoint_count == LK_ENDPOINTS)
            return LK_E_FULL;
        e = &s->endpoints[s->endpoint_count++];
        memset(e, 0, sizeof *e);
        (void)snprintf(e->address, sizeof e->address, "%s", text);
        e->port = (uint16_t)port;
        e->kind = kind;
    }
    if (lk_address_parse(&address, text) != LK_OK)
        return LK_E_VALUE;
    while (e->count < workers) {
        if (lk_datagram_socket(&e->fds[e->count], &address, e->port, error) != LK_OK)
            return LK_E_SYSTEM;
        e->count++;
    }
    return LK_OK;
}

static enum lk_status endpoint_is_free(const char *text, unsigned port,
                                       char error[LK_SOCKET_ERROR_TEXT])
{
    struct lk_address address;

    if (port == 0)
        return LK_OK;
    if (lk_address_parse(&address, text) != LK_OK)
        return LK_E_VALUE;
    return lk_datagram_port_is_free(&address, (uint16_t)port, error);
}

/* The workers of a daemon that was killed a moment ago may take another moment to go. */
enum lk_status lk_endpoints_are_free(const struct lk_config *config,
                                     char error[LK_SOCKET_ERROR_TEXT])
{
    enum { TRIES = 30 };
    const struct timespec moment = { .tv_nsec = 100000000 };
    enum lk_status status = LK_OK;

    if ((config->roles & LK_ROLE_AAA) == 0)
        return LK_OK;
    for (int try = 0; try < TRIES; try++) {
        status = LK_OK;
        for (size_t i = 0; i < config->radius.listen_count && status == LK_OK; i++) {
            status = endpoint_is_free(config->radius.listen[i], config->radius.port, error);
            if (status == LK_OK)
                status = endpoint_is_free(config->radius.listen[i], config->radius.accounting_port,
                                          error);
        }
        if (status != LK_E_EXISTS)
            break;
        (void)nanosleep(&moment, NULL);
    }
    return status;
}

enum lk_status lk_endpoints_open(struct lk_supervisor *s, const struct lk_config *config,
                                 char error[LK_SOCKET_ERROR_TEXT])
{
    enum lk_status status = LK_OK;

    if ((config->roles & LK_ROLE_AAA) == 0)
        return LK_OK;
    for (size_t i = 0; i < config->radius.listen_count && status == LK_OK; i++) {
        status = endpoint_open(s, config->radius.listen[i], config->radius.port,
                               LK_RADIUS_AUTH_PORT, config->workers, error);
        if (status == LK_OK)
            status = endpoint_open(s, config->radius.listen[i], config->radius.accounting_port,
                                   LK_RADIUS_ACCT_PORT, config->workers, error);
    }
    return status;
}

static bool endpoint_wanted(const struct lk_endpoint *e, const struct lk_config *config)
{
    unsigned port =
        e->kind == LK_RADIUS_AUTH_PORT ? config->radius.port : config->radius.accounting_port;

    if (port != e->port || (config->roles & LK_ROLE_AAA) == 0)
        return false;
    for (size_t i = 0; i < config->radius.listen_count; i++)
        if (strcmp(config->radius.listen[i], e->address) == 0)
            return true;
    return false;
}

void lk_endpoints_trim(struct lk_supervisor *s, const struct lk_config *config)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->endpoint_count; i++) {
        struct lk_endpoint *e = &s->endpoints[i];

        if (endpoint_wanted(e, config)) {
            if (kept != i)
                s->endpoints[kept] = *e;
            kept++;
            continue;
        }
        for (size_t j = 0; j < e->count; j++)
            (void)close(e->fds[j]);
    }
    s->endpoint_count = kept;
}

/* ---- the vault ---- */

enum lk_status lk_supervisor_vault_start(struct lk_supervisor *s, char error[LK_VAULT_ERROR_TEXT])
{
    const struct lk_config *config = s->config;
    const struct lk_vault_settings settings = {
        .master_key = config->vault.master_key,
        .ceiling = config->vault.ceiling,
        .user = config->vault.user[0] == '\0' ? NULL : config->vault.user,
        .mode = config->vault.sqn == LK_CONFIG_SQN_TIME ? LK_SQN_TIME : LK_SQN_COUNTER,
        .node = config->vault.node,
        .block = config->vault.block,
    };
    enum lk_status status = lk_vault_start(&s->vault, &settings, s->vault_clients, error);

    s->vault_up = status == LK_OK;
    s->vault_since_ms = lk_mono_ms();
    return status;
}

static void vault_died(struct lk_supervisor *s)
{
    uint64_t now_ms = lk_mono_ms();

    s->vault_up = false;
    lk_vault_stop(&s->vault, false);
    if (s->stopping)
        return;
    LK_LOG(LK_LOG_ERROR, "vault-died", { "what", "it is started again, and the workers with it" });
    s->vault_short_lives =
        now_ms - s->vault_since_ms < LK_WORKER_SHORT_LIFE_MS ? s->vault_short_lives + 1 : 0;
    s->vault_retry_ms = now_ms + (s->vault_short_lives == 0 ? 0 : 500);
}

/* Tries again; once it is there, workers follow by themselves. */
static void vault_revive(struct lk_supervisor *s)
{
    enum { TRIES = 5 };
    char error[LK_VAULT_ERROR_TEXT];

    if (lk_supervisor_vault_start(s, error) == LK_OK) {
        s->vault_restarts++;
        s->vault_retry_ms = 0;
        LK_LOG(LK_LOG_INFO, "vault-started", { "why", "restart" });
        return;
    }
    LK_LOG(LK_LOG_ERROR, "vault-does-not-start", { "why", error });
    s->vault_retry_ms = lk_mono_ms() + LK_WORKER_SHORT_LIFE_MS;
    /* The power to read the master key may be gone with root: a service manager starts us again. */
    if (++s->vault_short_lives >= TRIES || (s->identity.is_root && s->identity.uid != 0))
        lk_supervisor_stop(s, 1);
}

/* ---- the child's side of a fork ---- */

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Of the supervisor's descriptors a worker keeps its own and standard error. */
static void close_others(struct lk_aaa_setup *setup)
{
    int keep[LK_AAA_SOCKETS + 8];
    size_t count = 0;
    int next = 0;

    keep[count++] = STDIN_FILENO;
    keep[count++] = STDOUT_FILENO;
    keep[count++] = STDERR_FILENO;
    keep[count++] = setup->line;
    keep[count++] = setup->vault.fd;
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

static _Noreturn void child(struct lk_aaa_setup *setup)
{
    char name[24];

    child_signals();
    (void)snprintf(name, sizeof name, "aaa/%u", setup->slot % LK_CONFIG_WORKERS);
    lk_supervisor_log_setup(setup->config, name);
    (void)snprintf(name, sizeof name, "latchkey-aaa-%u", setup->slot % LK_CONFIG_WORKERS);
    (void)prctl(PR_SET_NAME, name);
    /* The pool writes, in turns: one thread is all it can use. */
    (void)setenv("UV_THREADPOOL_SIZE", "1", 1);
    close_others(setup);
    if (lk_privileges_drop_rest() != LK_OK)
        _exit(1);
    _exit(lk_aaa_run(setup));
}

/* ---- the supervisor's side ---- */

static void on_line(uv_poll_t *poll, int status, int events)
{
    struct lk_supervisor *s = poll->data;
    struct lk_worker *w = &s->workers[0];
    char word = 0;
    ssize_t got;

    (void)status;
    (void)events;
    while (&w->poll != poll)
        w++;
    got = read(w->line, &word, 1);
    if (got == 1 && word == 'r')
        w->ready = true;
    else if (got == 0 || (got < 0 && errno != EAGAIN))
        (void)uv_poll_stop(poll);
    lk_supervisor_tick(s);
}

/* The sockets of worker index among workers: every one of an endpoint is read by somebody. */
static void give_sockets(struct lk_supervisor *s, struct lk_aaa_setup *setup, unsigned index)
{
    for (size_t i = 0; i < s->endpoint_count; i++) {
        const struct lk_endpoint *e = &s->endpoints[i];

        if (!endpoint_wanted(e, setup->config))
            continue;
        for (size_t j = index; j < e->count; j += setup->config->workers)
            if (setup->socket_count < LK_AAA_SOCKETS)
                setup->sockets[setup->socket_count++] =
                    (struct lk_aaa_socket){ e->fds[j], e->kind };
    }
}

static void worker_start(struct lk_supervisor *s, unsigned generation, unsigned index,
                         const struct lk_config *config, const struct lk_node_key *node_key)
{
    unsigned slot = lk_slot_of(generation, index);
    struct lk_worker *w = &s->workers[slot];
    struct lk_aaa_setup setup = {
        .config = config, .node_key = node_key, .shared = s->shared, .slot = slot
    };
    int pair[2];

    w->retry_ms = 0;
    w->ready = w->leaving = false;
    w->since_ms = lk_mono_ms();
    if (w->polled) { /* the end of its forerunner is seen to first, in this turn of the loop */
        w->retry_ms = lk_mono_ms();
        return;
    }
    if (!s->vault_up ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        w->retry_ms = lk_mono_ms() + LK_SUPERVISOR_TICK_MS;
        return;
    }
    setup.vault = lk_vault_client_of(&s->vault,
                                     lk_vault_seat_of(s->vault_clients, generation, index));
    setup.line = pair[1];
    give_sockets(s, &setup, index);
    s->shared->slot[slot].state = LK_WORKER_STARTING;
    s->shared->slot[slot].beat_ms = lk_mono_ms();
    (void)fflush(NULL);
    w->pid = fork();
    if (w->pid == 0)
        child(&setup);
    (void)close(pair[1]);
    if (w->pid < 0) {
        (void)close(pair[0]);
        w->pid = 0;
        w->retry_ms = lk_mono_ms() + LK_SUPERVISOR_TICK_MS;
        return;
    }
    s->shared->slot[slot].pid = w->pid;
    w->line = pair[0];
    w->polled = true;
    (void)uv_poll_init(&s->loop, &w->poll, w->line);
    w->poll.data = s;
    (void)uv_poll_start(&w->poll, UV_READABLE, on_line);
}

void lk_workers_start(struct lk_supervisor *s, unsigned generation, const struct lk_config *config,
                      const struct lk_node_key *node_key)
{
    if ((config->roles & LK_ROLE_AAA) == 0)
        return;
    for (unsigned i = 0; i < config->workers; i++)
        worker_start(s, generation, i, config, node_key);
}

void lk_workers_leave(struct lk_supervisor *s, unsigned generation)
{
    for (unsigned i = 0; i < LK_CONFIG_WORKERS; i++) {
        struct lk_worker *w = &s->workers[lk_slot_of(generation, i)];

        w->retry_ms = 0;
        if (w->pid == 0 || w->leaving)
            continue;
        w->leaving = true;
        w->since_ms = lk_mono_ms();
        if (write(w->line, "d", 1) != 1)
            (void)kill(w->pid, SIGKILL);
    }
}

bool lk_workers_any(const struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].pid != 0)
            return true;
    return false;
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
    char pid[16];
    char how[32];

    (void)snprintf(pid, sizeof pid, "%d", (int)s->workers[slot].pid);
    if (WIFSIGNALED(status))
        (void)snprintf(how, sizeof how, "signal %d", WTERMSIG(status));
    else
        (void)snprintf(how, sizeof how, "exit code %d", WEXITSTATUS(status));
    LK_LOG(LK_LOG_ERROR, "worker-died", { "pid", pid }, { "how", how },
           { "what", "another takes its place and its sockets" });
}

/* At once the first time; one that keeps dying is tried less and less often. */
static uint64_t retry_after_ms(unsigned short_lives)
{
    unsigned doubled = short_lives < 2 ? 0 : short_lives < 8 ? short_lives - 2 : 6;
    uint64_t wait_ms = short_lives < 2 ? 0 : UINT64_C(100) << doubled;

    return wait_ms < LK_WORKER_RETRY_MAX_MS ? wait_ms : LK_WORKER_RETRY_MAX_MS;
}

static void worker_died(struct lk_supervisor *s, size_t slot, int status)
{
    struct lk_worker *w = &s->workers[slot];
    uint64_t now_ms = lk_mono_ms();
    bool in_force = slot / LK_CONFIG_WORKERS == (s->generation & 1);

    s->shared->slot[slot].state = LK_WORKER_ABSENT;
    s->shared->slot[slot].jobs = 0;
    if (!w->leaving && s->vault_up)
        log_death(s, slot, status);
    uv_close((uv_handle_t *)&w->poll, on_poll_closed);
    w->pid = 0;
    w->ready = false;
    if (s->next != NULL && !in_force) {
        lk_reload_abort(s, "a worker of the new configuration did not start",
                        "look into the log for its last words");
        return;
    }
    if (s->stopping || w->leaving || !in_force)
        return;
    s->worker_restarts++;
    w->short_lives = now_ms - w->since_ms < LK_WORKER_SHORT_LIFE_MS ? w->short_lives + 1 : 0;
    w->retry_ms = now_ms + retry_after_ms(w->short_lives);
}

void lk_supervisor_reap(struct lk_supervisor *s)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == s->vault.pid)
            vault_died(s);
        for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
            if (s->workers[i].pid == pid)
                worker_died(s, i, status);
    }
    lk_supervisor_tick(s);
}

/* ---- the tick ---- */

static bool all_ready(const struct lk_supervisor *s, unsigned generation,
                      const struct lk_config *config)
{
    if ((config->roles & LK_ROLE_AAA) == 0)
        return true;
    for (unsigned i = 0; i < config->workers; i++)
        if (!s->workers[lk_slot_of(generation, i)].ready)
            return false;
    return true;
}

static void say_ready(struct lk_supervisor *s)
{
    if (s->said_ready || !all_ready(s, s->generation, s->config))
        return;
    s->said_ready = true;
    (void)printf("ready\n");
    (void)fflush(stdout);
    lk_notify("READY=1");
}

static void watch_worker(struct lk_supervisor *s, size_t slot, uint64_t now_ms)
{
    struct lk_worker *w = &s->workers[slot];
    bool late = w->leaving && now_ms - w->since_ms > LK_WORKER_LEAVES_WITHIN_MS;
    bool hangs = !w->leaving && s->shared->slot[slot].beat_ms + LK_WORKER_HANGS_AFTER_MS < now_ms;

    if (w->pid == 0 || (!late && !hangs))
        return;
    LK_LOG(LK_LOG_ERROR, "worker-hangs",
           { "what", late ? "told to leave and does not" : "no sign of life" });
    s->shared->slot[slot].beat_ms = now_ms;
    w->since_ms = now_ms;
    (void)kill(w->pid, SIGKILL);
}

static void watch_reload(struct lk_supervisor *s, uint64_t now_ms)
{
    if (s->next == NULL)
        return;
    if (all_ready(s, s->generation + 1, s->next))
        lk_reload_finish(s);
    else if (now_ms - s->next_since_ms > LK_WORKER_READY_WITHIN_MS)
        lk_reload_abort(s, "the workers of the new configuration were not ready in time",
                        "look into the log; the old configuration goes on");
}

void lk_supervisor_tick(struct lk_supervisor *s)
{
    uint64_t now_ms = lk_mono_ms();

    if (!s->stopping && !s->vault_up && now_ms >= s->vault_retry_ms)
        vault_revive(s);
    for (unsigned i = 0; i < LK_CONFIG_WORKERS && !s->stopping && s->vault_up; i++) {
        struct lk_worker *w = &s->workers[lk_slot_of(s->generation, i)];

        if (w->retry_ms != 0 && now_ms >= w->retry_ms && w->pid == 0)
            worker_start(s, s->generation, i, s->config, &s->node_key);
    }
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        watch_worker(s, i, now_ms);
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
