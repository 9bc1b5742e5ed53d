/* Strangers at a PoS: MIS over UDP from everywhere, as fast as is asked for, and connections.
 *
 *     mis_flood PORT POS [--rate N] [--seconds S] [--connections N]
 *
 * Datagrams come from four million addresses of 127/8 by turns, each with a MISF ID, nonce and SAID
 * nobody ever had, and are what a PoS could take for honest: an indication of Auth with offers, a
 * question about capabilities, a Prereg_Xfer in clear and one under an SA. Connections come from as
 * many addresses as there are; each asks once about capabilities, and stays until the end of
 * standard input. One line of JSON says what was sent, and what came back; with --connections
 * another one, before it, when all have asked. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fleet.h"
#include "wire/mis.h"

enum {
    KINDS = 4,
    DATAGRAM = 512,
    NAME_DIGITS = 15,
    SOME = 64, /* datagrams at a time */
    CONNECTIONS_MAX = 16000, /* a process may have so many files, nearly everywhere */
    US = 1000000,
    BACKLOG = 64, /* connections at a time; the listener takes them meanwhile */
};

/* A message as it is, but for what is drawn. */
struct model {
    size_t len, digits_at, drawn_at, drawn_len;
    uint8_t octets[DATAGRAM];
};

static struct {
    struct bench_fleet fleet;
    struct model model[KINDS];
    uint64_t state, sent, answers;
    uint64_t rate, seconds;
    unsigned connections;
    int connection[CONNECTIONS_MAX];
    const char *pos;
    uint16_t port;
} flood = { .state = 0x9e3779b97f4a7c15, .seconds = 5 };

/* ---- what is said ---- */

/* xorshift: quick is enough. */
static uint64_t draw(void)
{
    flood.state ^= flood.state << 13;
    flood.state ^= flood.state >> 7;
    flood.state ^= flood.state << 17;
    return flood.state;
}

static const char stranger[] = "000000000000000@home.example";
static const uint8_t drawn[LK_MIS_NONCE_LEN] = { 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5 };
static const uint8_t sealed[64] = { 1 };

static size_t place_of(const struct model *model, const void *octets, size_t len)
{
    for (size_t at = 0; at + len <= model->len; at++)
        if (lk_span_equal(lk_span_of(model->octets + at, len), lk_span_of(octets, len)))
            return at;
    return 0;
}

static void make(struct model *model, enum lk_mis_action action, enum lk_mis_opcode opcode,
                 const struct lk_mis_message *message, bool secured)
{
    const struct lk_mis_codes *codes = &lk_mis_codes_default;
    uint8_t list[DATAGRAM];
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_mis_pdu pdu = { .source = lk_span_text(stranger),
                              .destination = lk_span_text(flood.pos) };
    enum lk_status status = lk_mis_message_put(&w, message, codes);

    pdu.header = (struct lk_mis_header){ .ack_request = true, .secured = secured, .tid = 1,
                                         .id = lk_mis_message_id(action, opcode, codes) };
    if (secured) {
        pdu.said = (struct lk_mis_said){ LK_MIS_SA_EAP, LK_SPAN(drawn) };
        pdu.security = (struct lk_mis_security){ .encr = LK_SPAN(sealed) };
    } else {
        pdu.body = lk_writer_span(&w);
    }
    w = lk_writer_of(model->octets, sizeof model->octets);
    if (status == LK_OK)
        status = lk_mis_encode(&w, &pdu, codes);
    LK_ASSERT(status == LK_OK);
    model->len = w.len;
    model->digits_at = place_of(model, stranger, sizeof stranger - 1);
    model->drawn_at = place_of(model, drawn, sizeof drawn);
    model->drawn_len = model->drawn_at == 0 ? 0 : sizeof drawn;
}

static void make_models(void)
{
    static const uint8_t suites[] = { 1, 2 };
    struct lk_mis_message auth = { .nonce_t = LK_SPAN(drawn), .suites = LK_SPAN(suites),
                                   .prfs = 1u << LK_MIS_PRF_HMAC_SHA256 };
    struct lk_mis_message prereg = auth, nothing = { .present = 0 };

    lk_mis_mark(&auth, LK_MIS_TLV_NONCE_T);
    lk_mis_mark(&auth, LK_MIS_TLV_SUITES);
    lk_mis_mark(&auth, LK_MIS_TLV_PRFS);
    prereg.present = auth.present;
    prereg.mn = lk_span_text(stranger);
    lk_mis_mark(&prereg, LK_MIS_TLV_MN);
    make(&flood.model[0], LK_MIS_AUTH, LK_MIS_INDICATION, &auth, false);
    make(&flood.model[1], LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, &nothing, false);
    make(&flood.model[2], LK_MIS_PREREG_XFER, LK_MIS_REQUEST, &prereg, false);
    make(&flood.model[3], LK_MIS_PREREG_XFER, LK_MIS_REQUEST, &nothing, true);
}

static void become_another(struct model *model)
{
    uint64_t number = draw();

    for (size_t i = 0; i < NAME_DIGITS; i++, number /= 10)
        model->octets[model->digits_at + i] = (uint8_t)('0' + number % 10);
    for (size_t i = 0; i < model->drawn_len; i++)
        model->octets[model->drawn_at + i] = (uint8_t)draw();
}

/* ---- datagrams ---- */

static void say_one(void)
{
    struct model *model = &flood.model[flood.sent % KINDS];

    become_another(model);
    bench_fleet_send(&flood.fleet, (uint32_t)(draw() % BENCH_ADDRESSES),
                     lk_span_of(model->octets, model->len));
    flood.sent++;
}

static void run(void)
{
    uint64_t begun = bench_now_us(), end = begun + flood.seconds * US, now;

    while ((now = bench_now_us()) < end) {
        uint64_t due = (now - begun) * flood.rate / US;
        size_t some = 0;

        for (; flood.sent < due && some < SOME; some++)
            say_one();
        bench_fleet_flush(&flood.fleet);
        flood.answers += lk_datagrams_receive(flood.fleet.in, flood.fleet.fd);
        if (some == 0)
            (void)poll(NULL, 0, 1);
    }
    printf("{\"sent\": %llu, \"rate\": %.0f, \"answers\": %llu}\n", (unsigned long long)flood.sent,
           (double)flood.sent * US / (double)(bench_now_us() - begun),
           (unsigned long long)flood.answers);
    (void)fflush(stdout);
}

/* ---- connections ---- */

static int connect_from(unsigned number)
{
    const int yes = 1;
    struct sockaddr_in own = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    LK_ASSERT(fd >= 0);
    own.sin_addr.s_addr = htonl(0x7f020000 + number + 1);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(flood.port);
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0 &&
        connect(fd, (struct sockaddr *)&to, sizeof to) == 0) {
        struct model *ask = &flood.model[1];

        become_another(ask);
        (void)!send(fd, ask->octets, ask->len, MSG_NOSIGNAL);
    }
    return fd;
}

/* How many of them are answered, and how many of these are still there. */
static void connect_all(void)
{
    struct rlimit files = { CONNECTIONS_MAX + 64, CONNECTIONS_MAX + 64 };
    unsigned answered = 0, there = 0;

    (void)setrlimit(RLIMIT_NOFILE, &files);
    for (unsigned i = 0; i < flood.connections; i++) {
        flood.connection[i] = connect_from(i);
        if (i % BACKLOG == BACKLOG - 1)
            (void)poll(NULL, 0, 2);
    }
    (void)poll(NULL, 0, 500);
    for (unsigned i = 0; i < flood.connections; i++) {
        uint8_t octets[DATAGRAM];
        ssize_t got = recv(flood.connection[i], octets, sizeof octets, MSG_DONTWAIT);

        answered += got > 0;
        while (got > 0)
            got = recv(flood.connection[i], octets, sizeof octets, MSG_DONTWAIT);
        there += got < 0 && errno == EAGAIN;
    }
    printf("{\"connected\": %u, \"answered\": %u, \"there\": %u}\n", flood.connections, answered,
           there);
    (void)fflush(stdout);
}

static void until_told(void)
{
    char word[16];

    while (flood.connections > 0 && read(STDIN_FILENO, word, sizeof word) > 0)
        ;
}

int main(int count, char **word)
{
    if (count < 3)
        return 2;
    flood.port = (uint16_t)strtoul(word[1], NULL, 10);
    flood.pos = word[2];
    for (int i = 3; i + 1 < count; i += 2) {
        uint64_t value = strtoull(word[i + 1], NULL, 10);

        if (strcmp(word[i], "--rate") == 0)
            flood.rate = value;
        else if (strcmp(word[i], "--seconds") == 0)
            flood.seconds = value;
        else if (strcmp(word[i], "--connections") == 0 && value <= CONNECTIONS_MAX)
            flood.connections = (unsigned)value;
        else
            return 2;
    }
    make_models();
    if (!bench_fleet_open(&flood.fleet, flood.port))
        return 3;
    flood.state += (uint64_t)getpid() << 32 ^ bench_now_us();
    if (flood.connections > 0)
        connect_all();
    if (flood.rate > 0)
        run();
    until_told();
    return 0;
}
