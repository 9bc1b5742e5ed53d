/* Octets as what a serving and a target PoS hear, from an MN and from each other: lists well made
 * or not, and what the world says. What they refuse changes nothing; a serving PoS has a K only
 * while it needs one, and a target an SA only of a partner's K that the home has marked. */
#include "fuzz.h"

#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static struct lk_mis_spos spos;
static struct lk_mis_tpos tpos;
static struct lk_mis_spos_config spos_config;
static struct lk_mis_tpos_config tpos_config;
static struct lk_mis_spos_outbox said;
static struct lk_mis_tpos_outbox out;
static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 1 }, dh[LK_MIS_DH_LEN] = { 2 };
static bool partner, marked, seen;

static void spos_steps(const struct lk_mis_spos_event *event)
{
    static struct lk_mis_spos before;

    before = spos;
    if (lk_mis_spos_step(&spos, &spos_config, event, &said) != LK_OK) {
        LK_ASSERT(said.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&spos, sizeof spos)));
    }
    LK_ASSERT((spos.k.len > 0) == (spos.state != LK_MIS_SPOS_IDLE));
    LK_ASSERT(spos.state == LK_MIS_SPOS_IDLE || spos.chain.used <= spos.chain.max);
}

static void tpos_steps(const struct lk_mis_tpos_event *event)
{
    static struct lk_mis_tpos before;
    enum lk_status status;

    before = tpos;
    status = lk_mis_tpos_step(&tpos, &tpos_config, event, &out);
    if (status != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&tpos, sizeof tpos)));
    }
    if (lk_mis_tpos_outbox_find(&out, LK_MIS_TPOS_OUT_SA) != NULL)
        LK_ASSERT(partner && marked && !seen && tpos.chain.used <= LK_MIS_CHAIN_DEFAULT);
    LK_ASSERT((tpos.k.len > 0) == (tpos.state == LK_MIS_TPOS_ASKING));
}

/* A message that may pass, or one of the octets. False: neither. */
static bool read_message(struct lk_mis_message *m, struct lk_reader *r, enum lk_mis_action action,
                         enum lk_mis_opcode opcode, uint8_t what)
{
    static const struct lk_mis_offers offers = { { 1, 2 }, 2, 5 };
    static const uint8_t k[64] = { 3 };
    static uint8_t mark[LK_MIS_START_MARK_MAX];
    const struct lk_mis_header header = { .id = lk_mis_message_id(action, opcode, codes) };
    struct lk_writer w = lk_writer_of(mark, sizeof mark);

    if ((what & 0x80) != 0)
        return lk_mis_message_get(m, &header, lk_get_lv16(r), codes) == LK_OK;
    lk_put_lv16(&w, lk_span_text("mn@home.example"));
    lk_put_be64(&w, 0);
    lk_put_be32(&w, 1000);
    lk_put_u8(&w, 3);
    lk_put_lv16(&w, lk_span_text("home.example"));
    lk_put_zeroes(&w, 64);
    *m = (struct lk_mis_message){ .present = ~UINT64_C(0),
                                  .status = what & 1,
                                  .mn = lk_span_text("mn@home.example"),
                                  .nonce_t = LK_SPAN(nonce),
                                  .nonce_n = LK_SPAN(nonce),
                                  .said = { LK_MIS_SA_SPOS, LK_SPAN(nonce) },
                                  .auth = LK_SPAN(nonce),
                                  .dh = LK_SPAN(dh),
                                  .lifetime_s = 9,
                                  .chain = { lk_get_u8(r), 3 },
                                  .pos.id = lk_span_text("pos@b.example"),
                                  .start_mark = lk_writer_span(&w) };
    m->envelope = (struct lk_mis_key_envelope){ LK_SPAN(k), 100, lk_get_u8(r) & 7, 15,
                                                (enum lk_mis_origin)((what >> 1) % 3) };
    lk_mis_offers_say(m, &offers);
    if ((what & 8) != 0)
        m->present &= ~(UINT64_C(1) << (lk_get_u8(r) & 63));
    return true;
}

static void at_spos(struct lk_reader *r, uint64_t now_ms, uint8_t what)
{
    static const struct lk_mis_home_k home_k = { { { 8 }, 32 }, LK_MIS_ORIGIN_ERP };
    static const uint8_t wlan[] = { LK_MIS_LINK_80211 };
    const struct lk_mis_neighbour b = { .network = lk_span_text("b"), .link_types = LK_SPAN(wlan),
                                        .pos.id = lk_span_text("pos@b.example"),
                                        .partner = true, .up = (what & 0x10) != 0 };
    const struct lk_mis_neighbours neighbours = { &b, 1 };
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_REQUEST + what % 5,
                                       .now_ms = now_ms, .entropy = { what, 1 } };
    struct lk_mis_message m;

    if (event.kind == LK_MIS_SPOS_EV_REQUEST) {
        if (!read_message(&m, r, LK_MIS_PREREG_XFER, LK_MIS_REQUEST, lk_get_u8(r)))
            return;
        event.request.serving = (struct lk_mis_serving){ .peer = lk_span_text("mn@home.example"),
                                                         .type = what >> 6,
                                                         .hides = true,
                                                         .expires_ms = 1000000 };
        event.request.max = 3;
        event.request.neighbours = &neighbours;
        event.request.message = &m;
        if ((what & 0x20) != 0)
            event.request.home = lk_span_text("pos@home.example");
        if ((what & 0x10) != 0)
            event.request.home_k = &home_k;
    } else {
        if (!read_message(&m, r, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, lk_get_u8(r)))
            return;
        event.target.run = spos.run - ((what & 0x20) != 0);
        event.target.message = &m;
    }
    spos_steps(&event);
}

static void at_tpos(struct lk_reader *r, uint64_t now_ms, uint8_t what)
{
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_REQUEST + what % 5,
                                       .now_ms = now_ms, .entropy = { what, 1 } };
    bool asks = event.kind == LK_MIS_TPOS_EV_REQUEST;
    struct lk_mis_message m;

    if (event.kind == LK_MIS_TPOS_EV_TOLD) {
        marked = (what & 0x10) != 0;
        seen = (what & 0x20) != 0;
        event.told.mark = marked ? LK_MIS_MARK_SIGNED : LK_MIS_MARK_FALSE;
        event.told.seen = seen;
        event.told.dh = (what & 0x40) != 0 ? dh : NULL;
        event.told.z = (what & 0x40) != 0 ? dh : NULL;
    } else {
        if (!read_message(&m, r, asks ? LK_MIS_N2N_PREREG_XFER : LK_MIS_PREREG_XFER,
                          LK_MIS_REQUEST, lk_get_u8(r)))
            return;
        if ((what & 0x80) != 0)
            m.auth = LK_SPAN(tpos.auth.octets);
        event.confirm = &m;
    }
    if (asks) {
        event.request.peer = lk_span_text((what & 0x10) != 0 ? "pos@a.example" : "pos@z.example");
        event.request.protected_link = (what & 0x20) == 0;
        event.request.message = &m;
        if (tpos.state == LK_MIS_TPOS_IDLE)
            partner = (what & 0x10) != 0 && (what & 0x20) == 0;
    }
    tpos_steps(&event);
    if (tpos.state == LK_MIS_TPOS_READY && (what & 0x60) == 0x60)
        lk_mis_tpos_init(&tpos);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    const struct lk_span realms[] = { lk_span_text("a.example"), lk_span_text("b.example") };
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;

    lk_mis_spos_defaults(&spos_config);
    lk_mis_tpos_defaults(&tpos_config);
    tpos_config.partners = (struct lk_mis_partners){ realms, LK_COUNT_OF(realms) };
    LK_ASSERT(lk_mis_name_set(&tpos_config.self, lk_span_text("pos@b.example")));
    lk_mis_spos_init(&spos);
    lk_mis_tpos_init(&tpos);
    partner = marked = seen = false;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        now_ms++;
        if ((lk_get_u8(&r) & 1) != 0)
            at_spos(&r, now_ms, what);
        else
            at_tpos(&r, now_ms, what);
    }
    return 0;
}
