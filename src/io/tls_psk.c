#include "io/tls_psk.h"

#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <uv.h>

#include "base/secret.h"

/* Forward secrecy where the client has it. */
static const char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-PSK:+PSK:-CIPHER-ALL:+AES-128-GCM:"
    "+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CBC:%SAFE_RENEGOTIATION";

enum { MS = 1000000 };

struct connection {
    const struct lk_tls_psk_setup *setup;
    uint16_t suite; /* of TLS 1.2, once it is chosen: GnuTLS does not tell it before the end */
};

/* spec: RFC 5246 7.4.1.3 - ServerHello: version (2), random (32), session id with its length,
 * suite. It is ours. */
static int on_hello(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                    const gnutls_datum_t *hello)
{
    struct connection *c = gnutls_session_get_ptr(session);
    struct lk_reader r = lk_reader_of(lk_span_of(hello->data, hello->size));

    (void)type;
    (void)when;
    (void)incoming;
    (void)lk_get_span(&r, 34);
    (void)lk_get_lv8(&r);
    c->suite = lk_get_be16(&r);
    return 0;
}

/* 0: TLS 1.3. */
static uint16_t suite_of(gnutls_session_t session, const struct connection *c)
{
    return gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3 ? 0 : c->suite;
}

/* 1: nobody's, and the library goes on with a key of random octets, so that nobody is told. */
static int on_identity(gnutls_session_t session, const gnutls_datum_t *identity,
                       gnutls_datum_t *key)
{
    const struct connection *c = gnutls_session_get_ptr(session);
    uint8_t found[LK_TLS_PSK_KEY];
    int result = 1;

    if (c->setup->find(c->setup->context, found, lk_span_of(identity->data, identity->size),
                       suite_of(session, c))) {
        key->data = gnutls_malloc(sizeof found);
        result = key->data == NULL ? -1 : 0;
        if (key->data != NULL) {
            memcpy(key->data, found, sizeof found);
            key->size = sizeof found;
        }
    }
    lk_wipe(found, sizeof found);
    return result;
}

static bool prepare(gnutls_session_t session, gnutls_psk_server_credentials_t credentials,
                    struct connection *c)
{
    const struct lk_tls_psk_setup *setup = c->setup;
    const struct timeval patience = { setup->write_ms / 1000, setup->write_ms % 1000 * 1000 };

    gnutls_psk_set_server_credentials_function2(credentials, on_identity);
    gnutls_session_set_ptr(session, c);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_SERVER_HELLO, GNUTLS_HOOK_POST,
                                       on_hello);
    gnutls_transport_set_int(session, setup->fd);
    gnutls_handshake_set_timeout(session, setup->handshake_ms);
    return setsockopt(setup->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
           gnutls_psk_set_server_credentials_hint(credentials, setup->hint) == 0 &&
           gnutls_priority_set_direct(session, priorities, NULL) == 0 &&
           gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials) == 0;
}

/* What the other end has said, and nobody reads, would make a reset of our closing, which takes
 * what we said from whoever has not read it yet. */
static void drain(const struct lk_tls_psk_setup *setup)
{
    uint8_t octets[4096];
    uint64_t now_ms = uv_hrtime() / MS, end_ms = now_ms + setup->drain_ms;

    (void)shutdown(setup->fd, SHUT_WR);
    for (; now_ms < end_ms; now_ms = uv_hrtime() / MS) {
        struct pollfd it = { .fd = setup->fd, .events = POLLIN };

        if (poll(&it, 1, (int)(end_ms - now_ms)) > 0 &&
            recv(setup->fd, octets, sizeof octets, MSG_DONTWAIT) <= 0)
            return;
    }
}

static enum lk_status speak(gnutls_session_t session, const struct connection *c,
                            char error[LK_TLS_PSK_ERROR])
{
    char text[LK_TLS_PSK_TEXT];
    const char *identity;
    ssize_t sent;
    size_t len;
    int code;

    do
        code = gnutls_handshake(session);
    while (code < 0 && gnutls_error_is_fatal(code) == 0);
    identity = code == 0 ? gnutls_psk_server_get_username(session) : NULL;
    if (identity == NULL) {
        (void)snprintf(error, LK_TLS_PSK_ERROR, "%s",
                       code == 0 ? "no pre-shared key" : gnutls_strerror(code));
        if (code < 0)
            (void)gnutls_alert_send_appropriate(session, code);
        return LK_E_MAC;
    }
    len = c->setup->answer(c->setup->context, text, lk_span_text(identity), suite_of(session, c));
    do
        sent = gnutls_record_send(session, text, len);
    while (sent == GNUTLS_E_INTERRUPTED);
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    drain(c->setup);
    if (sent == (ssize_t)len)
        return LK_OK;
    (void)snprintf(error, LK_TLS_PSK_ERROR, "%s", gnutls_strerror((int)sent));
    return LK_E_SYSTEM;
}

enum lk_status lk_tls_psk_serve(const struct lk_tls_psk_setup *setup, char error[LK_TLS_PSK_ERROR])
{
    gnutls_psk_server_credentials_t credentials = NULL;
    gnutls_session_t session = NULL;
    struct connection c = { .setup = setup };
    enum lk_status status = LK_E_SYSTEM;

    error[0] = '\0';
    if (gnutls_psk_allocate_server_credentials(&credentials) == 0 &&
        gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL) == 0 &&
        prepare(session, credentials, &c))
        status = speak(session, &c, error);
    else
        (void)snprintf(error, LK_TLS_PSK_ERROR, "no memory, or no TLS");
    if (session != NULL)
        gnutls_deinit(session);
    if (credentials != NULL)
        gnutls_psk_free_server_credentials(credentials);
    return status;
}
