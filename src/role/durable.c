#include "role/durable.h"

#include <stdlib.h>

#include "base/secret.h"
#include "role/shared.h"

bool lk_durable_begin(struct lk_durable *durable)
{
    durable->filling = calloc(LK_DURABLE_WRITES, sizeof *durable->filling);
    durable->working = calloc(LK_DURABLE_WRITES, sizeof *durable->working);
    durable->work.data = durable;
    return durable->filling != NULL && durable->working != NULL;
}

struct lk_write *lk_durable_add(struct lk_durable *durable, enum lk_write_kind kind, uint32_t id)
{
    struct lk_write *write;

    if (durable->count == LK_DURABLE_WRITES)
        return NULL;
    write = &durable->filling[durable->count++];
    write->kind = kind;
    write->id = id;
    write->status = LK_E_STORE;
    return write;
}

void lk_durable_sweep_sessions(struct lk_durable *durable)
{
    struct lk_write *write = lk_durable_add(durable, LK_WRITE_SESSIONS_OVER, 0);

    if (write != NULL)
        write->sessions_over_s = lk_wall_ms() / 1000;
}

/* ---- on the pool: touches nothing but its store handle and its list ---- */

static enum lk_status write_one(struct lk_store *store, const struct lk_write *write)
{
    switch (write->kind) {
    case LK_WRITE_ROW: return lk_store_swap_row(store, &write->imsi, &write->old, &write->row);
    case LK_WRITE_RECORD: return lk_store_account(store, &write->record);
    case LK_WRITE_COUNTER: return lk_store_counter_save(store, &write->counter);
    case LK_WRITE_SESSION: return lk_store_session_keep(store, &write->session);
    case LK_WRITE_SESSIONS_OVER: return lk_store_session_sweep(store, write->sessions_over_s);
    }
    return LK_E_STORE;
}

static bool write_all(struct lk_durable *durable)
{
    if (lk_store_present(durable->store) != LK_OK || lk_store_begin(durable->store) != LK_OK)
        return false;
    for (size_t i = 0; i < durable->working_count; i++) {
        durable->working[i].status = write_one(durable->store, &durable->working[i]);
        if (durable->working[i].status == LK_E_STORE) {
            lk_store_rollback(durable->store);
            return false;
        }
    }
    if (lk_store_commit(durable->store) == LK_OK)
        return true;
    lk_store_rollback(durable->store);
    return false;
}

static void on_pool(uv_work_t *work)
{
    struct lk_durable *durable = work->data;
    char error[LK_STORE_ERROR_TEXT];
    bool done = false;

    if (durable->store == NULL && lk_mono_ms() >= durable->retry_ms &&
        lk_store_open_existing(&durable->store, durable->url, error) != LK_OK) {
        durable->store = NULL;
        durable->retry_ms = lk_mono_ms() + LK_DURABLE_RETRY_MS;
    }
    if (durable->store != NULL)
        done = write_all(durable);
    if (done)
        return;
    /* Nothing of this turn is durable. */
    for (size_t i = 0; i < durable->working_count; i++)
        durable->working[i].status = LK_E_STORE;
    if (durable->store != NULL) {
        lk_store_close(durable->store);
        durable->store = NULL;
        durable->retry_ms = lk_mono_ms() + LK_DURABLE_RETRY_MS;
    }
}

/* ---- back on the loop ---- */

static void on_written(uv_work_t *work, int status)
{
    struct lk_durable *durable = work->data;

    (void)status;
    for (size_t i = 0; i < durable->working_count; i++)
        durable->on_written(durable->context, &durable->working[i]);
    lk_wipe(durable->working, durable->working_count * sizeof *durable->working);
    durable->working_count = 0;
    durable->busy = false; /* not before: who is told of a write may ask for a flush */
    if (durable->on_done != NULL)
        durable->on_done(durable->context);
}

void lk_durable_flush(struct lk_durable *durable)
{
    struct lk_write *swap = durable->filling;

    if (durable->busy || durable->count == 0)
        return;
    durable->filling = durable->working;
    durable->working = swap;
    durable->working_count = durable->count;
    durable->count = 0;
    durable->busy = uv_queue_work(durable->loop, &durable->work, on_pool, on_written) == 0;
    LK_ASSERT(durable->busy);
}

bool lk_durable_is_idle(const struct lk_durable *durable)
{
    return !durable->busy && durable->count == 0;
}
