/* RADIUS packets (RFC 2865, 2866, 2869, 3579, 5997): header and attributes, octets to views and
 * back.
 *
 * The decoder checks the header and that the attributes fill the packet exactly, so that whoever
 * walks them afterwards meets no surprise. Nothing here knows a key: authenticators and hidden
 * attributes are the radius room's (src/proto/radius). */
#ifndef LK_WIRE_RADIUS_H
#define LK_WIRE_RADIUS_H

#include "base/octets.h"
#include "base/station.h"

enum lk_radius_code {
    LK_RADIUS_ACCESS_REQUEST = 1,
    LK_RADIUS_ACCESS_ACCEPT = 2,
    LK_RADIUS_ACCESS_REJECT = 3,
    LK_RADIUS_ACCOUNTING_REQUEST = 4,
    LK_RADIUS_ACCOUNTING_RESPONSE = 5,
    LK_RADIUS_ACCESS_CHALLENGE = 11,
    LK_RADIUS_STATUS_SERVER = 12,
    LK_RADIUS_DISCONNECT_REQUEST = 40,
    LK_RADIUS_DISCONNECT_ACK = 41,
    LK_RADIUS_DISCONNECT_NAK = 42,
    LK_RADIUS_COA_REQUEST = 43,
    LK_RADIUS_COA_ACK = 44,
    LK_RADIUS_COA_NAK = 45,
};

/* The attributes we read or write by name; the display table of radius_names.c knows more. */
enum lk_radius_type {
    LK_RADIUS_USER_NAME = 1,
    LK_RADIUS_NAS_IP_ADDRESS = 4,
    LK_RADIUS_NAS_PORT = 5,
    LK_RADIUS_SERVICE_TYPE = 6,
    LK_RADIUS_FRAMED_IP_ADDRESS = 8,
    LK_RADIUS_FRAMED_MTU = 12,
    LK_RADIUS_REPLY_MESSAGE = 18,
    LK_RADIUS_STATE = 24,
    LK_RADIUS_CLASS = 25,
    LK_RADIUS_VENDOR_SPECIFIC = 26,
    LK_RADIUS_SESSION_TIMEOUT = 27,
    LK_RADIUS_TERMINATION_ACTION = 29,
    LK_RADIUS_CALLED_STATION_ID = 30,
    LK_RADIUS_CALLING_STATION_ID = 31,
    LK_RADIUS_NAS_IDENTIFIER = 32,
    LK_RADIUS_PROXY_STATE = 33,
    LK_RADIUS_ACCT_STATUS_TYPE = 40,
    LK_RADIUS_ACCT_INPUT_OCTETS = 42,
    LK_RADIUS_ACCT_OUTPUT_OCTETS = 43,
    LK_RADIUS_ACCT_SESSION_ID = 44,
    LK_RADIUS_ACCT_SESSION_TIME = 46,
    LK_RADIUS_ACCT_TERMINATE_CAUSE = 49,
    LK_RADIUS_ACCT_MULTI_SESSION_ID = 50,
    LK_RADIUS_ACCT_INPUT_GIGAWORDS = 52,
    LK_RADIUS_ACCT_OUTPUT_GIGAWORDS = 53,
    LK_RADIUS_EVENT_TIMESTAMP = 55,
    LK_RADIUS_NAS_PORT_TYPE = 61,
    LK_RADIUS_EAP_MESSAGE = 79,
    LK_RADIUS_MESSAGE_AUTHENTICATOR = 80,
    LK_RADIUS_NAS_PORT_ID = 87,
    LK_RADIUS_CHARGEABLE_USER_IDENTITY = 89,
    LK_RADIUS_NAS_IPV6_ADDRESS = 95,
    LK_RADIUS_ERROR_CAUSE = 101,
    LK_RADIUS_EAP_KEY_NAME = 102,
};

enum {
    LK_RADIUS_HEADER_LEN = 20,
    LK_RADIUS_AUTHENTICATOR_LEN = 16,
    LK_RADIUS_AUTHENTICATOR_AT = 4,
    LK_RADIUS_PACKET_MAX = 4096,
    LK_RADIUS_VALUE_MAX = 253,
    LK_RADIUS_MAC_LEN = 16, /* value of Message-Authenticator */
    LK_RADIUS_MICROSOFT = 311, /* vendor of the MPPE keys */
    LK_RADIUS_MS_MPPE_SEND_KEY = 16,
    LK_RADIUS_MS_MPPE_RECV_KEY = 17,
};

struct lk_radius_packet {
    uint8_t code;
    uint8_t identifier;
    struct lk_span authenticator; /* 16 octets */
    struct lk_span attributes;    /* known to be well formed */
    struct lk_span whole;         /* the packet; padding behind its length is cut off */
};

/* LK_E_SHORT, LK_E_LENGTH for a header or an attribute that does not fit. */
LK_MUST_CHECK enum lk_status lk_radius_decode(struct lk_radius_packet *packet,
                                              struct lk_span datagram);

/* ---- attributes ---- */

struct lk_radius_attribute {
    uint8_t type;
    struct lk_span value; /* 0 to 253 octets */
};

/* Yields one attribute after another of lk_reader_of(packet.attributes); false at the end. */
bool lk_radius_next(struct lk_reader *r, struct lk_radius_attribute *attribute);
/* The first of that type; false, and an empty value, when there is none. */
bool lk_radius_find(const struct lk_radius_packet *packet, uint8_t type, struct lk_span *value);
/* Value of four octets as a number; LK_E_LENGTH otherwise. */
LK_MUST_CHECK enum lk_status lk_radius_u32(uint32_t *number, struct lk_span value);

/* The EAP packet that the EAP-Message attributes carry, in order (RFC 3579 3.1). One attribute is a
 * view into the packet; several are joined in room, which must outlive eap. LK_E_MISSING without
 * any, LK_E_VALUE when others come between them, LK_E_FULL when room is too small. An empty span:
 * EAP-Start. */
LK_MUST_CHECK enum lk_status lk_radius_join_eap(struct lk_span *eap,
                                                const struct lk_radius_packet *packet,
                                                uint8_t *room, size_t cap);

/* Vendor-Specific (RFC 2865 5.26) with the usual type and length octets inside. */
struct lk_radius_vendor {
    uint32_t id;
    struct lk_span attributes; /* for lk_radius_next, known to be well formed */
};
LK_MUST_CHECK enum lk_status lk_radius_decode_vendor(struct lk_radius_vendor *vendor,
                                                     struct lk_span value);
/* The first attribute of that vendor and type. */
bool lk_radius_find_vendor(const struct lk_radius_packet *packet, uint32_t vendor, uint8_t type,
                           struct lk_span *value);

/* ---- encoding: begin, put attributes, end. The writer holds one packet and nothing else ---- */

/* The header, with a hole for length and authenticator. */
void lk_radius_begin(struct lk_writer *w, enum lk_radius_code code, uint8_t identifier);
/* LK_E_LENGTH in the writer when value is longer than 253 octets. */
void lk_radius_put(struct lk_writer *w, uint8_t type, struct lk_span value);
void lk_radius_put_u32(struct lk_writer *w, uint8_t type, uint32_t number);
/* Calling-Station-Id. One that comes is for lk_station_parse: not all keep to RFC 3580. */
void lk_radius_put_station(struct lk_writer *w, const uint8_t mac[LK_STATION_LEN]);
/* A value of zeroes to be patched: the offset of it. */
size_t lk_radius_put_hole(struct lk_writer *w, uint8_t type, size_t len);
/* As many EAP-Message attributes as it takes; one empty one for an empty packet. */
void lk_radius_put_eap(struct lk_writer *w, struct lk_span eap);
/* One vendor attribute in a Vendor-Specific of its own: value at most 247 octets. */
void lk_radius_put_vendor(struct lk_writer *w, uint32_t vendor, uint8_t type,
                          struct lk_span value);
/* As above, value to be patched. */
size_t lk_radius_put_vendor_hole(struct lk_writer *w, uint32_t vendor, uint8_t type, size_t len);
/* Writes the length; LK_E_FULL when the packet is longer than 4096 octets. */
LK_MUST_CHECK enum lk_status lk_radius_end(struct lk_writer *w);

/* ---- for displays ---- */

enum lk_radius_form {
    LK_RADIUS_OCTETS,
    LK_RADIUS_TEXT,
    LK_RADIUS_NUMBER,
    LK_RADIUS_ADDRESS, /* IPv4 */
    LK_RADIUS_TIME,    /* seconds since 1970 */
    LK_RADIUS_EAP,     /* part of an EAP packet */
    LK_RADIUS_VENDOR,
    LK_RADIUS_SECRET,  /* hidden under the shared secret */
};

/* "Access-Request", "User-Name"; "?" for the unknown. Never NULL. */
const char *lk_radius_code_name(uint8_t code);
const char *lk_radius_attribute_name(uint8_t type);
enum lk_radius_form lk_radius_attribute_form(uint8_t type);
/* "MS-MPPE-Recv-Key"; "?" for the unknown. */
const char *lk_radius_vendor_attribute_name(uint32_t vendor, uint8_t type);

#endif
