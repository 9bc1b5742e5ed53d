#include "vault/master.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"

enum { KEY_DIGITS = 2 * LK_MASTER_KEY_LEN };

static const char credential_prefix[] = "credential:";

static bool is_credential(const char *path)
{
    return strncmp(path, credential_prefix, sizeof credential_prefix - 1) == 0;
}

enum lk_status lk_master_key_path(char *out, const char *path, char error[LK_MASTER_ERROR_TEXT])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    const char *name = path + sizeof credential_prefix - 1;
    int len;

    if (!is_credential(path)) {
        len = snprintf(out, PATH_MAX, "%s", path);
    } else if (folder == NULL || name[0] == '\0' || strchr(name, '/') != NULL) {
        snprintf(error, LK_MASTER_ERROR_TEXT,
                 "%.160s: not started by systemd with LoadCredential=%s:FILE", path, name);
        return LK_E_NOT_FOUND;
    } else {
        len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    }
    return len < PATH_MAX ? LK_OK : LK_E_LENGTH;
}

/* Of an ordinary file nobody but its owner may read; systemd guards its folder of credentials. */
static enum lk_status check_mode(int fd, const char *path, bool credential,
                                 char error[LK_MASTER_ERROR_TEXT])
{
    struct stat about;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        snprintf(error, LK_MASTER_ERROR_TEXT, "%.160s: not a regular file", path);
        return LK_E_VALUE;
    }
    if (!credential && (about.st_mode & 077) != 0) {
        snprintf(error, LK_MASTER_ERROR_TEXT,
                 "%.160s: others may read the master key (mode %04o); chmod 600 it", path,
                 (unsigned)(about.st_mode & 07777));
        return LK_E_DENIED;
    }
    return LK_OK;
}

static enum lk_status read_digits(struct lk_master_key *key, int fd, const char *path,
                                  char error[LK_MASTER_ERROR_TEXT])
{
    char text[KEY_DIGITS + 3];
    ssize_t got = read(fd, text, sizeof text);
    size_t len = got > 0 ? (size_t)got : 0, key_len = 0;
    enum lk_status status;

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    status = lk_hex_decode(key->octets, sizeof key->octets, &key_len, lk_span_of(text, len));
    lk_wipe(text, sizeof text);
    if (status == LK_OK && key_len == sizeof key->octets)
        return LK_OK;
    lk_wipe(key, sizeof *key);
    snprintf(error, LK_MASTER_ERROR_TEXT, "%.160s: not a master key (%d hexadecimal digits)", path,
             KEY_DIGITS);
    return LK_E_VALUE;
}

enum lk_status lk_master_key_read(struct lk_master_key *key, const char *path,
                                  char error[LK_MASTER_ERROR_TEXT])
{
    char real[PATH_MAX];
    enum lk_status status = lk_master_key_path(real, path, error);
    int fd;

    if (status != LK_OK)
        return status;
    fd = open(real, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        status = errno == ENOENT ? LK_E_NOT_FOUND : LK_E_SYSTEM;
        snprintf(error, LK_MASTER_ERROR_TEXT, "%.160s: cannot read the master key: %s", path,
                 strerror(errno));
        return status;
    }
    status = check_mode(fd, path, is_credential(path), error);
    if (status == LK_OK)
        status = read_digits(key, fd, path, error);
    close(fd);
    return status;
}

enum lk_status lk_master_key_create(const char *path, char error[LK_MASTER_ERROR_TEXT])
{
    uint8_t octets[LK_MASTER_KEY_LEN];
    char text[KEY_DIGITS + 2];
    enum lk_status status = LK_OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        snprintf(error, LK_MASTER_ERROR_TEXT, "%.160s: cannot make a master key: %s", path,
                 strerror(errno));
        return errno == EEXIST ? LK_E_EXISTS : LK_E_SYSTEM;
    }
    if (getrandom(octets, sizeof octets, 0) != (ssize_t)sizeof octets ||
        lk_hex_encode(text, sizeof text, LK_SPAN(octets)) != LK_OK)
        status = LK_E_SYSTEM;
    text[KEY_DIGITS] = '\n';
    if (status == LK_OK && (fchmod(fd, 0600) != 0 ||
                            write(fd, text, KEY_DIGITS + 1) != KEY_DIGITS + 1 || fsync(fd) != 0))
        status = LK_E_SYSTEM;
    if (status != LK_OK) {
        snprintf(error, LK_MASTER_ERROR_TEXT, "%.160s: cannot write: %s", path, strerror(errno));
        unlink(path);
    }
    close(fd);
    lk_wipe(octets, sizeof octets);
    lk_wipe(text, sizeof text);
    return status;
}
