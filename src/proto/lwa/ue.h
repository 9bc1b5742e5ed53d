/* The device's machine of LTE-WLAN aggregation: the AS context that it has with its eNB, and LWA as
 * RRC configures it.
 *
 *     CONTEXT    keys of a new RRC connection, also after a re-establishment: LWA is over first
 *     RRC        a PDU of SRB1
 *     LINK_UP    an association with keys in it, or new keys in one that there was
 *     LINK_DOWN  the association, or the way into one, is over
 *     EXPIRED    the timer that was asked for
 *     LEAVE      from the owner: nothing is to be kept
 *
 * A message counts when its MAC-I is right for the next COUNT. A new WT Counter becomes a PMK that
 * is handed on, and that is all: on the WLAN the WT acts (S3, proposal 2), unless `reassociate`
 * says that this device does. A question that was answered and comes again is answered again, and
 * does nothing else; over a handover too, which the source asks for until the target has heard.
 *
 * While LWA is configured and there is no link, the device joins again and again, not faster than
 * `retry_ms`, until T351 or, where the eNB gave none, `associate_ms` is over. Then it reports and
 * waits for the eNB. */
#ifndef LK_PROTO_LWA_UE_H
#define LK_PROTO_LWA_UE_H

#include "base/reason.h"
#include "proto/rules.h"
#include "proto/srb.h"
#include "wire/rrc.h"

enum lk_lwa_ue_state {
    LK_LWA_UE_OFF,       /* no context */
    LK_LWA_UE_CONNECTED, /* a context, no LWA; in all below LWA is configured */
    LK_LWA_UE_JOINING,   /* awaits LINK_UP */
    LK_LWA_UE_PAUSED,    /* was not let in; awaits the time to join again */
    LK_LWA_UE_ACTIVE,    /* there is a link */
    LK_LWA_UE_STOPPED,   /* has given up; the eNB's to set up anew, or to release */
    LK_LWA_UE_STATE_COUNT
};

enum {
    LK_LWA_UE_WLANS = 8,  /* of a mobility set; more are passed over, as a device may */
    LK_LWA_UE_ASKED_LEN = 32,
    LK_LWA_UE_UPLINK_MAX = 32, /* octets of the PDUs that a step sends */
};

struct lk_lwa_ue_config {
    uint8_t s_kwt_fc;      /* function code of S-KWT, the same at the eNB */
    bool reassociate;      /* a new counter is followed by a new association at once */
    uint32_t retry_ms;     /* from one join to the next, at least */
    uint32_t associate_ms; /* for all joins, where the eNB gave no T351 */
    uint8_t ssid_len;      /* of a WLAN that is told by its address alone */
    uint8_t ssid[LK_WLAN_SSID_MAX];
};
/* LK_S_KWT_FC, not by association, 500 ms, 30 s, "latchkey". */
void lk_lwa_ue_defaults(struct lk_lwa_ue_config *config);

/* Keys and cell of an RRC connection. has_nh: nh is that of ncc; else kenb is the initial one of
 * this KASME, and ncc 0. */
struct lk_lwa_ue_context {
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    bool has_nh;
    struct lk_nh nh;
    uint8_t ncc;
    struct lk_eps_cell cell;
    uint16_t c_rnti;         /* what the device is called in that cell */
    struct lk_srb_used used; /* of SRB1 under this KeNB: by an attach */
};

/* SRB1 under one KeNB, and the question that was answered last: what came again is known by it. */
struct lk_lwa_ue_bearer {
    bool is_set, has_asked;
    struct lk_k_rrc_int key;
    struct lk_srb srb;
    uint8_t asked[LK_LWA_UE_ASKED_LEN]; /* digest of the message */
};

/* What lwa-Configuration said, one message after the other. */
struct lk_lwa_ue_lwa {
    bool has_key;    /* there was a counter */
    bool has_wt_mac, success_report;
    bool report_due; /* with the next LINK_UP */
    uint8_t t351_s;  /* 0: none */
    uint8_t wlan_count;
    uint8_t wt_mac[LK_WLAN_ADDRESS_LEN];
    struct lk_wlan_id wlan[LK_LWA_UE_WLANS];
};

struct lk_lwa_ue_target {
    uint8_t ap[LK_WLAN_ADDRESS_LEN];
    uint8_t wt[LK_WLAN_ADDRESS_LEN]; /* where data goes: the WT's address, or the access point's */
    uint8_t ssid_len;
    uint8_t ssid[LK_WLAN_SSID_MAX];
};

struct lk_lwa_ue {
    enum lk_lwa_ue_state state;
    struct lk_lwa_ue_context context;
    struct lk_lwa_ue_bearer now, before; /* before: of the source, until the target has spoken */
    struct lk_lwa_ue_lwa lwa;
    struct lk_lwa_ue_target target;
    uint64_t joined_ms;   /* when the last join began */
    uint64_t again_ms;    /* PAUSED: until then */
    uint64_t deadline_ms; /* JOINING, PAUSED: T351, or what stands for it */
};

enum lk_lwa_ue_event_kind {
    LK_LWA_UE_EV_CONTEXT = 1,
    LK_LWA_UE_EV_RRC,
    LK_LWA_UE_EV_LINK_UP,
    LK_LWA_UE_EV_LINK_DOWN,
    LK_LWA_UE_EV_EXPIRED,
    LK_LWA_UE_EV_LEAVE,
};

/* Secret with CONTEXT. */
struct lk_lwa_ue_event {
    enum lk_lwa_ue_event_kind kind;
    uint64_t now_ms;
    union {
        struct lk_lwa_ue_context context;
        struct lk_span rrc;
    };
};

enum lk_lwa_ue_output_kind {
    LK_LWA_UE_OUT_SEND = 1,  /* a PDU of SRB1 */
    LK_LWA_UE_OUT_PMK,       /* the newest; what is in use stays so until the WT acts */
    LK_LWA_UE_OUT_ASSOCIATE, /* with that access point, anew where there is an association */
    LK_LWA_UE_OUT_LEAVE,     /* the WLAN; forget: and all PMKs */
    LK_LWA_UE_OUT_TIMER,     /* there is one; a later one replaces it */
    LK_LWA_UE_OUT_NOTICE,    /* for the log and the counters */
};

struct lk_lwa_ue_output {
    enum lk_lwa_ue_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        struct lk_pmk pmk;
        struct lk_lwa_ue_target associate;
        bool forget;
        uint64_t timer_ms;
        struct lk_refusal notice;
    };
};

enum { LK_LWA_UE_OUTPUTS = 5 };

/* May hold a key: wipe it when it has been read. */
struct lk_lwa_ue_outbox {
    size_t count, used;
    struct lk_lwa_ue_output item[LK_LWA_UE_OUTPUTS];
    uint8_t octets[LK_LWA_UE_UPLINK_MAX];
};

void lk_lwa_ue_outbox_wipe(struct lk_lwa_ue_outbox *out);

void lk_lwa_ue_init(struct lk_lwa_ue *ue);
void lk_lwa_ue_wipe(struct lk_lwa_ue *ue);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_MAC for a PDU that was changed, played
 * again, or is under no key of ours, LK_E_FULL when SRB1 has no COUNT left and the KeNB must be
 * refreshed, LK_E_VALUE for a context that cannot be. A message that is the eNB's and cannot be
 * followed is a NOTICE, and is not answered. */
LK_MUST_CHECK enum lk_status lk_lwa_ue_step(struct lk_lwa_ue *ue,
                                            const struct lk_lwa_ue_config *config,
                                            const struct lk_lwa_ue_event *event,
                                            struct lk_lwa_ue_outbox *out);

extern const struct lk_rule_table lk_lwa_ue_rules;

#endif
