/* The eNB's machine of one UE: its AS context, LTE-WLAN aggregation with a WT, and each change of
 * the key that this needs.
 *
 *     CONTEXT          the AS context of a UE: KeNB, and what the store knows of its WT Counter
 *     INCOMING         the UE is to be handed over to here: what the source's CONTEXT said
 *     ADD, RELEASE     LWA is wanted for it, or no more
 *     REKEY            another S-KWT is wanted; wishes that must wait are one
 *     HANDOVER         the UE is to go to another cell
 *     COMMAND          source: what the target wants the UE to be told
 *     HANDED_OVER      source: the UE is at the target
 *     HANDOVER_FAILED  source: it is not, and will not be
 *     NH               a fresh NH with its NCC
 *     LEFT             the UE is gone
 *     SAVED            what SAVE asked for is durable, or is not
 *     RRC, XW          a PDCP PDU of the UE, a message of the WT
 *     XW_UP, XW_DOWN   the way to the WT
 *     EXPIRED          the timer that was asked for
 *
 * An S-KWT is told in this order: the counter is saved (T52), the UE has it by RRC and says so, the
 * WT gets the key (T50), the WT says that UE and WT use it. Until then, or until the lock ends by
 * its time, no other is begun (T51). Whatever is awaited has a timer and a bounded number of tries;
 * when they end, or UE and WT have had different keys for the deadline, LWA is released and set up
 * again (T53). While the way to the WT is down nothing is asked of it.
 *
 * The RRC of a handover is given to the source, which tells the UE; the UE's answer comes to the
 * target. As that answer, or the command, may be lost, source and target both ask again: the target
 * with a reconfiguration that says nothing, of the same transaction.
 *
 * A step is pure. Its outbox may hold keys. */
#ifndef LK_PROTO_LWA_ENB_H
#define LK_PROTO_LWA_ENB_H

#include "base/reason.h"
#include "keys/eps.h"
#include "proto/rules.h"
#include "proto/srb.h"
#include "wire/rrc.h"
#include "wire/xwap.h"

enum {
    LK_LWA_COUNTERS = 65536,      /* WT Counters of one KeNB: 0 to 65535 */
    LK_LWA_MOBILITY_MAX = 8,      /* WLANs that we name to UE and WT */
    LK_LWA_COMMAND_MAX = 128,     /* octets of a handover command */
    LK_LWA_ENB_OCTETS = 4096,     /* of all that one step sends */
    LK_LWA_PATIENCE = 8,          /* attempts, where the WT has no place for the UE yet */
    LK_LWA_UNHEARD_MAX = 28,      /* PDUs to a UE that says nothing: fewer than SN can tell apart */
};
#define LK_LWA_NEVER UINT64_MAX

enum lk_lwa_order {
    LK_LWA_RRC_FIRST, /* S3, proposal 2 */
    LK_LWA_WT_FIRST,  /* S3, option 1: in a laboratory only (T50) */
};

struct lk_lwa_enb_config {
    struct lk_eps_cell cell;      /* this one */
    bool laboratory;
    enum lk_lwa_order order;
    uint8_t fc;                   /* of S-KWT */
    uint8_t algorithm;            /* EIA of RRC */
    uint8_t association_timer_s;  /* T351 */
    uint8_t tries;                /* of anything that is asked */
    uint8_t attempts;             /* to set LWA up again after failures */
    uint32_t rrc_ms, xw_ms, save_ms; /* for the first answer; each try waits twice as long */
    uint32_t lock_ms;             /* T51 */
    uint32_t deadline_ms;         /* T53 */
    uint32_t handover_ms;         /* for the target's command, and for its verdict */
    uint32_t again_ms;            /* before the second attempt; doubles */
    /* What the WT does, for the lock to outlast it; 0: not known. */
    uint8_t wt_tries;
    uint32_t wt_retry_ms;
    struct lk_xwap_bearer bearer; /* the E-RAB that goes over the WLAN */
    struct lk_wlan_set mobility;
};
/* RRC first, EIA2, T351 of 10 s, 4 tries, a lock of 3 s, a deadline of 10 s; cell and mobility set
 * are the caller's to name. */
void lk_lwa_enb_defaults(struct lk_lwa_enb_config *config);
/* What LK_REASON_LWA_SETTING is about. */
enum lk_lwa_enb_setting {
    LK_LWA_ENB_SETTING_NONE,
    LK_LWA_ENB_SETTING_CELL,
    LK_LWA_ENB_SETTING_ALGORITHM,
    LK_LWA_ENB_SETTING_T351,
    LK_LWA_ENB_SETTING_TRIES,
    LK_LWA_ENB_SETTING_TIMES,
    LK_LWA_ENB_SETTING_MOBILITY,
    LK_LWA_ENB_SETTING_BEARER,
    LK_LWA_ENB_SETTING_PLACES,      /* of node/enb: of UEs and cells */
    LK_LWA_ENB_SETTING_CELLS_ALIKE, /* the same */
    LK_LWA_ENB_SETTINGS
};
/* As in "expected ...". */
const char *lk_lwa_enb_setting_text(enum lk_lwa_enb_setting setting);
/* LK_REASON_NONE, or why a machine is not to run under it; wrong says more. */
enum lk_reason lk_lwa_enb_config_check(enum lk_lwa_enb_setting *wrong,
                                       const struct lk_lwa_enb_config *config);

/* Named by what is awaited. */
enum lk_lwa_enb_state {
    LK_LWA_ENB_IDLE,                 /* no context */
    LK_LWA_ENB_READY,                /* a context, no LWA */
    LK_LWA_ENB_SETUP_SAVED,
    LK_LWA_ENB_SETUP_WT,
    LK_LWA_ENB_SETUP_UE,
    LK_LWA_ENB_SETUP_ASSOCIATION,
    LK_LWA_ENB_ACTIVE,
    LK_LWA_ENB_REKEY_SAVED,
    LK_LWA_ENB_REKEY_UE,
    LK_LWA_ENB_REKEY_WT,
    LK_LWA_ENB_REKEY_FINISHED,
    LK_LWA_ENB_REFRESH,              /* of the KeNB: the UE's Complete under the new one */
    LK_LWA_ENB_HANDOVER_TARGET,      /* source: the command */
    LK_LWA_ENB_HANDOVER_UE,          /* source: the UE is at the target */
    LK_LWA_ENB_INCOMING_WT,          /* target: the WT's acknowledgement */
    LK_LWA_ENB_INCOMING_UE,          /* target: the UE's Complete */
    LK_LWA_ENB_INCOMING_ASSOCIATION, /* target: the WT has no handshake under way */
    LK_LWA_ENB_RELEASE_UE,
    LK_LWA_ENB_STATE_COUNT
};

struct lk_lwa_target {
    uint32_t id; /* of whoever drives the machines */
    struct lk_eps_cell cell;
};

/* A KeNB with what goes with it. */
struct lk_lwa_as {
    struct lk_kenb kenb;
    uint8_t ncc;
    struct lk_k_rrc_int k_rrc_int;
    struct lk_srb srb;
};

struct lk_lwa_enb {
    enum lk_lwa_enb_state state;
    bool wanted;          /* LWA */
    bool configured;      /* the UE has LWA, or may have */
    bool has_wt;          /* the WT has the UE, under wt_ue_id */
    bool wt_knows;        /* it may still, under that id, as another eNB's */
    bool owes_release;    /* the WT was not reached when it was to be told */
    bool rekey_due;
    bool key_of_kenb;     /* the S-KWT in use is of the KeNB in use */
    bool confirmed;       /* an association, before it was waited for */
    bool xw_up;
    bool star_given;      /* a target has had a KeNB* of the KeNB in use */
    bool has_nh, has_target, has_wt_mac;
    uint8_t nh_ncc, transaction, tries, attempts;
    uint8_t unheard;      /* PDUs since the UE was heard */
    uint8_t open_requests; /* modifications without an acknowledgement, and how many of them are */
    uint8_t stale_requests; /* of earlier keys */
    uint8_t ue_mac[LK_WLAN_ADDRESS_LEN], wt_mac[LK_WLAN_ADDRESS_LEN];
    uint32_t enb_ue_id, wt_ue_id;
    uint32_t next_counter; /* LK_LWA_COUNTERS: none is left */
    uint16_t counter;      /* of the S-KWT that was told last */
    uint64_t timer_ms, again_ms;
    uint64_t deadline_ms; /* for the WT's word that the association lives, under the newest key; 0:
                             it has said so */
    uint64_t key_deadline_ms; /* for the WT to take a key that the UE may have; 0: it has it */
    enum lk_reason why;    /* of the release under way */
    struct lk_lwa_as as;
    struct lk_lwa_as next; /* during a refresh */
    struct lk_nh nh;
    struct lk_lwa_target target;
    uint8_t command_len;
    uint8_t command[LK_LWA_COMMAND_MAX];
};

/* ---- events ---- */

enum lk_lwa_enb_event_kind {
    LK_LWA_ENB_EV_CONTEXT = 1,
    LK_LWA_ENB_EV_INCOMING,
    LK_LWA_ENB_EV_ADD,
    LK_LWA_ENB_EV_RELEASE,
    LK_LWA_ENB_EV_REKEY,
    LK_LWA_ENB_EV_HANDOVER,
    LK_LWA_ENB_EV_COMMAND,
    LK_LWA_ENB_EV_HANDED_OVER,
    LK_LWA_ENB_EV_HANDOVER_FAILED,
    LK_LWA_ENB_EV_NH,
    LK_LWA_ENB_EV_LEFT,
    LK_LWA_ENB_EV_SAVED,
    LK_LWA_ENB_EV_RRC,
    LK_LWA_ENB_EV_XW,
    LK_LWA_ENB_EV_XW_UP,
    LK_LWA_ENB_EV_XW_DOWN,
    LK_LWA_ENB_EV_EXPIRED,
    LK_LWA_ENB_EVENT_KIND_COUNT
};

/* The next WT Counter of a KeNB, as the store has it. */
struct lk_lwa_saved {
    uint8_t print[LK_KENB_PRINT_LEN];
    uint32_t next; /* at most LK_LWA_COUNTERS */
};

struct lk_lwa_context {
    uint32_t enb_ue_id;
    uint8_t ue_mac[LK_WLAN_ADDRESS_LEN];
    struct lk_kenb kenb;
    uint8_t ncc;
    struct lk_srb_used used; /* of SRB1 under this KeNB: by an attach */
    bool has_saved; /* counts when it is of this KeNB; else the counter begins at 0 */
    struct lk_lwa_saved saved;
    bool wt_knows; /* the WT has it under this id, from another cell that could not say its end */
    uint32_t wt_ue_id;
};

/* From source to target. */
struct lk_lwa_handover {
    struct lk_kenb kenb; /* KeNB*, for the target's cell */
    uint8_t ncc, transaction;
    uint8_t ue_mac[LK_WLAN_ADDRESS_LEN];
    bool wanted; /* LWA */
    bool kept;   /* and stays as it is, if the target's WT is the same */
    bool wt_knows; /* the WT has the UE, or may have it, under this id */
    uint32_t wt_ue_id;
    /* From now; 0: none. */
    uint32_t deadline_ms;     /* for the WT's word that the association lives */
    uint32_t key_deadline_ms; /* for a key that the UE may have, and the WT has not */
};

struct lk_lwa_enb_event {
    enum lk_lwa_enb_event_kind kind;
    uint64_t now_ms;
    union {
        struct lk_lwa_context context;
        struct {
            uint32_t enb_ue_id;
            struct lk_lwa_handover from;
        } incoming;
        struct lk_lwa_target target; /* HANDOVER */
        struct lk_span command;      /* COMMAND: RRC */
        struct {
            struct lk_nh nh;
            uint8_t ncc;
        } nh;
        struct {
            struct lk_lwa_saved what;
            bool done;
        } saved;
        struct lk_span rrc;       /* a PDCP PDU */
        const struct lk_xwap *xw; /* as decoded */
    };
};

/* ---- outputs ---- */

enum lk_lwa_enb_output_kind {
    LK_LWA_ENB_OUT_SAVE = 1,    /* write this down, then SAVED */
    LK_LWA_ENB_OUT_RRC,         /* a PDCP PDU to the UE */
    LK_LWA_ENB_OUT_XW,          /* a message to the WT */
    LK_LWA_ENB_OUT_TIMER,       /* there is one; a later one replaces it; LK_LWA_NEVER: none */
    LK_LWA_ENB_OUT_CONTEXT,     /* source: INCOMING for the target */
    LK_LWA_ENB_OUT_COMMAND,     /* target: COMMAND for the source */
    LK_LWA_ENB_OUT_HANDED_OVER, /* target: for the source; NH may follow */
    LK_LWA_ENB_OUT_HANDOVER_FAILED, /* target: for the source */
    LK_LWA_ENB_OUT_HANDOVER_CANCEL, /* source: the target's machine is to forget (LEFT) */
    LK_LWA_ENB_OUT_REKEY_BEGUN, /* a new S-KWT is on its way */
    LK_LWA_ENB_OUT_ACTIVE,      /* UE and WT use the newest S-KWT */
    LK_LWA_ENB_OUT_REFRESHED,   /* there is a new KeNB */
    LK_LWA_ENB_OUT_RELEASED,    /* LWA is over, for this reason; again: it will be set up anew */
    LK_LWA_ENB_OUT_NOTICE,      /* for the log and the counters */
};

struct lk_lwa_enb_output {
    enum lk_lwa_enb_output_kind kind;
    union {
        struct lk_lwa_saved save;
        struct lk_span octets; /* RRC, XW, COMMAND: into the outbox or the machine */
        uint64_t timer_ms;
        struct {
            struct lk_lwa_target target;
            struct lk_lwa_handover handover;
        } context;
        struct {
            uint16_t counter;
            bool rekey; /* ACTIVE: LWA was there before */
        } key;          /* REKEY_BEGUN, ACTIVE */
        struct {
            enum lk_reason reason;
            bool again;
        } released;
        struct lk_refusal notice;
    };
};

enum { LK_LWA_ENB_OUTPUTS = 10 };

/* May hold keys: wipe it when it has been read. */
struct lk_lwa_enb_outbox {
    size_t count, used;
    struct lk_lwa_enb_output item[LK_LWA_ENB_OUTPUTS];
    uint8_t octets[LK_LWA_ENB_OCTETS];
};

void lk_lwa_enb_outbox_wipe(struct lk_lwa_enb_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_lwa_enb_output *lk_lwa_enb_outbox_find(const struct lk_lwa_enb_outbox *out,
                                                       enum lk_lwa_enb_output_kind kind);

void lk_lwa_enb_init(struct lk_lwa_enb *enb);
void lk_lwa_enb_wipe(struct lk_lwa_enb *enb);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_NOT_FOUND for a message of another UE,
 * LK_E_MAC for a PDU of another key, LK_E_EXISTS for a context that is there. */
LK_MUST_CHECK enum lk_status lk_lwa_enb_step(struct lk_lwa_enb *enb,
                                             const struct lk_lwa_enb_config *config,
                                             const struct lk_lwa_enb_event *event,
                                             struct lk_lwa_enb_outbox *out);

extern const struct lk_rule_table lk_lwa_enb_rules;

#endif
