/* The HTTP side of a daemon: small answers to GET, on the daemon's own loop, without threads.
 *
 * libmicrohttpd runs on an epoll descriptor that hangs on the libuv loop. A handler may answer at
 * once or keep the request and answer later. */
#ifndef LK_IO_HTTP_H
#define LK_IO_HTTP_H

#include <stddef.h>
#include <uv.h>

#include "base/address.h"

enum {
    LK_HTTP_CONNECTIONS = 64,
    LK_HTTP_TIMEOUT_S = 10,
    LK_HTTP_PATH = 256,
    LK_HTTP_ERROR_TEXT = 256,
};

struct lk_http;
struct lk_http_request;

/* path: without the query, terminated. */
typedef void lk_http_handler(void *context, struct lk_http_request *request, const char *path);

/* Listens on address and port. LK_E_SYSTEM: error says why. */
LK_MUST_CHECK enum lk_status lk_http_start(struct lk_http **http, uv_loop_t *loop,
                                           const struct lk_address *address, uint16_t port,
                                           lk_http_handler *handler, void *context,
                                           char error[LK_HTTP_ERROR_TEXT]);
/* Answers a request, once; text is copied. The request is not to be used afterwards. */
void lk_http_answer(struct lk_http_request *request, unsigned status, const char *type,
                    struct lk_span text);
/* Every request that was kept must have been answered. The loop must run once more. */
void lk_http_stop(struct lk_http *http);

#endif
