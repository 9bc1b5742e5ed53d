/* Keys of role enb: the eNBs of LTE-WLAN aggregation, with the MME's part in it. */
#include "role/config_rows.h"

/* In the order of enum lk_config_order. */
static const char *const order_words[] = { "rrc-first", "wt-first", NULL };

#define CELLS { LK_LIST_OF(enb.cells, enb.cell_count) }

static const struct lk_config_row rows[] = {
    LK_ROW_TEXT("enb.plmn", enb.plmn, .restart = true, .min = 5, .fallback = "00101"),
    LK_ROW_TEXT("enb.cells[].name", enb.cells[0].name, .restart = true, .required = true, .min = 1,
                .fallback = "a", .list = CELLS),
    LK_ROW("enb.cells[].listen", ADDRESS, enb.cells[0].listen, .restart = true,
           .fallback = "127.0.0.1", .each = "127.0.0.1", .list = CELLS),
    LK_ROW_NUMBER("enb.cells[].port", enb.cells[0].port, 1, 65535, .restart = true,
                  .required = true, .fallback = "36480", .list = CELLS),
    LK_ROW_NUMBER("enb.cells[].pci", enb.cells[0].pci, 0, 503, .restart = true, .required = true,
                  .fallback = "1", .list = CELLS),
    LK_ROW_NUMBER("enb.cells[].earfcn", enb.cells[0].earfcn, 0, 262143, .restart = true,
                  .fallback = "1850", .each = "1850", .list = CELLS),
    LK_ROW_TEXT("enb.bssid", enb.bssid, .fallback = "02:00:00:00:36:62"),
    LK_ROW_TEXT("enb.ssid", enb.ssid, .fallback = "latchkey"),
    LK_ROW("enb.lwa", BOOL, enb.lwa, .fallback = "true"),
    LK_ROW("enb.order", CHOICE, enb.order, .fallback = "rrc-first", .words = order_words),
    LK_ROW_NUMBER("enb.lock_ms", enb.lock_ms, 1, 3600000, .fallback = "3000"),
    LK_ROW_NUMBER("enb.deadline_ms", enb.deadline_ms, 1, 3600000, .fallback = "10000"),
    LK_ROW_NUMBER("enb.association_timer_s", enb.association_timer_s, 10, 240, .fallback = "30"),
    LK_ROW_NUMBER("enb.s_kwt_fc", enb.s_kwt_fc, 0, 255, .fallback = "31"),
    LK_ROW_NUMBER("enb.uu_delay_ms", enb.uu_delay_ms, 0, 10000, .fallback = "0"),
    LK_ROW_NUMBER("enb.retry_ms", enb.retry_ms, 10, 60000, .restart = true, .fallback = "1000"),
    LK_ROW_NUMBER("enb.attach_rate", enb.attach_rate, 1, 100000, .fallback = "20"),
    LK_ROW_NUMBER("enb.ues", enb.ues, 1, 1048576, .restart = true, .fallback = "1024"),
    LK_ROW("enb.xw", CHOICE, enb.xw.transport, .restart = true, .fallback = "sctp",
           .words = lk_config_xw_words),
    LK_ROW("enb.xw_address", ADDRESS, enb.xw_address, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("enb.xw_udp_port", enb.xw_udp_port, 1, 65535, .restart = true,
                  .fallback = "9900"),
    LK_ROW_TEXT("enb.wt.name", enb.wt.name, .restart = true, .min = 1, .fallback = "wt"),
    LK_ROW("enb.wt.address", ADDRESS, enb.wt.address, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("enb.wt.port", enb.wt.port, 1, 65535, .restart = true, .fallback = "9899"),
    LK_ROW("enb.certificate", PATH, enb.xw.certificate, .restart = true,
           .example = "/etc/latchkey/enb.crt"),
    LK_ROW("enb.key", PATH, enb.xw.key, .restart = true, .example = "/etc/latchkey/enb.key"),
    LK_ROW("enb.ca", PATH, enb.xw.ca, .restart = true, .example = "/etc/latchkey/xw-ca.crt"),
};

const struct lk_config_table lk_config_table_enb = { LK_ROLE_ENB, LK_COUNT_OF(rows), rows };
