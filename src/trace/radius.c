/* RADIUS in a trace: authentications as runs, with the EAP packet inside each packet. */
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

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_span state;

    if (m->status != LK_OK)
        return LK_OK;
    if (!m->request) {
        m->answers = find_request(trace, index);
        if (m->answers != LK_TRACE_NONE)
            m->run = trace->messages[m->answers].run;
        return LK_OK;
    }
    if (m->radius.packet.code != LK_RADIUS_ACCESS_REQUEST)
        return LK_OK;
    if (lk_radius_find(&m->radius.packet, LK_RADIUS_STATE, &state))
        m->run = run_of_state(trace, index, state);
    return m->run == LK_TRACE_NONE ? lk_trace_start_run(trace, index) : LK_OK;
}

static void note_eap(struct lk_trace_run *run, const struct lk_eap_packet *eap)
{
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        run->eap_type = eap->type;
    if (eap->subtype == LK_AKA_REAUTHENTICATION && eap->code == LK_EAP_REQUEST)
        run->fast = true;
    if (eap->subtype == LK_AKA_CHALLENGE && eap->code == LK_EAP_REQUEST)
        run->fast = false;
    if (eap->code != LK_EAP_RESPONSE)
        return;
    if (eap->type == LK_EAP_IDENTITY) {
        run->identity = eap->type_data;
        if (run->outer.at == NULL)
            run->outer = eap->type_data;
    }
    if (lk_aka_has(&eap->at, LK_AT_IDENTITY))
        run->identity = eap->at.identity;
    if (eap->subtype == LK_AKA_SYNCHRONIZATION_FAILURE)
        run->resync = true;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    const struct lk_eap_packet *eap = lk_trace_eap(m);

    if (eap != NULL)
        note_eap(run, eap);
    if (m->request)
        run->outcome = LK_TRACE_SILENT;
    else if (m->radius.packet.code == LK_RADIUS_ACCESS_ACCEPT)
        run->outcome = LK_TRACE_ACCEPTED;
    else if (m->radius.packet.code == LK_RADIUS_ACCESS_REJECT)
        run->outcome = LK_TRACE_REJECTED;
    else
        run->outcome = LK_TRACE_OPEN;
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
    char eap[LK_EAP_NAME_MAX];

    if (!message->radius.has_eap) {
        lk_trace_radius_name(name, message);
        return;
    }
    if (message->radius.eap_status != LK_OK) {
        snprintf(name, LK_TRACE_NAME_MAX, "EAP that does not decode (%s)",
                 lk_status_name(message->radius.eap_status));
        return;
    }
    if (message->radius.eap_octets.len == 0) {
        snprintf(name, LK_TRACE_NAME_MAX, "EAP-Start");
        return;
    }
    lk_eap_packet_name(eap, &message->radius.eap);
    snprintf(name, LK_TRACE_NAME_MAX, "EAP-%s", eap);
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

static void summarise_aka(char text[LK_TRACE_SUMMARY_MAX], const struct lk_eap_packet *eap)
{
    struct lk_reader r = lk_reader_of(eap->attributes);
    struct lk_aka_item item;
    char number[16];

    while (lk_aka_walk(&r, &item)) {
        const char *name = strncmp(item.name, "AT_", 3) == 0 ? item.name + 3 : item.name;

        lk_trace_append(text, lk_span_text(name), true);
        if (item.type == LK_AT_BIDDING && (item.number & LK_AKA_BIDDING_D) != 0) {
            lk_trace_append(text, lk_span_text(" D"), false);
        } else if (item.form == LK_FORM_U16) {
            snprintf(number, sizeof number, " %u", item.number);
            lk_trace_append(text, lk_span_text(number), false);
        } else if (item.form == LK_FORM_TEXT) {
            lk_trace_append(text, lk_span_text(" "), false);
            lk_trace_append(text, item.value, false);
        }
    }
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
            name = lk_radius_vendor_attribute_name(vendor.id, vendor.attributes.at[0]);
        if (attribute.type != LK_RADIUS_EAP_MESSAGE
            && attribute.type != LK_RADIUS_MESSAGE_AUTHENTICATOR && name[0] != '?')
            lk_trace_append(text, lk_span_text(name), true);
    }
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = lk_trace_eap(message);

    if (message->status == LK_OK
        && (message->radius.packet.code == LK_RADIUS_ACCESS_ACCEPT || !message->radius.has_eap))
        summarise_radius(text, &message->radius.packet);
    if (eap == NULL)
        return;
    if (eap->type == LK_EAP_IDENTITY)
        lk_trace_append(text, eap->type_data, true);
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        summarise_aka(text, eap);
}

/* ---- the ladder ---- */

static enum lk_rung_kind kind_of(const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = lk_trace_eap(message);

    if (message->status == LK_OK && message->radius.packet.code == LK_RADIUS_ACCESS_REJECT)
        return LK_RUNG_REFUSED;
    if (message->status == LK_OK && message->radius.packet.code == LK_RADIUS_ACCESS_ACCEPT)
        return LK_RUNG_GRANTED;
    if (eap == NULL)
        return LK_RUNG_PLAIN;
    switch (eap->subtype) {
    case LK_AKA_CHALLENGE:
        return LK_RUNG_CHALLENGE;
    case LK_AKA_REAUTHENTICATION:
        return LK_RUNG_FAST;
    case LK_AKA_SYNCHRONIZATION_FAILURE:
        return LK_RUNG_SYNC;
    case LK_AKA_AUTHENTICATION_REJECT:
    case LK_AKA_CLIENT_ERROR:
        return LK_RUNG_REFUSED;
    default:
        return LK_RUNG_PLAIN;
    }
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    const struct lk_eap_packet *eap = lk_trace_eap(m);

    rung->kind = kind_of(m);
    rung->from = m->request ? LK_LANE_ACCESS_POINT : LK_LANE_AAA;
    rung->to = m->request ? LK_LANE_AAA : LK_LANE_ACCESS_POINT;
    rung->air = m->radius.has_eap ? LK_LANE_DEVICE : LK_LANE_NONE;
    rung->air_first = m->request;
    rung->asks_vault = m->repeats == LK_TRACE_NONE && eap != NULL && eap->code == LK_EAP_REQUEST
                       && eap->subtype == LK_AKA_CHALLENGE;
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
