/* A client of HTTP on the daemon's own loop, without threads of its own: libcurl's multi interface
 * (decision 0023). One request at a time; no redirect, proxy, cookie or password is followed, used
 * or kept. What went by is wiped. */
#ifndef LK_IO_FETCH_H
#define LK_IO_FETCH_H

#include <uv.h>

#include "base/octets.h"
#include "io/http_watch.h"
#include "io/stream.h"

enum { LK_FETCH_BODY_MAX = 8192, LK_FETCH_HEADER_MAX = 2048, LK_FETCH_HEADERS = 2 };

struct lk_fetch_request {
    const char *url;
    const char *address; /* where the host of url is; NULL: DNS knows */
    const char *type;    /* of body, which is posted; NULL: GET */
    struct lk_span body; /* good until done is told */
    /* For https: files that are read at each connection. That CA is trusted and no other, and the
     * host of url has to be a name of the server's certificate. NULL: the system's CAs. */
    const struct lk_stream_files *tls;
    const char *host;          /* of the header; NULL: that of url */
    const char *agent;         /* User-Agent */
    const char *authorization; /* NULL: none */
    struct lk_http_watch watch; /* of a GET in clear; on_message NULL: nobody looks */
    const char *wanted[LK_FETCH_HEADERS]; /* names of headers that are told of; NULL: no more */
    unsigned timeout_ms;
};

struct lk_fetched {
    unsigned status;   /* of HTTP; 0: there is no answer that is of use */
    const char *error; /* then: why */
    struct lk_span header[LK_FETCH_HEADERS]; /* of wanted; empty: it is not there */
    struct lk_span body;
};

/* Never inside lk_fetch_begin. What it is told of is good until it returns; it may begin
 * another. */
typedef void lk_fetch_done(void *context, const struct lk_fetched *fetched);

struct lk_fetch;
/* NULL: no memory. */
struct lk_fetch *lk_fetch_new(uv_loop_t *loop, lk_fetch_done *done, void *context);
/* LK_E_EXISTS: one is under way. LK_E_SYSTEM: no memory, or no URL. */
LK_MUST_CHECK enum lk_status lk_fetch_begin(struct lk_fetch *fetch,
                                            const struct lk_fetch_request *request);
/* Without a word more, and not from within done. Turn the loop once more after it. */
void lk_fetch_free(struct lk_fetch *fetch);

#endif
