/* Mobility messages (RFC 6275 6.1, RFC 5213 8, RFC 5847 3.3): Binding Update, Acknowledgement,
 * Refresh Request, Error and Heartbeat, as mobile nodes, mobile access gateways and anchors speak
 * them, octets to structs and back.
 *
 * The options are rows of one table (pmip_options.c): type, limits of length, alignment, decode and
 * encode. What is not in the table is skipped, as the standard wants. Authentication options are
 * written last, and of each the decoder gives what its authenticator covers.
 *
 * Over a raw socket the message carries a checksum over the IPv6 pseudo header; inside UDP and DTLS
 * it is zero and is not looked at. No key comes in here. */
#ifndef LK_WIRE_PMIP_H
#define LK_WIRE_PMIP_H

#include "base/address.h"

enum lk_mobility_type {
    LK_MOBILITY_BRR = 0,
    LK_MOBILITY_BU = 5,
    LK_MOBILITY_BA = 6,
    LK_MOBILITY_BE = 7,
    LK_MOBILITY_HEARTBEAT = 13,
};

/* Flags of a Binding Update, of an Acknowledgement, and of a Heartbeat. */
enum {
    LK_BU_ACKNOWLEDGE = 0x8000,
    LK_BU_HOME = 0x4000,
    LK_BU_LINK_LOCAL = 0x2000,
    LK_BU_KEY = 0x1000,
    LK_BU_MAP = 0x0800,
    LK_BU_ROUTER = 0x0400,
    LK_BU_PROXY = 0x0200,
    LK_BU_UDP = 0x0100,  /* RFC 5555: a tunnel in UDP also where nobody translates */
    LK_BA_KEY = 0x80,
    LK_BA_ROUTER = 0x40,
    LK_BA_PROXY = 0x20,
    LK_HEARTBEAT_UNSOLICITED = 0x02,
    LK_HEARTBEAT_RESPONSE = 0x01,
};

enum lk_mobility_status {
    LK_BA_ACCEPTED = 0,
    LK_BA_PREFIX_DISCOVERY = 1,
    LK_BA_UNSPECIFIED = 128,
    LK_BA_PROHIBITED = 129,
    LK_BA_RESOURCES = 130,
    LK_BA_NO_HOME_REGISTRATION = 131,
    LK_BA_NOT_HOME_SUBNET = 132,
    LK_BA_NOT_HOME_AGENT = 133,
    LK_BA_DUPLICATE_ADDRESS = 134,
    LK_BA_SEQUENCE = 135,
    LK_BA_NONCE_HOME = 136,
    LK_BA_NONCE_CARE_OF = 137,
    LK_BA_NONCES = 138,
    LK_BA_TYPE_CHANGE = 139,
    LK_BA_ID_MISMATCH = 144,
    LK_BA_MESG_ID_REQUIRED = 145,
    LK_BA_AUTH_FAIL = 146,
    LK_BA_SERVICE_NOT_AUTHORIZED = 151,
    LK_BA_PROXY_NOT_ENABLED = 152,
    LK_BA_NOT_LMA_FOR_NODE = 153,
    LK_BA_MAG_NOT_AUTHORIZED = 154,
    LK_BA_PREFIX_NOT_AUTHORIZED = 155,
    LK_BA_TIMESTAMP_MISMATCH = 156,
    LK_BA_TIMESTAMP_LOWER = 157,
    LK_BA_MISSING_PREFIX = 158,
    LK_BA_PREFIX_SET_DIFFERS = 159,
    LK_BA_MISSING_MN_ID = 160,
    LK_BA_MISSING_HANDOFF = 161,
    LK_BA_MISSING_ACCESS = 162,
    LK_BA_IPV4_NOT_AUTHORIZED = 170,
    LK_BA_IPV4_HOME_NOT_AUTHORIZED = 171,
    LK_BA_IPV6_NOT_AUTHORIZED = 172,
    LK_BA_CARE_OF_INVALID = 174,
};

/* Of a Binding Error. */
enum { LK_BE_NO_BINDING = 1, LK_BE_UNKNOWN_TYPE = 2 };

enum lk_mobility_option_type {
    LK_MO_PAD1 = 0,
    LK_MO_PADN = 1,
    LK_MO_REFRESH = 2,
    LK_MO_CARE_OF = 3,
    LK_MO_MN_ID = 8,
    LK_MO_AUTH = 9,
    LK_MO_MESG_ID = 10,
    LK_MO_VENDOR = 19,
    LK_MO_SERVICE = 20,
    LK_MO_PREFIX = 22,
    LK_MO_HANDOFF = 23,
    LK_MO_ACCESS = 24,
    LK_MO_LINK_LAYER_ID = 25,
    LK_MO_LINK_LOCAL = 26,
    LK_MO_TIMESTAMP = 27,
    LK_MO_RESTARTS = 28,
    LK_MO_IPV4_HOME = 29, /* RFC 5555, as the next three */
    LK_MO_IPV4_HOME_ACK = 30,
    LK_MO_NAT = 31,
    LK_MO_IPV4_CARE_OF = 32,
    LK_MO_IPV4_REQUEST = 36,
    LK_MO_IPV4_REPLY = 37,
    LK_MO_IPV4_ROUTER = 38,
};

enum lk_handoff {
    LK_HANDOFF_NEW = 1,        /* attachment over a new interface */
    LK_HANDOFF_INTERFACES = 2, /* between two interfaces of the node */
    LK_HANDOFF_GATEWAYS = 3,   /* between gateways, same interface */
    LK_HANDOFF_UNKNOWN = 4,
    LK_HANDOFF_NONE = 5,       /* re-registration */
};

enum { LK_ACCESS_8023 = 3, LK_ACCESS_80211 = 4, LK_ACCESS_EUTRAN = 8 };
enum { LK_MN_ID_NAI = 1 };
enum { LK_AUTH_MN_HA = 1, LK_AUTH_MN_AAA = 2 };

enum lk_ipv4_home_status {
    LK_IPV4_HOME_OK = 0,
    LK_IPV4_HOME_UNSPECIFIED = 128,
    LK_IPV4_HOME_PROHIBITED = 129,
    LK_IPV4_HOME_INCORRECT = 130,
    LK_IPV4_HOME_INVALID = 131,
    LK_IPV4_HOME_NO_DYNAMIC = 132,
};

enum {
    LK_MOBILITY_PREFIXES = 4, /* home network prefixes, of one message */
    LK_MOBILITY_VENDORS = 2,  /* vendor-specific options */
    LK_MOBILITY_AUTHS = 2,    /* authentication options */
    LK_MOBILITY_MAX = 2048,   /* of a message: its length field could say no more */
    LK_MOBILITY_LINK_LAYER_MAX = 253,
    LK_MOBILITY_LIFETIME_UNIT_S = 4,
    LK_MOBILITY_NEXT_HEADER = 135,
};

struct lk_mobility_ipv4 {
    uint8_t octets[4];
};

struct lk_mobility_vendor {
    uint32_t id;
    uint8_t subtype;
    struct lk_span data;
};

/* What an authentication option says. */
struct lk_mobility_auth {
    uint8_t subtype; /* LK_AUTH_*, or what came */
    uint32_t spi;
    struct lk_span authenticator;
    struct lk_span covered; /* decoded: from the first octet of the message to the end of the SPI */
};

/* Which options are there: lk_mobility_has. Spans are views into the message. */
struct lk_mobility_options {
    uint64_t present; /* bits 1 << type */
    uint16_t refresh; /* in units of four seconds */
    struct lk_address care_of;
    struct {
        uint8_t subtype;
        struct lk_span id;
    } mn_id;
    struct lk_span service; /* the access point name, as text */
    size_t prefix_count;
    struct lk_address_prefix prefix[LK_MOBILITY_PREFIXES];
    uint8_t handoff; /* enum lk_handoff, or what came */
    uint8_t access;
    struct lk_span link_layer_id;
    struct lk_address link_local;
    uint64_t timestamp; /* 48 bits of seconds since 1970, 16 bits of fraction */
    uint32_t restarts;  /* the sender's Restart Counter */
    struct {
        uint8_t bits; /* 0 to 32 */
        struct lk_mobility_ipv4 address;
    } ipv4_request;
    struct {
        uint8_t status; /* enum lk_ipv4_home_status */
        uint8_t bits;
        struct lk_mobility_ipv4 address;
    } ipv4_reply;
    struct lk_mobility_ipv4 ipv4_router;
    struct {
        uint8_t bits;
        bool prefix; /* a network is asked for */
        struct lk_mobility_ipv4 address;
    } ipv4_home;
    struct {
        uint8_t status; /* enum lk_ipv4_home_status */
        uint8_t bits;
        struct lk_mobility_ipv4 address;
    } ipv4_home_ack;
    struct {
        bool udp;         /* the tunnel must be in UDP */
        uint32_t refresh_s;
    } nat;
    struct lk_mobility_ipv4 ipv4_care_of;
    uint64_t mesg_id;     /* as NTP has it */
    size_t vendor_count;
    struct lk_mobility_vendor vendor[LK_MOBILITY_VENDORS];
    size_t auth_count;
    struct lk_mobility_auth auth[LK_MOBILITY_AUTHS];
    bool behind_auth;     /* decoded: another option stands behind an authentication option */
};

struct lk_mobility_message {
    uint8_t type;
    uint8_t status; /* BA, BE */
    uint16_t flags; /* LK_BU_*, LK_BA_*, LK_HEARTBEAT_* */
    uint16_t sequence;
    uint32_t beat; /* HEARTBEAT: its sequence number */
    uint16_t lifetime; /* in units of four seconds */
    struct lk_address home; /* BE: whose packets are meant */
    uint16_t checksum; /* as it came; encoding leaves zero */
    struct lk_mobility_options options;
};

bool lk_mobility_has(const struct lk_mobility_options *options, enum lk_mobility_option_type type);
void lk_mobility_mark(struct lk_mobility_options *options, enum lk_mobility_option_type type);
/* The data of the vendor's option of that subtype, or an empty span. */
struct lk_span lk_mobility_vendor_data(const struct lk_mobility_options *options, uint32_t id,
                                       uint8_t subtype);

/* The authentication option of that subtype, or NULL. */
const struct lk_mobility_auth *lk_mobility_auth(const struct lk_mobility_options *options,
                                                uint8_t subtype);

/* What a message says that it is, before it is decoded; -1: it is too short to say it. */
int lk_mobility_type_of(struct lk_span octets);
/* LK_E_UNKNOWN for another type of message; LK_E_TWICE for an option that comes once; LK_E_LENGTH,
 * LK_E_SHORT, LK_E_TRAILING, LK_E_VALUE for what does not fit; LK_E_FULL for more than we take. */
LK_MUST_CHECK enum lk_status lk_mobility_decode(struct lk_mobility_message *message,
                                                struct lk_span octets);
/* Options in the order of the table, each aligned, the whole padded to eight octets. */
LK_MUST_CHECK enum lk_status lk_mobility_encode(struct lk_writer *w,
                                                const struct lk_mobility_message *message);

/* For raw sockets. sum gives what the checksum field must hold, whatever it holds; seal writes it.
 */
uint16_t lk_mobility_sum(const struct lk_address *source, const struct lk_address *destination,
                         struct lk_span octets);
void lk_mobility_seal(uint8_t *octets, size_t len, const struct lk_address *source,
                      const struct lk_address *destination);

/* Milliseconds since 1970 as a Timestamp option has it, and back to the same. */
uint64_t lk_mobility_timestamp_of(uint64_t ms);
uint64_t lk_mobility_timestamp_ms(uint64_t timestamp);

/* "MAG_NOT_AUTHORIZED_FOR_PROXY_REG"; "?" for the unknown. Never NULL. */
const char *lk_mobility_status_name(uint8_t status);
const char *lk_mobility_option_name(uint8_t type);

/* ---- between pmip.c and pmip_options.c ---- */

/* whole: the message that r is in. */
void lk_mobility_options_get(struct lk_reader *r, struct lk_mobility_options *options,
                             struct lk_span whole);
void lk_mobility_options_put(struct lk_writer *w, const struct lk_mobility_options *options);

#endif
