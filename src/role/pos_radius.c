/* RADIUS of a point of service towards its AAA: over TLS (pos_radsec.c), or on loopback; there from
 * sockets of our own, and what comes to them from anywhere else is nobody's. */
#include <stdio.h>
#include <unistd.h>

#include "role/pos_process.h"

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_pos_process *pos = context;
    struct lk_pos_point *point = pos->point[port->serves];
    uint32_t socket = (uint32_t)(port - point->radius);
    struct lk_address from = lk_datagram_address(peer);
    struct lk_address aaa = lk_datagram_address(&point->aaa[socket]);
    struct lk_pos_event event = { .kind = LK_POS_EV_RADIUS, .radius = { socket, octets } };

    if (!lk_address_equal(&from, &aaa) ||
        lk_datagram_port(peer) != lk_datagram_port(&point->aaa[socket])) {
        pos->radius_foreign++;
        return;
    }
    (void)(lk_pos_give(point, &event) == LK_OK);
}

bool lk_pos_radius_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_point *config = &point->setting.from;
    char why[LK_SOCKET_ERROR_TEXT];
    struct lk_address server, own;
    int fd;

    if (config->aaa.certificate[0] != '\0')
        return lk_pos_radsec_begin(point, error);
    if (lk_address_parse(&server, config->aaa.server) != LK_OK ||
        lk_address_parse(&own, config->aaa.source) != LK_OK)
        return false;
    for (uint32_t i = 0; i < point->setting.node.sockets; i++) {
        if (lk_datagram_socket(&fd, &own, 0, why) != LK_OK) {
            (void)snprintf(error, LK_KIND_ERROR_TEXT, "RADIUS: %.200s", why);
            return false;
        }
        point->aaa[i] = lk_datagram_to(fd, &server, (uint16_t)config->aaa.port);
        lk_udp_port_begin(&point->radius[i], &point->process->radius, fd, point->number, receive);
    }
    return true;
}

void lk_pos_radius_send(struct lk_pos_point *point, uint32_t socket, struct lk_span octets)
{
    if (point->radsec != NULL)
        lk_pos_radsec_send(point, octets);
    else
        lk_datagrams_put(point->process->to_aaa, &point->aaa[socket], octets);
}
