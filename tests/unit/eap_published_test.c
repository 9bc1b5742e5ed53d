/* proto/eap/peer against published packets: what it sends is reproduced octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_peer_rig.h"
#include "proto/eap/method.h"
#include "vectors.h"

static void start(void)
{
    struct lk_event event = { .kind = LK_EV_START };

    assert_int_equal(give(&event), LK_OK);
}

static json_t *file;

static struct vector_octets published(size_t index)
{
    return vector_hex(json_array_get(vectors_list(file, "packets"), index), "hex");
}

static void give_published(size_t index)
{
    struct vector_octets octets = published(index);

    assert_int_equal(give_octets(vector_span(&octets)), LK_OK);
}

static void expect_published(size_t index)
{
    struct vector_octets octets = published(index);
    const struct lk_output *send = lk_outbox_find(&out, LK_OUT_SEND);

    assert_non_null(send);
    assert_int_equal(send->send.len, octets.len);
    assert_memory_equal(send->send.at, octets.at, octets.len);
}

static void published_peer(void)
{
    static const char realm[] = "nai.epc.mnc044.mcc555.3gppnetwork.org";

    world_init(&w);
    assert_int_equal(lk_imsi_parse(&w.peer_config.imsi, lk_span_text("555444333222111")), LK_OK);
    w.peer_config.realm_len = sizeof realm - 1;
    memcpy(w.peer_config.realm, realm, sizeof realm - 1);
    lk_eap_peer_init(&peer);
    start();
}

static struct lk_event published_card(enum lk_card_verdict verdict)
{
    struct lk_event event = { .kind = LK_EV_CARD };
    struct vector_octets res = vector_hex(file, "inputs.res"), ck = vector_hex(file, "inputs.ck");
    struct vector_octets ik = vector_hex(file, "inputs.ik");
    struct vector_octets auts =
        vector_hex(json_array_get(vectors_list(file, "packets"), 6), "auts");

    memset(&event.card, 0, sizeof event.card);
    event.card.verdict = verdict;
    memcpy(event.card.output.res, res.at, 8);
    event.card.output.res_len = 8;
    memcpy(event.card.output.ck, ck.at, 16);
    memcpy(event.card.output.ik, ik.at, 16);
    memcpy(event.card.auts, auts.at, LK_AUTS_LEN);
    return event;
}

static enum lk_status give_with_iv(struct lk_span octets, const char *iv_path)
{
    struct vector_octets iv = vector_hex(json_array_get(vectors_list(file, "packets"), 9), iv_path);
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = octets;
    memset(event.entropy, 0, sizeof event.entropy);
    memcpy(event.entropy + LK_ENTROPY_IV, iv.at, 16);
    lk_outbox_empty(&out);
    return lk_eap_peer_step(&peer, &w.peer_config, &event, &out);
}

/* spec: RFC 4187 9.3 - the challenge is judged before it is answered.
 * spec: RFC 4187 9.4 - RES, checkcode, MAC.
 * spec: RFC 9048 3.4.2 - by HMAC-SHA-256. */
static void published_full_authentication(void)
{
    struct lk_event card = published_card(LK_CARD_OK);
    const struct lk_output *grant;

    give_published(0);
    expect_published(1);
    give_published(2);
    assert_non_null(lk_outbox_find(&out, LK_OUT_ASK_CARD));
    assert_int_equal(give(&card), LK_OK);
    expect_published(3);
    give_published(4);
    grant = lk_outbox_find(&out, LK_OUT_GRANT);
    assert_non_null(grant);
    assert_vector(file, "keys.msk", grant->grant.msk.octets, 64);
    assert_vector(file, "keys.emsk", grant->grant.emsk.octets, 64);
    assert_string_equal(peer.kept.pseudonym, "7pseudonym-0001");
    assert_string_equal(peer.kept.reauth_id, vector_text(file, "reauth_keys.identity"));
}

static void the_published_full_authentication_is_reproduced(void **state)
{
    file = vectors_load("eap_aka_prime_packets");
    published_peer();
    published_full_authentication();
    json_decref(file);
}

/* spec: RFC 4187 9.7 - the published re-authentication.
 * spec: RFC 4187 5.5 - and its refusal. */
static void the_published_reauthentication_is_reproduced(void **state)
{
    file = vectors_load("eap_aka_prime_packets");
    for (size_t index = 9; index <= 10; index++) {
        struct vector_octets request = published(8);
        const struct lk_output *grant;
        uint8_t success[4] = { 3, 4, 0, 4 };
        uint8_t room[8];
        struct lk_writer writer = lk_writer_of(room, sizeof room);

        published_peer();
        published_full_authentication();
        if (index == 10)
            w.peer_config.lab = LK_LAB_COUNTER_TOO_SMALL;
        start();
        lk_eap_put_identity(&writer, LK_EAP_REQUEST, 3, lk_span_of(NULL, 0));
        assert_int_equal(give_octets(lk_writer_span(&writer)), LK_OK);
        assert_int_equal(give_with_iv(vector_span(&request), "iv"), LK_OK);
        expect_published(index);
        if (index == 10) {
            assert_int_equal(peer.state, LK_EAP_PEER_AWAIT_REQUEST);
            continue;
        }
        assert_int_equal(give_octets(LK_SPAN(success)), LK_OK);
        grant = lk_outbox_find(&out, LK_OUT_GRANT);
        assert_true(grant->grant.fast);
        assert_vector(file, "reauth_keys.msk", grant->grant.msk.octets, 64);
        assert_vector(file, "reauth_keys.emsk", grant->grant.emsk.octets, 64);
    }
    json_decref(file);
}

/* spec: RFC 4187 9.5 - Authentication-Reject, as published.
 * spec: RFC 4187 9.6 - Synchronization-Failure.
 * spec: RFC 4187 9.9 - Client-Error.
 * A07: reject and synchronisation failure hold what the protocol needs, and no octet more. */
static void the_published_refusals_are_reproduced(void **state)
{
    struct lk_event card;
    uint8_t broken[8] = { 1, 2, 0, 8, 50, 99, 0, 0 };

    file = vectors_load("eap_aka_prime_packets");
    for (size_t index = 5; index <= 7; index++) {
        published_peer();
        give_published(0);
        if (index == 7) {
            assert_int_equal(give_octets(LK_SPAN(broken)), LK_OK);
        } else {
            give_published(2);
            card = published_card(index == 5 ? LK_CARD_MAC_WRONG : LK_CARD_SQN_RANGE);
            assert_int_equal(give(&card), LK_OK);
        }
        expect_published(index);
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_full_authentication_is_reproduced),
        cmocka_unit_test(the_published_reauthentication_is_reproduced),
        cmocka_unit_test(the_published_refusals_are_reproduced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
