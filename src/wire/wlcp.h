/* WLCP messages (TS 24.244): octets to a plain struct and back, by one table.
 *
 * Which message has which number, which elements stand in it, in which order, form and under
 * which identifier is in wlcp_table.c and nowhere else. Much of it is not confirmed by a text that
 * we have seen; lk_wlcp_table_set changes any row by a line of text, so that configuration can.
 * Encoder and decoder take the table that they work by.
 *
 * The decoder applies the error rules of clause 6 as far as octets alone decide them, in their
 * order, and gives a verdict: what is wrong, with which cause it is to be answered, and where. A
 * decoded message is a view into the octets. */
#ifndef LK_WIRE_WLCP_H
#define LK_WIRE_WLCP_H

#include "base/octets.h"

enum {
    LK_WLCP_PORT = 36411, /* both ends: TS 24.244 4.2.2 */
    LK_WLCP_MESSAGE_MAX = 1024,
    LK_WLCP_APN_MAX = 100, /* labels with their lengths: TS 23.003 9.1 */
    LK_WLCP_PCO_MAX = 251,
    LK_WLCP_NBIFOM_MAX = 255,
    LK_WLCP_MAC_LEN = 6,
    LK_WLCP_PTI_UNASSIGNED = 0,
    LK_WLCP_PTI_RESERVED = 255,
};

/* Messages by name; their numbers are the table's. */
enum lk_wlcp_type {
    LK_WLCP_CONNECTIVITY_REQUEST,
    LK_WLCP_CONNECTIVITY_ACCEPT,
    LK_WLCP_CONNECTIVITY_REJECT,
    LK_WLCP_CONNECTIVITY_COMPLETE,
    LK_WLCP_DISCONNECT_REQUEST,
    LK_WLCP_DISCONNECT_ACCEPT,
    LK_WLCP_DISCONNECT_REJECT,
    LK_WLCP_STATUS,
    LK_WLCP_MODIFICATION_REQUEST,
    LK_WLCP_MODIFICATION_ACCEPT,
    LK_WLCP_MODIFICATION_REJECT,
    LK_WLCP_MODIFICATION_INDICATION,
    LK_WLCP_TYPE_COUNT
};

/* Who sends, who receives. */
enum lk_wlcp_end { LK_WLCP_UE = 1, LK_WLCP_TWAG = 2 };

enum lk_wlcp_ie {
    LK_WLCP_IE_NONE,
    LK_WLCP_IE_REQUEST_TYPE,
    LK_WLCP_IE_PDN_TYPE,
    LK_WLCP_IE_APN,
    LK_WLCP_IE_PCO,
    LK_WLCP_IE_NBIFOM,
    LK_WLCP_IE_N3G,
    LK_WLCP_IE_PDN_ADDRESS,
    LK_WLCP_IE_PDN_ID,
    LK_WLCP_IE_USER_PLANE,
    LK_WLCP_IE_CAUSE,
    LK_WLCP_IE_TW1,
    LK_WLCP_IE_COUNT
};

/* The forms of TS 24.007 11.2.1.1. LOW and HIGH are the halves of one octet; a HIGH follows its
 * LOW. NIBBLE is identifier and value in one octet. */
enum lk_wlcp_format {
    LK_WLCP_FORMAT_V = 1,
    LK_WLCP_FORMAT_LOW,
    LK_WLCP_FORMAT_HIGH,
    LK_WLCP_FORMAT_LV,
    LK_WLCP_FORMAT_TV,
    LK_WLCP_FORMAT_NIBBLE,
    LK_WLCP_FORMAT_TLV,
    LK_WLCP_FORMAT_TLV_E,
};

enum lk_wlcp_presence {
    LK_WLCP_OPTIONAL = 1,
    LK_WLCP_MANDATORY,
    LK_WLCP_CONDITIONAL, /* the TWAG always sends it, the UE need not */
};

struct lk_wlcp_row {
    uint8_t ie; /* enum lk_wlcp_ie; NONE ends the rows */
    uint8_t presence;
    uint8_t format;
    uint8_t iei; /* of TV, NIBBLE (its high half), TLV, TLV_E */
};

enum { LK_WLCP_ROWS = 9 };
struct lk_wlcp_layout {
    uint8_t number;
    uint8_t senders; /* bits of enum lk_wlcp_end */
    struct lk_wlcp_row row[LK_WLCP_ROWS]; /* mandatory ones first */
};

struct lk_wlcp_table {
    struct lk_wlcp_layout layout[LK_WLCP_TYPE_COUNT];
};

/* The project's defaults. */
extern const struct lk_wlcp_table lk_wlcp_table;

/* Changes a table by lines, all or none of them. Numbers and identifiers are hex:
 *     "status 91"                          the number of a message
 *     "tw1 36"                             an element's identifier, wherever it has one
 *     "connectivity-reject.tw1 36"         in one message
 *     "connectivity-accept cause O TV 58"  presence M, O or C; a form; an identifier unless M
 *     "connectivity-accept tw1 -"          takes the element out of the message
 * A row that is there keeps its place; a new one goes behind those of its kind. LK_E_VALUE: line
 * *bad is none of these; LK_E_FULL: it is one element too many; LK_E_CONFLICT: the table would hold
 * a number or an identifier twice, or a form that does not fit its element or place (*bad is then
 * count). */
LK_MUST_CHECK enum lk_status lk_wlcp_table_set(struct lk_wlcp_table *table, size_t *bad,
                                               const char *const *lines, size_t count);

/* The highest PDN connection identity that its form lets through. */
uint8_t lk_wlcp_pdn_id_max(const struct lk_wlcp_table *table);

/* "connectivity-request", ...; "apn", .... Never NULL. */
const char *lk_wlcp_type_name(enum lk_wlcp_type type);
const char *lk_wlcp_ie_name(enum lk_wlcp_ie ie);

/* ---- values ---- */

enum lk_wlcp_request_type {
    LK_WLCP_INITIAL = 1,
    LK_WLCP_HANDOVER = 2,
    LK_WLCP_UNUSED_INITIAL = 3, /* read as INITIAL */
    LK_WLCP_EMERGENCY = 4,
};

enum lk_wlcp_pdn_type { LK_WLCP_IPV4 = 1, LK_WLCP_IPV6 = 2, LK_WLCP_IPV4V6 = 3 };

/* The session management causes that clause 6 speaks of (TS 24.301 9.9.4.4). */
enum lk_wlcp_cause {
    LK_WLCP_CAUSE_NONE = 0,
    LK_WLCP_CAUSE_BARRED = 8,
    LK_WLCP_CAUSE_RESOURCES = 26,
    LK_WLCP_CAUSE_APN_UNKNOWN = 27,
    LK_WLCP_CAUSE_PDN_TYPE_UNKNOWN = 28,
    LK_WLCP_CAUSE_AUTHENTICATION = 29,
    LK_WLCP_CAUSE_REJECTED_BY_ANCHOR = 30,
    LK_WLCP_CAUSE_REJECTED = 31,
    LK_WLCP_CAUSE_NOT_SUPPORTED = 32,
    LK_WLCP_CAUSE_NOT_SUBSCRIBED = 33,
    LK_WLCP_CAUSE_OUT_OF_ORDER = 34,
    LK_WLCP_CAUSE_PTI_IN_USE = 35,
    LK_WLCP_CAUSE_REGULAR = 36,
    LK_WLCP_CAUSE_NETWORK_FAILURE = 38,
    LK_WLCP_CAUSE_REACTIVATE = 39,
    LK_WLCP_CAUSE_PTI_MISMATCH = 47,
    LK_WLCP_CAUSE_IPV4_ONLY = 50,
    LK_WLCP_CAUSE_IPV6_ONLY = 51,
    LK_WLCP_CAUSE_ONE_ADDRESS_ONLY = 52,
    LK_WLCP_CAUSE_NO_SUCH_CONNECTION = 54,
    LK_WLCP_CAUSE_ONE_PER_APN = 55,
    LK_WLCP_CAUSE_COLLISION = 56,
    LK_WLCP_CAUSE_IPV4V6_ONLY = 57,
    LK_WLCP_CAUSE_PTI_INVALID = 81,
    LK_WLCP_CAUSE_SEMANTIC = 95,
    LK_WLCP_CAUSE_MANDATORY = 96,
    LK_WLCP_CAUSE_TYPE_UNKNOWN = 97,
    LK_WLCP_CAUSE_TYPE_STATE = 98,
    LK_WLCP_CAUSE_IE_UNKNOWN = 99,
    LK_WLCP_CAUSE_CONDITIONAL = 100,
    LK_WLCP_CAUSE_MESSAGE_STATE = 101,
    LK_WLCP_CAUSE_PROTOCOL_ERROR = 111,
    LK_WLCP_CAUSE_APN_RESTRICTION = 112,
    LK_WLCP_CAUSE_MULTIPLE_ACCESSES = 113,
};

/* The cause as its receiver takes it: an unlisted one is 34 to the UE and 111 to the TWAG. */
uint8_t lk_wlcp_cause_taken(uint8_t cause, enum lk_wlcp_end receiver);
/* "insufficient resources", ...; "unlisted" for others. Never NULL. */
const char *lk_wlcp_cause_name(uint8_t cause);

/* A PDN address. IPv4 0.0.0.0: DHCP will say. */
struct lk_wlcp_address {
    uint8_t pdn_type; /* enum lk_wlcp_pdn_type */
    uint8_t interface_id[8];
    uint8_t ipv4[4];
};

enum { LK_WLCP_ADDRESS_MAX = 13 };
LK_MUST_CHECK enum lk_status lk_wlcp_address_decode(struct lk_wlcp_address *address,
                                                    struct lk_span value);
void lk_wlcp_address_put(struct lk_writer *w, const struct lk_wlcp_address *address);

/* An access point name as labels, each behind its length. */
struct lk_wlcp_apn {
    uint8_t len;
    uint8_t labels[LK_WLCP_APN_MAX];
};

enum { LK_WLCP_APN_TEXT = LK_WLCP_APN_MAX }; /* a text with its terminator is no longer than that */
LK_MUST_CHECK enum lk_status lk_wlcp_apn_check(struct lk_span labels);
LK_MUST_CHECK enum lk_status lk_wlcp_apn_decode(struct lk_wlcp_apn *apn, struct lk_span labels);
LK_MUST_CHECK enum lk_status lk_wlcp_apn_parse(struct lk_wlcp_apn *apn, const char *text);
void lk_wlcp_apn_text(char text[LK_WLCP_APN_TEXT], const struct lk_wlcp_apn *apn);
/* Letters are the same in either case. */
bool lk_wlcp_apn_equal(const struct lk_wlcp_apn *a, const struct lk_wlcp_apn *b);
/* True when apn is network, or network with an operator identifier behind it. */
bool lk_wlcp_apn_is_of(const struct lk_wlcp_apn *apn, const struct lk_wlcp_apn *network);

/* Protocol configuration options (TS 24.008 10.5.6.3): one octet, then containers. */
enum {
    LK_PCO_DNS_IPV6 = 0x0003, /* request: empty; answer: an address */
    LK_PCO_DNS_IPV4 = 0x000d,
};
struct lk_pco_item {
    uint16_t id;
    struct lk_span contents;
};
LK_MUST_CHECK enum lk_status lk_pco_check(struct lk_span value);
/* A reader over the containers of a checked list, and the next of them. */
struct lk_reader lk_pco_reader(struct lk_span value);
bool lk_pco_next(struct lk_reader *r, struct lk_pco_item *item);
/* The first container of that id. */
bool lk_pco_find(struct lk_span value, uint16_t id, struct lk_span *contents);
void lk_pco_begin(struct lk_writer *w);
void lk_pco_put(struct lk_writer *w, uint16_t id, struct lk_span contents);

/* GPRS timer 3 (TS 24.008 10.5.7.4a), which carries Tw1. UINT64_MAX: no end. The octet for a time
 * is the least that is not shorter. */
uint64_t lk_gprs_timer3_ms(uint8_t octet);
uint8_t lk_gprs_timer3_of(uint64_t ms);

/* ---- messages ---- */

#define LK_WLCP_HAS(message, ie) (((message)->present & 1u << (ie)) != 0)

struct lk_wlcp_message {
    enum lk_wlcp_type type;
    uint8_t pti;
    uint32_t present; /* bits 1 << enum lk_wlcp_ie */
    uint8_t request_type;
    uint8_t pdn_type;
    uint8_t n3g;
    uint8_t pdn_id;
    uint8_t cause;
    uint8_t tw1;
    uint8_t user_plane[LK_WLCP_MAC_LEN];
    struct lk_wlcp_address address;
    struct lk_span apn; /* labels, checked */
    struct lk_span pco; /* checked */
    struct lk_span nbifom;
};

struct lk_wlcp_verdict {
    enum lk_wlcp_cause cause; /* NONE when the message is good, or not even that */
    bool has_header;          /* type octet and PTI are there: pti is set */
    bool has_type;            /* and the type is one that this end receives: type is set */
    size_t offset;            /* of what is wrong */
    size_t ignored;           /* optional elements that were skipped: unknown, repeated, out of
                               * sequence, malformed */
};

/* Reads a message as receiver does. LK_OK; or
 * LK_E_SHORT    no type and PTI: discard;
 * LK_E_UNKNOWN  a type that this end does not receive (97), or an element that must be understood
 *               and is not known (96);
 * LK_E_MISSING  a mandatory (96) or conditional (100) element is not there;
 * LK_E_VALUE    one of them is not well formed.
 * type and pti are set as the verdict says, also then; nothing else is. */
LK_MUST_CHECK enum lk_status lk_wlcp_decode(struct lk_wlcp_message *message,
                                            struct lk_wlcp_verdict *verdict,
                                            const struct lk_wlcp_table *table,
                                            enum lk_wlcp_end receiver, struct lk_span octets);

/* Writes what present says and the layout has. LK_E_MISSING: a mandatory element is not there;
 * LK_E_VALUE: a value that would not be read again; LK_E_FULL. */
LK_MUST_CHECK enum lk_status lk_wlcp_encode(struct lk_writer *w, const struct lk_wlcp_table *table,
                                            const struct lk_wlcp_message *message);

/* For displays: the type of a number, by whoever it was sent. False when there is none. */
bool lk_wlcp_type_of(enum lk_wlcp_type *type, const struct lk_wlcp_table *table, uint8_t number);

#endif
