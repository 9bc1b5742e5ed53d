/* Keys of role pos: points of service of MIS. */
#include "role/config_rows.h"

const char *const lk_config_mis_suite_words[] = { "ccm", "cbc-sha1", "null-sha1", "null-cmac",
                                                  NULL };
const char *const lk_config_mis_prf_words[] = { "cmac-aes", "hmac-sha1", "hmac-sha256", NULL };
const char *const lk_config_mix_words[] = { "off", "offered", "required", NULL };

#define POINTS LK_LIST_OF(pos.points, pos.point_count)
#define POINT { POINTS }
#define OF_POINT(array, number) { POINTS, LK_LIST_OF(pos.points[0].array, pos.points[0].number) }
#define HOMES OF_POINT(homes, home_count)
#define PARTNERS OF_POINT(partners, partner_count)
#define NEIGHBOURS OF_POINT(neighbours, neighbour_count)

static const struct lk_config_row rows[] = {
    LK_ROW_TEXT("pos.points[].id", pos.points[0].id, .restart = true, .required = true, .min = 1,
                .example = "pos@a.example", .list = POINT),
    LK_ROW("pos.points[].listen", ADDRESS, pos.points[0].listen, .restart = true,
           .each = "127.0.0.1", .list = POINT),
    LK_ROW_NUMBER("pos.points[].port", pos.points[0].port, 1, 65535, .restart = true,
                  .each = "4551", .list = POINT),
    LK_ROW_NUMBER("pos.points[].link_port", pos.points[0].link_port, 0, 65535, .restart = true,
                  .each = "4552", .list = POINT),
    LK_ROW_NUMBER("pos.points[].dtls_port", pos.points[0].dtls_port, 0, 65535, .restart = true,
                  .each = "0", .list = POINT),
    LK_ROW("pos.points[].certificate", PATH, pos.points[0].certificate, .restart = true,
           .example = "/etc/latchkey/pos.crt", .list = POINT),
    LK_ROW("pos.points[].key", PATH, pos.points[0].key, .restart = true,
           .example = "/etc/latchkey/pos.key", .list = POINT),
    LK_ROW("pos.points[].ca", PATH, pos.points[0].ca, .restart = true,
           .example = "/etc/latchkey/pos-ca.crt", .list = POINT),
    LK_ROW("pos.points[].aaa.server", ADDRESS, pos.points[0].aaa.server, .restart = true,
           .each = "127.0.0.1", .list = POINT),
    LK_ROW("pos.points[].aaa.source", ADDRESS, pos.points[0].aaa.source, .restart = true,
           .each = "127.0.0.1", .list = POINT),
    LK_ROW_NUMBER("pos.points[].aaa.port", pos.points[0].aaa.port, 1, 65535, .restart = true,
                  .each = "1812", .list = POINT),
    LK_ROW("pos.points[].aaa.secret", SECRET, pos.points[0].aaa.secret,
           .holders = LK_ROLE_POS, .restart = true, .min = 1, .required = true,
           .example = "\"@/etc/latchkey/pos.secret\"", .list = POINT),
    LK_ROW_NUMBER("pos.points[].chain_max", pos.points[0].chain_max, 0, 15, .each = "3",
                  .list = POINT),
    LK_ROW_NUMBER("pos.points[].lifetime_s", pos.points[0].lifetime_s, 10, 604800,
                  .each = "3600", .list = POINT),
    LK_ROW("pos.points[].suites[]", CHOICE, pos.points[0].suites, .each = "[ccm, cbc-sha1]",
           .words = lk_config_mis_suite_words, .list = OF_POINT(suites, suite_count)),
    LK_ROW("pos.points[].prfs[]", SET, pos.points[0].prfs, .some = true,
           .each = "[hmac-sha256, cmac-aes]", .words = lk_config_mis_prf_words,
           .list = { POINTS, { 0, 3, 0 } }),
    LK_ROW("pos.points[].mix", CHOICE, pos.points[0].mix, .each = "offered",
           .words = lk_config_mix_words, .list = POINT),
    LK_ROW("pos.points[].unmarked", BOOL, pos.points[0].unmarked, .each = "false", .list = POINT),
    LK_ROW_TEXT("pos.points[].homes[].realm", pos.points[0].homes[0].realm, .required = true,
                .min = 1, .example = "home.example", .list = HOMES),
    LK_ROW("pos.points[].homes[].mark_key", HEX, pos.points[0].homes[0].mark_key,
           .required = true, .min = 32, .max = 32,
           .example = "the line that latchkey mis-key tells", .list = HOMES),
    LK_ROW_TEXT("pos.points[].partners[].id", pos.points[0].partners[0].id, .required = true,
                .min = 1, .example = "pos@b.example", .list = PARTNERS),
    LK_ROW("pos.points[].partners[].address", ADDRESS, pos.points[0].partners[0].address,
           .example = "127.0.0.1", .list = PARTNERS),
    LK_ROW_NUMBER("pos.points[].partners[].link_port", pos.points[0].partners[0].port, 1, 65535,
                  .each = "4552", .list = PARTNERS),
    LK_ROW_TEXT("pos.points[].partners[].name", pos.points[0].partners[0].name, .required = true,
                .min = 1, .example = "pos.b.example", .list = PARTNERS),
    LK_ROW_TEXT("pos.points[].neighbours[].network", pos.points[0].neighbours[0].network,
                .in_file = true, .required = true, .min = 1, .example = "wlan-b",
                .list = NEIGHBOURS),
    LK_ROW_TEXT("pos.points[].neighbours[].pos", pos.points[0].neighbours[0].pos,
                .required = true, .min = 1, .example = "pos@b.example", .list = NEIGHBOURS),
    LK_ROW("pos.points[].neighbours[].address", ADDRESS, pos.points[0].neighbours[0].address,
           .required = true, .example = "127.0.0.1", .list = NEIGHBOURS),
    LK_ROW_NUMBER("pos.points[].neighbours[].port", pos.points[0].neighbours[0].port, 1, 65535,
                  .each = "4551", .list = NEIGHBOURS),
    LK_ROW_TEXT("pos.points[].neighbours[].link_types", pos.points[0].neighbours[0].link_types,
                .each = "wlan", .list = NEIGHBOURS),
    LK_ROW_TEXT("pos.points[].neighbours[].cells", pos.points[0].neighbours[0].cells,
                .example = "\"02:00:00:00:36:62\"", .list = NEIGHBOURS),
    LK_ROW_TEXT("pos.points[].neighbours[].circle", pos.points[0].neighbours[0].circle,
                .example = "\"48.137 11.575 500\"", .list = NEIGHBOURS),
    LK_ROW_NUMBER("pos.mns", pos.mns, 1, 1048576, .restart = true, .fallback = "1000"),
    LK_ROW_NUMBER("pos.authentications", pos.authentications, 1, 16384, .restart = true,
                  .fallback = "128"),
    LK_ROW_NUMBER("pos.authentications_a_source", pos.authentications_a_source, 1, 255,
                  .fallback = "8"),
    LK_ROW_NUMBER("pos.streams", pos.streams, 1, 65535, .restart = true, .fallback = "1024"),
    LK_ROW_NUMBER("pos.streams_a_source", pos.streams_a_source, 1, 65535, .restart = true,
                  .fallback = "16"),
};

const struct lk_config_table lk_config_table_pos = { LK_ROLE_POS, LK_COUNT_OF(rows), rows };
