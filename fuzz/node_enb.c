/* Octets as the life of two cells with two UEs, one of them a true device's machine: contexts,
 * wishes, handovers, what the store kept, RRC as the device answers it, late, altered or of nobody,
 * a WT that answers what it is asked, or something else, its ways up and down, time.
 *
 * Promises: each UE has a machine where it is served, and one more at most; ids lead back to it; no
 * counter is used before it is saved (T52); no key goes to the WT for an association that there is
 * but one that the device has (T50); no timer is due before WAKE. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "keys/rsn.h"
#include "node/enb_parts.h"
#include "proto/lwa/ue.h"

enum { UES = 2, CELLS = 2, DEVICE = 0, EVENTS = 200, PDU_MAX = 512 };

static _Alignas(max_align_t) uint8_t memory[64 * 1024];
static struct lk_enb_config config;
static struct lk_enb *enb;
static struct lk_enb_outbox out;
static struct lk_lwa_ue device;
static struct lk_lwa_ue_config device_config;
static struct lk_pmk had[EVENTS]; /* all keys that the device was handed */
static unsigned had_count;
static struct lk_lwa_saved asked[UES];
static uint32_t saved_to[UES];
static uint64_t now_ms, wake_ms;
static uint8_t contexts;

static struct heard {
    size_t len;
    uint8_t octets[PDU_MAX];
} to_device, to_wt; /* the last */
static uint32_t to_wt_cell;

/* ---- what must hold ---- */

static void check_ue(const struct lk_enb_ue *ue, uint32_t place)
{
    static const struct lk_lwa_enb nothing;

    LK_ASSERT(ue->leg[ue->serving].used);
    for (uint32_t side = 0; side < LK_ENB_SIDES; side++) {
        const struct lk_enb_leg *leg = &ue->leg[side];

        if (!leg->used) {
            LK_ASSERT(lk_span_equal(lk_span_of(&leg->machine, sizeof leg->machine),
                                    lk_span_of(&nothing, sizeof nothing)));
            continue;
        }
        LK_ASSERT(leg->cell < CELLS && leg->machine.state != LK_LWA_ENB_IDLE);
        LK_ASSERT(leg->machine.timer_ms >= wake_ms);
        LK_ASSERT(leg->machine.enb_ue_id % lk_enb_legs(&config) == place * LK_ENB_SIDES + side);
    }
    if (ue->leg[0].used && ue->leg[1].used)
        LK_ASSERT(ue->leg[ue->serving].machine.state == LK_LWA_ENB_HANDOVER_TARGET ||
                  ue->leg[ue->serving].machine.state == LK_LWA_ENB_HANDOVER_UE);
}

static void check(void)
{
    uint32_t count = 0;

    for (uint32_t place = 0; place < enb->touched; place++) {
        if (!enb->ue[place].used)
            continue;
        count++;
        check_ue(&enb->ue[place], place);
    }
    LK_ASSERT(count == lk_enb_ue_count(enb));
}

static bool device_has(struct lk_span key)
{
    for (unsigned i = 0; i < had_count; i++)
        if (lk_same_secret(had[i].octets, key.at, sizeof had[i].octets))
            return true;
    return false;
}

static void keep(struct heard *heard, struct lk_span octets)
{
    heard->len = octets.len;
    LK_ASSERT(octets.len <= sizeof heard->octets);
    memcpy(heard->octets, octets.at, octets.len);
}

static void look_at_xw(const struct lk_enb_output *item)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap m;

    LK_ASSERT(lk_xwap_decode(&m, &found, item->octets) == LK_OK);
    if (m.type == LK_XWAP_MODIFICATION_REQUEST && item->ue == DEVICE)
        LK_ASSERT(device_has(m.key)); /* T50 */
    keep(&to_wt, item->octets);
    to_wt_cell = item->cell;
}

static void look(const struct lk_enb_output *item)
{
    LK_ASSERT(item->ue < UES || item->ue == LK_ENB_NOBODY);
    LK_ASSERT(item->cell < CELLS || item->cell == LK_ENB_NOBODY);
    switch (item->kind) {
    case LK_ENB_OUT_RRC:
        if (item->ue == DEVICE)
            keep(&to_device, item->octets);
        break;
    case LK_ENB_OUT_XW: look_at_xw(item); break;
    case LK_ENB_OUT_SAVE: asked[item->ue] = item->save; break;
    case LK_ENB_OUT_REKEY_BEGUN:
        LK_ASSERT(saved_to[item->ue] == item->key.counter + 1u); /* T52 */
        break;
    case LK_ENB_OUT_WAKE: wake_ms = item->wake_at_ms; break;
    case LK_ENB_OUT_ACTIVE:
    case LK_ENB_OUT_REFRESHED:
    case LK_ENB_OUT_HANDED_OVER:
    case LK_ENB_OUT_RELEASED:
    case LK_ENB_OUT_NOTICE:
    case LK_ENB_OUTPUT_KIND_COUNT: break;
    }
}

static void step(struct lk_enb_event event)
{
    event.now_ms = now_ms;
    (void)(lk_enb_step(enb, &event, &out) == LK_OK);
    for (size_t i = 0; i < out.count; i++)
        look(&out.item[i]);
    check();
}

/* ---- the device ---- */

static void rrc(uint32_t ue, uint32_t cell, struct lk_span octets)
{
    step((struct lk_enb_event){ .kind = LK_ENB_EV_RRC, .ue = ue, .cell = cell, .octets = octets });
}

static void device_step(struct lk_lwa_ue_event *event, struct lk_reader *r, uint8_t what)
{
    struct lk_lwa_ue_outbox said;

    event->now_ms = now_ms;
    if (lk_lwa_ue_step(&device, &device_config, event, &said) != LK_OK)
        return;
    for (size_t i = 0; i < said.count; i++)
        if (said.item[i].kind == LK_LWA_UE_OUT_PMK && had_count < EVENTS)
            had[had_count++] = said.item[i].pmk;
    for (size_t i = 0; i < said.count; i++) {
        uint8_t octets[LK_LWA_UE_UPLINK_MAX];
        size_t len = said.item[i].send.len;

        if (said.item[i].kind != LK_LWA_UE_OUT_SEND || (what & 0x80) != 0)
            continue; /* 0x80: lost */
        memcpy(octets, said.item[i].send.at, len);
        if ((what & 0x40) != 0)
            octets[lk_get_u8(r) % len] ^= lk_get_u8(r);
        rrc(DEVICE, (device.context.cell.pci - 1u) % CELLS, lk_span_of(octets, len));
    }
}

static void device_hears(struct lk_reader *r, uint8_t what)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_RRC };

    event.rrc = lk_span_of(to_device.octets, to_device.len);
    device_step(&event, r, what);
}

/* ---- what a cell is told ---- */

static void context(struct lk_reader *r, uint8_t what)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = what >> 7,
                                  .cell = (what & 0x40) != 0 };
    struct lk_lwa_ue_event of_device = { .kind = LK_LWA_UE_EV_CONTEXT };

    event.context.mac[5] = (uint8_t)(event.ue + 1);
    event.context.has_kasme = (what & 0x20) != 0;
    event.context.kasme.octets[0] = event.context.kenb.octets[0] = ++contexts;
    event.context.kenb.octets[1] = (uint8_t)event.ue;
    if (event.ue == DEVICE && (what & 0x10) == 0) { /* else the device has not heard of it */
        of_device.context.kasme = event.context.kasme;
        of_device.context.kenb = event.context.kenb;
        if (event.context.has_kasme)
            lk_kenb_derive(&of_device.context.kenb, &event.context.kasme, 0);
        of_device.context.cell = config.cell[event.cell].cell;
        device_step(&of_device, r, 0);
    }
    step(event);
}

static void wish(uint8_t what)
{
    static const enum lk_enb_event_kind kinds[] = { LK_ENB_EV_ADD, LK_ENB_EV_RELEASE,
                                                    LK_ENB_EV_REKEY, LK_ENB_EV_HANDOVER,
                                                    LK_ENB_EV_LEFT };

    step((struct lk_enb_event){ .kind = kinds[(what >> 4 & 7) % LK_COUNT_OF(kinds)],
                                .ue = what >> 7, .cell = what / 10 & 1 });
}

static void store_says(uint8_t what)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_SAVED, .ue = what >> 7 };

    event.saved.what = asked[event.ue];
    event.saved.done = (what & 0x40) == 0;
    if (event.saved.done)
        saved_to[event.ue] = asked[event.ue].next;
    step(event);
}

/* To the UE and at the cell of the last message, or to the device where it is served; or over the
 * other cell's way, or any. */
static void wt_says(uint8_t what, struct lk_reader *r)
{
    static const enum lk_xwap_type types[] = {
        LK_XWAP_ADDITION_ACKNOWLEDGE, LK_XWAP_ADDITION_REJECT, LK_XWAP_MODIFICATION_ACKNOWLEDGE,
        LK_XWAP_MODIFICATION_REJECT, LK_XWAP_ASSOCIATION_CONFIRMATION, LK_XWAP_RELEASE_REQUIRED,
        LK_XWAP_MODIFICATION_REQUIRED };
    struct lk_enb_event event = { .kind = LK_ENB_EV_XW, .cell = to_wt_cell };
    struct lk_xwap_diagnostics found;
    struct lk_xwap m;
    uint8_t octets[PDU_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_enb_told told;
    uint32_t enb_ue_id;

    if (lk_xwap_decode(&m, &found, lk_span_of(to_wt.octets, to_wt.len)) != LK_OK)
        return;
    enb_ue_id = m.enb_ue_id;
    if ((what & 0x10) != 0 && lk_enb_told_of(&told, enb, DEVICE)) {
        enb_ue_id = told.enb_ue_id;
        event.cell = told.cell;
    }
    memset(&m, 0, sizeof m);
    m.type = types[lk_get_u8(r) % LK_COUNT_OF(types)];
    m.enb_ue_id = enb_ue_id;
    m.wt_ue_id = 9;
    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    if (m.type == LK_XWAP_ADDITION_ACKNOWLEDGE) {
        m.added.count = 1;
        m.added.bearer[0] = config.cell[0].bearer;
        lk_xwap_mark(&m, LK_XWAP_ADMITTED_ADDED);
    } else if (m.type != LK_XWAP_MODIFICATION_ACKNOWLEDGE &&
               m.type != LK_XWAP_ASSOCIATION_CONFIRMATION) {
        lk_xwap_mark(&m, LK_XWAP_CAUSE);
    }
    if (lk_xwap_encode(&w, &m) != LK_OK)
        return;
    if ((what & 0x80) != 0)
        event.cell = (what & 0x40) != 0 ? LK_ENB_NOBODY : 1 - event.cell;
    if ((what & 0x20) != 0)
        octets[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    event.octets = lk_writer_span(&w);
    step(event);
}

static void any_octets(struct lk_reader *r, uint8_t what)
{
    struct lk_span octets = lk_get_lv16(r);

    if ((what & 0x80) != 0)
        rrc(what & 1, (what & 0x40) != 0, octets);
    else
        step((struct lk_enb_event){ .kind = LK_ENB_EV_XW, .cell = what >> 4, .octets = octets });
}

static void time_passes(uint8_t what)
{
    uint64_t due_ms = lk_due_next_ms(&enb->due);

    now_ms += what;
    if ((what & 0x80) != 0 && due_ms != LK_DUE_NEVER && due_ms > now_ms)
        now_ms = due_ms;
    step((struct lk_enb_event){ .kind = LK_ENB_EV_EXPIRED });
}

static void begin(void)
{
    lk_enb_defaults(&config);
    config.ues = UES;
    config.cells = CELLS;
    for (unsigned i = 0; i < CELLS; i++) {
        config.cell[i].mobility.count = 1;
        config.cell[i].mobility.id[0].has_bssid = true;
    }
    LK_ASSERT(lk_enb_size(&config) <= sizeof memory);
    enb = lk_enb_init(memory, &config);
    lk_lwa_ue_defaults(&device_config);
    lk_lwa_ue_init(&device);
    memset(asked, 0, sizeof asked);
    memset(saved_to, 0, sizeof saved_to);
    to_device.len = to_wt.len = 0;
    now_ms = had_count = to_wt_cell = contexts = 0;
    wake_ms = UINT64_MAX;
    for (uint32_t cell = 0; cell < CELLS; cell++)
        step((struct lk_enb_event){ .kind = LK_ENB_EV_XW_UP, .cell = cell });
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin();
    for (unsigned i = 0; i < EVENTS && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 10) {
        case 0: context(&r, what); break;
        case 1: wish(what); break;
        case 2: store_says(what); break;
        case 3:
        case 4: device_hears(&r, what); break;
        case 5:
        case 6: wt_says(what, &r); break;
        case 7:
            step((struct lk_enb_event){ .cell = what >> 7, .kind = (what & 0x40) != 0
                                                                       ? LK_ENB_EV_XW_UP
                                                                       : LK_ENB_EV_XW_DOWN });
            break;
        case 8: time_passes(what); break;
        default: any_octets(&r, what); break;
        }
    }
    lk_enb_wipe(enb);
    return 0;
}
