/* RADIUS in a trace: authentications as runs, with the EAP packet inside each packet.
 *
 * Between a proxy and its server the same EAP packet goes over the wire again: such copies are of
 * the same run, and marked, so that nobody counts them twice. Who is a proxy, or a gateway, is
 * learnt from what only they send: Proxy-State, and the private attributes of a trusted WLAN. */
#include "trace/eap_seen.h"
#include "trace/radius.h"

#include <stdio.h>
#include <string.h>

static bool radius_port(uint16_t port)
{
    return port == 1812 || port == 1813 || port == 1645 || port == 1646;
}

static bool claims(const struct lk_datagram *datagram)
{
    struct lk_radius_packet radius;

    if (lk_trace_is_opened(datagram, "radius"))
        return true;
    if (datagram->carrier != LK_CARRIER_UDP)
        return false;
    return radius_port(datagram->to.port) || radius_port(datagram->from.port)
           || (lk_radius_decode(&radius, datagram->payload) == LK_OK
               && lk_radius_code_name(radius.code)[0] != '?');
}

static bool is_request(const struct lk_trace_message *message)
{
    if (message->status != LK_OK)
        return radius_port(message->to.port);
    switch (message->radius.packet.code) {
    case LK_RADIUS_ACCESS_REQUEST:
    case LK_RADIUS_ACCOUNTING_REQUEST:
    case LK_RADIUS_STATUS_SERVER:
    case LK_RADIUS_DISCONNECT_REQUEST:
    case LK_RADIUS_COA_REQUEST:
        return true;
    default:
        return false;
    }
}

static void decode(struct lk_trace_message *message, uint8_t *room, size_t cap)
{
    struct lk_trace_radius *radius = &message->radius;

    message->status = lk_radius_decode(&radius->packet, message->octets);
    message->request = is_request(message);
    if (message->status != LK_OK)
        return;
    radius->eap_status = lk_radius_join_eap(&radius->eap_octets, &radius->packet, room, cap);
    radius->has_eap = radius->eap_status != LK_E_MISSING;
    if (radius->eap_status == LK_OK && radius->eap_octets.len > 0)
        radius->eap_status = lk_eap_decode(&radius->eap, radius->eap_octets);
}

/* ---- runs ---- */

/* The packet, or NULL when it is none or does not decode. */
static const struct lk_radius_packet *packet_of(const struct lk_trace_message *message)
{
    return message->protocol == LK_TRACE_RADIUS && message->status == LK_OK ?
           &message->radius.packet : NULL;
}

static size_t find_request(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];
        const struct lk_radius_packet *packet = packet_of(before);

        if (packet != NULL && before->request && before->repeats == LK_TRACE_NONE
            && packet->identifier == m->radius.packet.identifier
            && lk_trace_same_end(&before->from, &m->to) && lk_trace_same_end(&before->to, &m->from))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* The run whose challenge handed out that State to that client. */
static size_t run_of_state(const struct lk_trace *trace, size_t index, struct lk_span state)
{
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_radius_packet *packet = packet_of(&trace->messages[i - 1]);
        struct lk_span held;

        if (packet != NULL && packet->code == LK_RADIUS_ACCESS_CHALLENGE
            && lk_radius_find(packet, LK_RADIUS_STATE, &held) && lk_span_equal(held, state))
            return trace->messages[i - 1].run;
    }
    return LK_TRACE_NONE;
}

static bool has_private(const struct lk_radius_packet *packet, enum lk_radius_private type)
{
    struct lk_span value;

    return lk_radius_find_vendor(packet, LK_TRACE_ENTERPRISE, type, &value);
}

/* Only a proxy says so. */
static bool is_of_proxy(const struct lk_radius_packet *packet)
{
    struct lk_span value;

    return has_private(packet, LK_RADIUS_TWAN_CONNECTION_MODE)
           || lk_radius_find(packet, LK_RADIUS_PROXY_STATE, &value);
}

/* Of the session link: a TWAP tells a TWAG of a device. */
static bool is_of_link(const struct lk_radius_packet *packet)
{
    return has_private(packet, LK_RADIUS_WLCP_KEY) || has_private(packet, LK_RADIUS_UE_GENERATION);
}

static bool same_attribute(const struct lk_radius_packet *a, const struct lk_radius_packet *b,
                           uint8_t type)
{
    struct lk_span left, right;

    return lk_radius_find(a, type, &left) && lk_radius_find(b, type, &right)
           && lk_span_equal(left, right);
}

static bool same_address(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    struct lk_capture_end other = *b;

    other.port = a->port;
    return lk_trace_same_end(a, &other);
}

/* b is what a proxy made of a. */
static bool is_copy(const struct lk_trace_message *a, const struct lk_trace_message *b)
{
    const struct lk_radius_packet *one = &a->radius.packet, *other = &b->radius.packet;

    if (one->code != other->code)
        return false;
    if (one->code == LK_RADIUS_ACCESS_REQUEST)
        return a->radius.has_eap && lk_span_equal(a->radius.eap_octets, b->radius.eap_octets)
               && is_of_proxy(other) && !is_of_proxy(one);
    if (!same_address(&a->to, &b->from))
        return false;
    if (one->code == LK_RADIUS_ACCOUNTING_REQUEST
        && !same_attribute(one, other, LK_RADIUS_ACCT_STATUS_TYPE))
        return false;
    return same_attribute(one, other, LK_RADIUS_ACCT_SESSION_ID)
           || same_attribute(one, other, LK_RADIUS_CALLING_STATION_ID);
}

/* The request that a proxy got before it sent this one. */
static size_t find_outer(const struct lk_trace *trace, size_t index)
{
    enum { AT_MOST_MS = 5000 };
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (m->at_ns > before->at_ns && m->at_ns - before->at_ns > AT_MOST_MS * UINT64_C(1000000))
            break;
        if (packet_of(before) != NULL && before->request && before->repeats == LK_TRACE_NONE
            && !lk_trace_same_end(&before->to, &m->to)
            && !lk_trace_same_end(&before->from, &m->from) && is_copy(before, m))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* The run whose Accept holds the same Class. */
static size_t run_of_class(const struct lk_trace *trace, size_t index)
{
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_radius_packet *packet = packet_of(&trace->messages[i - 1]);

        if (packet != NULL && packet->code == LK_RADIUS_ACCESS_ACCEPT
            && same_attribute(packet, &trace->messages[index].radius.packet, LK_RADIUS_CLASS))
            return trace->messages[i - 1].run;
    }
    return LK_TRACE_NONE;
}

static enum lk_status place_access(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_span state;

    if (lk_radius_seen_asks_mip(m)) {
        m->run = lk_radius_seen_mip_run(trace, index);
        return LK_OK;
    }
    if (m->run == LK_TRACE_NONE && lk_radius_find(&m->radius.packet, LK_RADIUS_STATE, &state))
        m->run = run_of_state(trace, index, state);
    return m->run == LK_TRACE_NONE ?
           lk_trace_start_run(trace, index, LK_TRACE_AUTHENTICATION, "run") : LK_OK;
}

/* What a request says of who sends and gets it. */
static void learn(struct lk_trace *trace, size_t index, size_t outer)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool dynamic = m->radius.packet.code == LK_RADIUS_COA_REQUEST
                   || m->radius.packet.code == LK_RADIUS_DISCONNECT_REQUEST;

    if (dynamic && is_of_link(&m->radius.packet)) {
        lk_trace_learn(trace, &m->to, LK_LANE_TWAG);
    } else if (!dynamic && outer != LK_TRACE_NONE) {
        m->radius.inner = true;
        m->run = trace->messages[outer].run;
        lk_trace_learn(trace, &trace->messages[outer].to, LK_LANE_TWAP);
        lk_trace_learn(trace, &m->to, LK_LANE_AAA);
    } else if (dynamic && outer != LK_TRACE_NONE) {
        m->radius.inner = true;
        lk_trace_learn(trace, &trace->messages[outer].to, LK_LANE_TWAP);
    }
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    m->radius.inner = false;
    if (m->status != LK_OK)
        return LK_OK;
    if (!m->request) {
        m->answers = find_request(trace, index);
        if (m->answers != LK_TRACE_NONE) {
            m->run = trace->messages[m->answers].run;
            m->radius.inner = trace->messages[m->answers].radius.inner;
        }
        return LK_OK;
    }
    learn(trace, index, find_outer(trace, index));
    switch (m->radius.packet.code) {
    case LK_RADIUS_ACCESS_REQUEST:
        return place_access(trace, index);
    case LK_RADIUS_COA_REQUEST:
        m->run = run_of_class(trace, index);
        return LK_OK;
    default:
        m->run = LK_TRACE_NONE; /* accounting is of no run, copy or not */
        return LK_OK;
    }
}

/* spec: TS 23.402 16.1.4A.1 - the network's result tells which connection mode holds. */
static void note_mode(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    const struct lk_eap_packet *eap = lk_trace_eap(m);
    struct lk_mode_layout layout;
    struct lk_mode_value value;

    if (has_private(&m->radius.packet, LK_RADIUS_WLCP_KEY))
        run->multi = true;
    if (eap == NULL || !lk_aka_has(&eap->at, LK_AT_TWAN_CONN_MODE))
        return;
    lk_mode_layout_defaults(&layout);
    if (lk_mode_decode(&value, &layout, eap->at.conn_mode) == LK_OK
        && value.message == LK_MODE_RESULT && (value.modes & LK_TWAN_MULTI) != 0)
        run->multi = true;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    const struct lk_eap_packet *eap = lk_trace_eap(m);

    if (run->kind == LK_TRACE_REGISTRATION) /* how that ends, its reply says */
        return;
    if (eap != NULL)
        lk_eap_note(run, eap);
    note_mode(run, m);
    switch (m->radius.packet.code) {
    case LK_RADIUS_ACCESS_REQUEST:
        run->outcome = LK_TRACE_SILENT;
        break;
    case LK_RADIUS_ACCESS_ACCEPT:
        run->outcome = LK_TRACE_ACCEPTED;
        break;
    case LK_RADIUS_ACCESS_REJECT:
        run->outcome = LK_TRACE_REJECTED;
        break;
    case LK_RADIUS_ACCESS_CHALLENGE:
        run->outcome = LK_TRACE_OPEN;
        break;
    default: /* of dynamic authorisation: the authentication is as it was */
        break;
    }
}

/* ---- names ---- */

void lk_trace_radius_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    const char *known;

    if (message->status != LK_OK) {
        snprintf(name, LK_TRACE_NAME_MAX, "not RADIUS (%s)", lk_status_name(message->status));
        return;
    }
    known = lk_radius_code_name(message->radius.packet.code);
    if (known[0] == '?')
        snprintf(name, LK_TRACE_NAME_MAX, "RADIUS %u", message->radius.packet.code);
    else
        snprintf(name, LK_TRACE_NAME_MAX, "%s", known);
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    if (!message->radius.has_eap) {
        lk_trace_radius_name(name, message);
        return;
    }
    lk_eap_seen_name(name, message->radius.eap_octets, message->radius.eap_status,
                     &message->radius.eap);
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    size_t len = 0;

    name[0] = '\0';
    if (message->radius.has_eap) {
        lk_trace_radius_name(name, message);
        len = strlen(name);
    }
    if (message->status == LK_OK)
        snprintf(name + len, LK_TRACE_NAME_MAX - len, "%sid %u", len > 0 ? ", " : "",
                 message->radius.packet.identifier);
}

static const char *vendor_name(uint32_t vendor, uint8_t type)
{
    const char *ours = lk_trace_private_name(vendor, type);

    return ours != NULL ? ours : lk_radius_vendor_attribute_name(vendor, type);
}

/* What an Access-Accept, or a message without EAP, brings beside its frame. */
static void summarise_radius(char text[LK_TRACE_SUMMARY_MAX], const struct lk_radius_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor vendor;

    while (lk_radius_next(&r, &attribute)) {
        const char *name = lk_radius_attribute_name(attribute.type);

        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC
            && lk_radius_decode_vendor(&vendor, attribute.value) == LK_OK
            && vendor.attributes.len > 0)
            name = vendor_name(vendor.id, vendor.attributes.at[0]);
        if (attribute.type != LK_RADIUS_EAP_MESSAGE
            && attribute.type != LK_RADIUS_MESSAGE_AUTHENTICATOR && name[0] != '?')
            lk_trace_append(text, lk_span_text(name), true);
    }
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = lk_trace_eap(message);

    if (message->status == LK_OK && lk_radius_seen_mip_summary(text, message))
        return;
    if (message->status == LK_OK
        && (message->radius.packet.code == LK_RADIUS_ACCESS_ACCEPT || !message->radius.has_eap))
        summarise_radius(text, &message->radius.packet);
    if (eap != NULL)
        lk_eap_seen_summary(text, eap);
}

/* ---- the ladder ---- */

static enum lk_rung_kind kind_of(const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = lk_trace_eap(message);

    if (message->status == LK_OK)
        switch (message->radius.packet.code) {
        case LK_RADIUS_ACCESS_REJECT:
        case LK_RADIUS_COA_NAK:
        case LK_RADIUS_DISCONNECT_NAK:
            return LK_RUNG_REFUSED;
        case LK_RADIUS_ACCESS_ACCEPT:
        case LK_RADIUS_COA_ACK:
        case LK_RADIUS_DISCONNECT_ACK:
            return LK_RUNG_GRANTED;
        default:
            break;
        }
    return eap == NULL ? LK_RUNG_PLAIN : lk_eap_seen_kind(eap);
}

/* Who sent that request. */
static enum lk_lane client_of(const struct lk_trace *trace, const struct lk_trace_message *request)
{
    const struct lk_radius_packet *packet = &request->radius.packet;
    enum lk_lane server = lk_trace_lane_of(trace, &request->to);

    if (request->status != LK_OK)
        return LK_LANE_ACCESS_POINT;
    if (lk_radius_seen_asks_mip(request))
        return lk_radius_seen_mip_lane(request);
    switch (packet->code) {
    case LK_RADIUS_COA_REQUEST:
    case LK_RADIUS_DISCONNECT_REQUEST:
        return server == LK_LANE_TWAG || request->radius.inner ? LK_LANE_TWAP : LK_LANE_AAA;
    default:
        return request->radius.inner || is_of_proxy(packet) ? LK_LANE_TWAP : LK_LANE_ACCESS_POINT;
    }
}

static enum lk_lane server_of(const struct lk_trace *trace, const struct lk_trace_message *request)
{
    enum lk_lane known = lk_trace_lane_of(trace, &request->to);
    bool dynamic = request->status == LK_OK
                   && (request->radius.packet.code == LK_RADIUS_COA_REQUEST
                       || request->radius.packet.code == LK_RADIUS_DISCONNECT_REQUEST);

    if (lk_radius_seen_asks_mip(request))
        return LK_LANE_AAA;
    if (known != LK_LANE_NONE)
        return known;
    if (!dynamic)
        return LK_LANE_AAA;
    if (request->radius.inner)
        return LK_LANE_ACCESS_POINT;
    for (size_t i = 0; i < trace->part_count; i++)
        if (trace->parts[i].lane == LK_LANE_TWAP)
            return LK_LANE_TWAP;
    return LK_LANE_ACCESS_POINT;
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index], *request = m;
    const struct lk_eap_packet *eap = lk_trace_eap(m);
    struct lk_trace_message turned;

    if (m->answers != LK_TRACE_NONE) {
        request = &trace->messages[m->answers];
    } else if (!m->request) { /* its request is not in the capture: as if it were a plain one */
        turned = *m;
        turned.to = m->from;
        turned.radius.packet.code = turned.radius.packet.code >= LK_RADIUS_DISCONNECT_ACK ?
                                    LK_RADIUS_DISCONNECT_REQUEST : LK_RADIUS_ACCESS_REQUEST;
        request = &turned;
    }
    rung->kind = kind_of(m);
    rung->from = m->request ? client_of(trace, request) : server_of(trace, request);
    rung->to = m->request ? server_of(trace, request) : client_of(trace, request);
    rung->air = m->radius.has_eap && !m->radius.inner ? LK_LANE_DEVICE : LK_LANE_NONE;
    rung->air_first = m->request;
    rung->asks_vault = m->repeats == LK_TRACE_NONE && rung->from == LK_LANE_AAA && eap != NULL
                       && eap->code == LK_EAP_REQUEST && eap->subtype == LK_AKA_CHALLENGE;
}

const struct lk_trace_protocol lk_trace_protocol_radius = {
    .name = "RADIUS",
    .claims = claims,
    .decode = decode,
    .place = place,
    .sum_up = sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = lk_radius_fields,
};
