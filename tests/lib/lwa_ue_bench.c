#include "lwa_ue_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct lk_lwa_ue ue;
struct lk_lwa_ue_config config;
struct lk_lwa_ue_outbox out;
struct lwa_enb enb;
uint64_t now_ms;

enum lk_status ue_step(struct lk_lwa_ue_event event)
{
    struct lk_lwa_ue before = ue;
    enum lk_status status;

    event.now_ms = now_ms;
    memset(&out, 0xee, sizeof out);
    status = lk_lwa_ue_step(&ue, &config, &event, &out);
    if (status != LK_OK) {
        assert_memory_equal(&before, &ue, sizeof before);
        assert_int_equal(out.count, 0);
    }
    return status;
}

enum lk_status ue_give(enum lk_lwa_ue_event_kind kind)
{
    struct lk_lwa_ue_event event = { .kind = kind };

    if (kind == LK_LWA_UE_EV_CONTEXT)
        event.context = lwa_enb_context(&enb);
    return ue_step(event);
}

enum lk_status ue_hear(struct lk_span pdu)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_RRC };

    event.rrc = pdu;
    return ue_step(event);
}

const struct lk_lwa_ue_output *ue_find(enum lk_lwa_ue_output_kind kind)
{
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == kind)
            return &out.item[i];
    return NULL;
}

unsigned ue_count_of(enum lk_lwa_ue_output_kind kind)
{
    unsigned count = 0;

    for (size_t i = 0; i < out.count; i++)
        count += out.item[i].kind == kind;
    return count;
}

/* The one answer of the last step: a Complete of that transaction, to that eNB. */
void ue_assert_complete(struct lwa_enb *at, uint8_t transaction)
{
    struct lk_rrc_uplink uplink;

    assert_non_null(ue_find(LK_LWA_UE_OUT_SEND));
    uplink = lwa_hear(at, ue_find(LK_LWA_UE_OUT_SEND)->send);
    assert_int_equal(uplink.type, LK_RRC_COMPLETE);
    assert_int_equal(uplink.transaction, transaction);
}

void ue_assert_report(enum lk_rrc_wlan_status status)
{
    struct lk_rrc_uplink uplink;

    assert_int_equal(ue_count_of(LK_LWA_UE_OUT_SEND), 1);
    uplink = lwa_hear(&enb, ue_find(LK_LWA_UE_OUT_SEND)->send);
    assert_int_equal(uplink.type, LK_RRC_WLAN_STATUS);
    assert_int_equal(uplink.status, status);
}

void ue_assert_pmk(const struct lwa_enb *at, uint16_t counter)
{
    struct lk_pmk pmk = lwa_pmk(at, counter);

    assert_non_null(ue_find(LK_LWA_UE_OUT_PMK));
    assert_memory_equal(&pmk, &ue_find(LK_LWA_UE_OUT_PMK)->pmk, sizeof pmk);
}

void ue_assert_notice(enum lk_reason reason)
{
    assert_non_null(ue_find(LK_LWA_UE_OUT_NOTICE));
    assert_int_equal(ue_find(LK_LWA_UE_OUT_NOTICE)->notice.reason, reason);
}

/* Asks, and wants it followed and answered. */
void ue_ask(struct lk_rrc_reconfiguration question)
{
    struct lk_span pdu = lwa_ask(&enb, &question);

    assert_int_equal(ue_hear(pdu), LK_OK);
    ue_assert_complete(&enb, question.transaction);
}

/* The handover, followed, answered to the target, which is the eNB from here on. */
void ue_move(struct lwa_enb target, enum lk_rrc_wt_change wt)
{
    struct lk_rrc_reconfiguration question = lwa_hand_over(&target, wt);
    struct lk_span pdu = lwa_ask(&enb, &question);

    assert_int_equal(ue_hear(pdu), LK_OK);
    ue_assert_complete(&target, question.transaction);
    enb = target;
}

void ue_bring_to(enum lk_lwa_ue_state to)
{
    now_ms = 1000;
    lk_lwa_ue_defaults(&config);
    lk_lwa_ue_init(&ue);
    lwa_enb_begin(&enb, 0x41);
    if (to != LK_LWA_UE_OFF)
        assert_int_equal(ue_give(LK_LWA_UE_EV_CONTEXT), LK_OK);
    if (to >= LK_LWA_UE_JOINING)
        ue_ask(lwa_set_up(0));
    if (to == LK_LWA_UE_PAUSED) {
        assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_DOWN), LK_OK);
    } else if (to == LK_LWA_UE_ACTIVE) {
        assert_int_equal(ue_give(LK_LWA_UE_EV_LINK_UP), LK_OK);
        ue_assert_report(LK_RRC_WLAN_ASSOCIATED);
    } else if (to == LK_LWA_UE_STOPPED) {
        now_ms = ue.deadline_ms;
        assert_int_equal(ue_give(LK_LWA_UE_EV_EXPIRED), LK_OK);
        ue_assert_report(LK_RRC_WLAN_TIMEOUT);
    }
    assert_int_equal(ue.state, to);
}
