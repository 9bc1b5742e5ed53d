/* The octets of requests without a body and their answers, as libcurl tells them (io/fetch). */
#ifndef LK_IO_FETCH_WATCH_H
#define LK_IO_FETCH_WATCH_H

#include <curl/curl.h>

#include "io/http_watch.h"

struct lk_fetch_watch {
    struct lk_http_watch to; /* on_message NULL: nobody looks */
    CURL *easy;
    bool out, lost;          /* what is gathered goes out; there was more than there is room for */
    size_t len;
    char octets[LK_HTTP_WATCHED_MAX];
};

/* False: no memory. */
LK_MUST_CHECK bool lk_fetch_watch_begin(struct lk_fetch_watch *watch, CURL *easy,
                                        const struct lk_http_watch *to);
/* What has been gathered goes on; the handle is good until then. */
void lk_fetch_watch_end(struct lk_fetch_watch *watch);

#endif
