#include "mis_world_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

#define CODES (&lk_mis_codes_default)

struct mis_world world;
static struct lk_mis_mn_outbox mn_out;
static struct lk_mis_opened opened;
static struct lk_span realms[MIS_POS + 1];
static char realm_names[MIS_POS][16];

void mis_world_draw(uint8_t *to, size_t len)
{
    uint8_t digest[LK_SHA256_LEN];

    for (size_t done = 0; done < len;) {
        struct lk_span part = lk_span_of(&world.drawn, sizeof world.drawn);
        size_t take = len - done < sizeof digest ? len - done : sizeof digest;

        lk_sha256(digest, &part, 1);
        memcpy(to + done, digest, take);
        done += take;
        world.drawn++;
    }
}

/* ---- what goes ---- */

static struct lk_span altered(unsigned stage, enum lk_mis_action action,
                              enum lk_mis_opcode opcode, struct lk_span list, uint8_t *room)
{
    struct lk_mis_header header = { .id = lk_mis_message_id(action, opcode, CODES) };
    struct lk_writer w = lk_writer_of(room, MIS_FRAME);
    struct lk_mis_message m;

    if (world.alter == NULL)
        return list;
    assert_int_equal(lk_mis_message_get(&m, &header, list, CODES), LK_OK);
    world.alter(stage, &m);
    assert_int_equal(lk_mis_message_put(&w, &m, CODES), LK_OK);
    return lk_writer_span(&w);
}

static void enqueue(const struct mis_packet *packet)
{
    unsigned copies = (world.twice >> packet->stage & 1) != 0 ? 2 : 1;

    assert_true(world.logged < MIS_LOG);
    world.log[world.logged++] = *packet;
    if (world.lose[packet->stage] > 0) {
        world.lose[packet->stage]--;
        return;
    }
    for (; copies > 0; copies--) {
        assert_true(world.queued < LK_COUNT_OF(world.queue));
        world.queue[world.queued++] = *packet;
    }
}

void mis_send_pdu(unsigned stage, unsigned from, unsigned to, struct lk_mis_sa *sa,
                     enum lk_mis_opcode opcode, struct lk_span list)
{
    struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_PREREG_XFER, opcode, CODES),
                                    .tid = (uint16_t)(1 + world.drawn % 4000) };
    struct mis_packet packet = { .stage = stage, .from = from, .to = to };
    struct lk_writer w = lk_writer_of(packet.octets, sizeof packet.octets);
    uint8_t iv[LK_MIS_IV_LEN], room[MIS_FRAME];

    list = altered(stage, LK_MIS_PREREG_XFER, opcode, list, room);
    mis_world_draw(iv, sizeof iv);
    assert_int_equal(lk_mis_protect(sa, &w, &header, list, iv, world.now_ms, CODES), LK_OK);
    packet.len = w.len;
    enqueue(&packet);
}

void mis_send_link(unsigned stage, unsigned from, unsigned to, uint32_t run,
                      struct lk_span list)
{
    struct mis_packet packet = { .stage = stage, .from = from, .to = to, .run = run };
    uint8_t room[MIS_FRAME];

    list = altered(stage, LK_MIS_N2N_PREREG_XFER, stage == 2 ? LK_MIS_REQUEST : LK_MIS_RESPONSE,
                   list, room);
    memcpy(packet.octets, list.at, list.len);
    packet.len = list.len;
    enqueue(&packet);
}

unsigned mis_pos_named(const struct lk_mis_name *name)
{
    for (unsigned i = 0; i < MIS_POS; i++)
        if (lk_mis_name_is(name, lk_span_text(world.pos[i].name)))
            return i;
    return MIS_POS;
}

/* ---- the MN ---- */

struct lk_mis_mn_event mis_world_event(enum lk_mis_mn_event_kind kind)
{
    struct lk_mis_mn_event event = { .kind = kind, .now_ms = world.now_ms };

    mis_world_draw(event.entropy, sizeof event.entropy);
    return event;
}

static const struct mis_packet *last_of(unsigned stage)
{
    for (size_t i = world.logged; i > 0; i--)
        if (world.log[i - 1].stage == stage)
            return &world.log[i - 1];
    fail();
    return NULL;
}

/* What the store then says; or it waits for the test to call. */
static void save(uint8_t used)
{
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_SAVED);

    world.store_due = used;
    if (world.store_waits)
        return;
    event.saved.used = used;
    event.saved.done = !world.store_fails;
    if (event.saved.done)
        world.stored = used;
    assert_int_equal(mis_world_mn(&event), LK_OK);
}

static void mn_does(const struct lk_mis_mn_output *item)
{
    bool old = item->send.under == LK_MIS_MN_UNDER_SPOS;

    switch (item->kind) {
    case LK_MIS_MN_OUT_SEND:
        mis_send_pdu(old ? 1 : 5, MIS_POS, old ? world.serving : world.target_of,
                 old ? &world.spos.sa : &world.target.sa, item->send.opcode, item->send.list);
        break;
    case LK_MIS_MN_OUT_AGAIN:
        enqueue(last_of(item->again == LK_MIS_MN_UNDER_SPOS ? 1 : 5));
        break;
    case LK_MIS_MN_OUT_SA:
        world.target = (struct mis_sa){ .has = true, .sa = item->sa.sa };
        world.target_of = mis_pos_named(&item->sa.sa.peer);
        break;
    case LK_MIS_MN_OUT_DROP: world.target.has = world.target.ready = false; break;
    case LK_MIS_MN_OUT_SAVE: save(item->save); break;
    case LK_MIS_MN_OUT_TIMER: break;
    case LK_MIS_MN_OUT_READY: world.target.ready = true; break;
    case LK_MIS_MN_OUT_SERVED:
        world.spos = world.target;
        world.serving = world.target_of;
        world.target.has = world.target.ready = false;
        break;
    case LK_MIS_MN_OUT_FULL_AUTH:
        world.full_auth = item->full_auth.why.reason;
        world.why = item->full_auth.why;
        world.told = item->full_auth.told;
        world.background = item->full_auth.background;
        world.full_auths++;
        break;
    }
}

enum lk_status mis_world_mn(const struct lk_mis_mn_event *event)
{
    static struct lk_mis_mn before;
    struct lk_mis_mn_outbox out;
    enum lk_status status;

    before = world.mn;
    status = lk_mis_mn_step(&world.mn, &world.mn_config, event, &mn_out);
    if (status != LK_OK) {
        assert_int_equal(mn_out.count, 0);
        assert_memory_equal(&before, &world.mn, sizeof before);
        return status;
    }
    out = mn_out;
    for (size_t i = 0; i < out.count; i++) {
        struct lk_mis_mn_output item = out.item[i];

        if (item.kind == LK_MIS_MN_OUT_SEND)
            item.send.list.at = out.lists.octets + (item.send.list.at - mn_out.lists.octets);
        mn_does(&item);
    }
    return LK_OK;
}

enum lk_status mis_world_want(unsigned target, const struct lk_mis_message *known)
{
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_WANT);
    struct lk_mis_pos pos = { .port = LK_MIS_PORT };
    const struct lk_mis_mn_own own = { .k = world.own_k, .until_ms = world.now_ms + 3600000,
                                       .initiate = lk_span_text("an Initiate") };

    event.want.serving = lk_mis_serving_of(&world.spos.sa);
    if (world.wants_home)
        event.want.own = &own;
    event.want.known = known;
    if (target < MIS_POS) {
        pos.id = lk_span_text(world.pos[target].name);
        pos.address = lk_address_v4((uint8_t[]){ 192, 0, 2, (uint8_t)target });
        event.want.target = &pos;
    }
    if (world.mixes) {
        mis_world_draw(world.dh_secret, sizeof world.dh_secret);
        lk_x25519_public(world.dh_public, world.dh_secret);
        event.want.dh = world.dh_public;
    }
    return mis_world_mn(&event);
}

/* ---- on its way ---- */

/* The SA that a PDU is under, at where it goes. */
static struct lk_mis_sa *sa_of(const struct mis_packet *packet, const struct lk_mis_pdu *pdu)
{
    struct mis_sa *const at_mn[] = { &world.spos, &world.target };
    struct mis_sa *list[2];

    memcpy(list, at_mn, sizeof list);
    if (packet->to < MIS_POS) {
        list[0] = &world.pos[packet->to].with_mn;
        list[1] = &world.pos[packet->to].coming;
    }
    for (size_t i = 0; i < LK_COUNT_OF(list); i++)
        if (list[i]->has && lk_mis_sa_is(&list[i]->sa, &pdu->said))
            return &list[i]->sa;
    return NULL;
}

static void at_mn(const struct mis_packet *packet, const struct lk_mis_sa *sa,
                  const struct lk_mis_message *m)
{
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_HEARD);
    uint8_t z[32];

    event.heard.under = sa == &world.spos.sa ? LK_MIS_MN_UNDER_SPOS : LK_MIS_MN_UNDER_NEW;
    event.heard.action = LK_MIS_PREREG_XFER;
    event.heard.opcode = LK_MIS_RESPONSE;
    event.heard.message = m;
    if (lk_mis_has(m, LK_MIS_TLV_DH) && lk_x25519_shared(z, world.dh_secret, m->dh.at) == LK_OK)
        event.heard.z = z;
    if (packet->stage == 4)
        mis_spos_hears_ack(packet->from);
    if (mis_world_mn(&event) != LK_OK)
        world.refused_pdus++;
}

/* A PDU that was there before: what it was answered with goes again (proto/mis/exchange). */
static void answer_again(const struct mis_packet *packet)
{
    unsigned answer = packet->stage == 1 ? 4 : 6;

    for (size_t i = world.logged; i > 0; i--)
        if (world.log[i - 1].stage == answer && world.log[i - 1].from == packet->to) {
            enqueue(&world.log[i - 1]);
            return;
        }
}

static void deliver_pdu(const struct mis_packet *packet)
{
    struct lk_mis_opened list;
    struct lk_mis_message m;
    struct lk_mis_sa *sa;
    struct lk_mis_pdu pdu;
    enum lk_status status = LK_E_NOT_FOUND;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), CODES), LK_OK);
    sa = sa_of(packet, &pdu);
    if (sa != NULL)
        status = lk_mis_unprotect(sa, &opened, &pdu, world.now_ms, CODES);
    if (status == LK_E_SYNC && packet->to < MIS_POS)
        answer_again(packet);
    if (status != LK_OK) {
        world.refused_pdus++;
        return;
    }
    list = opened;
    if (lk_mis_message_get(&m, &pdu.header, lk_span_of(list.octets, list.len), CODES) != LK_OK) {
        world.refused_pdus++;
        return;
    }
    world.delivered[packet->stage]++;
    if (packet->to == MIS_POS)
        at_mn(packet, sa, &m);
    else if (packet->stage == 1)
        mis_at_spos(packet, &m);
    else
        mis_at_tpos(packet, &m);
}

void mis_world_deliver(const struct mis_packet *packet)
{
    struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER,
                                packet->stage == 2 ? LK_MIS_REQUEST : LK_MIS_RESPONSE, CODES)
    };
    struct lk_mis_message m;

    if (packet->stage != 2 && packet->stage != 3) {
        deliver_pdu(packet);
        return;
    }
    assert_int_equal(lk_mis_message_get(&m, &header, lk_span_of(packet->octets, packet->len),
                                        CODES),
                     LK_OK);
    world.delivered[packet->stage]++;
    if (packet->stage == 2)
        mis_at_tpos(packet, &m);
    else
        mis_at_spos(packet, &m);
}

void mis_world_run(void)
{
    while (world.queued > 0) {
        struct mis_packet packet = world.queue[0];

        world.queued--;
        memmove(world.queue, world.queue + 1, world.queued * sizeof packet);
        mis_world_deliver(&packet);
    }
}

void mis_world_forge(struct lk_mis_message *m)
{
    static struct lk_mis_made made;
    uint8_t said[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX];
    struct lk_mis_transcript t = {
        .said = lk_mis_said_value(said, &m->said),
        .mn_id = lk_mis_name_of(&world.mn_config.self),
        .tpos_id = m->pos.id,
        .spos_id = lk_span_text(m->chain.used == 0 ? "" : world.pos[world.serving].name),
        .chain_used = m->chain.used,
        .lifetime_s = m->lifetime_s,
        .offered = lk_mis_offered(offered, &world.mn_config.offers, CODES),
    };
    struct lk_mis_k k;

    t.agreed = (struct lk_mis_agreed){ lk_mis_suite_of(CODES, m->suites.at[0]),
                                       LK_MIS_PRF_HMAC_SHA256, m->suites.at[0], 2 };
    memcpy(t.nonce_t, world.mn.nonce_t, sizeof t.nonce_t);
    memcpy(t.nonce_n, m->nonce_n.at, sizeof t.nonce_n);
    assert_int_equal(lk_mis_k_set(&k, m->envelope.key), LK_OK);
    lk_mis_make(&made, &k, &t);
    m->auth = LK_SPAN(made.auth_n.octets);
}

/* ---- time ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void expire(void)
{
    struct lk_mis_mn_event mn = mis_world_event(LK_MIS_MN_EV_EXPIRED);
    struct lk_mis_spos_event spos = { .kind = LK_MIS_SPOS_EV_EXPIRED, .now_ms = world.now_ms };
    struct lk_mis_tpos_event tpos = { .kind = LK_MIS_TPOS_EV_EXPIRED, .now_ms = world.now_ms };

    if (world.mn.due_ms <= world.now_ms)
        assert_int_equal(mis_world_mn(&mn), LK_OK);
    for (unsigned i = 0; i < MIS_POS; i++) {
        if (world.pos[i].spos.due_ms <= world.now_ms)
            mis_spos_steps(i, &spos);
        if (world.pos[i].tpos.due_ms <= world.now_ms)
            mis_tpos_steps(i, 0, 0, &tpos);
    }
}

void mis_world_wait(uint64_t ms)
{
    uint64_t until_ms = world.now_ms + ms;

    for (;;) {
        uint64_t next_ms = world.mn.due_ms;

        for (unsigned i = 0; i < MIS_POS; i++)
            next_ms = least(next_ms, least(world.pos[i].spos.due_ms, world.pos[i].tpos.due_ms));
        if (next_ms > until_ms)
            break;
        world.now_ms = next_ms;
        expire();
        mis_world_run();
    }
    world.now_ms = until_ms;
}

/* ---- who there is ---- */

size_t mis_world_mark(uint8_t *to, const char *mn, uint64_t start_s, uint32_t lifetime_s,
                      uint8_t max, const struct lk_home_secret *secret)
{
    struct lk_start_mark mark = { .mn_id = lk_span_text(mn), .start_s = start_s,
                                  .lifetime_s = lifetime_s, .max = max,
                                  .realm = lk_span_text(world.home_realm) };
    struct lk_writer w = lk_writer_of(to, LK_MIS_START_MARK_MAX);

    assert_int_equal(lk_start_mark_sign(&w, &mark, secret), LK_OK);
    return w.len;
}

void mis_world_eap(unsigned at)
{
    struct mis_pos *pos = &world.pos[at];
    char mn[32];
    struct lk_mis_agreed agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 };
    struct lk_mis_mn_event event = mis_world_event(LK_MIS_MN_EV_AUTHENTICATED);
    uint8_t id[LK_MIS_SAID_LEN], nonce[LK_MIS_NONCE_LEN];
    struct lk_mis_k k = { .len = LK_MIS_K_MAX };
    struct lk_mis_keys keys;
    struct lk_mis_sa_start start = { .peer = lk_span_text(pos->name),
                                     .said = { LK_MIS_SA_EAP, LK_SPAN(id) },
                                     .role = LK_MIS_BEGAN,
                                     .agreed = agreed,
                                     .keys = &keys,
                                     .expires_ms = world.now_ms + 86400000 };

    snprintf(mn, sizeof mn, "mn1@%.27s", world.home_realm);
    assert_true(lk_mis_name_set(&world.mn_config.self, lk_span_text(mn)));
    start.self = lk_span_text(mn);
    mis_world_draw(id, sizeof id);
    mis_world_draw(nonce, sizeof nonce);
    mis_world_draw(k.octets, k.len);
    lk_mis_keys_derive(&keys, &agreed, &k, nonce, nonce);
    world.spos = (struct mis_sa){ .has = true, .ready = true };
    assert_int_equal(lk_mis_sa_init(&world.spos.sa, &start), LK_OK);
    start.self = lk_span_text(pos->name);
    start.peer = lk_span_text(mn);
    start.role = LK_MIS_ANSWERED;
    pos->with_mn = (struct mis_sa){ .has = true, .ready = true };
    assert_int_equal(lk_mis_sa_init(&pos->with_mn.sa, &start), LK_OK);
    pos->mark_len = mis_world_mark(pos->mark, mn, world.now_ms / 1000, 86400, 15, &world.home);
    pos->max = 15;
    world.serving = at;
    event.run = LK_MIS_RUN_FULL;
    assert_int_equal(mis_world_mn(&event), LK_OK);
}

static void build(unsigned at, const struct lk_mis_partners *partners)
{
    static const uint8_t wlan[] = { LK_MIS_LINK_80211 };
    struct mis_pos *pos = &world.pos[at];

    snprintf(pos->name, sizeof pos->name, "pos@%.27s", realm_names[at]);
    lk_mis_spos_defaults(&pos->spos_config);
    lk_mis_tpos_defaults(&pos->tpos_config);
    pos->tpos_config.partners = *partners;
    assert_true(lk_mis_name_set(&pos->tpos_config.self, lk_span_text(pos->name)));
    lk_mis_spos_init(&pos->spos);
    lk_mis_tpos_init(&pos->tpos);
    for (unsigned i = 0; i < MIS_POS; i++) {
        struct lk_mis_neighbour *n = &pos->neighbour[i];

        n->network = realms[i];
        n->pos = (struct lk_mis_pos){ .id = lk_span_text(world.pos[i].name), .port = LK_MIS_PORT };
        n->pos.address = lk_address_v4((uint8_t[]){ 192, 0, 2, (uint8_t)i });
        n->link_types = LK_SPAN(wlan);
        n->partner = n->up = true;
    }
}

void mis_world_begin(void)
{
    struct lk_mis_partners partners = { realms, MIS_POS };
    struct lk_mis_chain chain = { 0, LK_MIS_CHAIN_DEFAULT };

    memset(&world, 0, sizeof world);
    world.now_ms = UINT64_C(1790000000000);
    world.home_realm = "home.example";
    for (unsigned i = 0; i < MIS_POS; i++) {
        snprintf(realm_names[i], sizeof realm_names[i], "%c.example", 'a' + (int)i);
        realms[i] = lk_span_text(realm_names[i]);
    }
    for (unsigned i = 0; i < MIS_POS; i++)
        snprintf(world.pos[i].name, sizeof world.pos[i].name, "pos@%.27s", realm_names[i]);
    for (unsigned i = 0; i < MIS_POS; i++)
        build(i, &partners);
    mis_world_draw(world.home.octets, sizeof world.home.octets);
    lk_home_key_derive(&world.home_key, &world.home);
    lk_mis_mn_defaults(&world.mn_config);
    world.mn_config.partners = partners;
    lk_mis_mn_init(&world.mn, &chain);
    world.mixes = true;
    mis_world_eap(0);
}

bool mis_world_hop(unsigned target)
{
    struct lk_mis_mn_event switched;

    if (mis_world_want(target, NULL) != LK_OK)
        return false;
    mis_world_run();
    if (world.mn.state != LK_MIS_MN_READY)
        return false;
    switched = mis_world_event(LK_MIS_MN_EV_SWITCHED);
    assert_int_equal(mis_world_mn(&switched), LK_OK);
    return world.serving == target && world.pos[target].with_mn.ready;
}

static void no_k(const struct lk_mis_k *k)
{
    static const struct lk_mis_k none;

    assert_memory_equal(k->octets, none.octets, sizeof k->octets);
}

void mis_world_nothing_is_left(void)
{
    assert_false(world.target.has);
    no_k(&world.mn.k);
    for (unsigned i = 0; i < MIS_POS; i++) {
        assert_false(world.pos[i].coming.has);
        no_k(&world.pos[i].spos.k);
        no_k(&world.pos[i].tpos.k);
    }
}
