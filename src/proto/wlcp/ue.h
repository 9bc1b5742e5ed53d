/* The UE's WLCP machine: all PDN connections of one device over one trusted WLAN.
 *
 * The connection manager holds it. A connection is asked for with WANT and goes by its number in
 * the machine and the ref that came with WANT. What the network says is checked against what was
 * asked; a REJECT with Tw1 keeps the machine from asking for that APN again until it is over. */
#ifndef LK_PROTO_WLCP_UE_H
#define LK_PROTO_WLCP_UE_H

#include "proto/rules.h"
#include "proto/wlcp/machine.h"

enum {
    LK_WLCP_UE_CONNECTIONS = 8,
    LK_WLCP_UE_BACK_OFFS = 8,
    LK_WLCP_UE_REQUEST_MAX = 384, /* 2 + 1 + 102 + 253, and something over */
    LK_WLCP_UE_PTI_FIRST = 1,
    LK_WLCP_UE_PTI_LAST = 127, /* the TWAG takes those above: no clash between ours */
};

enum lk_wlcp_ue_state {
    LK_WLCP_UE_INACTIVE,
    LK_WLCP_UE_CONNECT_PENDING,
    LK_WLCP_UE_ACTIVE,
    LK_WLCP_UE_DISCONNECT_PENDING,
    LK_WLCP_UE_MODIFY_PENDING,
    LK_WLCP_UE_STATE_COUNT
};

/* The timers' names are the configuration's: TS 24.244 has none that we have seen. */
struct lk_wlcp_ue_config {
    const struct lk_wlcp_table *table;
    uint32_t t_connect_ms;
    uint32_t t_disconnect_ms;
    uint32_t t_modify_ms;
    uint8_t tries; /* on which expiry a procedure is given up */
};

struct lk_wlcp_ue_connection {
    enum lk_wlcp_ue_state state;
    uint32_t ref;
    uint8_t pti; /* of the procedure that runs */
    uint8_t expiries;
    bool unwanted; /* released before it was there */
    uint8_t request_type;
    uint8_t pdn_type; /* as asked */
    uint64_t deadline_ms;
    struct lk_wlcp_apn asked;
    uint16_t request_len;
    uint8_t request[LK_WLCP_UE_REQUEST_MAX]; /* as it went out */
    /* from ACTIVE on */
    uint8_t accept_digest[LK_WLCP_DIGEST_LEN];
    uint8_t accept_pti;
    uint8_t pdn_id;
    uint8_t cause; /* of the ACCEPT: 50, 51, 52 or none */
    uint8_t user_plane[LK_WLCP_MAC_LEN];
    struct lk_wlcp_address address;
    struct lk_wlcp_apn apn;
};

struct lk_wlcp_ue {
    uint8_t last_pti;
    struct lk_wlcp_ue_connection connection[LK_WLCP_UE_CONNECTIONS];
    struct {
        struct lk_wlcp_apn apn; /* empty: the default */
        uint64_t until_ms;      /* 0: free */
    } back_off[LK_WLCP_UE_BACK_OFFS];
    struct lk_wlcp_answers answers;
};

extern const struct lk_rule_table lk_wlcp_ue_rules;

void lk_wlcp_ue_defaults(struct lk_wlcp_ue_config *config);
void lk_wlcp_ue_init(struct lk_wlcp_ue *ue);
/* LK_OK; LK_E_UNEXPECTED for what has no place; a decoder's status for what is no message.
 * What is answered with an error of ours is LK_OK, with a NOTICE. */
LK_MUST_CHECK enum lk_status lk_wlcp_ue_step(struct lk_wlcp_ue *ue,
                                             const struct lk_wlcp_ue_config *config,
                                             const struct lk_wlcp_event *event,
                                             struct lk_wlcp_outbox *out);
/* The connection of that ref that is not INACTIVE, or NULL. Its number is its place. */
const struct lk_wlcp_ue_connection *lk_wlcp_ue_find(const struct lk_wlcp_ue *ue, uint32_t ref);
const char *lk_wlcp_ue_state_name(enum lk_wlcp_ue_state state);

#endif
