/* What a point of service of MIS asks the AAA, and what it is given with an Access-Accept:
 * attributes 6 to 11 of private.h. What is beside them where MSKs go is K of that PoS. */
#ifndef LK_PROTO_RADIUS_PRIVATE_MIS_H
#define LK_PROTO_RADIUS_PRIVATE_MIS_H

#include "keys/mis_mn.h"
#include "keys/mis_psk.h"
#include "keys/mis_start.h"
#include "proto/radius/private.h"

enum {
    LK_RADIUS_MIS_SALTS = 3,
    LK_RADIUS_MIS_POS_MAX = 247,   /* what one vendor attribute holds */
    LK_RADIUS_MIS_MN_MAX = LK_MIS_PSEUDONYM_TEXT + 1 + LK_MIS_REALM_MAX,
};

/* Secret. */
struct lk_radius_mis {
    bool has_psk; /* none after ERP, whose parent is no EMSK any more */
    struct lk_mis_psk psk;
    uint8_t mn_len;
    uint8_t mn[LK_RADIUS_MIS_MN_MAX]; /* who was authenticated: MISF ID of the MN */
    bool has_subscriber;
    struct lk_mis_subscriber subscriber;
    uint8_t mark_len; /* 0: the home signs none */
    uint8_t mark[LK_RADIUS_HIDDEN_MAX];
    uint32_t lifetime_s; /* of all that comes of this authentication */
};

void lk_radius_put_pos(struct lk_writer *w, uint32_t enterprise, struct lk_span pos_id);
/* The MISF ID that a request names; empty when it names none. LK_E_TWICE, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_radius_take_pos(struct lk_span *pos_id,
                                                const struct lk_radius_packet *packet,
                                                uint32_t enterprise);

/* salts: unlike each other and every other salt of the packet. */
void lk_radius_put_mis(struct lk_writer *w, uint32_t enterprise, const struct lk_radius_mis *mis,
                       const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                       const uint8_t salts[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN]);
/* LK_E_MISSING without MN or lifetime, LK_E_LENGTH or LK_E_VALUE when one is not as above; mis is
 * then wiped. The packet must have been verified: there is no check in hiding itself. */
LK_MUST_CHECK enum lk_status lk_radius_open_mis(struct lk_radius_mis *mis,
                                                const struct lk_radius_packet *packet,
                                                uint32_t enterprise,
                                                const struct lk_radius_secret *secret,
                                                const uint8_t authenticator[16]);

#endif
