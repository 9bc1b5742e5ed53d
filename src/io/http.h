/* The HTTP side of a daemon: small answers to small requests, on the daemon's own loop, without
 * threads.
 *
 * libmicrohttpd runs on an epoll descriptor that hangs on the libuv loop. A handler may answer at
 * once or keep the request and answer later. */
#ifndef LK_IO_HTTP_H
#define LK_IO_HTTP_H

#include <stddef.h>
#include <uv.h>

#include "base/address.h"
#include "io/http_watch.h"
#include "io/stream.h"

enum {
    LK_HTTP_CONNECTIONS = 64,
    LK_HTTP_PATH = 256,
    LK_HTTP_ERROR_TEXT = 256,
};

struct lk_http;
struct lk_http_request;

/* path: without the query, terminated. It is called by the loop, never within lk_http_answer. */
typedef void lk_http_handler(void *context, struct lk_http_request *request, const char *path);

struct lk_http_setup {
    uv_loop_t *loop;
    int fd; /* listens; it is closed at the end */
    /* At once: of all, and of one IPv4 address or IPv6 /64; 0: as many of one as there are. Who has
     * not asked wholly after LK_HTTP_ASK_MS is closed, and gives way before it. */
    unsigned connections, connections_a_source;
    size_t body_max; /* of a POST; 0: GET and HEAD alone */
    const struct lk_stream_files *tls; /* over TLS, certificates at both ends; NULL: in clear */
    lk_http_handler *handler;
    void *context;
    /* Over TLS: one ended before it asked anything: a handshake that failed, or somebody who looks
     * what is here. NULL: nobody is told. */
    void (*on_stranger)(void *context, const struct lk_address *from);
    struct lk_http_watch watch; /* on_message NULL: nobody looks */
};
/* LK_E_SYSTEM, LK_E_CONFIG: error says why, and fd is closed. No file is opened later. */
LK_MUST_CHECK enum lk_status lk_http_serve(struct lk_http **http, const struct lk_http_setup *setup,
                                           char error[LK_HTTP_ERROR_TEXT]);
/* The same for GET, listening on address and port. */
LK_MUST_CHECK enum lk_status lk_http_start(struct lk_http **http, uv_loop_t *loop,
                                           const struct lk_address *address, uint16_t port,
                                           lk_http_handler *handler, void *context,
                                           char error[LK_HTTP_ERROR_TEXT]);
/* Answers a request, once; text is copied. The request is not to be used afterwards. */
void lk_http_answer(struct lk_http_request *request, unsigned status, const char *type,
                    struct lk_span text);

/* ---- what is asked: good until it is answered ---- */

const char *lk_http_method(const struct lk_http_request *request);
/* As in the request line, with the query. */
const char *lk_http_target(const struct lk_http_request *request);
/* Empty: it is not there. */
struct lk_span lk_http_header(const struct lk_http_request *request, const char *name);
struct lk_span lk_http_body(const struct lk_http_request *request);
/* Who asks. */
struct lk_address lk_http_from(const struct lk_http_request *request);
/* Over TLS: whether the certificate of who asks has that DNS name (lk_stream_certificate_has_dns).
 * subject: whose it says that it is. */
bool lk_http_is_from(const struct lk_http_request *request, const char *name,
                     char subject[LK_STREAM_DETAIL]);

/* A time as HTTP has it, terminated: "Sat, 21 Nov 2026 21:30:00 GMT". */
enum { LK_HTTP_DATE_TEXT = 30 };
void lk_http_date(char text[LK_HTTP_DATE_TEXT], uint64_t seconds);

struct lk_http_field {
    const char *name, *value;
};
struct lk_http_reply {
    unsigned status;
    const char *type; /* NULL: no body */
    struct lk_span text;
    const struct lk_http_field *fields;
    size_t field_count;
};
/* As lk_http_answer, with header fields. */
void lk_http_reply(struct lk_http_request *request, const struct lk_http_reply *reply);

/* Every request that was kept must have been answered. The loop must run once more. */
void lk_http_stop(struct lk_http *http);

#endif
