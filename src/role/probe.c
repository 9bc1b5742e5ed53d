#include "role/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "io/log.h"
#include "proto/eap/peer.h"
#include "proto/eap/usim.h"
#include "proto/radius/client.h"

enum { WAITERS = 128, RETRY_MS = 300, TRIES = 4, SEAL_TIMEOUT_MS = 2000, STEPS_MAX = 16 };

static const char reserved_imsi[] = "000000000000000";
static const char reserved_realm[] = "health.invalid";

struct waiter {
    lk_probe_done *done;
    void *context;
};

struct lk_probe {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer;  /* the whole login */
    uv_timer_t repeat; /* the datagram */
    uint8_t repeat_id;
    unsigned closing;
    int fd;
    struct lk_shared *shared;
    struct sockaddr_storage server;
    socklen_t server_len;
    struct lk_entropy entropy;
    struct lk_usim usim;
    struct lk_eap_peer peer;
    struct lk_eap_peer_config peer_config;
    struct lk_radius_nas nas;
    struct lk_radius_nas_config nas_config;
    struct lk_outbox out;
    struct lk_msk msk; /* of the Accept, to be compared with the peer's */
    bool accepted, running;
    uint64_t began_us, ended_ms;
    bool has_result;
    struct lk_probe_result result;
    size_t waiter_count;
    struct waiter waiters[WAITERS];
};

/* ---- results ---- */

static void finish(struct lk_probe *probe, bool healthy, const char *why)
{
    struct waiter waiters[WAITERS];
    size_t count = probe->waiter_count;

    probe->running = false;
    probe->has_result = true;
    probe->ended_ms = lk_mono_ms();
    probe->result.healthy = healthy;
    probe->result.took_us = lk_mono_us() - probe->began_us;
    (void)snprintf(probe->result.why, sizeof probe->result.why, "%s", why);
    (void)uv_timer_stop(&probe->timer);
    (void)uv_timer_stop(&probe->repeat);
    lk_radius_nas_reset(&probe->nas);
    lk_wipe(&probe->msk, sizeof probe->msk);
    memcpy(waiters, probe->waiters, count * sizeof *waiters);
    probe->waiter_count = 0;
    for (size_t i = 0; i < count; i++)
        waiters[i].done(waiters[i].context, &probe->result);
}

static void finish_refused(struct lk_probe *probe, enum lk_reason reason)
{
    const struct lk_reason_row *row = lk_reason_row(reason);
    char why[LK_PROBE_TEXT];

    (void)snprintf(why, sizeof why, "%s: %s", row->code, row->what);
    finish(probe, false, why);
}

/* ---- one login ---- */

static void on_repeat(uv_timer_t *timer);

static void event_begin(struct lk_probe *probe, struct lk_event *event, enum lk_event_kind kind)
{
    event->kind = kind;
    event->now_ms = lk_wall_ms();
    lk_entropy_take(&probe->entropy, event->entropy, sizeof event->entropy);
}

/* What the RADIUS client wants done: datagram out, timer set, or the end. */
static void carry_out_nas(struct lk_probe *probe, const struct lk_outbox *out)
{
    for (size_t i = 0; i < out->count && probe->running; i++) {
        const struct lk_output *item = &out->item[i];

        if (item->kind == LK_OUT_SEND) {
            (void)send(probe->fd, item->send.at, item->send.len, MSG_DONTWAIT);
        } else if (item->kind == LK_OUT_TIMER) {
            uint64_t now_ms = lk_wall_ms();

            probe->repeat_id = item->timer.id;
            (void)uv_timer_start(&probe->repeat, on_repeat,
                                 item->timer.at_ms > now_ms ? item->timer.at_ms - now_ms : 1, 0);
        } else if (item->kind == LK_OUT_FAILED) {
            finish_refused(probe, item->failed.reason);
        }
    }
}

static void on_repeat(uv_timer_t *timer)
{
    struct lk_probe *probe = timer->data;
    struct lk_outbox out;
    struct lk_event event;

    lk_outbox_empty(&out);
    event_begin(probe, &event, LK_EV_EXPIRED);
    if (lk_radius_nas_expired(&probe->nas, &probe->nas_config, probe->repeat_id, event.now_ms,
                              event.entropy, &out) == LK_OK)
        carry_out_nas(probe, &out);
    lk_wipe(&event, sizeof event);
    lk_outbox_wipe(&out);
}

static void send_eap(struct lk_probe *probe, struct lk_span eap)
{
    struct lk_outbox out;
    struct lk_event event;

    lk_outbox_empty(&out);
    event_begin(probe, &event, LK_EV_EXPIRED);
    if (lk_radius_nas_send_eap(&probe->nas, &probe->nas_config, eap, event.now_ms, event.entropy,
                               &out) == LK_OK)
        carry_out_nas(probe, &out);
    else
        finish(probe, false, "the probe could not build its request");
    lk_wipe(&event, sizeof event);
    lk_outbox_wipe(&out);
}

/* Accept and EAP-Success are there; the two ends must have come to the same key. */
static void judge_grant(struct lk_probe *probe, const struct lk_grant *grant)
{
    if (!probe->accepted)
        finish(probe, false, "EAP-Success came without Access-Accept");
    else if (!lk_same_secret(grant->msk.octets, probe->msk.octets, sizeof probe->msk.octets))
        finish(probe, false, "the two ends came to different keys");
    else
        finish(probe, true, "");
}

/* Feeds the peer, its card included, until it has something to send or is done. */
static void step_peer(struct lk_probe *probe, struct lk_event *event)
{
    for (unsigned step = 0; step < STEPS_MAX && probe->running; step++) {
        struct lk_outbox *out = &probe->out;
        const struct lk_output *item;

        lk_outbox_empty(out);
        if (lk_eap_peer_step(&probe->peer, &probe->peer_config, event, out) != LK_OK) {
            finish(probe, false, "the server's EAP packet was not understood");
        } else if ((item = lk_outbox_find(out, LK_OUT_ASK_CARD)) != NULL) {
            event_begin(probe, event, LK_EV_CARD);
            lk_usim_answer(&probe->usim, &event->card, item->ask_card.rand, item->ask_card.autn);
            lk_outbox_wipe(out);
            continue;
        } else if ((item = lk_outbox_find(out, LK_OUT_GRANT)) != NULL) {
            judge_grant(probe, &item->grant);
        } else if ((item = lk_outbox_find(out, LK_OUT_FAILED)) != NULL) {
            finish_refused(probe, item->failed.reason);
        } else if ((item = lk_outbox_find(out, LK_OUT_SEND)) != NULL) {
            send_eap(probe, item->send);
        }
        lk_outbox_wipe(out);
        return;
    }
}

static void on_datagram(struct lk_probe *probe, struct lk_span datagram)
{
    struct lk_radius_outcome outcome;
    struct lk_event event;

    if (!probe->running || lk_radius_nas_received(&probe->nas, &probe->nas_config, datagram,
                                                  &outcome) != LK_OK)
        return;
    (void)uv_timer_stop(&probe->repeat);
    probe->accepted = outcome.code == LK_RADIUS_ACCESS_ACCEPT && outcome.has_msk;
    if (probe->accepted)
        probe->msk = outcome.msk;
    if (!outcome.has_eap) {
        finish(probe, false, "an answer without EAP");
    } else {
        event_begin(probe, &event, LK_EV_RECEIVED);
        event.received = outcome.eap;
        step_peer(probe, &event);
        lk_wipe(&event, sizeof event);
    }
    lk_wipe(&outcome.msk, sizeof outcome.msk);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct lk_probe *probe = poll->data;
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    ssize_t got;

    (void)status;
    (void)events;
    while ((got = recv(probe->fd, octets, sizeof octets, MSG_DONTWAIT)) >= 0)
        on_datagram(probe, lk_span_of(octets, (size_t)got));
}

static void on_too_late(uv_timer_t *timer)
{
    struct lk_probe *probe = timer->data;

    finish(probe, false, "no answer within 1.5 s: a worker, the store or the vault is stuck");
}

static void begin(struct lk_probe *probe)
{
    static const uint8_t ask_identity[] = { LK_EAP_REQUEST, 0, 0, 5, LK_EAP_IDENTITY };
    struct lk_event event;

    probe->running = true;
    probe->accepted = false;
    probe->began_us = lk_mono_us();
    lk_radius_nas_reset(&probe->nas);
    (void)uv_timer_start(&probe->timer, on_too_late, LK_PROBE_WITHIN_MS, 0);
    event_begin(probe, &event, LK_EV_START);
    lk_outbox_empty(&probe->out);
    if (lk_eap_peer_step(&probe->peer, &probe->peer_config, &event, &probe->out) != LK_OK) {
        finish(probe, false, "the probe's peer did not start");
        return;
    }
    lk_outbox_wipe(&probe->out);
    event_begin(probe, &event, LK_EV_RECEIVED);
    event.received = LK_SPAN(ask_identity);
    step_peer(probe, &event);
    lk_wipe(&event, sizeof event);
}

void lk_probe_ask(struct lk_probe *probe, lk_probe_done *done, void *context)
{
    static const struct lk_probe_result busy = { .why = "too many ask at once" };

    if (!probe->running && probe->has_result &&
        lk_mono_ms() - probe->ended_ms < LK_PROBE_GOOD_FOR_MS) {
        done(context, &probe->result);
        return;
    }
    if (probe->waiter_count == WAITERS) {
        done(context, &busy);
        return;
    }
    probe->waiters[probe->waiter_count++] = (struct waiter){ done, context };
    if (!probe->running)
        begin(probe);
}

int lk_probe_last(const struct lk_probe *probe)
{
    return !probe->has_result ? -1 : probe->result.healthy ? 1 : 0;
}

/* ---- making ---- */

/* Where the workers listen, as seen from here: a wildcard is reached by loopback. */
static void server_set(struct lk_probe *probe, const struct lk_config *config)
{
    static const uint8_t v4_loopback[4] = { 127, 0, 0, 1 };
    struct sockaddr_in *v4 = (struct sockaddr_in *)&probe->server;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&probe->server;
    struct lk_address address;

    if (lk_address_parse(&address, config->radius.listen[0]) != LK_OK)
        return; /* was judged when the file was read */
    memset(&probe->server, 0, sizeof probe->server);
    if (lk_address_is_v4(&address)) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)config->radius.port);
        memcpy(&v4->sin_addr,
               lk_address_is_any(&address) ? v4_loopback : address.octets + 12,
               sizeof v4->sin_addr);
        probe->server_len = sizeof *v4;
        return;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)config->radius.port);
    memcpy(&v6->sin6_addr, address.octets, sizeof v6->sin6_addr);
    if (lk_address_is_any(&address))
        v6->sin6_addr = in6addr_loopback;
    probe->server_len = sizeof *v6;
}

/* Connects the socket (so that it takes answers from the server alone) and tells the workers where
 * the probe is. */
static bool aim(struct lk_probe *probe)
{
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    struct lk_datagram_peer ours = { .fd = probe->fd };
    socklen_t len = sizeof ours.from;

    (void)connect(probe->fd, &none, sizeof none);
    if (connect(probe->fd, (struct sockaddr *)&probe->server, probe->server_len) != 0 ||
        getsockname(probe->fd, &ours.from.any, &len) != 0)
        return false;
    probe->shared->probe.place->address = lk_datagram_address(&ours);
    probe->shared->probe.place->port = lk_datagram_port(&ours);
    return true;
}

void lk_probe_configure(struct lk_probe *probe, const struct lk_config *config)
{
    struct lk_eap_peer_config *peer = &probe->peer_config;
    enum lk_status status;

    lk_eap_peer_defaults(peer);
    status = lk_imsi_parse(&peer->imsi, lk_span_text(reserved_imsi));
    LK_ASSERT(status == LK_OK);
    peer->realm_len = sizeof reserved_realm - 1;
    memcpy(peer->realm, reserved_realm, sizeof reserved_realm - 1);
    peer->allow_aka_prime = (config->eap.methods & LK_CONFIG_AKA_PRIME) != 0;
    peer->allow_aka = (config->eap.methods & LK_CONFIG_AKA) != 0;
    peer->network_name_len = 0;
    peer->use_pseudonyms = false;
    peer->use_reauth = false;
    server_set(probe, config);
    if (probe->fd >= 0 && !aim(probe))
        LK_LOG(LK_LOG_WARNING, "health-probe", { "what", "cannot reach its server" });
}

static enum lk_status open_socket(struct lk_probe *probe, char error[LK_PROBE_TEXT])
{
    probe->fd = socket(probe->server.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe->fd >= 0 && aim(probe))
        return LK_OK;
    (void)snprintf(error, LK_PROBE_TEXT, "the health probe finds no socket: %s", strerror(errno));
    if (probe->fd >= 0)
        (void)close(probe->fd);
    return LK_E_SYSTEM;
}

/* A card of random octets, sealed by the vault like any other. */
static enum lk_status make_subscriber(struct lk_probe *probe, struct lk_vault_client vault,
                                      char error[LK_PROBE_TEXT])
{
    struct lk_credentials credentials = { .amf = { 0x80, 0x00 } };
    struct lk_vault_request request = { .kind = LK_VAULT_SEAL, .credentials = &credentials };
    struct lk_vault_answer answer = { .row = { .len = 0 } };
    enum lk_status status;

    credentials.card.algorithm = LK_AKA_MILENAGE;
    credentials.card.k_len = 16;
    credentials.card.res_len = 8;
    lk_entropy_take(&probe->entropy, credentials.card.k, 16);
    lk_entropy_take(&probe->entropy, credentials.card.topc, 16);
    request.imsi = probe->peer_config.imsi;
    status = lk_vault_client_call(&vault, &request, &answer, SEAL_TIMEOUT_MS);
    if (status == LK_OK && answer.refused == LK_REASON_NONE) {
        lk_usim_init(&probe->usim, &credentials.card);
        probe->shared->probe.imsi = request.imsi;
        probe->shared->probe.row->row = answer.row;
        probe->shared->probe.ready = true;
    } else {
        (void)snprintf(error, LK_PROBE_TEXT, "the vault does not seal the health probe's card: %s",
                       status != LK_OK ? lk_status_name(status)
                                       : lk_reason_row(answer.refused)->code);
        status = LK_E_SYSTEM;
    }
    lk_wipe(&credentials, sizeof credentials);
    lk_wipe(&answer, sizeof answer);
    return status;
}

void lk_probe_forget(struct lk_probe *probe)
{
    lk_wipe(&probe->entropy, sizeof probe->entropy);
    lk_wipe(&probe->usim, sizeof probe->usim);
    lk_wipe(&probe->peer, sizeof probe->peer);
    lk_wipe(&probe->nas, sizeof probe->nas);
    lk_wipe(&probe->nas_config, sizeof probe->nas_config);
    lk_wipe(&probe->out, sizeof probe->out);
    lk_wipe(&probe->msk, sizeof probe->msk);
}

enum lk_status lk_probe_new(struct lk_probe **out, uv_loop_t *loop, struct lk_shared *shared,
                            const struct lk_config *config, struct lk_vault_client vault,
                            char error[LK_PROBE_TEXT])
{
    struct lk_probe *probe = calloc(1, sizeof *probe);
    enum lk_status status;

    *out = NULL;
    if (probe == NULL)
        return LK_E_SYSTEM;
    probe->loop = loop;
    probe->shared = shared;
    probe->fd = -1;
    lk_eap_peer_init(&probe->peer);
    lk_radius_nas_init(&probe->nas);
    lk_entropy_take(&probe->entropy, shared->probe.secret, sizeof shared->probe.secret);
    (void)snprintf(probe->nas_config.identifier, sizeof probe->nas_config.identifier,
                   "latchkey-health");
    (void)snprintf(probe->nas.user, sizeof probe->nas.user, "health");
    probe->nas_config.retry_ms = RETRY_MS;
    probe->nas_config.tries = TRIES;
    lk_probe_configure(probe, config);
    status = lk_radius_secret_set(&probe->nas_config.secret, LK_SPAN(shared->probe.secret));
    if (status == LK_OK)
        status = make_subscriber(probe, vault, error);
    if (status == LK_OK)
        status = open_socket(probe, error);
    if (status != LK_OK) {
        free(probe);
        return status;
    }
    (void)uv_poll_init(loop, &probe->poll, probe->fd);
    (void)uv_timer_init(loop, &probe->timer);
    (void)uv_timer_init(loop, &probe->repeat);
    probe->poll.data = probe->timer.data = probe->repeat.data = probe;
    (void)uv_poll_start(&probe->poll, UV_READABLE, on_poll);
    *out = probe;
    return LK_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct lk_probe *probe = handle->data;

    if (--probe->closing > 0)
        return;
    (void)close(probe->fd);
    lk_wipe(probe, sizeof *probe);
    free(probe);
}

void lk_probe_stop(struct lk_probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->running)
        finish(probe, false, "the daemon is stopping");
    (void)uv_poll_stop(&probe->poll);
    probe->closing = 3;
    uv_close((uv_handle_t *)&probe->poll, on_closed);
    uv_close((uv_handle_t *)&probe->timer, on_closed);
    uv_close((uv_handle_t *)&probe->repeat, on_closed);
}
