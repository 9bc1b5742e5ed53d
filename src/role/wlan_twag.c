#include "role/wlan_twag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/dtls_config.h"
#include "role/wlcp_config.h"

enum { HANDSHAKE_MS = 15000 };

/* ---- what the node says ---- */

static void log_connection(struct lk_wlan *wlan, const char *event,
                           const struct lk_twag_output *item)
{
    static struct lk_log_limit limit;
    char imsi[LK_IMSI_MAX_DIGITS + 1], apn[LK_WLCP_APN_TEXT], address[LK_ADDRESS_TEXT] = "";
    char id[8], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, wlan->now_ms, &left_out))
        return;
    lk_log_imsi(imsi, item->imsi);
    lk_wlcp_apn_text(apn, item->pdn.apn);
    if (item->pdn.address != NULL && (item->pdn.address->pdn_type & LK_WLCP_IPV4) != 0) {
        struct lk_address v4 = lk_address_v4(item->pdn.address->ipv4);

        lk_address_text(address, &v4);
    }
    (void)snprintf(id, sizeof id, "%u", item->pdn.pdn_id);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, event, { "imsi", imsi }, { "apn", apn }, { "connection", id },
           { "address", address[0] == '\0' ? NULL : address },
           { "cause", item->pdn.cause == 0 ? NULL : lk_wlcp_cause_name(item->pdn.cause) },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static void note_refusal(struct lk_wlan *wlan, const struct lk_twag_output *item)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    const struct lk_log_field fields[] = { { "imsi", item->imsi == NULL ? NULL : imsi } };

    lk_count(&wlan->count->refused[item->refusal.reason]);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    if (item->imsi != NULL)
        lk_log_imsi(imsi, item->imsi);
    lk_log_refusal(&item->refusal, wlan->now_ms, fields, LK_COUNT_OF(fields));
}

/* Kept until the outbox is read: who waits for it goes on, and that is another step. */
static void keep_key(struct lk_wlan_twag *twag, struct lk_span identity)
{
    if (twag->keys == LK_WLAN_KEYS || identity.len > sizeof twag->key[0])
        return;
    memcpy(twag->key[twag->keys], identity.at, identity.len);
    twag->key_len[twag->keys++] = identity.len;
}

static void send_frame(struct lk_wlan *wlan, const struct lk_twag_output *item)
{
    const struct lk_wlan_twag *twag = wlan->twag;
    struct lk_datagram_peer peer;

    for (size_t i = 0; i < twag->user_ports; i++) {
        if (twag->user_v4[i] != lk_address_is_v4(&item->packet.to))
            continue;
        peer = lk_datagram_to(twag->user_fd[i], &item->packet.to, item->packet.to_port);
        lk_datagrams_put(wlan->out, &peer, item->packet.octets);
        return;
    }
}

static void carry_out(struct lk_wlan *wlan, const struct lk_twag_output *item)
{
    struct lk_wlan_twag *twag = wlan->twag;

    switch (item->kind) {
    case LK_TWAG_OUT_CHANNEL_SEND:
        (void)!lk_channel_send(twag->channel, item->channel.handle, item->channel.octets);
        break;
    case LK_TWAG_OUT_CHANNEL_CLOSE:
        lk_channel_close(twag->channel, item->channel.handle);
        break;
    case LK_TWAG_OUT_KEY:
        keep_key(twag, item->identity);
        break;
    case LK_TWAG_OUT_MAG_REGISTER:
        lk_wlan_mag_register(wlan, item);
        break;
    case LK_TWAG_OUT_MAG_DEREGISTER:
        lk_wlan_mag_deregister(wlan, item);
        break;
    case LK_TWAG_OUT_FRAME:
        send_frame(wlan, item);
        break;
    case LK_TWAG_OUT_TUNNEL:
        lk_wlan_mag_tunnel(wlan, item->packet.octets);
        break;
    case LK_TWAG_OUT_PDN_UP:
        log_connection(wlan, "pdn-up", item);
        break;
    case LK_TWAG_OUT_PDN_DOWN:
        log_connection(wlan, "pdn-down", item);
        break;
    case LK_TWAG_OUT_WAKE:
        twag->wake_ms = item->wake_at_ms;
        break;
    case LK_TWAG_OUT_REFUSAL:
        note_refusal(wlan, item);
        break;
    case LK_TWAG_OUTPUT_KIND_COUNT:
        break;
    }
}

static enum lk_status step(struct lk_wlan *wlan, const struct lk_twag_event *event)
{
    struct lk_wlan_twag *twag = wlan->twag;
    struct lk_twag_event now = *event;
    enum lk_status status;

    now.now_ms = wlan->now_ms;
    lk_twag_outbox_empty(&twag->out);
    status = lk_twag_step(twag->node, &now, &twag->out);
    for (size_t i = 0; i < twag->out.count; i++)
        carry_out(wlan, &twag->out.item[i]);
    return status;
}

/* The event; then what the anchor's answers bring; then the keys that came, behind which waits who
 * may come up at once, which is another step. NULL: only what is due later. */
void lk_wlan_twag_step(struct lk_wlan *wlan, const struct lk_twag_event *event)
{
    struct lk_wlan_twag *twag = wlan->twag;
    uint8_t identity[LK_CHANNEL_IDENTITY_MAX];
    size_t len;

    if (twag->busy) { /* from within: it waits */
        if (event != NULL)
            lk_wlan_twag_later(wlan, event);
        return;
    }
    twag->busy = true;
    if (event != NULL)
        twag->status = step(wlan, event);
    for (size_t i = 0; i < twag->later_count; i++)
        (void)step(wlan, &twag->later[i]);
    twag->later_count = 0;
    twag->busy = false;
    while (twag->keys > 0) {
        len = twag->key_len[--twag->keys];
        memcpy(identity, twag->key[twag->keys], len);
        lk_channel_key_came(twag->channel, lk_span_of(identity, len));
    }
}

void lk_wlan_twag_later(struct lk_wlan *wlan, const struct lk_twag_event *event)
{
    struct lk_wlan_twag *twag = wlan->twag;

    /* More than one step may bring: the anchor's clock or the device's will bring it again. */
    if (twag->later_count < LK_WLAN_LATER)
        twag->later[twag->later_count++] = *event;
}

/* ---- the channel ---- */

/* T05, T06, A18: no identity is unknown for good; the channel waits, and then answers all alike. */
static enum lk_channel_answer on_psk(void *context, struct lk_span identity,
                                     struct lk_channel_key *key)
{
    struct lk_wlan *wlan = context;
    struct lk_wlcp_key found;
    enum lk_status status = lk_twag_key(&found, wlan->twag->node, identity, lk_wall_ms());

    if (status == LK_OK) {
        memcpy(key->octets, found.octets, sizeof found.octets);
        key->len = sizeof found.octets;
    }
    lk_wipe(&found, sizeof found);
    return status == LK_OK ? LK_CHANNEL_KEY_IS : LK_CHANNEL_KEY_WAIT;
}

static void channel_step(struct lk_wlan *wlan, struct lk_twag_event *event)
{
    lk_wlan_turn_begin(wlan);
    lk_wlan_twag_step(wlan, event);
    lk_wlan_turn_end(wlan);
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    struct lk_twag_event event = {
        .kind = LK_TWAG_EV_CHANNEL_UP,
        .channel = { .handle = id, .identity = identity, .address = peer->address },
    };

    channel_step(context, &event);
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_DATA,
                                   .channel = { .handle = id, .octets = octets } };

    channel_step(context, &event);
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_DOWN, .channel = { .handle = id } };

    (void)why;
    channel_step(context, &event);
}

/* A18: which of the two it was stands in the log, and nowhere else. */
static void on_refused(void *context, enum lk_channel_refusal why, struct lk_span identity,
                       const struct lk_channel_peer *peer)
{
    static const char *const came[] = {
        [LK_CHANNEL_REFUSED_HELLO] = "no DTLS 1.2, no suite of dtls.suites, or no EMS",
        [LK_CHANNEL_REFUSED_IDENTITY] = "an identity of no session here",
        [LK_CHANNEL_REFUSED_PROOF] = "a session's identity without its key",
    };
    struct lk_wlan *wlan = context;
    struct lk_refusal refusal;
    char expected[32], port[32];

    (void)identity; /* it is as good as a name of the device */
    lk_wlan_turn_begin(wlan);
    if (why == LK_CHANNEL_REFUSED_PORT) {
        (void)snprintf(expected, sizeof expected, "port %u", wlan->process.config->wlcp.port);
        (void)snprintf(port, sizeof port, "port %u", peer->port);
        refusal = lk_refusal_of(LK_REASON_WLCP_SOURCE_PORT, expected, port);
    } else {
        refusal = lk_refusal_of(LK_REASON_WLCP_HANDSHAKE, "the WLCP key of a session", came[why]);
    }
    lk_wlan_refusal(wlan, &refusal, &peer->address);
}

/* ---- what the TWAP says, and devices ---- */

bool lk_wlan_twag_session(struct lk_wlan *wlan, const struct lk_wlan_session *session)
{
    const struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = session };

    lk_wlan_twag_step(wlan, &event);
    return wlan->twag->status == LK_OK;
}

bool lk_wlan_twag_session_end(struct lk_wlan *wlan, const struct lk_wlan_gone *gone)
{
    struct lk_twag_event event = {
        .kind = gone->failed ? LK_TWAG_EV_REAUTH_FAILED : LK_TWAG_EV_SESSION_END,
        .end = { .imsi = gone->imsi, .generation = gone->generation, .why = gone->why },
    };

    memcpy(event.end.ue_mac, gone->ue_mac, sizeof event.end.ue_mac);
    lk_wlan_twag_step(wlan, &event);
    return wlan->twag->status == LK_OK;
}

void lk_wlan_twag_twap_restarted(struct lk_wlan *wlan, uint64_t teller, uint64_t generation)
{
    const struct lk_twag_event event = { .kind = LK_TWAG_EV_TWAP_RESTARTED,
                                         .restart = { .teller = teller,
                                                      .generation = generation } };

    lk_wlan_twag_step(wlan, &event);
}

void lk_wlan_twag_receive(void *context, const struct lk_udp_port *port,
                          const struct lk_datagram_peer *peer, struct lk_span octets)
{
    const struct lk_twag_event event = {
        .kind = LK_TWAG_EV_USER_FRAME,
        .packet = { .octets = octets, .from = lk_datagram_address(peer),
                    .from_port = lk_datagram_port(peer) },
    };

    (void)port;
    lk_wlan_twag_step(context, &event);
}

/* ---- the clock ---- */

static void gauges(struct lk_wlan *wlan)
{
    const struct lk_twag_counters *c = lk_twag_counted(wlan->twag->node);
    const struct lk_channel_counters *d = lk_channel_counted(wlan->twag->channel);
    struct lk_process *p = &wlan->process;

    lk_process_gauge(p, LK_WLAN_CHANNELS, lk_channel_up_count(wlan->twag->channel));
    lk_process_gauge(p, LK_WLAN_HALF_OPEN, lk_channel_half_open_count(wlan->twag->channel));
    lk_process_gauge(p, LK_WLAN_CONNECTIONS, lk_twag_connection_count(wlan->twag->node));
    lk_process_gauge(p, LK_WLAN_HANDSHAKES, d->up);
    lk_process_gauge(p, LK_WLAN_HANDSHAKES_REFUSED, d->refused);
    lk_process_gauge(p, LK_WLAN_HANDSHAKES_HELD, d->held);
    lk_process_gauge(p, LK_WLAN_CONNECTIONS_UP, c->connections_up);
    lk_process_gauge(p, LK_WLAN_REQUESTS_REFUSED, c->requests_refused);
    lk_process_gauge(p, LK_WLAN_ALARMS, c->alarms);
    lk_process_gauge(p, LK_WLAN_TOO_FAST, c->too_fast);
    lk_process_gauge(p, LK_WLAN_FRAMES_UP, c->frames_up);
    lk_process_gauge(p, LK_WLAN_FRAMES_DOWN, c->frames_down);
    lk_process_gauge(p, LK_WLAN_FRAMES_FOREIGN, c->frames_foreign);
    lk_process_gauge(p, LK_WLAN_PORTS_WRONG, d->ports_wrong);
    lk_process_gauge(p, LK_WLAN_HELLOS_REFUSED, d->hellos_refused);
    lk_process_gauge(p, LK_WLAN_SOURCE_FULL, d->source_full);
    lk_process_gauge(p, LK_WLAN_TABLE_FULL, d->table_full);
    lk_process_gauge(p, LK_WLAN_ANCHOR_UP, wlan->twag->mag.up ? 1 : 0);
}

void lk_wlan_twag_tick(struct lk_wlan *wlan)
{
    const struct lk_twag_event event = { .kind = LK_TWAG_EV_EXPIRED };

    if (wlan->now_ms >= wlan->twag->wake_ms) {
        wlan->twag->wake_ms = UINT64_MAX;
        lk_wlan_twag_step(wlan, &event);
    }
    lk_wlan_mag_tick(wlan);
    gauges(wlan);
}

void lk_wlan_twag_digest(const struct lk_wlan *wlan, uint8_t digest[LK_SHA256_LEN])
{
    _Static_assert((int)LK_TWAG_DIGEST_LEN == (int)LK_SHA256_LEN, "one kind of digest");
    lk_twag_digest(digest, wlan->twag->node);
}

/* ---- beginning and end ---- */

static void config_set(struct lk_wlan *wlan)
{
    const struct lk_config *config = wlan->process.config;
    struct lk_twag_config *to = &wlan->twag->config;

    lk_twag_defaults(to);
    lk_wlcp_twag_config_of(&to->wlcp, &wlan->twag->table, config);
    to->sessions = config->wlcp.sessions_max;
    to->connections = 2 * config->wlcp.sessions_max;
    to->overlap_ms = config->wlcp.overlap_ms;
    to->user_port = (uint16_t)config->wlcp.user_port;
    to->any_source_port = config->wlcp.any_source_port;
    to->old_channel_ms = config->wlcp.old_channel_ms;
    to->rate_burst = config->wlcp.rate_burst;
    to->rate_per_s = config->wlcp.rate_per_s;
}

void lk_wlan_twag_configure(struct lk_wlan *wlan)
{
    config_set(wlan);
    lk_twag_configure(wlan->twag->node, &wlan->twag->config);
    lk_wlan_mag_configure(wlan);
}

static bool channel_open(struct lk_wlan *wlan)
{
    const struct lk_config_wlcp *config = &wlan->process.config->wlcp;
    const struct lk_worker_setup *given = wlan->process.setup;
    struct lk_channel_setup setup;

    lk_dtls_setup_of(&setup, wlan->process.config);
    setup.calls = (struct lk_channel_calls){ .context = wlan, .psk = on_psk, .on_up = on_up,
                                             .on_data = on_data, .on_down = on_down,
                                             .on_refused = on_refused };
    for (size_t i = 0; i < given->socket_count && setup.sockets < LK_CHANNEL_SOCKETS; i++)
        if (given->sockets[i].serves == LK_WLAN_WLCP)
            setup.socket[setup.sockets++] = given->sockets[i].fd;
    setup.half_open = config->handshakes_max;
    setup.sessions = config->sessions_max + setup.half_open;
    setup.half_open_a_source = config->half_open_max;
    setup.hold_ms = config->hold_ms;
    setup.handshake_ms = HANDSHAKE_MS;
    lk_seen_channel(&wlan->seen, &setup, LK_SEEN_WLCP, "wlcp");
    setup.peer_port = config->any_source_port ? 0 : (uint16_t)config->port;
    return lk_channel_serve(&wlan->twag->channel, &wlan->process.loop, &setup) == LK_OK;
}

static void user_ports_set(struct lk_wlan *wlan)
{
    const struct lk_worker_setup *setup = wlan->process.setup;
    struct lk_wlan_twag *twag = wlan->twag;

    for (size_t i = 0; i < setup->socket_count; i++) {
        struct sockaddr_storage own;
        socklen_t len = sizeof own;
        int fd = setup->sockets[i].fd;

        if (setup->sockets[i].serves != LK_WLAN_USER || twag->user_ports == LK_CONFIG_LISTENS)
            continue;
        lk_seen_socket(&wlan->seen, fd, LK_SEEN_USER_PLANE, NULL);
        twag->user_fd[twag->user_ports] = fd;
        twag->user_v4[twag->user_ports++] =
            getsockname(fd, (struct sockaddr *)&own, &len) == 0 && own.ss_family == AF_INET;
    }
}

bool lk_wlan_twag_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    uint8_t seed[LK_TWAG_SEED_LEN];
    size_t size, bad;
    void *memory;

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for the TWAG's tables");
    wlan->twag = calloc(1, sizeof *wlan->twag);
    if (wlan->twag == NULL)
        return false;
    if (lk_wlcp_table_of(&wlan->twag->table, &bad, wlan->process.config) != LK_OK)
        return false; /* lk_config_check let it pass: it cannot be */
    config_set(wlan);
    wlan->twag->wake_ms = UINT64_MAX;
    size = lk_twag_size(&wlan->twag->config);
    memory = lk_process_memory(size);
    if (memory == NULL)
        return false;
    lk_entropy_take(&wlan->entropy, seed, sizeof seed);
    wlan->twag->node = lk_twag_init(memory, &wlan->twag->config, seed);
    lk_wipe(seed, sizeof seed);
    user_ports_set(wlan);
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the DTLS engine will not serve WLCP");
    return channel_open(wlan) && lk_wlan_mag_begin(wlan, error);
}

void lk_wlan_twag_end(struct lk_wlan *wlan)
{
    lk_channel_free(wlan->twag->channel);
    lk_wlan_mag_end(wlan);
    lk_twag_wipe(wlan->twag->node);
}
