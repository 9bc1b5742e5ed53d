/* proto/mis/link_keys: what a PoS pushes, there and back; cut, altered, and of another SA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_sa_rig.h"
#include "proto/mis/link_keys.h"

enum { LIST = 512 };

static const struct lk_mis_link_pair link = { LK_MIS_LINK_80211, { 2, 0, 0, 0, 0, 1 },
                                              { 2, 0, 0, 0, 0x36, 0x62 } };
static struct lk_mis_pushed got[LK_MIS_LINK_KEYS_MAX];
static size_t count;

/* An SA with the MSRK of that first octet. */
static struct lk_mis_sa sa_with(uint8_t first)
{
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
    struct lk_mis_sa_start start = mis_start_of(LK_MIS_BEGAN, &ends.mn.agreed, &ends.mn.keys);
    const struct lk_msrk msrk = { { first } };
    struct lk_mis_sa sa;

    start.msrk = &msrk;
    assert_int_equal(lk_mis_sa_init(&sa, &start), LK_OK);
    return sa;
}

static struct lk_mis_pushed pushed_of(const struct lk_mis_sa *sa)
{
    struct lk_mis_pushed pushed = { .link = link, .lifetime_s = 600 };

    assert_int_equal(lk_mis_sa_link_key(&pushed.key, sa, &link), LK_OK);
    return pushed;
}

static struct lk_span list_of(uint8_t room[LIST], const struct lk_mis_pushed *pushed)
{
    struct lk_writer w = lk_writer_of(room, LIST);

    lk_mis_pushed_put(&w, pushed);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return lk_writer_span(&w);
}

static enum lk_status take(struct lk_span list, const struct lk_mis_sa *sa)
{
    static const struct lk_mis_pushed nothing[LK_MIS_LINK_KEYS_MAX];
    enum lk_status status;

    memset(got, 0xee, sizeof got);
    status = lk_mis_pushed_get(got, &count, list, sa);
    if (status != LK_OK)
        assert_memory_equal(got, nothing, sizeof got);
    return status;
}

/* spec: IEEE 802.21 9.2 - MSPMK of the MSRK and both addresses, at either end the same, by the PRF
 * of the SA. */
static void there_and_back(void **state)
{
    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++) {
        struct lk_mis_sa sa = sa_with(1);
        struct lk_mis_pushed pushed;
        struct lk_mspmk own;
        uint8_t room[LIST];

        sa.agreed.prf = (enum lk_mis_prf)prf;
        pushed = pushed_of(&sa);
        lk_mspmk_derive(&own, (enum lk_mis_prf)prf, &sa.msrk, LK_SPAN(link.mn),
                        LK_SPAN(link.poa));
        assert_memory_equal(&own, &pushed.key, sizeof own);
        assert_int_equal(take(list_of(room, &pushed), &sa), LK_OK);
        assert_int_equal(count, 1);
        assert_memory_equal(&got[0], &pushed, sizeof pushed);
    }
}

/* Each octet altered, but for the type and the lifetime, which are the PoS's to say. */
static void what_is_altered_is_not_taken(void **state)
{
    struct lk_mis_sa sa = sa_with(1);
    struct lk_mis_pushed pushed = pushed_of(&sa);
    uint8_t room[LIST];
    struct lk_span list = list_of(room, &pushed);

    for (size_t cut = 0; cut < list.len; cut++)
        assert_int_not_equal(take(lk_span_of(room, cut), &sa), LK_OK);
    room[list.len] = 0;
    assert_int_equal(take(lk_span_of(room, list.len + 1), &sa), LK_E_TRAILING);
    for (size_t i = 0; i + 4 < list.len; i++) {
        room[i] ^= 1;
        if (i != 1)
            assert_int_not_equal(take(list, &sa), LK_OK);
        room[i] ^= 1;
    }
    memset(room + list.len - 4, 0, 4);
    assert_int_equal(take(list, &sa), LK_E_VALUE);
}

/* T42: a key of another SA, or of none, is not one that we could make. */
static void a_key_of_another_sa_is_none(void **state)
{
    struct lk_mis_sa sa = sa_with(1), other = sa_with(2), without = sa;
    struct lk_mis_pushed pushed = pushed_of(&other);
    struct lk_mspmk key;
    uint8_t room[LIST];

    assert_int_equal(take(list_of(room, &pushed), &sa), LK_E_MAC);
    pushed = pushed_of(&sa);
    without.has_msrk = false;
    assert_int_equal(take(list_of(room, &pushed), &without), LK_E_NOT_FOUND);
    assert_int_equal(lk_mis_sa_link_key(&key, &without, &link), LK_E_NOT_FOUND);
}

/* The first, then the second so many times. */
static enum lk_status take_two(const struct lk_mis_link_key *first,
                               const struct lk_mis_link_key *second, size_t times)
{
    struct lk_mis_sa sa = sa_with(1);
    uint8_t room[LIST];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mis_put_length(&w, (first != NULL) + times);
    if (first != NULL)
        lk_mis_put_link_key(&w, first);
    for (size_t i = 0; i < times; i++)
        lk_mis_put_link_key(&w, second);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return take(lk_writer_span(&w), &sa);
}

static enum lk_status take_mapping(const struct lk_mis_link_key *mapping, size_t times)
{
    return take_two(NULL, mapping, times);
}

static void links_that_are_none_of_ours(void **state)
{
    static const uint8_t cell[LK_MIS_CELL_LEN] = { 1 };
    struct lk_mis_sa sa = sa_with(1);
    struct lk_mis_pushed pushed = pushed_of(&sa);
    const struct lk_mis_link_key good = {
        .link = { .link = { link.type, { LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, LK_SPAN(link.mn) } },
                  .has_poa = true,
                  .poa = { LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, LK_SPAN(link.poa) } },
        .key = LK_SPAN(pushed.key.octets), .lifetime_s = 600 };
    struct lk_mis_link_key bad = good;

    for (size_t i = 1; i <= LK_MIS_LINK_KEYS_MAX; i++) {
        assert_int_equal(take_mapping(&good, i), LK_OK);
        assert_int_equal(count, i);
    }
    assert_int_equal(take_mapping(&good, LK_MIS_LINK_KEYS_MAX + 1), LK_E_FULL);
    assert_int_equal(take_mapping(&good, 0), LK_E_FULL);
    bad.link.has_poa = false;
    assert_int_equal(take_mapping(&bad, 1), LK_E_VALUE);
    assert_int_equal(take_two(&good, &bad, 1), LK_E_VALUE); /* not that of the one before */
    bad = good;
    bad.link.poa = (struct lk_mis_link_addr){ LK_MIS_ADDR_3G_CELL, 0, LK_SPAN(cell) };
    assert_int_equal(take_mapping(&bad, 1), LK_E_VALUE);
    bad = good;
    bad.link.link.addr.family = 26; /* EUI-64, say */
    assert_int_equal(take_mapping(&bad, 1), LK_E_VALUE);
    bad = good;
    bad.key.len--;
    assert_int_equal(take_mapping(&bad, 1), LK_E_MAC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(what_is_altered_is_not_taken),
        cmocka_unit_test(a_key_of_another_sa_is_none),
        cmocka_unit_test(links_that_are_none_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
