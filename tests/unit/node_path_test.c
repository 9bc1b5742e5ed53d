/* node/path: a port that was asked stays asked, whoever else is seen behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/path.h"

static const uint64_t NOW = UINT64_C(1780000000000);

/* T13: once the allowance is spent, another port neither is asked nor takes the place of the one
 * that was, whose answer may be on its way. */
static void strangers_do_not_undo_a_question(void **state)
{
    static const struct lk_path_key key = { { 1, 2, 3 } };
    const struct lk_address address = lk_address_v4((const uint8_t[4]){ 192, 0, 2, 1 });
    const struct lk_path_owner owner = { .number = 7, .address = &address };
    struct lk_path path = { 0 };
    struct lk_path_token token;

    assert_int_equal(lk_path_seen(&path, 4001, NOW), LK_PATH_ASK);
    assert_int_equal(lk_path_seen(&path, 4002, NOW), LK_PATH_ASK);
    assert_int_equal(lk_path_seen(&path, 5000, NOW), LK_PATH_ASK);
    lk_path_ask(&token, &key, &owner, 5000);
    assert_int_equal(lk_path_seen(&path, 4003, NOW + 1), LK_PATH_REFUSED);
    assert_int_equal(lk_path_seen(&path, 4004, NOW + 2), LK_PATH_SILENT);
    assert_int_equal(lk_path_to(&path, NOW + 3), 0);
    assert_false(lk_path_answered(&path, &key, &owner, 4004, LK_SPAN(token.octets)));
    assert_true(lk_path_answered(&path, &key, &owner, 5000, LK_SPAN(token.octets)));
    assert_int_equal(lk_path_to(&path, NOW + 4), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_do_not_undo_a_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
