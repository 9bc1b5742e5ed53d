/* What keys of the anchor say about each other. */
#include <stdio.h>
#include <string.h>

#include "io/channel.h"
#include "node/pool.h"
#include "role/config_rows.h"

enum { PSK_LEAST = 16 }; /* octets, where strangers may listen */

static void problem(const struct lk_config_source *source, struct lk_config_report *report,
                    const char *path, const char *words)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, path);

    lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                      entry == NULL ? 0 : entry->line, "%s: %s", path, words);
}

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
            problem(source, report, path,
                    "expected at most 64 characters, found more; fix: shorten it");
        if (strangers && len < PSK_LEAST)
            problem(source, report, path,
                    "expected at least 16 characters, for anchor.listen is not on loopback, found "
                    "fewer; fix: write for example psk: \"@/etc/latchkey/mag.psk\"");
        for (size_t j = 0; j < i; j++) {
            (void)snprintf(path, sizeof path, "anchor.mags[%zu].name", i);
            if (strcmp(anchor->mags[i].name, anchor->mags[j].name) == 0)
                problem(source, report, path,
                        "expected a name of its own, found that of another gateway; fix: rename "
                        "one of them");
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
            problem(source, report, path,
                    "expected an IPv4 network of 30 bits or fewer, found another; fix: write for "
                    "example ipv4: 10.64.0.0/10");
    }
    for (size_t i = 0; i < anchor->ipv6_count; i++) {
        (void)snprintf(path, sizeof path, "anchor.ipv6[%zu]", i);
        if (lk_address_is_v4(&anchor->ipv6[i].address) ||
            lk_pool_of(&pool, &anchor->ipv6[i], (uint8_t)anchor->prefix_bits, &none) != LK_OK)
            problem(source, report, path,
                    "expected an IPv6 network of fewer bits than anchor.prefix_bits, found "
                    "another; fix: write for example ipv6: 2001:db8:6400::/40");
    }
}

void lk_config_check_anchor(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    check_mags(config, source, report);
    check_pools(&config->anchor, source, report);
}
