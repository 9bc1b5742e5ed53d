/* The invariants of LTE-WLAN aggregation, checked as things happen. What they are called and say:
 * sim_lwa_row in lwa.c. */
#ifndef LK_SIM_LWA_INVARIANTS_H
#define LK_SIM_LWA_INVARIANTS_H

#include "sim/lwa.h"

/* A packet of data says from whom it is, and its number. */
enum { SIM_PACKET_LEN = 16 };
void sim_packet(uint8_t packet[SIM_PACKET_LEN], struct sim_phone *phone, enum sim_end from);
/* It has come through, to that end. */
void sim_check_packet(struct sim_world *world, struct sim_phone *phone, enum sim_end to,
                      struct lk_span packet);

/* After each step of a device. */
void sim_check_phone(struct sim_world *world, struct sim_phone *phone);
/* What the WT says of a UE, and after a frame of it. */
void sim_check_wt_keys(struct sim_world *world, struct sim_phone *phone,
                       const struct lk_wt_output *item);
void sim_check_wt_fact(struct sim_world *world, struct sim_phone *phone,
                       const struct lk_wt_output *item);
void sim_check_wt_row(struct sim_world *world, struct sim_phone *phone);
/* Another eNB has named its MAC address. */
void sim_check_place(struct sim_world *world, const struct sim_phone *phone,
                     const struct lk_wt_told *before, const struct lk_wt_told *after);
/* A message of an eNB to the WT; what the eNBs' process wants to be kept. */
void sim_check_xw(struct sim_world *world, struct lk_span octets);
void sim_check_saved(struct sim_world *world, const struct lk_lwa_saved *saved);
/* That counter is in use: LWA is there, or a re-key has begun. */
void sim_check_counter(struct sim_world *world, unsigned phone, uint16_t counter);
/* What others can read: a PDU, a frame. */
void sim_check_uu(struct sim_world *world, const struct sim_phone *phone, struct lk_span pdu);
void sim_check_air(struct sim_world *world, const struct sim_phone *phone, struct lk_span frame);

void sim_check_lwa_event(struct sim_world *world);
void sim_check_lwa_end(struct sim_world *world);

#endif
