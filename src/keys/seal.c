#include "keys/seal.h"

#include "base/secret.h"

void lk_seal_keys_derive(struct lk_seal_keys *keys, const struct lk_node_key *node_key,
                         const char *label, uint32_t day)
{
    const uint32_t days[LK_SEAL_KEYS] = { day, day - 1, day + 1 };
    struct lk_node_day_key derived;

    keys->day = day;
    for (size_t i = 0; i < LK_SEAL_KEYS; i++) {
        keys->key[i].id = (uint8_t)days[i];
        lk_node_day_key_derive(&derived, node_key, label, days[i]);
        lk_siv_set_key(&keys->key[i].key, derived.octets);
    }
    lk_wipe(&derived, sizeof derived);
}

void lk_seal(uint8_t *out, const struct lk_seal_keys *keys, struct lk_span additional,
             struct lk_span plain)
{
    out[0] = keys->key[0].id;
    lk_siv_seal(out + 1, &keys->key[0].key, additional, plain);
}

enum lk_status lk_unseal(uint8_t *out, const struct lk_seal_keys *keys, struct lk_span additional,
                         struct lk_span sealed)
{
    if (sealed.len < LK_SEAL_OVERHEAD)
        return LK_E_MAC;
    for (size_t i = 0; i < LK_SEAL_KEYS; i++)
        if (keys->key[i].id == sealed.at[0])
            return lk_siv_open(out, &keys->key[i].key, additional,
                               lk_span_of(sealed.at + 1, sealed.len - 1));
    return LK_E_MAC;
}
