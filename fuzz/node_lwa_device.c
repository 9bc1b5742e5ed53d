/* Octets as the life of a device between its eNB and an access point: questions, frames as they
 * are, kept and given again, altered, in clear, of nobody, data, time.
 *
 * Promises: while there is a TK no data frame leaves in clear (A05); a packet number is used once
 * under a TK (A02); data comes up only as the access point sealed it, each frame once; a key goes
 * in once; there are no keys without LWA. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "node/lwa_device.h"
#include "proto/rsn/authenticator.h"

enum { FRAMES = 8, STEPS = 80 };

static const uint8_t ap[] = { 2, 0, 0, 0, 0, 1 }, own[] = { 2, 0, 0, 0, 0, 2 };

struct frame {
    size_t len;
    uint8_t octets[LK_80211_FRAME_MAX];
};

static struct run {
    struct lk_lwa_device d;
    struct lk_lwa_device_config config;
    struct lk_lwa_device_outbox out;
    struct lk_lwa_ue_context context;
    struct lk_k_rrc_int key;
    struct lk_srb srb;
    struct lk_rsn_authenticator a;
    struct lk_rsn_ccmp ccmp; /* of the access point */
    struct frame up[FRAMES], down[FRAMES];
    unsigned ups, downs, ups_heard, downs_heard;
    uint64_t now_ms, drawn, pn;
    struct lk_tk tk;
    unsigned sealed, delivered; /* data of the access point */
} f;

static void keep(struct frame *frames, unsigned *count, struct lk_span octets)
{
    struct frame *frame = &frames[(*count)++ % FRAMES];

    LK_ASSERT(octets.len <= sizeof frame->octets);
    frame->len = octets.len;
    memcpy(frame->octets, octets.at, octets.len);
}

static void look_at_frame(struct lk_span frame, const struct lk_rsn_ccmp_key *had)
{
    struct lk_80211_header header;
    struct lk_ccmp_header ccmp;
    struct lk_reader r;
    struct lk_span body;

    LK_ASSERT(lk_80211_decode(&header, &body, frame) == LK_OK);
    if (lk_80211_is_management(&header))
        return;
    LK_ASSERT(((header.flags & LK_80211_PROTECTED) != 0) == had->is_set);
    if (!had->is_set)
        return;
    r = lk_reader_of(body);
    LK_ASSERT(lk_ccmp_header_get(&ccmp, &r) == LK_OK);
    LK_ASSERT(ccmp.pn > f.pn || !lk_same_secret(&f.tk, &had->tk, sizeof f.tk));
    f.tk = had->tk;
    f.pn = ccmp.pn;
}

static void look(const struct lk_lwa_device_output *item, const struct lk_rsn_ccmp_key *had)
{
    switch (item->kind) {
    case LK_LWA_DEVICE_OUT_FRAME:
        look_at_frame(item->send, had);
        keep(f.up, &f.ups, item->send);
        break;
    case LK_LWA_DEVICE_OUT_DATA_DOWN:
        LK_ASSERT(had->is_set && ++f.delivered <= f.sealed);
        LK_ASSERT(lk_span_equal(item->down.pdu, lk_span_text("down")));
        break;
    case LK_LWA_DEVICE_OUT_RRC: LK_ASSERT(item->send.len > 0); break;
    case LK_LWA_DEVICE_OUT_WAKE: LK_ASSERT(item->wake_ms != 0); break;
    case LK_LWA_DEVICE_OUT_FACT:
    case LK_LWA_DEVICE_OUT_REFUSAL:
    case LK_LWA_DEVICE_OUT_NOTICE: break;
    }
}

static enum lk_status step(struct lk_lwa_device_event *event)
{
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);
    struct lk_rsn_ccmp_key had = f.d.ccmp.now;
    enum lk_status status;

    event->now_ms = f.now_ms;
    lk_put_be64(&w, ++f.drawn);
    status = lk_lwa_device_step(&f.d, &f.config, event, &f.out);
    for (size_t i = 0; i < f.out.count; i++)
        look(&f.out.item[i], &had);
    LK_ASSERT(f.d.usable == f.d.ccmp.now.is_set);
    LK_ASSERT(!f.d.usable || f.d.ue.state == LK_LWA_UE_ACTIVE);
    LK_ASSERT(f.d.counters.installs_refused == 0);
    return status;
}

/* ---- the eNB ---- */

static void begin_key(void)
{
    lk_k_rrc_int_derive(&f.key, &f.context.kenb, 2);
    lk_srb_begin(&f.srb, LK_EIA_DOWNLINK);
}

static void ask(uint8_t what)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_RRC };
    struct lk_rrc_reconfiguration m = { .has_lwa = true, .transaction = what >> 6 };
    struct lk_wlan_id *id = &m.lwa.to_add.id[0];
    uint8_t message[256], pdu[256 + 8];
    struct lk_writer w = lk_writer_of(message, sizeof message), p = lk_writer_of(pdu, sizeof pdu);

    m.lwa.release = what % 16 == 15;
    m.lwa.has_counter = m.lwa.has_mobility = !m.lwa.release;
    m.lwa.wt_counter = what % 4;
    m.lwa.to_add.count = 1;
    m.lwa.association_timer_s = 10;
    id->has_bssid = true;
    memcpy(id->bssid, ap, sizeof ap);
    m.has_handover = what % 16 == 7;
    m.handover = (struct lk_rrc_handover){ .has_security = true, .ncc = what % 3,
                                           .wt = LK_RRC_WT_KEPT };
    LK_ASSERT(lk_rrc_reconfiguration_encode(&w, &m) == LK_OK);
    LK_ASSERT(lk_srb_send(&f.srb, &p, &f.key, lk_writer_span(&w)) == LK_OK);
    event.octets = lk_writer_span(&p);
    if (step(&event) != LK_OK || !m.has_handover)
        return;
    f.context = f.d.ue.context; /* which KeNB* that is, unit/lwa_ue_rrc_test asks */
    begin_key();
}

/* ---- the access point ---- */

static struct lk_80211_header header_down(uint8_t kind, uint8_t flags)
{
    struct lk_80211_header header = { .kind = kind, .flags = flags };

    memcpy(header.a1, own, sizeof own);
    memcpy(header.a2, ap, sizeof ap);
    memcpy(header.a3, ap, sizeof ap);
    return header;
}

static void send_data(uint16_t ethertype, struct lk_span octets, bool clear)
{
    struct lk_80211_header header = header_down(LK_80211_QOS_DATA, LK_80211_FROM_DS);
    struct lk_80211_payload payload = { ethertype, octets };
    uint8_t body[LK_EAPOL_KEY_MAX + 16], frame[LK_80211_FRAME_MAX];
    struct lk_writer inner = lk_writer_of(body, sizeof body), w = lk_writer_of(frame, sizeof frame);
    bool seal = f.ccmp.now.is_set && !clear;

    lk_80211_payload_put(&inner, &payload);
    if (seal) {
        LK_ASSERT(lk_rsn_ccmp_seal(&f.ccmp, &w, &header, lk_writer_span(&inner)) == LK_OK);
        f.sealed += ethertype == LK_LWA_ETHERTYPE;
    } else {
        LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
        lk_put_span(&w, lk_writer_span(&inner));
    }
    keep(f.down, &f.downs, lk_writer_span(&w));
}

static void send_management(uint8_t kind, const uint8_t *body, size_t len)
{
    struct lk_80211_header header = header_down(kind, 0);
    uint8_t frame[128];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    lk_put_octets(&w, body, len);
    keep(f.down, &f.downs, lk_writer_span(&w));
}

static void to_ap(struct lk_rsn_event *event)
{
    static struct lk_rsn_outbox out;
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);

    event->now_ms = f.now_ms;
    lk_put_be64(&w, ++f.drawn);
    if (lk_rsn_authenticator_step(&f.a, &f.config.rsn, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        if (out.item[i].kind == LK_RSN_OUT_SEND)
            send_data(LK_EAPOL_ETHERTYPE, out.item[i].send, false);
        else if (out.item[i].kind == LK_RSN_OUT_PREPARE)
            (void)!lk_rsn_ccmp_prepare(&f.ccmp, &out.item[i].tk);
        else if (out.item[i].kind == LK_RSN_OUT_INSTALL)
            (void)!lk_rsn_ccmp_install(&f.ccmp, &out.item[i].tk, f.now_ms);
    }
}

static void give_pmk(uint8_t what)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };
    struct lk_s_kwt s_kwt;

    lk_s_kwt_derive(&s_kwt, &f.context.kenb, LK_S_KWT_FC, what % 4);
    lk_pmk_of_s_kwt(&event.pmk, &s_kwt);
    to_ap(&event);
}

static void associate(struct lk_span body)
{
    static const uint8_t yes[] = { 0, 0, 0, 0, 1, 0xc0, 1, 1, 0x82 };
    struct lk_80211_association_request request;
    struct lk_rsne rsne = lk_rsne_of(LK_AKM_PSK_SHA256, 0, lk_span_of(NULL, 0));
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };
    uint8_t element[LK_RSN_ELEMENT_MAX];
    struct lk_writer w = lk_writer_of(element, sizeof element);

    LK_ASSERT(lk_80211_association_request_decode(&request, false, body) == LK_OK);
    LK_ASSERT(lk_rsne_encode(&w, &rsne) == LK_OK);
    memcpy(event.associated.aa, ap, sizeof ap);
    memcpy(event.associated.spa, own, sizeof own);
    event.associated.ap_rsne = lk_writer_span(&w);
    event.associated.sta_rsne = request.elements.rsne;
    lk_rsn_ccmp_init(&f.ccmp);
    send_management(LK_80211_ASSOCIATION_RESPONSE, yes, sizeof yes);
    to_ap(&event);
}

static void ap_hears(uint8_t what)
{
    static const uint8_t yes[] = { 0, 0, 2, 0, 0, 0 };
    static struct lk_rsn_data data;
    const struct frame *frame = &f.up[what % FRAMES];
    struct lk_span octets = lk_span_of(frame->octets, frame->len), body;
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    struct lk_80211_header header;
    struct lk_80211_payload payload;

    if (lk_80211_decode(&header, &body, octets) != LK_OK)
        return;
    if (header.kind == LK_80211_AUTHENTICATION)
        send_management(LK_80211_AUTHENTICATION, yes, sizeof yes);
    if (header.kind == LK_80211_ASSOCIATION_REQUEST)
        associate(body);
    if (header.kind != LK_80211_QOS_DATA)
        return;
    if ((header.flags & LK_80211_PROTECTED) != 0) {
        if (lk_rsn_ccmp_open(&f.ccmp, &data, octets, f.now_ms) != LK_OK)
            return;
        body = lk_span_of(data.octets, data.len);
    }
    LK_ASSERT(lk_80211_payload_decode(&payload, &header, body) == LK_OK);
    event.received = payload.octets;
    if (payload.ethertype == LK_EAPOL_ETHERTYPE)
        to_ap(&event);
}

/* ---- the air ---- */

static void device_hears(uint8_t what, struct lk_reader *r, bool altered)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_FRAME };
    struct frame frame = f.down[what % FRAMES];

    if (frame.len == 0)
        return;
    if (altered) {
        frame.octets[lk_get_be16(r) % frame.len] ^= lk_get_u8(r);
        frame.len -= lk_get_u8(r) % 2;
    }
    event.octets = lk_span_of(frame.octets, frame.len);
    (void)!step(&event);
}

/* Some of what waits goes over, in its order. */
static void run(uint8_t what, struct lk_reader *r)
{
    for (unsigned i = 0; i < 1u + what % 8; i++) {
        if (f.ups_heard < f.ups)
            ap_hears((uint8_t)f.ups_heard++);
        if (f.downs_heard < f.downs)
            device_hears((uint8_t)f.downs_heard++, r, false);
    }
}

static void give(uint8_t what, struct lk_reader *r)
{
    static const uint8_t lwaap[] = { 4, 'd', 'o', 'w', 'n' }, bye[] = { 3, 0 };
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_EXPIRED };
    struct lk_rsn_event expired = { .kind = LK_RSN_EV_EXPIRED };

    switch (what % 14) {
    case 0:
        f.context = (struct lk_lwa_ue_context){ .kasme = { { what } } };
        lk_kenb_derive(&f.context.kenb, &f.context.kasme, what);
        begin_key();
        event.kind = LK_LWA_DEVICE_EV_CONTEXT;
        event.context = f.context;
        LK_ASSERT(step(&event) == LK_OK);
        break;
    case 1: ask(lk_get_u8(r)); break;
    case 2: give_pmk(lk_get_u8(r)); break;
    case 3: run(what, r); break;
    case 4: ap_hears(what >> 4); break;
    case 5: device_hears(what >> 4, r, false); break;
    case 6: device_hears(what >> 4, r, true); break;
    case 7: send_data(LK_LWA_ETHERTYPE, LK_SPAN(lwaap), what & 0x80); break;
    case 8: send_management(LK_80211_DEAUTHENTICATION, bye, sizeof bye); break;
    case 9: f.now_ms += (uint64_t)what << 2; to_ap(&expired); break;
    case 10: f.now_ms += (uint64_t)what << 2; LK_ASSERT(step(&event) == LK_OK); break;
    case 11:
        event.kind = LK_LWA_DEVICE_EV_DATA_UP;
        event.up = (struct lk_lwaap){ what >> 3, lk_get_lv8(r) };
        (void)!step(&event);
        break;
    case 12:
        event.kind = what & 0x80 ? LK_LWA_DEVICE_EV_FRAME : LK_LWA_DEVICE_EV_RRC;
        event.octets = lk_get_lv8(r);
        (void)!step(&event);
        break;
    default:
        event.kind = what & 0x80 ? LK_LWA_DEVICE_EV_LEAVE : LK_LWA_DEVICE_EV_EXPIRED;
        (void)!step(&event);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(&f, 0, sizeof f);
    lk_lwa_device_defaults(&f.config);
    lk_lwa_device_init(&f.d, own);
    lk_rsn_authenticator_init(&f.a);
    begin_key();
    for (unsigned i = 0; i < STEPS && r.left > 0; i++)
        give(lk_get_u8(&r), &r);
    return 0;
}
