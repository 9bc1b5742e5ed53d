/* Whose a WLAN MAC address is among the devices of the process: the WT knows a UE by it, so that
 * two must not have LTE-WLAN aggregation under one. Who has it keeps it while aggregation is wanted
 * for him, and while he is there when another waits for it; then it goes to who has waited longest.
 */
#include "role/enb_process.h"

enum {
    GONE_MS = 5000, /* a device says twice a second that it is there */
    OFFER_MS = 5000, /* after a device that did not come to the WLAN; doubles */
    OFFER_DOUBLES = 6,
};

void lk_enb_mac_pass_on(struct lk_enb_process *enb, const uint8_t mac[LK_WLAN_ADDRESS_LEN])
{
    struct lk_enb_place *heir = lk_enb_place_heir(&enb->places, mac);

    if (heir == NULL)
        return;
    heir->add_due = true;
    lk_enb_set_due(enb, heir);
}

void lk_enb_mac_add(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    struct lk_enb_event add = { .kind = LK_ENB_EV_ADD,
                                .ue = lk_enb_place_number(&enb->places, place) };

    place->add_due = false;
    if (enb->process.config->enb.lwa && place->mac_is == LK_ENB_MAC_HAS)
        (void)(lk_enb_give(enb, &add) == LK_OK);
}

/* T53: who could not associate in its time, may later: it is offered aggregation again, less and
 * less often, and has no claim to its MAC address until then. */
static void offer_later(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    place->offer_at_ms = lk_mono_ms() + ((uint64_t)OFFER_MS << place->offers);
    if (place->offers < OFFER_DOUBLES)
        place->offers++;
    if (enb->offers_at_ms == 0 || place->offer_at_ms < enb->offers_at_ms)
        enb->offers_at_ms = place->offer_at_ms;
}

static void offer(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    place->offer_at_ms = 0;
    if (!enb->process.config->enb.lwa || place->mac_is != LK_ENB_MAC_IDLE)
        return;
    if (lk_enb_place_claim(&enb->places, place))
        lk_enb_mac_add(enb, place);
    else
        lk_enb_place_wait(&enb->places, place);
}

static void offer_tick(struct lk_enb_process *enb, uint64_t now_ms)
{
    uint64_t next_ms = 0;

    if (enb->offers_at_ms == 0 || now_ms < enb->offers_at_ms)
        return;
    for (uint32_t i = 0; i < enb->places.touched; i++) {
        struct lk_enb_place *place = lk_enb_place_at(&enb->places, i);

        if (place == NULL || !place->attached || place->offer_at_ms == 0)
            continue;
        if (place->offer_at_ms <= now_ms)
            offer(enb, place);
        else if (next_ms == 0 || place->offer_at_ms < next_ms)
            next_ms = place->offer_at_ms;
    }
    enb->offers_at_ms = next_ms;
}

void lk_enb_mac_over(struct lk_enb_process *enb, struct lk_enb_place *place, enum lk_reason reason)
{
    place->offer_at_ms = 0;
    if (reason == LK_REASON_LWA_NO_ASSOCIATION)
        offer_later(enb, place);
    if (place->mac_is != LK_ENB_MAC_HAS)
        return;
    lk_enb_place_let_go(&enb->places, place);
    lk_enb_mac_pass_on(enb, place->mac);
}

/* A device that is gone without a word has no use for its context. */
void lk_enb_mac_tick(struct lk_enb_process *enb)
{
    uint64_t now_ms = lk_mono_ms();
    char imsi[LK_IMSI_MAX_DIGITS + 1];

    offer_tick(enb, now_ms);
    for (uint32_t i = 0; enb->places.mac_waiting > 0 && i < enb->places.touched; i++) {
        const struct lk_enb_place *waits = lk_enb_place_at(&enb->places, i);
        struct lk_enb_place *has = NULL;

        if (waits != NULL && waits->mac_is == LK_ENB_MAC_WAITS)
            has = lk_enb_place_of_mac(&enb->places, waits->mac);
        if (has == NULL || now_ms - has->heard_ms < GONE_MS)
            continue;
        lk_log_imsi(imsi, &has->imsi);
        LK_LOG(LK_LOG_INFO, "lte-gone", { "imsi", imsi },
               { "cell", lk_enb_cell_name(enb, has->cell) });
        lk_enb_drop(enb, has);
    }
}
