/* The network's end of an attach: one device's authentication by EPS AKA, then security of NAS and
 * of the radio bearer. It is the part of the MME and of the eNB in one machine, since what runs
 * between those two (S1AP) is not here.
 *
 * It asks for a vector of which it gets KASME alone, never CK and IK. It believes nothing before
 * RES is right, and what the device can do only when the device has confirmed the replay of it
 * under K_NASint.
 *
 * A18: an IMSI that nobody knows is challenged as a known one is, and no answer is right. */
#ifndef LK_PROTO_EPS_NETWORK_H
#define LK_PROTO_EPS_NETWORK_H

#include "proto/eps/machine.h"

enum lk_eps_network_state {
    LK_EPS_NETWORK_IDLE,
    LK_EPS_NETWORK_AWAIT_VECTOR,
    LK_EPS_NETWORK_AWAIT_RESPONSE, /* AUTHENTICATION REQUEST is out */
    LK_EPS_NETWORK_AWAIT_NAS,      /* SECURITY MODE COMMAND is out */
    LK_EPS_NETWORK_AWAIT_AS,       /* SecurityModeCommand of RRC is out */
    LK_EPS_NETWORK_ATTACHED,
    LK_EPS_NETWORK_STATE_COUNT
};

struct lk_eps_network_config {
    uint32_t retry_ms; /* between the tries of a question: T3450, T3460 */
    uint8_t tries;     /* of each */
};
/* 6 s, 5 tries. */
void lk_eps_network_defaults(struct lk_eps_network_config *config);

struct lk_eps_network {
    enum lk_eps_network_state state;
    struct lk_imsi imsi;
    uint8_t capability[LK_NAS_CAPABILITY_MAX]; /* as ATTACH REQUEST says */
    uint8_t capability_len;
    uint8_t ksi;
    uint8_t transaction; /* of RRC: the next one */
    uint8_t tries;       /* of the question that is out */
    bool resynced;       /* an AUTS has been treated in this run */
    bool unknown;        /* the challenge that is out is nobody's */
    uint32_t asked;      /* the number of the last ASK_VECTOR */
    uint64_t due_ms;     /* while something is awaited */
    uint8_t rand[LK_RAND_LEN];
    uint8_t xres[LK_RES_MAX];
    uint8_t xres_len;
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    uint32_t nas_uplink, nas_downlink; /* NAS COUNT of the next message */
    struct lk_srb srb;
    struct lk_eps_pdu question; /* the one that is out */
};

void lk_eps_network_init(struct lk_eps_network *network);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now (a PDU may be another's: a context is in use),
 * LK_E_MAC for what does not verify, else what a decoder says. */
LK_MUST_CHECK enum lk_status lk_eps_network_step(struct lk_eps_network *network,
                                                 const struct lk_eps_network_config *config,
                                                 const struct lk_eps_event *event,
                                                 struct lk_eps_outbox *out);
void lk_eps_network_wipe(struct lk_eps_network *network);

extern const struct lk_rule_table lk_eps_network_rules;

#endif
