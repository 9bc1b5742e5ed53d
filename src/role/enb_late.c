/* A laboratory's radio: what goes down to devices may take a while (enb.uu_delay_ms). With the WT
 * told first, that is what makes S3's option 1 lose associations. */
#include <string.h>

#include "role/enb_process.h"

static void set_wake(struct lk_enb_process *enb)
{
    if (enb->late.count > 0)
        lk_wake_at(&enb->late.wake, enb->late.datagram[enb->late.first].at_ms);
}

static void on_late(struct lk_wake *wake)
{
    struct lk_enb_process *enb = wake->context;
    uint64_t now_ms = lk_mono_ms();

    while (enb->late.count > 0 && enb->late.datagram[enb->late.first].at_ms <= now_ms) {
        const struct lk_enb_late_datagram *datagram = &enb->late.datagram[enb->late.first];

        lk_datagrams_put(enb->to_uu, &datagram->peer, lk_span_of(datagram->octets, datagram->len));
        enb->late.first = (enb->late.first + 1) % LK_ENB_LATE;
        enb->late.count--;
    }
    lk_enb_turn_end(enb);
    set_wake(enb);
}

void lk_enb_late_begin(struct lk_enb_process *enb)
{
    lk_wake_begin(&enb->late.wake, &enb->process.loop, enb, on_late);
}

/* In order, as all wait as long; what there is no room for is lost, as on the air. */
void lk_enb_put_uu(struct lk_enb_process *enb, const struct lk_datagram_peer *peer,
                   struct lk_span octets)
{
    const struct lk_config *config = enb->process.config;
    struct lk_enb_late_datagram *datagram;

    if (!config->laboratory || config->enb.uu_delay_ms == 0) {
        lk_datagrams_put(enb->to_uu, peer, octets);
        return;
    }
    if (enb->late.count == LK_ENB_LATE || octets.len > sizeof datagram->octets)
        return;
    datagram = &enb->late.datagram[(enb->late.first + enb->late.count++) % LK_ENB_LATE];
    datagram->at_ms = lk_mono_ms() + config->enb.uu_delay_ms;
    datagram->peer = *peer;
    datagram->len = octets.len;
    memcpy(datagram->octets, octets.at, octets.len);
    if (enb->late.count == 1)
        set_wake(enb);
}
