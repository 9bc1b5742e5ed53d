/* Between the files of the world of MIS only: mis_world.c (the MN, what is on its way, time) and
 * mis_world_pos.c (the PoS). */
#ifndef LK_TESTS_MIS_WORLD_PARTS_H
#define LK_TESTS_MIS_WORLD_PARTS_H

#include "mis_world.h"

/* mis_world.c */
void mis_send_pdu(unsigned stage, unsigned from, unsigned to, struct lk_mis_sa *sa,
                  enum lk_mis_opcode opcode, struct lk_span list);
void mis_send_link(unsigned stage, unsigned from, unsigned to, uint32_t run, struct lk_span list);
unsigned mis_pos_named(const struct lk_mis_name *name);

/* mis_world_pos.c */
void mis_spos_steps(unsigned at, const struct lk_mis_spos_event *event);
void mis_tpos_steps(unsigned at, unsigned spos, uint32_t run,
                    const struct lk_mis_tpos_event *event);
void mis_at_spos(const struct mis_packet *packet, const struct lk_mis_message *m);
void mis_at_tpos(const struct mis_packet *packet, const struct lk_mis_message *m);
void mis_spos_hears_ack(unsigned at);

#endif
