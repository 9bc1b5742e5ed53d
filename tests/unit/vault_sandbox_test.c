/* vault/sandbox: nobody reads the vault, and the vault does nothing but its work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/auc.h"
#include "vault/master.h"
#include "vault/serve.h"
#include "vault_harness.h"

static void become_nobody(void)
{
    const struct passwd *nobody = getpwnam("nobody");

    if (geteuid() != 0)
        return;
    if (nobody == NULL || setgroups(0, NULL) != 0 ||
        setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) != 0 ||
        setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) != 0)
        _exit(99);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* What a captured worker would try. The number of ways that worked, in bits. */
static int try_to_read(pid_t victim)
{
    char path[64], octet;
    struct iovec to = { &octet, 1 }, from = { (void *)(uintptr_t)&vault_harness_imsi, 1 };
    int worked = 0, fd, pidfd;

    if (ptrace(PTRACE_SEIZE, victim, 0, 0) == 0) {
        worked |= 1;
        ptrace(PTRACE_DETACH, victim, 0, 0);
    }
    if (process_vm_readv(victim, &to, 1, &from, 1, 0) == 1)
        worked |= 2;
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    fd = open(path, O_RDONLY);
    if (fd >= 0 && pread(fd, &octet, 1, (off_t)(uintptr_t)&vault_harness_imsi) == 1)
        worked |= 4;
    if (fd >= 0)
        close(fd);
    snprintf(path, sizeof path, "/proc/%d/maps", (int)victim);
    fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, &octet, 1) == 1)
        worked |= 8;
    if (fd >= 0)
        close(fd);
    pidfd = (int)syscall(SYS_pidfd_open, victim, 0);
    if (pidfd >= 0 && syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0)
        worked |= 16;
    return worked;
}

static int tried_by_a_worker(pid_t victim)
{
    pid_t worker = fork();
    int how;

    if (worker == 0) {
        become_nobody();
        _exit(try_to_read(victim));
    }
    assert_int_equal(waitpid(worker, &how, 0), worker);
    assert_true(WIFEXITED(how));
    assert_int_not_equal(WEXITSTATUS(how), 99);
    return WEXITSTATUS(how);
}

/* Y10: planted reads. The control shows that they do work on a process that is no vault. */
static void a_captured_worker_cannot_read_the_vault(void **state)
{
    struct lk_vault vault;
    pid_t plain = fork();

    if (plain == 0) {
        become_nobody();
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
        pause();
        _exit(0);
    }
    usleep(50000);
    assert_int_not_equal(tried_by_a_worker(plain) & (2 | 4 | 8), 0);
    kill(plain, SIGKILL);
    assert_int_equal(waitpid(plain, NULL, 0), plain);
    vault_harness_start(&vault, 1);
    assert_int_equal(tried_by_a_worker(vault.pid), 0);
    lk_vault_stop(&vault, true);
}

/* True when needle is anywhere in what the stopped process may read or write. */
static bool memory_holds(pid_t pid, const void *needle, size_t len)
{
    char path[64], line[512];
    bool found = false;
    FILE *maps;
    int mem;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    mem = open(path, O_RDONLY);
    assert_non_null(maps);
    assert_true(mem >= 0);
    while (!found && fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char rights[8];

        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[0] != 'r' ||
            rights[1] != 'w' || strstr(line, "[v") != NULL || to - from > 256UL << 20)
            continue;
        {
            uint8_t *copy = malloc(to - from);
            ssize_t got = copy == NULL ? -1 : pread(mem, copy, to - from, (off_t)from);

            if (got > 0)
                found = memmem(copy, (size_t)got, needle, len) != NULL;
            free(copy);
        }
    }
    fclose(maps);
    close(mem);
    return found;
}

/* The worker is forked before K exists, serves itself vectors, and stops. Its whole memory is then
 * searched, by its parent. What it was given (RAND) is found, so the search works. */
static void a_worker_never_holds_k(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c;
    struct lk_master_key master;
    struct lk_row_key row_key;
    struct lk_sealed_row row;
    struct lk_vector vector;
    char error[LK_MASTER_ERROR_TEXT];
    int rows[2], vectors[2], how;
    pid_t worker;

    assert_int_equal(pipe(rows), 0);
    assert_int_equal(pipe(vectors), 0);
    vault_harness_start(&vault, 2);
    worker = fork();
    if (worker == 0) {
        static struct lk_vault_answer answer;

        lk_vault_keep(&vault, 1);
        if (read(rows[0], &row, sizeof row) != (ssize_t)sizeof row ||
            vault_harness_ask(lk_vault_client_of(&vault, 1), &row, &answer) != LK_OK ||
            answer.refused != LK_REASON_NONE ||
            write(vectors[1], &answer.vector, sizeof vector) != (ssize_t)sizeof vector)
            _exit(1);
        raise(SIGSTOP);
        _exit(answer.vector.xres_len == 8 ? 0 : 1);
    }
    c = vault_harness_credentials();
    row = vault_harness_enrol(&vault, &c);
    assert_int_equal(write(rows[1], &row, sizeof row), sizeof row);
    assert_int_equal(read(vectors[0], &vector, sizeof vector), sizeof vector);
    assert_int_equal(waitpid(worker, &how, WUNTRACED), worker);
    assert_true(WIFSTOPPED(how));
    assert_int_equal(lk_master_key_read(&master, vault_harness_master, error), LK_OK);
    lk_row_key_derive(&row_key, &master);
    assert_true(memory_holds(worker, vector.rand, 16));
    assert_false(memory_holds(worker, c.card.k, 16));
    assert_false(memory_holds(worker, c.card.topc, 16));
    assert_false(memory_holds(worker, &master, sizeof master));
    assert_false(memory_holds(worker, &row_key, sizeof row_key));
    kill(worker, SIGCONT);
    assert_int_equal(waitpid(worker, &how, 0), worker);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    lk_vault_stop(&vault, true);
    for (int i = 0; i < 2; i++) {
        close(rows[i]);
        close(vectors[i]);
    }
}

/* How a process ends that does call number after it was sealed in as the vault is. */
static int ends_after(int which)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        char error[LK_VAULT_ERROR_TEXT];
        const struct rlimit none = { 0, 0 };

        setrlimit(RLIMIT_CORE, &none);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (lk_sandbox_seal(error) != LK_OK)
            _exit(1);
        switch (which) {
        case 0:
            break;
        case 1:
            syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
            break;
        case 2:
            syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
            break;
        case 3:
            syscall(SYS_execve, "/bin/true", NULL, NULL);
            break;
        case 4:
            syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
            break;
        case 5:
            syscall(SYS_write, STDOUT_FILENO, "k", 1);
            break;
        default:
            syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
            break;
        }
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return how;
}

/* Y09: what is not on the list kills the process at once. */
static void a_call_that_is_not_allowed_kills_the_process(void **state)
{
    int how = ends_after(0);

    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    for (int which = 1; which <= 6; which++) {
        how = ends_after(which);
        assert_true(WIFSIGNALED(how));
        assert_int_equal(WTERMSIG(how), SIGSYS);
    }
}

static bool file_has(pid_t pid, const char *name, const char *wanted)
{
    char path[64], text[8192] = "";
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    file = fopen(path, "r");
    assert_non_null(file);
    len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return strstr(text, wanted) != NULL;
}

/* Y08, Y05: not root, no capability, no new privileges, filtered, no core. */
static void privileges_are_gone(void **state)
{
    struct lk_vault vault;

    vault_harness_start(&vault, 1);
    assert_true(file_has(vault.pid, "status", "NoNewPrivs:\t1\n"));
    assert_true(file_has(vault.pid, "status", "Seccomp:\t2\n"));
    assert_true(file_has(vault.pid, "status", "CapEff:\t0000000000000000\n"));
    assert_true(file_has(vault.pid, "status", "CapPrm:\t0000000000000000\n"));
    assert_true(file_has(vault.pid, "status", "CapAmb:\t0000000000000000\n"));
    if (geteuid() == 0)
        assert_false(file_has(vault.pid, "status", "Uid:\t0\t"));
    assert_true(
        file_has(vault.pid, "limits", "Max core file size        0                    0  "));
    lk_vault_stop(&vault, true);
}

/* No file of the caller's is left open in it. */
static void no_descriptor_of_the_caller_is_kept(void **state)
{
    struct lk_vault vault;
    int ends[2], high;
    char octet;

    assert_int_equal(pipe(ends), 0);
    high = fcntl(ends[1], F_DUPFD, 200);
    assert_true(high >= 200);
    vault_harness_start(&vault, 2);
    close(ends[1]);
    close(high);
    /* Were the writing end open in the vault, this would block. */
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(ends[0], &octet, 1), 0);
    close(ends[0]);
    lk_vault_stop(&vault, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_captured_worker_cannot_read_the_vault,
                                        vault_harness_setup, vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_worker_never_holds_k, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_call_that_is_not_allowed_kills_the_process,
                                        vault_harness_setup, vault_harness_teardown),
        cmocka_unit_test_setup_teardown(privileges_are_gone, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(no_descriptor_of_the_caller_is_kept, vault_harness_setup,
                                        vault_harness_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
