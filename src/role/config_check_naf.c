/* What keys of role naf say about each other and their text. */
#include <string.h>

#include "role/config_rows.h"

/* A name of a host: it is within quotes of HTTP, and in a URL. */
static bool is_name(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
           strlen(text);
}

void lk_config_check_naf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct lk_config_naf_role *naf = &config->naf;
    const struct {
        const char *path, *text;
    } names[] = { { "naf.name", naf->name }, { "naf.bsf", naf->bsf } };

    if ((config->roles & LK_ROLE_NAF) == 0)
        return;
    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if (!is_name(names[i].text))
            lk_config_problem_at(report, source, names[i].path,
                                 "expected the name of a host, as in its certificate, found "
                                 "another; fix: write for example naf.example");
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
