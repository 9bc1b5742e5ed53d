#include "role/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/forbid.h"
#include "io/landlock.h"
#include "vault/master.h"

enum { KEPT = 3 };

/* What no right may cover, whatever the store asks for. */
struct plan {
    struct lk_landlock set;
    char master_key[PATH_MAX];
    char kept[KEPT][PATH_MAX];
    enum lk_status status;
    char *error;
};

static void failed(struct plan *plan, const char *what, const char *about)
{
    plan->status = LK_E_SYSTEM;
    (void)snprintf(plan->error, LK_CONFINE_ERROR_TEXT, "cannot %s %.120s: %s", what, about,
                   strerror(errno));
}

/* Links resolved, where that can be seen. */
static void resolve(char to[PATH_MAX], const char *path)
{
    if (realpath(path, to) == NULL)
        (void)snprintf(to, PATH_MAX, "%s", path);
}

static bool covers(const char *folder, const char *path)
{
    size_t len = strlen(folder);

    return strncmp(folder, path, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || folder[len - 1] == '/');
}

static void allow(void *context, const char *path, bool write)
{
    struct plan *plan = context;
    char real[PATH_MAX];
    enum lk_status status;

    if (plan->status != LK_OK)
        return;
    resolve(real, path);
    for (size_t i = 0; i < KEPT; i++) {
        if (!covers(real, plan->kept[i]))
            continue;
        if (write) {
            plan->status = LK_E_CONFIG;
            (void)snprintf(plan->error, LK_CONFINE_ERROR_TEXT,
                           "the store is in the directory of %.120s, which no worker may open; "
                           "put the store into a directory of its own",
                           plan->kept[i]);
        }
        return;
    }
    status = lk_landlock_allow(&plan->set, real, write);
    if (status != LK_OK && status != LK_E_NOT_FOUND)
        failed(plan, "allow the worker", path);
}

static void allow_tls(struct plan *plan, const struct lk_process_kind *kind,
                      const struct lk_config *config)
{
    struct lk_kind_tls tls;

    for (size_t i = 0; kind->tls(&tls, config, i); i++) {
        const char *const files[] = { tls.files.certificate, tls.files.key, tls.files.ca };

        for (size_t j = 0; j < LK_COUNT_OF(files); j++)
            if (files[j][0] != '\0')
                allow(plan, files[j], false);
    }
}

static enum lk_status confine_files(struct lk_confinement *got, const struct lk_process_kind *kind,
                                    const struct lk_config *config,
                                    char error[LK_CONFINE_ERROR_TEXT])
{
    struct plan plan = { .status = LK_OK, .error = error };
    char no_key[LK_MASTER_ERROR_TEXT];
    enum lk_status status = lk_landlock_begin(&plan.set);

    if (lk_master_key_path(plan.master_key, config->vault.master_key, no_key) != LK_OK)
        (void)snprintf(plan.master_key, PATH_MAX, "%s", config->vault.master_key);
    resolve(plan.kept[0], plan.master_key);
    resolve(plan.kept[1], config->vault.ceiling);
    resolve(plan.kept[2], config->node_key);
    if (status == LK_OK) {
        if (kind->files != NULL)
            kind->files(config, allow, &plan);
        if (kind->reads_tls_again)
            allow_tls(&plan, kind, config);
        if (plan.status == LK_OK && lk_landlock_enforce(&plan.set) != LK_OK)
            failed(&plan, "give up", "files");
        lk_landlock_drop(&plan.set);
    } else if (status != LK_E_NOT_FOUND) {
        failed(&plan, "begin", "a Landlock ruleset");
    }
    got->landlock = status == LK_OK ? plan.set.abi : 0;
    return plan.status;
}

/* Tried, not believed: what a captured worker would try first. */
static enum lk_status try_the_key(struct lk_confinement *got, const struct lk_config *config,
                                  char error[LK_CONFINE_ERROR_TEXT])
{
    char path[PATH_MAX];
    char no_key[LK_MASTER_ERROR_TEXT];
    int fd = -1;

    if (lk_master_key_path(path, config->vault.master_key, no_key) == LK_OK)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    got->key_within_reach = fd >= 0;
    if (fd < 0)
        return LK_OK;
    (void)close(fd);
    if (got->landlock == 0)
        return LK_OK; /* the kernel's lack, which the supervisor tells */
    (void)snprintf(error, LK_CONFINE_ERROR_TEXT,
                   "a worker can still open the master key %.120s; it must not lie where the "
                   "store or the system's own files are",
                   path);
    return LK_E_CONFIG;
}

static enum lk_status confine_self(char error[LK_CONFINE_ERROR_TEXT])
{
    const struct rlimit nothing = { 0, 0 };

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
        setrlimit(RLIMIT_CORE, &nothing) == 0)
        return LK_OK;
    (void)snprintf(error, LK_CONFINE_ERROR_TEXT,
                   "cannot forbid core files, tracing and new privileges: %s", strerror(errno));
    return LK_E_SYSTEM;
}

static enum lk_status confine_calls(unsigned forbid, char error[LK_CONFINE_ERROR_TEXT])
{
    if (lk_forbid_calls(forbid) == LK_OK)
        return LK_OK;
    (void)snprintf(error, LK_CONFINE_ERROR_TEXT, "cannot restrict system calls: %s",
                   strerror(errno));
    return LK_E_SYSTEM;
}

enum lk_status lk_confine_process(struct lk_confinement *got, const struct lk_process_kind *kind,
                                  const struct lk_config *config, char error[LK_CONFINE_ERROR_TEXT])
{
    unsigned permitted = kind->permits == NULL ? 0 : kind->permits(config);
    unsigned forbid = LK_FORBID_FOREIGN | LK_FORBID_PROCESSES |
                      ((LK_FORBID_LISTENING | LK_FORBID_SOCKETS) & ~permitted);
    enum lk_status status = confine_self(error);

    memset(got, 0, sizeof *got);
    if (status == LK_OK)
        status = confine_files(got, kind, config, error);
    if (status == LK_OK)
        status = try_the_key(got, config, error);
    if (status == LK_OK)
        status = confine_calls(forbid, error);
    return status;
}

enum lk_status lk_confine_supervisor(char error[LK_CONFINE_ERROR_TEXT])
{
    enum lk_status status = confine_self(error);

    return status == LK_OK ? confine_calls(LK_FORBID_FOREIGN, error) : status;
}
