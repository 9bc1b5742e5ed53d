/* The anchor's user plane: IP packets in UDP datagrams from and to gateways, and a TUN device.
 *
 * The tunnel is in the clear, as that of the standard is without IPsec: a datagram is taken for a
 * gateway's when it comes from the address of that gateway's DTLS session. Its port is learned from
 * the first packet whose source is a binding of the gateway's own, so that several gateways may
 * share an address. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/tun.h"
#include "role/anchor_parts.h"

static bool is_at(const struct lk_anchor_link *link, const struct lk_address *address,
                  uint16_t port)
{
    return link->session != 0 && link->tunnel.fd >= 0 && link->tunnel_port == port &&
           lk_address_equal(&link->address, address);
}

/* Who may be at a place where nobody was seen yet: the owner of the packet's source, when its
 * session has that address. */
static uint32_t newcomer(const struct lk_anchor_process *anchor, const struct lk_address *address,
                         struct lk_span packet)
{
    struct lk_address source, destination;
    const struct lk_binding *binding;
    uint32_t mag;

    if (lk_ip_addresses(&source, &destination, packet) != LK_OK)
        return 0;
    binding = lk_binding_at(anchor->table, &source);
    mag = binding == NULL ? 0 : binding->pmip.mag;
    if (mag == 0 || anchor->link[mag - 1].session == 0 ||
        !lk_address_equal(&anchor->link[mag - 1].address, address))
        return 0;
    return mag;
}

static uint32_t sender_of(struct lk_anchor_process *anchor, const struct lk_datagram_peer *peer,
                          struct lk_span packet)
{
    struct lk_address address = lk_datagram_address(peer);
    uint16_t port = lk_datagram_port(peer);
    uint32_t mag;

    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (is_at(&anchor->link[i], &address, port))
            return (uint32_t)i + 1;
    mag = newcomer(anchor, &address, packet);
    if (mag != 0) {
        anchor->link[mag - 1].tunnel = *peer;
        anchor->link[mag - 1].tunnel_port = port;
    }
    return mag;
}

static void on_tunnel(uv_poll_t *poll, int status, int events)
{
    struct lk_anchor_port *port = poll->data;
    struct lk_anchor_process *anchor = port->process;
    size_t count = lk_datagrams_receive(anchor->in, port->fd);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TUNNEL, .now_ms = lk_wall_ms() };

    (void)status;
    (void)events;
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;

        event.octets = lk_datagrams_at(anchor->in, i, &peer);
        event.mag = sender_of(anchor, &peer, event.octets);
        if (event.mag == 0)
            anchor->tunnel_unknown++;
        (void)lk_anchor_give(anchor, &event);
    }
}

void lk_anchor_to_tunnel(struct lk_anchor_process *anchor, uint32_t mag, struct lk_span packet)
{
    const struct lk_anchor_link *link = &anchor->link[mag - 1];

    if (link->session == 0 || link->tunnel.fd < 0)
        lk_count(&anchor->count->send_lost);
    else
        lk_datagrams_put(anchor->to_mags, &link->tunnel, packet);
}

/* ---- TUN ---- */

static void on_tun(uv_poll_t *poll, int status, int events)
{
    static uint8_t packet[LK_IP_PACKET_MAX];
    struct lk_anchor_port *port = poll->data;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_NETWORK, .now_ms = lk_wall_ms() };

    (void)status;
    (void)events;
    for (unsigned round = 0; round < LK_ANCHOR_TUN_ROUNDS; round++) {
        ssize_t got = read(port->fd, packet, sizeof packet);

        if (got <= 0)
            break;
        event.octets = lk_span_of(packet, (size_t)got);
        (void)lk_anchor_give(port->process, &event);
    }
}

void lk_anchor_to_network(struct lk_anchor_process *anchor, struct lk_span packet)
{
    if (anchor->tun < 0 || write(anchor->tun, packet.at, packet.len) != (ssize_t)packet.len)
        anchor->tun_lost++;
}

enum lk_status lk_anchor_prepare(const struct lk_config *config, lk_prepared_add *add,
                                 void *context, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_anchor *anchor = &config->anchor;
    struct lk_tun_setup setup = { .name = anchor->tun };
    enum lk_status status;
    int fd;

    if (anchor->tun[0] == '\0')
        return LK_OK;
    for (size_t i = 0; i < anchor->ipv4_count && setup.networks < LK_TUN_NETWORKS; i++)
        setup.network[setup.networks++] = anchor->ipv4[i];
    for (size_t i = 0; i < anchor->ipv6_count && setup.networks < LK_TUN_NETWORKS; i++)
        setup.network[setup.networks++] = anchor->ipv6[i];
    status = lk_tun_open(&fd, &setup, error, LK_KIND_ERROR_TEXT);
    return status == LK_OK ? add(context, anchor->tun, fd, LK_ANCHOR_TUN) : status;
}

void lk_anchor_plane_begin(struct lk_anchor_process *anchor)
{
    const struct lk_worker_setup *setup = anchor->setup;

    anchor->tun = -1;
    for (size_t i = 0; i < setup->socket_count; i++) {
        struct lk_anchor_port *port = &anchor->port[anchor->ports];
        bool tun = setup->sockets[i].serves == LK_ANCHOR_TUN;
        int status;

        if (setup->sockets[i].serves == LK_ANCHOR_CONTROL)
            continue;
        anchor->ports++;
        port->process = anchor;
        port->fd = setup->sockets[i].fd;
        status = uv_poll_init(&anchor->process.loop, &port->poll, port->fd);
        LK_ASSERT(status == 0);
        port->poll.data = port;
        (void)uv_poll_start(&port->poll, UV_READABLE, tun ? on_tun : on_tunnel);
        if (tun)
            anchor->tun = port->fd;
        else
            lk_seen_socket(&anchor->seen, port->fd, LK_SEEN_TUNNEL, NULL);
    }
}
