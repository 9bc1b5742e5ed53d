/* The PoS's machine of MIS_Auth: between MN and home it passes EAP and ERP packets on. What comes
 * and goes, proto/mis/auth.h says.
 *
 * It draws Nonce-N and SAID, chooses suite and PRF, and holds the SA half-open until AUTH-T. An MN
 * whose ERP the home does not take is asked for EAP, once, in the same run. A start mark that names
 * another MN than the one that the home says it is ends it. The MN begins under a name of one run;
 * the SA is with the one that the home gives it (A06). */
#ifndef LK_PROTO_MIS_POS_AUTH_H
#define LK_PROTO_MIS_POS_AUTH_H

#include "proto/mis/auth.h"

enum lk_mis_pos_auth_state {
    LK_MIS_POS_AUTH_IDLE,
    LK_MIS_POS_AUTH_AWAIT_RESPONSE,
    LK_MIS_POS_AUTH_AWAIT_HOME,
    LK_MIS_POS_AUTH_AWAIT_CONFIRMATION, /* half-open */
    LK_MIS_POS_AUTH_UP,                 /* there is an SA */
    LK_MIS_POS_AUTH_OVER,               /* there will be none */
    LK_MIS_POS_AUTH_STATE_COUNT
};

struct lk_mis_pos_auth {
    enum lk_mis_pos_auth_state state;
    struct lk_mis_name mn; /* as it calls itself; from the home's word on, as the home does */
    bool has_offers; /* terms.agreed is of them */
    bool settled;    /* by the first response */
    bool erp;        /* ERP is under way, or was asked for */
    bool fell_back;  /* from ERP to EAP, once */
    uint8_t eap_id;  /* of requests of our own */
    struct lk_mis_auth_terms terms;
    /* Half-open: secret. */
    struct lk_mis_made made;
    enum lk_mis_run run;
    uint64_t expires_ms;
    uint64_t deadline_ms;
};

/* LK_E_LENGTH: no name, or too long. */
LK_MUST_CHECK enum lk_status lk_mis_pos_auth_init(struct lk_mis_pos_auth *pos,
                                                  struct lk_span mn_id);
/* As lk_mis_mn_auth_step. */
LK_MUST_CHECK enum lk_status lk_mis_pos_auth_step(struct lk_mis_pos_auth *pos,
                                                  const struct lk_mis_auth_config *config,
                                                  const struct lk_mis_auth_event *event,
                                                  struct lk_mis_auth_outbox *out);

extern const struct lk_rule_table lk_mis_pos_auth_rules;

#endif
