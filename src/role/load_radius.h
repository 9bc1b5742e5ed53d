/* The RADIUS client of the load generator: requests built at their final place, answers checked in
 * full, the HMAC-MD5 key prepared once. Pure. RFC 2865, RFC 2866, RFC 3579, RFC 2548. */
#ifndef LK_ROLE_LOAD_RADIUS_H
#define LK_ROLE_LOAD_RADIUS_H

#include "crypto/crypto.h"
#include "keys/types.h"
#include "role/load.h"

enum {
    LK_LOAD_ACCESS_REQUEST = 1,
    LK_LOAD_ACCESS_ACCEPT = 2,
    LK_LOAD_ACCESS_REJECT = 3,
    LK_LOAD_ACCOUNTING_REQUEST = 4,
    LK_LOAD_ACCOUNTING_RESPONSE = 5,
    LK_LOAD_ACCESS_CHALLENGE = 11,
};
enum { LK_LOAD_AUTHENTICATOR_LEN = 16, LK_LOAD_EAP_MAX = 2048 };

struct lk_load_radius {
    struct lk_hmac_md5_key hmac;
    uint8_t secret[LK_LOAD_SECRET_MAX];
    size_t secret_len;
};

struct lk_load_answer {
    uint8_t code;
    struct lk_span state;
    struct lk_span mppe[2]; /* MS-MPPE-Send-Key, MS-MPPE-Recv-Key, still hidden */
    size_t eap_len;
    uint8_t eap[LK_LOAD_EAP_MAX];
};

void lk_load_radius_start(struct lk_load_radius *radius, struct lk_span secret);
/* An Access-Request that carries eap and state (empty: none). Returns its length. */
size_t lk_load_access_request(const struct lk_load_radius *radius, uint8_t *to, size_t cap,
                              uint8_t id, const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN],
                              struct lk_span user, struct lk_span state, struct lk_span eap);
/* An Accounting-Request of that Acct-Status-Type; writes the authenticator too. */
size_t lk_load_accounting_request(const struct lk_load_radius *radius, uint8_t *to, size_t cap,
                                  uint8_t id, uint32_t status, struct lk_span user,
                                  uint64_t session);
/* Checks datagram as the answer to a request with that authenticator, and cuts it up. */
enum lk_load_error lk_load_radius_open(const struct lk_load_radius *radius,
                                       struct lk_load_answer *answer, struct lk_span datagram,
                                       const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN]);
/* True when the answer's MS-MPPE keys are the two halves of msk. */
bool lk_load_msk_matches(const struct lk_load_radius *radius, const struct lk_load_answer *answer,
                         const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN],
                         const struct lk_msk *msk);
/* Puts the Message-Authenticator (its value at mac_at) and the Response Authenticator into an
 * answer of len octets: for the null responder. */
void lk_load_radius_sign(const struct lk_load_radius *radius, uint8_t *datagram, size_t len,
                         size_t mac_at, const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN]);

#endif
