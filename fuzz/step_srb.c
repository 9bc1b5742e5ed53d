/* Octets as the life of SRB1 between eNB and UE: PDUs that are sent under their key or before there
 * is one, heard as they are, again, late, altered, cut, by who sent them, or any octets; and COUNTs
 * up to the last.
 *
 * Promises: no COUNT is used twice; what is heard under the key is what the other end sent with
 * that COUNT, and each once, in order; what is refused changes nothing. */
#include "fuzz.h"

#include <string.h>

#include "proto/srb.h"
#include "wire/pdcp.h"

enum { ENDS = 2, KEPT = 32, MESSAGE_MAX = 48, PDU_MAX = MESSAGE_MAX + 8, EVENTS = 400 };

static const enum lk_eia_direction directions[ENDS] = { LK_EIA_DOWNLINK, LK_EIA_UPLINK };
static const struct lk_k_rrc_int key = { { 1 } };
static struct lk_srb ends[ENDS];
static struct sent {
    bool protected;
    uint32_t count;
    size_t len;
    uint8_t octets[PDU_MAX];
} sent[ENDS][KEPT];

static bool same(const struct lk_srb *a, const struct lk_srb *b)
{
    return a->sends == b->sends && a->send_next == b->send_next &&
           a->receive_next == b->receive_next;
}

static void send(unsigned from, bool protected, struct lk_span message)
{
    struct lk_srb before = ends[from];
    struct sent *kept = &sent[from][before.send_next % KEPT], made = { .count = before.send_next };
    struct lk_writer w = lk_writer_of(made.octets, sizeof made.octets);
    enum lk_status status = lk_srb_send(&ends[from], &w, protected ? &key : NULL, message);

    if (status != LK_OK) {
        LK_ASSERT(same(&before, &ends[from]));
        LK_ASSERT(message.len == 0 || before.send_next == UINT32_MAX ||
                  (!protected && before.send_next > LK_PDCP_SN_MAX));
        return;
    }
    before.send_next++;
    LK_ASSERT(same(&before, &ends[from]) && before.send_next != 0);
    made.protected = protected;
    made.len = w.len;
    *kept = made;
}

static void hear(unsigned at, bool protected, struct lk_span octets)
{
    struct lk_srb before = ends[at];
    struct lk_span message;
    const struct sent *was;

    if (lk_srb_receive(&ends[at], &message, protected ? &key : NULL, octets) != LK_OK ||
        !protected) {
        LK_ASSERT(same(&before, &ends[at]) && message.len < octets.len + (octets.len == 0));
        return;
    }
    LK_ASSERT(ends[at].receive_next > before.receive_next);
    LK_ASSERT(ends[at].send_next == before.send_next && ends[at].sends == before.sends);
    was = &sent[1 - at][(ends[at].receive_next - 1) % KEPT];
    LK_ASSERT(was->protected && was->count == ends[at].receive_next - 1);
    LK_ASSERT(lk_span_equal(octets, lk_span_of(was->octets, was->len)));
}

/* One of the last that an end sent: to the other, or back to itself. */
static void hear_again(struct lk_reader *r, uint8_t what)
{
    unsigned from = what >> 7;
    struct sent pdu = sent[from][lk_get_u8(r) % KEPT];

    if (pdu.len == 0)
        return;
    if ((what & 0x40) != 0)
        pdu.octets[lk_get_u8(r) % pdu.len] ^= lk_get_u8(r);
    if ((what & 0x20) != 0)
        pdu.len = lk_get_u8(r) % pdu.len;
    hear((what & 0x10) != 0 ? from : 1 - from, (what & 0x08) == 0,
         lk_span_of(pdu.octets, pdu.len));
}

/* Both ends as if that many had gone one way, each heard. */
static void go_on(unsigned from, uint32_t count)
{
    struct lk_srb_used used = { count, ends[from].receive_next };
    struct lk_srb_used heard = { ends[1 - from].send_next, count };

    if (count < ends[from].send_next)
        return;
    lk_srb_go_on(&ends[from], directions[from], &used);
    lk_srb_go_on(&ends[1 - from], directions[1 - from], &heard);
}

static struct lk_span message_of(struct lk_reader *r)
{
    struct lk_span message = lk_get_lv8(r);

    return lk_span_of(message.at, message.len % (MESSAGE_MAX + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(sent, 0, sizeof sent);
    for (unsigned i = 0; i < ENDS; i++)
        lk_srb_begin(&ends[i], directions[i]);
    for (unsigned i = 0; i < EVENTS && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 8) {
        case 0:
        case 1: send(what >> 7, true, message_of(&r)); break;
        case 2: send(what >> 7, false, message_of(&r)); break;
        case 3:
        case 4:
        case 5: hear_again(&r, what); break;
        case 6: hear(what >> 7, (what & 0x08) == 0, lk_get_lv8(&r)); break;
        default: go_on(what >> 7, UINT32_MAX - lk_get_u8(&r)); break;
        }
    }
    return 0;
}
