/* The device's end of an attach: its answer to EPS AKA with the USIM beside it, then security of
 * NAS and of the radio bearer.
 *
 * It takes unprotected messages only until there is security, and none that is not a question or a
 * refusal of an attach. That the network heard what it can do, and no less, it sees in the replay
 * under K_NASint. */
#ifndef LK_PROTO_EPS_DEVICE_H
#define LK_PROTO_EPS_DEVICE_H

#include "proto/eps/machine.h"

enum lk_eps_device_state {
    LK_EPS_DEVICE_IDLE,
    LK_EPS_DEVICE_AWAIT_CHALLENGE, /* ATTACH REQUEST is out */
    LK_EPS_DEVICE_AWAIT_CARD,
    LK_EPS_DEVICE_AWAIT_ANOTHER,   /* AUTHENTICATION FAILURE is out */
    LK_EPS_DEVICE_AWAIT_NAS,       /* AUTHENTICATION RESPONSE is out */
    LK_EPS_DEVICE_AWAIT_AS,        /* SECURITY MODE COMPLETE is out */
    LK_EPS_DEVICE_ATTACHED,
    LK_EPS_DEVICE_STATE_COUNT
};

struct lk_eps_device_config {
    struct lk_imsi imsi;
    uint8_t sn_id[LK_SN_ID_LEN]; /* of the network that it believes to be in */
    uint32_t retry_ms;           /* between the tries of ATTACH REQUEST: T3410 */
    uint8_t tries;               /* of it */
    uint32_t wait_ms;            /* for the next question */
};
/* 15 s, 5 tries, and 40 s, in which the network tries as often as it does. imsi and sn_id are the
 * caller's. */
void lk_eps_device_defaults(struct lk_eps_device_config *config);

enum { LK_EPS_FAILURES_MAX = 3 }; /* challenges of a run that the card may refuse */

struct lk_eps_device {
    enum lk_eps_device_state state;
    uint8_t ksi;
    uint8_t tries;    /* of ATTACH REQUEST */
    uint8_t failures; /* in this run */
    bool resynced;    /* AUTS has been sent in this run */
    struct lk_refusal refused; /* what was wrong with the last challenge; none: it was taken */
    uint32_t asked;   /* the number of the last ASK_CARD */
    uint64_t due_ms;  /* while something is awaited */
    uint8_t autn[LK_AUTN_LEN];
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    uint32_t nas_uplink, nas_downlink; /* NAS COUNT of the next message */
    struct lk_srb srb;
    struct lk_eps_pdu question, answer; /* the last ones; answer is empty until it is sent */
};

void lk_eps_device_init(struct lk_eps_device *device);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now (a PDU may be another's: a context is in use),
 * else what a decoder says. */
LK_MUST_CHECK enum lk_status lk_eps_device_step(struct lk_eps_device *device,
                                                const struct lk_eps_device_config *config,
                                                const struct lk_eps_event *event,
                                                struct lk_eps_outbox *out);
void lk_eps_device_wipe(struct lk_eps_device *device);

extern const struct lk_rule_table lk_eps_device_rules;

#endif
