/* Naanf_AKMA: what AUSFs and AFs ask. Paths are those of TS 29.535; docs/rooms/akma.md has the
 * messages.
 *
 *     AnchorKey_Register           {supi, aKId, kAkma}  of an AUSF
 *     Context_Remove               {supi}               of an AUSF
 *     ApplicationKey_Get           {afId, aKId}         of that AF: {kaf, expiry, supi}
 *     ApplicationKey_AnonUser_Get  with anonInd         of that AF: {kaf, expiry}
 *
 * K_AKMA does not leave this process. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/aanf_client.h"
#include "role/aanf_process.h"
#include "role/akma_names.h"
#include "role/http_json.h"
#include "role/session_seal.h"
#include "wire/gba_xml.h"

enum {
    OK = 200,
    DONE = 204,
    BAD_REQUEST = 400,
    FORBIDDEN = 403,
    NOT_FOUND = 404,
    CONFLICT = 409,
    TOO_MANY = 429,
    UNAVAILABLE = 503,
    MS = 1000,
};

/* One request. */
struct question {
    struct lk_aanf_process *aanf;
    struct lk_http_request *request;
    const json_t *body;
    bool is_ausf;
    char subject[LK_STREAM_DETAIL];
};

/* A row for each reason that something is refused for here. */
static unsigned status_of(enum lk_reason reason)
{
    static const struct {
        enum lk_reason reason;
        unsigned status;
    } rows[] = {
        { LK_REASON_AKMA_MALFORMED, BAD_REQUEST }, { LK_REASON_AKMA_AUSF, FORBIDDEN },
        { LK_REASON_AKMA_AF, FORBIDDEN },          { LK_REASON_AKMA_A_KID, NOT_FOUND },
        { LK_REASON_AKMA_RID, NOT_FOUND },         { LK_REASON_AKMA_NO_CONTEXT, NOT_FOUND },
        { LK_REASON_AKMA_NEWER, CONFLICT },        { LK_REASON_AKMA_TOO_FAST, TOO_MANY },
        { LK_REASON_STORE_UNAVAILABLE, UNAVAILABLE },
    };
    size_t i = 0;

    while (i < LK_COUNT_OF(rows) && rows[i].reason != reason)
        i++;
    LK_ASSERT(i < LK_COUNT_OF(rows));
    return rows[i].status;
}

static void refuse(const struct question *q, enum lk_reason reason, const char *af_id)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);
    const struct lk_log_field fields[] = { { "af", af_id },
                                           { "by", q->subject[0] == '\0' ? NULL : q->subject } };

    lk_process_refused(&q->aanf->process, reason);
    lk_process_count(&q->aanf->process, LK_AANF_OWN_REFUSED);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
    lk_http_json_problem(q->request, status_of(reason), reason);
}

void lk_aanf_log(const char *what, const char *by, const char *ua, const struct lk_imsi *imsi)
{
    static struct lk_log_limit limit;
    char text[LK_IMSI_MAX_DIGITS + 1], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_log_imsi(text, imsi);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, what, { "by", by }, { "ua", ua }, { "imsi", text },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* ---- what is in a request ---- */

static bool is_a_kid(const char *a_kid)
{
    size_t len = strlen(a_kid);

    for (size_t i = 0; i < len; i++)
        if (a_kid[i] <= ' ' || a_kid[i] > '~')
            return false;
    return len > 0 && len <= LK_A_KID_MAX && strchr(a_kid, '@') != NULL;
}

/* Whether the A-KID is for us, by its routing indicator. */
static bool serves(const struct lk_aanf_process *aanf, const char *a_kid)
{
    const struct lk_config *config = aanf->process.config;
    char rid[LK_RID_MAX + 1];

    if (config->aanf.rid_count == 0)
        return true;
    if (lk_a_kid_rid(rid, config->akma.a_kid, lk_span_text(a_kid)) != LK_OK)
        return false;
    for (size_t i = 0; i < config->aanf.rid_count; i++)
        if (strcmp(config->aanf.rids[i], rid) == 0)
            return true;
    return false;
}

/* ---- register ---- */

static struct lk_aanf_job *job_take(struct lk_aanf_process *aanf)
{
    for (size_t i = 0; i < LK_AANF_JOBS; i++)
        if (aanf->jobs[i].request == NULL)
            return &aanf->jobs[i];
    return NULL;
}

static uint32_t id_of(const struct lk_aanf_process *aanf, const struct lk_aanf_job *job)
{
    return job->generation << LK_AANF_JOBS_BITS | (uint32_t)(job - aanf->jobs);
}

bool lk_aanf_is_idle(const struct lk_aanf_process *aanf)
{
    return aanf->process.slot->jobs == 0;
}

/* A time that is not here yet would keep later keys out. */
static void set_times(struct lk_session_row *row, json_int_t made_ms, unsigned lifetime_s)
{
    uint64_t now_ms = lk_wall_ms();

    row->created_ms =
        made_ms > 0 && (uint64_t)made_ms < now_ms ? (uint64_t)made_ms : now_ms;
    row->expires_s = row->created_ms / MS + lifetime_s;
}

static bool read_registration(const struct question *q, struct lk_session_row *row,
                              struct lk_k_akma *key)
{
    const char *supi, *a_kid, *k_akma;
    json_int_t made_ms = 0;
    size_t len = 0;

    memset(row, 0, sizeof *row);
    if (json_unpack((json_t *)(uintptr_t)q->body, "{s:s, s:s, s:s, s?I}", "supi", &supi, "aKId",
                    &a_kid, "kAkma", &k_akma, "madeMs", &made_ms) != 0 ||
        lk_supi_read(&row->imsi, supi) != LK_OK || !is_a_kid(a_kid) ||
        lk_hex_decode(key->octets, sizeof key->octets, &len, lk_span_text(k_akma)) != LK_OK ||
        len != sizeof key->octets)
        return false;
    row->kind = LK_SESSION_AKMA;
    (void)snprintf(row->identity, sizeof row->identity, "%s", row->imsi.digits);
    (void)snprintf(row->name, sizeof row->name, "%s", a_kid);
    set_times(row, made_ms, q->aanf->process.config->aanf.lifetime_s);
    return true;
}

/* spec: TS 33.535 6.1 - the AAnF keeps {SUPI, A-KID, K_AKMA}, the newest of a SUPI alone. */
static void do_register(struct question *q)
{
    struct lk_aanf_process *aanf = q->aanf;
    struct lk_session_row row;
    struct lk_k_akma key;
    struct lk_aanf_job *job = job_take(aanf);
    struct lk_write *write = NULL;
    enum lk_reason reason = LK_REASON_NONE;

    if (!read_registration(q, &row, &key))
        reason = LK_REASON_AKMA_MALFORMED;
    else if (!serves(aanf, row.name))
        reason = LK_REASON_AKMA_RID;
    else if (job != NULL && !aanf->process.leaving)
        write = lk_durable_add(&aanf->durable, LK_WRITE_SESSION, id_of(aanf, job));
    if (write != NULL) {
        lk_session_seal(&row, LK_SPAN(key.octets), aanf->process.node_key);
        write->session = row;
        lk_seen_named_key(&aanf->seen, LK_APP_KEY_LOG_K_AKMA, row.name, NULL,
                          LK_SPAN(key.octets));
        job->request = q->request;
        aanf->process.slot->jobs++;
    } else if (reason == LK_REASON_NONE) {
        lk_process_count(&aanf->process, LK_AANF_OWN_FULL);
        refuse(q, LK_REASON_STORE_UNAVAILABLE, NULL);
    } else {
        refuse(q, reason, NULL);
    }
    lk_wipe(&key, sizeof key);
}

void lk_aanf_written(struct lk_aanf_process *aanf, const struct lk_write *write)
{
    struct lk_aanf_job *job = &aanf->jobs[write->id & (LK_AANF_JOBS - 1)];
    struct question q = { .aanf = aanf, .request = job->request };
    char supi[LK_SUPI_TEXT];

    if (job->request == NULL || id_of(aanf, job) != write->id)
        return;
    job->request = NULL;
    job->generation++;
    aanf->process.slot->jobs--;
    if (write->status != LK_OK) {
        lk_process_count(&aanf->process, LK_AANF_OWN_NOT_KEPT);
        refuse(&q, write->status == LK_E_CONFLICT ? LK_REASON_AKMA_NEWER
                                                  : LK_REASON_STORE_UNAVAILABLE, NULL);
        return;
    }
    lk_process_count(&aanf->process, LK_AANF_OWN_REGISTERED);
    lk_aanf_log("akma-registered", NULL, NULL, &write->session.imsi);
    lk_supi_say(supi, &write->session.imsi);
    lk_http_json_answer(q.request, OK, json_pack("{s:s, s:s}", "supi", supi, "aKId",
                                                 write->session.name));
}

/* ---- remove ---- */

static void do_remove(struct question *q)
{
    struct lk_store *store = lk_store_view_get(&q->aanf->store);
    enum lk_status status = LK_E_STORE;
    struct lk_imsi imsi;
    const char *supi;

    if (json_unpack((json_t *)(uintptr_t)q->body, "{s:s}", "supi", &supi) != 0 ||
        lk_supi_read(&imsi, supi) != LK_OK) {
        refuse(q, LK_REASON_AKMA_MALFORMED, NULL);
        return;
    }
    if (store != NULL)
        status = lk_store_session_remove(store, LK_SESSION_AKMA, &imsi);
    if (status == LK_E_NOT_FOUND) {
        refuse(q, LK_REASON_AKMA_NO_CONTEXT, NULL);
    } else if (status != LK_OK) {
        lk_store_view_failed(&q->aanf->store);
        refuse(q, LK_REASON_STORE_UNAVAILABLE, NULL);
    } else {
        lk_process_count(&q->aanf->process, LK_AANF_OWN_REMOVED);
        lk_aanf_log("akma-removed", q->subject, NULL, &imsi);
        lk_http_answer(q->request, DONE, "application/json", lk_span_of(NULL, 0));
    }
}

/* ---- get ---- */

static enum lk_reason find(const struct question *q, struct lk_session_row *row,
                           struct lk_k_akma *key, const char *a_kid)
{
    struct lk_aanf_process *aanf = q->aanf;
    struct lk_store *store = lk_store_view_get(&aanf->store);
    enum lk_status status = LK_E_STORE;

    if (!serves(aanf, a_kid))
        return LK_REASON_AKMA_RID;
    if (store != NULL)
        status = lk_store_session_find(store, row, LK_SESSION_AKMA, LK_SESSION_BY_NAME,
                                       lk_span_text(a_kid), lk_wall_ms() / MS);
    if (status != LK_OK && status != LK_E_NOT_FOUND) {
        lk_store_view_failed(&aanf->store);
        return LK_REASON_STORE_UNAVAILABLE;
    }
    /* Of another node key, or altered: as if it were not there; the UE authenticates again. */
    return status == LK_OK && lk_session_open(key->octets, sizeof key->octets, row,
                                              aanf->process.node_key) == LK_OK
               ? LK_REASON_NONE
               : LK_REASON_AKMA_A_KID;
}

static json_t *key_json(struct lk_aanf_process *aanf, const struct lk_session_row *row,
                        const struct lk_k_akma *k_akma, const char *fqdn, const struct lk_ua_id *ua)
{
    char time[LK_XML_TIME_LEN], text[2 * sizeof k_akma->octets + 1];
    struct lk_naf_id af_id;
    struct lk_k_af key;
    enum lk_status status = lk_xml_time(time, row->expires_s);
    json_t *answer;

    lk_naf_id_of(&af_id, lk_span_text(fqdn), ua);
    lk_k_af_derive(&key, k_akma, &af_id);
    lk_seen_named_key(&aanf->seen, LK_APP_KEY_LOG_K_AF, row->name, &af_id, LK_SPAN(key.octets));
    LK_ASSERT(status == LK_OK && lk_hex_encode(text, sizeof text, LK_SPAN(key.octets)) == LK_OK);
    answer = json_pack("{s:s, s:s%}", "kaf", text, "expiry", time, sizeof time);
    lk_wipe(&key, sizeof key);
    lk_wipe(text, sizeof text);
    return answer;
}

/* spec: TS 33.535 6.2 - to an AF its own key; whose it is, only where it may know and wants to.
 * A20: who shows another name gets none, and learns nothing of who there is. */
static void do_get(struct question *q)
{
    const struct lk_config_aanf *config = &q->aanf->process.config->aanf;
    const struct lk_config_naf *af;
    const char *af_id = NULL, *a_kid;
    char fqdn[LK_FQDN_MAX + 1], supi[LK_SUPI_TEXT];
    struct lk_session_row row;
    struct lk_k_akma key;
    struct lk_ua_id ua;
    enum lk_reason reason = LK_REASON_AKMA_MALFORMED;
    int anonymous = 0;
    json_t *answer;

    if (json_unpack((json_t *)(uintptr_t)q->body, "{s:s, s:s, s?b}", "afId", &af_id, "aKId", &a_kid,
                    "anonInd", &anonymous) == 0 &&
        is_a_kid(a_kid) && lk_af_id_read(fqdn, &ua, af_id) == LK_OK) {
        af = lk_naf_asks(q->request, config->afs, config->af_count, fqdn, strrchr(af_id, '/') + 1,
                         q->subject);
        reason = af == NULL ? LK_REASON_AKMA_AF : find(q, &row, &key, a_kid);
    }
    if (reason != LK_REASON_NONE) {
        refuse(q, reason, af_id);
        return;
    }
    answer = key_json(q->aanf, &row, &key, fqdn, &ua);
    lk_wipe(&key, sizeof key);
    lk_supi_say(supi, &row.imsi);
    if (af->identity && !anonymous)
        (void)json_object_set_new(answer, "supi", json_string(supi));
    lk_process_count(&q->aanf->process, LK_AANF_OWN_AF_KEYS);
    if (anonymous)
        lk_process_count(&q->aanf->process, LK_AANF_OWN_ANONYMOUS);
    lk_aanf_log("af-key", fqdn, strrchr(af_id, '/') + 1, &row.imsi);
    lk_http_json_answer(q->request, OK, answer);
}

/* ---- who asks ---- */

static bool is_ausf(struct question *q)
{
    const struct lk_config_aanf *config = &q->aanf->process.config->aanf;

    for (size_t i = 0; i < config->ausf_count; i++)
        if (lk_http_is_from(q->request, config->ausfs[i], q->subject))
            return true;
    return false;
}

/* Of an AF by its name, so that nobody at its address, or in its stead, takes of what it has; of
 * all others by where they are. */
static bool within_rate(struct question *q)
{
    const struct lk_config_aanf *config = &q->aanf->process.config->aanf;
    const struct lk_address from = lk_http_from(q->request);

    for (size_t i = 0; i < config->af_count; i++)
        if (lk_http_is_from(q->request, config->afs[i].name, q->subject))
            return lk_budget_take(&q->aanf->af_budget[i], config->rate, config->rate,
                                  lk_mono_ms());
    return lk_budgets_take_from(q->aanf->rates, &from, q->aanf->process.config->aanf.rate,
                                lk_mono_us());
}

static const struct service {
    const char *path;
    bool of_ausf;
    void (*act)(struct question *q);
} services[] = {
    { LK_AANF_REGISTER, true, do_register },
    { LK_AANF_REMOVE, true, do_remove },
    { LK_AANF_RETRIEVE, false, do_get },
};

static void judge(struct question *q, const struct service *service)
{
    q->is_ausf = is_ausf(q);
    if (!q->is_ausf && !within_rate(q)) {
        lk_process_count(&q->aanf->process, LK_AANF_OWN_OVER_BUDGET);
        refuse(q, LK_REASON_AKMA_TOO_FAST, NULL);
    } else if (service->of_ausf && !q->is_ausf) {
        refuse(q, LK_REASON_AKMA_AUSF, NULL);
    } else {
        service->act(q);
    }
}

void lk_aanf_request(void *context, struct lk_http_request *request, const char *path)
{
    struct question q = { .aanf = context, .request = request };
    const struct service *service = NULL;
    json_t *body;

    lk_process_count(&q.aanf->process, LK_AANF_OWN_REQUESTS);
    for (size_t i = 0; i < LK_COUNT_OF(services); i++)
        if (strcmp(path, services[i].path) == 0 && strcmp(lk_http_method(request), "POST") == 0)
            service = &services[i];
    if (service == NULL) {
        lk_http_answer(request, NOT_FOUND, "text/plain",
                       lk_span_text("POST " LK_AANF_REGISTER ", " LK_AANF_RETRIEVE
                                    " or " LK_AANF_REMOVE "\n"));
        return;
    }
    body = lk_json_read(lk_http_body(request));
    q.body = body;
    judge(&q, service);
    json_decref(body);
}
