/* PMIPv6 in a trace: Binding Updates and Acknowledgements between gateway and anchor, from a
 * Mobility Header over IPv6, from UDP in the clear, or written into the capture by who ended the
 * DTLS. */
#include <stdio.h>
#include <string.h>

#include "trace/connection.h"
#include "wire/pmip_place.h"

enum { PORT_PMIP = 5436 };

static bool claims(const struct lk_datagram *datagram)
{
    struct lk_mobility_message message;

    if (lk_trace_is_opened(datagram, "mipv6"))
        return true;
    if (datagram->carrier == LK_CARRIER_IP)
        return datagram->number == LK_MOBILITY_NEXT_HEADER;
    return datagram->carrier == LK_CARRIER_UDP
           && (datagram->to.port == PORT_PMIP || datagram->from.port == PORT_PMIP)
           && lk_mobility_decode(&message, datagram->payload) == LK_OK;
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    m->status = lk_mobility_decode(&m->pmip, m->octets);
    m->request = m->pmip.type == LK_MOBILITY_BU ||
                 (m->pmip.type == LK_MOBILITY_HEARTBEAT &&
                  (m->pmip.flags & LK_HEARTBEAT_RESPONSE) == 0);
}

/* ---- runs ---- */

static bool decodes(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_PMIP && m->status == LK_OK;
}

static size_t find_update(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (decodes(before) && before->request && before->repeats == LK_TRACE_NONE
            && before->pmip.sequence == m->pmip.sequence && before->pmip.beat == m->pmip.beat
            && lk_trace_same_end(&before->from, &m->to)
            && lk_trace_same_end(&before->to, &m->from))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* An update that comes while one device waits for its TWAG is that device's; others are of the run
 * of their two ends. */
static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    enum lk_status status;
    size_t asked;

    if (decodes(m) && !m->request) {
        m->answers = find_update(trace, index);
        if (m->answers != LK_TRACE_NONE) {
            m->run = trace->messages[m->answers].run;
            return LK_OK;
        }
    }
    asked = decodes(m) && m->pmip.type == LK_MOBILITY_BU ? lk_trace_asked_of_twag(trace, index)
                                                         : LK_TRACE_NONE;
    if (asked != LK_TRACE_NONE) {
        m->run = trace->messages[asked].run;
        return LK_OK;
    }
    status = lk_connection_place(trace, index, m->status == LK_OK, false, LK_TRACE_LINK);
    if (status == LK_OK && trace->runs[m->run].kind == LK_TRACE_SESSION)
        trace->runs[m->run].kind = LK_TRACE_LINK; /* of other ports than the usual ones */
    return status;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    run->outcome = LK_TRACE_ACCEPTED;
}

/* ---- names ---- */

static bool is_proxy(const struct lk_mobility_message *message)
{
    return (message->flags & (message->type == LK_MOBILITY_BU ? LK_BU_PROXY : LK_BA_PROXY)) != 0;
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    if (m->pmip.type == LK_MOBILITY_HEARTBEAT)
        snprintf(name, LK_TRACE_NAME_MAX, "Heartbeat %s", m->request ? "Request" : "Response");
    else if (m->pmip.type != LK_MOBILITY_BU && m->pmip.type != LK_MOBILITY_BA)
        snprintf(name, LK_TRACE_NAME_MAX, "Mobility Header, type %u", m->pmip.type);
    else
        snprintf(name, LK_TRACE_NAME_MAX, "%sBinding %s%s", is_proxy(&m->pmip) ? "Proxy " : "",
                 m->pmip.type == LK_MOBILITY_BU ? "Update" : "Acknowledgement",
                 m->status != LK_OK ? " that does not decode" : "");
}

/* That of a Heartbeat has 32 bits, and a member of its own. */
static uint32_t sequence_of(const struct lk_trace_message *m)
{
    return m->pmip.type == LK_MOBILITY_HEARTBEAT ? m->pmip.beat : m->pmip.sequence;
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    name[0] = '\0';
    if (m->status == LK_OK)
        snprintf(name, LK_TRACE_NAME_MAX, "PMIPv6, sequence %u", sequence_of(m));
}

static void append_text(char text[LK_TRACE_SUMMARY_MAX], const char *what)
{
    lk_trace_append(text, lk_span_text(what), true);
}

static void prefix_text(char text[LK_ADDRESS_TEXT + 8], const struct lk_address_prefix *prefix)
{
    char address[LK_ADDRESS_TEXT];

    lk_address_text(address, &prefix->address);
    snprintf(text, LK_ADDRESS_TEXT + 8, "%s/%u", address, prefix->bits);
}

static void ipv4_text(char text[LK_ADDRESS_TEXT], const struct lk_mobility_ipv4 *address)
{
    snprintf(text, LK_ADDRESS_TEXT, "%u.%u.%u.%u", address->octets[0], address->octets[1],
             address->octets[2], address->octets[3]);
}

/* Whether it is where the gateway says that its tunnel is, whoever's number stands before it. */
static bool is_place(struct lk_mobility_place *place, const struct lk_mobility_vendor *vendor)
{
    return vendor->subtype == LK_MOBILITY_PLACE_SUBTYPE &&
           lk_mobility_place_get(place, vendor->data) == LK_OK;
}

static void place_text(char text[LK_ADDRESS_TEXT + 8], const struct lk_mobility_place *place)
{
    char address[LK_ADDRESS_TEXT];

    lk_address_text(address, &place->address);
    snprintf(text, LK_ADDRESS_TEXT + 8, "%s %u", address, place->port);
}

static void sum_place(char text[LK_TRACE_SUMMARY_MAX], const struct lk_mobility_options *options)
{
    char word[LK_ADDRESS_TEXT + 8];
    struct lk_mobility_place place;

    for (size_t i = 0; i < options->vendor_count; i++)
        if (is_place(&place, &options->vendor[i])) {
            place_text(word, &place);
            append_text(text, "tunnel at ");
            lk_trace_append(text, lk_span_text(word), false);
        }
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    const struct lk_mobility_options *options = &m->pmip.options;
    char word[LK_ADDRESS_TEXT + 8];

    if (m->status != LK_OK)
        return;
    if (m->pmip.type == LK_MOBILITY_HEARTBEAT) {
        sum_place(text, options);
        return;
    }
    if (m->pmip.type == LK_MOBILITY_BA) {
        snprintf(word, sizeof word, "%u", m->pmip.status);
        append_text(text, word);
        lk_trace_append(text, lk_span_text(" "), false);
        lk_trace_append(text, lk_span_text(lk_mobility_status_name(m->pmip.status)), false);
    }
    if (options->service.len > 0)
        lk_trace_append(text, options->service, true);
    for (size_t i = 0; i < options->prefix_count; i++) {
        prefix_text(word, &options->prefix[i]);
        append_text(text, word);
    }
    if (lk_mobility_has(options, LK_MO_IPV4_REPLY)) {
        ipv4_text(word, &options->ipv4_reply.address);
        append_text(text, word);
    }
    snprintf(word, sizeof word, "%lu s",
             (unsigned long)m->pmip.lifetime * LK_MOBILITY_LIFETIME_UNIT_S);
    append_text(text, m->pmip.lifetime == 0 ? "release" : word);
    if (lk_mobility_has(options, LK_MO_MN_ID))
        lk_trace_append(text, options->mn_id.id, true);
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = m->request ? LK_LANE_TWAG : LK_LANE_ANCHOR;
    rung->to = m->request ? LK_LANE_ANCHOR : LK_LANE_TWAG;
    rung->kind = m->status != LK_OK || m->request ? LK_RUNG_PLAIN :
                 m->pmip.status < LK_BA_UNSPECIFIED ? LK_RUNG_GRANTED : LK_RUNG_REFUSED;
}

/* ---- fields ---- */

static const char *handoff_name(uint8_t handoff)
{
    switch (handoff) {
    case LK_HANDOFF_NEW:
        return "attachment over a new interface";
    case LK_HANDOFF_INTERFACES:
        return "between two interfaces";
    case LK_HANDOFF_GATEWAYS:
        return "between gateways, same interface";
    case LK_HANDOFF_UNKNOWN:
        return "unknown";
    case LK_HANDOFF_NONE:
        return "none: re-registration";
    default:
        return "reserved";
    }
}

static void tell_addresses(const struct lk_teller *t, const struct lk_mobility_options *o)
{
    char text[LK_ADDRESS_TEXT + 8];

    for (size_t i = 0; i < o->prefix_count; i++) {
        prefix_text(text, &o->prefix[i]);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_PREFIX), "RFC 5213 8.3", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_CARE_OF)) {
        lk_address_text(text, &o->care_of);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_CARE_OF), "RFC 6275 6.2.5", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_LINK_LOCAL)) {
        lk_address_text(text, &o->link_local);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_LINK_LOCAL), "RFC 5213 8.7", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_IPV4_REQUEST)) {
        ipv4_text(text, &o->ipv4_request.address);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_IPV4_REQUEST), "RFC 5844 3.1", "%s/%u", text,
                o->ipv4_request.bits);
    }
    if (lk_mobility_has(o, LK_MO_IPV4_REPLY)) {
        ipv4_text(text, &o->ipv4_reply.address);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_IPV4_REPLY), "RFC 5844 3.1", "%s/%u, status %u",
                text, o->ipv4_reply.bits, o->ipv4_reply.status);
    }
    if (lk_mobility_has(o, LK_MO_IPV4_ROUTER)) {
        ipv4_text(text, &o->ipv4_router);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_IPV4_ROUTER), "RFC 5844 3.2", "%s", text);
    }
}

static void tell_vendors(const struct lk_teller *t, const struct lk_mobility_options *o)
{
    struct lk_mobility_place place;
    char text[LK_ADDRESS_TEXT + 8];

    for (size_t i = 0; i < o->vendor_count; i++) {
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_VENDOR), "RFC 5094 3",
                "vendor %u, type %u, %zu octets", o->vendor[i].id, o->vendor[i].subtype,
                o->vendor[i].data.len);
        if (!is_place(&place, &o->vendor[i]))
            continue;
        place_text(text, &place);
        lk_tell(t, 2, "Place of the tunnel", "", "%s", text);
    }
}

static void tell_options(const struct lk_teller *t, const struct lk_mobility_options *o)
{
    char text[LK_FIELD_VALUE_MAX];

    if (lk_mobility_has(o, LK_MO_MN_ID)) {
        lk_field_text(text, o->mn_id.id);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_MN_ID), "RFC 4283 3", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_SERVICE)) {
        lk_field_text(text, o->service);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_SERVICE), "RFC 5149 3", "%s", text);
    }
    tell_addresses(t, o);
    if (lk_mobility_has(o, LK_MO_HANDOFF))
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_HANDOFF), "RFC 5213 8.4", "%u (%s)",
                o->handoff, handoff_name(o->handoff));
    if (lk_mobility_has(o, LK_MO_ACCESS))
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_ACCESS), "RFC 5213 8.5", "%u%s", o->access,
                o->access == LK_ACCESS_80211 ? " (IEEE 802.11)" : "");
    if (lk_mobility_has(o, LK_MO_LINK_LAYER_ID)) {
        lk_field_hex(text, o->link_layer_id);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_LINK_LAYER_ID), "RFC 5213 8.6", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_TIMESTAMP))
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_TIMESTAMP), "RFC 5213 8.8", "%llu ms",
                (unsigned long long)lk_mobility_timestamp_ms(o->timestamp));
    tell_vendors(t, o);
}

static const char *clause_of(const struct lk_mobility_message *message)
{
    switch (message->type) {
    case LK_MOBILITY_BA: return "RFC 5213 8.2";
    case LK_MOBILITY_HEARTBEAT: return "RFC 5847 3.3";
    default: return "RFC 5213 8.1";
    }
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];

    name_of(name, m);
    lk_tell(t, 0, "PMIPv6", clause_of(&m->pmip), "%s, %zu octets", name, m->octets.len);
    if (m->status != LK_OK) {
        lk_field_hex(text, m->octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        return;
    }
    if (m->pmip.type == LK_MOBILITY_BA)
        lk_tell(t, 1, "Status", "RFC 5213 8.9", "%u (%s)", m->pmip.status,
                lk_mobility_status_name(m->pmip.status));
    lk_tell(t, 1, "Sequence", "", "%u", sequence_of(m));
    lk_tell(t, 1, "Flags", "", "%04x", m->pmip.flags);
    if (m->pmip.type == LK_MOBILITY_HEARTBEAT) {
        if (lk_mobility_has(&m->pmip.options, LK_MO_RESTARTS))
            lk_tell(t, 1, lk_mobility_option_name(LK_MO_RESTARTS), "RFC 5847 3.4", "%u",
                    m->pmip.options.restarts);
        tell_vendors(t, &m->pmip.options);
        return;
    }
    lk_tell(t, 1, "Lifetime", "", "%lu s",
            (unsigned long)m->pmip.lifetime * LK_MOBILITY_LIFETIME_UNIT_S);
    tell_options(t, &m->pmip.options);
}

const struct lk_trace_protocol lk_trace_protocol_pmip = {
    .name = "PMIPv6",
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
