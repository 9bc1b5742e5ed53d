/* Link keys: what the operator gives a mobile node for its link at a point of attachment, under the
 * SA that the key is of (IEEE 802.21 8.6). */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"
#include "proto/mis/serving.h"

/* ---- who gets one ---- */

/* NULL: it may; else what there should be, and *came what there is. A02: a key goes to nobody in
 * clear, nor under a suite that others read. */
static const char *lack_of(const struct lk_pos_mn *mn, const char **came)
{
    *came = "none of that name";
    if (mn == NULL)
        return "a mobile node that is here";
    /* T41: an SA by TLS has no K, so no MSRK comes of it; an MN that speaks over a channel has
     * given up the SA before. */
    *came = mn->has_channel ? "the channel that it speaks over now, which has no MSRK"
            : mn->has_next  ? "an SA that is half-open"
                            : "no SA";
    if (!mn->has_sa || mn->has_channel)
        return "an SA by EAP or by an SPoS";
    *came = "one that does not";
    if (!lk_mis_serving_of(&mn->sa).hides)
        return "an SA with a suite that encrypts";
    *came = mn->peer.way == 0 ? "nowhere yet" : "through another PoS";
    if (mn->peer.way == 0 || mn->peer.way == LK_POS_LINK)
        return "a mobile node that was heard here";
    *came = "one is on its way";
    return mn->push.awaited ? "one link key at a time" : NULL;
}

bool lk_pos_may_push(struct lk_refusal *why, const struct lk_pos *pos, struct lk_span name)
{
    const char *came, *lack = lack_of(lk_pos_mn_of(pos, name), &came);

    if (lack != NULL)
        *why = lk_refusal_of(LK_REASON_MIS_PUSH, lack, came);
    return lack == NULL;
}

/* ---- what comes of it ---- */

static void tell(struct lk_pos *pos, struct lk_pos_outbox *out, enum lk_pos_fact fact,
                 struct lk_span mn, const struct lk_mis_link_pair *link,
                 const struct lk_refusal *why)
{
    char poa[LK_STATION_TEXT];

    pos->counters.pushed += fact == LK_POS_PUSHED;
    pos->counters.not_pushed += fact == LK_POS_NOT_PUSHED;
    lk_station_text(poa, link->poa);
    lk_pos_fact(out, fact, mn, lk_span_text(poa), NULL, why);
}

void lk_pos_push_drop(struct lk_pos_mn *mn)
{
    lk_wipe(&mn->push, sizeof mn->push);
    mn->push.due_ms = LK_DUE_NEVER;
}

void lk_pos_push_ends(struct lk_pos *pos, struct lk_pos_mn *mn, const char *came,
                      struct lk_pos_outbox *out)
{
    struct lk_refusal why = lk_refusal_of(LK_REASON_MIS_PUSH, "the MN takes it", came);

    if (!mn->push.awaited)
        return;
    tell(pos, out, LK_POS_NOT_PUSHED, lk_mis_name_of(&mn->name), &mn->push.pushed.link, &why);
    lk_pos_push_drop(mn);
}

/* A key is of the MSRK of its SA: the next SA would need another one. */
void lk_pos_push_bereft(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out)
{
    lk_pos_push_ends(pos, mn, "its SA is over", out);
}

/* Another key for a link takes the place of the one before; of too many links it is the oldest's:
 * an MN keeps no more, either. */
static void note(struct lk_pos_mn *mn, const struct lk_mis_link_pair *link)
{
    size_t i = 0;

    while (i < mn->link_keys &&
           (!lk_span_equal(LK_SPAN(mn->link_key[i].mn), LK_SPAN(link->mn)) ||
            !lk_span_equal(LK_SPAN(mn->link_key[i].poa), LK_SPAN(link->poa))))
        i++;
    if (i < mn->link_keys)
        return;
    if (i == LK_POS_LINK_KEYS)
        memmove(mn->link_key, mn->link_key + 1, --i * sizeof mn->link_key[0]);
    mn->link_key[i] = *link;
    mn->link_keys = (unsigned)i + 1;
}

void lk_pos_on_pushed(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_header *header,
                      const struct lk_mis_message *m, struct lk_pos_outbox *out)
{
    struct lk_pos_output *item;

    if (!mn->push.awaited || header->tid != mn->push.tid ||
        lk_mis_action_of(header->id, &pos->config.codes) != LK_MIS_PUSH_KEY)
        return;
    if (m->status != LK_MIS_SUCCESS) {
        lk_pos_push_ends(pos, mn, "it refuses it", out);
        return;
    }
    note(mn, &mn->push.pushed.link);
    tell(pos, out, LK_POS_PUSHED, lk_mis_name_of(&mn->name), &mn->push.pushed.link, NULL);
    if (pos->config.offer_keys) {
        item = lk_pos_out(out, LK_POS_OUT_LINK_KEY);
        item->link_key.said = lk_mis_sa_said(&mn->sa);
        item->link_key.pushed = mn->push.pushed;
    }
    lk_pos_push_drop(mn);
}

/* ---- the push ---- */

static enum lk_status say(struct lk_pos *pos, struct lk_pos_mn *mn,
                          const struct lk_mis_pushed *pushed, uint16_t *tid,
                          struct lk_pos_outbox *out)
{
    struct lk_pos_talk *talk = lk_pos_talk_of(pos, &mn->talk, lk_pos_is_udp(&mn->peer));
    struct lk_pos_with with = lk_pos_with_mn(pos, mn, &mn->sa);
    struct lk_mis_message m = { .present = 0 };
    uint8_t octets[LK_POS_LIST_SMALL];
    struct lk_writer list = lk_writer_of(octets, sizeof octets);
    struct lk_mis_header header;
    enum lk_status status = talk == NULL ? LK_E_FULL : LK_OK;

    if (status == LK_OK)
        status = lk_mis_exchange_begin(&talk->x, &header,
                                       lk_mis_message_id(LK_MIS_PUSH_KEY, LK_MIS_REQUEST,
                                                         &pos->config.codes));
    lk_mis_pushed_put(&list, pushed);
    if (status == LK_OK)
        status = lk_writer_end(&list);
    m.link_keys = lk_writer_span(&list);
    lk_mis_mark(&m, LK_MIS_TLV_LINK_KEYS);
    if (status == LK_OK)
        status = lk_pos_say_message(pos, &with, &header, &m, out);
    if (status == LK_OK)
        *tid = header.tid;
    lk_wipe(octets, sizeof octets);
    return status;
}

/* spec: IEEE 802.21 8.6 - a link key goes under the SA, and lives no longer than that. */
static enum lk_status push(struct lk_pos *pos, struct lk_pos_mn *mn,
                           const struct lk_mis_link_pair *link, struct lk_pos_outbox *out)
{
    struct lk_mis_pushed pushed = { .link = *link };
    enum lk_status status = lk_mis_sa_link_key(&pushed.key, &mn->sa, link);

    pushed.lifetime_s = lk_mis_left_s(mn->sa.expires_ms, pos->now_ms);
    if (status == LK_OK && pushed.lifetime_s == 0)
        status = LK_E_EXPIRED;
    if (status == LK_OK)
        status = say(pos, mn, &pushed, &mn->push.tid, out);
    if (status == LK_OK) {
        mn->push.pushed = pushed;
        mn->push.awaited = true;
        mn->push.due_ms = pos->now_ms + LK_MIS_TRANSACTION_MS;
    }
    lk_wipe(&pushed, sizeof pushed);
    lk_pos_settle(pos, mn);
    return status;
}

enum lk_status lk_pos_on_push(struct lk_pos *pos, const struct lk_pos_event *event,
                              struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_of(pos, event->push.mn);
    struct lk_refusal why;

    if (lk_pos_may_push(&why, pos, event->push.mn))
        return push(pos, mn, &event->push.link, out);
    tell(pos, out, LK_POS_NOT_PUSHED, event->push.mn, &event->push.link, &why);
    return mn == NULL ? LK_E_NOT_FOUND : LK_E_DENIED;
}
