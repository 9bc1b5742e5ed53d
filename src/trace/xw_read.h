/* Messages of Xw out of what carries them: SCTP in UDP (RFC 6951), and TCP with the frame of
 * wire/xwap_framer. What came in pieces is joined, within bounds; what lacks a piece is not told.
 * Pure; the caller has the memory. */
#ifndef LK_TRACE_XW_READ_H
#define LK_TRACE_XW_READ_H

#include "trace/segments.h"
#include "wire/sctp.h"
#include "wire/xwap_framer.h"

enum {
    LK_XW_READ_SCTP = 9899, /* the port of UDP that needs no other sign */
    LK_XW_READ_FLOWS = 16,  /* the oldest makes room */
};

/* What has begun of a message, of one direction between two ends. */
struct lk_xw_state {
    struct lk_segments stream; /* TCP */
    uint32_t next; /* SCTP: the TSN that comes next */
    size_t len;    /* SCTP: of the message that has begun; 0: none */
    union {
        uint8_t octets[LK_XWAP_MAX];
        struct lk_xwap_framer framer;
    };
};

struct lk_xw_reader {
    struct lk_flow flow[LK_XW_READ_FLOWS];
    struct lk_xw_state state[LK_XW_READ_FLOWS];
    /* of the datagram that is being read */
    bool tcp;
    struct lk_xw_state *now;
    struct lk_sctp sctp;
    struct lk_span left;
};

void lk_xw_reader_init(struct lk_xw_reader *reader);
/* What is in it may hold keys. */
void lk_xw_reader_wipe(struct lk_xw_reader *reader);
/* False: it is nothing of Xw. Else lk_xw_read_next tells the messages that it completes. */
bool lk_xw_read(struct lk_xw_reader *reader, const struct lk_datagram *datagram);
/* A message, good until the next call; LK_E_NOT_FOUND: no more. */
LK_MUST_CHECK enum lk_status lk_xw_read_next(struct lk_xw_reader *reader, struct lk_span *message);

#endif
