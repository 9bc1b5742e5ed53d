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

void lk_config_check_anchor(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    check_mags(config, source, report);
    check_pools(&config->anchor, source, report);
    check_gateway(config, source, report);
}
