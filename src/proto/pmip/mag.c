/* The gateway's machine: which event is welcome in which state, and the one step.
 *
 *     IDLE --attach--> AWAIT_BOUND --> BOUND <--> AWAIT_RENEWED
 *                                        \--detach--> AWAIT_RELEASED --> RELEASED
 *
 * It implements the gateway's part of RFC 5213, and what RFC 5844 adds for IPv4. */
#include "proto/pmip/mag.h"

#include <string.h>

#include "proto/pmip/mag_parts.h"

enum mag_on {
    ON_ATTACH,
    ON_ACCEPTED,
    ON_BEHIND, /* refused for its time or number: worth another */
    ON_REFUSED,
    ON_EXPIRED,
    ON_TOKEN,
    ON_DETACH,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_ATTACH] = "ATTACH",       [ON_ACCEPTED] = "accepted",
    [ON_BEHIND] = "not newer", [ON_REFUSED] = "refused",
    [ON_EXPIRED] = "EXPIRED",     [ON_TOKEN] = "TOKEN",
    [ON_DETACH] = "DETACH",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_pmip_mag_##act }
#define IDLE TO(LK_PMIP_MAG_IDLE)
#define AWAIT_BOUND TO(LK_PMIP_MAG_AWAIT_BOUND)
#define BOUND TO(LK_PMIP_MAG_BOUND)
#define AWAIT_RENEWED TO(LK_PMIP_MAG_AWAIT_RENEWED)
#define AWAIT_RELEASED TO(LK_PMIP_MAG_AWAIT_RELEASED)
#define RELEASED TO(LK_PMIP_MAG_RELEASED)
#define FAILED TO(LK_PMIP_MAG_FAILED)

static const struct mag_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_pmip_mag_serving *s);
} rows[] = {
    ROW(IDLE, ON_ATTACH, attach, AWAIT_BOUND, "RFC 5213 6.9.1.1"),

    ROW(AWAIT_BOUND, ON_ACCEPTED, bound, BOUND | FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_BOUND, ON_BEHIND, again, AWAIT_BOUND | FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_BOUND, ON_REFUSED, refused, FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_BOUND, ON_EXPIRED, retry, AWAIT_BOUND | FAILED, "RFC 5213 6.9.4"),
    ROW(AWAIT_BOUND, ON_TOKEN, take_token, AWAIT_BOUND, "RFC 5213 4.1"),
    ROW(AWAIT_BOUND, ON_DETACH, release, AWAIT_RELEASED, "RFC 5213 6.9.1.4"),

    ROW(BOUND, ON_EXPIRED, renew, AWAIT_RENEWED, "RFC 5213 6.9.1.3"),
    ROW(BOUND, ON_TOKEN, take_token, BOUND, "RFC 5213 4.1"),
    ROW(BOUND, ON_DETACH, release, AWAIT_RELEASED, "RFC 5213 6.9.1.4"),

    ROW(AWAIT_RENEWED, ON_ACCEPTED, bound, BOUND | FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_RENEWED, ON_BEHIND, again, AWAIT_RENEWED | FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_RENEWED, ON_REFUSED, refused, FAILED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_RENEWED, ON_EXPIRED, retry, AWAIT_RENEWED | FAILED, "RFC 5213 6.9.4"),
    ROW(AWAIT_RENEWED, ON_TOKEN, take_token, AWAIT_RENEWED, "RFC 5213 4.1"),
    ROW(AWAIT_RENEWED, ON_DETACH, release, AWAIT_RELEASED, "RFC 5213 6.9.1.4"),

    ROW(AWAIT_RELEASED, ON_ACCEPTED, released, RELEASED, "RFC 5213 6.9.1.4"),
    ROW(AWAIT_RELEASED, ON_BEHIND, again, AWAIT_RELEASED | RELEASED, "RFC 5213 6.9.1.2"),
    ROW(AWAIT_RELEASED, ON_REFUSED, released, RELEASED, "RFC 5213 6.9.1.4"),
    ROW(AWAIT_RELEASED, ON_EXPIRED, retry, AWAIT_RELEASED | RELEASED, "RFC 5213 6.9.4"),
};

static const char *const state_names[LK_PMIP_MAG_STATE_COUNT] = {
    [LK_PMIP_MAG_IDLE] = "IDLE",
    [LK_PMIP_MAG_AWAIT_BOUND] = "AWAIT_BOUND",
    [LK_PMIP_MAG_BOUND] = "BOUND",
    [LK_PMIP_MAG_AWAIT_RENEWED] = "AWAIT_RENEWED",
    [LK_PMIP_MAG_AWAIT_RELEASED] = "AWAIT_RELEASED",
    [LK_PMIP_MAG_RELEASED] = "RELEASED",
    [LK_PMIP_MAG_FAILED] = "FAILED",
};

const char *lk_pmip_mag_state_name(enum lk_pmip_mag_state state)
{
    return lk_rule_state_name(&lk_pmip_mag_rules, state);
}

const struct lk_rule_table lk_pmip_mag_rules = {
    .name = "pmip-mag",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_PMIP_MAG_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = RELEASED | FAILED,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

static struct lk_span nai_of(const struct lk_pmip_mag *mag)
{
    return lk_span_of(mag->nai, mag->nai_len);
}

/* spec: RFC 5213 6.9.1.2 - an answer has the sequence number of the request, its identifier, and,
 * unless the clocks disagree, its timestamp. */
bool lk_pmip_mag_awaits(const struct lk_pmip_mag *mag, const struct lk_mobility_message *pba)
{
    const struct lk_mobility_options *options = &pba->options;

    if ((TO(mag->state) & (AWAIT_BOUND | AWAIT_RENEWED | AWAIT_RELEASED)) == 0 ||
        pba->type != LK_MOBILITY_BA || (pba->flags & LK_BA_PROXY) == 0 ||
        !lk_span_equal(options->mn_id.id, nai_of(mag)))
        return false;
    if (pba->status == LK_BA_SEQUENCE)
        return mag->timestamp == 0; /* it carries the last accepted number instead */
    return pba->sequence == mag->sequence &&
           (mag->timestamp == 0 || pba->status == LK_BA_TIMESTAMP_MISMATCH ||
            options->timestamp == mag->timestamp);
}

bool lk_pmip_mag_is_bound(const struct lk_pmip_mag *mag)
{
    return (TO(mag->state) & (BOUND | AWAIT_RENEWED)) != 0;
}

static enum mag_on on_answer(uint8_t status)
{
    switch (status) {
    case LK_BA_SEQUENCE:
    case LK_BA_TIMESTAMP_MISMATCH:
    case LK_BA_TIMESTAMP_LOWER: return ON_BEHIND;
    default: return status < LK_BA_UNSPECIFIED ? ON_ACCEPTED : ON_REFUSED;
    }
}

static enum lk_status judge(enum mag_on *on, struct lk_mobility_message *pba,
                            const struct lk_pmip_mag *mag, const struct lk_pmip_mag_event *event)
{
    enum lk_status status;

    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_PMIP_MAG_EV_ATTACH: *on = ON_ATTACH; break;
    case LK_PMIP_MAG_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_PMIP_MAG_EV_TOKEN: *on = ON_TOKEN; break;
    case LK_PMIP_MAG_EV_DETACH: *on = ON_DETACH; break;
    case LK_PMIP_MAG_EV_RECEIVED:
        status = lk_mobility_decode(pba, event->received);
        if (status != LK_OK)
            return status;
        if (!lk_pmip_mag_awaits(mag, pba))
            return LK_E_SYNC;
        *on = on_answer(pba->status);
        break;
    }
    return LK_OK;
}

enum lk_status lk_pmip_mag_step(struct lk_pmip_mag *mag, const struct lk_pmip_mag_config *config,
                                const struct lk_pmip_mag_event *event,
                                struct lk_pmip_mag_outbox *out)
{
    struct lk_mobility_message pba;
    struct lk_pmip_mag draft = *mag;
    struct lk_pmip_mag_serving serving = { .mag = &draft, .config = config, .event = event,
                                           .pba = &pba, .out = out };
    enum mag_on on;
    enum lk_status status = judge(&on, &pba, mag, event);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_pmip_mag_rules, mag->state, on);
    if (status != LK_OK)
        return status;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, mag->state, draft.state);
        *mag = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_pmip_mag_init(struct lk_pmip_mag *mag)
{
    memset(mag, 0, sizeof *mag);
}

void lk_pmip_mag_defaults(struct lk_pmip_mag_config *config)
{
    *config = (struct lk_pmip_mag_config){ .timestamps = true,
                                           .enterprise = 32473,
                                           .lifetime = 3600 / LK_MOBILITY_LIFETIME_UNIT_S,
                                           .first_retry_ms = 1000,
                                           .last_retry_ms = 32000,
                                           .tries = 5 };
}
