/* The home agent's machine: revocations (RFC 3543), of its foreign agents' and of its own. */
#include <string.h>

#include "proto/mip/ha_parts.h"

/* ---- what is agreed on ---- */

/* spec: RFC 3543 3.2 - the foreign agent's word stands behind what the node has proven, and counts
 * where Foreign-Home proves it. */
static bool offers(const struct lk_mip_ha_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;

    return event->fa_with != NULL && lk_mip_before(e, LK_MIP_REVOCABLE, LK_MIP_FA_HA_AUTH) &&
           !lk_mip_before(e, LK_MIP_REVOCABLE, LK_MIP_MN_HA_AUTH) &&
           !lk_mip_before(e, LK_MIP_REVOCABLE, LK_MIP_MN_AAA_AUTH);
}

void lk_mip_ha_agree(struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha_event *event = s->event;
    struct lk_mip_ha *ha = s->ha;

    ha->revocation = 0;
    if (!offers(event))
        return;
    ha->revocation = LK_MIP_MAY_REVOKE;
    if (event->request->extensions.revocable.informs)
        ha->revocation |= LK_MIP_MAY_INFORM;
    ha->theirs_s = event->request->extensions.revocable.timestamp;
    ha->ours_s = lk_mip_timestamp(event->now_ms, ha->ours_s);
}

/* The time is the row's: the same request again has the same answer (invariant 11). */
void lk_mip_ha_put_agreed(struct lk_writer *w, const struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha *ha = s->ha;
    struct lk_mip_extensions to;

    if ((ha->revocation & LK_MIP_MAY_REVOKE) == 0 || !offers(s->event))
        return;
    memset(&to, 0, sizeof to);
    to.revocable.informs = (ha->revocation & LK_MIP_MAY_INFORM) != 0;
    to.revocable.timestamp = ha->ours_s;
    lk_mip_extension_put(w, LK_MIP_REVOCABLE, &to);
}

bool lk_mip_ha_is_overtaken(const struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha *ha = s->ha;

    return (ha->revocation & LK_MIP_WAS_REVOKED) != 0 && ha->fa == s->event->fa &&
           offers(s->event) &&
           lk_mip_later(ha->theirs_s, s->event->request->extensions.revocable.timestamp);
}

/* ---- ours ---- */

/* spec: RFC 3543 3.3 - the identifier is later than the time of the registration that ends; what is
 * registered next has no time before it. */
static void revoke(struct lk_mip_ha_serving *s, bool informs)
{
    struct lk_mip_ha *ha = s->ha;
    struct lk_mip_ha_output *item;

    if ((ha->revocation & LK_MIP_MAY_REVOKE) == 0)
        return;
    ha->ours_s = lk_mip_timestamp(s->event->now_ms, ha->ours_s + 1);
    item = lk_mip_ha_add(s->out, LK_MIP_HA_OUT_REVOKE);
    item->revoke.identifier = ha->ours_s;
    item->revoke.informs = informs && (ha->revocation & LK_MIP_MAY_INFORM) != 0;
    ha->revocation = 0;
}

/* The device is where it says, so nobody tells it that it is not there any more. */
void lk_mip_ha_revoke_left(struct lk_mip_ha_serving *s)
{
    const struct lk_address from = lk_address_v4(s->ha->from.octets);

    if (s->ha->fa != s->event->fa || !lk_address_equal(&from, &s->event->from))
        revoke(s, false);
}

enum lk_status lk_mip_ha_withdraw(struct lk_mip_ha_serving *s)
{
    revoke(s, !s->event->elsewhere);
    lk_mip_ha_leave(s->ha);
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = LK_MIP_REVOKED;
    return LK_OK;
}

/* ---- theirs ---- */

/* It is about what this agent has, as far as it can know. */
static bool is_here(const struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    const struct lk_address care_of = lk_address_v4(ha->care_of.octets);

    return ha->state == LK_MIP_HA_ACTIVE && ha->fa == event->fa &&
           lk_address_equal(&care_of, &event->revocation->foreign_domain);
}

/* T10, T11: who has no key ends nothing, and an old one nothing that is newer. */
enum lk_mip_ha_revocation lk_mip_ha_judge_revocation(const struct lk_mip_ha *ha,
                                                     const struct lk_mip_ha_event *event)
{
    const struct lk_mip_revocation *r = event->revocation;

    if (r->from_ha || event->fa == 0 ||
        !lk_mip_revocation_is_proven(r, event->fa_with, false, event->now_ms) ||
        !lk_address_equal(&r->home_domain, &event->agent) ||
        !lk_address_equal(&r->home, &event->home))
        return LK_MIP_HA_REVOCATION_DOUBTED;
    if (!is_here(ha, event))
        return LK_MIP_HA_REVOCATION_EMPTY;
    return (ha->revocation & LK_MIP_MAY_REVOKE) != 0 && lk_mip_later(r->identifier, ha->theirs_s)
               ? LK_MIP_HA_REVOCATION_GOOD
               : LK_MIP_HA_REVOCATION_DOUBTED;
}

static enum lk_status acknowledge(struct lk_mip_ha_serving *s, bool informs)
{
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    lk_mip_revocation_acknowledge(&w, s->event->revocation, informs, s->event->fa_with);
    if (w.status != LK_OK)
        return w.status;
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_SEND)->send = lk_writer_span(&w);
    return LK_OK;
}

static bool informs(const struct lk_mip_ha_serving *s)
{
    return s->event->revocation->informs && (s->ha->revocation & LK_MIP_MAY_INFORM) != 0;
}

/* spec: RFC 3543 4 - the binding is gone with the visitor. Whether that is told, the foreign agent
 * asks; the home network has nothing against it. */
enum lk_status lk_mip_ha_revoked(struct lk_mip_ha_serving *s)
{
    struct lk_mip_ha *ha = s->ha;

    ha->theirs_s = s->event->revocation->identifier;
    ha->revocation = (ha->revocation & LK_MIP_MAY_INFORM) | LK_MIP_WAS_REVOKED;
    lk_mip_ha_leave(ha);
    lk_mip_ha_add(s->out, LK_MIP_HA_OUT_CHANGED)->changed = LK_MIP_REVOKED;
    return acknowledge(s, informs(s));
}

/* It comes again, or is for what has ended meanwhile: the agent hears that it need not go on. */
enum lk_status lk_mip_ha_acknowledge(struct lk_mip_ha_serving *s)
{
    const struct lk_mip_ha *ha = s->ha;
    bool again = (ha->revocation & LK_MIP_WAS_REVOKED) != 0 && ha->fa == s->event->fa &&
                 ha->theirs_s == s->event->revocation->identifier;

    return acknowledge(s, again && informs(s));
}

enum lk_status lk_mip_ha_doubt(struct lk_mip_ha_serving *s)
{
    bool proven = lk_mip_revocation_is_proven(s->event->revocation, s->event->fa_with, false,
                                              s->event->now_ms);
    struct lk_mip_ha_output *item = lk_mip_ha_add(s->out, LK_MIP_HA_OUT_REFUSED);

    item->refused.code = 0;
    item->refused.refusal =
        proven ? lk_refusal_of(LK_REASON_MIP_REVOCATION, "one of this registration",
                               "another, or an old one")
               : lk_refusal_of(LK_REASON_MIP_FA_AUTH, "Foreign-Home authentication", "none");
    return LK_OK;
}
