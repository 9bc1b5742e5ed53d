/* The holder of a network namespace: see tun_apart.h. It has one line, on which it is told what to
 * set up, and later which addresses, and ends with it. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/tun_apart.h"

const char lk_tun_apart_name[] = "latchkey-namespace";

bool lk_tun_apart_is_holder(int argc, char *const *argv)
{
    return argc == 1 && strcmp(argv[0], lk_tun_apart_name) == 0;
}

/* ---- the namespace ---- */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        (void)close(fd);
    return done;
}

/* Who started it is root in it, and nobody else is there. */
static bool map_users(uid_t uid, gid_t gid)
{
    char users[32], groups[32];

    (void)snprintf(users, sizeof users, "0 %u 1\n", (unsigned)uid);
    (void)snprintf(groups, sizeof groups, "0 %u 1\n", (unsigned)gid);
    return write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", users) && write_text("/proc/self/gid_map", groups);
}

/* A user namespace where that is allowed: root has no more rights in it than it needs, and nobody
 * else needs any. In a chroot, or where it is switched off, root does without. */
static bool go_apart(bool *has_user)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    *has_user = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    if (*has_user)
        return map_users(uid, gid);
    return unshare(CLONE_NEWNET) == 0;
}

static bool loopback_up(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = { .ifr_name = "lo" };
    bool done;

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0)
        (void)close(fd);
    return done;
}

static uint64_t number_of(const char *kind)
{
    char path[32];
    struct stat st;

    (void)snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* A device that may not be opened is as good as a namespace that may not be made. */
static enum lk_status refused(struct lk_tun_apart_answer *answer, const char *what)
{
    enum lk_status status =
        errno == EPERM || errno == EACCES || errno == ENOSPC || errno == EUSERS || errno == ENOENT
        || errno == ENODEV ? LK_E_DENIED : LK_E_SYSTEM;

    (void)snprintf(answer->error, sizeof answer->error, "%s: %s", what, strerror(errno));
    return status;
}

static enum lk_status set_up(struct lk_tun_apart_answer *answer, int *tun,
                             const struct lk_tun_setup *setup)
{
    enum lk_status status;
    bool has_user;

    if (!go_apart(&has_user))
        return refused(answer, "this machine lets us make no network namespace");
    (void)prctl(PR_SET_DUMPABLE, 1); /* others of this user look for its namespaces in /proc */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!loopback_up())
        return refused(answer, "loopback of a network namespace");
    if (access("/dev/net/tun", R_OK | W_OK) != 0)
        return refused(answer, "no TUN device for us, /dev/net/tun");
    status = lk_tun_open(tun, setup, answer->error, sizeof answer->error);
    if (status != LK_OK)
        return status;
    answer->place = (struct lk_tun_apart_place){ getpid(), has_user ? number_of("user") : 0,
                                                 number_of("net") };
    return LK_OK;
}

/* ---- the line ---- */

static bool hear(struct lk_tun_setup *setup)
{
    ssize_t got;

    do
        got = recv(LK_TUN_APART_LINE, setup, sizeof *setup, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *setup;
}

/* fd goes with it; -1: none. */
static bool say(const struct lk_tun_apart_answer *answer, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .room = { 0 } };
    struct iovec part = { (void *)(uintptr_t)answer, sizeof *answer };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header = (struct cmsghdr){ CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS };
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    return sendmsg(LK_TUN_APART_LINE, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *answer;
}

static void readdress(struct lk_tun_setup *now, const struct lk_tun_setup *wanted)
{
    struct lk_tun_apart_answer answer = { .status = LK_OK };
    struct lk_tun_setup next = *now;

    next.address4 = wanted->address4;
    next.address6 = wanted->address6;
    if (lk_tun_address(&next, now))
        *now = next;
    else
        answer.status = refused(&answer, "an address");
    (void)say(&answer, -1);
}

int lk_tun_apart_hold(void)
{
    struct lk_tun_apart_answer answer = { .status = LK_OK };
    struct lk_tun_setup setup, wanted;
    int tun = -1;

    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)prctl(PR_SET_NAME, lk_tun_apart_name);
    if (!hear(&setup))
        return 1;
    answer.status = set_up(&answer, &tun, &setup);
    if (!say(&answer, tun) || answer.status != LK_OK)
        return 1;
    (void)close(tun);
    while (hear(&wanted))
        readdress(&setup, &wanted);
    return 0;
}
