/* MIS of mobile nodes over DTLS: the SA of type TLS. Its key is one that the AAA gave this PoS, and
 * who proved it is who the node says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/dtls_config.h"
#include "role/pos_process.h"

static struct lk_pos_session *session_of(struct lk_pos_point *point, uint64_t id)
{
    for (size_t i = 0; i < LK_POS_CHANNELS; i++)
        if (point->session[i].id == id)
            return &point->session[i];
    return NULL;
}

static enum lk_channel_answer psk(void *context, struct lk_span identity,
                                  struct lk_channel_key *key)
{
    const struct lk_pos_point *point = context;
    struct lk_mis_psk found;
    enum lk_channel_answer answer = LK_CHANNEL_KEY_UNKNOWN;

    _Static_assert(sizeof found.octets <= LK_CHANNEL_KEY_MAX, "it fits");

    if (lk_pos_psk(&found, point->node, identity) == LK_OK) {
        memcpy(key->octets, found.octets, sizeof found.octets);
        key->len = sizeof found.octets;
        answer = LK_CHANNEL_KEY_IS;
    }
    lk_wipe(&found, sizeof found);
    return answer;
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *from)
{
    struct lk_pos_point *point = context;
    struct lk_pos_session *session = session_of(point, 0);
    struct lk_pos_event event = { .kind = LK_POS_EV_CHANNEL_UP };

    if (session == NULL || session->gone) {
        lk_channel_close(point->channel, id);
        return;
    }
    session->id = id;
    session->peer = (struct lk_pos_peer){ LK_POS_CHANNEL, (uint32_t)(session - point->session),
                                          from->address, from->port };
    event.channel.peer = session->peer;
    event.channel.identity = identity;
    if (lk_pos_give(point, &event) != LK_OK && session->id == id) {
        session->id = 0;
        lk_channel_close(point->channel, id);
    }
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_pos_point *point = context;
    const struct lk_pos_session *session = session_of(point, id);

    if (session != NULL)
        lk_pos_heard(point, &session->peer, octets);
}

/* May come from inside of a send. */
static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_pos_point *point = context;
    struct lk_pos_session *session = session_of(point, id);

    (void)why;
    if (session == NULL)
        return;
    session->gone = true;
    if (!point->process->stepping)
        lk_pos_channel_late(point);
}

void lk_pos_channel_late(struct lk_pos_point *point)
{
    for (size_t i = 0; point->channel != NULL && i < LK_POS_CHANNELS; i++) {
        struct lk_pos_session *session = &point->session[i];
        struct lk_pos_event event = { .kind = LK_POS_EV_GONE, .gone = session->peer };

        if (!session->gone)
            continue;
        *session = (struct lk_pos_session){ .id = 0 };
        (void)(lk_pos_give(point, &event) == LK_OK);
    }
}

void lk_pos_channel_send(struct lk_pos_point *point, uint32_t session, struct lk_span octets)
{
    if (point->channel == NULL || session >= LK_POS_CHANNELS || point->session[session].id == 0 ||
        lk_channel_send(point->channel, point->session[session].id, octets) != LK_OK)
        lk_count(&point->process->count->send_lost);
}

void lk_pos_channel_close(struct lk_pos_point *point, uint32_t session)
{
    uint64_t id;

    if (point->channel == NULL || session >= LK_POS_CHANNELS)
        return;
    id = point->session[session].id;
    point->session[session] = (struct lk_pos_session){ .id = 0 };
    if (id != 0)
        lk_channel_close(point->channel, id);
}

bool lk_pos_channel_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_channel_setup setup;
    int fd = lk_pos_socket(point, LK_POS_DTLS_PORT);

    if (fd < 0)
        return true;
    lk_dtls_setup_of(&setup, point->process->process.config);
    setup.calls = (struct lk_channel_calls){ .context = point, .psk = psk, .on_up = on_up,
                                             .on_data = on_data, .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = fd;
    setup.sessions = LK_POS_CHANNELS;
    lk_seen_channel(&point->process->seen, &setup, LK_SEEN_MIS, "mih");
    point->session = calloc(LK_POS_CHANNELS, sizeof *point->session);
    if (point->session != NULL &&
        lk_channel_serve(&point->channel, &point->process->process.loop, &setup) == LK_OK)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the DTLS engine does not start");
    return false;
}

void lk_pos_channel_end(struct lk_pos_point *point)
{
    if (point->channel != NULL)
        lk_channel_free(point->channel);
    point->channel = NULL;
    free(point->session);
}
