/* The anchor's revocations (RFC 3543): foreign agents are told that a binding has left them, or was
 * withdrawn, until they acknowledge it; and theirs are heard.
 *
 * What is under way is in a table of its own, for the row has gone on by then. It is lost with the
 * process: an agent that is not told has the lifetime. */
#include <string.h>

#include "node/anchor_mips.h"

static const struct lk_anchor_fa *agent_of(const struct lk_anchor *anchor, uint16_t number)
{
    return number == 0 ? NULL : &anchor->config->mip.fa[number - 1];
}

static const struct lk_mip_msa *key_of(const struct lk_anchor_fa *fa)
{
    return fa == NULL || fa->closed ? NULL : &fa->msa;
}

static bool steps(struct lk_mip_revoker_outbox *said, struct lk_anchor *anchor,
                  struct lk_anchor_revoking *r, const struct lk_mip_revoker_event *event)
{
    return lk_mip_revoker_step(&r->machine, &anchor->config->mip.revoker, event, said) == LK_OK;
}

static void send(struct lk_anchor_outbox *out, const struct lk_anchor_place *to,
                 struct lk_span octets)
{
    struct lk_anchor_output *item;

    LK_ASSERT(sizeof out->octets - out->used >= octets.len);
    memcpy(out->octets + out->used, octets.at, octets.len);
    item = lk_anchor_add(out, LK_ANCHOR_OUT_SEND, 0);
    item->to = *to;
    item->octets = lk_span_of(out->octets + out->used, octets.len);
    out->used += octets.len;
}

/* ---- the table ---- */

static void is_over(struct lk_anchor *anchor, struct lk_anchor_revoking *r)
{
    memset(r, 0, sizeof *r);
    anchor->revoking_count--;
}

static struct lk_anchor_revoking *free_one(struct lk_anchor *anchor)
{
    for (size_t i = 0; i < LK_ANCHOR_REVOKING; i++)
        if (anchor->revoking[i].subject == 0)
            return &anchor->revoking[i];
    return NULL;
}

static void next_at(struct lk_anchor *anchor, uint64_t at_ms)
{
    if (anchor->revoking_count == 1 || at_ms < anchor->revoking_ms)
        anchor->revoking_ms = at_ms;
}

/* ---- ours ---- */

static void say(struct lk_anchor *anchor, const struct lk_binding *was,
                const struct lk_mip_ha_output *revoke, uint64_t now_ms,
                struct lk_anchor_outbox *out)
{
    const struct lk_mip_revocation revocation = {
        .from_ha = true, .informs = revoke->revoke.informs,
        .home = lk_address_v4(was->ipv4.octets), .home_domain = anchor->config->mip.agent,
        .foreign_domain = lk_address_v4(was->mip.care_of.octets),
        .identifier = revoke->revoke.identifier,
    };
    const struct lk_mip_revoker_event start = { .kind = LK_MIP_REVOKER_EV_START, .now_ms = now_ms,
                                                .with = key_of(agent_of(anchor, was->mip.fa)),
                                                .revocation = &revocation };
    struct lk_anchor_revoking *r = free_one(anchor);
    struct lk_mip_revoker_outbox said;

    if (r == NULL || !steps(&said, anchor, r, &start)) {
        anchor->counters.revocations_lost++;
        return;
    }
    r->subject = was->subject;
    r->fa = was->mip.fa;
    r->to = lk_anchor_place_of(was);
    anchor->revoking_count++;
    next_at(anchor, r->machine.due_ms);
    anchor->counters.revocations_said++;
    send(out, &r->to, lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND)->send);
}

/* It is there again: what would end it is not said any more. */
static void cancel(struct lk_anchor *anchor, uint64_t subject, uint16_t fa)
{
    for (size_t i = 0; i < LK_ANCHOR_REVOKING && anchor->revoking_count > 0; i++)
        if (anchor->revoking[i].subject == subject && anchor->revoking[i].fa == fa)
            is_over(anchor, &anchor->revoking[i]);
}

bool lk_anchor_is_revocable(const struct lk_binding *b)
{
    return b->protocol == LK_BINDING_MIP && b->mip.state == LK_MIP_HA_ACTIVE &&
           (b->mip.revocation & LK_MIP_MAY_REVOKE) != 0;
}

void lk_anchor_revoke_left(struct lk_anchor *anchor, const struct lk_binding *was,
                           const struct lk_mip_ha_outbox *words, uint64_t now_ms,
                           struct lk_anchor_outbox *out)
{
    const struct lk_mip_ha_event taken = { .kind = LK_MIP_HA_EV_WITHDRAWN, .now_ms = now_ms,
                                           .elsewhere = true };
    const struct lk_mip_ha_output *revoke;
    struct lk_mip_ha left = was->mip;
    struct lk_mip_ha_outbox said;

    if (!lk_anchor_is_revocable(was))
        return;
    if (words == NULL) {
        if (lk_mip_ha_step(&left, &anchor->config->mip.ha, &taken, &said) != LK_OK)
            return;
        words = &said;
    }
    revoke = lk_mip_ha_find(words, LK_MIP_HA_OUT_REVOKE);
    if (revoke != NULL)
        say(anchor, was, revoke, now_ms, out);
}

void lk_anchor_revoke_returned(struct lk_anchor *anchor, const struct lk_binding *b)
{
    if (anchor->revoking_count > 0 && b->protocol == LK_BINDING_MIP &&
        b->mip.state == LK_MIP_HA_ACTIVE && b->mip.fa != 0)
        cancel(anchor, b->subject, b->mip.fa);
}

/* A binding that has no foreign agent ends as well: then nobody is told. */
void lk_anchor_revoke(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                      struct lk_anchor_outbox *out)
{
    const struct lk_mip_ha_event withdrawn = { .kind = LK_MIP_HA_EV_WITHDRAWN,
                                               .now_ms = event->now_ms };
    struct lk_binding *b = lk_binding_of(anchor->table, event->subject, 0);
    struct lk_mip_ha_outbox words;
    struct lk_anchor_said said;
    struct lk_binding was;

    if (b == NULL || b->protocol != LK_BINDING_MIP)
        return;
    was = *b;
    if (lk_mip_ha_step(&b->mip, &anchor->config->mip.ha, &withdrawn, &words) != LK_OK)
        return;
    said = lk_anchor_mip_said(&words);
    said.before = lk_binding_stands(&was);
    lk_anchor_carry(anchor, b, &said, event->now_ms, out);
    lk_anchor_revoke_left(anchor, &was, &words, event->now_ms, out);
}

static void again(struct lk_anchor *anchor, struct lk_anchor_revoking *r, uint64_t now_ms,
                  struct lk_anchor_outbox *out)
{
    const struct lk_mip_revoker_event expired = { .kind = LK_MIP_REVOKER_EV_EXPIRED,
                                                  .now_ms = now_ms,
                                                  .with = key_of(agent_of(anchor, r->fa)) };
    struct lk_mip_revoker_outbox said;

    if (steps(&said, anchor, r, &expired) &&
        lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND) != NULL) {
        send(out, &r->to, lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_SEND)->send);
    } else {
        anchor->counters.revocations_lost++;
        is_over(anchor, r);
    }
}

bool lk_anchor_revoke_due(struct lk_anchor *anchor, uint64_t now_ms, struct lk_anchor_outbox *out)
{
    struct lk_anchor_revoking *first = NULL;

    if (anchor->revoking_count == 0 || now_ms < anchor->revoking_ms)
        return false;
    for (size_t i = 0; i < LK_ANCHOR_REVOKING; i++) {
        struct lk_anchor_revoking *r = &anchor->revoking[i];

        if (r->subject != 0 && (first == NULL || r->machine.due_ms < first->machine.due_ms))
            first = r;
    }
    anchor->revoking_ms = first->machine.due_ms;
    if (now_ms < first->machine.due_ms)
        return false;
    again(anchor, first, now_ms, out);
    return true;
}

/* ---- theirs ---- */

/* T12: who is there is a foreign agent of ours, by address first. */
static uint16_t from_agent(struct lk_anchor_asking *a)
{
    const struct lk_anchor_mip_config *mip = &a->anchor->config->mip;

    for (size_t i = 0; i < mip->fa_count; i++)
        if (!mip->fa[i].closed && lk_anchor_fa_has(&mip->fa[i], &a->event->from))
            return (uint16_t)(i + 1);
    lk_anchor_mip_drop(a, LK_REASON_MIP_REVOCATION, "no foreign agent of ours");
    return 0;
}

static bool readable(struct lk_anchor_asking *a, enum lk_status status)
{
    if (status == LK_OK)
        return true;
    a->anchor->counters.malformed++;
    lk_anchor_mip_drop(a, status == LK_E_AUTH ? LK_REASON_MIP_AUTH_TWICE : LK_REASON_MIP_MALFORMED,
                       lk_status_name(status));
    return false;
}

static void carry(struct lk_anchor_asking *a, const struct lk_mip_ha *draft,
                  const struct lk_mip_ha_outbox *words)
{
    struct lk_anchor *anchor = a->anchor;
    const struct lk_mip_ha_output *refused = lk_mip_ha_find(words, LK_MIP_HA_OUT_REFUSED);
    struct lk_binding nobody = { .protocol = LK_BINDING_MIP, .durable = true };
    struct lk_binding *b = a->binding == NULL ? &nobody : a->binding;
    struct lk_anchor_said said = lk_anchor_mip_said(words);

    if (refused != NULL) {
        lk_anchor_mip_refused(a, &refused->refused.refusal);
        return;
    }
    said.before = lk_binding_stands(b);
    /* An answer to what is not durable yet waits for it. */
    said.again = b->protocol == LK_BINDING_MIP && b->mip.state == LK_MIP_HA_NONE;
    said.to = (struct lk_anchor_place){ a->event->from, a->event->port, LK_BINDING_MIP };
    if (said.change != 0)
        b->mip = *draft;
    lk_anchor_carry(anchor, b, &said, a->event->now_ms, a->out);
}

void lk_anchor_revoked(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                       struct lk_anchor_outbox *out)
{
    struct lk_anchor_asking a = { .anchor = anchor, .event = event, .out = out };
    struct lk_mip_ha_event heard = { .kind = LK_MIP_HA_EV_REVOKED, .now_ms = event->now_ms,
                                     .agent = anchor->config->mip.agent };
    struct lk_mip_revocation revocation;
    struct lk_mip_ha_outbox words;
    struct lk_mip_ha draft;

    anchor->counters.revocations++;
    if (!lk_anchor_mip_within_budget(anchor, event->now_ms))
        return;
    heard.fa = from_agent(&a);
    if (heard.fa == 0 ||
        !readable(&a, lk_mip_revocation_decode(&revocation, event->octets)))
        return;
    heard.fa_with = key_of(agent_of(anchor, heard.fa));
    heard.revocation = &revocation;
    heard.home = revocation.home;
    a.binding = lk_binding_at(anchor->table, &revocation.home);
    lk_mip_ha_init(&draft);
    if (a.binding != NULL && a.binding->protocol == LK_BINDING_MIP)
        draft = a.binding->mip;
    if (lk_mip_ha_step(&draft, &anchor->config->mip.ha, &heard, &words) == LK_OK)
        carry(&a, &draft, &words);
}

void lk_anchor_revoke_acked(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                            struct lk_anchor_outbox *out)
{
    struct lk_anchor_asking a = { .anchor = anchor, .event = event, .out = out };
    struct lk_mip_revocation ack;
    struct lk_mip_revoker_event heard = { .kind = LK_MIP_REVOKER_EV_ACK, .now_ms = event->now_ms,
                                          .revocation = &ack };
    struct lk_mip_revoker_outbox said;
    uint16_t fa;

    if (!lk_anchor_mip_within_budget(anchor, event->now_ms))
        return;
    fa = from_agent(&a);
    if (fa == 0 || !readable(&a, lk_mip_revocation_ack_decode(&ack, event->octets)))
        return;
    heard.with = key_of(agent_of(anchor, fa));
    for (size_t i = 0; i < LK_ANCHOR_REVOKING && anchor->revoking_count > 0; i++) {
        struct lk_anchor_revoking *r = &anchor->revoking[i];

        if (r->subject == 0 || r->fa != fa || !steps(&said, anchor, r, &heard))
            continue;
        if (lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_ACKED) != NULL) {
            anchor->counters.revocations_acked++;
            is_over(anchor, r);
        } else {
            lk_anchor_mip_refused(&a, &said.item[0].refused);
        }
        return;
    }
    lk_anchor_mip_drop(&a, LK_REASON_MIP_REVOCATION, "an acknowledgement of nothing");
}
