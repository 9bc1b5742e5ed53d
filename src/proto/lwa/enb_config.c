/* What an eNB of LTE-WLAN aggregation can be told, and what it refuses to run under. */
#include "proto/lwa/enb.h"

enum { TRIES_MOST = 8, TIME_MOST_MS = 3600000, WT_MARGIN = 2 };

void lk_lwa_enb_defaults(struct lk_lwa_enb_config *config)
{
    *config = (struct lk_lwa_enb_config){
        .order = LK_LWA_RRC_FIRST, .fc = LK_S_KWT_FC, .algorithm = 2, .association_timer_s = 10,
        .tries = 4, .attempts = 2, .rrc_ms = 500, .xw_ms = 1000, .save_ms = 1000,
        .lock_ms = 3000, .deadline_ms = 10000, .handover_ms = 2000, .again_ms = 1000,
        .wt_tries = 4, .wt_retry_ms = 250 };
    config->bearer.e_rab_id = 5;
    config->bearer.drb_id = 1;
    config->bearer.qos = (struct lk_xwap_qos){ .present = true, .qci = 9, .priority = 15 };
    config->bearer.endpoint.address_bits = 32;
    config->bearer.endpoint.address[0] = 127;
    config->bearer.endpoint.address[3] = 1;
}

static bool is_time(uint32_t ms)
{
    return ms > 0 && ms <= TIME_MOST_MS;
}

static bool is_association_timer(uint8_t seconds)
{
    return seconds == 10 || seconds == 30 || seconds == 60 || seconds == 120 || seconds == 240;
}

static bool is_mobility_set(const struct lk_wlan_set *set)
{
    if (set->count == 0 || set->count > LK_LWA_MOBILITY_MAX)
        return false;
    for (size_t i = 0; i < set->count; i++)
        if (set->id[i].ssid_len > LK_WLAN_SSID_MAX ||
            (set->id[i].ssid_len == 0 && !set->id[i].has_bssid && !set->id[i].has_hessid))
            return false;
    return true;
}

static bool is_bearer(const struct lk_xwap_bearer *bearer)
{
    const struct lk_xwap_endpoint *end = &bearer->endpoint;

    return bearer->e_rab_id <= 15 && bearer->drb_id >= 1 && bearer->drb_id <= LK_XWAP_DRB_MAX &&
           bearer->qos.present && bearer->qos.priority <= 15 && !bearer->qos.has_rate &&
           (end->address_bits == 32 || end->address_bits == 128 || end->address_bits == 160);
}

static enum lk_lwa_enb_setting wrong_setting(const struct lk_lwa_enb_config *c)
{
    if (c->cell.pci > LK_PCI_MAX || c->cell.earfcn_dl > LK_EARFCN_MAX)
        return LK_LWA_ENB_SETTING_CELL;
    if (c->algorithm != 2)
        return LK_LWA_ENB_SETTING_ALGORITHM;
    if (!is_association_timer(c->association_timer_s))
        return LK_LWA_ENB_SETTING_T351;
    if (c->tries < 1 || c->tries > TRIES_MOST || c->attempts > TRIES_MOST)
        return LK_LWA_ENB_SETTING_TRIES;
    if (!is_time(c->rrc_ms) || !is_time(c->xw_ms) || !is_time(c->save_ms) ||
        !is_time(c->lock_ms) || !is_time(c->deadline_ms) || !is_time(c->handover_ms) ||
        !is_time(c->again_ms))
        return LK_LWA_ENB_SETTING_TIMES;
    if (!is_mobility_set(&c->mobility))
        return LK_LWA_ENB_SETTING_MOBILITY;
    return is_bearer(&c->bearer) ? LK_LWA_ENB_SETTING_NONE : LK_LWA_ENB_SETTING_BEARER;
}

const char *lk_lwa_enb_setting_text(enum lk_lwa_enb_setting setting)
{
    static const char *const texts[LK_LWA_ENB_SETTINGS] = {
        [LK_LWA_ENB_SETTING_NONE] = "what can be run",
        [LK_LWA_ENB_SETTING_CELL] = "a cell: PCI to 503, EARFCN to 262143",
        [LK_LWA_ENB_SETTING_ALGORITHM] = "128-EIA2",
        [LK_LWA_ENB_SETTING_T351] = "T351 of 10, 30, 60, 120 or 240 s",
        [LK_LWA_ENB_SETTING_TRIES] = "one to eight tries",
        [LK_LWA_ENB_SETTING_TIMES] = "times from 1 ms to an hour",
        [LK_LWA_ENB_SETTING_MOBILITY] = "one to eight WLANs, each with a name",
        [LK_LWA_ENB_SETTING_BEARER] = "a bearer with QoS and an endpoint",
        [LK_LWA_ENB_SETTING_PLACES] = "some UEs, and one to eight cells",
        [LK_LWA_ENB_SETTING_CELLS_ALIKE] = "cells that differ in PCI or EARFCN",
    };

    return texts[setting];
}

/* spec: TS 33.401 G.2 - S3's option 1 loses associations; T50: none runs under it by mistake. */
enum lk_reason lk_lwa_enb_config_check(enum lk_lwa_enb_setting *wrong,
                                       const struct lk_lwa_enb_config *config)
{
    uint64_t wt_ms = (uint64_t)WT_MARGIN * config->wt_tries * config->wt_retry_ms;

    *wrong = LK_LWA_ENB_SETTING_NONE;
    if (config->order != LK_LWA_RRC_FIRST && !config->laboratory)
        return LK_REASON_LWA_WT_FIRST;
    if (config->lock_ms <= wt_ms && wt_ms > 0)
        return LK_REASON_LWA_LOCK_SHORT;
    *wrong = wrong_setting(config);
    return *wrong == LK_LWA_ENB_SETTING_NONE ? LK_REASON_NONE : LK_REASON_LWA_SETTING;
}
