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

/* That of the datagram's ends. */
static struct lk_xw_state *state_of(struct lk_xw_reader *reader, const struct lk_datagram *datagram)
{
    bool anew;
    size_t place = lk_flow_take(reader->flow, LK_XW_READ_FLOWS, &anew, datagram);

    if (anew)
        lk_wipe(&reader->state[place], sizeof reader->state[place]);
    return &reader->state[place];
}

/* ---- TCP ---- */

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
        reader->now->stream.lost = true;
    reader->left = lk_span_of(NULL, 0);
    return LK_E_NOT_FOUND;
}

/* ---- SCTP ---- */

/* Joins a piece. True: the message is whole. */
static bool join(struct lk_xw_state *flow, struct lk_span *message, const struct lk_sctp_data *data)
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
    bool anew;

    reader->tcp = datagram->carrier == LK_CARRIER_TCP;
    if (reader->tcp) {
        if (datagram->from.port != LK_XWAP_PORT && datagram->to.port != LK_XWAP_PORT)
            return false;
        reader->now = state_of(reader, datagram);
        reader->left = lk_segments_take(&reader->now->stream, &anew, datagram);
        if (anew)
            lk_xwap_framer_wipe(&reader->now->framer);
        return true;
    }
    if (!is_sctp(&reader->sctp, datagram))
        return false;
    reader->now = state_of(reader, datagram);
    return true;
}

enum lk_status lk_xw_read_next(struct lk_xw_reader *reader, struct lk_span *message)
{
    *message = lk_span_of(NULL, 0);
    return reader->tcp ? next_frame(reader, message) : next_chunk(reader, message);
}
