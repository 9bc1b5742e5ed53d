/* What the vault gives up before it answers anybody. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/secret.h"
#include "vault/serve.h"

static enum lk_status failed(char error[LK_VAULT_ERROR_TEXT], const char *what)
{
    snprintf(error, LK_VAULT_ERROR_TEXT, "the vault cannot %s: %s", what, strerror(errno));
    return LK_E_SYSTEM;
}

static enum lk_status become(const char *user, char error[LK_VAULT_ERROR_TEXT])
{
    const char *name = user != NULL && user[0] != '\0' ? user : "nobody";
    const struct passwd *who;

    if (geteuid() != 0)
        return LK_OK;
    who = getpwnam(name);
    if (who == NULL || who->pw_uid == 0) {
        snprintf(error, LK_VAULT_ERROR_TEXT, "the vault cannot become user '%s': %s", name,
                 who == NULL ? "there is none" : "that is root");
        return LK_E_CONFIG;
    }
    if (setgroups(0, NULL) != 0 || setresgid(who->pw_gid, who->pw_gid, who->pw_gid) != 0 ||
        setresuid(who->pw_uid, who->pw_uid, who->pw_uid) != 0)
        return failed(error, "change its user");
    return LK_OK;
}

/* Capabilities that a service manager lent (to bind low ports, say) are none of the vault's. */
static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &head, none) == 0;
}

enum lk_status lk_sandbox_drop(const char *user, char error[LK_VAULT_ERROR_TEXT])
{
    const struct rlimit nothing = { 0, 0 };
    enum lk_status status = become(user, error);

    if (status != LK_OK)
        return status;
    if (!drop_capabilities())
        return failed(error, "drop its capabilities");
    if (setrlimit(RLIMIT_CORE, &nothing) != 0)
        return failed(error, "forbid core files");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return failed(error, "forbid tracing");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed(error, "forbid new privileges");
    return LK_OK;
}

enum lk_status lk_sandbox_lock(void *at, size_t len)
{
    volatile uint8_t stack[64 * 1024];

    /* Touched, so that the pages are there to be locked: the calls to come run on them. */
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
    if (mlock(at, len) != 0 || mlock((const void *)stack, sizeof stack) != 0)
        return LK_E_SYSTEM;
    return LK_OK;
}

/* The calls of the loop, and those with which a process ends. The vault opens nothing, maps
 * nothing, starts nothing, and sends nothing but on the sockets it has. */
static const int allowed[] = {
    SCMP_SYS(poll),          SCMP_SYS(ppoll),        SCMP_SYS(recvfrom),        SCMP_SYS(sendto),
    SCMP_SYS(shutdown),      SCMP_SYS(pwrite64),     SCMP_SYS(fdatasync),       SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if defined(LK_SANITIZED)
    SCMP_SYS(mmap),          SCMP_SYS(munmap),       SCMP_SYS(madvise),         SCMP_SYS(mprotect),
    SCMP_SYS(sigaltstack),   SCMP_SYS(futex),        SCMP_SYS(rt_sigprocmask),  SCMP_SYS(getpid),
    SCMP_SYS(gettid),        SCMP_SYS(sched_yield),
#endif
};

enum lk_status lk_sandbox_seal(char error[LK_VAULT_ERROR_TEXT])
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failure = filter == NULL ? -ENOMEM : 0;
    /* A failed assertion says so. */
    const struct scmp_arg_cmp to_standard_error = { .arg = 0,
                                                    .op = SCMP_CMP_EQ,
                                                    .datum_a = STDERR_FILENO };

    for (size_t i = 0; failure == 0 && i < LK_COUNT_OF(allowed); i++)
        failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (failure == 0)
        failure =
            seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, &to_standard_error);
    if (failure == 0)
        failure = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    if (failure != 0) {
        errno = -failure;
        return failed(error, "restrict its system calls");
    }
    return LK_OK;
}
