/* A DTLS 1.2 client with TLS_PSK_WITH_AES_128_GCM_SHA256, in a few hundred octets of state and just
 * the arithmetic of the protocol, so that a generator costs less than any server. No timers, no
 * fragments: the caller puts the datagrams on their way and sees to it that none is lost. */
#ifndef LK_BENCH_DTLS_CLIENT_H
#define LK_BENCH_DTLS_CLIENT_H

#include <nettle/gcm.h>

#include "crypto/crypto.h"
#include "io/entropy.h"
#include "wire/dtls.h"

enum {
    DTLS_SALT_LEN = 4,
    DTLS_EXPLICIT_LEN = 8,
    DTLS_VERIFY_LEN = 12,
    DTLS_MASTER_LEN = 48,
    DTLS_PSK_MAX = 64,
    DTLS_AES_KEY_LEN = 16,
    DTLS_OVERHEAD = LK_DTLS_RECORD_HEADER_LEN + DTLS_EXPLICIT_LEN + LK_GCM_TAG_LEN,
};

/* What a session keeps of it all. */
struct dtls_keys {
    uint8_t client[DTLS_AES_KEY_LEN], server[DTLS_AES_KEY_LEN];
    uint8_t client_salt[DTLS_SALT_LEN], server_salt[DTLS_SALT_LEN];
    uint64_t records; /* sent under them so far */
};

enum dtls_awaits { DTLS_IDLE, DTLS_COOKIE, DTLS_FLIGHT, DTLS_PROOF, DTLS_UP };

struct dtls_client {
    enum dtls_awaits awaits;
    bool check; /* open the server's Finished, and compare */
    struct lk_span psk, identity; /* the caller's */
    uint16_t messages; /* sent so far */
    uint8_t random[LK_DTLS_RANDOM_LEN], server_random[LK_DTLS_RANDOM_LEN];
    struct lk_running_hash transcript;
    struct dtls_keys keys;
    struct gcm_aes128_ctx seal, open; /* of keys */
    uint8_t master[DTLS_MASTER_LEN], server_verify[DTLS_VERIFY_LEN];
};

/* Puts a ClientHello. */
void dtls_client_begin(struct dtls_client *c, struct lk_writer *w, struct lk_entropy *entropy);
/* One record of the server while the client is not up; puts what is to be said. False: the server
 * has not proven itself. */
bool dtls_client_record(struct dtls_client *c, struct lk_writer *w,
                        const struct lk_dtls_record *record);
/* One that is up, under keys that were kept. */
void dtls_client_resume(struct dtls_client *c, const struct dtls_keys *keys);
/* Puts a record under the keys. */
void dtls_client_seal(struct dtls_client *c, struct lk_writer *w, uint8_t type,
                      struct lk_span plain);
/* What is in a record under the keys; room: as long as the record. Empty: not genuine. */
struct lk_span dtls_client_open(struct dtls_client *c, uint8_t *room,
                                const struct lk_dtls_record *record);

#endif
