/* role/shared: what a worker that was taken over can reach of the others. */
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

#include "role/shared.h"

enum { OWN = 7, SECRET = 0x5a, PORT = 4711, ASKED = 5, MAY = 4, NOW_US = 1000 };

static const struct lk_imsi imsi = { "001010000000001" };
static const struct lk_vector_source somewhere;

static struct lk_shared *shared_of(struct lk_shared *kept)
{
    struct lk_shared *shared = lk_shared_new(16);

    assert_non_null(shared);
    memset(shared->probe.secret, SECRET, sizeof shared->probe.secret);
    shared->probe.place->port = PORT;
    shared->probe.row->row.len = 1;
    *kept = *shared;
    return shared;
}

/* Whether a system call could read that octet. */
static bool is_there(const void *at)
{
    int pipe_of[2];
    bool there;

    if (pipe(pipe_of) != 0)
        return true;
    there = write(pipe_of[1], at, 1) == 1;
    (void)close(pipe_of[0]);
    (void)close(pipe_of[1]);
    return there;
}

/* The first thing that is wrong in the worker, or 0; kept: where things were. */
static int wrong_in(struct lk_shared *shared, const struct lk_shared *kept, size_t slot,
                    bool is_aaa)
{
    static const uint8_t none[LK_PROBE_SECRET_LEN];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    lk_shared_keep(shared, slot, is_aaa);
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (is_there(kept->slot[i]) != (i == slot))
            return 1;
    if (slot < LK_SHARED_SLOTS)
        lk_count(&shared->slot[slot]->count.requests);
    if (is_there(kept->reauth) != is_aaa || is_there(kept->erp) != is_aaa ||
        is_there(kept->probe.row) != is_aaa ||
        is_there(kept->probe.place) != is_aaa || is_there(kept->sources.budgets) != is_aaa ||
        is_there(kept->sources.resyncs) != is_aaa || is_there(kept->sources.proven) != is_aaa)
        return 2;
    if (!is_aaa)
        return memcmp(shared->probe.secret, none, sizeof none) == 0 ? 0 : 3;
    if (shared->probe.place->port != PORT || shared->probe.secret[0] != SECRET)
        return 4;
    shared->probe.row->row.len++;
    for (unsigned i = 0; i < ASKED; i++)
        if (lk_vector_sources_may_ask(&shared->sources, &imsi, &somewhere, NOW_US) == (i == MAY))
            return 7;
    if (mprotect(shared->probe.place, page, PROT_READ | PROT_WRITE) == 0)
        return 5;
    return mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, kept->place_fd, 0) == MAP_FAILED
               ? 0
               : 6;
}

static void in_a_worker(struct lk_shared *shared, const struct lk_shared *kept, size_t slot,
                        bool is_aaa)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(wrong_in(shared, kept, slot, is_aaa));
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* T04, Y10: a slot is one process's, and the probe's secret, row and place are those of the AAA. */
static void a_worker_reaches_its_own_slot_alone(void **state)
{
    struct lk_shared kept, *shared = shared_of(&kept);

    (void)state;
    in_a_worker(shared, &kept, OWN, false);
    assert_int_equal(shared->slot[OWN]->count.requests, 1);
    in_a_worker(shared, &kept, LK_SHARED_SLOTS, false);
}

/* T04: who takes over a worker of the AAA still does not say from where the probe asks. */
static void a_worker_of_the_aaa_reads_the_place_and_never_writes_it(void **state)
{
    struct lk_shared kept, *shared = shared_of(&kept);

    (void)state;
    in_a_worker(shared, &kept, OWN, true);
    assert_int_equal(shared->slot[OWN]->count.requests, 1);
    assert_int_equal(shared->probe.row->row.len, 2);
    /* A07: what one worker lets somebody have is had from all. */
    assert_false(lk_vector_sources_may_ask(&shared->sources, &imsi, &somewhere, NOW_US));
    lk_vector_sources_proven(&shared->sources, &imsi, &somewhere, NOW_US);
    shared->probe.place->port++; /* the supervisor does, after a reload */
    shared->probe.place->port--;
    in_a_worker(shared, &kept, OWN + 1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_reaches_its_own_slot_alone),
        cmocka_unit_test(a_worker_of_the_aaa_reads_the_place_and_never_writes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
