#include "lwa_device_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct lk_rsn_event expired = { .kind = LK_RSN_EV_EXPIRED };

static void put(struct lwa_queue *queue, struct lk_span octets)
{
    struct lwa_frame *frame = &queue->item[queue->count++];

    assert_true(queue->count <= LWA_QUEUE_MAX && octets.len <= sizeof frame->octets);
    frame->len = octets.len;
    memcpy(frame->octets, octets.at, octets.len);
}

struct lwa_frame lwa_take(struct lwa_queue *queue)
{
    struct lwa_frame first = queue->item[0];

    assert_true(queue->count > 0);
    queue->count--;
    memmove(&queue->item[0], &queue->item[1], queue->count * sizeof queue->item[0]);
    return first;
}

/* ---- the device ---- */

/* A05: no data frame in clear with a TK in. A02: no packet number a second time. */
static void look_at_frame(struct lwa_device_rig *rig, struct lk_span frame,
                          const struct lk_rsn_ccmp_key *had)
{
    struct lk_80211_header header;
    struct lk_ccmp_header ccmp;
    struct lk_reader r;
    struct lk_span body;

    assert_int_equal(lk_80211_decode(&header, &body, frame), LK_OK);
    if (lk_80211_is_management(&header))
        return;
    if ((header.flags & LK_80211_PROTECTED) == 0) {
        assert_false(had->is_set);
        return;
    }
    r = lk_reader_of(body);
    assert_int_equal(lk_ccmp_header_get(&ccmp, &r), LK_OK);
    assert_true(had->is_set);
    if (rig->pn >= ccmp.pn) /* another key: its own numbers */
        assert_memory_not_equal(&rig->tk, &had->tk, sizeof rig->tk);
    rig->tk = had->tk;
    rig->pn = ccmp.pn;
}

static void hear_rrc(struct lwa_device_rig *rig, struct lk_span pdu)
{
    struct lk_rrc_uplink uplink = lwa_hear(&rig->enb, pdu);

    if (uplink.type == LK_RRC_COMPLETE) {
        rig->completes++;
    } else {
        rig->reports++;
        rig->report = uplink.status;
    }
}

static void look(struct lwa_device_rig *rig, const struct lk_lwa_device_output *item,
                 const struct lk_rsn_ccmp_key *had)
{
    switch (item->kind) {
    case LK_LWA_DEVICE_OUT_RRC: hear_rrc(rig, item->send); break;
    case LK_LWA_DEVICE_OUT_FRAME:
        look_at_frame(rig, item->send, had);
        put(&rig->to_ap, item->send);
        break;
    case LK_LWA_DEVICE_OUT_DATA_DOWN:
        rig->data_down++;
        rig->down_drb = item->down.drb;
        rig->down_len = item->down.pdu.len;
        assert_true(rig->down_len <= sizeof rig->down);
        memcpy(rig->down, item->down.pdu.at, rig->down_len);
        break;
    case LK_LWA_DEVICE_OUT_FACT:
        rig->facts[item->fact.what]++;
        rig->code = item->fact.code;
        break;
    case LK_LWA_DEVICE_OUT_WAKE: rig->wake_ms = item->wake_ms; break;
    case LK_LWA_DEVICE_OUT_REFUSAL: rig->refusals++; rig->reason = item->why.reason; break;
    case LK_LWA_DEVICE_OUT_NOTICE: rig->notices++; rig->reason = item->why.reason; break;
    }
}

enum lk_status lwa_rig_step(struct lwa_device_rig *rig, struct lk_lwa_device_event event)
{
    struct lk_writer w = lk_writer_of(event.entropy, sizeof event.entropy);
    struct lk_rsn_ccmp_key had = rig->d.ccmp.now; /* what leaves, leaves before a key is put in */
    enum lk_status status;

    event.now_ms = rig->now_ms;
    lk_put_be64(&w, ++rig->drawn);
    memset(&rig->out, 0xee, sizeof rig->out);
    status = lk_lwa_device_step(&rig->d, &rig->config, &event, &rig->out);
    for (size_t i = 0; i < rig->out.count; i++)
        look(rig, &rig->out.item[i], &had);
    return status;
}

enum lk_status lwa_rig_context(struct lwa_device_rig *rig)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_CONTEXT };

    event.context = lwa_enb_context(&rig->enb);
    return lwa_rig_step(rig, event);
}

enum lk_status lwa_rig_rrc(struct lwa_device_rig *rig, struct lk_span pdu)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_RRC };

    event.octets = pdu;
    return lwa_rig_step(rig, event);
}

void lwa_rig_ask(struct lwa_device_rig *rig, struct lk_rrc_reconfiguration question)
{
    unsigned completes = rig->completes;

    assert_int_equal(lwa_rig_rrc(rig, lwa_ask(&rig->enb, &question)), LK_OK);
    assert_int_equal(rig->completes, completes + 1);
}

enum lk_status lwa_rig_frame(struct lwa_device_rig *rig, const struct lwa_frame *frame)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_FRAME };

    event.octets = lk_span_of(frame->octets, frame->len);
    return lwa_rig_step(rig, event);
}

enum lk_status lwa_rig_up(struct lwa_device_rig *rig, uint8_t drb, const char *text)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_DATA_UP };

    event.up = (struct lk_lwaap){ drb, lk_span_text(text) };
    return lwa_rig_step(rig, event);
}

enum lk_status lwa_rig_expire(struct lwa_device_rig *rig)
{
    assert_true(rig->wake_ms != LK_LWA_DEVICE_NEVER);
    rig->now_ms = rig->wake_ms;
    rig->wake_ms = LK_LWA_DEVICE_NEVER;
    return lwa_rig_step(rig, (struct lk_lwa_device_event){ .kind = LK_LWA_DEVICE_EV_EXPIRED });
}

/* ---- the access point ---- */

static struct lk_80211_header header_down(uint8_t kind)
{
    struct lk_80211_header header = { .kind = kind };

    memcpy(header.a1, lwa_ue_mac, sizeof header.a1);
    memcpy(header.a2, lwa_ap, sizeof header.a2);
    memcpy(header.a3, lwa_ap, sizeof header.a3);
    return header;
}

struct lwa_frame lwa_ap_data(struct lwa_device_rig *rig, uint16_t ethertype, struct lk_span octets,
                             bool sealed)
{
    struct lwa_frame frame;
    struct lk_80211_header header = header_down(LK_80211_QOS_DATA);
    struct lk_80211_payload payload = { ethertype, octets };
    uint8_t body[2048];
    struct lk_writer inner = lk_writer_of(body, sizeof body),
                     w = lk_writer_of(frame.octets, sizeof frame.octets);

    header.flags = LK_80211_FROM_DS;
    lk_80211_payload_put(&inner, &payload);
    if (sealed) {
        assert_int_equal(lk_rsn_ccmp_seal(&rig->ap_ccmp, &w, &header, lk_writer_span(&inner)),
                         LK_OK);
    } else {
        assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
        lk_put_span(&w, lk_writer_span(&inner));
    }
    frame.len = w.len;
    return frame;
}

static void send_data(struct lwa_device_rig *rig, uint16_t ethertype, struct lk_span octets)
{
    struct lwa_frame frame = lwa_ap_data(rig, ethertype, octets, rig->ap_ccmp.now.is_set);

    put(&rig->to_device, lk_span_of(frame.octets, frame.len));
}

void lwa_ap_down(struct lwa_device_rig *rig, uint8_t drb, const char *text)
{
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_lwaap lwaap = { drb, lk_span_text(text) };

    assert_int_equal(lk_lwaap_encode(&w, &lwaap), LK_OK);
    send_data(rig, LK_LWA_ETHERTYPE, lk_writer_span(&w));
}

void lwa_ap_deauthenticate(struct lwa_device_rig *rig, uint16_t reason)
{
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_80211_header header = header_down(LK_80211_DEAUTHENTICATION);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, reason);
    put(&rig->to_device, lk_writer_span(&w));
    rig->in = false;
    lk_rsn_ccmp_wipe(&rig->ap_ccmp);
}

static enum lk_status to_authenticator(struct lwa_device_rig *rig, struct lk_rsn_event event)
{
    static struct lk_rsn_outbox out;
    struct lk_writer w = lk_writer_of(event.entropy, sizeof event.entropy);
    enum lk_status status;

    event.now_ms = rig->now_ms;
    lk_put_be64(&w, ++rig->drawn);
    status = lk_rsn_authenticator_step(&rig->a, &rig->ap_config, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_rsn_output *item = &out.item[i];

        if (item->kind == LK_RSN_OUT_SEND)
            send_data(rig, LK_EAPOL_ETHERTYPE, item->send);
        else if (item->kind == LK_RSN_OUT_PREPARE)
            assert_int_equal(lk_rsn_ccmp_prepare(&rig->ap_ccmp, &item->tk), LK_OK);
        else if (item->kind == LK_RSN_OUT_INSTALL)
            assert_int_equal(lk_rsn_ccmp_install(&rig->ap_ccmp, &item->tk, rig->now_ms), LK_OK);
        else if (item->kind == LK_RSN_OUT_TIMER)
            rig->ap_timer_ms = item->timer_ms;
        rig->ap_opens += item->kind == LK_RSN_OUT_OPEN;
        if (item->kind == LK_RSN_OUT_FAILED || item->kind == LK_RSN_OUT_REASSOCIATE) {
            rig->ap_failures++;
            lwa_ap_deauthenticate(rig, item->ended.code);
        }
    }
    return status;
}

void lwa_ap_pmk(struct lwa_device_rig *rig, struct lk_pmk pmk)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    rig->ap_pmk = event.pmk = pmk;
    rig->has_ap_pmk = true;
    assert_int_equal(to_authenticator(rig, event), LK_OK);
}

void lwa_ap_expire(struct lwa_device_rig *rig)
{
    rig->now_ms = rig->ap_timer_ms;
    assert_int_equal(to_authenticator(rig, expired), LK_OK);
}

static void answer_authentication(struct lwa_device_rig *rig)
{
    static const struct lk_80211_authentication message = { .transaction = 2 };
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_80211_header header = header_down(LK_80211_AUTHENTICATION);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    assert_int_equal(lk_80211_authentication_encode(&w, &message), LK_OK);
    put(&rig->to_device, lk_writer_span(&w));
}

static void answer_association(struct lwa_device_rig *rig, struct lk_span body)
{
    static const uint8_t rates[] = { 0x82 };
    struct lk_80211_association_request request;
    struct lk_80211_association_response message = {
        .status = rig->shuts_out ? LK_80211_INVALID_PMKID : 0, .aid = 1,
        .elements = { .rates = LK_SPAN(rates) }
    };
    struct lk_rsne rsne = lk_rsne_of((uint8_t)rig->ap_config.akm, 0, lk_span_of(NULL, 0));
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };
    struct lk_80211_header header = header_down(LK_80211_ASSOCIATION_RESPONSE);
    uint8_t octets[64], element[LK_RSN_ELEMENT_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets),
                     e = lk_writer_of(element, sizeof element);

    assert_int_equal(lk_80211_association_request_decode(&request, false, body), LK_OK);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    assert_int_equal(lk_80211_association_response_encode(&w, &message), LK_OK);
    put(&rig->to_device, lk_writer_span(&w));
    if (rig->shuts_out)
        return;
    assert_int_equal(lk_rsne_encode(&e, &rsne), LK_OK);
    memcpy(event.associated.aa, lwa_ap, LK_STATION_LEN);
    memcpy(event.associated.spa, lwa_ue_mac, LK_STATION_LEN);
    event.associated.ap_rsne = lk_writer_span(&e);
    event.associated.sta_rsne = request.elements.rsne;
    lk_rsn_ccmp_wipe(&rig->ap_ccmp);
    lk_rsn_ccmp_init(&rig->ap_ccmp);
    rig->in = true;
    rig->ap_joins++;
    if (rig->has_ap_pmk && !rig->a.has_pmk)
        lwa_ap_pmk(rig, rig->ap_pmk);
    assert_int_equal(to_authenticator(rig, event), LK_OK);
}

static void hear_data(struct lwa_device_rig *rig, const struct lk_80211_header *header,
                      struct lk_span body)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    struct lk_80211_payload payload;
    struct lk_lwaap lwaap;

    assert_int_equal(lk_80211_payload_decode(&payload, header, body), LK_OK);
    if (payload.ethertype == LK_EAPOL_ETHERTYPE) {
        event.received = payload.octets;
        (void)!to_authenticator(rig, event);
        return;
    }
    assert_int_equal(payload.ethertype, LK_LWA_ETHERTYPE);
    assert_true(header->flags & LK_80211_PROTECTED);
    assert_int_equal(lk_lwaap_decode(&lwaap, payload.octets), LK_OK);
    rig->ap_data++;
    rig->up_drb = lwaap.drb;
    rig->up_len = lwaap.pdu.len;
    assert_true(rig->up_len <= sizeof rig->up);
    memcpy(rig->up, lwaap.pdu.at, rig->up_len);
    memcpy(rig->up_to, header->a3, sizeof rig->up_to);
}

void lwa_ap_hear(struct lwa_device_rig *rig, const struct lwa_frame *frame)
{
    static struct lk_rsn_data data;
    struct lk_80211_header header;
    struct lk_span body, octets = lk_span_of(frame->octets, frame->len);

    assert_int_equal(lk_80211_decode(&header, &body, octets), LK_OK);
    assert_memory_equal(header.a1, lwa_ap, sizeof header.a1);
    assert_memory_equal(header.a2, lwa_ue_mac, sizeof header.a2);
    if (rig->silent)
        return;
    switch (header.kind) {
    case LK_80211_AUTHENTICATION: answer_authentication(rig); break;
    case LK_80211_ASSOCIATION_REQUEST: answer_association(rig, body); break;
    case LK_80211_DEAUTHENTICATION:
        rig->in = false;
        (void)!to_authenticator(rig, (struct lk_rsn_event){ .kind = LK_RSN_EV_LEFT });
        lk_rsn_ccmp_wipe(&rig->ap_ccmp);
        break;
    default:
        if ((header.flags & LK_80211_PROTECTED) == 0)
            hear_data(rig, &header, body);
        else if (rig->in && lk_rsn_ccmp_open(&rig->ap_ccmp, &data, octets, rig->now_ms) == LK_OK)
            hear_data(rig, &data.header, lk_span_of(data.octets, data.len));
    }
}

/* ---- both ---- */

void lwa_rig_open(struct lwa_device_rig *rig, enum lk_akm akm)
{
    struct lk_rsn_event group = { .kind = LK_RSN_EV_GROUP };

    memset(rig, 0, sizeof *rig);
    rig->now_ms = 1000;
    rig->wake_ms = LK_LWA_DEVICE_NEVER;
    lk_lwa_device_defaults(&rig->config);
    rig->config.rsn.akm = akm;
    rig->ap_config = rig->config.rsn;
    lk_lwa_device_init(&rig->d, lwa_ue_mac);
    lwa_enb_begin(&rig->enb, 0x41);
    lk_rsn_authenticator_init(&rig->a);
    lk_rsn_ccmp_init(&rig->ap_ccmp);
    memset(group.group.gtk.octets, 0x61, sizeof group.group.gtk.octets);
    group.group.key_id = 1;
    assert_int_equal(to_authenticator(rig, group), LK_OK);
}

void lwa_run(struct lwa_device_rig *rig)
{
    for (unsigned i = 0; i < 64 && rig->to_ap.count + rig->to_device.count > 0; i++) {
        struct lwa_frame frame;

        if (rig->to_ap.count > 0) {
            frame = lwa_take(&rig->to_ap);
            lwa_ap_hear(rig, &frame);
        } else {
            frame = lwa_take(&rig->to_device);
            (void)!lwa_rig_frame(rig, &frame);
        }
    }
    assert_int_equal(rig->to_ap.count + rig->to_device.count, 0);
}

void lwa_live(struct lwa_device_rig *rig, enum lk_akm akm)
{
    lwa_rig_open(rig, akm);
    assert_int_equal(lwa_rig_context(rig), LK_OK);
    lwa_rig_ask(rig, lwa_set_up(0));
    lwa_ap_pmk(rig, lwa_pmk(&rig->enb, 0));
    lwa_run(rig);
    assert_int_equal(rig->d.ue.state, LK_LWA_UE_ACTIVE);
    assert_int_equal(rig->ap_opens, 1);
}

void lwa_talk(struct lwa_device_rig *rig)
{
    unsigned up = rig->ap_data, down = rig->data_down;

    assert_int_equal(lwa_rig_up(rig, 3, "up"), LK_OK);
    lwa_ap_down(rig, 4, "down");
    lwa_run(rig);
    assert_int_equal(rig->ap_data, up + 1);
    assert_int_equal(rig->data_down, down + 1);
}
