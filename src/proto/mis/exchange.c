/* Which transaction a message is of, and which event that is to it. */
#include "proto/mis/exchange.h"

#include "proto/mis/exchange_parts.h"

enum { OPCODE_MASK = 3 << 10 };

void lk_mis_exchange_init(struct lk_mis_exchange *x, struct lk_mis_transaction *transaction,
                          size_t count, bool udp, uint16_t entropy)
{
    LK_ASSERT(count >= LK_MIS_TRANSACTIONS_MIN && count < LK_MIS_TID_MAX);
    *x = (struct lk_mis_exchange){
        .transaction = transaction,
        .count = count,
        .udp = udp,
        .first_ms = LK_MIS_FIRST_MS,
        .next_tid = (uint16_t)(1 + entropy % LK_MIS_TID_MAX),
    };
    for (size_t i = 0; i < count; i++)
        transaction[i] = (struct lk_mis_transaction){ .state = LK_MIS_EXCHANGE_FREE };
}

/* ---- which transaction ---- */

static bool is_ours(const struct lk_mis_transaction *t)
{
    return t->state == LK_MIS_EXCHANGE_AWAIT_ACK || t->state == LK_MIS_EXCHANGE_AWAIT_ANSWER ||
           t->state == LK_MIS_EXCHANGE_OVER;
}

static bool is_theirs(const struct lk_mis_transaction *t)
{
    return t->state != LK_MIS_EXCHANGE_FREE && !is_ours(t);
}

/* spec: IEEE 802.21 8.2 - a transaction is known by the peer, the TID, service and action: the
 * opcode tells who began it. */
static bool is_of(const struct lk_mis_transaction *t, const struct lk_mis_header *header)
{
    return t->tid == header->tid && ((t->id ^ header->id) & ~OPCODE_MASK) == 0;
}

static struct lk_mis_transaction *ours(const struct lk_mis_exchange *x,
                                       const struct lk_mis_header *header)
{
    for (size_t i = 0; i < x->count; i++)
        if (is_ours(&x->transaction[i]) && is_of(&x->transaction[i], header))
            return &x->transaction[i];
    return NULL;
}

/* What came in clear and what came under an SA are never one: else who can send in clear would use
 * up the TID of a message that is protected. */
static struct lk_mis_transaction *theirs(const struct lk_mis_exchange *x,
                                         const struct lk_mis_header *header)
{
    for (size_t i = 0; i < x->count; i++)
        if (is_theirs(&x->transaction[i]) && is_of(&x->transaction[i], header) &&
            x->transaction[i].secured == header->secured)
            return &x->transaction[i];
    return NULL;
}

/* Done with, and kept only for what may come again. */
static bool is_done(const struct lk_mis_transaction *t)
{
    return (t->state == LK_MIS_EXCHANGE_KEPT || t->state == LK_MIS_EXCHANGE_OVER) &&
           !t->ack_due && !t->again_due;
}

/* For one that begins. Where none is free, the one gives way that was done with first: what is
 * under way stays. Some are left for what begins here, so that a peer that asks and asks does not
 * stop us; and in clear, nobody makes us forget what is under an SA (T42). */
static struct lk_mis_transaction *room_for(const struct lk_mis_exchange *x, bool of_theirs,
                                           bool secured)
{
    struct lk_mis_transaction *free_one = NULL, *oldest = NULL;
    size_t theirs_now = 0;
    bool full;

    for (size_t i = 0; i < x->count; i++)
        theirs_now += is_theirs(&x->transaction[i]);
    full = of_theirs && theirs_now >= x->count - LK_MIS_OWN_TRANSACTIONS;
    for (size_t i = 0; i < x->count; i++) {
        struct lk_mis_transaction *t = &x->transaction[i];

        if (t->state == LK_MIS_EXCHANGE_FREE)
            free_one = t;
        else if (is_done(t) && (!full || is_theirs(t)) && (secured || !t->secured) &&
                 (oldest == NULL || t->ends_ms < oldest->ends_ms))
            oldest = t;
    }
    return free_one != NULL && !full ? free_one : oldest;
}

/* That room, empty. */
static struct lk_mis_transaction *make_room(const struct lk_mis_exchange *x, bool of_theirs,
                                            bool secured)
{
    struct lk_mis_transaction *t = room_for(x, of_theirs, secured);

    if (t != NULL)
        *t = (struct lk_mis_transaction){ .state = LK_MIS_EXCHANGE_FREE };
    return t;
}

/* ---- what is sent ---- */

static bool tid_is_live(const struct lk_mis_exchange *x, uint16_t tid)
{
    for (size_t i = 0; i < x->count; i++)
        if (is_ours(&x->transaction[i]) && x->transaction[i].tid == tid)
            return true;
    return false;
}

static uint16_t tid_behind(uint16_t tid)
{
    return tid == LK_MIS_TID_MAX ? 1 : (uint16_t)(tid + 1);
}

enum lk_status lk_mis_exchange_begin(const struct lk_mis_exchange *x,
                                     struct lk_mis_header *header, uint16_t id)
{
    uint16_t tid = x->next_tid;

    LK_ASSERT(lk_mis_opcode_of(id) == LK_MIS_REQUEST || lk_mis_opcode_of(id) == LK_MIS_INDICATION);
    if (room_for(x, false, true) == NULL)
        return LK_E_FULL;
    /* spec: IEEE 802.21 8.2 - the next TID that no transaction of ours has; 0 is none. */
    while (tid_is_live(x, tid))
        tid = tid_behind(tid);
    *header = (struct lk_mis_header){ .ack_request = x->udp, .id = id, .tid = tid };
    return LK_OK;
}

/* A request of theirs that is to be answered. */
static struct lk_mis_transaction *to_answer(const struct lk_mis_exchange *x,
                                            const struct lk_mis_header *header)
{
    struct lk_mis_transaction *t = theirs(x, header);

    return t != NULL && t->state == LK_MIS_EXCHANGE_HEARD ? t : NULL;
}

enum lk_status lk_mis_exchange_answer(const struct lk_mis_exchange *x,
                                      struct lk_mis_header *answer,
                                      const struct lk_mis_header *request)
{
    const struct lk_mis_transaction *t = to_answer(x, request);

    if (t == NULL)
        return LK_E_NOT_FOUND;
    /* spec: RFC 5677 6.3 - the answer acknowledges the request, and asks for it itself. */
    *answer = (struct lk_mis_header){
        .ack_request = x->udp,
        .ack_response = t->asked_ack,
        .secured = t->secured,
        .id = (uint16_t)((t->id & ~OPCODE_MASK) | LK_MIS_RESPONSE << 10),
        .tid = t->tid,
    };
    return LK_OK;
}

enum lk_status lk_mis_exchange_sent(struct lk_mis_exchange *x, const struct lk_mis_header *header,
                                    struct lk_span octets, uint64_t now_ms)
{
    struct lk_mis_exchange_work w = { .x = x, .header = header, .octets = octets,
                                      .now_ms = now_ms };
    enum lk_mis_opcode opcode = lk_mis_opcode_of(header->id);
    enum lk_status status;

    if (opcode == LK_MIS_RESPONSE) {
        w.t = to_answer(x, header);
        return w.t == NULL ? LK_E_NOT_FOUND : lk_mis_exchange_step(&w, LK_MIS_ON_SAID);
    }
    w.t = tid_is_live(x, header->tid) ? NULL : make_room(x, false, true);
    if (w.t == NULL)
        return LK_E_FULL;
    status = lk_mis_exchange_step(&w, opcode == LK_MIS_REQUEST ? LK_MIS_ON_ASKED : LK_MIS_ON_TOLD);
    if (status == LK_OK)
        x->next_tid = tid_behind(header->tid);
    return status;
}

/* ---- what comes ---- */

/* To something that we said; what was secured is not answered, nor acknowledged, in clear. */
static enum lk_status hear_to_ours(struct lk_mis_exchange_work *w, enum lk_mis_exchange_on on,
                                   bool replayed)
{
    if (w->t == NULL)
        return LK_E_NOT_FOUND;
    /* spec: IEEE 802.21 9 - in clear, nothing ends what is under an SA. */
    if (w->t->secured && !w->header->secured)
        return LK_E_DENIED;
    /* T43: what verified before is no answer to what is asked now. */
    if (replayed && !(on == LK_MIS_ON_RESPONSE && w->t->state == LK_MIS_EXCHANGE_OVER))
        return LK_E_SYNC;
    return lk_mis_exchange_step(w, on);
}

static enum lk_status hear_theirs(struct lk_mis_exchange_work *w, enum lk_mis_opcode opcode,
                                  bool replayed)
{
    w->t = theirs(w->x, w->header);
    if (w->t == NULL) {
        if (replayed)
            return LK_E_SYNC;
        w->t = make_room(w->x, true, w->header->secured);
    }
    if (w->t == NULL)
        return LK_E_FULL;
    return lk_mis_exchange_step(w, opcode == LK_MIS_REQUEST ? LK_MIS_ON_REQUEST
                                                            : LK_MIS_ON_INDICATION);
}

/* An acknowledgement of nothing else has the Message ID of what it acknowledges. */
static enum lk_status hear_ack(struct lk_mis_exchange_work *w, enum lk_mis_opcode opcode,
                               bool replayed)
{
    if (!w->x->udp)
        return LK_E_VALUE;
    if (opcode != LK_MIS_RESPONSE) {
        w->t = ours(w->x, w->header);
        return hear_to_ours(w, LK_MIS_ON_ACK, replayed);
    }
    w->t = theirs(w->x, w->header);
    return hear_to_ours(w, LK_MIS_ON_ANSWER_ACK, replayed);
}

enum lk_status lk_mis_exchange_hear(struct lk_mis_exchange *x, enum lk_mis_heard *heard,
                                    const struct lk_mis_header *header, bool bare, bool replayed,
                                    uint64_t now_ms)
{
    struct lk_mis_exchange_work w = { .x = x, .header = header, .now_ms = now_ms };
    enum lk_mis_opcode opcode = lk_mis_opcode_of(header->id);
    enum lk_status status = LK_E_VALUE;

    if (bare) {
        status = hear_ack(&w, opcode, replayed);
    } else if (opcode == LK_MIS_RESPONSE) {
        w.t = ours(x, header);
        status = hear_to_ours(&w, LK_MIS_ON_RESPONSE, replayed);
    } else if (opcode == LK_MIS_REQUEST || opcode == LK_MIS_INDICATION) {
        status = hear_theirs(&w, opcode, replayed);
    }
    *heard = w.heard;
    return status;
}

/* ---- what is due ---- */

static struct lk_mis_header ack_of(const struct lk_mis_transaction *t)
{
    struct lk_mis_header header = { .ack_response = true, .secured = t->secured, .id = t->id,
                                    .tid = t->tid };

    if (is_ours(t)) /* of their answer */
        header.id = (uint16_t)((t->id & ~OPCODE_MASK) | LK_MIS_RESPONSE << 10);
    return header;
}

static bool timed(const struct lk_mis_transaction *t)
{
    return t->state == LK_MIS_EXCHANGE_AWAIT_ACK || t->state == LK_MIS_EXCHANGE_ANSWERED;
}

static bool due_of(struct lk_mis_exchange *x, struct lk_mis_due *due,
                   struct lk_mis_transaction *t, uint64_t now_ms)
{
    struct lk_mis_exchange_work w = { .x = x, .t = t, .now_ms = now_ms };

    *due = (struct lk_mis_due){ .header = { .id = t->id, .tid = t->tid, .secured = t->secured } };
    if (now_ms >= t->ends_ms)
        LK_ASSERT(lk_mis_exchange_step(&w, LK_MIS_ON_ENDED) == LK_OK);
    else if (timed(t) && now_ms >= t->again_ms)
        LK_ASSERT(lk_mis_exchange_step(&w, LK_MIS_ON_EXPIRED) == LK_OK);
    if (w.silent) {
        due->kind = LK_MIS_DUE_SILENT;
        return true;
    }
    if (t->state == LK_MIS_EXCHANGE_FREE)
        return false;
    if (t->ack_due) {
        t->ack_due = false;
        due->kind = LK_MIS_DUE_ACK;
        due->header = ack_of(t);
        return true;
    }
    if (t->again_due) {
        t->again_due = false;
        due->kind = LK_MIS_DUE_SEND;
        due->octets = lk_span_of(t->octets, t->len);
        return true;
    }
    return false;
}

bool lk_mis_exchange_due(struct lk_mis_exchange *x, struct lk_mis_due *due, uint64_t now_ms)
{
    for (size_t i = 0; i < x->count; i++) {
        struct lk_mis_transaction *t = &x->transaction[i];

        if (t->state != LK_MIS_EXCHANGE_FREE && due_of(x, due, t, now_ms))
            return true;
    }
    return false;
}

static bool awaits_answer(const struct lk_mis_transaction *t, uint16_t id, bool secured)
{
    return is_ours(t) && t->state != LK_MIS_EXCHANGE_OVER && t->id == id && t->secured == secured;
}

void lk_mis_exchange_cut(struct lk_mis_exchange *x, uint16_t id, bool secured, uint64_t now_ms)
{
    for (size_t i = 0; i < x->count; i++)
        if (awaits_answer(&x->transaction[i], id, secured))
            x->transaction[i].ends_ms = now_ms;
}

size_t lk_mis_exchange_withdraw(struct lk_mis_exchange *x, uint16_t id, bool secured)
{
    size_t count = 0;

    for (size_t i = 0; i < x->count; i++) {
        if (!awaits_answer(&x->transaction[i], id, secured))
            continue;
        x->transaction[i] = (struct lk_mis_transaction){ .state = LK_MIS_EXCHANGE_FREE };
        count++;
    }
    return count;
}

uint64_t lk_mis_exchange_next_ms(const struct lk_mis_exchange *x)
{
    uint64_t next_ms = UINT64_MAX;

    for (size_t i = 0; i < x->count; i++) {
        const struct lk_mis_transaction *t = &x->transaction[i];

        if (t->state == LK_MIS_EXCHANGE_FREE)
            continue;
        if (t->ack_due || t->again_due)
            return 0;
        if (timed(t) && t->again_ms < next_ms)
            next_ms = t->again_ms;
        if (t->ends_ms < next_ms)
            next_ms = t->ends_ms;
    }
    return next_ms;
}
