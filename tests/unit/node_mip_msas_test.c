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
    lk_mip_msas_remove(msas, 7);
    assert_true(!has(msas, 7, 258) && has(msas, 8, 256) && has(msas, 8, 300));
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
    const uint8_t *octets = (const uint8_t *)msas;

    (void)state;
    for (uint64_t round = 0; round < 50; round++)
        for (uint64_t subject = 1; subject <= 60; subject++) {
            put(msas, subject, 256 + (uint32_t)round, UINT64_MAX);
            lk_mip_msas_used(msas, subject, 256 + (uint32_t)round);
            assert_true(has(msas, subject, 256 + (uint32_t)round));
            if ((subject + round) % 3 == 0)
                lk_mip_msas_remove(msas, subject);
        }
    for (uint64_t subject = 1; subject <= 30; subject++)
        lk_mip_msas_remove(msas, subject);
    lk_mip_msas_wipe(msas);
    for (size_t i = 0; i + 4 <= lk_mip_msas_size(64); i++)
        assert_false(octets[i] == 0xa5 && octets[i + 1] == 0xa5 && octets[i + 2] == 0xa5 &&
                     octets[i + 3] == 0xa5);
    free(msas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_for_all),    cmocka_unit_test(test_two_of_a_subscriber),
        cmocka_unit_test(test_it_ends),         cmocka_unit_test(test_full),
        cmocka_unit_test(test_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
