#include "proto/e2e/parcel.h"

#include <string.h>

#include "base/secret.h"

/* A19: a parcel from a key to itself is of nobody. */
static enum lk_status start(struct lk_noise *noise, bool wraps, const struct lk_e2e_hello *hello,
                            const struct lk_noise_point *e, const struct lk_noise_point *server,
                            const struct lk_noise_point *client)
{
    uint8_t prologue[32 + LK_E2E_OFFER_MAX];
    struct lk_writer w = lk_writer_of(prologue, sizeof prologue);

    if (lk_same_secret(server, client, sizeof *server))
        return LK_E_DENIED;
    lk_put_span(&w, lk_span_text("latchkey-e2e-parcel-1"));
    lk_e2e_offer_encode(&w, hello);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_noise_start(noise, LK_NOISE_KPSK0, wraps, lk_writer_span(&w), e, wraps ? server : client,
                   wraps ? client : server);
    return LK_OK;
}

enum lk_status lk_e2e_parcel_wrap(struct lk_noise *noise, const struct lk_e2e_hello *hello,
                                  const struct lk_noise_point *e,
                                  const struct lk_noise_point *server,
                                  const struct lk_noise_point *client,
                                  const struct lk_e2e_parcel *parcel)
{
    uint8_t payload[8 + LK_E2E_PARCEL_KEY_MAX];
    struct lk_writer w = lk_writer_of(payload, sizeof payload);
    enum lk_status status = start(noise, true, hello, e, server, client);

    LK_ASSERT(parcel->key_len > 0 && parcel->key_len <= LK_E2E_PARCEL_KEY_MAX);
    lk_put_be64(&w, parcel->created_ms);
    lk_put_octets(&w, parcel->key, parcel->key_len);
    if (status == LK_OK)
        status = lk_writer_end(&w);
    if (status == LK_OK)
        status = lk_noise_say(noise, lk_writer_span(&w));
    lk_wipe(payload, sizeof payload);
    return status;
}

enum lk_status lk_e2e_parcel_unwrap(struct lk_noise *noise, const struct lk_e2e_hello *hello,
                                    const struct lk_noise_point *server,
                                    const struct lk_noise_point *client)
{
    enum lk_status status = start(noise, false, hello, NULL, server, client);

    return status == LK_OK ? lk_noise_take(noise, hello->message) : status;
}

enum lk_status lk_e2e_parcel_decode(struct lk_e2e_parcel *parcel, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    struct lk_span key;

    parcel->created_ms = lk_get_be64(&r);
    key = lk_get_rest(&r);
    if (r.status == LK_OK && (key.len == 0 || key.len > LK_E2E_PARCEL_KEY_MAX))
        lk_reader_fail(&r, LK_E_LENGTH);
    parcel->key_len = r.status == LK_OK ? key.len : 0;
    if (parcel->key_len > 0)
        memcpy(parcel->key, key.at, key.len);
    return lk_reader_end(&r);
}
