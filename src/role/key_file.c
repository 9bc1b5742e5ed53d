#include "role/key_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"
#include "io/file_text.h"

enum { TEXT_LEN = 2 * LK_KEY_FILE_OCTETS, FILE_MAX = 256 };

enum lk_status lk_key_file_parse(uint8_t key[LK_KEY_FILE_OCTETS], struct lk_span text)
{
    size_t len;

    while (text.len > 0 && isspace(text.at[text.len - 1]))
        text.len--;
    while (text.len > 0 && isspace(text.at[0])) {
        text.at++;
        text.len--;
    }
    if (text.len != TEXT_LEN)
        return LK_E_LENGTH;
    return lk_hex_decode(key, LK_KEY_FILE_OCTETS, &len, text);
}

static enum lk_status fail(enum lk_status status, char error[LK_KEY_FILE_ERROR_TEXT],
                           const char *what, const char *path, const char *why)
{
    (void)snprintf(error, LK_KEY_FILE_ERROR_TEXT, "%s %s: %s", what, path, why);
    return status;
}

enum lk_status lk_key_file_read(uint8_t key[LK_KEY_FILE_OCTETS], const char *what,
                                const char *path, char error[LK_KEY_FILE_ERROR_TEXT])
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    enum lk_status status = lk_file_private_read(&text, path, FILE_MAX, why);

    if (status != LK_OK)
        return fail(status, error, what, path, why);
    if (lk_key_file_parse(key, lk_span_of(text.octets, text.len)) != LK_OK)
        status = fail(LK_E_VALUE, error, what, path,
                      "expected 64 hexadecimal digits; restore it, or remove it and a new one is "
                      "made at the next start");
    lk_file_text_close(&text);
    return status;
}

enum lk_status lk_key_file_write(const uint8_t key[LK_KEY_FILE_OCTETS], const char *what,
                                 const char *path, bool replace,
                                 char error[LK_KEY_FILE_ERROR_TEXT])
{
    char text[TEXT_LEN + 2];
    char part[LK_KEY_FILE_ERROR_TEXT];
    enum lk_status status = LK_OK;
    bool done;
    int fd;

    if (lk_hex_encode(text, sizeof text, lk_span_of(key, LK_KEY_FILE_OCTETS)) != LK_OK)
        return LK_E_FULL;
    text[TEXT_LEN] = '\n';
    (void)snprintf(part, sizeof part, "%s.%ld", path, (long)getpid());
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    done = fd >= 0 && write(fd, text, TEXT_LEN + 1) == TEXT_LEN + 1 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    lk_wipe(text, sizeof text);
    if (done)
        done = replace ? rename(part, path) == 0 : link(part, path) == 0;
    if (!done)
        status = fail(errno == EEXIST ? LK_E_EXISTS : LK_E_SYSTEM, error, what, path,
                      strerror(errno));
    if (!done || !replace)
        (void)unlink(part);
    return status;
}
