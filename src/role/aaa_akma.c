/* The AAA as AUSF: keys of AKMA on their way to the AAnF.
 *
 *     an Access-Accept leaves --> a queue --> LANES connections --> AAnF
 *
 * Nothing waits for it: the device is let in, whatever becomes of its key. A key is forgotten when
 * the AAnF has it, refuses it, or has not answered for aaa.akma.give_up_s; one that finds the queue
 * full at once; and one of a subscriber who may have none, by his row as it is when he is first in
 * the queue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/aaa_worker.h"
#include "role/aanf_client.h"
#include "role/akma_names.h"

enum { LANES = 4, TIMEOUT_MS = 3000, RETRY_MS = 500, MS = 1000, SAY_EVERY_MS = 60000 };

/* Secret. */
struct waiting {
    struct lk_imsi imsi;
    char a_kid[LK_A_KID_MAX + 1];
    struct lk_k_akma key;
    uint64_t made_ms, give_up_ms; /* wall clock; monotonic */
};

struct lane {
    struct lk_aaa_akma *akma;
    struct lk_aanf_client *client;
    bool busy, asking; /* has what; and asks for it */
    uint64_t retry_ms;
    struct waiting what;
};

struct lk_aaa_akma {
    struct lk_aaa_worker *worker;
    struct lane lane[LANES];
    struct waiting *queue; /* a ring */
    unsigned cap, head, count;
    uint64_t say_again_ms; /* monotonic: that the AAnF does not answer */
    unsigned unsaid;
};

static void count(struct lk_aaa_akma *akma, unsigned own)
{
    lk_process_count(&akma->worker->process, own);
}

/* It is asked again twice a second for each key: one line a minute says so. */
static void no_answer(struct lk_aaa_akma *akma, const char *detail)
{
    const struct lk_config_ausf *config = &akma->worker->process.setup->config->aaa.akma;
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_AKMA_NO_ANSWER, NULL, NULL);
    char port[8], unsaid[16];
    const struct lk_log_field fields[] = {
        { "aanf", config->aanf }, { "address", config->address }, { "port", port },
        { "detail", detail }, { "left_out", akma->unsaid == 0 ? NULL : unsaid }
    };
    uint64_t now_ms = lk_mono_ms();

    lk_process_refused(&akma->worker->process, refusal.reason);
    if (now_ms < akma->say_again_ms || !lk_log_wanted(LK_LOG_WARNING)) {
        akma->unsaid++;
        return;
    }
    (void)snprintf(port, sizeof port, "%u", config->port % 65536);
    (void)snprintf(unsaid, sizeof unsaid, "%u", akma->unsaid);
    lk_log_refusal(&refusal, now_ms, fields, LK_COUNT_OF(fields));
    akma->say_again_ms = now_ms + SAY_EVERY_MS;
    akma->unsaid = 0;
}

static void refuse(struct lk_aaa_akma *akma, enum lk_reason reason, const char *detail,
                   const struct lk_imsi *imsi)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);
    char text[LK_IMSI_MAX_DIGITS + 1];
    const struct lk_log_field fields[] = { { "imsi", text }, { "detail", detail } };

    lk_process_refused(&akma->worker->process, reason);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_log_imsi(text, imsi);
    lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

/* ---- lanes ---- */

static void forget(struct lane *lane)
{
    lk_wipe(&lane->what, sizeof lane->what);
    lane->busy = lane->asking = false;
}

static void give_up(struct lane *lane, const char *detail)
{
    count(lane->akma, LK_AAA_OWN_AKMA_LOST);
    refuse(lane->akma, LK_REASON_AKMA_NOT_REGISTERED, detail, &lane->what.imsi);
    forget(lane);
}

/* spec: TS 33.535 6.1 - only of a subscriber for whom his home says that AKMA may be used.
 * LK_REASON_STORE_UNAVAILABLE: nobody knows, now. */
static enum lk_reason judge(struct lane *lane)
{
    struct lk_vectors *vectors = &lane->akma->worker->vectors;
    struct lk_store *store = lk_vectors_store(vectors);
    struct lk_sealed_row row;
    bool found = false;

    if (store == NULL)
        return LK_REASON_STORE_UNAVAILABLE;
    if (lk_store_rows(store, &lane->what.imsi, 1, &row, &found) != LK_OK) {
        lk_vectors_store_failed(vectors);
        return LK_REASON_STORE_UNAVAILABLE;
    }
    return found && row.akma != LK_AKMA_REFUSED ? LK_REASON_NONE : LK_REASON_AKMA_NOT_ALLOWED;
}

static void ask(struct lane *lane)
{
    const struct waiting *what = &lane->what;
    enum lk_reason reason = judge(lane);

    if (reason == LK_REASON_AKMA_NOT_ALLOWED) {
        count(lane->akma, LK_AAA_OWN_AKMA_NOT_ALLOWED);
        refuse(lane->akma, reason, NULL, &what->imsi);
        forget(lane);
        return;
    }
    lane->asking = reason == LK_REASON_NONE &&
                   lk_aanf_register(lane->client, &what->imsi, what->a_kid, &what->key,
                                    what->made_ms) == LK_OK;
    if (!lane->asking)
        lane->retry_ms = lk_mono_ms() + RETRY_MS;
}

/* What it had, or else the next one. */
static bool has_one(struct lane *lane)
{
    struct lk_aaa_akma *akma = lane->akma;

    if (!lane->busy && akma->count > 0) {
        lane->what = akma->queue[akma->head];
        lk_wipe(&akma->queue[akma->head], sizeof akma->queue[akma->head]);
        akma->head = (akma->head + 1) % akma->cap;
        akma->count--;
        lane->busy = true;
    }
    return lane->busy;
}

/* Each lane that is free takes the next one; each whose time has come asks again. */
static void pump(struct lk_aaa_akma *akma)
{
    uint64_t now_ms = lk_mono_ms();

    for (size_t i = 0; i < LANES; i++) {
        struct lane *lane = &akma->lane[i];

        if (lane->asking || now_ms < lane->retry_ms)
            continue;
        if (lane->busy && now_ms >= lane->what.give_up_ms)
            give_up(lane, "no answer in its time");
        while (!lane->asking && now_ms >= lane->retry_ms && has_one(lane))
            ask(lane);
    }
    lk_process_gauge(&akma->worker->process, LK_AAA_OWN_AKMA_WAITING, akma->count);
}

static void on_done(void *context, const struct lk_aanf_answer *answer)
{
    struct lane *lane = context;
    struct lk_aaa_akma *akma = lane->akma;

    lane->asking = false;
    if (answer->reason == LK_REASON_AKMA_NO_ANSWER) {
        no_answer(akma, answer->detail);
        lane->retry_ms = lk_mono_ms() + RETRY_MS;
        return;
    }
    if (answer->reason == LK_REASON_NONE) {
        count(akma, LK_AAA_OWN_AKMA_REGISTERED);
    } else {
        count(akma, LK_AAA_OWN_AKMA_LOST);
        refuse(akma, answer->reason == LK_REASON_AKMA_NEWER ? LK_REASON_AKMA_NEWER
                                                            : LK_REASON_AKMA_REFUSED,
               answer->detail, &lane->what.imsi);
    }
    forget(lane);
    pump(akma);
}

/* ---- for the worker ---- */

void lk_aaa_akma_keep(struct lk_aaa_worker *worker, const struct lk_imsi *imsi)
{
    const struct lk_config *config = worker->process.setup->config;
    struct lk_aaa_akma *akma = worker->akma;
    struct waiting *what;

    if (akma == NULL)
        return;
    if (akma->count == akma->cap) {
        count(akma, LK_AAA_OWN_AKMA_LOST);
        refuse(akma, LK_REASON_AKMA_NOT_REGISTERED, "the queue is full", imsi);
        return;
    }
    what = &akma->queue[(akma->head + akma->count) % akma->cap];
    if (lk_akma_a_kid(what->a_kid, &config->akma, &worker->node_out.akma.a_tid) != LK_OK)
        return; /* the configuration has been judged by it */
    what->imsi = *imsi;
    what->key = worker->node_out.akma.key;
    what->made_ms = worker->now_ms;
    what->give_up_ms = lk_mono_ms() + (uint64_t)config->aaa.akma.give_up_s * MS;
    akma->count++;
}

void lk_aaa_akma_go_on(struct lk_aaa_worker *worker)
{
    if (worker->akma != NULL)
        pump(worker->akma);
}

bool lk_aaa_akma_is_idle(const struct lk_aaa_worker *worker)
{
    const struct lk_aaa_akma *akma = worker->akma;

    for (size_t i = 0; akma != NULL && i < LANES; i++)
        if (akma->lane[i].busy)
            return false;
    return akma == NULL || akma->count == 0;
}

bool lk_aaa_akma_begin_worker(struct lk_aaa_worker *worker)
{
    const struct lk_config_ausf *config = &worker->process.setup->config->aaa.akma;
    struct lk_aaa_akma *akma;
    struct lk_aanf_client_setup setup = {
        .loop = &worker->process.loop, .name = config->aanf, .address = config->address,
        .port = config->port, .timeout_ms = TIMEOUT_MS,
        .files = { config->certificate, config->key, config->ca }, .done = on_done,
    };

    if (config->aanf[0] == '\0')
        return true;
    akma = worker->akma = lk_process_memory(sizeof *akma);
    if (akma == NULL)
        return false;
    akma->worker = worker;
    akma->cap = config->queue;
    akma->queue = lk_process_memory(akma->cap * sizeof *akma->queue);
    for (size_t i = 0; i < LANES; i++) {
        akma->lane[i].akma = akma;
        setup.context = &akma->lane[i];
        akma->lane[i].client = lk_aanf_client_new(&setup);
        if (akma->lane[i].client == NULL)
            return false;
    }
    worker->node.akma = true;
    return akma->queue != NULL;
}

void lk_aaa_akma_end(struct lk_aaa_worker *worker)
{
    struct lk_aaa_akma *akma = worker->akma;

    if (akma == NULL)
        return;
    for (size_t i = 0; i < LANES; i++) {
        if (akma->lane[i].busy)
            give_up(&akma->lane[i], "the worker ends");
        lk_aanf_client_free(akma->lane[i].client);
    }
    for (; akma->queue != NULL && akma->count > 0; akma->count--) {
        struct waiting *what = &akma->queue[akma->head];

        count(akma, LK_AAA_OWN_AKMA_LOST);
        refuse(akma, LK_REASON_AKMA_NOT_REGISTERED, "the worker ends", &what->imsi);
        lk_wipe(what, sizeof *what);
        akma->head = (akma->head + 1) % akma->cap;
    }
    worker->akma = NULL;
}
