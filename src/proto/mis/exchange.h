/* Transactions of MIS with one peer: TIDs, acknowledgements, repeats (IEEE 802.21 8.2, RFC 5677).
 *
 * It holds octets and headers, and no keys: who writes and protects a message asks here for its
 * header before, and says here what became of it:
 *
 *     begin, answer    the header of a request or indication, of an answer
 *     sent             what was made of it, and sent
 *     hear             a header that came, once the message was read, and opened if it is secured
 *     due              repeats, acknowledgements and ends that are due now, one by one
 *
 * Over UDP each message is acknowledged, by its answer or by a message of nothing, and repeated
 * with the same octets until it is. Over TCP there are no acknowledgements. What came before is
 * not processed again: it gets what was said to it. That holds for what was on the way for up to
 * six seconds, as the last repeat goes nine seconds after the first; what is older, the machines
 * judge by their state, and an SA by its window. Where there is no room, what is done with gives
 * way before its time, the oldest first. Under an SA, what answers is under one, too. */
#ifndef LK_PROTO_MIS_EXCHANGE_H
#define LK_PROTO_MIS_EXCHANGE_H

#include "proto/rules.h"
#include "wire/mis.h"

enum lk_mis_exchange_state {
    LK_MIS_EXCHANGE_FREE,
    /* began here */
    LK_MIS_EXCHANGE_AWAIT_ACK,
    LK_MIS_EXCHANGE_AWAIT_ANSWER, /* acknowledged, or over TCP */
    LK_MIS_EXCHANGE_OVER,         /* answered; the answer may come again */
    /* began there */
    LK_MIS_EXCHANGE_HEARD,        /* to be answered */
    LK_MIS_EXCHANGE_ANSWERED,     /* until the answer is acknowledged */
    LK_MIS_EXCHANGE_KEPT,         /* the question may come again */
    LK_MIS_EXCHANGE_STATE_COUNT
};

enum {
    LK_MIS_KEPT_MAX = 1500,    /* octets of a message over UDP; longer ones are for TCP */
    LK_MIS_REPEATS = 2,
    LK_MIS_FIRST_MS = 3000,    /* to the first repeat, then twice as long each */
    LK_MIS_REPEAT_MS = 30000,  /* at most */
    LK_MIS_TRANSACTION_MS = 15000,
    LK_MIS_OWN_TRANSACTIONS = 2, /* as many are left for what begins here */
    LK_MIS_TRANSACTIONS_MIN = 4,
};

struct lk_mis_transaction {
    enum lk_mis_exchange_state state;
    uint16_t id; /* Message ID of what began it */
    uint16_t tid;
    bool secured;
    bool ack_due, again_due; /* say that it came; say again what was said */
    bool asked_ack;          /* by the other end */
    uint8_t repeats;
    uint64_t again_ms, ends_ms;
    size_t len;
    uint8_t octets[LK_MIS_KEPT_MAX]; /* ours: until acknowledged, or the answer to theirs */
};

struct lk_mis_exchange {
    struct lk_mis_transaction *transaction; /* the caller's, as is their number */
    size_t count;
    bool udp;
    uint32_t first_ms;
    uint16_t next_tid;
};

/* At least LK_MIS_TRANSACTIONS_MIN transactions. entropy: where TIDs begin, so that those after a
 * restart are not those before it. */
void lk_mis_exchange_init(struct lk_mis_exchange *x, struct lk_mis_transaction *transaction,
                          size_t count, bool udp, uint16_t entropy);

/* The header of a request or an indication; the caller says whether it is secured. Nothing is
 * taken yet. LK_E_FULL: as many as can be are under way, none of them done with. */
LK_MUST_CHECK enum lk_status lk_mis_exchange_begin(const struct lk_mis_exchange *x,
                                                   struct lk_mis_header *header, uint16_t id);
/* That of the answer to a request; LK_E_NOT_FOUND: it is not awaited, any more. */
LK_MUST_CHECK enum lk_status lk_mis_exchange_answer(const struct lk_mis_exchange *x,
                                                    struct lk_mis_header *answer,
                                                    const struct lk_mis_header *request);
/* Octets of that header were sent. LK_E_LENGTH: too long for UDP, and not to be sent; LK_E_FULL,
 * LK_E_NOT_FOUND as above. */
LK_MUST_CHECK enum lk_status lk_mis_exchange_sent(struct lk_mis_exchange *x,
                                                  const struct lk_mis_header *header,
                                                  struct lk_span octets, uint64_t now_ms);

enum lk_mis_heard {
    LK_MIS_HEARD_NEW,    /* a request or an indication: to be processed, once */
    LK_MIS_HEARD_ANSWER, /* to a request of ours, once */
    LK_MIS_HEARD_ACK,
    LK_MIS_HEARD_AGAIN,  /* came before; due has what it gets */
};
/* bare: lk_mis_is_bare_ack. replayed: lk_mis_unprotect said LK_E_SYNC, so only AGAIN can come of
 * it. Otherwise drop the message: LK_E_NOT_FOUND: an answer, or acknowledgement, to nothing;
 * LK_E_DENIED: in clear, to what was secured; LK_E_SYNC: replayed, and not known any more;
 * LK_E_FULL; LK_E_VALUE: an acknowledgement over TCP. */
LK_MUST_CHECK enum lk_status lk_mis_exchange_hear(struct lk_mis_exchange *x,
                                                  enum lk_mis_heard *heard,
                                                  const struct lk_mis_header *header, bool bare,
                                                  bool replayed, uint64_t now_ms);

enum lk_mis_due_kind {
    LK_MIS_DUE_ACK = 1, /* write the header with an empty list; secured as it says */
    LK_MIS_DUE_SEND,    /* these octets, again */
    LK_MIS_DUE_SILENT,  /* what began with that header was not answered, or not acknowledged */
};
struct lk_mis_due {
    enum lk_mis_due_kind kind;
    struct lk_mis_header header;
    struct lk_span octets; /* until the next call */
};
/* The next thing to do at that time; false: nothing. Ask it after each hear that was not followed
 * by an answer, and when next_ms is there. */
bool lk_mis_exchange_due(struct lk_mis_exchange *x, struct lk_mis_due *due, uint64_t now_ms);
/* The way there is gone: requests of that Message ID that are not answered will not be; due says so
 * then. */
void lk_mis_exchange_cut(struct lk_mis_exchange *x, uint16_t id, bool secured, uint64_t now_ms);
/* What it would be answered under is over: requests of that Message ID that are not answered are
 * forgotten, and how many those were is told. */
size_t lk_mis_exchange_withdraw(struct lk_mis_exchange *x, uint16_t id, bool secured);
/* When something will be due; UINT64_MAX: never. */
uint64_t lk_mis_exchange_next_ms(const struct lk_mis_exchange *x);

/* Of one transaction. */
extern const struct lk_rule_table lk_mis_exchange_rules;

#endif
