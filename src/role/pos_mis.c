/* MIS of mobile nodes over UDP and TCP, as it is: who says what, its SAs prove. */
#include <stdio.h>
#include <stdlib.h>

#include "role/pos_process.h"

static void see(struct lk_pos_point *point, uint32_t stream, bool out, struct lk_span octets)
{
    const struct lk_peer *peer = lk_clear_peer_of(point->tcp, stream);
    struct lk_capture_end own = lk_pos_own_end(point, point->setting.from.port), other;

    if (peer == NULL)
        return;
    other = lk_seen_end_of(&peer->address, peer->port);
    lk_seen_mis(&point->process->seen, LK_SEEN_MIS, out ? &own : &other, out ? &other : &own,
                octets);
}

/* ---- UDP ---- */

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *from, struct lk_span octets)
{
    struct lk_pos_process *pos = context;
    const struct lk_pos_peer peer = { .way = LK_POS_UDP, .address = lk_datagram_address(from),
                                      .port = lk_datagram_port(from) };

    lk_pos_heard(pos->point[port->serves / LK_POS_PORTS], &peer, octets);
}

/* ---- TCP ---- */

static struct lk_pos_peer peer_of(uint32_t stream, const struct lk_peer *at)
{
    return (struct lk_pos_peer){ .way = LK_POS_STREAM, .handle = stream, .address = at->address,
                                 .port = at->port };
}

static struct lk_mis_framer **framer_of(const struct lk_pos_point *point, uint32_t stream)
{
    return &point->framer[lk_clear_place(point->tcp, stream)];
}

static void forget_framer(struct lk_mis_framer **framer)
{
    if (*framer != NULL)
        lk_mis_framer_wipe(*framer);
    free(*framer);
    *framer = NULL;
}

/* T44: with the address that it came from, whose share of the places it had. */
static void on_down(void *context, uint32_t stream, const struct lk_peer *at)
{
    struct lk_pos_point *point = context;
    struct lk_pos_event event = { .kind = LK_POS_EV_GONE, .gone = peer_of(stream, at) };

    forget_framer(framer_of(point, stream));
    (void)(lk_pos_give(point, &event) == LK_OK);
}

static void hang_up(struct lk_pos_point *point, uint32_t stream)
{
    const struct lk_peer at = *lk_clear_peer_of(point->tcp, stream);

    lk_clear_close(point->tcp, stream);
    on_down(point, stream, &at);
}

/* spec: RFC 5677 5 - the header's length says where a message ends. */
static void on_octets(void *context, uint32_t stream, struct lk_span octets)
{
    struct lk_pos_point *point = context;
    const struct lk_pos_peer peer = peer_of(stream, lk_clear_peer_of(point->tcp, stream));
    struct lk_mis_framer **framer = framer_of(point, stream);
    enum lk_status status = LK_E_LENGTH;
    struct lk_span message;

    if (*framer == NULL) {
        *framer = calloc(1, sizeof **framer);
        if (*framer != NULL)
            lk_mis_framer_wipe(*framer);
    }
    while (*framer != NULL && (status = lk_mis_framer_next(*framer, &message, &octets)) == LK_OK) {
        see(point, stream, false, message);
        lk_pos_heard(point, &peer, message);
        if (lk_clear_peer_of(point->tcp, stream) == NULL)
            return; /* the node has closed it */
    }
    if (status == LK_E_LENGTH)
        hang_up(point, stream);
    else if ((*framer)->len == 0)
        forget_framer(framer);
}

/* ---- what the node says ---- */

void lk_pos_mis_send(struct lk_pos_point *point, const struct lk_pos_peer *peer,
                     struct lk_span octets)
{
    struct lk_datagram_peer to;

    if (peer->way == LK_POS_UDP) {
        to = lk_datagram_to(point->udp_fd, &peer->address, peer->port);
        lk_datagrams_put(point->process->to_mn, &to, octets);
        return;
    }
    see(point, peer->handle, true, octets);
    if (lk_clear_send(point->tcp, peer->handle, octets) != LK_OK)
        lk_count(&point->process->count->send_lost);
}

void lk_pos_mis_close(struct lk_pos_point *point, uint32_t stream)
{
    if (lk_clear_peer_of(point->tcp, stream) == NULL)
        return;
    lk_clear_close(point->tcp, stream);
    forget_framer(framer_of(point, stream));
}

bool lk_pos_mis_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_pos *config = &point->process->process.config->pos;
    const struct lk_clear_setup setup = { { point, on_octets, on_down }, config->streams,
                                          config->streams_a_source, 0 };
    int tcp = lk_pos_socket(point, LK_POS_TCP_PORT);

    point->udp_fd = lk_pos_socket(point, LK_POS_UDP_PORT);
    point->framer = calloc(config->streams, sizeof(struct lk_mis_framer *));
    point->tcp = lk_clear_new(&point->process->process.loop, tcp, &setup);
    if (point->framer == NULL || point->tcp == NULL) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for MIS over TCP");
        return false;
    }
    lk_seen_socket(&point->process->seen, point->udp_fd, LK_SEEN_MIS, NULL);
    lk_udp_port_begin(&point->udp, &point->process->udp, point->udp_fd,
                      point->number * LK_POS_PORTS + LK_POS_UDP_PORT, receive);
    return true;
}

void lk_pos_mis_end(struct lk_pos_point *point)
{
    for (uint32_t i = 0; point->framer != NULL && point->tcp != NULL &&
                         i < point->process->process.config->pos.streams; i++)
        forget_framer(&point->framer[i]);
    lk_clear_free(point->tcp);
    free(point->framer);
}
