/* What keys of role bsf say about each other and their text. */
#include <string.h>

#include "role/config_rows.h"

/* A name of a host: it is within quotes of HTTP, and in XML. */
static bool is_name(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
           strlen(text);
}

void lk_config_check_bsf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct {
        const char *path, *text;
    } names[] = { { "bsf.name", config->bsf.name },
                  { "bsf.impi_realm", config->bsf.impi_realm },
                  { "bsf.home_agent", config->bsf.home_agent } };

    if ((config->roles & LK_ROLE_BSF) == 0)
        return;
    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if (!is_name(names[i].text))
            lk_config_problem_at(report, source, names[i].path,
                                 "expected the name of a host, of letters, digits, dots and "
                                 "hyphens, found another; fix: write for example "
                                 "bsf.mnc001.mcc001.pub.3gppnetwork.org");
    if ((config->roles & LK_ROLE_VAULT) == 0)
        lk_config_problem_at(report, source, "roles",
                             "expected vault beside bsf, which asks it for vectors, found none; "
                             "fix: write for example roles: [bsf, vault]");
}
