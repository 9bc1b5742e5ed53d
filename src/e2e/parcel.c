/* Keys of the server's own making, on their way to one application. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"
#include "proto/e2e/parcel.h"

static bool names_of(struct lk_e2e_hello *hello, const char *server, const char *app)
{
    *hello = (struct lk_e2e_hello){ .fqdn = lk_span_text(server), .app = lk_span_text(app) };
    return hello->fqdn.len > 0 && hello->fqdn.len <= LK_E2E_FQDN_MAX && hello->app.len > 0 &&
           hello->app.len <= LK_E2E_APP_MAX;
}

/* What is there of P and N, and the psk of it. */
static bool psk_of(struct lk_e2e_psk *psk, uint8_t *flags, const struct lk_e2e_hello *hello,
                   const struct lk_e2e_secrets *secrets)
{
    const struct lk_e2e_scope scope = { hello->fqdn, hello->app };
    struct lk_e2e_inputs inputs;
    bool good = lk_e2e_inputs_of(&inputs, &scope, secrets) == LK_OK;

    if (good) {
        *flags = (inputs.has_n ? LK_E2E_WITH_N : 0) | (inputs.has_p ? LK_E2E_WITH_P : 0);
        lk_e2e_psk_combine(psk, &scope, inputs.has_p ? &inputs.p : NULL,
                           inputs.has_n ? &inputs.n : NULL, NULL);
    }
    lk_wipe(&inputs, sizeof inputs);
    return good;
}

static enum lk_status go(struct lk_noise *noise, const struct lk_e2e_psk *psk, const uint8_t *own,
                         const uint8_t *ephemeral)
{
    uint8_t shared[LK_NOISE_KEY];
    enum lk_noise_need need;
    enum lk_status status;

    while ((status = lk_e2e_noise_go(noise, &need, psk)) == LK_OK && need == LK_NOISE_DH) {
        status = lk_e2e_multiply(shared, &noise->ask, own, ephemeral);
        if (status != LK_OK)
            break;
        lk_noise_dh(noise, shared);
    }
    lk_wipe(shared, sizeof shared);
    return status;
}

size_t lk_e2e_wrap_key(uint8_t parcel[LK_E2E_PARCEL_MAX], const char *server, const char *app,
                       const uint8_t *server_secret, const uint8_t *client_key,
                       const struct lk_e2e_secrets *secrets, const uint8_t *key, size_t key_len)
{
    struct lk_writer w = lk_writer_of(parcel, LK_E2E_PARCEL_MAX);
    struct lk_e2e_parcel what = { .created_ms = lk_e2e_clock_ms(), .key_len = key_len };
    struct lk_noise_point e, s, rs;
    uint8_t ephemeral[LK_NOISE_KEY], offer[LK_E2E_OFFER_MAX];
    struct lk_writer o = lk_writer_of(offer, sizeof offer);
    struct lk_e2e_hello hello;
    struct lk_noise noise;
    struct lk_e2e_psk psk;
    bool good = names_of(&hello, server, app) && key_len > 0 && key_len <= sizeof what.key &&
                psk_of(&psk, &hello.flags, &hello, secrets) &&
                lk_e2e_new_key(ephemeral, e.octets);

    if (good) {
        memcpy(what.key, key, key_len);
        memcpy(rs.octets, client_key, sizeof rs.octets);
        lk_x25519_public(s.octets, server_secret);
        lk_e2e_offer_encode(&o, &hello);
        good = lk_e2e_parcel_wrap(&noise, &hello, &e, &s, &rs, &what) == LK_OK &&
               go(&noise, &psk, server_secret, ephemeral) == LK_OK &&
               lk_e2e_frame_of(&w, LK_E2E_PARCEL, lk_writer_span(&o), &noise) == LK_OK;
    }
    lk_wipe(&noise, sizeof noise);
    lk_wipe(&what, sizeof what);
    lk_wipe(&psk, sizeof psk);
    lk_wipe(ephemeral, sizeof ephemeral);
    return good ? w.len : 0;
}

size_t lk_e2e_unwrap_key(uint8_t key[64], uint64_t *created_ms, const char *server, const char *app,
                         const uint8_t *client_secret, const uint8_t *server_key,
                         const struct lk_e2e_secrets *secrets, const uint8_t *parcel, size_t len)
{
    struct lk_e2e_parcel what = { .key_len = 0 };
    struct lk_e2e_hello hello, ours;
    struct lk_noise_point s, rs;
    struct lk_e2e_frame frame;
    struct lk_noise noise;
    struct lk_e2e_psk psk;
    bool good = names_of(&ours, server, app) && psk_of(&psk, &ours.flags, &ours, secrets) &&
                lk_e2e_frame_decode(&frame, lk_span_of(parcel, len)) == LK_OK &&
                frame.type == LK_E2E_PARCEL &&
                lk_e2e_hello_decode(&hello, frame.body) == LK_OK && hello.flags == ours.flags &&
                lk_span_equal(hello.fqdn, ours.fqdn) && lk_span_equal(hello.app, ours.app);

    if (good) {
        memcpy(rs.octets, server_key, sizeof rs.octets);
        lk_x25519_public(s.octets, client_secret);
        good = lk_e2e_parcel_unwrap(&noise, &hello, &rs, &s) == LK_OK &&
               go(&noise, &psk, client_secret, client_secret) == LK_OK &&
               lk_e2e_parcel_decode(&what, lk_span_of(noise.out.octets, noise.out.len)) == LK_OK;
    }
    if (good) {
        memcpy(key, what.key, what.key_len);
        *created_ms = what.created_ms;
    }
    len = good ? what.key_len : 0;
    lk_wipe(&noise, sizeof noise);
    lk_wipe(&what, sizeof what);
    lk_wipe(&psk, sizeof psk);
    return len;
}
