#include "e2e_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "crypto/crypto.h"

struct e2e_rig e2e;

static void draw(uint8_t secret[32], struct lk_noise_point *point)
{
    const uint8_t seed[] = { 'e', '2', 'e', ++e2e.draws };
    const struct lk_span part = LK_SPAN(seed);

    lk_sha256(secret, &part, 1);
    if (point != NULL)
        lk_x25519_public(point->octets, secret);
}

void e2e_open(uint8_t flags)
{
    memset(&e2e, 0, sizeof e2e);
    e2e.flags = flags;
    e2e.known = true;
    e2e.now_ms = UINT64_C(1700000000000);
    draw(e2e.s, &e2e.s_public);
    draw(e2e.c, &e2e.c_public);
    draw(e2e.p.octets, NULL);
    e2e.p.len = 32;
    draw(e2e.n.octets, NULL);
    draw(e2e.ticket_key.octets, NULL);
    e2e.server_p = e2e.p;
    e2e.server_n = e2e.n;
    e2e.apps[0] = (struct lk_e2e_app){ lk_span_text(E2E_APP), 0, false };
    e2e.apps[1] = (struct lk_e2e_app){ lk_span_text("chat"), 0, false };
    e2e.server_config = (struct lk_e2e_server_config){
        .fqdn = lk_span_text(E2E_FQDN), .key = e2e.s_public, .apps = e2e.apps, .app_count = 2 };
    e2e.ue_config = (struct lk_e2e_ue_config){
        .scope = { lk_span_text(E2E_FQDN), lk_span_text(E2E_APP) }, .server = e2e.s_public };
    if ((flags & LK_E2E_WITH_CLIENT_KEY) != 0)
        e2e.ue_config.client_key = &e2e.c_public;
    lk_e2e_ue_init(&e2e.ue);
    lk_e2e_server_init(&e2e.server);
}

void e2e_close(void)
{
    lk_wipe(&e2e, sizeof e2e);
}

struct lk_span e2e_span(const struct e2e_octets *octets)
{
    return lk_span_of(octets->at, octets->len);
}

static void keep(struct e2e_octets *octets, struct lk_span span)
{
    assert_true(span.len <= sizeof octets->at);
    memcpy(octets->at, span.at, span.len);
    octets->len = span.len;
}

static enum lk_status multiply(uint8_t shared[32], const struct lk_noise_ask *ask,
                               const uint8_t *own_static, const uint8_t *own)
{
    return lk_x25519_shared(shared, ask->own_static ? own_static : own, ask->peer.octets);
}

/* ---- tickets ---- */

static struct lk_e2e_holder holder(struct lk_seal_keys *keys, const struct lk_node_key *key)
{
    struct lk_e2e_holder ann = { .scope = e2e.ue_config.scope, .identity = lk_span_text("ann") };

    if ((e2e.flags & LK_E2E_WITH_CLIENT_KEY) != 0)
        ann.client_key = e2e.c_public;
    lk_seal_keys_derive(keys, key, LK_E2E_TICKET_LABEL, lk_node_day_of(e2e.now_ms));
    return ann;
}

void e2e_seal(uint8_t ticket[LK_E2E_TICKET_LEN], const struct lk_node_key *key,
              const struct lk_e2e_resumption *resumption)
{
    struct lk_seal_keys keys;
    const struct lk_e2e_holder ann = holder(&keys, key);
    const struct lk_e2e_ticket what = { e2e.flags & LK_E2E_INPUTS, e2e.now_ms + 1000, *resumption };

    lk_e2e_ticket_seal(ticket, &keys, &ann, &what);
}

enum lk_status e2e_unseal(struct lk_e2e_ticket *ticket, const struct lk_node_key *key,
                          struct lk_span sealed)
{
    struct lk_seal_keys keys;
    const struct lk_e2e_holder ann = holder(&keys, key);

    return lk_e2e_ticket_open(ticket, &keys, &ann, sealed, e2e.now_ms);
}

void e2e_resume(void)
{
    e2e.resumption = e2e.ue_session.resumption;
    e2e.resumed_flags = e2e.flags & LK_E2E_INPUTS;
    e2e_seal(e2e.ticket, &e2e.ticket_key, &e2e.server_session.resumption);
    e2e.opens_tickets = true;
    e2e.flags |= LK_E2E_RESUMED;
}

/* ---- the application's end ---- */

static enum lk_status step_ue(struct lk_e2e_ue_event *event)
{
    for (;;) {
        struct lk_e2e_ue before = e2e.ue;
        const struct lk_e2e_ue_output *item;
        enum lk_status status;

        event->now_ms = e2e.now_ms;
        status = lk_e2e_ue_step(&e2e.ue, &e2e.ue_config, event, &e2e.ue_out);
        if (status != LK_OK) {
            assert_int_equal(e2e.ue_out.count, 0);
            assert_memory_equal(&before, &e2e.ue, sizeof before);
            return status;
        }
        if ((item = lk_e2e_ue_outbox_find(&e2e.ue_out, LK_E2E_UE_OUT_SEND)) != NULL)
            keep(item->send.at[0] == LK_E2E_HELLO ? &e2e.hello : &e2e.finish, item->send);
        if ((item = lk_e2e_ue_outbox_find(&e2e.ue_out, LK_E2E_UE_OUT_GRANT)) != NULL) {
            e2e.ue_granted = true;
            e2e.ue_session = item->grant;
        }
        if ((item = lk_e2e_ue_outbox_find(&e2e.ue_out, LK_E2E_UE_OUT_FAILED)) != NULL)
            e2e.ue_failed = item->failed.reason;
        if ((item = lk_e2e_ue_outbox_find(&e2e.ue_out, LK_E2E_UE_OUT_ASK_DH)) == NULL)
            return LK_OK;
        event->kind = multiply(event->dh, &item->ask_dh, e2e.c, e2e.e) == LK_OK
                          ? LK_E2E_UE_EV_DH : LK_E2E_UE_EV_NO_DH;
    }
}

void e2e_start(void)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_START };
    const bool resumed = (e2e.flags & LK_E2E_RESUMED) != 0;

    draw(e2e.e, &e2e.e_public);
    e2e.ue_granted = false;
    e2e.ue_failed = LK_REASON_NONE;
    e2e.hello.len = e2e.reply.len = e2e.finish.len = 0;
    event.start.e = e2e.e_public;
    event.start.who.identity = lk_span_text("ann");
    if (resumed) {
        event.start.who.kind = LK_E2E_BY_TICKET;
        event.start.who.key_id = LK_SPAN(e2e.ticket);
        event.start.resumption = &e2e.resumption;
        event.start.resumed_flags = e2e.resumed_flags;
    } else {
        if ((e2e.flags & LK_E2E_WITH_N) != 0) {
            event.start.n = &e2e.n;
            event.start.who.kind = LK_E2E_B_TID;
            event.start.who.key_id = lk_span_text("cmFuZA==@bsf.example");
        }
        event.start.p = (e2e.flags & LK_E2E_WITH_P) != 0 ? &e2e.p : NULL;
    }
    if (e2e.other_kind) {
        event.start.who.kind = resumed ? LK_E2E_B_TID : LK_E2E_BY_TICKET;
        event.start.who.key_id = lk_span_text("cmFuZA==@bsf.example");
    }
    assert_int_equal(step_ue(&event), LK_OK);
}

enum lk_status e2e_at_ue(struct lk_span frame)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_RECEIVED, .received = frame };

    return step_ue(&event);
}

/* ---- the server's end ---- */

static void tell_keys(struct lk_e2e_server_event *event,
                      const struct lk_e2e_server_output *item)
{
    const uint8_t flags = item->ask_keys.flags;

    e2e.asked++;
    e2e.who = item->ask_keys.who;
    assert_true(lk_span_equal(item->ask_keys.who.identity, lk_span_text("ann")));
    if ((flags & LK_E2E_WITH_CLIENT_KEY) != 0)
        assert_memory_equal(item->ask_keys.client_key.octets, e2e.c_public.octets, 32);
    memset(event, 0, sizeof *event);
    if ((flags & LK_E2E_RESUMED) != 0 && e2e.opens_tickets) {
        struct lk_e2e_ticket ticket;

        e2e.known = e2e_unseal(&ticket, &e2e.ticket_key, e2e.who.key_id) == LK_OK;
        e2e.server_resumption = ticket.resumption;
        e2e.server_resumed_flags = ticket.flags;
    }
    if (!e2e.known) {
        event->kind = LK_E2E_SERVER_EV_NO_KEYS;
        draw(event->no_keys, NULL);
        return;
    }
    event->kind = LK_E2E_SERVER_EV_KEYS;
    if ((flags & LK_E2E_RESUMED) != 0) {
        event->keys.resumption = &e2e.server_resumption;
        event->keys.resumed_flags = e2e.server_resumed_flags;
        return;
    }
    event->keys.n = ((flags ^ e2e.mistold) & LK_E2E_WITH_N) != 0 ? &e2e.server_n : NULL;
    event->keys.p = ((flags ^ e2e.mistold) & LK_E2E_WITH_P) != 0 ? &e2e.server_p : NULL;
}

enum lk_status e2e_at_server(struct lk_span frame)
{
    struct lk_e2e_server_event event = { .kind = LK_E2E_SERVER_EV_RECEIVED };

    if (e2e.server.state == LK_E2E_SERVER_IDLE) {
        draw(e2e.f, &e2e.f_public);
        e2e.server_granted = false;
        e2e.server_failed = LK_REASON_NONE;
    }
    event.received.frame = frame;
    event.received.e = e2e.f_public;
    for (;;) {
        struct lk_e2e_server before = e2e.server;
        const struct lk_e2e_server_output *item;
        enum lk_status status;

        event.now_ms = e2e.now_ms;
        status = lk_e2e_server_step(&e2e.server, &e2e.server_config, &event, &e2e.server_out);
        if (status != LK_OK) {
            assert_int_equal(e2e.server_out.count, 0);
            assert_memory_equal(&before, &e2e.server, sizeof before);
            return status;
        }
        if (e2e.server_out.count == 0)
            return LK_OK;
        item = &e2e.server_out.item[0];
        switch (item->kind) {
        case LK_E2E_SERVER_OUT_SEND: keep(&e2e.reply, item->send); return LK_OK;
        case LK_E2E_SERVER_OUT_GRANT:
            e2e.server_granted = true;
            e2e.server_session = item->grant;
            return LK_OK;
        case LK_E2E_SERVER_OUT_FAILED: e2e.server_failed = item->failed.reason; return LK_OK;
        case LK_E2E_SERVER_OUT_ASK_KEYS: tell_keys(&event, item); break;
        case LK_E2E_SERVER_OUT_ASK_DH:
            event.kind = multiply(event.dh, &item->ask_dh, e2e.s, e2e.f) == LK_OK
                             ? LK_E2E_SERVER_EV_DH : LK_E2E_SERVER_EV_NO_DH;
            break;
        }
    }
}

void e2e_run(void)
{
    e2e_start();
    if (e2e.hello.len > 0)
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
    if (e2e.reply.len > 0)
        assert_int_equal(e2e_at_ue(e2e_span(&e2e.reply)), LK_OK);
    if (e2e.finish.len > 0)
        assert_int_equal(e2e_at_server(e2e_span(&e2e.finish)), LK_OK);
}

enum lk_status e2e_say(struct lk_e2e_session *from, struct lk_e2e_session *to, const char *text)
{
    struct e2e_octets sent;
    struct lk_writer w = lk_writer_of(sent.at, sizeof sent.at);
    struct lk_e2e_frame frame;
    uint8_t out[LK_E2E_DATA_MAX];
    enum lk_status status;
    size_t len = 0;

    assert_int_equal(lk_e2e_channel_say(&from->channel, &w, LK_E2E_DATA, lk_span_text(text),
                                        e2e.now_ms), LK_OK);
    assert_int_equal(lk_e2e_frame_decode(&frame, lk_writer_span(&w)), LK_OK);
    status = lk_e2e_channel_take(&to->channel, out, &len, &frame);
    if (status == LK_OK)
        assert_true(lk_span_equal(lk_span_of(out, len), lk_span_text(text)));
    return status;
}
