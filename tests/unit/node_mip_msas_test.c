/* The table of mobility security associations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/mip_msas.h"

enum { NOW_MS = 1000, CAPACITY = 1000 };

static struct lk_mip_msa msa_of(uint32_t spi, uint64_t ends_ms)
{
    struct lk_mip_msa msa = { .there = { .spi = spi }, .spi_back = spi, .ends_ms = ends_ms };

    msa.there.secret.len = 16;
    memset(msa.there.secret.octets, 0xa5, msa.there.secret.len);
    return msa;
}

static struct lk_mip_msas *new_table(uint32_t capacity)
{
    void *memory = calloc(1, lk_mip_msas_size(capacity));

    assert_true(memory != NULL);
    return lk_mip_msas_in(memory, capacity, 42);
}

static bool has(const struct lk_mip_msas *msas, uint64_t subject, uint32_t spi)
{
    return lk_mip_msas_find(msas, subject, spi, NOW_MS) != NULL;
}

static void put(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi, uint64_t ends_ms)
{
    struct lk_mip_msa msa = msa_of(spi, ends_ms);

    lk_mip_msas_put(msas, subject, &msa, NOW_MS);
}

/* How many keys are somewhere in it, of rows or not. */
static size_t keys_stand(const struct lk_mip_msas *msas, uint32_t capacity)
{
    static const uint8_t key[16] = { 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5,
                                     0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5 };
    const uint8_t *at = (const uint8_t *)msas, *end = at + lk_mip_msas_size(capacity);
    size_t count = 0;

    while ((at = memmem(at, (size_t)(end - at), key, sizeof key)) != NULL) {
        count++;
        at += sizeof key;
    }
    return count;
}

/* As many as it was made for, two a subscriber, and none is lost. */
static void test_room_for_all(void **state)
{
    struct lk_mip_msas *msas = new_table(CAPACITY);

    (void)state;
    for (uint64_t subject = 1; subject <= CAPACITY / 2; subject++) {
        put(msas, subject, 256, UINT64_MAX);
        put(msas, subject, 257, UINT64_MAX);
    }
    for (uint64_t subject = 1; subject <= CAPACITY / 2; subject++) {
        lk_mip_msas_fetch_chain(msas, subject);
        lk_mip_msas_fetch(msas, subject);
        assert_true(has(msas, subject, 256) && has(msas, subject, 257));
    }
    lk_mip_msas_fetch(msas, CAPACITY / 2 + 1); /* nobody */
    assert_false(has(msas, CAPACITY / 2 + 1, 256));
    assert_false(has(msas, 1, 258));
    free(msas);
}

/* T26: the one before is beside the newer until that is used; there are never three. */
static void test_two_of_a_subscriber(void **state)
{
    struct lk_mip_msas *msas = new_table(CAPACITY);

    (void)state;
    put(msas, 7, 256, 5000);
    put(msas, 8, 256, 5000);
    put(msas, 7, 257, 9000);
    assert_true(has(msas, 7, 256) && has(msas, 7, 257));
    put(msas, 7, 258, 9000); /* 256 ends first */
    assert_true(!has(msas, 7, 256) && has(msas, 7, 257) && has(msas, 7, 258));
    lk_mip_msas_used(msas, 7, 257);
    assert_true(has(msas, 7, 257) && has(msas, 7, 258));
    lk_mip_msas_used(msas, 7, 258);
    assert_true(!has(msas, 7, 257) && has(msas, 7, 258) && has(msas, 8, 256));
    put(msas, 8, 300, UINT64_MAX);
    assert_true(has(msas, 7, 258) && has(msas, 8, 256) && has(msas, 8, 300));
    lk_mip_msas_remove_endless(msas);
    assert_true(has(msas, 8, 256) && !has(msas, 8, 300));
    free(msas);
}

static void test_it_ends(void **state)
{
    struct lk_mip_msas *msas = new_table(CAPACITY);

    (void)state;
    put(msas, 7, 256, 5000);
    assert_non_null(lk_mip_msas_find(msas, 7, 256, 4999));
    assert_null(lk_mip_msas_find(msas, 7, 256, 5000));
    assert_null(lk_mip_msas_newest(msas, 7, 5000));
    put(msas, 7, 257, 3000); /* the newest, and the first to end */
    assert_int_equal(lk_mip_msas_newest(msas, 7, 2999)->there.spi, 257);
    assert_int_equal(lk_mip_msas_newest(msas, 7, 3000)->there.spi, 256);
    assert_null(lk_mip_msas_newest(msas, 7, 5000));
    free(msas);
}

/* T26: of two keys that are made, a third takes the place of the one by which nobody is bound,
 * though it ends later; what is configured is beside them, and stays when a newer one is used. */
static void test_the_one_in_use_stays(void **state)
{
    struct lk_mip_msas *msas = new_table(CAPACITY);

    (void)state;
    for (uint32_t spi = 300; spi < 304; spi++)
        put(msas, 7, spi, UINT64_MAX);
    put(msas, 7, 256, 5000);
    lk_mip_msas_used(msas, 7, 256);
    lk_mip_msas_hold(msas, 7, 256, 4000);
    for (uint32_t spi = 257; spi < 270; spi++) {
        put(msas, 7, spi, 9000);
        assert_true(has(msas, 7, 256) && has(msas, 7, spi));
        assert_int_equal(has(msas, 7, spi - 1), spi == 257);
    }
    lk_mip_msas_hold(msas, 7, 256, 0); /* it has deregistered */
    put(msas, 7, 270, 9000);
    assert_true(!has(msas, 7, 256) && has(msas, 7, 269) && has(msas, 7, 270));
    for (uint32_t spi = 300; spi < 304; spi++)
        assert_true(has(msas, 7, spi));
    /* Both in use: its own newest one is no stranger's. */
    lk_mip_msas_hold(msas, 7, 269, 4000);
    lk_mip_msas_hold(msas, 7, 270, 4000);
    put(msas, 7, 271, 9500);
    assert_true(!has(msas, 7, 269) && has(msas, 7, 270) && has(msas, 7, 271));
    free(msas);
}

/* T10, T15: in a full table nobody who is bound loses his key to another: not while all are, and
 * not one without an end, which else is the last to give way. */
static void test_full_of_who_is_bound(void **state)
{
    struct lk_mip_msas *msas = new_table(16);

    (void)state;
    for (uint64_t subject = 1; subject <= 16; subject++) {
        put(msas, subject, 256, subject % 2 == 0 ? UINT64_MAX : 5000);
        lk_mip_msas_hold(msas, subject, 256, 4000);
    }
    put(msas, 17, 256, 9000);
    assert_false(has(msas, 17, 256));
    for (uint64_t subject = 1; subject <= 16; subject++)
        assert_true(has(msas, subject, 256));
    lk_mip_msas_hold(msas, 4, 256, 0);
    lk_mip_msas_hold(msas, 5, 256, NOW_MS);
    put(msas, 17, 256, 9000);
    assert_true(has(msas, 17, 256) && !has(msas, 5, 256) && has(msas, 4, 256));
    lk_mip_msas_hold(msas, 17, 256, 4000);
    put(msas, 18, 256, 9000);
    assert_true(has(msas, 18, 256) && has(msas, 17, 256) && !has(msas, 4, 256));
    free(msas);
}

/* What has ended goes before what lives, and what ends soon before what ends late. */
static void test_full(void **state)
{
    struct lk_mip_msas *msas = new_table(16);
    size_t left = 0;

    (void)state;
    for (uint64_t subject = 1; subject <= 16; subject++)
        put(msas, subject, 256, subject == 9 ? NOW_MS : 5000 - subject);
    put(msas, 17, 256, 6000);
    put(msas, 18, 256, 6000);
    assert_true(has(msas, 17, 256) && has(msas, 18, 256) && !has(msas, 16, 256));
    for (uint64_t subject = 1; subject <= 16; subject++)
        left += has(msas, subject, 256);
    assert_int_equal(left, 14);
    free(msas);
}

/* Come and gone many times over, in a table that is nearly full; and no key stays behind. */
static void test_nothing_is_left(void **state)
{
    struct lk_mip_msas *msas = new_table(64);
    size_t live = 0;

    (void)state;
    for (uint64_t round = 0; round < 50; round++)
        for (uint64_t subject = 1; subject <= 60; subject++) {
            put(msas, subject, 256 + (uint32_t)round,
                (subject + round) % 3 == 0 ? UINT64_MAX : 9000);
            lk_mip_msas_used(msas, subject, 256 + (uint32_t)round);
            assert_true(has(msas, subject, 256 + (uint32_t)round));
            if ((subject + round) % 3 == 0)
                lk_mip_msas_remove_endless(msas);
        }
    for (uint64_t subject = 1; subject <= 60; subject++)
        for (uint32_t round = 0; round < 50; round++)
            live += has(msas, subject, 256 + round);
    assert_true(live > 0);
    assert_int_equal(keys_stand(msas, 64), live); /* before anything wipes the whole */
    lk_mip_msas_wipe(msas);
    assert_int_equal(keys_stand(msas, 64), 0);
    free(msas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_for_all),    cmocka_unit_test(test_two_of_a_subscriber),
        cmocka_unit_test(test_it_ends),         cmocka_unit_test(test_full),
        cmocka_unit_test(test_the_one_in_use_stays),
        cmocka_unit_test(test_full_of_who_is_bound),
        cmocka_unit_test(test_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
