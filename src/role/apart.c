#include "role/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "role/config_rows.h"
#include "role/config_source.h"

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
    struct lk_stream_files files;
    enum lk_status status;
    char error[LK_STREAM_ERROR_TEXT];
};

static void check(void *result)
{
    struct checking *checking = result;
    struct lk_stream_trust *trust;

    checking->status = lk_stream_trust_load(&trust, &checking->files, checking->error);
    if (checking->status == LK_OK)
        lk_stream_trust_free(trust);
}

enum lk_status lk_apart_tls(const struct lk_stream_files *files, char error[LK_STREAM_ERROR_TEXT])
{
    struct checking checking = { .files = *files };

    if (!apart(check, &checking, sizeof checking)) {
        (void)snprintf(error, LK_STREAM_ERROR_TEXT, "certificates cannot be read apart: %s",
                       strerror(errno));
        return LK_E_SYSTEM;
    }
    if (checking.status != LK_OK)
        memcpy(error, checking.error, sizeof checking.error);
    return checking.status;
}

/* The start makes the state directory; until then nothing is found behind it, not even what is
 * named from there ("../tls"): so that is looked for where it will be. */
static const char *place_of(char place[LK_CONFIG_PATH], const struct lk_config *config,
                            const char *file)
{
    size_t len = strlen(config->state_dir);
    const char *rest;

    if (access(config->state_dir, F_OK) == 0 ||
        !lk_config_lies_below(file, config->state_dir, len))
        return file;
    rest = file + len + 1;
    (void)snprintf(place, LK_CONFIG_PATH, "%s", config->state_dir);
    for (; strncmp(rest, "../", 3) == 0; rest += 3)
        while (len > 0 && place[--len] != '/')
            continue;
    (void)snprintf(place + len, LK_CONFIG_PATH - len, "%s%s",
                   len > 0 || file[0] == '/' ? "/" : "", rest);
    return place;
}

bool lk_apart_tls_fits(const struct lk_config *config, const char *section,
                       const struct lk_stream_files *files, char unfit[LK_KIND_UNFIT_TEXT])
{
    char certificate[LK_CONFIG_PATH], key[LK_CONFIG_PATH], ca[LK_CONFIG_PATH];
    const struct lk_stream_files placed = { place_of(certificate, config, files->certificate),
                                            place_of(key, config, files->key),
                                            place_of(ca, config, files->ca) };
    char error[LK_STREAM_ERROR_TEXT];

    if (lk_apart_tls(&placed, error) == LK_OK)
        return true;
    (void)snprintf(unfit, LK_KIND_UNFIT_TEXT,
                   "%s: expected a certificate, its key and a ca that fit, found otherwise: %s; "
                   "fix: check %s.certificate, %s.key and %s.ca (latchkey certificate makes them "
                   "for a laboratory)",
                   section, error, section, section, section);
    return false;
}

struct fitting {
    const struct lk_process_kind *kind;
    const struct lk_config *config;
    bool fits;
    char unfit[LK_KIND_UNFIT_TEXT];
};

static void fit(void *result)
{
    struct fitting *fitting = result;

    fitting->fits = fitting->kind->fits(fitting->config, fitting->unfit);
}

bool lk_apart_fits(const struct lk_process_kind *kind, const struct lk_config *config,
                   char unfit[LK_KIND_UNFIT_TEXT])
{
    struct fitting fitting = { .kind = kind, .config = config };

    if (!apart(fit, &fitting, sizeof fitting)) {
        (void)snprintf(unfit, LK_KIND_UNFIT_TEXT, "files of role %s cannot be read apart: %s",
                       kind->name, strerror(errno));
        return false;
    }
    memcpy(unfit, fitting.unfit, sizeof fitting.unfit);
    return fitting.fits;
}

struct signing {
    const struct lk_certificate_place *place;
    enum lk_status status;
    char error[LK_CERTIFICATE_ERROR_TEXT];
};

static void sign(void *result)
{
    struct signing *signing = result;

    signing->status = lk_certificate_make_at(signing->place, signing->error);
}

enum lk_status lk_apart_certificate(const struct lk_certificate_place *place,
                                    char error[LK_CERTIFICATE_ERROR_TEXT])
{
    struct signing signing = { .place = place };

    if (!apart(sign, &signing, sizeof signing)) {
        (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "certificates cannot be made apart: %s",
                       strerror(errno));
        return LK_E_SYSTEM;
    }
    if (signing.status != LK_OK)
        memcpy(error, signing.error, sizeof signing.error);
    return signing.status;
}
