/* Octets as the life of one UE at a WT: messages of two eNBs, well made or not, a station that
 * comes and goes, timers, a link that does. What it refuses changes nothing; there is a key only
 * with a context; and a handshake is started by a MODIFICATION alone. */
#include "fuzz.h"

#include <string.h>

#include "proto/lwa/wt.h"

enum { UE_OCTET = 2, LINKS = 2 };

static struct lk_lwa_wt wt;
static struct lk_lwa_wt_config config;
static struct lk_lwa_wt_outbox out;
static uint32_t drawn;

static void step(struct lk_lwa_wt_event *event)
{
    static struct lk_lwa_wt before;
    const struct lk_lwa_wt_output *key;
    enum lk_status status;

    before = wt;
    status = lk_lwa_wt_step(&wt, &config, event, &out);
    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&wt, sizeof wt)));
    }
    key = lk_lwa_wt_outbox_find(&out, LK_LWA_WT_OUT_KEY);
    if (key != NULL) {
        LK_ASSERT(event->kind == LK_LWA_WT_EV_XW &&
                  event->xw.message->type == LK_XWAP_MODIFICATION_REQUEST &&
                  event->xw.link == wt.link && wt.state == LK_LWA_WT_HANDSHAKE);
        LK_ASSERT(lk_span_equal(event->xw.message->key, LK_SPAN(key->key.octets)));
    }
    LK_ASSERT(!wt.has_key || (wt.state != LK_LWA_WT_IDLE && wt.state != LK_LWA_WT_RELEASING));
    LK_ASSERT((wt.state != LK_LWA_WT_AWAIT_UE && wt.state != LK_LWA_WT_RELEASING) ||
              wt.due_ms != LK_LWA_WT_NEVER);
}

static void hear(struct lk_lwa_wt_event *event, const struct lk_xwap *m)
{
    event->kind = LK_LWA_WT_EV_XW;
    event->xw.message = m;
    event->xw.fresh_id = ++drawn;
    step(event);
}

/* A message as its decoder reads it; ids may be made those of the UE. */
static void hear_octets(struct lk_reader *r, struct lk_lwa_wt_event *event, bool ours)
{
    struct lk_xwap m;
    struct lk_xwap_diagnostics found;

    if (lk_xwap_decode(&m, &found, lk_get_lv16(r)) != LK_OK)
        return;
    if (ours && lk_xwap_has(&m, LK_XWAP_WT_UE_ID))
        m.wt_ue_id = wt.wt_ue_id;
    if (ours && lk_xwap_has(&m, LK_XWAP_UE_IDENTITY))
        memcpy(m.ue_identity, wt.mac, sizeof m.ue_identity);
    if (ours && m.type != LK_XWAP_ADDITION_REQUEST)
        m.enb_ue_id = wt.enb_ue_id;
    hear(event, &m);
}

static void hear_made(struct lk_reader *r, struct lk_lwa_wt_event *event)
{
    uint8_t key[LK_XWAP_KEY_LEN] = { lk_get_u8(r) }, what = lk_get_u8(r);
    struct lk_xwap m = { .type = what % LK_XWAP_TYPE_COUNT, .enb_ue_id = what >> 7,
                         .wt_ue_id = wt.wt_ue_id, .key = LK_SPAN(key) };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    if (m.type != LK_XWAP_ADDITION_REQUEST || (what & 0x20) != 0)
        lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    if ((what & 0x40) != 0)
        m.key = lk_span_of(NULL, 0);
    m.ue_identity[5] = UE_OCTET;
    m.added.count = 1;
    m.added.bearer[0].e_rab_id = 5;
    hear(event, &m);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;

    lk_lwa_wt_defaults(&config);
    config.finished_each_time = (lk_get_u8(&r) & 1) == 0;
    lk_lwa_wt_init(&wt);
    drawn = 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_lwa_wt_event event = { .kind = LK_LWA_WT_EV_EXPIRED, .now_ms = ++now_ms };

        event.xw.link = (what & 0x80) != 0;
        switch (what % 8) {
        case 0: hear_octets(&r, &event, (what & 0x40) != 0); break;
        case 1:
        case 2: hear_made(&r, &event); break;
        case 3: step(&event); break;
        default:
            event.kind = LK_LWA_WT_EV_XW_DOWN + (what >> 3) % 7;
            event.want.e_rab_id = 5;
            event.want.cause = (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, LK_XWAP_UE_LOST };
            step(&event);
        }
    }
    return 0;
}
