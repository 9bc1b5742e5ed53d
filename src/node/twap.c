/* The TWAP. See twap.h for the shape; here are the two ways of a packet, and the clock:
 *
 *     from an access point: client known -> verified -> server chosen -> forwarded, or repeated
 *     from the AAA:         whose it is -> verified -> made anew -> what it means -> handed on
 *     tick:                 requests that nobody answered; servers that answer nothing; the rest
 *                           is in twap_detach.c
 *
 * RFC 2865 2.3, RFC 3579, RFC 5080; TS 33.402 7.2.3.2, TS 29.273 5.2.3. */
#include "node/twap.h"

#include <string.h>

#include "base/secret.h"
#include "node/twap_parts.h"

enum {
    DEAD_MS = 30000, /* so long nothing goes to a server that does not answer */
    DEFAULT_TRIES = 3,
    ADDED_MAX = 64,
    ASKS_MAX = 256, /* an identifier each */
    ALIGN = 16,
};

/* ---- memory ---- */

static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

size_t lk_twap_size(const struct lk_twap_limits *limits)
{
    return 2 * limits->upstreams * aligned(lk_radius_proxy_size(limits->legs)) +
           aligned(lk_twap_sessions_size(limits->sessions)) +
           aligned(limits->seen * sizeof(struct lk_radius_dynamic_seen)) +
           limits->asks * sizeof(struct lk_twap_ask);
}

void lk_twap_in(struct lk_twap *twap, void *memory, const struct lk_twap_limits *limits,
                uint64_t seed)
{
    uint8_t *at = memory;

    LK_ASSERT(limits->upstreams > 0 && limits->upstreams <= LK_TWAP_UPSTREAMS);
    LK_ASSERT(limits->asks <= ASKS_MAX);
    memset(twap, 0, sizeof *twap);
    twap->upstreams = limits->upstreams;
    for (size_t i = 0; i < limits->upstreams; i++)
        for (size_t port = 0; port < 2; port++) {
            lk_radius_proxy_in(&twap->proxy[i][port], at, limits->legs, limits->lifetime_ms);
            at += aligned(lk_radius_proxy_size(limits->legs));
        }
    lk_twap_sessions_in(&twap->sessions, at, limits->sessions, seed);
    at += aligned(lk_twap_sessions_size(limits->sessions));
    lk_radius_dynamic_server_in(&twap->dynamic, (struct lk_radius_dynamic_seen *)(void *)at,
                                limits->seen);
    at += aligned(limits->seen * sizeof(struct lk_radius_dynamic_seen));
    twap->ask = (struct lk_twap_ask *)(void *)at;
    twap->asks = limits->asks;
    if (limits->asks > 0)
        memset(twap->ask, 0, limits->asks * sizeof *twap->ask);
}

/* ---- outbox ---- */

void lk_twap_outbox_empty(struct lk_twap_outbox *out)
{
    out->count = 0;
    out->again = false;
}

void lk_twap_outbox_wipe(struct lk_twap_outbox *out)
{
    lk_wipe(out->item, out->count * sizeof *out->item);
    lk_twap_outbox_empty(out);
}

struct lk_twap_output *lk_twap_put(const struct lk_twap_now *now, enum lk_twap_output_kind kind)
{
    struct lk_twap_output *item;

    LK_ASSERT(now->out->count < LK_TWAP_OUT_MAX);
    item = &now->out->item[now->out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

/* The most that one device brings is its end, a request to its access point, and a note. */
bool lk_twap_has_room(const struct lk_twap_now *now)
{
    return now->out->count + 3 <= LK_TWAP_OUT_MAX;
}

void lk_twap_note(const struct lk_twap_now *now, enum lk_reason reason)
{
    lk_twap_note_came(now, reason, NULL);
}

void lk_twap_note_came(const struct lk_twap_now *now, enum lk_reason reason, const char *came)
{
    struct lk_twap_output *item = lk_twap_put(now, LK_TWAP_OUT_NOTED);

    item->noted = reason;
    item->noted_came = came;
}

/* ---- from an access point ---- */

static void send_to_aaa(const struct lk_twap_now *now, size_t upstream,
                        const struct lk_radius_proxy *proxy,
                        const struct lk_radius_proxy_slot *slot)
{
    struct lk_twap_output *item = lk_twap_put(now, LK_TWAP_OUT_AAA);

    item->send.octets = lk_span_of(slot->octets, slot->len);
    item->send.upstream = (uint8_t)upstream;
    item->send.leg = (uint8_t)lk_radius_proxy_leg(proxy, slot);
    item->send.where = now->event->port;
}

static void send_to_ap(const struct lk_twap_now *now, const struct lk_radius_proxy_slot *slot,
                       enum lk_radius_port where)
{
    struct lk_twap_output *item = lk_twap_put(now, LK_TWAP_OUT_AP);

    item->send.octets = lk_span_of(slot->octets, slot->len);
    item->send.address = slot->source;
    item->send.address_port = slot->source_port;
    item->send.where = where;
    item->send.door = slot->door;
}

/* spec: RFC 5997 4.2 - Status-Server asks the next hop and goes no further. */
static void answer_status(const struct lk_twap_now *now, const struct lk_radius_request *request,
                          const struct lk_radius_secret *secret)
{
    uint8_t proxy_states[LK_RADIUS_PROXY_STATES_MAX] = { 0 };
    struct lk_radius_answer head = {
        .code = now->event->port == LK_RADIUS_AUTH_PORT ? LK_RADIUS_ACCESS_ACCEPT
                                                        : LK_RADIUS_ACCOUNTING_RESPONSE,
        .request_code = request->packet.code,
        .identifier = request->packet.identifier,
        .authenticator = request->packet.authenticator.at,
        .secret = secret,
        .proxy_states = lk_span_of(proxy_states, request->proxy_states_len),
    };
    struct lk_writer w = lk_writer_of(now->out->answer, sizeof now->out->answer);
    struct lk_twap_output *item;
    enum lk_status status;

    lk_radius_proxy_states(proxy_states, request);
    lk_radius_answer_begin(&w, &head);
    status = lk_radius_answer_end(&w, &head);
    LK_ASSERT(status == LK_OK);
    item = lk_twap_put(now, LK_TWAP_OUT_AP);
    item->send.octets = lk_writer_span(&w);
    item->send.address = now->event->source;
    item->send.address_port = now->event->source_port;
    item->send.where = now->event->port;
    item->send.door = now->event->door;
}

static void forwarded(const struct lk_twap_now *now, struct lk_radius_proxy_slot *slot,
                      const struct lk_radius_request *request)
{
    slot->run = ++now->twap->runs;
    slot->door = now->event->door;
    slot->has_station = lk_station_parse(slot->station, request->calling_station) == LK_OK;
    if (slot->code == LK_RADIUS_ACCOUNTING_REQUEST)
        lk_twap_account(now, request, slot->run);
}

/* spec: TS 29.273 5.2.3.25 - what this WLAN supports, in each request; T04: but where keys may not
 * be sent, nothing is said that would make the AAA send one. */
static struct lk_span what_to_add(struct lk_writer *w, const struct lk_twap_config *config,
                                  uint8_t code, const struct lk_twap_upstream *upstream)
{
    if (code == LK_RADIUS_ACCESS_REQUEST && upstream->may_carry_keys && config->access.modes != 0)
        lk_radius_put_access(w, config->enterprise, &config->access);
    LK_ASSERT(lk_writer_end(w) == LK_OK);
    return lk_writer_span(w);
}

static void pass_on(const struct lk_twap_now *now, const struct lk_radius_request *request,
                    size_t upstream)
{
    const struct lk_twap_upstream *server = &now->config->upstream[upstream];
    struct lk_radius_proxy *proxy = &now->twap->proxy[upstream][now->event->port];
    uint8_t added[ADDED_MAX];
    struct lk_writer w = lk_writer_of(added, sizeof added);
    struct lk_radius_proxy_request in = {
        .request = request, .source = now->event->source,
        .source_port = now->event->source_port, .secret = &server->secret,
        .enterprise = now->config->enterprise,
        .added = what_to_add(&w, now->config, request->packet.code, server),
        .down = now->twap->down[upstream][now->event->port],
        .now_ms = now->event->now_ms, .entropy = now->event->entropy,
    };
    struct lk_radius_proxy_slot *slot;
    enum lk_reason reason;

    switch (lk_radius_proxy_request(proxy, &slot, &reason, &in)) {
    case LK_RADIUS_PROXY_DROP:
        lk_twap_note(now, reason);
        break;
    case LK_RADIUS_PROXY_FORWARD:
        forwarded(now, slot, request);
        send_to_aaa(now, upstream, proxy, slot);
        break;
    case LK_RADIUS_PROXY_AGAIN:
        /* spec: RFC 6613 2.6.1 - what went over a reliable transport is not sent again. */
        if (!server->reliable)
            send_to_aaa(now, upstream, proxy, slot);
        break;
    case LK_RADIUS_PROXY_ANSWER:
        send_to_ap(now, slot, now->event->port);
        break;
    }
}

static void from_ap(const struct lk_twap_now *now)
{
    const struct lk_radius_client *client = lk_radius_clients_find(&now->config->clients,
                                                                   &now->event->source);
    struct lk_radius_request request;
    enum lk_reason reason = LK_REASON_RADIUS_CLIENT_UNKNOWN;
    uint8_t upstream;

    if (client == NULL || lk_radius_request_open(&request, &reason, client, now->event->port,
                                                 now->event->octets) != LK_OK) {
        lk_twap_note(now, reason);
        return;
    }
    if (request.packet.code == LK_RADIUS_STATUS_SERVER) {
        answer_status(now, &request, &client->secret);
        return;
    }
    if (lk_radius_route_find(&upstream, now->config->route, now->config->route_count,
                             now->twap->health, request.user_name, now->event->now_ms) != LK_OK)
        lk_twap_note(now, LK_REASON_RADIUS_NO_ROUTE);
    else
        pass_on(now, &request, upstream);
}

/* ---- from the AAA ---- */

static void from_aaa(const struct lk_twap_now *now)
{
    const struct lk_twap_event *event = now->event;
    const struct lk_twap_upstream *server = &now->config->upstream[event->upstream];
    bool accounting = event->octets.len > 0 &&
                      event->octets.at[0] == LK_RADIUS_ACCOUNTING_RESPONSE;
    enum lk_radius_port port = accounting ? LK_RADIUS_ACCT_PORT : LK_RADIUS_AUTH_PORT;
    struct lk_radius_proxy *proxy = &now->twap->proxy[event->upstream][port];
    struct lk_writer w = lk_writer_of(now->out->answer, sizeof now->out->answer);
    struct lk_radius_proxy_relay how = { .server = &server->secret,
                                         .enterprise = now->config->enterprise,
                                         .entropy = event->entropy };
    const struct lk_radius_client *client;
    struct lk_radius_proxy_slot *slot;
    struct lk_radius_packet packet;
    enum lk_reason reason;
    enum lk_status status = lk_radius_proxy_answer(proxy, &slot, &packet, &reason, event->leg,
                                                   &server->secret, event->octets);

    if (status != LK_OK) {
        lk_twap_note(now, reason);
        return;
    }
    lk_radius_health_answered(&now->twap->health[event->upstream]);
    client = lk_radius_clients_find(&now->config->clients, &slot->source);
    how.answer = &packet;
    how.client = client != NULL ? &client->secret : NULL;
    if (client == NULL || lk_radius_proxy_relay(&w, slot, &how) != LK_OK) {
        lk_twap_note(now, client == NULL ? LK_REASON_RADIUS_CLIENT_UNKNOWN
                                         : LK_REASON_RADIUS_MALFORMED);
        return;
    }
    if (port == LK_RADIUS_AUTH_PORT)
        lk_twap_answered(now, slot, &packet);
    lk_radius_proxy_settle(proxy, slot, lk_writer_span(&w), event->now_ms);
    send_to_ap(now, slot, port);
}

/* ---- the clock ---- */

static void look_for_silence(const struct lk_twap_now *now)
{
    uint8_t tries = now->config->tries != 0 ? now->config->tries : DEFAULT_TRIES;

    for (size_t i = 0; i < now->twap->upstreams; i++) {
        struct lk_radius_health *health = &now->twap->health[i];
        bool alive = lk_radius_health_alive(health, now->event->now_ms);

        for (size_t port = 0; port < 2; port++)
            while (lk_radius_proxy_expire(&now->twap->proxy[i][port], now->event->now_ms))
                lk_radius_health_missed(health, tries, DEAD_MS, now->event->now_ms);
        if (alive && !lk_radius_health_alive(health, now->event->now_ms))
            lk_twap_note(now, LK_REASON_RADIUS_NO_ANSWER);
    }
}

void lk_twap_step(struct lk_twap *twap, const struct lk_twap_config *config,
                  const struct lk_twap_event *event, struct lk_twap_outbox *out)
{
    const struct lk_twap_now now = { twap, config, event, out };

    LK_ASSERT(config->upstream_count > 0 && config->upstream_count <= twap->upstreams);
    LK_ASSERT(event->upstream < config->upstream_count);
    LK_ASSERT(out->count == 0);
    if (twap->since_ms == 0)
        twap->since_ms = event->now_ms;
    switch (event->kind) {
    case LK_TWAP_EV_AP:
        from_ap(&now);
        break;
    case LK_TWAP_EV_AAA:
        from_aaa(&now);
        break;
    case LK_TWAP_EV_DYNAMIC:
        lk_twap_dynamic(&now);
        break;
    case LK_TWAP_EV_AP_DYNAMIC:
        lk_twap_ap_dynamic(&now);
        break;
    case LK_TWAP_EV_END:
        lk_twap_end_by_mac(&now);
        break;
    case LK_TWAP_EV_TICK:
        look_for_silence(&now);
        lk_twap_detach_tick(&now);
        break;
    }
}

/* ---- for tests and the control socket ---- */

static void digest_row(struct lk_running_hash *hash, const struct lk_twap_session *row)
{
    uint8_t octets[sizeof *row];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_put_octets(&w, row->mac, sizeof row->mac);
    lk_put_octets(&w, row->imsi.digits, sizeof row->imsi.digits);
    lk_put_be64(&w, row->generation);
    lk_put_octets(&w, row->ap.octets, sizeof row->ap.octets);
    lk_put_lv8(&w, lk_span_of(row->nas, row->nas_len));
    lk_put_octets(&w, row->called, sizeof row->called);
    lk_put_lv8(&w, lk_span_of(row->acct_session, row->acct_session_len));
    lk_put_lv8(&w, lk_span_of(row->class_value, row->class_len));
    lk_hash_add(hash, lk_writer_span(&w));
}

void lk_twap_digest(uint8_t digest[LK_SHA256_LEN], const struct lk_twap *twap)
{
    struct lk_running_hash hash;

    lk_hash_start(&hash, LK_HASH_SHA256);
    for (uint32_t i = 0; i < twap->sessions.touched; i++)
        if (twap->sessions.row[i].used)
            digest_row(&hash, &twap->sessions.row[i]);
    (void)lk_hash_value(&hash, digest);
}
