/* A UE and its machines: what each says, and what source and target say to each other. */
#include "node/enb_parts.h"

#include <string.h>

#include "base/secret.h"

enum { NCC_COUNT = LK_RRC_NCC_MAX + 1 };

uint32_t lk_enb_legs(const struct lk_enb_config *config)
{
    return config->ues * LK_ENB_SIDES;
}

struct lk_enb_output *lk_enb_out(struct lk_enb_outbox *out, enum lk_enb_output_kind kind,
                                 uint32_t ue, uint32_t cell)
{
    LK_ASSERT(out->count < LK_ENB_OUTBOX_MAX);
    out->item[out->count] = (struct lk_enb_output){ .kind = kind, .ue = ue, .cell = cell };
    return &out->item[out->count++];
}

static uint32_t place_of(const struct lk_enb *enb, const struct lk_enb_ue *ue)
{
    return (uint32_t)(ue - enb->ue);
}

static uint32_t number_of(const struct lk_enb *enb, const struct lk_enb_ue *ue, unsigned side)
{
    return place_of(enb, ue) * LK_ENB_SIDES + side;
}

/* The id of a UE for the WT, 24 bits: a leg has many in turn. */
uint32_t lk_enb_next_id(const struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side)
{
    uint32_t legs = lk_enb_legs(&enb->config);
    struct lk_enb_leg *leg = &ue->leg[side];

    leg->generation = (leg->generation + 1) % ((LK_XWAP_UE_ID_MAX + 1) / legs);
    return leg->generation * legs + number_of(enb, ue, side);
}

struct lk_enb_ue *lk_enb_ue_at(struct lk_enb *enb, uint32_t place)
{
    return place < enb->touched && enb->ue[place].used ? &enb->ue[place] : NULL;
}

void lk_enb_open_leg(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side, uint32_t cell)
{
    struct lk_enb_leg *leg = &ue->leg[side];

    leg->used = true;
    leg->cell = cell;
    leg->epoch = enb->cell[cell].epoch;
    lk_lwa_enb_init(&leg->machine);
    leg->machine.xw_up = enb->cell[cell].up;
}

/* A machine without a context is none. */
static void settle_leg(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side)
{
    struct lk_enb_leg *leg = &ue->leg[side];

    if (leg->machine.state == LK_LWA_ENB_IDLE) {
        lk_lwa_enb_wipe(&leg->machine);
        leg->used = false;
    }
    lk_due_set(&enb->due, number_of(enb, ue, side),
               leg->used ? leg->machine.timer_ms : LK_DUE_NEVER);
}

static void carry(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                  const struct lk_lwa_enb_outbox *said, struct lk_enb_outbox *out);

static enum lk_status step_leg(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                               struct lk_lwa_enb_event *event, struct lk_enb_outbox *out)
{
    struct lk_enb_leg *leg = &ue->leg[side];
    struct lk_lwa_enb_outbox said;
    enum lk_status status;

    event->now_ms = enb->now_ms;
    status = lk_lwa_enb_step(&leg->machine, &enb->config.cell[leg->cell], event, &said);
    if (status == LK_OK)
        carry(enb, ue, side, &said, out);
    lk_lwa_enb_outbox_wipe(&said);
    settle_leg(enb, ue, side);
    return status;
}

/* A machine hears of its cell's way to the WT before anything else. */
void lk_enb_tell_way(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                     struct lk_enb_outbox *out)
{
    struct lk_enb_leg *leg = &ue->leg[side];
    const struct lk_enb_cell *cell = &enb->cell[leg->cell];
    struct lk_lwa_enb_event event = { .kind =
                                          cell->up ? LK_LWA_ENB_EV_XW_UP : LK_LWA_ENB_EV_XW_DOWN };

    if (leg->epoch == cell->epoch)
        return;
    leg->epoch = cell->epoch;
    (void)(step_leg(enb, ue, side, &event, out) == LK_OK);
}

enum lk_status lk_enb_feed(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                           struct lk_lwa_enb_event *event, struct lk_enb_outbox *out)
{
    if (!ue->leg[side].used)
        return LK_E_UNEXPECTED;
    lk_enb_tell_way(enb, ue, side, out);
    return step_leg(enb, ue, side, event, out);
}

enum lk_status lk_enb_tell(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                           enum lk_lwa_enb_event_kind kind, struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event event = { .kind = kind };

    return lk_enb_feed(enb, ue, side, &event, out);
}

/* ---- handover ---- */

/* The source's word for the target. One that cannot take it says so, in its way. */
static void carry_context(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                          const struct lk_lwa_enb_output *o, struct lk_enb_outbox *out)
{
    unsigned other = 1 - side;
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_INCOMING };

    LK_ASSERT(!ue->leg[other].used && o->context.target.id < enb->config.cells);
    lk_enb_open_leg(enb, ue, other, o->context.target.id);
    event.incoming.enb_ue_id = lk_enb_next_id(enb, ue, other);
    event.incoming.from = o->context.handover;
    if (lk_enb_feed(enb, ue, other, &event, out) != LK_OK)
        (void)(lk_enb_tell(enb, ue, side, LK_LWA_ENB_EV_HANDOVER_FAILED, out) == LK_OK);
    lk_wipe(&event, sizeof event);
}

static void carry_command(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                          const struct lk_lwa_enb_output *o, struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_COMMAND, .command = o->octets };

    if (lk_enb_feed(enb, ue, 1 - side, &event, out) != LK_OK)
        (void)(lk_enb_tell(enb, ue, side, LK_LWA_ENB_EV_LEFT, out) == LK_OK);
}

/* spec: TS 33.401 7.2.8.4 - after a handover the target gets a fresh NH, of the NCC behind the
 * last. It is for the next one; where that has begun already, without it, there is none: the UE
 * could not count NHs that eight handovers in a row have passed over. */
static void give_nh(struct lk_enb *enb, struct lk_enb_ue *ue, struct lk_enb_outbox *out)
{
    struct lk_lwa_enb_event event = { .kind = LK_LWA_ENB_EV_NH };

    if (!ue->has_chain || ue->leg[ue->serving].machine.state == LK_LWA_ENB_HANDOVER_TARGET)
        return;
    lk_nh_next(&ue->nh, &ue->kasme, &ue->nh);
    ue->ncc = (uint8_t)((ue->ncc + 1) % NCC_COUNT);
    event.nh.nh = ue->nh;
    event.nh.ncc = ue->ncc;
    (void)(lk_enb_feed(enb, ue, ue->serving, &event, out) == LK_OK);
    lk_wipe(&event, sizeof event);
}

static void carry_arrival(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                          struct lk_enb_outbox *out)
{
    struct lk_enb_output *item =
        lk_enb_out(out, LK_ENB_OUT_HANDED_OVER, place_of(enb, ue), ue->leg[side].cell);

    item->from = ue->leg[1 - side].cell;
    enb->counters.handovers++;
    (void)(lk_enb_tell(enb, ue, 1 - side, LK_LWA_ENB_EV_HANDED_OVER, out) == LK_OK);
    ue->serving = (uint8_t)side;
    give_nh(enb, ue, out);
}

static void carry_failure(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                          struct lk_enb_outbox *out)
{
    enb->counters.handovers_failed++;
    (void)(lk_enb_tell(enb, ue, 1 - side, LK_LWA_ENB_EV_HANDOVER_FAILED, out) == LK_OK);
}

/* ---- what a machine says ---- */

static void carry_octets(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                         const struct lk_lwa_enb_output *o, struct lk_enb_outbox *out)
{
    bool rrc = o->kind == LK_LWA_ENB_OUT_RRC;
    struct lk_enb_output *item = lk_enb_out(out, rrc ? LK_ENB_OUT_RRC : LK_ENB_OUT_XW,
                                            place_of(enb, ue), ue->leg[side].cell);
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);

    lk_put_span(&w, o->octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    item->octets = lk_writer_span(&w);
    out->used += w.len;
}

static void carry_fact(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                       const struct lk_lwa_enb_output *o, struct lk_enb_outbox *out)
{
    static const enum lk_enb_output_kind kinds[] = {
        [LK_LWA_ENB_OUT_SAVE] = LK_ENB_OUT_SAVE,
        [LK_LWA_ENB_OUT_REKEY_BEGUN] = LK_ENB_OUT_REKEY_BEGUN,
        [LK_LWA_ENB_OUT_ACTIVE] = LK_ENB_OUT_ACTIVE,
        [LK_LWA_ENB_OUT_REFRESHED] = LK_ENB_OUT_REFRESHED,
        [LK_LWA_ENB_OUT_RELEASED] = LK_ENB_OUT_RELEASED,
        [LK_LWA_ENB_OUT_NOTICE] = LK_ENB_OUT_NOTICE,
    };
    struct lk_enb_output *item =
        lk_enb_out(out, kinds[o->kind], place_of(enb, ue), ue->leg[side].cell);

    enb->counters.rekeys_begun += item->kind == LK_ENB_OUT_REKEY_BEGUN;
    enb->counters.refreshes += item->kind == LK_ENB_OUT_REFRESHED;
    enb->counters.released += item->kind == LK_ENB_OUT_RELEASED;
    enb->counters.notices += item->kind == LK_ENB_OUT_NOTICE;
    if (item->kind == LK_ENB_OUT_SAVE)
        item->save = o->save;
    if (item->kind == LK_ENB_OUT_REKEY_BEGUN || item->kind == LK_ENB_OUT_ACTIVE) {
        item->key.counter = o->key.counter;
        item->key.rekey = o->key.rekey;
    }
    if (item->kind == LK_ENB_OUT_ACTIVE)
        *(o->key.rekey ? &enb->counters.rekeys : &enb->counters.set_up) += 1;
    if (item->kind == LK_ENB_OUT_RELEASED) {
        item->released.reason = o->released.reason;
        item->released.again = o->released.again;
    }
    if (item->kind == LK_ENB_OUT_NOTICE)
        item->notice = o->notice;
}

static void carry(struct lk_enb *enb, struct lk_enb_ue *ue, unsigned side,
                  const struct lk_lwa_enb_outbox *said, struct lk_enb_outbox *out)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct lk_lwa_enb_output *o = &said->item[i];

        switch (o->kind) {
        case LK_LWA_ENB_OUT_RRC:
        case LK_LWA_ENB_OUT_XW:
            carry_octets(enb, ue, side, o, out);
            break;
        case LK_LWA_ENB_OUT_TIMER:
            break; /* looked at when the machine is settled */
        case LK_LWA_ENB_OUT_CONTEXT:
            carry_context(enb, ue, side, o, out);
            break;
        case LK_LWA_ENB_OUT_COMMAND:
            carry_command(enb, ue, side, o, out);
            break;
        case LK_LWA_ENB_OUT_HANDED_OVER:
            carry_arrival(enb, ue, side, out);
            break;
        case LK_LWA_ENB_OUT_HANDOVER_FAILED:
            carry_failure(enb, ue, side, out);
            break;
        case LK_LWA_ENB_OUT_HANDOVER_CANCEL:
            (void)(lk_enb_tell(enb, ue, 1 - side, LK_LWA_ENB_EV_LEFT, out) == LK_OK);
            break;
        case LK_LWA_ENB_OUT_SAVE:
        case LK_LWA_ENB_OUT_REKEY_BEGUN:
        case LK_LWA_ENB_OUT_ACTIVE:
        case LK_LWA_ENB_OUT_REFRESHED:
        case LK_LWA_ENB_OUT_RELEASED:
        case LK_LWA_ENB_OUT_NOTICE:
            carry_fact(enb, ue, side, o, out);
            break;
        }
    }
}

void lk_enb_end_ue(struct lk_enb *enb, struct lk_enb_ue *ue)
{
    uint32_t generation[LK_ENB_SIDES] = { ue->leg[0].generation, ue->leg[1].generation };

    enb->count--;
    lk_wipe(ue, sizeof *ue);
    for (unsigned side = 0; side < LK_ENB_SIDES; side++)
        ue->leg[side].generation = generation[side];
}
