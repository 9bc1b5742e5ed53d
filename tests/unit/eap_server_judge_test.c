/* proto/eap/server: rules that one wrong line would turn, each by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "eap_server_rig.h"

static struct world w;

static int fresh(void **state)
{
    rig_prepare();
    world_init(&w);
    return 0;
}

static enum lk_status answer_identity(const char *text)
{
    uint8_t room[128];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    lk_aka_begin(&writer, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_IDENTITY);
    lk_aka_put_text(&writer, LK_AT_IDENTITY, lk_span_text(text));
    lk_eap_finish(&writer);
    return rig_give_packet(&writer);
}

/* ---- identities ---- */

/* spec: RFC 4187 4.1.4 - a re-authentication identity is no answer once a full one was asked. */
static void a_reauthentication_identity_is_no_answer_to_fullauth(void **state)
{
    rig_enter('C');
    assert_int_equal(rig_give_what(NO_CONTEXT), LK_OK);
    assert_int_equal(rig.server.asked, LK_ASK_FULLAUTH);
    assert_int_equal(answer_identity(rig_reauth_id), LK_OK);
    assert_null(lk_outbox_find(&rig.out, LK_OUT_ASK_REAUTH));
    assert_int_equal(rig.server.asked, LK_ASK_PERMANENT);
}

/* By Python's hmac: half of HMAC(K_aut, label, RAND or NONCE_S), then half of HMAC(K_aut, label,
 * that, realm). */
static void next_names_are_those_of_another_hand(void **state)
{
    static const char *const names[2] = { "6848ee489d2127b133f12248e70bbca7",
                                          "cbb4397fe8ed83c15ad88f0e98f4fd7e" };
    struct lk_k_aut k_aut = { .len = 32 };
    struct lk_eap_server server;

    for (size_t i = 0; i < 32; i++)
        k_aut.octets[i] = (uint8_t)i;
    for (int fast = 0; fast < 2; fast++) {
        uint8_t name[LK_REAUTH_NAME_LEN], want[LK_REAUTH_NAME_LEN];
        size_t len;

        lk_eap_server_init(&server);
        server.identity_len = sizeof "6001010000000001@wlan.example" - 1;
        memcpy(server.identity, rig_permanent, server.identity_len);
        memset(server.rand, 0x11, sizeof server.rand);
        memset(server.nonce_s, 0x22, sizeof server.nonce_s);
        server.fast = fast;
        lk_eap_server_next_name(name, &server, &k_aut);
        assert_int_equal(lk_hex_decode(want, sizeof want, &len, lk_span_text(names[fast])), LK_OK);
        assert_memory_equal(name, want, sizeof want);
    }
}

/* A name serves once: each re-authentication gives out another. */
static void no_two_reauthentications_give_out_one_name(void **state)
{
    char seen[6][LK_EAP_IDENTITY_MAX] = { { 0 } };

    for (size_t i = 0; i < LK_COUNT_OF(seen); i++) {
        world_run(&w);
        world_expect_success(&w);
        memcpy(seen[i], w.peer.kept.reauth_id, w.peer.kept.reauth_len);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

/* A context of EAP-AKA' is of no use to a server that speaks EAP-AKA alone by now. */
static void a_context_of_a_method_switched_off_is_not_used(void **state)
{
    rig.w.server_config.offer_aka_prime = false;
    rig_enter('S');
    rig_say_identity(rig_reauth_id);
    assert_int_equal(rig.server.type, LK_EAP_AKA);
    assert_int_equal(rig_give_what(CONTEXT), LK_OK);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_IDENTITY);
    assert_int_equal(rig.server.asked, LK_ASK_FULLAUTH);
}

/* ---- checkcode ---- */

/* spec: RFC 4187 10.13 - behind identity rounds an empty checkcode is wrong; left out it is
 * not. */
static void an_empty_checkcode_behind_rounds_is_wrong(void **state)
{
    for (int left_out = 0; left_out < 2; left_out++) {
        uint8_t room[200];
        struct lk_writer writer = lk_writer_of(room, sizeof room);
        struct lk_eap_keys keys;

        rig_enter('I');
        assert_int_equal(answer_identity(rig_permanent), LK_OK);
        assert_int_equal(rig_give_what(VECTOR), LK_OK);
        assert_int_equal(rig.server.checkcode_len, LK_SHA256_LEN);
        lk_eap_server_keys(&rig.server, &keys);
        lk_aka_begin(&writer, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_CHALLENGE);
        lk_aka_put_res(&writer, lk_span_of(rig.server.xres, rig.server.xres_len));
        if (!left_out)
            lk_aka_put_block(&writer, LK_AT_CHECKCODE, lk_span_of(NULL, 0));
        lk_aka_finish_signed(&writer, rig.server.type, &keys.k_aut, lk_span_of(NULL, 0), NULL);
        assert_int_equal(rig_give_packet(&writer), LK_OK);
        if (left_out)
            assert_int_equal(rig.server.state, LK_EAP_SERVER_DONE);
        else
            assert_int_equal(rig.server.refusal.reason, LK_REASON_CHECKCODE_WRONG);
    }
}

/* ---- notification of success ---- */

/* spec: RFC 4187 9.11 - an answer without AT_MAC is no answer to a signed notification. */
static void an_unsigned_answer_to_the_notification_of_success_fails(void **state)
{
    uint8_t room[32];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    rig_enter('N');
    lk_aka_begin(&writer, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_NOTIFICATION);
    lk_eap_finish(&writer);
    assert_int_equal(rig_give_packet(&writer), LK_OK);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_FAILED);
    assert_int_equal(lk_outbox_find(&rig.out, LK_OUT_FAILED)->failed.reason, LK_REASON_MAC_WRONG);
}

/* ---- EAP-AKA' offered, and its functions ---- */

/* spec: RFC 9048 4 - AT_BIDDING says that EAP-AKA' is to be had: only where it is. */
static void bidding_is_not_said_where_aka_prime_is_off(void **state)
{
    w.server_config.offer_aka_prime = false;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.server_grant.eap_type, LK_EAP_AKA);
}

/* spec: RFC 9048 3.2 - a list that names a function twice, before the peer has chosen, is wrong. */
static void a_list_with_a_function_twice_is_rejected(void **state)
{
    static const uint16_t lists[][3] = { { 1, 1 }, { 2, 1, 1 }, { 1, 2, 2 } };

    for (size_t i = 0; i < LK_COUNT_OF(lists); i++) {
        world_init(&w);
        w.server_config.kdf_count = lists[i][2] == 0 ? 2 : 3;
        memcpy(w.server_config.kdf, lists[i], w.server_config.kdf_count * sizeof lists[i][0]);
        world_run(&w);
        world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
        assert_int_equal(w.peer_refusal.reason, LK_REASON_KDF_NEGOTIATION);
    }
}

/* ---- snapshots ---- */

static enum lk_status unpack(uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_eap_server back;

    return lk_eap_server_unpack(&back, &r);
}

/* What pack cannot have written does not open a state that asks for less. */
static void a_snapshot_that_contradicts_its_state_is_refused(void **state)
{
    uint8_t octets[LK_EAP_SNAPSHOT_MAX];
    struct lk_writer writer = lk_writer_of(octets, sizeof octets);

    rig_enter('H');
    assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_OK);
    octets[0] = LK_EAP_SERVER_AWAIT_REAUTH; /* keys of a challenge, state of a re-authentication */
    assert_int_equal(unpack(octets, writer.len - 1 - rig.server.xres_len), LK_E_VALUE);
    for (uint8_t len = 0; len < LK_RES_MIN; len++) { /* an XRES that every RES begins with */
        rig_enter('H');
        rig.server.xres_len = len;
        writer = lk_writer_of(octets, sizeof octets);
        assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_OK);
        assert_int_equal(unpack(octets, writer.len), LK_E_LENGTH);
    }
    rig_enter('I');
    writer = lk_writer_of(octets, sizeof octets);
    lk_hash_start(&rig.server.rounds, LK_HASH_SHA1); /* of EAP-AKA */
    assert_int_equal(rig.server.type, LK_EAP_AKA_PRIME);
    assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_OK);
    assert_int_equal(unpack(octets, writer.len), LK_E_VALUE);
}

int main(void)
{
#define JUDGE(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        JUDGE(a_reauthentication_identity_is_no_answer_to_fullauth),
        JUDGE(next_names_are_those_of_another_hand),
        JUDGE(no_two_reauthentications_give_out_one_name),
        JUDGE(a_context_of_a_method_switched_off_is_not_used),
        JUDGE(an_empty_checkcode_behind_rounds_is_wrong),
        JUDGE(an_unsigned_answer_to_the_notification_of_success_fails),
        JUDGE(bidding_is_not_said_where_aka_prime_is_off),
        JUDGE(a_list_with_a_function_twice_is_rejected),
        JUDGE(a_snapshot_that_contradicts_its_state_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
