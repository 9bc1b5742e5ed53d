/* What an aaa worker asks of its clients over TLS: to end a session (RFC 5176), over a connection
 * that the client holds, for behind it there may be no port that could be asked.
 *
 *     {"op": "session-end", "client": "radsec:twap", "session": "s-1", "station": "02-..."}
 *
 * client is as accounting has it. A worker that holds no connection of that client says so, and
 * the next worker is asked. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/aaa_worker.h"
#include "role/disconnect.h"

enum { WITHIN_MS = 3000 };

/* A stream repeats what is lost: asked once, and given up when that takes too long. */
static struct lk_radius_ask_config config_of(const struct lk_aaa_ask *ask)
{
    return (struct lk_radius_ask_config){ .secret = &ask->client->secret, .retry_ms = WITHIN_MS,
                                          .tries = 1 };
}

static void refuse(struct lk_aaa_worker *worker, uint32_t number, bool elsewhere, const char *why,
                   const char *fix)
{
    lk_process_answer(&worker->process, number,
                      json_pack("{s:b, s:b, s:s, s:s}", "ok", 0, "elsewhere", elsewhere, "error",
                                why, "fix", fix));
}

static void finish(struct lk_aaa_ask *ask)
{
    lk_wipe(ask, sizeof *ask);
}

static void no_connection(struct lk_aaa_worker *worker, uint32_t number)
{
    refuse(worker, number, true, "that client holds no connection over TLS now",
           "look for radsec-connected in the log");
}

static struct lk_aaa_ask *free_place(struct lk_aaa_worker *worker)
{
    for (size_t i = 0; i < LK_AAA_ASKS; i++)
        if (!worker->asks[i].ask.out)
            return &worker->asks[i];
    return NULL;
}

/* spec: RFC 6614 2.1 - a request of the server goes the way that the client has opened. */
static void ask_client(struct lk_aaa_worker *worker, uint32_t number,
                       const struct lk_radsec_source *source, const char *session,
                       const char *station)
{
    struct lk_aaa_ask *ask = free_place(worker);
    struct lk_radius_ask_config config;

    if (ask == NULL) {
        refuse(worker, number, false, "too many requests are out", "try again in some seconds");
        return;
    }
    ask->number = number;
    ask->stream = source->stream;
    ask->client = source->client;
    config = config_of(ask);
    if (lk_disconnect_build(&ask->ask, &config, session, station, worker->ask_identifier++,
                            lk_wall_ms()) != LK_OK) {
        refuse(worker, number, false, "its record does not fit a request", "look at session list");
        finish(ask);
    } else if (!lk_radsec_server_send(worker->radsec, ask->stream,
                                      lk_span_of(ask->ask.octets, ask->ask.len))) {
        no_connection(worker, number);
        finish(ask);
    }
}

static void end_session(void *context, uint32_t number, const json_t *request)
{
    struct lk_aaa_worker *worker = context;
    const char *client = json_string_value(json_object_get(request, "client"));
    const char *session = json_string_value(json_object_get(request, "session"));
    const char *station = json_string_value(json_object_get(request, "station"));
    const struct lk_radsec_source *source = NULL;

    if (client == NULL || session == NULL) {
        refuse(worker, number, false, "the request names no client or no session",
               "send client and session, and station where it is known");
        return;
    }
    if (worker->radsec != NULL)
        source = lk_radsec_server_client(worker->radsec, client);
    if (source == NULL)
        no_connection(worker, number);
    else
        ask_client(worker, number, source, session, station == NULL ? "" : station);
}

const struct lk_ask lk_aaa_asks[] = { { .op = "session-end", .later = end_session }, { NULL } };

/* spec: RFC 5176 2.3 - an answer is told by identifier, and proven by its authenticator. */
void lk_aaa_ask_answered(struct lk_aaa_worker *worker, const struct lk_radsec_source *source,
                         struct lk_span packet)
{
    struct lk_radius_ask_outcome outcome;
    char why[LK_DISCONNECT_TEXT];

    for (size_t i = 0; i < LK_AAA_ASKS; i++) {
        struct lk_aaa_ask *ask = &worker->asks[i];
        struct lk_radius_ask_config config;

        if (!ask->ask.out || ask->stream != source->stream)
            continue;
        config = config_of(ask);
        if (lk_radius_ask_received(&ask->ask, &config, packet, &outcome) != LK_OK)
            continue;
        if (outcome.ack) {
            lk_process_answer(&worker->process, ask->number, json_pack("{s:b}", "ok", 1));
        } else {
            lk_disconnect_refused(why, &outcome);
            refuse(worker, ask->number, false, why, "look into the log of that client");
        }
        finish(ask);
        return;
    }
    lk_radsec_note(worker->count, &source->peer, source->client->name, LK_REASON_RADIUS_NOT_ASKED,
                   NULL);
}

void lk_aaa_asks_sweep(struct lk_aaa_worker *worker)
{
    static const uint8_t none[2];

    for (size_t i = 0; i < LK_AAA_ASKS; i++) {
        struct lk_aaa_ask *ask = &worker->asks[i];
        struct lk_radius_ask_config config;

        if (!ask->ask.out)
            continue;
        config = config_of(ask);
        if (lk_radius_ask_due(&ask->ask, &config, lk_wall_ms(), none) != LK_RADIUS_ASK_GIVE_UP)
            continue;
        refuse(worker, ask->number, false, "no answer over TLS",
               "see whether it takes Disconnect-Requests over its connection");
        finish(ask);
    }
}
