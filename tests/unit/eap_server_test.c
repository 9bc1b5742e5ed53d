/* proto/eap/server: every state meets every event; published packets; snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_server_rig.h"
#include "vectors.h"

/* Where each event leads, in the order above: S I C V H R N D F as the states below; a dot: not
 * welcome, and nothing changes. */
struct matrix_row {
    char state;
    const char *leads_to;
};

static const struct matrix_row matrix[] = {
    /*      id nak ident chal kdf rej sync re not ce malf rq su vec nov ctx noc st exp card */
    { 'S', "V...................", },
    { 'I', ".IV......FN.........", },
    { 'C', "...............RI...", },
    { 'V', ".............HH.....", },
    { 'H', ".V.DNFV..FN.........", },
    { 'R', ".I.....D.FN.........", },
    { 'N', "........DFF.........", }, /* success was notified */
    { 'n', "........FFF.........", }, /* a failure was */
    { 'D', "....................", },
    { 'F', "....................", },
};

static const char letters[LK_EAP_SERVER_STATE_COUNT + 1] = "SICVHRNDF";

static void every_state_meets_every_event(void **state)
{
    rig_prepare();
    for (size_t i = 0; i < LK_COUNT_OF(matrix); i++) {
        for (int what = 0; what < WHAT_COUNT; what++) {
            struct lk_eap_server before;
            char want = matrix[i].leads_to[what], in = matrix[i].state;
            enum lk_status status;

            rig_enter(in);
            assert_int_equal(letters[rig.server.state], in == 'n' ? 'N' : in);
            before = rig.server;
            status = rig_give_what((enum rig_what)what);
            if (status != (want == '.' ? LK_E_UNEXPECTED : LK_OK) &&
                !(want == '.' && what == MALFORMED && status != LK_OK))
                fail_msg("in %c, event %d: %s", in, what, lk_status_name(status));
            if (want == '.') {
                assert_memory_equal(&before, &rig.server, sizeof rig.server);
                assert_int_equal(rig.out.count, 0);
            } else if (letters[rig.server.state] != want) {
                fail_msg("in %c, event %d: %s", in, what,
                         lk_eap_server_state_name(rig.server.state));
            }
        }
    }
}

/* spec: RFC 3748 4.1 - a response with another identifier, or of another method, is not ours. */
static void responses_to_something_else_are_dropped(void **state)
{
    static const char awaiting[] = "IHRNn";

    rig_prepare();
    for (size_t i = 0; i < strlen(awaiting); i++) {
        for (enum rig_what what = NAK; what <= MALFORMED; what++) {
            for (int twist = 0; twist < 2; twist++) {
                struct lk_eap_server before;
                struct lk_writer writer;

                rig_enter(awaiting[i]);
                before = rig.server;
                writer = rig_packet(what);
                if (twist == 0)
                    writer.at[1] ^= 0x55;
                else if (what != NAK)
                    writer.at[4] = rig.server.type == LK_EAP_AKA ? LK_EAP_AKA_PRIME : LK_EAP_AKA;
                else
                    continue;
                assert_int_not_equal(rig_give_packet(&writer), LK_OK);
                assert_memory_equal(&before, &rig.server, sizeof rig.server);
            }
        }
    }
}

/* A09: an outbox without room at any point ends the step cleanly, and the machine as it was. */
static void a_full_outbox_changes_nothing(void **state)
{
    static const char from[] = "SICVHRNn";

    rig_prepare();
    for (size_t i = 0; i < strlen(from); i++) {
        for (int what = 0; what < WHAT_COUNT; what++) {
            for (size_t room = 0; room < 3; room++) {
                struct lk_event event = { .kind = LK_EV_RECEIVED };
                struct lk_eap_server before;
                struct lk_writer writer;
                enum lk_status status;

                rig_enter(from[i]);
                before = rig.server;
                if (what < VECTOR) {
                    writer = rig_packet((enum rig_what)what);
                    event.received = lk_writer_span(&writer);
                } else {
                    event = rig_event((enum rig_what)what);
                }
                lk_outbox_empty(&rig.out);
                rig.out.count = LK_OUTBOX_MAX - room;
                memset(rig.out.item, 0, sizeof rig.out.item);
                status = lk_eap_server_step(&rig.server, &rig.w.server_config, &event, &rig.out);
                if (status == LK_OK)
                    continue;
                assert_int_equal(rig.out.count, LK_OUTBOX_MAX - room);
                assert_memory_equal(&before, &rig.server, sizeof rig.server);
            }
        }
    }
}

/* The identity that comes must be the one that went out, octet by octet: it enters the keys, and
 * neither K_aut nor AT_CHECKCODE depends on it when it comes in EAP-Response/Identity. */
static void a_reauthentication_identity_with_another_realm_is_not_used(void **state)
{
    static const char *const changed[] = { "@wlan.examplf", "@wlan.exampl", "@WLAN.example", "",
                                           "@", "@wlan.example.", "@a!" };

    rig_prepare();
    for (size_t i = 0; i < LK_COUNT_OF(changed) + 2; i++) {
        struct lk_event event = rig_event(CONTEXT);
        char id[64] = { 0 };

        memcpy(id, rig_reauth_id, strlen(rig_reauth_id));
        if (i < LK_COUNT_OF(changed)) {
            memset(id + LK_REAUTH_USERNAME_LEN, 0, 20);
            memcpy(id + LK_REAUTH_USERNAME_LEN, changed[i], strlen(changed[i]));
        } else if (i == LK_COUNT_OF(changed)) {
            id[0] = '4'; /* the digit of the other method */
        }
        rig.w.server_config.offer_aka = false;
        lk_eap_server_init(&rig.server);
        rig_say_identity(id);
        if (rig.server.state == LK_EAP_SERVER_AWAIT_CONTEXT)
            assert_int_equal(rig_give(&event), LK_OK);
        assert_int_equal(rig.server.state, i > LK_COUNT_OF(changed) ? LK_EAP_SERVER_AWAIT_REAUTH
                                                               : LK_EAP_SERVER_AWAIT_IDENTITY);
    }
}

/* A vector of the other kind, or with a RES that no clause knows, is not used. */
static void vectors_that_do_not_fit_are_refused(void **state)
{
    static const size_t lengths[] = { 0, 3, 17 };
    struct lk_event event;

    rig_prepare();
    rig_enter('V');
    event = rig_event(VECTOR);
    event.vector.keys = LK_VECTOR_CK_IK;
    assert_int_equal(rig_give(&event), LK_E_VALUE);
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        event = rig_event(VECTOR);
        event.vector.xres_len = lengths[i];
        assert_int_equal(rig_give(&event), LK_E_VALUE);
    }
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_VECTOR);
}

static void other_reasons_of_the_vault_are_kept(void **state)
{
    struct lk_event event;

    rig_prepare();
    for (int reason = 0; reason < LK_REASON_COUNT; reason++) {
        rig_enter('V');
        event = rig_event(NO_VECTOR);
        event.no_vector = (enum lk_reason)reason;
        rig.w.server_config.hide_unknown = false;
        assert_int_equal(rig_give(&event), LK_OK);
        assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
        assert_int_equal(rig.server.refusal.reason,
                         reason == 0 ? LK_REASON_VAULT_UNAVAILABLE : (enum lk_reason)reason);
    }
}

/* ---- published packets ---- */

static void load(const json_t *file, const char *path, void *to, size_t len)
{
    struct vector_octets octets = vector_hex(file, path);

    assert_int_equal(octets.len, len);
    memcpy(to, octets.at, len);
}

static void set_identity(const char *text)
{
    rig.server.identity_len = (uint8_t)strlen(text);
    memcpy(rig.server.identity, text, rig.server.identity_len);
}

static enum lk_status give_published(const json_t *file, size_t index)
{
    struct vector_octets octets =
        vector_hex(json_array_get(vectors_list(file, "packets"), index), "hex");
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = vector_span(&octets);
    return rig_give(&event);
}

/* spec: RFC 9048 3.3 - the published answer yields the published keys. */
static void the_published_response_is_granted_its_keys(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *challenge = json_array_get(vectors_list(file, "packets"), 2);
    const struct lk_output *grant;

    rig_prepare();
    lk_eap_server_init(&rig.server);
    rig.server.state = LK_EAP_SERVER_AWAIT_CHALLENGE;
    rig.server.type = LK_EAP_AKA_PRIME;
    rig.server.id = 2;
    set_identity(vector_text(file, "inputs.permanent_identity"));
    load(file, "inputs.rand", rig.server.rand, 16);
    load(file, "inputs.autn", rig.server.autn, 16);
    load(file, "inputs.res", rig.server.xres, 8);
    rig.server.xres_len = 8;
    load(file, "keys.ck_prime", rig.server.ck_prime.octets, 16);
    load(file, "keys.ik_prime", rig.server.ik_prime.octets, 16);
    load(challenge, "checkcode", rig.server.checkcode, 32);
    rig.server.checkcode_len = 32;
    assert_int_equal(give_published(file, 3), LK_OK);
    grant = lk_outbox_find(&rig.out, LK_OUT_GRANT);
    assert_non_null(grant);
    assert_vector(file, "keys.msk", grant->grant.msk.octets, 64);
    assert_vector(file, "keys.emsk", grant->grant.emsk.octets, 64);
    assert_true(lk_span_equal(lk_outbox_find(&rig.out, LK_OUT_SEND)->send,
                              lk_span_of("\x03\x02\x00\x04", 4)));
    json_decref(file);
}

/* spec: RFC 4187 9.8 - the MAC of the published answer covers NONCE_S. */
static void the_published_reauthentication_is_granted_its_keys(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const struct lk_output *grant;

    rig_prepare();
    for (size_t index = 9; index <= 10; index++) { /* 7 and 7a */
        lk_eap_server_init(&rig.server);
        rig.server.state = LK_EAP_SERVER_AWAIT_REAUTH;
        rig.server.type = LK_EAP_AKA_PRIME;
        rig.server.id = 4;
        rig.server.fast = true;
        rig.server.counter = 1;
        rig.server.k_aut.len = 32;
        set_identity(vector_text(file, "reauth_keys.identity"));
        load(file, "keys.k_encr", rig.server.k_encr.octets, 16);
        load(file, "keys.k_aut", rig.server.k_aut.octets, 32);
        load(file, "keys.k_re", rig.server.k_re.octets, 32);
        load(file, "reauth_keys.nonce_s", rig.server.nonce_s, 16);
        assert_int_equal(give_published(file, index), LK_OK);
        grant = lk_outbox_find(&rig.out, LK_OUT_GRANT);
        if (index == 10) { /* counter too small: a full authentication begins */
            assert_null(grant);
            assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_VECTOR);
            continue;
        }
        assert_non_null(grant);
        assert_vector(file, "reauth_keys.msk", grant->grant.msk.octets, 64);
        assert_vector(file, "reauth_keys.emsk", grant->grant.emsk.octets, 64);
    }
    json_decref(file);
}

/* ---- snapshots ---- */

static void what_does_not_await_the_peer_is_not_packed(void **state)
{
    static const char states[] = "SCVDF";
    uint8_t room[LK_EAP_SNAPSHOT_MAX];

    rig_prepare();
    for (size_t i = 0; i < strlen(states); i++) {
        struct lk_writer writer = lk_writer_of(room, sizeof room);

        rig_enter(states[i]);
        assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_E_UNEXPECTED);
    }
}

static void every_cut_of_a_snapshot_is_refused(void **state)
{
    static const char states[] = "IHRNn";
    uint8_t room[LK_EAP_SNAPSHOT_MAX + 1];
    struct lk_eap_server back, empty;

    rig_prepare();
    lk_eap_server_init(&empty);
    for (size_t i = 0; i < strlen(states); i++) {
        struct lk_writer writer = lk_writer_of(room, sizeof room);
        struct lk_reader reader;

        rig_enter(states[i]);
        assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_OK);
        for (size_t len = 0; len < writer.len; len++) {
            struct lk_writer small = lk_writer_of(room, len);

            reader = lk_reader_of(lk_span_of(room, len));
            assert_int_not_equal(lk_eap_server_unpack(&back, &reader), LK_OK);
            assert_memory_equal(&back, &empty, sizeof back);
            assert_int_equal(lk_eap_server_pack(&rig.server, &small), LK_E_FULL);
        }
        writer = lk_writer_of(room, sizeof room);
        assert_int_equal(lk_eap_server_pack(&rig.server, &writer), LK_OK);
        room[writer.len] = 0;
        reader = lk_reader_of(lk_span_of(room, writer.len + 1));
        assert_int_not_equal(lk_eap_server_unpack(&back, &reader), LK_OK);
    }
}

/* What is known of the defaults and the drawing. */
static void the_drawing_names_every_rule(void **state)
{
    struct lk_rule_view rule;

    for (size_t i = 0; lk_rule_show(&rule, &lk_eap_server_rules, i); i++) {
        assert_non_null(rule.on);
        assert_non_null(rule.act);
        assert_non_null(strstr(rule.clause, "RFC "));
        assert_true(rule.may_enter != 0 && rule.may_enter < 1u << LK_EAP_SERVER_STATE_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(responses_to_something_else_are_dropped),
        cmocka_unit_test(a_full_outbox_changes_nothing),
        cmocka_unit_test(a_reauthentication_identity_with_another_realm_is_not_used),
        cmocka_unit_test(vectors_that_do_not_fit_are_refused),
        cmocka_unit_test(other_reasons_of_the_vault_are_kept),
        cmocka_unit_test(the_published_response_is_granted_its_keys),
        cmocka_unit_test(the_published_reauthentication_is_granted_its_keys),
        cmocka_unit_test(what_does_not_await_the_peer_is_not_packed),
        cmocka_unit_test(every_cut_of_a_snapshot_is_refused),
        cmocka_unit_test(the_drawing_names_every_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
