/* How the TWAG finds what it has: one index by octets, one heap by time. Both lie in the memory
 * that was given once, and are as large as they can ever need to be. */
#include "base/hash.h"
#include "node/twag_parts.h"

#define NONE LK_WLCP_NO_ROW

uint32_t lk_twag_session_node(const struct lk_twag *twag, const struct lk_twag_session *session,
                              enum lk_twag_node by)
{
    return (uint32_t)(session - twag->session) * LK_TWAG_SESSION_NODES + (uint32_t)by;
}

uint32_t lk_twag_row_node(const struct lk_twag *twag, uint32_t row, enum lk_twag_node by)
{
    return twag->slots * LK_TWAG_SESSION_NODES + row * LK_TWAG_ROW_NODES + (uint32_t)by;
}

static bool is_row(const struct lk_twag *twag, uint32_t node)
{
    return node >= twag->slots * LK_TWAG_SESSION_NODES;
}

struct lk_span lk_twag_node_octets(const struct lk_twag *twag, uint32_t node)
{
    const struct lk_twag_session *s = &twag->session[node / LK_TWAG_SESSION_NODES];
    const struct lk_twag_link *link;

    if (is_row(twag, node)) {
        node -= twag->slots * LK_TWAG_SESSION_NODES;
        link = &twag->link[node / LK_TWAG_ROW_NODES];
        return node % LK_TWAG_ROW_NODES == LK_TWAG_BY_IPV4 ? LK_SPAN(link->ipv4)
                                                           : LK_SPAN(link->prefix);
    }
    switch (node % LK_TWAG_SESSION_NODES) {
    case LK_TWAG_BY_IMSI: return lk_span_text(s->imsi.digits);
    case LK_TWAG_BY_MAC: return LK_SPAN(s->mac);
    case LK_TWAG_BY_KEY: return lk_span_text(s->key[0].identity);
    case LK_TWAG_BY_OLD_KEY: return lk_span_text(s->key[1].identity);
    default: return lk_span_of(&s->handle, sizeof s->handle);
    }
}

/* What is compared with what: both keys are looked for as one kind. */
static uint64_t kind_of(const struct lk_twag *twag, uint32_t node)
{
    uint32_t by;

    if (is_row(twag, node))
        return LK_TWAG_SESSION_NODES +
               (node - twag->slots * LK_TWAG_SESSION_NODES) % LK_TWAG_ROW_NODES;
    by = node % LK_TWAG_SESSION_NODES;
    return by == LK_TWAG_BY_OLD_KEY ? LK_TWAG_BY_KEY : by;
}

static uint32_t *bucket_of(const struct lk_twag *twag, uint64_t kind, struct lk_span octets)
{
    uint64_t start = twag->seed[0] ^ kind << 32 ^ octets.len;

    return &twag->bucket[lk_hash(start, twag->seed[1], octets) & twag->mask];
}

void lk_twag_index_add(struct lk_twag *twag, uint32_t node)
{
    uint32_t *bucket = bucket_of(twag, kind_of(twag, node), lk_twag_node_octets(twag, node));

    LK_ASSERT(twag->chain[node] == NONE);
    /* The end of a chain points to itself, so that who is in none is told apart. */
    twag->chain[node] = *bucket == NONE ? node : *bucket;
    *bucket = node;
}

/* What is not in the index may be taken out of it. */
void lk_twag_index_remove(struct lk_twag *twag, uint32_t node)
{
    uint32_t *at = bucket_of(twag, kind_of(twag, node), lk_twag_node_octets(twag, node));
    uint32_t before = NONE, next = twag->chain[node];

    if (next == NONE)
        return;
    for (uint32_t i = *at; i != node; i = twag->chain[i]) {
        LK_ASSERT(i != NONE && twag->chain[i] != i);
        before = i;
    }
    if (before == NONE)
        *at = next == node ? NONE : next;
    else
        twag->chain[before] = next == node ? before : next;
    twag->chain[node] = NONE;
}

static uint32_t find(const struct lk_twag *twag, uint64_t kind, struct lk_span octets)
{
    uint32_t node = *bucket_of(twag, kind, octets);

    while (node != NONE) {
        if (kind_of(twag, node) == kind && lk_span_equal(lk_twag_node_octets(twag, node), octets))
            return node;
        if (twag->chain[node] == node)
            return NONE;
        node = twag->chain[node];
    }
    return NONE;
}

struct lk_twag_session *lk_twag_find(const struct lk_twag *twag, enum lk_twag_node by,
                                     struct lk_span octets)
{
    uint32_t node = find(twag, (uint64_t)by, octets);

    return node != NONE ? &twag->session[node / LK_TWAG_SESSION_NODES] : NULL;
}

uint32_t lk_twag_find_row(const struct lk_twag *twag, enum lk_twag_node by, struct lk_span octets)
{
    uint32_t node = find(twag, LK_TWAG_SESSION_NODES + (uint64_t)by, octets);

    return node != NONE ? (node - twag->slots * LK_TWAG_SESSION_NODES) / LK_TWAG_ROW_NODES
                        : NONE;
}

/* ---- what is due ---- */

static void put_at(struct lk_twag *twag, uint32_t place, uint32_t who)
{
    twag->heap[place] = who;
    twag->place[who] = place;
}

static void rise(struct lk_twag *twag, uint32_t place, uint32_t who)
{
    while (place > 0 && twag->at_ms[twag->heap[(place - 1) / 2]] > twag->at_ms[who]) {
        put_at(twag, place, twag->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put_at(twag, place, who);
}

static void sink(struct lk_twag *twag, uint32_t place, uint32_t who)
{
    for (;;) {
        uint32_t child = 2 * place + 1;

        if (child >= twag->due)
            break;
        if (child + 1 < twag->due &&
            twag->at_ms[twag->heap[child + 1]] < twag->at_ms[twag->heap[child]])
            child++;
        if (twag->at_ms[twag->heap[child]] >= twag->at_ms[who])
            break;
        put_at(twag, place, twag->heap[child]);
        place = child;
    }
    put_at(twag, place, who);
}

void lk_twag_schedule(struct lk_twag *twag, uint32_t who, uint64_t at_ms)
{
    uint32_t place = twag->place[who], last;

    if (place == NONE) {
        if (at_ms == 0)
            return;
        twag->at_ms[who] = at_ms;
        rise(twag, twag->due++, who);
        return;
    }
    if (at_ms != 0) {
        twag->at_ms[who] = at_ms;
        rise(twag, place, who);
        sink(twag, twag->place[who], who);
        return;
    }
    last = twag->heap[--twag->due];
    twag->place[who] = NONE;
    if (last == who)
        return;
    rise(twag, place, last);
    sink(twag, twag->place[last], last);
}

uint64_t lk_twag_next_ms(const struct lk_twag *twag)
{
    return twag->due > 0 ? twag->at_ms[twag->heap[0]] : UINT64_MAX;
}
