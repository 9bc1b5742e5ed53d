/* The mobile node's machine of optimised establishment (IEEE 802.21.1 5.14.2): an SA with the
 * target PoS before it arrives there, made of a K that its serving PoS hands out.
 *
 *     WANT            the owner needs a handover; what it knows of the target, and the SA that it
 *                     has with its SPoS. Here and only here is decided whether it may be optimised
 *     HEARD           a list of TLVs, opened: under the SA with the SPoS, or the new one
 *     SAVED           the count is durable, or is not
 *     EXPIRED         the timer that was asked for
 *     LOST            the connection is gone over which an answer was awaited
 *     SWITCHED        the link is the target's now: the TPoS is the SPoS
 *     AUTHENTICATED   an SA came about in another way (section 7): what is under way here is over,
 *                     and with it an SA that was not yet used, as it stands on the chain before
 *
 * What cannot be optimised, or fails, ends in FULL_AUTH with why: the owner authenticates in full,
 * with the target where it is known. The MN counts for itself, in durable memory, and takes no K
 * beyond its limit whatever a PoS says (T40): what a count lets pass leaves only after SAVED.
 *
 * Lists come and go in plain: the composition above opens and protects PDUs (proto/mis/sa), has
 * the transactions, and wipes what held a K. A message is sent again as the octets that it was:
 * AGAIN says when, and an owner whose exchange repeats by itself lets that be. Then tries and
 * retry_ms say no more than how long an answer is waited for. */
#ifndef LK_PROTO_MIS_MN_H
#define LK_PROTO_MIS_MN_H

#include "base/reason.h"
#include "proto/mis/agree.h"
#include "proto/mis/chain.h"
#include "proto/mis/lists.h"
#include "proto/mis/partners.h"
#include "proto/mis/sa.h"
#include "proto/mis/serving.h"
#include "proto/rules.h"

enum { LK_MIS_MN_OUTPUTS = 5 };

struct lk_mis_mn_config {
    struct lk_mis_codes codes;
    struct lk_mis_name self;
    struct lk_mis_partners partners; /* of the home */
    struct lk_mis_offers offers;
    unsigned demanded; /* of an SA with a target: bits 1 << enum lk_mis_id_type */
    bool must_mix;     /* an answer without an X25519 key is refused */
    uint32_t retry_ms; /* between the tries of a message */
    uint8_t tries;
    uint32_t half_open_ms;
    uint32_t lifetime_s; /* of an SA, at most */
    bool ahead;          /* at the end of a chain it authenticates before the next handover */
};
/* No name and no partners; ahead; all types; 3 tries, 3 s; 30 s; an hour. */
void lk_mis_mn_defaults(struct lk_mis_mn_config *config);

enum lk_mis_mn_state {
    LK_MIS_MN_IDLE,
    LK_MIS_MN_WAIT_SPOS,
    LK_MIS_MN_SAVING,    /* K is taken, the count not durable yet */
    LK_MIS_MN_HALF_OPEN, /* AUTH-T is out */
    LK_MIS_MN_READY,
    LK_MIS_MN_SERVED,    /* by the PoS that was the target */
    LK_MIS_MN_STATE_COUNT
};

struct lk_mis_mn {
    enum lk_mis_mn_state state;
    struct lk_mis_chain chain; /* our own count */
    uint8_t durable;           /* the used that is written down */
    uint8_t tries;             /* of what is out */
    bool names_target, mixes, has_k;
    struct lk_mis_name spos, target;
    uint8_t nonce_t[LK_MIS_NONCE_LEN];
    uint8_t dh[LK_MIS_DH_LEN];
    struct lk_mis_k k;       /* has_k: of our own, until the answer */
    struct lk_mis_auth auth; /* SAVING: AUTH-T, to be sent */
    uint64_t until_ms;       /* the end of what the new SA stands on */
    uint64_t k_until_ms;     /* has_k: the end of that */
    uint64_t due_ms;         /* the timer */
    uint64_t end_ms;         /* of what is half-open */
};

enum lk_mis_mn_event_kind {
    LK_MIS_MN_EV_WANT = 1,
    LK_MIS_MN_EV_HEARD,
    LK_MIS_MN_EV_SAVED,
    LK_MIS_MN_EV_EXPIRED,
    LK_MIS_MN_EV_LOST,
    LK_MIS_MN_EV_SWITCHED,
    LK_MIS_MN_EV_AUTHENTICATED,
};

/* Under what a list goes or comes. */
enum lk_mis_mn_under {
    LK_MIS_MN_IN_CLEAR,
    LK_MIS_MN_UNDER_SPOS,
    LK_MIS_MN_UNDER_NEW, /* the SA that this machine made */
};

/* A K of our own, made of what the home has, too; and the Initiate (RFC 6630) by which the home
 * gives it to the target. T40: nobody of a chain has it, and that is all that tells it from one of
 * the chain: where somebody else's K comes back instead, that one counts. Secret. */
struct lk_mis_mn_own {
    struct lk_mis_k k;
    struct lk_span initiate;
    uint64_t until_ms;
};

/* Secret: WANT may hold a K, HEARD a Z. */
struct lk_mis_mn_event {
    enum lk_mis_mn_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_MIS_NONCE_LEN]; /* WANT: fresh random octets */
    union {
        struct {
            struct lk_mis_serving serving;
            const struct lk_mis_pos *target;    /* NULL: the SPoS selects one, by what is known */
            const struct lk_mis_message *known; /* TLVs 55, 56, 212, 216, 219; NULL: none */
            const uint8_t *dh;                  /* our X25519 public key; NULL: no mixing */
            const struct lk_mis_mn_own *own;    /* for that target, which is named; NULL */
        } want;
        struct {
            enum lk_mis_mn_under under;
            enum lk_mis_action action;
            enum lk_mis_opcode opcode;
            const struct lk_mis_message *message;
            const uint8_t *z; /* of our key and the message's; NULL: it has none, or Z is zero */
        } heard;
        struct {
            uint8_t used; /* of SAVE */
            bool done;    /* durable; false: it cannot be written */
        } saved;
        enum lk_mis_run run; /* AUTHENTICATED: not LK_MIS_RUN_OPTIMISED */
    };
};

enum lk_mis_mn_output_kind {
    LK_MIS_MN_OUT_SEND = 1,
    LK_MIS_MN_OUT_AGAIN,  /* the last PDU that was sent under that, octet by octet */
    LK_MIS_MN_OUT_SA,     /* half-open: for nothing but what this machine sends, until READY */
    LK_MIS_MN_OUT_DROP,   /* the SA that was half-open */
    LK_MIS_MN_OUT_SAVE,   /* write it down, then SAVED */
    LK_MIS_MN_OUT_TIMER,  /* there is one; a later one replaces it; NEVER: none */
    LK_MIS_MN_OUT_READY,
    LK_MIS_MN_OUT_SERVED, /* the SA with the SPoS before is over */
    LK_MIS_MN_OUT_FULL_AUTH,
};

struct lk_mis_mn_output {
    enum lk_mis_mn_output_kind kind;
    union {
        struct {
            enum lk_mis_mn_under under;
            enum lk_mis_opcode opcode; /* of MIS_Prereg_Xfer */
            struct lk_span list;       /* into the outbox */
        } send;
        enum lk_mis_mn_under again;
        struct {
            struct lk_mis_sa sa;
            struct lk_address address; /* of the TPoS */
            uint16_t port;
        } sa;
        uint8_t save; /* used */
        uint64_t timer_ms;
        struct {
            struct lk_refusal why;
            enum lk_mis_reason told; /* by a PoS; REASON_NONE: not */
            bool background;         /* nothing has failed: before the next handover */
        } full_auth;
    };
};

/* May hold keys: wipe it when it has been read. */
struct lk_mis_mn_outbox {
    size_t count;
    struct lk_mis_mn_output item[LK_MIS_MN_OUTPUTS];
    struct lk_mis_lists lists;
};
void lk_mis_mn_outbox_wipe(struct lk_mis_mn_outbox *out);

/* With the count as it was written down. */
void lk_mis_mn_init(struct lk_mis_mn *mn, const struct lk_mis_chain *chain);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now; LK_E_DENIED for a list that came in clear;
 * LK_E_MISSING: a K of our own, and no target;
 * LK_E_FULL, LK_E_LENGTH of WANT: a name, or what is known, is too long. */
LK_MUST_CHECK enum lk_status lk_mis_mn_step(struct lk_mis_mn *mn,
                                            const struct lk_mis_mn_config *config,
                                            const struct lk_mis_mn_event *event,
                                            struct lk_mis_mn_outbox *out);

extern const struct lk_rule_table lk_mis_mn_rules;

#endif
