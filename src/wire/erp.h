/* ERP packets (RFC 6696) and those of early authentication (ERP/AAK, RFC 6630): EAP codes 5 and 6.
 *
 * The decoder says where the octets are that the tag covers; keys and tags are of keys/erp. An
 * attribute is a TLV, with a length, or a TV, whose type says how long it is. */
#ifndef LK_WIRE_ERP_H
#define LK_WIRE_ERP_H

#include "base/erp.h"
#include "base/octets.h"

enum lk_erp_code { LK_ERP_INITIATE = 5, LK_ERP_FINISH = 6 };
enum lk_erp_type { LK_ERP_START = 1, LK_ERP_REAUTH = 2 };

enum {
    LK_ERP_FAILED = 0x80,       /* R, of a Finish */
    LK_ERP_BOOTSTRAP = 0x40,    /* B */
    LK_ERP_LIFETIMES = 0x20,    /* L: lifetimes are wanted, or are there */
    LK_ERP_EARLY = 0x10,        /* E */
};

enum lk_erp_attribute {
    LK_ERP_KEYNAME_NAI = 1,
    LK_ERP_RRK_LIFETIME = 2,
    LK_ERP_RMSK_LIFETIME = 3,
    LK_ERP_DOMAIN = 4,
    LK_ERP_SUITES = 5,
    LK_ERP_AUTHORIZATION = 6,
    LK_ERP_AAK_SEQUENCE = 7,
    LK_ERP_AAK_KEY = 8,
    LK_ERP_PRK_LIFETIME = 9,
    LK_ERP_PMSK_LIFETIME = 10,
    LK_ERP_CAP_ID = 11,
    LK_ERP_CALLED_STATION = 128,
    LK_ERP_CALLING_STATION = 129,
    LK_ERP_NAS_ID = 130,
    LK_ERP_NAS_IP = 131,
    LK_ERP_NAS_IPV6 = 132,
};

enum { LK_ERP_PACKET_MAX = 1500, LK_ERP_NAI_MAX = 253 };

struct lk_erp {
    uint8_t code, id, type, flags;
    uint16_t seq;     /* LK_ERP_REAUTH */
    uint32_t present; /* lk_erp_has */
    struct lk_span keyname_nai; /* hex of EMSKname, '@', realm */
    uint32_t rrk_lifetime_s, rmsk_lifetime_s, prk_lifetime_s, pmsk_lifetime_s;
    struct lk_span domain;
    struct lk_span suites; /* what the server offers instead, an octet each */
    struct lk_span authorization;
    uint16_t aak_sequence;
    struct lk_span aak_key; /* encrypted */
    struct lk_span cap_id;
    struct lk_span called_station, calling_station, nas_id, nas_ip, nas_ipv6;
    uint8_t suite;          /* LK_ERP_REAUTH: enum lk_erp_suite */
    struct lk_span tag;     /* as long as the suite says */
    struct lk_span covered; /* from Code to Cryptosuite */
    struct lk_span whole;   /* the packet: its own length cuts off what follows */
    struct lk_span attributes; /* all of them, for lk_erp_attribute_next */
};

bool lk_erp_has(const struct lk_erp *packet, enum lk_erp_attribute attribute);
void lk_erp_mark(struct lk_erp *packet, enum lk_erp_attribute attribute);

/* suite: that of the key, or 0 when it is not known yet. Then it is taken from the packet, which
 * has it behind its attributes, where only a tag of the suite's length may follow; that is not
 * always one place, so whoever has found the key decodes again with its suite. Attributes that are
 * not known are passed over as TLVs; of those that may come again (NAS-Identifier, CAP-Identifier,
 * AAK key) the first is in the struct. LK_E_SHORT, LK_E_LENGTH, LK_E_TWICE; LK_E_VALUE: no such
 * packet, or not of that suite; LK_E_MISSING: no keyName-NAI in a Re-auth. */
LK_MUST_CHECK enum lk_status lk_erp_decode(struct lk_erp *packet, struct lk_span octets,
                                           uint8_t suite);
/* Everything, with zeroes for the tag: of a Re-auth, the last lk_erp_tag_len octets, over all that
 * stands before them. */
LK_MUST_CHECK enum lk_status lk_erp_encode(struct lk_writer *w, const struct lk_erp *packet);
/* A walk over attributes: false when they end or break. */
bool lk_erp_attribute_next(struct lk_reader *r, uint8_t *type, struct lk_span *value);
/* "keyName-NAI"; "?" for the unknown. Never NULL. */
const char *lk_erp_attribute_name(uint8_t type);

#endif
