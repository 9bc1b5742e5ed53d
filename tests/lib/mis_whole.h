/* MIS whole: the MN of node/mis_device among the PoS of node/pos and the AAA of node/aaa, on the
 * ways of mis_rig. PoS 0 to 4 are each other's partners and the home's; PoS 5 is nobody's. All that
 * is on the air between MN and PoS, a thief hears. One test program has one. */
#ifndef LK_TESTS_MIS_WHOLE_H
#define LK_TESTS_MIS_WHOLE_H

#include "mis_rig.h"
#include "mis_thief.h"
#include "node/mis_device.h"

enum { WHOLE_POS = 6, WHOLE_STRANGER = 5 };

extern struct mis_whole {
    struct mis_rig rig;
    struct lk_mis_device d;
    struct lk_mis_device_config config;
    struct lk_mis_device_outbox out; /* of the last step */
    uint64_t wake_ms;
    unsigned way[LK_MIS_DEVICE_LINKS]; /* to which PoS a link is open, or RIG_NOBODY */
    bool udp, mixes;
    bool of_home; /* handovers ask for a K of the home */
    enum lk_reason refused; /* the last refusal */
    uint8_t dh_secret[LK_MIS_DH_LEN], dh[LK_MIS_DH_LEN];
    uint8_t stored;
    unsigned facts[LK_MIS_DEVICE_FACT_COUNT], refusals;
    struct lk_mis_device_output fact[LK_MIS_DEVICE_FACT_COUNT]; /* the last of its kind */
    struct lk_mis_sa keys; /* of the last SA, as it was established */
    unsigned link_keys;
    struct lk_mis_pushed link_key; /* the last */
    struct mis_thief thief;
} whole;

void whole_open(bool udp, bool mixes);
void whole_close(void);
enum lk_status whole_step(struct lk_mis_device_event event);
/* Full establishment with that PoS, and all that comes of it. */
void whole_attach(unsigned pos);
/* RIG_NOBODY: the SPoS selects by what is known. */
enum lk_status whole_hand_over(unsigned pos, const struct lk_mis_message *known);
enum lk_status whole_switched(void);
/* A handover from decision to service. */
void whole_hop(unsigned pos);
/* Which PoS serves: both have the same SA, and a message gets through and back. */
unsigned whole_serving(void);

#endif
