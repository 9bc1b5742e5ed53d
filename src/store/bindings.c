/* Mobility bindings: records as batches of a log, marks as rows, for the engines. */
#include "store/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

/* The first octet of a batch, and of a mark: those of another form are told apart. In batches of
 * form 1 there is PMIPv6 alone, its part amid what all records have. */
enum { FORM_PMIP = 1, FORM = 2, MARK_FORM = 1 };
/* Key, service, epoch, protocol, flags; prefix, address; times and octets; two names, and what else
 * a protocol has. */
enum { HEAD = 8 + 2 + 17 + 4, TIMES = 32 };
enum { RECORD_MAX = 8 + 1 + LK_BINDING_SERVICE_MAX + HEAD + 1 + LK_BINDING_NAME_MAX + TIMES + 1 +
                    UINT8_MAX };
enum { AHEAD = 16 }; /* records that wait for what is looked at of them */

/* ---- records ---- */

/* name has room for cap octets, the terminator among them, and is zeroes. */
static void get_name(struct lk_reader *r, char *name, size_t cap)
{
    struct lk_span text = lk_get_lv8(r);

    if (text.len >= cap)
        lk_reader_fail(r, LK_E_LENGTH);
    else if (text.len > 0)
        memcpy(name, text.at, text.len);
}

static void get_flags(struct lk_reader *r, bool *const flags[], size_t count)
{
    uint8_t octet = lk_get_u8(r);

    for (size_t i = 0; i < count; i++)
        *flags[i] = (octet >> i & 1) != 0;
    if (octet >> count != 0)
        lk_reader_fail(r, LK_E_VALUE);
}

static void put_pmip(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_pmip *p = &b->pmip;

    lk_put_u8(w, p->state);
    lk_put_u8(w, p->handoff);
    lk_put_u8(w, p->access);
    lk_put_u8(w, p->released);
    lk_put_lv8(w, lk_span_text(p->answered));
    lk_put_be16(w, p->sequence);
    lk_put_be16(w, p->lifetime);
    lk_put_be64(w, p->timestamp);
    lk_put_be64(w, p->attach_ms);
    lk_put_be64(w, p->digest);
    lk_put_be64(w, p->due_ms);
}

static void get_pmip(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_pmip *p = &b->pmip;
    bool *const flags[] = { &p->released };

    p->state = lk_get_u8(r);
    p->handoff = lk_get_u8(r);
    p->access = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    get_name(r, p->answered, sizeof p->answered);
    p->sequence = lk_get_be16(r);
    p->lifetime = lk_get_be16(r);
    p->timestamp = lk_get_be64(r);
    p->attach_ms = lk_get_be64(r);
    p->digest = lk_get_be64(r);
    p->due_ms = lk_get_be64(r);
}

static void put_mip(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_mip *m = &b->mip;

    lk_put_u8(w, m->state);
    lk_put_u8(w, m->flags);
    lk_put_u8(w, (uint8_t)(m->released << 1 | m->udp));
    lk_put_be16(w, m->port);
    lk_put_be16(w, m->lifetime_s);
    lk_put_octets(w, m->care_of, sizeof m->care_of);
    lk_put_octets(w, m->from, sizeof m->from);
    lk_put_lv8(w, lk_span_text(m->fa));
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
    lk_put_be64(w, m->due_ms);
    lk_put_u8(w, m->revocation);
    lk_put_be32(w, m->ours_s);
    lk_put_be32(w, m->theirs_s);
}

static void get_mip(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_mip *m = &b->mip;
    bool *const flags[] = { &m->udp, &m->released };

    m->state = lk_get_u8(r);
    m->flags = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    m->port = lk_get_be16(r);
    m->lifetime_s = lk_get_be16(r);
    lk_get_copy(r, m->care_of, sizeof m->care_of);
    lk_get_copy(r, m->from, sizeof m->from);
    get_name(r, m->fa, sizeof m->fa);
    m->identification = lk_get_be64(r);
    m->digest = lk_get_be64(r);
    m->due_ms = lk_get_be64(r);
    if (r->left == 0) /* it is older than that there were revocations */
        return;
    m->revocation = lk_get_u8(r);
    m->ours_s = lk_get_be32(r);
    m->theirs_s = lk_get_be32(r);
}

static void put_mip6(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_mip6 *m = &b->mip6;

    lk_put_u8(w, m->state);
    lk_put_u8(w, (uint8_t)(m->released << 1 | m->udp));
    lk_put_be16(w, m->port);
    lk_put_be16(w, m->lifetime);
    lk_put_octets(w, m->from, sizeof m->from);
    lk_put_octets(w, m->care_of.octets, LK_ADDRESS_LEN);
    lk_put_octets(w, m->home.octets, LK_ADDRESS_LEN);
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
}

static void get_mip6(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_mip6 *m = &b->mip6;
    bool *const flags[] = { &m->udp, &m->released };

    m->state = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    m->port = lk_get_be16(r);
    m->lifetime = lk_get_be16(r);
    lk_get_copy(r, m->from, sizeof m->from);
    lk_get_copy(r, m->care_of.octets, LK_ADDRESS_LEN);
    lk_get_copy(r, m->home.octets, LK_ADDRESS_LEN);
    m->identification = lk_get_be64(r);
    m->digest = lk_get_be64(r);
}

static const struct part {
    void (*put)(struct lk_writer *w, const struct lk_binding_record *b);
    void (*get)(struct lk_reader *r, struct lk_binding_record *b);
} parts[] = {
    [LK_BINDING_PMIP] = { put_pmip, get_pmip },
    [LK_BINDING_MIP] = { put_mip, get_mip },
    [LK_BINDING_MIP6] = { put_mip6, get_mip6 },
};

static void pack_record(struct lk_writer *w, const struct lk_binding_record *b)
{
    uint8_t room[UINT8_MAX];
    struct lk_writer part = lk_writer_of(room, sizeof room);

    LK_ASSERT(b->protocol > 0 && b->protocol < LK_COUNT_OF(parts));
    parts[b->protocol].put(&part, b);
    LK_ASSERT(part.status == LK_OK);
    lk_put_be64(w, (uint64_t)lk_store_key(&b->imsi));
    lk_put_lv8(w, lk_span_text(b->service));
    lk_put_be64(w, b->epoch);
    lk_put_u8(w, b->protocol);
    lk_put_u8(w, (uint8_t)(b->has_prefix << 1 | b->has_ipv4));
    lk_put_octets(w, b->prefix.address.octets, LK_ADDRESS_LEN);
    lk_put_u8(w, b->prefix.bits);
    lk_put_octets(w, b->ipv4, sizeof b->ipv4);
    lk_put_lv8(w, lk_span_text(b->mag));
    lk_put_be64(w, b->expires_ms);
    lk_put_be64(w, b->since_ms);
    lk_put_be64(w, b->up_octets);
    lk_put_be64(w, b->down_octets);
    lk_put_lv8(w, lk_writer_span(&part));
}

/* Of a protocol that only a later version knows its own part is passed over; who loads it sees. */
static void get_part(struct lk_binding_record *b, struct lk_reader *r)
{
    struct lk_reader part = lk_reader_of(lk_get_lv8(r));

    if (b->protocol == 0 || b->protocol >= LK_COUNT_OF(parts))
        return;
    parts[b->protocol].get(&part, b);
    if (lk_reader_end(&part) != LK_OK)
        lk_reader_fail(r, LK_E_VALUE);
}

static void get_record(struct lk_binding_record *b, struct lk_reader *r)
{
    bool *const flags[] = { &b->has_ipv4, &b->has_prefix };

    get_flags(r, flags, LK_COUNT_OF(flags));
    lk_get_copy(r, b->prefix.address.octets, LK_ADDRESS_LEN);
    b->prefix.bits = lk_get_u8(r);
    lk_get_copy(r, b->ipv4, sizeof b->ipv4);
    get_name(r, b->mag, sizeof b->mag);
    b->expires_ms = lk_get_be64(r);
    b->since_ms = lk_get_be64(r);
    b->up_octets = lk_get_be64(r);
    b->down_octets = lk_get_be64(r);
    get_part(b, r);
}

static void get_record_pmip(struct lk_binding_record *b, struct lk_reader *r)
{
    struct lk_binding_record_pmip *p = &b->pmip;
    bool *const flags[] = { &b->has_ipv4, &b->has_prefix, &p->released };

    p->state = lk_get_u8(r);
    p->handoff = lk_get_u8(r);
    p->access = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    lk_get_copy(r, b->prefix.address.octets, LK_ADDRESS_LEN);
    b->prefix.bits = lk_get_u8(r);
    lk_get_copy(r, b->ipv4, sizeof b->ipv4);
    get_name(r, b->mag, sizeof b->mag);
    get_name(r, p->answered, sizeof p->answered);
    p->sequence = lk_get_be16(r);
    p->lifetime = lk_get_be16(r);
    p->timestamp = lk_get_be64(r);
    p->attach_ms = lk_get_be64(r);
    p->digest = lk_get_be64(r);
    b->expires_ms = lk_get_be64(r);
    p->due_ms = lk_get_be64(r);
    b->since_ms = lk_get_be64(r);
    b->up_octets = lk_get_be64(r);
    b->down_octets = lk_get_be64(r);
}

static enum lk_status unpack_record(struct lk_binding_record *b, struct lk_reader *r, uint8_t form)
{
    int64_t key = (int64_t)lk_get_be64(r);

    memset(b, 0, sizeof *b);
    get_name(r, b->service, sizeof b->service);
    b->epoch = lk_get_be64(r);
    b->protocol = lk_get_u8(r);
    if (form == FORM_PMIP)
        get_record_pmip(b, r);
    else
        get_record(b, r);
    if (b->prefix.bits > LK_ADDRESS_BITS || lk_store_key_imsi(&b->imsi, key) != LK_OK)
        lk_reader_fail(r, LK_E_VALUE);
    return r->status == LK_OK ? LK_OK : LK_E_STORE;
}

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
    get_name(&r, m->mag, sizeof m->mag);
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
    size_t cap = 1 + count * RECORD_MAX;
    uint8_t *room = malloc(cap);
    struct lk_writer w = lk_writer_of(room, cap);
    enum lk_status status;

    if (room == NULL)
        return LK_E_SYSTEM;
    lk_put_u8(&w, FORM);
    for (size_t i = count; i > 0; i--)
        pack_record(&w, &records[i - 1]);
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

/* A record of a batch, before it is read. */
struct unread {
    uint64_t key;
    struct lk_span service, octets;
};

/* Finds the next one's end, which its lengths say. */
static void get_unread(struct unread *record, struct lk_reader *r)
{
    struct lk_reader begin = *r;

    record->key = lk_get_be64(r);
    record->service = lk_get_lv8(r);
    (void)lk_get_span(r, HEAD);
    (void)lk_get_lv8(r);
    (void)lk_get_span(r, TIMES);
    (void)lk_get_lv8(r);
    record->octets = lk_span_of(begin.at, begin.left - r->left);
}

static bool read_one(struct reading *reading, struct lk_reader *r, uint8_t form)
{
    struct lk_binding_record record;

    reading->status = unpack_record(&record, r, form);
    return reading->status == LK_OK && reading->by->visit(reading->by->context, &record);
}

/* What of a binding is older than what was seen is of no effect, and in a log there is as much of
 * that as of the rest. */
static bool read_unread(struct reading *reading, const struct unread *record)
{
    const struct lk_bindings_loading *by = reading->by;
    struct lk_reader r = lk_reader_of(record->octets);
    bool more;

    if (by->known(by->context, record->key, record->service))
        return true;
    more = read_one(reading, &r, FORM);
    LK_ASSERT(!more || r.left == 0);
    return more;
}

static void tell_soon(const struct lk_bindings_loading *by, const struct unread *record,
                      unsigned how_soon)
{
    by->soon(by->context, record->key, record->service, how_soon);
}

/* A record waits in a ring until what is looked at of its binding has come near. */
static bool read_far(struct reading *reading, struct lk_reader *r)
{
    const struct lk_bindings_loading *by = reading->by;
    struct unread ahead[AHEAD];
    size_t came = 0, near = 0, done = 0;

    while (r->left > 0 || done < came) {
        if (r->left > 0) {
            get_unread(&ahead[came % AHEAD], r);
            if (r->status != LK_OK) {
                reading->status = LK_E_STORE;
                return false;
            }
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

    if (form == FORM && reading->by->soon != NULL)
        return read_far(reading, &r);
    if (form != FORM && form != FORM_PMIP)
        reading->status = LK_E_STORE;
    while (reading->status == LK_OK && r.left > 0)
        if (!read_one(reading, &r, form))
            return false;
    return reading->status == LK_OK;
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
