#include "io/http_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream_parts.h"

const char lk_http_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:"
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:%SAFE_RENEGOTIATION";

enum { SEEN_MS = 60000 };

static bool read_one(struct lk_file_text *text, const char *path, char error[LK_HTTP_ERROR_TEXT])
{
    char why[LK_FILE_WHY];
    bool good = lk_file_text_read(text, path, why) && text->len > 0;

    if (!good)
        (void)snprintf(error, LK_HTTP_ERROR_TEXT, "%.160s: cannot be read: %.60s", path,
                       why[0] != '\0' ? why : "empty");
    return good;
}

enum lk_status lk_http_pem_read(struct lk_http_pem *pem, const struct lk_stream_files *files,
                                char error[LK_HTTP_ERROR_TEXT])
{
    *pem = (struct lk_http_pem){ .key = { NULL, 0 } };
    return read_one(&pem->certificate, files->certificate, error) &&
                   read_one(&pem->ca, files->ca, error) && read_one(&pem->key, files->key, error)
               ? LK_OK
               : LK_E_CONFIG;
}

void lk_http_pem_wipe(struct lk_http_pem *pem)
{
    lk_file_text_close(&pem->certificate);
    lk_file_text_close(&pem->key);
    lk_file_text_close(&pem->ca);
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

void lk_http_tls_begin(struct MHD_Connection *connection)
{
    gnutls_session_t session = session_of(connection);

    if (session == NULL)
        return;
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_function(session, verify);
}

void lk_http_tls_end(struct lk_http_tls_shown *shown)
{
    if (shown->is)
        lk_stream_certificate_close(&shown->certificate);
    shown->is = false;
}

/* It is verified once more, so that nothing rests on the handshake's having done it, and again each
 * minute: it may be over meanwhile. Not with each question, which would be most of its cost. */
static bool see(struct lk_http_tls_shown *shown, struct MHD_Connection *connection,
                uint64_t now_ms)
{
    gnutls_session_t session = session_of(connection);
    enum lk_stream_down why;

    if (shown->is && now_ms - shown->since_ms < SEEN_MS)
        return true;
    lk_http_tls_end(shown);
    (void)snprintf(shown->subject, sizeof shown->subject, "no TLS");
    shown->since_ms = now_ms;
    shown->is = session != NULL && lk_stream_certificate_of(&shown->certificate, &why,
                                                            shown->subject, session, true) == LK_OK;
    return shown->is;
}

bool lk_http_tls_is(struct lk_http_tls_shown *shown, struct MHD_Connection *connection,
                    uint64_t now_ms, const char *name, char subject[LK_STREAM_DETAIL])
{
    bool is = see(shown, connection, now_ms) &&
              lk_stream_certificate_has_dns(&shown->certificate, name);

    memcpy(subject, shown->subject, sizeof shown->subject);
    return is;
}
