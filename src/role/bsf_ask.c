/* Questions from the control socket.
 *
 *     {"op": "bsf-sessions", "after": 0}
 *     {"op": "bsf-release", "imsi": "001010000000001"}
 *
 * Both are about the store: what another node has kept is told, and ended, as well. */
#include <stdio.h>
#include <stdlib.h>

#include "role/bsf_process.h"

static json_t *no_store(struct lk_bsf_process *bsf)
{
    lk_vectors_store_failed(&bsf->vectors);
    return lk_ask_refusal("the store does not answer", "look at the log of the daemon");
}

static json_t *row_of(const struct lk_session_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I}", "imsi", row->imsi.digits, "impi", row->identity,
                     "b_tid", row->name, "created_s",
                     (json_int_t)(row->created_ms / 1000), "expires_s",
                     (json_int_t)row->expires_s);
}

static json_t *sessions(void *context, const json_t *request)
{
    struct lk_bsf_process *bsf = context;
    int64_t after = json_integer_value(json_object_get(request, "after"));
    struct lk_store *store = lk_vectors_store(&bsf->vectors);
    struct lk_session_row *rows = calloc(LK_STORE_BATCH, sizeof *rows);
    uint64_t now_s = lk_wall_ms() / 1000;
    json_t *list = json_array(), *answer;
    size_t count = 0;

    if (rows == NULL || store == NULL ||
        lk_store_session_page(store, LK_SESSION_GBA, &after, rows, &count) != LK_OK) {
        free(rows);
        json_decref(list);
        return no_store(bsf);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].expires_s > now_s)
            (void)json_array_append_new(list, row_of(&rows[i]));
    free(rows);
    answer = json_pack("{s:b, s:o}", "ok", 1, "sessions", list);
    if (count == LK_STORE_BATCH)
        (void)json_object_set_new(answer, "next", json_integer((json_int_t)after));
    return answer;
}

/* A28: as long as a second request may come again, it does not bring back what ends here. */
static enum lk_status end(const struct lk_bsf_process *bsf, struct lk_store *store,
                          const struct lk_imsi *imsi)
{
    uint64_t now_s = lk_wall_ms() / 1000;

    return lk_store_session_end(store, LK_SESSION_GBA, imsi, now_s,
                                now_s + bsf->process.config->bsf.challenge_s +
                                    LK_GBA_CLOCKS_APART_S);
}

static json_t *release(void *context, const json_t *request)
{
    struct lk_bsf_process *bsf = context;
    const char *text = json_string_value(json_object_get(request, "imsi"));
    struct lk_store *store = lk_vectors_store(&bsf->vectors);
    enum lk_status status = LK_E_STORE;
    struct lk_imsi imsi;

    if (text == NULL || lk_imsi_parse(&imsi, lk_span_text(text)) != LK_OK)
        return lk_ask_refusal("no IMSI", "give it as latchkey bsf sessions has it");
    if (store != NULL)
        status = end(bsf, store, &imsi);
    if (status == LK_E_NOT_FOUND)
        return lk_ask_refusal("the subscriber has not bootstrapped",
                              "latchkey bsf sessions tells who has");
    if (status != LK_OK)
        return no_store(bsf);
    return json_pack("{s:b, s:s}", "ok", 1, "told",
                     "its session is over; what NAFs were given stays with them");
}

const struct lk_ask lk_bsf_asks[] = {
    { .op = "bsf-sessions", .answer = sessions },
    { .op = "bsf-release", .answer = release },
    { NULL },
};
