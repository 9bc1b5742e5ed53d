/* wire/nas and wire/rrc_attach: the messages that tshark has judged (system/judge_nas_test), both
 * ways; every truncation and bit; optional elements; what is not allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/nas.h"
#include "wire/rrc_attach.h"

enum { ROOM = 256 };

/* ---- NAS ---- */

/* spec: TS 24.301 8.2.4 - ATTACH REQUEST, with an odd and an even number of digits.
 * spec: TS 24.301 8.2.7 - AUTHENTICATION REQUEST.
 * spec: TS 24.301 8.2.8 - AUTHENTICATION RESPONSE.
 * spec: TS 24.301 8.2.20 - SECURITY MODE COMMAND; each message comes back octet by octet. */
static void messages_come_back_octet_by_octet(void **state)
{
    json_t *file = vectors_load("nas");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "nas");
        uint8_t room[ROOM];
        struct lk_nas m;

        assert_int_equal(lk_nas_decode(&m, vector_span(&octets)), LK_OK);
        assert_string_not_equal(lk_nas_type_name(m.type), "another message");
        for (size_t cap = 0; cap <= octets.len; cap++) {
            struct lk_writer w = lk_writer_of(room, cap);

            assert_int_equal(lk_nas_encode(&w, &m), cap < octets.len ? LK_E_FULL : LK_OK);
        }
        assert_vector(v, "nas", room, octets.len);
    }
    assert_string_equal(lk_nas_type_name(0x42), "another message");
    json_decref(file);
}

/* Any octets decode to a status or to a message that can be written, unless it has what we pass
 * over: another identity, a capability longer than a replayed one. */
static void read_hostile(struct lk_span octets)
{
    uint8_t *copy = test_malloc(octets.len + 1), room[ROOM];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_nas m, again;

    if (octets.len > 0)
        memcpy(copy, octets.at, octets.len);
    if (lk_nas_decode(&m, lk_span_of(copy, octets.len)) == LK_OK &&
        (m.type != LK_NAS_ATTACH_REQUEST || m.has_imsi)) {
        assert_int_equal(lk_nas_encode(&w, &m), LK_OK);
        assert_int_equal(lk_nas_decode(&again, lk_writer_span(&w)), LK_OK);
        assert_int_equal(again.type, m.type);
    }
    test_free(copy);
}

static void hostile_messages_get_a_status(void **state)
{
    json_t *file = vectors_load("nas");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "nas");
        struct lk_nas m;

        for (size_t len = 0; len < octets.len; len++) {
            /* A FAILURE without AUTS is a message. */
            if (octets.at[1] == LK_NAS_AUTHENTICATION_FAILURE && len == 3)
                continue;
            assert_int_not_equal(lk_nas_decode(&m, lk_span_of(octets.at, len)), LK_OK);
            read_hostile(lk_span_of(octets.at, len));
        }
        for (size_t bit = 0; bit < octets.len * 8; bit++) {
            octets.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            read_hostile(vector_span(&octets));
            octets.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        }
    }
    json_decref(file);
}

static struct vector_octets nas_of(const char *id)
{
    json_t *file = vectors_load("nas");
    struct vector_octets octets = vector_hex(vectors_find(file, "vectors", id), "nas");

    json_decref(file);
    return octets;
}

static enum lk_status with(struct lk_nas *m, const char *id, const char *more, size_t len)
{
    static struct vector_octets octets; /* m has views of it */

    octets = nas_of(id);
    memcpy(octets.at + octets.len, more, len);
    octets.len += len;
    return lk_nas_decode(m, vector_span(&octets));
}

/* spec: TS 24.007 11.2.4 - optional elements that nobody knows are passed over by their form.
 * spec: TS 24.007 11.2.5 - one that must be understood is not. */
static void optional_elements_are_passed_over(void **state)
{
    static const struct {
        const char *id, *more;
        size_t len;
        enum lk_status status;
    } rows[] = {
        { "security-mode-complete", "\x23\x02\x01\x02", 4, LK_OK },
        { "security-mode-complete", "\x90\xa1\xf0", 3, LK_OK },
        { "security-mode-complete", "\x79\x00\x02\x01\x02", 5, LK_OK },
        { "security-mode-complete", "\x79\x00\x03\x01\x02", 5, LK_E_SHORT },
        { "security-mode-complete", "\x23\x03\x01\x02", 4, LK_E_SHORT },
        { "security-mode-complete", "\x23", 1, LK_E_SHORT },
        { "security-mode-complete", "\x0f\x00", 2, LK_E_UNKNOWN },
        { "security-mode-complete", "\x10\x00", 2, LK_OK },
        { "security-mode-command", "\xc1\x55\xff\xff\xff\xff\x56\xff\xff\xff\xff", 11, LK_OK },
        { "security-mode-command", "\x55\xff\xff\xff", 4, LK_E_SHORT },
        { "attach-request", "\x19\xff\xff\xff\x52\xff\xff\xff\xff\xff\x5c\xff\xff", 13, LK_OK },
        { "attach-request", "\x13\xff\xff\xff\xff\xff\x90\x11\x03\x57\x58\xa6", 12, LK_OK },
        { "authentication-failure-mac", "\x30\x0d\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d", 15,
          LK_E_LENGTH },
        { "authentication-failure-synch", "\x30\x01\x01", 3, LK_OK },
    };
    struct lk_nas m;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(with(&m, rows[i].id, rows[i].more, rows[i].len), rows[i].status);
    /* spec: TS 24.301 9.9.3.4 - of two AUTS the first counts. */
    assert_int_equal(with(&m, "authentication-failure-synch", "\x30\x01\x01", 3), LK_OK);
    assert_int_equal(m.auts[0], 1);
    assert_int_equal(m.auts[13], 14);
}

/* spec: TS 24.301 9.9.3.12 - an IMSI; another identity is passed over; digits that are none.
 * spec: TS 24.301 9.9.3.21 - the key set of a mapped context is not one of ours. */
static void values_outside_their_limits_are_refused(void **state)
{
    static const struct {
        const char *id;
        size_t at;
        uint8_t octet;
        enum lk_status status;
    } rows[] = {
        { "attach-request", 2, 0xf1, LK_OK },            /* no key: whatever the context */
        { "attach-request", 2, 0x81, LK_E_UNSUPPORTED }, /* a mapped one */
        { "attach-request", 3, 3, LK_E_LENGTH },
        { "attach-request", 3, 12, LK_E_LENGTH },
        { "attach-request", 4, 0x0b, LK_OK },     /* IMEI */
        { "attach-request", 4, 0x0e, LK_OK },     /* GUTI */
        { "attach-request", 4, 0xa9, LK_E_VALUE },
        { "attach-request", 5, 0x1f, LK_E_VALUE },
        { "attach-request", 4, 0x01, LK_E_VALUE }, /* even, and no filler */
        { "attach-request-even", 11, 0x7f, LK_E_VALUE },
        { "attach-request-even", 4, 0x09, LK_E_VALUE }, /* odd, and a filler */
        { "attach-request", 12, 1, LK_E_LENGTH },
        { "attach-request", 16, 2, LK_E_LENGTH },
        { "authentication-request", 2, 0x0a, LK_E_UNSUPPORTED },
        { "authentication-request", 2, 0xf0, LK_OK }, /* the spare half */
        { "authentication-request", 19, 15, LK_E_LENGTH },
        { "authentication-response", 2, 3, LK_E_LENGTH },
        { "authentication-response", 2, 17, LK_E_SHORT },
        { "security-mode-command", 4, 1, LK_E_LENGTH },
        { "security-mode-command", 4, 6, LK_E_SHORT },
        { "security-mode-complete", 0, 0x17, LK_E_UNSUPPORTED },
        { "security-mode-complete", 1, 0x60, LK_E_UNSUPPORTED },
    };
    struct lk_nas m;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct vector_octets octets = nas_of(rows[i].id);

        octets.at[rows[i].at] = rows[i].octet;
        if (lk_nas_decode(&m, vector_span(&octets)) != rows[i].status)
            fail_msg("row %zu", i);
    }
}

static void what_cannot_be_written_is_not(void **state)
{
    static const uint8_t long_one[20];
    struct vector_octets octets = nas_of("attach-request");
    struct lk_nas good, m;
    uint8_t room[ROOM];
    struct lk_writer w;

#define REFUSED(status) \
    w = lk_writer_of(room, sizeof room); \
    assert_int_equal(lk_nas_encode(&w, &m), status)
    assert_int_equal(lk_nas_decode(&good, vector_span(&octets)), LK_OK);
    m = good;
    m.has_imsi = false;
    REFUSED(LK_E_VALUE);
    m = good;
    m.ksi = 8;
    REFUSED(LK_E_VALUE);
    m = good;
    m.attach = 8;
    REFUSED(LK_E_VALUE);
    m = good;
    m.esm.len = 2;
    REFUSED(LK_E_VALUE);
    m = good;
    m.capability = lk_span_of(long_one, 14);
    REFUSED(LK_E_LENGTH);
    m = (struct lk_nas){ .type = LK_NAS_AUTHENTICATION_RESPONSE, .res = { long_one, 17 } };
    REFUSED(LK_E_LENGTH);
    m = (struct lk_nas){ .type = LK_NAS_SECURITY_COMMAND, .capability = { long_one, 6 } };
    REFUSED(LK_E_LENGTH);
    m.capability.len = 5;
    m.integrity = 8;
    REFUSED(LK_E_VALUE);
}

/* spec: TS 24.301 9.1 - a plain message, and one behind MAC and sequence number.
 * spec: TS 24.301 9.3.1 - kinds of protection that are not of whole messages. */
static void headers_say_what_protects(void **state)
{
    static const uint8_t plain[] = { 0x07, 0x5e };
    uint8_t room[16];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_nas_header h;

    assert_int_equal(lk_nas_header_decode(&h, LK_SPAN(plain)), LK_OK);
    assert_int_equal(h.security, LK_NAS_PLAIN);
    assert_true(h.mac == NULL && lk_span_equal(h.message, LK_SPAN(plain)));
    assert_int_equal(lk_nas_header_encode(&w, LK_NAS_NEW_CIPHERED, 7, LK_SPAN(plain)), LK_OK);
    lk_patch_octets(&w, LK_NAS_MAC_AT, "\1\2\3\4", LK_NAS_MAC_LEN);
    assert_int_equal(w.len, 8);
    assert_int_equal(lk_nas_header_decode(&h, lk_writer_span(&w)), LK_OK);
    assert_int_equal(h.security, LK_NAS_NEW_CIPHERED);
    assert_memory_equal(h.mac, "\1\2\3\4", LK_NAS_MAC_LEN);
    assert_int_equal(h.sequence, 7);
    assert_true(lk_span_equal(h.message, LK_SPAN(plain)));
    assert_int_equal(h.covered.len, 3);
    for (size_t len = 0; len < 6; len++)
        assert_int_equal(lk_nas_header_decode(&h, lk_span_of(room, len)), LK_E_SHORT);
    for (unsigned first = 0; first < 256; first++) {
        room[0] = (uint8_t)first;
        assert_int_equal(lk_nas_header_decode(&h, lk_writer_span(&w)),
                         (first & 0xf) == 7 && first >> 4 <= 4 ? LK_OK : LK_E_UNSUPPORTED);
    }
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_nas_header_encode(&w, LK_NAS_PLAIN, 0, LK_SPAN(plain)), LK_E_VALUE);
    assert_int_equal(lk_nas_header_encode(&w, LK_NAS_SECURITY_COUNT, 0, LK_SPAN(plain)),
                     LK_E_VALUE);
}

/* ---- RRC around it ---- */

static enum lk_status rrc_decode(struct lk_rrc_attach *m, const json_t *v, struct lk_span octets)
{
    return strcmp(vector_text(v, "channel"), "ul") == 0 ? lk_rrc_attach_uplink_decode(m, octets)
                                                        : lk_rrc_attach_downlink_decode(m, octets);
}

static void rrc_comes_back(const json_t *v)
{
    static struct lk_rrc_attach m;
    struct vector_octets octets = vector_hex(v, "uper");
    uint8_t room[ROOM];

    assert_int_equal(rrc_decode(&m, v, vector_span(&octets)), LK_OK);
    if (vector_has(v, "nas"))
        assert_vector(v, "nas", m.nas, m.nas_len);
    for (size_t cap = 0; cap <= octets.len; cap++) {
        struct lk_writer w = lk_writer_of(room, cap);

        assert_int_equal(lk_rrc_attach_encode(&w, &m), cap < octets.len ? LK_E_FULL : LK_OK);
    }
    assert_vector(v, "uper", room, octets.len);
    for (size_t len = 0; len < octets.len; len++)
        assert_int_equal(rrc_decode(&m, v, lk_span_of(octets.at, len)), LK_E_SHORT);
    for (size_t bit = 0; bit < octets.len * 8; bit++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);

        octets.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        if (rrc_decode(&m, v, vector_span(&octets)) == LK_OK) {
            assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_OK);
            assert_true(lk_span_equal(lk_writer_span(&w), vector_span(&octets)));
        }
        octets.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
}

/* spec: TS 36.331 6.2.2 - NAS to and fro, SecurityModeCommand and its answers: bit by bit. */
static void rrc_comes_back_bit_by_bit(void **state)
{
    json_t *file = vectors_load("nas");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++)
        rrc_comes_back(json_array_get(list, i));
    list = vectors_list(file, "rrc");
    for (size_t i = 0; i < json_array_size(list); i++)
        rrc_comes_back(json_array_get(list, i));
    json_decref(file);
}

static void rrc_has_limits(void **state)
{
    static struct lk_rrc_attach m, again;
    uint8_t room[LK_RRC_NAS_MAX + 16];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    m.type = LK_RRC_UPLINK_NAS;
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_E_VALUE);
    m.nas_len = sizeof m.nas;
    memset(m.nas, 0xa5, sizeof m.nas);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_OK);
    assert_int_equal(lk_rrc_attach_uplink_decode(&again, lk_writer_span(&w)), LK_OK);
    assert_memory_equal(&again, &m, sizeof m);
    m.nas_len++;
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_E_VALUE);
    m = (struct lk_rrc_attach){ .type = LK_RRC_SECURITY_COMMAND, .transaction = 4 };
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_E_VALUE);
    m.transaction = 3;
    m.integrity = LK_RRC_ALGORITHM_MAX + 1;
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_E_VALUE);
    m.type = LK_RRC_SECURITY_FAILURE + 1;
    assert_int_equal(lk_rrc_attach_encode(&w, &m), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_octet_by_octet),
        cmocka_unit_test(hostile_messages_get_a_status),
        cmocka_unit_test(optional_elements_are_passed_over),
        cmocka_unit_test(values_outside_their_limits_are_refused),
        cmocka_unit_test(what_cannot_be_written_is_not),
        cmocka_unit_test(headers_say_what_protects),
        cmocka_unit_test(rrc_comes_back_bit_by_bit),
        cmocka_unit_test(rrc_has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
