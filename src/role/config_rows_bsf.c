/* Keys of role bsf: bootstrapping of GBA. */
#include <stdint.h>

#include "role/config_rows.h"

/* In the order of enum lk_gba_algorithm. */
static const char *const algorithm_words[] = { "akav1-md5", "akav2-md5", NULL };

#define NAFS LK_LIST_OF(bsf.nafs, bsf.naf_count)
#define USERS LK_LIST_OF(bsf.users, bsf.user_count)

static const struct lk_config_row rows[] = {
    LK_ROW("bsf.listen", ADDRESS, bsf.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("bsf.port", bsf.port, 1, 65535, .restart = true, .fallback = "8088"),
    LK_ROW_HOST("bsf.name", bsf.name, .min = 1,
                .fallback = "bsf.mnc001.mcc001.pub.3gppnetwork.org"),
    LK_ROW_HOST("bsf.impi_realm", bsf.impi_realm, .min = 1,
                .fallback = "ims.mnc001.mcc001.3gppnetwork.org"),
    LK_ROW_HOST("bsf.home_agent", bsf.home_agent, .example = "ha.example"),
    LK_ROW("bsf.home_agent_address", ADDRESS, bsf.home_agent_address, .example = "192.0.2.1"),
    LK_ROW("bsf.algorithm", CHOICE, bsf.algorithm, .fallback = "akav1-md5",
           .words = algorithm_words),
    LK_ROW_NUMBER("bsf.lifetime_s", bsf.lifetime_s, 10, 31536000, .fallback = "86400"),
    LK_ROW_NUMBER("bsf.challenge_s", bsf.challenge_s, 5, 120, .fallback = "60"),
    LK_ROW("bsf.amf", HEX, bsf.amf, .min = 2, .max = 2, .fallback = "8000"),
    LK_ROW_NUMBER("bsf.rate", bsf.rate, 1, 100000, .fallback = "20"),
    LK_ROW_NUMBER("bsf.connections", bsf.connections, 1, 16384, .restart = true,
                  .fallback = "1024"),
    LK_ROW_NUMBER("bsf.connections_a_source", bsf.connections_a_source, 1, 16384, .restart = true,
                  .fallback = "64"),
    LK_ROW("bsf.zn_listen", ADDRESS, bsf.zn_listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("bsf.zn_port", bsf.zn_port, 0, 65535, .restart = true, .fallback = "0"),
    LK_ROW_NUMBER("bsf.zn_rate", bsf.zn_rate, 1, 100000, .fallback = "100"),
    LK_ROW("bsf.certificate", PATH, bsf.certificate, .restart = true,
           .example = "/etc/latchkey/bsf.crt"),
    LK_ROW("bsf.key", PATH, bsf.key, .restart = true, .example = "/etc/latchkey/bsf.key"),
    LK_ROW("bsf.ca", PATH, bsf.ca, .restart = true, .example = "/etc/latchkey/naf-ca.crt"),
    LK_ROW_HOST("bsf.nafs[].name", bsf.nafs[0].name, .required = true, .min = 1,
                .example = "naf.example", .list = { NAFS }),
    LK_ROW("bsf.nafs[].ua_ids[]", TEXT, bsf.nafs[0].ua_ids, .min = LK_CONFIG_UA_ID - 1,
           .max = LK_CONFIG_UA_ID - 1, .example = "\"0100000002\"",
           .list = { NAFS, { LK_CONFIG_UA_ID, LK_CONFIG_UA_IDS,
                             LK_AT(bsf.nafs[0].ua_id_count) } }),
    LK_ROW("bsf.nafs[].identity", BOOL, bsf.nafs[0].identity, .each = "false", .list = { NAFS }),
    LK_ROW_NUMBER("bsf.nafs[].services[]", bsf.nafs[0].services, 0, UINT32_MAX, .example = "1",
                  .list = { NAFS, { sizeof(unsigned), LK_CONFIG_GAA_SERVICES,
                                    LK_AT(bsf.nafs[0].service_count) } }),
    LK_ROW_TEXT("bsf.users[].imsi", bsf.users[0].imsi, .in_file = true, .required = true,
                .min = 6, .example = "\"001010000000001\"", .list = { USERS }),
    LK_ROW("bsf.users[].services[]", TEXT, bsf.users[0].services, .min = 1,
           .max = LK_CONFIG_GAA_SERVICE - 1, .example = "\"1:1,2\"",
           .list = { USERS, { LK_CONFIG_GAA_SERVICE, LK_CONFIG_GAA_SERVICES,
                              LK_AT(bsf.users[0].service_count) } }),
    LK_ROW("bsf.users[].identity", BOOL, bsf.users[0].identity, .each = "true",
           .list = { USERS }),
    LK_ROW_NUMBER("bsf.users[].lifetime_s", bsf.users[0].lifetime_s, 0, 31536000, .each = "0",
                  .list = { USERS }),
};

const struct lk_config_table lk_config_table_bsf = { LK_ROLE_BSF, LK_COUNT_OF(rows), rows };
