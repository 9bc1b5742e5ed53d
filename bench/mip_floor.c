/* The floor under a home agent of Mobile IPv4 or, --six, MIPv6: the same datagrams and HMACs, and
 * no protocol.
 *
 *     mip_floor PORT [--six] [FILE]
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
} served = { .words = &bench_mip4 };

static void leaves(void *to, struct lk_span answer)
{
    lk_datagrams_put(served.out, to, answer);
}

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

static void serve(void)
{
    bool disk = served.append != NULL;
    struct pollfd ready[2] = { { .fd = served.fd, .events = POLLIN },
                               { .fd = disk ? bench_append_fd(served.append) : -1,
                                 .events = POLLIN } };

    for (;;) {
        size_t count = LK_DATAGRAM_BATCH;

        (void)poll(ready, 2, disk ? bench_append_wait_ms(served.append) : -1);
        while (count == LK_DATAGRAM_BATCH) {
            count = lk_datagrams_receive(served.in, served.fd);
            for (size_t i = 0; i < count; i++) {
                struct lk_datagram_peer peer;
                struct lk_span octets = lk_datagrams_at(served.in, i, &peer);

                on_request(&peer, octets);
            }
            (void)lk_datagrams_send(served.out);
        }
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

    if (count < 2)
        return 2;
    for (int i = 2; i < count; i++)
        if (strcmp(word[i], "--six") == 0)
            served.words = &bench_mip6;
        else
            file = word[i];
    served.words->begin();
    if (lk_datagram_socket(&served.fd, &address, (uint16_t)strtoul(word[1], NULL, 10), error) !=
        LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
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
