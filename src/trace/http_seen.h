/* One message of HTTP/1.1 in clear, as it was on the wire: its first line, its fields, its body.
 * For readers of captures; pure. */
#ifndef LK_TRACE_HTTP_SEEN_H
#define LK_TRACE_HTTP_SEEN_H

#include "base/octets.h"

/* Spans look into the message. */
struct lk_http_seen {
    bool request;
    struct lk_span method, target; /* of a request */
    uint16_t status;               /* of an answer */
    struct lk_span fields, body;
};

/* LK_E_SHORT: the head has no end; LK_E_VALUE: it is no HTTP/1. */
LK_MUST_CHECK enum lk_status lk_http_seen_read(struct lk_http_seen *seen, struct lk_span message);
/* The value of the first field of that name, in either case of letters; empty: there is none. */
struct lk_span lk_http_seen_field(const struct lk_http_seen *seen, const char *name);

#endif
