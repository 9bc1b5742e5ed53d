/* Mobile IPv4 in a trace: which datagrams are its own, what is kept of them, and how they are
 * told. */
#include "trace/mip.h"

#include <stdio.h>
#include <string.h>

#include "trace/radius.h"
#include "trace/user.h"

static bool claims(const struct lk_datagram *datagram)
{
    if (lk_trace_is_opened(datagram, "mip"))
        return true;
    return datagram->carrier == LK_CARRIER_UDP &&
           (datagram->to.port == LK_MIP_PORT || datagram->from.port == LK_MIP_PORT);
}

/* ---- decoding ---- */

bool lk_mip_seen_request(struct lk_mip_request *request, const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_MIP && lk_mip_type_of(m->octets) == LK_MIP_REQUEST &&
           lk_mip_request_decode(request, m->octets) == LK_OK;
}

bool lk_mip_seen_reply(struct lk_mip_reply *reply, const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_MIP && lk_mip_type_of(m->octets) == LK_MIP_REPLY &&
           lk_mip_reply_decode(reply, m->octets) == LK_OK;
}

bool lk_mip_seen_revocation(struct lk_mip_revocation *revocation,
                            const struct lk_trace_message *m)
{
    if (m->protocol != LK_TRACE_MIP)
        return false;
    switch (lk_mip_type_of(m->octets)) {
    case LK_MIP_REVOCATION: return lk_mip_revocation_decode(revocation, m->octets) == LK_OK;
    case LK_MIP_REVOCATION_ACK: return lk_mip_revocation_ack_decode(revocation, m->octets) == LK_OK;
    default: return false;
    }
}

bool lk_mip_seen_extensions(struct lk_mip_extensions *extensions,
                            const struct lk_trace_message *m)
{
    struct lk_mip_revocation revocation;
    struct lk_mip_request request;
    struct lk_mip_reply reply;

    if (lk_mip_seen_request(&request, m))
        *extensions = request.extensions;
    else if (lk_mip_seen_reply(&reply, m))
        *extensions = reply.extensions;
    else if (lk_mip_seen_revocation(&revocation, m))
        *extensions = revocation.extensions;
    else
        return false;
    return true;
}

static void take_request(struct lk_trace_message *m)
{
    struct lk_mip_request request;

    m->status = lk_mip_request_decode(&request, m->octets);
    m->mip.kind = LK_TRACE_MIP_REQUEST;
    m->mip.flags = request.flags;
    m->mip.lifetime_s = request.lifetime_s;
    m->mip.identification = request.identification;
    m->mip.home = request.home;
    m->mip.agent = request.agent;
    m->mip.care_of = request.care_of;
    m->mip.nai = request.extensions.nai;
}

static void take_reply(struct lk_trace_message *m)
{
    struct lk_mip_reply reply;

    m->status = lk_mip_reply_decode(&reply, m->octets);
    m->mip.kind = LK_TRACE_MIP_REPLY;
    m->mip.code = reply.code;
    m->mip.lifetime_s = reply.lifetime_s;
    m->mip.identification = reply.identification;
    m->mip.home = reply.home;
    m->mip.agent = reply.agent;
    m->mip.nai = reply.extensions.nai;
}

static void take_revocation(struct lk_trace_message *m, bool ack)
{
    struct lk_mip_revocation revocation;

    m->status = ack ? lk_mip_revocation_ack_decode(&revocation, m->octets)
                    : lk_mip_revocation_decode(&revocation, m->octets);
    m->mip.kind = ack ? LK_TRACE_MIP_REVOKED : LK_TRACE_MIP_REVOKE;
    m->mip.identification = revocation.identifier;
    m->mip.home = revocation.home;
    m->mip.agent = revocation.home_domain;
    m->mip.care_of = revocation.foreign_domain;
    m->mip.flags = revocation.from_ha ? 1 : 0;
}

static void take_tunnel(struct lk_trace_message *m)
{
    struct lk_mip_tunnel tunnel;

    m->status = lk_mip_tunnel_decode(&tunnel, m->octets);
    m->mip.kind = LK_TRACE_MIP_TUNNEL;
    if (m->status == LK_OK && tunnel.encapsulation == LK_MIP_IN_IP)
        m->status = lk_user_read(&m->mip.inner, tunnel.packet);
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    memset(&m->mip, 0, sizeof m->mip);
    m->mip.from = m->mip.to = LK_LANE_NONE;
    m->status = LK_E_UNKNOWN;
    switch (lk_mip_type_of(m->octets)) {
    case LK_MIP_REQUEST:
        take_request(m);
        break;
    case LK_MIP_REPLY:
        take_reply(m);
        break;
    case LK_MIP_TUNNEL:
        take_tunnel(m);
        break;
    case LK_MIP_REVOCATION:
    case LK_MIP_REVOCATION_ACK:
        take_revocation(m, lk_mip_type_of(m->octets) == LK_MIP_REVOCATION_ACK);
        break;
    default:
        break;
    }
    m->request = m->mip.kind == LK_TRACE_MIP_REQUEST;
    if (m->status != LK_OK)
        m->mip.nai = lk_span_of(NULL, 0);
}

/* ---- names ---- */

const char *lk_mip_seen_proof_name(enum lk_mip_extension which)
{
    static const char *const names[LK_MIP_AUTH_COUNT] = {
        [LK_MIP_MN_HA_AUTH] = "Mobile-Home",
        [LK_MIP_MN_FA_AUTH] = "Mobile-Foreign",
        [LK_MIP_FA_HA_AUTH] = "Foreign-Home",
        [LK_MIP_MN_AAA_AUTH] = "MN-AAA",
    };

    LK_ASSERT((unsigned)which < LK_MIP_AUTH_COUNT);
    return names[which];
}

void lk_mip_seen_home_text(char text[LK_ADDRESS_TEXT + 16], const struct lk_address *home)
{
    char address[LK_ADDRESS_TEXT];

    lk_address_text(address, home);
    if (lk_address_is_any(home))
        (void)snprintf(text, LK_ADDRESS_TEXT + 16, "no home address yet");
    else
        (void)snprintf(text, LK_ADDRESS_TEXT + 16, "home %s", address);
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    int type = lk_mip_type_of(m->octets);

    if (m->mip.kind == LK_TRACE_MIP_OTHER)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "Mobile IP, type %d", type);
    else if (m->status != LK_OK)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s that does not decode", lk_mip_type_name(type));
    else if (m->mip.kind != LK_TRACE_MIP_TUNNEL || m->mip.inner.version == 0)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s", lk_mip_type_name(type));
    else
        lk_user_name(name, &m->mip.inner);
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    (void)snprintf(name, LK_TRACE_NAME_MAX, "%s",
                   m->mip.kind == LK_TRACE_MIP_TUNNEL ? "Mobile IP tunnel" : "Mobile IPv4");
}

static void append_text(char text[LK_TRACE_SUMMARY_MAX], const char *what)
{
    lk_trace_append(text, lk_span_text(what), true);
}

static void append_address(char text[LK_TRACE_SUMMARY_MAX], const char *what,
                           const struct lk_address *address)
{
    char word[LK_ADDRESS_TEXT];

    lk_address_text(word, address);
    append_text(text, what);
    lk_trace_append(text, lk_span_text(word), false);
}

/* Who proves what, by which SPI. */
static void append_proofs(char text[LK_TRACE_SUMMARY_MAX], const struct lk_mip_extensions *e)
{
    for (unsigned i = 0; i < LK_MIP_AUTH_COUNT; i++)
        if (lk_mip_has(e, (enum lk_mip_extension)i))
            lk_trace_append_f(text, "%s %u",
                              lk_mip_seen_proof_name((enum lk_mip_extension)i), e->auth[i].spi);
}

struct lk_span lk_mip_seen_b_tid(const struct lk_mip_extensions *extensions)
{
    static const enum lk_mip_extension by[] = { LK_MIP_MN_AAA_AUTH, LK_MIP_MN_HA_AUTH,
                                                LK_MIP_MN_FA_AUTH };

    for (size_t i = 0; i < LK_COUNT_OF(by); i++) {
        struct lk_span b_tid = lk_mip_vendor_value(extensions, LK_TRACE_ENTERPRISE,
                                                   LK_MIP_VENDOR_B_TID, by[i]);

        if (b_tid.len > 0)
            return b_tid;
    }
    return lk_span_of(NULL, 0);
}

static void sum_request(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    char word[LK_ADDRESS_TEXT + 16];
    struct lk_mip_request request;

    if (m->mip.lifetime_s == 0)
        append_text(text, "deregisters");
    lk_mip_seen_home_text(word, &m->mip.home);
    append_text(text, word);
    append_address(text, "care-of ", &m->mip.care_of);
    if (m->mip.to == LK_LANE_ANCHOR && m->mip.from != LK_LANE_FA &&
        !lk_mip_seen_is_at(&m->from, &m->mip.care_of))
        append_text(text, "behind a translator");
    if (m->mip.lifetime_s == LK_MIP_INFINITE)
        append_text(text, "without end");
    else if (m->mip.lifetime_s > 0)
        lk_trace_append_f(text, "%u s", m->mip.lifetime_s);
    if (!lk_mip_seen_request(&request, m))
        return;
    if (lk_mip_has(&request.extensions, LK_MIP_UDP_REQUEST))
        append_text(text, "UDP tunnel");
    if (lk_mip_has(&request.extensions, LK_MIP_MN_HA_KEY_REQUEST))
        append_text(text, "asks for MN-HA key");
    if (lk_mip_has(&request.extensions, LK_MIP_MN_FA_KEY_REQUEST))
        append_text(text, "asks for MN-FA key");
    if (lk_mip_seen_b_tid(&request.extensions).len > 0)
        append_text(text, "B-TID");
    append_proofs(text, &request.extensions);
    lk_trace_append(text, m->mip.nai, true);
}

static void sum_reply(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    char word[LK_ADDRESS_TEXT + 16];
    struct lk_mip_reply reply;

    lk_trace_append_f(text, "%u ", m->mip.code);
    lk_trace_append(text, lk_span_text(lk_mip_code_name(m->mip.code)), false);
    if (m->mip.code <= LK_MIP_CODE_ACCEPTED_SINGLE) {
        lk_mip_seen_home_text(word, &m->mip.home);
        append_text(text, word);
        lk_trace_append_f(text, "%u s", m->mip.lifetime_s);
    }
    if (!lk_mip_seen_reply(&reply, m))
        return;
    if (lk_mip_has(&reply.extensions, LK_MIP_UDP_REPLY))
        append_text(text, reply.extensions.udp_reply.code == LK_MIP_UDP_ACCEPTED ? "UDP tunnel"
                                                                                : "no UDP tunnel");
    if (lk_mip_has(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY))
        append_text(text, "nonce of an MN-HA key");
    if (lk_mip_has(&reply.extensions, LK_MIP_MN_FA_KEY_REPLY))
        append_text(text, "nonce of an MN-FA key");
    append_proofs(text, &reply.extensions);
}

static void sum_revocation(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    struct lk_mip_revocation revocation;

    append_address(text, "home ", &m->mip.home);
    if (!lk_mip_seen_revocation(&revocation, m))
        return;
    if (revocation.informs)
        append_text(text, "the node is told");
    append_proofs(text, &revocation.extensions);
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    switch (m->mip.kind) {
    case LK_TRACE_MIP_REQUEST:
        if (m->status == LK_OK)
            sum_request(text, m);
        break;
    case LK_TRACE_MIP_REPLY:
        if (m->status == LK_OK)
            sum_reply(text, m);
        break;
    case LK_TRACE_MIP_REVOKE:
    case LK_TRACE_MIP_REVOKED:
        if (m->status == LK_OK)
            sum_revocation(text, m);
        break;
    case LK_TRACE_MIP_TUNNEL:
        if (m->status == LK_OK && m->mip.inner.version != 0)
            lk_user_summary(text, &m->mip.inner);
        break;
    case LK_TRACE_MIP_OTHER:
        break;
    }
}

const struct lk_trace_protocol lk_trace_protocol_mip = {
    .name = "Mobile IPv4",
    .recurs = true,
    .claims = claims,
    .decode = decode,
    .place = lk_mip_seen_place,
    .sum_up = lk_mip_seen_sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = lk_mip_seen_rung,
    .fields = lk_mip_seen_fields,
};
