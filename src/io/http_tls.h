/* TLS of an HTTP server whose clients show certificates, always: for http.c alone. */
#ifndef LK_IO_HTTP_TLS_H
#define LK_IO_HTTP_TLS_H

#include <microhttpd.h>

#include "io/file_text.h"
#include "io/http.h"
#include "io/stream_parts.h"

extern const char lk_http_priorities[];

/* Files as they are. */
struct lk_http_pem {
    struct lk_file_text certificate, key, ca;
};
/* LK_E_CONFIG: error names the file. Wipe it all the same. */
LK_MUST_CHECK enum lk_status lk_http_pem_read(struct lk_http_pem *pem,
                                              const struct lk_stream_files *files,
                                              char error[LK_HTTP_ERROR_TEXT]);
void lk_http_pem_wipe(struct lk_http_pem *pem);

/* Of a connection that begins, if it is of TLS: no certificate, or one of somebody else's CA, ends
 * its handshake. */
void lk_http_tls_begin(struct MHD_Connection *connection);
/* What a connection has shown, from its first question on: zero, as it begins, is nothing. */
struct lk_http_tls_shown {
    bool is;
    uint64_t since_ms;
    struct lk_stream_certificate certificate;
    char subject[LK_STREAM_DETAIL];
};
/* Whether it has that DNS name; subject: whose it says that it is. */
bool lk_http_tls_is(struct lk_http_tls_shown *shown, struct MHD_Connection *connection,
                    uint64_t now_ms, const char *name, char subject[LK_STREAM_DETAIL]);
void lk_http_tls_end(struct lk_http_tls_shown *shown);

#endif
