/* Octets as the life of an MN of MIS among PoS: attaches, handovers, answers of PoS that have real
 * keys and say what they like, PDUs again, altered, raw, ways that end, stores that fail, time.
 *
 * Promises: no K is asked for, and no target hears of one, that the limit does not allow (T40); the
 * target hears nothing of an SA before the count is durable; what has an SA leaves under it; an SA
 * of an SPoS is of its type (T41), with a partner of the home (T45). */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "node/mis_device.h"

enum { STEPS = 80, PLACES = 4, LAST = 4, MOST = LK_MIS_CHAIN_DEFAULT };
#define MN "mn@home.example"

static const char *const names[PLACES] = { "pos@a.example", "pos@b.example", "pos@home.example",
                                           "pos@stranger.example" };

struct frame {
    size_t len;
    uint8_t octets[8192];
};

static struct run {
    struct lk_mis_device d;
    struct lk_mis_device_config config;
    struct lk_mis_device_outbox out;
    struct lk_span partner[PLACES - 1];
    struct lk_mis_sa serving, coming; /* at the PoS */
    bool has_serving, has_coming;
    struct frame last[LK_MIS_DEVICE_LINKS]; /* that the device sent */
    struct frame down[LAST];                /* that it heard */
    unsigned downs;
    uint64_t now_ms, drawn;
    uint8_t stored;
    bool fails, keeps_silent, saved, open[LK_MIS_DEVICE_LINKS];
    unsigned runs; /* optimised, since the home authenticated the MN */
} f;

static struct lk_mis_pos pos_of(uint8_t which)
{
    uint8_t octets[4] = { 192, 0, 2, which % PLACES };

    return (struct lk_mis_pos){ lk_span_text(names[which % PLACES]), lk_address_v4(octets),
                                LK_MIS_PORT };
}

/* ---- what it says ---- */

static void look_at_send(uint8_t link, struct lk_span octets)
{
    const struct lk_mis_device_link *l = &f.d.link[link];
    struct frame *last = &f.last[link];
    enum lk_mis_action action;
    struct lk_mis_pdu pdu;

    LK_ASSERT(octets.len <= sizeof last->octets && f.open[link]);
    last->len = octets.len;
    memcpy(last->octets, octets.at, octets.len);
    LK_ASSERT(lk_mis_decode(&pdu, octets, &f.config.mn.codes) == LK_OK);
    action = lk_mis_action_of(pdu.header.id, &f.config.mn.codes);
    LK_ASSERT(pdu.header.secured || action != LK_MIS_PREREG_XFER);
    LK_ASSERT(pdu.header.secured || l->holds != LK_MIS_DEVICE_SA || action == LK_MIS_AUTH ||
              action == LK_MIS_CAPABILITY_DISCOVER);
    if (pdu.header.secured && l->holds == LK_MIS_DEVICE_HALF_OPEN)
        LK_ASSERT(f.stored == f.d.mn.chain.used && f.runs <= MOST);
}

/* No link key but that of our own MSRK; the SA may have ended behind it in the same step. */
static void look_at_link_key(const struct lk_mis_device_link *l,
                             const struct lk_mis_device_output *item)
{
    struct lk_mspmk own;

    LK_ASSERT(item->link_key.lifetime_s > 0);
    if (l->holds != LK_MIS_DEVICE_SA)
        return;
    LK_ASSERT(lk_mis_sa_link_key(&own, &l->sa, &item->link_key.link) == LK_OK);
    LK_ASSERT(memcmp(&own, &item->link_key.key, sizeof own) == 0);
}

static void look(const struct lk_mis_device_output *item)
{
    const struct lk_mis_device_link *l = &f.d.link[item->link];

    if (item->kind == LK_MIS_DEVICE_OUT_OPEN || item->kind == LK_MIS_DEVICE_OUT_CLOSE)
        f.open[item->link] = item->kind == LK_MIS_DEVICE_OUT_OPEN;
    if (item->kind == LK_MIS_DEVICE_OUT_SEND)
        look_at_send(item->link, item->send);
    if (item->kind == LK_MIS_DEVICE_OUT_SAVE)
        f.saved = true;
    if (item->kind == LK_MIS_DEVICE_OUT_LINK_KEY)
        look_at_link_key(l, item);
    if (item->kind != LK_MIS_DEVICE_OUT_FACT || item->fact.what != LK_MIS_DEVICE_READY)
        return;
    LK_ASSERT(l->sa.type == (f.runs == 0 ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS));
    LK_ASSERT(lk_mis_is_partner(&f.config.mn.partners, lk_mis_name_of(&l->id)));
    LK_ASSERT(l->sa.expires_ms <= f.now_ms + 3600000);
}

static enum lk_status step(struct lk_mis_device_event *event)
{
    struct lk_writer w = lk_writer_of(event->seed, sizeof event->seed);
    struct lk_mis_device_event saved = { .kind = LK_MIS_DEVICE_EV_SAVED };
    enum lk_status status;

    event->now_ms = f.now_ms;
    lk_put_be64(&w, ++f.drawn);
    f.saved = false;
    status = lk_mis_device_step(&f.d, &f.config, event, &f.out);
    for (size_t i = 0; i < f.out.count; i++)
        look(&f.out.item[i]);
    if (!f.saved || f.keeps_silent)
        return status;
    saved.saved.used = f.d.mn.chain.used;
    saved.saved.done = !f.fails;
    if (!f.fails)
        f.stored = saved.saved.used;
    f.runs += f.d.mn.state == LK_MIS_MN_SAVING && f.d.mn.chain.used > 0;
    (void)!step(&saved);
    return status;
}

static void hear(uint8_t link, struct lk_span octets)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HEARD };
    struct frame *kept = &f.down[f.downs++ % LAST];

    LK_ASSERT(octets.len <= sizeof kept->octets);
    kept->len = octets.len;
    if (octets.len > 0)
        memmove(kept->octets, octets.at, octets.len);
    event.way.link = link;
    event.way.octets = lk_span_of(kept->octets, kept->len);
    (void)!step(&event);
}

/* ---- PoS ---- */

static struct lk_mis_keys keys_of(uint8_t what)
{
    struct lk_mis_keys keys;

    memset(&keys, what, sizeof keys);
    return keys;
}

/* The home has authenticated the MN, with that PoS. */
static void be_served(uint8_t which)
{
    uint8_t id[16] = { which };
    struct lk_mis_keys keys = keys_of(which);
    const struct lk_msrk msrk = { { which } };
    struct lk_mis_pos pos = pos_of(which);
    struct lk_mis_device_event attach = { .kind = LK_MIS_DEVICE_EV_ATTACH, .pos = pos };
    struct lk_mis_device_link *link = &f.d.link[f.d.serving];
    struct lk_mis_sa_start start = { .self = lk_span_text(MN), .peer = pos.id,
                                     .said = { LK_MIS_SA_EAP, LK_SPAN(id) },
                                     .agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 },
                                     .keys = &keys, .msrk = &msrk,
                                     .expires_ms = f.now_ms + 3600000 };

    if (f.d.link[f.d.serving].holds != LK_MIS_DEVICE_NOTHING)
        return;
    (void)!step(&attach);
    LK_ASSERT(lk_mis_sa_init(&link->sa, &start) == LK_OK);
    link->holds = LK_MIS_DEVICE_SA;
    start.self = pos.id;
    start.peer = lk_span_text(MN);
    start.role = LK_MIS_ANSWERED;
    LK_ASSERT(lk_mis_sa_init(&f.serving, &start) == LK_OK);
    f.has_serving = true;
}

static void say(uint8_t link, struct lk_mis_sa *sa, const struct lk_mis_header *answers,
                struct lk_span list)
{
    static const uint8_t iv[LK_MIS_IV_LEN];
    uint8_t octets[8192];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_header header = *answers;

    header.id = (uint16_t)((header.id & 0xf3ff) | LK_MIS_RESPONSE << 10);
    header.ack_request = header.ack_response = f.config.udp;
    if (lk_mis_protect(sa, &w, &header, list, iv, f.now_ms, &f.config.mn.codes) == LK_OK)
        hear(link, lk_writer_span(&w));
}

/* A link key of the serving PoS, or something near one. */
static void push(struct lk_reader *r)
{
    static const uint8_t iv[LK_MIS_IV_LEN];
    uint8_t octets[512], list[256], tlvs[300];
    struct lk_writer l = lk_writer_of(list, sizeof list), t = lk_writer_of(tlvs, sizeof tlvs),
                     w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_message m = { .present = 0 };
    struct lk_mis_pushed pushed = { .lifetime_s = lk_get_u8(r) };
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_PUSH_KEY, LK_MIS_REQUEST, &f.config.mn.codes),
        .tid = (uint16_t)(f.downs % LK_MIS_TID_MAX + 1), .ack_request = f.config.udp };

    if (!f.has_serving)
        return;
    lk_get_copy(r, &pushed.link, sizeof pushed.link);
    if (lk_mis_sa_link_key(&pushed.key, &f.serving, &pushed.link) != LK_OK)
        return;
    lk_mis_pushed_put(&l, &pushed);
    list[lk_get_u8(r) % l.len] ^= lk_get_u8(r);
    m.link_keys = lk_writer_span(&l);
    lk_mis_mark(&m, LK_MIS_TLV_LINK_KEYS);
    if (lk_mis_message_put(&t, &m, &f.config.mn.codes) == LK_OK &&
        lk_mis_protect(&f.serving, &w, &header, lk_writer_span(&t), iv, f.now_ms,
                       &f.config.mn.codes) == LK_OK)
        hear(f.d.serving, lk_writer_span(&w));
}

/* What the device asked last on that link, opened. */
static bool asked(struct lk_mis_pdu *pdu, struct lk_mis_message *m, struct lk_mis_opened *opened,
                  uint8_t link, struct lk_mis_sa *sa)
{
    struct lk_mis_sa fresh = *sa; /* it may be opened again */

    fresh.received = fresh.window = 0;
    return f.last[link].len > 0 &&
           lk_mis_decode(pdu, lk_span_of(f.last[link].octets, f.last[link].len),
                         &f.config.mn.codes) == LK_OK && pdu->header.secured &&
           lk_mis_unprotect(&fresh, opened, pdu, f.now_ms, &f.config.mn.codes) == LK_OK &&
           lk_mis_message_get(m, &pdu->header, lk_span_of(opened->octets, opened->len),
                              &f.config.mn.codes) == LK_OK &&
           lk_mis_action_of(pdu->header.id, &f.config.mn.codes) == LK_MIS_PREREG_XFER &&
           lk_mis_opcode_of(pdu->header.id) == LK_MIS_REQUEST;
}

/* An answer with a K, all of it right but what the octets make wrong. */
static void grant(struct lk_reader *r)
{
    uint8_t k[LK_MIS_K_MAX] = { lk_get_u8(r) }, id[16] = { 9, lk_get_u8(r) }, list[2048];
    uint8_t said[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX], c = 1;
    uint8_t used = lk_get_u8(r) % 8, what = lk_get_u8(r);
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_mis_message q, m = { .status = LK_MIS_SUCCESS, .prfs = 1u << LK_MIS_PRF_HMAC_SHA256 };
    struct lk_mis_transcript t = { .agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 } };
    struct lk_mis_k key = { .len = sizeof k };
    struct lk_mis_opened opened;
    struct lk_mis_made made;
    struct lk_mis_pdu pdu;
    static const enum lk_mis_tlv tlvs[] = {
        LK_MIS_TLV_STATUS, LK_MIS_TLV_POS, LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID, LK_MIS_TLV_SUITES,
        LK_MIS_TLV_PRFS, LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN, LK_MIS_TLV_KEY_ENVELOPE,
        LK_MIS_TLV_AUTH_VALUE };

    if (!f.has_serving || !asked(&pdu, &q, &opened, f.d.serving, &f.serving) ||
        !lk_mis_has(&q, LK_MIS_TLV_NONCE_T))
        return;
    m.pos = pos_of(what);
    m.nonce_n = LK_SPAN(id);
    m.said = (struct lk_mis_said){ what & 0x10 ? LK_MIS_SA_EAP : LK_MIS_SA_SPOS, LK_SPAN(id) };
    m.suites = lk_span_of(&c, 1);
    m.lifetime_s = 60;
    m.chain = (struct lk_mis_chain){ used, 15 };
    m.envelope = (struct lk_mis_key_envelope){ LK_SPAN(k), 60, used, 15, what >> 6 };
    if (m.envelope.origin >= LK_MIS_ORIGIN_COUNT)
        m.envelope.origin = LK_MIS_ORIGIN_SPOS;
    memcpy(key.octets, k, sizeof k);
    t.said = lk_mis_said_value(said, &m.said);
    memcpy(t.nonce_t, q.nonce_t.at, sizeof t.nonce_t);
    memcpy(t.nonce_n, id, sizeof t.nonce_n);
    t.mn_id = lk_span_text(MN);
    t.tpos_id = m.pos.id;
    t.spos_id = lk_mis_name_of(&f.serving.self);
    t.chain_used = used;
    t.lifetime_s = m.lifetime_s;
    t.offered = lk_mis_offered(offered, &f.config.mn.offers, &f.config.mn.codes);
    lk_mis_make(&made, &key, &t);
    m.auth = LK_SPAN(made.auth_n.octets);
    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++)
        if ((what & 0x20) == 0 || i != lk_get_u8(r))
            lk_mis_mark(&m, tlvs[i]);
    LK_ASSERT(lk_mis_message_put(&w, &m, &f.config.mn.codes) == LK_OK);
    f.has_coming = lk_mis_sa_init(&f.coming, &(struct lk_mis_sa_start){
                       .self = m.pos.id, .peer = lk_span_text(MN), .said = m.said,
                       .role = LK_MIS_ANSWERED, .agreed = t.agreed, .keys = &made.keys,
                       .msrk = &made.msrk, .expires_ms = f.now_ms + 60000 }) == LK_OK;
    say(f.d.serving, &f.serving, &pdu.header, lk_writer_span(&w));
}

/* To what was asked last: that list. */
static void answer(uint8_t link, struct lk_mis_sa *sa, bool has, struct lk_span list)
{
    struct lk_mis_opened opened;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    if (has && asked(&pdu, &m, &opened, link, sa))
        say(link, sa, &pdu.header, list);
}

static void become_served(void)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_SWITCHED };
    uint8_t before = f.d.serving;

    (void)!step(&event);
    if (f.d.serving == before)
        return;
    f.serving = f.coming;
    f.has_serving = f.has_coming;
    f.has_coming = false;
}

/* ---- what happens ---- */

static void hand_over(uint8_t what)
{
    static const uint8_t dh[LK_MIS_DH_LEN] = { 9 };
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HANDOVER };
    struct lk_mis_pos pos = pos_of(what);
    struct lk_mis_message known = { .link_types = LK_SPAN(dh) };

    lk_mis_mark(&known, LK_MIS_TLV_LINK_TYPES);
    event.handover.target = what & 0x10 ? &pos : NULL;
    event.handover.known = what & 0x20 ? &known : NULL;
    event.handover.dh = what & 0x40 ? dh : NULL;
    (void)!step(&event);
}

static void give(uint8_t what, struct lk_reader *r)
{
    static const uint8_t yes[] = { 3, 1, 0 };
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_EXPIRED };
    struct frame again;

    switch (what % 16) {
    case 0: be_served(what >> 4); break;
    case 1: hand_over(lk_get_u8(r)); break;
    case 2:
    case 3: grant(r); break;
    case 4: answer(1 - f.d.serving, &f.coming, f.has_coming, LK_SPAN(yes)); break;
    case 5: become_served(); break;
    case 6: answer(f.d.serving, &f.serving, f.has_serving, lk_get_lv8(r)); break;
    case 7: answer(1 - f.d.serving, &f.coming, f.has_coming, lk_get_lv8(r)); break;
    case 8:
        if ((what & 0x40) != 0)
            push(r);
        else
            hear(what >> 7, lk_get_lv8(r));
        break;
    case 9:
    case 10:
        again = f.down[(what >> 4) % LAST];
        if (what % 16 == 10 && again.len > 0)
            again.octets[lk_get_be16(r) % again.len] ^= lk_get_u8(r);
        hear(what >> 7, lk_span_of(again.octets, again.len));
        break;
    case 11:
        f.fails = (what & 0x10) != 0;
        f.keeps_silent = (what & 0x20) != 0;
        break;
    case 12:
        event.kind = what & 0x10 ? LK_MIS_DEVICE_EV_PING : LK_MIS_DEVICE_EV_DETACH;
        (void)!step(&event);
        break;
    case 13:
        event.kind = what & 0x10 ? LK_MIS_DEVICE_EV_DOWN : LK_MIS_DEVICE_EV_SHARED;
        event.way.link = what >> 7;
        if (event.kind == LK_MIS_DEVICE_EV_DOWN)
            f.open[event.way.link] = false;
        if (event.kind == LK_MIS_DEVICE_EV_SHARED)
            event.z = NULL;
        (void)!step(&event);
        break;
    case 14:
        event.kind = what & 0x10 ? LK_MIS_DEVICE_EV_ATTACH : LK_MIS_DEVICE_EV_CHANNEL;
        event.channel.pos = pos_of(what >> 5); /* or pos */
        if (event.kind == LK_MIS_DEVICE_EV_CHANNEL)
            event.channel.self = lk_span_text(MN);
        (void)!step(&event);
        f.open[f.d.serving] = f.d.link[f.d.serving].open; /* a channel is */
        break;
    default:
        f.now_ms += (uint64_t)lk_get_u8(r) << 8;
        (void)!step(&event);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mis_chain chain = { 0, MOST };

    memset(&f, 0, sizeof f);
    f.now_ms = 1000000;
    lk_mis_device_defaults(&f.config);
    f.config.erp.realm = lk_span_text("home.example");
    for (unsigned i = 0; i < PLACES - 1; i++)
        f.partner[i] = lk_mis_realm(lk_span_text(names[i]));
    f.config.mn.partners = (struct lk_mis_partners){ f.partner, PLACES - 1 };
    f.config.udp = (lk_get_u8(&r) & 1) != 0;
    lk_mis_device_init(&f.d, &chain);
    for (unsigned i = 0; i < STEPS && r.left > 0; i++)
        give(lk_get_u8(&r), &r);
    return 0;
}
