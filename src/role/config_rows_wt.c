/* Keys of role wt: the WLAN termination of LTE-WLAN aggregation. */
#include "role/config_rows.h"

const char *const lk_config_xw_words[] = { "sctp", "tcp", NULL };
const char *const lk_config_akm_words[] = { "dot1x", "psk", "dot1x-sha256", "psk-sha256", NULL };

enum lk_akm lk_config_akm(int place)
{
    static const enum lk_akm akms[] = { LK_AKM_8021X, LK_AKM_PSK, LK_AKM_8021X_SHA256,
                                        LK_AKM_PSK_SHA256 };

    LK_ASSERT(place >= 0 && (size_t)place < LK_COUNT_OF(akms));
    return akms[place];
}

static const struct lk_config_row rows[] = {
    LK_ROW("wt.listen[]", ADDRESS, wt.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(wt)),
    LK_ROW_NUMBER("wt.port", wt.port, 1, 65535, .restart = true, .fallback = "36470"),
    LK_ROW_TEXT("wt.bssid", wt.bssid, .restart = true, .min = 12,
                .fallback = "02:00:00:00:36:62"),
    LK_ROW_TEXT("wt.ssid", wt.ssid, .restart = true, .fallback = "latchkey"),
    LK_ROW("wt.akm", CHOICE, wt.akm, .restart = true, .fallback = "psk-sha256",
           .words = lk_config_akm_words),
    LK_ROW("wt.in_place", BOOL, wt.in_place, .fallback = "true"),
    LK_ROW_NUMBER("wt.retry_ms", wt.retry_ms, 10, 10000, .fallback = "250"),
    LK_ROW_NUMBER("wt.tries", wt.tries, 1, 20, .fallback = "4"),
    LK_ROW_NUMBER("wt.group_rekey_s", wt.group_rekey_s, 0, 604800, .fallback = "3600"),
    LK_ROW("wt.deauth_on_mismatch", BOOL, wt.deauth_on_mismatch, .fallback = "false"),
    LK_ROW("wt.finished_each_time", BOOL, wt.finished_each_time, .fallback = "true"),
    LK_ROW("wt.echo", BOOL, wt.echo, .fallback = "true"),
    LK_ROW_NUMBER("wt.ues", wt.ues, 1, 1048576, .restart = true, .fallback = "1024"),
    LK_ROW_NUMBER("wt.away_s", wt.away_s, 1, 86400, .fallback = "300"),
    LK_ROW_NUMBER("wt.hold_s", wt.hold_s, 1, 86400, .fallback = "30"),
    LK_ROW("wt.xw", CHOICE, wt.xw.transport, .restart = true, .fallback = "sctp",
           .words = lk_config_xw_words),
    LK_ROW("wt.xw_listen", ADDRESS, wt.xw_listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("wt.xw_port", wt.xw_port, 1, 65535, .restart = true, .fallback = "36462"),
    LK_ROW_NUMBER("wt.xw_udp_port", wt.xw_udp_port, 1, 65535, .restart = true,
                  .fallback = "9899"),
    LK_ROW("wt.certificate", PATH, wt.xw.certificate, .restart = true,
           .example = "/etc/latchkey/wt.crt"),
    LK_ROW("wt.key", PATH, wt.xw.key, .restart = true, .example = "/etc/latchkey/wt.key"),
    LK_ROW("wt.ca", PATH, wt.xw.ca, .restart = true, .example = "/etc/latchkey/xw-ca.crt"),
    LK_ROW_TEXT("wt.enbs[].name", wt.enbs[0].name, .restart = true, .required = true, .min = 1,
                .fallback = "enb", .list = { LK_LIST_OF(wt.enbs, wt.enb_count) }),
    LK_ROW("wt.enbs[].address", ADDRESS, wt.enbs[0].address, .restart = true, .required = true,
           .fallback = "127.0.0.1", .list = { LK_LIST_OF(wt.enbs, wt.enb_count) }),
    LK_ROW_NUMBER("wt.enbs[].port", wt.enbs[0].port, 1, 65535, .restart = true,
                  .fallback = "9900", .each = "9900",
                  .list = { LK_LIST_OF(wt.enbs, wt.enb_count) }),
};

const struct lk_config_table lk_config_table_wt = { LK_ROLE_WT, LK_COUNT_OF(rows), rows };
