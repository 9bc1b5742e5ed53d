/* The UE's machine on the bench: one of it, the eNB made by hand that it is with, and what its last
 * step said. A step that is refused must leave it as it was: ue_step sees to that. */
#ifndef LK_TEST_LWA_UE_BENCH_H
#define LK_TEST_LWA_UE_BENCH_H

#include "lwa_enb_double.h"

extern struct lk_lwa_ue ue;
extern struct lk_lwa_ue_config config;
extern struct lk_lwa_ue_outbox out; /* of the last step */
extern struct lwa_enb enb;
extern uint64_t now_ms;

enum lk_status ue_step(struct lk_lwa_ue_event event);
enum lk_status ue_give(enum lk_lwa_ue_event_kind kind);
enum lk_status ue_hear(struct lk_span pdu);
/* Of the last step: the first output of that kind, or NULL; how many. */
const struct lk_lwa_ue_output *ue_find(enum lk_lwa_ue_output_kind kind);
unsigned ue_count_of(enum lk_lwa_ue_output_kind kind);
void ue_assert_complete(struct lwa_enb *at, uint8_t transaction);
void ue_assert_report(enum lk_rrc_wlan_status status);
void ue_assert_pmk(const struct lwa_enb *at, uint16_t counter);
void ue_assert_notice(enum lk_reason reason);
/* Asks, and wants it followed and answered. */
void ue_ask(struct lk_rrc_reconfiguration question);
/* The handover, followed, answered to the target, which is the eNB from here on. */
void ue_move(struct lwa_enb target, enum lk_rrc_wt_change wt);
/* A new machine, in that state: LWA by lwa_set_up(0), in cell 1, at 1000 ms. */
void ue_bring_to(enum lk_lwa_ue_state to);

#endif
