/* IEEE 802.11 frames as far as LTE-WLAN aggregation needs them: the radiotap header of captures,
 * the MAC header, the management frames of an association, and what stands in a data frame.
 *
 * A frame is decoded in steps: the MAC header, which yields the body; then the body by its kind.
 * The body of a protected data frame begins with a CCMP header (wire/ccmp); what is inside it, once
 * opened, is read as that of a frame without protection. Fragments and aggregates are not read:
 * what is never joined cannot be joined wrongly. */
#ifndef LK_WIRE_IEEE80211_H
#define LK_WIRE_IEEE80211_H

#include "base/octets.h"

enum { LK_80211_ADDRESS_LEN = 6, LK_80211_FRAME_MAX = 2346, LK_RADIOTAP_LEN = 8 };

/* ---- radiotap ---- */

/* Writes a header without a field: no frame check sequence follows the frame. */
void lk_radiotap_put(struct lk_writer *w);
/* The frame behind a header. LK_E_UNKNOWN: another version, or flags, which we do not read: there
 * may be a frame check sequence. */
LK_MUST_CHECK enum lk_status lk_radiotap_decode(struct lk_span *frame, struct lk_span octets);

/* ---- MAC header ---- */

/* Type and subtype, as the first octet of frame control has them. */
enum lk_80211_kind {
    LK_80211_ASSOCIATION_REQUEST = 0x00,
    LK_80211_ASSOCIATION_RESPONSE = 0x10,
    LK_80211_REASSOCIATION_REQUEST = 0x20,
    LK_80211_REASSOCIATION_RESPONSE = 0x30,
    LK_80211_DISASSOCIATION = 0xa0,
    LK_80211_AUTHENTICATION = 0xb0,
    LK_80211_DEAUTHENTICATION = 0xc0,
    LK_80211_DATA = 0x08,
    LK_80211_QOS_DATA = 0x88,
};

/* The second octet of frame control. */
enum {
    LK_80211_TO_DS = 1 << 0,
    LK_80211_FROM_DS = 1 << 1,
    LK_80211_MORE_FRAGMENTS = 1 << 2,
    LK_80211_RETRY = 1 << 3,
    LK_80211_POWER = 1 << 4,
    LK_80211_MORE_DATA = 1 << 5,
    LK_80211_PROTECTED = 1 << 6,
    LK_80211_ORDER = 1 << 7, /* of management and QoS data: HT control is there */
};

enum { LK_80211_QOS_TID = 0x000f, LK_80211_QOS_AGGREGATE = 0x0080, LK_80211_SEQUENCE_MAX = 4095 };

struct lk_80211_header {
    uint8_t kind; /* enum lk_80211_kind, or another management or data frame */
    uint8_t flags;
    uint16_t duration;
    uint8_t a1[LK_80211_ADDRESS_LEN]; /* receiver */
    uint8_t a2[LK_80211_ADDRESS_LEN]; /* transmitter */
    uint8_t a3[LK_80211_ADDRESS_LEN];
    uint8_t a4[LK_80211_ADDRESS_LEN]; /* data with both DS bits */
    uint16_t sequence; /* twelve bits */
    uint8_t fragment;  /* four */
    uint16_t qos;      /* QoS data */
    uint8_t ht_control[4];
};

bool lk_80211_is_management(const struct lk_80211_header *header);
bool lk_80211_is_qos(const struct lk_80211_header *header);
bool lk_80211_has_a4(const struct lk_80211_header *header);

/* Reads the header; what is behind it is the body. LK_E_UNKNOWN: another protocol version, or a
 * control or extension frame; LK_E_VALUE: a management frame with a DS bit. */
LK_MUST_CHECK enum lk_status lk_80211_decode(struct lk_80211_header *header, struct lk_span *body,
                                             struct lk_span frame);
/* Writes the header. Refuses what would not be read again. */
LK_MUST_CHECK enum lk_status lk_80211_header_encode(struct lk_writer *w,
                                                    const struct lk_80211_header *header);

/* ---- management bodies ---- */

enum lk_80211_status {
    LK_80211_SUCCESS = 0,
    LK_80211_REFUSED = 1,
    LK_80211_NO_ASSOCIATION = 11,       /* to take over, at a reassociation */
    LK_80211_ALGORITHM = 13,
    LK_80211_OUT_OF_SEQUENCE = 14,
    LK_80211_FULL = 17,
    LK_80211_INVALID_ELEMENT = 40,
    LK_80211_INVALID_GROUP_CIPHER = 41,
    LK_80211_INVALID_PAIRWISE_CIPHER = 42,
    LK_80211_INVALID_AKM = 43,
    LK_80211_INVALID_RSNE_VERSION = 44,
    LK_80211_INVALID_RSNE_CAPABILITIES = 45,
    LK_80211_INVALID_PMKID = 53,
};

enum lk_80211_reason {
    LK_80211_REASON_UNSPECIFIED = 1,
    LK_80211_REASON_AUTHENTICATION_ENDED = 2,
    LK_80211_REASON_LEAVING = 3,
    LK_80211_REASON_INACTIVE = 4,
    LK_80211_REASON_NOT_AUTHENTICATED = 6,
    LK_80211_REASON_NOT_ASSOCIATED = 7,
    LK_80211_REASON_INVALID_ELEMENT = 13,
    LK_80211_REASON_MIC = 14,
    LK_80211_REASON_HANDSHAKE_TIMEOUT = 15,
    LK_80211_REASON_GROUP_TIMEOUT = 16,
    LK_80211_REASON_RSNE_DIFFERS = 17,
    LK_80211_REASON_INVALID_AKM = 20,
    LK_80211_REASON_INVALID_PMKID = 49,
};

enum { LK_80211_OPEN_SYSTEM = 0 };

struct lk_80211_authentication {
    uint16_t algorithm;
    uint16_t transaction; /* 1 the station's, 2 the answer */
    uint16_t status;
    struct lk_span elements; /* as they are */
};

/* Capability bits. */
enum { LK_80211_ESS = 1 << 0, LK_80211_PRIVACY = 1 << 4 };
enum { LK_80211_SSID_MAX = 32, LK_80211_RATES_MAX = 8, LK_80211_AID_MAX = 2007 };

/* What is not there is empty. */
/* As text, without what does not print. */
enum { LK_80211_SSID_TEXT = LK_80211_SSID_MAX + 1 };
void lk_80211_ssid_text(char text[LK_80211_SSID_TEXT], struct lk_span ssid);

struct lk_80211_elements {
    struct lk_span ssid;
    struct lk_span rates;
    struct lk_span more_rates;
    struct lk_span rsne; /* the whole element: wire/rsne reads it */
};

struct lk_80211_association_request {
    bool again; /* a reassociation, from current */
    uint16_t capabilities;
    uint16_t listen_interval;
    uint8_t current[LK_80211_ADDRESS_LEN];
    struct lk_80211_elements elements;
};

struct lk_80211_association_response {
    uint16_t capabilities;
    uint16_t status;
    uint16_t aid; /* of a success: 1 to LK_80211_AID_MAX */
    struct lk_80211_elements elements;
};

/* Each body in both directions. LK_E_MISSING, LK_E_TWICE, LK_E_LENGTH say what is wrong with an
 * element; those of other kinds are passed over, and not written again. */
LK_MUST_CHECK enum lk_status
lk_80211_authentication_decode(struct lk_80211_authentication *message, struct lk_span body);
LK_MUST_CHECK enum lk_status
lk_80211_authentication_encode(struct lk_writer *w, const struct lk_80211_authentication *message);
LK_MUST_CHECK enum lk_status
lk_80211_association_request_decode(struct lk_80211_association_request *message, bool again,
                                    struct lk_span body);
LK_MUST_CHECK enum lk_status
lk_80211_association_request_encode(struct lk_writer *w,
                                    const struct lk_80211_association_request *message);
LK_MUST_CHECK enum lk_status
lk_80211_association_response_decode(struct lk_80211_association_response *message,
                                     struct lk_span body);
LK_MUST_CHECK enum lk_status
lk_80211_association_response_encode(struct lk_writer *w,
                                     const struct lk_80211_association_response *message);
/* Of a deauthentication or a disassociation: enum lk_80211_reason, or another. Elements may follow
 * it. The body is written with lk_put_le16. */
LK_MUST_CHECK enum lk_status lk_80211_reason_decode(uint16_t *reason, struct lk_span body);

/* ---- data bodies ---- */

enum { LK_LWA_ETHERTYPE = 0x9e65, LK_LLC_LEN = 8 };

struct lk_80211_payload {
    uint16_t ethertype;
    struct lk_span octets;
};

/* What a data frame carries behind LLC and SNAP; body is in clear. LK_E_UNKNOWN: no data frame;
 * LK_E_UNSUPPORTED: a fragment or an aggregate; LK_E_VALUE: no LLC and SNAP of an EtherType. */
LK_MUST_CHECK enum lk_status lk_80211_payload_decode(struct lk_80211_payload *payload,
                                                     const struct lk_80211_header *header,
                                                     struct lk_span body);
void lk_80211_payload_put(struct lk_writer *w, const struct lk_80211_payload *payload);

/* What LWA puts before a PDCP PDU: whose bearer it is of. */
enum { LK_LWAAP_DRB_MAX = 31 };
struct lk_lwaap {
    uint8_t drb;
    struct lk_span pdu;
};
LK_MUST_CHECK enum lk_status lk_lwaap_decode(struct lk_lwaap *lwaap, struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_lwaap_encode(struct lk_writer *w, const struct lk_lwaap *lwaap);

#endif
