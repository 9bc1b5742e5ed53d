#include "role/open_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "node/accounting.h"

enum { FIRST_CAP = 256 };

static size_t hash_of(const struct lk_accounting *record)
{
    uint64_t client = lk_hash(0, LK_HASH_FACTOR, lk_span_text(record->client));

    return (size_t)lk_hash(client, LK_HASH_FACTOR, lk_span_text(record->session));
}

static bool same_session(const struct lk_accounting *a, const struct lk_accounting *b)
{
    return strcmp(a->session, b->session) == 0 && strcmp(a->client, b->client) == 0;
}

/* Its bucket, or the free one where it belongs. Ended ones keep their place, with kind 0. */
static uint32_t *bucket_of(const struct lk_open_sessions *sessions,
                           const struct lk_accounting *record)
{
    size_t at = hash_of(record) & (sessions->buckets - 1);

    while (sessions->bucket[at] != 0 &&
           !same_session(&sessions->item[sessions->bucket[at] - 1], record))
        at = (at + 1) & (sessions->buckets - 1);
    return &sessions->bucket[at];
}

/* Room for twice those that are open, a power of two, and without those that have ended. */
static bool grow(struct lk_open_sessions *sessions)
{
    size_t cap = FIRST_CAP, open = 0;
    struct lk_accounting *item;
    uint32_t *bucket;
    struct lk_open_sessions next;

    for (size_t i = 0; i < sessions->count; i++)
        open += sessions->item[i].kind != 0;
    while (cap < 2 * open)
        cap *= 2;
    item = calloc(cap, sizeof *item);
    bucket = calloc(2 * cap, sizeof *bucket);
    next = (struct lk_open_sessions){ item, 0, cap, bucket, 2 * cap, false };

    if (item == NULL || bucket == NULL) {
        free(item);
        free(bucket);
        sessions->failed = true;
        return false;
    }
    for (size_t i = 0; i < sessions->count; i++) {
        if (sessions->item[i].kind == 0)
            continue;
        next.item[next.count] = sessions->item[i];
        *bucket_of(&next, &next.item[next.count]) = (uint32_t)next.count + 1;
        next.count++;
    }
    free(sessions->item);
    free(sessions->bucket);
    *sessions = next;
    return true;
}

/* Behind a proxy there are many access points: one that says who it is means itself. What was said
 * later than that is of another time. */
static void end_all_of(struct lk_open_sessions *sessions, const struct lk_accounting *record)
{
    for (size_t i = 0; i < sessions->count; i++)
        if (strcmp(sessions->item[i].client, record->client) == 0 &&
            sessions->item[i].at_ms <= record->at_ms &&
            (record->called[0] == '\0' ||
             strcmp(sessions->item[i].called, record->called) == 0))
            sessions->item[i].kind = 0;
}

/* spec: RFC 2866 5.1 - start and interim say that it is there, stop that it is over, on and off
 * that the access point has none. */
void lk_open_sessions_take(struct lk_open_sessions *sessions, const struct lk_accounting *record)
{
    uint32_t *bucket;

    if (record->kind == LK_ACCT_ON || record->kind == LK_ACCT_OFF) {
        end_all_of(sessions, record);
        return;
    }
    if (sessions->failed || (sessions->count == sessions->cap && !grow(sessions)))
        return;
    bucket = bucket_of(sessions, record);
    if (record->kind == LK_ACCT_STOP) {
        if (*bucket != 0)
            sessions->item[*bucket - 1].kind = 0;
        return;
    }
    if (*bucket == 0) {
        sessions->item[sessions->count] = *record;
        *bucket = (uint32_t)++sessions->count;
    } else {
        sessions->item[*bucket - 1] = *record;
    }
}

static bool visit(void *context, const struct lk_accounting *record)
{
    struct lk_open_sessions *sessions = context;

    lk_open_sessions_take(sessions, record);
    return !sessions->failed;
}

enum lk_status lk_open_sessions_read(struct lk_open_sessions *sessions, struct lk_store *store)
{
    enum lk_status status;
    size_t open = 0;

    memset(sessions, 0, sizeof *sessions);
    status = lk_store_accounts(store, visit, sessions);
    for (size_t i = 0; i < sessions->count; i++)
        if (sessions->item[i].kind != 0)
            sessions->item[open++] = sessions->item[i];
    sessions->count = open;
    return sessions->failed ? LK_E_SYSTEM : status;
}

void lk_open_sessions_free(struct lk_open_sessions *sessions)
{
    free(sessions->item);
    free(sessions->bucket);
    memset(sessions, 0, sizeof *sessions);
}
