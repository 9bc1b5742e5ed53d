/* The supervisor's answers: on the control socket to commands, over HTTP to machines. */
#include "role/supervisor_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/metrics.h"

enum { SEAL_TIMEOUT_MS = 2000 };

/* ---- HTTP ---- */

static uint64_t uptime_s(const struct lk_supervisor *s)
{
    return (lk_mono_ms() - s->started_ms) / 1000;
}

static void answer_metrics(struct lk_supervisor *s, struct lk_http_request *request)
{
    static char text[LK_METRICS_MAX];
    struct lk_metrics_view view = {
        .shared = s->shared,
        .uptime_s = uptime_s(s),
        .worker_restarts = s->worker_restarts,
        .vault_restarts = s->vault_restarts,
        .reloads = s->reloads,
        .reloads_refused = s->reloads_refused,
        .roles = s->config->roles,
        .vault_up = s->vault_up,
        .healthy = s->probe == NULL ? -1 : lk_probe_last(s->probe),
    };
    size_t len;

    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].kind != NULL)
            view.restarts[lk_kind_slot(s->workers[i].kind, 0, 0)] += s->workers[i].restarts;
    len = lk_metrics_text(text, sizeof text, &view);
    lk_http_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", lk_span_of(text, len));
}

static void on_health(void *context, const struct lk_probe_result *result)
{
    struct lk_http_request *request = context;
    json_t *body = json_pack("{s:s, s:f}", "status", result->healthy ? "ok" : "failing", "login_ms",
                             (double)result->took_us / 1000.0);
    char *text;

    if (!result->healthy)
        (void)json_object_set_new(body, "why", json_string(result->why));
    text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(body);
    lk_http_answer(request, result->healthy ? 200 : 503, "application/json",
                   lk_span_text(text == NULL ? "{}" : text));
    free(text);
}

/* The kind of process that is missing, of those that a login does not prove to be there. */
static const char *missing(const struct lk_supervisor *s)
{
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        if (kind->keeps_state && lk_kind_runs(kind, s->config) &&
            !s->workers[lk_kind_slot(kind, s->generation, 0)].ready)
            return kind->name;
    }
    return NULL;
}

/* Without a login where one is proof of nothing, or not to be had. True: result says how it is. */
static bool health_is_known(const struct lk_supervisor *s, struct lk_probe_result *result)
{
    const char *name = missing(s);

    memset(result, 0, sizeof *result);
    result->healthy = name == NULL;
    if (name != NULL)
        (void)snprintf(result->why, sizeof result->why, "the process %s does not serve", name);
    return name != NULL || s->probe == NULL;
}

static void ask_health(struct lk_supervisor *s, lk_probe_done *done, void *context)
{
    struct lk_probe_result result;

    if (health_is_known(s, &result))
        done(context, &result);
    else
        lk_probe_ask(s->probe, done, context);
}

static void on_http(void *context, struct lk_http_request *request, const char *path)
{
    struct lk_supervisor *s = context;
    static const char index[] = "latchkeyd " LK_VERSION "\n/metrics  counters for Prometheus\n"
                                "/healthz  200 when all is well: a synthetic login succeeds\n";

    if (strcmp(path, "/metrics") == 0 && s->shared != NULL)
        answer_metrics(s, request);
    else if (strcmp(path, "/healthz") == 0 && s->serves && !s->stopping)
        ask_health(s, on_health, request);
    else if (strcmp(path, "/") == 0)
        lk_http_answer(request, 200, "text/plain", lk_span_text(index));
    else
        lk_http_answer(request, 404, "text/plain", lk_span_text("no such page\n"));
}

enum lk_status lk_console_start(struct lk_supervisor *s, char error[LK_HTTP_ERROR_TEXT])
{
    struct lk_address address;

    if (s->config->console.port == 0)
        return LK_OK;
    if (lk_address_parse(&address, s->config->console.listen) != LK_OK)
        return LK_E_VALUE;
    return lk_http_start(&s->http, &s->loop, &address, (uint16_t)s->config->console.port, on_http,
                         s, error);
}

/* ---- status ---- */

static json_t *status_worker(const struct lk_supervisor *s, size_t i)
{
    static const char *const names[] = { "absent", "starting", "serving", "leaving" };
    const struct lk_worker *w = &s->workers[i];
    const struct lk_worker_slot *slot = s->shared->slot[i];
    uint64_t now_ms = lk_mono_ms();
    json_t *own = json_object(), *gauges = json_array();
    char name[LK_WORKER_NAME];

    lk_worker_name(name, w->kind, w->index);
    for (size_t j = 0; j < w->kind->counter_count; j++) {
        const struct lk_own_counter *counter = &w->kind->counters[j];

        (void)json_object_set_new(
            own, counter->name,
            json_integer((json_int_t)__atomic_load_n(&slot->own[j], __ATOMIC_RELAXED)));
        if (counter->is_gauge)
            (void)json_array_append_new(gauges, json_string(counter->name));
    }
    return json_pack("{s:s, s:s, s:i, s:s, s:I, s:I, s:i, s:b, s:I, s:o, s:o}", "name", name,
                     "role", w->kind->name, "pid", (int)w->pid, "state",
                     names[slot->state % LK_COUNT_OF(names)], "waiting", (json_int_t)slot->jobs,
                     "beat_age_ms",
                     (json_int_t)(now_ms > slot->beat_ms ? now_ms - slot->beat_ms : 0), "landlock",
                     (int)slot->landlock, "key_within_reach", slot->key_within_reach != 0,
                     "restarts", (json_int_t)w->restarts, "counts", own, "gauges",
                     gauges);
}

static json_t *status_workers(const struct lk_supervisor *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].pid != 0)
            (void)json_array_append_new(list, status_worker(s, i));
    return list;
}

static json_t *status_counts(const struct lk_supervisor *s)
{
    struct lk_counters sum;
    json_t *refused = json_object();

    lk_counters_sum(&sum, s->shared, 0, LK_SHARED_SLOTS);
    for (int i = LK_REASON_NONE + 1; i < LK_REASON_COUNT; i++)
        if (sum.refused[i] > 0)
            (void)json_object_set_new(refused, lk_reason_row((enum lk_reason)i)->code,
                                      json_integer((json_int_t)sum.refused[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "requests", (json_int_t)sum.requests,
                     "accepted_aka_prime", (json_int_t)sum.accepted[LK_METHOD_INDEX_AKA_PRIME],
                     "accepted_aka", (json_int_t)sum.accepted[LK_METHOD_INDEX_AKA],
                     "reauthenticated",
                     (json_int_t)(sum.reauthenticated[0] + sum.reauthenticated[1] +
                                  sum.erp_accepted),
                     "rejected",
                     (json_int_t)(sum.rejected[0] + sum.rejected[1] + sum.rejected[2] +
                                  sum.erp_rejected),
                     "accounting_records", (json_int_t)sum.accounted, "refused", refused);
}

static json_t *status_listen(const struct lk_supervisor *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->endpoint_count; i++) {
        const struct lk_endpoint *e = &s->endpoints[i];

        if (e->transport != LK_TRANSPORT_PREPARED)
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:i, s:s, s:s}", "role", e->kind->name, "address",
                                e->address, "port", (int)e->port, "transport",
                                e->transport == LK_TRANSPORT_TCP ? "tcp" : "udp", "serves",
                                e->kind->services[e->serves].what));
    }
    return list;
}

/* The store is opened for the call: no handle of it may live through a fork. */
static bool store_count(const struct lk_supervisor *s, uint64_t *subscribers)
{
    char error[LK_STORE_ERROR_TEXT];
    struct lk_store *store;
    bool up;

    if (lk_store_open_existing(&store, s->config->store.url, error) != LK_OK)
        return false;
    up = lk_store_count(store, subscribers) == LK_OK;
    lk_store_close(store);
    return up;
}

static json_t *status_of(struct lk_supervisor *s)
{
    uint64_t subscribers = 0;
    bool has_vault = (s->config->roles & LK_ROLE_VAULT) != 0;
    bool store_up = has_vault && store_count(s, &subscribers);
    json_t *status =
        json_pack("{s:b, s:s, s:i, s:I, s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "ok", 1,
                  "version", LK_VERSION, "pid", (int)getpid(), "uptime_s", (json_int_t)uptime_s(s),
                  "file", s->config->file, "reloading", s->next != NULL, "listen", status_listen(s),
                  "workers", status_workers(s), "counts", status_counts(s), "reauth_contexts",
                  (json_int_t)lk_reauth_count(s->shared->reauth), "worker_restarts",
                  (json_int_t)s->worker_restarts, "vault_restarts", (json_int_t)s->vault_restarts,
                  "reloads", (json_int_t)s->reloads);

    if (!has_vault)
        return status;
    (void)json_object_set_new(status, "vault",
                              json_pack("{s:b, s:i}", "up", s->vault_up, "pid", (int)s->vault.pid));
    (void)json_object_set_new(
        status, "store",
        json_pack("{s:b, s:I}", "up", store_up, "subscribers", (json_int_t)subscribers));
    return status;
}

/* ---- adding a subscriber ---- */

/* The octets of a hex member, exactly len (0: any up to cap). False when it is not that. */
static bool hex_member(uint8_t *to, size_t cap, size_t *len, const json_t *request,
                       const char *name)
{
    const char *text = json_string_value(json_object_get(request, name));

    return text != NULL && lk_hex_decode(to, cap, len, lk_span_text(text)) == LK_OK;
}

static bool credentials_of(struct lk_credentials *c, struct lk_imsi *imsi, const json_t *request,
                           const char **wrong)
{
    const char *imsi_text = json_string_value(json_object_get(request, "imsi"));
    const char *algorithm = json_string_value(json_object_get(request, "algorithm"));
    size_t len = 0;

    memset(c, 0, sizeof *c);
    c->card.algorithm =
        algorithm != NULL && strcmp(algorithm, "tuak") == 0 ? LK_AKA_TUAK : LK_AKA_MILENAGE;
    c->card.keccak_iterations =
        json_is_integer(json_object_get(request, "keccak_iterations"))
            ? (unsigned)json_integer_value(json_object_get(request, "keccak_iterations"))
            : 1;
    c->card.res_len = json_is_integer(json_object_get(request, "res_len"))
                          ? (size_t)json_integer_value(json_object_get(request, "res_len"))
                          : 8;
    c->amf[0] = 0x80;
    *wrong = "imsi";
    if (imsi_text == NULL || lk_imsi_parse(imsi, lk_span_text(imsi_text)) != LK_OK)
        return false;
    *wrong = "k";
    if (!hex_member(c->card.k, sizeof c->card.k, &c->card.k_len, request, "k"))
        return false;
    *wrong = "opc";
    if (!hex_member(c->card.topc, sizeof c->card.topc, &len, request, "opc") ||
        len != (c->card.algorithm == LK_AKA_TUAK ? 32u : 16u))
        return false;
    *wrong = "amf";
    if (json_object_get(request, "amf") != NULL &&
        (!hex_member(c->amf, sizeof c->amf, &len, request, "amf") || len != sizeof c->amf))
        return false;
    *wrong = "sqn";
    if (json_object_get(request, "sqn") != NULL &&
        (!hex_member(c->sqn, sizeof c->sqn, &len, request, "sqn") || len != sizeof c->sqn))
        return false;
    *wrong = "akma";
    if (json_object_get(request, "akma") != NULL &&
        !json_is_boolean(json_object_get(request, "akma")))
        return false;
    *wrong = "k and its lengths";
    return lk_aka_card_check(&c->card) == LK_OK;
}

static void add_sealed(struct lk_supervisor *s, struct lk_control_call *call,
                       const struct lk_imsi *imsi, struct lk_sealed_row *row,
                       const json_t *request)
{
    const json_t *akma = json_object_get(request, "akma");
    bool replace = json_is_true(json_object_get(request, "replace"));
    char error[LK_STORE_ERROR_TEXT];
    struct lk_store *store;
    enum lk_status status = lk_store_open_existing(&store, s->config->store.url, error);

    row->akma = !json_is_boolean(akma) ? LK_AKMA_UNSAID
                : json_is_true(akma)   ? LK_AKMA_ALLOWED
                                       : LK_AKMA_REFUSED;
    if (status == LK_OK) {
        status = lk_store_add(store, imsi, row, replace);
        (void)snprintf(error, sizeof error, "%s", lk_store_error(store));
        lk_store_close(store);
    }
    if (status == LK_OK)
        lk_control_answer(call, json_pack("{s:b}", "ok", 1));
    else if (status == LK_E_EXISTS)
        lk_control_refuse(call, "this subscriber is there already",
                          "delete it first, or replace it");
    else
        lk_control_refuse(call, error, "check store.url");
}

static void op_subscriber_add(struct lk_supervisor *s, struct lk_control_call *call,
                              const json_t *request)
{
    struct lk_credentials credentials;
    /* The number tells the answer from that to a question that had been given up. */
    struct lk_vault_request question = { .id = ++s->vault_questions,
                                         .kind = LK_VAULT_SEAL,
                                         .credentials = &credentials };
    struct lk_vault_answer answer;
    struct lk_vault_client vault;
    const char *wrong;
    char text[96];

    if (!credentials_of(&credentials, &question.imsi, request, &wrong)) {
        (void)snprintf(text, sizeof text, "%s is missing or has the wrong form", wrong);
        lk_control_refuse(call, text, "imsi: digits; k, opc, amf, sqn: hexadecimal digits; "
                                      "akma: true or false");
    } else if (!s->vault_up) {
        lk_control_refuse(call, "the vault is being restarted", "try again in a second");
    } else {
        vault = lk_vault_client_of(&s->vault, 0);
        if (lk_vault_client_call(&vault, &question, &answer, SEAL_TIMEOUT_MS) != LK_OK)
            lk_control_refuse(call, "the vault does not answer", "look at latchkey status");
        else if (answer.refused != LK_REASON_NONE)
            lk_control_refuse(call, lk_reason_row(answer.refused)->what,
                              lk_reason_row(answer.refused)->fix);
        else
            add_sealed(s, call, &question.imsi, &answer.row, request);
        lk_wipe(&answer, sizeof answer);
    }
    lk_wipe(&credentials, sizeof credentials);
}

/* ---- health, over the control socket too ---- */

static void on_control_health(void *context, const struct lk_probe_result *result)
{
    lk_control_answer(context,
                      json_pack("{s:b, s:b, s:f, s:s}", "ok", 1, "healthy", result->healthy,
                                "login_ms", (double)result->took_us / 1000.0, "why", result->why));
}

/* ---- the table ---- */

static void op_status(struct lk_supervisor *s, struct lk_control_call *call, const json_t *request)
{
    (void)request;
    lk_control_answer(call, status_of(s));
}

static void op_health(struct lk_supervisor *s, struct lk_control_call *call, const json_t *request)
{
    (void)request;
    ask_health(s, on_control_health, call);
}

static void op_reload(struct lk_supervisor *s, struct lk_control_call *call, const json_t *request)
{
    (void)request;
    lk_supervisor_reload(s, call);
}

/* Root and the daemon's own user may ask all of it, a process of the daemon nothing: who comes
 * this far has been let in by lk_supervisor_may_talk. Kinds of processes have ops of their own. */
static const struct {
    const char *name;
    unsigned roles;  /* it is served where one of them runs; 0: anywhere */
    bool to_the_end; /* while the daemon stops, too */
    void (*carry_out)(struct lk_supervisor *s, struct lk_control_call *call, const json_t *request);
} ops[] = {
    { "status", 0, true, op_status },
    { "health", 0, false, op_health },
    { "reload", 0, true, op_reload },
    { "subscriber-add", LK_ROLE_VAULT, true, op_subscriber_add },
};

/* An op of a kind whose roles do not run here. */
static bool is_of_another_role(struct lk_supervisor *s, struct lk_control_call *call,
                               const char *op)
{
    char error[LK_CONTROL_ERROR_TEXT];

    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        if (lk_kind_runs(kind, s->config) || lk_ask_find(kind->asks, op) == NULL)
            continue;
        (void)snprintf(error, sizeof error, "that is asked of %s, which this daemon does not run",
                       kind->name);
        lk_control_refuse(call, error, "name the file of the daemon that does: -c FILE");
        return true;
    }
    return false;
}

static void no_such_op(struct lk_supervisor *s, struct lk_control_call *call)
{
    char fix[LK_CONTROL_ERROR_TEXT] = "served here:";
    size_t used = strlen(fix);

    for (size_t i = 0; i < LK_COUNT_OF(ops) && used < sizeof fix; i++)
        if (ops[i].roles == 0 || (ops[i].roles & s->config->roles) != 0)
            used += (size_t)snprintf(fix + used, sizeof fix - used, " %s", ops[i].name);
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        if (!lk_kind_runs(kind, s->config))
            continue;
        for (const struct lk_ask *ask = kind->asks;
             ask != NULL && ask->op != NULL && used < sizeof fix; ask++)
            used += (size_t)snprintf(fix + used, sizeof fix - used, " %s", ask->op);
    }
    lk_control_refuse(call, "no such op", fix);
}

void lk_supervisor_control(void *context, struct lk_control_call *call, const json_t *request)
{
    struct lk_supervisor *s = context;
    const char *op = json_string_value(json_object_get(request, "op"));

    if (op == NULL) {
        lk_control_refuse(call, "the request has no op", "send {\"op\": \"status\"}");
        return;
    }
    if (!s->serves) {
        lk_control_refuse(call, "the daemon is starting", "try again in a second");
        return;
    }
    for (size_t i = 0; i < LK_COUNT_OF(ops); i++)
        if (strcmp(op, ops[i].name) == 0 &&
            (ops[i].roles == 0 || (ops[i].roles & s->config->roles) != 0) &&
            (ops[i].to_the_end || !s->stopping)) {
            ops[i].carry_out(s, call, request);
            return;
        }
    if (!lk_calls_ask(s, call, op, request) && !is_of_another_role(s, call, op))
        no_such_op(s, call);
}

/* A28: whoever has taken over a process of ours is of our user, and is not to use our own socket to
 * have subscribers added. Of one that is gone already, nobody knows what it was. */
bool lk_supervisor_may_talk(void *context, pid_t pid)
{
    const struct lk_supervisor *s = context;

    if (pid <= 0 || pid == s->vault.pid)
        return false;
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].pid == pid)
            return false;
    return true;
}
