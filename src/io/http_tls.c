#include "io/http_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/file_text.h"
#include "io/stream_parts.h"

enum { FILE_MAX = 65536 };

const char lk_http_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:"
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:%SAFE_RENEGOTIATION";

/* As a string. */
static char *read_file(const char *path, char error[LK_HTTP_ERROR_TEXT])
{
    char why[LK_FILE_WHY];
    struct lk_file_text file;
    bool good = lk_file_text_read(&file, path, why) && file.len > 0 && file.len < FILE_MAX;
    char *text = good ? calloc(1, FILE_MAX) : NULL;

    if (text != NULL)
        memcpy(text, file.octets, file.len);
    else
        (void)snprintf(error, LK_HTTP_ERROR_TEXT, "%.160s: cannot be read: %.60s", path,
                       why[0] != '\0' ? why : good ? "no memory" : "empty, or too long");
    lk_file_text_close(&file);
    return text;
}

enum lk_status lk_http_pem_read(struct lk_http_pem *pem, const struct lk_stream_files *files,
                                char error[LK_HTTP_ERROR_TEXT])
{
    pem->certificate = read_file(files->certificate, error);
    pem->ca = pem->certificate == NULL ? NULL : read_file(files->ca, error);
    pem->key = pem->ca == NULL ? NULL : read_file(files->key, error);
    return pem->key == NULL ? LK_E_CONFIG : LK_OK;
}

void lk_http_pem_wipe(struct lk_http_pem *pem)
{
    if (pem->key != NULL)
        lk_wipe(pem->key, FILE_MAX);
    free(pem->certificate);
    free(pem->key);
    free(pem->ca);
    *pem = (struct lk_http_pem){ NULL, NULL, NULL };
}

/* ---- who asks ---- */

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    return info == NULL ? NULL : info->tls_session;
}

/* Within the handshake. */
static int verify(gnutls_session_t session)
{
    struct lk_stream_certificate certificate;
    char subject[LK_STREAM_DETAIL];
    enum lk_stream_down why;

    if (lk_stream_certificate_of(&certificate, &why, subject, session, true) != LK_OK)
        return GNUTLS_E_CERTIFICATE_ERROR;
    lk_stream_certificate_close(&certificate);
    return 0;
}

void lk_http_tls_on_connection(void *context, struct MHD_Connection *connection, void **kept,
                               enum MHD_ConnectionNotificationCode what)
{
    gnutls_session_t session = session_of(connection);

    (void)context;
    (void)kept;
    if (what != MHD_CONNECTION_NOTIFY_STARTED || session == NULL)
        return;
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_function(session, verify);
}

/* It is verified once more, so that nothing rests on the handshake's having done it. */
bool lk_http_tls_is(struct MHD_Connection *connection, const char *name,
                    char subject[LK_STREAM_DETAIL])
{
    gnutls_session_t session = session_of(connection);
    struct lk_stream_certificate certificate;
    enum lk_stream_down why;
    bool is;

    (void)snprintf(subject, LK_STREAM_DETAIL, "no TLS");
    if (session == NULL ||
        lk_stream_certificate_of(&certificate, &why, subject, session, true) != LK_OK)
        return false;
    is = lk_stream_certificate_is(&certificate, name);
    lk_stream_certificate_close(&certificate);
    return is;
}
