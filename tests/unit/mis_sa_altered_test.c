/* proto/mis/sa: PDUs that were altered, cut, or made wrongly by who has the keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "mis_sa_rig.h"

/* spec: IEEE 802.21 9 - no bit of a PDU is anybody's to change: header, names, SAID, counter, list
 * or MIC; nor is its length. */
static void no_bit_is_another(void **state)
{
    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++) {
        struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);
        struct mis_frame frame = mis_sent_by(&ends.mn);

        for (size_t bit = 0; bit < 8 * frame.len; bit++) {
            frame.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(mis_hears(&ends.pos, &frame), LK_OK);
            frame.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < frame.len; len++)
            assert_int_not_equal(mis_heard_by(&ends.pos, lk_span_of(frame.at, len), 0), LK_OK);
        assert_int_equal(mis_hears(&ends.pos, &frame),
                         LK_OK); /* nothing of it has moved the window */
        assert_int_equal(opened.len, 4);
    }
}

/* A PDU cut in pieces and put together with a block that is missing, too many, or too short. */
static void blocks_that_the_suite_does_not_have(void **state)
{
    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++) {
        struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);
        struct mis_frame frame = mis_sent_by(&ends.mn);
        static const uint8_t zeroes[32];
        struct lk_mis_security right;
        struct lk_mis_pdu pdu;

        assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame.at, frame.len), MIS_CODES), LK_OK);
        right = pdu.security;
        pdu.security.has_integrity = !right.has_integrity;
        pdu.security.intg = lk_span_of(zeroes, LK_MIS_MIC_LEN);
        assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), LK_E_VALUE);
        pdu.security = right;
        pdu.security.tls = true;
        assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), LK_E_VALUE);
        for (size_t len = 0; right.has_integrity && len < sizeof zeroes; len++) {
            pdu.security = right;
            pdu.security.intg = lk_span_of(zeroes, len);
            assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES),
                             len == LK_MIS_MIC_LEN ? LK_E_MAC : LK_E_VALUE);
        }
        for (size_t len = 0; len < right.encr.len; len++) {
            pdu.security = right;
            pdu.security.encr.len = len;
            assert_int_not_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), LK_OK);
            assert_int_equal(opened.len, 0);
        }
        pdu.security = right;
        pdu.header.secured = false;
        assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), LK_E_NOT_FOUND);
    }
}

/* Every length of a list, so every padding, empty too (a bare acknowledgement); the longest. */
static void lists_of_every_length(void **state)
{
    static uint8_t list[LK_MIS_LIST_MAX + 1];
    static struct mis_frame frame;

    for (size_t i = 0; i < sizeof list; i++)
        list[i] = (uint8_t)i;
    list[0] = 1; /* a TLV that nobody reads */
    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++) {
        struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);

        for (size_t len = 0; len <= sizeof list;
             len += len < 40 || len > sizeof list - 20 ? 1 : 9) {
            enum lk_status want = len <= LK_MIS_LIST_MAX ? LK_OK : LK_E_LENGTH;

            assert_int_equal(mis_protect(&ends.pos, &frame, lk_span_of(list, len), 0), want);
            if (want != LK_OK)
                continue;
            assert_int_equal(mis_hears(&ends.mn, &frame), LK_OK);
            assert_int_equal(opened.len, len);
            assert_memory_equal(opened.octets, list, len);
        }
    }
}

/* What the other end can do with right keys, and must not: a block that is too long for us. */
static void longer_than_we_take(void **state)
{
    static uint8_t octets[LK_MIS_ENCR_MAX + 64];

    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++) {
        struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);
        struct mis_frame frame = mis_sent_by(&ends.mn);
        struct lk_span key = lk_span_of(ends.mn.keys.miik.octets, ends.mn.keys.miik.len), parts[2];
        uint8_t mac[LK_SHA1_LEN];
        struct lk_mis_pdu pdu;

        assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame.at, frame.len), MIS_CODES), LK_OK);
        memcpy(octets, pdu.security.encr.at, LK_MIS_COUNTER_LEN);
        pdu.security.encr = lk_span_of(octets, LK_MIS_COUNTER_LEN + LK_MIS_IV_LEN +
                                                   LK_MIS_LIST_MAX + 2 * LK_AES_BLOCK);
        parts[0] = pdu.covered;
        parts[1] = pdu.security.encr;
        if (suite == LK_MIS_SUITE_NULL_CMAC)
            lk_cmac_aes128(mac, key.at, parts, 2);
        else if (suite != LK_MIS_SUITE_CCM)
            lk_hmac_sha1(mac, key, parts, 2);
        if (suite != LK_MIS_SUITE_CCM)
            pdu.security.intg = lk_span_of(mac, LK_MIS_MIC_LEN);
        assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), LK_E_LENGTH);
    }
}

/* CBC under a right MIC, with a padding that is none. */
static void paddings_that_are_none(void **state)
{
    static const struct {
        uint8_t fill, last[3];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { 1, { 1, 1, 0 }, 32, LK_E_VALUE },     { 1, { 1, 1, 255 }, 32, LK_E_VALUE },
        { 3, { 3, 2, 3 }, 32, LK_E_VALUE },     { 3, { 2, 3, 3 }, 32, LK_E_VALUE },
        { 9, { 7, 1, 1 }, 32, LK_OK },          { 9, { 7, 2, 2 }, 32, LK_OK },
        { 9, { 3, 3, 3 }, 32, LK_OK },          { 9, { 3, 3, 3 }, 31, LK_E_LENGTH },
        { 9, { 3, 3, 3 }, 0, LK_E_LENGTH },     { 0, { 16, 16, 16 }, 16, LK_E_VALUE },
        { 16, { 16, 16, 16 }, 16, LK_OK },      { 17, { 17, 17, 17 }, 32, LK_E_VALUE },
        { 32, { 32, 32, 32 }, 32, LK_E_VALUE }, { 33, { 33, 33, 33 }, 32, LK_E_VALUE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CBC_SHA1);
        struct mis_frame frame = mis_sent_by(&ends.mn);
        uint8_t encr[LK_MIS_COUNTER_LEN + LK_MIS_IV_LEN + 32] = { 0 }, mac[LK_SHA1_LEN];
        uint8_t *list = encr + LK_MIS_COUNTER_LEN + LK_MIS_IV_LEN;
        struct lk_span parts[2];
        struct lk_mis_pdu pdu;

        assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame.at, frame.len), MIS_CODES), LK_OK);
        memcpy(encr, pdu.security.encr.at, LK_MIS_COUNTER_LEN);
        memset(list, rows[i].fill, 32);
        if (rows[i].len >= 3)
            memcpy(list + rows[i].len - 3, rows[i].last, 3);
        lk_aes128_cbc_encrypt(list, ends.mn.keys.miek.octets, encr + LK_MIS_COUNTER_LEN,
                              lk_span_of(list, rows[i].len / 16 * 16));
        pdu.security.encr = lk_span_of(encr, LK_MIS_COUNTER_LEN + LK_MIS_IV_LEN + rows[i].len);
        parts[0] = pdu.covered;
        parts[1] = pdu.security.encr;
        lk_hmac_sha1(mac, LK_SPAN(ends.mn.keys.miik.octets), parts, 2);
        pdu.security.intg = lk_span_of(mac, LK_MIS_MIC_LEN);
        assert_int_equal(lk_mis_unprotect(&ends.pos, &opened, &pdu, 0, MIS_CODES), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bit_is_another),
        cmocka_unit_test(blocks_that_the_suite_does_not_have),
        cmocka_unit_test(lists_of_every_length),
        cmocka_unit_test(longer_than_we_take),
        cmocka_unit_test(paddings_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
