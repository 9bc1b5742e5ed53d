/* What a shared secret does in RADIUS: authenticators, and attributes that travel hidden.
 *
 * Message-Authenticator is HMAC-MD5 over the packet (RFC 3579 3.2); the Response Authenticator and
 * the accounting Request Authenticator are MD5 with the secret behind (RFC 2865 3, RFC 2866 3);
 * hidden attributes are a chain of MD5 (RFC 2548 2.4). MD5 is what the protocol has: run it on
 * loopback, inside IPsec, or behind a RadSec proxy. */
#ifndef LK_PROTO_RADIUS_HIDING_H
#define LK_PROTO_RADIUS_HIDING_H

#include "crypto/crypto.h"
#include "keys/types.h"
#include "wire/radius.h"

enum {
    LK_RADIUS_SECRET_MAX = 128,
    LK_RADIUS_SALT_LEN = 2,
    LK_RADIUS_HIDDEN_MAX = 239, /* of plain octets: what one vendor attribute holds, hidden */
};

/* Secret. */
struct lk_radius_secret {
    uint8_t octets[LK_RADIUS_SECRET_MAX];
    size_t len;
    struct lk_hmac_md5_key hmac; /* made of it */
};

/* LK_E_LENGTH when it is empty or longer than LK_RADIUS_SECRET_MAX. */
LK_MUST_CHECK enum lk_status lk_radius_secret_set(struct lk_radius_secret *secret,
                                                  struct lk_span octets);

/* ---- Message-Authenticator ---- */

/* Where its value is in packet.whole: LK_E_MISSING, LK_E_TWICE, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_radius_mac_offset(size_t *offset,
                                                  const struct lk_radius_packet *packet);
/* LK_OK when it is there, once, and right; LK_E_MISSING, LK_E_TWICE, LK_E_LENGTH, LK_E_MAC.
 * authenticator is what stood in the header when it was computed: the packet's own for
 * Access-Request and Status-Server, that of the request for answers to these, zeroes for
 * accounting. */
LK_MUST_CHECK enum lk_status lk_radius_mac_verify(const struct lk_radius_packet *packet,
                                                  const struct lk_radius_secret *secret,
                                                  const uint8_t authenticator[16]);
/* What stood in the header of an answer to a request of that code: its authenticator, or zeroes.
 * No document gives Accounting-Response a Message-Authenticator: it is as radclient verifies it. */
const uint8_t *lk_radius_mac_header(uint8_t request_code, const uint8_t authenticator[16]);
/* The value for the packet in octets, whose Message-Authenticator stands at offset. */
void lk_radius_mac(uint8_t mac[LK_RADIUS_MAC_LEN], struct lk_span octets, size_t offset,
                   const struct lk_radius_secret *secret, const uint8_t authenticator[16]);

/* ---- authenticators of the header ---- */

/* MD5(code, identifier, length, authenticator, attributes, secret): with the authenticator of the
 * request it is the Response Authenticator, with zeroes the Request Authenticator of
 * accounting. */
void lk_radius_authenticator(uint8_t out[LK_RADIUS_AUTHENTICATOR_LEN], struct lk_span octets,
                             const struct lk_radius_secret *secret,
                             const uint8_t authenticator[16]);
/* LK_E_MAC when the packet's own authenticator is not that. */
LK_MUST_CHECK enum lk_status lk_radius_authenticator_verify(const struct lk_radius_packet *packet,
                                                            const struct lk_radius_secret *secret,
                                                            const uint8_t authenticator[16]);

/* ---- hidden attributes ---- */

/* Salt, then length, octets and padding, hidden, as one vendor attribute. salt has its top bit set
 * and is unlike every other salt of the packet. */
void lk_radius_put_hidden(struct lk_writer *w, uint32_t vendor, uint8_t type,
                          const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                          const uint8_t salt[LK_RADIUS_SALT_LEN], struct lk_span plain);
/* Opens the value of such an attribute into plain, which holds LK_RADIUS_HIDDEN_MAX + 1 octets;
 * *len are left. There is no check in it but of the lengths: LK_E_LENGTH, LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_radius_open_hidden(uint8_t *plain, size_t *len,
                                                   struct lk_span value,
                                                   const struct lk_radius_secret *secret,
                                                   const uint8_t authenticator[16]);

/* spec: RFC 2548 2.4.3 - MS-MPPE-Recv-Key is the first half of the MSK, Send-Key the second.
 * entropy gives the two salts. */
void lk_radius_put_mppe(struct lk_writer *w, const struct lk_msk *msk,
                        const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                        const uint8_t entropy[2 * LK_RADIUS_SALT_LEN]);
/* LK_E_MISSING when either is absent, LK_E_LENGTH when one does not hold 32 octets. */
LK_MUST_CHECK enum lk_status lk_radius_open_mppe(struct lk_msk *msk,
                                                 const struct lk_radius_packet *packet,
                                                 const struct lk_radius_secret *secret,
                                                 const uint8_t authenticator[16]);

#endif
