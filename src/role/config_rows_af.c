/* Keys of role af: a server of applications with end-to-end keys. */
#include "role/config_rows.h"

/* In the order of enum lk_config_af_require. */
static const char *const require_words[] = { "n", "p", "client-key", "own", NULL };

#define APPS LK_LIST_OF(af.apps, af.app_count)

static const struct lk_config_row rows[] = {
    LK_ROW("af.listen", ADDRESS, af.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("af.port", af.port, 1, 65535, .restart = true, .fallback = "8420"),
    LK_ROW_HOST("af.name", af.name, .restart = true, .min = 1, .fallback = "app.example"),
    LK_ROW("af.key", PATH, af.key, .restart = true, .min = 1, .max = LK_CONFIG_FILE - 1,
           .fallback = "af.key"),
    LK_ROW_TEXT("af.apps[].app", af.apps[0].app, .restart = true, .required = true, .min = 1,
                .example = "notes", .list = { APPS }),
    LK_ROW("af.apps[].require[]", SET, af.apps[0].require, .restart = true, .some = true,
           .each = "[own]", .words = require_words, .list = { APPS, { 0, 4, 0 } }),
    LK_ROW("af.apps[].users", PATH, af.apps[0].users, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/notes.users", .list = { APPS }),
    LK_ROW("af.ua_id", HEX, af.ua_id, .restart = true, .min = 5, .max = 5,
           .fallback = "ff00e2e001"),
    LK_ROW_HOST("af.bsf.name", af.bsf.name, .restart = true,
                .example = "bsf.mnc001.mcc001.pub.3gppnetwork.org"),
    LK_ROW("af.bsf.address", ADDRESS, af.bsf.address, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("af.bsf.port", af.bsf.port, 1, 65535, .restart = true, .fallback = "8443"),
    LK_ROW_HOST("af.aanf.name", af.aanf.name, .restart = true,
                .example = "aanf.5gc.mnc001.mcc001.3gppnetwork.org"),
    LK_ROW("af.aanf.address", ADDRESS, af.aanf.address, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("af.aanf.port", af.aanf.port, 1, 65535, .restart = true, .fallback = "8444"),
    LK_ROW("af.certificate", PATH, af.certificate, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/app.crt"),
    LK_ROW("af.certificate_key", PATH, af.certificate_key, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/app.key"),
    LK_ROW("af.ca", PATH, af.ca, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/operator-ca.crt"),
    LK_ROW("af.operator_keys", PATH, af.operator_keys, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/tmp/operator.keys"),
    LK_ROW_NUMBER("af.connections", af.connections, 1, 16384, .restart = true, .fallback = "1024"),
    LK_ROW_NUMBER("af.connections_a_source", af.connections_a_source, 1, 16384, .restart = true,
                  .fallback = "64"),
    LK_ROW_NUMBER("af.handshake_s", af.handshake_s, 1, 600, .restart = true, .fallback = "10"),
    LK_ROW_NUMBER("af.rate", af.rate, 1, 100000, .fallback = "20"),
    LK_ROW_NUMBER("af.questions", af.questions, 1, 100000, .fallback = "50"),
    LK_ROW_NUMBER("af.sessions_a_user", af.sessions_a_user, 1, 16384, .fallback = "16"),
    LK_ROW_NUMBER("af.idle_s", af.idle_s, 1, 604800, .fallback = "3600"),
    LK_ROW_NUMBER("af.ticket_s", af.ticket_s, 0, 86400, .fallback = "3600"),
};

const struct lk_config_table lk_config_table_af = { LK_ROLE_AF, LK_COUNT_OF(rows), rows };
