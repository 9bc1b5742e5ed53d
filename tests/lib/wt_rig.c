#include "wt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/rsne.h"

static const uint8_t bssid[LK_STATION_LEN] = { 2, 0, 0, 0, 0, 1 };
static const char ssid[] = "lwa";

/* ---- what the WT says ---- */

static unsigned station_of(const uint8_t mac[LK_STATION_LEN])
{
    return (unsigned)mac[5] - 2u;
}

/* A05: once there is a TK no data is in clear, but for message 1 to who is invited elsewhere;
 * before, nothing but EAPOL. */
static void check_clear(const struct wt_rig *rig, const struct wt_frame *frame)
{
    struct lk_80211_header header;
    struct lk_80211_payload payload;
    struct lk_span body;

    assert_int_equal(
        lk_80211_decode(&header, &body, lk_span_of(frame->octets, frame->len)), LK_OK);
    if (lk_80211_is_management(&header) || (header.flags & LK_80211_PROTECTED) != 0)
        return;
    assert_int_equal(lk_80211_payload_decode(&payload, &header, body), LK_OK);
    assert_int_equal(payload.ethertype, LK_EAPOL_ETHERTYPE);
    assert_false(rig_told(rig, frame->station).has_tk && rig->elsewhere.len == 0);
}

static void fly(struct wt_rig *rig, bool to_wt, unsigned station, struct lk_span octets)
{
    struct wt_frame *frame = &rig->air[rig->flying];
    bool lost = (rig->lose & 1) != 0;

    rig->lose >>= 1;
    if (lost)
        return;
    assert_true(rig->flying < WT_AIR);
    rig->flying++;
    frame->to_wt = to_wt;
    frame->station = station;
    frame->len = octets.len;
    memcpy(frame->octets, octets.at, octets.len);
    if (!to_wt)
        check_clear(rig, frame);
}

static void keep_text(char to[64], struct lk_span text)
{
    memset(to, 0, 64);
    memcpy(to, text.at, text.len < 64 ? text.len : 63);
}

static void told_fact(struct wt_rig *rig, const struct lk_wt_output *o)
{
    rig->facts[o->fact.fact]++;
    if (o->fact.fact == LK_WT_ASSOCIATED)
        rig->elsewhere.len = 0; /* it is there now */
    assert_int_equal(o->fact.at_ms, rig->now_ms);
    if (o->fact.fact == LK_WT_SUSPENDED)
        rig->suspended_ms = o->fact.at_ms;
    if (o->fact.fact == LK_WT_RESUMED)
        rig->resumed_ms = o->fact.at_ms;
    if (o->fact.fact == LK_WT_DEAUTHENTICATED)
        rig->deauth_reason = o->fact.reason;
}

static void told_xw(struct wt_rig *rig, const struct lk_wt_output *o)
{
    struct lk_xwap_diagnostics found;

    if (rig->said_count == WT_SAID)
        return;
    rig->said_link[rig->said_count] = o->xw.link;
    assert_int_equal(lk_xwap_decode(&rig->said[rig->said_count++], &found, o->xw.octets), LK_OK);
}

static void told(struct wt_rig *rig, const struct lk_wt_output *o)
{
    switch (o->kind) {
    case LK_WT_OUT_XW: told_xw(rig, o); break;
    case LK_WT_OUT_FRAME:
        if (station_of(o->mac) < WT_STATIONS)
            fly(rig, false, station_of(o->mac), o->frame);
        break;
    case LK_WT_OUT_DATA_UP:
        keep_text(rig->up, o->up.pdu);
        rig->up_link = o->up.link;
        rig->up_enb_ue_id = o->up.enb_ue_id;
        assert_int_equal(o->up.drb, WT_DRB);
        break;
    case LK_WT_OUT_KEYS: rig->keys++; break;
    case LK_WT_OUT_FACT: told_fact(rig, o); break;
    case LK_WT_OUT_WAKE: rig->wake_ms = o->wake_at_ms; break;
    case LK_WT_OUT_REFUSAL: rig->refusal = o->refusal.reason; break;
    case LK_WT_OUT_NOTICE: rig->notice = o->refusal.reason; break;
    }
}

enum lk_status rig_step(struct wt_rig *rig, struct lk_wt_event event)
{
    enum lk_status status;

    event.now_ms = rig->now_ms;
    status = lk_wt_step(rig->wt, &event, &rig->out);
    for (size_t i = 0; i < rig->out.count; i++)
        told(rig, &rig->out.item[i]);
    return status;
}

enum lk_status rig_frame(struct wt_rig *rig, struct lk_span frame)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_FRAME, .frame = frame };

    event.from = rig->elsewhere;
    if (rig->elsewhere.len > 0)
        event.kind = LK_WT_EV_ELSEWHERE;
    return rig_step(rig, event);
}

/* ---- Xw ---- */

/* A key of that octet; 0: none. It lies where it stays. */
static struct lk_span key_of(uint8_t octet)
{
    static uint8_t keys[256][LK_XWAP_KEY_LEN];

    memset(keys[octet], octet, sizeof keys[octet]);
    return lk_span_of(keys[octet], octet == 0 ? 0 : sizeof keys[octet]);
}

struct lk_xwap rig_addition(unsigned station, uint32_t enb_ue_id, uint8_t key)
{
    struct lk_xwap m = { .type = LK_XWAP_ADDITION_REQUEST, .enb_ue_id = enb_ue_id,
                         .ue_identity = { 2, 0, 0, 0, 0, (uint8_t)(station + 2) },
                         .key = key_of(key) };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_UE_IDENTITY);
    lk_xwap_mark(&m, LK_XWAP_TO_BE_ADDED);
    lk_xwap_mark(&m, LK_XWAP_MOBILITY_SET);
    if (key != 0)
        lk_xwap_mark(&m, LK_XWAP_SECURITY);
    m.mobility_set.count = 1;
    m.mobility_set.id[0].has_bssid = true;
    memcpy(m.mobility_set.id[0].bssid, bssid, sizeof bssid);
    m.added.count = 1;
    m.added.bearer[0] = (struct lk_xwap_bearer){ .e_rab_id = WT_BEARER, .drb_id = WT_DRB };
    m.added.bearer[0].qos = (struct lk_xwap_qos){ .present = true, .qci = 9, .priority = 8 };
    m.added.bearer[0].endpoint.address_bits = 32;
    return m;
}

struct lk_xwap rig_message(const struct wt_rig *rig, unsigned station, enum lk_xwap_type type,
                           uint32_t enb_ue_id)
{
    struct lk_xwap m = { .type = type, .enb_ue_id = enb_ue_id,
                         .wt_ue_id = rig_told(rig, station).wt_ue_id };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    return m;
}

struct lk_xwap rig_key(const struct wt_rig *rig, unsigned station, uint32_t enb_ue_id, uint8_t key)
{
    struct lk_xwap m = rig_message(rig, station, LK_XWAP_MODIFICATION_REQUEST, enb_ue_id);

    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    lk_xwap_mark(&m, LK_XWAP_CONTEXT);
    m.key = key_of(key);
    return m;
}

enum lk_status rig_xw(struct wt_rig *rig, uint32_t link, const struct lk_xwap *m)
{
    uint8_t octets[1024];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_wt_event event = { .kind = LK_WT_EV_XW };

    assert_int_equal(lk_xwap_encode(&w, m), LK_OK);
    event.xw.link = link;
    event.xw.octets = lk_writer_span(&w);
    return rig_step(rig, event);
}

unsigned rig_said(const struct wt_rig *rig, enum lk_xwap_type type)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rig->said_count; i++)
        count += rig->said[i].type == type;
    return count;
}

void rig_forget(struct wt_rig *rig)
{
    rig->said_count = rig->keys = 0;
    memset(rig->facts, 0, sizeof rig->facts);
    rig->refusal = rig->notice = rig->deauth_reason = LK_REASON_NONE;
}

/* ---- stations ---- */

static struct lk_80211_header header_of(struct wt_station *sta, uint8_t kind)
{
    struct lk_80211_header header = { .kind = kind };

    memcpy(header.a1, bssid, sizeof bssid);
    memcpy(header.a2, sta->mac, sizeof sta->mac);
    memcpy(header.a3, bssid, sizeof bssid);
    header.sequence = ++sta->sequence & LK_80211_SEQUENCE_MAX;
    return header;
}

static struct wt_frame frame_of(unsigned station)
{
    return (struct wt_frame){ .to_wt = true, .station = station };
}

struct wt_frame rig_station_data(struct wt_rig *rig, unsigned station, uint16_t ethertype,
                                 struct lk_span octets, bool clear)
{
    struct wt_station *sta = &rig->station[station];
    struct wt_frame frame = frame_of(station);
    struct lk_80211_header header = header_of(sta, LK_80211_DATA);
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets), body;
    uint8_t plain[LK_RSN_DATA_MAX];

    header.flags = LK_80211_TO_DS;
    body = lk_writer_of(plain, sizeof plain);
    lk_80211_payload_put(&body, &(struct lk_80211_payload){ ethertype, octets });
    if (clear || !sta->ccmp.now.is_set) {
        assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
        lk_put_span(&w, lk_writer_span(&body));
    } else {
        assert_int_equal(lk_rsn_ccmp_seal(&sta->ccmp, &w, &header, lk_writer_span(&body)), LK_OK);
    }
    assert_int_equal(lk_writer_end(&w), LK_OK);
    frame.len = w.len;
    return frame;
}

static void carry_out(struct wt_rig *rig, unsigned station, const struct lk_rsn_outbox *out)
{
    struct wt_station *sta = &rig->station[station];

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_rsn_output *o = &out->item[i];
        struct wt_frame frame;

        if (o->kind == LK_RSN_OUT_SEND) {
            frame = rig_station_data(rig, station, LK_EAPOL_ETHERTYPE, o->send, false);
            fly(rig, true, station, lk_span_of(frame.octets, frame.len));
        }
        if (o->kind == LK_RSN_OUT_INSTALL) {
            sta->installs++;
            assert_int_equal(lk_rsn_ccmp_install(&sta->ccmp, &o->tk, rig->now_ms), LK_OK);
        }
        if (o->kind == LK_RSN_OUT_INSTALL_GROUP)
            sta->group_key_id = o->group.key_id;
        sta->opens += o->kind == LK_RSN_OUT_OPEN;
    }
}

static enum lk_status to_station(struct wt_rig *rig, unsigned station, struct lk_rsn_event event)
{
    struct lk_writer w = lk_writer_of(event.entropy, sizeof event.entropy);
    struct lk_rsn_outbox out;
    enum lk_status status;

    lk_put_be64(&w, ++rig->drawn);
    event.now_ms = rig->now_ms;
    status = lk_rsn_supplicant_step(&rig->station[station].s, &rig->config.rsn, &event, &out);
    if (status == LK_OK)
        carry_out(rig, station, &out);
    return status;
}

void rig_station_key(struct wt_rig *rig, unsigned station, uint8_t key)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    memset(event.pmk.octets, key, sizeof event.pmk.octets);
    assert_int_equal(to_station(rig, station, event), LK_OK);
}

void rig_authenticate(struct wt_rig *rig, unsigned station)
{
    struct lk_80211_authentication message = { .algorithm = LK_80211_OPEN_SYSTEM,
                                               .transaction = 1 };
    struct wt_frame frame = frame_of(station);
    struct lk_80211_header header = header_of(&rig->station[station], LK_80211_AUTHENTICATION);
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    assert_int_equal(lk_80211_authentication_encode(&w, &message), LK_OK);
    fly(rig, true, station, lk_writer_span(&w));
}

/* With the PMKID of its newest key where the AKM wants one. */
static size_t station_rsne(struct wt_rig *rig, unsigned station, uint8_t octets[LK_RSNE_MAX])
{
    struct wt_station *sta = &rig->station[station];
    enum lk_akm akm = rig->config.rsn.akm;
    uint8_t pmkid[LK_PMKID_LEN];
    struct lk_writer w = lk_writer_of(octets, LK_RSNE_MAX);
    struct lk_span named = lk_span_of(NULL, 0);
    struct lk_rsne rsne;

    lk_pmkid_derive(pmkid, akm, sta->s.has_pending ? &sta->s.pending : &sta->s.pmk, bssid,
                    sta->mac);
    if (akm == LK_AKM_8021X || akm == LK_AKM_8021X_SHA256)
        named = LK_SPAN(pmkid);
    rsne = lk_rsne_of((uint8_t)akm, 0, named);
    assert_int_equal(lk_rsne_encode(&w, &rsne), LK_OK);
    return w.len;
}

struct wt_frame rig_association_request(struct wt_rig *rig, unsigned station, bool again)
{
    uint8_t rsne[LK_RSNE_MAX];
    struct lk_80211_association_request request = { .again = again };
    struct wt_frame frame = frame_of(station);
    struct lk_80211_header header =
        header_of(&rig->station[station], again ? LK_80211_REASSOCIATION_REQUEST
                                                : LK_80211_ASSOCIATION_REQUEST);
    struct lk_writer w = lk_writer_of(frame.octets, sizeof frame.octets);
    static const uint8_t rates[] = { 0x8c };

    memcpy(request.current, bssid, sizeof bssid);
    request.elements.ssid = lk_span_text(ssid);
    request.elements.rates = LK_SPAN(rates);
    request.elements.rsne = lk_span_of(rsne, station_rsne(rig, station, rsne));
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    assert_int_equal(lk_80211_association_request_encode(&w, &request), LK_OK);
    frame.len = w.len;
    return frame;
}

static void gone(struct wt_station *sta)
{
    sta->associated = false;
    lk_rsn_ccmp_wipe(&sta->ccmp);
    lk_rsn_ccmp_init(&sta->ccmp);
}

void rig_associate(struct wt_rig *rig, unsigned station)
{
    rig_authenticate(rig, station);
    rig_run(rig);
}

static void associated(struct wt_rig *rig, unsigned station)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };
    uint8_t rsne[LK_RSNE_MAX];

    gone(&rig->station[station]);
    rig->station[station].associated = true;
    memcpy(event.associated.aa, bssid, sizeof bssid);
    memcpy(event.associated.spa, rig->station[station].mac, LK_STATION_LEN);
    event.associated.ap_rsne = lk_wt_rsne(rig->wt);
    event.associated.sta_rsne = lk_span_of(rsne, station_rsne(rig, station, rsne));
    assert_int_equal(to_station(rig, station, event), LK_OK);
}

static void hear_management(struct wt_rig *rig, unsigned station,
                            const struct lk_80211_header *header, struct lk_span body)
{
    struct wt_station *sta = &rig->station[station];
    struct lk_80211_association_response response;
    struct lk_80211_authentication message;
    struct wt_frame frame;

    switch (header->kind) {
    case LK_80211_AUTHENTICATION:
        assert_int_equal(lk_80211_authentication_decode(&message, body), LK_OK);
        assert_int_equal(message.transaction, 2);
        frame = rig_association_request(rig, station, false);
        if (message.status == LK_80211_SUCCESS)
            fly(rig, true, station, lk_span_of(frame.octets, frame.len));
        break;
    case LK_80211_ASSOCIATION_RESPONSE:
    case LK_80211_REASSOCIATION_RESPONSE:
        assert_int_equal(lk_80211_association_response_decode(&response, body), LK_OK);
        sta->status = response.status;
        if (response.status == LK_80211_SUCCESS)
            associated(rig, station);
        else
            sta->refusals++;
        break;
    case LK_80211_DEAUTHENTICATION:
        assert_int_equal(lk_80211_reason_decode(&sta->reason, body), LK_OK);
        sta->deauthentications++;
        if (sta->associated)
            assert_int_equal(to_station(rig, station,
                                        (struct lk_rsn_event){ .kind = LK_RSN_EV_LEFT }), LK_OK);
        gone(sta);
        break;
    default: fail();
    }
}

static void hear(struct wt_rig *rig, const struct wt_frame *frame)
{
    struct wt_station *sta = &rig->station[frame->station];
    struct lk_span octets = lk_span_of(frame->octets, frame->len), body;
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    struct lk_80211_payload payload;
    struct lk_80211_header header;
    static struct lk_rsn_data data;
    struct lk_lwaap lwaap;

    assert_int_equal(lk_80211_decode(&header, &body, octets), LK_OK);
    if (lk_80211_is_management(&header)) {
        hear_management(rig, frame->station, &header, body);
        return;
    }
    /* A message 3 again in clear, as the first handshake's message 4 was lost, is taken. */
    if ((header.flags & LK_80211_PROTECTED) != 0) {
        if (lk_rsn_ccmp_open(&sta->ccmp, &data, octets, rig->now_ms) != LK_OK)
            return;
        body = lk_span_of(data.octets, data.len);
    }
    assert_int_equal(lk_80211_payload_decode(&payload, &header, body), LK_OK);
    if (payload.ethertype == LK_EAPOL_ETHERTYPE) {
        event.received = payload.octets;
        (void)to_station(rig, frame->station, event);
    } else {
        assert_int_equal(lk_lwaap_decode(&lwaap, payload.octets), LK_OK);
        keep_text(sta->heard, lwaap.pdu);
    }
}

/* ---- the air ---- */

struct wt_frame rig_take(struct wt_rig *rig)
{
    struct wt_frame frame = rig->air[0];

    assert_true(rig->flying > 0);
    rig->flying--;
    memmove(&rig->air[0], &rig->air[1], rig->flying * sizeof rig->air[0]);
    return frame;
}

void rig_deliver(struct wt_rig *rig, const struct wt_frame *frame)
{
    if (frame->to_wt)
        (void)rig_frame(rig, lk_span_of(frame->octets, frame->len));
    else
        hear(rig, frame);
}

void rig_pass(struct wt_rig *rig, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        struct wt_frame frame = rig_take(rig);

        rig_deliver(rig, &frame);
    }
}

void rig_run(struct wt_rig *rig)
{
    for (unsigned i = 0; i < 1000 && rig->flying > 0; i++)
        rig_pass(rig, 1);
    assert_int_equal(rig->flying, 0);
}

void rig_wait(struct wt_rig *rig, uint64_t ms)
{
    uint64_t end_ms = rig->now_ms + ms;

    rig_run(rig);
    for (unsigned i = 0; i < 10000 && rig->wake_ms <= end_ms; i++) {
        if (rig->now_ms < rig->wake_ms)
            rig->now_ms = rig->wake_ms;
        assert_int_equal(rig_step(rig, (struct lk_wt_event){ .kind = LK_WT_EV_EXPIRED }), LK_OK);
        rig_run(rig);
    }
    assert_true(rig->wake_ms > end_ms);
    rig->now_ms = end_ms;
}

/* ---- whole things ---- */

enum lk_status rig_send_up(struct wt_rig *rig, unsigned station, const char *text)
{
    uint8_t octets[80];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct wt_frame frame;

    assert_int_equal(lk_lwaap_encode(&w, &(struct lk_lwaap){ WT_DRB, lk_span_text(text) }), LK_OK);
    frame = rig_station_data(rig, station, LK_LWA_ETHERTYPE, lk_writer_span(&w), false);
    return rig_frame(rig, lk_span_of(frame.octets, frame.len));
}

enum lk_status rig_send_down(struct wt_rig *rig, unsigned station, const char *text)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_DATA_DOWN };
    enum lk_status status;

    event.down.wt_ue_id = rig_told(rig, station).wt_ue_id;
    event.down.drb = WT_DRB;
    event.down.pdu = lk_span_text(text);
    status = rig_step(rig, event);
    rig_run(rig);
    return status;
}

struct lk_wt_told rig_told(const struct wt_rig *rig, unsigned station)
{
    struct lk_wt_told told = { .state = LK_LWA_WT_IDLE };

    (void)lk_wt_told_of(&told, rig->wt, rig->station[station].mac);
    return told;
}

void rig_live(struct wt_rig *rig, unsigned station)
{
    struct lk_xwap m = rig_addition(station, 100 + station, 1);

    assert_int_equal(rig_xw(rig, WT_ENB, &m), LK_OK);
    rig_station_key(rig, station, 1);
    rig_associate(rig, station);
    assert_int_equal(rig_told(rig, station).state, LK_LWA_WT_ACTIVE);
    rig_assert_agrees(rig, station);
    rig_forget(rig);
}

void rig_assert_agrees(struct wt_rig *rig, unsigned station)
{
    static unsigned number;
    char text[32];

    (void)snprintf(text, sizeof text, "number %u", ++number);
    assert_int_equal(rig_send_up(rig, station, text), LK_OK);
    assert_string_equal(rig->up, text);
    (void)snprintf(text, sizeof text, "number %u", ++number);
    assert_int_equal(rig_send_down(rig, station, text), LK_OK);
    assert_string_equal(rig->station[station].heard, text);
}

void rig_begin(struct wt_rig *rig)
{
    static const uint8_t seed[LK_WT_SEED_LEN] = { 1, 2, 3 };
    size_t size = lk_wt_size(&rig->config);

    free(rig->memory);
    rig->memory = malloc(size);
    memset(rig->memory, 0xa5, size);
    rig->wt = lk_wt_init(rig->memory, &rig->config, seed);
    rig->flying = 0;
    rig->wake_ms = UINT64_MAX;
    rig_forget(rig);
}

void rig_open(struct wt_rig *rig, enum lk_akm akm)
{
    memset(rig, 0, sizeof *rig);
    lk_wt_defaults(&rig->config);
    rig->config.rsn.akm = akm;
    rig->config.ues = WT_STATIONS;
    memcpy(rig->config.lwa.mac, bssid, sizeof bssid);
    rig->config.ssid_len = sizeof ssid - 1;
    memcpy(rig->config.ssid, ssid, sizeof ssid - 1);
    rig->now_ms = 1000;
    for (unsigned i = 0; i < WT_STATIONS; i++) {
        rig->station[i].mac[0] = 2;
        rig->station[i].mac[5] = (uint8_t)(i + 2);
        lk_rsn_supplicant_init(&rig->station[i].s);
        lk_rsn_ccmp_init(&rig->station[i].ccmp);
    }
    rig_begin(rig);
}

void rig_close(struct wt_rig *rig)
{
    free(rig->memory);
    rig->memory = NULL;
}
