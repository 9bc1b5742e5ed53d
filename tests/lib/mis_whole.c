#include "mis_whole.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* The MN stays for a while before it goes on: transactions before are over by then. */
enum { STAY_MS = 20000 };

struct mis_whole whole;

/* ---- what the device says ---- */

struct owed {
    unsigned count;
    struct lk_mis_device_event event[4];
    uint8_t z[LK_MIS_DH_LEN];
};

static struct lk_pos_peer peer_of(void)
{
    struct lk_pos_peer peer = rig_udp_peer(77, 4551);

    if (!whole.udp) {
        peer.way = LK_POS_STREAM;
        peer.handle = RIG_MN_STREAM;
    }
    return peer;
}

static void send(const struct lk_mis_device_output *item)
{
    struct rig_packet packet = { .leg = RIG_UP, .from = RIG_NOBODY, .to = whole.way[item->link],
                                 .peer = peer_of(), .len = item->send.len };

    assert_true(packet.to < WHOLE_POS && item->send.len <= sizeof packet.octets);
    memcpy(packet.octets, item->send.at, item->send.len);
    thief_hears(&whole.thief, true, item->send);
    rig_send(&whole.rig, &packet);
}

static void shut(uint8_t link)
{
    struct lk_pos_event gone = { .kind = LK_POS_EV_GONE, .gone = peer_of() };
    unsigned pos = whole.way[link];

    whole.way[link] = RIG_NOBODY;
    if (!whole.udp)
        (void)!rig_step(&whole.rig, pos, gone);
}

static void owe(struct owed *owed, const struct lk_mis_device_output *item)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_SAVED };

    if (item->kind == LK_MIS_DEVICE_OUT_SAVE) {
        whole.stored = event.saved.used = item->save;
        event.saved.done = true;
    } else if (item->kind == LK_MIS_DEVICE_OUT_ASK_CARD) {
        event.kind = LK_MIS_DEVICE_EV_CARD;
        lk_usim_answer(&whole.rig.a.w.usim, &event.card, item->ask_card.rand, item->ask_card.autn);
    } else {
        event.kind = LK_MIS_DEVICE_EV_SHARED;
        if (lk_x25519_shared(owed->z, whole.dh_secret, item->ask_shared) == LK_OK)
            event.z = owed->z;
    }
    assert_true(owed->count < LK_COUNT_OF(owed->event));
    owed->event[owed->count++] = event;
}

static void obey(struct owed *owed, const struct lk_mis_device_output *item)
{
    switch (item->kind) {
    case LK_MIS_DEVICE_OUT_OPEN: whole.way[item->link] = item->open.address.octets[15]; break;
    case LK_MIS_DEVICE_OUT_CLOSE: shut(item->link); break;
    case LK_MIS_DEVICE_OUT_SEND: send(item); break;
    case LK_MIS_DEVICE_OUT_ASK_CARD:
    case LK_MIS_DEVICE_OUT_ASK_SHARED:
    case LK_MIS_DEVICE_OUT_SAVE: owe(owed, item); break;
    case LK_MIS_DEVICE_OUT_FACT:
        whole.facts[item->fact.what]++;
        whole.fact[item->fact.what] = *item;
        break;
    case LK_MIS_DEVICE_OUT_WAKE: whole.wake_ms = item->wake_ms; break;
    case LK_MIS_DEVICE_OUT_REFUSAL:
        whole.refusals++;
        whole.refused = item->why.reason;
        break;
    case LK_MIS_DEVICE_OUT_LINK_KEY:
        whole.link_keys++;
        whole.link_key = item->link_key;
        break;
    case LK_MIS_DEVICE_OUT_KEYS: whole.keys = item->keys; break;
    case LK_MIS_DEVICE_OUT_PSK: break;
    }
}

enum lk_status whole_step(struct lk_mis_device_event event)
{
    struct owed owed = { .count = 0 };
    enum lk_status status;

    event.now_ms = whole.rig.now_ms;
    rig_draw(&whole.rig, event.seed, sizeof event.seed);
    status = lk_mis_device_step(&whole.d, &whole.config, &event, &whole.out);
    for (size_t i = 0; i < whole.out.count; i++)
        obey(&owed, &whole.out.item[i]);
    for (unsigned i = 0; i < owed.count; i++)
        (void)!whole_step(owed.event[i]);
    return status;
}

/* ---- in the rig's place of an MN ---- */

static void hear(struct mis_rig *rig, unsigned pos, struct lk_span octets)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HEARD };

    thief_hears(&whole.thief, false, octets);
    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        if (whole.way[i] != pos)
            continue;
        event.way.link = i;
        event.way.octets = octets;
        (void)!whole_step(event);
        return;
    }
}

static uint64_t wake_ms(const struct mis_rig *rig)
{
    return whole.wake_ms;
}

static void due(struct mis_rig *rig)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_EXPIRED };

    if (whole.wake_ms > rig->now_ms)
        return;
    whole.wake_ms = LK_MIS_NEVER; /* that wish is used up */
    assert_int_equal(whole_step(event), LK_OK);
}

static const struct rig_other_mn device = { hear, wake_ms, due };

/* ---- the beginning ---- */

void whole_open(bool udp, bool mixes)
{
    static const struct lk_mis_chain chain = { 0, LK_MIS_CHAIN_DEFAULT };

    memset(&whole, 0, sizeof whole);
    rig_open(&whole.rig, WHOLE_POS);
    whole.rig.other_mn = &device;
    whole.rig.realm[WHOLE_STRANGER] = lk_span_text("elsewhere.example");
    for (unsigned i = 0; i < WHOLE_POS; i++) {
        whole.rig.pos[i].config.auth.erp = true;
        lk_pos_configure(whole.rig.pos[i].pos, &whole.rig.pos[i].config);
    }
    whole.udp = udp;
    whole.mixes = mixes;
    whole.wake_ms = LK_MIS_NEVER;
    lk_mis_device_defaults(&whole.config);
    whole.config.udp = udp;
    whole.config.mn.partners = (struct lk_mis_partners){ whole.rig.realm, WHOLE_POS };
    whole.config.eap = whole.rig.a.w.peer_config;
    whole.config.erp.realm = lk_span_text("home.example");
    lk_mis_device_init(&whole.d, &chain);
    for (unsigned i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        whole.way[i] = RIG_NOBODY;
}

void whole_close(void)
{
    lk_mis_device_wipe(&whole.d);
    rig_close(&whole.rig);
}

/* ---- procedures ---- */

void whole_attach(unsigned pos)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_ATTACH };

    event.pos = whole.rig.neighbour[pos].pos;
    assert_int_equal(whole_step(event), LK_OK);
    rig_run(&whole.rig);
}

enum lk_status whole_hand_over(unsigned pos, const struct lk_mis_message *known)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HANDOVER };
    enum lk_status status;

    rig_wait(&whole.rig, STAY_MS);
    rig_draw(&whole.rig, whole.dh_secret, sizeof whole.dh_secret);
    lk_x25519_public(whole.dh, whole.dh_secret);
    event.handover.target = pos == RIG_NOBODY ? NULL : &whole.rig.neighbour[pos].pos;
    event.handover.known = known;
    event.handover.dh = whole.mixes ? whole.dh : NULL;
    event.handover.of_home = whole.of_home;
    status = whole_step(event);
    rig_run(&whole.rig);
    return status;
}

enum lk_status whole_switched(void)
{
    enum lk_status status =
        whole_step((struct lk_mis_device_event){ .kind = LK_MIS_DEVICE_EV_SWITCHED });

    rig_run(&whole.rig);
    return status;
}

unsigned whole_serving(void)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(&whole.d);
    unsigned pongs = whole.facts[LK_MIS_DEVICE_PONG], pos;
    struct lk_pos_mn_told told;
    const struct lk_mis_keys *keys;

    if (link == NULL)
        return RIG_NOBODY;
    pos = link->address.octets[15];
    assert_int_equal(whole_step((struct lk_mis_device_event){ .kind = LK_MIS_DEVICE_EV_PING }),
                     LK_OK);
    rig_run(&whole.rig);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_PONG], pongs + 1);
    assert_true(lk_pos_told_of(&told, whole.rig.pos[pos].pos, lk_mis_device_named(&whole.d)) &&
                told.has_sa && !told.half_open);
    assert_int_equal(told.type, link->sa.type);
    keys = &whole.rig.pos[pos].last_keys.keys;
    assert_memory_equal(&keys->miik, &link->sa.keys.miik, sizeof keys->miik);
    assert_memory_equal(&keys->miek, &link->sa.keys.miek, sizeof keys->miek);
    return pos;
}

void whole_hop(unsigned pos)
{
    unsigned ready = whole.facts[LK_MIS_DEVICE_READY];

    assert_int_equal(whole_hand_over(pos, NULL), LK_OK);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], ready + 1);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), pos);
}
