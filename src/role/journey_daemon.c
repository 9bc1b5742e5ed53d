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
    WORDS = 16 + LK_JOURNEY_SETS,
};

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* 0: none was to be had. */
static uint16_t free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof at;
    bool good = fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0
                && getsockname(fd, (struct sockaddr *)&at, &len) == 0;

    if (fd >= 0)
        (void)close(fd);
    return good ? ntohs(at.sin_port) : 0;
}

static uint16_t port_of(struct lk_journey_ports *ports, const char *name, size_t len)
{
    for (size_t i = 0; i < ports->count; i++)
        if (strlen(ports->port[i].name) == len && strncmp(ports->port[i].name, name, len) == 0)
            return ports->port[i].port;
    if (ports->count == LK_JOURNEY_PORTS || len >= sizeof ports->port[0].name)
        return 0;
    memcpy(ports->port[ports->count].name, name, len);
    ports->port[ports->count].port = free_port();
    return ports->port[ports->count++].port;
}

uint16_t lk_journey_port(struct lk_journey_ports *ports, const char *name)
{
    return port_of(ports, name, strlen(name));
}

/* Each "{port:NAME}" becomes a number, "{out}" the directory for what the journey leaves. */
static void fill_in(char to[LK_JOURNEY_SETTING], const struct lk_journey_daemon *d,
                    const char *from)
{
    static const char out[] = "{out}";
    static const char mark[] = "{port:";
    size_t len = 0;

    to[0] = '\0';
    while (*from != '\0' && len + 8 < LK_JOURNEY_SETTING) {
        const char *end = strncmp(from, mark, sizeof mark - 1) == 0 ? strchr(from, '}') : NULL;

        if (end != NULL) {
            const char *name = from + sizeof mark - 1;

            len += (size_t)snprintf(to + len, LK_JOURNEY_SETTING - len, "%u",
                                    port_of(d->ports, name, (size_t)(end - name)));
            from = end + 1;
        } else if (strncmp(from, out, sizeof out - 1) == 0) {
            char *place = realpath(d->options->out, NULL);

            len += (size_t)snprintf(to + len, LK_JOURNEY_SETTING - len, "%s",
                                    place != NULL ? place : "");
            free(place);
            from += sizeof out - 1;
        } else {
            to[len++] = *from++;
            to[len] = '\0';
        }
    }
}

/* ---- start ---- */

/* In the child: never returns. */
static void become(const struct lk_journey_daemon *d, int ready, pid_t parent)
{
    const struct lk_journey *j = d->journey;
    char words[WORDS][LK_JOURNEY_SETTING];
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
    for (size_t i = 0; i < (d->device ? j->device_set_count : j->set_count); i++)
        fill_in(words[count++], d, d->device ? j->device_set[i] : j->set[i]);
    if (!d->device) {
        fill_in(words[count++], d, "radius.port={port:radius}");
        fill_in(words[count++], d, "radius.accounting_port={port:accounting}");
    }
    snprintf(words[count++], LK_JOURNEY_SETTING, "console.port=0");
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

/* Every port, before the first child is born: parent and children agree. */
static void choose_ports(struct lk_journey_daemon *d)
{
    const struct lk_journey *j = d->journey;
    char unused[LK_JOURNEY_SETTING];

    d->port = lk_journey_port(d->ports, "radius");
    (void)lk_journey_port(d->ports, "accounting");
    for (size_t i = 0; i < j->set_count; i++)
        fill_in(unused, d, j->set[i]);
    for (size_t i = 0; i < j->device_set_count; i++)
        fill_in(unused, d, j->device_set[i]);
}

enum lk_status lk_journey_daemon_open(struct lk_journey_daemon *daemon,
                                      char error[LK_JOURNEY_ERROR])
{
    const struct lk_journey *journey = daemon->journey;
    const char *config = daemon->device ? journey->device : journey->config;
    const char *slash = strrchr(journey->file, '/');
    const char *temporary = getenv("TMPDIR");

    if (temporary == NULL || strlen(temporary) > 24)
        temporary = "/tmp";
    snprintf(daemon->state_dir, sizeof daemon->state_dir, "%s/latchkey-journey-XXXXXX", temporary);
    snprintf(daemon->log, sizeof daemon->log, "%.900s/%s.log", daemon->options->out,
             daemon->device ? "device" : "journey");
    if (config[0] == '/' || slash == NULL)
        snprintf(daemon->config, sizeof daemon->config, "%s", config);
    else
        snprintf(daemon->config, sizeof daemon->config, "%.*s/%s", (int)(slash - journey->file),
                 journey->file, config);
    (void)unlink(daemon->log);
    choose_ports(daemon);
    if (mkdtemp(daemon->state_dir) == NULL || daemon->port == 0) {
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
