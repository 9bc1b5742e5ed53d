/* Keys of roles aaa and vault: the RADIUS server, EAP, and who holds the secrets. */
#include "role/config_rows.h"

#include "store/reauth.h"

/* A State opens for a second more than its lifetime at most. */
enum { STATE_LIFETIME_MAX_S = LK_REAUTH_SPENT_MS / 1000 - 1 };
/* No context of ERP ends before a State that would bring it back, with its first SEQ. */
enum { ERP_LIFETIME_MIN_S = LK_CONTEXTS_SPENT_MS / 1000 };

static const char *const method_words[] = { "aka-prime", "aka", NULL };
static const char *const sqn_words[] = { "time", "counter", NULL };
const char *const lk_config_agent_words[] = { "foreign", "home", NULL };

static const struct lk_config_row rows[] = {
    LK_ROW("vault.master_key", PATH, vault.master_key, .restart = true, .min = 1,
           .fallback = "master.key"),
    LK_ROW("vault.ceiling", PATH, vault.ceiling, .restart = true, .min = 1,
           .fallback = "sqn.ceiling"),
    LK_ROW_NUMBER("vault.node", vault.node, 0, 3, .restart = true, .fallback = "0"),
    LK_ROW("vault.sqn", CHOICE, vault.sqn, .restart = true, .fallback = "time", .words = sqn_words),
    LK_ROW_TEXT("vault.user", vault.user, .restart = true, .example = "latchkey-vault"),
    LK_ROW_NUMBER("vault.block", vault.block, 1, 1024, .restart = true, .fallback = "32"),
    LK_ROW("radius.listen[]", ADDRESS, radius.listen, .some = true, .fallback = "127.0.0.1",
           .list = { LK_LIST_OF(radius.listen, radius.listen_count) }),
    LK_ROW_NUMBER("radius.port", radius.port, 1, 65535, .fallback = "1812"),
    LK_ROW_NUMBER("radius.accounting_port", radius.accounting_port, 0, 65535, .fallback = "1813"),
    /* The default is the number kept for examples, RFC 5612. */
    LK_ROW_NUMBER("radius.enterprise", radius.enterprise, 0, 16777215, .fallback = "32473"),
    LK_ROW("radius.clients[].address", PREFIX, radius.clients[0].address, .required = true,
           .fallback = "127.0.0.0/8", .example = "192.0.2.0/24",
           .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW("radius.clients[].secret", SECRET, radius.clients[0].secret,
           .holders = LK_ROLE_AAA, .required = true, .min = 1,
           .fallback = "testing123", .example = "\"@/etc/latchkey/ap.secret\"",
           .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW_TEXT("radius.clients[].name", radius.clients[0].name, .fallback = "lab",
                .example = "hall", .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW_TEXT("radius.clients[].mag", radius.clients[0].mag, .example = "twag-1",
                .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW("radius.clients[].wlcp", BOOL, radius.clients[0].wlcp, .each = "false",
           .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW_TEXT("radius.clients[].pos", radius.clients[0].pos, .example = "pos@a.example",
                .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW_TEXT("radius.clients[].agent", radius.clients[0].agent, .example = "ha.example",
                .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW("radius.clients[].agent_is", CHOICE, radius.clients[0].agent_is, .each = "foreign",
           .words = lk_config_agent_words,
           .list = { LK_LIST_OF(radius.clients, radius.client_count) }),
    LK_ROW_TEXT("aaa.realm", aaa.realm, .min = 1,
                .fallback = "wlan.mnc001.mcc001.3gppnetwork.org"),
    LK_ROW("aaa.mis_mark_key", SECRET, aaa.mis_mark_key, .holders = LK_ROLE_AAA, .min = 1,
           .example = "\"@/etc/latchkey/mis-mark.key\""),
    LK_ROW_NUMBER("aaa.mis_max", aaa.mis_max, 0, 15, .fallback = "3"),
    LK_ROW_NUMBER("aaa.mis_lifetime_s", aaa.mis_lifetime_s, 60, 86400, .fallback = "3600"),
    LK_ROW("aaa.erp", BOOL, aaa.erp, .fallback = "true"),
    LK_ROW_NUMBER("aaa.erp_lifetime_s", aaa.erp_lifetime_s, ERP_LIFETIME_MIN_S, 86400,
                  .fallback = "3600"),
    LK_ROW_TEXT("eap.network_name", eap.network_name, .min = 1, .fallback = "WLAN"),
    LK_ROW("eap.methods[]", SET, eap.methods, .some = true, .fallback = "[aka-prime, aka]",
           .words = method_words, .list = { { 0, 8, 0 } }),
    LK_ROW("eap.pseudonyms", BOOL, eap.pseudonyms, .fallback = "true"),
    LK_ROW("eap.reauth", BOOL, eap.reauth, .fallback = "true"),
    LK_ROW("eap.protect_success", BOOL, eap.protect_success, .fallback = "false"),
    LK_ROW_NUMBER("eap.reauth_max", eap.reauth_max, 1, 65535, .fallback = "16"),
    LK_ROW_NUMBER("eap.reauth_contexts", eap.reauth_contexts, 64, 10000000, .restart = true,
                  .fallback = "65536"),
    LK_ROW_NUMBER("eap.state_lifetime_s", eap.state_lifetime_s, 5, STATE_LIFETIME_MAX_S,
                  .fallback = "60"),
    LK_ROW_NUMBER("eap.session_timeout_s", eap.session_timeout_s, 60, 604800, .fallback = "3600"),
    LK_ROW("eap.multi_connection", BOOL, eap.multi_connection, .fallback = "true"),
    LK_ROW("eap.conn_mode_layout", HEX, eap.conn_mode_layout, .min = LK_CONFIG_MODE_LAYOUT,
           .max = LK_CONFIG_MODE_LAYOUT, .fallback = "01020301020401020304"),
};

const struct lk_config_table lk_config_table_aaa = { LK_ROLE_AAA | LK_ROLE_VAULT, LK_COUNT_OF(rows),
                                                     rows };
