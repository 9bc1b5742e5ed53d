/* The home agent's machine: what a request must want to be granted, and the Registration Reply. */
#include <string.h>

#include "proto/mip/ha_parts.h"
#include "base/ntp.h"

/* ---- policy ---- */

/* spec-not: RFC 2003 3 - who asks for no tunnel in UDP would get IP in IP, and gets 139: that wants
 * a raw socket, which a home agent of ours is not given (udp_mandatory). A foreign agent asks for
 * the one in UDP always.
 * spec: RFC 3519 4.6 - a foreign agent puts its own request behind what the node has proven: it
 * counts where Foreign-Home proves it, and nowhere else. The node's own is before Mobile-Home, or,
 * without one, before MN-AAA. */
enum lk_mip_ha_asker lk_mip_ha_asks_udp(const struct lk_mip_ha_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;
    enum lk_mip_extension proof =
        lk_mip_has(e, LK_MIP_MN_HA_AUTH) ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_AAA_AUTH;

    if (!lk_mip_has(e, LK_MIP_UDP_REQUEST))
        return LK_MIP_HA_NOBODY;
    if (!lk_mip_has(e, proof) || lk_mip_before(e, LK_MIP_UDP_REQUEST, proof))
        return LK_MIP_HA_NODE;
    return event->fa_with != NULL && lk_mip_before(e, LK_MIP_UDP_REQUEST, LK_MIP_FA_HA_AUTH)
               ? LK_MIP_HA_AGENT
               : LK_MIP_HA_NOBODY;
}

/* An address of one host. Only this machine itself has its loopback ones, so who is elsewhere has
 * none. */
bool lk_mip_is_somewhere(const struct lk_address *care_of, const struct lk_address *from)
{
    return lk_address_is_unicast(care_of) &&
           (!lk_address_is_loopback(care_of) ||
            (lk_address_is_loopback(from) && lk_address_is_v4(care_of) == lk_address_is_v4(from)));
}

/* Where packets would go. One of ours would lead the tunnel into itself. T12: what comes from
 * elsewhere than it says was sent on by somebody: by a translator, which RFC 3519 is for, or by a
 * foreign agent, whose addresses are known. */
static bool care_of_fits(const struct lk_mip_ha_event *event)
{
    const struct lk_mip_request *request = event->request;

    if (lk_address_equal(&request->care_of, &event->home) ||
        lk_address_equal(&request->care_of, &event->agent))
        return false;
    if (event->fa != 0)
        return event->care_of_is_fas;
    if (!lk_mip_is_somewhere(&request->care_of, &event->from) || event->leads_back)
        return false;
    return lk_address_equal(&request->care_of, &event->from) ||
           lk_mip_ha_asks_udp(event) == LK_MIP_HA_NODE;
}

static bool tunnels_so(const struct lk_mip_ha_serving *s)
{
    const struct lk_mip_request *request = s->event->request;

    return (request->flags & (LK_MIP_MINIMAL | LK_MIP_GRE)) == 0 &&
           (lk_mip_ha_asks_udp(s->event) == LK_MIP_HA_NOBODY ||
            request->extensions.udp_request.encapsulation == LK_MIP_IN_IP);
}

/* Its extensions are those of a foreign agent, none of whose addresses it came from: what it asks
 * for cannot be believed, and to say what is missing of it would mislead. */
static enum lk_reason unless_stranger(const struct lk_mip_ha_event *event, enum lk_reason reason)
{
    const struct lk_mip_extensions *e = &event->request->extensions;

    return event->fa == 0 && lk_mip_has(e, LK_MIP_FA_HA_AUTH) ? LK_REASON_MIP_FA_UNKNOWN : reason;
}

enum lk_reason lk_mip_ha_policy(uint8_t *code, const struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha_event *event = s->event;
    const struct lk_mip_request *request = event->request;
    const struct {
        bool fits;
        uint8_t code;
        enum lk_reason reason;
    } wanted[] = {
        /* spec: RFC 5944 3.8.2.1 - 136 tells ours, which stands in the reply. */
        { lk_mip_agent_is_open(&request->agent) || lk_address_equal(&request->agent, &event->agent),
          LK_MIP_CODE_HA_UNKNOWN, LK_REASON_MIP_AGENT },
        { lk_address_is_any(&request->home) || lk_address_equal(&request->home, &event->home),
          LK_MIP_CODE_HA_PROHIBITED, LK_REASON_MIP_HOME_ADDRESS },
        { care_of_fits(event), LK_MIP_CODE_HA_PROHIBITED,
          unless_stranger(event, LK_REASON_MIP_CARE_OF) },
        { tunnels_so(s), LK_MIP_CODE_HA_ENCAPSULATION, LK_REASON_MIP_ENCAPSULATION },
        { !s->config->udp_mandatory ||
              lk_mip_ha_asks_udp(event) != LK_MIP_HA_NOBODY,
          LK_MIP_CODE_HA_ENCAPSULATION, unless_stranger(event, LK_REASON_MIP_UDP) },
        { !s->config->reverse_mandatory || (request->flags & LK_MIP_REVERSE) != 0,
          LK_MIP_CODE_HA_REVERSE_MANDATORY, LK_REASON_MIP_REVERSE },
        { !lk_mip_ha_is_overtaken(s), LK_MIP_CODE_HA_UNSPECIFIED, LK_REASON_MIP_REVOCATION },
    };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++)
        if (!wanted[i].fits) {
            *code = wanted[i].code;
            return wanted[i].reason;
        }
    return LK_REASON_NONE;
}

/* ---- the reply ---- */

/* spec: RFC 5944 5.7 - the low half is always the request's. Good: with timestamps all of it, with
 * nonces our next one in the high half. Bad: our clock, or the nonce that it must have. */
static uint64_t identification_of(const struct lk_mip_ha_serving *s, uint8_t code)
{
    const struct lk_mip_ha_event *event = s->event;
    uint64_t asked = event->request->identification, low = asked & UINT32_MAX;

    if (event->with != NULL && event->with->replay == LK_MIP_NONCES)
        return (uint64_t)lk_mip_ha_nonce(s->ha, s->config, event) << 32 | low;
    return code == LK_MIP_CODE_HA_IDENTIFICATION ? lk_ntp_of(event->now_ms, 0) >> 32 << 32 | low
                                                 : asked;
}

static void put_udp_reply(struct lk_writer *w, const struct lk_mip_ha_serving *s)
{
    const struct lk_mip_extensions *asked = &s->event->request->extensions;
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.udp_reply.code = LK_MIP_UDP_ACCEPTED;
    to.udp_reply.forced = (asked->udp_request.flags & LK_MIP_UDP_FORCED) != 0;
    to.udp_reply.keepalive_s = s->config->keepalive_s;
    lk_mip_extension_put(w, LK_MIP_UDP_REPLY, &to);
}

/* What of the reply the request asked for, in the order that RFC 3957 6 wants: all before the
 * authenticator that covers it (T25). */
static void put_extensions(struct lk_writer *w, const struct lk_mip_ha_serving *s, uint8_t code)
{
    const struct lk_mip_ha_event *event = s->event;
    const struct lk_mip_extensions *asked = &event->request->extensions;
    struct lk_mip_extensions to;
    bool accepted = code <= LK_MIP_CODE_ACCEPTED_SINGLE;

    memset(&to, 0, sizeof to);
    /* spec: RFC 2794 3 - a reply to a request with an NAI has it as well. */
    to.nai = asked->nai;
    if (lk_mip_has(asked, LK_MIP_NAI))
        lk_mip_extension_put(w, LK_MIP_NAI, &to);
    if (accepted && lk_mip_ha_asks_udp(event) == LK_MIP_HA_NODE)
        put_udp_reply(w, s);
    if (event->grant == NULL)
        return;
    to.mn_ha_key = event->grant->mn_ha_key;
    to.mn_fa_key = event->grant->mn_fa_key;
    /* A refusal that is signed by the new key has its nonce too, or the node could not read it. */
    if (event->grant->mn_ha)
        lk_mip_extension_put(w, LK_MIP_MN_HA_KEY_REPLY, &to);
    if (accepted && event->grant->mn_fa)
        lk_mip_extension_put(w, LK_MIP_MN_FA_KEY_REPLY, &to);
}

enum lk_status lk_mip_ha_reply(struct lk_mip_ha_serving *s, uint8_t code)
{
    const struct lk_mip_ha_event *event = s->event;
    const struct lk_mip_msa *by =
        event->grant != NULL && event->grant->mn_ha ? &event->grant->msa : event->with;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    /* spec: RFC 5944 3.5 - S is not granted: there is one binding. */
    bool single = code == LK_MIP_CODE_ACCEPTED && s->ha->state == LK_MIP_HA_ACTIVE &&
                  (event->request->flags & LK_MIP_SIMULTANEOUS) != 0;
    const struct lk_mip_reply reply = {
        .code = single ? LK_MIP_CODE_ACCEPTED_SINGLE : code,
        .lifetime_s = event->request->lifetime_s == 0 ? 0 : s->ha->lifetime_s,
        .home = event->home,
        .agent = event->agent,
        .identification = identification_of(s, code),
    };

    if (by == NULL)
        return LK_E_AUTH;
    lk_mip_reply_put(&w, &reply);
    put_extensions(&w, s, reply.code);
    lk_mip_msa_sign(&w, by, by->spi_back, LK_MIP_MN_HA_AUTH);
    /* spec: RFC 3519 4.6 - to the foreign agent that asked, behind what is the node's. */
    if (reply.code <= LK_MIP_CODE_ACCEPTED_SINGLE && event->request->lifetime_s > 0 &&
        lk_mip_ha_asks_udp(event) == LK_MIP_HA_AGENT)
        put_udp_reply(&w, s);
    if (reply.code <= LK_MIP_CODE_ACCEPTED_SINGLE && event->request->lifetime_s > 0)
        lk_mip_ha_put_agreed(&w, s);
    /* spec: RFC 5944 3.5.4 - Foreign-Home is the last. */
    if (event->fa_with != NULL && event->request->lifetime_s > 0)
        lk_mip_msa_sign(&w, event->fa_with, event->fa_with->spi_back, LK_MIP_FA_HA_AUTH);
    if (w.status != LK_OK)
        return w.status;
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_SEND)->send = lk_writer_span(&w);
    return LK_OK;
}
