/* The RSN element (IEEE 802.11 9.4.2.24): which ciphers and which key management an end of an
 * association wants, and which PMK it has in mind.
 *
 * Lists are views of the octets as they stand. Both ends compare whole elements octet by octet (the
 * one of message 2 with that of the association), so an element that was read is written again as
 * it came. */
#ifndef LK_WIRE_RSNE_H
#define LK_WIRE_RSNE_H

#include "base/octets.h"

enum {
    LK_RSNE_ID = 48,
    LK_RSNE_MAX = 2 + 255,
    LK_RSNE_PMKID_LEN = 16,
};

/* A suite as one number: its OUI, then its octet. An AKM suite is LK_RSN_SUITES and enum lk_akm. */
enum lk_rsn_suite {
    LK_RSN_SUITES = 0x000fac00,
    LK_RSN_CIPHER_TKIP = LK_RSN_SUITES + 2,
    LK_RSN_CIPHER_CCMP = LK_RSN_SUITES + 4,
    LK_RSN_CIPHER_BIP_CMAC = LK_RSN_SUITES + 6,
};

/* Capabilities. */
enum {
    LK_RSN_PREAUTHENTICATION = 1 << 0,
    LK_RSN_MFP_REQUIRED = 1 << 6, /* of management frames */
    LK_RSN_MFP_CAPABLE = 1 << 7,
    LK_RSN_EXTENDED_KEY_ID = 1 << 13, /* a re-key need not take key id 0 away first */
};

/* How far an element goes: fields behind the version may be left out from the end. */
enum lk_rsne_field {
    LK_RSNE_VERSION,
    LK_RSNE_GROUP,
    LK_RSNE_PAIRWISE,
    LK_RSNE_AKM,
    LK_RSNE_CAPABILITIES,
    LK_RSNE_PMKID,
    LK_RSNE_GROUP_MANAGEMENT,
};

/* What is left out has the default of the clause: CCMP, 802.1X, no capability, no PMKID, BIP. */
struct lk_rsne {
    enum lk_rsne_field last;
    uint32_t group;
    struct lk_span pairwise, akm; /* suites, four octets each, at least one */
    uint16_t capabilities;
    struct lk_span pmkid;         /* sixteen octets each */
    uint32_t group_management;
    struct lk_span later;         /* fields of later editions, not read */
};

/* Reads the element, identifier and length included. LK_E_UNKNOWN: another version; LK_E_VALUE: no
 * RSN element, or a list without a suite. */
LK_MUST_CHECK enum lk_status lk_rsne_decode(struct lk_rsne *rsne, struct lk_span element);
/* Writes it up to last. LK_E_VALUE: a list that is none; LK_E_LENGTH: too many PMKIDs. */
LK_MUST_CHECK enum lk_status lk_rsne_encode(struct lk_writer *w, const struct lk_rsne *rsne);

/* An element that offers CCMP and one AKM suite of 00-0F-AC, up to the capabilities; with pmkid,
 * where there is one, up to that. akm is at most 6. */
struct lk_rsne lk_rsne_of(uint8_t akm, uint16_t capabilities, struct lk_span pmkid);
bool lk_rsne_has_suite(struct lk_span suites, uint32_t suite);
/* Of the first AKM suite in a list, as the configuration calls it; never NULL. */
const char *lk_rsne_akm_name(struct lk_span list);
bool lk_rsne_has_pmkid(const struct lk_rsne *rsne, const uint8_t pmkid[LK_RSNE_PMKID_LEN]);

#endif
