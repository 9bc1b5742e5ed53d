/* Keys of WLCP, which the gateway and the device share. */
#include "role/config_rows.h"

static const struct lk_config_row rows[] = {
    LK_ROW("wlcp.listen[]", ADDRESS, wlcp.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(wlcp)),
    LK_ROW_NUMBER("wlcp.port", wlcp.port, 1, 65535, .restart = true, .fallback = "36411"),
    LK_ROW_NUMBER("wlcp.user_port", wlcp.user_port, 1, 65535, .restart = true, .fallback = "36412"),
    LK_ROW("wlcp.any_source_port", BOOL, wlcp.any_source_port, .fallback = "false"),
    LK_ROW("wlcp.cp_address", ADDRESS, wlcp.cp_address, .example = "192.0.2.1"),
    LK_ROW("wlcp.kdf.fc", HEX, wlcp.kdf.fc, .min = 1, .max = 1, .fallback = "21"),
    LK_ROW("wlcp.kdf.params[]", HEX, wlcp.kdf.params, .max = 32, .example = "574c4350",
           .list = { LK_LIST_OF(wlcp.kdf.params, wlcp.kdf.param_count) }),
    LK_ROW_NUMBER("wlcp.t_connect_ms", wlcp.t_connect_ms, 10, 600000, .fallback = "8000"),
    LK_ROW_NUMBER("wlcp.t_complete_ms", wlcp.t_complete_ms, 10, 600000, .fallback = "8000"),
    LK_ROW_NUMBER("wlcp.t_disconnect_ms", wlcp.t_disconnect_ms, 10, 600000, .fallback = "6000"),
    LK_ROW_NUMBER("wlcp.t_twag_disconnect_ms", wlcp.t_twag_disconnect_ms, 10, 600000,
                  .fallback = "8000"),
    LK_ROW_NUMBER("wlcp.tries", wlcp.tries, 1, 16, .fallback = "5"),
    LK_ROW_NUMBER("wlcp.hold_ms", wlcp.hold_ms, 0, 60000, .fallback = "5000"),
    LK_ROW_NUMBER("wlcp.overlap_ms", wlcp.overlap_ms, 0, 30000, .fallback = "5000"),
    LK_ROW_NUMBER("wlcp.half_open_max", wlcp.half_open_max, 1, 65535, .fallback = "16"),
    LK_ROW_NUMBER("wlcp.sessions_max", wlcp.sessions_max, 16, 10000000, .restart = true,
                  .fallback = "100000"),
    LK_ROW_NUMBER("wlcp.pdn_max", wlcp.pdn_max, 1, 15, .fallback = "8"),
    LK_ROW_NUMBER("wlcp.back_off_s", wlcp.back_off_s, 0, 576000, .fallback = "60"),
    LK_ROW("wlcp.apns[]", TEXT, wlcp.apns, .min = 1, .max = LK_CONFIG_APN - 1,
           .fallback = "[internet, ims]", .list = { LK_LIST_OF(wlcp.apns, wlcp.apn_count) }),
    LK_ROW_TEXT("wlcp.numbers[].name", wlcp.numbers[0].name, .restart = true, .required = true,
                .min = 1, .example = "status",
                .list = { LK_LIST_OF(wlcp.numbers, wlcp.number_count) }),
    LK_ROW_NUMBER("wlcp.numbers[].value", wlcp.numbers[0].value, 0, 255, .restart = true,
                  .required = true, .example = "136",
                  .list = { LK_LIST_OF(wlcp.numbers, wlcp.number_count) }),
};

const struct lk_config_table lk_config_table_wlcp = { LK_ROLE_TWAG | LK_ROLE_UE, LK_COUNT_OF(rows),
                                                      rows };
