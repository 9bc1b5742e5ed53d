/* Both ends of an attach over LTE back to back: a card, a home network that makes vectors of the
 * same K, and what each end said last. Milenage's test set 19, as in tests/vectors/nas.json. */
#ifndef LK_TEST_EPS_RIG_H
#define LK_TEST_EPS_RIG_H

#include "proto/eap/usim.h"
#include "proto/eps/device.h"
#include "proto/eps/network.h"

struct eps_end { /* what an end has said */
    struct lk_eps_pdu pdu;   /* the last; len 0: taken, or none */
    bool asks;               /* for a vector, or its card */
    unsigned questions, sent, contexts, failures;
    struct lk_eps_context context;
    struct lk_refusal why;
    uint64_t timer_ms;
};

struct eps_rig {
    struct lk_eps_network network;
    struct lk_eps_network_config network_config;
    struct lk_eps_device device;
    struct lk_eps_device_config device_config;
    struct lk_eps_outbox out;
    struct eps_end at_network, at_device;
    struct lk_eps_ask_vector ask_vector;
    struct lk_eps_ask_card ask_card;
    uint64_t now_ms;
    /* The home network, and the card. */
    struct lk_aka_card home;
    uint8_t rand[LK_RAND_LEN], sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    bool deaf; /* the home network takes no AUTS */
    struct lk_usim usim;
};

void eps_begin(struct eps_rig *rig);
/* One step of an end; what it says goes where its struct says. A step that is refused must change
 * nothing: else it stops. */
enum lk_status eps_network(struct eps_rig *rig, const struct lk_eps_event *event);
enum lk_status eps_device(struct eps_rig *rig, const struct lk_eps_event *event);
/* Events without anything in them, and a PDU. */
enum lk_status eps_network_on(struct eps_rig *rig, enum lk_eps_event_kind kind);
enum lk_status eps_device_on(struct eps_rig *rig, enum lk_eps_event_kind kind);
enum lk_status eps_network_hears(struct eps_rig *rig, const struct lk_eps_pdu *pdu);
enum lk_status eps_device_hears(struct eps_rig *rig, const struct lk_eps_pdu *pdu);
/* The vector, or none for another IMSI, and the card's answer: what is asked for. */
void eps_vector(struct eps_rig *rig, struct lk_eps_event *event);
void eps_card(struct eps_rig *rig, struct lk_eps_event *event);
/* Answers questions and carries PDUs to and fro until nobody says anything. */
void eps_run(struct eps_rig *rig);
/* What both ends have is the same attach. */
bool eps_same(const struct lk_eps_context *a, const struct lk_eps_context *b);

#endif
