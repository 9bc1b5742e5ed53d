/* The PoS: events in, outputs out. Here are its memory, the step, and what is due; what it hears is
 * in pos_hear.c, what it says in pos_say.c, authentication in pos_attach.c with its places in
 * pos_places.c and RADIUS in pos_radius.c, the serving PoS in pos_hand.c, the target PoS in
 * pos_take.c, the home's in pos_home.c, link keys in pos_push.c, links in pos_link.c, rows in
 * pos_table.c.
 *
 * It implements the PoS's part of IEEE 802.21 8 and 9, and of IEEE 802.21.1 5.14. */
#include "node/pos.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

void lk_pos_defaults(struct lk_pos_config *config)
{
    *config = (struct lk_pos_config){ .codes = lk_mis_codes_default, .per_source = 8,
                                      .first_ms = LK_MIS_FIRST_MS, .mns = 1000, .auths = 128,
                                      .links = 16, .talks = 1000, .half_opens = 250,
                                      .nonces = 4096, .places = 256, .sockets = 1, .errands = 64 };
    lk_mis_auth_defaults(&config->auth);
    lk_mis_spos_defaults(&config->spos);
    lk_mis_tpos_defaults(&config->tpos);
    /* 2, 4 and 8 s: it is given up well before the MN gives up. */
    config->radius.tries = 3;
}

/* ---- memory ---- */

struct layout {
    size_t mn, talk, auth, link, neighbour, nonce, asker, identifier, errand, due, end;
    size_t by_name, by_subscriber, by_from, by_said, by_next, by_identity, by_channel;
    size_t by_peer, by_source, by_nonce;
};

static size_t room(size_t *at, size_t octets)
{
    size_t here = (*at + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);

    *at = here + octets;
    return here;
}

static struct layout layout_of(const struct lk_pos_config *config)
{
    size_t at = sizeof(struct lk_pos), mns = lk_index_size(config->mns);
    struct layout l;

    LK_ASSERT(config->mns > 0 && config->mns <= LK_POS_MNS_MAX);
    LK_ASSERT(config->auths > 0 && config->auths <= LK_POS_AUTHS_MAX);
    LK_ASSERT(config->links > 0 && config->links <= LK_POS_LINKS_MAX);
    LK_ASSERT(config->sockets > 0 && config->sockets <= LK_POS_SOCKETS_MAX);
    LK_ASSERT(config->talks > 0 && config->nonces > 0);
    LK_ASSERT(config->errands > 0 && config->errands <= LK_POS_AUTHS_MAX);
    l.mn = room(&at, config->mns * sizeof(struct lk_pos_mn));
    l.talk = room(&at, config->talks * sizeof(struct lk_pos_talk));
    l.auth = room(&at, config->auths * sizeof(struct lk_pos_auth));
    l.link = room(&at, config->links * sizeof(struct lk_pos_link));
    l.neighbour = room(&at, config->places * sizeof(struct lk_mis_neighbour));
    l.nonce = room(&at, config->nonces * sizeof(struct lk_pos_nonce));
    l.asker = room(&at, (size_t)config->sockets * LK_POS_IDENTIFIERS * sizeof(uint32_t));
    l.identifier = room(&at, (size_t)config->sockets * LK_POS_IDENTIFIERS * sizeof(uint16_t));
    l.errand = room(&at, config->errands * sizeof(struct lk_pos_errand));
    l.due = room(&at, lk_due_size(config->mns + config->auths + config->errands));
    l.by_name = room(&at, mns);
    l.by_subscriber = room(&at, mns);
    l.by_from = room(&at, mns);
    l.by_said = room(&at, mns);
    l.by_next = room(&at, mns);
    l.by_identity = room(&at, mns);
    l.by_channel = room(&at, mns);
    l.by_peer = room(&at, lk_index_size(config->auths));
    l.by_source = room(&at, lk_index_size(config->auths));
    l.by_nonce = room(&at, lk_index_size(config->nonces));
    l.end = at;
    return l;
}

size_t lk_pos_size(const struct lk_pos_config *config)
{
    return layout_of(config).end;
}

static void place_tables(struct lk_pos *pos, uint8_t *at, const struct layout *l)
{
    const struct lk_pos_config *config = &pos->config;

    pos->mn = (struct lk_pos_mn *)(void *)(at + l->mn);
    pos->talk = (struct lk_pos_talk *)(void *)(at + l->talk);
    pos->auth = (struct lk_pos_auth *)(void *)(at + l->auth);
    pos->link = (struct lk_pos_link *)(void *)(at + l->link);
    pos->neighbour = (struct lk_mis_neighbour *)(void *)(at + l->neighbour);
    pos->nonce = (struct lk_pos_nonce *)(void *)(at + l->nonce);
    pos->asker = (uint32_t *)(void *)(at + l->asker);
    pos->identifier = (uint16_t *)(void *)(at + l->identifier);
    pos->errand = (struct lk_pos_errand *)(void *)(at + l->errand);
    lk_due_in(&pos->due, at + l->due, config->mns + config->auths + config->errands);
    lk_index_in(&pos->by_name, at + l->by_name, config->mns);
    lk_index_in(&pos->by_subscriber, at + l->by_subscriber, config->mns);
    lk_index_in(&pos->by_from, at + l->by_from, config->mns);
    lk_index_in(&pos->by_said, at + l->by_said, config->mns);
    lk_index_in(&pos->by_next, at + l->by_next, config->mns);
    lk_index_in(&pos->by_identity, at + l->by_identity, config->mns);
    lk_index_in(&pos->by_channel, at + l->by_channel, config->mns);
    lk_index_in(&pos->by_peer, at + l->by_peer, config->auths);
    lk_index_in(&pos->by_source, at + l->by_source, config->auths);
    lk_index_in(&pos->by_nonce, at + l->by_nonce, config->nonces);
}

static void fill_tables(struct lk_pos *pos)
{
    const struct lk_pos_config *config = &pos->config;

    for (uint32_t i = 0; i < config->nonces; i++)
        pos->nonce[i].used = false;
    memset(pos->link, 0, config->links * sizeof *pos->link);
    for (uint32_t i = 0; i < config->talks; i++)
        pos->talk[i].next = i + 1 < config->talks ? i + 1 : LK_POS_NONE;
    for (uint32_t i = 0; i < config->auths; i++) {
        pos->auth[i].used = false;
        pos->auth[i].next = i + 1 < config->auths ? i + 1 : LK_POS_NONE;
    }
    for (uint32_t i = 0; i < config->errands; i++) {
        pos->errand[i].used = false;
        pos->errand[i].next = i + 1 < config->errands ? i + 1 : LK_POS_NONE;
    }
    pos->identifiers = config->sockets * LK_POS_IDENTIFIERS;
    for (uint32_t i = 0; i < pos->identifiers; i++) {
        pos->asker[i] = LK_POS_NONE;
        pos->identifier[i] = (uint16_t)i;
    }
    pos->mn_free = pos->oldest = pos->newest = LK_POS_NONE;
    pos->wake_ms = LK_DUE_NEVER;
}

/* Self and codes are said once, and are the machines' own, too. */
static void take(struct lk_pos *pos, const struct lk_pos_config *config)
{
    struct lk_pos_config *own = &pos->config;

    LK_ASSERT(config->neighbours <= config->places && config->self.len > 0);
    *own = *config;
    own->auth.codes = own->spos.codes = own->tpos.codes = own->codes;
    own->auth.self = own->tpos.self = own->self;
    if (own->neighbours > 0)
        memcpy(pos->neighbour, own->neighbour, own->neighbours * sizeof *pos->neighbour);
    lk_pos_refresh_neighbours(pos);
}

struct lk_pos *lk_pos_init(void *memory, const struct lk_pos_config *config,
                           const uint8_t seed[LK_POS_SEED_LEN])
{
    struct layout l = layout_of(config);
    struct lk_pos *pos = memory;
    struct lk_reader r = lk_reader_of(lk_span_of(seed, LK_POS_SEED_LEN));
    uint8_t draw[LK_DRAW_SEED_LEN];

    LK_ASSERT((uintptr_t)memory % alignof(max_align_t) == 0);
    memset(pos, 0, sizeof *pos);
    pos->config = *config;
    pos->hash[0] = lk_get_be64(&r);
    pos->hash[1] = lk_get_be64(&r);
    lk_get_copy(&r, draw, sizeof draw);
    lk_draw_in(&pos->draw, draw);
    lk_draw(&pos->draw, pos->words_key, sizeof pos->words_key);
    lk_wipe(draw, sizeof draw);
    place_tables(pos, memory, &l);
    fill_tables(pos);
    take(pos, config);
    return pos;
}

void lk_pos_configure(struct lk_pos *pos, const struct lk_pos_config *config)
{
    const struct lk_pos_config old = pos->config;
    struct lk_pos_config next = *config;

    next.self = old.self;
    next.mns = old.mns;
    next.auths = old.auths;
    next.links = old.links;
    next.talks = old.talks;
    next.nonces = old.nonces;
    next.places = old.places;
    next.sockets = old.sockets;
    next.errands = old.errands;
    take(pos, &next);
}

void lk_pos_wipe(struct lk_pos *pos)
{
    size_t size = lk_pos_size(&pos->config);

    lk_wipe(pos, size);
}

/* ---- outputs ---- */

void lk_pos_outbox_wipe(struct lk_pos_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_pos_output *lk_pos_outbox_find(const struct lk_pos_outbox *out,
                                               enum lk_pos_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_pos_output *lk_pos_out(struct lk_pos_outbox *out, enum lk_pos_output_kind kind)
{
    LK_ASSERT(out->count < LK_POS_OUTBOX_MAX);
    out->item[out->count] = (struct lk_pos_output){ .kind = kind };
    return &out->item[out->count++];
}

struct lk_writer lk_pos_room(struct lk_pos_outbox *out)
{
    return lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
}

struct lk_span lk_pos_keep(struct lk_pos_outbox *out, struct lk_span octets)
{
    struct lk_writer w = lk_pos_room(out);

    lk_put_span(&w, octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    out->used += w.len;
    return lk_writer_span(&w);
}

void lk_pos_fact(struct lk_pos_outbox *out, enum lk_pos_fact fact, struct lk_span mn,
                 struct lk_span other, const struct lk_mis_chain *chain,
                 const struct lk_refusal *refusal)
{
    struct lk_pos_output *item = lk_pos_out(out, LK_POS_OUT_FACT);

    item->fact.fact = fact;
    item->fact.mn = lk_pos_keep(out, mn);
    item->fact.other = lk_pos_keep(out, other);
    if (chain != NULL)
        item->fact.chain = *chain;
    if (refusal != NULL)
        item->fact.refusal = *refusal;
}

void lk_pos_offer(const struct lk_pos *pos, const struct lk_mis_sa *sa, struct lk_pos_outbox *out)
{
    if (pos->config.offer_keys)
        lk_pos_out(out, LK_POS_OUT_KEYS)->keys = *sa;
}

/* ---- channels ---- */

enum lk_status lk_pos_psk(struct lk_mis_psk *psk, const struct lk_pos *pos,
                          struct lk_span identity)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of_identity(pos, identity);

    /* T41: where policy does not name SAs by TLS, there is no key for one. */
    if (mn == NULL || !lk_mis_type_satisfies(LK_MIS_SA_TLS, pos->config.tpos.demanded))
        return LK_E_NOT_FOUND;
    *psk = mn->psk;
    return LK_OK;
}

/* One channel of an MN: the one before goes. */
static enum lk_status on_channel(struct lk_pos *pos, const struct lk_pos_event *event,
                                 struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_of_identity(pos, event->channel.identity);

    if (mn == NULL || event->channel.peer.way != LK_POS_CHANNEL)
        return LK_E_NOT_FOUND;
    if (mn->has_channel && mn->channel.handle != event->channel.peer.handle)
        lk_pos_out(out, LK_POS_OUT_CLOSE)->close = mn->channel;
    lk_pos_channel_set(pos, mn, &event->channel.peer);
    mn->heard_ms = pos->now_ms;
    lk_pos_fact(out, LK_POS_CHANNEL_OPEN, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL,
                NULL);
    return LK_OK;
}

static enum lk_status on_gone(struct lk_pos *pos, const struct lk_pos_peer *peer,
                              struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn;

    if (peer->way == LK_POS_STREAM)
        lk_pos_auths_gone(pos, peer);
    if (peer->way != LK_POS_CHANNEL)
        return LK_OK;
    mn = lk_pos_mn_of_channel(pos, peer);
    if (mn == NULL)
        return LK_E_NOT_FOUND;
    lk_pos_channel_drop(pos, mn);
    lk_pos_fact(out, LK_POS_CHANNEL_SHUT, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), NULL,
                NULL);
    return LK_OK;
}

/* ---- the operator, and time ---- */

static enum lk_status on_release(struct lk_pos *pos, struct lk_span name,
                                 struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_of(pos, name);

    if (mn == NULL)
        return LK_E_NOT_FOUND;
    lk_pos_release(pos, mn, out);
    return LK_OK;
}

static enum lk_status on_expired(struct lk_pos *pos, struct lk_pos_outbox *out)
{
    pos->wake_ms = LK_DUE_NEVER; /* that wake is used up, early or not */
    while (lk_due_next_ms(&pos->due) <= pos->now_ms &&
           out->count + LK_POS_STEP_MOST <= LK_POS_OUTBOX_MAX &&
           out->used + LK_POS_STEP_OCTETS <= sizeof out->octets) {
        uint32_t number = lk_due_first(&pos->due), mns = pos->config.mns;

        if (number < mns)
            lk_pos_mn_due(pos, &pos->mn[number], out);
        else if (number - mns < pos->config.auths)
            lk_pos_auth_due(pos, &pos->auth[number - mns], out);
        else
            lk_pos_errand_due(pos, &pos->errand[number - mns - pos->config.auths], out);
    }
    return LK_OK;
}

static void wake(struct lk_pos *pos, struct lk_pos_outbox *out)
{
    uint64_t at_ms = lk_due_next_ms(&pos->due);

    if (at_ms == pos->wake_ms && at_ms > pos->now_ms)
        return;
    pos->wake_ms = at_ms;
    lk_pos_out(out, LK_POS_OUT_WAKE)->wake_at_ms = at_ms;
}

enum lk_status lk_pos_step(struct lk_pos *pos, const struct lk_pos_event *event,
                           struct lk_pos_outbox *out)
{
    enum lk_status status = LK_OK;

    out->count = out->used = 0;
    pos->now_ms = event->now_ms;
    switch (event->kind) {
    case LK_POS_EV_HEARD:
        status = lk_pos_hear(pos, &event->heard.peer, event->heard.octets, out);
        break;
    case LK_POS_EV_GONE: status = on_gone(pos, &event->gone, out); break;
    case LK_POS_EV_CHANNEL_UP: status = on_channel(pos, event, out); break;
    case LK_POS_EV_LINK_UP:
    case LK_POS_EV_LINK_DOWN: status = lk_pos_on_link(pos, event); break;
    case LK_POS_EV_N2N: status = lk_pos_on_n2n(pos, event, out); break;
    case LK_POS_EV_RADIUS: status = lk_pos_on_radius(pos, event, out); break;
    case LK_POS_EV_RELEASE: status = on_release(pos, event->release, out); break;
    case LK_POS_EV_PUSH: status = lk_pos_on_push(pos, event, out); break;
    case LK_POS_EV_EXPIRED: status = on_expired(pos, out); break;
    }
    wake(pos, out);
    return status;
}

/* ---- what is told ---- */

const struct lk_pos_counters *lk_pos_counted(const struct lk_pos *pos)
{
    return &pos->counters;
}

uint32_t lk_pos_places(const struct lk_pos *pos)
{
    return pos->mn_touched;
}

uint32_t lk_pos_mn_count(const struct lk_pos *pos)
{
    return pos->mns;
}

uint32_t lk_pos_auth_count(const struct lk_pos *pos)
{
    return pos->auths;
}

struct lk_span lk_pos_link_name(const struct lk_pos *pos, uint32_t link)
{
    if (link >= pos->config.links || !pos->link[link].up)
        return lk_span_of(NULL, 0);
    return lk_mis_name_of(&pos->link[link].name);
}
