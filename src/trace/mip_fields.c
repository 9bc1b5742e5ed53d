/* The fields of Mobile IPv4 messages, extensions in the order in which they came: what stands
 * behind an authenticator it does not cover. */
#include <stdio.h>
#include <string.h>

#include "base/ntp.h"
#include "trace/mip.h"
#include "trace/user.h"
#include "wire/mip_agent.h"

enum { MS = 1000000 };

const char *lk_mip_seen_judged(uint8_t judged)
{
    return judged == LK_TRACE_RIGHT ? "; calculated again: the same" :
           judged == LK_TRACE_WRONG ? "; calculated again: another" : "";
}

const char *lk_mip_seen_algorithm(size_t octets)
{
    return octets == lk_mip_authenticator_len(LK_MIP_HMAC_MD5)      ? "HMAC-MD5"
           : octets == lk_mip_authenticator_len(LK_MIP_HMAC_SHA1)   ? "HMAC-SHA-1"
           : octets == lk_mip_authenticator_len(LK_MIP_HMAC_SHA256) ? "HMAC-SHA-256"
                                                                    : "no algorithm that we know";
}

static void tell_address(const struct lk_teller *t, unsigned depth, const char *name,
                         const char *clause, const struct lk_address *address)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    lk_tell(t, depth, name, clause, "%s", text);
}

static void tell_flags(const struct lk_teller *t, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = {
        { LK_MIP_SIMULTANEOUS, "S, beside other bindings" },
        { LK_MIP_BROADCAST, "B, broadcasts" },
        { LK_MIP_DECAPSULATES, "D, co-located care-of address" },
        { LK_MIP_MINIMAL, "M, minimal encapsulation" },
        { LK_MIP_GRE, "G, GRE" },
        { LK_MIP_REVERSE, "T, reverse tunnel" },
    };
    char text[LK_FIELD_VALUE_MAX] = "";
    size_t len = 0;

    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if ((flags & names[i].bit) != 0)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? "; " : "",
                                    names[i].name);
    lk_tell(t, 1, "Flags", "RFC 5944 3.3", "%02x%s%s", flags, len > 0 ? ": " : "", text);
}

/* As a time, beside that of the capture: a nonce is far from it. */
static void tell_identification(const struct lk_teller *t, const struct lk_trace_message *m)
{
    double off_s = (double)(int64_t)(lk_ntp_ms(m->mip.identification) - m->at_ns / MS) / 1e3;

    if (off_s > -86400 && off_s < 86400)
        lk_tell(t, 1, "Identification", "RFC 5944 5.7", "%016llx; as a time %.3f s %s the "
                "capture's", (unsigned long long)m->mip.identification, off_s < 0 ? -off_s : off_s,
                off_s < 0 ? "before" : "after");
    else
        lk_tell(t, 1, "Identification", "RFC 5944 5.7", "%016llx",
                (unsigned long long)m->mip.identification);
}

/* ---- extensions ---- */

static void tell_key_reply(const struct lk_teller *t, const char *name,
                           const struct lk_mip_key_reply *reply, bool ha)
{
    char text[LK_FIELD_VALUE_MAX];

    lk_tell(t, 1, name, ha ? "RFC 3957 6.4" : "RFC 3957 6.2",
            "for %u s, AAA SPI %u, SPI of the agent %u, algorithm %u%s", reply->lifetime_s,
            reply->aaa_spi, reply->agent_spi, reply->algorithm,
            !ha ? "" : reply->replay == LK_MIP_TIMESTAMPS ? ", timestamps" :
            reply->replay == LK_MIP_NONCES ? ", nonces" : ", another replay method");
    lk_field_hex(text, reply->nonce);
    lk_tell(t, 2, "Nonce", "RFC 3957 5", "%s", text);
}

static void tell_auth(const struct lk_teller *t, const struct lk_trace_message *m,
                      const struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    const struct lk_mip_auth *auth = &e->auth[which];
    char text[LK_FIELD_VALUE_MAX];

    lk_tell(t, 1, lk_mip_extension_name(which),
            which == LK_MIP_MN_AAA_AUTH ? "RFC 4721 5" : "RFC 5944 3.5", "SPI %u, %s over %zu "
            "octets%s", auth->spi,
            which == LK_MIP_MN_AAA_AUTH && auth->spi == LK_MIP_SPI_CHAP
                ? "in the way of CHAP" : lk_mip_seen_algorithm(auth->authenticator.len),
            auth->covered.len, lk_mip_seen_judged(m->mip.judged[which]));
    lk_field_hex(text, auth->authenticator);
    lk_tell(t, 2, "Authenticator", "RFC 5944 3.5.1", "%s", text);
}

static void tell_vendors(const struct lk_teller *t, const struct lk_mip_extensions *e,
                         bool critical)
{
    char text[LK_FIELD_VALUE_MAX];

    for (size_t i = 0; i < e->vendor_count; i++) {
        if (e->vendor[i].critical != critical)
            continue;
        lk_field_text(text, e->vendor[i].value);
        lk_tell(t, 1, lk_mip_extension_name(critical ? LK_MIP_VENDOR_CRITICAL : LK_MIP_VENDOR),
                "RFC 3115 2", "vendor %u, type %u: %.560s", e->vendor[i].id, e->vendor[i].type,
                text);
    }
}

static void tell_carried(const struct lk_teller *t, const struct lk_mip_extensions *e)
{
    char text[LK_FIELD_VALUE_MAX];

    for (size_t i = 0; i < e->carried_count; i++) {
        lk_field_text(text, e->carried[i].nai);
        lk_tell(t, 1, lk_mip_extension_name(LK_MIP_NAI_CARRYING), "RFC 3846 3", "%s %.600s",
                e->carried[i].subtype == LK_MIP_CARRIED_HA ? "home agent" :
                e->carried[i].subtype == LK_MIP_CARRIED_AAA ? "home AAA" : "of another subtype",
                text);
    }
}

static void tell_udp(const struct lk_teller *t, const struct lk_mip_extensions *e,
                     enum lk_mip_extension which)
{
    const char *name = lk_mip_extension_name(which);

    if (which == LK_MIP_UDP_REPLY)
        lk_tell(t, 1, name, "RFC 3519 3.1.2", "%s%s, a sign of life every %u s",
                e->udp_reply.code == LK_MIP_UDP_ACCEPTED ? "granted" : "declined",
                e->udp_reply.forced ? ", also without a translator" : "",
                e->udp_reply.keepalive_s);
    else
        lk_tell(t, 1, name, "RFC 3519 3.1.1", "encapsulation %u%s%s", e->udp_request.encapsulation,
                (e->udp_request.flags & LK_MIP_UDP_FORCED) != 0 ? ", also without a translator" :
                "", (e->udp_request.flags & LK_MIP_UDP_THROUGH_FA) != 0 ?
                ", the foreign agent must be passed" : "");
}

/* Of those that are bound to be of several octets. */
static void tell_text(const struct lk_teller *t, enum lk_mip_extension which, const char *clause,
                      struct lk_span octets, bool hex)
{
    char text[LK_FIELD_VALUE_MAX];

    (hex ? lk_field_hex : lk_field_text)(text, octets);
    lk_tell(t, 1, lk_mip_extension_name(which), clause, "%s", text);
}

static void tell_extension(const struct lk_teller *t, const struct lk_trace_message *m,
                           const struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    const char *name = lk_mip_extension_name(which);

    switch (which) {
    case LK_MIP_MN_HA_AUTH:
    case LK_MIP_MN_FA_AUTH:
    case LK_MIP_FA_HA_AUTH:
    case LK_MIP_MN_AAA_AUTH:
        tell_auth(t, m, e, which);
        break;
    case LK_MIP_VENDOR_CRITICAL:
    case LK_MIP_VENDOR:
        tell_vendors(t, e, which == LK_MIP_VENDOR_CRITICAL);
        break;
    case LK_MIP_MN_FA_KEY_REQUEST:
        lk_tell(t, 1, name, "RFC 3957 6.1", "SPI that the node gives: %u", e->mn_fa_spi);
        break;
    case LK_MIP_MN_HA_KEY_REQUEST:
        lk_tell(t, 1, name, "RFC 3957 6.3", "SPI that the node gives: %u", e->mn_ha_spi);
        break;
    case LK_MIP_MN_FA_KEY_REPLY:
        tell_key_reply(t, name, &e->mn_fa_key, false);
        break;
    case LK_MIP_MN_HA_KEY_REPLY:
        tell_key_reply(t, name, &e->mn_ha_key, true);
        break;
    case LK_MIP_UDP_REPLY:
    case LK_MIP_UDP_REQUEST:
        tell_udp(t, e, which);
        break;
    case LK_MIP_NAI:
        tell_text(t, which, "RFC 2794 2", e->nai, false);
        break;
    case LK_MIP_CHALLENGE:
        tell_text(t, which, "RFC 4721 4", e->challenge, true);
        break;
    case LK_MIP_NAI_CARRYING:
        tell_carried(t, e);
        break;
    case LK_MIP_REVOCABLE:
        lk_tell(t, 1, name, "RFC 3543 3.2", "%stimestamp %u",
                e->revocable.informs ? "the node is told, " : "", e->revocable.timestamp);
        break;
    case LK_MIP_DYNAMIC_HA:
        tell_address(t, 1, name, "RFC 4433 3", &e->dynamic_ha.agent);
        break;
    case LK_MIP_EXTENSION_COUNT:
        break;
    }
}

/* In the order in which they came. */
static void tell_extensions(const struct lk_teller *t, const struct lk_trace_message *m)
{
    struct lk_mip_extensions e;

    if (!lk_mip_seen_extensions(&e, m))
        return;
    for (unsigned place = 1; place <= e.count; place++)
        for (unsigned i = 0; i < LK_MIP_EXTENSION_COUNT; i++)
            if (e.place[i] == place)
                tell_extension(t, m, &e, (enum lk_mip_extension)i);
}

/* ---- messages ---- */

static void tell_request(const struct lk_teller *t, const struct lk_trace_message *m)
{
    tell_flags(t, m->mip.flags);
    lk_tell(t, 1, "Lifetime", "RFC 5944 3.3",
            m->mip.lifetime_s == LK_MIP_INFINITE ? "%u s: without end" :
            m->mip.lifetime_s == 0 ? "%u s: the end of it" : "%u s", m->mip.lifetime_s);
    tell_address(t, 1, "Home address", "RFC 5944 3.3", &m->mip.home);
    tell_address(t, 1, "Home agent", "RFC 5944 3.3", &m->mip.agent);
    tell_address(t, 1, "Care-of address", "RFC 5944 3.3", &m->mip.care_of);
    tell_identification(t, m);
    tell_extensions(t, m);
}

static void tell_reply(const struct lk_teller *t, const struct lk_trace_message *m)
{
    lk_tell(t, 1, "Code", "RFC 5944 3.4", "%u (%s)", m->mip.code, lk_mip_code_name(m->mip.code));
    lk_tell(t, 1, "Lifetime", "RFC 5944 3.4", "%u s", m->mip.lifetime_s);
    tell_address(t, 1, "Home address", "RFC 5944 3.4", &m->mip.home);
    tell_address(t, 1, "Home agent", "RFC 5944 3.4", &m->mip.agent);
    tell_identification(t, m);
    tell_extensions(t, m);
}

static void tell_revocation(const struct lk_teller *t, const struct lk_trace_message *m)
{
    tell_address(t, 1, "Home address", "RFC 3543 3.3", &m->mip.home);
    if (m->mip.kind == LK_TRACE_MIP_REVOKE) {
        tell_address(t, 1, "Home domain", "RFC 3543 3.3", &m->mip.agent);
        tell_address(t, 1, "Foreign domain", "RFC 3543 3.3", &m->mip.care_of);
    }
    lk_tell(t, 1, "Revocation identifier", "RFC 3543 3.3", "%u", (unsigned)m->mip.identification);
    tell_extensions(t, m);
}

/* An agent tells nodes of its link that it is there. */
static void tell_advertisement(const struct lk_teller *t, const struct lk_mip_tunnel *tunnel)
{
    struct lk_mip_advertisement a;
    struct lk_ip_packet packet;
    char text[LK_FIELD_VALUE_MAX];

    if (lk_ip_read(&packet, tunnel->packet) != LK_OK || packet.protocol != LK_IP_ICMP ||
        lk_mip_advertisement_decode(&a, packet.payload) != LK_OK)
        return;
    lk_tell(t, 1, "Lifetime", "RFC 5944 2.1", "%u s", a.lifetime_s);
    if (!a.has_agent)
        return;
    lk_tell(t, 1, "Sequence", "RFC 5944 2.1.1", "%u", a.sequence);
    lk_tell(t, 1, "Registrations", "RFC 5944 2.1.1", "up to %u s, flags %04x%s", a.registration_s,
            a.flags, (a.flags & LK_MIP_AGENT_REQUIRED) != 0 ? ", through this agent alone" : "");
    for (size_t i = 0; i < a.care_of_count; i++)
        tell_address(t, 1, "Care-of address", "RFC 5944 2.1.1", &a.care_of[i]);
    if (a.challenge.len == 0)
        return;
    lk_field_hex(text, a.challenge);
    lk_tell(t, 1, "Challenge", "RFC 4721 2", "%s", text);
}

static void tell_tunnel(const struct lk_teller *t, const struct lk_trace_message *m)
{
    struct lk_mip_tunnel tunnel;

    if (lk_mip_tunnel_decode(&tunnel, m->octets) != LK_OK)
        return;
    lk_tell(t, 1, "Encapsulation", "RFC 3519 3.2", "%u (%s)", tunnel.encapsulation,
            tunnel.encapsulation == LK_MIP_IN_IP ? "IP" :
            tunnel.encapsulation == LK_MIP_IN_GRE ? "GRE" : "minimal");
    if (m->mip.inner.version == 0)
        return;
    lk_user_tell(t, &m->mip.inner);
    tell_advertisement(t, &tunnel);
}

void lk_mip_seen_fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];

    lk_trace_message_name(name, m);
    lk_tell(t, 0, m->mip.kind == LK_TRACE_MIP_TUNNEL ? "Mobile IP tunnel in UDP" : "Mobile IPv4",
            m->mip.kind == LK_TRACE_MIP_TUNNEL ? "RFC 3519 3.2" :
            m->mip.kind == LK_TRACE_MIP_REPLY ? "RFC 5944 3.4" :
            m->mip.kind == LK_TRACE_MIP_REQUEST ? "RFC 5944 3.3" :
            m->mip.kind == LK_TRACE_MIP_OTHER ? "" : "RFC 3543 3.3", "%s, %zu octets", name,
            m->octets.len);
    if (m->status != LK_OK) {
        lk_tell(t, 1, "Does not decode", "", "%s", lk_status_name(m->status));
        lk_field_hex(text, m->octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        return;
    }
    switch (m->mip.kind) {
    case LK_TRACE_MIP_REQUEST:
        tell_request(t, m);
        break;
    case LK_TRACE_MIP_REPLY:
        tell_reply(t, m);
        break;
    case LK_TRACE_MIP_REVOKE:
    case LK_TRACE_MIP_REVOKED:
        tell_revocation(t, m);
        break;
    case LK_TRACE_MIP_TUNNEL:
        tell_tunnel(t, m);
        break;
    case LK_TRACE_MIP_OTHER:
        break;
    }
}
