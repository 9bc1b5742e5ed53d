/* What lwa-Configuration says, one message after the other, and which access point that means. */
#include "proto/lwa/ue_parts.h"

#include <string.h>

static bool same_wlan(const struct lk_wlan_id *a, const struct lk_wlan_id *b)
{
    return a->has_bssid == b->has_bssid && a->has_hessid == b->has_hessid &&
           lk_span_equal(lk_span_of(a->ssid, a->ssid_len), lk_span_of(b->ssid, b->ssid_len)) &&
           (!a->has_bssid || lk_span_equal(LK_SPAN(a->bssid), LK_SPAN(b->bssid))) &&
           (!a->has_hessid || lk_span_equal(LK_SPAN(a->hessid), LK_SPAN(b->hessid)));
}

static size_t place_of(const struct lk_lwa_ue_lwa *lwa, const struct lk_wlan_id *id)
{
    size_t i = 0;

    while (i < lwa->wlan_count && !same_wlan(&lwa->wlan[i], id))
        i++;
    return i;
}

static void take_away(struct lk_lwa_ue_lwa *lwa, const struct lk_wlan_id *id)
{
    size_t at = place_of(lwa, id);

    if (at == lwa->wlan_count)
        return;
    for (lwa->wlan_count--; at < lwa->wlan_count; at++)
        lwa->wlan[at] = lwa->wlan[at + 1];
}

static void put(struct lk_lwa_ue_lwa *lwa, const struct lk_wlan_id *id)
{
    if (place_of(lwa, id) == lwa->wlan_count && lwa->wlan_count < LK_LWA_UE_WLANS)
        lwa->wlan[lwa->wlan_count++] = *id;
}

/* spec: TS 36.331 5.6.14.2 - what is to be released goes first, then comes what is to be added;
 * the timer and whether to report are those of the last mobility configuration. */
void lk_lwa_ue_merge(struct lk_lwa_ue_lwa *lwa, const struct lk_rrc_lwa *message)
{
    if (message->has_wt_mac) {
        lwa->has_wt_mac = true;
        memcpy(lwa->wt_mac, message->wt_mac, sizeof lwa->wt_mac);
    }
    if (message->has_mobility) {
        for (size_t i = 0; i < message->to_release.count; i++)
            take_away(lwa, &message->to_release.id[i]);
        for (size_t i = 0; i < message->to_add.count; i++)
            put(lwa, &message->to_add.id[i]);
        lwa->t351_s = message->association_timer_s;
        lwa->success_report = message->success_report;
    }
    if (message->has_mobility || message->has_counter)
        lwa->report_due = lwa->success_report;
}

static void name_of(struct lk_lwa_ue_target *target, const struct lk_wlan_id *id,
                    const struct lk_lwa_ue_config *config)
{
    bool own = id != NULL && id->ssid_len > 0;

    target->ssid_len = own ? id->ssid_len : config->ssid_len;
    memcpy(target->ssid, own ? id->ssid : config->ssid, target->ssid_len);
}

/* The WLAN to associate with, and the address of its access point; NULL address: none. */
static const uint8_t *pick(const struct lk_wlan_id **wlan, const struct lk_lwa_ue_lwa *lwa,
                           const uint8_t current[LK_WLAN_ADDRESS_LEN])
{
    const struct lk_wlan_id *first = NULL;

    for (size_t i = 0; i < lwa->wlan_count; i++) {
        const struct lk_wlan_id *id = &lwa->wlan[i];

        if (!id->has_bssid)
            continue;
        if (first == NULL ||
            lk_span_equal(LK_SPAN(id->bssid), lk_span_of(current, LK_WLAN_ADDRESS_LEN)))
            first = id;
    }
    *wlan = first != NULL ? first : lwa->wlan_count > 0 ? &lwa->wlan[0] : NULL;
    if (first != NULL)
        return first->bssid;
    return lwa->has_wt_mac ? lwa->wt_mac : NULL;
}

bool lk_lwa_ue_choose(struct lk_lwa_ue_target *target, const struct lk_lwa_ue_lwa *lwa,
                      const struct lk_lwa_ue_config *config)
{
    const struct lk_wlan_id *wlan;
    const uint8_t *ap = pick(&wlan, lwa, target->ap);

    if (ap == NULL)
        return false;
    memmove(target->ap, ap, sizeof target->ap);
    memcpy(target->wt, lwa->has_wt_mac ? lwa->wt_mac : target->ap, sizeof target->wt);
    name_of(target, wlan, config);
    return target->ssid_len > 0;
}
