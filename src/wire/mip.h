/* Mobile IPv4 messages (RFC 5944 3.3-3.6, RFC 3543, RFC 3519): Registration Request and Reply,
 * revocation, tunnel data, octets to structs and back.
 *
 * The extensions are rows of one table (mip_extensions.c): type, subtype, form, the messages that
 * may have it, limits of length, decode and encode. A type below 128 that is not known, or not
 * where it came, ends the message: LK_E_UNKNOWN, and it is dropped silently; one above is skipped.
 *
 * In what order extensions came is kept (place), and of each authentication extension what its
 * authenticator covers: whether that is as it must be the machines judge. No key comes in here. A
 * message that is written begins where its writer begins. */
#ifndef LK_WIRE_MIP_H
#define LK_WIRE_MIP_H

#include "base/address.h"
#include "base/mip.h"

enum lk_mip_type {
    LK_MIP_REQUEST = 1,
    LK_MIP_REPLY = 3,
    LK_MIP_TUNNEL = 4,
    LK_MIP_REVOCATION = 7,
    LK_MIP_REVOCATION_ACK = 15,
};

enum {
    LK_MIP_PORT = 434,
    LK_MIP_INFINITE = 0xffff, /* a lifetime without end */
    LK_MIP_SPI_LEAST = 256,   /* below it an SPI is reserved */
    LK_MIP_SPI_CHAP = 2,      /* RFC 4721: MN-AAA by MD5 in the way of CHAP */
    LK_MIP_MESSAGE_MAX = 1472,
    LK_MIP_EXTENSIONS_MAX = 64, /* of one message */
    LK_MIP_CARRIED = 2,         /* NAI carrying extensions */
    LK_MIP_VENDORS = 4,         /* vendor extensions, critical or not */
    LK_MIP_NONCE_LEAST = 16,    /* RFC 3957 */
};

/* Flags of a request. What is sent 0 and ignored (0x04, 0x01) has no name. */
enum {
    LK_MIP_SIMULTANEOUS = 0x80,
    LK_MIP_BROADCAST = 0x40,
    LK_MIP_DECAPSULATES = 0x20, /* by the mobile node: a co-located care-of address */
    LK_MIP_MINIMAL = 0x10,
    LK_MIP_GRE = 0x08,
    LK_MIP_REVERSE = 0x02,
};

enum lk_mip_code {
    LK_MIP_CODE_ACCEPTED = 0,
    LK_MIP_CODE_ACCEPTED_SINGLE = 1, /* without simultaneous bindings */
    /* of the foreign agent */
    LK_MIP_CODE_FA_UNSPECIFIED = 64,
    LK_MIP_CODE_FA_PROHIBITED = 65,
    LK_MIP_CODE_FA_RESOURCES = 66,
    LK_MIP_CODE_FA_MN_AUTH = 67,
    LK_MIP_CODE_FA_HA_AUTH = 68,
    LK_MIP_CODE_FA_LIFETIME = 69,
    LK_MIP_CODE_FA_POOR_REQUEST = 70,
    LK_MIP_CODE_FA_POOR_REPLY = 71,
    LK_MIP_CODE_FA_ENCAPSULATION = 72,
    LK_MIP_CODE_FA_REVERSE_NONE = 74,
    LK_MIP_CODE_FA_REVERSE_MANDATORY = 75,
    LK_MIP_CODE_FA_TOO_DISTANT = 76,
    LK_MIP_CODE_FA_CARE_OF = 77,
    LK_MIP_CODE_FA_TIMEOUT = 78,
    LK_MIP_CODE_FA_DELIVERY_STYLE = 79,
    LK_MIP_CODE_FA_HOME_NETWORK = 80, /* unreachable, as the three below */
    LK_MIP_CODE_FA_HA_HOST = 81,
    LK_MIP_CODE_FA_HA_PORT = 82,
    LK_MIP_CODE_FA_HA_UNREACHABLE = 88,
    LK_MIP_CODE_FA_HA_ZERO = 90,
    LK_MIP_CODE_FA_HOME_ZERO = 96,
    LK_MIP_CODE_FA_NAI_MISSING = 97,
    LK_MIP_CODE_FA_HA_MISSING = 98,
    LK_MIP_CODE_FA_HOME_MISSING = 99,
    LK_MIP_CODE_FA_VENDOR_MN = 100, /* a critical vendor extension that is not known */
    LK_MIP_CODE_FA_VENDOR_HA = 101,
    LK_MIP_CODE_FA_CHALLENGE_UNKNOWN = 104,
    LK_MIP_CODE_FA_CHALLENGE_MISSING = 105,
    LK_MIP_CODE_FA_CHALLENGE_STALE = 106,
    LK_MIP_CODE_FA_MISSING_MN_FA = 107,
    LK_MIP_CODE_FA_AAA_AUTH = 108,
    LK_MIP_CODE_FA_HA_CHALLENGE = 109,
    LK_MIP_CODE_FA_HA_ADDRESS = 194, /* though above 127 */
    /* of the home agent */
    LK_MIP_CODE_HA_UNSPECIFIED = 128,
    LK_MIP_CODE_HA_PROHIBITED = 129,
    LK_MIP_CODE_HA_RESOURCES = 130,
    LK_MIP_CODE_HA_MN_AUTH = 131,
    LK_MIP_CODE_HA_FA_AUTH = 132,
    LK_MIP_CODE_HA_IDENTIFICATION = 133,
    LK_MIP_CODE_HA_POOR_REQUEST = 134,
    LK_MIP_CODE_HA_BINDINGS = 135,
    LK_MIP_CODE_HA_UNKNOWN = 136,
    LK_MIP_CODE_HA_REVERSE_NONE = 137,
    LK_MIP_CODE_HA_REVERSE_MANDATORY = 138,
    LK_MIP_CODE_HA_ENCAPSULATION = 139,
    LK_MIP_CODE_HA_VENDOR_MN = 140,
    LK_MIP_CODE_HA_VENDOR_FA = 141,
    LK_MIP_CODE_HA_UDP_NONE = 142,
    LK_MIP_CODE_HA_REDIRECTED = 143,
    LK_MIP_CODE_HA_AAA_AUTH = 144,
};

/* ---- extensions ---- */

/* Those that we know; the authentication extensions first, so that they number an array. */
enum lk_mip_extension {
    LK_MIP_MN_HA_AUTH,        /* 32 */
    LK_MIP_MN_FA_AUTH,        /* 33 */
    LK_MIP_FA_HA_AUTH,        /* 34 */
    LK_MIP_MN_AAA_AUTH,       /* 36, subtype 1 */
    LK_MIP_AUTH_COUNT,
    LK_MIP_VENDOR_CRITICAL = LK_MIP_AUTH_COUNT, /* 38 */
    LK_MIP_MN_FA_KEY_REQUEST, /* 40, subtype 1, as the next three */
    LK_MIP_MN_FA_KEY_REPLY,   /* 41 */
    LK_MIP_MN_HA_KEY_REQUEST, /* 42 */
    LK_MIP_MN_HA_KEY_REPLY,   /* 43 */
    LK_MIP_UDP_REPLY,         /* 44, subtype 0 */
    LK_MIP_NAI,               /* 131 */
    LK_MIP_CHALLENGE,         /* 132 */
    LK_MIP_VENDOR,            /* 134 */
    LK_MIP_NAI_CARRYING,      /* 136 */
    LK_MIP_REVOCABLE,         /* 137: revocation support */
    LK_MIP_DYNAMIC_HA,        /* 139 */
    LK_MIP_UDP_REQUEST,       /* 144, subtype 0 */
    LK_MIP_EXTENSION_COUNT
};

/* What an authentication extension says. covered: from the first octet of the message to the end
 * of the SPI. */
struct lk_mip_auth {
    uint32_t spi;
    struct lk_span covered;
    struct lk_span authenticator;
};

/* RFC 3957: what the nonce is for. */
enum lk_mip_replay { LK_MIP_TIMESTAMPS = 2, LK_MIP_NONCES = 3 };
struct lk_mip_key_reply {
    uint32_t lifetime_s; /* of the key */
    uint32_t aaa_spi;
    uint32_t agent_spi;  /* towards the agent */
    uint16_t algorithm;  /* enum lk_mip_algorithm, or what came */
    uint16_t replay;     /* enum lk_mip_replay; MN-HA alone */
    struct lk_span nonce;
};

struct lk_mip_vendor {
    bool critical;
    uint32_t id;
    uint16_t type;
    struct lk_span value;
};

/* Types of our own vendor's extensions (134). */
enum { LK_MIP_VENDOR_B_TID = 1 };

enum lk_mip_carried { LK_MIP_CARRIED_HA = 1, LK_MIP_CARRIED_AAA = 2 };
enum { LK_MIP_HA_REQUESTED = 1, LK_MIP_HA_REDIRECT = 2 }; /* of a dynamic home agent extension */
enum { LK_MIP_UDP_FORCED = 0x80, LK_MIP_UDP_THROUGH_FA = 0x40 };
enum { LK_MIP_UDP_ACCEPTED = 0, LK_MIP_UDP_DECLINED = 64 };
enum { LK_MIP_IN_IP = 4, LK_MIP_IN_GRE = 47, LK_MIP_IN_MINIMAL = 55 };

/* Spans are views into the message. */
struct lk_mip_extensions {
    struct lk_span whole;                  /* the message, as it was decoded */
    uint8_t count;                         /* of extensions, with those that were skipped */
    uint8_t place[LK_MIP_EXTENSION_COUNT]; /* the how many-th it is (the first, of several); 0:
                                            * it is not there */
    struct lk_mip_auth auth[LK_MIP_AUTH_COUNT];
    uint32_t mn_fa_spi, mn_ha_spi;         /* that the mobile node asks keys for */
    struct lk_mip_key_reply mn_fa_key, mn_ha_key;
    struct lk_span nai;
    struct lk_span challenge;
    size_t carried_count;
    struct {
        uint8_t subtype; /* enum lk_mip_carried, or what came */
        struct lk_span nai;
    } carried[LK_MIP_CARRIED];
    struct {
        bool informs;    /* the mobile node is to be told */
        uint32_t timestamp;
    } revocable;
    struct {
        uint8_t subtype;
        struct lk_address agent;
    } dynamic_ha;
    struct {
        uint8_t flags;
        uint8_t encapsulation; /* LK_MIP_IN_* */
    } udp_request;
    struct {
        uint8_t code;
        bool forced;
        uint16_t keepalive_s;  /* 0: as the mobile node likes */
    } udp_reply;
    size_t vendor_count;
    struct lk_mip_vendor vendor[LK_MIP_VENDORS];
};

bool lk_mip_has(const struct lk_mip_extensions *extensions, enum lk_mip_extension which);
/* Both are there, and a came before b. */
bool lk_mip_before(const struct lk_mip_extensions *extensions, enum lk_mip_extension a,
                   enum lk_mip_extension b);
/* It is there, and nothing came behind it. */
bool lk_mip_is_last(const struct lk_mip_extensions *extensions, enum lk_mip_extension which);
/* The first value of the vendor's extension of that type, critical or not, that this authentication
 * extension covers; or an empty span: what stands behind it anybody may have added. */
struct lk_span lk_mip_vendor_value(const struct lk_mip_extensions *extensions, uint32_t id,
                                   uint16_t type, enum lk_mip_extension by);

/* What a foreign agent passes on, octet by octet: all up to the end of what authorises it before
 * the home agent, and nothing that is for the foreign agent alone. That is the Mobile-Home
 * authentication extension, or, where there is none or with_aaa wants it too, MN-AAA's. Where
 * nothing authorises, all up to what is between the agents or between node and foreign agent. What
 * stands in a wrong order (33 before 36) the machine has refused by then. */
struct lk_span lk_mip_forwardable(const struct lk_mip_extensions *extensions, bool with_aaa);

/* ---- messages ---- */

struct lk_mip_request {
    uint8_t flags; /* LK_MIP_SIMULTANEOUS, ... */
    uint16_t lifetime_s;
    struct lk_address home, agent, care_of; /* IPv4, mapped */
    uint64_t identification;
    struct lk_mip_extensions extensions;
};

struct lk_mip_reply {
    uint8_t code; /* enum lk_mip_code, or what came */
    uint16_t lifetime_s;
    struct lk_address home, agent;
    uint64_t identification;
    struct lk_mip_extensions extensions;
};

/* RFC 3543. An acknowledgement has neither domain addresses nor from_ha. */
struct lk_mip_revocation {
    bool from_ha;  /* the A bit: the home agent revokes */
    bool informs;  /* the I bit: the mobile node is told, or has been */
    struct lk_address home, home_domain, foreign_domain;
    uint32_t identifier;
    struct lk_mip_extensions extensions;
};

/* What a datagram says that it is; -1: it is empty. */
int lk_mip_type_of(struct lk_span datagram);

/* LK_OK; or, with the fixed part there if the datagram was that long (it is judged last of all),
 * LK_E_UNKNOWN  another type of message, or an extension below 128 that is not known: say nothing;
 * LK_E_AUTH     an authentication extension came twice: its sender failed authentication;
 * LK_E_TWICE    another one that comes once;
 * LK_E_SHORT, LK_E_LENGTH, LK_E_VALUE, LK_E_TRAILING, LK_E_FULL: poorly formed. */
LK_MUST_CHECK enum lk_status lk_mip_request_decode(struct lk_mip_request *request,
                                                   struct lk_span datagram);
LK_MUST_CHECK enum lk_status lk_mip_reply_decode(struct lk_mip_reply *reply,
                                                 struct lk_span datagram);
LK_MUST_CHECK enum lk_status lk_mip_revocation_decode(struct lk_mip_revocation *revocation,
                                                      struct lk_span datagram);
LK_MUST_CHECK enum lk_status lk_mip_revocation_ack_decode(struct lk_mip_revocation *ack,
                                                          struct lk_span datagram);

/* The fixed part, at the beginning of w. An address that is none is 0.0.0.0; IPv6: LK_E_VALUE. */
void lk_mip_request_put(struct lk_writer *w, const struct lk_mip_request *request);
void lk_mip_reply_put(struct lk_writer *w, const struct lk_mip_reply *reply);
void lk_mip_revocation_put(struct lk_writer *w, const struct lk_mip_revocation *revocation);
void lk_mip_revocation_ack_put(struct lk_writer *w, const struct lk_mip_revocation *ack);
/* One extension (of those that come several times, all), by its members in from: not for
 * authentication extensions. */
void lk_mip_extension_put(struct lk_writer *w, enum lk_mip_extension which,
                          const struct lk_mip_extensions *from);
/* Begins an authentication extension and gives what its authenticator covers; the caller puts that
 * behind it, len octets. Empty when w is full. */
struct lk_span lk_mip_auth_put(struct lk_writer *w, enum lk_mip_extension which, uint32_t spi,
                               size_t len);

/* No home agent is named: 0.0.0.0 or 255.255.255.255. */
bool lk_mip_agent_is_open(const struct lk_address *agent);
/* What RFC 3957 5 derives keys for: the NAI of a decoded request, or, where it has none, the four
 * octets of its home address. */
struct lk_span lk_mip_identifier(const struct lk_mip_request *request);

/* ---- tunnel data, RFC 3519 ---- */

struct lk_mip_tunnel {
    uint8_t encapsulation; /* LK_MIP_IN_* */
    struct lk_span packet;
};

LK_MUST_CHECK enum lk_status lk_mip_tunnel_decode(struct lk_mip_tunnel *tunnel,
                                                  struct lk_span datagram);
void lk_mip_tunnel_put(struct lk_writer *w, const struct lk_mip_tunnel *tunnel);

/* ---- names ---- */

/* "Registration Request", "mobile node failed authentication", "Mobile-Home Authentication"; "?"
 * for the unknown. Never NULL. */
const char *lk_mip_type_name(int type);
const char *lk_mip_code_name(uint8_t code);
const char *lk_mip_extension_name(enum lk_mip_extension which);

/* ---- between mip.c and mip_extensions.c ---- */

enum { LK_MIP_IN_REQUEST = 1, LK_MIP_IN_REPLY = 2, LK_MIP_IN_REVOCATION = 4 };
/* Reads what is left of the message; in: one of the above. */
LK_MUST_CHECK enum lk_status lk_mip_extensions_get(struct lk_reader *r,
                                                   struct lk_mip_extensions *extensions,
                                                   unsigned in);
struct lk_address lk_mip_address_get(struct lk_reader *r);
void lk_mip_address_put(struct lk_writer *w, const struct lk_address *address);

#endif
