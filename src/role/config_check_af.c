/* What keys of role af say about each other and their text. */
#include <stdio.h>
#include <string.h>

#include "role/config_rows.h"

static void check_apps(const struct lk_config_af *af, const struct lk_config_source *source,
                       struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < af->app_count; i++) {
        (void)snprintf(path, sizeof path, "af.apps[%zu].app", i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(af->apps[i].app, af->apps[j].app) == 0)
                lk_config_problem_at(report, source, path,
                                     "expected a name that no other row has, found it twice; fix: "
                                     "give each application a name of its own");
        (void)snprintf(path, sizeof path, "af.apps[%zu].users", i);
        if (af->apps[i].users[0] == '\0' &&
            (af->apps[i].require & ~(unsigned)LK_CONFIG_AF_N) != 0)
            lk_config_problem_at(report, source, path,
                                 "expected a file with the users of an application that requires "
                                 "a key of their own, found none; fix: write users: FILE, with "
                                 "lines IDENTITY p=HEX key=HEX");
    }
}

void lk_config_check_af(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_config_af *af = &config->af;

    if ((config->roles & LK_ROLE_AF) == 0)
        return;
    if (af->app_count == 0)
        lk_config_problem_at(report, source, "roles",
                             "expected an application beside af, found none; fix: write for "
                             "example af: { apps: [{ app: notes, users: notes.users }] }");
    if (af->operator_keys[0] != '\0' && !config->laboratory)
        lk_config_problem_at(report, source, "af.operator_keys",
                             "expected none outside a laboratory, for who asks for N at each "
                             "session learns when it is over, found a file; fix: remove it, or "
                             "write laboratory: true");
    if ((af->bsf.name[0] != '\0' || af->aanf.name[0] != '\0') &&
        (af->certificate[0] == '\0' || af->certificate_key[0] == '\0' || af->ca[0] == '\0'))
        lk_config_problem_at(report, source, af->bsf.name[0] != '\0' ? "af.bsf.name"
                                                                      : "af.aanf.name",
                             "expected certificate, certificate_key and ca beside it, for BSF and "
                             "AAnF tell servers by their certificates, found none; fix: latchkey "
                             "certificate makes them for a laboratory");
    check_apps(af, source, report);
}
