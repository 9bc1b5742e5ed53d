/* The ceiling's file: opened before the sandbox, written from inside it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vault/serve.h"

enum { LOCK_TRIES = 60, LOCK_WAIT_MS = 50, FILE_LEN = LK_CEILING_SLOTS * LK_CEILING_STRIDE };

/* The vault of a daemon that was killed a moment ago may still be on its way out. */
static bool lock_file(int fd)
{
    const struct timespec wait = { .tv_nsec = LOCK_WAIT_MS * 1000000L };

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        nanosleep(&wait, NULL);
    }
    return false;
}

static bool sync_folder(const char *path)
{
    char copy[PATH_MAX];
    int fd;
    bool done;

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return false;
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

static enum lk_status read_file(int fd, struct lk_ceiling *ceiling, const char *path, unsigned node,
                                char error[LK_VAULT_ERROR_TEXT])
{
    uint8_t slots[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN] = { 0 };
    struct stat about;

    memset(ceiling, 0, sizeof *ceiling);
    ceiling->node = (uint8_t)node;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        snprintf(error, LK_VAULT_ERROR_TEXT, "%s: not a regular file", path);
        return LK_E_SYSTEM;
    }
    if (about.st_size == 0) {
        if (ftruncate(fd, FILE_LEN) == 0 && lk_ceiling_write(fd, ceiling, 0) == LK_OK &&
            fsync(fd) == 0 && sync_folder(path))
            return LK_OK;
        snprintf(error, LK_VAULT_ERROR_TEXT, "%s: cannot write: %s", path, strerror(errno));
        return LK_E_SYSTEM;
    }
    for (size_t i = 0; i < LK_CEILING_SLOTS; i++)
        if (pread(fd, slots[i], LK_CEILING_SLOT_LEN, (off_t)i * LK_CEILING_STRIDE) < 0)
            memset(slots[i], 0, LK_CEILING_SLOT_LEN);
    if (lk_ceiling_decode(ceiling, (const uint8_t(*)[LK_CEILING_SLOT_LEN])slots) != LK_OK) {
        snprintf(error, LK_VAULT_ERROR_TEXT,
                 "%s: damaged; if the clock of this machine is right, remove the file", path);
        return LK_E_STORE;
    }
    if (ceiling->node != node) {
        snprintf(error, LK_VAULT_ERROR_TEXT,
                 "%s: belongs to node %u, this is node %u; give each node a state of its own", path,
                 ceiling->node, node);
        return LK_E_CONFLICT;
    }
    return LK_OK;
}

enum lk_status lk_ceiling_open(int *fd, struct lk_ceiling *ceiling, const char *path, unsigned node,
                               char error[LK_VAULT_ERROR_TEXT])
{
    enum lk_status status;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) {
        snprintf(error, LK_VAULT_ERROR_TEXT, "%s: cannot open: %s", path, strerror(errno));
        return LK_E_SYSTEM;
    }
    if (lock_file(*fd)) {
        status = read_file(*fd, ceiling, path, node, error);
    } else {
        snprintf(error, LK_VAULT_ERROR_TEXT,
                 "%s: another latchkeyd uses it; one node, one state directory", path);
        status = LK_E_BUSY;
    }
    if (status != LK_OK) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

enum lk_status lk_ceiling_write(int fd, struct lk_ceiling *ceiling, uint64_t tick)
{
    struct lk_ceiling next = *ceiling;
    uint8_t slot[LK_CEILING_SLOT_LEN];
    off_t at;

    next.generation++;
    next.tick = tick;
    at = (off_t)(next.generation % LK_CEILING_SLOTS) * LK_CEILING_STRIDE;
    lk_ceiling_encode(slot, &next);
    if (pwrite(fd, slot, sizeof slot, at) != (ssize_t)sizeof slot || fdatasync(fd) != 0)
        return LK_E_SYSTEM;
    *ceiling = next;
    return LK_OK;
}
