/* The eNBs: events in, outputs out. Here are the table of UEs and the step; what the machines
 * of a UE say is in enb_ue.c.
 *
 * It implements, beside the machines, the MME's part of TS 33.401 7.2.8. */
#include "node/enb.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"
#include "node/enb_parts.h"

enum {
    STEP_MOST = 4 * LK_LWA_ENB_OUTPUTS,  /* outputs of one thing that is due, */
    STEP_OCTETS = 3 * LK_LWA_ENB_OCTETS, /* and octets: source, target, source */
    ALIGNMENT = alignof(max_align_t),
};

/* ---- configuration and memory ---- */

void lk_enb_defaults(struct lk_enb_config *config)
{
    memset(config, 0, sizeof *config);
    config->ues = 1000;
    config->cells = 2;
    for (uint32_t i = 0; i < LK_ENB_CELLS_MAX; i++) {
        lk_lwa_enb_defaults(&config->cell[i]);
        config->cell[i].cell = (struct lk_eps_cell){ (uint16_t)(i + 1), 1850 };
    }
}

static bool is_same_cell(const struct lk_eps_cell *a, const struct lk_eps_cell *b)
{
    return a->pci == b->pci && a->earfcn_dl == b->earfcn_dl;
}

enum lk_reason lk_enb_config_check(enum lk_lwa_enb_setting *wrong,
                                   const struct lk_enb_config *config)
{
    enum lk_reason reason = LK_REASON_NONE;

    *wrong = LK_LWA_ENB_SETTING_NONE;
    if (config->ues == 0 || config->ues > LK_ENB_UES_MAX || config->cells == 0 ||
        config->cells > LK_ENB_CELLS_MAX) {
        *wrong = LK_LWA_ENB_SETTING_PLACES;
        return LK_REASON_LWA_SETTING;
    }
    for (uint32_t i = 0; i < config->cells && reason == LK_REASON_NONE; i++) {
        reason = lk_lwa_enb_config_check(wrong, &config->cell[i]);
        for (uint32_t j = 0; j < i && reason == LK_REASON_NONE; j++)
            if (is_same_cell(&config->cell[i].cell, &config->cell[j].cell)) {
                *wrong = LK_LWA_ENB_SETTING_CELLS_ALIKE;
                reason = LK_REASON_LWA_SETTING;
            }
    }
    return reason;
}

static size_t rounded(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t lk_enb_size(const struct lk_enb_config *config)
{
    LK_ASSERT(config->ues > 0 && config->ues <= LK_ENB_UES_MAX);
    return rounded(sizeof(struct lk_enb)) + rounded(config->ues * sizeof(struct lk_enb_ue)) +
           lk_due_size(lk_enb_legs(config));
}

struct lk_enb *lk_enb_init(void *memory, const struct lk_enb_config *config)
{
    struct lk_enb *enb = memory;
    uint8_t *at = memory;

    LK_ASSERT((uintptr_t)memory % ALIGNMENT == 0);
    LK_ASSERT(config->cells > 0 && config->cells <= LK_ENB_CELLS_MAX);
    memset(enb, 0, sizeof *enb);
    enb->config = *config;
    at += rounded(sizeof *enb);
    enb->ue = (struct lk_enb_ue *)(void *)at;
    at += rounded(config->ues * sizeof(struct lk_enb_ue));
    lk_due_in(&enb->due, at, lk_enb_legs(config));
    enb->untold = lk_enb_legs(config);
    enb->wake_ms = UINT64_MAX;
    return enb;
}

void lk_enb_configure(struct lk_enb *enb, const struct lk_enb_config *config)
{
    uint32_t ues = enb->config.ues, cells = enb->config.cells;

    enb->config = *config;
    enb->config.ues = ues;
    enb->config.cells = cells;
}

void lk_enb_wipe(struct lk_enb *enb)
{
    lk_wipe(enb, lk_enb_size(&enb->config));
}

/* ---- outputs ---- */

void lk_enb_outbox_wipe(struct lk_enb_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_enb_output *lk_enb_outbox_find(const struct lk_enb_outbox *out,
                                               enum lk_enb_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

/* Whether one more thing that is due may say what it has to. */
static bool has_room(const struct lk_enb_outbox *out)
{
    return out->count + STEP_MOST < LK_ENB_OUTBOX_MAX &&
           out->used + STEP_OCTETS <= LK_ENB_OUTBOX_OCTETS;
}

/* ---- events of a UE ---- */

static void forget(struct lk_enb *enb, struct lk_enb_ue *ue, struct lk_enb_outbox *out)
{
    (void)(lk_enb_tell(enb, ue, 1 - ue->serving, LK_LWA_ENB_EV_LEFT, out) == LK_OK);
    (void)(lk_enb_tell(enb, ue, ue->serving, LK_LWA_ENB_EV_LEFT, out) == LK_OK);
}

static struct lk_kenb kenb_of(const struct lk_enb_event *event)
{
    struct lk_kenb kenb = event->context.kenb;

    if (event->context.has_kasme)
        lk_kenb_derive(&kenb, &event->context.kasme, event->context.ul_nas_count);
    return kenb;
}

/* spec: TS 33.401 7.2.8.1 - the first NH is of NCC 1, and the MME keeps it. */
static void begin_chain(struct lk_enb_ue *ue, const struct lk_enb_event *event,
                        const struct lk_kenb *kenb)
{
    lk_wipe(&ue->kasme, sizeof ue->kasme);
    lk_wipe(&ue->nh, sizeof ue->nh);
    ue->has_chain = event->context.has_kasme;
    if (!ue->has_chain)
        return;
    ue->kasme = event->context.kasme;
    lk_nh_first(&ue->nh, &ue->kasme, kenb);
    ue->ncc = 1;
}

/* What was said of a UE at the cell where it was: LWA is wanted, and the WT has the UE under that
 * id, as there is no way to tell it of the end. */
struct was {
    bool wanted, wt_knows;
    uint32_t wt_ue_id;
};

static struct was look_back(const struct lk_enb_ue *ue)
{
    const struct lk_lwa_enb *machine = &ue->leg[ue->serving].machine;

    return (struct was){ .wanted = machine->wanted,
                         .wt_knows = machine->wt_knows || (machine->has_wt && !machine->xw_up),
                         .wt_ue_id = machine->wt_ue_id };
}

static enum lk_status take_context(struct lk_enb *enb, struct lk_enb_ue *ue,
                                   const struct lk_enb_event *event, const struct was *was,
                                   struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event context = { .kind = LK_LWA_ENB_EV_CONTEXT };
    enum lk_status status;

    memcpy(context.context.ue_mac, event->context.mac, sizeof context.context.ue_mac);
    context.context.has_saved = event->context.has_saved;
    context.context.saved = event->context.saved;
    context.context.kenb = kenb_of(event);
    context.context.used = event->context.used;
    context.context.wt_knows = was->wt_knows;
    context.context.wt_ue_id = was->wt_ue_id;
    context.context.enb_ue_id = lk_enb_next_id(enb, ue, ue->serving);
    status = lk_enb_feed(enb, ue, ue->serving, &context, out);
    if (status == LK_OK)
        begin_chain(ue, event, &context.context.kenb);
    lk_wipe(&context, sizeof context);
    return status;
}

/* Re-establishment at the cell that serves it; or another cell, or a UE that is new: then what was
 * elsewhere is over, and what was wanted of LWA still is. */
static enum lk_status on_context(struct lk_enb *enb, const struct lk_enb_event *event,
                                 struct lk_enb_outbox *out)
{
    struct was was = { .wanted = false };
    struct lk_enb_ue *ue;
    enum lk_status status;

    if (event->ue >= enb->config.ues || event->cell >= enb->config.cells ||
        (event->context.has_kasme && event->context.ul_nas_count > LK_NAS_COUNT_MAX))
        return LK_E_VALUE;
    while (enb->touched <= event->ue)
        memset(&enb->ue[enb->touched++], 0, sizeof *enb->ue);
    ue = &enb->ue[event->ue];
    if (ue->used && ue->leg[ue->serving].cell != event->cell) {
        was = look_back(ue);
        forget(enb, ue, out);
        lk_enb_end_ue(enb, ue);
    }
    if (!ue->used) {
        ue->used = true;
        enb->count++;
        lk_enb_open_leg(enb, ue, ue->serving, event->cell);
    }
    status = take_context(enb, ue, event, &was, out);
    if (!ue->leg[ue->serving].used || ue->leg[ue->serving].machine.state == LK_LWA_ENB_IDLE) {
        lk_enb_end_ue(enb, ue);
        return status;
    }
    enb->counters.contexts += status == LK_OK;
    if (was.wanted)
        (void)(lk_enb_tell(enb, ue, ue->serving, LK_LWA_ENB_EV_ADD, out) == LK_OK);
    return status;
}

static enum lk_status on_left(struct lk_enb *enb, struct lk_enb_ue *ue, struct lk_enb_outbox *out)
{
    forget(enb, ue, out);
    lk_enb_end_ue(enb, ue);
    enb->counters.left++;
    return LK_OK;
}

/* A wish is for the machine that the UE is, or will be, with. */
static enum lk_status on_wish(struct lk_enb *enb, struct lk_enb_ue *ue,
                              const struct lk_enb_event *event, struct lk_enb_outbox *out)
{
    unsigned side = ue->leg[1 - ue->serving].used ? 1u - ue->serving : ue->serving;
    struct lk_lwa_enb_event wish = { .kind = LK_LWA_ENB_EV_HANDOVER };

    switch ((int)event->kind) {
    case LK_ENB_EV_ADD:
        wish.kind = LK_LWA_ENB_EV_ADD;
        break;
    case LK_ENB_EV_RELEASE:
        wish.kind = LK_LWA_ENB_EV_RELEASE;
        break;
    case LK_ENB_EV_REKEY:
        wish.kind = LK_LWA_ENB_EV_REKEY;
        break;
    default:
        if (event->cell >= enb->config.cells)
            return LK_E_VALUE;
        wish.target.id = event->cell;
        wish.target.cell = enb->config.cell[event->cell].cell;
        break;
    }
    return lk_enb_feed(enb, ue, side, &wish, out);
}

/* For the machine whose KeNB it is. */
static enum lk_status on_saved(struct lk_enb *enb, struct lk_enb_ue *ue,
                               const struct lk_enb_event *event, struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event saved = { .kind = LK_LWA_ENB_EV_SAVED };
    enum lk_status status;

    saved.saved.what = event->saved.what;
    saved.saved.done = event->saved.done;
    status = lk_enb_feed(enb, ue, ue->serving, &saved, out);
    return status == LK_OK ? status : lk_enb_feed(enb, ue, 1 - ue->serving, &saved, out);
}

static enum lk_status on_rrc(struct lk_enb *enb, struct lk_enb_ue *ue,
                             const struct lk_enb_event *event, struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event rrc = { .kind = LK_LWA_ENB_EV_RRC, .rrc = event->octets };
    enum lk_status status = LK_E_NOT_FOUND;

    for (unsigned side = 0; side < LK_ENB_SIDES; side++)
        if (ue->leg[side].used && ue->leg[side].cell == event->cell) {
            status = lk_enb_feed(enb, ue, side, &rrc, out);
            break;
        }
    enb->counters.rrc_refused += status != LK_OK;
    return status;
}

/* ---- events of a cell ---- */

static enum lk_status on_xw(struct lk_enb *enb, const struct lk_enb_event *event,
                            struct lk_enb_outbox *out)
{
    struct lk_xwap message;
    struct lk_xwap_diagnostics found;
    struct lk_lwa_enb_event xw = { .kind = LK_LWA_ENB_EV_XW, .xw = &message };
    enum lk_status status = lk_xwap_decode(&message, &found, event->octets);
    struct lk_enb_ue *ue;
    uint32_t number;
    unsigned side;

    if (status != LK_OK) {
        enb->counters.xw_malformed++;
        lk_enb_out(out, LK_ENB_OUT_NOTICE, LK_ENB_NOBODY, event->cell)->notice =
            lk_refusal_of(LK_REASON_LWA_XW_MALFORMED, NULL, lk_status_name(status));
        return status;
    }
    number = message.enb_ue_id % lk_enb_legs(&enb->config);
    side = number % LK_ENB_SIDES;
    ue = lk_enb_ue_at(enb, number / LK_ENB_SIDES);
    if (ue == NULL || !ue->leg[side].used ||
        (event->cell != LK_ENB_NOBODY && ue->leg[side].cell != event->cell) ||
        ue->leg[side].machine.enb_ue_id != message.enb_ue_id) {
        enb->counters.xw_unknown++;
        return LK_E_NOT_FOUND;
    }
    status = lk_enb_feed(enb, ue, side, &xw, out);
    enb->counters.xw_refused += status != LK_OK;
    return status;
}

/* Those that wait for it are told as far as there is room; the others when they are next stepped,
 * or woken for. */
static enum lk_status on_way(struct lk_enb *enb, uint32_t cell, bool up)
{
    if (enb->cell[cell].up == up && !up)
        return LK_E_UNEXPECTED;
    enb->cell[cell].up = up;
    enb->cell[cell].epoch++;
    enb->untold = 0;
    return LK_OK;
}

static void tell_ways(struct lk_enb *enb, struct lk_enb_outbox *out)
{
    uint32_t legs = enb->touched * LK_ENB_SIDES;

    while (enb->untold < legs && has_room(out)) {
        struct lk_enb_ue *ue = &enb->ue[enb->untold / LK_ENB_SIDES];
        unsigned side = enb->untold++ % LK_ENB_SIDES;

        if (ue->used && ue->leg[side].used)
            lk_enb_tell_way(enb, ue, side, out);
    }
}

static void run_due(struct lk_enb *enb, struct lk_enb_outbox *out)
{
    while (lk_due_next_ms(&enb->due) <= enb->now_ms && has_room(out)) {
        uint32_t number = lk_due_first(&enb->due);

        if (lk_enb_tell(enb, &enb->ue[number / LK_ENB_SIDES], number % LK_ENB_SIDES,
                        LK_LWA_ENB_EV_EXPIRED, out) != LK_OK)
            lk_due_set(&enb->due, number, LK_DUE_NEVER);
    }
}

static void wake(struct lk_enb *enb, struct lk_enb_outbox *out)
{
    uint64_t at_ms =
        enb->untold < enb->touched * LK_ENB_SIDES ? enb->now_ms : lk_due_next_ms(&enb->due);

    if (at_ms == enb->wake_ms && at_ms > enb->now_ms)
        return;
    enb->wake_ms = at_ms;
    lk_enb_out(out, LK_ENB_OUT_WAKE, LK_ENB_NOBODY, LK_ENB_NOBODY)->wake_at_ms = at_ms;
}

static enum lk_status route(struct lk_enb *enb, const struct lk_enb_event *event,
                            struct lk_enb_outbox *out)
{
    bool of_cell = event->kind == LK_ENB_EV_XW || event->kind == LK_ENB_EV_XW_UP ||
                   event->kind == LK_ENB_EV_XW_DOWN;
    struct lk_enb_ue *ue = lk_enb_ue_at(enb, event->ue);

    if (event->kind == LK_ENB_EV_CONTEXT)
        return on_context(enb, event, out);
    if (event->kind == LK_ENB_EV_EXPIRED) {
        enb->wake_ms = LK_DUE_NEVER; /* that wake is used up, early or not */
        return LK_OK;
    }
    if (of_cell && event->cell >= enb->config.cells &&
        (event->kind != LK_ENB_EV_XW || event->cell != LK_ENB_NOBODY))
        return LK_E_VALUE;
    if (!of_cell && ue == NULL)
        return LK_E_NOT_FOUND;
    switch (event->kind) {
    case LK_ENB_EV_ADD:
    case LK_ENB_EV_RELEASE:
    case LK_ENB_EV_REKEY:
    case LK_ENB_EV_HANDOVER:
        return on_wish(enb, ue, event, out);
    case LK_ENB_EV_LEFT:
        return on_left(enb, ue, out);
    case LK_ENB_EV_SAVED:
        return on_saved(enb, ue, event, out);
    case LK_ENB_EV_RRC:
        return on_rrc(enb, ue, event, out);
    case LK_ENB_EV_XW:
        return on_xw(enb, event, out);
    case LK_ENB_EV_XW_UP:
        return on_way(enb, event->cell, true);
    case LK_ENB_EV_XW_DOWN:
        return on_way(enb, event->cell, false);
    case LK_ENB_EV_CONTEXT:
    case LK_ENB_EV_EXPIRED:
    case LK_ENB_EVENT_KIND_COUNT:
        break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_enb_step(struct lk_enb *enb, const struct lk_enb_event *event,
                           struct lk_enb_outbox *out)
{
    enum lk_status status;

    out->count = out->used = 0;
    enb->now_ms = event->now_ms;
    status = route(enb, event, out);
    enb->counters.unexpected += status == LK_E_UNEXPECTED;
    tell_ways(enb, out);
    run_due(enb, out);
    wake(enb, out);
    return status;
}

/* ---- what is told ---- */

const struct lk_enb_counters *lk_enb_counted(const struct lk_enb *enb)
{
    return &enb->counters;
}

uint32_t lk_enb_ue_count(const struct lk_enb *enb)
{
    return enb->count;
}

bool lk_enb_told_of(struct lk_enb_told *told, const struct lk_enb *enb, uint32_t place)
{
    const struct lk_enb_ue *ue = place < enb->touched ? &enb->ue[place] : NULL;
    const struct lk_enb_leg *leg;

    if (ue == NULL || !ue->used)
        return false;
    leg = &ue->leg[ue->serving];
    *told = (struct lk_enb_told){ .cell = leg->cell,
                                  .state = leg->machine.state,
                                  .hands_over = ue->leg[1 - ue->serving].used,
                                  .wanted = leg->machine.wanted,
                                  .counter = leg->machine.counter,
                                  .enb_ue_id = leg->machine.enb_ue_id };
    memcpy(told->mac, leg->machine.ue_mac, sizeof told->mac);
    return true;
}
