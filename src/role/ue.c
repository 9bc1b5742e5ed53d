/* One attach: the EAP peer's packets go to the RADIUS client's requests and back, the USIM answers
 * in between. The access point asks the device for its identity itself, as access points do. */
#include "role/ue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "base/secret.h"
#include "io/entropy.h"

enum { DEFAULT_TIMEOUT_MS = 15000 };

static const char unreachable_text[] = "port unreachable: nothing listens there";

struct attach {
    struct lk_ue *ue;
    const struct lk_ue_config *config;
    struct lk_ue_result *result;
    struct lk_radius_nas nas;
    struct lk_entropy entropy;
    struct lk_capture_end here, there;
    struct lk_radius_outcome answer;
    struct lk_msk msk; /* of the answer */
    struct lk_wlcp_key wlcp_key;
    uv_loop_t *loop;
    unsigned open; /* handles of the loop */
    void (*ended)(void *context);
    void *ended_context;
    uv_udp_t socket;
    uv_timer_t retry, deadline;
    uint8_t retry_id;
    uint8_t subtype; /* of the EAP request that is being answered */
    uint64_t started_ns;
    bool unreachable; /* the kernel said so */
    bool done;
    uint8_t datagram[LK_RADIUS_PACKET_MAX];
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000u;
}

static struct lk_capture_end end_of(const struct sockaddr_storage *address)
{
    struct lk_capture_end end = { .v6 = address->ss_family == AF_INET6 };

    if (end.v6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof v6);
        memcpy(end.address, &v6.sin6_addr, 16);
        end.port = ntohs(v6.sin6_port);
    } else {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof v4);
        memcpy(end.address, &v4.sin_addr, 4);
        end.port = ntohs(v4.sin_port);
    }
    return end;
}

/* What goes over the wire is seen by the capture and by the trace; neither may stop an attach. */
static void show(struct attach *a, bool out, struct lk_span octets)
{
    const struct lk_capture_end *from = out ? &a->here : &a->there;
    const struct lk_capture_end *to = out ? &a->there : &a->here;
    const char *comment = a->config->comment != NULL ? a->config->comment : "";
    struct lk_trace_packet seen = { .datagram = { .from = *from, .to = *to, .payload = octets },
                                    .comment = lk_span_text(comment) };
    uint64_t at_ns = clock_ns(CLOCK_REALTIME);

    if (a->config->capture != NULL
        && lk_capture_udp(a->config->capture, at_ns, from, to, octets, comment) != LK_OK)
        fprintf(stderr, "latchkey: a packet could not be written to the capture\n");
    seen.at_ns = at_ns;
    if (a->config->trace != NULL
        && lk_trace_add(a->config->trace, LK_TRACE_RADIUS, &seen) != LK_OK)
        fprintf(stderr, "latchkey: a packet could not be kept for the explanation\n");
}

/* The last handle is closed: nothing of the loop's points at the attach any more. */
static void on_closed(uv_handle_t *handle)
{
    struct attach *a = handle->data;
    void (*ended)(void *context) = a->ended;
    void *context = a->ended_context;

    if (--a->open > 0)
        return;
    a->result->ms = (double)(clock_ns(CLOCK_MONOTONIC) - a->started_ns) / 1e6;
    memcpy(a->result->identity, a->ue->peer.identity, a->ue->peer.identity_len);
    a->result->identity[a->ue->peer.identity_len] = '\0';
    lk_wipe(a, sizeof *a);
    free(a);
    ended(context);
}

static void finish(struct attach *a)
{
    if (a->done)
        return;
    a->done = true;
    uv_close((uv_handle_t *)&a->socket, on_closed);
    uv_close((uv_handle_t *)&a->retry, on_closed);
    uv_close((uv_handle_t *)&a->deadline, on_closed);
}

static void refuse(struct attach *a, const struct lk_refusal *refusal)
{
    a->result->accepted = false;
    a->result->refusal = *refusal;
    finish(a);
}

static void refuse_for(struct attach *a, enum lk_reason reason, const char *expected,
                       const char *came)
{
    struct lk_refusal refusal = lk_refusal_of(reason, expected, came);

    refuse(a, &refusal);
}

/* ---- RADIUS outputs ---- */

static void send_out(struct attach *a, struct lk_span octets)
{
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)octets.at, (unsigned)octets.len);

    show(a, true, octets);
    a->result->requests++;
    if (uv_udp_try_send(&a->socket, &buffer, 1, NULL) < 0)
        a->unreachable = true; /* the timer sends it again */
}

static void on_retry(uv_timer_t *timer);

static void carry_out_radius(struct attach *a, const struct lk_outbox *out)
{
    uint64_t now = now_ms();

    for (size_t i = 0; i < out->count && !a->done; i++) {
        const struct lk_output *o = &out->item[i];

        if (o->kind == LK_OUT_SEND) {
            send_out(a, o->send);
        } else if (o->kind == LK_OUT_TIMER) {
            a->retry_id = o->timer.id;
            uv_timer_start(&a->retry, on_retry, o->timer.at_ms > now ? o->timer.at_ms - now : 0, 0);
        } else if (o->kind == LK_OUT_FAILED) {
            if (o->failed.reason == LK_REASON_RADIUS_NO_ANSWER && a->unreachable)
                refuse_for(a, LK_REASON_RADIUS_NO_ANSWER, "an answer", unreachable_text);
            else
                refuse(a, &o->failed);
        }
    }
}

static void on_retry(uv_timer_t *timer)
{
    struct attach *a = timer->data;
    uint8_t entropy[LK_ENTROPY_LEN];
    struct lk_outbox out;

    lk_outbox_empty(&out);
    lk_entropy_take(&a->entropy, entropy, sizeof entropy);
    if (lk_radius_nas_expired(&a->nas, &a->config->nas, a->retry_id, now_ms(), entropy, &out)
        == LK_OK) {
        a->result->repeats++;
        carry_out_radius(a, &out);
    }
    lk_outbox_wipe(&out);
}

static void on_deadline(uv_timer_t *timer)
{
    struct attach *a = timer->data;

    if (a->nas.dropped != LK_REASON_NONE)
        refuse_for(a, a->nas.dropped, "an answer that verifies", "only answers that do not");
    else
        refuse_for(a, LK_REASON_RADIUS_NO_ANSWER, "an end within --timeout",
                   a->unreachable ? unreachable_text : NULL);
}

/* spec: RFC 3579 2.1 - the identity that the device gave is the User-Name of every request. */
static void take_user_name(struct attach *a, struct lk_span eap)
{
    struct lk_eap_packet packet;
    size_t len;

    if (lk_eap_decode(&packet, eap) != LK_OK || packet.type != LK_EAP_IDENTITY)
        return;
    len = packet.type_data.len < sizeof a->nas.user ? packet.type_data.len : sizeof a->nas.user - 1;
    memcpy(a->nas.user, packet.type_data.at, len);
    a->nas.user[len] = '\0';
}

static void send_eap(struct attach *a, struct lk_span eap)
{
    uint8_t entropy[LK_ENTROPY_LEN];
    struct lk_outbox out;
    enum lk_status status;

    take_user_name(a, eap);

    if (a->config->before_answer != NULL)
        a->config->before_answer(a->config->context, a->subtype);
    lk_outbox_empty(&out);
    lk_entropy_take(&a->entropy, entropy, sizeof entropy);
    status = lk_radius_nas_send_eap(&a->nas, &a->config->nas, eap, now_ms(), entropy, &out);
    if (status == LK_OK)
        carry_out_radius(a, &out);
    else
        refuse_for(a, LK_REASON_RADIUS_MALFORMED, "a request that fits", lk_status_name(status));
    lk_outbox_wipe(&out);
}

/* ---- the peer ---- */

static void feed_peer(struct attach *a, struct lk_event *event);

static void ask_card(struct attach *a, const struct lk_output *ask)
{
    struct lk_event event = { .kind = LK_EV_CARD };

    lk_usim_answer(&a->ue->usim, &event.card, ask->ask_card.rand, ask->ask_card.autn);
    a->result->resynced = a->result->resynced || event.card.verdict == LK_CARD_SQN_RANGE;
    if (event.card.verdict == LK_CARD_OK && a->config->card_accepted != NULL &&
        !a->config->card_accepted(a->config->context))
        refuse_for(a, LK_REASON_USIM_NOT_KEPT, "its file to be written", strerror(errno));
    else
        feed_peer(a, &event);
    lk_wipe(&event, sizeof event);
}

/* spec: TS 33.402 7.2.3.2.1 - the device derives the WLCP key when it has got EAP-Success in
 * multi-connection mode. */
static void take_mode(struct attach *a, const struct lk_grant *grant)
{
    struct lk_wlcp_kdf kdf = a->config->wlcp_kdf, normal;
    struct lk_ue_result *result = a->result;

    result->mode_cause = a->ue->peer.mode_cause;
    if (grant->mode != LK_TWAN_MULTI)
        return;
    lk_wlcp_kdf_defaults(&normal);
    if (kdf.fc == 0)
        kdf.fc = normal.fc;
    lk_wlcp_key_derive(&result->wlcp_key, &grant->emsk, &kdf);
    result->twag = a->ue->peer.twag;
    result->has_wlcp_key = a->answer.has_wlcp;
    result->wlcp_same = a->answer.has_wlcp &&
                        lk_same_secret(result->wlcp_key.octets, a->wlcp_key.octets,
                                       sizeof result->wlcp_key.octets);
}

static void granted(struct attach *a, const struct lk_grant *grant)
{
    take_mode(a, grant);
    a->result->grant = *grant;
    a->result->has_msk = a->answer.has_msk;
    a->result->msk_same = a->answer.has_msk
                          && lk_same_secret(grant->msk.octets, a->msk.octets, sizeof a->msk.octets);
    a->result->has_key_name = a->answer.key_name.len > 0;
    a->result->key_name_same = lk_span_equal(a->answer.key_name, LK_SPAN(grant->session_id.octets));
    if (a->answer.has_session_timeout)
        a->result->session_timeout_s = a->answer.session_timeout_s;
    a->result->accepted = a->answer.code == LK_RADIUS_ACCESS_ACCEPT
                          && (!a->result->has_msk || a->result->msk_same);
    if (!a->result->accepted)
        a->result->refusal = lk_refusal_of(LK_REASON_MAC_WRONG, "MS-MPPE keys that are the MSK",
                                           "other keys");
    finish(a);
}

static void feed_peer(struct attach *a, struct lk_event *event)
{
    struct lk_outbox out;
    enum lk_status status;

    event->now_ms = now_ms();
    lk_entropy_take(&a->entropy, event->entropy, sizeof event->entropy);
    lk_outbox_empty(&out);
    status = lk_eap_peer_step(&a->ue->peer, &a->config->peer, event, &out);
    for (size_t i = 0; status == LK_OK && i < out.count && !a->done; i++) {
        const struct lk_output *o = &out.item[i];

        if (o->kind == LK_OUT_SEND)
            send_eap(a, o->send);
        else if (o->kind == LK_OUT_ASK_CARD)
            ask_card(a, o);
        else if (o->kind == LK_OUT_GRANT)
            granted(a, &o->grant);
        else if (o->kind == LK_OUT_FAILED)
            refuse(a, &o->failed);
    }
    lk_outbox_wipe(&out);
}

static void receive_eap(struct attach *a, struct lk_span eap)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED, .received = eap };
    struct lk_eap_packet packet;

    a->subtype = 0;
    if (lk_eap_decode(&packet, eap) == LK_OK)
        a->subtype = packet.subtype;
    feed_peer(a, &event);
}

/* The identity that the device gives becomes User-Name. */
static void begin(struct attach *a)
{
    struct lk_event event = { .kind = LK_EV_START };
    uint8_t room[8];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    feed_peer(a, &event);
    lk_eap_put_identity(&w, LK_EAP_REQUEST, 0, lk_span_of(NULL, 0));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    receive_eap(a, lk_writer_span(&w));
    if (!a->done && a->result->requests == 0)
        refuse_for(a, LK_REASON_IDENTITY_UNUSABLE, "EAP-Response/Identity", "nothing");
}

/* ---- RADIUS answers ---- */

static void answered(struct attach *a)
{
    bool accept = a->answer.code == LK_RADIUS_ACCESS_ACCEPT;

    if (accept) {
        a->msk = a->answer.msk;
        a->wlcp_key = a->answer.wlcp_key;
    }
    if (a->answer.has_eap)
        receive_eap(a, a->answer.eap);
    if (a->done || a->answer.code == LK_RADIUS_ACCESS_CHALLENGE)
        return;
    if (accept)
        refuse_for(a, LK_REASON_SUCCESS_TOO_EARLY, "EAP-Success when the method is through",
                   "Access-Accept");
    else
        refuse_for(a, LK_REASON_REJECTED, "Access-Challenge or Access-Accept", "Access-Reject");
}

static void on_received(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct attach *a = socket->data;
    struct lk_span datagram = lk_span_of(buffer->base, n > 0 ? (size_t)n : 0);

    if (n < 0) {
        a->unreachable = n == UV_ECONNREFUSED;
        return;
    }
    if (from == NULL || (flags & UV_UDP_PARTIAL) != 0 || a->done)
        return;
    a->unreachable = false;
    show(a, false, datagram);
    if (lk_radius_nas_received(&a->nas, &a->config->nas, datagram, &a->answer) == LK_OK) {
        uv_timer_stop(&a->retry);
        answered(a);
    }
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct attach *a = handle->data;

    *buffer = uv_buf_init((char *)a->datagram, sizeof a->datagram);
}

/* ---- the whole ---- */

static int open_socket(struct attach *a)
{
    struct sockaddr_storage local = { 0 };
    int len = sizeof local, error;

    error = uv_udp_connect(&a->socket, (const struct sockaddr *)&a->config->server);
    if (error == 0)
        error = uv_udp_getsockname(&a->socket, (struct sockaddr *)&local, &len);
    if (error == 0)
        error = uv_udp_recv_start(&a->socket, on_room, on_received);
    a->here = end_of(&local);
    a->there = end_of(&a->config->server);
    return error;
}

enum lk_status lk_ue_attach_start(uv_loop_t *loop, struct lk_ue *ue,
                                  const struct lk_ue_config *config, struct lk_ue_result *result,
                                  void (*ended)(void *context), void *context)
{
    uint32_t timeout = config->timeout_ms != 0 ? config->timeout_ms : DEFAULT_TIMEOUT_MS;
    struct attach *a = calloc(1, sizeof *a);
    int error;

    memset(result, 0, sizeof *result);
    if (a == NULL)
        return LK_E_SYSTEM;
    a->loop = loop;
    a->ue = ue;
    a->config = config;
    a->result = result;
    a->ended = ended;
    a->ended_context = context;
    lk_radius_nas_init(&a->nas);
    snprintf(a->nas.calling, sizeof a->nas.calling, "%s",
             config->calling[0] != '\0' ? config->calling : "02-00-00-00-00-01");
    LK_ASSERT(uv_udp_init(loop, &a->socket) == 0);
    LK_ASSERT(uv_timer_init(loop, &a->retry) == 0);
    LK_ASSERT(uv_timer_init(loop, &a->deadline) == 0);
    a->socket.data = a->retry.data = a->deadline.data = a;
    a->open = 3;
    a->started_ns = clock_ns(CLOCK_MONOTONIC);
    error = open_socket(a);
    if (error != 0) {
        refuse_for(a, LK_REASON_RADIUS_NO_ANSWER, "a socket", uv_strerror(error));
        return LK_OK;
    }
    uv_timer_start(&a->deadline, on_deadline, timeout, 0);
    begin(a);
    return LK_OK;
}

static void ended_here(void *context)
{
    (void)context;
}

enum lk_status lk_ue_attach(struct lk_ue *ue, const struct lk_ue_config *config,
                            struct lk_ue_result *result)
{
    enum lk_status status;
    uv_loop_t loop;

    LK_ASSERT(uv_loop_init(&loop) == 0);
    status = lk_ue_attach_start(&loop, ue, config, result, ended_here, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    LK_ASSERT(uv_loop_close(&loop) == 0);
    return status;
}

static bool port_is_one(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && port >= 1 && port <= 65535;
}

enum lk_status lk_ue_server(struct sockaddr_storage *server, const char *text, uint16_t port,
                            char error[128])
{
    char host[256], service[8];
    const char *colon = strrchr(text, ':'), *close = strchr(text, ']');
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *found;
    size_t len = strlen(text);
    int failed;

    if (colon != NULL && close != NULL && colon < close)
        colon = NULL;
    if (colon != NULL && close == NULL && strchr(text, ':') != colon)
        colon = NULL; /* an IPv6 address without brackets and without a port */
    snprintf(service, sizeof service, "%u", port);
    if (colon != NULL && !port_is_one(colon + 1)) {
        snprintf(error, 128, "'%.64s': expected a port from 1 to 65535 behind the colon", text);
        return LK_E_VALUE;
    }
    if (colon != NULL) {
        snprintf(service, sizeof service, "%.7s", colon + 1);
        len = (size_t)(colon - text);
    }
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    snprintf(host, sizeof host, "%.*s", (int)len, text);
    failed = getaddrinfo(host, service, &hints, &found);
    if (failed != 0) {
        snprintf(error, 128, "'%.64s' port %s: %s", host, service, gai_strerror(failed));
        return LK_E_NOT_FOUND;
    }
    memset(server, 0, sizeof *server);
    memcpy(server, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return LK_OK;
}
