/* The rows of mobile nodes: by name, by SAID, by the identity of their PSK, by channel, by time;
 * who of them has transactions; and the nonces that were there. */
#include <string.h>

#include "base/hash.h"
#include "base/secret.h"
#include "node/pos_parts.h"

enum { MS_PER_S = 1000 };

uint64_t lk_pos_hash(const struct lk_pos *pos, struct lk_span octets)
{
    return lk_hash(pos->hash[0], pos->hash[1], octets);
}

uint32_t lk_pos_mn_row(const struct lk_pos *pos, const struct lk_pos_mn *mn)
{
    return (uint32_t)(mn - pos->mn);
}

/* ---- found ---- */

struct lk_pos_mn *lk_pos_mn_of(const struct lk_pos *pos, struct lk_span name)
{
    uint32_t row = lk_index_first(&pos->by_name, lk_pos_hash(pos, name));

    while (row != LK_INDEX_NONE && !lk_mis_name_is(&pos->mn[row].name, name))
        row = lk_index_next(&pos->by_name, row);
    return row == LK_INDEX_NONE ? NULL : &pos->mn[row];
}

struct lk_pos_mn *lk_pos_mn_of_said(const struct lk_pos *pos, const struct lk_mis_said *said,
                                    bool *is_next)
{
    uint64_t hash = lk_pos_hash(pos, said->id);
    uint32_t row = lk_index_first(&pos->by_said, hash);

    *is_next = false;
    while (row != LK_INDEX_NONE && !lk_mis_sa_is(&pos->mn[row].sa, said))
        row = lk_index_next(&pos->by_said, row);
    if (row != LK_INDEX_NONE)
        return &pos->mn[row];
    *is_next = true;
    row = lk_index_first(&pos->by_next, hash);
    while (row != LK_INDEX_NONE && !lk_mis_sa_is(&pos->mn[row].next, said))
        row = lk_index_next(&pos->by_next, row);
    return row == LK_INDEX_NONE ? NULL : &pos->mn[row];
}

static uint64_t hash_of_channel(const struct lk_pos *pos, uint32_t handle)
{
    return lk_pos_hash(pos, lk_span_of(&handle, sizeof handle));
}

struct lk_pos_mn *lk_pos_mn_of_channel(const struct lk_pos *pos, const struct lk_pos_peer *peer)
{
    uint32_t row = lk_index_first(&pos->by_channel, hash_of_channel(pos, peer->handle));

    while (row != LK_INDEX_NONE && pos->mn[row].channel.handle != peer->handle)
        row = lk_index_next(&pos->by_channel, row);
    return row == LK_INDEX_NONE ? NULL : &pos->mn[row];
}

struct lk_pos_mn *lk_pos_mn_of_identity(const struct lk_pos *pos, struct lk_span identity)
{
    uint32_t row = lk_index_first(&pos->by_identity, lk_pos_hash(pos, identity));

    while (row != LK_INDEX_NONE &&
           !lk_span_equal(identity, lk_span_text(pos->mn[row].identity)))
        row = lk_index_next(&pos->by_identity, row);
    return row == LK_INDEX_NONE ? NULL : &pos->mn[row];
}

struct lk_pos_mn *lk_pos_mn_of_subscriber(const struct lk_pos *pos,
                                          const struct lk_mis_subscriber *subscriber)
{
    struct lk_span wanted = LK_SPAN(subscriber->octets);
    uint32_t row = lk_index_first(&pos->by_subscriber, lk_pos_hash(pos, wanted));

    while (row != LK_INDEX_NONE &&
           !lk_span_equal(wanted, LK_SPAN(pos->mn[row].subscriber.octets)))
        row = lk_index_next(&pos->by_subscriber, row);
    return row == LK_INDEX_NONE ? NULL : &pos->mn[row];
}

/* ---- rows ---- */

struct lk_pos_mn *lk_pos_mn_add(struct lk_pos *pos, struct lk_span name)
{
    struct lk_pos_mn *mn = lk_pos_mn_of(pos, name);
    uint32_t row = pos->mn_free != LK_POS_NONE ? pos->mn_free : pos->mn_touched;

    if (mn != NULL)
        return mn;
    if (row == pos->config.mns)
        return NULL;
    mn = &pos->mn[row];
    if (row == pos->mn_touched)
        pos->mn_touched++;
    else
        pos->mn_free = mn->free;
    memset(mn, 0, sizeof *mn);
    mn->used = true;
    mn->talk = mn->next_talk = mn->link = LK_POS_NONE;
    mn->push.due_ms = LK_DUE_NEVER;
    LK_ASSERT(lk_mis_name_set(&mn->name, name));
    lk_mis_tpos_init(&mn->tpos);
    lk_mis_spos_init(&mn->spos);
    lk_index_put(&pos->by_name, row, lk_pos_hash(pos, name));
    pos->mns++;
    return mn;
}

bool lk_pos_has_room(const struct lk_pos *pos)
{
    return pos->mn_free != LK_POS_NONE || pos->mn_touched < pos->config.mns;
}

static void talk_give(struct lk_pos *pos, uint32_t *talk)
{
    if (*talk == LK_POS_NONE)
        return;
    lk_wipe(&pos->talk[*talk], sizeof pos->talk[*talk]);
    pos->talk[*talk].next = pos->talk_free;
    pos->talk_free = *talk;
    *talk = LK_POS_NONE;
}

void lk_pos_mn_drop(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    uint32_t row = lk_pos_mn_row(pos, mn);

    lk_pos_sa_drop(pos, mn);
    lk_pos_next_drop(pos, mn);
    lk_pos_psk_drop(pos, mn);
    lk_pos_channel_drop(pos, mn);
    lk_index_take(&pos->by_name, row);
    if (mn->has_subscriber)
        lk_index_take(&pos->by_subscriber, row);
    lk_pos_from_set(pos, mn, lk_span_of(NULL, 0));
    lk_due_set(&pos->due, row, LK_DUE_NEVER);
    lk_wipe(mn, sizeof *mn);
    mn->free = pos->mn_free;
    pos->mn_free = row;
    pos->mns--;
}

/* ---- what a row has ---- */

void lk_pos_subscriber_set(struct lk_pos *pos, struct lk_pos_mn *mn,
                           const struct lk_mis_subscriber *subscriber)
{
    uint32_t row = lk_pos_mn_row(pos, mn);

    if (mn->has_subscriber)
        lk_index_take(&pos->by_subscriber, row);
    mn->subscriber = *subscriber;
    mn->has_subscriber = true;
    lk_index_put(&pos->by_subscriber, row, lk_pos_hash(pos, LK_SPAN(mn->subscriber.octets)));
}

void lk_pos_from_set(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_span name)
{
    uint32_t row = lk_pos_mn_row(pos, mn);

    if (mn->from.len > 0)
        lk_index_take(&pos->by_from, row);
    mn->from.len = 0;
    if (name.len == 0)
        return;
    LK_ASSERT(lk_mis_name_set(&mn->from, name));
    lk_index_put(&pos->by_from, row, lk_pos_hash(pos, name));
}

uint32_t lk_pos_count_from(const struct lk_pos *pos, struct lk_span name)
{
    uint32_t row = lk_index_first(&pos->by_from, lk_pos_hash(pos, name)), count = 0;

    for (; row != LK_INDEX_NONE; row = lk_index_next(&pos->by_from, row))
        count += lk_mis_name_is(&pos->mn[row].from, name);
    return count;
}

/* An SA of type SPoS, with nothing of an authentication beside it; those who have not come yet
 * are over first. */
struct lk_pos_mn *lk_pos_mn_first_over(const struct lk_pos *pos)
{
    struct lk_pos_mn *first = NULL;
    uint64_t first_ms = UINT64_MAX;

    for (uint32_t row = 0; row < pos->mn_touched; row++) {
        struct lk_pos_mn *mn = &pos->mn[row];
        uint64_t at_ms = mn->has_sa ? mn->sa.expires_ms : mn->tpos.due_ms;

        if (!mn->used || mn->has_psk || (mn->has_sa && mn->sa.type != LK_MIS_SA_SPOS) ||
            (!mn->has_sa && !mn->has_next) || at_ms >= first_ms)
            continue;
        first = mn;
        first_ms = at_ms;
    }
    return first;
}

void lk_pos_sa_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_sa *sa)
{
    lk_pos_sa_drop(pos, mn);
    mn->sa = *sa;
    lk_mis_sa_established(&mn->sa);
    mn->has_sa = true;
    lk_index_put(&pos->by_said, lk_pos_mn_row(pos, mn),
                 lk_pos_hash(pos, lk_mis_sa_said(&mn->sa).id));
}

/* What was asked and said under it is nobody's under the next one. */
void lk_pos_sa_drop(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    if (!mn->has_sa)
        return;
    lk_index_take(&pos->by_said, lk_pos_mn_row(pos, mn));
    lk_mis_sa_wipe(&mn->sa);
    talk_give(pos, &mn->talk);
    lk_mis_spos_wipe(&mn->spos);
    lk_mis_spos_init(&mn->spos);
    mn->has_sa = false;
    mn->relay_ms = 0;
    mn->link_keys = 0;
    lk_pos_push_drop(mn);
}

void lk_pos_next_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_sa *sa,
                     uint32_t link)
{
    lk_pos_next_drop(pos, mn);
    mn->next = *sa;
    lk_mis_sa_established(&mn->next);
    mn->has_next = true;
    mn->link = link;
    pos->link[link].half_opens++;
    lk_index_put(&pos->by_next, lk_pos_mn_row(pos, mn),
                 lk_pos_hash(pos, lk_mis_sa_said(&mn->next).id));
}

void lk_pos_next_drop(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    if (!mn->has_next)
        return;
    lk_index_take(&pos->by_next, lk_pos_mn_row(pos, mn));
    lk_mis_sa_wipe(&mn->next);
    talk_give(pos, &mn->next_talk);
    mn->has_next = false;
    pos->link[mn->link].half_opens--;
    mn->link = LK_POS_NONE;
}

void lk_pos_psk_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_psk *psk)
{
    lk_pos_psk_drop(pos, mn);
    mn->psk = *psk;
    mn->has_psk = true;
    lk_mis_psk_identity(mn->identity, psk);
    lk_index_put(&pos->by_identity, lk_pos_mn_row(pos, mn),
                 lk_pos_hash(pos, lk_span_text(mn->identity)));
}

void lk_pos_psk_drop(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    if (!mn->has_psk)
        return;
    lk_index_take(&pos->by_identity, lk_pos_mn_row(pos, mn));
    lk_wipe(&mn->psk, sizeof mn->psk);
    mn->has_psk = false;
}

void lk_pos_channel_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_pos_peer *peer)
{
    lk_pos_channel_drop(pos, mn);
    mn->channel = *peer;
    mn->has_channel = true;
    lk_index_put(&pos->by_channel, lk_pos_mn_row(pos, mn), hash_of_channel(pos, peer->handle));
}

void lk_pos_channel_drop(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    if (!mn->has_channel)
        return;
    lk_index_take(&pos->by_channel, lk_pos_mn_row(pos, mn));
    mn->has_channel = false;
}

/* ---- transactions ---- */

struct lk_pos_talk *lk_pos_talk_of(struct lk_pos *pos, uint32_t *at, bool udp)
{
    struct lk_pos_talk *talk;
    uint8_t entropy[2];

    if (*at != LK_POS_NONE && pos->talk[*at].x.udp != udp)
        talk_give(pos, at);
    if (*at != LK_POS_NONE)
        return &pos->talk[*at];
    if (pos->talk_free == LK_POS_NONE) {
        pos->counters.full++;
        return NULL;
    }
    *at = pos->talk_free;
    talk = &pos->talk[*at];
    pos->talk_free = talk->next;
    lk_draw(&pos->draw, entropy, sizeof entropy);
    lk_mis_exchange_init(&talk->x, talk->transaction, LK_POS_TRANSACTIONS, udp,
                         (uint16_t)(entropy[0] << 8 | entropy[1]));
    talk->x.first_ms = pos->config.first_ms;
    return talk;
}

/* ---- time ---- */

static void earlier(uint64_t *at_ms, uint64_t other_ms)
{
    if (other_ms < *at_ms)
        *at_ms = other_ms;
}

/* When it has something to do; where that is never, it is given back. */
static uint64_t talk_due_ms(struct lk_pos *pos, uint32_t *talk)
{
    uint64_t due_ms = LK_DUE_NEVER;

    if (*talk != LK_POS_NONE)
        due_ms = lk_mis_exchange_next_ms(&pos->talk[*talk].x);
    if (due_ms == LK_DUE_NEVER)
        talk_give(pos, talk);
    return due_ms;
}

void lk_pos_settle(struct lk_pos *pos, struct lk_pos_mn *mn)
{
    uint64_t at_ms = LK_DUE_NEVER;

    if (!mn->has_sa && !mn->has_next && !mn->has_psk) {
        lk_pos_mn_drop(pos, mn);
        return;
    }
    earlier(&at_ms, talk_due_ms(pos, &mn->talk));
    earlier(&at_ms, talk_due_ms(pos, &mn->next_talk));
    if (mn->has_sa)
        earlier(&at_ms, mn->sa.expires_ms);
    if (mn->has_next)
        earlier(&at_ms, mn->tpos.due_ms);
    if (mn->has_psk)
        earlier(&at_ms, mn->until_ms);
    earlier(&at_ms, mn->spos.due_ms);
    earlier(&at_ms, mn->push.due_ms);
    lk_due_set(&pos->due, lk_pos_mn_row(pos, mn), at_ms);
}

/* ---- nonces ---- */

/* T43: a ring, and an index into it: what is the oldest is forgotten first, though its time is not
 * over, for a partner could fill one that refuses (T44). */
bool lk_pos_nonce_seen(struct lk_pos *pos, struct lk_span mn, const uint8_t *nonce,
                       uint32_t remember_s)
{
    const struct lk_span parts[] = { lk_span_of(nonce, LK_MIS_NONCE_LEN), mn };
    uint8_t digest[LK_SHA256_LEN];
    struct lk_pos_nonce *row;
    uint64_t hash;
    uint32_t at;

    lk_sha256(digest, parts, LK_COUNT_OF(parts));
    hash = lk_pos_hash(pos, lk_span_of(digest, LK_MIS_NONCE_LEN));
    for (at = lk_index_first(&pos->by_nonce, hash); at != LK_INDEX_NONE;
         at = lk_index_next(&pos->by_nonce, at))
        if (lk_span_equal(LK_SPAN(pos->nonce[at].print), lk_span_of(digest, LK_MIS_NONCE_LEN)) &&
            pos->nonce[at].until_ms > pos->now_ms)
            return true;
    at = pos->nonce_next;
    pos->nonce_next = (at + 1) % pos->config.nonces;
    row = &pos->nonce[at];
    if (row->used)
        lk_index_take(&pos->by_nonce, at);
    row->used = true;
    row->until_ms = pos->now_ms + (uint64_t)MS_PER_S * remember_s;
    memcpy(row->print, digest, sizeof row->print);
    lk_index_put(&pos->by_nonce, at, hash);
    return false;
}

/* ---- what is told of them ---- */

static void tell(struct lk_pos_mn_told *told, const struct lk_pos_mn *mn)
{
    const struct lk_mis_sa *sa = mn->has_sa ? &mn->sa : &mn->next;

    *told = (struct lk_pos_mn_told){ .name = lk_mis_name_of(&mn->name), .has_sa = mn->has_sa,
                                     .half_open = mn->has_next, .channel = mn->has_channel,
                                     .link_keys = mn->link_keys, .link_key = mn->link_key,
                                     .chain = { sa->chain_used, mn->max },
                                     .spos = lk_mis_name_of(&mn->from), .peer = mn->peer,
                                     .heard_ms = mn->heard_ms };
    told->type = (uint8_t)(mn->has_sa || mn->has_next ? sa->type : LK_MIS_SA_TLS);
    if (mn->has_next) {
        told->announcer = lk_mis_name_of(&mn->tpos.spos);
        told->due_ms = mn->tpos.due_ms;
    }
    told->expires_ms = mn->has_sa || mn->has_next ? sa->expires_ms : mn->until_ms;
}

bool lk_pos_told_of(struct lk_pos_mn_told *told, const struct lk_pos *pos, struct lk_span name)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos, name);

    if (mn == NULL)
        return false;
    tell(told, mn);
    return true;
}

bool lk_pos_told_at(struct lk_pos_mn_told *told, const struct lk_pos *pos, uint32_t place)
{
    if (place >= pos->mn_touched || !pos->mn[place].used)
        return false;
    tell(told, &pos->mn[place]);
    return true;
}
