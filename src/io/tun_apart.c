#include "io/tun_apart.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_S = 20, COMMAND_S = 2 };

/* ---- starting ---- */

/* In the child: never returns. It keeps standard error and its end of the line. */
static _Noreturn void become_holder(int line)
{
    static char *const argv[] = { (char *)(uintptr_t)lk_tun_apart_name, NULL };
    static char *const environment[] = { NULL };

    if (dup2(line, LK_TUN_APART_LINE) == LK_TUN_APART_LINE &&
        fcntl(LK_TUN_APART_LINE, F_SETFD, 0) == 0) {
        (void)close_range(LK_TUN_APART_LINE + 1, ~0U, 0);
        (void)execve("/proc/self/exe", argv, environment);
    }
    _exit(127);
}

static bool waits(int line, time_t seconds)
{
    const struct timeval limit = { .tv_sec = seconds };

    return setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0;
}

/* The answer, and the descriptor that comes with it; -1: none does. */
static bool hear(int line, struct lk_tun_apart_answer *answer, int *fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = { answer, sizeof *answer };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t got;

    do
        got = recvmsg(line, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *fd = -1;
    if (got != (ssize_t)sizeof *answer)
        return false;
    if (CMSG_FIRSTHDR(&message) != NULL && CMSG_FIRSTHDR(&message)->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof *fd);
    return true;
}

/* What answer has then is ours. */
static enum lk_status failed(struct lk_tun_apart_answer *answer, const char *what)
{
    (void)snprintf(answer->error, sizeof answer->error, "%s: %s", what, strerror(errno));
    answer->status = LK_E_SYSTEM;
    return answer->status;
}

static enum lk_status greet(struct lk_tun_apart *apart, struct lk_tun_apart_answer *answer,
                            const struct lk_tun_setup *setup)
{
    if (!waits(apart->line, START_S) ||
        send(apart->line, setup, sizeof *setup, MSG_NOSIGNAL) != (ssize_t)sizeof *setup ||
        !hear(apart->line, answer, &apart->tun) || (answer->status == LK_OK && apart->tun < 0))
        return failed(answer, "the holder of a network namespace ended, or says nothing");
    answer->error[sizeof answer->error - 1] = '\0';
    return answer->status;
}

enum lk_status lk_tun_apart_open(struct lk_tun_apart *apart, struct lk_tun_apart_answer *answer,
                                 const struct lk_tun_setup *setup)
{
    enum lk_status status;
    int pair[2];
    pid_t pid;

    *apart = (struct lk_tun_apart){ -1, -1 };
    *answer = (struct lk_tun_apart_answer){ .status = LK_E_SYSTEM };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return failed(answer, "no line to the holder of a network namespace");
    pid = fork();
    if (pid == 0)
        become_holder(pair[1]);
    (void)close(pair[1]);
    apart->line = pair[0];
    status = pid < 0 ? failed(answer, "no process for a network namespace")
                     : greet(apart, answer, setup);
    if (status != LK_OK)
        lk_tun_apart_close(apart);
    while (status != LK_OK && pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

void lk_tun_apart_close(struct lk_tun_apart *apart)
{
    const int fds[] = { apart->tun, apart->line };

    for (size_t i = 0; i < LK_COUNT_OF(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    *apart = (struct lk_tun_apart){ -1, -1 };
}

enum lk_status lk_tun_apart_address(int line, const struct lk_address *address4,
                                    const struct lk_address *address6)
{
    struct lk_tun_setup setup = { .address4 = *address4, .address6 = *address6 };
    struct lk_tun_apart_answer answer;
    int none;

    if (!waits(line, COMMAND_S) ||
        send(line, &setup, sizeof setup, MSG_NOSIGNAL) != (ssize_t)sizeof setup ||
        !hear(line, &answer, &none))
        return LK_E_SYSTEM;
    return answer.status;
}

/* ---- going there ---- */

/* The namespace of that process, if it is still the one that is meant: numbers of processes come
 * again. */
static int open_one(const struct lk_tun_apart_place *place, const char *kind, uint64_t number)
{
    char path[64];
    struct stat st;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)place->pid, kind);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_ino != number)) {
        (void)close(fd);
        errno = ESRCH;
        return -1;
    }
    return fd;
}

static bool enter_one(const struct lk_tun_apart_place *place, const char *kind, int type,
                      uint64_t number)
{
    int fd = open_one(place, kind, number), why;
    bool done = fd >= 0 && setns(fd, type) == 0;

    why = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = why;
    return done;
}

enum lk_status lk_tun_apart_enter(const struct lk_tun_apart_place *place,
                                  char error[LK_TUN_APART_ERROR])
{
    if ((place->user == 0 || enter_one(place, "user", CLONE_NEWUSER, place->user)) &&
        enter_one(place, "net", CLONE_NEWNET, place->net))
        return LK_OK;
    (void)snprintf(error, LK_TUN_APART_ERROR, "cannot go into the network namespace of process "
                   "%d: %s%s", (int)place->pid, strerror(errno),
                   errno == EPERM || errno == EACCES
                       ? " (it is for the user who started the daemon, or root)" : "");
    return errno == EPERM || errno == EACCES ? LK_E_DENIED : LK_E_SYSTEM;
}
