/* wire/rsne: elements that end anywhere, defaults, and elements that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/rsne.h"

/* All fields, two AKM suites, two PMKIDs, and two octets that a later edition may have added. */
static const uint8_t full[] = {
    48, 64, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4,
    2, 0, 0, 0x0f, 0xac, 2, 0, 0x0f, 0xac, 6, 0x80, 0x20,
    2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
    0, 0x0f, 0xac, 6, 0xaa, 0xbb,
};
/* Where a field ends, in octets of the element's body. */
static const size_t ends[] = { [LK_RSNE_VERSION] = 2, [LK_RSNE_GROUP] = 6, [LK_RSNE_PAIRWISE] = 12,
                               [LK_RSNE_AKM] = 22, [LK_RSNE_CAPABILITIES] = 24,
                               [LK_RSNE_PMKID] = 58, [LK_RSNE_GROUP_MANAGEMENT] = 62 };

/* spec: IEEE 802.11 9.4.2.24 - all fields. */
static void all_fields_are_read(void **state)
{
    struct lk_rsne e;

    assert_int_equal(lk_rsne_decode(&e, LK_SPAN(full)), LK_OK);
    assert_int_equal(e.last, LK_RSNE_GROUP_MANAGEMENT);
    assert_int_equal(e.group, LK_RSN_CIPHER_CCMP);
    assert_true(lk_rsne_has_suite(e.pairwise, LK_RSN_CIPHER_CCMP));
    assert_false(lk_rsne_has_suite(e.pairwise, LK_RSN_CIPHER_TKIP));
    assert_true(lk_rsne_has_suite(e.akm, LK_RSN_SUITES + 2));
    assert_true(lk_rsne_has_suite(e.akm, LK_RSN_SUITES + 6));
    assert_false(lk_rsne_has_suite(e.akm, LK_RSN_SUITES + 1));
    assert_int_equal(e.capabilities, LK_RSN_MFP_CAPABLE | LK_RSN_EXTENDED_KEY_ID);
    assert_true(lk_rsne_has_pmkid(&e, full + 28));
    assert_true(lk_rsne_has_pmkid(&e, full + 28 + 16));
    assert_false(lk_rsne_has_pmkid(&e, full + 29));
    assert_int_equal(e.group_management, LK_RSN_CIPHER_BIP_CMAC);
    assert_int_equal(e.later.len, 2);
}

/* spec: IEEE 802.11 9.4.2.24 - an element may end behind any field, and nowhere else; what is not
 * there has its default. What was read is written as it came. */
static void an_element_ends_behind_a_field(void **state)
{
    size_t field = 0;

    for (size_t len = 0; len <= sizeof full - 2; len++) {
        uint8_t *copy = test_malloc(len + 2), room[LK_RSNE_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_rsne e;
        bool whole = len >= ends[LK_RSNE_GROUP_MANAGEMENT] || len == ends[field];

        memcpy(copy, full, len + 2);
        copy[1] = (uint8_t)len;
        assert_int_equal(lk_rsne_decode(&e, lk_span_of(copy, len + 2)),
                         whole ? LK_OK : LK_E_SHORT);
        if (whole) {
            assert_int_equal(e.last, field);
            assert_int_equal(lk_rsne_encode(&w, &e), LK_OK);
            assert_int_equal(w.len, len + 2);
            assert_memory_equal(room, copy, len + 2);
            assert_true(lk_rsne_has_suite(e.pairwise, LK_RSN_CIPHER_CCMP));
            assert_true(lk_rsne_has_suite(e.akm, LK_RSN_SUITES + (field < LK_RSNE_AKM ? 1 : 2)));
            field += field < LK_RSNE_GROUP_MANAGEMENT;
        }
        test_free(copy);
    }
    assert_int_equal(field, LK_RSNE_GROUP_MANAGEMENT);
}

static void every_truncation_is_refused(void **state)
{
    struct lk_rsne e;
    uint8_t longer[sizeof full + 1];

    for (size_t len = 0; len < sizeof full; len++) {
        uint8_t *copy = test_malloc(len + 1);

        memcpy(copy, full, len);
        assert_int_equal(lk_rsne_decode(&e, lk_span_of(copy, len)), LK_E_SHORT);
        test_free(copy);
    }
    memcpy(longer, full, sizeof full);
    assert_int_equal(lk_rsne_decode(&e, LK_SPAN(longer)), LK_E_TRAILING);
}

static void lies_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        enum lk_status want;
    } rows[] = {
        { 0, 221, LK_E_VALUE },   { 2, 2, LK_E_UNKNOWN },  { 3, 1, LK_E_UNKNOWN },
        { 8, 0, LK_E_VALUE },     { 14, 0, LK_E_VALUE },   { 9, 0xff, LK_E_SHORT },
        { 15, 0xff, LK_E_SHORT }, { 27, 0xff, LK_E_SHORT }, { 26, 3, LK_E_SHORT },
    };
    struct lk_rsne e;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t changed[sizeof full];

        memcpy(changed, full, sizeof full);
        changed[rows[i].at] = rows[i].value;
        assert_int_equal(lk_rsne_decode(&e, LK_SPAN(changed)), rows[i].want);
    }
}

static void our_own_element_is_made(void **state)
{
    static const uint8_t plain[] = { 0x30, 0x14, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4,
                                     1, 0, 0, 0x0f, 0xac, 6, 0, 0 };
    static const uint8_t pmkids[16 * 16] = { 9 };
    uint8_t room[LK_RSNE_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_rsne e = lk_rsne_of(6, 0, lk_span_of(NULL, 0)), read;

    assert_int_equal(lk_rsne_encode(&w, &e), LK_OK);
    assert_int_equal(w.len, sizeof plain);
    assert_memory_equal(room, plain, sizeof plain);
    for (size_t cap = 0; cap < sizeof plain; cap++) {
        w = lk_writer_of(room, cap);
        assert_int_equal(lk_rsne_encode(&w, &e), LK_E_FULL);
    }
    /* Fourteen PMKIDs fit into an element. */
    for (size_t count = 1; count <= 16; count++) {
        w = lk_writer_of(room, sizeof room);
        e = lk_rsne_of(1, LK_RSN_MFP_CAPABLE, lk_span_of(pmkids, count * 16));
        assert_int_equal(lk_rsne_encode(&w, &e), count <= 14 ? LK_OK : LK_E_LENGTH);
        if (count > 14)
            continue;
        assert_int_equal(lk_rsne_decode(&read, lk_writer_span(&w)), LK_OK);
        assert_int_equal(read.pmkid.len, count * 16);
    }
    w = lk_writer_of(room, sizeof room);
    e.pmkid = lk_span_of(pmkids, 15);
    assert_int_equal(lk_rsne_encode(&w, &e), LK_E_VALUE);
    e = lk_rsne_of(2, 0, lk_span_of(NULL, 0));
    e.akm = lk_span_of(pmkids, 5);
    assert_int_equal(lk_rsne_encode(&w, &e), LK_E_VALUE);
    e.akm.len = 0;
    assert_int_equal(lk_rsne_encode(&w, &e), LK_E_VALUE);
    assert_int_equal(w.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_are_read),
        cmocka_unit_test(an_element_ends_behind_a_field),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(our_own_element_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
