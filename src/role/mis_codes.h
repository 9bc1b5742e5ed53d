/* The numbers of MIS as section mis.codes of the configuration has them (wire/mis_codes.h says what
 * they are). Points of service, device and AAA of a daemon have the same; commands that look into
 * captures and keys read them out of the same file. */
#ifndef LK_ROLE_MIS_CODES_H
#define LK_ROLE_MIS_CODES_H

#include "role/config.h"

/* Of a configuration that was found sound. */
void lk_mis_codes_take(struct lk_mis_codes *codes, const struct lk_config *config);
/* Bits of lk_config_mis_demand_words as the machines have them: 1 << enum lk_mis_id_type. */
unsigned lk_mis_demanded(unsigned demand);
/* Of a file, whatever else is in it; NULL: the default ones. LK_E_CONFIG, with problems in report,
 * LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_mis_codes_load(struct lk_mis_codes *codes,
                                               struct lk_config_report *report, const char *file);

#endif
