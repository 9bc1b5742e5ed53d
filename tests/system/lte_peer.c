/* What a device of LTE-WLAN aggregation has before it, in one process: a home network for one card,
 * cells with their sockets of Uu, a WT with its socket of the air, and no Xw but a queue. Real
 * machines at either end, so that the device's process is all that is under test.
 *
 *     lte_peer K OPC UU-PORT UU-PORT AIR-PORT     (hex; ports of 127.0.0.1)
 *
 * Commands come by lines: handover CELL, rekey, add, release, deaf 0|1, and for the hostile garble
 * 0|1, which changes what is echoed, and repeat uu|first|last 0|1, which sends the last PDU of
 * SRB1, the first data frame or the last frame once more, with 1 its last octet changed. What
 * happens is told by lines. */
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
#include "crypto/aka.h"
#include "node/enb.h"
#include "node/wt.h"
#include "proto/eps/network.h"
#include "wire/uu.h"

enum { CELLS = 2, UE = 0, C_RNTI = 61, QUEUE = 64, ROOM = 4096, ENDS = CELLS + 1, AIR = CELLS };
#define NEVER UINT64_MAX

struct octets {
    size_t len;
    uint8_t at[ROOM];
};

static const uint8_t bssid[] = { 2, 0, 0, 0, 0x36, 0x62 }, sn_id[] = { 0x00, 0xf1, 0x10 };
static struct lk_aka_card card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
static uint64_t sqn = 1 << 10;
static int fds[ENDS];
static struct sockaddr_in device[ENDS]; /* where it spoke from */
static bool is_deaf, garbles;
static struct lk_uu_hello hello;
static struct lk_eps_network network;
static struct lk_eps_network_config network_config;
static uint64_t network_ms = NEVER, enb_ms = NEVER, wt_ms = NEVER;
static uint32_t attach_cell;
static struct lk_enb_config enb_config;
static struct lk_wt_config wt_config;
static struct lk_enb *enb;
static struct lk_wt *wt;
static struct octets said_uu, first_frame, last_frame;
static uint32_t said_cell;

/* Xw, the store, and the echo: what a step says is done when it is over. */
static struct later {
    enum { TO_ENB, TO_WT, SAVED, ECHO } what;
    uint32_t cell, id;
    uint8_t drb;
    struct lk_lwa_saved saved;
    struct octets octets;
} queue[QUEUE];
static size_t queued;

static uint64_t now_ms(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void keep(struct octets *to, struct lk_span from)
{
    LK_ASSERT(from.len <= sizeof to->at);
    memcpy(to->at, from.at, from.len);
    to->len = from.len;
}

static struct later *post(struct later later, struct lk_span octets)
{
    LK_ASSERT(queued < QUEUE);
    queue[queued] = later;
    if (octets.len > 0)
        keep(&queue[queued].octets, octets);
    return &queue[queued++];
}

static void send_to(size_t end, struct lk_span octets)
{
    (void)sendto(fds[end], octets.at, octets.len, 0, (struct sockaddr *)&device[end],
                 sizeof device[end]);
}

static void say_rrc(uint32_t cell, struct lk_span pdu)
{
    struct lk_uu uu = { .downlink = true, .ue_id = C_RNTI, .pdu = pdu };
    uint8_t octets[ROOM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    LK_ASSERT(lk_uu_encode(&w, &uu) == LK_OK);
    keep(&said_uu, lk_writer_span(&w));
    said_cell = cell;
    send_to(cell, lk_writer_span(&w));
}

static void say_frame(struct lk_span frame)
{
    if (first_frame.len == 0 && (frame.at[0] & 0x0c) == 0x08)
        keep(&first_frame, frame);
    keep(&last_frame, frame);
    send_to(AIR, frame);
}

/* ---- the nodes ---- */

static void enb_give(struct lk_enb_event event)
{
    static struct lk_enb_outbox out;

    event.now_ms = now_ms();
    (void)!lk_enb_step(enb, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_enb_output *o = &out.item[i];

        switch (o->kind) {
        case LK_ENB_OUT_RRC: say_rrc(o->cell, o->octets); break;
        case LK_ENB_OUT_XW:
            (void)post((struct later){ .what = TO_WT, .cell = o->cell }, o->octets);
            break;
        case LK_ENB_OUT_SAVE:
            (void)post((struct later){ .what = SAVED, .saved = o->save }, lk_span_of(NULL, 0));
            break;
        case LK_ENB_OUT_WAKE: enb_ms = o->wake_at_ms; break;
        case LK_ENB_OUT_ACTIVE: printf("active %u\n", o->key.counter); break;
        case LK_ENB_OUT_HANDED_OVER: printf("handed-over %u\n", o->cell); break;
        case LK_ENB_OUT_RELEASED:
            printf("released %s\n", lk_reason_row(o->released.reason)->code);
            break;
        case LK_ENB_OUT_NOTICE:
            printf("notice %s\n", lk_reason_row(o->notice.reason)->code);
            break;
        case LK_ENB_OUT_REKEY_BEGUN:
        case LK_ENB_OUT_REFRESHED:
        case LK_ENB_OUTPUT_KIND_COUNT: break;
        }
    }
    lk_enb_outbox_wipe(&out);
}

static void echo(const struct lk_wt_output *o)
{
    struct lk_wt_told told;
    struct later *back;

    if (!lk_wt_told_of(&told, wt, o->mac))
        return;
    back = post((struct later){ .what = ECHO, .id = told.wt_ue_id, .drb = o->up.drb }, o->up.pdu);
    back->octets.at[back->octets.len - 1] ^= garbles ? 1 : 0;
}

static void wt_give(struct lk_wt_event event)
{
    static struct lk_wt_outbox out;

    event.now_ms = now_ms();
    (void)!lk_wt_step(wt, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_wt_output *o = &out.item[i];

        switch (o->kind) {
        case LK_WT_OUT_XW:
            (void)post((struct later){ .what = TO_ENB, .cell = o->xw.link }, o->xw.octets);
            break;
        case LK_WT_OUT_FRAME: say_frame(o->frame); break;
        case LK_WT_OUT_DATA_UP: echo(o); break;
        case LK_WT_OUT_WAKE: wt_ms = o->wake_at_ms; break;
        case LK_WT_OUT_KEYS:
        case LK_WT_OUT_FACT:
        case LK_WT_OUT_REFUSAL:
        case LK_WT_OUT_NOTICE: break;
        }
    }
    lk_wt_outbox_wipe(&out);
}

static void do_later(const struct later *later)
{
    struct lk_enb_event to_enb = { .kind = LK_ENB_EV_XW, .ue = UE, .cell = later->cell };
    struct lk_wt_event to_wt = { .kind = LK_WT_EV_XW };
    struct lk_span octets = lk_span_of(later->octets.at, later->octets.len);

    if (later->what == SAVED) {
        to_enb.kind = LK_ENB_EV_SAVED;
        to_enb.saved.what = later->saved;
        to_enb.saved.done = true;
        enb_give(to_enb);
    } else if (later->what == TO_ENB) {
        to_enb.octets = octets;
        enb_give(to_enb);
    } else if (later->what == TO_WT) {
        to_wt.xw.link = later->cell;
        to_wt.xw.octets = octets;
        wt_give(to_wt);
    } else {
        to_wt.kind = LK_WT_EV_DATA_DOWN;
        to_wt.down.wt_ue_id = later->id;
        to_wt.down.drb = later->drb;
        to_wt.down.pdu = octets;
        wt_give(to_wt);
    }
}

static void do_all(void)
{
    static struct later first;

    while (queued > 0) {
        first = queue[0];
        memmove(queue, queue + 1, --queued * sizeof queue[0]);
        do_later(&first);
    }
}

/* ---- the home network, and the attach ---- */

static void network_give(struct lk_eps_event event);

static void make_vector(const struct lk_eps_ask_vector *ask)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_VECTOR, .asked = ask->asked };
    struct lk_vector *v = &event.vector;
    static const uint8_t amf[LK_AMF_LEN] = { 0x80, 0 };
    uint8_t now[LK_SQN_LEN];
    struct lk_writer w = lk_writer_of(now, sizeof now);
    struct lk_aka_output output;
    struct lk_ck ck;
    struct lk_ik ik;

    if (ask->resync) {
        LK_ASSERT(lk_aka_auts_open(now, &card, ask->rand, ask->auts) == LK_OK);
        sqn = 0;
        for (size_t i = 0; i < sizeof now; i++)
            sqn = sqn << 8 | now[i];
        printf("resynchronised\n");
    }
    sqn += 32;
    lk_put_be16(&w, (uint16_t)(sqn >> 32));
    lk_put_be32(&w, (uint32_t)sqn);
    LK_ASSERT(getrandom(v->rand, sizeof v->rand, 0) == (ssize_t)sizeof v->rand);
    lk_aka_vector(&output, v->autn, &card, v->rand, now, amf);
    memcpy(v->xres, output.res, output.res_len);
    v->xres_len = output.res_len;
    memcpy(ck.octets, output.ck, sizeof ck.octets);
    memcpy(ik.octets, output.ik, sizeof ik.octets);
    v->keys = LK_VECTOR_KASME;
    lk_kasme_derive(&v->kasme, &ck, &ik, sn_id, v->autn);
    network_give(event);
}

static void attached(const struct lk_eps_context *context)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = UE, .cell = attach_cell };

    memcpy(event.context.mac, hello.mac, sizeof event.context.mac);
    event.context.has_kasme = true;
    event.context.kasme = context->kasme;
    event.context.ul_nas_count = context->nas_uplink - 1; /* of SECURITY MODE COMPLETE */
    event.context.used = (struct lk_srb_used){ context->srb.send_next, context->srb.receive_next };
    printf("attached %s\n", context->imsi.digits);
    enb_give((struct lk_enb_event){ .kind = LK_ENB_EV_LEFT, .ue = UE });
    enb_give(event);
}

static void network_give(struct lk_eps_event event)
{
    const struct lk_eps_output *ask, *context;
    struct lk_eps_outbox out;

    event.now_ms = now_ms();
    if (lk_eps_network_step(&network, &network_config, &event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_EPS_OUT_SEND)
            say_rrc(attach_cell, out.item[i].send);
        else if (out.item[i].kind == LK_EPS_OUT_TIMER)
            network_ms = out.item[i].timer_ms;
        else if (out.item[i].kind == LK_EPS_OUT_FAILED)
            printf("refused %s\n", lk_reason_row(out.item[i].failed.reason)->code);
    ask = lk_eps_outbox_find(&out, LK_EPS_OUT_ASK_VECTOR);
    context = lk_eps_outbox_find(&out, LK_EPS_OUT_CONTEXT);
    if (ask != NULL)
        make_vector(&ask->ask_vector);
    else if (context != NULL)
        attached(&context->context);
}

/* ---- what comes ---- */

static void hear_uu(uint32_t cell, struct lk_span datagram)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_RECEIVED };
    struct lk_enb_event rrc = { .kind = LK_ENB_EV_RRC, .ue = UE, .cell = cell };
    static uint16_t called;
    struct lk_uu_hello heard;
    struct lk_uu uu;

    if (lk_uu_hello_decode(&heard, datagram) == LK_OK) {
        hello = heard;
        attach_cell = cell;
        printf("hello %s %u\n", heard.imsi.digits, cell);
    } else if (lk_uu_decode(&uu, datagram) == LK_OK && !uu.downlink) {
        if (uu.ue_id != called)
            printf("c-rnti %u\n", uu.ue_id);
        called = uu.ue_id;
        event.received = rrc.octets = uu.pdu;
        network_give(event);
        enb_give(rrc);
    }
}

static void hear(size_t end)
{
    uint8_t octets[ROOM];
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    ssize_t got = recvfrom(fds[end], octets, sizeof octets, MSG_DONTWAIT, (struct sockaddr *)&from,
                           &len);
    struct lk_wt_event frame = { .kind = LK_WT_EV_FRAME };

    if (got <= 0 || is_deaf)
        return;
    device[end] = from;
    for (size_t i = 0; i < CELLS && end < CELLS; i++)
        device[i] = from;
    if (end < CELLS) {
        hear_uu((uint32_t)end, lk_span_of(octets, (size_t)got));
    } else {
        frame.frame = lk_span_of(octets, (size_t)got);
        wt_give(frame);
    }
}

static void repeat(const char *what, bool changed)
{
    bool is_uu = strcmp(what, "uu") == 0;
    struct octets copy = is_uu ? said_uu : strcmp(what, "first") == 0 ? first_frame : last_frame;

    copy.at[copy.len - 1] ^= changed ? 1 : 0;
    send_to(is_uu ? said_cell : AIR, lk_span_of(copy.at, copy.len));
}

static void obey(char *line)
{
    char word[32] = "", what[32] = "";
    unsigned number = 0;
    int said = sscanf(line, "%31s %31s %u", word, what, &number);
    struct lk_enb_event event = { .kind = LK_ENB_EV_REKEY, .ue = UE };

    if (said == 3 && strcmp(word, "repeat") == 0) {
        repeat(what, number != 0);
    } else if (said == 2 && strcmp(word, "deaf") == 0) {
        is_deaf = what[0] == '1';
    } else if (said == 2 && strcmp(word, "garble") == 0) {
        garbles = what[0] == '1';
    } else if (said == 2 && strcmp(word, "handover") == 0) {
        event.kind = LK_ENB_EV_HANDOVER;
        event.cell = (uint32_t)atoi(what);
        enb_give(event);
    } else {
        event.kind = strcmp(word, "add") == 0       ? LK_ENB_EV_ADD :
                     strcmp(word, "release") == 0   ? LK_ENB_EV_RELEASE :
                                                      LK_ENB_EV_REKEY;
        enb_give(event);
    }
    printf("done %s\n", word);
}

/* ---- begin, and the loop ---- */

static int open_port(const char *text)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(text)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    LK_ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof own) == 0);
    return fd;
}

static void begin(void)
{
    static const char ssid[] = "latchkey";
    uint8_t seed[LK_WT_SEED_LEN];

    LK_ASSERT(getrandom(seed, sizeof seed, 0) == (ssize_t)sizeof seed);
    lk_eps_network_defaults(&network_config);
    network_config.retry_ms = 200;
    lk_eps_network_init(&network);
    lk_enb_defaults(&enb_config);
    enb_config.ues = 1;
    enb_config.cells = CELLS;
    for (size_t i = 0; i < CELLS; i++) {
        enb_config.cell[i].mobility.count = 1;
        enb_config.cell[i].mobility.id[0].has_bssid = true;
        memcpy(enb_config.cell[i].mobility.id[0].bssid, bssid, sizeof bssid);
    }
    lk_wt_defaults(&wt_config);
    memcpy(wt_config.lwa.mac, bssid, sizeof bssid);
    wt_config.ssid_len = sizeof ssid - 1;
    memcpy(wt_config.ssid, ssid, sizeof ssid - 1);
    enb = lk_enb_init(malloc(lk_enb_size(&enb_config)), &enb_config);
    wt = lk_wt_init(malloc(lk_wt_size(&wt_config)), &wt_config, seed);
    for (uint32_t i = 0; i < CELLS; i++) {
        struct lk_wt_event up = { .kind = LK_WT_EV_XW_UP };

        up.xw.link = i;
        wt_give(up);
        enb_give((struct lk_enb_event){ .kind = LK_ENB_EV_XW_UP, .cell = i });
    }
}

static int until_next(void)
{
    uint64_t next = network_ms < enb_ms ? network_ms : enb_ms, now = now_ms();

    next = wt_ms < next ? wt_ms : next;
    return next == NEVER ? -1 : next <= now ? 0 : (int)(next - now);
}

static void expire(void)
{
    uint64_t now = now_ms();

    if (network_ms <= now) {
        network_ms = NEVER;
        network_give((struct lk_eps_event){ .kind = LK_EPS_EV_EXPIRED });
    }
    if (enb_ms <= now) {
        enb_ms = NEVER;
        enb_give((struct lk_enb_event){ .kind = LK_ENB_EV_EXPIRED });
    }
    if (wt_ms <= now) {
        wt_ms = NEVER;
        wt_give((struct lk_wt_event){ .kind = LK_WT_EV_EXPIRED });
    }
}

int main(int argc, char **argv)
{
    struct pollfd polled[ENDS + 1] = { { .fd = STDIN_FILENO, .events = POLLIN } };
    char line[128];
    size_t len;

    if (argc != 3 + ENDS ||
        lk_hex_decode(card.k, sizeof card.k, &len, lk_span_text(argv[1])) != LK_OK ||
        lk_hex_decode(card.topc, sizeof card.topc, &len, lk_span_text(argv[2])) != LK_OK)
        return 2;
    for (size_t i = 0; i < ENDS; i++) {
        fds[i] = open_port(argv[3 + i]);
        polled[i + 1] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    begin();
    printf("ready\n");
    for (;;) {
        do_all();
        if (poll(polled, ENDS + 1, until_next()) < 0)
            return 1;
        expire();
        if (polled[0].revents != 0) {
            if (fgets(line, sizeof line, stdin) == NULL)
                return 0;
            obey(line);
        }
        for (size_t i = 0; i < ENDS; i++)
            if (polled[i + 1].revents != 0)
                hear(i);
    }
}
