/* The anchor's machine: which request is welcome in which state of a binding, and the one step.
 *
 *     NONE --register--> ACTIVE --release--> LEAVING --MinDelayBeforeBCEDelete--> NONE
 *                        |    ^
 *            claim, from | move, or HELD while the old gateway may still release
 *
 * It implements the anchor's part of RFC 5213, and what RFC 5844 adds for IPv4. */
#include "proto/pmip/lma.h"

#include <string.h>

#include "proto/pmip/lma_parts.h"

enum lma_on {
    ON_REGISTER,
    ON_CLAIM,
    ON_CLAIM_UNKNOWN,
    ON_RELEASE,
    ON_FOREIGN_RELEASE,
    ON_REPEAT,
    ON_STALE,
    ON_OLD_ATTACH,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REGISTER] = "registration",
    [ON_CLAIM] = "claim",
    [ON_CLAIM_UNKNOWN] = "claim, HI 4",
    [ON_RELEASE] = "release",
    [ON_FOREIGN_RELEASE] = "release of another",
    [ON_REPEAT] = "repeat",
    [ON_STALE] = "not newer",
    [ON_OLD_ATTACH] = "old attachment",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (1u << (state))
#define NONE TO(LK_PMIP_LMA_NONE)
#define ACTIVE TO(LK_PMIP_LMA_ACTIVE)
#define HELD TO(LK_PMIP_LMA_HELD)
#define LEAVING TO(LK_PMIP_LMA_LEAVING)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_pmip_lma_##act }

static const struct lma_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_pmip_lma_serving *s);
} rows[] = {
    ROW(NONE, ON_REGISTER, register, NONE | ACTIVE, "RFC 5213 5.3.2"),
    ROW(NONE, ON_FOREIGN_RELEASE, keep, NONE, "RFC 5213 5.3.5"),
    ROW(NONE, ON_REPEAT, repeat, NONE, "RFC 6275 9.5.1"),
    ROW(NONE, ON_STALE, stale, NONE, "RFC 5213 5.5"),
    ROW(NONE, ON_OLD_ATTACH, old_attach, NONE, "RFC 5213 4.1"),

    ROW(ACTIVE, ON_REGISTER, renew, ACTIVE, "RFC 5213 5.3.3"),
    ROW(ACTIVE, ON_CLAIM, move, ACTIVE, "RFC 5213 5.3.4"),
    ROW(ACTIVE, ON_CLAIM_UNKNOWN, hold, HELD | ACTIVE, "RFC 5213 5.4.1.2"),
    ROW(ACTIVE, ON_RELEASE, release, LEAVING, "RFC 5213 5.3.5"),
    ROW(ACTIVE, ON_FOREIGN_RELEASE, keep, ACTIVE, "RFC 5213 5.3.5"),
    ROW(ACTIVE, ON_REPEAT, repeat, ACTIVE, "RFC 6275 9.5.1"),
    ROW(ACTIVE, ON_STALE, stale, ACTIVE, "RFC 5213 5.5"),
    ROW(ACTIVE, ON_OLD_ATTACH, old_attach, ACTIVE, "RFC 5213 4.1"),
    ROW(ACTIVE, ON_EXPIRED, end, NONE, "RFC 5213 5.3.1"),

    ROW(HELD, ON_REGISTER, renew, HELD, "RFC 5213 5.3.3"),
    ROW(HELD, ON_CLAIM, move, ACTIVE | HELD, "RFC 5213 5.3.4"),
    ROW(HELD, ON_CLAIM_UNKNOWN, hold, HELD, "RFC 5213 5.4.1.2"),
    ROW(HELD, ON_RELEASE, let_go, LEAVING, "RFC 5213 5.4.1.2"),
    ROW(HELD, ON_FOREIGN_RELEASE, keep, HELD, "RFC 5213 5.3.5"),
    ROW(HELD, ON_REPEAT, repeat, HELD, "RFC 6275 9.5.1"),
    ROW(HELD, ON_STALE, stale, HELD, "RFC 5213 5.5"),
    ROW(HELD, ON_OLD_ATTACH, old_attach, HELD, "RFC 5213 4.1"),
    ROW(HELD, ON_EXPIRED, resume, ACTIVE, "RFC 5213 5.4.1.2"),

    ROW(LEAVING, ON_REGISTER, return, LEAVING | ACTIVE, "RFC 5213 5.3.5"),
    ROW(LEAVING, ON_CLAIM, move, LEAVING | ACTIVE, "RFC 5213 5.3.5"),
    ROW(LEAVING, ON_CLAIM_UNKNOWN, move, LEAVING | ACTIVE, "RFC 5213 5.3.5"),
    ROW(LEAVING, ON_RELEASE, release, LEAVING, "RFC 5213 5.3.5"),
    ROW(LEAVING, ON_FOREIGN_RELEASE, keep, LEAVING, "RFC 5213 5.3.5"),
    ROW(LEAVING, ON_REPEAT, repeat, LEAVING, "RFC 6275 9.5.1"),
    ROW(LEAVING, ON_STALE, stale, LEAVING, "RFC 5213 5.5"),
    ROW(LEAVING, ON_OLD_ATTACH, old_attach, LEAVING, "RFC 5213 4.1"),
    ROW(LEAVING, ON_EXPIRED, end, NONE, "RFC 5213 5.3.5"),
};

static const char *const state_names[LK_PMIP_LMA_STATE_COUNT] = {
    [LK_PMIP_LMA_NONE] = "NONE",
    [LK_PMIP_LMA_ACTIVE] = "ACTIVE",
    [LK_PMIP_LMA_HELD] = "HELD",
    [LK_PMIP_LMA_LEAVING] = "LEAVING",
};

const char *lk_pmip_lma_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_pmip_lma_rules, state);
}

const struct lk_rule_table lk_pmip_lma_rules = {
    .name = "pmip-lma",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_PMIP_LMA_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = NONE,
    .last = NONE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

/* Whether a request is in time behind the last accepted one.
 * spec: RFC 5213 5.5 - by the timestamp, or else by the sequence number, which is one gateway's. */
static bool is_newer(const struct lk_pmip_lma *lma, const struct lk_pmip_lma_config *config,
                     const struct lk_pmip_lma_event *event)
{
    const struct lk_mobility_message *request = event->request;

    if (config->timestamps)
        return request->options.timestamp > lma->timestamp;
    /* spec: RFC 6275 9.5.1 - sequence numbers are compared modulo 65536. */
    return lma->answered != event->mag ||
           (int16_t)(uint16_t)(request->sequence - lma->sequence) > 0;
}

static enum lma_on judge_request(const struct lk_pmip_lma *lma,
                                 const struct lk_pmip_lma_config *config,
                                 const struct lk_pmip_lma_event *event)
{
    bool owner = lma->mag == event->mag, release = event->request->lifetime == 0;

    /* The registration that has ended since is no repeat: its answer would be a lie now. */
    if (lma->digest != 0 && lma->digest == event->digest && lma->answered == event->mag &&
        (lma->state != LK_PMIP_LMA_NONE || lma->released))
        return ON_REPEAT;
    /* T11: who is not the owner releases nothing, whatever else is right about the request. */
    if (release && !owner)
        return ON_FOREIGN_RELEASE;
    /* spec: RFC 5213 4.1 - the AAA says where the device is: only an attachment that it saw later
     * moves the binding away from its owner. */
    if (event->attach_ms < lma->attach_ms ||
        (!owner && lma->mag != 0 && event->attach_ms == lma->attach_ms))
        return ON_OLD_ATTACH;
    /* What was held was newer when it came: the release that it waits for is said after it. */
    if (!event->waited && !is_newer(lma, config, event))
        return ON_STALE;
    if (release)
        return ON_RELEASE;
    if (owner || lma->mag == 0)
        return ON_REGISTER;
    return event->request->options.handoff == LK_HANDOFF_UNKNOWN && !event->waited
               ? ON_CLAIM_UNKNOWN
               : ON_CLAIM;
}

static enum lma_on judge(const struct lk_pmip_lma *lma, const struct lk_pmip_lma_config *config,
                         const struct lk_pmip_lma_event *event)
{
    switch (event->kind) {
    case LK_PMIP_LMA_EV_REQUEST:
        LK_ASSERT(event->mag != 0);
        return judge_request(lma, config, event);
    case LK_PMIP_LMA_EV_EXPIRED:
        return lma->due_ms != 0 && event->now_ms >= lma->due_ms ? ON_EXPIRED : ON_NOTHING;
    }
    return ON_NOTHING;
}

enum lk_status lk_pmip_lma_step(struct lk_pmip_lma *lma, const struct lk_pmip_lma_config *config,
                                const struct lk_pmip_lma_event *event,
                                struct lk_pmip_lma_outbox *out)
{
    struct lk_pmip_lma draft = *lma;
    struct lk_pmip_lma_serving serving = { .lma = &draft, .config = config, .event = event,
                                           .out = out };
    size_t row;
    enum lk_status status =
        lk_rule_find(&row, &lk_pmip_lma_rules, lma->state, judge(lma, config, event));

    out->count = 0;
    if (status != LK_OK)
        return status;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, lma->state, draft.state);
        LK_ASSERT(draft.epoch >= lma->epoch && draft.attach_ms >= lma->attach_ms);
        LK_ASSERT(draft.timestamp >= lma->timestamp);
        *lma = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_pmip_lma_init(struct lk_pmip_lma *lma)
{
    memset(lma, 0, sizeof *lma);
}

const struct lk_pmip_lma_output *lk_pmip_lma_find(const struct lk_pmip_lma_outbox *out,
                                                  enum lk_pmip_lma_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_pmip_lma_output *lk_pmip_lma_add(struct lk_pmip_lma_outbox *out,
                                           enum lk_pmip_lma_output_kind kind)
{
    struct lk_pmip_lma_output *item;

    LK_ASSERT(out->count < LK_PMIP_LMA_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

void lk_pmip_lma_defaults(struct lk_pmip_lma_config *config)
{
    memset(config, 0, sizeof *config);
    config->timestamps = true;
    config->window_ms = 300;
    config->min_delete_ms = 10000;
    config->max_assign_ms = 1500;
    config->lifetime_max = 3600 / LK_MOBILITY_LIFETIME_UNIT_S;
    config->link_local.octets[0] = 0xfe;
    config->link_local.octets[1] = 0x80;
    config->link_local.octets[LK_ADDRESS_LEN - 1] = 1;
}
