/* role/ue_sqn: what a card has accepted outlives its process; a torn slot leaves the one before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/octets.h"
#include "role/ue_sqn.h"

enum { SLOT_LEN = 512 };

struct rig {
    char path[64];
    struct lk_imsi imsi;
    struct lk_usim usim;
    struct lk_ue_slots sqn;
    char error[LK_UE_SQN_ERROR_TEXT];
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    int fd;

    *state = rig;
    snprintf(rig->path, sizeof rig->path, "/tmp/lk-ue-sqn-XXXXXX");
    fd = mkstemp(rig->path);
    if (fd < 0 || lk_imsi_parse(&rig->imsi, lk_span_text("001010000000001")) != LK_OK)
        return -1;
    (void)close(fd);
    (void)unlink(rig->path);
    rig->sqn.fd = -1;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    lk_ue_slots_close(&rig->sqn);
    (void)unlink(rig->path);
    free(rig);
    return 0;
}

/* As a process that begins anew. */
static enum lk_status open_anew(struct rig *rig)
{
    lk_ue_slots_close(&rig->sqn);
    memset(rig->usim.seq, 0, sizeof rig->usim.seq);
    return lk_ue_sqn_open(&rig->sqn, &rig->usim, &rig->imsi, rig->path, rig->error);
}

static void accept(struct rig *rig, size_t ind, uint64_t seq)
{
    rig->usim.seq[ind] = seq;
    assert_int_equal(lk_ue_sqn_write(&rig->sqn, &rig->usim), LK_OK);
}

static void spoil(const struct rig *rig, uint64_t slot)
{
    FILE *file = fopen(rig->path, "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)(slot % 2 * SLOT_LEN + 40), SEEK_SET), 0);
    assert_int_equal(fwrite("torn", 4, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

/* spec: TS 33.102 6.3.3 - the USIM keeps the SQN that it has accepted. */
static void what_was_accepted_is_there_again(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_anew(rig), LK_OK);
    assert_int_equal(rig->usim.seq[3], 0);
    accept(rig, 3, 1000);
    accept(rig, 31, (UINT64_C(1) << 43) - 1);
    assert_int_equal(open_anew(rig), LK_OK);
    assert_int_equal(rig->usim.seq[3], 1000);
    assert_true(rig->usim.seq[31] == (UINT64_C(1) << 43) - 1);
}

static void a_torn_slot_leaves_the_one_before(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_anew(rig), LK_OK);
    accept(rig, 0, 1);
    accept(rig, 0, 2);
    spoil(rig, rig->sqn.written);
    assert_int_equal(open_anew(rig), LK_OK);
    assert_int_equal(rig->usim.seq[0], 1);
    accept(rig, 0, 3);
    spoil(rig, 0);
    spoil(rig, 1);
    assert_int_equal(open_anew(rig), LK_E_VALUE);
    assert_non_null(strstr(rig->error, rig->path));
}

static void it_is_one_cards_and_one_processes(void **state)
{
    struct rig *rig = *state;
    struct lk_ue_slots other;
    struct lk_usim usim;

    memset(&usim, 0, sizeof usim);
    assert_int_equal(open_anew(rig), LK_OK);
    assert_int_not_equal(lk_ue_sqn_open(&other, &usim, &rig->imsi, rig->path, rig->error), LK_OK);
    assert_non_null(strstr(rig->error, "another process"));
    assert_int_equal(lk_imsi_parse(&rig->imsi, lk_span_text("001010000000002")), LK_OK);
    assert_int_equal(open_anew(rig), LK_E_DENIED);
    assert_int_equal(lk_ue_sqn_write(&rig->sqn, &usim), LK_E_SYSTEM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_accepted_is_there_again),
        TEST(a_torn_slot_leaves_the_one_before),
        TEST(it_is_one_cards_and_one_processes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
