/* TLS-PSK with keys of GBA in a server of OpenSSL, 1.1.1 and later. After SSL_CTX_new:
 *
 *     lk_naf_openssl_use(ctx, naf);
 *
 * and after the handshake, for who it is:
 *
 *     struct lk_naf_user user;
 *     if (lk_naf_openssl_user(ssl, naf, &user)) ...
 *
 * The SSL_CTX's app data is naf from then on. A lookup blocks as lk_naf_psk does; with never_wait a
 * key that is not here yet is as if it were nobody's. Nobody's identity gets a key of random
 * octets, so that the handshake ends as with a wrong one. */
#ifndef LK_LATCHKEY_NAF_OPENSSL_H
#define LK_LATCHKEY_NAF_OPENSSL_H

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

#include "latchkey/naf.h"

/* 0: TLS 1.3. */
static inline uint16_t lk_naf_openssl_suite(SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_pending_cipher(ssl);

    if (SSL_version(ssl) >= TLS1_3_VERSION)
        return 0;
    if (cipher == NULL)
        cipher = SSL_get_current_cipher(ssl);
    return cipher == NULL ? 0 : SSL_CIPHER_get_protocol_id(cipher);
}

static inline int lk_naf_openssl_key(SSL *ssl, unsigned char key[LK_NAF_KEY], const char *identity,
                                     size_t len, uint16_t suite)
{
    struct lk_naf *naf = (struct lk_naf *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    return lk_naf_psk(naf, key, NULL, NULL, identity, len, suite) == LK_NAF_GRANTED ||
           RAND_bytes(key, LK_NAF_KEY) == 1;
}

/* TLS 1.2 and older. */
static inline unsigned lk_naf_openssl_psk(SSL *ssl, const char *identity, unsigned char *psk,
                                          unsigned room)
{
    uint16_t suite = lk_naf_openssl_suite(ssl);

    if (room < LK_NAF_KEY || identity == NULL || suite == 0 ||
        !lk_naf_openssl_key(ssl, psk, identity, strlen(identity), suite))
        return 0;
    return LK_NAF_KEY;
}

/* TLS 1.3. A pre-shared key without a hash of its own goes with SHA-256. */
static inline int lk_naf_openssl_session(SSL *ssl, const unsigned char *identity, size_t len,
                                         SSL_SESSION **session)
{
    static const unsigned char aes_128_gcm_sha256[] = { 0x13, 0x01 };
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    unsigned char key[LK_NAF_KEY];
    struct lk_naf_question question;
    SSL_SESSION *made;
    int fine;

    *session = NULL;
    if (!lk_naf_psk_question(&question, (const char *)identity, len, 0))
        return 1; /* a ticket, perhaps */
    made = SSL_SESSION_new();
    fine = made != NULL && cipher != NULL &&
           lk_naf_openssl_key(ssl, key, (const char *)identity, len, 0) &&
           SSL_SESSION_set1_master_key(made, key, sizeof key) &&
           SSL_SESSION_set_cipher(made, cipher) &&
           SSL_SESSION_set1_ticket_appdata(made, identity, len) &&
           SSL_SESSION_set_protocol_version(made, TLS1_3_VERSION);
    OPENSSL_cleanse(key, sizeof key);
    if (fine)
        *session = made;
    else
        SSL_SESSION_free(made);
    return fine;
}

/* Tickets are off: who comes again shows the key again, so that it is over when it is over. */
static inline void lk_naf_openssl_use(SSL_CTX *ctx, struct lk_naf *naf)
{
    SSL_CTX_set_app_data(ctx, naf);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_use_psk_identity_hint(ctx, LK_NAF_PSK_HINT);
    SSL_CTX_set_psk_server_callback(ctx, lk_naf_openssl_psk);
    SSL_CTX_set_psk_find_session_callback(ctx, lk_naf_openssl_session);
}

/* Who shook hands with us. Where a session's identity is depends on the version of TLS. */
static inline int lk_naf_openssl_user(SSL *ssl, struct lk_naf *naf, struct lk_naf_user *user)
{
    const char *identity = SSL_get_psk_identity(ssl);
    size_t len = identity == NULL ? 0 : strlen(identity);
    unsigned char key[LK_NAF_KEY];
    void *kept = NULL;
    int fine;

    if (SSL_version(ssl) >= TLS1_3_VERSION) {
        if (!SSL_session_reused(ssl) ||
            !SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &kept, &len))
            return 0;
        identity = (const char *)kept;
    }
    fine = identity != NULL && lk_naf_psk(naf, key, user, NULL, identity, len,
                                          lk_naf_openssl_suite(ssl)) == LK_NAF_GRANTED;
    OPENSSL_cleanse(key, sizeof key);
    return fine;
}

#endif
