/* The TWAP's configuration, as its node wants it. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/wlan_parts.h"

/* T04: a key goes over loopback, or over TLS. */
static bool is_loopback(const struct lk_address *address)
{
    static const struct lk_address six = { { [15] = 1 } };

    return (lk_address_is_v4(address) && address->octets[12] == 127) ||
           lk_address_equal(address, &six);
}

static bool clients_set(struct lk_radius_clients *clients, struct lk_radius_client *item,
                        const struct lk_config_client *from, size_t count)
{
    memset(item, 0, count * sizeof *item);
    for (size_t i = 0; i < count; i++) {
        item[i].prefix = from[i].address;
        item[i].tag = (uint32_t)i;
        if (lk_radius_secret_set(&item[i].secret, lk_span_text(from[i].secret)) != LK_OK)
            return false;
    }
    return lk_radius_clients_set(clients, item, count) == LK_OK;
}

static bool servers_set(struct lk_wlan_twap *twap, const struct lk_config *config,
                        char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_twap *from = &config->twap;

    for (size_t i = 0; i < from->server_count; i++) {
        const struct lk_config_server *server = &from->servers[i];
        const struct lk_config_peer *peer = lk_wlan_peer_row(config, server->peer);
        struct lk_twap_upstream *to = &twap->config.upstream[i];
        bool over_tls = server->peer[0] != '\0' && peer != NULL;
        const char *address = over_tls ? peer->address : server->address;
        const char *secret = over_tls ? peer->secret : server->secret;

        if (lk_address_parse(&twap->server[i], address) != LK_OK ||
            lk_radius_secret_set(&to->secret, lk_span_text(secret)) != LK_OK) {
            (void)snprintf(error, LK_KIND_ERROR_TEXT, "twap.servers[%zu]: no address or no secret",
                           i);
            return false;
        }
        to->reliable = over_tls;
        to->may_carry_keys = over_tls || is_loopback(&twap->server[i]);
        twap->server_port[i][LK_RADIUS_AUTH_PORT] = (uint16_t)server->port;
        twap->server_port[i][LK_RADIUS_ACCT_PORT] = (uint16_t)server->accounting_port;
    }
    twap->config.upstream_count = from->server_count;
    return true;
}

/* Without rows, each server stands in for the one before it. */
static bool routes_set(struct lk_wlan_twap *twap, const struct lk_config_twap *from,
                       char error[LK_KIND_ERROR_TEXT])
{
    struct lk_twap_config *config = &twap->config;

    config->route_count = from->realm_count;
    for (size_t i = 0; i < from->realm_count; i++) {
        size_t server = 0;

        while (server < from->server_count &&
               strcmp(from->servers[server].name, from->realms[i].server) != 0)
            server++;
        if (server == from->server_count) {
            (void)snprintf(error, LK_KIND_ERROR_TEXT, "twap.realms[%zu]: no server is called '%s'",
                           i, from->realms[i].server);
            return false;
        }
        memcpy(config->route[i].realm, from->realms[i].realm, sizeof config->route[i].realm);
        config->route[i].server = (uint8_t)server;
    }
    if (from->realm_count > 0)
        return true;
    config->route_count = from->server_count;
    for (size_t i = 0; i < from->server_count; i++)
        config->route[i] = (struct lk_radius_route){ .realm = "*", .server = (uint8_t)i };
    return true;
}

/* Multi-connection mode is for those who have a gateway that speaks WLCP. */
static void access_set(struct lk_twan_access *access, const struct lk_config *config)
{
    const char *text = config->wlcp.cp_address[0] != '\0' ? config->wlcp.cp_address
                                                          : config->wlcp.listen.at[0];
    struct lk_address address;

    memset(access, 0, sizeof *access);
    if ((config->roles & LK_ROLE_TWAG) == 0 && strcmp(config->twap.twag, "local") == 0)
        return;
    if (lk_address_parse(&address, text) != LK_OK || lk_address_is_any(&address))
        return;
    access->modes = LK_TWAN_MULTI;
    access->twag.has_ipv4 = lk_address_is_v4(&address);
    access->twag.has_ipv6 = !access->twag.has_ipv4;
    memcpy(access->twag.ipv4, address.octets + 12, sizeof access->twag.ipv4);
    memcpy(access->twag.ipv6, address.octets, sizeof access->twag.ipv6);
}

bool lk_wlan_twap_configure(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = wlan->process.config;
    struct lk_wlan_twap *twap = wlan->twap;
    struct lk_twap_config *to = &twap->config;

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "twap.clients, dynamic.clients: a secret is none");
    if (!clients_set(&to->clients, twap->clients, config->twap.clients,
                     config->twap.client_count) ||
        !clients_set(&to->askers, twap->askers, config->dynamic.clients,
                     config->dynamic.client_count) ||
        !servers_set(twap, config, error) || !routes_set(twap, &config->twap, error))
        return false;
    to->enterprise = config->radius.enterprise;
    access_set(&to->access, config);
    to->disconnect_ap = config->twap.disconnect_ap;
    to->retry_ms = config->twap.timeout_ms;
    to->tries = (uint8_t)config->twap.tries;
    return true;
}
