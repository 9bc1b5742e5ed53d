/* The anchor as home agent of Mobile IPv4: a datagram, from the cheapest check to the row that it
 * changes, and the proof that a care-of address is where the device is. */
#include <string.h>

#include "base/secret.h"
#include "node/anchor_parts.h"
#include "proto/pmip/identity.h"

enum { PROBE = 0x4c4b, TOKEN_AT = 8, SECOND_US = 1000000 };

/* T13: what one subscriber may have sent to one place before somebody there has answered, and what
 * a place gets of all of them: many may be behind one translator. */
static const struct lk_budget_rate of_one = { LK_PATH_ALLOWANCE,
                                              LK_PATH_RENEW_MS * 1000 / LK_PATH_ALLOWANCE },
                                   of_all = { 256, SECOND_US / 16 },
                                   of_asked = { 64, SECOND_US / 16 };

/* A request under way. */
struct asking {
    struct lk_anchor *anchor;
    const struct lk_anchor_event *event;
    struct lk_anchor_outbox *out;
    struct lk_mip_request request;
    struct lk_imsi imsi;
    struct lk_binding *binding; /* NULL: the device has no row */
    const struct lk_mip_msa *msa;
};

/* ---- refusing ---- */

static void log_refusal(struct asking *a, uint8_t code, const struct lk_refusal *refusal)
{
    struct lk_anchor_output *item = lk_anchor_add(a->out, LK_ANCHOR_OUT_REFUSED, 0);

    a->anchor->counters.refused++;
    item->refused.status = code;
    item->refused.alarm = refusal->reason == LK_REASON_MIP_CARE_OF ||
                          refusal->reason == LK_REASON_MIP_HOME_ADDRESS;
    item->refused.imsi = a->imsi;
    item->refused.refusal = *refusal;
    if (item->refused.alarm)
        a->anchor->counters.alarms++;
}

/* Said to the log alone: with no association there is nobody to prove an answer to. */
static void drop(struct asking *a, enum lk_reason reason, const char *came)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    a->anchor->counters.mip_silent++;
    log_refusal(a, 0, &refusal);
}

/* ---- T13 ---- */

/* One subscriber at one place. */
struct whose {
    uint8_t octets[sizeof(uint64_t) + LK_ADDRESS_LEN];
};

static struct whose whose_of(uint64_t subject, const struct lk_address *address)
{
    struct whose who;

    memcpy(who.octets, &subject, sizeof subject);
    memcpy(who.octets + sizeof subject, address->octets, LK_ADDRESS_LEN);
    return who;
}

static bool may_send(struct lk_anchor *anchor, uint64_t subject, const struct lk_address *address,
                     uint64_t now_ms)
{
    const struct whose who = whose_of(subject, address);
    uint64_t now_us = now_ms * 1000;

    return lk_budgets_take(anchor->unproven, LK_SPAN(who.octets), &of_one, now_us) &&
           lk_budgets_take(anchor->unproven, LK_SPAN(address->octets), &of_all, now_us);
}

bool lk_anchor_may_reach(struct lk_anchor *anchor, const struct lk_binding *b, uint64_t now_ms)
{
    const struct lk_address from = lk_address_v4(b->mip.from.octets);

    if (b->reached || may_send(anchor, b->subject, &from, now_ms))
        return true;
    anchor->counters.unreached++;
    return false;
}

bool lk_anchor_is_at(const struct lk_binding *b, const struct lk_address *address, uint16_t port)
{
    const struct lk_address from = lk_address_v4(b->mip.from.octets);

    return b->protocol == LK_BINDING_MIP && b->mip.port == port &&
           lk_address_equal(&from, address);
}

/* Of who is where, and when it came there: another care-of address has another token. */
static void token_of(struct lk_path_token *token, const struct lk_anchor *anchor,
                     const struct lk_binding *b)
{
    const struct lk_address from = lk_address_v4(b->mip.from.octets);
    const struct lk_path_owner owner = { .number = b->subject ^ b->mip.epoch << 32,
                                         .address = &from };

    lk_path_ask(token, &anchor->config->mip.probe_key, &owner, b->mip.port);
}

/* spec: RFC 3519 4.10 - a mobile node answers an echo request in its tunnel: that it does proves
 * that it is where it says. */
void lk_anchor_probe(struct lk_anchor *anchor, const struct lk_binding *b, uint64_t now_ms,
                     struct lk_anchor_outbox *out)
{
    const struct lk_address home = lk_address_v4(b->ipv4.octets);
    const struct lk_pool *pool = lk_anchor_pool_of(anchor->config, &home);
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    struct lk_path_token token;
    struct lk_anchor_output *item;

    if (b->protocol != LK_BINDING_MIP || b->reached || pool == NULL ||
        !lk_anchor_may_reach(anchor, b, now_ms))
        return;
    token_of(&token, anchor, b);
    if (lk_ip_ping(&w, &pool->gateway, &home, PROBE, 1, LK_SPAN(token.octets)) != LK_OK)
        return;
    anchor->counters.probes++;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_TUNNEL, 0);
    item->to = (struct lk_anchor_place){ lk_address_v4(b->mip.from.octets), b->mip.port };
    item->octets = lk_writer_span(&w);
    out->used += w.len;
}

bool lk_anchor_reached(struct lk_anchor *anchor, struct lk_binding *b,
                       const struct lk_ip_packet *packet)
{
    struct lk_path_token token;

    if (b->protocol != LK_BINDING_MIP || !lk_ip_is_pong(packet, PROBE, 1) ||
        packet->payload.len != TOKEN_AT + sizeof token.octets)
        return false;
    token_of(&token, anchor, b);
    if (!b->reached &&
        lk_same_secret(token.octets, packet->payload.at + TOKEN_AT, sizeof token.octets)) {
        const struct lk_address from = lk_address_v4(b->mip.from.octets);
        const struct whose who = whose_of(b->subject, &from);

        /* What was spent there was nobody else's loss. */
        lk_budgets_give_back(anchor->unproven, LK_SPAN(who.octets));
        b->reached = true;
        anchor->counters.reached++;
    }
    lk_wipe(&token, sizeof token);
    return true;
}

/* ---- whose it is ---- */

/* T15: nothing is kept of who is not known, and nobody takes everything. */
static bool within_budget(struct asking *a)
{
    struct lk_anchor *anchor = a->anchor;

    if (lk_budget_take(&anchor->all, anchor->config->rate, anchor->config->rate,
                       a->event->now_ms))
        return true;
    anchor->counters.over_budget++;
    return false;
}

static bool readable(struct asking *a)
{
    enum lk_status status = lk_mip_request_decode(&a->request, a->event->octets);

    if (status == LK_OK)
        return true;
    a->anchor->counters.malformed++;
    drop(a, status == LK_E_AUTH      ? LK_REASON_MIP_AUTH_TWICE
            : status == LK_E_UNKNOWN ? LK_REASON_MIP_EXTENSION
                                     : LK_REASON_MIP_MALFORMED,
         lk_status_name(status));
    return false;
}

/* spec: RFC 2794 4 - by the NAI, where there is one; else by the home address, which then is
 * somebody's. */
static bool known(struct asking *a)
{
    const struct lk_mip_extensions *extensions = &a->request.extensions;
    struct lk_binding *b;

    if (lk_mip_has(extensions, LK_MIP_NAI)) {
        if (lk_pmip_nai_imsi(&a->imsi, extensions->nai) != LK_OK ||
            !lk_anchor_serves(a->anchor->config, &a->imsi)) {
            drop(a, LK_REASON_MIP_NODE, NULL);
            return false;
        }
        a->binding = lk_binding_of(a->anchor->table, lk_imsi_number(&a->imsi), 0);
        return true;
    }
    b = lk_binding_at(a->anchor->table, &a->request.home);
    if (b == NULL || lk_imsi_from_number(&a->imsi, b->subject) != LK_OK) {
        drop(a, lk_address_is_any(&a->request.home) ? LK_REASON_MIP_NAI : LK_REASON_MIP_NODE, NULL);
        return false;
    }
    a->binding = b;
    return true;
}

static bool has_address(const struct lk_anchor_fa *fa, const struct lk_address *address)
{
    for (size_t i = 0; i < fa->address_count; i++)
        if (lk_address_equal(&fa->address[i], address))
            return true;
    return false;
}

/* A foreign agent of ours has signed it: it is not for one more stranger at that address. */
static bool is_signed_by_agent(const struct asking *a)
{
    const struct lk_anchor_mip_config *mip = &a->anchor->config->mip;

    for (size_t i = 0; i < mip->fa_count; i++)
        if (!mip->fa[i].closed && has_address(&mip->fa[i], &a->event->from) &&
            lk_mip_msa_proves(&mip->fa[i].msa, mip->fa[i].msa.there.spi, &a->request.extensions,
                              LK_MIP_FA_HA_AUTH, a->event->now_ms))
            return true;
    return false;
}

/* S4 7.3.5: the home agent as NAF. The B-TID is under the authenticator, and who sends many is
 * asked for few; behind a foreign agent there are many, and it knows its visitors. */
static bool asks(struct asking *a)
{
    const struct lk_mip_extensions *extensions = &a->request.extensions;
    struct lk_span b_tid = lk_mip_vendor_value(extensions, a->anchor->config->enterprise,
                                               LK_MIP_VENDOR_B_TID);
    struct lk_anchor_output *item;

    if (!a->anchor->config->mip.asks || b_tid.len == 0 ||
        !lk_mip_before(extensions, LK_MIP_VENDOR, LK_MIP_MN_HA_AUTH) ||
        extensions->auth[LK_MIP_MN_HA_AUTH].spi < LK_MIP_SPI_LEAST ||
        (!is_signed_by_agent(a) &&
         !lk_budgets_take(a->anchor->unproven, LK_SPAN(a->event->from.octets), &of_asked,
                          a->event->now_ms * 1000)))
        return false;
    a->anchor->counters.mip_asked++;
    item = lk_anchor_add(a->out, LK_ANCHOR_OUT_ASK, 0);
    item->ask.imsi = a->imsi;
    item->ask.spi = extensions->auth[LK_MIP_MN_HA_AUTH].spi;
    item->ask.b_tid = b_tid;
    return true;
}

static bool associated(struct asking *a)
{
    const struct lk_mip_extensions *extensions = &a->request.extensions;

    if (lk_mip_has(extensions, LK_MIP_MN_HA_AUTH))
        a->msa = lk_mip_msas_find(a->anchor->msas, lk_imsi_number(&a->imsi),
                                  extensions->auth[LK_MIP_MN_HA_AUTH].spi, a->event->now_ms);
    if (a->msa != NULL)
        return true;
    if (asks(a))
        return false;
    drop(a, lk_mip_has(extensions, LK_MIP_MN_HA_AUTH) ? LK_REASON_MIP_SPI
                                                      : LK_REASON_MIP_AUTH_MISSING,
         NULL);
    return false;
}

/* ---- the row ---- */

static bool room_and_lease(struct lk_pmip_lease *lease, struct asking *a)
{
    struct lk_anchor *anchor = a->anchor;
    uint16_t service = a->binding == NULL ? 0 : a->binding->service;

    if (a->binding == NULL && lk_binding_room(anchor->table) == 0)
        lk_anchor_make_room(anchor, a->event->now_ms);
    if (a->binding == NULL && lk_binding_room(anchor->table) == 0) {
        drop(a, LK_REASON_MIP_TABLE_FULL, NULL);
        return false;
    }
    if (lk_anchor_lease(lease, anchor, &a->imsi, service, a->binding) && lease->has_ipv4)
        return true;
    drop(a, LK_REASON_MIP_POOL_EMPTY, NULL);
    return false;
}

/* T12: who sent it is a foreign agent when it comes from an address of one. */
static void through(struct lk_mip_ha_event *to, const struct asking *a)
{
    const struct lk_anchor_mip_config *mip = &a->anchor->config->mip;

    for (size_t i = 0; i < mip->fa_count; i++) {
        const struct lk_anchor_fa *fa = &mip->fa[i];

        if (fa->closed || !has_address(fa, &a->event->from))
            continue;
        to->fa = (uint32_t)i + 1;
        to->fa_with = &fa->msa;
        to->care_of_is_fas = has_address(fa, &a->request.care_of);
    }
}

static void count_outcome(struct asking *a, const struct lk_mip_ha_outbox *said)
{
    const struct lk_mip_ha_output *refused = lk_mip_ha_find(said, LK_MIP_HA_OUT_REFUSED);

    if (refused != NULL)
        log_refusal(a, refused->refused.code, &refused->refused.refusal);
    else if (lk_mip_ha_find(said, LK_MIP_HA_OUT_CHANGED) != NULL)
        a->anchor->counters.accepted++;
    else
        a->anchor->counters.repeated++;
}

/* An answer to a place that has not proven to be one is of what that place gets (T10: so a stranger
 * learns little, and who he names as sender gets little). */
static bool may_answer(const struct asking *a)
{
    const struct lk_binding *b = a->binding;

    if (b != NULL && b->reached && lk_anchor_is_at(b, &a->event->from, a->event->port))
        return true;
    if (may_send(a->anchor, lk_imsi_number(&a->imsi), &a->event->from, a->event->now_ms))
        return true;
    a->anchor->counters.mip_silent++;
    return false;
}

/* The machine decides on a draft: only what it changed comes into the table. */
static void decide(struct asking *a, const struct lk_pmip_lease *lease)
{
    struct lk_anchor *anchor = a->anchor;
    const struct lk_anchor_event *event = a->event;
    struct lk_mip_ha_event asked = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = event->now_ms,
                                     .request = &a->request, .from = event->from,
                                     .port = event->port,
                                     .digest = lk_anchor_digest_of(event->octets) | 1,
                                     .home = lk_address_v4(lease->ipv4.octets),
                                     .agent = anchor->config->mip.agent, .with = a->msa };
    const struct lk_anchor_place to = { event->from, event->port };
    struct lk_mip_ha draft = lk_anchor_mip_of(anchor, a->binding);
    struct lk_binding_standing stood = { .epoch = draft.epoch };
    struct lk_binding nobody = { .protocol = LK_BINDING_MIP, .durable = true };
    struct lk_mip_ha_outbox said;
    bool by_agent, changed, asks_first;

    through(&asked, a);
    if (lk_mip_ha_step(&draft, &anchor->config->mip.ha, &asked, &said) != LK_OK)
        return;
    count_outcome(a, &said);
    changed = lk_mip_ha_find(&said, LK_MIP_HA_OUT_CHANGED) != NULL;
    if (a->binding != NULL)
        stood = lk_binding_stands(a->binding);
    if (a->binding == NULL && changed) {
        enum lk_status status = lk_binding_add(&a->binding, anchor->table,
                                               lk_imsi_number(&a->imsi), 0);
        LK_ASSERT(status == LK_OK); /* there was room */
    }
    if (changed) {
        const struct lk_address there = lk_address_v4(draft.from.octets);

        /* Foreign-Home proves where an agent is, and the agent has asked its visitor. */
        a->binding->reached = draft.fa != 0 || (a->binding->reached &&
                                                lk_anchor_is_at(a->binding, &there, draft.port));
        lk_anchor_settle(anchor, a->binding, lease, LK_BINDING_MIP);
        lk_mip_msas_used(anchor->msas, a->binding->subject, a->msa->there.spi);
    }
    if (a->binding != NULL && a->binding->protocol == LK_BINDING_MIP)
        a->binding->mip = draft;
    /* Who knows its address can answer a probe: then that is of the allowance before the reply,
     * or replies would eat it up for ever. Behind the proof a reply is of none. */
    changed = changed && draft.state == LK_MIP_HA_ACTIVE;
    by_agent = changed && asked.fa != 0;
    asks_first = changed && !lk_address_is_any(&a->request.home);
    if (asks_first)
        lk_anchor_probe(anchor, a->binding, event->now_ms, a->out);
    lk_anchor_carry_mip(anchor, a->binding == NULL ? &nobody : a->binding, &stood, &said,
                        by_agent || may_answer(a) ? &to : NULL, event->now_ms, a->out);
    if (changed && !asks_first)
        lk_anchor_probe(anchor, a->binding, event->now_ms, a->out);
}

static void request(struct asking *a)
{
    struct lk_pmip_lease lease;

    a->anchor->counters.mip_requests++;
    if (within_budget(a) && readable(a) && known(a) && associated(a) &&
        room_and_lease(&lease, a))
        decide(a, &lease);
}

void lk_anchor_mip(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                   struct lk_anchor_outbox *out)
{
    struct asking a = { .anchor = anchor, .event = event, .out = out };

    if (!anchor->config->mip.serves || anchor->msas == NULL)
        return;
    switch (lk_mip_type_of(event->octets)) {
    case LK_MIP_REQUEST: request(&a); break;
    case LK_MIP_TUNNEL: lk_anchor_from_tunnel(anchor, event, out); break;
    default: anchor->counters.malformed++; break;
    }
}
