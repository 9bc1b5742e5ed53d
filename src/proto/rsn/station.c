/* The station: which event is welcome in which state, and the one step.
 *
 *     IDLE --join--> AWAIT_AUTHENTICATION --yes--> AWAIT_ASSOCIATION --yes--> ASSOCIATED
 *      ^------------------- no, silence, deauthenticated, leave -----------------'
 *
 * It implements the station's part of IEEE 802.11 11.3. */
#include "proto/rsn/station.h"

#include <string.h>

#include "proto/rsn/station_parts.h"

enum station_on {
    ON_JOIN,
    ON_AUTHENTICATION,
    ON_ASSOCIATION,
    ON_ENDED,
    ON_EXPIRED,
    ON_LEAVE,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_JOIN] = "JOIN",   [ON_AUTHENTICATION] = "AUTHENTICATION", [ON_ASSOCIATION] = "ASSOCIATION",
    [ON_ENDED] = "ENDED", [ON_EXPIRED] = "EXPIRED",               [ON_LEAVE] = "LEAVE",
};

#define TO(state) (1u << (state))
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_rsn_station_##act }
#define IDLE TO(LK_RSN_STATION_IDLE)
#define AUTHENTICATION TO(LK_RSN_STATION_AWAIT_AUTHENTICATION)
#define ASSOCIATION TO(LK_RSN_STATION_AWAIT_ASSOCIATION)
#define ASSOCIATED TO(LK_RSN_STATION_ASSOCIATED)

static const struct station_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_rsn_station_work *w);
} rows[] = {
    ROW(IDLE, ON_JOIN, join, AUTHENTICATION, "IEEE 802.11 11.3.4"),
    ROW(AUTHENTICATION, ON_AUTHENTICATION, authenticated, ASSOCIATION | IDLE,
        "IEEE 802.11 11.3.4"),
    ROW(ASSOCIATION, ON_ASSOCIATION, associated, ASSOCIATED | IDLE, "IEEE 802.11 11.3.5"),
    ROW(AUTHENTICATION | ASSOCIATION | ASSOCIATED, ON_ENDED, ended, IDLE, "IEEE 802.11 11.3.4"),
    ROW(AUTHENTICATION, ON_EXPIRED, again, AUTHENTICATION | IDLE, "IEEE 802.11 11.3.4"),
    ROW(ASSOCIATION, ON_EXPIRED, again, ASSOCIATION | IDLE, "IEEE 802.11 11.3.5"),
    ROW(AUTHENTICATION, ON_LEAVE, forget, IDLE, "IEEE 802.11 11.3.4"),
    ROW(ASSOCIATION | ASSOCIATED, ON_LEAVE, leave, IDLE, "IEEE 802.11 11.3.4"),
};

static const char *const state_names[LK_RSN_STATION_STATE_COUNT] = {
    [LK_RSN_STATION_IDLE] = "IDLE",
    [LK_RSN_STATION_AWAIT_AUTHENTICATION] = "AWAIT_AUTHENTICATION",
    [LK_RSN_STATION_AWAIT_ASSOCIATION] = "AWAIT_ASSOCIATION",
    [LK_RSN_STATION_ASSOCIATED] = "ASSOCIATED",
};

const struct lk_rule_table lk_rsn_station_rules = {
    .name = "rsn-station",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_RSN_STATION_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- frames ---- */

static bool is_between_us(const struct lk_rsn_station *s, const struct lk_80211_header *header)
{
    return lk_span_equal(LK_SPAN(s->own), LK_SPAN(header->a1)) &&
           lk_span_equal(LK_SPAN(s->ap), LK_SPAN(header->a2)) &&
           lk_span_equal(LK_SPAN(s->ap), LK_SPAN(header->a3));
}

/* spec: IEEE 802.11 11.3.4 - the answer of open system authentication is its second frame. */
static enum lk_status judge_authentication(uint16_t *code, struct lk_span body)
{
    struct lk_80211_authentication message;
    enum lk_status status = lk_80211_authentication_decode(&message, body);

    if (status == LK_OK &&
        (message.algorithm != LK_80211_OPEN_SYSTEM || message.transaction != 2))
        status = LK_E_VALUE;
    *code = message.status;
    return status;
}

static enum lk_status judge_association(uint16_t *code, struct lk_span body)
{
    struct lk_80211_association_response message;
    enum lk_status status = lk_80211_association_response_decode(&message, body);

    *code = message.status;
    return status;
}

/* spec-not: IEEE 802.11 11.13 - management frames without protection are taken, a deauthentication
 * too: there is no MFP here. One that claims to be protected is not. */
static enum lk_status judge_frame(enum station_on *on, uint16_t *code,
                                  const struct lk_rsn_station *s, struct lk_span frame)
{
    struct lk_80211_header header;
    struct lk_span body;
    enum lk_status status = lk_80211_decode(&header, &body, frame);

    if (status != LK_OK)
        return status;
    if (!is_between_us(s, &header))
        return LK_E_NOT_FOUND;
    if ((header.flags & (LK_80211_PROTECTED | LK_80211_MORE_FRAGMENTS)) != 0 ||
        header.fragment != 0)
        return LK_E_UNSUPPORTED;
    switch (header.kind) {
    case LK_80211_AUTHENTICATION: *on = ON_AUTHENTICATION; return judge_authentication(code, body);
    case LK_80211_ASSOCIATION_RESPONSE: *on = ON_ASSOCIATION; return judge_association(code, body);
    case LK_80211_DEAUTHENTICATION:
    case LK_80211_DISASSOCIATION: *on = ON_ENDED; return lk_80211_reason_decode(code, body);
    default: return LK_E_UNEXPECTED;
    }
}

static enum lk_status judge(enum station_on *on, uint16_t *code, const struct lk_rsn_station *s,
                            const struct lk_rsn_station_event *event)
{
    *on = ON_NOTHING;
    switch (event->kind) {
    case LK_RSN_STATION_EV_JOIN: *on = ON_JOIN; break;
    case LK_RSN_STATION_EV_FRAME: return judge_frame(on, code, s, event->frame);
    case LK_RSN_STATION_EV_EXPIRED: *on = ON_EXPIRED; break;
    case LK_RSN_STATION_EV_LEAVE: *on = ON_LEAVE; break;
    }
    return LK_OK;
}

/* ---- the step ---- */

void lk_rsn_station_defaults(struct lk_rsn_station_config *config)
{
    *config = (struct lk_rsn_station_config){ .akm = LK_AKM_PSK_SHA256, .retry_ms = 100,
                                              .tries = 4 };
}

void lk_rsn_station_init(struct lk_rsn_station *station, const uint8_t own[LK_STATION_LEN])
{
    *station = (struct lk_rsn_station){ .state = LK_RSN_STATION_IDLE };
    memcpy(station->own, own, sizeof station->own);
}

enum lk_status lk_rsn_station_step(struct lk_rsn_station *station,
                                   const struct lk_rsn_station_config *config,
                                   const struct lk_rsn_station_event *event,
                                   struct lk_rsn_station_outbox *out)
{
    struct lk_rsn_station draft = *station;
    struct lk_rsn_station_work work = { .s = &draft, .config = config, .event = event, .out = out };
    enum station_on on;
    enum lk_status status = judge(&on, &work.code, station, event);
    size_t row;

    out->count = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_rsn_station_rules, station->state, on);
    if (status != LK_OK)
        return status;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, station->state, draft.state);
        *station = draft;
    } else {
        out->count = 0;
    }
    return status;
}
