#include "naf/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/secret.h"

#define NONE LK_INDEX_NONE

bool lk_naf_keys_begin(struct lk_naf_keys *keys, uint32_t max, const uint64_t random[2])
{
    *keys = (struct lk_naf_keys){ .max = max, .oldest = NONE, .newest = NONE,
                                  .start = random[0], .factor = random[1] };
    keys->entry = calloc(max, sizeof *keys->entry);
    keys->index_memory = calloc(1, lk_index_size(max));
    keys->stranger = calloc(LK_NAF_STRANGERS, sizeof *keys->stranger);
    if (keys->entry == NULL || keys->index_memory == NULL || keys->stranger == NULL)
        return false;
    lk_index_in(&keys->index, keys->index_memory, max);
    return true;
}

void lk_naf_keys_end(struct lk_naf_keys *keys)
{
    if (keys->entry != NULL)
        lk_wipe(keys->entry, keys->count * sizeof *keys->entry);
    free(keys->entry);
    free(keys->index_memory);
    free(keys->stranger);
}

static uint64_t hash_of(const struct lk_naf_keys *keys, const struct lk_naf_question *question)
{
    return lk_hash(lk_hash(keys->start, keys->factor, LK_SPAN(question->ua)), keys->factor,
                   lk_span_text(question->b_tid));
}

/* ---- the order of use ---- */

static void unlink_it(struct lk_naf_keys *keys, uint32_t i)
{
    const struct lk_naf_entry *entry = &keys->entry[i];

    *(entry->older == NONE ? &keys->oldest : &keys->entry[entry->older].newer) = entry->newer;
    *(entry->newer == NONE ? &keys->newest : &keys->entry[entry->newer].older) = entry->older;
}

static void link_newest(struct lk_naf_keys *keys, uint32_t i)
{
    keys->entry[i].older = keys->newest;
    keys->entry[i].newer = NONE;
    *(keys->newest == NONE ? &keys->oldest : &keys->entry[keys->newest].newer) = i;
    keys->newest = i;
}

/* ---- entries ---- */

static uint32_t number_of(const struct lk_naf_keys *keys, const struct lk_naf_question *question)
{
    uint32_t i = lk_index_first(&keys->index, hash_of(keys, question));

    while (i != NONE && (strcmp(keys->entry[i].of.b_tid, question->b_tid) != 0 ||
                         !lk_span_equal(LK_SPAN(keys->entry[i].of.ua),
                                         LK_SPAN(question->ua))))
        i = lk_index_next(&keys->index, i);
    return i;
}

/* The last one moves into its place. What its user has asked with may be asked with again by
 * nobody: so no nonce as old as that is taken from whoever comes into the table next. */
static void drop(struct lk_naf_keys *keys, uint32_t i)
{
    const uint64_t seen_ms = lk_ua_newest_ms(&keys->entry[i].seen);
    const uint32_t last = --keys->count;

    if (seen_ms > keys->forgotten_ms)
        keys->forgotten_ms = seen_ms;
    unlink_it(keys, i);
    lk_index_take(&keys->index, i);
    if (i != last) {
        struct lk_naf_entry *entry = &keys->entry[i];

        lk_index_take(&keys->index, last);
        *entry = keys->entry[last];
        *(entry->older == NONE ? &keys->oldest : &keys->entry[entry->older].newer) = i;
        *(entry->newer == NONE ? &keys->newest : &keys->entry[entry->newer].older) = i;
        lk_index_put(&keys->index, i, hash_of(keys, &entry->of));
    }
    lk_wipe(&keys->entry[last], sizeof keys->entry[last]);
}

struct lk_naf_entry *lk_naf_keys_find(struct lk_naf_keys *keys,
                                      const struct lk_naf_question *question, uint64_t now_s)
{
    uint32_t i = number_of(keys, question);

    if (i == NONE)
        return NULL;
    if (keys->entry[i].user.expires_s <= now_s) {
        drop(keys, i);
        return NULL;
    }
    unlink_it(keys, i);
    link_newest(keys, i);
    return &keys->entry[i];
}

void lk_naf_keys_sweep(struct lk_naf_keys *keys, uint64_t now_s, uint32_t most)
{
    for (; most > 0 && keys->count > 0; most--) {
        if (keys->next >= keys->count)
            keys->next = 0;
        if (keys->entry[keys->next].user.expires_s <= now_s)
            drop(keys, keys->next);
        else
            keys->next++;
    }
}

struct lk_naf_entry *lk_naf_keys_add(struct lk_naf_keys *keys,
                                     const struct lk_naf_question *question)
{
    uint32_t i = number_of(keys, question);

    if (i != NONE)
        return &keys->entry[i];
    if (keys->count == keys->max)
        drop(keys, keys->oldest);
    i = keys->count++;
    keys->entry[i].of = *question;
    keys->entry[i].seen.floor_ms = keys->forgotten_ms;
    lk_index_put(&keys->index, i, hash_of(keys, question));
    link_newest(keys, i);
    return &keys->entry[i];
}

void lk_naf_keys_forget(struct lk_naf_keys *keys, const char *b_tid)
{
    for (uint32_t i = keys->count; i-- > 0;)
        if (strcmp(keys->entry[i].of.b_tid, b_tid) == 0)
            drop(keys, i);
}

/* ---- strangers ---- */

static struct lk_naf_stranger *place_of(const struct lk_naf_keys *keys, uint64_t hash)
{
    return &keys->stranger[hash % LK_NAF_STRANGERS];
}

void lk_naf_stranger_add(struct lk_naf_keys *keys, const struct lk_naf_question *question,
                         enum lk_reason why, uint64_t now_ms)
{
    const uint64_t hash = hash_of(keys, question);

    *place_of(keys, hash) = (struct lk_naf_stranger){ hash, now_ms + LK_NAF_STRANGER_MS, why };
}

enum lk_reason lk_naf_stranger_why(const struct lk_naf_keys *keys,
                                   const struct lk_naf_question *question, uint64_t now_ms)
{
    const uint64_t hash = hash_of(keys, question);
    const struct lk_naf_stranger *place = place_of(keys, hash);

    return place->hash == hash && place->until_ms > now_ms ? place->why : LK_REASON_NONE;
}
