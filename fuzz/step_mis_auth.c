/* Octets as events to MN and PoS of MIS_Auth: what each said goes to the other, as it is, altered,
 * again or never; besides, messages of anybody, and keys when they fit and when they do not. No SA
 * without keys and without proof: two SAs of one run are the same. */
#include "fuzz.h"

#include <string.h>

#include "proto/mis/mn_auth.h"
#include "proto/mis/pos_auth.h"
#include "wire/eap.h"

enum { STEPS = 200, LIST = 2048 };

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static struct {
    struct lk_mis_mn_auth mn;
    struct lk_mis_pos_auth pos;
    struct lk_mis_auth_config mn_config, pos_config;
    struct lk_mis_auth_outbox out;
    struct lk_mis_k k;
    uint64_t now_ms;
    uint8_t entropy;
    bool keyed[2];
    bool has_sa[2];
    struct lk_mis_sa sa[2]; /* of PoS, MN */
    struct {
        struct lk_mis_header header;
        size_t len;
        uint8_t at[LIST];
    } said[2]; /* last, by PoS, MN */
} f;

static void obey(bool mn)
{
    for (size_t i = 0; i < f.out.count; i++) {
        const struct lk_mis_auth_output *item = &f.out.item[i];

        if (item->kind == LK_MIS_AUTH_OUT_SEND) {
            f.said[mn].header = item->send.header;
            LK_ASSERT(item->send.list.len <= LIST);
            f.said[mn].len = item->send.list.len;
            if (item->send.list.len > 0)
                memcpy(f.said[mn].at, item->send.list.at, item->send.list.len);
        } else if (item->kind == LK_MIS_AUTH_OUT_SA) {
            LK_ASSERT(f.keyed[mn] && !f.has_sa[mn]);
            f.has_sa[mn] = true;
            f.sa[mn] = item->sa.sa;
        }
    }
    /* The PoS has one only when the MN has the same. */
    LK_ASSERT(!f.has_sa[0] || f.has_sa[1]);
    if (f.has_sa[0] && f.has_sa[1]) {
        LK_ASSERT(memcmp(&f.sa[0].keys, &f.sa[1].keys, sizeof f.sa[0].keys) == 0);
        LK_ASSERT(memcmp(&f.sa[0].msrk, &f.sa[1].msrk, sizeof f.sa[0].msrk) == 0);
        LK_ASSERT(f.sa[0].agreed.c == f.sa[1].agreed.c && f.sa[0].agreed.prf == f.sa[1].agreed.prf);
        LK_ASSERT(memcmp(f.sa[0].id, f.sa[1].id, sizeof f.sa[0].id) == 0);
    }
}

static void step(bool mn, struct lk_mis_auth_event *event)
{
    enum lk_status status;

    event->now_ms = f.now_ms;
    memset(event->entropy, ++f.entropy, sizeof event->entropy);
    status = mn ? lk_mis_mn_auth_step(&f.mn, &f.mn_config, event, &f.out)
                : lk_mis_pos_auth_step(&f.pos, &f.pos_config, event, &f.out);
    LK_ASSERT(status == LK_OK || f.out.count == 0);
    obey(mn);
}

static void give(bool mn, const struct lk_mis_header *header, struct lk_span list)
{
    static uint8_t copy[LIST];
    struct lk_mis_message message;
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };

    if (list.len > LIST)
        return;
    if (list.len > 0)
        memcpy(copy, list.at, list.len);
    if (lk_mis_message_get(&message, header, lk_span_of(copy, list.len), codes) != LK_OK)
        return;
    event.message.header = header;
    event.message.message = &message;
    step(mn, &event);
}

/* What the other end said last, perhaps with another octet. */
static void deliver(bool mn, struct lk_reader *r, bool alter)
{
    struct lk_mis_header header = f.said[!mn].header;
    uint8_t list[LIST];
    size_t len = f.said[!mn].len;

    memcpy(list, f.said[!mn].at, sizeof list);
    if (alter && len > 0) {
        size_t at = lk_get_be16(r) % len;

        list[at] ^= lk_get_u8(r);
    }
    if (header.id != 0)
        give(mn, &header, lk_span_of(list, len));
}

static void keys(bool mn, uint8_t what)
{
    static const uint8_t success[] = { LK_EAP_SUCCESS, 1, 0, 4 };
    struct lk_mis_k k = f.k;
    struct lk_mis_auth_event event = {
        .kind = LK_MIS_AUTH_EV_KEYS,
        .keys = { .k = &k, .lifetime_s = 60, .eap = LK_SPAN(success) } };

    k.octets[0] ^= what >> 7;
    f.keyed[mn] = true;
    step(mn, &event);
}

static void eap(bool mn, bool some)
{
    const uint8_t packet[] = { mn ? LK_EAP_RESPONSE : LK_EAP_REQUEST, 1, 0, 5, 1 };
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP,
                                       .eap = lk_span_of(packet, some ? sizeof packet : 0) };

    step(mn, &event);
}

static void plain(bool mn, uint8_t what)
{
    static const enum lk_mis_auth_event_kind kinds[] = {
        LK_MIS_AUTH_EV_START, LK_MIS_AUTH_EV_SILENT, LK_MIS_AUTH_EV_EXPIRED,
        LK_MIS_AUTH_EV_REFUSED,
    };
    struct lk_mis_auth_event event = { .kind = kinds[what % LK_COUNT_OF(kinds)] };

    f.now_ms += (uint64_t)what << 4;
    step(mn, &event);
}

static void anybody(bool mn, struct lk_reader *r)
{
    struct lk_mis_header header = { .id = lk_get_be16(r), .tid = 1 };

    header.secured = (header.id & 0x0200) != 0;
    give(mn, &header, lk_get_lv8(r));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(&f, 0, sizeof f);
    lk_mis_auth_defaults(&f.mn_config);
    lk_mis_auth_defaults(&f.pos_config);
    f.pos_config.erp = false;
    f.k.len = LK_MIS_K_MAX;
    LK_ASSERT(lk_mis_name_set(&f.mn_config.self, lk_span_text("mn")));
    LK_ASSERT(lk_mis_name_set(&f.pos_config.self, lk_span_text("pos")));
    LK_ASSERT(lk_mis_mn_auth_init(&f.mn, lk_span_text("pos")) == LK_OK);
    LK_ASSERT(lk_mis_pos_auth_init(&f.pos, lk_span_text("mn")) == LK_OK);
    for (unsigned i = 0; i < STEPS && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        bool mn = (what & 0x40) != 0;

        switch (what & 7) {
        case 0:
        case 1: deliver(mn, &r, false); break;
        case 2: deliver(mn, &r, true); break;
        case 3: keys(mn, what); break;
        case 4: eap(mn, (what & 8) == 0); break;
        case 5: plain(mn, lk_get_u8(&r)); break;
        default: anybody(mn, &r);
        }
    }
    return 0;
}
