/* The TWAP's way to its AAA servers over TLS.
 *
 * Each server that is a row of radsec.peers has lines: for authentication and for accounting apart,
 * since each of the two counts its own identifiers, as many as there are legs. */
#include <stdio.h>
#include <string.h>

#include "role/wlan_link.h"

enum { LEG_BITS = 4, PORT_BITS = 1, DEAD_MS = 90000 /* longer than between two tries */ };

/* The caller's number of a line: server, port, leg. */
static uint32_t tag_of(size_t upstream, size_t port, size_t leg)
{
    return (uint32_t)(upstream << (LEG_BITS + PORT_BITS) | port << LEG_BITS | leg);
}

static size_t upstream_of(uint32_t tag)
{
    return tag >> (LEG_BITS + PORT_BITS);
}

static size_t port_of(uint32_t tag)
{
    return tag >> LEG_BITS & ((1u << PORT_BITS) - 1);
}

static uint8_t leg_of(uint32_t tag)
{
    return (uint8_t)(tag & ((1u << LEG_BITS) - 1));
}

const struct lk_config_peer *lk_wlan_peer_row(const struct lk_config *config, const char *name)
{
    for (size_t i = 0; i < config->radsec.peer_count; i++)
        if (strcmp(config->radsec.peers[i].name, name) == 0)
            return &config->radsec.peers[i];
    return NULL;
}

/* ---- out ---- */

void lk_wlan_radsec_send(struct lk_wlan *wlan, const struct lk_twap_output *item)
{
    const struct lk_wlan_twap *twap = wlan->twap;
    size_t line = twap->line[item->send.upstream][item->send.where][item->send.leg];

    if (lk_radsec_client_send(twap->radsec, line, item->send.octets) != LK_OK)
        lk_count(&wlan->count->send_lost);
}

void lk_wlan_radsec_answer(struct lk_wlan *wlan, struct lk_span octets)
{
    if (lk_radsec_client_send(wlan->twap->radsec, wlan->twap->asked_on, octets) != LK_OK)
        lk_count(&wlan->count->send_lost);
}

/* ---- in ---- */

/* spec: RFC 6614 2.1 - all kinds of packets on one connection: a request of the server as well. */
static void on_packet(void *context, uint32_t tag, struct lk_span packet)
{
    struct lk_wlan *wlan = context;
    struct lk_wlan_twap *twap = wlan->twap;
    size_t upstream = upstream_of(tag) % LK_TWAP_UPSTREAMS;
    bool asks = packet.at[0] == LK_RADIUS_DISCONNECT_REQUEST ||
                packet.at[0] == LK_RADIUS_COA_REQUEST;
    struct lk_twap_event event = {
        .kind = asks ? LK_TWAP_EV_DYNAMIC : LK_TWAP_EV_AAA,
        .octets = packet,
        .source = twap->server[upstream],
        .upstream = (uint8_t)upstream,
        .leg = leg_of(tag),
        .by_connection = asks,
    };

    lk_wlan_turn_begin(wlan);
    lk_count(&wlan->count->requests);
    if (tag == LK_WLAN_LINK_TAG) {
        lk_wlan_link_packet(wlan, packet);
        return;
    }
    twap->asked_on = twap->line[upstream][port_of(tag)][leg_of(tag)];
    lk_wlan_twap_step(wlan, &event);
}

/* spec: RFC 6613 2.6.1 - what was out when a connection was lost is sent again on the next one. */
static void send_again(struct lk_wlan *wlan, uint32_t tag)
{
    struct lk_radius_proxy *proxy = &wlan->twap->node.proxy[upstream_of(tag)][port_of(tag)];
    struct lk_radius_proxy_slot *slot = NULL;
    size_t line = wlan->twap->line[upstream_of(tag)][port_of(tag)][leg_of(tag)];

    while ((slot = lk_radius_proxy_next(proxy, slot)) != NULL)
        if (lk_radius_proxy_leg(proxy, slot) == leg_of(tag))
            (void)!lk_radsec_client_send(wlan->twap->radsec, line,
                                         lk_span_of(slot->octets, slot->len));
}

/* A server counts as dead while none of its lines for authentication is alive. */
static void on_alive(void *context, uint32_t tag, bool alive)
{
    struct lk_wlan *wlan = context;
    struct lk_wlan_twap *twap = wlan->twap;
    size_t upstream = upstream_of(tag) % LK_TWAP_UPSTREAMS;
    struct lk_radius_health *health = &twap->node.health[upstream];
    uint64_t bit = UINT64_C(1) << leg_of(tag);
    uint64_t *down = &twap->node.down[upstream][port_of(tag)];
    bool any = false;

    if (tag == LK_WLAN_LINK_TAG) {
        lk_wlan_link_alive(wlan, alive);
        return;
    }
    *down = alive ? *down & ~bit : *down | bit;
    for (size_t leg = 0; leg < LK_WLAN_LEGS; leg++)
        any |= lk_radsec_client_alive(twap->radsec, twap->line[upstream][LK_RADIUS_AUTH_PORT][leg]);
    if (any)
        lk_radius_health_answered(health);
    else
        lk_radius_health_missed(health, 1, DEAD_MS, lk_wall_ms());
    if (alive)
        send_again(wlan, tag);
}

static void on_end(void *context)
{
    lk_wlan_turn_end(context);
}

/* ---- beginning ---- */

static bool add_lines(struct lk_wlan_twap *twap, size_t upstream, const struct lk_config_peer *peer,
                      bool accounting)
{
    for (size_t port = 0; port < (accounting ? 2 : 1); port++)
        for (size_t leg = 0; leg < LK_WLAN_LEGS; leg++) {
            twap->line[upstream][port][leg] = lk_radsec_client_lines(twap->radsec);
            if (lk_radsec_client_line(twap->radsec, peer, tag_of(upstream, port, leg)) != LK_OK)
                return false;
        }
    return true;
}

bool lk_wlan_radsec_configure(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = wlan->process.config;
    struct lk_wlan_twap *twap = wlan->twap;

    if (twap->radsec != NULL)
        lk_radsec_client_clear(twap->radsec);
    for (size_t i = 0; i < config->twap.server_count; i++) {
        const struct lk_config_server *server = &config->twap.servers[i];
        const struct lk_config_peer *peer = lk_wlan_peer_row(config, server->peer);

        for (size_t port = 0; port < 2; port++)
            twap->node.down[i][port] = server->peer[0] == '\0' ? 0 : UINT64_MAX;
        if (server->peer[0] == '\0')
            continue;
        if (twap->radsec == NULL || peer == NULL ||
            !add_lines(twap, i, peer, server->accounting_port != 0)) {
            (void)snprintf(error, LK_KIND_ERROR_TEXT,
                           "twap.servers[%zu].peer: %s", i,
                           twap->radsec == NULL ? "RADIUS over TLS begins with a restart"
                                                : "no such row of radsec.peers with an address");
            return false;
        }
    }
    return lk_wlan_link_line(wlan, error);
}

bool lk_wlan_radsec_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_radsec_client_calls calls = { wlan, on_packet, on_alive, on_end };
    const struct lk_stream_files files = lk_radsec_files(wlan->process.config);

    if (lk_radsec_is_on(wlan->process.config) &&
        lk_radsec_client_new(&wlan->twap->radsec, &wlan->process.loop, &files, &calls,
                             wlan->count, error) != LK_OK)
        return false;
    return lk_wlan_radsec_configure(wlan, error);
}
