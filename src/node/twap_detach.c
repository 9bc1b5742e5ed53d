/* How a session of the TWAP ends that is not authenticated anew.
 *
 *     Accounting              twap_account.c; what an access point has lost ends one after another
 *     Disconnect-Request      of the AAA; the access point is told, where it takes that
 *     the operator            as a Disconnect-Request
 *     silence                 past its lifetime */
#include <stdio.h>
#include <string.h>

#include "node/twap_parts.h"

/* ---- Disconnect-Request of the AAA ---- */

static bool is_named(const struct lk_twap_session *row,
                     const struct lk_radius_dynamic_request *request,
                     const struct lk_radius_dynamic_config *config)
{
    const struct lk_radius_dynamic_session names = {
        .user = lk_span_of(row->user, row->user_len),
        .imsi = lk_span_text(row->imsi.digits),
        .acct_session = lk_span_of(row->acct_session, row->acct_session_len),
        .mac = row->mac,
        .nas_address = row->nas_address,
        .nas_identifier = lk_span_of(row->nas, row->nas_len),
    };

    return lk_radius_dynamic_names(request, config, &names);
}

/* How many are named; *found is one of them. A MAC address is looked up; without one all rows are
 * gone through, which the AAA alone can make us do. */
static size_t find_named(const struct lk_twap_now *now, struct lk_twap_session **found,
                         const struct lk_radius_dynamic_request *request,
                         const struct lk_radius_dynamic_config *config)
{
    struct lk_twap_sessions *sessions = &now->twap->sessions;
    size_t count = 0;

    *found = NULL;
    if (request->has_mac) {
        struct lk_twap_session *row = lk_twap_sessions_find(sessions, request->mac);

        if (row == NULL || !is_named(row, request, config))
            return 0;
        *found = row;
        return 1;
    }
    for (uint32_t i = 0; i < sessions->touched && count < 2; i++)
        if (sessions->row[i].used && is_named(&sessions->row[i], request, config)) {
            *found = &sessions->row[i];
            count++;
        }
    return count;
}

static struct lk_radius_ask_config ask_config(const struct lk_twap_now *now,
                                              const struct lk_radius_client *client)
{
    return (struct lk_radius_ask_config){ .secret = &client->secret,
                                          .retry_ms = now->config->retry_ms,
                                          .tries = now->config->tries };
}

static void put_ask(const struct lk_twap_now *now, const struct lk_twap_ask *ask)
{
    struct lk_twap_output *item = lk_twap_put(now, LK_TWAP_OUT_AP_DYNAMIC);

    item->send.octets = lk_span_of(ask->ask.octets, ask->ask.len);
    item->send.address = ask->ap;
    item->send.address_port = LK_RADIUS_DYNAMIC_PORT;
}

static void tell_ap(const struct lk_twap_now *now, const struct lk_twap_session *session)
{
    const struct lk_radius_client *client = lk_radius_clients_find(&now->config->clients,
                                                                   &session->ap);
    const uint8_t *mac = session->mac;
    struct lk_radius_ask_config config;
    size_t i = 0;
    struct lk_twap_ask *ask;
    struct lk_writer w;

    while (i < now->twap->asks && now->twap->ask[i].ask.out)
        i++;
    if (!now->config->disconnect_ap || client == NULL || i == now->twap->asks)
        return;
    ask = &now->twap->ask[i];
    ask->ap = session->ap;
    config = ask_config(now, client);
    w = lk_radius_ask_begin(&ask->ask, LK_RADIUS_DISCONNECT_REQUEST, (uint8_t)i,
                            now->event->now_ms);
    lk_radius_put_station(&w, mac);
    if (session->acct_session_len > 0)
        lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID,
                      lk_span_of(session->acct_session, session->acct_session_len));
    if (lk_radius_ask_end(&ask->ask, &config, &w, now->event->now_ms) == LK_OK)
        put_ask(now, ask);
}

static const struct lk_radius_secret *secret_of_asker(const struct lk_twap_now *now)
{
    const struct lk_radius_client *client;

    if (now->event->by_connection)
        return &now->config->upstream[now->event->upstream].secret;
    client = lk_radius_clients_find(&now->config->askers, &now->event->source);
    return client != NULL ? &client->secret : NULL;
}

static void answer_dynamic(const struct lk_twap_now *now,
                           const struct lk_radius_dynamic_request *request,
                           const struct lk_radius_secret *secret)
{
    struct lk_writer w = lk_writer_of(now->out->answer, sizeof now->out->answer);
    enum lk_status status = lk_radius_dynamic_answer(&w, request, secret);

    LK_ASSERT(status == LK_OK);
    lk_twap_put(now, LK_TWAP_OUT_DYNAMIC)->send.octets = lk_writer_span(&w);
}

static void disconnect(const struct lk_twap_now *now, struct lk_twap_session *session)
{
    tell_ap(now, session);
    lk_twap_end(now, session, LK_WLAN_END_DISCONNECTED, now->twap->runs + 1);
}

void lk_twap_end_by_mac(const struct lk_twap_now *now)
{
    struct lk_twap_session *session = lk_twap_sessions_find(&now->twap->sessions, now->event->mac);

    if (session != NULL)
        disconnect(now, session);
}

void lk_twap_dynamic(const struct lk_twap_now *now)
{
    const struct lk_radius_secret *secret = secret_of_asker(now);
    struct lk_radius_dynamic_config config = now->config->dynamic;
    enum lk_radius_dynamic_verdict verdict = LK_RADIUS_DYNAMIC_DROP;
    enum lk_reason reason = LK_REASON_RADIUS_CLIENT_UNKNOWN;
    struct lk_radius_dynamic_request request;

    config.many_nas = true;
    config.fresh_leg = now->event->by_connection;
    if (secret != NULL)
        verdict = lk_radius_dynamic_open(&request, &reason, &now->twap->dynamic, &config,
                                         secret, now->event->octets, now->event->now_ms);
    if (verdict == LK_RADIUS_DYNAMIC_DROP) {
        lk_twap_note(now, reason);
        return;
    }
    if (verdict == LK_RADIUS_DYNAMIC_NEW) {
        struct lk_twap_session *session;
        enum lk_radius_error_cause cause =
            lk_radius_dynamic_found(find_named(now, &session, &request, &config));

        if (cause == LK_RADIUS_CAUSE_NONE)
            disconnect(now, session);
        lk_radius_dynamic_decide(&now->twap->dynamic, &request, cause);
    }
    answer_dynamic(now, &request, secret);
    if (request.cause != LK_RADIUS_CAUSE_NONE)
        lk_twap_note_came(now, LK_REASON_RADIUS_DISCONNECT,
                          lk_radius_error_cause_name(request.cause));
}

void lk_twap_ap_dynamic(const struct lk_twap_now *now)
{
    const struct lk_radius_client *client = lk_radius_clients_find(&now->config->clients,
                                                                   &now->event->source);
    struct lk_radius_ask_outcome outcome;
    struct lk_radius_ask_config config;
    size_t at = now->event->octets.len > 1 ? now->event->octets.at[1] : now->twap->asks;

    if (client == NULL || at >= now->twap->asks ||
        !lk_address_equal(&now->twap->ask[at].ap, &now->event->source)) {
        lk_twap_note(now, LK_REASON_RADIUS_NOT_ASKED);
        return;
    }
    config = ask_config(now, client);
    if (lk_radius_ask_received(&now->twap->ask[at].ask, &config, now->event->octets, &outcome) !=
        LK_OK)
        lk_twap_note(now, LK_REASON_RADIUS_RESPONSE_WRONG);
}

/* ---- the clock ---- */

static void ask_again(const struct lk_twap_now *now)
{
    for (size_t i = 0; i < now->twap->asks && lk_twap_has_room(now); i++) {
        struct lk_twap_ask *ask = &now->twap->ask[i];
        const struct lk_radius_client *client;
        struct lk_radius_ask_config config;

        if (!ask->ask.out || now->event->now_ms < ask->ask.due_ms)
            continue;
        client = lk_radius_clients_find(&now->config->clients, &ask->ap);
        if (client == NULL) {
            ask->ask.out = false;
            continue;
        }
        config = ask_config(now, client);
        if (lk_radius_ask_due(&ask->ask, &config, now->event->now_ms,
                              now->event->entropy) == LK_RADIUS_ASK_AGAIN)
            put_ask(now, ask);
    }
}

static bool is_swept(const struct lk_twap_sweep *sweep, const struct lk_twap_session *row)
{
    return row->used && row->run < sweep->run && lk_address_equal(&row->ap, &sweep->ap) &&
           (sweep->nas_len == 0 || lk_span_equal(lk_span_of(row->nas, row->nas_len),
                                                 lk_span_of(sweep->nas, sweep->nas_len)));
}

static void go_on_sweeping(const struct lk_twap_now *now, struct lk_twap_sweep *sweep)
{
    struct lk_twap_sessions *sessions = &now->twap->sessions;

    for (size_t i = 0; i < LK_TWAP_ROWS_A_TICK && sweep->at < sessions->touched; i++) {
        if (!lk_twap_has_room(now))
            break;
        if (is_swept(sweep, &sessions->row[sweep->at]))
            lk_twap_end(now, &sessions->row[sweep->at], LK_WLAN_END_DETACHED, sweep->run);
        sweep->at++;
    }
    sweep->on = sweep->at < sessions->touched;
    if (sweep->on)
        now->out->again = true;
}

void lk_twap_detach_tick(const struct lk_twap_now *now)
{
    struct lk_twap_sessions *sessions = &now->twap->sessions;

    ask_again(now);
    for (size_t i = 0; i < LK_TWAP_SWEEPS; i++)
        if (now->twap->sweep[i].on)
            go_on_sweeping(now, &now->twap->sweep[i]);
    for (size_t i = 0; i < LK_TWAP_ROWS_A_TICK && i < sessions->touched; i++) {
        struct lk_twap_session *row;

        if (!lk_twap_has_room(now))
            return;
        row = &sessions->row[now->twap->scan];
        now->twap->scan = (now->twap->scan + 1) % sessions->touched;
        if (row->used && row->until_ms <= now->event->now_ms)
            lk_twap_end(now, row, LK_WLAN_END_LOST, now->twap->runs + 1);
    }
}
