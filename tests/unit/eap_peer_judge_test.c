/* proto/eap/peer: what it refuses in a re-authentication, in a notification, in a request for an
 * identity, each by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_peer_rig.h"
#include "proto/eap/method.h"

static struct lk_reauth_context context; /* both ends' */
static uint8_t next_id;
static const uint8_t nonce_s[LK_AKA_NONCE_LEN] = { 7, 7, 7 };

static const char reauth_id[] = "8reauth@wlan.example";
static const char pseudonym[] = "7pseudonym";

static enum lk_status give_packet(const struct lk_writer *writer)
{
    return give_octets(lk_writer_span(writer));
}

/* A peer that has started, with a pseudonym and a re-authentication identity. */
static int fresh(void **state)
{
    struct lk_event start = { .kind = LK_EV_START };

    world_init(&w);
    memset(&context, 0, sizeof context);
    context.eap_type = LK_EAP_AKA_PRIME;
    context.imsi = w.peer_config.imsi;
    context.counter = 5;
    context.k_aut.len = 32;
    memset(context.k_aut.octets, 0xa1, 32);
    memset(context.k_encr.octets, 0xe1, 16);
    memset(context.k_re.octets, 0xee, 32);
    lk_eap_peer_init(&peer);
    peer.kept.pseudonym_type = LK_EAP_AKA_PRIME;
    peer.kept.pseudonym_len = sizeof pseudonym - 1;
    memcpy(peer.kept.pseudonym, pseudonym, sizeof pseudonym - 1);
    peer.kept.has_reauth = true;
    peer.kept.reauth = context;
    peer.kept.reauth_len = sizeof reauth_id - 1;
    memcpy(peer.kept.reauth_id, reauth_id, sizeof reauth_id - 1);
    assert_int_equal(give(&start), LK_OK);
    return 0;
}

static enum lk_status ask_eap_identity(void)
{
    uint8_t room[16];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    lk_eap_put_identity(&writer, LK_EAP_REQUEST, ++next_id, lk_span_of(NULL, 0));
    return give_packet(&writer);
}

static enum lk_status ask_identity(uint8_t type, enum lk_at ask)
{
    uint8_t room[16];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    lk_aka_begin(&writer, LK_EAP_REQUEST, ++next_id, type, LK_AKA_IDENTITY);
    lk_aka_put_empty(&writer, ask);
    lk_eap_finish(&writer);
    return give_packet(&writer);
}

struct reauth {
    uint16_t counter;
    uint8_t type;
    bool wrong_mac, wrong_checkcode, no_nonce, result_ind;
};

static const struct reauth right = { .counter = 6, .type = LK_EAP_AKA_PRIME };

static enum lk_status ask_reauth(const struct reauth *with)
{
    static const uint8_t checkcode[LK_SHA256_LEN] = { 1 };
    uint8_t room[256], plain[48], iv[16] = { 0 };
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_writer inner = lk_writer_of(plain, sizeof plain);
    bool prime = with->type == LK_EAP_AKA_PRIME;

    lk_aka_put_u16(&inner, LK_AT_COUNTER, with->counter);
    if (!with->no_nonce)
        lk_aka_put_block(&inner, LK_AT_NONCE_S, LK_SPAN(nonce_s));
    lk_aka_put_padding(&inner);
    lk_aka_begin(&writer, LK_EAP_REQUEST, ++next_id, with->type, LK_AKA_REAUTHENTICATION);
    lk_aka_put_encrypted(&writer, &context.k_encr, iv, lk_writer_span(&inner));
    lk_aka_put_block(&writer, LK_AT_CHECKCODE,
                     lk_span_of(checkcode, !with->wrong_checkcode ? 0
                                           : prime               ? LK_SHA256_LEN
                                                                 : LK_SHA1_LEN));
    if (with->result_ind)
        lk_aka_put_empty(&writer, LK_AT_RESULT_IND);
    lk_aka_finish_signed(&writer, with->type, &context.k_aut, lk_span_of(NULL, 0), NULL);
    writer.at[writer.len - 1] ^= with->wrong_mac;
    return give_packet(&writer);
}

static uint8_t subtype_said(void)
{
    struct lk_eap_packet packet;

    assert_int_equal(lk_eap_decode(&packet, lk_outbox_find(&out, LK_OUT_SEND)->send), LK_OK);
    return packet.subtype;
}

/* ---- re-authentication ---- */

/* spec: RFC 4187 9.7 - AT_MAC, AT_CHECKCODE and what is encrypted, each is judged before the
 * answer. */
static void each_way_of_asking_for_a_reauthentication_wrong_has_its_reason(void **state)
{
    static const struct {
        struct reauth ask;
        enum lk_reason reason;
    } rows[] = {
        { { .counter = 6, .type = LK_EAP_AKA_PRIME }, LK_REASON_NONE },
        { { .counter = 6, .type = LK_EAP_AKA_PRIME, .wrong_mac = true }, LK_REASON_MAC_WRONG },
        { { .counter = 6, .type = LK_EAP_AKA_PRIME, .wrong_mac = true, .wrong_checkcode = true },
          LK_REASON_MAC_WRONG },
        { { .counter = 6, .type = LK_EAP_AKA_PRIME, .wrong_checkcode = true },
          LK_REASON_CHECKCODE_WRONG },
        { { .counter = 6, .type = LK_EAP_AKA_PRIME, .no_nonce = true }, LK_REASON_EAP_MALFORMED },
        { { .counter = 6, .type = LK_EAP_AKA }, LK_REASON_EAP_UNEXPECTED },
    };
    static const struct lk_eap_keys none;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        fresh(state);
        assert_int_equal(ask_eap_identity(), LK_OK);
        assert_int_equal(ask_reauth(&rows[i].ask), LK_OK);
        assert_int_equal(peer.refusal.reason, rows[i].reason);
        if (rows[i].reason != LK_REASON_NONE)
            assert_memory_equal(&peer.keys, &none, sizeof none); /* it has given up: they go */
        assert_int_equal(subtype_said(), rows[i].reason == LK_REASON_NONE
                                             ? LK_AKA_REAUTHENTICATION : LK_AKA_CLIENT_ERROR);
    }
}

/* spec: RFC 4187 5.5 - a counter that is not above the last is too small; its keys are over. */
static void a_counter_that_does_not_grow_is_too_small(void **state)
{
    static const struct lk_reauth_context none;

    for (uint16_t counter = 0; counter <= 7; counter++) {
        struct reauth ask = right;

        fresh(state);
        ask.counter = counter;
        assert_int_equal(ask_eap_identity(), LK_OK);
        assert_int_equal(ask_reauth(&ask), LK_OK);
        assert_int_equal(subtype_said(), LK_AKA_REAUTHENTICATION);
        assert_int_equal(peer.state, counter > 5 ? LK_EAP_PEER_AWAIT_RESULT
                                                 : LK_EAP_PEER_AWAIT_REQUEST);
        if (counter <= 5) {
            assert_memory_equal(&peer.spent, &none, sizeof none);
            assert_int_equal(ask_reauth(&right), LK_OK); /* no second try */
            assert_int_equal(peer.refusal.reason, LK_REASON_EAP_UNEXPECTED);
        }
    }
}

/* spec: RFC 4187 4.1.5 - who has given another identity since does not re-authenticate any more. */
static void a_reauthentication_after_another_identity_is_refused(void **state)
{
    static const struct lk_reauth_context none;

    assert_int_equal(ask_eap_identity(), LK_OK);
    assert_memory_equal(peer.identity, reauth_id, peer.identity_len);
    assert_int_equal(ask_identity(LK_EAP_AKA_PRIME, LK_AT_FULLAUTH_ID_REQ), LK_OK);
    assert_memory_equal(&peer.spent, &none, sizeof none);
    assert_int_equal(ask_reauth(&right), LK_OK);
    assert_int_equal(peer.refusal.reason, LK_REASON_EAP_UNEXPECTED);
}

/* ---- notifications ---- */

/* counter 0: none. */
static enum lk_status notify(uint16_t code, bool is_signed, uint16_t counter)
{
    uint8_t room[128], plain[16], iv[16] = { 0 };
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_writer inner = lk_writer_of(plain, sizeof plain);

    lk_aka_begin(&writer, LK_EAP_REQUEST, ++next_id, LK_EAP_AKA_PRIME, LK_AKA_NOTIFICATION);
    lk_aka_put_u16(&writer, LK_AT_NOTIFICATION, code);
    if (counter > 0) {
        lk_aka_put_u16(&inner, LK_AT_COUNTER, counter);
        lk_aka_put_padding(&inner);
        lk_aka_put_encrypted(&writer, &context.k_encr, iv, lk_writer_span(&inner));
    }
    if (is_signed)
        lk_aka_finish_signed(&writer, LK_EAP_AKA_PRIME, &context.k_aut, lk_span_of(NULL, 0), NULL);
    else
        lk_eap_finish(&writer);
    return give_packet(&writer);
}

static void enter_result(bool result_ind)
{
    struct reauth ask = right;

    ask.result_ind = result_ind;
    assert_int_equal(ask_eap_identity(), LK_OK);
    assert_int_equal(ask_reauth(&ask), LK_OK);
    assert_int_equal(peer.state, LK_EAP_PEER_AWAIT_RESULT);
    assert_int_equal(peer.result_ind, result_ind);
}

/* spec: RFC 4187 6.2 - success is believed under AT_MAC, with the counter, when it was agreed. */
static void success_is_believed_with_mac_counter_and_agreement_only(void **state)
{
    static const struct {
        uint16_t code;
        bool is_signed;
        uint16_t counter;
        bool agreed, believed;
    } rows[] = {
        { 0x8000, true, 6, true, true },  { 0x8000, true, 6, false, false },
        { 0x8000, true, 5, true, false }, { 0x8000, true, 7, true, false },
        { 0x8000, true, 0, true, false }, { 0x8000, false, 0, true, false },
        { 0xc000, false, 0, true, false }, { 0xc000, true, 6, true, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_eap_peer before;

        fresh(state);
        enter_result(rows[i].agreed);
        before = peer;
        if (rows[i].believed) {
            assert_int_equal(notify(rows[i].code, rows[i].is_signed, rows[i].counter), LK_OK);
            assert_int_equal(peer.state, LK_EAP_PEER_AWAIT_SUCCESS);
            continue;
        }
        assert_int_not_equal(notify(rows[i].code, rows[i].is_signed, rows[i].counter), LK_OK);
        assert_memory_equal(&before, &peer, sizeof peer);
    }
}

/* spec: RFC 4187 6.1 - the P bit and AT_MAC exclude each other; before keys nothing is signed. */
static void the_p_bit_and_the_mac_go_with_the_phase(void **state)
{
    static const struct {
        uint16_t code;
        bool is_signed;
    } rows[] = { { 0x4000, true }, { 0x0000, false }, { 0x0000, true }, { 0xc000, false },
                 { 0x8000, true } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        fresh(state);
        assert_int_equal(ask_eap_identity(), LK_OK);
        assert_int_equal(notify(rows[i].code, rows[i].is_signed, 0), LK_OK);
        assert_int_equal(subtype_said(), LK_AKA_CLIENT_ERROR);
        assert_int_equal(peer.refusal.reason, LK_REASON_EAP_MALFORMED);
    }
    fresh(state);
    enter_result(false);
    assert_int_not_equal(notify(0x4000, true, 6), LK_OK);
    assert_int_not_equal(notify(0x0000, false, 0), LK_OK);
    assert_int_equal(peer.state, LK_EAP_PEER_AWAIT_RESULT);
}

/* ---- identities ---- */

/* spec: RFC 4187 4.1.5 - to each request what it allows: no re-authentication identity for a full
 * authentication, no pseudonym for the permanent identity. */
static void each_request_gets_the_identity_it_allows(void **state)
{
    static const struct {
        enum lk_at ask;
        const char *begins;
    } rows[] = { { LK_AT_ANY_ID_REQ, reauth_id }, { LK_AT_FULLAUTH_ID_REQ, "7pseudonym@" },
                 { LK_AT_PERMANENT_ID_REQ, "6001010000000001" } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        fresh(state);
        assert_int_equal(ask_identity(LK_EAP_AKA_PRIME, rows[i].ask), LK_OK);
        assert_memory_equal(peer.identity, rows[i].begins, strlen(rows[i].begins));
    }
}

/* spec: RFC 3748 2.1 - one method a run: what comes in another, once one runs, is dropped. */
static void the_other_method_is_dropped_once_one_runs(void **state)
{
    struct lk_eap_peer before;

    assert_int_equal(ask_identity(LK_EAP_AKA_PRIME, LK_AT_ANY_ID_REQ), LK_OK);
    before = peer;
    assert_int_equal(ask_identity(LK_EAP_AKA, LK_AT_PERMANENT_ID_REQ), LK_E_UNEXPECTED);
    assert_int_equal(ask_eap_identity(), LK_E_UNEXPECTED);
    assert_memory_equal(&before, &peer, sizeof peer);
}

int main(void)
{
#define JUDGE(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        JUDGE(each_way_of_asking_for_a_reauthentication_wrong_has_its_reason),
        JUDGE(a_counter_that_does_not_grow_is_too_small),
        JUDGE(a_reauthentication_after_another_identity_is_refused),
        JUDGE(success_is_believed_with_mac_counter_and_agreement_only),
        JUDGE(the_p_bit_and_the_mac_go_with_the_phase),
        JUDGE(each_request_gets_the_identity_it_allows),
        JUDGE(the_other_method_is_dropped_once_one_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
