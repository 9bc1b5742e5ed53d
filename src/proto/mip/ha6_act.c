/* The home agent's machine of MIPv6: what each rule does. */
#include <string.h>

#include "proto/mip/ha6_parts.h"

enum { SECOND_MS = 1000, UNIT_MS = LK_MOBILITY_LIFETIME_UNIT_S * SECOND_MS };

static void log_refusal(struct lk_mip_ha6_serving *s, uint8_t status, enum lk_reason reason)
{
    struct lk_mip_ha6_output *item = lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_REFUSED);

    item->refused.status = status;
    item->refused.refusal =
        lk_refusal_of(reason, NULL, status == 0 ? "no answer" : lk_mobility_status_name(status));
}

/* A refusal is an answer, and changes nothing. */
static enum lk_status refuse(struct lk_mip_ha6_serving *s, struct lk_mip_ha6_verdict verdict)
{
    log_refusal(s, verdict.status, verdict.reason);
    return lk_mip_ha6_acknowledge(s, verdict.status);
}

/* What every accepted update leaves behind: the order of what follows. */
static void note(struct lk_mip_ha6_serving *s, bool released)
{
    s->ha->identification = s->event->update->options.mesg_id;
    s->ha->digest = s->event->digest;
    s->ha->released = released;
}

/* spec: RFC 6275 10.3.1 - the granted lifetime is at most the one asked for. */
static void grant(struct lk_mip_ha6_serving *s)
{
    const struct lk_mip_ha6_event *event = s->event;
    const struct lk_address home = lk_mip_ha6_home(event), end = lk_mip_ha6_end_of(event);
    struct lk_mip_ha6 *ha = s->ha;

    ha->lifetime = event->update->lifetime < s->config->lifetime_max ? event->update->lifetime
                                                                     : s->config->lifetime_max;
    ha->expires_ms = event->now_ms + (uint64_t)ha->lifetime * UNIT_MS;
    ha->care_of = lk_mip_ha6_care_of(event);
    ha->udp = event->port != 0;
    ha->port = event->port;
    memset(&ha->from, 0, sizeof ha->from);
    if (ha->udp && lk_address_is_v4(&end))
        memcpy(ha->from.octets, end.octets + LK_ADDRESS_LEN - sizeof ha->from.octets,
               sizeof ha->from.octets);
    memcpy(ha->home, home.octets + LK_ADDRESS_LEN - sizeof ha->home, sizeof ha->home);
    lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_TIMER)->timer_ms = ha->expires_ms;
}

static enum lk_status accept_as(struct lk_mip_ha6_serving *s, enum lk_mip_change change)
{
    struct lk_mip_ha6_verdict verdict = lk_mip_ha6_policy(s->event);

    if (verdict.reason != LK_REASON_NONE)
        return refuse(s, verdict);
    note(s, false);
    grant(s);
    /* Invariant 9: another place is a new epoch. */
    if (change != LK_MIP_RENEWED)
        s->ha->epoch++;
    s->ha->state = LK_MIP_HA6_ACTIVE;
    lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_CHANGED)->changed = change;
    return lk_mip_ha6_acknowledge(s, LK_BA_ACCEPTED);
}

enum lk_status lk_mip_ha6_register(struct lk_mip_ha6_serving *s)
{
    return accept_as(s, LK_MIP_CREATED);
}

enum lk_status lk_mip_ha6_renew(struct lk_mip_ha6_serving *s)
{
    return accept_as(s, LK_MIP_RENEWED);
}

/* Invariant 8: it is the same binding, so there never are two of an address. */
enum lk_status lk_mip_ha6_move(struct lk_mip_ha6_serving *s)
{
    return accept_as(s, LK_MIP_MOVED);
}

static void leave(struct lk_mip_ha6 *ha)
{
    ha->state = LK_MIP_HA6_NONE;
    ha->epoch++;
}

/* spec: RFC 6275 10.3.2 - the binding is gone at once. T11: nobody else says it, for it was proven
 * like a registration. */
enum lk_status lk_mip_ha6_release(struct lk_mip_ha6_serving *s)
{
    note(s, true);
    leave(s->ha);
    lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_CHANGED)->changed = LK_MIP_RELEASED;
    return lk_mip_ha6_acknowledge(s, LK_BA_ACCEPTED);
}

/* A deregistration with nothing to end. Its order counts all the same, so that what was sent before
 * it and comes behind it brings nothing back.
 * spec-not: RFC 6275 10.3.2 - 133 would tell a device whose acknowledgement was lost, and whose
 * binding has ended since, that this is not its home agent. */
enum lk_status lk_mip_ha6_none(struct lk_mip_ha6_serving *s)
{
    note(s, true);
    lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_CHANGED)->changed = LK_MIP_RENEWED;
    return lk_mip_ha6_acknowledge(s, LK_BA_ACCEPTED);
}

/* spec: RFC 6275 10.3.2 - T11: 132, as for a registration of an address that is another's. */
enum lk_status lk_mip_ha6_anothers(struct lk_mip_ha6_serving *s)
{
    const struct lk_mip_ha6_verdict wrong = { LK_BA_NOT_HOME_SUBNET, LK_REASON_MIP_HOME_ADDRESS };

    return refuse(s, wrong);
}

/* Invariant 11: the last accepted update again has the same answer, octet by octet, and no second
 * effect. */
enum lk_status lk_mip_ha6_repeat(struct lk_mip_ha6_serving *s)
{
    return lk_mip_ha6_acknowledge(s, LK_BA_ACCEPTED);
}

/* T12: as lk_mip_ha_copied. */
enum lk_status lk_mip_ha6_copied(struct lk_mip_ha6_serving *s)
{
    const struct lk_mip_ha6_verdict wrong = { LK_BA_ID_MISMATCH, LK_REASON_MIP_COPY };

    return refuse(s, wrong);
}

/* spec: RFC 4285 5.1 - 146 must itself be proven: with no association there is nobody to say it
 * to. */
enum lk_status lk_mip_ha6_unproven(struct lk_mip_ha6_serving *s)
{
    const struct lk_mip_ha6_verdict wrong = { LK_BA_AUTH_FAIL, LK_REASON_MIP_MN_AUTH };

    if (s->event->with == NULL || s->event->with->there.algorithm != LK_MIP_HMAC_SHA1)
        log_refusal(s, 0, LK_REASON_MIP_SPI);
    else if (!lk_mobility_has(&s->event->update->options, LK_MO_MN_ID))
        log_refusal(s, 0, LK_REASON_MIP_NAI);
    else
        return refuse(s, wrong);
    return LK_OK;
}

/* spec: RFC 4285 6 - the answer has our time. */
enum lk_status lk_mip_ha6_untimely(struct lk_mip_ha6_serving *s)
{
    return refuse(s, lk_mip_ha6_order(s->ha, s->config, s->event));
}

/* The lifetime is over: the binding is nobody's. What orders updates stays, so that an old one does
 * not bring it back. */
enum lk_status lk_mip_ha6_end(struct lk_mip_ha6_serving *s)
{
    leave(s->ha);
    lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_CHANGED)->changed = LK_MIP_ENDED;
    return LK_OK;
}
