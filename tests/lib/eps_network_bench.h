/* The network's end of an attach, brought to any state by what a device once said, and a device
 * made by hand beside it. */
#ifndef LK_TEST_EPS_NETWORK_BENCH_H
#define LK_TEST_EPS_NETWORK_BENCH_H

#include "eps_hand.h"

/* A run of which each state can be had again: what the device said in it. */
enum { SAID_ATTACH, SAID_RES, SAID_COMPLETE, SAID_AS_COMPLETE, SAID_COUNT };
extern struct lk_eps_pdu said[SAID_COUNT];
extern struct eps_rig rig;

/* The set-up of a group of tests. */
int record(void **state);
void bring_to(enum lk_eps_network_state to);
/* The home network answers: with a vector, or it knows nobody of that IMSI. */
void vector(void);
enum lk_status nobody(void);

struct lk_eps_pdu nas_of(const struct lk_nas *nas);
struct lk_eps_pdu failure_of(uint8_t cause, bool auts);
/* What the network said last, as a message of NAS. */
struct lk_nas heard(void);

#endif
