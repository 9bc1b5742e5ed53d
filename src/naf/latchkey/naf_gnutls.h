/* TLS-PSK with keys of GBA in a server of GnuTLS, 3.6 and later:
 *
 *     gnutls_psk_set_server_credentials_function2(credentials, lk_naf_gnutls_psk);
 *     gnutls_psk_set_server_credentials_hint(credentials, LK_NAF_PSK_HINT);
 *     gnutls_session_set_ptr(session, naf);                     for each session
 *
 * and after the handshake, for who it is: lk_naf_gnutls_user(session, naf, &user). A server whose
 * session pointer is something else calls lk_naf_gnutls_find in a function of its own.
 *
 * A lookup blocks as lk_naf_psk does; with never_wait a key that is not here yet is as if it were
 * nobody's. Nobody's identity gets a key of random octets, so that the handshake ends as with a
 * wrong one. */
#ifndef LK_LATCHKEY_NAF_GNUTLS_H
#define LK_LATCHKEY_NAF_GNUTLS_H

#include <gnutls/gnutls.h>
#include <string.h>

#include "latchkey/naf.h"

/* 0: TLS 1.3, or unknown. */
static inline uint16_t lk_naf_gnutls_suite(gnutls_session_t session)
{
    const char *name;
    unsigned char id[2];
    gnutls_kx_algorithm_t kx;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;

    if (gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3)
        return 0;
    for (size_t i = 0; (name = gnutls_cipher_suite_info(i, id, &kx, &cipher, &mac, NULL)) != NULL;
         i++)
        if (kx == gnutls_kx_get(session) && cipher == gnutls_cipher_get(session) &&
            mac == gnutls_mac_get(session))
            return (uint16_t)(id[0] << 8 | id[1]);
    return 0;
}

/* As a callback answers: 0, 1 for nobody, below 0 for no memory. */
static inline int lk_naf_gnutls_find(struct lk_naf *naf, gnutls_session_t session,
                                     const gnutls_datum_t *identity, gnutls_datum_t *key)
{
    unsigned char found[LK_NAF_KEY];
    int result = 1;

    if (lk_naf_psk(naf, found, NULL, NULL, (const char *)identity->data, identity->size,
                   lk_naf_gnutls_suite(session)) == LK_NAF_GRANTED) {
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

static inline int lk_naf_gnutls_psk(gnutls_session_t session, const gnutls_datum_t *identity,
                                    gnutls_datum_t *key)
{
    return lk_naf_gnutls_find((struct lk_naf *)gnutls_session_get_ptr(session), session, identity,
                              key);
}

static inline int lk_naf_gnutls_user(gnutls_session_t session, struct lk_naf *naf,
                                     struct lk_naf_user *user)
{
    const char *identity = gnutls_psk_server_get_username(session);
    unsigned char key[LK_NAF_KEY];
    int fine = identity != NULL &&
               lk_naf_psk(naf, key, user, NULL, identity, strlen(identity),
                          lk_naf_gnutls_suite(session)) == LK_NAF_GRANTED;

    gnutls_memset(key, 0, sizeof key);
    return fine;
}

#endif
