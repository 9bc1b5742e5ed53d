/* proto/radius/state and keys/node: what seals State and Class, and what does not open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/state.h"
#include "vectors.h"

enum { DAY = 20739 };

static const uint64_t NOW = (uint64_t)DAY * LK_DAY_MS + 5000;
static const uint8_t v4[4] = { 192, 0, 2, 1 };

static struct lk_node_key node_key(uint8_t first)
{
    struct lk_node_key key = { { first, 2, 3 } };

    return key;
}

static struct lk_radius_state_keys keys_of(uint8_t first, uint32_t day)
{
    struct lk_node_key node = node_key(first);
    struct lk_radius_state_keys keys;

    lk_radius_state_keys_derive(&keys, &node, day);
    return keys;
}

static void day_keys_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *list = vectors_list(file, "day_keys");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "node_key");
        struct lk_node_key node;
        struct lk_node_day_key key;

        memcpy(node.octets, octets.at, sizeof node.octets);
        lk_node_day_key_derive(&key, &node, vector_text(v, "label"),
                               (uint32_t)vector_int(v, "day"));
        assert_vector(v, "key", key.octets, sizeof key.octets);
    }
    json_decref(file);
    assert_int_equal(lk_node_day_of(NOW), DAY);
}

static struct lk_node_key vector_node_key(const json_t *v)
{
    struct vector_octets octets = vector_hex(v, "node_key");
    struct lk_node_key node;

    assert_int_equal(octets.len, sizeof node.octets);
    memcpy(node.octets, octets.at, sizeof node.octets);
    return node;
}

/* What another hand sealed, label by label: nodes of two versions open each other's. */
static void state_and_class_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *v = vectors_find(file, "sealed", "state");
    struct vector_octets snapshot = vector_hex(v, "snapshot"), salt;
    struct lk_node_key node = vector_node_key(v);
    struct lk_address client = lk_address_v4(v4);
    struct lk_radius_state_keys keys;
    struct lk_radius_class_key class_key;
    struct lk_imsi imsi;
    uint8_t value[LK_RADIUS_VALUE_MAX];
    size_t len;

    assert_vector(v, "client", client.octets, sizeof client.octets);
    lk_radius_state_keys_derive(&keys, &node, (uint32_t)vector_int(v, "day"));
    assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client,
                                          (uint64_t)vector_int(v, "expires_s") * 1000 + 999,
                                          vector_span(&snapshot)), LK_OK);
    assert_vector(v, "value", value, len);
    v = vectors_find(file, "sealed", "class");
    salt = vector_hex(v, "salt");
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(vector_text(v, "imsi"))), LK_OK);
    lk_radius_class_key_derive(&class_key, &node);
    lk_radius_class_seal(value, &class_key, &imsi, salt.at);
    assert_vector(v, "value", value, LK_RADIUS_CLASS_LEN);
    json_decref(file);
}

/* spec: RFC 2865 5.24 - State is at most 253 octets, and comes back as it went. */
static void every_length_of_snapshot_comes_back(void **state)
{
    struct lk_radius_state_keys keys = keys_of(1, DAY);
    struct lk_address client = lk_address_v4(v4);
    uint8_t snapshot[LK_RADIUS_SNAPSHOT_MAX + 1], value[LK_RADIUS_VALUE_MAX];
    uint8_t room[LK_RADIUS_VALUE_MAX];
    struct lk_span opened;
    size_t len;

    for (size_t i = 0; i < sizeof snapshot; i++)
        snapshot[i] = (uint8_t)i;
    for (size_t n = 0; n <= LK_RADIUS_SNAPSHOT_MAX; n++) {
        assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client, NOW + 1000,
                                              lk_span_of(snapshot, n)), LK_OK);
        assert_int_equal(len, n + LK_RADIUS_STATE_OVERHEAD);
        assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW,
                                              lk_span_of(value, len)), LK_OK);
        assert_true(lk_span_equal(opened, lk_span_of(snapshot, n)));
    }
    assert_int_equal(LK_RADIUS_SNAPSHOT_MAX + LK_RADIUS_STATE_OVERHEAD, 253);
    assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client, NOW, LK_SPAN(snapshot)),
                     LK_E_FULL);
    assert_int_equal(len, 0);
}

static void altered_or_cut_or_elsewhere_does_not_open(void **state)
{
    struct lk_radius_state_keys keys = keys_of(1, DAY), foreign = keys_of(9, DAY);
    struct lk_address client = lk_address_v4(v4), other = client;
    uint8_t value[LK_RADIUS_VALUE_MAX], room[LK_RADIUS_VALUE_MAX];
    struct lk_span opened;
    size_t len;

    assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client, NOW + 1000,
                                          lk_span_text("a snapshot")), LK_OK);
    for (size_t at = 0; at < len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            value[at] ^= (uint8_t)(1 << bit);
            assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW,
                                                  lk_span_of(value, len)), LK_E_MAC);
            assert_int_equal(opened.len, 0);
            value[at] ^= (uint8_t)(1 << bit);
        }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW,
                                              lk_span_of(value, cut)), LK_E_MAC);
    for (size_t at = 0; at < LK_ADDRESS_LEN; at++) {
        other.octets[at] ^= 1;
        assert_int_equal(lk_radius_state_open(room, &opened, &keys, &other, NOW,
                                              lk_span_of(value, len)), LK_E_MAC);
        other.octets[at] ^= 1;
    }
    assert_int_equal(lk_radius_state_open(room, &opened, &foreign, &client, NOW,
                                          lk_span_of(value, len)), LK_E_MAC);
    assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW,
                                          lk_span_of(value, len)), LK_OK);
}

static void past_its_expiry_it_is_refused(void **state)
{
    struct lk_radius_state_keys keys = keys_of(1, DAY);
    struct lk_address client = lk_address_v4(v4);
    uint8_t value[LK_RADIUS_VALUE_MAX], room[LK_RADIUS_VALUE_MAX];
    struct lk_span opened;
    size_t len;

    assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client, NOW + 60000,
                                          lk_span_text("s")), LK_OK);
    assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW + 60000,
                                          lk_span_of(value, len)), LK_OK);
    memset(room, 0, sizeof room);
    assert_int_equal(lk_radius_state_open(room, &opened, &keys, &client, NOW + 61000,
                                          lk_span_of(value, len)), LK_E_EXPIRED);
    assert_int_equal(opened.len, 0);
    assert_null(memchr(room, 's', sizeof room)); /* it was opened, and is wiped */
}

/* What one node sealed opens on another across midnight, for a day either way and no more. */
static void neighbouring_days_open(void **state)
{
    struct lk_address client = lk_address_v4(v4);
    uint8_t value[LK_RADIUS_VALUE_MAX], room[LK_RADIUS_VALUE_MAX];

    for (int apart = -3; apart <= 3; apart++) {
        struct lk_radius_state_keys sealer = keys_of(1, DAY);
        struct lk_radius_state_keys opener = keys_of(1, (uint32_t)(DAY + apart));
        struct lk_span opened;
        size_t len;
        enum lk_status status;

        assert_int_equal(lk_radius_state_seal(value, &len, &sealer, &client, NOW + 1000,
                                              lk_span_text("s")), LK_OK);
        status = lk_radius_state_open(room, &opened, &opener, &client, NOW,
                                      lk_span_of(value, len));
        assert_int_equal(status, apart >= -1 && apart <= 1 ? LK_OK : LK_E_MAC);
    }
}

/* spec: RFC 2865 5.25 - Class goes out with the Accept and comes back in accounting; ours hides the
 * IMSI, and two of one subscriber are unlike. */
static void class_hides_the_imsi(void **state)
{
    static const uint8_t salt[2][LK_RADIUS_CLASS_SALT_LEN] = { { 1 }, { 2 } };
    struct lk_node_key node = node_key(1), foreign_node = node_key(2);
    struct lk_radius_class_key key, foreign;
    struct lk_imsi imsi, back;
    uint8_t value[2][LK_RADIUS_CLASS_LEN];

    lk_radius_class_key_derive(&key, &node);
    lk_radius_class_key_derive(&foreign, &foreign_node);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010000000001")), LK_OK);
    lk_radius_class_seal(value[0], &key, &imsi, salt[0]);
    lk_radius_class_seal(value[1], &key, &imsi, salt[1]);
    assert_memory_not_equal(value[0] + 1, value[1] + 1, LK_RADIUS_CLASS_LEN - 1);
    assert_int_equal(lk_radius_class_open(&back, &key, LK_SPAN(value[0])), LK_OK);
    assert_true(lk_imsi_equal(&imsi, &back));
    assert_int_equal(lk_radius_class_open(&back, &foreign, LK_SPAN(value[0])), LK_E_MAC);
    for (size_t at = 0; at < LK_RADIUS_CLASS_LEN; at++) {
        assert_int_equal(lk_radius_class_open(&back, &key, lk_span_of(value[0], at)), LK_E_MAC);
        value[0][at] ^= 0x10;
        assert_int_equal(lk_radius_class_open(&back, &key, LK_SPAN(value[0])), LK_E_MAC);
        value[0][at] ^= 0x10;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_keys_are_those_of_another_hand),
        cmocka_unit_test(state_and_class_are_those_of_another_hand),
        cmocka_unit_test(every_length_of_snapshot_comes_back),
        cmocka_unit_test(altered_or_cut_or_elsewhere_does_not_open),
        cmocka_unit_test(past_its_expiry_it_is_refused),
        cmocka_unit_test(neighbouring_days_open),
        cmocka_unit_test(class_hides_the_imsi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
