/* Octets as the life of an MN among PoS that say what they like: answers well made or not, under
 * one SA or another, a store that fails, timers. What it refuses changes nothing; there is an SA
 * with nobody but a partner of the home; and no row of K is longer than the limit (T40). */
#include "fuzz.h"

#include "proto/mis/mn.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static struct lk_mis_mn mn;
static struct lk_mis_mn_config config;
static struct lk_mis_mn_outbox out;
static unsigned runs; /* since an authentication */
static uint8_t stored, asked;

/* The first of that kind, or NULL. */
static const struct lk_mis_mn_output *said(enum lk_mis_mn_output_kind kind)
{
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == kind)
            return &out.item[i];
    return NULL;
}

static void step(const struct lk_mis_mn_event *event)
{
    static struct lk_mis_mn before;
    const struct lk_mis_mn_output *item;
    enum lk_status status;

    before = mn;
    status = lk_mis_mn_step(&mn, &config, event, &out);
    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&mn, sizeof mn)));
        return;
    }
    if (event->kind == LK_MIS_MN_EV_AUTHENTICATED && event->run != LK_MIS_RUN_ERP_CHAIN)
        runs = 0;
    item = said(LK_MIS_MN_OUT_SA);
    if (item != NULL) {
        LK_ASSERT(lk_mis_is_partner(&config.partners, lk_mis_name_of(&item->sa.sa.peer)));
        LK_ASSERT(item->sa.sa.chain_used == mn.chain.used && mn.state == LK_MIS_MN_SAVING);
        /* A K of our own ERP with the home begins a chain; no PoS does. */
        LK_ASSERT(item->sa.sa.chain_used > 0 || before.has_k);
        runs = item->sa.sa.chain_used > 0 ? runs + 1 : 0;
        LK_ASSERT(runs <= LK_MIS_CHAIN_DEFAULT);
    }
    item = said(LK_MIS_MN_OUT_SAVE);
    if (item != NULL)
        asked = item->save;
    item = said(LK_MIS_MN_OUT_SEND);
    if (item != NULL && item->send.under == LK_MIS_MN_UNDER_NEW)
        LK_ASSERT(stored >= mn.chain.used);
    LK_ASSERT(mn.chain.used <= LK_MIS_CHAIN_DEFAULT);
}

static void want(struct lk_mis_mn_event *event, uint8_t what)
{
    const struct lk_mis_mn_own own = { .k = { { 5 }, 64 }, .until_ms = 1000000,
                                       .initiate = lk_span_text("an Initiate") };
    static const uint8_t dh[LK_MIS_DH_LEN] = { 9 };
    const struct lk_mis_pos pos = { .id = lk_span_text("pos@b.example") };

    event->kind = LK_MIS_MN_EV_WANT;
    event->entropy[0] = what & 3;
    event->want.serving = (struct lk_mis_serving){ .peer = lk_span_text("pos@a.example"),
                                                   .type = (what & 0x40) != 0 ? LK_MIS_SA_EAP
                                                                              : LK_MIS_SA_SPOS,
                                                   .hides = (what & 3) != 3,
                                                   .chain_used = mn.chain.used,
                                                   .expires_ms = 1000000 };
    if ((what & 4) != 0)
        event->want.target = &pos;
    if ((what & 8) != 0)
        event->want.dh = dh;
    if ((what & 0x30) == 0x30)
        event->want.own = &own;
    step(event);
}

/* An answer that the SPoS of this K can make: AUTH-N fits. */
static void hear_made(struct lk_mis_mn_event *event, uint8_t what, uint8_t used)
{
    static struct lk_mis_made made;
    static const uint8_t c = 1, n[LK_MIS_NONCE_LEN] = { 4 }, id[] = { 1, 2, 3, 4 };
    const struct lk_mis_k k = { { 5 }, 64 };
    uint8_t said[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX];
    struct lk_mis_message m = {
        .said = { (what & 1) != 0 ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS, LK_SPAN(id) },
        .nonce_n = LK_SPAN(n),
        .suites = lk_span_of(&c, 1),
        .prfs = 1u << LK_MIS_PRF_HMAC_SHA256,
        .lifetime_s = 100,
        .pos.id = lk_span_text((what & 2) != 0 ? "pos@rogue.example" : "pos@b.example"),
        .chain = { used, 15 },
        .envelope = { LK_SPAN(k.octets), 100, used, 15, (enum lk_mis_origin)((what >> 2) % 3) },
    };
    struct lk_mis_transcript t = { .said = lk_mis_said_value(said, &m.said),
                                   .agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, c, 2 },
                                   .mn_id = lk_mis_name_of(&config.self),
                                   .tpos_id = m.pos.id,
                                   .spos_id = lk_mis_name_of(&mn.spos),
                                   .chain_used = used,
                                   .lifetime_s = m.lifetime_s,
                                   .offered = lk_mis_offered(offered, &config.offers, codes) };

    for (size_t i = 0; i < LK_MIS_NONCE_LEN; i++) {
        t.nonce_t[i] = mn.nonce_t[i];
        t.nonce_n[i] = n[i];
    }
    if (mn.mixes)
        t.dh_mn = LK_SPAN(mn.dh);
    lk_mis_make(&made, &k, &t);
    m.auth = LK_SPAN(made.auth_n.octets);
    m.present = ~UINT64_C(0) & ~(UINT64_C(1) << LK_MIS_TLV_DH);
    event->heard.message = &m;
    event->heard.under = LK_MIS_MN_UNDER_SPOS + (what >> 7);
    step(event);
}

static void hear(struct lk_reader *r, struct lk_mis_mn_event *event, uint8_t what)
{
    static const uint8_t z[LK_MIS_DH_LEN] = { 3 };
    const struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_PREREG_XFER,
                                                                  LK_MIS_RESPONSE, codes) };
    struct lk_mis_message m;

    event->kind = LK_MIS_MN_EV_HEARD;
    event->heard.action = LK_MIS_PREREG_XFER;
    event->heard.opcode = LK_MIS_RESPONSE;
    event->heard.under = (enum lk_mis_mn_under)(what % 3);
    event->heard.z = (what & 0x40) != 0 ? z : NULL;
    if ((what & 0x20) != 0) {
        what = lk_get_u8(r);
        hear_made(event, what, lk_get_u8(r));
        return;
    }
    if (lk_mis_message_get(&m, &header, lk_get_lv16(r), codes) != LK_OK)
        return;
    event->heard.message = &m;
    step(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    const struct lk_span realms[] = { lk_span_text("a.example"), lk_span_text("b.example") };
    const struct lk_mis_chain chain = { 0, LK_MIS_CHAIN_DEFAULT };
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;

    lk_mis_mn_defaults(&config);
    config.partners = (struct lk_mis_partners){ realms, LK_COUNT_OF(realms) };
    LK_ASSERT(lk_mis_name_set(&config.self, lk_span_text("mn@home.example")));
    lk_mis_mn_init(&mn, &chain);
    runs = 0;
    stored = asked = 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_EXPIRED, .now_ms = ++now_ms };

        switch (what % 7) {
        case 0: want(&event, lk_get_u8(&r)); break;
        case 1:
        case 2: hear(&r, &event, lk_get_u8(&r)); break;
        case 3:
            event.kind = LK_MIS_MN_EV_SAVED;
            event.saved.used = asked;
            event.saved.done = (what & 0x80) == 0;
            if (event.saved.done)
                stored = asked;
            step(&event);
            break;
        case 4:
            event.kind = (what & 0x80) == 0 ? LK_MIS_MN_EV_EXPIRED : LK_MIS_MN_EV_LOST;
            step(&event);
            break;
        case 5:
            event.kind = LK_MIS_MN_EV_SWITCHED;
            step(&event);
            break;
        default:
            event.kind = LK_MIS_MN_EV_AUTHENTICATED;
            event.run = (enum lk_mis_run)(what >> 6);
            step(&event);
        }
    }
    return 0;
}
