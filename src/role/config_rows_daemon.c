/* Keys of every daemon, whatever its roles. */
#include "role/config_rows.h"
#include "role/seen.h"

static const char *const role_words[] = { "aaa", "vault", "twap", "twag", "anchor",
                                          "ue",  "wt",    "enb",  "pos",  "bsf",    "af",
                                          "aanf", "naf", "fa", NULL };
static const char *const format_words[] = { "text", "json", NULL };
static const char *const level_words[] = { "error", "warning", "info", "debug", NULL };

/* In the order of enum lk_seen_leg. All of them are the default. */
#define FIRST_LEG "access-point"
#define LEGS_BEHIND(one)                                                                           \
    one("aaa") one("wlcp") one("user-plane") one("pmip") one("tunnel") one("uu") one("xw")         \
        one("air") one("mis") one("mis-n2n") one("ub") one("mip") one("mip-agents")
#define AS_ITEM(leg) , leg
#define AS_TEXT(leg) ", " leg
static const char *const leg_words[] = { FIRST_LEG LEGS_BEHIND(AS_ITEM), NULL };
_Static_assert(LK_COUNT_OF(leg_words) == LK_SEEN_LEGS + 1, "a word for each");

/* In the order of lk_dtls_setup_of. */
static const char *const suite_words[] = { "ecdhe-psk-chacha20", "ecdhe-psk-aes128-cbc",
                                           "psk-aes128-gcm", "psk-aes256-gcm", NULL };

static const struct lk_config_row rows[] = {
    LK_ROW("roles[]", SET, roles, .restart = true, .some = true, .fallback = "[aaa, vault]",
           .words = role_words, .list = { { 0, LK_COUNT_OF(role_words) - 1, 0 } }),
    LK_ROW("state_dir", TEXT, state_dir, .restart = true, .min = 1, .max = 400, .fallback = "var"),
    LK_ROW("control", PATH, control, .restart = true, .is_socket = true, .min = 1, .max = 90,
           .fallback = "control.sock"),
    LK_ROW("node_key", PATH, node_key, .restart = true, .min = 1, .fallback = "node.key"),
    LK_ROW_TEXT("user", user, .restart = true, .example = "latchkey"),
    LK_ROW("laboratory", BOOL, laboratory, .fallback = "false"),
    LK_ROW_NUMBER("workers", workers, 0, LK_CONFIG_WORKERS, .fallback = "0"),
    /* It may have a password in it. */
    LK_ROW("store.url", TEXT, store.url,
           .holders = LK_ROLE_AAA | LK_ROLE_ANCHOR | LK_ROLE_ENB | LK_ROLE_BSF |
                      LK_ROLE_AANF, .min = 1,
           .max = 400,
           .fallback = "sqlite:store/latchkey.db"),
    LK_ROW("log.format", CHOICE, log.format, .fallback = "text", .words = format_words),
    LK_ROW("log.level", CHOICE, log.level, .fallback = "info", .words = level_words),
    LK_ROW("log.mask_imsi", BOOL, log.mask_imsi, .fallback = "true"),
    LK_ROW("console.listen", ADDRESS, console.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW("capture.file", PATH, capture.file, .restart = true, .example = "/tmp/lab.pcapng"),
    LK_ROW("capture.secrets", BOOL, capture.secrets, .restart = true, .fallback = "false"),
    LK_ROW("capture.legs[]", SET, capture.legs, .restart = true, .some = true,
           .fallback = "[" FIRST_LEG LEGS_BEHIND(AS_TEXT) "]", .words = leg_words,
           .list = { { 0, LK_COUNT_OF(leg_words) - 1, 0 } }),
    LK_ROW_NUMBER("capture.packets", capture.packets, 0, 1000000, .restart = true,
                  .fallback = "0", .example = "10"),
    LK_ROW("dtls.suites[]", CHOICE, dtls.suites, .restart = true, .words = suite_words,
           .fallback = "[ecdhe-psk-chacha20, ecdhe-psk-aes128-cbc, psk-aes128-gcm]",
           .example = "[ecdhe-psk-aes128-cbc, psk-aes128-gcm]",
           .list = { LK_LIST_OF(dtls.suites, dtls.suite_count) }),
    LK_ROW_NUMBER("console.port", console.port, 0, 65535, .restart = true, .fallback = "9464"),
};

const struct lk_config_table lk_config_table_daemon = { 0, LK_COUNT_OF(rows), rows };
