/* Connections in a trace: what a DTLS record, a WLCP message and a mobility message between the
 * same two ends have in common. */
#include "trace/connection.h"

/* Begins a run, unless the ends are of one already. */
static enum lk_status join(struct lk_trace *trace, size_t index, size_t pair,
                           enum lk_trace_run_kind kind)
{
    static const char *const titles[] = {
        [LK_TRACE_AUTHENTICATION] = "run",
        [LK_TRACE_SESSION] = "device and TWAG: run",
        [LK_TRACE_LINK] = "TWAG and anchor: run",
        [LK_TRACE_ASSOCIATION] = "device and WT: run",
        [LK_TRACE_ESTABLISHMENT] = "MN and PoS: run",
        [LK_TRACE_CHANNEL] = "MN and PoS: run",
    };

    if (pair == LK_TRACE_NONE)
        return lk_trace_start_run(trace, index, kind, titles[kind]);
    trace->messages[index].run = trace->messages[pair].run;
    return LK_OK;
}

enum lk_status lk_connection_place(struct lk_trace *trace, size_t index, bool knows_side,
                                   bool anew, enum lk_trace_run_kind kind)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool turned = false;
    size_t pair = lk_trace_pair(trace, index, &turned);

    if (pair != LK_TRACE_NONE && !knows_side)
        m->request = trace->messages[pair].request != turned;
    if (pair == LK_TRACE_NONE && !knows_side)
        m->request = true;
    if (anew && pair != LK_TRACE_NONE
        && trace->runs[trace->messages[pair].run].outcome >= LK_TRACE_ACCEPTED)
        pair = LK_TRACE_NONE;
    return join(trace, index, pair, kind);
}

void lk_connection_rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    enum lk_lane client = LK_LANE_DEVICE, server = LK_LANE_TWAG;

    if (m->run != LK_TRACE_NONE && trace->runs[m->run].kind == LK_TRACE_LINK) {
        client = LK_LANE_TWAG;
        server = LK_LANE_ANCHOR;
    }
    if (m->run != LK_TRACE_NONE && trace->runs[m->run].kind == LK_TRACE_CHANNEL) {
        client = LK_LANE_MN;
        server = LK_LANE_SPOS;
    }
    rung->from = m->request ? client : server;
    rung->to = m->request ? server : client;
}
