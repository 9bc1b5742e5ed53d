/* store/erp: a context of ERP is with one worker at a time, and its SEQ goes one way. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/erp.h"

enum { CAPACITY = 64, EXPIRES_MS = 5000000 };

static int setup(void **state)
{
    void *memory = mmap(NULL, lk_erp_table_size(CAPACITY), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(memory, MAP_FAILED);
    *state = lk_erp_table_in(memory, CAPACITY);
    return 0;
}

static int teardown(void **state)
{
    return munmap(*state, lk_erp_table_size(CAPACITY));
}

static struct lk_erp_context context_of(uint8_t n)
{
    struct lk_erp_context c = { .expires_ms = EXPIRES_MS };

    memset(c.name, n, sizeof c.name);
    memset(c.rrk.octets, n, sizeof c.rrk.octets);
    return c;
}

/* T43: while one judges an Initiate nobody else has the context, nor its keys. */
static void one_has_it_at_a_time(void **state)
{
    struct lk_erp_table *table = *state;
    struct lk_erp_context c = context_of(0x5a), got, other;

    assert_int_equal(lk_erp_table_take(table, &got, c.name, 1), LK_E_NOT_FOUND);
    lk_erp_table_keep(table, &c, 1);
    assert_int_equal(lk_erp_table_count(table), 1);
    assert_int_equal(lk_erp_table_take(table, &got, c.name, 2), LK_OK);
    assert_memory_equal(&got, &c, sizeof c);
    assert_int_equal(lk_erp_table_take(table, &other, c.name, 2), LK_E_NOT_FOUND);
    assert_null(memmem(table, lk_erp_table_size(CAPACITY), c.rrk.octets, sizeof c.rrk.octets));
    got.next_seq = 7;
    lk_erp_table_put_back(table, &got, 2);
    assert_int_equal(lk_erp_table_count(table), 1);
    assert_int_equal(lk_erp_table_take(table, &other, c.name, 3), LK_OK);
    assert_int_equal(other.next_seq, 7);
}

/* T43: what is begun once more, by a replay of the authentication, does not bring SEQ 0 back:
 * neither while the context is there, nor while it is out, nor when it was lost with a worker. */
static void it_does_not_begin_twice(void **state)
{
    struct lk_erp_table *table = *state;
    struct lk_erp_context fresh = context_of(1), got;

    lk_erp_table_keep(table, &fresh, 1);
    assert_int_equal(lk_erp_table_take(table, &got, fresh.name, 2), LK_OK);
    lk_erp_table_keep(table, &fresh, 3);
    got.next_seq = 7;
    lk_erp_table_put_back(table, &got, 4);
    lk_erp_table_keep(table, &fresh, 5);
    assert_int_equal(lk_erp_table_take(table, &got, fresh.name, 6), LK_OK);
    assert_int_equal(got.next_seq, 7);
    lk_erp_table_keep(table, &fresh, 7); /* and it is not put back */
    assert_int_equal(lk_erp_table_take(table, &got, fresh.name, 8), LK_E_NOT_FOUND);
}

static void it_ends_in_its_time(void **state)
{
    struct lk_erp_table *table = *state;
    struct lk_erp_context c = context_of(0x5a), got;

    lk_erp_table_keep(table, &c, 1);
    assert_int_equal(lk_erp_table_take(table, &got, c.name, EXPIRES_MS), LK_E_NOT_FOUND);
    assert_null(memmem(table, lk_erp_table_size(CAPACITY), c.rrk.octets, sizeof c.rrk.octets));
}

/* T43: four workers take it, use a SEQ and put it back as fast as they can: none is used twice. Who
 * finds it taken tries again, so that each has it as often as the others. */
static void processes_use_no_seq_twice(void **state)
{
    enum { PROCESSES = 4, USES = 50000, PATIENCE_S = 25 };
    struct lk_erp_table *table = *state;
    struct lk_erp_context c = context_of(9), got;
    int start[2];

    lk_erp_table_keep(table, &c, 1);
    assert_int_equal(pipe(start), 0);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            close(start[1]);
            (void)!read(start[0], &p, 1); /* ends when all are there */
            (void)alarm(PATIENCE_S);                /* one that was lost would never come again */
            for (uint32_t used = 0; used < USES; used++) {
                while (lk_erp_table_take(table, &got, c.name, 2) != LK_OK)
                    (void)sched_yield();
                got.next_seq++;
                got.rmsk_lifetime_s++; /* how often it was used */
                lk_erp_table_put_back(table, &got, 2);
            }
            _exit(0);
        }
    close(start[0]);
    close(start[1]);
    for (int p = 0; p < PROCESSES; p++) {
        int how;

        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), 0);
    }
    assert_int_equal(lk_erp_table_take(table, &got, c.name, 3), LK_OK);
    assert_int_equal(got.next_seq, PROCESSES * USES);
    assert_int_equal(got.rmsk_lifetime_s, PROCESSES * USES);
    assert_int_equal(lk_erp_table_count(table), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_has_it_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(it_does_not_begin_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(it_ends_in_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(processes_use_no_seq_twice, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
