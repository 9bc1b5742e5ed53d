/* Uu of the laboratory: PDUs of SRB1 in UDP, and the attach over it, with the card beside it.
 *
 * The first datagram, HELLO, says who we are; it goes in front of every try of ATTACH REQUEST, as
 * either may be lost. */
#include <errno.h>
#include <string.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"
#include "wire/uu.h"

enum { ROOM = LK_DATAGRAM_MAX, PATIENCE_MS = 2000 };

/* False: it has no place now. */
static bool step_eps(struct lk_ue_manager *ue, struct lk_eps_event *event);

/* ---- datagrams ---- */

size_t lk_ue_lte_serving(const struct lk_ue_manager *ue)
{
    const struct lk_config_lte *c = &ue->process.config->ue.lte;
    size_t i = 0;

    if (ue->lte.state != LK_UE_LTE_ATTACHED)
        return ue->lte.cell_wanted;
    while (i < c->cell_count && c->cells[i].pci != ue->lte.device.ue.context.cell.pci)
        i++;
    return i < c->cell_count ? i : LK_CONFIG_LTE_CELLS;
}

void lk_ue_lte_put_uu(struct lk_ue_manager *ue, size_t cell, struct lk_span datagram)
{
    lk_datagrams_put(ue->lte.out, &ue->lte.cell[cell], datagram);
    (void)lk_datagrams_send(ue->lte.out);
}

/* After a handover we are what the new cell calls us. */
void lk_ue_lte_say_uu(struct lk_ue_manager *ue, struct lk_span pdu)
{
    const struct lk_ue_lte *lte = &ue->lte;
    bool attached = lte->state == LK_UE_LTE_ATTACHED;
    struct lk_uu uu = { .ue_id = attached ? lte->device.ue.context.c_rnti : lte->ue_id,
                        .pdu = pdu };
    struct lk_refusal nowhere;
    size_t cell = lk_ue_lte_serving(ue);
    char pci[12];
    uint8_t octets[ROOM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (cell == LK_CONFIG_LTE_CELLS) {
        (void)snprintf(pci, sizeof pci, "PCI %u", lte->device.ue.context.cell.pci);
        nowhere = lk_refusal_of(LK_REASON_UE_NO_CELL, "a PCI of ue.lte.cells", pci);
        lk_ue_lte_refused(ue, &nowhere);
    } else if (lk_uu_encode(&w, &uu) == LK_OK) {
        lk_ue_lte_put_uu(ue, cell, lk_writer_span(&w));
    }
}

static void say_hello(struct lk_ue_manager *ue)
{
    struct lk_uu_hello hello = { .imsi = ue->lte.eps_config.imsi,
                                 .connection = ue->lte.connection };
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    memcpy(hello.mac, ue->lte.device.mac, sizeof hello.mac);
    LK_ASSERT(lk_uu_hello_encode(&w, &hello) == LK_OK);
    lk_ue_lte_put_uu(ue, ue->lte.cell_wanted, lk_writer_span(&w));
}

/* Before there is a context one cell is spoken with; then each may be the one that has us now, and
 * what counts is the MAC-I. */
static bool is_ours(const struct lk_ue_manager *ue, const struct lk_datagram_peer *from)
{
    const struct lk_ue_lte *lte = &ue->lte;

    if (lte->state == LK_UE_LTE_ATTACHING)
        return lk_ue_lte_is_from(from, &lte->cell[lte->cell_wanted]);
    for (size_t i = 0; i < ue->process.config->ue.lte.cell_count; i++)
        if (lk_ue_lte_is_from(from, &lte->cell[i]))
            return true;
    return false;
}

void lk_ue_lte_hear_uu(void *context, const struct lk_udp_port *port,
                       const struct lk_datagram_peer *from, struct lk_span datagram)
{
    struct lk_ue_manager *ue = context;
    struct lk_ue_lte *lte = &ue->lte;
    struct lk_lwa_device_event rrc = { .kind = LK_LWA_DEVICE_EV_RRC };
    struct lk_eps_event event = { .kind = LK_EPS_EV_RECEIVED };
    uint16_t before = lte->ue_id;
    struct lk_uu uu;

    (void)port;
    if (!is_ours(ue, from)) {
        lte->counters.strangers++;
        lk_process_count(&ue->process, LK_UE_LTE_STRANGERS);
        return;
    }
    if (lk_ue_lte_hear_alive(ue, from, datagram))
        return;
    if (lk_uu_decode(&uu, datagram) != LK_OK || !uu.downlink) {
        lte->counters.malformed++;
        return;
    }
    if (lte->state != LK_UE_LTE_ATTACHING && lte->state != LK_UE_LTE_ATTACHED)
        return;
    event.received = rrc.octets = uu.pdu;
    lte->ue_id = uu.ue_id;
    /* Once attached, the attach has no more to say than its last answer once more. */
    if (step_eps(ue, &event))
        return;
    lte->ue_id = before;
    if (lte->state == LK_UE_LTE_ATTACHED)
        (void)lk_ue_lte_give(ue, &rrc);
    else
        lte->counters.malformed++;
}

/* ---- the card ---- */

bool lk_ue_lte_uses_card(const struct lk_ue_manager *ue)
{
    return ue->lte.state == LK_UE_LTE_ATTACHING;
}

static void answer_attach(struct lk_ue_manager *ue, json_t *answer)
{
    struct lk_control_call *call = ue->lte.attach_call;

    ue->lte.attach_call = NULL;
    if (call != NULL)
        lk_control_answer(call, answer);
    else
        json_decref(answer);
}

/* The attach is over, with or without a context: the card is the WLAN's again, if it waits. */
static void refuse(struct lk_ue_manager *ue, const struct lk_refusal *why)
{
    json_t *answer = json_pack("{s:b, s:s}", "ok", 0, "result", "refused");

    ue->lte.state = LK_UE_LTE_DETACHED;
    lk_wake_at(&ue->lte.eps_wake, LK_WAKE_NEVER);
    lk_process_count(&ue->process, LK_UE_LTE_ATTACHES_REFUSED);
    lk_ue_lte_refused(ue, why);
    lk_ue_lte_tell_refusal(ue, answer, 0, "");
    answer_attach(ue, answer);
    lk_ue_lte_return_again(ue);
    lk_ue_manager_card_is_free(ue);
}

/* spec: TS 33.102 6.3.3 - what the card has accepted it keeps, before it answers: an answer whose
 * SQN a crash could lose does not leave. */
static void ask_card(struct lk_ue_manager *ue, const struct lk_eps_ask_card *ask)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_CARD, .asked = ask->asked },
                        stop = { .kind = LK_EPS_EV_STOP };
    struct lk_refusal why;

    lk_usim_answer(&ue->ue.usim, &event.card, ask->rand, ask->autn);
    if (event.card.verdict != LK_CARD_OK || lk_ue_sqn_write(&ue->sqn, &ue->ue.usim) == LK_OK) {
        (void)step_eps(ue, &event);
    } else {
        why = lk_refusal_of(LK_REASON_USIM_NOT_KEPT, "its file to be written", strerror(errno));
        (void)step_eps(ue, &stop);
        refuse(ue, &why);
    }
    lk_wipe(&event, sizeof event);
}

/* ---- the attach ---- */

static void attached(struct lk_ue_manager *ue, const struct lk_eps_context *context)
{
    const struct lk_config_lte_cell *cell =
        &ue->process.config->ue.lte.cells[ue->lte.cell_wanted];
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_CONTEXT };
    enum lk_status status;

    event.context = (struct lk_lwa_ue_context){
        .kasme = context->kasme,
        .kenb = context->kenb,
        .cell = { (uint16_t)cell->pci, cell->earfcn },
        .c_rnti = ue->lte.ue_id,
        .used = { context->srb.send_next, context->srb.receive_next },
    };
    ue->lte.state = LK_UE_LTE_ATTACHED;
    lk_wake_at(&ue->lte.eps_wake, LK_WAKE_NEVER);
    lk_ue_lte_return_watch(ue);
    status = lk_ue_lte_give(ue, &event);
    LK_ASSERT(status == LK_OK);
    lk_wipe(&event, sizeof event);
    lk_process_count(&ue->process, LK_UE_LTE_ATTACHES);
    LK_LOG(LK_LOG_INFO, "lte-attached", { "cell", cell->name });
    answer_attach(ue, json_pack("{s:b, s:s, s:s, s:i, s:s}", "ok", 1, "result", "done", "cell",
                                cell->name, "ncc", 0, "told",
                                "attached over LTE, with security of NAS and of SRB1"));
    lk_ue_manager_card_is_free(ue);
}

void lk_ue_lte_eps_due(struct lk_wake *wake)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_EXPIRED };

    (void)step_eps(wake->context, &event);
}

/* What leads to another step, or to an answer, comes last. */
static bool step_eps(struct lk_ue_manager *ue, struct lk_eps_event *event)
{
    struct lk_ue_lte *lte = &ue->lte;
    const struct lk_eps_output *ask, *context, *failed;
    struct lk_eps_outbox out;

    event->now_ms = lk_mono_ms();
    if (lk_eps_device_step(&lte->eps, &lte->eps_config, event, &out) != LK_OK)
        return false;
    for (size_t i = 0; i < out.count; i++) {
        if (out.item[i].kind == LK_EPS_OUT_SEND) {
            if (lte->eps.state == LK_EPS_DEVICE_AWAIT_CHALLENGE)
                say_hello(ue);
            lk_ue_lte_say_uu(ue, out.item[i].send);
        } else if (out.item[i].kind == LK_EPS_OUT_TIMER) {
            lk_wake_at(&lte->eps_wake, out.item[i].timer_ms);
        }
    }
    ask = lk_eps_outbox_find(&out, LK_EPS_OUT_ASK_CARD);
    context = lk_eps_outbox_find(&out, LK_EPS_OUT_CONTEXT);
    failed = lk_eps_outbox_find(&out, LK_EPS_OUT_FAILED);
    if (ask != NULL)
        ask_card(ue, &ask->ask_card);
    else if (context != NULL)
        attached(ue, &context->context);
    else if (failed != NULL)
        refuse(ue, &failed->failed);
    lk_eps_outbox_wipe(&out);
    return true;
}

/* Who is not there when the first word is said is not waited for: a device that comes back tries
 * again by itself, and an owner is told where nothing listens. */
void lk_ue_lte_cell_is_unreachable(struct lk_ue_manager *ue)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_EPS_NO_ANSWER, "an answer",
                                                "port unreachable: nothing listens there");
    struct lk_eps_event stop = { .kind = LK_EPS_EV_STOP };

    if (ue->lte.state != LK_UE_LTE_ATTACHING)
        return;
    (void)step_eps(ue, &stop);
    refuse(ue, &why);
}

/* Who waits longer than an attach over the WLAN takes that goes well is told for what; the attach
 * follows all the same. */
static void on_impatient(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;

    if (ue->lte.state == LK_UE_LTE_WAITING)
        answer_attach(ue, json_pack("{s:b, s:s, s:s}", "ok", 1, "result", "waiting", "told",
                                    "waits for the attach over the WLAN, which has the card; then "
                                    "it is made: latchkey ue lte-status"));
}

static void begin(struct lk_ue_manager *ue)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_ATTACH };

    ue->lte.state = LK_UE_LTE_ATTACHING;
    ue->lte.ue_id = 0;
    lk_entropy_take(&ue->entropy, &ue->lte.connection, sizeof ue->lte.connection);
    (void)step_eps(ue, &event);
}

void lk_ue_lte_card_is_free(struct lk_ue_manager *ue)
{
    if (ue->lte.state == LK_UE_LTE_WAITING)
        begin(ue);
}

void lk_ue_lte_attach(struct lk_ue_manager *ue, struct lk_control_call *call, size_t cell)
{
    if (ue->lte.state == LK_UE_LTE_WAITING || ue->lte.state == LK_UE_LTE_ATTACHING) {
        if (call != NULL)
            lk_control_refuse(call, "an attach over LTE is under way", "wait for its end");
        return;
    }
    if (call != NULL)
        lk_ue_lte_return_stop(ue);
    lk_ue_lte_leave(ue);
    ue->lte.attach_call = call;
    ue->lte.cell_wanted = cell;
    ue->lte.state = LK_UE_LTE_WAITING;
    if (!ue->attaching)
        begin(ue);
    else if (call != NULL)
        (void)uv_timer_start(&ue->lte.patience, on_impatient, PATIENCE_MS, 0);
}

void lk_ue_lte_detach(struct lk_ue_manager *ue)
{
    lk_ue_lte_return_stop(ue);
    lk_ue_lte_leave(ue);
}

void lk_ue_lte_leave(struct lk_ue_manager *ue)
{
    struct lk_lwa_device_event leave = { .kind = LK_LWA_DEVICE_EV_LEAVE };
    struct lk_eps_event stop = { .kind = LK_EPS_EV_STOP };
    enum lk_ue_lte_state before = ue->lte.state;

    if (before == LK_UE_LTE_DETACHED)
        return;
    if (before == LK_UE_LTE_ATTACHED)
        (void)lk_ue_lte_give(ue, &leave);
    ue->lte.state = LK_UE_LTE_DETACHED;
    lk_wake_at(&ue->lte.eps_wake, LK_WAKE_NEVER);
    if (before != LK_UE_LTE_WAITING)
        (void)step_eps(ue, &stop);
    answer_attach(ue, json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "result", "refused", "error",
                                "detached meanwhile", "fix", "latchkey ue lte-attach"));
    if (before == LK_UE_LTE_ATTACHING)
        lk_ue_manager_card_is_free(ue);
}
