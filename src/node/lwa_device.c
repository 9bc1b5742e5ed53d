#include "node/lwa_device.h"

#include <string.h>

#include "base/secret.h"
#include "node/lwa_device_parts.h"

void lk_lwa_device_defaults(struct lk_lwa_device_config *config)
{
    lk_lwa_ue_defaults(&config->ue);
    lk_rsn_station_defaults(&config->station);
    lk_rsn_defaults(&config->rsn);
}

void lk_lwa_device_init(struct lk_lwa_device *device, const uint8_t mac[LK_STATION_LEN])
{
    *device = (struct lk_lwa_device){ .ue_due_ms = LK_LWA_DEVICE_NEVER,
                                      .station_due_ms = LK_LWA_DEVICE_NEVER,
                                      .supplicant_due_ms = LK_LWA_DEVICE_NEVER,
                                      .told_ms = LK_LWA_DEVICE_NEVER };
    memcpy(device->mac, mac, sizeof device->mac);
    lk_lwa_ue_init(&device->ue);
    lk_rsn_station_init(&device->station, mac);
    lk_rsn_supplicant_init(&device->supplicant);
    lk_rsn_ccmp_init(&device->ccmp);
}

void lk_lwa_device_wipe(struct lk_lwa_device *device)
{
    lk_wipe(device, sizeof *device);
}

void lk_lwa_device_outbox_wipe(struct lk_lwa_device_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

/* ---- outputs ---- */

struct lk_lwa_device_output *lk_lwa_device_add(struct lk_lwa_device_work *w,
                                               enum lk_lwa_device_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_LWA_DEVICE_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_lwa_device_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

void lk_lwa_device_refuse(struct lk_lwa_device_work *w, enum lk_reason reason,
                          const char *expected, const char *came)
{
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_REFUSAL)->why = lk_refusal_of(reason, expected, came);
}

void lk_lwa_device_send(struct lk_lwa_device_work *w, enum lk_lwa_device_output_kind kind,
                        struct lk_span octets)
{
    uint8_t *at = w->out->octets + w->out->used;

    LK_ASSERT(octets.len <= sizeof w->out->octets - w->out->used);
    memcpy(at, octets.at, octets.len);
    w->out->used += octets.len;
    lk_lwa_device_add(w, kind)->send = lk_span_of(at, octets.len);
}

/* ---- events ---- */

static enum lk_status take_context(struct lk_lwa_device_work *w)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_CONTEXT };
    enum lk_status status;

    event.context = w->event->context;
    status = lk_lwa_device_to_ue(w, &event);
    lk_wipe(&event, sizeof event);
    return status;
}

static enum lk_reason rrc_reason(enum lk_status status)
{
    if (status == LK_E_MAC)
        return LK_REASON_LWA_RRC_MAC;
    return status == LK_E_FULL ? LK_REASON_LWA_COUNT_END : LK_REASON_LWA_RRC_UNREADABLE;
}

static enum lk_status take_rrc(struct lk_lwa_device_work *w)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_RRC };
    enum lk_status status;

    event.rrc = w->event->octets;
    w->d->counters.rrc++;
    status = lk_lwa_device_to_ue(w, &event);
    if (status != LK_OK) {
        w->d->counters.rrc_dropped++;
        lk_lwa_device_refuse(w, rrc_reason(status), "a message of the eNB",
                             lk_status_name(status));
    }
    return status;
}

/* spec: TS 36.360 6.2 - the bearer's number, then the PDU, behind LWA's EtherType. */
static enum lk_status take_data(struct lk_lwa_device_work *w)
{
    uint8_t octets[1 + LK_LWA_DEVICE_PDU_MAX];
    struct lk_writer writer = lk_writer_of(octets, sizeof octets);
    struct lk_80211_payload payload = { .ethertype = LK_LWA_ETHERTYPE };
    enum lk_status status = w->d->usable ? LK_OK : LK_E_NOT_FOUND;

    if (status == LK_OK)
        status = lk_lwaap_encode(&writer, &w->event->up);
    payload.octets = lk_writer_span(&writer);
    if (status == LK_OK)
        status = lk_lwa_device_put_frame(w, w->d->target.wt, &payload);
    w->d->counters.data_up += status == LK_OK;
    if (status != LK_OK) {
        w->d->counters.up_dropped++;
        lk_lwa_device_refuse(w, LK_REASON_LWA_NO_LINK, "an association with keys, and a PDU for it",
                             status == LK_E_NOT_FOUND ? "no association with keys"
                                                      : "a PDU that is none, or too long");
    }
    lk_wipe(octets, sizeof octets);
    return status;
}

static bool is_due(uint64_t *due_ms, uint64_t now_ms)
{
    bool due = *due_ms <= now_ms;

    if (due)
        *due_ms = LK_LWA_DEVICE_NEVER;
    return due;
}

/* A machine that does not wait any more refuses its timer, and that is all. The supplicant's and
 * the station's come first: that they give up says more than that time is over. */
static void take_time(struct lk_lwa_device_work *w)
{
    struct lk_rsn_event keys = { .kind = LK_RSN_EV_EXPIRED };
    struct lk_rsn_station_event way = { .kind = LK_RSN_STATION_EV_EXPIRED };
    struct lk_lwa_ue_event ue = { .kind = LK_LWA_UE_EV_EXPIRED };
    uint64_t now_ms = w->event->now_ms;

    w->d->told_ms = LK_LWA_DEVICE_NEVER;
    lk_rsn_ccmp_expire(&w->d->ccmp, now_ms);
    if (is_due(&w->d->supplicant_due_ms, now_ms))
        (void)!lk_lwa_device_to_supplicant(w, &keys);
    if (is_due(&w->d->station_due_ms, now_ms))
        (void)!lk_lwa_device_to_station(w, &way);
    if (is_due(&w->d->ue_due_ms, now_ms))
        (void)!lk_lwa_device_to_ue(w, &ue);
}

static enum lk_status take_leave(struct lk_lwa_device_work *w)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_LEAVE };

    return lk_lwa_device_to_ue(w, &event);
}

static enum lk_status take(struct lk_lwa_device_work *w)
{
    switch (w->event->kind) {
    case LK_LWA_DEVICE_EV_CONTEXT: return take_context(w);
    case LK_LWA_DEVICE_EV_RRC: return take_rrc(w);
    case LK_LWA_DEVICE_EV_FRAME: return lk_lwa_device_take_frame(w, w->event->octets);
    case LK_LWA_DEVICE_EV_DATA_UP: return take_data(w);
    case LK_LWA_DEVICE_EV_EXPIRED: take_time(w); return LK_OK;
    case LK_LWA_DEVICE_EV_LEAVE: return take_leave(w);
    }
    return LK_E_UNEXPECTED;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void say_when(struct lk_lwa_device_work *w)
{
    struct lk_lwa_device *d = w->d;
    uint64_t due_ms = least(d->ue_due_ms, least(d->station_due_ms, d->supplicant_due_ms));

    due_ms = least(due_ms, lk_rsn_ccmp_due_ms(&d->ccmp));
    if (due_ms == d->told_ms)
        return;
    d->told_ms = due_ms;
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_WAKE)->wake_ms = due_ms;
}

enum lk_status lk_lwa_device_step(struct lk_lwa_device *device,
                                  const struct lk_lwa_device_config *config,
                                  const struct lk_lwa_device_event *event,
                                  struct lk_lwa_device_outbox *out)
{
    struct lk_lwa_device_work work = { .d = device, .config = config, .event = event, .out = out };
    enum lk_status status;

    out->count = out->used = 0;
    status = take(&work);
    say_when(&work);
    return status;
}
