#include "role/journey_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/control.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "wire/wlcp.h"

enum {
    READY_TIMEOUT_MS = 20000,
    STOP_TIMEOUT_MS = 5000,
    ADD_TIMEOUT_MS = 5000,
    WORDS = 16 + LK_JOURNEY_SETS + LK_JOURNEY_ARGUMENTS,
    NETS_TRIED = 64,
};

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* ---- the network ---- */

static bool is_free(const struct lk_journey_net *net, unsigned host, uint16_t port)
{
    char text[LK_JOURNEY_ADDRESS], error[LK_SOCKET_ERROR_TEXT];
    struct lk_address address;

    lk_journey_net_address(text, net, host);
    return lk_address_parse(&address, text) == LK_OK
           && lk_datagram_port_is_free(&address, port, error) == LK_OK;
}

/* What others use on loopback is at its beginning. */
bool lk_journey_net_choose(struct lk_journey_net *net)
{
    struct lk_entropy entropy = { .left = 0 };
    bool found = false;
    uint8_t place[2];

    for (unsigned i = 0; i < NETS_TRIED && !found; i++) {
        lk_entropy_take(&entropy, place, sizeof place);
        snprintf(net->prefix, sizeof net->prefix, "127.%u.%u", 64 + place[0] % 128, place[1]);
        found = is_free(net, LK_JOURNEY_AAA, LK_JOURNEY_RADIUS_PORT)
                && is_free(net, LK_JOURNEY_TWAG, LK_WLCP_PORT);
    }
    lk_entropy_forget(&entropy);
    return found;
}

void lk_journey_net_address(char address[LK_JOURNEY_ADDRESS], const struct lk_journey_net *net,
                            unsigned host)
{
    snprintf(address, LK_JOURNEY_ADDRESS, "%s.%u", net->prefix, host & 0xff);
}

/* "{net}" becomes the network, "{out}" the directory for what the journey leaves, "{uid}" who runs
 * it. */
static void fill_in(char to[LK_JOURNEY_SETTING], const struct lk_journey_daemon *d,
                    const char *from)
{
    static const char out[] = "{out}", net[] = "{net}", uid[] = "{uid}";
    size_t len = 0;

    to[0] = '\0';
    while (*from != '\0' && len + 1 < LK_JOURNEY_SETTING) {
        if (strncmp(from, net, sizeof net - 1) == 0) {
            len += (size_t)snprintf(to + len, LK_JOURNEY_SETTING - len, "%s", d->net->prefix);
            from += sizeof net - 1;
        } else if (strncmp(from, uid, sizeof uid - 1) == 0) {
            len += (size_t)snprintf(to + len, LK_JOURNEY_SETTING - len, "%u", (unsigned)getuid());
            from += sizeof uid - 1;
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
    if (!d->device)
        fill_in(words[count++], d, "radius.listen={net}.3");
    for (size_t i = 0; d->also != NULL && i < d->also->count; i++)
        snprintf(words[count++], LK_JOURNEY_SETTING, "%s=%s", d->also->argument[i].name,
                 d->also->argument[i].value);
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
    if (mkdtemp(daemon->state_dir) == NULL) {
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
