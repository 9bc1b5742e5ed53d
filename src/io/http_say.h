/* Requests and replies of the HTTP server (io/http), said once more as text for who looks. */
#ifndef LK_IO_HTTP_SAY_H
#define LK_IO_HTTP_SAY_H

#include <microhttpd.h>

#include "io/http.h"

void lk_http_say_request(const struct lk_http_watch *to, struct MHD_Connection *connection,
                         const char *method, const char *target, struct lk_span body);
void lk_http_say_reply(const struct lk_http_watch *to, struct MHD_Connection *connection,
                       const struct lk_http_reply *reply);

#endif
