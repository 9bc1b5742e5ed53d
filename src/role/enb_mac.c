/* Whose a WLAN MAC address is among the devices of the process: the WT knows a UE by it, so that
 * two must not have LTE-WLAN aggregation under one. Who has it keeps it while aggregation is wanted
 * for him, and while he is there when another waits for it; then it goes to who has waited longest.
 */
#include "role/enb_process.h"

enum { GONE_MS = 5000 }; /* a device says twice a second that it is there */

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

void lk_enb_mac_over(struct lk_enb_process *enb, struct lk_enb_place *place)
{
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
