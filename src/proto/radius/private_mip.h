/* What an agent of Mobile IP asks the home AAA, and what it is given (S4 7.3.4, figure 2):
 * attributes 12 to 16 of private.h, and beside them what others read, too.
 *
 *   the question                                    the answer
 *     User-Name        NAI of the node                MN-HA-SPI (3GPP2 57)         with the key:
 *     12 MIP-Agent     who asks, and for what         MN-HA-Shared-Key (3GPP2 58)  hidden, to a
 *     13 MIP-Request   the Registration Request,                                   home agent
 *                      as many as it takes            MS-MPPE-Recv-Key             hidden, to a
 *     MN-HA-SPI        of the key that is wanted                                   foreign one
 *     CHAP-Password,   of a MN-AAA under SPI 2        14 MIP-MN-HA, 15 MIP-MN-FA   what the reply
 *     CHAP-Challenge                                                               says of keys
 *                                                     16 MIP-Refused               why, in a Reject
 *
 * An answer has one key: that of the agent that asked (invariant 20). What goes to a foreign agent
 * passes AAAs of others, and MS-MPPE-Recv-Key is what every proxy of RADIUS hides anew. */
#ifndef LK_PROTO_RADIUS_PRIVATE_MIP_H
#define LK_PROTO_RADIUS_PRIVATE_MIP_H

#include "base/reason.h"
#include "keys/mip.h"
#include "proto/radius/private.h"
#include "wire/mip.h"

enum {
    LK_RADIUS_3GPP2 = 5535,
    LK_RADIUS_MN_HA_SPI = 57,
    LK_RADIUS_MN_HA_SHARED_KEY = 58,
    LK_RADIUS_CHAP_PASSWORD = 3,
    LK_RADIUS_CHAP_CHALLENGE = 60,
    LK_RADIUS_MIP_NAME_MAX = 245,
    LK_RADIUS_MIP_NONCE_MAX = 64,
};

enum lk_radius_mip_agent { LK_RADIUS_MIP_HOME = 1, LK_RADIUS_MIP_FOREIGN = 2 };
enum lk_radius_mip_wants {
    LK_RADIUS_MIP_KEYS = 1,   /* the node is proven by MN-AAA: keys of RFC 3957, or none */
    LK_RADIUS_MIP_PUSHED = 2, /* S4 7.3.6, case 1: the key that the node has proven itself with */
};

/* Spans are views: into the packet, or, of the request, into the room of who has decoded it. */
struct lk_radius_mip_ask {
    enum lk_radius_mip_agent agent;
    enum lk_radius_mip_wants wants;
    struct lk_span name;    /* of the agent, a domain name */
    struct lk_span nai;
    uint32_t spi;           /* PUSHED: of the key; KEYS: that the node asks for; 0: none */
    struct lk_span request; /* the Registration Request */
    bool has_chap;
    struct lk_mip_chap chap; /* what is in front of the key, and */
    uint8_t chap_answer[LK_MIP_CHAP_LEN];
};

/* All but Message-Authenticator, which is put before. */
void lk_radius_put_mip_ask(struct lk_writer *w, uint32_t enterprise,
                           const struct lk_radius_mip_ask *ask);
/* LK_E_MISSING: it is no question of Mobile IP, or has no NAI or request; LK_E_TWICE, LK_E_LENGTH,
 * LK_E_VALUE: it is not as above; LK_E_FULL: room (LK_MIP_MESSAGE_MAX octets) is too small. */
LK_MUST_CHECK enum lk_status lk_radius_take_mip_ask(struct lk_radius_mip_ask *ask,
                                                    const struct lk_radius_packet *packet,
                                                    uint32_t enterprise, uint8_t *room,
                                                    size_t cap);
/* Whether it asks, however badly. */
bool lk_radius_is_mip_ask(const struct lk_radius_packet *packet, uint32_t enterprise);

/* What the Registration Reply says of a key, and the agent must know of it. */
struct lk_radius_mip_numbers {
    uint32_t spi;      /* under which the node sends */
    uint32_t spi_back; /* and the agent */
    uint32_t aaa_spi;
    uint16_t algorithm, replay;
    uint32_t lifetime_s;
    uint8_t nonce_len; /* 0: the key is made of none; else from LK_MIP_NONCE_LEAST on */
    uint8_t nonce[LK_RADIUS_MIP_NONCE_MAX];
};

/* Secret. */
struct lk_radius_mip {
    enum lk_radius_mip_agent agent; /* whose key it is */
    struct lk_mip_secret secret;    /* len 0: none; the node is proven, and that is all */
    bool has_home, has_foreign;
    struct lk_radius_mip_numbers home, foreign;
};

/* What stands in the clear of one key: the value of attribute 14 or 15. LK_E_LENGTH, LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_radius_read_mip_numbers(struct lk_radius_mip_numbers *numbers,
                                                        struct lk_span value);
/* The same, of an answer. */
LK_MUST_CHECK enum lk_status lk_radius_take_mip_numbers(bool *found,
                                                        struct lk_radius_mip_numbers *numbers,
                                                        const struct lk_radius_packet *packet,
                                                        uint32_t enterprise, uint8_t type);

void lk_radius_put_mip(struct lk_writer *w, uint32_t enterprise, const struct lk_radius_mip *mip,
                       const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                       const uint8_t salt[LK_RADIUS_SALT_LEN]);
/* LK_E_MISSING, LK_E_TWICE, LK_E_LENGTH, LK_E_VALUE when one is not as above; mip is then wiped. An
 * AAA that has 57 and 58 alone serves too: its key has what RFC 5944 says of one (HMAC-MD5,
 * timestamps), and lives for the Session-Timeout. The packet must have been verified: there is no
 * check in hiding itself. */
LK_MUST_CHECK enum lk_status lk_radius_open_mip(struct lk_radius_mip *mip,
                                                const struct lk_radius_packet *packet,
                                                uint32_t enterprise,
                                                enum lk_radius_mip_agent agent,
                                                const struct lk_radius_secret *secret,
                                                const uint8_t authenticator[16]);

/* Why the AAA refuses: one of the reasons of Mobile IP; NONE: it does not say. */
void lk_radius_put_mip_refused(struct lk_writer *w, uint32_t enterprise, enum lk_reason reason);
enum lk_reason lk_radius_take_mip_refused(const struct lk_radius_packet *packet,
                                          uint32_t enterprise);

#endif
