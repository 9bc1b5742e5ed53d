/* Ub: a request of HTTP through its machine. What the machine asks the store is answered at once,
 * what it asks the vault later, and its answer leaves when what came of it is durable. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mip_way.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "role/bsf_process.h"
#include "role/bsf_session.h"

enum { MS = 1000, OK = 200, UNAUTHORIZED = 401, UNAVAILABLE = 503 };
#define SECOND_US UINT64_C(1000000)
#define PRODUCT "latchkey 3gpp-gba-tmpi"

/* A07: of the ten vectors a second that a subscriber has, strangers at Ub get one, beside what
 * those at the AAA and at eNBs get. */
static const struct lk_budget_rate strangers = { 4, SECOND_US };

/* ---- the pool ---- */

static struct lk_bsf_job *job_take(struct lk_bsf_process *bsf)
{
    for (size_t i = 0; i < LK_BSF_JOBS; i++) {
        struct lk_bsf_job *job = &bsf->jobs[i];

        if (job->busy)
            continue;
        job->busy = true;
        bsf->process.slot->jobs++;
        lk_gba_bsf_init(&job->machine);
        return job;
    }
    return NULL;
}

static uint32_t job_id(const struct lk_bsf_process *bsf, const struct lk_bsf_job *job)
{
    return job->generation << LK_BSF_JOBS_BITS | (uint32_t)(job - bsf->jobs);
}

static struct lk_bsf_job *job_by_id(struct lk_bsf_process *bsf, uint32_t id)
{
    struct lk_bsf_job *job = &bsf->jobs[id & (LK_BSF_JOBS - 1)];

    return job->busy && job_id(bsf, job) == id ? job : NULL;
}

static void job_free(struct lk_bsf_process *bsf, struct lk_bsf_job *job)
{
    uint32_t generation = job->generation + 1;

    lk_gba_bsf_outbox_wipe(&job->out);
    lk_wipe(job, sizeof *job);
    job->generation = generation;
    bsf->process.slot->jobs--;
}

bool lk_bsf_ub_is_idle(const struct lk_bsf_process *bsf)
{
    return bsf->process.slot->jobs == 0;
}

/* ---- telling humans ---- */

static void refused(struct lk_bsf_process *bsf, const struct lk_bsf_job *job,
                    const struct lk_refusal *refusal)
{
    char address[LK_ADDRESS_TEXT], imsi[LK_IMSI_MAX_DIGITS + 1] = "";
    bool has_imsi = job->machine.imsi.digits[0] != '\0';
    const struct lk_log_field fields[] = { { "from", address },
                                           { "imsi", has_imsi ? imsi : NULL } };

    lk_process_refused(&bsf->process, refusal->reason);
    lk_process_count(&bsf->process, LK_BSF_OWN_REFUSED);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, &job->from);
    if (has_imsi)
        lk_log_imsi(imsi, &job->machine.imsi);
    lk_log_refusal(refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void refused_for(struct lk_bsf_process *bsf, const struct lk_bsf_job *job,
                        enum lk_reason reason)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);

    refused(bsf, job, &refusal);
}

static void bootstrapped(struct lk_bsf_process *bsf, const struct lk_bsf_job *job,
                         const struct lk_imsi *who)
{
    static struct lk_log_limit limit;
    char address[LK_ADDRESS_TEXT], imsi[LK_IMSI_MAX_DIGITS + 1], left_out_text[16];
    uint32_t left_out;

    lk_process_count(&bsf->process, LK_BSF_OWN_BOOTSTRAPPED);
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_log_imsi(imsi, who);
    lk_address_text(address, &job->from);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "bootstrapped", { "imsi", imsi }, { "from", address },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* ---- the answer ---- */

static const char *text_of(char room[LK_HTTP_DIGEST_MAX + 1], struct lk_span span)
{
    (void)snprintf(room, LK_HTTP_DIGEST_MAX + 1, "%.*s", (int)span.len,
                   span.len == 0 ? "" : (const char *)span.at);
    return room;
}

static void send_answer(struct lk_bsf_process *bsf, struct lk_bsf_job *job)
{
    const struct lk_gba_bsf_output *item =
        lk_gba_bsf_outbox_find(&job->out, LK_GBA_BSF_OUT_ANSWER);
    char challenge[LK_HTTP_DIGEST_MAX + 1], info[LK_HTTP_DIGEST_MAX + 1];
    char expires[LK_HTTP_DATE_TEXT];
    struct lk_http_field fields[4] = { { "Server", PRODUCT } };
    struct lk_http_reply reply = { .status = item->answer.status, .fields = fields,
                                   .field_count = 1, .text = item->answer.body };

    if (item->answer.challenge.len > 0)
        fields[reply.field_count++] = (struct lk_http_field){
            "WWW-Authenticate", text_of(challenge, item->answer.challenge)
        };
    if (item->answer.info.len > 0)
        fields[reply.field_count++] = (struct lk_http_field){
            "Authentication-Info", text_of(info, item->answer.info)
        };
    /* spec: TS 24.109 4.3 - the media type, and Expires with the key's end. */
    if (item->answer.body.len > 0) {
        reply.type = "application/vnd.3gpp.bsf+xml";
        lk_http_date(expires, item->answer.expires_s);
        fields[reply.field_count++] = (struct lk_http_field){ "Expires", expires };
    }
    if (reply.status == UNAUTHORIZED)
        lk_process_count(&bsf->process, LK_BSF_OWN_CHALLENGES);
    lk_http_reply(job->request, &reply);
    job_free(bsf, job);
}

static void give_up(struct lk_bsf_process *bsf, struct lk_bsf_job *job)
{
    lk_http_answer(job->request, UNAVAILABLE, "text/plain", lk_span_text("try again later\n"));
    job_free(bsf, job);
}

/* ---- what the machine asks ---- */

static struct lk_vector_source source_of(const struct lk_bsf_job *job)
{
    return (struct lk_vector_source){ .address = job->from, .station = lk_span_of(NULL, 0) };
}

/* A18: a TMPI that nobody has takes of budgets of its own, as one that somebody has does. Those of
 * an IMSI that there is are none of them: no MCC begins so. */
static struct lk_imsi stand_in(const struct lk_bsf_process *bsf, struct lk_span tmpi)
{
    const struct lk_span parts[] = { lk_span_text("latchkey-bsf-nobody-1"),
                                     LK_SPAN(bsf->process.node_key->octets), tmpi };
    struct lk_imsi imsi = { "000" };
    uint8_t hash[LK_SHA256_LEN];

    lk_sha256(hash, parts, LK_COUNT_OF(parts));
    for (size_t i = 3; i < LK_IMSI_MAX_DIGITS; i++)
        imsi.digits[i] = (char)('0' + hash[i] % 10);
    return imsi;
}

static void find_name(struct lk_bsf_process *bsf, struct lk_bsf_job *job,
                      struct lk_gba_bsf_event *event, struct lk_span tmpi)
{
    struct lk_store *store = lk_vectors_store(&bsf->vectors);
    struct lk_session_row row;
    enum lk_status status = LK_E_NOT_FOUND;

    if (store != NULL)
        status = lk_store_session_find(store, &row, LK_SESSION_GBA, LK_SESSION_BY_ALIAS, tmpi,
                                       event->now_ms / MS);
    if (status != LK_OK && status != LK_E_NOT_FOUND)
        lk_vectors_store_failed(&bsf->vectors);
    event->kind = status == LK_OK ? LK_GBA_BSF_EV_NAME : LK_GBA_BSF_EV_NO_NAME;
    if (status == LK_OK)
        event->name = row.imsi;
    else
        job->counted_as = stand_in(bsf, tmpi);
}

/* Why the vault is not asked; NONE: it is. The narrowest first. */
static enum lk_reason why_not_ask(struct lk_bsf_process *bsf, const struct lk_bsf_job *job)
{
    const struct lk_question *q = &job->question;
    const struct lk_imsi *whose = job->nobody ? &job->counted_as : &q->imsi;
    struct lk_vector_source source = source_of(job);
    uint64_t now_us = lk_mono_us();

    if (q->resync)
        return lk_vector_sources_may_resync(&bsf->sources, &q->imsi, q->rand, now_us)
                   ? LK_REASON_NONE
                   : LK_REASON_AUTS_TWICE;
    if (!lk_budgets_take_from(bsf->rates, &job->from, bsf->process.config->bsf.rate, now_us) ||
        !lk_vector_sources_may_ask(&bsf->sources, whose, &source, now_us))
        return LK_REASON_SOURCE_TOO_FAST;
    if (lk_vector_sources_known(&bsf->sources, whose, &source, now_us) ||
        lk_budgets_take(bsf->rates, lk_span_text(whose->digits), &strangers, now_us))
        return LK_REASON_NONE;
    return LK_REASON_SOURCE_TOO_FAST;
}

/* True: an event answers at once. A18: who has no IMSI asks the vault for one that nobody has. */
static bool ask_vector(struct lk_bsf_process *bsf, struct lk_bsf_job *job,
                       struct lk_gba_bsf_event *event, const struct lk_gba_bsf_output *item)
{
    struct lk_question *q = &job->question;

    job->nobody = item->ask_vector.nobody;
    q->id = job_id(bsf, job);
    q->began_us = lk_mono_us();
    q->imsi = item->ask_vector.imsi;
    if (q->imsi.digits[0] == '\0')
        memset(q->imsi.digits, '0', LK_IMSI_MAX_DIGITS);
    q->keys = LK_VECTOR_CK_IK;
    q->is_probe = false;
    q->resync = item->ask_vector.resync;
    memcpy(q->rand, item->ask_vector.rand, sizeof q->rand);
    memcpy(q->auts, item->ask_vector.auts, sizeof q->auts);
    event->no_vector = why_not_ask(bsf, job);
    if (event->no_vector == LK_REASON_NONE) {
        lk_vectors_ask(&bsf->vectors, q);
        return false;
    }
    lk_process_count(&bsf->process, LK_BSF_OWN_OVER_BUDGET);
    event->kind = LK_GBA_BSF_EV_NO_VECTOR;
    return true;
}

static void keep(struct lk_bsf_process *bsf, struct lk_bsf_job *job,
                 const struct lk_gba_session *session)
{
    struct lk_write *write = lk_durable_add(&bsf->durable, LK_WRITE_SESSION, job_id(bsf, job));
    struct lk_vector_source source = source_of(job);

    lk_vector_sources_proven(&bsf->sources, &session->imsi, &source, lk_mono_us());
    if (write == NULL) {
        lk_process_count(&bsf->process, LK_BSF_OWN_NOT_KEPT);
        refused_for(bsf, job, LK_REASON_STORE_UNAVAILABLE);
        give_up(bsf, job);
        return;
    }
    lk_bsf_session_seal(&write->session, session, bsf->process.node_key);
    lk_seen_named_key(&bsf->seen, LK_APP_KEY_LOG_KS, session->b_tid, NULL,
                      LK_SPAN(session->ks.octets));
}

void lk_bsf_ub_written(struct lk_bsf_process *bsf, const struct lk_write *write)
{
    struct lk_bsf_job *job = job_by_id(bsf, write->id);

    if (job == NULL)
        return;
    if (write->status == LK_OK) {
        bootstrapped(bsf, job, &write->session.imsi);
        send_answer(bsf, job);
        return;
    }
    lk_process_count(&bsf->process, LK_BSF_OWN_NOT_KEPT);
    refused_for(bsf, job, write->status == LK_E_CONFLICT ? LK_REASON_GBA_NEWER
                                                         : LK_REASON_STORE_UNAVAILABLE);
    give_up(bsf, job);
}

/* ---- steps ---- */

/* What the outbox says. True: event is what answers at once. The job may be over. */
static bool carry_out(struct lk_bsf_process *bsf, struct lk_bsf_job *job,
                      struct lk_gba_bsf_event *event)
{
    const struct lk_gba_bsf_output *item;

    if ((item = lk_gba_bsf_outbox_find(&job->out, LK_GBA_BSF_OUT_FAILED)) != NULL)
        refused(bsf, job, &item->failed);
    if ((item = lk_gba_bsf_outbox_find(&job->out, LK_GBA_BSF_OUT_ASK_NAME)) != NULL) {
        find_name(bsf, job, event, item->ask_name);
        return true;
    }
    if ((item = lk_gba_bsf_outbox_find(&job->out, LK_GBA_BSF_OUT_ASK_VECTOR)) != NULL)
        return ask_vector(bsf, job, event, item);
    if ((item = lk_gba_bsf_outbox_find(&job->out, LK_GBA_BSF_OUT_KEEP)) != NULL)
        keep(bsf, job, &item->keep);
    else
        send_answer(bsf, job);
    return false;
}

static void step(struct lk_bsf_process *bsf, struct lk_bsf_job *job,
                 struct lk_gba_bsf_event *event)
{
    bool more;

    do {
        event->now_ms = lk_wall_ms();
        lk_entropy_take(&bsf->entropy, event->entropy, sizeof event->entropy);
        if (lk_gba_bsf_step(&job->machine, lk_bsf_machine_config(bsf, event->now_ms), event,
                            &job->out) != LK_OK) {
            give_up(bsf, job);
            break;
        }
        lk_wipe(event, sizeof *event);
        event->now_ms = lk_wall_ms();
        more = carry_out(bsf, job, event);
    } while (more);
    lk_wipe(event, sizeof *event);
}

void lk_bsf_ub_request(void *context, struct lk_http_request *request, const char *path)
{
    struct lk_bsf_process *bsf = context;
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_REQUEST };
    struct lk_bsf_job *job;

    lk_process_count(&bsf->process, LK_BSF_OWN_REQUESTS);
    job = bsf->process.leaving ? NULL : job_take(bsf);
    if (job == NULL) {
        lk_process_count(&bsf->process, LK_BSF_OWN_FULL);
        lk_http_answer(request, UNAVAILABLE, "text/plain", lk_span_text("try again later\n"));
        return;
    }
    job->request = request;
    job->from = lk_http_from(request);
    event.request.method = lk_span_text(lk_http_method(request));
    event.request.uri = lk_span_text(path);
    event.request.authorization = lk_http_header(request, "Authorization");
    event.request.body = lk_http_body(request);
    step(bsf, job, &event);
}

/* ---- vectors ---- */

static struct lk_bsf_job *job_of(struct lk_question *question)
{
    return (struct lk_bsf_job *)(void *)((uint8_t *)question -
                                         offsetof(struct lk_bsf_job, question));
}

static struct lk_question *find(void *context, uint32_t id)
{
    struct lk_bsf_job *job = job_by_id(context, id);

    return job == NULL ? NULL : &job->question;
}

static void on_no_vector(void *context, struct lk_question *question, enum lk_reason reason)
{
    struct lk_bsf_process *bsf = context;
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_NO_VECTOR, .no_vector = reason };

    if (question->resync)
        lk_vector_sources_no_resync(&bsf->sources, &question->imsi, question->rand);
    step(bsf, job_of(question), &event);
}

static void on_vector(void *context, struct lk_question *question, const struct lk_vector *vector)
{
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_VECTOR, .vector = *vector,
                                      .untold = (question->row.mip_refused &
                                                 lk_mip_way_bit(LK_MIP_WAY_BSF)) != 0 };

    if (job_of(question)->nobody)
        on_no_vector(context, question, LK_REASON_SUBSCRIBER_UNKNOWN);
    else
        step(context, job_of(question), &event);
    lk_wipe(&event, sizeof event);
}

const struct lk_vectors_calls lk_bsf_vectors_calls = {
    .find = find, .vector = on_vector, .no_vector = on_no_vector, .given_up = on_no_vector,
};
