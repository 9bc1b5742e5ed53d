/* A network between loopback sockets: paths with a delay, and what crossed each of them.
 *
 *     mis_delay NAME:PORT:TO:DELAY-US[:SOURCE] ...
 *
 * What comes to 127.0.0.1:PORT, over UDP or TCP, comes to 127.0.0.1:TO as much later as the path is
 * long, from SOURCE (127.0.0.1), and what is answered the other way. A connection takes a round
 * trip to be there, as if its handshake had crossed the path: what is said over it waits for that.
 * Nothing is lost and nothing is overtaken.
 *
 * Standard output has a line for whatever crossed a path, when it arrives:
 *
 *     ENTERED-US ARRIVED-US NAME open|there|back OCTETS
 *
 * by CLOCK_MONOTONIC; `open` is a handshake of TCP, whose arrival is that of its answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/octets.h"

enum { PATHS = 16, WAYS = 64, PARCEL = 16384, WAITING = 4096 };

/* One connection, or one near end that speaks UDP. */
struct way {
    bool used, over; /* over: its end is under way */
    uint8_t path;
    int near, far; /* UDP: near is the path's own socket */
    bool udp;
    struct sockaddr_in peer; /* UDP: who speaks there */
    uint64_t from_us;        /* TCP: nothing leaves before */
};

struct parcel {
    uint8_t way;
    bool back;
    uint64_t entered_us, due_us;
    size_t len; /* 0: the end of a connection */
    uint8_t *octets;
};

static struct {
    const char *name[PATHS];
    int udp[PATHS], tcp[PATHS];
    struct sockaddr_in to[PATHS], source[PATHS];
    uint64_t delay_us[PATHS];
    size_t paths;
    struct way way[WAYS];
    struct parcel parcel[WAITING]; /* in the order of their entry */
    size_t parcels;
} net;

static uint64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct sockaddr_in at_loopback(const char *address, uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

    LK_ASSERT(inet_pton(AF_INET, address, &at.sin_addr) == 1);
    return at;
}

static int socket_at(int kind, const struct sockaddr_in *at)
{
    const int yes = 1;
    int fd = socket(AF_INET, kind | SOCK_NONBLOCK, 0);

    LK_ASSERT(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (const struct sockaddr *)at, sizeof *at) != 0) {
        perror("mis_delay");
        exit(3);
    }
    return fd;
}

static void tell(uint64_t entered_us, uint64_t arrived_us, size_t path, const char *what,
                 size_t octets)
{
    printf("%llu %llu %s %s %zu\n", (unsigned long long)entered_us, (unsigned long long)arrived_us,
           net.name[path], what, octets);
    (void)fflush(stdout);
}

/* ---- ways ---- */

static struct way *way_new(size_t path, bool udp)
{
    struct sockaddr_in own = net.source[path];
    struct way *way = net.way;

    while (way < net.way + WAYS && way->used)
        way++;
    LK_ASSERT(way < net.way + WAYS);
    *way = (struct way){ .used = true, .path = (uint8_t)path, .udp = udp, .near = net.udp[path] };
    own.sin_port = 0;
    way->far = socket_at(udp ? SOCK_DGRAM : SOCK_STREAM, &own);
    if (connect(way->far, (const struct sockaddr *)&net.to[path], sizeof net.to[path]) != 0)
        LK_ASSERT(errno == EINPROGRESS || errno == ECONNREFUSED);
    return way;
}

static void way_end(struct way *way)
{
    size_t kept = 0;

    for (size_t i = 0; i < net.parcels; i++)
        if (&net.way[net.parcel[i].way] == way)
            free(net.parcel[i].octets);
        else
            net.parcel[kept++] = net.parcel[i];
    net.parcels = kept;
    (void)close(way->far);
    if (!way->udp)
        (void)close(way->near);
    way->used = false;
}

static void take_connection(size_t path)
{
    const int yes = 1;
    int near = accept4(net.tcp[path], NULL, NULL, SOCK_NONBLOCK);
    uint64_t now = now_us();
    struct way *way;

    if (near < 0)
        return;
    way = way_new(path, false);
    way->near = near;
    way->from_us = now + 2 * net.delay_us[path];
    (void)setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)setsockopt(way->far, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    tell(now, way->from_us, path, "open", 0);
}

static struct way *way_of(size_t path, const struct sockaddr_in *peer)
{
    for (struct way *way = net.way; way < net.way + WAYS; way++)
        if (way->used && way->udp && way->path == path &&
            way->peer.sin_port == peer->sin_port &&
            way->peer.sin_addr.s_addr == peer->sin_addr.s_addr)
            return way;
    return NULL;
}

/* ---- what is under way ---- */

static void enter(struct way *way, bool back, const uint8_t *octets, size_t len)
{
    struct parcel *parcel = &net.parcel[net.parcels++];
    uint64_t now = now_us(), leaves = now > way->from_us ? now : way->from_us;

    LK_ASSERT(net.parcels < WAITING);
    *parcel = (struct parcel){ .way = (uint8_t)(way - net.way), .back = back, .entered_us = now,
                               .due_us = leaves + net.delay_us[way->path], .len = len };
    parcel->octets = malloc(len + 1);
    LK_ASSERT(parcel->octets != NULL);
    if (len > 0)
        memcpy(parcel->octets, octets, len);
}

static void deliver(const struct parcel *parcel)
{
    struct way *way = &net.way[parcel->way];
    int fd = parcel->back ? way->near : way->far;

    if (parcel->len == 0) {
        way_end(way);
        return;
    }
    if (way->udp && parcel->back)
        (void)!sendto(fd, parcel->octets, parcel->len, 0, (const struct sockaddr *)&way->peer,
                      sizeof way->peer);
    else
        (void)!send(fd, parcel->octets, parcel->len, MSG_NOSIGNAL);
    tell(parcel->entered_us, now_us(), way->path, parcel->back ? "back" : "there", parcel->len);
}

/* All that is due, the first to enter first; when the next one is, or UINT64_MAX. */
static uint64_t deliver_due(void)
{
    uint64_t next_us = UINT64_MAX;

    for (size_t i = 0; i < net.parcels;) {
        struct parcel parcel = net.parcel[i];

        if (parcel.due_us > now_us()) {
            next_us = parcel.due_us < next_us ? parcel.due_us : next_us;
            i++;
            continue;
        }
        memmove(&net.parcel[i], &net.parcel[i + 1], (--net.parcels - i) * sizeof parcel);
        deliver(&parcel);
        free(parcel.octets);
        if (parcel.len == 0) {
            i = 0; /* others went with it */
            next_us = UINT64_MAX;
        }
    }
    return next_us;
}

/* ---- sockets ---- */

static void hear_near_udp(size_t path)
{
    uint8_t octets[PARCEL];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t got = recvfrom(net.udp[path], octets, sizeof octets, 0, (struct sockaddr *)&from,
                           &from_len);
    struct way *way = got > 0 ? way_of(path, &from) : NULL;

    if (got <= 0)
        return;
    if (way == NULL) {
        way = way_new(path, true);
        way->peer = from;
    }
    enter(way, false, octets, (size_t)got);
}

static void hear(struct way *way, bool back)
{
    uint8_t octets[PARCEL];
    ssize_t got = recv(back ? way->far : way->near, octets, sizeof octets, 0);

    if (got > 0) {
        enter(way, back, octets, (size_t)got);
    } else if (!way->udp && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
        way->over = true;
        enter(way, back, octets, 0);
    }
}

static void turn(uint64_t next_us)
{
    struct pollfd ready[2 * PATHS + 2 * WAYS];
    struct { struct way *way; bool back; } who[2 * WAYS];
    uint64_t now = now_us(), wait_us = next_us > now ? next_us - now : 0;
    struct timespec wait = { .tv_sec = (time_t)(wait_us / 1000000),
                             .tv_nsec = (long)(wait_us % 1000000) * 1000 };
    size_t count = 0, ways = 0;

    for (size_t i = 0; i < net.paths; i++) {
        ready[count++] = (struct pollfd){ .fd = net.udp[i], .events = POLLIN };
        ready[count++] = (struct pollfd){ .fd = net.tcp[i], .events = POLLIN };
    }
    for (struct way *way = net.way; way < net.way + WAYS; way++) {
        if (!way->used || way->over)
            continue;
        for (int back = way->udp ? 1 : 0; back < 2; back++) {
            who[ways].way = way;
            who[ways++].back = back == 1;
            ready[count++] = (struct pollfd){ .fd = back == 1 ? way->far : way->near,
                                              .events = POLLIN };
        }
    }
    if (ppoll(ready, count, next_us == UINT64_MAX ? NULL : &wait, NULL) <= 0)
        return;
    for (size_t i = 0; i < net.paths; i++) {
        if (ready[2 * i].revents != 0)
            hear_near_udp(i);
        if (ready[2 * i + 1].revents != 0)
            take_connection(i);
    }
    for (size_t i = 0; i < ways; i++)
        if (ready[2 * net.paths + i].revents != 0 && !who[i].way->over)
            hear(who[i].way, who[i].back);
}

static void path_begin(char *text)
{
    char *rest = text, *part[5] = { NULL };
    size_t parts = 0, i = net.paths++;
    struct sockaddr_in at;

    LK_ASSERT(net.paths <= PATHS);
    while (parts < LK_COUNT_OF(part) && (part[parts] = strsep(&rest, ":")) != NULL)
        parts++;
    LK_ASSERT(parts >= 4);
    net.name[i] = part[0];
    at = at_loopback("127.0.0.1", (uint16_t)strtoul(part[1], NULL, 10));
    net.to[i] = at_loopback("127.0.0.1", (uint16_t)strtoul(part[2], NULL, 10));
    net.delay_us[i] = strtoull(part[3], NULL, 10);
    net.source[i] = at_loopback(parts > 4 ? part[4] : "127.0.0.1", 0);
    net.udp[i] = socket_at(SOCK_DGRAM, &at);
    net.tcp[i] = socket_at(SOCK_STREAM, &at);
    LK_ASSERT(listen(net.tcp[i], 16) == 0);
}

int main(int count, char **word)
{
    for (int i = 1; i < count; i++)
        path_begin(word[i]);
    printf("ready\n");
    (void)fflush(stdout);
    for (;;)
        turn(deliver_due());
}
