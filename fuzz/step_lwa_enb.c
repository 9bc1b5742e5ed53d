/* Octets as the life of the eNB's machine of one UE beside a UE and a WT that answer what they are
 * asked, or something else: contexts, wishes, handovers in both directions, RRC and XwAP as they
 * are or altered, the way to the WT up and down, timers. What is refused changes nothing; no
 * counter is used before it is saved (T52); no key goes to the WT that the UE was not told of
 * (T50). */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "proto/lwa/enb.h"

static struct lk_lwa_enb enb;
static struct lk_lwa_enb_config config;
static struct lk_lwa_enb_outbox out;
static struct lk_lwa_saved asked;
static struct lk_lwa_as ue, ue_next;
static uint8_t command[LK_LWA_COMMAND_MAX];
static size_t command_len;
static uint64_t now_ms;
static uint32_t contexts, saved_to;
static int told; /* the counter that the UE was told last under its KeNB; -1: none */

static void look_at_wt(struct lk_span octets)
{
    static struct lk_xwap message;
    struct lk_xwap_diagnostics found;

    LK_ASSERT(lk_xwap_decode(&message, &found, octets) == LK_OK);
    LK_ASSERT(message.type != LK_XWAP_MODIFICATION_REQUEST || told == enb.counter);
    LK_ASSERT(message.type != LK_XWAP_MODIFICATION_REQUEST || enb.state == LK_LWA_ENB_REKEY_WT);
}

static void look_at_ue(struct lk_span pdu)
{
    static struct lk_rrc_reconfiguration message;
    struct lk_span rrc;

    if (lk_srb_receive(&ue.srb, &rrc, &ue.k_rrc_int, pdu) != LK_OK)
        return;
    LK_ASSERT(lk_rrc_reconfiguration_decode(&message, rrc) == LK_OK);
    if (message.has_lwa && message.lwa.has_counter) {
        LK_ASSERT(message.lwa.wt_counter >= told);
        told = message.lwa.wt_counter;
    }
}

static void look(void)
{
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_lwa_enb_output *output = &out.item[i];

        if (output->kind == LK_LWA_ENB_OUT_XW)
            look_at_wt(output->octets);
        if (output->kind == LK_LWA_ENB_OUT_RRC)
            look_at_ue(output->octets);
        if (output->kind == LK_LWA_ENB_OUT_SAVE)
            asked = output->save;
        if (output->kind == LK_LWA_ENB_OUT_COMMAND) {
            command_len = output->octets.len;
            memcpy(command, output->octets.at, command_len);
        }
        if (output->kind == LK_LWA_ENB_OUT_REKEY_BEGUN)
            LK_ASSERT(saved_to == output->key.counter + 1u); /* T52 */
    }
}

static void under(const struct lk_kenb *kenb)
{
    ue.kenb = *kenb;
    lk_k_rrc_int_derive(&ue.k_rrc_int, kenb, config.algorithm);
    lk_srb_begin(&ue.srb, LK_EIA_UPLINK);
    told = -1;
}

static enum lk_status give(struct lk_lwa_enb_event *event)
{
    static struct lk_lwa_enb before;
    enum lk_status status;

    before = enb;
    event->now_ms = now_ms;
    status = lk_lwa_enb_step(&enb, &config, event, &out);
    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&enb, sizeof enb)));
    }
    /* A new KeNB at the eNB is one at the UE: it has moved, or come. */
    if (enb.state != LK_LWA_ENB_IDLE &&
        !lk_same_secret(enb.as.kenb.octets, ue.kenb.octets, sizeof ue.kenb.octets))
        under(&enb.as.kenb);
    look();
    return status;
}

static void give_context(void)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_CONTEXT };

    event.context.enb_ue_id = 1;
    event.context.kenb.octets[0] = (uint8_t)++contexts;
    (void)give(&event);
}

static void give_incoming(uint8_t what)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_INCOMING };

    event.incoming.enb_ue_id = 1;
    event.incoming.from = (struct lk_lwa_handover){ .wanted = true, .kept = (what & 0x80) != 0,
                                                    .transaction = what & 3, .wt_ue_id = 2 };
    event.incoming.from.kenb.octets[1] = (uint8_t)++contexts;
    (void)give(&event);
}

static void give_saved(uint8_t what)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_SAVED };

    event.saved.what = asked;
    event.saved.done = (what & 0x80) == 0;
    if (event.saved.done) {
        saved_to = asked.next;
    }
    (void)give(&event);
}

/* The UE's word under its key, as it is or with an octet altered. */
static void give_rrc(struct lk_reader *r, uint8_t what)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_RRC };
    struct lk_rrc_uplink message = { .type = LK_RRC_COMPLETE, .transaction = enb.transaction };
    struct lk_lwa_as *as = &ue;
    uint8_t room[16], pdu[32];
    struct lk_writer rrc = lk_writer_of(room, sizeof room), w = lk_writer_of(pdu, sizeof pdu);

    if ((what & 0x40) != 0) {
        message.type = LK_RRC_WLAN_STATUS;
        message.status = (enum lk_rrc_wlan_status)(lk_get_u8(r) % LK_RRC_WLAN_STATUS_COUNT);
    }
    if (enb.state == LK_LWA_ENB_REFRESH && (what & 0x20) != 0) {
        ue_next = enb.next;
        lk_srb_begin(&ue_next.srb, LK_EIA_UPLINK);
        ue_next.srb.send_next = enb.next.srb.receive_next;
        as = &ue_next;
    }
    if (lk_rrc_uplink_encode(&rrc, &message) != LK_OK ||
        lk_srb_send(&as->srb, &w, &as->k_rrc_int, lk_writer_span(&rrc)) != LK_OK)
        return;
    if ((what & 0x80) != 0)
        pdu[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    event.rrc = lk_writer_span(&w);
    (void)give(&event);
}

static void give_xw(uint8_t what, struct lk_reader *r)
{
    static struct lk_xwap message;
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_XW, .xw = &message };
    struct lk_xwap_diagnostics found;

    if ((what & 0x80) != 0) {
        if (lk_xwap_decode(&message, &found, lk_get_lv8(r)) != LK_OK)
            return;
    } else {
        memset(&message, 0, sizeof message);
        message.type = (enum lk_xwap_type)(lk_get_u8(r) % LK_XWAP_TYPE_COUNT);
        message.enb_ue_id = 1;
        message.wt_ue_id = 2;
        message.added.count = 1;
        message.added.bearer[0].e_rab_id = config.bearer.e_rab_id;
    }
    (void)give(&event);
}

static void give_other(uint8_t what, struct lk_reader *r)
{
    static const enum lk_lwa_enb_event_kind kinds[] = {
        LK_LWA_ENB_EV_ADD, LK_LWA_ENB_EV_RELEASE, LK_LWA_ENB_EV_REKEY, LK_LWA_ENB_EV_HANDOVER,
        LK_LWA_ENB_EV_COMMAND, LK_LWA_ENB_EV_HANDED_OVER, LK_LWA_ENB_EV_HANDOVER_FAILED,
        LK_LWA_ENB_EV_NH, LK_LWA_ENB_EV_LEFT, LK_LWA_ENB_EV_XW_UP, LK_LWA_ENB_EV_XW_DOWN };
    struct lk_lwa_enb_event event = { .kind = kinds[lk_get_u8(r) % LK_COUNT_OF(kinds)] };

    if (event.kind == LK_LWA_ENB_EV_HANDOVER)
        event.target.cell.pci = what;
    if (event.kind == LK_LWA_ENB_EV_COMMAND)
        event.command = (what & 0x80) != 0 ? lk_get_lv8(r) : lk_span_of(command, command_len);
    if (event.kind == LK_LWA_ENB_EV_NH) {
        event.nh.ncc = what & 7;
        event.nh.nh.octets[2] = (uint8_t)++contexts;
    }
    (void)give(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    lk_lwa_enb_defaults(&config);
    config.cell.pci = 1;
    config.mobility.count = 1;
    config.mobility.id[0].has_bssid = true;
    lk_lwa_enb_init(&enb);
    memset(&ue, 0, sizeof ue);
    memset(&asked, 0, sizeof asked);
    now_ms = contexts = saved_to = 0;
    command_len = 0;
    told = -1;
    for (unsigned i = 0; i < 200 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_EXPIRED };

        switch (what % 8) {
        case 0: give_context(); break;
        case 1: give_incoming(what); break;
        case 2: give_saved(what); break;
        case 3:
        case 4: give_rrc(&r, what); break;
        case 5: give_xw(what, &r); break;
        case 6:
            now_ms += what;
            if ((what & 0x80) != 0 && enb.timer_ms != LK_LWA_NEVER && enb.timer_ms > now_ms)
                now_ms = enb.timer_ms;
            (void)give(&event);
            break;
        default: give_other(what, &r); break;
        }
    }
    return 0;
}
