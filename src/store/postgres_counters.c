/* The store in PostgreSQL: the next WT Counter of each KeNB. */
#include <arpa/inet.h>
#include <endian.h>

#include "store/postgres_link.h"

static enum lk_status forget(struct lk_postgres *s, uint64_t before_ms)
{
    uint64_t before = htobe64(before_ms);
    uint32_t most = htonl(LK_STORE_FORGET);
    const char *values[] = { (const char *)&before, (const char *)&most };
    const int lens[] = { sizeof before, sizeof most };
    PGresult *result;
    enum lk_status status = lk_postgres_execute(s, LK_PG_COUNTER_FORGET, 2, values, lens, &result);

    if (status == LK_OK)
        PQclear(result);
    return status;
}

enum lk_status lk_postgres_counter_save(struct lk_store *store,
                                        const struct lk_store_counter *counter)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint64_t next = htobe64(counter->next), at = htobe64(counter->at_ms);
    const char *values[] = { (const char *)counter->print, (const char *)&next,
                             (const char *)&at };
    const int lens[] = { sizeof counter->print, sizeof next, sizeof at };
    PGresult *result;
    enum lk_status status = forget(s, counter->forget_ms);

    if (status == LK_OK)
        status = lk_postgres_execute(s, LK_PG_COUNTER_SAVE, 3, values, lens, &result);
    if (status == LK_OK)
        PQclear(result);
    return status;
}

enum lk_status lk_postgres_counter_read(struct lk_store *store, uint32_t *next,
                                        const uint8_t *print)
{
    const char *values[] = { (const char *)print };
    const int lens[] = { LK_STORE_PRINT_LEN };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_COUNTER_READ, 1, values, lens, &result);

    if (status != LK_OK)
        return status;
    if (PQntuples(result) == 1)
        *next = (uint32_t)lk_postgres_int64(result, 0, 0);
    else
        status = LK_E_NOT_FOUND;
    PQclear(result);
    return status;
}
