/* The MN's machine of MIS_Auth. proto/mis/auth.h says how it goes and what comes and goes.
 *
 * Choices of the PoS that were not offered are refused (T42), and keys come only with the last
 * request: what the PoS sends before it is EAP-Request or Re-auth-Start, and the last is Success
 * or Finish. The SA is there once our own EAP or ERP has given its keys and AUTH-N is right. */
#ifndef LK_PROTO_MIS_MN_AUTH_H
#define LK_PROTO_MIS_MN_AUTH_H

#include "proto/mis/auth.h"

enum { LK_MIS_PAD_LEN = 256 }; /* of what an MN says first */

enum lk_mis_mn_auth_state {
    LK_MIS_MN_AUTH_IDLE,
    LK_MIS_MN_AUTH_AWAIT_REQUEST,
    LK_MIS_MN_AUTH_AWAIT_EAP,     /* our EAP or ERP has the packet */
    LK_MIS_MN_AUTH_AWAIT_KEYS,    /* it has the last one */
    LK_MIS_MN_AUTH_UP,            /* there is an SA */
    LK_MIS_MN_AUTH_OVER,          /* there will be none */
    LK_MIS_MN_AUTH_STATE_COUNT
};

struct lk_mis_mn_auth {
    enum lk_mis_mn_auth_state state;
    struct lk_mis_name pos;
    bool has_nonce_n;
    bool told;    /* Nonce-T and offers, in a response */
    uint16_t tid; /* of the request to be answered */
    struct lk_mis_auth_terms terms;
    uint8_t auth_n[LK_MIS_AUTH_LEN];
    uint64_t deadline_ms;
};

/* LK_E_LENGTH: no name, or too long. */
LK_MUST_CHECK enum lk_status lk_mis_mn_auth_init(struct lk_mis_mn_auth *mn, struct lk_span pos_id);
void lk_mis_mn_auth_wipe(struct lk_mis_mn_auth *mn);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED; LK_E_MISSING, LK_E_VALUE for a message that cannot be. */
LK_MUST_CHECK enum lk_status lk_mis_mn_auth_step(struct lk_mis_mn_auth *mn,
                                                 const struct lk_mis_auth_config *config,
                                                 const struct lk_mis_auth_event *event,
                                                 struct lk_mis_auth_outbox *out);

extern const struct lk_rule_table lk_mis_mn_auth_rules;

#endif
