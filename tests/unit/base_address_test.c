/* Addresses as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "base/address.h"

/* Each octet at each place, as libc writes it, and back. */
static void test_every_octet_of_ipv4(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 4; place++)
        for (unsigned octet = 0; octet <= UINT8_MAX; octet++) {
            uint8_t octets[4] = { 203, 0, 113, 99 };
            char text[LK_ADDRESS_TEXT], wanted[INET_ADDRSTRLEN];
            struct lk_address address, back;

            octets[place] = (uint8_t)octet;
            address = lk_address_v4(octets);
            lk_address_text(text, &address);
            assert_non_null(inet_ntop(AF_INET, octets, wanted, sizeof wanted));
            assert_string_equal(text, wanted);
            assert_int_equal(lk_address_parse(&back, text), LK_OK);
            assert_true(lk_address_equal(&back, &address));
        }
}

static void test_ipv6_is_short(void **state)
{
    static const char *const texts[] = { "::", "::1", "2001:db8:6400::1",
                                         "2001:db8:1:2:3:4:5:6", "fe80::1:0:0:1" };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(texts); i++) {
        char text[LK_ADDRESS_TEXT];
        struct lk_address address;

        assert_int_equal(lk_address_parse(&address, texts[i]), LK_OK);
        lk_address_text(text, &address);
        assert_string_equal(text, texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_octet_of_ipv4),
        cmocka_unit_test(test_ipv6_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
