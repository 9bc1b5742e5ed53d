/* TLS of an HTTP server whose clients show certificates, always: for http.c alone. */
#ifndef LK_IO_HTTP_TLS_H
#define LK_IO_HTTP_TLS_H

#include <microhttpd.h>

#include "io/http.h"

extern const char lk_http_priorities[];

/* Files as they are, terminated. */
struct lk_http_pem {
    char *certificate, *key, *ca;
};
/* LK_E_CONFIG: error names the file. */
LK_MUST_CHECK enum lk_status lk_http_pem_read(struct lk_http_pem *pem,
                                              const struct lk_stream_files *files,
                                              char error[LK_HTTP_ERROR_TEXT]);
void lk_http_pem_wipe(struct lk_http_pem *pem);

/* Of a connection that begins: no certificate, or one of somebody else's CA, ends its handshake. */
void lk_http_tls_on_connection(void *context, struct MHD_Connection *connection, void **kept,
                               enum MHD_ConnectionNotificationCode what);
/* Whether what it showed has that name; subject: whose it says that it is. */
bool lk_http_tls_is(struct MHD_Connection *connection, const char *name,
                    char subject[LK_STREAM_DETAIL]);

#endif
