#include "mis_auth_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

enum { LIFETIME_S = 3600, ERP_LIFETIME_MS = 7200000 };

struct auth_world auth;
static struct {
    size_t len;
    uint8_t at[LK_EAP_PACKET_MAX];
} packet; /* the last that a machine of EAP sent */

static bool capture(struct world *w, bool to_peer, uint8_t *octets, size_t *len)
{
    packet.len = *len;
    memcpy(packet.at, octets, *len);
    return false;
}

static void entropy(uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)((auth.entropy * 2654435761u) >> (i % 4 * 8) ^ i * 91);
    auth.entropy++;
}

/* ---- ends ---- */

static struct auth_end *end_of(bool mn)
{
    return mn ? &auth.mn : &auth.pos;
}

static void open_end(bool mn, const char *name)
{
    struct auth_end *end = end_of(mn);

    memset(end, 0, sizeof *end);
    lk_mis_auth_defaults(&end->config);
    assert_true(lk_mis_name_set(&end->config.self, lk_span_text(name)));
}

void auth_again(bool udp)
{
    struct lk_event start = { .kind = LK_EV_START };
    struct lk_outbox out;
    struct lk_mis_auth_config mn = auth.mn.config, pos = auth.pos.config;

    open_end(true, AUTH_MN);
    open_end(false, AUTH_POS);
    auth.mn.config = mn;
    auth.pos.config = pos;
    auth.count = 0;
    auth.frames = auth.home_rounds = 0;
    auth.meddle = NULL;
    lk_mis_exchange_init(&auth.mn.x, auth.mn.place, AUTH_PLACES, udp, (uint16_t)auth.entropy);
    lk_mis_exchange_init(&auth.pos.x, auth.pos.place, AUTH_PLACES, udp, 77);
    assert_int_equal(lk_mis_mn_auth_init(&auth.mn_auth, lk_span_text(AUTH_POS)), LK_OK);
    assert_int_equal(lk_mis_pos_auth_init(&auth.pos_auth, lk_span_text(AUTH_MN)), LK_OK);
    auth.eap.packets = 0;
    auth.eap.peer_grants = auth.eap.server_grants = 0;
    auth.eap.peer_fails = auth.eap.server_fails = 0;
    lk_eap_server_init(&auth.eap.server);
    lk_outbox_empty(&out);
    assert_int_equal(lk_eap_peer_step(&auth.eap.peer, &auth.eap.peer_config, &start, &out), LK_OK);
}

void auth_open(bool udp)
{
    memset(&auth, 0, sizeof auth);
    world_init(&auth.eap);
    auth.eap.peer_config.use_reauth = false; /* ERP is what comes next */
    auth.eap.meddle = capture;
    auth.erp_run = LK_MIS_RUN_ERP_HOME;
    lk_erp_peer_init(&auth.erp_peer);
    lk_erp_server_init(&auth.erp_server);
    lk_erp_peer_defaults(&auth.erp_peer_config);
    lk_erp_server_defaults(&auth.erp_server_config);
    auth.erp_peer_config.realm = auth.erp_server_config.realm = lk_span_text("home.example");
    auth.erp_peer_config.retry_ms = 0; /* the exchange repeats */
    auth.now_ms = 1000000;
    open_end(true, AUTH_MN);
    open_end(false, AUTH_POS);
    auth_again(udp);
}

/* ---- frames ---- */

static void put_frame(bool to_mn, struct lk_span octets)
{
    struct auth_frame *frame = &auth.way[auth.count++];

    assert_true(auth.count <= AUTH_WAY && octets.len <= sizeof frame->at);
    frame->to_mn = to_mn;
    frame->len = octets.len;
    memcpy(frame->at, octets.at, octets.len);
    auth.frames++;
}

/* Writes and protects. An SA that is over still serves to say so. */
static struct lk_span write_pdu(bool mn, const struct lk_mis_header *header, struct lk_span list)
{
    static uint8_t octets[AUTH_FRAME_MAX];
    static const uint8_t iv[LK_MIS_IV_LEN];
    struct auth_end *end = end_of(mn);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_pdu pdu = { .header = *header, .body = list,
                              .source = lk_span_text(mn ? AUTH_MN : AUTH_POS),
                              .destination = lk_span_text(mn ? AUTH_POS : AUTH_MN) };

    if (header->secured)
        assert_int_equal(lk_mis_protect(&end->sa, &w, header, list, iv, auth.now_ms,
                                        &end->config.codes), LK_OK);
    else
        assert_int_equal(lk_mis_encode(&w, &pdu, &end->config.codes), LK_OK);
    return lk_writer_span(&w);
}

static void send(bool mn, const struct lk_mis_auth_output *out)
{
    struct auth_end *end = end_of(mn);
    struct lk_mis_header header = out->send.header, request = out->send.header;
    struct lk_span octets;

    if (lk_mis_opcode_of(header.id) == LK_MIS_RESPONSE) {
        request.id = (uint16_t)((header.id & ~0x0c00) | LK_MIS_REQUEST << 10);
        if (lk_mis_exchange_answer(&end->x, &header, &request) != LK_OK)
            return;
    } else {
        if (lk_mis_exchange_begin(&end->x, &header, out->send.header.id) != LK_OK)
            return;
        header.secured = out->send.header.secured;
    }
    octets = write_pdu(mn, &header, out->send.list);
    assert_int_equal(lk_mis_exchange_sent(&end->x, &header, octets, auth.now_ms), LK_OK);
    put_frame(!mn, octets);
}

/* ---- EAP and ERP beside the MN ---- */

static void mn_keys(const struct lk_mis_k *k, enum lk_mis_run run)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_KEYS,
                                       .keys = { .k = k, .run = run, .lifetime_s = LIFETIME_S } };

    (void)!auth_mn(&event);
}

static void mn_says(void)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP,
                                       .eap = lk_span_of(packet.at, packet.len) };

    (void)!auth_mn(&event);
}

static void mn_gives_up(void)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_REFUSED };

    event.refused.why = auth.eap.peer_refusal;
    (void)!auth_mn(&event);
}

static struct lk_erp_context context_of(const struct lk_grant *grant)
{
    struct lk_erp_context context = { .imsi = grant->imsi,
                                      .expires_ms = auth.now_ms + ERP_LIFETIME_MS };

    lk_emsk_name(context.name, LK_SPAN(grant->session_id.octets));
    lk_rrk_of_emsk(&context.rrk, &grant->emsk);
    return context;
}

static void mn_eap(struct lk_span octets)
{
    struct lk_erp_peer_event context = { .kind = LK_ERP_PEER_EV_CONTEXT, .now_ms = auth.now_ms };
    struct lk_erp_outbox out;
    struct lk_mis_k k;

    packet.len = 0;
    (void)!world_to_peer(&auth.eap, octets);
    if (auth.eap.peer_grants > 0) {
        auth.eap.peer_grants = 0;
        context.context = context_of(&auth.eap.peer_grant);
        assert_int_equal(lk_erp_peer_step(&auth.erp_peer, &auth.erp_peer_config, &context, &out),
                         LK_OK);
        lk_mis_k_of_emsk(&k, &auth.eap.peer_grant.emsk, OF_POS);
        mn_keys(&k, LK_MIS_RUN_FULL);
    } else if (packet.len > 0) {
        mn_says();
    } else {
        mn_gives_up();
    }
}

static void mn_erp(struct lk_span octets)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_RECEIVED, .now_ms = auth.now_ms,
                                       .received = octets };
    const struct lk_erp_output *found;
    struct lk_erp_outbox out;
    struct lk_mis_k k;

    packet.len = 0;
    if (lk_erp_peer_step(&auth.erp_peer, &auth.erp_peer_config, &event, &out) == LK_OK) {
        found = lk_erp_outbox_find(&out, LK_ERP_OUT_GRANT);
        if (found != NULL) {
            lk_mis_k_of_rmsk(&k, &found->grant.rmsk, OF_POS);
            mn_keys(&k, auth.erp_run);
            return;
        }
        found = lk_erp_outbox_find(&out, LK_ERP_OUT_SEND);
        if (found != NULL) {
            packet.len = found->send.len;
            memcpy(packet.at, found->send.at, packet.len);
        }
    }
    if (octets.at[0] == LK_ERP_INITIATE)
        mn_says();
    else
        mn_gives_up();
}

/* ---- the home beside the PoS ---- */

static void home_accepts(const struct lk_mis_k *right, enum lk_mis_run run)
{
    struct lk_mis_k k = *right;
    struct lk_mis_auth_event event = {
        .kind = LK_MIS_AUTH_EV_KEYS,
        .keys = { .k = &k, .run = run, .lifetime_s = LIFETIME_S,
                  .eap = lk_span_of(packet.at, packet.len),
                  .start_mark = lk_span_of(auth.mark, auth.mark_len) } };

    k.octets[0] ^= auth.other_k;
    (void)!auth_pos(&event);
}

static void home_refuses(struct lk_refusal why)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_REFUSED };

    event.refused.why = why;
    event.refused.eap = lk_span_of(packet.at, packet.len);
    (void)!auth_pos(&event);
}

static void home_eap(struct lk_span octets)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP };
    struct lk_mis_k k;

    packet.len = 0;
    (void)!world_to_server(&auth.eap, octets);
    event.eap = lk_span_of(packet.at, packet.len);
    if (auth.eap.server_grants > 0) {
        auth.eap.server_grants = 0;
        auth.erp_context = context_of(&auth.eap.server_grant);
        auth.home_has_erp = true;
        lk_mis_k_of_emsk(&k, &auth.eap.server_grant.emsk, OF_POS);
        home_accepts(&k, LK_MIS_RUN_FULL);
    } else if (auth.eap.server_fails > 0) {
        auth.eap.server_fails = 0;
        home_refuses(auth.eap.server_refusal);
    } else if (packet.len > 0) {
        (void)!auth_pos(&event);
    } /* else the home says nothing to it */
}

static void home_erp(struct lk_span octets)
{
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_RECEIVED, .now_ms = auth.now_ms,
                                         .received = { octets, lk_span_text(AUTH_POS) } };
    const struct lk_erp_output *found;
    struct lk_erp_outbox out;
    struct lk_mis_k k;

    packet.len = 0;
    if (auth.home_is_silent)
        home_refuses(lk_refusal_of(LK_REASON_MIS_AAA_SILENT, NULL, NULL));
    if (auth.home_is_silent ||
        lk_erp_server_step(&auth.erp_server, &auth.erp_server_config, &event, &out) != LK_OK)
        return;
    found = lk_erp_outbox_find(&out, LK_ERP_OUT_ASK);
    if (found != NULL) {
        event = (struct lk_erp_server_event){ .kind = LK_ERP_SERVER_EV_NO_CONTEXT,
                                              .now_ms = auth.now_ms };
        if (auth.home_has_erp &&
            lk_span_equal(LK_SPAN(found->ask), LK_SPAN(auth.erp_context.name))) {
            event.kind = LK_ERP_SERVER_EV_CONTEXT;
            event.context = auth.erp_context;
        }
        assert_int_equal(lk_erp_server_step(&auth.erp_server, &auth.erp_server_config, &event,
                                            &out), LK_OK);
    }
    found = lk_erp_outbox_find(&out, LK_ERP_OUT_KEEP);
    if (found != NULL)
        auth.erp_context = found->keep;
    found = lk_erp_outbox_find(&out, LK_ERP_OUT_SEND);
    if (found != NULL) {
        packet.len = found->send.len;
        memcpy(packet.at, found->send.at, packet.len);
    }
    found = lk_erp_outbox_find(&out, LK_ERP_OUT_GRANT);
    if (found == NULL) {
        home_refuses(lk_erp_outbox_find(&out, LK_ERP_OUT_FAILED)->failed);
        return;
    }
    lk_mis_k_of_rmsk(&k, &found->grant.rmsk, OF_POS);
    home_accepts(&k, auth.erp_run);
}

/* ---- steps ---- */

static void note(bool mn, const struct lk_mis_auth_output *item)
{
    struct auth_end *end = end_of(mn);

    switch (item->kind) {
    case LK_MIS_AUTH_OUT_SEND: send(mn, item); break;
    case LK_MIS_AUTH_OUT_EAP: break; /* goes last */
    case LK_MIS_AUTH_OUT_SA:
        end->sas++;
        end->sa = item->sa.sa;
        end->run = item->sa.run;
        end->mark_len = item->sa.mark_len;
        memcpy(end->mark, item->sa.mark, item->sa.mark_len);
        break;
    case LK_MIS_AUTH_OUT_TIMER: end->timer_ms = item->timer_ms; break;
    case LK_MIS_AUTH_OUT_FAILED:
        end->failures++;
        end->failed = item->failed.why.reason;
        end->told = item->failed.told;
        end->why = item->failed.why;
        break;
    }
}

const struct lk_mis_auth_output *auth_find(const struct lk_mis_auth_outbox *out,
                                           enum lk_mis_auth_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

static enum lk_status obey(bool mn, enum lk_status status)
{
    struct auth_end *end = end_of(mn);
    const struct lk_mis_auth_output *eap = auth_find(&end->out, LK_MIS_AUTH_OUT_EAP);
    uint8_t octets[LK_EAP_PACKET_MAX];
    size_t len = 0;

    end->status = status;
    if (status != LK_OK) {
        assert_int_equal(end->out.count, 0);
        return status;
    }
    if (eap != NULL) {
        len = eap->eap.len;
        memcpy(octets, eap->eap.at, len);
    }
    for (size_t i = 0; i < end->out.count; i++)
        note(mn, &end->out.item[i]);
    if (len == 0)
        return status;
    auth.home_rounds += !mn;
    if (octets[0] == LK_ERP_INITIATE || octets[0] == LK_ERP_FINISH)
        (mn ? mn_erp : home_erp)(lk_span_of(octets, len));
    else
        (mn ? mn_eap : home_eap)(lk_span_of(octets, len));
    return status;
}

enum lk_status auth_mn(struct lk_mis_auth_event *event)
{
    event->now_ms = auth.now_ms;
    entropy(event->entropy, sizeof event->entropy);
    return obey(true, lk_mis_mn_auth_step(&auth.mn_auth, &auth.mn.config, event, &auth.mn.out));
}

enum lk_status auth_pos(struct lk_mis_auth_event *event)
{
    event->now_ms = auth.now_ms;
    entropy(event->entropy, sizeof event->entropy);
    return obey(false,
                lk_mis_pos_auth_step(&auth.pos_auth, &auth.pos.config, event, &auth.pos.out));
}

enum lk_status auth_start(bool by_mn)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_START };

    return by_mn ? auth_mn(&event) : auth_pos(&event);
}

/* ---- the way ---- */

static void do_due(bool mn)
{
    struct auth_end *end = end_of(mn);
    struct lk_mis_auth_event silent = { .kind = LK_MIS_AUTH_EV_SILENT };
    struct lk_mis_due due;

    while (lk_mis_exchange_due(&end->x, &due, auth.now_ms)) {
        if (due.kind == LK_MIS_DUE_ACK)
            put_frame(!mn, write_pdu(mn, &due.header, lk_span_of(NULL, 0)));
        else if (due.kind == LK_MIS_DUE_SEND)
            put_frame(!mn, due.octets);
        else if (lk_mis_opcode_of(due.header.id) == LK_MIS_REQUEST ||
                 lk_mis_opcode_of(due.header.id) == LK_MIS_INDICATION)
            (void)!(mn ? auth_mn : auth_pos)(&silent);
    }
}

/* spec: IEEE 802.21 9 - in clear come Capability_Discover, Auth, and what acknowledges them. */
static bool may_be_clear(const struct lk_mis_pdu *pdu, const struct lk_mis_codes *codes)
{
    enum lk_mis_action action = lk_mis_action_of(pdu->header.id, codes);

    return action == LK_MIS_AUTH || action == LK_MIS_CAPABILITY_DISCOVER;
}

void auth_hear(const struct auth_frame *frame)
{
    static struct lk_mis_opened opened;
    bool mn = frame->to_mn, replayed = false;
    struct auth_end *end = end_of(mn);
    struct lk_mis_message message = { 0 };
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };
    enum lk_mis_heard heard;
    struct lk_mis_pdu pdu;
    struct lk_span list;

    if (lk_mis_decode(&pdu, lk_span_of(frame->at, frame->len), &end->config.codes) != LK_OK ||
        !lk_span_equal(pdu.source, lk_span_text(mn ? AUTH_POS : AUTH_MN)) ||
        !lk_span_equal(pdu.destination, lk_span_text(mn ? AUTH_MN : AUTH_POS)))
        return;
    list = pdu.body;
    if (pdu.header.secured) {
        enum lk_status status = lk_mis_unprotect(&end->sa, &opened, &pdu, auth.now_ms,
                                                 &end->config.codes);

        replayed = status == LK_E_SYNC;
        if (status != LK_OK && !replayed)
            return;
        list = lk_span_of(opened.octets, opened.len);
    } else if (!may_be_clear(&pdu, &end->config.codes)) {
        return;
    }
    if (!replayed && lk_mis_message_get(&message, &pdu.header, list, &end->config.codes) != LK_OK)
        return;
    if (lk_mis_exchange_hear(&end->x, &heard, &pdu.header,
                             !replayed && lk_mis_is_bare_ack(&pdu.header, list), replayed,
                             auth.now_ms) != LK_OK)
        return;
    event.message.header = &pdu.header;
    event.message.message = &message;
    if (heard == LK_MIS_HEARD_NEW || heard == LK_MIS_HEARD_ANSWER)
        (void)!(mn ? auth_mn : auth_pos)(&event);
    do_due(mn);
}

void auth_deliver(size_t place)
{
    struct auth_frame frame;

    assert_true(place < auth.count);
    frame = auth.way[place];
    memmove(&auth.way[place], &auth.way[place + 1],
            (auth.count - place - 1) * sizeof auth.way[0]);
    auth.count--;
    if (auth.meddle == NULL || auth.meddle(&frame))
        auth_hear(&frame);
}

void auth_run(void)
{
    for (unsigned i = 0; auth.count > 0; i++) {
        assert_true(i < 500);
        auth_deliver(0);
    }
}

void auth_wait(uint64_t ms)
{
    struct lk_mis_auth_event expired = { .kind = LK_MIS_AUTH_EV_EXPIRED };

    auth.now_ms += ms;
    do_due(true);
    do_due(false);
    if (auth.mn.timer_ms != 0 && auth.now_ms >= auth.mn.timer_ms)
        (void)!auth_mn(&expired);
    if (auth.pos.timer_ms != 0 && auth.now_ms >= auth.pos.timer_ms)
        (void)!auth_pos(&expired);
}

void auth_run_long(void)
{
    auth_run();
    for (unsigned i = 0; i < 45; i++) {
        auth_wait(1000);
        auth_run();
    }
}

/* ---- what came of it ---- */

static bool same_sa(void)
{
    const struct lk_mis_sa *mn = &auth.mn.sa, *pos = &auth.pos.sa;

    return mn->id_len == pos->id_len && memcmp(mn->id, pos->id, mn->id_len) == 0 &&
           mn->type == LK_MIS_SA_EAP && pos->type == LK_MIS_SA_EAP &&
           mn->role == LK_MIS_BEGAN && pos->role == LK_MIS_ANSWERED &&
           mn->agreed.c == pos->agreed.c && mn->agreed.prf == pos->agreed.prf &&
           memcmp(&mn->keys, &pos->keys, sizeof mn->keys) == 0;
}

void auth_expect_up(void)
{
    assert_int_equal(auth.mn.sas, 1);
    assert_int_equal(auth.pos.sas, 1);
    assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_UP);
    assert_int_equal(auth.pos_auth.state, LK_MIS_POS_AUTH_UP);
    assert_int_equal(auth.mn.failures + auth.pos.failures, 0);
    assert_true(same_sa());
    assert_int_equal(auth.mn.run, auth.pos.run);
}

void auth_expect_nothing(void)
{
    assert_int_equal(auth.mn.sas + auth.pos.sas, 0);
    assert_int_equal(auth.mn_auth.state, LK_MIS_MN_AUTH_OVER);
    assert_int_equal(auth.pos_auth.state, LK_MIS_POS_AUTH_OVER);
    assert_int_equal(auth.mn.failures, 1);
    assert_int_equal(auth.pos.failures, 1);
}

struct lk_mis_message auth_message_of(const struct auth_frame *frame, struct lk_mis_pdu *pdu)
{
    struct lk_mis_message message;

    assert_int_equal(lk_mis_decode(pdu, lk_span_of(frame->at, frame->len), &auth.mn.config.codes),
                     LK_OK);
    assert_int_equal(lk_mis_message_get(&message, &pdu->header, pdu->body, &auth.mn.config.codes),
                     LK_OK);
    return message;
}

void auth_put_message(struct auth_frame *frame, const struct lk_mis_message *message)
{
    static uint8_t body[AUTH_FRAME_MAX], octets[AUTH_FRAME_MAX];
    struct lk_writer list = lk_writer_of(body, sizeof body);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_message_put(&list, message, &auth.mn.config.codes), LK_OK);
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame->at, frame->len), &auth.mn.config.codes),
                     LK_OK);
    pdu.body = lk_writer_span(&list);
    assert_int_equal(lk_mis_encode(&w, &pdu, &auth.mn.config.codes), LK_OK);
    frame->len = w.len;
    memcpy(frame->at, octets, w.len);
}

void auth_sign(const char *mn_id)
{
    const struct lk_home_secret secret = { { 3 } };
    const struct lk_start_mark mark = { .mn_id = lk_span_text(mn_id), .start_s = 1800000000,
                                        .lifetime_s = 86400, .max = 3,
                                        .realm = lk_span_text("home.example") };
    struct lk_writer w = lk_writer_of(auth.mark, sizeof auth.mark);

    assert_int_equal(lk_start_mark_sign(&w, &mark, &secret), LK_OK);
    auth.mark_len = w.len;
}
