/* The invariants of MIS, checked as things happen. What they are called and say: sim_mis_row in
 * mis.c. */
#ifndef LK_SIM_MIS_INVARIANTS_H
#define LK_SIM_MIS_INVARIANTS_H

#include "sim/mis.h"

/* What the home says to a PoS of whom it has authenticated. */
void sim_check_mn_name(struct sim_world *world, const struct lk_aaa_out *answer);
/* Whom the home has called so; SIM_MIS_NOBODY. */
unsigned sim_mn_named(const struct sim_world *world, struct lk_span name);
/* What MNs, PoS and strangers say to each other, for all to hear. */
void sim_check_mis_air(struct sim_world *world, struct lk_span octets);
/* Before it goes from there to PoS to. */
void sim_check_n2n(struct sim_world *world, const struct sim_pos *from, unsigned to,
                   struct lk_span octets);
/* A PoS has an SA. */
void sim_check_pos_keys(struct sim_world *world, const struct sim_pos *pos,
                        const struct lk_mis_sa *sa);
/* After that step. */
void sim_check_prepared(struct sim_world *world, const struct sim_pos *pos,
                        const struct lk_pos_event *event);
/* The same: T41. */
void sim_check_tls(struct sim_world *world, const struct sim_pos *pos,
                   const struct lk_pos_event *event);
/* Somebody hands over with that nonce who was not asked; marked: by a mark that the home signed. */
void sim_check_forged(struct sim_world *world, const uint8_t nonce[LK_MIS_NONCE_LEN], bool marked);
/* It has begun to move. */
void sim_check_nonce_t(struct sim_world *world, const struct sim_mn *mn);
void sim_check_mn_fact(struct sim_world *world, struct sim_mn *mn,
                       const struct lk_mis_device_output *item);
/* Now and then, of each MN. */
void sim_check_mn_waits(struct sim_world *world, struct sim_mn *mn);
/* A stranger has been heard; rows: those that were there before. */
void sim_check_stranger(struct sim_world *world, const struct sim_pos *pos, uint32_t rows);

void sim_check_mis_event(struct sim_world *world);
void sim_check_mis_end(struct sim_world *world);

#endif
