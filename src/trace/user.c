/* The user plane in a trace: frames between device and TWAG, and the packets in them between TWAG
 * and anchor. Whose a packet is, is told by the addresses inside. */
#include <stdio.h>
#include <string.h>

#include "trace/user.h"

enum {
    PORT_FRAMES = 36412, /* wlcp.user_port */
    PORT_TUNNEL = 5437,  /* mag.tunnel_port */
    MACS = 12,
    ETHER_IPV4 = 0x0800,
    ETHER_IPV6 = 0x86dd,
    ETHER_TOKEN = 0x88b5,
    TOKEN_LEN = 16,
    ECHO_REPLY = 0,
    ECHO_REQUEST = 8,
    ECHO_REQUEST_V6 = 128,
    ECHO_REPLY_V6 = 129,
    ADVERTISEMENT = 9,
    SOLICITATION = 10,
    TCP = 6,
    UDP = 17,
    ROUTER_SOLICITATION = 133,
    ROUTER_ADVERTISEMENT = 134,
};

static bool goes_through(const struct lk_datagram *datagram, uint16_t port)
{
    return datagram->carrier == LK_CARRIER_UDP
           && (datagram->from.port == port || datagram->to.port == port);
}

static bool claims(const struct lk_datagram *datagram)
{
    return goes_through(datagram, PORT_FRAMES) || goes_through(datagram, PORT_TUNNEL);
}

/* ---- decoding ---- */

static bool is_echo(const struct lk_trace_user *user)
{
    return user->protocol == LK_IP_ICMP ?
           user->icmp == ECHO_REPLY || user->icmp == ECHO_REQUEST :
           user->protocol == LK_IP_ICMPV6
           && (user->icmp == ECHO_REQUEST_V6 || user->icmp == ECHO_REPLY_V6);
}

/* In a tunnel a token stands behind a zero octet, with which no IP packet begins. */
static bool is_token(const struct lk_trace_user *user, struct lk_reader r, uint16_t type)
{
    return user->tunnel ? r.left == 1 + TOKEN_LEN && lk_get_u8(&r) == 0
                        : type == ETHER_TOKEN && r.left == TOKEN_LEN;
}

enum lk_status lk_user_read(struct lk_trace_user *user, struct lk_span octets)
{
    struct lk_ip_packet packet;
    enum lk_status status = lk_ip_read(&packet, octets);
    struct lk_reader r;

    if (status != LK_OK)
        return status;
    user->version = packet.version;
    user->protocol = packet.protocol;
    user->source = packet.source;
    user->destination = packet.destination;
    r = lk_reader_of(packet.payload);
    user->icmp = lk_get_u8(&r);
    (void)lk_get_span(&r, 3);
    user->identifier = lk_get_be16(&r);
    user->sequence = lk_get_be16(&r);
    return LK_OK;
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_reader r = lk_reader_of(m->octets);
    struct lk_trace_user *user = &m->user;
    uint16_t type = 0;

    user->tunnel = m->from.port == PORT_TUNNEL || m->to.port == PORT_TUNNEL;
    m->request = user->tunnel ? m->to.port == PORT_TUNNEL : true;
    if (!user->tunnel) {
        (void)lk_get_span(&r, MACS);
        type = lk_get_be16(&r);
        m->status = r.status != LK_OK ? LK_E_SHORT :
                    type == ETHER_IPV4 || type == ETHER_IPV6 || type == ETHER_TOKEN ?
                    LK_OK : LK_E_UNKNOWN;
        if (m->status != LK_OK)
            return;
    }
    user->token = is_token(user, r, type);
    if (!user->token)
        m->status = lk_user_read(user, lk_get_rest(&r));
}

/* ---- runs ---- */

static bool same_host(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    struct lk_capture_end other = *b;

    other.port = a->port;
    return lk_trace_same_end(a, &other);
}

/* The last message of a session between the same two hosts. */
static size_t session_of(const struct lk_trace *trace, size_t index, bool *turned)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->run == LK_TRACE_NONE || before->protocol == LK_TRACE_PMIP
            || before->protocol == LK_TRACE_ASKED
            || (before->protocol == LK_TRACE_USER && before->user.tunnel)
            || trace->runs[before->run].kind != LK_TRACE_SESSION)
            continue;
        *turned = same_host(&before->from, &m->to);
        if (same_host(*turned ? &before->to : &before->from, &m->from)
            && (*turned || same_host(&before->to, &m->to)))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* The last frame of a device with the same two addresses in it. */
static size_t frame_of(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_user *user = &trace->messages[index].user;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_USER && !before->user.tunnel && before->status == LK_OK
            && ((lk_address_equal(&before->user.source, &user->source)
                 && lk_address_equal(&before->user.destination, &user->destination))
                || (lk_address_equal(&before->user.source, &user->destination)
                    && lk_address_equal(&before->user.destination, &user->source))))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

static bool same_hosts(const struct lk_trace_message *a, const struct lk_trace_message *b)
{
    return (same_host(&a->from, &b->from) && same_host(&a->to, &b->to))
           || (same_host(&a->from, &b->to) && same_host(&a->to, &b->from));
}

/* What a token is asked for: the last packet in the tunnel between the same two ends, or, before
 * there is one, what the gateway told the anchor on their link. */
static size_t asked_for(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->run == LK_TRACE_NONE)
            continue;
        if (before->protocol == LK_TRACE_PMIP && same_hosts(before, m)
            && trace->runs[before->run].kind == LK_TRACE_LINK)
            return i - 1;
        if (before->protocol == LK_TRACE_USER && before->user.tunnel
            && (lk_trace_same_end(&before->from, &m->from)
                || lk_trace_same_end(&before->from, &m->to)))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool turned = false;
    size_t found;

    if (m->status == LK_OK && m->user.tunnel) {
        found = m->user.token ? asked_for(trace, index) : frame_of(trace, index);
    } else {
        found = m->user.tunnel ? LK_TRACE_NONE : session_of(trace, index, &turned);
        if (found != LK_TRACE_NONE)
            m->request = trace->messages[found].request != turned;
    }
    if (found != LK_TRACE_NONE)
        m->run = trace->messages[found].run;
    return LK_OK;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

/* ---- names ---- */

static const char *icmp_name(const struct lk_trace_user *user)
{
    bool v6 = user->protocol == LK_IP_ICMPV6;

    switch (user->icmp) {
    case ECHO_REQUEST:
        return v6 ? "ICMPv6" : "Echo request";
    case ECHO_REPLY:
        return v6 ? "ICMPv6" : "Echo reply";
    case ADVERTISEMENT:
        return v6 ? "ICMPv6" : "Agent advertisement";
    case SOLICITATION:
        return v6 ? "ICMPv6" : "Agent solicitation";
    case ECHO_REQUEST_V6:
        return v6 ? "Echo request" : "ICMP";
    case ECHO_REPLY_V6:
        return v6 ? "Echo reply" : "ICMP";
    case ROUTER_SOLICITATION:
        return v6 ? "Router solicitation" : "ICMP";
    case ROUTER_ADVERTISEMENT:
        return v6 ? "Router advertisement" : "ICMP";
    default:
        return v6 ? "ICMPv6" : "ICMP";
    }
}

void lk_user_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_user *user)
{
    if (user->protocol == LK_IP_ICMP || user->protocol == LK_IP_ICMPV6)
        snprintf(name, LK_TRACE_NAME_MAX, "%s", icmp_name(user));
    else
        snprintf(name, LK_TRACE_NAME_MAX, "IPv%u packet, protocol %u%s", user->version,
                 user->protocol, user->protocol == TCP ? " (TCP)" :
                 user->protocol == UDP ? " (UDP)" : "");
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    if (m->status != LK_OK)
        snprintf(name, LK_TRACE_NAME_MAX, "not IP (%s)", lk_status_name(m->status));
    else if (m->user.token)
        snprintf(name, LK_TRACE_NAME_MAX, "Path token");
    else
        lk_user_name(name, &m->user);
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    snprintf(name, LK_TRACE_NAME_MAX, "%s", m->user.tunnel ? "Tunnel" : "User plane");
}

void lk_user_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_user *user)
{
    char address[LK_ADDRESS_TEXT], number[32];

    lk_address_text(address, &user->source);
    lk_trace_append(text, lk_span_text(address), true);
    lk_trace_append(text, lk_span_text(" to "), false);
    lk_address_text(address, &user->destination);
    lk_trace_append(text, lk_span_text(address), false);
    if (!is_echo(user))
        return;
    snprintf(number, sizeof number, "sequence %u", user->sequence);
    lk_trace_append(text, lk_span_text(number), true);
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    if (m->status == LK_OK && !m->user.token)
        lk_user_summary(text, &m->user);
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    enum lk_lane near = m->user.tunnel ? LK_LANE_TWAG : LK_LANE_DEVICE;
    enum lk_lane far = m->user.tunnel ? LK_LANE_ANCHOR : LK_LANE_TWAG;

    rung->kind = LK_RUNG_PLAIN;
    rung->from = m->request ? near : far;
    rung->to = m->request ? far : near;
}

void lk_user_tell(const struct lk_teller *t, const struct lk_trace_user *user)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, &user->source);
    lk_tell(t, 1, "Source", "", "%s", text);
    lk_address_text(text, &user->destination);
    lk_tell(t, 1, "Destination", "", "%s", text);
    lk_tell(t, 1, "Protocol", "", "%u", user->protocol);
    if (is_echo(user))
        lk_tell(t, 1, "Echo", "RFC 792", "identifier %u, sequence %u", user->identifier,
                user->sequence);
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];

    name_of(name, m);
    lk_tell(t, 0, m->user.tunnel ? "Tunnel between TWAG and anchor" : "Frame in the user plane", "",
            "%s, %zu octets", name, m->octets.len);
    if (m->status != LK_OK || m->user.token) {
        lk_field_hex(text, m->octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        return;
    }
    if (!m->user.tunnel) {
        lk_field_hex(text, lk_span_of(m->octets.at, 6));
        lk_tell(t, 1, "To", "", "%s", text);
        lk_field_hex(text, lk_span_of(m->octets.at + 6, 6));
        lk_tell(t, 1, "From", "", "%s", text);
    }
    lk_user_tell(t, &m->user);
}

const struct lk_trace_protocol lk_trace_protocol_user = {
    .name = "user plane",
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
