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

static struct lk_seal_keys keys_of(uint8_t first, uint32_t day)
{
    struct lk_node_key node = node_key(first);
    struct lk_seal_keys keys;

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

static struct lk_radius_class class_of(const char *digits, uint64_t attached_ms, const char *mag)
{
    struct lk_radius_class content = { .attached_ms = attached_ms };

    assert_int_equal(lk_imsi_parse(&content.imsi, lk_span_text(digits)), LK_OK);
    assert_true(strlen(mag) <= LK_RADIUS_MAG_MAX);
    memcpy(content.mag, mag, strlen(mag));
    return content;
}

/* What another hand sealed, label by label: nodes of two versions open each other's. */
static void state_and_class_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("radius");
    const json_t *v = vectors_find(file, "sealed", "state");
    struct vector_octets snapshot = vector_hex(v, "snapshot"), salt;
    struct lk_node_key node = vector_node_key(v);
    struct lk_address client = lk_address_v4(v4);
    struct lk_seal_keys keys;
    struct lk_radius_class_key class_key;
    struct lk_radius_class content, back;
    uint8_t value[LK_RADIUS_VALUE_MAX];
    struct vector_octets old;
    size_t len;

    assert_vector(v, "client", client.octets, sizeof client.octets);
    lk_radius_state_keys_derive(&keys, &node, (uint32_t)vector_int(v, "day"));
    assert_int_equal(lk_radius_state_seal(value, &len, &keys, &client,
                                          (uint64_t)vector_int(v, "expires_s") * 1000 + 999,
                                          vector_span(&snapshot)), LK_OK);
    assert_vector(v, "value", value, len);
    v = vectors_find(file, "sealed", "class 2");
    salt = vector_hex(v, "salt");
    content = class_of(vector_text(v, "imsi"), (uint64_t)vector_int(v, "attached_ms"),
                       vector_text(v, "mag"));
    lk_radius_class_key_derive(&class_key, &node);
    assert_vector(v, "value", value, lk_radius_class_seal(value, &class_key, &content, salt.at));
    old = vector_hex(vectors_find(file, "sealed", "class"), "value");
    assert_int_equal(lk_radius_class_open(&back, &class_key, vector_span(&old)), LK_OK);
    assert_true(lk_imsi_equal(&back.imsi, &content.imsi));
    assert_int_equal(back.attached_ms, 0);
    assert_string_equal(back.mag, "");
    json_decref(file);
}

/* spec: RFC 2865 5.24 - State is at most 253 octets, and comes back as it went. */
static void every_length_of_snapshot_comes_back(void **state)
{
    struct lk_seal_keys keys = keys_of(1, DAY);
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
    struct lk_seal_keys keys = keys_of(1, DAY), foreign = keys_of(9, DAY);
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
    struct lk_seal_keys keys = keys_of(1, DAY);
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
        struct lk_seal_keys sealer = keys_of(1, DAY);
        struct lk_seal_keys opener = keys_of(1, (uint32_t)(DAY + apart));
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
static void class_hides_what_it_says(void **state)
{
    static const uint8_t salt[2][LK_RADIUS_CLASS_SALT_LEN] = { { 1 }, { 2 } };
    static const char *const mags[] = { "", "mag-1",
                                        "a-name-of-sixty-three-characters-which-is-the-longest-th"
                                        "at-fits" };
    struct lk_node_key node = node_key(1), foreign_node = node_key(2);
    struct lk_radius_class_key key, foreign;
    struct lk_radius_class back;
    uint8_t value[2][LK_RADIUS_CLASS_MAX];

    lk_radius_class_key_derive(&key, &node);
    lk_radius_class_key_derive(&foreign, &foreign_node);
    for (size_t i = 0; i < LK_COUNT_OF(mags); i++) {
        struct lk_radius_class content = class_of("001010000000001", 1791800000123, mags[i]);
        size_t len = lk_radius_class_seal(value[0], &key, &content, salt[0]);

        assert_int_equal(len, LK_RADIUS_CLASS_OVERHEAD + strlen(mags[i]));
        assert_int_equal(lk_radius_class_seal(value[1], &key, &content, salt[1]), len);
        assert_memory_not_equal(value[0] + 1, value[1] + 1, LK_SIV_TAG_LEN);
        assert_int_equal(lk_radius_class_open(&back, &key, lk_span_of(value[0], len)), LK_OK);
        assert_memory_equal(&back, &content, sizeof back);
        assert_int_equal(lk_radius_class_open(&back, &foreign, lk_span_of(value[0], len)),
                         LK_E_MAC);
        for (size_t at = 0; at < len; at++) {
            assert_int_equal(lk_radius_class_open(&back, &key, lk_span_of(value[0], at)),
                             LK_E_MAC);
            for (unsigned bit = 0; bit < 8; bit++) {
                value[0][at] ^= (uint8_t)(1u << bit);
                assert_int_equal(lk_radius_class_open(&back, &key, lk_span_of(value[0], len)),
                                 LK_E_MAC);
                assert_int_equal(back.imsi.digits[0], 0);
                value[0][at] ^= (uint8_t)(1u << bit);
            }
        }
    }
}

/* T31: a gateway's request has room for 250 octets of token, and a captured gateway may send them:
 * what is longer than any Class is refused for its length, before it is opened, and were it sealed
 * with the right key. */
static void what_is_longer_than_any_class_is_not_opened(void **state)
{
    enum { LABEL = sizeof "latchkey class 2" - 1, HEAD = 1 + LK_SIV_TAG_LEN };
    const struct lk_radius_class content = class_of("001010000000001", 1791800000123, "");
    const struct lk_node_key node = node_key(1);
    struct lk_radius_class_key key;
    struct lk_radius_class back;
    uint8_t plain[LK_RADIUS_VALUE_MAX], value[LK_RADIUS_VALUE_MAX] = { 2 };
    struct lk_writer w = lk_writer_of(plain, sizeof plain);

    lk_radius_class_key_derive(&key, &node);
    lk_imsi_put(&w, &content.imsi);
    lk_put_octets(&w, (const uint8_t[LK_RADIUS_CLASS_SALT_LEN]){ 1 }, LK_RADIUS_CLASS_SALT_LEN);
    lk_put_be64(&w, content.attached_ms);
    while (w.len < sizeof plain)
        lk_put_u8(&w, 'm');
    for (size_t len = LK_RADIUS_CLASS_MAX; len <= LK_RADIUS_VALUE_MAX; len++) {
        lk_siv_seal(value + 1, &key.key, lk_span_of((const uint8_t *)"latchkey class 2", LABEL),
                    lk_span_of(plain, len - HEAD));
        assert_int_equal(lk_radius_class_open(&back, &key, lk_span_of(value, len)),
                         len == LK_RADIUS_CLASS_MAX ? LK_OK : LK_E_MAC);
    }
}

/* T02, T03, T31: what authorises a binding says whom the AAA saw attach, when and where, and nobody
 * makes, alters or keeps one: a bit changed or another node's key is no token, an old attach is
 * over, and an older node's names no gateway. */
static void a_token_says_whose_attach_it_is(void **state)
{
    static const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN] = { 1 };
    const uint64_t at_ms = 1791800000123, life_ms = 3600 * 1000;
    struct lk_node_key node = node_key(1), foreign_node = node_key(2);
    struct lk_radius_class a = class_of("001010000000001", at_ms, "mag-1");
    struct lk_radius_class b = class_of("001010000000002", at_ms, "mag-2"), nowhere = a, back;
    struct lk_radius_class_key key, foreign;
    uint8_t value[2][LK_RADIUS_CLASS_MAX], forged[LK_RADIUS_CLASS_MAX];
    struct lk_span token[2];

    lk_radius_class_key_derive(&key, &node);
    lk_radius_class_key_derive(&foreign, &foreign_node);
    token[0] = lk_span_of(value[0], lk_radius_class_seal(value[0], &key, &a, salt));
    token[1] = lk_span_of(value[1], lk_radius_class_seal(value[1], &key, &b, salt));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms, life_ms, token[i]), LK_OK);
        assert_memory_equal(&back, i == 0 ? &a : &b, sizeof back);
        assert_int_equal(lk_radius_class_open_token(&back, &foreign, at_ms, life_ms, token[i]),
                         LK_E_MAC);
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms + life_ms - 1, life_ms,
                                                    token[i]), LK_OK);
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms + life_ms, life_ms,
                                                    token[i]), LK_E_EXPIRED);
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms - 60000, life_ms,
                                                    token[i]), LK_OK);
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms - 60001, life_ms,
                                                    token[i]), LK_E_EXPIRED);
        assert_int_equal(back.imsi.digits[0], 0);
    }
    /* A's octets grafted onto B's token, at every place. */
    for (size_t from = 1; from < token[0].len; from++) {
        memcpy(forged, value[1], token[1].len);
        memcpy(forged + from, value[0] + from, token[0].len - from);
        assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms, life_ms,
                                                    lk_span_of(forged, token[1].len)),
                         from == 1 ? LK_OK : LK_E_MAC);
        if (from == 1)
            assert_true(lk_imsi_equal(&back.imsi, &a.imsi)); /* A's whole, and so A's */
    }
    memset(nowhere.mag, 0, sizeof nowhere.mag);
    token[0] = lk_span_of(value[0], lk_radius_class_seal(value[0], &key, &nowhere, salt));
    assert_int_equal(lk_radius_class_open_token(&back, &key, at_ms, life_ms, token[0]),
                     LK_E_MISSING);
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
        cmocka_unit_test(class_hides_what_it_says),
        cmocka_unit_test(what_is_longer_than_any_class_is_not_opened),
        cmocka_unit_test(a_token_says_whose_attach_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
