#include "role/journey_daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/control.h"

enum {
    READY_TIMEOUT_MS = 20000,
    STOP_TIMEOUT_MS = 5000,
    ADD_TIMEOUT_MS = 5000,
    WORDS = 16 + 2 * LK_JOURNEY_SETS,
};

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* Ports that nobody on loopback had a moment ago. */
static bool free_ports(uint16_t *first, uint16_t *second)
{
    struct sockaddr_in at[2];
    int fd[2];
    bool good = true;

    for (int i = 0; i < 2; i++) {
        socklen_t len = sizeof at[i];

        at[i] = (struct sockaddr_in){ .sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        good = good && fd[i] >= 0 && bind(fd[i], (struct sockaddr *)&at[i], len) == 0
               && getsockname(fd[i], (struct sockaddr *)&at[i], &len) == 0;
    }
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            (void)close(fd[i]);
    *first = ntohs(at[0].sin_port);
    *second = ntohs(at[1].sin_port);
    return good;
}

/* ---- start ---- */

/* In the child: never returns. */
static void become(const struct lk_journey_daemon *d, int ready, pid_t parent)
{
    char words[WORDS][LK_JOURNEY_TEXT];
    char *argv[2 * WORDS];
    size_t count = 0, n = 0;
    int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    (void)dup2(ready, STDOUT_FILENO);
    if (log >= 0)
        (void)dup2(log, STDERR_FILENO);
    (void)setenv("LATCHKEY_STATE_DIR", d->state_dir, 1);
    for (size_t i = 0; i < d->journey->set_count; i++)
        memcpy(words[count++], d->journey->set[i], LK_JOURNEY_TEXT);
    snprintf(words[count++], LK_JOURNEY_TEXT, "radius.port=%u", d->port);
    snprintf(words[count++], LK_JOURNEY_TEXT, "radius.accounting_port=%u", d->accounting_port);
    snprintf(words[count++], LK_JOURNEY_TEXT, "console.port=0");
    argv[n++] = (char *)(uintptr_t)d->options->daemon;
    argv[n++] = (char *)(uintptr_t)"-c";
    argv[n++] = (char *)(uintptr_t)d->config;
    for (size_t i = 0; i < count; i++) {
        argv[n++] = (char *)(uintptr_t)"--set";
        argv[n++] = words[i];
    }
    argv[n] = NULL;
    execv(d->options->daemon, argv);
    fprintf(stderr, "%s: %s\n", d->options->daemon, strerror(errno));
    _exit(127);
}

/* Reads the child's output up to the line "ready". */
static bool wait_ready(int fd)
{
    uint64_t end = monotonic_ms() + READY_TIMEOUT_MS, now;
    char line[256];
    size_t len = 0;

    while ((now = monotonic_ms()) < end) {
        struct pollfd waiting = { .fd = fd, .events = POLLIN };
        ssize_t got;

        if (poll(&waiting, 1, (int)(end - now)) <= 0)
            continue;
        got = read(fd, line + len, sizeof line - 1 - len);
        if (got <= 0)
            return false;
        len += (size_t)got;
        line[len] = '\0';
        if (strstr(line, "ready") != NULL)
            return true;
        if (len == sizeof line - 1)
            len = 0;
    }
    return false;
}

/* The last line of the log, for an error. */
static void last_words(const struct lk_journey_daemon *d, char *text, size_t cap)
{
    FILE *log = fopen(d->log, "r");
    char line[400];

    text[0] = '\0';
    if (log == NULL)
        return;
    while (fgets(line, sizeof line, log) != NULL)
        snprintf(text, cap, "%.*s", (int)strcspn(line, "\n"), line);
    (void)fclose(log);
}

enum lk_status lk_journey_daemon_start(struct lk_journey_daemon *daemon,
                                       char error[LK_JOURNEY_ERROR])
{
    char why[300];
    pid_t parent = getpid();
    bool ready;
    int out[2];

    if (pipe2(out, O_CLOEXEC) != 0 || (daemon->pid = fork()) < 0) {
        snprintf(error, LK_JOURNEY_ERROR, "no process for the daemon: %s", strerror(errno));
        daemon->pid = 0;
        return LK_E_SYSTEM;
    }
    if (daemon->pid == 0)
        become(daemon, out[1], parent);
    (void)close(out[1]);
    ready = wait_ready(out[0]);
    (void)close(out[0]);
    if (ready)
        return LK_OK;
    lk_journey_daemon_kill(daemon);
    last_words(daemon, why, sizeof why);
    snprintf(error, LK_JOURNEY_ERROR, "the daemon did not become ready: %s (more in %.128s)", why,
             daemon->log);
    return LK_E_SYSTEM;
}

enum lk_status lk_journey_daemon_open(struct lk_journey_daemon *daemon,
                                      const struct lk_journey *journey,
                                      const struct lk_journey_options *options,
                                      char error[LK_JOURNEY_ERROR])
{
    const char *slash = strrchr(journey->file, '/');
    const char *temporary = getenv("TMPDIR");

    memset(daemon, 0, sizeof *daemon);
    daemon->journey = journey;
    daemon->options = options;
    if (temporary == NULL || strlen(temporary) > 24)
        temporary = "/tmp";
    snprintf(daemon->state_dir, sizeof daemon->state_dir, "%s/latchkey-journey-XXXXXX", temporary);
    snprintf(daemon->log, sizeof daemon->log, "%.900s/journey.log", options->out);
    if (journey->config[0] == '/' || slash == NULL)
        snprintf(daemon->config, sizeof daemon->config, "%s", journey->config);
    else
        snprintf(daemon->config, sizeof daemon->config, "%.*s/%s", (int)(slash - journey->file),
                 journey->file, journey->config);
    (void)unlink(daemon->log);
    if (mkdtemp(daemon->state_dir) == NULL
        || !free_ports(&daemon->port, &daemon->accounting_port)) {
        snprintf(error, LK_JOURNEY_ERROR, "no place for the daemon: %s", strerror(errno));
        return LK_E_SYSTEM;
    }
    return lk_journey_daemon_start(daemon, error);
}

/* ---- stop ---- */

static bool gone_within(pid_t pid, uint64_t ms)
{
    uint64_t end = monotonic_ms() + ms;

    while (waitpid(pid, NULL, WNOHANG) == 0) {
        struct timespec moment = { .tv_nsec = 2000000 };

        if (monotonic_ms() > end)
            return false;
        (void)nanosleep(&moment, NULL);
    }
    return true;
}

void lk_journey_daemon_kill(struct lk_journey_daemon *daemon)
{
    if (daemon->pid == 0)
        return;
    (void)kill(-daemon->pid, SIGKILL);
    (void)kill(daemon->pid, SIGKILL);
    (void)gone_within(daemon->pid, STOP_TIMEOUT_MS);
    daemon->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path) == 0 ? 0 : -1;
}

void lk_journey_daemon_close(struct lk_journey_daemon *daemon)
{
    if (daemon->pid != 0) {
        (void)kill(daemon->pid, SIGTERM);
        if (gone_within(daemon->pid, STOP_TIMEOUT_MS))
            daemon->pid = 0;
        lk_journey_daemon_kill(daemon);
    }
    if (daemon->state_dir[0] != '\0')
        (void)nftw(daemon->state_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- subscribers ---- */

enum lk_status lk_journey_daemon_add(struct lk_journey_daemon *daemon,
                                     const struct lk_journey_subscriber *subscriber,
                                     char error[LK_JOURNEY_ERROR])
{
    char why[LK_CONTROL_ERROR_TEXT], path[128];
    json_t *request = json_pack("{s:s, s:s, s:s, s:s}", "op", "subscriber-add", "imsi",
                                subscriber->imsi, "k", subscriber->k, "opc", subscriber->opc);
    json_t *answer = NULL;
    enum lk_status status;

    if (subscriber->amf[0] != '\0')
        json_object_set_new(request, "amf", json_string(subscriber->amf));
    if (subscriber->sqn[0] != '\0')
        json_object_set_new(request, "sqn", json_string(subscriber->sqn));
    snprintf(path, sizeof path, "%s/control.sock", daemon->state_dir);
    status = lk_control_ask(&answer, path, request, ADD_TIMEOUT_MS, why);
    if (status != LK_OK) {
        snprintf(error, LK_JOURNEY_ERROR, "%.160s:%d: the daemon: %s", daemon->journey->file,
                 subscriber->line, why);
    } else if (!json_is_true(json_object_get(answer, "ok"))) {
        const char *told = json_string_value(json_object_get(answer, "error"));

        snprintf(error, LK_JOURNEY_ERROR, "%.160s:%d: the daemon: %.300s", daemon->journey->file,
                 subscriber->line, told != NULL ? told : "no");
        status = LK_E_DENIED;
    }
    json_decref(answer);
    json_decref(request);
    return status;
}
