/* The EAP room: server and peer back to back, the server through its snapshot at every step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_world.h"

static struct world w;

static int fresh(void **state)
{
    world_init(&w);
    return 0;
}

/* ---- full authentication ---- */

static void aka_prime_succeeds_in_one_challenge(void **state)
{
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.server_grant.eap_type, LK_EAP_AKA_PRIME);
    assert_false(w.server_grant.fast);
    assert_int_equal(w.packets, 5);
    assert_int_equal(w.vectors, 1);
}

static void aka_succeeds_where_aka_prime_is_off(void **state)
{
    w.peer_config.allow_aka_prime = false;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.server_grant.eap_type, LK_EAP_AKA);
    assert_int_equal(w.packets, 5);
}

/* spec: RFC 3748 5.3.1 - Nak leads to the method that both have. */
static void nak_switches_the_method(void **state)
{
    static const char outer[] = "0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org";

    for (int prime = 0; prime < 2; prime++) {
        world_init(&w);
        memcpy(w.peer_config.outer, outer, strlen(outer));
        w.peer_config.outer_len = (uint8_t)strlen(outer);
        w.peer_config.outer[0] = prime ? '0' : '6';
        w.peer_config.allow_aka_prime = prime;
        w.peer_config.allow_aka = !prime;
        world_run(&w);
        world_expect_success(&w);
        assert_true(world_saw(&w, "Response/Nak"));
        assert_int_equal(w.server_grant.eap_type, prime ? LK_EAP_AKA_PRIME : LK_EAP_AKA);
    }
}

static void nak_without_a_common_method_fails(void **state)
{
    w.server_config.offer_aka = false;
    w.peer_config.allow_aka_prime = false;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_METHOD_REFUSED);
}

/* ---- identities ---- */

static void an_unusable_identity_is_asked_for_again(void **state)
{
    static const char *const outer[] = { "anonymous@example.org", "x", "1001010000000001@a" };

    for (size_t i = 0; i < LK_COUNT_OF(outer); i++) {
        world_init(&w);
        memcpy(w.peer_config.outer, outer[i], strlen(outer[i]));
        w.peer_config.outer_len = (uint8_t)strlen(outer[i]);
        world_run(&w);
        world_expect_success(&w);
        assert_int_equal(world_count(&w, "Request/AKA'-Identity"), 1);
        assert_int_equal(w.permanent_asked, 0);
    }
}

/* spec: RFC 4187 4.1.4 - any, full authentication, permanent. */
static void identity_rounds_go_from_any_to_permanent(void **state)
{
    world_run(&w);
    world_expect_success(&w);
    /* the server has lost its pseudonym keys and its contexts */
    memset(w.context_used, 0, sizeof w.context_used);
    w.server_config.pseudonym_keys[0].id = 77;
    w.server_config.ask_identity = true;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(world_count(&w, "Request/AKA'-Identity"), 3);
    assert_int_equal(w.permanent_asked, 1);
}

static void identity_rounds_work_in_aka_too(void **state)
{
    w.peer_config.allow_aka_prime = false;
    w.server_config.ask_identity = true;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(world_count(&w, "Request/AKA-Identity"), 1);
}

/* A06: with pseudonyms that the server knows the permanent identity is never asked for.
 * spec: RFC 4187 4.1.1 - a pseudonym is a username; the peer puts its realm behind it. */
static void pseudonyms_are_fresh_each_run_and_suffice(void **state)
{
    char seen[100][LK_EAP_IDENTITY_MAX] = { { 0 } };

    w.server_config.use_reauth = false;
    for (size_t i = 0; i < LK_COUNT_OF(seen); i++) {
        world_run(&w);
        world_expect_success(&w);
        assert_int_equal(w.permanent_asked, 0);
        assert_int_equal(w.peer.kept.pseudonym_len, LK_PSEUDONYM_LEN);
        memcpy(seen[i], w.peer.kept.pseudonym, w.peer.kept.pseudonym_len);
        assert_null(strstr(seen[i], "00101000000"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
        assert_int_equal(w.server.identity[0], i == 0 ? '6' : '7');
        if (i > 0)
            assert_memory_equal(w.server.identity + LK_PSEUDONYM_LEN, "@wlan.mnc001", 12);
    }
}

/* A06: a pseudonym that nobody knows leads to one request for the permanent identity. */
static void a_forged_pseudonym_escalates_exactly_once(void **state)
{
    static const char forged[] = "7AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@wlan.example";

    memcpy(w.peer_config.outer, forged, strlen(forged));
    w.peer_config.outer_len = (uint8_t)strlen(forged);
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.permanent_asked, 1);
    assert_int_equal(world_count(&w, "Request/AKA'-Identity"), 1);
}

static void yesterdays_pseudonym_is_still_known(void **state)
{
    struct lk_pseudonym_key today = w.server_config.pseudonym_keys[0];

    w.server_config.use_reauth = false;
    world_run(&w);
    world_expect_success(&w);
    w.server_config.pseudonym_keys[0] = w.server_config.pseudonym_keys[1];
    w.server_config.pseudonym_keys[1] = today;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.permanent_asked, 0);
}

static void a_conservative_peer_keeps_its_permanent_identity(void **state)
{
    w.server_config.use_reauth = false;
    w.peer_config.conservative = true;
    world_run(&w);
    world_expect_success(&w);
    w.server_config.pseudonym_keys[0].id = 77;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_CLIENT_ERROR);
}

/* An identity that does not fit the snapshot is refused before a challenge goes out. */
static void an_identity_too_long_for_state_is_refused(void **state)
{
    w.peer_config.realm_len = 100;
    memset(w.peer_config.realm, 'r', 100);
    world_run(&w);
    world_expect_failure(&w, LK_REASON_IDENTITY_TOO_LONG);
    assert_int_equal(w.vectors, 0);
}

static void the_longest_identity_fits_and_gets_no_reauth_id(void **state)
{
    for (int type = 0; type < 2; type++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = type;
        w.peer_config.realm_len = 101 - 17;
        memset(w.peer_config.realm, 'r', 101 - 17);
        w.server_config.ask_identity = true;
        world_run(&w);
        world_expect_success(&w);
        assert_false(w.peer.kept.has_reauth);
        assert_true(w.snapshot_max <= LK_EAP_SNAPSHOT_MAX);
        if (type)
            assert_int_equal(w.snapshot_max, 221);
    }
}

/* A29: empty identity, realm of nothing, a name that is only a digit. */
static void empty_values_are_no_special_case(void **state)
{
    static const char *const outer[] = { "@", "6", "6@", "!", "!@", "@@", "7@", "8@", "\0" };
    uint8_t room[64];

    for (size_t i = 0; i < LK_COUNT_OF(outer); i++) {
        world_init(&w);
        w.peer_config.outer_len = (uint8_t)(outer[i][0] == '\0' ? 1 : strlen(outer[i]));
        memcpy(w.peer_config.outer, outer[i], w.peer_config.outer_len);
        world_run(&w);
        world_expect_success(&w);
    }
    world_init(&w);
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    lk_eap_put_identity(&writer, LK_EAP_RESPONSE, 1, lk_span_of(NULL, 0));
    assert_int_equal(world_to_server(&w, lk_writer_span(&writer)), LK_OK);
    assert_int_equal(w.server.state, LK_EAP_SERVER_AWAIT_IDENTITY);
}

static void no_identity_in_any_round_fails(void **state)
{
    uint8_t room[64];

    for (unsigned round = 0; round <= 3; round++) {
        struct lk_writer writer = lk_writer_of(room, sizeof room);

        if (round == 0) {
            lk_eap_put_identity(&writer, LK_EAP_RESPONSE, 1, lk_span_text("x"));
        } else {
            assert_int_equal(w.server.state, LK_EAP_SERVER_AWAIT_IDENTITY);
            lk_aka_begin(&writer, LK_EAP_RESPONSE, w.server.id, w.server.type, LK_AKA_IDENTITY);
            lk_aka_put_text(&writer, LK_AT_IDENTITY, lk_span_text("x"));
            lk_eap_finish(&writer);
        }
        assert_int_equal(world_to_server(&w, lk_writer_span(&writer)), LK_OK);
    }
    assert_int_equal(w.server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
    assert_int_equal(w.server.refusal.reason, LK_REASON_IDENTITY_UNUSABLE);
    assert_int_equal(w.permanent_asked, 1);
}

/* ---- fast re-authentication ---- */

/* spec: RFC 4187 10.11 - the next identity is a whole NAI, used octet by octet. */
static void reauthentication_counts_up(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = prime;
        world_run(&w);
        world_expect_success(&w);
        for (unsigned i = 1; i <= 20; i++) {
            struct lk_msk before = w.server_grant.msk;

            world_run(&w);
            world_expect_success(&w);
            assert_true(w.server_grant.fast);
            assert_int_equal(w.server_grant.counter, i); /* spec: RFC 4187 5.1 - from 1 on */
            assert_int_equal(w.vectors, 0);
            assert_int_equal(w.packets, 5);
            assert_memory_not_equal(&before, &w.server_grant.msk, sizeof before);
            assert_non_null(strstr(w.peer.kept.reauth_id, "@wlan.mnc001.mcc001"));
        }
    }
}

static void reauthentication_behind_an_identity_round(void **state)
{
    w.server_config.ask_identity = true;
    world_run(&w);
    world_run(&w);
    world_expect_success(&w);
    assert_true(w.server_grant.fast);
    assert_int_equal(world_count(&w, "Request/AKA'-Identity"), 1);
    assert_true(w.snapshot_max <= LK_EAP_SNAPSHOT_MAX);
}

static void a_lost_context_costs_a_full_authentication(void **state)
{
    world_run(&w);
    memset(w.context_used, 0, sizeof w.context_used);
    world_run(&w);
    world_expect_success(&w);
    assert_false(w.server_grant.fast);
    assert_int_equal(w.reauths_asked, 1);
    assert_int_equal(w.permanent_asked, 0);
}

/* spec: RFC 4187 5.5 - counter too small: a full authentication follows in the same run. */
static void counter_too_small_falls_back(void **state)
{
    for (int round = 0; round < 4; round++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = round % 2;
        world_run(&w);
        w.peer.kept.reauth.counter = round / 2 ? 5 : 1; /* the same again is too small, too */
        world_run(&w);
        world_expect_success(&w);
        assert_false(w.server_grant.fast);
        assert_int_equal(w.vectors, 1);
        world_run(&w);
        world_expect_success(&w);
        assert_true(w.server_grant.fast);
        assert_int_equal(w.server_grant.counter, 1);
    }
}

static void after_the_last_reauthentication_comes_a_full_one(void **state)
{
    w.server_config.reauth_max = 3;
    for (unsigned i = 0; i < 9; i++) {
        world_run(&w);
        world_expect_success(&w);
        assert_int_equal(w.server_grant.fast, i % 4 != 0);
    }
}

static void a_context_of_another_method_is_not_used(void **state)
{
    world_run(&w);
    for (size_t i = 0; i < WORLD_CONTEXTS; i++)
        w.context[i].eap_type = LK_EAP_AKA;
    world_run(&w);
    world_expect_success(&w);
    assert_false(w.server_grant.fast);
}

/* ---- protected success ---- */

/* spec: RFC 4187 6.2 - both say AT_RESULT_IND, then success is notified under AT_MAC. */
static void success_is_notified_when_both_want_it(void **state)
{
    for (int round = 0; round < 4; round++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = round & 1;
        w.peer_config.result_ind = round & 2;
        w.server_config.protect_success = true;
        for (int i = 0; i < 3; i++) {
            world_run(&w);
            world_expect_success(&w);
            assert_int_equal(w.server_grant.fast, i > 0);
            assert_int_equal(w.packets, round & 2 ? 7 : 5);
        }
    }
}

/* ---- resynchronisation ---- */

static void a_card_with_another_history_resynchronises_once(void **state)
{
    static const uint8_t ahead[LK_SQN_LEN] = { 0, 0, 0, 0x40, 0, 0x3f };

    for (int prime = 0; prime < 2; prime++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = prime;
        w.server_config.use_reauth = false;
        lk_usim_set_sqn(&w.usim, ahead);
        w.sqn = 0x40;
        for (unsigned i = 0; i < LK_USIM_ARRAY; i++)
            w.usim.seq[i] = 0x20000;
        world_run(&w);
        world_expect_success(&w);
        assert_int_equal(w.resyncs, 1);
        assert_int_equal(w.vectors, 2);
        world_run(&w);
        world_expect_success(&w);
        assert_int_equal(w.resyncs, 0);
    }
}

/* ---- refusals ---- */

/* spec: RFC 4187 6.3.3 - Authentication-Reject is followed by EAP-Failure. */
static void a_wrong_key_is_rejected_by_the_card(void **state)
{
    w.usim.card.k[0] ^= 1;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.peer_refusal.reason, LK_REASON_AUTN_MAC_WRONG);
}

struct lab_row {
    unsigned lab;
    enum lk_reason reason;
};

/* spec: RFC 4187 6.3.2 - what the server finds wrong is notified, then EAP-Failure. */
static void what_a_lab_peer_does_wrong_is_named(void **state)
{
    static const struct lab_row rows[] = {
        { LK_LAB_WRONG_RES, LK_REASON_RES_WRONG },
        { LK_LAB_WRONG_MAC, LK_REASON_MAC_WRONG },
        { LK_LAB_WRONG_CHECKCODE, LK_REASON_CHECKCODE_WRONG },
    };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(rows); i++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = i % 2;
        w.peer_config.lab = rows[i / 2].lab;
        world_run(&w);
        world_expect_failure(&w, rows[i / 2].reason);
        assert_int_equal(w.peer_refusal.reason, LK_REASON_NOTIFIED_FAILURE);
        assert_int_equal(world_count(&w, i % 2 ? "Request/AKA'-Notification"
                                              : "Request/AKA-Notification"), 1);
    }
}

/* spec: RFC 9048 3.1 - the peer compares the network's name with its own belief. */
static void another_network_name_is_rejected(void **state)
{
    memcpy(w.server_config.network_name, "HRPD", 4);
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.peer_refusal.reason, LK_REASON_NETWORK_NAME);
    assert_string_equal(w.peer_refusal.expected, "WLAN");
    assert_string_equal(w.peer_refusal.came, "HRPD");
    w.peer_config.lab = LK_LAB_ANY_NETWORK_NAME;
    world_run(&w);
    world_expect_success(&w);
}

/* spec: TS 33.402 6.2 - a vector without the separation bit is no vector for EAP-AKA'. */
static void a_clear_separation_bit_is_rejected(void **state)
{
    w.amf_fixed = true;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.peer_refusal.reason, LK_REASON_AMF_SEPARATION);
    w.peer_config.lab = LK_LAB_ANY_AMF;
    world_run(&w);
    world_expect_success(&w);
}

/* spec: RFC 9048 4 - whoever was talked out of EAP-AKA' notices. */
static void bidding_down_is_noticed(void **state)
{
    static const char outer[] = "0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org";

    memcpy(w.peer_config.outer, outer, strlen(outer));
    w.peer_config.outer_len = (uint8_t)strlen(outer);
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.peer_refusal.reason, LK_REASON_BIDDING_DOWN);
    w.server_config.send_bidding = false;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.server_grant.eap_type, LK_EAP_AKA);
}

/* spec: RFC 9048 3.2 - a peer that wants another function of the list gets it. */
static void kdf_is_negotiated(void **state)
{
    w.server_config.kdf_count = 2;
    w.server_config.kdf[0] = 2;
    w.server_config.kdf[1] = LK_AKA_KDF_CK_IK_PRIME;
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(world_count(&w, "Request/AKA'-Challenge"), 2);
    w.server_config.kdf_count = 1; /* nothing in common */
    w.server_config.use_reauth = false;
    w.peer_config.use_reauth = false;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.peer_refusal.reason, LK_REASON_KDF_NEGOTIATION);
}

/* T20: keys of one run carry its session id, and no two runs share one. */
static void every_run_has_its_own_session_id(void **state)
{
    struct lk_session_id seen[30];

    for (size_t i = 0; i < LK_COUNT_OF(seen); i++) {
        w.server_config.use_reauth = i % 3 != 0;
        world_run(&w);
        world_expect_success(&w);
        seen[i] = w.server_grant.session_id;
        assert_int_equal(seen[i].octets[0], LK_EAP_AKA_PRIME);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&seen[i], &seen[j], sizeof seen[i]);
    }
}

int main(void)
{
#define FLOW(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        FLOW(aka_prime_succeeds_in_one_challenge),
        FLOW(aka_succeeds_where_aka_prime_is_off),
        FLOW(nak_switches_the_method),
        FLOW(nak_without_a_common_method_fails),
        FLOW(an_unusable_identity_is_asked_for_again),
        FLOW(identity_rounds_go_from_any_to_permanent),
        FLOW(identity_rounds_work_in_aka_too),
        FLOW(pseudonyms_are_fresh_each_run_and_suffice),
        FLOW(a_forged_pseudonym_escalates_exactly_once),
        FLOW(yesterdays_pseudonym_is_still_known),
        FLOW(a_conservative_peer_keeps_its_permanent_identity),
        FLOW(an_identity_too_long_for_state_is_refused),
        FLOW(the_longest_identity_fits_and_gets_no_reauth_id),
        FLOW(empty_values_are_no_special_case),
        FLOW(no_identity_in_any_round_fails),
        FLOW(reauthentication_counts_up),
        FLOW(reauthentication_behind_an_identity_round),
        FLOW(a_lost_context_costs_a_full_authentication),
        FLOW(counter_too_small_falls_back),
        FLOW(after_the_last_reauthentication_comes_a_full_one),
        FLOW(a_context_of_another_method_is_not_used),
        FLOW(success_is_notified_when_both_want_it),
        FLOW(a_card_with_another_history_resynchronises_once),
        FLOW(a_wrong_key_is_rejected_by_the_card),
        FLOW(what_a_lab_peer_does_wrong_is_named),
        FLOW(another_network_name_is_rejected),
        FLOW(a_clear_separation_bit_is_rejected),
        FLOW(bidding_down_is_noticed),
        FLOW(kdf_is_negotiated),
        FLOW(every_run_has_its_own_session_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
