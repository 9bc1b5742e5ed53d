/* A request of a mobile node, of either Mobile IP: whose it is, what proves it, and the row that it
 * changes. */
#include "node/anchor_mips.h"

#include <string.h>

#include "proto/pmip/identity.h"

/* ---- refusing ---- */

static void log_refusal(struct lk_anchor_asking *a, uint8_t code, const struct lk_refusal *refusal)
{
    struct lk_anchor_output *item = lk_anchor_add(a->out, LK_ANCHOR_OUT_REFUSED, 0);

    a->anchor->counters.refused++;
    item->refused.status = code;
    item->refused.alarm = refusal->reason == LK_REASON_MIP_CARE_OF ||
                          refusal->reason == LK_REASON_MIP_HOME_ADDRESS ||
                          refusal->reason == LK_REASON_MIP_COPY;
    item->refused.imsi = a->imsi;
    item->refused.refusal = *refusal;
    if (item->refused.alarm)
        a->anchor->counters.alarms++;
}

void lk_anchor_mip_refused(struct lk_anchor_asking *a, const struct lk_refusal *refusal)
{
    a->anchor->counters.mip_silent++;
    log_refusal(a, 0, refusal);
}

void lk_anchor_mip_drop(struct lk_anchor_asking *a, enum lk_reason reason, const char *came)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_anchor_mip_refused(a, &refusal);
}

/* T15: nothing is kept of who is not known, and nobody takes everything. */
bool lk_anchor_mip_within_budget(struct lk_anchor *anchor, uint64_t now_ms)
{
    if (lk_budget_take(&anchor->all, anchor->config->rate, anchor->config->rate, now_ms))
        return true;
    anchor->counters.over_budget++;
    return false;
}

/* ---- whose it is ---- */

/* What is looked at of a subscriber lies far from the core, and so comes at the same time. */
static void fetch(const struct lk_anchor *anchor, const struct lk_anchor_mip_kind *kind,
                  const struct lk_imsi *imsi)
{
    uint64_t subject = lk_imsi_number(imsi), holder = lk_anchor_msa_holder(imsi, kind->protocol);

    lk_mip_msas_fetch_chain(anchor->msas, holder);
    lk_mip_msas_fetch_chain(anchor->msas, subject);
    lk_binding_fetch(anchor->table, subject, 0);
    lk_mip_msas_fetch(anchor->msas, holder);
    if (holder != subject)
        lk_mip_msas_fetch(anchor->msas, subject);
}

/* spec: RFC 2794 4 - by the NAI, where there is one; else by the home address, which then is
 * somebody's. */
static bool known(struct lk_anchor_asking *a)
{
    struct lk_binding *b;

    if (a->has_nai) {
        if (lk_pmip_nai_imsi(&a->imsi, a->nai) != LK_OK ||
            !lk_anchor_serves(a->anchor->config, &a->imsi)) {
            lk_anchor_mip_drop(a, LK_REASON_MIP_NODE, NULL);
            return false;
        }
        fetch(a->anchor, a->kind, &a->imsi);
        a->binding = lk_binding_of(a->anchor->table, lk_imsi_number(&a->imsi), 0);
        return true;
    }
    b = lk_binding_at(a->anchor->table, &a->home);
    if (b == NULL || lk_imsi_from_number(&a->imsi, b->subject) != LK_OK) {
        lk_anchor_mip_drop(
            a, lk_address_is_any(&a->home) ? LK_REASON_MIP_NAI : LK_REASON_MIP_NODE, NULL);
        return false;
    }
    a->binding = b;
    return true;
}

/* S4 7.3.5: the home agent as NAF. Behind a foreign agent there are many, and it knows its
 * visitors. True: there is nothing else to be done. */
static bool asks(struct lk_anchor_asking *a)
{
    struct lk_anchor_output *item;

    if (!a->anchor->config->mip.asks || a->b_tid.len == 0 || a->spi < LK_MIP_SPI_LEAST)
        return false;
    if (!(a->kind->vouches != NULL && a->kind->vouches(a)) &&
        !lk_anchor_may_ask(a->anchor, a->event)) {
        lk_anchor_mip_drop(a, LK_REASON_MIP_TOO_FAST, NULL);
        return true;
    }
    a->anchor->counters.mip_asked++;
    item = lk_anchor_add(a->out, LK_ANCHOR_OUT_ASK, 0);
    item->ask.imsi = a->imsi;
    item->ask.spi = a->spi;
    item->ask.b_tid = a->b_tid;
    item->ask.wants = 0; /* the outbox has what it had before */
    return true;
}

uint64_t lk_anchor_msa_holder(const struct lk_imsi *imsi, uint8_t protocol)
{
    return lk_imsi_number(imsi) | (uint64_t)(protocol == LK_BINDING_MIP6) << 63;
}

/* T10: a key that somebody has asked for by a B-TID, which he may have heard, proves this request
 * or nothing: it is in no table before the request is accepted (take_keys). */
static void find_new(struct lk_anchor_asking *a)
{
    const struct lk_mip_msa *key = a->event->key;

    a->is_new = a->msa == NULL && key != NULL && key->there.spi == a->spi &&
                a->event->now_ms < key->ends_ms;
    if (!a->is_new)
        return;
    a->msa = key;
    a->holder = lk_anchor_msa_holder(&a->imsi, a->kind->protocol);
}

/* What is made of a USIM is for one protocol; what is configured, without an end, is for both. */
static void find_association(struct lk_anchor_asking *a)
{
    const struct lk_mip_msas *msas = a->anchor->msas;

    a->holder = lk_anchor_msa_holder(&a->imsi, a->kind->protocol);
    a->msa = lk_mip_msas_find(msas, a->holder, a->spi, a->event->now_ms);
    if (a->msa != NULL || a->holder == lk_imsi_number(&a->imsi))
        return;
    a->holder = lk_imsi_number(&a->imsi);
    a->msa = lk_mip_msas_find(msas, a->holder, a->spi, a->event->now_ms);
    if (a->msa != NULL && a->msa->ends_ms != UINT64_MAX)
        a->msa = NULL;
}

static bool associated(struct lk_anchor_asking *a)
{
    enum lk_anchor_aaa aaa = LK_ANCHOR_AAA_NO;
    bool is_told; /* of no use, if there still is no association */

    a->holder = lk_anchor_msa_holder(&a->imsi, a->kind->protocol);
    if (a->is_signed) {
        find_association(a);
        find_new(a);
    }
    if (a->event->grant != NULL)
        return true;
    is_told = a->event->key != NULL && a->msa == NULL;
    if (a->msa == NULL && a->is_signed && !is_told && asks(a))
        return false;
    if (a->kind->asks_aaa != NULL && !is_told)
        aaa = a->kind->asks_aaa(a);
    if (aaa == LK_ANCHOR_AAA_ASKED || (aaa == LK_ANCHOR_AAA_NO && a->msa != NULL))
        return aaa == LK_ANCHOR_AAA_NO;
    lk_anchor_mip_drop(a,
                       aaa == LK_ANCHOR_AAA_TOO_FAST ? LK_REASON_MIP_TOO_FAST
                       : a->is_signed                ? LK_REASON_MIP_SPI
                                                     : LK_REASON_MIP_AUTH_MISSING,
                       NULL);
    return false;
}

/* ---- the row ---- */

static bool room_and_lease(struct lk_pmip_lease *lease, struct lk_anchor_asking *a)
{
    struct lk_anchor *anchor = a->anchor;
    uint16_t service = a->binding == NULL ? 0 : a->binding->service;

    if (a->binding == NULL && lk_binding_room(anchor->table) == 0)
        lk_anchor_make_room(anchor, a->event->now_ms);
    if (a->binding == NULL && lk_binding_room(anchor->table) == 0) {
        lk_anchor_mip_drop(a, LK_REASON_MIP_TABLE_FULL, NULL);
        return false;
    }
    if (lk_anchor_lease(lease, anchor, &a->imsi, service, a->binding) && a->kind->fits(lease))
        return true;
    lk_anchor_mip_drop(a, LK_REASON_MIP_POOL_EMPTY, NULL);
    return false;
}

static void count_outcome(struct lk_anchor_asking *a, const struct lk_anchor_decided *decided)
{
    if (decided->refusal.reason != LK_REASON_NONE && decided->said.send.len == 0)
        a->anchor->counters.mip_silent++;
    if (decided->refusal.reason != LK_REASON_NONE)
        log_refusal(a, decided->code, &decided->refusal);
    else if (decided->said.change != 0)
        a->anchor->counters.accepted++;
    else
        a->anchor->counters.repeated++;
}

/* An answer to a place that has not proven to be one is of what that place gets (T10: so a stranger
 * learns little, and who he names as sender gets little). A foreign agent that has signed it is
 * where it says, and has budgets of its own for its visitors. */
static bool may_answer(const struct lk_anchor_asking *a, const struct lk_anchor_place *to,
                       bool again, enum lk_reason refused)
{
    const struct lk_binding *b = a->binding;
    const struct lk_anchor_hearer hearer = {
        .subject = lk_imsi_number(&a->imsi),
        .address = to->address,
        .is_there = b != NULL && b->reached && lk_anchor_is_at(b, to),
        .was_there = b != NULL && lk_anchor_was_at(b, &to->address),
        .again = again,
    };
    /* Where the device's packets go it has had its answer, and been asked. What is a repeat,
     * anybody causes who has a recording. */
    enum lk_anchor_sent what = !again && !lk_anchor_anybody_causes(refused)
                                   ? LK_ANCHOR_SENT_ANSWER
                               : hearer.was_there ? LK_ANCHOR_SENT_REFUSAL_THERE
                                                  : LK_ANCHOR_SENT_REFUSAL;

    if (refused == LK_REASON_MIP_MN_AUTH && a->kind->vouches != NULL && a->kind->vouches(a))
        return true;
    if ((hearer.is_there || lk_anchor_could_send(a->anchor, what, hearer.subject, &to->address,
                                                 a->event->now_ms)) &&
        lk_anchor_may_refuse(a->anchor, refused, &hearer, a->event->now_ms) &&
        (hearer.is_there || lk_anchor_may_send(a->anchor, what, hearer.subject, &to->address,
                                               a->event->now_ms)))
        return true;
    a->anchor->counters.mip_silent++;
    return false;
}

/* T26: what is made of a USIM gives way to what was made later. What the AAA gave is beside what
 * there was, until it is used. */
static void take_keys(struct lk_anchor_asking *a, const struct lk_binding *draft)
{
    const struct lk_binding_standing now = lk_binding_stands(draft);
    const uint64_t until_ms = now.passes ? now.expires_ms : 0;
    struct lk_mip_msas *msas = a->anchor->msas;
    const struct lk_mip_grant *grant = a->event->grant;

    if (a->is_new)
        lk_mip_msas_put(msas, a->holder, a->msa, a->event->now_ms);
    if (a->msa != NULL) {
        if (a->msa->ends_ms != UINT64_MAX)
            lk_mip_msas_used(msas, a->holder, a->spi);
        lk_mip_msas_hold(msas, a->holder, a->spi, until_ms);
    }
    if (grant != NULL && grant->mn_ha) {
        lk_mip_msas_put(msas, a->holder, &grant->msa, a->event->now_ms);
        if (a->msa == NULL)
            lk_mip_msas_hold(msas, a->holder, grant->msa.there.spi, until_ms);
    }
}

/* The row is as the draft now. */
static void take(struct lk_anchor_asking *a, const struct lk_binding *draft, bool proven,
                 const struct lk_pmip_lease *lease)
{
    struct lk_anchor *anchor = a->anchor;
    const struct lk_anchor_place there = lk_anchor_place_of(draft);
    enum lk_status status = LK_OK;

    if (a->binding == NULL)
        status = lk_binding_add(&a->binding, anchor->table, lk_imsi_number(&a->imsi), 0);
    LK_ASSERT(status == LK_OK); /* there was room */
    a->binding->reached =
        proven || (a->binding->reached && lk_anchor_is_at(a->binding, &there));
    lk_anchor_settle(anchor, a->binding, lease, a->kind->protocol);
    take_keys(a, draft);
}

/* The foreign agent that the row had, and the one that it has. */
static void tell_agents(struct lk_anchor_asking *a, const struct lk_binding *was,
                        const struct lk_anchor_decided *decided)
{
    lk_anchor_revoke_left(a->anchor, was,
                          a->kind->protocol == LK_BINDING_MIP ? &decided->words : NULL,
                          a->event->now_ms, a->out);
    lk_anchor_revoke_returned(a->anchor, a->binding);
}

/* spec: RFC 5944 3.8.2.2 - a deregistration ends the binding of the place that it names. Where the
 * device has come by another protocol since, that is not where it is now: nothing ends, and the
 * order of both goes on (invariants 9, 10). */
static bool is_elsewhere(const struct lk_anchor_asking *a, const struct lk_binding *draft)
{
    return a->binding != NULL && a->binding->protocol != a->kind->protocol &&
           lk_binding_stands(a->binding).passes && !lk_binding_stands(draft).passes;
}

static void leave(struct lk_anchor_asking *a, const struct lk_binding *draft)
{
    lk_binding_protocol(a->binding->protocol)
        ->follow(a->binding, lk_binding_protocol(draft->protocol)->newest_ms(draft));
}

/* The machine decides on a draft: only what it changed comes into the table. */
static void decide(struct lk_anchor_asking *a, const struct lk_pmip_lease *lease)
{
    struct lk_anchor *anchor = a->anchor;
    const struct lk_anchor_event *event = a->event;
    const struct lk_anchor_place from = { event->from, event->port, a->kind->protocol };
    struct lk_binding nobody = { .protocol = a->kind->protocol, .durable = true };
    struct lk_binding draft = a->binding == NULL ? nobody : *a->binding;
    const struct lk_binding was = draft;
    struct lk_anchor_decided decided = { .code = 0 };
    struct lk_anchor_said *said = &decided.said;
    bool changed, asks_first, elsewhere;

    if (!a->kind->decide(&decided, &draft, a, lease))
        return;
    said->before.epoch = anchor->epoch_floor;
    if (a->binding != NULL)
        said->before = lk_binding_stands(a->binding);
    draft.protocol = a->kind->protocol;
    elsewhere = said->change != 0 && is_elsewhere(a, &draft);
    changed = said->change != 0 && !elsewhere;
    count_outcome(a, &decided);
    said->to = from;
    if (elsewhere)
        leave(a, &draft);
    if (changed)
        take(a, &draft, decided.proven, lease);
    if (a->binding != NULL && a->binding->protocol == a->kind->protocol)
        a->binding->machine = draft.machine;
    /* Who knows its address can answer a probe: then that is of the allowance before the reply,
     * or replies would eat it up for ever. Behind the proof a reply is of none. */
    changed = changed && lk_binding_stands(a->binding).passes;
    asks_first = changed && !lk_address_is_any(&a->home);
    if (asks_first)
        lk_anchor_probe(anchor, a->binding, event->now_ms, a->out);
    if (said->send.len > 0 && !(changed && decided.proven) &&
        !may_answer(a, &from, said->again, decided.refusal.reason))
        said->send = lk_span_of(NULL, 0);
    lk_anchor_carry(anchor, a->binding == NULL ? &nobody : a->binding, said, event->now_ms, a->out);
    if (said->change != 0 && !elsewhere)
        tell_agents(a, &was, &decided);
    if (changed && !asks_first)
        lk_anchor_probe(anchor, a->binding, event->now_ms, a->out);
}

void lk_anchor_mip_serve(struct lk_anchor_asking *a)
{
    struct lk_pmip_lease lease;

    if (known(a) && associated(a) && room_and_lease(&lease, a))
        decide(a, &lease);
}

enum lk_binding_change lk_anchor_mip_change(enum lk_mip_change change)
{
    static const enum lk_binding_change changes[] = {
        [LK_MIP_CREATED] = LK_BINDING_CREATED,   [LK_MIP_RENEWED] = LK_BINDING_RENEWED,
        [LK_MIP_MOVED] = LK_BINDING_MOVED,       [LK_MIP_RELEASED] = LK_BINDING_RELEASED,
        [LK_MIP_ENDED] = LK_BINDING_ENDED,       [LK_MIP_REVOKED] = LK_BINDING_REVOKED,
    };

    return changes[change];
}
