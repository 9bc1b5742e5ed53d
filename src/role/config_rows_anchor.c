/* Keys of role anchor: the LMA. */
#include "role/config_rows.h"

static const struct lk_config_row rows[] = {
    LK_ROW("anchor.listen[]", ADDRESS, anchor.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(anchor)),
    LK_ROW_NUMBER("anchor.port", anchor.port, 1, 65535, .restart = true, .fallback = "5436"),
    LK_ROW_NUMBER("anchor.tunnel_port", anchor.tunnel_port, 1, 65535, .restart = true,
                  .fallback = "5437"),
    LK_ROW_TEXT("anchor.mags[].name", anchor.mags[0].name, .required = true, .min = 1,
                .fallback = "lab", .list = { LK_LIST_OF(anchor.mags, anchor.mag_count) }),
    LK_ROW("anchor.mags[].psk", SECRET, anchor.mags[0].psk, .required = true, .min = 1,
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
    LK_ROW_NUMBER("anchor.lifetime_s", anchor.lifetime_s, 4, 262140, .fallback = "3600"),
    LK_ROW_NUMBER("anchor.min_delay_before_delete_ms", anchor.min_delay_before_delete_ms, 0, 600000,
                  .fallback = "10000"),
    LK_ROW_NUMBER("anchor.timestamp_window_ms", anchor.timestamp_window_ms, 0, 600000,
                  .fallback = "300"),
    LK_ROW_NUMBER("anchor.bindings_max", anchor.bindings_max, 16, 10000000, .restart = true,
                  .fallback = "100000"),
    LK_ROW("anchor.durable", BOOL, anchor.durable, .restart = true, .fallback = "true"),
    LK_ROW_TEXT("anchor.tun", anchor.tun, .restart = true, .example = "lk0"),
};

const struct lk_config_table lk_config_table_anchor = { LK_ROLE_ANCHOR, LK_COUNT_OF(rows), rows };
