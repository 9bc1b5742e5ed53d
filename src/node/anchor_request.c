/* The anchor's control plane: one request, from the cheapest check to the row that it changes. */
#include <string.h>

#include "node/anchor_parts.h"
#include "proto/pmip/heart.h"

/* A request under way. */
struct asking {
    struct lk_anchor *anchor;
    struct lk_anchor_outbox *out;
    uint64_t now_ms;
    uint32_t mag;
    struct lk_address from;
    struct lk_span octets;
    struct lk_mobility_message message;
    struct lk_imsi imsi;
    uint16_t service;
    uint64_t attach_ms;
    bool waited;
};

/* ---- refusing ---- */

static void log_refusal(struct asking *a, uint8_t status, const struct lk_refusal *refusal)
{
    enum lk_reason reason = refusal->reason;
    struct lk_anchor_output *item = lk_anchor_add(a->out, LK_ANCHOR_OUT_REFUSED, a->mag);

    a->anchor->counters.refused++;
    item->refused.status = status;
    item->refused.alarm = reason == LK_REASON_PMIP_TOKEN_IMSI ||
                          reason == LK_REASON_PMIP_TOKEN_MAG ||
                          reason == LK_REASON_PMIP_CARE_OF ||
                          reason == LK_REASON_PMIP_TOKEN_WRONG;
    item->refused.imsi = a->imsi;
    item->refused.refusal = *refusal;
    if (item->refused.alarm)
        a->anchor->counters.alarms++;
}

static void refuse(struct asking *a, uint8_t status, enum lk_reason reason, const char *expected,
                   const char *came)
{
    struct lk_writer w = lk_writer_of(a->out->octets + a->out->used,
                                      sizeof a->out->octets - a->out->used);
    const struct lk_refusal refusal = lk_refusal_of(reason, expected, came);

    log_refusal(a, status, &refusal);
    if (status == LK_BA_ACCEPTED ||
        lk_pmip_lma_refuse(&w, &a->anchor->config->lma, &a->message, status, a->now_ms) != LK_OK)
        return;
    lk_anchor_add(a->out, LK_ANCHOR_OUT_SEND, a->mag)->octets = lk_writer_span(&w);
    a->out->used += w.len;
}

/* ---- what is looked at before anything is looked up ---- */

/* T15: who is not known costs nothing, and who is may not take everything. */
static bool within_budget(struct asking *a)
{
    struct lk_anchor *anchor = a->anchor;
    const struct lk_anchor_config *config = anchor->config;

    if (a->mag == 0 || a->mag > config->mag_count) {
        anchor->counters.unknown_mag++;
        return false;
    }
    if (!lk_budget_take(&anchor->mag[a->mag - 1], config->mag_rate, config->mag_rate, a->now_ms) ||
        !lk_budget_take(&anchor->all, config->rate, config->rate, a->now_ms)) {
        anchor->counters.over_budget++;
        return false;
    }
    return true;
}

/* T13: where the gateway says that its end of the tunnel is. It knows the port only while nobody
 * translates what it sends, so as long as it knows the address by which we know it. */
static void place_of(struct asking *a)
{
    const struct lk_anchor_config *config = a->anchor->config;
    struct lk_span told = lk_mobility_vendor_data(&a->message.options, config->enterprise,
                                                  LK_MOBILITY_PLACE_SUBTYPE);
    struct lk_mobility_place place;
    enum lk_status status;

    if (told.at == NULL)
        return;
    status = lk_mobility_place_get(&place, told);
    if (status != LK_OK) {
        a->anchor->counters.malformed++;
        refuse(a, LK_BA_ACCEPTED, LK_REASON_PMIP_MALFORMED, "the place of a tunnel",
               lk_status_name(status));
        return;
    }
    if (!lk_address_equal(&place.address, &a->from))
        place.port = 0;
    lk_anchor_add(a->out, LK_ANCHOR_OUT_PLACE, a->mag)->place = place;
}

/* Whether the message is one; it is answered, then, and changes no binding. */
static bool heartbeat(struct asking *a)
{
    struct lk_writer w = lk_writer_of(a->out->octets, sizeof a->out->octets);

    if (!lk_pmip_heart_answer(&w, &a->message, a->anchor->config->restarts))
        return false;
    lk_anchor_add(a->out, LK_ANCHOR_OUT_SEND, a->mag)->octets = lk_writer_span(&w);
    a->out->used = w.len;
    place_of(a);
    return true;
}

static bool readable(struct asking *a)
{
    const struct lk_anchor_config *config = a->anchor->config;
    struct lk_pmip_verdict verdict = { .status = LK_BA_ACCEPTED };
    enum lk_status status = lk_mobility_decode(&a->message, a->octets);

    if (status == LK_OK && heartbeat(a))
        return false;
    if (a->octets.len > LK_PMIP_LMA_OCTETS)
        status = LK_E_LENGTH;
    if (status == LK_OK)
        status = lk_pmip_lma_check(&verdict, &config->lma, &a->message, a->now_ms);
    if (status == LK_OK)
        return true;
    if (status == LK_E_DENIED) {
        refuse(a, verdict.status, verdict.reason, NULL, lk_mobility_status_name(verdict.status));
    } else {
        a->anchor->counters.malformed++;
        refuse(a, LK_BA_ACCEPTED, LK_REASON_PMIP_MALFORMED, "a proxy binding update",
               lk_status_name(status));
    }
    return false;
}

/* T12: traffic goes to the address that the gateway's channel proved, so a request may name this
 * one as its care-of address and no other.
 * spec: RFC 6275 6.2.5 - an alternate care-of address is refused when it may not be bound. */
static bool care_of_is_own(struct asking *a)
{
    const struct lk_mobility_options *o = &a->message.options;

    if (!lk_mobility_has(o, LK_MO_CARE_OF) || lk_address_equal(&o->care_of, &a->from))
        return true;
    refuse(a, LK_BA_CARE_OF_INVALID, LK_REASON_PMIP_CARE_OF, "the channel's address", NULL);
    return false;
}

/* spec: RFC 5213 5.3.1 - is the node one of ours (153), is it enabled for the service (152), and
 * may this gateway register at all (154)?
 * spec: RFC 5149 4 - a service that there is not: 151. */
static bool ours(struct asking *a)
{
    const struct lk_anchor_config *config = a->anchor->config;
    const struct lk_mobility_options *o = &a->message.options;
    bool found = !lk_mobility_has(o, LK_MO_SERVICE);

    if (config->mag[a->mag - 1].closed) {
        refuse(a, LK_BA_MAG_NOT_AUTHORIZED, LK_REASON_PMIP_MAG_UNKNOWN, "an open gateway",
               config->mag[a->mag - 1].name);
        return false;
    }
    if (o->mn_id.subtype != LK_MN_ID_NAI || lk_pmip_nai_imsi(&a->imsi, o->mn_id.id) != LK_OK) {
        refuse(a, LK_BA_NOT_LMA_FOR_NODE, LK_REASON_PMIP_IDENTITY, "0<IMSI>@realm", NULL);
        return false;
    }
    if (!lk_anchor_serves(config, &a->imsi)) {
        refuse(a, LK_BA_NOT_LMA_FOR_NODE, LK_REASON_PMIP_NOT_OURS, NULL, NULL);
        return false;
    }
    for (size_t i = 0; i < config->service_count && !found; i++) {
        found = lk_span_equal(lk_span_text(config->service[i].name), o->service);
        a->service = (uint16_t)i;
    }
    if (!found || config->service[a->service].closed) {
        refuse(a, found ? LK_BA_PROXY_NOT_ENABLED : LK_BA_SERVICE_NOT_AUTHORIZED,
               LK_REASON_PMIP_SERVICE_UNKNOWN, config->service[0].name, found ? "closed" : NULL);
        return false;
    }
    return true;
}

/* spec: RFC 5213 4.1 - the anchor must know that the device is at this gateway. The AAA has said so
 * in a token that nobody else makes: for this subscriber (T03), at this gateway (T31). */
static bool authorised(struct asking *a)
{
    const struct lk_anchor_config *config = a->anchor->config;
    struct lk_span token = lk_mobility_vendor_data(&a->message.options, config->enterprise,
                                                   LK_PMIP_TOKEN_SUBTYPE);
    const char *name = config->mag[a->mag - 1].name;
    struct lk_radius_class content;
    enum lk_reason reason = LK_REASON_NONE;
    enum lk_status status;

    if (token.len == 0) {
        refuse(a, LK_BA_MAG_NOT_AUTHORIZED, LK_REASON_PMIP_TOKEN_MISSING, NULL, NULL);
        return false;
    }
    lk_binding_fetch(a->anchor->table, lk_imsi_number(&a->imsi), a->service);
    status = lk_radius_class_open_token(&content, &config->class_key, a->now_ms, UINT64_MAX, token);
    if (status != LK_OK)
        reason = LK_REASON_PMIP_TOKEN_WRONG;
    else if (!lk_imsi_equal(&content.imsi, &a->imsi))
        reason = LK_REASON_PMIP_TOKEN_IMSI;
    else if (!lk_span_equal(lk_span_text(content.mag), lk_span_text(name)))
        reason = LK_REASON_PMIP_TOKEN_MAG;
    a->attach_ms = content.attached_ms;
    if (reason == LK_REASON_NONE)
        return true;
    refuse(a, LK_BA_MAG_NOT_AUTHORIZED, reason, name,
           reason == LK_REASON_PMIP_TOKEN_MAG ? content.mag : lk_status_name(status));
    return false;
}

/* ---- holding ---- */

/* Whether it is kept: a newer request of the same device takes the older one's place. */
static bool hold(const struct asking *a)
{
    struct lk_anchor_held *held = NULL;
    uint64_t subject = lk_imsi_number(&a->imsi);

    if (a->octets.len > sizeof held->octets)
        return false;
    for (size_t i = 0; i < LK_ANCHOR_HELD; i++) {
        struct lk_anchor_held *at = &a->anchor->held[i];

        if (at->subject == subject && at->service == a->service) {
            held = at;
            break;
        }
        if (held == NULL && (at->subject == 0 || at->until_ms < a->now_ms))
            held = at;
    }
    if (held == NULL)
        return false;
    held->subject = subject;
    held->service = a->service;
    held->mag = a->mag;
    held->attach_ms = a->attach_ms;
    held->until_ms = a->now_ms + 2 * (uint64_t)a->anchor->config->lma.max_assign_ms;
    held->len = (uint16_t)a->octets.len;
    memcpy(held->octets, a->octets.at, a->octets.len);
    return true;
}

/* ---- the row ---- */

static void count_outcome(struct asking *a, const struct lk_pmip_lma_outbox *said)
{
    struct lk_anchor_counters *c = &a->anchor->counters;
    bool changed = lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_CHANGED) != NULL;

    if (lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_REFUSED) != NULL)
        return;
    if (lk_pmip_lma_find(said, LK_PMIP_LMA_OUT_HOLD) != NULL)
        c->held++;
    else if (changed)
        c->accepted++;
    else if (a->message.lifetime == 0)
        c->release_ignored++;
    else
        c->repeated++;
}

/* The machine decides on a draft: only what it changed comes into the table. */
static void decide(struct asking *a, struct lk_binding *b, const struct lk_pmip_lease *lease)
{
    struct lk_anchor *anchor = a->anchor;
    struct lk_pmip_lma_event event = { .kind = LK_PMIP_LMA_EV_REQUEST, .now_ms = a->now_ms,
                                       .request = &a->message, .lease = lease, .mag = a->mag,
                                       .waited = a->waited, .attach_ms = a->attach_ms,
                                       .digest = lk_anchor_digest_of(a->octets) };
    const struct lk_pmip_lma before = lk_anchor_pmip_of(anchor, b);
    struct lk_binding_standing stood = { .epoch = before.epoch };
    struct lk_pmip_lma draft = before;
    const struct lk_pmip_lma_output *refused;
    struct lk_pmip_lma_outbox said;
    struct lk_binding was;
    enum lk_status status;

    if (b != NULL)
        stood = lk_binding_stands(b);
    status = lk_pmip_lma_step(&draft, &anchor->config->lma, &event, &said);
    if (status == LK_OK && lk_pmip_lma_find(&said, LK_PMIP_LMA_OUT_HOLD) != NULL && !hold(a)) {
        draft = before;
        event.waited = true;
        status = lk_pmip_lma_step(&draft, &anchor->config->lma, &event, &said);
    }
    if (status != LK_OK)
        return;
    count_outcome(a, &said);
    refused = lk_pmip_lma_find(&said, LK_PMIP_LMA_OUT_REFUSED);
    if (refused != NULL)
        log_refusal(a, refused->refused.status, &refused->refused.refusal);
    if (b == NULL && lk_pmip_lma_find(&said, LK_PMIP_LMA_OUT_CHANGED) != NULL) {
        status = lk_binding_add(&b, anchor->table, lk_imsi_number(&a->imsi), a->service);
        LK_ASSERT(status == LK_OK); /* there was room */
    }
    if (b == NULL) {
        struct lk_binding nobody = { .protocol = LK_BINDING_PMIP, .durable = true };

        lk_anchor_carry_pmip(anchor, &nobody, &stood, &said, a->mag, a->now_ms, a->out);
        return;
    }
    was = *b;
    if (lk_pmip_lma_find(&said, LK_PMIP_LMA_OUT_CHANGED) != NULL)
        lk_anchor_settle(anchor, b, lease, LK_BINDING_PMIP);
    if (b->protocol == LK_BINDING_PMIP)
        b->pmip = draft;
    lk_anchor_carry_pmip(anchor, b, &stood, &said, a->mag, a->now_ms, a->out);
    /* A foreign agent that had it by Mobile IP has it no more. */
    if (b->protocol != was.protocol)
        lk_anchor_revoke_left(anchor, &was, NULL, a->now_ms, a->out);
}

static void look_up(struct asking *a)
{
    struct lk_anchor *anchor = a->anchor;
    struct lk_binding *b = lk_binding_of(anchor->table, lk_imsi_number(&a->imsi), a->service);
    struct lk_pmip_lease lease;
    const struct lk_pmip_lma lma = lk_anchor_pmip_of(anchor, b);
    bool owner = lma.mag == a->mag && lma.attach_ms == a->attach_ms;
    bool leased;

    /* A token serves for so long, but who has the binding by it may go on renewing. */
    if (!owner && a->now_ms > a->attach_ms &&
        a->now_ms - a->attach_ms >= anchor->config->token_lifetime_ms) {
        refuse(a, LK_BA_MAG_NOT_AUTHORIZED, LK_REASON_PMIP_ATTACH_OLD, NULL, "too long ago");
        return;
    }
    if (b == NULL && lk_binding_room(anchor->table) == 0)
        lk_anchor_make_room(anchor, a->now_ms);
    if (b == NULL && lk_binding_room(anchor->table) == 0) {
        refuse(a, LK_BA_RESOURCES, LK_REASON_PMIP_TABLE_FULL, NULL, NULL);
        return;
    }
    leased = lk_anchor_lease(&lease, anchor, &a->imsi, a->service, b);
    if (!leased && b == NULL) {
        lk_anchor_make_room(anchor, a->now_ms);
        leased = lk_anchor_lease(&lease, anchor, &a->imsi, a->service, b);
    }
    if (!leased) {
        refuse(a, LK_BA_RESOURCES, LK_REASON_PMIP_POOL_EMPTY, NULL, NULL);
        return;
    }
    decide(a, b, &lease);
}

void lk_anchor_request(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                       struct lk_anchor_outbox *out)
{
    struct asking a;

    a.anchor = anchor;
    a.out = out;
    a.now_ms = event->now_ms;
    a.mag = event->mag;
    a.from = event->from;
    a.octets = event->octets;
    memset(&a.imsi, 0, sizeof a.imsi);
    a.service = 0;
    a.attach_ms = 0;
    a.waited = false;
    anchor->counters.requests++;
    if (within_budget(&a) && readable(&a) && care_of_is_own(&a) && ours(&a) && authorised(&a))
        look_up(&a);
}

void lk_anchor_resume(struct lk_anchor *anchor, struct lk_binding *b, uint64_t now_ms,
                      struct lk_anchor_outbox *out)
{
    for (size_t i = 0; i < LK_ANCHOR_HELD; i++) {
        struct lk_anchor_held *held = &anchor->held[i];
        struct asking a;

        if (held->subject != b->subject || held->service != b->service)
            continue;
        a.anchor = anchor;
        a.out = out;
        a.now_ms = now_ms;
        a.mag = held->mag;
        a.octets = lk_span_of(held->octets, held->len);
        a.service = held->service;
        a.attach_ms = held->attach_ms;
        a.waited = true;
        held->subject = 0;
        if (lk_mobility_decode(&a.message, a.octets) == LK_OK &&
            lk_imsi_from_number(&a.imsi, b->subject) == LK_OK)
            look_up(&a);
        return;
    }
}
