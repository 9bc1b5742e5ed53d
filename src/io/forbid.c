#include "io/forbid.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* Run-time checkers start a helper to name the lines of a report, and look for leaks by tracing. */
#if defined(LK_SANITIZED)
#define ENDS SCMP_ACT_ERRNO(EPERM)
#else
#define ENDS SCMP_ACT_KILL_PROCESS
#endif

static const int foreign[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    /* the memory and the descriptors of others */
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(process_madvise),
    SCMP_SYS(kcmp),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(bpf),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    /* ways around a filter, or around paths */
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(personality),
    SCMP_SYS(modify_ldt),
    /* another view of the system */
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(chroot),
    SCMP_SYS(pivot_root),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    /* another system */
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(syslog),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
};

static const int processes[] = {
    SCMP_SYS(fork),           SCMP_SYS(vfork),      SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal),
};

static const int listening[] = { SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4) };

static const int sockets[] = { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
                               SCMP_SYS(bind) };

/* The first failure stays. */
struct building {
    scmp_filter_ctx filter;
    int failure;
};

static void add_all(struct building *b, const int *calls, size_t count)
{
    for (size_t i = 0; b->failure == 0 && i < count; i++)
        b->failure = seccomp_rule_add(b->filter, ENDS, calls[i], 0);
}

static void add_when(struct building *b, uint32_t action, int call, struct scmp_arg_cmp when)
{
    if (b->failure == 0)
        b->failure = seccomp_rule_add_array(b->filter, action, call, 1, &when);
}

static void add_processes(struct building *b)
{
#if defined(__s390__) || defined(__cris__)
    enum { CLONE_FLAGS_AT = 1 };
#else
    enum { CLONE_FLAGS_AT = 0 };
#endif
    uint32_t self = (uint32_t)getpid();

    add_all(b, processes, LK_COUNT_OF(processes));
    /* A thread is a clone with CLONE_THREAD. The newer call hides its flags: the C library falls
     * back to the older one where there is none. */
    add_when(b, ENDS, SCMP_SYS(clone),
             SCMP_CMP64(CLONE_FLAGS_AT, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    if (b->failure == 0)
        b->failure = seccomp_rule_add(b->filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* Signal 0 asks whether a process lives; assertions and crashes signal their own. */
    add_when(b, ENDS, SCMP_SYS(kill), SCMP_CMP32(1, SCMP_CMP_NE, 0));
    add_when(b, ENDS, SCMP_SYS(tgkill), SCMP_CMP32(0, SCMP_CMP_NE, self));
    add_when(b, ENDS, SCMP_SYS(rt_tgsigqueueinfo), SCMP_CMP32(0, SCMP_CMP_NE, self));
    add_when(b, ENDS, SCMP_SYS(prlimit64), SCMP_CMP32(0, SCMP_CMP_NE, 0));
}

static void add_foreign(struct building *b)
{
    add_all(b, foreign, LK_COUNT_OF(foreign));
#if !defined(LK_SANITIZED)
    static const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect) };
    static const int ptrace_call = SCMP_SYS(ptrace);

    add_all(b, &ptrace_call, 1);
    /* Memory that is written is not run, and the other way round. */
    for (size_t i = 0; i < LK_COUNT_OF(maps); i++)
        add_when(b, ENDS, maps[i],
                 SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC,
                            PROT_WRITE | PROT_EXEC));
#endif
}

static void build(struct building *b, unsigned forbid)
{
    if ((forbid & LK_FORBID_FOREIGN) != 0)
        add_foreign(b);
    if ((forbid & LK_FORBID_PROCESSES) != 0)
        add_processes(b);
    if ((forbid & LK_FORBID_LISTENING) != 0)
        add_all(b, listening, LK_COUNT_OF(listening));
    if ((forbid & LK_FORBID_SOCKETS) != 0)
        add_all(b, sockets, LK_COUNT_OF(sockets));
}

enum lk_status lk_forbid_calls(unsigned forbid)
{
    struct building b = { .filter = seccomp_init(SCMP_ACT_ALLOW) };

    if (b.filter == NULL) {
        errno = ENOMEM;
        return LK_E_SYSTEM;
    }
    /* Of another architecture's calls none is ours. */
    b.failure = seccomp_attr_set(b.filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (b.failure == 0)
        b.failure = seccomp_attr_set(b.filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (b.failure == 0)
        b.failure = seccomp_attr_set(b.filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    build(&b, forbid);
    if (b.failure == 0)
        b.failure = seccomp_load(b.filter);
    seccomp_release(b.filter);
    errno = -b.failure;
    return b.failure == 0 ? LK_OK : LK_E_SYSTEM;
}
