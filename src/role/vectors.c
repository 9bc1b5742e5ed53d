#include "role/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "io/log.h"

enum { VAULT_WITHIN_MS = 2000 };

/* ---- the store, for reading ---- */

struct lk_store *lk_vectors_store(struct lk_vectors *vectors)
{
    return lk_store_view_get(&vectors->store);
}

void lk_vectors_store_failed(struct lk_vectors *vectors)
{
    lk_store_view_failed(&vectors->store);
}

void lk_vectors_check_store(struct lk_vectors *vectors)
{
    lk_store_view_check(&vectors->store);
}

/* ---- ends of a question ---- */

static void tell_vector(struct lk_vectors *vectors, struct lk_question *question,
                        const struct lk_vector *vector)
{
    question->place = LK_QUESTION_NONE;
    lk_count(&vectors->process->slot->count.vectors);
    vectors->calls.vector(vectors->calls.context, question, vector);
}

static void tell_no_vector(struct lk_vectors *vectors, struct lk_question *question,
                           enum lk_reason reason)
{
    question->place = LK_QUESTION_NONE;
    vectors->calls.no_vector(vectors->calls.context, question, reason);
}

static void give_up(struct lk_vectors *vectors, struct lk_question *question,
                    enum lk_reason reason)
{
    question->place = LK_QUESTION_NONE;
    vectors->calls.given_up(vectors->calls.context, question, reason);
}

/* ---- questions ---- */

static struct lk_question *queued(struct lk_vectors *vectors, size_t i)
{
    return vectors->queue[(vectors->queue_head + i) & (vectors->queue_max - 1)];
}

static void queue_drop(struct lk_vectors *vectors, size_t count)
{
    vectors->queue_head += count;
    vectors->queue_len -= count;
}

static void put_in_queue(struct lk_vectors *vectors, struct lk_question *question)
{
    size_t at = (vectors->queue_head + vectors->queue_len) & (vectors->queue_max - 1);

    /* As many places as questions: it cannot be full. */
    LK_ASSERT(vectors->queue_len < vectors->queue_max);
    question->place = LK_QUESTION_QUEUED;
    vectors->queue[at] = question;
    vectors->queue_len++;
}

void lk_vectors_ask(struct lk_vectors *vectors, struct lk_question *question)
{
    question->tries = 0;
    put_in_queue(vectors, question);
}

/* The i-th of those whose answer is due. */
static struct lk_vectors_batch *in_flight(struct lk_vectors *vectors, size_t i)
{
    return &vectors->flight[(vectors->flight_head + i) % LK_VECTORS_FLIGHT];
}

static void send_off(struct lk_vectors *vectors, const struct lk_vault_request *requests,
                     size_t count)
{
    struct lk_vectors_batch *batch = in_flight(vectors, vectors->in_flight++);

    *batch = (struct lk_vectors_batch){ .count = count };
    for (size_t i = 0; i < count; i++)
        batch->id[i] = requests[i].id;
}

static void request_of(const struct lk_vectors *vectors, struct lk_vault_request *request,
                       const struct lk_question *question)
{
    struct lk_span name = vectors->network_name;
    bool prime = question->keys == LK_VECTOR_PRIME;

    request->id = question->id;
    request->imsi = question->imsi;
    request->credentials = NULL;
    /* A18: who is not there goes the same way through the vault as who is. */
    request->kind = question->unknown  ? LK_VAULT_NOBODY
                    : question->resync ? LK_VAULT_RESYNC
                                       : LK_VAULT_VECTOR;
    request->row = question->row;
    request->resync = question->resync;
    request->keys = question->keys;
    request->network_name_len = prime ? (uint8_t)name.len : 0;
    if (prime)
        memcpy(request->network_name, name.at, name.len);
    memcpy(request->sn_id, vectors->sn_id, sizeof request->sn_id);
    memcpy(request->rand, question->rand, sizeof request->rand);
    memcpy(request->auts, question->auts, sizeof request->auts);
}

/* The reserved subscriber is there for the health probe alone: a stranger who names it must not use
 * up its vectors and make the daemon look ill. */
static bool is_reserved(const struct lk_probe_area *probe, const struct lk_question *question)
{
    return question->is_probe && probe->ready && lk_imsi_equal(&question->imsi, &probe->imsi);
}

/* Reads the rows of the first count in the queue. False: the store failed, they are given up. */
static bool read_rows(struct lk_vectors *vectors, size_t count)
{
    const struct lk_probe_area *probe = &vectors->process->setup->shared->probe;
    struct lk_store *store = lk_vectors_store(vectors);
    struct lk_imsi imsis[LK_STORE_BATCH];
    struct lk_sealed_row rows[LK_STORE_BATCH];
    bool found[LK_STORE_BATCH];
    enum lk_status status = LK_E_STORE;

    for (size_t i = 0; i < count; i++)
        imsis[i] = queued(vectors, i)->imsi;
    if (store != NULL)
        status = lk_store_rows(store, imsis, count, rows, found);
    if (status != LK_OK) {
        lk_vectors_store_failed(vectors);
        for (size_t i = 0; i < count; i++)
            give_up(vectors, queued(vectors, i), LK_REASON_STORE_UNAVAILABLE);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct lk_question *question = queued(vectors, i);

        question->unknown = !found[i];
        if (is_reserved(probe, question)) {
            lk_probe_row_read(probe, &question->row);
            question->unknown = false;
        } else {
            /* A18: as long for nobody, and of no use. */
            if (!found[i])
                rows[i] = (struct lk_sealed_row){ .len = LK_VAULT_ROW_USUAL };
            question->row = rows[i];
        }
    }
    return true;
}

void lk_vectors_flush(struct lk_vectors *vectors)
{
    static struct lk_vault_request requests[LK_VAULT_BATCH];

    while (vectors->queue_len > 0 && vectors->in_flight < LK_VECTORS_FLIGHT &&
           !vectors->vault_gone) {
        size_t count = vectors->queue_len < LK_VAULT_BATCH ? vectors->queue_len : LK_VAULT_BATCH;
        struct lk_vault_client vault = vectors->process->setup->vault;
        enum lk_status status;

        if (!read_rows(vectors, count)) {
            queue_drop(vectors, count);
            continue;
        }
        for (size_t i = 0; i < count; i++)
            request_of(vectors, &requests[i], queued(vectors, i));
        status = lk_vault_client_send(&vault, requests, count);
        if (status == LK_E_BUSY)
            return; /* the answers that are due make room */
        for (size_t i = 0; i < count; i++) {
            queued(vectors, i)->place = LK_QUESTION_AT_VAULT;
            if (status != LK_OK)
                give_up(vectors, queued(vectors, i), LK_REASON_VAULT_UNAVAILABLE);
        }
        queue_drop(vectors, count);
        if (status == LK_OK)
            send_off(vectors, requests, count);
        else
            vectors->vault_gone = true;
    }
}

static struct lk_question *find(const struct lk_vectors *vectors, uint32_t id,
                                enum lk_question_place place)
{
    struct lk_question *question = vectors->calls.find(vectors->calls.context, id);

    return question != NULL && question->place == place ? question : NULL;
}

static bool is_over(const struct lk_question *question)
{
    return lk_mono_us() - question->began_us >= LK_VECTORS_PATIENCE_US;
}

static void time_out(struct lk_vectors *vectors, struct lk_question *question)
{
    lk_count(&vectors->process->slot->count.timed_out);
    give_up(vectors, question, LK_REASON_VAULT_UNAVAILABLE);
}

/* A vault that hangs: what it says later is nobody's. */
static void expire_batch(struct lk_vectors *vectors, struct lk_vectors_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct lk_question *question =
            batch->given_up[i] ? NULL : find(vectors, batch->id[i], LK_QUESTION_AT_VAULT);

        if (question == NULL || !is_over(question))
            continue;
        batch->given_up[i] = true;
        time_out(vectors, question);
    }
}

void lk_vectors_expire(struct lk_vectors *vectors)
{
    while (vectors->queue_len > 0 && is_over(queued(vectors, 0))) {
        time_out(vectors, queued(vectors, 0));
        queue_drop(vectors, 1);
    }
    for (size_t i = 0; i < vectors->in_flight; i++)
        expire_batch(vectors, in_flight(vectors, i));
}

/* ---- answers ---- */

/* A changed row is made durable first, the vector used after. */
static void answer_with_row(struct lk_vectors *vectors, struct lk_question *question,
                            const struct lk_vault_answer *answer)
{
    const struct lk_probe_area *probe = &vectors->process->setup->shared->probe;
    struct lk_write *write;

    if (is_reserved(probe, question)) {
        if (lk_probe_row_swap(probe, &question->row, &answer->row))
            tell_vector(vectors, question, &answer->vector);
        else
            put_in_queue(vectors, question);
        return;
    }
    write = lk_durable_add(vectors->durable, LK_WRITE_ROW, question->id);
    if (write == NULL) {
        lk_count(&vectors->process->slot->count.pool_full);
        give_up(vectors, question, LK_REASON_STORE_UNAVAILABLE);
        return;
    }
    write->imsi = question->imsi;
    write->old = question->row;
    write->row = answer->row;
    write->vector = answer->vector;
    question->place = LK_QUESTION_AT_WRITER;
}

static void take_answer(struct lk_vectors *vectors, const struct lk_vault_answer *answer)
{
    struct lk_question *question = find(vectors, answer->id, LK_QUESTION_AT_VAULT);

    if (question == NULL)
        return;
    if (answer->refused == LK_REASON_CEILING_NOT_KEPT) /* another server's disk may work */
        give_up(vectors, question, answer->refused);
    else if (answer->refused != LK_REASON_NONE)
        tell_no_vector(vectors, question, answer->refused);
    else if (question->unknown)
        tell_no_vector(vectors, question, LK_REASON_SUBSCRIBER_UNKNOWN);
    else if (answer->row.len > 0)
        answer_with_row(vectors, question, answer);
    else
        tell_vector(vectors, question, &answer->vector);
}

void lk_vectors_receive(struct lk_vectors *vectors)
{
    static struct lk_vault_answer answers[LK_VAULT_BATCH];
    struct lk_vault_client vault = vectors->process->setup->vault;

    for (unsigned round = 0; round < LK_VECTORS_FLIGHT; round++) {
        const struct lk_vectors_batch *batch;
        size_t count = 0;
        enum lk_status status = lk_vault_client_receive(&vault, answers, &count);

        if (status == LK_E_BUSY)
            break;
        if (status != LK_OK) {
            vectors->vault_gone = true;
            break;
        }
        batch = in_flight(vectors, 0);
        for (size_t i = 0; i < count; i++)
            if (!batch->given_up[i])
                take_answer(vectors, &answers[i]);
        if (vectors->in_flight > 0) {
            vectors->in_flight--;
            vectors->flight_head = (vectors->flight_head + 1) % LK_VECTORS_FLIGHT;
        }
        lk_wipe(answers, count * sizeof answers[0]);
        if (vectors->in_flight == 0)
            break; /* nothing more is due: not worth asking */
    }
}

void lk_vectors_written(struct lk_vectors *vectors, const struct lk_write *write)
{
    struct lk_question *question = find(vectors, write->id, LK_QUESTION_AT_WRITER);

    if (question == NULL)
        return;
    if (write->status == LK_OK) {
        lk_count(&vectors->process->slot->count.rows_written);
        tell_vector(vectors, question, &write->vector);
    } else if (write->status == LK_E_CONFLICT && ++question->tries < LK_VECTORS_TRIES) {
        put_in_queue(vectors, question); /* the row has changed: read it again, ask again */
    } else if (write->status == LK_E_CONFLICT) {
        tell_no_vector(vectors, question, LK_REASON_VECTORS_TOO_FAST);
    } else if (write->status == LK_E_NOT_FOUND) {
        tell_no_vector(vectors, question, LK_REASON_SUBSCRIBER_UNKNOWN);
    } else {
        give_up(vectors, question, LK_REASON_STORE_UNAVAILABLE);
    }
}

/* ---- beginning and end ---- */

/* What a forerunner in this slot was still owed is not ours: with its vector one subscriber would
 * be let in as another. The vault answers in order, so what comes before the answer to a question
 * with a number of our own is the forerunner's, and nothing of it comes after. */
static bool vault_owes_nothing(struct lk_vectors *vectors)
{
    struct lk_vault_request ping = { .kind = LK_VAULT_PING };
    struct lk_vault_client vault = vectors->process->setup->vault;
    struct lk_entropy entropy = { .left = 0 };
    struct lk_vault_answer answer;

    lk_entropy_take(&entropy, &ping.id, sizeof ping.id);
    lk_entropy_forget(&entropy);
    return lk_vault_client_call(&vault, &ping, &answer, VAULT_WITHIN_MS) == LK_OK;
}

bool lk_vectors_begin(struct lk_vectors *vectors, char error[LK_KIND_ERROR_TEXT])
{
    vectors->queue = calloc(vectors->queue_max, sizeof *vectors->queue);
    if (vectors->queue == NULL)
        return false;
    vectors->store.url = vectors->process->setup->config->store.url;
    (void)lk_vectors_store(vectors);
    if (vault_owes_nothing(vectors))
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the vault does not answer a new process");
    vectors->vault_gone = true;
    lk_process_end(vectors->process, LK_VECTORS_GONE);
    return false;
}

void lk_vectors_end(struct lk_vectors *vectors)
{
    lk_store_view_end(&vectors->store);
    free(vectors->queue);
    vectors->queue = NULL;
}
