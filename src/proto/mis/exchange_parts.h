/* Between the files of the exchange only: exchange.c (which transaction, which event), and
 * exchange_act.c (rules and handlers of one transaction). */
#ifndef LK_PROTO_MIS_EXCHANGE_PARTS_H
#define LK_PROTO_MIS_EXCHANGE_PARTS_H

#include "proto/mis/exchange.h"

enum lk_mis_exchange_on {
    LK_MIS_ON_ASKED,      /* we sent a request, */
    LK_MIS_ON_TOLD,       /* an indication, */
    LK_MIS_ON_SAID,       /* an answer */
    LK_MIS_ON_REQUEST,    /* a request came, */
    LK_MIS_ON_INDICATION, /* an indication, */
    LK_MIS_ON_RESPONSE,   /* an answer, */
    LK_MIS_ON_ACK,        /* a bare acknowledgement of what we began, */
    LK_MIS_ON_ANSWER_ACK, /* of what we answered */
    LK_MIS_ON_EXPIRED,
    LK_MIS_ON_ENDED,
    LK_MIS_ON_COUNT,
};

/* One step under way; header and octets with what is sent or came. */
struct lk_mis_exchange_work {
    const struct lk_mis_exchange *x;
    struct lk_mis_transaction *t;
    const struct lk_mis_header *header;
    struct lk_span octets;
    uint64_t now_ms;
    enum lk_mis_heard heard;
    bool silent; /* nobody answered */
};

/* LK_E_UNEXPECTED: no rule has it. */
LK_MUST_CHECK enum lk_status lk_mis_exchange_step(struct lk_mis_exchange_work *w,
                                                  enum lk_mis_exchange_on on);

#endif
