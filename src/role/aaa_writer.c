#include "role/aaa_worker.h"

#include <stdlib.h>

#include "base/secret.h"

bool lk_aaa_writer_init(struct lk_aaa_worker *worker)
{
    struct lk_aaa_writer *writer = &worker->writer;

    writer->filling = calloc(LK_AAA_WRITES, sizeof *writer->filling);
    writer->working = calloc(LK_AAA_WRITES, sizeof *writer->working);
    writer->work.data = worker;
    return writer->filling != NULL && writer->working != NULL;
}

struct lk_aaa_write *lk_aaa_write_add(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                      enum lk_aaa_write_kind kind)
{
    struct lk_aaa_writer *writer = &worker->writer;
    struct lk_aaa_write *write;

    if (writer->count == LK_AAA_WRITES)
        return NULL;
    write = &writer->filling[writer->count++];
    write->kind = kind;
    write->id = lk_aaa_job_id(worker, job);
    write->status = LK_E_STORE;
    return write;
}

/* ---- on the pool: touches nothing but its store handle and its list ---- */

static enum lk_status write_one(struct lk_store *store, const struct lk_aaa_write *write)
{
    switch (write->kind) {
    case LK_AAA_WRITE_ROW:
        return lk_store_swap_row(store, &write->imsi, &write->old, &write->row);
    case LK_AAA_WRITE_RECORD:
        return lk_store_account(store, &write->record);
    }
    return LK_E_STORE;
}

static bool write_all(struct lk_aaa_writer *writer)
{
    if (lk_store_present(writer->store) != LK_OK || lk_store_begin(writer->store) != LK_OK)
        return false;
    for (size_t i = 0; i < writer->working_count; i++) {
        writer->working[i].status = write_one(writer->store, &writer->working[i]);
        if (writer->working[i].status == LK_E_STORE) {
            lk_store_rollback(writer->store);
            return false;
        }
    }
    if (lk_store_commit(writer->store) == LK_OK)
        return true;
    lk_store_rollback(writer->store);
    return false;
}

static void on_pool(uv_work_t *work)
{
    struct lk_aaa_worker *worker = work->data;
    struct lk_aaa_writer *writer = &worker->writer;
    char error[LK_STORE_ERROR_TEXT];
    bool done = false;

    if (writer->store == NULL && lk_mono_ms() >= writer->retry_ms &&
        lk_store_open_existing(&writer->store, worker->setup->config->store.url, error) != LK_OK) {
        writer->store = NULL;
        writer->retry_ms = lk_mono_ms() + LK_AAA_STORE_RETRY_MS;
    }
    if (writer->store != NULL)
        done = write_all(writer);
    if (done)
        return;
    /* Nothing of this turn is durable. */
    for (size_t i = 0; i < writer->working_count; i++)
        writer->working[i].status = LK_E_STORE;
    if (writer->store != NULL) {
        lk_store_close(writer->store);
        writer->store = NULL;
        writer->retry_ms = lk_mono_ms() + LK_AAA_STORE_RETRY_MS;
    }
}

/* ---- back on the loop ---- */

static void row_written(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                        const struct lk_aaa_write *write)
{
    if (write->status == LK_OK) {
        lk_count(&worker->count->rows_written);
        lk_aaa_tell_vector(worker, job, &write->vector);
    } else if (write->status == LK_E_CONFLICT && ++job->tries < LK_AAA_TRIES) {
        lk_aaa_ask(worker, job); /* the row has changed since: read it again, ask again */
    } else if (write->status == LK_E_CONFLICT) {
        lk_aaa_tell_no_vector(worker, job, LK_REASON_VECTORS_TOO_FAST);
    } else if (write->status == LK_E_NOT_FOUND) {
        lk_aaa_tell_no_vector(worker, job, LK_REASON_SUBSCRIBER_UNKNOWN);
    } else {
        worker->process.slot->store_down_ms = lk_mono_ms();
        lk_aaa_give_up(worker, job, LK_REASON_STORE_UNAVAILABLE);
    }
}

static void on_written(uv_work_t *work, int status)
{
    struct lk_aaa_worker *worker = work->data;
    struct lk_aaa_writer *writer = &worker->writer;

    (void)status;
    writer->busy = false;
    worker->now_ms = lk_wall_ms();
    for (size_t i = 0; i < writer->working_count; i++) {
        struct lk_aaa_write *write = &writer->working[i];
        struct lk_aaa_waiting *job = lk_aaa_job_by_id(worker, write->id);

        if (job == NULL || job->place != LK_AAA_AT_WRITER)
            continue;
        if (write->kind == LK_AAA_WRITE_ROW)
            row_written(worker, job, write);
        else
            lk_aaa_tell_stored(worker, job, write->status == LK_OK);
    }
    lk_wipe(writer->working, writer->working_count * sizeof *writer->working);
    writer->working_count = 0;
    lk_aaa_ask_flush(worker);
    lk_aaa_write_flush(worker);
    lk_count_add(&worker->count->send_lost, lk_datagrams_send(worker->out));
}

void lk_aaa_write_flush(struct lk_aaa_worker *worker)
{
    struct lk_aaa_writer *writer = &worker->writer;
    struct lk_aaa_write *swap = writer->filling;

    if (writer->busy || writer->count == 0)
        return;
    writer->filling = writer->working;
    writer->working = swap;
    writer->working_count = writer->count;
    writer->count = 0;
    writer->busy = uv_queue_work(&worker->process.loop, &writer->work, on_pool, on_written) == 0;
    LK_ASSERT(writer->busy);
}
