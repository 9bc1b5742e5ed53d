/* What keys of role bsf say about each other and their text. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/imsi.h"
#include "role/bsf_users.h"
#include "role/config_rows.h"

static bool is_named_before(const struct lk_config_naf *servers, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcasecmp(servers[i].name, servers[at].name) == 0)
            return true;
    return false;
}

void lk_config_check_servers(const struct lk_config_naf *servers, size_t count, const char *at,
                             const struct lk_config_source *source,
                             struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s[%zu].name", at, i);
        if (is_named_before(servers, i))
            lk_config_problem_at(report, source, path,
                                 "expected a name that no other row has, found '%s' again; fix: "
                                 "write its protocols in one row, ua_ids: [...]",
                                 servers[i].name);
        (void)snprintf(path, sizeof path, "%s[%zu].ua_ids", at, i);
        for (size_t j = 0; j < servers[i].ua_id_count; j++)
            if (strspn(servers[i].ua_ids[j], "0123456789abcdefABCDEF") != LK_CONFIG_UA_ID - 1)
                lk_config_problem_at(report, source, path,
                                     "expected ten hexadecimal digits, found another; fix: write "
                                     "for example \"0100000002\", HTTP Digest");
    }
}

static void check_zn(const struct lk_config_bsf *bsf, const struct lk_config_source *source,
                     struct lk_config_report *report)
{
    if (bsf->zn_port != 0 &&
        (bsf->certificate[0] == '\0' || bsf->key[0] == '\0' || bsf->ca[0] == '\0'))
        lk_config_problem_at(report, source, "bsf.certificate",
                             "expected certificate, key and ca beside zn_port, for NAFs are told "
                             "by their certificates, found none; fix: latchkey certificate makes "
                             "them for a laboratory");
    lk_config_check_servers(bsf->nafs, bsf->naf_count, "bsf.nafs", source, report);
}

static bool is_double(const struct lk_config_bsf *bsf, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(bsf->users[i].imsi, bsf->users[at].imsi) == 0)
            return true;
    return false;
}

static void check_users(const struct lk_config_bsf *bsf, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    struct lk_bsf_service service[LK_CONFIG_GAA_SERVICES];
    char path[LK_CONFIG_KEY];
    struct lk_imsi imsi;

    for (size_t i = 0; i < bsf->user_count; i++) {
        (void)snprintf(path, sizeof path, "bsf.users[%zu].imsi", i);
        if (lk_imsi_parse(&imsi, lk_span_text(bsf->users[i].imsi)) != LK_OK || is_double(bsf, i))
            lk_config_problem_at(report, source, path,
                                 "expected 6 to 15 digits, each subscriber once, found another; "
                                 "fix: write for example \"001010000000001\"");
        (void)snprintf(path, sizeof path, "bsf.users[%zu].services", i);
        if (!lk_bsf_services_read(service, &bsf->users[i]))
            lk_config_problem_at(report, source, path,
                                 "expected the numbers of services, each once, with flags of 0 to "
                                 "63, found another; fix: write for example [\"1:1,2\", \"7\"]");
    }
}

void lk_config_check_bsf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    if ((config->roles & LK_ROLE_BSF) == 0)
        return;
    check_zn(&config->bsf, source, report);
    check_users(&config->bsf, source, report);
    if ((config->roles & LK_ROLE_VAULT) == 0)
        lk_config_problem_at(report, source, "roles",
                             "expected vault beside bsf, which asks it for vectors, found none; "
                             "fix: write for example roles: [bsf, vault]");
}
