/* Reasons of MIS: what the device says of itself is a series of its /metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/octets.h"
#include "base/reason.h"

/* T40, T45: a PoS that lies about the count, or names a target that is none, is an alarm at the
 * device. These are what node/mis_device, the MN's machines and role/ue_mis refuse with. */
static void what_the_device_refuses_is_counted_there(void **state)
{
    static const enum lk_reason told[] = {
        LK_REASON_MIS_CHAIN_END,  LK_REASON_MIS_COUNT_LIE,     LK_REASON_MIS_COUNT_NOT_KEPT,
        LK_REASON_MIS_DISCOVERY,  LK_REASON_MIS_EAP,           LK_REASON_MIS_MALFORMED,
        LK_REASON_MIS_NOT_NOW,    LK_REASON_MIS_NOT_CONFIRMED, LK_REASON_MIS_NO_ANSWER,
        LK_REASON_MIS_PSK,        LK_REASON_MIS_PUSHED_KEY,    LK_REASON_MIS_REFUSED,
        LK_REASON_MIS_SA_TYPE,    LK_REASON_MIS_SUITE,         LK_REASON_MIS_TARGET,
        LK_REASON_ERP_EXPIRED,    LK_REASON_USIM_NOT_KEPT,
    };

    for (size_t i = 0; i < LK_COUNT_OF(told); i++)
        assert_true((lk_reason_row(told[i])->by & LK_BY_UE) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_device_refuses_is_counted_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
