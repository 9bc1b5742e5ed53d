/* What keys of the eNBs say about each other, and what no network in earnest does. */
#include <stdio.h>
#include <string.h>

#include "base/station.h"
#include "keys/eps.h"
#include "role/config_rows.h"
#include "role/enb.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
    const struct lk_config_enb *enb;
};

/* A cell is named by operators, and told by RRC by its PCI. */
static void check_cell(const struct check *check, size_t i)
{
    const struct lk_config_cell *at = check->enb->cells;
    char path[LK_CONFIG_KEY];

    for (size_t j = 0; j < i; j++) {
        const char *key = strcmp(at[i].name, at[j].name) == 0 ? "name"
                          : at[i].pci == at[j].pci            ? "pci"
                                                              : NULL;

        if (key == NULL)
            continue;
        (void)snprintf(path, sizeof path, "enb.cells[%zu].%s", i, key);
        lk_config_problem_at(check->report, check->source, path,
                             "expected another %s than that of the cell '%s', found the same; fix: "
                             "change one of them",
                             key, at[j].name);
        return;
    }
}

static void check_names(const struct check *check)
{
    const struct lk_config_enb *enb = check->enb;
    uint8_t sn_id[LK_SN_ID_LEN], mac[LK_STATION_LEN] = { 0 };

    if (lk_sn_id_of_plmn(sn_id, lk_span_text(enb->plmn)) != LK_OK)
        lk_config_problem_at(check->report, check->source, "enb.plmn",
                             "expected five or six digits, MCC and MNC, found '%s'; fix: write for "
                             "example plmn: \"00101\"",
                             enb->plmn);
    if (enb->bssid[0] == '\0' && enb->ssid[0] == '\0')
        lk_config_problem_at(check->report, check->source, "enb.ssid",
                             "expected a WLAN to name to devices, found neither ssid nor bssid; "
                             "fix: write those of the WT");
    if (enb->bssid[0] != '\0' &&
        (lk_station_parse(mac, lk_span_text(enb->bssid)) != LK_OK || (mac[0] & 1) != 0))
        lk_config_problem_at(check->report, check->source, "enb.bssid",
                             "expected a MAC address, not of a group, found '%s'; fix: write for "
                             "example bssid: \"02:00:00:00:36:62\"",
                             enb->bssid);
}

/* What the node would refuse to run under. */
static void check_node(const struct check *check, const struct lk_config *config)
{
    struct lk_enb_config node;
    enum lk_lwa_enb_setting wrong;
    enum lk_reason reason;

    lk_enb_config_take(&node, config);
    reason = lk_enb_config_check(&wrong, &node);
    if (reason == LK_REASON_LWA_LOCK_SHORT)
        lk_config_problem_at(check->report, check->source, "enb.lock_ms",
                             "expected more than twice wt.tries times wt.retry_ms%s, %u, so that a "
                             "lock does not end before the WT's handshake does, found %u; fix: "
                             "raise it (%s)",
                             (config->roles & LK_ROLE_WT) != 0
                                 ? ""
                                 : " (of the WT in another daemon, as they are written here or by "
                                   "default)",
                             2 * config->wt.tries * config->wt.retry_ms, check->enb->lock_ms,
                             lk_reason_row(reason)->code);
    else if (reason == LK_REASON_LWA_SETTING)
        lk_config_problem_at(check->report, check->source,
                             wrong == LK_LWA_ENB_SETTING_T351 ? "enb.association_timer_s"
                                                              : "enb.cells",
                             "expected %s, found otherwise; fix: change it",
                             lk_lwa_enb_setting_text(wrong));
}

void lk_config_check_enb(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct check check = { source, report, &config->enb };

    /* T50: S3's option 1 loses an association with each handover. */
    if (config->enb.order == LK_CONFIG_WT_FIRST && !config->laboratory)
        lk_config_problem_at(report, source, "enb.order",
                             "expected rrc-first outside a laboratory, for the other order loses "
                             "associations, found wt-first; fix: remove it, or write laboratory: "
                             "true (%s)",
                             lk_reason_row(LK_REASON_LWA_WT_FIRST)->code);
    if (config->enb.uu_delay_ms > 0 && !config->laboratory)
        lk_config_problem_at(report, source, "enb.uu_delay_ms",
                             "expected 0 outside a laboratory, found %u; fix: remove it, or write "
                             "laboratory: true",
                             config->enb.uu_delay_ms);
    if ((config->roles & LK_ROLE_ENB) == 0)
        return;
    if ((config->roles & LK_ROLE_VAULT) == 0)
        lk_config_problem_at(report, source, "roles",
                             "expected the vault beside enb, which asks it for vectors, found enb "
                             "without it; fix: roles: [vault, enb]");
    for (size_t i = 0; i < config->enb.cell_count; i++)
        check_cell(&check, i);
    check_names(&check);
    if (config->enb.order == LK_CONFIG_RRC_FIRST || config->laboratory)
        check_node(&check, config);
    lk_config_check_xw(config, &config->enb.xw, &config->enb.wt, 1, "enb", "enb.wt", source,
                       report);
}
