/* Data types of IEEE 802.21 inside TLVs: the length rule, octet strings, identifiers, addresses,
 * links, bitmaps, and the SEQUENCEs and CHOICEs of its security.
 *
 * Each type has a get on a reader, which remembers its first failure, and a put on a writer.
 * What a get yields are views into the datagram. */
#ifndef LK_WIRE_MIS_TYPES_H
#define LK_WIRE_MIS_TYPES_H

#include "base/address.h"
#include "wire/mis_codes.h"

/* ---- lengths and octet strings ---- */

/* Up to 128 in one octet; above, 0x80 + k and k octets that hold the length less 128. Not BER.
 * More than four octets: LK_E_LENGTH. */
size_t lk_mis_get_length(struct lk_reader *r);
void lk_mis_put_length(struct lk_writer *w, size_t len);
/* Octets that a length takes itself. */
size_t lk_mis_length_len(size_t len);
/* Puts the length of what was written since at before it. */
void lk_mis_put_length_at(struct lk_writer *w, size_t at);
/* OCTET_STRING: a length, then so many octets. Outside of least and most: LK_E_LENGTH. */
struct lk_span lk_mis_get_string(struct lk_reader *r, size_t least, size_t most);
void lk_mis_put_string(struct lk_writer *w, struct lk_span string);

/* BITMAP(bits), bits a multiple of 8 up to 64: bit i of the drawing is bit 1 << i of the value,
 * whichever of its octets and ends it is sent in. */
uint64_t lk_mis_get_bitmap(struct lk_reader *r, unsigned bits, const struct lk_mis_codes *codes);
void lk_mis_put_bitmap(struct lk_writer *w, uint64_t value, unsigned bits,
                       const struct lk_mis_codes *codes);

/* ---- who and where ---- */

/* IP_ADDR: an address family, then an octet string of 4 or 16. */
void lk_mis_get_address(struct lk_reader *r, struct lk_address *address);
void lk_mis_put_address(struct lk_writer *w, const struct lk_address *address);

enum lk_mis_link_type {
    LK_MIS_LINK_GSM = 1,
    LK_MIS_LINK_GPRS = 2,
    LK_MIS_LINK_EDGE = 3,
    LK_MIS_LINK_ETHERNET = 15,
    LK_MIS_LINK_OTHER_WIRELESS = 18,
    LK_MIS_LINK_80211 = 19,
    LK_MIS_LINK_CDMA2000 = 22,
    LK_MIS_LINK_UMTS = 23,
    LK_MIS_LINK_HRPD = 24,
    LK_MIS_LINK_80216 = 27,
    LK_MIS_LINK_80220 = 28,
    LK_MIS_LINK_80222 = 29,
};

enum lk_mis_link_addr_kind {
    LK_MIS_ADDR_MAC = 0,     /* an address family of its own comes first */
    LK_MIS_ADDR_3G_CELL = 1, /* PLMN (3), cell (4) */
    LK_MIS_ADDR_2G_CELL = 2, /* PLMN (3), location area (2), cell (2) */
    LK_MIS_ADDR_3GPP = 3,
    LK_MIS_ADDR_3GPP2 = 4,
    LK_MIS_ADDR_OTHER = 5,
};
enum { LK_MIS_FAMILY_IPV4 = 1, LK_MIS_FAMILY_IPV6 = 2, LK_MIS_FAMILY_MAC = 6,
       LK_MIS_CELL_LEN = 7 };

struct lk_mis_link_addr {
    uint8_t kind;    /* enum lk_mis_link_addr_kind */
    uint16_t family; /* with LK_MIS_ADDR_MAC: LK_MIS_FAMILY_MAC, or EUI-64 and so on as it came */
    struct lk_span octets;
};
struct lk_mis_link_id {
    uint8_t type; /* enum lk_mis_link_type, or what came */
    struct lk_mis_link_addr addr;
};
struct lk_mis_link_tuple { /* LINK_TUPLE_ID */
    struct lk_mis_link_id link;
    bool has_poa; /* the point of attachment */
    struct lk_mis_link_addr poa;
};
/* TGT_NET_INFO: a network by its name and an auxiliary one, or a point of attachment. */
struct lk_mis_target {
    bool by_address;
    struct lk_mis_link_addr poa; /* by_address */
    struct lk_span network;      /* else: an SSID, a PLMN as text, ... */
    bool has_auxiliary;
    struct lk_span auxiliary;
};

void lk_mis_get_link_addr(struct lk_reader *r, struct lk_mis_link_addr *addr);
void lk_mis_put_link_addr(struct lk_writer *w, const struct lk_mis_link_addr *addr);
void lk_mis_get_link_tuple(struct lk_reader *r, struct lk_mis_link_tuple *tuple);
void lk_mis_put_link_tuple(struct lk_writer *w, const struct lk_mis_link_tuple *tuple);
void lk_mis_get_target(struct lk_reader *r, struct lk_mis_target *target);
void lk_mis_put_target(struct lk_writer *w, const struct lk_mis_target *target);

/* ---- security ---- */

enum lk_mis_id_type {
    LK_MIS_SA_TLS = 0,
    LK_MIS_SA_EAP = 1,
    LK_MIS_SA_GKB = 2,
    LK_MIS_SA_SPOS = 3,
};
struct lk_mis_said {
    uint8_t type;      /* enum lk_mis_id_type */
    struct lk_span id; /* LK_MIS_SA_ID_MIN to LK_MIS_SA_ID_MAX octets */
};
/* SECURITY: records of TLS, or an encrypted block with or without an integrity block. */
struct lk_mis_security {
    bool tls;
    struct lk_span records; /* tls */
    struct lk_span encr;    /* else */
    bool has_integrity;
    struct lk_span intg;
};
/* Bits of the lists of a capability. */
enum {
    LK_MIS_KEYS_PUSH = 1 << 0,
    LK_MIS_KEYS_PROACTIVE_PULL = 1 << 1,
    LK_MIS_KEYS_REACTIVE_PULL = 1 << 2,
    LK_MIS_INTEGRITY_HMAC_SHA1 = 1 << 0,
    LK_MIS_INTEGRITY_CMAC_AES = 1 << 1,
    LK_MIS_CIPHER_CBC = 1 << 0,
    LK_MIS_CIPHER_CCM = 1 << 1,
    LK_MIS_CIPHER_NULL = 1 << 2,
};
struct lk_mis_capability { /* MIS_SEC_CAP */
    bool tls;
    bool eap; /* the lists below are there */
    uint8_t key_distribution, integrity, ciphers;
    uint8_t prfs; /* bits 1 << enum lk_mis_prf */
};
struct lk_mis_key_envelope {
    struct lk_span key; /* K: a secret in the datagram */
    uint32_t lifetime_s;
    uint8_t used, max;
    enum lk_mis_origin origin;
};
struct lk_mis_pos { /* where a PoS is */
    struct lk_span id;
    struct lk_address address;
    uint16_t port;
};
enum { LK_MIS_UDEG_LATITUDE = 90000000, LK_MIS_UDEG_LONGITUDE = 180000000 };
struct lk_mis_position { /* WGS 84, in millionths of a degree */
    int32_t latitude_udeg, longitude_udeg;
};
struct lk_mis_place { /* where an MN is: within accuracy_m of there */
    struct lk_mis_position at;
    uint32_t accuracy_m;
};
struct lk_mis_link_key { /* KEY_MAPPING, one of the list */
    struct lk_mis_link_tuple link;
    struct lk_span key; /* a secret in the datagram */
    uint32_t lifetime_s;
};

void lk_mis_get_said(struct lk_reader *r, struct lk_mis_said *said);
void lk_mis_put_said(struct lk_writer *w, const struct lk_mis_said *said);
void lk_mis_get_security(struct lk_reader *r, struct lk_mis_security *security);
void lk_mis_put_security(struct lk_writer *w, const struct lk_mis_security *security);
size_t lk_mis_security_len(const struct lk_mis_security *security);
/* A list of PRFs as bits 1 << enum lk_mis_prf; those that are not known are left out. */
uint8_t lk_mis_get_prfs(struct lk_reader *r, const struct lk_mis_codes *codes);
void lk_mis_put_prfs(struct lk_writer *w, uint8_t prfs, const struct lk_mis_codes *codes);
void lk_mis_get_capability(struct lk_reader *r, struct lk_mis_capability *capability,
                           const struct lk_mis_codes *codes);
void lk_mis_put_capability(struct lk_writer *w, const struct lk_mis_capability *capability,
                           const struct lk_mis_codes *codes);
void lk_mis_get_key_envelope(struct lk_reader *r, struct lk_mis_key_envelope *envelope,
                             const struct lk_mis_codes *codes);
void lk_mis_put_key_envelope(struct lk_writer *w, const struct lk_mis_key_envelope *envelope,
                             const struct lk_mis_codes *codes);
void lk_mis_get_pos(struct lk_reader *r, struct lk_mis_pos *pos);
void lk_mis_get_place(struct lk_reader *r, struct lk_mis_place *place);
void lk_mis_put_place(struct lk_writer *w, const struct lk_mis_place *place);
void lk_mis_put_pos(struct lk_writer *w, const struct lk_mis_pos *pos);
void lk_mis_get_link_key(struct lk_reader *r, struct lk_mis_link_key *key);
void lk_mis_put_link_key(struct lk_writer *w, const struct lk_mis_link_key *key);

#endif
