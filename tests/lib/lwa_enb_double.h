/* An eNB made by hand of keys/eps, wire/rrc and proto/srb, for tests of the device: it knows
 * the keys of one UE, asks what a test wants asked, and reads what comes back. It has no rules: it
 * can be wrong in any way. */
#ifndef LK_TEST_LWA_ENB_DOUBLE_H
#define LK_TEST_LWA_ENB_DOUBLE_H

#include "proto/lwa/ue.h"

enum { LWA_PDU_MAX = 2048 };

struct lwa_enb {
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    struct lk_nh nh; /* of ncc, once moved_on; the first before */
    bool moved_on;
    uint8_t ncc;
    struct lk_eps_cell cell;
    struct lk_k_rrc_int key;
    struct lk_srb srb;
    uint8_t transaction; /* of the next question */
    uint8_t pdu[LWA_PDU_MAX];
};

extern const uint8_t lwa_ap[LK_WLAN_ADDRESS_LEN], lwa_ue_mac[LK_WLAN_ADDRESS_LEN];

/* A context with the initial KeNB of a KASME of that octet, in cell 1 of frequency 100. */
void lwa_enb_begin(struct lwa_enb *enb, uint8_t octet);
struct lk_lwa_ue_context lwa_enb_context(const struct lwa_enb *enb);
/* The next cell, whose KeNB is steps of NH away; 0: of the KeNB in use. */
struct lwa_enb lwa_enb_target(const struct lwa_enb *source, unsigned steps, uint16_t pci);

struct lk_rrc_reconfiguration lwa_set_up(uint16_t counter); /* the WLAN of lwa_ap, T351 10 s */
struct lk_rrc_reconfiguration lwa_rekey(uint16_t counter);  /* the counter alone */
struct lk_rrc_reconfiguration lwa_release(void);
struct lk_rrc_reconfiguration lwa_hand_over(const struct lwa_enb *target,
                                            enum lk_rrc_wt_change wt);
/* The question as a PDU with the next COUNT, in enb->pdu: with a transaction of its own, and once
 * more as it was. */
struct lk_span lwa_ask(struct lwa_enb *enb, struct lk_rrc_reconfiguration *question);
struct lk_span lwa_ask_again(struct lwa_enb *enb, const struct lk_rrc_reconfiguration *question);
struct lk_span lwa_pdu_of(struct lwa_enb *enb, struct lk_span message);
/* What the UE says; the test fails where it cannot be read. */
struct lk_rrc_uplink lwa_hear(struct lwa_enb *enb, struct lk_span pdu);
struct lk_pmk lwa_pmk(const struct lwa_enb *enb, uint16_t counter);

#endif
