#include "io/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"

/* One octet more than there may be: a file that grows meanwhile is seen to. */
static enum lk_status take(struct lk_file_text *text, int fd, size_t most, char why[LK_FILE_WHY])
{
    ssize_t got = 1;

    text->octets = malloc(most + 2);
    while (text->octets != NULL && got > 0 && text->len <= most) {
        got = read(fd, text->octets + text->len, most + 1 - text->len);
        text->len += got > 0 ? (size_t)got : 0;
    }
    if (text->octets == NULL || got < 0) {
        (void)snprintf(why, LK_FILE_WHY, "%s", strerror(errno));
        return LK_E_SYSTEM;
    }
    if (text->len > most) {
        (void)snprintf(why, LK_FILE_WHY, "more than %zu octets", most);
        return LK_E_FULL;
    }
    text->octets[text->len] = 0;
    return LK_OK;
}

static enum lk_status look(int fd, bool is_private, char why[LK_FILE_WHY])
{
    struct stat about;

    if (fstat(fd, &about) != 0) {
        (void)snprintf(why, LK_FILE_WHY, "%s", strerror(errno));
        return LK_E_SYSTEM;
    }
    if (!S_ISREG(about.st_mode)) {
        (void)snprintf(why, LK_FILE_WHY, "%s",
                       S_ISDIR(about.st_mode) ? strerror(EISDIR) : "Not a regular file");
        return LK_E_VALUE;
    }
    if (is_private && (about.st_mode & 077) != 0) {
        (void)snprintf(why, LK_FILE_WHY, "others may read it; chmod 600 it");
        return LK_E_DENIED;
    }
    return LK_OK;
}

/* Non-blocking: a FIFO without a writer, or a terminal, would hold us up before we see what it
 * is. */
static int open_file(const char *path, bool is_private)
{
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (is_private ? O_NOFOLLOW : 0));
}

static enum lk_status read_open(struct lk_file_text *text, int fd, bool is_private, size_t most,
                                char why[LK_FILE_WHY])
{
    enum lk_status status = look(fd, is_private, why);

    if (status == LK_OK)
        status = take(text, fd, most, why);
    if (status != LK_OK)
        lk_file_text_close(text);
    return status;
}

static enum lk_status read_file(struct lk_file_text *text, const char *path, bool is_private,
                                size_t most, char why[LK_FILE_WHY])
{
    int fd = open_file(path, is_private);
    enum lk_status status;

    *text = (struct lk_file_text){ NULL, 0 };
    why[0] = '\0';
    if (fd < 0) {
        (void)snprintf(why, LK_FILE_WHY, "%s", strerror(errno));
        return errno == ENOENT ? LK_E_NOT_FOUND : LK_E_SYSTEM;
    }
    status = read_open(text, fd, is_private, most, why);
    (void)close(fd);
    return status;
}

bool lk_file_text_read(struct lk_file_text *text, const char *path, char why[LK_FILE_WHY])
{
    return read_file(text, path, false, LK_FILE_OCTETS, why) == LK_OK;
}

enum lk_status lk_file_private_read(struct lk_file_text *text, const char *path, size_t most,
                                    char why[LK_FILE_WHY])
{
    return read_file(text, path, true, most, why);
}

int lk_file_private_open(const char *path)
{
    return open_file(path, true);
}

enum lk_status lk_file_private_take(struct lk_file_text *text, int fd, size_t most,
                                    char why[LK_FILE_WHY])
{
    *text = (struct lk_file_text){ NULL, 0 };
    why[0] = '\0';
    return read_open(text, fd, true, most, why);
}

void lk_file_text_close(struct lk_file_text *text)
{
    if (text->octets != NULL)
        lk_wipe(text->octets, text->len);
    free(text->octets);
    *text = (struct lk_file_text){ NULL, 0 };
}
