/* A capture's file: made, gone on with, and written to, one write a block. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/pcapng.h"

enum {
    SECRETS_MAX = 65536,
    HOW = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
    BLOCK_MAX = LK_CAPTURE_FRAME_MAX + LK_CAPTURE_COMMENT_MAX + 64,
};

struct lk_capture {
    int fd;
    bool broken; /* the file is full */
    struct lk_capture_options options;
    uint8_t frame[LK_CAPTURE_FRAME_MAX];
    uint8_t block[BLOCK_MAX];
};

/* ---- blocks ---- */

static enum lk_status write_block(struct lk_capture *capture, const struct lk_writer *w)
{
    enum lk_status status = lk_writer_end(w);
    ssize_t n;

    if (status != LK_OK)
        return status;
    if (capture->broken)
        return LK_E_SYSTEM;
    do
        n = write(capture->fd, w->at, w->len);
    while (n < 0 && errno == EINTR);
    /* Half a block: nothing behind it could be read. */
    capture->broken = n > 0 && n < (ssize_t)w->len;
    return n == (ssize_t)w->len ? LK_OK : LK_E_SYSTEM;
}

/* What a file of ours begins with. */
static struct lk_writer file_head(struct lk_capture *capture)
{
    struct lk_writer w = lk_writer_of(capture->block, sizeof capture->block);

    lk_pcapng_put_section(&w);
    lk_pcapng_put_interface(&w, &capture->options);
    return w;
}

static enum lk_status begin_file(struct lk_capture *capture)
{
    struct lk_writer w = file_head(capture);

    return write_block(capture, &w);
}

/* Nobody else reads it, whoever made it. Only at the end of a regular file nobody can make a writer
 * wait. */
static enum lk_status is_ours_alone(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return LK_E_SYSTEM;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return LK_E_SYSTEM;
    }
    return (st.st_mode & 077) == 0 || fchmod(fd, 0600) == 0 ? LK_OK : LK_E_SYSTEM;
}

/* Of several that find the file empty one writes its head. */
static enum lk_status begin_or_go_on(struct lk_capture *capture)
{
    struct lk_writer w = file_head(capture);
    enum lk_status status = is_ours_alone(capture->fd);
    ssize_t n;

    if (status != LK_OK || flock(capture->fd, LOCK_EX) != 0)
        return LK_E_SYSTEM;
    n = pread(capture->fd, capture->frame, w.len, 0);
    if (n == 0)
        status = write_block(capture, &w);
    (void)flock(capture->fd, LOCK_UN);
    if (n < 0 || status != LK_OK)
        return LK_E_SYSTEM;
    if (n == 0)
        return LK_OK;
    return lk_span_equal(lk_span_of(capture->frame, (size_t)n), lk_writer_span(&w)) ?
           LK_OK : LK_E_CONFLICT;
}

/* Takes over fd. */
static enum lk_status capture_of(struct lk_capture **capture, int fd,
                                 const struct lk_capture_options *options,
                                 enum lk_status (*begin)(struct lk_capture *))
{
    struct lk_capture *made = calloc(1, sizeof *made);
    enum lk_status status;

    *capture = NULL;
    if (made == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return LK_E_SYSTEM;
    }
    made->options = *options;
    made->fd = fd;
    status = fd < 0 ? LK_E_SYSTEM : begin(made);
    if (status != LK_OK) {
        int why = errno;

        lk_capture_close(made);
        errno = why;
        return status;
    }
    *capture = made;
    return LK_OK;
}

enum lk_status lk_capture_open(struct lk_capture **capture, const char *path,
                               const struct lk_capture_options *options)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

    return capture_of(capture, fd, options, begin_file);
}

enum lk_status lk_capture_join(struct lk_capture **capture, const char *path,
                               const struct lk_capture_options *options)
{
    return capture_of(capture, open(path, HOW, 0600), options, begin_or_go_on);
}

enum lk_status lk_capture_inherit(struct lk_capture **capture, int fd,
                                  const struct lk_capture_options *options)
{
    return capture_of(capture, fcntl(fd, F_DUPFD_CLOEXEC, 0), options, begin_or_go_on);
}

int lk_capture_fd(const struct lk_capture *capture)
{
    return capture->fd;
}

static enum lk_status write_packet(struct lk_capture *capture, uint32_t interface, uint64_t at_ns,
                                   struct lk_span frame, const char *comment)
{
    struct lk_writer w = lk_writer_of(capture->block, sizeof capture->block);

    lk_pcapng_put_packet(&w, interface, capture->options.microseconds ? at_ns / 1000 : at_ns,
                         frame, comment);
    return write_block(capture, &w);
}

enum lk_status lk_capture_frame(struct lk_capture *capture, uint64_t at_ns, struct lk_span frame,
                                const char *comment)
{
    return write_packet(capture, LK_CAPTURE_WIRE, at_ns, frame, comment);
}

enum lk_status lk_capture_message(struct lk_capture *capture, uint64_t at_ns,
                                  const struct lk_capture_opened *about, struct lk_span message,
                                  const char *comment)
{
    struct lk_writer w = lk_writer_of(capture->frame, sizeof capture->frame);
    enum lk_status status;

    if (!capture->options.opened)
        return LK_E_UNSUPPORTED;
    status = lk_capture_put_opened(&w, about, message);
    if (status != LK_OK)
        return status;
    return write_packet(capture, LK_CAPTURE_OPENED, at_ns, lk_writer_span(&w), comment);
}

enum lk_status lk_capture_udp(struct lk_capture *capture, uint64_t at_ns,
                              const struct lk_capture_end *from, const struct lk_capture_end *to,
                              struct lk_span payload, const char *comment)
{
    struct lk_writer w = lk_writer_of(capture->frame, sizeof capture->frame);
    enum lk_status status = lk_capture_put_udp(&w, capture->options.link, from, to, payload);

    if (status != LK_OK)
        return status;
    return lk_capture_frame(capture, at_ns, lk_writer_span(&w), comment);
}

enum lk_status lk_capture_secrets(struct lk_capture *capture, uint32_t kind, struct lk_span secrets)
{
    struct lk_writer w = lk_writer_of(capture->block, sizeof capture->block);
    enum lk_status status;

    if (secrets.len > SECRETS_MAX)
        return LK_E_LENGTH;
    lk_pcapng_put_secrets(&w, kind, secrets);
    status = write_block(capture, &w);
    lk_wipe(capture->block, sizeof capture->block);
    return status;
}

enum lk_status lk_capture_key_log(struct lk_capture *capture, const char *line)
{
    size_t len = strlen(line);
    char text[LK_CAPTURE_KEY_LOG_MAX];
    enum lk_status status;

    if (len >= sizeof text)
        return LK_E_LENGTH;
    memcpy(text, line, len);
    text[len] = '\n';
    status = lk_capture_secrets(capture, LK_SECRETS_TLS_KEY_LOG, lk_span_of(text, len + 1));
    lk_wipe(text, sizeof text);
    return status;
}

void lk_capture_close(struct lk_capture *capture)
{
    if (capture == NULL)
        return;
    if (capture->fd >= 0)
        (void)close(capture->fd);
    free(capture);
}
