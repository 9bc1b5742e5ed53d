/* The vault process: forked first, sandboxed; sealed row in, vector out.
 *
 * Before anybody is answered the child has, in this order: the master key read and turned into the
 * row key (and wiped), the ceiling file open and locked, every other descriptor closed, its user
 * and capabilities given up, tracing and core files forbidden, its state locked in memory, and all
 * system calls refused but those of serve.c. The parent never sees the key.
 *
 * spec: TS 33.102 6.3.2 - the authentication centre computes the vectors; K stays in it. */
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "vault/master.h"
#include "vault/serve.h"

enum { START_TIMEOUT_MS = 10000 };
static const char started[] = "ready";

/* ---- in the child ---- */

/* Ctrl-C and the like reach the whole group; the vault goes when its clients are gone. */
static void child_signals(void)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2 };
    sigset_t none;

    for (size_t i = 0; i < LK_COUNT_OF(ignored); i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool keeps(const struct lk_vault_state *state, int fd)
{
    if (fd == state->ceiling_fd)
        return true;
    for (size_t i = 0; i < state->count; i++)
        if (state->fds[i] == fd)
            return true;
    return false;
}

static bool close_others(const struct lk_vault_state *state)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int highest = state->ceiling_fd;

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        return false;
    for (size_t i = 0; i < state->count; i++)
        highest = state->fds[i] > highest ? state->fds[i] : highest;
    for (int fd = STDERR_FILENO + 1; fd < highest; fd++)
        if (!keeps(state, fd))
            close(fd);
    return close_range((unsigned)highest + 1, ~0U, 0) == 0;
}

static void *map(size_t len)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    madvise(at, len, MADV_DONTDUMP);
    return at;
}

static enum lk_status child_keys(struct lk_vault_state *state,
                                 const struct lk_vault_settings *settings,
                                 char error[LK_VAULT_ERROR_TEXT])
{
    struct lk_master_key master;
    enum lk_status status = lk_master_key_read(&master, settings->master_key, error);

    if (status == LK_OK)
        lk_row_key_derive(&state->auc.key, &master);
    lk_wipe(&master, sizeof master);
    return status;
}

static enum lk_status child_clock(struct lk_vault_state *state,
                                  const struct lk_vault_settings *settings,
                                  char error[LK_VAULT_ERROR_TEXT])
{
    struct timespec wall, mono;
    void *recent = map(lk_sqn_recent_size());
    enum lk_status status;

    if (recent == NULL)
        return LK_E_SYSTEM;
    status = lk_sqn_init(&state->auc.sqn, settings->mode, settings->node, settings->block, recent);
    if (status != LK_OK) {
        snprintf(error, LK_VAULT_ERROR_TEXT, "node must be 0 to %d, block 1 to %d",
                 LK_SQN_NODES - 1, LK_SQN_BLOCK_MAX);
        return status;
    }
    status = lk_ceiling_open(&state->ceiling_fd, &state->ceiling, settings->ceiling, settings->node,
                             error);
    if (status != LK_OK)
        return status;
    state->auc.sqn.ceiling = state->ceiling.tick;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_MONOTONIC, &mono);
    lk_sqn_clock_start(
        &state->clock,
        (uint64_t)((int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 + settings->wall_shift_ms),
        (uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000, state->ceiling.tick);
    return LK_OK;
}

static enum lk_status child_prepare(struct lk_vault_state *state,
                                    const struct lk_vault_settings *settings,
                                    char error[LK_VAULT_ERROR_TEXT])
{
    enum lk_status status;

    prctl(PR_SET_NAME, "latchkey-vault");
    child_signals();
    if (lk_sandbox_lock(state, sizeof *state) != LK_OK)
        fprintf(stderr, "vault: cannot lock its memory (see ulimit -l): keep swap off\n");
    status = child_keys(state, settings, error);
    if (status == LK_OK)
        status = child_clock(state, settings, error);
    if (status == LK_OK && !close_others(state)) {
        snprintf(error, LK_VAULT_ERROR_TEXT, "the vault cannot close its descriptors: %s",
                 strerror(errno));
        status = LK_E_SYSTEM;
    }
    if (status == LK_OK)
        status = lk_sandbox_drop(settings->user, error);
    return status == LK_OK ? lk_sandbox_seal(error) : status;
}

static void child_rights(struct lk_vault_state *state, const struct lk_vault_right *rights)
{
    for (size_t i = 0; i < state->count; i++)
        if (rights != NULL)
            state->right[i] = rights[i];
        else
            state->right[i].keys = LK_VAULT_MAY_ALL;
}

static _Noreturn void child(const int *fds, size_t count, const struct lk_vault_settings *settings)
{
    struct lk_vault_state *state = map(sizeof *state);
    char error[LK_VAULT_ERROR_TEXT] = "the vault found no memory";
    bool fine = false;

    if (settings->forget != NULL)
        settings->forget(settings->context);
    if (state != NULL) {
        state->ceiling_fd = -1;
        state->pool_used = LK_VAULT_POOL;
        state->count = count;
        memcpy(state->fds, fds, count * sizeof *fds);
        child_rights(state, settings->rights);
        fine = child_prepare(state, settings, error) == LK_OK;
    }
    if (send(fds[0], fine ? started : error, strlen(fine ? started : error), MSG_NOSIGNAL) < 0)
        fine = false;
    if (fine)
        lk_vault_serve(state);
    if (state != NULL)
        lk_wipe(state, sizeof *state);
    _exit(fine ? 0 : 1);
}

/* ---- in the parent ---- */

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

/* The child's first message: that it serves, or why not. */
static enum lk_status await_start(int fd, char error[LK_VAULT_ERROR_TEXT])
{
    struct pollfd one = { .fd = fd, .events = POLLIN };
    char text[LK_VAULT_ERROR_TEXT] = { 0 };
    ssize_t got = -1;

    if (poll(&one, 1, START_TIMEOUT_MS) > 0)
        got = recv(fd, text, sizeof text - 1, 0);
    if (got > 0 && strcmp(text, started) == 0)
        return LK_OK;
    snprintf(error, LK_VAULT_ERROR_TEXT, "%s", got > 0 ? text : "the vault did not start");
    return LK_E_SYSTEM;
}

static enum lk_status make_pairs(struct lk_vault *vault, int *theirs, size_t clients)
{
    for (size_t i = 0; i < clients; i++) {
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
            return LK_E_SYSTEM;
        vault->fds[i] = pair[0];
        theirs[i] = pair[1];
        vault->count = i + 1;
    }
    return LK_OK;
}

enum lk_status lk_vault_start(struct lk_vault *vault, const struct lk_vault_settings *settings,
                              size_t clients, char error[LK_VAULT_ERROR_TEXT])
{
    int theirs[LK_VAULT_CLIENTS];
    enum lk_status status = LK_E_SYSTEM;

    LK_ASSERT(clients >= 1 && clients <= LK_VAULT_CLIENTS);
    memset(theirs, 0xff, sizeof theirs);
    memset(vault, 0, sizeof *vault);
    memset(vault->fds, 0xff, sizeof vault->fds);
    vault->pid = -1;
    snprintf(error, LK_VAULT_ERROR_TEXT, "the vault cannot be started");
    fflush(NULL);
    if (make_pairs(vault, theirs, clients) == LK_OK)
        vault->pid = fork();
    if (vault->pid == 0)
        child(theirs, clients, settings);
    close_all(theirs, clients);
    if (vault->pid > 0)
        status = await_start(vault->fds[0], error);
    if (status != LK_OK) {
        if (vault->pid > 0)
            kill(vault->pid, SIGKILL);
        lk_vault_stop(vault, true);
    }
    return status;
}

void lk_vault_keep(struct lk_vault *vault, size_t client)
{
    for (size_t i = 0; i < vault->count; i++) {
        if (i == client || vault->fds[i] < 0)
            continue;
        close(vault->fds[i]);
        vault->fds[i] = -1;
    }
}

void lk_vault_stop(struct lk_vault *vault, bool wait)
{
    close_all(vault->fds, vault->count);
    if (wait && vault->pid > 0)
        while (waitpid(vault->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    vault->pid = -1;
}

struct lk_vault_client lk_vault_client_of(const struct lk_vault *vault, size_t client)
{
    LK_ASSERT(client < vault->count && vault->fds[client] >= 0);
    return (struct lk_vault_client){ .fd = vault->fds[client] };
}
