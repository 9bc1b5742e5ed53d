/* A key that the server drew itself, on its way to an application by whatever way there is, the
 * operator's included: one message of Noise_Kpsk0, from the server's key to the application's. Only
 * the application opens it, and knows that the server made it. Unlike a session it has no ephemeral
 * key of the application's: whoever takes that one's key later opens what was recorded. */
#ifndef LK_PROTO_E2E_PARCEL_H
#define LK_PROTO_E2E_PARCEL_H

#include "keys/e2e.h"
#include "proto/e2e/noise.h"
#include "wire/e2e.h"

enum { LK_E2E_PARCEL_KEY_MAX = 64 };

/* Secret. */
struct lk_e2e_parcel {
    uint64_t created_ms; /* a newer one replaces an older one, never the other way round */
    uint8_t key[LK_E2E_PARCEL_KEY_MAX];
    size_t key_len; /* at least 1 */
};

/* Begins; then lk_e2e_noise_go until it is done, and noise->out is the message, or the payload.
 * hello: names, and WITH_N and WITH_P of flags. e is NULL for the application. */
LK_MUST_CHECK enum lk_status lk_e2e_parcel_wrap(struct lk_noise *noise,
                                                const struct lk_e2e_hello *hello,
                                                const struct lk_noise_point *e,
                                                const struct lk_noise_point *server,
                                                const struct lk_noise_point *client,
                                                const struct lk_e2e_parcel *parcel);
/* hello as decoded; its names are to be compared with our own beforehand. */
LK_MUST_CHECK enum lk_status lk_e2e_parcel_unwrap(struct lk_noise *noise,
                                                  const struct lk_e2e_hello *hello,
                                                  const struct lk_noise_point *server,
                                                  const struct lk_noise_point *client);
LK_MUST_CHECK enum lk_status lk_e2e_parcel_decode(struct lk_e2e_parcel *parcel,
                                                  struct lk_span octets);

#endif
