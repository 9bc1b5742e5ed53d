/* The way back: whether the network has us still, and an attach anew when it has not (T53).
 *
 * There is no radio whose link could fail, so [D] the cell that serves us is asked twice a
 * second, by the number of our connection, and says something only when it has none of it: its
 * process began anew, or it dropped us. Then the WLAN is left, whose key is of a KeNB that
 * nobody has any more, and the attach that the owner asked for is made again. The word of a cell
 * is not protected, as none is before a context; who can answer in a cell's place, knowing the
 * number, costs an attach. So one that follows soon upon the last waits, longer each time. */
#include "io/log.h"
#include "role/ue_manager.h"
#include "wire/uu.h"

enum {
    ASK_MS = 500,
    STEADY_MS = 10000, /* an attach that lasted so long was a good one */
    WAIT_MAX_MS = 5000,
};

/* ---- the cell is asked ---- */

static void on_ask(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;
    const struct lk_uu_alive asked = { .connection = ue->lte.connection };
    size_t cell = lk_ue_lte_serving(ue);
    uint8_t octets[LK_UU_ALIVE_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (cell != LK_CONFIG_LTE_CELLS && lk_uu_alive_encode(&w, &asked) == LK_OK)
        lk_ue_lte_put_uu(ue, cell, lk_writer_span(&w));
}

void lk_ue_lte_return_watch(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_return *r = &ue->lte.way_back;

    r->wanted = false;
    r->attached_ms = lk_mono_ms();
    (void)uv_timer_start(&r->ask, on_ask, ASK_MS, ASK_MS);
}

/* ---- the way back ---- */

static void on_back(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;

    lk_ue_lte_attach(ue, NULL, ue->lte.way_back.cell);
}

static void come_back(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_return *r = &ue->lte.way_back;
    uint32_t next_ms = r->wait_ms == 0 ? ue->process.config->ue.lte.retry_ms : 2 * r->wait_ms;

    r->wanted = true;
    (void)uv_timer_start(&r->back, on_back, r->wait_ms, 0);
    r->wait_ms = next_ms < WAIT_MAX_MS ? next_ms : WAIT_MAX_MS;
}

void lk_ue_lte_return_again(struct lk_ue_manager *ue)
{
    if (ue->lte.way_back.wanted)
        come_back(ue);
}

static void lost(struct lk_ue_manager *ue, size_t cell)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_UE_LTE_LOST, NULL, NULL);
    struct lk_ue_lte_return *r = &ue->lte.way_back;

    lk_ue_lte_refused(ue, &why);
    ue->lte.counters.returns++;
    r->cell = cell;
    if (lk_mono_ms() - r->attached_ms >= STEADY_MS)
        r->wait_ms = 0;
    (void)uv_timer_stop(&r->ask);
    lk_ue_lte_leave(ue);
    come_back(ue);
}

/* Only the cell that was asked can say so, and of the connection that it was asked of. */
bool lk_ue_lte_hear_alive(struct lk_ue_manager *ue, const struct lk_datagram_peer *from,
                          struct lk_span datagram)
{
    const struct lk_ue_lte *lte = &ue->lte;
    size_t cell = lk_ue_lte_serving(ue);
    struct lk_uu_alive alive;

    if (lk_uu_alive_decode(&alive, datagram) != LK_OK)
        return false;
    if (lte->state == LK_UE_LTE_ATTACHED && alive.gone && alive.connection == lte->connection &&
        cell != LK_CONFIG_LTE_CELLS && lk_ue_lte_is_from(from, &lte->cell[cell]))
        lost(ue, cell);
    return true;
}

void lk_ue_lte_return_stop(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_return *r = &ue->lte.way_back;

    r->wanted = false;
    r->wait_ms = 0;
    (void)uv_timer_stop(&r->ask);
    (void)uv_timer_stop(&r->back);
}

void lk_ue_lte_return_begin(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_return *r = &ue->lte.way_back;

    LK_ASSERT(uv_timer_init(&ue->process.loop, &r->ask) == 0 &&
              uv_timer_init(&ue->process.loop, &r->back) == 0);
    r->ask.data = r->back.data = ue;
}
