#include "io/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The C library has no functions for these, and its headers may be older than the kernel. */
struct ruleset {
    uint64_t files, ports, scopes;
};

#define RIGHT_TRUNCATE (UINT64_C(1) << 14)
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15)
#define SCOPE_ABSTRACT_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS (UINT64_C(1) << 1)

enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_IOCTL_DEV = 5, ABI_SCOPES = 6 };

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                               \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                                 \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_TRUNCATE)
#define FILE_RIGHTS                                                                                \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE)

unsigned lk_landlock_abi(void)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return abi > 0 ? (unsigned)abi : 0;
}

/* All rights on files that this kernel knows: what a set does not name, it does not forbid. */
static uint64_t known_rights(unsigned abi)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (abi >= ABI_REFER)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= ABI_TRUNCATE)
        rights |= RIGHT_TRUNCATE;
    if (abi >= ABI_IOCTL_DEV)
        rights |= RIGHT_IOCTL_DEV;
    return rights;
}

enum lk_status lk_landlock_begin(struct lk_landlock *set)
{
    struct ruleset attributes = { 0 };

    set->fd = -1;
    set->abi = lk_landlock_abi();
    if (set->abi == 0)
        return LK_E_NOT_FOUND;
    attributes.files = known_rights(set->abi);
    if (set->abi >= ABI_SCOPES)
        attributes.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    set->fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    return set->fd < 0 ? LK_E_SYSTEM : LK_OK;
}

enum lk_status lk_landlock_allow(struct lk_landlock *set, const char *path, bool write)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = READ_RIGHTS };
    struct stat about;
    int fd = open(path, O_PATH | O_CLOEXEC);
    bool fine;

    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? LK_E_NOT_FOUND : LK_E_SYSTEM;
    if (write)
        rule.allowed_access |= WRITE_RIGHTS;
    fine = fstat(fd, &about) == 0;
    if (fine && !S_ISDIR(about.st_mode))
        rule.allowed_access &= FILE_RIGHTS;
    rule.allowed_access &= known_rights(set->abi);
    rule.parent_fd = fd;
    fine = fine &&
           syscall(SYS_landlock_add_rule, set->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    (void)close(fd);
    return fine ? LK_OK : LK_E_SYSTEM;
}

enum lk_status lk_landlock_enforce(struct lk_landlock *set)
{
    bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(SYS_landlock_restrict_self, set->fd, 0) == 0;

    lk_landlock_drop(set);
    return done ? LK_OK : LK_E_SYSTEM;
}

void lk_landlock_drop(struct lk_landlock *set)
{
    if (set->fd >= 0)
        (void)close(set->fd);
    set->fd = -1;
}
