/* Mobility bindings: records as rows, and batches of them for the engines. */
#include "store/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

/* The first octet of a row: rows of another form are told apart. */
enum { FORM = 1 };

/* ---- records as rows ---- */

static void put_name(struct lk_writer *w, const char name[LK_BINDING_NAME_MAX + 1])
{
    lk_put_lv8(w, lk_span_text(name));
}

static void get_name(struct lk_reader *r, char name[LK_BINDING_NAME_MAX + 1])
{
    struct lk_span text = lk_get_lv8(r);

    memset(name, 0, LK_BINDING_NAME_MAX + 1);
    if (text.len > LK_BINDING_NAME_MAX)
        lk_reader_fail(r, LK_E_LENGTH);
    else if (text.len > 0)
        memcpy(name, text.at, text.len);
}

static void pack_record(struct lk_writer *w, const struct lk_binding_record *b)
{
    lk_put_u8(w, FORM);
    lk_put_u8(w, b->protocol);
    lk_put_u8(w, b->state);
    lk_put_u8(w, b->handoff);
    lk_put_u8(w, b->access);
    lk_put_u8(w, (uint8_t)(b->released << 2 | b->has_prefix << 1 | b->has_ipv4));
    lk_put_octets(w, b->prefix.address.octets, LK_ADDRESS_LEN);
    lk_put_u8(w, b->prefix.bits);
    lk_put_octets(w, b->ipv4, sizeof b->ipv4);
    put_name(w, b->mag);
    put_name(w, b->answered);
    lk_put_be16(w, b->sequence);
    lk_put_be16(w, b->lifetime);
    lk_put_be64(w, b->timestamp);
    lk_put_be64(w, b->attach_ms);
    lk_put_be64(w, b->digest);
    lk_put_be64(w, b->expires_ms);
    lk_put_be64(w, b->due_ms);
    lk_put_be64(w, b->since_ms);
    lk_put_be64(w, b->up_octets);
    lk_put_be64(w, b->down_octets);
}

static enum lk_status unpack_record(struct lk_binding_record *b, const struct lk_binding_row *row)
{
    struct lk_reader r = lk_reader_of(lk_span_of(row->octets, row->len));
    uint8_t form = lk_get_u8(&r), flags;

    memset(b, 0, sizeof *b);
    memcpy(b->service, row->service, sizeof b->service);
    b->epoch = (uint64_t)row->epoch;
    b->protocol = lk_get_u8(&r);
    b->state = lk_get_u8(&r);
    b->handoff = lk_get_u8(&r);
    b->access = lk_get_u8(&r);
    flags = lk_get_u8(&r);
    b->released = (flags & 4) != 0;
    b->has_prefix = (flags & 2) != 0;
    b->has_ipv4 = (flags & 1) != 0;
    lk_get_copy(&r, b->prefix.address.octets, LK_ADDRESS_LEN);
    b->prefix.bits = lk_get_u8(&r);
    lk_get_copy(&r, b->ipv4, sizeof b->ipv4);
    get_name(&r, b->mag);
    get_name(&r, b->answered);
    b->sequence = lk_get_be16(&r);
    b->lifetime = lk_get_be16(&r);
    b->timestamp = lk_get_be64(&r);
    b->attach_ms = lk_get_be64(&r);
    b->digest = lk_get_be64(&r);
    b->expires_ms = lk_get_be64(&r);
    b->due_ms = lk_get_be64(&r);
    b->since_ms = lk_get_be64(&r);
    b->up_octets = lk_get_be64(&r);
    b->down_octets = lk_get_be64(&r);
    if (form != FORM || b->prefix.bits > LK_ADDRESS_BITS || flags > 7)
        lk_reader_fail(&r, LK_E_VALUE);
    if (lk_reader_end(&r) != LK_OK)
        return LK_E_STORE;
    return lk_store_key_imsi(&b->imsi, row->key) == LK_OK ? LK_OK : LK_E_STORE;
}

static void pack_mark(struct lk_writer *w, const struct lk_binding_mark *m)
{
    lk_put_u8(w, FORM);
    put_name(w, m->mag);
    lk_put_be64(w, m->since_ms);
    lk_put_be64(w, m->until_ms);
    lk_put_be64(w, m->up_octets);
    lk_put_be64(w, m->down_octets);
}

static enum lk_status unpack_mark(struct lk_binding_mark *m, const struct lk_binding_row *row)
{
    struct lk_reader r = lk_reader_of(lk_span_of(row->octets, row->len));
    uint8_t form = lk_get_u8(&r);

    memset(m, 0, sizeof *m);
    memcpy(m->service, row->service, sizeof m->service);
    m->epoch = (uint64_t)row->epoch;
    get_name(&r, m->mag);
    m->since_ms = lk_get_be64(&r);
    m->until_ms = lk_get_be64(&r);
    m->up_octets = lk_get_be64(&r);
    m->down_octets = lk_get_be64(&r);
    if (form != FORM || lk_reader_end(&r) != LK_OK)
        return LK_E_STORE;
    return lk_store_key_imsi(&m->imsi, row->key) == LK_OK ? LK_OK : LK_E_STORE;
}

/* ---- batches ---- */

/* Rows made of records, and which of them are to be written. */
struct batch {
    size_t count;
    const struct lk_binding_row *chosen[LK_STORE_BINDINGS_BATCH];
    struct lk_binding_row row[LK_STORE_BINDINGS_BATCH];
};

static struct lk_binding_row *start_row(struct batch *b, size_t index, const struct lk_imsi *imsi,
                                        const char *service, uint64_t epoch)
{
    struct lk_binding_row *row = &b->row[index];

    row->key = lk_store_key(imsi);
    memcpy(row->service, service, sizeof row->service);
    row->epoch = (int64_t)epoch;
    return row;
}

static bool same_key(const struct lk_binding_row *a, const struct lk_binding_row *b)
{
    return a->key == b->key && strcmp(a->service, b->service) == 0;
}

/* An engine takes no two rows of one key in a statement: the last one counts. */
static void choose_last(struct batch *b, size_t count)
{
    enum { SLOTS = LK_STORE_BINDINGS_BATCH * 2 };
    uint16_t slot[SLOTS] = { 0 }; /* an index, plus one */

    b->count = 0;
    for (size_t i = count; i > 0; i--) {
        struct lk_binding_row *row = &b->row[i - 1];
        size_t at = (size_t)((uint64_t)row->key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SLOTS;

        while (slot[at] != 0 && !same_key(&b->row[slot[at] - 1], row))
            at = (at + 1) % SLOTS;
        if (slot[at] != 0)
            continue;
        slot[at] = (uint16_t)i;
        b->chosen[b->count++] = row;
    }
}

static enum lk_status write_records(struct lk_store *store, struct batch *b,
                                    const struct lk_binding_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_binding_row *row =
            start_row(b, i, &records[i].imsi, records[i].service, records[i].epoch);
        struct lk_writer w = lk_writer_of(row->octets, sizeof row->octets);

        pack_record(&w, &records[i]);
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        row->len = (uint16_t)w.len;
    }
    choose_last(b, count);
    return count == 0 ? LK_OK
                      : store->backend->put_bindings(store, LK_STORE_BINDING, b->chosen, b->count);
}

static enum lk_status write_marks(struct lk_store *store, struct batch *b,
                                  const struct lk_binding_mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_binding_row *row =
            start_row(b, i, &marks[i].imsi, marks[i].service, marks[i].epoch);
        struct lk_writer w = lk_writer_of(row->octets, sizeof row->octets);

        pack_mark(&w, &marks[i]);
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        row->len = (uint16_t)w.len;
        b->chosen[i] = row;
    }
    return count == 0 ? LK_OK
                      : store->backend->put_bindings(store, LK_STORE_MARK, b->chosen, count);
}

enum lk_status lk_store_bindings_write(struct lk_store *store,
                                       const struct lk_binding_record *records, size_t count,
                                       const struct lk_binding_mark *marks, size_t mark_count)
{
    struct batch *batch;
    enum lk_status status;

    LK_ASSERT(count <= LK_STORE_BINDINGS_BATCH && mark_count <= LK_STORE_BINDINGS_BATCH);
    if (count == 0 && mark_count == 0)
        return LK_OK;
    batch = malloc(sizeof *batch);
    if (batch == NULL)
        return LK_E_SYSTEM;
    status = lk_store_begin(store);
    if (status == LK_OK) {
        status = write_records(store, batch, records, count);
        if (status == LK_OK)
            status = write_marks(store, batch, marks, mark_count);
        if (status == LK_OK)
            status = lk_store_commit(store);
        if (status != LK_OK)
            lk_store_rollback(store);
    }
    free(batch);
    return status;
}

/* ---- reading ---- */

struct pages {
    bool (*record)(void *context, const struct lk_binding_record *record);
    bool (*mark)(void *context, const struct lk_binding_mark *mark);
    void *context;
};

/* False when it was enough. */
static enum lk_status tell(const struct pages *p, struct lk_store *store,
                           const struct lk_binding_row *row, bool *more)
{
    struct lk_binding_record record;
    struct lk_binding_mark mark;
    enum lk_status status =
        p->record != NULL ? unpack_record(&record, row) : unpack_mark(&mark, row);

    if (status != LK_OK)
        return lk_store_fail(store, LK_E_STORE, "a binding that cannot be read");
    *more = p->record != NULL ? p->record(p->context, &record) : p->mark(p->context, &mark);
    return LK_OK;
}

static enum lk_status page_through(struct lk_store *store, const struct pages *p)
{
    struct lk_binding_row *rows = calloc(LK_STORE_BINDINGS_BATCH, sizeof *rows);
    enum lk_store_table table = p->record != NULL ? LK_STORE_BINDING : LK_STORE_MARK;
    struct lk_binding_row after = { .key = 0 };
    enum lk_status status = rows == NULL ? LK_E_SYSTEM : LK_OK;
    size_t count = LK_STORE_BINDINGS_BATCH;
    bool more = true;

    while (status == LK_OK && more && count == LK_STORE_BINDINGS_BATCH) {
        status = store->backend->page_bindings(store, table, &after, rows, &count);
        for (size_t i = 0; status == LK_OK && more && i < count; i++)
            status = tell(p, store, &rows[i], &more);
        if (status == LK_OK && count > 0)
            after = rows[count - 1];
    }
    free(rows);
    return status;
}

enum lk_status
lk_store_bindings_load(struct lk_store *store,
                       bool (*visit)(void *context, const struct lk_binding_record *record),
                       void *context)
{
    struct pages pages = { .record = visit, .context = context };

    return page_through(store, &pages);
}

enum lk_status lk_store_marks_load(struct lk_store *store,
                                   bool (*visit)(void *context, const struct lk_binding_mark *mark),
                                   void *context)
{
    struct pages pages = { .mark = visit, .context = context };

    return page_through(store, &pages);
}
