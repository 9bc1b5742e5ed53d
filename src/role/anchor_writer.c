/* What must be durable, in batches: while one is being written, on libuv's pool, the next one
 * fills. Answers wait with the records that they tell of. When the store fails, no answer leaves;
 * records and marks are tried again until they are written, and meanwhile nothing new is taken
 * beyond one batch.
 *
 * The store is a log (store/bindings.h): with each batch goes along a part of the table, as it is
 * now, and once around the table all that was written before the round began may go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/anchor_parts.h"

/* ---- the table, at start ---- */

enum { AHEAD = 16 };

/* A row of a million is far away: a record waits until what it needs of the table has come. */
struct loading {
    struct lk_anchor_process *anchor;
    uint64_t now_ms;
    size_t loaded, left_out;
    size_t came, done; /* of ahead, which is a ring */
    struct {
        struct lk_binding_record record;
        struct lk_binding_coming coming;
    } ahead[AHEAD];
};

static void load_next(struct loading *loading)
{
    const struct lk_binding_record *record = &loading->ahead[loading->done++ % AHEAD].record;
    enum lk_status status = lk_anchor_load(&loading->anchor->node, record, loading->now_ms);

    if (status == LK_OK)
        loading->loaded++;
    else if (status != LK_E_EXISTS) /* an older one */
        loading->left_out++;
}

static bool load_one(void *context, const struct lk_binding_record *record)
{
    struct loading *loading = context;
    const struct lk_anchor *node = &loading->anchor->node;

    if (loading->came - loading->done == AHEAD)
        load_next(loading);
    loading->ahead[loading->came % AHEAD].record = *record;
    lk_anchor_load_soon(node, record, &loading->ahead[loading->came % AHEAD].coming);
    if (loading->came >= AHEAD / 2)
        lk_binding_fetch_chained(node->table,
                                 &loading->ahead[(loading->came - AHEAD / 2) % AHEAD].coming);
    loading->came++;
    return true;
}

static void load_soon(void *context, uint64_t key, struct lk_span service, unsigned how_soon)
{
    const struct loading *loading = context;

    lk_anchor_seen_soon(&loading->anchor->node, key, service, how_soon > 1);
}

static bool is_loaded(void *context, uint64_t key, struct lk_span service)
{
    const struct loading *loading = context;

    return lk_anchor_was_loaded(&loading->anchor->node, key, service);
}

static bool load(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    struct loading loading = { .anchor = anchor, .now_ms = lk_wall_ms() };
    const struct lk_bindings_loading far = { .visit = load_one, .soon = load_soon,
                                             .known = is_loaded, .context = &loading };
    uint64_t began = lk_mono_ms();
    char loaded[24], left_out[24], ms[24];
    struct lk_entropy entropy = { .left = 0 };

    lk_entropy_take(&entropy, &anchor->writer.log.writer, sizeof anchor->writer.log.writer);

    if (lk_store_bindings_begin(anchor->writer.store, &anchor->writer.log) != LK_OK ||
        lk_store_bindings_load_far(anchor->writer.store, &far) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s", lk_store_error(anchor->writer.store));
        return false;
    }
    while (loading.done < loading.came)
        load_next(&loading);
    anchor->writer.round_from = anchor->writer.log.newest;
    (void)snprintf(loaded, sizeof loaded, "%zu", loading.loaded);
    (void)snprintf(left_out, sizeof left_out, "%zu", loading.left_out);
    (void)snprintf(ms, sizeof ms, "%llu", (unsigned long long)(lk_mono_ms() - began));
    LK_LOG(LK_LOG_INFO, "bindings-loaded", { "bindings", loaded }, { "left_out", left_out },
           { "ms", ms });
    return true;
}

bool lk_anchor_writer_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_anchor_writer *writer = &anchor->writer;
    char why[LK_STORE_ERROR_TEXT];

    anchor->durable = anchor->process.config->anchor.durable;
    if (!anchor->durable)
        return true;
    writer->work.data = anchor;
    writer->filling = calloc(1, sizeof *writer->filling);
    writer->working = calloc(1, sizeof *writer->working);
    if (writer->filling == NULL || writer->working == NULL) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory");
        return false;
    }
    if (lk_store_open_existing(&writer->store, anchor->process.config->store.url, why) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.200s", why);
        return false;
    }
    return load(anchor, error);
}

/* ---- filling ---- */

bool lk_anchor_writer_has_room(const struct lk_anchor_process *anchor)
{
    const struct lk_anchor_batch *b = anchor->writer.filling;

    return !anchor->durable || (b->records + LK_ANCHOR_STEP_ROOM <= LK_ANCHOR_BATCH &&
                                b->marks + LK_ANCHOR_STEP_ROOM <= LK_ANCHOR_BATCH &&
                                b->answers + LK_ANCHOR_STEP_ROOM <= LK_ANCHOR_BATCH);
}

/* A mark is a row of a tree, and takes its time: a registration waits for few of them. */
bool lk_anchor_writer_takes_ends(const struct lk_anchor_process *anchor)
{
    return !anchor->durable || anchor->writer.filling->marks < LK_ANCHOR_ENDS;
}

void lk_anchor_writer_take(struct lk_anchor_process *anchor, const struct lk_anchor_outbox *out)
{
    struct lk_anchor_batch *b = anchor->writer.filling;

    for (size_t i = 0; i < out->count; i++) {
        const struct lk_anchor_output *item = &out->item[i];
        struct lk_anchor_answer *answer;

        switch (item->kind) {
        case LK_ANCHOR_OUT_STORE: b->record[b->records++] = item->store.record; break;
        case LK_ANCHOR_OUT_MARK: b->mark[b->marks++] = item->mark; break;
        case LK_ANCHOR_OUT_SEND:
            answer = &b->answer[b->answers++];
            answer->mag = item->mag;
            answer->to = item->to;
            answer->len = (uint16_t)item->octets.len;
            memcpy(answer->octets, item->octets.at, item->octets.len);
            break;
        case LK_ANCHOR_OUT_TUNNEL:
        case LK_ANCHOR_OUT_NETWORK:
        case LK_ANCHOR_OUT_REFUSED:
        case LK_ANCHOR_OUT_ASK:
        case LK_ANCHOR_OUT_PLACE:
        case LK_ANCHOR_OUT_MORE: break;
        }
    }
}

/* ---- on the pool: touches nothing but its store handle and its batch ---- */

static void on_pool(uv_work_t *work)
{
    struct lk_anchor_process *anchor = work->data;
    struct lk_anchor_writer *writer = &anchor->writer;
    const struct lk_anchor_batch *b = writer->working;

    writer->done = false;
    if (writer->store == NULL &&
        lk_store_open_existing(&writer->store, anchor->process.setup->config->store.url,
                               writer->why) != LK_OK) {
        writer->store = NULL;
        return;
    }
    writer->done = lk_store_present(writer->store) == LK_OK &&
                   lk_store_bindings_write(writer->store, &writer->log, b->record, b->records,
                                           b->mark, b->marks) == LK_OK;
    if (!writer->done) {
        (void)snprintf(writer->why, sizeof writer->why, "%s", lk_store_error(writer->store));
        lk_store_close(writer->store);
        writer->store = NULL;
    }
}

/* ---- back on the loop ---- */

static void on_written(uv_work_t *work, int status)
{
    struct lk_anchor_process *anchor = work->data;
    struct lk_anchor_writer *writer = &anchor->writer;
    struct lk_anchor_batch *b = writer->working;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED };

    writer->busy = false;
    if (status != 0 || !writer->done) {
        if (!writer->failed)
            LK_LOG(LK_LOG_ERROR, "store-unavailable", { "what", "bindings cannot be written" },
                   { "why", writer->why });
        writer->failed = true;
        writer->retry_ms = lk_mono_ms() + LK_ANCHOR_RETRY_MS;
        b->answers = 0; /* who asked asks again */
        return;
    }
    writer->failed = false;
    if (b->ends_round) {
        writer->log.from = writer->round_from;
        writer->round_from = writer->log.newest;
    }
    for (size_t i = 0; i < b->changes; i++) {
        event.stored = &b->record[i];
        lk_anchor_step(&anchor->node, &event, &anchor->none);
    }
    for (size_t i = 0; i < b->answers; i++)
        lk_anchor_send(anchor, b->answer[i].mag, &b->answer[i].to,
                       lk_span_of(b->answer[i].octets, b->answer[i].len));
    lk_count_add(&anchor->count->rows_written, b->changes + b->marks);
    b->records = b->marks = b->answers = 0;
    lk_anchor_writer_flush(anchor);
}

bool lk_anchor_writer_is_idle(const struct lk_anchor_process *anchor)
{
    const struct lk_anchor_writer *writer = &anchor->writer;

    return !anchor->durable ||
           (!writer->busy && writer->filling->records + writer->filling->marks +
                                     writer->working->records + writer->working->marks ==
                                 0);
}

/* A part of the table, as it is now: half as many rows as have changed, so that the log has never
 * more than a few times what the table has, and what a change costs is not doubled. */
static void go_along(struct lk_anchor_process *anchor, struct lk_anchor_batch *b)
{
    struct lk_anchor_writer *writer = &anchor->writer;
    size_t count = b->records / 2 > LK_ANCHOR_ALONG ? b->records / 2 : LK_ANCHOR_ALONG;

    b->changes = b->records;
    b->ends_round = false;
    for (size_t i = 0; i < count && !b->ends_round; i++) {
        const struct lk_binding *row = lk_binding_row(anchor->table, writer->along++);

        if (row != NULL)
            lk_anchor_record(&b->record[b->records++], &anchor->node, row);
        b->ends_round = writer->along >= lk_binding_used(anchor->table);
    }
    if (b->ends_round)
        writer->along = 0;
}

void lk_anchor_writer_flush(struct lk_anchor_process *anchor)
{
    struct lk_anchor_writer *writer = &anchor->writer;
    struct lk_anchor_batch *swap = writer->filling;

    if (!anchor->durable || writer->busy)
        return;
    if (writer->failed) {
        if (lk_mono_ms() < writer->retry_ms)
            return;
    } else {
        if (swap->records + swap->marks == 0)
            return;
        go_along(anchor, swap);
        writer->filling = writer->working;
        writer->working = swap;
    }
    writer->busy = uv_queue_work(&anchor->process.loop, &writer->work, on_pool, on_written) == 0;
    LK_ASSERT(writer->busy);
}

void lk_anchor_writer_end(struct lk_anchor_process *anchor)
{
    if (anchor->writer.store != NULL && !anchor->writer.busy)
        lk_store_close(anchor->writer.store);
}
