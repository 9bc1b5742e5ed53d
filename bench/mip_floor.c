/* The floor under a home agent of Mobile IPv4: the same datagrams and HMACs, and no protocol.
 *
 *     mip_floor PORT [FILE]
 *
 * Of each request the authenticator is verified, and an answer of the size of a reply has one; one
 * socket, batches of datagrams, nothing else: no table, no extension is looked at. FILE: before its
 * answer leaves, as many octets as a binding has in the store are appended to it (append.h). */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "append.h"
#include "io/datagrams.h"
#include "mip_nodes.h"

enum {
    DIGITS_AT = 24 + 2 + 1, /* behind the fixed part, the head of the NAI and its first digit */
    REPLY_LEN = 20 + 8,     /* and the extension that answers for the tunnel */
    AUTH_HEAD = 6,
    MAC = 32,
};

static struct {
    int fd;
    struct lk_datagrams *in, *out;
    struct bench_append *append; /* NULL: there is no file */
    struct lk_datagram_peer peer[BENCH_APPEND_MAX * 2]; /* of answers that wait */
    size_t peers;
} served;

static void leaves(void *to, struct lk_span answer)
{
    lk_datagrams_put(served.out, to, answer);
}

static void on_request(const struct lk_datagram_peer *peer, struct lk_span request)
{
    uint8_t answer[REPLY_LEN + AUTH_HEAD + MAC] = { 3 };
    struct lk_mip_association with;

    if (request.len < DIGITS_AT + BENCH_NODE_DIGITS + MAC || request.at[0] != 1)
        return;
    bench_node_key(&with, request.at + DIGITS_AT);
    if (lk_mip_verify(&with, lk_span_of(request.at, request.len - MAC),
                      lk_span_of(request.at + request.len - MAC, MAC)) != LK_OK)
        return;
    memcpy(answer + 12, request.at + 16, 8);
    answer[REPLY_LEN] = 32;
    answer[REPLY_LEN + 1] = AUTH_HEAD - 2 + MAC;
    (void)lk_mip_authenticate(answer + REPLY_LEN + AUTH_HEAD, &with,
                              lk_span_of(answer, REPLY_LEN + AUTH_HEAD));
    if (served.append == NULL) {
        lk_datagrams_put(served.out, peer, LK_SPAN(answer));
        return;
    }
    served.peers = (served.peers + 1) % LK_COUNT_OF(served.peer);
    served.peer[served.peers] = *peer;
    (void)bench_append_put(served.append, &served.peer[served.peers], LK_SPAN(answer));
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

    if (count < 2)
        return 2;
    if (lk_datagram_socket(&served.fd, &address, (uint16_t)strtoul(word[1], NULL, 10), error) !=
        LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
    }
    served.in = lk_datagrams_new();
    served.out = lk_datagrams_new();
    if (count > 2) {
        served.append = bench_append_new(word[2], leaves);
        LK_ASSERT(served.append != NULL);
    }
    printf("ready\n");
    (void)fflush(stdout);
    serve();
}
