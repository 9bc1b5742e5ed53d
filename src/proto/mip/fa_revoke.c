/* The foreign agent's machine: revocations (RFC 3543), of home agents and of its own. */
#include "proto/mip/fa_parts.h"

static bool may(const struct lk_mip_fa *fa, uint8_t what)
{
    return (fa->revocation & what) != 0;
}

/* ---- what is agreed on ---- */

/* spec: RFC 3543 3.2 - behind what the node has proven, so that Foreign-Home alone proves it. A
 * node that says such a thing itself, to its home agent, is left to do so: twice it would be
 * refused. */
void lk_mip_fa_offer(struct lk_mip_fa_serving *s, struct lk_writer *w)
{
    const struct lk_mip_extensions *e = &s->event->request->extensions;
    struct lk_mip_fa *fa = s->fa;
    struct lk_mip_extensions to = { .revocable = { .informs = true } };

    fa->revocation &= (uint8_t)~(LK_MIP_FA_OFFERED | LK_MIP_FA_OVERTAKEN);
    if (!s->config->revokes || lk_mip_has(e, LK_MIP_REVOCABLE))
        return;
    fa->revocation |= LK_MIP_FA_OFFERED;
    fa->ours_s = lk_mip_timestamp(s->event->now_ms, s->event->least_s);
    to.revocable.timestamp = fa->ours_s;
    lk_mip_extension_put(w, LK_MIP_REVOCABLE, &to);
}

void lk_mip_fa_agree(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_extensions *e = &s->event->reply->extensions;
    struct lk_mip_fa *fa = s->fa;

    fa->revocation &= (uint8_t)~(LK_MIP_FA_MAY_REVOKE | LK_MIP_FA_MAY_INFORM);
    if (!may(fa, LK_MIP_FA_OFFERED) || !lk_mip_before(e, LK_MIP_MN_HA_AUTH, LK_MIP_REVOCABLE) ||
        !lk_mip_before(e, LK_MIP_REVOCABLE, LK_MIP_FA_HA_AUTH))
        return;
    fa->revocation |= LK_MIP_FA_MAY_REVOKE;
    if (e->revocable.informs)
        fa->revocation |= LK_MIP_FA_MAY_INFORM;
    fa->theirs_s = e->revocable.timestamp;
}

/* The home agent accepted, and revoked, and the second came first. */
bool lk_mip_fa_is_overtaken(const struct lk_mip_fa *fa, const struct lk_mip_reply *reply)
{
    return may(fa, LK_MIP_FA_OVERTAKEN) && lk_mip_has(&reply->extensions, LK_MIP_REVOCABLE) &&
           lk_mip_later(fa->theirs_s, reply->extensions.revocable.timestamp);
}

/* ---- the home agent's ---- */

/* T10, T11: who has no key ends nothing, and an old one nothing that is newer. */
enum lk_mip_fa_revocation lk_mip_fa_judge_revocation(const struct lk_mip_fa *fa,
                                                     const struct lk_mip_fa_config *config,
                                                     const struct lk_mip_fa_event *event)
{
    const struct lk_mip_revocation *r = event->revocation;

    if (!r->from_ha || !lk_mip_revocation_is_proven(r, event->home_with, true, event->now_ms) ||
        !lk_address_equal(&r->foreign_domain, &config->care_of) ||
        !lk_address_equal(&r->home_domain, &event->from))
        return LK_MIP_FA_REVOCATION_DOUBTED;
    if (fa->bound_until_ms == 0)
        return LK_MIP_FA_REVOCATION_EMPTY;
    return may(fa, LK_MIP_FA_MAY_REVOKE) && lk_mip_later(r->identifier, fa->theirs_s)
               ? LK_MIP_FA_REVOCATION_GOOD
               : LK_MIP_FA_REVOCATION_DOUBTED;
}

enum lk_status lk_mip_fa_acknowledge(struct lk_mip_fa_serving *s)
{
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    lk_mip_revocation_acknowledge(&w, s->event->revocation, false, s->event->home_with);
    return lk_mip_fa_send(s, &w, LK_MIP_FA_OUT_RELAY, &s->event->from, LK_MIP_PORT);
}

/* The visitor has nothing any more; a request that is out still waits for its answer. */
static void end(struct lk_mip_fa_serving *s)
{
    struct lk_mip_fa *fa = s->fa;

    fa->bound_until_ms = 0;
    (void)lk_mip_fa_add(s->out, LK_MIP_FA_OUT_ENDED);
    if (fa->state == LK_MIP_FA_SERVED) {
        fa->revocation = 0;
        lk_mip_fa_settle(s);
        return;
    }
    fa->revocation = (uint8_t)((fa->revocation & LK_MIP_FA_OFFERED) | LK_MIP_FA_OVERTAKEN);
    fa->state = LK_MIP_FA_PENDING;
    lk_mip_fa_due(s, fa->pending_ms);
}

/* spec: RFC 3543 4 - the visitor is served no more.
 * spec: RFC 3543 4.1 - and is told so where the home agent wants it. */
enum lk_status lk_mip_fa_revoked(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_revocation *r = s->event->revocation;
    bool informs = r->informs && may(s->fa, LK_MIP_FA_MAY_INFORM);

    s->fa->theirs_s = r->identifier;
    end(s);
    if (informs)
        (void)lk_mip_fa_add(s->out, LK_MIP_FA_OUT_INFORM);
    return lk_mip_fa_acknowledge(s);
}

enum lk_status lk_mip_fa_doubt(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_fa_event *event = s->event;
    bool proven = lk_mip_revocation_is_proven(event->revocation, event->home_with, true,
                                              event->now_ms);
    struct lk_mip_fa_output *item = lk_mip_fa_add(s->out, LK_MIP_FA_OUT_REFUSED);

    item->refused.code = 0;
    item->refused.refusal =
        proven ? lk_refusal_of(LK_REASON_MIP_REVOCATION, "one of this registration",
                               "another, or an old one")
               : lk_refusal_of(LK_REASON_MIP_FA_AUTH, "Foreign-Home authentication", "none");
    return LK_OK;
}

/* ---- ours ---- */

/* spec: RFC 3543 4 - whether the node is told the home agent says, where that was agreed. What is
 * out is not waited for: an answer to it is nobody's. */
enum lk_status lk_mip_fa_withdraw(struct lk_mip_fa_serving *s)
{
    struct lk_mip_fa *fa = s->fa;
    bool asks = may(fa, LK_MIP_FA_MAY_REVOKE) && may(fa, LK_MIP_FA_MAY_INFORM);
    struct lk_mip_fa_output *item;

    if (may(fa, LK_MIP_FA_MAY_REVOKE)) {
        fa->ours_s = lk_mip_timestamp(s->event->now_ms, fa->ours_s + 1);
        item = lk_mip_fa_add(s->out, LK_MIP_FA_OUT_REVOKE);
        item->revoke.identifier = fa->ours_s;
        item->revoke.informs = asks;
    }
    if (!asks)
        (void)lk_mip_fa_add(s->out, LK_MIP_FA_OUT_INFORM);
    (void)lk_mip_fa_add(s->out, LK_MIP_FA_OUT_ENDED);
    fa->bound_until_ms = 0;
    fa->revocation = 0;
    fa->pending_ms = 0;
    fa->due_ms = 0;
    fa->state = LK_MIP_FA_NONE;
    return LK_OK;
}
