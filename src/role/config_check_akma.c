/* What keys of AKMA say about each other and their text. */
#include <stdio.h>
#include <string.h>

#include "keys/akma.h"
#include "role/akma_names.h"
#include "role/config_rows.h"

static void check_names(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_a_tid none = { { 0 } };
    char a_kid[LK_A_KID_MAX + 1], rid[LK_RID_MAX + 1];

    if ((config->roles & (LK_ROLE_AAA | LK_ROLE_AANF | LK_ROLE_UE)) == 0)
        return;
    if (lk_akma_a_kid(a_kid, &config->akma, &none) != LK_OK)
        lk_config_problem_at(report, source, "akma.a_kid",
                             "expected a template with {a-tid} and one @, rid of one to four "
                             "digits, and a PLMN of five or six, found another; fix: write for "
                             "example " LK_A_KID_TEMPLATE);
    else if (config->aanf.rid_count > 0 &&
             lk_a_kid_rid(rid, config->akma.a_kid, lk_span_text(a_kid)) != LK_OK)
        lk_config_problem_at(report, source, "aanf.rids",
                             "expected none, for akma.a_kid has no {rid} that can be told, found "
                             "some; fix: write for example a_kid: " LK_A_KID_TEMPLATE);
}

static void check_ausf(const struct lk_config *config, const struct lk_config_source *source,
                       struct lk_config_report *report)
{
    const struct lk_config_ausf *ausf = &config->aaa.akma;

    if ((config->roles & LK_ROLE_AAA) == 0 || ausf->aanf[0] == '\0')
        return;
    if (ausf->certificate[0] == '\0' || ausf->key[0] == '\0' || ausf->ca[0] == '\0')
        lk_config_problem_at(report, source, "aaa.akma.certificate",
                             "expected certificate, key and ca beside aanf, which tells AUSFs by "
                             "their certificates, found none; fix: latchkey certificate makes "
                             "them for a laboratory");
    if ((config->eap.methods & LK_CONFIG_AKA_PRIME) == 0)
        lk_config_problem_at(report, source, "eap.methods",
                             "expected aka-prime, without which there are no keys of AKMA "
                             "(aaa.akma.aanf), found none; fix: write for example "
                             "methods: [aka-prime]");
}

void lk_config_check_akma(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    const struct lk_config_aanf *aanf = &config->aanf;

    check_names(config, source, report);
    check_ausf(config, source, report);
    if ((config->roles & LK_ROLE_AANF) == 0)
        return;
    if (aanf->certificate[0] == '\0' || aanf->key[0] == '\0' || aanf->ca[0] == '\0')
        lk_config_problem_at(report, source, "aanf.certificate",
                             "expected certificate, key and ca, for AUSFs and AFs are told by "
                             "their certificates, found none; fix: latchkey certificate makes "
                             "them for a laboratory");
    lk_config_check_servers(aanf->afs, aanf->af_count, "aanf.afs", source, report);
}
