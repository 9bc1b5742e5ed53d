/* The anchor's rows, whatever protocol asks: whose they may be, which addresses they have, and who
 * loses his when there is no room. */
#include <string.h>

#include "crypto/crypto.h"
#include "node/anchor_parts.h"

enum { ROWS_LOOKED_AT = 256 };

uint64_t lk_anchor_digest_of(struct lk_span octets)
{
    uint8_t hash[LK_SHA256_LEN];
    uint64_t digest;

    lk_sha256(hash, &octets, 1);
    memcpy(&digest, hash, sizeof digest);
    return digest;
}

bool lk_anchor_serves(const struct lk_anchor_config *config, const struct lk_imsi *imsi)
{
    for (size_t i = 0; i < config->plmn_count; i++)
        if (strncmp(imsi->digits, config->plmn[i], strlen(config->plmn[i])) == 0)
            return true;
    return config->plmn_count == 0;
}

/* ---- addresses ---- */

struct whose {
    const struct lk_binding_table *table;
    uint64_t subject;
    uint16_t service;
};

static bool pick(struct lk_address_prefix *picked, const struct whose *who,
                 const struct lk_pool *pools, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lk_pool_pick(picked, &pools[i], who->table, who->subject, who->service) == LK_OK)
            return true;
    return false;
}

static void lease_ipv4(struct lk_pmip_lease *lease, const struct lk_anchor_config *config,
                       const struct lk_address *address)
{
    const struct lk_pool *pool = lk_anchor_pool_of(config, address);

    lease->has_ipv4 = true;
    memcpy(lease->ipv4.octets, address->octets + LK_ADDRESS_LEN - 4, 4);
    LK_ASSERT(pool != NULL);
    lease->ipv4_bits = (uint8_t)(pool->network.bits - 96);
    memcpy(lease->ipv4_router.octets, pool->gateway.octets + LK_ADDRESS_LEN - 4, 4);
}

bool lk_anchor_lease(struct lk_pmip_lease *lease, const struct lk_anchor *anchor,
                     const struct lk_imsi *imsi, uint16_t number, const struct lk_binding *b)
{
    const struct lk_anchor_config *config = anchor->config;
    const struct lk_anchor_service *service = &config->service[number];
    const struct whose who = { anchor->table, lk_imsi_number(imsi), number };
    bool wants4 = !service->no_ipv4 && config->pool4_count > 0;
    bool wants6 = !service->no_ipv6 && config->pool6_count > 0;
    struct lk_address_prefix picked;
    struct lk_address address;

    memset(lease, 0, sizeof *lease);
    if (b != NULL && b->has_ipv4) {
        address = lk_address_v4(b->ipv4.octets);
        lease_ipv4(lease, config, &address);
    } else if (wants4) {
        if (!pick(&picked, &who, config->pool4, config->pool4_count))
            return false;
        lease_ipv4(lease, config, &picked.address);
    }
    if (b != NULL && b->has_prefix)
        lease->prefix = b->prefix;
    else if (wants6 && !pick(&lease->prefix, &who, config->pool6, config->pool6_count))
        return false;
    lease->has_prefix = lease->prefix.bits > 0;
    return true;
}

void lk_anchor_settle(struct lk_anchor *anchor, struct lk_binding *b,
                      const struct lk_pmip_lease *lease, uint8_t protocol)
{
    enum lk_status status = LK_OK;

    b->protocol = protocol;
    if (lease->has_ipv4 && !b->has_ipv4)
        status = lk_binding_set_ipv4(anchor->table, b, lease->ipv4);
    LK_ASSERT(status == LK_OK);
    if (lease->has_prefix && !b->has_prefix)
        status = lk_binding_set_prefix(anchor->table, b, &lease->prefix);
    LK_ASSERT(status == LK_OK);
}

/* ---- room ---- */

void lk_anchor_make_room(struct lk_anchor *anchor, uint64_t now_ms)
{
    const struct lk_anchor_config *config = anchor->config;
    uint64_t away_ms = config->reserve_ms > config->token_lifetime_ms ? config->reserve_ms
                                                                      : config->token_lifetime_ms;
    uint32_t used = lk_binding_used(anchor->table);
    struct lk_binding *oldest = NULL;
    uint64_t epoch;

    for (uint32_t i = 0; i < ROWS_LOOKED_AT && i < used; i++) {
        struct lk_binding *b = lk_binding_row(anchor->table, anchor->hand++ % used);

        if (b != NULL && lk_binding_stands(b).owner == 0 && b->durable &&
            now_ms >= b->since_ms + away_ms &&
            (oldest == NULL || b->since_ms < oldest->since_ms))
            oldest = b;
    }
    if (oldest == NULL)
        return;
    epoch = lk_binding_stands(oldest).epoch;
    if (epoch > anchor->epoch_floor)
        anchor->epoch_floor = epoch;
    anchor->counters.given_up++;
    lk_binding_remove(anchor->table, oldest);
}
