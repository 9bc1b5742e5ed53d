/* The store: finds the engine by the URL and hands every call on. */
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backend.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

enum lk_status lk_store_open(struct lk_store **store, const char *url,
                             char error[LK_STORE_ERROR_TEXT])
{
    *store = NULL;
    error[0] = '\0';
    if (begins(url, "sqlite:"))
        return lk_store_sqlite_open(store, url + strlen("sqlite:"), error);
    if (begins(url, "postgresql://") || begins(url, "postgres://") || strchr(url, '=') != NULL)
        return lk_store_postgres_open(store, url, error);
    snprintf(error, LK_STORE_ERROR_TEXT,
             "'%.60s' names no store: sqlite:PATH, or postgresql://USER@HOST/DATABASE", url);
    return LK_E_CONFIG;
}

enum lk_status lk_store_open_existing(struct lk_store **store, const char *url,
                                      char error[LK_STORE_ERROR_TEXT])
{
    const char *path = begins(url, "sqlite:") ? url + strlen("sqlite:") : NULL;

    if (path == NULL || access(path, F_OK) == 0)
        return lk_store_open(store, url, error);
    *store = NULL;
    snprintf(error, LK_STORE_ERROR_TEXT, "sqlite: %.160s is not there: %s", path, strerror(errno));
    return LK_E_STORE;
}

bool lk_store_connects(const char *url)
{
    return !begins(url, "sqlite:");
}

/* SQLite makes its log and the index of it beside the file. */
static void sqlite_paths(const char *path,
                         void (*visit)(void *context, const char *path, bool write), void *context)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    char folder[PATH_MAX] = ".";

    if (len >= sizeof folder)
        return;
    if (len > 0) {
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    visit(context, folder, true);
    visit(context, "/dev/urandom", false);
}

void lk_store_paths(const char *url, void (*visit)(void *context, const char *path, bool write),
                    void *context)
{
    if (lk_store_connects(url))
        lk_store_postgres_paths(url, visit, context);
    else
        sqlite_paths(url + strlen("sqlite:"), visit, context);
}

enum lk_status lk_store_present(struct lk_store *store)
{
    return store->backend->present == NULL ? LK_OK : store->backend->present(store);
}

void lk_store_close(struct lk_store *store)
{
    if (store != NULL)
        store->backend->close(store);
}

const char *lk_store_error(const struct lk_store *store)
{
    return store->error;
}

enum lk_status lk_store_fail(struct lk_store *store, enum lk_status status, const char *format, ...)
{
    va_list arguments;
    char *end;

    va_start(arguments, format);
    vsnprintf(store->error, sizeof store->error, format, arguments);
    va_end(arguments);
    /* Engines end their messages with line ends; ours are one line. */
    for (end = store->error; *end != '\0'; end++)
        if (*end == '\n')
            *end = end[1] == '\0' ? '\0' : ' ';
    return status;
}

int64_t lk_store_key(const struct lk_imsi *imsi)
{
    int64_t key = 1;

    for (size_t i = 0; i < LK_IMSI_MAX_DIGITS && imsi->digits[i] != '\0'; i++)
        key = key * 10 + (imsi->digits[i] - '0');
    return key;
}

enum lk_status lk_store_key_imsi(struct lk_imsi *imsi, int64_t key)
{
    return key < 0 ? LK_E_VALUE : lk_imsi_from_number(imsi, (uint64_t)key);
}

enum lk_status lk_store_rows(struct lk_store *store, const struct lk_imsi *imsis, size_t count,
                             struct lk_sealed_row *rows, bool *found)
{
    LK_ASSERT(count <= LK_STORE_BATCH);
    memset(found, 0, count * sizeof *found);
    return count == 0 ? LK_OK : store->backend->rows(store, imsis, count, rows, found);
}

enum lk_status lk_store_swap_row(struct lk_store *store, const struct lk_imsi *imsi,
                                 const struct lk_sealed_row *old, const struct lk_sealed_row *row)
{
    return store->backend->swap_row(store, imsi, old, row);
}

enum lk_status lk_store_add_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                 const struct lk_sealed_row *rows, size_t count, bool replace,
                                 bool *there)
{
    LK_ASSERT(count <= LK_STORE_ADD_BATCH);
    memset(there, 0, count * sizeof *there);
    if (count == 0)
        return LK_OK;
    return store->backend->add_rows(store, imsis, rows, count, replace, there);
}

enum lk_status lk_store_add(struct lk_store *store, const struct lk_imsi *imsi,
                            const struct lk_sealed_row *row, bool replace)
{
    bool there = false;
    enum lk_status status = lk_store_add_rows(store, imsi, row, 1, replace, &there);

    if (status == LK_OK && there && !replace)
        return lk_store_fail(store, LK_E_EXISTS, "the subscriber is there already");
    return status;
}

enum lk_status lk_store_delete(struct lk_store *store, const struct lk_imsi *imsi)
{
    return store->backend->remove(store, imsi);
}

enum lk_status lk_store_set_akma(struct lk_store *store, const struct lk_imsi *imsi, bool allowed)
{
    return store->backend->set_akma(store, imsi, allowed);
}

enum lk_status lk_store_set_mip(struct lk_store *store, const struct lk_imsi *imsi,
                                uint8_t refused)
{
    return store->backend->set_mip(store, imsi, refused);
}

enum lk_status lk_store_count(struct lk_store *store, uint64_t *count)
{
    return store->backend->count(store, count);
}

enum lk_status lk_store_list(struct lk_store *store, const struct lk_imsi *after,
                             bool (*visit)(void *context, const struct lk_imsi *imsi,
                                           const struct lk_sealed_row *row),
                             void *context)
{
    struct lk_imsi imsis[LK_STORE_BATCH];
    struct lk_sealed_row rows[LK_STORE_BATCH];
    int64_t key = after == NULL ? 0 : lk_store_key(after);
    size_t count = LK_STORE_BATCH;

    while (count == LK_STORE_BATCH) {
        enum lk_status status = store->backend->page(store, key, imsis, rows, &count);

        if (status != LK_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            if (!visit(context, &imsis[i], &rows[i]))
                return LK_OK;
        if (count > 0)
            key = lk_store_key(&imsis[count - 1]);
    }
    return LK_OK;
}

enum lk_status lk_store_begin(struct lk_store *store)
{
    return store->backend->begin(store);
}

enum lk_status lk_store_commit(struct lk_store *store)
{
    return store->backend->commit(store);
}

void lk_store_rollback(struct lk_store *store)
{
    store->backend->rollback(store);
}

enum lk_status lk_store_account(struct lk_store *store, const struct lk_accounting *record)
{
    return store->backend->account(store, record);
}

enum lk_status lk_store_accounts(struct lk_store *store,
                                 bool (*visit)(void *context, const struct lk_accounting *record),
                                 void *context)
{
    struct lk_accounting *records = calloc(LK_STORE_BATCH, sizeof *records);
    enum lk_status status = records == NULL ? LK_E_SYSTEM : LK_OK;
    size_t count = LK_STORE_BATCH;
    int64_t after = 0;

    while (status == LK_OK && count == LK_STORE_BATCH) {
        status = store->backend->accounts(store, &after, records, &count);
        for (size_t i = 0; status == LK_OK && i < count; i++)
            if (!visit(context, &records[i]))
                count = 0;
    }
    free(records);
    return status;
}

enum lk_status lk_store_counter_save(struct lk_store *store, const struct lk_store_counter *counter)
{
    return store->backend->counter_save(store, counter);
}

enum lk_status lk_store_counter_read(struct lk_store *store, uint32_t *next,
                                     const uint8_t print[LK_STORE_PRINT_LEN])
{
    return store->backend->counter_read(store, next, print);
}
