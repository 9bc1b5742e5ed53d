/* MIPv6 in a trace: IPv6 packets in the UDP of RFC 5555, with a Mobility Header in them or with
 * what the tunnel carries. */
#include <stdio.h>
#include <string.h>

#include "base/ntp.h"
#include "trace/mip.h"
#include "trace/user.h"

static bool claims(const struct lk_datagram *datagram)
{
    if (lk_trace_is_opened(datagram, "ip"))
        return true;
    return datagram->carrier == LK_CARRIER_UDP &&
           (datagram->to.port == LK_MIP6_PORT || datagram->from.port == LK_MIP6_PORT);
}

/* ---- decoding ---- */

bool lk_mip_seen_mobility(struct lk_mip6_packet *packet, struct lk_mobility_message *message,
                          const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_MIP6 && lk_mip6_read(packet, m->octets) == LK_OK &&
           lk_mobility_decode(message, packet->message) == LK_OK;
}

/* spec: RFC 5555 3.1.2 - where the node says that it is: the alternate care-of address, the IPv4
 * one, or else the packet's source. */
static struct lk_address care_of(const struct lk_mip6_packet *packet,
                                 const struct lk_mobility_options *options)
{
    if (lk_mobility_has(options, LK_MO_CARE_OF))
        return options->care_of;
    if (lk_mobility_has(options, LK_MO_IPV4_CARE_OF))
        return lk_address_v4(options->ipv4_care_of.octets);
    return packet->way == LK_MIP6_HOME_OPTION ? packet->source : (struct lk_address){ { 0 } };
}

static void take(struct lk_trace_message *m, const struct lk_mip6_packet *packet)
{
    struct lk_mobility_message message;

    m->status = lk_mobility_decode(&message, packet->message);
    m->mip.kind = message.type == LK_MOBILITY_BU   ? LK_TRACE_MIP_REQUEST
                  : message.type == LK_MOBILITY_BA ? LK_TRACE_MIP_REPLY
                                                   : LK_TRACE_MIP_OTHER;
    if (m->status != LK_OK)
        return;
    m->mip.code = message.status;
    m->mip.lifetime_s = (uint32_t)message.lifetime * LK_MOBILITY_LIFETIME_UNIT_S;
    m->mip.identification = message.sequence;
    m->mip.nai = message.options.mn_id.id;
    if (message.type == LK_MOBILITY_BU) {
        m->mip.home = packet->way == LK_MIP6_HOME_OPTION ? packet->home : packet->source;
        m->mip.agent = packet->destination;
        m->mip.care_of = care_of(packet, &message.options);
    } else if (message.type == LK_MOBILITY_BA) {
        m->mip.home = packet->way == LK_MIP6_HOME_ROUTE ? packet->home : packet->destination;
        m->mip.agent = packet->source;
    }
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_mip6_packet packet;

    memset(&m->mip, 0, sizeof m->mip);
    m->mip.v6 = true;
    m->mip.from = m->mip.to = LK_LANE_NONE;
    m->status = lk_mip6_read(&packet, m->octets);
    if (m->status == LK_OK) {
        take(m, &packet);
    } else if (m->status == LK_E_UNKNOWN) {
        m->mip.kind = LK_TRACE_MIP_TUNNEL;
        m->status = lk_user_read(&m->mip.inner, m->octets);
    }
    m->request = m->mip.kind == LK_TRACE_MIP_REQUEST;
}

/* ---- names ---- */

static const char *type_name(uint8_t type)
{
    switch (type) {
    case LK_MOBILITY_BRR: return "Binding Refresh Request";
    case LK_MOBILITY_BU: return "Binding Update";
    case LK_MOBILITY_BA: return "Binding Acknowledgement";
    case LK_MOBILITY_BE: return "Binding Error";
    case LK_MOBILITY_HEARTBEAT: return "Heartbeat";
    default: return "Mobility Header of another type";
    }
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    struct lk_mip6_packet packet;

    if (m->mip.kind == LK_TRACE_MIP_TUNNEL && m->status == LK_OK)
        lk_user_name(name, &m->mip.inner);
    else if (lk_mip6_read(&packet, m->octets) != LK_OK)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "no packet of MIPv6 (%s)",
                       lk_status_name(m->status));
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%s",
                       type_name((uint8_t)lk_mobility_type_of(packet.message)),
                       m->status != LK_OK ? " that does not decode" : "");
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    if (m->mip.kind == LK_TRACE_MIP_TUNNEL)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "MIPv6 tunnel");
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "MIPv6, sequence %u",
                       (unsigned)m->mip.identification);
}

static void append_address(char text[LK_TRACE_SUMMARY_MAX], const char *what,
                           const struct lk_address *address)
{
    char word[LK_ADDRESS_TEXT];

    lk_address_text(word, address);
    lk_trace_append(text, lk_span_text(what), true);
    lk_trace_append(text, lk_span_text(word), false);
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    char word[LK_ADDRESS_TEXT + 16];
    bool reply = m->mip.kind == LK_TRACE_MIP_REPLY;

    if (m->status != LK_OK || m->mip.kind == LK_TRACE_MIP_OTHER)
        return;
    if (m->mip.kind == LK_TRACE_MIP_TUNNEL) {
        lk_user_summary(text, &m->mip.inner);
        return;
    }
    if (reply) {
        lk_trace_append_f(text, "%u ", m->mip.code);
        lk_trace_append(text, lk_span_text(lk_mobility_status_name(m->mip.code)), false);
    } else if (m->mip.lifetime_s == 0) {
        lk_trace_append(text, lk_span_text("deregisters"), true);
    }
    lk_mip_seen_home_text(word, &m->mip.home);
    lk_trace_append(text, lk_span_text(word), true);
    if (!reply && !lk_address_is_any(&m->mip.care_of))
        append_address(text, "care-of ", &m->mip.care_of);
    if (m->mip.lifetime_s > 0)
        lk_trace_append_f(text, "%u s", m->mip.lifetime_s);
    lk_trace_append(text, m->mip.nai, m->mip.nai.len > 0);
}

/* ---- fields ---- */

static void tell_address(const struct lk_teller *t, const char *name, const char *clause,
                         const struct lk_address *address)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    lk_tell(t, 1, name, clause, "%s", text);
}

static void tell_ipv4(const struct lk_teller *t, const struct lk_mobility_options *o)
{
    char text[LK_ADDRESS_TEXT];
    struct lk_address address;

    if (lk_mobility_has(o, LK_MO_IPV4_CARE_OF)) {
        address = lk_address_v4(o->ipv4_care_of.octets);
        tell_address(t, lk_mobility_option_name(LK_MO_IPV4_CARE_OF), "RFC 5555 3.1.2", &address);
    }
    if (lk_mobility_has(o, LK_MO_IPV4_HOME)) {
        address = lk_address_v4(o->ipv4_home.address.octets);
        lk_address_text(text, &address);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_IPV4_HOME), "RFC 5555 3.1.1", "%s/%u", text,
                o->ipv4_home.bits);
    }
    if (lk_mobility_has(o, LK_MO_IPV4_HOME_ACK)) {
        address = lk_address_v4(o->ipv4_home_ack.address.octets);
        lk_address_text(text, &address);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_IPV4_HOME_ACK), "RFC 5555 3.2.1",
                "%s/%u, status %u", text, o->ipv4_home_ack.bits, o->ipv4_home_ack.status);
    }
    if (lk_mobility_has(o, LK_MO_NAT))
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_NAT), "RFC 5555 3.2.2", "%severy %u s",
                o->nat.udp ? "UDP wanted, " : "", o->nat.refresh_s);
}

static void tell_auths(const struct lk_teller *t, const struct lk_trace_message *m,
                       const struct lk_mobility_options *o)
{
    char text[LK_FIELD_VALUE_MAX];

    for (size_t i = 0; i < o->auth_count; i++) {
        const struct lk_mobility_auth *auth = &o->auth[i];
        bool known = auth->subtype == LK_AUTH_MN_HA || auth->subtype == LK_AUTH_MN_AAA;

        lk_field_hex(text, auth->authenticator);
        lk_tell(t, 1, auth->subtype == LK_AUTH_MN_HA ? "MN-HA authentication" :
                auth->subtype == LK_AUTH_MN_AAA ? "MN-AAA authentication" : "Authentication",
                "RFC 4285 5", "SPI %u, %.400s%s", auth->spi, text,
                known ? lk_mip_seen_judged(m->mip.judged[auth->subtype - 1]) : "");
    }
    if (o->behind_auth)
        lk_tell(t, 1, "Not covered", "RFC 4285 5", "an option stands behind an authenticator");
}

static void tell_options(const struct lk_teller *t, const struct lk_trace_message *m,
                         const struct lk_mobility_options *o)
{
    char text[LK_FIELD_VALUE_MAX];

    if (lk_mobility_has(o, LK_MO_CARE_OF))
        tell_address(t, lk_mobility_option_name(LK_MO_CARE_OF), "RFC 6275 6.2.5", &o->care_of);
    tell_ipv4(t, o);
    if (lk_mobility_has(o, LK_MO_MN_ID)) {
        lk_field_text(text, o->mn_id.id);
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_MN_ID), "RFC 4283 3", "%s", text);
    }
    if (lk_mobility_has(o, LK_MO_MESG_ID))
        lk_tell(t, 1, lk_mobility_option_name(LK_MO_MESG_ID), "RFC 4285 6", "%016llx, %+.3f s",
                (unsigned long long)o->mesg_id,
                ((double)(int64_t)(lk_ntp_ms(o->mesg_id) - m->at_ns / 1000000u)) / 1e3);
    tell_auths(t, m, o);
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;

    name_of(name, m);
    lk_tell(t, 0, m->mip.kind == LK_TRACE_MIP_TUNNEL ? "MIPv6 tunnel in UDP" : "MIPv6 in UDP",
            "RFC 5555 4", "%s, %zu octets", name, m->octets.len);
    if (m->mip.kind == LK_TRACE_MIP_TUNNEL && m->status == LK_OK) {
        lk_user_tell(t, &m->mip.inner);
        return;
    }
    if (!lk_mip_seen_mobility(&packet, &message, m)) {
        lk_field_hex(text, m->octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        return;
    }
    tell_address(t, "Source", "RFC 6275 6.3", &packet.source);
    tell_address(t, "Destination", "RFC 6275 6.4", &packet.destination);
    if (packet.way != LK_MIP6_HOME_NONE)
        tell_address(t, "Home address", packet.way == LK_MIP6_HOME_OPTION ? "RFC 6275 6.3"
                                                                          : "RFC 6275 6.4",
                     &packet.home);
    if (message.type == LK_MOBILITY_BA || message.type == LK_MOBILITY_BE)
        lk_tell(t, 1, "Status", "RFC 6275 6.1.8", "%u (%s)", message.status,
                lk_mobility_status_name(message.status));
    lk_tell(t, 1, "Sequence", "RFC 6275 6.1.7", "%u", message.sequence);
    lk_tell(t, 1, "Flags", "RFC 6275 6.1.7", "%04x", message.flags);
    lk_tell(t, 1, "Lifetime", "RFC 6275 6.1.7", "%u s", m->mip.lifetime_s);
    tell_options(t, m, &message.options);
}

const struct lk_trace_protocol lk_trace_protocol_mip6 = {
    .name = "MIPv6",
    .recurs = true,
    .claims = claims,
    .decode = decode,
    .place = lk_mip_seen_place,
    .sum_up = lk_mip_seen_sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = lk_mip_seen_rung,
    .fields = fields,
};
