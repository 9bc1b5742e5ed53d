/* Keys of the home AAA of Mobile IP, and of an agent's way to it. */
#include "base/imsi.h"
#include "role/config_rows.h"
#include "wire/mip.h"

#define NODES LK_LIST_OF(aaa.mip.nodes, aaa.mip.node_count)

static const struct lk_config_row home_rows[] = {
    LK_ROW("aaa.mip.nodes[].imsi", TEXT, aaa.mip.nodes[0].imsi, .required = true, .min = 6,
           .max = LK_IMSI_MAX_DIGITS, .example = "\"001010123456789\"", .list = { NODES }),
    LK_ROW_NUMBER("aaa.mip.nodes[].spi", aaa.mip.nodes[0].with.spi, LK_MIP_SPI_CHAP, 2147483647,
                  .each = "256", .list = { NODES }),
    LK_ROW("aaa.mip.nodes[].key", SECRET, aaa.mip.nodes[0].with.key, .holders = LK_ROLE_AAA,
           .required = true, .min = 16, .example = "\"@/etc/latchkey/mn-aaa.key\"",
           .list = { NODES }),
    LK_ROW("aaa.mip.nodes[].algorithm", CHOICE, aaa.mip.nodes[0].with.algorithm,
           .words = lk_config_mip_algorithm_words, .each = "hmac-sha256", .list = { NODES }),
    LK_ROW("aaa.mip.push", BOOL, aaa.mip.push, .restart = true, .fallback = "false"),
    LK_ROW("aaa.mip.algorithm", CHOICE, aaa.mip.algorithm, .words = lk_config_mip_algorithm_words,
           .fallback = "hmac-md5"),
    LK_ROW_NUMBER("aaa.mip.lifetime_s", aaa.mip.lifetime_s, 60, 2592000, .fallback = "86400"),
    LK_ROW_NUMBER("aaa.mip.key_octets", aaa.mip.key_octets, 16, 20, .fallback = "16"),
    LK_ROW_NUMBER("aaa.mip.window_ms", aaa.mip.window_ms, 3000, 600000, .fallback = "7000"),
    LK_ROW_HOST("aaa.mip.naf.name", aaa.mip.naf.name, .restart = true, .example = "aaa.example"),
    LK_ROW("aaa.mip.naf.ua", TEXT, aaa.mip.naf.ua, .restart = true, .min = LK_CONFIG_UA_ID - 1,
           .max = LK_CONFIG_UA_ID - 1, .fallback = "01000000f0"),
    LK_ROW("aaa.mip.naf.push_ua", TEXT, aaa.mip.push_ua, .restart = true,
           .min = LK_CONFIG_UA_ID - 1, .max = LK_CONFIG_UA_ID - 1, .fallback = "01000000f1"),
    LK_ROW_HOST("aaa.mip.naf.bsf", aaa.mip.naf.bsf, .restart = true, .min = 1,
                .fallback = "bsf.mnc001.mcc001.pub.3gppnetwork.org"),
    LK_ROW("aaa.mip.naf.bsf_address", ADDRESS, aaa.mip.naf.bsf_address, .restart = true,
           .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("aaa.mip.naf.bsf_port", aaa.mip.naf.bsf_port, 1, 65535, .restart = true,
                  .fallback = "8443"),
    LK_ROW("aaa.mip.naf.certificate", PATH, aaa.mip.naf.certificate, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/aaa.crt"),
    LK_ROW("aaa.mip.naf.key", PATH, aaa.mip.naf.key, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/aaa.key"),
    LK_ROW("aaa.mip.naf.ca", PATH, aaa.mip.naf.ca, .restart = true, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/bsf-ca.crt"),
    LK_ROW("aaa.mip.naf.algorithm", CHOICE, aaa.mip.naf.algorithm, .restart = true,
           .words = lk_config_mip_algorithm_words, .fallback = "hmac-sha256"),
    LK_ROW_NUMBER("aaa.mip.naf.questions", aaa.mip.naf.questions, 1, 100000, .restart = true,
                  .fallback = "50"),
};

const struct lk_config_table lk_config_table_aaa_mip = { LK_ROLE_AAA, LK_COUNT_OF(home_rows),
                                                         home_rows };

static const struct lk_config_row agent_rows[] = {
    LK_ROW_HOST("anchor.mip.aaa.name", anchor.mip.aaa.name, .restart = true,
                .example = "ha.example"),
    LK_ROW("anchor.mip.aaa.server", ADDRESS, anchor.mip.aaa.server, .restart = true,
           .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("anchor.mip.aaa.port", anchor.mip.aaa.port, 1, 65535, .restart = true,
                  .fallback = "1812"),
    LK_ROW("anchor.mip.aaa.source", ADDRESS, anchor.mip.aaa.source, .restart = true,
           .fallback = "127.0.0.1"),
    LK_ROW("anchor.mip.aaa.secret", SECRET, anchor.mip.aaa.secret, .holders = LK_ROLE_ANCHOR,
           .restart = true, .min = 1, .fallback = "testing123"),
    LK_ROW("anchor.mip.aaa.certificate", PATH, anchor.mip.aaa.certificate, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/ha.crt"),
    LK_ROW("anchor.mip.aaa.key", PATH, anchor.mip.aaa.key, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/ha.key"),
    LK_ROW("anchor.mip.aaa.ca", PATH, anchor.mip.aaa.ca, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/aaa-ca.crt"),
    LK_ROW_HOST("anchor.mip.aaa.peer", anchor.mip.aaa.peer, .restart = true,
                .example = "aaa.example"),
    LK_ROW("anchor.mip.aaa.pushed", BOOL, anchor.mip.aaa.pushed, .restart = true,
           .fallback = "false"),
    LK_ROW_NUMBER("anchor.mip.aaa.timeout_ms", anchor.mip.aaa.timeout_ms, 100, 60000,
                  .restart = true, .fallback = "1000"),
    LK_ROW_NUMBER("anchor.mip.aaa.tries", anchor.mip.aaa.tries, 1, 10, .restart = true,
                  .fallback = "3"),
};

const struct lk_config_table lk_config_table_anchor_aaa = { LK_ROLE_ANCHOR,
                                                            LK_COUNT_OF(agent_rows), agent_rows };
