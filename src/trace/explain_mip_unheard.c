/* Explain, of Mobile IP: a request without an answer, at a place that had one not long before.
 * T10: a place hears one refusal in 20 s, so there may be somebody who says no more for now. */
#include <inttypes.h>

#include "trace/explain_mip.h"

enum { MS_NS = 1000000 };

#define PLACE_HEARS_NS UINT64_C(20000000000)

static bool is_same_host(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    size_t len = a->v6 ? sizeof a->address : 4;

    return a->v6 == b->v6 &&
           lk_span_equal(lk_span_of(a->address, len), lk_span_of(b->address, len));
}

/* What that node was told last at the place that it asks from, not long before. */
static size_t answer_there(const struct lk_trace *trace, size_t asked)
{
    const struct lk_trace_message *m = &trace->messages[asked];

    for (size_t i = asked; i > lk_trace_look_back(asked); i--) {
        const struct lk_trace_message *reply = &trace->messages[i - 1];

        if (lk_mip_seen_is(reply) && reply->mip.kind == LK_TRACE_MIP_REPLY &&
            reply->answers != LK_TRACE_NONE && is_same_host(&reply->to, &m->from) &&
            lk_mip_seen_is_same_node(&trace->messages[reply->answers], m))
            return m->at_ns - reply->at_ns < PLACE_HEARS_NS ? i - 1 : LK_TRACE_NONE;
    }
    return LK_TRACE_NONE;
}

void lk_explain_mip_unheard(struct lk_explanation *e, const struct lk_trace *trace, size_t asked,
                            bool refused)
{
    size_t there = answer_there(trace, asked);

    if (!refused && there != LK_TRACE_NONE)
        lk_explain_add(e, LK_CAUSE_MIP_SILENT, LK_POSSIBLE, 50, "message %zu has no answer, but "
                       "message %zu came to the same place %" PRIu64 " ms before, and a place "
                       "hears one refusal in 20 s: this may be one that was not said", asked + 1,
                       there + 1, (trace->messages[asked].at_ns - trace->messages[there].at_ns) /
                                      MS_NS);
    else
        lk_explain_add(e, LK_CAUSE_MIP_SILENT, LK_POSSIBLE, refused ? 20 : 50,
                       "message %zu has no answer", asked + 1);
}
