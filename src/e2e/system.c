/* What an end has of the system - clocks and random octets - and what it makes of its secrets. */
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"

bool lk_e2e_random(void *to, size_t len)
{
    return getrandom(to, len, 0) == (ssize_t)len; /* 256 octets and less come whole */
}

static uint64_t clock_of(clockid_t which)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(which, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t lk_e2e_clock_ms(void)
{
    return clock_of(CLOCK_REALTIME);
}

uint64_t lk_e2e_ticks_ms(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

bool lk_e2e_new_key(uint8_t secret[LK_E2E_KEY_LEN], uint8_t key[LK_E2E_KEY_LEN])
{
    if (!lk_e2e_random(secret, LK_E2E_KEY_LEN))
        return false;
    lk_x25519_public(key, secret);
    return true;
}

enum lk_status lk_e2e_multiply(uint8_t shared[LK_NOISE_KEY], const struct lk_noise_ask *ask,
                               const uint8_t *own, const uint8_t *ephemeral)
{
    return lk_x25519_shared(shared, ask->own_static ? own : ephemeral, ask->peer.octets);
}

bool lk_e2e_name_copy(char *to, size_t most, const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;

    if (len == 0 || len > most)
        return false;
    memcpy(to, name, len + 1);
    return true;
}

enum lk_status lk_e2e_inputs_of(struct lk_e2e_inputs *inputs, const struct lk_e2e_scope *scope,
                                const struct lk_e2e_secrets *secrets)
{
    struct lk_ua_id ua;
    struct lk_ks_naf ks_naf;
    struct lk_k_af k_af;

    *inputs = (struct lk_e2e_inputs){ .has_p = secrets->app_key != NULL,
                                      .has_n = secrets->operator_key != NULL };
    if ((inputs->has_p && (secrets->app_key_len < LK_E2E_P_MIN ||
                           secrets->app_key_len > LK_E2E_P_MAX)) ||
        inputs->has_n != (secrets->source != LK_E2E_NO_OPERATOR_KEY) ||
        (inputs->has_n && secrets->ua == NULL))
        return LK_E_VALUE;
    if (inputs->has_p) {
        inputs->p.len = secrets->app_key_len;
        memcpy(inputs->p.octets, secrets->app_key, secrets->app_key_len);
    }
    if (!inputs->has_n)
        return LK_OK;
    memcpy(ua.octets, secrets->ua, sizeof ua.octets);
    memcpy(ks_naf.octets, secrets->operator_key, sizeof ks_naf.octets);
    memcpy(k_af.octets, secrets->operator_key, sizeof k_af.octets);
    if (secrets->source == LK_E2E_KS_NAF)
        lk_e2e_n_of_ks_naf(&inputs->n, &ks_naf, scope, &ua);
    else
        lk_e2e_n_of_k_af(&inputs->n, &k_af, scope, &ua);
    lk_wipe(&ks_naf, sizeof ks_naf);
    lk_wipe(&k_af, sizeof k_af);
    return LK_OK;
}
