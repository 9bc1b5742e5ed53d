/* Mobility bindings: records as batches of a log, marks as rows, for the engines. */
#include "store/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "store/backend.h"
#include "store/binding_record.h"

enum { MARK_FORM = 1 };
enum { AHEAD = 16 }; /* records that wait for what is looked at of them */

/* ---- marks as rows ---- */

static void pack_mark(struct lk_writer *w, const struct lk_binding_mark *m)
{
    lk_put_u8(w, MARK_FORM);
    lk_put_lv8(w, lk_span_text(m->mag));
    lk_put_be64(w, m->since_ms);
    lk_put_be64(w, m->until_ms);
    lk_put_be64(w, m->up_octets);
    lk_put_be64(w, m->down_octets);
}

static enum lk_status unpack_mark(struct lk_binding_mark *m, const struct lk_mark_row *row)
{
    struct lk_reader r = lk_reader_of(lk_span_of(row->octets, row->len));
    uint8_t form = lk_get_u8(&r);

    memset(m, 0, sizeof *m);
    memcpy(m->service, row->service, sizeof m->service);
    m->epoch = (uint64_t)row->epoch;
    lk_record_get_name(&r, m->mag, sizeof m->mag);
    m->since_ms = lk_get_be64(&r);
    m->until_ms = lk_get_be64(&r);
    m->up_octets = lk_get_be64(&r);
    m->down_octets = lk_get_be64(&r);
    if (form != MARK_FORM || lk_reader_end(&r) != LK_OK)
        return LK_E_STORE;
    return lk_store_key_imsi(&m->imsi, row->key) == LK_OK ? LK_OK : LK_E_STORE;
}

/* ---- writing ---- */

/* The newest record comes first, as the newest batch does. */
static enum lk_status append(struct lk_store *store, int64_t *number, uint64_t writer,
                             const struct lk_binding_record *records, size_t count)
{
    size_t cap = 1 + count * LK_RECORD_MAX;
    uint8_t *room = malloc(cap);
    struct lk_writer w = lk_writer_of(room, cap);
    enum lk_status status;

    if (room == NULL)
        return LK_E_SYSTEM;
    lk_put_u8(&w, LK_RECORDS);
    for (size_t i = count; i > 0; i--)
        lk_record_pack(&w, &records[i - 1], i < count ? &records[i] : NULL);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    status = store->backend->log_append(store, (int64_t)writer, lk_writer_span(&w), number);
    free(room);
    return status;
}

static enum lk_status write_marks(struct lk_store *store, const struct lk_binding_mark *marks,
                                  size_t count)
{
    struct lk_mark_row *rows = calloc(count, sizeof *rows);
    enum lk_status status;

    if (rows == NULL)
        return LK_E_SYSTEM;
    for (size_t i = 0; i < count; i++) {
        struct lk_mark_row *row = &rows[i];
        struct lk_writer w = lk_writer_of(row->octets, sizeof row->octets);

        row->key = lk_store_key(&marks[i].imsi);
        memcpy(row->service, marks[i].service, sizeof row->service);
        row->epoch = (int64_t)marks[i].epoch;
        pack_mark(&w, &marks[i]);
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        row->len = (uint16_t)w.len;
    }
    status = store->backend->put_marks(store, rows, count);
    free(rows);
    return status;
}

/* number: the newest batch, which is the one that was told last, or one more. */
static enum lk_status still_ours(struct lk_store *store, int64_t *number,
                                 const struct lk_bindings_log *log)
{
    int64_t writer;
    enum lk_status status = store->backend->log_newest(store, number, &writer);

    if (status == LK_OK && writer != (int64_t)log->writer)
        return lk_store_fail(store, LK_E_CONFLICT, "another anchor has taken the bindings over");
    return status;
}

/* Closes a transaction that has got so far. */
static enum lk_status end(struct lk_store *store, enum lk_status status)
{
    if (status == LK_OK)
        status = lk_store_commit(store);
    if (status != LK_OK)
        lk_store_rollback(store);
    return status;
}

enum lk_status lk_store_bindings_begin(struct lk_store *store, struct lk_bindings_log *log)
{
    enum lk_status status = lk_store_begin(store);
    int64_t number, before;

    if (status != LK_OK)
        return status;
    status = store->backend->log_newest(store, &number, &before);
    if (status == LK_OK)
        status = append(store, &log->newest, log->writer, NULL, 0);
    log->from = 0;
    return end(store, status);
}

enum lk_status lk_store_bindings_write(struct lk_store *store, struct lk_bindings_log *log,
                                       const struct lk_binding_record *records, size_t count,
                                       const struct lk_binding_mark *marks, size_t mark_count)
{
    bool written = false;
    enum lk_status status;
    int64_t number;

    LK_ASSERT(count <= LK_STORE_BINDINGS_BATCH && mark_count <= LK_STORE_MARKS_BATCH);
    if (count == 0 && mark_count == 0)
        return LK_OK;
    status = lk_store_begin(store);
    if (status != LK_OK)
        return status;
    status = still_ours(store, &number, log);
    if (status == LK_OK)
        written = number != log->newest;
    if (status == LK_OK && !written)
        status = append(store, &number, log->writer, records, count);
    if (status == LK_OK && !written && mark_count > 0)
        status = write_marks(store, marks, mark_count);
    if (status == LK_OK && log->from > 0)
        status = store->backend->log_forget(store, log->from);
    status = end(store, status);
    if (status == LK_OK)
        log->newest = number;
    return status;
}

/* ---- reading ---- */

struct reading {
    const struct lk_bindings_loading *by;
    enum lk_status status;
};

/* What of a binding is older than what was seen is of no effect: a third of a log, and more. */
static bool read_unread(struct reading *reading, const struct lk_record_unread *unread)
{
    const struct lk_bindings_loading *by = reading->by;
    struct lk_binding_record record;

    if (by->known != NULL && by->known(by->context, unread->key, unread->service))
        return true;
    reading->status = lk_record_unpack(&record, unread);
    return reading->status == LK_OK && by->visit(by->context, &record);
}

static void tell_soon(const struct lk_bindings_loading *by, const struct lk_record_unread *record,
                      unsigned how_soon)
{
    if (by->soon != NULL)
        by->soon(by->context, record->key, record->service, how_soon);
}

/* A record waits in a ring until what is looked at of its binding has come near. */
static bool read_records(struct reading *reading, struct lk_reader *r)
{
    const struct lk_bindings_loading *by = reading->by;
    struct lk_span service = lk_span_of(NULL, 0);
    struct lk_record_unread ahead[AHEAD];
    size_t came = 0, near = 0, done = 0;

    while (r->left > 0 || done < came) {
        if (r->left > 0) {
            reading->status = lk_record_get(&ahead[came % AHEAD], r, service);
            if (reading->status != LK_OK)
                return false;
            service = ahead[came % AHEAD].service;
            tell_soon(by, &ahead[came++ % AHEAD], 2);
        }
        if (near < came && (came - near > AHEAD / 2 || r->left == 0))
            tell_soon(by, &ahead[near++ % AHEAD], 1);
        if ((came - done == AHEAD || r->left == 0) &&
            !read_unread(reading, &ahead[done++ % AHEAD]))
            return false;
    }
    return true;
}

static bool read_batch(void *context, struct lk_span batch)
{
    struct reading *reading = context;
    struct lk_reader r = lk_reader_of(batch);
    uint8_t form = lk_get_u8(&r);
    bool more = true;

    if (form == LK_RECORDS)
        return read_records(reading, &r);
    if (form != LK_RECORDS_FULL && form != LK_RECORDS_PMIP)
        reading->status = LK_E_STORE;
    while (reading->status == LK_OK && more && r.left > 0) {
        struct lk_binding_record record;

        reading->status = lk_record_unpack_old(&record, &r, form);
        if (reading->status == LK_OK)
            more = reading->by->visit(reading->by->context, &record);
    }
    return reading->status == LK_OK && more;
}

enum lk_status lk_store_bindings_load_far(struct lk_store *store,
                                          const struct lk_bindings_loading *loading)
{
    struct reading reading = { .by = loading, .status = LK_OK };
    enum lk_status status = store->backend->log_read(store, read_batch, &reading);

    if (status == LK_OK && reading.status != LK_OK)
        return lk_store_fail(store, LK_E_STORE, "a binding that cannot be read");
    return status;
}

enum lk_status
lk_store_bindings_load(struct lk_store *store,
                       bool (*visit)(void *context, const struct lk_binding_record *record),
                       void *context)
{
    const struct lk_bindings_loading near = { .visit = visit, .context = context };

    return lk_store_bindings_load_far(store, &near);
}

enum lk_status lk_store_marks_load(struct lk_store *store,
                                   bool (*visit)(void *context, const struct lk_binding_mark *mark),
                                   void *context)
{
    struct lk_mark_row *rows = calloc(LK_STORE_MARKS_BATCH, sizeof *rows);
    int64_t after = 0;
    enum lk_status status = rows == NULL ? LK_E_SYSTEM : LK_OK;
    size_t count = LK_STORE_MARKS_BATCH;
    bool more = true;

    while (status == LK_OK && more && count == LK_STORE_MARKS_BATCH) {
        status = store->backend->page_marks(store, after, rows, &count);
        for (size_t i = 0; status == LK_OK && more && i < count; i++) {
            struct lk_binding_mark mark;

            status = unpack_mark(&mark, &rows[i]);
            if (status == LK_OK)
                more = visit(context, &mark);
            else
                status = lk_store_fail(store, LK_E_STORE, "a mark that cannot be read");
        }
        if (status == LK_OK && count > 0)
            after = rows[count - 1].number;
    }
    free(rows);
    return status;
}
