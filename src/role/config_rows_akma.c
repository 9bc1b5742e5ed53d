/* Keys of AKMA: what UE, AUSF and AAnF agree on, role aanf, and the AAA as AUSF. */
#include "keys/akma.h"
#include "role/config_rows.h"

#define AFS LK_LIST_OF(aanf.afs, aanf.af_count)

static const struct lk_config_row rows[] = {
    LK_ROW_TEXT("akma.a_kid", akma.a_kid, .restart = true, .min = 1, .fallback = LK_A_KID_TEMPLATE),
    LK_ROW_TEXT("akma.rid", akma.rid, .restart = true, .min = 1, .fallback = "0"),
    LK_ROW_TEXT("akma.plmn", akma.plmn, .restart = true, .min = 5, .fallback = "00101"),
};

const struct lk_config_table lk_config_table_akma = { LK_ROLE_AAA | LK_ROLE_AANF | LK_ROLE_UE,
                                                      LK_COUNT_OF(rows), rows };

/* Of the AAA as AUSF. */
static const struct lk_config_row ausf_rows[] = {
    LK_ROW_HOST("aaa.akma.aanf", aaa.akma.aanf, .example = "aanf.example"),
    LK_ROW("aaa.akma.address", ADDRESS, aaa.akma.address, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("aaa.akma.port", aaa.akma.port, 1, 65535, .fallback = "8444"),
    LK_ROW("aaa.akma.certificate", PATH, aaa.akma.certificate,
           .example = "/etc/latchkey/aaa.crt"),
    LK_ROW("aaa.akma.key", PATH, aaa.akma.key, .example = "/etc/latchkey/aaa.key"),
    LK_ROW("aaa.akma.ca", PATH, aaa.akma.ca, .example = "/etc/latchkey/ca.crt"),
    LK_ROW_NUMBER("aaa.akma.queue", aaa.akma.queue, 1, 65536, .fallback = "1024"),
    LK_ROW_NUMBER("aaa.akma.give_up_s", aaa.akma.give_up_s, 1, 3600, .fallback = "60"),
};

const struct lk_config_table lk_config_table_ausf = { LK_ROLE_AAA, LK_COUNT_OF(ausf_rows),
                                                      ausf_rows };

static const struct lk_config_row aanf_rows[] = {
    LK_ROW("aanf.listen", ADDRESS, aanf.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("aanf.port", aanf.port, 1, 65535, .restart = true, .fallback = "8444"),
    LK_ROW("aanf.certificate", PATH, aanf.certificate, .restart = true,
           .example = "/etc/latchkey/aanf.crt"),
    LK_ROW("aanf.key", PATH, aanf.key, .restart = true, .example = "/etc/latchkey/aanf.key"),
    LK_ROW("aanf.ca", PATH, aanf.ca, .restart = true, .example = "/etc/latchkey/ca.crt"),
    LK_ROW("aanf.ausfs[]", HOST, aanf.ausfs, .min = 1, .max = LK_CONFIG_FQDN - 1,
           .example = "aaa.example",
           .list = { { LK_CONFIG_FQDN, LK_CONFIG_AUSFS, LK_AT(aanf.ausf_count) } }),
    LK_ROW_HOST("aanf.afs[].name", aanf.afs[0].name, .required = true, .min = 1,
                .example = "af.example", .list = { AFS }),
    LK_ROW("aanf.afs[].ua_ids[]", TEXT, aanf.afs[0].ua_ids, .min = LK_CONFIG_UA_ID - 1,
           .max = LK_CONFIG_UA_ID - 1, .example = "\"0100000007\"",
           .list = { AFS, { LK_CONFIG_UA_ID, LK_CONFIG_UA_IDS, LK_AT(aanf.afs[0].ua_id_count) } }),
    LK_ROW("aanf.afs[].identity", BOOL, aanf.afs[0].identity, .each = "false", .list = { AFS }),
    LK_ROW("aanf.rids[]", TEXT, aanf.rids, .min = 1, .max = LK_CONFIG_RID - 1, .example = "\"0\"",
           .list = { { LK_CONFIG_RID, LK_CONFIG_RIDS, LK_AT(aanf.rid_count) } }),
    LK_ROW_NUMBER("aanf.lifetime_s", aanf.lifetime_s, 10, 31536000, .fallback = "86400"),
    LK_ROW_NUMBER("aanf.rate", aanf.rate, 1, 100000, .fallback = "100"),
    LK_ROW_NUMBER("aanf.connections", aanf.connections, 1, 16384, .restart = true,
                  .fallback = "1024"),
    LK_ROW_NUMBER("aanf.connections_a_source", aanf.connections_a_source, 1, 16384,
                  .restart = true, .fallback = "64"),
};

const struct lk_config_table lk_config_table_aanf = { LK_ROLE_AANF, LK_COUNT_OF(aanf_rows),
                                                      aanf_rows };
