/* node: who is done with a key holds it no longer, nor whose it was (docs/keys.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <pthread.h>

#include <cmocka.h>

#include "base/secret.h"
#include "twag_rig.h"
#include "twap_rig.h"

enum { A };

/* ---- the TWAG's record ---- */

static bool twag_holds(const struct twag_rig *rig, const void *octets, size_t len)
{
    return memmem(rig->memory, lk_twag_size(&rig->config), octets, len) != NULL;
}

static bool holds_key(const struct twag_rig *rig, const struct lk_wlcp_key *key)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1];

    lk_wlcp_psk_identity(identity, key);
    return twag_holds(rig, key, sizeof *key) || twag_holds(rig, identity, LK_WLCP_IDENTITY_LEN);
}

/* A key is gone with the step that ends it. The rest of a session is in what that step says, and is
 * gone with the next one. */
static void the_end_of_a_session_leaves_nothing(void **state)
{
    static const enum lk_twag_event_kind kinds[] = { LK_TWAG_EV_SESSION_END,
                                                     LK_TWAG_EV_REAUTH_FAILED };

    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        struct twag_rig *rig = twag_rig_new(3, 5);
        const struct lk_wlan_session *session = &rig->device[A].session;

        assert_int_equal(twag_rig_session(rig, A), LK_OK);
        assert_true(holds_key(rig, &session->key));
        assert_true(twag_holds(rig, session->imsi.digits, 15));
        assert_true(twag_holds(rig, session->class_value, session->class_len));
        assert_int_equal(twag_rig_end(rig, A, kinds[i]), LK_OK);
        assert_false(holds_key(rig, &session->key));
        twag_rig_wait(rig, 0);
        assert_int_equal(twag_rig_end(rig, A, kinds[i]), LK_E_NOT_FOUND);
        assert_false(twag_holds(rig, session->imsi.digits, 15));
        assert_false(twag_holds(rig, session->class_value, session->class_len));
        twag_rig_free(rig);
    }
}

/* T06: what is over is over in memory as well: after the overlap, when the new key has a channel,
 * at the next but one, and at a rejection whose farewell is still under way. */
static void a_retired_key_is_nowhere(void **state)
{
    for (int how = 0; how < 4; how++) {
        struct twag_rig *rig = twag_rig_new(3, 5);
        struct lk_wlcp_key before = rig->device[A].session.key;

        (void)twag_rig_attach(rig, A, "internet", 7);
        assert_int_equal(twag_rig_roll(rig, A), LK_OK);
        assert_true(holds_key(rig, &before));
        if (how == 0)
            twag_rig_wait(rig, rig->config.overlap_ms);
        else if (how == 1)
            assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
        else if (how == 2)
            assert_int_equal(twag_rig_roll(rig, A), LK_OK);
        else
            assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_REAUTH_FAILED), LK_OK);
        assert_false(holds_key(rig, &before));
        assert_int_equal(lk_twag_session_count(rig->twag), 1);
        assert_true(holds_key(rig, &rig->device[A].session.key) == (how != 3));
        twag_rig_free(rig);
    }
}

/* ---- the TWAP, which only hands it on ---- */

enum { STACK = 256 * 1024 };

static struct {
    struct twap_rig *rig;
    struct lk_span octets;
    _Alignas(4096) uint8_t stack[STACK];
} apart;

static void *give(void *nothing)
{
    twap_rig_from_aaa(apart.rig, 0, apart.octets);
    return nothing;
}

/* On a stack that can be looked at afterwards. */
static void give_apart(struct twap_rig *rig, struct lk_span octets)
{
    pthread_attr_t attr;
    pthread_t thread;

    apart.rig = rig;
    apart.octets = octets;
    memset(apart.stack, 0, sizeof apart.stack);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstack(&attr, apart.stack, sizeof apart.stack), 0);
    assert_int_equal(pthread_create(&thread, &attr, give, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attr), 0);
}

/* T04: the key of an Accept is in SESSION, and nowhere else: not in the TWAP, nor on its stack. */
static void the_twap_keeps_no_key(void **state)
{
    static const struct {
        const char *imsi;
        bool may_carry_keys;
    } rows[] = { { IMSI_A, true }, { IMSI_A, false } };
    struct twap_rig *rig = *state;
    const struct twap_ask ask = twap_rig_access(0, MAC_A);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_wlcp_key key;
        const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &key,
                                            .imsi = rows[i].imsi };
        struct lk_span forwarded = twap_rig_ask(rig, &ask);

        for (size_t j = 0; j < sizeof key.octets; j++)
            key.octets[j] = (uint8_t)(0x60 + 7 * j + i);
        rig->config.upstream[0].may_carry_keys = rows[i].may_carry_keys;
        give_apart(rig, twap_rig_answer(rig, forwarded, &answer));
        assert_int_equal(twap_rig_count(rig, LK_TWAP_OUT_SESSION), rows[i].may_carry_keys);
        assert_null(memmem(apart.stack, sizeof apart.stack, key.octets, sizeof key.octets));
        assert_null(memmem(rig->memory, rig->size, &key, sizeof key));
        assert_null(memmem(&rig->twap, sizeof rig->twap, &key, sizeof key));
        lk_twap_outbox_wipe(&rig->out);
        assert_null(memmem(&rig->out, sizeof rig->out, &key, sizeof key));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_session_leaves_nothing),
        cmocka_unit_test(a_retired_key_is_nowhere),
        cmocka_unit_test_setup_teardown(the_twap_keeps_no_key, twap_rig_set_up,
                                        twap_rig_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
