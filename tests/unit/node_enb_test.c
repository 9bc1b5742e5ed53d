/* The eNBs' node by itself: places, ids, cells, what is due, and what it refuses. What it does with
 * a WT and a device is in flow/lwa_test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/enb.h"

enum { UES = 300 };

static struct lk_enb_config config;
static struct lk_enb *enb;
static struct lk_enb_outbox out;
static uint64_t now_ms, wake_ms;

static enum lk_status step(struct lk_enb_event event)
{
    const struct lk_enb_output *wake;
    enum lk_status status;

    event.now_ms = now_ms;
    status = lk_enb_step(enb, &event, &out);
    wake = lk_enb_outbox_find(&out, LK_ENB_OUT_WAKE);
    if (wake != NULL)
        wake_ms = wake->wake_at_ms;
    return status;
}

static enum lk_status happens(enum lk_enb_event_kind kind, uint32_t ue, uint32_t cell)
{
    return step((struct lk_enb_event){ .kind = kind, .ue = ue, .cell = cell });
}

static struct lk_enb_event context_of(uint32_t ue, uint32_t cell, uint8_t octet)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = ue, .cell = cell };

    event.context.mac[4] = (uint8_t)(ue >> 8);
    event.context.mac[5] = (uint8_t)ue;
    event.context.kenb.octets[0] = octet;
    event.context.kenb.octets[1] = (uint8_t)ue;
    event.context.kenb.octets[2] = (uint8_t)(ue >> 8);
    return event;
}

static unsigned count_of(enum lk_enb_output_kind kind)
{
    unsigned count = 0;

    for (size_t i = 0; i < out.count; i++)
        count += out.item[i].kind == kind;
    return count;
}

static int set_up(void **state)
{
    lk_enb_defaults(&config);
    config.ues = UES;
    for (unsigned i = 0; i < LK_ENB_CELLS_MAX; i++) {
        config.cell[i].mobility.count = 1;
        config.cell[i].mobility.id[0].has_bssid = true;
    }
    enb = malloc(lk_enb_size(&config));
    memset(enb, 0xa5, lk_enb_size(&config)); /* nobody promises zeroes */
    enb = lk_enb_init(enb, &config);
    now_ms = 100;
    return 0;
}

static int tear_down(void **state)
{
    lk_enb_wipe(enb);
    for (size_t i = 0; i < lk_enb_size(&config); i++)
        assert_int_equal(((const uint8_t *)enb)[i], 0);
    free(enb);
    return 0;
}

static void saves(uint32_t ue, const struct lk_lwa_saved *what)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_SAVED, .ue = ue };

    event.saved.what = *what;
    event.saved.done = true;
    assert_int_equal(step(event), LK_OK);
}

static struct lk_xwap addition_of(uint32_t ue)
{
    struct lk_xwap message;
    struct lk_xwap_diagnostics found;

    assert_int_equal(happens(LK_ENB_EV_ADD, ue, 0), LK_OK);
    saves(ue, &lk_enb_outbox_find(&out, LK_ENB_OUT_SAVE)->save);
    assert_int_equal(lk_xwap_decode(&message, &found,
                                    lk_enb_outbox_find(&out, LK_ENB_OUT_XW)->octets), LK_OK);
    return message;
}

static struct lk_span acknowledgement(uint8_t room[256], uint32_t enb_ue_id)
{
    struct lk_xwap m = { .type = LK_XWAP_ADDITION_ACKNOWLEDGE, .enb_ue_id = enb_ue_id,
                         .wt_ue_id = 9, .added = { .count = 1 } };
    struct lk_writer w = lk_writer_of(room, 256);

    m.added.bearer[0] = config.cell[0].bearer;
    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_ADMITTED_ADDED);
    assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
    return lk_writer_span(&w);
}

static enum lk_status comes(enum lk_enb_event_kind kind, uint32_t ue, uint32_t cell,
                            struct lk_span octets)
{
    struct lk_enb_event event = { .kind = kind, .ue = ue, .cell = cell };

    event.octets = octets;
    return step(event);
}

static enum lk_status acknowledge(uint32_t cell, uint32_t enb_ue_id)
{
    uint8_t room[256];

    return comes(LK_ENB_EV_XW, 0, cell, acknowledgement(room, enb_ue_id));
}

/* An id for the WT is one UE's at one cell, and another one after each context. */
static void an_id_is_of_one_ue_at_one_cell(void **state)
{
    uint32_t first, second;

    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
    assert_int_equal(step(context_of(1, 0, 1)), LK_OK);
    assert_int_equal(step(context_of(2, 0, 1)), LK_OK);
    first = addition_of(1).enb_ue_id;
    second = addition_of(2).enb_ue_id;
    assert_int_not_equal(first, second);
    assert_int_equal(acknowledge(1, first), LK_E_NOT_FOUND); /* over another cell's way */
    assert_int_equal(acknowledge(0, first + 1), LK_E_NOT_FOUND);
    assert_int_equal(acknowledge(0, LK_XWAP_UE_ID_MAX), LK_E_NOT_FOUND);
    assert_int_equal(happens(LK_ENB_EV_LEFT, 1, 0), LK_OK);
    assert_int_equal(step(context_of(1, 0, 2)), LK_OK);
    assert_int_equal(acknowledge(0, first), LK_E_NOT_FOUND); /* late */
    assert_int_not_equal(addition_of(1).enb_ue_id, first);
    assert_int_equal(acknowledge(0, second), LK_OK);
    assert_int_equal(lk_enb_counted(enb)->xw_unknown, 4);
    assert_int_equal(count_of(LK_ENB_OUT_RRC), 1);
    assert_int_equal(lk_enb_outbox_find(&out, LK_ENB_OUT_RRC)->ue, 2);
}

/* Where cells have one way to the WT together, the id alone tells whose message it is. */
static void an_id_is_enough_over_a_way_of_all_cells(void **state)
{
    uint32_t id;

    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 1), LK_OK);
    assert_int_equal(step(context_of(1, 1, 1)), LK_OK);
    id = addition_of(1).enb_ue_id;
    assert_int_equal(acknowledge(LK_ENB_NOBODY, id + 1), LK_E_NOT_FOUND);
    assert_int_equal(acknowledge(LK_ENB_NOBODY, id), LK_OK);
    assert_int_equal(lk_enb_outbox_find(&out, LK_ENB_OUT_RRC)->cell, 1);
    assert_int_equal(happens(LK_ENB_EV_XW_DOWN, 0, LK_ENB_NOBODY), LK_E_VALUE);
}

static void what_is_of_nobody_is_refused(void **state)
{
    static const uint8_t nonsense[] = { 1, 2, 3 };
    struct lk_enb_event event = { .kind = LK_ENB_EV_XW };

    assert_int_equal(happens(LK_ENB_EV_ADD, 0, 0), LK_E_NOT_FOUND);
    assert_int_equal(happens(LK_ENB_EV_ADD, UES, 0), LK_E_NOT_FOUND);
    assert_int_equal(step(context_of(UES, 0, 1)), LK_E_VALUE);
    assert_int_equal(step(context_of(0, 2, 1)), LK_E_VALUE);
    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 2), LK_E_VALUE);
    assert_int_equal(happens(LK_ENB_EV_XW_DOWN, 0, 1), LK_E_UNEXPECTED);
    assert_int_equal(happens(LK_ENB_EVENT_KIND_COUNT, 0, 0), LK_E_NOT_FOUND);
    assert_int_equal(lk_enb_ue_count(enb), 0);
    assert_int_equal(step(context_of(0, 0, 1)), LK_OK);
    assert_int_equal(step(context_of(0, 0, 1)), LK_E_EXISTS); /* T52 */
    assert_int_equal(happens(LK_ENB_EV_HANDOVER, 0, 2), LK_E_VALUE);
    assert_int_equal(happens(LK_ENB_EV_HANDOVER, 0, 0), LK_E_EXISTS);
    assert_int_equal(happens(LK_ENB_EV_SAVED, 0, 0), LK_E_UNEXPECTED);
    assert_int_equal(happens(LK_ENB_EV_RRC, 0, 1), LK_E_NOT_FOUND);
    event.octets = LK_SPAN(nonsense);
    assert_int_not_equal(step(event), LK_OK);
    assert_int_equal(lk_enb_outbox_find(&out, LK_ENB_OUT_NOTICE)->notice.reason,
                     LK_REASON_LWA_XW_MALFORMED);
    assert_int_equal(lk_enb_counted(enb)->xw_malformed, 1);
    assert_int_equal(lk_enb_ue_count(enb), 1);
}

/* Cut at every length: nothing is said, and the UE is where it was. */
static void no_cut_moves(enum lk_enb_event_kind kind, struct lk_span octets)
{
    struct lk_enb_told before, after;

    assert_true(lk_enb_told_of(&before, enb, 1));
    for (size_t len = 0; len < octets.len; len++) {
        assert_int_not_equal(comes(kind, 1, 0, lk_span_of(octets.at, len)), LK_OK);
        assert_int_equal(out.count, count_of(LK_ENB_OUT_NOTICE) + count_of(LK_ENB_OUT_WAKE));
        assert_true(lk_enb_told_of(&after, enb, 1));
        assert_int_equal(after.state, before.state);
        assert_int_equal(after.enb_ue_id, before.enb_ue_id);
    }
}

/* The acknowledgement of the WT, and the UE's answer to what follows, cut at every length.
 * spec: TS 36.463 10.3 - of a message that is cut nothing is done. */
static void what_is_cut_moves_nothing(void **state)
{
    struct lk_enb_event context = context_of(1, 0, 1);
    struct lk_srb srb = { .sends = LK_EIA_UPLINK };
    struct lk_rrc_uplink complete = { .type = LK_RRC_COMPLETE };
    struct lk_rrc_reconfiguration question;
    struct lk_enb_told told;
    struct lk_k_rrc_int key;
    uint8_t room[256], message[16];
    struct lk_writer rrc = lk_writer_of(message, sizeof message), w;
    struct lk_span octets;

    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
    assert_int_equal(step(context), LK_OK);
    octets = acknowledgement(room, addition_of(1).enb_ue_id);
    no_cut_moves(LK_ENB_EV_XW, octets);
    assert_int_equal(lk_enb_counted(enb)->xw_malformed, octets.len);
    assert_int_equal(lk_enb_counted(enb)->xw_unknown + lk_enb_counted(enb)->xw_refused, 0);
    assert_int_equal(comes(LK_ENB_EV_XW, 0, 0, octets), LK_OK);

    lk_k_rrc_int_derive(&key, &context.context.kenb, config.cell[0].algorithm);
    assert_int_equal(lk_srb_receive(&srb, &octets, &key,
                                    lk_enb_outbox_find(&out, LK_ENB_OUT_RRC)->octets), LK_OK);
    assert_int_equal(lk_rrc_reconfiguration_decode(&question, octets), LK_OK);
    complete.transaction = question.transaction;
    assert_int_equal(lk_rrc_uplink_encode(&rrc, &complete), LK_OK);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_srb_send(&srb, &w, &key, lk_writer_span(&rrc)), LK_OK);
    no_cut_moves(LK_ENB_EV_RRC, lk_writer_span(&w));
    assert_int_equal(lk_enb_counted(enb)->rrc_refused, w.len);
    assert_int_equal(comes(LK_ENB_EV_RRC, 1, 0, lk_writer_span(&w)), LK_OK);
    assert_true(lk_enb_told_of(&told, enb, 1));
    assert_int_equal(told.state, LK_LWA_ENB_SETUP_ASSOCIATION);
}

static bool remembers(const uint8_t *secret)
{
    const uint8_t *at = (const void *)enb;

    for (size_t i = 0; i + 16 <= lk_enb_size(&config); i++)
        if (memcmp(at + i, secret, 16) == 0)
            return true;
    return false;
}

/* Of a UE that has left no key stays: not KASME, NH, KeNB, nor what the machine made of it. And a
 * context without a KASME leaves nothing of the chain before. */
static void nothing_is_kept_of_a_ue_that_left(void **state)
{
    for (unsigned how = 0; how < 2; how++) {
        struct lk_enb_event event = context_of(4, 0, 1);
        struct lk_k_rrc_int k_rrc_int;
        struct lk_kenb kenb;
        struct lk_nh nh;

        memset(event.context.kasme.octets, (int)(0x71 + how), sizeof event.context.kasme.octets);
        event.context.has_kasme = true;
        event.context.ul_nas_count = LK_NAS_COUNT_MAX + 1;
        assert_int_equal(step(event), LK_E_VALUE);
        event.context.ul_nas_count = LK_NAS_COUNT_MAX;
        assert_int_equal(step(event), LK_OK);
        lk_kenb_derive(&kenb, &event.context.kasme, LK_NAS_COUNT_MAX);
        lk_nh_first(&nh, &event.context.kasme, &kenb);
        lk_k_rrc_int_derive(&k_rrc_int, &kenb, config.cell[0].algorithm);
        assert_true(remembers(event.context.kasme.octets) && remembers(nh.octets));
        assert_true(remembers(kenb.octets) && remembers(k_rrc_int.octets));
        if (how == 0)
            assert_int_equal(happens(LK_ENB_EV_LEFT, 4, 0), LK_OK);
        else
            assert_int_equal(step(context_of(4, 0, 2)), LK_OK);
        assert_false(remembers(event.context.kasme.octets) || remembers(nh.octets));
        assert_false(remembers(kenb.octets) || remembers(k_rrc_int.octets));
    }
}

/* A context at another cell: what was wanted still is, and the first cell knows nothing. */
static void a_ue_may_be_connected_elsewhere(void **state)
{
    struct lk_enb_told told;

    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 1), LK_OK);
    assert_int_equal(step(context_of(7, 0, 1)), LK_OK);
    assert_int_equal(happens(LK_ENB_EV_ADD, 7, 0), LK_OK);
    assert_int_equal(step(context_of(7, 1, 2)), LK_OK);
    assert_int_equal(count_of(LK_ENB_OUT_SAVE), 1); /* the way of cell 1 is up */
    assert_true(lk_enb_told_of(&told, enb, 7));
    assert_int_equal(told.cell, 1);
    assert_true(told.wanted && !told.hands_over);
    assert_int_equal(told.mac[5], 7);
    assert_int_equal(lk_enb_ue_count(enb), 1);
    assert_false(lk_enb_told_of(&told, enb, 6));
    assert_false(lk_enb_told_of(&told, enb, UES));
}

/* T53: while there is a way to the WT the cell before says the end of the UE; without one the next
 * cell is given the id, as by the MAC address alone it would not get the UE. */
static void the_next_cell_knows_the_id_that_was_not_released(void **state)
{
    struct lk_xwap_diagnostics found;

    for (uint32_t cut = 0; cut < 2; cut++) {
        struct lk_xwap m;

        assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
        assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 1), LK_OK);
        assert_int_equal(step(context_of(cut, 0, 1)), LK_OK);
        assert_int_equal(acknowledge(0, addition_of(cut).enb_ue_id), LK_OK);
        if (cut == 1)
            assert_int_equal(happens(LK_ENB_EV_XW_DOWN, 0, 0), LK_OK);
        assert_int_equal(step(context_of(cut, 1, 2)), LK_OK);
        assert_int_equal(count_of(LK_ENB_OUT_XW), 1 - cut);
        saves(cut, &lk_enb_outbox_find(&out, LK_ENB_OUT_SAVE)->save);
        assert_int_equal(lk_xwap_decode(&m, &found,
                                        lk_enb_outbox_find(&out, LK_ENB_OUT_XW)->octets), LK_OK);
        assert_int_equal(m.type, LK_XWAP_ADDITION_REQUEST);
        assert_int_equal(lk_xwap_has(&m, LK_XWAP_WT_UE_ID), cut == 1);
        assert_int_equal(m.wt_ue_id, cut == 1 ? 9 : 0);
        assert_true(lk_xwap_has(&m, LK_XWAP_SECURITY));
    }
}

/* More UEs than an outbox holds wait for the way to the WT: all are served, step by step. */
static void a_way_that_comes_up_is_told_to_all(void **state)
{
    unsigned saved = 0, steps = 0;
    const struct lk_enb_output *wake;

    for (uint32_t ue = 0; ue < UES; ue++) {
        assert_int_equal(step(context_of(ue, 0, 1)), LK_OK);
        assert_int_equal(happens(LK_ENB_EV_ADD, ue, 0), LK_OK);
    }
    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
    for (;;) {
        saved += count_of(LK_ENB_OUT_SAVE);
        wake = lk_enb_outbox_find(&out, LK_ENB_OUT_WAKE);
        assert_true(++steps < 20 && wake != NULL);
        if (wake->wake_at_ms > now_ms)
            break;
        assert_int_equal(happens(LK_ENB_EV_EXPIRED, 0, 0), LK_OK);
    }
    assert_int_equal(saved, UES);
    assert_true(steps > 2);
    assert_int_equal(wake->wake_at_ms, now_ms + config.cell[0].save_ms);
    /* And so is what is due at one time. */
    now_ms = wake->wake_at_ms;
    saved = 0;
    for (steps = 0; steps < 20 && saved < UES; steps++) {
        assert_int_equal(happens(LK_ENB_EV_EXPIRED, 0, 0), LK_OK);
        saved += count_of(LK_ENB_OUT_SAVE);
    }
    assert_int_equal(saved, UES);
}

/* Source and target say to each other what they must, though nobody else hears: no answer of the
 * UE, so the target gives up, and the source has it again. */
static void a_handover_to_nowhere_ends(void **state)
{
    struct lk_enb_told told;
    const struct lk_enb_output *wake;

    assert_int_equal(step(context_of(3, 0, 1)), LK_OK);
    assert_int_equal(happens(LK_ENB_EV_HANDOVER, 3, 1), LK_OK);
    assert_int_equal(count_of(LK_ENB_OUT_RRC), 1); /* the target's command, by the source */
    assert_int_equal(lk_enb_outbox_find(&out, LK_ENB_OUT_RRC)->cell, 0);
    assert_true(lk_enb_told_of(&told, enb, 3));
    assert_true(told.hands_over);
    wake = lk_enb_outbox_find(&out, LK_ENB_OUT_WAKE);
    for (unsigned i = 0; i < 50 && wake != NULL && wake->wake_at_ms != UINT64_MAX; i++) {
        now_ms = wake->wake_at_ms;
        assert_int_equal(happens(LK_ENB_EV_EXPIRED, 0, 0), LK_OK);
        wake = lk_enb_outbox_find(&out, LK_ENB_OUT_WAKE);
    }
    assert_true(lk_enb_told_of(&told, enb, 3));
    assert_false(told.hands_over);
    assert_int_equal(told.cell, 0);
    assert_int_equal(told.state, LK_LWA_ENB_READY);
    assert_int_equal(lk_enb_counted(enb)->handovers_failed, 1);
}

/* A driver's timer may be early, and is used up then. */
static void a_wake_that_is_early_is_told_again(void **state)
{
    uint64_t due_ms;

    assert_int_equal(happens(LK_ENB_EV_XW_UP, 0, 0), LK_OK);
    assert_int_equal(step(context_of(1, 0, 1)), LK_OK);
    (void)addition_of(1);
    due_ms = wake_ms;
    now_ms = due_ms - 1;
    for (unsigned times = 0; times < 2; times++) {
        wake_ms = UINT64_MAX;
        assert_int_equal(happens(LK_ENB_EV_EXPIRED, 0, 0), LK_OK);
        assert_int_equal(wake_ms, due_ms);
        assert_int_equal(out.count, 1);
    }
    now_ms = due_ms;
    assert_int_equal(happens(LK_ENB_EV_EXPIRED, 0, 0), LK_OK);
    assert_int_equal(count_of(LK_ENB_OUT_XW), 1); /* the ADDITION again */
}

static void what_cannot_work_is_refused(void **state)
{
    enum lk_lwa_enb_setting setting;
    struct lk_enb_config wrong = config;

    assert_int_equal(lk_enb_config_check(&setting, &wrong), LK_REASON_NONE);
    wrong.cell[1].cell = wrong.cell[0].cell;
    assert_int_equal(lk_enb_config_check(&setting, &wrong), LK_REASON_LWA_SETTING);
    wrong = config;
    wrong.cells = LK_ENB_CELLS_MAX + 1;
    assert_int_equal(lk_enb_config_check(&setting, &wrong), LK_REASON_LWA_SETTING);
    wrong = config;
    wrong.ues = 0;
    assert_int_equal(lk_enb_config_check(&setting, &wrong), LK_REASON_LWA_SETTING);
    wrong = config;
    wrong.cell[1].order = LK_LWA_WT_FIRST; /* T50, in any cell */
    assert_int_equal(lk_enb_config_check(&setting, &wrong), LK_REASON_LWA_WT_FIRST);
    wrong = config;
    wrong.ues = 1;
    wrong.cells = 1;
    wrong.cell[0].save_ms = 77;
    lk_enb_configure(enb, &wrong);
    assert_int_equal(step(context_of(UES - 1, 1, 1)), LK_OK); /* the numbers stay */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_id_is_of_one_ue_at_one_cell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_id_is_enough_over_a_way_of_all_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_of_nobody_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_cut_moves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_kept_of_a_ue_that_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_ue_may_be_connected_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_next_cell_knows_the_id_that_was_not_released, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_way_that_comes_up_is_told_to_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_handover_to_nowhere_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wake_that_is_early_is_told_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_work_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
