/* What the WLCP machines of both ends take and give: events, outputs, the outbox.
 *
 * A step is pure, as in proto/machine.h: time comes in the event, timers and octets go out as
 * outputs. The caller owns the outbox, empties it before a step and reads it after. */
#ifndef LK_PROTO_WLCP_MACHINE_H
#define LK_PROTO_WLCP_MACHINE_H

#include "base/reason.h"
#include "wire/wlcp.h"

enum { LK_WLCP_DIGEST_LEN = 8 };

/* ---- events ---- */

enum lk_wlcp_event_kind {
    /* both ends */
    LK_WLCP_EV_RECEIVED = 1, /* a message that came through the channel */
    LK_WLCP_EV_EXPIRED,      /* a timer that was asked for */
    LK_WLCP_EV_LOST,         /* channel or link are gone: end without a word */
    LK_WLCP_EV_MOVED,        /* the connection lives on in another access: end without a word */
    LK_WLCP_EV_MODIFY,       /* begin a modification */
    LK_WLCP_EV_RELEASE,      /* disconnect */
    /* the UE's */
    LK_WLCP_EV_WANT,         /* connect */
    /* the TWAG's */
    LK_WLCP_EV_BOUND,        /* answers BIND: the anchor has the binding */
    LK_WLCP_EV_REFUSED,      /* answers BIND: it has not, and why */
    LK_WLCP_EV_UNBOUND,      /* the anchor ended the binding */
    LK_WLCP_EVENT_KIND_COUNT
};

struct lk_wlcp_event {
    enum lk_wlcp_event_kind kind;
    uint64_t now_ms;
    uint32_t which;   /* all but RECEIVED and WANT: the connection's number; LOST at the UE: all */
    uint32_t channel; /* RECEIVED at the TWAG: which of the UE's channels, counted */
    struct lk_span octets; /* RECEIVED */
    struct lk_span pco;    /* WANT, MODIFY: empty or checked options; only the UE's */
    uint8_t cause;         /* RELEASE at the TWAG, REFUSED, UNBOUND */
    uint64_t back_off_ms;  /* REFUSED: for Tw1; 0 for none */
    struct {
        uint32_t ref; /* the application's, comes back in each output */
        struct lk_wlcp_apn apn; /* empty: the network's default */
        uint8_t request_type;
        uint8_t pdn_type;
    } want;
    struct lk_wlcp_address address; /* BOUND */
};

/* ---- outputs ---- */

enum lk_wlcp_output_kind {
    LK_WLCP_OUT_SEND = 1, /* a message for the channel */
    LK_WLCP_OUT_TIMER,    /* EXPIRED at that time; replaces the connection's earlier one */
    LK_WLCP_OUT_UP,       /* the connection is active: what follows it is in the machine */
    LK_WLCP_OUT_DOWN,     /* it is over, or was never to be */
    LK_WLCP_OUT_MODIFIED, /* a modification has ended */
    LK_WLCP_OUT_BIND,     /* TWAG: let the anchor make or refresh the binding */
    LK_WLCP_OUT_UNBIND,   /* TWAG: let it end */
    LK_WLCP_OUT_NOTICE,   /* a refusal, for log and counters */
    LK_WLCP_OUTPUT_KIND_COUNT
};

struct lk_wlcp_output {
    enum lk_wlcp_output_kind kind;
    uint32_t which; /* all but SEND and NOTICE */
    uint32_t ref;   /* UE: the application's number */
    union {
        struct lk_span send;   /* into the outbox's own octets */
        uint64_t timer_at_ms;
        struct {
            uint8_t cause;          /* NONE when nobody said one */
            enum lk_reason reason;  /* NONE when it was wanted */
            uint64_t until_ms;      /* the UE's back-off for this APN; 0: none */
        } down;
        struct {
            uint8_t cause;
            enum lk_reason reason; /* NONE: accepted, or the network's own */
        } modified;
        struct lk_refusal notice;
    };
    struct lk_span pco; /* UP, MODIFIED at the UE: the network's options, into the event's octets */
};

enum { LK_WLCP_OUTBOX_MAX = 8, LK_WLCP_OUTBOX_OCTETS = 1024 };

struct lk_wlcp_outbox {
    size_t count;
    size_t used;
    struct lk_wlcp_output item[LK_WLCP_OUTBOX_MAX];
    uint8_t octets[LK_WLCP_OUTBOX_OCTETS];
};

void lk_wlcp_outbox_empty(struct lk_wlcp_outbox *out);
/* The next output of that kind, zeroed; NULL when it is full. */
struct lk_wlcp_output *lk_wlcp_outbox_add(struct lk_wlcp_outbox *out,
                                          enum lk_wlcp_output_kind kind);
/* Encodes and adds a SEND. */
LK_MUST_CHECK enum lk_status lk_wlcp_outbox_send(struct lk_wlcp_outbox *out,
                                                 const struct lk_wlcp_table *table,
                                                 const struct lk_wlcp_message *message);
/* Adds a SEND of octets as they are. */
LK_MUST_CHECK enum lk_status lk_wlcp_outbox_repeat(struct lk_wlcp_outbox *out,
                                                   struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_wlcp_outbox_timer(struct lk_wlcp_outbox *out, uint32_t which,
                                                  uint64_t at_ms);
LK_MUST_CHECK enum lk_status lk_wlcp_outbox_notice(struct lk_wlcp_outbox *out,
                                                   enum lk_reason reason, const char *expected,
                                                   const char *came);
/* Takes back all that was added after count and used were so. */
void lk_wlcp_outbox_undo(struct lk_wlcp_outbox *out, size_t count, size_t used);

/* Whether STATUS with that cause says that a procedure cannot end well. */
bool lk_wlcp_ends_procedure(uint8_t cause);

/* ---- answers that may be asked for again ---- */

/* The answer to a request that an end has answered already, kept as long as the other end may
 * repeat that request. An answer has nothing in it but type, PTI and cause, and Tw1. */
struct lk_wlcp_answer {
    uint8_t digest[LK_WLCP_DIGEST_LEN]; /* of the request's octets */
    uint64_t until_ms;
    uint8_t type, pti, cause, tw1; /* tw1 0: none */
    uint8_t pco;                   /* bits that the keeper knows */
};

enum { LK_WLCP_ANSWERS = 4 };

struct lk_wlcp_answers {
    struct lk_wlcp_answer item[LK_WLCP_ANSWERS];
};

void lk_wlcp_digest(uint8_t digest[LK_WLCP_DIGEST_LEN], struct lk_span octets);
/* The answer to these very octets, or NULL. */
const struct lk_wlcp_answer *lk_wlcp_answers_find(const struct lk_wlcp_answers *answers,
                                                  const uint8_t digest[LK_WLCP_DIGEST_LEN],
                                                  uint64_t now_ms);
/* Keeps one more, in the place of the one that ends first. */
void lk_wlcp_answers_keep(struct lk_wlcp_answers *answers, const struct lk_wlcp_answer *answer);

#endif
