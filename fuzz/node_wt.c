/* Octets as the life of a WT with two UEs: messages of eNBs, frames of stations that have true
 * keys, as they are, altered or cut, frames of nobody, data, links, time. Every TK that is
 * installed was the station's before, packet numbers only rise, and rows belong to who was
 * announced. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "node/wt_parts.h"
#include "proto/rsn/supplicant.h"

enum { UES = 2, ADDRESS_OCTET = 2, ENB_ID = 1 };

static _Alignas(max_align_t) uint8_t memory[64 * 1024];
static struct lk_wt_config config;
static struct lk_wt *wt;
static struct lk_wt_outbox out;
static struct lk_rsn_supplicant ue;
static struct lk_rsn_ccmp ccmp;
static struct lk_tk installed; /* the last at the station */
static uint8_t to_ue[LK_80211_FRAME_MAX], from_ue[LK_80211_FRAME_MAX];
static size_t to_ue_len, from_ue_len;
static uint64_t drawn, now_ms, sent;
static struct lk_tk sent_under;
static uint8_t key_octet;

static struct lk_wt_ue *row(void)
{
    static const uint8_t mac[LK_STATION_LEN] = { [5] = ADDRESS_OCTET };

    return lk_wt_of_mac(wt, mac);
}

static void check(void)
{
    const struct lk_wt_ue *r = row();

    LK_ASSERT(lk_wt_ue_count(wt) <= UES);
    if (r == NULL || !r->ccmp.now.is_set)
        return;
    LK_ASSERT(r->associated);
    LK_ASSERT(lk_same_secret(&r->ccmp.now.tk, &installed, sizeof installed) ||
              lk_same_secret(&r->ccmp.now.tk, &sent_under, sizeof sent_under));
    if (lk_same_secret(&r->ccmp.now.tk, &sent_under, sizeof sent_under))
        LK_ASSERT(r->ccmp.now.sent >= sent);
    sent = r->ccmp.now.sent;
    sent_under = r->ccmp.now.tk;
}

static void step(struct lk_wt_event event)
{
    event.now_ms = now_ms;
    (void)(lk_wt_step(wt, &event, &out) == LK_OK);
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_WT_OUT_FRAME && out.item[i].mac[5] == ADDRESS_OCTET) {
            to_ue_len = out.item[i].frame.len;
            memcpy(to_ue, out.item[i].frame.at, to_ue_len);
        }
    check();
}

static void frame(const uint8_t *octets, size_t len)
{
    step((struct lk_wt_event){ .kind = LK_WT_EV_FRAME, .frame = lk_span_of(octets, len) });
}

static const char place[] = "elsewhere";

/* T13: it changes nothing of the UE that it names, unless it is a message 2 under its key. */
static void frame_of_elsewhere(const uint8_t *octets, size_t len)
{
    struct lk_wt_told before = { .sent = 0 }, after = { .sent = 0 };
    const struct lk_wt_ue *named = row();
    bool had = named != NULL && lk_wt_told_of(&before, wt, named->mac);
    uint64_t associations = lk_wt_counted(wt)->associations;

    step((struct lk_wt_event){ .kind = LK_WT_EV_ELSEWHERE, .frame = lk_span_of(octets, len),
                               .from = lk_span_text(place) });
    if (lk_wt_counted(wt)->associations != associations)
        return;
    LK_ASSERT((row() != NULL && lk_wt_told_of(&after, wt, row()->mac)) == had);
    LK_ASSERT(before.state == after.state && before.sent == after.sent &&
              before.associated == after.associated && before.has_tk == after.has_tk);
}

/* ---- the station ---- */

static struct lk_80211_header header_of(uint8_t kind)
{
    struct lk_80211_header header = { .kind = kind };

    header.a1[5] = header.a3[5] = 1;
    header.a2[5] = ADDRESS_OCTET;
    return header;
}

static void say(struct lk_writer *w)
{
    from_ue_len = lk_writer_end(w) == LK_OK ? w->len : 0;
}

static void say_data(uint16_t ethertype, struct lk_span octets)
{
    struct lk_80211_header header = header_of(LK_80211_DATA);
    struct lk_writer w = lk_writer_of(from_ue, sizeof from_ue);
    uint8_t plain[LK_EAPOL_KEY_MAX + LK_LLC_LEN];
    struct lk_writer body = lk_writer_of(plain, sizeof plain);

    header.flags = LK_80211_TO_DS;
    lk_80211_payload_put(&body, &(struct lk_80211_payload){ ethertype, octets });
    if (ccmp.now.is_set) {
        LK_ASSERT(lk_rsn_ccmp_seal(&ccmp, &w, &header, lk_writer_span(&body)) == LK_OK);
    } else {
        LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
        lk_put_span(&w, lk_writer_span(&body));
    }
    say(&w);
}

static void ue_step(struct lk_rsn_event *event)
{
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);
    struct lk_rsn_outbox said;

    lk_put_be64(&w, ++drawn);
    event->now_ms = now_ms;
    if (lk_rsn_supplicant_step(&ue, &config.rsn, event, &said) != LK_OK)
        return;
    for (size_t i = 0; i < said.count; i++) {
        if (said.item[i].kind == LK_RSN_OUT_SEND)
            say_data(LK_EAPOL_ETHERTYPE, said.item[i].send);
        if (said.item[i].kind == LK_RSN_OUT_INSTALL) {
            installed = said.item[i].tk;
            LK_ASSERT(lk_rsn_ccmp_install(&ccmp, &installed, now_ms) == LK_OK);
        }
    }
}

static void ue_associated(void)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };

    lk_rsn_ccmp_init(&ccmp);
    event.associated.aa[5] = 1;
    event.associated.spa[5] = ADDRESS_OCTET;
    event.associated.ap_rsne = event.associated.sta_rsne = lk_wt_rsne(wt);
    ue_step(&event);
}

/* What the WT sent last. */
static void ue_hears(void)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    struct lk_80211_header header;
    struct lk_80211_payload payload;
    static struct lk_rsn_data data;
    struct lk_span body;

    if (lk_80211_decode(&header, &body, lk_span_of(to_ue, to_ue_len)) != LK_OK ||
        lk_80211_is_management(&header))
        return;
    if ((header.flags & LK_80211_PROTECTED) != 0) {
        if (lk_rsn_ccmp_open(&ccmp, &data, lk_span_of(to_ue, to_ue_len), now_ms) != LK_OK)
            return;
        body = lk_span_of(data.octets, data.len);
    }
    if (lk_80211_payload_decode(&payload, &header, body) != LK_OK)
        return;
    event.received = payload.octets;
    ue_step(&event);
}

static void ue_asks(uint8_t what)
{
    static const uint8_t rates[] = { 0x8c };
    struct lk_80211_association_request request = { .again = (what & 0x40) != 0 };
    struct lk_80211_authentication message = { .transaction = 1 };
    struct lk_80211_header header = header_of(LK_80211_AUTHENTICATION);
    struct lk_writer w = lk_writer_of(from_ue, sizeof from_ue);

    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    LK_ASSERT(lk_80211_authentication_encode(&w, &message) == LK_OK);
    frame(from_ue, w.len);
    header.kind = request.again ? LK_80211_REASSOCIATION_REQUEST : LK_80211_ASSOCIATION_REQUEST;
    request.elements.ssid = lk_span_text("lwa");
    request.elements.rates = LK_SPAN(rates);
    request.elements.rsne = lk_wt_rsne(wt);
    w = lk_writer_of(from_ue, sizeof from_ue);
    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    LK_ASSERT(lk_80211_association_request_encode(&w, &request) == LK_OK);
    say(&w);
    ue_associated();
    if ((what & 0x80) == 0)
        frame(from_ue, from_ue_len);
}

static void ue_speaks(struct lk_reader *r, uint8_t what)
{
    uint8_t altered[LK_80211_FRAME_MAX];
    size_t len = from_ue_len;

    memcpy(altered, from_ue, len);
    if ((what & 0x40) != 0 && len > 0)
        altered[lk_get_be16(r) % len] ^= lk_get_u8(r);
    if ((what & 0x80) != 0 && len > 0)
        len = lk_get_be16(r) % len;
    if ((what & 0x10) != 0)
        frame_of_elsewhere(altered, len);
    else
        frame(altered, len);
}

/* ---- eNBs ---- */

static void enb_says(uint8_t what, uint8_t octet)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_ADDITION_REQUEST, LK_XWAP_MODIFICATION_REQUEST, LK_XWAP_MODIFICATION_REQUEST,
        LK_XWAP_RELEASE_REQUEST, LK_XWAP_RELEASE_CONFIRM, LK_XWAP_MODIFICATION_CONFIRM,
        LK_XWAP_MODIFICATION_REFUSE, LK_XWAP_ADDITION_REQUEST,
    };
    uint8_t key[LK_XWAP_KEY_LEN] = { octet }, octets[512];
    struct lk_xwap m = { .type = types[what % 8], .enb_ue_id = ENB_ID, .key = LK_SPAN(key) };
    struct lk_wt_event event = { .kind = LK_WT_EV_XW };
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    bool add = m.type == LK_XWAP_ADDITION_REQUEST;
    const struct lk_wt_ue *r = row();

    m.wt_ue_id = r != NULL ? r->lwa.wt_ue_id : 0;
    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    if (!add || what % 8 == 7)
        lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    if (add) {
        lk_xwap_mark(&m, LK_XWAP_UE_IDENTITY);
        lk_xwap_mark(&m, LK_XWAP_SECURITY);
        lk_xwap_mark(&m, LK_XWAP_TO_BE_ADDED);
        lk_xwap_mark(&m, LK_XWAP_MOBILITY_SET);
        m.ue_identity[5] = ADDRESS_OCTET + (what >> 6);
        m.mobility_set.count = 1;
        m.mobility_set.id[0].has_bssid = true;
        m.added.count = 1;
        m.added.bearer[0] = (struct lk_xwap_bearer){ .e_rab_id = 5, .drb_id = 1 };
        m.added.bearer[0].qos = (struct lk_xwap_qos){ .present = true, .qci = 9, .priority = 8 };
        m.added.bearer[0].endpoint.address_bits = 32;
    } else if (m.type != LK_XWAP_RELEASE_REQUEST && m.type != LK_XWAP_RELEASE_CONFIRM &&
               m.type != LK_XWAP_MODIFICATION_CONFIRM) {
        lk_xwap_mark(&m, LK_XWAP_CAUSE);
    }
    if (m.type == LK_XWAP_MODIFICATION_REQUEST)
        lk_xwap_mark(&m, LK_XWAP_CONTEXT);
    if (lk_xwap_encode(&w, &m) != LK_OK)
        return;
    event.xw.link = (what & 0x20) != 0;
    event.xw.octets = lk_writer_span(&w);
    step(event);
}

static void ue_key(uint8_t octet)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    event.pmk.octets[0] = octet;
    ue_step(&event);
}

static void other(struct lk_reader *r, uint8_t what)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_XW };
    const struct lk_wt_ue *u = row();

    event.xw.link = what >> 7;
    switch ((what >> 4) % 6) {
    case 0: event.xw.octets = lk_get_lv16(r); break;
    case 1: event.kind = LK_WT_EV_XW_UP; break;
    case 2: event.kind = LK_WT_EV_XW_DOWN; break;
    case 3:
        event.kind = LK_WT_EV_DATA_DOWN;
        event.down.wt_ue_id = u != NULL ? u->lwa.wt_ue_id : 0;
        event.down.drb = 1;
        event.down.pdu = lk_get_lv8(r);
        break;
    default:
        event.kind = (what & 0x80) != 0 ? LK_WT_EV_RELEASE : LK_WT_EV_REMOVE;
        event.want.mac[5] = ADDRESS_OCTET;
        event.want.e_rab_id = 5;
    }
    step(event);
}

static void begin(uint8_t how)
{
    static const uint8_t seed[LK_WT_SEED_LEN] = { 1 };

    lk_wt_defaults(&config);
    config.ues = UES;
    config.lwa.mac[5] = 1;
    config.rsn.in_place = (how & 1) == 0;
    config.deauth_on_mismatch = (how & 2) != 0;
    config.lwa.finished_each_time = (how & 4) == 0;
    LK_ASSERT(lk_wt_size(&config) <= sizeof memory);
    wt = lk_wt_init(memory, &config, seed);
    lk_rsn_supplicant_init(&ue);
    lk_rsn_ccmp_init(&ccmp);
    memset(&installed, 0, sizeof installed);
    memset(&sent_under, 0, sizeof sent_under);
    to_ue_len = from_ue_len = 0;
    drawn = now_ms = sent = 0;
    key_octet = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint8_t text[] = { 1, 'x' };

    begin(lk_get_u8(&r));
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 10) {
        case 0: enb_says(lk_get_u8(&r), key_octet); break;
        case 1: ue_key(key_octet = (what & 0x80) != 0 ? what : key_octet); break;
        case 2: ue_asks(what); break;
        case 3: ue_hears(); break;
        case 4:
        case 5: ue_speaks(&r, what); break;
        case 6:
            now_ms += (uint64_t)lk_get_u8(&r) << (what >> 5);
            step((struct lk_wt_event){ .kind = LK_WT_EV_EXPIRED });
            break;
        case 7: say_data(LK_LWA_ETHERTYPE, LK_SPAN(text)); break;
        case 8: other(&r, what); break;
        default: {
            struct lk_span any = lk_get_lv16(&r);

            frame(any.at, any.len);
        }
        }
    }
    return 0;
}
