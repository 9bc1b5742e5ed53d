/* The foreign agent's registrations: a request, from the cheapest check to what is passed on; a
 * reply, and whom it serves; time. */
#include <string.h>

#include "base/secret.h"
#include "node/fa_parts.h"

/* A message under way. */
struct serving {
    struct lk_fa *fa;
    const struct lk_fa_event *event;
    struct lk_fa_outbox *out;
    uint8_t challenge[LK_FA_CHALLENGE]; /* the next one */
    struct lk_mip_fa_outbox said;
};

static void drop(struct serving *s, enum lk_reason reason, const char *came)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_fa_refused(s->fa, s->event, 0, &refusal, s->out);
}

static void malformed(struct serving *s, enum lk_status status)
{
    s->fa->counters.malformed++;
    drop(s, status == LK_E_AUTH      ? LK_REASON_MIP_AUTH_TWICE
            : status == LK_E_UNKNOWN ? LK_REASON_MIP_EXTENSION
                                     : LK_REASON_MIP_MALFORMED,
         lk_status_name(status));
}

static const struct lk_fa_home_agent *agent_of(const struct lk_fa *fa,
                                               const struct lk_address *address)
{
    for (size_t i = 0; i < fa->config->home_agent_count; i++)
        if (lk_address_equal(&fa->config->home_agent[i].at.address, address))
            return &fa->config->home_agent[i];
    return NULL;
}

/* What the machine sends goes to the visitor, or to its home agent's port. */
static void carry(struct serving *s, const struct lk_fa_home_agent *agent)
{
    for (size_t i = 0; i < s->said.count; i++) {
        const struct lk_mip_fa_output *item = &s->said.item[i];
        struct lk_fa_place to = { item->send.to, item->send.port };

        switch (item->kind) {
        case LK_MIP_FA_OUT_RELAY: lk_fa_send(s->out, &agent->at, item->send.octets); break;
        case LK_MIP_FA_OUT_SEND: lk_fa_send(s->out, &to, item->send.octets); break;
        case LK_MIP_FA_OUT_REFUSED:
            lk_fa_refused(s->fa, s->event, item->refused.code, &item->refused.refusal, s->out);
            break;
        case LK_MIP_FA_OUT_TIMER:
        case LK_MIP_FA_OUT_SERVED:
        case LK_MIP_FA_OUT_ENDED:
        case LK_MIP_FA_OUT_REVOKE:
        case LK_MIP_FA_OUT_INFORM: break;
        }
    }
}

/* ---- associations with nodes ---- */

static uint64_t subject_of(const struct lk_fa *fa, struct lk_span identifier)
{
    return lk_fa_hash(fa, identifier) | 1;
}

void lk_fa_associate(struct lk_fa *fa, struct lk_span identifier, const struct lk_mip_msa *msa,
                     uint64_t now_ms)
{
    lk_mip_msas_put(fa->msas, subject_of(fa, identifier), msa, now_ms);
}

void lk_fa_dissociate(struct lk_fa *fa)
{
    lk_mip_msas_remove_endless(fa->msas);
}

/* spec: RFC 3957 3 - it asks for a key with us, and proves itself to the home AAA for it. */
static bool asks_key(const struct lk_fa_config *config, const struct lk_mip_extensions *e)
{
    return config->asks_aaa && lk_mip_before(e, LK_MIP_MN_FA_KEY_REQUEST, LK_MIP_MN_AAA_AUTH) &&
           lk_mip_before(e, LK_MIP_NAI, LK_MIP_MN_AAA_AUTH);
}

static bool is_of(const struct lk_mip_msa *key, uint32_t spi, uint64_t now_ms)
{
    return key->there.spi == spi && now_ms < key->ends_ms;
}

/* T10: a key that somebody has asked for by a B-TID, which he may have heard, proves what comes
 * from here or nothing: it is no association before its node is served. */
static const struct lk_mip_msa *new_key(const struct lk_fa_event *event,
                                        const struct lk_fa_visitor *v, uint64_t subject,
                                        uint32_t spi)
{
    if (event->key != NULL && is_of(event->key, spi, event->now_ms))
        return event->key;
    return v != NULL && v->has_key && v->is_bsfs && v->subject == subject &&
                   is_of(&v->key, spi, event->now_ms)
               ? &v->key
               : NULL;
}

/* In whose name it asks. Who is served need not say his NAI again: his home address is his. */
static uint64_t asks_as(const struct lk_fa *fa, const struct lk_mip_request *request,
                        const struct lk_fa_visitor *v)
{
    if (v != NULL && v->known && !lk_mip_has(&request->extensions, LK_MIP_NAI) &&
        lk_address_equal(&v->home, &request->home))
        return v->subject;
    return subject_of(fa, lk_mip_identifier(request));
}

/* T10: while somebody is served at a place, or waits there for what his key has proven, nothing is
 * passed on from it in another name: that would take his stay's name from him, or his answer. */
static bool is_anothers(const struct lk_fa *fa, const struct lk_mip_request *request,
                        const struct lk_fa_visitor *v)
{
    return v != NULL && (v->known || v->spi != 0) && v->subject != asks_as(fa, request, v);
}

/* Of the SPI that the request has, or, where it proves nothing to us, any: a key that is there is
 * a must. */
static const struct lk_mip_msa *association(const struct lk_fa *fa,
                                            const struct lk_mip_request *request,
                                            const struct lk_fa_event *event,
                                            const struct lk_fa_visitor *v)
{
    uint64_t subject = asks_as(fa, request, v), now_ms = event->now_ms;
    uint32_t spi = request->extensions.auth[LK_MIP_MN_FA_AUTH].spi;
    const struct lk_mip_msa *there;

    if (lk_mip_has(&request->extensions, LK_MIP_MN_FA_AUTH)) {
        there = lk_mip_msas_find(fa->msas, subject, spi, now_ms);
        return there != NULL ? there : new_key(event, v, subject, spi);
    }
    /* T26: who asks for another may have lost the one that there is. */
    if (asks_key(fa->config, &request->extensions))
        return NULL;
    return lk_mip_msas_newest(fa->msas, subject, now_ms);
}

static const struct lk_mip_msa *association_of(const struct lk_fa *fa,
                                               const struct lk_fa_visitor *v, uint64_t now_ms)
{
    if (v->has_key && v->is_bsfs)
        return &v->key;
    return v->spi == 0 ? NULL : lk_mip_msas_find(fa->msas, v->subject, v->spi, now_ms);
}

/* ---- questions about nodes ---- */

static const struct lk_budget_rate of_asked = { 4, 1000000 };

/* T15: for who has proven to be where he is, and not often. */
static struct lk_fa_output *question(struct serving *s, enum lk_fa_output_kind kind,
                                     const struct lk_mip_request *request)
{
    static const char what[] = "asked";
    uint8_t who[sizeof what + LK_ADDRESS_LEN];
    struct lk_fa_output *item;

    memcpy(who, what, sizeof what);
    memcpy(who + sizeof what, s->event->from.address.octets, LK_ADDRESS_LEN);
    if (!lk_budgets_take(s->fa->sources, LK_SPAN(who), &of_asked, s->event->now_ms * 1000)) {
        s->fa->counters.over_budget++;
        drop(s, LK_REASON_MIP_TOO_FAST, NULL);
        return NULL;
    }
    s->fa->counters.asked++;
    item = lk_fa_add(s->out, kind);
    item->ask.nai = request->extensions.nai;
    item->ask.b_tid = lk_span_of(NULL, 0);
    item->ask.spi = 0;
    return item;
}

/* S4 7.3.5: the foreign agent as NAF. The B-TID is under the proof that its key makes. Who asks for
 * a key of the home AAA has that one, and no other. */
static bool asks_bsf(struct serving *s, const struct lk_mip_request *request,
                     const struct lk_mip_fa_event *asked)
{
    const struct lk_mip_extensions *e = &request->extensions;
    struct lk_span b_tid =
        lk_mip_vendor_value(e, s->fa->config->enterprise, LK_MIP_VENDOR_B_TID, LK_MIP_MN_FA_AUTH);
    struct lk_fa_output *item;

    if (!s->fa->config->asks_bsf || asked->with != NULL || s->event->key != NULL ||
        b_tid.len == 0 || asks_key(s->fa->config, e) ||
        !lk_mip_before(e, LK_MIP_NAI, LK_MIP_MN_FA_AUTH) ||
        e->auth[LK_MIP_MN_FA_AUTH].spi < LK_MIP_SPI_LEAST ||
        (s->fa->config->mip.challenge && asked->given[0].len == 0))
        return false;
    item = question(s, LK_FA_OUT_ASK_BSF, request);
    if (item != NULL) {
        item->ask.b_tid = b_tid;
        item->ask.spi = e->auth[LK_MIP_MN_FA_AUTH].spi;
    }
    return true;
}

/* ---- a request ---- */

static void note(struct lk_fa_visitor *v, const struct lk_fa *fa,
                 const struct lk_mip_request *request, const struct lk_mip_msa *with)
{
    struct lk_span nai = request->extensions.nai;
    size_t len = nai.len < sizeof v->nai ? nai.len : sizeof v->nai - 1;

    v->subject = asks_as(fa, request, v);
    v->spi = with == NULL ? 0 : with->there.spi;
    if (lk_mip_has(&request->extensions, LK_MIP_NAI)) {
        memset(v->nai, 0, sizeof v->nai);
        memcpy(v->nai, nai.at, len);
    }
}

/* What is to be kept with the request until its answer is there. */
static void keep_key(struct lk_fa_visitor *v, const struct lk_fa_event *event,
                     const struct lk_mip_msa *with)
{
    const struct lk_mip_msa *key = event->grant != NULL && event->grant->has_key
                                       ? &event->grant->key
                                   : with == event->key ? with : NULL;

    if (key == NULL && with != NULL && with == &v->key)
        return; /* it asks again before it is answered */
    lk_wipe(&v->key, sizeof v->key);
    v->has_key = key != NULL;
    v->is_bsfs = key != NULL && key == event->key;
    if (key != NULL)
        v->key = *key;
}

/* It was passed on: now there is something to be kept, if there is something left to spend. */
static void relay(struct serving *s, struct lk_fa_visitor *v, const struct lk_mip_fa *draft,
                  const struct lk_mip_fa_event *asked)
{
    struct lk_fa *fa = s->fa;
    const struct lk_fa_config *config = fa->config;

    if (!lk_budget_take(&fa->relays, config->rate, config->rate, s->event->now_ms)) {
        fa->counters.over_budget++;
        drop(s, LK_REASON_MIP_TOO_FAST, NULL);
        return;
    }
    if (v == NULL)
        v = lk_fa_enter(fa, &s->event->from);
    v->mip = *draft;
    note(v, fa, asked->request, asked->with);
    keep_key(v, s->event, asked->with);
    fa->counters.relayed++;
    carry(s, agent_of(fa, &asked->request->agent));
    lk_fa_settle(fa, v);
}

static void judge(struct serving *s, const struct lk_mip_request *request)
{
    struct lk_fa *fa = s->fa;
    const struct lk_fa_event *event = s->event;
    const struct lk_fa_home_agent *agent = agent_of(fa, &request->agent);
    struct lk_fa_visitor *v = lk_fa_at(fa, &event->from);
    struct lk_mip_fa_event asked = { .kind = LK_MIP_FA_EV_REQUEST, .now_ms = event->now_ms,
                                     .with = association(fa, request, event, v),
                                     .home_with = agent == NULL ? NULL : &agent->msa,
                                     .request = request, .from = event->from.address,
                                     .port = event->from.port };
    struct lk_mip_fa draft;

    asked.next = lk_fa_challenge(s->challenge, fa, &event->from, event->now_ms);
    asked.least_s = fa->revoked_s;
    if (lk_fa_is_challenge(fa, request->extensions.challenge, &event->from, event->now_ms))
        asked.given[0] = request->extensions.challenge;
    if (event->grant != NULL && event->grant->reason != LK_REASON_NONE) {
        asked.deny.code = LK_MIP_CODE_FA_AAA_AUTH;
        asked.deny.reason = event->grant->reason;
    } else if (is_anothers(fa, request, v)) {
        asked.deny.code = LK_MIP_CODE_FA_MN_AUTH;
        asked.deny.reason = LK_REASON_MIP_TAKEN;
    } else if (agent == NULL) {
        asked.deny.code = LK_MIP_CODE_FA_PROHIBITED;
        asked.deny.reason = LK_REASON_MIP_AGENT;
    } else if (lk_fa_is_asked(fa, request->identification, &agent->at, v)) {
        asked.deny.code = LK_MIP_CODE_FA_UNSPECIFIED;
        asked.deny.reason = LK_REASON_MIP_REPLAY;
    } else if (v == NULL && !lk_fa_has_room(fa)) {
        asked.deny.code = LK_MIP_CODE_FA_RESOURCES;
        asked.deny.reason = LK_REASON_MIP_TABLE_FULL;
    }
    /* Whose place it is not is refused for whatever key. */
    if (asked.deny.reason != LK_REASON_MIP_TAKEN && asks_bsf(s, request, &asked))
        return;
    lk_mip_fa_init(&draft);
    if (v != NULL)
        draft = v->mip;
    if (lk_mip_fa_step(&draft, &fa->config->mip, &asked, &s->said) != LK_OK)
        return;
    if (lk_mip_fa_find(&s->said, LK_MIP_FA_OUT_RELAY) == NULL)
        carry(s, agent);
    else if (event->grant == NULL && asks_key(fa->config, &request->extensions))
        (void)question(s, LK_FA_OUT_ASK_AAA, request);
    else
        relay(s, v, &draft, &asked);
}

/* T15: the cheapest first. */
void lk_fa_request(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct serving s = { .fa = fa, .event = event, .out = out };
    struct lk_mip_request request;
    enum lk_status status;

    fa->counters.requests++;
    if (event->grant == NULL && event->key == NULL &&
        !lk_budgets_take_from(fa->sources, &event->from.address, fa->config->source_rate,
                              event->now_ms * 1000)) {
        fa->counters.over_budget++;
        drop(&s, LK_REASON_MIP_TOO_FAST, NULL);
        return;
    }
    status = lk_mip_request_decode(&request, event->octets);
    if (status == LK_OK)
        judge(&s, &request);
    else
        malformed(&s, status);
}

/* ---- a reply ---- */

/* It is served: from now on its packets pass. Another place of ours that it had is over. */
static void served(struct serving *s, struct lk_fa_visitor *v,
                   const struct lk_mip_fa_output *item, const struct lk_fa_place *agent)
{
    struct lk_fa *fa = s->fa;
    struct lk_fa_visitor *before = lk_fa_home(fa, &item->served.home, agent);

    v->until_ms = v->mip.bound_until_ms;
    if (before == v) {
        fa->counters.renewed++;
        lk_fa_changed(v, LK_FA_RENEWED, s->out);
        return;
    }
    if (before != NULL) {
        lk_fa_leave(fa, before, LK_FA_ELSEWHERE, s->out);
        lk_mip_fa_init(&before->mip);
        lk_fa_settle(fa, before);
    }
    lk_fa_leave(fa, v, LK_FA_ELSEWHERE, s->out); /* with another address than now */
    lk_fa_serve(fa, v, &item->served.home, agent);
    v->since_ms = s->event->now_ms;
    lk_fa_changed(v, LK_FA_ARRIVED, s->out);
}

/* spec: RFC 3957 6.2 - the key that came of the AAA is the one whose nonce the reply has. */
static const struct lk_mip_msa *key_of(const struct lk_fa_visitor *v,
                                       const struct lk_mip_extensions *e)
{
    return v->has_key && !v->is_bsfs && lk_mip_has(e, LK_MIP_MN_FA_KEY_REPLY) &&
                   e->mn_fa_key.agent_spi == v->key.there.spi
               ? &v->key
               : NULL;
}

/* T26: from now on a new one is beside the one before; one that was used ends those before it. What
 * is not kept here lk_fa_settle wipes. */
static void settle_keys(struct serving *s, struct lk_fa_visitor *v, bool of_nonce)
{
    struct lk_mip_msas *msas = s->fa->msas;

    if (lk_mip_fa_find(&s->said, LK_MIP_FA_OUT_SERVED) == NULL)
        return;
    if (of_nonce || (v->has_key && v->is_bsfs))
        lk_mip_msas_put(msas, v->subject, &v->key, s->event->now_ms);
    if (!of_nonce && v->spi != 0)
        lk_mip_msas_used(msas, v->subject, v->spi);
    if (of_nonce && v->spi == 0)
        v->spi = v->key.there.spi;
    lk_mip_msas_hold(msas, v->subject, v->spi, v->mip.bound_until_ms);
    if (of_nonce)
        v->spi = v->key.there.spi;
}

/* What its machine said when it was stepped. */
static void follow(struct serving *s, struct lk_fa_visitor *v,
                   const struct lk_fa_home_agent *agent, enum lk_fa_change left)
{
    const struct lk_mip_fa_output *item = lk_mip_fa_find(&s->said, LK_MIP_FA_OUT_SERVED);

    carry(s, agent);
    if (item != NULL)
        served(s, v, item, &agent->at);
    if (lk_mip_fa_find(&s->said, LK_MIP_FA_OUT_ENDED) != NULL)
        lk_fa_leave(s->fa, v, left, s->out);
    lk_fa_settle(s->fa, v);
}

/* T12: a reply is that of the agent that was asked, from where it listens. */
void lk_fa_reply(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct serving s = { .fa = fa, .event = event, .out = out };
    const struct lk_fa_home_agent *agent = lk_fa_agent_at(fa->config, &event->from);
    struct lk_fa_visitor *v = NULL;
    struct lk_mip_fa_event heard = { .kind = LK_MIP_FA_EV_REPLY, .now_ms = event->now_ms };
    struct lk_mip_reply reply;
    enum lk_status status = LK_OK;

    fa->counters.replies++;
    if (agent != NULL)
        status = lk_mip_reply_decode(&reply, event->octets);
    if (status != LK_OK) {
        malformed(&s, status);
        return;
    }
    if (agent != NULL)
        v = lk_fa_awaiting(fa, &reply, &agent->at);
    if (v == NULL) {
        fa->counters.replies_unknown++;
        drop(&s, LK_REASON_MIP_NOT_PENDING, NULL);
        return;
    }
    heard.reply = &reply;
    heard.home_with = &agent->msa;
    heard.with = association_of(fa, v, event->now_ms);
    heard.key = key_of(v, &reply.extensions);
    heard.next = lk_fa_challenge(s.challenge, fa, &v->at, event->now_ms);
    if (lk_mip_fa_step(&v->mip, &fa->config->mip, &heard, &s.said) != LK_OK)
        return;
    settle_keys(&s, v, heard.key != NULL);
    follow(&s, v, agent, LK_FA_RELEASED);
}

/* ---- the path, and time ---- */

static void give(struct serving *s, struct lk_fa_visitor *v, struct lk_mip_fa_event *event)
{
    struct lk_fa *fa = s->fa;

    event->now_ms = s->event->now_ms;
    event->with = association_of(fa, v, event->now_ms);
    event->next = lk_fa_challenge(s->challenge, fa, &v->at, event->now_ms);
    if (lk_mip_fa_step(&v->mip, &fa->config->mip, event, &s->said) == LK_OK)
        follow(s, v, NULL, LK_FA_ENDED);
    else /* a clock that went back */
        lk_fa_settle(fa, v);
}

/* spec: RFC 5944 3.7.2.3 - who waits is told. A renewal has its time: what is said of the path is
 * not proven. One a step. */
void lk_fa_unreachable(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct serving s = { .fa = fa, .event = event, .out = out };
    struct lk_mip_fa_event unreachable = { .kind = LK_MIP_FA_EV_UNREACHABLE,
                                           .code = LK_MIP_CODE_FA_HA_PORT };

    if (lk_fa_agent_at(fa->config, &event->from) == NULL)
        return;
    for (uint32_t i = 0; i < fa->waiting.count; i++) {
        struct lk_fa_visitor *v = &fa->visitor[fa->waiting.heap[i]];

        if (!lk_address_equal(&v->mip.agent, &event->from.address))
            continue;
        give(&s, v, &unreachable);
        lk_fa_add(out, LK_FA_OUT_MORE);
        return;
    }
}

void lk_fa_tick(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    struct serving s = { .fa = fa, .event = event, .out = out };
    struct lk_mip_fa_event expired = { .kind = LK_MIP_FA_EV_EXPIRED };

    if (lk_due_next_ms(&fa->due) <= event->now_ms)
        give(&s, &fa->visitor[lk_due_first(&fa->due)], &expired);
    else if (!lk_fa_revoke_due(fa, event->now_ms, out))
        return;
    lk_fa_add(out, LK_FA_OUT_MORE);
}
