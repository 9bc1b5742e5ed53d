/* The user plane of the lab: Ethernet frames in UDP datagrams. The device can ping, and carries
 * what its applications say (ue_tun.h). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "node/path.h"
#include "role/ue_manager.h"
#include "wire/ip.h"

enum { ETHER_HEADER = 14, ETHER_IPV4 = 0x0800, FRAME_MAX = 1600, ROUNDS = 64 };

static uint64_t now_ns(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void end_ping(struct lk_ue_manager *ue)
{
    struct lk_ue_ping *ping = &ue->ping;
    char told[96];
    double ms = ping->received > 0 ? (double)ping->total_ns / 1e6 / ping->received : 0;

    (void)uv_timer_stop(&ping->timer);
    snprintf(told, sizeof told, "%u of %u echoes came back, %.2f ms", ping->received, ping->sent,
             ms);
    lk_ue_manager_answer(ue, ping->call, json_pack("{s:b, s:i, s:i, s:f, s:s}", "ok",
                                                   (int)(ping->received == ping->sent), "sent",
                                                   (int)ping->sent, "received",
                                                   (int)ping->received, "ms", ms, "told", told));
    ping->call = NULL;
}

static void put_mac(struct lk_writer *w, const char *text)
{
    for (size_t i = 0; i < LK_WLCP_MAC_LEN; i++) {
        unsigned octet = 0;

        (void)sscanf(text + 3 * i, "%2x", &octet);
        lk_put_u8(w, (uint8_t)octet);
    }
}

static struct lk_datagram_peer twag_of(const struct lk_ue_manager *ue)
{
    return lk_datagram_to(lk_process_socket(&ue->process, LK_UE_USER_PLANE), &ue->twag.address,
                          (uint16_t)ue->process.config->wlcp.user_port);
}

static void to_gateway(struct lk_ue_manager *ue, struct lk_span frame)
{
    struct lk_datagram_peer to = twag_of(ue);

    lk_seen_datagram(&ue->seen, &to, true, frame);
    (void)sendto(to.fd, frame.at, frame.len, 0, &to.from.any, sizeof to.from.v4);
}

void lk_ue_manager_packet(struct lk_ue_manager *ue, const uint8_t user_plane[LK_WLCP_MAC_LEN],
                          struct lk_span packet)
{
    uint8_t frame[ETHER_HEADER + LK_IP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    lk_put_octets(&w, user_plane, LK_WLCP_MAC_LEN);
    put_mac(&w, ue->process.config->ue.mac);
    lk_put_be16(&w, ETHER_IPV4);
    lk_put_span(&w, packet);
    if (w.status == LK_OK)
        to_gateway(ue, lk_writer_span(&w));
}

static void send_frame(struct lk_ue_manager *ue)
{
    static const uint8_t data[32] = "latchkey echo";
    struct lk_ue_ping *ping = &ue->ping;
    uint8_t frame[FRAME_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    lk_put_span(&w, LK_SPAN(ping->user_plane));
    put_mac(&w, ue->process.config->ue.mac);
    lk_put_be16(&w, ETHER_IPV4);
    if (lk_ip_ping(&w, &ping->from, &ping->to, ping->identifier, ping->sent, LK_SPAN(data))
        != LK_OK)
        return;
    ping->sent_ns = now_ns();
    to_gateway(ue, lk_writer_span(&w));
}

static void next(struct lk_ue_manager *ue);

static void on_late(uv_timer_t *timer)
{
    next(timer->data);
}

static void next(struct lk_ue_manager *ue)
{
    struct lk_ue_ping *ping = &ue->ping;

    if (ping->sent == ping->wanted) {
        end_ping(ue);
        return;
    }
    ping->sent++;
    send_frame(ue);
    (void)uv_timer_start(&ping->timer, on_late, LK_UE_PING_WAITS_MS, 0);
}

/* T13: the gateway wants its token back from where we are. It goes to the gateway, whoever sent it.
 */
static bool send_back(struct lk_ue_manager *ue, struct lk_span frame)
{
    struct lk_reader r = lk_reader_of(frame);
    struct lk_span to = lk_get_span(&r, LK_WLCP_MAC_LEN), from = lk_get_span(&r, LK_WLCP_MAC_LEN);
    uint16_t type = lk_get_be16(&r);
    uint8_t back[ETHER_HEADER + LK_PATH_TOKEN_LEN];
    struct lk_writer w = lk_writer_of(back, sizeof back);

    if (r.status != LK_OK || type != LK_PATH_ETHER_TYPE || r.left != LK_PATH_TOKEN_LEN)
        return false;
    lk_put_span(&w, from);
    lk_put_span(&w, to);
    lk_put_be16(&w, type);
    lk_put_span(&w, lk_get_rest(&r));
    to_gateway(ue, lk_writer_span(&w));
    return true;
}

static bool is_same(const struct lk_datagram_peer *from, const struct lk_datagram_peer *twag)
{
    struct lk_address a = lk_datagram_address(from), b = lk_datagram_address(twag);

    return lk_datagram_port(from) == lk_datagram_port(twag) && lk_address_equal(&a, &b);
}

/* The echo that the ping under way waits for. */
static bool is_answer(const struct lk_ue_ping *ping, struct lk_span octets)
{
    struct lk_ip_packet packet;

    return ping->call != NULL && lk_ip_read(&packet, octets) == LK_OK &&
           lk_address_equal(&packet.destination, &ping->from) &&
           lk_ip_is_pong(&packet, ping->identifier, ping->sent);
}

static void take_frame(struct lk_ue_manager *ue, struct lk_span frame)
{
    struct lk_ue_ping *ping = &ue->ping;
    struct lk_span packet;

    if (frame.len <= ETHER_HEADER || send_back(ue, frame))
        return;
    packet = lk_span_of(frame.at + ETHER_HEADER, frame.len - ETHER_HEADER);
    if (!is_answer(ping, packet)) {
        lk_ue_tun_down(ue, packet);
        return;
    }
    ping->received++;
    ping->total_ns += now_ns() - ping->sent_ns;
    next(ue);
}

static void on_frame(uv_poll_t *poll, int status, int events)
{
    struct lk_ue_manager *ue = poll->data;
    struct lk_datagram_peer twag = twag_of(ue), from = twag;
    uint8_t frame[FRAME_MAX];

    (void)status;
    (void)events;
    for (unsigned round = 0; round < ROUNDS; round++) {
        socklen_t len = sizeof from.from;
        ssize_t got = recvfrom(twag.fd, frame, sizeof frame, MSG_DONTWAIT, &from.from.any, &len);

        if (got <= 0)
            return;
        /* T01: another program of the device is not the gateway. */
        if (!is_same(&from, &twag))
            continue;
        lk_seen_datagram(&ue->seen, &from, false, lk_span_of(frame, (size_t)got));
        take_frame(ue, lk_span_of(frame, (size_t)got));
    }
}

void lk_ue_manager_plane(struct lk_ue_manager *ue)
{
    lk_seen_socket(&ue->seen, lk_process_socket(&ue->process, LK_UE_USER_PLANE), LK_SEEN_USER_PLANE,
                   NULL);
    LK_ASSERT(uv_timer_init(&ue->process.loop, &ue->ping.timer) == 0);
    ue->ping.timer.data = ue;
    LK_ASSERT(uv_poll_init(&ue->process.loop, &ue->plane,
                           lk_process_socket(&ue->process, LK_UE_USER_PLANE)) == 0);
    ue->plane.data = ue;
    LK_ASSERT(uv_poll_start(&ue->plane, UV_READABLE, on_frame) == 0);
}

void lk_ue_manager_ping(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const struct lk_wlcp_ue_connection *connection, const json_t *request)
{
    const char *to = json_string_value(json_object_get(request, "to"));
    const json_t *said = json_object_get(request, "count");
    json_int_t count = said != NULL ? json_integer_value(said) : LK_UE_PINGS;
    struct lk_ue_ping *ping = &ue->ping;

    if (ping->call != NULL) {
        lk_control_refuse(call, "another ping is under way", "wait for its end");
        return;
    }
    if (to == NULL || lk_address_parse(&ping->to, to) != LK_OK
        || !lk_address_is_v4(&ping->to) || (connection->address.pdn_type & LK_WLCP_IPV4) == 0) {
        lk_control_refuse(call, "a ping needs an IPv4 address to go to, and a connection with one",
                          "say \"to\": \"10.64.0.1\"");
        return;
    }
    if (count < 1 || count > LK_UE_PINGS_MAX) {
        lk_control_refuse(call, "count is a number from 1 to 100", "leave it out for three");
        return;
    }
    ping->from = lk_address_v4(connection->address.ipv4);
    memcpy(ping->user_plane, connection->user_plane, sizeof ping->user_plane);
    ping->identifier++;
    ping->sent = ping->received = 0;
    ping->total_ns = 0;
    ping->wanted = (uint16_t)count;
    ping->call = call;
    next(ue);
}
