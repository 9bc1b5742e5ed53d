#include "role/aaa_worker.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

enum { REAUTH_LIFETIME_MS = 24 * 60 * 60 * 1000, GENERATION_BITS = 32 - LK_AAA_JOBS_BITS };

/* ---- the pool ---- */

void lk_aaa_jobs_init(struct lk_aaa_worker *worker)
{
    worker->free_first = LK_AAA_NOBODY;
    worker->touched = 0;
}

static struct lk_aaa_waiting *job_take(struct lk_aaa_worker *worker)
{
    struct lk_aaa_waiting *job;

    if (worker->free_first != LK_AAA_NOBODY) {
        job = &worker->jobs[worker->free_first];
        worker->free_first = job->next;
    } else if (worker->touched < LK_AAA_JOBS) {
        job = &worker->jobs[worker->touched++];
    } else {
        return NULL;
    }
    job->node.client = NULL;
    job->node.code = 0;
    job->node.calling_len = 0;
    job->marked = false;
    job->question.place = LK_QUESTION_NONE;
    return job;
}

static void job_free(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    if (job->place != LK_AAA_FREE)
        worker->process.slot->jobs--;
    lk_aaa_job_wipe(&job->node);
    job->place = LK_AAA_FREE;
    job->question.place = LK_QUESTION_NONE;
    job->generation++;
    job->next = worker->free_first;
    worker->free_first = (uint32_t)(job - worker->jobs);
}

/* It begins, or goes on, to wait. */
static void job_wait(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                     enum lk_aaa_place place)
{
    if (job->place == LK_AAA_FREE)
        worker->process.slot->jobs++;
    job->place = place;
    if (!job->marked)
        lk_reply_cache_wait(worker->cache, &job->key, worker->now_ms);
    job->marked = true;
}

uint32_t lk_aaa_job_id(const struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job)
{
    return job->generation << LK_AAA_JOBS_BITS | (uint32_t)(job - worker->jobs);
}

struct lk_aaa_waiting *lk_aaa_job_by_id(struct lk_aaa_worker *worker, uint32_t id)
{
    struct lk_aaa_waiting *job = &worker->jobs[id & (LK_AAA_JOBS - 1)];

    if (job->place == LK_AAA_FREE || lk_aaa_job_id(worker, job) != id)
        return NULL;
    return job;
}

/* ---- telling humans ---- */

static const char *method_name(uint8_t eap_type)
{
    return eap_type == LK_EAP_AKA_PRIME ? "aka-prime" : eap_type == LK_EAP_AKA ? "aka" : NULL;
}

static const char *client_name(const struct lk_aaa_worker *worker,
                               const struct lk_radius_client *client)
{
    const struct lk_config *config = worker->process.setup->config;

    if (client == NULL || client == &worker->probe_client)
        return NULL;
    if (client->by_name)
        return config->radsec.peers[client->tag].name;
    return config->radius.clients[client->tag].name[0] == '\0'
               ? NULL
               : config->radius.clients[client->tag].name;
}

static void log_refusal(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                        const struct lk_refusal *refusal, const char *answer)
{
    const struct lk_aaa_job *node = &job->node;
    char address[LK_ADDRESS_TEXT];
    char calling[LK_AAA_CALLING_MAX + 1];
    char imsi[LK_IMSI_MAX_DIGITS + 1] = "";
    struct lk_address source = lk_datagram_address(&job->peer);

    lk_count(&worker->count->refused[refusal->reason]);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, &source);
    (void)snprintf(calling, sizeof calling, "%.*s", (int)node->calling_len, node->calling);
    if (node->eap.imsi.digits[0] != '\0')
        lk_log_imsi(imsi, &node->eap.imsi);
    {
        const struct lk_log_field fields[] = {
            { "answer", answer },
            { "imsi", imsi[0] == '\0' ? NULL : imsi },
            { "method", method_name(node->eap.type) },
            { "client", address },
            { "client_name", client_name(worker, node->client) },
            { "station", calling[0] == '\0' ? NULL : calling },
        };

        lk_log_refusal(refusal, worker->now_ms, fields, LK_COUNT_OF(fields));
    }
}

static void log_accepted(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                         const struct lk_imsi *who, const char *method, const char *by)
{
    const struct lk_radius_mis *mis = &worker->node_out.mis;
    char mn[LK_RADIUS_MIS_MN_MAX + 1];
    static struct lk_log_limit limit;
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    char address[LK_ADDRESS_TEXT];
    char left_out_text[16];
    uint32_t left_out;
    struct lk_address source = lk_datagram_address(&job->peer);

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, worker->now_ms, &left_out))
        return;
    lk_log_imsi(imsi, who);
    lk_address_text(address, &source);
    (void)snprintf(mn, sizeof mn, "%.*s", mis->mn_len, (const char *)mis->mn);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "accepted", { "imsi", imsi }, { "method", method }, { "by", by },
           { "mis_mn", mis->mn_len > 0 ? mn : NULL }, { "client", address },
           { "client_name", client_name(worker, job->node.client) },
           { "left_out", left_out > 0 ? left_out_text : NULL });
}

/* Accepted, and given less than the network asked for. */
static void log_withheld(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                         enum lk_reason reason)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);

    log_refusal(worker, job, &refusal, "accept");
}

/* ---- outputs ---- */

static size_t method_index(uint8_t eap_type)
{
    return eap_type == LK_EAP_AKA         ? LK_METHOD_INDEX_AKA
           : eap_type == LK_EAP_AKA_PRIME ? LK_METHOD_INDEX_AKA_PRIME
                                          : LK_METHOD_INDEX_COUNT;
}

static void count_grant(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                        const struct lk_grant *grant)
{
    size_t method = method_index(grant->eap_type);

    if (job->is_probe) {
        lk_count(&worker->count->probes);
        return;
    }
    LK_ASSERT(method < LK_METHOD_INDEX_COUNT);
    lk_aaa_is_proven(worker, job, &grant->imsi, !grant->fast);
    lk_count(grant->fast ? &worker->count->reauthenticated[method]
                         : &worker->count->accepted[method]);
    log_accepted(worker, job, &grant->imsi, method_name(grant->eap_type),
                 grant->fast ? "re-authentication" : "full authentication");
}

/* What ERP came to; false: this was none. */
static bool carry_out_erp(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job)
{
    const struct lk_erp_output *grant =
        lk_erp_outbox_find(&worker->node_out.erp, LK_ERP_OUT_GRANT);
    const struct lk_erp_output *failed =
        lk_erp_outbox_find(&worker->node_out.erp, LK_ERP_OUT_FAILED);

    if (grant != NULL) {
        lk_aaa_is_proven(worker, job, &grant->grant.imsi, false);
        lk_count(&worker->count->erp_accepted);
        log_accepted(worker, job, &grant->grant.imsi, "erp", "re-authentication");
    } else if (failed != NULL) {
        lk_count(&worker->count->erp_rejected);
        log_refusal(worker, job, &failed->failed, "reject");
    }
    return grant != NULL || failed != NULL;
}

/* What came out besides the answer. */
static void carry_out(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job)
{
    const struct lk_outbox *outbox = &worker->node_out.eap;
    bool over = carry_out_erp(worker, job);

    if (lk_aaa_mip_carry_out(worker, job))
        return;

    if (worker->node_out.keeps_erp)
        lk_erp_table_keep(worker->process.setup->shared->erp, &worker->node_out.erp_context,
                          worker->now_ms);

    for (size_t i = 0; i < outbox->count; i++) {
        const struct lk_output *item = &outbox->item[i];

        switch (item->kind) {
        case LK_OUT_KEEP_REAUTH:
            lk_reauth_keep(worker->process.setup->shared->reauth, &item->keep_reauth,
                           worker->now_ms, REAUTH_LIFETIME_MS);
            break;
        case LK_OUT_GRANT:
            count_grant(worker, job, &item->grant);
            if (worker->node_out.akma.is_there && !job->is_probe)
                lk_aaa_akma_keep(worker, &item->grant.imsi);
            over = true;
            break;
        case LK_OUT_FAILED:
            lk_count(&worker->count->rejected[method_index(job->node.eap.type)]);
            if (!job->node.eap.refusal_told)
                log_refusal(worker, job, &item->failed, "reject");
            over = true;
            break;
        case LK_OUT_SEND:
        case LK_OUT_TIMER:
        case LK_OUT_ASK_VECTOR:
        case LK_OUT_ASK_REAUTH:
        case LK_OUT_ASK_CARD:
        case LK_OUTPUT_KIND_COUNT:
            break;
        }
    }
    if (worker->node_out.withheld != LK_REASON_NONE)
        log_withheld(worker, job, worker->node_out.withheld);
    if (over || job->node.code != LK_RADIUS_ACCESS_REQUEST)
        return;
    lk_count(&worker->count->challenges);
    /* A refusal counts when it is made: the device may never acknowledge its notification. */
    if (job->node.eap.state == LK_EAP_SERVER_AWAIT_NOTIFIED &&
        job->node.eap.refusal.reason != LK_REASON_NONE)
        log_refusal(worker, job, &job->node.eap.refusal, "notification");
}

/* To where the request came from. */
static void send_back(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                      struct lk_span octets)
{
    if (job->stream == 0)
        lk_datagrams_put(worker->out, &job->peer, octets);
    else if (!lk_radsec_server_send(worker->radsec, job->stream, octets))
        lk_count(&worker->count->send_lost);
}

static void answer(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    struct lk_span octets = lk_span_of(worker->node_out.answer, worker->node_out.answer_len);

    carry_out(worker, job);
    send_back(worker, job, octets);
    lk_reply_cache_keep(worker->cache, &job->key, worker->now_ms, octets);
    lk_count_latency(worker->count, lk_mono_us() - job->began_us);
    job_free(worker, job);
}

static void silence(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                    enum lk_reason reason)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);

    if (reason != LK_REASON_NONE)
        log_refusal(worker, job, &refusal, "none");
    if (job->marked)
        lk_reply_cache_forget(worker->cache, &job->key);
    if (job->stream != 0)
        lk_radsec_server_refused(worker->radsec, job->stream, reason);
    job_free(worker, job);
}

/* ---- events ---- */

static void event_begin(struct lk_aaa_worker *worker, struct lk_event *event,
                        enum lk_event_kind kind)
{
    event->kind = kind;
    event->now_ms = worker->now_ms;
    lk_entropy_take(&worker->entropy, event->entropy, sizeof event->entropy);
}

static enum lk_aaa_verdict tell_reauth(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                       const struct lk_output *question)
{
    struct lk_event event;
    enum lk_aaa_verdict verdict;
    uint8_t name[LK_REAUTH_NAME_LEN];

    memcpy(name, question->ask_reauth, sizeof name);
    event_begin(worker, &event, LK_EV_REAUTH);
    if (lk_reauth_take(worker->process.setup->shared->reauth, &event.reauth, name,
                       worker->now_ms) != LK_OK)
        event.kind = LK_EV_NO_REAUTH;
    lk_aaa_out_wipe(&worker->node_out);
    verdict = lk_aaa_job_told(&job->node, &worker->node_out, &worker->node, &event);
    lk_wipe(&event, sizeof event);
    return verdict;
}

static enum lk_aaa_verdict tell_no_vector(struct lk_aaa_worker *worker,
                                          struct lk_aaa_waiting *job, enum lk_reason reason)
{
    struct lk_event event;
    enum lk_aaa_verdict verdict;

    event_begin(worker, &event, LK_EV_NO_VECTOR);
    event.no_vector = reason;
    lk_aaa_out_wipe(&worker->node_out);
    verdict = lk_aaa_job_told(&job->node, &worker->node_out, &worker->node, &event);
    lk_wipe(&event, sizeof event);
    return verdict;
}

static void wait_for_vector(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                            const struct lk_output *question)
{
    struct lk_question *q = &job->question;

    q->id = lk_aaa_job_id(worker, job);
    q->began_us = job->began_us;
    q->is_probe = job->is_probe;
    q->imsi = question->ask_vector.imsi;
    q->keys = question->ask_vector.prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    q->resync = question->ask_vector.resync;
    memcpy(q->rand, question->ask_vector.rand, sizeof q->rand);
    memcpy(q->auts, question->ask_vector.auts, sizeof q->auts);
    job_wait(worker, job, LK_AAA_ASKING);
    lk_vectors_ask(&worker->vectors, q);
}

static void wait_for_record(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    struct lk_write *write =
        lk_durable_add(&worker->durable, LK_WRITE_RECORD, lk_aaa_job_id(worker, job));

    if (write == NULL) {
        lk_count(&worker->count->pool_full);
        silence(worker, job, LK_REASON_NONE);
        return;
    }
    write->record = worker->node_out.record;
    job_wait(worker, job, LK_AAA_STORING);
}

void lk_aaa_follow(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                   enum lk_aaa_verdict verdict)
{
    const struct lk_output *question;
    enum lk_reason refused = LK_REASON_NONE;

    while (verdict == LK_AAA_ASK &&
           (question = lk_outbox_find(&worker->node_out.eap, LK_OUT_ASK_REAUTH)) != NULL)
        verdict = tell_reauth(worker, job, question);
    question = lk_outbox_find(&worker->node_out.eap, LK_OUT_ASK_VECTOR);
    if (verdict == LK_AAA_ASK)
        refused = lk_aaa_why_not_ask(worker, job, question);
    if (refused != LK_REASON_NONE)
        verdict = tell_no_vector(worker, job, refused);
    if (verdict == LK_AAA_ASK_ERP)
        verdict = lk_aaa_tell_erp(worker, job);
    if (verdict == LK_AAA_SIGN)
        verdict = lk_aaa_sign(worker, job);
    if (verdict == LK_AAA_ASK_MIP)
        verdict = lk_aaa_ask_mip(worker, job);
    switch (verdict) {
    case LK_AAA_DROP:
        silence(worker, job, worker->node_out.reason);
        break;
    case LK_AAA_ANSWER:
        answer(worker, job);
        break;
    case LK_AAA_ASK:
        LK_ASSERT(question != NULL);
        wait_for_vector(worker, job, question);
        break;
    case LK_AAA_STORE:
        wait_for_record(worker, job);
        break;
    case LK_AAA_ASK_MIP:
        job_wait(worker, job, LK_AAA_ASKING_BSF);
        break;
    case LK_AAA_SIGN: /* done at once, above */
    case LK_AAA_ASK_ERP:
        LK_ASSERT(false);
        break;
    }
    lk_aaa_out_wipe(&worker->node_out);
}

/* ---- what was waited for ---- */

static struct lk_aaa_waiting *job_of(struct lk_question *question)
{
    return (struct lk_aaa_waiting *)(void *)((uint8_t *)question -
                                             offsetof(struct lk_aaa_waiting, question));
}

static struct lk_question *find_question(void *context, uint32_t id)
{
    struct lk_aaa_waiting *job = lk_aaa_job_by_id(context, id);

    return job == NULL ? NULL : &job->question;
}

static void on_vector(void *context, struct lk_question *question, const struct lk_vector *vector)
{
    struct lk_aaa_worker *worker = context;
    struct lk_aaa_waiting *job = job_of(question);
    struct lk_event event;
    enum lk_aaa_verdict verdict;

    event_begin(worker, &event, LK_EV_VECTOR);
    event.vector = *vector;
    verdict = lk_aaa_job_told(&job->node, &worker->node_out, &worker->node, &event);
    lk_wipe(&event, sizeof event);
    lk_aaa_follow(worker, job, verdict);
}

static void on_no_vector(void *context, struct lk_question *question, enum lk_reason reason)
{
    struct lk_aaa_worker *worker = context;
    struct lk_aaa_waiting *job = job_of(question);

    lk_aaa_had_none(worker, question);
    lk_aaa_follow(worker, job, tell_no_vector(worker, job, reason));
}

/* Ends a job in silence: its client asks again, or asks another server. */
static void on_given_up(void *context, struct lk_question *question, enum lk_reason reason)
{
    lk_aaa_had_none(context, question);
    silence(context, job_of(question), reason);
}

const struct lk_vectors_calls lk_aaa_vectors_calls = {
    .find = find_question,
    .vector = on_vector,
    .no_vector = on_no_vector,
    .given_up = on_given_up,
};

void lk_aaa_written(void *context, const struct lk_write *write)
{
    struct lk_aaa_worker *worker = context;
    struct lk_aaa_waiting *job = lk_aaa_job_by_id(worker, write->id);
    enum lk_aaa_verdict verdict;
    bool ok = write->status == LK_OK;

    worker->now_ms = lk_wall_ms();
    if (write->kind == LK_WRITE_ROW)
        lk_vectors_written(&worker->vectors, write);
    if (write->kind != LK_WRITE_RECORD || job == NULL || job->place != LK_AAA_STORING)
        return;
    verdict = lk_aaa_job_stored(&job->node, &worker->node_out, ok);
    if (ok)
        lk_count(&worker->count->accounted);
    lk_aaa_follow(worker, job, verdict);
}

void lk_aaa_jobs_sweep(struct lk_aaa_worker *worker)
{
    uint64_t now_us = lk_mono_us();

    lk_vectors_expire(&worker->vectors);
    for (uint32_t i = 0; i < worker->touched; i++) {
        struct lk_aaa_waiting *job = &worker->jobs[i];

        if (job->place == LK_AAA_FREE || job->question.place == LK_QUESTION_QUEUED ||
            now_us - job->began_us < LK_VECTORS_PATIENCE_US)
            continue;
        lk_count(&worker->count->timed_out);
        silence(worker, job,
                job->place == LK_AAA_ASKING_BSF ? LK_REASON_MIP_B_TID
                : job->question.place == LK_QUESTION_AT_VAULT ? LK_REASON_VAULT_UNAVAILABLE
                                                            : LK_REASON_STORE_UNAVAILABLE);
    }
}

/* ---- datagrams ---- */

/* The health probe has a secret and an address of its own. */
static const struct lk_radius_client *client_of(struct lk_aaa_worker *worker,
                                                const struct lk_address *source, uint16_t port,
                                                bool *is_probe)
{
    const struct lk_probe_place *probe = worker->process.setup->shared->probe.place;

    *is_probe = probe->port != 0 && probe->port == port &&
                lk_address_equal(&probe->address, source);
    if (*is_probe)
        return &worker->probe_client;
    return lk_radius_clients_find(&worker->clients, source);
}

/* Of whom, and what its repeats would be known by: a client that goes by name may repeat itself on
 * another connection. LK_E_NOT_FOUND, LK_E_SHORT: nothing like it is in the cache. */
static enum lk_status recognise(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                struct lk_aaa_datagram *datagram,
                                const struct lk_aaa_origin *origin)
{
    uint16_t port = lk_datagram_port(&origin->peer);
    bool accounting = origin->port == LK_RADIUS_ACCT_PORT;

    datagram->source = lk_datagram_address(&origin->peer);
    datagram->client = origin->client;
    datagram->is_protected = origin->stream != 0;
    if (origin->stream == 0)
        datagram->client = client_of(worker, &datagram->source, port, &job->is_probe);
    if (datagram->client == NULL)
        return LK_E_NOT_FOUND;
    if (datagram->client->by_name)
        return lk_reply_key_of(&job->key, &datagram->client->prefix.address, 0, accounting,
                               datagram->octets);
    return lk_reply_key_of(&job->key, &datagram->source, port, accounting, datagram->octets);
}

void lk_aaa_receive(struct lk_aaa_worker *worker, const struct lk_aaa_origin *origin,
                    struct lk_span octets)
{
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram datagram = { .octets = octets, .port = origin->port,
                                        .entropy = entropy };
    struct lk_aaa_waiting *job;
    struct lk_span kept;

    lk_count(&worker->count->requests);
    job = job_take(worker);
    if (job == NULL) {
        lk_count(&worker->count->pool_full);
        return;
    }
    job->peer = origin->peer;
    job->stream = origin->stream;
    job->is_probe = false;
    job->began_us = lk_mono_us();
    datagram.now_ms = worker->now_ms;
    if (recognise(worker, job, &datagram, origin) == LK_OK) {
        enum lk_reply_found found =
            lk_reply_cache_find(worker->cache, &kept, &job->key, worker->now_ms);

        if (found == LK_REPLY_ANSWER)
            send_back(worker, job, kept);
        if (found != LK_REPLY_NONE) {
            lk_count(&worker->count->duplicates);
            job_free(worker, job);
            return;
        }
    }
    lk_entropy_take(&worker->entropy, entropy, sizeof entropy);
    lk_aaa_follow(worker, job,
                  lk_aaa_job_receive(&job->node, &worker->node_out, &worker->node, &datagram));
    lk_wipe(entropy, sizeof entropy);
}
