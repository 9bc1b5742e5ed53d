/* The home agent's machine: what each rule does. */
#include <string.h>

#include "proto/mip/ha_parts.h"
#include "base/ntp.h"

enum { SECOND_MS = 1000 };

static void log_refusal(struct lk_mip_ha_serving *s, uint8_t code, enum lk_reason reason)
{
    struct lk_mip_ha_output *item = lk_mip_ha_add(s->out, LK_MIP_HA_OUT_REFUSED);

    item->refused.code = code;
    item->refused.refusal =
        lk_refusal_of(reason, NULL, code == 0 ? "no answer" : lk_mip_code_name(code));
}

/* A refusal is an answer, and changes nothing. */
static enum lk_status refuse(struct lk_mip_ha_serving *s, uint8_t code, enum lk_reason reason)
{
    log_refusal(s, code, reason);
    return lk_mip_ha_reply(s, code);
}

static struct lk_mobility_ipv4 ipv4_of(const struct lk_address *address)
{
    struct lk_mobility_ipv4 ipv4;

    memcpy(ipv4.octets, address->octets + LK_ADDRESS_LEN - sizeof ipv4.octets, sizeof ipv4.octets);
    return ipv4;
}

/* What every accepted request leaves behind: the order of what follows.
 * spec: RFC 5944 5.7.2 - the nonce that is next is made of it, so that it grows though the clock
 * stands or goes back: none is good twice. */
static void note(struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha_event *event = s->event;
    uint64_t at = event->with != NULL && event->with->replay == LK_MIP_NONCES
                      ? lk_ntp_of(event->now_ms, 0)
                      : event->request->identification;

    s->ha->identification = at > s->ha->identification ? at : s->ha->identification + 1;
    s->ha->digest = event->digest;
    s->ha->flags = event->request->flags;
    s->ha->released = event->request->lifetime_s == 0;
}

static void due(struct lk_mip_ha_serving *s, uint64_t at_ms)
{
    s->ha->due_ms = at_ms;
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_TIMER)->timer_ms = at_ms;
}

/* spec: RFC 5944 3.8.3.1 - the granted lifetime is at most the one asked for. */
static void grant(struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha_event *event = s->event;
    struct lk_mip_ha *ha = s->ha;

    ha->lifetime_s = event->request->lifetime_s < s->config->lifetime_max_s
                         ? event->request->lifetime_s
                         : s->config->lifetime_max_s;
    ha->expires_ms = event->now_ms + (uint64_t)ha->lifetime_s * SECOND_MS;
    ha->care_of = ipv4_of(&event->request->care_of);
    ha->from = ipv4_of(&event->from);
    ha->port = event->port;
    ha->fa = event->fa;
    ha->udp = lk_mip_ha_asks_udp(event) != LK_MIP_HA_NOBODY;
    lk_mip_ha_agree(s);
    due(s, ha->expires_ms);
}

static enum lk_status accept_as(struct lk_mip_ha_serving *s, enum lk_mip_change change)
{
    struct lk_mip_ha *ha = s->ha;
    uint8_t code = 0;
    enum lk_reason reason = lk_mip_ha_policy(&code, s);

    if (reason != LK_REASON_NONE)
        return refuse(s, code, reason);
    note(s);
    if (change == LK_MIP_MOVED)
        lk_mip_ha_revoke_left(s);
    grant(s);
    /* Invariant 9: another place is a new epoch. */
    if (change != LK_MIP_RENEWED)
        ha->epoch++;
    ha->state = LK_MIP_HA_ACTIVE;
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = change;
    return lk_mip_ha_reply(s, LK_MIP_CODE_ACCEPTED);
}

enum lk_status lk_mip_ha_register(struct lk_mip_ha_serving *s)
{
    return accept_as(s, LK_MIP_CREATED);
}

enum lk_status lk_mip_ha_renew(struct lk_mip_ha_serving *s)
{
    return accept_as(s, LK_MIP_RENEWED);
}

/* Invariant 8: it is the same binding, so there never are two of an address. */
enum lk_status lk_mip_ha_move(struct lk_mip_ha_serving *s)
{
    return accept_as(s, LK_MIP_MOVED);
}

void lk_mip_ha_leave(struct lk_mip_ha *ha)
{
    ha->state = LK_MIP_HA_NONE;
    ha->due_ms = 0;
    ha->epoch++;
}

/* spec: RFC 5944 3.8.2.2 - the binding is gone at once: the device is at home, or says that it
 * leaves. T11: nobody else says it, for it was proven like a registration. */
enum lk_status lk_mip_ha_release(struct lk_mip_ha_serving *s)
{
    note(s);
    lk_mip_ha_revoke_left(s);
    lk_mip_ha_leave(s->ha);
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = LK_MIP_RELEASED;
    return lk_mip_ha_reply(s, LK_MIP_CODE_ACCEPTED);
}

/* A deregistration with nothing to end: it is answered, and its order counts all the same, so that
 * what was sent before it and comes behind it brings nothing back. */
enum lk_status lk_mip_ha_keep(struct lk_mip_ha_serving *s)
{
    bool active = s->ha->state == LK_MIP_HA_ACTIVE;

    note(s);
    if (active)
        s->ha->released = false;
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = LK_MIP_RENEWED;
    return lk_mip_ha_reply(s, LK_MIP_CODE_ACCEPTED);
}

/* spec: RFC 5944 3.8.3.2 - 129, as for a registration of an address that is another's. */
enum lk_status lk_mip_ha_anothers(struct lk_mip_ha_serving *s)
{
    return refuse(s, LK_MIP_CODE_HA_PROHIBITED, LK_REASON_MIP_HOME_ADDRESS);
}

/* Invariant 11: the last accepted request again has the same answer, octet by octet, and no second
 * effect. */
enum lk_status lk_mip_ha_repeat(struct lk_mip_ha_serving *s)
{
    return lk_mip_ha_reply(s, LK_MIP_CODE_ACCEPTED);
}

/* T12: the second of two is told that it is not newer, which is so; if it was the device's own, the
 * device asks anew, and that moves the binding to where it is. */
enum lk_status lk_mip_ha_copied(struct lk_mip_ha_serving *s)
{
    return refuse(s, LK_MIP_CODE_HA_IDENTIFICATION, LK_REASON_MIP_COPY);
}

/* spec: RFC 5944 3.8.2.1 - 131 must itself be proven: with no association there is nobody to say
 * it to. */
enum lk_status lk_mip_ha_unproven(struct lk_mip_ha_serving *s)
{
    if (s->event->with != NULL)
        return refuse(s, LK_MIP_CODE_HA_MN_AUTH, LK_REASON_MIP_MN_AUTH);
    log_refusal(s, 0, LK_REASON_MIP_SPI);
    return LK_OK;
}

/* spec: RFC 5944 5.7.2 - the answer has our time, or the nonce that is wanted. That one is good
 * until it is used: replaying an old request takes it from nobody. */
enum lk_status lk_mip_ha_untimely(struct lk_mip_ha_serving *s)
{
    return refuse(s, LK_MIP_CODE_HA_IDENTIFICATION,
                  lk_mip_ha_untimeliness(s->ha, s->config, s->event));
}

enum lk_status lk_mip_ha_agent_unproven(struct lk_mip_ha_serving *s)
{
    return refuse(s, LK_MIP_CODE_HA_FA_AUTH, LK_REASON_MIP_FA_AUTH);
}

/* The lifetime is over: the binding is nobody's. What orders requests stays, so that an old one
 * does not bring it back. */
enum lk_status lk_mip_ha_end(struct lk_mip_ha_serving *s)
{
    lk_mip_ha_leave(s->ha);
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = LK_MIP_ENDED;
    return LK_OK;
}
