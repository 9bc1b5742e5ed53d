/* Octets as the life of a station: joins, frames of the access point as they are or altered, frames
 * of nobody, timers. What it refuses changes nothing; what it sends can be read; tries end. */
#include "fuzz.h"

#include <string.h>

#include "proto/rsn/station.h"

static const uint8_t own[] = { 2, 0, 0, 0, 0, 2 }, ap[] = { 2, 0, 0, 0, 0, 1 };

static struct lk_rsn_station station;
static struct lk_rsn_station_config config;

static void step(struct lk_rsn_station_event *event)
{
    static struct lk_rsn_station before;
    static struct lk_rsn_station_outbox out;
    enum lk_status status;

    before = station;
    status = lk_rsn_station_step(&station, &config, event, &out);
    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&station, sizeof station)));
    }
    LK_ASSERT(station.tries <= config.tries);
    for (size_t i = 0; i < out.count; i++) {
        struct lk_80211_header header;
        struct lk_span body;

        if (out.item[i].kind == LK_RSN_STATION_OUT_SEND)
            LK_ASSERT(lk_80211_decode(&header, &body, out.item[i].send) == LK_OK);
        if (out.item[i].kind == LK_RSN_STATION_OUT_ASSOCIATED)
            LK_ASSERT(before.state == LK_RSN_STATION_AWAIT_ASSOCIATION);
    }
}

static void hear(struct lk_reader *r, uint8_t kind, bool altered)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_FRAME };
    struct lk_80211_header header = { .kind = kind };
    uint8_t octets[256 + 64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    memcpy(header.a1, own, sizeof own);
    memcpy(header.a2, ap, sizeof ap);
    memcpy(header.a3, ap, sizeof ap);
    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    lk_put_span(&w, lk_get_lv8(r));
    if (altered)
        octets[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    event.frame = lk_writer_span(&w);
    step(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const uint8_t kinds[] = { LK_80211_AUTHENTICATION, LK_80211_ASSOCIATION_RESPONSE,
                                     LK_80211_DEAUTHENTICATION, LK_80211_DISASSOCIATION };
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;

    lk_rsn_station_defaults(&config);
    lk_rsn_station_init(&station, own);
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_JOIN, .now_ms = now_ms };

        switch (what % 8) {
        case 0:
            memcpy(event.join.ap, ap, sizeof ap);
            event.join.ssid_len = what >> 3;
            event.join.pmkid_count = what >> 6;
            step(&event);
            break;
        case 1:
        case 2:
        case 3:
        case 4: hear(&r, kinds[what % 8 - 1], what >> 7); break;
        case 5:
            now_ms += what;
            event.now_ms = now_ms;
            event.kind = LK_RSN_STATION_EV_EXPIRED;
            step(&event);
            break;
        case 6:
            event.kind = LK_RSN_STATION_EV_LEAVE;
            event.reason = what;
            step(&event);
            break;
        default:
            event.kind = LK_RSN_STATION_EV_FRAME;
            event.frame = lk_get_lv8(&r);
            step(&event);
        }
    }
    return 0;
}
