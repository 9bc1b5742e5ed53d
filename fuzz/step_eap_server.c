/* Octets become a sequence of events for the EAP server: packets raw, packets that answer the
 * request that is out, packets signed with the keys of the run, and the answers of vault and
 * store.
 *
 * Promises: a step that fails changes nothing and says nothing; keys are granted only with
 * EAP-Success and only after an answer that was signed by whoever had the keys, multi-connection
 * mode only where it was offered; what awaits the peer fits its snapshot. */
#include "fuzz.h"

#include <string.h>

#include "proto/eap/server_parts.h"

struct run {
    struct lk_eap_server server;
    struct lk_eap_server_config config;
    struct lk_reader r;
    struct lk_outbox out;
    bool proven;   /* something signed with the keys of the run went in */
    uint8_t count; /* of events: entropy */
};

static void keep_promises(const struct run *f, const struct lk_eap_server *before,
                          enum lk_status status)
{
    const struct lk_output *send = lk_outbox_find(&f->out, LK_OUT_SEND);
    struct lk_eap_packet packet;

    if (status != LK_OK) {
        LK_ASSERT(f->out.count == 0 && memcmp(before, &f->server, sizeof *before) == 0);
        return;
    }
    if (send != NULL)
        LK_ASSERT(lk_eap_decode(&packet, send->send) == LK_OK);
    if (lk_outbox_find(&f->out, LK_OUT_GRANT) != NULL)
        LK_ASSERT(f->proven && send != NULL && packet.code == LK_EAP_SUCCESS &&
                  f->server.state == LK_EAP_SERVER_DONE && !f->server.unknown);
    if (f->server.multi)
        LK_ASSERT(f->proven && f->server.mode_offered && f->server.type == LK_EAP_AKA_PRIME);
    if (lk_outbox_find(&f->out, LK_OUT_FAILED) != NULL)
        LK_ASSERT(send != NULL && packet.code == LK_EAP_FAILURE &&
                  f->server.state == LK_EAP_SERVER_FAILED);
    if (f->server.state == LK_EAP_SERVER_DONE)
        LK_ASSERT(lk_outbox_find(&f->out, LK_OUT_GRANT) != NULL);
}

static void through_snapshot(struct run *f)
{
    uint8_t octets[LK_EAP_SNAPSHOT_MAX], again[LK_EAP_SNAPSHOT_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_writer w2 = lk_writer_of(again, sizeof again);
    struct lk_reader r;

    if (!lk_eap_server_awaits_peer(&f->server))
        return;
    LK_ASSERT(lk_eap_server_pack(&f->server, &w) == LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    LK_ASSERT(lk_eap_server_unpack(&f->server, &r) == LK_OK);
    LK_ASSERT(lk_eap_server_pack(&f->server, &w2) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
}

static void step(struct run *f, struct lk_event *event)
{
    struct lk_eap_server before = f->server;
    enum lk_status status;

    memset(event->entropy, f->count++, sizeof event->entropy);
    lk_outbox_empty(&f->out);
    status = lk_eap_server_step(&f->server, &f->config, event, &f->out);
    keep_promises(f, &before, status);
}

static void receive(struct run *f, struct lk_span packet)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = packet;
    step(f, &event);
}

/* Subtype and attributes of the input under a header that answers the request, signed on demand. */
static void receive_answer(struct run *f, bool sign)
{
    uint8_t room[LK_EAP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t subtype = lk_get_u8(&f->r);
    struct lk_span attributes = lk_get_lv8(&f->r);
    struct lk_span nonce = lk_span_of(NULL, 0);
    struct lk_eap_keys keys = { .k_aut = f->server.k_aut };

    lk_aka_begin(&w, LK_EAP_RESPONSE, f->server.id, f->server.type, subtype);
    if (sign && subtype == LK_AKA_CHALLENGE)
        lk_aka_put_res(&w, lk_span_of(f->server.xres, f->server.xres_len));
    lk_put_span(&w, attributes);
    if (!sign) {
        lk_eap_finish(&w);
    } else {
        if (!f->server.fast)
            lk_eap_server_keys(&f->server, &keys);
        if (subtype == LK_AKA_REAUTHENTICATION) {
            uint8_t block[16];
            struct lk_writer inner = lk_writer_of(block, sizeof block);

            nonce = LK_SPAN(f->server.nonce_s);
            lk_aka_put_u16(&inner, LK_AT_COUNTER, f->server.counter);
            lk_aka_put_padding(&inner);
            lk_aka_put_encrypted(&w, &f->server.k_encr, block, lk_writer_span(&inner));
        }
        f->proven = f->proven || f->server.state == LK_EAP_SERVER_AWAIT_CHALLENGE ||
                    f->server.state == LK_EAP_SERVER_AWAIT_REAUTH;
        lk_aka_finish_signed(&w, f->server.type, &keys.k_aut, nonce, NULL);
    }
    if (lk_writer_end(&w) == LK_OK)
        receive(f, lk_writer_span(&w));
}

static void receive_identity(struct run *f)
{
    uint8_t room[LK_EAP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t id = lk_get_u8(&f->r); /* before the text, whatever the compiler's order */

    lk_eap_put_identity(&w, LK_EAP_RESPONSE, id, lk_get_lv8(&f->r));
    receive(f, lk_writer_span(&w));
}

static void answer_vector(struct run *f)
{
    struct lk_event event = { .kind = LK_EV_VECTOR };

    memset(&event.vector, 0x5a, sizeof event.vector);
    event.vector.xres_len = lk_get_u8(&f->r) % 20;
    event.vector.keys =
        f->server.type == LK_EAP_AKA_PRIME ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    step(f, &event);
}

/* What the server would have issued under a K_aut of zeroes, to "6001010000000001@x.example". */
static void issue_context(struct lk_reauth_context *context, uint8_t eap_type)
{
    static const char before[] = "6001010000000001@x.example";
    struct lk_eap_server issuer;

    memset(context, 0, sizeof *context);
    context->eap_type = eap_type;
    context->k_aut.len = eap_type == LK_EAP_AKA_PRIME ? 32 : 16;
    memcpy(context->imsi.digits, "001010000000001", 16);
    lk_eap_server_init(&issuer);
    memcpy(issuer.identity, before, sizeof before - 1);
    issuer.identity_len = sizeof before - 1;
    lk_eap_server_next_name(context->name, &issuer, &context->k_aut);
}

static void receive_issued_identity(struct run *f)
{
    uint8_t room[LK_EAP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t type = lk_get_u8(&f->r) % 2 ? LK_EAP_AKA : LK_EAP_AKA_PRIME;
    char text[LK_REAUTH_USERNAME_LEN + 10];
    struct lk_reauth_context context;

    issue_context(&context, type);
    lk_reauth_name_make(text, type, context.name);
    memcpy(text + LK_REAUTH_USERNAME_LEN, "@x.example", 10);
    lk_eap_put_identity(&w, LK_EAP_RESPONSE, 1, LK_SPAN(text));
    receive(f, lk_writer_span(&w));
}

static void answer_context(struct run *f)
{
    struct lk_event event = { .kind = LK_EV_REAUTH };

    issue_context(&event.reauth, f->server.type);
    event.reauth.counter = lk_get_be16(&f->r);
    step(f, &event);
}

static void answer_no(struct run *f, enum lk_event_kind kind)
{
    struct lk_event event = { .kind = kind };

    event.no_vector = (enum lk_reason)(lk_get_u8(&f->r) % LK_REASON_COUNT);
    step(f, &event);
}

static void configure(struct run *f, uint8_t bits)
{
    uint8_t key[LK_SIV_KEY_LEN] = { 1 };

    lk_eap_server_defaults(&f->config);
    f->config.offer_aka = (bits & 1) == 0;
    f->config.offer_aka_prime = (bits & 2) == 0;
    f->config.protect_success = (bits & 4) != 0;
    f->config.ask_identity = (bits & 8) != 0;
    f->config.hide_unknown = (bits & 16) == 0;
    f->config.kdf_count = (bits & 32) != 0 ? 2 : 0;
    f->config.kdf[0] = 7;
    f->config.kdf[1] = 1;
    lk_siv_set_key(&f->config.pseudonym_keys[0].key, key);
    f->config.pseudonym_keys[0].set = (bits & 64) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;

    memset(&f, 0, sizeof f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    lk_eap_server_init(&f.server);
    configure(&f, lk_get_u8(&f.r));
    while (f.r.left > 0) {
        uint8_t what = lk_get_u8(&f.r);

        f.server.access.modes = what / 10 & LK_TWAN_MODES;
        f.server.access.twag.has_ipv4 = what / 10 >= 8;
        switch (what % 10) {
        case 0: receive(&f, lk_get_lv8(&f.r)); break;
        case 1: receive_identity(&f); break;
        case 2: receive_answer(&f, false); break;
        case 3: receive_answer(&f, true); break;
        case 4: answer_vector(&f); break;
        case 5: answer_no(&f, LK_EV_NO_VECTOR); break;
        case 6: answer_context(&f); break;
        case 7: answer_no(&f, LK_EV_NO_REAUTH); break;
        case 8: through_snapshot(&f); break;
        default: receive_issued_identity(&f); break;
        }
    }
    return 0;
}
