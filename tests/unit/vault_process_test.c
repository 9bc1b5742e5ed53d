/* vault/vault: a process of its own, that tells nobody K. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hex.h"
#include "vault/auc.h"
#include "vault/master.h"
#include "vault/serve.h"

static char folder[64], master_path[128], ceiling_path[128];
static const struct lk_imsi imsi = { .digits = "001010000000001" };

static struct lk_vault_settings settings_now(void)
{
    return (struct lk_vault_settings){ .master_key = master_path,
                                       .ceiling = ceiling_path,
                                       .mode = LK_SQN_TIME };
}

static int setup(void **state)
{
    char error[LK_MASTER_ERROR_TEXT];

    strcpy(folder, "/tmp/lk-vault-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(master_path, sizeof master_path, "%s/master.key", folder);
    snprintf(ceiling_path, sizeof ceiling_path, "%s/ceiling", folder);
    assert_int_equal(lk_master_key_create(master_path, error), LK_OK);
    return 0;
}

static int teardown(void **state)
{
    unlink(master_path);
    unlink(ceiling_path);
    rmdir(folder);
    return 0;
}

static void start(struct lk_vault *vault, size_t clients)
{
    struct lk_vault_settings settings = settings_now();
    char error[LK_VAULT_ERROR_TEXT] = "";

    if (lk_vault_start(vault, &settings, clients, error) != LK_OK)
        fail_msg("%s", error);
}

static struct lk_credentials credentials_random(void)
{
    struct lk_credentials c = { .card = { .algorithm = LK_AKA_MILENAGE,
                                          .k_len = 16,
                                          .res_len = 8,
                                          .keccak_iterations = 1 } };

    assert_int_equal(getrandom(c.card.k, 16, 0), 16);
    assert_int_equal(getrandom(c.card.topc, 16, 0), 16);
    return c;
}

static struct lk_sealed_row enrol(const struct lk_vault *vault, const struct lk_credentials *c)
{
    struct lk_vault_client client = lk_vault_client_of(vault, 0);
    struct lk_vault_request request = {
        .id = 1, .kind = LK_VAULT_SEAL, .imsi = imsi, .credentials = c
    };
    struct lk_vault_answer answer;

    assert_int_equal(lk_vault_client_call(&client, &request, &answer, 5000), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    return answer.row;
}

static enum lk_status ask(struct lk_vault_client client, const struct lk_sealed_row *row,
                          struct lk_vault_answer *answer)
{
    struct lk_vault_request request = { .id = 2,
                                        .kind = LK_VAULT_VECTOR,
                                        .imsi = imsi,
                                        .row = *row,
                                        .prime = true,
                                        .network_name_len = 4,
                                        .network_name = "WLAN" };

    return lk_vault_client_call(&client, &request, answer, 5000);
}

static void vectors_come_in_batches_to_every_client(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = credentials_random();
    struct lk_sealed_row row;
    struct lk_vault_request requests[LK_VAULT_BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH];
    size_t count, got = 0;

    start(&vault, 3);
    row = enrol(&vault, &c);
    for (size_t client = 0; client < 3; client++) {
        struct lk_vault_client one = lk_vault_client_of(&vault, client);
        enum lk_status status;

        for (size_t i = 0; i < LK_VAULT_BATCH; i++)
            requests[i] = (struct lk_vault_request){ .id = (uint32_t)i,
                                                     .kind = LK_VAULT_VECTOR,
                                                     .imsi = imsi,
                                                     .row = row };
        assert_int_equal(lk_vault_client_send(&one, requests, LK_VAULT_BATCH), LK_OK);
        while ((status = lk_vault_client_receive(&one, answers, &count)) == LK_E_BUSY)
            usleep(1000);
        assert_int_equal(status, LK_OK);
        assert_int_equal(count, LK_VAULT_BATCH);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(answers[i].id, i);
            got += answers[i].refused == LK_REASON_NONE;
        }
    }
    assert_true(got >= LK_SQN_AHEAD_MAX + 1);
    lk_vault_stop(&vault, true);
}

static void a_worker_may_not_seal(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = credentials_random();
    struct lk_vault_client worker;
    struct lk_vault_request request = {
        .id = 1, .kind = LK_VAULT_SEAL, .imsi = imsi, .credentials = &c
    };
    struct lk_vault_answer answer;

    start(&vault, 2);
    worker = lk_vault_client_of(&vault, 1);
    assert_int_equal(lk_vault_client_call(&worker, &request, &answer, 5000), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_SEAL_DENIED);
    assert_int_equal(answer.row.len, 0);
    lk_vault_stop(&vault, true);
}

/* A captured worker that writes rubbish is cut off; the others are served on. */
static void rubbish_cuts_its_writer_off_alone(void **state)
{
    static const uint8_t rubbish[] = { 1, 0, 0, 0, 0, 77 };
    struct lk_vault vault;
    struct lk_credentials c = credentials_random();
    struct lk_sealed_row row;
    struct lk_vault_answer answer;

    start(&vault, 3);
    row = enrol(&vault, &c);
    assert_int_equal(send(vault.fds[1], rubbish, sizeof rubbish, 0), sizeof rubbish);
    assert_int_not_equal(ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_OK);
    assert_int_equal(ask(lk_vault_client_of(&vault, 2), &row, &answer), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    lk_vault_stop(&vault, true);
}

/* One that does not read its answers keeps nobody waiting, and gets them when it reads. */
static void a_client_that_does_not_read_stalls_nobody(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = credentials_random();
    struct lk_sealed_row row;
    struct lk_vault_request requests[LK_VAULT_BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH], answer;
    struct lk_vault_client lazy;
    size_t sent = 0, received = 0, count;

    start(&vault, 3);
    row = enrol(&vault, &c);
    lazy = lk_vault_client_of(&vault, 1);
    for (size_t i = 0; i < LK_VAULT_BATCH; i++)
        requests[i] = (struct lk_vault_request){
            .id = (uint32_t)i, .kind = LK_VAULT_VECTOR, .imsi = imsi, .row = row
        };
    for (int tries = 0; tries < 200; tries++) {
        if (lk_vault_client_send(&lazy, requests, LK_VAULT_BATCH) == LK_OK)
            sent++;
        else
            usleep(1000);
    }
    assert_true(sent > 3);
    assert_int_equal(ask(lk_vault_client_of(&vault, 2), &row, &answer), LK_OK);
    for (int tries = 0; tries < 2000 && received < sent; tries++) {
        if (lk_vault_client_receive(&lazy, answers, &count) == LK_OK)
            received++;
        else
            usleep(1000);
    }
    assert_int_equal(received, sent);
    lk_vault_stop(&vault, true);
}

/* The vault lives while one socket to it does. */
static void it_ends_when_every_socket_is_closed(void **state)
{
    struct lk_vault vault;
    pid_t worker;
    int how;

    start(&vault, 2);
    worker = fork();
    if (worker == 0) {
        struct lk_vault_request ping = { .id = 5, .kind = LK_VAULT_PING };
        struct lk_vault_answer answer;
        struct lk_vault_client client;

        lk_vault_keep(&vault, 1);
        usleep(50000);
        client = lk_vault_client_of(&vault, 1);
        _exit(lk_vault_client_call(&client, &ping, &answer, 5000) == LK_OK ? 0 : 1);
    }
    for (size_t i = 0; i < vault.count; i++)
        close(vault.fds[i]);
    assert_int_equal(waitpid(worker, &how, 0), worker);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_int_equal(waitpid(vault.pid, &how, 0), vault.pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void what_is_wrong_at_the_start_is_said(void **state)
{
    struct lk_vault vault;
    struct lk_vault_settings settings = settings_now();
    char error[LK_VAULT_ERROR_TEXT];
    FILE *file;

    assert_int_equal(chmod(master_path, 0640), 0);
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "chmod 600"));
    assert_int_equal(chmod(master_path, 0600), 0);
    settings.master_key = "/nonexistent/master.key";
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "cannot read the master key"));
    settings = settings_now();
    settings.node = 4;
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    file = fopen(ceiling_path, "w");
    assert_non_null(file);
    assert_true(fputs("not a ceiling", file) >= 0);
    assert_int_equal(fclose(file), 0);
    settings = settings_now();
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "damaged"));
    unlink(ceiling_path);
    settings.master_key = "credential:master";
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "LoadCredential"));
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    settings.master_key = "credential:master.key";
    assert_int_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    lk_vault_stop(&vault, true);
    settings = settings_now();
    settings.node = 1;
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "belongs to node 0"));
}

static void one_state_serves_one_vault(void **state)
{
    struct lk_vault vault, second;
    struct lk_vault_settings settings = settings_now();
    char error[LK_VAULT_ERROR_TEXT];

    start(&vault, 1);
    assert_int_not_equal(lk_vault_start(&second, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "another latchkeyd"));
    lk_vault_stop(&vault, true);
}

static void master_key_file_is_private_and_never_overwritten(void **state)
{
    struct lk_master_key key;
    struct stat about;
    char error[LK_MASTER_ERROR_TEXT];

    assert_int_equal(stat(master_path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(lk_master_key_create(master_path, error), LK_E_EXISTS);
    assert_int_equal(lk_master_key_read(&key, master_path, error), LK_OK);
    assert_int_equal(truncate(master_path, 40), 0);
    assert_int_equal(lk_master_key_read(&key, master_path, error), LK_E_VALUE);
}

/* ---- the sandbox ---- */

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
    struct iovec to = { &octet, 1 }, from = { (void *)(uintptr_t)&imsi, 1 };
    int worked = 0, fd, pidfd;

    if (ptrace(PTRACE_SEIZE, victim, 0, 0) == 0) {
        worked |= 1;
        ptrace(PTRACE_DETACH, victim, 0, 0);
    }
    if (process_vm_readv(victim, &to, 1, &from, 1, 0) == 1)
        worked |= 2;
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    fd = open(path, O_RDONLY);
    if (fd >= 0 && pread(fd, &octet, 1, (off_t)(uintptr_t)&imsi) == 1)
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
    start(&vault, 1);
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
    start(&vault, 2);
    worker = fork();
    if (worker == 0) {
        static struct lk_vault_answer answer;

        lk_vault_keep(&vault, 1);
        if (read(rows[0], &row, sizeof row) != (ssize_t)sizeof row ||
            ask(lk_vault_client_of(&vault, 1), &row, &answer) != LK_OK ||
            answer.refused != LK_REASON_NONE ||
            write(vectors[1], &answer.vector, sizeof vector) != (ssize_t)sizeof vector)
            _exit(1);
        raise(SIGSTOP);
        _exit(answer.vector.xres_len == 8 ? 0 : 1);
    }
    c = credentials_random();
    row = enrol(&vault, &c);
    assert_int_equal(write(rows[1], &row, sizeof row), sizeof row);
    assert_int_equal(read(vectors[0], &vector, sizeof vector), sizeof vector);
    assert_int_equal(waitpid(worker, &how, WUNTRACED), worker);
    assert_true(WIFSTOPPED(how));
    assert_int_equal(lk_master_key_read(&master, master_path, error), LK_OK);
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

/* Y09: when the vault is gone its clients are told, and live. */
static void a_dead_vault_is_reported_to_its_clients(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = credentials_random();
    struct lk_sealed_row row;
    struct lk_vault_answer answer;

    start(&vault, 2);
    row = enrol(&vault, &c);
    kill(vault.pid, SIGSYS);
    assert_int_equal(waitpid(vault.pid, NULL, 0), vault.pid);
    vault.pid = -1;
    assert_int_equal(ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_E_SYSTEM);
    lk_vault_stop(&vault, false);
    start(&vault, 2);
    assert_int_equal(ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    lk_vault_stop(&vault, true);
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

    start(&vault, 1);
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
    start(&vault, 2);
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
        cmocka_unit_test_setup_teardown(vectors_come_in_batches_to_every_client, setup, teardown),
        cmocka_unit_test_setup_teardown(a_worker_may_not_seal, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_cuts_its_writer_off_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_does_not_read_stalls_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(it_ends_when_every_socket_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_at_the_start_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(one_state_serves_one_vault, setup, teardown),
        cmocka_unit_test_setup_teardown(master_key_file_is_private_and_never_overwritten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_captured_worker_cannot_read_the_vault, setup, teardown),
        cmocka_unit_test_setup_teardown(a_worker_never_holds_k, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_that_is_not_allowed_kills_the_process, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_dead_vault_is_reported_to_its_clients, setup, teardown),
        cmocka_unit_test_setup_teardown(privileges_are_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(no_descriptor_of_the_caller_is_kept, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
