/* wire/mis_codes: the set of this project holds, and sets that cannot be used do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/mis_codes.h"

static void ours_can_be_used(void **state)
{
    const struct lk_mis_codes *codes = &lk_mis_codes_default;

    assert_int_equal(lk_mis_codes_check(codes), LK_OK);
    for (unsigned i = 0; i < LK_MIS_OWN_COUNT; i++)
        assert_int_equal(codes->tlv[i], 200 + i);
    assert_int_equal(lk_mis_suite_of(codes, 1), LK_MIS_SUITE_CCM);
    assert_int_equal(lk_mis_suite_of(codes, 0), LK_MIS_SUITE_COUNT);
    assert_int_equal(lk_mis_suite_of(codes, 5), LK_MIS_SUITE_COUNT);
    assert_int_equal(lk_mis_reason_of(codes, 9), LK_MIS_REASON_REPLAY);
    assert_int_equal(lk_mis_reason_of(codes, 10), LK_MIS_REASON_NO_TARGET);
    assert_int_equal(lk_mis_reason_of(codes, 11), LK_MIS_REASON_COUNT);
    assert_int_equal(lk_mis_origin_of(codes, 2), LK_MIS_ORIGIN_ERP);
}

static void one_row(struct lk_mis_codes codes, enum lk_status want)
{
    assert_int_equal(lk_mis_codes_check(&codes), want);
}

static void others_are_judged(void **state)
{
    struct lk_mis_codes c;

    c = lk_mis_codes_default, c.tlv[LK_MIS_OWN_SAID] = 64, one_row(c, LK_OK);
    c = lk_mis_codes_default, c.tlv[LK_MIS_OWN_SAID] = 76, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.tlv[LK_MIS_OWN_SAID] = 100, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.tlv[LK_MIS_OWN_SAID] = 101, one_row(c, LK_OK);
    c = lk_mis_codes_default, c.tlv[LK_MIS_OWN_SAID] = 201, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.prereg_xfer = 13, one_row(c, LK_OK);
    c = lk_mis_codes_default, c.prereg_xfer = 12, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.prereg_xfer = 0x202, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.n2n_prereg_xfer = 0x400, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.suite[LK_MIS_SUITE_CCM] = 0, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.suite[LK_MIS_SUITE_CCM] = 4, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.prf[LK_MIS_PRF_CMAC_AES] = 7, one_row(c, LK_OK);
    c = lk_mis_codes_default, c.prf[LK_MIS_PRF_CMAC_AES] = 8, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.prf[LK_MIS_PRF_CMAC_AES] = 2, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.reason[LK_MIS_REASON_REPLAY] = 1, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.origin[LK_MIS_ORIGIN_ERP] = 0, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.psk_usage[0] = '\0', one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.mn_usage[0] = '\0', one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.k_usage[0] = '\0', one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, memcpy(c.k_usage, c.mn_usage, sizeof c.k_usage);
    one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, memcpy(c.k_usage, c.psk_usage, sizeof c.k_usage);
    one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, memcpy(c.mn_usage, c.psk_usage, sizeof c.mn_usage);
    one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.secured = 0x2000, one_row(c, LK_OK);
    c = lk_mis_codes_default, c.secured = 0x0800, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.secured = 0, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.secured = 0x8000, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.proactive = 0x3000, one_row(c, LK_E_CONFIG);
    c = lk_mis_codes_default, c.least_bit_first = true, one_row(c, LK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_can_be_used),
        cmocka_unit_test(others_are_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
