/* What the store keeps of a bootstrapping: sealed, and bound to what lies in clear beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "role/bsf_session.h"

static const struct lk_node_key node = { { 7 } }, other_node = { { 8 } };

static struct lk_gba_session session_of(void)
{
    struct lk_gba_session session = { .created_s = 1795296600, .expires_s = 1795383000,
                                      .ks = { { 1, 2, 3 } }, .rand = { 4, 5, 6 } };

    (void)snprintf(session.imsi.digits, sizeof session.imsi.digits, "001010000000001");
    (void)snprintf(session.impi, sizeof session.impi, "001010000000001@ims.example");
    (void)snprintf(session.b_tid, sizeof session.b_tid, "BAUGAAA==@bsf.example");
    (void)snprintf(session.tmpi, sizeof session.tmpi, "x@tmpi.bsf.3gppnetwork.org");
    return session;
}

static void test_what_is_sealed_opens(void **state)
{
    struct lk_gba_session session = session_of(), opened;
    struct lk_session_row row;

    lk_bsf_session_seal(&row, &session, &node);
    assert_int_equal(lk_bsf_session_open(&opened, &row, &node), LK_OK);
    assert_memory_equal(&opened, &session, sizeof session);
    for (size_t i = 0; i + 3 <= row.sealed_len; i++)
        assert_memory_not_equal(row.sealed + i, session.ks.octets, 3);
}

/* T27: a store that gives one subscriber's Ks to another, or makes it live longer, gives none. */
static void test_it_opens_with_what_it_was_bound_to(void **state)
{
    struct lk_gba_session session = session_of(), opened;
    struct lk_session_row row, altered;

    lk_bsf_session_seal(&row, &session, &node);
    assert_int_equal(lk_bsf_session_open(&opened, &row, &other_node), LK_E_MAC);
    altered = row;
    altered.identity[14] = '2';
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.imsi.digits[14] = '2';
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.alias[0] = 'y';
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.name[0] = 'C';
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.expires_s++;
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.created_ms--;
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    altered = row;
    altered.kind = LK_SESSION_AKMA; /* T07 */
    assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    for (uint16_t len = 0; len < row.sealed_len; len++) {
        altered = row;
        altered.sealed_len = len;
        assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    }
    for (size_t i = 0; i < row.sealed_len; i++) {
        altered = row;
        altered.sealed[i] ^= 1;
        assert_int_equal(lk_bsf_session_open(&opened, &altered, &node), LK_E_MAC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sealed_opens),
        cmocka_unit_test(test_it_opens_with_what_it_was_bound_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
