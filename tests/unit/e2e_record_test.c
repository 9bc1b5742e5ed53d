/* proto/e2e/record: numbers, windows, epochs, and what is none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/e2e/record.h"

enum { KEPT = 200 };
static struct lk_e2e_channel ends[2];
static uint8_t kept[KEPT][64], out[LK_E2E_DATA_MAX];
static size_t kept_len[KEPT];

static void open_both(bool datagrams)
{
    static const uint8_t up[32] = { 1 }, down[32] = { 2 };

    lk_e2e_channel_start(&ends[0], datagrams, up, down, 1000);
    lk_e2e_channel_start(&ends[1], datagrams, down, up, 1000);
}

static void say(size_t place, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(kept[place], sizeof kept[place]);
    uint8_t text = (uint8_t)place;

    assert_int_equal(lk_e2e_channel_say(&ends[0], &w, LK_E2E_DATA, lk_span_of(&text, 1), now_ms),
                     LK_OK);
    kept_len[place] = w.len;
}

static enum lk_status take(size_t place)
{
    struct lk_e2e_channel before = ends[1];
    struct lk_e2e_frame frame;
    enum lk_status status;
    size_t len = 0;

    assert_int_equal(lk_e2e_frame_decode(&frame, lk_span_of(kept[place], kept_len[place])), LK_OK);
    status = lk_e2e_channel_take(&ends[1], out, &len, &frame);
    if (status == LK_OK) {
        assert_int_equal(len, 1);
        assert_int_equal(out[0], (uint8_t)place);
    } else {
        assert_memory_equal(&before, &ends[1], sizeof before);
    }
    return status;
}

static void a_stream_has_an_order(void **state)
{
    open_both(false);
    for (size_t i = 0; i < 4; i++)
        say(i, 1000);
    assert_int_equal(take(1), LK_E_UNEXPECTED); /* one was left out */
    assert_int_equal(take(0), LK_OK);
    assert_int_equal(take(0), LK_E_UNEXPECTED); /* again */
    assert_int_equal(take(1), LK_OK);
    assert_int_equal(take(3), LK_E_UNEXPECTED);
    assert_int_equal(take(2), LK_OK);
    assert_int_equal(take(3), LK_OK);
}

static void datagrams_come_once_in_any_order(void **state)
{
    open_both(true);
    for (size_t i = 0; i < KEPT; i++)
        say(i, 1000);
    assert_int_equal(take(70), LK_OK);
    assert_int_equal(take(70), LK_E_TWICE);
    assert_int_equal(take(6), LK_E_TWICE); /* older than the window */
    for (size_t i = 69; i >= 7; i--) {
        assert_int_equal(take(i), LK_OK);
        assert_int_equal(take(i), LK_E_TWICE);
    }
    assert_int_equal(take(199), LK_OK); /* the window is passed over whole */
    assert_int_equal(take(70), LK_E_TWICE);
    assert_int_equal(take(136), LK_OK);
    assert_int_equal(take(135), LK_E_TWICE);
    assert_int_equal(take(198), LK_OK);
}

static void every_octet_counts(void **state)
{
    for (unsigned datagrams = 0; datagrams < 2; datagrams++) {
        open_both(datagrams == 1);
        say(0, 1000);
        for (size_t i = 0; i < kept_len[0]; i++) {
            struct lk_e2e_frame frame;

            kept[0][i] ^= 1;
            if (lk_e2e_frame_decode(&frame, lk_span_of(kept[0], kept_len[0])) == LK_OK)
                assert_int_not_equal(take(0), LK_OK);
            kept[0][i] ^= 1;
        }
        assert_int_equal(take(0), LK_OK); /* the control */
    }
}

/* By count and by time; the keys before are gone, at the sender at once. */
static void epochs(void **state)
{
    uint8_t first[32];

    for (unsigned datagrams = 0; datagrams < 2; datagrams++) {
        open_both(datagrams == 1);
        ends[0].rekey_records = 3;
        memcpy(first, ends[0].sends.key, sizeof first);
        for (size_t i = 0; i < 7; i++)
            say(i, 1000);
        assert_int_equal(ends[0].sends.number, 2);
        assert_memory_not_equal(first, ends[0].sends.key, sizeof first);
        for (size_t i = 0; i < 7; i++)
            assert_int_equal(take(i), LK_OK);
        assert_int_equal(ends[1].takes.number, 2);
        assert_memory_equal(ends[0].sends.key, ends[1].takes.key, 32);
        assert_int_not_equal(take(0), LK_OK);
        assert_int_equal(ends[1].before.is, datagrams == 1);
        say(7, 1000 + LK_E2E_REKEY_MS - 1);
        assert_int_equal(ends[0].sends.number, 2);
        say(8, 1000 + LK_E2E_REKEY_MS);
        assert_int_equal(ends[0].sends.number, 3);
        assert_int_equal(take(7), LK_OK);
        assert_int_equal(take(8), LK_OK);
    }
}

static void late_and_lost_epochs_in_datagrams(void **state)
{
    open_both(true);
    ends[0].rekey_records = 2;
    for (size_t i = 0; i < 40; i++)
        say(i, 1000); /* two of each epoch */
    assert_int_equal(take(0), LK_OK);
    assert_int_equal(take(2), LK_OK); /* epoch 1 */
    assert_int_equal(take(1), LK_OK); /* late, of epoch 0 */
    assert_int_equal(take(1), LK_E_TWICE);
    assert_int_equal(take(12), LK_E_UNEXPECTED); /* epoch 6: five ahead */
    assert_int_equal(take(10), LK_OK); /* epoch 5: the ones between were lost */
    assert_int_equal(take(3), LK_E_TWICE); /* and are gone */
    assert_int_equal(take(11), LK_OK);
    open_both(false);
    ends[0].rekey_records = 2;
    for (size_t i = 0; i < 6; i++)
        say(i, 1000);
    assert_int_equal(take(0), LK_OK);
    assert_int_equal(take(4), LK_E_UNEXPECTED); /* a stream loses nothing */
    assert_int_equal(take(1), LK_OK);
    assert_int_equal(take(2), LK_OK);
}

static void the_end(void **state)
{
    struct lk_writer w = lk_writer_of(out, sizeof out);
    static const uint8_t many[LK_E2E_DATA_MAX + 1];

    open_both(true);
    assert_int_equal(lk_e2e_channel_say(&ends[0], &w, LK_E2E_DATA, LK_SPAN(many), 1000),
                     LK_E_LENGTH);
    ends[0].rekey_records = 1;
    ends[0].sends.number = LK_E2E_EPOCH_LAST - 1;
    say(0, 1000);
    say(1, 1000);
    assert_int_equal(ends[0].sends.number, LK_E2E_EPOCH_LAST);
    assert_int_equal(lk_e2e_channel_say(&ends[0], &w, LK_E2E_DATA, lk_span_of(many, 1), 1000),
                     LK_E_EXPIRED);
}

/* After an hour the key is another, and after that again for an hour: not with each record. */
static void a_key_of_an_hour(void **state)
{
    const uint64_t at = 1000 + LK_E2E_REKEY_MS;

    open_both(false);
    for (size_t i = 0; i < 3; i++)
        say(i, at + i);
    assert_int_equal(ends[0].sends.number, 1);
    say(3, at + LK_E2E_REKEY_MS);
    assert_int_equal(ends[0].sends.number, 2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(take(i), LK_OK);
}

static bool has(const struct lk_e2e_channel *channel, const uint8_t key[LK_NOISE_KEY])
{
    return memmem(channel, sizeof *channel, key, LK_NOISE_KEY) != NULL;
}

/* When epochs were jumped, the one before is none of ours any more, and its key is gone. */
static void a_jump_leaves_no_key(void **state)
{
    uint8_t first[LK_NOISE_KEY], second[LK_NOISE_KEY];

    open_both(true);
    ends[0].rekey_records = 1;
    for (size_t i = 0; i < 4; i++)
        say(i, 1000);
    memcpy(first, ends[1].takes.key, sizeof first);
    assert_int_equal(take(0), LK_OK);
    assert_int_equal(take(1), LK_OK);
    memcpy(second, ends[1].takes.key, sizeof second);
    assert_true(has(&ends[1], first) && has(&ends[1], second)); /* the control */
    assert_int_equal(take(3), LK_OK);
    assert_false(has(&ends[1], first) || has(&ends[1], second));
    assert_int_equal(take(2), LK_E_TWICE);
}

/* A number goes once, also where what was sealed with it had no room. */
static void a_full_writer_costs_a_number(void **state)
{
    uint8_t small[20];
    struct lk_writer w = lk_writer_of(small, sizeof small);

    open_both(true);
    assert_int_equal(lk_e2e_channel_say(&ends[0], &w, LK_E2E_DATA, lk_span_text("x"), 1000),
                     LK_E_FULL);
    assert_int_equal(ends[0].sends.next, 1);
    say(0, 1000);
    assert_int_equal(ends[0].sends.next, 2);
    assert_int_equal(take(0), LK_OK);
}

static void the_edges_of_the_window(void **state)
{
    open_both(true);
    for (size_t i = 0; i < KEPT; i++)
        say(i, 1000);
    assert_int_equal(take(0), LK_OK);
    assert_int_equal(take(1), LK_OK);
    assert_int_equal(take(65), LK_OK); /* by 64 at once: nothing is left of what was */
    for (size_t i = 2; i < 65; i++)
        assert_int_equal(take(i), LK_OK);
    assert_int_equal(take(1), LK_E_TWICE);
    assert_int_equal(take(128), LK_OK);
    assert_int_equal(take(65), LK_E_TWICE); /* the last one in it */
    assert_int_equal(take(64), LK_E_TWICE);
    assert_int_equal(take(66), LK_OK);
    memset(kept[67] + LK_E2E_HEADER + 2, 0xff, 8); /* a number that none comes behind */
    assert_int_equal(take(67), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_has_an_order),
        cmocka_unit_test(datagrams_come_once_in_any_order),
        cmocka_unit_test(every_octet_counts),
        cmocka_unit_test(epochs),
        cmocka_unit_test(late_and_lost_epochs_in_datagrams),
        cmocka_unit_test(the_end),
        cmocka_unit_test(a_key_of_an_hour),
        cmocka_unit_test(a_jump_leaves_no_key),
        cmocka_unit_test(a_full_writer_costs_a_number),
        cmocka_unit_test(the_edges_of_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
