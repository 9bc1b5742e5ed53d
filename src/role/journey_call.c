/* Steps that call: the journey plays an application that asks the device's connection manager, over
 * the manager's own socket; and steps of the network: its operator, over the daemon's. Each field
 * of the reply is a row of the outcome, and each count in it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/control.h"
#include "role/journey_parts.h"

enum { CALL_TIMEOUT_MS = 30000, COUNTERS_MS = 5000, COUNTERS_EVERY_MS = 20 };

const char *lk_journey_argument_of(const struct lk_journey_call *call, const char *name,
                                   const char *otherwise)
{
    for (size_t i = 0; i < call->count; i++)
        if (strcmp(call->argument[i].name, name) == 0)
            return call->argument[i].value;
    return otherwise;
}

/* ---- the file ---- */

static bool keep_key(struct lk_journey_reading *r, void *to, const char *key,
                     const yaml_node_t *value)
{
    struct lk_journey_call *call = to;

    return lk_journey_pair(r, call->keep, &call->keep_count, key, value);
}

static bool call_key(struct lk_journey_reading *r, void *to, const char *key,
                     const yaml_node_t *value)
{
    struct lk_journey_call *call = to;

    if (strcmp(key, "keep") == 0)
        return lk_journey_each_key(r, value, "keep", keep_key, call);
    return lk_journey_pair(r, call->argument, &call->count, key, value);
}

static bool read_call(struct lk_journey_reading *r, struct lk_journey_step *step,
                      const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "call", call_key, &step->call);
}

static bool read_network(struct lk_journey_reading *r, struct lk_journey_step *step,
                         const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "network", call_key, &step->call);
}

static bool has_op(const struct lk_journey_call *call)
{
    return lk_journey_argument_of(call, "op", NULL) != NULL;
}

static bool check_call(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    if (!has_op(&step->call))
        return lk_journey_mistake(r, step->line, "a call has an op: attach, connect, list ...");
    return r->journey->device[0] != '\0'
           || lk_journey_mistake(r, step->line, "a call needs a device: FILE.yaml at the "
                                 "top of the journey, the configuration of its daemon");
}

static bool check_network(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    return has_op(&step->call)
           || lk_journey_mistake(r, step->line, "a step of the network has an op: enb-handover, "
                                 "status ...");
}

/* ---- the question ---- */

const char *lk_journey_resolved(const struct lk_journey_runner *r, const char *value)
{
    if (value[0] != '$')
        return value;
    for (size_t i = 0; i < r->kept_count; i++)
        if (strcmp(r->kept[i].name, value + 1) == 0)
            return r->kept[i].value;
    return value;
}

static json_t *request_of(const struct lk_journey_runner *r, const struct lk_journey_step *step)
{
    const struct lk_journey_call *call = &step->call;
    json_t *request = json_pack("{s:s}", "comment", step->name);

    for (size_t i = 0; i < call->count; i++) {
        const char *value = lk_journey_resolved(r, call->argument[i].value);

        if (strcmp(call->argument[i].name, "counters") == 0)
            continue; /* for the reply */
        json_object_set_new(request, call->argument[i].name, lk_control_word(value));
    }
    return request;
}

/* ---- the reply ---- */

static void put_field(struct lk_journey_outcome *outcome, const char *name, json_t *value)
{
    const char *inner;
    json_t *counted;

    if (json_is_string(value))
        lk_outcome_put(outcome, name, "%s", json_string_value(value));
    else if (json_is_boolean(value))
        lk_outcome_put(outcome, name, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_integer(value))
        lk_outcome_put(outcome, name, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        lk_outcome_put(outcome, name, "%.3f", json_real_value(value));
    else if (json_is_array(value))
        lk_outcome_put(outcome, name, "%zu", json_array_size(value));
    else
        json_object_foreach(value, inner, counted)
            if (json_is_integer(counted))
                lk_outcome_put(outcome, inner, "%lld", (long long)json_integer_value(counted));
}

/* In words that a narrow page can break: mip_keys_granted_total is mip keys granted. */
static void say(char *to, size_t cap, const char *name)
{
    size_t len = strlen(name), total = strlen("_total");

    if (len > total && strcmp(name + len - total, "_total") == 0)
        len -= total;
    (void)snprintf(to, cap, "%.*s", (int)len, name);
    for (char *at = to; *at != '\0'; at++)
        *at = (char)(*at == '_' ? ' ' : *at);
}

/* A counter of workers, or of refusals by a reason, as status has it. */
static json_int_t counter_of(const json_t *status, const char *name)
{
    const json_t *refused = json_object_get(json_object_get(status, "counts"), "refused");
    json_int_t sum = json_integer_value(json_object_get(refused, name));
    const json_t *worker;
    size_t i;

    json_array_foreach(json_object_get(status, "workers"), i, worker)
        sum += json_integer_value(json_object_get(json_object_get(worker, "counts"), name));
    return sum;
}

static void put_counters(struct lk_journey_outcome *outcome, const char *names,
                         const json_t *status)
{
    char list[LK_JOURNEY_TEXT], told[LK_JOURNEY_TEXT] = "", *rest;
    size_t len = 0;

    (void)snprintf(list, sizeof list, "%s", names);
    for (char *name = strtok_r(list, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        long long count = (long long)counter_of(status, name);
        char words[64];

        say(words, sizeof words, name);
        lk_outcome_put(outcome, name, "%lld", count);
        if (len < sizeof told)
            len += (size_t)snprintf(told + len, sizeof told - len, "%s%s: %lld",
                                    len > 0 ? ", " : "", words, count);
    }
    if (len > 0)
        lk_outcome_put(outcome, "told", "%s", told);
}

static void put_reply(struct lk_journey_runner *r, const struct lk_journey_call *call,
                      struct lk_journey_outcome *outcome, json_t *reply)
{
    const char *name;
    json_t *value;

    lk_outcome_put(outcome, "result", "%s",
                   json_is_true(json_object_get(reply, "ok")) ? "done" : "refused");
    put_counters(outcome, lk_journey_argument_of(call, "counters", ""), reply);
    json_object_foreach(reply, name, value)
        put_field(outcome, name, value);
    for (size_t i = 0; i < call->keep_count; i++) {
        const char *came = lk_outcome_get(outcome, call->keep[i].name);

        if (came == NULL || r->kept_count == LK_JOURNEY_KEPT)
            continue;
        snprintf(r->kept[r->kept_count].name, sizeof r->kept[0].name, "%.31s",
                 call->keep[i].value);
        snprintf(r->kept[r->kept_count++].value, LK_JOURNEY_TEXT, "%s", came);
    }
}

/* Who was asked says itself in a few words what it did. */
static void sum_up(char text[LK_JOURNEY_TEXT], const struct lk_journey_outcome *outcome)
{
    const char *told = lk_outcome_get(outcome, "told");

    if (told == NULL)
        told = lk_outcome_get(outcome, "error");
    snprintf(text, LK_JOURNEY_TEXT, "%.*s", LK_JOURNEY_TEXT - 1, told != NULL ? told : "done");
}

/* As whoever was asked explains it. */
static void explain(char text[LK_JOURNEY_ERROR], const json_t *reply)
{
    const char *reason = json_string_value(json_object_get(reply, "reason"));
    const char *error = json_string_value(json_object_get(reply, "error"));
    const char *fix = json_string_value(json_object_get(reply, "fix"));

    if (!json_is_true(json_object_get(reply, "ok")))
        snprintf(text, LK_JOURNEY_ERROR, "%.64s%s%.160s %.160s", reason != NULL ? reason : "",
                 reason != NULL ? ": " : "", error != NULL ? error : "", fix != NULL ? fix : "");
}

static void ask(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome,
                const struct lk_journey_daemon *daemon, const char *socket)
{
    const struct lk_journey_call *call = &r->journey->step[index].call;
    struct lk_journey_result *told = &r->report->step[index];
    char path[128], why[LK_CONTROL_ERROR_TEXT];
    json_t *request = request_of(r, &r->journey->step[index]), *reply = NULL;

    snprintf(path, sizeof path, "%s/%s", daemon->state_dir, socket);
    if (lk_control_ask(&reply, path, request, CALL_TIMEOUT_MS, why) == LK_OK) {
        put_reply(r, call, outcome, reply);
        sum_up(told->result, outcome);
        explain(told->explained, reply);
    } else {
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: the %s: %s", r->journey->file,
                 r->journey->step[index].line, daemon->device ? "device" : "network", why);
    }
    json_decref(reply);
    json_decref(request);
}

static void run_call(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    ask(r, index, outcome, &r->device_daemon, "ue.sock");
}

/* A worker's counters are seen a moment later: such a question is asked until they are right, or
 * long enough. */
static void run_network(struct lk_journey_runner *r, size_t index,
                        struct lk_journey_outcome *outcome)
{
    const struct lk_journey_step *step = &r->journey->step[index];
    bool counts = lk_journey_argument_of(&step->call, "counters", NULL) != NULL;
    const struct timespec moment = { .tv_nsec = COUNTERS_EVERY_MS * 1000000 };
    struct lk_journey_result *told = &r->report->step[index];
    const size_t kept = r->kept_count;
    char failure[LK_JOURNEY_ERROR];

    for (unsigned ms = 0; ms <= COUNTERS_MS; ms += COUNTERS_EVERY_MS) {
        outcome->count = 0;
        r->kept_count = kept;
        ask(r, index, outcome, &r->daemon, "control.sock");
        if (!counts || told->failure[0] != '\0' || lk_journey_judge(failure, r, step, outcome))
            return;
        (void)nanosleep(&moment, NULL);
    }
}

static const struct lk_journey_expectation expects[] = {
    { "result", "done|refused" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_call_kind = {
    .name = "call", .read = read_call, .check = check_call, .run = run_call, .any_name = true,
    .must_expect = true, .expects = expects,
};

const struct lk_journey_kind_row lk_journey_network_kind = {
    .name = "network", .read = read_network, .check = check_network, .run = run_network,
    .any_name = true, .must_expect = true, .expects = expects,
};
