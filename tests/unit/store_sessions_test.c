/* store/sessions: one suite for both engines (store_rig.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/sessions.h"
#include "store_rig.h"

static int setup(void **state)
{
    *state = store_rig_setup();
    return 0;
}

static int teardown(void **state)
{
    store_rig_teardown(*state);
    return 0;
}

static struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "" };

    snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", n);
    return imsi;
}

static struct lk_session_row session_of(unsigned n, const char *rand, uint64_t created_s)
{
    struct lk_session_row row = { .kind = LK_SESSION_GBA,
                                  .imsi = imsi_of(n),
                                  .created_ms = 1000 * created_s,
                                  .expires_s = created_s + 100,
                                  .sealed_len = LK_SESSION_SEALED_MAX };

    (void)snprintf(row.identity, sizeof row.identity, "%s@ims.example", row.imsi.digits);
    (void)snprintf(row.name, sizeof row.name, "%s==@bsf.example", rand);
    (void)snprintf(row.alias, sizeof row.alias, "%s@tmpi.bsf.3gppnetwork.org", rand);
    memset(row.sealed, (int)created_s, sizeof row.sealed);
    return row;
}

static void assert_session(struct lk_store *store, const struct lk_session_row *want)
{
    struct lk_session_row row;

    assert_int_equal(lk_store_session_find(store, &row, want->kind, LK_SESSION_BY_NAME,
                                           lk_span_text(want->name), want->created_ms / 1000),
                     LK_OK);
    assert_memory_equal(&row, want, sizeof row);
    assert_int_equal(lk_store_session_find(store, &row, want->kind, LK_SESSION_BY_ALIAS,
                                           lk_span_text(want->alias), want->created_ms / 1000),
                     LK_OK);
    assert_memory_equal(&row, want, sizeof row);
}

static void assert_no_session(struct lk_store *store, const struct lk_session_row *row,
                              uint64_t now_s)
{
    struct lk_session_row found;

    assert_int_equal(lk_store_session_find(store, &found, row->kind, LK_SESSION_BY_NAME,
                                           lk_span_text(row->name), now_s),
                     LK_E_NOT_FOUND);
    assert_int_equal(lk_store_session_find(store, &found, row->kind, LK_SESSION_BY_ALIAS,
                                           lk_span_text(row->alias), now_s),
                     LK_E_NOT_FOUND);
}

/* spec: TS 33.220 4.5.2 - a new bootstrapping replaces the one before; its replay does not come
 * back behind a newer one. */
static void the_newest_bootstrapping_of_a_subscriber_counts(void **state)
{
    struct lk_store *store = *state, *other = store_rig_open();
    struct lk_session_row first = session_of(1, "a", 1000), second = session_of(1, "b", 1001);
    struct lk_session_row same = session_of(1, "c", 1001), another = session_of(2, "d", 900);

    assert_no_session(store, &first, 1000);
    assert_int_equal(lk_store_session_keep(store, &first), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &another), LK_OK);
    assert_session(other, &first);
    assert_int_equal(lk_store_session_keep(other, &second), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &first), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_keep(store, &same), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_keep(store, &second), LK_OK);
    assert_no_session(store, &first, 1000);
    assert_no_session(store, &same, 1000);
    assert_session(store, &second);
    assert_session(store, &another);
    assert_int_equal(lk_store_session_remove(store, LK_SESSION_GBA, &second.imsi), LK_OK);
    assert_int_equal(lk_store_session_remove(store, LK_SESSION_GBA, &second.imsi), LK_E_NOT_FOUND);
    assert_no_session(other, &second, 1000);
    assert_session(store, &another);
    lk_store_close(other);
}

/* spec: TS 33.535 6.1 - the newest context alone. A name is not given twice. */
static void sessions_of_two_kinds_do_not_meet(void **state)
{
    const enum lk_session_kind kind = LK_SESSION_AKMA;
    struct lk_store *store = *state;
    struct lk_session_row rows[LK_STORE_BATCH], of_gba = session_of(1, "a", 1000);
    struct lk_session_row other = of_gba, newer = session_of(1, "b", 1000);
    struct lk_session_row thief = session_of(2, "a", 1002);
    int64_t after = 0;
    size_t count = 9;

    assert_int_equal(lk_store_session_keep(store, &of_gba), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &thief), LK_E_CONFLICT);
    other.kind = newer.kind = kind;
    newer.created_ms++;
    assert_no_session(store, &other, 1000);
    assert_int_equal(lk_store_session_remove(store, kind, &other.imsi), LK_E_NOT_FOUND);
    assert_int_equal(lk_store_session_keep(store, &other), LK_OK);
    assert_session(store, &other);
    assert_int_equal(lk_store_session_keep(store, &newer), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &other), LK_E_CONFLICT);
    assert_session(store, &newer);
    assert_session(store, &of_gba);
    assert_int_equal(lk_store_session_page(store, kind, &after, rows, &count), LK_OK);
    assert_int_equal(count, 1);
    assert_memory_equal(&rows[0], &newer, sizeof newer);
    assert_int_equal(lk_store_session_remove(store, kind, &newer.imsi), LK_OK);
    assert_session(store, &of_gba);
}

/* A28: what was ended does not come back by what was said before; what is agreed from then on is
 * kept. The control: where the row was removed, it comes back. */
static void an_end_is_not_undone(void **state)
{
    struct lk_store *store = *state;
    struct lk_session_row rows[LK_STORE_BATCH], row = session_of(1, "a", 1000);
    struct lk_session_row early = session_of(1, "b", 1019), next = session_of(1, "c", 1020);
    struct lk_session_row other = session_of(2, "d", 1000), ahead = session_of(1, "e", 1090);
    const struct lk_session_row over = { .kind = LK_SESSION_GBA, .name = "over 1010000000001" };
    int64_t after = 0;
    size_t count = 9;

    assert_int_equal(lk_store_session_end(store, LK_SESSION_GBA, &row.imsi, 1020, 1140),
                     LK_E_NOT_FOUND);
    assert_int_equal(lk_store_session_keep(store, &row), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &other), LK_OK);
    assert_int_equal(lk_store_session_remove(store, LK_SESSION_GBA, &row.imsi), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &row), LK_OK);
    assert_int_equal(lk_store_session_end(store, LK_SESSION_GBA, &row.imsi, 1020, 1140), LK_OK);
    assert_no_session(store, &row, 1000);
    assert_no_session(store, &over, 1000);
    assert_int_equal(lk_store_session_page(store, LK_SESSION_GBA, &after, rows, &count), LK_OK);
    assert_int_equal(count, 1);
    assert_memory_equal(&rows[0], &other, sizeof other);
    assert_int_equal(lk_store_session_end(store, LK_SESSION_GBA, &row.imsi, 1020, 1140),
                     LK_E_NOT_FOUND);
    assert_int_equal(lk_store_session_keep(store, &row), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_keep(store, &early), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_sweep(store, 1140), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &row), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_keep(store, &next), LK_OK);
    assert_session(store, &next);
    /* Of a node whose clock is ahead. */
    assert_int_equal(lk_store_session_keep(store, &ahead), LK_OK);
    assert_int_equal(lk_store_session_end(store, LK_SESSION_GBA, &row.imsi, 1030, 1150), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &ahead), LK_E_CONFLICT);
    assert_int_equal(lk_store_session_sweep(store, 1151), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &row), LK_OK);
}

/* Who is no subscriber any more leaves no key behind, of whatever kind; who may not have AKMA any
 * more, none of that kind. The control: another's stay. */
static void keys_end_with_the_subscriber(void **state)
{
    struct lk_store *store = *state;
    struct lk_sealed_row row = { .len = 8 };
    struct lk_session_row gba = session_of(1, "a", 1000), akma = session_of(1, "b", 1000);
    struct lk_session_row other_gba = session_of(2, "c", 1000);
    struct lk_session_row other_akma = session_of(2, "d", 1000);

    akma.kind = other_akma.kind = LK_SESSION_AKMA;
    assert_int_equal(lk_store_add(store, &gba.imsi, &row, false), LK_OK);
    assert_int_equal(lk_store_add(store, &other_gba.imsi, &row, false), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &gba), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &akma), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &other_gba), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &other_akma), LK_OK);
    assert_int_equal(lk_store_delete(store, &gba.imsi), LK_OK);
    assert_no_session(store, &gba, 1000);
    assert_int_equal(lk_store_session_keep(store, &gba), LK_E_CONFLICT); /* A28 */
    assert_no_session(store, &akma, 1000);
    assert_session(store, &other_gba);
    assert_int_equal(lk_store_set_akma(store, &other_akma.imsi, true), LK_OK);
    assert_session(store, &other_akma);
    assert_int_equal(lk_store_set_akma(store, &other_akma.imsi, false), LK_OK);
    assert_no_session(store, &other_akma, 1000);
    assert_session(store, &other_gba);
}

static void a_bootstrapping_ends_and_is_swept(void **state)
{
    struct lk_store *store = *state;
    struct lk_session_row rows[LK_STORE_BATCH], early = session_of(1, "a", 1000);
    struct lk_session_row late = session_of(2, "b", 1050);
    int64_t after = 0;
    size_t count = 9;

    assert_int_equal(lk_store_session_keep(store, &early), LK_OK);
    assert_int_equal(lk_store_session_keep(store, &late), LK_OK);
    assert_no_session(store, &early, early.expires_s);
    assert_session(store, &early);
    assert_int_equal(lk_store_session_page(store, LK_SESSION_GBA, &after, rows, &count), LK_OK);
    assert_int_equal(count, 2);
    assert_memory_equal(&rows[1], &late, sizeof late);
    assert_int_equal(lk_store_session_page(store, LK_SESSION_GBA, &after, rows, &count), LK_OK);
    assert_int_equal(count, 0);
    assert_int_equal(lk_store_session_sweep(store, early.expires_s), LK_OK);
    assert_session(store, &early);
    assert_int_equal(lk_store_session_sweep(store, early.expires_s + 1), LK_OK);
    assert_no_session(store, &early, early.created_ms / 1000);
    assert_session(store, &late);
    assert_int_equal(lk_store_session_find(store, rows, LK_SESSION_GBA, LK_SESSION_BY_NAME,
                                           lk_span_text("\xff\x01"), 0),
                     LK_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_bootstrapping_of_a_subscriber_counts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sessions_of_two_kinds_do_not_meet, setup, teardown),
        cmocka_unit_test_setup_teardown(an_end_is_not_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_end_with_the_subscriber, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bootstrapping_ends_and_is_swept, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
