/* proto/eap/peer: every state meets every event, A11; what it answers, and what it drops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "eap_peer_rig.h"
#include "proto/eap/method.h"

static uint8_t next_id;

/* ---- every state meets every event ---- */

enum what {
    START, EAP_IDENTITY, EAP_NOTICE, OTHER_METHOD, AGAIN, IDENTITY, CHALLENGE, REAUTH,
    NOTIFIED_FAILURE, NOTIFIED_SUCCESS, MALFORMED, RESPONSE, SUCCESS, FAILURE, CARD_OK, CARD_MAC,
    CARD_SQN, VECTOR, EXPIRED, WHAT_COUNT
};

struct matrix_row {
    char state;
    const char *leads_to;
};

/* I idle, Q awaits a request, C the card, R the result, r the same with AT_RESULT_IND agreed,
 * S success, X failure, D done, F failed. A dot: not welcome, and nothing changes.
 * A11: EAP-Success is welcome in R and S alone. */
static const struct matrix_row matrix[] = {
    /*     start id note oth again ident chal reauth nf ns mal resp su fa ok mac sqn vec exp */
    { 'I', "Q.................." },
    { 'Q', "QQQQQQCXXXX..F....." },
    { 'C', "Q............FRXQ.." },
    { 'R', "Q...R...X...DF....." },
    { 'r', "Q...R...XS...F....." },
    { 'S', "Q...S.......D......" },
    { 'X', "Q...X...X....F....." },
    { 'D', "Q.................." },
    { 'F', "Q.................." },
};

static const char letters[LK_EAP_PEER_STATE_COUNT + 1] = "IQCRSXDF";
static struct lk_vector vector; /* of the challenge that went out */

static struct lk_writer challenge(uint8_t id, bool result_ind)
{
    static uint8_t room[512];
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_eap_keys keys;

    world_vector(&w, &vector, true);
    lk_eap_aka_prime_keys_derive(&keys, &vector.ck_prime, &vector.ik_prime,
                                 lk_span_of(peer.identity, peer.identity_len));
    lk_aka_begin(&writer, LK_EAP_REQUEST, id, LK_EAP_AKA_PRIME, LK_AKA_CHALLENGE);
    lk_aka_put_block(&writer, LK_AT_RAND, LK_SPAN(vector.rand));
    lk_aka_put_block(&writer, LK_AT_AUTN, LK_SPAN(vector.autn));
    lk_aka_put_text(&writer, LK_AT_KDF_INPUT, lk_span_text("WLAN"));
    lk_aka_put_u16(&writer, LK_AT_KDF, 1);
    if (result_ind)
        lk_aka_put_empty(&writer, LK_AT_RESULT_IND);
    lk_aka_finish_signed(&writer, LK_EAP_AKA_PRIME, &keys.k_aut, lk_span_of(NULL, 0), NULL);
    return writer;
}

static struct lk_writer notification(uint8_t id, uint16_t code)
{
    static uint8_t room[64];
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_k_aut k_aut = peer.keys.k_aut;

    if (k_aut.len == 0)
        k_aut.len = 32;
    lk_aka_begin(&writer, LK_EAP_REQUEST, id, LK_EAP_AKA_PRIME, LK_AKA_NOTIFICATION);
    lk_aka_put_u16(&writer, LK_AT_NOTIFICATION, code);
    if ((code & LK_NOTIFICATION_P) == 0)
        lk_aka_finish_signed(&writer, LK_EAP_AKA_PRIME, &k_aut, lk_span_of(NULL, 0), NULL);
    else
        lk_eap_finish(&writer);
    return writer;
}

static struct lk_writer simple(uint8_t code, uint8_t id, uint8_t type, uint8_t subtype)
{
    static uint8_t room[128];
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    static const uint8_t block[16];

    if (type == LK_EAP_AKA_PRIME)
        lk_aka_begin(&writer, (enum lk_eap_code)code, id, type, subtype);
    else
        lk_eap_begin(&writer, (enum lk_eap_code)code, id, type);
    if (subtype == LK_AKA_IDENTITY)
        lk_aka_put_empty(&writer, LK_AT_ANY_ID_REQ);
    if (subtype == LK_AKA_REAUTHENTICATION) {
        lk_aka_put_block(&writer, LK_AT_IV, LK_SPAN(block));
        lk_aka_put_block(&writer, LK_AT_ENCR_DATA, LK_SPAN(block));
        (void)lk_aka_put_mac_hole(&writer);
    }
    lk_eap_finish(&writer);
    return writer;
}

static struct lk_writer packet_of(enum what what)
{
    static uint8_t room[8];
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    uint8_t id = what == AGAIN ? peer.answered_id : ++next_id;

    switch ((int)what) {
    case EAP_IDENTITY: return simple(1, id, LK_EAP_IDENTITY, 0);
    case EAP_NOTICE: return simple(1, id, LK_EAP_NOTIFICATION, 0);
    case OTHER_METHOD: return simple(1, id, 4, 0);
    case AGAIN: return simple(1, id, LK_EAP_AKA_PRIME, LK_AKA_IDENTITY);
    case IDENTITY: return simple(1, id, LK_EAP_AKA_PRIME, LK_AKA_IDENTITY);
    case CHALLENGE: return challenge(id, false);
    case REAUTH: return simple(1, id, LK_EAP_AKA_PRIME, LK_AKA_REAUTHENTICATION);
    case NOTIFIED_FAILURE: return notification(id, LK_NOTIFY_FAILURE_BEFORE);
    case NOTIFIED_SUCCESS: return notification(id, LK_NOTIFY_SUCCESS);
    case MALFORMED: return simple(1, id, LK_EAP_AKA_PRIME, 77);
    case RESPONSE: return simple(2, id, LK_EAP_AKA_PRIME, 77);
    default:
        lk_eap_put_result(&writer, what == SUCCESS ? LK_EAP_SUCCESS : LK_EAP_FAILURE,
                          peer.answered_id);
        return writer;
    }
}

static struct lk_event event_of(enum what what)
{
    struct lk_event event = { .kind = LK_EV_START };

    memset(&event.card, 0, sizeof event.card);
    switch ((int)what) {
    case CARD_OK:
        lk_usim_init(&w.usim, &w.auc);
        lk_usim_answer(&w.usim, &event.card, vector.rand, vector.autn);
        event.kind = LK_EV_CARD;
        break;
    case CARD_MAC:
        event.kind = LK_EV_CARD;
        event.card.verdict = LK_CARD_MAC_WRONG;
        break;
    case CARD_SQN:
        event.kind = LK_EV_CARD;
        event.card.verdict = LK_CARD_SQN_RANGE;
        break;
    case VECTOR: event.kind = LK_EV_VECTOR; break;
    case EXPIRED: event.kind = LK_EV_EXPIRED; break;
    default: break;
    }
    return event;
}

static enum lk_status give_what(enum what what)
{
    struct lk_writer writer;
    struct lk_event event;

    if (what > START && what <= FAILURE) {
        writer = packet_of(what);
        return give_octets(lk_writer_span(&writer));
    }
    event = event_of(what);
    return give(&event);
}

static void enter(char state)
{
    struct lk_writer writer;

    lk_eap_peer_init(&peer);
    if (state == 'I')
        return;
    assert_int_equal(give_what(START), LK_OK);
    assert_int_equal(give_what(EAP_IDENTITY), LK_OK);
    if (state == 'Q')
        return;
    if (state == 'X' || state == 'F') {
        assert_int_equal(give_what(MALFORMED), LK_OK);
        if (state == 'F')
            assert_int_equal(give_what(FAILURE), LK_OK);
        return;
    }
    writer = challenge(++next_id, state == 'r' || state == 'S');
    assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
    if (state == 'C')
        return;
    assert_int_equal(give_what(CARD_OK), LK_OK);
    if (state == 'S')
        assert_int_equal(give_what(NOTIFIED_SUCCESS), LK_OK);
    if (state == 'D')
        assert_int_equal(give_what(SUCCESS), LK_OK);
}

static void every_state_meets_every_event(void **state)
{
    world_init(&w);
    for (size_t i = 0; i < LK_COUNT_OF(matrix); i++) {
        for (int what = 0; what < WHAT_COUNT; what++) {
            char want = matrix[i].leads_to[what], in = matrix[i].state;
            struct lk_eap_peer before;
            enum lk_status status;

            enter(in);
            assert_int_equal(letters[peer.state], in == 'r' ? 'R' : in);
            before = peer;
            status = give_what((enum what)what);
            if ((status == LK_OK) != (want != '.'))
                fail_msg("in %c, event %d: %s", in, what, lk_status_name(status));
            if (want == '.') {
                assert_memory_equal(&before, &peer, sizeof peer);
                assert_int_equal(out.count, 0);
            } else if (letters[peer.state] != (want == 'r' ? 'R' : want)) {
                fail_msg("in %c, event %d: %s", in, what, lk_eap_peer_state_name(peer.state));
            }
            if (letters[peer.state] == 'D' && want == 'D')
                assert_non_null(lk_outbox_find(&out, LK_OUT_GRANT));
            else
                assert_null(lk_outbox_find(&out, LK_OUT_GRANT));
        }
    }
}

/* spec: RFC 3748 4.2 - a result with another identifier belongs to something else.
 * T20: so the Success of one run does not end the next. */
static void results_of_another_run_are_ignored(void **state)
{
    static const char states[] = "QCRSX";

    world_init(&w);
    for (size_t i = 0; i < strlen(states); i++) {
        for (unsigned id = 0; id < 256; id++) {
            struct lk_eap_peer before;
            uint8_t result[4] = { LK_EAP_SUCCESS, (uint8_t)id, 0, 4 };

            enter(states[i]);
            before = peer;
            if (id == peer.answered_id)
                continue;
            assert_int_equal(give_octets(LK_SPAN(result)), LK_E_UNEXPECTED);
            result[0] = LK_EAP_FAILURE;
            assert_int_equal(give_octets(LK_SPAN(result)), LK_E_UNEXPECTED);
            assert_memory_equal(&before, &peer, sizeof peer);
        }
    }
}

/* spec: RFC 3748 4.1 - the same request again gets the same octets again. */
static void a_repeated_request_gets_the_same_octets(void **state)
{
    uint8_t first[LK_EAP_RESPONSE_MAX];
    struct lk_writer writer;
    const struct lk_output *send;
    size_t len;

    world_init(&w);
    enter('Q');
    writer = challenge(200, false);
    assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
    assert_int_equal(give_what(CARD_OK), LK_OK);
    send = lk_outbox_find(&out, LK_OUT_SEND);
    len = send->send.len;
    memcpy(first, send->send.at, len);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
        assert_int_equal(out.count, 1);
        send = lk_outbox_find(&out, LK_OUT_SEND);
        assert_true(lk_span_equal(send->send, lk_span_of(first, len)));
    }
}

/* spec: RFC 3748 5.1 - asked again, the peer says the same; the re-authentication identity too.
 * spec: RFC 3748 5.2 - a notice is acknowledged, and changes nothing. */
static void identity_and_notices_are_answered_again_and_again(void **state)
{
    uint8_t said[LK_EAP_IDENTITY_MAX];
    struct lk_writer writer;

    world_init(&w);
    lk_eap_peer_init(&peer);
    peer.kept.has_reauth = true;
    peer.kept.reauth.eap_type = LK_EAP_AKA_PRIME;
    peer.kept.reauth_len = 9;
    memcpy(peer.kept.reauth_id, "8spent@me", 9);
    assert_int_equal(give_what(START), LK_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(give_what(EAP_IDENTITY), LK_OK);
        assert_int_equal(peer.identity_len, 9);
        memcpy(said, peer.identity, 9);
        assert_memory_equal(said, "8spent@me", 9);
        assert_false(peer.kept.has_reauth);
        assert_int_equal(give_what(EAP_NOTICE), LK_OK);
        writer = simple(2, next_id, LK_EAP_NOTIFICATION, 0);
        assert_true(lk_span_equal(lk_outbox_find(&out, LK_OUT_SEND)->send,
                                  lk_writer_span(&writer)));
    }
}

/* spec: RFC 4187 4.1.5 - a request no stronger than the last is an error; A06. */
static void identity_requests_must_grow(void **state)
{
    static const enum lk_at asks[] = { LK_AT_ANY_ID_REQ, LK_AT_FULLAUTH_ID_REQ,
                                       LK_AT_PERMANENT_ID_REQ };

    world_init(&w);
    for (size_t first = 0; first < 3; first++) {
        for (size_t second = 0; second < 3; second++) {
            enter('Q');
            for (size_t n = 0; n < 2; n++) {
                uint8_t room[16];
                struct lk_writer writer = lk_writer_of(room, sizeof room);

                lk_aka_begin(&writer, LK_EAP_REQUEST, ++next_id, LK_EAP_AKA, LK_AKA_IDENTITY);
                lk_aka_put_empty(&writer, asks[n == 0 ? first : second]);
                lk_eap_finish(&writer);
                assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
            }
            assert_int_equal(peer.state, second > first ? LK_EAP_PEER_AWAIT_REQUEST
                                                        : LK_EAP_PEER_AWAIT_FAILURE);
        }
    }
}

struct notice_row {
    uint16_t code;
    const char *came;
    bool before; /* before the challenge, without AT_MAC */
};

/* spec: RFC 4187 6.1 - failures before and after the challenge, each with its words. */
static void failures_are_told_in_words(void **state)
{
    static const struct notice_row rows[] = {
        { 0, "0: failure after authentication", false },
        { 1026, "1026: temporarily denied", false },
        { 1031, "1031: service not subscribed", false },
        { 77, "another code of failure", false },
        { 16384, "16384: general failure", true },
    };

    world_init(&w);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_eap_packet packet;
        struct lk_writer writer;

        enter(rows[i].before ? 'Q' : 'R');
        writer = notification(++next_id, rows[i].code);
        assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
        assert_int_equal(peer.refusal.reason, LK_REASON_NOTIFIED_FAILURE);
        assert_string_equal(peer.refusal.came, rows[i].came);
        /* spec: RFC 4187 9.11 - the answer has a MAC when the notification has. */
        assert_int_equal(lk_eap_decode(&packet, lk_outbox_find(&out, LK_OUT_SEND)->send), LK_OK);
        assert_int_equal(lk_aka_has(&packet.at, LK_AT_MAC), !rows[i].before);
    }
}

static void a_forged_notification_after_the_challenge_is_dropped(void **state)
{
    static const uint16_t codes[] = { 0, 1026, 32768 };

    world_init(&w);
    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        struct lk_eap_peer before;
        struct lk_writer writer;

        enter('r');
        before = peer;
        writer = notification(++next_id, codes[i]);
        writer.at[writer.len - 1] ^= 1;
        assert_int_equal(give_octets(lk_writer_span(&writer)), LK_E_MAC);
        assert_memory_equal(&before, &peer, sizeof peer);
    }
}

/* spec: RFC 9048 3.1 - up to the end of the shorter one, field by field. */
static void network_names_are_compared_by_fields(void **state)
{
    static const struct {
        const char *mine, *theirs;
        bool match;
    } rows[] = {
        { "WLAN", "WLAN", true },        { "WLAN", "WLAN:x", true },  { "WLAN:x", "WLAN", true },
        { "WLAN", "WLANx", false },      { "WLANx", "WLAN", false },  { "WLAN", "HRPD", false },
        { "WLAN:a", "WLAN:b", false },   { "", "WLAN", false },
        { "", ":x", false },             { "", "", false },           { "WLAN:", "WLAN", true },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_network_name_matches(lk_span_text(rows[i].mine),
                                                 lk_span_text(rows[i].theirs)), rows[i].match);
}

static void a_card_with_an_impossible_res_is_not_believed(void **state)
{
    static const size_t lengths[] = { 0, 3, 17, 255 };

    world_init(&w);
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        struct lk_event card;

        enter('C');
        card = event_of(CARD_OK);
        card.card.output.res_len = lengths[i];
        assert_int_equal(give(&card), LK_E_LENGTH);
        assert_int_equal(peer.state, LK_EAP_PEER_AWAIT_CARD);
    }
}

static void the_drawing_names_every_rule(void **state)
{
    struct lk_rule_view rule;

    for (size_t i = 0; lk_rule_show(&rule, &lk_eap_peer_rules, i); i++) {
        assert_non_null(rule.on);
        assert_non_null(rule.act);
        assert_true(rule.may_enter != 0 && rule.may_enter < 1u << LK_EAP_PEER_STATE_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(results_of_another_run_are_ignored),
        cmocka_unit_test(a_repeated_request_gets_the_same_octets),
        cmocka_unit_test(identity_and_notices_are_answered_again_and_again),
        cmocka_unit_test(identity_requests_must_grow),
        cmocka_unit_test(failures_are_told_in_words),
        cmocka_unit_test(a_forged_notification_after_the_challenge_is_dropped),
        cmocka_unit_test(network_names_are_compared_by_fields),
        cmocka_unit_test(a_card_with_an_impossible_res_is_not_believed),
        cmocka_unit_test(the_drawing_names_every_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
