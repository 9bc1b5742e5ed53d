/* The rows of the reasons, by room: each table has those of its room, and nothing at the places of
 * the others. For reason.c and the tables alone. */
#ifndef LK_BASE_REASON_ROOMS_H
#define LK_BASE_REASON_ROOMS_H

#include "base/reason.h"

extern const struct lk_reason_row lk_reasons_akma[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_e2e[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_eap[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_eps[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_erp[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_gba[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_lwa[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_mip[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_mis[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_pmip[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_radius[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_rsn[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_ua[LK_REASON_COUNT];
extern const struct lk_reason_row lk_reasons_wlcp[LK_REASON_COUNT];

/* All of them. To add a room: a file, and a line here and above. */
static const struct lk_reason_row *const lk_reason_rooms[] = {
    lk_reasons_akma,
    lk_reasons_e2e,
    lk_reasons_eap,
    lk_reasons_eps,
    lk_reasons_erp,
    lk_reasons_gba,
    lk_reasons_lwa,
    lk_reasons_mip,
    lk_reasons_mis,
    lk_reasons_pmip,
    lk_reasons_radius,
    lk_reasons_rsn,
    lk_reasons_ua,
    lk_reasons_wlcp,
};

#endif
