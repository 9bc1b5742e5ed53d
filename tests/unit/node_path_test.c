/* node/path: a port that was asked stays asked, whoever else is seen behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/path.h"

static const uint64_t NOW = UINT64_C(1780000000000);
static const struct lk_path_key key = { { 1, 2, 3 } };
static const struct lk_address here = { { 1 } };
static const struct lk_path_owner owner = { .number = 7, .address = &here };

/* T13: once the allowance is spent, another port neither is asked nor takes the place of the one
 * that was, whose answer may be on its way. */
static void strangers_do_not_undo_a_question(void **state)
{
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

static bool answers(struct lk_path *path, uint16_t port)
{
    struct lk_path_token token;

    lk_path_ask(&token, &key, &owner, port);
    return lk_path_answered(path, &key, &owner, port, LK_SPAN(token.octets));
}

/* T13: what the peer tells is the only port that is asked; strangers neither take it nor spend what
 * it is asked with. */
static void strangers_spend_nothing_of_a_told_place(void **state)
{
    struct lk_path path = { .waits = true };

    for (uint16_t port = 4000; port < 4100; port++) /* not even before it is told */
        assert_int_equal(lk_path_seen(&path, port, NOW), LK_PATH_STRANGER);
    assert_int_equal(lk_path_to(&path, NOW), 0);
    assert_int_equal(lk_path_told(&path, 5000, NOW), LK_PATH_ASK);
    for (uint16_t port = 4000; port < 4100; port++) {
        assert_int_equal(lk_path_seen(&path, port, NOW), LK_PATH_STRANGER);
        assert_false(answers(&path, port));
    }
    assert_int_equal(path.spent, 1);
    assert_int_equal(lk_path_to(&path, NOW), 0); /* and nothing but questions goes there */
    assert_true(answers(&path, 5000));
    assert_int_equal(lk_path_to(&path, NOW), 5000);
    assert_int_equal(lk_path_told(&path, 5000, NOW + 1), LK_PATH_PROVEN);
    assert_int_equal(lk_path_seen(&path, 5000, NOW + 1), LK_PATH_PROVEN);
    assert_int_equal(lk_path_seen(&path, 4000, NOW + 1), LK_PATH_STRANGER);
    assert_int_equal(lk_path_to(&path, NOW + 1), 5000);
}

/* T13: a peer that tells what is a victim's has three questions sent there in a minute, however
 * often it tells, and however many places. */
static void a_told_victim_gets_three_questions(void **state)
{
    struct lk_path path = { .waits = true };
    unsigned asked = 0;

    for (uint16_t n = 0; n < 1000; n++) {
        asked += lk_path_told(&path, (uint16_t)(5000 + n % 3), NOW + n) == LK_PATH_ASK;
        assert_int_equal(lk_path_to(&path, NOW + n), 0);
    }
    assert_int_equal(asked, LK_PATH_ALLOWANCE);
    assert_int_equal(lk_path_told(&path, 5001, NOW + LK_PATH_RENEW_MS), LK_PATH_ASK);
}

/* Another port than before begins anew; who does not know its port is found on the wire. */
static void another_told_place_begins_anew(void **state)
{
    struct lk_path path = { .waits = true };

    assert_int_equal(lk_path_told(&path, 5000, NOW), LK_PATH_ASK);
    assert_true(answers(&path, 5000));
    assert_int_equal(lk_path_told(&path, 6000, NOW), LK_PATH_ASK);
    assert_int_equal(lk_path_to(&path, NOW), 0);
    assert_int_equal(lk_path_seen(&path, 5000, NOW), LK_PATH_STRANGER);
    assert_false(answers(&path, 5000));
    assert_true(answers(&path, 6000));
    assert_int_equal(lk_path_told(&path, 0, NOW), LK_PATH_SILENT);
    assert_int_equal(lk_path_to(&path, NOW), 6000);
    assert_int_equal(lk_path_seen(&path, 4000, NOW), LK_PATH_ASK);
    assert_true(answers(&path, 4000));
    assert_int_equal(lk_path_to(&path, NOW), 4000);
}

/* Nobody is at port 0, which is also how a path says that it has none. */
static void port_zero_is_nobodys(void **state)
{
    struct lk_path path = { 0 };

    assert_int_equal(lk_path_seen(&path, 0, NOW), LK_PATH_STRANGER);
    assert_false(answers(&path, 0));
    assert_int_equal(path.spent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_do_not_undo_a_question),
        cmocka_unit_test(strangers_spend_nothing_of_a_told_place),
        cmocka_unit_test(a_told_victim_gets_three_questions),
        cmocka_unit_test(another_told_place_begins_anew),
        cmocka_unit_test(port_zero_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
