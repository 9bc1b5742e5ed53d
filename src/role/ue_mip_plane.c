/* Sockets of the places, and the tunnel in UDP (RFC 3519) with what goes through it: packets of the
 * home address, the home agent's echo requests, and pings of our own. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"

enum { ENVELOPE = 4, MS_PER_S = 1000, PING_DATA = 32 };

static uint64_t now_ns(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- out ---- */

void lk_ue_mip_send(struct lk_ue_manager *ue, size_t place, const struct lk_address *to,
                    uint16_t port, struct lk_span octets)
{
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_datagram_peer peer = lk_datagram_to(mip->place[place].port.fd, to, port);

    lk_datagrams_put(mip->to, &peer, octets);
    if (!mip->gathers)
        (void)lk_datagrams_send(mip->to);
}

/* The home address; of MIPv6 there may be one of each family. */
static bool is_home(const struct lk_ue_mip *mip, const struct lk_address *address)
{
    return lk_address_equal(address, &mip->bound.home) ||
           (!lk_address_is_any(&mip->home4) && lk_address_equal(address, &mip->home4));
}

/* T12: nothing leaves under an address that is not ours. */
static bool is_ours(const struct lk_ue_mip *mip, struct lk_span packet)
{
    struct lk_address source, destination;

    return lk_ip_addresses(&source, &destination, packet) == LK_OK && is_home(mip, &source);
}

/* spec: RFC 5555 4 - of MIPv6 the packet is the datagram. */
static void put_envelope(struct lk_writer *w, const struct lk_ue_mip *mip, struct lk_span packet)
{
    const struct lk_mip_tunnel message = { .encapsulation = LK_MIP_IN_IP, .packet = packet };

    if (mip->version == LK_UE_MIP_V6)
        lk_put_span(w, packet);
    else
        lk_mip_tunnel_put(w, &message);
}

static bool put_up(struct lk_ue_manager *ue, size_t place, struct lk_span packet)
{
    uint8_t octets[ENVELOPE + LK_IP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_ue_mip *mip = &ue->mip;

    if (!mip->tunnel.there || !is_ours(mip, packet)) {
        mip->counters.foreign++;
        return false;
    }
    put_envelope(&w, mip, packet);
    if (w.status != LK_OK)
        return false;
    mip->counters.up++;
    mip->last_up_ms = lk_mono_ms();
    lk_ue_mip_send(ue, place, &mip->tunnel.address, mip->tunnel.port, lk_writer_span(&w));
    return true;
}

bool lk_ue_mip_packet_up(struct lk_ue_manager *ue, struct lk_span packet)
{
    return put_up(ue, ue->mip.tunnel.place, packet);
}

/* The home address that speaks with that one. */
static const struct lk_address *home_for(const struct lk_ue_mip *mip,
                                         const struct lk_address *to)
{
    return mip->version == LK_UE_MIP_V6 && lk_address_is_v4(to) ? &mip->home4 : &mip->bound.home;
}

static bool echo(struct lk_ue_manager *ue, const struct lk_address *to, uint16_t identifier,
                 uint16_t sequence)
{
    static const uint8_t data[PING_DATA] = "latchkey echo";
    uint8_t packet[128];
    struct lk_writer w = lk_writer_of(packet, sizeof packet);

    return lk_ip_ping(&w, home_for(&ue->mip, to), to, identifier, sequence,
                      LK_SPAN(data)) == LK_OK &&
           lk_ue_mip_packet_up(ue, lk_writer_span(&w));
}

/* ---- the translator's time ---- */

static uint64_t keepalive_ms(const struct lk_ue_manager *ue)
{
    unsigned own_s = ue->process.config->ue.mip.keepalive_s, said_s = ue->mip.bound.keepalive_s;

    return MS_PER_S *
           (uint64_t)(own_s > 0 ? own_s : said_s > 0 ? said_s : LK_UE_MIP_KEEPALIVE_S);
}

/* spec: RFC 3519 4.9 - an echo request to the home agent, where nothing else has gone for as long:
 * so whoever translates between keeps the way back. */
void lk_ue_mip_keep_alive(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;
    struct lk_ue_mip *mip = &ue->mip;

    if (!mip->tunnel.there || !mip->bound.udp)
        return;
    if (lk_mono_ms() >= mip->last_up_ms + keepalive_ms(ue)) {
        mip->counters.keepalives++;
        (void)echo(ue, &mip->bound.agent, 0, (uint16_t)mip->counters.keepalives);
    }
    lk_wake_at(&mip->keepalive, mip->last_up_ms + keepalive_ms(ue));
}

/* ---- in ---- */

static bool is_from(const struct lk_datagram_peer *from, const struct lk_address *address,
                    uint16_t port)
{
    const struct lk_address sender = lk_datagram_address(from);

    return lk_datagram_port(from) == port && lk_address_equal(&sender, address);
}

/* T13: who asks whether we are there is answered by whoever has the address, and that is us; from
 * the place where it was asked, which it is about. */
static bool answers(struct lk_ue_manager *ue, size_t place, const struct lk_ip_packet *packet)
{
    uint8_t room[LK_IP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (lk_ip_echo(&w, packet) != LK_OK)
        return false;
    ue->mip.counters.echoes++;
    (void)put_up(ue, place, lk_writer_span(&w));
    return true;
}

/* What comes before the reply that it belongs behind waits for it: the home agent asks where we are
 * in the same moment, and does not say our address twice. One, and of the agent that we asked; in a
 * move only where that one is not at the other end of the tunnel already. */
static bool is_early(struct lk_ue_manager *ue, const struct lk_datagram_peer *peer,
                     struct lk_span packet)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->stage != LK_UE_MIP_REQUESTS || packet.len > LK_UE_MIP_EARLY ||
        !is_from(peer, &mip->asked_at, mip->asked_port) ||
        (mip->tunnel.there && is_from(peer, &mip->tunnel.address, mip->tunnel.port)))
        return false;
    memcpy(mip->early, packet.at, packet.len);
    mip->early_len = packet.len;
    return true;
}

static void take_early(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_ip_packet packet;

    if (lk_ip_read(&packet, lk_span_of(mip->early, mip->early_len)) == LK_OK &&
        is_home(mip, &packet.destination))
        (void)answers(ue, mip->at, &packet);
    mip->early_len = 0;
}

static void ping_next(struct lk_ue_manager *ue);

static bool is_pong(struct lk_ue_manager *ue, const struct lk_ip_packet *packet)
{
    struct lk_ue_mip_ping *ping = &ue->mip.ping;

    if (ping->call == NULL || !lk_ip_is_pong(packet, ping->identifier, ping->sent))
        return false;
    ping->received++;
    ping->total_ns += now_ns() - ping->sent_ns;
    ping_next(ue);
    return true;
}

/* T13, T33: out of the tunnel comes what is for our home address, from its other end. A move leaves
 * the tunnel of the place before until the next is there. */
static void on_packet(struct lk_ue_manager *ue, size_t place, const struct lk_datagram_peer *peer,
                      struct lk_span whole)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_ip_packet packet;

    if (lk_ip_read(&packet, whole) != LK_OK) {
        mip->counters.malformed++;
        return;
    }
    if (lk_ue_mip_advertised(ue, peer, &packet) || is_early(ue, peer, packet.whole))
        return;
    if (!mip->tunnel.there || !is_from(peer, &mip->tunnel.address, mip->tunnel.port)) {
        mip->counters.strangers++;
        return;
    }
    if (!is_home(mip, &packet.destination)) {
        mip->counters.foreign++;
        return;
    }
    mip->counters.down++;
    if (!answers(ue, place, &packet) && !is_pong(ue, &packet) && mip->down != NULL)
        mip->down(ue, packet.whole);
}

/* ---- replies ---- */

/* Whoever it is from: the machine believes only what is proven, and answers our request. */
static void on_reply(struct lk_ue_manager *ue, struct lk_span datagram)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_RECEIVED, .received = datagram };

    ue->mip.counters.heard++;
    (void)lk_ue_mip_give(ue, &event);
}

static void on_tunnel(struct lk_ue_manager *ue, size_t place, const struct lk_datagram_peer *peer,
                      struct lk_span datagram)
{
    struct lk_mip_tunnel tunnel;

    if (lk_mip_tunnel_decode(&tunnel, datagram) == LK_OK && tunnel.encapsulation == LK_MIP_IN_IP)
        on_packet(ue, place, peer, tunnel.packet);
    else
        ue->mip.counters.malformed++;
}

/* spec: RFC 5555 4 - what has no Mobility Header is what the tunnel carries. */
static void on_bare(struct lk_ue_manager *ue, size_t place, const struct lk_datagram_peer *peer,
                    struct lk_span datagram)
{
    struct lk_mip6_packet message;

    if (lk_mip6_read(&message, datagram) == LK_OK)
        on_reply(ue, datagram);
    else
        on_packet(ue, place, peer, datagram);
}

static void on_datagram(void *context, const struct lk_udp_port *port,
                        const struct lk_datagram_peer *peer, struct lk_span datagram)
{
    struct lk_ue_manager *ue = context;

    if (ue->mip.version == LK_UE_MIP_V6) {
        on_bare(ue, port->serves, peer, datagram);
        return;
    }
    switch (lk_mip_type_of(datagram)) {
    case LK_MIP_REPLY: on_reply(ue, datagram); break;
    case LK_MIP_TUNNEL: on_tunnel(ue, port->serves, peer, datagram); break;
    default: ue->mip.counters.malformed++; break;
    }
}

static void on_unreachable(void *context, const struct lk_udp_port *port,
                           const struct lk_datagram_peer *peer)
{
    const struct lk_address to = lk_datagram_address(peer);
    struct lk_ue_manager *ue = context;
    char text[LK_ADDRESS_TEXT];

    (void)port;
    lk_address_text(text, &to);
    (void)snprintf(ue->mip.trouble, sizeof ue->mip.trouble, "nothing listens at %s port %u", text,
                   lk_datagram_port(peer));
}

/* ---- up and down ---- */

/* A tunnel that is not in UDP we have no means to make. */
void lk_ue_mip_tunnel_up(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_address *fa = &mip->mn.place.fa;
    bool by_agent = !lk_address_is_any(fa), v6 = mip->version == LK_UE_MIP_V6;

    mip->tunnel.there = by_agent || mip->bound.udp;
    mip->tunnel.place = mip->at;
    mip->tunnel.address = by_agent ? *fa : v6 ? mip->asked_at : mip->bound.agent;
    mip->tunnel.port = (uint16_t)(by_agent ? c->places[mip->at].agent_port
                                  : v6     ? mip->asked_port
                                           : c->home_agent_port);
    mip->last_up_ms = lk_mono_ms();
    lk_wake_at(&mip->keepalive, by_agent ? LK_WAKE_NEVER : mip->last_up_ms + keepalive_ms(ue));
    take_early(ue);
    if (mip->bound_changed != NULL)
        mip->bound_changed(ue);
}

void lk_ue_mip_tunnel_down(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    memset(&mip->tunnel, 0, sizeof mip->tunnel);
    memset(&mip->bound, 0, sizeof mip->bound);
    memset(&mip->home4, 0, sizeof mip->home4);
    lk_wake_at(&mip->keepalive, LK_WAKE_NEVER);
    mip->ping.wanted = mip->ping.sent; /* its timer ends it: nobody is answered from in here */
    if (mip->bound_changed != NULL)
        mip->bound_changed(ue);
}

/* ---- sockets ---- */

/* What goes through them is of one version at a time. */
static void see(struct lk_ue_manager *ue, int fd)
{
    lk_seen_mip(&ue->seen, fd, ue->mip.version == LK_UE_MIP_V6 ? LK_MIP6_PORT : LK_MIP_PORT, NULL);
}

void lk_ue_mip_see(struct lk_ue_manager *ue)
{
    for (size_t i = 0; i < LK_CONFIG_UE_PLACES; i++)
        if (ue->mip.place[i].open)
            see(ue, ue->mip.place[i].port.fd);
}

bool lk_ue_mip_open(struct lk_ue_manager *ue, size_t place)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    struct lk_ue_mip *mip = &ue->mip;
    char error[LK_SOCKET_ERROR_TEXT];
    struct lk_address own;
    struct lk_refusal why;
    int fd;

    if (mip->place[place].open)
        return true;
    LK_ASSERT(lk_address_parse(&own, c->places[place].address) == LK_OK); /* as its row says */
    if (lk_datagram_socket(&fd, &own, (uint16_t)c->port, error) != LK_OK) {
        why = lk_refusal_of(LK_REASON_MIP_PLACE, "an address of this machine",
                            c->places[place].address);
        lk_ue_mip_refused_at(ue, place, &why, 0);
        return false;
    }
    see(ue, fd);
    lk_udp_port_begin(&mip->place[place].port, &mip->udp, fd, (unsigned)place, on_datagram);
    lk_udp_port_hear_unreachable(&mip->place[place].port, on_unreachable);
    mip->place[place].open = true;
    return true;
}

void lk_ue_mip_close(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    for (size_t i = 0; i < LK_CONFIG_UE_PLACES; i++) {
        if (!mip->place[i].open)
            continue;
        lk_udp_port_end(&mip->place[i].port);
        (void)close(mip->place[i].port.fd);
        mip->place[i].open = false;
    }
}

/* ---- pings ---- */

void lk_ue_mip_ping_end(struct lk_ue_manager *ue)
{
    struct lk_ue_mip_ping *ping = &ue->mip.ping;
    struct lk_control_call *call = ping->call;
    double ms = ping->received > 0 ? (double)ping->total_ns / 1e6 / ping->received : 0;
    char told[96];

    if (call == NULL)
        return;
    ping->call = NULL;
    (void)uv_timer_stop(&ping->timer);
    (void)snprintf(told, sizeof told, "%u of %u echoes came back, %.2f ms", ping->received,
                   ping->sent, ms);
    lk_control_answer(call, json_pack("{s:b, s:i, s:i, s:f, s:s}", "ok",
                                      (int)(ping->sent > 0 && ping->received == ping->sent),
                                      "sent", (int)ping->sent, "received", (int)ping->received,
                                      "ms", ms, "told", told));
}

static void on_late(uv_timer_t *timer)
{
    ping_next(timer->data);
}

static void ping_next(struct lk_ue_manager *ue)
{
    struct lk_ue_mip_ping *ping = &ue->mip.ping;

    if (ping->sent == ping->wanted) {
        lk_ue_mip_ping_end(ue);
        return;
    }
    ping->sent++;
    ping->sent_ns = now_ns();
    (void)echo(ue, &ping->to, ping->identifier, ping->sent);
    (void)uv_timer_start(&ping->timer, on_late, LK_UE_PING_WAITS_MS, 0);
}

void lk_ue_mip_ping(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    const char *to = json_string_value(json_object_get(request, "to"));
    const json_t *said = json_object_get(request, "count");
    json_int_t count = said != NULL ? json_integer_value(said) : LK_UE_PINGS;
    struct lk_ue_mip_ping *ping = &ue->mip.ping;

    if (ping->call != NULL) {
        lk_control_refuse(call, "another ping is under way", "wait for its end");
    } else if (!ue->mip.tunnel.there) {
        lk_control_refuse(call, "there is no tunnel to ping through", "latchkey ue mip-register");
    } else if (to == NULL || lk_address_parse(&ping->to, to) != LK_OK ||
               lk_address_is_any(home_for(&ue->mip, &ping->to)) ||
               lk_address_is_v4(&ping->to) != lk_address_is_v4(home_for(&ue->mip, &ping->to))) {
        lk_control_refuse(call, "a ping needs an address to go to, of the home address's family",
                          "say to=10.64.0.1");
    } else if (count < 1 || count > LK_UE_PINGS_MAX) {
        lk_control_refuse(call, "count is a number from 1 to 100", "leave it out for three");
    } else {
        ping->identifier++;
        ping->sent = ping->received = 0;
        ping->total_ns = 0;
        ping->wanted = (uint16_t)count;
        ping->call = call;
        ping_next(ue);
    }
}
