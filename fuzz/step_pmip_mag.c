/* Octets as the life of a gateway's session: messages of an anchor, true and altered, timers,
 * tokens, detachment. What it refuses changes nothing, and it is bound only by an answer to its own
 * request. */
#include "fuzz.h"

#include <string.h>

#include "proto/pmip/mag.h"

static struct lk_pmip_mag mag;
static struct lk_pmip_mag_config config;
static struct lk_pmip_mag_outbox out;
static uint8_t request[LK_PMIP_MAG_OCTETS];
static size_t request_len;

static void step(const struct lk_pmip_mag_event *event)
{
    struct lk_pmip_mag before = mag;
    enum lk_status status = lk_pmip_mag_step(&mag, &config, event, &out);

    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&mag, sizeof mag)));
    }
    if (lk_pmip_mag_is_bound(&mag) && !lk_pmip_mag_is_bound(&before))
        LK_ASSERT(event->kind == LK_PMIP_MAG_EV_RECEIVED);
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_PMIP_MAG_OUT_SEND) {
            request_len = out.item[i].send.len;
            memcpy(request, out.item[i].send.at, request_len);
        }
}

/* An answer to the request that is out, of that status, with one octet changed perhaps. */
static void answer(struct lk_pmip_mag_event *event, struct lk_reader *r)
{
    static uint8_t room[LK_PMIP_MAG_OCTETS];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mobility_message m;
    uint8_t how = lk_get_u8(r), status = lk_get_u8(r), at = lk_get_u8(r);

    if (lk_mobility_decode(&m, lk_span_of(request, request_len)) != LK_OK)
        return;
    m.type = LK_MOBILITY_BA;
    m.flags = LK_BA_PROXY;
    m.status = how & 1 ? status : 0;
    m.lifetime = how & 2 ? status : m.lifetime;
    if (m.options.prefix_count > 0) {
        m.options.prefix[0].address.octets[0] = how & 4 ? 0 : 0x20;
        m.options.prefix[0].bits = 64;
    }
    LK_ASSERT(lk_mobility_encode(&w, &m) == LK_OK);
    if (how & 8)
        room[at % w.len] ^= status;
    event->received = lk_writer_span(&w);
    step(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = UINT64_C(1767225600500);
    uint8_t first = lk_get_u8(&r);

    lk_pmip_mag_init(&mag);
    lk_pmip_mag_defaults(&config);
    config.timestamps = (first & 1) != 0;
    request_len = 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_pmip_mag_event event = { .now_ms = now_ms, .sequence = (uint16_t)i };

        switch (what % 7) {
        case 0:
            event.kind = LK_PMIP_MAG_EV_ATTACH;
            event.attach.nai = lk_get_lv8(&r);
            event.attach.service = lk_get_lv8(&r);
            event.attach.token = lk_get_lv8(&r);
            event.attach.link_layer_id = lk_get_span(&r, what >> 4);
            event.attach.want_ipv6 = (what & 8) == 0;
            event.attach.want_ipv4 = true;
            if (r.status == LK_OK)
                step(&event);
            break;
        case 1:
        case 2:
            event.kind = LK_PMIP_MAG_EV_RECEIVED;
            answer(&event, &r);
            break;
        case 3:
            event.kind = LK_PMIP_MAG_EV_RECEIVED;
            event.received = lk_get_lv8(&r);
            step(&event);
            break;
        case 4:
            now_ms += (uint64_t)lk_get_u8(&r) << what / 7 % 24;
            event.now_ms = now_ms;
            event.kind = LK_PMIP_MAG_EV_EXPIRED;
            step(&event);
            break;
        case 5:
            event.kind = LK_PMIP_MAG_EV_TOKEN;
            event.token = lk_get_lv8(&r);
            step(&event);
            break;
        default:
            event.kind = LK_PMIP_MAG_EV_DETACH;
            step(&event);
        }
    }
    return 0;
}
