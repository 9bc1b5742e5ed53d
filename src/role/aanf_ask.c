/* Questions from the control socket.
 *
 *     {"op": "aanf-contexts", "after": 0}
 *     {"op": "aanf-remove", "imsi": "001010000000001"}
 *
 * Both are about the store: what another node has kept is told, and removed, as well. */
#include <stdlib.h>

#include "role/aanf_process.h"

static json_t *no_store(struct lk_aanf_process *aanf)
{
    lk_store_view_failed(&aanf->store);
    return lk_ask_refusal("the store does not answer", "look at the log of the daemon");
}

static json_t *row_of(const struct lk_session_row *row)
{
    return json_pack("{s:s, s:s, s:I, s:I}", "imsi", row->imsi.digits, "a_kid", row->name,
                     "made_ms", (json_int_t)row->created_ms, "expires_s",
                     (json_int_t)row->expires_s);
}

static json_t *contexts(void *context, const json_t *request)
{
    struct lk_aanf_process *aanf = context;
    int64_t after = json_integer_value(json_object_get(request, "after"));
    struct lk_store *store = lk_store_view_get(&aanf->store);
    struct lk_session_row *rows = calloc(LK_STORE_BATCH, sizeof *rows);
    uint64_t now_s = lk_wall_ms() / 1000;
    json_t *list = json_array(), *answer;
    size_t count = 0;

    if (rows == NULL || store == NULL ||
        lk_store_session_page(store, LK_SESSION_AKMA, &after, rows, &count) != LK_OK) {
        free(rows);
        json_decref(list);
        return no_store(aanf);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].expires_s > now_s)
            (void)json_array_append_new(list, row_of(&rows[i]));
    free(rows);
    answer = json_pack("{s:b, s:o}", "ok", 1, "contexts", list);
    if (count == LK_STORE_BATCH)
        (void)json_object_set_new(answer, "next", json_integer((json_int_t)after));
    return answer;
}

static json_t *remove_one(void *context, const json_t *request)
{
    struct lk_aanf_process *aanf = context;
    const char *text = json_string_value(json_object_get(request, "imsi"));
    struct lk_store *store = lk_store_view_get(&aanf->store);
    enum lk_status status = LK_E_STORE;
    struct lk_imsi imsi;

    if (text == NULL || lk_imsi_parse(&imsi, lk_span_text(text)) != LK_OK)
        return lk_ask_refusal("no IMSI", "give it as latchkey aanf contexts has it");
    if (store != NULL)
        status = lk_store_session_remove(store, LK_SESSION_AKMA, &imsi);
    if (status == LK_E_NOT_FOUND)
        return lk_ask_refusal("the subscriber has no key of AKMA",
                              "latchkey aanf contexts tells who has");
    if (status != LK_OK)
        return no_store(aanf);
    lk_process_count(&aanf->process, LK_AANF_OWN_REMOVED);
    lk_aanf_log("akma-removed", "control socket", NULL, &imsi);
    return json_pack("{s:b, s:s}", "ok", 1, "told",
                     "its key is gone; what AFs were given stays with them");
}

const struct lk_ask lk_aanf_asks[] = {
    { .op = "aanf-contexts", .answer = contexts },
    { .op = "aanf-remove", .answer = remove_one },
    { NULL },
};
