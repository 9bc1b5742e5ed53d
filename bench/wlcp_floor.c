/* The floor of a PDN set-up: its datagrams, and nothing between them.
 *
 *     wlcp_floor PORT
 *
 * A gateway and, in a process of its own, an anchor. For each request the gateway sends one to the
 * anchor, and for its answer the one to the device. Nothing is opened, and what a device must be
 * able to open was sealed beforehand: wlcp_load --fixed is the device. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "io/datagrams.h"
#include "wire/wlcp.h"
#include "wlcp_devices.h"

enum {
    REQUEST_LEN = 51, /* what is shorter of a device is its COMPLETE */
    ACCEPT_LEN = 25,  /* before it is sealed */
    PBU_LEN = 197,
    PBA_LEN = 141,
    WAITING = 1 << 16,
    DATAGRAM = 512,
};

static struct {
    struct lk_datagrams *in, *out;
    struct lk_datagram_peer waiting[WAITING];
    uint32_t next;
    struct lk_datagram_peer to_anchor;
    uint8_t accept[DATAGRAM];
    size_t accept_len;
} floor_of;

/* ---- what each says ---- */

static void of_device(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    uint8_t pbu[PBU_LEN] = { 0 };
    uint32_t place = floor_of.next++ % WAITING;

    if (octets.len < REQUEST_LEN)
        return;
    floor_of.waiting[place] = *peer;
    memcpy(pbu, &place, sizeof place);
    lk_datagrams_put(floor_of.out, &floor_of.to_anchor, LK_SPAN(pbu));
}

static void of_anchor(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    uint32_t place;

    (void)peer;
    LK_ASSERT(octets.len == PBA_LEN);
    memcpy(&place, octets.at, sizeof place);
    lk_datagrams_put(floor_of.out, &floor_of.waiting[place % WAITING],
                     lk_span_of(floor_of.accept, floor_of.accept_len));
}

static void as_anchor(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    lk_datagrams_put(floor_of.out, peer, lk_span_of(octets.at, PBA_LEN));
}

static void accept_make(void)
{
    const uint8_t message[ACCEPT_LEN] = { lk_wlcp_table.layout[LK_WLCP_CONNECTIVITY_ACCEPT].number,
                                          BENCH_PTI };
    struct lk_writer w = lk_writer_of(floor_of.accept, sizeof floor_of.accept);
    static struct dtls_client gateway;

    dtls_client_resume(&gateway, &bench_fixed_keys);
    dtls_client_seal(&gateway, &w, LK_DTLS_APPLICATION_DATA, LK_SPAN(message));
    floor_of.accept_len = w.len;
}

/* ---- processes ---- */

static int socket_at(uint16_t port, uint16_t *bound)
{
    struct lk_address own = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int fd;

    if (lk_datagram_socket(&fd, &own, port, error) != LK_OK)
        exit(3);
    (void)getsockname(fd, (struct sockaddr *)&at, &len);
    *bound = ntohs(at.sin_port);
    return fd;
}

static void turn(int fd, void (*receive)(const struct lk_datagram_peer *, struct lk_span))
{
    size_t count;

    do {
        count = lk_datagrams_receive(floor_of.in, fd);
        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer peer;
            struct lk_span octets = lk_datagrams_at(floor_of.in, i, &peer);

            receive(&peer, octets);
        }
        (void)lk_datagrams_send(floor_of.out);
    } while (count == LK_DATAGRAM_BATCH);
}

static void serve_anchor(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "floor-anchor");
    for (;;) {
        (void)poll(&ready, 1, -1);
        turn(fd, as_anchor);
    }
}

int main(int count, char **word)
{
    struct lk_address own = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    uint16_t device_port = 0, anchor_port, mag_port;
    int anchor, mag, devices;

    if (count != 2)
        return 2;
    floor_of.in = lk_datagrams_new();
    floor_of.out = lk_datagrams_new();
    accept_make();
    anchor = socket_at(0, &anchor_port);
    if (fork() == 0)
        serve_anchor(anchor);
    mag = socket_at(0, &mag_port);
    devices = socket_at((uint16_t)strtoul(word[1], NULL, 10), &device_port);
    floor_of.to_anchor = lk_datagram_to(mag, &own, anchor_port);
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        struct pollfd ready[] = { { .fd = devices, .events = POLLIN },
                                  { .fd = mag, .events = POLLIN } };

        (void)poll(ready, LK_COUNT_OF(ready), -1);
        if (ready[0].revents != 0)
            turn(devices, of_device);
        if (ready[1].revents != 0)
            turn(mag, of_anchor);
    }
}
