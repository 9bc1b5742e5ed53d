/* The serving PoS's machine of one optimised establishment (IEEE 802.21.1 5.14.2): it hands a K to
 * a mobile node that it has an SA with, and to the target PoS.
 *
 *     REQUEST    the MN's Prereg_Xfer, opened; with the SA it came under and what the row of the MN
 *                has besides. Here is decided whether there is a K at all, and for which target
 *     ANSWER     the target's N2N_Prereg_Xfer response
 *     NO_LINK    there is no protected link to the target, or it broke: nothing was sent (T46)
 *     ACKED      the MN has its answer
 *     EXPIRED    the timer that was asked for
 *
 * An MN that brings an Initiate of early authentication (RFC 6630) wants a K of its home: the PoS
 * of the home is asked, which gives K to the target, and tells us no K. It runs this machine, too,
 * with what its AAA gave (home_k), towards the target.
 *
 * Else K is 64 octets of the event's entropy; it is erased when the MN has its
 * answer, and at the latest when what is half-open with it is over. What cannot be served is
 * answered with why, and the MN authenticates in full. One machine is of one MN; an MN that asks
 * anew gives up what it asked before. */
#ifndef LK_PROTO_MIS_SPOS_H
#define LK_PROTO_MIS_SPOS_H

#include "base/reason.h"
#include "proto/mis/chain.h"
#include "proto/mis/lists.h"
#include "proto/mis/sa.h"
#include "proto/mis/select.h"
#include "proto/mis/serving.h"
#include "proto/rules.h"

enum { LK_MIS_SPOS_OUTPUTS = 4 };

struct lk_mis_spos_config {
    struct lk_mis_codes codes;
    uint8_t max;            /* optimised establishments on one authentication, at most */
    uint32_t lifetime_s;    /* of a K, at most */
    uint32_t target_ms;     /* for the target's answer */
    uint32_t half_open_ms;  /* K is not kept for longer */
};
/* 3; an hour; 6 s, which is within an MN's three tries; 30 s. */
void lk_mis_spos_defaults(struct lk_mis_spos_config *config);

enum lk_mis_spos_state {
    LK_MIS_SPOS_IDLE,
    LK_MIS_SPOS_AWAIT_TARGET,
    LK_MIS_SPOS_AWAIT_ACK, /* of the MN */
    LK_MIS_SPOS_STATE_COUNT
};

struct lk_mis_spos {
    enum lk_mis_spos_state state;
    uint32_t run; /* counts the questions to targets: an answer to an earlier one is none */
    struct lk_mis_name target;
    struct lk_address address; /* of it */
    uint16_t port;
    uint8_t nonce_t[LK_MIS_NONCE_LEN];
    struct lk_mis_k k;
    enum lk_mis_origin origin;
    bool of_home;              /* K: the MN has it of itself, and is told none */
    struct lk_mis_chain chain; /* of the envelope */
    uint32_t lifetime_s;       /* of the envelope */
    uint64_t due_ms;
};

enum lk_mis_spos_event_kind {
    LK_MIS_SPOS_EV_REQUEST = 1,
    LK_MIS_SPOS_EV_ANSWER,
    LK_MIS_SPOS_EV_NO_LINK,
    LK_MIS_SPOS_EV_ACKED,
    LK_MIS_SPOS_EV_EXPIRED,
};

/* A K that the home gave for this MN and its target. */
struct lk_mis_home_k {
    struct lk_mis_k k;
    enum lk_mis_origin origin; /* not LK_MIS_ORIGIN_SPOS */
};

/* Secret: REQUEST has what a K is made of. */
struct lk_mis_spos_event {
    enum lk_mis_spos_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_MIS_K_MAX]; /* REQUEST: fresh random octets */
    union {
        struct {
            struct lk_mis_serving serving; /* of MN and us; a request in clear is not one */
            struct lk_span start_mark;     /* of the home, as it came with the MN */
            uint8_t max;                   /* that came with it */
            const struct lk_mis_neighbours *neighbours;
            const struct lk_mis_home_k *home_k; /* we are the home's PoS, and asked; or NULL */
            struct lk_span home; /* the PoS of the MN's home that can be asked; empty: none */
            const struct lk_mis_message *message;
        } request;
        struct {
            uint32_t run;
            const struct lk_mis_message *message; /* ANSWER */
        } target;
    };
};

enum lk_mis_spos_output_kind {
    LK_MIS_SPOS_OUT_ASK = 1, /* N2N_Prereg_Xfer to the target; NO_LINK when there is no way */
    LK_MIS_SPOS_OUT_ANSWER,  /* Prereg_Xfer to the MN, under the SA; ACKED when it has it */
    LK_MIS_SPOS_OUT_TIMER,   /* there is one; a later one replaces it; NEVER: none */
    LK_MIS_SPOS_OUT_REFUSED, /* the MN; ANSWER beside it says so */
};

struct lk_mis_spos_output {
    enum lk_mis_spos_output_kind kind;
    union {
        struct {
            uint32_t run;
            struct lk_mis_name target;
            struct lk_span list; /* into the outbox; has K */
        } ask;
        struct lk_span answer; /* into the outbox; may have K */
        uint64_t timer_ms;
        struct lk_refusal refused;
    };
};

/* May hold a K: wipe it when it has been read. */
struct lk_mis_spos_outbox {
    size_t count;
    struct lk_mis_spos_output item[LK_MIS_SPOS_OUTPUTS];
    struct lk_mis_lists lists;
};
void lk_mis_spos_outbox_wipe(struct lk_mis_spos_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_mis_spos_output *lk_mis_spos_outbox_find(const struct lk_mis_spos_outbox *out,
                                                         enum lk_mis_spos_output_kind kind);

void lk_mis_spos_init(struct lk_mis_spos *spos);
void lk_mis_spos_wipe(struct lk_mis_spos *spos);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, or answers an earlier question; LK_E_MISSING
 * for a request without what it must have; LK_E_EXISTS for the one that is under way, again;
 * LK_E_FULL, LK_E_LENGTH: what is to be passed on is too long. */
LK_MUST_CHECK enum lk_status lk_mis_spos_step(struct lk_mis_spos *spos,
                                              const struct lk_mis_spos_config *config,
                                              const struct lk_mis_spos_event *event,
                                              struct lk_mis_spos_outbox *out);

extern const struct lk_rule_table lk_mis_spos_rules;

#endif
