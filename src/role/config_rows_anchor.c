/* Keys of role anchor: the LMA. */
#include "base/imsi.h"
#include "role/config_rows.h"
#include "wire/mip.h"

const char *const lk_config_mip_algorithm_words[] = { "hmac-md5", "hmac-sha1", "hmac-sha256",
                                                      NULL };
const char *const lk_config_mip_replay_words[] = { "timestamps", "nonces", NULL };

const char *const lk_config_tun_in_words[] = { "here", "apart", "apart-if-allowed", NULL };

#define NODES LK_LIST_OF(anchor.mip.nodes, anchor.mip.node_count)
#define AGENTS LK_LIST_OF(anchor.mip.agents, anchor.mip.agent_count)
/* What two share, at the end of that path. */
#define ASSOCIATION(path, member, list_of) \
    LK_ROW_NUMBER(path ".spi", member.spi, LK_MIP_SPI_LEAST, 2147483647, .each = "256", \
                  .list = { list_of }), \
        LK_ROW(path ".key", SECRET, member.key, .holders = LK_ROLE_ANCHOR, .required = true, \
               .min = 16, .example = "\"@/etc/latchkey/mn-ha.key\"", .list = { list_of }), \
        LK_ROW(path ".algorithm", CHOICE, member.algorithm, \
               .words = lk_config_mip_algorithm_words, .each = "hmac-sha256", .list = { list_of }),\
        LK_ROW(path ".replay", CHOICE, member.replay, .words = lk_config_mip_replay_words, \
               .each = "timestamps", .list = { list_of })

static const struct lk_config_row rows[] = {
    LK_ROW("anchor.listen[]", ADDRESS, anchor.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(anchor)),
    LK_ROW_NUMBER("anchor.port", anchor.port, 1, 65535, .restart = true, .fallback = "5436"),
    LK_ROW_NUMBER("anchor.tunnel_port", anchor.tunnel_port, 1, 65535, .restart = true,
                  .fallback = "5437"),
    LK_ROW_TEXT("anchor.mags[].name", anchor.mags[0].name, .required = true, .min = 1,
                .fallback = "lab", .list = { LK_LIST_OF(anchor.mags, anchor.mag_count) }),
    LK_ROW("anchor.mags[].psk", SECRET, anchor.mags[0].psk,
           .holders = LK_ROLE_ANCHOR, .required = true, .min = 1,
           .fallback = "testing123", .example = "\"@/etc/latchkey/mag.psk\"",
           .list = { LK_LIST_OF(anchor.mags, anchor.mag_count) }),
    LK_ROW("anchor.mags[].address", ADDRESS, anchor.mags[0].address, .example = "192.0.2.1",
           .list = { LK_LIST_OF(anchor.mags, anchor.mag_count) }),
    LK_ROW("anchor.ipv4[]", PREFIX, anchor.ipv4, .restart = true, .fallback = "10.64.0.0/10",
           .list = { LK_LIST_OF(anchor.ipv4, anchor.ipv4_count) }),
    LK_ROW("anchor.ipv6[]", PREFIX, anchor.ipv6, .restart = true, .fallback = "2001:db8:6400::/40",
           .list = { LK_LIST_OF(anchor.ipv6, anchor.ipv6_count) }),
    LK_ROW_NUMBER("anchor.prefix_bits", anchor.prefix_bits, 32, 64, .restart = true,
                  .fallback = "64"),
    LK_ROW("anchor.gateway4", ADDRESS, anchor.gateway4, .restart = true, .example = "10.64.0.1"),
    LK_ROW("anchor.gateway6", ADDRESS, anchor.gateway6, .restart = true,
           .example = "2001:db8:6400::1"),
    LK_ROW("anchor.services[]", TEXT, anchor.services, .restart = true, .min = 1,
           .max = LK_CONFIG_APN - 1, .some = true, .fallback = "[internet, ims]",
           .list = { LK_LIST_OF(anchor.services, anchor.service_count) }),
    LK_ROW("anchor.plmns[]", TEXT, anchor.plmns, .min = 5, .max = 6, .example = "\"00101\"",
           .list = { LK_LIST_OF(anchor.plmns, anchor.plmn_count) }),
    LK_ROW_NUMBER("anchor.lifetime_s", anchor.lifetime_s, 4, 262140, .fallback = "3600"),
    LK_ROW_NUMBER("anchor.min_delay_before_delete_ms", anchor.min_delay_before_delete_ms, 0, 600000,
                  .fallback = "10000"),
    LK_ROW_NUMBER("anchor.max_delay_before_assign_ms", anchor.max_delay_before_assign_ms, 0, 60000,
                  .fallback = "1500"),
    LK_ROW_NUMBER("anchor.token_lifetime_s", anchor.token_lifetime_s, 60, 31536000,
                  .fallback = "86400"),
    LK_ROW_NUMBER("anchor.reserve_s", anchor.reserve_s, 60, 2000000000, .fallback = "604800"),
    LK_ROW("anchor.sequence", BOOL, anchor.sequence, .restart = true, .fallback = "false"),
    LK_ROW_NUMBER("anchor.rate", anchor.rate, 1, 10000000, .fallback = "50000"),
    LK_ROW_NUMBER("anchor.mag_rate", anchor.mag_rate, 1, 10000000, .fallback = "20000"),
    LK_ROW_NUMBER("anchor.echo_rate", anchor.echo_rate, 0, 1000000, .fallback = "1000"),
    LK_ROW_NUMBER("anchor.binding_octets", anchor.binding_octets, 0, 2000000000, .fallback = "0"),
    LK_ROW_NUMBER("anchor.timestamp_window_ms", anchor.timestamp_window_ms, 0, 600000,
                  .fallback = "300"),
    LK_ROW_NUMBER("anchor.bindings_max", anchor.bindings_max, 16, 10000000, .restart = true,
                  .fallback = "100000"),
    LK_ROW("anchor.durable", BOOL, anchor.durable, .restart = true, .fallback = "true"),
    LK_ROW_TEXT("anchor.tun", anchor.tun, .restart = true, .example = "lk0"),
    LK_ROW("anchor.tun_in", CHOICE, anchor.tun_in, .restart = true,
           .words = lk_config_tun_in_words, .fallback = "here"),
    LK_ROW("anchor.tun_address", ADDRESS, anchor.tun_address, .restart = true,
           .fallback = "192.0.2.80"),
    LK_ROW("anchor.tun_address6", ADDRESS, anchor.tun_address6, .restart = true,
           .example = "\"2001:db8:7::80\""),
    LK_ROW_NUMBER("anchor.mip.port", anchor.mip.port, 0, 65535, .restart = true, .fallback = "0",
                  .example = "434"),
    LK_ROW("anchor.mip.address", ADDRESS, anchor.mip.address, .restart = true,
           .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("anchor.mip.port6", anchor.mip.port6, 0, 65535, .restart = true,
                  .fallback = "0", .example = "4191"),
    LK_ROW("anchor.mip.address6", ADDRESS, anchor.mip.address6, .restart = true,
           .example = "2001:db8::1"),
    LK_ROW_NUMBER("anchor.mip.lifetime_s", anchor.mip.lifetime_s, 1, 65534, .fallback = "1800"),
    LK_ROW_NUMBER("anchor.mip.window_ms", anchor.mip.window_ms, 3000, 600000, .fallback = "7000"),
    LK_ROW_NUMBER("anchor.mip.keepalive_s", anchor.mip.keepalive_s, 0, 65535, .fallback = "110"),
    LK_ROW("anchor.mip.reverse", BOOL, anchor.mip.reverse, .fallback = "false"),
    LK_ROW("anchor.mip.nodes[].imsi", TEXT, anchor.mip.nodes[0].imsi, .required = true, .min = 6,
           .max = LK_IMSI_MAX_DIGITS, .example = "\"001010123456789\"", .list = { NODES }),
    ASSOCIATION("anchor.mip.nodes[]", anchor.mip.nodes[0].with, NODES),
    LK_ROW("anchor.mip.nodes_file", PATH, anchor.mip.nodes_file, .max = LK_CONFIG_FILE - 1,
           .example = "/etc/latchkey/mip.nodes"),
    LK_ROW_HOST("anchor.mip.naf.name", anchor.mip.naf.name, .restart = true,
                .example = "ha.example"),
    LK_ROW("anchor.mip.naf.ua", TEXT, anchor.mip.naf.ua, .restart = true,
           .min = LK_CONFIG_UA_ID - 1, .max = LK_CONFIG_UA_ID - 1, .fallback = "01000000f1"),
    LK_ROW("anchor.mip.naf.ua6", TEXT, anchor.mip.naf.ua6, .restart = true,
           .min = LK_CONFIG_UA_ID - 1, .max = LK_CONFIG_UA_ID - 1, .fallback = "01000000f3"),
    LK_ROW_NUMBER("anchor.mip.naf.octets6", anchor.mip.naf.octets6, 16, 32,
                  .restart = true, .fallback = "16"),
    LK_ROW_HOST("anchor.mip.naf.bsf", anchor.mip.naf.bsf, .restart = true, .min = 1,
                .fallback = "bsf.mnc001.mcc001.pub.3gppnetwork.org"),
    LK_ROW("anchor.mip.naf.bsf_address", ADDRESS, anchor.mip.naf.bsf_address, .restart = true,
           .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("anchor.mip.naf.bsf_port", anchor.mip.naf.bsf_port, 1, 65535, .restart = true,
                  .fallback = "8443"),
    LK_ROW("anchor.mip.naf.certificate", PATH, anchor.mip.naf.certificate, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/ha.crt"),
    LK_ROW("anchor.mip.naf.key", PATH, anchor.mip.naf.key, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/ha.key"),
    LK_ROW("anchor.mip.naf.ca", PATH, anchor.mip.naf.ca, .restart = true,
           .max = LK_CONFIG_FILE - 1, .example = "/etc/latchkey/bsf-ca.crt"),
    LK_ROW("anchor.mip.naf.algorithm", CHOICE, anchor.mip.naf.algorithm, .restart = true,
           .words = lk_config_mip_algorithm_words, .fallback = "hmac-sha256"),
    LK_ROW_NUMBER("anchor.mip.naf.questions", anchor.mip.naf.questions, 1, 100000,
                  .restart = true, .fallback = "50"),
    LK_ROW_TEXT("anchor.mip.agents[].name", anchor.mip.agents[0].name, .required = true, .min = 1,
                .example = "fa-1", .list = { AGENTS }),
    LK_ROW("anchor.mip.agents[].addresses[]", ADDRESS, anchor.mip.agents[0].addresses,
           .example = "192.0.2.7",
           .list = { AGENTS, { LK_CONFIG_ADDRESS, LK_CONFIG_MIP_ADDRESSES,
                               LK_AT(anchor.mip.agents[0].address_count) } }),
    ASSOCIATION("anchor.mip.agents[]", anchor.mip.agents[0].with, AGENTS),
};

const struct lk_config_table lk_config_table_anchor = { LK_ROLE_ANCHOR, LK_COUNT_OF(rows), rows };
