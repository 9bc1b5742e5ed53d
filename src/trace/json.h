/* The trace as JSON, for --json. Objects are the caller's: json_decref. */
#ifndef LK_TRACE_JSON_H
#define LK_TRACE_JSON_H

#include <jansson.h>

#include "trace/explain.h"
#include "trace/keytree.h"
#include "trace/reach.h"

/* {"runs": [{"title", "outcome", "messages": [{"at", "name", "fields": [...]}]}], "others": [...]}
 */
json_t *lk_json_trace(const struct lk_trace *trace);
json_t *lk_json_explanation(const struct lk_explanation *explanation,
                            const struct lk_trace *trace);
json_t *lk_json_keytree(const struct lk_keytree *tree, bool show_values);
/* Of the SA of that run: [{"name", "how", "active_only"}], or NULL: there is none. Who is captured
 * has {"captured": "reads"}, too. */
json_t *lk_json_reach(const struct lk_reach *reach, const struct lk_trace *trace, size_t run);

#endif
