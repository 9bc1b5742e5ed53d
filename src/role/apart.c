#include "role/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "role/config_source.h"
#include "role/radsec.h"
#include "role/xw.h"

/* Writes or reads all of it. */
static bool carry(int fd, void *octets, size_t len, bool out)
{
    uint8_t *at = octets;

    while (len > 0) {
        ssize_t done = out ? write(fd, at, len) : read(fd, at, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        len -= (size_t)done;
    }
    return true;
}

/* The child ends without any of the parent's last words: what is buffered is the parent's. */
static _Noreturn void work_and_end(void (*work)(void *result), void *result, size_t len, int fd)
{
    work(result);
    _exit(carry(fd, result, len, true) ? 0 : 1);
}

/* False when the child could not be made, or died. result holds what the work needs, and then what
 * came of it: len octets without pointers to anything new. */
static bool apart(void (*work)(void *result), void *result, size_t len)
{
    bool came;
    int pair[2];
    pid_t pid;

    if (pipe2(pair, O_CLOEXEC) != 0)
        return false;
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0)
        work_and_end(work, result, len, pair[1]);
    (void)close(pair[1]);
    came = pid > 0 && carry(pair[0], result, len, false);
    (void)close(pair[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return came;
}

/* ---- the configuration ---- */

struct loading {
    const char *file;
    const char *const *sets;
    size_t set_count;
    enum lk_status status;
    struct lk_config config;
    struct lk_config_report report;
};

static void load(void *result)
{
    struct loading *loading = result;

    loading->status = lk_config_load(&loading->config, &loading->report, loading->file,
                                     loading->sets, loading->set_count);
}

enum lk_status lk_apart_config(struct lk_config *config, struct lk_config_report *report,
                               const char *file, const char *const *sets, size_t set_count)
{
    struct loading *loading = calloc(1, sizeof *loading);
    enum lk_status status = LK_E_SYSTEM;

    report->count = 0;
    if (loading != NULL) {
        loading->file = file;
        loading->sets = sets;
        loading->set_count = set_count;
        if (apart(load, loading, sizeof *loading)) {
            status = loading->status;
            *config = loading->config;
            *report = loading->report;
        }
        lk_wipe(loading, sizeof *loading);
        free(loading);
    }
    if (status != LK_OK && report->count == 0)
        lk_config_problem(report, file == NULL ? "built-in defaults" : file, 0,
                          "cannot be read in a process of its own: %s; fix: look at the limits on "
                          "memory and processes (ulimit -a)",
                          strerror(errno));
    return status;
}

/* ---- certificates ---- */

struct checking {
    const struct lk_config *config; /* of RADIUS over TLS; NULL: of Xw */
    const struct lk_config_xw *xw;
    enum lk_status status;
    char error[LK_APART_ERROR_TEXT];
};

static void check(void *result)
{
    struct checking *checking = result;

    checking->status = checking->config != NULL
                           ? lk_radsec_check(checking->config, checking->error)
                           : lk_role_xw_check(checking->xw, checking->error);
}

static enum lk_status check_apart(struct checking checking, char error[LK_APART_ERROR_TEXT])
{
    _Static_assert((int)LK_APART_ERROR_TEXT == (int)LK_RADSEC_ERROR_TEXT &&
                       (int)LK_APART_ERROR_TEXT == (int)LK_KIND_ERROR_TEXT,
                   "one text for all");

    if (!apart(check, &checking, sizeof checking)) {
        (void)snprintf(error, LK_APART_ERROR_TEXT, "certificates cannot be read apart: %s",
                       strerror(errno));
        return LK_E_SYSTEM;
    }
    if (checking.status != LK_OK)
        memcpy(error, checking.error, sizeof checking.error);
    return checking.status;
}

enum lk_status lk_apart_radsec(const struct lk_config *config, char error[LK_APART_ERROR_TEXT])
{
    return lk_radsec_is_on(config)
               ? check_apart((struct checking){ .config = config }, error) : LK_OK;
}

enum lk_status lk_apart_xw(const struct lk_config_xw *config, char error[LK_APART_ERROR_TEXT])
{
    return lk_role_xw_has_tls(config) ? check_apart((struct checking){ .xw = config }, error)
                                      : LK_OK;
}
