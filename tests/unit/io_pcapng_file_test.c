/* io/pcapng: the file of a capture, damaged, full, or another's. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/pcapng.h"

static const struct lk_capture_end here4 = { .address = { 127, 0, 0, 1 }, .port = 40000 };
static const struct lk_capture_end there4 = { .address = { 127, 0, 0, 2 }, .port = 1812 };

/* A capture in a directory of its own. */
struct place {
    char dir[32], path[64], other[64];
};

static const struct lk_capture_options raw = { .link = LK_LINK_RAW_IP, .opened = true };

static struct place place_make(void)
{
    struct place p = { .dir = "/tmp/lk-pcapng-XXXXXX" };

    assert_non_null(mkdtemp(p.dir));
    assert_true(snprintf(p.path, sizeof p.path, "%s/x.pcapng", p.dir) > 0);
    assert_true(snprintf(p.other, sizeof p.other, "%s/other", p.dir) > 0);
    return p;
}

static void place_leave(const struct place *p)
{
    unlink(p->path);
    unlink(p->other);
    assert_int_equal(rmdir(p->dir), 0);
}

static off_t size_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

/* A file of so many octets is joined; so many are cut off. */
static void assert_joined(const struct place *p, off_t octets, size_t mended)
{
    struct lk_capture *capture;

    assert_int_equal(truncate(p->path, octets), 0);
    assert_int_equal(lk_capture_join(&capture, p->path, &raw), LK_OK);
    assert_int_equal(lk_capture_mended(capture), mended);
    lk_capture_close(capture);
}

/* Who is killed in the middle of a write leaves half a block: it goes, and what is before it stays.
 * What is damaged elsewhere is not touched. */
static void half_a_block_is_cut_off(void **state)
{
    struct place p = place_make();
    struct lk_capture *capture;
    off_t head, one, two;
    int fd;

    (void)state;
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_OK);
    head = size_of(p.path);
    assert_int_equal(lk_capture_udp(capture, 1, &here4, &there4, lk_span_text("abc"), "c"), LK_OK);
    one = size_of(p.path);
    assert_int_equal(lk_capture_udp(capture, 2, &here4, &there4, lk_span_text("x"), NULL), LK_OK);
    two = size_of(p.path);
    lk_capture_close(capture);
    assert_joined(&p, two, 0);
    assert_joined(&p, two - 1, (size_t)(two - 1 - one));
    assert_int_equal(size_of(p.path), one);
    assert_joined(&p, one - 4, (size_t)(one - 4 - head));
    assert_joined(&p, head, 0);
    assert_joined(&p, head - 4, (size_t)(head - 4)); /* of the head itself */
    assert_int_equal(size_of(p.path), head);
    assert_int_equal(truncate(p.path, 8), 0); /* too little to say whose it is */
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_E_CONFLICT);
    assert_int_equal(truncate(p.path, 0), 0);
    assert_joined(&p, 0, 0);
    assert_int_equal(truncate(p.path, 1 << 20), 0); /* zeroes, more than a block has */
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_E_CONFLICT);
    assert_int_equal(size_of(p.path), 1 << 20);
    fd = open(p.path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(fd, "\x0a\x0d\x0d\x0b", 4), 4);
    close(fd);
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_E_CONFLICT);
    assert_string_equal(lk_capture_why(LK_E_CONFLICT), "it is no capture of this program");
    place_leave(&p);
}

/* Whoever made the name chose what is behind it. */
static void a_file_of_two_names_is_refused(void **state)
{
    struct place p = place_make();
    struct lk_capture *capture;
    int fd = open(p.other, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    (void)state;
    close(fd);
    assert_int_equal(link(p.other, p.path), 0);
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_E_SYSTEM);
    assert_string_equal(lk_capture_why(LK_E_SYSTEM), "it has another name: a hard link");
    assert_int_equal(size_of(p.other), 0);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(symlink(p.other, p.path), 0);
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_E_SYSTEM);
    assert_string_equal(lk_capture_why(LK_E_SYSTEM), "it is a symbolic link");
    assert_int_equal(size_of(p.other), 0);
    place_leave(&p);
}

/* It says why, leaves no half block, and goes on when there is room again. */
static void a_full_file_is_said(void **state)
{
    struct place p = place_make();
    struct lk_span message = lk_span_text("twenty octets of text");
    struct rlimit before, least;
    struct lk_capture *capture;
    off_t whole;

    (void)state;
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_OK);
    assert_int_equal(lk_capture_udp(capture, 1, &here4, &there4, message, NULL), LK_OK);
    whole = size_of(p.path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    least = before;
    least.rlim_cur = (rlim_t)whole + 30;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
    for (unsigned times = 0; times < 2; times++) {
        errno = EAGAIN;
        assert_int_equal(lk_capture_udp(capture, 2, &here4, &there4, message, NULL), LK_E_SYSTEM);
        assert_int_equal(errno, EFBIG);
        assert_int_equal(size_of(p.path), whole);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(lk_capture_udp(capture, 3, &here4, &there4, message, NULL), LK_OK);
    lk_capture_close(capture);
    assert_true(size_of(p.path) > whole);
    assert_joined(&p, size_of(p.path), 0);
    place_leave(&p);
}

/* What a process is lent it writes at the end, and reads nothing of what others wrote. */
static void what_is_lent_is_not_read(void **state)
{
    struct place p = place_make();
    struct lk_span message = lk_span_text("twenty octets of text");
    struct lk_capture *owner, *worker[2];
    struct rlimit before, least;
    off_t whole, one;
    uint8_t octet;
    int fd[2];

    (void)state;
    assert_int_equal(lk_capture_join(&owner, p.path, &raw), LK_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lk_capture_lend(owner, &fd[i], p.path), LK_OK);
        assert_int_equal(lk_capture_inherit(&worker[i], fd[i], &raw), LK_OK);
        assert_int_equal(read(fd[i], &octet, 1), -1);
        assert_int_equal(pread(fd[i], &octet, 1, 0), -1);
    }
    one = size_of(p.path);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(lk_capture_udp(worker[i % 2], i, &here4, &there4, message, NULL), LK_OK);
    whole = size_of(p.path);
    one = (whole - one) / 4;

    /* One whose half block is at the end takes it out; behind it somebody else's stays. */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    least = before;
    least.rlim_cur = (rlim_t)whole + 30;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
    assert_int_equal(lk_capture_udp(worker[0], 5, &here4, &there4, message, NULL), LK_E_SYSTEM);
    assert_int_equal(errno, EFBIG);
    assert_int_equal(size_of(p.path), whole);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(lk_capture_udp(worker[i], 6, &here4, &there4, message, NULL), LK_OK);
    assert_int_equal(size_of(p.path), whole + 2 * one);
    for (size_t i = 0; i < 2; i++) {
        lk_capture_close(worker[i]);
        close(fd[i]);
    }
    lk_capture_close(owner);
    assert_joined(&p, size_of(p.path), 0);
    place_leave(&p);
}

static struct rlimit before_others;
static int fd_of_others;

static void others_write_behind(int number)
{
    (void)number;
    (void)setrlimit(RLIMIT_FSIZE, &before_others);
    assert_int_equal(write(fd_of_others, "behind", 6), 6);
}

/* Half a block that somebody has written behind is left, and nothing more comes from here. */
static void what_others_wrote_behind_stays(void **state)
{
    const struct sigaction write_behind = { .sa_handler = others_write_behind };
    struct place p = place_make();
    struct lk_span message = lk_span_text("twenty octets of text");
    struct lk_capture *capture;
    struct rlimit least;
    off_t whole;

    (void)state;
    assert_int_equal(lk_capture_join(&capture, p.path, &raw), LK_OK);
    assert_int_equal(lk_capture_lend(capture, &fd_of_others, p.path), LK_OK);
    whole = size_of(p.path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before_others), 0);
    least = before_others;
    least.rlim_cur = (rlim_t)whole + 30;
    assert_int_equal(sigaction(SIGXFSZ, &write_behind, NULL), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
    assert_int_equal(lk_capture_udp(capture, 1, &here4, &there4, message, NULL), LK_E_SYSTEM);
    assert_int_equal(size_of(p.path), whole + 36);
    assert_int_equal(lk_capture_udp(capture, 2, &here4, &there4, message, NULL), LK_E_SYSTEM);
    assert_int_equal(size_of(p.path), whole + 36);
    close(fd_of_others);
    lk_capture_close(capture);
    place_leave(&p);
}

/* Nobody waits for long for who keeps a lock, and none is lent another file than it was. */
static void a_lock_and_another_file_are_said(void **state)
{
    struct place p = place_make();
    struct lk_capture *owner, *other;
    int lock, fd;

    (void)state;
    assert_int_equal(lk_capture_join(&owner, p.path, &raw), LK_OK);
    lock = open(p.path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    (void)alarm(5);
    assert_int_equal(lk_capture_join(&other, p.path, &raw), LK_E_SYSTEM);
    assert_string_equal(lk_capture_why(LK_E_SYSTEM), "another program keeps a lock on it");
    assert_int_equal(lk_capture_lend(owner, &fd, p.path), LK_E_SYSTEM);
    assert_int_equal(fd, -1);
    (void)alarm(0);
    close(lock);
    assert_int_equal(lk_capture_lend(owner, &fd, p.path), LK_OK);
    close(fd);
    assert_int_equal(rename(p.path, p.other), 0);
    assert_int_equal(lk_capture_lend(owner, &fd, p.path), LK_E_SYSTEM);
    lock = open(p.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(lk_capture_lend(owner, &fd, p.path), LK_E_SYSTEM);
    assert_string_equal(lk_capture_why(LK_E_SYSTEM), "there is another file now");
    assert_int_equal(fd, -1);
    close(lock);
    lk_capture_close(owner);
    place_leave(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_block_is_cut_off),
        cmocka_unit_test(a_file_of_two_names_is_refused),
        cmocka_unit_test(a_full_file_is_said),
        cmocka_unit_test(what_is_lent_is_not_read),
        cmocka_unit_test(what_others_wrote_behind_stays),
        cmocka_unit_test(a_lock_and_another_file_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
