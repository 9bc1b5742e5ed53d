/* The home of the rig: EAP's server with the vault of eap_world, ERP's server, and start marks. */
#include "mis_device_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "keys/erp.h"
#include "keys/mis_mn.h"
#include "keys/mis_psk.h"
#include "keys/mis_start.h"
#include "wire/eap.h"

enum { LIFETIME_S = 86400 };

void md_home_open(void)
{
    world_init(&rig.home);
    lk_eap_server_init(&rig.home.server);
    lk_erp_server_init(&rig.erp);
    lk_erp_server_defaults(&rig.erp_config);
    rig.erp_config.realm = rig.erp_config.domain = lk_span_text("home.example");
    md_draw(&rig.mark_secret, sizeof rig.mark_secret);
    lk_home_key_derive(&rig.mark_key, &rig.mark_secret);
    rig.mark_max = LK_MIS_CHAIN_MOST;
}

static void name_mn(const struct lk_mis_pseudonym *name)
{
    uint8_t octets[LK_MIS_ID_MAX];
    struct lk_writer id = lk_writer_of(octets, sizeof octets);

    lk_mis_pseudonym_put(&id, name, lk_span_text("home.example"));
    assert_true(lk_mis_name_set(&rig.mn, lk_writer_span(&id)));
}

/* Keys for that PoS, and the home's word. */
static void accept(struct md_place *place, const struct lk_mis_k *k, enum lk_mis_run run,
                   struct lk_span packet)
{
    uint8_t octets[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_start_mark mark = { .mn_id = lk_mis_name_of(&rig.mn), .start_s = rig.now_ms / 1000,
                                  .lifetime_s = LIFETIME_S, .max = rig.mark_max,
                                  .realm = lk_span_text("home.example") };
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_KEYS };

    assert_int_equal(lk_start_mark_sign(&w, &mark, &rig.mark_secret), LK_OK);
    event.keys.k = k;
    event.keys.mn = lk_mis_name_of(&rig.mn);
    event.keys.run = run;
    event.keys.lifetime_s = 3600;
    event.keys.eap = packet;
    event.keys.start_mark = lk_writer_span(&w);
    md_pos_auth(place, &event);
}

static void refuse(struct md_place *place, const struct lk_refusal *why, struct lk_span packet)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_REFUSED };

    event.refused.why = *why;
    event.refused.eap = packet;
    md_pos_auth(place, &event);
}

static void pass_on(struct md_place *place, struct lk_span packet)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP, .eap = packet };

    md_pos_auth(place, &event);
}

static struct lk_span packet_of(const struct lk_outbox *out)
{
    const struct lk_output *send = lk_outbox_find(out, LK_OUT_SEND);

    return send == NULL ? lk_span_of(NULL, 0) : send->send;
}

static void grant(struct md_place *place, const struct lk_grant *grant, struct lk_span packet)
{
    struct lk_mis_k k;

    rig.eap_runs++;
    rig.has_context = true;
    rig.context = (struct lk_erp_context){ .imsi = grant->imsi,
                                           .expires_ms = rig.now_ms + 7200000 };
    lk_mis_pseudonym_derive(&rig.context.mis_mn, &grant->emsk,
                            lk_span_text(lk_mis_codes_default.mn_usage));
    name_mn(&rig.context.mis_mn);
    lk_emsk_name(rig.context.name, LK_SPAN(grant->session_id.octets));
    lk_rrk_of_emsk(&rig.context.rrk, &grant->emsk);
    lk_mis_psk_derive(&rig.home_psk, &grant->emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage), place->pos.id);
    lk_mis_k_of_emsk(&k, &grant->emsk, lk_span_text(lk_mis_codes_default.k_usage),
                     place->pos.id);
    accept(place, &k, LK_MIS_RUN_FULL, packet);
}

/* EAP's server asks, and is told, until it has something for the peer. */
static void step_eap(struct md_place *place, struct lk_event *event)
{
    struct lk_outbox out;

    event->now_ms = rig.now_ms;
    world_entropy(&rig.home, event);
    lk_outbox_empty(&out);
    if (lk_eap_server_step(&rig.home.server, &rig.home.server_config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_output *item = &out.item[i];
        struct lk_event next = { .kind = LK_EV_START };

        if (item->kind == LK_OUT_ASK_VECTOR) {
            world_answer_vector(&rig.home, item, &next);
            step_eap(place, &next);
            return;
        }
        if (item->kind == LK_OUT_ASK_REAUTH) {
            world_answer_context(&rig.home, item, &next);
            step_eap(place, &next);
            return;
        }
        if (item->kind == LK_OUT_KEEP_REAUTH)
            world_keep_context(&rig.home, &item->keep_reauth);
        if (item->kind == LK_OUT_GRANT) {
            grant(place, &item->grant, packet_of(&out));
            return;
        }
        if (item->kind == LK_OUT_FAILED) {
            refuse(place, &item->failed, packet_of(&out));
            return;
        }
    }
    if (packet_of(&out).len > 0)
        pass_on(place, packet_of(&out));
}

static void step_erp(struct md_place *place, const struct lk_erp_server_event *event)
{
    static const struct lk_refusal no = { .reason = LK_REASON_ERP_REFUSED };
    struct lk_erp_server_event next = { .now_ms = rig.now_ms };
    struct lk_erp_outbox out;
    struct lk_span packet = lk_span_of(NULL, 0);
    const struct lk_erp_grant *granted = NULL;
    bool asks = false;

    if (lk_erp_server_step(&rig.erp, &rig.erp_config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        asks = asks || out.item[i].kind == LK_ERP_OUT_ASK;
        if (out.item[i].kind == LK_ERP_OUT_SEND)
            packet = out.item[i].send;
        if (out.item[i].kind == LK_ERP_OUT_KEEP)
            rig.context = out.item[i].keep;
        if (out.item[i].kind == LK_ERP_OUT_GRANT)
            granted = &out.item[i].grant;
    }
    if (asks) {
        next.kind = rig.has_context ? LK_ERP_SERVER_EV_CONTEXT : LK_ERP_SERVER_EV_NO_CONTEXT;
        next.context = rig.context;
        step_erp(place, &next);
    } else if (granted != NULL) {
        struct lk_mis_k k;

        rig.erp_runs++;
        name_mn(&granted->mis_mn);
        lk_mis_k_of_rmsk(&k, &granted->rmsk, lk_span_text(lk_mis_codes_default.k_usage),
                         place->pos.id);
        accept(place, &k, LK_MIS_RUN_ERP_HOME, packet);
    } else {
        refuse(place, &no, packet);
    }
}

void md_home_hear(struct md_place *place, struct lk_span packet)
{
    struct lk_event eap = { .kind = LK_EV_RECEIVED, .received = packet };
    struct lk_erp_server_event erp = { .kind = LK_ERP_SERVER_EV_RECEIVED, .now_ms = rig.now_ms };
    static const struct lk_refusal no = { .reason = LK_REASON_ERP_REFUSED };
    struct lk_eap_packet read;

    erp.received.packet = packet;
    erp.received.authenticator = place->pos.id;
    if (packet.at[0] == LK_ERP_INITIATE) {
        lk_erp_server_init(&rig.erp);
        if (rig.refuses_erp)
            refuse(place, &no, lk_span_of(NULL, 0));
        else
            step_erp(place, &erp);
        return;
    }
    if (lk_eap_decode(&read, packet) == LK_OK && read.type == LK_EAP_IDENTITY)
        lk_eap_server_init(&rig.home.server); /* a run begins */
    step_eap(place, &eap);
}
