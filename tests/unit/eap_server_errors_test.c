/* A09: the error legs of proto/eap/server, each by itself, with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_server_rig.h"

static int fresh(void **state)
{
    rig_prepare();
    return 0;
}

static void expect_refused(enum lk_reason reason)
{
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
    assert_int_equal(rig.server.refusal.reason, reason);
    assert_null(lk_outbox_find(&rig.out, LK_OUT_GRANT));
}

static void expect_failed(enum lk_reason reason)
{
    assert_int_equal(rig.server.state, LK_EAP_SERVER_FAILED);
    assert_int_equal(lk_outbox_find(&rig.out, LK_OUT_FAILED)->failed.reason, reason);
}

/* ---- methods ---- */

struct method_row {
    bool aka_prime, aka;
    char digit;
    uint8_t type;
};

static void the_digit_and_the_offer_pick_the_method(void **state)
{
    static const struct method_row rows[] = {
        { true, true, '6', LK_EAP_AKA_PRIME },  { true, true, '0', LK_EAP_AKA },
        { true, false, '0', LK_EAP_AKA_PRIME }, { false, true, '6', LK_EAP_AKA },
        { true, true, 'x', LK_EAP_AKA_PRIME },  { false, true, 'x', LK_EAP_AKA },
        { false, false, '6', 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        char id[] = "6001010000000001@wlan.example";

        id[0] = rows[i].digit;
        rig.w.server_config.offer_aka_prime = rows[i].aka_prime;
        rig.w.server_config.offer_aka = rows[i].aka;
        rig_enter('S');
        rig_say_identity(id);
        if (rows[i].type == 0)
            expect_failed(LK_REASON_METHOD_REFUSED);
        else
            assert_int_equal(rig.server.type, rows[i].type);
    }
}

static enum lk_status say_nak(const char *wanted)
{
    uint8_t room[32];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_eap_begin(&w, LK_EAP_RESPONSE, rig.server.id, LK_EAP_NAK);
    lk_put_span(&w, lk_span_text(wanted));
    lk_eap_finish(&w);
    return rig_give_packet(&w);
}

/* spec: RFC 3748 5.3.1 - a Nak that names none of ours, or nothing, ends the run. */
static void naks_that_lead_nowhere_end_the_run(void **state)
{
    static const char *const wanted[] = { "", "\x04", "\x32" };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        rig_enter('H');
        assert_int_equal(say_nak(wanted[i]), LK_OK);
        expect_failed(LK_REASON_METHOD_REFUSED);
    }
    rig_enter('H');
    assert_int_equal(say_nak("\x04\x17"), LK_OK); /* EAP-AKA among others */
    assert_int_equal(rig_give_what(VECTOR), LK_OK);
    assert_int_equal(say_nak("\x32"), LK_OK); /* and back again: once is enough */
    expect_failed(LK_REASON_METHOD_REFUSED);
}

static void a_nak_after_an_answer_has_no_place(void **state)
{
    struct lk_writer w;

    rig_enter('I');
    w = rig_packet(IDENTITY);
    assert_int_equal(rig_give_packet(&w), LK_OK);
    assert_int_equal(rig_give_what(VECTOR), LK_OK);
    assert_int_equal(say_nak("\x17"), LK_E_UNEXPECTED);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_CHALLENGE);
}

/* ---- identities ---- */

/* Up to 101 octets fit the snapshot; a realm above 128 is none, so that another identity is asked
 * for; above 253 nothing is. */
static void expect_by_length(size_t len)
{
    if (len > LK_EAP_IDENTITY_MAX || (len > 101 && len <= 17 + LK_REALM_MAX))
        expect_refused(LK_REASON_IDENTITY_TOO_LONG);
    else
        assert_int_equal(rig.server.state, len > 101 ? LK_EAP_SERVER_AWAIT_IDENTITY
                                                     : LK_EAP_SERVER_AWAIT_VECTOR);
}

static void identities_too_long_are_refused_in_every_round(void **state)
{
    char id[300];
    uint8_t room[400];

    for (size_t len = 100; len <= 260; len++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);

        memset(id, 'r', sizeof id);
        memcpy(id, "6001010000000001@", 17);
        rig_enter('I');
        lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_IDENTITY);
        lk_aka_put_text(&w, LK_AT_IDENTITY, lk_span_of(id, len));
        lk_eap_finish(&w);
        assert_int_equal(rig_give_packet(&w), LK_OK);
        expect_by_length(len);
        id[len] = '\0';
        rig_enter('S');
        rig_say_identity(id);
        expect_by_length(len);
    }
}

static void a_reauthentication_identity_that_cannot_be_ours_is_not_looked_up(void **state)
{
    static const char *const ids[] = {
        "8short@wlan.example", "8AAECAwQFBgcICQoLDA0OD!@wlan.example",
        "8AAECAwQFBgcICQoLDA0ODw@a.realm.so.long.that.no.snapshot.would.have.had.room.for.it" };

    for (size_t i = 0; i <= LK_COUNT_OF(ids); i++) {
        rig.w.server_config.use_reauth = i < LK_COUNT_OF(ids);
        rig_enter('S');
        rig_say_identity(i < LK_COUNT_OF(ids) ? ids[i] : rig_reauth_id);
        assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_IDENTITY);
        assert_null(lk_outbox_find(&rig.out, LK_OUT_ASK_REAUTH));
        if (i != 1) /* '!' decorates: that one is of no kind */
            assert_int_equal(rig.server.asked, LK_ASK_FULLAUTH);
    }
}

static void identities_without_a_realm_and_without_extras_work(void **state)
{
    for (int pseudonyms = 0; pseudonyms < 3; pseudonyms++) {
        for (int reauth = 0; reauth < 2; reauth++) {
            rig.w.server_config.use_pseudonyms = pseudonyms > 0;
            rig.w.server_config.pseudonym_keys[0].set = pseudonyms > 1;
            rig.w.server_config.use_reauth = reauth;
            rig_enter('S');
            rig_say_identity("6001010000000001");
            assert_int_equal(rig_give_what(VECTOR), LK_OK);
            assert_int_equal(rig_give_what(CHALLENGE), LK_OK);
            assert_int_equal(rig.server.state, LK_EAP_SERVER_DONE);
            assert_int_equal(lk_outbox_find(&rig.out, LK_OUT_KEEP_REAUTH) != NULL, reauth);
        }
    }
}

/* ---- the answer to the challenge ---- */

struct answer {
    size_t res_len;
    bool wrong_res, wrong_checkcode, wrong_mac;
    enum lk_reason reason;
};

static enum lk_status answer_challenge(const struct answer *answer)
{
    static const uint8_t checkcode[32];
    uint8_t room[200], res[LK_RES_MAX] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_eap_keys keys;

    lk_eap_server_keys(&rig.server, &keys);
    memcpy(res, rig.server.xres, rig.server.xres_len);
    res[0] ^= answer->wrong_res;
    lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_CHALLENGE);
    lk_aka_put_res(&w, lk_span_of(res, answer->res_len));
    if (answer->wrong_checkcode)
        lk_aka_put_block(&w, LK_AT_CHECKCODE, LK_SPAN(checkcode));
    lk_aka_finish_signed(&w, rig.server.type, &keys.k_aut, lk_span_of(NULL, 0), NULL);
    room[w.len - 1] ^= answer->wrong_mac;
    return rig_give_packet(&w);
}

/* spec: RFC 4187 9.4 - MAC before RES before checkcode; RES is right in value and in length. */
static void each_way_of_answering_wrong_has_its_reason(void **state)
{
    static const struct answer rows[] = {
        { 8, false, false, true, LK_REASON_MAC_WRONG },
        { 8, true, true, true, LK_REASON_MAC_WRONG },
        { 8, true, false, false, LK_REASON_RES_WRONG },
        { 4, false, false, false, LK_REASON_RES_WRONG },
        { 16, false, false, false, LK_REASON_RES_WRONG },
        { 8, true, true, false, LK_REASON_RES_WRONG },
        { 8, false, true, false, LK_REASON_CHECKCODE_WRONG },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        rig_enter('H');
        assert_int_equal(answer_challenge(&rows[i]), LK_OK);
        expect_refused(rows[i].reason);
    }
}

/* A18: whoever guesses the random octets of nobody's challenge is refused all the same. */
static void a_right_answer_to_nobodys_challenge_is_refused(void **state)
{
    static const struct answer right = { .res_len = 8 };

    rig_enter('V');
    assert_int_equal(rig_give_what(NO_VECTOR), LK_OK);
    assert_true(rig.server.unknown);
    assert_int_equal(answer_challenge(&right), LK_OK);
    expect_refused(LK_REASON_SUBSCRIBER_UNKNOWN);
}

/* ---- choice of the KDF ---- */

static enum lk_status send_list(uint8_t subtype, const uint16_t *list, size_t count)
{
    static const uint8_t auts[LK_AUTS_LEN];
    uint8_t room[100];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type, subtype);
    if (subtype == LK_AKA_SYNCHRONIZATION_FAILURE)
        lk_aka_put_auts(&w, LK_SPAN(auts));
    for (size_t i = 0; i < count; i++)
        lk_aka_put_u16(&w, LK_AT_KDF, list[i]);
    lk_eap_finish(&w);
    return rig_give_packet(&w);
}

static void offer(const uint16_t *list, uint8_t count)
{
    rig.w.server_config.kdf_count = count;
    memcpy(rig.w.server_config.kdf, list, count * sizeof list[0]);
}

struct choice_row {
    uint16_t offered[3];
    uint8_t offered_count;
    uint16_t chosen[2];
    size_t chosen_count;
    bool good;
};

/* spec: RFC 9048 3.2 - the choice is one of the list, not its first, alone, and once. */
static void a_choice_of_kdf_is_judged(void **state)
{
    static const struct choice_row rows[] = {
        { { 0 }, 0, { 1 }, 1, false },      { { 1 }, 1, { 1 }, 1, false },
        { { 2, 1 }, 2, { 1 }, 1, true },    { { 3, 2, 1 }, 3, { 1 }, 1, true },
        { { 2, 1 }, 2, { 2 }, 1, false },   { { 2, 1 }, 2, { 9 }, 1, false },
        { { 2, 1 }, 2, { 1, 1 }, 2, false }, { { 1, 2 }, 2, { 1 }, 1, false },
        { { 2, 3 }, 2, { 1 }, 1, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        static const struct answer right = { .res_len = 8 };

        offer(rows[i].offered, rows[i].offered_count);
        rig_enter('H');
        assert_int_equal(send_list(LK_AKA_CHALLENGE, rows[i].chosen, rows[i].chosen_count), LK_OK);
        if (!rows[i].good) {
            expect_refused(LK_REASON_KDF_NEGOTIATION);
            continue;
        }
        assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_CHALLENGE);
        if (i % 2 == 0) {
            assert_int_equal(answer_challenge(&right), LK_OK);
            assert_int_equal(rig.server.state, LK_EAP_SERVER_DONE);
        } else {
            assert_int_equal(send_list(LK_AKA_CHALLENGE, rows[i].chosen, 1), LK_OK);
            expect_refused(LK_REASON_KDF_NEGOTIATION);
        }
    }
}

/* To answer in full is to accept the first function, which we do not have. */
static void a_full_answer_to_a_foreign_first_kdf_is_refused(void **state)
{
    static const uint16_t list[] = { 2, 1 };
    static const struct answer right = { .res_len = 8 };

    offer(list, 2);
    rig_enter('H');
    assert_int_equal(answer_challenge(&right), LK_OK);
    expect_refused(LK_REASON_KDF_NEGOTIATION);
}

struct sync_row {
    bool chosen;
    uint16_t list[4];
    size_t count;
    bool good;
};

/* spec: RFC 9048 3.2 - a synchronisation failure repeats the list as it was. */
static void the_list_in_a_synchronisation_failure_is_compared(void **state)
{
    static const uint16_t offered[] = { 2, 1 };
    static const struct sync_row rows[] = {
        { false, { 2, 1 }, 2, true },    { false, { 0 }, 0, true },
        { false, { 1, 2 }, 2, false },   { false, { 2 }, 1, false },
        { false, { 2, 1, 1 }, 3, false }, { true, { 1, 2, 1 }, 3, true },
        { true, { 2, 2, 1 }, 3, false }, { true, { 2, 1 }, 2, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        static const uint16_t one = 1;

        offer(offered, 2);
        rig_enter('H');
        if (rows[i].chosen)
            assert_int_equal(send_list(LK_AKA_CHALLENGE, &one, 1), LK_OK);
        assert_int_equal(send_list(LK_AKA_SYNCHRONIZATION_FAILURE, rows[i].list, rows[i].count),
                         LK_OK);
        if (rows[i].good)
            assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_VECTOR);
        else
            expect_refused(LK_REASON_KDF_NEGOTIATION);
    }
    offer(offered, 0); /* the list [1] */
    rig_enter('H');
    assert_int_equal(send_list(LK_AKA_SYNCHRONIZATION_FAILURE, offered + 1, 1), LK_OK);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_VECTOR);
}

/* ---- re-authentication and notification ---- */

struct reauth_row {
    uint16_t counter;
    bool wrong_checkcode, wrong_mac, garbled;
    enum lk_reason reason;
};

static enum lk_status answer_reauth(const struct reauth_row *row)
{
    static const uint8_t checkcode[32];
    uint8_t room[200], block[16] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_writer inner = lk_writer_of(block, sizeof block);

    if (row->garbled)
        lk_put_zeroes(&inner, 16);
    else
        lk_aka_put_u16(&inner, LK_AT_COUNTER, row->counter);
    lk_aka_put_padding(&inner);
    lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_REAUTHENTICATION);
    lk_aka_put_encrypted(&w, &rig.server.k_encr, block, lk_writer_span(&inner));
    if (row->wrong_checkcode)
        lk_aka_put_block(&w, LK_AT_CHECKCODE, LK_SPAN(checkcode));
    lk_aka_finish_signed(&w, rig.server.type, &rig.server.k_aut, LK_SPAN(rig.server.nonce_s), NULL);
    room[w.len - 1] ^= row->wrong_mac;
    return rig_give_packet(&w);
}

/* spec: RFC 4187 9.8 - MAC, checkcode, counter. */
static void each_way_of_reauthenticating_wrong_has_its_reason(void **state)
{
    static const struct reauth_row rows[] = {
        { 1, false, true, false, LK_REASON_MAC_WRONG },
        { 1, true, false, false, LK_REASON_CHECKCODE_WRONG },
        { 1, false, false, true, LK_REASON_EAP_MALFORMED },
        { 0, false, false, false, LK_REASON_COUNTER_TOO_SMALL },
        { 2, false, false, false, LK_REASON_COUNTER_TOO_SMALL },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        rig_enter('R');
        assert_int_equal(answer_reauth(&rows[i]), LK_OK);
        expect_refused(rows[i].reason);
    }
}

static void a_context_that_is_used_up_is_not_used(void **state)
{
    static const uint16_t counters[] = { 999, 1000, 1001, 65535 };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(counters); i++) {
        struct lk_event event = rig_event(CONTEXT);

        rig.w.server_config.reauth_max = i % 2 ? 1000 : 0; /* which means the same */
        rig_enter('C');
        event.reauth.counter = counters[i / 2];
        assert_int_equal(rig_give(&event), LK_OK);
        assert_int_equal(rig.server.state, i < 2 ? LK_EAP_SERVER_AWAIT_REAUTH
                                                 : LK_EAP_SERVER_AWAIT_IDENTITY);
        assert_false(rig.server.offered_reauth); /* the thousandth is the last */
    }
}

/* spec: RFC 4187 6.2 - the answer to the notification of success is signed, and after a
 * re-authentication has the counter. */
static void a_wrong_answer_to_the_notification_of_success_fails(void **state)
{
    for (int wrong = 0; wrong < 4; wrong++) {
        uint8_t room[100], block[16] = { 0 };
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_writer inner = lk_writer_of(block, sizeof block);

        rig.w.server_config.protect_success = true;
        rig_enter('S');
        rig.w.server_config.protect_success = true;
        rig_say_identity(rig_reauth_id);
        assert_int_equal(rig_give_what(CONTEXT), LK_OK);
        lk_aka_put_u16(&inner, LK_AT_COUNTER, 1);
        lk_aka_put_padding(&inner);
        lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type,
                     LK_AKA_REAUTHENTICATION);
        lk_aka_put_encrypted(&w, &rig.server.k_encr, block, lk_writer_span(&inner));
        lk_aka_put_empty(&w, LK_AT_RESULT_IND);
        lk_aka_finish_signed(&w, rig.server.type, &rig.server.k_aut,
                             LK_SPAN(rig.server.nonce_s), NULL);
        assert_int_equal(rig_give_packet(&w), LK_OK);
        assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
        w = lk_writer_of(room, sizeof room);
        memset(block, 0, sizeof block);
        inner = lk_writer_of(block, sizeof block);
        lk_aka_put_u16(&inner, LK_AT_COUNTER, wrong == 1 ? 2 : 1);
        lk_aka_put_padding(&inner);
        lk_aka_begin(&w, LK_EAP_RESPONSE, rig.server.id, rig.server.type, LK_AKA_NOTIFICATION);
        if (wrong != 2)
            lk_aka_put_encrypted(&w, &rig.server.k_encr, block, lk_writer_span(&inner));
        lk_aka_finish_signed(&w, rig.server.type, &rig.server.k_aut, lk_span_of(NULL, 0), NULL);
        room[w.len - 1] ^= wrong == 3;
        assert_int_equal(rig_give_packet(&w), LK_OK);
        if (wrong == 0)
            assert_int_equal(rig.server.state, LK_EAP_SERVER_DONE);
        else
            expect_failed(LK_REASON_MAC_WRONG);
    }
}

/* ---- snapshots ---- */

/* Each octet of a snapshot with each value: it is refused, or is the snapshot of another server. */
static void a_snapshot_means_one_server_or_none(void **state)
{
    static const char states[] = "IHRNn";

    for (size_t i = 0; i < strlen(states); i++) {
        uint8_t octets[LK_EAP_SNAPSHOT_MAX], again[LK_EAP_SNAPSHOT_MAX];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        size_t len;

        rig_enter(states[i]);
        assert_int_equal(lk_eap_server_pack(&rig.server, &w), LK_OK);
        len = w.len;
        for (size_t at = 0; at < len; at++) {
            uint8_t was = octets[at];

            for (unsigned value = 0; value < 256; value++) {
                struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
                struct lk_eap_server back;

                octets[at] = (uint8_t)value;
                if (lk_eap_server_unpack(&back, &r) != LK_OK)
                    continue;
                w = lk_writer_of(again, sizeof again);
                assert_int_equal(lk_eap_server_pack(&back, &w), LK_OK);
                assert_true(lk_span_equal(lk_writer_span(&w), lk_span_of(octets, len)));
            }
            octets[at] = was;
        }
    }
}

int main(void)
{
#define LEG(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        LEG(the_digit_and_the_offer_pick_the_method),
        LEG(naks_that_lead_nowhere_end_the_run),
        LEG(a_nak_after_an_answer_has_no_place),
        LEG(identities_too_long_are_refused_in_every_round),
        LEG(a_reauthentication_identity_that_cannot_be_ours_is_not_looked_up),
        LEG(identities_without_a_realm_and_without_extras_work),
        LEG(each_way_of_answering_wrong_has_its_reason),
        LEG(a_right_answer_to_nobodys_challenge_is_refused),
        LEG(a_choice_of_kdf_is_judged),
        LEG(a_full_answer_to_a_foreign_first_kdf_is_refused),
        LEG(the_list_in_a_synchronisation_failure_is_compared),
        LEG(each_way_of_reauthenticating_wrong_has_its_reason),
        LEG(a_context_that_is_used_up_is_not_used),
        LEG(a_wrong_answer_to_the_notification_of_success_fails),
        LEG(a_snapshot_means_one_server_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
