/* Between the files of wire/rrc: parts of a reconfiguration. */
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

#endif
