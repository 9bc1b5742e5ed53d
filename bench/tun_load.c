/* Packets a second through a tunnel in user space: a closed loop of UDP from the network behind a
 * TUN device to a device far away, and back.
 *
 *     tun_load --anchor PORT --server PID [--window N] [--octets N] [--seconds S] [--warm-up S]
 *     tun_load --copy CPU ...
 *
 * It is run in a network namespace of its own, with 192.0.2.1 on loopback. --anchor: the device is
 * a mobile node of the home agent that serves there; it is registered, answers the echo that proves
 * its place, and turns round each packet that comes out of its tunnel. --copy: the floor. The
 * device is the kernel's in a second namespace, which has a TUN device as well, and a process on
 * that core reads what comes out of either and writes it into the other: as many packets go into
 * it and out of it as into and out of the anchor. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "fleet.h"
#include "io/tun.h"
#include "mip_words.h"

enum {
    WINDOW_MAX = 256,
    WAIT_MS = 500, /* a loaded machine may let a packet wait for long */
    TUNNEL_HEAD = 4,
    IP_HEAD = 20,
    HEADERS = IP_HEAD + 8,
    HOME_AT = 4, /* in a reply */
    ECHO_PORT = 4000,
    OCTETS_MAX = LK_TUN_MTU,
    COPIED_AT_ONCE = 64,
    US = 1000000,
};

static const uint8_t outside[4] = { 192, 0, 2, 1 }, copied_home[4] = { 10, 64, 0, 9 };

static struct {
    struct bench_fleet fleet;          /* --anchor: the device's end */
    struct lk_datagrams *in, *out;     /* of the network's end */
    struct lk_datagrams *echo_in, *echo_out;
    int network, device;               /* sockets; device: --copy alone */
    struct lk_datagram_peer to;
    struct bench_meter meter;
    uint64_t begun, ended, lost;
    uint32_t window;
    size_t payload;
    uint8_t home[4];
    bool registered, measuring;
    pid_t server;
} load = { .window = 64, .payload = 100 - HEADERS, .device = -1 };

/* ---- the network's end ---- */

static void send_next(void)
{
    uint8_t octets[OCTETS_MAX] = { 0 };
    uint64_t now = bench_now_us();

    memcpy(octets, &now, sizeof now);
    lk_datagrams_put(load.out, &load.to, lk_span_of(octets, load.payload));
    load.begun++;
}

static void on_network(void)
{
    size_t count = lk_datagrams_receive(load.in, load.network);

    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;
        struct lk_span octets = lk_datagrams_at(load.in, i, &peer);
        uint64_t since;

        if (octets.len != load.payload)
            continue;
        memcpy(&since, octets.at, sizeof since);
        load.ended++;
        if (load.measuring)
            bench_meter_add(&load.meter, since);
        send_next();
    }
}

/* ---- the device's end ---- */

/* A packet of UDP, back to where it comes from: its checksums stay as they are. */
static void turn_round(uint8_t *ip)
{
    uint8_t address[4], port[2];

    memcpy(address, ip + 12, 4);
    memcpy(ip + 12, ip + 16, 4);
    memcpy(ip + 16, address, 4);
    memcpy(port, ip + IP_HEAD, 2);
    memcpy(ip + IP_HEAD, ip + IP_HEAD + 2, 2);
    memcpy(ip + IP_HEAD + 2, port, 2);
}

static void on_tunnel(uint32_t number, struct lk_span octets)
{
    uint8_t answer[BENCH_MIP_OCTETS], packet[TUNNEL_HEAD + OCTETS_MAX];
    size_t len;

    if (number != 0)
        return;
    if (bench_mip4.answer(octets) == BENCH_MIP_ACCEPTED) {
        memcpy(load.home, octets.at + HOME_AT, sizeof load.home);
        load.registered = true;
        return;
    }
    len = bench_mip4.echo(answer, octets);
    if (len > 0) {
        bench_fleet_send(&load.fleet, 0, lk_span_of(answer, len));
    } else if (octets.len >= TUNNEL_HEAD + HEADERS && octets.len <= sizeof packet &&
               octets.at[0] == TUNNEL_HEAD) {
        memcpy(packet, octets.at, octets.len);
        turn_round(packet + TUNNEL_HEAD);
        bench_fleet_send(&load.fleet, 0, lk_span_of(packet, octets.len));
    }
}

static void on_device(void)
{
    size_t count = lk_datagrams_receive(load.echo_in, load.device);

    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer peer;
        struct lk_span octets = lk_datagrams_at(load.echo_in, i, &peer);

        lk_datagrams_put(load.echo_out, &peer, octets);
    }
    (void)lk_datagrams_send(load.echo_out);
}

static bool register_node(void)
{
    uint8_t octets[BENCH_MIP_OCTETS];
    struct timespec wall;
    size_t len;

    bench_mip4.begin();
    for (int i = 0; i < 20 && !load.registered; i++) {
        (void)clock_gettime(CLOCK_REALTIME, &wall);
        len = bench_mip4.request(octets, 0,
                                 (uint64_t)wall.tv_sec * US + (uint64_t)wall.tv_nsec / 1000);
        bench_fleet_send(&load.fleet, 0, lk_span_of(octets, len));
        for (int turns = 0; turns < 5 && !load.registered; turns++)
            (void)bench_fleet_turn(&load.fleet, on_tunnel);
    }
    for (int turns = 0; turns < 3; turns++)
        (void)bench_fleet_turn(&load.fleet, on_tunnel);
    return load.registered;
}

/* ---- the floor ---- */

static bool loopback_up(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = { .ifr_name = "lo" };
    bool done;

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0)
        (void)close(fd);
    return done;
}

static void copy(int from, int to)
{
    static uint8_t packet[2048];

    for (int i = 0; i < COPIED_AT_ONCE; i++) {
        ssize_t got = read(from, packet, sizeof packet);

        if (got <= 0)
            return;
        if (write(to, packet, (size_t)got) != got)
            continue; /* the kernel has no room: lost */
    }
}

static void copy_for_ever(int near, int far, int cpu)
{
    struct pollfd ready[2] = { { .fd = near, .events = POLLIN }, { .fd = far, .events = POLLIN } };
    cpu_set_t cores;

    CPU_ZERO(&cores);
    CPU_SET((size_t)cpu, &cores);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sched_setaffinity(0, sizeof cores, &cores);
    for (;;) {
        (void)poll(ready, 2, -1);
        copy(near, far);
        copy(far, near);
    }
}

/* The far TUN and the device's socket, in a namespace that lives for as long as they do. */
static bool open_far(int *far, char error[LK_SOCKET_ERROR_TEXT])
{
    static const uint8_t zeroes[4];
    struct lk_tun_setup setup = { .name = "far0", .address4 = lk_address_v4(copied_home) };
    const struct lk_address home = lk_address_v4(copied_home);
    int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    bool done;

    setup.network[setup.networks++] = (struct lk_address_prefix){ lk_address_v4(zeroes), 96 };
    done = own >= 0 && unshare(CLONE_NEWNET) == 0 && loopback_up() &&
           lk_tun_open(far, &setup, error, LK_SOCKET_ERROR_TEXT) == LK_OK &&
           lk_datagram_socket(&load.device, &home, ECHO_PORT, error) == LK_OK;
    return setns(own, CLONE_NEWNET) == 0 && done;
}

static bool begin_copy(int cpu, char error[LK_SOCKET_ERROR_TEXT])
{
    struct lk_tun_setup setup = { .name = "near0" };
    static const uint8_t network[4] = { 10, 64, 0, 0 };
    int near, far;

    setup.network[setup.networks++] = (struct lk_address_prefix){ lk_address_v4(network), 106 };
    if (lk_tun_open(&near, &setup, error, LK_SOCKET_ERROR_TEXT) != LK_OK || !open_far(&far, error))
        return false;
    memcpy(load.home, copied_home, sizeof load.home);
    load.echo_in = lk_datagrams_new();
    load.echo_out = lk_datagrams_new();
    load.server = fork();
    if (load.server == 0)
        copy_for_ever(near, far, cpu);
    (void)close(near);
    (void)close(far);
    return load.server > 0;
}

/* ---- the loop ---- */

/* In us so far. */
static uint64_t cpu_of(pid_t pid)
{
    char path[32], text[1024] = "";
    unsigned long user = 0, system = 0;
    const char *at;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fgets(text, sizeof text, file) == NULL)
        text[0] = '\0';
    (void)fclose(file);
    at = strrchr(text, ')');
    if (at != NULL)
        (void)sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                     &system);
    return (uint64_t)(user + system) * US / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void turn(void)
{
    bool copies = load.device >= 0;
    struct pollfd ready[2] = { { .fd = load.network, .events = POLLIN },
                               { .fd = copies ? load.device : load.fleet.fd, .events = POLLIN } };

    (void)lk_datagrams_send(load.out);
    if (!copies)
        bench_fleet_flush(&load.fleet);
    if (poll(ready, 2, WAIT_MS) == 0) {
        load.lost += load.begun - load.ended;
        load.begun = load.ended = 0;
        for (uint32_t i = 0; i < load.window; i++)
            send_next();
        return;
    }
    if ((ready[1].revents & POLLIN) != 0 && copies)
        on_device();
    else if ((ready[1].revents & POLLIN) != 0)
        (void)bench_fleet_turn(&load.fleet, on_tunnel);
    if ((ready[0].revents & POLLIN) != 0)
        on_network();
}

static void turns(double seconds)
{
    uint64_t since = bench_now_us();

    while (bench_now_us() - since < (uint64_t)(seconds * US))
        turn();
}

static void measure(double warm_up, double seconds)
{
    const struct lk_address home = lk_address_v4(load.home);
    uint64_t spent;

    load.to = lk_datagram_to(load.network, &home, ECHO_PORT);
    for (uint32_t i = 0; i < load.window; i++)
        send_next();
    turns(warm_up);
    load.measuring = true;
    load.lost = 0;
    spent = cpu_of(load.server);
    bench_meter_begin(&load.meter);
    turns(seconds);
    spent = cpu_of(load.server) - spent;
    load.meter.errors = load.lost;
    bench_meter_report(&load.meter);
    printf("{\"server_us\": %llu, \"lost\": %llu}\n", (unsigned long long)spent,
           (unsigned long long)load.lost);
}

static int fail(const char *why)
{
    (void)fprintf(stderr, "tun_load: %s\n", why);
    return 3;
}

int main(int count, char **word)
{
    const struct lk_address own = lk_address_v4(outside);
    char error[LK_SOCKET_ERROR_TEXT] = "the home agent does not answer";
    double seconds = 2, warm_up = 0.3;
    unsigned long port = 0;
    int cpu = -1;

    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(word[i], "--anchor") == 0)
            port = strtoul(word[i + 1], NULL, 10);
        else if (strcmp(word[i], "--copy") == 0)
            cpu = (int)strtol(word[i + 1], NULL, 10);
        else if (strcmp(word[i], "--server") == 0)
            load.server = (pid_t)strtol(word[i + 1], NULL, 10);
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[i + 1], NULL, 10);
        else if (strcmp(word[i], "--octets") == 0)
            load.payload = strtoul(word[i + 1], NULL, 10) - HEADERS;
        else if (strcmp(word[i], "--seconds") == 0)
            seconds = strtod(word[i + 1], NULL);
        else if (strcmp(word[i], "--warm-up") == 0)
            warm_up = strtod(word[i + 1], NULL);
        else
            return 2;
    }
    if (load.window == 0 || load.window > WINDOW_MAX || load.payload < sizeof(uint64_t) ||
        load.payload > OCTETS_MAX - HEADERS)
        return 2;
    load.in = lk_datagrams_new();
    load.out = lk_datagrams_new();
    if (lk_datagram_socket(&load.network, &own, 0, error) != LK_OK)
        return fail(error);
    if (cpu >= 0 ? !begin_copy(cpu, error)
                 : !bench_fleet_open(&load.fleet, (uint16_t)port) || !register_node())
        return fail(error);
    measure(warm_up, seconds);
    if (cpu >= 0)
        (void)kill(load.server, SIGKILL);
    return 0;
}
