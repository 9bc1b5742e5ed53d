/* The floor under a home agent of Mobile IPv4 or, --six, MIPv6: the same datagrams and HMACs, and
 * no protocol.
 *
 *     mip_floor PORT [--six] [FILE]
 *     mip_floor PORT --keys [--hop PORT]
 *
 * Of each request the authenticator is verified, and an answer of the size of a reply has one; one
 * socket, batches of datagrams, nothing else: no table, no extension is looked at. FILE: before its
 * answer leaves, as many octets as a binding has in the store are appended to it (append.h). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "append.h"
#include "io/datagrams.h"
#include "mip_words.h"

static struct {
    int fd;
    const struct bench_mip_words *words;
    struct lk_datagrams *in, *out;
    struct bench_append *append; /* NULL: there is no file */
    struct lk_datagram_peer peer[BENCH_APPEND_MAX * 2]; /* of answers that wait */
    size_t peers;
    struct lk_datagrams *to_hop; /* NULL: there is none */
    struct lk_datagram_peer hop;
} served = { .words = &bench_mip4, .hop.fd = -1 };

static void leaves(void *to, struct lk_span answer)
{
    lk_datagrams_put(served.out, to, answer);
}

/* ---- two of them ---- */

static void ask_hop(const struct lk_datagram_peer *peer, struct lk_span request)
{
    uint8_t octets[BENCH_MIP_OCTETS];
    size_t len = served.words->question(octets, request);

    if (len == 0)
        return;
    served.peers = (served.peers + 1) % LK_COUNT_OF(served.peer);
    served.peer[served.peers] = *peer;
    octets[len - 2] = (uint8_t)(served.peers >> 8);
    octets[len - 1] = (uint8_t)served.peers;
    lk_datagrams_put(served.to_hop, &served.hop, lk_span_of(octets, len));
}

static void on_hop(struct lk_span given)
{
    uint8_t octets[BENCH_MIP_OCTETS];
    size_t len = served.words->reply(octets, given), whose;

    if (len == 0)
        return;
    whose = (size_t)(given.at[given.len - 2] << 8 | given.at[given.len - 1]);
    lk_datagrams_put(served.out, &served.peer[whose % LK_COUNT_OF(served.peer)],
                     lk_span_of(octets, len));
}

/* ---- one ---- */

static void on_request(const struct lk_datagram_peer *peer, struct lk_span request)
{
    uint8_t answer[BENCH_MIP_OCTETS];
    size_t len = served.words->floor(answer, request);
    struct lk_span says = lk_span_of(answer, len);

    if (len == 0)
        return;
    if (served.append == NULL) {
        lk_datagrams_put(served.out, peer, says);
        return;
    }
    served.peers = (served.peers + 1) % LK_COUNT_OF(served.peer);
    served.peer[served.peers] = *peer;
    (void)bench_append_put(served.append, &served.peer[served.peers], says);
}

static void receive(int fd, bool from_hop)
{
    size_t count = LK_DATAGRAM_BATCH;

    while (count == LK_DATAGRAM_BATCH) {
        count = lk_datagrams_receive(served.in, fd);
        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer peer;
            struct lk_span octets = lk_datagrams_at(served.in, i, &peer);

            if (from_hop)
                on_hop(octets);
            else if (served.to_hop != NULL)
                ask_hop(&peer, octets);
            else
                on_request(&peer, octets);
        }
        (void)lk_datagrams_send(served.out);
        if (served.to_hop != NULL)
            (void)lk_datagrams_send(served.to_hop);
    }
}

static void serve(void)
{
    bool disk = served.append != NULL;
    struct pollfd ready[2] = { { .fd = served.fd, .events = POLLIN },
                               { .fd = disk ? bench_append_fd(served.append) : served.hop.fd,
                                 .events = POLLIN } };

    for (;;) {
        (void)poll(ready, 2, disk ? bench_append_wait_ms(served.append) : -1);
        receive(served.fd, false);
        if (served.to_hop != NULL)
            receive(served.hop.fd, true);
        if (disk)
            bench_append_turn(served.append);
        (void)lk_datagrams_send(served.out);
    }
}

int main(int count, char **word)
{
    struct lk_address address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    const char *file = NULL;
    uint16_t hop = 0;
    int fd = -1;

    if (count < 2)
        return 2;
    for (int i = 2; i < count; i++)
        if (strcmp(word[i], "--six") == 0)
            served.words = &bench_mip6;
        else if (strcmp(word[i], "--keys") == 0)
            served.words = &bench_mip_keys;
        else if (strcmp(word[i], "--hop") == 0 && i + 1 < count)
            hop = (uint16_t)strtoul(word[++i], NULL, 10);
        else
            file = word[i];
    served.words->begin();
    if (lk_datagram_socket(&served.fd, &address, (uint16_t)strtoul(word[1], NULL, 10), error) !=
        LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
    }
    if (hop != 0) {
        if (lk_datagram_socket(&fd, &address, 0, error) != LK_OK)
            return 3;
        served.hop = lk_datagram_to(fd, &address, hop);
        served.to_hop = lk_datagrams_new();
    }
    served.in = lk_datagrams_new();
    served.out = lk_datagrams_new();
    if (file != NULL) {
        served.append = bench_append_new(file, leaves);
        LK_ASSERT(served.append != NULL);
    }
    printf("ready\n");
    (void)fflush(stdout);
    serve();
}
