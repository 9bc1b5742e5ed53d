/* The anchor's user plane: IP packets in UDP datagrams from and to gateways, and a TUN device.
 *
 * The tunnel is in the clear, as that of the standard is without IPsec: a datagram is taken for a
 * gateway's when it comes from the address of that gateway's DTLS session, and from the port that
 * the gateway tells on it. Where it tells none, or somebody translates its address, the port is
 * seen on packets whose source is a binding of the gateway's own, so that several gateways may
 * share an address. Either way packets go to it only after it has answered a token (T13). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/anchor_parts.h"
#include "role/kind_tun.h"

enum {
    TOKEN = 0, /* no IP packet begins so */
    TOKEN_DATAGRAM_LEN = 1 + LK_PATH_TOKEN_LEN,
    MISSED_BEATS = 3,
    SILENT_MAX_MS = 60000,
};

static bool is_at(const struct lk_anchor_link *link, const struct lk_address *address,
                  uint16_t port)
{
    return link->session != 0 && port != 0 && link->path.port == port &&
           lk_address_equal(&link->peer.address, address);
}

/* It says how often it would be heard, and is not. Of who does not say so nothing is known. */
static bool is_silent(const struct lk_anchor_process *anchor, const struct lk_anchor_link *link)
{
    uint64_t after_ms = (uint64_t)MISSED_BEATS * link->beats_ms;

    if (after_ms == 0 || after_ms > SILENT_MAX_MS)
        after_ms = SILENT_MAX_MS;
    return link->has_word && anchor->now_ms > link->heard_ms + after_ms;
}

/* T13: what another gateway proved to be its own is not there for this one to be proven at, for as
 * long as the other lives: a gateway that knows no word sends tokens back, whoever they are for. */
static bool is_anothers(const struct lk_anchor_process *anchor, uint32_t mag,
                        const struct lk_address *address, uint16_t port)
{
    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (i + 1 != mag && is_at(&anchor->link[i], address, port) &&
            !is_silent(anchor, &anchor->link[i]))
            return true;
    return false;
}

/* Where one is proven no other one is any more. */
static void take_place(struct lk_anchor_process *anchor, uint32_t mag,
                       const struct lk_datagram_peer *peer)
{
    struct lk_address address = lk_datagram_address(peer);

    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (i + 1 != mag && is_at(&anchor->link[i], &address, lk_datagram_port(peer)))
            anchor->link[i].path.port = 0;
    anchor->link[mag - 1].tunnel = *peer;
}

/* Who may be at a place where nobody has proven to be: the owner of the packet's source, when its
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
    mag = binding == NULL ? 0 : lk_binding_stands(binding).owner;
    if (mag == 0 || anchor->link[mag - 1].session == 0 ||
        !lk_address_equal(&anchor->link[mag - 1].peer.address, address))
        return 0;
    return mag;
}

static struct lk_path_owner owner_of(const struct lk_anchor_link *link)
{
    return (struct lk_path_owner){ .number = link->session, .address = &link->peer.address,
                                   .word = link->has_word ? &link->word : NULL };
}

static void ask(struct lk_anchor_process *anchor, const struct lk_anchor_link *link,
                const struct lk_datagram_peer *peer)
{
    struct lk_path_owner owner = owner_of(link);
    uint8_t octets[TOKEN_DATAGRAM_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_path_token token;

    lk_path_ask(&token, &anchor->path_key, &owner, lk_datagram_port(peer));
    lk_put_u8(&w, TOKEN);
    lk_put_octets(&w, token.octets, sizeof token.octets);
    lk_datagrams_put(anchor->to_mags, peer, lk_writer_span(&w));
}

static void refuse_path(struct lk_anchor_process *anchor, uint32_t mag, const char *came)
{
    struct lk_refusal refusal = lk_refusal_of(LK_REASON_PATH_UNPROVEN, "an answer to a token",
                                              came);
    const struct lk_log_field fields[] = { { "mag", anchor->config.mag[mag - 1].name } };

    lk_count(&anchor->count->refused[LK_REASON_PATH_UNPROVEN]);
    lk_log_refusal(&refusal, anchor->now_ms, fields, LK_COUNT_OF(fields));
}

/* T13: the gateway may be there; it is asked before packets go there. */
static void meet(struct lk_anchor_process *anchor, uint32_t mag,
                 const struct lk_datagram_peer *peer, enum lk_path_verdict verdict)
{
    struct lk_anchor_link *link = &anchor->link[mag - 1];

    switch (verdict) {
    case LK_PATH_ASK:
        if (link->path.port == 0)
            link->tunnel = *peer;
        ask(anchor, link, peer);
        break;
    case LK_PATH_REFUSED:
        refuse_path(anchor, mag, NULL);
        break;
    case LK_PATH_PROVEN:
    case LK_PATH_SILENT:
    case LK_PATH_STRANGER:
        break;
    }
}

void lk_anchor_told(struct lk_anchor_process *anchor, uint32_t mag,
                    const struct lk_mobility_place *place)
{
    struct lk_anchor_link *link = &anchor->link[mag - 1];
    enum lk_path_verdict verdict = lk_path_told(&link->path, place->port, anchor->now_ms);
    struct lk_datagram_peer peer;

    link->has_word = true;
    memcpy(link->word.octets, place->word, sizeof link->word.octets);
    link->beats_ms = place->beats_ms;
    if (verdict == LK_PATH_ASK && is_anothers(anchor, mag, &link->peer.address, place->port)) {
        refuse_path(anchor, mag, "another gateway's place");
        return;
    }
    for (size_t i = 0; i < anchor->ports; i++)
        if (anchor->port[i].beside == link->peer.fd) {
            peer = lk_channel_way(anchor->port[i].fd, &link->peer, place->port);
            meet(anchor, mag, &peer, verdict);
        }
}

static bool is_token(struct lk_span octets)
{
    return octets.len == TOKEN_DATAGRAM_LEN && octets.at[0] == TOKEN;
}

static void answered(struct lk_anchor_process *anchor, const struct lk_datagram_peer *peer,
                     struct lk_span token)
{
    struct lk_address address = lk_datagram_address(peer);

    for (size_t i = 0; i < anchor->config.mag_count; i++) {
        struct lk_anchor_link *link = &anchor->link[i];
        struct lk_path_owner owner = owner_of(link);

        if (link->session != 0 && lk_address_equal(&link->peer.address, &address) &&
            !is_anothers(anchor, (uint32_t)i + 1, &address, lk_datagram_port(peer)) &&
            lk_path_answered(&link->path, &anchor->path_key, &owner, lk_datagram_port(peer),
                             token)) {
            take_place(anchor, (uint32_t)i + 1, peer);
            return;
        }
    }
}

static uint32_t sender_of(struct lk_anchor_process *anchor, const struct lk_datagram_peer *peer,
                          struct lk_span packet, uint64_t now_ms)
{
    struct lk_address address = lk_datagram_address(peer);
    uint16_t port = lk_datagram_port(peer);
    enum lk_path_verdict verdict;
    uint32_t mag;

    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (is_at(&anchor->link[i], &address, port))
            return (uint32_t)i + 1;
    mag = newcomer(anchor, &address, packet);
    if (mag == 0)
        return 0;
    verdict = lk_path_seen(&anchor->link[mag - 1].path, port, now_ms);
    meet(anchor, mag, peer, verdict);
    /* T33: who has proven, or says, to be elsewhere does not speak from here before proving it. */
    return verdict != LK_PATH_STRANGER && anchor->link[mag - 1].path.port == 0 ? mag : 0;
}

static void on_tunnel(uv_poll_t *poll, int status, int events)
{
    struct lk_anchor_port *port = poll->data;
    struct lk_anchor_process *anchor = port->process;
    size_t count = lk_datagrams_receive(anchor->in, port->fd);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TUNNEL, .now_ms = lk_wall_ms() };

    (void)status;
    (void)events;
    anchor->now_ms = event.now_ms;
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;

        event.octets = lk_datagrams_at(anchor->in, i, &peer);
        if (is_token(event.octets)) {
            answered(anchor, &peer, lk_span_of(event.octets.at + 1, event.octets.len - 1));
            continue;
        }
        event.mag = sender_of(anchor, &peer, event.octets, event.now_ms);
        if (event.mag == 0)
            anchor->tunnel_unknown++;
        (void)lk_anchor_give(anchor, &event);
    }
}

void lk_anchor_to_tunnel(struct lk_anchor_process *anchor, uint32_t mag,
                         const struct lk_anchor_place *to, struct lk_span packet)
{
    struct lk_anchor_link *link;

    if (mag == 0) {
        lk_anchor_mip_tunnel(anchor, to, packet);
        return;
    }
    link = &anchor->link[mag - 1];
    if (link->session == 0 || lk_path_to(&link->path, anchor->now_ms) == 0)
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

static struct lk_address address_of(const char *text)
{
    struct lk_address address = { { 0 } };

    return text[0] != '\0' && lk_address_parse(&address, text) == LK_OK
               ? address : (struct lk_address){ { 0 } };
}

enum lk_status lk_anchor_prepare(const struct lk_config *config, lk_prepared_add *add,
                                 void *context, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_anchor *anchor = &config->anchor;
    struct lk_kind_tun wanted = { .in = (enum lk_config_tun_in)anchor->tun_in,
                                  .key = "anchor.tun_in", .tun = LK_ANCHOR_TUN,
                                  .line = LK_ANCHOR_TUN_LINE, .sheet = LK_ANCHOR_TUN_SHEET };
    struct lk_tun_setup *setup = &wanted.setup;
    bool apart = wanted.in != LK_CONFIG_TUN_HERE;

    memcpy(setup->name, anchor->tun, sizeof setup->name);
    if (apart) {
        setup->address4 = address_of(anchor->tun_address);
        setup->address6 = address_of(anchor->tun_address6);
    }
    for (size_t i = 0; i < anchor->ipv4_count && setup->networks < LK_TUN_NETWORKS; i++)
        setup->network[setup->networks++] = anchor->ipv4[i];
    /* Apart, a machine need have no IPv6 where no address of it is wanted. */
    for (size_t i = 0; i < anchor->ipv6_count && setup->networks < LK_TUN_NETWORKS; i++)
        if (!apart || !lk_address_is_any(&setup->address6))
            setup->network[setup->networks++] = anchor->ipv6[i];
    return lk_kind_tun_prepare(&wanted, add, context, error);
}

/* The channels' socket at the same address: who dialled that one wants its packets from fd. */
static int beside(const struct lk_worker_setup *setup, int fd)
{
    struct lk_address own, other;
    uint16_t port;

    if (lk_datagram_bound(&own, &port, fd) != LK_OK)
        return -1;
    for (size_t i = 0; i < setup->socket_count; i++)
        if (setup->sockets[i].serves == LK_ANCHOR_CONTROL &&
            lk_datagram_bound(&other, &port, setup->sockets[i].fd) == LK_OK &&
            lk_address_equal(&own, &other))
            return setup->sockets[i].fd;
    return -1;
}

void lk_anchor_plane_begin(struct lk_anchor_process *anchor)
{
    const struct lk_worker_setup *setup = anchor->process.setup;

    anchor->tun = -1;
    for (size_t i = 0; i < setup->socket_count; i++) {
        struct lk_anchor_port *port = &anchor->port[anchor->ports];
        bool tun = setup->sockets[i].serves == LK_ANCHOR_TUN;
        int status;

        if (setup->sockets[i].serves == LK_ANCHOR_CONTROL ||
            setup->sockets[i].serves == LK_ANCHOR_TUN_LINE ||
            setup->sockets[i].serves == LK_ANCHOR_TUN_SHEET)
            continue;
        anchor->ports++;
        port->process = anchor;
        port->fd = setup->sockets[i].fd;
        port->beside = setup->sockets[i].serves == LK_ANCHOR_TUNNELS ? beside(setup, port->fd) : -1;
        status = uv_poll_init(&anchor->process.loop, &port->poll, port->fd);
        LK_ASSERT(status == 0);
        port->poll.data = port;
        if (setup->sockets[i].serves == LK_ANCHOR_MIP) {
            lk_anchor_mip_poll(anchor, port);
            continue;
        }
        if (setup->sockets[i].serves == LK_ANCHOR_MIP6) {
            lk_anchor_mip6_poll(anchor, port);
            continue;
        }
        (void)uv_poll_start(&port->poll, UV_READABLE, tun ? on_tun : on_tunnel);
        if (tun)
            anchor->tun = port->fd;
        else
            lk_seen_socket(&anchor->seen, port->fd, LK_SEEN_TUNNEL, NULL);
    }
}
