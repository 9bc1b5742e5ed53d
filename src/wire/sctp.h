/* SCTP (RFC 9260) as captures need it: which user data a packet has. Who speaks it is usrsctp. */
#ifndef LK_WIRE_SCTP_H
#define LK_WIRE_SCTP_H

#include "base/octets.h"

enum { LK_SCTP_HEADER_LEN = 12, LK_SCTP_CHECKSUM_AT = 8 };

/* Walks the chunks of a packet. */
struct lk_sctp {
    uint16_t from_port, to_port;
    uint32_t tag;
    struct lk_reader left;
};
LK_MUST_CHECK enum lk_status lk_sctp_decode(struct lk_sctp *packet, struct lk_span octets);

struct lk_sctp_data {
    bool begins, ends, unordered; /* of a message: its first piece, its last */
    uint32_t tsn;
    uint16_t stream;
    uint32_t ppid;
    struct lk_span octets; /* a view */
};
/* The next DATA chunk; others are passed over. LK_E_NOT_FOUND: there is none any more; LK_E_SHORT,
 * LK_E_LENGTH: a chunk that cannot be. */
LK_MUST_CHECK enum lk_status lk_sctp_next(struct lk_sctp_data *data, struct lk_sctp *packet);

/* What stands in a packet's checksum, least octet first, with the field itself as zeroes. */
uint32_t lk_sctp_checksum(struct lk_span packet);

#endif
