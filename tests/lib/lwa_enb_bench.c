#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_enb_bench.h"

struct lk_lwa_enb enb;
struct lk_lwa_enb_config config;
struct lk_lwa_enb_outbox out;
uint64_t now_ms;
struct lk_lwa_as ue;
struct lk_rrc_reconfiguration told[SAID_MAX];
unsigned told_count;
struct lk_xwap xw_said[SAID_MAX];
unsigned xw_count;
uint8_t xw_key[32];
struct lk_lwa_saved saved_last;
static uint8_t transaction;

static void ue_hears(struct lk_span pdu)
{
    struct lk_span message;

    /* What is under a key that the UE has not, or not any more, says nothing to it. */
    if (lk_srb_receive(&ue.srb, &message, &ue.k_rrc_int, pdu) != LK_OK)
        return;
    assert_true(told_count < SAID_MAX);
    assert_int_equal(lk_rrc_reconfiguration_decode(&told[told_count], message), LK_OK);
    transaction = told[told_count++].transaction;
}

static void wt_hears(struct lk_span octets)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap *message = &xw_said[xw_count++];

    assert_true(xw_count <= SAID_MAX);
    assert_int_equal(lk_xwap_decode(message, &found, octets), LK_OK);
    assert_int_equal(message->enb_ue_id, enb.enb_ue_id == 0 ? message->enb_ue_id : enb.enb_ue_id);
    if (message->key.len == sizeof xw_key)
        memcpy(xw_key, message->key.at, sizeof xw_key);
}

enum lk_status step(const struct lk_lwa_enb_event *event)
{
    static struct lk_lwa_enb before;
    struct lk_lwa_enb_event at = *event;
    enum lk_status status;

    before = enb;
    at.now_ms = now_ms;
    told_count = xw_count = 0;
    status = lk_lwa_enb_step(&enb, &config, &at, &out);
    if (status != LK_OK) {
        assert_int_equal(out.count, 0);
        assert_memory_equal(&before, &enb, sizeof enb);
    }
    for (size_t i = 0; i < out.count; i++) {
        if (out.item[i].kind == LK_LWA_ENB_OUT_RRC)
            ue_hears(out.item[i].octets);
        else if (out.item[i].kind == LK_LWA_ENB_OUT_XW)
            wt_hears(out.item[i].octets);
        else if (out.item[i].kind == LK_LWA_ENB_OUT_SAVE)
            saved_last = out.item[i].save;
    }
    return status;
}

enum lk_status happens(enum lk_lwa_enb_event_kind kind)
{
    struct lk_lwa_enb_event event = { .kind = kind };

    return step(&event);
}

const struct lk_lwa_enb_output *has(enum lk_lwa_enb_output_kind kind)
{
    return lk_lwa_enb_outbox_find(&out, kind);
}

void assert_released(enum lk_reason reason, bool again)
{
    const struct lk_lwa_enb_output *released = has(LK_LWA_ENB_OUT_RELEASED);

    assert_non_null(released);
    assert_int_equal(released->released.reason, reason);
    assert_int_equal(released->released.again, again);
}

void assert_notice(enum lk_reason reason)
{
    const struct lk_lwa_enb_output *notice = has(LK_LWA_ENB_OUT_NOTICE);

    assert_non_null(notice);
    assert_int_equal(notice->notice.reason, reason);
}

struct lk_kenb kenb_of(uint8_t octet)
{
    struct lk_kenb kenb;

    memset(kenb.octets, octet, sizeof kenb.octets);
    return kenb;
}

static void ue_begins(const struct lk_kenb *kenb, uint8_t ncc)
{
    ue.kenb = *kenb;
    ue.ncc = ncc;
    lk_k_rrc_int_derive(&ue.k_rrc_int, &ue.kenb, config.algorithm);
    lk_srb_begin(&ue.srb, LK_EIA_UPLINK);
}

struct lk_lwa_enb_event context_of(uint8_t octet)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_CONTEXT };

    event.context.enb_ue_id = ENB_UE_ID;
    memset(event.context.ue_mac, 2, sizeof event.context.ue_mac);
    event.context.kenb = kenb_of(octet);
    return event;
}

enum lk_status context_comes(uint8_t octet)
{
    struct lk_lwa_enb_event event = context_of(octet);

    ue_begins(&event.context.kenb, 0);
    return step(&event);
}

enum lk_status is_saved(bool done)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_SAVED };

    event.saved.what = saved_last;
    event.saved.done = done;
    return step(&event);
}

enum lk_status ue_sends(struct lk_span rrc)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_RRC };
    uint8_t room[64];
    struct lk_writer pdu = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_srb_send(&ue.srb, &pdu, &ue.k_rrc_int, rrc), LK_OK);
    event.rrc = lk_writer_span(&pdu);
    return step(&event);
}

static enum lk_status uplink(const struct lk_rrc_uplink *message)
{
    uint8_t room[32];
    struct lk_writer rrc = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_rrc_uplink_encode(&rrc, message), LK_OK);
    return ue_sends(lk_writer_span(&rrc));
}

enum lk_status ue_completes_as(uint8_t as)
{
    struct lk_rrc_uplink message = { .type = LK_RRC_COMPLETE, .transaction = as };

    return uplink(&message);
}

enum lk_status ue_completes(void)
{
    return ue_completes_as(transaction);
}

enum lk_status ue_reports(enum lk_rrc_wlan_status status)
{
    struct lk_rrc_uplink message = { .type = LK_RRC_WLAN_STATUS, .status = status };

    return uplink(&message);
}

void ue_moves(const struct lk_eps_cell *cell, const struct lk_nh *nh)
{
    struct lk_kenb kenb;

    if (nh != NULL)
        lk_kenb_star_vertical(&kenb, nh, cell);
    else
        lk_kenb_star_horizontal(&kenb, &ue.kenb, cell);
    ue_begins(&kenb, 0);
}

struct lk_xwap wt_message(enum lk_xwap_type type)
{
    struct lk_xwap message = { .type = type, .enb_ue_id = ENB_UE_ID, .wt_ue_id = WT_UE_ID };

    lk_xwap_mark(&message, LK_XWAP_ENB_UE_ID);
    if (type != LK_XWAP_ADDITION_REJECT)
        lk_xwap_mark(&message, LK_XWAP_WT_UE_ID);
    message.cause.value = LK_XWAP_SECURITY_FAILURE;
    if (type == LK_XWAP_ADDITION_REJECT || type == LK_XWAP_MODIFICATION_REJECT ||
        type == LK_XWAP_MODIFICATION_REQUIRED || type == LK_XWAP_RELEASE_REQUIRED)
        lk_xwap_mark(&message, LK_XWAP_CAUSE);
    if (type == LK_XWAP_ADDITION_ACKNOWLEDGE) {
        message.added.count = 1;
        message.added.bearer[0] = config.bearer;
        lk_xwap_mark(&message, LK_XWAP_ADMITTED_ADDED);
        message.wt_mac[5] = 9;
        lk_xwap_mark(&message, LK_XWAP_WT_MAC);
    }
    return message;
}

/* Through the octets and back, as they come. */
enum lk_status hears(const struct lk_xwap *message)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_XW };
    struct lk_xwap_diagnostics found;
    struct lk_xwap decoded;
    uint8_t room[LK_XWAP_MAX];
    struct lk_writer octets = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_xwap_encode(&octets, message), LK_OK);
    assert_int_equal(lk_xwap_decode(&decoded, &found, lk_writer_span(&octets)), LK_OK);
    event.xw = &decoded;
    return step(&event);
}

enum lk_status wt_says(enum lk_xwap_type type)
{
    struct lk_xwap message = wt_message(type);

    return hears(&message);
}

enum lk_status hand_over_to(uint16_t pci)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_HANDOVER };

    event.target = (struct lk_lwa_target){ .id = pci, .cell = { pci, 1850 } };
    return step(&event);
}

static enum lk_status comes(bool kept, uint32_t deadline_ms, uint32_t key_deadline_ms)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_INCOMING };

    event.incoming.enb_ue_id = ENB_UE_ID;
    event.incoming.from = (struct lk_lwa_handover){ .kenb = kenb_of(0x44), .transaction = 1,
                                                    .wanted = true, .kept = kept,
                                                    .wt_knows = kept, .wt_ue_id = WT_UE_ID,
                                                    .deadline_ms = deadline_ms,
                                                    .key_deadline_ms = key_deadline_ms };
    ue_begins(&event.incoming.from.kenb, 0);
    transaction = 2;
    return step(&event);
}

enum lk_status incoming(bool kept)
{
    return comes(kept, 0, 0);
}

enum lk_status incoming_within(uint32_t deadline_ms)
{
    return comes(true, deadline_ms, 0);
}

enum lk_status incoming_behind(uint32_t deadline_ms)
{
    return comes(true, deadline_ms, deadline_ms);
}

enum lk_status expires(void)
{
    if (enb.timer_ms != LK_LWA_NEVER)
        now_ms = enb.timer_ms;
    return happens(LK_LWA_ENB_EV_EXPIRED);
}

struct lk_span command_of(uint16_t pci)
{
    static uint8_t room[LK_LWA_COMMAND_MAX];
    struct lk_writer rrc = lk_writer_of(room, sizeof room);
    struct lk_rrc_reconfiguration message = {
        .transaction = (uint8_t)((enb.transaction + 1) & 3), .has_handover = true,
        .handover = { .pci = pci, .has_earfcn = true, .earfcn_dl = 1850, .has_security = true,
                      .wt = LK_RRC_WT_KEPT } };

    assert_int_equal(lk_rrc_reconfiguration_encode(&rrc, &message), LK_OK);
    return lk_writer_span(&rrc);
}

void open_bench(void)
{
    enum lk_lwa_enb_setting wrong;

    lk_lwa_enb_defaults(&config);
    config.cell = (struct lk_eps_cell){ 1, 1850 };
    config.mobility.count = 1;
    config.mobility.id[0].has_bssid = true;
    config.mobility.id[0].bssid[5] = 9;
    assert_int_equal(lk_lwa_enb_config_check(&wrong, &config), LK_REASON_NONE);
    now_ms = 1000;
    lk_lwa_enb_init(&enb);
    assert_int_equal(happens(LK_LWA_ENB_EV_XW_UP), LK_OK);
}

static void set_up_to(enum lk_lwa_enb_state to)
{
    assert_int_equal(context_comes(0x11), LK_OK);
    if (to == LK_LWA_ENB_READY)
        return;
    assert_int_equal(happens(LK_LWA_ENB_EV_ADD), LK_OK);
    if (to == LK_LWA_ENB_SETUP_SAVED)
        return;
    assert_int_equal(is_saved(true), LK_OK);
    if (to == LK_LWA_ENB_SETUP_WT)
        return;
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    if (to == LK_LWA_ENB_SETUP_UE)
        return;
    assert_int_equal(ue_completes(), LK_OK);
    if (to == LK_LWA_ENB_SETUP_ASSOCIATION)
        return;
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
}

void rekey_to(enum lk_lwa_enb_state to)
{
    assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    if (to == LK_LWA_ENB_REKEY_SAVED)
        return;
    assert_int_equal(is_saved(true), LK_OK);
    if (to == LK_LWA_ENB_REKEY_UE)
        return;
    assert_int_equal(ue_completes(), LK_OK);
    if (to == LK_LWA_ENB_REKEY_WT)
        return;
    assert_int_equal(wt_says(LK_XWAP_MODIFICATION_ACKNOWLEDGE), LK_OK);
    if (to == LK_LWA_ENB_REKEY_FINISHED)
        return;
    assert_int_equal(wt_says(LK_XWAP_ASSOCIATION_CONFIRMATION), LK_OK);
}

static void come_to(enum lk_lwa_enb_state to)
{
    assert_int_equal(incoming(true), LK_OK);
    if (to == LK_LWA_ENB_INCOMING_WT)
        return;
    assert_int_equal(wt_says(LK_XWAP_ADDITION_ACKNOWLEDGE), LK_OK);
    if (to == LK_LWA_ENB_INCOMING_UE)
        return;
    assert_int_equal(ue_completes(), LK_OK);
}

static void go_to(enum lk_lwa_enb_state to)
{
    struct lk_lwa_enb_event command = { .kind = LK_LWA_ENB_EV_COMMAND };

    assert_int_equal(hand_over_to(2), LK_OK);
    if (to == LK_LWA_ENB_HANDOVER_TARGET)
        return;
    command.command = command_of(2);
    assert_int_equal(step(&command), LK_OK);
}

void bring_to(enum lk_lwa_enb_state to)
{
    open_bench();
    if (to >= LK_LWA_ENB_INCOMING_WT && to <= LK_LWA_ENB_INCOMING_ASSOCIATION)
        come_to(to);
    else if (to > LK_LWA_ENB_IDLE)
        set_up_to(to);
    if (to >= LK_LWA_ENB_REKEY_SAVED && to <= LK_LWA_ENB_REKEY_FINISHED)
        rekey_to(to);
    if (to == LK_LWA_ENB_REFRESH) {
        enb.next_counter = LK_LWA_COUNTERS;
        assert_int_equal(happens(LK_LWA_ENB_EV_REKEY), LK_OK);
    }
    if (to == LK_LWA_ENB_HANDOVER_TARGET || to == LK_LWA_ENB_HANDOVER_UE)
        go_to(to);
    if (to == LK_LWA_ENB_RELEASE_UE)
        assert_int_equal(happens(LK_LWA_ENB_EV_RELEASE), LK_OK);
    assert_int_equal(enb.state, to);
}
