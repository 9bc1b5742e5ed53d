/* role/confine: what a worker that was taken over can reach. Each attempt is made by a child in the
 * very confinement that a worker has, under the user of the vault and of the key files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/landlock.h"
#include "role/confine.h"
#include "store/store.h"
#include "vault_harness.h"

enum { EXIT_FINE = 0, EXIT_SETUP = 99 };

static struct lk_config config;
static char node_key[128], store_file[192], store_folder[160];
static struct lk_vault vault;

static void own(const char *path)
{
    const struct passwd *nobody = getpwnam("nobody");

    if (geteuid() == 0)
        assert_int_equal(chown(path, nobody->pw_uid, nobody->pw_gid), 0);
}

static int setup(void **state)
{
    FILE *file;

    assert_int_equal(vault_harness_setup(state), 0);
    memset(&config, 0, sizeof config);
    snprintf(node_key, sizeof node_key, "%s/node.key", vault_harness_folder);
    snprintf(store_folder, sizeof store_folder, "%s/store", vault_harness_folder);
    snprintf(store_file, sizeof store_file, "%s/latchkey.db", store_folder);
    snprintf(config.node_key, sizeof config.node_key, "%s", node_key);
    snprintf(config.vault.master_key, sizeof config.vault.master_key, "%s", vault_harness_master);
    snprintf(config.vault.ceiling, sizeof config.vault.ceiling, "%s", vault_harness_ceiling);
    snprintf(config.store.url, sizeof config.store.url, "sqlite:%s", store_file);
    file = fopen(node_key, "w");
    assert_non_null(file);
    fclose(file);
    vault_harness_start(&vault, 1);
    assert_int_equal(mkdir(store_folder, 0700), 0);
    own(vault_harness_folder);
    own(vault_harness_master);
    own(vault_harness_ceiling);
    own(node_key);
    own(store_folder);
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[224];

    lk_vault_stop(&vault, true);
    for (size_t i = 0; i < LK_COUNT_OF(ends); i++) {
        snprintf(path, sizeof path, "%s%s", store_file, ends[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/way", store_folder);
    unlink(path);
    rmdir(store_folder);
    unlink(node_key);
    return vault_harness_teardown(state);
}

/* ---- children ---- */

static void become_nobody(void)
{
    const struct passwd *nobody = getpwnam("nobody");
    const struct rlimit nothing = { 0, 0 };

    setrlimit(RLIMIT_CORE, &nothing);
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 ||
                           setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) != 0 ||
                           setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) != 0))
        _exit(EXIT_SETUP);
}

static void confine_or_end(void)
{
    struct lk_confinement got;
    char error[LK_CONFINE_ERROR_TEXT] = "";

    if (lk_confine_process(&got, &lk_aaa_kind, &config, error) == LK_OK)
        return;
    fprintf(stderr, "%s\n", error);
    _exit(EXIT_SETUP);
}

static int ended(pid_t pid)
{
    int how;

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return how;
}

/* What attempt(argument) answers in a child, confined or not. */
static int in_child(int (*attempt)(intptr_t argument), intptr_t argument, bool confined)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        become_nobody();
        if (confined)
            confine_or_end();
        _exit(attempt(argument));
    }
    how = ended(pid);
    if (!WIFEXITED(how) || WEXITSTATUS(how) == EXIT_SETUP)
        fail_msg("the child ended by %#x", (unsigned)how);
    return WEXITSTATUS(how);
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* ---- files ---- */

enum { MASTER = 1, NODE_KEY = 2, CEILING = 4, LINKED = 8, MOVED = 16, OTHERS = 32, MADE = 64 };

static int try_files(intptr_t argument)
{
    char way[192], made[192];
    int worked = 0;

    snprintf(way, sizeof way, "%s/way", store_folder);
    snprintf(made, sizeof made, "%s/made", vault_harness_folder);
    worked |= opens(vault_harness_master, O_RDONLY) ? MASTER : 0;
    worked |= opens(node_key, O_RDONLY) ? NODE_KEY : 0;
    worked |= opens(vault_harness_ceiling, O_RDWR) ? CEILING : 0;
    worked |= symlink(vault_harness_master, way) == 0 && opens(way, O_RDONLY) ? LINKED : 0;
    unlink(way);
    worked |= link(vault_harness_master, way) == 0 && opens(way, O_RDONLY) ? LINKED : 0;
    unlink(way);
    if (rename(vault_harness_master, way) == 0) {
        worked |= MOVED;
        if (rename(way, vault_harness_master) != 0)
            return EXIT_SETUP;
    }
    worked |= opens("/etc/passwd", O_RDONLY) || opens("/", O_RDONLY) ? OTHERS : 0;
    worked |= opens(made, O_RDWR | O_CREAT) ? MADE : 0;
    unlink(made);
    return worked;
}

/* Y10 and design rule 3: planted reads. Without the confinement each works: same user. */
static void no_key_file_can_be_opened(void **state)
{
    if (lk_landlock_abi() == 0)
        skip();
    assert_int_equal(in_child(try_files, 0, false), 127);
    assert_int_equal(in_child(try_files, 0, true), 0);
}

static void *try_files_in_thread(void *result)
{
    *(int *)result = try_files(0);
    return NULL;
}

/* As a worker's pool does: the thread begins after the confinement. */
static int try_files_by_thread(intptr_t argument)
{
    pthread_t thread;
    int worked = EXIT_SETUP;

    if (pthread_create(&thread, NULL, try_files_in_thread, &worked) == 0)
        pthread_join(thread, NULL);
    return worked;
}

static void threads_are_confined_too(void **state)
{
    if (lk_landlock_abi() == 0)
        skip();
    assert_int_equal(in_child(try_files_by_thread, 0, true), 0);
}

static int use_store(intptr_t argument)
{
    struct lk_sealed_row row = { .len = 3, .octets = "row" }, back;
    struct lk_store *store, *again;
    char error[LK_STORE_ERROR_TEXT];
    bool found = false;

    /* Twice, as after an error; a writer and a reader at once, as in a worker. */
    for (int i = 0; i < 2; i++) {
        if (lk_store_open_existing(&store, config.store.url, error) != LK_OK ||
            lk_store_open_existing(&again, config.store.url, error) != LK_OK ||
            lk_store_begin(store) != LK_OK ||
            lk_store_add(store, &vault_harness_imsi, &row, true) != LK_OK ||
            lk_store_commit(store) != LK_OK || lk_store_present(store) != LK_OK ||
            lk_store_rows(again, &vault_harness_imsi, 1, &back, &found) != LK_OK || !found)
            return 1;
        lk_store_close(store);
        lk_store_close(again);
    }
    return EXIT_FINE;
}

static int make_store(intptr_t argument)
{
    struct lk_store *store;
    char error[LK_STORE_ERROR_TEXT];

    if (lk_store_open(&store, config.store.url, error) != LK_OK)
        return 1;
    lk_store_close(store);
    return EXIT_FINE;
}

static void the_store_works(void **state)
{
    assert_int_equal(in_child(make_store, 0, false), EXIT_FINE);
    assert_int_equal(in_child(use_store, 0, true), EXIT_FINE);
}

static void store_among_the_keys_is_refused(void **state)
{
    struct lk_confinement got;
    char error[LK_CONFINE_ERROR_TEXT] = "", link_name[192];
    pid_t pid;

    if (lk_landlock_abi() == 0)
        skip();
    snprintf(link_name, sizeof link_name, "%s/way", store_folder);
    assert_int_equal(symlink(vault_harness_folder, link_name), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(config.store.url, sizeof config.store.url, "sqlite:%s/latchkey.db",
                 i == 0 ? vault_harness_folder : link_name);
        pid = fork();
        if (pid == 0)
            _exit(lk_confine_process(&got, &lk_aaa_kind, &config, error) == LK_E_CONFIG &&
                          strstr(error, "directory of its own") != NULL
                      ? 0
                      : 1);
        assert_int_equal(ended(pid), 0);
    }
}

/* What libpq reads is there; what would bring a key with it is left out. */
static int try_postgres(intptr_t argument)
{
    return (opens("/etc/hosts", O_RDONLY) ? 0 : 1) | (opens("/etc/passwd", O_RDWR) ? 2 : 0) |
           try_files(0);
}

static void a_postgres_worker_opens_no_key_either(void **state)
{
    if (lk_landlock_abi() == 0)
        skip();
    snprintf(config.store.url, sizeof config.store.url, "postgresql://u@/d?sslkey=%s",
             vault_harness_master);
    setenv("PGSYSCONFDIR", vault_harness_folder, 1);
    assert_int_equal(in_child(try_postgres, 0, true), OTHERS); /* /etc/passwd, to read */
    unsetenv("PGSYSCONFDIR");
}

/* ---- processes ---- */

static bool reads_proc(const char *name)
{
    char path[64], octet;
    int fd;
    bool got;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)vault.pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    got = fd >= 0 && pread(fd, &octet, 1, (off_t)(uintptr_t)&vault_harness_imsi) == 1;
    if (fd >= 0)
        close(fd);
    return got;
}

static int try_vault(intptr_t argument)
{
    return (reads_proc("mem") ? 1 : 0) | (reads_proc("maps") ? 2 : 0) |
           (reads_proc("environ") ? 4 : 0) | (opens("/proc/self/mem", O_RDWR) ? 8 : 0) |
           (opens("/proc/self/status", O_RDONLY) ? 16 : 0);
}

static void the_vault_cannot_be_looked_at(void **state)
{
    if (lk_landlock_abi() == 0)
        skip();
    assert_int_equal(in_child(try_vault, 0, false) & 16, 16);
    assert_int_equal(in_child(try_vault, 0, true), 0);
}

enum { THE_VAULT = -1000 }; /* its process number */

struct call {
    long number, arguments[4];
};

static const struct call forbidden[] = {
    { SYS_execve, { 0 } },
    { SYS_execveat, { AT_FDCWD } },
    { SYS_process_vm_readv, { THE_VAULT } },
    { SYS_process_vm_writev, { THE_VAULT } },
    { SYS_pidfd_open, { THE_VAULT } },
    { SYS_pidfd_getfd, { STDIN_FILENO } },
    { SYS_clone, { SIGCHLD } },
    { SYS_kill, { THE_VAULT, SIGUSR1 } },
    { SYS_tgkill, { THE_VAULT, THE_VAULT, SIGUSR1 } },
    { SYS_unshare, { 0 } },
    { SYS_setns, { STDIN_FILENO } },
    { SYS_mount, { 0 } },
    { SYS_bpf, { 0 } },
    { SYS_io_uring_setup, { 1 } },
    { SYS_keyctl, { 0 } },
    { SYS_userfaultfd, { 0 } },
    { SYS_perf_event_open, { 0 } },
    { SYS_listen, { STDIN_FILENO, 1 } },
#if !defined(LK_SANITIZED)
    { SYS_ptrace, { PTRACE_SEIZE, THE_VAULT } },
    { SYS_mmap, { 0, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS } },
#endif
};
static const struct call a_socket = { SYS_socket, { AF_UNIX, SOCK_STREAM } };
static const struct call a_program = { SYS_execve, { 0 } };
static const struct call another_view = { SYS_unshare, { 0 } };

static long make_call(const struct call *call)
{
    long a[4];

    for (int i = 0; i < 4; i++)
        a[i] = call->arguments[i] == THE_VAULT ? vault.pid : call->arguments[i];
    return syscall(call->number, a[0], a[1], a[2], a[3], -1L, 0L);
}

/* It dies of the call; where a run-time checker needs calls of its own, it is told EPERM. */
static void assert_forbidden(const struct call *call)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        become_nobody();
        confine_or_end();
        _exit(make_call(call) == -1 && errno == EPERM ? 1 : EXIT_FINE);
    }
    how = ended(pid);
#if defined(LK_SANITIZED)
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 1)
#else
    if (!WIFSIGNALED(how) || WTERMSIG(how) != SIGSYS)
#endif
        fail_msg("system call %ld: ended by %#x", call->number, (unsigned)how);
}

static int calls_all_right(intptr_t argument)
{
    return kill(vault.pid, 0) == 0 || errno != ESRCH ? EXIT_FINE : 1;
}

/* Y09, Y10. */
static void foreign_calls_end_the_worker(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(forbidden); i++)
        assert_forbidden(&forbidden[i]);
    assert_int_equal(in_child(calls_all_right, 0, true), EXIT_FINE);
}

static int opens_socket(intptr_t argument)
{
    return make_call(&a_socket) >= 0 ? EXIT_FINE : 1;
}

static void sockets_only_where_the_store_is_a_server(void **state)
{
    assert_forbidden(&a_socket);
    snprintf(config.store.url, sizeof config.store.url, "postgresql://u@/d");
    assert_int_equal(in_child(opens_socket, 0, true), EXIT_FINE);
    assert_forbidden(&(const struct call){ SYS_listen, { STDIN_FILENO, 1 } });
}

static void *call_later(void *pipe_end)
{
    char octet;

    if (read(*(int *)pipe_end, &octet, 1) == 1)
        (void)make_call(&another_view);
    _exit(errno == EPERM ? 1 : EXIT_FINE);
}

/* A thread that was there before is under the filter too. */
static void the_filter_is_for_all_threads(void **state)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        pthread_t thread;
        int ends[2];

        become_nobody();
        if (pipe(ends) != 0 || pthread_create(&thread, NULL, call_later, &ends[0]) != 0)
            _exit(EXIT_SETUP);
        confine_or_end();
        if (write(ends[1], "x", 1) != 1)
            _exit(EXIT_SETUP);
        pthread_join(thread, NULL);
    }
    how = ended(pid);
#if defined(LK_SANITIZED)
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 1);
#else
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS);
#endif
}

/* A crash is a crash, not a breach of the rules. */
static void a_worker_may_abort(void **state)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        become_nobody();
        signal(SIGABRT, SIG_DFL);
        confine_or_end();
        abort();
    }
    how = ended(pid);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
}

static int no_core_and_not_dumpable(intptr_t argument)
{
    struct rlimit core;

    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
                   prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
               ? EXIT_FINE
               : 1;
}

/* Y05, Y08. */
static void nothing_of_it_is_left_behind(void **state)
{
    assert_int_equal(in_child(no_core_and_not_dumpable, 0, true), EXIT_FINE);
}

/* The supervisor starts vaults: it may fork, and read the key; it may not run programs. */
static void the_supervisor_runs_no_program(void **state)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        char error[LK_CONFINE_ERROR_TEXT];
        pid_t child;

        become_nobody();
        if (lk_confine_supervisor(error) != LK_OK)
            _exit(EXIT_SETUP);
        child = fork();
        if (child == 0)
            _exit(opens(vault_harness_master, O_RDONLY) ? EXIT_FINE : 1);
        if (child < 0 || waitpid(child, &how, 0) != child || how != 0)
            _exit(EXIT_SETUP);
        _exit(make_call(&a_program) == -1 && errno == EPERM ? 1 : EXIT_FINE);
    }
    how = ended(pid);
#if defined(LK_SANITIZED)
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 1);
#else
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS);
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_key_file_can_be_opened),
        TEST(threads_are_confined_too),
        TEST(the_store_works),
        TEST(store_among_the_keys_is_refused),
        TEST(a_postgres_worker_opens_no_key_either),
        TEST(the_vault_cannot_be_looked_at),
        TEST(foreign_calls_end_the_worker),
        TEST(sockets_only_where_the_store_is_a_server),
        TEST(the_filter_is_for_all_threads),
        TEST(a_worker_may_abort),
        TEST(nothing_of_it_is_left_behind),
        TEST(the_supervisor_runs_no_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
