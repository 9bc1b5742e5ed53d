/* The configuration as the anchor's node reads it. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/anchor_parts.h"

static bool failed(char error[LK_KIND_ERROR_TEXT], const char *what, size_t index)
{
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s[%zu] has no address to give", what, index);
    return false;
}

static struct lk_address gateway_of(const char *text, const struct lk_address_prefix *network)
{
    struct lk_address address = { { 0 } };
    struct lk_address_prefix around;

    if (text[0] == '\0' || lk_address_parse(&address, text) != LK_OK)
        return (struct lk_address){ { 0 } };
    /* The one that is configured is that of the pool it lies in; others have their first. */
    around = lk_address_prefix_of(&address, network->bits);
    return lk_address_prefix_equal(&around, network) ? address : (struct lk_address){ { 0 } };
}

static bool pools(struct lk_anchor_config *to, const struct lk_config_anchor *from,
                  char error[LK_KIND_ERROR_TEXT])
{
    to->pool4_count = from->ipv4_count;
    to->pool6_count = from->ipv6_count;
    for (size_t i = 0; i < from->ipv4_count; i++) {
        struct lk_address gateway = gateway_of(from->gateway4, &from->ipv4[i]);

        if (lk_pool_of(&to->pool4[i], &from->ipv4[i], 128, &gateway) != LK_OK)
            return failed(error, "anchor.ipv4", i);
    }
    for (size_t i = 0; i < from->ipv6_count; i++) {
        struct lk_address gateway = gateway_of(from->gateway6, &from->ipv6[i]);

        if (lk_pool_of(&to->pool6[i], &from->ipv6[i], (uint8_t)from->prefix_bits, &gateway) !=
            LK_OK)
            return failed(error, "anchor.ipv6", i);
    }
    return true;
}

static bool is_configured(const struct lk_config_anchor *from, const char *name)
{
    for (size_t i = 0; i < from->mag_count; i++)
        if (strcmp(from->mags[i].name, name) == 0)
            return true;
    return false;
}

/* Bindings have gateways by number: one that has gone is closed, a new one takes a new number. */
static bool mags(struct lk_anchor_config *to, const struct lk_config_anchor *from,
                 char error[LK_KIND_ERROR_TEXT])
{
    for (size_t i = 0; i < to->mag_count; i++)
        to->mag[i].closed = !is_configured(from, to->mag[i].name);
    for (size_t i = 0; i < from->mag_count; i++) {
        if (lk_anchor_mag_number(to, lk_span_text(from->mags[i].name)) != 0)
            continue;
        if (to->mag_count == LK_ANCHOR_MAGS) {
            (void)snprintf(error, LK_KIND_ERROR_TEXT,
                           "anchor.mags: more gateways came and went than a process has numbers "
                           "for; restart it");
            return false;
        }
        memcpy(to->mag[to->mag_count++].name, from->mags[i].name, sizeof from->mags[i].name);
    }
    return true;
}

static void numbers(struct lk_anchor_config *to, const struct lk_config_anchor *from)
{
    to->lma.timestamps = !from->sequence;
    to->lma.window_ms = from->timestamp_window_ms;
    to->lma.min_delete_ms = from->min_delay_before_delete_ms;
    to->lma.max_assign_ms = from->max_delay_before_assign_ms;
    to->lma.lifetime_max = (uint16_t)(from->lifetime_s / LK_MOBILITY_LIFETIME_UNIT_S);
    to->token_lifetime_ms = (uint64_t)from->token_lifetime_s * 1000;
    to->reserve_ms = (uint64_t)from->reserve_s * 1000;
    to->rate = from->rate;
    to->mag_rate = from->mag_rate;
    to->icmp_rate = from->echo_rate;
    to->policed_octets = from->binding_octets;
}

bool lk_anchor_configure(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = anchor->process.config;
    const struct lk_config_anchor *from = &config->anchor;
    struct lk_anchor_config *to = &anchor->config;
    bool first = to->service_count == 0;

    _Static_assert(LK_CONFIG_NAME == LK_BINDING_NAME_MAX + 1, "names fit");
    _Static_assert(LK_CONFIG_APN == LK_BINDING_SERVICE_MAX + 1, "services fit");
    if (first) {
        lk_anchor_defaults(to);
        to->restarts = (uint32_t)(lk_wall_ms() / 1000); /* seconds since 1970: it only rises */
        to->service_count = from->service_count;
        for (size_t i = 0; i < from->service_count; i++)
            memcpy(to->service[i].name, from->services[i], sizeof from->services[i]);
        if (!pools(to, from, error))
            return false;
    }
    if (!mags(to, from, error))
        return false;
    numbers(to, from);
    lk_anchor_mip_configure(anchor);
    to->enterprise = config->radius.enterprise;
    to->plmn_count = from->plmn_count;
    for (size_t i = 0; i < from->plmn_count; i++)
        memcpy(to->plmn[i], from->plmns[i], sizeof from->plmns[i]);
    to->class_key = *anchor->process.class_key;
    return true;
}
