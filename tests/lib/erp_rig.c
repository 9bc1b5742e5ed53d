#include "erp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct erp_rig erp;

void erp_open(void)
{
    static const uint8_t session[] = { 50, 1, 2, 3 };
    struct lk_emsk emsk;

    memset(&erp, 0, sizeof erp);
    memset(&emsk, 7, sizeof emsk);
    lk_emsk_name(erp.context.name, LK_SPAN(session));
    lk_rrk_of_emsk(&erp.context.rrk, &emsk);
    lk_prk_of_emsk(&erp.context.prk, &emsk);
    assert_int_equal(lk_imsi_parse(&erp.context.imsi, lk_span_text("001010000000001")), LK_OK);
    erp.now_ms = ERP_NOW_MS;
    erp.context.expires_ms = erp.now_ms + ERP_LIFETIME_S * 1000;
    erp.has = true;
    lk_erp_peer_defaults(&erp.peer_config);
    lk_erp_server_defaults(&erp.server_config);
    erp.peer_config.realm = erp.server_config.realm = lk_span_text("home.example");
    erp.server_config.domain = lk_span_text("home.example");
    lk_erp_peer_init(&erp.peer);
    lk_erp_server_init(&erp.server);
    assert_int_equal(erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_CONTEXT,
                                                                 .context = erp.context }), LK_OK);
}

struct lk_span erp_span(const struct erp_packet *packet)
{
    return lk_span_of(packet->at, packet->len);
}

static void sent(struct erp_packet *packet, const struct lk_erp_outbox *out)
{
    const struct lk_erp_output *send = lk_erp_outbox_find(out, LK_ERP_OUT_SEND);

    packet->len = 0;
    if (send == NULL)
        return;
    packet->len = send->send.len;
    memcpy(packet->at, send->send.at, send->send.len);
}

static enum lk_reason failed(const struct lk_erp_outbox *out)
{
    const struct lk_erp_output *why = lk_erp_outbox_find(out, LK_ERP_OUT_FAILED);

    return why != NULL ? why->failed.reason : LK_REASON_NONE;
}

static bool granted(struct lk_erp_grant *grant, const struct lk_erp_outbox *out)
{
    const struct lk_erp_output *item = lk_erp_outbox_find(out, LK_ERP_OUT_GRANT);

    if (item != NULL)
        *grant = item->grant;
    return item != NULL;
}

static void keep(struct lk_erp_context *context, const struct lk_erp_outbox *out)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_ERP_OUT_KEEP)
            *context = out->item[i].keep;
}

enum lk_status erp_peer_event(const struct lk_erp_peer_event *event)
{
    struct lk_erp_peer_event at = *event;
    enum lk_status status;

    at.now_ms = erp.now_ms;
    status = lk_erp_peer_step(&erp.peer, &erp.peer_config, &at, &erp.at_peer);
    if (status != LK_OK)
        assert_int_equal(erp.at_peer.count, 0);
    sent(&erp.initiate, &erp.at_peer);
    erp.peer_failed = failed(&erp.at_peer);
    erp.peer_granted = granted(&erp.peer_grant, &erp.at_peer);
    keep(&erp.peer_kept, &erp.at_peer);
    return status;
}

enum lk_status erp_peer_start(void)
{
    return erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_START });
}

enum lk_status erp_peer_expired(void)
{
    return erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_EXPIRED });
}

enum lk_status erp_peer_hears(struct lk_span octets)
{
    return erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_RECEIVED,
                                                       .received = octets });
}

enum lk_status erp_server_event(const struct lk_erp_server_event *event)
{
    struct lk_erp_server_event at = *event;
    enum lk_status status;

    at.now_ms = erp.now_ms;
    status = lk_erp_server_step(&erp.server, &erp.server_config, &at, &erp.at_server);
    if (status != LK_OK)
        assert_int_equal(erp.at_server.count, 0);
    sent(&erp.finish, &erp.at_server);
    erp.server_failed = failed(&erp.at_server);
    erp.server_granted = granted(&erp.server_grant, &erp.at_server);
    if (lk_erp_outbox_find(&erp.at_server, LK_ERP_OUT_KEEP) != NULL) {
        keep(&erp.context, &erp.at_server);
        erp.has = true;
    }
    return status;
}

enum lk_status erp_server_hears(struct lk_span octets, const char *authenticator)
{
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_RECEIVED,
                                         .received = { octets, lk_span_text(authenticator),
                                                       erp.through_home } };
    enum lk_status status = erp_server_event(&event);
    const struct lk_erp_output *ask = lk_erp_outbox_find(&erp.at_server, LK_ERP_OUT_ASK);

    if (status != LK_OK || ask == NULL)
        return status;
    event = (struct lk_erp_server_event){ .kind = LK_ERP_SERVER_EV_NO_CONTEXT };
    if (erp.has && lk_span_equal(LK_SPAN(ask->ask), LK_SPAN(erp.context.name))) {
        event.kind = LK_ERP_SERVER_EV_CONTEXT;
        event.context = erp.context;
        erp.has = false;
    }
    return erp_server_event(&event);
}

void erp_round(void)
{
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(erp_server_hears(erp_span(&erp.initiate), "pos"), LK_OK);
    assert_true(erp.server_granted);
    assert_int_equal(erp_peer_hears(erp_span(&erp.finish)), LK_OK);
    assert_true(erp.peer_granted);
    assert_memory_equal(&erp.peer_grant.rmsk, &erp.server_grant.rmsk, sizeof erp.peer_grant.rmsk);
}

struct erp_packet erp_sealed(const struct lk_erp *packet)
{
    struct erp_packet sealed;
    struct lk_writer w = lk_writer_of(sealed.at, sizeof sealed.at);

    assert_int_equal(lk_erp_seal(&w, packet, &erp.peer.context.rrk), LK_OK);
    sealed.len = w.len;
    return sealed;
}

struct lk_erp erp_decoded(const struct erp_packet *packet)
{
    struct lk_erp decoded;

    assert_int_equal(lk_erp_decode(&decoded, erp_span(packet), 0), LK_OK);
    return decoded;
}
