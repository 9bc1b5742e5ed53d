/* What both machines of the EPS room share: events, outputs, the context that an attach ends with.
 *
 *     ATTACH      device: begin, or begin anew
 *     RECEIVED    a PDU of SRB1
 *     VECTOR      network: answers ASK_VECTOR with KASME for the serving network
 *     NO_VECTOR   network: refused, and why
 *     CARD        device: what the USIM answers to ASK_CARD; what it accepted is durable
 *     EXPIRED     the timer that was asked for
 *     STOP        what is under way ends, and nobody is told
 *
 * A question that nobody answers is repeated as the same PDU, octet for octet, as RLC would, and
 * gets the same PDU as an answer: so a repeat uses no COUNT, asks no card twice, and leaves both
 * ends with one NAS COUNT to make KeNB of, whatever was lost.
 *
 * When an attach has ended well its context is its holder's, and of SRB1 the machine knows no more
 * than the last question and its answer. */
#ifndef LK_PROTO_EPS_MACHINE_H
#define LK_PROTO_EPS_MACHINE_H

#include "base/reason.h"
#include "keys/eps.h"
#include "proto/machine.h"
#include "proto/rules.h"
#include "proto/srb.h"
#include "wire/nas.h"

enum {
    LK_EPS_PDU_MAX = 128, /* octets of a PDU that we send, or hear as a question */
    LK_EPS_EIA2 = 2,      /* the one algorithm of integrity, of NAS and of RRC */
    LK_EPS_EEA0 = 0,      /* nothing is ciphered */
    LK_EPS_ENTROPY_LEN = LK_RAND_LEN + LK_AUTN_LEN,
};

struct lk_eps_pdu {
    size_t len;
    uint8_t octets[LK_EPS_PDU_MAX];
};

/* What an attach gives both ends. Secret: wipe it. */
struct lk_eps_context {
    struct lk_imsi imsi;
    uint8_t ksi;
    struct lk_kasme kasme;
    struct lk_kenb kenb;                /* NCC 0 */
    struct lk_nh nh;                    /* NCC 1: the next link of the chain */
    uint32_t nas_uplink, nas_downlink;  /* NAS COUNT of the next message */
    struct lk_srb srb; /* SRB1 under K_RRCint (128-EIA2) of that KeNB: go on with these COUNTs */
};

/* ---- events ---- */

enum lk_eps_event_kind {
    LK_EPS_EV_ATTACH = 1,
    LK_EPS_EV_RECEIVED,
    LK_EPS_EV_VECTOR,
    LK_EPS_EV_NO_VECTOR,
    LK_EPS_EV_CARD,
    LK_EPS_EV_EXPIRED,
    LK_EPS_EV_STOP,
};

struct lk_eps_event {
    enum lk_eps_event_kind kind;
    uint64_t now_ms;
    uint32_t asked; /* VECTOR, NO_VECTOR, CARD: the number of the question */
    uint8_t entropy[LK_EPS_ENTROPY_LEN]; /* NO_VECTOR: used once */
    union {
        struct lk_span received;
        struct lk_vector vector;
        enum lk_reason no_vector;
        struct lk_card_answer card;
    };
};

/* ---- outputs ---- */

enum lk_eps_output_kind {
    LK_EPS_OUT_SEND = 1,
    LK_EPS_OUT_TIMER, /* there is one; a later one replaces it */
    LK_EPS_OUT_ASK_VECTOR,
    LK_EPS_OUT_ASK_CARD,
    LK_EPS_OUT_CONTEXT, /* attached */
    LK_EPS_OUT_FAILED,  /* not attached; a context of before is not touched */
};

struct lk_eps_ask_vector {
    uint32_t asked;
    struct lk_imsi imsi;
    bool resync; /* rand and auts are set */
    uint8_t rand[LK_RAND_LEN];
    uint8_t auts[LK_AUTS_LEN];
};

struct lk_eps_ask_card {
    uint32_t asked;
    uint8_t rand[LK_RAND_LEN];
    uint8_t autn[LK_AUTN_LEN];
};

struct lk_eps_output {
    enum lk_eps_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct lk_eps_ask_vector ask_vector;
        struct lk_eps_ask_card ask_card;
        struct lk_eps_context context;
        struct lk_refusal failed;
    };
};

enum { LK_EPS_OUTPUTS = 3 };

/* May hold keys: wipe it when it has been read. */
struct lk_eps_outbox {
    size_t count;
    struct lk_eps_output item[LK_EPS_OUTPUTS];
    struct lk_eps_pdu pdu; /* the one that a step sends */
};

void lk_eps_outbox_wipe(struct lk_eps_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_eps_output *lk_eps_outbox_find(const struct lk_eps_outbox *out,
                                               enum lk_eps_output_kind kind);

#endif
