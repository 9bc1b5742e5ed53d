/* Events and outputs of the EAP machines, server and peer; the RADIUS client has the outputs too.
 *
 * A machine is a plain struct and a step. It has no socket, file, clock, heap, thread, global or
 * random source: time and entropy arrive inside the event, and what it needs from outside it asks
 * for in an output and is told in a later event. The daemon, the simulator, the fuzzers and the
 * tests drive the very same step.
 *
 * That holds in every room, but each has events and outputs of its own (proto/wlcp/machine.h,
 * proto/pmip/mag.h, lma.h, node/access.h). What all machines share is the form of their rule
 * tables: proto/rules.h. */
#ifndef LK_PROTO_MACHINE_H
#define LK_PROTO_MACHINE_H

#include "base/imsi.h"
#include "base/octets.h"
#include "base/reason.h"
#include "keys/eap.h"
#include "keys/types.h"
#include "wire/twan.h"

enum { LK_ENTROPY_LEN = 64 };

/* ---- values that travel in events and outputs ---- */

/* What the USIM answers to RAND and AUTN. */
enum lk_card_verdict { LK_CARD_OK, LK_CARD_MAC_WRONG, LK_CARD_SQN_RANGE };
struct lk_card_answer {
    enum lk_card_verdict verdict;
    struct lk_aka_output output;  /* LK_CARD_OK */
    uint8_t auts[LK_AUTS_LEN];    /* LK_CARD_SQN_RANGE */
};

/* What a finished authentication hands to the role. Secret but for the session id. */
struct lk_grant {
    struct lk_imsi imsi;
    uint8_t eap_type;
    bool fast; /* by re-authentication */
    uint8_t mode; /* a bit of lk_twan_mode: agreed under AT_MAC, or LK_TWAN_TRANSPARENT */
    uint16_t counter;
    struct lk_msk msk;
    struct lk_emsk emsk;
    struct lk_session_id session_id;
};

/* ---- events ---- */

enum lk_event_kind {
    LK_EV_START = 1, /* begin */
    LK_EV_RECEIVED,  /* octets from the other end */
    LK_EV_EXPIRED,   /* a timer that was asked for */
    LK_EV_VECTOR,    /* answers ASK_VECTOR */
    LK_EV_NO_VECTOR, /* answers ASK_VECTOR: refused, and why */
    LK_EV_REAUTH,    /* answers ASK_REAUTH */
    LK_EV_NO_REAUTH, /* answers ASK_REAUTH: not there (any more) */
    LK_EV_CARD,      /* answers ASK_CARD */
    LK_EVENT_KIND_COUNT
};

struct lk_event {
    enum lk_event_kind kind;
    uint64_t now_ms;                  /* milliseconds since the epoch, or of the simulator */
    uint8_t entropy[LK_ENTROPY_LEN];  /* fresh random octets with every event */
    union {
        struct lk_span received;
        uint8_t timer;
        struct lk_vector vector;
        enum lk_reason no_vector;
        struct lk_reauth_context reauth;
        struct lk_card_answer card;
    };
};

/* ---- outputs ---- */

enum lk_output_kind {
    LK_OUT_SEND = 1,    /* octets to the other end */
    LK_OUT_TIMER,       /* tell me EXPIRED at that time; a later one with the same id replaces it */
    LK_OUT_ASK_VECTOR,  /* a vector for imsi; with resync, after treating AUTS first */
    LK_OUT_ASK_REAUTH,  /* the re-authentication context of that name, taken out of the store */
    LK_OUT_KEEP_REAUTH, /* keep this context for the next re-authentication */
    LK_OUT_ASK_CARD,    /* let the USIM compute */
    LK_OUT_GRANT,       /* done: keys */
    LK_OUT_FAILED,      /* done: refused */
    LK_OUTPUT_KIND_COUNT
};

struct lk_output {
    enum lk_output_kind kind;
    union {
        struct lk_span send; /* into the outbox's own octets */
        struct {
            uint8_t id;
            uint64_t at_ms;
        } timer;
        struct {
            struct lk_imsi imsi;
            bool prime;  /* CK', IK' bound to the configured network name, separation bit set */
            bool resync; /* rand and auts are set */
            uint8_t rand[LK_RAND_LEN];
            uint8_t auts[LK_AUTS_LEN];
        } ask_vector;
        uint8_t ask_reauth[LK_REAUTH_NAME_LEN];
        struct lk_reauth_context keep_reauth;
        struct {
            uint8_t rand[LK_RAND_LEN];
            uint8_t autn[LK_AUTN_LEN];
        } ask_card;
        struct lk_grant grant;
        struct lk_refusal failed;
    };
};

#endif
