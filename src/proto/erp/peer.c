/* The peer: which event is welcome in which state, and the one step.
 *
 *     OFF --CONTEXT--> READY --START--> AWAIT_FINISH --FINISH--> READY
 *      ^                 |                   |
 *      `--- no SEQ left, past its lifetime, FORGET
 *
 * It implements the peer's part of RFC 6696 5.1 to 5.3 with the keys of its section 4. */
#include "proto/erp/peer.h"

#include "base/secret.h"
#include "proto/erp/peer_parts.h"

static const char *const on_names[LK_ERP_PEER_ON_COUNT] = {
    [LK_ERP_PEER_ON_CONTEXT] = "CONTEXT",
    [LK_ERP_PEER_ON_START] = "START",
    [LK_ERP_PEER_ON_EARLY] = "EARLY",
    [LK_ERP_PEER_ON_REAUTH_START] = "REAUTH_START",
    [LK_ERP_PEER_ON_FINISH] = "FINISH",
    [LK_ERP_PEER_ON_REFUSED] = "REFUSED",
    [LK_ERP_PEER_ON_EXPIRED] = "EXPIRED",
    [LK_ERP_PEER_ON_FORGET] = "FORGET",
};
static const char *const state_names[LK_ERP_PEER_STATE_COUNT] = {
    [LK_ERP_PEER_OFF] = "OFF",
    [LK_ERP_PEER_READY] = "READY",
    [LK_ERP_PEER_AWAIT_FINISH] = "AWAIT_FINISH",
};

#define TO(state) (1u << (state))
#define OFF TO(LK_ERP_PEER_OFF)
#define READY TO(LK_ERP_PEER_READY)
#define AWAIT_FINISH TO(LK_ERP_PEER_AWAIT_FINISH)
#define ROW(in, on, act, may_enter, clause) \
    { { in, LK_ERP_PEER_ON_##on, may_enter, #act, clause }, lk_erp_peer_##act }

static const struct peer_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_erp_peer_work *w);
} rows[] = {
    ROW(OFF | READY | AWAIT_FINISH, CONTEXT, take, READY, "RFC 6696 4.1"),
    ROW(READY | AWAIT_FINISH, START, begin, AWAIT_FINISH | OFF, "RFC 6696 5.1"),
    ROW(READY | AWAIT_FINISH, EARLY, early, READY | OFF, "RFC 6630 5.2"),
    ROW(READY, REAUTH_START, begin_anew, AWAIT_FINISH | OFF, "RFC 6696 5.3.1"),
    ROW(AWAIT_FINISH, REAUTH_START, say_again, 0, "RFC 6696 5.3.1"),
    ROW(AWAIT_FINISH, FINISH, finish, READY, "RFC 6696 5.3.3"),
    ROW(AWAIT_FINISH, REFUSED, refused, READY | AWAIT_FINISH | OFF, "RFC 6696 5.3.3"),
    ROW(AWAIT_FINISH, EXPIRED, expired, READY | LK_RULE_STAY, "RFC 6696 5.3.2"),
    ROW(OFF | READY | AWAIT_FINISH, FORGET, forget, OFF, "RFC 6696 4.1"),
};

const struct lk_rule_table lk_erp_peer_rules = {
    .name = "erp-peer",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_ERP_PEER_STATE_COUNT,
    .on_count = LK_ERP_PEER_ON_COUNT,
    .first = OFF,
    .last = OFF | READY,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* spec: RFC 6696 5.3.3 - a Finish is that of the Initiate that is out by its identifier and SEQ,
 * and of the server by its tag; another changes nothing. */
static enum lk_status hear(enum lk_erp_peer_on *on, struct lk_erp *packet,
                           const struct lk_erp_peer *peer, struct lk_span octets)
{
    uint8_t suite = peer->state == LK_ERP_PEER_AWAIT_FINISH ? peer->context.suite : 0;
    enum lk_status status = lk_erp_decode(packet, octets, suite);

    if (status != LK_OK)
        return status;
    if (packet->type == LK_ERP_START) {
        *on = LK_ERP_PEER_ON_REAUTH_START;
        return LK_OK;
    }
    if (packet->code != LK_ERP_FINISH)
        return LK_E_VALUE;
    *on = (packet->flags & LK_ERP_FAILED) != 0 ? LK_ERP_PEER_ON_REFUSED : LK_ERP_PEER_ON_FINISH;
    if (peer->state != LK_ERP_PEER_AWAIT_FINISH)
        return LK_OK; /* no rule has it */
    if (packet->id != peer->id || packet->seq != peer->seq)
        return LK_E_VALUE;
    return lk_erp_open(packet, octets, suite, &peer->context.rrk);
}

static enum lk_status judge(enum lk_erp_peer_on *on, struct lk_erp *packet,
                            const struct lk_erp_peer *peer, const struct lk_erp_peer_event *event)
{
    *on = LK_ERP_PEER_ON_COUNT;
    switch (event->kind) {
    case LK_ERP_PEER_EV_CONTEXT: *on = LK_ERP_PEER_ON_CONTEXT; break;
    case LK_ERP_PEER_EV_START: *on = LK_ERP_PEER_ON_START; break;
    case LK_ERP_PEER_EV_EARLY: *on = LK_ERP_PEER_ON_EARLY; break;
    case LK_ERP_PEER_EV_RECEIVED: return hear(on, packet, peer, event->received);
    case LK_ERP_PEER_EV_EXPIRED: *on = LK_ERP_PEER_ON_EXPIRED; break;
    case LK_ERP_PEER_EV_FORGET: *on = LK_ERP_PEER_ON_FORGET; break;
    }
    return LK_OK;
}

enum lk_status lk_erp_peer_step(struct lk_erp_peer *peer, const struct lk_erp_peer_config *config,
                                const struct lk_erp_peer_event *event, struct lk_erp_outbox *out)
{
    struct lk_erp packet;
    struct lk_erp_peer draft;
    struct lk_erp_peer_work work = { .s = &draft, .config = config, .event = event,
                                     .packet = &packet, .out = out };
    enum lk_erp_peer_on on;
    enum lk_status status = judge(&on, &packet, peer, event);
    size_t row;

    out->count = out->used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_erp_peer_rules, peer->state, on);
    if (status != LK_OK)
        return status;
    draft = *peer;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, peer->state, draft.state);
        *peer = draft;
    } else {
        lk_erp_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_erp_peer_defaults(struct lk_erp_peer_config *config)
{
    *config = (struct lk_erp_peer_config){
        .suites = 1u << LK_ERP_HMAC_SHA256_128 | 1u << LK_ERP_HMAC_SHA256_256,
        .suite = LK_ERP_HMAC_SHA256_128,
        .ask_lifetimes = true,
        .retry_ms = 1000,
        .tries = 4,
    };
}

void lk_erp_peer_init(struct lk_erp_peer *peer)
{
    *peer = (struct lk_erp_peer){ .state = LK_ERP_PEER_OFF };
}
