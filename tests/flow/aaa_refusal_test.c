/* The AAA node when something is wrong: credentials, State, datagrams. What is refused looks alike,
 * and what is dropped is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aaa_world.h"

static struct aaa_world a;

static int fresh(void **state)
{
    aaa_init(&a);
    return 0;
}

/* One datagram to node 0, as it is. */
static enum lk_aaa_verdict serve(const uint8_t *octets, size_t len)
{
    return aaa_serve(&a, 0, LK_RADIUS_AUTH_PORT, lk_span_of(octets, len));
}

static struct lk_radius_packet decode(const uint8_t *octets, size_t len)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_decode(&packet, lk_span_of(octets, len)), LK_OK);
    return packet;
}

/* ---- refused credentials ---- */

struct wrong {
    const char *name;
    void (*spoil)(void);
    enum lk_reason reason;
};

static void wrong_res(void)
{
    a.w.peer_config.lab = LK_LAB_WRONG_RES;
}

static void wrong_mac(void)
{
    a.w.peer_config.lab = LK_LAB_WRONG_MAC;
}

static void wrong_key(void)
{
    a.w.auc.k[0] ^= 1; /* the card refuses AUTN */
}

static void nobody(void)
{
    a.w.known = false;
}

static void vault_gone(void)
{
    a.w.no_vector = LK_REASON_VAULT_UNAVAILABLE;
}

static void wrong_node(void)
{
    a.node_of_round[1] = 2;
}

static void too_late(void)
{
    a.pause_ms = 62000;
}

static void other_client(void)
{
    /* the second round comes from another address of the same network */
    struct lk_address other;

    assert_int_equal(lk_address_parse(&other, "127.0.0.9"), LK_OK);
    a.source = other;
}

static bool move_in_round_two(struct aaa_world *world, bool to_server, uint8_t *octets,
                              size_t *len)
{
    if (to_server && world->rounds == 2)
        other_client();
    return true;
}

static void moved(void)
{
    a.meddle = move_in_round_two;
}

static const struct wrong wrongs[] = {
    { "RES", wrong_res, LK_REASON_RES_WRONG },
    { "AT_MAC", wrong_mac, LK_REASON_MAC_WRONG },
    { "key", wrong_key, LK_REASON_PEER_REJECTED_AUTN },
    { "subscriber", nobody, LK_REASON_SUBSCRIBER_UNKNOWN },
    { "vault", vault_gone, LK_REASON_VAULT_UNAVAILABLE },
    { "State of another node", wrong_node, LK_REASON_STATE_WRONG },
    { "State of another client", moved, LK_REASON_STATE_WRONG },
    { "State past its expiry", too_late, LK_REASON_STATE_EXPIRED },
};

/* A18: every refusal of a credential is the same Access-Reject: EAP-Failure with the identifier of
 * the response, behind Message-Authenticator, and nothing else. The reason goes to the role alone.
 * spec: RFC 3579 2.6.3 - Access-Reject carries EAP-Failure. */
static void every_refusal_is_the_same_reject(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(wrongs); i++) {
        const uint8_t *reject;
        struct lk_radius_packet request;
        struct lk_span eap;
        uint8_t room[LK_EAP_PACKET_MAX];

        aaa_init(&a);
        wrongs[i].spoil();
        aaa_attach(&a);
        if (a.reason != wrongs[i].reason)
            print_message("%s: %s\n", wrongs[i].name, lk_reason_row(a.reason)->code);
        aaa_expect_reject(&a, wrongs[i].reason);
        reject = a.answer[a.rounds - 1];
        assert_int_equal(a.answer_len[a.rounds - 1], 20 + 18 + 6);
        assert_int_equal(reject[0], LK_RADIUS_ACCESS_REJECT);
        assert_int_equal(reject[20], LK_RADIUS_MESSAGE_AUTHENTICATOR);
        assert_int_equal(reject[38], LK_RADIUS_EAP_MESSAGE);
        request = decode(a.request[a.rounds - 1], a.request_len[a.rounds - 1]);
        assert_int_equal(lk_radius_join_eap(&eap, &request, room, sizeof room), LK_OK);
        assert_int_equal(reject[40], LK_EAP_FAILURE);
        assert_int_equal(reject[41], eap.at[1]);
    }
}

/* A18: an unknown subscriber takes as many rounds to be refused as a wrong key, with answers of the
 * same length and the same attributes in between. */
static void an_unknown_subscriber_looks_like_a_wrong_key(void **state)
{
    size_t lens[AAA_ROUNDS];
    unsigned rounds;

    for (unsigned prime = 0; prime < 2; prime++) {
        aaa_init(&a);
        a.w.peer_config.allow_aka_prime = prime == 1;
        wrong_key();
        aaa_attach(&a);
        rounds = a.rounds;
        memcpy(lens, a.answer_len, sizeof lens);
        aaa_init(&a);
        a.w.peer_config.allow_aka_prime = prime == 1;
        nobody();
        aaa_attach(&a);
        assert_int_equal(a.rounds, rounds);
        for (unsigned i = 0; i < rounds; i++)
            assert_int_equal(a.answer_len[i], lens[i]);
    }
}

/* ---- State ---- */

/* A State is good for its own challenge and nothing else: with another response, with a response of
 * an earlier run, altered in any octet, it gives no keys and asks the vault nothing. */
static void state_replayed_with_other_content_is_refused(void **state)
{
    uint8_t replay[LK_RADIUS_PACKET_MAX];
    struct lk_span eap, value;
    struct lk_radius_packet packet;
    size_t len;

    a.w.peer_config.use_reauth = false;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    len = a.request_len[1];
    packet = decode(a.request[1], len);
    assert_true(lk_radius_find(&packet, LK_RADIUS_EAP_MESSAGE, &eap));
    assert_true(lk_radius_find(&packet, LK_RADIUS_STATE, &value));
    a.granted = a.w.vectors = 0;
    for (size_t at = 0; at < eap.len; at++) {
        memcpy(replay, a.request[1], len);
        replay[eap.at - a.request[1] + (ptrdiff_t)at] ^= 1;
        aaa_sign(&a, replay, len);
        /* Reject, silence, or a Challenge that notifies the failure: no Accept. */
        if (serve(replay, len) == LK_AAA_ANSWER)
            assert_int_not_equal(a.out.answer[0], LK_RADIUS_ACCESS_ACCEPT);
    }
    for (size_t at = 0; at < value.len; at++) {
        memcpy(replay, a.request[1], len);
        replay[value.at - a.request[1] + (ptrdiff_t)at] ^= 1;
        aaa_sign(&a, replay, len);
        assert_int_equal(serve(replay, len), LK_AAA_ANSWER);
        assert_int_equal(a.out.answer[0], LK_RADIUS_ACCESS_REJECT);
        assert_int_equal(a.reason, LK_REASON_STATE_WRONG);
    }
    assert_int_equal(a.granted, 0);
    assert_int_equal(a.w.vectors, 0);
}

/* Two runs under way at once: the response to one challenge does not fit the State of the other. */
static void states_of_two_runs_are_not_exchanged(void **state)
{
    uint8_t first[LK_RADIUS_PACKET_MAX], mixed[LK_RADIUS_PACKET_MAX];
    struct lk_radius_packet packet;
    struct lk_span one, two;

    a.w.peer_config.use_reauth = false;
    aaa_attach(&a); /* from here on with pseudonyms: States of one length */
    aaa_attach(&a);
    packet = decode(a.request[1], a.request_len[1]);
    assert_true(lk_radius_find(&packet, LK_RADIUS_STATE, &one));
    memcpy(first, one.at, one.len);
    aaa_attach(&a);
    packet = decode(a.request[1], a.request_len[1]);
    assert_true(lk_radius_find(&packet, LK_RADIUS_STATE, &two));
    assert_int_equal(one.len, two.len);
    memcpy(mixed, a.request[1], a.request_len[1]);
    memcpy(mixed + (two.at - a.request[1]), first, two.len);
    aaa_sign(&a, mixed, a.request_len[1]);
    a.granted = 0;
    assert_int_equal(serve(mixed, a.request_len[1]), LK_AAA_ANSWER);
    assert_int_not_equal(a.out.answer[0], LK_RADIUS_ACCESS_ACCEPT);
    assert_int_equal(a.granted, 0);
}

/* The same request once more, beyond the reply cache: answered afresh with the same key, and
 * nothing durable happens - no vector is made. */
static void the_same_request_again_changes_nothing_durable(void **state)
{
    struct lk_msk before;
    struct lk_radius_packet packet;
    struct lk_msk after;

    aaa_attach(&a);
    aaa_expect_accept(&a);
    before = a.grant.msk;
    a.w.vectors = 0;
    assert_int_equal(serve(a.request[1], a.request_len[1]), LK_AAA_ANSWER);
    packet = decode(a.out.answer, a.out.answer_len);
    assert_int_equal(packet.code, LK_RADIUS_ACCESS_ACCEPT);
    assert_int_equal(lk_radius_open_mppe(&after, &packet, &a.nas_config.secret,
                                         a.request[1] + LK_RADIUS_AUTHENTICATOR_AT), LK_OK);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(a.w.vectors, 0);
}

/* As long as State has room for the identity it is served; beyond, the refusal says why. */
static void an_identity_too_long_for_state_is_refused(void **state)
{
    bool refused = false;

    for (size_t len = 1; len <= LK_REALM_MAX; len++) {
        aaa_init(&a);
        memset(a.w.peer_config.realm, 'x', len);
        a.w.peer_config.realm_len = (uint8_t)len;
        aaa_attach(&a);
        if (a.outcome.code == LK_RADIUS_ACCESS_ACCEPT) {
            assert_false(refused); /* one limit, not a pattern */
            aaa_expect_accept(&a);
        } else {
            aaa_expect_reject(&a, LK_REASON_IDENTITY_TOO_LONG);
            refused = true;
        }
    }
    assert_true(refused);
}

/* ---- datagrams ---- */

/* Y26: what is not from a known client, or not under its secret, gets no octet back. */
static void strangers_get_silence(void **state)
{
    static const struct {
        const char *from;
        enum lk_reason reason;
    } table[] = {
        { "10.0.0.1", LK_REASON_RADIUS_CLIENT_UNKNOWN },
        { "::1", LK_REASON_RADIUS_CLIENT_UNKNOWN },
        { "192.0.2.7", LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG },
    };

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        aaa_init(&a);
        assert_int_equal(lk_address_parse(&a.source, table[i].from), LK_OK);
        aaa_attach(&a);
        assert_int_equal(a.verdict, LK_AAA_DROP);
        assert_int_equal(a.reason, table[i].reason);
        assert_int_equal(a.out.answer_len, 0);
        assert_int_equal(a.w.vectors, 0);
    }
}

/* A24: each attribute taken out of each request of a run in turn, signed again: an answer or
 * silence, and never an Accept that was not earned. */
static void each_attribute_taken_out(void **state)
{
    aaa_attach(&a);
    aaa_expect_accept(&a);
    a.granted = 0;
    for (unsigned round = 0; round < 2; round++) {
        struct lk_radius_packet packet = decode(a.request[round], a.request_len[round]);
        struct lk_reader r = lk_reader_of(packet.attributes);
        struct lk_radius_attribute attribute;
        uint8_t cut[LK_RADIUS_PACKET_MAX];

        while (lk_radius_next(&r, &attribute)) {
            size_t begin = (size_t)(attribute.value.at - a.request[round]) - 2;
            size_t behind = begin + 2 + attribute.value.len;
            size_t len = a.request_len[round] - (behind - begin);
            bool matters = attribute.type == LK_RADIUS_STATE ||
                           attribute.type == LK_RADIUS_EAP_MESSAGE ||
                           attribute.type == LK_RADIUS_MESSAGE_AUTHENTICATOR;

            memcpy(cut, a.request[round], begin);
            memcpy(cut + begin, a.request[round] + behind, a.request_len[round] - behind);
            aaa_sign(&a, cut, len);
            a.granted = 0;
            (void)serve(cut, len);
            if (attribute.type == LK_RADIUS_MESSAGE_AUTHENTICATOR)
                assert_int_equal(a.reason, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR);
            else if (attribute.type == LK_RADIUS_EAP_MESSAGE)
                assert_int_equal(a.reason, LK_REASON_RADIUS_NO_EAP);
            else if (attribute.type == LK_RADIUS_STATE)
                assert_int_equal(a.reason, LK_REASON_EAP_UNEXPECTED);
            if (round == 0 || matters)
                assert_int_equal(a.granted, 0);
        }
    }
}

/* spec: RFC 3579 2.6.5 - no EAP came, so none goes back. */
static void without_eap_the_reject_has_none(void **state)
{
    uint8_t octets[64] = { LK_RADIUS_ACCESS_REQUEST, 1 };
    struct lk_radius_packet packet;
    struct lk_span value;

    memcpy(octets + 20, "\x50\x12", 2);
    memcpy(octets + 38, "\x01\x03u\x02\x12", 5);
    aaa_sign(&a, octets, 38 + 3 + 18);
    assert_int_equal(serve(octets, 38 + 3 + 18), LK_AAA_ANSWER);
    assert_int_equal(a.reason, LK_REASON_RADIUS_NO_EAP);
    packet = decode(a.out.answer, a.out.answer_len);
    assert_int_equal(packet.code, LK_RADIUS_ACCESS_REJECT);
    assert_false(lk_radius_find(&packet, LK_RADIUS_EAP_MESSAGE, &value));
    assert_int_equal(a.out.answer_len, 38);
}

/* A29: empty and shortest values: User-Name, EAP packets of every short length, an empty identity.
 */
static void empty_and_short_values(void **state)
{
    static const uint8_t eap[] = { LK_EAP_RESPONSE, 9, 0, 5, LK_EAP_IDENTITY };

    for (size_t n = 0; n <= sizeof eap; n++) {
        uint8_t octets[128] = { LK_RADIUS_ACCESS_REQUEST, 1 };
        size_t len = 42 + n;

        memcpy(octets + 20, "\x50\x12", 2);
        memcpy(octets + 38, "\x01\x02\x4f", 3);
        octets[41] = (uint8_t)(2 + n);
        memcpy(octets + 42, eap, n);
        aaa_sign(&a, octets, len);
        (void)serve(octets, len);
        if (n == 0)
            assert_int_equal(a.out.answer[0], LK_RADIUS_ACCESS_CHALLENGE); /* EAP-Start */
        else if (n < sizeof eap)
            assert_int_equal(a.verdict, LK_AAA_DROP);
        else
            assert_int_equal(a.out.answer[0], LK_RADIUS_ACCESS_CHALLENGE); /* asks again */
    }
}

/* Every truncation of every datagram of a run is dropped, whichever way its length field is. */
static void every_truncation_of_a_run(void **state)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];

    aaa_attach(&a);
    for (unsigned round = 0; round < 2; round++)
        for (size_t len = 0; len < a.request_len[round]; len++) {
            memcpy(octets, a.request[round], len);
            assert_int_equal(serve(octets, len), LK_AAA_DROP);
            if (len >= 4) {
                octets[2] = (uint8_t)(len >> 8);
                octets[3] = (uint8_t)len;
                assert_int_equal(serve(octets, len), LK_AAA_DROP);
            }
        }
}

/* A forged packet of the peer is dropped; the true one, with the same State, still succeeds. */
static bool inject(struct aaa_world *world, bool to_server, uint8_t *octets, size_t *len)
{
    static uint8_t forged[LK_RADIUS_PACKET_MAX];
    struct lk_radius_packet packet;
    struct lk_span eap;

    if (!to_server || world->rounds != 2)
        return true;
    memcpy(forged, octets, *len);
    packet = decode(forged, *len);
    assert_true(lk_radius_find(&packet, LK_RADIUS_EAP_MESSAGE, &eap));
    forged[eap.at - forged + 1]++; /* the identifier of a packet that was not asked */
    aaa_sign(world, forged, *len);
    assert_int_equal(aaa_serve(world, 0, LK_RADIUS_AUTH_PORT, lk_span_of(forged, *len)),
                     LK_AAA_DROP);
    assert_int_equal(world->reason, LK_REASON_EAP_UNEXPECTED);
    return true;
}

static void a_forged_packet_does_not_end_the_run(void **state)
{
    a.meddle = inject;
    aaa_attach(&a);
    aaa_expect_accept(&a);
}

/* ---- Proxy-State ---- */

/* spec: RFC 2865 5.33 - Proxy-State comes back in order in every kind of answer, even when the
 * answer waited for the vault. */
static bool add_proxy_states(struct aaa_world *world, bool to_server, uint8_t *octets, size_t *len)
{
    static const uint8_t two[] = "\x21\x05one\x21\x02";

    if (to_server) {
        memcpy(octets + *len, two, 7);
        *len += 7;
        aaa_sign(world, octets, *len);
    } else {
        assert_memory_equal(octets + *len - 7, two, 7);
    }
    return true;
}

static void proxy_states_are_echoed_in_every_answer(void **state)
{
    a.meddle = add_proxy_states;
    aaa_attach(&a);
    aaa_expect_accept(&a);
    a.w.peer_config.use_reauth = false;
    a.w.peer.kept.has_reauth = false;
    wrong_res();
    aaa_attach(&a);
    assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_REJECT);
}

/* A01: 1,000 Proxy-State of random size put into a request on its way: dropped each time. */
static void inserted_proxy_states_are_dropped(void **state)
{
    uint8_t forged[LK_RADIUS_PACKET_MAX];

    srandom(3);
    aaa_attach(&a);
    for (unsigned i = 0; i < 1000; i++) {
        size_t more = 2 + (size_t)random() % 254, len = a.request_len[1] + more;

        memcpy(forged, a.request[1], a.request_len[1]);
        forged[a.request_len[1]] = LK_RADIUS_PROXY_STATE;
        forged[a.request_len[1] + 1] = (uint8_t)more;
        for (size_t k = 2; k < more; k++)
            forged[a.request_len[1] + k] = (uint8_t)random();
        forged[2] = (uint8_t)(len >> 8);
        forged[3] = (uint8_t)len;
        assert_int_equal(serve(forged, len), LK_AAA_DROP);
        assert_int_equal(a.reason, LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG);
    }
}

/* A27: of EAP only AKA, AKA', Identity and Nak are served: any other type leads to no grant. */
static void other_methods_are_not_served(void **state)
{
    for (unsigned type = 0; type < 256; type++) {
        uint8_t octets[64] = { LK_RADIUS_ACCESS_REQUEST, 1 };
        const uint8_t eap[] = { LK_EAP_RESPONSE, 9, 0, 8, (uint8_t)type, 1, 2, 3 };

        if (type == LK_EAP_IDENTITY)
            continue;
        memcpy(octets + 20, "\x50\x12", 2);
        memcpy(octets + 38, "\x4f\x0a", 2);
        memcpy(octets + 40, eap, sizeof eap);
        aaa_sign(&a, octets, 48);
        assert_int_equal(serve(octets, 48), LK_AAA_DROP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_refusal_is_the_same_reject, fresh),
        cmocka_unit_test_setup(an_unknown_subscriber_looks_like_a_wrong_key, fresh),
        cmocka_unit_test_setup(state_replayed_with_other_content_is_refused, fresh),
        cmocka_unit_test_setup(states_of_two_runs_are_not_exchanged, fresh),
        cmocka_unit_test_setup(the_same_request_again_changes_nothing_durable, fresh),
        cmocka_unit_test_setup(an_identity_too_long_for_state_is_refused, fresh),
        cmocka_unit_test_setup(strangers_get_silence, fresh),
        cmocka_unit_test_setup(each_attribute_taken_out, fresh),
        cmocka_unit_test_setup(without_eap_the_reject_has_none, fresh),
        cmocka_unit_test_setup(empty_and_short_values, fresh),
        cmocka_unit_test_setup(every_truncation_of_a_run, fresh),
        cmocka_unit_test_setup(a_forged_packet_does_not_end_the_run, fresh),
        cmocka_unit_test_setup(proxy_states_are_echoed_in_every_answer, fresh),
        cmocka_unit_test_setup(inserted_proxy_states_are_dropped, fresh),
        cmocka_unit_test_setup(other_methods_are_not_served, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
