/* The AAA node: a RADIUS client machine with an EAP peer and a USIM behind it, through whole
 * authentications, restarts and second nodes; every answer is verified by the client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aaa_world.h"
#include "vectors.h"

static struct aaa_world a;

static int fresh(void **state)
{
    aaa_init(&a);
    return 0;
}

/* A card whose numbers are far ahead of the network's: the first challenge is out of its range. */
static void give_the_card_another_history(void)
{
    for (size_t i = 0; i < LK_USIM_ARRAY; i++)
        a.w.usim.seq[i] = 0x20000;
}

static bool answer_has(unsigned round, uint8_t type, struct lk_span *value)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_decode(&packet,
                                      lk_span_of(a.answer[round], a.answer_len[round])), LK_OK);
    return lk_radius_find(&packet, type, value);
}

/* ---- whole authentications ---- */

/* spec: RFC 3579 2.6.3 - Challenge, then Accept with EAP-Success. */
static void aka_prime_full(void **state)
{
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.grant.eap_type, LK_EAP_AKA_PRIME);
    assert_int_equal(a.rounds, 2);
    assert_int_equal(a.w.vectors, 1);
    assert_int_equal(a.kept, 1);
}

static void aka_full(void **state)
{
    a.w.peer_config.allow_aka_prime = false;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.grant.eap_type, LK_EAP_AKA);
    assert_int_equal(a.rounds, 2);
}

static void resynchronisation(void **state)
{
    for (unsigned prime = 0; prime < 2; prime++) {
        aaa_init(&a);
        a.w.peer_config.allow_aka_prime = prime == 1;
        give_the_card_another_history();
        aaa_attach(&a);
        aaa_expect_accept(&a);
        assert_int_equal(a.w.resyncs, 1);
        assert_int_equal(a.w.vectors, 2);
        assert_int_equal(a.rounds, 3);
    }
}

static void fast_reauthentication(void **state)
{
    for (unsigned prime = 0; prime < 2; prime++) {
        aaa_init(&a);
        a.w.peer_config.allow_aka_prime = prime == 1;
        aaa_attach(&a);
        for (unsigned i = 1; i <= 5; i++) {
            struct lk_msk before = a.grant.msk;

            aaa_attach(&a);
            aaa_expect_accept(&a);
            assert_true(a.grant.fast);
            assert_int_equal(a.grant.counter, i);
            assert_int_equal(a.w.vectors, 0);
            assert_memory_not_equal(&before, &a.grant.msk, sizeof before);
        }
    }
}

/* One that another hand sealed: the label of its key is no other key's. */
static void a_pseudonym_of_another_hand_opens(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *v = vectors_find(file, "sealed", "pseudonym");
    struct vector_octets node_key = vector_hex(v, "node_key"), salt = vector_hex(v, "salt");
    char username[LK_PSEUDONYM_LEN];
    struct lk_aaa_config config;
    struct lk_node_key node;
    struct lk_imsi imsi;

    memcpy(node.octets, node_key.at, sizeof node.octets);
    lk_aaa_config_defaults(&config);
    lk_aaa_config_roll(&config, &node, (uint64_t)vector_int(v, "day") * LK_DAY_MS);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(vector_text(v, "imsi"))), LK_OK);
    lk_pseudonym_make(username, LK_EAP_AKA_PRIME, &imsi, &config.eap.pseudonym_keys[0], salt.at);
    assert_vector(v, "value", username, sizeof username);
    json_decref(file);
}

static void pseudonyms_open_on_any_node_that_shares_the_key(void **state)
{
    a.w.peer_config.use_reauth = false;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    a.node_of_round[0] = 1;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.rounds, 2); /* no identity round: the pseudonym was enough */
    a.node_of_round[0] = a.node_of_round[1] = a.node_of_round[2] = 2;
    aaa_attach(&a); /* a node with another key asks for an identity it knows */
    aaa_expect_accept(&a);
    assert_true(a.rounds > 2);
}

static void protected_success(void **state)
{
    for (unsigned i = 0; i < AAA_NODES; i++)
        a.node[i].eap.protect_success = true;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.rounds, 3);
}

/* ---- what an Accept carries ---- */

/* spec: RFC 7268 2.2 - EAP-Key-Name holds the Session-Id, for whom asked.
 * spec: RFC 2865 5.29 - Termination-Action RADIUS-Request beside Session-Timeout.
 * spec: RFC 2865 5.25 - Class. */
static void what_an_accept_carries(void **state)
{
    struct lk_radius_class content;
    struct lk_span value;
    uint32_t number;

    a.node[0].session_timeout_s = 1234;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.outcome.session_timeout_s, 1234);
    assert_true(answer_has(1, LK_RADIUS_TERMINATION_ACTION, &value));
    assert_int_equal(lk_radius_u32(&number, value), LK_OK);
    assert_int_equal(number, 1);
    assert_true(lk_span_equal(a.outcome.key_name, LK_SPAN(a.w.peer_grant.session_id.octets)));
    assert_true(answer_has(1, LK_RADIUS_CLASS, &value));
    assert_int_equal(lk_radius_class_open(&content, &a.node[1].class_key, value), LK_OK);
    assert_true(lk_imsi_equal(&content.imsi, &a.w.peer_config.imsi));
    assert_false(answer_has(1, LK_RADIUS_STATE, &value));

    a.node[0].session_timeout_s = 0;
    a.nas_config.ask_key_name = false;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_false(a.outcome.has_session_timeout);
    assert_false(answer_has(1, LK_RADIUS_TERMINATION_ACTION, &value));
    assert_int_equal(a.outcome.key_name.len, 0);
    a.node[0].always_key_name = true;
    aaa_attach(&a);
    assert_int_equal(a.outcome.key_name.len, 33);
}

static bool holds(const uint8_t *octets, size_t len, const uint8_t *key)
{
    for (size_t at = 0; at + 16 <= len; at++)
        if (lk_span_equal(lk_span_of(octets + at, 16), lk_span_of(key, 16)))
            return true;
    return false;
}

/* T04: over a hundred attaches no piece of MSK or EMSK, nor the IMSI after the first, is in any
 * datagram in clear.
 * A01: Message-Authenticator is the first attribute of each of them. */
static void keys_are_never_on_the_wire_in_clear(void **state)
{
    for (unsigned run = 0; run < 100; run++) {
        a.w.peer_config.use_reauth = run % 3 != 0;
        a.w.peer_config.allow_aka_prime = run % 5 != 0;
        aaa_attach(&a);
        aaa_expect_accept(&a);
        for (unsigned i = 0; i < a.rounds; i++) {
            assert_int_equal(a.answer[i][20], LK_RADIUS_MESSAGE_AUTHENTICATOR);
            assert_int_equal(a.request[i][20], LK_RADIUS_MESSAGE_AUTHENTICATOR);
            for (size_t part = 0; part < 64; part += 16) {
                assert_false(holds(a.answer[i], a.answer_len[i], a.grant.msk.octets + part));
                assert_false(holds(a.answer[i], a.answer_len[i], a.grant.emsk.octets + part));
            }
        }
    }
}

/* ---- nothing is kept ---- */

static bool restart_between(struct aaa_world *world, bool to_server, uint8_t *octets, size_t *len)
{
    if (to_server)
        aaa_restart(world);
    return true;
}

/* The node is killed and made anew before every datagram: nobody notices. */
static void a_restart_between_rounds_loses_nobody(void **state)
{
    a.meddle = restart_between;
    for (unsigned i = 0; i < 4; i++) {
        aaa_attach(&a);
        aaa_expect_accept(&a);
    }
}

static void a_second_node_answers_any_round(void **state)
{
    for (unsigned mask = 0; mask < 8; mask++) {
        aaa_init(&a);
        give_the_card_another_history(); /* three rounds, with the resynchronisation */
        for (unsigned i = 0; i < 3; i++)
            a.node_of_round[i] = mask >> i & 1;
        aaa_attach(&a);
        aaa_expect_accept(&a);
        assert_int_equal(a.rounds, 3);
    }
}

/* Two nodes on either side of midnight, and keys that roll while a challenge is out. */
static void midnight_loses_nobody(void **state)
{
    uint64_t midnight = (a.now_ms / LK_DAY_MS + 1) * LK_DAY_MS;

    a.now_ms = midnight - 1;
    lk_aaa_config_roll(&a.node[0], &a.node_key, a.now_ms);
    lk_aaa_config_roll(&a.node[1], &a.node_key, midnight);
    assert_int_not_equal(a.node[0].state_keys.day, a.node[1].state_keys.day);
    a.node_of_round[1] = 1;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    a.w.peer.kept.has_reauth = false;
    a.node_of_round[0] = 1;
    a.node_of_round[1] = 0;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    /* A06: what a node whose clock is ahead gave out opens at its neighbour: no identity round. */
    a.w.peer.kept.has_reauth = false;
    a.node_of_round[0] = 0;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_int_equal(a.rounds, 2);
}

/* ---- Status-Server, EAP-Start ---- */

static struct lk_span sent_by_nas(const struct lk_outbox *out, uint8_t *octets)
{
    struct lk_span send = lk_outbox_find(out, LK_OUT_SEND)->send;

    memcpy(octets, send.at, send.len);
    return lk_span_of(octets, send.len);
}

/* spec: RFC 5997 3 - Accept from the one port, Accounting-Response from the other. */
static void status_server_is_answered(void **state)
{
    static const uint8_t entropy[LK_ENTROPY_LEN] = { 1 };
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_outbox out;

    for (unsigned port = 0; port < 2; port++) {
        lk_outbox_empty(&out);
        assert_int_equal(lk_radius_nas_send_status(&a.nas, &a.nas_config, 0, entropy, &out),
                         LK_OK);
        assert_int_equal(aaa_serve(&a, 0, (enum lk_radius_port)port, sent_by_nas(&out, octets)),
                         LK_AAA_ANSWER);
        assert_int_equal(lk_radius_nas_received(&a.nas, &a.nas_config,
                                                lk_span_of(a.out.answer, a.out.answer_len),
                                                &a.outcome), LK_OK);
        assert_int_equal(a.outcome.code, port == LK_RADIUS_AUTH_PORT
                                             ? LK_RADIUS_ACCESS_ACCEPT
                                             : LK_RADIUS_ACCOUNTING_RESPONSE);
        assert_false(a.outcome.has_msk);
        assert_int_equal(a.granted, 0);
    }
}

/* spec: RFC 3579 2.1 - an empty EAP-Message begins: the server asks for the identity. */
static void eap_start_is_answered_with_a_request_for_the_identity(void **state)
{
    static const uint8_t entropy[LK_ENTROPY_LEN] = { 1 };
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_eap_packet packet;
    struct lk_outbox out;

    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_send_eap(&a.nas, &a.nas_config, lk_span_of(NULL, 0), 0, entropy,
                                            &out), LK_OK);
    assert_int_equal(aaa_serve(&a, 0, LK_RADIUS_AUTH_PORT, sent_by_nas(&out, octets)),
                     LK_AAA_ANSWER);
    assert_int_equal(lk_radius_nas_received(&a.nas, &a.nas_config,
                                            lk_span_of(a.out.answer, a.out.answer_len),
                                            &a.outcome), LK_OK);
    assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_CHALLENGE);
    assert_int_equal(lk_eap_decode(&packet, a.outcome.eap), LK_OK);
    assert_int_equal(packet.code, LK_EAP_REQUEST);
    assert_int_equal(packet.type, LK_EAP_IDENTITY);
    assert_int_equal(a.nas.state_len, 0);
}

/* ---- accounting ---- */

static enum lk_aaa_verdict account(const struct lk_radius_usage *usage)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_outbox out;

    lk_outbox_empty(&out);
    lk_radius_nas_reset(&a.nas);
    assert_int_equal(lk_radius_nas_send_usage(&a.nas, &a.nas_config, usage, a.now_ms, &out),
                     LK_OK);
    return aaa_serve(&a, 0, LK_RADIUS_ACCT_PORT, sent_by_nas(&out, octets));
}

/* spec: RFC 2866 4.1 - start, interim and stop are recorded, then answered.
 * spec: RFC 2869 5.1 - octets beyond 32 bits.
 * spec: RFC 2869 5.3 - the time is that of Event-Timestamp. */
static void accounting_is_recorded_then_answered(void **state)
{
    struct lk_radius_usage usage = { .session = "S-1", .input_octets = 5000000000,
                                     .output_octets = 7, .session_s = 60, .terminate_cause = 1 };
    static const uint32_t kinds[] = { 1, 3, 2, 7, 8 };

    aaa_attach(&a);
    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        usage.kind = kinds[i];
        assert_int_equal(account(&usage), LK_AAA_ANSWER);
        assert_int_equal(lk_radius_nas_received(&a.nas, &a.nas_config,
                                                lk_span_of(a.out.answer, a.out.answer_len),
                                                &a.outcome), LK_OK);
        assert_int_equal(a.record.kind, kinds[i]);
        assert_string_equal(a.record.client, "127.0.0.1");
        assert_string_equal(a.record.session, "S-1");
        assert_string_equal(a.record.user, "user");
        assert_string_equal(a.record.calling, "02-00-00-00-00-01");
        assert_true(lk_imsi_equal(&a.record.imsi, &a.w.peer_config.imsi));
        assert_int_equal(a.record.input_octets, 5000000000);
        assert_int_equal(a.record.output_octets, 7);
        assert_int_equal(a.record.session_s, 60);
        assert_int_equal(a.record.terminate_cause, 1);
        assert_int_equal(a.record.at_ms, a.now_ms / 1000 * 1000);
    }
}

/* spec: RFC 2866 4.2 - not recorded, not answered. */
static void accounting_that_is_not_recorded_is_not_answered(void **state)
{
    static const struct lk_radius_usage usage = { .kind = 1, .session = "S" };

    a.store_fails = true;
    assert_int_equal(account(&usage), LK_AAA_DROP);
    assert_int_equal(a.reason, LK_REASON_STORE_UNAVAILABLE);
}

/* spec: RFC 2866 5.1 - Acct-Status-Type.
 * spec: RFC 2866 5.5 - Acct-Session-Id. */
static void accounting_without_its_attributes_is_dropped(void **state)
{
    struct lk_radius_usage usage = { .kind = 1, .session = "" };

    assert_int_equal(account(&usage), LK_AAA_DROP);
    usage.kind = 7; /* Accounting-On speaks of no session */
    assert_int_equal(account(&usage), LK_AAA_ANSWER);
    usage.kind = 99;
    usage.session = "S";
    assert_int_equal(account(&usage), LK_AAA_DROP);
    assert_int_equal(a.reason, LK_REASON_RADIUS_MALFORMED);
    usage.kind = 1;
    a.nas.class_len = 5; /* a Class that is not ours: recorded, without a name */
    memcpy(a.nas.class_value, "class", 5);
    assert_int_equal(account(&usage), LK_AAA_ANSWER);
    assert_int_equal(a.record.imsi.digits[0], 0);
    strcpy(a.nas.user, "a\tb\n\"c");
    assert_int_equal(account(&usage), LK_AAA_ANSWER);
    assert_string_equal(a.record.user, "a?b?\"c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(aka_prime_full, fresh),
        cmocka_unit_test_setup(aka_full, fresh),
        cmocka_unit_test_setup(resynchronisation, fresh),
        cmocka_unit_test_setup(fast_reauthentication, fresh),
        cmocka_unit_test_setup(a_pseudonym_of_another_hand_opens, fresh),
        cmocka_unit_test_setup(pseudonyms_open_on_any_node_that_shares_the_key, fresh),
        cmocka_unit_test_setup(protected_success, fresh),
        cmocka_unit_test_setup(what_an_accept_carries, fresh),
        cmocka_unit_test_setup(keys_are_never_on_the_wire_in_clear, fresh),
        cmocka_unit_test_setup(a_restart_between_rounds_loses_nobody, fresh),
        cmocka_unit_test_setup(a_second_node_answers_any_round, fresh),
        cmocka_unit_test_setup(midnight_loses_nobody, fresh),
        cmocka_unit_test_setup(status_server_is_answered, fresh),
        cmocka_unit_test_setup(eap_start_is_answered_with_a_request_for_the_identity, fresh),
        cmocka_unit_test_setup(accounting_is_recorded_then_answered, fresh),
        cmocka_unit_test_setup(accounting_that_is_not_recorded_is_not_answered, fresh),
        cmocka_unit_test_setup(accounting_without_its_attributes_is_dropped, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
