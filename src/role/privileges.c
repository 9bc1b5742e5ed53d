#include "role/privileges.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/directory.h"

static enum lk_status fail(char error[LK_PRIVILEGES_ERROR_TEXT], const char *what,
                           const char *about)
{
    (void)snprintf(error, LK_PRIVILEGES_ERROR_TEXT, "%s %.120s: %s", what, about, strerror(errno));
    return LK_E_SYSTEM;
}

/* A file that another run left, as another user: the one to become could not open it. Said before
 * anything is given away, so that the state stays of use to whom it belongs. */
static enum lk_status check_owner(const struct lk_identity *identity, const char *path,
                                  const char *more, char error[LK_PRIVILEGES_ERROR_TEXT])
{
    struct stat about;

    if (identity->uid == 0 || stat(path, &about) != 0 || about.st_uid == identity->uid)
        return LK_OK;
    (void)snprintf(error, LK_PRIVILEGES_ERROR_TEXT,
                   "%.400s belongs to user %u, and the daemon would be user %u; chown %u %.400s%s, "
                   "or take another state_dir",
                   path, (unsigned)about.st_uid, (unsigned)identity->uid, (unsigned)identity->uid,
                   path, more);
    return LK_E_CONFIG;
}

static enum lk_status check_files(const struct lk_identity *identity,
                                  const struct lk_config *config,
                                  char error[LK_PRIVILEGES_ERROR_TEXT])
{
    static const char sqlite[] = "sqlite:";
    enum lk_status status = check_owner(identity, config->node_key, "", error);
    char folder[LK_CONFIG_PATH];

    if (status == LK_OK && lk_config_store_folder(folder, config))
        status = check_owner(identity, folder, "", error);
    if (status == LK_OK && strncmp(config->store.url, sqlite, sizeof sqlite - 1) == 0)
        status = check_owner(identity, config->store.url + sizeof sqlite - 1, "*", error);
    return status;
}

enum lk_status lk_privileges_plan(struct lk_identity *identity, const struct lk_config *config,
                                  char error[LK_PRIVILEGES_ERROR_TEXT])
{
    struct stat about;
    struct passwd *user = NULL;

    if (!lk_directory_make(config->state_dir) || stat(config->state_dir, &about) != 0)
        return fail(error, "cannot make the state directory", config->state_dir);
    identity->is_root = geteuid() == 0;
    identity->uid = identity->is_root ? about.st_uid : geteuid();
    identity->gid = identity->is_root ? about.st_gid : getegid();
    if (!identity->is_root && access(config->state_dir, R_OK | W_OK | X_OK) != 0) {
        (void)snprintf(
            error, LK_PRIVILEGES_ERROR_TEXT,
            "%.400s belongs to user %u; start as that user, or as root, or take another: "
            "--set state_dir=DIR",
            config->state_dir, (unsigned)about.st_uid);
        return LK_E_CONFIG;
    }
    if (!identity->is_root || config->user[0] == '\0')
        return check_files(identity, config, error);
    user = getpwnam(config->user);
    if (user == NULL) {
        (void)snprintf(error, LK_PRIVILEGES_ERROR_TEXT,
                       "user: there is no user '%.60s' here; make it (adduser --system), or leave "
                       "user empty",
                       config->user);
        return LK_E_CONFIG;
    }
    identity->uid = user->pw_uid;
    identity->gid = user->pw_gid;
    if (check_files(identity, config, error) != LK_OK)
        return LK_E_CONFIG;
    if (about.st_uid != identity->uid &&
        chown(config->state_dir, identity->uid, identity->gid) != 0)
        return fail(error, "cannot give away the state directory", config->state_dir);
    return LK_OK;
}

static bool set_capabilities(uint32_t mask)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    memset(data, 0, sizeof data);
    data[0].effective = data[0].permitted = mask;
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &header, data) == 0;
}

enum lk_status lk_privileges_drop_rest(void)
{
    return set_capabilities(0) ? LK_OK : LK_E_SYSTEM;
}

enum lk_status lk_privileges_drop(const struct lk_identity *identity,
                                  char error[LK_PRIVILEGES_ERROR_TEXT])
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(error, "cannot forbid", "new privileges");
    if (identity->is_root) {
        if (setgroups(0, NULL) != 0 ||
            setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
            setresuid(identity->uid, identity->uid, identity->uid) != 0)
            return fail(error, "cannot become", "the configured user");
        if (identity->uid != 0 && (setuid(0) == 0 || geteuid() == 0))
            return fail(error, "could become root again:", "this must not be");
    }
    /* A supervisor that stays root must be able to end a vault that hangs and does not, and to fork
     * another one. */
    if (!set_capabilities(identity->is_root && identity->uid == 0
                              ? 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_IPC_LOCK |
                                    1u << CAP_KILL
                              : 0))
        return fail(error, "cannot drop", "capabilities");
    /* Keys are in our memory: no core file, no tracing by another process of the same user. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fail(error, "cannot forbid", "core files");
    return LK_OK;
}

bool lk_privileges_uid(uid_t *uid, const char *text)
{
    const struct passwd *entry;
    unsigned long number;
    char *end;

    errno = 0;
    number = strtoul(text, &end, 10);
    if (isdigit((unsigned char)text[0]) && *end == '\0') {
        *uid = (uid_t)number;
        return errno == 0 && number < (uid_t)-1; /* that is no user, but "as before" */
    }
    entry = getpwnam(text);
    if (entry != NULL)
        *uid = entry->pw_uid;
    return entry != NULL;
}
