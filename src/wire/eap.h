/* EAP packets (RFC 3748) with the attributes of EAP-AKA (RFC 4187) and EAP-AKA' (RFC 9048).
 *
 * The decoder turns one packet into views and numbers, refuses what the clauses refuse - wrong
 * lengths, an attribute twice, one that does not belong into its message, a mandatory one that is
 * missing, an unknown one that may not be skipped - and knows no key: it says where the octets are
 * that AT_MAC covers and where AT_ENCR_DATA lies, and the machines do the rest. What an attribute
 * looks like and where it may come is said once, in the table of eap_attributes.c. */
#ifndef LK_WIRE_EAP_H
#define LK_WIRE_EAP_H

#include "base/octets.h"

enum lk_eap_code {
    LK_EAP_REQUEST = 1,
    LK_EAP_RESPONSE = 2,
    LK_EAP_SUCCESS = 3,
    LK_EAP_FAILURE = 4,
};

enum lk_eap_type {
    LK_EAP_NO_TYPE = 0, /* Success and Failure */
    LK_EAP_IDENTITY = 1,
    LK_EAP_NOTIFICATION = 2,
    LK_EAP_NAK = 3,
    LK_EAP_AKA = 23,
    LK_EAP_AKA_PRIME = 50,
};

enum lk_aka_subtype {
    LK_AKA_CHALLENGE = 1,
    LK_AKA_AUTHENTICATION_REJECT = 2,
    LK_AKA_SYNCHRONIZATION_FAILURE = 4,
    LK_AKA_IDENTITY = 5,
    LK_AKA_NOTIFICATION = 12,
    LK_AKA_REAUTHENTICATION = 13,
    LK_AKA_CLIENT_ERROR = 14,
};

enum lk_at {
    LK_AT_RAND = 1,
    LK_AT_AUTN = 2,
    LK_AT_RES = 3,
    LK_AT_AUTS = 4,
    LK_AT_PADDING = 6,
    LK_AT_PERMANENT_ID_REQ = 10,
    LK_AT_MAC = 11,
    LK_AT_NOTIFICATION = 12,
    LK_AT_ANY_ID_REQ = 13,
    LK_AT_IDENTITY = 14,
    LK_AT_FULLAUTH_ID_REQ = 17,
    LK_AT_COUNTER = 19,
    LK_AT_COUNTER_TOO_SMALL = 20,
    LK_AT_NONCE_S = 21,
    LK_AT_CLIENT_ERROR_CODE = 22,
    LK_AT_KDF_INPUT = 23,
    LK_AT_KDF = 24,
    LK_AT_FIRST_SKIPPABLE = 128,
    LK_AT_IV = 129,
    LK_AT_ENCR_DATA = 130,
    LK_AT_NEXT_PSEUDONYM = 132,
    LK_AT_NEXT_REAUTH_ID = 133,
    LK_AT_CHECKCODE = 134,
    LK_AT_RESULT_IND = 135,
    LK_AT_BIDDING = 136,
    LK_AT_TWAN_CONN_MODE = 144,
};

/* Values of AT_NOTIFICATION. S: success. P: before the challenge round, without AT_MAC. */
enum {
    LK_NOTIFICATION_S = 0x8000,
    LK_NOTIFICATION_P = 0x4000,
    LK_NOTIFY_FAILURE_AFTER = 0,
    LK_NOTIFY_TEMPORARILY_DENIED = 1026,
    LK_NOTIFY_NOT_SUBSCRIBED = 1031,
    LK_NOTIFY_FAILURE_BEFORE = 16384,
    LK_NOTIFY_SUCCESS = 32768,
};

enum {
    LK_EAP_HEADER_LEN = 4,
    LK_AKA_HEADER_LEN = 8,
    LK_EAP_PACKET_MAX = 1500, /* longer ones are refused */
    LK_EAP_IDENTITY_MAX = 253, /* octets: what a RADIUS User-Name carries, RFC 7542 2.2 */
    LK_AKA_MAC_LEN = 16,
    LK_AKA_NONCE_LEN = 16,
    LK_AKA_IV_LEN = 16,
    LK_AKA_CHECKCODE_MAX = 32,
    LK_AKA_KDF_MAX = 8, /* entries of a list of AT_KDF */
    LK_AKA_KDF_CK_IK_PRIME = 1, /* the one key derivation function of RFC 9048 */
    LK_AKA_BIDDING_D = 0x8000,
};

/* Attributes as they were found, outer or inner (decrypted). Views die with the packet. */
struct lk_aka_attributes {
    uint32_t present; /* bits of lk_at_bit() */
    struct lk_span rand, autn, res, auts;
    struct lk_span mac;
    struct lk_span identity; /* the actual octets, without padding */
    struct lk_span nonce_s, iv, encr_data;
    struct lk_span next_pseudonym, next_reauth_id;
    struct lk_span checkcode; /* empty when the attribute is there and holds none */
    struct lk_span kdf_input;
    struct lk_span conn_mode; /* for lk_mode_decode */
    uint16_t kdf[LK_AKA_KDF_MAX];
    size_t kdf_count;
    uint16_t notification, client_error, counter, bidding;
    uint8_t refused; /* the attribute's number when the decoder stopped at one */
};

struct lk_eap_packet {
    uint8_t code;
    uint8_t id;
    uint8_t type;    /* LK_EAP_NO_TYPE in Success and Failure */
    uint8_t subtype; /* AKA and AKA' only */
    struct lk_span whole;      /* the packet: its own length field cuts off what follows */
    struct lk_span type_data;  /* behind the type: the identity's text, Nak's list, ... */
    struct lk_span attributes; /* AKA and AKA': all of them, undecoded, for lk_aka_walk */
    struct lk_aka_attributes at;
    size_t mac_offset; /* of the 16 octets of AT_MAC's value in whole; 0 without AT_MAC */
};

/* Decodes the whole packet. On failure code, id, type and subtype are as far as they could be read
 * (zero otherwise), so that a peer can still answer Client-Error. Types other than the six above
 * decode as header and type_data. LK_E_TRAILING when datagram is longer than the packet. */
LK_MUST_CHECK enum lk_status lk_eap_decode(struct lk_eap_packet *packet, struct lk_span datagram);

/* Decodes what AT_ENCR_DATA of that packet held, once decrypted. */
LK_MUST_CHECK enum lk_status lk_aka_decode_encrypted(struct lk_aka_attributes *inner,
                                                     const struct lk_eap_packet *packet,
                                                     struct lk_span plain);

/* True when the attribute was found. */
bool lk_aka_has(const struct lk_aka_attributes *at, enum lk_at type);

/* ---- encoding: begin, put attributes, end ---- */

void lk_eap_begin(struct lk_writer *w, enum lk_eap_code code, uint8_t id, uint8_t type);
void lk_aka_begin(struct lk_writer *w, enum lk_eap_code code, uint8_t id, uint8_t type,
                  uint8_t subtype);
/* Writes the length field. The writer holds this packet and nothing else. */
void lk_eap_finish(struct lk_writer *w);
/* Success or Failure, whole. */
void lk_eap_put_result(struct lk_writer *w, enum lk_eap_code code, uint8_t id);
/* EAP-Request/Identity (text empty) or EAP-Response/Identity, whole. */
void lk_eap_put_identity(struct lk_writer *w, enum lk_eap_code code, uint8_t id,
                         struct lk_span text);

/* AT_*_ID_REQ, AT_RESULT_IND, AT_COUNTER_TOO_SMALL: two reserved octets. */
void lk_aka_put_empty(struct lk_writer *w, enum lk_at type);
/* AT_COUNTER, AT_NOTIFICATION, AT_CLIENT_ERROR_CODE, AT_KDF, AT_BIDDING. */
void lk_aka_put_u16(struct lk_writer *w, enum lk_at type, uint16_t value);
/* AT_RAND, AT_AUTN, AT_NONCE_S, AT_IV, AT_ENCR_DATA, AT_CHECKCODE: two reserved octets, then
 * value, a multiple of four octets (zero for an empty checkcode). */
void lk_aka_put_block(struct lk_writer *w, enum lk_at type, struct lk_span value);
/* AT_IDENTITY, AT_KDF_INPUT, AT_NEXT_PSEUDONYM, AT_NEXT_REAUTH_ID: actual length, value, zeroes. */
void lk_aka_put_text(struct lk_writer *w, enum lk_at type, struct lk_span value);
void lk_aka_put_res(struct lk_writer *w, struct lk_span res);
void lk_aka_put_auts(struct lk_writer *w, struct lk_span auts);
/* AT_TWAN_CONN_MODE: value behind the length, then zeroes. */
void lk_aka_put_raw(struct lk_writer *w, enum lk_at type, struct lk_span value);
/* AT_MAC with sixteen zeroes; returns the offset of them, to be patched. */
size_t lk_aka_put_mac_hole(struct lk_writer *w);
/* AT_PADDING so that the writer's length becomes a multiple of 16; nothing if it is one. */
void lk_aka_put_padding(struct lk_writer *w);

/* ---- for displays ---- */

/* How the value of an attribute is laid out. */
enum lk_at_form {
    LK_FORM_EMPTY,   /* two reserved octets */
    LK_FORM_U16,     /* a number of two octets */
    LK_FORM_BLOCK,   /* two reserved octets, then octets */
    LK_FORM_TEXT,    /* actual length in octets, text, zeroes */
    LK_FORM_RES,     /* length in bits, octets, zeroes */
    LK_FORM_RAW,     /* octets directly */
    LK_FORM_UNKNOWN,
};

struct lk_aka_item {
    uint8_t type;
    const char *name;   /* "AT_RAND"; "AT_137" for one that the table does not know: never NULL */
    const char *clause; /* "RFC 4187 10.6", or "" */
    enum lk_at_form form;
    struct lk_span whole; /* the attribute with its two octets in front */
    struct lk_span value; /* what counts in it, by its form */
    uint16_t number;      /* LK_FORM_U16 */
    char name_room[8];
};

/* Yields one attribute after another, known or not, in the order of the packet: give it
 * lk_reader_of(packet.attributes). False at the end or at the first that does not fit. */
bool lk_aka_walk(struct lk_reader *r, struct lk_aka_item *item);

/* "Request", "AKA'", "Challenge", ...; "?" for the unknown. */
const char *lk_eap_code_name(uint8_t code);
const char *lk_eap_type_name(uint8_t type);
const char *lk_aka_subtype_name(uint8_t subtype);
/* "Request/AKA'-Challenge", "Response/Identity", "Success". */
enum { LK_EAP_NAME_MAX = 48 };
void lk_eap_packet_name(char name[LK_EAP_NAME_MAX], const struct lk_eap_packet *packet);

/* ---- the table behind it all, for tests and documentation ---- */

struct lk_at_row {
    uint8_t type;
    const char *name;
    enum lk_at_form form;
    uint16_t min, max; /* octets of the counting value */
    bool many;         /* AT_KDF may come several times */
    const char *clause;
};
size_t lk_at_row_count(void);
const struct lk_at_row *lk_at_row(size_t index);
/* The bit of an attribute in lk_aka_attributes.present; 0 for an unknown one. */
uint32_t lk_at_bit(enum lk_at type);

/* One message: which attributes it must and may carry, outside and inside AT_ENCR_DATA. */
struct lk_aka_message_row {
    uint8_t code, subtype;
    uint8_t type;       /* LK_EAP_AKA, LK_EAP_AKA_PRIME, or 0 for both */
    uint32_t when;      /* the row holds when one of these is there; 0: always. First match wins */
    uint32_t must, may; /* outer */
    uint32_t one_of;    /* exactly one of these; 0: no such rule */
    uint32_t inner_must, inner_may;
    const char *clause;
};
size_t lk_aka_message_row_count(void);
const struct lk_aka_message_row *lk_aka_message_row(size_t index);

#endif
