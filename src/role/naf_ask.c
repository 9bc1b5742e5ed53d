/* Questions from the control socket.
 *
 *     {"op": "naf-status"}
 *     {"op": "naf-forget", "b_tid": "..."} */
#include "role/naf_process.h"

static json_t *status(void *context, const json_t *request)
{
    struct lk_naf_process *naf = context;
    const struct lk_config_naf_role *config = &naf->process.config->naf;
    struct lk_naf_counts counts;

    (void)request;
    lk_naf_count(naf->naf, &counts);
    return json_pack("{s:b, s:[{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}]}",
                     "ok", 1, "servers", "name", config->name, "bsf", naf->url, "users",
                     (json_int_t)counts.users, "granted", (json_int_t)counts.granted,
                     "refused", (json_int_t)counts.refused, "replayed",
                     (json_int_t)counts.replayed, "challenged", (json_int_t)counts.challenged,
                     "tls_keys", (json_int_t)counts.psk_granted, "tls_refused",
                     (json_int_t)counts.psk_refused, "questions", (json_int_t)counts.questions,
                     "unanswered", (json_int_t)counts.unanswered, "unknown",
                     (json_int_t)counts.unknown, "too_fast", (json_int_t)counts.too_fast);
}

static json_t *forget(void *context, const json_t *request)
{
    struct lk_naf_process *naf = context;
    const char *b_tid = json_string_value(json_object_get(request, "b_tid"));

    if (b_tid == NULL)
        return lk_ask_refusal("no B-TID", "give it as the log, or latchkey bsf sessions, has it");
    lk_naf_forget(naf->naf, b_tid);
    return json_pack("{s:b, s:s}", "ok", 1, "told",
                     "its keys are forgotten; the next request asks the BSF");
}

const struct lk_ask lk_naf_role_asks[] = {
    { .op = "naf-status", .answer = status },
    { .op = "naf-forget", .answer = forget },
    { NULL },
};
