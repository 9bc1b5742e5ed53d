/* liblatchkey-naf: how long it keeps what, and what nobody else takes from a user. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "naf_rig.h"

/* Whoever has no key uses up nothing of a user's: the count of his request is still to come. */
static void a_wrong_response_uses_nothing_up(void **state)
{
    struct lk_ks_naf wrong = { { 0 } }, key = naf_key_of(ALICE, "0100000002");
    struct lk_naf_answer challenge;

    (void)state;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
    assert_int_equal(naf_request(NULL), LK_NAF_REFUSED);
    challenge = naf_answer;
    for (unsigned count = 1; count <= 2; count++) {
        naf_answer = challenge;
        naf_credentials(ALICE, &wrong, count);
        assert_int_equal(naf_request(naf_authorization), LK_NAF_REFUSED);
        assert_string_equal(naf_answer.why, "ua.response");
        naf_answer = challenge;
        naf_credentials(ALICE, &key, count);
        assert_int_equal(naf_request(naf_authorization), LK_NAF_GRANTED);
    }
}

static bool is_empty(const struct lk_naf_entry *entry)
{
    const uint8_t *octets = (const uint8_t *)entry;

    for (size_t i = 0; i < sizeof *entry; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

/* A key does not stay for longer than it is good, whoever is asked for then, and whether anybody
 * is; and of what was forgotten nothing is left. The control: it is there before. */
static void a_key_that_is_over_does_not_stay(void **state)
{
    static const char *const users[] = { "a" BSF, "b" BSF, "c" BSF };

    (void)state;
    for (unsigned asks = 0; asks < 2; asks++) {
        naf_world.now_s = NOW_S;
        naf_world.now_ms++; /* nonces of who was forgotten are over */
        naf_world.status = 200;
        naf_world.text = NULL;
        for (size_t i = 0; i < LK_COUNT_OF(users); i++)
            assert_int_equal(naf_visit(users[i]), LK_NAF_GRANTED);
        assert_int_equal(naf_counts().users, LK_COUNT_OF(users));
        assert_false(is_empty(&naf->keys.entry[0]));
        naf_world.now_s = UNTIL_S;
        naf_world.status = 404;
        naf_world.text = "{\"resultCode\":5403}";
        if (asks == 1)
            assert_int_equal(naf_visit("nobody" BSF), LK_NAF_REFUSED);
        else
            assert_int_equal(naf_counts().users, 0);
        assert_int_equal(naf->keys.count, 0);
        for (size_t i = 0; i < LK_COUNT_OF(users); i++)
            assert_true(is_empty(&naf->keys.entry[i]));
    }
}

/* T05: who names a B-TID before its device has bootstrapped with it keeps nobody out: in a second
 * the BSF is asked again. */
static void a_b_tid_that_is_named_too_early(void **state)
{
    (void)state;
    naf_world.status = 404;
    naf_world.text = "{\"resultCode\":5403}";
    assert_int_equal(naf_visit(ALICE), LK_NAF_REFUSED);
    naf_world.status = 200;
    naf_world.text = NULL;
    assert_int_equal(naf_visit(ALICE), LK_NAF_REFUSED);
    naf_world.now_ms += 1000;
    assert_int_equal(naf_visit(ALICE), LK_NAF_GRANTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wrong_response_uses_nothing_up, naf_set_up,
                                        naf_tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_is_over_does_not_stay, naf_set_up,
                                        naf_tear_down),
        cmocka_unit_test_setup_teardown(a_b_tid_that_is_named_too_early, naf_set_up,
                                        naf_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
