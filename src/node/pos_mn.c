/* One mobile node of a PoS: where it is, what is due for it, and how what it has here ends. */
#include "node/pos_parts.h"

/* ---- where it is ---- */

struct lk_pos_with lk_pos_with_mn(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_mis_sa *sa)
{
    bool is_next = sa == &mn->next;
    uint32_t talk = is_next ? mn->next_talk : mn->talk;

    return (struct lk_pos_with){ .x = talk == LK_POS_NONE ? NULL : &pos->talk[talk].x,
                                 .peer = is_next ? &mn->next_peer : &mn->peer,
                                 .name = lk_mis_name_of(&mn->name), .sa = sa };
}

static void say_stream(uint32_t handle, bool served, struct lk_pos_outbox *out)
{
    struct lk_pos_output *item = lk_pos_out(out, LK_POS_OUT_STREAM);

    item->stream.handle = handle;
    item->stream.served = served;
}

static void leave_place(struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    if (mn->peer.way == LK_POS_STREAM)
        say_stream(mn->peer.handle, false, out);
    mn->peer = (struct lk_pos_peer){ .way = 0 };
}

/* T44: so one MN keeps one stream, and not as many as it says something over. */
void lk_pos_place_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_pos_peer *peer,
                      struct lk_pos_outbox *out)
{
    if (!lk_pos_same_peer(&mn->peer, peer))
        leave_place(mn, out);
    mn->peer = *peer;
    if (peer->way == LK_POS_STREAM)
        say_stream(peer->handle, true, out);
    if (peer->way != LK_POS_LINK)
        mn->heard_ms = pos->now_ms;
}

/* ---- what ends ---- */

static void shut_channel(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    if (!mn->has_channel)
        return;
    lk_pos_out(out, LK_POS_OUT_CLOSE)->close = mn->channel;
    lk_pos_fact(out, LK_POS_CHANNEL_SHUT, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL,
                NULL);
    lk_pos_channel_drop(pos, mn);
}

void lk_pos_sa_end(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    lk_pos_push_bereft(pos, mn, out);
    leave_place(mn, out);
    lk_pos_sa_drop(pos, mn);
}

void lk_pos_end_old(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    shut_channel(pos, mn, out);
    lk_pos_psk_drop(pos, mn);
    lk_pos_next_drop(pos, mn);
    lk_mis_tpos_wipe(&mn->tpos); /* T40: nor does AUTH-T of what was half-open count any more */
    lk_mis_tpos_init(&mn->tpos);
    lk_pos_sa_end(pos, mn, out);
}

void lk_pos_forget(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    shut_channel(pos, mn, out);
    lk_pos_sa_end(pos, mn, out);
    lk_pos_mn_drop(pos, mn);
}

static void say_end(struct lk_pos *pos, const struct lk_pos_with *with, struct lk_pos_outbox *out)
{
    struct lk_mis_message m = { .reason = LK_MIS_REASON_NONE };
    struct lk_mis_header header = { .tid = 1 };

    header.id = lk_mis_message_id(LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, &pos->config.codes);
    lk_mis_mark(&m, LK_MIS_TLV_REASON);
    (void)(lk_pos_say_message(pos, with, &header, &m, out) == LK_OK);
}

/* spec: IEEE 802.21 9 - Termination_Auth is protected by the SA that it ends, or its channel; an MN
 * that misses it finds out with its next message. */
void lk_pos_release(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    struct lk_pos_with with = lk_pos_with_mn(pos, mn, &mn->sa);
    const struct lk_pos_with over = { .peer = &mn->channel, .name = with.name };

    with.x = NULL;
    if (mn->has_sa && mn->peer.way != 0)
        say_end(pos, &with, out);
    if (mn->has_channel)
        say_end(pos, &over, out);
    pos->counters.left++;
    lk_pos_fact(out, LK_POS_LEFT, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL, NULL);
    lk_pos_forget(pos, mn, out);
}

/* ---- what is due ---- */

void lk_pos_catch_up(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    struct lk_mis_sa *const sas[] = { &mn->sa, &mn->next };

    for (size_t i = 0; i < LK_COUNT_OF(sas); i++) {
        struct lk_pos_with with = lk_pos_with_mn(pos, mn, sas[i]);

        if (with.x != NULL)
            (void)lk_pos_talk_due(pos, &with, out);
    }
}

void lk_pos_mn_due(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    if (mn->has_next && mn->tpos.due_ms <= pos->now_ms)
        lk_pos_tpos_expire(pos, mn, out);
    if (mn->lost)
        lk_pos_spos_tell(pos, mn, LK_MIS_SPOS_EV_NO_LINK, out);
    mn->lost = false;
    if (mn->spos.due_ms <= pos->now_ms)
        lk_pos_spos_tell(pos, mn, LK_MIS_SPOS_EV_EXPIRED, out);
    if (mn->push.due_ms <= pos->now_ms)
        lk_pos_push_ends(pos, mn, "no answer", out);
    lk_pos_catch_up(pos, mn, out);
    if (mn->has_sa && mn->sa.expires_ms <= pos->now_ms) {
        pos->counters.ended++;
        lk_pos_fact(out, LK_POS_ENDED, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL,
                    NULL);
        lk_pos_sa_end(pos, mn, out);
    }
    if (mn->has_psk && mn->until_ms <= pos->now_ms) {
        shut_channel(pos, mn, out);
        lk_pos_psk_drop(pos, mn);
    }
    lk_pos_settle(pos, mn);
}
