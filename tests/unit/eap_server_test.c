/* proto/eap/server: every state meets every event; published packets; snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "eap_world.h"
#include "proto/eap/server_parts.h"
#include "vectors.h"

/* ---- every state meets every event ---- */

enum what {
    EAP_IDENTITY, NAK, IDENTITY, CHALLENGE, KDF, REJECT, SYNC, REAUTH, NOTIFICATION, CLIENT_ERROR,
    MALFORMED, REQUEST, SUCCESS, VECTOR, NO_VECTOR, CONTEXT, NO_CONTEXT, START, EXPIRED, CARD,
    WHAT_COUNT
};

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

static struct world w; /* for its configuration, vectors and contexts; it never runs here */
static struct lk_eap_server server;
static struct lk_outbox out;

static enum lk_status give(struct lk_event *event)
{
    world_entropy(&w, event);
    lk_outbox_empty(&out);
    return lk_eap_server_step(&server, &w.server_config, event, &out);
}

static enum lk_status give_packet(struct lk_writer *writer)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = lk_writer_span(writer);
    return give(&event);
}

static const char permanent[] = "6001010000000001@wlan.example";
static char reauth_id[64]; /* what a server whose K_aut is zeroes would have issued */
static struct lk_reauth_context context;

static void issue_reauth_id(void)
{
    struct lk_eap_server issuer;

    lk_eap_server_init(&issuer);
    issuer.type = LK_EAP_AKA_PRIME;
    issuer.identity_len = sizeof permanent - 1;
    memcpy(issuer.identity, permanent, sizeof permanent - 1);
    memset(&context, 0, sizeof context);
    context.eap_type = LK_EAP_AKA_PRIME;
    context.imsi = w.peer_config.imsi;
    context.k_aut.len = 32;
    lk_eap_server_next_name(context.name, &issuer, &context.k_aut);
    lk_reauth_name_make(reauth_id, LK_EAP_AKA_PRIME, context.name);
    memcpy(reauth_id + LK_REAUTH_USERNAME_LEN, "@wlan.example", 14);
}

static void prepare(void)
{
    world_init(&w);
    issue_reauth_id();
}

static struct lk_writer packet_of(enum what what)
{
    static uint8_t room[512];
    static const enum lk_at empty = LK_AT_RESULT_IND;
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_eap_keys keys = { .k_aut = server.k_aut, .k_encr = server.k_encr };
    uint8_t block[16] = { 0 };
    struct lk_writer inner = lk_writer_of(block, sizeof block);
    static const uint8_t auts[LK_AUTS_LEN];

    if (server.type != 0 && !server.fast)
        lk_eap_server_keys(&server, &keys);
    lk_aka_put_u16(&inner, LK_AT_COUNTER, server.counter);
    lk_aka_put_padding(&inner);
    if (what == EAP_IDENTITY) {
        lk_eap_put_identity(&writer, LK_EAP_RESPONSE, server.id, lk_span_text(permanent));
        return writer;
    }
    if (what == NAK) {
        lk_eap_begin(&writer, LK_EAP_RESPONSE, server.id, LK_EAP_NAK);
        lk_put_u8(&writer, LK_EAP_AKA);
        lk_eap_finish(&writer);
        return writer;
    }
    if (what == SUCCESS) {
        lk_eap_put_result(&writer, LK_EAP_SUCCESS, server.id);
        return writer;
    }
    static const uint8_t subtypes[] = {
        [IDENTITY] = LK_AKA_IDENTITY, [CHALLENGE] = LK_AKA_CHALLENGE, [KDF] = LK_AKA_CHALLENGE,
        [REJECT] = LK_AKA_AUTHENTICATION_REJECT, [SYNC] = LK_AKA_SYNCHRONIZATION_FAILURE,
        [REAUTH] = LK_AKA_REAUTHENTICATION, [NOTIFICATION] = LK_AKA_NOTIFICATION,
        [CLIENT_ERROR] = LK_AKA_CLIENT_ERROR, [MALFORMED] = 99, [REQUEST] = LK_AKA_IDENTITY };
    lk_aka_begin(&writer, what == REQUEST ? LK_EAP_REQUEST : LK_EAP_RESPONSE, server.id,
                 server.type != 0 ? server.type : LK_EAP_AKA_PRIME, subtypes[what]);
    if (what == IDENTITY)
        lk_aka_put_text(&writer, LK_AT_IDENTITY, lk_span_text(permanent));
    if (what == CHALLENGE)
        lk_aka_put_res(&writer, lk_span_of(server.xres_len > 0 ? server.xres : block, 8));
    if (what == CHALLENGE && server.result_ind)
        lk_aka_put_empty(&writer, empty);
    if (what == KDF)
        lk_aka_put_u16(&writer, LK_AT_KDF, 1);
    if (what == SYNC)
        lk_aka_put_auts(&writer, LK_SPAN(auts));
    if (what == CLIENT_ERROR)
        lk_aka_put_u16(&writer, LK_AT_CLIENT_ERROR_CODE, 0);
    if (what == REQUEST)
        lk_aka_put_empty(&writer, LK_AT_ANY_ID_REQ);
    if (what == REAUTH)
        lk_aka_put_encrypted(&writer, &keys.k_encr, block, lk_writer_span(&inner));
    if (what == CHALLENGE || what == REAUTH || what == NOTIFICATION)
        lk_aka_finish_signed(&writer, server.type, &keys.k_aut,
                             what == REAUTH ? LK_SPAN(server.nonce_s) : lk_span_of(NULL, 0),
                             NULL);
    else
        lk_eap_finish(&writer);
    return writer;
}

static struct lk_event event_of(enum what what)
{
    static const enum lk_event_kind kinds[WHAT_COUNT] = {
        [VECTOR] = LK_EV_VECTOR, [NO_VECTOR] = LK_EV_NO_VECTOR, [CONTEXT] = LK_EV_REAUTH,
        [NO_CONTEXT] = LK_EV_NO_REAUTH, [START] = LK_EV_START, [EXPIRED] = LK_EV_EXPIRED,
        [CARD] = LK_EV_CARD };
    struct lk_event event = { .kind = kinds[what] };

    memset(&event.reauth, 0, sizeof event.reauth);
    if (what == VECTOR)
        world_vector(&w, &event.vector, server.type == LK_EAP_AKA_PRIME);
    if (what == NO_VECTOR)
        event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    if (what == CONTEXT)
        event.reauth = context;
    return event;
}

static enum lk_status give_what(enum what what)
{
    struct lk_writer writer;
    struct lk_event event;

    if (what < VECTOR) {
        writer = packet_of(what);
        return give_packet(&writer);
    }
    event = event_of(what);
    return give(&event);
}

static void say_identity(const char *text)
{
    uint8_t room[300];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    lk_eap_put_identity(&writer, LK_EAP_RESPONSE, 40, lk_span_text(text));
    assert_int_equal(give_packet(&writer), LK_OK);
}

/* Brings a new server into the state of that letter by the shortest way. */
static void enter(char state)
{
    lk_eap_server_init(&server);
    w.server_config.protect_success = state == 'N';
    server.id = 40;
    switch (state) {
    case 'S':
        return;
    case 'I':
        say_identity("nobody");
        return;
    case 'C':
        say_identity(reauth_id);
        return;
    case 'R':
        say_identity(reauth_id);
        assert_int_equal(give_what(CONTEXT), LK_OK);
        return;
    default:
        say_identity(permanent);
    }
    if (state == 'V')
        return;
    assert_int_equal(give_what(VECTOR), LK_OK);
    if (state == 'N' || state == 'D')
        assert_int_equal(give_what(CHALLENGE), LK_OK);
    if (state == 'n')
        assert_int_equal(give_what(MALFORMED), LK_OK);
    if (state == 'F')
        assert_int_equal(give_what(REJECT), LK_OK);
}

static void every_state_meets_every_event(void **state)
{
    prepare();
    for (size_t i = 0; i < LK_COUNT_OF(matrix); i++) {
        for (int what = 0; what < WHAT_COUNT; what++) {
            struct lk_eap_server before;
            char want = matrix[i].leads_to[what], in = matrix[i].state;
            enum lk_status status;

            enter(in);
            assert_int_equal(letters[server.state], in == 'n' ? 'N' : in);
            before = server;
            status = give_what((enum what)what);
            if (status != (want == '.' ? LK_E_UNEXPECTED : LK_OK) &&
                !(want == '.' && what == MALFORMED && status != LK_OK))
                fail_msg("in %c, event %d: %s", in, what, lk_status_name(status));
            if (want == '.') {
                assert_memory_equal(&before, &server, sizeof server);
                assert_int_equal(out.count, 0);
            } else if (letters[server.state] != want) {
                fail_msg("in %c, event %d: %s", in, what, lk_eap_server_state_name(server.state));
            }
        }
    }
}

/* spec: RFC 3748 4.1 - a response with another identifier, or of another method, is not ours. */
static void responses_to_something_else_are_dropped(void **state)
{
    static const char awaiting[] = "IHRNn";

    prepare();
    for (size_t i = 0; i < strlen(awaiting); i++) {
        for (enum what what = NAK; what <= MALFORMED; what++) {
            for (int twist = 0; twist < 2; twist++) {
                struct lk_eap_server before;
                struct lk_writer writer;

                enter(awaiting[i]);
                before = server;
                writer = packet_of(what);
                if (twist == 0)
                    writer.at[1] ^= 0x55;
                else if (what != NAK)
                    writer.at[4] = server.type == LK_EAP_AKA ? LK_EAP_AKA_PRIME : LK_EAP_AKA;
                else
                    continue;
                assert_int_not_equal(give_packet(&writer), LK_OK);
                assert_memory_equal(&before, &server, sizeof server);
            }
        }
    }
}

/* A09: an outbox without room at any point ends the step cleanly, and the machine as it was. */
static void a_full_outbox_changes_nothing(void **state)
{
    static const char from[] = "SICVHRNn";

    prepare();
    for (size_t i = 0; i < strlen(from); i++) {
        for (int what = 0; what < WHAT_COUNT; what++) {
            for (size_t room = 0; room < 3; room++) {
                struct lk_event event = { .kind = LK_EV_RECEIVED };
                struct lk_eap_server before;
                struct lk_writer writer;
                enum lk_status status;

                enter(from[i]);
                before = server;
                if (what < VECTOR) {
                    writer = packet_of((enum what)what);
                    event.received = lk_writer_span(&writer);
                } else {
                    event = event_of((enum what)what);
                }
                lk_outbox_empty(&out);
                out.count = LK_OUTBOX_MAX - room;
                memset(out.item, 0, sizeof out.item);
                status = lk_eap_server_step(&server, &w.server_config, &event, &out);
                if (status == LK_OK)
                    continue;
                assert_int_equal(out.count, LK_OUTBOX_MAX - room);
                assert_memory_equal(&before, &server, sizeof server);
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

    prepare();
    for (size_t i = 0; i < LK_COUNT_OF(changed) + 2; i++) {
        struct lk_event event = event_of(CONTEXT);
        char id[64] = { 0 };

        memcpy(id, reauth_id, strlen(reauth_id));
        if (i < LK_COUNT_OF(changed)) {
            memset(id + LK_REAUTH_USERNAME_LEN, 0, 20);
            memcpy(id + LK_REAUTH_USERNAME_LEN, changed[i], strlen(changed[i]));
        } else if (i == LK_COUNT_OF(changed)) {
            id[0] = '4'; /* the digit of the other method */
        }
        w.server_config.offer_aka = false;
        lk_eap_server_init(&server);
        say_identity(id);
        if (server.state == LK_EAP_SERVER_AWAIT_CONTEXT)
            assert_int_equal(give(&event), LK_OK);
        assert_int_equal(server.state, i > LK_COUNT_OF(changed) ? LK_EAP_SERVER_AWAIT_REAUTH
                                                               : LK_EAP_SERVER_AWAIT_IDENTITY);
    }
}

/* A vector of the other kind, or with a RES that no clause knows, is not used. */
static void vectors_that_do_not_fit_are_refused(void **state)
{
    static const size_t lengths[] = { 0, 3, 17 };
    struct lk_event event;

    prepare();
    enter('V');
    event = event_of(VECTOR);
    event.vector.prime = false;
    assert_int_equal(give(&event), LK_E_VALUE);
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        event = event_of(VECTOR);
        event.vector.xres_len = lengths[i];
        assert_int_equal(give(&event), LK_E_VALUE);
    }
    assert_int_equal(server.state, LK_EAP_SERVER_AWAIT_VECTOR);
}

static void other_reasons_of_the_vault_are_kept(void **state)
{
    struct lk_event event;

    prepare();
    for (int reason = 0; reason < LK_REASON_COUNT; reason++) {
        enter('V');
        event = event_of(NO_VECTOR);
        event.no_vector = (enum lk_reason)reason;
        w.server_config.hide_unknown = false;
        assert_int_equal(give(&event), LK_OK);
        assert_int_equal(server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
        assert_int_equal(server.refusal.reason,
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
    server.identity_len = (uint8_t)strlen(text);
    memcpy(server.identity, text, server.identity_len);
}

static enum lk_status give_published(const json_t *file, size_t index)
{
    struct vector_octets octets =
        vector_hex(json_array_get(vectors_list(file, "packets"), index), "hex");
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = vector_span(&octets);
    return give(&event);
}

/* spec: RFC 9048 3.3 - the published answer yields the published keys. */
static void the_published_response_is_granted_its_keys(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *challenge = json_array_get(vectors_list(file, "packets"), 2);
    const struct lk_output *grant;

    prepare();
    lk_eap_server_init(&server);
    server.state = LK_EAP_SERVER_AWAIT_CHALLENGE;
    server.type = LK_EAP_AKA_PRIME;
    server.id = 2;
    set_identity(vector_text(file, "inputs.permanent_identity"));
    load(file, "inputs.rand", server.rand, 16);
    load(file, "inputs.autn", server.autn, 16);
    load(file, "inputs.res", server.xres, 8);
    server.xres_len = 8;
    load(file, "keys.ck_prime", server.ck_prime.octets, 16);
    load(file, "keys.ik_prime", server.ik_prime.octets, 16);
    load(challenge, "checkcode", server.checkcode, 32);
    server.checkcode_len = 32;
    assert_int_equal(give_published(file, 3), LK_OK);
    grant = lk_outbox_find(&out, LK_OUT_GRANT);
    assert_non_null(grant);
    assert_vector(file, "keys.msk", grant->grant.msk.octets, 64);
    assert_vector(file, "keys.emsk", grant->grant.emsk.octets, 64);
    assert_true(lk_span_equal(lk_outbox_find(&out, LK_OUT_SEND)->send,
                              lk_span_of("\x03\x02\x00\x04", 4)));
    json_decref(file);
}

/* spec: RFC 4187 9.8 - the MAC of the published answer covers NONCE_S. */
static void the_published_reauthentication_is_granted_its_keys(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const struct lk_output *grant;

    prepare();
    for (size_t index = 9; index <= 10; index++) { /* 7 and 7a */
        lk_eap_server_init(&server);
        server.state = LK_EAP_SERVER_AWAIT_REAUTH;
        server.type = LK_EAP_AKA_PRIME;
        server.id = 4;
        server.fast = true;
        server.counter = 1;
        server.k_aut.len = 32;
        set_identity(vector_text(file, "reauth_keys.identity"));
        load(file, "keys.k_encr", server.k_encr.octets, 16);
        load(file, "keys.k_aut", server.k_aut.octets, 32);
        load(file, "keys.k_re", server.k_re.octets, 32);
        load(file, "reauth_keys.nonce_s", server.nonce_s, 16);
        assert_int_equal(give_published(file, index), LK_OK);
        grant = lk_outbox_find(&out, LK_OUT_GRANT);
        if (index == 10) { /* counter too small: a full authentication begins */
            assert_null(grant);
            assert_int_equal(server.state, LK_EAP_SERVER_AWAIT_VECTOR);
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

    prepare();
    for (size_t i = 0; i < strlen(states); i++) {
        struct lk_writer writer = lk_writer_of(room, sizeof room);

        enter(states[i]);
        assert_int_equal(lk_eap_server_pack(&server, &writer), LK_E_UNEXPECTED);
    }
}

static void every_cut_of_a_snapshot_is_refused(void **state)
{
    static const char states[] = "IHRNn";
    uint8_t room[LK_EAP_SNAPSHOT_MAX + 1];
    struct lk_eap_server back, empty;

    prepare();
    lk_eap_server_init(&empty);
    for (size_t i = 0; i < strlen(states); i++) {
        struct lk_writer writer = lk_writer_of(room, sizeof room);
        struct lk_reader reader;

        enter(states[i]);
        assert_int_equal(lk_eap_server_pack(&server, &writer), LK_OK);
        for (size_t len = 0; len < writer.len; len++) {
            struct lk_writer small = lk_writer_of(room, len);

            reader = lk_reader_of(lk_span_of(room, len));
            assert_int_not_equal(lk_eap_server_unpack(&back, &reader), LK_OK);
            assert_memory_equal(&back, &empty, sizeof back);
            assert_int_equal(lk_eap_server_pack(&server, &small), LK_E_FULL);
        }
        writer = lk_writer_of(room, sizeof room);
        assert_int_equal(lk_eap_server_pack(&server, &writer), LK_OK);
        room[writer.len] = 0;
        reader = lk_reader_of(lk_span_of(room, writer.len + 1));
        assert_int_not_equal(lk_eap_server_unpack(&back, &reader), LK_OK);
    }
}

/* What is known of the defaults and the drawing. */
static void the_drawing_names_every_rule(void **state)
{
    for (size_t i = 0; i < lk_eap_server_view.rule_count; i++) {
        struct lk_rule_view rule = lk_eap_server_view.rule(i);

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
