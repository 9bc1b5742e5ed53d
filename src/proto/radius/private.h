/* The private vendor attributes of a trusted WLAN, of a point of service of MIS and of an agent of
 * Mobile IP. RADIUS has no
 * standard attribute for what STa carries in TS 29.273, nor for IEEE 802.21: these are ours, under
 * the enterprise number of the configuration. Those of MIS are in private_mis.h, of Mobile IP in
 * private_mip.h.
 *
 *   1 WLCP-Key              hidden, 32 octets               Access-Accept, session link
 *   2 TWAN-Connection-Mode  4 octets, bits of lk_twan_mode  Access-Request; Access-Accept: the mode
 *   3 TWAG-CP-Address       4 or 16 octets, one of each     Access-Request
 *   4 IMSI                  hidden, digits                  Access-Accept, Access-Reject, session
 *                                                           link
 *   5 UE-Generation         4 octets                        session link
 *   6 MIS-PoS               MISF ID                         Access-Request: the PoS that asks
 *   7 MIS-PSK               hidden, 64 octets               Access-Accept
 *   8 MIS-MN                hidden, MISF ID                 Access-Accept
 *   9 MIS-Start-Mark        hidden, keys/mis_start.h        Access-Accept
 *  10 MIS-Lifetime          4 octets, seconds               Access-Accept
 *  11 MIS-Subscriber        16 octets, keys/mis_mn.h        Access-Accept
 *  12 MIP-Agent             who asks (1), for what (1), name  Access-Request of an agent
 *  13 MIP-Request           Registration Request, in pieces Access-Request
 *  14 MIP-MN-HA             numbers of a key, and its nonce Access-Accept
 *  15 MIP-MN-FA             the same                        Access-Accept
 *  16 MIP-Refused           name of a reason                Access-Reject
 *
 * None of them is for an access point: the TWAP strips all of the enterprise. */
#ifndef LK_PROTO_RADIUS_PRIVATE_H
#define LK_PROTO_RADIUS_PRIVATE_H

#include "proto/radius/hiding.h"
#include "wire/twan.h"

enum { LK_RADIUS_ENTERPRISE = 32473 }; /* the number kept for examples, RFC 5612 */

enum lk_radius_private {
    LK_RADIUS_WLCP_KEY = 1,
    LK_RADIUS_TWAN_CONNECTION_MODE = 2,
    LK_RADIUS_TWAG_CP_ADDRESS = 3,
    LK_RADIUS_WLCP_IMSI = 4,
    LK_RADIUS_UE_GENERATION = 5,
    LK_RADIUS_MIS_POS = 6,
    LK_RADIUS_MIS_PSK = 7,
    LK_RADIUS_MIS_MN = 8,
    LK_RADIUS_MIS_START_MARK = 9,
    LK_RADIUS_MIS_LIFETIME = 10,
    LK_RADIUS_MIS_SUBSCRIBER = 11,
    LK_RADIUS_MIP_AGENT = 12,
    LK_RADIUS_MIP_REQUEST = 13,
    LK_RADIUS_MIP_MN_HA = 14,
    LK_RADIUS_MIP_MN_FA = 15,
    LK_RADIUS_MIP_REFUSED = 16,
};

/* Attributes 2 and 3, as a TWAP adds them to a request. */
void lk_radius_put_access(struct lk_writer *w, uint32_t enterprise,
                          const struct lk_twan_access *access);
/* What a request says; modes 0 when it says nothing. LK_E_LENGTH, LK_E_TWICE for what is not as
 * above: access is then empty. Undefined mode bits are ignored. */
LK_MUST_CHECK enum lk_status lk_radius_take_access(struct lk_twan_access *access,
                                                   const struct lk_radius_packet *packet,
                                                   uint32_t enterprise);

/* Attribute 4 alone, hidden. open: as lk_radius_open_wlcp. */
void lk_radius_put_imsi(struct lk_writer *w, uint32_t enterprise, const struct lk_imsi *imsi,
                        const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                        const uint8_t salt[LK_RADIUS_SALT_LEN]);
LK_MUST_CHECK enum lk_status lk_radius_open_imsi(struct lk_imsi *imsi,
                                                 const struct lk_radius_packet *packet,
                                                 uint32_t enterprise,
                                                 const struct lk_radius_secret *secret,
                                                 const uint8_t authenticator[16]);

/* Attributes 1 and 4, hidden. salts: two, unlike each other and every other salt of the packet. */
void lk_radius_put_wlcp(struct lk_writer *w, uint32_t enterprise, const struct lk_wlcp_key *key,
                        const struct lk_imsi *imsi, const struct lk_radius_secret *secret,
                        const uint8_t authenticator[16],
                        const uint8_t salts[2][LK_RADIUS_SALT_LEN]);
/* LK_E_MISSING when either is absent, LK_E_LENGTH or LK_E_VALUE when one is not as above, or when
 * attribute 2 is there and says anything but multi-connection mode; key and imsi are then wiped.
 * The packet must have been verified: there is no check in hiding itself. */
LK_MUST_CHECK enum lk_status lk_radius_open_wlcp(struct lk_wlcp_key *key, struct lk_imsi *imsi,
                                                 const struct lk_radius_packet *packet,
                                                 uint32_t enterprise,
                                                 const struct lk_radius_secret *secret,
                                                 const uint8_t authenticator[16]);

#endif
