/* What keys of role naf say about each other and their text. */
#include "role/config_rows.h"

void lk_config_check_naf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct lk_config_naf_role *naf = &config->naf;

    if ((config->roles & LK_ROLE_NAF) == 0)
        return;
    if (naf->certificate[0] == '\0' || naf->key[0] == '\0' || naf->ca[0] == '\0')
        lk_config_problem_at(report, source, "naf.certificate",
                             "expected certificate, key and ca, by which BSF and NAF know each "
                             "other, found none; fix: latchkey certificate makes them for a "
                             "laboratory");
    if (naf->port == 0 && naf->tls_port == 0)
        lk_config_problem_at(report, source, "naf.port",
                             "expected a port of HTTP or of TLS, found none; fix: give naf.port or "
                             "naf.tls_port");
}
