/* keys/mis_psk: the PSK of an SA by TLS is a usage-specific root key, of one EMSK and one PoS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/erp.h"
#include "keys/mis_psk.h"
#include "wire/mis_codes.h"

static const char pos_a[] = "pos@a.example";

static struct lk_mis_psk psk_of(uint8_t emsk_octet, const char *usage, const char *pos)
{
    struct lk_emsk emsk;
    struct lk_mis_psk psk;

    memset(&emsk, emsk_octet, sizeof emsk);
    lk_mis_psk_derive(&psk, &emsk, lk_span_text(usage), lk_span_text(pos));
    return psk;
}

/* spec: RFC 5295 3.1 - USRK = KDF(EMSK, usage label, usage data, length). */
static void it_is_the_root_key_of_its_usage(void **state)
{
    const char *usage = lk_mis_codes_default.psk_usage;
    struct lk_mis_psk psk = psk_of(7, usage, pos_a);
    struct lk_emsk emsk;
    struct lk_usrk usrk;

    memset(&emsk, 7, sizeof emsk);
    lk_usrk_derive(&usrk, &emsk, lk_span_text(usage), lk_span_text(pos_a));
    assert_memory_equal(&psk, &usrk, sizeof psk);
}

/* A PoS that was captured opens the channels of no other, nor of its own domain. */
static void another_pos_has_another(void **state)
{
    const char *usage = lk_mis_codes_default.psk_usage;
    const struct lk_mis_psk psk = psk_of(7, usage, pos_a);
    const struct lk_mis_psk other[] = { psk_of(8, usage, pos_a), psk_of(7, "x@y", pos_a),
                                        psk_of(7, usage, "pos2@a.example"),
                                        psk_of(7, usage, "pos@b.example") };

    for (size_t i = 0; i < LK_COUNT_OF(other); i++)
        assert_memory_not_equal(&other[i], &psk, sizeof psk);
}

/* T07: the name of a key is made of the key, and of nothing else. */
static void its_name_says_nothing(void **state)
{
    const struct lk_mis_psk psk = psk_of(7, "x@y", pos_a), other = psk_of(7, "x@z", pos_a);
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1], again[LK_MIS_PSK_IDENTITY_LEN + 1];

    lk_mis_psk_identity(identity, &psk);
    lk_mis_psk_identity(again, &psk);
    assert_string_equal(identity, again);
    assert_int_equal(strspn(identity, "0123456789abcdef"), LK_MIS_PSK_IDENTITY_LEN);
    lk_mis_psk_identity(again, &other);
    assert_string_not_equal(identity, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_root_key_of_its_usage),
        cmocka_unit_test(another_pos_has_another),
        cmocka_unit_test(its_name_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
