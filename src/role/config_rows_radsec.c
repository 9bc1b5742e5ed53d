/* Keys of RADIUS over TLS and of dynamic authorisation. */
#include "role/config_rows.h"

static const struct lk_config_row rows[] = {
    LK_ROW("radsec.listen[]", ADDRESS, radsec.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(radsec)),
    LK_ROW_NUMBER("radsec.port", radsec.port, 0, 65535, .restart = true, .fallback = "2083"),
    LK_ROW("radsec.certificate", PATH, radsec.certificate, .example = "/etc/latchkey/radsec.crt"),
    LK_ROW("radsec.key", PATH, radsec.key, .example = "/etc/latchkey/radsec.key"),
    LK_ROW("radsec.ca", PATH, radsec.ca, .example = "/etc/latchkey/radsec-ca.crt"),
    LK_ROW_TEXT("radsec.peers[].name", radsec.peers[0].name, .required = true, .min = 1,
                .example = "aaa-1", .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW("radsec.peers[].address", ADDRESS, radsec.peers[0].address, .example = "192.0.2.1",
           .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW_NUMBER("radsec.peers[].port", radsec.peers[0].port, 1, 65535, .each = "2083",
                  .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW("radsec.peers[].certificate", TEXT, radsec.peers[0].certificate, .required = true,
           .min = 1, .max = 400, .example = "aaa-1.example.org",
           .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW("radsec.peers[].secret", SECRET, radsec.peers[0].secret, .min = 1, .each = "radsec",
           .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW_TEXT("radsec.peers[].mag", radsec.peers[0].mag, .example = "twag-1",
                .list = { LK_LIST_OF(radsec.peers, radsec.peer_count) }),
    LK_ROW("dynamic.listen[]", ADDRESS, dynamic.listen.at, .restart = true, .fallback = "127.0.0.1",
           .list = LK_LISTEN_OF(dynamic)),
    LK_ROW_NUMBER("dynamic.port", dynamic.port, 0, 65535, .restart = true, .fallback = "3799"),
    LK_ROW("dynamic.clients[].address", PREFIX, dynamic.clients[0].address, .required = true,
           .fallback = "127.0.0.0/8", .example = "192.0.2.1",
           .list = { LK_LIST_OF(dynamic.clients, dynamic.client_count) }),
    LK_ROW("dynamic.clients[].secret", SECRET, dynamic.clients[0].secret, .required = true,
           .min = 1, .fallback = "testing123", .example = "\"@/etc/latchkey/dynamic.secret\"",
           .list = { LK_LIST_OF(dynamic.clients, dynamic.client_count) }),
    LK_ROW_TEXT("dynamic.clients[].name", dynamic.clients[0].name, .fallback = "aaa",
                .example = "aaa-1", .list = { LK_LIST_OF(dynamic.clients, dynamic.client_count) }),
};

const struct lk_config_table lk_config_table_radsec = { LK_ROLE_AAA | LK_ROLE_TWAP | LK_ROLE_TWAG,
                                                        LK_COUNT_OF(rows), rows };
