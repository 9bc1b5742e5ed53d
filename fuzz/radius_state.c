/* Octets as a State and as a Class, and octets to be sealed. What opens is what was sealed, for
 * that client and until that time; one bit changed, and it does not open. */
#include "fuzz.h"

#include <string.h>

#include "proto/radius/state.h"

static void open_foreign(const struct lk_seal_keys *keys,
                         const struct lk_radius_class_key *class_key, struct lk_span value)
{
    static const struct lk_address client = { { 1 } };
    uint8_t room[LK_RADIUS_VALUE_MAX], again[LK_RADIUS_VALUE_MAX];
    struct lk_span snapshot;
    struct lk_radius_class content;
    size_t len;

    if (lk_radius_state_open(room, &snapshot, keys, &client, 0, value) == LK_OK) {
        uint64_t expires_ms = (uint64_t)room[0] << 24 | room[1] << 16 | room[2] << 8 | room[3];

        /* Only our own seal opens: sealing it again gives the same octets. */
        LK_ASSERT(lk_radius_state_seal(again, &len, keys, &client, expires_ms * 1000, snapshot) ==
                  LK_OK);
        LK_ASSERT(lk_span_equal(lk_span_of(again, len), value));
    }
    (void)!lk_radius_class_open(&content, class_key, value);
}

static void seal_own(const struct lk_seal_keys *keys, struct lk_reader *r)
{
    struct lk_address client, other;
    uint8_t value[LK_RADIUS_VALUE_MAX], room[LK_RADIUS_VALUE_MAX];
    uint32_t expires_s = lk_get_be32(r);
    uint64_t expires_ms = (uint64_t)expires_s * 1000;
    struct lk_span snapshot, opened;
    uint8_t at = lk_get_u8(r), bit = lk_get_u8(r);
    size_t len;

    lk_get_copy(r, client.octets, sizeof client.octets);
    snapshot = lk_get_rest(r);
    if (lk_radius_state_seal(value, &len, keys, &client, expires_ms, snapshot) != LK_OK) {
        LK_ASSERT(snapshot.len > LK_RADIUS_SNAPSHOT_MAX);
        return;
    }
    LK_ASSERT(lk_radius_state_open(room, &opened, keys, &client, expires_ms,
                                   lk_span_of(value, len)) == LK_OK);
    LK_ASSERT(lk_span_equal(opened, snapshot));
    LK_ASSERT(lk_radius_state_open(room, &opened, keys, &client, expires_ms + 1000,
                                   lk_span_of(value, len)) == LK_E_EXPIRED);
    other = client;
    other.octets[bit % LK_ADDRESS_LEN] ^= 1;
    LK_ASSERT(lk_radius_state_open(room, &opened, keys, &other, expires_ms,
                                   lk_span_of(value, len)) == LK_E_MAC);
    value[at % len] ^= (uint8_t)(1 << bit % 8);
    LK_ASSERT(lk_radius_state_open(room, &opened, keys, &client, expires_ms,
                                   lk_span_of(value, len)) == LK_E_MAC);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const struct lk_node_key node_key = { { 7 } };
    static struct lk_seal_keys keys;
    static struct lk_radius_class_key class_key;
    static bool ready;
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    if (!ready) {
        lk_radius_state_keys_derive(&keys, &node_key, 20739);
        lk_radius_class_key_derive(&class_key, &node_key);
        ready = true;
    }
    open_foreign(&keys, &class_key, lk_span_of(octets, len));
    seal_own(&keys, &r);
    return 0;
}
