/* XwAP (TS 36.463): what eNB and WT say about one UE of LTE-WLAN aggregation, in aligned PER.
 *
 * Addition, modification from either side, release from either side, and the confirmation of an
 * association; no setup, no reset, no status reports. One table says which elements a message has,
 * how critical each is and which must be there (xwap_table.c). The key of a message is a view into
 * the datagram or into what the caller gave: both wipe it. */
#ifndef LK_WIRE_XWAP_H
#define LK_WIRE_XWAP_H

#include "wire/wlan_set.h"

enum {
    LK_XWAP_PORT = 36462,       /* SCTP */
    LK_XWAP_PPID = 58,
    LK_XWAP_MAX = 8192,         /* octets of a message that we write */
    LK_XWAP_UE_ID_MAX = 0xffffff,
    LK_XWAP_KEY_LEN = 32,
    LK_XWAP_PLMN_LEN = 3,
    LK_XWAP_BEARERS_MAX = 16,   /* as many as E-RAB identities */
    LK_XWAP_ADDRESS_BITS_MAX = 160,
    LK_XWAP_DRB_MAX = 32,
    LK_XWAP_DIAGNOSTICS_MAX = 16,
};

enum lk_xwap_type {
    LK_XWAP_ADDITION_REQUEST,
    LK_XWAP_ADDITION_ACKNOWLEDGE,
    LK_XWAP_ADDITION_REJECT,
    LK_XWAP_MODIFICATION_REQUEST, /* of the eNB: it carries the key */
    LK_XWAP_MODIFICATION_ACKNOWLEDGE,
    LK_XWAP_MODIFICATION_REJECT,
    LK_XWAP_MODIFICATION_REQUIRED, /* of the WT */
    LK_XWAP_MODIFICATION_CONFIRM,
    LK_XWAP_MODIFICATION_REFUSE,
    LK_XWAP_RELEASE_REQUEST,       /* of the eNB; nothing answers it */
    LK_XWAP_RELEASE_REQUIRED,      /* of the WT */
    LK_XWAP_RELEASE_CONFIRM,
    LK_XWAP_ASSOCIATION_CONFIRMATION,
    LK_XWAP_TYPE_COUNT
};
const char *lk_xwap_type_name(enum lk_xwap_type type);
/* Whether it goes from eNB to WT; of the others each goes from WT to eNB. */
bool lk_xwap_is_of_enb(enum lk_xwap_type type);

/* Elements; several lists of bearers are one of ours (struct lk_xwap says which). */
enum lk_xwap_ie {
    LK_XWAP_ENB_UE_ID,
    LK_XWAP_WT_UE_ID,
    LK_XWAP_UE_IDENTITY,
    LK_XWAP_SECURITY,
    LK_XWAP_SERVING_PLMN,
    LK_XWAP_CAUSE,
    LK_XWAP_CONTEXT,
    LK_XWAP_MOBILITY_SET,
    LK_XWAP_CONTEXT_KEPT,
    LK_XWAP_WT_MAC,
    LK_XWAP_DIAGNOSTICS,
    LK_XWAP_TO_BE_ADDED,
    LK_XWAP_ADMITTED_ADDED,
    LK_XWAP_NOT_ADMITTED,
    LK_XWAP_ACKNOWLEDGED_ADDED,
    LK_XWAP_ACKNOWLEDGED_MODIFIED,
    LK_XWAP_ACKNOWLEDGED_RELEASED,
    LK_XWAP_REQUIRED_RELEASED,
    LK_XWAP_REQUIRED_MODIFIED,
    LK_XWAP_CONFIRMED_RELEASED,
    LK_XWAP_CONFIRMED_MODIFIED,
    LK_XWAP_RELEASED_REQUEST,
    LK_XWAP_RELEASED_CONFIRM,
    LK_XWAP_IE_COUNT
};

enum lk_xwap_criticality { LK_XWAP_REJECT, LK_XWAP_IGNORE, LK_XWAP_NOTIFY };
enum lk_xwap_outcome { LK_XWAP_INITIATING, LK_XWAP_SUCCESSFUL, LK_XWAP_UNSUCCESSFUL };

enum lk_xwap_cause_group {
    LK_XWAP_CAUSE_RADIO,
    LK_XWAP_CAUSE_TRANSPORT,
    LK_XWAP_CAUSE_PROTOCOL,
    LK_XWAP_CAUSE_MISC,
    LK_XWAP_CAUSE_GROUP_COUNT
};
/* Of the radio network group and of the protocol group, those that we give ourselves. */
enum {
    LK_XWAP_UNKNOWN_WT_ID = 1,
    LK_XWAP_WLAN_NOT_AVAILABLE = 3,
    LK_XWAP_SECURITY_FAILURE = 4,
    LK_XWAP_RADIO_UNSPECIFIED = 9,
    LK_XWAP_PROCEDURE_CANCELLED = 19,
    LK_XWAP_UE_LOST = 20,
    LK_XWAP_ABSTRACT_SYNTAX_REJECT = 1,
    LK_XWAP_RECEIVER_STATE = 3,
};
/* value may be one that a later edition has. */
struct lk_xwap_cause {
    enum lk_xwap_cause_group group;
    uint8_t value;
};
/* The words of the standard for it, or "unknown". */
const char *lk_xwap_cause_name(struct lk_xwap_cause cause);

/* GTP-U: IPv4 (32 bits), IPv6 (128) or both (160). */
struct lk_xwap_endpoint {
    uint8_t address_bits; /* 0: there is no endpoint */
    uint8_t address[LK_XWAP_ADDRESS_BITS_MAX / 8];
    uint32_t teid;
};

struct lk_xwap_qos {
    bool present;
    uint8_t qci;
    uint8_t priority; /* 1 highest to 14, 15 none */
    bool may_preempt, preemptable, has_rate;
    uint64_t most_down, guaranteed_down; /* bits a second, with has_rate; at most 10^10 */
};

/* Which of the members a bearer has depends on its list. */
struct lk_xwap_bearer {
    uint8_t e_rab_id;
    struct lk_xwap_qos qos;
    struct lk_xwap_endpoint endpoint;
    struct lk_xwap_cause cause;
    uint8_t drb_id;        /* 0: not said */
    bool has_access_class;
    uint8_t access_class;  /* WLAN access category: background, best effort, video, voice */
};
struct lk_xwap_bearers {
    uint8_t count;
    struct lk_xwap_bearer bearer[LK_XWAP_BEARERS_MAX];
};

/* What was not understood or missing in a message: goes into the answer to it. */
struct lk_xwap_diagnostics {
    bool has_message, has_criticality; /* of the procedure */
    uint8_t procedure;
    enum lk_xwap_outcome outcome;
    enum lk_xwap_criticality criticality;
    uint8_t count;
    struct {
        enum lk_xwap_criticality criticality;
        uint16_t id;
        bool missing; /* else not understood */
    } item[LK_XWAP_DIAGNOSTICS_MAX];
};

struct lk_xwap {
    enum lk_xwap_type type;
    uint32_t present; /* a bit for each enum lk_xwap_ie */
    uint32_t enb_ue_id, wt_ue_id;
    uint8_t ue_identity[LK_WLAN_ADDRESS_LEN]; /* the UE's MAC address */
    uint8_t wt_mac[LK_WLAN_ADDRESS_LEN];
    uint8_t serving_plmn[LK_XWAP_PLMN_LEN];
    struct lk_span key; /* in LK_XWAP_SECURITY or LK_XWAP_CONTEXT; empty: none */
    struct lk_xwap_cause cause;
    /* Bearers asked for, admitted, or wanted by the other side; also those of LK_XWAP_CONTEXT. */
    struct lk_xwap_bearers added, modified, released, not_admitted;
    struct lk_wlan_set mobility_set;
    struct lk_xwap_diagnostics diagnostics;
};

void lk_xwap_mark(struct lk_xwap *message, enum lk_xwap_ie ie);
bool lk_xwap_has(const struct lk_xwap *message, enum lk_xwap_ie ie);

/* Reads a message. found says what the answer should tell of: elements that were not understood or
 * missing, unless they may be ignored.
 *   LK_OK          with a found that may tell of elements to be notified
 *   LK_E_UNKNOWN   a procedure, or an element that must be understood, is not (type is
 *                  LK_XWAP_TYPE_COUNT when it is the procedure)
 *   LK_E_MISSING   an element that must be there is not
 *   LK_E_TWICE, LK_E_VALUE, LK_E_SHORT, ...   the message is not well made
 * After LK_E_UNKNOWN and LK_E_MISSING what could be read stands in message, to answer with. */
LK_MUST_CHECK enum lk_status lk_xwap_decode(struct lk_xwap *message,
                                            struct lk_xwap_diagnostics *found,
                                            struct lk_span octets);
/* LK_E_MISSING: an element that the message must have; LK_E_VALUE: one that it cannot have, or a
 * value outside its limits; LK_E_LENGTH: a list that is empty or too long. */
LK_MUST_CHECK enum lk_status lk_xwap_encode(struct lk_writer *w, const struct lk_xwap *message);

#endif
