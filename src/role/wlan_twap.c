/* The TWAP's half of the wlan process: sockets towards access points and AAA, and what the node
 * says of sessions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/wlan_link.h"

enum {
    SEEN = 4096, /* Disconnect-Requests of ten minutes */
    ASKS = 256,
    LIFETIME_MS = 10000,
    FULL_SWEEPS = 64, /* of a tick that has more to do */
};

/* ---- doors ---- */

static uint8_t door_of(struct lk_wlan_twap *twap, const struct lk_datagram_peer *peer)
{
    size_t i = 0;

    for (; i < twap->doors; i++) {
        const struct lk_wlan_door *door = &twap->door[i];

        if (door->fd == peer->fd && door->has_local == peer->has_local &&
            (!peer->has_local || lk_span_equal(LK_SPAN(door->local.ipi6_addr.s6_addr),
                                               LK_SPAN(peer->local.ipi6_addr.s6_addr))))
            return (uint8_t)i;
    }
    if (i == LK_WLAN_DOORS) /* more addresses than anybody has: the last one is lent */
        i--;
    else
        twap->doors++;
    twap->door[i] = (struct lk_wlan_door){ peer->fd, peer->has_local, peer->local };
    return (uint8_t)i;
}

/* ---- what the node says ---- */

static void log_session(struct lk_wlan *wlan, const char *event, const uint8_t *mac,
                        const struct lk_imsi *imsi, uint64_t generation, const char *why)
{
    static struct lk_log_limit limit;
    char imsi_text[LK_IMSI_MAX_DIGITS + 1], mac_text[LK_STATION_TEXT];
    char generation_text[24], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, wlan->now_ms, &left_out))
        return;
    lk_log_imsi(imsi_text, imsi);
    lk_station_text(mac_text, mac);
    (void)snprintf(generation_text, sizeof generation_text, "%" PRIx64, generation);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, event, { "imsi", imsi_text }, { "station", mac_text },
           { "generation", generation_text }, { "why", why },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static const char *why_name(enum lk_wlan_end why)
{
    switch (why) {
    case LK_WLAN_END_DETACHED: return "detached";
    case LK_WLAN_END_DISCONNECTED: return "disconnected";
    case LK_WLAN_END_MODE: return "mode";
    case LK_WLAN_END_REPLACED: return "replaced";
    case LK_WLAN_END_LOST: return "lost";
    }
    return "?";
}

static void send_to_aaa(struct lk_wlan *wlan, const struct lk_twap_output *item)
{
    struct lk_wlan_twap *twap = wlan->twap;
    size_t upstream = item->send.upstream;
    struct lk_datagram_peer peer;

    lk_process_count(&wlan->process, LK_WLAN_FORWARDED);
    if (twap->config.upstream[upstream].reliable) {
        lk_wlan_radsec_send(wlan, item);
        return;
    }
    peer = lk_datagram_to(twap->leg[upstream][item->send.leg].fd, &twap->server[upstream],
                     twap->server_port[upstream][item->send.where]);
    lk_datagrams_put(wlan->out, &peer, item->send.octets);
}

static void send_to_ap(struct lk_wlan *wlan, const struct lk_twap_output *item)
{
    const struct lk_wlan_door *door = &wlan->twap->door[item->send.door];
    struct lk_datagram_peer peer = lk_datagram_to(door->fd, &item->send.address,
                                                item->send.address_port);

    peer.has_local = door->has_local;
    peer.local = door->local;
    lk_process_count(&wlan->process, LK_WLAN_ANSWERED);
    lk_datagrams_put(wlan->out, &peer, item->send.octets);
}

static void tell_gone(struct lk_wlan *wlan, const struct lk_twap_output *item, bool failed)
{
    struct lk_wlan_gone gone = { .imsi = item->end.imsi, .generation = item->end.generation,
                                 .failed = failed, .why = item->end.why };

    memcpy(gone.ue_mac, item->end.ue_mac, sizeof gone.ue_mac);
    if (wlan->link_out != NULL)
        lk_wlan_link_tell_gone(wlan, &gone);
    else if (wlan->twag != NULL)
        (void)lk_wlan_twag_session_end(wlan, &gone);
}

static void carry_out(struct lk_wlan *wlan, const struct lk_twap_event *event,
                      const struct lk_datagram_peer *from, const struct lk_twap_output *item)
{
    struct lk_datagram_peer peer;
    struct lk_refusal refusal;

    switch (item->kind) {
    case LK_TWAP_OUT_AP:
        send_to_ap(wlan, item);
        break;
    case LK_TWAP_OUT_AAA:
        send_to_aaa(wlan, item);
        break;
    case LK_TWAP_OUT_DYNAMIC:
        if (event->by_connection)
            lk_wlan_radsec_answer(wlan, item->send.octets);
        else
            lk_datagrams_put(wlan->out, from, item->send.octets);
        break;
    case LK_TWAP_OUT_AP_DYNAMIC:
        peer = lk_datagram_to(wlan->twap->to_ap.fd, &item->send.address, item->send.address_port);
        lk_datagrams_put(wlan->out, &peer, item->send.octets);
        break;
    case LK_TWAP_OUT_SESSION:
        lk_process_count(&wlan->process, LK_WLAN_SESSIONS_BEGUN);
        log_session(wlan, "wlan-session", item->session.ue_mac, &item->session.imsi,
                    item->session.generation, NULL);
        if (wlan->link_out != NULL)
            lk_wlan_link_tell(wlan, &item->session);
        else if (wlan->twag != NULL)
            (void)lk_wlan_twag_session(wlan, &item->session);
        break;
    case LK_TWAP_OUT_SESSION_END:
        lk_process_count(&wlan->process, LK_WLAN_SESSIONS_ENDED);
        log_session(wlan, "wlan-session-ended", item->end.ue_mac, &item->end.imsi,
                    item->end.generation, why_name(item->end.why));
        tell_gone(wlan, item, false);
        break;
    case LK_TWAP_OUT_SESSION_FAILED:
        lk_process_count(&wlan->process, LK_WLAN_SESSIONS_FAILED);
        log_session(wlan, "wlan-session-failed", item->end.ue_mac, &item->end.imsi,
                    item->end.generation, NULL);
        tell_gone(wlan, item, true);
        break;
    case LK_TWAP_OUT_NOTED:
        refusal = lk_refusal_of(item->noted, NULL, item->noted_came);
        lk_wlan_refusal(wlan, &refusal, &event->source);
        break;
    }
}

static bool step(struct lk_wlan *wlan, struct lk_twap_event *event,
                 const struct lk_datagram_peer *from)
{
    struct lk_wlan_twap *twap = wlan->twap;
    bool again;

    event->now_ms = wlan->now_ms;
    lk_entropy_take(&wlan->entropy, event->entropy, sizeof event->entropy);
    lk_twap_outbox_empty(&twap->out);
    lk_twap_step(&twap->node, &twap->config, event, &twap->out);
    for (size_t i = 0; i < twap->out.count; i++)
        carry_out(wlan, event, from, &twap->out.item[i]);
    again = twap->out.again;
    lk_twap_outbox_wipe(&twap->out);
    return again;
}

void lk_wlan_twap_step(struct lk_wlan *wlan, struct lk_twap_event *event)
{
    (void)step(wlan, event, NULL);
}

/* ---- what comes in ---- */

void lk_wlan_twap_receive(void *context, const struct lk_udp_port *port,
                          const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_twap_event event = {
        .kind = port->serves == LK_WLAN_DYNAMIC ? LK_TWAP_EV_DYNAMIC : LK_TWAP_EV_AP,
        .octets = octets,
        .source = lk_datagram_address(peer),
        .source_port = lk_datagram_port(peer),
    };
    struct lk_wlan *wlan = context;

    if (event.kind == LK_TWAP_EV_AP) {
        event.port = (enum lk_radius_port)port->serves;
        event.door = door_of(wlan->twap, peer);
    }
    (void)step(wlan, &event, peer);
}

/* Only what comes from the server itself is looked at. */
static void receive_from_aaa(void *context, const struct lk_udp_port *port,
                             const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_wlan *wlan = context;
    const struct lk_wlan_twap *twap = wlan->twap;
    uint8_t upstream = (uint8_t)(port->serves / LK_WLAN_LEGS);
    const uint16_t *ports = twap->server_port[upstream];
    uint16_t from = lk_datagram_port(peer);
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AAA, .octets = octets,
                                   .source = lk_datagram_address(peer),
                                   .upstream = upstream,
                                   .leg = (uint8_t)(port->serves % LK_WLAN_LEGS) };

    if (!lk_address_equal(&event.source, &twap->server[upstream]) ||
        (from != ports[LK_RADIUS_AUTH_PORT] && from != ports[LK_RADIUS_ACCT_PORT]))
        lk_wlan_refused(wlan, LK_REASON_RADIUS_NOT_ASKED, &event.source);
    else
        (void)step(wlan, &event, peer);
}

static void receive_from_ap(void *context, const struct lk_udp_port *port,
                            const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_AP_DYNAMIC, .octets = octets,
                                   .source = lk_datagram_address(peer) };

    (void)port;
    (void)step(context, &event, peer);
}

void lk_wlan_twap_tick(struct lk_wlan *wlan)
{
    struct lk_twap_event event = { .kind = LK_TWAP_EV_TICK };

    for (unsigned i = 0; i < FULL_SWEEPS && step(wlan, &event, NULL); i++)
        continue;
    if (wlan->twap->radsec != NULL)
        lk_process_gauge(&wlan->process, LK_WLAN_RADSEC_ALIVE,
                         lk_radsec_client_alive_count(wlan->twap->radsec));
    lk_process_gauge(&wlan->process, LK_WLAN_SESSIONS, wlan->twap->node.sessions.count);
}

/* ---- beginning and end ---- */

static bool open_socket(int *fd, const struct lk_address *towards,
                        char error[LK_KIND_ERROR_TEXT])
{
    static const uint8_t none[4] = { 0 };
    struct lk_address any = { { 0 } };

    if (lk_address_is_v4(towards))
        any = lk_address_v4(none);
    return lk_datagram_socket(fd, &any, 0, error) == LK_OK;
}

static bool open_sockets(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    static const uint8_t none[4] = { 0 };
    const struct lk_address v4 = lk_address_v4(none);
    struct lk_wlan_twap *twap = wlan->twap;
    int fd;

    for (unsigned i = 0; i < twap->config.upstream_count; i++)
        for (unsigned j = 0; j < LK_WLAN_LEGS && !twap->config.upstream[i].reliable; j++) {
            if (!open_socket(&fd, &twap->server[i], error))
                return false;
            lk_udp_port_begin(&twap->leg[i][j], &wlan->udp, fd, i * LK_WLAN_LEGS + j,
                              receive_from_aaa);
            lk_seen_socket(&wlan->seen, fd, LK_SEEN_AAA, &twap->server[i]);
        }
    if (!open_socket(&fd, &v4, error))
        return false;
    lk_udp_port_begin(&twap->to_ap, &wlan->udp, fd, 0, receive_from_ap);
    lk_seen_socket(&wlan->seen, fd, LK_SEEN_ACCESS_POINT, NULL);
    return true;
}

bool lk_wlan_twap_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = wlan->process.config;
    const struct lk_twap_limits limits = {
        .upstreams = config->twap.server_count, .legs = LK_WLAN_LEGS,
        .sessions = config->twap.sessions_max, .seen = SEEN, .asks = ASKS,
        .lifetime_ms = LIFETIME_MS,
    };
    size_t size = lk_twap_size(&limits);
    uint64_t seed;
    void *memory;

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for the TWAP's tables");
    wlan->twap = calloc(1, sizeof *wlan->twap);
    if (wlan->twap == NULL)
        return false;
    memory = lk_process_memory(size);
    if (memory == NULL)
        return false;
    lk_entropy_take(&wlan->entropy, &seed, sizeof seed);
    lk_twap_in(&wlan->twap->node, memory, &limits, seed);
    return lk_wlan_twap_configure(wlan, error) && open_sockets(wlan, error) &&
           lk_wlan_radsec_begin(wlan, error);
}

void lk_wlan_twap_end(struct lk_wlan *wlan)
{
    lk_radsec_client_free(wlan->twap->radsec);
    lk_wipe(&wlan->twap->config, sizeof wlan->twap->config);
    lk_wipe(wlan->twap->clients, sizeof wlan->twap->clients);
    lk_wipe(wlan->twap->askers, sizeof wlan->twap->askers);
    lk_twap_outbox_wipe(&wlan->twap->out);
}
