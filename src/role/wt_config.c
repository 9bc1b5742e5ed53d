/* The configuration as the node of the WT reads it. */
#include <string.h>

#include "base/station.h"
#include "role/wt_process.h"

void lk_wt_config_take(struct lk_wt_process *wt)
{
    const struct lk_config_wt *from = &wt->process.config->wt;
    struct lk_wt_config *to = &wt->config;
    enum lk_status status;

    _Static_assert(sizeof from->ssid == LK_WLAN_SSID_MAX + 1, "it fits");

    lk_wt_defaults(to);
    status = lk_station_parse(to->lwa.mac, lk_span_text(from->bssid));
    LK_ASSERT(status == LK_OK); /* lk_config_check has looked at it */
    to->lwa.finished_each_time = from->finished_each_time;
    to->lwa.away_ms = from->away_s * 1000;
    to->lwa.hold_ms = from->hold_s * 1000;
    to->rsn.akm = lk_config_akm(from->akm);
    to->rsn.in_place = from->in_place;
    to->rsn.retry_ms = from->retry_ms;
    to->rsn.tries = (uint8_t)from->tries;
    to->ssid_len = (uint8_t)strlen(from->ssid);
    memcpy(to->ssid, from->ssid, to->ssid_len);
    to->ues = from->ues;
    to->group_ms = from->group_rekey_s * 1000;
    to->deauth_on_mismatch = from->deauth_on_mismatch;
}
