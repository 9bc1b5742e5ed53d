/* One transaction: its rules and what they do.
 *
 *     began here    FREE --> AWAIT_ACK --> AWAIT_ANSWER --> OVER
 *     began there   FREE --> HEARD --> ANSWERED --> KEPT
 *
 * all of which end after their time. */
#include <string.h>

#include "proto/mis/exchange_parts.h"

/* ---- what is kept ---- */

static enum lk_status keep(struct lk_mis_exchange_work *w)
{
    if (w->octets.len > sizeof w->t->octets)
        return LK_E_LENGTH;
    w->t->len = w->octets.len;
    memcpy(w->t->octets, w->octets.at, w->octets.len);
    w->t->repeats = 0;
    w->t->again_ms = w->now_ms + w->x->first_ms;
    return LK_OK;
}

static void become(struct lk_mis_exchange_work *w)
{
    *w->t = (struct lk_mis_transaction){
        .id = w->header->id,
        .tid = w->header->tid,
        .secured = w->header->secured,
        .ends_ms = w->now_ms + LK_MIS_TRANSACTION_MS,
    };
}

static enum lk_status end(struct lk_mis_exchange_work *w)
{
    w->silent = w->t->state == LK_MIS_EXCHANGE_AWAIT_ACK ||
                w->t->state == LK_MIS_EXCHANGE_AWAIT_ANSWER;
    w->t->len = 0;
    w->t->state = LK_MIS_EXCHANGE_FREE;
    return LK_OK;
}

/* ---- began here ---- */

/* spec: RFC 5677 6.3 - over UDP every message is acknowledged, and repeated until it is.
 * spec: RFC 5677 6 - over TCP none. */
static enum lk_status ask(struct lk_mis_exchange_work *w)
{
    become(w);
    w->t->state = w->x->udp ? LK_MIS_EXCHANGE_AWAIT_ACK : LK_MIS_EXCHANGE_AWAIT_ANSWER;
    return w->x->udp ? keep(w) : LK_OK;
}

static enum lk_status tell(struct lk_mis_exchange_work *w)
{
    if (!w->x->udp)
        return LK_OK;
    return ask(w);
}

static enum lk_status acked(struct lk_mis_exchange_work *w)
{
    bool request = lk_mis_opcode_of(w->t->id) == LK_MIS_REQUEST;

    w->t->len = 0;
    w->t->state = request ? LK_MIS_EXCHANGE_AWAIT_ANSWER : LK_MIS_EXCHANGE_FREE;
    w->heard = LK_MIS_HEARD_ACK;
    return LK_OK;
}

static enum lk_status acked_before(struct lk_mis_exchange_work *w)
{
    w->heard = LK_MIS_HEARD_ACK;
    return LK_OK;
}

static enum lk_status take_answer(struct lk_mis_exchange_work *w)
{
    w->t->len = 0;
    w->t->state = w->x->udp ? LK_MIS_EXCHANGE_OVER : LK_MIS_EXCHANGE_FREE;
    w->t->ack_due = w->x->udp && w->header->ack_request;
    w->heard = LK_MIS_HEARD_ANSWER;
    return LK_OK;
}

/* ---- began there ---- */

static enum lk_status hear(struct lk_mis_exchange_work *w)
{
    bool request = lk_mis_opcode_of(w->header->id) == LK_MIS_REQUEST;

    w->heard = LK_MIS_HEARD_NEW;
    if (!request && !w->x->udp)
        return LK_OK;
    become(w);
    w->t->state = request ? LK_MIS_EXCHANGE_HEARD : LK_MIS_EXCHANGE_KEPT;
    w->t->ack_due = w->t->asked_ack = w->x->udp && w->header->ack_request;
    return LK_OK;
}

static enum lk_status answer(struct lk_mis_exchange_work *w)
{
    enum lk_status status = w->x->udp ? keep(w) : LK_OK;

    if (status != LK_OK)
        return status;
    w->t->ack_due = false; /* the answer acknowledges, too */
    w->t->ends_ms = w->now_ms + LK_MIS_TRANSACTION_MS;
    w->t->state = w->x->udp ? LK_MIS_EXCHANGE_ANSWERED : LK_MIS_EXCHANGE_FREE;
    return LK_OK;
}

static enum lk_status answer_acked(struct lk_mis_exchange_work *w)
{
    w->t->state = LK_MIS_EXCHANGE_KEPT;
    w->heard = LK_MIS_HEARD_ACK;
    return LK_OK;
}

/* ---- what comes again, and time ---- */

/* spec: IEEE 802.21 8.2 - what came before is answered as before, and not processed. */
static enum lk_status again(struct lk_mis_exchange_work *w)
{
    if (w->t->len > 0)
        w->t->again_due = true;
    else
        w->t->ack_due = w->x->udp && w->header->ack_request;
    w->heard = LK_MIS_HEARD_AGAIN;
    return LK_OK;
}

/* spec: RFC 5677 6.3 - two repeats, the first after three seconds, each after twice the time of the
 * one before, thirty seconds at most. */
static enum lk_status repeat(struct lk_mis_exchange_work *w)
{
    uint64_t wait_ms = (uint64_t)w->x->first_ms << (w->t->repeats + 1);

    if (w->t->repeats == LK_MIS_REPEATS) {
        if (w->t->state == LK_MIS_EXCHANGE_AWAIT_ACK)
            return end(w);
        w->t->state = LK_MIS_EXCHANGE_KEPT;
        return LK_OK;
    }
    w->t->repeats++;
    w->t->again_ms = w->now_ms + (wait_ms < LK_MIS_REPEAT_MS ? wait_ms : LK_MIS_REPEAT_MS);
    w->t->again_due = true;
    return LK_OK;
}

/* ---- rules ---- */

#define TO(state) (1u << (state))
#define FREE TO(LK_MIS_EXCHANGE_FREE)
#define AWAIT_ACK TO(LK_MIS_EXCHANGE_AWAIT_ACK)
#define AWAIT_ANSWER TO(LK_MIS_EXCHANGE_AWAIT_ANSWER)
#define OVER TO(LK_MIS_EXCHANGE_OVER)
#define HEARD TO(LK_MIS_EXCHANGE_HEARD)
#define ANSWERED TO(LK_MIS_EXCHANGE_ANSWERED)
#define KEPT TO(LK_MIS_EXCHANGE_KEPT)
#define ROW(in, on, act, may_enter, clause) { { in, LK_MIS_ON_##on, may_enter, #act, clause }, act }

static const struct exchange_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mis_exchange_work *w);
} rows[] = {
    ROW(FREE, ASKED, ask, AWAIT_ACK | AWAIT_ANSWER, "IEEE 802.21 8.2"),
    ROW(FREE, TOLD, tell, AWAIT_ACK | LK_RULE_STAY, "IEEE 802.21 8.2"),
    ROW(AWAIT_ACK, ACK, acked, AWAIT_ANSWER | FREE, "RFC 5677 6.3"),
    ROW(AWAIT_ANSWER | OVER, ACK, acked_before, 0, "RFC 5677 6.3"),
    ROW(AWAIT_ACK | AWAIT_ANSWER, RESPONSE, take_answer, OVER | FREE, "IEEE 802.21 8.2"),
    ROW(OVER, RESPONSE, again, 0, "IEEE 802.21 8.2"),

    ROW(FREE, REQUEST, hear, HEARD, "IEEE 802.21 8.2"),
    ROW(FREE, INDICATION, hear, KEPT | LK_RULE_STAY, "IEEE 802.21 8.2"),
    ROW(HEARD, SAID, answer, ANSWERED | FREE, "IEEE 802.21 8.2"),
    ROW(ANSWERED, ANSWER_ACK, answer_acked, KEPT, "RFC 5677 6.3"),
    ROW(KEPT, ANSWER_ACK, acked_before, 0, "RFC 5677 6.3"),
    ROW(HEARD | ANSWERED | KEPT, REQUEST, again, 0, "IEEE 802.21 8.2"),
    ROW(KEPT, INDICATION, again, 0, "IEEE 802.21 8.2"),

    ROW(AWAIT_ACK, EXPIRED, repeat, FREE | LK_RULE_STAY, "RFC 5677 6.3"),
    ROW(ANSWERED, EXPIRED, repeat, KEPT | LK_RULE_STAY, "RFC 5677 6.3"),
    ROW(AWAIT_ACK | AWAIT_ANSWER | OVER | HEARD | ANSWERED | KEPT, ENDED, end, FREE,
        "IEEE 802.21 8.2"),
};

static const char *const on_names[LK_MIS_ON_COUNT] = {
    [LK_MIS_ON_ASKED] = "ASKED",
    [LK_MIS_ON_TOLD] = "TOLD",
    [LK_MIS_ON_SAID] = "SAID",
    [LK_MIS_ON_REQUEST] = "REQUEST",
    [LK_MIS_ON_INDICATION] = "INDICATION",
    [LK_MIS_ON_RESPONSE] = "RESPONSE",
    [LK_MIS_ON_ACK] = "ACK",
    [LK_MIS_ON_ANSWER_ACK] = "ANSWER_ACK",
    [LK_MIS_ON_EXPIRED] = "EXPIRED",
    [LK_MIS_ON_ENDED] = "ENDED",
};
static const char *const state_names[LK_MIS_EXCHANGE_STATE_COUNT] = {
    [LK_MIS_EXCHANGE_FREE] = "FREE",
    [LK_MIS_EXCHANGE_AWAIT_ACK] = "AWAIT_ACK",
    [LK_MIS_EXCHANGE_AWAIT_ANSWER] = "AWAIT_ANSWER",
    [LK_MIS_EXCHANGE_OVER] = "OVER",
    [LK_MIS_EXCHANGE_HEARD] = "HEARD",
    [LK_MIS_EXCHANGE_ANSWERED] = "ANSWERED",
    [LK_MIS_EXCHANGE_KEPT] = "KEPT",
};

const struct lk_rule_table lk_mis_exchange_rules = {
    .name = "mis-exchange",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIS_EXCHANGE_STATE_COUNT,
    .on_count = LK_MIS_ON_COUNT,
    .first = FREE,
    .last = FREE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* No draft: each handler fails before it changes anything that stays, or frees the transaction. */
enum lk_status lk_mis_exchange_step(struct lk_mis_exchange_work *w, enum lk_mis_exchange_on on)
{
    enum lk_mis_exchange_state from = w->t->state;
    enum lk_status status;
    size_t row;

    status = lk_rule_find(&row, &lk_mis_exchange_rules, from, on);
    if (status != LK_OK)
        return status;
    status = rows[row].act(w);
    if (status == LK_OK)
        lk_rule_check(&rows[row].rule, from, w->t->state);
    else
        w->t->state = from;
    return status;
}
