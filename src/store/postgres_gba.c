/* The store in PostgreSQL: what came of bootstrappings of GBA. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres_link.h"

static struct lk_postgres *postgres_of(struct lk_store *store)
{
    return (struct lk_postgres *)(void *)store;
}

/* Whether it changed a row. */
static enum lk_status change(struct lk_postgres *s, enum lk_postgres_statement which, int count,
                             const char *const *values, const int *lens, bool *one)
{
    PGresult *result;
    enum lk_status status = lk_postgres_execute(s, which, count, values, lens, &result);

    if (status != LK_OK)
        return status;
    *one = strcmp(PQcmdTuples(result), "1") == 0;
    PQclear(result);
    return LK_OK;
}

enum lk_status lk_postgres_gba_keep(struct lk_store *store, const struct lk_gba_row *row)
{
    uint64_t key = htobe64((uint64_t)lk_store_key(&row->imsi));
    uint64_t created = htobe64(row->created_s), expires = htobe64(row->expires_s);
    const char *values[] = { (const char *)&key, row->impi, row->b_tid, row->tmpi,
                             (const char *)&created, (const char *)&expires,
                             (const char *)row->sealed };
    const int lens[] = { sizeof key, -1, -1, -1, sizeof created, sizeof expires, row->sealed_len };
    bool one = false;
    enum lk_status status =
        change(postgres_of(store), LK_PG_GBA_KEEP, LK_COUNT_OF(values), values, lens, &one);

    if (status != LK_OK || one)
        return status;
    return lk_store_fail(store, LK_E_CONFLICT, "the subscriber has bootstrapped since");
}

static enum lk_status get_session(struct lk_postgres *s, struct lk_gba_row *row,
                                  const PGresult *result, int at)
{
    int len = PQgetlength(result, at, 6);

    memset(row, 0, sizeof *row);
    if (len <= 0 || len > LK_GBA_ROW_SEALED ||
        lk_store_key_imsi(&row->imsi, lk_postgres_int64(result, at, 0)) != LK_OK)
        return lk_store_fail(&s->store, LK_E_STORE, "postgresql: a session of GBA that is none");
    (void)snprintf(row->impi, sizeof row->impi, "%s", PQgetvalue(result, at, 1));
    (void)snprintf(row->b_tid, sizeof row->b_tid, "%s", PQgetvalue(result, at, 2));
    (void)snprintf(row->tmpi, sizeof row->tmpi, "%s", PQgetvalue(result, at, 3));
    row->created_s = (uint64_t)lk_postgres_int64(result, at, 4);
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

enum lk_status lk_postgres_gba_find(struct lk_store *store, struct lk_gba_row *row,
                                    enum lk_gba_by by, struct lk_span name, uint64_t now_s)
{
    struct lk_postgres *s = postgres_of(store);
    uint64_t now = htobe64(now_s);
    const char *values[] = { (const char *)name.at, (const char *)&now };
    const int lens[] = { (int)name.len, sizeof now };
    PGresult *result;
    enum lk_status status;

    if (!is_plain(name))
        return LK_E_NOT_FOUND;
    status = lk_postgres_execute(
        s, by == LK_GBA_BY_TMPI ? LK_PG_GBA_BY_TMPI : LK_PG_GBA_BY_B_TID, 2, values, lens, &result);
    if (status != LK_OK)
        return status;
    status = PQntuples(result) == 1 ? get_session(s, row, result, 0) : LK_E_NOT_FOUND;
    PQclear(result);
    return status;
}

enum lk_status lk_postgres_gba_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    const char *values[] = { (const char *)&key };
    const int lens[] = { sizeof key };
    bool one = false;
    enum lk_status status =
        change(postgres_of(store), LK_PG_GBA_REMOVE, 1, values, lens, &one);

    if (status != LK_OK || one)
        return status;
    return lk_store_fail(store, LK_E_NOT_FOUND, "the subscriber has not bootstrapped");
}

enum lk_status lk_postgres_gba_sweep(struct lk_store *store, uint64_t now_s)
{
    uint64_t now = htobe64(now_s);
    uint32_t most = htonl(LK_STORE_BATCH);
    const char *values[] = { (const char *)&now, (const char *)&most };
    const int lens[] = { sizeof now, sizeof most };
    bool one;

    return change(postgres_of(store), LK_PG_GBA_SWEEP, 2, values, lens, &one);
}

enum lk_status lk_postgres_gba_page(struct lk_store *store, int64_t after, struct lk_gba_row *rows,
                                    size_t *count)
{
    struct lk_postgres *s = postgres_of(store);
    uint64_t key = htobe64((uint64_t)after);
    uint32_t limit = htonl(LK_STORE_BATCH);
    const char *values[] = { (const char *)&key, (const char *)&limit };
    const int lens[] = { sizeof key, sizeof limit };
    PGresult *result;
    enum lk_status status = lk_postgres_execute(s, LK_PG_GBA_PAGE, 2, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result) && at < LK_STORE_BATCH; at++)
        status = get_session(s, &rows[(*count)++], result, at);
    PQclear(result);
    return status;
}
