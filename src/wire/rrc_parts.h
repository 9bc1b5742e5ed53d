/* Between the files of wire/rrc: parts of a reconfiguration, and what all messages need. */
#ifndef LK_WIRE_RRC_PARTS_H
#define LK_WIRE_RRC_PARTS_H

#include "wire/per.h"
#include "wire/rrc.h"

void lk_rrc_get_lwa(struct lk_rrc_lwa *lwa, struct lk_per_reader *r);
void lk_rrc_put_lwa(struct lk_per_writer *w, const struct lk_rrc_lwa *lwa);
void lk_rrc_get_mobility(struct lk_rrc_handover *handover, struct lk_per_reader *r);
void lk_rrc_put_mobility(struct lk_per_writer *w, const struct lk_rrc_handover *handover);
void lk_rrc_get_security(struct lk_rrc_handover *handover, struct lk_per_reader *r);
void lk_rrc_put_security(struct lk_per_writer *w, const struct lk_rrc_handover *handover);

/* Bits of a presence map that must be zero, as we know nothing of what they announce. */
void lk_rrc_none(struct lk_per_reader *r, unsigned count);
/* The choice that we know of so many; LK_E_UNSUPPORTED: another. */
void lk_rrc_expect(struct lk_per_reader *r, uint32_t index, uint32_t count);
/* Ends bits and writes them. */
enum lk_status lk_rrc_finish(struct lk_writer *w, struct lk_per_writer *bits);

#endif
