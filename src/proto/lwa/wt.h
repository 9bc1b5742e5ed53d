/* The machine of one UE at the WLAN termination: what it agrees with the serving eNB over Xw, which
 * key its station is to have, and whether the station is there.
 *
 *     AWAIT_UE    the UE is announced; its key waits for the station
 *     HANDSHAKE   the station is associated, a 4-way handshake under the newest key is under way
 *     ACTIVE      both ends have the keys of the newest key
 *     RELEASING   the WT wants to be rid of the UE, and waits for the eNB's word
 *
 * A UE is known by its MAC address, which anybody can name. So an ADDITION that another eNB sends
 * for it without our id is refused while the UE is held: its station has shown a key and has not
 * left, or has been away for less than hold_ms, and the link of its eNB is there, or was within
 * hold_ms. Where nobody holds it any more the other eNB gets it, and the one before is told. A
 * context that is released unproven, and comes again from there, has been away since the first.
 *
 * A key by MODIFICATION starts a handshake at once when the station is there (S3, proposal 3); the
 * newest wins, and the CONFIRMATION of an association, sent whenever ACTIVE is entered, is the
 * finished signal that the eNB's next re-key waits for (T51). A key by ADDITION never starts one:
 * nobody knows yet whether the UE has it; it waits for the next association.
 *
 * Who drives it (node/wt) finds the UE, and has the station's authenticator: KEY goes to it, and
 * ASSOCIATED, FINISHED and LEFT come of it. FINISHED is for the newest key alone: not said while
 * the authenticator goes on with another. */
#ifndef LK_PROTO_LWA_WT_H
#define LK_PROTO_LWA_WT_H

#include "base/reason.h"
#include "keys/types.h"
#include "proto/rules.h"
#include "wire/xwap.h"

enum {
    LK_LWA_WT_BEARERS = 4,
    LK_LWA_WT_OUTPUTS = 6,
    LK_LWA_WT_OCTETS = 1024, /* of the messages of one step */
};
#define LK_LWA_WT_NEVER UINT64_MAX

struct lk_lwa_wt_config {
    /* CONFIRMATION after each handshake: ours. XwAP has no finished signal, and sends it after the
     * first handshake alone. */
    bool finished_each_time;
    uint32_t retry_ms; /* between the tries of what the WT asks the eNB */
    uint8_t tries;
    uint32_t away_ms; /* without a station for so long, a UE is released: more than T351 */
    uint32_t hold_ms; /* ... and for so long no other eNB gets its MAC address: T351 */
    uint8_t mac[LK_WLAN_ADDRESS_LEN];
    struct lk_xwap_endpoint endpoint; /* of data from the eNB; each bearer has its own TEID */
};
/* After each handshake; 3 tries, each 1 s; 5 minutes; 10 s; data to 127.0.0.1. */
void lk_lwa_wt_defaults(struct lk_lwa_wt_config *config);

enum lk_lwa_wt_state {
    LK_LWA_WT_IDLE, /* nobody has announced the UE */
    LK_LWA_WT_AWAIT_UE,
    LK_LWA_WT_HANDSHAKE,
    LK_LWA_WT_ACTIVE,
    LK_LWA_WT_RELEASING,
    LK_LWA_WT_STATE_COUNT
};

struct lk_lwa_wt_bearer {
    uint8_t e_rab_id;
    uint8_t drb; /* the number that LWAAP has */
    struct lk_xwap_endpoint endpoint; /* the eNB's */
};

struct lk_lwa_wt {
    enum lk_lwa_wt_state state;
    bool has_key;
    bool confirmed; /* the serving eNB was told of an association */
    bool proven;    /* the station has shown a key of this context, and has not left */
    bool required;  /* a MODIFICATION REQUIRED is out */
    bool is_down;   /* the link to the serving eNB */
    uint8_t tries;  /* of what is out */
    uint8_t required_e_rab;
    uint8_t bearers;
    uint8_t mac[LK_WLAN_ADDRESS_LEN]; /* of the UE */
    uint32_t link, enb_ue_id;         /* the serving eNB's */
    uint32_t wt_ue_id;
    struct lk_xwap_cause cause;       /* of what is out */
    uint64_t due_ms;
    uint64_t away_since_ms, down_since_ms; /* where it is not proven; where the link is down */
    struct lk_lwa_wt_bearer bearer[LK_LWA_WT_BEARERS];
    struct lk_pmk key; /* the newest */
};

/* ---- events ---- */

enum lk_lwa_wt_event_kind {
    LK_LWA_WT_EV_XW = 1,
    LK_LWA_WT_EV_XW_DOWN,
    LK_LWA_WT_EV_XW_UP,
    LK_LWA_WT_EV_ASSOCIATED, /* with the newest key: a handshake has begun */
    LK_LWA_WT_EV_FINISHED,   /* it is over, and none follows */
    LK_LWA_WT_EV_LEFT,       /* the association is over */
    LK_LWA_WT_EV_RELEASE,    /* the WT is to release the UE, */
    LK_LWA_WT_EV_REMOVE,     /* or a bearer */
    LK_LWA_WT_EV_EXPIRED,
};

struct lk_lwa_wt_event {
    enum lk_lwa_wt_event_kind kind;
    uint64_t now_ms;
    union {
        struct {
            uint32_t link;
            const struct lk_xwap *message; /* one that names this UE, by its MAC or by our id */
            uint32_t fresh_id;             /* ADDITION REQUEST: for a new context, */
            uint64_t away_since_ms;        /* as RELEASED said of the one before; 0: nothing */
        } xw;
        struct {
            struct lk_xwap_cause cause;
            uint8_t e_rab_id; /* REMOVE */
        } want;
    };
};

/* ---- outputs ---- */

enum lk_lwa_wt_output_kind {
    LK_LWA_WT_OUT_SEND = 1, /* to the eNB of that link */
    LK_LWA_WT_OUT_KEY,      /* re-key the association that there is */
    LK_LWA_WT_OUT_RELEASED, /* the context is over: end what is left of an association */
    LK_LWA_WT_OUT_TAKEN,    /* the same; the UE is another eNB's from now on */
    LK_LWA_WT_OUT_TIMER,    /* there is one; a later one replaces it; NEVER takes it away */
    LK_LWA_WT_OUT_REFUSED,  /* what the eNB asked */
    LK_LWA_WT_OUT_NOTICE,
};

struct lk_lwa_wt_output {
    enum lk_lwa_wt_output_kind kind;
    union {
        struct {
            uint32_t link;
            struct lk_span octets; /* into the outbox */
        } send;
        struct lk_pmk key;
        uint64_t timer_ms;
        uint64_t away_since_ms; /* RELEASED: no station has shown a key since; 0: one has */
        struct lk_refusal refused;
        struct lk_refusal notice;
    };
};

/* May hold a key: wipe it when it has been read. */
struct lk_lwa_wt_outbox {
    size_t count, used;
    struct lk_lwa_wt_output item[LK_LWA_WT_OUTPUTS];
    uint8_t octets[LK_LWA_WT_OCTETS];
};

void lk_lwa_wt_outbox_wipe(struct lk_lwa_wt_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_lwa_wt_output *lk_lwa_wt_outbox_find(const struct lk_lwa_wt_outbox *out,
                                                     enum lk_lwa_wt_output_kind kind);

void lk_lwa_wt_init(struct lk_lwa_wt *wt);
void lk_lwa_wt_wipe(struct lk_lwa_wt *wt);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now; LK_E_DENIED for a message of an eNB that does
 * not serve the UE, where nobody waits for an answer; LK_E_NOT_FOUND, LK_E_BUSY of REMOVE: no such
 * bearer, or another one is being removed. */
LK_MUST_CHECK enum lk_status lk_lwa_wt_step(struct lk_lwa_wt *wt,
                                            const struct lk_lwa_wt_config *config,
                                            const struct lk_lwa_wt_event *event,
                                            struct lk_lwa_wt_outbox *out);
/* No other eNB gets the UE by its MAC address now. */
bool lk_lwa_wt_is_held(const struct lk_lwa_wt *wt, const struct lk_lwa_wt_config *config,
                       uint64_t now_ms);
/* Data may pass: the station is there with the serving eNB's key, or with the one before. */
bool lk_lwa_wt_is_open(const struct lk_lwa_wt *wt);
/* NULL: there is none of that number. */
const struct lk_lwa_wt_bearer *lk_lwa_wt_bearer_of(const struct lk_lwa_wt *wt, uint8_t drb);

/* Answers to who names a UE that is not here, or to what cannot be understood; the machine uses
 * them too. message is what came; diagnostics may be NULL. LK_E_MISSING: it has not what an answer
 * needs, or nothing answers it. */
LK_MUST_CHECK enum lk_status lk_lwa_wt_reject(struct lk_writer *w, const struct lk_xwap *message,
                                              struct lk_xwap_cause cause,
                                              const struct lk_xwap_diagnostics *diagnostics);

extern const struct lk_rule_table lk_lwa_wt_rules;

#endif
