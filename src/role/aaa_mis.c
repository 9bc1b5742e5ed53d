/* What an aaa worker does for points of service of MIS: contexts of ERP, and start marks. */
#include "base/secret.h"
#include "role/aaa_worker.h"

enum lk_aaa_verdict lk_aaa_tell_erp(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    struct lk_erp_table *table = worker->process.setup->shared->erp;
    const struct lk_erp_output *ask = lk_erp_outbox_find(&worker->node_out.erp, LK_ERP_OUT_ASK);
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_CONTEXT,
                                         .now_ms = worker->now_ms };
    const struct lk_erp_output *keep;
    enum lk_aaa_verdict verdict;

    if (lk_erp_table_take(table, &event.context, ask->ask, worker->now_ms) != LK_OK)
        event.kind = LK_ERP_SERVER_EV_NO_CONTEXT;
    verdict = lk_aaa_job_told_erp(&job->node, &worker->node_out, &worker->node, &event);
    lk_wipe(&event, sizeof event);
    keep = lk_erp_outbox_find(&worker->node_out.erp, LK_ERP_OUT_KEEP);
    if (keep != NULL)
        lk_erp_table_put_back(table, &keep->keep, worker->now_ms);
    return verdict;
}

enum lk_aaa_verdict lk_aaa_sign(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    uint8_t room[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (lk_start_mark_sign(&w, &worker->node_out.mark, &worker->mark_key) != LK_OK)
        w.len = 0;
    return lk_aaa_job_signed(&job->node, &worker->node_out, &worker->node, lk_writer_span(&w));
}
