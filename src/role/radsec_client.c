#include "role/radsec_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "io/log.h"
#include "proto/radius/watch.h"
#include "wire/radius_framer.h"

enum { TICK_MS = 100 };

struct line {
    char name[LK_CONFIG_NAME]; /* of the row */
    char certificate[LK_CONFIG_PATH];
    struct lk_peer peer;
    struct lk_radius_secret secret;
    uint32_t tag;
    uint64_t stream; /* 0: none */
    enum lk_reason last; /* why the last try failed: told once, until it is another */
    struct lk_radius_watch watch;
    struct lk_radius_framer framer;
};

struct lk_radsec_client {
    struct lk_radsec_client_calls calls;
    struct lk_counters *count;
    struct lk_stream_trust *trust;
    struct lk_streams *streams;
    uv_loop_t *loop;
    uv_timer_t tick;
    bool ticking;
    struct lk_entropy entropy;
    struct line *line[LK_RADSEC_LINES];
    size_t lines;
};

/* ---- up and down ---- */

static void tell_alive(struct lk_radsec_client *client, struct line *line, bool before)
{
    if (before != line->watch.alive)
        LK_LOG(LK_LOG_INFO, line->watch.alive ? "radsec-alive" : "radsec-lost",
               { "peer_name", line->name });
    if (line->watch.alive)
        line->last = LK_REASON_NONE;
    client->calls.on_alive(client->calls.context, line->tag, line->watch.alive);
}

static void line_down(struct lk_radsec_client *client, struct line *line, enum lk_reason reason,
                      const char *detail)
{
    bool before = line->watch.alive;
    uint8_t entropy[2];

    line->stream = 0;
    lk_radius_framer_init(&line->framer);
    lk_entropy_take(&client->entropy, entropy, sizeof entropy);
    lk_radius_watch_down(&line->watch, uv_now(client->loop), entropy);
    if (reason != LK_REASON_NONE && reason != line->last)
        lk_radsec_note(client->count, &line->peer, line->name, reason, detail);
    else if (reason != LK_REASON_NONE)
        lk_count(&client->count->refused[reason]);
    line->last = reason;
    tell_alive(client, line, before);
}

static void hang_up(struct lk_radsec_client *client, struct line *line, enum lk_reason reason,
                    const char *detail)
{
    lk_stream_close(client->streams, line->stream);
    line_down(client, line, reason, detail);
}

static void dial(struct lk_radsec_client *client, struct line *line)
{
    if (lk_stream_dial(&line->stream, client->streams, &line->peer, line->certificate, line->tag) !=
        LK_OK)
        line_down(client, line, LK_REASON_RADSEC_UNREACHABLE, "no socket for it");
}

static void look_after(struct lk_radsec_client *client, struct line *line)
{
    uint8_t entropy[LK_RADIUS_WATCH_ENTROPY];
    uint8_t question[LK_RADIUS_STATUS_LEN];

    lk_entropy_take(&client->entropy, entropy, sizeof entropy);
    switch (lk_radius_watch_due(&line->watch, &line->secret, uv_now(client->loop), entropy,
                                question)) {
    case LK_RADIUS_WATCH_NOTHING:
        break;
    case LK_RADIUS_WATCH_DIAL:
        dial(client, line);
        break;
    case LK_RADIUS_WATCH_SEND:
        /* A stream that takes no more tells its end itself. */
        (void)!lk_stream_send(client->streams, line->stream, LK_SPAN(question));
        break;
    case LK_RADIUS_WATCH_HANG_UP:
        hang_up(client, line, LK_REASON_RADSEC_NO_ANSWER, NULL);
        break;
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct lk_radsec_client *client = timer->data;

    for (size_t i = 0; i < client->lines; i++)
        look_after(client, client->line[i]);
}

/* ---- streams ---- */

static struct line *line_of(struct lk_radsec_client *client, uint64_t id)
{
    for (size_t i = 0; i < client->lines; i++)
        if (client->line[i]->stream == id)
            return client->line[i];
    return NULL;
}

/* Nobody calls us here. */
static bool known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    return false;
}

static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    struct lk_radsec_client *client = context;
    struct line *line = line_of(client, id);

    LK_ASSERT(line != NULL);
    lk_radius_watch_up(&line->watch, uv_now(client->loop));
    look_after(client, line);
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_radsec_client *client = context;
    struct line *line = line_of(client, id);
    enum lk_status status = LK_E_SHORT;
    struct lk_span packet;

    while (line != NULL && line->stream == id &&
           (status = lk_radius_framer_next(&line->framer, &packet, &octets)) == LK_OK) {
        bool before = line->watch.alive;

        if (!lk_radius_watch_received(&line->watch, &line->secret, packet, uv_now(client->loop)))
            client->calls.on_packet(client->calls.context, line->tag, packet);
        else if (!before)
            tell_alive(client, line, before);
    }
    if (line != NULL && line->stream == id && status == LK_E_LENGTH)
        hang_up(client, line, LK_REASON_RADSEC_FRAMING, NULL);
    if (client->calls.on_end != NULL)
        client->calls.on_end(client->calls.context);
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    struct lk_radsec_client *client = context;
    struct line *line = line_of(client, id);

    LK_ASSERT(line != NULL);
    line_down(client, line, lk_radsec_reason(why), detail);
}

/* ---- the whole ---- */

enum lk_status lk_radsec_client_new(struct lk_radsec_client **client, uv_loop_t *loop,
                                    const struct lk_stream_files *files,
                                    const struct lk_radsec_client_calls *calls,
                                    struct lk_counters *count, char error[LK_RADSEC_ERROR_TEXT])
{
    struct lk_radsec_client *new = calloc(1, sizeof *new);
    const struct lk_stream_calls stream_calls = { new, known, on_up, on_octets, on_down };
    enum lk_status status;

    *client = NULL;
    (void)snprintf(error, LK_RADSEC_ERROR_TEXT, "no memory for RADIUS over TLS");
    if (new == NULL)
        return LK_E_SYSTEM;
    new->calls = *calls;
    new->count = count;
    new->loop = loop;
    status = lk_radsec_streams(&new->streams, &new->trust, loop, files, &stream_calls, error);
    if (status != LK_OK) {
        lk_radsec_client_free(new);
        return status;
    }
    (void)uv_timer_init(loop, &new->tick);
    new->ticking = true;
    new->tick.data = new;
    (void)uv_timer_start(&new->tick, on_tick, 0, TICK_MS);
    *client = new;
    return LK_OK;
}

static void on_tick_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void lk_radsec_client_clear(struct lk_radsec_client *client)
{
    for (size_t i = 0; i < client->lines; i++) {
        if (client->line[i]->stream != 0)
            lk_stream_close(client->streams, client->line[i]->stream);
        lk_wipe(client->line[i], sizeof *client->line[i]);
        free(client->line[i]);
    }
    client->lines = 0;
}

size_t lk_radsec_client_lines(const struct lk_radsec_client *client)
{
    return client->lines;
}

void lk_radsec_client_free(struct lk_radsec_client *client)
{
    if (client == NULL)
        return;
    lk_radsec_client_clear(client);
    lk_streams_free(client->streams);
    lk_stream_trust_free(client->trust);
    lk_entropy_forget(&client->entropy);
    if (client->ticking)
        uv_close((uv_handle_t *)&client->tick, on_tick_closed);
    else
        free(client);
}

enum lk_status lk_radsec_client_line(struct lk_radsec_client *client,
                                     const struct lk_config_peer *peer, uint32_t tag)
{
    struct line *line;

    if (client->lines == LK_RADSEC_LINES)
        return LK_E_FULL;
    line = calloc(1, sizeof *line);
    if (line == NULL)
        return LK_E_SYSTEM;
    (void)snprintf(line->name, sizeof line->name, "%s", peer->name);
    (void)snprintf(line->certificate, sizeof line->certificate, "%s", peer->certificate);
    line->tag = tag;
    line->peer.port = (uint16_t)peer->port;
    if (lk_address_parse(&line->peer.address, peer->address) != LK_OK ||
        lk_stream_name_check(peer->certificate) != LK_OK ||
        lk_radius_secret_set(&line->secret, lk_span_text(peer->secret)) != LK_OK) {
        free(line);
        return LK_E_CONFIG;
    }
    client->line[client->lines++] = line;
    return LK_OK;
}

enum lk_status lk_radsec_client_send(struct lk_radsec_client *client, size_t line,
                                     struct lk_span packet)
{
    if (!lk_radsec_client_alive(client, line))
        return LK_E_NOT_FOUND;
    return lk_stream_send(client->streams, client->line[line]->stream, packet);
}

bool lk_radsec_client_alive(const struct lk_radsec_client *client, size_t line)
{
    return line < client->lines && client->line[line]->watch.alive;
}

size_t lk_radsec_client_alive_count(const struct lk_radsec_client *client)
{
    size_t count = 0;

    for (size_t i = 0; i < client->lines; i++)
        count += client->line[i]->watch.alive ? 1 : 0;
    return count;
}
