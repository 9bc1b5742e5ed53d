/* MIS_Auth with who makes messages up: a Success too early, packets that no peer sends, an end in
 * clear, an indication in another's name; and with a home and an MN that say what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_auth_world.h"
#include "proto/mis/mn_auth_parts.h"
#include "proto/mis/pos_auth_parts.h"
#include "wire/eap.h"

static const uint8_t success[] = { LK_EAP_SUCCESS, 9, 0, 4 };

static enum lk_status made_up(bool to_mn, enum lk_mis_action action, enum lk_mis_opcode opcode,
                              bool secured, const struct lk_mis_message *message)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(action, opcode, &lk_mis_codes_default), .secured = secured };
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };

    event.message.header = &header;
    event.message.message = message;
    return to_mn ? auth_mn(&event) : auth_pos(&event);
}

static struct lk_mis_message with_packet(struct lk_span eap)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 5 };
    struct lk_mis_message message = { .auth_info = eap, .nonce_n = LK_SPAN(nonce) };

    lk_mis_mark(&message, LK_MIS_TLV_AUTH_INFO);
    lk_mis_mark(&message, LK_MIS_TLV_NONCE_N);
    return message;
}

static struct lk_mis_message last_request(void)
{
    static const uint8_t id[16] = { 1 }, c[] = { 1 }, auth_n[16] = { 2 };
    struct lk_mis_message m = with_packet(LK_SPAN(success));

    m.said = (struct lk_mis_said){ LK_MIS_SA_EAP, LK_SPAN(id) };
    m.suites = LK_SPAN(c);
    m.prfs = 1u << LK_MIS_PRF_HMAC_SHA256;
    m.lifetime_s = 60;
    m.auth = LK_SPAN(auth_n);
    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    lk_mis_mark(&m, LK_MIS_TLV_SAID);
    lk_mis_mark(&m, LK_MIS_TLV_SUITES);
    lk_mis_mark(&m, LK_MIS_TLV_PRFS);
    lk_mis_mark(&m, LK_MIS_TLV_LIFETIME);
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    return m;
}

/* A11: a Success before the method has keys: as a request it is none, and as the last one it finds
 * an EAP that gives no keys. */
static void success_too_early(void **state)
{
    struct lk_mis_message message = with_packet(LK_SPAN(success));

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_E_VALUE);
    assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_AWAIT_REQUEST);
    message = last_request();
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_OK);
    assert_int_equal(auth.mn.sas, 0);
    assert_int_equal(auth.mn.failures, 1);
    /* Each of its TLVs must be there. */
    for (unsigned tlv = 0; tlv < LK_MIS_TLV_COUNT; tlv++) {
        struct lk_mis_message less = last_request();

        if (!lk_mis_has(&less, (enum lk_mis_tlv)tlv) || tlv == LK_MIS_TLV_SAID)
            continue;
        less.present &= ~(UINT64_C(1) << tlv);
        auth_open(true);
        assert_int_equal(auth_start(true), LK_OK);
        assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &less), LK_E_MISSING);
        assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_AWAIT_REQUEST);
    }
    message = last_request();
    message.auth_info = lk_span_text("\x01\x09"); /* a Request is not the end */
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_E_VALUE);
}

/* The PoS passes on to the home what a peer may say, and nothing else. */
static void only_a_peer_is_passed_on(void **state)
{
    static const uint8_t codes_of[] = { LK_EAP_REQUEST, LK_EAP_SUCCESS, LK_EAP_FAILURE, 6, 0 };

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_deliver(0);
    assert_int_equal(auth.pos_auth.state, LK_MIS_POS_AUTH_AWAIT_RESPONSE);
    for (size_t i = 0; i < sizeof codes_of; i++) {
        uint8_t octets[] = { codes_of[i], 9, 0, 4 };
        struct lk_mis_message message = with_packet(LK_SPAN(octets));

        lk_mis_mark(&message, LK_MIS_TLV_STATUS);
        assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_RESPONSE, false, &message),
                         LK_E_VALUE);
        message.present = UINT64_C(1) << LK_MIS_TLV_AUTH_INFO;
        assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_RESPONSE, false, &message),
                         LK_E_MISSING);
    }
    assert_int_equal(auth.home_rounds, 0);
}

/* A home that says what is not a request has not said anything; a response to a PoS that began by
 * itself must have the MN's nonce and offers. */
static void what_cannot_be_goes_nowhere(void **state)
{
    static const uint8_t response[] = { LK_EAP_RESPONSE, 9, 0, 5, LK_EAP_IDENTITY };
    struct lk_mis_message message = with_packet(LK_SPAN(response));
    struct lk_mis_auth_event next = { .kind = LK_MIS_AUTH_EV_EAP, .eap = LK_SPAN(success) };

    auth_open(true);
    assert_int_equal(auth_start(false), LK_OK);
    lk_mis_mark(&message, LK_MIS_TLV_STATUS);
    assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_RESPONSE, false, &message), LK_E_MISSING);
    assert_int_equal(auth.home_rounds, 0);
    auth.pos_auth.state = LK_MIS_POS_AUTH_AWAIT_HOME;
    assert_int_equal(auth_pos(&next), LK_E_VALUE);
    next.eap = LK_SPAN(response);
    assert_int_equal(auth_pos(&next), LK_E_VALUE);
}

/* An MN that goes on with ERP where the home does not take it is asked for EAP once. */
static void erp_again_and_again(void **state)
{
    unsigned rounds = 0;

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_again(true);
    auth.home_has_erp = false;
    assert_int_equal(auth_start(true), LK_OK);
    while (auth.pos_auth.state != LK_MIS_POS_AUTH_OVER) {
        static const uint8_t initiate[] = { 5, 1, 0, 10, 2, 0, 0, 0, 0, 0 };
        struct lk_mis_message message = with_packet(LK_SPAN(initiate));
        struct lk_mis_auth_event no = { .kind = LK_MIS_AUTH_EV_REFUSED };

        assert_true(rounds++ < 5);
        if (auth.pos_auth.state == LK_MIS_POS_AUTH_IDLE)
            auth_deliver(0);
        lk_mis_mark(&message, LK_MIS_TLV_STATUS);
        assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_RESPONSE, false, &message), LK_OK);
        assert_int_equal(auth_pos(&no), LK_OK);
    }
    assert_int_equal(rounds, 2);
    assert_int_equal(auth.pos.failures, 1);
}

/* Nonce-N is one for the run; the first request has it. */
static void nonce_n_does_not_change(void **state)
{
    static const uint8_t request[] = { LK_EAP_REQUEST, 9, 0, 5, LK_EAP_IDENTITY };
    static const uint8_t other[LK_MIS_NONCE_LEN] = { 6 };
    struct lk_mis_message message = with_packet(LK_SPAN(request));

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    message.present = UINT64_C(1) << LK_MIS_TLV_AUTH_INFO;
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_E_MISSING);
    message = with_packet(LK_SPAN(request));
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_OK);
    message.nonce_n = LK_SPAN(other);
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message), LK_E_VALUE);
}

/* spec: IEEE 802.21 9 - once there is an SA, no message is for the machine that made it: nobody
 * ends it so, nor gives link keys. */
static void nobody_ends_an_sa_so(void **state)
{
    static const enum lk_mis_action actions[] = { LK_MIS_TERMINATION_AUTH, LK_MIS_PUSH_KEY };
    struct lk_mis_message message = { .reason = LK_MIS_REASON_NONE };

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    for (size_t i = 0; i < LK_COUNT_OF(actions); i++)
        for (unsigned to_mn = 0; to_mn < 2; to_mn++)
            for (unsigned opcode = LK_MIS_REQUEST; opcode <= LK_MIS_RESPONSE; opcode++)
                assert_int_equal(made_up(to_mn, actions[i], (enum lk_mis_opcode)opcode, false,
                                         &message), LK_E_UNEXPECTED);
    auth_expect_up();
    /* Nor does a new establishment, or its refusal, in clear. */
    message.status = LK_MIS_AUTH_FAILURE;
    lk_mis_mark(&message, LK_MIS_TLV_STATUS);
    assert_int_equal(made_up(true, LK_MIS_AUTH, LK_MIS_REQUEST, false, &message),
                     LK_E_UNEXPECTED);
    assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_RESPONSE, false, &message),
                     LK_E_UNEXPECTED);
    auth_expect_up();
}

/* What the indication of somebody else said before does not stop the MN, whose response counts. */
static void an_indication_of_another_does_not_count(void **state)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 66 }, weak[] = { 2 };
    struct lk_mis_message message = { .nonce_t = LK_SPAN(nonce), .suites = LK_SPAN(weak),
                                      .prfs = 1u << LK_MIS_PRF_CMAC_AES };

    lk_mis_mark(&message, LK_MIS_TLV_NONCE_T);
    lk_mis_mark(&message, LK_MIS_TLV_SUITES);
    lk_mis_mark(&message, LK_MIS_TLV_PRFS);
    auth_open(true);
    assert_int_equal(made_up(false, LK_MIS_AUTH, LK_MIS_INDICATION, false, &message), LK_OK);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.sa.agreed.suite, LK_MIS_SUITE_CCM);
}

/* What the home says must be an end of EAP or ERP, and leave time. */
static void a_home_that_gives_no_time(void **state)
{
    static const uint8_t long_mark[LK_MIS_START_MARK_MAX + 1];
    const struct lk_mis_k k = { { 9 }, LK_MIS_K_MAX };
    struct lk_mis_auth_event keys = { .kind = LK_MIS_AUTH_EV_KEYS,
                                      .keys = { .k = &k, .eap = LK_SPAN(success) } };

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_deliver(0);
    auth.pos_auth.state = LK_MIS_POS_AUTH_AWAIT_HOME;
    assert_int_equal(auth_pos(&keys), LK_E_VALUE);
    keys.keys.lifetime_s = 60;
    keys.keys.eap = lk_span_text("\x01\x09");
    assert_int_equal(auth_pos(&keys), LK_E_VALUE);
    keys.keys.eap = LK_SPAN(success);
    keys.keys.start_mark = LK_SPAN(long_mark);
    assert_int_equal(auth_pos(&keys), LK_E_VALUE);
    keys.keys.start_mark.len = 0;
    assert_int_equal(auth_pos(&keys), LK_OK);
    assert_int_equal(auth.pos_auth.terms.lifetime_s, 60);
}

/* ---- what has no place ---- */

/* A message that is that to the machine. */
struct meant {
    enum lk_mis_action action;
    enum lk_mis_opcode opcode;
    uint64_t has;
    uint8_t status;
};
#define HAS(tlv) (UINT64_C(1) << LK_MIS_TLV_##tlv)
static const struct meant to_mn[LK_MIS_MN_AUTH_ON_COUNT] = {
    [LK_MIS_MN_AUTH_ON_REQUEST] = { LK_MIS_AUTH, LK_MIS_REQUEST, HAS(AUTH_INFO), 0 },
    [LK_MIS_MN_AUTH_ON_FINAL] = { LK_MIS_AUTH, LK_MIS_REQUEST, HAS(STATUS) | HAS(SAID), 0 },
    [LK_MIS_MN_AUTH_ON_REFUSAL] = { LK_MIS_AUTH, LK_MIS_REQUEST, HAS(STATUS), 5 },
};
static const enum lk_mis_auth_event_kind of_mn[LK_MIS_MN_AUTH_ON_COUNT] = {
    [LK_MIS_MN_AUTH_ON_START] = LK_MIS_AUTH_EV_START,
    [LK_MIS_MN_AUTH_ON_EAP] = LK_MIS_AUTH_EV_EAP,
    [LK_MIS_MN_AUTH_ON_KEYS] = LK_MIS_AUTH_EV_KEYS,
    [LK_MIS_MN_AUTH_ON_REFUSED] = LK_MIS_AUTH_EV_REFUSED,
    [LK_MIS_MN_AUTH_ON_SILENT] = LK_MIS_AUTH_EV_SILENT,
    [LK_MIS_MN_AUTH_ON_EXPIRED] = LK_MIS_AUTH_EV_EXPIRED,
};
static const struct meant to_pos[LK_MIS_POS_AUTH_ON_COUNT] = {
    [LK_MIS_POS_AUTH_ON_INDICATION] = { LK_MIS_AUTH, LK_MIS_INDICATION, 0, 0 },
    [LK_MIS_POS_AUTH_ON_RESPONSE] = { LK_MIS_AUTH, LK_MIS_RESPONSE, HAS(STATUS) | HAS(AUTH_INFO),
                                      0 },
    [LK_MIS_POS_AUTH_ON_CONFIRMATION] = { LK_MIS_AUTH, LK_MIS_RESPONSE,
                                          HAS(STATUS) | HAS(AUTH_VALUE), 0 },
    [LK_MIS_POS_AUTH_ON_DECLINED] = { LK_MIS_AUTH, LK_MIS_RESPONSE, HAS(STATUS), 2 },
};
static const enum lk_mis_auth_event_kind of_pos[LK_MIS_POS_AUTH_ON_COUNT] = {
    [LK_MIS_POS_AUTH_ON_START] = LK_MIS_AUTH_EV_START,
    [LK_MIS_POS_AUTH_ON_EAP] = LK_MIS_AUTH_EV_EAP,
    [LK_MIS_POS_AUTH_ON_KEYS] = LK_MIS_AUTH_EV_KEYS,
    [LK_MIS_POS_AUTH_ON_REFUSED] = LK_MIS_AUTH_EV_REFUSED,
    [LK_MIS_POS_AUTH_ON_SILENT] = LK_MIS_AUTH_EV_SILENT,
    [LK_MIS_POS_AUTH_ON_EXPIRED] = LK_MIS_AUTH_EV_EXPIRED,
};

static enum lk_status give(bool mn, enum lk_mis_auth_event_kind kind, const struct meant *meant)
{
    struct lk_mis_message message = { .status = meant->status, .present = meant->has };
    struct lk_mis_auth_event event = { .kind = kind };

    if (kind != 0)
        return mn ? auth_mn(&event) : auth_pos(&event);
    return made_up(mn, meant->action, meant->opcode, true, &message);
}

/* A12: each event in each state; what no rule has changes nothing and says nothing. */
static void what_has_no_rule_changes_nothing(void **state)
{
    unsigned tried = 0;
    size_t row;

    auth_open(true);
    for (unsigned in = 0; in < LK_MIS_MN_AUTH_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_MIS_MN_AUTH_ON_COUNT; on++) {
            if (lk_rule_find(&row, &lk_mis_mn_auth_rules, in, on) == LK_OK)
                continue;
            auth.mn_auth.state = (enum lk_mis_mn_auth_state)in;
            assert_int_equal(give(true, of_mn[on], &to_mn[on]), LK_E_UNEXPECTED);
            assert_int_equal(auth.mn_auth.state, in);
            tried++;
        }
    for (unsigned in = 0; in < LK_MIS_POS_AUTH_STATE_COUNT; in++)
        for (unsigned on = 0; on < LK_MIS_POS_AUTH_ON_COUNT; on++) {
            if (lk_rule_find(&row, &lk_mis_pos_auth_rules, in, on) == LK_OK)
                continue;
            auth.pos_auth.state = (enum lk_mis_pos_auth_state)in;
            assert_int_equal(give(false, of_pos[on], &to_pos[on]), LK_E_UNEXPECTED);
            assert_int_equal(auth.pos_auth.state, in);
            tried++;
        }
    assert_true(tried > 80);
    assert_int_equal(auth.mn.out.count + auth.pos.out.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_too_early),
        cmocka_unit_test(only_a_peer_is_passed_on),
        cmocka_unit_test(nonce_n_does_not_change),
        cmocka_unit_test(nobody_ends_an_sa_so),
        cmocka_unit_test(an_indication_of_another_does_not_count),
        cmocka_unit_test(a_home_that_gives_no_time),
        cmocka_unit_test(what_cannot_be_goes_nowhere),
        cmocka_unit_test(erp_again_and_again),
        cmocka_unit_test(what_has_no_rule_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
