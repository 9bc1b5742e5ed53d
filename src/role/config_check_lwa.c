/* Roles enb and wt of one daemon, where the eNB dials this WT: what one is told of the other is
 * what that has. Elsewhere the other end's configuration is not here. */
#include <stdio.h>
#include <string.h>

#include "base/station.h"
#include "role/config_rows.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

static void differ(const struct check *check, const char *key, const char *other,
                   const char *expected, const char *found)
{
    const struct lk_config_entry *entry = lk_config_entry_at(check->source, key);

    if (entry == NULL)
        entry = lk_config_entry_at(check->source, other);
    lk_config_problem(check->report,
                      entry == NULL || entry->line > 0 ? check->source->file : NULL,
                      entry == NULL ? 0 : entry->line,
                      "%s: expected %s, as %s of the same daemon has it, found %s; fix: write the "
                      "same at both",
                      key, expected, other, found);
}

static void check_port(const struct check *check, const char *key, const char *other,
                       unsigned expected, unsigned found)
{
    char own[12], its[12];

    if (expected == found)
        return;
    (void)snprintf(own, sizeof own, "%u", expected);
    (void)snprintf(its, sizeof its, "%u", found);
    differ(check, key, other, own, its);
}

/* Without an SSID a WT takes each, and without one of the two the eNB tells the other alone. */
static void check_wlan(const struct check *check, const struct lk_config *config)
{
    const struct lk_config_enb *enb = &config->enb;
    const struct lk_config_wt *wt = &config->wt;
    uint8_t told[LK_STATION_LEN], its[LK_STATION_LEN];

    if (enb->ssid[0] != '\0' && wt->ssid[0] != '\0' && strcmp(enb->ssid, wt->ssid) != 0)
        differ(check, "enb.ssid", "wt.ssid", wt->ssid, enb->ssid);
    if (enb->bssid[0] == '\0' || lk_station_parse(told, lk_span_text(enb->bssid)) != LK_OK ||
        lk_station_parse(its, lk_span_text(wt->bssid)) != LK_OK ||
        lk_span_equal(LK_SPAN(told), LK_SPAN(its)))
        return;
    differ(check, "enb.bssid", "wt.bssid", wt->bssid, enb->bssid);
}

/* Over SCTP the WT knows an eNB by the port that it speaks from. */
static void check_enbs(const struct check *check, const struct lk_config *config)
{
    const struct lk_config_wt *wt = &config->wt;

    for (size_t i = 0; i < wt->enb_count; i++)
        if (wt->enbs[i].port == config->enb.xw_udp_port)
            return;
    if (wt->enb_count > 0)
        check_port(check, "wt.enbs[0].port", "enb.xw_udp_port", config->enb.xw_udp_port,
                   wt->enbs[0].port);
}

/* Else each has another one at the other end. */
static bool are_each_others(const struct lk_config *config)
{
    struct lk_address dialled, listening;

    if ((config->roles & LK_ROLE_ENB) == 0 || (config->roles & LK_ROLE_WT) == 0 ||
        lk_address_parse(&dialled, config->enb.wt.address) != LK_OK ||
        lk_address_parse(&listening, config->wt.xw_listen) != LK_OK)
        return false;
    return lk_address_equal(&dialled, &listening) || lk_address_is_any(&listening);
}

void lk_config_check_lwa(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    static const char *const words[] = { [LK_CONFIG_XW_SCTP] = "sctp", [LK_CONFIG_XW_TCP] = "tcp" };
    const struct check check = { source, report };
    bool sctp = config->wt.xw.transport == LK_CONFIG_XW_SCTP;

    if (!are_each_others(config))
        return;
    check_wlan(&check, config);
    if (config->enb.xw.transport != config->wt.xw.transport) {
        differ(&check, "enb.xw", "wt.xw", words[config->wt.xw.transport],
               words[config->enb.xw.transport]);
        return;
    }
    check_port(&check, "enb.wt.port", sctp ? "wt.xw_udp_port" : "wt.xw_port",
               sctp ? config->wt.xw_udp_port : config->wt.xw_port, config->enb.wt.port);
    if (sctp)
        check_enbs(&check, config);
}
