/* IEEE 802.11 in a trace: authentication, association, the 4-way and group handshakes, data, the
 * end; and EAPOL-Key in frames of Ethernet. Beacons and the like are nobody's. What keys in the
 * capture say of them is association.c's. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "trace/association.h"
#include "wire/ccmp.h"

enum { GROUP_ADDRESS = 1, PMKID_SHOWN = 4 };

static bool is_ours(uint8_t kind)
{
    switch (kind) {
    case LK_80211_ASSOCIATION_REQUEST:
    case LK_80211_ASSOCIATION_RESPONSE:
    case LK_80211_REASSOCIATION_REQUEST:
    case LK_80211_REASSOCIATION_RESPONSE:
    case LK_80211_DISASSOCIATION:
    case LK_80211_AUTHENTICATION:
    case LK_80211_DEAUTHENTICATION:
    case LK_80211_DATA:
    case LK_80211_QOS_DATA:
        return true;
    default:
        return false;
    }
}

static bool is_key_frame(struct lk_span octets)
{
    struct lk_eapol eapol;

    return lk_eapol_decode(&eapol, octets) == LK_OK && eapol.type == LK_EAPOL_KEY;
}

static bool claims(const struct lk_datagram *datagram)
{
    if (datagram->carrier == LK_CARRIER_80211)
        return datagram->payload.len > 0 && is_ours(datagram->payload.at[0]);
    return datagram->carrier == LK_CARRIER_ETHER && datagram->number == LK_EAPOL_ETHERTYPE &&
           is_key_frame(datagram->payload);
}

/* ---- decoding ---- */

void lk_wlan_read_eapol(struct lk_trace_wlan *wlan, struct lk_span octets)
{
    struct lk_eapol_key_data data;
    struct lk_eapol eapol;

    wlan->message = LK_EAPOL_NO_MESSAGE;
    wlan->ethertype = LK_EAPOL_ETHERTYPE;
    wlan->has_key = lk_eapol_decode(&eapol, octets) == LK_OK &&
                    lk_eapol_key_decode(&wlan->key, &eapol) == LK_OK;
    if (!wlan->has_key)
        return;
    wlan->message = lk_eapol_key_message(&wlan->key);
    if (wlan->message == LK_EAPOL_M1 &&
        lk_eapol_key_data_decode(&data, wlan->key.data) == LK_OK)
        wlan->pmkid = data.pmkid;
}

static enum lk_status read_request(struct lk_trace_wlan *wlan, bool again, struct lk_span body)
{
    struct lk_80211_association_request m;
    struct lk_rsne rsne;
    enum lk_status status = lk_80211_association_request_decode(&m, again, body);

    if (status == LK_OK && m.elements.rsne.len > 0 &&
        lk_rsne_decode(&rsne, m.elements.rsne) == LK_OK && rsne.last >= LK_RSNE_PMKID &&
        rsne.pmkid.len >= LK_PMKID_LEN)
        wlan->pmkid = lk_span_of(rsne.pmkid.at, LK_PMKID_LEN);
    return status;
}

static enum lk_status read_management(struct lk_trace_wlan *wlan, struct lk_span body)
{
    struct lk_80211_association_response response;
    struct lk_80211_authentication authentication;
    enum lk_status status;

    switch (wlan->kind) {
    case LK_80211_AUTHENTICATION:
        status = lk_80211_authentication_decode(&authentication, body);
        wlan->code = authentication.status;
        return status;
    case LK_80211_ASSOCIATION_REQUEST:
    case LK_80211_REASSOCIATION_REQUEST:
        return read_request(wlan, wlan->kind == LK_80211_REASSOCIATION_REQUEST, body);
    case LK_80211_ASSOCIATION_RESPONSE:
    case LK_80211_REASSOCIATION_RESPONSE:
        status = lk_80211_association_response_decode(&response, body);
        wlan->code = response.status;
        return status;
    default:
        return lk_80211_reason_decode(&wlan->code, body);
    }
}

static enum lk_status read_data(struct lk_trace_wlan *wlan, const struct lk_80211_header *header,
                                struct lk_span body)
{
    struct lk_80211_payload payload;
    struct lk_ccmp_header ccmp;
    struct lk_reader r = lk_reader_of(body);
    enum lk_status status;

    wlan->sealed = (header->flags & LK_80211_PROTECTED) != 0;
    if (wlan->sealed) {
        status = lk_ccmp_header_get(&ccmp, &r);
        wlan->pn = ccmp.pn;
        wlan->len = body.len;
        return status;
    }
    status = lk_80211_payload_decode(&payload, header, body);
    if (status != LK_OK)
        return status;
    wlan->ethertype = payload.ethertype;
    wlan->len = payload.octets.len;
    if (payload.ethertype == LK_EAPOL_ETHERTYPE)
        lk_wlan_read_eapol(wlan, payload.octets);
    return LK_OK;
}

static void set_ends(struct lk_trace_message *m, const uint8_t *from, const uint8_t *to)
{
    memcpy(m->request ? m->wlan.station : m->wlan.ap, from, LK_STATION_LEN);
    memcpy(m->request ? m->wlan.ap : m->wlan.station, to, LK_STATION_LEN);
    m->wlan.group = (m->wlan.station[0] & GROUP_ADDRESS) != 0;
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_80211_header header;
    struct lk_span body;

    m->wlan.room = room;
    m->wlan.pmk = LK_TRACE_NONE;
    if (m->carrier != LK_CARRIER_80211) {
        m->wlan.ether = true;
        m->wlan.kind = LK_80211_DATA;
        lk_wlan_read_eapol(&m->wlan, m->octets);
        m->status = m->wlan.has_key ? LK_OK : LK_E_UNKNOWN;
        m->request = m->wlan.has_key && (m->wlan.key.info & LK_KEY_INFO_ACK) == 0;
        set_ends(m, m->from.address, m->to.address);
        return;
    }
    m->status = lk_80211_decode(&header, &body, m->octets);
    if (m->status != LK_OK)
        return;
    m->wlan.kind = header.kind;
    /* Of management frames the third address is the access point's. */
    m->request = lk_80211_is_management(&header) ?
                 !lk_span_equal(LK_SPAN(header.a2), LK_SPAN(header.a3)) :
                 (header.flags & LK_80211_TO_DS) != 0;
    set_ends(m, header.a2, header.a1);
    m->status = lk_80211_is_management(&header) ? read_management(&m->wlan, body)
                                                : read_data(&m->wlan, &header, body);
}

/* ---- runs ---- */

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    if (m->status != LK_OK || m->wlan.group)
        return LK_OK;
    return lk_association_place(trace, index, m->wlan.station,
                                m->request && (m->wlan.kind == LK_80211_AUTHENTICATION ||
                                               m->wlan.kind == LK_80211_ASSOCIATION_REQUEST));
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

/* ---- names ---- */

static const char *kind_name(uint8_t kind)
{
    switch (kind) {
    case LK_80211_ASSOCIATION_REQUEST: return "Association Request";
    case LK_80211_ASSOCIATION_RESPONSE: return "Association Response";
    case LK_80211_REASSOCIATION_REQUEST: return "Reassociation Request";
    case LK_80211_REASSOCIATION_RESPONSE: return "Reassociation Response";
    case LK_80211_DISASSOCIATION: return "Disassociation";
    case LK_80211_AUTHENTICATION: return "Authentication";
    case LK_80211_DEAUTHENTICATION: return "Deauthentication";
    default: return "Data";
    }
}

static const char *message_name(enum lk_eapol_message message)
{
    static const char *const names[LK_EAPOL_MESSAGE_COUNT] = {
        "EAPOL-Key of no handshake", "Message 1 of 4", "Message 2 of 4", "Message 3 of 4",
        "Message 4 of 4", "Group message 1 of 2", "Group message 2 of 2" };

    return names[message];
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_wlan *wlan = &m->wlan;
    bool four = wlan->message >= LK_EAPOL_M1 && wlan->message <= LK_EAPOL_M4;

    if (m->status != LK_OK)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s that does not decode", kind_name(wlan->kind));
    else if (wlan->ethertype == LK_EAPOL_ETHERTYPE)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%s",
                       wlan->has_key ? message_name(wlan->message) : "EAPOL",
                       wlan->rekey && four ? ", re-key" : "");
    else if (wlan->opened && wlan->ethertype == LK_LWA_ETHERTYPE)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "LWA data of bearer %u", wlan->drb);
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%s", kind_name(wlan->kind),
                       wlan->sealed ? ", protected" : "");
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_wlan *wlan = &m->wlan;

    if (wlan->sealed)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "CCMP, packet number %llu",
                       (unsigned long long)wlan->pn);
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s", wlan->ether ? "Ethernet" : "IEEE 802.11");
}

static bool has_status(const struct lk_trace_message *m)
{
    return m->wlan.kind == LK_80211_ASSOCIATION_RESPONSE ||
           m->wlan.kind == LK_80211_REASSOCIATION_RESPONSE ||
           (m->wlan.kind == LK_80211_AUTHENTICATION && !m->request);
}

static bool is_end(const struct lk_trace_wlan *wlan)
{
    return wlan->kind == LK_80211_DEAUTHENTICATION || wlan->kind == LK_80211_DISASSOCIATION;
}

static const char *judged_text(const struct lk_trace_wlan *wlan)
{
    bool pmkid = wlan->message == LK_EAPOL_M1;

    switch (wlan->judged) {
    case LK_TRACE_NOT_JUDGED:
        return NULL;
    case LK_TRACE_RIGHT:
        return pmkid ? NULL : "MIC right";
    case LK_TRACE_WRONG:
        return pmkid ? "of no S-KWT in the capture" : "MIC of no S-KWT in the capture";
    }
    return NULL;
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_wlan *wlan = &m->wlan;
    char hex[2 * PMKID_SHOWN + 1];

    if (m->status != LK_OK)
        return;
    if (wlan->pmkid.len >= PMKID_SHOWN) {
        LK_ASSERT(lk_hex_encode(hex, sizeof hex, lk_span_of(wlan->pmkid.at, PMKID_SHOWN)) == LK_OK);
        lk_trace_append(text, lk_span_text("PMKID "), false);
        lk_trace_append(text, lk_span_text(hex), false);
        lk_trace_append(text, lk_span_text(".."), false);
    }
    if (judged_text(wlan) != NULL)
        lk_trace_append(text, lk_span_text(judged_text(wlan)), true);
    if (has_status(m) && wlan->code == LK_80211_SUCCESS)
        lk_trace_append(text, lk_span_text("success"), true);
    else if (has_status(m))
        lk_trace_append_f(text, "status %u", wlan->code);
    if (is_end(wlan))
        lk_trace_append_f(text, "reason %u", wlan->code);
    if (wlan->has_key && wlan->message != LK_EAPOL_NO_MESSAGE)
        lk_trace_append_f(text, "replay counter %u", (unsigned)wlan->key.replay);
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    const struct lk_trace_wlan *wlan = &m->wlan;

    rung->from = m->request ? LK_LANE_DEVICE : LK_LANE_WT;
    rung->to = m->request ? LK_LANE_WT : LK_LANE_DEVICE;
    if (m->status != LK_OK || wlan->judged == LK_TRACE_WRONG || is_end(wlan) ||
        (has_status(m) && wlan->code != LK_80211_SUCCESS))
        rung->kind = LK_RUNG_REFUSED;
    else if (wlan->message == LK_EAPOL_M4)
        rung->kind = LK_RUNG_GRANTED;
    else if (wlan->message != LK_EAPOL_NO_MESSAGE)
        rung->kind = wlan->rekey ? LK_RUNG_FAST : LK_RUNG_CHALLENGE;
}

/* ---- fields ---- */

static void tell_key(const struct lk_teller *t, const struct lk_trace_wlan *wlan)
{
    char text[LK_FIELD_VALUE_MAX];

    lk_tell(t, 0, "EAPOL-Key", "IEEE 802.11 12.7.2", "%s", message_name(wlan->message));
    lk_tell(t, 1, "Key Information", "", "%04x", wlan->key.info);
    lk_tell(t, 1, "Key Replay Counter", "", "%llu", (unsigned long long)wlan->key.replay);
    lk_field_hex(text, LK_SPAN(wlan->key.nonce));
    lk_tell(t, 1, "Key Nonce", "", "%s", text);
    lk_field_hex(text, LK_SPAN(wlan->key.mic));
    lk_tell(t, 1, "Key MIC", "", "%s", text);
    lk_tell(t, 1, "Key Data", "", "%zu octets%s", wlan->key.data.len,
            (wlan->key.info & LK_KEY_INFO_ENCRYPTED) != 0 ? ", encrypted" : "");
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    const struct lk_trace_wlan *wlan = &m->wlan;
    char station[LK_STATION_TEXT], ap[LK_STATION_TEXT], text[LK_FIELD_VALUE_MAX];

    lk_station_text(station, wlan->station);
    lk_station_text(ap, wlan->ap);
    lk_tell(t, 0, wlan->ether ? "Ethernet" : "IEEE 802.11", "IEEE 802.11 9.2", "%s, %zu octets",
            kind_name(wlan->kind), m->octets.len);
    lk_tell(t, 1, "Station", "", "%s", station);
    lk_tell(t, 1, "Access point", "", "%s", ap);
    if (m->status != LK_OK)
        return;
    if (has_status(m))
        lk_tell(t, 1, "Status", "IEEE 802.11 9.4.1.9", "%u", wlan->code);
    if (is_end(wlan))
        lk_tell(t, 1, "Reason", "IEEE 802.11 9.4.1.7", "%u", wlan->code);
    if (wlan->sealed)
        lk_tell(t, 1, "Packet number", "IEEE 802.11 12.5.3.2", "%llu",
                (unsigned long long)wlan->pn);
    if (wlan->opened)
        lk_tell(t, 1, "In it", "", "EtherType %04x, %zu octets", wlan->ethertype, wlan->len);
    if (wlan->pmkid.len > 0) {
        lk_field_hex(text, wlan->pmkid);
        lk_tell(t, 1, "PMKID", "IEEE 802.11 12.7.1.3", "%s", text);
    }
    if (wlan->has_key)
        tell_key(t, wlan);
    if (judged_text(wlan) != NULL)
        lk_tell(t, 1, "Judged", "", "%s", judged_text(wlan));
}

const struct lk_trace_protocol lk_trace_protocol_wlan = {
    .name = "WLAN",
    .claims = claims,
    .decode = decode,
    .place = place,
    .sum_up = sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = fields,
};
