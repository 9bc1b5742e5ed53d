/* Who looks at messages of HTTP that go in clear, at either end: for captures. */
#ifndef LK_IO_HTTP_WATCH_H
#define LK_IO_HTTP_WATCH_H

#include "base/octets.h"
#include "io/peer.h"

enum { LK_HTTP_WATCHED_MAX = 16384 };

struct lk_http_watch {
    void *context;
    /* A whole message. A client tells the octets of the wire; a server what they say, with its own
     * order of fields, for its library does not give them out. */
    void (*on_message)(void *context, const struct lk_peer *from, const struct lk_peer *to,
                       struct lk_span message);
};

#endif
