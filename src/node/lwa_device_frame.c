/* Frames of the device: whose they are, and what they are worth while there are keys and while
 * there are none. */
#include "node/lwa_device_parts.h"

#include <string.h>

#include "base/secret.h"

/* ---- out ---- */

/* A05: nothing goes out in clear while there is a TK. */
enum lk_status lk_lwa_device_put_frame(struct lk_lwa_device_work *w,
                                       const uint8_t to[LK_STATION_LEN],
                                       const struct lk_80211_payload *payload)
{
    struct lk_lwa_device *d = w->d;
    struct lk_lwa_device_outbox *out = w->out;
    struct lk_writer writer = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    struct lk_80211_header header = { .kind = LK_80211_QOS_DATA, .flags = LK_80211_TO_DS,
                                      .sequence = d->sequence };
    uint8_t body[LK_80211_FRAME_MAX];
    struct lk_writer inner = lk_writer_of(body, sizeof body);
    enum lk_status status;

    memcpy(header.a1, d->target.ap, sizeof header.a1);
    memcpy(header.a2, d->mac, sizeof header.a2);
    memcpy(header.a3, to, sizeof header.a3);
    lk_80211_payload_put(&inner, payload);
    status = lk_writer_end(&inner);
    if (status == LK_OK && d->ccmp.now.is_set) {
        status = lk_rsn_ccmp_seal(&d->ccmp, &writer, &header, lk_writer_span(&inner));
    } else if (status == LK_OK) {
        status = lk_80211_header_encode(&writer, &header);
        lk_put_span(&writer, lk_writer_span(&inner));
    }
    if (status == LK_OK)
        status = lk_writer_end(&writer);
    if (status == LK_OK) {
        d->sequence = (d->sequence + 1) & LK_80211_SEQUENCE_MAX;
        out->used += writer.len;
        lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_FRAME)->send = lk_writer_span(&writer);
    }
    lk_wipe(body, sizeof body);
    return status;
}

/* ---- in ---- */

static enum lk_status take_eapol(struct lk_lwa_device_work *w, struct lk_span octets)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };

    event.received = octets;
    return lk_lwa_device_to_supplicant(w, &event);
}

static bool is_message_3(struct lk_span octets)
{
    struct lk_eapol eapol;
    struct lk_eapol_key key;

    return lk_eapol_decode(&eapol, octets) == LK_OK && lk_eapol_key_decode(&key, &eapol) == LK_OK &&
           lk_eapol_key_message(&key) == LK_EAPOL_M3;
}

/* A05: with a TK in, what comes in clear is dropped, but for a message 3 while the access point has
 * not shown that it has the TK: it had no message 4. Without a TK only EAPOL comes. */
static enum lk_status take_clear(struct lk_lwa_device_work *w, const struct lk_80211_header *header,
                                 struct lk_span body)
{
    struct lk_lwa_device *d = w->d;
    struct lk_80211_payload payload;
    enum lk_status status = lk_80211_payload_decode(&payload, header, body);

    if (status != LK_OK)
        return status;
    if (payload.ethertype != LK_EAPOL_ETHERTYPE ||
        (d->ccmp.now.is_set && (d->ap_has_tk || !is_message_3(payload.octets)))) {
        d->counters.in_clear++;
        lk_lwa_device_refuse(w, LK_REASON_LWA_CLEAR_FRAME, "a protected frame", "one in clear");
        return LK_E_DENIED;
    }
    return take_eapol(w, payload.octets);
}

static enum lk_status take_lwa(struct lk_lwa_device_work *w, struct lk_span octets)
{
    struct lk_lwaap lwaap;
    enum lk_status status = lk_lwaap_decode(&lwaap, octets);

    if (status != LK_OK)
        return status;
    w->d->counters.data_down++;
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_DATA_DOWN)->down = lwaap;
    return LK_OK;
}

static enum lk_status take_protected(struct lk_lwa_device_work *w, struct lk_span frame)
{
    struct lk_lwa_device *d = w->d;
    struct lk_rsn_data *data = &w->out->data;
    struct lk_80211_payload payload;
    enum lk_status status = lk_rsn_ccmp_open(&d->ccmp, data, frame, w->event->now_ms);

    d->counters.replayed += status == LK_E_SYNC;
    d->counters.altered += status == LK_E_MAC;
    if (status != LK_OK)
        return status;
    d->ap_has_tk = true;
    status = lk_80211_payload_decode(&payload, &data->header, lk_span_of(data->octets, data->len));
    if (status != LK_OK)
        return status;
    switch (payload.ethertype) {
    case LK_EAPOL_ETHERTYPE: return take_eapol(w, payload.octets);
    case LK_LWA_ETHERTYPE: return take_lwa(w, payload.octets);
    default: return LK_E_UNSUPPORTED;
    }
}

static bool is_for_us(const struct lk_lwa_device *d, const struct lk_80211_header *header)
{
    uint8_t ways = header->flags & (LK_80211_TO_DS | LK_80211_FROM_DS);

    return d->station.state == LK_RSN_STATION_ASSOCIATED && ways == LK_80211_FROM_DS &&
           lk_span_equal(LK_SPAN(header->a1), LK_SPAN(d->mac)) &&
           lk_span_equal(LK_SPAN(header->a2), LK_SPAN(d->target.ap));
}

static enum lk_status take_management(struct lk_lwa_device_work *w, struct lk_span frame)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_FRAME };

    event.frame = frame;
    return lk_lwa_device_to_station(w, &event);
}

static enum lk_status take(struct lk_lwa_device_work *w, struct lk_span frame)
{
    struct lk_80211_header header;
    struct lk_span body;
    enum lk_status status = lk_80211_decode(&header, &body, frame);

    if (status != LK_OK)
        return status;
    if (lk_80211_is_management(&header))
        return take_management(w, frame);
    if (!is_for_us(w->d, &header))
        return LK_E_NOT_FOUND;
    if (header.kind != LK_80211_DATA && header.kind != LK_80211_QOS_DATA)
        return LK_E_UNKNOWN; /* CCMP does not cover all of the subtype: no number is spent on it */
    if ((header.flags & LK_80211_PROTECTED) != 0)
        return take_protected(w, frame);
    return take_clear(w, &header, body);
}

/* What has no place now is counted and not told: a repeat that is late, a farewell that crossed
 * ours. */
enum lk_status lk_lwa_device_take_frame(struct lk_lwa_device_work *w, struct lk_span frame)
{
    enum lk_status status = take(w, frame);

    w->d->counters.frames++;
    if (status == LK_E_NOT_FOUND)
        w->d->counters.frames_foreign++;
    else if (status != LK_OK && status != LK_E_DENIED)
        w->d->counters.frames_refused++;
    if (status != LK_OK && status != LK_E_NOT_FOUND && status != LK_E_DENIED &&
        status != LK_E_UNEXPECTED)
        lk_lwa_device_refuse(w, LK_REASON_LWA_FRAME, "a frame of the association",
                             lk_status_name(status));
    return status;
}
