/* The client's side of RADIUS: what an access point does for the peer behind it.
 *
 * A plain struct that has at most one request out. send_* build a request (Message-Authenticator
 * first) and put SEND and TIMER into the outbox; received judges an answer; expired sends the same
 * octets again (RFC 5080 2.2.1) and gives up with FAILED after the last try. Timers carry the
 * identifier of the request as their id, so that a late one is told from the one awaited. */
#ifndef LK_PROTO_RADIUS_CLIENT_H
#define LK_PROTO_RADIUS_CLIENT_H

#include "base/address.h"
#include "proto/outbox.h"
#include "proto/radius/private_mis.h"

enum {
    LK_RADIUS_NAS_TEXT = 64,
    LK_RADIUS_REQUEST_MAX = LK_OUTBOX_OCTETS,
    LK_RADIUS_JOINED_MAX = 2048, /* EAP packet of an answer */
};

struct lk_radius_nas_config {
    struct lk_radius_secret secret;
    struct lk_address address;             /* NAS-IP-Address, when IPv4 */
    char identifier[LK_RADIUS_NAS_TEXT];   /* NAS-Identifier; "" leaves it out */
    char called[LK_RADIUS_NAS_TEXT];       /* Called-Station-Id; "" leaves it out */
    bool ask_key_name;                     /* EAP-Key-Name */
    uint32_t enterprise;                   /* of the private vendor attributes; 0: none */
    struct lk_twan_access access;          /* sent as a TWAP does, when its modes are not 0 */
    char pos[LK_RADIUS_MIS_POS_MAX + 1];   /* MISF ID: asks for the MIS service; "" does not */
    uint32_t retry_ms;                     /* first wait; doubles; 0: 2,000 */
    uint8_t tries;                         /* sendings in all; 0: 5 */
};

enum lk_radius_nas_state { LK_RADIUS_NAS_IDLE, LK_RADIUS_NAS_AWAIT_ANSWER };

struct lk_radius_nas {
    enum lk_radius_nas_state state;
    uint8_t identifier; /* of the last request */
    uint8_t sent;       /* times */
    uint32_t wait_ms;
    enum lk_reason dropped; /* the last answer that was not taken, and why; NONE */
    char user[LK_RADIUS_VALUE_MAX + 1];    /* User-Name, set by the caller */
    char calling[LK_RADIUS_NAS_TEXT];      /* Calling-Station-Id, set by the caller; "" */
    uint8_t class_len;
    uint8_t class_value[LK_RADIUS_VALUE_MAX]; /* of the last Accept, echoed in accounting */
    uint8_t state_len;
    uint8_t state_value[LK_RADIUS_VALUE_MAX]; /* of the last Challenge */
    size_t len;
    uint8_t request[LK_RADIUS_REQUEST_MAX]; /* as sent */
};

void lk_radius_nas_init(struct lk_radius_nas *nas);

/* An Access-Request that carries eap (State of the last Challenge with it). entropy: at least 16
 * octets are used. LK_E_UNEXPECTED while another is out; LK_E_FULL when it does not fit. */
LK_MUST_CHECK enum lk_status lk_radius_nas_send_eap(struct lk_radius_nas *nas,
                                                    const struct lk_radius_nas_config *config,
                                                    struct lk_span eap, uint64_t now_ms,
                                                    const uint8_t entropy[LK_ENTROPY_LEN],
                                                    struct lk_outbox *out);
LK_MUST_CHECK enum lk_status lk_radius_nas_send_status(struct lk_radius_nas *nas,
                                                       const struct lk_radius_nas_config *config,
                                                       uint64_t now_ms,
                                                       const uint8_t entropy[LK_ENTROPY_LEN],
                                                       struct lk_outbox *out);
/* What an Accounting-Request says. */
struct lk_radius_usage {
    uint32_t kind; /* Acct-Status-Type */
    const char *session;
    uint64_t input_octets, output_octets;
    uint32_t session_s;
    uint32_t terminate_cause; /* 0 leaves it out */
};
LK_MUST_CHECK enum lk_status lk_radius_nas_send_usage(struct lk_radius_nas *nas,
                                                      const struct lk_radius_nas_config *config,
                                                      const struct lk_radius_usage *usage,
                                                      uint64_t now_ms, struct lk_outbox *out);

/* An answer that was verified. */
struct lk_radius_outcome {
    enum lk_radius_code code;
    bool has_eap;
    struct lk_span eap; /* view into the datagram or into joined */
    bool has_msk;
    struct lk_msk msk; /* secret */
    bool has_wlcp; /* WLCP key and IMSI came, as for a TWAP */
    struct lk_wlcp_key wlcp_key; /* secret */
    struct lk_imsi imsi;
    uint8_t modes; /* TWAN-Connection-Mode of an Accept; 0: none */
    bool has_mis; /* what a PoS asks for came */
    struct lk_radius_mis mis; /* secret */
    struct lk_span key_name; /* EAP-Key-Name: views into the datagram */
    bool has_session_timeout;
    uint32_t session_timeout_s;
    uint8_t joined[LK_RADIUS_JOINED_MAX];
};

/* Judges a datagram. LK_OK: it answers the request that was out, outcome holds it, the timer asked
 * for means nothing any more. Otherwise it is dropped, the request stays out, and nas->dropped says
 * why when it came as an answer to it: LK_E_MAC for a wrong authenticator, LK_E_MISSING without
 * Message-Authenticator, LK_E_UNEXPECTED for another identifier or code. */
LK_MUST_CHECK enum lk_status lk_radius_nas_received(struct lk_radius_nas *nas,
                                                    const struct lk_radius_nas_config *config,
                                                    struct lk_span datagram,
                                                    struct lk_radius_outcome *outcome);
/* The timer with that id: SEND and TIMER again, or FAILED (no answer, or the last one's fault).
 * LK_E_UNEXPECTED for a timer that means nothing any more. */
LK_MUST_CHECK enum lk_status lk_radius_nas_expired(struct lk_radius_nas *nas,
                                                   const struct lk_radius_nas_config *config,
                                                   uint8_t timer, uint64_t now_ms,
                                                   const uint8_t entropy[LK_ENTROPY_LEN],
                                                   struct lk_outbox *out);
/* Forgets State and request: the next send begins a conversation. Class stays. */
void lk_radius_nas_reset(struct lk_radius_nas *nas);

#endif
