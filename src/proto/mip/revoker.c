/* The machine of an agent that revokes: it says it, and says it again.
 *
 *     IDLE --START--> AWAIT_ACK --acknowledged, or said often enough--> IDLE
 *
 * It implements what RFC 3543 3.3, 3.4 and 4 have in common for both agents. */
#include "proto/mip/revoker.h"

#include <string.h>

struct revoking {
    struct lk_mip_revoker *revoker; /* the draft */
    const struct lk_mip_revoker_config *config;
    const struct lk_mip_revoker_event *event;
    struct lk_mip_revoker_outbox *out;
};

enum revoker_on { ON_START, ON_ACKED, ON_DOUBTED, ON_EXPIRED, ON_TIRED, ON_NOTHING };

static const char *const on_names[ON_NOTHING] = {
    [ON_START] = "START",
    [ON_ACKED] = "acknowledgement",
    [ON_DOUBTED] = "acknowledgement not proven",
    [ON_EXPIRED] = "EXPIRED",
    [ON_TIRED] = "EXPIRED for the last time",
};

static enum lk_status start(struct revoking *s);
static enum lk_status acked(struct revoking *s);
static enum lk_status doubt(struct revoking *s);
static enum lk_status again(struct revoking *s);
static enum lk_status give_up(struct revoking *s);

#define TO(state) (1u << (state))
#define IDLE TO(LK_MIP_REVOKER_IDLE)
#define AWAIT_ACK TO(LK_MIP_REVOKER_AWAIT_ACK)
#define ROW(in, on, act, may_enter, clause) { { in, on, may_enter, #act, clause }, act }

static const struct revoker_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct revoking *s);
} rows[] = {
    ROW(IDLE, ON_START, start, AWAIT_ACK, "RFC 3543 3.3"),
    ROW(AWAIT_ACK, ON_ACKED, acked, IDLE, "RFC 3543 3.4"),
    ROW(AWAIT_ACK, ON_DOUBTED, doubt, LK_RULE_STAY, "RFC 3543 3.4"),
    ROW(AWAIT_ACK, ON_EXPIRED, again, LK_RULE_STAY, "RFC 3543 4"),
    ROW(AWAIT_ACK, ON_TIRED, give_up, IDLE, "RFC 3543 4"),
};

static const char *const state_names[LK_MIP_REVOKER_STATE_COUNT] = {
    [LK_MIP_REVOKER_IDLE] = "IDLE",
    [LK_MIP_REVOKER_AWAIT_ACK] = "AWAIT_ACK",
};

const char *lk_mip_revoker_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_revoker_rules, state);
}

const struct lk_rule_table lk_mip_revoker_rules = {
    .name = "mip-revoker",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_REVOKER_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what is proven, and what is said ---- */

bool lk_mip_revocation_is_proven(const struct lk_mip_revocation *message,
                                 const struct lk_mip_msa *with, bool from_ha, uint64_t now_ms)
{
    const struct lk_mip_extensions *e = &message->extensions;

    return with != NULL && lk_mip_is_last(e, LK_MIP_FA_HA_AUTH) &&
           lk_mip_msa_proves(with, from_ha ? with->spi_back : with->there.spi, e,
                             LK_MIP_FA_HA_AUTH, now_ms);
}

static void sign(struct lk_writer *w, const struct lk_mip_msa *with, bool from_ha)
{
    lk_mip_msa_sign(w, with, from_ha ? with->spi_back : with->there.spi, LK_MIP_FA_HA_AUTH);
}

/* spec: RFC 3543 3.4 - whoever is revoked to has the other direction. */
void lk_mip_revocation_acknowledge(struct lk_writer *w,
                                   const struct lk_mip_revocation *revocation, bool informs,
                                   const struct lk_mip_msa *with)
{
    const struct lk_mip_revocation ack = { .informs = informs, .home = revocation->home,
                                           .identifier = revocation->identifier };

    lk_mip_revocation_ack_put(w, &ack);
    sign(w, with, !revocation->from_ha);
}

static struct lk_mip_revoker_output *add(struct lk_mip_revoker_outbox *out,
                                         enum lk_mip_revoker_output_kind kind)
{
    struct lk_mip_revoker_output *item;

    LK_ASSERT(out->count < LK_MIP_REVOKER_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

/* The same octets each time: whoever has it already acknowledges it once more. */
static enum lk_status say(struct revoking *s)
{
    struct lk_mip_revoker *r = s->revoker;
    const struct lk_mip_revocation revocation = { .from_ha = r->from_ha, .informs = r->informs,
                                                  .home = r->home,
                                                  .home_domain = r->home_domain,
                                                  .foreign_domain = r->foreign_domain,
                                                  .identifier = r->identifier };
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    if (s->event->with == NULL)
        return LK_E_AUTH;
    lk_mip_revocation_put(&w, &revocation);
    sign(&w, s->event->with, r->from_ha);
    if (w.status != LK_OK)
        return w.status;
    r->due_ms = s->event->now_ms + ((uint64_t)s->config->retry_ms << r->tries);
    r->tries++;
    add(s->out, LK_MIP_REVOKER_OUT_SEND)->send = lk_writer_span(&w);
    add(s->out, LK_MIP_REVOKER_OUT_TIMER)->timer_ms = r->due_ms;
    return LK_OK;
}

/* ---- what each rule does ---- */

static enum lk_status start(struct revoking *s)
{
    const struct lk_mip_revocation *of = s->event->revocation;

    *s->revoker = (struct lk_mip_revoker){ .state = LK_MIP_REVOKER_AWAIT_ACK,
                                           .from_ha = of->from_ha, .informs = of->informs,
                                           .identifier = of->identifier, .home = of->home,
                                           .home_domain = of->home_domain,
                                           .foreign_domain = of->foreign_domain };
    return say(s);
}

static enum lk_status again(struct revoking *s)
{
    return say(s);
}

static enum lk_status acked(struct revoking *s)
{
    lk_mip_revoker_init(s->revoker);
    add(s->out, LK_MIP_REVOKER_OUT_ACKED)->informs = s->event->revocation->informs;
    return LK_OK;
}

/* T12: who made it up has not stopped us. */
static enum lk_status doubt(struct revoking *s)
{
    add(s->out, LK_MIP_REVOKER_OUT_REFUSED)->refused =
        lk_refusal_of(LK_REASON_MIP_FA_AUTH, "Foreign-Home authentication", "one that is not");
    return LK_OK;
}

static enum lk_status give_up(struct revoking *s)
{
    lk_mip_revoker_init(s->revoker);
    (void)add(s->out, LK_MIP_REVOKER_OUT_GIVEN_UP);
    return LK_OK;
}

/* ---- the step ---- */

/* spec: RFC 3543 3.4 - the same identifier and home address. */
bool lk_mip_revoker_awaits(const struct lk_mip_revoker *revoker,
                           const struct lk_mip_revocation *ack)
{
    return revoker->state == LK_MIP_REVOKER_AWAIT_ACK && revoker->identifier == ack->identifier &&
           lk_address_equal(&revoker->home, &ack->home);
}

static enum revoker_on judge(const struct revoking *s)
{
    const struct lk_mip_revoker *r = s->revoker;
    const struct lk_mip_revoker_event *event = s->event;

    switch (event->kind) {
    case LK_MIP_REVOKER_EV_START: return ON_START;
    case LK_MIP_REVOKER_EV_ACK:
        if (!lk_mip_revoker_awaits(r, event->revocation))
            return ON_NOTHING;
        return lk_mip_revocation_is_proven(event->revocation, event->with, !r->from_ha,
                                           event->now_ms)
                   ? ON_ACKED : ON_DOUBTED;
    case LK_MIP_REVOKER_EV_EXPIRED:
        if (r->due_ms == 0 || event->now_ms < r->due_ms)
            return ON_NOTHING;
        return r->tries >= s->config->tries || event->with == NULL ? ON_TIRED : ON_EXPIRED;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_revoker_step(struct lk_mip_revoker *revoker,
                                   const struct lk_mip_revoker_config *config,
                                   const struct lk_mip_revoker_event *event,
                                   struct lk_mip_revoker_outbox *out)
{
    struct lk_mip_revoker draft = *revoker;
    struct revoking s = { .revoker = &draft, .config = config, .event = event, .out = out };
    size_t row;
    enum lk_status status =
        lk_rule_find(&row, &lk_mip_revoker_rules, revoker->state, judge(&s));

    out->count = 0;
    if (status != LK_OK)
        return status;
    status = rows[row].act(&s);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, revoker->state, draft.state);
        *revoker = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_mip_revoker_init(struct lk_mip_revoker *revoker)
{
    memset(revoker, 0, sizeof *revoker);
}

const struct lk_mip_revoker_output *lk_mip_revoker_find(const struct lk_mip_revoker_outbox *out,
                                                        enum lk_mip_revoker_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

void lk_mip_revoker_defaults(struct lk_mip_revoker_config *config)
{
    *config = (struct lk_mip_revoker_config){ .retry_ms = 1000, .tries = 5 };
}
