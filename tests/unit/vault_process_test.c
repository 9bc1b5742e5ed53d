/* vault/vault: a process of its own, and how it is talked to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/master.h"
#include "vault_harness.h"

static void vectors_come_in_batches_to_every_client(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = vault_harness_credentials();
    struct lk_sealed_row row;
    struct lk_vault_request requests[LK_VAULT_BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH];
    size_t count, got = 0;

    vault_harness_start(&vault, 3);
    row = vault_harness_enrol(&vault, &c);
    for (size_t client = 0; client < 3; client++) {
        struct lk_vault_client one = lk_vault_client_of(&vault, client);
        enum lk_status status;

        for (size_t i = 0; i < LK_VAULT_BATCH; i++)
            requests[i] = (struct lk_vault_request){
                .id = (uint32_t)i, .kind = LK_VAULT_VECTOR, .imsi = vault_harness_imsi, .row = row
            };
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
    struct lk_credentials c = vault_harness_credentials();
    struct lk_vault_client worker;
    struct lk_vault_request request = {
        .id = 1, .kind = LK_VAULT_SEAL, .imsi = vault_harness_imsi, .credentials = &c
    };
    struct lk_vault_answer answer;

    vault_harness_start(&vault, 2);
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
    struct lk_credentials c = vault_harness_credentials();
    struct lk_sealed_row row;
    struct lk_vault_answer answer;

    vault_harness_start(&vault, 3);
    row = vault_harness_enrol(&vault, &c);
    assert_int_equal(send(vault.fds[1], rubbish, sizeof rubbish, 0), sizeof rubbish);
    assert_int_not_equal(vault_harness_ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_OK);
    assert_int_equal(vault_harness_ask(lk_vault_client_of(&vault, 2), &row, &answer), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    lk_vault_stop(&vault, true);
}

/* Y10: a captured worker that asks for another room's keys, or for those of another network, gets
 * nothing, and is cut off. */
static void a_worker_gets_the_keys_of_its_kind_alone(void **state)
{
    static const struct lk_vault_right rights[] = {
        { 0 },
        { 1u << LK_VECTOR_CK_IK | 1u << LK_VECTOR_PRIME, { 0 } },
        { 1u << LK_VECTOR_KASME, { 0x00, 0xf1, 0x10 } },
    };
    static const struct {
        size_t client;
        enum lk_vector_keys keys;
        uint8_t sn_id;
        bool granted;
    } asked[] = {
        { 0, LK_VECTOR_CK_IK, 0x10, false }, { 1, LK_VECTOR_CK_IK, 0x10, true },
        { 1, LK_VECTOR_PRIME, 0x10, true },  { 1, LK_VECTOR_KASME, 0x10, false },
        { 2, LK_VECTOR_KASME, 0x10, true },  { 2, LK_VECTOR_KASME, 0x11, false },
        { 2, LK_VECTOR_CK_IK, 0x10, false }, { 2, LK_VECTOR_PRIME, 0x10, false },
    };
    enum lk_vault_kind kinds[] = { LK_VAULT_VECTOR, LK_VAULT_RESYNC, LK_VAULT_NOBODY };
    struct lk_credentials c = vault_harness_credentials();

    for (size_t i = 0; i < LK_COUNT_OF(asked); i++)
        for (size_t kind = 0; kind < LK_COUNT_OF(kinds); kind++) {
            struct lk_vault_settings settings = vault_harness_settings();
            struct lk_vault_request request = {
                .id = 2, .kind = kinds[kind], .imsi = vault_harness_imsi, .keys = asked[i].keys,
                .sn_id = { 0x00, 0xf1, asked[i].sn_id }
            };
            char error[LK_VAULT_ERROR_TEXT] = "";
            struct lk_vault_answer answer;
            struct lk_vault_client client;
            struct lk_vault vault;

            settings.rights = rights;
            assert_int_equal(lk_vault_start(&vault, &settings, 3, error), LK_OK);
            request.row = vault_harness_enrol(&vault, &c);
            client = lk_vault_client_of(&vault, asked[i].client);
            assert_int_equal(lk_vault_client_call(&client, &request, &answer, 5000) == LK_OK,
                             asked[i].granted);
            lk_vault_stop(&vault, true);
        }
}

/* One that does not read its answers keeps nobody waiting, and gets them when it reads. */
static void a_client_that_does_not_read_stalls_nobody(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = vault_harness_credentials();
    struct lk_sealed_row row;
    struct lk_vault_request requests[LK_VAULT_BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH], answer;
    struct lk_vault_client lazy;
    size_t sent = 0, received = 0, count;

    vault_harness_start(&vault, 3);
    row = vault_harness_enrol(&vault, &c);
    lazy = lk_vault_client_of(&vault, 1);
    for (size_t i = 0; i < LK_VAULT_BATCH; i++)
        requests[i] = (struct lk_vault_request){
            .id = (uint32_t)i, .kind = LK_VAULT_VECTOR, .imsi = vault_harness_imsi, .row = row
        };
    for (int tries = 0; tries < 200; tries++) {
        if (lk_vault_client_send(&lazy, requests, LK_VAULT_BATCH) == LK_OK)
            sent++;
        else
            usleep(1000);
    }
    assert_true(sent > 3);
    assert_int_equal(vault_harness_ask(lk_vault_client_of(&vault, 2), &row, &answer), LK_OK);
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

    vault_harness_start(&vault, 2);
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
    struct lk_vault_settings settings = vault_harness_settings();
    char error[LK_VAULT_ERROR_TEXT];
    FILE *file;

    assert_int_equal(chmod(vault_harness_master, 0640), 0);
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "chmod 600"));
    assert_int_equal(chmod(vault_harness_master, 0600), 0);
    settings.master_key = "/nonexistent/master.key";
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "cannot read the master key"));
    settings = vault_harness_settings();
    settings.node = 4;
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    file = fopen(vault_harness_ceiling, "w");
    assert_non_null(file);
    assert_true(fputs("not a ceiling", file) >= 0);
    assert_int_equal(fclose(file), 0);
    settings = vault_harness_settings();
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "damaged"));
    unlink(vault_harness_ceiling);
    settings.master_key = "credential:master";
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "LoadCredential"));
    setenv("CREDENTIALS_DIRECTORY", vault_harness_folder, 1);
    settings.master_key = "credential:master.key";
    assert_int_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    lk_vault_stop(&vault, true);
    settings = vault_harness_settings();
    settings.node = 1;
    assert_int_not_equal(lk_vault_start(&vault, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "belongs to node 0"));
}

static void one_state_serves_one_vault(void **state)
{
    struct lk_vault vault, second;
    struct lk_vault_settings settings = vault_harness_settings();
    char error[LK_VAULT_ERROR_TEXT];

    vault_harness_start(&vault, 1);
    assert_int_not_equal(lk_vault_start(&second, &settings, 1, error), LK_OK);
    assert_non_null(strstr(error, "another latchkeyd"));
    lk_vault_stop(&vault, true);
}

static void master_key_file_is_private_and_never_overwritten(void **state)
{
    struct lk_master_key key;
    struct stat about;
    char error[LK_MASTER_ERROR_TEXT];

    assert_int_equal(stat(vault_harness_master, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(lk_master_key_create(vault_harness_master, error), LK_E_EXISTS);
    assert_int_equal(lk_master_key_read(&key, vault_harness_master, error), LK_OK);
    assert_int_equal(truncate(vault_harness_master, 40), 0);
    assert_int_equal(lk_master_key_read(&key, vault_harness_master, error), LK_E_VALUE);
}

/* Y09: when the vault is gone its clients are told, and live. */
static void a_dead_vault_is_reported_to_its_clients(void **state)
{
    struct lk_vault vault;
    struct lk_credentials c = vault_harness_credentials();
    struct lk_sealed_row row;
    struct lk_vault_answer answer;

    vault_harness_start(&vault, 2);
    row = vault_harness_enrol(&vault, &c);
    kill(vault.pid, SIGSYS);
    assert_int_equal(waitpid(vault.pid, NULL, 0), vault.pid);
    vault.pid = -1;
    assert_int_equal(vault_harness_ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_E_SYSTEM);
    lk_vault_stop(&vault, false);
    vault_harness_start(&vault, 2);
    assert_int_equal(vault_harness_ask(lk_vault_client_of(&vault, 1), &row, &answer), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    lk_vault_stop(&vault, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors_come_in_batches_to_every_client,
                                        vault_harness_setup, vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_worker_may_not_seal, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_worker_gets_the_keys_of_its_kind_alone,
                                        vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(rubbish_cuts_its_writer_off_alone, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_client_that_does_not_read_stalls_nobody,
                                        vault_harness_setup, vault_harness_teardown),
        cmocka_unit_test_setup_teardown(it_ends_when_every_socket_is_closed, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_at_the_start_is_said, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(one_state_serves_one_vault, vault_harness_setup,
                                        vault_harness_teardown),
        cmocka_unit_test_setup_teardown(master_key_file_is_private_and_never_overwritten,
                                        vault_harness_setup, vault_harness_teardown),
        cmocka_unit_test_setup_teardown(a_dead_vault_is_reported_to_its_clients,
                                        vault_harness_setup, vault_harness_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
