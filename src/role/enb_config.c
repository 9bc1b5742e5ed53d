/* The configuration as the node of the eNBs reads it. */
#include <string.h>

#include "base/station.h"
#include "role/enb.h"

static void take_wlan(struct lk_wlan_set *to, const struct lk_config_enb *from)
{
    struct lk_wlan_id *id = &to->id[0];

    to->count = 1;
    memset(id, 0, sizeof *id);
    id->ssid_len = (uint8_t)strlen(from->ssid);
    memcpy(id->ssid, from->ssid, id->ssid_len);
    id->has_bssid = from->bssid[0] != '\0' &&
                    lk_station_parse(id->bssid, lk_span_text(from->bssid)) == LK_OK;
}

void lk_enb_config_take(struct lk_enb_config *to, const struct lk_config *config)
{
    const struct lk_config_enb *from = &config->enb;

    _Static_assert(sizeof from->ssid == LK_WLAN_SSID_MAX + 1, "it fits");
    _Static_assert((int)LK_CONFIG_CELLS <= (int)LK_ENB_CELLS_MAX, "all fit");

    lk_enb_defaults(to);
    to->ues = from->ues;
    to->cells = (uint32_t)from->cell_count;
    for (uint32_t i = 0; i < to->cells; i++) {
        struct lk_lwa_enb_config *cell = &to->cell[i];

        cell->cell = (struct lk_eps_cell){ (uint16_t)from->cells[i].pci, from->cells[i].earfcn };
        cell->laboratory = config->laboratory;
        cell->order = from->order == LK_CONFIG_WT_FIRST ? LK_LWA_WT_FIRST : LK_LWA_RRC_FIRST;
        cell->fc = (uint8_t)from->s_kwt_fc;
        cell->association_timer_s = (uint8_t)from->association_timer_s;
        cell->lock_ms = from->lock_ms;
        cell->deadline_ms = from->deadline_ms;
        /* T51: of a WT in another daemon too, whose keys are to be told here, if it has others than
         * ours by default. */
        cell->wt_tries = (uint8_t)config->wt.tries;
        cell->wt_retry_ms = config->wt.retry_ms;
        take_wlan(&cell->mobility, from);
    }
}
