/* The places of those who want to be authenticated.
 *
 * T44: a stranger costs a place, of which there is a small number. One address has a share of them.
 * Over UDP nobody knows yet whether an address is the sender's: those who have not answered have a
 * quarter of the places among themselves, and the oldest of them gives way. */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

enum { UNPROVEN_SHARE = 4, SOURCE_V6_LEN = 8 };

bool lk_pos_same_peer(const struct lk_pos_peer *a, const struct lk_pos_peer *b)
{
    if (a->way != b->way)
        return false;
    if (a->way != LK_POS_UDP)
        return a->handle == b->handle;
    return a->port == b->port && lk_address_equal(&a->address, &b->address);
}

static uint32_t place_of(const struct lk_pos *pos, const struct lk_pos_auth *auth)
{
    return (uint32_t)(auth - pos->auth);
}

/* ---- found ---- */

struct lk_pos_auth *lk_pos_auth_of(const struct lk_pos *pos, const struct lk_pos_peer *peer,
                                   struct lk_span name)
{
    uint32_t at = lk_index_first(&pos->by_peer, lk_pos_hash(pos, name));

    while (at != LK_INDEX_NONE && !(lk_pos_same_peer(&pos->auth[at].peer, peer) &&
                                    lk_mis_name_is(&pos->auth[at].name, name)))
        at = lk_index_next(&pos->by_peer, at);
    return at == LK_INDEX_NONE ? NULL : &pos->auth[at];
}

static struct lk_span source_of(const struct lk_pos_peer *peer)
{
    return lk_span_of(peer->address.octets,
                      lk_address_is_v4(&peer->address) ? LK_ADDRESS_LEN : SOURCE_V6_LEN);
}

static bool source_is_full(const struct lk_pos *pos, const struct lk_pos_peer *peer)
{
    struct lk_span source = source_of(peer);
    uint32_t at = lk_index_first(&pos->by_source, lk_pos_hash(pos, source)), count = 0;

    for (; at != LK_INDEX_NONE; at = lk_index_next(&pos->by_source, at))
        count += lk_span_equal(source_of(&pos->auth[at].peer), source);
    return count >= pos->config.per_source;
}

/* ---- who has not answered yet ---- */

static void unproven_put(struct lk_pos *pos, struct lk_pos_auth *auth)
{
    auth->older = pos->newest;
    auth->newer = LK_POS_NONE;
    if (pos->newest != LK_POS_NONE)
        pos->auth[pos->newest].newer = place_of(pos, auth);
    else
        pos->oldest = place_of(pos, auth);
    pos->newest = place_of(pos, auth);
    pos->unproven++;
}

void lk_pos_auth_prove(struct lk_pos *pos, struct lk_pos_auth *auth)
{
    if (auth->proven)
        return;
    auth->proven = true;
    if (auth->older != LK_POS_NONE)
        pos->auth[auth->older].newer = auth->newer;
    else
        pos->oldest = auth->newer;
    if (auth->newer != LK_POS_NONE)
        pos->auth[auth->newer].older = auth->older;
    else
        pos->newest = auth->older;
    pos->unproven--;
}

/* ---- places ---- */

static void displace(struct lk_pos *pos)
{
    pos->counters.displaced++;
    lk_pos_auth_drop(pos, &pos->auth[pos->oldest]);
}

static bool make_room(struct lk_pos *pos, bool proven)
{
    if (!proven && pos->unproven >= (pos->config.auths + UNPROVEN_SHARE - 1) / UNPROVEN_SHARE)
        displace(pos);
    if (pos->auth_free == LK_POS_NONE && pos->unproven > 0)
        displace(pos);
    if (pos->auth_free == LK_POS_NONE)
        pos->counters.full++;
    return pos->auth_free != LK_POS_NONE;
}

void lk_pos_words_make(struct lk_pos_words *words, const struct lk_pos *pos,
                       const struct lk_pos_peer *peer, struct lk_span name, struct lk_span nonce_t,
                       uint64_t epoch)
{
    uint8_t where[sizeof epoch + sizeof peer->port];
    struct lk_writer w = lk_writer_of(where, sizeof where);
    const struct lk_span parts[] = { LK_SPAN(where), LK_SPAN(peer->address.octets), nonce_t, name };

    lk_put_be64(&w, epoch);
    lk_put_be16(&w, peer->port);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && nonce_t.len == LK_MIS_NONCE_LEN);
    lk_hmac_sha256(words->octets, LK_SPAN(pos->words_key), parts, LK_COUNT_OF(parts));
}

struct lk_pos_auth *lk_pos_auth_add(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                    struct lk_span name, const struct lk_pos_words *words)
{
    bool proven = peer->way != LK_POS_UDP;
    const uint8_t *tid = words->octets + LK_POS_TID_AT;
    struct lk_pos_auth *auth;

    if (source_is_full(pos, peer)) {
        pos->counters.source_full++;
        return NULL;
    }
    if (!make_room(pos, proven))
        return NULL;
    auth = &pos->auth[pos->auth_free];
    pos->auth_free = auth->next;
    memset(auth, 0, sizeof *auth);
    auth->used = true;
    auth->proven = proven;
    auth->peer = *peer;
    LK_ASSERT(lk_mis_name_set(&auth->name, name));
    auth->machine_due_ms = LK_DUE_NEVER;
    auth->end_ms = pos->now_ms + pos->config.auth.deadline_ms + LK_MIS_TRANSACTION_MS;
    LK_ASSERT(lk_mis_pos_auth_init(&auth->machine, name) == LK_OK);
    lk_pos_leg_init(&auth->leg, place_of(pos, auth));
    auth->words = *words;
    lk_mis_exchange_init(&auth->x, auth->transaction, LK_POS_AUTH_TRANSACTIONS,
                         lk_pos_is_udp(peer), (uint16_t)(tid[0] << 8 | tid[1]));
    auth->x.first_ms = pos->config.first_ms;
    lk_index_put(&pos->by_peer, place_of(pos, auth), lk_pos_hash(pos, name));
    lk_index_put(&pos->by_source, place_of(pos, auth), lk_pos_hash(pos, source_of(peer)));
    if (!proven)
        unproven_put(pos, auth);
    pos->auths++;
    return auth;
}

void lk_pos_auth_drop(struct lk_pos *pos, struct lk_pos_auth *auth)
{
    uint32_t place = place_of(pos, auth);

    lk_pos_auth_prove(pos, auth);
    lk_pos_leg_end(pos, &auth->leg);
    lk_index_take(&pos->by_peer, place);
    lk_index_take(&pos->by_source, place);
    lk_due_set(&pos->due, pos->config.mns + place, LK_DUE_NEVER);
    lk_wipe(auth, sizeof *auth);
    auth->next = pos->auth_free;
    pos->auth_free = place;
    pos->auths--;
}

/* Who was to be authenticated over a stream that is gone cannot be reached any more. */
void lk_pos_auths_gone(struct lk_pos *pos, const struct lk_pos_peer *peer)
{
    uint32_t at = lk_index_first(&pos->by_source, lk_pos_hash(pos, source_of(peer)));

    while (at != LK_INDEX_NONE) {
        struct lk_pos_auth *auth = &pos->auth[at];

        at = lk_index_next(&pos->by_source, at);
        if (lk_pos_same_peer(&auth->peer, peer))
            lk_pos_auth_drop(pos, auth);
    }
}

void lk_pos_auth_settle(struct lk_pos *pos, struct lk_pos_auth *auth)
{
    uint64_t at_ms = auth->end_ms, next_ms = lk_mis_exchange_next_ms(&auth->x);

    if (auth->leg.due_ms < at_ms)
        at_ms = auth->leg.due_ms;
    if (auth->machine_due_ms < at_ms)
        at_ms = auth->machine_due_ms;
    if (next_ms < at_ms)
        at_ms = next_ms;
    lk_due_set(&pos->due, pos->config.mns + place_of(pos, auth), at_ms);
}
