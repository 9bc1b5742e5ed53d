/* The servers of the DTLS table that are ours.
 *
 *     dtls_serve PORT channel|echo [SESSIONS]
 *
 * channel: io/channel alone, with the key that dtls_load has; what it receives it keeps silent
 * about. echo: as many octets as that answers with, for each of its questions: the cost of the
 * datagrams. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/channel.h"
#include "io/datagrams.h"

enum { KEY_LEN = 32, STEPS = 3 };
static const size_t answer_len[STEPS] = { 45, 101, 75 };

static enum lk_channel_answer on_psk(void *context, struct lk_span identity,
                                     struct lk_channel_key *key)
{
    (void)context;
    (void)identity;
    key->len = KEY_LEN;
    memcpy(key->octets, "0123456789abcdef0123456789abcdef", KEY_LEN);
    return LK_CHANNEL_KEY_IS;
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
}

static void serve(int fd, uint32_t sessions)
{
    struct lk_channel_setup setup;
    struct lk_channel *channel;
    uv_loop_t loop;

    lk_channel_setup_defaults(&setup);
    setup.calls = (struct lk_channel_calls){ .psk = on_psk, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = fd;
    setup.sessions = sessions;
    setup.half_open = setup.half_open_a_source = sessions < 8192 ? sessions : 8192;
    LK_ASSERT(uv_loop_init(&loop) == 0);
    LK_ASSERT(lk_channel_serve(&channel, &loop, &setup) == LK_OK);
    printf("ready\n");
    (void)fflush(stdout);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
}

static void echo(int fd)
{
    static const uint8_t octets[256];
    struct lk_datagrams *in = lk_datagrams_new(), *out = lk_datagrams_new();
    struct pollfd ready = { .fd = fd, .events = POLLIN };

    LK_ASSERT(in != NULL && out != NULL);
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        size_t count = lk_datagrams_receive(in, fd);

        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer peer;
            struct lk_span question = lk_datagrams_at(in, i, &peer);

            if (question.len > 0 && question.at[0] < STEPS)
                lk_datagrams_put(out, &peer, lk_span_of(octets, answer_len[question.at[0]]));
        }
        (void)lk_datagrams_send(out);
        if (count < LK_DATAGRAM_BATCH)
            (void)poll(&ready, 1, -1);
    }
}

int main(int count, char **word)
{
    struct lk_address address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    int fd;

    if (count < 3)
        return 2;
    if (lk_datagram_socket(&fd, &address, (uint16_t)strtoul(word[1], NULL, 10), error) != LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
    }
    if (strcmp(word[2], "echo") == 0)
        echo(fd);
    serve(fd, count > 3 ? (uint32_t)strtoul(word[3], NULL, 10) : 16384);
    return 0;
}
