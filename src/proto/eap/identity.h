/* Identities of EAP-AKA and EAP-AKA': NAIs, the digit in front, pseudonyms, re-authentication
 * names.
 *
 * A permanent identity is a digit and the IMSI. A pseudonym is a digit and, in base64url, a key
 * id and the AES-SIV of IMSI and salt: nobody but a holder of the key links two of them, and the
 * server remembers none. A re-authentication identity is a digit and sixteen random octets in
 * base64url, the name of a context in the server's store. */
#ifndef LK_PROTO_EAP_IDENTITY_H
#define LK_PROTO_EAP_IDENTITY_H

#include "base/imsi.h"
#include "base/octets.h"
#include "crypto/crypto.h"
#include "keys/types.h"

enum lk_identity_kind {
    LK_IDENTITY_OTHER, /* empty, foreign, or for another method */
    LK_IDENTITY_PERMANENT,
    LK_IDENTITY_PSEUDONYM,
    LK_IDENTITY_REAUTH,
};

/* Which identity was asked for last, weakest first. */
enum lk_identity_ask {
    LK_ASK_NOTHING,
    LK_ASK_ANY,
    LK_ASK_FULLAUTH,
    LK_ASK_PERMANENT,
};

enum {
    LK_PSEUDONYM_SALT_LEN = 8,
    LK_PSEUDONYM_OCTETS = 1 + LK_SIV_TAG_LEN + LK_IMSI_BCD_LEN + LK_PSEUDONYM_SALT_LEN,
    LK_PSEUDONYM_LEN = 1 + (LK_PSEUDONYM_OCTETS * 4 + 2) / 3,    /* digit and base64url: 45 */
    LK_REAUTH_USERNAME_LEN = 1 + (LK_REAUTH_NAME_LEN * 4 + 2) / 3, /* 23 */
    LK_REALM_MAX = 128,
    LK_PSEUDONYM_KEYS = 3,
};

/* Keys for pseudonyms: [0], of today, makes new ones; yesterday's and tomorrow's (a neighbour's
 * clock may be ahead at midnight) open too. */
struct lk_pseudonym_key {
    bool set;
    uint8_t id;
    struct lk_siv_key key;
};

/* A NAI taken apart (RFC 7542 2.2, TS 23.003 14). Views into the text. A decorated one,
 * home!user@visited, comes out as user and home realm, with via the visited realm. */
struct lk_nai {
    enum lk_identity_kind kind;
    uint8_t eap_type; /* LK_EAP_AKA or LK_EAP_AKA_PRIME as the digit says; 0 when kind is OTHER */
    struct lk_span username; /* digit included */
    struct lk_span realm;    /* may be empty */
    struct lk_span via;      /* empty unless decorated */
};

/* Never fails: what is not ours is LK_IDENTITY_OTHER. */
void lk_nai_parse(struct lk_nai *nai, struct lk_span text);
/* The IMSI of a permanent username. */
LK_MUST_CHECK enum lk_status lk_nai_imsi(struct lk_imsi *imsi, const struct lk_nai *nai);
/* The IMSI of a pseudonym: LK_E_NOT_FOUND for an unknown key id, LK_E_MAC for one altered. */
LK_MUST_CHECK enum lk_status
lk_pseudonym_open(struct lk_imsi *imsi, const struct lk_nai *nai,
                  const struct lk_pseudonym_key keys[LK_PSEUDONYM_KEYS]);
/* Writes LK_PSEUDONYM_LEN characters, no terminator. */
void lk_pseudonym_make(char username[LK_PSEUDONYM_LEN], uint8_t eap_type,
                       const struct lk_imsi *imsi, const struct lk_pseudonym_key *key,
                       const uint8_t salt[LK_PSEUDONYM_SALT_LEN]);
LK_MUST_CHECK enum lk_status lk_reauth_name_open(uint8_t name[LK_REAUTH_NAME_LEN],
                                                 const struct lk_nai *nai);
void lk_reauth_name_make(char username[LK_REAUTH_USERNAME_LEN], uint8_t eap_type,
                         const uint8_t name[LK_REAUTH_NAME_LEN]);

/* Writes digit, IMSI, '@' and realm (nothing behind the IMSI when realm is empty). */
void lk_permanent_identity_put(struct lk_writer *w, uint8_t eap_type, const struct lk_imsi *imsi,
                               struct lk_span realm);
/* The realm of an IMSI, wlan.mncMMM.mccCCC.3gppnetwork.org (TS 23.003 14.2); mnc_len is 2 or 3: it
 * cannot be told from the IMSI. prefix is "wlan" or "nai.epc". */
void lk_realm_put(struct lk_writer *w, const char *prefix, const struct lk_imsi *imsi,
                  unsigned mnc_len);
/* The MNC length that a realm tells by comparing it with the IMSI: 2, 3, or 0 when it does not. */
unsigned lk_realm_mnc_len(struct lk_span realm, const struct lk_imsi *imsi);

#endif
