/* Uu in a trace: HELLO of a device, and its SRB1, in the frame of wire/uu. Nothing is ciphered
 * there, so RRC and NAS are read without a key. */
#include <stdio.h>
#include <string.h>

#include "trace/association.h"
#include "wire/nas.h"
#include "wire/pdcp.h"
#include "wire/rrc.h"
#include "wire/rrc_attach.h"

static bool claims(const struct lk_datagram *datagram)
{
    struct lk_uu_hello hello;
    struct lk_uu uu;

    return datagram->carrier == LK_CARRIER_UDP &&
           (lk_uu_decode(&uu, datagram->payload) == LK_OK ||
            lk_uu_hello_decode(&hello, datagram->payload) == LK_OK);
}

/* ---- decoding ---- */

static void read_nas(struct lk_trace_uu *uu, struct lk_span octets)
{
    struct lk_nas_header header;

    /* The type is the second octet of a plain message; of a ciphered one it says nothing. */
    if (lk_nas_header_decode(&header, octets) == LK_OK && header.message.len >= 2 &&
        header.security != LK_NAS_CIPHERED && header.security != LK_NAS_NEW_CIPHERED)
        uu->nas = header.message.at[1];
}

static void read_attach(struct lk_trace_uu *uu, bool down, struct lk_span octets)
{
    struct lk_rrc_attach m;
    enum lk_status status = down ? lk_rrc_attach_downlink_decode(&m, octets)
                                 : lk_rrc_attach_uplink_decode(&m, octets);

    if (status != LK_OK)
        return;
    switch (m.type) {
    case LK_RRC_DOWNLINK_NAS:
    case LK_RRC_UPLINK_NAS:
        uu->rrc = LK_TRACE_RRC_NAS;
        read_nas(uu, lk_span_of(m.nas, m.nas_len));
        break;
    case LK_RRC_SECURITY_COMMAND:
        uu->rrc = LK_TRACE_RRC_SECURITY_COMMAND;
        break;
    case LK_RRC_SECURITY_COMPLETE:
        uu->rrc = LK_TRACE_RRC_SECURITY_COMPLETE;
        break;
    case LK_RRC_SECURITY_FAILURE:
        uu->rrc = LK_TRACE_RRC_SECURITY_FAILURE;
        break;
    }
}

static void read_down(struct lk_trace_uu *uu, struct lk_span octets)
{
    struct lk_rrc_reconfiguration m;

    if (lk_rrc_reconfiguration_decode(&m, octets) != LK_OK) {
        read_attach(uu, true, octets);
        return;
    }
    uu->rrc = LK_TRACE_RRC_RECONFIGURATION;
    uu->has_lwa = m.has_lwa;
    uu->lwa_release = m.has_lwa && m.lwa.release;
    uu->has_counter = m.has_lwa && !m.lwa.release && m.lwa.has_counter;
    uu->wt_counter = uu->has_counter ? m.lwa.wt_counter : 0;
    uu->has_handover = m.has_handover;
    uu->pci = m.has_handover ? m.handover.pci : 0;
    uu->wt_kept = m.has_handover && m.handover.wt != LK_RRC_WT_RELEASED;
}

static void read_up(struct lk_trace_uu *uu, struct lk_span octets)
{
    struct lk_rrc_uplink m;

    if (lk_rrc_uplink_decode(&m, octets) != LK_OK) {
        read_attach(uu, false, octets);
        return;
    }
    uu->rrc = m.type == LK_RRC_COMPLETE ? LK_TRACE_RRC_COMPLETE : LK_TRACE_RRC_WLAN_STATUS;
    uu->status = m.type == LK_RRC_COMPLETE ? 0 : (uint8_t)m.status;
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_uu_hello hello;
    struct lk_pdcp pdcp;
    struct lk_uu uu;

    m->uu.hello = lk_uu_hello_decode(&hello, m->octets) == LK_OK;
    m->request = true;
    if (m->uu.hello) {
        lk_imsi_mask(m->uu.imsi, &hello.imsi);
        memcpy(m->uu.station, hello.mac, sizeof hello.mac);
        return;
    }
    m->status = lk_uu_decode(&uu, m->octets);
    if (m->status == LK_OK)
        m->status = lk_pdcp_decode(&pdcp, uu.pdu);
    if (m->status != LK_OK)
        return;
    m->request = !uu.downlink;
    m->uu.ue_id = uu.ue_id;
    m->uu.sn = pdcp.sn;
    if (uu.downlink)
        read_down(&m->uu, pdcp.message);
    else
        read_up(&m->uu, pdcp.message);
}

/* ---- runs ---- */

static const struct lk_capture_end *device_of(const struct lk_trace_message *m)
{
    return m->request ? &m->from : &m->to;
}

/* What comes before S-KWT there is one: an attach anew, and the WT Counter of an addition. */
static bool begins(const struct lk_trace_uu *uu)
{
    return uu->hello || uu->has_counter || uu->nas == LK_NAS_ATTACH_REQUEST ||
           uu->nas == LK_NAS_AUTHENTICATION_REQUEST;
}

/* A device keeps its end through handovers; which cell it is with does not matter. */
static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    if (m->uu.hello)
        return lk_association_place(trace, index, m->uu.station, begins(&m->uu));
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_UU && before->run != LK_TRACE_NONE &&
            lk_trace_same_end(device_of(before), device_of(m)))
            return lk_association_place(trace, index,
                                        trace->runs[before->run].association.station,
                                        begins(&m->uu));
    }
    return LK_OK; /* whose HELLO is not in the capture */
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

/* ---- names ---- */

static const char *rrc_name(const struct lk_trace_message *m)
{
    switch (m->uu.rrc) {
    case LK_TRACE_RRC_UNKNOWN:
        return "RRC, another message";
    case LK_TRACE_RRC_RECONFIGURATION:
        return "RRCConnectionReconfiguration";
    case LK_TRACE_RRC_COMPLETE:
        return "RRCConnectionReconfigurationComplete";
    case LK_TRACE_RRC_WLAN_STATUS:
        return "WLANConnectionStatusReport";
    case LK_TRACE_RRC_NAS:
        return m->request ? "ULInformationTransfer" : "DLInformationTransfer";
    case LK_TRACE_RRC_SECURITY_COMMAND:
        return "SecurityModeCommand";
    case LK_TRACE_RRC_SECURITY_COMPLETE:
        return "SecurityModeComplete";
    case LK_TRACE_RRC_SECURITY_FAILURE:
        return "SecurityModeFailure";
    }
    return "?";
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    if (m->uu.hello)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "HELLO of the lab");
    else if (m->status != LK_OK)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "SRB1 that does not decode");
    else if (m->uu.rrc == LK_TRACE_RRC_NAS && m->uu.nas != 0)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s", lk_nas_type_name(m->uu.nas));
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s", rrc_name(m));
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    name[0] = '\0';
    if (m->uu.hello || m->status != LK_OK)
        return;
    (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%sSRB1, SN %u",
                   m->uu.rrc == LK_TRACE_RRC_NAS ? rrc_name(m) : "",
                   m->uu.rrc == LK_TRACE_RRC_NAS ? ", " : "", m->uu.sn);
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    char station[LK_STATION_TEXT];

    if (m->uu.hello) {
        lk_station_text(station, m->uu.station);
        lk_trace_append(text, lk_span_text("IMSI "), false);
        lk_trace_append(text, lk_span_text(m->uu.imsi), false);
        lk_trace_append(text, lk_span_text(station), true);
        return;
    }
    if (m->uu.has_handover) {
        lk_trace_append_f(text, "handover to cell %u", m->uu.pci);
        lk_trace_append(text, lk_span_text(m->uu.wt_kept ? "WT kept" : "LWA ends"), true);
    }
    if (m->uu.has_counter)
        lk_trace_append_f(text, "WT Counter %u", m->uu.wt_counter);
    if (m->uu.lwa_release)
        lk_trace_append(text, lk_span_text("LWA is released"), true);
    if (m->uu.rrc == LK_TRACE_RRC_WLAN_STATUS && m->uu.status < LK_RRC_WLAN_STATUS_COUNT)
        lk_trace_append(text, lk_span_text(lk_rrc_wlan_status_name(m->uu.status)), true);
    if (m->status == LK_OK)
        lk_trace_append_f(text, "UE %u", m->uu.ue_id);
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = m->request ? LK_LANE_DEVICE : LK_LANE_ENB;
    rung->to = m->request ? LK_LANE_ENB : LK_LANE_DEVICE;
    rung->kind = m->uu.has_counter ? LK_RUNG_FAST :
                 m->uu.rrc == LK_TRACE_RRC_SECURITY_FAILURE ||
                 (m->uu.rrc == LK_TRACE_RRC_WLAN_STATUS &&
                  m->uu.status != LK_RRC_WLAN_ASSOCIATED && m->uu.status != LK_RRC_WLAN_RESUMED) ?
                 LK_RUNG_REFUSED : LK_RUNG_PLAIN;
    if (m->uu.nas == LK_NAS_AUTHENTICATION_REQUEST || m->uu.nas == LK_NAS_AUTHENTICATION_RESPONSE)
        rung->kind = LK_RUNG_CHALLENGE;
    if (m->uu.nas == LK_NAS_AUTHENTICATION_REJECT || m->uu.nas == LK_NAS_AUTHENTICATION_FAILURE ||
        m->uu.nas == LK_NAS_ATTACH_REJECT || m->uu.nas == LK_NAS_SECURITY_REJECT)
        rung->kind = LK_RUNG_REFUSED;
}

/* ---- fields ---- */

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], station[LK_STATION_TEXT];

    name_of(name, m);
    lk_tell(t, 0, "Uu", "", "%s, %zu octets", name, m->octets.len);
    if (m->uu.hello) {
        lk_station_text(station, m->uu.station);
        lk_tell(t, 1, "IMSI", "", "%s", m->uu.imsi);
        lk_tell(t, 1, "WLAN address", "", "%s", station);
        return;
    }
    if (m->status != LK_OK)
        return;
    lk_tell(t, 1, "UE", "", "%u", m->uu.ue_id);
    lk_tell(t, 1, "PDCP sequence number", "TS 36.323 6.2.2", "%u", m->uu.sn);
    lk_tell(t, 1, "RRC", "TS 36.331 6.2.2", "%s", rrc_name(m));
    if (m->uu.has_handover)
        lk_tell(t, 1, "mobilityControlInfo", "TS 36.331 5.3.5.4", "cell %u, %s", m->uu.pci,
                m->uu.wt_kept ? "handoverWithoutWT-Change" : "the UE releases LWA");
    if (m->uu.has_counter)
        lk_tell(t, 1, "lwa-WT-Counter", "TS 36.331 5.6.14.2", "%u", m->uu.wt_counter);
    if (m->uu.lwa_release)
        lk_tell(t, 1, "lwa-Configuration", "TS 36.331 5.6.14.2", "release");
    if (m->uu.nas != 0)
        lk_tell(t, 1, "NAS", "TS 24.301 9.8", "%s", lk_nas_type_name(m->uu.nas));
}

const struct lk_trace_protocol lk_trace_protocol_uu = {
    .name = "Uu",
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
