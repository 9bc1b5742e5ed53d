/* Messages of MIS out of segments of TCP, framed by the length in their header (RFC 5677 5). A flow
 * is of MIS by its port, or because it begins with a whole message: nothing else is made so, with
 * two identifiers behind lengths that all agree. Pure; the caller has the memory. */
#ifndef LK_TRACE_MIS_READ_H
#define LK_TRACE_MIS_READ_H

#include "trace/segments.h"
#include "wire/mis_framer.h"

enum { LK_MIS_READ_FLOWS = 16 };

/* The numbers that both ends have: the default ones, unless others are set before anything is
 * looked at. No capture tells them, and so a process has one set. */
extern const struct lk_mis_codes *lk_mis_seen_codes;

struct lk_mis_reader {
    struct lk_flow flow[LK_MIS_READ_FLOWS];
    struct {
        struct lk_segments stream;
        struct lk_mis_framer framer;
    } state[LK_MIS_READ_FLOWS];
    size_t now; /* of the segment that is being read */
    struct lk_span left;
};

void lk_mis_reader_init(struct lk_mis_reader *reader);
/* What is in it may hold keys. */
/* A datagram of UDP is a message of MIS by its octets: whole, with nothing behind it. */
bool lk_mis_is_message(struct lk_span octets);
/* False: it is no segment of MIS. Else lk_mis_read_next tells the messages that it completes. */
bool lk_mis_read(struct lk_mis_reader *reader, const struct lk_datagram *segment);
/* A message, good until the next call; LK_E_NOT_FOUND: no more. */
LK_MUST_CHECK enum lk_status lk_mis_read_next(struct lk_mis_reader *reader,
                                              struct lk_span *message);

#endif
