/* The application's end of a handshake (docs/rooms/e2e.md).
 *
 *     START       begin, with what goes into the session
 *     DH          answers ASK_DH; NO_DH: the point was of small order
 *     RECEIVED    a frame from the server
 *
 * The machine holds no private key: its caller has them, multiplies when it is asked, and wipes the
 * ephemeral one when GRANT or FAILED comes. There is no session without the server's key, which is
 * pinned in the configuration: T61. What `require` names and START has not is refused here, before
 * anything is sent; nothing is ever left out to get through. */
#ifndef LK_PROTO_E2E_UE_H
#define LK_PROTO_E2E_UE_H

#include "proto/e2e/session.h"
#include "proto/rules.h"

enum lk_e2e_ue_state {
    LK_E2E_UE_IDLE,
    LK_E2E_UE_AWAIT_FIRST_DH,
    LK_E2E_UE_AWAIT_REPLY,
    LK_E2E_UE_AWAIT_SECOND_DH,
    LK_E2E_UE_STATE_COUNT
};

struct lk_e2e_ue_config {
    struct lk_e2e_scope scope;
    struct lk_noise_point server;            /* pinned */
    const struct lk_noise_point *client_key; /* enrolled with the server; NULL: none */
    uint8_t require;                         /* of LK_E2E_INPUTS */
    bool datagrams;
};

/* Secret. */
struct lk_e2e_ue {
    enum lk_e2e_ue_state state;
    uint8_t flags;
    struct lk_e2e_psk psk;
    struct lk_noise noise;
};

enum lk_e2e_ue_event_kind {
    LK_E2E_UE_EV_START = 1,
    LK_E2E_UE_EV_DH,
    LK_E2E_UE_EV_NO_DH,
    LK_E2E_UE_EV_RECEIVED,
};
/* Secret with START and DH. */
struct lk_e2e_ue_event {
    enum lk_e2e_ue_event_kind kind;
    uint64_t now_ms;
    union {
        struct {
            struct lk_noise_point e; /* public, of a fresh key */
            struct lk_e2e_who who;
            const struct lk_e2e_p *p; /* NULL: none */
            const struct lk_e2e_n *n;
            /* Then p and n are NULL, and who is BY_TICKET. */
            const struct lk_e2e_resumption *resumption;
            uint8_t resumed_flags; /* of the session that the ticket is of: of LK_E2E_INPUTS */
        } start;
        uint8_t dh[LK_NOISE_KEY];
        struct lk_span received; /* one frame */
    };
};

enum lk_e2e_ue_output_kind {
    LK_E2E_UE_OUT_SEND = 1,
    LK_E2E_UE_OUT_ASK_DH,
    LK_E2E_UE_OUT_GRANT, /* after the SEND of the same step */
    LK_E2E_UE_OUT_FAILED,
};
struct lk_e2e_ue_output {
    enum lk_e2e_ue_output_kind kind;
    union {
        struct lk_span send;
        struct lk_noise_ask ask_dh;
        struct lk_e2e_session grant;
        struct lk_refusal failed;
    };
};
enum { LK_E2E_UE_OUTPUTS = 2 };
/* May hold keys: wipe it when it has been read. */
struct lk_e2e_ue_outbox {
    size_t count;
    struct lk_e2e_ue_output item[LK_E2E_UE_OUTPUTS];
    uint8_t octets[LK_E2E_HANDSHAKE_MAX];
};
void lk_e2e_ue_outbox_wipe(struct lk_e2e_ue_outbox *out);
const struct lk_e2e_ue_output *lk_e2e_ue_outbox_find(const struct lk_e2e_ue_outbox *out,
                                                     enum lk_e2e_ue_output_kind kind);

void lk_e2e_ue_init(struct lk_e2e_ue *ue);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED, or octets that are no REPLY. */
LK_MUST_CHECK enum lk_status lk_e2e_ue_step(struct lk_e2e_ue *ue,
                                            const struct lk_e2e_ue_config *config,
                                            const struct lk_e2e_ue_event *event,
                                            struct lk_e2e_ue_outbox *out);

extern const struct lk_rule_table lk_e2e_ue_rules;

#endif
