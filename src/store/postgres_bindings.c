/* The store in PostgreSQL: the log of mobility bindings, and marks. A batch is one statement. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres_link.h"

enum { COLUMNS = 4, LENGTH_OCTETS = 4 };
enum { LOG_PAGE = 16 }; /* batches of the log in an answer */

/* The four arrays, one behind the other in room. */
static enum lk_status fill(uint8_t *room, size_t cap, const char *values[COLUMNS],
                           int lens[COLUMNS], const struct lk_mark_row *rows,
                           size_t count)
{
    static const uint32_t types[COLUMNS] = { LK_PG_INT8, LK_PG_TEXT, LK_PG_INT8, LK_PG_BYTEA };
    struct lk_writer w = lk_writer_of(room, cap);

    for (int column = 0; column < COLUMNS; column++) {
        size_t from = w.len;

        lk_postgres_array(&w, types[column], count);
        for (size_t i = 0; i < count; i++)
            switch (column) {
            case 0:
            case 2:
                lk_put_be32(&w, sizeof(int64_t));
                lk_put_be64(&w, (uint64_t)(column == 0 ? rows[i].key : rows[i].epoch));
                break;
            case 1:
                lk_put_be32(&w, (uint32_t)strlen(rows[i].service));
                lk_put_span(&w, lk_span_text(rows[i].service));
                break;
            default:
                lk_put_be32(&w, rows[i].len);
                lk_put_octets(&w, rows[i].octets, rows[i].len);
            }
        values[column] = (const char *)room + from;
        lens[column] = (int)(w.len - from);
    }
    return lk_writer_end(&w);
}

enum lk_status lk_postgres_put_marks(struct lk_store *store, const struct lk_mark_row *rows,
                                     size_t count)
{
    size_t cap = COLUMNS * LK_PG_ARRAY_HEAD +
                 count * (COLUMNS * LENGTH_OCTETS + sizeof(struct lk_mark_row));
    uint8_t *room = malloc(cap);
    const char *values[COLUMNS];
    PGresult *result;
    enum lk_status status = room == NULL ? LK_E_SYSTEM : LK_OK;
    int lens[COLUMNS];

    if (status == LK_OK)
        status = fill(room, cap, values, lens, rows, count);
    if (status == LK_OK)
        status = lk_postgres_execute(lk_postgres_of(store), LK_PG_PUT_MARK, COLUMNS, values, lens,
                                     &result);
    if (status == LK_OK)
        PQclear(result);
    free(room);
    return status;
}

static bool take_row(struct lk_mark_row *row, const PGresult *result, int at)
{
    int service = PQgetlength(result, at, 1), len = PQgetlength(result, at, 3);

    memset(row, 0, sizeof *row);
    if (service < 0 || service > LK_BINDING_SERVICE_MAX || len <= 0 || len > LK_MARK_ROW_MAX)
        return false;
    row->key = lk_postgres_int64(result, at, 0);
    memcpy(row->service, PQgetvalue(result, at, 1), (size_t)service);
    row->epoch = lk_postgres_int64(result, at, 2);
    row->number = lk_postgres_int64(result, at, 4);
    row->len = (uint16_t)len;
    memcpy(row->octets, PQgetvalue(result, at, 3), (size_t)len);
    return true;
}

enum lk_status lk_postgres_page_marks(struct lk_store *store, int64_t after,
                                      struct lk_mark_row *rows, size_t *count)
{
    uint64_t number = htobe64((uint64_t)after);
    uint32_t limit = htonl(LK_STORE_MARKS_BATCH);
    const char *values[] = { (const char *)&number, (const char *)&limit };
    const int lens[] = { sizeof number, sizeof limit };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_PAGE_MARK, 2, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result); at++)
        if (!take_row(&rows[(*count)++], result, at))
            status = lk_store_fail(store, LK_E_STORE, "postgresql: a mark that is too long");
    PQclear(result);
    return status;
}

/* ---- the log of bindings ---- */

/* Writers come one after the other, those of other nodes too. */
enum lk_status lk_postgres_log_newest(struct lk_store *store, int64_t *number, int64_t *writer)
{
    struct lk_postgres *s = lk_postgres_of(store);
    enum lk_status status = lk_postgres_command(s, "SELECT pg_advisory_xact_lock(7311002)");
    PGresult *result;

    *number = *writer = 0;
    if (status == LK_OK)
        status = lk_postgres_execute(s, LK_PG_LOG_NEWEST, 0, NULL, NULL, &result);
    if (status != LK_OK)
        return status;
    if (PQntuples(result) == 1) {
        *number = lk_postgres_int64(result, 0, 0);
        *writer = lk_postgres_int64(result, 0, 1);
    }
    PQclear(result);
    return LK_OK;
}

enum lk_status lk_postgres_log_append(struct lk_store *store, int64_t writer, struct lk_span batch,
                                      int64_t *number)
{
    uint64_t by = htobe64((uint64_t)writer);
    const char *values[] = { (const char *)&by, (const char *)batch.at };
    const int lens[] = { sizeof by, (int)batch.len };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_LOG_APPEND, 2, values, lens, &result);

    if (status != LK_OK)
        return status;
    *number = lk_postgres_int64(result, 0, 0);
    PQclear(result);
    return LK_OK;
}

enum lk_status lk_postgres_log_forget(struct lk_store *store, int64_t before)
{
    uint64_t number = htobe64((uint64_t)before);
    uint32_t limit = htonl(LK_STORE_FORGET);
    const char *values[] = { (const char *)&number, (const char *)&limit };
    const int lens[] = { sizeof number, sizeof limit };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_LOG_FORGET, 2, values, lens, &result);

    if (status == LK_OK)
        PQclear(result);
    return status;
}

/* A page: *before moves on; *count is of its batches, fewer when visit has had enough. */
static enum lk_status read_page(struct lk_store *store, int64_t *before, int *count,
                                bool (*visit)(void *context, struct lk_span batch), void *context)
{
    uint64_t number = htobe64((uint64_t)*before);
    uint32_t limit = htonl(LOG_PAGE);
    const char *values[] = { (const char *)&number, (const char *)&limit };
    const int lens[] = { sizeof number, sizeof limit };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_LOG_READ, 2, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    while (*count < PQntuples(result)) {
        const void *octets = PQgetvalue(result, *count, 1);

        *before = lk_postgres_int64(result, *count, 0);
        if (!visit(context, lk_span_of(octets, (size_t)PQgetlength(result, *count, 1))))
            break;
        (*count)++;
    }
    PQclear(result);
    return LK_OK;
}

enum lk_status lk_postgres_log_read(struct lk_store *store,
                                    bool (*visit)(void *context, struct lk_span batch),
                                    void *context)
{
    int64_t before = INT64_MAX;
    enum lk_status status = LK_OK;
    int count = LOG_PAGE;

    while (status == LK_OK && count == LOG_PAGE)
        status = read_page(store, &before, &count, visit, context);
    return status;
}
