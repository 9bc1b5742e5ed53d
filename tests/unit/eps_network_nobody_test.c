/* The network's end of an attach for an IMSI that nobody knows: it looks like any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eps_network_bench.h"

enum answer { NOTHING, WRONG_RES, MAC_FAILURE, SYNCH_FAILURE, SILENCE, ANSWERS };

static enum lk_status answer(enum answer what)
{
    static const uint8_t zeroes[8];
    struct lk_nas res = { .type = LK_NAS_AUTHENTICATION_RESPONSE, .res = LK_SPAN(zeroes) };
    struct lk_eps_pdu pdu = nas_of(&res);

    if (what == SILENCE) {
        rig.now_ms = rig.network.due_ms;
        return eps_network_on(&rig, LK_EPS_EV_EXPIRED);
    }
    if (what == MAC_FAILURE)
        pdu = failure_of(LK_NAS_CAUSE_MAC, false);
    if (what == SYNCH_FAILURE)
        pdu = failure_of(LK_NAS_CAUSE_SYNCH, true);
    return eps_network_hears(&rig, &pdu);
}

/* What is heard last by a known subscriber without the card, or by one that nobody knows. */
static struct lk_eps_pdu last_word(bool known, enum answer what)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_NO_VECTOR };

    bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
    if (known)
        vector();
    else
        assert_int_equal(nobody(), LK_OK);
    if (what == NOTHING)
        return rig.at_network.pdu;
    assert_int_equal(answer(what), LK_OK);
    if (what == SYNCH_FAILURE) {
        event.asked = rig.network.asked;
        event.no_vector = known ? LK_REASON_AUTS_WRONG : LK_REASON_SUBSCRIBER_UNKNOWN;
        assert_int_equal(eps_network(&rig, &event), LK_OK);
    }
    return rig.at_network.pdu;
}

/* A18: who is not known is challenged as who is.
 * spec-not: TS 24.301 5.5.1.2.5 - no ATTACH REJECT tells that an IMSI is unknown. */
static void nobody_is_challenged_like_anybody(void **state)
{
    struct lk_eps_pdu known = last_word(true, NOTHING), nobodys = last_word(false, NOTHING);
    struct lk_nas nas = heard();

    assert_int_equal(known.len, nobodys.len);
    assert_int_equal(nas.type, LK_NAS_AUTHENTICATION_REQUEST);
    assert_int_equal(nas.rand[0], 1);
    assert_int_equal(nas.rand[LK_RAND_LEN - 1], LK_RAND_LEN);
    assert_int_equal(nas.autn[0], LK_RAND_LEN + 1);
    assert_int_equal(nas.autn[LK_SQN_LEN], 0x80);
    assert_int_equal(nas.autn[LK_SQN_LEN + 1], 0);
    assert_int_equal(nas.autn[LK_AUTN_LEN - 1], LK_EPS_ENTROPY_LEN);
}

/* A18: whatever is answered, it is wrong in the same octets, also by who guesses what it is
 * compared with; and the operator reads that nobody was there. */
static void each_answer_of_nobody_is_wrong(void **state)
{
    for (enum answer what = WRONG_RES; what < ANSWERS; what++) {
        struct lk_eps_pdu known = last_word(true, what), nobodys = last_word(false, what);

        assert_int_equal(known.len, nobodys.len);
        if (what == SILENCE)
            break; /* the challenge again */
        assert_memory_equal(known.octets, nobodys.octets, known.len);
        assert_int_equal(rig.network.state, LK_EPS_NETWORK_IDLE);
        assert_int_equal(rig.at_network.why.reason, LK_REASON_SUBSCRIBER_UNKNOWN);
    }
    while (rig.network.state != LK_EPS_NETWORK_IDLE)
        assert_int_equal(answer(SILENCE), LK_OK);
    assert_int_equal(rig.at_network.sent, rig.network_config.tries);
    assert_int_equal(rig.at_network.why.reason, LK_REASON_SUBSCRIBER_UNKNOWN);
}

/* Who is added between the challenge and its AUTS is a subscriber like others. */
static void nobody_may_become_somebody(void **state)
{
    struct lk_nas res = { .type = LK_NAS_AUTHENTICATION_RESPONSE };
    struct lk_eps_pdu pdu;

    bring_to(LK_EPS_NETWORK_AWAIT_VECTOR);
    assert_int_equal(nobody(), LK_OK);
    assert_int_equal(answer(SYNCH_FAILURE), LK_OK);
    rig.deaf = true;
    rig.at_network.asks = true;
    vector();
    res.res = lk_span_of(rig.network.xres, rig.network.xres_len);
    pdu = nas_of(&res);
    assert_int_equal(eps_network_hears(&rig, &pdu), LK_OK);
    assert_int_equal(rig.network.state, LK_EPS_NETWORK_AWAIT_NAS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_challenged_like_anybody),
        cmocka_unit_test(each_answer_of_nobody_is_wrong),
        cmocka_unit_test(nobody_may_become_somebody),
    };

    return cmocka_run_group_tests(tests, record, NULL);
}
