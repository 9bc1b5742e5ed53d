#include "proto/radius/state.h"

#include <string.h>

#include "base/secret.h"

enum { SEALED_MAX = LK_RADIUS_STATE_EXPIRY_LEN + LK_RADIUS_SNAPSHOT_MAX };

static const char state_label[] = "latchkey state";
static const char class_label[] = "latchkey class";

enum { CLASS_KEY_ID = 1, CLASS_PLAIN_LEN = LK_IMSI_BCD_LEN + LK_RADIUS_CLASS_SALT_LEN };

static void day_key_set(struct lk_siv_key *key, const struct lk_node_key *node_key,
                        const char *label, uint32_t day)
{
    struct lk_node_day_key derived;

    lk_node_day_key_derive(&derived, node_key, label, day);
    lk_siv_set_key(key, derived.octets);
    lk_wipe(&derived, sizeof derived);
}

void lk_radius_state_keys_derive(struct lk_radius_state_keys *keys,
                                 const struct lk_node_key *node_key, uint32_t day)
{
    const uint32_t days[LK_RADIUS_STATE_KEYS] = { day, day - 1, day + 1 };

    keys->day = day;
    for (size_t i = 0; i < LK_RADIUS_STATE_KEYS; i++) {
        keys->key[i].id = (uint8_t)days[i];
        day_key_set(&keys->key[i].key, node_key, state_label, days[i]);
    }
}

/* What binds a State to the client it was given to. */
struct binding {
    uint8_t octets[sizeof state_label + LK_ADDRESS_LEN];
};

static void bind(struct binding *binding, const struct lk_address *client)
{
    memcpy(binding->octets, state_label, sizeof state_label);
    memcpy(binding->octets + sizeof state_label, client->octets, LK_ADDRESS_LEN);
}

enum lk_status lk_radius_state_seal(uint8_t value[LK_RADIUS_VALUE_MAX], size_t *len,
                                    const struct lk_radius_state_keys *keys,
                                    const struct lk_address *client, uint64_t expires_ms,
                                    struct lk_span snapshot)
{
    uint8_t plain[SEALED_MAX];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);
    struct binding binding;
    enum lk_status status;

    lk_put_be32(&w, (uint32_t)(expires_ms / 1000));
    lk_put_span(&w, snapshot);
    status = lk_writer_end(&w);
    *len = 0;
    if (status == LK_OK) {
        bind(&binding, client);
        value[0] = keys->key[0].id;
        lk_siv_seal(value + 1, &keys->key[0].key, LK_SPAN(binding.octets), lk_writer_span(&w));
        *len = 1 + LK_SIV_TAG_LEN + w.len;
    }
    lk_wipe(plain, w.len);
    return status;
}

static enum lk_status unseal(uint8_t plain[LK_RADIUS_VALUE_MAX],
                             const struct lk_radius_state_keys *keys,
                             const struct lk_address *client, struct lk_span value)
{
    struct binding binding;

    if (value.len < LK_RADIUS_STATE_OVERHEAD || value.len > LK_RADIUS_VALUE_MAX)
        return LK_E_MAC;
    bind(&binding, client);
    for (size_t i = 0; i < LK_RADIUS_STATE_KEYS; i++)
        if (keys->key[i].id == value.at[0])
            return lk_siv_open(plain, &keys->key[i].key, LK_SPAN(binding.octets),
                               lk_span_of(value.at + 1, value.len - 1));
    return LK_E_MAC;
}

enum lk_status lk_radius_state_open(uint8_t room[LK_RADIUS_VALUE_MAX], struct lk_span *snapshot,
                                    const struct lk_radius_state_keys *keys,
                                    const struct lk_address *client, uint64_t now_ms,
                                    struct lk_span value)
{
    enum lk_status status = unseal(room, keys, client, value);
    struct lk_reader r;
    uint32_t expires_s;

    *snapshot = lk_span_of(NULL, 0);
    if (status != LK_OK)
        return status;
    r = lk_reader_of(lk_span_of(room, value.len - 1 - LK_SIV_TAG_LEN));
    expires_s = lk_get_be32(&r);
    /* The last second counts: it was cut when it was sealed. */
    if (now_ms / 1000 > expires_s) {
        lk_wipe(room, LK_RADIUS_VALUE_MAX);
        return LK_E_EXPIRED;
    }
    *snapshot = lk_get_rest(&r);
    return lk_reader_end(&r);
}

/* ---- Class ---- */

void lk_radius_class_key_derive(struct lk_radius_class_key *key,
                                const struct lk_node_key *node_key)
{
    day_key_set(&key->key, node_key, class_label, 0);
}

void lk_radius_class_seal(uint8_t value[LK_RADIUS_CLASS_LEN], const struct lk_radius_class_key *key,
                          const struct lk_imsi *imsi, const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN])
{
    uint8_t plain[CLASS_PLAIN_LEN];

    lk_imsi_to_bcd(plain, imsi);
    memcpy(plain + LK_IMSI_BCD_LEN, salt, LK_RADIUS_CLASS_SALT_LEN);
    value[0] = CLASS_KEY_ID;
    lk_siv_seal(value + 1, &key->key, lk_span_text(class_label), LK_SPAN(plain));
}

enum lk_status lk_radius_class_open(struct lk_imsi *imsi, const struct lk_radius_class_key *key,
                                    struct lk_span value)
{
    uint8_t plain[CLASS_PLAIN_LEN];
    enum lk_status status;

    if (value.len != LK_RADIUS_CLASS_LEN || value.at[0] != CLASS_KEY_ID)
        return LK_E_MAC;
    status = lk_siv_open(plain, &key->key, lk_span_text(class_label),
                         lk_span_of(value.at + 1, value.len - 1));
    return status == LK_OK ? lk_imsi_from_bcd(imsi, plain) : status;
}
