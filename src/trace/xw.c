/* Xw in a trace: XwAP between eNB and WT, joined by trace/xw_read or written down in clear. A key
 * in it is not shown: whoever asks for keys gets them with the key tree. */
#include <stdio.h>
#include <string.h>

#include "trace/association.h"

static bool claims(const struct lk_datagram *datagram)
{
    return lk_trace_is_opened(datagram, "xwap"); /* the rest is trace/xw_read's */
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap message;

    m->status = lk_xwap_decode(&message, &found, m->octets);
    m->xw.type = LK_XWAP_TYPE_COUNT;
    if (m->status != LK_OK && m->status != LK_E_MISSING)
        return;
    m->xw.type = message.type;
    m->request = lk_xwap_is_of_enb(message.type);
    m->xw.has_enb_id = lk_xwap_has(&message, LK_XWAP_ENB_UE_ID);
    m->xw.has_wt_id = lk_xwap_has(&message, LK_XWAP_WT_UE_ID);
    m->xw.has_station = lk_xwap_has(&message, LK_XWAP_UE_IDENTITY);
    m->xw.has_cause = lk_xwap_has(&message, LK_XWAP_CAUSE);
    m->xw.enb_ue_id = message.enb_ue_id;
    m->xw.wt_ue_id = message.wt_ue_id;
    memcpy(m->xw.station, message.ue_identity, sizeof m->xw.station);
    m->xw.cause = message.cause;
    m->xw.has_key = message.key.len > 0;
    m->xw.key = message.key;
}

/* ---- runs ---- */

/* Both ends number the UE: the WT for all eNBs, an eNB for itself. */
static bool same_ue(const struct lk_trace_message *a, const struct lk_trace_message *b)
{
    const struct lk_trace_xw *one = &a->xw, *other = &b->xw;
    const struct lk_capture_end *enb_a = a->request ? &a->from : &a->to;
    const struct lk_capture_end *enb_b = b->request ? &b->from : &b->to;

    if (one->has_wt_id && other->has_wt_id)
        return one->wt_ue_id == other->wt_ue_id;
    return one->has_enb_id && other->has_enb_id && one->enb_ue_id == other->enb_ue_id &&
           lk_trace_same_end(enb_a, enb_b);
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    if (m->xw.has_station)
        return lk_association_place(trace, index, m->xw.station,
                                    m->xw.type == LK_XWAP_ADDITION_REQUEST);
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_XW && before->run != LK_TRACE_NONE && same_ue(before, m))
            return lk_association_place(trace, index,
                                        trace->runs[before->run].association.station,
                                        m->xw.has_key);
    }
    return LK_OK;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

/* ---- names ---- */

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    bool known = m->xw.type < LK_XWAP_TYPE_COUNT;

    (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%s",
                   known ? lk_xwap_type_name(m->xw.type) : "XwAP",
                   m->status == LK_OK ? "" : " that does not decode");
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    (void)snprintf(name, LK_TRACE_NAME_MAX, "XwAP");
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    char station[LK_STATION_TEXT];

    if (m->xw.has_key)
        lk_trace_append(text, lk_span_text("S-KWT"), true);
    if (m->xw.has_station) {
        lk_station_text(station, m->xw.station);
        lk_trace_append(text, lk_span_text(station), true);
    }
    if (m->xw.has_cause)
        lk_trace_append(text, lk_span_text(lk_xwap_cause_name(m->xw.cause)), true);
    if (m->xw.has_enb_id)
        lk_trace_append_f(text, "eNB UE id %u", m->xw.enb_ue_id);
    if (m->xw.has_wt_id)
        lk_trace_append_f(text, "WT UE id %u", m->xw.wt_ue_id);
}

/* ---- the ladder ---- */

static bool refuses(enum lk_xwap_type type)
{
    return type == LK_XWAP_ADDITION_REJECT || type == LK_XWAP_MODIFICATION_REJECT ||
           type == LK_XWAP_MODIFICATION_REFUSE;
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = m->request ? LK_LANE_ENB : LK_LANE_WT;
    rung->to = m->request ? LK_LANE_WT : LK_LANE_ENB;
    rung->kind = m->status != LK_OK || refuses(m->xw.type) ? LK_RUNG_REFUSED :
                 m->xw.type == LK_XWAP_ASSOCIATION_CONFIRMATION ? LK_RUNG_GRANTED :
                 m->xw.has_key ? LK_RUNG_FAST : LK_RUNG_PLAIN;
}

/* ---- fields ---- */

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], station[LK_STATION_TEXT];

    name_of(name, m);
    lk_tell(t, 0, "XwAP", "TS 36.463 9.1", "%s, %zu octets", name, m->octets.len);
    if (m->xw.has_enb_id)
        lk_tell(t, 1, "ENB-UE-XwAP-ID", "", "%u", m->xw.enb_ue_id);
    if (m->xw.has_wt_id)
        lk_tell(t, 1, "WT-UE-XwAP-ID", "", "%u", m->xw.wt_ue_id);
    if (m->xw.has_station) {
        lk_station_text(station, m->xw.station);
        lk_tell(t, 1, "UE-Identity", "", "%s", station);
    }
    if (m->xw.has_cause)
        lk_tell(t, 1, "Cause", "", "%s", lk_xwap_cause_name(m->xw.cause));
    if (m->xw.has_key)
        lk_tell(t, 1, "WLAN Security Information", "TS 33.401 G.2", "S-KWT, not shown here");
}

const struct lk_trace_protocol lk_trace_protocol_xw = {
    .name = "Xw",
    .recurs = true,
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
