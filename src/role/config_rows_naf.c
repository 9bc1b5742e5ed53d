/* Keys of role naf: an application server whose users are known by their SIM. */
#include "role/config_rows.h"

/* In the order of enum lk_config_naf_algorithm. */
static const char *const algorithm_words[] = { "md5", "sha-256", NULL };

static const struct lk_config_row rows[] = {
    LK_ROW("naf.listen", ADDRESS, naf.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("naf.port", naf.port, 0, 65535, .restart = true, .fallback = "8089"),
    LK_ROW_NUMBER("naf.tls_port", naf.tls_port, 0, 65535, .restart = true, .fallback = "8490"),
    LK_ROW_HOST("naf.name", naf.name, .restart = true, .min = 1, .fallback = "naf.example"),
    LK_ROW_HOST("naf.bsf", naf.bsf, .restart = true, .min = 1,
                .fallback = "bsf.mnc001.mcc001.pub.3gppnetwork.org"),
    LK_ROW("naf.bsf_address", ADDRESS, naf.bsf_address, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("naf.bsf_port", naf.bsf_port, 1, 65535, .restart = true, .fallback = "8443"),
    LK_ROW("naf.certificate", PATH, naf.certificate, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/naf.crt"),
    LK_ROW("naf.key", PATH, naf.key, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/naf.key"),
    LK_ROW("naf.ca", PATH, naf.ca, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/bsf-ca.crt"),
    LK_ROW("naf.algorithms[]", SET, naf.algorithms, .restart = true, .some = true,
           .fallback = "[sha-256, md5]", .words = algorithm_words, .list = { { 0, 2, 0 } }),
    LK_ROW("naf.integrity", BOOL, naf.integrity, .restart = true, .fallback = "false"),
    LK_ROW_NUMBER("naf.nonce_s", naf.nonce_s, 1, 86400, .restart = true, .fallback = "300"),
    LK_ROW_NUMBER("naf.users", naf.users, 1, 1000000, .restart = true, .fallback = "4096"),
    LK_ROW_NUMBER("naf.questions", naf.questions, 1, 100000, .restart = true, .fallback = "50"),
    LK_ROW_NUMBER("naf.connections", naf.connections, 1, 16384, .restart = true,
                  .fallback = "1024"),
    LK_ROW_NUMBER("naf.connections_a_source", naf.connections_a_source, 1, 16384, .restart = true,
                  .fallback = "64"),
    LK_ROW_NUMBER("naf.rate", naf.rate, 1, 100000, .fallback = "20"),
};

const struct lk_config_table lk_config_table_naf = { LK_ROLE_NAF, LK_COUNT_OF(rows), rows };
