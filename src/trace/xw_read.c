#include "trace/xw_read.h"

#include <string.h>

#include "base/secret.h"

void lk_xw_reader_init(struct lk_xw_reader *reader)
{
    memset(reader, 0, sizeof *reader);
}

void lk_xw_reader_wipe(struct lk_xw_reader *reader)
{
    lk_wipe(reader, sizeof *reader);
}

static bool same_end(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    return a->v6 == b->v6 && a->port == b->port &&
           lk_span_equal(LK_SPAN(a->address), LK_SPAN(b->address));
}

/* That of the datagram's ends; a new one in the place of the one that was used longest ago. */
static struct lk_xw_flow *flow_of(struct lk_xw_reader *reader, const struct lk_datagram *datagram)
{
    bool tcp = datagram->carrier == LK_CARRIER_TCP;
    struct lk_xw_flow *flow = &reader->flow[0];

    for (size_t i = 0; i < LK_XW_READ_FLOWS; i++) {
        struct lk_xw_flow *one = &reader->flow[i];

        if (one->is_set && one->tcp == tcp && same_end(&one->from, &datagram->from) &&
            same_end(&one->to, &datagram->to)) {
            one->used = ++reader->used;
            return one;
        }
        if (one->used < flow->used)
            flow = one;
    }
    lk_wipe(flow, sizeof *flow);
    flow->tcp = tcp;
    flow->from = datagram->from;
    flow->to = datagram->to;
    flow->used = ++reader->used;
    return flow;
}

/* ---- TCP ---- */

/* Cuts off what came before. A stream that is not seen from its beginning is taken to begin with a
 * frame. */
static void take_segment(struct lk_xw_reader *reader, const struct lk_datagram *segment)
{
    struct lk_xw_flow *flow = reader->now;
    uint32_t behind;

    if (segment->begins || !flow->is_set) {
        lk_xwap_framer_wipe(&flow->framer);
        flow->lost = false;
        flow->next = segment->sequence + (segment->begins ? 1 : 0);
    }
    flow->is_set = true;
    reader->left = segment->payload;
    behind = flow->next - (segment->sequence + (segment->begins ? 1 : 0));
    if (segment->payload.len > 0 && behind >= UINT32_C(1) << 31) {
        flow->lost = true; /* a piece is missing */
        lk_xwap_framer_wipe(&flow->framer);
    }
    if (flow->lost || behind >= segment->payload.len) {
        reader->left = lk_span_of(NULL, 0);
        return;
    }
    reader->left = lk_span_of(segment->payload.at + behind, segment->payload.len - behind);
    flow->next += (uint32_t)reader->left.len;
}

static enum lk_status next_frame(struct lk_xw_reader *reader, struct lk_span *message)
{
    enum lk_status status = LK_E_SHORT;

    while (reader->left.len > 0) {
        status = lk_xwap_framer_next(&reader->now->framer, message, &reader->left);
        if (status == LK_OK && message->len == 0)
            continue; /* a probe */
        if (status == LK_OK)
            return LK_OK;
        break;
    }
    if (status == LK_E_LENGTH)
        reader->now->lost = true;
    reader->left = lk_span_of(NULL, 0);
    return LK_E_NOT_FOUND;
}

/* ---- SCTP ---- */

/* Joins a piece. True: the message is whole. */
static bool join(struct lk_xw_flow *flow, struct lk_span *message, const struct lk_sctp_data *data)
{
    if (data->begins && data->ends) {
        *message = data->octets;
        return true;
    }
    if (data->begins)
        flow->len = 0;
    else if (flow->len == 0 || data->tsn != flow->next)
        return false; /* of none that began, or it came before */
    if (data->octets.len > sizeof flow->octets - flow->len) {
        flow->len = 0;
        return false;
    }
    memcpy(flow->octets + flow->len, data->octets.at, data->octets.len);
    flow->len += data->octets.len;
    flow->next = data->tsn + 1;
    *message = lk_span_of(flow->octets, flow->len);
    if (data->ends)
        flow->len = 0;
    return data->ends;
}

static enum lk_status next_chunk(struct lk_xw_reader *reader, struct lk_span *message)
{
    struct lk_sctp_data data;

    while (lk_sctp_next(&data, &reader->sctp) == LK_OK)
        if (data.ppid == LK_XWAP_PPID && join(reader->now, message, &data))
            return LK_OK;
    return LK_E_NOT_FOUND;
}

/* ---- both ---- */

/* By the port of UDP, or, since an operator may have another one, by the port of SCTP and the
 * checksum, which nothing else has right by accident. */
static bool is_sctp(struct lk_sctp *sctp, const struct lk_datagram *datagram)
{
    struct lk_span packet = datagram->payload;
    uint32_t sum = 0;

    if (datagram->carrier != LK_CARRIER_UDP || lk_sctp_decode(sctp, packet) != LK_OK)
        return false;
    if (datagram->from.port == LK_XW_READ_SCTP || datagram->to.port == LK_XW_READ_SCTP)
        return true;
    if (sctp->from_port != LK_XWAP_PORT && sctp->to_port != LK_XWAP_PORT)
        return false;
    for (size_t i = 0; i < 4; i++)
        sum |= (uint32_t)packet.at[LK_SCTP_CHECKSUM_AT + i] << 8 * i;
    return sum == lk_sctp_checksum(packet);
}

bool lk_xw_read(struct lk_xw_reader *reader, const struct lk_datagram *datagram)
{
    if (datagram->carrier == LK_CARRIER_TCP &&
        (datagram->from.port == LK_XWAP_PORT || datagram->to.port == LK_XWAP_PORT)) {
        reader->now = flow_of(reader, datagram);
        take_segment(reader, datagram);
        return true;
    }
    if (!is_sctp(&reader->sctp, datagram))
        return false;
    reader->now = flow_of(reader, datagram);
    reader->now->is_set = true;
    return true;
}

enum lk_status lk_xw_read_next(struct lk_xw_reader *reader, struct lk_span *message)
{
    *message = lk_span_of(NULL, 0);
    return reader->now->tcp ? next_frame(reader, message) : next_chunk(reader, message);
}
