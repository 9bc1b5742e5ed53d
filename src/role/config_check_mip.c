/* Whether the keys of Mobile IP can travel as the configuration wants it (T23), be found, and be of
 * the protocol by which the BSF judges. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "keys/mip.h"
#include "role/config_rows.h"
#include "wire/mip.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

static void problem(const struct check *check, const char *path, const char *text)
{
    lk_config_problem_at(check->report, check->source, path, "%s", text);
}

/* T23: RADIUS over UDP hides a key by MD5 and a secret that people choose. */
static void check_clients(const struct check *check, const struct lk_config *config)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < config->radius.client_count; i++) {
        const struct lk_config_client *client = &config->radius.clients[i];

        (void)snprintf(path, sizeof path, "radius.clients[%zu].agent", i);
        if (client->agent[0] != '\0' && !lk_config_is_loopback(&client->address))
            problem(check, path,
                    "expected a client on loopback, for UDP hides no key of Mobile IP from who is "
                    "on the way, found an address beyond it; fix: make it a row of radsec.peers "
                    "(RADIUS over TLS), or leave agent out");
    }
}

/* Who stands for all agents of a domain stands for foreign ones: a home agent asks itself. */
static void check_kind(const struct check *check, const char *list, size_t i, const char *agent,
                       int kind)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "%s[%zu].agent_is", list, i);
    if (kind == LK_CONFIG_AGENT_HOME && (agent[0] == '\0' || agent[0] == '*'))
        problem(check, path,
                "expected the name of one home agent in agent beside home, found none, or a "
                "domain; fix: write for example agent: ha.example, or agent_is: foreign");
}

static void check_kinds(const struct check *check, const struct lk_config *config)
{
    for (size_t i = 0; i < config->radius.client_count; i++)
        check_kind(check, "radius.clients", i, config->radius.clients[i].agent,
                   config->radius.clients[i].agent_is);
    for (size_t i = 0; i < config->radsec.peer_count; i++)
        check_kind(check, "radsec.peers", i, config->radsec.peers[i].agent,
                   config->radsec.peers[i].agent_is);
}

static void check_files(const struct check *check, const struct lk_config_mip_naf *naf,
                        const char *path)
{
    if (naf->name[0] != '\0' &&
        (naf->certificate[0] == '\0' || naf->key[0] == '\0' || naf->ca[0] == '\0'))
        problem(check, path,
                "expected certificate, key and ca, by which the BSF and we know each other, "
                "found none; fix: latchkey certificate makes them for a laboratory");
}

/* The BSF knows by the protocol of Ua which way a key is for, and so whether the subscriber may
 * use it (bsf_zn.c); and a key is of one end alone (T28). With another it would have no say. */
static void check_ua(const struct check *check, const struct lk_config_mip_naf *naf,
                     const char *path, const char *found, const char *wanted)
{
    if (naf->name[0] != '\0' && strcasecmp(found, wanted) != 0)
        lk_config_problem_at(check->report, check->source, path,
                             "expected \"%s\", by which the BSF knows what the key is for, and "
                             "whether the subscriber may use that way, found '%s'; fix: leave it "
                             "out",
                             wanted, found);
}

static void check_protocols(const struct check *check, const struct lk_config *config)
{
    const struct lk_config_mip_naf *aaa = &config->aaa.mip.naf, *ha = &config->anchor.mip.naf;

    if ((config->roles & LK_ROLE_AAA) != 0) {
        check_ua(check, aaa, "aaa.mip.naf.ua", aaa->ua, "01000000f0");
        check_ua(check, aaa, "aaa.mip.naf.push_ua", config->aaa.mip.push_ua, "01000000f1");
    }
    if ((config->roles & LK_ROLE_ANCHOR) != 0) {
        check_ua(check, ha, "anchor.mip.naf.ua", ha->ua, "01000000f1");
        check_ua(check, ha, "anchor.mip.naf.ua6", ha->ua6, "01000000f3");
    }
    if ((config->roles & LK_ROLE_FA) != 0)
        check_ua(check, &config->fa.naf, "fa.naf.ua", config->fa.naf.ua, "01000000f2");
}

static void check_nodes(const struct check *check, const struct lk_config_home_mip *mip)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < mip->node_count; i++) {
        const struct lk_config_mip_node *node = &mip->nodes[i];
        struct lk_imsi imsi;

        (void)snprintf(path, sizeof path, "aaa.mip.nodes[%zu].imsi", i);
        if (lk_imsi_parse(&imsi, lk_span_text(node->imsi)) != LK_OK)
            problem(check, path, "expected 6 to 15 digits, found another; fix: write for example "
                                 "imsi: \"001010123456789\"");
        for (size_t j = 0; j < i; j++)
            if (strcmp(node->imsi, mip->nodes[j].imsi) == 0 &&
                node->with.spi == mip->nodes[j].with.spi)
                problem(check, path,
                        "expected another SPI for each key of a subscriber, found one twice; fix: "
                        "write another spi");
        (void)snprintf(path, sizeof path, "aaa.mip.nodes[%zu].spi", i);
        if (node->with.spi != LK_MIP_SPI_CHAP && node->with.spi < LK_MIP_SPI_LEAST)
            problem(check, path, "expected 2 (in the way of CHAP), or an SPI from 256 on, found a "
                                 "reserved one; fix: write for example spi: 256");
        (void)snprintf(path, sizeof path, "aaa.mip.nodes[%zu].key", i);
        if (strlen(node->with.key) > sizeof((struct lk_mip_secret *)0)->octets)
            problem(check, path,
                    "expected at most 64 characters, found more; fix: shorten it");
    }
}

/* T23, at the other end. */
static void check_agent(const struct check *check, const struct lk_config_mip_aaa *aaa,
                        const char *server_path, const char *certificate_path)
{
    struct lk_address server;

    if (aaa->name[0] == '\0')
        return;
    if (aaa->certificate[0] == '\0' &&
        (lk_address_parse(&server, aaa->server) != LK_OK || !lk_address_is_loopback(&server)))
        problem(check, server_path,
                "expected an AAA on loopback, or certificate, key, ca and peer for RADIUS over "
                "TLS, for UDP hides no key of Mobile IP from who is on the way, found neither; "
                "fix: write them, or server: 127.0.0.1");
    if (aaa->certificate[0] != '\0' &&
        (aaa->key[0] == '\0' || aaa->ca[0] == '\0' || aaa->peer[0] == '\0'))
        problem(check, certificate_path,
                "expected key, ca and peer (the name in the AAA's certificate) beside it, found "
                "one missing; fix: write all four");
}

/* One that can ask the BSF itself does, so nobody would push it anything: devices would say
 * way=pushed, and it would not be so. */
static void check_pushed(const struct check *check, const struct lk_config_home_agent *mip)
{
    if (mip->aaa.name[0] != '\0' && mip->aaa.pushed && mip->naf.name[0] != '\0')
        problem(check, "anchor.mip.aaa.pushed",
                "expected either that or anchor.mip.naf, by which the home agent asks the BSF "
                "itself and is pushed nothing, found both; fix: leave pushed out, or write "
                "naf: { name: \"\" }");
}

void lk_config_check_mip(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct check check = { source, report };

    check_protocols(&check, config);
    if ((config->roles & LK_ROLE_AAA) != 0) {
        check_clients(&check, config);
        check_kinds(&check, config);
        check_files(&check, &config->aaa.mip.naf, "aaa.mip.naf.certificate");
        check_nodes(&check, &config->aaa.mip);
        if (config->aaa.mip.push && config->aaa.mip.naf.name[0] == '\0')
            problem(&check, "aaa.mip.push",
                    "expected aaa.mip.naf, by which the keys to be pushed are had, found none; "
                    "fix: write its name, certificate, key and ca");
    }
    if ((config->roles & LK_ROLE_ANCHOR) != 0) {
        check_agent(&check, &config->anchor.mip.aaa, "anchor.mip.aaa.server",
                    "anchor.mip.aaa.certificate");
        check_pushed(&check, &config->anchor.mip);
    }
    if ((config->roles & LK_ROLE_FA) != 0) {
        check_agent(&check, &config->fa.aaa, "fa.aaa.server", "fa.aaa.certificate");
        check_files(&check, &config->fa.naf, "fa.naf.certificate");
    }
}
