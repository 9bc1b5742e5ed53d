/* node/binding and node/pool: rows, indexes, the wheel, and who gets which address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/binding_protocol.h"
#include "node/pool.h"

static const uint64_t NOW = UINT64_C(1767225600500);

static struct lk_binding_table *table_of(uint32_t capacity)
{
    void *memory = aligned_alloc(16, (lk_binding_table_size(capacity) + 15) / 16 * 16);

    assert_non_null(memory);
    return lk_binding_table_in(memory, capacity, 42, NOW);
}

static struct lk_mobility_ipv4 ipv4_of(uint32_t n)
{
    return (struct lk_mobility_ipv4){ { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static struct lk_address_prefix prefix_of(const char *text)
{
    struct lk_address_prefix prefix;

    assert_int_equal(lk_address_prefix_parse(&prefix, text), LK_OK);
    return prefix;
}

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static void a_row_is_found_by_each_of_its_names(void **state)
{
    struct lk_binding_table *table = table_of(16);
    struct lk_binding *a, *b, *none;
    struct lk_address_prefix prefix = prefix_of("2001:db8:1:7::/64");
    struct lk_address inside = address_of("2001:db8:1:7::99"), v4 = address_of("10.0.0.7"),
                      other = address_of("2001:db8:1:8::99");

    assert_int_equal(lk_binding_add(&a, table, 1001, 1), LK_OK);
    assert_int_equal(lk_binding_add(&none, table, 1001, 1), LK_E_EXISTS);
    assert_int_equal(lk_binding_add(&b, table, 1001, 2), LK_OK);
    assert_int_equal(lk_binding_set_ipv4(table, a, ipv4_of(7)), LK_OK);
    assert_int_equal(lk_binding_set_prefix(table, a, &prefix), LK_OK);
    assert_ptr_equal(lk_binding_of(table, 1001, 1), a);
    assert_ptr_equal(lk_binding_of(table, 1001, 2), b);
    assert_null(lk_binding_of(table, 1001, 3));
    assert_ptr_equal(lk_binding_at(table, &inside), a);
    assert_ptr_equal(lk_binding_at(table, &v4), a);
    assert_null(lk_binding_at(table, &other));
    lk_binding_remove(table, a);
    assert_null(lk_binding_of(table, 1001, 1));
    assert_null(lk_binding_at(table, &inside));
    assert_null(lk_binding_at(table, &v4));
    assert_int_equal(lk_binding_count(table), 1);
    free(table);
}

/* Invariant 8: an address has one binding. */
static void nobody_has_an_address_twice(void **state)
{
    struct lk_binding_table *table = table_of(16);
    struct lk_binding *a, *b;
    struct lk_address_prefix prefix = prefix_of("2001:db8:1:7::/64"),
                             home = prefix_of("2001:db8:1:7::5/128"),
                             away = prefix_of("2001:db8:2::5/128");
    struct lk_address at = away.address;

    assert_int_equal(lk_binding_add(&a, table, 1001, 1), LK_OK);
    assert_int_equal(lk_binding_add(&b, table, 1002, 1), LK_OK);
    assert_int_equal(lk_binding_set_ipv4(table, a, ipv4_of(7)), LK_OK);
    assert_int_equal(lk_binding_set_ipv4(table, a, ipv4_of(8)), LK_E_VALUE);
    assert_int_equal(lk_binding_set_ipv4(table, b, ipv4_of(7)), LK_E_EXISTS);
    assert_int_equal(lk_binding_set_prefix(table, a, &prefix), LK_OK);
    assert_int_equal(lk_binding_set_prefix(table, b, &prefix), LK_E_EXISTS);
    assert_int_equal(lk_binding_set_prefix(table, b, &home), LK_E_EXISTS);
    assert_int_equal(lk_binding_set_prefix(table, b, &away), LK_OK);
    assert_ptr_equal(lk_binding_at(table, &at), b);
    assert_int_equal(lk_binding_add(&a, table, 1003, 1), LK_OK);
    /* invariant 8: nor one that has the address of another in it */
    home = prefix_of("2001:db8:2::/64");
    assert_int_equal(lk_binding_set_prefix(table, a, &home), LK_E_EXISTS);
    home = prefix_of("2001:db8:2::4/127");
    assert_int_equal(lk_binding_set_prefix(table, a, &home), LK_E_EXISTS);
    assert_ptr_equal(lk_binding_at(table, &at), b);
    home = prefix_of("::/0");
    assert_int_equal(lk_binding_set_prefix(table, a, &home), LK_E_VALUE);
    home = prefix_of("10.45.0.9/32"); /* that of IPv4 is no prefix */
    assert_int_equal(lk_binding_set_prefix(table, a, &home), LK_E_VALUE);
    free(table);
}

static void a_full_table_says_so_and_takes_again(void **state)
{
    struct lk_binding_table *table = table_of(100);
    struct lk_binding *b;

    for (unsigned round = 0; round < 3; round++) {
        for (uint64_t n = 0; n < 100; n++) {
            assert_int_equal(lk_binding_add(&b, table, 1000 + n, 0), LK_OK);
            assert_int_equal(lk_binding_set_ipv4(table, b, ipv4_of((uint32_t)n)), LK_OK);
            lk_binding_set_due(table, b, NOW + n);
        }
        assert_int_equal(lk_binding_room(table), 0);
        assert_int_equal(lk_binding_add(&b, table, 5000, 0), LK_E_FULL);
        assert_null(b);
        for (uint64_t n = 0; n < 100; n++)
            lk_binding_remove(table, lk_binding_of(table, 1000 + (n * 37 + round) % 100, 0));
        assert_int_equal(lk_binding_count(table), 0);
        assert_null(lk_binding_next_due(table, NOW + 1000 + round));
    }
    free(table);
}

/* Each is given once, not before its time, and not long behind it, however far off it was. */
static void ends_come_in_time(void **state)
{
    static const uint64_t ahead[] = { 1, 63, 64, 65, 10000, 1500, 1048575, 1048576, 1048640,
                                      4000000, 262140000 };
    enum { COUNT = LK_COUNT_OF(ahead) };
    struct lk_binding_table *table = table_of(COUNT);
    struct lk_binding *b;
    uint64_t seen = 0;

    for (uint64_t n = 0; n < COUNT; n++) {
        assert_int_equal(lk_binding_add(&b, table, 1 + n, 0), LK_OK);
        lk_binding_set_due(table, b, NOW + 1);
        lk_binding_set_due(table, b, NOW + ahead[n]);
    }
    for (uint64_t now = NOW; seen < COUNT && now < NOW + UINT64_C(300000000);
         now += now < NOW + 5000000 ? 16 : 100000)
        while ((b = lk_binding_next_due(table, now)) != NULL) {
            uint64_t due = NOW + ahead[b->subject - 1];

            assert_true(now >= due && now <= due + (due < NOW + 5000000 ? 144 : 100144));
            assert_int_equal(b->due_ms, 0);
            seen++;
        }
    assert_int_equal(seen, COUNT);
    /* A leap over all of the wheel loses none. */
    for (uint64_t n = 0; n < COUNT; n++)
        lk_binding_set_due(table, lk_binding_of(table, 1 + n, 0), NOW + 300000000 + ahead[n]);
    for (seen = 0; lk_binding_next_due(table, NOW + UINT64_C(900000000)) != NULL;)
        seen++;
    assert_int_equal(seen, COUNT);
    free(table);
}

/* The digest does not depend on where rows lie, and changes with what they say. */
static void the_digest_is_of_what_rows_say(void **state)
{
    struct lk_binding_table *a = table_of(8), *b = table_of(16);
    uint8_t first[LK_BINDING_DIGEST_LEN], second[LK_BINDING_DIGEST_LEN];
    struct lk_binding *row;

    for (uint64_t n = 0; n < 8; n++) {
        assert_int_equal(lk_binding_add(&row, a, 1000 + n, 0), LK_OK);
        assert_int_equal(lk_binding_set_ipv4(a, row, ipv4_of((uint32_t)n)), LK_OK);
        assert_int_equal(lk_binding_add(&row, b, 1007 - n, 0), LK_OK);
        assert_int_equal(lk_binding_set_ipv4(b, row, ipv4_of((uint32_t)(7 - n))), LK_OK);
    }
    lk_binding_digest(first, a);
    lk_binding_digest(second, b);
    assert_memory_equal(first, second, sizeof first);
    row->volume.up_octets = 5; /* volumes do not count */
    lk_binding_digest(second, b);
    assert_memory_equal(first, second, sizeof first);
    row->protocol = LK_BINDING_PMIP;
    row->pmip.mag = 1;
    lk_binding_digest(second, b);
    assert_memory_not_equal(first, second, sizeof first);
    free(a);
    free(b);
}

/* Y16: half a million bindings in what was asked for, and no more. */
static void half_a_million_fit(void **state)
{
    enum { COUNT = 500000 };
    struct lk_binding_table *table = table_of(COUNT);
    struct lk_binding *b;

    assert_true(lk_binding_table_size(COUNT) < (size_t)COUNT * 208);
    for (uint32_t n = 0; n < COUNT; n++) {
        assert_int_equal(lk_binding_add(&b, table, 1000000 + n, 3), LK_OK);
        assert_int_equal(lk_binding_set_ipv4(table, b, ipv4_of(n)), LK_OK);
        lk_binding_set_due(table, b, NOW + n);
    }
    for (uint32_t n = 0; n < COUNT; n += 997) {
        b = lk_binding_of(table, 1000000 + n, 3);
        assert_non_null(b);
        assert_int_equal(b->ipv4.octets[3], (uint8_t)n);
    }
    free(table);
}

static void a_subscriber_finds_the_same_address(void **state)
{
    struct lk_binding_table *table = table_of(64), *other = table_of(64);
    struct lk_address_prefix network = prefix_of("10.45.0.0/16"), first, again, service;
    struct lk_address none = { { 0 } };
    struct lk_pool pool;

    assert_int_equal(lk_pool_of(&pool, &network, 128, &none), LK_OK);
    assert_int_equal(lk_pool_size(&pool), 65536);
    assert_int_equal(lk_pool_pick(&first, &pool, table, 77, 0), LK_OK);
    assert_int_equal(lk_pool_pick(&again, &pool, other, 77, 0), LK_OK);
    assert_true(lk_address_prefix_equal(&first, &again));
    assert_int_equal(lk_pool_pick(&service, &pool, table, 77, 1), LK_OK);
    assert_false(lk_address_prefix_equal(&first, &service));
    free(table);
    free(other);
}

static void a_pool_is_given_to_the_last_address(void **state)
{
    static const struct {
        const char *network, *gateway;
        uint8_t bits;
        unsigned gives;
    } rows[] = {
        { "10.45.0.0/24", "::", 128, 253 },
        { "10.45.0.0/24", "10.45.0.200", 128, 253 },
        { "10.45.0.0/24", "192.0.2.1", 128, 254 },
        { "10.45.0.0/30", "::", 128, 1 },
        { "2001:db8:45::/56", "::", 64, 255 },
        { "2001:db8:45::/56", "2001:db8::1", 64, 256 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_binding_table *table = table_of(300);
        struct lk_address_prefix network = prefix_of(rows[i].network), got;
        struct lk_address gateway = address_of(rows[i].gateway);
        struct lk_pool pool;
        unsigned given = 0;

        assert_int_equal(lk_pool_of(&pool, &network, rows[i].bits, &gateway), LK_OK);
        while (lk_pool_pick(&got, &pool, table, 500 + given, 0) == LK_OK) {
            struct lk_binding *b;
            struct lk_mobility_ipv4 ipv4;

            assert_int_equal(lk_binding_add(&b, table, 500 + given++, 0), LK_OK);
            memcpy(ipv4.octets, got.address.octets + 12, 4);
            if (rows[i].bits == 128)
                assert_int_equal(lk_binding_set_ipv4(table, b, ipv4), LK_OK);
            else
                assert_int_equal(lk_binding_set_prefix(table, b, &got), LK_OK);
        }
        assert_int_equal(given, rows[i].gives);
        free(table);
    }
}

static void a_pool_of_nothing_is_none(void **state)
{
    static const struct {
        const char *network;
        uint8_t bits;
    } rows[] = { { "10.45.0.0/31", 128 }, { "10.45.0.1/32", 128 }, { "2001:db8::/64", 64 },
                 { "10.45.0.0/16", 120 } };
    struct lk_address none = { { 0 } };
    struct lk_pool pool;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_address_prefix network = prefix_of(rows[i].network);

        assert_int_equal(lk_pool_of(&pool, &network, rows[i].bits, &none), LK_E_VALUE);
    }
}

static void an_imsi_is_a_number_and_back(void **state)
{
    static const char *const texts[] = { "001010123456789", "000001", "999999999999999" };
    struct lk_imsi imsi, back;

    for (size_t i = 0; i < LK_COUNT_OF(texts); i++) {
        assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(texts[i])), LK_OK);
        assert_int_equal(lk_imsi_from_number(&back, lk_imsi_number(&imsi)), LK_OK);
        assert_string_equal(back.digits, texts[i]);
    }
    assert_int_equal(lk_imsi_from_number(&back, 0), LK_E_VALUE);
    assert_int_equal(lk_imsi_from_number(&back, 1), LK_E_VALUE);
    assert_int_equal(lk_imsi_from_number(&back, 2001010000000001), LK_E_VALUE);
    assert_int_equal(lk_imsi_from_number(&back, UINT64_MAX), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_each_of_its_names),
        cmocka_unit_test(nobody_has_an_address_twice),
        cmocka_unit_test(a_full_table_says_so_and_takes_again),
        cmocka_unit_test(ends_come_in_time),
        cmocka_unit_test(the_digest_is_of_what_rows_say),
        cmocka_unit_test(half_a_million_fit),
        cmocka_unit_test(a_subscriber_finds_the_same_address),
        cmocka_unit_test(a_pool_is_given_to_the_last_address),
        cmocka_unit_test(a_pool_of_nothing_is_none),
        cmocka_unit_test(an_imsi_is_a_number_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
