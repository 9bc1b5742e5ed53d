/* A mobile node of MIS over TCP, for daemons with role pos: the node, and sockets.
 *
 *     mis_phone K OPC REALM [PARTNER ...]        (hex; the home's realm, those of its partners)
 *
 * Commands come by lines: attach ID PORT, handover ID PORT, select NETWORK, switched, ping, detach.
 * What happens is told by lines. All PoS are at 127.0.0.1. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include "node/mis_device.h"
#include "proto/eap/usim.h"
#include "wire/mis_framer.h"

enum { PARTNERS = 8, WORD = 128, OWED = 8 };

static const char imsi[] = "001010000000001";
static struct lk_mis_device device;
static struct lk_mis_device_config config;
static struct lk_mis_device_outbox out;
static struct lk_mis_framer framer[LK_MIS_DEVICE_LINKS];
static struct lk_usim usim;
static struct lk_span partner[PARTNERS];
static int fd[LK_MIS_DEVICE_LINKS] = { -1, -1 };
static uint64_t wake_ms = UINT64_MAX;
static uint8_t dh_secret[LK_X25519_LEN], dh[LK_X25519_LEN], z[LK_X25519_LEN];

static uint64_t now_of(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void draw(void *to, size_t len)
{
    LK_ASSERT(getrandom(to, len, 0) == (ssize_t)len);
}

static void hang_up(unsigned link)
{
    if (fd[link] >= 0)
        (void)close(fd[link]);
    fd[link] = -1;
    lk_mis_framer_wipe(&framer[link]);
}

static void dial(unsigned link, uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };

    hang_up(link);
    fd[link] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd[link], (struct sockaddr *)&to, sizeof to) != 0)
        hang_up(link);
}

static void tell(const struct lk_mis_device_output *item)
{
    static const char *const words[LK_MIS_DEVICE_FACT_COUNT] = {
        [LK_MIS_DEVICE_ATTACHED] = "attached", [LK_MIS_DEVICE_READY] = "ready",
        [LK_MIS_DEVICE_SERVED] = "served",     [LK_MIS_DEVICE_FALLBACK] = "fallback",
        [LK_MIS_DEVICE_STAYS] = "stays",       [LK_MIS_DEVICE_PONG] = "pong",
        [LK_MIS_DEVICE_LOST] = "lost",
    };
    const struct lk_mis_name *id = &device.link[item->link].id;

    printf("%s %.*s%s%s %s\n", words[item->fact.what], (int)id->len, (const char *)id->octets,
           item->fact.by_erp ? " by erp" : "", item->fact.background ? " in background" : "",
           lk_reason_row(item->fact.why.reason)->code);
}

static void step(struct lk_mis_device_event event);

/* What a step asks for is answered when it is over. */
static void owe(struct lk_mis_device_event *owed, unsigned *count,
                const struct lk_mis_device_output *item)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_SAVED };

    if (item->kind == LK_MIS_DEVICE_OUT_SAVE) {
        event.saved.used = item->save;
        event.saved.done = true;
    } else if (item->kind == LK_MIS_DEVICE_OUT_ASK_CARD) {
        event.kind = LK_MIS_DEVICE_EV_CARD;
        lk_usim_answer(&usim, &event.card, item->ask_card.rand, item->ask_card.autn);
    } else {
        event.kind = LK_MIS_DEVICE_EV_SHARED;
        if (lk_x25519_shared(z, dh_secret, item->ask_shared) == LK_OK)
            event.z = z;
    }
    LK_ASSERT(*count < OWED);
    owed[(*count)++] = event;
}

/* For a DTLS of others. */
static void say_psk(const struct lk_mis_psk *psk)
{
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];

    lk_mis_psk_identity(identity, psk);
    printf("psk %s ", identity);
    for (size_t i = 0; i < sizeof psk->octets; i++)
        printf("%02x", psk->octets[i]);
    printf("\n");
}

static void obey(struct lk_mis_device_event *owed, unsigned *count,
                 const struct lk_mis_device_output *item)
{
    switch (item->kind) {
    case LK_MIS_DEVICE_OUT_OPEN: dial(item->link, item->open.port); break;
    case LK_MIS_DEVICE_OUT_CLOSE: hang_up(item->link); break;
    case LK_MIS_DEVICE_OUT_SEND:
        if (fd[item->link] >= 0)
            (void)!send(fd[item->link], item->send.at, item->send.len, MSG_NOSIGNAL);
        break;
    case LK_MIS_DEVICE_OUT_SAVE:
    case LK_MIS_DEVICE_OUT_ASK_CARD:
    case LK_MIS_DEVICE_OUT_ASK_SHARED: owe(owed, count, item); break;
    case LK_MIS_DEVICE_OUT_FACT: tell(item); break;
    case LK_MIS_DEVICE_OUT_WAKE: wake_ms = item->wake_ms; break;
    case LK_MIS_DEVICE_OUT_REFUSAL:
        printf("refusal %s\n", lk_reason_row(item->why.reason)->code);
        break;
    case LK_MIS_DEVICE_OUT_PSK: say_psk(&item->psk.key); break;
    case LK_MIS_DEVICE_OUT_LINK_KEY:
    case LK_MIS_DEVICE_OUT_KEYS: break;
    }
}

static void step(struct lk_mis_device_event event)
{
    struct lk_mis_device_event owed[OWED];
    unsigned count = 0;

    event.now_ms = now_of();
    draw(event.seed, sizeof event.seed);
    (void)!lk_mis_device_step(&device, &config, &event, &out);
    for (size_t i = 0; i < out.count; i++)
        obey(owed, &count, &out.item[i]);
    for (unsigned i = 0; i < count; i++)
        step(owed[i]);
}

static void hear(uint8_t link)
{
    static uint8_t room[LK_MIS_FRAME_MAX];
    ssize_t got = recv(fd[link], room, sizeof room, 0);
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_DOWN, .way = { .link = link } };
    struct lk_span octets, message;
    int was = fd[link];

    if (got <= 0) {
        hang_up(link);
        step(event);
        return;
    }
    octets = lk_span_of(room, (size_t)got);
    event.kind = LK_MIS_DEVICE_EV_HEARD;
    while (fd[link] == was && lk_mis_framer_next(&framer[link], &message, &octets) == LK_OK) {
        event.way.octets = message;
        step(event);
    }
}

static void hand_over(const struct lk_mis_pos *target, const char *network)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HANDOVER };
    struct lk_mis_message known = { .present = 0 };

    draw(dh_secret, sizeof dh_secret);
    lk_x25519_public(dh, dh_secret);
    event.handover.target = target;
    event.handover.dh = dh;
    if (network != NULL) {
        known.target.network = lk_span_text(network);
        lk_mis_mark(&known, LK_MIS_TLV_TARGET);
        event.handover.known = &known;
    }
    step(event);
}

static void command(char *line)
{
    char verb[WORD] = "", id[WORD] = "";
    unsigned port = 0;
    struct lk_mis_device_event event = { .kind = 0 };

    (void)sscanf(line, "%127s %127s %u", verb, id, &port);
    event.pos.id = lk_span_text(id);
    event.pos.address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    event.pos.port = (uint16_t)port;
    if (strcmp(verb, "handover") == 0)
        hand_over(&event.pos, NULL);
    else if (strcmp(verb, "select") == 0)
        hand_over(NULL, id);
    event.kind = strcmp(verb, "attach") == 0     ? LK_MIS_DEVICE_EV_ATTACH
                 : strcmp(verb, "switched") == 0 ? LK_MIS_DEVICE_EV_SWITCHED
                 : strcmp(verb, "ping") == 0     ? LK_MIS_DEVICE_EV_PING
                 : strcmp(verb, "detach") == 0   ? LK_MIS_DEVICE_EV_DETACH
                                                 : 0;
    if (event.kind != 0)
        step(event);
}

static void configure(int argc, char **argv)
{
    const struct lk_mis_chain chain = { 0, LK_MIS_CHAIN_DEFAULT };
    struct lk_aka_card card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    const struct lk_span realm = lk_span_text(argv[3]);
    size_t len;

    LK_ASSERT(lk_hex_decode(card.k, sizeof card.k, &len, lk_span_text(argv[1])) == LK_OK);
    LK_ASSERT(lk_hex_decode(card.topc, sizeof card.topc, &len, lk_span_text(argv[2])) == LK_OK);
    lk_usim_init(&usim, &card);
    lk_mis_device_defaults(&config);
    for (int i = 4; i < argc && i < 4 + PARTNERS; i++)
        partner[config.mn.partners.count++] = lk_span_text(argv[i]);
    config.mn.partners.realm = partner;
    lk_eap_peer_defaults(&config.eap);
    LK_ASSERT(lk_imsi_parse(&config.eap.imsi, lk_span_text(imsi)) == LK_OK);
    memcpy(config.eap.realm, realm.at, realm.len);
    config.eap.realm_len = (uint8_t)realm.len;
    config.erp.realm = realm;
    lk_mis_device_init(&device, &chain);
    for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        lk_mis_framer_wipe(&framer[i]);
}

int main(int argc, char **argv)
{
    char line[2 * WORD];

    if (argc < 4)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    configure(argc, argv);
    printf("ready\n");
    for (;;) {
        struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { fd[0], POLLIN, 0 },
                                { fd[1], POLLIN, 0 } };

        (void)poll(fds, LK_COUNT_OF(fds), 10);
        if (fds[0].revents != 0) {
            if (fgets(line, sizeof line, stdin) == NULL)
                return 0;
            command(line);
        }
        for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
            if (fds[1 + i].revents != 0 && fd[i] == fds[1 + i].fd)
                hear(i);
        if (now_of() >= wake_ms) {
            wake_ms = UINT64_MAX;
            step((struct lk_mis_device_event){ .kind = LK_MIS_DEVICE_EV_EXPIRED });
        }
    }
}
