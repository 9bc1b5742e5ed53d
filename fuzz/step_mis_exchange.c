/* Two ends of MIS with a way between them that loses, repeats, keeps and mixes what is on it: each
 * message is processed once at most, each request has one answer or silence, an answer is of its
 * request, and what is over TCP is never acknowledged. */
#include "fuzz.h"

#include <string.h>

#include "proto/mis/exchange.h"

enum { PLACES = 6, WAY = 24, SERIALS = 256, END = 2,
       AGE_MS = LK_MIS_TRANSACTION_MS - 3 * LK_MIS_FIRST_MS - 1 }; /* behind the last repeat */

/* What is on the way: a header, whether it has no TLV, and the serial number of the message. */
struct packet {
    struct lk_mis_header header;
    bool bare;
    uint8_t to, serial;
    uint64_t born_ms;
};
static struct {
    struct lk_mis_exchange x[END];
    struct lk_mis_transaction place[END][PLACES];
    bool udp;
    uint64_t now_ms;
    struct packet way[WAY];
    size_t count;
    uint8_t serials;
    struct {
        uint8_t seen, answered, silent;
        bool request;
    } of[SERIALS]; /* by serial; an answer has that of its request */
    struct lk_mis_header to_answer[END];
    uint8_t to_answer_serial[END];
    bool has_to_answer[END];
} f;

static void put(const struct packet *packet)
{
    if (f.count == WAY)
        return;
    f.way[f.count] = *packet;
    f.way[f.count++].born_ms = f.now_ms;
}

/* A packet, as the octets that the exchange keeps. */
static struct lk_span octets_of(const struct packet *packet)
{
    return lk_span_of(packet, sizeof *packet);
}

static void begin_one(unsigned end, bool request)
{
    uint16_t id = lk_mis_message_id(LK_MIS_AUTH, request ? LK_MIS_REQUEST : LK_MIS_INDICATION,
                                    &lk_mis_codes_default);
    struct packet packet = { .to = (uint8_t)!end, .serial = f.serials };

    if (f.serials == SERIALS - 1 ||
        lk_mis_exchange_begin(&f.x[end], &packet.header, id) != LK_OK)
        return;
    LK_ASSERT(packet.header.tid >= 1 && packet.header.ack_request == f.udp);
    LK_ASSERT(lk_mis_exchange_sent(&f.x[end], &packet.header, octets_of(&packet), f.now_ms) ==
              LK_OK);
    f.of[f.serials++].request = request;
    put(&packet);
}

static void answer(unsigned end)
{
    struct packet packet = { .to = (uint8_t)!end, .serial = f.to_answer_serial[end] };

    if (!f.has_to_answer[end])
        return;
    f.has_to_answer[end] = false;
    if (lk_mis_exchange_answer(&f.x[end], &packet.header, &f.to_answer[end]) != LK_OK)
        return;
    LK_ASSERT(lk_mis_exchange_sent(&f.x[end], &packet.header, octets_of(&packet), f.now_ms) ==
              LK_OK);
    put(&packet);
}

static void hear(const struct packet *packet)
{
    enum lk_mis_heard heard;
    unsigned end = packet->to;

    if (lk_mis_exchange_hear(&f.x[end], &heard, &packet->header, packet->bare, false, f.now_ms) !=
        LK_OK)
        return;
    if (heard == LK_MIS_HEARD_NEW) {
        LK_ASSERT(++f.of[packet->serial].seen == 1);
        if (f.of[packet->serial].request) {
            f.to_answer[end] = packet->header;
            f.to_answer_serial[end] = packet->serial;
            f.has_to_answer[end] = true;
        }
    } else if (heard == LK_MIS_HEARD_ANSWER) {
        LK_ASSERT(f.of[packet->serial].request && !f.of[packet->serial].silent);
        LK_ASSERT(++f.of[packet->serial].answered == 1);
    }
}

static void all_due(unsigned end)
{
    struct lk_mis_due due;

    for (unsigned i = 0; lk_mis_exchange_due(&f.x[end], &due, f.now_ms); i++) {
        struct packet packet = { .header = due.header, .bare = true, .to = (uint8_t)!end };

        LK_ASSERT(i < 4 * PLACES);
        if (due.kind == LK_MIS_DUE_SILENT)
            continue;
        LK_ASSERT(f.udp);
        if (due.kind == LK_MIS_DUE_SEND) {
            LK_ASSERT(due.octets.len == sizeof packet);
            memcpy(&packet, due.octets.at, sizeof packet);
        }
        put(&packet);
    }
    LK_ASSERT(lk_mis_exchange_next_ms(&f.x[end]) > f.now_ms);
}

/* Both ends are asked when they said that something is due, as who drives them does. */
static void wait(uint64_t ms)
{
    uint64_t until_ms = f.now_ms + ms;

    while (f.now_ms < until_ms) {
        uint64_t next_ms = until_ms;

        for (unsigned end = 0; end < END; end++)
            if (lk_mis_exchange_next_ms(&f.x[end]) < next_ms)
                next_ms = lk_mis_exchange_next_ms(&f.x[end]);
        if (next_ms > f.now_ms)
            f.now_ms = next_ms;
        all_due(0);
        all_due(1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(&f, 0, sizeof f);
    f.udp = (lk_get_u8(&r) & 1) != 0;
    for (unsigned end = 0; end < END; end++)
        lk_mis_exchange_init(&f.x[end], f.place[end], PLACES, f.udp, 5);
    for (unsigned i = 0; i < 500 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r), which = what >> 4;
        struct packet packet;

        switch (what & 7) {
        case 0: begin_one(which & 1, true); break;
        case 1: begin_one(which & 1, false); break;
        case 2: answer(which & 1); break;
        case 3: all_due(which & 1); break;
        case 4: wait((uint64_t)which << 8); break;
        default:
            if (f.count == 0)
                break;
            packet = f.way[which % f.count];
            if ((what & 7) != 7 || !f.udp) {
                f.count--;
                f.way[which % (f.count + 1)] = f.way[f.count];
            }
            if (((what & 7) != 6 || !f.udp) && f.now_ms - packet.born_ms <= AGE_MS)
                hear(&packet);
        }
    }
    return 0;
}
