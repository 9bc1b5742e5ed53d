/* TLS-PSK with keys of GBA in a server of GnuTLS, 3.6 and later:
 *
 *     gnutls_psk_set_server_credentials_function2(credentials, lk_naf_gnutls_psk);
 *     gnutls_psk_set_server_credentials_hint(credentials, LK_NAF_PSK_HINT);
 *
 *     struct lk_naf_gnutls peer = { .naf = naf };               for each session, as long as it
 *     lk_naf_gnutls_use(session, &peer);
 *
 * and after the handshake, for who it is: lk_naf_gnutls_user(session, &user). The session's pointer
 * is &peer from then on, and its hook of SERVER_HELLO is taken: GnuTLS itself does not tell the
 * suite while the key is looked for.
 *
 * A lookup blocks as lk_naf_psk does; with never_wait a key that is not here yet is as if it were
 * nobody's. Nobody's identity gets a key of random octets, so that the handshake ends as with a
 * wrong one. */
#ifndef LK_LATCHKEY_NAF_GNUTLS_H
#define LK_LATCHKEY_NAF_GNUTLS_H

#include <gnutls/gnutls.h>
#include <string.h>

#include "latchkey/naf.h"

struct lk_naf_gnutls {
    struct lk_naf *naf;
    uint16_t suite; /* of TLS 1.2, once we have chosen it */
};

/* We say SERVER_HELLO: version (2), random (32), session id with its length, suite. */
static inline int lk_naf_gnutls_hello(gnutls_session_t session, unsigned type, unsigned when,
                                      unsigned incoming, const gnutls_datum_t *hello)
{
    struct lk_naf_gnutls *peer = (struct lk_naf_gnutls *)gnutls_session_get_ptr(session);
    size_t at = hello->size > 34 ? 35u + hello->data[34] : 0;

    (void)type;
    (void)when;
    if (incoming == 0 && at > 0 && at + 1 < hello->size)
        peer->suite = (uint16_t)(hello->data[at] << 8 | hello->data[at + 1]);
    return 0;
}

static inline void lk_naf_gnutls_use(gnutls_session_t session, struct lk_naf_gnutls *peer)
{
    gnutls_session_set_ptr(session, peer);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_SERVER_HELLO, GNUTLS_HOOK_POST,
                                       lk_naf_gnutls_hello);
}

static inline uint16_t lk_naf_gnutls_suite(gnutls_session_t session,
                                           const struct lk_naf_gnutls *peer)
{
    return gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3 ? 0 : peer->suite;
}

/* 0, 1 for nobody, below 0 for no memory. */
static inline int lk_naf_gnutls_psk(gnutls_session_t session, const gnutls_datum_t *identity,
                                    gnutls_datum_t *key)
{
    struct lk_naf_gnutls *peer = (struct lk_naf_gnutls *)gnutls_session_get_ptr(session);
    unsigned char found[LK_NAF_KEY];
    int result = 1;

    if (lk_naf_psk(peer->naf, found, NULL, NULL, (const char *)identity->data, identity->size,
                   lk_naf_gnutls_suite(session, peer)) == LK_NAF_GRANTED) {
        key->data = (unsigned char *)gnutls_malloc(sizeof found);
        result = key->data == NULL ? -1 : 0;
        if (key->data != NULL) {
            memcpy(key->data, found, sizeof found);
            key->size = sizeof found;
        }
    }
    gnutls_memset(found, 0, sizeof found);
    return result;
}

static inline int lk_naf_gnutls_user(gnutls_session_t session, struct lk_naf_user *user)
{
    struct lk_naf_gnutls *peer = (struct lk_naf_gnutls *)gnutls_session_get_ptr(session);
    const char *identity = gnutls_psk_server_get_username(session);
    unsigned char key[LK_NAF_KEY];
    int fine = identity != NULL &&
               lk_naf_psk(peer->naf, key, user, NULL, identity, strlen(identity),
                          lk_naf_gnutls_suite(session, peer)) == LK_NAF_GRANTED;

    gnutls_memset(key, 0, sizeof key);
    return fine;
}

#endif
