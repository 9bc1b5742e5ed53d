/* base/address and proto/radius/clients: prefixes, and the longest that holds an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/clients.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static void addresses_are_text_and_back(void **state)
{
    static const char *const good[] = { "0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1",
                                        "2001:db8::1", "fe80::1:2:3:4" };
    static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/8",
                                       ":::", "host", "2001:db8::1%eth0" };
    char text[LK_ADDRESS_TEXT];

    for (size_t i = 0; i < LK_COUNT_OF(good); i++) {
        struct lk_address address = address_of(good[i]);

        lk_address_text(text, &address);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        struct lk_address address;

        assert_int_equal(lk_address_parse(&address, bad[i]), LK_E_VALUE);
    }
    /* A mapped address is the IPv4 one, however it was written. */
    struct lk_address mapped = address_of("::ffff:10.1.2.3"), plain = address_of("10.1.2.3");
    assert_true(lk_address_equal(&mapped, &plain));
    assert_true(lk_address_is_v4(&mapped));
}

/* Do address and other have the same prefix of that length? */
static bool within(const struct lk_address *address, unsigned bits, const struct lk_address *other)
{
    const struct lk_address_prefix a = lk_address_prefix_of(address, bits);
    const struct lk_address_prefix b = lk_address_prefix_of(other, bits);

    return lk_address_prefix_equal(&a, &b);
}

static void prefixes_hold_what_they_say(void **state)
{
    struct lk_address all = address_of("255.255.255.255");

    for (unsigned bits = 0; bits <= LK_ADDRESS_BITS; bits++)
        for (unsigned flipped = 0; flipped < LK_ADDRESS_BITS; flipped++) {
            struct lk_address other = all;

            other.octets[flipped / 8] ^= (uint8_t)(0x80 >> flipped % 8);
            assert_int_equal(within(&other, bits, &all), flipped >= bits);
        }
}

static void prefixes_parse(void **state)
{
    static const struct {
        const char *text;
        enum lk_status status;
        const char *address;
        unsigned bits;
    } table[] = {
        { "127.0.0.0/8", LK_OK, "127.0.0.0", 104 },
        { "192.0.2.77/24", LK_OK, "192.0.2.0", 120 },
        { "192.0.2.77", LK_OK, "192.0.2.77", 128 },
        { "0.0.0.0/0", LK_OK, "0.0.0.0", 96 },
        { "2001:db8:1::/32", LK_OK, "2001:db8::", 32 },
        { "::/0", LK_OK, "::", 0 },
        { "::1", LK_OK, "::1", 128 },
        { "192.0.2.0/33", LK_E_VALUE, NULL, 0 },
        { "::/129", LK_E_VALUE, NULL, 0 },
        { "192.0.2.0/", LK_E_VALUE, NULL, 0 },
        { "192.0.2.0/8x", LK_E_VALUE, NULL, 0 },
        { "192.0.2.0/-1", LK_E_VALUE, NULL, 0 },
        { "192.0.2.0/0008", LK_E_VALUE, NULL, 0 },
        { "/8", LK_E_VALUE, NULL, 0 },
        { "", LK_E_VALUE, NULL, 0 },
        { "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/64", LK_E_VALUE, NULL, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct lk_address_prefix prefix;
        char text[LK_ADDRESS_TEXT];

        assert_int_equal(lk_address_prefix_parse(&prefix, table[i].text), table[i].status);
        if (table[i].status != LK_OK)
            continue;
        lk_address_text(text, &prefix.address);
        assert_string_equal(text, table[i].address);
        assert_int_equal(prefix.bits, table[i].bits);
    }
}

static void the_longest_prefix_wins(void **state)
{
    static const char *const prefixes[] = { "10.0.0.0/8",  "10.1.0.0/16", "10.1.2.0/24",
                                            "10.1.2.3/32", "::1/128",     "2001:db8::/32",
                                            "192.0.2.0/24" };
    static const struct {
        const char *from;
        int found; /* index above, -1: nobody */
    } table[] = {
        { "10.200.0.1", 0 }, { "10.1.200.1", 1 }, { "10.1.2.200", 2 },  { "10.1.2.3", 3 },
        { "11.0.0.1", -1 },  { "::1", 4 },        { "2001:db8::9", 5 }, { "2001:db9::9", -1 },
        { "192.0.2.9", 6 },  { "192.0.3.9", -1 }, { "::", -1 },         { "9.255.255.255", -1 },
    };
    static struct lk_radius_client item[LK_COUNT_OF(prefixes)];
    struct lk_radius_clients clients;

    for (size_t i = 0; i < LK_COUNT_OF(prefixes); i++) {
        assert_int_equal(lk_address_prefix_parse(&item[i].prefix, prefixes[i]), LK_OK);
        item[i].tag = (uint32_t)i;
    }
    assert_int_equal(lk_radius_clients_set(&clients, item, LK_COUNT_OF(item)), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct lk_address from = address_of(table[i].from);
        const struct lk_radius_client *found = lk_radius_clients_find(&clients, &from);

        if (table[i].found < 0)
            assert_null(found);
        else
            assert_int_equal(found->tag, table[i].found);
    }
    /* Each lookup gives what a look at every entry would give. */
    for (uint32_t i = 0; i < 100000; i++) {
        uint8_t octets[4] = { 10, i % 3, (uint8_t)(i / 3 % 4), (uint8_t)(i % 7) };
        struct lk_address from = lk_address_v4(octets);
        const struct lk_radius_client *best = NULL;

        for (size_t k = 0; k < clients.count; k++)
            if (within(&from, item[k].prefix.bits, &item[k].prefix.address) &&
                (best == NULL || item[k].prefix.bits > best->prefix.bits))
                best = &item[k];
        assert_ptr_equal(lk_radius_clients_find(&clients, &from), best);
    }
}

static void empty_and_doubled_tables(void **state)
{
    static struct lk_radius_client item[3];
    struct lk_radius_clients clients;
    struct lk_address from = address_of("127.0.0.1");

    assert_int_equal(lk_radius_clients_set(&clients, NULL, 0), LK_OK);
    assert_null(lk_radius_clients_find(&clients, &from));
    assert_int_equal(lk_address_prefix_parse(&item[0].prefix, "127.0.0.0/8"), LK_OK);
    assert_int_equal(lk_address_prefix_parse(&item[1].prefix, "10.0.0.0/8"), LK_OK);
    assert_int_equal(lk_address_prefix_parse(&item[2].prefix, "127.1.1.1/8"), LK_OK);
    assert_int_equal(lk_radius_clients_set(&clients, item, 3), LK_E_TWICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_text_and_back),
        cmocka_unit_test(prefixes_hold_what_they_say),
        cmocka_unit_test(prefixes_parse),
        cmocka_unit_test(the_longest_prefix_wins),
        cmocka_unit_test(empty_and_doubled_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
