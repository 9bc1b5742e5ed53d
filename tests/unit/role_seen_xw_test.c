/* role/seen: a capture without secrets has no S-KWT in it. wire/sctp: packets as it walks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "role/seen.h"
#include "wire/sctp.h"

static uint8_t key[LK_XWAP_KEY_LEN];

static size_t modification(uint8_t *octets, size_t cap)
{
    struct lk_xwap m = { .type = LK_XWAP_MODIFICATION_REQUEST, .enb_ue_id = 1, .wt_ue_id = 2,
                         .key = LK_SPAN(key) };
    struct lk_writer w = lk_writer_of(octets, cap);

    memset(key, 0x5a, sizeof key);
    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    lk_xwap_mark(&m, LK_XWAP_CONTEXT);
    assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
    return w.len;
}

static bool has_key(const uint8_t *octets, size_t len)
{
    for (size_t at = 0; at + 8 <= len; at++)
        if (memcmp(octets + at, key, 8) == 0)
            return true;
    return false;
}

static size_t packet(uint8_t *octets, size_t cap, uint8_t flags, struct lk_span message)
{
    struct lk_writer w = lk_writer_of(octets, cap);

    lk_put_be16(&w, LK_XWAP_PORT);
    lk_put_be16(&w, LK_XWAP_PORT);
    lk_put_be32(&w, 7);
    lk_put_be32(&w, 0);
    lk_put_be32(&w, 0x03000010); /* a SACK goes first */
    lk_put_zeroes(&w, 12);
    lk_put_u8(&w, 0);
    lk_put_u8(&w, flags);
    lk_put_be16(&w, (uint16_t)(16 + message.len));
    lk_put_be32(&w, 99);
    lk_put_be32(&w, 0);
    lk_put_be32(&w, LK_XWAP_PPID);
    lk_put_span(&w, message);
    lk_put_zeroes(&w, (4 - message.len % 4) % 4);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

/* spec: TS 33.401 G.2.1 - S-KWT stays between eNB and WT: no file shows it unless it was asked
 * to. */
static void a_key_is_withheld(void **state)
{
    uint8_t message[512], octets[1024], room[1024];
    size_t len = modification(message, sizeof message);
    struct lk_xwap_diagnostics found;
    struct lk_xwap came;

    assert_true(has_key(message, len));
    lk_seen_withhold(room, lk_span_of(message, len));
    assert_false(has_key(room, len));
    assert_int_equal(lk_xwap_decode(&came, &found, lk_span_of(room, len)), LK_OK);
    assert_int_equal(came.key.len, LK_XWAP_KEY_LEN);
    for (size_t cut = 0; cut < len; cut++) {
        lk_seen_withhold(room, lk_span_of(message, cut));
        assert_false(has_key(room, cut));
    }
    for (uint8_t flags = 0; flags < 4; flags++) {
        size_t all = packet(octets, sizeof octets, flags, lk_span_of(message, len));

        assert_true(has_key(octets, all));
        lk_seen_withhold_sctp(room, lk_span_of(octets, all));
        assert_false(has_key(room, all));
        for (size_t cut = 0; cut < all; cut++) {
            lk_seen_withhold_sctp(room, lk_span_of(octets, cut));
            assert_false(has_key(room, cut));
        }
    }
}

/* spec: RFC 9260 3 - a common header, then chunks. */
/* spec: RFC 9260 3.3.1 - chunks by their lengths, padding not counted. */
static void chunks_are_walked(void **state)
{
    uint8_t octets[256];
    size_t len = packet(octets, sizeof octets, 3, lk_span_text("hello"));
    struct lk_sctp_data data;
    struct lk_sctp walk;

    assert_int_equal(lk_sctp_decode(&walk, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(walk.to_port, LK_XWAP_PORT);
    assert_int_equal(walk.tag, 7);
    assert_int_equal(lk_sctp_next(&data, &walk), LK_OK);
    assert_true(data.begins && data.ends && !data.unordered);
    assert_int_equal(data.tsn, 99);
    assert_int_equal(data.ppid, LK_XWAP_PPID);
    assert_true(lk_span_equal(data.octets, lk_span_text("hello")));
    assert_int_equal(lk_sctp_next(&data, &walk), LK_E_NOT_FOUND);
    for (size_t cut = 0; cut < len - 3; cut++) {
        enum lk_status status = lk_sctp_decode(&walk, lk_span_of(octets, cut));

        if (cut < LK_SCTP_HEADER_LEN) {
            assert_int_equal(status, LK_E_SHORT);
            continue;
        }
        status = lk_sctp_next(&data, &walk);
        assert_int_equal(status, cut == LK_SCTP_HEADER_LEN || cut == 28 ? LK_E_NOT_FOUND :
                                 LK_E_SHORT);
    }
    octets[14] = 0;
    octets[15] = 3; /* shorter than its header */
    assert_int_equal(lk_sctp_decode(&walk, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(lk_sctp_next(&data, &walk), LK_E_LENGTH);
    len = packet(octets, sizeof octets, 3, lk_span_of(NULL, 0)); /* no octets are no data */
    assert_int_equal(lk_sctp_decode(&walk, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(lk_sctp_next(&data, &walk), LK_E_LENGTH);
}

/* spec: RFC 9260 annex A - as in other hands, which say e3069283 of "123456789". */
static void the_checksum_is_the_known_one(void **state)
{
    /* The field counts as zeroes: of twelve zeroes and the digits, as another CRC32c has it. */
    uint8_t octets[12 + 9] = { [8] = 1, [9] = 2, [10] = 3, [11] = 4 };

    memcpy(octets + 12, "123456789", 9);
    assert_int_equal(lk_sctp_checksum(LK_SPAN(octets)), UINT32_C(0x96b99ab1));
    assert_int_equal(lk_sctp_checksum(lk_span_of("123456789", 8)), UINT32_C(0x6087809a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_withheld),
        cmocka_unit_test(chunks_are_walked),
        cmocka_unit_test(the_checksum_is_the_known_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
