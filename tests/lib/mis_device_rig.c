#include "mis_device_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "wire/eap.h"

struct md_rig rig;

enum { NOW_MS = 1000000000 };

void md_draw(void *to, size_t len)
{
    uint8_t counter[8];
    struct lk_writer w = lk_writer_of(counter, sizeof counter);
    uint8_t seed[LK_SHA256_LEN], *at = to;

    for (size_t done = 0; done < len; done += sizeof seed) {
        struct lk_span part = LK_SPAN(counter);

        w.len = 0;
        lk_put_be64(&w, ++rig.drawn);
        lk_hmac_sha256(seed, lk_span_text("rig"), &part, 1);
        memcpy(at + done, seed, len - done < sizeof seed ? len - done : sizeof seed);
    }
}

/* ---- the beginning ---- */

static void configure(bool udp)
{
    lk_mis_device_defaults(&rig.config);
    for (unsigned i = 0; i < MD_PLACES; i++)
        rig.partner[i] = rig.partners_of_pos[i];
    rig.config.mn.partners = (struct lk_mis_partners){ rig.partner, MD_PLACES - 1 };
    rig.config.udp = udp;
    rig.config.eap = rig.home.peer_config;
    rig.config.erp.realm = lk_span_text("home.example");
}

static void begin(void)
{
    struct lk_mis_chain chain = { rig.stored, LK_MIS_CHAIN_DEFAULT };

    lk_mis_device_init(&rig.d, &chain);
    for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        rig.way[i] = MD_NOBODY;
    rig.wake_ms = LK_MIS_NEVER;
    rig.to_mn.count = rig.to_pos.count = 0;
}

void md_open(bool udp)
{
    memset(&rig, 0, sizeof rig);
    rig.now_ms = NOW_MS;
    md_home_open();
    rig.usim = rig.home.usim;
    for (unsigned i = 0; i < MD_PLACES; i++)
        md_pos_open(i, udp);
    configure(udp);
    begin();
}

void md_restart(void)
{
    begin();
}

/* ---- what the device says ---- */

static int place_at(const struct lk_address *address)
{
    for (int i = 0; i < MD_PLACES; i++)
        if (lk_address_equal(&rig.place[i].pos.address, address))
            return i;
    fail_msg("nobody is at that address");
    return MD_NOBODY;
}

static void queue(uint8_t link, struct lk_span octets)
{
    struct md_pdu *pdu = &rig.to_pos.item[rig.to_pos.count++];

    assert_true(rig.to_pos.count <= MD_QUEUE && octets.len <= sizeof pdu->octets);
    assert_true(rig.way[link] != MD_NOBODY); /* OPEN comes before SEND */
    pdu->place = (unsigned)rig.way[link];
    pdu->len = octets.len;
    memcpy(pdu->octets, octets.at, octets.len);
}

static void note_fact(const struct lk_mis_device_output *item)
{
    rig.facts[item->fact.what]++;
    rig.fact[item->fact.what] = *item;
}

/* What the owner does at once, after the step. */
struct owed {
    unsigned count;
    struct lk_mis_device_event event[4];
    uint8_t z[32];
};

static void owe(struct owed *owed, const struct lk_mis_device_output *item)
{
    struct lk_mis_device_event event = md_event(LK_MIS_DEVICE_EV_SAVED);

    if (item->kind == LK_MIS_DEVICE_OUT_SAVE) {
        rig.saves++;
        if (!rig.store_fails)
            rig.stored = item->save;
        event.saved.used = item->save;
        event.saved.done = !rig.store_fails;
    } else if (item->kind == LK_MIS_DEVICE_OUT_ASK_CARD) {
        event.kind = LK_MIS_DEVICE_EV_CARD;
        lk_usim_answer(&rig.usim, &event.card, item->ask_card.rand, item->ask_card.autn);
    } else {
        event.kind = LK_MIS_DEVICE_EV_SHARED;
        if (lk_x25519_shared(owed->z, rig.dh_secret, item->ask_shared) == LK_OK)
            event.z = owed->z;
    }
    assert_true(owed->count < LK_COUNT_OF(owed->event));
    owed->event[owed->count++] = event;
}

static void obey(struct owed *owed, const struct lk_mis_device_output *item)
{
    switch (item->kind) {
    case LK_MIS_DEVICE_OUT_OPEN: rig.way[item->link] = place_at(&item->open.address); break;
    case LK_MIS_DEVICE_OUT_CLOSE: rig.way[item->link] = MD_NOBODY; break;
    case LK_MIS_DEVICE_OUT_SEND: queue(item->link, item->send); break;
    case LK_MIS_DEVICE_OUT_LINK_KEY: rig.link_keys++; break;
    case LK_MIS_DEVICE_OUT_KEYS: break;
    case LK_MIS_DEVICE_OUT_ASK_CARD:
    case LK_MIS_DEVICE_OUT_ASK_SHARED:
    case LK_MIS_DEVICE_OUT_SAVE: owe(owed, item); break;
    case LK_MIS_DEVICE_OUT_PSK:
        rig.has_psk = true;
        rig.psk = item->psk.key;
        rig.psk_self = item->psk.self;
        break;
    case LK_MIS_DEVICE_OUT_FACT: note_fact(item); break;
    case LK_MIS_DEVICE_OUT_WAKE: rig.wake_ms = item->wake_ms; break;
    case LK_MIS_DEVICE_OUT_REFUSAL:
        rig.refusals++;
        rig.refusal = item->why.reason;
        break;
    }
}

struct lk_mis_device_event md_event(enum lk_mis_device_event_kind kind)
{
    return (struct lk_mis_device_event){ .kind = kind };
}

enum lk_status md_step(struct lk_mis_device_event event)
{
    struct owed owed = { .count = 0 };
    enum lk_status status;

    event.now_ms = rig.now_ms;
    md_draw(event.seed, sizeof event.seed);
    status = lk_mis_device_step(&rig.d, &rig.config, &event, &rig.out);
    for (size_t i = 0; i < rig.out.count; i++)
        obey(&owed, &rig.out.item[i]);
    for (unsigned i = 0; i < owed.count; i++)
        (void)!md_step(owed.event[i]);
    return status;
}

/* ---- what the owner wants ---- */

enum lk_status md_attach(unsigned place)
{
    struct lk_mis_device_event event = md_event(LK_MIS_DEVICE_EV_ATTACH);

    event.pos = rig.place[place].pos;
    return md_step(event);
}

enum lk_status md_hand_over(unsigned place, const struct lk_mis_message *known)
{
    struct lk_mis_device_event event = md_event(LK_MIS_DEVICE_EV_HANDOVER);

    md_draw(rig.dh_secret, sizeof rig.dh_secret);
    lk_x25519_public(rig.dh, rig.dh_secret);
    event.handover.target = place == MD_PLACES ? NULL : &rig.place[place].pos;
    event.handover.known = known;
    event.handover.dh = rig.dh;
    return md_step(event);
}

enum lk_status md_switched(void)
{
    return md_step(md_event(LK_MIS_DEVICE_EV_SWITCHED));
}

enum lk_status md_expire(void)
{
    uint64_t next_ms = rig.wake_ms;

    for (unsigned i = 0; i < MD_PLACES; i++)
        if (lk_mis_exchange_next_ms(&rig.place[i].x) < next_ms)
            next_ms = lk_mis_exchange_next_ms(&rig.place[i].x);
    assert_true(next_ms != LK_MIS_NEVER);
    if (next_ms > rig.now_ms)
        rig.now_ms = next_ms;
    md_pos_expire();
    return rig.wake_ms <= rig.now_ms ? md_step(md_event(LK_MIS_DEVICE_EV_EXPIRED)) : LK_OK;
}

struct lk_mis_message md_known(const uint8_t *types, size_t count)
{
    struct lk_mis_message m = { .link_types = lk_span_of(types, count) };

    lk_mis_mark(&m, LK_MIS_TLV_LINK_TYPES);
    return m;
}

/* ---- PDUs on their way ---- */

struct md_pdu md_take(struct md_queue *from)
{
    struct md_pdu first = from->item[0];

    assert_true(from->count > 0);
    memmove(&from->item[0], &from->item[1], (from->count - 1) * sizeof from->item[0]);
    from->count--;
    return first;
}

enum lk_status md_hear(const struct md_pdu *pdu)
{
    struct lk_mis_device_event event = md_event(LK_MIS_DEVICE_EV_HEARD);

    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        if (rig.way[i] != (int)pdu->place)
            continue;
        event.way.link = i;
        event.way.octets = lk_span_of(pdu->octets, pdu->len);
        return md_step(event);
    }
    return LK_E_NOT_FOUND;
}

void md_run(void)
{
    while (rig.to_pos.count > 0 || rig.to_mn.count > 0) {
        struct md_pdu pdu;

        if (rig.to_pos.count > 0) {
            pdu = md_take(&rig.to_pos);
            md_pos_hear(&pdu);
        }
        if (rig.to_mn.count > 0) {
            pdu = md_take(&rig.to_mn);
            (void)!md_hear(&pdu);
        }
    }
}

/* ---- whole procedures ---- */

int md_serving(void)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(&rig.d);
    const struct md_place *p;
    int place;

    if (link == NULL)
        return MD_NOBODY;
    place = place_at(&link->address);
    p = &rig.place[place];
    assert_true(p->sa.has);
    assert_true(lk_mis_sa_is(&p->sa.sa, &(struct lk_mis_said){
                                            link->sa.type,
                                            lk_span_of(link->sa.id, link->sa.id_len) }));
    assert_memory_equal(&p->sa.sa.keys.miik, &link->sa.keys.miik, sizeof link->sa.keys.miik);
    assert_memory_equal(&p->sa.sa.keys.miek, &link->sa.keys.miek, sizeof link->sa.keys.miek);
    return place;
}

void md_serve(unsigned place)
{
    unsigned attached = rig.facts[LK_MIS_DEVICE_ATTACHED];

    assert_int_equal(md_attach(place), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_ATTACHED], attached + 1);
    if (md_serving() != (int)place)
        assert_int_equal(md_switched(), LK_OK);
    assert_int_equal(md_serving(), (int)place);
}

void md_hop(unsigned place)
{
    unsigned ready = rig.facts[LK_MIS_DEVICE_READY];

    assert_int_equal(md_hand_over(place, NULL), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_READY], ready + 1);
    assert_int_equal(md_switched(), LK_OK);
    md_run();
    assert_int_equal(md_serving(), (int)place);
}

void md_talk(void)
{
    unsigned pongs = rig.facts[LK_MIS_DEVICE_PONG];
    int place = md_serving();
    unsigned pings = rig.place[place].pings;

    assert_int_equal(md_step(md_event(LK_MIS_DEVICE_EV_PING)), LK_OK);
    md_run();
    assert_int_equal(rig.facts[LK_MIS_DEVICE_PONG], pongs + 1);
    assert_int_equal(rig.place[place].pings, pings + 1);
}
