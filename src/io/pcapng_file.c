/* A capture's file: made, gone on with, and written to, one write a block. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/pcapng.h"
#include "wire/ieee80211.h"

enum {
    SECRETS_MAX = 65536,
    BLOCK_LEAST = 12, /* type, and its length at both ends */
    MOMENT_NS = 20000000,
    LOCK_NS = 10000000,
    LOCK_TRIES = 10,
    HOW = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
    BLOCK_MAX = LK_CAPTURE_FRAME_MAX + LK_CAPTURE_COMMENT_MAX + 64,
};

struct lk_capture {
    int fd;
    bool broken;      /* half a block of ours is in it: nothing behind that could be read */
    uint64_t mended;  /* octets of half a block that were cut off */
    struct lk_capture_options options;
    uint8_t frame[LK_CAPTURE_FRAME_MAX];
    uint8_t block[BLOCK_MAX];
};

/* ---- blocks ---- */

/* There is no room for a block: what came in of it is taken out again, if nobody has written behind
 * it. A process may write and not read here: where its own octets ended, its descriptor knows. */
static enum lk_status give_up(struct lk_capture *capture, off_t from, size_t half, int why)
{
    off_t end = from + (off_t)half;
    struct stat st;

    capture->broken = half > 0 && (lseek(capture->fd, 0, SEEK_CUR) != end ||
                                   fstat(capture->fd, &st) != 0 || st.st_size != end ||
                                   ftruncate(capture->fd, from) != 0);
    errno = why;
    return LK_E_SYSTEM;
}

/* One write(2) at the end of the file for a block: others' blocks are before it or behind it. */
static enum lk_status write_block(struct lk_capture *capture, const struct lk_writer *w)
{
    enum lk_status status = lk_writer_end(w);
    size_t done = 0;
    off_t from = 0;
    ssize_t n;

    if (status != LK_OK)
        return status;
    if (capture->broken) {
        errno = EIO;
        return LK_E_SYSTEM;
    }
    while (done < w->len) {
        n = write(capture->fd, w->at + done, w->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return give_up(capture, from, done, n == 0 ? ENOSPC : errno);
        if (done == 0 && (size_t)n < w->len)
            from = lseek(capture->fd, 0, SEEK_CUR) - n;
        done += (size_t)n;
    }
    return LK_OK;
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

/* ---- a file that is there ---- */

/* Nobody else reads it, whoever made it, and it has no other name, for who asks for a name here
 * may not be who owns what is there. Only at the end of a regular file nobody can make a writer
 * wait. */
static enum lk_status is_ours_alone(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return LK_E_SYSTEM;
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1) {
        errno = S_ISREG(st.st_mode) ? EMLINK : EINVAL;
        return LK_E_SYSTEM;
    }
    return (st.st_mode & 077) == 0 || fchmod(fd, 0600) == 0 ? LK_OK : LK_E_SYSTEM;
}

/* The number at that place, or 0. */
static uint32_t number_at(int fd, uint64_t at)
{
    uint8_t octets[4] = { 0 };
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));

    return pread(fd, octets, sizeof octets, (off_t)at) == (ssize_t)sizeof octets ? lk_get_be32(&r)
                                                                                  : 0;
}

/* The length of a block between two places, or 0 when there is none.
 * spec: draft-ietf-opsawg-pcapng 3.1 - its length, a multiple of four, stands at both ends. */
static uint32_t block_at(int fd, uint64_t at, uint64_t end)
{
    uint32_t len = number_at(fd, at + 4);

    return len >= BLOCK_LEAST && len % 4 == 0 && len <= BLOCK_MAX && len <= end - at &&
                   number_at(fd, at + len - 4) == len
               ? len
               : 0;
}

static bool ends_whole(int fd, uint64_t size)
{
    uint32_t len = size < BLOCK_LEAST ? 0 : number_at(fd, size - 4);

    return len > 0 && len <= size && block_at(fd, size - len, size) == len;
}

/* Behind a head that is ours: who is killed in the middle of a write leaves half a block, behind
 * which nothing could be read. It is cut off, unless a moment later it is whole, for somebody was
 * writing it. What is more than half a block is not ours to judge. */
static enum lk_status mend(struct lk_capture *capture, uint64_t head)
{
    const struct timespec moment = { .tv_nsec = MOMENT_NS };
    uint64_t size = 0, at = head;
    uint32_t len;

    for (unsigned looks = 0; looks < 2; looks++) {
        struct stat st;

        if (looks > 0)
            (void)nanosleep(&moment, NULL);
        if (fstat(capture->fd, &st) != 0)
            return LK_E_SYSTEM;
        size = (uint64_t)st.st_size;
        if (size == head || ends_whole(capture->fd, size))
            return LK_OK;
    }
    while (at < size && (len = block_at(capture->fd, at, size)) > 0)
        at += len;
    if (size - at > BLOCK_MAX)
        return LK_E_CONFLICT;
    capture->mended = size - at;
    return ftruncate(capture->fd, (off_t)at) == 0 ? LK_OK : LK_E_SYSTEM;
}

/* Of several that find the file empty one writes its head. Half a head is one that was not
 * finished. */
static enum lk_status go_on_with(struct lk_capture *capture)
{
    struct lk_writer w = file_head(capture);
    ssize_t n = pread(capture->fd, capture->frame, w.len, 0);

    if (n < 0)
        return LK_E_SYSTEM;
    if ((n > 0 && n < BLOCK_LEAST) || !lk_span_equal(lk_span_of(capture->frame, (size_t)n),
                                                     lk_span_of(w.at, (size_t)n)))
        return LK_E_CONFLICT;
    if ((size_t)n == w.len)
        return mend(capture, w.len);
    capture->mended = (uint64_t)n;
    return n == 0 || ftruncate(capture->fd, 0) == 0 ? write_block(capture, &w) : LK_E_SYSTEM;
}

/* Two programs do not do it at once. One that keeps the lock makes nobody wait for long. */
static enum lk_status locked(struct lk_capture *capture)
{
    const struct timespec moment = { .tv_nsec = LOCK_NS };
    enum lk_status status;
    int why;

    for (unsigned tries = 1; flock(capture->fd, LOCK_EX | LOCK_NB) != 0; tries++) {
        if (tries == LOCK_TRIES || (errno != EWOULDBLOCK && errno != EINTR))
            return LK_E_SYSTEM;
        (void)nanosleep(&moment, NULL);
    }
    status = go_on_with(capture);
    why = errno;
    (void)flock(capture->fd, LOCK_UN);
    errno = why;
    return status;
}

static enum lk_status joined(struct lk_capture *capture)
{
    enum lk_status status = is_ours_alone(capture->fd);

    return status == LK_OK ? locked(capture) : status;
}

/* Who lent it has looked at it, and here it may not be read. */
static enum lk_status inherited(struct lk_capture *capture)
{
    (void)capture;
    return LK_OK;
}

/* ---- from open to close ---- */

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
    return capture_of(capture, open(path, HOW, 0600), options, joined);
}

enum lk_status lk_capture_inherit(struct lk_capture **capture, int fd,
                                  const struct lk_capture_options *options)
{
    return capture_of(capture, fcntl(fd, F_DUPFD_CLOEXEC, 0), options, inherited);
}

enum lk_status lk_capture_lend(struct lk_capture *capture, int *fd, const char *path)
{
    struct stat ours, its;
    enum lk_status status;

    *fd = -1;
    capture->mended = 0;
    status = locked(capture);
    if (status != LK_OK)
        return status;
    *fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0)
        return LK_E_SYSTEM;
    if (fstat(capture->fd, &ours) == 0 && fstat(*fd, &its) == 0 && ours.st_dev == its.st_dev &&
        ours.st_ino == its.st_ino)
        return LK_OK;
    (void)close(*fd);
    *fd = -1;
    errno = ESTALE;
    return LK_E_SYSTEM;
}

uint64_t lk_capture_mended(const struct lk_capture *capture)
{
    return capture->mended;
}

const char *lk_capture_why(enum lk_status status)
{
    if (status != LK_E_SYSTEM)
        return "it is no capture of this program";
    switch (errno) {
    case ELOOP: return "it is a symbolic link";
    case EMLINK: return "it has another name: a hard link";
    case EINVAL: return "it is no regular file";
    case ESTALE: return "there is another file now";
    case EWOULDBLOCK: return "another program keeps a lock on it";
    default: return strerror(errno);
    }
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

enum lk_status lk_capture_air(struct lk_capture *capture, uint64_t at_ns, struct lk_span frame,
                              const char *comment)
{
    struct lk_writer w = lk_writer_of(capture->frame, sizeof capture->frame);
    enum lk_status status;

    if (!capture->options.air)
        return LK_E_UNSUPPORTED;
    lk_radiotap_put(&w);
    lk_put_span(&w, frame);
    status = lk_writer_end(&w);
    if (status != LK_OK)
        return status;
    return write_packet(capture, LK_CAPTURE_AIR, at_ns, lk_writer_span(&w), comment);
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
