/* The session link between TWAP and TWAG where they are on two machines: RADIUS over TLS, the TWAP
 * the client. node/wlan_link has what is said; here are the connections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/wlan_link.h"

enum { SEEN = 8 * LK_WLAN_LINK_SEEN };

bool lk_wlan_link_is_remote(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_TWAP) != 0 && strcmp(config->twap.twag, "local") != 0;
}

/* An AAA in the same daemon has that port already; a TWAP beside us tells us by a call. */
bool lk_wlan_link_listens(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_TWAG) != 0 &&
           (config->roles & (LK_ROLE_TWAP | LK_ROLE_AAA)) == 0 && lk_radsec_listens(config);
}

/* ---- the TWAP's end ---- */

static void send_packet(struct lk_wlan *wlan, struct lk_span octets)
{
    struct lk_wlan_link_out *out = wlan->link_out;

    /* What no connection takes now is out all the same, and is sent on the next one. */
    if (out->line != LK_WLAN_NO_LINE)
        (void)!lk_radsec_client_send(wlan->twap->radsec, out->line, octets);
}

static void send_or_say(struct lk_wlan *wlan, enum lk_status status, struct lk_span octets)
{
    static const struct lk_address nobody;

    if (status == LK_OK && octets.len > 0)
        send_packet(wlan, octets);
    else if (status != LK_OK)
        lk_wlan_refused(wlan, LK_REASON_TWAP_LINK_FULL, &nobody);
}

static struct lk_wlan_link_config config_of(const struct lk_wlan *wlan)
{
    return (struct lk_wlan_link_config){ &wlan->link_out->secret,
                                         wlan->process.config->radius.enterprise, false, 0 };
}

void lk_wlan_link_tell(struct lk_wlan *wlan, const struct lk_wlan_session *session)
{
    const struct lk_wlan_link_config config = config_of(wlan);
    struct lk_span octets = { NULL, 0 };
    enum lk_status status = lk_wlan_link_session(&wlan->link_out->node, &config, session,
                                                 wlan->now_ms, &octets);

    send_or_say(wlan, status, octets);
}

void lk_wlan_link_tell_gone(struct lk_wlan *wlan, const struct lk_wlan_gone *gone)
{
    const struct lk_wlan_link_config config = config_of(wlan);
    struct lk_span octets = { NULL, 0 };
    enum lk_status status = lk_wlan_link_gone(&wlan->link_out->node, &config, gone, wlan->now_ms,
                                              &octets);

    send_or_say(wlan, status, octets);
}

void lk_wlan_link_packet(struct lk_wlan *wlan, struct lk_span packet)
{
    const struct lk_wlan_link_config config = config_of(wlan);
    static const struct lk_address nobody;
    enum lk_status status;
    struct lk_span octets;
    char text[16];
    uint32_t cause;

    status = lk_wlan_link_answered(&wlan->link_out->node, &config, packet, &cause);
    if (status == LK_E_DENIED) {
        (void)snprintf(text, sizeof text, "%u", cause);
        LK_LOG(LK_LOG_WARNING, "gateway-refuses", { "error_cause", text },
               { "gateway", wlan->process.config->twap.twag });
    } else if (status != LK_OK) {
        lk_wlan_refused(wlan, LK_REASON_RADIUS_NOT_ASKED, &nobody);
    }
    while (lk_wlan_link_later(&wlan->link_out->node, &config, wlan->now_ms, &octets))
        send_packet(wlan, octets);
}

void lk_wlan_link_alive(struct lk_wlan *wlan, bool alive)
{
    struct lk_span octets;
    size_t at = 0;

    while (alive && lk_wlan_link_again(&wlan->link_out->node, &at, &octets))
        send_packet(wlan, octets);
}

/* The sessions that a TWAP of this name said before are none of ours. */
static bool begin_out(struct lk_wlan *wlan, const struct lk_config_peer *peer)
{
    struct lk_wlan_link_config config;
    uint64_t now_ms = lk_wall_ms();

    wlan->link_out = calloc(1, sizeof *wlan->link_out);
    if (wlan->link_out == NULL ||
        lk_radius_secret_set(&wlan->link_out->secret, lk_span_text(peer->secret)) != LK_OK)
        return false;
    config = config_of(wlan);
    return lk_wlan_link_restarted(&wlan->link_out->node, &config, now_ms, now_ms) == LK_OK;
}

bool lk_wlan_link_line(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = wlan->process.config;
    const struct lk_config_peer *peer;

    if (!lk_wlan_link_is_remote(config))
        return true;
    peer = lk_wlan_peer_row(config, config->twap.twag);
    (void)snprintf(error, LK_KIND_ERROR_TEXT,
                   "twap.twag: '%.60s' is no row of radsec.peers with an address",
                   config->twap.twag);
    if (peer == NULL || wlan->twap->radsec == NULL || !begin_out(wlan, peer))
        return false;
    wlan->link_out->line = lk_radsec_client_lines(wlan->twap->radsec);
    if (lk_radsec_client_line(wlan->twap->radsec, peer, LK_WLAN_LINK_TAG) == LK_OK)
        return true;
    wlan->link_out->line = LK_WLAN_NO_LINE;
    return false;
}

/* ---- the TWAG's end ---- */

/* spec: RFC 5997 4.1 - so that the other end knows that we are alive. */
static void answer_status(struct lk_wlan *wlan, const struct lk_radsec_source *source,
                          struct lk_span packet)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_request request;
    struct lk_radius_answer head = { .code = LK_RADIUS_ACCESS_ACCEPT,
                                     .request_code = LK_RADIUS_STATUS_SERVER,
                                     .secret = &source->client->secret };
    enum lk_reason reason;

    if (lk_radius_request_open(&request, &reason, source->client, LK_RADIUS_AUTH_PORT, packet) !=
        LK_OK) {
        lk_radsec_server_refused(wlan->link_in->server, source->stream, reason);
        return;
    }
    head.identifier = request.packet.identifier;
    head.authenticator = request.packet.authenticator.at;
    lk_radius_answer_begin(&w, &head);
    if (lk_radius_answer_end(&w, &head) == LK_OK)
        (void)lk_radsec_server_send(wlan->link_in->server, source->stream, lk_writer_span(&w));
}

/* Which TWAP: by its name, that stays when the configuration is read again. */
static uint64_t teller_of(const struct lk_radsec_source *source)
{
    const struct lk_span name = lk_span_text(source->client->name);
    uint8_t digest[LK_SHA256_LEN];
    struct lk_reader r = lk_reader_of(LK_SPAN(digest));

    lk_sha256(digest, &name, 1);
    return lk_get_be64(&r) | 1;
}

static enum lk_radius_error_cause do_as_told(struct lk_wlan *wlan, enum lk_wlan_told told,
                                             const struct lk_radsec_source *source,
                                             const struct lk_wlan_told_what *what)
{
    if (told == LK_WLAN_TOLD_SESSION) {
        lk_process_count(&wlan->process, LK_WLAN_SESSIONS_BEGUN);
        return lk_wlan_twag_session(wlan, &what->session) ? LK_RADIUS_CAUSE_NONE
                                                          : LK_RADIUS_CAUSE_RESOURCES;
    }
    if (told == LK_WLAN_TOLD_RESTARTED) {
        LK_LOG(LK_LOG_INFO, "twap-began", { "twap", source->client->name });
        lk_wlan_twag_twap_restarted(wlan, teller_of(source), what->gone.generation);
        return LK_RADIUS_CAUSE_NONE;
    }
    lk_process_count(&wlan->process, what->gone.failed ? LK_WLAN_SESSIONS_FAILED
                                                       : LK_WLAN_SESSIONS_ENDED);
    return lk_wlan_twag_session_end(wlan, &what->gone) ? LK_RADIUS_CAUSE_NONE
                                                       : LK_RADIUS_CAUSE_NO_SESSION;
}

static void on_packet(void *context, const struct lk_radsec_source *source, struct lk_span packet)
{
    struct lk_wlan *wlan = context;
    struct lk_wlan_link_in *in = wlan->link_in;
    const struct lk_wlan_link_config config = { &source->client->secret,
                                                wlan->process.config->radius.enterprise,
                                                source->client->is_twap, teller_of(source) };
    uint8_t octets[LK_RADIUS_DYNAMIC_ANSWER_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_wlan_told_what what;
    enum lk_wlan_told told;

    lk_wlan_turn_begin(wlan);
    lk_count(&wlan->count->requests);
    if (packet.at[0] == LK_RADIUS_STATUS_SERVER) {
        answer_status(wlan, source, packet);
        return;
    }
    told = lk_wlan_link_open(&what, &in->seen_by, &config, packet, wlan->now_ms);
    if (told != LK_WLAN_TOLD_NOTHING)
        lk_wlan_link_settle(&what, &in->seen_by, do_as_told(wlan, told, source, &what));
    if (what.reason != LK_REASON_NONE)
        lk_radsec_note(wlan->count, &source->peer, source->client->name, what.reason, NULL);
    if (!what.answer) {
        lk_radsec_server_refused(in->server, source->stream, what.reason);
    } else if (lk_wlan_link_answer(&w, &what, &config) == LK_OK) {
        (void)lk_radsec_server_send(in->server, source->stream, lk_writer_span(&w));
    }
    lk_wipe(&what, sizeof what);
}

static void on_end(void *context)
{
    lk_wlan_turn_end(context);
}

bool lk_wlan_link_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_radsec_server_calls calls = { wlan, on_packet, on_end };
    const struct lk_worker_setup *setup = wlan->process.setup;
    struct lk_wlan_link_in *in;
    bool begun;

    _Static_assert((int)LK_RADSEC_ERROR_TEXT <= (int)LK_KIND_ERROR_TEXT, "it fits");
    if (!lk_wlan_link_listens(wlan->process.config))
        return true;
    in = calloc(1, sizeof *in);
    wlan->link_in = in;
    if (in == NULL)
        return false;
    in->seen = calloc(SEEN, sizeof *in->seen);
    if (in->seen == NULL)
        return false;
    lk_radius_dynamic_server_in(&in->seen_by, in->seen, SEEN);
    begun = lk_radsec_server_new(&in->server, &wlan->process.loop, wlan->process.config, &calls,
                                 wlan->count, 0, error) == LK_OK;
    for (size_t i = 0; i < setup->socket_count && begun; i++)
        if (setup->sockets[i].serves == LK_WLAN_LINK)
            begun = lk_radsec_server_listen(in->server, setup->sockets[i].fd) == LK_OK;
    return begun;
}

void lk_wlan_link_end(struct lk_wlan *wlan)
{
    if (wlan->link_out != NULL)
        lk_wlan_link_wipe(&wlan->link_out->node);
    if (wlan->link_in != NULL)
        lk_radsec_server_free(wlan->link_in->server);
}
