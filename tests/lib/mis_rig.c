#include "mis_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "crypto/crypto.h"

#define CODES (&lk_mis_codes_default)

static const uint64_t noon_ms = UINT64_C(1791936000000) + 12 * 3600 * 1000;

void rig_draw(struct mis_rig *rig, uint8_t *to, size_t len)
{
    uint8_t digest[LK_SHA256_LEN];

    for (size_t done = 0, part; done < len; done += part) {
        struct lk_span count = lk_span_of(&rig->drawn, sizeof rig->drawn);

        part = len - done < sizeof digest ? len - done : sizeof digest;
        lk_sha256(digest, &count, 1);
        memcpy(to + done, digest, part);
        rig->drawn++;
    }
}

uint16_t rig_id(enum lk_mis_action action, enum lk_mis_opcode opcode)
{
    return lk_mis_message_id(action, opcode, &lk_mis_codes_default);
}

struct lk_pos_peer rig_udp_peer(uint8_t host, uint16_t port)
{
    const uint8_t octets[4] = { 198, 51, 100, host };

    return (struct lk_pos_peer){ .way = LK_POS_UDP, .address = lk_address_v4(octets),
                                 .port = port };
}

/* ---- PoS ---- */

static void place(struct mis_rig *rig, unsigned i);

static void configure(struct mis_rig *rig, unsigned i)
{
    struct rig_pos *p = &rig->pos[i];
    struct lk_pos_config *c = &p->config;

    snprintf(p->domain, sizeof p->domain, "d%u.example", i);
    snprintf(p->name, sizeof p->name, "pos%u@d%u.example", i, i);
    lk_pos_defaults(c);
    c->mns = 8;
    c->talks = 6;
    c->auths = 8;
    c->links = RIG_POS;
    c->half_opens = 3;
    c->nonces = 16;
    c->places = RIG_POS;
    c->home = &rig->home;
    c->homes = 1;
    c->tpos.partners = (struct lk_mis_partners){ rig->realm, rig->count };
    c->neighbour = rig->neighbour;
    c->neighbours = rig->count;
    c->auth.erp = false;
    c->offer_keys = true;
    c->radius.secret = rig->a.nas_config.secret;
    c->radius.address = rig->a.source;
    c->radius.enterprise = LK_AAA_ENTERPRISE;
    place(rig, i);
}

/* Under its name. */
static void place(struct mis_rig *rig, unsigned i)
{
    struct rig_pos *p = &rig->pos[i];

    assert_true(lk_mis_name_set(&p->config.self, lk_span_text(p->name)));
    memcpy(p->config.radius.pos, p->name, sizeof p->name);
    rig->realm[i] = lk_span_text(p->domain);
    rig->neighbour[i] = (struct lk_mis_neighbour){
        .network = lk_span_text(p->domain),
        .pos = { .id = lk_span_text(p->name), .port = LK_MIS_PORT },
    };
    rig->neighbour[i].pos.address.octets[15] = (uint8_t)i;
}

void rig_begin(struct mis_rig *rig, unsigned pos)
{
    struct rig_pos *p = &rig->pos[pos];
    uint8_t seed[LK_POS_SEED_LEN];
    size_t size = lk_pos_size(&p->config);

    rig_draw(rig, seed, sizeof seed);
    free(p->memory);
    p->memory = malloc(size);
    assert_non_null(p->memory);
    memset(p->memory, 0xa5, size);
    p->pos = lk_pos_init(p->memory, &p->config, seed);
    p->wake_ms = UINT64_MAX;
    memset(p->link, 0, sizeof p->link);
}

static void begin_all(struct mis_rig *rig)
{
    for (unsigned i = 0; i < rig->count; i++)
        rig_begin(rig, i);
    for (unsigned i = 0; i < rig->count; i++)
        for (unsigned j = i + 1; j < rig->count; j++)
            rig_link(rig, i, j, true);
}

void rig_open(struct mis_rig *rig, unsigned count)
{
    memset(rig, 0, sizeof *rig);
    aaa_init(&rig->a);
    rig->count = count;
    rig->now_ms = noon_ms;
    memset(&rig->a.mark_key, 0x6d, sizeof rig->a.mark_key);
    lk_home_key_derive(&rig->home_key, &rig->a.mark_key);
    rig->home = (struct lk_pos_home){ lk_span_text("home.example"), rig->home_key };
    for (unsigned i = 0; i < AAA_NODES; i++)
        rig->a.node[i].mis.signs = true;
    for (unsigned i = 0; i < count; i++)
        configure(rig, i);
    begin_all(rig);
    rig_mn_begin(rig);
}

void rig_at_home(struct mis_rig *rig, unsigned pos)
{
    struct rig_pos *p = &rig->pos[pos];

    snprintf(p->domain, sizeof p->domain, "home.example");
    snprintf(p->name, sizeof p->name, "pos%u@home.example", pos);
    place(rig, pos);
    begin_all(rig);
}

void rig_close(struct mis_rig *rig)
{
    for (unsigned i = 0; i < rig->count; i++) {
        lk_pos_wipe(rig->pos[i].pos);
        free(rig->pos[i].memory);
    }
}

/* ---- what goes ---- */

void rig_send(struct mis_rig *rig, const struct rig_packet *packet)
{
    struct rig_packet *put = &rig->air[rig->flying];

    assert_true(rig->flying < RIG_AIR);
    *put = *packet;
    rig->last[packet->leg] = *packet;
    if (rig->meddle == NULL || rig->meddle(rig, put))
        rig->flying++;
}

static void send_octets(struct mis_rig *rig, struct rig_packet *packet, struct lk_span octets)
{
    assert_true(octets.len <= sizeof packet->octets);
    memcpy(packet->octets, octets.at, octets.len);
    packet->len = octets.len;
    rig_send(rig, packet);
}

static struct lk_pos_told answer_ask(struct mis_rig *rig, unsigned pos,
                                     const struct lk_pos_output *asked)
{
    struct lk_pos_told told = { .has_dh = false };
    uint8_t secret[LK_X25519_LEN];

    told.mark_is_signed = asked->ask.mark.len > 0 &&
                          lk_start_mark_verify(asked->ask.mark, &asked->ask.home) == LK_OK &&
                          !rig->pos[pos].mark_lies;
    if (asked->ask.wants_dh) {
        rig_draw(rig, secret, sizeof secret);
        lk_x25519_public(told.dh, secret);
        told.has_dh = lk_x25519_shared(told.z, secret, asked->ask.dh) == LK_OK;
    }
    return told;
}

static void obey(struct mis_rig *rig, unsigned pos)
{
    struct rig_pos *p = &rig->pos[pos];
    struct rig_packet packet = { .from = pos };

    for (size_t i = 0; i < p->out.count; i++) {
        const struct lk_pos_output *item = &p->out.item[i];

        switch (item->kind) {
        case LK_POS_OUT_SEND:
            packet.leg = RIG_DOWN;
            packet.peer = item->send.peer;
            send_octets(rig, &packet, item->send.octets);
            break;
        case LK_POS_OUT_N2N:
            assert_true(p->link[item->n2n.link]); /* T46 */
            packet.leg = RIG_N2N;
            packet.to = item->n2n.link;
            send_octets(rig, &packet, item->n2n.octets);
            break;
        case LK_POS_OUT_RADIUS:
            packet.leg = RIG_RADIUS;
            packet.socket = item->radius.socket;
            p->radius++;
            send_octets(rig, &packet, item->radius.octets);
            break;
        case LK_POS_OUT_CLOSE: p->closes++; break;
        case LK_POS_OUT_STREAM:
            p->served &= ~(UINT64_C(1) << item->stream.handle);
            p->served |= (uint64_t)item->stream.served << item->stream.handle;
            break;
        case LK_POS_OUT_LINK_KEY:
            p->link_keys++;
            p->link_key = item->link_key.pushed;
            break;
        case LK_POS_OUT_KEYS:
            p->keys++;
            p->last_keys = item->keys;
            break;
        case LK_POS_OUT_FACT:
            p->facts[item->fact.fact]++;
            p->reason[item->fact.fact] = item->fact.refusal.reason;
            p->chain = item->fact.chain;
            break;
        case LK_POS_OUT_WAKE: p->wake_ms = item->wake_at_ms; break;
        case LK_POS_OUT_ASK: break; /* rig_step */
        }
    }
}

enum lk_status rig_step(struct mis_rig *rig, unsigned pos, struct lk_pos_event event)
{
    struct rig_pos *p = &rig->pos[pos];
    const struct lk_pos_output *asked;
    enum lk_status status;
    struct lk_pos_told told;

    event.now_ms = rig->now_ms;
    status = lk_pos_step(p->pos, &event, &p->out);
    asked = lk_pos_outbox_find(&p->out, LK_POS_OUT_ASK);
    if (asked != NULL) {
        assert_true(event.kind == LK_POS_EV_N2N && event.link.told == NULL);
        p->asks++;
        told = answer_ask(rig, pos, asked);
        event.link.told = &told;
        obey(rig, pos);
        status = lk_pos_step(p->pos, &event, &p->out);
        lk_wipe(&told, sizeof told);
    }
    obey(rig, pos);
    lk_pos_outbox_wipe(&p->out);
    return status;
}

enum lk_status rig_heard(struct mis_rig *rig, unsigned pos, const struct lk_pos_peer *peer,
                         struct lk_span octets)
{
    return rig_step(rig, pos, (struct lk_pos_event){ .kind = LK_POS_EV_HEARD,
                                                     .heard = { *peer, octets } });
}

enum lk_status rig_n2n(struct mis_rig *rig, unsigned pos, unsigned from, struct lk_span octets)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_N2N };

    event.link.link = from;
    event.link.octets = octets;
    return rig_step(rig, pos, event);
}

static void link_end(struct mis_rig *rig, unsigned at, unsigned other, bool up)
{
    struct lk_pos_event event = { .kind = up ? LK_POS_EV_LINK_UP : LK_POS_EV_LINK_DOWN };

    event.link.link = other;
    event.link.name = lk_span_text(rig->pos[other].name);
    rig->pos[at].link[other] = up;
    assert_int_equal(rig_step(rig, at, event), LK_OK);
}

void rig_link(struct mis_rig *rig, unsigned a, unsigned b, bool up)
{
    link_end(rig, a, b, up);
    link_end(rig, b, a, up);
}

static void serve_radius(struct mis_rig *rig, const struct rig_packet *packet)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RADIUS };

    if (rig->aaa_down)
        return;
    rig->a.client[0].pos = rig->a.client[1].pos = rig->pos[packet->from].name;
    rig->a.now_ms = rig->now_ms;
    if (aaa_serve(&rig->a, 0, LK_RADIUS_AUTH_PORT, lk_span_of(packet->octets, packet->len)) !=
        LK_AAA_ANSWER)
        return;
    event.radius.socket = packet->socket;
    event.radius.octets = lk_span_of(rig->a.out.answer, rig->a.out.answer_len);
    (void)!rig_step(rig, packet->from, event);
}

static void deliver(struct mis_rig *rig, const struct rig_packet *packet)
{
    struct lk_span octets = lk_span_of(packet->octets, packet->len);

    switch (packet->leg) {
    case RIG_UP: (void)!rig_heard(rig, packet->to, &packet->peer, octets); break;
    case RIG_DOWN:
        if (rig->other_mn != NULL)
            rig->other_mn->hear(rig, packet->from, octets);
        else
            rig_mn_hear(rig, packet->from, octets);
        break;
    case RIG_N2N:
        if (rig->pos[packet->to].link[packet->from])
            (void)!rig_n2n(rig, packet->to, packet->from, octets);
        break;
    case RIG_RADIUS: serve_radius(rig, packet); break;
    }
}

void rig_run(struct mis_rig *rig)
{
    for (unsigned i = 0; rig->flying > 0; i++) {
        struct rig_packet packet = rig->air[0];

        assert_true(i < 1000);
        memmove(rig->air, rig->air + 1, --rig->flying * sizeof rig->air[0]);
        deliver(rig, &packet);
    }
}

static uint64_t next_ms(const struct mis_rig *rig)
{
    uint64_t at_ms = rig->other_mn != NULL ? rig->other_mn->wake_ms(rig) : rig_mn_wake_ms(rig);

    for (unsigned i = 0; i < rig->count; i++)
        if (rig->pos[i].wake_ms < at_ms)
            at_ms = rig->pos[i].wake_ms;
    return at_ms;
}

void rig_wait(struct mis_rig *rig, uint64_t ms)
{
    uint64_t end_ms = rig->now_ms + ms;

    rig_run(rig);
    for (unsigned i = 0; next_ms(rig) <= end_ms; i++) {
        assert_true(i < 10000);
        if (next_ms(rig) > rig->now_ms)
            rig->now_ms = next_ms(rig);
        for (unsigned p = 0; p < rig->count; p++)
            if (rig->pos[p].wake_ms <= rig->now_ms) {
                rig->pos[p].wake_ms = UINT64_MAX;
                assert_int_equal(rig_step(rig, p, (struct lk_pos_event){
                                                      .kind = LK_POS_EV_EXPIRED }), LK_OK);
            }
        if (rig->other_mn != NULL)
            rig->other_mn->due(rig);
        else
            rig_mn_due(rig);
        rig_run(rig);
    }
    rig->now_ms = end_ms;
}

/* ---- what anybody may say ---- */

struct lk_span rig_say(struct mis_rig *rig, uint8_t room[512], unsigned pos, const char *name,
                       enum lk_mis_action action, enum lk_mis_opcode opcode,
                       const struct lk_mis_message *m)
{
    uint8_t list[400];
    struct lk_writer l = lk_writer_of(list, sizeof list), w = lk_writer_of(room, 512);
    struct lk_mis_pdu pdu = { .header = { .id = rig_id(action, opcode), .tid = 9 },
                              .source = lk_span_text(name),
                              .destination = lk_span_text(rig->pos[pos].name) };

    assert_int_equal(lk_mis_message_put(&l, m, CODES), LK_OK);
    pdu.body = lk_writer_span(&l);
    assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    return lk_writer_span(&w);
}

struct lk_mis_message rig_indication(const uint8_t nonce[LK_MIS_NONCE_LEN],
                                     const struct lk_mis_offers *offers)
{
    struct lk_mis_message m = { .nonce_t = lk_span_of(nonce, LK_MIS_NONCE_LEN) };

    lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
    lk_mis_offers_say(&m, offers);
    return m;
}

/* ---- what is asked of them ---- */

bool rig_told(struct mis_rig *rig, unsigned pos, struct lk_pos_mn_told *told)
{
    return lk_pos_told_of(told, rig->pos[pos].pos, lk_span_text(rig->mn.name));
}

const struct lk_pos_counters *rig_counted(const struct mis_rig *rig, unsigned pos)
{
    return lk_pos_counted(rig->pos[pos].pos);
}

bool rig_remembers(const struct mis_rig *rig, unsigned pos, const void *octets, size_t len)
{
    size_t size = lk_pos_size(&rig->pos[pos].config);

    return memmem(rig->pos[pos].memory, size, octets, len) != NULL;
}
