#include "role/download.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "role/shared.h"

enum { CHUNK = 64 * 1024, PACE_MS = 20, GAP_KEPT_MS = PACE_MS / 2, BEGIN_MS = 20000,
       LISTEN_QUEUE = 8 };

/* In memory that all three processes have: each field has one that writes it. */
struct shared {
    uint64_t sent, received, wrong;
    uint32_t connections, longest_gap_ms, samples;
    bool listens, connected, ended, stop;
    char error[LK_DOWNLOAD_ERROR]; /* of who writes first */
    bool failed;
    uint64_t began_ms; /* 0: no octet has come */
    struct lk_download_sample sample[LK_DOWNLOAD_SAMPLES];
};

struct lk_download {
    struct lk_download_setup setup;
    struct shared *shared;
    pid_t server, client;
    size_t marks;
    struct lk_download_mark mark[LK_DOWNLOAD_MARKS];
};

#define SET(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELEASE)
#define GET(field) __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

/* Of each eight octets its own: none that is lost, doubled or moved is like its neighbour. */
uint8_t lk_download_octet(uint64_t place)
{
    uint64_t x = place / 8 * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint8_t)((x ^ x >> 31) >> 8 * (place % 8));
}

static void moment(unsigned ms)
{
    const struct timespec length = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&length, NULL);
}

static _Noreturn void fail(struct shared *shared, const char *what)
{
    (void)snprintf(shared->error, sizeof shared->error, "%s: %s", what, strerror(errno));
    SET(shared->failed, true);
    _exit(1);
}

/* The child is where it belongs, and ends with its parent. */
static void settle(struct shared *shared, const struct lk_tun_apart_place *place, pid_t parent)
{
    char error[LK_TUN_APART_ERROR];

    (void)signal(SIGPIPE, SIG_IGN);
    if (lk_tun_apart_enter(place, error) != LK_OK) {
        (void)snprintf(shared->error, sizeof shared->error, "%.250s", error);
        SET(shared->failed, true);
        _exit(1);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

static struct sockaddr_in end_of(const struct lk_address *address)
{
    struct sockaddr_in end = { .sin_family = AF_INET, .sin_port = htons(LK_DOWNLOAD_PORT) };

    memcpy(&end.sin_addr, address->octets + LK_ADDRESS_LEN - 4, 4);
    return end;
}

/* ---- the server ---- */

static void fill(uint8_t *octets, size_t len, uint64_t place)
{
    for (size_t i = 0; i < len; i++)
        octets[i] = lk_download_octet(place + i);
}

/* One connection: false when it broke. */
static bool serve(struct shared *shared, int fd, size_t piece)
{
    static uint8_t octets[CHUNK];
    uint8_t end;

    SET(shared->sent, 0);
    while (!GET(shared->stop)) {
        size_t done = 0;

        fill(octets, piece, shared->sent);
        while (done < piece) {
            ssize_t put = send(fd, octets + done, piece - done, MSG_NOSIGNAL);

            if (put < 0 && errno != EINTR)
                return false;
            done += put > 0 ? (size_t)put : 0;
        }
        SET(shared->sent, shared->sent + piece);
        moment(PACE_MS);
    }
    return shutdown(fd, SHUT_WR) == 0 && recv(fd, &end, 1, 0) == 0;
}

static _Noreturn void be_server(struct shared *shared, const struct lk_download_setup *setup)
{
    struct sockaddr_in own = end_of(&setup->address);
    size_t piece = (size_t)setup->octets_per_s * PACE_MS / 1000;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(fd, LISTEN_QUEUE) != 0)
        fail(shared, "the server behind the anchor");
    SET(shared->listens, true);
    for (;;) {
        int one = accept(fd, NULL, NULL);

        if (one < 0)
            continue;
        SET(shared->connections, shared->connections + 1);
        (void)serve(shared, one, piece < CHUNK ? piece : CHUNK);
        (void)close(one);
    }
}

/* ---- the client ---- */

static void look(struct shared *shared, const uint8_t *octets, size_t len)
{
    uint64_t wrong = 0;

    for (size_t i = 0; i < len; i++)
        wrong += octets[i] != lk_download_octet(shared->received + i);
    SET(shared->wrong, shared->wrong + wrong);
    SET(shared->received, shared->received + len);
}

/* The longest since the last sample; of GAP_KEPT_MS and more each has one. */
struct gap {
    uint32_t at_ms, ms;
};

static void arrived(struct shared *shared, struct gap *gap, uint64_t last_ms, uint64_t now_ms)
{
    uint32_t ms = (uint32_t)(now_ms - last_ms);

    if (shared->began_ms == 0) {
        SET(shared->began_ms, now_ms);
        return;
    }
    if (ms > shared->longest_gap_ms)
        SET(shared->longest_gap_ms, ms);
    if (ms > gap->ms)
        *gap = (struct gap){ (uint32_t)(last_ms - shared->began_ms), ms };
}

static void sample(struct shared *shared, struct gap *gap, uint64_t now_ms, bool last)
{
    uint32_t ms = (uint32_t)(now_ms - shared->began_ms), count = shared->samples;

    if (count == LK_DOWNLOAD_SAMPLES ||
        (!last && gap->ms < GAP_KEPT_MS && count > 0 &&
         ms < shared->sample[count - 1].ms + LK_DOWNLOAD_SAMPLE_MS))
        return;
    shared->sample[count] = (struct lk_download_sample){ ms, shared->received, gap->at_ms,
                                                         gap->ms };
    *gap = (struct gap){ 0 };
    SET(shared->samples, count + 1);
}

static void receive_all(struct shared *shared, int fd)
{
    static uint8_t octets[CHUNK];
    struct pollfd waits = { .fd = fd, .events = POLLIN };
    uint64_t last_ms = lk_mono_ms(), now_ms;
    struct gap gap = { 0 };

    for (;;) {
        ssize_t got = 0;

        if (poll(&waits, 1, LK_DOWNLOAD_SAMPLE_MS) > 0)
            got = recv(fd, octets, sizeof octets, 0);
        else
            waits.revents = 0;
        now_ms = lk_mono_ms();
        if (got < 0 && errno != EINTR)
            fail(shared, "the client's connection");
        if (waits.revents != 0 && got == 0)
            break;
        if (got > 0) {
            arrived(shared, &gap, last_ms, now_ms);
            last_ms = now_ms;
            look(shared, octets, (size_t)got);
        }
        if (shared->began_ms != 0)
            sample(shared, &gap, now_ms, false);
    }
    if (shared->began_ms != 0)
        sample(shared, &gap, now_ms, true);
}

static _Noreturn void be_client(struct shared *shared, const struct lk_download_setup *setup)
{
    struct sockaddr_in server = end_of(&setup->address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail(shared, "the client on the device cannot connect");
    SET(shared->connected, true);
    receive_all(shared, fd);
    SET(shared->ended, true);
    (void)close(fd);
    _exit(0);
}

/* ---- who began it ---- */

static bool until(struct lk_download *download, bool (*is_so)(const struct lk_download *, uint64_t),
                  uint64_t what, unsigned ms)
{
    uint64_t end_ms = lk_mono_ms() + ms;

    while (!is_so(download, what)) {
        if (GET(download->shared->failed) || lk_mono_ms() > end_ms)
            return false;
        moment(5);
    }
    return true;
}

static bool it_listens(const struct lk_download *download, uint64_t what)
{
    (void)what;
    return GET(download->shared->listens);
}

static bool has_come(const struct lk_download *download, uint64_t what)
{
    return GET(download->shared->received) >= what;
}

static bool has_ended(const struct lk_download *download, uint64_t what)
{
    (void)what;
    return GET(download->shared->ended);
}

static pid_t start(struct lk_download *download, const struct lk_tun_apart_place *place,
                   void (*be)(struct shared *shared, const struct lk_download_setup *setup))
{
    pid_t parent = getpid(), pid;

    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        settle(download->shared, place, parent);
        be(download->shared, &download->setup);
        _exit(1);
    }
    return pid;
}

static bool begin(struct lk_download *download)
{
    download->server = start(download, &download->setup.server, be_server);
    if (download->server <= 0 || !until(download, it_listens, 0, BEGIN_MS))
        return false;
    download->client = start(download, &download->setup.client, be_client);
    return download->client > 0 && until(download, has_come, 1, BEGIN_MS);
}

enum lk_status lk_download_begin(struct lk_download **download,
                                 const struct lk_download_setup *setup,
                                 char error[LK_DOWNLOAD_ERROR])
{
    struct lk_download *new = calloc(1, sizeof *new);
    void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *download = NULL;
    if (new == NULL || memory == MAP_FAILED) {
        (void)snprintf(error, LK_DOWNLOAD_ERROR, "no memory for a download");
        free(new);
        return LK_E_SYSTEM;
    }
    new->setup = *setup;
    new->shared = memory;
    if (begin(new)) {
        *download = new;
        return LK_OK;
    }
    (void)snprintf(error, LK_DOWNLOAD_ERROR, "%s",
                   GET(new->shared->failed) ? new->shared->error
                                            : "no octet has come to the device");
    lk_download_free(new);
    return LK_E_SYSTEM;
}

void lk_download_counts(const struct lk_download *download, struct lk_download_counts *counts)
{
    const struct shared *shared = download->shared;

    *counts = (struct lk_download_counts){
        .sent = GET(shared->sent), .received = GET(shared->received), .wrong = GET(shared->wrong),
        .connections = GET(shared->connections), .longest_gap_ms = GET(shared->longest_gap_ms),
        .ended = GET(shared->ended),
    };
}

void lk_download_mark(struct lk_download *download, const char *name)
{
    if (download->marks < LK_DOWNLOAD_MARKS)
        download->mark[download->marks++] = (struct lk_download_mark){
            (uint32_t)(lk_mono_ms() - GET(download->shared->began_ms)),
            GET(download->shared->received), name };
}

bool lk_download_waits(struct lk_download *download, uint64_t octets, unsigned ms)
{
    return until(download, has_come, GET(download->shared->received) + octets, ms);
}

bool lk_download_end(struct lk_download *download, unsigned ms)
{
    SET(download->shared->stop, true);
    return until(download, has_ended, 0, ms);
}

size_t lk_download_samples(const struct lk_download *download,
                           const struct lk_download_sample **samples)
{
    *samples = download->shared->sample;
    return GET(download->shared->samples);
}

size_t lk_download_marks(const struct lk_download *download,
                         const struct lk_download_mark **marks)
{
    *marks = download->mark;
    return download->marks;
}

static void stop(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void lk_download_free(struct lk_download *download)
{
    if (download == NULL)
        return;
    stop(download->client);
    stop(download->server);
    (void)munmap(download->shared, sizeof *download->shared);
    free(download);
}
