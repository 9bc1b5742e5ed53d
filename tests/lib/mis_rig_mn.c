/* The mobile node of mis_rig: its machines, its SAs, its card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "mis_rig.h"

#define CODES (&lk_mis_codes_default)

static void auth_step(struct mis_rig *rig, struct lk_mis_auth_event *event);
static void mn_step(struct mis_rig *rig, struct lk_mis_mn_event *event);

void rig_mn_begin(struct mis_rig *rig)
{
    static const struct lk_mis_chain chain = { 0, LK_MIS_CHAIN_DEFAULT };
    struct rig_mn *m = &rig->mn;

    memset(m, 0, sizeof *m);
    snprintf(m->name, sizeof m->name, "anybody@home.example");
    memcpy(m->once, m->name, sizeof m->once);
    lk_mis_auth_defaults(&m->auth_config);
    assert_true(lk_mis_name_set(&m->auth_config.self, lk_span_text(m->name)));
    lk_mis_mn_defaults(&m->mn_config);
    m->mn_config.self = m->auth_config.self;
    m->mn_config.partners = (struct lk_mis_partners){ rig->realm, rig->count };
    m->mn_config.offers = m->auth_config.offers;
    lk_mis_mn_init(&m->mn, &chain);
    m->serving = m->target = m->auth_pos = RIG_NOBODY;
    m->mixes = true;
    m->peer = rig_udp_peer(77, 4551);
    m->peer.way = LK_POS_STREAM;
    m->peer.handle = RIG_MN_STREAM;
}

static struct lk_mis_exchange *exchange_of(struct mis_rig *rig, unsigned pos)
{
    struct rig_sa *with = &rig->mn.with[pos];
    bool udp = rig->mn.udp;

    if (!with->has_x || with->x.udp != udp)
        lk_mis_exchange_init(&with->x, with->transaction, RIG_TRANSACTIONS, udp,
                             (uint16_t)rig->drawn);
    with->has_x = true;
    return &with->x;
}

/* ---- what it says ---- */

static void send(struct mis_rig *rig, unsigned pos, struct lk_span octets)
{
    struct rig_packet packet = { .leg = RIG_UP, .from = RIG_NOBODY, .to = pos,
                                 .peer = rig->mn.peer, .len = octets.len };

    if (rig->mn.udp)
        packet.peer.way = LK_POS_UDP;
    memcpy(packet.octets, octets.at, octets.len);
    rig_send(rig, &packet);
}

static void say(struct mis_rig *rig, unsigned pos, const struct lk_mis_header *header,
                struct lk_span list)
{
    struct rig_sa *with = &rig->mn.with[pos];
    struct lk_mis_pdu pdu = { .header = *header,
                              .source = lk_span_text(rig->mn.once),
                              .destination = lk_span_text(rig->pos[pos].name),
                              .body = list };
    uint8_t room[RIG_FRAME], iv[LK_MIS_IV_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    rig_draw(rig, iv, sizeof iv);
    if (header->secured)
        assert_int_equal(lk_mis_protect(&with->sa, &w, header, list, iv, rig->now_ms, CODES),
                         LK_OK);
    else
        assert_int_equal(lk_mis_encode(&w, &pdu, CODES), LK_OK);
    if (!lk_mis_is_bare_ack(header, list))
        assert_int_equal(lk_mis_exchange_sent(exchange_of(rig, pos), header, lk_writer_span(&w),
                                              rig->now_ms), LK_OK);
    send(rig, pos, lk_writer_span(&w));
}

void rig_mn_say(struct mis_rig *rig, unsigned pos, uint16_t id, struct lk_span list, bool clear)
{
    struct lk_mis_header header;

    assert_int_equal(lk_mis_exchange_begin(exchange_of(rig, pos), &header, id), LK_OK);
    header.secured = !clear;
    say(rig, pos, &header, list);
}

/* ---- EAP ---- */

static struct lk_span eap_step(struct mis_rig *rig, enum lk_event_kind kind,
                               struct lk_span received, uint8_t room[LK_EAP_PACKET_MAX],
                               bool *granted)
{
    struct lk_event event = { .kind = kind, .received = received };
    struct lk_span said = { NULL, 0 };
    struct lk_outbox out;

    for (bool again = true; again;) {
        again = false;
        world_entropy(&rig->a.w, &event);
        lk_outbox_empty(&out);
        (void)!lk_eap_peer_step(&rig->a.w.peer, &rig->a.w.peer_config, &event, &out);
        for (size_t i = 0; i < out.count; i++) {
            const struct lk_output *item = &out.item[i];

            if (item->kind == LK_OUT_SEND) {
                memcpy(room, item->send.at, item->send.len);
                said = lk_span_of(room, item->send.len);
            } else if (item->kind == LK_OUT_GRANT) {
                rig->a.w.peer_grant = item->grant;
                *granted = true;
            } else if (item->kind == LK_OUT_ASK_CARD) {
                event.kind = LK_EV_CARD;
                lk_usim_answer(&rig->a.w.usim, &event.card, item->ask_card.rand,
                               item->ask_card.autn);
                again = true;
            }
        }
    }
    return said;
}

/* A06: of the EMSK, as the home does. */
static void take_name(struct mis_rig *rig)
{
    struct rig_mn *m = &rig->mn;
    struct lk_mis_pseudonym name;
    struct lk_writer w = lk_writer_of(m->name, sizeof m->name - 1);

    lk_mis_pseudonym_derive(&name, &rig->a.w.peer_grant.emsk, lk_span_text(CODES->mn_usage));
    lk_mis_pseudonym_put(&w, &name, lk_span_text("home.example"));
    assert_int_equal(lk_writer_end(&w), LK_OK);
    m->name[w.len] = '\0';
    assert_true(lk_mis_name_set(&m->mn_config.self, lk_span_text(m->name)));
}

static void on_eap(struct mis_rig *rig, struct lk_span eap)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP };
    uint8_t room[LK_EAP_PACKET_MAX];
    bool granted = false;
    struct lk_mis_k k;

    event.eap = eap_step(rig, LK_EV_RECEIVED, eap, room, &granted);
    if (granted) {
        take_name(rig);
        event.keys.mn = lk_span_text(rig->mn.name);
        lk_mis_k_of_emsk(&k, &rig->a.w.peer_grant.emsk, lk_span_text(CODES->k_usage),
                         lk_span_text(rig->pos[rig->mn.auth_pos].name));
        event.kind = LK_MIS_AUTH_EV_KEYS;
        event.keys.k = &k;
        event.keys.run = LK_MIS_RUN_FULL;
        event.keys.lifetime_s = LK_MIS_SA_LIFETIME_S;
        event.keys.eap = lk_span_of(NULL, 0);
    }
    auth_step(rig, &event);
}

/* ---- full establishment ---- */

static void on_auth_sa(struct mis_rig *rig, const struct lk_mis_auth_output *item)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_AUTHENTICATED,
                                     .run = LK_MIS_RUN_FULL };
    struct rig_mn *m = &rig->mn;

    m->with[m->auth_pos].sa = item->sa.sa;
    m->with[m->auth_pos].has = true;
    m->attached++;
    m->serving = m->auth_pos;
    m->target = RIG_NOBODY;
    mn_step(rig, &event);
}

static void carry_auth(struct mis_rig *rig, const struct lk_mis_auth_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_mis_auth_output *item = &out->item[i];
        struct lk_mis_header header = item->send.header;
        unsigned pos = rig->mn.auth_pos;

        switch (item->kind) {
        case LK_MIS_AUTH_OUT_SEND:
            if (lk_mis_opcode_of(header.id) == LK_MIS_RESPONSE) {
                struct lk_mis_header request = header;

                assert_int_equal(lk_mis_exchange_answer(exchange_of(rig, pos), &header, &request),
                                 LK_OK);
                say(rig, pos, &header, item->send.list);
            } else {
                rig_mn_say(rig, pos, header.id, item->send.list, true);
            }
            break;
        case LK_MIS_AUTH_OUT_EAP: on_eap(rig, item->eap); break;
        case LK_MIS_AUTH_OUT_SA: on_auth_sa(rig, item); break;
        case LK_MIS_AUTH_OUT_FAILED: rig->mn.failed++; break;
        case LK_MIS_AUTH_OUT_TIMER: break;
        }
    }
}

static void auth_step(struct mis_rig *rig, struct lk_mis_auth_event *event)
{
    struct lk_mis_auth_outbox out;

    event->now_ms = rig->now_ms;
    rig_draw(rig, event->entropy, sizeof event->entropy);
    if (lk_mis_mn_auth_step(&rig->mn.auth, &rig->mn.auth_config, event, &out) == LK_OK)
        carry_auth(rig, &out);
}

void rig_attach_begin(struct mis_rig *rig, unsigned pos)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_START };
    uint8_t room[LK_EAP_PACKET_MAX];
    bool granted = false;

    rig->mn.auth_pos = pos;
    assert_int_equal(lk_mis_mn_auth_init(&rig->mn.auth, lk_span_text(rig->pos[pos].name)), LK_OK);
    (void)eap_step(rig, LK_EV_START, lk_span_of(NULL, 0), room, &granted);
    auth_step(rig, &event);
}

static bool same_sa(struct mis_rig *rig, unsigned pos)
{
    const struct rig_sa *with = &rig->mn.with[pos];
    struct lk_pos_mn_told told;

    return with->has && rig_told(rig, pos, &told) && told.has_sa && rig_ping(rig, pos);
}

bool rig_attach(struct mis_rig *rig, unsigned pos)
{
    unsigned before = rig->mn.attached;

    rig_attach_begin(rig, pos);
    rig_run(rig);
    if (rig->mn.attached == before)
        rig_wait(rig, 20000);
    return rig->mn.attached == before + 1 && same_sa(rig, pos);
}

/* ---- optimised establishment ---- */

static unsigned pos_named(const struct mis_rig *rig, struct lk_span name)
{
    for (unsigned i = 0; i < rig->count; i++)
        if (lk_span_equal(name, lk_span_text(rig->pos[i].name)))
            return i;
    return RIG_NOBODY;
}

static void saved(struct mis_rig *rig, uint8_t used)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_SAVED };

    rig->mn.stored = used;
    event.saved.used = used;
    event.saved.done = true;
    mn_step(rig, &event);
}

static void carry_mn(struct mis_rig *rig, const struct lk_mis_mn_outbox *out)
{
    struct rig_mn *m = &rig->mn;

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_mis_mn_output *item = &out->item[i];
        bool to_spos = item->send.under == LK_MIS_MN_UNDER_SPOS;

        switch (item->kind) {
        case LK_MIS_MN_OUT_SEND:
            if (!to_spos && m->keeps_mum)
                break;
            rig_mn_say(rig, to_spos ? m->serving : m->target,
                       rig_id(LK_MIS_PREREG_XFER, item->send.opcode), item->send.list, false);
            break;
        case LK_MIS_MN_OUT_SA:
            m->target = pos_named(rig, lk_mis_name_of(&item->sa.sa.peer));
            assert_int_not_equal(m->target, RIG_NOBODY);
            m->with[m->target].sa = item->sa.sa;
            m->with[m->target].has = true;
            m->with[m->target].has_x = false;
            break;
        case LK_MIS_MN_OUT_DROP:
            if (m->target != RIG_NOBODY)
                m->with[m->target].has = false;
            break;
        case LK_MIS_MN_OUT_SAVE: saved(rig, item->save); break;
        case LK_MIS_MN_OUT_SERVED:
            m->with[m->serving].has = false;
            m->serving = m->target;
            m->target = RIG_NOBODY;
            break;
        case LK_MIS_MN_OUT_FULL_AUTH:
            m->full_auth = item->full_auth.why;
            m->told = item->full_auth.told;
            m->full_auths += !item->full_auth.background;
            m->backgrounds += item->full_auth.background;
            break;
        case LK_MIS_MN_OUT_AGAIN: /* the exchange repeats */
        case LK_MIS_MN_OUT_TIMER:
        case LK_MIS_MN_OUT_READY: break;
        }
    }
}

static void mn_step(struct mis_rig *rig, struct lk_mis_mn_event *event)
{
    struct lk_mis_mn_outbox out;

    event->now_ms = rig->now_ms;
    rig_draw(rig, event->entropy, sizeof event->entropy);
    if (lk_mis_mn_step(&rig->mn.mn, &rig->mn.mn_config, event, &out) == LK_OK)
        carry_mn(rig, &out);
    lk_mis_mn_outbox_wipe(&out);
}

void rig_want(struct mis_rig *rig, unsigned target, const struct lk_mis_message *known)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_WANT };
    struct rig_mn *m = &rig->mn;

    assert_int_not_equal(m->serving, RIG_NOBODY);
    rig_draw(rig, m->dh_secret, sizeof m->dh_secret);
    lk_x25519_public(m->dh_public, m->dh_secret);
    event.want.serving = lk_mis_serving_of(&m->with[m->serving].sa);
    event.want.target = target == RIG_NOBODY ? NULL : &rig->neighbour[target].pos;
    event.want.known = known;
    event.want.dh = m->mixes ? m->dh_public : NULL;
    mn_step(rig, &event);
}

void rig_switched(struct mis_rig *rig)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_SWITCHED };

    mn_step(rig, &event);
}

bool rig_hop(struct mis_rig *rig, unsigned target)
{
    rig_want(rig, target, NULL);
    rig_run(rig);
    if (rig->mn.mn.state != LK_MIS_MN_READY)
        rig_wait(rig, 12000);
    if (rig->mn.mn.state != LK_MIS_MN_READY)
        return false;
    rig_switched(rig);
    return rig->mn.serving == target && same_sa(rig, target);
}

/* ---- what it hears ---- */

static void on_prereg(struct mis_rig *rig, unsigned pos, const struct lk_mis_header *header,
                      const struct lk_mis_message *message)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_HEARD };
    uint8_t z[LK_X25519_LEN];

    event.heard.under = !header->secured            ? LK_MIS_MN_IN_CLEAR
                        : pos == rig->mn.serving ? LK_MIS_MN_UNDER_SPOS
                                                    : LK_MIS_MN_UNDER_NEW;
    event.heard.action = LK_MIS_PREREG_XFER;
    event.heard.opcode = lk_mis_opcode_of(header->id);
    event.heard.message = message;
    if (lk_mis_has(message, LK_MIS_TLV_DH) &&
        lk_x25519_shared(z, rig->mn.dh_secret, message->dh.at) == LK_OK)
        event.heard.z = z;
    mn_step(rig, &event);
}

static void dispatch(struct mis_rig *rig, unsigned pos, const struct lk_mis_header *header,
                     const struct lk_mis_message *message)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };
    enum lk_mis_action action = lk_mis_action_of(header->id, CODES);

    if (lk_mis_has(message, LK_MIS_TLV_STATUS))
        rig->mn.last_status = message->status;
    if (action == LK_MIS_AUTH) {
        event.message.header = header;
        event.message.message = message;
        auth_step(rig, &event);
    } else if (action == LK_MIS_PREREG_XFER) {
        on_prereg(rig, pos, header, message);
    } else if (action == LK_MIS_CAPABILITY_DISCOVER) {
        rig->mn.pongs++;
    } else if (action == LK_MIS_TERMINATION_AUTH) {
        rig->mn.terminated++;
    }
}

static void due_of(struct mis_rig *rig, unsigned pos)
{
    struct rig_sa *with = &rig->mn.with[pos];
    struct lk_mis_due due;

    while (with->has_x && lk_mis_exchange_due(&with->x, &due, rig->now_ms)) {
        if (due.kind == LK_MIS_DUE_SEND)
            send(rig, pos, due.octets);
        else if (due.kind == LK_MIS_DUE_ACK && (!due.header.secured || with->has))
            say(rig, pos, &due.header, lk_span_of(NULL, 0));
    }
}

void rig_mn_hear(struct mis_rig *rig, unsigned pos, struct lk_span octets)
{
    struct lk_mis_pdu pdu;
    struct lk_mis_message message;
    enum lk_mis_heard heard;
    struct lk_span list;
    bool replayed = false;
    enum lk_status status = lk_mis_decode(&pdu, octets, CODES);

    if (status != LK_OK ||
        !lk_span_equal(pdu.destination,
                       pdu.header.secured && rig->mn.with[pos_named(rig, pdu.source)].has
                           ? lk_mis_name_of(&rig->mn.with[pos_named(rig, pdu.source)].sa.self)
                           : lk_span_text(rig->mn.once)))
        return;
    /* What a PoS passes on is of the PoS that it says. */
    pos = pos_named(rig, pdu.source);
    assert_int_not_equal(pos, RIG_NOBODY);
    list = pdu.body;
    if (pdu.header.secured) {
        if (!rig->mn.with[pos].has)
            return;
        status = lk_mis_unprotect(&rig->mn.with[pos].sa, &rig->opened, &pdu, rig->now_ms, CODES);
        replayed = status == LK_E_SYNC;
        if (status != LK_OK && !replayed)
            return;
        list = lk_span_of(rig->opened.octets, rig->opened.len);
    }
    if (!replayed && lk_mis_message_get(&message, &pdu.header, list, CODES) != LK_OK)
        return;
    if (lk_mis_exchange_hear(exchange_of(rig, pos), &heard, &pdu.header,
                             lk_mis_is_bare_ack(&pdu.header, list), replayed, rig->now_ms) !=
        LK_OK)
        return;
    if (heard == LK_MIS_HEARD_NEW || heard == LK_MIS_HEARD_ANSWER)
        dispatch(rig, pos, &pdu.header, &message);
    due_of(rig, pos);
}

/* ---- time, and small talk ---- */

uint64_t rig_mn_wake_ms(const struct mis_rig *rig)
{
    uint64_t at_ms = rig->mn.mn.due_ms;

    for (unsigned i = 0; i < rig->count; i++)
        if (rig->mn.with[i].has_x && lk_mis_exchange_next_ms(&rig->mn.with[i].x) < at_ms)
            at_ms = lk_mis_exchange_next_ms(&rig->mn.with[i].x);
    return at_ms;
}

void rig_mn_due(struct mis_rig *rig)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_EXPIRED };

    for (unsigned i = 0; i < rig->count; i++)
        due_of(rig, i);
    if (rig->mn.mn.due_ms <= rig->now_ms)
        mn_step(rig, &event);
}

bool rig_ping(struct mis_rig *rig, unsigned pos)
{
    unsigned before = rig->mn.pongs;

    rig_mn_say(rig, pos, rig_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST), lk_span_of(NULL, 0),
               false);
    rig_run(rig);
    return rig->mn.pongs == before + 1;
}

void rig_terminate(struct mis_rig *rig, unsigned pos)
{
    struct lk_mis_message message = { .reason = LK_MIS_REASON_NONE };
    uint8_t list[16];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    lk_mis_mark(&message, LK_MIS_TLV_REASON);
    assert_int_equal(lk_mis_message_put(&w, &message, CODES), LK_OK);
    rig_mn_say(rig, pos, rig_id(LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST), lk_writer_span(&w),
               false);
    rig_run(rig);
}
