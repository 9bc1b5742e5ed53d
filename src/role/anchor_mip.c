/* The anchor as home agent: the socket of Mobile IP, and foreign agents of the configuration. */
#include <stdio.h>
#include <string.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "role/anchor_parts.h"
#include "role/mip_config.h"

enum { ENVELOPE = 4 };

/* ---- associations ---- */

/* A foreign agent keeps its number for as long as the process lives; one that has gone is
 * closed. */
static void agents(struct lk_anchor_process *anchor, const struct lk_config_home_agent *from)
{
    struct lk_anchor_mip_config *to = &anchor->config.mip;

    for (size_t i = 0; i < to->fa_count; i++) {
        to->fa[i].closed = true;
        lk_wipe(&to->fa[i].msa, sizeof to->fa[i].msa);
    }
    for (size_t i = 0; i < from->agent_count; i++) {
        const struct lk_config_mip_agent *row = &from->agents[i];
        uint32_t number = lk_anchor_fa_number(&anchor->config, lk_span_text(row->name));
        struct lk_anchor_fa *fa;

        if (number == 0 && to->fa_count == LK_ANCHOR_FAS)
            break;
        fa = &to->fa[number == 0 ? to->fa_count++ : number - 1];
        fa->closed = false;
        memcpy(fa->name, row->name, sizeof fa->name);
        lk_role_mip_msa_of(&fa->msa, &row->with);
        lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_FA_HA, row->name, fa->msa.spi_back,
                        &fa->msa.there);
        fa->address_count = row->address_count;
        for (size_t j = 0; j < row->address_count; j++)
            if (lk_address_parse(&fa->address[j], row->addresses[j]) != LK_OK)
                fa->address[j] = (struct lk_address){ { 0 } };
    }
}

void lk_anchor_mip_configure(struct lk_anchor_process *anchor)
{
    const struct lk_config_home_agent *from = &anchor->process.config->anchor.mip;
    struct lk_anchor_mip_config *to = &anchor->config.mip;

    _Static_assert((int)LK_CONFIG_MIP_AGENTS <= (int)LK_ANCHOR_FAS, "agents fit");
    _Static_assert((int)LK_CONFIG_MIP_ADDRESSES == (int)LK_ANCHOR_FA_ADDRESSES, "addresses fit");
    to->serves = from->port != 0 && lk_address_parse(&to->agent, from->address) == LK_OK;
    to->ha.lifetime_max_s = (uint16_t)from->lifetime_s;
    to->ha.window_ms = from->window_ms;
    to->ha.keepalive_s = (uint16_t)from->keepalive_s;
    to->ha.reverse_mandatory = from->reverse;
    to->asks = lk_anchor_is_naf(anchor->process.config);
    to->asks_keys = lk_anchor_asks_aaa(anchor->process.config);
    to->asks_pushed = to->asks_keys && from->aaa.pushed;
    agents(anchor, from);
    for (size_t i = 0; i < to->fa_count; i++)
        for (size_t j = 0; j < to->fa[i].address_count; j++)
            lk_seen_mip_agent(&anchor->seen, &to->fa[i].address[j]);
    lk_anchor_mip6_configure(anchor);
    if (anchor->msas != NULL)
        lk_anchor_mip_nodes_again(anchor);
}

/* ---- the socket ---- */

void lk_anchor_mip_read(const struct lk_anchor_port *port, enum lk_anchor_event_kind kind)
{
    struct lk_anchor_process *anchor = port->process;
    size_t count = lk_datagrams_receive(anchor->in, port->fd);
    struct lk_anchor_event event = { .kind = kind, .now_ms = lk_wall_ms() };
    uint64_t before = anchor->node.counters.mip_requests;

    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;

        event.octets = lk_datagrams_at(anchor->in, i, &peer);
        event.from = lk_datagram_address(&peer);
        event.port = lk_datagram_port(&peer);
        if (!lk_anchor_give(anchor, &event))
            anchor->store_refused++;
    }
    lk_count_add(&anchor->count->requests, anchor->node.counters.mip_requests - before);
}

static void on_datagrams(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    lk_anchor_mip_read(poll->data, LK_ANCHOR_EV_MIP);
}

void lk_anchor_mip_send(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                        struct lk_span message)
{
    const struct lk_datagram_peer peer = lk_datagram_to(anchor->mip, &to->address, to->port);

    if (to->by == LK_BINDING_MIP6)
        lk_anchor_mip6_send(anchor, to, message);
    else
        lk_datagrams_put(anchor->to_mags, &peer, message);
}

void lk_anchor_mip_tunnel(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                          struct lk_span packet)
{
    const struct lk_mip_tunnel tunnel = { .encapsulation = LK_MIP_IN_IP, .packet = packet };
    uint8_t octets[ENVELOPE + LK_IP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (to->by == LK_BINDING_MIP6) {
        lk_anchor_mip6_send(anchor, to, packet);
        return;
    }
    lk_mip_tunnel_put(&w, &tunnel);
    if (w.status == LK_OK)
        lk_anchor_mip_send(anchor, to, lk_writer_span(&w));
    else
        lk_count(&anchor->count->send_lost);
}

void lk_anchor_mip_poll(struct lk_anchor_process *anchor, struct lk_anchor_port *port)
{
    anchor->mip = port->fd;
    lk_seen_mip(&anchor->seen, port->fd, LK_MIP_PORT, NULL);
    (void)uv_poll_start(&port->poll, UV_READABLE, on_datagrams);
}

/* ---- beginning and end ---- */

bool lk_anchor_mip_begin(struct lk_anchor_process *anchor)
{
    uint32_t rows = anchor->process.config->anchor.bindings_max;
    uint32_t capacity = 2 * rows, places = lk_anchor_places(rows);
    struct lk_entropy entropy = { .left = 0 };
    struct lk_anchor_mip_config *config = &anchor->config.mip;
    void *msas, *budgets;
    uint64_t seed;

    anchor->mip = anchor->mip6[0] = anchor->mip6[1] = -1;
    if (!config->serves && !config->serves6)
        return true;
    msas = lk_process_memory_dense(lk_mip_msas_size(capacity));
    budgets = lk_process_memory(lk_budgets_size_for(places));
    if (msas == NULL || budgets == NULL)
        return false;
    lk_entropy_take(&entropy, &seed, sizeof seed);
    anchor->msas = lk_mip_msas_in(msas, capacity, seed);
    lk_entropy_take(&entropy, &config->probe_key, sizeof config->probe_key);
    lk_entropy_take(&entropy, config->ha.nonce_key, sizeof config->ha.nonce_key);
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_anchor_serve_mip(&anchor->node, anchor->msas, lk_budgets_in_for(budgets, seed, places));
    lk_entropy_forget(&entropy);
    /* A22: without a store nothing is known of what was accepted before the start. */
    if (!anchor->process.config->anchor.durable)
        config->ha.floor = config->ha6.floor =
            lk_ntp_of(lk_wall_ms() + config->ha.window_ms, LK_NTP_SPARE);
    lk_anchor_mip_nodes_begin(anchor);
    return true;
}

void lk_anchor_mip_end(struct lk_anchor_process *anchor)
{
    if (anchor->msas != NULL)
        lk_mip_msas_wipe(anchor->msas);
    lk_wipe(&anchor->config.mip, sizeof anchor->config.mip);
}
