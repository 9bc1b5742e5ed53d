#include "proto/radius/state.h"

#include <string.h>

#include "base/secret.h"

enum { SEALED_MAX = LK_RADIUS_STATE_EXPIRY_LEN + LK_RADIUS_SNAPSHOT_MAX };

static const char state_label[] = "latchkey state";
static const char class_label[] = "latchkey class";
static const char class_now_label[] = "latchkey class 2";

enum {
    CLASS_OLD = 1,
    CLASS_NOW = 2,
    CLASS_PLAIN_MAX = LK_RADIUS_CLASS_MAX - 1 - LK_SIV_TAG_LEN,
    CLASS_AHEAD_MS = 60 * 1000,
};

void lk_radius_state_keys_derive(struct lk_seal_keys *keys, const struct lk_node_key *node_key,
                                 uint32_t day)
{
    lk_seal_keys_derive(keys, node_key, state_label, day);
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
                                    const struct lk_seal_keys *keys,
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
        lk_seal(value, keys, LK_SPAN(binding.octets), lk_writer_span(&w));
        *len = LK_SEAL_OVERHEAD + w.len;
    }
    lk_wipe(plain, w.len);
    return status;
}

static enum lk_status unseal(uint8_t plain[LK_RADIUS_VALUE_MAX],
                             const struct lk_seal_keys *keys,
                             const struct lk_address *client, struct lk_span value)
{
    struct binding binding;

    if (value.len < LK_RADIUS_STATE_OVERHEAD || value.len > LK_RADIUS_VALUE_MAX)
        return LK_E_MAC;
    bind(&binding, client);
    return lk_unseal(plain, keys, LK_SPAN(binding.octets), value);
}

enum lk_status lk_radius_state_open(uint8_t room[LK_RADIUS_VALUE_MAX], struct lk_span *snapshot,
                                    const struct lk_seal_keys *keys,
                                    const struct lk_address *client, uint64_t now_ms,
                                    struct lk_span value)
{
    enum lk_status status = unseal(room, keys, client, value);
    struct lk_reader r;
    uint32_t expires_s;

    *snapshot = lk_span_of(NULL, 0);
    if (status != LK_OK)
        return status;
    r = lk_reader_of(lk_span_of(room, value.len - LK_SEAL_OVERHEAD));
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
    struct lk_node_day_key derived;

    lk_node_day_key_derive(&derived, node_key, class_label, 0);
    lk_siv_set_key(&key->key, derived.octets);
    lk_wipe(&derived, sizeof derived);
}

size_t lk_radius_class_seal(uint8_t value[LK_RADIUS_CLASS_MAX],
                            const struct lk_radius_class_key *key,
                            const struct lk_radius_class *content,
                            const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN])
{
    uint8_t plain[CLASS_PLAIN_MAX];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);

    lk_imsi_put(&w, &content->imsi);
    lk_put_octets(&w, salt, LK_RADIUS_CLASS_SALT_LEN);
    lk_put_be64(&w, content->attached_ms);
    lk_put_span(&w, lk_span_text(content->mag));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    value[0] = CLASS_NOW;
    lk_siv_seal(value + 1, &key->key, lk_span_text(class_now_label), lk_writer_span(&w));
    return 1 + LK_SIV_TAG_LEN + w.len;
}

static enum lk_status read_class(struct lk_radius_class *content, struct lk_reader *r, bool old)
{
    uint8_t salt[LK_RADIUS_CLASS_SALT_LEN];
    struct lk_span mag;

    lk_imsi_get(r, &content->imsi);
    lk_get_copy(r, salt, sizeof salt);
    if (old)
        return lk_reader_end(r);
    content->attached_ms = lk_get_be64(r);
    mag = lk_get_rest(r);
    LK_ASSERT(mag.len <= LK_RADIUS_MAG_MAX); /* value was not longer than that */
    if (mag.len > 0)
        memcpy(content->mag, mag.at, mag.len);
    return lk_reader_end(r);
}

enum lk_status lk_radius_class_open(struct lk_radius_class *content,
                                    const struct lk_radius_class_key *key, struct lk_span value)
{
    uint8_t plain[LK_RADIUS_CLASS_MAX];
    struct lk_reader r;
    enum lk_status status;
    bool old = value.len > 0 && value.at[0] == CLASS_OLD;

    memset(content, 0, sizeof *content);
    if (value.len <= 1 + LK_SIV_TAG_LEN || value.len > LK_RADIUS_CLASS_MAX ||
        (!old && value.at[0] != CLASS_NOW))
        return LK_E_MAC;
    status = lk_siv_open(plain, &key->key, lk_span_text(old ? class_label : class_now_label),
                         lk_span_of(value.at + 1, value.len - 1));
    if (status != LK_OK)
        return status;
    r = lk_reader_of(lk_span_of(plain, value.len - 1 - LK_SIV_TAG_LEN));
    status = read_class(content, &r, old);
    if (status != LK_OK)
        memset(content, 0, sizeof *content);
    return status;
}

enum lk_status lk_radius_class_open_token(struct lk_radius_class *content,
                                          const struct lk_radius_class_key *key, uint64_t now_ms,
                                          uint64_t lifetime_ms, struct lk_span value)
{
    enum lk_status status = lk_radius_class_open(content, key, value);
    uint64_t attached_ms = content->attached_ms;

    if (status == LK_OK && content->mag[0] == '\0')
        status = LK_E_MISSING;
    else if (status == LK_OK && (attached_ms > now_ms ? attached_ms - now_ms > CLASS_AHEAD_MS
                                                      : now_ms - attached_ms >= lifetime_ms))
        status = LK_E_EXPIRED;
    if (status != LK_OK)
        memset(content, 0, sizeof *content);
    return status;
}
