/* MIS messages (IEEE 802.21-2017, once MIH): header, TLVs, what each message must have.
 *
 * A datagram is read in two steps, because what a security association protects is a list of TLVs
 * that is seen only when it is opened:
 *
 *     lk_mis_decode        header, both identifiers, and either the list of TLVs (body) or SAID and
 *                          Security; covered is what the MIC is over besides
 *     lk_mis_message_get   a list of TLVs, in clear or opened, into one struct, judged by the row
 *                          of its message
 *
 * and written in two: lk_mis_message_put writes the list, lk_mis_encode what stands before it. No
 * key comes in here, but a K may stand in the datagram: who holds it, wipes it. */
#ifndef LK_WIRE_MIS_H
#define LK_WIRE_MIS_H

#include "wire/mis_types.h"

enum {
    LK_MIS_PORT = 4551,
    LK_MIS_HEADER_LEN = 8,
    LK_MIS_PAYLOAD_MAX = 65535,
    LK_MIS_MAX = LK_MIS_HEADER_LEN + LK_MIS_PAYLOAD_MAX,
    LK_MIS_COVERED_MAX = 576, /* of lk_mis_covered */
    LK_MIS_TID_MAX = 0x0fff,
    LK_MIS_SUITES_MAX = 8, /* offers of one message */
};

/* ---- which message ---- */

enum lk_mis_service {
    LK_MIS_MANAGEMENT = 1,
    LK_MIS_EVENT = 2,
    LK_MIS_COMMAND = 3,
    LK_MIS_INFORMATION = 4,
};
enum lk_mis_opcode {
    LK_MIS_CONFIRM = 0, /* never between peers */
    LK_MIS_REQUEST = 1,
    LK_MIS_RESPONSE = 2,
    LK_MIS_INDICATION = 3,
};
/* A service and an action. */
enum lk_mis_action {
    LK_MIS_CAPABILITY_DISCOVER,
    LK_MIS_REGISTER,
    LK_MIS_DEREGISTER,
    LK_MIS_EVENT_SUBSCRIBE,
    LK_MIS_EVENT_UNSUBSCRIBE,
    LK_MIS_AUTH,
    LK_MIS_TERMINATION_AUTH,
    LK_MIS_PUSH_KEY,
    LK_MIS_LL_AUTH,
    LK_MIS_LINK_DETECTED,
    LK_MIS_LINK_UP,
    LK_MIS_LINK_DOWN,
    LK_MIS_LINK_PARAMETERS_REPORT,
    LK_MIS_LINK_GOING_DOWN,
    LK_MIS_LINK_HANDOVER_IMMINENT,
    LK_MIS_LINK_HANDOVER_COMPLETE,
    LK_MIS_LINK_PDU_TRANSMIT_STATUS,
    LK_MIS_LINK_GET_PARAMETERS,
    LK_MIS_LINK_CONFIGURE_THRESHOLDS,
    LK_MIS_LINK_ACTIONS,
    LK_MIS_NET_HO_CANDIDATE_QUERY,
    LK_MIS_MN_HO_CANDIDATE_QUERY,
    LK_MIS_N2N_HO_QUERY_RESOURCES,
    LK_MIS_MN_HO_COMMIT,
    LK_MIS_NET_HO_COMMIT,
    LK_MIS_N2N_HO_COMMIT,
    LK_MIS_MN_HO_COMPLETE,
    LK_MIS_N2N_HO_COMPLETE,
    LK_MIS_NET_HO_BCST_COMMIT,
    LK_MIS_GET_INFORMATION,
    LK_MIS_PUSH_INFORMATION,
    LK_MIS_PREREG_XFER,
    LK_MIS_N2N_PREREG_XFER,
    LK_MIS_ACTION_COUNT, /* none that we know */
};

struct lk_mis_header {
    bool ack_request, ack_response;
    bool uir;          /* information request before there is an association */
    bool proactive;    /* the P bit: sent as 0, not looked at */
    bool secured;      /* the S bit */
    uint16_t id;       /* Message ID: lk_mis_message_id */
    uint16_t tid;
};

uint16_t lk_mis_message_id(enum lk_mis_action action, enum lk_mis_opcode opcode,
                           const struct lk_mis_codes *codes);
enum lk_mis_action lk_mis_action_of(uint16_t id, const struct lk_mis_codes *codes);
enum lk_mis_opcode lk_mis_opcode_of(uint16_t id);
/* "MIS_Prereg_Xfer"; "?" for LK_MIS_ACTION_COUNT. Never NULL. */
const char *lk_mis_action_name(enum lk_mis_action action);
/* "request" and so on. */
const char *lk_mis_opcode_name(enum lk_mis_opcode opcode);

/* ---- a datagram, or a frame of a stream ---- */

struct lk_mis_pdu {
    struct lk_mis_header header;
    struct lk_span source, destination; /* MISF IDs; an empty destination: to all */
    struct lk_span body;                /* the TLVs behind them; header.secured: empty */
    /* header.secured: */
    struct lk_mis_said said;
    struct lk_span covered; /* from the header to the end of the SAID */
    struct lk_mis_security security;
};

/* LK_E_SHORT, LK_E_TRAILING: the payload is not as long as the header says, or something stands
 * behind Security. LK_E_UNSUPPORTED: a higher version, or a fragment, which only layer 2 has.
 * LK_E_MISSING: no identifiers, or S without SAID and Security. LK_E_VALUE: version 0; a confirm;
 * Security without S; no source, or no destination where there must be one. LK_E_LENGTH: a length
 * that cannot be. None of them is answered. */
LK_MUST_CHECK enum lk_status lk_mis_decode(struct lk_mis_pdu *pdu, struct lk_span datagram,
                                           const struct lk_mis_codes *codes);
/* Header, identifiers, then body; or, header.secured, what lk_mis_covered writes, then Security.
 * LK_E_FULL, LK_E_LENGTH, LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_mis_encode(struct lk_writer *w, const struct lk_mis_pdu *pdu,
                                           const struct lk_mis_codes *codes);
/* What a secured PDU begins with until the end of the SAID: the octets that the MIC is over. Of
 * security only the lengths count, for the payload length in the header; its octets need not be
 * there yet. */
LK_MUST_CHECK enum lk_status lk_mis_covered(struct lk_writer *w, const struct lk_mis_pdu *pdu,
                                            const struct lk_mis_codes *codes);
/* ACK-Rsp and not one TLV: nothing but an acknowledgement. tlvs is body, or what was opened. */
bool lk_mis_is_bare_ack(const struct lk_mis_header *header, struct lk_span tlvs);

/* ---- TLVs ---- */

enum lk_mis_tlv {
    LK_MIS_TLV_STATUS,
    LK_MIS_TLV_LINK_TYPE,
    LK_MIS_TLV_EVENTS,
    LK_MIS_TLV_COMMANDS,
    LK_MIS_TLV_QUERIES,
    LK_MIS_TLV_TRANSPORTS,
    LK_MIS_TLV_LINK_ADDRESSES,
    LK_MIS_TLV_MBB,
    LK_MIS_TLV_REGISTER_CODE,
    LK_MIS_TLV_VALID_TIME,
    LK_MIS_TLV_LINK,
    LK_MIS_TLV_NEW_LINK,
    LK_MIS_TLV_OLD_ROUTER,
    LK_MIS_TLV_NEW_ROUTER,
    LK_MIS_TLV_IP_RENEWAL,
    LK_MIS_TLV_MOBILITY,
    LK_MIS_TLV_IP_METHODS,
    LK_MIS_TLV_LINK_DOWN_REASON,
    LK_MIS_TLV_TIME_INTERVAL,
    LK_MIS_TLV_GOING_DOWN_REASON,
    LK_MIS_TLV_ACCESS_ROUTER,
    LK_MIS_TLV_MN,
    LK_MIS_TLV_TARGET,
    LK_MIS_TLV_TARGETS,
    LK_MIS_TLV_DETECTED,
    LK_MIS_TLV_VENDOR,
    /* Those of struct lk_mis_codes; SAID and Security of a protected PDU are the PDU's own. */
    LK_MIS_TLV_SAID,
    LK_MIS_TLV_NONCE_T,
    LK_MIS_TLV_NONCE_N,
    LK_MIS_TLV_AUTH_INFO,
    LK_MIS_TLV_AUTH_VALUE,
    LK_MIS_TLV_SUITES,
    LK_MIS_TLV_PRFS,
    LK_MIS_TLV_KEY_ENVELOPE,
    LK_MIS_TLV_LIFETIME,
    LK_MIS_TLV_POS,
    LK_MIS_TLV_CHAIN,
    LK_MIS_TLV_LINK_FRAMES,
    LK_MIS_TLV_CAPABILITY,
    LK_MIS_TLV_REASON,
    LK_MIS_TLV_DH,
    LK_MIS_TLV_LINK_TYPES,
    LK_MIS_TLV_START_MARK,
    LK_MIS_TLV_LINK_KEYS,
    LK_MIS_TLV_PLACE,
    LK_MIS_TLV_COUNT,
};

enum lk_mis_status {
    LK_MIS_SUCCESS = 0,
    LK_MIS_FAILURE = 1,
    LK_MIS_REJECTED = 2,
    LK_MIS_NOT_AUTHORIZED = 3,
    LK_MIS_NETWORK_ERROR = 4,
    LK_MIS_AUTH_FAILURE = 5,
};

struct lk_mis_chain {
    uint8_t used, max; /* optimised runs since the last authentication that counts, and the limit */
};

/* Which of the members are there: lk_mis_has; one that is not is zero. Spans are views into the
 * list. */
struct lk_mis_message {
    uint64_t present; /* bits 1 << enum lk_mis_tlv */
    uint8_t status;   /* enum lk_mis_status, or what came */
    uint8_t link_type;
    /* Bitmaps: bit i of the drawing is 1 << i. */
    uint64_t events, commands, queries, transports, mobility, ip_methods;
    uint8_t register_code; /* 0 register, 1 again */
    uint32_t valid_s;
    struct lk_mis_link_tuple link, new_link;
    struct lk_mis_link_addr old_router, new_router;
    bool ip_renewal;
    uint8_t link_down_reason, going_down_reason;
    uint16_t interval_ms;
    struct lk_address access_router;
    struct lk_span mn; /* MISF ID */
    struct lk_mis_target target;
    struct lk_span targets;        /* a LIST: lk_mis_get_length, then lk_mis_get_target */
    struct lk_span link_addresses; /* lists that nobody here looks into, as are these two */
    struct lk_span mbb, detected;
    struct lk_span vendor; /* begins with an OUI of 3 octets, if it has as many */

    struct lk_mis_said said;
    struct lk_span nonce_t, nonce_n;
    struct lk_span auth_info; /* an EAP or ERP packet */
    struct lk_span auth;      /* AUTH-N or AUTH-T */
    struct lk_span suites;    /* the codes c, by preference: lk_mis_suite_of */
    uint8_t prfs;             /* bits 1 << enum lk_mis_prf */
    struct lk_mis_key_envelope envelope;
    uint32_t lifetime_s;
    struct lk_mis_pos pos;
    struct lk_mis_chain chain;
    struct lk_span link_frames;
    struct lk_mis_capability capability;
    enum lk_mis_reason reason;
    struct lk_span dh;
    struct lk_span link_types; /* best first, an octet each */
    struct lk_span start_mark;
    struct lk_span link_keys; /* a LIST: lk_mis_get_length, then lk_mis_get_link_key */
    struct lk_mis_place place;
};

bool lk_mis_has(const struct lk_mis_message *message, enum lk_mis_tlv tlv);
void lk_mis_mark(struct lk_mis_message *message, enum lk_mis_tlv tlv);

/* LK_MIS_TLV_COUNT: none of a list that we know. */
enum lk_mis_tlv lk_mis_tlv_of(uint8_t type, const struct lk_mis_codes *codes);

/* That is how it went, and why: LK_MIS_REASON_NONE is not said. */
void lk_mis_status_put(struct lk_mis_message *message, enum lk_mis_status status,
                       enum lk_mis_reason reason);

/* What is unknown is passed over, and so is a value that cannot be in the experimental range and
 * something that comes again. LK_E_TWICE: what secures comes again. LK_E_MISSING: the message,
 * which header names, must have something that is not there; a bare acknowledgement needs nothing.
 * LK_E_SHORT, LK_E_LENGTH, LK_E_VALUE, LK_E_TRAILING: a TLV is not well made. */
LK_MUST_CHECK enum lk_status lk_mis_message_get(struct lk_mis_message *message,
                                                const struct lk_mis_header *header,
                                                struct lk_span tlvs,
                                                const struct lk_mis_codes *codes);
/* The TLVs that are marked, in the order of the table. LK_E_LENGTH, LK_E_VALUE, LK_E_FULL. */
LK_MUST_CHECK enum lk_status lk_mis_message_put(struct lk_writer *w,
                                                const struct lk_mis_message *message,
                                                const struct lk_mis_codes *codes);

/* A walk over the list of TLVs without judging, for traces: false when it ends or breaks. */
bool lk_mis_tlv_next(struct lk_reader *r, uint8_t *type, struct lk_span *value);
/* A key is in its value: it is neither sent nor told in clear. */
bool lk_mis_tlv_holds_key(uint8_t type, const struct lk_mis_codes *codes);
/* "Nonce-T"; "?" for the unknown. Never NULL. */
const char *lk_mis_tlv_name(uint8_t type, const struct lk_mis_codes *codes);

#endif
