#include "role/aaa_worker.h"

#include <string.h>

#include "base/secret.h"

/* ---- the store, for reading ---- */

void lk_aaa_store_open(struct lk_aaa_worker *worker)
{
    char error[LK_STORE_ERROR_TEXT];

    if (worker->store != NULL || lk_mono_ms() < worker->store_retry_ms)
        return;
    if (lk_store_open_existing(&worker->store, worker->setup->config->store.url, error) == LK_OK)
        return;
    worker->store = NULL;
    worker->store_retry_ms = lk_mono_ms() + LK_AAA_STORE_RETRY_MS;
    LK_LOG(LK_LOG_ERROR, "store-unavailable", { "why", error });
}

static void store_failed(struct lk_aaa_worker *worker)
{
    if (worker->store != NULL) {
        LK_LOG(LK_LOG_ERROR, "store-unavailable", { "why", lk_store_error(worker->store) });
        lk_store_close(worker->store);
        worker->store = NULL;
        worker->store_retry_ms = lk_mono_ms() + LK_AAA_STORE_RETRY_MS;
    }
    worker->process.slot->store_down_ms = lk_mono_ms();
}

void lk_aaa_store_check(struct lk_aaa_worker *worker)
{
    if (worker->store != NULL && lk_store_present(worker->store) != LK_OK)
        store_failed(worker);
}

/* ---- questions ---- */

void lk_aaa_ask(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    uint32_t at = (worker->queue_head + worker->queue_len) % LK_AAA_JOBS;

    /* As many places as jobs: it cannot be full. */
    LK_ASSERT(worker->queue_len < LK_AAA_JOBS);
    job->place = LK_AAA_AT_QUEUE;
    worker->queue[at] = (uint32_t)(job - worker->jobs);
    worker->queue_len++;
}

static struct lk_aaa_waiting *queued(struct lk_aaa_worker *worker, size_t i)
{
    return &worker->jobs[worker->queue[(worker->queue_head + i) % LK_AAA_JOBS]];
}

static void queue_drop(struct lk_aaa_worker *worker, size_t count)
{
    worker->queue_head = (uint32_t)((worker->queue_head + count) % LK_AAA_JOBS);
    worker->queue_len -= (uint32_t)count;
}

static void request_of(struct lk_aaa_worker *worker, struct lk_vault_request *request,
                       struct lk_aaa_waiting *job)
{
    const struct lk_eap_server_config *eap = &worker->node.eap;

    request->id = lk_aaa_job_id(worker, job);
    request->imsi = job->imsi;
    request->credentials = NULL;
    /* A18: who is not there goes the same way through the vault as who is. */
    request->kind = job->unknown  ? LK_VAULT_NOBODY
                    : job->resync ? LK_VAULT_RESYNC
                                  : LK_VAULT_VECTOR;
    request->row = job->row;
    request->resync = job->resync;
    request->keys = job->prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    request->network_name_len = job->prime ? eap->network_name_len : 0;
    memcpy(request->network_name, eap->network_name, sizeof request->network_name);
    memcpy(request->rand, job->rand, sizeof request->rand);
    memcpy(request->auts, job->auts, sizeof request->auts);
}

/* The reserved subscriber is there for the health probe alone: a stranger who names it must not use
 * up its vectors and make the daemon look ill. */
static bool is_reserved(const struct lk_probe_area *probe, const struct lk_aaa_waiting *job)
{
    return job->is_probe && probe->ready && lk_imsi_equal(&job->imsi, &probe->imsi);
}

/* Reads the rows of the first count in the queue. False: the store failed, they are given up. */
static bool read_rows(struct lk_aaa_worker *worker, size_t count)
{
    struct lk_probe_area *probe = &worker->setup->shared->probe;
    struct lk_imsi imsis[LK_STORE_BATCH];
    struct lk_sealed_row rows[LK_STORE_BATCH];
    bool found[LK_STORE_BATCH];
    enum lk_status status = LK_E_STORE;

    for (size_t i = 0; i < count; i++)
        imsis[i] = queued(worker, i)->imsi;
    lk_aaa_store_open(worker);
    if (worker->store != NULL)
        status = lk_store_rows(worker->store, imsis, count, rows, found);
    if (status != LK_OK) {
        store_failed(worker);
        for (size_t i = 0; i < count; i++)
            lk_aaa_give_up(worker, queued(worker, i), LK_REASON_STORE_UNAVAILABLE);
        return false;
    }
    worker->process.slot->store_down_ms = 0;
    for (size_t i = 0; i < count; i++) {
        struct lk_aaa_waiting *job = queued(worker, i);

        job->unknown = !found[i];
        if (is_reserved(probe, job)) {
            lk_probe_row_read(probe, &job->row);
            job->unknown = false;
        } else if (found[i]) {
            job->row = rows[i];
        }
    }
    return true;
}

void lk_aaa_ask_flush(struct lk_aaa_worker *worker)
{
    static struct lk_vault_request requests[LK_VAULT_BATCH];

    while (worker->queue_len > 0 && worker->in_flight < LK_AAA_FLIGHT && !worker->vault_gone) {
        size_t count = worker->queue_len < LK_VAULT_BATCH ? worker->queue_len : LK_VAULT_BATCH;
        struct lk_vault_client vault = worker->setup->vault;
        enum lk_status status;

        if (!read_rows(worker, count)) {
            queue_drop(worker, count);
            continue;
        }
        for (size_t i = 0; i < count; i++)
            request_of(worker, &requests[i], queued(worker, i));
        status = lk_vault_client_send(&vault, requests, count);
        if (status == LK_E_BUSY)
            return; /* the answers that are due make room */
        for (size_t i = 0; i < count; i++) {
            struct lk_aaa_waiting *job = queued(worker, i);

            job->place = LK_AAA_AT_VAULT;
            if (status != LK_OK)
                lk_aaa_give_up(worker, job, LK_REASON_VAULT_UNAVAILABLE);
        }
        queue_drop(worker, count);
        if (status == LK_OK)
            worker->in_flight++;
        else
            worker->vault_gone = true;
    }
}

void lk_aaa_ask_expire(struct lk_aaa_worker *worker, uint64_t now_us)
{
    while (worker->queue_len > 0 &&
           now_us - queued(worker, 0)->began_us >= LK_AAA_JOB_PATIENCE_US) {
        lk_count(&worker->count->timed_out);
        lk_aaa_give_up(worker, queued(worker, 0), LK_REASON_VAULT_UNAVAILABLE);
        queue_drop(worker, 1);
    }
}

/* ---- answers ---- */

/* A changed row is made durable first, the vector used after. */
static void answer_with_row(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                            const struct lk_vault_answer *answer)
{
    struct lk_probe_area *probe = &worker->setup->shared->probe;
    struct lk_aaa_write *write;

    if (is_reserved(probe, job)) {
        if (lk_probe_row_swap(probe, &job->row, &answer->row))
            lk_aaa_tell_vector(worker, job, &answer->vector);
        else
            lk_aaa_ask(worker, job);
        return;
    }
    write = lk_aaa_write_add(worker, job, LK_AAA_WRITE_ROW);
    if (write == NULL) {
        lk_count(&worker->count->pool_full);
        lk_aaa_give_up(worker, job, LK_REASON_STORE_UNAVAILABLE);
        return;
    }
    write->imsi = job->imsi;
    write->old = job->row;
    write->row = answer->row;
    write->vector = answer->vector;
    job->place = LK_AAA_AT_WRITER;
}

static void take_answer(struct lk_aaa_worker *worker, const struct lk_vault_answer *answer)
{
    struct lk_aaa_waiting *job = lk_aaa_job_by_id(worker, answer->id);

    if (job == NULL || job->place != LK_AAA_AT_VAULT)
        return;
    if (answer->refused == LK_REASON_CEILING_NOT_KEPT)
        lk_aaa_give_up(worker, job,
                       answer->refused); /* another server may have a disk that works */
    else if (answer->refused != LK_REASON_NONE)
        lk_aaa_tell_no_vector(worker, job, answer->refused);
    else if (job->unknown)
        lk_aaa_tell_no_vector(worker, job, LK_REASON_SUBSCRIBER_UNKNOWN);
    else if (answer->row.len > 0)
        answer_with_row(worker, job, answer);
    else
        lk_aaa_tell_vector(worker, job, &answer->vector);
}

void lk_aaa_vault_receive(struct lk_aaa_worker *worker)
{
    static struct lk_vault_answer answers[LK_VAULT_BATCH];
    struct lk_vault_client vault = worker->setup->vault;

    for (unsigned round = 0; round < LK_AAA_FLIGHT; round++) {
        size_t count = 0;
        enum lk_status status = lk_vault_client_receive(&vault, answers, &count);

        if (status == LK_E_BUSY)
            break;
        if (status != LK_OK) {
            worker->vault_gone = true;
            break;
        }
        if (worker->in_flight > 0)
            worker->in_flight--;
        for (size_t i = 0; i < count; i++)
            take_answer(worker, &answers[i]);
        lk_wipe(answers, count * sizeof answers[0]);
        if (worker->in_flight == 0)
            break; /* nothing more is due: not worth asking */
    }
}
