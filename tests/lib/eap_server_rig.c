#include "eap_server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct rig rig;

enum lk_status rig_give(struct lk_event *event)
{
    world_entropy(&rig.w, event);
    lk_outbox_empty(&rig.out);
    return lk_eap_server_step(&rig.server, &rig.w.server_config, event, &rig.out);
}

enum lk_status rig_give_packet(struct lk_writer *writer)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = lk_writer_span(writer);
    return rig_give(&event);
}

const char rig_permanent[] = "6001010000000001@wlan.example";
char rig_reauth_id[64];

static void issue_reauth_id(void)
{
    struct lk_eap_server issuer;

    lk_eap_server_init(&issuer);
    issuer.type = LK_EAP_AKA_PRIME;
    issuer.identity_len = sizeof rig_permanent - 1;
    memcpy(issuer.identity, rig_permanent, sizeof rig_permanent - 1);
    memset(&rig.context, 0, sizeof rig.context);
    rig.context.eap_type = LK_EAP_AKA_PRIME;
    rig.context.imsi = rig.w.peer_config.imsi;
    rig.context.k_aut.len = 32;
    lk_eap_server_next_name(rig.context.name, &issuer, &rig.context.k_aut);
    lk_reauth_name_make(rig_reauth_id, LK_EAP_AKA_PRIME, rig.context.name);
    memcpy(rig_reauth_id + LK_REAUTH_USERNAME_LEN, "@wlan.example", 14);
}

void rig_prepare(void)
{
    world_init(&rig.w);
    issue_reauth_id();
}

struct lk_writer rig_packet(enum rig_what what)
{
    static uint8_t room[512];
    static const enum lk_at empty = LK_AT_RESULT_IND;
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_eap_keys keys = { .k_aut = rig.server.k_aut, .k_encr = rig.server.k_encr };
    uint8_t block[16] = { 0 };
    struct lk_writer inner = lk_writer_of(block, sizeof block);
    static const uint8_t auts[LK_AUTS_LEN];

    if (rig.server.type != 0 && !rig.server.fast)
        lk_eap_server_keys(&rig.server, &keys);
    lk_aka_put_u16(&inner, LK_AT_COUNTER, rig.server.counter);
    lk_aka_put_padding(&inner);
    if (what == EAP_IDENTITY) {
        lk_eap_put_identity(&writer, LK_EAP_RESPONSE, rig.server.id, lk_span_text(rig_permanent));
        return writer;
    }
    if (what == NAK) {
        lk_eap_begin(&writer, LK_EAP_RESPONSE, rig.server.id, LK_EAP_NAK);
        lk_put_u8(&writer, LK_EAP_AKA);
        lk_eap_finish(&writer);
        return writer;
    }
    if (what == SUCCESS) {
        lk_eap_put_result(&writer, LK_EAP_SUCCESS, rig.server.id);
        return writer;
    }
    static const uint8_t subtypes[] = {
        [IDENTITY] = LK_AKA_IDENTITY, [CHALLENGE] = LK_AKA_CHALLENGE, [KDF] = LK_AKA_CHALLENGE,
        [REJECT] = LK_AKA_AUTHENTICATION_REJECT, [SYNC] = LK_AKA_SYNCHRONIZATION_FAILURE,
        [REAUTH] = LK_AKA_REAUTHENTICATION, [NOTIFICATION] = LK_AKA_NOTIFICATION,
        [CLIENT_ERROR] = LK_AKA_CLIENT_ERROR, [MALFORMED] = 99, [REQUEST] = LK_AKA_IDENTITY };
    lk_aka_begin(&writer, what == REQUEST ? LK_EAP_REQUEST : LK_EAP_RESPONSE, rig.server.id,
                 rig.server.type != 0 ? rig.server.type : LK_EAP_AKA_PRIME, subtypes[what]);
    if (what == IDENTITY)
        lk_aka_put_text(&writer, LK_AT_IDENTITY, lk_span_text(rig_permanent));
    if (what == CHALLENGE)
        lk_aka_put_res(&writer, lk_span_of(rig.server.xres_len > 0 ? rig.server.xres : block, 8));
    if (what == CHALLENGE && rig.server.result_ind)
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
        lk_aka_finish_signed(&writer, rig.server.type, &keys.k_aut,
                             what == REAUTH ? LK_SPAN(rig.server.nonce_s) : lk_span_of(NULL, 0),
                             NULL);
    else
        lk_eap_finish(&writer);
    return writer;
}

struct lk_event rig_event(enum rig_what what)
{
    static const enum lk_event_kind kinds[WHAT_COUNT] = {
        [VECTOR] = LK_EV_VECTOR, [NO_VECTOR] = LK_EV_NO_VECTOR, [CONTEXT] = LK_EV_REAUTH,
        [NO_CONTEXT] = LK_EV_NO_REAUTH, [START] = LK_EV_START, [EXPIRED] = LK_EV_EXPIRED,
        [CARD] = LK_EV_CARD };
    struct lk_event event = { .kind = kinds[what] };

    memset(&event.reauth, 0, sizeof event.reauth);
    if (what == VECTOR)
        world_vector(&rig.w, &event.vector, rig.server.type == LK_EAP_AKA_PRIME);
    if (what == NO_VECTOR)
        event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    if (what == CONTEXT)
        event.reauth = rig.context;
    return event;
}

enum lk_status rig_give_what(enum rig_what what)
{
    struct lk_writer writer;
    struct lk_event event;

    if (what < VECTOR) {
        writer = rig_packet(what);
        return rig_give_packet(&writer);
    }
    event = rig_event(what);
    return rig_give(&event);
}

void rig_say_identity(const char *text)
{
    uint8_t room[300];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    lk_eap_put_identity(&writer, LK_EAP_RESPONSE, 40, lk_span_text(text));
    assert_int_equal(rig_give_packet(&writer), LK_OK);
}

/* Brings a new server into the state of that letter by the shortest way. */
void rig_enter(char state)
{
    lk_eap_server_init(&rig.server);
    rig.w.server_config.protect_success = state == 'N';
    rig.server.id = 40;
    switch (state) {
    case 'S':
        return;
    case 'I':
        rig_say_identity("nobody");
        return;
    case 'C':
        rig_say_identity(rig_reauth_id);
        return;
    case 'R':
        rig_say_identity(rig_reauth_id);
        assert_int_equal(rig_give_what(CONTEXT), LK_OK);
        return;
    default:
        rig_say_identity(rig_permanent);
    }
    if (state == 'V')
        return;
    assert_int_equal(rig_give_what(VECTOR), LK_OK);
    if (state == 'N' || state == 'D')
        assert_int_equal(rig_give_what(CHALLENGE), LK_OK);
    if (state == 'n')
        assert_int_equal(rig_give_what(MALFORMED), LK_OK);
    if (state == 'F')
        assert_int_equal(rig_give_what(REJECT), LK_OK);
}
