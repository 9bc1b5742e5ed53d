/* wire/eapol: the frames of both handshakes octet by octet, which message each is, key data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/eapol.h"

static void decode(struct lk_eapol_key *key, struct lk_span octets)
{
    struct lk_eapol eapol;

    assert_int_equal(lk_eapol_decode(&eapol, octets), LK_OK);
    assert_int_equal(eapol.type, LK_EAPOL_KEY);
    assert_true(lk_span_equal(eapol.whole, octets));
    assert_int_equal(lk_eapol_key_decode(key, &eapol), LK_OK);
    assert_true(lk_span_equal(key->whole, octets));
}

/* Every cut of a frame is refused; so is one octet more in the body, but not behind it. */
static void refuse_cuts(struct lk_span octets)
{
    struct lk_eapol eapol;
    struct lk_eapol_key key;
    uint8_t longer[VECTOR_MAX];

    for (size_t len = 0; len < octets.len; len++) {
        uint8_t *copy = test_malloc(len + 1);

        memcpy(copy, octets.at, len);
        assert_int_equal(lk_eapol_decode(&eapol, lk_span_of(copy, len)), LK_E_SHORT);
        if (len >= LK_EAPOL_HEADER_LEN) {
            copy[2] = (uint8_t)((len - LK_EAPOL_HEADER_LEN) >> 8);
            copy[3] = (uint8_t)(len - LK_EAPOL_HEADER_LEN);
            assert_int_equal(lk_eapol_decode(&eapol, lk_span_of(copy, len)), LK_OK);
            assert_int_equal(lk_eapol_key_decode(&key, &eapol), LK_E_SHORT);
        }
        test_free(copy);
    }
    memcpy(longer, octets.at, octets.len);
    longer[octets.len] = 0xff;
    assert_int_equal(lk_eapol_decode(&eapol, lk_span_of(longer, octets.len + 1)), LK_OK);
    assert_int_equal(eapol.whole.len, octets.len);
    longer[2] = (uint8_t)((octets.len - 3) >> 8);
    longer[3] = (uint8_t)(octets.len - 3);
    assert_int_equal(lk_eapol_decode(&eapol, lk_span_of(longer, octets.len + 1)), LK_OK);
    assert_int_equal(lk_eapol_key_decode(&key, &eapol), LK_E_TRAILING);
}

/* Decodes the frame, names it, and makes it again: as it was read, and from nothing. */
static void check_frame(const json_t *v, const char *path, enum lk_eapol_message message,
                        bool rekey)
{
    struct vector_octets frame = vector_hex(v, path);
    struct lk_eapol_key key, made;
    uint8_t room[LK_EAPOL_KEY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    decode(&key, vector_span(&frame));
    assert_int_equal(lk_eapol_key_message(&key), message);
    assert_int_equal(lk_eapol_key_encode(&w, &key), LK_OK);
    assert_vector(v, path, room, w.len);
    refuse_cuts(vector_span(&frame));
    for (size_t cap = 0; cap < frame.len; cap++) {
        w = lk_writer_of(room, cap);
        assert_int_equal(lk_eapol_key_encode(&w, &key), LK_E_FULL);
    }
    made = lk_eapol_key_of(message, key.info & LK_KEY_INFO_VERSION, rekey);
    assert_int_equal(made.info, key.info);
    assert_int_equal(made.key_len, key.key_len);
}

/* spec: IEEE 802.11 12.7.2 - the fields of the frame.
 * spec: IEEE 802.11 12.7.6 - four messages, at first and in a re-key, with both MICs.
 * spec: IEEE 802.1X 11.3 - header and length. */
static void handshakes_come_back_octet_by_octet(void **state)
{
    static const struct {
        const char *path;
        enum lk_eapol_message message;
    } rows[] = { { "m1", LK_EAPOL_M1 }, { "m2", LK_EAPOL_M2 }, { "m3", LK_EAPOL_M3 },
                 { "m4", LK_EAPOL_M4 } };
    json_t *file = vectors_load("fourway_skwt");
    const json_t *list = vectors_list(file, "vectors");
    size_t frames = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);

        for (size_t j = 0; j < LK_COUNT_OF(rows) && vector_has(v, "m1"); j++, frames++)
            check_frame(v, rows[j].path, rows[j].message,
                        json_is_true(json_object_get(v, "rekey")));
    }
    assert_int_equal(frames, 4 * 4);
    check_frame(vectors_find(file, "vectors", "wrong-order-akm2"), "m1_from_wt", LK_EAPOL_M1, true);
    check_frame(vectors_find(file, "vectors", "wrong-order-akm2"), "m2_from_ue", LK_EAPOL_M2, true);
    json_decref(file);
}

/* spec: IEEE 802.11 12.7.7 - both messages of the group key handshake. */
static void the_group_handshake_comes_back(void **state)
{
    json_t *file = vectors_load("fourway_skwt");
    const json_t *v = vectors_find(file, "vectors", "group-akm2");

    check_frame(v, "g1", LK_EAPOL_G1, false);
    check_frame(v, "g2", LK_EAPOL_G2, false);
    json_decref(file);
}

/* A frame that somebody else's hand made and that was on the air. */
static void a_captured_frame_is_read(void **state)
{
    json_t *file = vectors_load("ieee80211");
    const json_t *v = vectors_find(file, "vectors", "capture-coherer-m2");
    struct vector_octets frame = vector_hex(v, "frame");
    struct lk_eapol_key key;
    struct lk_eapol_key_data data;
    struct lk_rsne rsne;
    uint8_t room[LK_EAPOL_KEY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    decode(&key, vector_span(&frame));
    assert_int_equal(lk_eapol_key_message(&key), LK_EAPOL_M2);
    assert_int_equal(key.replay, 0);
    assert_vector(v, "snonce", key.nonce, sizeof key.nonce);
    assert_vector(v, "mic", key.mic, sizeof key.mic);
    assert_int_equal(lk_eapol_key_data_decode(&data, key.data), LK_OK);
    assert_int_equal(lk_rsne_decode(&rsne, data.rsne), LK_OK);
    assert_int_equal(rsne.group, LK_RSN_CIPHER_TKIP);
    assert_true(lk_rsne_has_suite(rsne.pairwise, LK_RSN_CIPHER_CCMP));
    assert_true(lk_rsne_has_suite(rsne.akm, LK_RSN_SUITES + 2));
    assert_int_equal(lk_eapol_key_encode(&w, &key), LK_OK);
    assert_vector(v, "frame", room, w.len);
    refuse_cuts(vector_span(&frame));
    json_decref(file);
}

static void a_frame_says_what_its_vector_says(void **state)
{
    json_t *file = vectors_load("fourway_skwt");
    const json_t *v = vectors_find(file, "vectors", "rekey-akm2");
    struct vector_octets m1 = vector_hex(v, "m1"), m3 = vector_hex(v, "m3");
    struct lk_eapol_key key;
    struct lk_eapol_key_data data;

    decode(&key, vector_span(&m1));
    assert_int_equal(key.version, 2);
    assert_int_equal(key.info, 0x028a);
    assert_int_equal(key.replay, 3);
    assert_vector(v, "anonce", key.nonce, sizeof key.nonce);
    assert_int_equal(lk_eapol_key_data_decode(&data, key.data), LK_OK);
    assert_vector(v, "pmkid", data.pmkid.at, data.pmkid.len);
    assert_int_equal(data.rsne.len + data.gtk.key.len, 0);
    decode(&key, vector_span(&m3));
    assert_vector(v, "gtk_rsc", key.rsc, sizeof key.rsc);
    assert_vector(v, "mic3", key.mic, sizeof key.mic);
    assert_vector(v, "m3_key_data_wrapped", key.data.at, key.data.len);
    json_decref(file);
}

enum { NONCE = 1, DATA = 2 };

/* spec: IEEE 802.11 12.7.6 - which message a frame is. Messages 2 and 4 of a re-key differ in nonce
 * and key data only; a frame that says both or neither is none. */
static void messages_are_told_apart(void **state)
{
    static const struct {
        uint16_t info;
        unsigned has;
        enum lk_eapol_message want;
    } rows[] = {
        { 0x008a, NONCE | DATA, LK_EAPOL_M1 },  { 0x028b, NONCE | DATA, LK_EAPOL_M1 },
        { 0x008a, NONCE, LK_EAPOL_M1 },         { 0x008a, DATA, LK_EAPOL_NO_MESSAGE },
        { 0x010a, NONCE | DATA, LK_EAPOL_M2 },  { 0x030a, NONCE | DATA, LK_EAPOL_M2 },
        { 0x030a, 0, LK_EAPOL_M4 },             { 0x030b, 0, LK_EAPOL_M4 },
        { 0x030a, NONCE, LK_EAPOL_NO_MESSAGE }, { 0x030a, DATA, LK_EAPOL_NO_MESSAGE },
        { 0x010a, 0, LK_EAPOL_NO_MESSAGE },     { 0x13ca, NONCE | DATA, LK_EAPOL_M3 },
        { 0x13ca, DATA, LK_EAPOL_NO_MESSAGE },  { 0x13ca, NONCE, LK_EAPOL_NO_MESSAGE },
        { 0x03ca, NONCE | DATA, LK_EAPOL_NO_MESSAGE }, /* in clear */
        { 0x11ca, NONCE | DATA, LK_EAPOL_NO_MESSAGE }, /* not secure */
        { 0x138a, NONCE | DATA, LK_EAPOL_NO_MESSAGE }, /* nothing to install */
        { 0x1382, DATA, LK_EAPOL_G1 },          { 0x1383, NONCE | DATA, LK_EAPOL_G1 },
        { 0x1382, 0, LK_EAPOL_NO_MESSAGE },     { 0x0302, 0, LK_EAPOL_G2 },
        { 0x0382, DATA, LK_EAPOL_NO_MESSAGE },  { 0x0302, DATA, LK_EAPOL_NO_MESSAGE },
        { 0x0b0a, 0, LK_EAPOL_NO_MESSAGE }, /* a request */
        { 0x070a, 0, LK_EAPOL_NO_MESSAGE }, /* an error */
        { 0x0d0a, NONCE | DATA, LK_EAPOL_NO_MESSAGE },
        { 0xe0ba, NONCE, LK_EAPOL_M1 }, /* reserved bits are not looked at */
        { 0x000a, NONCE | DATA, LK_EAPOL_NO_MESSAGE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_eapol_key key = { .info = rows[i].info };

        if (rows[i].has & NONCE)
            key.nonce[LK_EAPOL_NONCE_LEN - 1] = 1;
        if (rows[i].has & DATA)
            key.data = lk_span_text("data");
        assert_int_equal(lk_eapol_key_message(&key), rows[i].want);
    }
}

static void other_frames_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = { { 1, LK_EAPOL_EAP }, { 4, 254 }, { 6, 0x88 }, { 6, 0x89 }, { 6, 0x8c } };
    json_t *file = vectors_load("fourway_skwt");
    struct vector_octets m1 = vector_hex(vectors_find(file, "vectors", "rekey-akm2"), "m1");
    struct vector_octets big = { .at = { 1, 3 } };
    struct lk_eapol eapol;
    struct lk_eapol_key key;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct vector_octets changed = m1;

        changed.at[rows[i].at] = rows[i].value;
        assert_int_equal(lk_eapol_decode(&eapol, vector_span(&changed)), LK_OK);
        assert_int_equal(lk_eapol_key_decode(&key, &eapol), LK_E_UNKNOWN);
    }
    json_decref(file);
    key = lk_eapol_key_of(LK_EAPOL_M2, 3, false);
    for (size_t more = 0; more < 2; more++) {
        uint8_t data[LK_EAPOL_KEY_DATA_MAX + 1] = { 0 }, room[LK_EAPOL_KEY_MAX + 1];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_reader body;

        key.data = lk_span_of(data, LK_EAPOL_KEY_DATA_MAX + more);
        assert_int_equal(lk_eapol_key_encode(&w, &key), more ? LK_E_LENGTH : LK_OK);
        body = lk_reader_of(lk_span_of(room + LK_EAPOL_HEADER_LEN, sizeof room));
        room[4 + 93] = (uint8_t)((LK_EAPOL_KEY_DATA_MAX + more) >> 8);
        room[4 + 94] = (uint8_t)more;
        eapol.body = lk_get_span(&body, LK_EAPOL_KEY_FIXED_LEN + key.data.len);
        eapol.type = LK_EAPOL_KEY;
        assert_int_equal(lk_eapol_key_decode(&key, &eapol), more ? LK_E_LENGTH : LK_OK);
    }
    /* The header of any kind of frame. */
    big.len = 4;
    assert_int_equal(lk_eapol_decode(&eapol, vector_span(&big)), LK_OK);
    assert_int_equal(eapol.body.len, 0);
    eapol = (struct lk_eapol){ .version = 1, .type = LK_EAPOL_START };
    assert_int_equal(lk_eapol_encode(&(struct lk_writer){ .at = big.at, .cap = 4 }, &eapol), LK_OK);
    assert_memory_equal(big.at, "\x01\x01\x00\x00", 4);
}

/* ---- key data ---- */

/* spec: IEEE 802.11 12.7.2 - the KDEs PMKID and GTK, and the padding. */
static void key_data_comes_back(void **state)
{
    json_t *file = vectors_load("fourway_skwt");
    const json_t *v = vectors_find(file, "vectors", "initial-akm2");
    struct vector_octets plain = vector_hex(v, "m3_key_data_plain");
    const json_t *group = vectors_find(file, "vectors", "group-akm2");
    struct vector_octets second = vector_hex(group, "key_data_plain");
    struct lk_eapol_key_data data;
    uint8_t room[128];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_eapol_key_data_decode(&data, vector_span(&plain)), LK_OK);
    assert_vector(v, "rsne", data.rsne.at, data.rsne.len);
    assert_vector(v, "gtk", data.gtk.key.at, data.gtk.key.len);
    assert_int_equal(data.gtk.key_id, vector_int(v, "gtk_key_id"));
    assert_false(data.gtk.transmit);
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_OK);
    lk_put_be16(&w, 0xdd00);
    assert_vector(v, "m3_key_data_plain", room, w.len);
    assert_int_equal(lk_eapol_key_data_decode(&data, vector_span(&second)), LK_OK);
    assert_vector(group, "gtk", data.gtk.key.at, data.gtk.key.len);
    assert_int_equal(data.gtk.key_id, vector_int(group, "gtk_key_id"));
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_OK);
    assert_vector(group, "key_data_plain", room, w.len);
    json_decref(file);
}

/* A cut is refused unless it lies between two elements; all three there are 22 + 22 + 24 octets. */
static void every_cut_of_key_data_is_refused(void **state)
{
    static const uint8_t sixteen[16] = { 1 }, thirty_two[32] = { 2 };
    uint8_t room[128], element[64];
    struct lk_writer w = lk_writer_of(room, sizeof room), e = lk_writer_of(element, sizeof element);
    struct lk_rsne rsne = lk_rsne_of(6, 0, lk_span_of(NULL, 0));
    struct lk_eapol_key_data data = { .pmkid = LK_SPAN(sixteen),
                                      .gtk = { 3, true, LK_SPAN(thirty_two) } };

    assert_int_equal(lk_rsne_encode(&e, &rsne), LK_OK);
    data.rsne = lk_writer_span(&e);
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_OK);
    assert_int_equal(w.len, 22 + 22 + 40);
    for (size_t len = 0; len <= w.len; len++) {
        uint8_t *copy = test_malloc(len + 1);
        bool between = len == 0 || len == 22 || len == 44 || len == w.len;
        bool padding = len == 23 || len == 45; /* one octet of dd */

        memcpy(copy, room, len);
        assert_int_equal(lk_eapol_key_data_decode(&data, lk_span_of(copy, len)),
                         between || padding ? LK_OK : LK_E_SHORT);
        if (len == w.len) {
            assert_int_equal(data.gtk.key_id, 3);
            assert_true(data.gtk.transmit);
            assert_true(lk_span_equal(data.gtk.key, LK_SPAN(thirty_two)));
            assert_true(lk_span_equal(data.pmkid, LK_SPAN(sixteen)));
        }
        test_free(copy);
    }
}

static void bad_key_data_is_refused(void **state)
{
    static const uint8_t pmkid[] = { 0xdd, 20, 0, 0x0f, 0xac, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                     12, 13, 14, 15, 16 };
    static const struct {
        uint8_t octets[26];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { { 0xdd }, 1, LK_OK },
        { { 0xdd, 0, 0, 0 }, 4, LK_OK },
        { { 0xdd, 0, 0, 1 }, 4, LK_E_SHORT },           /* no padding: element 0 with an octet */
        { { 0xdd, 3, 0, 0x0f, 0xac }, 5, LK_OK },       /* no selector: a vendor's own */
        { { 0xdd, 4, 0, 0x0f, 0xac, 3 }, 6, LK_OK },    /* another KDE */
        { { 0xdd, 4, 0, 0x50, 0xf2, 1 }, 6, LK_OK },    /* another OUI */
        { { 0xdd, 4, 0, 0x0f, 0xac, 4 }, 6, LK_E_LENGTH },
        { { 0xdd, 5, 0, 0x0f, 0xac, 1, 1 }, 7, LK_E_LENGTH },
        { { 0xdd, 6, 0, 0x0f, 0xac, 1, 1, 0 }, 8, LK_E_LENGTH },
        { { 0xdd, 23, 0, 0x0f, 0xac, 1, 1, 0 }, 25, LK_E_LENGTH }, /* seventeen octets of GTK */
        { { 48, 1, 1 }, 3, LK_E_LENGTH },
        { { 48, 2, 1, 0 }, 4, LK_OK },
        { { 48, 2, 1, 0, 48, 2, 1, 0 }, 8, LK_E_TWICE },
        { { 7, 255 }, 2, LK_E_SHORT },
        { { 7 }, 1, LK_E_SHORT },
    };
    struct lk_eapol_key_data data;
    uint8_t twice[2 * sizeof pmkid], room[64];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(
            lk_eapol_key_data_decode(&data, lk_span_of(rows[i].octets, rows[i].len)),
            rows[i].want);
    memcpy(twice, pmkid, sizeof pmkid);
    memcpy(twice + sizeof pmkid, pmkid, sizeof pmkid);
    assert_int_equal(lk_eapol_key_data_decode(&data, LK_SPAN(twice)), LK_E_TWICE);
    data = (struct lk_eapol_key_data){ .pmkid = lk_span_text("short") };
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_E_VALUE);
    data = (struct lk_eapol_key_data){ .gtk = { 4, false, lk_span_of(pmkid, 16) } };
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_E_VALUE);
    data.gtk = (struct lk_eapol_gtk){ 1, false, lk_span_of(pmkid, 17) };
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_E_VALUE);
    data.gtk.key.len = 16;
    assert_int_equal(lk_eapol_key_data_encode(&w, &data), LK_OK);
    assert_int_equal(w.len, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_come_back_octet_by_octet),
        cmocka_unit_test(the_group_handshake_comes_back),
        cmocka_unit_test(a_captured_frame_is_read),
        cmocka_unit_test(a_frame_says_what_its_vector_says),
        cmocka_unit_test(messages_are_told_apart),
        cmocka_unit_test(other_frames_are_refused),
        cmocka_unit_test(key_data_comes_back),
        cmocka_unit_test(every_cut_of_key_data_is_refused),
        cmocka_unit_test(bad_key_data_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
