/* What the PoS does under an SA, and what ends it, or the way there. */
#include "base/secret.h"
#include "proto/mis/pos_auth_parts.h"

enum { LINK_KEY_MAX = 256 };

enum lk_status lk_mis_pos_auth_silent(struct lk_mis_pos_auth_work *w)
{
    return lk_mis_pos_auth_fail(w, LK_REASON_MIS_NO_ANSWER, "an answer", "nothing",
                                LK_MIS_REASON_NONE);
}

enum lk_status lk_mis_pos_auth_expired(struct lk_mis_pos_auth_work *w)
{
    if (w->event->now_ms >= w->s->deadline_ms)
        return lk_mis_pos_auth_silent(w);
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_TIMER)->timer_ms = w->s->deadline_ms;
    return LK_OK;
}

/* ---- link keys ---- */

/* spec: IEEE 802.21 8.6 - a link key goes under the SA, as a list of one. */
enum lk_status lk_mis_pos_auth_push(struct lk_mis_pos_auth_work *w)
{
    struct lk_mis_header header =
        lk_mis_auth_header(w->config, LK_MIS_PUSH_KEY, LK_MIS_REQUEST, true);
    struct lk_mis_message message = { .present = 0 };
    uint8_t octets[LINK_KEY_MAX];
    struct lk_writer list = lk_writer_of(octets, sizeof octets);
    enum lk_status status;

    lk_mis_put_length(&list, 1);
    lk_mis_put_link_key(&list, w->event->push);
    status = lk_writer_end(&list);
    message.link_keys = lk_writer_span(&list);
    lk_mis_mark(&message, LK_MIS_TLV_LINK_KEYS);
    if (status == LK_OK)
        status = lk_mis_auth_send(w->out, w->config, &header, &message);
    lk_wipe(octets, sizeof octets);
    return status;
}

enum lk_status lk_mis_pos_auth_pushed(struct lk_mis_pos_auth_work *w)
{
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_PUSHED)->pushed = w->event->message.message->status;
    return LK_OK;
}

enum lk_status lk_mis_pos_auth_not_pushed(struct lk_mis_pos_auth_work *w)
{
    lk_mis_auth_add(w->out, LK_MIS_AUTH_OUT_PUSHED)->pushed = LK_MIS_NETWORK_ERROR;
    return LK_OK;
}

/* ---- the end ---- */

enum lk_status lk_mis_pos_auth_terminate(struct lk_mis_pos_auth_work *w)
{
    w->s->ending = w->event->terminate;
    w->s->state = LK_MIS_POS_AUTH_ENDING;
    return lk_mis_auth_terminate(w->out, w->config, w->s->ending);
}

enum lk_status lk_mis_pos_auth_be_terminated(struct lk_mis_pos_auth_work *w)
{
    enum lk_status status = lk_mis_auth_terminated(w->out, w->config, w->event);

    w->s->state = LK_MIS_POS_AUTH_OVER;
    lk_mis_auth_ended(w->out, w->event->message.message->reason);
    return status;
}

/* Answered or not: the SA is over when we say so. */
enum lk_status lk_mis_pos_auth_end(struct lk_mis_pos_auth_work *w)
{
    w->s->state = LK_MIS_POS_AUTH_OVER;
    lk_mis_auth_ended(w->out, w->s->ending);
    return LK_OK;
}
