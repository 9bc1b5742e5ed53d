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
static bool take(struct lk_file_text *text, int fd)
{
    ssize_t got = 1;

    text->octets = malloc(LK_FILE_OCTETS + 1);
    if (text->octets == NULL)
        return false;
    while (got > 0 && text->len <= LK_FILE_OCTETS) {
        got = read(fd, text->octets + text->len, LK_FILE_OCTETS + 1 - text->len);
        text->len += got > 0 ? (size_t)got : 0;
    }
    return got >= 0;
}

/* Non-blocking: a FIFO without a writer, or a terminal, would hold us up before we see what it
 * is. */
bool lk_file_text_read(struct lk_file_text *text, const char *path, char why[LK_FILE_WHY])
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat about = { .st_mode = 0 };
    bool good = fd >= 0 && fstat(fd, &about) == 0;

    *text = (struct lk_file_text){ NULL, 0 };
    (void)snprintf(why, LK_FILE_WHY, "%s", good ? "" : strerror(errno));
    if (good && !S_ISREG(about.st_mode)) {
        good = false;
        (void)snprintf(why, LK_FILE_WHY, "%s",
                       S_ISDIR(about.st_mode) ? strerror(EISDIR) : "Not a regular file");
    }
    if (good && !take(text, fd)) {
        good = false;
        (void)snprintf(why, LK_FILE_WHY, "%s", strerror(errno));
    }
    if (good && text->len > LK_FILE_OCTETS) {
        good = false;
        (void)snprintf(why, LK_FILE_WHY, "more than %d octets", LK_FILE_OCTETS);
    }
    if (!good)
        lk_file_text_close(text);
    if (fd >= 0)
        (void)close(fd);
    return good;
}

void lk_file_text_close(struct lk_file_text *text)
{
    if (text->octets != NULL)
        lk_wipe(text->octets, text->len);
    free(text->octets);
    *text = (struct lk_file_text){ NULL, 0 };
}
