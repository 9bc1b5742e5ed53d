/* What keys of the anchor say about each other. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "io/channel.h"
#include "node/pool.h"
#include "role/config_rows.h"

enum { PSK_LEAST = 16 }; /* octets, where strangers may listen */

static bool serves_strangers(const struct lk_config_anchor *anchor)
{
    for (size_t i = 0; i < anchor->listen.count; i++) {
        struct lk_address address;

        if (lk_address_parse(&address, anchor->listen.at[i]) == LK_OK &&
            !lk_address_is_loopback(&address))
            return true;
    }
    return false;
}

/* The signalling is DTLS or nothing; beyond loopback its key must be one that nobody guesses. */
static void check_mags(const struct lk_config *config, const struct lk_config_source *source,
                       struct lk_config_report *report)
{
    const struct lk_config_anchor *anchor = &config->anchor;
    bool strangers = (config->roles & LK_ROLE_ANCHOR) != 0 && serves_strangers(anchor);
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < anchor->mag_count; i++) {
        size_t len = strlen(anchor->mags[i].psk);

        (void)snprintf(path, sizeof path, "anchor.mags[%zu].psk", i);
        if (len > LK_CHANNEL_KEY_MAX)
            lk_config_problem_at(report, source, path,
                                 "expected at most 64 characters, found more; fix: shorten it");
        if (strangers && len < PSK_LEAST)
            lk_config_problem_at(report, source, path,
                                 "expected at least 16 characters, for anchor.listen is not on "
                                 "loopback, found fewer; fix: write for "
                                 "example psk: \"@/etc/latchkey/mag.psk\"");
        for (size_t j = 0; j < i; j++) {
            (void)snprintf(path, sizeof path, "anchor.mags[%zu].name", i);
            if (strcmp(anchor->mags[i].name, anchor->mags[j].name) == 0)
                lk_config_problem_at(report, source, path,
                                     "expected a name of its own, found that of another gateway; "
                                     "fix: rename one of them");
        }
    }
}

static void check_pools(const struct lk_config_anchor *anchor,
                        const struct lk_config_source *source, struct lk_config_report *report)
{
    const struct lk_address none = { { 0 } };
    char path[LK_CONFIG_KEY];
    struct lk_pool pool;

    for (size_t i = 0; i < anchor->ipv4_count; i++) {
        (void)snprintf(path, sizeof path, "anchor.ipv4[%zu]", i);
        if (!lk_address_is_v4(&anchor->ipv4[i].address) ||
            lk_pool_of(&pool, &anchor->ipv4[i], LK_ADDRESS_BITS, &none) != LK_OK)
            lk_config_problem_at(report, source, path,
                                 "expected an IPv4 network of 30 bits or fewer, found another; "
                                 "fix: write for example ipv4: 10.64.0.0/10");
    }
    for (size_t i = 0; i < anchor->ipv6_count; i++) {
        (void)snprintf(path, sizeof path, "anchor.ipv6[%zu]", i);
        if (lk_address_is_v4(&anchor->ipv6[i].address) ||
            lk_pool_of(&pool, &anchor->ipv6[i], (uint8_t)anchor->prefix_bits, &none) != LK_OK)
            lk_config_problem_at(report, source, path,
                                 "expected an IPv6 network of fewer bits than anchor.prefix_bits, "
                                 "found another; fix: write for example ipv6: 2001:db8:6400::/40");
    }
}

static bool is_ours(const struct lk_config *config)
{
    const struct lk_config_listen *listen = &config->anchor.listen;
    struct lk_address sought, one;

    if ((config->roles & LK_ROLE_TWAG) == 0 || (config->roles & LK_ROLE_ANCHOR) == 0 ||
        config->mag.port != config->anchor.port ||
        lk_address_parse(&sought, config->mag.anchor) != LK_OK)
        return false;
    for (size_t i = 0; i < listen->count; i++)
        if (lk_address_parse(&one, listen->at[i]) == LK_OK &&
            (lk_address_equal(&one, &sought) || lk_address_is_any(&one)))
            return true;
    return false;
}

/* A gateway whose anchor is in the same file: both ends are there to be compared. */
static void check_gateway(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    const struct lk_config_anchor *anchor = &config->anchor;
    char path[LK_CONFIG_KEY];
    size_t at = 0;

    if (!is_ours(config))
        return;
    while (at < anchor->mag_count && strcmp(anchor->mags[at].name, config->mag.name) != 0)
        at++;
    if (at == anchor->mag_count)
        lk_config_problem_at(report, source, "mag.name",
                             "expected a name in anchor.mags, whose anchor runs here, found '%s'; "
                             "fix: add the gateway there, or write its name as there",
                             config->mag.name);
    else if (!lk_same_secret(anchor->mags[at].psk, config->mag.psk, sizeof config->mag.psk))
        lk_config_problem_at(report, source, "mag.psk",
                             "expected the psk of anchor.mags[%zu], found another (not shown); "
                             "fix: write the same at both",
                             at);
    for (size_t i = 0; i < config->wlcp.apn_count; i++)
        if (!lk_config_lists_apn(anchor->services, anchor->service_count, config->wlcp.apns[i])) {
            (void)snprintf(path, sizeof path, "wlcp.apns[%zu]", i);
            lk_config_problem_at(report, source, path,
                                 "expected a name in anchor.services, whose anchor runs here, "
                                 "found '%s'; fix: add it there, or take it out here",
                                 config->wlcp.apns[i]);
        }
}

static bool is_ipv6(const char *text)
{
    struct lk_address address;

    return lk_address_parse(&address, text) == LK_OK && !lk_address_is_v4(&address);
}

static void check_node(const struct lk_config_home_agent *mip, size_t i,
                       const struct lk_config_source *source, struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];
    struct lk_imsi imsi;

    (void)snprintf(path, sizeof path, "anchor.mip.nodes[%zu].key", i);
    lk_config_check_mip_key(&mip->nodes[i].with, path, source, report);
    (void)snprintf(path, sizeof path, "anchor.mip.nodes[%zu].imsi", i);
    if (lk_imsi_parse(&imsi, lk_span_text(mip->nodes[i].imsi)) != LK_OK)
        lk_config_problem_at(report, source, path,
                             "expected 6 to 15 digits, found '%s'; fix: write for example imsi: "
                             "\"001010123456789\"",
                             mip->nodes[i].imsi);
    for (size_t j = 0; j < i; j++)
        if (strcmp(mip->nodes[i].imsi, mip->nodes[j].imsi) == 0 &&
            mip->nodes[i].with.spi == mip->nodes[j].with.spi)
            lk_config_problem_at(report, source, path,
                                 "expected another SPI for each association of a subscriber, found "
                                 "%u twice; fix: write another spi",
                                 mip->nodes[i].with.spi);
}

static void check_agent(const struct lk_config_home_agent *mip, size_t i,
                        const struct lk_config_source *source, struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "anchor.mip.agents[%zu].key", i);
    lk_config_check_mip_key(&mip->agents[i].with, path, source, report);
    for (size_t j = 0; j < mip->agents[i].address_count; j++) {
        (void)snprintf(path, sizeof path, "anchor.mip.agents[%zu].addresses[%zu]", i, j);
        if (!lk_config_is_ipv4(mip->agents[i].addresses[j]))
            lk_config_problem_at(report, source, path,
                                 "expected an IPv4 address, found '%s'; fix: write for example "
                                 "addresses: [192.0.2.7]",
                                 mip->agents[i].addresses[j]);
    }
    (void)snprintf(path, sizeof path, "anchor.mip.agents[%zu].name", i);
    for (size_t j = 0; j < i; j++)
        if (strcmp(mip->agents[i].name, mip->agents[j].name) == 0)
            lk_config_problem_at(report, source, path,
                                 "expected a name of its own, found that of another agent; fix: "
                                 "rename one of them");
}

static void check_mip6(const struct lk_config_anchor *anchor,
                       const struct lk_config_source *source, struct lk_config_report *report)
{
    const struct lk_config_home_agent *mip = &anchor->mip;

    if (mip->address6[0] != '\0' && !is_ipv6(mip->address6))
        lk_config_problem_at(report, source, "anchor.mip.address6",
                             "expected an IPv6 address, which mobile nodes send to, found '%s'; "
                             "fix: write for example address6: \"2001:db8::1\"",
                             mip->address6);
    if (mip->port6 != 0 && anchor->ipv6_count == 0)
        lk_config_problem_at(report, source, "anchor.mip.port6",
                             "expected a network in anchor.ipv6, of which each node of MIPv6 has a "
                             "prefix, found none; fix: add one, or set port6: 0");
    if (mip->port6 != 0 && mip->port6 == mip->port)
        lk_config_problem_at(report, source, "anchor.mip.port6",
                             "expected another port than anchor.mip.port, found the same; fix: "
                             "write port6: 4191");
}

static void check_mip(const struct lk_config_anchor *config, const struct lk_config_source *source,
                      struct lk_config_report *report)
{
    const struct lk_config_home_agent *mip = &config->mip;

    if ((mip->port != 0 || mip->port6 != 0) && !lk_config_is_ipv4(mip->address))
        lk_config_problem_at(report, source, "anchor.mip.address",
                             "expected an IPv4 address, which mobile nodes register with, found "
                             "'%s'; fix: write for example address: 192.0.2.1",
                             mip->address);
    check_mip6(config, source, report);
    if (mip->naf.name[0] != '\0' && (mip->naf.certificate[0] == '\0' || mip->naf.key[0] == '\0' ||
                                      mip->naf.ca[0] == '\0'))
        lk_config_problem_at(report, source, "anchor.mip.naf.certificate",
                             "expected certificate, key and ca, by which BSF and home agent know "
                             "each other, found none; fix: latchkey certificate makes them for a "
                             "laboratory");
    for (size_t i = 0; i < mip->node_count; i++)
        check_node(mip, i, source, report);
    for (size_t i = 0; i < mip->agent_count; i++)
        check_agent(mip, i, source, report);
}

void lk_config_check_anchor(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    check_mags(config, source, report);
    check_pools(&config->anchor, source, report);
    check_gateway(config, source, report);
    check_mip(&config->anchor, source, report);
}
