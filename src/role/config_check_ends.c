/* What two ends in one file say of each other: who asks for keys and BSF or AAnF, AUSF and AAnF. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "role/config_rows.h"

struct ends {
    const struct lk_config *config;
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

static bool is_here(const char *address, const char *listen)
{
    struct lk_address sought, one;

    return lk_address_parse(&sought, address) == LK_OK && lk_address_parse(&one, listen) == LK_OK &&
           (lk_address_equal(&one, &sought) || lk_address_is_any(&one));
}

static void check_port(const struct ends *ends, const char *path, unsigned port, const char *there,
                       unsigned listens)
{
    if (port != listens)
        lk_config_problem_at(ends->report, ends->source, path,
                             "expected %u, as %s, which runs here, found %u; fix: write the same "
                             "at both",
                             listens, there, port);
}

static void check_same(const struct ends *ends, const char *path, const char *name,
                       const char *there, const char *same)
{
    if (strcasecmp(name, same) != 0)
        lk_config_problem_at(ends->report, ends->source, path,
                             "expected '%.120s', as %s, found '%.120s'; fix: write the same at "
                             "both",
                             same, there, name);
}

static void check_listed(const struct ends *ends, const char *path, const char *name,
                         const char *there, const struct lk_config_naf *servers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(servers[i].name, name) == 0)
            return;
    lk_config_problem_at(ends->report, ends->source, path,
                         "expected a name in %s, which says who is given keys here, found "
                         "'%.120s'; fix: add the server there, or write its name as there",
                         there, name);
}

static void check_naf(const struct ends *ends)
{
    const struct lk_config_naf_role *naf = &ends->config->naf;
    const struct lk_config_bsf *bsf = &ends->config->bsf;

    if ((ends->config->roles & LK_ROLE_NAF) == 0 || bsf->zn_port == 0 ||
        !is_here(naf->bsf_address, bsf->zn_listen))
        return;
    check_port(ends, "naf.bsf_port", naf->bsf_port, "bsf.zn_port", bsf->zn_port);
    check_same(ends, "naf.bsf", naf->bsf, "bsf.name", bsf->name);
    check_listed(ends, "naf.name", naf->name, "bsf.nafs", bsf->nafs, bsf->naf_count);
}

static void check_af_bsf(const struct ends *ends)
{
    const struct lk_config_af *af = &ends->config->af;
    const struct lk_config_bsf *bsf = &ends->config->bsf;

    if ((ends->config->roles & LK_ROLE_AF) == 0 || af->bsf.name[0] == '\0' || bsf->zn_port == 0 ||
        !is_here(af->bsf.address, bsf->zn_listen))
        return;
    check_port(ends, "af.bsf.port", af->bsf.port, "bsf.zn_port", bsf->zn_port);
    check_same(ends, "af.bsf.name", af->bsf.name, "bsf.name", bsf->name);
    check_listed(ends, "af.name", af->name, "bsf.nafs", bsf->nafs, bsf->naf_count);
}

/* Of those that ask this AAnF, and not one of another port. It has its name in its certificate
 * alone: they have to agree. */
static void check_aanf(const struct ends *ends)
{
    const struct lk_config_ausf *ausf = &ends->config->aaa.akma;
    const struct lk_config_aanf *aanf = &ends->config->aanf;
    const struct lk_config_af *af = &ends->config->af;
    const bool registers = (ends->config->roles & LK_ROLE_AAA) != 0 && ausf->aanf[0] != '\0' &&
                           ausf->port == aanf->port && is_here(ausf->address, aanf->listen);
    const bool asks = (ends->config->roles & LK_ROLE_AF) != 0 && af->aanf.name[0] != '\0' &&
                      af->aanf.port == aanf->port && is_here(af->aanf.address, aanf->listen);

    if (registers && aanf->ausf_count == 0)
        lk_config_problem_at(ends->report, ends->source, "aaa.akma.aanf",
                             "expected the AAA's name in aanf.ausfs, whose AAnF runs here, found "
                             "none there; fix: write the DNS name of aaa.akma.certificate into it");
    if (asks)
        check_listed(ends, "af.name", af->name, "aanf.afs", aanf->afs, aanf->af_count);
    if (registers && asks)
        check_same(ends, "aaa.akma.aanf", ausf->aanf, "af.aanf.name", af->aanf.name);
}

void lk_config_check_ends(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    const struct ends ends = { config, source, report };

    if ((config->roles & LK_ROLE_BSF) != 0) {
        check_naf(&ends);
        check_af_bsf(&ends);
    }
    if ((config->roles & LK_ROLE_AANF) != 0)
        check_aanf(&ends);
}
