#include "trace/mis_read.h"

#include <string.h>

#include "base/secret.h"

enum { LENGTH_AT = 6 };

const struct lk_mis_codes *lk_mis_seen_codes = &lk_mis_codes_default;

void lk_mis_reader_init(struct lk_mis_reader *reader)
{
    memset(reader, 0, sizeof *reader);
}

bool lk_mis_is_message(struct lk_span octets)
{
    struct lk_mis_pdu pdu;

    return lk_mis_decode(&pdu, octets, lk_mis_seen_codes) == LK_OK &&
           lk_mis_action_of(pdu.header.id, lk_mis_seen_codes) != LK_MIS_ACTION_COUNT;
}

/* A message that the stream begins with. */
static bool begins_with_message(struct lk_span octets)
{
    size_t len;

    if (octets.len < LK_MIS_HEADER_LEN)
        return false;
    len = LK_MIS_HEADER_LEN + ((size_t)octets.at[LENGTH_AT] << 8 | octets.at[LENGTH_AT + 1]);
    return len <= octets.len && lk_mis_is_message(lk_span_of(octets.at, len));
}

bool lk_mis_read(struct lk_mis_reader *reader, const struct lk_datagram *segment)
{
    bool known, anew;

    if (segment->carrier != LK_CARRIER_TCP)
        return false;
    known = lk_flow_find(reader->flow, LK_MIS_READ_FLOWS, segment) < LK_MIS_READ_FLOWS;
    if (!known && segment->from.port != LK_MIS_PORT && segment->to.port != LK_MIS_PORT &&
        !begins_with_message(segment->payload))
        return false;
    reader->now = lk_flow_take(reader->flow, LK_MIS_READ_FLOWS, &anew, segment);
    if (anew)
        lk_wipe(&reader->state[reader->now], sizeof reader->state[0]);
    reader->left = lk_segments_take(&reader->state[reader->now].stream, &anew, segment);
    if (anew)
        lk_mis_framer_wipe(&reader->state[reader->now].framer);
    return true;
}

enum lk_status lk_mis_read_next(struct lk_mis_reader *reader, struct lk_span *message)
{
    enum lk_status status = LK_E_SHORT;

    *message = lk_span_of(NULL, 0);
    if (reader->left.len > 0)
        status = lk_mis_framer_next(&reader->state[reader->now].framer, message, &reader->left);
    if (status == LK_OK)
        return LK_OK;
    if (status == LK_E_LENGTH)
        reader->state[reader->now].stream.lost = true;
    reader->left = lk_span_of(NULL, 0);
    return LK_E_NOT_FOUND;
}
