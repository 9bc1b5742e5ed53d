/* node/path: which port is the peer's, who is asked how often, and what proves it. */
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

/* T13: a peer that tells what is a victim's has three questions sent there at once, however often
 * it tells, begins anew, and however many places: and then one in five seconds. */
static void a_told_victim_gets_three_questions(void **state)
{
    struct lk_path path = { .waits = true };
    unsigned asked = 0;

    for (uint16_t n = 0; n < 1000; n++) {
        if (n % 2 == 0)
            lk_path_anew(&path, true);
        asked += lk_path_told(&path, (uint16_t)(5000 + n % 3), NOW + n) == LK_PATH_ASK;
        assert_int_equal(lk_path_to(&path, NOW + n), 0);
    }
    assert_int_equal(asked, LK_PATH_ALLOWANCE);
    for (uint32_t ms = 1000; ms < LK_PATH_RENEW_MS; ms++)
        asked += lk_path_told(&path, (uint16_t)(5000 + ms % 3), NOW + ms) == LK_PATH_ASK;
    assert_int_equal(asked, LK_PATH_ALLOWANCE + LK_PATH_RENEW_MS / LK_PATH_AGAIN_MS - 1);
    assert_int_equal(lk_path_told(&path, 5001, NOW + LK_PATH_RENEW_MS), LK_PATH_ASK);
}

/* All three questions were lost: the next is not a minute away. Only for what was told. */
static void a_told_place_is_asked_again(void **state)
{
    struct lk_path told = { .waits = true }, seen = { 0 };
    const uint64_t later = NOW + LK_PATH_AGAIN_MS;

    for (unsigned n = 0; n < LK_PATH_ALLOWANCE; n++) {
        assert_int_equal(lk_path_told(&told, 5000, NOW), LK_PATH_ASK);
        assert_int_equal(lk_path_seen(&seen, 5000, NOW), LK_PATH_ASK);
    }
    assert_int_equal(lk_path_told(&told, 5000, later - 1), LK_PATH_REFUSED);
    assert_int_equal(lk_path_told(&told, 5000, later), LK_PATH_ASK);
    assert_int_equal(lk_path_told(&told, 5000, later), LK_PATH_SILENT);
    assert_true(answers(&told, 5000));
    assert_int_equal(lk_path_seen(&seen, 5000, later - 1), LK_PATH_REFUSED);
    assert_int_equal(lk_path_seen(&seen, 5000, later), LK_PATH_SILENT);
}

/* A peer that begins anew time and again is back each time at once: what was spent where it proved
 * to be is not spent. What was spent at another's is (T13). */
static void who_proves_to_be_there_has_spent_nothing(void **state)
{
    struct lk_path path = { .waits = true };

    for (uint16_t n = 0; n < 10; n++) {
        lk_path_anew(&path, true);
        assert_int_equal(lk_path_told(&path, 5000 + n, NOW), LK_PATH_ASK);
        assert_true(answers(&path, 5000 + n));
        assert_int_equal(path.spent, 0);
    }
    for (unsigned n = 1; n <= LK_PATH_ALLOWANCE; n++) {
        assert_int_equal(lk_path_told(&path, 4000, NOW), LK_PATH_ASK); /* a victim's */
        if (n == LK_PATH_ALLOWANCE)
            break;
        assert_int_equal(lk_path_told(&path, 5000, NOW), LK_PATH_ASK); /* its own */
        assert_true(answers(&path, 5000));
        assert_int_equal(path.spent, n);
    }
    assert_int_equal(lk_path_told(&path, 5000, NOW), LK_PATH_REFUSED);
    assert_int_equal(lk_path_told(&path, 4000, NOW), LK_PATH_SILENT);
}

/* T13: who is asked in another's name answers by its own word, or sends the token back: neither
 * proves anything of the other. */
static void only_its_own_word_proves(void **state)
{
    static const struct lk_path_key word = { { 4, 5 } }, others = { { 4, 6 } };
    const struct lk_path_owner worded = { .number = 7, .address = &here, .word = &word };
    struct lk_path path = { .waits = true };
    struct lk_path_token token, answer;

    assert_int_equal(lk_path_told(&path, 5000, NOW), LK_PATH_ASK);
    lk_path_ask(&token, &key, &worded, 5000);
    assert_false(lk_path_answered(&path, &key, &worded, 5000, LK_SPAN(token.octets)));
    lk_path_answer(&answer, &others, LK_SPAN(token.octets));
    assert_false(lk_path_answered(&path, &key, &worded, 5000, LK_SPAN(answer.octets)));
    assert_false(lk_path_answered(&path, &key, &owner, 5000, LK_SPAN(answer.octets)));
    lk_path_answer(&answer, &word, LK_SPAN(token.octets));
    assert_false(lk_path_answered(&path, &key, &owner, 5000, LK_SPAN(answer.octets)));
    assert_true(lk_path_answered(&path, &key, &worded, 5000, LK_SPAN(answer.octets)));
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
        cmocka_unit_test(a_told_place_is_asked_again),
        cmocka_unit_test(who_proves_to_be_there_has_spent_nothing),
        cmocka_unit_test(only_its_own_word_proves),
        cmocka_unit_test(another_told_place_begins_anew),
        cmocka_unit_test(port_zero_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
