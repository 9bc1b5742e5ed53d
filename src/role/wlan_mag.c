/* The MAG's leg: PMIPv6 to the anchor over DTLS with a pre-shared key, and the tunnel beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "node/path.h"
#include "role/dtls_config.h"
#include "role/wlan_twag.h"

enum { FIRST_REDIAL_MS = 500, LAST_REDIAL_MS = 10000, EXPIRIES_A_TICK = 4096 };

/* ---- what the sessions say ---- */

static void send_to_anchor(struct lk_wlan *wlan, struct lk_span octets)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    if (!mag->up || lk_channel_send(mag->channel, mag->session, octets) != LK_OK)
        lk_count(&wlan->count->send_lost);
}

static void tell_bound(struct lk_wlan *wlan, const struct lk_mag_output *item)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_BOUND,
                                   .binding.ref = { item->ref.row, item->ref.epoch } };

    event.binding.has_ipv4 = item->bound.has_ipv4;
    memcpy(event.binding.ipv4, item->bound.ipv4.octets, sizeof event.binding.ipv4);
    event.binding.has_prefix = item->bound.has_prefix;
    memcpy(event.binding.prefix, item->bound.prefix.address.octets, sizeof event.binding.prefix);
    lk_wlan_twag_later(wlan, &event);
}

static void tell_refused(struct lk_wlan *wlan, const struct lk_mag_output *item)
{
    struct lk_twag_event event = {
        .kind = item->kind == LK_MAG_OUT_UNBOUND ? LK_TWAG_EV_UNBOUND : LK_TWAG_EV_REFUSED,
        .binding = { .ref = { item->ref.row, item->ref.epoch }, .cause = item->refused.cause,
                     .back_off_ms = item->refused.back_off_ms },
    };

    lk_count(&wlan->count->refused[item->refused.refusal.reason]);
    lk_log_refusal(&item->refused.refusal, wlan->now_ms, NULL, 0);
    lk_wlan_twag_later(wlan, &event);
}

static void carry_out(struct lk_wlan *wlan)
{
    const struct lk_mag_outbox *out = &wlan->twag->mag.out;

    for (size_t i = 0; i < out->count; i++)
        switch (out->item[i].kind) {
        case LK_MAG_OUT_SEND:
            /* What cannot be sent now is sent again: by the machine's own clock, or when there is
             * a channel again and the anchor knows our place. */
            if (lk_pmip_heart_has_told(&wlan->twag->mag.heart, &wlan->twag->mag.beats))
                send_to_anchor(wlan, out->item[i].send);
            else
                lk_count(&wlan->count->send_lost);
            break;
        case LK_MAG_OUT_BOUND:
            tell_bound(wlan, &out->item[i]);
            break;
        case LK_MAG_OUT_REFUSED:
        case LK_MAG_OUT_UNBOUND:
            tell_refused(wlan, &out->item[i]);
            break;
        }
}

void lk_wlan_mag_register(struct lk_wlan *wlan, const struct lk_twag_output *item)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    char service[LK_WLCP_APN_TEXT];
    struct lk_mag_register wanted = {
        .ref = { item->pdn.ref.row, item->pdn.ref.epoch }, .imsi = *item->imsi,
        .token = item->pdn.token, .want_ipv4 = (item->pdn.pdn_type & LK_WLCP_IPV4) != 0,
        .want_ipv6 = (item->pdn.pdn_type & LK_WLCP_IPV6) != 0, .handover = item->pdn.handover,
    };
    enum lk_status status;

    lk_wlcp_apn_text(service, item->pdn.apn);
    wanted.service = lk_span_text(service);
    status = lk_mag_register(&mag->node, &mag->config, &wanted, wlan->now_ms, &mag->out);
    if (status != LK_OK) {
        const struct lk_twag_event event = {
            .kind = LK_TWAG_EV_REFUSED,
            .binding = { .ref = item->pdn.ref,
                         .cause = status == LK_E_EXISTS ? LK_WLCP_CAUSE_ONE_PER_APN
                                                        : LK_WLCP_CAUSE_RESOURCES },
        };

        lk_wlan_twag_later(wlan, &event);
        return;
    }
    carry_out(wlan);
}

void lk_wlan_mag_deregister(struct lk_wlan *wlan, const struct lk_twag_output *item)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    if (lk_mag_deregister(&mag->node, &mag->config,
                          (struct lk_mag_ref){ item->pdn.ref.row, item->pdn.ref.epoch },
                          wlan->now_ms, &mag->out) == LK_OK)
        carry_out(wlan);
}

/* ---- the channel ---- */

static void dial(struct lk_wlan *wlan)
{
    const struct lk_config_mag *config = &wlan->process.config->mag;
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    const struct lk_channel_peer peer = { .address = mag->anchor, .port = mag->port };
    struct lk_channel_key key = { .len = strnlen(config->psk, sizeof key.octets) };

    memcpy(key.octets, config->psk, key.len);
    if (lk_channel_dial(&mag->session, mag->channel, 0, &peer, lk_span_text(config->name), &key) !=
        LK_OK)
        mag->session = 0;
    lk_wipe(&key, sizeof key);
    mag->redial_ms = wlan->now_ms + mag->wait_ms;
}

static void dial_failed(struct lk_wlan *wlan, const char *why)
{
    const struct lk_config_mag *config = &wlan->process.config->mag;
    char expected[LK_REFUSAL_TEXT];
    struct lk_refusal refusal;

    (void)snprintf(expected, sizeof expected, "a channel as %.20s to port %u", config->name,
                   config->port);
    refusal = lk_refusal_of(LK_REASON_WLAN_ANCHOR_DOWN, expected, why);
    lk_wlan_refusal(wlan, &refusal, &wlan->twag->mag.anchor);
}

static void down(struct lk_wlan *wlan, const char *why)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    if (mag->up)
        LK_LOG(LK_LOG_WARNING, "anchor-down", { "why", why });
    else
        dial_failed(wlan, why);
    mag->up = false;
    lk_pmip_heart_down(&mag->heart);
    mag->session = 0;
    mag->redial_ms = wlan->now_ms + mag->wait_ms;
    mag->wait_ms = mag->wait_ms < LAST_REDIAL_MS / 2 ? 2 * mag->wait_ms : LAST_REDIAL_MS;
}

/* The anchor is silent: what it was told may be gone with it, and its channel with that. */
static void hang_up(struct lk_wlan *wlan)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    uint64_t session = mag->session;

    down(wlan, "no answer to heartbeats");
    mag->redial_ms = wlan->now_ms;
    lk_channel_forget(mag->channel, session);
}

static void beat(struct lk_wlan *wlan)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    uint8_t octets[LK_PMIP_HEARTBEAT_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    switch (lk_pmip_heart_due(&mag->heart, &mag->beats, wlan->now_ms, &w)) {
    case LK_PMIP_HEART_SEND:
        send_to_anchor(wlan, lk_writer_span(&w));
        break;
    case LK_PMIP_HEART_GONE:
        hang_up(wlan);
        break;
    case LK_PMIP_HEART_NOTHING:
        break;
    }
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    struct lk_wlan *wlan = context;
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    (void)id;
    (void)identity;
    (void)peer;
    mag->up = true;
    mag->wait_ms = FIRST_REDIAL_MS;
    lk_pmip_heart_up(&mag->heart, wlan->now_ms);
    beat(wlan); /* T13: before anything else, where the tunnel is */
    if (lk_pmip_heart_has_told(&mag->heart, &mag->beats))
        lk_mag_hasten(&mag->node, wlan->now_ms);
    LK_LOG(LK_LOG_INFO, "anchor-up", { "as", wlan->process.config->mag.name });
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    (void)id;
    lk_wlan_turn_begin(context);
    down(context, lk_channel_down_name(why));
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_wlan *wlan = context;
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    bool had_told = lk_pmip_heart_has_told(&mag->heart, &mag->beats), beats;

    (void)id;
    lk_wlan_turn_begin(wlan);
    beats = lk_pmip_heart_received(&mag->heart, &mag->beats, octets, wlan->now_ms);
    if (!had_told)
        lk_mag_hasten(&mag->node, wlan->now_ms);
    if (!beats &&
        lk_mag_received(&mag->node, &mag->config, octets, wlan->now_ms, &mag->out) == LK_OK)
        carry_out(wlan);
    lk_wlan_twag_step(wlan, NULL);
    lk_wlan_turn_end(wlan);
}

/* ---- the tunnel ---- */

void lk_wlan_mag_tunnel(struct lk_wlan *wlan, struct lk_span packet)
{
    const struct lk_wlan_mag *mag = &wlan->twag->mag;
    struct lk_datagram_peer peer = lk_datagram_to(mag->tunnel_fd, &mag->anchor, mag->tunnel_port);

    lk_datagrams_put(wlan->out, &peer, packet);
}

/* T13: what the anchor wants to have answered from this port. No IP packet begins so. */
static bool is_token(struct lk_span octets)
{
    return octets.len == 1 + LK_PATH_TOKEN_LEN && octets.at[0] == 0;
}

/* T13: by the word that this gateway has told on its own channel: who told of this port on
 * another's gets an answer that proves nothing. */
static void answer_token(struct lk_wlan *wlan, struct lk_span token)
{
    const struct lk_mobility_place *place = &wlan->twag->mag.place;
    uint8_t octets[1 + LK_PATH_TOKEN_LEN] = { 0 };
    struct lk_path_token answer;
    struct lk_path_key word;

    memcpy(word.octets, place->word, sizeof word.octets);
    lk_path_answer(&answer, &word, token);
    memcpy(octets + 1, answer.octets, sizeof answer.octets);
    lk_wlan_mag_tunnel(wlan, LK_SPAN(octets));
    lk_wipe(&word, sizeof word);
}

/* Only what the anchor sends is looked at. */
static void receive_tunnel(void *context, const struct lk_udp_port *port,
                           const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_wlan *wlan = context;
    const struct lk_wlan_mag *mag = &wlan->twag->mag;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_TUNNEL_PACKET, .packet.octets = octets };
    struct lk_address from = lk_datagram_address(peer);

    (void)port;
    if (!lk_address_equal(&from, &mag->anchor) || lk_datagram_port(peer) != mag->tunnel_port)
        return;
    if (is_token(octets))
        answer_token(wlan, lk_span_of(octets.at + 1, LK_PATH_TOKEN_LEN));
    else
        lk_wlan_twag_step(wlan, &event);
}

/* ---- the clock, beginning and end ---- */

void lk_wlan_mag_tick(struct lk_wlan *wlan)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    beat(wlan);
    if (mag->session == 0 && wlan->now_ms >= mag->redial_ms)
        dial(wlan);
    for (unsigned i = 0; i < EXPIRIES_A_TICK && lk_mag_expired(&mag->node, &mag->config,
                                                               wlan->now_ms, &mag->out); i++) {
        carry_out(wlan);
        lk_wlan_twag_step(wlan, NULL);
    }
}

void lk_wlan_mag_configure(struct lk_wlan *wlan)
{
    const struct lk_config *config = wlan->process.config;
    struct lk_mag_config *to = &wlan->twag->mag.config;

    lk_mag_defaults(to);
    to->pmip.timestamps = !config->mag.sequence;
    to->pmip.enterprise = config->radius.enterprise;
    to->pmip.lifetime = (uint16_t)(config->mag.lifetime_s / LK_MOBILITY_LIFETIME_UNIT_S);
    to->pmip.first_retry_ms = config->mag.timeout_ms;
    to->pmip.tries = (uint8_t)config->mag.tries;
    to->back_off_ms = config->wlcp.back_off_s * 1000;
    lk_pmip_heart_defaults(&wlan->twag->mag.beats);
    wlan->twag->mag.beats.interval_ms = config->mag.heartbeat_ms;
    wlan->twag->mag.beats.answer_ms = config->mag.heartbeat_answer_ms;
    wlan->twag->mag.beats.enterprise = config->radius.enterprise;
    wlan->twag->mag.beats.place = wlan->twag->mag.place;
    (void)snprintf(to->realm, sizeof to->realm, "%s", config->mag.realm);
}

static bool open_sockets(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_mag *config = &wlan->process.config->mag;
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    struct lk_address own;

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "mag.address, mag.anchor: no address");
    if (lk_address_parse(&own, config->address) != LK_OK ||
        lk_address_parse(&mag->anchor, config->anchor) != LK_OK)
        return false;
    mag->port = (uint16_t)config->port;
    mag->tunnel_port = (uint16_t)config->tunnel_port;
    return lk_datagram_socket(&mag->socket, &own, 0, error) == LK_OK &&
           lk_datagram_socket(&mag->tunnel_fd, &own, 0, error) == LK_OK &&
           lk_datagram_bound(&mag->place.address, &mag->place.port, mag->tunnel_fd) == LK_OK;
}

bool lk_wlan_mag_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;
    size_t size = lk_mag_size(wlan->twag->config.connections);
    struct lk_channel_setup setup;
    uint64_t seed;
    void *memory;

    if (!open_sockets(wlan, error))
        return false;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for the MAG");
    memory = lk_process_memory(size);
    if (memory == NULL)
        return false;
    lk_entropy_take(&wlan->entropy, &seed, sizeof seed);
    lk_entropy_take(&wlan->entropy, mag->place.word, sizeof mag->place.word);
    lk_mag_in(&mag->node, memory, wlan->twag->config.connections, seed);
    lk_wlan_mag_configure(wlan);
    lk_dtls_setup_of(&setup, wlan->process.config);
    setup.calls = (struct lk_channel_calls){ .context = wlan, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = mag->socket;
    setup.sessions = 2;
    setup.half_open = 2;
    setup.half_open_a_source = 2;
    lk_seen_channel(&wlan->seen, &setup, LK_SEEN_PMIP, "mipv6");
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the DTLS engine will not dial the anchor");
    mag->wait_ms = FIRST_REDIAL_MS;
    if (lk_channel_dialler(&mag->channel, &wlan->process.loop, &setup) != LK_OK)
        return false;
    lk_seen_socket(&wlan->seen, mag->tunnel_fd, LK_SEEN_TUNNEL, &mag->anchor);
    lk_udp_port_begin(&mag->tunnel, &wlan->udp, mag->tunnel_fd, 0, receive_tunnel);
    return true;
}

void lk_wlan_mag_end(struct lk_wlan *wlan)
{
    struct lk_wlan_mag *mag = &wlan->twag->mag;

    lk_channel_free(mag->channel);
    lk_wipe(&mag->place, sizeof mag->place);
    lk_wipe(&mag->beats, sizeof mag->beats);
}
