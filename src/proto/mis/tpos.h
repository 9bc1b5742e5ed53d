/* The target PoS's machine of one optimised establishment (IEEE 802.21.1 5.14.2): an SA with a
 * mobile node that has not come yet, made of the K that its serving PoS hands over.
 *
 *     REQUEST    an N2N_Prereg_Xfer of the PoS at the other end of a link. Strangers, what has no
 *                start mark, is over, or beyond the limit is refused here: nothing is kept of it
 *     TOLD       answers ASK: whether the home signed the mark, whether the MN's nonce was there
 *                before, our half of an X25519 agreement
 *     CONFIRM    the MN's Prereg_Xfer, opened under the new SA: AUTH-T
 *     PROVEN     another PDU of the MN that verified under the new SA: as good
 *     EXPIRED    the timer that was asked for
 *
 * One machine is of one K. Who drives it needs no row of the MN before it is HALF_OPEN: step it
 * where it is thrown away, answer ASK at once, and keep it when SA was put out. A new request for
 * the same MN is a new machine: when that is half-open, the half-open one before goes, and when it
 * is READY, the SA before. */
#ifndef LK_PROTO_MIS_TPOS_H
#define LK_PROTO_MIS_TPOS_H

#include "base/reason.h"
#include "proto/mis/agree.h"
#include "proto/mis/chain.h"
#include "proto/mis/lists.h"
#include "proto/mis/partners.h"
#include "proto/mis/sa.h"
#include "proto/mis/serving.h"
#include "proto/rules.h"

enum {
    LK_MIS_TPOS_OUTPUTS = 4,
    LK_MIS_SAID_LEN = 16,      /* octets of the SAIDs that a TPoS draws */
};

struct lk_mis_tpos_config {
    struct lk_mis_codes codes;
    struct lk_mis_name self;
    struct lk_mis_partners partners;
    struct lk_mis_offers offers; /* what it will have */
    unsigned demanded;   /* types that an SA with an MN must be of: bits 1 << enum lk_mis_id_type */
    bool mixes;          /* X25519, with an MN that can */
    bool must_mix;
    bool unmarked;       /* takes K without a start mark, or of a home whose key it has not */
    uint8_t max;         /* optimised establishments on one authentication, at most */
    uint32_t lifetime_s; /* of an SA, at most */
    uint32_t half_open_ms;
};
/* No name and no partners; all types; mixes, and takes what does not; 3; an hour;
 * 30 s. */
void lk_mis_tpos_defaults(struct lk_mis_tpos_config *config);

enum lk_mis_tpos_state {
    LK_MIS_TPOS_IDLE,
    LK_MIS_TPOS_ASKING,
    LK_MIS_TPOS_HALF_OPEN,
    LK_MIS_TPOS_READY,
    LK_MIS_TPOS_STATE_COUNT
};

struct lk_mis_tpos {
    enum lk_mis_tpos_state state;
    bool has_dh;                 /* of the MN */
    bool of_home;                /* K came from the home, and counts as none */
    struct lk_mis_name mn, spos;
    uint8_t nonce_t[LK_MIS_NONCE_LEN];
    uint8_t dh[LK_MIS_DH_LEN];
    struct lk_mis_offers offers; /* of the MN */
    struct lk_mis_k k;           /* ASKING */
    struct lk_mis_auth auth;     /* that AUTH-T is to be */
    struct lk_mis_chain chain;   /* with this run */
    uint32_t lifetime_s;
    uint64_t due_ms;
    size_t mark_len;             /* of the start mark: goes on with the MN when it leaves */
    uint8_t mark[LK_MIS_START_MARK_MAX];
};

enum lk_mis_tpos_event_kind {
    LK_MIS_TPOS_EV_REQUEST = 1,
    LK_MIS_TPOS_EV_TOLD,
    LK_MIS_TPOS_EV_CONFIRM,
    LK_MIS_TPOS_EV_PROVEN,
    LK_MIS_TPOS_EV_EXPIRED,
};

enum lk_mis_mark_verdict {
    LK_MIS_MARK_SIGNED,
    LK_MIS_MARK_NO_KEY, /* of that home, or there is no mark */
    LK_MIS_MARK_FALSE,
};

/* Secret: TOLD may hold a Z. */
struct lk_mis_tpos_event {
    enum lk_mis_tpos_event_kind kind;
    uint64_t now_ms;                                      /* since 1970, as start marks have it */
    uint8_t entropy[LK_MIS_SAID_LEN + LK_MIS_NONCE_LEN]; /* TOLD: fresh random octets */
    union {
        struct {
            struct lk_span peer; /* the PoS that the link proved to be there */
            bool protected_link; /* TLS with certificates, or an MIS SA */
            const struct lk_mis_message *message;
        } request;
        struct {
            enum lk_mis_mark_verdict mark;
            bool seen;               /* that nonce of that MN; else it is remembered now */
            const uint8_t *dh;       /* our public key; NULL: none was asked for, or Z is zero */
            const uint8_t *z;
        } told;
        const struct lk_mis_message *confirm;
    };
};

enum lk_mis_tpos_output_kind {
    LK_MIS_TPOS_OUT_ASK = 1, /* then TOLD */
    LK_MIS_TPOS_OUT_ANSWER,  /* N2N_Prereg_Xfer response to the SPoS */
    LK_MIS_TPOS_OUT_SA,      /* half-open */
    LK_MIS_TPOS_OUT_REPLY,   /* Prereg_Xfer response to the MN, under the SA */
    LK_MIS_TPOS_OUT_READY,   /* the SA is both ends' */
    LK_MIS_TPOS_OUT_DROP,    /* the SA that was half-open; a REPLY beside it goes first */
    LK_MIS_TPOS_OUT_TIMER,   /* there is one; a later one replaces it; NEVER: none */
    LK_MIS_TPOS_OUT_REFUSED,
};

struct lk_mis_tpos_output {
    enum lk_mis_tpos_output_kind kind;
    union {
        struct { /* first whether the mark is signed: of one that is not, nothing is remembered */
            struct lk_span mark;       /* into the machine; empty: there is none */
            struct lk_mis_name mn;
            uint8_t nonce_t[LK_MIS_NONCE_LEN];
            uint32_t remember_s;
            bool wants_dh;
            uint8_t dh[LK_MIS_DH_LEN]; /* wants_dh: the MN's public key */
        } ask;
        struct lk_span answer, reply; /* into the outbox */
        struct lk_mis_sa sa;
        uint64_t timer_ms;
        struct lk_refusal refused;
    };
};

/* May hold keys: wipe it when it has been read. */
struct lk_mis_tpos_outbox {
    size_t count;
    struct lk_mis_tpos_output item[LK_MIS_TPOS_OUTPUTS];
    struct lk_mis_lists lists;
};
void lk_mis_tpos_outbox_wipe(struct lk_mis_tpos_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_mis_tpos_output *lk_mis_tpos_outbox_find(const struct lk_mis_tpos_outbox *out,
                                                         enum lk_mis_tpos_output_kind kind);

void lk_mis_tpos_init(struct lk_mis_tpos *tpos);
void lk_mis_tpos_wipe(struct lk_mis_tpos *tpos);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now; LK_E_DENIED: the link is not protected;
 * LK_E_MISSING: a request without what it must have; LK_E_AUTH: an AUTH-T that is wrong, when the
 * SA is READY; LK_E_FULL, LK_E_LENGTH: frames of the link are too long. */
LK_MUST_CHECK enum lk_status lk_mis_tpos_step(struct lk_mis_tpos *tpos,
                                              const struct lk_mis_tpos_config *config,
                                              const struct lk_mis_tpos_event *event,
                                              struct lk_mis_tpos_outbox *out);

extern const struct lk_rule_table lk_mis_tpos_rules;

#endif
