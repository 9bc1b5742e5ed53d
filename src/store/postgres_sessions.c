/* The store in PostgreSQL: the keys that subscribers have agreed on. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres_link.h"

enum lk_status lk_postgres_session_keep(struct lk_store *store, const struct lk_session_row *row)
{
    uint32_t kind = htonl(row->kind);
    uint64_t key = htobe64((uint64_t)lk_store_key(&row->imsi));
    uint64_t created = htobe64(row->created_ms), expires = htobe64(row->expires_s);
    const char *values[] = { (const char *)&kind,
                             (const char *)&key,
                             row->identity,
                             row->name,
                             row->alias,
                             (const char *)&created,
                             (const char *)&expires,
                             (const char *)row->sealed };
    const int lens[] = { sizeof kind,    sizeof key,     -1, -1, -1, sizeof created,
                         sizeof expires, row->sealed_len };
    bool one = false;
    enum lk_status status = lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SESSION_KEEP,
                                                    LK_COUNT_OF(values), values, lens, &one);

    if (status != LK_OK || one)
        return status;
    return lk_store_fail(store, LK_E_CONFLICT, "the subscriber has a newer session");
}

static enum lk_status get_session(struct lk_postgres *s, struct lk_session_row *row,
                                  enum lk_session_kind kind, const PGresult *result, int at)
{
    int len = PQgetlength(result, at, 6);

    memset(row, 0, sizeof *row);
    row->kind = kind;
    if (len <= 0 || len > LK_SESSION_SEALED_MAX ||
        lk_store_key_imsi(&row->imsi, lk_postgres_int64(result, at, 0)) != LK_OK)
        return lk_store_fail(&s->store, LK_E_STORE, "postgresql: a session that is none");
    (void)snprintf(row->identity, sizeof row->identity, "%s", PQgetvalue(result, at, 1));
    (void)snprintf(row->name, sizeof row->name, "%s", PQgetvalue(result, at, 2));
    (void)snprintf(row->alias, sizeof row->alias, "%s", PQgetvalue(result, at, 3));
    row->created_ms = (uint64_t)lk_postgres_int64(result, at, 4);
    row->expires_s = (uint64_t)lk_postgres_int64(result, at, 5);
    row->sealed_len = (uint16_t)len;
    memcpy(row->sealed, PQgetvalue(result, at, 6), (size_t)len);
    return LK_OK;
}

/* A name from outside: in PostgreSQL no text holds a zero, or what is not UTF-8. */
static bool is_plain(struct lk_span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < ' ' || name.at[i] > '~')
            return false;
    return true;
}

enum lk_status lk_postgres_session_find(struct lk_store *store, struct lk_session_row *row,
                                        enum lk_session_kind kind, enum lk_session_by by,
                                        struct lk_span name, uint64_t now_s)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint32_t of = htonl(kind);
    uint64_t now = htobe64(now_s);
    const char *values[] = { (const char *)&of, (const char *)name.at, (const char *)&now };
    const int lens[] = { sizeof of, (int)name.len, sizeof now };
    PGresult *result;
    enum lk_status status;

    if (!is_plain(name))
        return LK_E_NOT_FOUND;
    status = lk_postgres_execute(
        s, by == LK_SESSION_BY_ALIAS ? LK_PG_SESSION_BY_ALIAS : LK_PG_SESSION_BY_NAME,
        LK_COUNT_OF(values), values, lens, &result);
    if (status != LK_OK)
        return status;
    status = PQntuples(result) == 1 ? get_session(s, row, kind, result, 0) : LK_E_NOT_FOUND;
    PQclear(result);
    return status;
}

enum lk_status lk_postgres_session_end(struct lk_store *store, enum lk_session_kind kind,
                                       const struct lk_imsi *imsi, uint64_t now_s,
                                       uint64_t until_s)
{
    uint32_t of = htonl(kind);
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    uint64_t now = htobe64(now_s), until = htobe64(until_s);
    const char *values[] = { (const char *)&of, (const char *)&key, (const char *)&now,
                             (const char *)&until };
    const int lens[] = { sizeof of, sizeof key, sizeof now, sizeof until };
    bool one = false;
    enum lk_status status = lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SESSION_END,
                                                    LK_COUNT_OF(values), values, lens, &one);

    if (status != LK_OK || one)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has no session");
}

enum lk_status lk_postgres_session_remove(struct lk_store *store, enum lk_session_kind kind,
                                          const struct lk_imsi *imsi)
{
    uint32_t of = htonl(kind);
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    const char *values[] = { (const char *)&of, (const char *)&key };
    const int lens[] = { sizeof of, sizeof key };
    bool one = false;
    enum lk_status status = lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SESSION_REMOVE,
                                                    LK_COUNT_OF(values), values, lens, &one);

    if (status != LK_OK || one)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has no session");
}

enum lk_status lk_postgres_session_sweep(struct lk_store *store, uint64_t now_s)
{
    uint64_t now = htobe64(now_s);
    uint32_t most = htonl(LK_STORE_BATCH);
    const char *values[] = { (const char *)&now, (const char *)&most };
    const int lens[] = { sizeof now, sizeof most };
    bool one;

    return lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SESSION_SWEEP, LK_COUNT_OF(values),
                                   values, lens, &one);
}

enum lk_status lk_postgres_session_page(struct lk_store *store, enum lk_session_kind kind,
                                        int64_t after, struct lk_session_row *rows, size_t *count)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint32_t of = htonl(kind), limit = htonl(LK_STORE_BATCH);
    uint64_t key = htobe64((uint64_t)after);
    const char *values[] = { (const char *)&of, (const char *)&key, (const char *)&limit };
    const int lens[] = { sizeof of, sizeof key, sizeof limit };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(s, LK_PG_SESSION_PAGE, LK_COUNT_OF(values), values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result) && at < LK_STORE_BATCH; at++)
        status = get_session(s, &rows[(*count)++], kind, result, at);
    PQclear(result);
    return status;
}
