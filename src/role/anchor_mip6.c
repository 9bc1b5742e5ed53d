/* The anchor as home agent of MIPv6: its sockets. A datagram is a packet, over IPv4 as RFC 5555 has
 * it, over IPv6 the same. */
#include "role/anchor_parts.h"

enum { OVER_IPV4, OVER_IPV6 };

void lk_anchor_mip6_configure(struct lk_anchor_process *anchor)
{
    const struct lk_config_home_agent *from = &anchor->process.config->anchor.mip;
    struct lk_anchor_config *config = &anchor->config;
    struct lk_anchor_mip_config *to = &config->mip;
    unsigned lifetime = from->lifetime_s / LK_MOBILITY_LIFETIME_UNIT_S;

    /* It has an address in the home network, as a router there has. */
    to->serves6 = from->port6 != 0 && config->pool6_count > 0;
    if (to->serves6)
        to->agent6 = config->pool6[0].gateway;
    to->ha6.lifetime_max = (uint16_t)(lifetime == 0 ? 1 : lifetime);
    to->ha6.window_ms = from->window_ms;
    to->ha6.keepalive_s = (uint16_t)from->keepalive_s;
}

static void on_datagrams(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    lk_anchor_mip_read(poll->data, LK_ANCHOR_EV_MIP6);
}

void lk_anchor_mip6_poll(struct lk_anchor_process *anchor, struct lk_anchor_port *port)
{
    struct lk_address own;
    uint16_t number;

    if (lk_datagram_bound(&own, &number, port->fd) != LK_OK)
        return;
    anchor->mip6[lk_address_is_v4(&own) ? OVER_IPV4 : OVER_IPV6] = port->fd;
    lk_seen_mip(&anchor->seen, port->fd, LK_MIP6_PORT, NULL);
    (void)uv_poll_start(&port->poll, UV_READABLE, on_datagrams);
}

void lk_anchor_mip6_send(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                         struct lk_span packet)
{
    int fd = anchor->mip6[lk_address_is_v4(&to->address) ? OVER_IPV4 : OVER_IPV6];
    struct lk_datagram_peer peer;

    if (fd < 0) {
        lk_count(&anchor->count->send_lost);
        return;
    }
    peer = lk_datagram_to(fd, &to->address, to->port);
    lk_datagrams_put(anchor->to_mags, &peer, packet);
}
