/* WLCP in a trace: messages that a TWAG wrote into the capture in clear. They are read by the
 * table's defaults (wire/wlcp_table.c). */
#include <stdio.h>
#include <string.h>

#include "trace/connection.h"

/* In clear on the port of the protocol: from nobody whom a TWAG would listen to. */
static bool claims(const struct lk_datagram *datagram)
{
    enum lk_wlcp_type type;

    if (lk_trace_is_opened(datagram, "wlcp"))
        return true;
    return datagram->carrier == LK_CARRIER_UDP && datagram->payload.len >= 2
           && (datagram->to.port == LK_WLCP_PORT || datagram->from.port == LK_WLCP_PORT)
           && lk_wlcp_type_of(&type, &lk_wlcp_table, datagram->payload.at[0]);
}

/* A message of both is read as the TWAG reads it, which asks for less. */
static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_trace_wlcp *wlcp = &m->wlcp;
    enum lk_wlcp_type type;
    enum lk_wlcp_end receiver = LK_WLCP_TWAG;

    if (m->octets.len > 0 && lk_wlcp_type_of(&type, &lk_wlcp_table, m->octets.at[0])) {
        wlcp->senders = lk_wlcp_table.layout[type].senders;
        receiver = wlcp->senders == LK_WLCP_TWAG ? LK_WLCP_UE : LK_WLCP_TWAG;
    }
    m->status = lk_wlcp_decode(&wlcp->message, &wlcp->verdict, &lk_wlcp_table, receiver, m->octets);
    m->request = wlcp->senders == LK_WLCP_UE;
}

/* ---- runs ---- */

/* The type that a message answers; LK_WLCP_TYPE_COUNT: it asks. */
static bool answers(enum lk_wlcp_type type, enum lk_wlcp_type asked)
{
    switch (type) {
    case LK_WLCP_CONNECTIVITY_ACCEPT:
    case LK_WLCP_CONNECTIVITY_REJECT:
        return asked == LK_WLCP_CONNECTIVITY_REQUEST;
    case LK_WLCP_CONNECTIVITY_COMPLETE:
        return asked == LK_WLCP_CONNECTIVITY_ACCEPT;
    case LK_WLCP_DISCONNECT_ACCEPT:
    case LK_WLCP_DISCONNECT_REJECT:
        return asked == LK_WLCP_DISCONNECT_REQUEST;
    case LK_WLCP_MODIFICATION_ACCEPT:
    case LK_WLCP_MODIFICATION_REJECT:
        return asked == LK_WLCP_MODIFICATION_REQUEST || asked == LK_WLCP_MODIFICATION_INDICATION;
    case LK_WLCP_STATUS:
        return asked != LK_WLCP_STATUS;
    case LK_WLCP_CONNECTIVITY_REQUEST:
    case LK_WLCP_DISCONNECT_REQUEST:
    case LK_WLCP_MODIFICATION_REQUEST:
    case LK_WLCP_MODIFICATION_INDICATION:
    case LK_WLCP_TYPE_COUNT:
        break;
    }
    return false;
}

/* spec: TS 24.244 5.1.3 - who answers repeats the PTI of who asked. */
static size_t find_asked(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_WLCP && before->run == m->run
            && before->wlcp.verdict.has_type && before->repeats == LK_TRACE_NONE
            && before->request != m->request && before->wlcp.message.pti == m->wlcp.message.pti
            && answers(m->wlcp.message.type, before->wlcp.message.type))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool one_side = m->wlcp.senders == LK_WLCP_UE || m->wlcp.senders == LK_WLCP_TWAG;
    enum lk_status status = lk_connection_place(trace, index, one_side, false, LK_TRACE_SESSION);

    m->wlcp.answered = false;
    if (status != LK_OK || !m->wlcp.verdict.has_type)
        return status;
    m->answers = find_asked(trace, index);
    if (m->answers != LK_TRACE_NONE)
        trace->messages[m->answers].wlcp.answered = true;
    return LK_OK;
}

/* WLCP runs only where DTLS is up. */
static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    if (m->opened)
        run->outcome = LK_TRACE_ACCEPTED;
    else if (run->outcome < LK_TRACE_ACCEPTED)
        run->outcome = m->request ? LK_TRACE_SILENT : LK_TRACE_OPEN;
}

size_t lk_trace_asked_of_twag(const struct lk_trace *trace, size_t index)
{
    size_t found = LK_TRACE_NONE;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol != LK_TRACE_WLCP || before->wlcp.answered || !before->request
            || !before->opened
            || before->repeats != LK_TRACE_NONE || !before->wlcp.verdict.has_type
            || (before->wlcp.message.type != LK_WLCP_CONNECTIVITY_REQUEST
                && before->wlcp.message.type != LK_WLCP_DISCONNECT_REQUEST))
            continue;
        if (found != LK_TRACE_NONE && before->run != trace->messages[found].run)
            return LK_TRACE_NONE;
        found = i - 1;
    }
    return found;
}

/* ---- names ---- */

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    static const char *const names[LK_WLCP_TYPE_COUNT] = {
        [LK_WLCP_CONNECTIVITY_REQUEST] = "PDN CONNECTIVITY REQUEST",
        [LK_WLCP_CONNECTIVITY_ACCEPT] = "PDN CONNECTIVITY ACCEPT",
        [LK_WLCP_CONNECTIVITY_REJECT] = "PDN CONNECTIVITY REJECT",
        [LK_WLCP_CONNECTIVITY_COMPLETE] = "PDN CONNECTIVITY COMPLETE",
        [LK_WLCP_DISCONNECT_REQUEST] = "PDN DISCONNECT REQUEST",
        [LK_WLCP_DISCONNECT_ACCEPT] = "PDN DISCONNECT ACCEPT",
        [LK_WLCP_DISCONNECT_REJECT] = "PDN DISCONNECT REJECT",
        [LK_WLCP_STATUS] = "WLCP STATUS",
        [LK_WLCP_MODIFICATION_REQUEST] = "PDN MODIFICATION REQUEST",
        [LK_WLCP_MODIFICATION_ACCEPT] = "PDN MODIFICATION ACCEPT",
        [LK_WLCP_MODIFICATION_REJECT] = "PDN MODIFICATION REJECT",
        [LK_WLCP_MODIFICATION_INDICATION] = "PDN MODIFICATION INDICATION",
    };

    if (m->wlcp.verdict.has_type)
        snprintf(name, LK_TRACE_NAME_MAX, "%s%s", names[m->wlcp.message.type],
                 m->status != LK_OK ? " that does not decode" : "");
    else
        snprintf(name, LK_TRACE_NAME_MAX, "not WLCP (%s)", lk_status_name(m->status));
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    name[0] = '\0';
    if (m->wlcp.verdict.has_header)
        snprintf(name, LK_TRACE_NAME_MAX, "WLCP, PTI %u", m->wlcp.message.pti);
}

static const char *pdn_type_name(uint8_t type)
{
    switch (type) {
    case LK_WLCP_IPV4:
        return "IPv4";
    case LK_WLCP_IPV6:
        return "IPv6";
    case LK_WLCP_IPV4V6:
        return "IPv4v6";
    default:
        return "unknown";
    }
}

static const char *request_type_name(uint8_t type)
{
    switch (type) {
    case LK_WLCP_INITIAL:
    case LK_WLCP_UNUSED_INITIAL:
        return "initial";
    case LK_WLCP_HANDOVER:
        return "handover";
    case LK_WLCP_EMERGENCY:
        return "emergency";
    default:
        return "unknown";
    }
}

static void apn_text(char text[LK_WLCP_APN_TEXT], struct lk_span labels)
{
    struct lk_wlcp_apn apn;

    text[0] = '\0';
    if (lk_wlcp_apn_decode(&apn, labels) == LK_OK)
        lk_wlcp_apn_text(text, &apn);
}

static void address_text(char text[LK_FIELD_VALUE_MAX], const struct lk_wlcp_address *address)
{
    size_t len = 0;

    text[0] = '\0';
    if ((address->pdn_type & LK_WLCP_IPV4) != 0)
        len = (size_t)snprintf(text, LK_FIELD_VALUE_MAX, "%u.%u.%u.%u", address->ipv4[0],
                               address->ipv4[1], address->ipv4[2], address->ipv4[3]);
    if ((address->pdn_type & LK_WLCP_IPV6) != 0) {
        const uint8_t *id = address->interface_id;

        snprintf(text + len, LK_FIELD_VALUE_MAX - len,
                 "%sinterface %02x%02x:%02x%02x:%02x%02x:%02x%02x", len > 0 ? ", " : "", id[0],
                 id[1], id[2], id[3], id[4], id[5], id[6], id[7]);
    }
}

static void tw1_text(char text[LK_FIELD_VALUE_MAX], uint8_t tw1)
{
    uint64_t ms = lk_gprs_timer3_ms(tw1);

    if (ms == UINT64_MAX)
        snprintf(text, LK_FIELD_VALUE_MAX, "deactivated");
    else
        snprintf(text, LK_FIELD_VALUE_MAX, "%llu s", (unsigned long long)(ms / 1000));
}

static void append_text(char text[LK_TRACE_SUMMARY_MAX], const char *what)
{
    lk_trace_append(text, lk_span_text(what), true);
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    const struct lk_wlcp_message *wlcp = &m->wlcp.message;
    char word[LK_FIELD_VALUE_MAX + 16], value[LK_FIELD_VALUE_MAX];

    if (!m->opened)
        append_text(text, "in clear");
    if (m->status != LK_OK)
        return;
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_REQUEST_TYPE))
        append_text(text, request_type_name(wlcp->request_type));
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_APN)) {
        apn_text(value, wlcp->apn);
        append_text(text, value);
    }
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_PDN_TYPE))
        append_text(text, pdn_type_name(wlcp->pdn_type));
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_PDN_ID)) {
        snprintf(word, sizeof word, "PDN %u", wlcp->pdn_id);
        append_text(text, word);
    }
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_PDN_ADDRESS)) {
        address_text(value, &wlcp->address);
        append_text(text, value);
    }
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_CAUSE)) {
        snprintf(word, sizeof word, "%u %s", wlcp->cause, lk_wlcp_cause_name(wlcp->cause));
        append_text(text, word);
    }
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_TW1)) {
        tw1_text(value, wlcp->tw1);
        snprintf(word, sizeof word, "Tw1 %s", value);
        append_text(text, word);
    }
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    lk_connection_rung(rung, trace, index);
    rung->kind = m->opened ? LK_RUNG_PLAIN : LK_RUNG_REFUSED;
    if (!m->wlcp.verdict.has_type || !m->opened)
        return;
    switch (m->wlcp.message.type) {
    case LK_WLCP_CONNECTIVITY_REQUEST:
    case LK_WLCP_MODIFICATION_REQUEST:
    case LK_WLCP_MODIFICATION_INDICATION:
        rung->kind = LK_RUNG_CHALLENGE;
        break;
    case LK_WLCP_CONNECTIVITY_ACCEPT:
    case LK_WLCP_CONNECTIVITY_COMPLETE:
    case LK_WLCP_MODIFICATION_ACCEPT:
        rung->kind = LK_RUNG_GRANTED;
        break;
    case LK_WLCP_CONNECTIVITY_REJECT:
    case LK_WLCP_DISCONNECT_REJECT:
    case LK_WLCP_MODIFICATION_REJECT:
    case LK_WLCP_STATUS:
        rung->kind = LK_RUNG_REFUSED;
        break;
    case LK_WLCP_DISCONNECT_REQUEST:
    case LK_WLCP_DISCONNECT_ACCEPT:
    case LK_WLCP_TYPE_COUNT:
        break;
    }
}

/* ---- fields ---- */

static void tell_pco(const struct lk_teller *t, struct lk_span pco)
{
    struct lk_reader r = lk_pco_reader(pco);
    char name[LK_FIELD_NAME_MAX], text[LK_FIELD_VALUE_MAX];
    struct lk_pco_item item;

    lk_tell(t, 1, "Protocol configuration options", "TS 24.008 10.5.6.3", "%zu octets", pco.len);
    while (lk_pco_next(&r, &item)) {
        snprintf(name, sizeof name, "%s", item.id == LK_PCO_DNS_IPV4 ? "DNS server, IPv4" :
                 item.id == LK_PCO_DNS_IPV6 ? "DNS server, IPv6" : "Container");
        lk_field_hex(text, item.contents);
        lk_tell(t, 2, name, "", "%04x %s", item.id, text);
    }
}

static void tell_request(const struct lk_teller *t, const struct lk_wlcp_message *m)
{
    char text[LK_FIELD_VALUE_MAX];

    if (LK_WLCP_HAS(m, LK_WLCP_IE_REQUEST_TYPE))
        lk_tell(t, 1, "Request type", "TS 24.244 8.4", "%u (%s)", m->request_type,
                request_type_name(m->request_type));
    if (LK_WLCP_HAS(m, LK_WLCP_IE_PDN_TYPE))
        lk_tell(t, 1, "PDN type", "TS 24.244 8.5", "%u (%s)", m->pdn_type,
                pdn_type_name(m->pdn_type));
    if (LK_WLCP_HAS(m, LK_WLCP_IE_APN)) {
        apn_text(text, m->apn);
        lk_tell(t, 1, "Access point name", "TS 24.244 8.6", "%s", text);
    }
    if (LK_WLCP_HAS(m, LK_WLCP_IE_N3G))
        lk_tell(t, 1, "UE N3G capability", "TS 24.244 8.14", "%u", m->n3g);
}

static void tell_answer(const struct lk_teller *t, const struct lk_wlcp_message *m)
{
    char text[LK_FIELD_VALUE_MAX], station[LK_STATION_TEXT];

    if (LK_WLCP_HAS(m, LK_WLCP_IE_PDN_ADDRESS)) {
        address_text(text, &m->address);
        lk_tell(t, 1, "PDN address", "TS 24.301 9.9.4.9", "%s", text);
    }
    if (LK_WLCP_HAS(m, LK_WLCP_IE_PDN_ID))
        lk_tell(t, 1, "PDN connection ID", "", "%u", m->pdn_id);
    if (LK_WLCP_HAS(m, LK_WLCP_IE_USER_PLANE)) {
        lk_station_text(station, m->user_plane);
        lk_tell(t, 1, "User plane connection ID", "", "%s", station);
    }
    if (LK_WLCP_HAS(m, LK_WLCP_IE_CAUSE))
        lk_tell(t, 1, "Cause", "TS 24.301 9.9.4.4", "%u (%s)", m->cause,
                lk_wlcp_cause_name(m->cause));
    if (LK_WLCP_HAS(m, LK_WLCP_IE_TW1)) {
        tw1_text(text, m->tw1);
        lk_tell(t, 1, "Tw1", "TS 24.008 10.5.7.4a", "%02x (%s)", m->tw1, text);
    }
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    const struct lk_wlcp_message *wlcp = &m->wlcp.message;
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];

    name_of(name, m);
    lk_tell(t, 0, "WLCP", "TS 24.244 8.1", "%s, %zu octets", name, m->octets.len);
    if (m->wlcp.verdict.has_header) {
        lk_tell(t, 1, "Message type", "TS 24.244 8.2", "%02x", m->octets.at[0]);
        lk_tell(t, 1, "PTI", "TS 24.244 8.3", "%u", wlcp->pti);
    }
    if (m->status != LK_OK) {
        lk_field_hex(text, m->octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        if (m->wlcp.verdict.cause != LK_WLCP_CAUSE_NONE)
            lk_tell(t, 1, "To be answered with", "TS 24.244 6.1", "%u (%s)",
                    m->wlcp.verdict.cause, lk_wlcp_cause_name((uint8_t)m->wlcp.verdict.cause));
        return;
    }
    tell_request(t, wlcp);
    tell_answer(t, wlcp);
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_PCO))
        tell_pco(t, wlcp->pco);
    if (LK_WLCP_HAS(wlcp, LK_WLCP_IE_NBIFOM)) {
        lk_field_hex(text, wlcp->nbifom);
        lk_tell(t, 1, "NBIFOM container", "TS 24.244 8.13", "%s", text);
    }
    if (m->wlcp.verdict.ignored > 0)
        lk_tell(t, 1, "Skipped", "TS 24.244 6.1", "%zu optional elements", m->wlcp.verdict.ignored);
}

const struct lk_trace_protocol lk_trace_protocol_wlcp = {
    .name = "WLCP",
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
