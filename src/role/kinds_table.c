/* The kinds of processes that latchkeyd has. A role that none of them plays is refused. */
#include "role/kinds.h"

static const struct lk_process_kind *const kinds[] = {
    &lk_aaa_kind,
    &lk_anchor_kind,
    &lk_wlan_kind,
    &lk_wt_kind,
    &lk_enb_kind,
    &lk_pos_kind,
    &lk_bsf_kind,
    &lk_af_kind,
    &lk_aanf_kind,
    &lk_naf_kind,
    &lk_fa_kind,
    &lk_ue_kind,
};

size_t lk_kind_count(void)
{
    return LK_COUNT_OF(kinds);
}

const struct lk_process_kind *lk_kind_at(size_t index)
{
    return kinds[index];
}
