/* Ua over HTTP: a request through the library, at once or after a question to the BSF on a thread
 * of the pool. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/naf_process.h"

enum { OK = 200, UNAVAILABLE = 503 };

static const char *text_of(struct lk_span span)
{
    return span.len == 0 ? NULL : (const char *)span.at; /* terminated: io/http has it so */
}

static struct lk_naf_request request_of(struct lk_http_request *request)
{
    struct lk_span body = lk_http_body(request);

    return (struct lk_naf_request){
        .method = lk_http_method(request), .uri = lk_http_target(request),
        .authorization = text_of(lk_http_header(request, "Authorization")),
        .body = body.at, .body_len = body.len };
}

static void grant(struct lk_naf_process *naf, struct lk_http_request *request,
                  const struct lk_naf_request *asked, const struct lk_naf_user *user)
{
    const struct lk_address from = lk_http_from(request);
    char text[LK_NAF_TEXT], info[LK_NAF_HEADER];
    const size_t len = lk_naf_role_greeting(text, naf, "HTTP Digest", user);
    const struct lk_http_field field = { "Authentication-Info", info };
    struct lk_http_reply reply = { .status = OK, .type = "text/plain",
                                   .text = lk_span_of(text, len), .fields = &field };

    reply.field_count = lk_naf_digest_info(naf->naf, info, asked, text, len) ? 1 : 0;
    lk_process_count(&naf->process, LK_NAF_OWN_GRANTED);
    lk_naf_role_log_user(naf, "http", &from, user);
    lk_http_reply(request, &reply);
}

static void refuse(struct lk_naf_process *naf, struct lk_http_request *request,
                   const struct lk_naf_answer *answer)
{
    const struct lk_address from = lk_http_from(request);
    struct lk_http_field fields[LK_NAF_CHALLENGES + 1];
    char text[LK_NAF_TEXT];
    struct lk_http_reply reply = { .status = answer->status, .type = "text/plain",
                                   .fields = fields };

    for (size_t i = 0; i < answer->challenges; i++)
        fields[reply.field_count++] = (struct lk_http_field){ "WWW-Authenticate",
                                                              answer->challenge[i] };
    if (answer->status == UNAVAILABLE)
        fields[reply.field_count++] = (struct lk_http_field){ "Retry-After", "2" };
    (void)snprintf(text, sizeof text, "%s: %s %s\n", answer->told, answer->what, answer->fix);
    reply.text = lk_span_text(text);
    if (answer->status == UNAVAILABLE)
        lk_process_count(&naf->process, LK_NAF_OWN_UNAVAILABLE);
    else if (strcmp(answer->why, "none") == 0 || strcmp(answer->why, "ua.nonce") == 0)
        lk_process_count(&naf->process, LK_NAF_OWN_CHALLENGED);
    else
        lk_process_count(&naf->process, LK_NAF_OWN_REFUSED);
    if (strcmp(answer->why, "none") != 0 && strcmp(answer->why, "ua.nonce") != 0)
        lk_naf_role_refused(naf, "http", &from, answer->why, answer->detail);
    lk_http_reply(request, &reply);
}

static void refuse_for(struct lk_naf_process *naf, struct lk_http_request *request,
                       enum lk_reason reason)
{
    const struct lk_reason_row *row = lk_reason_row(reason);
    const struct lk_naf_answer answer = { .status = UNAVAILABLE, .why = row->code,
                                          .told = row->code, .what = row->what, .fix = row->fix };

    refuse(naf, request, &answer);
}

/* ---- a question ---- */

static void on_thread(uv_work_t *work)
{
    struct lk_naf_fetch *fetch = work->data;

    (void)lk_naf_fetch(fetch->naf->naf, NULL, NULL, &fetch->question); /* it is asked again */
}

static void judge(struct lk_naf_process *naf, struct lk_http_request *request, bool has_asked);

static void on_fetched(uv_work_t *work, int status)
{
    struct lk_naf_fetch *fetch = work->data;
    struct lk_http_request *request = fetch->request;

    (void)status;
    fetch->request = NULL;
    judge(fetch->naf, request, true);
    if (fetch->naf->process.leaving && lk_naf_role_is_idle(fetch->naf))
        lk_process_end(&fetch->naf->process, 0);
}

static void ask(struct lk_naf_process *naf, struct lk_http_request *request,
                const struct lk_naf_question *question)
{
    const struct lk_address from = lk_http_from(request);
    struct lk_naf_fetch *fetch = NULL;

    if (!lk_naf_role_may_come(naf, &from) || !lk_naf_role_may_ask(naf, &from)) {
        lk_process_count(&naf->process, LK_NAF_OWN_OVER_BUDGET);
        refuse_for(naf, request, LK_REASON_UA_TOO_FAST);
        return;
    }
    for (size_t i = 0; i < LK_NAF_WAITING && fetch == NULL; i++)
        if (naf->fetch[i].request == NULL)
            fetch = &naf->fetch[i];
    if (fetch == NULL) {
        lk_process_count(&naf->process, LK_NAF_OWN_FULL);
        refuse_for(naf, request, LK_REASON_UA_TOO_FAST);
        return;
    }
    *fetch = (struct lk_naf_fetch){ .naf = naf, .request = request, .question = *question };
    fetch->work.data = fetch;
    if (uv_queue_work(&naf->process.loop, &fetch->work, on_thread, on_fetched) != 0) {
        fetch->request = NULL;
        refuse_for(naf, request, LK_REASON_UA_TOO_FAST);
    }
}

static void judge(struct lk_naf_process *naf, struct lk_http_request *request, bool has_asked)
{
    const struct lk_naf_request asked = request_of(request);
    struct lk_naf_answer answer;

    switch (lk_naf_digest(naf->naf, &answer, &asked)) {
    case LK_NAF_GRANTED: grant(naf, request, &asked, &answer.user); break;
    case LK_NAF_REFUSED:
    case LK_NAF_UNAVAILABLE: refuse(naf, request, &answer); break;
    case LK_NAF_LATER:
        if (has_asked) /* pushed out again at once */
            refuse_for(naf, request, LK_REASON_UA_TOO_FAST);
        else
            ask(naf, request, &answer.question);
        break;
    }
}

void lk_naf_http_request(void *context, struct lk_http_request *request, const char *path)
{
    struct lk_naf_process *naf = context;

    (void)path;
    lk_process_count(&naf->process, LK_NAF_OWN_REQUESTS);
    judge(naf, request, false);
}
