/* What keys of the foreign agent say about each other. */
#include <stdio.h>
#include <string.h>

#include "keys/mip.h"
#include "role/config_rows.h"

void lk_config_check_mip_key(const struct lk_config_mip_association *with, const char *path,
                             const struct lk_config_source *source,
                             struct lk_config_report *report)
{
    if (strlen(with->key) > sizeof((struct lk_mip_secret *)0)->octets)
        lk_config_problem_at(report, source, path,
                             "expected at most 64 characters, found more; fix: shorten it");
}

bool lk_config_is_ipv4(const char *text)
{
    struct lk_address address;

    return lk_address_parse(&address, text) == LK_OK && lk_address_is_v4(&address) &&
           !lk_address_is_any(&address);
}

static void check_home_agent(const struct lk_config_fa *fa, size_t i,
                             const struct lk_config_source *source,
                             struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "fa.home_agents[%zu].key", i);
    lk_config_check_mip_key(&fa->home_agents[i].with, path, source, report);
    (void)snprintf(path, sizeof path, "fa.home_agents[%zu].address", i);
    if (!lk_config_is_ipv4(fa->home_agents[i].address))
        lk_config_problem_at(report, source, path,
                             "expected an IPv4 address, found '%s'; fix: write for example "
                             "address: 192.0.2.1",
                             fa->home_agents[i].address);
    /* What comes from there is a home agent's, and so nobody's registration. */
    if (fa->home_agents[i].port == fa->port &&
        strcmp(fa->home_agents[i].address, fa->listen) == 0)
        lk_config_problem_at(report, source, path,
                             "expected another place than fa.listen and fa.port, found that; fix: "
                             "give foreign agent and home agent an address or a port each");
    for (size_t j = 0; j < i; j++)
        if (strcmp(fa->home_agents[i].address, fa->home_agents[j].address) == 0)
            lk_config_problem_at(report, source, path,
                                 "expected an address of its own, for a request names the address "
                                 "alone, found that of another; fix: remove one of them");
}

static void check_node(const struct lk_config_fa *fa, size_t i,
                       const struct lk_config_source *source, struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "fa.nodes[%zu].key", i);
    lk_config_check_mip_key(&fa->nodes[i].with, path, source, report);
    (void)snprintf(path, sizeof path, "fa.nodes[%zu].nai", i);
    for (size_t j = 0; j < i; j++)
        if (strcmp(fa->nodes[i].nai, fa->nodes[j].nai) == 0 &&
            fa->nodes[i].with.spi == fa->nodes[j].with.spi)
            lk_config_problem_at(report, source, path,
                                 "expected another SPI for each association of a node, found %u "
                                 "twice; fix: write another spi",
                                 fa->nodes[i].with.spi);
}

void lk_config_check_fa(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_config_fa *fa = &config->fa;
    struct lk_address listen;

    if ((config->roles & LK_ROLE_FA) == 0)
        return;
    if (fa->care_of[0] != '\0' && !lk_config_is_ipv4(fa->care_of))
        lk_config_problem_at(report, source, "fa.care_of",
                             "expected an IPv4 address, which visitors have as care-of address, "
                             "found '%s'; fix: write for example care_of: 192.0.2.7",
                             fa->care_of);
    if (lk_address_parse(&listen, fa->listen) == LK_OK && !lk_address_is_v4(&listen))
        lk_config_problem_at(report, source, "fa.listen",
                             "expected an IPv4 address, found '%s'; fix: write for example listen: "
                             "192.0.2.7",
                             fa->listen);
    else if (fa->care_of[0] == '\0' && !lk_config_is_ipv4(fa->listen))
        lk_config_problem_at(report, source, "fa.care_of",
                             "expected the address that visitors have as care-of address, for "
                             "fa.listen is none, found nothing; fix: write for example care_of: "
                             "192.0.2.7");
    if (fa->home_agent_count == 0)
        lk_config_problem_at(report, source, "fa.home_agents",
                             "expected the home agents that registrations are passed on to, found "
                             "none; fix: write for example home_agents: [{address: 192.0.2.1, key: "
                             "\"@/etc/latchkey/fa-ha.key\"}]");
    for (size_t i = 0; i < fa->home_agent_count; i++)
        check_home_agent(fa, i, source, report);
    for (size_t i = 0; i < fa->node_count; i++)
        check_node(fa, i, source, report);
}
