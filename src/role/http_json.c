#include "role/http_json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"

enum { UNAVAILABLE = 503 };

json_t *lk_json_read(struct lk_span text)
{
    return text.len == 0
               ? NULL
               : json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
}

static void answer_as(struct lk_http_request *request, unsigned status, const char *type,
                      json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT);

    json_decref(answer);
    if (text == NULL) {
        lk_http_answer(request, UNAVAILABLE, "text/plain", lk_span_text("no memory\n"));
        return;
    }
    lk_http_answer(request, status, type, lk_span_text(text));
    lk_wipe(text, strlen(text));
    free(text);
}

void lk_http_json_answer(struct lk_http_request *request, unsigned status, json_t *answer)
{
    answer_as(request, status, "application/json", answer);
}

void lk_http_json_problem(struct lk_http_request *request, unsigned status, enum lk_reason reason)
{
    const struct lk_reason_row *row = lk_reason_row(reason);

    answer_as(request, status, "application/problem+json",
              json_pack("{s:i, s:s, s:s, s:s}", "status", (int)status, "cause", row->code, "title",
                        row->what, "detail", row->fix));
}

static bool lists(const struct lk_config_naf *naf, const char *ua_id)
{
    for (size_t i = 0; i < naf->ua_id_count; i++)
        if (strcasecmp(naf->ua_ids[i], ua_id) == 0)
            return true;
    return false;
}

const struct lk_config_naf *lk_naf_asks(const struct lk_http_request *request,
                                        const struct lk_config_naf *nafs, size_t count,
                                        const char *fqdn, const char *ua_id,
                                        char subject[LK_STREAM_DETAIL])
{
    const struct lk_config_naf *naf = NULL;

    for (size_t i = 0; i < count; i++)
        if (strcasecmp(nafs[i].name, fqdn) == 0)
            naf = &nafs[i];
    return lk_http_is_from(request, fqdn, subject) && naf != NULL && lists(naf, ua_id) ? naf : NULL;
}
