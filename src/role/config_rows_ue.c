/* Keys of role ue: the device's connection manager. */
#include "role/config_rows.h"

static const char *const algorithm_words[] = { "milenage", "tuak", NULL };
static const char *const method_words[] = { "aka-prime", "aka", NULL };
static const char *const mode_words[] = { "none", "single", "multi", NULL };
static const char *const right_words[] = { "connect", "disconnect", "status", "modify", NULL };

static const struct lk_config_row rows[] = {
    LK_ROW_TEXT("ue.imsi", ue.imsi, .restart = true, .min = 6, .fallback = "001010000000001"),
    LK_ROW("ue.k", SECRET, ue.k,
           .holders = LK_ROLE_UE, .restart = true, .example = "\"@/etc/latchkey/card.k\""),
    LK_ROW("ue.opc", SECRET, ue.opc,
           .holders = LK_ROLE_UE, .restart = true, .example = "\"@/etc/latchkey/card.opc\""),
    LK_ROW("ue.sqn", PATH, ue.sqn, .restart = true, .min = 1, .fallback = "ue.sqn"),
    LK_ROW("ue.algorithm", CHOICE, ue.algorithm, .restart = true, .fallback = "milenage",
           .words = algorithm_words),
    LK_ROW("ue.method", CHOICE, ue.method, .restart = true, .fallback = "aka-prime",
           .words = method_words),
    LK_ROW("ue.mode", CHOICE, ue.mode, .restart = true, .fallback = "multi", .words = mode_words),
    LK_ROW("ue.attach", BOOL, ue.attach, .restart = true, .fallback = "true"),
    LK_ROW_NUMBER("ue.retry_ms", ue.retry_ms, 100, 600000, .restart = true, .fallback = "1000"),
    LK_ROW_NUMBER("ue.retry_max_ms", ue.retry_max_ms, 100, 3600000, .restart = true,
                  .fallback = "60000"),
    LK_ROW("ue.server", ADDRESS, ue.server, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("ue.port", ue.port, 1, 65535, .restart = true, .fallback = "1822"),
    LK_ROW("ue.secret", SECRET, ue.secret,
           .holders = LK_ROLE_UE, .restart = true, .min = 1, .fallback = "testing123",
           .example = "\"@/etc/latchkey/ap.secret\""),
    LK_ROW_TEXT("ue.mac", ue.mac, .restart = true, .min = 17, .fallback = "02-00-00-00-00-01"),
    LK_ROW_TEXT("ue.ssid", ue.ssid, .restart = true, .fallback = "latchkey"),
    LK_ROW("ue.address", ADDRESS, ue.address, .restart = true, .fallback = "127.0.0.2"),
    LK_ROW("ue.twag", ADDRESS, ue.twag, .restart = true, .example = "127.0.0.1"),
    LK_ROW("ue.socket", PATH, ue.socket, .restart = true, .is_socket = true, .min = 1, .max = 90,
           .fallback = "ue.sock"),
    LK_ROW("ue.audit", PATH, ue.audit, .restart = true, .fallback = "ue-audit.log"),
    LK_ROW_NUMBER("ue.pdn_max", ue.pdn_max, 1, 15, .fallback = "8"),
    LK_ROW_TEXT("ue.applications[].name", ue.applications[0].name, .restart = true,
                .required = true, .min = 1, .example = "browser",
                .list = { LK_LIST_OF(ue.applications, ue.application_count) }),
    LK_ROW_TEXT("ue.applications[].uid", ue.applications[0].uid, .restart = true,
                .required = true, .min = 1, .example = "1000",
                .list = { LK_LIST_OF(ue.applications, ue.application_count) }),
    LK_ROW("ue.applications[].apns[]", TEXT, ue.applications[0].apns, .restart = true, .min = 1,
           .max = LK_CONFIG_APN - 1, .example = "internet",
           .list = { LK_LIST_OF(ue.applications, ue.application_count),
                     { LK_CONFIG_APN, LK_CONFIG_APNS, LK_AT(ue.applications[0].apn_count) } }),
    LK_ROW("ue.applications[].rights[]", SET, ue.applications[0].rights, .restart = true,
           .each = "[connect, disconnect, status]", .words = right_words,
           .list = { LK_LIST_OF(ue.applications, ue.application_count), { 0, 8, 0 } }),
};

const struct lk_config_table lk_config_table_ue = { LK_ROLE_UE, LK_COUNT_OF(rows), rows };
