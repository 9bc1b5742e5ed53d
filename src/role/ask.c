#include "role/ask.h"

#include <string.h>

const struct lk_ask *lk_ask_find(const struct lk_ask *asks, const char *op)
{
    for (const struct lk_ask *ask = asks; ask != NULL && ask->op != NULL; ask++)
        if (strcmp(ask->op, op) == 0)
            return ask;
    return NULL;
}

json_t *lk_ask_refusal(const char *error, const char *fix)
{
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "error", error, "fix", fix);
}

void lk_part_begin(struct lk_part *part, const json_t *request, uint64_t all)
{
    json_int_t after = json_integer_value(json_object_get(request, "after"));

    *part = (struct lk_part){ .rows = json_array(), .at = all, .all = all };
    if (after >= 0 && (uint64_t)after < all)
        part->at = (uint64_t)after;
}

bool lk_part_goes_on(struct lk_part *part)
{
    return part->at < part->all && part->looked_at++ < LK_PART_LOOKED_AT &&
           json_array_size(part->rows) < LK_PART_ROWS;
}

void lk_part_add(struct lk_part *part, json_t *row)
{
    (void)json_array_append_new(part->rows, row);
}

json_t *lk_part_end(struct lk_part *part, const char *name)
{
    json_t *answer = json_pack("{s:b, s:o}", "ok", 1, name, part->rows);

    part->rows = NULL;
    if (part->at < part->all)
        (void)json_object_set_new(answer, "next", json_integer((json_int_t)part->at));
    return answer;
}
