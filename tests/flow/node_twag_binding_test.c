/* The TWAG between devices and anchor: what the anchor says of a binding; whose an address is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "twag_rig.h"
#include "wlcp_rig.h"

enum { A, B };

#define REQUEST "810131280908696e7465726e6574"
#define REQUEST_IMS "8102312804 03696d73"

/* Invariant 15: the IMSI of a connection is the session's, at the device, here and at the anchor;
 * and an answer of the anchor to what is over is for nobody. */
static void a_late_answer_is_for_nobody(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref old;

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, REQUEST), LK_OK);
    old = rig->ref;
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    assert_int_equal(twag_rig_up(rig, B, rig->device[B].identity), LK_OK);
    assert_int_equal(twag_rig_say(rig, B, REQUEST), LK_OK);
    assert_int_equal(rig->ref.row, old.row); /* the same row, and another use of it */
    rig->sent_len = 0;
    assert_int_equal(twag_rig_bound(rig, old, 7), LK_E_NOT_FOUND);
    assert_int_equal(rig->sent_len, 0);
    assert_int_equal(lk_twag_counted(rig->twag)->late_answers, 1);
    old.row = 77;
    assert_int_equal(twag_rig_bound(rig, old, 7), LK_E_NOT_FOUND);
}

static void a_silent_anchor_is_waited_for_so_long(void **state)
{
    struct twag_rig *rig = *state;

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    assert_int_equal(twag_rig_say(rig, A, REQUEST), LK_OK);
    twag_rig_wait(rig, rig->config.wlcp.t_bind_ms);
    twag_rig_sent(rig, "830126");
    assert_int_equal(rig->deregisters, 1);
    assert_int_equal(rig->downs, 0); /* it never was up */
    assert_int_equal(lk_twag_connection_count(rig->twag), 0);
}

static struct lk_twag_event binding_of(enum lk_twag_event_kind kind, struct lk_twag_ref ref)
{
    return (struct lk_twag_event){ .kind = kind, .binding = { .ref = ref } };
}

static void the_anchor_may_refuse_and_end(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event event;

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(twag_rig_say(rig, A, REQUEST_IMS), LK_OK);
    event = binding_of(LK_TWAG_EV_REFUSED, rig->ref);
    event.binding.cause = LK_WLCP_CAUSE_RESOURCES;
    event.binding.back_off_ms = 60000;
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    twag_rig_sent(rig, "83021a37017e"); /* Tw1: 30 times 2 s */
    assert_int_equal(rig->deregisters, 0);
    event = binding_of(LK_TWAG_EV_UNBOUND, (struct lk_twag_ref){ 0, 1 });
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    twag_rig_settle(rig);
    assert_int_equal(rig->downs, 1);
    assert_int_equal(rig->deregisters, 0);
    assert_null(twag_rig_connection(rig, A, "internet"));
}

static void what_has_moved_ends_without_a_word(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_event event = binding_of(LK_TWAG_EV_UNBOUND, ref);

    event.binding.moved = true;
    rig->sent_len = 0;
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_int_equal(rig->sent_len, 0);
    assert_int_equal(rig->deregisters, 0);
    assert_int_equal(rig->downs, 1);
}

/* BOUND to 10.0.0.IPV4 and 2001:db8:0:PREFIX::/64; 0: not to one, though its octets say 7. */
static enum lk_status bound_to(struct twag_rig *rig, struct lk_twag_ref ref, uint8_t ipv4,
                               uint8_t prefix)
{
    struct lk_twag_event event = binding_of(LK_TWAG_EV_BOUND, ref);
    enum lk_status status;

    event.binding.has_ipv4 = ipv4 != 0;
    event.binding.has_prefix = prefix != 0;
    memcpy(event.binding.ipv4, (const uint8_t[]){ 10, 0, 0, ipv4 != 0 ? ipv4 : 7 }, 4);
    memcpy(event.binding.prefix, "\x20\x01\x0d\xb8\0\0\0", 7);
    event.binding.prefix[7] = prefix != 0 ? prefix : 7;
    status = twag_rig_step(rig, &event);
    twag_rig_settle(rig);
    return status;
}

/* The anchor confirms after a roll; with another address of either family, or without one that was
 * there, the device has to ask anew. */
static void a_binding_that_changes_is_another_connection(void **state)
{
    static const uint8_t other[][2] = { { 9, 9 }, { 9, 7 }, { 7, 9 }, { 0, 7 }, { 7, 0 } };

    for (size_t i = 0; i < LK_COUNT_OF(other); i++) {
        struct twag_rig *rig = twag_rig_new(3, 5);
        struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);

        rig->sent_len = 0;
        assert_int_equal(bound_to(rig, ref, 7, 7), LK_OK);
        assert_int_equal(rig->sent_len, 0);
        assert_int_equal(bound_to(rig, ref, other[i][0], other[i][1]), LK_OK);
        assert_int_equal(rig->sent[rig->sent_len - 1], LK_WLCP_CAUSE_REACTIVATE);
        assert_int_equal(rig->downs, 1);
        twag_rig_free(rig);
    }
}

/* An address that a device has is not given to another, of either family (invariant 8). */
static void an_address_has_one_owner(void **state)
{
    static const uint8_t taken[][2] = { { 7, 7 }, { 7, 8 }, { 8, 7 }, { 7, 0 }, { 0, 7 } };

    for (size_t i = 0; i < LK_COUNT_OF(taken); i++) {
        struct twag_rig *rig = twag_rig_new(3, 5);

        (void)twag_rig_attach(rig, A, "internet", 7);
        assert_int_equal(twag_rig_session(rig, B), LK_OK);
        assert_int_equal(twag_rig_up(rig, B, rig->device[B].identity), LK_OK);
        assert_int_equal(twag_rig_say(rig, B, REQUEST), LK_OK);
        assert_int_equal(bound_to(rig, rig->ref, taken[i][0], taken[i][1]), LK_OK);
        twag_rig_sent(rig, "830126");
        assert_int_equal(rig->deregisters, 1);
        assert_int_equal(twag_rig_frame(rig, A, 0, 7), LK_OK);
        twag_rig_free(rig);
    }
}

/* An address that a connection had is anybody's when it is over, whichever row it was in. */
static void an_address_is_free_again(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref one = twag_rig_attach(rig, A, "internet", 7);

    (void)twag_rig_attach(rig, A, "ims", 8);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(twag_rig_session(rig, B), LK_OK);
    assert_int_equal(twag_rig_up(rig, B, rig->device[B].identity), LK_OK);
    (void)twag_rig_want(rig, B, "internet");
    assert_int_equal(twag_rig_bound(rig, rig->ref, rig->ref.row == one.row ? 8 : 7), LK_OK);
    assert_int_equal(rig->ups, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twag_rig_set_up, twag_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_late_answer_is_for_nobody),
        TEST(a_silent_anchor_is_waited_for_so_long),
        TEST(the_anchor_may_refuse_and_end),
        TEST(what_has_moved_ends_without_a_word),
        TEST(a_binding_that_changes_is_another_connection),
        TEST(an_address_has_one_owner),
        TEST(an_address_is_free_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
