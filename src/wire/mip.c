/* Mobile IPv4 messages: their fixed parts, and what is asked of their extensions.
 *
 *     request:     type 1 | flags | lifetime (2) | home address | home agent | care-of address |
 *                  identification (8) | extensions
 *     reply:       type 3 | code | lifetime (2) | home address | home agent | identification (8) |
 *                  extensions
 *     revocation:  type 7 | 0 | A, I (2) | home address | home domain | foreign domain |
 *                  identifier (4) | extensions
 *     its answer:  type 15 | 0 | I (2) | home address | identifier (4) | extensions
 *     tunnel data: type 4 | next header | 0 (2) | packet */
#include "wire/mip.h"

#include <string.h>

enum {
    V4_LEN = 4,
    HOME_AT = 4,         /* in a request */
    AUTH_HEADER = 2 + 4, /* type, length and SPI of 32, 33 and 34 */
    IPV4_AT = LK_ADDRESS_LEN - V4_LEN,
};
enum { BY_HA = 0x8000, INFORMS = 0x4000, ACK_INFORMS = 0x8000 };

struct lk_address lk_mip_address_get(struct lk_reader *r)
{
    uint8_t octets[V4_LEN];

    lk_get_copy(r, octets, sizeof octets);
    return lk_address_v4(octets);
}

void lk_mip_address_put(struct lk_writer *w, const struct lk_address *address)
{
    if (!lk_address_is_v4(address) && !lk_address_is_any(address) && w->status == LK_OK)
        w->status = LK_E_VALUE;
    lk_put_octets(w, address->octets + IPV4_AT, V4_LEN);
}

int lk_mip_type_of(struct lk_span datagram)
{
    return datagram.len > 0 ? datagram.at[0] : -1;
}

/* A reader behind the type. */
static struct lk_reader begin(struct lk_span datagram, enum lk_mip_type type)
{
    struct lk_reader r = lk_reader_of(datagram);

    if (lk_get_u8(&r) != type)
        lk_reader_fail(&r, LK_E_UNKNOWN);
    return r;
}

static enum lk_status finish(struct lk_reader *r, struct lk_mip_extensions *extensions,
                             struct lk_span datagram, unsigned in)
{
    if (r->status != LK_OK)
        return r->status;
    extensions->whole = datagram;
    return lk_mip_extensions_get(r, extensions, in);
}

/* ---- registration ---- */

/* spec: RFC 5944 3.3 - the request; two flags are ignored. */
enum lk_status lk_mip_request_decode(struct lk_mip_request *request, struct lk_span datagram)
{
    struct lk_reader r = begin(datagram, LK_MIP_REQUEST);

    memset(request, 0, sizeof *request);
    request->flags = lk_get_u8(&r);
    request->lifetime_s = lk_get_be16(&r);
    request->home = lk_mip_address_get(&r);
    request->agent = lk_mip_address_get(&r);
    request->care_of = lk_mip_address_get(&r);
    request->identification = lk_get_be64(&r);
    return finish(&r, &request->extensions, datagram, LK_MIP_IN_REQUEST);
}

void lk_mip_request_put(struct lk_writer *w, const struct lk_mip_request *request)
{
    lk_put_u8(w, LK_MIP_REQUEST);
    lk_put_u8(w, request->flags);
    lk_put_be16(w, request->lifetime_s);
    lk_mip_address_put(w, &request->home);
    lk_mip_address_put(w, &request->agent);
    lk_mip_address_put(w, &request->care_of);
    lk_put_be64(w, request->identification);
}

/* spec: RFC 5944 3.4 - the reply. */
enum lk_status lk_mip_reply_decode(struct lk_mip_reply *reply, struct lk_span datagram)
{
    struct lk_reader r = begin(datagram, LK_MIP_REPLY);

    memset(reply, 0, sizeof *reply);
    reply->code = lk_get_u8(&r);
    reply->lifetime_s = lk_get_be16(&r);
    reply->home = lk_mip_address_get(&r);
    reply->agent = lk_mip_address_get(&r);
    reply->identification = lk_get_be64(&r);
    return finish(&r, &reply->extensions, datagram, LK_MIP_IN_REPLY);
}

void lk_mip_reply_put(struct lk_writer *w, const struct lk_mip_reply *reply)
{
    lk_put_u8(w, LK_MIP_REPLY);
    lk_put_u8(w, reply->code);
    lk_put_be16(w, reply->lifetime_s);
    lk_mip_address_put(w, &reply->home);
    lk_mip_address_put(w, &reply->agent);
    lk_put_be64(w, reply->identification);
}

/* ---- revocation ---- */

/* spec: RFC 3543 3.3 - an agent revokes what the other one has registered. */
enum lk_status lk_mip_revocation_decode(struct lk_mip_revocation *revocation,
                                        struct lk_span datagram)
{
    struct lk_reader r = begin(datagram, LK_MIP_REVOCATION);
    uint16_t flags;

    memset(revocation, 0, sizeof *revocation);
    (void)lk_get_u8(&r);
    flags = lk_get_be16(&r);
    revocation->from_ha = (flags & BY_HA) != 0;
    revocation->informs = (flags & INFORMS) != 0;
    revocation->home = lk_mip_address_get(&r);
    revocation->home_domain = lk_mip_address_get(&r);
    revocation->foreign_domain = lk_mip_address_get(&r);
    revocation->identifier = lk_get_be32(&r);
    return finish(&r, &revocation->extensions, datagram, LK_MIP_IN_REVOCATION);
}

void lk_mip_revocation_put(struct lk_writer *w, const struct lk_mip_revocation *revocation)
{
    lk_put_u8(w, LK_MIP_REVOCATION);
    lk_put_u8(w, 0);
    lk_put_be16(w, (uint16_t)((revocation->from_ha ? BY_HA : 0) |
                              (revocation->informs ? INFORMS : 0)));
    lk_mip_address_put(w, &revocation->home);
    lk_mip_address_put(w, &revocation->home_domain);
    lk_mip_address_put(w, &revocation->foreign_domain);
    lk_put_be32(w, revocation->identifier);
}

/* spec: RFC 3543 3.4 - the acknowledgement. */
enum lk_status lk_mip_revocation_ack_decode(struct lk_mip_revocation *ack,
                                            struct lk_span datagram)
{
    struct lk_reader r = begin(datagram, LK_MIP_REVOCATION_ACK);

    memset(ack, 0, sizeof *ack);
    (void)lk_get_u8(&r);
    ack->informs = (lk_get_be16(&r) & ACK_INFORMS) != 0;
    ack->home = lk_mip_address_get(&r);
    ack->identifier = lk_get_be32(&r);
    return finish(&r, &ack->extensions, datagram, LK_MIP_IN_REVOCATION);
}

void lk_mip_revocation_ack_put(struct lk_writer *w, const struct lk_mip_revocation *ack)
{
    lk_put_u8(w, LK_MIP_REVOCATION_ACK);
    lk_put_u8(w, 0);
    lk_put_be16(w, ack->informs ? ACK_INFORMS : 0);
    lk_mip_address_put(w, &ack->home);
    lk_put_be32(w, ack->identifier);
}

/* ---- what is asked of extensions ---- */

bool lk_mip_has(const struct lk_mip_extensions *extensions, enum lk_mip_extension which)
{
    return extensions->place[which] != 0;
}

bool lk_mip_before(const struct lk_mip_extensions *extensions, enum lk_mip_extension a,
                   enum lk_mip_extension b)
{
    return lk_mip_has(extensions, a) && extensions->place[a] < extensions->place[b];
}

bool lk_mip_is_last(const struct lk_mip_extensions *extensions, enum lk_mip_extension which)
{
    return lk_mip_has(extensions, which) && extensions->place[which] == extensions->count;
}

struct lk_span lk_mip_vendor_value(const struct lk_mip_extensions *extensions, uint32_t id,
                                   uint16_t type, enum lk_mip_extension by)
{
    const uint8_t *proven = extensions->auth[by].covered.at;
    size_t len = lk_mip_has(extensions, by) ? extensions->auth[by].covered.len : 0;

    for (size_t i = 0; i < extensions->vendor_count; i++) {
        const struct lk_mip_vendor *vendor = &extensions->vendor[i];

        if (len > 0 && vendor->id == id && vendor->type == type && vendor->value.at >= proven &&
            vendor->value.at + vendor->value.len <= proven + len)
            return vendor->value;
    }
    return lk_span_of(NULL, 0);
}

/* spec: RFC 3957 5 - the NAI of the request, or else its home address, 0.0.0.0 or not. */
bool lk_mip_agent_is_open(const struct lk_address *agent)
{
    static const uint8_t all[4] = { 255, 255, 255, 255 };
    const struct lk_address broadcast = lk_address_v4(all);

    return lk_address_is_any(agent) || lk_address_equal(agent, &broadcast);
}

struct lk_span lk_mip_identifier(const struct lk_mip_request *request)
{
    if (lk_mip_has(&request->extensions, LK_MIP_NAI))
        return request->extensions.nai;
    return lk_span_of(request->extensions.whole.at + HOME_AT, V4_LEN);
}

/* Where the authentication extension ends, or 0. */
static size_t end_of(const struct lk_mip_extensions *extensions, enum lk_mip_extension which)
{
    const struct lk_mip_auth *auth = &extensions->auth[which];

    return auth->covered.len + auth->authenticator.len;
}

/* Where 33 or 34 begins, or as far as the message goes. */
static size_t start_of(const struct lk_mip_extensions *extensions, enum lk_mip_extension which)
{
    return lk_mip_has(extensions, which) ? extensions->auth[which].covered.len - AUTH_HEADER
                                         : extensions->whole.len;
}

/* spec: RFC 5944 3.7.2.2 - a foreign agent takes off what is behind the authorization-enabling
 * extension and leaves alone what is before it.
 * spec: RFC 4721 3.2 - MN-AAA behind Mobile-Home, with its challenge, may go too. */
struct lk_span lk_mip_forwardable(const struct lk_mip_extensions *extensions, bool with_aaa)
{
    size_t home = end_of(extensions, LK_MIP_MN_HA_AUTH);
    size_t aaa = end_of(extensions, LK_MIP_MN_AAA_AUTH);
    size_t foreign = start_of(extensions, LK_MIP_MN_FA_AUTH);
    size_t agents = start_of(extensions, LK_MIP_FA_HA_AUTH);
    size_t end = home;

    if ((home == 0 || with_aaa) && aaa > home)
        end = aaa;
    if (end == 0)
        end = foreign < agents ? foreign : agents;
    return lk_span_of(extensions->whole.at, end);
}

/* ---- tunnel data ---- */

/* spec: RFC 3519 3.3 - an IP packet, or what is behind a GRE or minimal header, in UDP. */
enum lk_status lk_mip_tunnel_decode(struct lk_mip_tunnel *tunnel, struct lk_span datagram)
{
    struct lk_reader r = begin(datagram, LK_MIP_TUNNEL);

    tunnel->encapsulation = lk_get_u8(&r);
    (void)lk_get_be16(&r);
    tunnel->packet = lk_get_rest(&r);
    switch (tunnel->encapsulation) {
    case LK_MIP_IN_IP:
    case LK_MIP_IN_GRE:
    case LK_MIP_IN_MINIMAL: break;
    default: lk_reader_fail(&r, LK_E_VALUE);
    }
    return lk_reader_end(&r);
}

void lk_mip_tunnel_put(struct lk_writer *w, const struct lk_mip_tunnel *tunnel)
{
    lk_put_u8(w, LK_MIP_TUNNEL);
    lk_put_u8(w, tunnel->encapsulation);
    lk_put_be16(w, 0);
    lk_put_span(w, tunnel->packet);
}
