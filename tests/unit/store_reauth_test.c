/* store/reauth: bounded, one use, shared, and blocked for ever by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/reauth.h"

enum { CAPACITY = 256 };

static int setup(void **state)
{
    void *memory = mmap(NULL, lk_reauth_table_size(CAPACITY), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(memory, MAP_FAILED);
    *state = lk_reauth_table_in(memory, CAPACITY);
    return 0;
}

static int teardown(void **state)
{
    return munmap(*state, lk_reauth_table_size(CAPACITY));
}

static struct lk_reauth_context context_of(uint32_t n)
{
    struct lk_reauth_context c = { .eap_type = 50, .counter = (uint16_t)n };
    uint64_t hash = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

    memcpy(c.name, &hash, sizeof hash);
    memcpy(c.name + 8, &n, sizeof n);
    memset(c.k_re.octets, (int)n, sizeof c.k_re.octets);
    return c;
}

/* A28: what serves once is gone with it: the second who names it finds nothing, and its keys are
 * nowhere in the memory that the workers share. */
static void a_context_serves_once(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context c = context_of(1), got;

    assert_int_equal(lk_reauth_take(table, &got, c.name, 0), LK_E_NOT_FOUND);
    lk_reauth_keep(table, &c, 1000, 5000);
    assert_int_equal(lk_reauth_count(table), 1);
    assert_int_equal(lk_reauth_take(table, &got, c.name, 2000), LK_OK);
    assert_memory_equal(&got, &c, sizeof c);
    assert_null(memmem(table, lk_reauth_table_size(CAPACITY), c.k_re.octets, sizeof c.k_re.octets));
    assert_int_equal(lk_reauth_take(table, &got, c.name, 2000), LK_E_NOT_FOUND);
    assert_int_equal(lk_reauth_count(table), 0);
}

/* A28: a message that makes the server keep a context may come again, late, from elsewhere. */
static void a_context_that_has_served_does_not_come_back(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context c = context_of(1), got;

    lk_reauth_keep(table, &c, 1000, 500000);
    lk_reauth_keep(table, &c, 1001, 500000);
    assert_int_equal(lk_reauth_count(table), 1);
    assert_int_equal(lk_reauth_take(table, &got, c.name, 2000), LK_OK);
    lk_reauth_keep(table, &c, 70000, 500000);
    assert_int_equal(lk_reauth_count(table), 0);
    assert_int_equal(lk_reauth_take(table, &got, c.name, 70001), LK_E_NOT_FOUND);
}

/* The name of one that has served is remembered as long as any State can live, and not for ever. */
static void the_memory_of_a_spent_name_ends(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context c = context_of(1), got;

    lk_reauth_keep(table, &c, 1000, 500000);
    assert_int_equal(lk_reauth_take(table, &got, c.name, 2000), LK_OK);
    lk_reauth_keep(table, &c, 2000 + LK_REAUTH_SPENT_MS - 1, 500000);
    assert_int_equal(lk_reauth_count(table), 0);
    lk_reauth_keep(table, &c, 2000 + LK_REAUTH_SPENT_MS, 500000);
    assert_int_equal(lk_reauth_count(table), 1);
}

static void a_context_past_its_life_is_gone(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context c = context_of(1), got;

    lk_reauth_keep(table, &c, 1000, 5000);
    assert_int_equal(lk_reauth_take(table, &got, c.name, 6000), LK_E_NOT_FOUND);
    assert_int_equal(lk_reauth_count(table), 0);
}

/* Nobody has to ask for it: whoever uses the bucket next wipes what is past its life. */
static void a_context_past_its_life_is_wiped_by_its_neighbours(void **state)
{
    static _Alignas(64) uint8_t memory[8192];
    struct lk_reauth_context old = context_of(0x5a), next = context_of(2), other = context_of(3);
    struct lk_reauth_table *table;
    struct lk_reauth_context got;

    assert_true(lk_reauth_table_size(1) <= sizeof memory); /* one bucket */
    for (int take = 0; take < 2; take++) {
        memset(memory, 0, sizeof memory);
        table = lk_reauth_table_in(memory, 1);
        lk_reauth_keep(table, &old, 1000, 5000);
        lk_reauth_keep(table, &other, 1000, 500000);
        if (take)
            assert_int_equal(lk_reauth_take(table, &got, next.name, 6000), LK_E_NOT_FOUND);
        else
            lk_reauth_keep(table, &next, 6000, 5000);
        assert_null(memmem(memory, sizeof memory, old.k_re.octets, 32));
        assert_int_equal(lk_reauth_count(table), take ? 1 : 2);
        assert_int_equal(lk_reauth_take(table, &got, other.name, 6000), LK_OK);
    }
}

/* A29: the table is full, and a hundred thousand more come: the oldest give way, the newest stay.
 */
static void a_full_table_lets_the_oldest_go(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context got;
    size_t held = 0;

    for (uint32_t i = 0; i < 100000; i++) {
        struct lk_reauth_context c = context_of(i);

        lk_reauth_keep(table, &c, i, 1000000);
    }
    assert_true(lk_reauth_count(table) <= CAPACITY);
    for (uint32_t i = 0; i < 100000; i++) {
        struct lk_reauth_context c = context_of(i);

        if (lk_reauth_take(table, &got, c.name, 100000) == LK_OK) {
            held++;
            assert_true(i > 90000);
            assert_memory_equal(&got, &c, sizeof c);
        }
    }
    assert_int_equal(held, CAPACITY);
    assert_int_equal(lk_reauth_count(table), 0);
}

static void wiped_when_taken(void **state)
{
    struct lk_reauth_table *table = *state;
    struct lk_reauth_context c = context_of(0x5a), got;

    lk_reauth_keep(table, &c, 1, 1000);
    assert_non_null(memmem(table, lk_reauth_table_size(CAPACITY), c.k_re.octets, 32));
    assert_int_equal(lk_reauth_take(table, &got, c.name, 2), LK_OK);
    assert_null(memmem(table, lk_reauth_table_size(CAPACITY), c.k_re.octets, 32));
}

/* Four processes keep and take what they like: each context is taken by one of them at most. */
static void processes_share_it(void **state)
{
    enum { PROCESSES = 4, CONTEXTS = 128 };
    struct lk_reauth_table *table = *state;
    size_t taken = 0, held = 0;

    for (uint32_t i = 0; i < CONTEXTS; i++) {
        struct lk_reauth_context c = context_of(i);

        lk_reauth_keep(table, &c, 1, 1000000);
    }
    held = lk_reauth_count(table);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            int mine = 0;

            for (uint32_t i = 0; i < CONTEXTS; i++) {
                struct lk_reauth_context c = context_of(i), got;

                if (lk_reauth_take(table, &got, c.name, 2) == LK_OK)
                    mine += memcmp(&got, &c, sizeof c) == 0 ? 1 : 100;
            }
            _exit(mine);
        }
    for (int p = 0; p < PROCESSES; p++) {
        int how;

        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how));
        taken += (size_t)WEXITSTATUS(how);
    }
    assert_int_equal(taken, held);
}

/* Y14: workers are killed at any instant; the table serves on. */
static void a_killed_process_blocks_nobody(void **state)
{
    struct lk_reauth_table *table = *state;
    struct timespec from, to;

    for (int round = 0; round < 40; round++) {
        pid_t pid = fork();

        if (pid == 0)
            for (uint32_t i = 0;; i++) {
                struct lk_reauth_context c = context_of(i), got;

                lk_reauth_keep(table, &c, 1, 1000);
                if (lk_reauth_take(table, &got, c.name, 2) == LK_E_FULL)
                    _exit(1);
            }
        usleep(1000 + (useconds_t)round * 37);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (uint32_t i = 0; i < 1024; i++) {
        struct lk_reauth_context c = context_of(i + 100000000), got;

        lk_reauth_keep(table, &c, 1, 1000);
        assert_int_equal(lk_reauth_take(table, &got, c.name, 2), LK_OK);
        assert_memory_equal(&got, &c, sizeof c);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_context_serves_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_context_that_has_served_does_not_come_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_memory_of_a_spent_name_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(a_context_past_its_life_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_context_past_its_life_is_wiped_by_its_neighbours, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_full_table_lets_the_oldest_go, setup, teardown),
        cmocka_unit_test_setup_teardown(wiped_when_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(processes_share_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_process_blocks_nobody, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
