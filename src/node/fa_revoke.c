/* The foreign agent's revocations (RFC 3543): home agents' are heard, and home agents are told that
 * a visitor is served no more, until they acknowledge it. */
#include <string.h>

#include "node/fa_parts.h"

static void drop(struct lk_fa *fa, const struct lk_fa_event *event, enum lk_reason reason,
                 const char *came, struct lk_fa_outbox *out)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_fa_refused(fa, event, 0, &refusal, out);
}

/* The home agent that is there, and what it says is read. */
static const struct lk_fa_home_agent *
heard_from(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_mip_revocation *message,
           enum lk_status (*decode)(struct lk_mip_revocation *message, struct lk_span datagram),
           struct lk_fa_outbox *out)
{
    const struct lk_fa_home_agent *agent = lk_fa_agent_at(fa->config, &event->from);
    enum lk_status status;

    if (agent == NULL) {
        drop(fa, event, LK_REASON_MIP_REVOCATION, "no home agent of ours", out);
        return NULL;
    }
    status = decode(message, event->octets);
    if (status == LK_OK)
        return agent;
    fa->counters.malformed++;
    drop(fa, event, status == LK_E_AUTH ? LK_REASON_MIP_AUTH_TWICE : LK_REASON_MIP_MALFORMED,
         lk_status_name(status), out);
    return NULL;
}

/* ---- theirs ---- */

void lk_fa_revoked(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct lk_mip_revocation revocation;
    const struct lk_fa_home_agent *agent;
    struct lk_mip_fa_event heard = { .kind = LK_MIP_FA_EV_REVOKED, .now_ms = event->now_ms,
                                     .revocation = &revocation };
    struct lk_mip_fa_outbox said;
    struct lk_fa_visitor *v;
    struct lk_mip_fa nobody;
    const struct lk_mip_fa_output *item;

    fa->counters.revocations++;
    agent = heard_from(fa, event, &revocation, lk_mip_revocation_decode, out);
    if (agent == NULL)
        return;
    v = lk_fa_home(fa, &revocation.home, &agent->at);
    lk_mip_fa_init(&nobody);
    heard.home_with = &agent->msa;
    heard.from = agent->at.address;
    if (lk_mip_fa_step(v == NULL ? &nobody : &v->mip, &fa->config->mip, &heard, &said) != LK_OK)
        return;
    item = lk_mip_fa_find(&said, LK_MIP_FA_OUT_REFUSED);
    if (item != NULL)
        lk_fa_refused(fa, event, 0, &item->refused.refusal, out);
    item = lk_mip_fa_find(&said, LK_MIP_FA_OUT_RELAY);
    if (item != NULL)
        lk_fa_send(out, &agent->at, item->send.octets);
    if (v == NULL || lk_mip_fa_find(&said, LK_MIP_FA_OUT_ENDED) == NULL)
        return;
    fa->counters.revoked++;
    if (lk_mip_fa_find(&said, LK_MIP_FA_OUT_INFORM) != NULL)
        lk_fa_inform(fa, &v->at, &v->home, event->now_ms, out);
    lk_fa_leave(fa, v, LK_FA_REVOKED, out);
    lk_fa_settle(fa, v);
}

/* ---- ours ---- */

static bool steps(struct lk_mip_revoker_outbox *said, struct lk_fa *fa, struct lk_fa_revoking *r,
                  const struct lk_mip_revoker_event *event)
{
    return lk_mip_revoker_step(&r->machine, &fa->config->revoker, event, said) == LK_OK;
}

static struct lk_fa_revoking *free_one(struct lk_fa *fa)
{
    for (size_t i = 0; i < LK_FA_REVOKING; i++)
        if (!fa->revoking[i].there)
            return &fa->revoking[i];
    return NULL;
}

static void say(struct lk_fa *fa, const struct lk_fa_visitor *v,
                const struct lk_mip_fa_output *revoke, uint64_t now_ms, struct lk_fa_outbox *out)
{
    const struct lk_fa_home_agent *agent = lk_fa_agent_at(fa->config, &v->agent);
    const struct lk_mip_revocation revocation = { .informs = revoke->revoke.informs,
                                                  .home = v->home,
                                                  .home_domain = v->agent.address,
                                                  .foreign_domain = fa->config->mip.care_of,
                                                  .identifier = revoke->revoke.identifier };
    const struct lk_mip_revoker_event start = { .kind = LK_MIP_REVOKER_EV_START, .now_ms = now_ms,
                                                .with = agent == NULL ? NULL : &agent->msa,
                                                .revocation = &revocation };
    struct lk_fa_revoking *r = free_one(fa);
    struct lk_mip_revoker_outbox said;

    if (lk_mip_later(revocation.identifier, fa->revoked_s) || fa->revoked_s == 0)
        fa->revoked_s = revocation.identifier;
    if (r == NULL || !steps(&said, fa, r, &start)) {
        fa->counters.revocations_lost++;
        return;
    }
    r->there = true;
    r->agent = v->agent;
    r->visitor = v->at;
    fa->counters.revocations_said++;
    lk_fa_send(out, &v->agent, lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND)->send);
}

/* The visitor with that home address, of whichever home agent. */
static struct lk_fa_visitor *visitor_of(const struct lk_fa *fa, const struct lk_address *home)
{
    struct lk_fa_visitor *v = NULL;

    for (size_t i = 0; i < fa->config->home_agent_count && v == NULL; i++)
        v = lk_fa_home(fa, home, &fa->config->home_agent[i].at);
    return v;
}

void lk_fa_revoke(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    const struct lk_mip_fa_event withdrawn = { .kind = LK_MIP_FA_EV_WITHDRAWN,
                                               .now_ms = event->now_ms };
    struct lk_fa_visitor *v = visitor_of(fa, &event->home);
    const struct lk_mip_fa_output *revoke;
    struct lk_mip_fa_outbox said;

    if (v == NULL || lk_mip_fa_step(&v->mip, &fa->config->mip, &withdrawn, &said) != LK_OK)
        return;
    revoke = lk_mip_fa_find(&said, LK_MIP_FA_OUT_REVOKE);
    if (revoke != NULL)
        say(fa, v, revoke, event->now_ms, out);
    if (lk_mip_fa_find(&said, LK_MIP_FA_OUT_INFORM) != NULL)
        lk_fa_inform(fa, &v->at, &v->home, event->now_ms, out);
    lk_fa_leave(fa, v, LK_FA_WITHDRAWN, out);
    lk_fa_settle(fa, v);
}

/* spec: RFC 3543 4.1 - the home agent says whether the visitor is told. */
static void acked(struct lk_fa *fa, struct lk_fa_revoking *r, struct lk_address home, bool informs,
                  uint64_t now_ms, struct lk_fa_outbox *out)
{
    fa->counters.revocations_acked++;
    if (informs)
        lk_fa_inform(fa, &r->visitor, &home, now_ms, out);
    memset(r, 0, sizeof *r);
}

void lk_fa_revoke_acked(struct lk_fa *fa, const struct lk_fa_event *event,
                        struct lk_fa_outbox *out)
{
    struct lk_mip_revocation ack;
    const struct lk_fa_home_agent *agent =
        heard_from(fa, event, &ack, lk_mip_revocation_ack_decode, out);
    struct lk_mip_revoker_event heard = { .kind = LK_MIP_REVOKER_EV_ACK, .now_ms = event->now_ms,
                                          .revocation = &ack };
    const struct lk_mip_revoker_output *item;
    struct lk_mip_revoker_outbox said;

    if (agent == NULL)
        return;
    heard.with = &agent->msa;
    for (size_t i = 0; i < LK_FA_REVOKING; i++) {
        struct lk_fa_revoking *r = &fa->revoking[i];

        if (!r->there || !lk_fa_same_place(&r->agent, &event->from) ||
            !steps(&said, fa, r, &heard))
            continue;
        item = lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_ACKED);
        if (item != NULL)
            acked(fa, r, ack.home, item->informs, event->now_ms, out);
        else
            lk_fa_refused(fa, event, 0, &said.item[0].refused, out);
        return;
    }
    drop(fa, event, LK_REASON_MIP_REVOCATION, "an acknowledgement of nothing", out);
}

bool lk_fa_revoke_due(struct lk_fa *fa, uint64_t now_ms, struct lk_fa_outbox *out)
{
    for (size_t i = 0; i < LK_FA_REVOKING; i++) {
        struct lk_fa_revoking *r = &fa->revoking[i];
        const struct lk_fa_home_agent *agent;
        struct lk_mip_revoker_event expired = { .kind = LK_MIP_REVOKER_EV_EXPIRED,
                                                .now_ms = now_ms };
        struct lk_mip_revoker_outbox said;

        if (!r->there || now_ms < r->machine.due_ms)
            continue;
        agent = lk_fa_agent_at(fa->config, &r->agent);
        expired.with = agent == NULL ? NULL : &agent->msa;
        if (steps(&said, fa, r, &expired) &&
            lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND) != NULL) {
            lk_fa_send(out, &r->agent, lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND)->send);
        } else {
            fa->counters.revocations_lost++;
            memset(r, 0, sizeof *r);
        }
        return true;
    }
    return false;
}
