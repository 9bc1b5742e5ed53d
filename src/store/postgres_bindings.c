/* The store in PostgreSQL: mobility bindings and their marks. A batch is one statement. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres_link.h"

enum { COLUMNS = 4, LENGTH_OCTETS = 4 };

/* The four arrays, one behind the other in room. */
static enum lk_status fill(uint8_t *room, size_t cap, const char *values[COLUMNS],
                           int lens[COLUMNS], const struct lk_binding_row *const *rows,
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
                lk_put_be64(&w, (uint64_t)(column == 0 ? rows[i]->key : rows[i]->epoch));
                break;
            case 1:
                lk_put_be32(&w, (uint32_t)strlen(rows[i]->service));
                lk_put_span(&w, lk_span_text(rows[i]->service));
                break;
            default:
                lk_put_be32(&w, rows[i]->len);
                lk_put_octets(&w, rows[i]->octets, rows[i]->len);
            }
        values[column] = (const char *)room + from;
        lens[column] = (int)(w.len - from);
    }
    return lk_writer_end(&w);
}

enum lk_status lk_postgres_put_bindings(struct lk_store *store, enum lk_store_table table,
                                        const struct lk_binding_row *const *rows, size_t count)
{
    size_t cap = COLUMNS * LK_PG_ARRAY_HEAD +
                 count * (COLUMNS * LENGTH_OCTETS + sizeof(struct lk_binding_row));
    uint8_t *room = malloc(cap);
    const char *values[COLUMNS];
    PGresult *result;
    enum lk_status status = room == NULL ? LK_E_SYSTEM : LK_OK;
    int lens[COLUMNS];

    if (status == LK_OK)
        status = fill(room, cap, values, lens, rows, count);
    if (status == LK_OK)
        status = lk_postgres_execute((struct lk_postgres *)(void *)store,
                                     table == LK_STORE_BINDING ? LK_PG_PUT_BINDING
                                                               : LK_PG_PUT_MARK,
                                     COLUMNS, values, lens, &result);
    if (status == LK_OK)
        PQclear(result);
    free(room);
    return status;
}

static bool take_row(struct lk_binding_row *row, const PGresult *result, int at)
{
    int service = PQgetlength(result, at, 1), len = PQgetlength(result, at, 3);

    memset(row, 0, sizeof *row);
    if (service < 0 || service > LK_BINDING_SERVICE_MAX || len <= 0 || len > LK_BINDING_ROW_MAX)
        return false;
    row->key = lk_postgres_int64(result, at, 0);
    memcpy(row->service, PQgetvalue(result, at, 1), (size_t)service);
    row->epoch = lk_postgres_int64(result, at, 2);
    row->len = (uint16_t)len;
    memcpy(row->octets, PQgetvalue(result, at, 3), (size_t)len);
    return true;
}

enum lk_status lk_postgres_page_bindings(struct lk_store *store, enum lk_store_table table,
                                         const struct lk_binding_row *after,
                                         struct lk_binding_row *rows, size_t *count)
{
    uint64_t key = htobe64((uint64_t)after->key), epoch = htobe64((uint64_t)after->epoch);
    uint32_t limit = htonl(LK_STORE_BINDINGS_BATCH);
    const char *values[] = { (const char *)&key, after->service, (const char *)&limit,
                             (const char *)&epoch };
    const int lens[] = { sizeof key, (int)strlen(after->service), sizeof limit, sizeof epoch };
    bool binding = table == LK_STORE_BINDING;
    PGresult *result;
    enum lk_status status = lk_postgres_execute((struct lk_postgres *)(void *)store,
                                                binding ? LK_PG_PAGE_BINDING : LK_PG_PAGE_MARK,
                                                binding ? 3 : 4, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result); at++)
        if (!take_row(&rows[(*count)++], result, at))
            status = lk_store_fail(store, LK_E_STORE, "postgresql: a binding that is too long");
    PQclear(result);
    return status;
}
