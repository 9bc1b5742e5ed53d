/* The PoS of the world, serving and target, and who drives their machines. */
#include "mis_world_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static struct lk_mis_spos_outbox spos_out;
static struct lk_mis_tpos_outbox tpos_out;

/* ---- a serving PoS ---- */

void mis_spos_steps(unsigned at, const struct lk_mis_spos_event *event)
{
    struct mis_pos *pos = &world.pos[at];
    static struct lk_mis_spos before;

    before = pos->spos;
    if (lk_mis_spos_step(&pos->spos, &pos->spos_config, event, &spos_out) != LK_OK) {
        assert_int_equal(spos_out.count, 0);
        assert_memory_equal(&before, &pos->spos, sizeof before);
        world.refused_pdus++;
        return;
    }
    if (pos->spos.k.len > 0)
        pos->last_k = pos->spos.k;
    for (size_t i = 0; i < spos_out.count; i++) {
        const struct lk_mis_spos_output *item = &spos_out.item[i];

        switch (item->kind) {
        case LK_MIS_SPOS_OUT_ASK:
            mis_send_link(2, at, mis_pos_named(&item->ask.target), item->ask.run, item->ask.list);
            break;
        case LK_MIS_SPOS_OUT_ANSWER:
            mis_send_pdu(4, at, MIS_POS, &pos->with_mn.sa, LK_MIS_RESPONSE, item->answer);
            break;
        case LK_MIS_SPOS_OUT_TIMER: assert_int_equal(pos->spos.due_ms, item->timer_ms); break;
        case LK_MIS_SPOS_OUT_REFUSED: pos->refused = item->refused.reason; break;
        }
    }
}

void mis_at_spos(const struct mis_packet *packet, const struct lk_mis_message *m)
{
    struct mis_pos *pos = &world.pos[packet->to];
    struct lk_mis_neighbours neighbours = { pos->neighbour, MIS_POS };
    struct lk_mis_home_k home = { pos->home_k, LK_MIS_ORIGIN_ERP };
    struct lk_mis_spos_event event = { .kind = packet->stage == 1 ? LK_MIS_SPOS_EV_REQUEST
                                                                  : LK_MIS_SPOS_EV_ANSWER,
                                       .now_ms = world.now_ms };

    mis_world_draw(event.entropy, sizeof event.entropy);
    if (packet->stage == 1) {
        event.request.serving = lk_mis_serving_of(&pos->with_mn.sa);
        event.request.start_mark = lk_span_of(pos->mark, pos->mark_len);
        event.request.max = pos->max;
        event.request.neighbours = &neighbours;
        event.request.home_k =
            pos->is_home && lk_mis_has(m, LK_MIS_TLV_AUTH_INFO) ? &home : NULL;
        event.request.message = m;
    } else {
        event.target.run = packet->run;
        event.target.message = m;
    }
    mis_spos_steps(packet->to, &event);
}

void mis_spos_hears_ack(unsigned at)
{
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ACKED, .now_ms = world.now_ms };

    if (world.pos[at].spos.state == LK_MIS_SPOS_AWAIT_ACK)
        mis_spos_steps(at, &event);
}

/* ---- a target PoS ---- */

static bool seen(struct mis_pos *pos, const uint8_t *nonce)
{
    for (size_t i = 0; i < pos->seens; i++)
        if (lk_span_equal(LK_SPAN(pos->seen[i]), lk_span_of(nonce, LK_MIS_NONCE_LEN)))
            return true;
    assert_true(pos->seens < MIS_SEEN);
    memcpy(pos->seen[pos->seens++], nonce, LK_MIS_NONCE_LEN);
    return false;
}

static void answer_ask(unsigned at, unsigned spos, uint32_t run,
                       const struct lk_mis_tpos_output *ask)
{
    struct mis_pos *pos = &world.pos[at];
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_TOLD, .now_ms = world.now_ms };
    uint8_t secret[32], dh[32], z[32];
    struct lk_start_mark mark;

    mis_world_draw(event.entropy, sizeof event.entropy);
    event.told.mark = LK_MIS_MARK_NO_KEY;
    if (ask->ask.mark.len > 0 && lk_start_mark_read(&mark, ask->ask.mark) == LK_OK &&
        lk_span_equal(mark.realm, lk_span_text(world.home_realm)))
        event.told.mark = lk_start_mark_verify(ask->ask.mark, &world.home_key) == LK_OK
                              ? LK_MIS_MARK_SIGNED
                              : LK_MIS_MARK_FALSE;
    if (event.told.mark == LK_MIS_MARK_SIGNED)
        event.told.seen = seen(pos, ask->ask.nonce_t);
    if (ask->ask.wants_dh) {
        mis_world_draw(secret, sizeof secret);
        lk_x25519_public(dh, secret);
        if (lk_x25519_shared(z, secret, ask->ask.dh) == LK_OK) {
            event.told.dh = dh;
            event.told.z = z;
        }
    }
    mis_tpos_steps(at, spos, run, &event);
}

static void tpos_does(unsigned at, unsigned spos, uint32_t run,
                      const struct lk_mis_tpos_output *item)
{
    struct mis_pos *pos = &world.pos[at];

    switch (item->kind) {
    case LK_MIS_TPOS_OUT_ASK: answer_ask(at, spos, run, item); break;
    case LK_MIS_TPOS_OUT_ANSWER: mis_send_link(3, at, spos, run, item->answer); break;
    case LK_MIS_TPOS_OUT_SA: pos->coming = (struct mis_sa){ .has = true, .sa = item->sa }; break;
    case LK_MIS_TPOS_OUT_REPLY:
        mis_send_pdu(6, at, MIS_POS, pos->coming.has ? &pos->coming.sa : &pos->with_mn.sa,
                 LK_MIS_RESPONSE, item->reply);
        break;
    case LK_MIS_TPOS_OUT_READY:
        pos->with_mn = pos->coming;
        pos->with_mn.ready = true;
        pos->coming.has = false;
        pos->max = pos->tpos.chain.max;
        pos->mark_len = pos->tpos.mark_len;
        memcpy(pos->mark, pos->tpos.mark, sizeof pos->mark);
        break;
    case LK_MIS_TPOS_OUT_DROP: pos->coming.has = false; break;
    case LK_MIS_TPOS_OUT_TIMER: assert_int_equal(pos->tpos.due_ms, item->timer_ms); break;
    case LK_MIS_TPOS_OUT_REFUSED: pos->refused = item->refused.reason; break;
    }
}

void mis_tpos_steps(unsigned at, unsigned spos, uint32_t run,
                       const struct lk_mis_tpos_event *event)
{
    struct mis_pos *pos = &world.pos[at];
    struct lk_mis_tpos_outbox out;
    static struct lk_mis_tpos before;

    before = pos->tpos;
    if (lk_mis_tpos_step(&pos->tpos, &pos->tpos_config, event, &tpos_out) != LK_OK) {
        assert_int_equal(tpos_out.count, 0);
        assert_memory_equal(&before, &pos->tpos, sizeof before);
        world.refused_pdus++;
        return;
    }
    out = tpos_out;
    for (size_t i = 0; i < out.count; i++) {
        struct lk_mis_tpos_output item = out.item[i];

        if (item.kind == LK_MIS_TPOS_OUT_ANSWER || item.kind == LK_MIS_TPOS_OUT_REPLY)
            item.answer.at = out.lists.octets + (item.answer.at - tpos_out.lists.octets);
        tpos_does(at, spos, run, &item);
    }
}

/* A request is a new machine, which is kept when it has come to something. */
void mis_at_tpos(const struct mis_packet *packet, const struct lk_mis_message *m)
{
    struct mis_pos *pos = &world.pos[packet->to];
    struct lk_mis_tpos_event event = { .kind = packet->stage == 2 ? LK_MIS_TPOS_EV_REQUEST
                                                                  : LK_MIS_TPOS_EV_CONFIRM,
                                       .now_ms = world.now_ms };
    struct lk_mis_tpos kept = pos->tpos;

    if (packet->stage == 5) {
        event.confirm = m;
        mis_tpos_steps(packet->to, 0, 0, &event);
        return;
    }
    lk_mis_tpos_init(&pos->tpos);
    event.request.peer = lk_span_text(world.pos[packet->from].name);
    event.request.protected_link = true;
    event.request.message = m;
    mis_tpos_steps(packet->to, packet->from, packet->run, &event);
    if (pos->tpos.state == LK_MIS_TPOS_IDLE)
        pos->tpos = kept;
}
